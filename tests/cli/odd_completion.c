// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * odd_completion bash|zsh|fish|json: the scripts of a program whose tables hold all that shells give
 * a meaning to. For test_completion.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/completion.h"

static const char *const odd_words[] = {
	"two words", "it's", "say \"hi\"", "$HOME", "$(touch ran)", "`touch ran`", "back\\slash", "semi;colon",
	"a:b",       "a=b",  "*",	   "[x]",   "~",	    "#no",	   "(x)",	  "{a,b}",
	"<in>",      "a|b",  "a&b",	   "!1",    "%s",	    "\303\251t\303\251", "-dash", NULL
};

static const char *const choices[] = { "plain", "with space", "it's", NULL };

static void print_list(FILE *out)
{
	fputs("one\ntwo words\nit's\n$x\nlast", out);
}

static const struct option_spec options[] = {
	{ .letter = 'w', .name = "word", .type = OPTION_STRING, .arg_name = "A:B[C]", .hint = HINT_WORD,
	  .choices = odd_words, .help = "it's [odd]: $(touch ran) `touch ran` \"x\" \\\nsecond line" },
	{ .name = "choice", .type = OPTION_CHOICE, .arg_name = "plain|...", .choices = choices, .help = "%s" },
	{ .letter = 'l', .name = "list", .type = OPTION_PARSED, .arg_name = "LIST", .hint = HINT_LIST,
	  .print_words = print_list, .help = "-" },
	{ .name = "unsaid", .type = OPTION_STRING, .arg_name = "X", .help = "'" },
	{ .letter = 'n', .name = "num", .type = OPTION_UINT, .max = 9, .arg_name = "N", .help = "a number" },
	{ .letter = 'b', .name = "bool", .type = OPTION_BOOL, .help = "yes" },
};

static const struct cli_verb first = {
	.name = "encode",
	.summary = "it's the [default]: $(touch ran)",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_WORD,
	.more_operands = HINT_DIR,
	.print_operand_words = print_list,
};
static const struct cli_verb second = { .name = "nothing", .summary = "", .first_operand = HINT_NOTHING };
static const struct cli_verb *const verbs[] = { &first, &second };

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		completion_writer *write;
	} formats[] = {
		{ "bash", completion_write_bash },
		{ "zsh", completion_write_zsh },
		{ "fish", completion_write_fish },
		{ "json", completion_write_json },
	};
	struct btfgen_error *err;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]) && argc == 2; i++) {
		if (strcmp(argv[1], formats[i].name) != 0)
			continue;
		err = formats[i].write(verbs, sizeof(verbs) / sizeof(verbs[0]), stdout);
		error_free(err);
		return err ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	return 2;
}
