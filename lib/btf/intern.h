// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Parts of an interning table: equal contents get equal ids, found without a lock.
 *
 * A table is two things. An `id_array` holds the entries by id; ids are 1, 2, 3 ... in the order of
 * arrival, and an entry never moves. An `id_set` finds the id of a content by its hash. The user
 * (strings.c, record.c) brings the entry type, the hash and the comparison:
 *
 *	id = id_set_find(&set, hash, my_equal, &content);
 *	if (!id) {
 *		id_set_lock(&set, hash);
 *		id = id_set_find(&set, hash, my_equal, &content);
 *		if (!id && id_set_reserve_locked(&set, hash) && id_array_push(&array, &entry, &id))
 *			id_set_add_locked(&set, hash, id);
 *		id_set_unlock(&set, hash);
 *	}
 *
 * Threads: any number may find and add at the same time. A hit takes no lock and allocates
 * nothing. Ids depend on arrival, hence on threads. An entry may be read by whoever got its id from
 * id_set_find() or in a way that synchronises with that. Destroying is for one thread alone.
 *
 * Why readers are safe: an entry is complete before its slot is stored with release order, and a
 * table is complete before its pointer is; a table that was outgrown stays until the end, and a
 * reader who still looks into it only misses new entries, which the search under the lock finds.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ID_ARRAY_BASE_BITS = 10, /* entries of the first chunk, as a power of two */
	ID_ARRAY_CHUNKS = 20,	 /* each twice the one before */
	ID_SET_SHARD_BITS = 6,
	ID_SET_SHARDS = 1 << ID_SET_SHARD_BITS,
};

/* Ids stay below this, so that users can keep marks in the upper bits. */
#define ID_LIMIT (1u << 29)

struct id_array {
	size_t elem_size;
	_Atomic(uint8_t *) chunks[ID_ARRAY_CHUNKS];
	pthread_mutex_t lock; /* for growing */
	_Atomic uint32_t num; /* next id; entry 0 is zeroed and belongs to the user */
};

/* False when memory is out. */
bool id_array_init(struct id_array *array, size_t elem_size);
void id_array_deinit(struct id_array *array);

/* Copies @elem to a new entry. False when memory or ids are out. */
bool id_array_push(struct id_array *array, const void *elem, uint32_t *ret_id);

static inline uint32_t id_array_num(const struct id_array *array)
{
	return atomic_load_explicit(&array->num, memory_order_relaxed);
}

static inline void *id_array_at(const struct id_array *array, uint32_t id)
{
	uint32_t v = id + (1u << ID_ARRAY_BASE_BITS);
	unsigned int chunk = 31 - ID_ARRAY_BASE_BITS - __builtin_clz(v);
	uint32_t first = 1u << (ID_ARRAY_BASE_BITS + chunk);

	return atomic_load_explicit(&array->chunks[chunk], memory_order_relaxed) +
	       (size_t)(v - first) * array->elem_size;
}

struct id_set_table {
	struct id_set_table *outgrown; /* the one before, kept for late readers */
	uint32_t mask;
	_Atomic uint64_t slots[]; /* 0, or lower half of the hash << 32 | id */
};

struct id_set_shard {
	_Alignas(64) _Atomic(struct id_set_table *) table;
	pthread_mutex_t lock; /* for what changes the shard */
	uint32_t num;
};

struct id_set {
	struct id_set_shard *shards;
};

/* False when memory is out. */
bool id_set_init(struct id_set *set);
void id_set_deinit(struct id_set *set);

static inline struct id_set_shard *id_set_shard(const struct id_set *set, uint64_t hash)
{
	return &set->shards[hash >> (64 - ID_SET_SHARD_BITS)];
}

typedef bool id_equal_fn(const void *ctx, uint32_t id);

/* 0 if the set does not hold it. */
static inline uint32_t id_set_find(const struct id_set *set, uint64_t hash, id_equal_fn *equal,
				   const void *ctx)
{
	struct id_set_table *table =
		atomic_load_explicit(&id_set_shard(set, hash)->table, memory_order_acquire);
	uint32_t key = hash;

	for (uint32_t i = key & table->mask;; i = (i + 1) & table->mask) {
		uint64_t slot = atomic_load_explicit(&table->slots[i], memory_order_acquire);

		if (!slot)
			return 0;
		if (slot >> 32 == key && equal(ctx, (uint32_t)slot))
			return slot;
	}
}

void id_set_lock(struct id_set *set, uint64_t hash);
void id_set_unlock(struct id_set *set, uint64_t hash);

/* Room for one more id in the shard of @hash. False when memory is out. */
bool id_set_reserve_locked(struct id_set *set, uint64_t hash);
void id_set_add_locked(struct id_set *set, uint64_t hash, uint32_t id);
