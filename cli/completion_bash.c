// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>

#include "cli/completion.h"
#include "cli/completion_words.h"

/* `--name=` where a value must follow, both forms where it may. */
static void write_option(FILE *out, const struct option_spec *spec)
{
	if (option_has_value(spec)) {
		fprintf(out, " '--%s='", spec->name);
		return;
	}
	fprintf(out, " '--%s'", spec->name);
	if (spec->type == OPTION_CHOICE)
		fprintf(out, " '--%s='", spec->name);
	if (option_can_be_negated(spec))
		fprintf(out, " '--no-%s'", spec->name);
}

static void write_options(FILE *out, const struct cli_verb *verb)
{
	fprintf(out, "\t%s)\n\t\toptions=(", verb->name);
	for (size_t i = 0; i < verb->num_options; i++)
		write_option(out, &verb->options[i]);
	fputs(")\n\t\tletters=(", out);
	for (size_t i = 0; i < verb->num_options; i++) {
		if (verb->options[i].letter)
			fprintf(out, " '-%c'", verb->options[i].letter);
	}
	fputs(")\n\t\t;;\n", out);
}

/* The rest of a line of _btfgen_value(). */
static void write_place(FILE *out, const struct completion_place *place)
{
	fprintf(out, ") hint='%s'", completion_hint_name(place->hint));
	if (place->optional)
		fputs(" optional=yes", out);
	if (place->words.num) {
		fputs(" words=(", out);
		for (size_t i = 0; i < place->words.num; i++) {
			fputc(' ', out);
			completion_quote_sh(out, place->words.data[i]);
		}
		fputc(')', out);
	}
	fputs(" ;;\n", out);
}

static struct btfgen_error *write_values(FILE *out, const struct cli_verb *verb)
{
	struct completion_place place;
	struct btfgen_error *err;

	for (size_t i = 0; i < verb->num_options; i++) {
		const struct option_spec *spec = &verb->options[i];

		if (!completion_takes_value(spec))
			continue;
		err = completion_place_of_option(spec, &place);
		if (err)
			return err;
		fprintf(out, "\t%s:--%s", verb->name, spec->name);
		if (spec->letter)
			fprintf(out, " | %s:-%c", verb->name, spec->letter);
		write_place(out, &place);
		completion_place_deinit(&place);
	}
	for (int more = 0; more <= 1; more++) {
		err = completion_place_of_operand(verb, !more, &place);
		if (err)
			return err;
		fprintf(out, "\t%s:%s", verb->name, more ? "more" : "first");
		write_place(out, &place);
		completion_place_deinit(&place);
	}
	return NULL;
}

struct btfgen_error *completion_write_bash(const struct cli_verb *const *verbs, size_t num_verbs,
					   FILE *out)
{
	struct btfgen_error *err;

	fputs("# bash completion for btfgen; 'btfgen completion bash' prints it.\n"
	      "# shellcheck shell=bash disable=SC2034,SC2154\n\n"
	      "_btfgen_verbs()\n{\n\tverbs='",
	      out);
	for (size_t i = 0; i < num_verbs; i++)
		fprintf(out, "%s%s", i ? " " : "", verbs[i]->name);
	fputs("'\n}\n\n# _btfgen_options VERB\n_btfgen_options()\n{\n\tcase $1 in\n", out);
	for (size_t i = 0; i < num_verbs; i++)
		write_options(out, verbs[i]);
	fputs("\tesac\n}\n\n"
	      "# _btfgen_value VERB OPTION: what its value may be; false if it takes none. The\n"
	      "# operands have the names 'first' and 'more'.\n"
	      "_btfgen_value()\n{\n\thint='' optional='' words=()\n\tcase $1:$2 in\n",
	      out);
	for (size_t i = 0; i < num_verbs; i++) {
		err = write_values(out, verbs[i]);
		if (err)
			return err;
	}
	fputs("\tesac\n\t[[ $hint ]]\n}\n\n", out);
	fputs(completion_bash_part, out);
	return NULL;
}
