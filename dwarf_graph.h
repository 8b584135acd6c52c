// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * DIEs to graph: one unit's debug information becomes a unit graph and lists of variables,
 * functions and tags.
 *
 *	struct dwarf_graph_shared shared = { ... };	once, read-only from then on
 *	dwarf_graph_create(&shared, worker, &reader);	once a worker
 *	err = dwarf_graph_read(reader, unit_index);
 *	use reader->graph, reader->vars, ...		until the next dwarf_graph_read()
 *	dwarf_graph_destroy(reader);
 *
 * Each type DIE of the unit, wherever it stands (in functions and blocks too), becomes a node.
 * Types of other units that this one refers to (LTO, type units, partial units) are read into the
 * graph as if they stood in this unit.
 *
 * What a DIE says that BTF cannot say degrades that one type: it becomes a struct of the right size
 * without members, or loses a qualifier; a diagnostic tells. What is damaged is an error,
 * BTFGEN_ERROR_INPUT with the place.
 *
 * No libdw here: bytes in, graph out. One thread a reader; `shared` and the store are shared.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "func_flags.h"
#include "lib/base/diag.h"
#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/btf/type_store.h"
#include "lib/btf/unit_graph.h"
#include "lib/dwarf/place.h"
#include "lib/dwarf/unit.h"

/* Sections as they stand in memory: decompressed, relocated. Absent ones have data NULL. */
struct dwarf_sections {
	struct span info;
	struct span types;
	struct span abbrev;
	struct span str;
	struct span line_str;
	struct span str_offsets;
	struct span addr;
	struct span loc;
	struct span loclists;
	struct span ranges;
	struct span rnglists;
};

/* Addresses start <= a < end. */
struct addr_range {
	uint64_t start;
	uint64_t end;
};

struct dwarf_signature {
	uint64_t signature;
	uint32_t unit; /* index of the type unit */
};

/* What is asked about a function of a name. */
enum func_name_bits {
	FUNC_NAME_WANTED = 1 << 0, /* anything */
	FUNC_NAME_PLACES = 1 << 1, /* its parameters' places, too */
};

/* Of a function symbol; at least a byte. */
struct func_range {
	uint64_t start;
	uint64_t end;
	bool has_suffix; /* a compiler may have changed what the function takes */
};

struct dwarf_graph_shared {
	struct dwarf_sections sections;
	const struct dwarf_unit *units; /* .debug_info ascending, then .debug_types ascending */
	uint32_t num_info_units;
	uint32_t num_units;
	const struct dwarf_signature *signatures; /* of type units, sorted by signature */
	uint32_t num_signatures;
	const struct addr_range *var_ranges; /* variables elsewhere are passed over */
	size_t num_var_ranges;
	const uint8_t *func_names; /* by string id: enum func_name_bits; others are passed over */
	uint32_t num_func_names;
	const struct func_range *func_ranges; /* sorted by start; they may overlap */
	size_t num_func_ranges;
	bool no_type_tags; /* pointers lose them */
	bool no_decl_tags;
	const uint16_t *excluded_languages; /* DW_LANG numbers of units to leave out */
	size_t num_excluded_languages;
	struct type_store *store;
	bool has_strings_by_unit; /* no two units refer to one string of .debug_str: `ld -r` */

	/*
	 * SHARED between readers. By unit: which bytes begin a DIE, a bit each, counted from the
	 * unit's header. Made by the first reader that asks; NULL before. num_units entries, all
	 * NULL at the start; dwarf_graph_free_starts() releases what was made.
	 */
	_Atomic(uint8_t *) *die_starts;
};

/* A variable with a fixed address in one of the ranges. */
struct dwarf_var {
	struct str_id name;  /* none: 0 */
	struct node_id type; /* void: 0 */
	uint64_t addr;
	uint64_t key; /* offset of its DIE in the unit's section */
	bool external;
};

/*
 * A function that is defined, of a wanted name. What a copy does not say itself (out-of-line
 * instance, definition of a member) is its origin's: name, result, parameters in the order of the
 * source.
 */
struct dwarf_func {
	struct str_id name;
	struct node_id ret; /* void: 0 */
	uint32_t first_param;
	uint32_t first_place; /* if FUNC_HAS_PLACES: one a parameter */
	uint16_t num_params;
	uint16_t flags; /* enum func_flags */
	uint64_t addr;	/* of the first instruction, if FUNC_HAS_ADDR */
	uint64_t key;	/* offset of its DIE in the unit's section */
};

struct dwarf_param {
	struct str_id name; /* none: 0 */
	struct node_id type;
	bool is_aligned; /* an aggregate that the source aligns more strictly than a register */
};

/* An annotation that is a decl tag. */
enum dwarf_tag_target { DWARF_TAG_TYPE, DWARF_TAG_VAR, DWARF_TAG_FUNC };

struct dwarf_tag {
	uint8_t target;	   /* enum dwarf_tag_target */
	uint32_t index;	   /* a node, or an index into vars or funcs */
	int32_t component; /* member or parameter; -1: the whole */
	struct str_id text;
	uint64_t key; /* offset of the DIE that it was found at */
};

struct dwarf_graph_stats {
	uint64_t num_dies;
	uint64_t num_types;
};

struct dwarf_graph;

/* Results of the last dwarf_graph_read(). */
struct dwarf_graph_result {
	struct unit_graph *graph;
	const struct dwarf_var *vars;
	size_t num_vars;
	const struct dwarf_func *funcs;
	size_t num_funcs;
	const struct dwarf_param *params;
	const struct place *places;
	const struct dwarf_tag *tags;
	size_t num_tags;
	const char *unit_name; /* points into a section; NULL if there is none */
	bool excluded;	       /* left out because of its language */
};

struct btfgen_error *dwarf_graph_create(const struct dwarf_graph_shared *shared,
					unsigned int worker,
					struct dwarf_graph **ret_reader) BTFGEN_MUST_CHECK;
void dwarf_graph_destroy(struct dwarf_graph *reader);

struct btfgen_error *dwarf_graph_read(struct dwarf_graph *reader, uint32_t unit_index,
				      struct dwarf_graph_result *ret_result) BTFGEN_MUST_CHECK;

void dwarf_graph_free_starts(const struct dwarf_graph_shared *shared);

/* Sums over all units read; diagnostics in the order found, kinds of enum encode_diag. */
struct dwarf_graph_stats dwarf_graph_get_stats(const struct dwarf_graph *reader);
struct diag_list *dwarf_graph_diags(struct dwarf_graph *reader);
