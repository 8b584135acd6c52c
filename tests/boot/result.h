/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What a BPF program tells init, through a map of one element. No variable of the program's own: to
 * see whether the kernel has those, libbpf loads a program for sockets, which a kernel without
 * network refuses.
 */
#pragma once

struct boot_result {
	unsigned long long calls;
	unsigned long long values[6];
};

#ifdef __bpf__
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct boot_result);
} results SEC(".maps");

static inline struct boot_result *result(void)
{
	unsigned int key = 0;

	return bpf_map_lookup_elem(&results, &key);
}
#endif
