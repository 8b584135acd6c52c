// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * An arena: memory that is given out in order and released all at once.
 *
 * arena_init() allocates nothing. Memory is not zeroed. Pointers stay valid until arena_deinit().
 * One thread at a time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	uint8_t *next;
	uint8_t *end;
	size_t total_size; /* bytes taken from the system so far */
};

void arena_init(struct arena *arena);
void arena_deinit(struct arena *arena);

void *arena_alloc_slow(struct arena *arena, size_t size, size_t align);

/* @align is a power of two, at most 16. NULL when memory is out. */
static inline void *arena_alloc(struct arena *arena, size_t size, size_t align)
{
	uintptr_t p = ((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1);

	if (arena->next && p <= (uintptr_t)arena->end && size <= (uintptr_t)arena->end - p) {
		arena->next = (uint8_t *)p + size;
		return (void *)p;
	}
	return arena_alloc_slow(arena, size, align);
}
