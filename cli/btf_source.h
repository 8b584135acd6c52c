// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A file that holds BTF, opened for a verb that looks at it: raw BTF or an ELF file with a .BTF
 * section, in either byte order.
 *
 *	struct btf_source source;
 *
 *	err = btf_source_open("/sys/kernel/btf/vmlinux", &source);
 *	...
 *	btf_source_close(&source);
 *
 * An ELF file is mapped; raw BTF is read, which also works for pipes and for /sys, where files of
 * many kernels cannot be mapped. Errors carry the path; "has no .BTF section" is one of them.
 */
#pragma once

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/btf/view.h"

struct btf_source {
	struct btf_view view;
	struct file_map map; /* of an ELF file, else zeros */
	uint8_t *read_bytes; /* of raw BTF, else NULL */
};

struct btfgen_error *btf_source_open(const char *path,
				     struct btf_source *ret_source) BTFGEN_MUST_CHECK;
void btf_source_close(struct btf_source *source);
