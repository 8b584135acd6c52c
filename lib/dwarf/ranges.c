// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/list.h"

bool ranges_begin(const struct location_unit *unit, const struct die_attr *attr,
		  struct range_walk *ret_walk)
{
	return list_begin(unit, attr, LIST_RANGES, ret_walk);
}

bool ranges_next(struct range_walk *walk, uint64_t *ret_start, uint64_t *ret_end)
{
	struct list_entry entry;

	while (list_next(walk, LIST_RANGES, &entry)) {
		if (entry.start >= entry.end)
			continue;
		*ret_start = entry.start;
		*ret_end = entry.end;
		return true;
	}
	return false;
}
