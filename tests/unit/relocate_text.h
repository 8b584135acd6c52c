// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Relocation of a distilled base, for tests: the rules of the kernel's lib/btf/btf_relocate.c in
 * the simplest form, every distilled type against every type of the base. The base is gone through
 * in either direction, since what may be found must not depend on how it is numbered.
 */
#pragma once

#include "tests/unit/split_text.h"

enum { RELOCATE_MAX_TYPES = 256 };

enum relocate_result {
	RELOCATE_OK,
	RELOCATE_MISSING,   /* a distilled type has nothing in the base */
	RELOCATE_AMBIGUOUS, /* it has more than one */
	RELOCATE_STRAY_STRING,
};

static inline bool relocate_is_embedded(const struct btf_view *split, uint32_t distilled_id)
{
	for (uint32_t id = split->first_id; id < split->num_ids; id++) {
		if (!btf_kind_is_composite(btf_view_kind(split, id)))
			continue;
		for (uint32_t i = 0; i < btf_view_vlen(split, id); i++) {
			uint32_t at = btf_view_member(split, id, i).type_id;

			for (;;) {
				uint32_t kind = btf_view_kind(split, at);

				if (btf_kind_is_modifier(kind))
					at = btf_view_word(split, at);
				else if (kind == BTF_ARRAY)
					at = btf_view_array(split, at).elem_id;
				else
					break;
			}
			if (at == distilled_id && btf_kind_is_composite(btf_view_kind(split, at)))
				return true;
		}
	}
	return false;
}

static inline uint32_t relocate_name_count(const struct btf_view *base, uint32_t name_off)
{
	uint32_t num = 0;

	for (uint32_t id = 1; id < base->num_ids; id++)
		num += btf_kind_is_composite(btf_view_kind(base, id)) &&
		       btf_view_name_off(base, id) == name_off;
	return num;
}

/* @found: the distilled type has its counterpart already. */
static inline bool relocate_takes(const struct btf_view *split, uint32_t id,
				  const struct btf_view *base, uint32_t candidate, bool found)
{
	uint32_t kind = btf_view_kind(split, id), base_kind = btf_view_kind(base, candidate);
	bool equal_size = btf_view_word(split, id) == btf_view_word(base, candidate);
	bool is_composite = btf_kind_is_composite(base_kind);

	if (base_kind != BTF_INT && base_kind != BTF_FLOAT && !btf_kind_is_enum(base_kind) &&
	    base_kind != BTF_FWD && !is_composite)
		return false;
	if (!btf_view_name_off(base, candidate) ||
	    strcmp(btf_view_name(split, id), btf_view_name(base, candidate)))
		return false;
	if (base_kind != BTF_FWD && !is_composite && !equal_size)
		return false;
	if (is_composite && !equal_size &&
	    relocate_name_count(base, btf_view_name_off(base, candidate)) > 1)
		return false;
	switch (kind) {
	case BTF_INT:
		return base_kind == BTF_INT &&
		       btf_int_encoding(btf_view_tail_word(split, id, 0)) ==
			       btf_int_encoding(btf_view_tail_word(base, candidate, 0));
	case BTF_FLOAT:
		return base_kind == BTF_FLOAT;
	case BTF_ENUM:
		return btf_kind_is_enum(base_kind);
	case BTF_STRUCT:
	case BTF_UNION:
		return equal_size || found || !relocate_is_embedded(split, id);
	default:
		fail_msg("kind %u in a distilled base", kind);
		return false;
	}
}

static inline bool relocate_knows_string(const struct btf_view *distilled, uint32_t off)
{
	if (!off || off >= distilled->strings_size)
		return true;
	for (uint32_t id = 1; id < distilled->num_ids; id++) {
		if (btf_view_name_off(distilled, id) == off)
			return true;
	}
	return false;
}

/* Sets ret_map[id] for each id of the distilled base, which @split stands on. */
static inline enum relocate_result relocate_map(const struct btf_view *split,
						const struct btf_view *base, bool backwards,
						uint32_t *ret_map)
{
	const struct btf_view *distilled = split->base;

	assert_true(distilled->num_ids <= RELOCATE_MAX_TYPES);
	ret_map[0] = 0;
	for (uint32_t id = 1; id < distilled->num_ids; id++) {
		ret_map[id] = 0;
		for (uint32_t i = 1; i < base->num_ids; i++) {
			uint32_t candidate = backwards ? base->num_ids - i : i;

			if (!relocate_takes(split, id, base, candidate, ret_map[id]))
				continue;
			if (ret_map[id])
				return RELOCATE_AMBIGUOUS;
			ret_map[id] = candidate;
		}
		if (!ret_map[id])
			return RELOCATE_MISSING;
	}
	for (uint32_t id = split->first_id; id < split->num_ids; id++) {
		const struct btf_kind_info *info = &btf_kind_table[btf_view_kind(split, id)];

		if (!relocate_knows_string(distilled, btf_view_name_off(split, id)))
			return RELOCATE_STRAY_STRING;
		for (uint32_t i = 0; info->elem_strings && i < btf_view_vlen(split, id); i++) {
			if (!relocate_knows_string(distilled, btf_view_elem_word(split, id, i, 0)))
				return RELOCATE_STRAY_STRING;
		}
	}
	return RELOCATE_OK;
}
