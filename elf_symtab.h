// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What an ELF file's section headers and symbol table say about objects and functions.
 *
 *	err = elf_symtab_read(elf, relocator, &request, &symtab);
 *	ranges = elf_symtab_var_ranges(symtab, &num_ranges);
 *	symbols = elf_symtab_objects(symtab, &num_symbols);
 *	functions = elf_symtab_functions(symtab, &num_functions);
 *	...
 *	elf_symtab_destroy(symtab);
 *
 * The sections of interest ("included") are the loaded ones that a choice wants
 * (section_choice.h); without a choice those named exactly `.data..percpu`: that name is how the
 * kernel's verifier knows per-CPU variables (kernel/bpf/verifier.c, check_pseudo_btf_id()), and it
 * is the name in vmlinux and in modules, whatever the section's address is.
 *
 * The word `all` of a choice includes sections as well whose variables would mislead a reader. They
 * are marked with the reason; who names such a section has it:
 *
 *	- What is freed when booting ends: in linked files sections between the symbols __init_begin
 *	  and __init_end, and in all files `.init*` (include/linux/moduleloader.h,
 *	  module_init_section()). The verifier lets programs read a variable that is no struct
 *	  without a guard, and arm64 unmaps that memory. The per-CPU section lies there too, but what
 *	  is used are copies of it.
 *	- `.hyp.*`, which belong to the hypervisor of arm64: it takes the pages away from the kernel
 *	  in protected mode.
 *	- What modules bring along and the loader does not keep: `.modinfo`, `__versions`,
 *	  `__version_ext_*` (kernel/module/main.c, rewrite_section_headers()).
 *	- A name or size that a DATASEC cannot have: kernels before 6.11 take identifiers (with dots),
 *	  newer ones printable characters (btf_name_valid_section()); 4 GiB.
 *
 * Offsets count from the section's start: st_value less the section's address in linked files,
 * st_value itself in relocatable ones (gABI, "Symbol Values"). Addresses of sections are those of the
 * headers, or in relocatable files those that a relocator gave them, which tell sections apart.
 * Extended section indexes (gABI, SHT_SYMTAB_SHNDX) are followed. Only the symbols' entries and the
 * names that are wanted are touched.
 *
 * Ownership: names point into the Elf and live as long as it. Threads: reading uses the Elf, which
 * belongs to one thread; the result is constant.
 *
 * Errors are BTFGEN_ERROR_INPUT with `.symtab` (or the section concerned) and the offset of the
 * entry at fault. A file without a symbol table is one: "no symbol table".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/error.h"

struct Elf; /* libelf's Elf */
struct elf_relocator;
struct elf_symtab;
struct name_table;
struct section_choice;

/* Why nothing is taken from an included section. */
enum section_left_out {
	SECTION_TAKEN,
	SECTION_FREED,	    /* its memory is given back when booting ends */
	SECTION_HYPERVISOR, /* belongs to the hypervisor */
	SECTION_NOT_LOADED, /* the module loader leaves it out */
	SECTION_BAD,	    /* a DATASEC cannot have its name or size */
};

struct symtab_section {
	const char *name;
	uint64_t addr; /* of the header, or the relocator's */
	uint64_t size;
	uint64_t flags; /* SHF_* */
	uint32_t type;	/* SHT_* */
	bool included;
	bool by_all;	  /* not by its name */
	uint8_t left_out; /* enum section_left_out; of an included one */
};

/* In the order of strength. */
enum symbol_bind { SYMBOL_LOCAL, SYMBOL_WEAK, SYMBOL_GLOBAL };

struct symtab_symbol {
	const char *name;   /* not checked to be an identifier; may be empty */
	uint64_t off;	    /* bytes from the section's start */
	uint64_t size;	    /* bytes; off + size is inside the section */
	uint32_t section;   /* index of the section header */
	uint32_t index;	    /* in the symbol table */
	uint8_t bind;	    /* enum symbol_bind */
	uint8_t visibility; /* STV_* */
	uint8_t name_use;   /* enum symbol_name_use */
};

/*
 * The kernel finds a variable's address by its name in kallsyms, where all symbols are. Not looked
 * at, and NAME_OWN, for per-CPU variables.
 */
enum symbol_name_use {
	NAME_OWN,
	NAME_SHARED,  /* another symbol of the file has the name: a function, a label... */
	NAME_OF_BASE, /* one of vmlinux has it, and is found first */
};

/* Addresses start <= a < end belong to an included section. */
struct symtab_range {
	uint64_t start;
	uint64_t end;
	uint32_t section;
};

/*
 * A defined STT_FUNC symbol of an allocated section. A *name* of a function ends at the first dot
 * behind its first character; what follows is the *suffix* that compilers add to clones and parts
 * (`.isra.0`, `.constprop.1`, `.part.2`, `.cold`, `.llvm.123`). Not among them: symbols of the bytes
 * in front of a function (`__pfx_*`, `__cfi_*`), and STT_GNU_IFUNC, whose code chooses a function.
 * In ppc64 files with descriptors, section and offset are those of the code.
 */
struct symtab_function {
	const char *name;   /* whole */
	uint32_t name_size; /* bytes up to the suffix; all of them without one */
	uint32_t section;   /* index of the section header */
	uint64_t off;	    /* bytes from the section's start; without the bit that tells the
			     instruction set (ARM, MIPS) */
	uint64_t size;	    /* bytes; may be 0; off + size is inside the section */
	uint32_t index;	    /* in the symbol table */
	uint8_t bind;	    /* enum symbol_bind */
	uint8_t visibility; /* STV_* */
	bool is_part;	    /* .part or .cold: a piece of a function, not entered by its callers */
};

/*
 * A kfunc: listed in a set of .BTF_ids whose flags have bit 0 (include/linux/btf_ids.h). The kernel
 * build's resolve_btfids sorts a set's pairs by id, the symbols stay: in a finished file the flags
 * are given to the names in order if the ids there rise with the names.
 */
struct symtab_kfunc {
	const char *name; /* of the function; not terminated */
	uint32_t name_size;
	uint32_t flags; /* KF_*, as the set gives them; 0 where a finished file does not tell */
};

/* A function that .BTF_ids wants the id of, kfuncs included. */
struct symtab_btf_id {
	const char *name; /* not terminated */
	uint32_t name_size;
};

struct symtab_request {
	const struct section_choice *choice; /* of variables; NULL: `percpu` */
	const struct name_table *base_names; /* of symbols that are found first; NULL: none */
};

/* @relocator: of the same file, NULL for a linked one. @request: borrowed for the call. */
struct btfgen_error *elf_symtab_read(struct Elf *elf, struct elf_relocator *relocator,
				     const struct symtab_request *request,
				     struct elf_symtab **ret_symtab) BTFGEN_MUST_CHECK;

/* True for a section whose name tells the kernel that its variables are per CPU. */
static inline bool symtab_section_is_percpu(const struct symtab_section *section)
{
	return strcmp(section->name, ".data..percpu") == 0;
}
void elf_symtab_destroy(struct elf_symtab *symtab);

/* All section headers, by index; the first is the null section. */
const struct symtab_section *elf_symtab_sections(const struct elf_symtab *symtab, size_t *ret_num);

/* The STT_OBJECT symbols of included sections, sorted by (section, off, index). */
const struct symtab_symbol *elf_symtab_objects(const struct elf_symtab *symtab, size_t *ret_num);

/*
 * The address ranges of included sections from which variables are taken and that are not empty,
 * sorted by (start, section). In relocatable files, where sections have no addresses yet, they
 * overlap.
 */
const struct symtab_range *elf_symtab_var_ranges(const struct elf_symtab *symtab, size_t *ret_num);

/* The last of these ranges to start at or before an address, if it holds it; else NULL. O(log n). */
const struct symtab_range *elf_symtab_find_address(const struct elf_symtab *symtab, uint64_t addr);

/* Sorted by (section, off, index). */
const struct symtab_function *elf_symtab_functions(const struct elf_symtab *symtab,
						   size_t *ret_num);

/* Index of the allocated section that holds an address; 0 if there is none. O(log n). */
uint32_t elf_symtab_section_of(const struct elf_symtab *symtab, uint64_t addr);

/* Sorted by name, each name once (a function of several sets has the flags of all of them). */
const struct symtab_kfunc *elf_symtab_kfuncs(const struct elf_symtab *symtab, size_t *ret_num);
const struct symtab_btf_id *elf_symtab_btf_ids(const struct elf_symtab *symtab, size_t *ret_num);
