// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Location lists and range lists, as far as functions and their parameters need them.
 *
 *	struct location_unit unit = { .encoding = &encoding, .loc = ..., .low_pc = ..., ... };
 *	place = location_at_entry(&unit, attr, expr, entry_addr, &place);
 *	err/bool = ranges_next(...)
 *
 * Sources: DWARF 5 sections 2.6 (location descriptions), 2.17.3 and 7.28 (range lists), 7.29
 * (location lists); DWARF 4 section 2.6.2 and 2.17.3 (.debug_loc, .debug_ranges); the GNU
 * operations of DWARF 4 producers (entry values 0xf3, parameter references 0xfa).
 *
 * Input may be hostile: each read is checked, lists end at the section's end at the latest.
 * No state, no allocation, no errors: damage is an answer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/span.h"
#include "lib/dwarf/cursor.h"
#include "lib/dwarf/expr.h"
#include "lib/dwarf/form.h"
#include "lib/dwarf/place.h"

/* A unit's view of the list sections. Sections that are absent have data NULL. */
struct location_unit {
	const struct dwarf_encoding *encoding;
	struct span section;	/* that the unit's DIEs stand in */
	struct span loc;	/* .debug_loc */
	struct span loclists;	/* .debug_loclists */
	struct span ranges;	/* .debug_ranges */
	struct span rnglists;	/* .debug_rnglists */
	uint64_t low_pc;	/* of the unit: first base address of its lists; 0 if it has none */
	uint64_t loclists_base; /* DW_AT_loclists_base, or behind the first table's header */
	uint64_t rnglists_base; /* the same for DW_AT_rnglists_base */
	expr_addr_index_fn *addr_index; /* entry of .debug_addr */
	void *addr_ctx;
};

/*
 * The place of a parameter whose DW_AT_location is @attr (an expression in place, or a list) in a
 * function whose first instruction is at @entry.
 *
 * From a list the entry that covers @entry is taken; without one the first that is not empty, and
 * `is_late` is set. The value's register at the call may be named by another entry only
 * (DW_OP_entry_value of a register, GCC's and clang's way to say where an argument was): if the
 * entry taken names no register by itself, that one counts as PLACE_REGISTER. False if the list or
 * the expression is damaged; *ret_place is PLACE_OTHER then.
 */
bool location_at_entry(const struct location_unit *unit, const struct die_attr *attr,
		       uint64_t entry, struct place *ret_place);

/* Walks the ranges of DW_AT_ranges. */
struct range_walk {
	const struct location_unit *unit;
	const uint8_t *p, *end;
	uint64_t base;
	bool is_version5;
	bool is_damaged; /* set when the walk ended early */
};

/* False if the attribute leads nowhere. */
bool ranges_begin(const struct location_unit *unit, const struct die_attr *attr,
		  struct range_walk *ret_walk);

/* The next range that is not empty, start <= a < end; false behind the last. */
bool ranges_next(struct range_walk *walk, uint64_t *ret_start, uint64_t *ret_end);
