// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf_symtab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>

#include "lib/base/name_table.h"
#include "lib/base/span.h"
#include "lib/base/vec.h"
#include "lib/elf/relocate.h"
#include "section_choice.h"

struct elf_symtab {
	VEC(struct symtab_section) sections;
	VEC(struct symtab_symbol) objects;
	VEC(struct symtab_range) ranges;
	VEC(struct symtab_range) allocated; /* sorted by (start, section) */
	VEC(struct symtab_function) functions;
	VEC(struct symtab_kfunc) kfuncs;
	VEC(struct symtab_btf_id) btf_ids;
};

enum { MAX_SECTION_NAME = 511 };

/* What the symbols of a section are asked for, beside objects. */
enum section_role { ROLE_NONE, ROLE_FUNCTIONS, ROLE_BTF_IDS, ROLE_DESCRIPTORS };

/* A symbol of .BTF_ids. */
struct id_symbol {
	const char *name; /* of the function or of the set */
	uint32_t name_size;
	uint32_t section;
	uint64_t off;
	uint64_t size;
	uint8_t header_size; /* of a set, before its first id */
};

/* Bytes start <= b < end of a section hold the ids of a set, or of several that overlap. */
struct id_range {
	uint32_t section;
	uint64_t start;
	uint64_t end;
	bool has_kfuncs;
};

/* Everything that one pass over a symbol table needs; checked once. */
struct symbol_reader {
	Elf *elf;
	struct elf_relocator *relocator; /* NULL for linked files */
	const char *table_name;
	struct span table;
	struct span strings;
	size_t names_end;	     /* names that start below end inside the table */
	struct span section_indexes; /* SHT_SYMTAB_SHNDX; data is NULL without one */
	struct span descriptors;     /* of the last section that was asked for them */
	uint32_t descriptor_section;
	bool descriptors_owned;
	size_t entry_size;
	uint64_t isa_bit; /* the bit of a function's value that is not its address */
	bool is_64;
	bool swap;
	bool relocatable;
	uint8_t *roles; /* enum section_role by section */
	VEC(struct id_symbol) id_functions;
	VEC(struct id_symbol) id_sets;
	VEC(struct id_range) id_ranges; /* sorted, apart from each other */
	struct span ids;		/* of the last section that was asked for */
	uint32_t ids_section;
};

/* Memory that vmlinux gives back: from __init_begin to __init_end. */
struct freed_range {
	uint64_t start;
	uint64_t end;
	bool has_start;
	bool has_end;
};

/* An entry of the symbol table, decoded. */
struct raw_symbol {
	uint32_t name_off;
	uint32_t section;
	uint64_t value;
	uint64_t size;
	uint8_t info;
	uint8_t other;
};

/* The per-CPU section has data, whatever else it may say. */
static enum section_wish section_wish(const struct symtab_section *section,
				      const struct section_choice *choice)
{
	bool is_data = section->type == SHT_PROGBITS || section->type == SHT_NOBITS;

	if (!(section->flags & SHF_ALLOC) || section->flags & SHF_TLS)
		return SECTION_UNWANTED;
	if (symtab_section_is_percpu(section) && !is_data)
		return SECTION_UNWANTED;
	if (choice)
		return section_choice_of(choice, section->name);
	return symtab_section_is_percpu(section) ? SECTION_NAMED : SECTION_UNWANTED;
}

/* As kernels before 6.11 want it; type_store_string_is_identifier() says the same of names. */
static bool section_name_is_good(const char *name)
{
	static const char digits[] = "0123456789";
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_."
				     "0123456789";
	size_t size = strlen(name);

	return size && size <= MAX_SECTION_NAME && !strchr(digits, *name) &&
	       strspn(name, others) == size;
}

/* What the name tells of a section that `all` brought in. */
static enum section_left_out left_out_by_name(const struct symtab_section *section,
					      bool relocatable)
{
	static const char *const dropped[] = { ".modinfo", "__versions", "__version_ext_crcs",
					       "__version_ext_names" };

	if (strncmp(section->name, ".init", 5) == 0)
		return SECTION_FREED;
	if (strncmp(section->name, ".hyp.", 5) == 0)
		return SECTION_HYPERVISOR;
	for (size_t i = 0; relocatable && i < sizeof(dropped) / sizeof(dropped[0]); i++) {
		if (strcmp(section->name, dropped[i]) == 0)
			return SECTION_NOT_LOADED;
	}
	return SECTION_TAKEN;
}

static struct btfgen_error *read_sections(struct elf_symtab *symtab, Elf *elf,
					  const struct elf_relocator *relocator,
					  const struct section_choice *choice)
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
		enum section_wish wish = SECTION_UNWANTED;
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
			if (relocator)
				section.addr = elf_relocator_section_addr(relocator, i);
			wish = section_wish(&section, choice);
			section.included = wish != SECTION_UNWANTED;
			section.by_all = wish == SECTION_BY_ALL;
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

/*
 * Sections may overlap (the copies of arm's exception vectors do). An address belongs to the one
 * that starts last then, so that one search answers.
 */
static struct btfgen_error *collect_allocated(struct elf_symtab *symtab)
{
	for (size_t i = 1; i < symtab->sections.num; i++) {
		const struct symtab_section *section = &symtab->sections.data[i];
		struct symtab_range range = { .start = section->addr, .section = i };

		/* Thread-local zeroes have an address, but take none. */
		if (!(section->flags & SHF_ALLOC) || !section->size ||
		    (section->type == SHT_NOBITS && (section->flags & SHF_TLS)))
			continue;
		range.end = section->size > UINT64_MAX - section->addr ?
				    UINT64_MAX :
				    section->addr + section->size;
		if (!vec_push(&symtab->allocated, range))
			return error_nomem();
	}
	if (symtab->allocated.num)
		qsort(symtab->allocated.data, symtab->allocated.num,
		      sizeof(*symtab->allocated.data), range_compare);
	return NULL;
}

static void mark_left_out(struct elf_symtab *symtab, const struct freed_range *freed,
			  bool relocatable)
{
	for (size_t i = 1; i < symtab->sections.num; i++) {
		struct symtab_section *section = &symtab->sections.data[i];

		if (!section->included || symtab_section_is_percpu(section))
			continue;
		if (section->by_all)
			section->left_out = left_out_by_name(section, relocatable);
		if (section->by_all && !section->left_out && freed->has_start && freed->has_end &&
		    section->addr >= freed->start && section->addr < freed->end &&
		    section->size <= freed->end - section->addr)
			section->left_out = SECTION_FREED;
		if (!section->left_out &&
		    (section->size > UINT32_MAX || !section_name_is_good(section->name)))
			section->left_out = SECTION_BAD;
	}
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

		if (!section->included || section->left_out || !section->size)
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

/*
 * In version 1 of the 64-bit PowerPC ABI (e_flags' low two bits are 0 or 1) a function's symbol
 * names a descriptor, in section .opd, whose first word is the address of the code.
 */
static bool has_descriptors(const GElf_Ehdr *ehdr)
{
	return ehdr->e_machine == EM_PPC64 && ehdr->e_ident[EI_CLASS] == ELFCLASS64 &&
	       (ehdr->e_flags & EF_PPC64_ABI) < 2;
}

static uint8_t *section_roles(const struct elf_symtab *symtab, const GElf_Ehdr *ehdr)
{
	uint8_t *roles = calloc(symtab->sections.num, 1);
	bool seen_descriptors = false;

	for (size_t i = 1; roles && i < symtab->sections.num; i++) {
		const struct symtab_section *section = &symtab->sections.data[i];

		if (!strcmp(section->name, ".BTF_ids")) {
			roles[i] = ROLE_BTF_IDS;
		} else if (!(section->flags & SHF_ALLOC)) {
			roles[i] = ROLE_NONE;
		} else if (!strcmp(section->name, ".opd") && has_descriptors(ehdr)) {
			/* There is one: its bytes are prepared once. */
			roles[i] = seen_descriptors ? ROLE_NONE : ROLE_DESCRIPTORS;
			seen_descriptors = true;
		} else {
			roles[i] = ROLE_FUNCTIONS;
		}
	}
	return roles;
}

static struct btfgen_error *reader_open(const struct elf_symtab *symtab, Elf *elf,
					struct elf_relocator *relocator, size_t index,
					struct symbol_reader *ret_reader)
{
	const char *name = symtab->sections.data[index].name;
	struct symbol_reader reader = { .elf = elf, .relocator = relocator, .table_name = name };
	struct btfgen_error *err;
	const uint8_t *last;
	GElf_Shdr shdr, other;
	GElf_Ehdr ehdr;

	if (!gelf_getehdr(elf, &ehdr) || !gelf_getshdr(elf_getscn(elf, index), &shdr))
		return error_create_at(name, 0, "header cannot be read: %s", elf_errmsg(-1));
	reader.is_64 = ehdr.e_ident[EI_CLASS] == ELFCLASS64;
	reader.swap = (ehdr.e_ident[EI_DATA] == ELFDATA2MSB) != HOST_BIG_ENDIAN;
	reader.relocatable = ehdr.e_type == ET_REL;
	reader.isa_bit = ehdr.e_machine == EM_ARM || ehdr.e_machine == EM_MIPS;
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
	last = reader.strings.size ? memrchr(reader.strings.data, 0, reader.strings.size) : NULL;
	reader.names_end = last ? (size_t)(last - reader.strings.data) + 1 : 0;

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
	reader.roles = section_roles(symtab, &ehdr);
	if (!reader.roles)
		return error_nomem();
	*ret_reader = reader;
	return NULL;
}

static void reader_close(struct symbol_reader *reader)
{
	free(reader->roles);
	elf_relocated_free(&reader->descriptors, reader->descriptors_owned);
	vec_deinit(&reader->id_functions);
	vec_deinit(&reader->id_sets);
	vec_deinit(&reader->id_ranges);
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
	if (name_off >= reader->names_end)
		return error_create_at(reader->table_name, symbol_off,
				       "symbol's name at 0x%" PRIx32
				       " does not end inside the table of names",
				       name_off);
	*ret_name = (const char *)reader->strings.data + name_off;
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

/* Below the section's address this wraps and lies outside of any section. */
static uint64_t symbol_off(const struct symbol_reader *reader, const struct symtab_section *section,
			   uint64_t value)
{
	return reader->relocatable ? value : value - section->addr;
}

static struct btfgen_error *add_object(struct elf_symtab *symtab,
				       const struct symbol_reader *reader, size_t index,
				       const struct raw_symbol *raw)
{
	const struct symtab_section *section = &symtab->sections.data[raw->section];
	uint64_t entry_off = (uint64_t)index * reader->entry_size;
	struct symtab_symbol symbol = {
		.off = symbol_off(reader, section, raw->value),
		.size = raw->size,
		.section = raw->section,
		.index = index,
		.bind = bind_strength(raw->info),
		.visibility = GELF_ST_VISIBILITY(raw->other),
	};
	struct btfgen_error *err = symbol_name(reader, entry_off, raw->name_off, &symbol.name);

	if (err)
		return err;
	/* Linkers place marks (`__TMC_END__`) behind a section's end and say that they are objects. */
	if (!symbol.size && symbol.off > section->size && !symtab_section_is_percpu(section))
		return NULL;
	if (!range_fits(symbol.off, symbol.size, section->size))
		return error_create_at(reader->table_name, entry_off,
				       "symbol '%s' lies outside its section '%s'", symbol.name,
				       section->name);
	return vec_push(&symtab->objects, symbol) ? NULL : error_nomem();
}

/* Makes reader->descriptors the bytes of a section, relocated; of size 0 if the file has none. */
static struct btfgen_error *descriptors_open(const struct elf_symtab *symtab,
					     struct symbol_reader *reader, uint32_t section)
{
	const struct elf_section header = { .index = section };
	struct span plain = { 0 };
	struct btfgen_error *err;

	elf_relocated_free(&reader->descriptors, reader->descriptors_owned);
	reader->descriptors_owned = false;
	reader->descriptor_section = section;
	err = section_span(symtab, reader->elf, section, &plain);
	if (err) {
		error_free(err);
		return NULL;
	}
	if (reader->relocator)
		return elf_relocate_section(reader->relocator, &header, plain, false,
					    &reader->descriptors, &reader->descriptors_owned);
	if (!reader->relocatable)
		reader->descriptors = plain;
	return NULL;
}

/* Goes from a function's descriptor to its code; to section 0 if that cannot be found. */
static struct btfgen_error *follow_descriptor(const struct elf_symtab *symtab,
					      struct symbol_reader *reader, struct raw_symbol *raw)
{
	uint64_t addr, off = symbol_off(reader, &symtab->sections.data[raw->section], raw->value);
	struct btfgen_error *err;

	if (reader->descriptor_section != raw->section) {
		err = descriptors_open(symtab, reader, raw->section);
		if (err)
			return err;
	}
	raw->section = 0;
	if (!range_fits(off, 8, reader->descriptors.size))
		return NULL;
	addr = load_u64(reader->descriptors.data + off, reader->swap);
	raw->section = elf_symtab_section_of(symtab, addr);
	raw->value = reader->relocatable ? addr - symtab->sections.data[raw->section].addr : addr;
	return NULL;
}

/* True if one of the components of a suffix, each behind a dot, marks a piece of a function. */
static bool suffix_is_part(const char *suffix)
{
	static const char *const marks[] = { "cold", "part", "__part" };

	while (*suffix == '.') {
		size_t size = strcspn(++suffix, ".");

		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			if (strlen(marks[i]) == size && !memcmp(suffix, marks[i], size))
				return true;
		}
		suffix += size;
	}
	return false;
}

/*
 * Bytes in front of a function: room for a longer prologue (x86 kernels), the hash of its type
 * (kCFI). Their symbols are functions' by type only; nobody calls them.
 */
static bool name_is_padding(const char *name)
{
	return strncmp(name, "__pfx_", 6) == 0 || strncmp(name, "__cfi_", 6) == 0;
}

/*
 * A symbol outside its section is no function, and a size that is too large is cut: linker scripts
 * and hand-written assembly make such, and no harm is done by them.
 */
static struct btfgen_error *add_function(struct elf_symtab *symtab, struct symbol_reader *reader,
					 size_t index, struct raw_symbol raw)
{
	const struct symtab_section *section;
	struct symtab_function function;
	struct btfgen_error *err;

	if (reader->roles[raw.section] == ROLE_DESCRIPTORS) {
		err = follow_descriptor(symtab, reader, &raw);
		if (err || !raw.section)
			return err;
	}
	section = &symtab->sections.data[raw.section];
	function = (struct symtab_function){
		.off = symbol_off(reader, section, raw.value & ~reader->isa_bit),
		.size = raw.size,
		.section = raw.section,
		.index = index,
		.bind = bind_strength(raw.info),
		.visibility = GELF_ST_VISIBILITY(raw.other),
	};
	if (function.off >= section->size)
		return NULL;
	if (function.size > section->size - function.off)
		function.size = section->size - function.off;
	err = symbol_name(reader, (uint64_t)index * reader->entry_size, raw.name_off,
			  &function.name);
	if (err)
		return err;
	if (name_is_padding(function.name))
		return NULL;
	/* A dot in front is part of the name: ppc64's symbols of code have it. */
	if (*function.name) {
		function.name_size = 1 + strcspn(function.name + 1, ".");
		function.is_part = suffix_is_part(function.name + function.name_size);
	}
	return vec_push(&symtab->functions, function) ? NULL : error_nomem();
}

/*
 * include/linux/btf_ids.h: `__BTF_ID__func__NAME__N` stands before the id of function NAME, with a
 * number N that makes the symbol unique; `__BTF_ID__set__LIST` before a set of ids, which is their
 * number and the ids, and `__BTF_ID__set8__LIST` before one of pairs, which is their number, flags
 * of the set, and pairs of an id and its flags. A set's symbol has its size.
 */
static struct btfgen_error *add_id(const struct elf_symtab *symtab, struct symbol_reader *reader,
				   size_t index, const struct raw_symbol *raw)
{
	static const char func[] = "__BTF_ID__func__", set[] = "__BTF_ID__set__";
	static const char set8[] = "__BTF_ID__set8__";
	const struct symtab_section *section = &symtab->sections.data[raw->section];
	struct id_symbol symbol = {
		.section = raw->section,
		.off = symbol_off(reader, section, raw->value),
		.size = raw->size,
	};
	const char *name = NULL, *end;
	struct btfgen_error *err;

	err = symbol_name(reader, (uint64_t)index * reader->entry_size, raw->name_off, &name);
	if (err)
		return err;
	if (!strncmp(name, set8, sizeof(set8) - 1) || !strncmp(name, set, sizeof(set) - 1)) {
		symbol.header_size = name[sizeof(set) - 3] == '8' ? 8 : 4;
		symbol.name = name + sizeof(set) - (symbol.header_size == 4);
		symbol.name_size = strlen(symbol.name);
		return vec_push(&reader->id_sets, symbol) ? NULL : error_nomem();
	}
	if (strncmp(name, func, sizeof(func) - 1))
		return NULL;
	symbol.name = name + sizeof(func) - 1;
	end = strrchr(symbol.name, '_');
	if (!end || end - symbol.name < 2 || end[-1] != '_')
		return NULL;
	symbol.name_size = end - 1 - symbol.name;
	return vec_push(&reader->id_functions, symbol) ? NULL : error_nomem();
}

static void symbol_decode(const struct symbol_reader *reader, const uint8_t *p,
			  struct raw_symbol *raw)
{
	raw->name_off = load_u32(p, reader->swap);
	if (reader->is_64) {
		raw->other = p[5];
		raw->value = load_u64(p + 8, reader->swap);
		raw->size = load_u64(p + 16, reader->swap);
	} else {
		raw->value = load_u32(p + 4, reader->swap);
		raw->size = load_u32(p + 8, reader->swap);
		raw->other = p[13];
	}
}

/* One pass; section and type decide first, because most symbols are of no interest. */
static struct btfgen_error *read_symbols(struct elf_symtab *symtab, struct symbol_reader *reader)
{
	size_t num = reader->table.size / reader->entry_size;
	struct btfgen_error *err;

	for (size_t i = 1; i < num; i++) {
		uint64_t entry_off = (uint64_t)i * reader->entry_size;
		const uint8_t *p = reader->table.data + entry_off;
		struct raw_symbol raw = {
			.info = p[reader->is_64 ? 4 : 12],
			.section = load_u16(p + (reader->is_64 ? 6 : 14), reader->swap),
		};
		uint8_t role, type = GELF_ST_TYPE(raw.info);

		if (raw.section == SHN_XINDEX) {
			err = symbol_section(reader, i, &raw.section);
			if (err)
				return err;
		} else if (raw.section >= SHN_LORESERVE) {
			continue;
		}
		if (raw.section >= symtab->sections.num)
			return error_create_at(reader->table_name, entry_off,
					       "symbol is in section %" PRIu32 " of %zu",
					       raw.section, symtab->sections.num);
		role = reader->roles[raw.section];
		if (role == ROLE_NONE ||
		    (role != ROLE_BTF_IDS && type != STT_FUNC && type != STT_OBJECT))
			continue;
		symbol_decode(reader, p, &raw);
		err = NULL;
		if (role == ROLE_BTF_IDS)
			err = add_id(symtab, reader, i, &raw);
		else if (type == STT_FUNC)
			err = add_function(symtab, reader, i, raw);
		if (!err && type == STT_OBJECT && symtab->sections.data[raw.section].included)
			err = add_object(symtab, reader, i, &raw);
		if (err)
			return err;
	}
	return NULL;
}

/* One more pass, over all that kallsyms may list; entries were checked by the first. */
static void count_names(const struct symbol_reader *reader, struct name_table *table,
			struct freed_range *freed)
{
	size_t num = reader->table.size / reader->entry_size;

	for (size_t i = 1; i < num; i++) {
		const uint8_t *p = reader->table.data + i * reader->entry_size;
		uint16_t section = load_u16(p + (reader->is_64 ? 6 : 14), reader->swap);
		uint8_t type = GELF_ST_TYPE(p[reader->is_64 ? 4 : 12]);
		uint32_t name_off = load_u32(p, reader->swap);
		struct raw_symbol raw;
		const char *name;

		if (section == SHN_UNDEF || type == STT_SECTION || type == STT_FILE ||
		    name_off >= reader->names_end)
			continue;
		name = (const char *)reader->strings.data + name_off;
		name_table_count(table, name);
		if (strncmp(name, "__init_", 7) != 0 || reader->relocatable)
			continue;
		symbol_decode(reader, p, &raw);
		if (strcmp(name, "__init_begin") == 0) {
			freed->start = raw.value;
			freed->has_start = true;
		} else if (strcmp(name, "__init_end") == 0) {
			freed->end = raw.value;
			freed->has_end = true;
		}
	}
}

static bool object_needs_name(const struct elf_symtab *symtab, const struct symtab_symbol *symbol)
{
	return !symtab_section_is_percpu(&symtab->sections.data[symbol->section]);
}

/* Whose the objects' names are. Nothing needs to be read for per-CPU variables alone. */
static struct btfgen_error *mark_names(struct elf_symtab *symtab,
				       const struct symbol_reader *reader,
				       const struct name_table *base_names)
{
	struct freed_range freed = { 0 };
	struct name_table table = { 0 };
	bool is_needed = false;

	for (size_t i = 0; i < symtab->objects.num; i++) {
		const struct symtab_symbol *symbol = &symtab->objects.data[i];

		if (!object_needs_name(symtab, symbol))
			continue;
		is_needed = true;
		if (!name_table_insert(&table, symbol->name)) {
			name_table_deinit(&table);
			return error_nomem();
		}
	}
	if (is_needed)
		count_names(reader, &table, &freed);
	for (size_t i = 0; i < symtab->objects.num; i++) {
		struct symtab_symbol *symbol = &symtab->objects.data[i];

		if (!object_needs_name(symtab, symbol))
			continue;
		if (name_table_get(&table, symbol->name) > 1)
			symbol->name_use = NAME_SHARED;
		else if (base_names && name_table_has(base_names, symbol->name))
			symbol->name_use = NAME_OF_BASE;
	}
	name_table_deinit(&table);
	mark_left_out(symtab, &freed, reader->relocatable);
	return NULL;
}

static int name_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

	return order ? order : a_size < b_size ? -1 : a_size > b_size;
}

static int btf_id_compare(const void *pa, const void *pb)
{
	const struct symtab_btf_id *a = pa, *b = pb;

	return name_compare(a->name, a->name_size, b->name, b->name_size);
}

static int kfunc_compare(const void *pa, const void *pb)
{
	const struct symtab_kfunc *a = pa, *b = pb;

	return name_compare(a->name, a->name_size, b->name, b->name_size);
}

static int id_symbol_compare(const void *pa, const void *pb)
{
	const struct id_symbol *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->off < b->off ? -1 : a->off > b->off;
}

/* Makes reader->ids the bytes of a section; of size 0 if the file does not hold them. */
static struct btfgen_error *ids_open(const struct elf_symtab *symtab, struct symbol_reader *reader,
				     uint32_t section)
{
	struct btfgen_error *err = NULL;

	if (reader->ids_section == section)
		return NULL;
	reader->ids = (struct span){ 0 };
	/* Separate debug information keeps the symbols and leaves the contents out. */
	if (symtab->sections.data[section].type != SHT_NOBITS)
		err = section_span(symtab, reader->elf, section, &reader->ids);
	reader->ids_section = section;
	return err;
}

static struct btfgen_error *collect_id_ranges(const struct elf_symtab *symtab,
					      struct symbol_reader *reader)
{
	if (reader->id_sets.num)
		qsort(reader->id_sets.data, reader->id_sets.num, sizeof(*reader->id_sets.data),
		      id_symbol_compare);
	for (size_t i = 0; i < reader->id_sets.num; i++) {
		const struct id_symbol *set = &reader->id_sets.data[i];
		struct btfgen_error *err = ids_open(symtab, reader, set->section);
		struct id_range *last, range = {
			.section = set->section,
			.start = set->off + set->header_size,
			.end = set->off + set->size,
		};

		if (err)
			return err;
		if (!reader->ids.data)
			continue;
		if (set->size < set->header_size ||
		    !range_fits(set->off, set->size, reader->ids.size))
			return error_create_at(symtab->sections.data[set->section].name, set->off,
					       "set '%.*s' cannot have %" PRIu64 " bytes there",
					       (int)set->name_size, set->name, set->size);
		range.has_kfuncs = set->header_size == 8 &&
				   load_u32(reader->ids.data + set->off + 4, reader->swap) & 1;
		last = reader->id_ranges.num ? &reader->id_ranges.data[reader->id_ranges.num - 1] :
					       NULL;
		if (last && last->section == range.section && set->off < last->end) {
			if (last->end < range.end)
				last->end = range.end;
			last->has_kfuncs |= range.has_kfuncs;
		} else if (!vec_push(&reader->id_ranges, range)) {
			return error_nomem();
		}
	}
	return NULL;
}

static int id_name_compare(const void *pa, const void *pb)
{
	const struct id_symbol *a = pa, *b = pb;

	return name_compare(a->name, a->name_size, b->name, b->name_size);
}

/*
 * True if the ids that stand alone are filled in and rise with the names of their functions, as
 * ids from an encoder that sorts functions by name do. A few could by chance.
 */
static struct btfgen_error *ids_rise_with_names(const struct elf_symtab *symtab,
						struct symbol_reader *reader, bool *ret_rise)
{
	enum { MIN_IDS = 8 };
	VEC(struct id_symbol) alone = { 0 };
	size_t num_ids = 0, range = 0;
	struct btfgen_error *err = NULL;
	uint32_t last_id = 0;
	bool rise = true;

	for (size_t i = 0; !err && i < reader->id_functions.num; i++) {
		struct id_symbol id = reader->id_functions.data[i];
		const struct id_range *ranges = reader->id_ranges.data;

		while (range < reader->id_ranges.num &&
		       (ranges[range].section < id.section ||
			(ranges[range].section == id.section && ranges[range].end <= id.off)))
			range++;
		if (range < reader->id_ranges.num && ranges[range].section == id.section &&
		    ranges[range].start <= id.off)
			continue;
		err = ids_open(symtab, reader, id.section);
		if (err || !range_fits(id.off, 4, reader->ids.size))
			continue;
		id.size = load_u32(reader->ids.data + id.off, reader->swap);
		if (id.size && !vec_push(&alone, id))
			err = error_nomem();
	}
	if (!err && alone.num)
		qsort(alone.data, alone.num, sizeof(*alone.data), id_name_compare);
	for (size_t i = 0; !err && i < alone.num; i++) {
		if (i && !id_name_compare(&alone.data[i - 1], &alone.data[i])) {
			rise = rise && alone.data[i].size == last_id;
			continue;
		}
		rise = rise && alone.data[i].size > last_id;
		last_id = alone.data[i].size;
		num_ids++;
	}
	vec_deinit(&alone);
	if (!err)
		*ret_rise = rise && num_ids >= MIN_IDS;
	return err;
}

/*
 * The functions of one kfunc set with their flags.
 *
 * The build step that fills in the ids sorts the pairs by id, flags and all, but not the symbols:
 * from then on a symbol does not tell whose flags stand behind it. Where ids rise with names, the
 * order of names is that of the pairs. Else flags are known only if all are equal.
 */
static struct btfgen_error *collect_set(struct elf_symtab *symtab, struct symbol_reader *reader,
					const struct id_range *range, struct id_symbol *ids,
					size_t num, bool rise)
{
	const struct span *bytes = &reader->ids;
	bool is_sorted = false, is_equal = true, is_usable = true;
	uint32_t last_id = 0, first_flags = 0;

	for (size_t i = 0; i < num; i++) {
		uint32_t id, flags;

		if (range->end - ids[i].off < 8)
			return error_create_at(symtab->sections.data[range->section].name,
					       ids[i].off,
					       "flags of '%.*s' do not lie inside the set",
					       (int)ids[i].name_size, ids[i].name);
		id = load_u32(bytes->data + ids[i].off, reader->swap);
		flags = load_u32(bytes->data + ids[i].off + 4, reader->swap);
		is_sorted |= id;
		if (!i)
			first_flags = flags;
		is_equal &= flags == first_flags;
		/* Each function once, and one symbol for each pair. */
		is_usable &= id > last_id && ids[i].off == range->start + 8 * i;
		last_id = id;
	}
	is_usable &= range->end - range->start == 8 * num;
	if (!is_equal && is_usable && rise) {
		/* Offsets are put back, in their order, behind the names in theirs. */
		qsort(ids, num, sizeof(*ids), id_name_compare);
		for (size_t i = 0; i < num; i++)
			ids[i].off = range->start + 8 * i;
	}
	for (size_t i = 0; i < num; i++) {
		struct symtab_kfunc kfunc = { .name = ids[i].name, .name_size = ids[i].name_size };

		if (!is_sorted || is_equal || (is_usable && rise))
			kfunc.flags = load_u32(bytes->data + ids[i].off + 4, reader->swap);
		if (!vec_push(&symtab->kfuncs, kfunc))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *collect_kfuncs(struct elf_symtab *symtab, struct symbol_reader *reader)
{
	struct id_symbol *ids = reader->id_functions.data;
	size_t num = reader->id_functions.num, i = 0, unique = 0;
	struct btfgen_error *err;
	bool rise = false;

	if (!reader->id_ranges.num)
		return NULL;
	err = ids_rise_with_names(symtab, reader, &rise);
	for (size_t r = 0; !err && r < reader->id_ranges.num; r++) {
		const struct id_range *range = &reader->id_ranges.data[r];
		size_t first;

		while (i < num && (ids[i].section < range->section ||
				   (ids[i].section == range->section && ids[i].off < range->start)))
			i++;
		first = i;
		while (i < num && ids[i].section == range->section && ids[i].off < range->end)
			i++;
		if (!range->has_kfuncs)
			continue;
		err = ids_open(symtab, reader, range->section);
		if (!err)
			err = collect_set(symtab, reader, range, ids + first, i - first, rise);
	}
	if (err)
		return err;
	if (symtab->kfuncs.num)
		qsort(symtab->kfuncs.data, symtab->kfuncs.num, sizeof(*symtab->kfuncs.data),
		      kfunc_compare);
	for (i = 0; i < symtab->kfuncs.num; i++) {
		const struct symtab_kfunc *kfunc = &symtab->kfuncs.data[i];

		if (!unique || kfunc_compare(&symtab->kfuncs.data[unique - 1], kfunc))
			symtab->kfuncs.data[unique++] = *kfunc;
		else
			symtab->kfuncs.data[unique - 1].flags |= kfunc->flags;
	}
	symtab->kfuncs.num = unique;
	return NULL;
}

static struct btfgen_error *collect_ids(struct elf_symtab *symtab, struct symbol_reader *reader)
{
	struct btfgen_error *err;
	size_t num = 0;

	if (!reader->id_functions.num)
		return NULL;
	for (size_t i = 0; i < reader->id_functions.num; i++) {
		const struct id_symbol *id = &reader->id_functions.data[i];

		if (!vec_push(&symtab->btf_ids, (struct symtab_btf_id){ id->name, id->name_size }))
			return error_nomem();
	}
	qsort(symtab->btf_ids.data, symtab->btf_ids.num, sizeof(*symtab->btf_ids.data),
	      btf_id_compare);
	for (size_t i = 0; i < symtab->btf_ids.num; i++) {
		const struct symtab_btf_id *id = &symtab->btf_ids.data[i];

		if (!num || btf_id_compare(&symtab->btf_ids.data[num - 1], id))
			symtab->btf_ids.data[num++] = *id;
	}
	symtab->btf_ids.num = num;

	err = collect_id_ranges(symtab, reader);
	if (err)
		return err;
	qsort(reader->id_functions.data, reader->id_functions.num,
	      sizeof(*reader->id_functions.data), id_symbol_compare);
	return collect_kfuncs(symtab, reader);
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

/*
 * Sorts by (section, off), and by index because that is the order of arrival and no step changes
 * the order of equals: one step for each digit of 11 bits in which keys differ at all, four for a
 * kernel. A comparison sort takes twice as long (100,000 functions: 12 ms).
 */
static struct btfgen_error *sort_functions(struct elf_symtab *symtab)
{
	enum { DIGIT_BITS = 11, NUM_VALUES = 1 << DIGIT_BITS };
	struct key {
		uint64_t off;
		uint32_t section;
		uint32_t place;
	};
	size_t num = symtab->functions.num;
	struct key *keys = calloc(num ? num : 1, 2 * sizeof(*keys)), *from = keys, *to = keys + num;
	struct symtab_function *functions = symtab->functions.data;
	uint64_t off_bits = 0, section_bits = 0;

	if (!keys)
		return error_nomem();
	for (size_t i = 0; i < num; i++) {
		keys[i] = (struct key){ functions[i].off, functions[i].section, i };
		off_bits |= keys[i].off ^ keys[0].off;
		section_bits |= keys[i].section ^ keys[0].section;
	}
	for (unsigned int word = 0; word < 2; word++) {
		for (unsigned int shift = 0; shift < 64; shift += DIGIT_BITS) {
			size_t starts[NUM_VALUES + 1] = { 0 };
			struct key *other = from;

			if (!((word ? section_bits : off_bits) >> shift & (NUM_VALUES - 1)))
				continue;
			for (size_t i = 0; i < num; i++) {
				uint64_t value = word ? from[i].section : from[i].off;

				starts[(value >> shift & (NUM_VALUES - 1)) + 1]++;
			}
			for (size_t i = 1; i < NUM_VALUES; i++)
				starts[i] += starts[i - 1];
			for (size_t i = 0; i < num; i++) {
				uint64_t value = word ? from[i].section : from[i].off;

				to[starts[value >> shift & (NUM_VALUES - 1)]++] = from[i];
			}
			from = to;
			to = other;
		}
	}
	/* Cycle by cycle to their places, without a second array. */
	for (size_t i = 0; i < num; i++) {
		struct symtab_function first = functions[i];
		size_t at = i;

		while (from[at].place != i) {
			size_t next = from[at].place;

			functions[at] = functions[next];
			from[at].place = at;
			at = next;
		}
		functions[at] = first;
		from[at].place = at;
	}
	free(keys);
	return NULL;
}

static struct btfgen_error *symtab_fill(struct elf_symtab *symtab, Elf *elf,
					struct elf_relocator *relocator,
					const struct symtab_request *request)
{
	struct btfgen_error *err = read_sections(symtab, elf, relocator, request->choice);
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
	err = collect_allocated(symtab);
	if (!err)
		err = reader_open(symtab, elf, relocator, index, &reader);
	if (!err)
		err = read_symbols(symtab, &reader);
	if (!err)
		err = mark_names(symtab, &reader, request->base_names);
	if (!err)
		err = collect_ranges(symtab);
	if (!err)
		err = collect_ids(symtab, &reader);
	reader_close(&reader);
	if (err)
		return err;
	if (symtab->objects.num)
		qsort(symtab->objects.data, symtab->objects.num, sizeof(*symtab->objects.data),
		      symbol_compare);
	return sort_functions(symtab);
}

struct btfgen_error *elf_symtab_read(struct Elf *elf, struct elf_relocator *relocator,
				     const struct symtab_request *request,
				     struct elf_symtab **ret_symtab)
{
	struct elf_symtab *symtab = calloc(1, sizeof(*symtab));
	struct btfgen_error *err;

	if (!symtab)
		return error_nomem();
	err = symtab_fill(symtab, elf, relocator, request);
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
	vec_deinit(&symtab->allocated);
	vec_deinit(&symtab->functions);
	vec_deinit(&symtab->kfuncs);
	vec_deinit(&symtab->btf_ids);
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

const struct symtab_range *elf_symtab_var_ranges(const struct elf_symtab *symtab, size_t *ret_num)
{
	*ret_num = symtab->ranges.num;
	return symtab->ranges.data;
}

const struct symtab_range *elf_symtab_find_address(const struct elf_symtab *symtab, uint64_t addr)
{
	size_t low = 0, high = symtab->ranges.num;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (symtab->ranges.data[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || addr >= symtab->ranges.data[low - 1].end)
		return NULL;
	return &symtab->ranges.data[low - 1];
}

const struct symtab_function *elf_symtab_functions(const struct elf_symtab *symtab, size_t *ret_num)
{
	*ret_num = symtab->functions.num;
	return symtab->functions.data;
}

uint32_t elf_symtab_section_of(const struct elf_symtab *symtab, uint64_t addr)
{
	size_t low = 0, high = symtab->allocated.num;
	const struct symtab_range *range;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (symtab->allocated.data[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return 0;
	range = &symtab->allocated.data[low - 1];
	return addr < range->end ? range->section : 0;
}

const struct symtab_kfunc *elf_symtab_kfuncs(const struct elf_symtab *symtab, size_t *ret_num)
{
	*ret_num = symtab->kfuncs.num;
	return symtab->kfuncs.data;
}

const struct symtab_btf_id *elf_symtab_btf_ids(const struct elf_symtab *symtab, size_t *ret_num)
{
	*ret_num = symtab->btf_ids.num;
	return symtab->btf_ids.data;
}
