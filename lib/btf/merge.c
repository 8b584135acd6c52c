// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Problem: settled types are all different. Some of them were changed, and now two may be equal,
 * and then those who refer to them, and so on: deduplication behind us would merge them.
 *
 * A type's *look* is what its record says without the references. Two types that are equal now
 * and were not before have, somewhere below, two types at the same place that had different looks
 * and have equal ones now; one of these was changed. So as long as no suspect looks like another
 * type, nothing is to be done, and that is the rule: looks are hashed in one pass. Otherwise all
 * types are refined from their looks (partition.h).
 *
 * Example: without FLOAT records, `float` becomes an INT of that name. If the types had an INT
 * `float` of 4 bytes, then the two are one, and so are the pointers to each.
 */
#include "lib/btf/merge.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/btf/layout_internal.h"
#include "lib/btf/partition.h"
#include "lib/btf/settle.h"

static uint32_t shown_name(const struct type_store *store, struct str_id name)
{
	return type_store_string_is_identifier(store, name) ? name.v : 0;
}

bool type_loses_something(const struct type_store *store, const struct settled_type *type)
{
	uint8_t kind;
	bool any, is_signed;

	switch (type->kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
	case GRAPH_FUNC_PROTO:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			if (type->elems[i].name.v != shown_name(store, type->elems[i].name))
				return true;
		}
		break;
	case GRAPH_ENUM:
		layout_enum_shape(type, &kind, &is_signed);
		if (is_signed != !!(type->flags & GRAPH_SIGNED))
			return true;
		break;
	default:
		return false;
	}
	return type->kind != GRAPH_FUNC_PROTO &&
	       type->name.v != layout_type_name(store, type, &any).v;
}

/* A type's look, element for element. */
struct look {
	uint64_t head[3];
	const struct settled_type *type;
};

static struct look look_of(const struct type_store *store, const struct settled_type *type)
{
	uint8_t kind = type->kind;
	bool flag = type->flags, any;

	if (kind == GRAPH_ENUM)
		layout_enum_shape(type, &kind, &flag);
	return (struct look){
		.head = {
			(uint64_t)type->kind << 32 | (uint32_t)kind << 16 |
				(uint32_t)type->encoding << 8 |
				(type->kind == GRAPH_ENUM ? flag : type->flags),
			(uint64_t)layout_type_name(store, type, &any).v << 32 | type->size,
			type->num_elems,
		},
		.type = type,
	};
}

static void look_of_elem(const struct type_store *store, const struct settled_elem *elem,
			 uint64_t words[2])
{
	words[0] = (uint64_t)shown_name(store, elem->name) << 32 | elem->bit_size;
	words[1] = elem->value;
}

static uint64_t look_hash(const struct type_store *store, const struct look *look)
{
	uint64_t hash = 0, words[2];

	for (int i = 0; i < 3; i++)
		hash = hash_u64(hash + look->head[i]);
	for (uint32_t i = 0; i < look->type->num_elems; i++) {
		look_of_elem(store, &look->type->elems[i], words);
		hash = hash_u64(hash_u64(hash + words[0]) ^ words[1]);
	}
	return hash & store->strings->hash_mask;
}

static int look_compare(const struct type_store *store, const struct look *a, const struct look *b)
{
	uint64_t wa[2], wb[2];

	for (int i = 0; i < 3; i++) {
		if (a->head[i] != b->head[i])
			return a->head[i] < b->head[i] ? -1 : 1;
	}
	for (uint32_t i = 0; i < a->type->num_elems; i++) {
		look_of_elem(store, &a->type->elems[i], wa);
		look_of_elem(store, &b->type->elems[i], wb);
		for (int k = 0; k < 2; k++) {
			if (wa[k] != wb[k])
				return wa[k] < wb[k] ? -1 : 1;
		}
	}
	return 0;
}

struct merger {
	struct type_store *store;
	uint32_t num_types;
	uint64_t *hashes; /* of looks, by type */
	uint32_t *order;  /* types by look */
	uint32_t *blocks; /* by type */
	uint32_t num_blocks;
};

static int order_compare(const void *pa, const void *pb, void *ctx)
{
	const struct merger *merger = ctx;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	struct look look_a, look_b;

	if (merger->hashes[a] != merger->hashes[b])
		return merger->hashes[a] < merger->hashes[b] ? -1 : 1;
	look_a = look_of(merger->store, &merger->store->types[a]);
	look_b = look_of(merger->store, &merger->store->types[b]);
	return look_compare(merger->store, &look_a, &look_b);
}

static bool is_live(const struct merger *merger, uint32_t i)
{
	return merger->store->types[i].kind != GRAPH_ALIAS;
}

/* Does a suspect look like another type, by hash? */
static bool suspects_collide(const struct merger *merger, const struct type_id *suspects,
			     size_t num_suspects, uint64_t *sorted)
{
	size_t num = 0, num_met = 0;

	for (size_t i = 0; i < num_suspects; i++) {
		if (is_live(merger, suspects[i].v))
			sorted[num++] = merger->hashes[suspects[i].v];
	}
	qsort(sorted, num, sizeof(*sorted), compare_u64);
	for (size_t i = 1; i < num; i++) {
		if (sorted[i] == sorted[i - 1])
			return true;
	}
	/* Each suspect meets itself; one meeting more is another type. */
	for (uint32_t i = 1; num && i < merger->num_types; i++) {
		if (is_live(merger, i) &&
		    bsearch(&merger->hashes[i], sorted, num, sizeof(*sorted), compare_u64))
			num_met++;
	}
	return num_met > num;
}

/* The look of each type as a number. */
static uint32_t number_looks(struct merger *merger)
{
	uint32_t num = 0, seed = 1;

	for (uint32_t i = 1; i < merger->num_types; i++) {
		if (is_live(merger, i))
			merger->order[num++] = i;
	}
	qsort_r(merger->order, num, sizeof(*merger->order), order_compare, merger);
	/* Void is like nothing else, and so is what stands for another type. */
	for (uint32_t i = 0; i < merger->num_types; i++)
		merger->blocks[i] = 0;
	for (uint32_t i = 0; i < num; i++) {
		if (i && order_compare(&merger->order[i - 1], &merger->order[i], merger))
			seed++;
		merger->blocks[merger->order[i]] = seed;
	}
	return num ? seed + 1 : 1;
}

static bool refine(struct merger *merger, uint32_t num_seeds)
{
	VEC(struct partition_edge) edges = {};
	uint64_t num_steps;
	bool ok = true;

	for (uint32_t i = 1; ok && i < merger->num_types; i++) {
		const struct settled_type *type = &merger->store->types[i];

		if (!is_live(merger, i))
			continue;
		/* A reference to void is one, too: all types of a look have the same ones. */
		ok = vec_push(&edges, (struct partition_edge){ i, 0, type->ref.v });
		for (uint32_t k = 0; ok && k < type->num_elems && type->kind != GRAPH_ENUM; k++)
			ok = vec_push(&edges,
				      (struct partition_edge){ i, k + 1, type->elems[k].type.v });
	}
	ok = ok && edges.num <= UINT32_MAX &&
	     partition_refine(merger->num_types, num_seeds, merger->blocks, edges.data, edges.num,
			      &merger->num_blocks, &num_steps);
	vec_deinit(&edges);
	return ok;
}

/* The first type of each block stays. @firsts has room for all blocks. */
static bool join(struct merger *merger, uint32_t *firsts)
{
	struct type_store *store = merger->store;
	bool merged = false;

	memset(firsts, 0, merger->num_blocks * sizeof(*firsts));
	for (uint32_t i = 1; i < merger->num_types; i++) {
		uint32_t *first = &firsts[merger->blocks[i]];

		if (!is_live(merger, i))
			continue;
		if (!*first)
			*first = i;
		merged |= *first != i;
	}
	if (!merged)
		return true;
	for (uint32_t i = 1; i < merger->num_types; i++) {
		struct settled_type *type = &store->types[i];
		uint32_t first = firsts[merger->blocks[i]];
		struct settled_elem *elems = (struct settled_elem *)type->elems;

		if (!is_live(merger, i)) {
			type->ref.v = firsts[merger->blocks[type->ref.v]];
			continue;
		}
		if (first != i) {
			type->kind = GRAPH_ALIAS;
			type->ref.v = first;
			continue;
		}
		if (type->ref.v)
			type->ref.v = firsts[merger->blocks[type->ref.v]];
		for (uint32_t k = 0; k < type->num_elems; k++) {
			if (elems[k].type.v)
				elems[k].type.v = firsts[merger->blocks[elems[k].type.v]];
		}
	}
	late_index_forget(&store->late_index);
	return true;
}

bool types_merge(struct type_store *store, const struct type_id *suspects, size_t num_suspects)
{
	struct merger merger = { .store = store, .num_types = store->num_types };
	uint64_t *sorted;
	bool ok;

	if (!num_suspects)
		return true;
	merger.hashes = calloc(store->num_types, sizeof(*merger.hashes));
	merger.order = malloc((size_t)store->num_types * sizeof(*merger.order));
	merger.blocks = malloc((size_t)store->num_types * sizeof(*merger.blocks));
	sorted = malloc(num_suspects * sizeof(*sorted));
	ok = merger.hashes && merger.order && merger.blocks && sorted;
	for (uint32_t i = 1; ok && i < store->num_types; i++) {
		struct look look = look_of(store, &store->types[i]);

		if (is_live(&merger, i))
			merger.hashes[i] = look_hash(store, &look);
	}
	if (ok && suspects_collide(&merger, suspects, num_suspects, sorted))
		ok = refine(&merger, number_looks(&merger)) && join(&merger, merger.order);
	free(merger.hashes);
	free(merger.order);
	free(merger.blocks);
	free(sorted);
	return ok;
}
