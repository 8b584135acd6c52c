// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * C has two sets of names that matter in a header: tags of structs, unions and enums, and
 * everything else. Each name counts how often it is defined; from the second time on it gets the
 * count as a suffix. Which definition comes first is decided by the first text that mentions it.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/btf/dump_c_internal.h"

enum { FIRST_SIZE = 1 << 10 };

static struct c_name *slot_find(const struct c_names *names, const char *name, uint32_t hash)
{
	uint32_t i = hash & (names->size - 1);

	while (names->slots[i].name &&
	       (names->slots[i].hash != hash || strncmp(names->slots[i].name, name, C_MAX_NAME)))
		i = (i + 1) & (names->size - 1);
	return &names->slots[i];
}

static bool names_grow(struct c_names *names)
{
	struct c_names grown = { .size = names->size ? names->size * 2 : FIRST_SIZE,
				 .num = names->num };

	grown.slots = calloc(grown.size, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (uint32_t i = 0; i < names->size; i++) {
		const struct c_name *slot = &names->slots[i];
		uint32_t at = slot->hash & (grown.size - 1);

		if (!slot->name)
			continue;
		while (grown.slots[at].name)
			at = (at + 1) & (grown.size - 1);
		grown.slots[at] = *slot;
	}
	free(names->slots);
	*names = grown;
	return true;
}

uint32_t c_names_take(struct c_names *names, const char *name)
{
	uint32_t hash = (uint32_t)hash_bytes(name, strnlen(name, C_MAX_NAME));
	struct c_name *slot;

	if (names->num * 2 >= names->size && !names_grow(names))
		return 0;
	slot = slot_find(names, name, hash);
	if (!slot->name) {
		slot->name = name;
		slot->hash = hash;
		names->num++;
	}
	return ++slot->num;
}

void c_names_deinit(struct c_names *names)
{
	free(names->slots);
	*names = (struct c_names){};
}

void c_show_suffix(struct c_dump *c, uint32_t num)
{
	if (num < 2)
		return;
	text_literal(c->out, "___");
	text_u64(c->out, num);
}

/* What is only declared shares the name of its definition. */
static bool is_declaration(const struct c_dump *c, uint32_t id)
{
	uint32_t kind = c_kind(c, id);

	return kind == BTF_FWD || (kind == BTF_ENUM && btf_view_vlen(c->view, id) == 0);
}

static uint32_t find_suffix(struct c_dump *c, uint32_t id, struct c_names *names)
{
	struct c_state *state = &c->states[id];

	if (!state->named && !c_is_anonymous(c, id) && !is_declaration(c, id)) {
		state->suffix = c_names_take(names, c_type_name(c, id));
		if (state->suffix == 0)
			c_fail_memory(c);
	}
	state->named = true;
	return state->suffix;
}

uint32_t c_tag_suffix(struct c_dump *c, uint32_t id)
{
	return find_suffix(c, id, &c->tags);
}

uint32_t c_ident_suffix(struct c_dump *c, uint32_t id)
{
	return find_suffix(c, id, &c->idents);
}

void c_show_tag(struct c_dump *c, uint32_t id)
{
	text_name(c->out, c_type_name(c, id));
	c_show_suffix(c, c_tag_suffix(c, id));
}

void c_show_ident(struct c_dump *c, uint32_t id)
{
	text_name(c->out, c_type_name(c, id));
	c_show_suffix(c, c_ident_suffix(c, id));
}

void c_show_constant(struct c_dump *c, const char *name)
{
	uint32_t num = c_names_take(&c->idents, name);

	if (num == 0)
		c_fail_memory(c);
	text_name(c->out, name);
	c_show_suffix(c, num);
}
