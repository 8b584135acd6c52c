// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A comment of a pull request. Forges refuse long ones, so the whole is made with ever fewer rows
 * until it fits: the verdict, budgets and sizes are always there, and each table says how much it
 * leaves out. Names of things stand in blocks of code, where nothing has a meaning but the fence;
 * paths stand in cells of tables, where what has one is escaped.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/diff.h"
#include "cli/number.h"

enum {
	MAX_BYTES = 59000,
	MAX_NAME = 160,
	MAX_VERDICT = 1000,
	MAX_ROWS = 4096,
	MAX_PATH_BYTES = 120
};

#define GROUP(number) number_group((number), &(struct number_text){})
#define DELTA(delta) number_delta((delta), &(struct number_text){})
#define PERCENT(delta, of) number_percent((delta), (of), &(struct number_text){})

struct markdown {
	FILE *out;
	const struct diff_report *report;
	struct diff_caps caps;
	bool failed;
};

/* Where a name that is too long may end: not inside a character. */
static size_t cut_at(const char *text, size_t max)
{
	size_t size = strlen(text);

	if (size <= max)
		return size;
	for (size = max; size && ((unsigned char)text[size] & 0xc0) == 0x80;)
		size--;
	return size;
}

/* In a block of code. */
static void write_code(FILE *out, const char *text)
{
	size_t size = cut_at(text, MAX_NAME);

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		fputc(c < 0x20 || c == 0x7f ? '?' : c == '`' ? '\'' : c, out);
	}
	if (text[size])
		fputs("...", out);
}

/* In running text or a cell. */
static void write_text(FILE *out, const char *text, size_t max)
{
	size_t size = cut_at(text, max);

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f)
			fputc('?', out);
		else if (c == '<' || c == '>' || c == '&')
			fputs(c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;", out);
		else if (c == '@')
			fputs("&#64;", out); /* would call somebody */
		else if (strchr("\\`*_{}[]#|~", c))
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
	if (text[size])
		fputs("...", out);
}

static void write_budgets(struct markdown *m)
{
	const struct diff_report *report = m->report;
	size_t shown = 0, num = 0;

	for (size_t i = 0; i < report->budgets.num; i++) {
		struct btfgen_error *err;
		struct memory_file line;
		char *text;

		if (!report->budgets.data[i].is_breached || ++num > m->caps.rows)
			continue;
		err = memory_file_open(&line);
		if (err) {
			error_free(err);
			m->failed = true;
			return;
		}
		diff_budget_print(line.out, &report->budgets.data[i]);
		text = diff_text_take(&line);
		if (!text) {
			m->failed = true;
			return;
		}
		fputs("- **over budget**: ", m->out);
		write_text(m->out, text, MAX_NAME);
		fputc('\n', m->out);
		shown++;
		free(text);
	}
	if (num > shown)
		fprintf(m->out, "- ... and %s more\n", GROUP(num - shown));
	if (num)
		fputc('\n', m->out);
}

static void write_sizes(const struct markdown *m, const struct diff_sizes *sizes)
{
	int64_t delta = (int64_t)(sizes->totals[DIFF_NEW] - sizes->totals[DIFF_OLD]);

	fputs("| bytes | old | new | delta | | old count | new count |\n"
	      "|:--|--:|--:|--:|--:|--:|--:|\n",
	      m->out);
	for (size_t i = 0; i < sizes->num_parts; i++) {
		const struct diff_part *part = &sizes->parts[i];
		int64_t part_delta = (int64_t)(part->bytes[DIFF_NEW] - part->bytes[DIFF_OLD]);

		if (!diff_part_differs(part))
			continue;
		fputs("| ", m->out);
		write_text(m->out, part->name, MAX_NAME);
		fprintf(m->out, " | %s | %s | %s | %s | %s | %s |\n", GROUP(part->bytes[DIFF_OLD]),
			GROUP(part->bytes[DIFF_NEW]), DELTA(part_delta),
			PERCENT(part_delta, part->bytes[DIFF_OLD]), GROUP(part->counts[DIFF_OLD]),
			GROUP(part->counts[DIFF_NEW]));
	}
	fprintf(m->out, "| **total** | %s | %s | %s | %s | | |\n\n", GROUP(sizes->totals[DIFF_OLD]),
		GROUP(sizes->totals[DIFF_NEW]), DELTA(delta),
		PERCENT(delta, sizes->totals[DIFF_OLD]));
}

/* The first character of a line gives it its colour: `!` is what differs. */
static void write_line(const struct markdown *m, const char *line)
{
	fprintf(m->out, "%c   ", line[0] == '~' ? '!' : line[0]);
	write_code(m->out, line + 1);
	fputc('\n', m->out);
}

static void write_row(const struct markdown *m, const struct diff_table *table,
		      const struct diff_row *row)
{
	static const char marks[DIFF_NUM_CHANGES] = {
		[DIFF_CHANGED] = ' ', [DIFF_REMOVED] = '-', [DIFF_ADDED] = '+'
	};
	const struct diff_entry *entry = row->entry;

	fprintf(m->out, "%c ", marks[table->change]);
	write_code(m->out, row->cells[0]);
	if (table->change != DIFF_CHANGED) {
		if (*row->cells[1] || *row->cells[2])
			fprintf(m->out, ", %s%s bytes", row->cells[1], row->cells[2]);
		if (row->remark && *row->remark) {
			fputs(": ", m->out);
			write_code(m->out, row->remark);
		}
		fputc('\n', m->out);
		return;
	}
	if (entry->sizes[DIFF_OLD] != entry->sizes[DIFF_NEW] && *row->cells[3])
		fprintf(m->out, ", %s -> %s bytes, %s", row->cells[1], row->cells[2],
			row->cells[3]);
	fputc('\n', m->out);
	if (row->remark)
		write_line(m, row->remark);
	for (size_t k = 0; k < row->num_lines; k++)
		write_line(m, row->lines[k]);
	if (row->num_more)
		fprintf(m->out, "    ... and %s more\n", GROUP(row->num_more));
}

static void write_table(struct markdown *m, const struct diff_table *table)
{
	size_t num = table->num < m->caps.rows ? table->num : m->caps.rows;

	fprintf(m->out, "<details><summary>%s %s: %s</summary>\n\n```diff\n",
		btf_kind_table[table->kind].name, diff_change_names[table->change],
		GROUP(table->num));
	for (size_t i = 0; i < num; i++) {
		struct diff_row row;

		if (diff_row_make(table, i, m->caps.lines, &row))
			write_row(m, table, &row);
		else
			m->failed = true;
		diff_row_deinit(&row);
	}
	if (table->num > num)
		fprintf(m->out, "  ... and %s more\n", GROUP(table->num - num));
	fputs("```\n\n</details>\n\n", m->out);
}

static void write_tables(struct markdown *m, const struct btf_diff *diff)
{
	struct diff_table table;
	size_t pos = 0;

	while (!m->failed && diff_table_next(diff, &pos, &table))
		write_table(m, &table);
}

/* Folders. */

static void write_status(const struct markdown *m, const struct diff_file *file)
{
	if (file->status == STATUS_CHANGED)
		diff_counts_print(m->out, file->diff.counts);
	else
		fputs(diff_status_names[file->status], m->out);
}

static void write_files(const struct markdown *m)
{
	const struct diff_report *report = m->report;
	size_t num = report->files.num - report->num_by_status[STATUS_SAME], shown = 0;

	if (!num)
		return;
	fputs("| file | old | new | delta | | |\n|:--|--:|--:|--:|--:|:--|\n", m->out);
	for (size_t i = 0; i < report->files.num && shown < m->caps.rows; i++) {
		const struct diff_file *file = &report->files.data[i];
		const uint64_t *totals = file->diff.sizes.totals;
		int64_t delta = (int64_t)(totals[DIFF_NEW] - totals[DIFF_OLD]);

		if (file->status == STATUS_SAME)
			continue;
		shown++;
		fputs("| ", m->out);
		write_text(m->out, file->path, MAX_PATH_BYTES);
		for (int side = 0; side < DIFF_SIDES; side++)
			fprintf(m->out, " | %s", file->stacks[side] ? GROUP(totals[side]) : "");
		fprintf(m->out, " | %s | %s | ", DELTA(delta),
			file->stacks[DIFF_OLD] ? PERCENT(delta, totals[DIFF_OLD]) : "");
		write_status(m, file);
		fputs(" |\n", m->out);
	}
	fputc('\n', m->out);
	if (num > shown)
		fprintf(m->out, "... and %s more\n\n", GROUP(num - shown));
}

static void write_folder(struct markdown *m)
{
	const struct diff_report *report = m->report;
	size_t num = 0;

	write_files(m);
	for (size_t i = 0; i < report->files.num && !m->failed; i++) {
		const struct diff_file *file = &report->files.data[i];

		if (file->status != STATUS_CHANGED || !file->diff.entries.num ||
		    ++num > m->caps.rows)
			continue;
		fputs("#### ", m->out);
		write_text(m->out, file->path, MAX_PATH_BYTES);
		fputs("\n\n", m->out);
		write_tables(m, &file->diff);
	}
	if (num > m->caps.rows)
		fprintf(m->out, "... and %s more files\n", GROUP(num - m->caps.rows));
}

static void write_all(struct markdown *m)
{
	const struct diff_report *report = m->report;

	fputs("**", m->out);
	write_text(m->out, report->verdict, MAX_VERDICT);
	fputs("**\n", m->out);
	if (report->is_same && report->sizes.totals[DIFF_OLD] == report->sizes.totals[DIFF_NEW])
		return;
	fputc('\n', m->out);
	write_budgets(m);
	write_sizes(m, &report->sizes);
	if (report->is_folder)
		write_folder(m);
	else
		write_tables(m, &report->files.data[0].diff);
}

struct btfgen_error *diff_markdown_print(FILE *out, const struct diff_report *report,
					 struct diff_caps caps)
{
	struct markdown m = { .report = report, .caps = caps };

	if (m.caps.rows > MAX_ROWS)
		m.caps.rows = MAX_ROWS;
	if (m.caps.lines > MAX_ROWS)
		m.caps.lines = MAX_ROWS;
	for (;;) {
		struct btfgen_error *err;
		struct memory_file file;
		bool fits;

		err = memory_file_open(&file);
		if (err)
			return err;
		m.out = file.out;
		write_all(&m);
		err = memory_file_finish(&file);
		if (!err && m.failed)
			err = error_nomem();
		/* No rows, no lines: nothing more can be left out. */
		fits = file.size <= MAX_BYTES || (m.caps.rows == 0 && m.caps.lines == 0);
		if (!err && fits)
			fwrite(file.data, 1, file.size, out);
		memory_file_close(&file);
		if (err || fits)
			return err;
		/* Lines of a thing go first: that it differs says more than how in all detail. */
		if (m.caps.lines > 4 || m.caps.rows == 0)
			m.caps.lines /= 2;
		else
			m.caps.rows = m.caps.rows * 3 / 4;
	}
}
