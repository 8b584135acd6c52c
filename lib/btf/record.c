// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/record.h"

#include <string.h>

#include "lib/base/hash.h"

const struct kind_info kind_infos[NUM_GRAPH_KINDS] = {
	[GRAPH_VOID] = { .tag = -1 },
	[GRAPH_ALIAS] = { .tag = -1 },
	[GRAPH_INT] = { FIELD_NAME | FIELD_SIZE | FIELD_ENCODING, 0, -1, false },
	[GRAPH_FLOAT] = { FIELD_NAME | FIELD_SIZE, 0, -1, false },
	[GRAPH_PTR] = { FIELD_REF, 0, -1, false },
	[GRAPH_CONST] = { FIELD_REF, 0, -1, false },
	[GRAPH_VOLATILE] = { FIELD_REF, 0, -1, false },
	[GRAPH_RESTRICT] = { FIELD_REF, 0, -1, false },
	[GRAPH_TYPE_TAG] = { FIELD_NAME | FIELD_REF, GRAPH_ATTRIBUTE, -1, false },
	[GRAPH_TYPEDEF] = { FIELD_NAME | FIELD_REF, 0, TAG_TYPEDEF, false },
	[GRAPH_ARRAY] = { FIELD_REF | FIELD_SIZE, 0, -1, false },
	[GRAPH_FUNC_PROTO] = { FIELD_REF | FIELD_ELEMS | FIELD_ELEM_REF, GRAPH_VARARGS, -1, false },
	[GRAPH_STRUCT] = { FIELD_NAME | FIELD_SIZE | FIELD_ELEMS | FIELD_ELEM_REF |
				   FIELD_ELEM_VALUE | FIELD_ELEM_BITS,
			   GRAPH_BITFIELDS, TAG_STRUCT, false },
	[GRAPH_UNION] = { FIELD_NAME | FIELD_SIZE | FIELD_ELEMS | FIELD_ELEM_REF |
				  FIELD_ELEM_VALUE | FIELD_ELEM_BITS,
			  GRAPH_BITFIELDS, TAG_UNION, false },
	[GRAPH_ENUM] = { FIELD_NAME | FIELD_SIZE | FIELD_ELEMS | FIELD_ELEM_VALUE, GRAPH_SIGNED,
			 TAG_ENUM, false },
	[GRAPH_FWD_STRUCT] = { FIELD_NAME, 0, TAG_STRUCT, true },
	[GRAPH_FWD_UNION] = { FIELD_NAME, 0, TAG_UNION, true },
	[GRAPH_FWD_ENUM] = { FIELD_NAME | FIELD_SIZE, 0, TAG_ENUM, true },
	[GRAPH_LINK] = { FIELD_NAME | FIELD_REF | FIELD_ELEMS | FIELD_ELEM_REF, 0, -1, false },
};

uint32_t record_label(const struct record *record)
{
	const struct kind_info *info = &kind_infos[record->kind];

	if (record->is_cycle)
		return REF_CYCLE;
	if (info->tag < 0 || (!record->name && !info->is_forward))
		return 0;
	return ref_of_label(info->tag, (struct str_id){ record->name });
}

bool records_init(struct records *records, bool force_collisions)
{
	*records = (struct records){ .hash_mask = force_collisions ? 0 : UINT64_MAX };
	if (!id_array_init(&records->entries, sizeof(const struct record *)))
		return false;
	if (!id_set_init(&records->set)) {
		id_array_deinit(&records->entries);
		return false;
	}
	return true;
}

void records_deinit(struct records *records)
{
	id_set_deinit(&records->set);
	id_array_deinit(&records->entries);
}

/* Most records are pointers, modifiers and arrays: their few words are mixed in place. */
static inline uint64_t record_hash(const struct record *record)
{
	uint64_t words[2], hash;

	memcpy(words, record, sizeof(words));
	hash = hash_u64(words[0] + 0x9e3779b97f4a7c15ull);
	hash = hash_u64(hash ^ words[1]);
	if (record->num_elems)
		hash = hash_u64(hash ^ hash_bytes(record->elems,
						  record->num_elems * sizeof(record->elems[0])));
	return hash;
}

struct record_key {
	const struct records *records;
	const struct record *record;
};

static inline bool record_equal(const void *ctx, uint32_t id)
{
	const struct record_key *key = ctx;
	const struct record *other = records_at(key->records, id);

	return memcmp(other, key->record, sizeof(*other)) == 0 &&
	       (!other->num_elems || memcmp(other->elems, key->record->elems,
					    other->num_elems * sizeof(other->elems[0])) == 0);
}

static uint32_t record_add(struct records *records, struct arena *arena, uint64_t hash,
			   const struct record_key *key)
{
	size_t size = record_size(key->record->num_elems);
	struct record *copy;
	uint32_t id;

	id_set_lock(&records->set, hash);
	id = id_set_find(&records->set, hash, record_equal, key);
	if (id || !id_set_reserve_locked(&records->set, hash))
		goto out;
	copy = arena_alloc(arena, size, _Alignof(struct record));
	if (!copy)
		goto out;
	memcpy(copy, key->record, size);
	if (id_array_push(&records->entries, &copy, &id))
		id_set_add_locked(&records->set, hash, id);
out:
	id_set_unlock(&records->set, hash);
	return id;
}

static uint32_t record_find_or_add(struct records *records, struct arena *arena,
				   const struct record *record)
{
	struct record_key key = { .records = records, .record = record };
	uint64_t hash = record_hash(record) & records->hash_mask;
	uint32_t id = id_set_find(&records->set, hash, record_equal, &key);

	return id ? id : record_add(records, arena, hash, &key);
}

uint32_t records_intern(struct records *records, struct arena *arena, struct record_trail *trail,
			const struct record *record)
{
	uint32_t id;

	id = record_find_or_add(records, arena, record);
	if (!id)
		return 0;
	while (trail->next.num <= trail->last) {
		if (!vec_push(&trail->next, (struct record_guess){}))
			return 0;
	}
	if (trail->next.data[trail->last].first != id)
		trail->next.data[trail->last] = (struct record_guess){
			.first = id,
			.second = trail->next.data[trail->last].first,
			.shape = record->is_cycle ? 0 : record_shape(record->kind, record->size),
			.ref = record->ref,
		};
	trail->last = id;
	return id;
}
