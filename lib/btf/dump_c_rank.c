// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The order of a sorted header: enums without a name, enums, numbers, structs and unions,
 * prototypes, then everything that has no name even below pointers; in each class by name. A
 * pointer, qualifier, typedef, array or tag is of the class of what it leads to and sorted under
 * that name, behind it. What is equal in all this is ordered by a hash of names, so that ids matter
 * only between types that read alike; the hash is that of bpftool, since its order is.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/btf/dump_c_internal.h"

enum c_rank {
	RANK_NAMELESS_ENUM,
	RANK_ENUM,
	RANK_NUMBER,
	RANK_COMPOSITE,
	RANK_PROTO,
	RANK_OTHER = 10,
};

struct sort_entry {
	uint64_t key; /* rank, then the first bytes of the name */
	const char *name;
	const char *own_name;
	uint32_t id;
};

/* Hashes by id, without and with members. */
struct sort_context {
	const struct btf_view *view;
	uint64_t *hashes[2];
	uint8_t *is_hashed[2];
};

/* The type that @id is about, false if @id is about itself. */
static bool leads_to(const struct btf_view *view, uint32_t id, uint32_t *ret_id)
{
	switch (btf_view_kind(view, id)) {
	case BTF_ARRAY:
		*ret_id = btf_view_array(view, id).elem_id;
		return true;
	case BTF_PTR:
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_DECL_TAG:
	case BTF_TYPE_TAG:
		*ret_id = btf_view_word(view, id);
		return true;
	}
	return false;
}

static enum c_rank rank_of(uint32_t kind, bool has_name)
{
	switch (kind) {
	case BTF_ENUM:
	case BTF_ENUM64:
		return has_name ? RANK_ENUM : RANK_NAMELESS_ENUM;
	case BTF_INT:
	case BTF_FLOAT:
		return RANK_NUMBER;
	case BTF_STRUCT:
	case BTF_UNION:
		return has_name ? RANK_COMPOSITE : RANK_OTHER;
	case BTF_FUNC_PROTO:
		return has_name ? RANK_PROTO : RANK_OTHER;
	}
	return RANK_OTHER;
}

/* The last type of the chain from @id, and whether all on the way up to it had no name. */
static uint32_t chain_end(const struct btf_view *view, uint32_t id, enum c_rank *ret_rank)
{
	bool has_name = btf_view_name_off(view, id) != 0;
	bool is_nameless_chain = false;
	uint32_t next;

	for (int i = 0; i < C_RANK_CHAIN && leads_to(view, id, &next); i++) {
		/* A pointer without a name ranks last, whatever name it leads to. */
		is_nameless_chain |= !has_name;
		id = next;
		has_name |= btf_view_name_off(view, id) != 0;
	}
	*ret_rank = is_nameless_chain ? RANK_OTHER : rank_of(btf_view_kind(view, id), has_name);
	return id;
}

static struct sort_entry entry_make(const struct btf_view *view, uint32_t id)
{
	struct sort_entry entry = { .id = id };
	enum c_rank rank;
	uint32_t end = chain_end(view, id, &rank);

	entry.own_name = btf_view_name(view, id);
	entry.name = btf_view_name(view, end);
	if (end == id && btf_kind_is_enum(btf_view_kind(view, id)) &&
	    btf_view_name_off(view, id) == 0)
		entry.name = btf_view_value(view, id, 0).name;
	entry.key = (uint64_t)rank << 56;
	for (int i = 0; i < 7 && entry.name[i]; i++)
		entry.key |= (uint64_t)(unsigned char)entry.name[i] << (48 - 8 * i);
	return entry;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return hash * 31 + value;
}

static uint64_t mix_name(uint64_t hash, const struct btf_view *view, uint32_t name_off)
{
	const char *name = btf_view_string(view, name_off);
	uint64_t name_hash = 0;

	if (name_off == 0)
		return hash;
	for (int i = 0; i < C_MAX_NAME && name[i]; i++)
		name_hash = mix(name_hash, (uint64_t)(signed char)name[i]);
	return mix(hash, name_hash);
}

static uint64_t hash_get(const struct sort_context *context, uint32_t id, bool members);

/* The names of the type itself and of what it lists. */
static uint64_t hash_end(const struct sort_context *context, uint32_t id, bool members)
{
	const struct btf_view *view = context->view;
	uint64_t hash = mix_name(0, view, btf_view_name_off(view, id));
	uint32_t kind = btf_view_kind(view, id);
	bool is_composite = btf_kind_is_composite(kind) && members;

	if (!btf_kind_is_enum(kind) && !is_composite)
		return hash;
	for (uint32_t i = 0; i < btf_view_vlen(view, id); i++) {
		hash = mix_name(hash, view, btf_view_elem_word(view, id, i, 0));
		if (is_composite)
			hash = mix(hash,
				   hash_get(context, btf_view_member(view, id, i).type_id, false));
	}
	return hash;
}

static uint64_t hash_link(const struct btf_view *view, uint32_t id)
{
	uint64_t hash = mix_name(0, view, btf_view_name_off(view, id));

	if (btf_view_kind(view, id) == BTF_ARRAY)
		hash = mix(hash, btf_view_array(view, id).num);
	return hash;
}

/*
 * Each link of a chain is mixed with the hash of what it leads to. @members: those of a struct at
 * the end count as well. What is found out is kept, so that all of it is proportional to the file.
 */
static uint64_t hash_get(const struct sort_context *context, uint32_t id, bool members)
{
	uint64_t *hashes = context->hashes[members];
	uint8_t *is_hashed = context->is_hashed[members];
	uint32_t links[C_RANK_CHAIN];
	uint32_t next;
	uint64_t hash;
	int num = 0;

	if (id >= context->view->num_ids)
		return 0;
	while (num < C_RANK_CHAIN && !is_hashed[id] && leads_to(context->view, id, &next) &&
	       next < context->view->num_ids) {
		links[num++] = id;
		id = next;
	}
	if (!is_hashed[id]) {
		hashes[id] = hash_end(context, id, members);
		is_hashed[id] = 1;
	}
	hash = hashes[id];
	while (num > 0) {
		id = links[--num];
		hash = mix(hash_link(context->view, id), hash);
		hashes[id] = hash;
		is_hashed[id] = 1;
	}
	return hash;
}

static int name_compare(const char *a, const char *b)
{
	return a == b ? 0 : strncmp(a, b, C_MAX_NAME);
}

static int entry_compare(const void *left, const void *right, void *arg)
{
	const struct sort_entry *a = left, *b = right;
	uint64_t a_hash, b_hash;
	int order;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	order = name_compare(a->name, b->name);
	if (order == 0)
		order = name_compare(a->own_name, b->own_name);
	if (order != 0)
		return order;
	a_hash = hash_get(arg, a->id, true);
	b_hash = hash_get(arg, b->id, true);
	if (a_hash != b_hash)
		return a_hash < b_hash ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

struct btfgen_error *c_rank_sort(const struct btf_view *view, uint32_t *ids, size_t num)
{
	_cleanup_free_ struct sort_entry *entries = calloc(num + 1, sizeof(*entries));
	size_t num_ids = view->num_ids;
	_cleanup_free_ uint64_t *hashes = calloc(2 * num_ids, sizeof(*hashes));
	_cleanup_free_ uint8_t *is_hashed = calloc(2 * num_ids, 1);
	struct sort_context context = { .view = view };

	if (!entries || !hashes || !is_hashed)
		return error_nomem();
	for (size_t i = 0; i < 2; i++) {
		context.hashes[i] = hashes + i * num_ids;
		context.is_hashed[i] = is_hashed + i * num_ids;
	}
	for (size_t i = 0; i < num; i++)
		entries[i] = entry_make(view, ids[i]);
	qsort_r(entries, num, sizeof(*entries), entry_compare, &context);
	for (size_t i = 0; i < num; i++)
		ids[i] = entries[i].id;
	return NULL;
}
