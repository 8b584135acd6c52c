// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Functions on their way from the symbol table to the reader of DIEs, and from there to selection.
 *
 *	err = func_names_collect(symtab, store, &names);	before loading: what to look for
 *	err = dwarf_input_load(... names.bits, names.ranges ...)
 *	err = func_candidates_collect(symtab, store, &loaded, &candidates);	after settling
 *	...
 *	func_candidates_deinit(&candidates);
 *	func_names_deinit(&names);
 *
 * A debugging entry with an address outside of all sections is of code that was discarded, and is
 * no candidate. One thread; errors: memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dwarf_loader.h"
#include "elf_symtab.h"
#include "func_select.h"
#include "lib/base/error.h"
#include "lib/btf/type_store.h"

struct func_names {
	uint8_t *bits; /* by string id: enum func_name_bits */
	uint32_t num;
	struct str_id *ids;	   /* by function symbol; of parts 0 */
	struct func_range *ranges; /* of function symbols, sorted by start */
	size_t num_ranges;
};

struct btfgen_error *func_names_collect(const struct elf_symtab *symtab, struct type_store *store,
					struct func_names *ret_names) BTFGEN_MUST_CHECK;
void func_names_deinit(struct func_names *names);

struct func_candidates {
	struct func_candidate *candidates; /* sorted by (unit, key) */
	size_t num;
	struct func_param *params;
	struct func_tag *tags; /* sorted by candidate */
	size_t num_tags;
};

struct btfgen_error *
func_candidates_collect(const struct elf_symtab *symtab, const struct type_store *store,
			const struct dwarf_load_result *loaded,
			struct func_candidates *ret_candidates) BTFGEN_MUST_CHECK;
void func_candidates_deinit(struct func_candidates *candidates);
