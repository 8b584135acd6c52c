// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Errors: one pointer, NULL is success.
 *
 * A function that can fail returns `struct btfgen_error *`. The caller owns a non-NULL result and
 * either hands it up or releases it with error_free(). Outputs of a failed call are untouched.
 * Library code creates errors and never prints them; the command line prints one line and exits
 * with error_exit_code().
 *
 *	struct btfgen_error *err = foo_read(foo, &value);
 *	if (err)
 *		return error_in_file(err, path);
 *
 * A message says what is wrong, in lower case and without a full stop; the place (file, section and
 * offset, unit) is kept apart from it, and each layer adds the part that it knows. A part that is
 * already set is not replaced: the innermost layer knows best.
 *
 * Thread rule: an error belongs to one thread at a time. error_nomem() is a shared constant, which
 * every function here accepts and leaves alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum btfgen_error_code {
	BTFGEN_ERROR_USAGE,  /* the command line is wrong: exit code 2 */
	BTFGEN_ERROR_INPUT,  /* an input file cannot be used: 3 */
	BTFGEN_ERROR_VERIFY, /* our own result breaks a rule: 4 */
	BTFGEN_ERROR_IO,     /* the operating system refused: 5 */
	BTFGEN_ERROR_MEMORY, /* out of memory: 5 */
	BTFGEN_ERROR_LIMIT,  /* a limit of the BTF or ELF format: 5 */
};

struct btfgen_error {
	enum btfgen_error_code code;
	char *message;
	char *file;	      /* NULL if not known */
	char *section;	      /* NULL if not known */
	char *unit;	      /* NULL if not known */
	uint64_t section_off; /* bytes from the section's start, if section is set */
};

#define BTFGEN_MUST_CHECK __attribute__((warn_unused_result))
#define BTFGEN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct btfgen_error *error_create(enum btfgen_error_code code, const char *fmt, ...)
	BTFGEN_PRINTF(2, 3) BTFGEN_MUST_CHECK;

/*
 * As error_create(), with the text of @errnum behind the message ("...: No space left on device").
 */
struct btfgen_error *error_create_errno(enum btfgen_error_code code, int errnum, const char *fmt,
					...) BTFGEN_PRINTF(3, 4) BTFGEN_MUST_CHECK;

/* As error_create(BTFGEN_ERROR_INPUT), with the place in a section. */
struct btfgen_error *error_create_at(const char *section, uint64_t section_off, const char *fmt,
				     ...) BTFGEN_PRINTF(3, 4) BTFGEN_MUST_CHECK;

/* The one error that needs no memory. */
struct btfgen_error *error_nomem(void) BTFGEN_MUST_CHECK;

/* Add a part of the place unless it is set; return @err. NULL stays NULL. */
struct btfgen_error *error_in_file(struct btfgen_error *err, const char *path) BTFGEN_MUST_CHECK;
struct btfgen_error *error_in_unit(struct btfgen_error *err, const char *unit) BTFGEN_MUST_CHECK;

/*
 * The whole text, `file: section+0xoff (unit 'name'): message`, on one line whatever bytes the
 * input put into names: control bytes become `?`. The caller frees it; NULL when memory is out.
 */
char *error_text(const struct btfgen_error *err);

int error_exit_code(const struct btfgen_error *err);

void error_free(struct btfgen_error *err);
