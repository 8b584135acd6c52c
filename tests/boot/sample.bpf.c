// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A program that needs the BTF of kobject-example, a module that comes with the kernel.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "result.h"

char LICENSE[] SEC("license") = "GPL";

SEC("?fentry/b_show")
int sample_entry(void *ctx)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->calls++;
	return 0;
}
