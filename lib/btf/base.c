// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The index of a base.
 *
 * Types are hashed children first, with a stack of our own, since the order of ids says nothing of
 * who refers to whom and a file may nest as deep as it likes. Both tables are filled once and never
 * change.
 */
#include "lib/btf/base.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"
#include "lib/btf/base_internal.h"

enum {
	HASH_OPEN = 1, /* in hashes: the type is being looked at */
	MIN_FLAT_ARRAYS = 256,
};

typedef VEC(uint32_t) id_stack;

static uint64_t name_hash(const struct btf_view *view, uint32_t off)
{
	const char *name = off ? btf_view_string(view, off) : "";

	return content_name(name, strlen(name));
}

static bool type_has_label(const struct btf_view *view, uint32_t id)
{
	return kind_has_label(btf_view_kind(view, id)) && btf_view_name_off(view, id);
}

/* What a reference to @id counts as; labels and contents are known by now. */
static uint64_t ref_hash(const struct btf_base *base, uint32_t id)
{
	if (!id || id >= base->num_ids)
		return CONTENT_VOID;
	return base->hashes[id] > HASH_OPEN ? base->hashes[id] : CONTENT_RING;
}

/* References number 0..., as content_hash() takes them; false behind the last. */
static bool ref_get(const struct btf_view *view, uint32_t id, uint32_t i, uint32_t *ret_id)
{
	uint32_t kind = btf_view_kind(view, id);

	switch (kind) {
	case BTF_PTR:
	case BTF_CONST:
	case BTF_VOLATILE:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		*ret_id = btf_view_word(view, id);
		return i == 0;
	case BTF_ARRAY:
		*ret_id = btf_view_array(view, id).elem_id;
		return i == 0;
	case BTF_STRUCT:
	case BTF_UNION:
		*ret_id = btf_view_elem_word(view, id, i, 1);
		return i < btf_view_vlen(view, id);
	case BTF_FUNC_PROTO:
		*ret_id = i ? btf_view_elem_word(view, id, i - 1, 1) : btf_view_word(view, id);
		return i <= btf_view_vlen(view, id);
	default:
		return false;
	}
}

static uint64_t tag_hash(uint64_t text, bool is_attribute, uint32_t target, uint32_t component)
{
	uint64_t hash = content_mix(BTF_DECL_TAG | (uint64_t)is_attribute << 8, text);

	return content_finish(content_mix(hash, (uint64_t)target << 32 | component));
}

static uint64_t func_hash(uint64_t name, uint32_t linkage, uint32_t proto)
{
	return content_finish(content_mix(content_mix(BTF_FUNC | linkage << 8, name), proto));
}

static uint64_t content_hash(const struct btf_base *base, uint32_t id)
{
	const struct btf_view *view = base->view;
	uint32_t kind = btf_view_kind(view, id), vlen = btf_view_vlen(view, id);
	uint64_t name = name_hash(view, btf_view_name_off(view, id)), hash;

	switch (kind) {
	case BTF_INT: {
		struct btf_view_int integer = btf_view_int(view, id);

		hash = content_mix(content_mix(kind, name), btf_view_word(view, id));
		return content_finish(content_mix(hash, (uint64_t)integer.encoding << 32 |
								integer.bit_off << 8 |
								integer.bits));
	}
	case BTF_FLOAT:
		return content_finish(
			content_mix(content_mix(kind, name), btf_view_word(view, id)));
	case BTF_PTR:
	case BTF_CONST:
	case BTF_VOLATILE:
	case BTF_RESTRICT:
		return content_finish(content_mix(kind, ref_hash(base, btf_view_word(view, id))));
	case BTF_TYPE_TAG:
		hash = content_mix(kind | (uint32_t)btf_view_flag(view, id) << 8, name);
		return content_finish(content_mix(hash, ref_hash(base, btf_view_word(view, id))));
	case BTF_ARRAY: {
		struct btf_view_array array = btf_view_array(view, id);

		hash = content_mix(kind | (uint64_t)array.num << 8, ref_hash(base, array.elem_id));
		return content_finish(hash);
	}
	case BTF_STRUCT:
	case BTF_UNION:
		hash = content_mix(kind | (uint64_t)vlen << 8, btf_view_word(view, id));
		for (uint32_t i = 0; i < vlen; i++) {
			struct btf_view_member member = btf_view_member(view, id, i);

			hash = content_mix(hash, content_name(member.name, strlen(member.name)));
			hash = content_mix(hash, (uint64_t)member.bits << 32 | member.bit_off);
			hash = content_mix(hash, ref_hash(base, member.type_id));
		}
		return content_finish(hash);
	case BTF_ENUM:
	case BTF_ENUM64:
		hash = content_mix(kind | (uint64_t)vlen << 8, btf_view_word(view, id));
		for (uint32_t i = 0; i < vlen; i++) {
			struct btf_view_value value = btf_view_value(view, id, i);

			hash = content_mix(hash, content_name(value.name, strlen(value.name)));
			hash = content_mix(hash,
					   kind == BTF_ENUM ? (uint32_t)value.value : value.value);
		}
		return content_finish(hash);
	case BTF_FUNC_PROTO:
		hash = content_mix(kind | (uint64_t)vlen << 8,
				   ref_hash(base, btf_view_word(view, id)));
		for (uint32_t i = 0; i < vlen; i++) {
			struct btf_view_param param = btf_view_param(view, id, i);

			hash = content_mix(hash, content_name(param.name, strlen(param.name)));
			hash = content_mix(hash, ref_hash(base, param.type_id));
		}
		return content_finish(hash);
	case BTF_FUNC:
		return func_hash(name, vlen, btf_view_word(view, id));
	case BTF_DECL_TAG:
		return tag_hash(name, btf_view_flag(view, id), btf_view_word(view, id),
				btf_view_tail_word(view, id, 0));
	default:
		return 0;
	}
}

/* False when memory is out. */
static bool hash_type(struct btf_base *base, id_stack *stack, uint32_t first)
{
	stack->num = 0;
	if (!vec_push(stack, first))
		return false;
	while (stack->num) {
		uint32_t id = stack->data[stack->num - 1], ref;

		if (base->hashes[id]) {
			/* A typedef without a name, a variable: nobody looks for it. */
			if (base->hashes[id] == HASH_OPEN)
				base->hashes[id] = content_hash(base, id) ?: HASH_OPEN;
			stack->num--;
			continue;
		}
		base->hashes[id] = HASH_OPEN;
		for (uint32_t i = 0; ref_get(base->view, id, i, &ref); i++) {
			if (ref && ref < base->num_ids && !base->hashes[ref] &&
			    !vec_push(stack, ref))
				return false;
		}
	}
	return true;
}

/* Kinds that can be found by what they hold. */
static bool kind_is_filed(uint32_t kind)
{
	switch (kind) {
	case BTF_VOID:
	case BTF_VAR:
	case BTF_DATASEC:
		return false;
	default:
		return kind < BTF_NUM_KINDS;
	}
}

static bool hash_types(struct btf_base *base)
{
	const struct btf_view *view = base->view;
	id_stack stack = {};
	bool ok = true;

	for (uint32_t id = 1; id < base->num_ids; id++) {
		if (type_has_label(view, id))
			base->hashes[id] =
				content_label(btf_view_kind(view, id), btf_view_flag(view, id),
					      name_hash(view, btf_view_name_off(view, id)));
	}
	for (uint32_t id = 1; ok && id < base->num_ids; id++) {
		if (!base->hashes[id] && kind_is_filed(btf_view_kind(view, id)))
			ok = hash_type(base, &stack, id);
	}
	vec_deinit(&stack);
	return ok;
}

/* The smallest mask of a table of which @num entries fill at most half. */
static uint32_t table_mask(uint32_t num)
{
	uint32_t mask = 63;

	while (mask / 2 < num && mask < UINT32_MAX)
		mask = mask * 2 + 1;
	return mask;
}

/* By slot: counted, then filled. */
static bool file_types(struct btf_base *base)
{
	uint32_t num = 0, *next;

	base->slots_mask = table_mask(base->num_ids);
	base->starts = calloc((size_t)base->slots_mask + 3, sizeof(*base->starts));
	base->items = malloc(((size_t)base->num_ids + 1) * sizeof(*base->items));
	if (!base->starts || !base->items)
		return false;
	/* One further on: filling moves each start to the end of its slot, the next one's start. */
	next = base->starts + 1;
	for (uint32_t id = 1; id < base->num_ids; id++) {
		if (base->hashes[id] > HASH_OPEN)
			next[(base->hashes[id] & base->slots_mask) + 1]++;
	}
	for (uint64_t slot = 0; slot <= base->slots_mask; slot++)
		next[slot] = num += next[slot];
	for (uint32_t id = 1; id < base->num_ids; id++) {
		uint64_t hash = base->hashes[id];

		if (hash > HASH_OPEN)
			base->items[next[hash & base->slots_mask]++] =
				(struct base_item){ hash >> 32, id };
	}
	free(base->hashes);
	base->hashes = NULL;
	return true;
}

/* The slot of the string with these bytes, or the free one where it belongs. */
static uint64_t *string_slot(const struct btf_base *base, uint64_t hash, const char *bytes,
			     size_t size)
{
	uint32_t key = hash >> 32;

	for (uint32_t i = key;; i++) {
		uint64_t *slot = &base->strings[i & base->strings_mask];
		const char *found;

		if (!*slot)
			return slot;
		if (*slot >> 32 != key)
			continue;
		found = btf_view_string(base->view, (uint32_t)*slot);
		if (!strncmp(found, bytes, size) && !found[size])
			return slot;
	}
}

static void file_strings(struct btf_base *base, const struct btf_view *view)
{
	const char *strings = (const char *)view->bytes.data + view->strings_off;

	if (view->base)
		file_strings(base, view->base);
	/* The view is known to end with a NUL, so that each string does. */
	for (uint32_t off = 0; off < view->strings_size;) {
		size_t size = strlen(strings + off);

		if (size) {
			uint64_t hash = hash_bytes(strings + off, size);
			uint64_t *slot = string_slot(base, hash, strings + off, size);

			if (!*slot)
				*slot = hash >> 32 << 32 | (view->first_str + off);
		}
		off += size + 1;
	}
}

static uint32_t count_strings(const struct btf_view *view)
{
	uint32_t num = 0;

	for (; view; view = view->base) {
		const uint8_t *strings = view->bytes.data + view->strings_off;

		for (uint32_t off = 0; off < view->strings_size; off++)
			num += !strings[off];
	}
	return num;
}

static bool index_strings(struct btf_base *base)
{
	base->strings_mask = table_mask(count_strings(base->view));
	base->strings = calloc((size_t)base->strings_mask + 1, sizeof(*base->strings));
	if (!base->strings)
		return false;
	file_strings(base, base->view);
	return true;
}

static void find_index_int(struct btf_base *base)
{
	static const char name[] = "int";
	uint64_t hash = content_mix(content_mix(BTF_INT, content_name(name, 3)), 4);
	struct base_search search;
	uint32_t id;

	hash = content_finish(content_mix(hash, (uint64_t)BTF_ENCODING_SIGNED << 32 | 32));
	search = base_search(base, hash);
	while ((id = base_search_next(&search))) {
		if (btf_view_kind(base->view, id) == BTF_INT &&
		    btf_view_word(base->view, id) == 4 &&
		    btf_view_tail_word(base->view, id, 0) ==
			    btf_int_make(BTF_ENCODING_SIGNED, 0, 32) &&
		    !strcmp(btf_view_name(base->view, id), name))
			break;
	}
	base->index_int = id;
}

static bool has_flat_arrays(const struct btf_view *view)
{
	uint32_t num_arrays = 0;

	for (uint32_t id = 1; id < view->num_ids; id++) {
		if (btf_view_kind(view, id) != BTF_ARRAY)
			continue;
		if (btf_view_kind(view, btf_view_array(view, id).elem_id) == BTF_ARRAY)
			return false;
		num_arrays++;
	}
	return num_arrays >= MIN_FLAT_ARRAYS;
}

struct btfgen_error *btf_base_create(const struct btf_view *view, struct btf_base **ret_base)
{
	struct btf_base *base = calloc(1, sizeof(*base));

	if (!base)
		return error_nomem();
	base->view = view;
	base->num_ids = view->num_ids;
	base->strings_size = view->first_str + view->strings_size;
	base->hashes = calloc((size_t)base->num_ids + 1, sizeof(*base->hashes));
	if (!base->hashes || !hash_types(base) || !file_types(base) || !index_strings(base)) {
		btf_base_destroy(base);
		return error_nomem();
	}
	find_index_int(base);
	base->has_flat_arrays = has_flat_arrays(view);
	*ret_base = base;
	return NULL;
}

void btf_base_destroy(struct btf_base *base)
{
	if (!base)
		return;
	free(base->hashes);
	free(base->starts);
	free(base->items);
	free(base->strings);
	free(base);
}

const struct btf_view *btf_base_view(const struct btf_base *base)
{
	return base->view;
}

uint32_t btf_base_num_ids(const struct btf_base *base)
{
	return base->num_ids;
}

uint32_t btf_base_strings_size(const struct btf_base *base)
{
	return base->strings_size;
}

uint32_t btf_base_find_string(const struct btf_base *base, const char *bytes, size_t size)
{
	if (!size)
		return 0;
	return (uint32_t)*string_slot(base, hash_bytes(bytes, size), bytes, size);
}

uint32_t btf_base_index_int(const struct btf_base *base)
{
	return base->index_int;
}

bool btf_base_has_tag(const struct btf_base *base, const char *text, bool is_attribute,
		      uint32_t target, int32_t component)
{
	const struct btf_view *view = base->view;
	uint64_t hash = tag_hash(content_name(text, strlen(text)), is_attribute, target, component);

	struct base_search search = base_search(base, hash);
	uint32_t id;

	while ((id = base_search_next(&search))) {
		if (btf_view_kind(view, id) == BTF_DECL_TAG &&
		    btf_view_flag(view, id) == is_attribute && btf_view_word(view, id) == target &&
		    btf_view_tail_word(view, id, 0) == (uint32_t)component &&
		    !strcmp(btf_view_name(view, id), text))
			return true;
	}
	return false;
}

uint32_t btf_base_find_func(const struct btf_base *base, const char *name, uint32_t linkage,
			    uint32_t proto)
{
	const struct btf_view *view = base->view;
	uint64_t hash = func_hash(content_name(name, strlen(name)), linkage, proto);
	struct base_search search = base_search(base, hash);
	uint32_t id;

	while ((id = base_search_next(&search))) {
		if (btf_view_kind(view, id) == BTF_FUNC && btf_view_word(view, id) == proto &&
		    btf_view_vlen(view, id) == linkage && !strcmp(btf_view_name(view, id), name))
			break;
	}
	return id;
}
