// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Shared by the walk over a unit's DIEs (dwarf_walk.c, which opens with the idea) and by the bodies
 * of types that were seen before (dwarf_body.c): the plans of DIEs, and the walk itself.
 */
#pragma once

#include "dwarf_graph_internal.h"

/* Where a constant of a DIE is. */
struct plan_value {
	uint32_t at;	  /* bytes from the end of the name */
	int32_t constant; /* 0 if there is no such attribute */
	uint8_t size;	  /* bytes; 0: it is `constant` */
};

enum plan_kind {
	PLAN_NONE, /* the long way */
	PLAN_END,  /* of children */
	PLAN_SKIP,
	PLAN_PARTS,    /* the same, with parts of variable size: struct skip_plan */
	PLAN_VARIABLE, /* to be skipped unless its address is one of those that matter */
	PLAN_PARAM,    /* to be skipped where nobody collects parameters */
	PLAN_PARAM_PARTS,
	PLAN_TYPE_PARAM, /* the same; it has a type and no name */
	PLAN_MEMBER,
	PLAN_ENUMERATOR,
	PLAN_MODIFIER,
	PLAN_COLLECTOR, /* struct, union, enum, array or function type */
	PLAN_FORWARD,	/* a struct or union that is declared */
	PLAN_DIMENSION,
};

enum plan_name { PLAN_NAME_NONE, PLAN_NAME_OFFSET, PLAN_NAME_INLINE };

enum { PLAN_NO_TYPE = UINT32_MAX };

/*
 * Distances are in bytes: that of the name from the end of the code, the others from the end of the
 * name, or of the code without a name.
 */
struct die_plan {
	uint8_t kind; /* enum plan_kind */
	uint8_t name; /* enum plan_name */
	uint8_t node_kind;
	uint16_t tag;
	bool has_children;
	bool has_bits;	  /* a bitfield: bit_size counts */
	bool has_more;	  /* the head of a type that says more than its name and size */
	bool has_bit_off; /* bit_off counts, not value */
	uint32_t name_at;
	uint32_t type_at; /* or PLAN_NO_TYPE */
	uint32_t size;	  /* from the end of the name to that of the DIE */
	uint32_t min_size;
	struct plan_value value; /* member's offset, type's size, enumerator's value, upper bound */
	struct plan_value bit_off;  /* an enum's encoding */
	struct plan_value bit_size; /* a struct's alignment */
};

/*
 * The plan of a plain member with a code of one byte: a name in .debug_str, a type, no bits, and an
 * offset of up to two bytes. Distances are in bytes from the code; all of it is within PLAIN_ROOM.
 */
struct plain_plan {
	bool is_plain;
	uint8_t name_at;
	uint8_t type_at;
	uint8_t value_at;
	uint8_t value_shift; /* of the two bytes there, as a number */
	uint8_t size;
	uint16_t value_mask; /* 0 if the offset is constant */
	uint32_t constant;
	uint32_t unused; /* 16 bytes in all */
};

/* One for each value of a code's first byte; those of longer codes are not plain. */
enum { NUM_PLAIN_PLANS = 256, NUM_SHORT_CODES = 128, PLAIN_ROOM = 64 };

/*
 * How to pass over a DIE that has parts of variable size: `skip` bytes, then such a part, for each of
 * the parts, and `rest` bytes behind the last one.
 */
enum skip_kind { SKIP_BLOCK, SKIP_STRING, SKIP_LEB };

enum { MAX_SKIP_PARTS = 4, NO_PART = 0xff };

struct skip_part {
	uint32_t skip;
	uint8_t kind; /* enum skip_kind */
};

struct skip_plan {
	struct skip_part parts[MAX_SKIP_PARTS];
	uint32_t rest;
	uint8_t num_parts;
	uint8_t location; /* a variable's part that says where it is, or NO_PART */
};

struct walk {
	struct dwarf_graph *reader;
	struct cursor cursor;
	uint64_t num_dies;
	uint32_t depth;
	bool has_opened; /* a collector, just now */

	/* Constant for the unit, here so that a copy can be kept in registers. */
	const struct die_plan *plans;
	size_t num_plans;
	const struct skip_plan *skips;	/* by code, for the plans that have one */
	const struct plain_plan *plain; /* by code, NUM_PLAIN_PLANS of them */
	const uint8_t *plain_end;	/* before it, PLAIN_ROOM bytes are in the unit */
	const uint8_t *end;
	/* A reference to DIEs of the unit lies from here to below there. */
	uint32_t first_ref;
	uint32_t end_ref;
	bool swap;
};

/* The plan of the DIE at @p, and where the bytes behind its code are; NULL without one. */
static inline const struct die_plan *plan_at(const struct walk *walk, const uint8_t **p)
{
	const uint8_t *at = *p;
	const struct die_plan *plan;
	size_t code;

	if (at >= walk->end)
		return NULL;
	code = *at++;
	if (code >= 0x80) {
		if (at >= walk->end || *at >= 0x80)
			return NULL;
		code = (code & 0x7f) | (size_t)*at++ << 7;
	}
	if (code >= walk->num_plans)
		return NULL;
	plan = &walk->plans[code];
	*p = at;
	return (size_t)(walk->end - at) >= plan->min_size ? plan : NULL;
}

static inline int64_t value_at(const struct walk *walk, const struct plan_value *value,
			       const uint8_t *p)
{
	p += value->at;
	if (value->size == 1)
		return *p;
	if (value->size == 2)
		return load_u16(p, walk->swap);
	if (!value->size)
		return value->constant;
	return value->size == 4 ? load_u32(p, walk->swap) : (int64_t)load_u64(p, walk->swap);
}

/* A name that stands in the DIE is short: up to this many bytes, without the NUL. */
enum { SHORT_NAME_SIZE = 3 };
