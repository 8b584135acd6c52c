// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "cli/clean.h"
#include "cli/diff.h"
#include "cli/number.h"
#include "cli/table.h"

/* Names longer than this push their own row aside, not all others. */
enum { MAX_NAME_WIDTH = 48 };

#define GROUP(number) number_group((number), &(struct number_text){})
#define DELTA(delta) number_delta((delta), &(struct number_text){})
#define PERCENT(delta, of) number_percent((delta), (of), &(struct number_text){})

struct printer {
	FILE *out;
	const struct diff_report *report;
	struct diff_caps caps;
	const struct paint *paint;
};

static struct btfgen_error *print_table(const struct table *table, FILE *out)
{
	return table_print(table, out) ? NULL : error_nomem();
}

static void print_padding(FILE *out, size_t have, size_t want)
{
	fprintf(out, "%*s", have < want ? (int)(want - have) : 0, "");
}

static void print_heading(const struct printer *p, const char *kind, const char *change, size_t num)
{
	fprintf(p->out, "\n%s%s %s: %s%s\n", paint_start(p->paint, PAINT_HEADING), kind, change,
		GROUP(num), paint_end(p->paint));
}

static void print_more(const struct printer *p, int indent, size_t num)
{
	fprintf(p->out, "%*s... and %s more\n", indent, "", GROUP(num));
}

static struct btfgen_error *print_sizes(const struct printer *p, const struct diff_sizes *sizes)
{
	struct table table = { .num_columns = 7, .right = 0x7e };
	struct btfgen_error *err;
	int64_t delta;

	table_add(&table, "%s", "bytes");
	for (int i = 0; i < 6; i++)
		table_add(
			&table, "%s",
			(const char *[]){ "old", "new", "delta", "", "old count", "new count" }[i]);
	for (size_t i = 0; i < sizes->num_parts; i++) {
		const struct diff_part *part = &sizes->parts[i];

		delta = (int64_t)(part->bytes[DIFF_NEW] - part->bytes[DIFF_OLD]);
		if (!diff_part_differs(part))
			continue;
		table_add(&table, "%s", part->name);
		table_add(&table, "%s", GROUP(part->bytes[DIFF_OLD]));
		table_add(&table, "%s", GROUP(part->bytes[DIFF_NEW]));
		table_add(&table, "%s", DELTA(delta));
		table_add(&table, "%s", PERCENT(delta, part->bytes[DIFF_OLD]));
		table_add(&table, "%s", GROUP(part->counts[DIFF_OLD]));
		table_add(&table, "%s", GROUP(part->counts[DIFF_NEW]));
	}
	delta = (int64_t)(sizes->totals[DIFF_NEW] - sizes->totals[DIFF_OLD]);
	table_add(&table, "total");
	table_add(&table, "%s", GROUP(sizes->totals[DIFF_OLD]));
	table_add(&table, "%s", GROUP(sizes->totals[DIFF_NEW]));
	table_add(&table, "%s", DELTA(delta));
	table_add(&table, "%s", PERCENT(delta, sizes->totals[DIFF_OLD]));
	table_add(&table, "%s", "");
	table_add(&table, "%s", "");
	/* One row of heads and one of sums say nothing. */
	if (table.cells.num == 14 && !delta) {
		table_deinit(&table);
		return NULL;
	}
	fputc('\n', p->out);
	err = print_table(&table, p->out);
	table_deinit(&table);
	return err;
}

/* Tables of things. */

static void print_line(const struct printer *p, const char *line)
{
	enum paint_colour colour = line[0] == '+' ? PAINT_ADDED :
				   line[0] == '-' ? PAINT_REMOVED :
						    PAINT_CHANGED;

	fputs(paint_start(p->paint, colour), p->out);
	print_clean(p->out, line);
	fputs(paint_end(p->paint), p->out);
	fputc('\n', p->out);
}

static void print_row(const struct printer *p, const struct diff_row *row, const size_t *widths)
{
	bool has_cells = *row->cells[1] || *row->cells[2];

	fputs("  ", p->out);
	print_clean(p->out, row->cells[0]);
	if (has_cells || (row->remark && *row->remark))
		print_padding(p->out, strlen(row->cells[0]), widths[0]);
	for (int i = 1; i < DIFF_MAX_COLUMNS; i++) {
		size_t size = strlen(row->cells[i]);

		if (!widths[i] || !has_cells)
			continue;
		fputs(i == 2 && widths[1] ? *row->cells[1] && size ? " -> " : "    " : "  ",
		      p->out);
		print_padding(p->out, size, widths[i]);
		fputs(row->cells[i], p->out);
	}
	if (row->remark && *row->remark) {
		fputs("  ", p->out);
		if (row->entry->change == DIFF_CHANGED) {
			print_line(p, row->remark);
			return;
		}
		print_clean(p->out, row->remark);
	}
	fputc('\n', p->out);
}

static void widen(size_t *widths, const struct diff_row *row)
{
	for (int i = 0; i < DIFF_MAX_COLUMNS; i++) {
		size_t size = strlen(row->cells[i]);

		if (i == 0 && size > MAX_NAME_WIDTH)
			size = MAX_NAME_WIDTH;
		if (widths[i] < size)
			widths[i] = size;
	}
}

static struct btfgen_error *print_things(const struct printer *p, const struct diff_table *table)
{
	size_t num = table->num < p->caps.rows ? table->num : p->caps.rows;
	size_t widths[DIFF_MAX_COLUMNS] = {};
	struct diff_row *rows;
	bool ok = true;
	size_t i;

	rows = calloc(num + 1, sizeof(*rows));
	if (!rows)
		return error_nomem();
	for (i = 0; i < num && ok; i++) {
		ok = diff_row_make(table, i, p->caps.lines, &rows[i]);
		if (ok)
			widen(widths, &rows[i]);
	}
	if (ok) {
		print_heading(p, btf_kind_table[table->kind].name, diff_change_names[table->change],
			      table->num);
		for (i = 0; i < num; i++) {
			print_row(p, &rows[i], widths);
			for (size_t k = 0; k < rows[i].num_lines; k++) {
				fputs("    ", p->out);
				print_line(p, rows[i].lines[k]);
			}
			if (rows[i].num_more)
				print_more(p, 4, rows[i].num_more);
		}
		if (table->num > num)
			print_more(p, 2, table->num - num);
	}
	for (i = 0; i < num; i++)
		diff_row_deinit(&rows[i]);
	free(rows);
	return ok ? NULL : error_nomem();
}

static struct btfgen_error *print_tables(const struct printer *p, const struct btf_diff *diff)
{
	struct btfgen_error *err = NULL;
	struct diff_table table;
	size_t pos = 0;

	while (!err && !ferror(p->out) && diff_table_next(diff, &pos, &table))
		err = print_things(p, &table);
	return err;
}

/* Folders. */

static void list_counts(struct table *table, const struct diff_file *file)
{
	struct memory_file line;
	struct btfgen_error *err;
	char *text;

	if (file->status != STATUS_CHANGED) {
		table_add(table, "%s", diff_status_names[file->status]);
		return;
	}
	err = memory_file_open(&line);
	if (err) {
		error_free(err);
		table->failed = true;
		return;
	}
	diff_counts_print(line.out, file->diff.counts);
	text = diff_text_take(&line);
	if (text)
		table_add(table, "%s", text);
	else
		table->failed = true;
	free(text);
}

static struct btfgen_error *print_files(const struct printer *p)
{
	struct table table = { .num_columns = 6, .right = 0x1e };
	const struct diff_report *report = p->report;
	uint64_t num = report->files.num - report->num_by_status[STATUS_SAME], shown = 0;
	struct btfgen_error *err;

	for (int i = 0; i < 6; i++)
		table_add(&table, "%s",
			  (const char *[]){ "file", "old", "new", "delta", "", "" }[i]);
	for (size_t i = 0; i < report->files.num && shown < p->caps.rows; i++) {
		const struct diff_file *file = &report->files.data[i];
		const uint64_t *totals = file->diff.sizes.totals;
		int64_t delta = (int64_t)(totals[DIFF_NEW] - totals[DIFF_OLD]);

		if (file->status == STATUS_SAME)
			continue;
		shown++;
		table_add(&table, "%s", file->path);
		for (int side = 0; side < DIFF_SIDES; side++)
			table_add(&table, "%s", file->stacks[side] ? GROUP(totals[side]) : "");
		table_add(&table, "%s", DELTA(delta));
		table_add(&table, "%s",
			  file->stacks[DIFF_OLD] ? PERCENT(delta, totals[DIFF_OLD]) : "");
		list_counts(&table, file);
	}
	fputc('\n', p->out);
	err = print_table(&table, p->out);
	table_deinit(&table);
	if (!err && num > shown)
		print_more(p, 0, num - shown);
	return err;
}

static struct btfgen_error *print_folder(const struct printer *p)
{
	const struct diff_report *report = p->report;
	struct btfgen_error *err = NULL;
	size_t shown = 0, num = 0;

	if (report->num_by_status[STATUS_SAME] < report->files.num)
		err = print_files(p);
	for (size_t i = 0; i < report->files.num && !err && !ferror(p->out); i++) {
		const struct diff_file *file = &report->files.data[i];

		if (file->status != STATUS_CHANGED || !file->diff.entries.num)
			continue;
		num++;
		if (num > p->caps.rows)
			continue;
		shown++;
		fprintf(p->out, "\n%s", paint_start(p->paint, PAINT_HEADING));
		print_clean(p->out, file->path);
		fprintf(p->out, ":%s ", paint_end(p->paint));
		diff_sizes_print(p->out, &file->diff.sizes);
		fputs("; ", p->out);
		diff_counts_print(p->out, file->diff.counts);
		fputc('\n', p->out);
		err = print_tables(p, &file->diff);
	}
	if (!err && num > shown)
		fprintf(p->out, "\n... and %s more files\n", GROUP(num - shown));
	return err;
}

struct btfgen_error *diff_text_print(FILE *out, const struct diff_report *report,
				     struct diff_caps caps, const struct paint *paint)
{
	struct printer p = { .out = out, .report = report, .caps = caps, .paint = paint };
	struct btfgen_error *err;

	fprintf(out, "%s%s%s\n", paint_start(paint, PAINT_HEADING), report->verdict,
		paint_end(paint));
	if (report->is_same && report->sizes.totals[DIFF_OLD] == report->sizes.totals[DIFF_NEW])
		return NULL;
	err = print_sizes(&p, &report->sizes);
	if (err)
		return err;
	if (report->is_folder)
		return print_folder(&p);
	return print_tables(&p, &report->files.data[0].diff);
}
