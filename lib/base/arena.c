// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/arena.h"

#include <stdlib.h>

enum { BLOCK_SIZE = 256 * 1024 };

struct arena_block {
	struct arena_block *older;
	_Alignas(16) uint8_t bytes[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){};
}

void arena_deinit(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *older = arena->blocks->older;

		free(arena->blocks);
		arena->blocks = older;
	}
	arena_init(arena);
}

void *arena_alloc_slow(struct arena *arena, size_t size, size_t align)
{
	size_t block_size = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;
	struct arena_block *block;

	(void)align; /* a block starts 16-byte aligned */
	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + block_size);
	if (!block)
		return NULL;
	arena->total_size += sizeof(*block) + block_size;
	if (block_size != BLOCK_SIZE && arena->blocks) {
		/* A block of its own: the current one goes on serving small requests. */
		block->older = arena->blocks->older;
		arena->blocks->older = block;
		return block->bytes;
	}
	block->older = arena->blocks;
	arena->blocks = block;
	arena->next = block->bytes + size;
	arena->end = block->bytes + block_size;
	return block->bytes;
}
