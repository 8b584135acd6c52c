// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Forms: how an attribute's value is stored, and what class of value that is.
 *
 * One table for DWARF 2 to 5 and the GNU extensions. Source: DWARF 5 section 7.5.5 and 7.5.6.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What a unit's header fixes for all its DIEs. */
struct dwarf_encoding {
	uint8_t version;     /* 2 to 5 */
	uint8_t addr_size;   /* bytes: 4 or 8 */
	uint8_t offset_size; /* bytes: 4 in the 32-bit format, 8 in the 64-bit format */
	bool swap;	     /* byte order differs from the host's */
	bool big_endian;     /* of the file */
};

/* How the bytes stand in .debug_info. */
enum form_storage {
	FORM_UNKNOWN,
	FORM_FIXED,    /* a known number of bytes, see form_info.size */
	FORM_LEB,      /* unsigned LEB128 */
	FORM_SLEB,     /* signed LEB128 */
	FORM_STRING,   /* bytes up to a NUL */
	FORM_BLOCK,    /* form_info.size bytes of length (0: LEB128), then that many bytes */
	FORM_IMPLICIT, /* nothing; the value stands in the abbreviation */
	FORM_INDIRECT, /* LEB128 form number, then a value of that form */
};

/* What the value is. */
enum attr_class {
	ATTR_NONE,
	ATTR_UNSIGNED, /* constant: zero-extended, signedness not told by the form */
	ATTR_SIGNED,   /* constant: sign-extended */
	ATTR_FLAG,
	ATTR_ADDR,	      /* an address */
	ATTR_ADDR_INDEX,      /* index into .debug_addr */
	ATTR_BLOCK,	      /* bytes in place: value is their offset in the section, size apart */
	ATTR_EXPR,	      /* DWARF expression in place, as ATTR_BLOCK */
	ATTR_STRING,	      /* NUL-terminated in place: value is its offset in the section */
	ATTR_STR_OFFSET,      /* offset in .debug_str */
	ATTR_LINE_STR_OFFSET, /* offset in .debug_line_str */
	ATTR_STR_INDEX,	      /* index into .debug_str_offsets */
	ATTR_REF_UNIT,	      /* offset from the unit's header */
	ATTR_REF_INFO,	      /* offset in .debug_info */
	ATTR_REF_SIGNATURE,   /* 64-bit signature of a type unit */
	ATTR_SECTION_OFFSET,  /* offset into another section */
	ATTR_LIST_INDEX,      /* index into the unit's table of location or range lists */
	ATTR_SUPPLEMENTARY,   /* in a supplementary file */
	ATTR_OTHER,	      /* 16-byte constants */
};

struct form_info {
	uint8_t storage; /* enum form_storage */
	uint8_t class;	 /* enum attr_class */
	uint8_t size;
};

/* storage is FORM_UNKNOWN for a form that is in no table; its size cannot be known then. */
struct form_info form_lookup(uint64_t form, const struct dwarf_encoding *encoding);
