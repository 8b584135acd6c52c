// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "btf_encoder.h"
#include "cli/encode_args.h"
#include "cli/report.h"

enum { NORMAL, QUIET, VERBOSE };

enum { REPORT_NONE, REPORT_TEXT, REPORT_JSON };

struct encode_values {
	struct cli_common common;
	struct encode_args args;
	bool list_features;
	const char *output;
	int verbosity;
	unsigned int report;
};

static const char *const report_formats[] = { "text", "json", NULL };

static const struct option_spec options[] = {
	ENCODE_ARGS_OPTIONS(struct encode_values),
	{ .letter = 'o',
	  .name = "output",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct encode_values, output),
	  .arg_name = "FILE",
	  .help = "write raw BTF to FILE ('-': standard output) and\n"
		  "leave the input as it is" },
	{ .name = "report",
	  .type = OPTION_CHOICE,
	  .value_off = offsetof(struct encode_values, report),
	  .arg_name = "text|json",
	  .choices = report_formats,
	  .help = "tell on standard output what was done (on standard\n"
		  "error with '-o -')" },
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
	  .help = "show the names for --features and what they mean" },
	CLI_COMMON_OPTIONS(struct encode_values),
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static struct btfgen_error *check_paths(int num_operands, char **operands, const char *output)
{
	struct btfgen_error *err;
	struct stat in, out;

	if (num_operands == 0)
		return usage_error("no input file");
	if (num_operands > 1)
		return usage_error("one input file at a time, '%s' is the second", operands[1]);
	err = encode_args_check_input(operands[0]);
	if (err || !output)
		return err;
	if (strcmp(output, "-") == 0)
		return isatty(STDOUT_FILENO) ?
			       usage_error("BTF is binary, not for a terminal: redirect '-o -'") :
			       NULL;
	/* Raw BTF in the place of the kernel it was made from is nothing anybody wants. */
	if (stat(operands[0], &in) == 0 && stat(output, &out) == 0 && in.st_dev == out.st_dev &&
	    in.st_ino == out.st_ino)
		return usage_error("'%s' is the input file: leave out -o to write into it", output);
	return NULL;
}

static void print_report(const struct encode_values *values, const struct report_run *run)
{
	bool to_stderr = values->output && strcmp(values->output, "-") == 0;
	FILE *out = to_stderr ? stderr : stdout;

	if (values->verbosity == VERBOSE)
		report_print_text(stderr, run);
	if (values->verbosity != QUIET && !run->error)
		report_print_missing(stderr, run);
	/* Then the one line of the error stands there alone. */
	if (run->error && to_stderr)
		return;
	if (values->report == REPORT_TEXT)
		report_print_text(out, run);
	else if (values->report == REPORT_JSON)
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

static struct btfgen_error *encode_run(const struct cli_verb *verb, int argc, char **argv,
				       int *ret_exit_code)
{
	struct encode_values values = { .args = ENCODE_ARGS_DEFAULT };
	struct encode_options encode = {};
	struct btfgen_error *err;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (err)
		return err;
	*ret_exit_code = 0;
	if (values.list_features)
		features_print(stdout);
	if (done || values.list_features)
		return NULL;
	err = check_paths(num_operands, argv, values.output);
	if (err)
		return err;
	encode.input_path = argv[0];
	encode.output_path = values.output;
	err = encode_args_apply(&values.args, &encode);
	if (!err)
		err = encode_and_report(&values, &encode);
	encode_args_deinit(&values.args);
	return err;
}

const struct cli_verb cli_encode = {
	.name = "encode",
	.synopsis = "[encode] [OPTION]... FILE",
	.summary = "write types, functions and variables of FILE as BTF",
	.description =
		"Reads the DWARF of FILE, an ELF file such as vmlinux, and writes its types,\n"
		"functions and per-CPU variables as BTF into the .BTF section of FILE, or with -o\n"
		"as raw BTF elsewhere. After an error the target is as it was before.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.run = encode_run,
};
