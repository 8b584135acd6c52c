// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Abbreviations, compiled: each becomes a short program that takes the attributes somebody wants
 * and runs over the rest.
 *
 *	struct abbrev_table table = {};
 *	err = abbrev_table_compile(&table, abbrev_section, abbrev_off, &encoding, &wants);
 *	abbrev = abbrev_lookup(&table, code);
 *	abbrev_table_deinit(&table);
 *
 * A program is a list of steps. Each step first skips a number of bytes that is known beforehand
 * (runs of unwanted attributes of fixed size are merged into it), then does one thing: take an
 * attribute, or pass over one whose size must be read. `rest` is the least number of bytes that the
 * steps behind it need, so that one comparison at the start of a DIE, and one behind each part of
 * variable size, cover all reads.
 *
 * What is wanted is the caller's: a slot for each attribute number, and an action for each tag.
 * DIEs of tags with action 0 need none of their attributes (the sibling of those with children
 * excepted).
 *
 * A table is compiled again in place without giving memory back. One thread at a time; a finished
 * table is only read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/base/vec.h"
#include "lib/dwarf/form.h"

enum { ABBREV_MAX_SLOTS = 32, ABBREV_SLOT_SIBLING = 0 };
enum { ABBREV_KNOWN_SLOTS = 1 << 13, ABBREV_MAX_KNOWN = ABBREV_KNOWN_SLOTS / 2 };

struct abbrev_wants {
	/* Slot of an attribute, or -1. Slot 0 is DW_AT_sibling, whose other uses are none. */
	int (*slot)(uint64_t attr);
	/* Action of a tag; 0 means that the DIE itself is of no interest. */
	uint8_t (*action)(uint64_t tag);
	/* Slots that matter for an action, as a bit set. */
	uint32_t (*slots)(uint8_t action);
};

enum abbrev_op {
	OP_END,
	OP_TAKE_U8,
	OP_TAKE_U16,
	OP_TAKE_U24,
	OP_TAKE_U32,
	OP_TAKE_U64,
	OP_TAKE_IMPLICIT, /* value: index arg of consts */
	OP_TAKE_BIG,	  /* arg bytes that fit no word */
	OP_TAKE_LEB,
	OP_TAKE_SLEB,
	OP_TAKE_STRING,
	OP_TAKE_BLOCK, /* arg: bytes of length, 0 for LEB128 */
	OP_TAKE_INDIRECT,
	OP_SKIP_LEB,
	OP_SKIP_STRING,
	OP_SKIP_BLOCK,
	OP_SKIP_INDIRECT,
};

struct abbrev_step {
	uint8_t op;
	uint8_t slot;
	uint8_t class; /* enum attr_class */
	uint8_t unused;
	uint32_t skip; /* bytes to skip before it */
	uint32_t rest; /* least number of bytes behind it */
	uint32_t arg;
};

struct abbrev {
	uint64_t code;
	uint16_t tag; /* tags above 0xffff are unknown ones and become 0 */
	uint8_t action;
	bool has_children;
	bool is_fixed;	     /* takes nothing, always min_size bytes: no need to run the steps */
	uint32_t min_size;   /* bytes */
	uint32_t first_step; /* index into steps */
	uint32_t known;	     /* 1 + index into known, 0: none. The same as long as known_since is */
};

struct abbrev_lookup; /* slots of attributes and layouts of forms, kept from table to table */

/*
 * Units number their abbreviations anew, but what these declare is nearly always the same: programs are
 * kept from table to table, found by the bytes of their declarations.
 */
struct abbrev_known {
	uint32_t bytes; /* index into known_bytes: the declaration without its code */
	uint32_t size;
	struct abbrev abbrev;
};

struct abbrev_table {
	bool keeps_known;	    /* set by the user of many tables, before the first one */
	VEC(struct abbrev) abbrevs; /* by position; sorted by code */
	VEC(struct abbrev_step) steps;
	VEC(int64_t) consts;
	bool is_dense;	     /* codes are 1, 2, 3, ... */
	uint64_t generation; /* counts how often it was compiled */
	struct abbrev_lookup *lookup;
	VEC(struct abbrev_known) known;
	VEC(uint8_t) known_bytes;
	uint32_t *known_slots; /* 1 + index into known; ABBREV_KNOWN_SLOTS of them, or NULL */
	uint64_t known_since;  /* generation at which all of it was forgotten last */

	/* What it was compiled for; valid if is_compiled. */
	bool is_compiled;
	uint64_t off;
	struct dwarf_encoding encoding;
};

/*
 * Compiles the table at @off. Errors: INPUT with the place in .debug_abbrev (offset out of range,
 * no end, a code twice, an unknown form). Does nothing if the table is the wanted one already.
 */
struct btfgen_error *abbrev_table_compile(struct abbrev_table *table, struct span section,
					  uint64_t off, const struct dwarf_encoding *encoding,
					  const struct abbrev_wants *wants) BTFGEN_MUST_CHECK;
void abbrev_table_deinit(struct abbrev_table *table);

const struct abbrev *abbrev_lookup_slow(const struct abbrev_table *table, uint64_t code);

/* NULL if the table has no such code. */
static inline const struct abbrev *abbrev_lookup(const struct abbrev_table *table, uint64_t code)
{
	if (table->is_dense)
		return code - 1 < table->abbrevs.num ? &table->abbrevs.data[code - 1] : NULL;
	return abbrev_lookup_slow(table, code);
}
