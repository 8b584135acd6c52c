// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the kernel's relocation does with a distilled base, without doing it.
 *
 * It goes through the base and asks for each type of a name which distilled types are meant by it;
 * a distilled type that is asked for twice, or never, ends it. Names are looked up in a table of
 * the distilled types, of which there are few, so that the base is walked once.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/btf/split_check.h"

enum {
	MAX_STEPS = 256, /* modifiers and arrays in a row */
};

struct distilled {
	uint32_t next;	  /* id of another one in the same slot; 0: none */
	uint32_t base_id; /* what it was found as; 0: nothing yet */
	bool is_embedded; /* the split has it by value */
};

struct relocation {
	const struct btf_view *split, *small, *base;
	struct split_result *result;
	struct distilled *types; /* by distilled id */
	uint32_t *slots;	 /* first id; 0: empty */
	uint32_t mask;
	uint8_t *name_counts; /* of structs and unions, by name offset of the base; 2: several */
};

static void sign(struct relocation *r, uint32_t id, const char *fmt, ...) BTFGEN_PRINTF(3, 4);

static void sign(struct relocation *r, uint32_t id, const char *fmt, ...)
{
	struct split_result *result = r->result;
	uint32_t kind = btf_view_kind(r->small, id);
	size_t room = sizeof(result->text), used;
	va_list args;

	result->num_problems++;
	if (result->verdict == SPLIT_UNFIT)
		return;
	result->verdict = SPLIT_UNFIT;
	result->type_id = id;
	used = snprintf(result->text, room, "type %" PRIu32 " %s '%.120s' of .BTF.base: ", id,
			kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "?",
			btf_view_name(r->small, id));
	va_start(args, fmt);
	vsnprintf(result->text + used, room - used, fmt, args);
	va_end(args);
}

static uint32_t *slot_of(const struct relocation *r, const char *name)
{
	return &r->slots[hash_bytes(name, strlen(name)) & r->mask];
}

static bool kind_is_distilled(uint32_t kind)
{
	return kind == BTF_INT || kind == BTF_FLOAT || kind == BTF_ENUM || kind == BTF_FWD ||
	       btf_kind_is_composite(kind);
}

static void types_collect(struct relocation *r)
{
	/* From the back: the lowest id comes first in its slot. */
	for (uint32_t id = r->small->num_ids; --id;) {
		uint32_t *slot = slot_of(r, btf_view_name(r->small, id));

		if (!kind_is_distilled(btf_view_kind(r->small, id)) ||
		    !btf_view_name_off(r->small, id))
			sign(r, id, "no relocation finds types of this kind");
		r->types[id].next = *slot;
		*slot = id;
	}
}

/* What the members of the split's structs have by value. */
static void embedded_mark(struct relocation *r)
{
	const struct btf_view *split = r->split;

	for (uint32_t id = split->first_id; id < split->num_ids; id++) {
		uint32_t vlen = btf_view_vlen(split, id);

		if (!btf_kind_is_composite(btf_view_kind(split, id)))
			continue;
		for (uint32_t i = 0; i < vlen; i++) {
			uint32_t target = btf_view_member(split, id, i).type_id, kind;

			for (unsigned int step = 0; step < MAX_STEPS; step++) {
				kind = btf_view_kind(split, target);
				if (kind == BTF_ARRAY)
					target = btf_view_array(split, target).elem_id;
				else if (btf_kind_is_modifier(kind))
					target = btf_view_word(split, target);
				else
					break;
			}
			if (target < split->first_id && btf_kind_is_composite(kind))
				r->types[target].is_embedded = true;
		}
	}
}

static void names_count(struct relocation *r)
{
	for (uint32_t id = 1; id < r->base->num_ids; id++) {
		uint32_t off = btf_view_name_off(r->base, id);

		if (btf_kind_is_composite(btf_view_kind(r->base, id)) && off &&
		    r->name_counts[off] < 2)
			r->name_counts[off]++;
	}
}

/* Is base type @id what distilled type @small_id was made of? They have one name. */
static bool types_match(const struct relocation *r, uint32_t id, uint32_t small_id)
{
	uint32_t kind = btf_view_kind(r->base, id);
	uint32_t small_kind = btf_view_kind(r->small, small_id);
	bool same_size = btf_view_word(r->base, id) == btf_view_word(r->small, small_id);
	bool flag = btf_view_flag(r->base, id);

	/* The kernel asks for the size before it looks at the distilled kind. */
	if (btf_kind_is_composite(kind)) {
		if (r->name_counts[btf_view_name_off(r->base, id)] > 1 && !same_size)
			return false;
	} else if (kind != BTF_FWD && !same_size) {
		return false;
	}
	switch (small_kind) {
	case BTF_INT:
		return kind == BTF_INT && btf_view_int(r->base, id).encoding ==
						  btf_view_int(r->small, small_id).encoding;
	case BTF_FLOAT:
		return kind == BTF_FLOAT;
	case BTF_ENUM:
		return btf_kind_is_enum(kind);
	case BTF_STRUCT:
	case BTF_UNION:
		/* That a struct is had by value is forgotten once it has been found. */
		return !r->types[small_id].is_embedded || r->types[small_id].base_id || same_size;
	case BTF_FWD:
		/* The flag of a struct, which tells of bitfields, is taken for that of the FWD. */
		if (kind == BTF_FWD)
			return flag == btf_view_flag(r->small, small_id);
		return kind == BTF_STRUCT ? !flag : kind == BTF_UNION && flag;
	default:
		return false;
	}
}

static void base_type_find(struct relocation *r, uint32_t id)
{
	const char *name = btf_view_name(r->base, id);

	for (uint32_t small = *slot_of(r, name); small; small = r->types[small].next) {
		struct distilled *type = &r->types[small];

		if (strcmp(btf_view_name(r->small, small), name) != 0 || !types_match(r, id, small))
			continue;
		if (type->base_id)
			sign(r, small, "the base has it twice, as type %" PRIu32 " and %" PRIu32,
			     type->base_id, id);
		type->base_id = id;
	}
}

static void types_find(struct relocation *r)
{
	for (uint32_t id = 1; id < r->base->num_ids; id++) {
		uint32_t kind = btf_view_kind(r->base, id);

		if (btf_view_name_off(r->base, id) &&
		    (kind_is_distilled(kind) || kind == BTF_ENUM64))
			base_type_find(r, id);
	}
	for (uint32_t id = 1; id < r->small->num_ids; id++) {
		uint32_t kind = btf_view_kind(r->small, id);

		if (r->types[id].base_id || !kind_is_distilled(kind))
			continue;
		if (kind == BTF_FWD)
			sign(r, id, "the base has none that relocation takes");
		else if (kind == BTF_INT)
			sign(r, id, "the base has none of %" PRIu32 " bytes and encoding %" PRIu32,
			     btf_view_word(r->small, id), btf_view_int(r->small, id).encoding);
		else
			sign(r, id, "the base has none of %" PRIu32 " bytes%s",
			     btf_view_word(r->small, id),
			     r->types[id].is_embedded ? ", as is needed by value" : "");
	}
}

static void string_check(struct relocation *r, const uint8_t *is_name, uint32_t off)
{
	struct split_result *result = r->result;

	if (!off || off >= r->split->first_str || is_name[off])
		return;
	result->num_problems++;
	if (result->verdict == SPLIT_UNFIT)
		return;
	result->verdict = SPLIT_UNFIT;
	snprintf(result->text, sizeof(result->text),
		 "string '%.120s' of .BTF.base is the name of no type there, relocation loses it",
		 btf_view_string(r->split, off));
}

static void strings_check(struct relocation *r, uint8_t *is_name)
{
	const struct btf_view *split = r->split;

	for (uint32_t id = 1; id < r->small->num_ids; id++)
		is_name[btf_view_name_off(r->small, id)] = 1;
	for (uint32_t id = split->first_id; id < split->num_ids; id++) {
		uint32_t kind = btf_view_kind(split, id);
		uint32_t strings = kind < BTF_NUM_KINDS ? btf_kind_table[kind].elem_strings : 0;

		string_check(r, is_name, btf_view_name_off(split, id));
		for (uint32_t i = 0; strings && i < btf_view_vlen(split, id); i++)
			string_check(r, is_name, btf_view_elem_word(split, id, i, 0));
	}
}

struct btfgen_error *btf_relocation_check(const struct btf_view *split, const struct btf_view *base,
					  struct split_result *ret_result)
{
	const struct btf_view *small = split->base;
	struct split_result result = { .num_types = small->num_own };
	struct relocation r = {
		.split = split, .small = small, .base = base, .result = &result, .mask = 15
	};
	uint32_t base_strings = base->first_str + base->strings_size;
	bool has_memory;
	uint8_t *is_name;

	while (r.mask < small->num_own)
		r.mask = r.mask * 2 + 1;
	r.types = calloc(small->num_ids, sizeof(*r.types));
	r.slots = calloc((size_t)r.mask + 1, sizeof(*r.slots));
	r.name_counts = calloc((size_t)base_strings + 1, 1);
	is_name = calloc((size_t)small->strings_size + 1, 1);
	has_memory = r.types && r.slots && r.name_counts && is_name;
	if (has_memory) {
		types_collect(&r);
		embedded_mark(&r);
		names_count(&r);
		types_find(&r);
		strings_check(&r, is_name);
	}
	free(r.types);
	free(r.slots);
	free(r.name_counts);
	free(is_name);
	if (!has_memory)
		return error_nomem();
	*ret_result = result;
	return NULL;
}
