// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The entries of location lists and of range lists, which differ in little more than the expression
 * behind each address range. Used by location.c and ranges.c only.
 *
 *	if (!list_begin(unit, attr, LIST_LOCATIONS, &walk))
 *		... the attribute leads nowhere
 *	while (list_next(&walk, LIST_LOCATIONS, &entry))
 *		...
 *	if (walk.is_damaged)
 *		...
 *
 * Entries come in the order of the list. list_next() returns false behind the last one. A list that
 * has no end entry before its section ends is damaged, and so is one that is longer than any code
 * needs: many attributes may lead to the same list. Entries that cover no address are returned;
 * those that name code which the linker has thrown away are not.
 */
#pragma once

#include "lib/dwarf/location.h"

enum { LIST_MAX_ENTRIES = 1 << 16 };

enum list_kind { LIST_LOCATIONS, LIST_RANGES };

struct list_entry {
	uint64_t start, end;
	bool is_default;  /* for all addresses that no other entry covers; start and end are 0 */
	struct span expr; /* LIST_LOCATIONS */
};

bool list_begin(const struct location_unit *unit, const struct die_attr *attr, enum list_kind kind,
		struct range_walk *ret_walk);
bool list_next(struct range_walk *walk, enum list_kind kind, struct list_entry *ret_entry);
