// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "btf_stack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SYSFS_FOLDER "/sys/kernel/btf/"

void btf_stack_close(struct btf_stack *stack)
{
	while (stack->num > 0)
		btf_source_close(&stack->sources[--stack->num]);
	btf_view_close(&stack->distilled);
	free(stack->sources);
}

/* Split BTF has no empty string of its own in front, all other BTF has. */
static bool is_split(const struct btf_source *source)
{
	const struct btf_view *view = &source->view;

	return view->num_own > 0 &&
	       (view->strings_size == 0 || view->bytes.data[view->strings_off] != 0);
}

/* A module for other builds of its base carries what it needs of the base. */
static struct btfgen_error *open_distilled(const struct btf_source *source,
					   struct btf_view *ret_view, bool *ret_found)
{
	struct elf_section section;
	struct btfgen_error *err;
	struct span bytes;

	*ret_found = false;
	if (!source->is_elf)
		return NULL;
	err = elf_find_section(&source->elf, ".BTF.base", &section, ret_found);
	if (err || !*ret_found)
		return err;
	err = elf_section_data(&source->elf, &section, &bytes);
	return err ? err : btf_view_open(bytes, NULL, ret_view);
}

static struct btfgen_error *open_view(struct btf_source *source, const struct btf_view *base,
				      struct btf_view *distilled)
{
	struct btfgen_error *err;
	bool has_distilled;

	if (!source->btf.data)
		return error_create(BTFGEN_ERROR_INPUT, "has no .BTF section");
	err = open_distilled(source, distilled, &has_distilled);
	if (err)
		return err;
	if (has_distilled && base)
		return error_create(BTFGEN_ERROR_INPUT,
				    "is over the base in its section .BTF.base, not over another");
	err = btf_view_open(source->btf, has_distilled ? distilled : base, &source->view);
	if (err)
		return err;
	if (!base && !has_distilled && is_split(source))
		return error_create(BTFGEN_ERROR_INPUT,
				    "is split BTF, which nothing is known of without its base "
				    "(--base)");
	return NULL;
}

static struct btfgen_error *stack_push(struct btf_stack *stack, const char *path)
{
	const struct btf_view *base = stack->num ? btf_stack_view(stack) : NULL;
	struct btf_source *source = &stack->sources[stack->num];
	struct btfgen_error *err;

	err = btf_source_read(path, source);
	if (err)
		return err;
	stack->num++;
	return error_in_file(open_view(source, base, &stack->distilled), path);
}

/* The kernel's own view of a module is split from that of vmlinux beside it. */
static const char *known_base(const char *path)
{
	size_t size = strlen(SYSFS_FOLDER);

	if (strncmp(path, SYSFS_FOLDER, size) == 0 && strcmp(path + size, "vmlinux") != 0)
		return SYSFS_FOLDER "vmlinux";
	return NULL;
}

struct btfgen_error *btf_stack_open(const char *path, const char *const *bases, size_t num_bases,
				    struct btf_stack *ret_stack)
{
	const char *known = num_bases ? NULL : known_base(path);
	struct btfgen_error *err = NULL;

	*ret_stack =
		(struct btf_stack){ .sources = calloc(num_bases + 2, sizeof(*ret_stack->sources)) };
	if (!ret_stack->sources)
		return error_nomem();
	if (known)
		err = stack_push(ret_stack, known);
	for (size_t i = 0; i < num_bases && !err; i++)
		err = stack_push(ret_stack, bases[i]);
	if (!err)
		err = stack_push(ret_stack, path);
	if (err)
		btf_stack_close(ret_stack);
	return err;
}

static struct btfgen_error *open_view_over(struct btf_source *source, const struct btf_view *base,
					   struct btf_view *distilled)
{
	struct btfgen_error *err;
	bool has_distilled;

	err = open_distilled(source, distilled, &has_distilled);
	if (err)
		return err;
	err = btf_view_open(source->btf, has_distilled ? distilled : NULL, &source->view);
	if (err || has_distilled || !is_split(source))
		return err;
	if (!base)
		return error_create(BTFGEN_ERROR_INPUT,
				    "is split BTF, which nothing is known of without its base "
				    "(--base)");
	btf_view_close(&source->view);
	return btf_view_open(source->btf, base, &source->view);
}

struct btfgen_error *btf_stack_open_over(const char *path, const struct btf_view *base,
					 struct btf_stack *ret_stack)
{
	struct btf_stack stack = { .sources = calloc(1, sizeof(*stack.sources)) };
	struct btfgen_error *err;

	if (!stack.sources)
		return error_nomem();
	err = btf_source_read(path, &stack.sources[0]);
	if (!err) {
		stack.num = 1;
		if (stack.sources[0].btf.data)
			err = error_in_file(
				open_view_over(&stack.sources[0], base, &stack.distilled), path);
	}
	if (err) {
		btf_stack_close(&stack);
		return err;
	}
	/* The view of a distilled base has moved; nothing else points into the structure. */
	*ret_stack = stack;
	if (ret_stack->sources[0].view.base == &stack.distilled)
		ret_stack->sources[0].view.base = &ret_stack->distilled;
	return NULL;
}
