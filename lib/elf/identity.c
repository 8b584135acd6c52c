// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/elf/identity.h"

#include <elf.h>

enum {
	NOTE_HEADER_SIZE = 12,
	MAX_BUILD_ID = (ELF_BUILD_ID_TEXT - 1) / 2,
	/* .rodata of a kernel has some megabytes; the banner stands near its start. */
	MAX_BANNER_SEARCH = 64 << 20,
};

static const char banner_head[] = "Linux version ";
static const char vermagic_head[] = "vermagic=";

/* The bytes of a section; absent if there is none or they are not in the file. */
static struct span section_bytes(const struct elf_file *elf, const char *name,
				 struct elf_section *ret_section)
{
	struct span data = {};
	bool found = false;
	struct btfgen_error *err;

	err = elf_find_section(elf, name, ret_section, &found);
	if (!err && found)
		err = elf_section_data(elf, ret_section, &data);
	if (err) {
		error_free(err);
		return (struct span){};
	}
	return data;
}

/* Writes the build id among @notes to @text; false if there is none. */
static bool notes_search(const struct elf_file *elf, struct span notes, char *text)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t off = 0;

	while (range_fits(off, NOTE_HEADER_SIZE, notes.size)) {
		uint32_t name_size = load_u32(notes.data + off, elf->swap);
		uint32_t desc_size = load_u32(notes.data + off + 4, elf->swap);
		uint32_t type = load_u32(notes.data + off + 8, elf->swap);
		uint64_t name_off = off + NOTE_HEADER_SIZE;
		uint64_t desc_off = name_off + (((uint64_t)name_size + 3) & ~3ull);

		if (!range_fits(desc_off, desc_size, notes.size))
			return false;
		if (type == NT_GNU_BUILD_ID && name_size == 4 &&
		    !memcmp(notes.data + name_off, "GNU", 4)) {
			for (uint32_t i = 0; i < desc_size && i < MAX_BUILD_ID; i++) {
				*text++ = digits[notes.data[desc_off + i] >> 4];
				*text++ = digits[notes.data[desc_off + i] & 15];
			}
			*text = '\0';
			return true;
		}
		off = desc_off + (((uint64_t)desc_size + 3) & ~3ull);
	}
	return false;
}

/* A kernel has all its notes in one section, modules and programs have one for each. */
static void build_id_read(const struct elf_file *elf, char *text)
{
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section;
		struct btfgen_error *err;
		struct span notes = {};

		err = elf_section_get(elf, i, &section);
		if (!err && section.type == SHT_NOTE)
			err = elf_section_data(elf, &section, &notes);
		error_free(err);
		if (!err && notes.data && notes_search(elf, notes, text))
			return;
	}
}

/* The word at the start of @bytes. False if it is empty, too long or not printable. */
static bool word_read(struct span bytes, char *text)
{
	size_t len = 0;

	while (len < bytes.size && bytes.data[len] > ' ' && bytes.data[len] < 0x7f)
		len++;
	if (!len || len >= ELF_RELEASE_TEXT || len == bytes.size)
		return false;
	if (bytes.data[len] != ' ' && bytes.data[len] != '\0' && bytes.data[len] != '\n')
		return false;
	memcpy(text, bytes.data, len);
	text[len] = '\0';
	return true;
}

static bool banner_read(struct span bytes, char *text)
{
	size_t len = sizeof(banner_head) - 1;

	if (bytes.size <= len || memcmp(bytes.data, banner_head, len))
		return false;
	/* Formats of messages have "%s" there. */
	if (bytes.data[len] < '0' || bytes.data[len] > '9')
		return false;
	return word_read((struct span){ bytes.data + len, bytes.size - len }, text);
}

/* The bytes from where @symbol, a record of the symbol table, stands to the end of its section. */
static struct span symbol_bytes(const struct elf_file *elf, const uint8_t *symbol)
{
	uint16_t index = load_u16(symbol + (elf->is_64 ? 6 : 14), elf->swap);
	uint64_t addr =
		elf->is_64 ? load_u64(symbol + 8, elf->swap) : load_u32(symbol + 4, elf->swap);
	struct elf_section section;
	struct btfgen_error *err;
	struct span data = {};

	if (index == SHN_UNDEF || index >= SHN_LORESERVE || index >= elf->num_sections)
		return data;
	err = elf_section_get(elf, index, &section);
	if (!err)
		err = elf_section_data(elf, &section, &data);
	if (err) {
		error_free(err);
		return (struct span){};
	}
	if (elf->type != ET_REL)
		addr -= section.addr;
	if (!data.data || addr > data.size)
		return (struct span){};
	return (struct span){ data.data + addr, data.size - addr };
}

static bool banner_find_symbol(const struct elf_file *elf, char *text)
{
	size_t entry_size = elf->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	static const char name[] = "linux_banner";
	struct elf_section section, names_section;
	struct span symbols = section_bytes(elf, ".symtab", &section), names = {};
	struct btfgen_error *err;

	if (!symbols.data || section.link >= elf->num_sections)
		return false;
	err = elf_section_get(elf, section.link, &names_section);
	if (!err)
		err = elf_section_data(elf, &names_section, &names);
	if (err) {
		error_free(err);
		return false;
	}
	for (size_t off = 0; range_fits(off, entry_size, symbols.size); off += entry_size) {
		uint32_t name_off = load_u32(symbols.data + off, elf->swap);

		if (range_fits(name_off, sizeof(name), names.size) &&
		    !memcmp(names.data + name_off, name, sizeof(name)))
			return banner_read(symbol_bytes(elf, symbols.data + off), text);
	}
	return false;
}

static void banner_search(const struct elf_file *elf, char *text)
{
	struct elf_section section;
	struct span data = section_bytes(elf, ".rodata", &section);
	const uint8_t *at = data.data, *end;

	if (!at)
		return;
	if (data.size > MAX_BANNER_SEARCH)
		data.size = MAX_BANNER_SEARCH;
	for (end = at + data.size; at < end; at++) {
		at = memmem(at, end - at, banner_head, sizeof(banner_head) - 1);
		if (!at || banner_read((struct span){ at, end - at }, text))
			return;
	}
}

static void vermagic_read(const struct elf_file *elf, char *text)
{
	struct elf_section section;
	struct span data = section_bytes(elf, ".modinfo", &section);
	size_t len = sizeof(vermagic_head) - 1, off = 0;

	while (off < data.size) {
		const uint8_t *entry = data.data + off;
		const uint8_t *end = memchr(entry, '\0', data.size - off);

		if (!end)
			return;
		if ((size_t)(end - entry) > len && !memcmp(entry, vermagic_head, len)) {
			word_read((struct span){ entry + len, end + 1 - entry - len }, text);
			return;
		}
		off = end + 1 - data.data;
	}
}

void elf_identity_read(const struct elf_file *elf, struct elf_identity *ret_identity)
{
	*ret_identity = (struct elf_identity){};
	build_id_read(elf, ret_identity->build_id);
	/* vmlinux has a .modinfo too, of what is built in, with no vermagic. */
	vermagic_read(elf, ret_identity->release);
	if (!*ret_identity->release && elf->type != ET_REL &&
	    !banner_find_symbol(elf, ret_identity->release))
		banner_search(elf, ret_identity->release);
}
