// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_bytes(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}
