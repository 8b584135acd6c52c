// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Names of programming languages, for options: "rust" instead of a DW_LANG number.
 *
 * A name stands for all versions of the language; case does not matter.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

typedef VEC(uint16_t) language_vec;

/* Adds the DW_LANG numbers of a list of names with commas between them. */
struct btfgen_error *language_list_parse(const char *list, const char *option,
					 language_vec *languages) BTFGEN_MUST_CHECK;

/* What may stand in such a list, and `none`, one a line. */
void language_print_names(FILE *out);
