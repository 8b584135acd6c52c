// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A type as one line of text that reads like C.
 *
 *	struct describe_text text;
 *	btf_describe_type(&view, id, &text);
 *	puts(text.data);	"struct rq", "const char *", "int [4][2]", "void (*)(int, ...)"
 *
 * Named structs, unions, enums and typedefs appear by name only; anonymous ones as "struct {...}".
 * A forward declaration reads as the struct or union it stands for. FUNC, VAR, DATASEC and
 * DECL_TAG, which are no types of C, read as their kind and name ("DATASEC .data..percpu").
 *
 * The text is for people: it is bounded in length and depth, and ends in "..." where it was cut; an
 * id that does not exist or a ring reads as "?". It never holds control bytes.
 *
 * Threads: no state; the view is only read. Nothing can fail, nothing is allocated.
 */
#pragma once

#include <stdint.h>

#include "lib/btf/view.h"

enum { DESCRIBE_TEXT_SIZE = 256 };

struct describe_text {
	char data[DESCRIBE_TEXT_SIZE]; /* zero-terminated */
};

void btf_describe_type(const struct btf_view *view, uint32_t id, struct describe_text *ret_text);
