// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a thread keeps from one file to the next, when it encodes many over one base.
 *
 *	struct encode_memory *memory;
 *
 *	err = encode_memory_create(&memory);
 *	for each file
 *		options.memory = memory; encode_file(&options, report)
 *	encode_memory_destroy(memory);
 *
 * Modules of a kernel include the same headers, so that four of five strings of a module stood in the
 * one before: they are kept, with where the base has them. When more strings were met than a few
 * modules can share, all are forgotten. The memory of relocated debug information is used again.
 * Nothing that is written depends on any of it.
 *
 * Reports name types and variables by these strings, which live as long as the reports do.
 *
 * Threads: one at a time, as long as encode_file() runs.
 */
#pragma once

#include "btf_encoder.h"
#include "lib/base/error.h"
#include "lib/btf/match.h"
#include "lib/btf/type_store.h"
#include "lib/elf/relocate.h"

struct encode_memory {
	struct store_strings *strings;
	struct match_names *names;
	struct elf_copy_memory copies;
	const struct encode_base *base; /* what the names are known of */
	bool force_collisions;
};

struct btfgen_error *encode_memory_create(struct encode_memory **ret_memory) BTFGEN_MUST_CHECK;
void encode_memory_destroy(struct encode_memory *memory);

/* For encode_file(): makes it fit for a file with these options. */
struct btfgen_error *encode_memory_begin(struct encode_memory *memory,
					 const struct encode_options *options) BTFGEN_MUST_CHECK;
