// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Hashes for tables. They only speed a table up: every user compares contents on a hit, so that a
 * collision costs time and never a wrong answer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* XXH3, 64 bits, over @size bytes. */
uint64_t hash_bytes(const void *data, size_t size);

/* Mixes one word (the finaliser of splitmix64). */
static inline uint64_t hash_u64(uint64_t v)
{
	v ^= v >> 30;
	v *= 0xbf58476d1ce4e5b9ull;
	v ^= v >> 27;
	v *= 0x94d049bb133111ebull;
	return v ^ (v >> 31);
}
