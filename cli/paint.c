// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/paint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const paint_choices[] = { "always", "auto", "never", NULL };

enum paint_mode paint_mode(unsigned int choice)
{
	return choice ? (enum paint_mode)(choice - 1) : PAINT_AUTO;
}

struct paint paint_choose(enum paint_mode mode, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (mode != PAINT_AUTO)
		return (struct paint){ .is_on = mode == PAINT_ALWAYS };
	if ((no_color && *no_color) || !term || strcmp(term, "dumb") == 0)
		return (struct paint){};
	return (struct paint){ .is_on = isatty(fileno(out)) == 1 };
}

const char *paint_start(const struct paint *paint, enum paint_colour colour)
{
	static const char *const starts[PAINT_NUM_COLOURS] = {
		[PAINT_HEADING] = "\033[1m",
		[PAINT_ADDED] = "\033[32m",
		[PAINT_REMOVED] = "\033[31m",
		[PAINT_CHANGED] = "\033[33m",
	};

	return paint->is_on ? starts[colour] : "";
}

const char *paint_end(const struct paint *paint)
{
	return paint->is_on ? "\033[0m" : "";
}
