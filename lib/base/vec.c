// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/vec.h"

#include <stdint.h>
#include <string.h>

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

bool vec_append_bytes(void **data, size_t *num, size_t *cap, size_t elem_size, void **from_data,
		      size_t *from_num, size_t *from_cap, size_t from_elem_size)
{
	if (elem_size != from_elem_size)
		return false;
	if (!*num) {
		/* Nothing to copy behind: take the memory as it is. */
		free(*data);
		*data = *from_data;
		*num = *from_num;
		*cap = *from_cap;
	} else if (*from_num) {
		if (*num + *from_num > *cap &&
		    !vec_grow_bytes(data, cap, elem_size, *num + *from_num))
			return false;
		memcpy((char *)*data + *num * elem_size, *from_data, *from_num * elem_size);
		*num += *from_num;
		free(*from_data);
	} else {
		free(*from_data);
	}
	*from_data = NULL;
	*from_num = *from_cap = 0;
	return true;
}
