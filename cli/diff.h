// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The parts of `btfgen diff`:
 *
 *	diff.c            options, two files or two folders, exit code
 *	diff_folder.c     files of folders, in pairs
 *	diff_budget.c     --max-growth
 *	diff_line.c       verdict, and one line a detail: what text and markdown share
 *	diff_text.c  diff_markdown.c  diff_json.c
 *
 * A report of two files is one of a folder with one file in it. Names come from input files: lines
 * are made with all their bytes, and whoever prints a line makes it harmless for its medium.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "btf_stack.h"
#include "cli/paint.h"
#include "lib/base/error.h"
#include "lib/base/memory_file.h"
#include "lib/base/vec.h"
#include "lib/btf/diff.h"

enum diff_status { STATUS_CHANGED, STATUS_REMOVED, STATUS_ADDED, STATUS_SAME, NUM_STATUSES };

struct diff_file {
	const char *path; /* inside the folders; NULL: two files were given */
	enum diff_status status;
	struct btf_stack *stacks[DIFF_SIDES]; /* NULL: the side does not have it */
	struct btf_diff diff;		      /* of one that is on one side only: sizes alone */
};

struct diff_limit {
	const char *text; /* as it was given, not ended by a zero */
	int text_size;
	const char *name; /* "total", "types", or the name of a part */
	bool is_percent;
	uint64_t most; /* bytes, or millionths of the old size */
	bool is_per_file;
};

typedef VEC(struct diff_limit) diff_limit_vec;

struct diff_budget {
	const struct diff_limit *limit;
	const char *path; /* of a limit for each file in folders; NULL: the whole */
	uint64_t bytes[DIFF_SIDES];
	bool is_breached;
};

struct diff_report {
	const char *paths[DIFF_SIDES];
	bool is_folder;
	bool is_same;
	struct diff_sizes sizes; /* of all files */
	uint64_t counts[BTF_NUM_KINDS][DIFF_NUM_CHANGES];
	uint64_t num_by_status[NUM_STATUSES];
	size_t num_unreadable;
	VEC(struct diff_file) files; /* the largest change first, then by path */
	VEC(struct diff_budget) budgets;
	char *verdict;
};

/* How much is shown: rows a table, lines a thing. */
struct diff_caps {
	size_t rows;
	size_t lines;
};

/*
 * diff_folder.c: fills report->files. What cannot be read is told on stderr and counted. @bases may
 * hold NULL for "none given": a vmlinux in the folder itself is taken then, which stays open in
 * @known_bases, as zeros if there is none.
 */
struct btfgen_error *diff_folder_read(struct diff_report *report,
				      const struct btf_stack *const *bases,
				      struct btf_stack *known_bases) BTFGEN_MUST_CHECK;
bool diff_is_folder(const char *path);

/* diff_budget.c: parses what --max-growth takes; @limits is a diff_limit_vec. */
struct btfgen_error *diff_limits_parse(const char *option, const char *value, bool is_per_file,
				       diff_limit_vec *limits) BTFGEN_MUST_CHECK;
/* Fills report->budgets and tells of breaches on stderr. */
struct btfgen_error *diff_budgets_check(struct diff_report *report, const diff_limit_vec *limits,
					bool *ret_breached) BTFGEN_MUST_CHECK;
/* "var grew by 6,144 bytes (+12.00 %), more than 10%". */
void diff_budget_print(FILE *out, const struct diff_budget *budget);

/* diff_line.c */

/* Ends a text without zeros in it; the caller frees it. NULL when memory is or was out. */
char *diff_text_take(struct memory_file *file);

/* The line that everything starts with, without its end. */
void diff_verdict_print(FILE *out, const struct diff_report *report);
/* What follows the sizes in it: "384 VAR added, 2 STRUCT changed and 7 more". */
void diff_counts_print(FILE *out, const uint64_t counts[BTF_NUM_KINDS][DIFF_NUM_CHANGES]);
void diff_sizes_print(FILE *out, const struct diff_sizes *sizes);

/* Tables for people leave out what is as it was. */
static inline bool diff_part_differs(const struct diff_part *part)
{
	return part->bytes[DIFF_OLD] != part->bytes[DIFF_NEW] ||
	       part->counts[DIFF_OLD] != part->counts[DIFF_NEW];
}

extern const char *const diff_change_names[DIFF_NUM_CHANGES];
extern const char *const diff_status_names[NUM_STATUSES];

enum { DIFF_MAX_COLUMNS = 4 };

/* The row of a thing in its table: size, old and new or what stands for them, and a remark. */
struct diff_row {
	const struct diff_entry *entry;
	char *cells[DIFF_MAX_COLUMNS];
	char *remark; /* of added and removed ones: the type; of changed ones: the only line */
	size_t num_lines;
	char **lines; /* '+', '-' or '~', a blank, the text */
	size_t num_more;
};

/* Things of one kind and change: entries [first, first + num) of the diff. */
struct diff_table {
	const struct btf_diff *diff;
	size_t first;
	size_t num;
	uint32_t kind;
	enum diff_change change;
};

/* The next table from entry *pos on; false: no more. */
bool diff_table_next(const struct btf_diff *diff, size_t *pos, struct diff_table *ret_table);

/* False when memory is out. diff_row_deinit() is due in either case. */
bool diff_row_make(const struct diff_table *table, size_t i, size_t max_lines,
		   struct diff_row *ret_row);
void diff_row_deinit(struct diff_row *row);

/* diff_text.c, diff_markdown.c, diff_json.c */

struct btfgen_error *diff_text_print(FILE *out, const struct diff_report *report,
				     struct diff_caps caps,
				     const struct paint *paint) BTFGEN_MUST_CHECK;
/* Below 60,000 bytes, whatever the caps ask for. */
struct btfgen_error *diff_markdown_print(FILE *out, const struct diff_report *report,
					 struct diff_caps caps) BTFGEN_MUST_CHECK;
struct btfgen_error *diff_json_print(FILE *out, const struct diff_report *report) BTFGEN_MUST_CHECK;
