// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/vec.h"

#include <stdint.h>

bool vec_grow_bytes(void **data, size_t *cap, size_t elem_size, size_t need)
{
	size_t new_cap = *cap + *cap / 2;
	void *grown;

	if (new_cap < need)
		new_cap = need;
	if (new_cap < 16)
		new_cap = 16;
	if (new_cap > SIZE_MAX / elem_size)
		return false;
	grown = realloc(*data, new_cap * elem_size);
	if (!grown)
		return false;
	*data = grown;
	*cap = new_cap;
	return true;
}
