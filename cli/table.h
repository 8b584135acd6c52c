// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Text in aligned columns, two spaces between them.
 *
 *	struct table table = { .num_columns = 2, .right = 1u << 1 };
 *	table_add(&table, "%s", name);
 *	table_add(&table, "%u", size);
 *	if (!table_print(&table, stdout))
 *		return error_nomem();
 *	table_deinit(&table);
 *
 * Cells are added row by row. Control bytes become `?`: names come from input files and must not
 * break a row or reach a terminal. Widths are counted in bytes.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/vec.h"

enum { TABLE_MAX_COLUMNS = 16 };

struct table {
	unsigned int num_columns;
	unsigned int right; /* bit n: column n is aligned to the right */
	bool failed;	    /* memory ran out in table_add() */
	VEC(char *) cells;
};

void table_add(struct table *table, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* False, and nothing printed, if memory ran out. The last row may be incomplete. */
bool table_print(const struct table *table, FILE *out);

void table_deinit(struct table *table);
