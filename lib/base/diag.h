// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Diagnostics: facts about input that was skipped or expressed less exactly than it stands.
 *
 * They are no errors: the run goes on. Each worker records into a list of its own; diag_merge()
 * joins the lists in the order of (kind, unit, offset), which no thread timing can change.
 * Kinds are numbers that the user of this file defines and names.
 *
 * Strings are borrowed and must live as long as the list. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"

struct diag {
	uint32_t kind;
	uint32_t unit;	  /* index of the unit, or DIAG_NO_UNIT */
	uint64_t off;	  /* where it was seen, or 0; meaning given by the kind */
	const char *name; /* what it is about; NULL if it has no name */
	uint64_t value;	  /* a number that belongs to it; meaning given by the kind */
};

enum { DIAG_NO_UNIT = UINT32_MAX };

struct diag_list {
	VEC(struct diag) items;
};

/* False when memory is out. */
bool diag_add(struct diag_list *list, struct diag diag);

/* Moves all of @from to @to, then sorts @to. False when memory is out (nothing moved then). */
bool diag_merge(struct diag_list *to, struct diag_list *from);

void diag_list_deinit(struct diag_list *list);
