// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The command line: `btfgen VERB ...`, one file a verb, and the only code that prints.
 *
 * A verb is a table entry: its options are data, which the parser, --help and the test of the man
 * pages read. To add one, write cli/NAME.c with a `const struct cli_verb cli_NAME`, and add it to
 * the table in cli.c and to cmake/btfgen.cmake.
 *
 * A verb returns an error or fills ret_exit_code (0, or 1 for a negative answer). It prints its
 * result to stdout and never an error: cli_main() prints the one line and chooses the exit code.
 * The exception is a verb that goes on after the error of one file of many: it prints the lines of
 * these files and gives the exit code that they ask for.
 * It does not have to look at the result of each fprintf(stdout): cli_main() checks the stream when
 * the verb is done.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "lib/base/error.h"

struct cli_verb {
	const char *name;
	const char *synopsis;	 /* what follows "btfgen " */
	const char *summary;	 /* a line for the list of verbs */
	const char *description; /* for --help, lines of at most 80 columns */
	const struct option_spec *options;
	size_t num_options;
	/* For completion: the first operand and those behind it; HINT_NOTHING if it has none. */
	enum option_hint first_operand;
	enum option_hint more_operands;
	void (*print_operand_words)(FILE *out); /* HINT_WORD: writes one a line */
	struct btfgen_error *(*run)(const struct cli_verb *verb, int argc, char **argv,
				    int *ret_exit_code);
};

extern const struct cli_verb cli_encode;
extern const struct cli_verb cli_dump;
extern const struct cli_verb cli_diff;
extern const struct cli_verb cli_explain;
extern const struct cli_verb cli_stat;
extern const struct cli_verb cli_vars;
extern const struct cli_verb cli_check;
extern const struct cli_verb cli_ksyms;
extern const struct cli_verb cli_completion;
extern const struct cli_verb cli_help;

/* The options of every verb; the struct of a verb's values has a `struct cli_common common`. */
struct cli_common {
	bool help;
	bool version;
};

#define CLI_COMMON_OPTIONS(values)                                                                 \
	{ .name = "help",                                                                          \
	  .letter = 'h',                                                                           \
	  .type = OPTION_STOP,                                                                     \
	  .value_off = offsetof(values, common.help),                                              \
	  .help = "show this text" },                                                              \
	{                                                                                          \
		.name = "version", .letter = 'V', .type = OPTION_STOP,                             \
		.value_off = offsetof(values, common.version), .help = "show the version"          \
	}

/*
 * Parses the options of @verb. argv[0 .. *ret_num_operands) are the operands then. *ret_done is
 * true when --help or --version was asked for and has been printed.
 */
struct btfgen_error *cli_parse(const struct cli_verb *verb, int argc, char **argv, void *values,
			       struct cli_common *common, int *ret_num_operands,
			       bool *ret_done) BTFGEN_MUST_CHECK;

/* All verbs; the first is the one that runs when none is named. */
const struct cli_verb *const *cli_verbs(size_t *ret_num_verbs);

/* NULL if there is none of that name. */
const struct cli_verb *cli_find_verb(const char *name);

void cli_print_help(const struct cli_verb *verb);

/* The program as a whole: what `btfgen --help` shows. */
void cli_print_overview(void);

/* Returns the exit code. */
int cli_main(int argc, char **argv);
