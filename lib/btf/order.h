// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The final order of types (type_store.h), for who sorts them: final.c all of them at once, order.c
 * some of them later. And sorting by place, which is sorting numbers.
 */
#pragma once

#include <string.h>

#include "lib/base/span.h"
#include "lib/btf/store_internal.h"

/* The first bytes of a name as a number that sorts as they do. */
static inline uint64_t name_prefix(const char *name)
{
	uint8_t bytes[8] = {};

	memcpy(bytes, name, strnlen(name, sizeof(bytes)));
	return load_u64(bytes, !HOST_BIG_ENDIAN);
}

/* The name that layout will write: see layout.h. */
static inline const char *final_name(const struct type_store *store, uint8_t kind,
				     struct str_id name)
{
	const struct string_entry *entry = strings_entry(store->strings, name);

	switch (kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
	case GRAPH_ENUM:
		return entry->is_identifier ? entry->bytes : "";
	default:
		return entry->bytes;
	}
}

struct place {
	uint64_t key;
	uint32_t index;
};

/*
 * Sorts by key, equal ones as they were. @scratch has as much room; the result is in one of the two,
 * which is returned.
 */
struct place *places_sort(struct place *places, struct place *scratch, uint32_t num);
