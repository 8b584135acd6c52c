// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The DIE cursor: walks the DIEs of a unit over bytes, taking the attributes that the abbreviation
 * programs were compiled to take.
 *
 *	struct cursor cursor;
 *	struct die die;
 *
 *	cursor_init(&cursor, info_section, unit, &abbrev_table, unit->dies_off);
 *	while (cursor_next(&cursor, &die)) {
 *		if (!die.abbrev)
 *			depth--;		an end of children
 *		else if (die_has(&die, SLOT_NAME))
 *			use(die.attrs[SLOT_NAME].value);
 *	}
 *	err = cursor_error(&cursor);
 *
 * cursor_next() returns false at the end of the unit and on damage; cursor_error() tells which
 * (NULL at the end). The cursor does not follow the tree: `die.abbrev->has_children` says that
 * children follow, a DIE without abbreviation ends a list of siblings.
 *
 * Only the attributes with their bit set in die.present are valid. An attribute's bytes are inside
 * the unit; whether its value makes sense is for the user to check.
 *
 * One thread; several cursors may share a table and a section.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/dwarf/abbrev.h"
#include "lib/dwarf/leb.h"
#include "lib/dwarf/unit.h"

struct die_attr {
	uint64_t value; /* meaning by class; ATTR_BLOCK and ATTR_EXPR: offset in the section */
	uint32_t size;	/* ATTR_BLOCK, ATTR_EXPR, ATTR_STRING: bytes; constants: bytes as stored, 0
			   for LEB128 */
	uint8_t class;	/* enum attr_class */
};

struct die {
	uint64_t off;		     /* in the section */
	const struct abbrev *abbrev; /* NULL: end of children */
	uint32_t present;	     /* bit per slot */
	struct die_attr attrs[ABBREV_MAX_SLOTS];
};

struct cursor {
	const uint8_t *p;
	const uint8_t *end;
	const uint8_t *section; /* start of the section */
	const struct abbrev_table *table;
	const struct dwarf_unit *unit;

	/* Damage: what, and where. */
	const char *problem;
	const uint8_t *problem_at;
	uint64_t problem_value;
};

/* Starts at @off, which the caller knows to lie inside the unit's DIEs. */
void cursor_init(struct cursor *cursor, struct span section, const struct dwarf_unit *unit,
		 const struct abbrev_table *table, uint64_t off);

struct btfgen_error *cursor_error(const struct cursor *cursor) BTFGEN_MUST_CHECK;

/* Steps with attributes to take or of variable size. */
bool cursor_run_steps(struct cursor *cursor, struct die *die, const uint8_t *p);
bool cursor_fail(struct cursor *cursor, const uint8_t *at, const char *problem, uint64_t value);

static inline bool die_has(const struct die *die, unsigned int slot)
{
	return die->present & (1u << slot);
}

static inline bool cursor_next(struct cursor *cursor, struct die *die)
{
	const uint8_t *p = cursor->p;
	const struct abbrev *abbrev;
	uint64_t code;

	if (p >= cursor->end)
		return false;
	die->off = p - cursor->section;
	die->present = 0;
	if (!leb_read_unsigned(&p, cursor->end, &code))
		return cursor_fail(cursor, cursor->p, "DIE is cut off by the end of its unit", 0);
	if (!code) {
		die->abbrev = NULL;
		cursor->p = p;
		return true;
	}
	abbrev = abbrev_lookup(cursor->table, code);
	if (!abbrev)
		return cursor_fail(cursor, cursor->p, "unknown abbreviation code", code);
	if ((size_t)(cursor->end - p) < abbrev->min_size)
		return cursor_fail(cursor, cursor->p, "DIE is cut off by the end of its unit", 0);
	die->abbrev = abbrev;
	if (abbrev->is_fixed) {
		cursor->p = p + abbrev->min_size;
		return true;
	}
	return cursor_run_steps(cursor, die, p);
}

/*
 * Jumps to the DIE's next sibling if the DIE says where that is; false if it does not, or says
 * something that does not lead forward inside the unit (then nothing is changed).
 */
static inline bool cursor_skip_children(struct cursor *cursor, const struct die *die)
{
	const struct die_attr *sibling = &die->attrs[ABBREV_SLOT_SIBLING];
	const uint8_t *unit_start = cursor->section + cursor->unit->off;

	if (!die_has(die, ABBREV_SLOT_SIBLING) || sibling->class != ATTR_REF_UNIT ||
	    sibling->value >= (uint64_t)(cursor->end - unit_start) ||
	    unit_start + sibling->value <= cursor->p)
		return false;
	cursor->p = unit_start + sibling->value;
	return true;
}
