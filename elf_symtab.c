// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf_symtab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>

#include "lib/base/span.h"
#include "lib/base/vec.h"

struct elf_symtab {
	VEC(struct symtab_section) sections;
	VEC(struct symtab_symbol) objects;
	VEC(struct symtab_range) ranges;
};

/* Everything that one pass over a symbol table needs; checked once. */
struct symbol_reader {
	const char *table_name;
	struct span table;
	struct span strings;
	struct span section_indexes; /* SHT_SYMTAB_SHNDX; data is NULL without one */
	size_t entry_size;
	bool is_64;
	bool swap;
	bool relocatable;
};

static bool section_is_included(const struct symtab_section *section)
{
	return (section->type == SHT_PROGBITS || section->type == SHT_NOBITS) &&
	       (section->flags & SHF_ALLOC) && !strcmp(section->name, ".data..percpu");
}

static struct btfgen_error *read_sections(struct elf_symtab *symtab, Elf *elf)
{
	size_t num, names;
	GElf_Shdr first;

	if (elf_getshdrnum(elf, &num) < 0)
		return error_create(BTFGEN_ERROR_INPUT, "section headers cannot be read: %s",
				    elf_errmsg(-1));
	if (!num)
		return error_create(BTFGEN_ERROR_INPUT, "no symbol table");
	/*
	 * Header 0 may hold the index. elfutils reads it from the file if nothing has loaded the
	 * headers yet, and an image in memory has no file.
	 */
	if (!gelf_getshdr(elf_getscn(elf, 0), &first))
		return error_create(BTFGEN_ERROR_INPUT, "section headers cannot be read: %s",
				    elf_errmsg(-1));
	if (elf_getshdrstrndx(elf, &names) < 0)
		return error_create(BTFGEN_ERROR_INPUT, "section names cannot be read: %s",
				    elf_errmsg(-1));
	if (!vec_reserve(&symtab->sections, num))
		return error_nomem();
	for (size_t i = 0; i < num; i++) {
		struct symtab_section section = { .name = "" };
		GElf_Shdr shdr;

		/* Section 0 is a place for numbers that fit nowhere else: it is no section. */
		if (i) {
			Elf_Scn *scn = elf_getscn(elf, i);

			if (!scn || !gelf_getshdr(scn, &shdr))
				return error_create(BTFGEN_ERROR_INPUT,
						    "header of section %zu cannot be read: %s", i,
						    elf_errmsg(-1));
			section = (struct symtab_section){
				.name = elf_strptr(elf, names, shdr.sh_name),
				.addr = shdr.sh_addr,
				.size = shdr.sh_size,
				.flags = shdr.sh_flags,
				.type = shdr.sh_type,
			};
			if (!section.name)
				return error_create_at(".shstrtab", shdr.sh_name,
						       "name of section %zu cannot be read", i);
			section.included = section_is_included(&section);
		}
		(void)vec_push(&symtab->sections, section);
	}
	return NULL;
}

static int range_compare(const void *pa, const void *pb)
{
	const struct symtab_range *a = pa, *b = pb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->section < b->section ? -1 : a->section > b->section;
}

static struct btfgen_error *collect_ranges(struct elf_symtab *symtab)
{
	for (size_t i = 0; i < symtab->sections.num; i++) {
		const struct symtab_section *section = &symtab->sections.data[i];
		struct symtab_range range = {
			.start = section->addr,
			.end = section->addr + section->size,
			.section = i,
		};

		if (!section->included || !section->size)
			continue;
		if (range.end < range.start)
			return error_create_at(section->name, 0,
					       "0x%" PRIx64
					       " bytes do not fit behind address 0x%" PRIx64,
					       section->size, section->addr);
		if (!vec_push(&symtab->ranges, range))
			return error_nomem();
	}
	if (symtab->ranges.num)
		qsort(symtab->ranges.data, symtab->ranges.num, sizeof(*symtab->ranges.data),
		      range_compare);
	return NULL;
}

/* The bytes of a section as they stand in the file. */
static struct btfgen_error *section_span(const struct elf_symtab *symtab, Elf *elf, size_t index,
					 struct span *ret_span)
{
	const struct symtab_section *section = &symtab->sections.data[index];
	Elf_Data *data;

	if (section->flags & SHF_COMPRESSED)
		return error_create_at(section->name, 0, "section is compressed");
	data = elf_rawdata(elf_getscn(elf, index), NULL);
	if (!data)
		return error_create_at(section->name, 0, "section does not lie inside the file");
	*ret_span = (struct span){
		.data = data->d_buf ? data->d_buf : (const uint8_t *)"",
		.size = data->d_buf ? data->d_size : 0,
	};
	if (ret_span->size != section->size)
		return error_create_at(section->name, ret_span->size, "section ends too early");
	return NULL;
}

static struct btfgen_error *reader_open(const struct elf_symtab *symtab, Elf *elf, size_t index,
					struct symbol_reader *ret_reader)
{
	const char *name = symtab->sections.data[index].name;
	struct symbol_reader reader = { .table_name = name };
	struct btfgen_error *err;
	GElf_Shdr shdr, other;
	GElf_Ehdr ehdr;

	if (!gelf_getehdr(elf, &ehdr) || !gelf_getshdr(elf_getscn(elf, index), &shdr))
		return error_create_at(name, 0, "header cannot be read: %s", elf_errmsg(-1));
	reader.is_64 = ehdr.e_ident[EI_CLASS] == ELFCLASS64;
	reader.swap = (ehdr.e_ident[EI_DATA] == ELFDATA2MSB) != HOST_BIG_ENDIAN;
	reader.relocatable = ehdr.e_type == ET_REL;
	reader.entry_size = reader.is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	if (shdr.sh_entsize != reader.entry_size)
		return error_create_at(name, 0, "symbols of %" PRIu64 " bytes, not %zu",
				       (uint64_t)shdr.sh_entsize, reader.entry_size);
	if (shdr.sh_size % reader.entry_size)
		return error_create_at(name, shdr.sh_size - shdr.sh_size % reader.entry_size,
				       "last symbol is cut off");
	if (!shdr.sh_link || shdr.sh_link >= symtab->sections.num ||
	    symtab->sections.data[shdr.sh_link].type != SHT_STRTAB)
		return error_create_at(name, 0, "section %" PRIu32 " is no table of symbol names",
				       (uint32_t)shdr.sh_link);
	err = section_span(symtab, elf, index, &reader.table);
	if (!err)
		err = section_span(symtab, elf, shdr.sh_link, &reader.strings);
	if (err)
		return err;

	for (size_t i = 1; i < symtab->sections.num; i++) {
		if (symtab->sections.data[i].type != SHT_SYMTAB_SHNDX)
			continue;
		if (!gelf_getshdr(elf_getscn(elf, i), &other) || other.sh_link != index)
			continue;
		err = section_span(symtab, elf, i, &reader.section_indexes);
		if (err)
			return err;
		break;
	}
	*ret_reader = reader;
	return NULL;
}

static struct btfgen_error *symbol_section(const struct symbol_reader *reader, size_t index,
					   uint32_t *ret_section)
{
	uint64_t off = (uint64_t)index * sizeof(uint32_t);

	if (!range_fits(off, sizeof(uint32_t), reader->section_indexes.size))
		return error_create_at(
			reader->table_name, index * reader->entry_size,
			"symbol has no entry in the table of extended section indexes");
	*ret_section = load_u32(reader->section_indexes.data + off, reader->swap);
	return NULL;
}

static struct btfgen_error *symbol_name(const struct symbol_reader *reader, uint64_t symbol_off,
					uint32_t name_off, const char **ret_name)
{
	const struct span *strings = &reader->strings;

	if (name_off >= strings->size ||
	    !memchr(strings->data + name_off, 0, strings->size - name_off))
		return error_create_at(reader->table_name, symbol_off,
				       "symbol's name at 0x%" PRIx32
				       " does not end inside the table of names",
				       name_off);
	*ret_name = (const char *)strings->data + name_off;
	return NULL;
}

static uint8_t bind_strength(uint8_t info)
{
	switch (GELF_ST_BIND(info)) {
	case STB_LOCAL:
		return SYMBOL_LOCAL;
	case STB_WEAK:
		return SYMBOL_WEAK;
	default:
		return SYMBOL_GLOBAL;
	}
}

/* One pass; what decides first is the section, because few symbols lie in an included one. */
static struct btfgen_error *read_objects(struct elf_symtab *symtab,
					 const struct symbol_reader *reader)
{
	size_t num = reader->table.size / reader->entry_size;
	struct btfgen_error *err;

	for (size_t i = 1; i < num; i++) {
		uint64_t entry_off = (uint64_t)i * reader->entry_size;
		const uint8_t *p = reader->table.data + entry_off;
		uint32_t index = load_u16(p + (reader->is_64 ? 6 : 14), reader->swap);
		const struct symtab_section *section;
		struct symtab_symbol symbol;
		uint64_t value;
		uint8_t info;

		if (index == SHN_XINDEX) {
			err = symbol_section(reader, i, &index);
			if (err)
				return err;
		} else if (index >= SHN_LORESERVE) {
			continue;
		}
		if (index >= symtab->sections.num)
			return error_create_at(reader->table_name, entry_off,
					       "symbol is in section %" PRIu32 " of %zu", index,
					       symtab->sections.num);
		section = &symtab->sections.data[index];
		if (!section->included)
			continue;
		info = p[reader->is_64 ? 4 : 12];
		if (GELF_ST_TYPE(info) != STT_OBJECT)
			continue;

		if (reader->is_64) {
			value = load_u64(p + 8, reader->swap);
			symbol.size = load_u64(p + 16, reader->swap);
		} else {
			value = load_u32(p + 4, reader->swap);
			symbol.size = load_u32(p + 8, reader->swap);
		}
		err = symbol_name(reader, entry_off, load_u32(p, reader->swap), &symbol.name);
		if (err)
			return err;
		/* Below the section's address this wraps and lies outside, too. */
		symbol.off = reader->relocatable ? value : value - section->addr;
		if (!range_fits(symbol.off, symbol.size, section->size))
			return error_create_at(reader->table_name, entry_off,
					       "symbol '%s' lies outside its section '%s'",
					       symbol.name, section->name);
		symbol.section = index;
		symbol.index = i;
		symbol.bind = bind_strength(info);
		symbol.visibility = GELF_ST_VISIBILITY(p[reader->is_64 ? 5 : 13]);
		if (!vec_push(&symtab->objects, symbol))
			return error_nomem();
	}
	return NULL;
}

static int symbol_compare(const void *pa, const void *pb)
{
	const struct symtab_symbol *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static struct btfgen_error *symtab_fill(struct elf_symtab *symtab, Elf *elf)
{
	struct btfgen_error *err = read_sections(symtab, elf);
	struct symbol_reader reader = { 0 };
	size_t index;

	if (err)
		return err;
	for (index = 1; index < symtab->sections.num; index++) {
		if (symtab->sections.data[index].type == SHT_SYMTAB)
			break;
	}
	if (index == symtab->sections.num)
		return error_create(BTFGEN_ERROR_INPUT, "no symbol table");
	err = collect_ranges(symtab);
	if (!err)
		err = reader_open(symtab, elf, index, &reader);
	if (!err)
		err = read_objects(symtab, &reader);
	if (!err && symtab->objects.num)
		qsort(symtab->objects.data, symtab->objects.num, sizeof(*symtab->objects.data),
		      symbol_compare);
	return err;
}

struct btfgen_error *elf_symtab_read(struct Elf *elf, struct elf_symtab **ret_symtab)
{
	struct elf_symtab *symtab = calloc(1, sizeof(*symtab));
	struct btfgen_error *err;

	if (!symtab)
		return error_nomem();
	err = symtab_fill(symtab, elf);
	if (err) {
		elf_symtab_destroy(symtab);
		return err;
	}
	*ret_symtab = symtab;
	return NULL;
}

void elf_symtab_destroy(struct elf_symtab *symtab)
{
	if (!symtab)
		return;
	vec_deinit(&symtab->sections);
	vec_deinit(&symtab->objects);
	vec_deinit(&symtab->ranges);
	free(symtab);
}

const struct symtab_section *elf_symtab_sections(const struct elf_symtab *symtab, size_t *ret_num)
{
	*ret_num = symtab->sections.num;
	return symtab->sections.data;
}

const struct symtab_symbol *elf_symtab_objects(const struct elf_symtab *symtab, size_t *ret_num)
{
	*ret_num = symtab->objects.num;
	return symtab->objects.data;
}

const struct symtab_range *elf_symtab_percpu_ranges(const struct elf_symtab *symtab,
						    size_t *ret_num)
{
	*ret_num = symtab->ranges.num;
	return symtab->ranges.data;
}

const struct symtab_range *elf_symtab_find_address(const struct elf_symtab *symtab, uint64_t addr)
{
	for (size_t i = 0; i < symtab->ranges.num; i++) {
		const struct symtab_range *range = &symtab->ranges.data[i];

		if (addr >= range->start && addr < range->end)
			return range;
	}
	return NULL;
}
