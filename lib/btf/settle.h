// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Settling: from records and unit lists to the final types. settle.c says what is done and why it
 * is right; this is what its parts share:
 *
 *	labels.c	what occurs where; definitions and declarations of each label
 *	bindings.c	ambiguous labels: who reaches them, and who means which definition
 *	forward.c	evidence that decides forward declarations
 *	contexts.c	classes that mean different things in different units: the meanings, refined
 *	final.c		the final order and the references
 *
 * Indexes: a class is an id of record.h; a label is 1..num_labels-1, 0 is none; a unit as
 * everywhere.
 */
#pragma once

#include "lib/btf/store_internal.h"

/* Where something occurs: in how many units, and first where. */
struct occurrence {
	uint64_t first_key;
	uint32_t first_unit;
	uint32_t first_node;
	uint32_t num_users;
};

/* Total over things that cannot occur first at one place. */
static inline bool occurs_before(const struct occurrence *a, const struct occurrence *b)
{
	if (a->first_unit != b->first_unit)
		return a->first_unit < b->first_unit;
	return a->first_node < b->first_node;
}

/* More users first, then who occurs first. */
static inline bool occurs_more(const struct occurrence *a, const struct occurrence *b)
{
	if (a->num_users != b->num_users)
		return a->num_users > b->num_users;
	return occurs_before(a, b);
}

struct label {
	uint32_t ref;		  /* as records refer to it */
	uint32_t next;		  /* label of the same name, another tag class */
	uint32_t first_class;	  /* index into label_classes: definitions, then declarations */
	uint32_t num_definitions; /* the most used one first */
	uint32_t num_forwards;
	uint32_t forward_size; /* ENUM: largest size that a declaration tells */
	uint32_t forward_type; /* id of the declaration among the types, or 0 */
	uint32_t ambiguous;    /* index into contexts->ambiguous + 1; 0 if it is not */
};

struct settle {
	const struct type_store *store;
	uint32_t num_classes;	 /* with 0 */
	uint32_t num_labels;	 /* with 0 */
	struct occurrence *uses; /* by class */
	uint32_t *class_label;	 /* by class */
	struct label *labels;
	uint32_t *label_by_name; /* by string id: first label of the name */
	uint32_t *label_classes;
	uint32_t *class_type;	   /* by class: id of its type, or 0 */
	struct contexts *contexts; /* NULL if no label is ambiguous */
};

static inline const struct record *settle_record(const struct settle *settle, uint32_t class_id)
{
	return records_at(&settle->store->records, class_id);
}

static inline bool class_is_forward(const struct settle *settle, uint32_t class_id)
{
	return kind_infos[settle_record(settle, class_id)->kind].is_forward;
}

static inline bool unit_is_plain(const struct settle *settle, uint32_t unit)
{
	return !settle->store->units[unit].nodes;
}

static inline const uint32_t *label_definitions(const struct settle *settle,
						const struct label *label)
{
	return &settle->label_classes[label->first_class];
}

static inline const uint32_t *label_forwards(const struct settle *settle, const struct label *label)
{
	return &settle->label_classes[label->first_class + label->num_definitions];
}

/* For qsort_r() over classes, ctx is the settle: the more used one first. */
int settle_compare_uses(const void *a, const void *b, void *ctx);

static inline int compare_u64(const void *a, const void *b)
{
	uint64_t va = *(const uint64_t *)a, vb = *(const uint64_t *)b;

	return va < vb ? -1 : va > vb;
}

/* labels.c */
bool settle_count_uses(struct settle *settle);
bool settle_find_labels(struct settle *settle);

/* The label that a record refers to. */
uint32_t settle_label(const struct settle *settle, uint32_t ref);

/* contexts.c: builds settle->contexts if any label is ambiguous. */
bool settle_contexts(struct settle *settle, struct type_store_stats *stats);

/* final.c */
bool settle_finish(struct settle *settle, struct type_store *store);

/* What a class that the unit holds is, and what a label means there; 0 if it is no type. */
struct type_id settle_class_type(const struct settle *settle, uint32_t unit, uint32_t class_id);
struct type_id settle_label_type(const struct settle *settle, uint32_t unit,
				 const struct label *label);

void settle_destroy(struct settle *settle);
