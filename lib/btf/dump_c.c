// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/dump_c.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/btf/dump_c_internal.h"

/*
 * Ten real kernels take six steps a type. What takes more than this is made to; the constant
 * leaves small files room for odd shapes and ends after half a second.
 */
enum { STEPS_PER_ID = 1 << 7, STEPS_AT_LEAST = 1 << 23 };

static const char head[] =
	"#ifndef __VMLINUX_H__\n"
	"#define __VMLINUX_H__\n"
	"\n"
	"#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
	"#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)\n"
	"#endif\n"
	"\n"
	"#ifndef __ksym\n"
	"#define __ksym __attribute__((section(\".ksyms\")))\n"
	"#endif\n"
	"\n"
	"#ifndef __weak\n"
	"#define __weak __attribute__((weak))\n"
	"#endif\n"
	"\n"
	"#ifndef __bpf_fastcall\n"
	"#if __has_attribute(bpf_fastcall)\n"
	"#define __bpf_fastcall __attribute__((bpf_fastcall))\n"
	"#else\n"
	"#define __bpf_fastcall\n"
	"#endif\n"
	"#endif\n"
	"\n";

static const char foot[] = "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
			   "#pragma clang attribute pop\n"
			   "#endif\n"
			   "\n"
			   "#endif /* __VMLINUX_H__ */\n";

void c_fail(struct c_dump *c, uint32_t id, const char *what)
{
	const char *name = c_type_name(c, id);

	if (c->err)
		return;
	c->err = error_create(BTFGEN_ERROR_INPUT,
			      "cannot be written as C: type %" PRIu32 "%s%s%s %s", id,
			      *name ? " ('" : "", name, *name ? "')" : "", what);
}

void c_fail_memory(struct c_dump *c)
{
	if (!c->err)
		c->err = error_nomem();
}

bool c_step(struct c_dump *c)
{
	if (c_stopped(c))
		return false;
	if (++c->steps <= c->max_steps)
		return true;
	/* No type is more to blame than another. */
	c->err = error_create(BTFGEN_ERROR_INPUT,
			      "cannot be written as C: types hold each other too often");
	return false;
}

bool c_enter(struct c_dump *c, uint32_t id)
{
	if (!c_step(c))
		return false;
	if (c->depth == DUMP_C_MAX_DEPTH) {
		c_fail(c, id, "is nested too deeply or holds itself");
		return false;
	}
	c->depth++;
	return true;
}

static void mark_one(struct c_dump *c, uint32_t id)
{
	if (id < c->view->num_ids)
		c->states[id].referenced = true;
}

/* What another type mentions. Prototypes mention their arguments only, as bpftool sees it. */
static void mark_referenced(struct c_dump *c)
{
	for (uint32_t id = 1; id < c->view->num_ids; id++) {
		uint32_t kind = btf_view_kind(c->view, id);
		const struct btf_kind_info *info;

		if (kind >= BTF_NUM_KINDS)
			continue;
		info = &btf_kind_table[kind];
		if (info->word == BTF_WORD_ID && kind != BTF_FUNC_PROTO)
			mark_one(c, btf_view_word(c->view, id));
		for (uint32_t k = 0; k < 8; k++) {
			if (info->tail_ids >> k & 1)
				mark_one(c, btf_view_tail_word(c->view, id, k));
		}
		for (uint32_t i = 0; info->elem_ids && i < btf_view_vlen(c->view, id); i++)
			mark_one(c,
				 btf_view_elem_word(c->view, id, i, info->elem_ids == 1 ? 0 : 1));
	}
}

/* Kfuncs. */

struct kfunc {
	const char *name;
	uint32_t func_id;
	bool is_fast;
};

typedef VEC(struct kfunc) kfunc_vec;

static int kfunc_compare(const void *left, const void *right)
{
	const struct kfunc *a = left, *b = right;
	int order = a->name == b->name ? 0 : strncmp(a->name, b->name, C_MAX_NAME);

	if (order)
		return order;
	return a->func_id < b->func_id ? -1 : a->func_id > b->func_id;
}

static bool is_tagged(const struct c_dump *c, uint32_t id, const char *tag)
{
	return c_kind(c, id) == BTF_DECL_TAG &&
	       btf_view_tail_word(c->view, id, 0) == BTF_TAG_WHOLE &&
	       c_kind(c, btf_view_word(c->view, id)) == BTF_FUNC &&
	       strcmp(c_type_name(c, id), tag) == 0;
}

static bool kfuncs_collect(struct c_dump *c, kfunc_vec *kfuncs, uint8_t *is_fast)
{
	for (uint32_t id = 1; id < c->view->num_ids; id++) {
		if (is_tagged(c, id, "bpf_fastcall"))
			is_fast[btf_view_word(c->view, id)] = 1;
	}
	for (uint32_t id = 1; id < c->view->num_ids; id++) {
		uint32_t func_id = btf_view_word(c->view, id);

		if (is_tagged(c, id, "bpf_kfunc") &&
		    !vec_push(kfuncs,
			      (struct kfunc){ c_type_name(c, func_id), func_id, is_fast[func_id] }))
			return false;
	}
	return true;
}

static void show_kfuncs(struct c_dump *c)
{
	_cleanup_free_ uint8_t *is_fast = calloc((size_t)c->view->num_ids + 1, 1);
	kfunc_vec kfuncs = {};

	if (!is_fast || !kfuncs_collect(c, &kfuncs, is_fast))
		c_fail_memory(c);
	if (kfuncs.num)
		qsort(kfuncs.data, kfuncs.num, sizeof(*kfuncs.data), kfunc_compare);
	text_literal(c->out, "\n/* BPF kfuncs */\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n");
	for (size_t i = 0; i < kfuncs.num && !c_stopped(c); i++) {
		const struct kfunc *kfunc = &kfuncs.data[i];

		text_literal(c->out, "extern ");
		if (kfunc->is_fast)
			text_literal(c->out, "__bpf_fastcall ");
		c_show_declaration(c, btf_view_word(c->view, kfunc->func_id), kfunc->name, 0);
		text_literal(c->out, " __weak __ksym;\n");
	}
	text_literal(c->out, "#endif\n\n");
	vec_deinit(&kfuncs);
}

/* Types. */

static void show_object(struct c_dump *c, uint32_t id)
{
	uint32_t type_id = btf_view_word(c->view, id);

	c_plan(c, type_id);
	c_define_queue(c);
	c_need(c, type_id, id);
	text_literal(c->out, "extern ");
	c_show_declaration(c, type_id, c_type_name(c, id), 0);
	text_literal(c->out, ";\n\n");
}

static void show_type(struct c_dump *c, uint32_t id)
{
	uint32_t kind = c_kind(c, id);

	if (kind == BTF_FUNC || kind == BTF_VAR) {
		show_object(c, id);
		return;
	}
	c_plan(c, id);
	c_define_queue(c);
}

static uint32_t *ids_list(const struct btf_view *view, const struct dump_ids *ids, size_t *ret_num)
{
	size_t num = ids ? ids->num : view->num_ids - 1, num_kept = 0;
	uint32_t *list = calloc(num + 1, sizeof(*list));

	for (size_t i = 0; i < num && list; i++) {
		uint32_t id = ids ? ids->data[i] : (uint32_t)i + 1;

		if (id != 0 && id < view->num_ids)
			list[num_kept++] = id;
	}
	*ret_num = num_kept;
	return list;
}

static void show_all(struct c_dump *c, const struct dump_ids *ids, bool sorted)
{
	_cleanup_free_ uint32_t *list = NULL;
	size_t num;

	list = ids_list(c->view, ids, &num);
	if (!list) {
		c_fail_memory(c);
		return;
	}
	if (sorted)
		c->err = c_rank_sort(c->view, list, num);
	text_string(c->out, head);
	for (size_t i = 0; i < num && !c_stopped(c); i++) {
		if (ids || (c_kind(c, list[i]) != BTF_FUNC && c_kind(c, list[i]) != BTF_VAR))
			show_type(c, list[i]);
	}
	if (!ids)
		show_kfuncs(c);
	text_string(c->out, foot);
}

struct btfgen_error *btf_dump_c(const struct btf_view *view, const struct dump_ids *ids,
				bool sorted, struct text_out *out)
{
	struct c_dump c = {
		.view = view,
		.out = out,
		.ptr_size = c_pointer_size(view),
		.max_steps = STEPS_AT_LEAST + (uint64_t)STEPS_PER_ID * view->num_ids,
	};

	c.states = calloc((size_t)view->num_ids + 1, sizeof(*c.states));
	if (!c.states)
		return error_nomem();
	c.states[0] = (struct c_state){ .plan = C_DONE, .text = C_DONE };
	mark_referenced(&c);
	show_all(&c, ids, sorted);
	c_names_deinit(&c.tags);
	c_names_deinit(&c.idents);
	vec_deinit(&c.queue);
	vec_deinit(&c.chain);
	free(c.states);
	return c.err;
}
