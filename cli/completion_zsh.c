// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/completion_words.h"
#include "lib/base/cleanup.h"

/* Inside a specification of _arguments and _describe, where some characters have a meaning. */
static void write_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr(":[]\\", *text))
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
}

/* What is offered, as the action of a specification. */
static void write_action(FILE *out, const struct cli_verb *verb, const char *name,
			 const struct completion_place *place)
{
	switch (place->hint) {
	case HINT_UNSAID:
	case HINT_NOTHING:
		fputs(": ", out);
		return;
	case HINT_FILE:
		fputs(":_files", out);
		return;
	case HINT_DIR:
		fputs(":_files -/", out);
		return;
	case HINT_WORD:
	case HINT_LIST:
	case HINT_SIGNED_LIST:
		break;
	}
	fprintf(out, ":_btfgen_offer %s %s %s", completion_hint_name(place->hint), verb->name,
		name);
}

/* `*`: an option may be given again. @dashed is "--name" or "-n". */
static struct btfgen_error *write_spec(FILE *script, const struct cli_verb *verb,
				       const struct option_spec *spec, const char *dashed,
				       const char *help)
{
	struct completion_place place = {};
	_cleanup_free_ char *text = NULL;
	bool is_long = dashed[1] == '-';
	struct btfgen_error *err;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return error_nomem();
	fprintf(out, "*%s", dashed);
	if (option_has_value(spec))
		fputs(is_long ? "=" : "+", out);
	else if (spec->type == OPTION_CHOICE && is_long)
		fputs("=-", out);
	fputc('[', out);
	write_text(out, help);
	fputc(']', out);
	err = completion_takes_value(spec) ? completion_place_of_option(spec, &place) : NULL;
	if (!err && (option_has_value(spec) || (place.optional && is_long))) {
		fputs(place.optional ? "::" : ":", out);
		write_text(out, spec->arg_name);
		write_action(out, verb, spec->name, &place);
	}
	completion_place_deinit(&place);
	if (fclose(out) != 0 || !text)
		err = err ? err : error_nomem();
	if (err)
		return err;
	fputs(" \\\n\t\t\t", script);
	completion_quote_sh(script, text);
	return NULL;
}

static struct btfgen_error *write_option(FILE *out, const struct cli_verb *verb,
					 const struct option_spec *spec)
{
	const char letter[] = { '-', spec->letter, '\0' };
	_cleanup_free_ char *positive = NULL, *negative = NULL, *help = NULL;
	struct btfgen_error *err = NULL;

	if (asprintf(&positive, "--%s", spec->name) < 0 ||
	    asprintf(&negative, "--no-%s", spec->name) < 0 ||
	    asprintf(&help, "not --%s", spec->name) < 0)
		return error_nomem();
	if (spec->letter)
		err = write_spec(out, verb, spec, letter, spec->help);
	if (!err)
		err = write_spec(out, verb, spec, positive, spec->help);
	if (!err && option_can_be_negated(spec))
		err = write_spec(out, verb, spec, negative, help);
	return err;
}

static struct btfgen_error *write_operand(FILE *script, const struct cli_verb *verb, bool first)
{
	struct completion_place place;
	_cleanup_free_ char *text = NULL;
	struct btfgen_error *err;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return error_nomem();
	err = completion_place_of_operand(verb, first, &place);
	if (!err) {
		fputs(first ? "1:argument" : "*:argument", out);
		write_action(out, verb, first ? "first" : "more", &place);
		completion_place_deinit(&place);
	}
	if (fclose(out) != 0 || !text)
		err = err ? err : error_nomem();
	if (err)
		return err;
	fputs(" \\\n\t\t\t", script);
	completion_quote_sh(script, text);
	return NULL;
}

static struct btfgen_error *write_arguments(FILE *out, const struct cli_verb *verb)
{
	struct btfgen_error *err = NULL;

	fprintf(out, "\t(%s)\n\t\t_arguments -s -S :", verb->name);
	for (size_t i = 0; i < verb->num_options && !err; i++)
		err = write_option(out, verb, &verb->options[i]);
	if (!err)
		err = write_operand(out, verb, true);
	if (!err)
		err = write_operand(out, verb, false);
	fputs("\n\t\t;;\n", out);
	return err;
}

static void write_place(FILE *out, const struct cli_verb *verb, const char *name,
			const struct completion_place *place)
{
	if (!place->words.num)
		return;
	fprintf(out, "\t(%s:%s) candidates=(", verb->name, name);
	for (size_t i = 0; i < place->words.num; i++) {
		fputc(' ', out);
		completion_quote_sh(out, place->words.data[i]);
	}
	fputs(") ;;\n", out);
}

static struct btfgen_error *write_verbs(FILE *out, const struct cli_verb *const *verbs,
					size_t num_verbs)
{
	fputs("_btfgen_verbs() {\n\tverbs=(\n", out);
	for (size_t i = 0; i < num_verbs; i++) {
		_cleanup_free_ char *text = NULL;

		if (asprintf(&text, "%s:%s", verbs[i]->name, verbs[i]->summary) < 0) {
			text = NULL;
			return error_nomem();
		}
		fputs("\t\t", out);
		completion_quote_sh(out, text);
		fputc('\n', out);
	}
	fputs("\t)\n}\n\n", out);
	return NULL;
}

struct btfgen_error *completion_write_zsh(const struct cli_verb *const *verbs, size_t num_verbs,
					  FILE *out)
{
	struct btfgen_error *err;

	fputs("#compdef btfgen\n# zsh completion for btfgen; 'btfgen completion zsh' prints "
	      "it.\n\n",
	      out);
	err = write_verbs(out, verbs, num_verbs);
	fputs("_btfgen_arguments() {\n\tcase $1 in\n", out);
	for (size_t i = 0; i < num_verbs && !err; i++)
		err = write_arguments(out, verbs[i]);
	fputs("\tesac\n}\n\n_btfgen_candidates() {\n\tcase $1:$2 in\n", out);
	for (size_t i = 0; i < num_verbs && !err; i++)
		err = completion_each_place(out, verbs[i], write_place);
	fputs("\tesac\n}\n\n", out);
	fputs(completion_zsh_part, out);
	return err;
}
