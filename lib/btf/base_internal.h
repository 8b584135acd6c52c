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

struct btf_base {
	const struct btf_view *view;
	uint32_t num_ids;
	uint32_t strings_size;
	uint32_t index_int;   /* id of `int`; 0: none */
	bool has_flat_arrays; /* see base.h */

	uint64_t *hashes; /* by id; 0: cannot be found */
	uint32_t *heads;  /* by low bits of the hash: the lowest id there, or 0 */
	uint32_t *nexts;  /* by id: the next higher one of the slot, or 0 */
	uint32_t heads_mask;

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

/* The first type filed under @hash, and the one behind @id; 0: none. */
static inline uint32_t base_skip_others(const struct btf_base *base, uint32_t id, uint64_t hash)
{
	while (id && base->hashes[id] != hash)
		id = base->nexts[id];
	return id;
}

static inline uint32_t base_first(const struct btf_base *base, uint64_t hash)
{
	return base_skip_others(base, base->heads[hash & base->heads_mask], hash);
}

static inline uint32_t base_next(const struct btf_base *base, uint32_t id, uint64_t hash)
{
	return base_skip_others(base, base->nexts[id], hash);
}
