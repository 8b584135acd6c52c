// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_bytes(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}

struct hash_128 hash_bytes_128(const void *data, size_t size)
{
	XXH128_hash_t hash = XXH3_128bits(data, size);

	return (struct hash_128){ .low = hash.low64, .high = hash.high64 };
}
