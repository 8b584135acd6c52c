// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Layout: settled types and variables become numbered BTF records with exact sizes.
 *
 *	struct layout_input input = { .store = store, .vars = vars, .num_vars = n, ... };
 *	btf_layout_create(&input, &layout);
 *	btf_emit(layout, pool, &bytes, &size);
 *	btf_layout_destroy(layout);
 *
 * Every limit of the format is checked here and nowhere else: number of types and strings, vlen,
 * bitfield offsets, name rules. What is over a limit is BTFGEN_ERROR_LIMIT with the type's name.
 *
 * Rules: ids follow the names as strcmp() sorts them, anonymous records first, among equal names
 * types (in the store's order), then functions, variables, sections. Strings: each once, whole, only those that are
 * used, in the order of first use. Header of 24 bytes, types, strings, no padding.
 * A name that the kernel refuses (not an identifier) is written as "no name" where that is allowed;
 * builders do not hand in such names where it is not (typedef, forward, enumerator, variable).
 * Arrays of arrays are written as such. The index type of every array is the 4-byte signed INT
 * `int`; if the types have none, one is added.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/btf/type_store.h"

enum btf_linkage { BTF_LINKAGE_STATIC = 0, BTF_LINKAGE_GLOBAL = 1 };

struct layout_var {
	struct str_id name;
	struct type_id type;		/* not void */
	enum btf_linkage linkage;
};

/* One entry of a DATASEC; entries of a section are sorted by offset and do not overlap. */
struct layout_entry {
	uint32_t var;			/* index into vars */
	uint32_t off;			/* bytes from the section's start */
	uint32_t size;
};

struct layout_section {
	struct str_id name;
	uint32_t size;			/* bytes; at least the end of the last entry */
	const struct layout_entry *entries;
	uint32_t num_entries;
};

struct layout_input {
	const struct type_store *store;
	const struct layout_var *vars;
	uint32_t num_vars;
	const struct layout_section *sections;
	uint32_t num_sections;
	bool big_endian;		/* byte order of the result */
};

struct btf_layout;

struct btfgen_error *btf_layout_create(const struct layout_input *input,
				       struct btf_layout **ret_layout) BTFGEN_MUST_CHECK;
void btf_layout_destroy(struct btf_layout *layout);

/* Figures for the report. num_by_kind is indexed by BTF kind and has 32 elements. */
struct layout_stats {
	uint64_t num_types;
	uint64_t num_by_kind[32];
	uint64_t type_bytes;
	uint64_t string_bytes;
	uint64_t total_bytes;
};
struct layout_stats btf_layout_stats(const struct btf_layout *layout);

/*
 * The finished BTF in one malloc()ed buffer of exactly total_bytes. Workers write disjoint ranges.
 */
struct btfgen_error *btf_emit(const struct btf_layout *layout, struct pool *pool,
			      uint8_t **ret_bytes, size_t *ret_size) BTFGEN_MUST_CHECK;
