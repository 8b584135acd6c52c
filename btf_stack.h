// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A file with BTF and what it is split from, opened together.
 *
 *	struct btf_stack stack;
 *
 *	err = btf_stack_open("ext4.ko", bases, num_bases, &stack);
 *	if (err)
 *		return err;
 *	use(btf_stack_view(&stack));
 *	btf_stack_close(&stack);
 *
 * Each file is raw BTF or an ELF file with .BTF, in either byte order. Bases are given from vmlinux
 * up, each split from the one before. Without any, a module below /sys/kernel/btf/ gets the vmlinux
 * beside it, and a module that carries a distilled base (.BTF.base) stands on that.
 *
 * Errors, with the path: what btf_source.h lists; "has no .BTF section"; "is split BTF, which
 * nothing is known of without its base (--base)"; "is over the base in its section .BTF.base, not
 * over another"; memory. BTF that breaks rules of the kernel but can be read is none
 * (lib/btf/view.h).
 *
 * The structure must not be copied: views point to each other. Threads: an open stack is constant.
 */
#pragma once

#include <stddef.h>

#include "btf_source.h"
#include "lib/base/error.h"
#include "lib/btf/view.h"

struct btf_stack {
	struct btf_source *sources; /* bases first, the file last */
	size_t num;
	struct btf_view distilled; /* the file's own base, or zeros */
};

struct btfgen_error *btf_stack_open(const char *path, const char *const *bases, size_t num_bases,
				    struct btf_stack *ret_stack) BTFGEN_MUST_CHECK;
void btf_stack_close(struct btf_stack *stack);

/*
 * For many files over one base that is opened already. @base, which is borrowed and may be NULL, is
 * that of a file that is split from something: it is not asked for one that stands alone or brings
 * a distilled base. A file without .BTF is no error here: btf_stack_file()->btf is absent then, and
 * the view has no types.
 */
struct btfgen_error *btf_stack_open_over(const char *path, const struct btf_view *base,
					 struct btf_stack *ret_stack) BTFGEN_MUST_CHECK;

/* The file itself; its view is that of the types. */
static inline const struct btf_source *btf_stack_file(const struct btf_stack *stack)
{
	return &stack->sources[stack->num - 1];
}

static inline const struct btf_view *btf_stack_view(const struct btf_stack *stack)
{
	return &btf_stack_file(stack)->view;
}
