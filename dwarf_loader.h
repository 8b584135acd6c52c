// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A file with DWARF: opened once, then read unit by unit on all workers.
 *
 *	err = dwarf_input_open("vmlinux", NULL, NULL, &input);
 *	err = dwarf_input_load(input, pool, &request, &result);
 *	...
 *	dwarf_load_result_deinit(&result);
 *	dwarf_input_close(input);
 *
 * Opening reads sections and unit headers. Debug sections may be compressed, may stand in a
 * separate file (.gnu_debuglink or build id, found as libdwfl finds it), and in relocatable files
 * are relocated.
 *
 * The file must not change while it is open. dwarf_input_* functions are for one thread; loading
 * uses the pool's workers itself.
 *
 * Errors: BTFGEN_ERROR_INPUT with the file and, where there is one, section, offset and unit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dwarf_graph.h"
#include "lib/base/diag.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/pool.h"
#include "lib/btf/type_store.h"
#include "lib/elf/elf_file.h"

struct Elf;
struct elf_relocator;
struct dwarf_input;
struct elf_copy_memory; /* lib/elf/relocate.h */

/* Whether a file is one that is wanted, told by its ELF side alone. The error is without a path. */
typedef struct btfgen_error *dwarf_input_judge(const void *ctx, const struct elf_file *elf);

/*
 * @judge, if not NULL, is asked before the debug information is looked at. @memory,
 * if not NULL, may be used until the input is closed.
 */
struct btfgen_error *dwarf_input_open(const char *path, dwarf_input_judge *judge, const void *ctx,
				      struct elf_copy_memory *memory,
				      struct dwarf_input **ret_input) BTFGEN_MUST_CHECK;
void dwarf_input_close(struct dwarf_input *input);

/*
 * What is to be said if reading ended with @err: that the file changed in the meantime, if it did
 * (file.h), which explains whatever was found in it. Only the system's own errors come first.
 */
struct btfgen_error *dwarf_input_check(const struct dwarf_input *input,
				       struct btfgen_error *err) BTFGEN_MUST_CHECK;

/* Of the file itself, also when its DWARF stands elsewhere. */
const struct file_map *dwarf_input_file(const struct dwarf_input *input);
uint16_t dwarf_input_machine(const struct dwarf_input *input); /* e_machine */
bool dwarf_input_is_big_endian(const struct dwarf_input *input);

/* Sections have no addresses of their own then; see dwarf_input_relocator(). */
bool dwarf_input_is_relocatable(const struct dwarf_input *input);

/* Bytes of a pointer: by the file's class. */
unsigned int dwarf_input_address_size(const struct dwarf_input *input);

/* libelf's handle of the file that has the symbol table; lives as long as the input. */
struct Elf *dwarf_input_elf(const struct dwarf_input *input);

/*
 * What gave the sections of a relocatable file the addresses that its DWARF has, for
 * elf_symtab_read(); lives as long as the input. NULL for linked files, and for relocatable ones
 * that libdwfl has read: there the Elf's section headers have the addresses.
 */
struct elf_relocator *dwarf_input_relocator(const struct dwarf_input *input);

uint32_t dwarf_input_num_units(const struct dwarf_input *input);
uint64_t dwarf_input_info_size(const struct dwarf_input *input);

/* The section that a unit stands in: ".debug_info" or ".debug_types". */
const char *dwarf_input_unit_section(const struct dwarf_input *input, uint32_t unit);

/* A variable that was found; `type` is resolved by type_store_resolve(store, unit, type). */
struct load_var {
	uint32_t unit;
	struct str_id name;
	struct unit_type type;
	uint64_t addr;
	uint64_t key; /* offset of the DIE in its section */
	bool external;
};

/* A function that was found, as struct dwarf_func. */
struct load_func {
	uint32_t unit;
	struct str_id name;
	struct unit_type ret;
	uint32_t first_param; /* index into params */
	uint32_t first_place; /* index into places, if FUNC_HAS_PLACES */
	uint16_t num_params;
	uint16_t flags; /* enum func_flags */
	uint64_t addr;
	uint64_t key; /* offset of the DIE in its section */
};

struct load_param {
	struct str_id name; /* none: 0 */
	struct unit_type type;
	bool is_aligned; /* as in struct dwarf_param */
};

/* A decl tag that was found, as struct dwarf_tag. */
struct load_tag {
	uint32_t unit;
	uint8_t target;	       /* enum dwarf_tag_target */
	int32_t component;     /* member or parameter; -1: the whole */
	struct unit_type type; /* DWARF_TAG_TYPE */
	uint64_t target_key;   /* DWARF_TAG_VAR, DWARF_TAG_FUNC: which of its unit */
	struct str_id text;
	uint64_t key;
};

struct dwarf_load_request {
	struct type_store *store;
	const struct addr_range *var_ranges; /* where variables are wanted */
	size_t num_var_ranges;
	const uint8_t *func_names; /* as in struct dwarf_graph_shared */
	uint32_t num_func_names;
	const struct func_range *func_ranges;
	size_t num_func_ranges;
	bool no_type_tags;
	bool no_decl_tags;
	const uint16_t *excluded_languages;
	size_t num_excluded_languages;
};

struct dwarf_load_result {
	VEC(struct load_var) vars;   /* sorted by (unit, key) */
	VEC(struct load_func) funcs; /* the same */
	VEC(struct load_param) params;
	VEC(struct place) places;
	VEC(struct load_tag) tags; /* the same */
	struct diag_list diags;	   /* ordered */
	const char **unit_names; /* by unit; entries may be NULL; they live as long as the input */
	uint64_t num_dies;
	uint64_t num_types;
	uint64_t num_excluded_units;
};

struct btfgen_error *dwarf_input_load(struct dwarf_input *input, struct pool *pool,
				      const struct dwarf_load_request *request,
				      struct dwarf_load_result *ret_result) BTFGEN_MUST_CHECK;

/* Gives back the memory of functions, parameters and places; tags stay. */
void dwarf_load_result_drop_funcs(struct dwarf_load_result *result);
void dwarf_load_result_deinit(struct dwarf_load_result *result);
