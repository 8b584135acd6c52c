// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A small type store for tests of what reads one: the test says what types there are, in the final
 * order, and strings are compared one by one. To be included once by a test program, after
 * cmocka.h.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"
#include "lib/btf/type_store.h"

struct type_store {
	VEC(char *) strings;
	VEC(struct settled_type) types;
	VEC(struct settled_elem *) elems;
};

const char *type_store_string(const struct type_store *store, struct str_id id)
{
	return store->strings.data[id.v];
}

bool type_store_string_is_identifier(const struct type_store *store, struct str_id id)
{
	const char *s = store->strings.data[id.v];

	if (!*s || (*s >= '0' && *s <= '9'))
		return false;
	for (; *s; s++) {
		if (!(*s == '_' || *s == '.' || (*s >= '0' && *s <= '9') ||
		      (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')))
			return false;
	}
	return true;
}

uint32_t type_store_num_types(const struct type_store *store)
{
	return store->types.num;
}

const struct settled_type *type_store_type(const struct type_store *store, struct type_id id)
{
	return &store->types.data[id.v];
}

bool type_store_intern_string(struct type_store *store, unsigned int worker, const char *string,
			      size_t size, struct str_id *ret_id)
{
	assert_int_equal(worker, 0);
	for (uint32_t i = 0; i < store->strings.num; i++) {
		if (strlen(store->strings.data[i]) == size &&
		    !memcmp(store->strings.data[i], string, size)) {
			*ret_id = (struct str_id){ i };
			return true;
		}
	}
	if (!vec_push(&store->strings, strndup(string, size)))
		return false;
	*ret_id = (struct str_id){ store->strings.num - 1 };
	return true;
}

static struct str_id str(struct type_store *store, const char *string)
{
	struct str_id id;

	assert_true(type_store_intern_string(store, 0, string, strlen(string), &id));
	return id;
}

static struct type_id add(struct type_store *store, struct settled_type type)
{
	assert_true(vec_push(&store->types, type));
	return (struct type_id){ store->types.num - 1 };
}

/* Elements that live as long as the store. */
static inline struct settled_elem *elems(struct type_store *store, uint32_t num)
{
	struct settled_elem *list = calloc(num ? num : 1, sizeof(*list));

	assert_non_null(list);
	assert_true(vec_push(&store->elems, list));
	return list;
}

static void store_init(struct type_store *store)
{
	*store = (struct type_store){ 0 };
	str(store, "");
	add(store, (struct settled_type){ 0 });
}

static void store_deinit(struct type_store *store)
{
	for (size_t i = 0; i < store->strings.num; i++)
		free(store->strings.data[i]);
	for (size_t i = 0; i < store->elems.num; i++)
		free(store->elems.data[i]);
	vec_deinit(&store->strings);
	vec_deinit(&store->types);
	vec_deinit(&store->elems);
}

#define TYPE(...) ((struct settled_type){ __VA_ARGS__ })

static inline struct type_id add_int(struct type_store *store)
{
	return add(store, TYPE(.kind = GRAPH_INT, .name = str(store, "int"), .size = 4,
			       .encoding = 1));
}
