// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void table_add(struct table *table, const char *fmt, ...)
{
	va_list args;
	char *cell;
	int size;

	va_start(args, fmt);
	size = vasprintf(&cell, fmt, args);
	va_end(args);
	if (size < 0) {
		table->failed = true;
		return;
	}
	for (char *c = cell; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	if (!vec_push(&table->cells, cell)) {
		free(cell);
		table->failed = true;
	}
}

/* True if the row has nothing from this cell on: no blanks at the ends of lines. */
static bool row_ends(const struct table *table, size_t i)
{
	for (; i < table->cells.num && i % table->num_columns; i++) {
		if (table->cells.data[i][0])
			return false;
	}
	return true;
}

bool table_print(const struct table *table, FILE *out)
{
	int widths[TABLE_MAX_COLUMNS] = {};
	unsigned int column;

	if (table->failed)
		return false;
	for (size_t i = 0; i < table->cells.num; i++) {
		int width = (int)strlen(table->cells.data[i]);

		column = (unsigned int)(i % table->num_columns);
		if (width > widths[column])
			widths[column] = width;
	}
	for (size_t i = 0; i < table->cells.num; i++) {
		const char *cell = table->cells.data[i];
		bool last;

		column = (unsigned int)(i % table->num_columns);
		last = row_ends(table, i + 1);
		if (table->right & 1u << column)
			fprintf(out, "%*s", widths[column], cell);
		else
			fprintf(out, "%-*s", last ? 0 : widths[column], cell);
		fputs(last ? "\n" : "  ", out);
		if (last)
			i += table->num_columns - 1 - column;
	}
	return true;
}

void table_deinit(struct table *table)
{
	for (size_t i = 0; i < table->cells.num; i++)
		free(table->cells.data[i]);
	vec_deinit(&table->cells);
}
