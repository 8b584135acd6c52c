// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

struct completion_values {
	struct cli_common common;
};

static const struct option_spec options[] = {
	CLI_COMMON_OPTIONS(struct completion_values),
};

static const struct {
	const char *name;
	completion_writer *write;
} formats[] = {
	{ "bash", completion_write_bash },
	{ "zsh", completion_write_zsh },
	{ "fish", completion_write_fish },
	{ "json", completion_write_json },
};

enum { NUM_FORMATS = sizeof(formats) / sizeof(formats[0]) };

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static void print_formats(FILE *out)
{
	for (int i = 0; i < NUM_FORMATS; i++)
		fprintf(out, "%s\n", formats[i].name);
}

static struct btfgen_error *completion_run(const struct cli_verb *verb, int argc, char **argv,
					   int *ret_exit_code)
{
	struct completion_values values = {};
	const struct cli_verb *const *verbs;
	struct btfgen_error *err;
	size_t num_verbs;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (err)
		return err;
	*ret_exit_code = 0;
	if (done)
		return NULL;
	if (num_operands != 1)
		return usage_error("one of bash, zsh, fish and json, please");
	verbs = cli_verbs(&num_verbs);
	for (int i = 0; i < NUM_FORMATS; i++) {
		if (strcmp(argv[0], formats[i].name) == 0)
			return formats[i].write(verbs, num_verbs, stdout);
	}
	return usage_error("there is no completion for '%s', but for bash, zsh, fish and json",
			   argv[0]);
}

const struct cli_verb cli_completion = {
	.name = "completion",
	.synopsis = "completion bash|zsh|fish|json",
	.summary = "print a script that completes btfgen's command line",
	.description =
		"Prints a script for the shell that completes verbs, options and their values.\n"
		"An installed btfgen has brought the scripts along; else 'source <(btfgen\n"
		"completion bash)' (or zsh) and 'btfgen completion fish | source' work at once.\n"
		"json has the tables themselves, for other programs.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_WORD,
	.more_operands = HINT_NOTHING,
	.print_operand_words = print_formats,
	.run = completion_run,
};
