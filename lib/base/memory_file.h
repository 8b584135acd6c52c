// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A stream into memory that does not lose a piece without a word.
 *
 *	struct memory_file file;
 *
 *	err = memory_file_open(&file);
 *	if (err)
 *		return err;
 *	fprintf(file.out, ...);
 *	err = memory_file_finish(&file);
 *	if (!err)
 *		use(file.data, file.size);
 *	memory_file_close(&file);
 *
 * open_memstream() of the GNU C library drops what did not fit when memory ended, goes on behind it
 * if there is memory again, and neither ferror() nor fclose() tells. Here the first loss is an error
 * of the whole.
 *
 * Ownership: data is the file's until memory_file_close(), which may be called on a file of zeros and
 * twice. Errors: memory. One thread at a time; the structure must not be copied or moved while it is
 * open.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

struct memory_file {
	FILE *out;
	char *data; /* set by memory_file_finish() */
	size_t size;
	VEC(char) bytes;
	bool failed;
};

struct btfgen_error *memory_file_open(struct memory_file *ret_file) BTFGEN_MUST_CHECK;

/* Closes the stream; a zero stands behind the last byte. */
struct btfgen_error *memory_file_finish(struct memory_file *file) BTFGEN_MUST_CHECK;
void memory_file_close(struct memory_file *file);
