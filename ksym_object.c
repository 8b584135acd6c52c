// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "ksym_object.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"

#ifndef EM_BPF
#define EM_BPF 247
#endif

/* Instructions of eight bytes: the first is the operation. */
enum { INSN_SIZE = 8, INSN_CALL = 0x85, INSN_LOAD = 0x18 };

/* Symbol to extern; symbols that are none have NO_EXTERN. */
#define NO_EXTERN UINT32_MAX

struct symbols {
	struct span table;
	struct span names; /* up to the last zero byte */
	size_t num;
	uint32_t *externs;
};

static struct btfgen_error *read_section(const struct elf_file *elf, uint32_t index,
					 const char *what, struct elf_section *ret_section,
					 struct span *ret_data)
{
	struct btfgen_error *err;

	if (index >= elf->num_sections)
		return error_create(BTFGEN_ERROR_INPUT,
				    "%s has the section index %" PRIu32 " of %" PRIu32, what, index,
				    elf->num_sections);
	err = elf_section_get(elf, index, ret_section);
	return err ? err : elf_section_data(elf, ret_section, ret_data);
}

static struct btfgen_error *find_symtab(const struct elf_file *elf, struct elf_section *ret_section,
					bool *ret_found)
{
	*ret_found = false;
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section;
		struct btfgen_error *err = elf_section_get(elf, i, &section);

		if (err)
			return err;
		if (section.type != SHT_SYMTAB)
			continue;
		if (*ret_found)
			return error_create(BTFGEN_ERROR_INPUT, "has two symbol tables");
		*ret_section = section;
		*ret_found = true;
	}
	return NULL;
}

static struct btfgen_error *open_symbols(const struct elf_file *elf,
					 const struct elf_section *symtab, struct symbols *symbols)
{
	struct elf_section names;
	struct btfgen_error *err;

	err = elf_section_data(elf, symtab, &symbols->table);
	if (!err)
		err = read_section(elf, symtab->link, "string table of the symbols", &names,
				   &symbols->names);
	if (err)
		return err;
	if (!symbols->table.data || symtab->entsize != sizeof(Elf64_Sym) ||
	    symbols->table.size % sizeof(Elf64_Sym))
		return error_create_at(symtab->name, 0, "no table of symbols of %zu bytes",
				       sizeof(Elf64_Sym));
	symbols->num = symbols->table.size / sizeof(Elf64_Sym);
	if (symbols->num >= NO_EXTERN)
		return error_create_at(symtab->name, 0, "too many symbols");
	if (!symbols->names.data)
		symbols->names.size = 0;
	while (symbols->names.size && symbols->names.data[symbols->names.size - 1])
		symbols->names.size--;
	symbols->externs = malloc((symbols->num + 1) * sizeof(*symbols->externs));
	return symbols->externs ? NULL : error_nomem();
}

static const uint8_t *symbol_at(const struct symbols *symbols, size_t i)
{
	return symbols->table.data + i * sizeof(Elf64_Sym);
}

static struct btfgen_error *read_symbols(const struct elf_file *elf, const char *section,
					 struct symbols *symbols, struct ksym_object *object)
{
	for (size_t i = 0; i < symbols->num; i++) {
		const uint8_t *symbol = symbol_at(symbols, i);
		uint32_t name = load_u32(symbol + offsetof(Elf64_Sym, st_name), elf->swap);
		uint16_t where = load_u16(symbol + offsetof(Elf64_Sym, st_shndx), elf->swap);
		uint8_t info = symbol[offsetof(Elf64_Sym, st_info)];
		uint8_t bind = ELF64_ST_BIND(info);
		struct ksyms_extern ext = { .is_weak = bind == STB_WEAK };

		symbols->externs[i] = NO_EXTERN;
		if (where != SHN_UNDEF || (bind != STB_GLOBAL && bind != STB_WEAK) ||
		    ELF64_ST_TYPE(info) != STT_NOTYPE)
			continue;
		if (name >= symbols->names.size)
			return error_create_at(section, i * sizeof(Elf64_Sym),
					       "name of a symbol lies outside the string table");
		ext.name = (const char *)symbols->names.data + name;
		if (!*ext.name)
			continue;
		symbols->externs[i] = (uint32_t)object->externs.num;
		if (!vec_push(&object->externs, ext))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *count_uses(const struct elf_file *elf,
				       const struct elf_section *section, struct span code,
				       const struct symbols *symbols, struct ksym_object *object)
{
	struct btfgen_error *err;
	struct span relocs;

	err = elf_section_data(elf, section, &relocs);
	if (err)
		return err;
	if (relocs.size % sizeof(Elf64_Rel))
		return error_create_at(section->name, 0, "no table of relocations of %zu bytes",
				       sizeof(Elf64_Rel));
	for (size_t at = 0; at < relocs.size; at += sizeof(Elf64_Rel)) {
		uint64_t off = load_u64(relocs.data + at, elf->swap);
		uint64_t info = load_u64(relocs.data + at + offsetof(Elf64_Rel, r_info), elf->swap);
		struct ksyms_extern *ext;

		if (ELF64_R_SYM(info) >= symbols->num)
			return error_create_at(section->name, at, "there is no symbol %" PRIu64,
					       (uint64_t)ELF64_R_SYM(info));
		if (!range_fits(off, INSN_SIZE, code.size) || off % INSN_SIZE)
			return error_create_at(section->name, at,
					       "there is no instruction at %#" PRIx64, off);
		if (symbols->externs[ELF64_R_SYM(info)] == NO_EXTERN)
			continue;
		ext = &object->externs.data[symbols->externs[ELF64_R_SYM(info)]];
		if (code.data[off] == INSN_CALL)
			ext->num_calls++;
		else if (code.data[off] == INSN_LOAD)
			ext->num_loads++;
	}
	return NULL;
}

static struct btfgen_error *read_uses(const struct elf_file *elf, const struct symbols *symbols,
				      struct ksym_object *object)
{
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section, target;
		struct btfgen_error *err = elf_section_get(elf, i, &section);
		struct span code;

		if (err)
			return err;
		if (section.type != SHT_REL)
			continue;
		err = read_section(elf, section.info, section.name, &target, &code);
		if (!err && (target.flags & SHF_EXECINSTR) && code.data)
			err = count_uses(elf, &section, code, symbols, object);
		if (err)
			return err;
	}
	return NULL;
}

static struct btfgen_error *read_externs(const struct elf_file *elf, struct ksym_object *object)
{
	struct symbols symbols = {};
	struct elf_section symtab;
	struct btfgen_error *err;
	bool found;

	err = find_symtab(elf, &symtab, &found);
	if (err || !found)
		return err;
	err = open_symbols(elf, &symtab, &symbols);
	if (!err)
		err = read_symbols(elf, symtab.name, &symbols, object);
	if (!err)
		err = read_uses(elf, &symbols, object);
	free(symbols.externs);
	return err;
}

static struct btfgen_error *open_object(struct ksym_object *object)
{
	struct btf_source *source = &object->source;
	const struct elf_file *elf = &source->elf;
	struct btfgen_error *err = NULL;

	if (!source->is_elf || !elf->is_64 || elf->type != ET_REL ||
	    (elf->machine != EM_BPF && elf->machine != EM_NONE))
		return error_create(BTFGEN_ERROR_INPUT,
				    "is no BPF object (clang -target bpf makes them)");
	if (source->btf.data) {
		err = btf_view_open(source->btf, NULL, &source->view);
		object->has_btf = !err;
	}
	return err ? err : read_externs(elf, object);
}

struct btfgen_error *ksym_object_open(const char *path, struct ksym_object *ret_object)
{
	struct ksym_object object = {};
	struct btfgen_error *err;

	err = btf_source_read(path, &object.source);
	if (err)
		return err;
	err = error_in_file(open_object(&object), path);
	if (err) {
		ksym_object_close(&object);
		return err;
	}
	*ret_object = object;
	return NULL;
}

void ksym_object_close(struct ksym_object *object)
{
	vec_deinit(&object->externs);
	btf_source_close(&object->source);
}
