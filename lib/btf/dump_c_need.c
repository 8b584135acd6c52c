// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Two passes for each type that is asked for.
 *
 * c_plan() goes through what the type holds and queues definitions, innermost first. What is only
 * pointed to is not held: a struct or union with a name then needs no definition, and neither does
 * a typedef of one. Everything else does, behind a pointer as well.
 *
 * c_define_queue() writes them. Before a definition, c_need() goes through what its text mentions
 * and declares what has not been defined.
 */
#include <string.h>

#include "lib/btf/dump_c_internal.h"

static void queue_push(struct c_dump *c, uint32_t id)
{
	if (!vec_push(&c->queue, id))
		c_fail_memory(c);
}

static bool plan_type(struct c_dump *c, uint32_t id, bool behind_pointer);

/* Planning returns whether the type is held: a typedef of such a type needs its definition. */

static bool plan_composite(struct c_dump *c, uint32_t id, bool behind_pointer)
{
	struct c_state *state = &c->states[id];

	if (behind_pointer && !c_is_anonymous(c, id))
		return false;
	state->plan = C_BEGUN;
	for (uint32_t i = 0; i < btf_view_vlen(c->view, id) && c_step(c); i++)
		plan_type(c, btf_view_member(c->view, id, i).type_id, false);
	if (!c_is_anonymous(c, id))
		queue_push(c, id);
	state->plan = C_DONE;
	return true;
}

static bool plan_typedef(struct c_dump *c, uint32_t id, bool behind_pointer)
{
	if (!plan_type(c, btf_view_word(c->view, id), behind_pointer) && behind_pointer)
		return false;
	queue_push(c, id);
	c->states[id].plan = C_DONE;
	return true;
}

static bool plan_proto(struct c_dump *c, uint32_t id, bool behind_pointer)
{
	bool is_held = plan_type(c, btf_view_word(c->view, id), behind_pointer);

	for (uint32_t i = 0; i < btf_view_vlen(c->view, id) && c_step(c); i++) {
		if (plan_type(c, btf_view_param(c->view, id, i).type_id, behind_pointer))
			is_held = true;
	}
	return is_held;
}

static bool plan_known(struct c_dump *c, uint32_t id, bool behind_pointer)
{
	struct c_state *state = &c->states[id];
	bool is_held;

	if (state->plan == C_BEGUN) {
		if (!behind_pointer || c_is_anonymous(c, id))
			c_fail(c, id, "holds itself");
		return false;
	}
	switch (c_kind(c, id)) {
	case BTF_PTR:
		is_held = plan_type(c, btf_view_word(c->view, id), true);
		state->plan = C_DONE;
		return is_held;
	case BTF_ARRAY:
		return plan_type(c, btf_view_array(c->view, id).elem_id, false);
	case BTF_STRUCT:
	case BTF_UNION:
		return plan_composite(c, id, behind_pointer);
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_FWD:
		/* An enum without a name is written where it is used. */
		if (!c_is_anonymous(c, id) || !state->referenced)
			queue_push(c, id);
		state->plan = C_DONE;
		return true;
	case BTF_TYPEDEF:
		return plan_typedef(c, id, behind_pointer);
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		return plan_type(c, btf_view_word(c->view, id), behind_pointer);
	case BTF_FUNC_PROTO:
		return plan_proto(c, id, behind_pointer);
	}
	state->plan = C_DONE;
	return false;
}

static bool plan_type(struct c_dump *c, uint32_t id, bool behind_pointer)
{
	bool is_held;

	if (id >= c->view->num_ids) {
		c_fail(c, id, "does not exist, and is used");
		return false;
	}
	if (c->states[id].plan == C_DONE)
		return true;
	if (!c_enter(c, id))
		return false;
	is_held = plan_known(c, id, behind_pointer);
	c_leave(c);
	return is_held;
}

void c_plan(struct c_dump *c, uint32_t id)
{
	plan_type(c, id, false);
}

static void end_line(struct c_dump *c)
{
	text_literal(c->out, ";\n\n");
}

/* Compilers for Arm have these without saying so; others never heard of them. */
static void show_missing_number(struct c_dump *c, uint32_t id)
{
	static const struct {
		const char *name;
		const char *type;
	} missing[] = {
		{ "__Poly8_t", "unsigned char" },
		{ "__Poly16_t", "unsigned short" },
		{ "__Poly64_t", "unsigned long long" },
		{ "__Poly128_t", "unsigned __int128" },
	};

	/* bpftool counts numbers among the tags, so a struct of the same name gets a suffix. */
	if (c_tag_suffix(c, id) >= 2)
		return;
	for (size_t i = 0; i < sizeof(missing) / sizeof(*missing); i++) {
		if (strcmp(c_type_name(c, id), missing[i].name) != 0)
			continue;
		text_literal(c->out, "typedef ");
		text_string(c->out, missing[i].type);
		text_char(c->out, ' ');
		text_string(c->out, missing[i].name);
		end_line(c);
	}
}

/* The compiler has this one. */
static bool is_built_in(const struct c_dump *c, uint32_t id)
{
	return strcmp(c_type_name(c, id), "__builtin_va_list") == 0;
}

static void show_typedef_line(struct c_dump *c, uint32_t id)
{
	if (is_built_in(c, id))
		return;
	c_show_typedef(c, id);
	end_line(c);
}

static void declare_composite(struct c_dump *c, uint32_t id)
{
	if (c->states[id].declared)
		return;
	c_show_composite_tag(c, id);
	end_line(c);
	c->states[id].declared = true;
}

/* @id is being written, and something inside of it mentions it. */
static void need_begun(struct c_dump *c, uint32_t id, uint32_t inside)
{
	struct c_state *state = &c->states[id];

	if (state->declared)
		return;
	if (c_kind(c, id) == BTF_TYPEDEF) {
		/* Pointers to it can do with what it is a typedef of being declared only. */
		show_typedef_line(c, id);
		state->declared = true;
	} else if (id != inside) {
		if (c_is_anonymous(c, id))
			c_fail(c, id, "holds itself");
		else
			declare_composite(c, id);
	}
}

static void need_composite(struct c_dump *c, uint32_t id, uint32_t inside)
{
	struct c_state *state = &c->states[id];

	state->text = C_BEGUN;
	if (c_is_anonymous(c, id)) {
		for (uint32_t i = 0; i < btf_view_vlen(c->view, id) && c_step(c); i++)
			c_need(c, btf_view_member(c->view, id, i).type_id, inside);
	} else if (id != inside) {
		declare_composite(c, id);
	}
	state->text = C_NONE;
}

static void need_typedef(struct c_dump *c, uint32_t id)
{
	struct c_state *state = &c->states[id];

	state->text = C_BEGUN;
	c_need(c, btf_view_word(c->view, id), id);
	if (!state->declared)
		show_typedef_line(c, id);
	state->text = C_DONE;
}

static void need_known(struct c_dump *c, uint32_t id, uint32_t inside)
{
	struct c_state *state = &c->states[id];

	if (state->text == C_BEGUN) {
		need_begun(c, id, inside);
		return;
	}
	switch (c_kind(c, id)) {
	case BTF_INT:
		show_missing_number(c, id);
		state->text = C_DONE;
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		state->text = C_DONE;
		break;
	case BTF_FWD:
		c_show_forward(c, id);
		end_line(c);
		state->text = C_DONE;
		break;
	case BTF_PTR:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		c_need(c, btf_view_word(c->view, id), inside);
		break;
	case BTF_ARRAY:
		c_need(c, btf_view_array(c->view, id).elem_id, inside);
		break;
	case BTF_TYPEDEF:
		need_typedef(c, id);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		need_composite(c, id, inside);
		break;
	case BTF_FUNC_PROTO:
		c_need(c, btf_view_word(c->view, id), inside);
		for (uint32_t i = 0; i < btf_view_vlen(c->view, id) && c_step(c); i++)
			c_need(c, btf_view_param(c->view, id, i).type_id, inside);
		break;
	}
}

void c_need(struct c_dump *c, uint32_t id, uint32_t inside)
{
	if (id >= c->view->num_ids || c->states[id].text == C_DONE || !c_enter(c, id))
		return;
	need_known(c, id, inside);
	c_leave(c);
}

static void define_composite(struct c_dump *c, uint32_t id)
{
	c->states[id].text = C_BEGUN;
	for (uint32_t i = 0; i < btf_view_vlen(c->view, id) && c_step(c); i++)
		c_need(c, btf_view_member(c->view, id, i).type_id, id);
	c_show_composite(c, id, 0);
	end_line(c);
	c->states[id].text = C_DONE;
}

static void define(struct c_dump *c, uint32_t id)
{
	if (c->states[id].text == C_DONE)
		return;
	switch (c_kind(c, id)) {
	case BTF_ENUM:
	case BTF_ENUM64:
		c_show_enum(c, id, 0);
		end_line(c);
		c->states[id].text = C_DONE;
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		define_composite(c, id);
		break;
	default:
		c_need(c, id, id);
		break;
	}
}

void c_define_queue(struct c_dump *c)
{
	for (size_t i = 0; i < c->queue.num && !c_stopped(c); i++)
		define(c, c->queue.data[i]);
	c->queue.num = 0;
}
