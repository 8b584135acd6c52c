// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>

#include "cli/completion.h"
#include "cli/completion_words.h"
#include "cli/json.h"

/* The members of an object; what nobody has said is null, for a test to find. */
static void write_place(struct json *json, const struct completion_place *place)
{
	json_string(json, "hint",
		    place->hint == HINT_UNSAID ? NULL : completion_hint_name(place->hint));
	json_open(json, "words", '[');
	for (size_t i = 0; i < place->words.num; i++)
		json_string(json, NULL, place->words.data[i]);
	json_close(json, ']');
}

static struct btfgen_error *write_option(struct json *json, const struct option_spec *spec)
{
	const char letter[] = { spec->letter, '\0' };
	struct completion_place place;
	struct btfgen_error *err;

	json_open(json, NULL, '{');
	json_string(json, "name", spec->name);
	json_string(json, "letter", spec->letter ? letter : NULL);
	json_bool(json, "negatable", option_can_be_negated(spec));
	json_string(json, "help", spec->help);
	if (completion_takes_value(spec)) {
		err = completion_place_of_option(spec, &place);
		if (err)
			return err;
		json_open(json, "value", '{');
		json_string(json, "name", spec->arg_name);
		json_bool(json, "optional", place.optional);
		write_place(json, &place);
		json_close(json, '}');
		completion_place_deinit(&place);
	}
	json_close(json, '}');
	return NULL;
}

static struct btfgen_error *write_verb(struct json *json, const struct cli_verb *verb)
{
	struct completion_place place;
	struct btfgen_error *err;

	json_open(json, NULL, '{');
	json_string(json, "name", verb->name);
	json_string(json, "summary", verb->summary);
	json_open(json, "options", '[');
	for (size_t i = 0; i < verb->num_options; i++) {
		err = write_option(json, &verb->options[i]);
		if (err)
			return err;
	}
	json_close(json, ']');
	for (int more = 0; more <= 1; more++) {
		err = completion_place_of_operand(verb, !more, &place);
		if (err)
			return err;
		json_open(json, more ? "more_operands" : "first_operand", '{');
		write_place(json, &place);
		json_close(json, '}');
		completion_place_deinit(&place);
	}
	json_close(json, '}');
	return NULL;
}

struct btfgen_error *completion_write_json(const struct cli_verb *const *verbs, size_t num_verbs,
					   FILE *out)
{
	struct btfgen_error *err;
	struct json json;

	json_init(&json, out);
	json_open(&json, NULL, '{');
	json_open(&json, "verbs", '[');
	for (size_t i = 0; i < num_verbs; i++) {
		err = write_verb(&json, verbs[i]);
		if (err)
			return err;
	}
	json_close(&json, ']');
	json_close(&json, '}');
	return NULL;
}
