// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a compiler makes of the members decides which of them need help. A struct is packed if a
 * member that is no bit-field stands where its type does not want to stand, or if its size is no
 * multiple of the strictest alignment.
 */
#include <string.h>

#include "lib/btf/dump_c_internal.h"

/* The word length: BTF does not say it, but every kernel has a long. */
uint32_t c_pointer_size(const struct btf_view *view)
{
	static const char *const names[] = {
		"long",
		"long int",
		"int long",
		"unsigned long",
		"long unsigned",
		"unsigned long int",
		"unsigned int long",
		"long unsigned int",
		"long int unsigned",
		"int unsigned long",
		"int long unsigned",
	};

	for (uint32_t id = 1; id < view->num_ids; id++) {
		uint32_t size = btf_view_word(view, id);
		const char *name;

		if (btf_view_kind(view, id) != BTF_INT || (size != 4 && size != 8))
			continue;
		name = btf_view_name(view, id);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			if (strcmp(name, names[i]) == 0)
				return size;
		}
	}
	return 8;
}

static uint32_t composite_align(struct c_dump *c, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(c->view, id);
	uint32_t max = 1;

	for (uint32_t i = 0; i < vlen; i++) {
		struct btf_view_member member = btf_view_member(c->view, id, i);
		uint32_t align = c_align_of(c, member.type_id);

		if (align == 0)
			return 0;
		max = align > max ? align : max;
		if (member.bits == 0 && member.bit_off % (8 * align))
			return 1;
	}
	return btf_view_word(c->view, id) % max ? 1 : max;
}

static uint32_t plain_align(struct c_dump *c, uint32_t id)
{
	uint32_t size = btf_view_word(c->view, id);

	switch (c_kind(c, id)) {
	case BTF_INT:
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_FLOAT:
		return size < c->ptr_size ? size : c->ptr_size;
	case BTF_PTR:
		return c->ptr_size;
	case BTF_STRUCT:
	case BTF_UNION:
		return composite_align(c, id);
	}
	return 0;
}

/* What stands in front of a type and takes its alignment. */
static bool passes_on(const struct c_dump *c, uint32_t id, uint32_t *ret_next)
{
	uint32_t kind = c_kind(c, id);

	if (kind == BTF_ARRAY)
		*ret_next = btf_view_array(c->view, id).elem_id;
	else if (btf_kind_is_modifier(kind))
		*ret_next = btf_view_word(c->view, id);
	else
		return false;
	return true;
}

uint32_t c_align_of(struct c_dump *c, uint32_t id)
{
	struct c_state *state;
	uint32_t next;

	for (int i = 0; passes_on(c, id, &next); i++) {
		if (i == C_MAX_CHAIN)
			return 0;
		id = next;
	}
	if (id >= c->view->num_ids)
		return 0;
	state = &c->states[id];
	if (!state->has_align && c_enter(c, id)) {
		/* A struct within itself would come back here. */
		state->has_align = true;
		state->align = plain_align(c, id);
		c_leave(c);
	}
	return state->align;
}

uint32_t c_size_of(const struct c_dump *c, uint32_t id)
{
	uint64_t num = 1, size;

	for (int i = 0; i < C_MAX_CHAIN; i++) {
		uint32_t kind = c_kind(c, id);

		switch (kind) {
		case BTF_INT:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FLOAT:
			size = btf_view_word(c->view, id);
			break;
		case BTF_PTR:
			size = c->ptr_size;
			break;
		case BTF_ARRAY:
			if (__builtin_mul_overflow(num, btf_view_array(c->view, id).num, &num) ||
			    num > UINT32_MAX)
				return 0;
			id = btf_view_array(c->view, id).elem_id;
			continue;
		default:
			if (!btf_kind_is_modifier(kind))
				return 0;
			id = btf_view_word(c->view, id);
			continue;
		}
		size *= num;
		return size > UINT32_MAX ? 0 : (uint32_t)size;
	}
	return 0;
}

bool c_is_packed(struct c_dump *c, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(c->view, id);
	uint32_t max = 1;

	if (c_kind(c, id) != BTF_STRUCT)
		return false;
	for (uint32_t i = 0; i < vlen; i++) {
		struct btf_view_member member = btf_view_member(c->view, id, i);
		uint32_t align = c_align_of(c, member.type_id);

		if (member.bits == 0 && align && member.bit_off % (8 * align))
			return true;
		max = align > max ? align : max;
	}
	return btf_view_word(c->view, id) % max;
}
