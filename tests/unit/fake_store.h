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

/* All types stand in the final order, as tests add them. */
uint32_t type_store_num_settled(const struct type_store *store)
{
	return type_store_num_types(store);
}

bool type_store_order(const struct type_store *store, uint32_t *ids, uint32_t num)
{
	(void)store;
	for (uint32_t i = 1; i < num; i++)
		assert_true(ids[i - 1] < ids[i]);
	return true;
}

const struct settled_type *type_store_type(const struct type_store *store, struct type_id id)
{
	return &store->types.data[id.v];
}

bool type_store_intern_string(struct type_store *store, unsigned int worker, const char *string,
			      size_t size, struct str_id *ret_id)
{
	char *copy;

	assert_int_equal(worker, 0);
	for (uint32_t i = 0; i < store->strings.num; i++) {
		if (strlen(store->strings.data[i]) == size &&
		    !memcmp(store->strings.data[i], string, size)) {
			*ret_id = (struct str_id){ i };
			return true;
		}
	}
	/* No strndup(): the string need not end behind its size. */
	copy = malloc(size + 1);
	if (!copy)
		return false;
	memcpy(copy, string, size);
	copy[size] = '\0';
	if (!vec_push(&store->strings, copy)) {
		free(copy);
		return false;
	}
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

static inline bool types_are_equal(const struct settled_type *a, const struct settled_type *b)
{
	if (a->kind != b->kind || a->flags != b->flags || a->name.v != b->name.v ||
	    a->ref.v != b->ref.v || a->size != b->size || a->num_elems != b->num_elems)
		return false;
	for (uint32_t i = 0; i < a->num_elems; i++) {
		if (a->elems[i].name.v != b->elems[i].name.v ||
		    a->elems[i].type.v != b->elems[i].type.v)
			return false;
	}
	return true;
}

struct type_id type_store_add_type(struct type_store *store, const struct settled_type *type)
{
	struct settled_type copy = *type;
	struct settled_elem *list;
	struct settled_type *types;

	for (uint32_t i = 1; i < store->types.num; i++) {
		if (types_are_equal(&store->types.data[i], type))
			return (struct type_id){ i };
	}
	list = calloc(type->num_elems + 1, sizeof(*list));
	assert_non_null(list);
	assert_true(vec_push(&store->elems, list));
	if (type->num_elems)
		memcpy(list, type->elems, type->num_elems * sizeof(*list));
	copy.elems = list;
	/* In new memory each time: whoever kept a pointer to a type finds out. */
	types = malloc((store->types.num + 1) * sizeof(*types));
	if (!types)
		return (struct type_id){ 0 };
	memcpy(types, store->types.data, store->types.num * sizeof(*types));
	types[store->types.num] = copy;
	if (store->types.num)
		memset(store->types.data, 0xa5, store->types.num * sizeof(*types));
	free(store->types.data);
	store->types.data = types;
	store->types.cap = ++store->types.num;
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
