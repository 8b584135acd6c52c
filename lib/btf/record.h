// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Records: local definitions of types, each kept once and known by its class id.
 *
 * A record is a type as far as one can see without following names: a reference to a type with a
 * tag (a named struct, union, enum or typedef, or a declaration of one) is a *label*, the pair of
 * tag class and name; a reference to any other type is the class id of that type's record. As
 * children are interned before their parents, two types look alike in this sense exactly if their
 * records are equal byte for byte, and then they have one class id. 0 is void.
 *
 * A reference is 32 bits: a class id (below ID_LIMIT), or REF_LABEL | class << 29 | name id.
 *
 * The label REF_CYCLE stands for all types from which one can walk for ever without meeting a tag
 * (C has none of them). Its definitions are all such types; telling them apart is the business of
 * settling, as for any name with several definitions.
 *
 * Threads: as intern.h says.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/vec.h"
#include "lib/btf/intern.h"
#include "lib/btf/unit_graph.h"

#define REF_LABEL (1u << 31)
#define REF_NAME_MASK (ID_LIMIT - 1)

enum tag_class { TAG_STRUCT, TAG_UNION, TAG_ENUM, TAG_TYPEDEF, NUM_TAG_CLASSES };

/* A typedef without a name has no tag, so this label is free. */
#define REF_CYCLE (REF_LABEL | (uint32_t)TAG_TYPEDEF << 29)

static inline bool ref_is_label(uint32_t ref)
{
	return ref & REF_LABEL;
}

static inline uint32_t ref_of_label(enum tag_class tag, struct str_id name)
{
	return REF_LABEL | (uint32_t)tag << 29 | name.v;
}

static inline enum tag_class label_tag(uint32_t ref)
{
	return ref >> 29 & 3;
}

static inline struct str_id label_name(uint32_t ref)
{
	return (struct str_id){ ref & REF_NAME_MASK };
}

/* Which fields of a node have a meaning for its kind; all others are zero in a record. */
enum kind_fields {
	FIELD_NAME = 1 << 0,
	FIELD_SIZE = 1 << 1,
	FIELD_REF = 1 << 2,
	FIELD_ENCODING = 1 << 3,
	FIELD_ELEMS = 1 << 4,
	FIELD_ELEM_REF = 1 << 5,
	FIELD_ELEM_VALUE = 1 << 6,
	FIELD_ELEM_BITS = 1 << 7,
};

struct kind_info {
	uint8_t fields; /* enum kind_fields */
	uint8_t flags;	/* the graph_flags that have a meaning */
	int8_t tag;	/* enum tag_class, or -1 */
	bool is_forward;
};

extern const struct kind_info kind_infos[NUM_GRAPH_KINDS];

/* Words only, no gaps: compared and hashed as bytes. */
struct record_elem {
	uint32_t name;
	uint32_t ref;
	uint32_t value_low;
	uint32_t value_high;
	uint32_t bit_size;
};

struct record {
	uint8_t kind;
	uint8_t flags;
	uint8_t encoding;
	uint8_t is_cycle; /* a definition of REF_CYCLE */
	uint32_t name;
	uint32_t size;
	uint32_t ref;
	uint32_t num_elems;
	struct record_elem elems[];
};

static inline size_t record_size(uint32_t num_elems)
{
	return sizeof(struct record) + (size_t)num_elems * sizeof(struct record_elem);
}

/* Reference number @edge, 0..num_elems: first the record's own, then those of its elements. */
static inline uint32_t record_ref(const struct record *record, uint32_t edge)
{
	return edge ? record->elems[edge - 1].ref : record->ref;
}

/* The label that a record defines or declares; 0 if it has no tag. */
uint32_t record_label(const struct record *record);

struct records {
	struct id_array entries; /* of const struct record * */
	struct id_set set;
	uint64_t hash_mask;
};

/* False when memory is out. */
bool records_init(struct records *records, bool force_collisions);
void records_deinit(struct records *records);

/*
 * What a worker interned after each class, the last two times that it was not the same. Headers
 * bring the same types in the same order into unit after unit, so this is mostly the next class,
 * too: its record stands in memory that was read just before, where a look-up by hash would go
 * anywhere.
 */
struct record_guess {
	uint32_t first;	 /* class ids; 0: not known */
	uint32_t second; /* the one before it */

	/* What the record of `first` says, if a word for each will do; else the shape is 0. */
	uint32_t shape; /* record_shape() */
	uint32_t ref;
};

/* Kind and size of a type that is nothing but these and one reference; 0 for any other. */
static inline uint32_t record_shape(uint8_t kind, uint32_t size)
{
	const uint32_t kinds = 1u << GRAPH_PTR | 1u << GRAPH_CONST | 1u << GRAPH_VOLATILE |
			       1u << GRAPH_RESTRICT | 1u << GRAPH_ARRAY;

	return kinds >> kind & 1 && size < 1u << 27 ? (uint32_t)kind << 27 | size : 0;
}
_Static_assert((int)NUM_GRAPH_KINDS <= 32, "a kind has 5 bits of a shape");

struct record_trail {
	VEC(struct record_guess) next; /* by class id */
	uint32_t last;		       /* class interned last, 0 at the start of a unit */
};

/* The classes that are likely to come next. */
static inline struct record_guess record_trail_guess(const struct record_trail *trail)
{
	return trail->last < trail->next.num ? trail->next.data[trail->last] :
					       (struct record_guess){};
}

/* @arena takes a copy if the record is new; the trail learns it. 0 when memory is out. */
uint32_t records_intern(struct records *records, struct arena *arena, struct record_trail *trail,
			const struct record *record);

static inline const struct record *records_at(const struct records *records, uint32_t class_id)
{
	return *(const struct record **)id_array_at(&records->entries, class_id);
}
