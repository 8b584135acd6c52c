// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "encode_memory.h"

#include <stdlib.h>

/* About 16 MiB with all tables. A kernel's headers have 30,000 strings. */
enum { MAX_STRINGS = 192 << 10 };

struct btfgen_error *encode_memory_create(struct encode_memory **ret_memory)
{
	struct encode_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return error_nomem();
	*ret_memory = memory;
	return NULL;
}

static void forget(struct encode_memory *memory)
{
	store_strings_destroy(memory->strings);
	match_names_destroy(memory->names);
	memory->strings = NULL;
	memory->names = NULL;
}

void encode_memory_destroy(struct encode_memory *memory)
{
	if (!memory)
		return;
	forget(memory);
	elf_copy_memory_deinit(&memory->copies);
	free(memory);
}

struct btfgen_error *encode_memory_begin(struct encode_memory *memory,
					 const struct encode_options *options)
{
	struct btfgen_error *err;

	if (memory->strings && (memory->base != options->base ||
				memory->force_collisions != options->force_collisions ||
				store_strings_num(memory->strings) > MAX_STRINGS))
		forget(memory);
	if (memory->strings)
		return NULL;
	memory->base = options->base;
	memory->force_collisions = options->force_collisions;
	memory->names = match_names_create();
	if (!memory->names)
		return error_nomem();
	err = store_strings_create(options->force_collisions, &memory->strings);
	if (err)
		forget(memory);
	return err;
}
