// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which object symbols become variables of the BTF, and from which debugging entry each takes its
 * type.
 *
 *	struct var_select_input input = { .store = store, .sections = ..., .symbols = ..., ... };
 *
 *	err = var_select(&input, &selection);
 *	... selection.vars, selection.sections go to the layout; selection.outcomes to the report
 *	var_selection_deinit(&selection);
 *
 * The symbol table decides: each (section, offset) with an object symbol of a size gets one VAR,
 * which is named as the symbol, because that name is what the kernel looks up in kallsyms, and is
 * as large as the symbol. The debugging entries ("candidates") at that address give the type and
 * the linkage.
 *
 * Rules
 * - Left aside before anything is chosen: all symbols of sections that are left out (elf_symtab.h:
 *   VAR_FREED, VAR_HYPERVISOR, VAR_NOT_LOADED, VAR_BAD_SECTION); symbols without size
 *   (VAR_ZERO_SIZE), with a name made by kernel macros (VAR_GENERATED), with a name that is no
 *   identifier (VAR_BAD_NAME).
 * - A candidate matches a symbol if its name is the symbol's; or is one of the parts between the
 *   dots of the symbol's name, as in `count.12` (GCC) and `func.count` (clang) for a static
 *   variable `count` of a function; or, with any name, if the type's size is the symbol's. The last
 *   does not hold at offset 0 of a section with address 0: there lie the entries of all discarded
 *   variables.
 * - A candidate fits if its type has a size and is not larger than the symbol. The symbol may be
 *   larger: data of a flexible array.
 * - Of the matching and fitting pairs at an address the first is taken in this order: match by
 *   whole name, by part, by size alone; sizes equal; symbol global, weak, local; symbol's
 *   visibility default; lower unit and key of the candidate; symbol's name. The other symbols of
 *   the address are VAR_ALIAS.
 * - Without such a pair all symbols of the address are, if some candidate matches but for its type,
 *   VAR_SIZE_MISMATCH (type larger than symbol) or VAR_VOID_TYPE (none without size), else
 *   VAR_NO_DEBUG_INFO.
 * - A variable that starts inside one at a lower offset is VAR_OVERLAP: the kernel refuses
 *   overlapping entries together with the whole BTF (btf_datasec_check_meta()).
 * - Linkage is global if the candidate is external, unless the symbol is local (and not made so by
 *   hidden visibility).
 *
 * Several VARs may have one name: static per-CPU variables of different files. All are kept, since
 * each has an address of its own; who looks a name up gets the first, as in kallsyms. In other
 * sections a name that several symbols have, of whatever kind and place, is VAR_AMBIGUOUS, and one
 * that a symbol of the base has is VAR_NAME_OF_BASE: the kernel would pair one's type with
 * another's address.
 *
 * A DATASEC has at most 65,535 entries (more bits exist since 7.2, and older readers misread them).
 * A section with more variables becomes several DATASECs of its name and size, one after the other,
 * which all readers take. Not so the per-CPU section, of whose DATASECs kernels read the first only:
 * its limit is one of the layout (BTFGEN_ERROR_LIMIT).
 *
 * The result is sorted by (section, offset), does not depend on the order of the candidates and
 * takes n log n. Names are interned into the store (worker 0). One thread. Errors: memory;
 * BTFGEN_ERROR_LIMIT for a per-CPU section with variables that is larger than 4 GiB.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf_encoder.h"
#include "elf_symtab.h"
#include "lib/btf/layout.h"
#include "lib/btf/type_store.h"

/* A variable's debugging entry that has a place in an included section. */
struct var_candidate {
	uint32_t section; /* index of the section header */
	uint32_t unit;
	uint64_t off;	     /* bytes from the section's start */
	uint64_t key;	     /* where the entry stands: order within the unit */
	struct str_id name;  /* may be 0 */
	struct type_id type; /* settled; may be void */
	bool external;	     /* DW_AT_external */
};

struct var_select_input {
	struct type_store *store;	       /* settled */
	const struct symtab_section *sections; /* by section index */
	size_t num_sections;
	const struct symtab_symbol *symbols; /* as elf_symtab_objects() sorts them */
	size_t num_symbols;
	const struct var_candidate *candidates; /* in any order */
	size_t num_candidates;
	unsigned int address_size; /* bytes of a pointer */
};

/* The debugging entry that a variable's type is from. */
struct var_source {
	uint32_t unit;
	uint64_t key;
};

struct var_selection {
	struct layout_var *vars;
	struct var_source *sources; /* by variable */
	uint32_t num_vars;
	struct layout_section *sections;
	uint32_t num_sections;
	struct layout_entry *entries; /* of all sections */
	uint8_t *outcomes;	      /* enum var_outcome of each symbol */
};

struct btfgen_error *var_select(const struct var_select_input *input,
				struct var_selection *ret_selection) BTFGEN_MUST_CHECK;
void var_selection_deinit(struct var_selection *selection);

/*
 * Bytes of a type as the kernel reckons them: behind modifiers and arrays, at most 32 of them.
 * False for void, functions and forward declarations. What does not fit 64 bits is UINT64_MAX.
 */
bool settled_type_size(const struct type_store *store, struct type_id id, unsigned int address_size,
		       uint64_t *ret_size);
