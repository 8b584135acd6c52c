// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Settling: from records and unit lists to the final types. settle.c says how; this is what its parts
 * share (labels.c, forward.c, contexts.c, final.c).
 *
 * Indexes: a class is an id of records.h; a label is 1..num_labels, 0 is none.
 */
#pragma once

#include "lib/btf/store_internal.h"

/* Where something occurs: in how many units, and first where. */
struct occurrence {
	uint64_t first_key;
	uint32_t first_unit;
	uint32_t first_pos;	/* place in the unit's list of classes; in the order of keys */
	uint32_t num_users;
};

/* Total over things that cannot occur first at one place. */
static inline bool occurs_before(const struct occurrence *a, const struct occurrence *b)
{
	if (a->first_unit != b->first_unit)
		return a->first_unit < b->first_unit;
	return a->first_pos < b->first_pos;
}

/* More users first, then who occurs first. */
static inline bool occurs_more(const struct occurrence *a, const struct occurrence *b)
{
	if (a->num_users != b->num_users)
		return a->num_users > b->num_users;
	return occurs_before(a, b);
}

struct label {
	uint32_t ref;		/* as records refer to it */
	uint32_t next;		/* label of the same name, another tag class */
	uint32_t first_class;	/* index into label_classes: definitions, then declarations */
	uint32_t num_definitions;
	uint32_t num_forwards;
	uint32_t forward_size;	/* ENUM: largest size that a declaration tells */
	uint32_t forward_type;	/* id of the declaration among the types, or 0 */
};

struct settle {
	const struct type_store *store;
	uint32_t num_classes;		/* with 0 */
	struct occurrence *uses;	/* by class */
	uint32_t *class_label;		/* by class */
	struct label *labels;
	uint32_t num_labels;		/* with 0 */
	uint32_t *label_by_name;	/* by string id: first label of the name */
	uint32_t *label_classes;
	uint32_t *class_type;		/* by class: id of its type, or 0 */
};

/* labels.c */
bool settle_count_uses(struct settle *settle);
bool settle_find_labels(struct settle *settle);
uint32_t settle_label(const struct settle *settle, uint32_t ref);

static inline const struct record *settle_record(const struct settle *settle, uint32_t class_id)
{
	return records_at(&settle->store->records, class_id);
}

static inline bool label_is_ambiguous(const struct label *label)
{
	return label->num_definitions > 1;
}

/*
 * contexts.c: classes whose meaning depends on the unit. A *part* is one meaning of one class. NULL
 * stands for no such classes.
 */
struct contexts;

uint32_t contexts_num_parts(const struct contexts *contexts);

/* True if the class has parts and is no type itself. */
bool contexts_has_class(const struct contexts *contexts, uint32_t class_id);

/* final.c */
struct btfgen_error *settle_finish(struct settle *settle, struct type_store *store);

void settle_destroy(struct settle *settle);
