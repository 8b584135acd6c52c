// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What one location description says. Used by location.c only, whose header tells what is a
 * register, a constant and so on.
 */
#pragma once

#include "lib/dwarf/location.h"

struct description {
	struct place place;
	bool at_entry; /* each register in it is named as what it held at the function's entry */
};

/* A place without pieces. */
static inline struct place place_of(enum place_kind kind, uint16_t reg)
{
	struct place place = { .kind = kind, .reg = reg };

	for (int i = 0; i < PLACE_MAX_PIECES; i++)
		place.pieces[i].reg = PLACE_NO_REG;
	return place;
}

/* False if the expression is damaged; *ret is PLACE_OTHER then. @expr has data, be it empty. */
bool description_read(const struct location_unit *unit, struct span expr, struct description *ret);
