// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/type_store.h"

#include <stdlib.h>
#include <string.h>

#include "lib/btf/settle.h"
#include "lib/btf/store_internal.h"

struct btfgen_error *store_strings_create(bool force_collisions, struct store_strings **ret_strings)
{
	struct store_strings *strings = calloc(1, sizeof(*strings));

	if (!strings || !strings_init(&strings->strings, force_collisions)) {
		free(strings);
		return error_nomem();
	}
	arena_init(&strings->arena);
	atomic_init(&strings->num_owners, 1);
	*ret_strings = strings;
	return NULL;
}

void store_strings_destroy(struct store_strings *strings)
{
	if (!strings || atomic_fetch_sub(&strings->num_owners, 1) > 1)
		return;
	strings_deinit(&strings->strings);
	arena_deinit(&strings->arena);
	vec_deinit(&strings->next);
	free(strings);
}

uint32_t store_strings_num(const struct store_strings *strings)
{
	return id_array_num(&strings->strings.entries);
}

struct btfgen_error *type_store_create(const struct type_store_options *options,
				       struct type_store **ret_store)
{
	struct type_store *store = calloc(1, sizeof(*store));
	unsigned int num_workers = options->num_workers ? options->num_workers : 1;

	if (!store)
		return error_nomem();
	arena_init(&store->settled);
	store->by_place = options->by_place;
	store->num_units = options->num_units;
	store->units = calloc((size_t)options->num_units + 1, sizeof(*store->units));
	store->workers = aligned_alloc(_Alignof(struct intake_worker),
				       num_workers * sizeof(*store->workers));
	if (store->workers) {
		store->num_workers = num_workers;
		for (unsigned int i = 0; i < num_workers; i++)
			intake_worker_init(&store->workers[i]);
	}
	if (options->strings) {
		store->shared_strings = options->strings;
		store->strings = &options->strings->strings;
		atomic_fetch_add(&options->strings->num_owners, 1);
	} else if (strings_init(&store->own_strings, options->force_collisions)) {
		store->strings = &store->own_strings;
	}
	if (!store->units || !store->workers || !store->strings ||
	    !records_init(&store->records, options->force_collisions)) {
		type_store_destroy(store);
		return error_nomem();
	}
	*ret_store = store;
	return NULL;
}

void type_store_destroy(struct type_store *store)
{
	if (!store)
		return;
	for (unsigned int i = 0; i < store->num_workers; i++)
		intake_worker_deinit(&store->workers[i]);
	settle_destroy(store->settle);
	records_deinit(&store->records);
	if (store->strings == &store->own_strings)
		strings_deinit(&store->own_strings);
	store_strings_destroy(store->shared_strings);
	arena_deinit(&store->settled);
	late_index_forget(&store->late_index);
	free(store->types);
	free(store->doubles);
	free(store->workers);
	free(store->units);
	free(store);
}

bool type_store_intern_string(struct type_store *store, unsigned int worker, const char *string,
			      size_t size, struct str_id *ret_id)
{
	struct arena *arena = store->shared_strings ? &store->shared_strings->arena :
						      &store->workers[worker].kept;

	return strings_intern(store->strings, arena, string, size, ret_id);
}

/* False when memory is out. */
static bool remember_next(struct store_strings *shared, uint32_t id)
{
	if (shared->last >= shared->next.num) {
		size_t num = shared->next.num;

		if (!vec_reserve(&shared->next, (size_t)shared->last + 1))
			return false;
		memset(shared->next.data + num, 0,
		       (shared->next.cap - num) * sizeof(*shared->next.data));
		shared->next.num = shared->next.cap;
	}
	shared->next.data[shared->last] = id;
	return true;
}

bool type_store_intern_next(struct type_store *store, unsigned int worker, const char *string,
			    size_t max_size, struct str_id *ret_id)
{
	struct store_strings *shared = store->shared_strings;
	uint32_t guess = 0;

	if (!shared)
		return type_store_intern_string(store, worker, string, strlen(string), ret_id);
	if (shared->last < shared->next.num)
		guess = shared->next.data[shared->last];
	if (guess) {
		const struct string_entry *entry =
			strings_entry(store->strings, (struct str_id){ guess });

		if (entry->size < max_size && !memcmp(entry->bytes, string, entry->size + 1)) {
			*ret_id = (struct str_id){ guess };
			shared->last = guess;
			return true;
		}
	}
	if (!type_store_intern_string(store, worker, string, strlen(string), ret_id) ||
	    !remember_next(shared, ret_id->v))
		return false;
	shared->last = ret_id->v;
	return true;
}

const char *type_store_string(const struct type_store *store, struct str_id id)
{
	return strings_entry(store->strings, id)->bytes;
}

bool type_store_string_is_identifier(const struct type_store *store, struct str_id id)
{
	return strings_entry(store->strings, id)->is_identifier;
}

struct unit_type type_store_handle(const struct unit_graph *graph, struct node_id node)
{
	return (struct unit_type){ graph->nodes.data[node.v].class_id };
}

uint32_t type_store_class(const struct unit_graph *graph, struct node_id node)
{
	uint32_t class_id = graph->nodes.data[node.v].class_id;

	return class_id & HANDLE_NODE ? 0 : class_id;
}

uint32_t type_store_num_types(const struct type_store *store)
{
	return store->num_types;
}

const struct settled_type *type_store_type(const struct type_store *store, struct type_id id)
{
	return &store->types[id.v];
}

struct settled_type *type_store_change(struct type_store *store, struct type_id id)
{
	if (store->late_index.slots)
		late_index_forget(&store->late_index);
	return &store->types[id.v];
}

size_t type_store_num_doubles(const struct type_store *store)
{
	return store->num_doubles;
}

const struct type_store_double *type_store_doubles(const struct type_store *store)
{
	return store->doubles;
}

struct type_store_stats type_store_get_stats(const struct type_store *store)
{
	return store->stats;
}
