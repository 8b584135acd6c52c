// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Debug sections of relocatable files (ET_REL), relocated.
 *
 *	struct elf_relocator *relocator;
 *
 *	err = elf_relocator_open(&elf, &map, &relocator);
 *	err = elf_relocate_section(relocator, &section, plain, false, &bytes, &owned);
 *	addr = elf_relocator_section_addr(relocator, index);
 *	...
 *	elf_relocated_free(&bytes, owned);
 *	elf_relocator_close(relocator);
 *
 * In a relocatable file all sections stand at address 0. So that an address tells the section it
 * lies in, each allocated section is given an address of its own here: in the order of the
 * section headers, aligned as the section wants, with at least one byte between the end of one
 * and the start of the next. These are what relocated DWARF holds, and
 * elf_relocator_section_addr() tells them; whoever reads the symbol table adds them to st_value.
 * Sections that are not allocated (debug sections among them) are at 0, as offsets into them are
 * meant.
 *
 * Relocations are those that compilers and assemblers write into debug sections: absolute ones
 * of 1, 2, 4 and 8 bytes, differences (RISC-V's and LoongArch's ADD, SUB, SET, ULEB128 pairs),
 * none. REL and RELA, any order of entries, extended section indexes of symbols
 * (SHT_SYMTAB_SHNDX), MIPS64's three-in-one entries. Sources: the processor supplements to the
 * System V ABI; the table in relocate.c names them.
 *
 * elf_relocator_knows() is false for a machine without a table: the caller takes libdwfl then.
 *
 * Symbols that are not defined in the file, or common, count as 0; no section is at an address
 * below 64 KiB, so that what is found at such an address is nobody's.
 *
 * The bytes are not trusted. Errors are BTFGEN_ERROR_INPUT with the relocation section and the
 * offset of the entry: "relocation type <n> is not known for this machine", "relocation lies
 * outside the section", "relocation has no symbol <n>", "last relocation is cut off"; or of the
 * section as a whole: "relocations of <n> bytes, not <n>", "relocations in compact form are not
 * read" (SHT_CREL), "section is compressed", "section <n> is no symbol table", "file has several
 * symbol tables", "relocation sections overlap" (more of them than the file has bytes); or with
 * the symbol table: "symbols of <n> bytes, not <n>", "last symbol is cut off", "symbol is in
 * section <n> of <n>", "symbol has no entry in the table of extended section indexes", "too many
 * symbols"; or with a section that is loaded: "sections do not fit into the address space".
 * Relocations of sections that nobody asks for are not looked at.
 *
 * Threads: opening and relocating are for one thread; a relocator has no global state.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/span.h"
#include "lib/elf/elf_file.h"

struct elf_relocator;

/*
 * Memory for the copy of one section, kept from file to file: zeros at first, then what the largest
 * section so far needed, up to a limit; larger ones get memory of their own.
 */
struct elf_copy_memory {
	uint8_t *data;
	size_t size;
};

void elf_copy_memory_deinit(struct elf_copy_memory *memory);

bool elf_relocator_knows(uint16_t machine);

/*
 * @elf is borrowed, with its bytes. Finds symbol tables and relocation sections; reads no entry.
 * @map: the mapping that these bytes stand in; pages of it that have been read are given back. NULL
 * if they stand elsewhere.
 */
struct btfgen_error *elf_relocator_open(const struct elf_file *elf, const struct file_map *map,
					struct elf_relocator **ret_relocator) BTFGEN_MUST_CHECK;
void elf_relocator_close(struct elf_relocator *relocator);

/*
 * The first section that is copied may be copied there. The bytes belong to @memory (owned false) and
 * are good until the next relocator gets it.
 */
void elf_relocator_lend(struct elf_relocator *relocator, struct elf_copy_memory *memory);

/* 0 for sections that are not allocated, or do not exist. */
uint64_t elf_relocator_section_addr(const struct elf_relocator *relocator, uint32_t index);

/*
 * The bytes of @section with its relocations applied. @plain is its content, decompressed where it
 * was compressed; without relocations it comes back as it is (owned false). If @plain_is_writable,
 * it is memory of the caller's own and is changed in place; else a copy is made (owned true).
 */
struct btfgen_error *elf_relocate_section(struct elf_relocator *relocator,
					  const struct elf_section *section, struct span plain,
					  bool plain_is_writable, struct span *ret_bytes,
					  bool *ret_owned) BTFGEN_MUST_CHECK;
void elf_relocated_free(struct span *bytes, bool owned);
