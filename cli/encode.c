// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "btf_encoder.h"
#include "cli/batch.h"
#include "cli/encode_args.h"
#include "cli/file_list.h"
#include "cli/report.h"
#include "encode_base.h"
#include "lib/base/vec.h"

enum { NORMAL, QUIET, VERBOSE };

struct encode_values {
	struct cli_common common;
	struct encode_args args;
	option_values bases;
	bool strict_forwards;
	bool list_features;
	const char *output;
	const char *object;
	const char *output_dir;
	const char *files_from;
	bool null;
	int fail_fast;
	bool if_needed;
	int verbosity;
	unsigned int report; /* enum cli_report */
};

static const char *const report_formats[] = { "text", "json", NULL };

static const struct option_spec options[] = {
	{ .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct encode_values, bases),
	  .arg_name = "FILE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "split BTF over that of FILE; several: stacked" },
	{ .name = "distilled",
	  .type = OPTION_BITS,
	  .value_off = offsetof(struct encode_values, args.features),
	  .bits = ENCODE_FEATURE(FEATURE_DISTILLED_BASE),
	  .help = "for other builds of the base: .BTF.base" },
	{ .name = "strict-forwards",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct encode_values, strict_forwards),
	  .help = "not the base's types with declarations inside" },
	ENCODE_ARGS_OPTIONS(struct encode_values),
	{ .letter = 'o',
	  .name = "output",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct encode_values, output),
	  .arg_name = "FILE",
	  .hint = HINT_FILE,
	  .help = "raw BTF to FILE, '-': to standard output" },
	{ .name = "emit-object",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct encode_values, object),
	  .arg_name = "FILE",
	  .hint = HINT_FILE,
	  .help = "an object for the linker, with .BTF, to FILE" },
	{ .name = "output-dir",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct encode_values, output_dir),
	  .arg_name = "DIR",
	  .hint = HINT_DIR,
	  .help = "raw BTF of each FILE to DIR/NAME.btf" },
	FILE_LIST_OPTIONS(struct encode_values),
	{ .name = "keep-going",
	  .type = OPTION_CONST,
	  .value_off = offsetof(struct encode_values, fail_fast),
	  .constant = 0,
	  .help = "a FILE that fails does not end it (on)" },
	{ .name = "fail-fast",
	  .type = OPTION_CONST,
	  .value_off = offsetof(struct encode_values, fail_fast),
	  .constant = 1,
	  .help = "begin no other FILE when one has failed" },
	{ .name = "if-needed",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct encode_values, if_needed),
	  .help = "pass over what is up to date" },
	{ .name = "report",
	  .type = OPTION_CHOICE,
	  .value_off = offsetof(struct encode_values, report),
	  .arg_name = "text|json",
	  .choices = report_formats,
	  .help = "tell on standard output what was done" },
	{ .letter = 'v',
	  .name = "verbose",
	  .type = OPTION_CONST,
	  .value_off = offsetof(struct encode_values, verbosity),
	  .constant = VERBOSE,
	  .help = "tell on standard error what was done" },
	{ .letter = 'q',
	  .name = "quiet",
	  .type = OPTION_CONST,
	  .value_off = offsetof(struct encode_values, verbosity),
	  .constant = QUIET,
	  .help = "only errors; undoes an earlier -v" },
	{ .name = "list-features",
	  .type = OPTION_STOP,
	  .value_off = offsetof(struct encode_values, list_features),
	  .help = "show the names for --features" },
	CLI_COMMON_OPTIONS(struct encode_values),
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

/* Raw BTF of one file to one file. */
static struct btfgen_error *check_output(const char *option, const char *input, const char *output)
{
	struct stat in, out;

	if (strcmp(output, "-") == 0)
		return isatty(STDOUT_FILENO) ?
			       usage_error("BTF is binary, not for a terminal: redirect '%s -'",
					   option) :
			       NULL;
	/* Raw BTF in the place of the kernel it was made from is nothing anybody wants. */
	if (stat(input, &in) == 0 && stat(output, &out) == 0 && in.st_dev == out.st_dev &&
	    in.st_ino == out.st_ino)
		return usage_error("'%s' is the input file: leave out %s to write into it", output,
				   option);
	return NULL;
}

static struct btfgen_error *check_values(const struct encode_values *values,
					 const struct file_list *files)
{
	bool has_base = values->bases.num > 0;

	if (files->paths.num == 0)
		return usage_error("no input file");
	if (files->paths.num > 1 && !has_base)
		return usage_error("one input file at a time without --base, '%s' is the second",
				   files->paths.data[1]);
	if (encode_has(values->args.features, FEATURE_DISTILLED_BASE) && !has_base)
		return usage_error("a distilled base needs a base to be distilled from (--base)");
	if (values->strict_forwards && !has_base)
		return usage_error("--strict-forwards is about the types of a base (--base)");
	if (values->object && (values->output || values->output_dir || values->if_needed))
		return usage_error("--emit-object excludes -o, --output-dir and --if-needed");
	if (values->null && !values->files_from)
		return usage_error("--null is about the list of --files-from");
	if (values->object) {
		if (has_base)
			return usage_error("--emit-object is for BTF that stands alone, not over a "
					   "base");
		return check_output("--emit-object", files->paths.data[0], values->object);
	}
	if (!values->output)
		return NULL;
	if (values->output_dir)
		return usage_error("-o and --output-dir exclude each other");
	if (values->if_needed)
		return usage_error("--if-needed works in place or with --output-dir, not with -o");
	if (files->paths.num > 1)
		return usage_error("-o takes one input file, '%s' is the second: --output-dir "
				   "takes several",
				   files->paths.data[1]);
	if (strcmp(values->output, "-") == 0 &&
	    encode_has(values->args.features, FEATURE_DISTILLED_BASE))
		return usage_error("a distilled base is a second file: '-o -' writes one");
	return check_output("-o", files->paths.data[0], values->output);
}

static struct btfgen_error *collect_files(const struct encode_values *values, int num_operands,
					  char **operands, struct file_list *files)
{
	struct btfgen_error *err = NULL;

	for (int i = 0; !err && i < num_operands; i++)
		err = file_list_add(files, operands[i]);
	if (!err && values->files_from)
		err = file_list_read(files, values->files_from, values->null);
	return err;
}

/* The one file that is written; NULL: none, or several. */
static const char *output_of(const struct encode_values *values)
{
	return values->object ? values->object : values->output;
}

static void print_report(const struct encode_values *values, const struct report_run *run)
{
	const char *output = output_of(values);
	bool to_stderr = output && strcmp(output, "-") == 0;
	FILE *out = to_stderr ? stderr : stdout;

	if (values->verbosity == VERBOSE)
		report_print_text(stderr, run);
	if (values->verbosity != QUIET && !run->error)
		report_print_missing(stderr, run);
	/* Then the one line of the error stands there alone. */
	if (run->error && to_stderr)
		return;
	if (values->report == CLI_REPORT_TEXT)
		report_print_text(out, run);
	else if (values->report == CLI_REPORT_JSON)
		report_print_json(out, run);
}

static struct btfgen_error *encode_and_report(const struct encode_values *values,
					      const struct encode_options *encode)
{
	struct encode_report *report;
	struct btfgen_error *err;

	err = encode_report_create(&report);
	if (err)
		return err;
	err = encode_file(encode, report);
	print_report(values,
		     &(struct report_run){ .options = encode, .report = report, .error = err });
	encode_report_destroy(report);
	return err;
}

static struct btfgen_error *run_batch(const struct encode_values *values,
				      const struct encode_options *encode,
				      const struct file_list *files, int *ret_exit_code)
{
	const struct cli_batch batch = {
		.options = {
			.encode = *encode,
			.paths = files->paths.data,
			.num_paths = files->paths.num,
			.base_paths = values->bases.data,
			.num_base_paths = values->bases.num,
			.output_dir = values->output_dir,
			.num_workers = encode->num_workers,
			.fail_fast = values->fail_fast,
			.if_needed = values->if_needed,
			.version = BTFGEN_VERSION,
		},
		.report = values->report,
		.verbose = values->verbosity == VERBOSE,
		.quiet = values->verbosity == QUIET,
	};

	return cli_batch_run(&batch, ret_exit_code);
}

/* A file alone that needs none of what a batch does has a report of its own, and more to say. */
static struct btfgen_error *run_values(struct encode_values *values, const struct file_list *files,
				       int *ret_exit_code)
{
	const char *output = output_of(values);
	bool is_batch = !output && (values->bases.num || values->output_dir || values->files_from ||
				    values->if_needed);
	struct encode_options encode = {
		.input_path = files->paths.data[0],
		.output_path = output,
		.as_object = values->object != NULL,
		.strict_forwards = values->strict_forwards,
	};
	struct encode_base *base = NULL;
	struct btfgen_error *err;

	err = encode_args_apply(&values->args, &encode);
	if (!err && values->bases.num)
		err = encode_base_open(values->bases.data, values->bases.num, &base);
	encode.base = base;
	if (!err)
		err = is_batch ? run_batch(values, &encode, files, ret_exit_code) :
				 encode_and_report(values, &encode);
	encode_base_close(base);
	encode_args_deinit(&values->args);
	return err;
}

static struct btfgen_error *encode_run(const struct cli_verb *verb, int argc, char **argv,
				       int *ret_exit_code)
{
	struct encode_values values = { .args = ENCODE_ARGS_DEFAULT };
	struct file_list files = {};
	struct btfgen_error *err;
	int num_operands;
	bool done = false;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	*ret_exit_code = 0;
	if (!err && values.list_features)
		features_print(stdout);
	if (!err && !done && !values.list_features) {
		err = collect_files(&values, num_operands, argv, &files);
		if (!err)
			err = check_values(&values, &files);
		if (!err)
			err = run_values(&values, &files, ret_exit_code);
	}
	file_list_deinit(&files);
	vec_deinit(&values.bases);
	return err;
}

const struct cli_verb cli_encode = {
	.name = "encode",
	.synopsis = "[encode] [OPTION]... FILE...",
	.summary = "write types, functions and variables of FILE as BTF",
	.description =
		"Reads the DWARF of FILE, a vmlinux or with --base modules, and writes its types,\n"
		"functions and per-CPU variables as BTF into its .BTF section or as raw BTF\n"
		"elsewhere. After an error the target is as it was before.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_FILE,
	.run = encode_run,
};
