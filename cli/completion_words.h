// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the writers of completion scripts share: what may stand as the value of an option or as an
 * operand, and quoting.
 *
 *	struct completion_place place;
 *
 *	err = completion_place_of_option(spec, &place);
 *	... place.words.data[0 .. place.words.num)
 *	completion_place_deinit(&place);
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/cli.h"
#include "lib/base/vec.h"

struct completion_place {
	enum option_hint hint;
	bool optional;		 /* the value may be missing, and needs a `=` */
	VEC(const char *) words; /* HINT_WORD and the lists */
	char *text;		 /* what words point into, unless they are .choices */
};

/* Of an option that has a value, an OPTION_CHOICE included. */
struct btfgen_error *
completion_place_of_option(const struct option_spec *spec,
			   struct completion_place *ret_place) BTFGEN_MUST_CHECK;

/* Of the operands of a verb: of the first, or of those behind it. */
struct btfgen_error *
completion_place_of_operand(const struct cli_verb *verb, bool first,
			    struct completion_place *ret_place) BTFGEN_MUST_CHECK;
void completion_place_deinit(struct completion_place *place);

/* @write for each option of a verb that has a value, by its name, then for "first" and "more". */
struct btfgen_error *
completion_each_place(FILE *out, const struct cli_verb *verb,
		      void (*write)(FILE *out, const struct cli_verb *verb, const char *name,
				    const struct completion_place *place)) BTFGEN_MUST_CHECK;

bool completion_takes_value(const struct option_spec *spec);

/* "file", "word"; of HINT_UNSAID it is that of HINT_NOTHING. */
const char *completion_hint_name(enum option_hint hint);

/* @text as one word of bash and zsh, or of fish. */
void completion_quote_sh(FILE *out, const char *text);
void completion_quote_fish(FILE *out, const char *text);
