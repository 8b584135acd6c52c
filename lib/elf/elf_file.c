// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Fields are read at the offsets that the two C structures of <elf.h> give, never through a pointer
 * to them: the bytes are unaligned, in either byte order, and need not be there at all.
 */
#include "lib/elf/elf_file.h"

#include <elf.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* A field that has another place and width in each class. */
#define FIELD(elf, p, struct_name, field)                                                          \
	((elf)->is_64 ? load_field((p) + offsetof(Elf64_##struct_name, field),                     \
				   sizeof(((Elf64_##struct_name *)0)->field), (elf)->swap) :       \
			load_field((p) + offsetof(Elf32_##struct_name, field),                     \
				   sizeof(((Elf32_##struct_name *)0)->field), (elf)->swap))

static uint64_t load_field(const uint8_t *p, size_t size, bool swap)
{
	switch (size) {
	case 2:
		return load_u16(p, swap);
	case 4:
		return load_u32(p, swap);
	default:
		return load_u64(p, swap);
	}
}

size_t elf_section_header_size(const struct elf_file *elf)
{
	return elf->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

size_t elf_header_size(const struct elf_file *elf)
{
	return elf->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

bool elf_file_is_elf(struct span bytes)
{
	return bytes.size >= SELFMAG && memcmp(bytes.data, ELFMAG, SELFMAG) == 0;
}

static const uint8_t *section_header(const struct elf_file *elf, uint32_t index)
{
	return elf->bytes.data + elf->table_off + (uint64_t)index * elf_section_header_size(elf);
}

/* All of a header but the name, which needs the name table. */
static void section_decode(const struct elf_file *elf, uint32_t index, struct elf_section *section)
{
	const uint8_t *p = section_header(elf, index);

	*section = (struct elf_section){
		.name = "",
		.index = index,
		.type = (uint32_t)FIELD(elf, p, Shdr, sh_type),
		.flags = FIELD(elf, p, Shdr, sh_flags),
		.addr = FIELD(elf, p, Shdr, sh_addr),
		.off = FIELD(elf, p, Shdr, sh_offset),
		.size = FIELD(elf, p, Shdr, sh_size),
		.link = (uint32_t)FIELD(elf, p, Shdr, sh_link),
		.info = (uint32_t)FIELD(elf, p, Shdr, sh_info),
		.align = FIELD(elf, p, Shdr, sh_addralign),
		.entsize = FIELD(elf, p, Shdr, sh_entsize),
	};
}

static struct btfgen_error *parse_ident(struct elf_file *elf)
{
	const uint8_t *ident = elf->bytes.data;

	if (!elf_file_is_elf(elf->bytes))
		return error_create(BTFGEN_ERROR_INPUT, "not an ELF file");
	if (elf->bytes.size < EI_NIDENT)
		return error_create(BTFGEN_ERROR_INPUT, "ELF header is cut off");
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return error_create(BTFGEN_ERROR_INPUT, "unknown ELF class %u", ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return error_create(BTFGEN_ERROR_INPUT, "unknown ELF byte order %u",
				    ident[EI_DATA]);
	elf->is_64 = ident[EI_CLASS] == ELFCLASS64;
	elf->swap = (ident[EI_DATA] == ELFDATA2MSB) != HOST_BIG_ENDIAN;
	if (elf->bytes.size < elf_header_size(elf))
		return error_create(BTFGEN_ERROR_INPUT, "ELF header is cut off");
	elf->type = (uint16_t)FIELD(elf, ident, Ehdr, e_type);
	elf->machine = (uint16_t)FIELD(elf, ident, Ehdr, e_machine);
	return NULL;
}

/* Counts that do not fit the ELF header stand in the first section header. */
static struct btfgen_error *parse_table(struct elf_file *elf)
{
	const uint8_t *header = elf->bytes.data;
	uint64_t entry_size = FIELD(elf, header, Ehdr, e_shentsize);
	uint64_t num = FIELD(elf, header, Ehdr, e_shnum);
	uint64_t names_index = FIELD(elf, header, Ehdr, e_shstrndx);
	struct elf_section first;

	elf->table_off = FIELD(elf, header, Ehdr, e_shoff);
	if (elf->table_off == 0)
		return error_create(BTFGEN_ERROR_INPUT, "file has no section header table");
	if (entry_size != elf_section_header_size(elf))
		return error_create(BTFGEN_ERROR_INPUT,
				    "section headers of %" PRIu64 " bytes instead of %zu",
				    entry_size, elf_section_header_size(elf));
	if (!range_fits(elf->table_off, entry_size, elf->bytes.size))
		goto outside;
	section_decode(elf, 0, &first);
	if (num == 0)
		num = first.size;
	if (num == 0)
		return error_create(BTFGEN_ERROR_INPUT, "file has no section header table");
	if (num > UINT32_MAX || !range_fits(elf->table_off, num * entry_size, elf->bytes.size))
		goto outside;
	elf->num_sections = (uint32_t)num;
	elf->names_index = names_index == SHN_XINDEX ? first.link : (uint32_t)names_index;
	return NULL;
outside:
	return error_create(BTFGEN_ERROR_INPUT, "section header table lies outside the file");
}

/* The table is taken up to its last zero byte, so that every offset in it has a name that ends. */
static struct btfgen_error *parse_names(struct elf_file *elf)
{
	struct elf_section section;
	const uint8_t *start, *last_zero;

	if (elf->names_index == SHN_UNDEF)
		return NULL;
	if (elf->names_index >= elf->num_sections)
		return error_create(BTFGEN_ERROR_INPUT,
				    "section name table has the index %u of %u sections",
				    elf->names_index, elf->num_sections);
	section_decode(elf, elf->names_index, &section);
	if (section.type != SHT_STRTAB || (section.flags & SHF_COMPRESSED))
		return error_create(BTFGEN_ERROR_INPUT, "section name table is no string table");
	if (!range_fits(section.off, section.size, elf->bytes.size))
		return error_create(BTFGEN_ERROR_INPUT, "section name table lies outside the file");
	start = elf->bytes.data + section.off;
	last_zero = memrchr(start, 0, (size_t)section.size);
	elf->names = (struct span){ start, last_zero ? (size_t)(last_zero - start) + 1 : 0 };
	return NULL;
}

struct btfgen_error *elf_file_parse(struct span bytes, struct elf_file *ret_elf)
{
	struct elf_file elf = { .bytes = bytes };
	struct btfgen_error *err = parse_ident(&elf);

	if (!err)
		err = parse_table(&elf);
	if (!err)
		err = parse_names(&elf);
	if (err)
		return err;
	*ret_elf = elf;
	return NULL;
}

struct btfgen_error *elf_section_get(const struct elf_file *elf, uint32_t index,
				     struct elf_section *ret_section)
{
	uint64_t name_off = FIELD(elf, section_header(elf, index), Shdr, sh_name);
	struct elf_section section;

	section_decode(elf, index, &section);
	if (elf->names.data) {
		if (name_off >= elf->names.size)
			return error_create(BTFGEN_ERROR_INPUT,
					    "name of section %u lies outside the name table",
					    index);
		section.name = (const char *)elf->names.data + name_off;
	}
	*ret_section = section;
	return NULL;
}

struct btfgen_error *elf_find_section(const struct elf_file *elf, const char *name,
				      struct elf_section *ret_section, bool *ret_found)
{
	*ret_found = false;
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section;
		struct btfgen_error *err = elf_section_get(elf, i, &section);

		if (err)
			return err;
		if (strcmp(section.name, name) == 0) {
			*ret_section = section;
			*ret_found = true;
			return NULL;
		}
	}
	return NULL;
}

struct btfgen_error *elf_section_data(const struct elf_file *elf, const struct elf_section *section,
				      struct span *ret_data)
{
	if (section->type == SHT_NOBITS) {
		*ret_data = (struct span){};
		return NULL;
	}
	if (!range_fits(section->off, section->size, elf->bytes.size))
		return error_create(BTFGEN_ERROR_INPUT, "section '%s' lies outside the file",
				    section->name);
	*ret_data = (struct span){ elf->bytes.data + section->off, (size_t)section->size };
	return NULL;
}

static void encode_64(const struct elf_section *s, uint32_t name_off, bool swap, uint8_t *to)
{
	store_u32(to + offsetof(Elf64_Shdr, sh_name), name_off, swap);
	store_u32(to + offsetof(Elf64_Shdr, sh_type), s->type, swap);
	store_u64(to + offsetof(Elf64_Shdr, sh_flags), s->flags, swap);
	store_u64(to + offsetof(Elf64_Shdr, sh_addr), s->addr, swap);
	store_u64(to + offsetof(Elf64_Shdr, sh_offset), s->off, swap);
	store_u64(to + offsetof(Elf64_Shdr, sh_size), s->size, swap);
	store_u32(to + offsetof(Elf64_Shdr, sh_link), s->link, swap);
	store_u32(to + offsetof(Elf64_Shdr, sh_info), s->info, swap);
	store_u64(to + offsetof(Elf64_Shdr, sh_addralign), s->align, swap);
	store_u64(to + offsetof(Elf64_Shdr, sh_entsize), s->entsize, swap);
}

static void encode_32(const struct elf_section *s, uint32_t name_off, bool swap, uint8_t *to)
{
	store_u32(to + offsetof(Elf32_Shdr, sh_name), name_off, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_type), s->type, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_flags), (uint32_t)s->flags, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_addr), (uint32_t)s->addr, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_offset), (uint32_t)s->off, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_size), (uint32_t)s->size, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_link), s->link, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_info), s->info, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_addralign), (uint32_t)s->align, swap);
	store_u32(to + offsetof(Elf32_Shdr, sh_entsize), (uint32_t)s->entsize, swap);
}

void elf_section_header_encode(const struct elf_file *elf, const struct elf_section *section,
			       uint32_t name_off, uint8_t *to)
{
	if (elf->is_64)
		encode_64(section, name_off, elf->swap, to);
	else
		encode_32(section, name_off, elf->swap, to);
}
