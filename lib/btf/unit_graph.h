// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The types of one unit as a graph, before anything is known of other units.
 *
 * A reader of debug information fills it for one unit after the other (graph_reset() keeps the
 * memory), and the type store takes it in. Node 0 is void and always there. Nodes stand in the
 * order of their keys (where they were found in the unit), which is what "first" means in every
 * tie.
 *
 *	graph_reset(&graph);
 *	node = graph_add(&graph, (struct graph_node){ .kind = GRAPH_PTR, .ref = target, .key = off
 *});
 *
 * References between nodes are node indexes. Elements (members, enumerators, parameters) of a node
 * are contiguous in `elems`. The graph may be cyclic in any way; the store copes.
 *
 * Anything here may come from a hostile file. What the builder guarantees: indexes and element
 * ranges are inside the arrays, no reference leads to a GRAPH_ALIAS, names are ids of the store.
 *
 * One thread at a time; one graph a worker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"

/* A string of the type store. 0 is the empty string, which stands for "no name". */
struct str_id {
	uint32_t v;
};

/* A node of the graph at hand; 0 is void. */
struct node_id {
	uint32_t v;
};

enum graph_kind {
	GRAPH_VOID,
	GRAPH_ALIAS, /* stands for its ref; gone once references are resolved */
	GRAPH_INT,   /* size, encoding */
	GRAPH_FLOAT, /* size */
	GRAPH_PTR,
	GRAPH_CONST,
	GRAPH_VOLATILE,
	GRAPH_RESTRICT,
	GRAPH_TYPE_TAG,	  /* name is the tag */
	GRAPH_TYPEDEF,	  /* named */
	GRAPH_ARRAY,	  /* ref: element; size: number of elements */
	GRAPH_FUNC_PROTO, /* ref: return type; elems: parameters; GRAPH_VARARGS */
	GRAPH_STRUCT,	  /* size; elems: members; name may be absent */
	GRAPH_UNION,
	GRAPH_ENUM,	  /* size; elems: values; GRAPH_SIGNED; name may be absent */
	GRAPH_FWD_STRUCT, /* named; size 0 */
	GRAPH_FWD_UNION,
	GRAPH_FWD_ENUM, /* named; size in bytes if the declaration tells it, else 0 */
	GRAPH_LINK,	/* an external function's name, result and parameters: no type, but
				 * evidence of what types mean, see forward.c. name; ref; elems */
	NUM_GRAPH_KINDS
};

enum graph_flags {
	GRAPH_SIGNED = 1 << 0,	  /* ENUM: values are signed */
	GRAPH_VARARGS = 1 << 1,	  /* FUNC_PROTO: more arguments may follow */
	GRAPH_BITFIELDS = 1 << 2, /* STRUCT, UNION: some member has a width */
	GRAPH_ATTRIBUTE = 1 << 3, /* TYPE_TAG: a compiler's attribute, BTF's kind flag */
};

struct graph_node {
	uint8_t kind;	  /* enum graph_kind */
	uint8_t flags;	  /* enum graph_flags */
	uint8_t encoding; /* INT: 0, 1 signed, 2 char, 4 bool */
	struct str_id name;
	struct node_id ref;  /* kinds that refer to one type; void elsewhere */
	uint32_t size;	     /* bytes; ARRAY: elements */
	uint32_t first_elem; /* index into elems; into refs if the node is like another one */
	uint32_t num_elems;
	uint32_t like;	   /* a class: see below; 0 */
	uint32_t class_id; /* set by the store: see type_store.h */
	uint64_t key;	   /* where it was found: ascending over the nodes of a unit */
};

/* Like nothing: the elements are nothing but their references. */
#define GRAPH_LIKE_BARE UINT32_MAX

/* A member, an enumerator or a parameter. */
struct graph_elem {
	struct str_id name;
	struct node_id ref; /* member, parameter */
	uint64_t value;	    /* member: bit offset; enumerator: value, sign-extended to 64 bits */
	uint32_t bit_size;  /* member: width of a bitfield, 0 for a plain member */
};

/*
 * A node may be told to be like a class of an earlier unit (type_store_class()): then it has no
 * elements of its own. They are those of the class, but for their references, which are
 * refs[first_elem], refs[first_elem + 1] and so on; an enum's have none. What the node itself says
 * counts, so that it may still be of another class. A function type whose parameters have no names is
 * GRAPH_LIKE_BARE, which works without a class.
 */
struct unit_graph {
	VEC(struct graph_node) nodes;
	VEC(struct graph_elem) elems;
	VEC(struct node_id) refs;
};

/* The reference of an element of a node whose elements have one. */
static inline struct node_id graph_elem_ref(const struct unit_graph *graph,
					    const struct graph_node *node, uint32_t elem)
{
	return node->like ? graph->refs.data[node->first_elem + elem] :
			    graph->elems.data[node->first_elem + elem].ref;
}

void graph_deinit(struct unit_graph *graph);

/* Empties the graph and adds void. False when memory is out. */
bool graph_reset(struct unit_graph *graph);

/* Appends a node; void (v == 0) when memory is out. */
struct node_id graph_add(struct unit_graph *graph, struct graph_node node);
