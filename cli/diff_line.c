// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diff.h"
#include "cli/number.h"
#include "lib/base/cleanup.h"
#include "lib/btf/describe.h"

enum { VERDICT_COUNTS = 4 };

#define GROUP(number) number_group((number), &(struct number_text){})
#define DELTA(delta) number_delta((delta), &(struct number_text){})
#define PERCENT(delta, of) number_percent((delta), (of), &(struct number_text){})

const char *const diff_change_names[DIFF_NUM_CHANGES] = { "changed", "removed", "added" };
const char *const diff_status_names[NUM_STATUSES] = { "changed", "removed", "added", "same" };

char *diff_text_take(struct memory_file *file)
{
	struct btfgen_error *err = memory_file_finish(file);
	char *text = err ? NULL : strdup(file->data);

	error_free(err);
	memory_file_close(file);
	return text;
}

void diff_sizes_print(FILE *out, const struct diff_sizes *sizes)
{
	uint64_t old_bytes = sizes->totals[DIFF_OLD], new_bytes = sizes->totals[DIFF_NEW];
	int64_t delta = (int64_t)(new_bytes - old_bytes);

	if (delta)
		fprintf(out, ".BTF %s -> %s bytes, %s (%s)", GROUP(old_bytes), GROUP(new_bytes),
			DELTA(delta), PERCENT(delta, old_bytes));
	else
		fprintf(out, ".BTF %s bytes", GROUP(new_bytes));
}

struct count {
	uint64_t num;
	int rank; /* in the order of tables */
	const char *kind;
	const char *change;
};

static int compare_counts(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->num != y->num)
		return x->num > y->num ? -1 : 1;
	return x->rank - y->rank;
}

void diff_counts_print(FILE *out, const uint64_t counts[BTF_NUM_KINDS][DIFF_NUM_CHANGES])
{
	struct count list[BTF_NUM_KINDS * DIFF_NUM_CHANGES];
	uint64_t rest = 0;
	int num = 0, i;

	for (i = 0; i < BTF_NUM_KINDS * DIFF_NUM_CHANGES; i++) {
		uint32_t kind = btf_diff_kinds[i / DIFF_NUM_CHANGES];
		int change = i % DIFF_NUM_CHANGES;

		if (counts[kind][change])
			list[num++] =
				(struct count){ counts[kind][change], i, btf_kind_table[kind].name,
						diff_change_names[change] };
	}
	if (num == 0) {
		fputs("no difference", out);
		return;
	}
	qsort(list, (size_t)num, sizeof(*list), compare_counts);
	for (i = 0; i < num && i < VERDICT_COUNTS; i++)
		fprintf(out, "%s%s %s %s", i ? ", " : "", GROUP(list[i].num), list[i].kind,
			list[i].change);
	for (; i < num; i++)
		rest += list[i].num;
	if (rest)
		fprintf(out, " and %s more", GROUP(rest));
}

void diff_verdict_print(FILE *out, const struct diff_report *report)
{
	const uint64_t *num = report->num_by_status;
	const char *separator = "; ";

	if (!report->is_folder) {
		diff_sizes_print(out, &report->sizes);
		fputs("; ", out);
		diff_counts_print(out, report->counts);
		return;
	}
	fprintf(out, "%s %s, ", GROUP(report->files.num),
		report->files.num == 1 ? "file" : "files");
	diff_sizes_print(out, &report->sizes);
	for (int status = 0; status < NUM_STATUSES; status++) {
		if (!num[status] || (status == STATUS_SAME && num[status] < report->files.num))
			continue;
		if (status == STATUS_SAME)
			fprintf(out, "%sno difference", separator);
		else
			fprintf(out, "%s%s %s %s", separator, GROUP(num[status]),
				num[status] == 1 ? "file" : "files", diff_status_names[status]);
		separator = ", ";
	}
	if (report->num_unreadable)
		fprintf(out, "%s%s cannot be read", separator, GROUP(report->num_unreadable));
}

bool diff_table_next(const struct btf_diff *diff, size_t *pos, struct diff_table *ret_table)
{
	const struct diff_entry *first;
	size_t i = *pos;

	if (i == diff->entries.num)
		return false;
	first = &diff->entries.data[i];
	while (i < diff->entries.num && diff->entries.data[i].kind == first->kind &&
	       diff->entries.data[i].change == first->change)
		i++;
	*ret_table = (struct diff_table){ diff, *pos, i - *pos, first->kind, first->change };
	*pos = i;
	return true;
}

/* Lines of details. */

static const char *type_text(const struct btf_diff *diff, const struct diff_detail *detail,
			     int side, struct describe_text *text)
{
	/* Void as the last parameter stands for any number of others. */
	if (detail->what == DIFF_PARAMETER && !detail->type_ids[side])
		return "...";
	btf_describe_type(diff->views[side], detail->type_ids[side], text);
	return text->data;
}

static void print_types(FILE *out, const struct btf_diff *diff, const struct diff_detail *detail)
{
	struct describe_text old_text, new_text;
	const char *x = type_text(diff, detail, DIFF_OLD, &old_text);
	const char *y = type_text(diff, detail, DIFF_NEW, &new_text);

	if (strcmp(x, y) != 0)
		fprintf(out, "%s -> %s", x, y);
	else
		fprintf(out, "%s, whose unnamed parts differ", x);
}

static void print_off(FILE *out, uint64_t bits)
{
	fprintf(out, "%" PRIu64, bits / 8);
	if (bits % 8)
		fprintf(out, ".%" PRIu64, bits % 8);
}

static void print_name(FILE *out, const char *name)
{
	fputs(*name ? name : "(unnamed)", out);
}

static void print_rename(FILE *out, const struct diff_detail *detail)
{
	print_name(out, detail->names[DIFF_NEW]);
	if (detail->how & DIFF_HOW_RENAMED) {
		fputs(" (was ", out);
		print_name(out, detail->names[DIFF_OLD]);
		fputc(')', out);
	}
}

static void print_member(FILE *out, const struct btf_diff *diff, const struct diff_detail *detail)
{
	int side = detail->how & DIFF_HOW_REMOVED ? DIFF_OLD : DIFF_NEW;
	struct describe_text text;
	const char *separator = ": ";

	if (detail->how & (DIFF_HOW_ADDED | DIFF_HOW_REMOVED)) {
		print_name(out, detail->names[side]);
		fprintf(out, ": %s", type_text(diff, detail, side, &text));
		if (detail->bits[side])
			fprintf(out, ":%" PRIu32, detail->bits[side]);
		fputs(" at ", out);
		print_off(out, detail->values[side]);
		return;
	}
	print_rename(out, detail);
	if (detail->how & DIFF_HOW_RETYPED) {
		fputs(separator, out);
		print_types(out, diff, detail);
		separator = ", ";
	}
	if (detail->how & DIFF_HOW_RESIZED) {
		fprintf(out, "%s%" PRIu32 " -> %" PRIu32 " bits", separator, detail->bits[DIFF_OLD],
			detail->bits[DIFF_NEW]);
		separator = ", ";
	}
	if (detail->how & DIFF_HOW_MOVED) {
		fprintf(out, "%sat ", separator);
		print_off(out, detail->values[DIFF_OLD]);
		fputs(" -> ", out);
		print_off(out, detail->values[DIFF_NEW]);
	}
}

static void print_param(FILE *out, const struct btf_diff *diff, const struct diff_detail *detail)
{
	int side = detail->how & DIFF_HOW_REMOVED ? DIFF_OLD : DIFF_NEW;
	struct describe_text text;

	fprintf(out, "parameter %" PRIu32, detail->indexes[side]);
	if (detail->how & (DIFF_HOW_ADDED | DIFF_HOW_REMOVED)) {
		if (*detail->names[side])
			fprintf(out, " %s", detail->names[side]);
		fprintf(out, ": %s", type_text(diff, detail, side, &text));
		return;
	}
	if (detail->how & DIFF_HOW_RENAMED || *detail->names[side]) {
		fputc(' ', out);
		print_rename(out, detail);
	}
	if (detail->how & DIFF_HOW_RETYPED) {
		fputs(": ", out);
		print_types(out, diff, detail);
	}
}

static void print_value(FILE *out, const struct btf_diff *diff, const struct diff_entry *entry,
			const struct diff_detail *detail, int side)
{
	if (btf_view_flag(diff->views[side], entry->ids[side]))
		fprintf(out, "%" PRId64, (int64_t)detail->values[side]);
	else
		fprintf(out, "%" PRIu64, detail->values[side]);
}

static void print_enumerator(FILE *out, const struct btf_diff *diff, const struct diff_entry *entry,
			     const struct diff_detail *detail)
{
	int side = detail->how & DIFF_HOW_REMOVED ? DIFF_OLD : DIFF_NEW;

	print_name(out, detail->names[side]);
	fputs(" = ", out);
	if (!(detail->how & (DIFF_HOW_ADDED | DIFF_HOW_REMOVED))) {
		print_value(out, diff, entry, detail, DIFF_OLD);
		fputs(" -> ", out);
	}
	print_value(out, diff, entry, detail, side);
}

static void print_encoding(FILE *out, uint64_t tail)
{
	uint32_t encoding = btf_int_encoding((uint32_t)tail);

	fprintf(out, "%s%s%s %" PRIu32 " bits",
		encoding & BTF_ENCODING_SIGNED ? "signed" : "unsigned",
		encoding & BTF_ENCODING_CHAR ? " char" : "",
		encoding & BTF_ENCODING_BOOL ? " bool" : "", btf_int_bits((uint32_t)tail));
	if (btf_int_bit_off((uint32_t)tail))
		fprintf(out, " from %" PRIu32, btf_int_bit_off((uint32_t)tail));
}

static const char *linkage_text(uint64_t linkage)
{
	static const char *const names[] = { "static", "global", "extern" };

	return linkage < 3 ? names[linkage] : "unknown";
}

static const char *section_text(const char *name)
{
	return name ? name : "(none)";
}

static void print_tag(FILE *out, const struct diff_detail *detail)
{
	const char *text = detail->names[detail->how & DIFF_HOW_REMOVED ? DIFF_OLD : DIFF_NEW];

	fprintf(out, "tag %s", text);
	if (detail->component && *detail->component)
		fprintf(out, " of %s", detail->component);
	else if (detail->component)
		fprintf(out, " of number %" PRIu32, detail->indexes[0] + detail->indexes[1]);
}

static void print_detail(FILE *out, const struct btf_diff *diff, const struct diff_entry *entry,
			 const struct diff_detail *detail)
{
	const uint64_t *values = detail->values;

	fputs(detail->how & DIFF_HOW_ADDED   ? "+ " :
	      detail->how & DIFF_HOW_REMOVED ? "- " :
					       "~ ",
	      out);
	switch ((enum diff_what)detail->what) {
	case DIFF_KIND:
		fprintf(out, "%s -> %s", btf_kind_table[values[DIFF_OLD]].name,
			btf_kind_table[values[DIFF_NEW]].name);
		break;
	case DIFF_SIZE:
		fprintf(out, "size: %" PRIu64 " -> %" PRIu64, values[DIFF_OLD], values[DIFF_NEW]);
		break;
	case DIFF_SIGNED:
		fputs(values[DIFF_NEW] ? "unsigned -> signed" : "signed -> unsigned", out);
		break;
	case DIFF_ENCODING:
		print_encoding(out, values[DIFF_OLD]);
		fputs(" -> ", out);
		print_encoding(out, values[DIFF_NEW]);
		break;
	case DIFF_TARGET:
		print_types(out, diff, detail);
		break;
	case DIFF_TYPE:
		fputs("type: ", out);
		print_types(out, diff, detail);
		break;
	case DIFF_LINKAGE:
		fprintf(out, "linkage: %s -> %s", linkage_text(values[DIFF_OLD]),
			linkage_text(values[DIFF_NEW]));
		break;
	case DIFF_SECTION:
		fprintf(out, "section: %s -> %s", section_text(detail->names[DIFF_OLD]),
			section_text(detail->names[DIFF_NEW]));
		break;
	case DIFF_OFFSET:
		fprintf(out, "offset: %" PRIu64 " -> %" PRIu64, values[DIFF_OLD], values[DIFF_NEW]);
		break;
	case DIFF_RESULT:
		fputs("result: ", out);
		print_types(out, diff, detail);
		break;
	case DIFF_PARAMETER:
		print_param(out, diff, detail);
		break;
	case DIFF_MEMBER:
		print_member(out, diff, detail);
		break;
	case DIFF_ENUMERATOR:
		print_enumerator(out, diff, entry, detail);
		break;
	case DIFF_TAG:
		print_tag(out, detail);
		break;
	case DIFF_INSIDE:
	case DIFF_NUM_WHATS:
		fputs("unnamed parts or their order differ", out);
		break;
	}
}

/* Members that moved by one distance, next to each other, are one line. */
static bool only_moved(const struct diff_detail *detail)
{
	return detail->what == DIFF_MEMBER && detail->how == DIFF_HOW_MOVED;
}

static size_t run_length(const struct btf_diff *diff, const struct diff_entry *entry, size_t i)
{
	const struct diff_detail *first = &diff->details.data[entry->first_detail + i];
	size_t num = 1;

	if (!only_moved(first))
		return 1;
	for (; i + num < entry->num_details; num++) {
		const struct diff_detail *detail =
			&diff->details.data[entry->first_detail + i + num];

		if (!only_moved(detail) ||
		    detail->values[DIFF_NEW] - detail->values[DIFF_OLD] !=
			    first->values[DIFF_NEW] - first->values[DIFF_OLD])
			break;
	}
	return num;
}

static void print_run(FILE *out, const struct btf_diff *diff, const struct diff_entry *entry,
		      size_t i, size_t num)
{
	const struct diff_detail *first = &diff->details.data[entry->first_detail + i];
	const struct diff_detail *last = first + num - 1;
	int64_t by = (int64_t)(first->values[DIFF_NEW] - first->values[DIFF_OLD]);

	if (num == 1) {
		print_detail(out, diff, entry, first);
		return;
	}
	fprintf(out, "~ %s members ", GROUP(num));
	print_name(out, first->names[DIFF_NEW]);
	fputs(" to ", out);
	print_name(out, last->names[DIFF_NEW]);
	fprintf(out, ": moved by %c", by < 0 ? '-' : '+');
	print_off(out, by < 0 ? 0 - (uint64_t)by : (uint64_t)by);
}

static bool is_shown(const struct diff_detail *detail)
{
	return detail->what != DIFF_SIZE; /* stands in the row */
}

static bool lines_make(const struct diff_table *table, struct diff_row *row, size_t max_lines)
{
	const struct diff_entry *entry = row->entry;
	size_t num;

	row->lines = calloc(entry->num_details + 1, sizeof(*row->lines));
	if (!row->lines)
		return false;
	for (size_t i = 0; i < entry->num_details; i += num) {
		const struct btf_diff *diff = table->diff;
		struct memory_file line;
		struct btfgen_error *err;

		num = run_length(diff, entry, i);
		if (!is_shown(&diff->details.data[entry->first_detail + i]))
			continue;
		if (row->num_lines == max_lines) {
			row->num_more += 1;
			continue;
		}
		err = memory_file_open(&line);
		if (err) {
			error_free(err);
			return false;
		}
		print_run(line.out, diff, entry, i, num);
		row->lines[row->num_lines] = diff_text_take(&line);
		if (!row->lines[row->num_lines++])
			return false;
	}
	return true;
}

static bool cell_make(struct diff_row *row, int i, const char *text)
{
	row->cells[i] = strdup(text);
	return row->cells[i] != NULL;
}

/* Old and new size and their difference; of what came or went, its size. */
static bool cells_make(struct diff_row *row)
{
	const struct diff_entry *entry = row->entry;
	bool is_unchanged = entry->has_size[DIFF_OLD] && entry->has_size[DIFF_NEW] &&
			    entry->sizes[DIFF_OLD] == entry->sizes[DIFF_NEW];
	bool ok = cell_make(row, 0, entry->name);

	for (int side = 0; side < DIFF_SIDES && ok; side++) {
		bool is_shown = entry->has_size[side] && !(is_unchanged && side == DIFF_OLD);

		ok = cell_make(row, 1 + side, is_shown ? GROUP(entry->sizes[side]) : "");
	}
	if (ok && entry->has_size[DIFF_OLD] && entry->has_size[DIFF_NEW] && !is_unchanged)
		return cell_make(row, 3,
				 DELTA((int64_t)entry->sizes[DIFF_NEW] - entry->sizes[DIFF_OLD]));
	return ok && cell_make(row, 3, "");
}

/* What a thing that came or went is. */
static void print_remark(FILE *out, const struct btf_diff *diff, const struct diff_entry *entry)
{
	int side = entry->change == DIFF_ADDED ? DIFF_NEW : DIFF_OLD;
	const struct btf_view *view = diff->views[side];
	uint32_t id = entry->ids[side];
	struct describe_text text;

	switch (entry->kind) {
	case BTF_TYPEDEF:
	case BTF_FUNC:
	case BTF_VAR:
		btf_describe_type(view, btf_view_word(view, id), &text);
		fputs(text.data, out);
		break;
	case BTF_FWD:
		fputs(btf_view_flag(view, id) ? "union" : "struct", out);
		break;
	case BTF_DECL_TAG:
		btf_describe_type(view, btf_view_word(view, id), &text);
		fprintf(out, "on %s", text.data);
		break;
	}
	if (entry->sections[side])
		fprintf(out, ", %s+%" PRIu32, entry->sections[side], entry->section_offs[side]);
}

bool diff_row_make(const struct diff_table *table, size_t i, size_t max_lines,
		   struct diff_row *ret_row)
{
	struct memory_file remark;
	struct btfgen_error *err;

	*ret_row = (struct diff_row){ .entry = &table->diff->entries.data[table->first + i] };
	if (!cells_make(ret_row))
		return false;
	if (table->change == DIFF_CHANGED) {
		if (!lines_make(table, ret_row, max_lines))
			return false;
		if (ret_row->num_lines == 1 && !ret_row->num_more) {
			ret_row->remark = ret_row->lines[0];
			ret_row->num_lines = 0;
		}
		return true;
	}
	err = memory_file_open(&remark);
	if (err) {
		error_free(err);
		return false;
	}
	print_remark(remark.out, table->diff, ret_row->entry);
	ret_row->remark = diff_text_take(&remark);
	return ret_row->remark != NULL;
}

void diff_row_deinit(struct diff_row *row)
{
	for (int i = 0; i < DIFF_MAX_COLUMNS; i++)
		free(row->cells[i]);
	for (size_t i = 0; i < row->num_lines; i++)
		free(row->lines[i]);
	free(row->lines);
	free(row->remark);
	*row = (struct diff_row){};
}
