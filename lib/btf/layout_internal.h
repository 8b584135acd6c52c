// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What layout.c decides and emit.c writes. For these two files only. */
#pragma once

#include "lib/base/vec.h"
#include "lib/btf/layout.h"

enum record_source {
	RECORD_TYPE,	  /* index: struct type_id */
	RECORD_INDEX_INT, /* the added `int`; no index */
	RECORD_VAR,	  /* index into the input's vars */
	RECORD_SECTION,	  /* index into the input's sections */
};

struct layout_record {
	uint32_t index;
	uint32_t off;	/* bytes from the start of the type section */
	uint8_t source; /* enum record_source */
	uint8_t kind;	/* BTF kind */
	bool kind_flag;
};

/* In string_offs: the string is no identifier. The rest is its offset, 0 if it is not written. */
#define STRING_NO_IDENTIFIER 0x80000000u

struct btf_layout {
	struct layout_input input;
	struct layout_record *records; /* by final id; 0 is unused, one more marks the end */
	uint32_t num_records;	       /* final ids are 1..num_records-1 */
	uint32_t *type_ids;	       /* final id by struct type_id */
	uint32_t *var_ids;	       /* final id by index into vars */
	uint32_t index_int_id;	       /* final id of the arrays' index type; 0 without arrays */
	uint32_t index_int_off;	       /* name of the added `int` once it is placed */
	bool add_index_int;
	VEC(uint32_t) string_offs; /* by struct str_id; 0 is not seen yet */
	VEC(char) strings;	   /* the string section */
	uint64_t num_by_kind[32];
};

/*
 * The name that the record of a type gets; 0 is none. Sets *ret_any if the format takes any bytes
 * as the name of such a type, not only an identifier.
 */
struct str_id layout_type_name(const struct type_store *store, const struct settled_type *type,
			       bool *ret_any);

/* Tail elements of a type's record, the marker of further arguments included. */
uint32_t layout_type_vlen(const struct settled_type *type);

/* For strings that are placed. A name that has to be an identifier and is none is 0. */
static inline uint32_t layout_string_off(const struct btf_layout *layout, struct str_id id,
					 bool any)
{
	uint32_t off = layout->string_offs.data[id.v];

	if (!(off & STRING_NO_IDENTIFIER))
		return off;
	return any ? off & ~STRING_NO_IDENTIFIER : 0;
}
