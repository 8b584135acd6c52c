// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which functions enter the BTF, under which name and with which prototype.
 *
 *	struct func_select_input input = { .store = store, .symbols = ..., .candidates = ..., ... };
 *
 *	err = func_select(&input, &selection);
 *	... selection.funcs go to the layout, selection.groups to the report
 *	func_selection_deinit(&selection);
 *
 * The symbol table says which functions there are, the debugging entries ("candidates") what they
 * take. BPF programs find a function by its name: the kernel looks the FUNC up by name, then the
 * address of that name in kallsyms (kernel/bpf/verifier.c, bpf_check_attach_target()), and trusts
 * the FUNC's prototype with what is in the argument registers there. So a FUNC is written only if
 * its name leads to one address and the prototype is the one that the code there has.
 *
 * Rules
 * - Symbols are grouped by name without suffix; parts (.part, .cold) are no functions.
 * - A candidate belongs to a symbol if it starts in the symbol's bytes (at its first byte if it has
 *   none) and has the group's name. Equality of addresses would be too strict: code may begin with
 *   bytes that the entry does not count (patchable entries of arm64).
 * - A group whose symbols have several addresses is FUNC_AMBIGUOUS: an attachment by name would
 *   reach one of them, and not say which. This holds for equal prototypes as well.
 * - A group whose candidates at the address differ in result, number or types of parameters
 *   (names do not matter) is FUNC_INCONSISTENT with consistent_func, else the first candidate's
 *   prototype is taken. Candidates elsewhere (copies that were inlined, of other files) do not
 *   matter: nobody can attach to them.
 * - A group without a candidate of its name, but with one of another name at its address, is an
 *   alias. It is written with the prototype of an entry of its own name that has no address, if
 *   there is one with names for all parameters (all such entries must agree), else with that of the
 *   strongest symbol's candidate: global before weak before local, then lower index; else with that
 *   of the lowest candidate there whose name no symbol has there (symbols that were renamed after
 *   compiling). The kernel attaches to aliases by name as to any function. In relocatable files
 *   `init_module` and `cleanup_module` are FUNC_MODULE_ENTRY then: every module has these.
 * - A group with no candidate at its address at all takes the prototype of the entries of its own
 *   name that have no address, likewise. GCC leaves these alone when it makes a function jump to an
 *   equal one (-fipa-icf); kernels look such functions up (`__bpf_trace_*`, the 6.12 verifier).
 * - Candidates of assembler units have no prototype. FUNC_ASSEMBLER, or with asm_functions
 *   `void f(void)`.
 * - A compiler may change what a function takes. Its places are checked (func_abi.h) if its symbol
 *   has a suffix, if its unit is clang's, or if it says so (DW_CC_nocall); see func_changed() in
 *   func_select.c for which answer follows from what. GCC renames what it changes.
 * - With true_signature, a changed function is written under the whole name of its symbol with the
 *   parameters that it really takes, in the order of the registers, if these are all known; a
 *   parameter of which one member is left becomes `name__member` of the member's type. They are not
 *   known if something that leads to memory is gone behind the last one that is in a register: its
 *   contents may be passed instead. What became of the result is not known either. Groups are then
 *   made by whole names for symbols with suffixes, so that a clone does not make its origin
 *   ambiguous.
 * - All parameters need names that are identifiers and types with a size (btf_func_proto_check(),
 *   btf_func_check()).
 * - Linkage is global if the symbol is not local (or is so because of its visibility only) and the
 *   candidate is external; an alias goes by its own symbol alone.
 *
 * The result is sorted by name and does not depend on the order of candidates. Prototypes are added
 * to the store. One thread. Errors: memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_symtab.h"
#include "func_abi.h"
#include "func_flags.h"
#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/layout.h"
#include "lib/btf/type_store.h"

enum func_outcome {
	FUNC_ENCODED,
	FUNC_NO_DEBUG_INFO, /* no entry of a function at its address */
	FUNC_ASSEMBLER,	    /* an assembler's entry: prototype not known */
	FUNC_PART,	    /* only parts of functions have this name */
	FUNC_AMBIGUOUS,	    /* several addresses */
	FUNC_INCONSISTENT,  /* several prototypes */
	FUNC_OPTIMIZED,	    /* parameters were removed */
	FUNC_REORDERED,	    /* parameters are in another order */
	FUNC_MOVED,	    /* a parameter is in a register where it does not belong */
	FUNC_UNCERTAIN,	    /* an aggregate on the stack whose place cannot be told */
	FUNC_RENAMED,	    /* only a symbol with suffix, and optimized_func is off */
	FUNC_UNNAMED_PARAM, /* a parameter without a name */
	FUNC_BAD_TYPE,	    /* the result or a parameter has no size */
	FUNC_BAD_NAME,	    /* not an identifier for the kernel */
	FUNC_MODULE_ENTRY,  /* another name of what a module begins or ends with */
	NUM_FUNC_OUTCOMES
};

/* A function's debugging entry. */
struct func_candidate {
	struct str_id name;
	struct type_id ret;
	uint32_t first_param; /* index into params */
	uint16_t num_params;
	uint16_t flags; /* enum func_flags */
	uint32_t section;
	uint32_t unit;
	uint64_t off; /* bytes from the section's start */
	uint64_t key; /* where the entry stands: order within the unit */
};

/* A tag of a function (component -1) or of one of its parameters. */
struct func_tag {
	uint32_t candidate;
	int32_t component;
	struct str_id text;
};

struct func_select_input {
	struct type_store *store;	       /* settled */
	const struct func_abi *abi;	       /* may be NULL */
	unsigned int address_size;	       /* bytes of a pointer */
	const struct symtab_function *symbols; /* as elf_symtab_functions() sorts them */
	size_t num_symbols;
	const struct str_id *symbol_names; /* by symbol, without suffix; NULL: not interned yet */
	const struct func_candidate *candidates; /* sorted by (unit, key) */
	size_t num_candidates;
	const struct func_param *params;
	const struct func_tag *tags; /* sorted by candidate */
	size_t num_tags;
	const struct symtab_kfunc *kfuncs; /* sorted by name; none without decl_tag_kfuncs */
	size_t num_kfuncs;
	uint32_t features;   /* bits of enum encode_feature */
	bool is_relocatable; /* a module, or a part of one */
	bool asm_functions;
};

/* All symbols of one name, and what became of them. */
struct func_group {
	const char *name; /* of a symbol; not terminated */
	uint32_t name_size;
	uint8_t outcome;       /* enum func_outcome */
	bool is_alias;	       /* took another name's candidate */
	uint16_t param;	       /* the parameter that an outcome is about */
	uint32_t first_symbol; /* index into selection.symbols */
	uint32_t num_symbols;
	uint32_t candidate; /* whose prototype was taken, or would have been; UINT32_MAX: none */
	uint32_t func;	    /* index into funcs, UINT32_MAX: none */
};

struct func_selection {
	struct layout_func *funcs; /* sorted by name, each once */
	uint32_t num_funcs;
	struct layout_tag *tags; /* of functions: from annotations, and of kfuncs */
	uint32_t num_tags;
	struct func_group *groups; /* sorted by name */
	uint32_t num_groups;
	uint32_t *symbols; /* indexes into the input's symbols, by group */
};

struct btfgen_error *func_select(const struct func_select_input *input,
				 struct func_selection *ret_selection) BTFGEN_MUST_CHECK;
void func_selection_deinit(struct func_selection *selection);

/* Short fixed names for output: "encoded", "no-debug-info", "ambiguous", ... */
const char *func_outcome_name(enum func_outcome outcome);
