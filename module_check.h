// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Is the BTF of a file good for the kernel that it is meant for?
 *
 *	err = module_check(base, "ext4.ko", &check);
 *	if (!err && check.result.verdict != SPLIT_FITS)
 *		puts(check.result.text);
 *
 * With a base: does the split BTF of a module belong to it (lib/btf/split_check.h)? The module's
 * machine and byte order must be those of the base, too. A module with a distilled base of its own
 * (.BTF.base) must fit that one, and that one must find its types in the base.
 *
 * Without a base: BTF that stands alone (vmlinux, raw BTF, a module over its own .BTF.base) is held
 * against the rules of lib/btf/verify.h; the verdict is SPLIT_FITS or SPLIT_UNFIT.
 *
 * `hint` has what the files say of the kernels that they were built for, where that differs. It is
 * no part of the verdict: a kernel that was built again may well have the same BTF.
 *
 * Threads: any number at the same time, over one base.
 * Errors: with the path. BTFGEN_ERROR_INPUT for a file that cannot be read, has no .BTF section or
 * something in it that cannot be read as BTF; memory.
 */
#pragma once

#include "encode_base.h"
#include "lib/base/error.h"
#include "lib/btf/split_check.h"
#include "lib/elf/identity.h"

struct module_check {
	struct split_result result;
	struct elf_identity identity; /* empty texts for raw BTF */
	bool is_distilled;	      /* has a .BTF.base section */
	char hint[512];		      /* "" if there is none */
};

struct btfgen_error *module_check(const struct encode_base *base, const char *path,
				  struct module_check *ret_check) BTFGEN_MUST_CHECK;
