// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/intern.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

bool id_array_init(struct id_array *array, size_t elem_size)
{
	uint8_t *first = calloc((size_t)1 << ID_ARRAY_BASE_BITS, elem_size);

	if (!first)
		return false;
	*array = (struct id_array){ .elem_size = elem_size };
	pthread_mutex_init(&array->lock, NULL);
	atomic_store(&array->chunks[0], first);
	atomic_store(&array->num, 1);
	return true;
}

void id_array_deinit(struct id_array *array)
{
	if (!array->elem_size)
		return;
	for (unsigned int i = 0; i < ID_ARRAY_CHUNKS; i++)
		free(atomic_load(&array->chunks[i]));
	pthread_mutex_destroy(&array->lock);
	array->elem_size = 0;
}

bool id_array_push(struct id_array *array, const void *elem, uint32_t *ret_id)
{
	unsigned int chunk;
	uint32_t id;
	bool ok = false;

	pthread_mutex_lock(&array->lock);
	id = id_array_num(array);
	if (id >= ID_LIMIT)
		goto out;
	chunk = 31 - ID_ARRAY_BASE_BITS - __builtin_clz(id + (1u << ID_ARRAY_BASE_BITS));
	if (!atomic_load_explicit(&array->chunks[chunk], memory_order_relaxed)) {
		size_t num = (size_t)1 << (ID_ARRAY_BASE_BITS + chunk);
		uint8_t *grown = calloc(num, array->elem_size);

		if (!grown)
			goto out;
		atomic_store_explicit(&array->chunks[chunk], grown, memory_order_release);
	}
	memcpy(id_array_at(array, id), elem, array->elem_size);
	atomic_store_explicit(&array->num, id + 1, memory_order_relaxed);
	*ret_id = id;
	ok = true;
out:
	pthread_mutex_unlock(&array->lock);
	return ok;
}

static struct id_set_table *table_create(uint32_t num_slots)
{
	struct id_set_table *table =
		calloc(1, sizeof(*table) + (size_t)num_slots * sizeof(table->slots[0]));

	if (table)
		table->mask = num_slots - 1;
	return table;
}

bool id_set_init(struct id_set *set)
{
	size_t size = ID_SET_SHARDS * sizeof(*set->shards);

	set->shards = aligned_alloc(_Alignof(struct id_set_shard), size);
	if (!set->shards)
		return false;
	memset(set->shards, 0, size);
	for (unsigned int i = 0; i < ID_SET_SHARDS; i++)
		pthread_mutex_init(&set->shards[i].lock, NULL);
	for (unsigned int i = 0; i < ID_SET_SHARDS; i++) {
		struct id_set_table *table = table_create(FIRST_SLOTS);

		if (!table) {
			id_set_deinit(set);
			return false;
		}
		atomic_store(&set->shards[i].table, table);
	}
	return true;
}

void id_set_deinit(struct id_set *set)
{
	if (!set->shards)
		return;
	for (unsigned int i = 0; i < ID_SET_SHARDS; i++) {
		struct id_set_table *table = atomic_load(&set->shards[i].table);

		while (table) {
			struct id_set_table *outgrown = table->outgrown;

			free(table);
			table = outgrown;
		}
		pthread_mutex_destroy(&set->shards[i].lock);
	}
	free(set->shards);
	set->shards = NULL;
}

void id_set_lock(struct id_set *set, uint64_t hash)
{
	pthread_mutex_lock(&id_set_shard(set, hash)->lock);
}

void id_set_unlock(struct id_set *set, uint64_t hash)
{
	pthread_mutex_unlock(&id_set_shard(set, hash)->lock);
}

static void table_put(struct id_set_table *table, uint64_t slot)
{
	uint32_t i = (slot >> 32) & table->mask;

	while (atomic_load_explicit(&table->slots[i], memory_order_relaxed))
		i = (i + 1) & table->mask;
	atomic_store_explicit(&table->slots[i], slot, memory_order_release);
}

bool id_set_reserve_locked(struct id_set *set, uint64_t hash)
{
	struct id_set_shard *shard = id_set_shard(set, hash);
	struct id_set_table *table = atomic_load_explicit(&shard->table, memory_order_relaxed);
	struct id_set_table *grown;

	if (shard->num < table->mask - table->mask / 4)
		return true;
	if (table->mask >= UINT32_MAX / 2)
		return false;
	grown = table_create(2 * (table->mask + 1));
	if (!grown)
		return false;
	for (uint32_t i = 0; i <= table->mask; i++) {
		uint64_t slot = atomic_load_explicit(&table->slots[i], memory_order_relaxed);

		if (slot)
			table_put(grown, slot);
	}
	grown->outgrown = table;
	atomic_store_explicit(&shard->table, grown, memory_order_release);
	return true;
}

void id_set_add_locked(struct id_set *set, uint64_t hash, uint32_t id)
{
	struct id_set_shard *shard = id_set_shard(set, hash);

	table_put(atomic_load_explicit(&shard->table, memory_order_relaxed), hash << 32 | id);
	shard->num++;
}
