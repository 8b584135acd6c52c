// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A read-only view of raw BTF, in either byte order.
 *
 *	struct btf_view view;
 *	err = btf_view_open(bytes, NULL, &view);
 *	if (err)
 *		return err;
 *	for (uint32_t id = 1; id < view.num_ids; id++)
 *		use(btf_view_kind(&view, id), btf_view_name(&view, id));
 *	btf_view_close(&view);
 *
 * btf_view_open() checks what reading needs: magic, version, that the sections lie inside the
 * bytes, that the strings end with a zero, and that the records fill the types section exactly. It
 * walks the records once and keeps an offset per id (4 bytes each). What a kernel demands beyond
 * that (gapless sections, names, targets, sizes) is the business of lib/btf/verify.h, so that a
 * file which breaks such a rule can still be looked at. Records of a kind that btf_kind_table does
 * not know are passed over if the layout section (or that of the base) gives their size.
 *
 * Split BTF: `base` is an open view whose ids and string offsets come first; id base->num_ids is
 * the first own one. Views can be stacked.
 *
 * Accessors never read outside the bytes, whatever the arguments: an id that does not exist reads
 * as void (kind 0, everything 0), an element beyond vlen as zeros, a string offset outside the
 * strings as "". Asked for an element of the wrong kind (a member of an INT) they give zeros too.
 *
 * Units: sizes and offsets in bytes, bit_off and bits in bits. Offsets in the struct count from the
 * start of `bytes`.
 * Ownership: `bytes` and `base` are borrowed and must outlive the view; names point into `bytes`.
 * Threads: an open view is constant and may be read by any number of threads.
 * Errors: BTFGEN_ERROR_INPUT with section ".BTF" and the offset in `bytes`, or out of memory.
 * Sources: format as in lib/btf/format.h; the checks at opening are those of libbpf's btf__new(),
 * version and wrap-around checked in addition.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/btf/format.h"

struct btf_view {
	struct span bytes;
	const struct btf_view *base; /* NULL unless split */
	bool swap;		     /* byte order differs from the host's */
	uint32_t header_size;
	uint32_t types_size;
	uint32_t strings_size;
	uint32_t layout_size; /* 0: no layout section */
	uint64_t types_off;
	uint64_t strings_off;
	uint64_t layout_off;
	uint32_t first_id;     /* first own id; 1 without a base */
	uint32_t num_own;      /* own records */
	uint32_t num_ids;      /* all ids, void and the base's included: first_id + num_own */
	uint32_t first_str;    /* string offset of the own section's first byte */
	uint32_t num_unknown;  /* own records of unknown kinds */
	uint32_t *record_offs; /* by id - first_id: from the types section's start */
};

struct btfgen_error *btf_view_open(struct span bytes, const struct btf_view *base,
				   struct btf_view *ret_view) BTFGEN_MUST_CHECK;
void btf_view_close(struct btf_view *view);

static inline bool btf_view_is_big_endian(const struct btf_view *view)
{
	return view->swap ? !HOST_BIG_ENDIAN : HOST_BIG_ENDIAN;
}

/* A record with tail that reads as void. */
extern const uint8_t btf_view_void_record[32];

/* The record of @id in the byte order of the file. */
static inline const uint8_t *btf_view_record(const struct btf_view *view, uint32_t id)
{
	while (id < view->first_id && view->base)
		view = view->base;
	if (id - view->first_id >= view->num_own)
		return btf_view_void_record;
	return view->bytes.data + view->types_off + view->record_offs[id - view->first_id];
}

static inline uint32_t btf_view_load(const struct btf_view *view, const uint8_t *record,
				     uint32_t off)
{
	return load_u32(record + off, view->swap);
}

static inline uint32_t btf_view_info(const struct btf_view *view, uint32_t id)
{
	return btf_view_load(view, btf_view_record(view, id), BTF_RECORD_INFO_OFF);
}

/* enum btf_kind, or the number of an unknown kind. */
static inline uint32_t btf_view_kind(const struct btf_view *view, uint32_t id)
{
	return btf_info_kind(btf_view_info(view, id));
}

static inline uint32_t btf_view_vlen(const struct btf_view *view, uint32_t id)
{
	return btf_info_vlen(btf_view_info(view, id));
}

static inline bool btf_view_flag(const struct btf_view *view, uint32_t id)
{
	return btf_info_flag(btf_view_info(view, id));
}

/* The third word: a size or a type id, see btf_kind_table. */
static inline uint32_t btf_view_word(const struct btf_view *view, uint32_t id)
{
	return btf_view_load(view, btf_view_record(view, id), BTF_RECORD_WORD_OFF);
}

static inline uint32_t btf_view_name_off(const struct btf_view *view, uint32_t id)
{
	return btf_view_load(view, btf_view_record(view, id), BTF_RECORD_NAME_OFF);
}

/* The string at @off, zero-terminated; NULL if there is none. */
const char *btf_view_find_string(const struct btf_view *view, uint32_t off);

/* As btf_view_find_string(), "" if there is none. */
const char *btf_view_string(const struct btf_view *view, uint32_t off);

static inline const char *btf_view_name(const struct btf_view *view, uint32_t id)
{
	return btf_view_string(view, btf_view_name_off(view, id));
}

/* Word @k of the fixed tail, and word @k of element @i. */
uint32_t btf_view_tail_word(const struct btf_view *view, uint32_t id, uint32_t k);
uint32_t btf_view_elem_word(const struct btf_view *view, uint32_t id, uint32_t i, uint32_t k);

struct btf_view_int {
	uint32_t encoding; /* enum btf_int_encoding */
	uint32_t bit_off;
	uint32_t bits;
};

struct btf_view_array {
	uint32_t elem_id;
	uint32_t index_id;
	uint32_t num;
};

struct btf_view_member {
	const char *name;
	uint32_t type_id;
	uint32_t bit_off;
	uint32_t bits; /* width of a bitfield; 0: none */
};

struct btf_view_value {
	const char *name;
	uint64_t value; /* sign-extended if the enum has the kind flag */
};

struct btf_view_param {
	const char *name;
	uint32_t type_id; /* 0 in the last one: more arguments may follow */
};

struct btf_view_entry {
	uint32_t var_id;
	uint32_t off;
	uint32_t size;
};

struct btf_view_int btf_view_int(const struct btf_view *view, uint32_t id);
struct btf_view_array btf_view_array(const struct btf_view *view, uint32_t id);
/* Of a STRUCT or UNION. */
struct btf_view_member btf_view_member(const struct btf_view *view, uint32_t id, uint32_t i);
/* Of an ENUM or ENUM64. */
struct btf_view_value btf_view_value(const struct btf_view *view, uint32_t id, uint32_t i);
/* Of a FUNC_PROTO. */
struct btf_view_param btf_view_param(const struct btf_view *view, uint32_t id, uint32_t i);
/* Of a DATASEC. */
struct btf_view_entry btf_view_entry(const struct btf_view *view, uint32_t id, uint32_t i);
/* Of a VAR: enum btf_linkage. */
uint32_t btf_view_linkage(const struct btf_view *view, uint32_t id);
