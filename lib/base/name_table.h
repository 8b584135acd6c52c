// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A set of names, each with a count that its owner raises.
 *
 *	struct name_table table = { 0 };
 *
 *	ok = name_table_insert(&table, "jiffies");
 *	name_table_count(&table, "jiffies");		counts a name of the set, passes over others
 *	num = name_table_get(&table, "jiffies");	1
 *	name_table_deinit(&table);
 *
 * Counts stop at 255. Names are borrowed: they must outlive the table. One thread writes; a table
 * that nobody writes to may be read by many. An operation costs one hash of the name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_slot {
	const char *name; /* NULL: free */
	uint32_t hash;
	uint8_t count;
};

struct name_table {
	struct name_slot *slots;
	size_t num_slots; /* a power of two; 0: nothing is in it */
	size_t num;
};

/* With a count of 0, unless the name is there already. False: memory is out, nothing changed. */
bool name_table_insert(struct name_table *table, const char *name);

void name_table_count(struct name_table *table, const char *name);

bool name_table_has(const struct name_table *table, const char *name);

/* 0 for a name that is not in the set. */
unsigned int name_table_get(const struct name_table *table, const char *name);

void name_table_deinit(struct name_table *table);
