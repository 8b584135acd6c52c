// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Strings, each kept once, as long as the table lives. Id 0 is the empty string.
 *
 * Threads: strings_intern() may run on several threads, each with an arena of its own; see
 * intern.h.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/vec.h"
#include "lib/btf/intern.h"
#include "lib/btf/unit_graph.h"

struct string_entry {
	const char *bytes; /* NUL-terminated */
	uint32_t size;	   /* without the NUL */
	bool is_identifier;
};

struct strings {
	struct id_array entries;
	struct id_set set;
	uint64_t hash_mask; /* 0 makes all hashes equal */
};

/* A table with memory of its own, which outlives stores: see type_store.h. */
struct store_strings {
	struct strings strings;
	struct arena arena;
	VEC(uint32_t) next;	/* by id: what came behind it the last time, or 0 */
	uint32_t last;		/* that came last */
	atomic_uint num_owners; /* who made it, and stores */
};

/* False when memory is out. */
bool strings_init(struct strings *strings, bool force_collisions);
void strings_deinit(struct strings *strings);

/* @arena takes a copy if the string is new. False when memory is out. */
bool strings_intern(struct strings *strings, struct arena *arena, const char *bytes, size_t size,
		    struct str_id *ret_id);

static inline const struct string_entry *strings_entry(const struct strings *strings,
						       struct str_id id)
{
	return id_array_at(&strings->entries, id.v);
}
