// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Contexts: what a class means where, when it reaches an ambiguous label. contexts.c argues; this is
 * what bindings.c, forward.c and contexts.c share, and what final.c and type_store_resolve() ask.
 *
 * A *holding* is a pair (class, unit that has it), known for the classes that matter here: `holders`
 * lists the units of a class in ascending order, and a place in that list is the holding's index.
 */
#pragma once

#include "lib/btf/settle.h"

#define NO_HOLDING UINT32_MAX
#define NO_UNIT UINT32_MAX

/* What an ambiguous label means in a unit that defines or declares it. */
struct binding {
	uint32_t unit;
	uint32_t class_id;	/* the definition; 0 while open, and for a declaration that stays */
	bool is_own;		/* the unit's only definition */
	bool has_forward;	/* the unit declares it */
};

struct ambiguous {
	uint32_t label;
	uint32_t first_binding;		/* index into bindings; sorted by unit */
	uint32_t num_bindings;
	uint32_t default_class;		/* what it means in most plain units; 0: a declaration */
};

/* A class as one unit, or the default, sees it; a node of a conflicted unit. */
struct instance {
	uint32_t class_id;
	uint32_t unit;		/* NO_UNIT: the default */
	uint32_t node;		/* in a conflicted unit, else 0 */
	uint32_t part;
};

struct contexts {
	const struct settle *settle;

	/* bindings.c */
	uint32_t *first_referrer;	/* by class, then by label: classes that refer to it */
	uint32_t *referrers;
	bool *reaches;			/* by class: reaches an ambiguous label */
	uint32_t *first_holder;		/* by class, num_classes + 1 */
	uint32_t *holders;
	uint32_t num_holdings;
	struct ambiguous *ambiguous;
	uint32_t num_ambiguous;
	VEC(struct binding) bindings;
	uint32_t *deviations;		/* by unit: labels that mean something else than by default */
	uint32_t *provider;		/* by class: who tells others what the definition means */

	/* contexts.c */
	uint32_t *holding_instance;	/* by holding: its own instance, or 0 */
	uint32_t *default_instance;	/* by class */
	uint32_t **node_instance;	/* by unit: NULL, or by node */
	uint64_t **first_nodes;		/* by unit: NULL, or class << 32 | first node, sorted */
	uint32_t *num_first_nodes;
	VEC(struct instance) instances;	/* 0 is none */
	uint32_t num_parts;		/* with 0 */
	uint32_t *part_instance;	/* by part: one of its instances */
	struct occurrence *part_use;
	uint32_t *part_type;		/* set by final.c */
};

/* bindings.c */
bool contexts_find_reach(struct contexts *contexts);
bool contexts_find_holders(struct contexts *contexts);
bool contexts_find_bindings(struct contexts *contexts);
bool contexts_choose_defaults(struct contexts *contexts);

/* The classes whose records refer to a class, or to a label. */
static inline const uint32_t *class_referrers(const struct contexts *contexts, uint32_t class_id,
					      uint32_t *ret_num)
{
	uint32_t first = contexts->first_referrer[class_id];

	*ret_num = contexts->first_referrer[class_id + 1] - first;
	return &contexts->referrers[first];
}

static inline const uint32_t *label_referrers(const struct contexts *contexts, uint32_t label,
					      uint32_t *ret_num)
{
	return class_referrers(contexts, contexts->settle->num_classes + label, ret_num);
}

static inline const uint32_t *class_holders(const struct contexts *contexts, uint32_t class_id,
					    uint32_t *ret_num)
{
	*ret_num = contexts->first_holder[class_id + 1] - contexts->first_holder[class_id];
	return &contexts->holders[contexts->first_holder[class_id]];
}

/* NO_HOLDING if the unit has no such class. */
uint32_t contexts_holding(const struct contexts *contexts, uint32_t class_id, uint32_t unit);

/* NULL if the unit has nothing to do with the label. */
const struct binding *contexts_binding(const struct contexts *contexts,
				       const struct ambiguous *ambiguous, uint32_t unit);

/* forward.c */
bool contexts_decide_forwards(struct contexts *contexts);

/* What a reference means. */
struct target {
	enum { TARGET_VOID, TARGET_CLASS, TARGET_INSTANCE, TARGET_FORWARD } kind;
	uint32_t index;		/* class that reaches no ambiguous label; instance; label */
};

/* contexts.c */
struct target contexts_class_target(const struct contexts *contexts, uint32_t unit,
				    uint32_t class_id);
struct target contexts_label_target(const struct contexts *contexts, uint32_t unit,
				    uint32_t label);
struct target contexts_node_target(const struct contexts *contexts, uint32_t unit, uint32_t node);

/* @edge counts the references of a record: first its own, then its elements'. */
struct target contexts_edge_target(const struct contexts *contexts,
				   const struct instance *instance, uint32_t edge, uint32_t ref);

/* True if the class is no type itself, but its parts are. */
static inline bool contexts_split_class(const struct contexts *contexts, uint32_t class_id)
{
	return contexts && contexts->reaches[class_id];
}

void contexts_destroy(struct contexts *contexts);
