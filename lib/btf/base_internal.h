// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Hashes by which base.c files types and match.c asks for them. A hash finds candidates, which are
 * then compared.
 *
 * What has a tag (a named struct, union, enum or typedef, and a declaration of one) is filed under
 * its *label*, class and name. Everything else is filed under its content, in which references to
 * what has a tag count as the label: in C such content is finite. References on a ring without a tag
 * count as CONTENT_RING.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/btf/base.h"
#include "lib/btf/format.h"

#define CONTENT_VOID 0x6a09e667f3bcc908ull
#define CONTENT_RING 0xbb67ae8584caa73bull

struct base_item {
	uint32_t key; /* upper half of the hash */
	uint32_t id;
};

struct btf_base {
	const struct btf_view *view;
	uint32_t num_ids;
	uint32_t strings_size;
	uint32_t index_int;   /* id of `int`; 0: none */
	bool has_flat_arrays; /* see base.h */

	uint64_t *hashes;	 /* by id, while the index is built; 0: cannot be found */
	struct base_item *items; /* slot by slot, in each by id */
	uint32_t *starts;	 /* by low bits of the hash: first item; one more marks the end */
	uint32_t slots_mask;

	uint64_t *strings; /* 0, or upper half of the hash << 32 | offset */
	uint32_t strings_mask;
};

static inline uint64_t content_mix(uint64_t hash, uint64_t value)
{
	return hash_u64(hash ^ value);
}

/* Never a value that stands for something else. */
static inline uint64_t content_finish(uint64_t hash)
{
	return hash > 1 ? hash : hash + 2;
}

static inline uint64_t content_name(const char *bytes, size_t size)
{
	return size ? hash_bytes(bytes, size) : 0;
}

/* The class of a label: a declaration has that of its definition. */
static inline uint32_t content_class(uint32_t kind, bool flag)
{
	if (kind == BTF_FWD)
		return flag ? BTF_UNION : BTF_STRUCT;
	return kind == BTF_ENUM64 ? BTF_ENUM : kind;
}

static inline uint64_t content_label(uint32_t kind, bool flag, uint64_t name)
{
	return content_finish(content_mix(content_class(kind, flag), name));
}

static inline bool kind_has_label(uint32_t kind)
{
	return 1u << kind & (1u << BTF_STRUCT | 1u << BTF_UNION | 1u << BTF_ENUM |
			     1u << BTF_ENUM64 | 1u << BTF_FWD | 1u << BTF_TYPEDEF);
}

/*
 * Types that may be filed under a hash, by id:
 *
 *	struct base_search search = base_search(base, hash);
 *
 *	while ((id = base_search_next(&search)))
 *		...
 */
struct base_search {
	const struct base_item *item;
	const struct base_item *end;
	uint32_t key;
};

static inline struct base_search base_search(const struct btf_base *base, uint64_t hash)
{
	const uint32_t *start = &base->starts[hash & base->slots_mask];

	return (struct base_search){ base->items + start[0], base->items + start[1], hash >> 32 };
}

/* 0: there are no more. */
static inline uint32_t base_search_next(struct base_search *search)
{
	while (search->item != search->end) {
		const struct base_item *item = search->item++;

		if (item->key == search->key)
			return item->id;
	}
	return 0;
}
