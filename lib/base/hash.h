// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Hashes for tables. They only speed a table up: every user compares contents on a hit, so that a
 * collision costs time and never a wrong answer. The exception is the 128-bit one, which stands for
 * content that is no longer there to compare with.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* XXH3, 64 bits, over @size bytes. */
uint64_t hash_bytes(const void *data, size_t size);

struct hash_128 {
	uint64_t low;
	uint64_t high;
};

/* XXH3, 128 bits, over @size bytes. */
struct hash_128 hash_bytes_128(const void *data, size_t size);

/* Mixes one word (the finaliser of splitmix64). */
static inline uint64_t hash_u64(uint64_t v)
{
	v ^= v >> 30;
	v *= 0xbf58476d1ce4e5b9ull;
	v ^= v >> 27;
	v *= 0x94d049bb133111ebull;
	return v ^ (v >> 31);
}
