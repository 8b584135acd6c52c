// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/diff.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/page.h"
#include "lib/base/cleanup.h"
#include "lib/base/file.h"

enum diff_format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_UNSAID };

enum { DEFAULT_TOP = 20, DEFAULT_LINES = 10, MAX_TOP = 1000000000 };

static const char *const format_names[] = { "text", "markdown", "json", NULL };

struct diff_values {
	struct cli_common common;
	option_values bases; /* of both */
	option_values side_bases[DIFF_SIDES];
	int format; /* enum diff_format */
	const char *html;
	unsigned int top;
	unsigned int color;
	diff_limit_vec limits;
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static struct btfgen_error *parse_format(const char *option, const char *value, void *var)
{
	for (int i = 0; format_names[i]; i++) {
		if (strcmp(value, format_names[i]) == 0) {
			*(int *)var = i;
			return NULL;
		}
	}
	return usage_error("option '%s' takes text, markdown or json, not '%s'", option, value);
}

static struct btfgen_error *parse_limit(const char *option, const char *value, void *var)
{
	return diff_limits_parse(option, value, false, var);
}

static struct btfgen_error *parse_file_limit(const char *option, const char *value, void *var)
{
	return diff_limits_parse(option, value, true, var);
}

static const struct option_spec options[] = {
	{ .letter = 'F',
	  .name = "format",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct diff_values, format),
	  .arg_name = "FORMAT",
	  .choices = format_names,
	  .hint = HINT_WORD,
	  .parse = parse_format,
	  .help = "text (if nothing is said), markdown or json" },
	{ .name = "json",
	  .type = OPTION_CONST,
	  .constant = FORMAT_JSON,
	  .value_off = offsetof(struct diff_values, format),
	  .help = "--format=json: everything that is known" },
	{ .name = "html",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct diff_values, html),
	  .arg_name = "PAGE",
	  .hint = HINT_FILE,
	  .help = "write one HTML page with all of it to PAGE" },
	{ .name = "top",
	  .type = OPTION_UINT,
	  .value_off = offsetof(struct diff_values, top),
	  .arg_name = "N",
	  .max = MAX_TOP,
	  .help = "rows of each table (20; 0: all)" },
	{ .letter = 'B',
	  .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct diff_values, bases),
	  .arg_name = "BASE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "OLD and NEW are split BTF over that of BASE;\nseveral: stacked, vmlinux first" },
	{ .name = "old-base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct diff_values, side_bases[DIFF_OLD]),
	  .arg_name = "BASE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "the same for OLD alone" },
	{ .name = "new-base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct diff_values, side_bases[DIFF_NEW]),
	  .arg_name = "BASE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "the same for NEW alone" },
	{ .name = "max-growth",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct diff_values, limits),
	  .arg_name = "LIMIT,...",
	  .parse = parse_limit,
	  .hint = HINT_NOTHING,
	  .help = "exit code 1 if it grew by more than 1%, 64K,\nvar=10%, struct=4096, ..., and "
		  "only then" },
	{ .name = "max-file-growth",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct diff_values, limits),
	  .arg_name = "LIMIT,...",
	  .parse = parse_file_limit,
	  .hint = HINT_NOTHING,
	  .help = "the same for each file of a folder" },
	{ .name = "color",
	  .type = OPTION_CHOICE,
	  .value_off = offsetof(struct diff_values, color),
	  .arg_name = "WHEN",
	  .choices = paint_choices,
	  .help = "always, auto (if nothing is said) or never" },
	CLI_COMMON_OPTIONS(struct diff_values),
};

static struct btfgen_error *write_page(const struct diff_report *report, const char *path)
{
	_cleanup_free_ char *title = NULL;
	struct memory_file page;
	struct btfgen_error *err;

	if (asprintf(&title, "%s - %s", report->paths[DIFF_OLD], report->paths[DIFF_NEW]) < 0)
		return error_nomem();
	err = memory_file_open(&page);
	if (err)
		return err;
	page_begin(page.out, title, PAGE_DIFF);
	err = diff_json_print(page.out, report);
	page_end(page.out);
	if (!err)
		err = memory_file_finish(&page);
	if (!err && strcmp(path, "-") != 0)
		err = file_write_detached(path, page.data, page.size);
	else if (!err)
		fwrite(page.data, 1, page.size, stdout);
	memory_file_close(&page);
	return err;
}

static struct btfgen_error *show_report(const struct diff_report *report,
					const struct diff_values *values)
{
	struct diff_caps caps = { .rows = values->top, .lines = DEFAULT_LINES };
	struct btfgen_error *err = NULL;
	int format = values->format;
	struct paint paint;

	if (values->html)
		err = write_page(report, values->html);
	if (err)
		return err;
	if (format == FORMAT_UNSAID && values->html)
		return NULL;
	if (values->top == 0)
		caps = (struct diff_caps){ SIZE_MAX, SIZE_MAX };
	switch (format) {
	case FORMAT_JSON:
		return diff_json_print(stdout, report);
	case FORMAT_MARKDOWN:
		return diff_markdown_print(stdout, report, caps);
	}
	paint = paint_choose(paint_mode(values->color), stdout);
	return diff_text_print(stdout, report, caps, &paint);
}

static struct btfgen_error *verdict_make(struct diff_report *report)
{
	struct btfgen_error *err;
	struct memory_file line;

	err = memory_file_open(&line);
	if (err)
		return err;
	diff_verdict_print(line.out, report);
	report->verdict = diff_text_take(&line);
	return report->verdict ? NULL : error_nomem();
}

/* Judges and shows what was compared. */
static struct btfgen_error *report_finish(struct diff_report *report,
					  const struct diff_values *values, int *ret_exit_code)
{
	struct btfgen_error *err;
	bool is_breached = false;

	err = verdict_make(report);
	if (!err)
		err = diff_budgets_check(report, &values->limits, &is_breached);
	if (!err)
		err = show_report(report, values);
	if (err)
		return err;
	*ret_exit_code = values->limits.num ? is_breached : !report->is_same;
	if (report->num_unreadable)
		*ret_exit_code = 3;
	return NULL;
}

/* Two files. */

static struct btfgen_error *files_compare(struct diff_report *report,
					  const option_values *const *bases)
{
	struct diff_file file = {};
	struct btfgen_error *err = NULL;

	for (int side = 0; side < DIFF_SIDES && !err; side++) {
		struct btf_stack *stack = malloc(sizeof(*stack));

		if (!stack) {
			err = error_nomem();
			break;
		}
		err = btf_stack_open(report->paths[side], bases[side]->data, bases[side]->num,
				     stack);
		if (err)
			free(stack);
		else
			file.stacks[side] = stack;
	}
	if (!err)
		err = btf_diff_make(btf_stack_view(file.stacks[DIFF_OLD]),
				    btf_stack_view(file.stacks[DIFF_NEW]), &file.diff);
	if (!err && !vec_push(&report->files, file)) {
		btf_diff_deinit(&file.diff);
		err = error_nomem();
	}
	if (err) {
		for (int side = 0; side < DIFF_SIDES; side++) {
			if (file.stacks[side])
				btf_stack_close(file.stacks[side]);
			free(file.stacks[side]);
		}
		return err;
	}
	report->sizes = file.diff.sizes;
	report->is_same = !file.diff.entries.num;
	memcpy(report->counts, file.diff.counts, sizeof(report->counts));
	return NULL;
}

static void report_deinit(struct diff_report *report)
{
	for (size_t i = 0; i < report->files.num; i++) {
		struct diff_file *file = &report->files.data[i];

		btf_diff_deinit(&file->diff);
		for (int side = 0; side < DIFF_SIDES; side++) {
			if (file->stacks[side])
				btf_stack_close(file->stacks[side]);
			free(file->stacks[side]);
		}
		free((char *)file->path);
	}
	vec_deinit(&report->files);
	vec_deinit(&report->budgets);
	free(report->verdict);
}

/* Two folders. */

static struct btfgen_error *folders_diff(struct diff_report *report,
					 const struct diff_values *values,
					 const option_values *const *bases, int *ret_exit_code)
{
	struct btf_stack base_stacks[DIFF_SIDES] = {}, known_bases[DIFF_SIDES] = {};
	const struct btf_stack *given[DIFF_SIDES] = {};
	struct btfgen_error *err = NULL;

	report->is_folder = true;
	for (int side = 0; side < DIFF_SIDES && !err; side++) {
		size_t num = bases[side]->num;

		if (!num)
			continue;
		err = btf_stack_open(bases[side]->data[num - 1], bases[side]->data, num - 1,
				     &base_stacks[side]);
		if (!err)
			given[side] = &base_stacks[side];
	}
	if (!err)
		err = diff_folder_read(report, given, known_bases);
	if (!err)
		err = report_finish(report, values, ret_exit_code);
	report_deinit(report);
	*report = (struct diff_report){};
	for (int side = 0; side < DIFF_SIDES; side++) {
		btf_stack_close(&base_stacks[side]);
		btf_stack_close(&known_bases[side]);
	}
	return err;
}

static struct btfgen_error *operands_diff(char **operands, const struct diff_values *values,
					  int *ret_exit_code)
{
	struct diff_report report = { .paths = { operands[DIFF_OLD], operands[DIFF_NEW] } };
	const option_values *bases[DIFF_SIDES];
	bool is_folder[DIFF_SIDES];
	struct btfgen_error *err;

	for (int side = 0; side < DIFF_SIDES; side++) {
		bases[side] =
			values->side_bases[side].num ? &values->side_bases[side] : &values->bases;
		is_folder[side] = diff_is_folder(operands[side]);
	}
	if (is_folder[DIFF_OLD] != is_folder[DIFF_NEW])
		return usage_error("'%s' is a folder and '%s' is not",
				   operands[is_folder[DIFF_OLD] ? DIFF_OLD : DIFF_NEW],
				   operands[is_folder[DIFF_OLD] ? DIFF_NEW : DIFF_OLD]);
	if (is_folder[DIFF_OLD])
		return folders_diff(&report, values, bases, ret_exit_code);
	err = files_compare(&report, bases);
	if (!err)
		err = report_finish(&report, values, ret_exit_code);
	report_deinit(&report);
	return err;
}

static struct btfgen_error *check_operands(int num_operands, char **operands)
{
	if (num_operands != DIFF_SIDES)
		return usage_error("two files or two folders are needed, OLD and NEW");
	for (int i = 0; i < DIFF_SIDES; i++) {
		if (operands[i][0] == '\0')
			return usage_error("the name of the input is empty");
	}
	return NULL;
}

static struct btfgen_error *diff_run(const struct cli_verb *verb, int argc, char **argv,
				     int *ret_exit_code)
{
	struct diff_values values = { .format = FORMAT_UNSAID, .top = DEFAULT_TOP };
	struct btfgen_error *err;
	int num_operands;
	bool done = false;

	*ret_exit_code = 0;
	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (!err && !done)
		err = check_operands(num_operands, argv);
	if (!err && !done)
		err = operands_diff(argv, &values, ret_exit_code);
	vec_deinit(&values.bases);
	vec_deinit(&values.side_bases[DIFF_OLD]);
	vec_deinit(&values.side_bases[DIFF_NEW]);
	vec_deinit(&values.limits);
	return err;
}

const struct cli_verb cli_diff = {
	.name = "diff",
	.synopsis = "diff [OPTION]... OLD NEW",
	.summary = "compare two BTF files, or two folders of them, by meaning",
	.description =
		"Tells what differs between the BTF of two files, raw BTF or ELF files with a\n"
		".BTF section, or of the modules in two folders: by names, so that other numbers\n"
		"and another order are no difference. The exit code is 1 if something differs;\n"
		"with a limit on growth, if the limit is exceeded.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_FILE,
	.run = diff_run,
};
