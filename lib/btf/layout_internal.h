// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What layout_order.c numbers, layout.c decides and emit.c writes. For these files, and for those
 * that have to know how a type will be written: merge.c, match.c.
 */
#pragma once

#include "lib/base/vec.h"
#include "lib/btf/layout.h"

/* In the order that records of one name have. */
enum record_source {
	RECORD_TYPE,	  /* index: struct type_id */
	RECORD_INDEX_INT, /* the added `int`; no index */
	RECORD_VAR,	  /* index into the input's vars */
	RECORD_FUNC,	  /* index into the input's funcs */
	RECORD_SECTION,	  /* index into the input's sections */
	RECORD_TAG,	  /* index into the input's tags */
};

struct layout_record {
	uint32_t index;
	uint32_t off;	/* bytes from the start of the type section */
	uint8_t source; /* enum record_source */
	uint8_t kind;	/* BTF kind */
	bool kind_flag;
};

/* Of the type that arrays are indexed with. */
#define LAYOUT_INDEX_INT_NAME "int"

/* In string_offs: the string is no identifier. The rest is its offset, 0 if it is not written. */
#define STRING_NO_IDENTIFIER 0x80000000u

struct btf_layout {
	struct layout_input input;
	uint32_t id_bias;	       /* ids of the base but void; 0 without one */
	uint32_t strings_bias;	       /* offset of our own first string: what the base has */
	struct layout_record *records; /* by final id less id_bias; 0 is unused, one more marks the
					* end */
	uint32_t num_records;	       /* there are records 1..num_records-1 */
	uint32_t *type_ids;	       /* final id by struct type_id */
	uint32_t *var_ids;	       /* final id by index into vars */
	uint32_t *func_ids;	       /* final id by index into funcs; equal ones have one */
	uint32_t index_int_id;	       /* final id of the arrays' index type; 0 without arrays */
	uint32_t index_int_off;	       /* name of the added `int` once it is placed */
	bool add_index_int;
	VEC(uint32_t) string_offs; /* by struct str_id; 0 is not seen yet */
	VEC(char) strings;	   /* the string section */
	uint64_t num_by_kind[32];
	uint64_t num_tags_left_out;
	uint64_t num_base_funcs;
};

/* layout_order.c: final ids, and records with source and index. */
struct btfgen_error *layout_number(struct btf_layout *layout) BTFGEN_MUST_CHECK;

/*
 * The name that the record of a type gets; 0 is none. Sets *ret_any if the format takes any bytes
 * as the name of such a type, not only an identifier.
 */
struct str_id layout_type_name(const struct type_store *store, const struct settled_type *type,
			       bool *ret_any);

/* The kind and kind flag of a type's record. */
struct layout_shape {
	uint8_t kind;
	bool flag;
};
struct layout_shape layout_type_shape(const struct settled_type *type, bool without_enum64);

/*
 * ENUM holds what 32 bits can tell: all values fit as signed ones, or all as unsigned ones. What
 * does not is an ENUM64, and so is an enum of 8 bytes whatever its values are.
 */
void layout_enum_shape(const struct settled_type *type, uint8_t *ret_kind, bool *ret_signed);

/* Tail elements of a type's record, the marker of further arguments included. */
uint32_t layout_type_vlen(const struct settled_type *type);

/* The id that the base has a type by; 0: it is ours. MATCH_LEFT_OUT: it is not written. */
static inline uint32_t layout_base_id(const struct btf_layout *layout, uint32_t type)
{
	return layout->input.base ? layout->input.base_ids[type] : 0;
}

/* Final id of what a tag is about. */
static inline uint32_t layout_tag_target(const struct btf_layout *layout,
					 const struct layout_tag *tag)
{
	const uint32_t *const ids[] = {
		[TAG_OF_TYPE] = layout->type_ids,
		[TAG_OF_VAR] = layout->var_ids,
		[TAG_OF_FUNC] = layout->func_ids,
	};

	return ids[tag->target][tag->index];
}

/* Bytes of the header and of the table of record layouts, which follows the types. */
static inline uint32_t layout_header_size(const struct btf_layout *layout)
{
	return layout->input.with_kind_layout ? BTF_HEADER_LAYOUT_SIZE : BTF_HEADER_SIZE;
}

static inline uint32_t layout_table_size(const struct btf_layout *layout)
{
	return layout->input.with_kind_layout ? BTF_NUM_KINDS * BTF_LAYOUT_ENTRY_SIZE : 0;
}

/* For strings that are placed. A name that has to be an identifier and is none is 0. */
static inline uint32_t layout_string_off(const struct btf_layout *layout, struct str_id id,
					 bool any)
{
	uint32_t off = layout->string_offs.data[id.v];

	if (!(off & STRING_NO_IDENTIFIER))
		return off;
	return any ? off & ~STRING_NO_IDENTIFIER : 0;
}
