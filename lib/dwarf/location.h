// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Location lists and range lists, as far as functions and their parameters need them.
 *
 *	struct location_unit unit = { .encoding = &encoding, .loc = ..., .low_pc = ..., ... };
 *	struct place place;
 *
 *	if (!location_at_entry(&unit, attr, entry_addr, &place))
 *		... damaged
 *
 *	if (ranges_begin(&unit, attr, &walk))
 *		while (ranges_next(&walk, &start, &end))
 *			...
 *
 * Sources: DWARF 5 sections 2.5 and 2.6 (expressions, location descriptions and lists), 2.17.3
 * (range lists), 7.7.3 and 7.25 (their bytes), 7.28 and 7.29 (their tables of offsets); DWARF 4
 * sections 2.6.2 and 2.17.3 (.debug_loc, .debug_ranges); the GNU operations of DWARF 4 producers
 * (entry values 0xf3, parameter references 0xfa).
 *
 * Input may be hostile: each read is checked, lists end at the section's end at the latest, and
 * after 65536 entries (parameters of kernels have up to 858).
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
	expr_addr_index_fn *addr_index; /* entry of .debug_addr; never NULL */
	void *addr_ctx;
};

/*
 * The place of a parameter whose DW_AT_location is @attr (an expression in place, or a list) in a
 * function whose first instruction is at @entry. False if the list or an expression that was read
 * is damaged; *ret_place is PLACE_OTHER then.
 *
 * From a list the first entry that covers @entry or starts and ends there is taken; without one the
 * first whose expression is not empty, and `is_late` is set. Another entry may say that the value
 * is what a register held when the function was entered (DW_OP_entry_value, GCC's and clang's way
 * to say where an argument was). If the entry taken names no register, or is late, that one is
 * taken instead and is not late. An empty list is PLACE_NONE.
 *
 * What an expression says:
 * - PLACE_REGISTER: DW_OP_reg*, or one register's contents as the value, now or at the function's
 *   entry, also with the high bits cut off or extended. With something added it is PLACE_OTHER.
 * - PLACE_POINTED: a register's contents plus a constant as the address. Whether that register is
 *   the stack pointer depends on the architecture.
 * - PLACE_STACK: DW_OP_fbreg or DW_OP_call_frame_cfa plus a constant as the address, or the pointer
 *   that is there as the address, or what is there as the value.
 * - PLACE_CONSTANT: constants and addresses as the value, implicit values and implicit pointers.
 * - PLACE_PIECES: pieces with a register among them, be it one piece only (how large the value is
 *   does not stand in the expression), or pieces of several kinds. Pieces that are all in the frame
 *   or all constant, those without location apart, are PLACE_STACK or PLACE_CONSTANT.
 * - PLACE_NONE: an empty expression, pieces that are all without location, or an argument of the
 *   function that this one is a clone of (DW_OP_GNU_parameter_ref: the clone does not get it).
 */
bool location_at_entry(const struct location_unit *unit, const struct die_attr *attr,
		       uint64_t entry, struct place *ret_place);

/* Walks the ranges of DW_AT_ranges. */
struct range_walk {
	const struct location_unit *unit;
	const uint8_t *p, *end;
	uint64_t base;
	uint32_t num_entries; /* so far, those that are no ranges as well */
	bool is_version5;
	bool is_damaged; /* set when the walk ended early */
};

/* False if the attribute leads nowhere. */
bool ranges_begin(const struct location_unit *unit, const struct die_attr *attr,
		  struct range_walk *ret_walk);

/* The next range that is not empty, start <= a < end; false behind the last. */
bool ranges_next(struct range_walk *walk, uint64_t *ret_start, uint64_t *ret_end);
