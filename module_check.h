// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Is the BTF of a file good for the kernel that it is meant for?
 *
 *	struct module_rules rules = module_rules_latest;
 *
 *	err = module_check(base, &rules, "ext4.ko", &check);
 *	if (!err && check.result.verdict != SPLIT_FITS)
 *		puts(check.result.text);
 *	module_check_deinit(&check);
 *
 * With a base: does the split BTF of a module belong to it (lib/btf/split_check.h)? The module's
 * machine and byte order must be those of the base, too. A module with a distilled base of its own
 * (.BTF.base) must fit that one, and that one must find its types in the base.
 *
 * Without a base: BTF that stands alone (vmlinux, raw BTF, a module over its own .BTF.base) is held
 * against the rules of lib/btf/verify.h; the verdict is SPLIT_FITS or SPLIT_UNFIT.
 *
 * `findings` has all that breaks rules then, and what could be better; with a base it has that only
 * if rules->with_base asks for it, and the verdict is that of both. The rules are those that one
 * kernel has for one reader: `reader`, or what the file says, an object for BPF that it is of a
 * program, a file with a base that it is of a module, everything else that it is of a kernel.
 *
 * `hint` has what the files say of the kernels that they were built for, where that differs. It is
 * no part of the verdict: a kernel that was built again may well have the same BTF. Of an object
 * file for BPF it says what its loader is going to change.
 *
 * Threads: any number at the same time, over one base.
 * Errors: with the path. BTFGEN_ERROR_INPUT for a file that cannot be read, has no .BTF section or
 * something in it that cannot be read as BTF; memory.
 */
#pragma once

#include "encode_base.h"
#include "lib/base/error.h"
#include "lib/btf/split_check.h"
#include "lib/btf/verify.h"
#include "lib/elf/identity.h"

enum module_reader {
	MODULE_READER_AUTO,
	MODULE_READER_VMLINUX,
	MODULE_READER_MODULE,
	MODULE_READER_PROGRAM,
};

struct module_rules {
	enum module_reader reader;
	unsigned int kernel; /* VERIFY_KERNEL() */
	bool with_base;
	size_t max; /* findings to keep: violations, and as many warnings */
};

/* The newest kernel whose rules are known, all findings. */
extern const struct module_rules module_rules_latest;

struct module_check {
	struct split_result result;
	bool has_findings; /* was held against rules */
	enum module_reader reader;
	struct verify_findings findings;
	size_t num_small;	      /* that many of them, the first ones, are in .BTF.base */
	uint64_t num_refused;	      /* violations for which the kernel refuses it */
	struct elf_identity identity; /* empty texts for raw BTF */
	bool is_distilled;	      /* has a .BTF.base section */
	char hint[512];		      /* "" if there is none */
};

struct btfgen_error *module_check(const struct encode_base *base, const struct module_rules *rules,
				  const char *path,
				  struct module_check *ret_check) BTFGEN_MUST_CHECK;
void module_check_deinit(struct module_check *check);
