// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Unit headers of .debug_info and .debug_types (DWARF 5 section 7.5.1).
 *
 * unit_list_read() finds all units of a section. All offsets are bytes from the section's start.
 * Errors are INPUT with the place: a header that is cut off, a length that leads outside the
 * section, an unknown version, unit type or address size.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/base/vec.h"
#include "lib/dwarf/form.h"

struct dwarf_unit {
	uint64_t off;	     /* of the header; base of ATTR_REF_UNIT values */
	uint64_t dies_off;   /* of the first DIE */
	uint64_t end_off;    /* behind the last DIE */
	uint64_t abbrev_off; /* in .debug_abbrev */
	uint64_t signature;  /* type units */
	uint64_t type_off;   /* type units: offset of the type's DIE from the header */
	struct dwarf_encoding encoding;
	uint8_t type;	     /* enum dw_ut; DW_UT_compile before DWARF 5 */
	bool in_debug_types; /* the section is .debug_types (DWARF 4) */
};

struct unit_list {
	VEC(struct dwarf_unit) units;
};

/*
 * Reads the header at *off, appends the unit to the list and moves *off behind it. Units without a
 * DIE, which some linkers leave as padding, are not appended.
 */
struct btfgen_error *unit_list_read_next(struct unit_list *list, struct span section,
					 bool in_debug_types, bool big_endian,
					 uint64_t *off) BTFGEN_MUST_CHECK;

/* Appends all units of a section to the list. */
struct btfgen_error *unit_list_read(struct unit_list *list, struct span section,
				    bool in_debug_types, bool big_endian) BTFGEN_MUST_CHECK;
void unit_list_deinit(struct unit_list *list);

/* ".debug_info" or ".debug_types" */
const char *unit_section_name(const struct dwarf_unit *unit);

/*
 * The unit among the first @num ones (those of one section, ascending) whose DIEs contain @off;
 * NULL if none.
 */
const struct dwarf_unit *unit_find(const struct dwarf_unit *units, size_t num, uint64_t off);
