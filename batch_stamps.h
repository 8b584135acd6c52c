// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The file .btfgen-stamps of an output folder: from what each output there was made.
 *
 *	struct batch_stamps stamps = {};
 *
 *	err = batch_stamps_read(&stamps, "out");
 *	stamp = batch_stamps_find(&stamps, "dummy.btf");
 *	...
 *	err = batch_stamps_write(changed, num_changed, &stamps, "out");
 *	batch_stamps_deinit(&stamps);
 *
 * One line an output, sorted by name:
 *
 *	<check> <key> <output> <content> <dev> <ino> <size> <mtime> <ctime> <name>
 *
 * The first four are hashes in hexadecimal digits: of the rest of the line, the key of batch_key.h,
 * the hash of the output, the hash of the input's content. Then what stat() said of the input, by
 * which it is known again without reading it; all zero if it was so young that a change could have
 * left the times as they are. The name comes last, with bytes below '!', above '~' and '%' itself as
 * %XX.
 *
 * The file is a memory and no input: it may be deleted, and a line that cannot be read, is damaged
 * or of another version of the format means that the output is made again. It is replaced in one
 * step; of two programs that work in one folder at the same time, the last one's lines stay.
 *
 * Errors: memory; writing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/base/vec.h"

#define BATCH_STAMPS_NAME ".btfgen-stamps"

/* The input as stat() shows it; nanoseconds since 1970. */
struct batch_identity {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	uint64_t mtime;
	uint64_t ctime;
};

struct batch_stamp {
	const char *name; /* of the output, without folder */
	struct hash_128 key;
	struct hash_128 content;
	uint64_t output;
	struct batch_identity identity;
};

struct batch_stamps {
	VEC(struct batch_stamp) items; /* sorted by name; no name twice */
	char *text;		       /* what the names point into */
};

/* *stamps is zero before. No file is as good as an empty one. */
struct btfgen_error *batch_stamps_read(struct batch_stamps *stamps,
				       const char *folder) BTFGEN_MUST_CHECK;
void batch_stamps_deinit(struct batch_stamps *stamps);

/* NULL if there is none. */
const struct batch_stamp *batch_stamps_find(const struct batch_stamps *stamps, const char *name);

/*
 * Writes @old with @changed in the place of what has their names, without those that are no longer
 * in the folder. Sorts @changed. Nothing is written if that is what the file holds.
 */
struct btfgen_error *batch_stamps_write(struct batch_stamp *changed, size_t num_changed,
					const struct batch_stamps *old,
					const char *folder) BTFGEN_MUST_CHECK;

void batch_identity_set(struct batch_identity *identity, const struct stat *st);
bool batch_identity_equal(const struct batch_identity *a, const struct batch_identity *b);

/* True if a change after @now would show in the times of the file. */
bool batch_identity_is_settled(const struct batch_identity *identity, const struct timespec *now);
