// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Colour in text for people: only on a terminal, unless the user says otherwise.
 *
 *	struct paint paint = paint_choose(PAINT_AUTO, stdout);
 *
 *	printf("%s- %s%s\n", paint_start(&paint, PAINT_REMOVED), name, paint_end(&paint));
 *
 * PAINT_AUTO paints if the stream is a terminal that is not "dumb" and the variable NO_COLOR is
 * unset or empty (no-color.org). --color is OPTION_CHOICE over paint_choices; its value minus 1 is
 * the mode, and 0, when the option was not given, is PAINT_AUTO too: paint_mode().
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum paint_mode { PAINT_ALWAYS, PAINT_AUTO, PAINT_NEVER };

/* In the order of the modes, ends with NULL: --color alone means always. */
extern const char *const paint_choices[];

enum paint_colour { PAINT_HEADING, PAINT_ADDED, PAINT_REMOVED, PAINT_CHANGED, PAINT_NUM_COLOURS };

struct paint {
	bool is_on;
};

/* @choice: the value of an OPTION_CHOICE over paint_choices. */
enum paint_mode paint_mode(unsigned int choice);

struct paint paint_choose(enum paint_mode mode, FILE *out);

/* "" if the paint is off. */
const char *paint_start(const struct paint *paint, enum paint_colour colour);
const char *paint_end(const struct paint *paint);
