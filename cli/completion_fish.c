// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/completion_words.h"

static void write_description(FILE *out, const char *text)
{
	fputs(" -d '", out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
	fputs("'\n", out);
}

/* The part of a `complete` command that says what is offered. */
static void write_place(FILE *out, const struct cli_verb *verb, const char *name,
			const struct completion_place *place)
{
	const char *required = place->optional ? "" : " -r";

	switch (place->hint) {
	case HINT_UNSAID:
	case HINT_NOTHING:
		fprintf(out, "%s -f", required);
		break;
	case HINT_FILE:
		fprintf(out, "%s -F", required);
		break;
	case HINT_DIR:
		fprintf(out, "%s -f -a '(__fish_complete_directories)'", required);
		break;
	case HINT_WORD:
		fprintf(out, "%s -f -a '(__btfgen_words %s:%s)'", required, verb->name, name);
		break;
	case HINT_LIST:
		fprintf(out, "%s -f -a '(__btfgen_list %s:%s)'", required, verb->name, name);
		break;
	case HINT_SIGNED_LIST:
		fprintf(out, "%s -f -a '(__btfgen_list %s:%s + -)'", required, verb->name, name);
		break;
	}
}

static struct btfgen_error *write_option(FILE *out, const struct cli_verb *verb,
					 const struct option_spec *spec)
{
	struct completion_place place;
	struct btfgen_error *err;

	fprintf(out, "complete -c btfgen -n '__btfgen_at %s'", verb->name);
	if (spec->letter)
		fprintf(out, " -s %c", spec->letter);
	fprintf(out, " -l %s", spec->name);
	if (completion_takes_value(spec)) {
		err = completion_place_of_option(spec, &place);
		if (err)
			return err;
		write_place(out, verb, spec->name, &place);
		completion_place_deinit(&place);
	}
	write_description(out, spec->help);
	if (option_can_be_negated(spec))
		fprintf(out, "complete -c btfgen -n '__btfgen_at %s' -l no-%s -d 'not --%s'\n",
			verb->name, spec->name, spec->name);
	return NULL;
}

/* Files are offered where nothing else is said. */
static struct btfgen_error *write_operand(FILE *out, const struct cli_verb *verb, bool first)
{
	const char *name = first ? "first" : "more";
	struct completion_place place;
	struct btfgen_error *err;

	err = completion_place_of_operand(verb, first, &place);
	if (err)
		return err;
	if (place.hint != HINT_FILE && place.hint != HINT_UNSAID) {
		place.optional = true;
		fprintf(out, "complete -c btfgen -n '__btfgen_at %s %s'", verb->name, name);
		write_place(out, verb, name, &place);
		fputc('\n', out);
	}
	completion_place_deinit(&place);
	return NULL;
}

static struct btfgen_error *write_verb(FILE *out, const struct cli_verb *verb)
{
	struct btfgen_error *err = NULL;

	fputc('\n', out);
	for (size_t i = 0; i < verb->num_options && !err; i++)
		err = write_option(out, verb, &verb->options[i]);
	if (!err)
		err = write_operand(out, verb, true);
	if (!err)
		err = write_operand(out, verb, false);
	return err;
}

static void write_words(FILE *out, const struct cli_verb *verb, const char *name,
			const struct completion_place *place)
{
	if (!place->words.num)
		return;
	fprintf(out, "        case %s:%s\n            printf '%%s\\n'", verb->name, name);
	for (size_t i = 0; i < place->words.num; i++) {
		fputc(' ', out);
		completion_quote_fish(out, place->words.data[i]);
	}
	fputc('\n', out);
}

/* A regular expression for the options whose value is the next word. */
static void write_takes_next(FILE *out, const struct cli_verb *verb)
{
	char letters[UCHAR_MAX + 1] = "";
	size_t num_letters = 0, num_names = 0;

	fprintf(out, "        case %s\n            ", verb->name);
	for (size_t i = 0; i < verb->num_options; i++) {
		const struct option_spec *spec = &verb->options[i];

		if (!option_has_value(spec))
			continue;
		fprintf(out, "%s%s", num_names++ ? "|" : "string match -qr -- '^(--(", spec->name);
		if (spec->letter && num_letters < sizeof(letters) - 1)
			letters[num_letters++] = spec->letter;
	}
	if (num_names == 0) {
		fputs("false\n", out);
		return;
	}
	fputc(')', out);
	if (num_letters)
		fprintf(out, "|-[^-%s]*[%s]", letters, letters);
	fputs(")$' $argv[2]\n", out);
}

struct btfgen_error *completion_write_fish(const struct cli_verb *const *verbs, size_t num_verbs,
					   FILE *out)
{
	struct btfgen_error *err = NULL;

	fputs("# fish completion for btfgen; 'btfgen completion fish' prints it.\n\n"
	      "function __btfgen_is_verb\n    contains -- \"$argv[1]\"",
	      out);
	for (size_t i = 0; i < num_verbs; i++)
		fprintf(out, " %s", verbs[i]->name);
	fputs("\nend\n\n"
	      "# __btfgen_takes_next VERB TOKEN: is the value of the option the next token?\n"
	      "function __btfgen_takes_next\n    switch $argv[1]\n",
	      out);
	for (size_t i = 0; i < num_verbs; i++)
		write_takes_next(out, verbs[i]);
	fputs("    end\nend\n\nfunction __btfgen_words\n    switch $argv[1]\n", out);
	for (size_t i = 0; i < num_verbs && !err; i++)
		err = completion_each_place(out, verbs[i], write_words);
	fputs("    end\nend\n\n", out);
	fputs(completion_fish_part, out);
	for (size_t i = 0; i < num_verbs; i++) {
		fprintf(out, "complete -c btfgen -n __btfgen_before_verb -a %s", verbs[i]->name);
		write_description(out, verbs[i]->summary);
	}
	fputs("complete -c btfgen -n __btfgen_only_verb -f\n", out);
	for (size_t i = 0; i < num_verbs && !err; i++)
		err = write_verb(out, verbs[i]);
	return err;
}
