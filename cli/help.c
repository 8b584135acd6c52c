// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/cli.h"

#include <stdio.h>

struct help_values {
	struct cli_common common;
};

static const struct option_spec options[] = {
	CLI_COMMON_OPTIONS(struct help_values),
};

static void print_verbs(FILE *out)
{
	const struct cli_verb *const *verbs;
	size_t num_verbs;

	verbs = cli_verbs(&num_verbs);
	for (size_t i = 0; i < num_verbs; i++)
		fprintf(out, "%s\n", verbs[i]->name);
}

static struct btfgen_error *help_run(const struct cli_verb *verb, int argc, char **argv,
				     int *ret_exit_code)
{
	const struct cli_verb *subject;
	struct help_values values = {};
	struct btfgen_error *err;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (err)
		return err;
	*ret_exit_code = 0;
	if (done)
		return NULL;
	if (num_operands > 1)
		return error_create(BTFGEN_ERROR_USAGE, "one verb at a time");
	if (num_operands == 0) {
		cli_print_overview();
		return NULL;
	}
	subject = cli_find_verb(argv[0]);
	if (!subject)
		return error_create(BTFGEN_ERROR_USAGE, "unknown verb '%s'", argv[0]);
	cli_print_help(subject);
	return NULL;
}

const struct cli_verb cli_help = {
	.name = "help",
	.synopsis = "help [VERB]",
	.summary = "explain a verb and its options",
	.description = "Shows what a verb does and its options; without VERB all verbs.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_WORD,
	.more_operands = HINT_NOTHING,
	.print_operand_words = print_verbs,
	.run = help_run,
};
