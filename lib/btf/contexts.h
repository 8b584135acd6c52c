// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Contexts: what a class means where, when it reaches an ambiguous label. contexts.c argues; this
 * is what bindings.c, forward.c and contexts.c share, and what final.c and type_store_resolve()
 * ask.
 */
#pragma once

#include "lib/btf/settle.h"

#define NO_UNIT UINT32_MAX

/* What an ambiguous label means in a unit that defines or declares it. */
struct binding {
	uint32_t unit;
	uint32_t class_id; /* the definition; 0 while open, and for a declaration that stays */
	bool is_own;	   /* the unit's only definition */
	bool has_forward;  /* the unit declares it */
};

struct ambiguous {
	uint32_t label;
	uint32_t first_binding; /* index into bindings; sorted by unit */
	uint32_t num_bindings;
	uint32_t default_class; /* what it means in most plain units; 0: a declaration */
};

/* A class as one unit, or the usual ones, see it; a node of a conflicted unit. */
struct instance {
	uint32_t class_id;
	uint32_t unit; /* NO_UNIT: as usual */
	uint32_t node; /* in a conflicted unit, else 0 */
	uint32_t part;
};

/* The instances that a unit has for itself. */
struct own_instances {
	uint64_t *by_class; /* class << 32 | instance, of nodes the first one; ascending */
	uint32_t num;
	uint32_t *by_node; /* conflicted unit: instance, or 0 */
};

struct part {
	uint32_t instance; /* one of its instances */
	uint32_t num_users;
	uint64_t rank; /* orders the parts of a class: 0 for the usual meaning, then
				 * by the first unit and node that mean it */
};

struct contexts {
	const struct settle *settle;
	bool *reaches; /* by class: reaches an ambiguous label */
	struct ambiguous *ambiguous;
	uint32_t num_ambiguous;
	VEC(struct binding) bindings;
	uint32_t *usual_instance;	/* by class: for units that have none of their own */
	struct own_instances **own;	/* by unit: NULL for most */
	VEC(struct instance) instances; /* 0 is none */
	uint32_t *part_type;		/* by part: set by final.c */

	/* The rest is gone after settling. */
	uint32_t *first_referrer; /* by class, then by label: classes that refer to it */
	uint32_t *referrers;
	uint32_t *first_holder; /* by class: see contexts_find_holders() */
	uint32_t *holders;
	uint32_t *deviations; /* by unit: labels that mean something unusual */
	uint32_t *odd_users;  /* by class: units with deviations that hold it */
	uint32_t *own_users;  /* by class: units that have it among own */
	struct part *parts;   /* 0 is none */
	uint32_t num_parts;
};

/* bindings.c */
bool contexts_find_reach(struct contexts *contexts);

/* Fills holders for classes of ambiguous labels and for those marked; takes the marks. */
bool contexts_find_holders(struct contexts *contexts, bool *wanted);
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

/* In ascending order; for wanted classes only. */
static inline const uint32_t *class_holders(const struct contexts *contexts, uint32_t class_id,
					    uint32_t *ret_num)
{
	*ret_num = contexts->first_holder[class_id + 1] - contexts->first_holder[class_id];
	return &contexts->holders[contexts->first_holder[class_id]];
}

/* NULL if the unit has nothing to do with the label. */
const struct binding *contexts_binding(const struct contexts *contexts,
				       const struct ambiguous *ambiguous, uint32_t unit);

/* forward.c: marks the classes whose holders are evidence; decides. */
bool contexts_want_owners(struct contexts *contexts, bool *wanted);
bool contexts_decide_forwards(struct contexts *contexts);

/* What a reference means. */
struct target {
	enum { TARGET_VOID, TARGET_CLASS, TARGET_INSTANCE, TARGET_FORWARD } kind;
	uint32_t index; /* class that reaches no ambiguous label; instance; label */
};

/* contexts.c; @unit may be NO_UNIT */
struct target contexts_class_target(const struct contexts *contexts, uint32_t unit,
				    uint32_t class_id);
struct target contexts_label_target(const struct contexts *contexts, uint32_t unit, uint32_t label);
struct target contexts_node_target(const struct contexts *contexts, uint32_t unit, uint32_t node);

/* @edge counts the references of a record: first its own, then its elements'. */
struct target contexts_edge_target(const struct contexts *contexts, const struct instance *instance,
				   uint32_t edge, uint32_t ref);

/* True if the class is no type itself, but its parts are. */
static inline bool contexts_split_class(const struct contexts *contexts, uint32_t class_id)
{
	return contexts && contexts->reaches[class_id];
}

void contexts_release_scratch(struct contexts *contexts);
void contexts_destroy(struct contexts *contexts);
