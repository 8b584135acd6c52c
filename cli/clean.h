// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Text that holds names from input files, for a terminal: control bytes, which could move its cursor or
 * forge lines, become `?`. Write errors stay in the stream.
 *
 *	print_clean(stdout, path);
 */
#pragma once

#include <stdio.h>

static inline void print_clean(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}
