// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Layout: settled types, variables, functions and tags become numbered BTF records with exact
 * sizes.
 *
 *	struct layout_input input = { .store = store, .vars = vars, .num_vars = n, ... };
 *	btf_layout_create(&input, &layout);
 *	btf_emit(layout, pool, &bytes, &size);
 *	btf_layout_destroy(layout);
 *
 * Every limit of the format is checked here and nowhere else: number of types (ids below 0xfffff),
 * bytes of strings (16 MiB), elements of a record (65,535: more bits exist only since 2026), bits
 * of an integer, member offsets (24 bits where a struct has bitfields, else 32), names that have to
 * be identifiers. What is over a limit is BTFGEN_ERROR_LIMIT with the type's name; builders degrade
 * such a type before it comes here.
 *
 * Rules
 * - Ids follow the names as strcmp() sorts them, records without a name first; among equal names
 *   types (in the store's order), then variables, functions, sections and tags. Variables and
 *   sections of one name keep the order of the input, functions are sorted by prototype, tags by
 *   what they are about. Newer kernels search vmlinux's BTF by bisection and never check the order
 *   (btf_find_by_name_kind()).
 * - Functions with equal names, prototypes and linkages are one, and so are equal tags: the
 *   deduplication that kernel builds run behind an encoder would merge them. Variables never are.
 * - A tag of something that cannot have one (BTF knows tags of structs, unions, typedefs, variables
 *   and functions), or of a member or parameter that is not there, is left out and counted.
 * - Strings: each once, whole, only those that are used, in the order of first use.
 * - Header of 24 bytes, types, strings, no padding; with_kind_layout: header of 32 bytes, types, one
 *   entry for each kind up to ENUM64, strings. Kernels before 7.2 refuse that (E2BIG), and so does
 *   libbpf before 1.8 if the byte order is not its own.
 * - A name that the kernel refuses (not an identifier) is written as "no name" where that is
 *   allowed: struct, union, enum, member, parameter. Elsewhere (typedef, forward, enumerator,
 *   variable, function) it is over a limit.
 * - Arrays of arrays are written as such. The index type of every array is the 4-byte signed INT
 *   `int`; if the types have none, one is added.
 * - An enum is an ENUM, with the kind flag if some value is negative, unless it has more than 4
 *   bytes or its values fit neither s32 nor u32 as a whole: then it is an ENUM64, with the kind
 *   flag if it is signed. without_enum64: always an ENUM of the true size with the low 32 bits of
 *   each value, never with the kind flag, which kernels without ENUM64 refuse in an ENUM.
 * - A struct or union with a bitfield has the kind flag and packs all offsets.
 * - The forward declaration of an enum is an ENUM without values, 4 bytes if its size is unknown.
 *
 * Split BTF
 * - Ids and string offsets of our own start behind those of the base. The index type of arrays and
 *   names are the base's where it has them (names as whole strings only).
 * - A function that the base has with the same prototype and linkage is left out, as libbpf's
 *   deduplication would make the two one; so is a tag that says what a tag of the base says.
 * - The table of record layouts is the base's business: with_kind_layout has no effect.
 *
 * Ownership: the input's arrays and the store are borrowed until btf_layout_destroy(). Threads:
 * a layout belongs to one thread; it is constant once created. Cost: linear in the output but for
 * sorting variables, tags and functions that do not come sorted by name; no string is hashed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/btf/format.h"
#include "lib/btf/type_store.h"

struct btf_base;

struct layout_var {
	struct str_id name;
	struct type_id type; /* not void */
	enum btf_linkage linkage;
};

/* One entry of a DATASEC; entries of a section are sorted by offset and do not overlap. */
struct layout_entry {
	uint32_t var; /* index into vars */
	uint32_t off; /* bytes from the section's start */
	uint32_t size;
};

struct layout_section {
	struct str_id name;
	uint32_t size; /* bytes; at least the end of the last entry */
	const struct layout_entry *entries;
	uint32_t num_entries;
};

struct layout_func {
	struct str_id name;
	struct type_id proto; /* a GRAPH_FUNC_PROTO, all of whose parameters have names */
	enum btf_linkage linkage;
};

/* What a DECL_TAG is about. */
enum layout_tag_target { TAG_OF_TYPE, TAG_OF_VAR, TAG_OF_FUNC };

/* In any order. */
struct layout_tag {
	struct str_id text; /* any bytes, not empty */
	uint8_t target;	    /* enum layout_tag_target */
	bool is_attribute;  /* the kind flag */
	uint32_t index;	    /* struct type_id, index into vars, or index into funcs */
	int32_t component;  /* member or parameter; -1: the whole */
};

struct layout_input {
	const struct type_store *store;
	const struct layout_var *vars;
	uint32_t num_vars;
	const struct layout_func *funcs; /* in any order */
	uint32_t num_funcs;
	const struct layout_tag *tags;
	uint32_t num_tags;
	const struct layout_section *sections;
	uint32_t num_sections;

	/*
	 * Split BTF: over this base. base_ids is by struct type_id, as in lib/btf/match.h: the id that
	 * the base has a type by, 0 for a type of our own, MATCH_LEFT_OUT for one that is not written.
	 */
	const struct btf_base *base;
	const uint32_t *base_ids;

	bool big_endian;       /* byte order of the result */
	bool with_kind_layout; /* header of 32 bytes and a table of record layouts (7.x kernels) */
	bool without_enum64;   /* see above */
};

struct btf_layout;

struct btfgen_error *btf_layout_create(const struct layout_input *input,
				       struct btf_layout **ret_layout) BTFGEN_MUST_CHECK;
void btf_layout_destroy(struct btf_layout *layout);

/* Figures for the report. num_by_kind is indexed by BTF kind and has 32 elements. */
struct layout_stats {
	uint64_t num_types;
	uint64_t num_by_kind[32];
	uint64_t num_tags_left_out;
	uint64_t num_base_funcs; /* left out: the base has them */
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
