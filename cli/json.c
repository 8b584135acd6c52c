// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/json.h"

#include <inttypes.h>

#include "lib/base/utf8.h"

static void write_string(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', out);
	while (*s) {
		unsigned int size = utf8_size(s);

		if (size == 0)
			fputs("\\ufffd", out);
		else if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f || *s == '<')
			fprintf(out, "\\u%04x", *s);
		else if (size == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] & 0xfe) == 0xa8)
			fprintf(out, "\\u20%x", s[2] & 0x3f);
		else
			fwrite(s, 1, size, out);
		s += size ? size : 1;
	}
	fputc('"', out);
}

static void new_line(struct json *json)
{
	fprintf(json->out, "\n%*s", (int)(2 * json->depth), "");
}

static void begin_value(struct json *json, const char *key)
{
	if (json->depth > json->start) {
		if (json->has_members[json->depth])
			fputc(',', json->out);
		json->has_members[json->depth] = true;
		new_line(json);
	}
	if (key) {
		write_string(json->out, key);
		fputs(": ", json->out);
	}
}

static void end_value(struct json *json)
{
	/* What is put into another document has no end of line of its own. */
	if (json->depth == 0)
		fputc('\n', json->out);
}

void json_init(struct json *json, FILE *out)
{
	*json = (struct json){ .out = out };
}

void json_init_part(struct json *json, FILE *out, unsigned int depth)
{
	*json = (struct json){ .out = out, .depth = depth, .start = depth };
}

void json_open(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->has_members[json->depth] = false;
}

void json_close(struct json *json, char bracket)
{
	bool has_members = json->has_members[json->depth];

	json->depth--;
	if (has_members)
		new_line(json);
	fputc(bracket, json->out);
	end_value(json);
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRIu64, value);
	end_value(json);
}

void json_int(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, value);
	end_value(json);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
	end_value(json);
}

void json_string(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	if (value)
		write_string(json->out, value);
	else
		fputs("null", json->out);
	end_value(json);
}

void json_raw(struct json *json, const char *key, const char *text)
{
	begin_value(json, key);
	fputs(text, json->out);
	end_value(json);
}
