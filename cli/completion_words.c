// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/completion_words.h"

#include <stdlib.h>
#include <string.h>

static struct btfgen_error *add_choices(struct completion_place *place, const char *const *choices)
{
	for (size_t i = 0; choices[i]; i++) {
		if (!vec_push(&place->words, choices[i]))
			return error_nomem();
	}
	return NULL;
}

/* One word a line. */
static struct btfgen_error *add_printed(struct completion_place *place,
					void (*print_words)(FILE *out))
{
	size_t size;
	FILE *out;

	out = open_memstream(&place->text, &size);
	if (!out)
		return error_nomem();
	print_words(out);
	if (fclose(out) != 0 || !place->text)
		return error_nomem();
	for (char *word = place->text; *word;) {
		char *end = strchrnul(word, '\n');
		bool is_last = *end == '\0';

		*end = '\0';
		if (!vec_push(&place->words, word))
			return error_nomem();
		word = is_last ? end : end + 1;
	}
	return NULL;
}

static struct btfgen_error *place_init(const char *const *choices, void (*print_words)(FILE *out),
				       struct completion_place *place)
{
	struct btfgen_error *err = NULL;

	if (choices)
		err = add_choices(place, choices);
	if (!err && print_words)
		err = add_printed(place, print_words);
	if (err)
		completion_place_deinit(place);
	return err;
}

struct btfgen_error *completion_place_of_option(const struct option_spec *spec,
						struct completion_place *ret_place)
{
	*ret_place = (struct completion_place){ .hint = spec->hint };
	if (spec->type == OPTION_UINT)
		ret_place->hint = HINT_NOTHING;
	if (spec->type == OPTION_CHOICE) {
		ret_place->hint = HINT_WORD;
		ret_place->optional = true;
	}
	return place_init(spec->choices, spec->print_words, ret_place);
}

struct btfgen_error *completion_place_of_operand(const struct cli_verb *verb, bool first,
						 struct completion_place *ret_place)
{
	*ret_place = (struct completion_place){
		.hint = first ? verb->first_operand : verb->more_operands,
	};
	if (ret_place->hint != HINT_WORD)
		return NULL;
	return place_init(NULL, verb->print_operand_words, ret_place);
}

void completion_place_deinit(struct completion_place *place)
{
	vec_deinit(&place->words);
	free(place->text);
	place->text = NULL;
}

bool completion_takes_value(const struct option_spec *spec)
{
	return option_has_value(spec) || spec->type == OPTION_CHOICE;
}

const char *completion_hint_name(enum option_hint hint)
{
	switch (hint) {
	case HINT_UNSAID:
	case HINT_NOTHING:
		break;
	case HINT_FILE:
		return "file";
	case HINT_DIR:
		return "dir";
	case HINT_WORD:
		return "word";
	case HINT_LIST:
		return "list";
	case HINT_SIGNED_LIST:
		return "signed";
	}
	return "nothing";
}

void completion_quote_sh(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

void completion_quote_fish(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

struct btfgen_error *completion_each_place(FILE *out, const struct cli_verb *verb,
					   void (*write)(FILE *out, const struct cli_verb *verb,
							 const char *name,
							 const struct completion_place *place))
{
	struct completion_place place;
	struct btfgen_error *err;

	for (size_t i = 0; i < verb->num_options; i++) {
		if (!completion_takes_value(&verb->options[i]))
			continue;
		err = completion_place_of_option(&verb->options[i], &place);
		if (err)
			return err;
		write(out, verb, verb->options[i].name, &place);
		completion_place_deinit(&place);
	}
	for (int more = 0; more <= 1; more++) {
		err = completion_place_of_operand(verb, !more, &place);
		if (err)
			return err;
		write(out, verb, more ? "more" : "first", &place);
		completion_place_deinit(&place);
	}
	return NULL;
}
