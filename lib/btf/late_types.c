// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Types that are added after settling.
 *
 * Settled types are all different, whatever one follows from them. A type that is added refers to
 * them only, so it equals another one exactly if their own fields and the ids that they refer to
 * are equal: one look into a hash table of the contents of all types of those kinds, built when
 * the first type is added. Types may be changed in place between additions; then the table is built
 * anew.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/btf/store_internal.h"

/* Kinds that may be added. */
static bool kind_is_indexed(uint8_t kind)
{
	switch (kind) {
	case GRAPH_PTR:
	case GRAPH_CONST:
	case GRAPH_VOLATILE:
	case GRAPH_RESTRICT:
	case GRAPH_TYPE_TAG:
	case GRAPH_ARRAY:
	case GRAPH_FUNC_PROTO:
		return true;
	default:
		return false;
	}
}

static uint32_t type_hash(const struct type_store *store, const struct settled_type *type)
{
	uint64_t hash =
		hash_u64((uint64_t)type->kind << 40 | (uint64_t)type->flags << 32 | type->name.v);

	hash = hash_u64(hash ^ ((uint64_t)type->ref.v << 32 | type->size));
	hash = hash_u64(hash + type->num_elems);
	for (uint32_t i = 0; i < type->num_elems; i++)
		hash = hash_u64(hash ^
				((uint64_t)type->elems[i].type.v << 32 | type->elems[i].name.v));
	return hash & store->strings->hash_mask;
}

static bool types_equal(const struct settled_type *a, const struct settled_type *b)
{
	if (a->kind != b->kind || a->flags != b->flags || a->name.v != b->name.v ||
	    a->ref.v != b->ref.v || a->size != b->size || a->num_elems != b->num_elems)
		return false;
	for (uint32_t i = 0; i < a->num_elems; i++) {
		if (a->elems[i].name.v != b->elems[i].name.v ||
		    a->elems[i].type.v != b->elems[i].type.v)
			return false;
	}
	return true;
}

/* The slot of an equal type, or the free one where it belongs. */
static uint64_t *index_find(const struct type_store *store, uint32_t hash,
			    const struct settled_type *type)
{
	const struct late_index *index = &store->late_index;

	for (uint32_t i = hash;; i++) {
		uint64_t *slot = &index->slots[i & index->mask];

		if (!*slot ||
		    (*slot >> 32 == hash && types_equal(&store->types[(uint32_t)*slot], type)))
			return slot;
	}
}

/* Half of the slots stay free. False when memory is out. */
static bool index_resize(struct late_index *index, uint32_t num)
{
	uint32_t mask = 1023;
	uint64_t *slots;

	while (mask / 2 <= num && mask < UINT32_MAX)
		mask = mask * 2 + 1;
	slots = calloc((size_t)mask + 1, sizeof(*slots));
	if (!slots)
		return false;
	for (uint32_t i = 0; index->slots && i <= index->mask; i++) {
		uint64_t slot = index->slots[i];
		uint32_t at = slot >> 32;

		if (!slot)
			continue;
		while (slots[at & mask])
			at++;
		slots[at & mask] = slot;
	}
	free(index->slots);
	index->slots = slots;
	index->mask = mask;
	return true;
}

static bool index_build(struct type_store *store)
{
	struct late_index *index = &store->late_index;
	uint32_t num = 0;

	for (uint32_t i = 1; i < store->num_types; i++)
		num += kind_is_indexed(store->types[i].kind);
	free(index->slots);
	*index = (struct late_index){};
	if (!index_resize(index, num + num / 2))
		return false;
	for (uint32_t i = 1; i < store->num_types; i++) {
		const struct settled_type *type = &store->types[i];
		uint32_t hash;
		uint64_t *slot;

		if (!kind_is_indexed(type->kind))
			continue;
		hash = type_hash(store, type);
		slot = index_find(store, hash, type);
		if (*slot)
			continue;
		*slot = (uint64_t)hash << 32 | i;
		index->num++;
	}
	return true;
}

static bool types_reserve(struct type_store *store)
{
	uint64_t cap = store->num_types + store->num_types / 2 + 64ull;
	struct settled_type *types;

	if (store->num_types < store->types_cap)
		return true;
	if (cap >= UINT32_MAX)
		return false;
	types = realloc(store->types, cap * sizeof(*types));
	if (!types)
		return false;
	store->types = types;
	store->types_cap = cap;
	return true;
}

/* The type with nothing in it that its kind does not have; elements are in @elems. */
static struct settled_type type_normal(const struct settled_type *type,
				       const struct settled_elem *elems)
{
	const struct kind_info *info = &kind_infos[type->kind];
	struct settled_type normal = {
		.kind = type->kind,
		.flags = type->flags & info->flags,
		.first_unit = UINT32_MAX,
		.first_key = UINT64_MAX,
	};

	if (info->fields & FIELD_NAME)
		normal.name = type->name;
	if (info->fields & FIELD_REF)
		normal.ref = type->ref;
	if (info->fields & FIELD_SIZE)
		normal.size = type->size;
	if (info->fields & FIELD_ELEMS) {
		normal.num_elems = type->num_elems;
		normal.elems = elems;
	}
	return normal;
}

struct type_id type_store_add_type(struct type_store *store, const struct settled_type *type)
{
	static const struct type_id none = { 0 };
	struct late_index *index = &store->late_index;
	struct settled_elem *copies;
	struct settled_type normal;
	uint64_t *slot;
	uint32_t hash;

	if (!kind_is_indexed(type->kind))
		return none;
	if (!index->slots && !index_build(store))
		return none;
	normal = type_normal(type, type->elems);
	hash = type_hash(store, &normal);
	slot = index_find(store, hash, &normal);
	if (*slot)
		return (struct type_id){ *slot };

	if (!types_reserve(store))
		return none;
	if (index->num >= index->mask / 2) {
		if (!index_resize(index, index->num))
			return none;
		slot = index_find(store, hash, &normal);
	}
	if (normal.num_elems) {
		copies = arena_alloc(&store->settled, normal.num_elems * sizeof(*copies),
				     _Alignof(struct settled_elem));
		if (!copies)
			return none;
		for (uint32_t i = 0; i < normal.num_elems; i++)
			copies[i] = (struct settled_elem){ .name = normal.elems[i].name,
							   .type = normal.elems[i].type };
		normal.elems = copies;
	}
	*slot = (uint64_t)hash << 32 | store->num_types;
	index->num++;
	store->types[store->num_types] = normal;
	return (struct type_id){ store->num_types++ };
}

void late_index_forget(struct late_index *index)
{
	free(index->slots);
	*index = (struct late_index){};
}
