// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/encode_args.h"
#include "cli/explain_print.h"

struct explain_values {
	struct cli_common common;
	struct encode_args args;
	bool json;
};

static const struct option_spec options[] = {
	{ .name = "json",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct explain_values, json),
	  .help = "everything that is known, as JSON" },
	ENCODE_ARGS_OPTIONS(struct explain_values),
	CLI_COMMON_OPTIONS(struct explain_values),
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static struct btfgen_error *check_operands(int num_operands, char **operands)
{
	struct btfgen_error *err;

	if (num_operands == 0)
		return usage_error("no input file");
	err = encode_args_check_input(operands[0]);
	if (err)
		return err;
	if (num_operands == 1)
		return usage_error("no name of a function or variable");
	for (int i = 1; i < num_operands; i++) {
		if (operands[i][0] == '\0')
			return usage_error("a name is empty");
	}
	return NULL;
}

static struct btfgen_error *explain_file(const struct encode_options *encode)
{
	struct encode_report *report;
	struct btfgen_error *err;

	err = encode_report_create(&report);
	if (err)
		return err;
	err = encode_file(encode, report);
	encode_report_destroy(report);
	return err;
}

static bool all_in_btf(const struct explain *explain)
{
	for (size_t i = 0; i < explain->answers.num; i++) {
		if (!explain->answers.data[i].in_btf)
			return false;
	}
	return true;
}

static struct btfgen_error *explain_run_verb(const struct cli_verb *verb, int argc, char **argv,
					     int *ret_exit_code)
{
	struct explain_values values = { .args = ENCODE_ARGS_DEFAULT };
	struct encode_options encode = {};
	struct explain explain = {};
	struct btfgen_error *err;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (err)
		return err;
	*ret_exit_code = 0;
	if (done)
		return NULL;
	err = check_operands(num_operands, argv);
	if (err)
		return err;
	explain.patterns = argv + 1;
	explain.num_patterns = (size_t)num_operands - 1;
	arena_init(&explain.arena);
	encode.input_path = argv[0];
	encode.explain = &explain;
	err = encode_args_apply(&values.args, &encode);
	if (!err)
		err = explain_file(&encode);
	if (!err) {
		*ret_exit_code = all_in_btf(&explain) ? 0 : 1;
		if (values.json)
			explain_print_json(stdout, argv[0], &explain);
		else
			err = explain_print_text(stdout, &explain);
	}
	explain_deinit(&explain);
	encode_args_deinit(&values.args);
	return err;
}

const struct cli_verb cli_explain = {
	.name = "explain",
	.synopsis = "explain [OPTION]... FILE NAME...",
	.summary = "tell why a function or variable is in the BTF, or why not",
	.description =
		"Tells for each NAME, a function or variable of FILE, whether it is in the BTF\n"
		"that btfgen makes of FILE with the same options, and if not: why, what to do,\n"
		"and the symbols, debugging entries and prototypes concerned. NAME may be a\n"
		"pattern as the shell has them. Nothing is written. The exit code is 1 if one of\n"
		"them is not in the BTF.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_NOTHING,
	.run = explain_run_verb,
};
