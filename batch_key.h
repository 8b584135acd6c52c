// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What an output was made from, as 128 bits, and the note that keeps it in the file.
 *
 * The key covers the content of the input, the base, all options that change what is written, and
 * the version of the program. Equal keys mean equal outputs.
 *
 * The content is everything in the ELF file but what encoding in place changes: where the section
 * headers lie and how many there are, the names of sections beyond those in use, and the sections
 * .BTF, .BTF.base and .note.btfgen. A build id would not do: a module may have none, and what
 * changes a file after linking does not change its build id. All bytes are read, at the speed of
 * memory if they are in it.
 *
 * A file whose debug information lies in another file is not covered: batch_content_hash() says so,
 * and such a file is never passed over.
 *
 * The note (section .note.btfgen, owner "btfgen", type 1) is 44 bytes: the note's header in the
 * file's byte order, then as its description the key and a hash of the sections .BTF and .BTF.base
 * beside it, by which one sees that somebody else has replaced these. It is not loaded.
 *
 * Hashes are XXH3: meant for change, not for malice.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "btf_encoder.h"
#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/base/span.h"
#include "lib/elf/elf_file.h"

#define BATCH_NOTE_SECTION ".note.btfgen"

enum { BATCH_NOTE_SIZE = 12 + 8 + 24 };

/* *ret_is_whole is false if the debug information is not in the file, or not all of it. */
struct btfgen_error *batch_content_hash(const struct elf_file *elf, struct hash_128 *ret_hash,
					bool *ret_is_whole) BTFGEN_MUST_CHECK;

/* @content with the base, the options and the version. */
struct hash_128 batch_key(struct hash_128 content, const struct encode_options *options,
			  const char *version);

/* Of both parts of an output; an absent span is another one than an empty one. */
uint64_t batch_output_hash(struct span btf, struct span distilled);

struct batch_note {
	struct hash_128 key;
	uint64_t output;
};

void batch_note_encode(const struct batch_note *note, bool swap,
		       uint8_t bytes[static BATCH_NOTE_SIZE]);

/* False if the bytes are no such note. */
bool batch_note_decode(struct span bytes, bool swap, struct batch_note *ret_note);
