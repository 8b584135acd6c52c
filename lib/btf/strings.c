// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/strings.h"

#include <string.h>

#include "lib/base/hash.h"

/* Longest name that the kernel takes (btf_name_valid_identifier() in kernel/bpf/btf.c). */
enum { MAX_IDENTIFIER_SIZE = 511 };

bool strings_init(struct strings *strings, bool force_collisions)
{
	struct string_entry *empty;

	*strings = (struct strings){ .hash_mask = force_collisions ? 0 : UINT64_MAX };
	if (!id_array_init(&strings->entries, sizeof(struct string_entry)))
		return false;
	if (!id_set_init(&strings->set)) {
		id_array_deinit(&strings->entries);
		return false;
	}
	empty = id_array_at(&strings->entries, 0);
	empty->bytes = "";
	return true;
}

void strings_deinit(struct strings *strings)
{
	id_set_deinit(&strings->set);
	id_array_deinit(&strings->entries);
}

static bool bytes_are_identifier(const char *bytes, size_t size)
{
	if (!size || size > MAX_IDENTIFIER_SIZE)
		return false;
	for (size_t i = 0; i < size; i++) {
		char c = bytes[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
		      (i && c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

struct string_key {
	const struct strings *strings;
	const char *bytes;
	size_t size;
};

static inline bool string_equal(const void *ctx, uint32_t id)
{
	const struct string_key *key = ctx;
	const struct string_entry *entry = strings_entry(key->strings, (struct str_id){ id });

	return entry->size == key->size && memcmp(entry->bytes, key->bytes, key->size) == 0;
}

static uint32_t string_add(struct strings *strings, struct arena *arena, uint64_t hash,
			   const struct string_key *key)
{
	struct string_entry entry = {
		.size = key->size,
		.is_identifier = bytes_are_identifier(key->bytes, key->size),
	};
	uint32_t id = 0;
	char *copy;

	id_set_lock(&strings->set, hash);
	id = id_set_find(&strings->set, hash, string_equal, key);
	if (id || !id_set_reserve_locked(&strings->set, hash))
		goto out;
	copy = arena_alloc(arena, key->size + 1, 1);
	if (!copy)
		goto out;
	memcpy(copy, key->bytes, key->size);
	copy[key->size] = '\0';
	entry.bytes = copy;
	if (id_array_push(&strings->entries, &entry, &id))
		id_set_add_locked(&strings->set, hash, id);
out:
	id_set_unlock(&strings->set, hash);
	return id;
}

bool strings_intern(struct strings *strings, struct arena *arena, const char *bytes, size_t size,
		    struct str_id *ret_id)
{
	struct string_key key = { .strings = strings, .bytes = bytes, .size = size };
	uint64_t hash;
	uint32_t id;

	if (!size) {
		*ret_id = (struct str_id){ 0 };
		return true;
	}
	if (size >= UINT32_MAX)
		return false;
	hash = hash_bytes(bytes, size) & strings->hash_mask;
	id = id_set_find(&strings->set, hash, string_equal, &key);
	if (!id)
		id = string_add(strings, arena, hash, &key);
	if (!id)
		return false;
	*ret_id = (struct str_id){ id };
	return true;
}
