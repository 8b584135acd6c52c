// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A growing array of one element type.
 *
 *	VEC(uint32_t) ids = {};
 *	if (!vec_push(&ids, 7))
 *		return error_nomem();
 *	for (size_t i = 0; i < ids.num; i++)
 *		use(ids.data[i]);
 *	vec_deinit(&ids);
 *
 * Elements move when the array grows: keep indexes, not pointers. A failed growth leaves the array
 * as it was. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *data;                                                                        \
		size_t num;                                                                        \
		size_t cap;                                                                        \
	}

/* Room for @need elements in all; false when memory is out. Grows at least by half. */
bool vec_grow_bytes(void **data, size_t *cap, size_t elem_size, size_t need);

bool vec_append_bytes(void **data, size_t *num, size_t *cap, size_t elem_size, void **from_data,
		      size_t *from_num, size_t *from_cap, size_t from_elem_size);

#define vec_reserve(v, need)                                                                       \
	((need) <= (v)->cap ||                                                                     \
	 vec_grow_bytes((void **)&(v)->data, &(v)->cap, sizeof(*(v)->data), (need)))

#define vec_push(v, ...)                                                                           \
	(vec_reserve((v), (v)->num + 1) ? ((v)->data[(v)->num++] = (__VA_ARGS__), true) : false)

/* Moves all of @from behind the last of @v; @from is empty then. False when memory is out. */
#define vec_append(v, from)                                                                        \
	vec_append_bytes((void **)&(v)->data, &(v)->num, &(v)->cap, sizeof(*(v)->data),            \
			 (void **)&(from)->data, &(from)->num, &(from)->cap,                       \
			 sizeof(*(from)->data))

#define vec_deinit(v)                                                                              \
	do {                                                                                       \
		free((v)->data);                                                                   \
		(v)->data = NULL;                                                                  \
		(v)->num = (v)->cap = 0;                                                           \
	} while (0)
