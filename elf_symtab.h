// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What an ELF file's section headers and symbol table say about objects and functions.
 *
 *	err = elf_symtab_read(elf, relocator, all_sections, &symtab);
 *	ranges = elf_symtab_percpu_ranges(symtab, &num_ranges);
 *	symbols = elf_symtab_objects(symtab, &num_symbols);
 *	functions = elf_symtab_functions(symtab, &num_functions);
 *	...
 *	elf_symtab_destroy(symtab);
 *
 * The sections of interest ("included") are those named exactly `.data..percpu`: that name is how
 * the kernel's verifier knows per-CPU variables (kernel/bpf/verifier.c, check_pseudo_btf_id()), and
 * it is the name in vmlinux and in modules, whatever the section's address is. arm64's
 * `.hyp.data..percpu`, the hypervisor's own copy, is not included.
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

struct symtab_section {
	const char *name;
	uint64_t addr; /* of the header, or the relocator's */
	uint64_t size;
	uint64_t flags; /* SHF_* */
	uint32_t type;	/* SHT_* */
	bool included;
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

/*
 * @relocator: of the same file, NULL for a linked one. @all_sections: the allocated sections that
 * hold data are all included, whatever their names are.
 */
struct btfgen_error *elf_symtab_read(struct Elf *elf, struct elf_relocator *relocator,
				     bool all_sections,
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
 * The address ranges of included sections that are not empty, sorted by (start, section). In
 * relocatable files, where sections have no addresses yet, they overlap.
 */
const struct symtab_range *elf_symtab_percpu_ranges(const struct elf_symtab *symtab,
						    size_t *ret_num);

/* The included section that holds an address; NULL if there is none. */
const struct symtab_range *elf_symtab_find_address(const struct elf_symtab *symtab, uint64_t addr);

/* Sorted by (section, off, index). */
const struct symtab_function *elf_symtab_functions(const struct elf_symtab *symtab,
						   size_t *ret_num);

/* Index of the allocated section that holds an address; 0 if there is none. O(log n). */
uint32_t elf_symtab_section_of(const struct elf_symtab *symtab, uint64_t addr);

/* Sorted by name, each name once (a function of several sets has the flags of all of them). */
const struct symtab_kfunc *elf_symtab_kfuncs(const struct elf_symtab *symtab, size_t *ret_num);
const struct symtab_btf_id *elf_symtab_btf_ids(const struct elf_symtab *symtab, size_t *ret_num);
