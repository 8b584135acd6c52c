// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/stat.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "btf_stack.h"
#include "cli/cli.h"
#include "cli/encode_args.h"
#include "cli/page.h"
#include "lib/base/file.h"
#include "lib/base/memory_file.h"

enum {
	DEFAULT_TOP = 20,	 /* of lists that people read */
	DEFAULT_TOP_JSON = 1000, /* of those that programs and pages show */
	DEFAULT_RUNS = 3,
	MAX_TOP = 1000000000,
	MAX_RUNS = 1000,
};

#define NOT_SAID UINT_MAX

struct stat_values {
	struct cli_common common;
	option_values bases;
	unsigned int top;
	bool json;
	const char *html;
	bool price;
	unsigned int runs;
	unsigned int jobs;
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static const struct option_spec options[] = {
	{ .letter = 'B',
	  .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct stat_values, bases),
	  .arg_name = "BASE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "FILE is split BTF over that of BASE;\nseveral: stacked, vmlinux first" },
	{ .name = "top",
	  .type = OPTION_UINT,
	  .value_off = offsetof(struct stat_values, top),
	  .arg_name = "N",
	  .max = MAX_TOP,
	  .help = "longest list of types or names (20; 0: all)" },
	{ .name = "json",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct stat_values, json),
	  .help = "everything that is known, as JSON" },
	{ .name = "html",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct stat_values, html),
	  .arg_name = "PAGE",
	  .hint = HINT_FILE,
	  .help = "write one HTML page with all of it to PAGE" },
	{ .name = "price",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct stat_values, price),
	  .help = "what variables, functions and tags would cost" },
	{ .name = "runs",
	  .type = OPTION_UINT,
	  .value_off = offsetof(struct stat_values, runs),
	  .arg_name = "N",
	  .max = MAX_RUNS,
	  .help = "with --price: of each encoding (3)" },
	{ .letter = 'j',
	  .name = "jobs",
	  .type = OPTION_UINT,
	  .value_off = offsetof(struct stat_values, jobs),
	  .arg_name = "N",
	  .max = MAX_JOBS,
	  .help = "with --price: threads (0: all that there are)" },
	CLI_COMMON_OPTIONS(struct stat_values),
};

/* One large write: what comes later would lose the number of its error. */
static struct btfgen_error *write_stdout(const char *text, size_t size)
{
	errno = 0;
	if (fwrite(text, 1, size, stdout) == size || errno == EPIPE)
		return NULL;
	return error_create_errno(BTFGEN_ERROR_IO, errno ? errno : EIO,
				  "cannot write to standard output");
}

static struct btfgen_error *write_page(const struct stat_report *report, const char *page_path)
{
	struct memory_file file;
	struct btfgen_error *err;

	err = memory_file_open(&file);
	if (err)
		return err;
	page_begin(file.out, report->path, PAGE_STAT);
	err = stat_write_json(report, file.out);
	page_end(file.out);
	if (!err)
		err = memory_file_finish(&file);
	if (!err)
		err = strcmp(page_path, "-") == 0 ?
			      write_stdout(file.data, file.size) :
			      file_write_detached(page_path, file.data, file.size);
	memory_file_close(&file);
	return err;
}

static size_t list_size(const struct stat_values *values, size_t default_size)
{
	if (values->top == NOT_SAID)
		return default_size;
	return values->top ? values->top : SIZE_MAX;
}

static struct btfgen_error *show_report(struct stat_report *report,
					const struct stat_values *values)
{
	struct btfgen_error *err = NULL;

	report->top = list_size(values, DEFAULT_TOP_JSON);
	if (values->html)
		err = write_page(report, values->html);
	if (!err && values->json)
		err = stat_write_json(report, stdout);
	if (err || values->json || values->html)
		return err;
	report->top = list_size(values, DEFAULT_TOP);
	return stat_print_text(report, stdout);
}

static struct btfgen_error *show_stack(const char *path, const struct btf_stack *stack,
				       const struct stat_values *values)
{
	static const char *const own_base[] = { ".BTF.base" };
	struct stat_report report = {
		.path = path,
		.bases = values->bases.data,
		.num_bases = values->bases.num,
	};
	static const char *const kernel[] = { "/sys/kernel/btf/vmlinux" };
	struct btfgen_error *err;
	struct btf_stat *stat;

	/* What btf_stack.h has found by itself. */
	if (!report.num_bases && btf_stack_view(stack)->base) {
		report.bases = stack->num > 1 ? kernel : own_base;
		report.num_bases = 1;
	}
	err = btf_stat_create(btf_stack_view(stack), &stat);
	if (err)
		return err;
	report.stat = stat;
	err = show_report(&report, values);
	btf_stat_destroy(stat);
	return err;
}

static struct btfgen_error *stat_file(const char *path, const struct stat_values *values)
{
	struct btfgen_error *err;
	struct btf_stack stack;

	err = btf_stack_open(path, values->bases.data, values->bases.num, &stack);
	if (err)
		return err;
	err = show_stack(path, &stack, values);
	btf_stack_close(&stack);
	return err;
}

static struct btfgen_error *price_file(const char *path, const struct stat_values *values)
{
	const struct stat_price_options price = {
		.path = path,
		.bases = values->bases.data,
		.num_bases = values->bases.num,
		.num_workers = values->jobs == NOT_SAID ? 0 : values->jobs,
		.num_runs = values->runs == NOT_SAID ? DEFAULT_RUNS : values->runs,
		.json = values->json,
	};

	return stat_price(&price, stdout);
}

static struct btfgen_error *check_values(const struct stat_values *values, int num_operands,
					 char **operands)
{
	if (num_operands == 0)
		return usage_error("no input file");
	if (num_operands > 1)
		return usage_error("one input file at a time, '%s' is the second", operands[1]);
	if (operands[0][0] == '\0')
		return usage_error("the name of the input is empty");
	if (values->price && (values->html || values->top != NOT_SAID))
		return usage_error("--price goes with neither --html nor --top");
	if (!values->price && values->runs != NOT_SAID)
		return usage_error("--runs is about --price");
	if (!values->price && values->jobs != NOT_SAID)
		return usage_error("--jobs is about --price");
	if (values->runs == 0)
		return usage_error("--runs takes at least 1");
	return NULL;
}

static struct btfgen_error *stat_run(const struct cli_verb *verb, int argc, char **argv,
				     int *ret_exit_code)
{
	struct stat_values values = { .top = NOT_SAID, .runs = NOT_SAID, .jobs = NOT_SAID };
	struct btfgen_error *err;
	int num_operands;
	bool done = false;

	*ret_exit_code = 0;
	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (!err && !done)
		err = check_values(&values, num_operands, argv);
	if (!err && !done)
		err = values.price ? price_file(argv[0], &values) : stat_file(argv[0], &values);
	vec_deinit(&values.bases);
	return err;
}

const struct cli_verb cli_stat = {
	.name = "stat",
	.synopsis = "stat [OPTION]... FILE",
	.summary = "tell where the bytes of a BTF file go",
	.description =
		"Tells where the bytes of FILE go, raw BTF or an ELF file with .BTF: kinds, uses\n"
		"of strings, sections, per-CPU variables, the largest types, double names. With\n"
		"--price, FILE has DWARF: it is encoded in memory with and without variables,\n"
		"functions and tags, and what each of them adds in bytes and time is told.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_NOTHING,
	.run = stat_run,
};
