// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Problem: a module has thousands of types of which a base has all but a hundred. Sorting all by
 * name costs more than matching them.
 *
 * So they get the ids of their places, by a radix sort: keys are small numbers, most of whose bytes
 * are the same in all, and those are passed over. Who writes types asks for the order of the few
 * that are written. As places are total, ids decide between types of one name, kind and number of
 * users as places did.
 */
#include "lib/btf/order.h"

#include <stdlib.h>

enum {
	DIGIT_BITS = 11,
	NUM_DIGITS = 1 << DIGIT_BITS,
	NUM_PASSES = (64 + DIGIT_BITS - 1) / DIGIT_BITS
};

struct place *places_sort(struct place *places, struct place *scratch, uint32_t num)
{
	uint64_t varying = 0;
	uint32_t starts[NUM_DIGITS];

	for (uint32_t i = 1; i < num; i++)
		varying |= places[i].key ^ places[0].key;
	for (unsigned int pass = 0; pass < NUM_PASSES; pass++) {
		unsigned int shift = pass * DIGIT_BITS;
		struct place *to = scratch;
		uint32_t at = 0;

		if (!(varying >> shift & (NUM_DIGITS - 1)))
			continue;
		memset(starts, 0, sizeof(starts));
		for (uint32_t i = 0; i < num; i++)
			starts[places[i].key >> shift & (NUM_DIGITS - 1)]++;
		for (unsigned int digit = 0; digit < NUM_DIGITS; digit++) {
			uint32_t start = at;

			at += starts[digit];
			starts[digit] = start;
		}
		for (uint32_t i = 0; i < num; i++)
			to[starts[places[i].key >> shift & (NUM_DIGITS - 1)]++] = places[i];
		scratch = places;
		places = to;
	}
	return places;
}

struct named_id {
	uint64_t name_prefix;
	const char *name;
	const struct settled_type *type;
	uint32_t id;
};

static int named_id_compare(const void *pa, const void *pb)
{
	const struct named_id *a = pa, *b = pb;
	int order;

	if (a->name_prefix != b->name_prefix)
		return a->name_prefix < b->name_prefix ? -1 : 1;
	order = a->name == b->name ? 0 : strcmp(a->name, b->name);
	if (order)
		return order;
	if (a->type->kind != b->type->kind)
		return a->type->kind < b->type->kind ? -1 : 1;
	if (a->type->num_users != b->type->num_users)
		return a->type->num_users > b->type->num_users ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

bool type_store_order(const struct type_store *store, uint32_t *ids, uint32_t num)
{
	struct named_id *list;

	if (!store->by_place || num < 2)
		return true;
	list = malloc((size_t)num * sizeof(*list));
	if (!list)
		return false;
	for (uint32_t i = 0; i < num; i++) {
		const struct settled_type *type = &store->types[ids[i]];
		const char *name = final_name(store, type->kind, type->name);

		list[i] = (struct named_id){ name_prefix(name), name, type, ids[i] };
	}
	qsort(list, num, sizeof(*list), named_id_compare);
	for (uint32_t i = 0; i < num; i++)
		ids[i] = list[i].id;
	free(list);
	return true;
}

uint32_t type_store_num_settled(const struct type_store *store)
{
	return store->num_settled;
}
