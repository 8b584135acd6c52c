// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A file that holds BTF: raw BTF or an ELF file with a .BTF section, in either byte order.
 *
 *	struct btf_source source;
 *
 *	err = btf_source_open("/sys/kernel/btf/vmlinux", NULL, &source);
 *	...
 *	btf_source_close(&source);
 *
 * btf_source_read() reads without looking at the BTF, for those who want an ELF file without any, or
 * its other sections.
 *
 * An ELF file is mapped; raw BTF is read, which also works for pipes and for /sys, where files of
 * many kernels cannot be mapped. Errors carry the path; "has no .BTF section" is one of them, from
 * btf_source_open() alone.
 */
#pragma once

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/btf/view.h"
#include "lib/elf/elf_file.h"

struct btf_source {
	struct btf_view view; /* zeros after btf_source_read() */
	struct span btf;      /* raw BTF; absent in an ELF file without .BTF */
	bool is_elf;
	struct elf_file elf; /* if is_elf */
	struct file_map map; /* of an ELF file, else zeros */
	uint8_t *read_bytes; /* of raw BTF, else NULL */
};

struct btfgen_error *btf_source_read(const char *path,
				     struct btf_source *ret_source) BTFGEN_MUST_CHECK;

/* @base: for split BTF, else NULL; borrowed. */
struct btfgen_error *btf_source_open(const char *path, const struct btf_view *base,
				     struct btf_source *ret_source) BTFGEN_MUST_CHECK;
void btf_source_close(struct btf_source *source);

/* An error if the bytes are those of a compressed file, which says with what to unpack it. */
struct btfgen_error *btf_source_refuse_compressed(struct span bytes) BTFGEN_MUST_CHECK;
