// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The type store: types of all units, each kept once.
 *
 *	type_store_create(&options, &store);
 *	for each unit, on any worker, in any order:
 *		fill graph (names through type_store_intern_string)
 *		type_store_add_unit(store, worker, unit, unit_name, &graph)
 *		keep type_store_handle(...) of the nodes that variables and functions refer to
 *	type_store_settle(store, pool)
 *	for (i = 1; i < type_store_num_types(store); i++)
 *		type_store_type(store, i) ...
 *	type_store_resolve(store, unit, handle)
 *
 * What "same" means: two types are one if their labels (kind, name, size, member names and offsets,
 * values, parameter names...) are equal and so, edge by edge, are all types that can be reached
 * from them, forward declarations being decided beforehand by the rules in forward.c. This is the
 * coarsest bisimulation; it does not depend on the order of units, on threads or on hash values.
 *
 * Threads: type_store_add_unit() and type_store_intern_string() may run at the same time on
 * different workers; everything else is for one thread, after them. Strings and types live as long
 * as the store.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/btf/unit_graph.h"

struct type_store;

/*
 * Strings that stores share which come one after another: what the next file says was mostly said by
 * the last one. Equal strings have equal ids in all of these stores. They live until the last of these
 * stores is destroyed, and store_strings_destroy() was called. One thread at a time may add strings;
 * those of earlier stores may be read meanwhile.
 */
struct store_strings;

struct btfgen_error *store_strings_create(bool force_collisions,
					  struct store_strings **ret_strings) BTFGEN_MUST_CHECK;
void store_strings_destroy(struct store_strings *strings);
uint32_t store_strings_num(const struct store_strings *strings);

struct type_store_options {
	unsigned int num_workers;
	uint32_t num_units;	       /* units are 0..num_units-1 */
	bool force_collisions;	       /* tests: all hash values are equal */
	struct store_strings *strings; /* NULL: its own. Else num_workers is 1 */
	bool by_place;		       /* types have the ids of their places: see struct type_id */
};

struct btfgen_error *type_store_create(const struct type_store_options *options,
				       struct type_store **ret_store) BTFGEN_MUST_CHECK;
void type_store_destroy(struct type_store *store);

/*
 * The id of a string; equal strings have equal ids. Ids depend on arrival: nothing that is written
 * may depend on their order. @size is without the final NUL; the string holds no NUL. False when
 * memory is out. The empty string is id 0.
 */
bool type_store_intern_string(struct type_store *store, unsigned int worker, const char *string,
			      size_t size, struct str_id *ret_id);

/*
 * The same for a string that ends with a NUL within @max_size bytes. With shared strings, the one that
 * followed the last one the last time is tried first: headers bring names in one order.
 */
bool type_store_intern_next(struct type_store *store, unsigned int worker, const char *string,
			    size_t max_size, struct str_id *ret_id);

/* NUL-terminated, as long as the store lives. */
const char *type_store_string(const struct type_store *store, struct str_id id);

/* True if the kernel takes it as a name: [A-Za-z_.][A-Za-z0-9_.]*, at most 511 bytes. Cheap. */
bool type_store_string_is_identifier(const struct type_store *store, struct str_id id);

/*
 * Takes in all nodes of a unit. Sets class_id of each node (opaque, for type_store_handle()).
 * @unit_name (path of the source file, may be NULL) is evidence for forward declarations; it must
 * live as long as the store. Each unit at most once.
 */
struct btfgen_error *type_store_add_unit(struct type_store *store, unsigned int worker,
					 uint32_t unit, const char *unit_name,
					 struct unit_graph *graph) BTFGEN_MUST_CHECK;

/* A node of a unit that was added, to be resolved after settling. 0 is void. */
struct unit_type {
	uint32_t v;
};

struct unit_type type_store_handle(const struct unit_graph *graph, struct node_id node);

/* What a node of a unit that was added may be `like` in later units (unit_graph.h); 0: unknown. */
uint32_t type_store_class(const struct unit_graph *graph, struct node_id node);

/* Decides ambiguous names and forward declarations; the set of types is final afterwards. */
struct btfgen_error *type_store_settle(struct type_store *store,
				       struct pool *pool) BTFGEN_MUST_CHECK;

/*
 * A type after settling; 0 is void. The order of these ids is the final order: see
 * type_store_num_types(). In a store with by_place it is that of first unit and node; where most
 * types are a base's and are not written, there is no use in sorting them by name.
 */
struct type_id {
	uint32_t v;
};

struct settled_elem {
	struct str_id name;
	struct type_id type;
	uint64_t value; /* as struct graph_elem */
	uint32_t bit_size;
};

struct settled_type {
	uint8_t kind; /* enum graph_kind, never VOID */
	uint8_t flags;
	uint8_t encoding;
	struct str_id name;
	struct type_id ref;
	uint32_t size;
	uint32_t num_elems;
	const struct settled_elem *elems;
	uint32_t num_users;  /* units that hold it */
	uint32_t first_unit; /* lowest unit that holds a definition that looks like it, */
	uint64_t first_key;  /* with names not followed, and its key there */
};

/*
 * Types 1..num-1, sorted by name as strcmp() does, types without a name first; equal names by
 * kind (order of enum graph_kind), then number of users descending, first unit, first node there,
 * then by who means which of several types that look alike. Whatever the arrival order was, the
 * sequence is the same.
 *
 * Two types that became equal when types were changed (lib/btf/fit.h, lib/btf/adapt.h) are one from
 * then on: the later one is GRAPH_ALIAS and only its ref has a meaning. No type refers to it and
 * nothing resolves to it; only who walks over all ids, or kept one, meets it.
 */
uint32_t type_store_num_types(const struct type_store *store);
const struct settled_type *type_store_type(const struct type_store *store, struct type_id id);

/* Ids from here on are of types that were added later: type_store_add_type(). */
uint32_t type_store_num_settled(const struct type_store *store);

/*
 * Puts ids of settled types, none of them GRAPH_ALIAS, into the final order, by the kinds that the
 * types have now. @ids rise; where that is the final order, nothing is done. False when memory is
 * out.
 */
bool type_store_order(const struct type_store *store, uint32_t *ids, uint32_t num);

/*
 * The same for changing it in place (lib/btf/fit.h): anything but its name. The next type that is
 * added pays for it: what was known of equal types is forgotten.
 */
struct settled_type *type_store_change(struct type_store *store, struct type_id id);

/*
 * A type that no unit holds: a function's prototype, a pointer with an attribute. PTR, CONST,
 * VOLATILE, RESTRICT, TYPE_TAG, ARRAY or FUNC_PROTO. If an equal one is there, that; else a new one
 * behind all others, outside their order, with no users. What it refers to is settled or was added
 * before. Void when memory is out. Pointers to types are valid until the next call; @type's elems
 * are copied. The first call looks at all types, the others at their own one only.
 */
struct type_id type_store_add_type(struct type_store *store, const struct settled_type *type);

/*
 * What became of a node. A declaration is its definition where that was decided, else the
 * declaration among the types (GRAPH_FWD_*; an enum without values and with a name is taken as
 * one); 0 if no type refers to it and the name has several definitions: then it is none.
 */
struct type_id type_store_resolve(const struct type_store *store, uint32_t unit,
				  struct unit_type handle);

/* A (kind, name) that stays defined more than once, or declared beside a definition. */
struct type_store_double {
	uint8_t kind; /* GRAPH_STRUCT, GRAPH_UNION, GRAPH_ENUM, GRAPH_TYPEDEF */
	struct str_id name;
	uint32_t num_definitions;
	bool forward_left; /* a forward declaration of it is among the types */
	uint32_t first_unit;
	uint64_t first_key;
};

struct type_store_stats {
	uint64_t num_nodes;	/* of all units, without void */
	uint64_t num_classes;	/* different local definitions */
	uint64_t num_labels;	/* (class, name) pairs */
	uint64_t num_ambiguous; /* labels with several local definitions */
	uint64_t num_instances; /* nodes that took part in refinement */
	uint64_t num_rounds;	/* sets of references that split others while refining */
	uint64_t record_bytes;
};

/* Sorted by (kind, name). */
size_t type_store_num_doubles(const struct type_store *store);
const struct type_store_double *type_store_doubles(const struct type_store *store);
struct type_store_stats type_store_get_stats(const struct type_store *store);
