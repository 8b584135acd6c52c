// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The BTF format as numbers and one table.
 *
 * Raw BTF is a header, then sections whose offsets count from the header's end. All numbers are in
 * the target's byte order; strings are bytes. The types section holds records without gaps; the
 * n-th record (from 1) has id n, id 0 is void and has no record. A record is
 *
 *	name_off, info, word		three u32
 *	tail				btf_kind_table[kind].tail_size bytes
 *	elements			vlen times btf_kind_table[kind].elem_size bytes
 *
 * with info = vlen in bits 0-23, kind in bits 24-30, kind flag in bit 31 (vlen had 16 bits and kind
 * 5 before 2026; readers of the old form refuse anything in the other bits).
 *
 * btf_kind_table tells for each kind what its word is and which u32 of its tail and elements are
 * type ids or string offsets, so that readers, writers and anything that renumbers need no code of
 * their own for a kind. A new kind is a new line there.
 *
 * Names are our own and meet none of <linux/btf.h>; nothing in lib includes that file.
 *
 * Sources: Documentation/bpf/btf.rst and include/uapi/linux/btf.h of Linux (format),
 * kernel/bpf/btf.c (limits).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum btf_kind {
	BTF_VOID = 0,
	BTF_INT = 1,
	BTF_PTR = 2,
	BTF_ARRAY = 3,
	BTF_STRUCT = 4,
	BTF_UNION = 5,
	BTF_ENUM = 6,
	BTF_FWD = 7,
	BTF_TYPEDEF = 8,
	BTF_VOLATILE = 9,
	BTF_CONST = 10,
	BTF_RESTRICT = 11,
	BTF_FUNC = 12,
	BTF_FUNC_PROTO = 13,
	BTF_VAR = 14,
	BTF_DATASEC = 15,
	BTF_FLOAT = 16,
	BTF_DECL_TAG = 17,
	BTF_TYPE_TAG = 18,
	BTF_ENUM64 = 19,
	BTF_NUM_KINDS
};

enum {
	BTF_HEADER_MAGIC = 0xeb9f,
	BTF_HEADER_VERSION = 1,
};

/* Offsets of the header's fields. All are u32 but magic (u16), version and flags (u8). */
enum {
	BTF_HEADER_MAGIC_OFF = 0,
	BTF_HEADER_VERSION_OFF = 2,
	BTF_HEADER_FLAGS_OFF = 3,
	BTF_HEADER_SIZE_OFF = 4,
	BTF_HEADER_TYPES_OFF_OFF = 8,
	BTF_HEADER_TYPES_SIZE_OFF = 12,
	BTF_HEADER_STRINGS_OFF_OFF = 16,
	BTF_HEADER_STRINGS_SIZE_OFF = 20,
	BTF_HEADER_SIZE = 24, /* the header that every reader knows */
	BTF_HEADER_LAYOUT_OFF_OFF = 24,
	BTF_HEADER_LAYOUT_SIZE_OFF = 28,
	BTF_HEADER_LAYOUT_SIZE = 32, /* the header with the layout fields */
};

/* A record's first words. */
enum {
	BTF_RECORD_NAME_OFF = 0,
	BTF_RECORD_INFO_OFF = 4,
	BTF_RECORD_WORD_OFF = 8,
	BTF_RECORD_SIZE = 12,
};

/* The layout section: 4 bytes a kind from 0 on: tail size u8, element size u8, flags u16. */
enum { BTF_LAYOUT_ENTRY_SIZE = 4 };

#define BTF_LIMIT_REF 0x000fffffu     /* largest id that a reference may hold */
#define BTF_LIMIT_IDS 0x000fffffu     /* there must be fewer ids than this, void included */
#define BTF_LIMIT_STR_OFF 0x00ffffffu /* largest string offset, base strings included */
#define BTF_LIMIT_VLEN 0x00ffffffu
#define BTF_LIMIT_VLEN_OLD 0xffffu /* kernels before 7.2, libbpf before 1.8 */
#define BTF_LIMIT_KIND 127u
#define BTF_LIMIT_IDENTIFIER 512u /* bytes without the final zero */
#define BTF_LIMIT_CHAIN 32u	  /* modifiers in a row */
#define BTF_LIMIT_DEPTH 32u	  /* stack of the kernel's resolver */
#define BTF_LIMIT_FLAG_BIT_OFF                                                                     \
	0x00ffffffu /* largest member offset in bits if the kind flag is set */
#define BTF_LIMIT_BITFIELD 255u

static inline uint32_t btf_info_vlen(uint32_t info)
{
	return info & BTF_LIMIT_VLEN;
}

static inline uint32_t btf_info_kind(uint32_t info)
{
	return info >> 24 & BTF_LIMIT_KIND;
}

static inline bool btf_info_flag(uint32_t info)
{
	return info >> 31;
}

static inline uint32_t btf_info_make(enum btf_kind kind, bool flag, uint32_t vlen)
{
	return (uint32_t)flag << 31 | (uint32_t)kind << 24 | vlen;
}

/* The tail word of an INT. Writers use bit_off 0 and bits = size * 8. */
enum btf_int_encoding {
	BTF_ENCODING_NONE = 0,
	BTF_ENCODING_SIGNED = 1,
	BTF_ENCODING_CHAR = 2,
	BTF_ENCODING_BOOL = 4,
};

static inline uint32_t btf_int_make(enum btf_int_encoding encoding, uint32_t bit_off, uint32_t bits)
{
	return (uint32_t)encoding << 24 | bit_off << 16 | bits;
}

static inline uint32_t btf_int_encoding(uint32_t tail)
{
	return tail >> 24 & 0xf;
}

static inline uint32_t btf_int_bit_off(uint32_t tail)
{
	return tail >> 16 & 0xff;
}

static inline uint32_t btf_int_bits(uint32_t tail)
{
	return tail & 0xff;
}

/* A member's offset word if its struct has the kind flag. Width 0 means no bitfield. */
static inline uint32_t btf_member_make(uint32_t bit_off, uint32_t bits)
{
	return bits << 24 | bit_off;
}

static inline uint32_t btf_member_bits(uint32_t word)
{
	return word >> 24;
}

static inline uint32_t btf_member_bit_off(uint32_t word)
{
	return word & BTF_LIMIT_FLAG_BIT_OFF;
}

/* A FUNC's vlen and a VAR's tail word. */
enum btf_linkage {
	BTF_LINKAGE_STATIC = 0,
	BTF_LINKAGE_GLOBAL = 1,
	BTF_LINKAGE_EXTERN = 2,
};

/* A DECL_TAG's tail word when it is about the thing itself, not a member or parameter. */
#define BTF_TAG_WHOLE 0xffffffffu

enum btf_word_use {
	BTF_WORD_ZERO,	/* must be 0 */
	BTF_WORD_BYTES, /* a size in bytes */
	BTF_WORD_ID,	/* a type id */
};

enum btf_vlen_use {
	BTF_VLEN_ZERO,	  /* must be 0 */
	BTF_VLEN_ELEMS,	  /* number of elements */
	BTF_VLEN_LINKAGE, /* enum btf_linkage */
};

enum btf_name_use {
	BTF_NAME_NONE,	     /* name_off 0 */
	BTF_NAME_ANY,	     /* any bytes, may be empty */
	BTF_NAME_TEXT,	     /* any bytes, not empty */
	BTF_NAME_IDENTIFIER, /* needed */
	BTF_NAME_OPTIONAL,   /* name_off 0 or an identifier */
	BTF_NAME_SECTION,    /* printable bytes, not empty */
};

enum btf_flag_use {
	BTF_FLAG_ZERO, /* must be 0 */
	BTF_FLAG_FREE, /* has a meaning, also for old kernels */
	BTF_FLAG_NEW,  /* has a meaning, refused by kernels before 6.15 */
};

struct btf_kind_info {
	const char *name;
	uint8_t word;	      /* enum btf_word_use */
	uint8_t vlen;	      /* enum btf_vlen_use */
	uint8_t name_use;     /* enum btf_name_use */
	uint8_t flag;	      /* enum btf_flag_use */
	uint8_t tail_size;    /* bytes, a multiple of 4 */
	uint8_t elem_size;    /* bytes, a multiple of 4; 0: vlen counts nothing */
	uint8_t tail_ids;     /* bit n: word n of the tail is a type id */
	uint8_t tail_strings; /* bit n: word n of the tail is a string offset */
	uint8_t elem_ids;     /* the same for the words of an element */
	uint8_t elem_strings;
};

static const struct btf_kind_info btf_kind_table[BTF_NUM_KINDS] __attribute__((unused)) = {
	/*		    name         word            vlen              name
	 *		    flag           tail elem tail_ids tail_str elem_ids elem_str */
	[BTF_VOID] = { "VOID", BTF_WORD_ZERO, BTF_VLEN_ZERO, BTF_NAME_NONE, BTF_FLAG_ZERO, 0, 0, 0,
		       0, 0, 0 },
	[BTF_INT] = { "INT", BTF_WORD_BYTES, BTF_VLEN_ZERO, BTF_NAME_ANY, BTF_FLAG_ZERO, 4, 0, 0, 0,
		      0, 0 },
	[BTF_PTR] = { "PTR", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_NONE, BTF_FLAG_ZERO, 0, 0, 0, 0,
		      0, 0 },
	[BTF_ARRAY] = { "ARRAY", BTF_WORD_ZERO, BTF_VLEN_ZERO, BTF_NAME_NONE, BTF_FLAG_ZERO, 12, 0,
			0x3, 0, 0, 0 },
	[BTF_STRUCT] = { "STRUCT", BTF_WORD_BYTES, BTF_VLEN_ELEMS, BTF_NAME_OPTIONAL, BTF_FLAG_FREE,
			 0, 12, 0, 0, 0x2, 0x1 },
	[BTF_UNION] = { "UNION", BTF_WORD_BYTES, BTF_VLEN_ELEMS, BTF_NAME_OPTIONAL, BTF_FLAG_FREE,
			0, 12, 0, 0, 0x2, 0x1 },
	[BTF_ENUM] = { "ENUM", BTF_WORD_BYTES, BTF_VLEN_ELEMS, BTF_NAME_OPTIONAL, BTF_FLAG_FREE, 0,
		       8, 0, 0, 0, 0x1 },
	[BTF_FWD] = { "FWD", BTF_WORD_ZERO, BTF_VLEN_ZERO, BTF_NAME_IDENTIFIER, BTF_FLAG_FREE, 0, 0,
		      0, 0, 0, 0 },
	[BTF_TYPEDEF] = { "TYPEDEF", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_IDENTIFIER, BTF_FLAG_ZERO,
			  0, 0, 0, 0, 0, 0 },
	[BTF_VOLATILE] = { "VOLATILE", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_NONE, BTF_FLAG_ZERO, 0,
			   0, 0, 0, 0, 0 },
	[BTF_CONST] = { "CONST", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_NONE, BTF_FLAG_ZERO, 0, 0, 0,
			0, 0, 0 },
	[BTF_RESTRICT] = { "RESTRICT", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_NONE, BTF_FLAG_ZERO, 0,
			   0, 0, 0, 0, 0 },
	[BTF_FUNC] = { "FUNC", BTF_WORD_ID, BTF_VLEN_LINKAGE, BTF_NAME_IDENTIFIER, BTF_FLAG_ZERO, 0,
		       0, 0, 0, 0, 0 },
	[BTF_FUNC_PROTO] = { "FUNC_PROTO", BTF_WORD_ID, BTF_VLEN_ELEMS, BTF_NAME_NONE,
			     BTF_FLAG_ZERO, 0, 8, 0, 0, 0x2, 0x1 },
	[BTF_VAR] = { "VAR", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_IDENTIFIER, BTF_FLAG_ZERO, 4, 0,
		      0, 0, 0, 0 },
	[BTF_DATASEC] = { "DATASEC", BTF_WORD_BYTES, BTF_VLEN_ELEMS, BTF_NAME_SECTION,
			  BTF_FLAG_ZERO, 0, 12, 0, 0, 0x1, 0 },
	[BTF_FLOAT] = { "FLOAT", BTF_WORD_BYTES, BTF_VLEN_ZERO, BTF_NAME_ANY, BTF_FLAG_ZERO, 0, 0,
			0, 0, 0, 0 },
	[BTF_DECL_TAG] = { "DECL_TAG", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_TEXT, BTF_FLAG_NEW, 4,
			   0, 0, 0, 0, 0 },
	[BTF_TYPE_TAG] = { "TYPE_TAG", BTF_WORD_ID, BTF_VLEN_ZERO, BTF_NAME_TEXT, BTF_FLAG_NEW, 0,
			   0, 0, 0, 0, 0 },
	[BTF_ENUM64] = { "ENUM64", BTF_WORD_BYTES, BTF_VLEN_ELEMS, BTF_NAME_OPTIONAL, BTF_FLAG_FREE,
			 0, 12, 0, 0, 0, 0x1 },
};

/* CONST, VOLATILE, RESTRICT, TYPEDEF, TYPE_TAG: stand in front of a type and have its size. */
static inline bool btf_kind_is_modifier(uint32_t kind)
{
	return kind == BTF_TYPEDEF || kind == BTF_VOLATILE || kind == BTF_CONST ||
	       kind == BTF_RESTRICT || kind == BTF_TYPE_TAG;
}

/* STRUCT or UNION. */
static inline bool btf_kind_is_composite(uint32_t kind)
{
	return kind == BTF_STRUCT || kind == BTF_UNION;
}

/* ENUM or ENUM64. */
static inline bool btf_kind_is_enum(uint32_t kind)
{
	return kind == BTF_ENUM || kind == BTF_ENUM64;
}
