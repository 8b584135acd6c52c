// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which sections' variables are wanted, as --vars says it.
 *
 *	struct section_choice choice;
 *
 *	err = section_choice_parse("percpu,.data..*,-.data..once", &choice);
 *	... section_choice_of(&choice, ".data..ro_after_init") == SECTION_NAMED
 *	section_choice_deinit(&choice);
 *
 * A list of elements with commas between, which are taken from left to right:
 *
 *	all		the sections that are loaded, but for those that a reader would be misled by
 *			(elf_symtab.h): these are looked at, and their variables counted with the reason
 *	percpu		`.data..percpu`
 *	PATTERN		sections of that name, or that match as in fnmatch(3): `*`, `?`, `[...]`; also
 *			those that `all` leaves out
 *	-ELEMENT	not these
 *	+ELEMENT	the same as ELEMENT
 *	none		nothing; stands alone
 *
 * A list whose first element has a sign begins with `percpu`, others with nothing.
 *
 * One thread parses; a choice may be read by many. Errors: BTFGEN_ERROR_USAGE for an empty element
 * and for `none` in company, without the name of an option; memory.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

#define PERCPU_SECTION ".data..percpu"

enum section_element_kind { ELEMENT_ALL, ELEMENT_PERCPU, ELEMENT_PATTERN };

struct section_element {
	const char *pattern; /* ELEMENT_PATTERN */
	uint8_t kind;	     /* enum section_element_kind */
	bool remove;
};

struct section_choice {
	VEC(struct section_element) elements;
	char *list; /* as it was given */
	char *text; /* what patterns point into */
};

enum section_wish {
	SECTION_UNWANTED,
	SECTION_BY_ALL, /* by the word `all` */
	SECTION_NAMED,	/* by its name: whoever asks knows why */
};

struct btfgen_error *section_choice_parse(const char *list,
					  struct section_choice *ret_choice) BTFGEN_MUST_CHECK;
void section_choice_deinit(struct section_choice *choice);

enum section_wish section_choice_of(const struct section_choice *choice, const char *name);

/* True for `none`, and where every element takes away. */
bool section_choice_is_empty(const struct section_choice *choice);

/* True if a section other than the per-CPU one may be wanted. */
bool section_choice_is_wide(const struct section_choice *choice);
