// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The parts of a diff:
 *
 *	diff_class.c    contents become numbers: equal number, equal meaning
 *	diff_thing.c    what is compared: names, contents and tags of each thing
 *	diff_pair.c     which old thing is which new one
 *	diff_detail.c   what differs inside a pair
 *	diff_size.c     bytes by kind
 *	diff.c          the order of it all
 *
 * Memory that runs out anywhere is noted in `failed`; numbers are meaningless from then on, but
 * everything comes to its end.
 */
#pragma once

#include "lib/btf/diff.h"

/* First words of tuples: what the others mean. */
enum tuple_sort {
	TUPLE_VOID = 1,
	TUPLE_BROKEN, /* an id that does not exist */
	TUPLE_RING,
	TUPLE_LABEL,
	TUPLE_INT_BITS,
	TUPLE_TYPE_TAG,
	TUPLE_MODIFIER,
	TUPLE_ARRAY,
	TUPLE_PROTO,
	TUPLE_COMPOSITE,
	TUPLE_ENUM,
	TUPLE_INT,
	TUPLE_FLOAT,
	TUPLE_FWD,
	TUPLE_TYPEDEF,
	TUPLE_FUNC,
	TUPLE_FUNC_BROKEN,
	TUPLE_VAR,
	TUPLE_DATASEC,
	TUPLE_PLACE,
	TUPLE_TAG,
	TUPLE_STRAY_TAG,
	TUPLE_TAGGED,
	TUPLE_TOKEN,
	TUPLE_TOKEN_EXACT,
	TUPLE_PARAM,
	TUPLE_SHALLOW,
};

typedef VEC(uint32_t) word_vec;

struct name_slot {
	const char *text;
	uint32_t hash;
	uint32_t next;
};

struct tuple_slot {
	size_t start; /* of its words */
	uint32_t num;
	uint32_t hash;
	uint32_t next;
};

struct side_tag {
	uint32_t tag_id;
	uint32_t next; /* index + 1 of the next one on the same thing; 0: none */
	uint32_t token;
	const char *component; /* NULL: the whole; "" if it has no name */
	uint32_t component_index;
};

struct side_place {
	uint32_t section_id; /* DATASEC; 0: none */
	uint32_t off;
	uint32_t size;
};

struct thing {
	uint32_t id;
	uint32_t key;	  /* class of the reference to it; unnamed ones have 0 */
	uint32_t content; /* with tags and place */
	uint32_t next;	  /* index + 1 of the next one with the key; 0: none */
	bool is_paired;
};

struct diff_side {
	const struct btf_view *view;
	uint32_t *names;   /* by offset in the own strings: 1 + number of the name; 0: not asked */
	uint32_t *classes; /* by id, bases included; 0: not known */
	uint8_t *rings;	   /* by id: on a ring, or leads to one */
	uint8_t *has_user; /* by id - first_id */
	struct side_place *places; /* by id - first_id */
	uint32_t *first_tags;	   /* by id - first_id: index + 1 into tags; 0: none */
	VEC(struct side_tag) tags;
	VEC(struct thing) things;
	uint32_t *heads;	/* by key: index + 1 of the first thing */
	uint32_t num_described; /* types that may still be told apart by their text */
};

struct differ {
	struct btf_diff *diff;
	struct diff_side sides[DIFF_SIDES];
	VEC(struct name_slot) names;
	uint32_t *name_heads;
	uint32_t name_mask;
	VEC(struct tuple_slot) tuples;
	word_vec tuple_words;
	uint32_t *tuple_heads;
	uint32_t tuple_mask;
	word_vec scratch; /* of the tuple that is being made */
	uint64_t steps;	  /* that unnamed parts may still be taken apart for */
	bool failed;
};

/* diff_class.c. Number 0 is no class. */

bool differ_init(struct differ *d);
void differ_deinit(struct differ *d);

uint32_t diff_name(struct differ *d, const char *text);
uint32_t diff_name_at(struct differ *d, struct diff_side *side, uint32_t str_off);
uint32_t diff_tuple(struct differ *d, const uint32_t *words, size_t num);

#define DIFF_TUPLE(d, ...)                                                                         \
	diff_tuple((d), (const uint32_t[]){ __VA_ARGS__ },                                         \
		   sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* Classes of all that own records refer to, and of all own records. */
void diff_classes_make(struct differ *d, struct diff_side *side);
/* Once both sides have theirs. */
void diff_rings_settle(struct differ *d);

/* The class of a reference to @id. */
uint32_t diff_class(const struct differ *d, const struct diff_side *side, uint32_t id);

/* The words of a STRUCT, UNION or ENUM's content, into d->scratch. */
void diff_content(struct differ *d, struct diff_side *side, uint32_t id);
void diff_word(struct differ *d, uint32_t word);

static inline bool diff_is_named(const struct btf_view *view, uint32_t id)
{
	return *btf_view_name(view, id) != '\0';
}

/* Kinds of which a reference means the name. Composites and enums without one are none. */
bool diff_is_label(const struct btf_view *view, uint32_t id);

/* The kind that a thing is listed under. */
static inline uint32_t diff_listed_kind(uint32_t kind)
{
	return kind == BTF_ENUM64 ? BTF_ENUM : kind < BTF_NUM_KINDS ? kind : BTF_VOID;
}

/* diff_thing.c */

void diff_things_make(struct differ *d, struct diff_side *side);

/* diff_pair.c: makes entries, without details. */

void diff_pairs_make(struct differ *d);

/* diff_detail.c */

void diff_details_make(struct differ *d, struct diff_entry *entry);

/* What counts as an own id. */
static inline bool diff_is_own(const struct btf_view *view, uint32_t id)
{
	return id >= view->first_id && id < view->num_ids;
}
