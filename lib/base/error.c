// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char out_of_memory_text[] = "out of memory";

static struct btfgen_error out_of_memory = {
	.code = BTFGEN_ERROR_MEMORY,
	.message = out_of_memory_text,
};

struct btfgen_error *error_nomem(void)
{
	return &out_of_memory;
}

static struct btfgen_error *error_vcreate(enum btfgen_error_code code, const char *fmt,
					  va_list args)
{
	struct btfgen_error *err = calloc(1, sizeof(*err));

	if (!err)
		return error_nomem();
	err->code = code;
	if (vasprintf(&err->message, fmt, args) < 0) {
		free(err);
		return error_nomem();
	}
	return err;
}

struct btfgen_error *error_create(enum btfgen_error_code code, const char *fmt, ...)
{
	struct btfgen_error *err;
	va_list args;

	va_start(args, fmt);
	err = error_vcreate(code, fmt, args);
	va_end(args);
	return err;
}

struct btfgen_error *error_create_errno(enum btfgen_error_code code, int errnum, const char *fmt,
					...)
{
	struct btfgen_error *err;
	char buf[128], *with_cause;
	va_list args;

	va_start(args, fmt);
	err = error_vcreate(code, fmt, args);
	va_end(args);
	if (err == &out_of_memory)
		return err;
	if (asprintf(&with_cause, "%s: %s", err->message, strerror_r(errnum, buf, sizeof(buf))) < 0)
		return err;
	free(err->message);
	err->message = with_cause;
	return err;
}

struct btfgen_error *error_create_at(const char *section, uint64_t section_off, const char *fmt,
				     ...)
{
	struct btfgen_error *err;
	va_list args;

	va_start(args, fmt);
	err = error_vcreate(BTFGEN_ERROR_INPUT, fmt, args);
	va_end(args);
	if (err != &out_of_memory) {
		err->section = strdup(section);
		err->section_off = section_off;
	}
	return err;
}

struct btfgen_error *error_in_file(struct btfgen_error *err, const char *path)
{
	if (err && err != &out_of_memory && !err->file && path)
		err->file = strdup(path);
	return err;
}

struct btfgen_error *error_in_unit(struct btfgen_error *err, const char *unit)
{
	if (err && err != &out_of_memory && !err->unit && unit)
		err->unit = strdup(unit);
	return err;
}

char *error_text(const struct btfgen_error *err)
{
	char *text = NULL;
	size_t text_size;
	FILE *out = open_memstream(&text, &text_size);

	if (!out)
		return NULL;
	if (err->file)
		fprintf(out, "%s: ", err->file);
	if (err->section)
		fprintf(out, "%s+0x%" PRIx64, err->section, err->section_off);
	if (err->unit)
		fprintf(out, "%s(unit '%s')", err->section ? " " : "", err->unit);
	if (err->section || err->unit)
		fputs(": ", out);
	fputs(err->message, out);
	/* Without memory for its buffer the stream has no text and calls that a success. */
	if (fclose(out) != 0 || !text) {
		free(text);
		return NULL;
	}
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	return text;
}

int error_exit_code(const struct btfgen_error *err)
{
	switch (err->code) {
	case BTFGEN_ERROR_USAGE:
		return 2;
	case BTFGEN_ERROR_INPUT:
		return 3;
	case BTFGEN_ERROR_VERIFY:
		return 4;
	case BTFGEN_ERROR_IO:
	case BTFGEN_ERROR_MEMORY:
	case BTFGEN_ERROR_LIMIT:
		break;
	}
	return 5;
}

void error_free(struct btfgen_error *err)
{
	if (!err || err == &out_of_memory)
		return;
	free(err->message);
	free(err->file);
	free(err->section);
	free(err->unit);
	free(err);
}
