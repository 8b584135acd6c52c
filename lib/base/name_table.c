// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/name_table.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"

enum { MIN_SLOTS = 64 };

static uint32_t name_hash(const char *name)
{
	return hash_bytes(name, strlen(name));
}

/* The slot of a name, or the free one where it belongs. At least one is free. */
static struct name_slot *slot_of(const struct name_table *table, const char *name, uint32_t hash)
{
	size_t mask = table->num_slots - 1;

	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct name_slot *slot = &table->slots[i];

		if (!slot->name || (slot->hash == hash && strcmp(slot->name, name) == 0))
			return slot;
	}
}

static bool grow(struct name_table *table)
{
	struct name_table larger = {
		.num_slots = table->num_slots ? 2 * table->num_slots : MIN_SLOTS,
		.num = table->num,
	};
	size_t mask = larger.num_slots - 1;

	larger.slots = calloc(larger.num_slots, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	/* No two are equal, so that only a free place is looked for. */
	for (size_t i = 0; i < table->num_slots; i++) {
		size_t at = table->slots[i].hash & mask;

		if (!table->slots[i].name)
			continue;
		while (larger.slots[at].name)
			at = (at + 1) & mask;
		larger.slots[at] = table->slots[i];
	}
	free(table->slots);
	*table = larger;
	return true;
}

bool name_table_insert(struct name_table *table, const char *name)
{
	uint32_t hash = name_hash(name);
	struct name_slot *slot;

	if (table->num >= table->num_slots / 2 && !grow(table))
		return false;
	slot = slot_of(table, name, hash);
	if (!slot->name) {
		*slot = (struct name_slot){ .name = name, .hash = hash };
		table->num++;
	}
	return true;
}

void name_table_count(struct name_table *table, const char *name)
{
	struct name_slot *slot;

	if (!table->num)
		return;
	slot = slot_of(table, name, name_hash(name));
	if (slot->name && slot->count < UINT8_MAX)
		slot->count++;
}

bool name_table_has(const struct name_table *table, const char *name)
{
	return table->num && slot_of(table, name, name_hash(name))->name;
}

unsigned int name_table_get(const struct name_table *table, const char *name)
{
	return table->num ? slot_of(table, name, name_hash(name))->count : 0;
}

void name_table_deinit(struct name_table *table)
{
	free(table->slots);
	*table = (struct name_table){ 0 };
}
