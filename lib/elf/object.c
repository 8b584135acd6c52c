// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/elf/object.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* In the order of the section headers. */
enum { NULL_SECTION, DATA_SECTION, STACK_SECTION, NAMES_SECTION, NUM_SECTIONS };

static const char stack_name[] = ".note.GNU-stack";
static const char names_name[] = ".shstrtab";

/* Header, data, names, section headers. */
struct object {
	const struct elf_file *like;
	uint64_t data_off;
	uint64_t names_off;
	uint64_t names_size;
	uint64_t table_off;
	uint64_t size;
	uint32_t name_offs[NUM_SECTIONS]; /* in the names */
};

static uint64_t align_up(uint64_t off, uint64_t align)
{
	return (off + align - 1) & ~(align - 1);
}

static void object_plan(struct object *object, const char *section_name, uint64_t data_size,
			uint64_t align)
{
	const struct elf_file *like = object->like;

	object->name_offs[DATA_SECTION] = 1;
	object->name_offs[STACK_SECTION] = 1 + (uint32_t)strlen(section_name) + 1;
	object->name_offs[NAMES_SECTION] = object->name_offs[STACK_SECTION] + sizeof(stack_name);
	object->names_size = object->name_offs[NAMES_SECTION] + sizeof(names_name);
	object->data_off = align_up(elf_header_size(like), align);
	object->names_off = object->data_off + data_size;
	object->table_off = align_up(object->names_off + object->names_size, like->is_64 ? 8 : 4);
	object->size = object->table_off + NUM_SECTIONS * elf_section_header_size(like);
}

/* What is left out is zero: no entry point, no program headers. */
static void header_write(const struct object *object, uint8_t *to)
{
	const struct elf_file *like = object->like;
	const uint8_t *from = like->bytes.data;
	bool swap = like->swap;

	memcpy(to, from, EI_NIDENT);
	store_u16(to + offsetof(Elf64_Ehdr, e_type), ET_REL, swap);
	store_u16(to + offsetof(Elf64_Ehdr, e_machine), like->machine, swap);
	memcpy(to + offsetof(Elf64_Ehdr, e_version), from + offsetof(Elf64_Ehdr, e_version),
	       sizeof(Elf64_Word));
	if (like->is_64) {
		store_u64(to + offsetof(Elf64_Ehdr, e_shoff), object->table_off, swap);
		memcpy(to + offsetof(Elf64_Ehdr, e_flags), from + offsetof(Elf64_Ehdr, e_flags),
		       sizeof(Elf64_Word));
		store_u16(to + offsetof(Elf64_Ehdr, e_ehsize), sizeof(Elf64_Ehdr), swap);
		store_u16(to + offsetof(Elf64_Ehdr, e_shentsize), sizeof(Elf64_Shdr), swap);
		store_u16(to + offsetof(Elf64_Ehdr, e_shnum), NUM_SECTIONS, swap);
		store_u16(to + offsetof(Elf64_Ehdr, e_shstrndx), NAMES_SECTION, swap);
	} else {
		store_u32(to + offsetof(Elf32_Ehdr, e_shoff), (uint32_t)object->table_off, swap);
		memcpy(to + offsetof(Elf32_Ehdr, e_flags), from + offsetof(Elf32_Ehdr, e_flags),
		       sizeof(Elf32_Word));
		store_u16(to + offsetof(Elf32_Ehdr, e_ehsize), sizeof(Elf32_Ehdr), swap);
		store_u16(to + offsetof(Elf32_Ehdr, e_shentsize), sizeof(Elf32_Shdr), swap);
		store_u16(to + offsetof(Elf32_Ehdr, e_shnum), NUM_SECTIONS, swap);
		store_u16(to + offsetof(Elf32_Ehdr, e_shstrndx), NAMES_SECTION, swap);
	}
}

static void table_write(const struct object *object, uint64_t data_size, uint64_t align,
			uint8_t *to)
{
	const struct elf_section sections[NUM_SECTIONS] = {
		[DATA_SECTION] = { .type = SHT_PROGBITS,
				   .flags = SHF_ALLOC,
				   .off = object->data_off,
				   .size = data_size,
				   .align = align },
		[STACK_SECTION] = { .type = SHT_PROGBITS, .off = object->names_off, .align = 1 },
		[NAMES_SECTION] = { .type = SHT_STRTAB,
				    .off = object->names_off,
				    .size = object->names_size,
				    .align = 1 },
	};

	for (unsigned int i = DATA_SECTION; i < NUM_SECTIONS; i++)
		elf_section_header_encode(object->like, &sections[i], object->name_offs[i],
					  to + i * elf_section_header_size(object->like));
}

struct btfgen_error *elf_object_create(const struct elf_file *like, const char *section_name,
				       struct span data, uint64_t align, uint8_t **ret_bytes,
				       size_t *ret_size)
{
	struct object object = { .like = like };
	uint8_t *bytes, *names;

	object_plan(&object, section_name, data.size, align);
	if (!like->is_64 && object.size > UINT32_MAX)
		return error_create(BTFGEN_ERROR_LIMIT, "object would exceed the 4 GiB of ELF32");
	bytes = calloc(1, object.size);
	if (!bytes)
		return error_nomem();
	header_write(&object, bytes);
	memcpy(bytes + object.data_off, data.data, data.size);
	names = bytes + object.names_off;
	strcpy((char *)names + object.name_offs[DATA_SECTION], section_name);
	memcpy(names + object.name_offs[STACK_SECTION], stack_name, sizeof(stack_name));
	memcpy(names + object.name_offs[NAMES_SECTION], names_name, sizeof(names_name));
	table_write(&object, data.size, align, bytes + object.table_off);
	*ret_bytes = bytes;
	*ret_size = object.size;
	return NULL;
}
