// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the parts of the type store share: unit_intake.c fills units and records, settle.c and what
 * it calls reads them and leaves the settled types, type_store.c answers questions.
 *
 * A unit is *plain* if none of its labels has two different definitions in it. Then a label and the
 * unit tell the definition, and the list of the unit's classes says all there is to know of it. The
 * rare other units are *conflicted* and keep their whole graph.
 *
 * Threads: a worker is one thread's; a unit is its worker's until settling.
 */
#pragma once

#include "lib/btf/record.h"
#include "lib/btf/strings.h"
#include "lib/btf/type_store.h"

/* Set in a class_id: the rest is the node's index in its (conflicted) unit. */
#define HANDLE_NODE (1u << 31)

/* The graph of a conflicted unit; after settling only the types are left. Node 0 is void. */
struct unit_nodes {
	uint32_t num_nodes;
	uint32_t *class_ids;   /* 0 for an alias */
	uint32_t *first_edge;  /* num_nodes + 1 */
	uint32_t *edges;       /* nodes, in the order of the record: ref, then elements' refs */
	struct type_id *types; /* set by settling */
};

struct store_unit {
	const char *name;	  /* NULL if not known */
	const uint8_t *class_ids; /* each class of the unit once, ascending: unit_next_class() */
	uint32_t num_classes;
	struct unit_nodes *nodes; /* NULL if plain */
};

/* A unit's classes are written as differences, 7 bits a byte, low bits first: about a byte each. */
static inline uint32_t unit_next_class(const uint8_t **next, uint32_t last)
{
	const uint8_t *p = *next;
	uint32_t v = *p & 0x7f;

	for (unsigned int shift = 7; *p++ & 0x80; shift += 7)
		v |= (uint32_t)(*p & 0x7f) << shift;
	*next = p;
	return last + v;
}

/* Where a class occurs, as far as one worker has seen. */
struct class_users {
	uint32_t num_users; /* units */
	uint32_t first_unit;
};

struct class_place {
	uint64_t key;  /* of the first node in first_unit */
	uint32_t node; /* its index */
};

/* A label that a worker met a definition of. */
struct label_slot {
	uint32_t label;
	uint32_t first_class; /* that was met; 0: an empty slot */
	uint32_t held_class;  /* met in unit stamp - 1, if the label has several classes */
	uint32_t stamp;
};

struct intake_worker {
	_Alignas(64) struct arena kept; /* records and strings */
	struct arena lists;		/* what units leave behind; gone after settling */
	VEC(uint32_t) record;		/* the record being built, as words */
	struct record_trail trail;
	VEC(uint32_t) refs;		/* by node: see unit_intake.c */
	VEC(uint32_t) stack;		/* nodes to intern */
	VEC(uint64_t) held;		/* bit a class: the unit at hand has it */
	VEC(uint8_t) list;		/* classes of the unit at hand, as in store_unit */
	VEC(struct class_users) users;	/* by class */
	VEC(struct class_place) places; /* by class */
	struct label_slot *labels;	/* open addressing, power of two */
	uint32_t num_label_slots;
	uint32_t num_labels;
	VEC(uint64_t) twins; /* bit a class: there is another one with its label */
	uint64_t num_nodes;
	bool failed; /* some unit was not taken in */
};

/* Where types of kinds that may be added are found by content; see late_types.c. */
struct late_index {
	uint64_t *slots; /* 0, or hash << 32 | type; NULL: not built */
	uint32_t mask;
	uint32_t num;
};

void late_index_forget(struct late_index *index);

struct type_store {
	struct strings *strings;
	struct store_strings *shared_strings; /* NULL: the workers' arenas hold them */
	struct strings own_strings;	      /* unless others are shared */
	struct records records;
	struct store_unit *units;
	uint32_t num_units;
	struct intake_worker *workers;
	unsigned int num_workers;

	/* Set by settling. */
	struct arena settled;
	struct settled_type *types;
	uint32_t num_types;
	uint32_t num_settled; /* of them; the others were added later */
	bool by_place;
	uint32_t types_cap;
	struct late_index late_index;
	struct type_store_double *doubles;
	size_t num_doubles;
	struct settle *settle; /* for type_store_resolve() */
	struct type_store_stats stats;
};

void intake_worker_init(struct intake_worker *worker);

/* Scratch and lists; @kept stays. */
void intake_worker_release_scratch(struct intake_worker *worker);
void intake_worker_deinit(struct intake_worker *worker);
