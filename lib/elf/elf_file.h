// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A reader for the section side of an ELF file, over bytes that somebody else owns.
 *
 *	struct elf_file elf;
 *	struct elf_section section;
 *	bool found;
 *
 *	err = elf_file_parse((struct span){ map.data, map.size }, &elf);
 *	if (!err)
 *		err = elf_find_section(&elf, ".BTF", &section, &found);
 *	if (!err && found)
 *		err = elf_section_data(&elf, &section, &data);
 *
 * Both classes (ELF32, ELF64), both byte orders, and more than 65,280 sections. Nothing is
 * allocated and nothing is cached: a struct elf_file is a few numbers and two spans into the
 * caller's bytes, valid as long as these are, and free to copy. Names and data returned point into
 * the same bytes.
 *
 * The bytes are not trusted. elf_file_parse() checks that the header, the whole section header
 * table and the section name table lie inside the file; elf_section_get() that the section's name
 * lies in the name table and ends there; elf_section_data() that the section lies inside the file.
 * What is not checked: segments, symbols, alignment, overlapping sections, the meaning of any
 * content. Compressed sections (SHF_COMPRESSED) come as they stand.
 *
 * Errors are BTFGEN_ERROR_INPUT with these messages: "not an ELF file", "ELF header is cut off",
 * "unknown ELF class <n>", "unknown ELF byte order <n>", "file has no section header table",
 * "section headers of <n> bytes instead of <n>", "section header table lies outside the file",
 * "section name table has the index <n> of <n> sections", "section name table is no string table",
 * "section name table lies outside the file", "name of section <n> lies outside the name table",
 * "section '<name>' lies outside the file".
 *
 * Offsets, sizes and alignments are bytes; a section index counts from 0, the empty first section.
 * Thread rule: nothing is written after elf_file_parse(), so any number of threads may read.
 *
 * Source: System V gABI, chapters "ELF Header" (extended numbering of sections included),
 * "Sections" and "String Table".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/span.h"

struct elf_file {
	struct span bytes; /* the whole file */
	struct span names; /* the section name table up to its last zero byte; NULL if none */
	bool is_64;
	bool swap;	       /* byte order differs from this machine's */
	uint16_t type;	       /* ET_REL, ET_EXEC... */
	uint16_t machine;      /* EM_X86_64... */
	uint64_t table_off;    /* of the section header table */
	uint32_t num_sections; /* the empty first one included; at least 1 */
	uint32_t names_index;  /* of the section name table; 0 if there is none */
};

struct elf_section {
	const char *name; /* "" if the file has no section name table */
	uint32_t index;
	uint32_t type;	/* SHT_PROGBITS... */
	uint64_t flags; /* SHF_ALLOC... */
	uint64_t addr;
	uint64_t off;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t align;
	uint64_t entsize;
};

/* True if the bytes begin as every ELF file does; to tell an ELF file from raw BTF. */
bool elf_file_is_elf(struct span bytes);

struct btfgen_error *elf_file_parse(struct span bytes, struct elf_file *ret_elf) BTFGEN_MUST_CHECK;

/* @index is below elf->num_sections. */
struct btfgen_error *elf_section_get(const struct elf_file *elf, uint32_t index,
				     struct elf_section *ret_section) BTFGEN_MUST_CHECK;

/* The first section of that name; *ret_section is set only if *ret_found becomes true. */
struct btfgen_error *elf_find_section(const struct elf_file *elf, const char *name,
				      struct elf_section *ret_section,
				      bool *ret_found) BTFGEN_MUST_CHECK;

/* SHT_NOBITS sections have no bytes in the file: their span is absent, data == NULL. */
struct btfgen_error *elf_section_data(const struct elf_file *elf, const struct elf_section *section,
				      struct span *ret_data) BTFGEN_MUST_CHECK;

/* Size of one section header, and of the ELF header, in this file's class. */
size_t elf_section_header_size(const struct elf_file *elf);
size_t elf_header_size(const struct elf_file *elf);

/*
 * Writes a section header of this file's class and byte order to @to. @name_off is its name's
 * offset in the name table. Values must fit the class; section->name and section->index are not
 * used.
 */
void elf_section_header_encode(const struct elf_file *elf, const struct elf_section *section,
			       uint32_t name_off, uint8_t *to);
