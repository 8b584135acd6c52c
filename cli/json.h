// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A JSON writer (RFC 8259): indented by two, members in the order of the calls.
 *
 *	struct json json;
 *	json_init(&json, stdout);
 *	json_open(&json, NULL, '{');
 *	json_string(&json, "file", path);
 *	json_open(&json, "ids", '[');
 *	json_uint(&json, NULL, 7);
 *	json_close(&json, ']');
 *	json_close(&json, '}');
 *
 * @key is NULL inside arrays and for the outermost value. Bytes of a string that are no UTF-8
 * become U+FFFD, so that the document is valid whatever an input file holds. `<` is written as
 * \u003c, which means the same, so that a document inside an HTML page (cli/page.h) cannot end its
 * script element; U+2028 and U+2029, which some readers take for ends of lines, likewise. Write
 * errors stay in the stream for the caller to see (ferror). Nesting ends at JSON_MAX_DEPTH, which is the caller's
 * duty.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_MAX_DEPTH = 32 };

struct json {
	FILE *out;
	unsigned int depth;
	unsigned int start; /* depth of the outermost value */
	bool has_members[JSON_MAX_DEPTH];
};

void json_init(struct json *json, FILE *out);

/*
 * For a value that json_raw() will put into another document, at @depth there: the number of
 * brackets that are open then.
 */
void json_init_part(struct json *json, FILE *out, unsigned int depth);

void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

void json_uint(struct json *json, const char *key, uint64_t value);
void json_int(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);

/* NULL is written as null. */
void json_string(struct json *json, const char *key, const char *value);

/* A value that was written before, without its line break. */
void json_raw(struct json *json, const char *key, const char *text);
