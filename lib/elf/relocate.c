// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A kernel's modules have a hundred million relocations, nearly all of them "store symbol plus
 * addend in 4 or 8 bytes". So nothing is looked up for an entry but two array elements: the
 * symbol's address, computed once for the whole table, and the operation of the type. One loop is
 * compiled for each form of entries.
 *
 * Types and what they do, by machine:
 *   x86-64, i386	System V ABI, processor supplements, "Relocation Types"
 *   arm, aarch64	ELF for the Arm Architecture; ELF for the Arm 64-bit Architecture
 *   s390x		ELF Application Binary Interface, s390x Supplement
 *   ppc, ppc64		Power Architecture 32-bit ABI Supplement; 64-bit ELF V2 ABI Specification
 *   riscv		RISC-V ELF psABI Specification, "Relocations"
 *   mips		System V ABI, MIPS RISC Processor Supplement; 64-bit ELF Object File
 *			Specification (SGI), "Relocation", for entries with three types
 *   loongarch		ELF for the LoongArch Architecture, "Relocations"
 *   bpf		Documentation/bpf/llvm_reloc.rst of the kernel
 *
 * Types that give the place of a thread-local variable in its block (DTPREL and the like) store the
 * symbol's address: where that will be in the block is not known here, and nobody takes the value
 * for an address.
 */
#include "lib/elf/relocate.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "lib/base/vec.h"

enum operation {
	OP_UNKNOWN,
	OP_NONE,
	/* What the field becomes. */
	OP_SET8,
	OP_SET16,
	OP_SET32,
	OP_SET64,
	OP_SET6, /* the low six bits of a byte */
	OP_SET_ULEB,
	/* What is added to it or taken from it. */
	OP_ADD8,
	OP_ADD16,
	OP_ADD32,
	OP_ADD64,
	OP_ADD6,
	OP_ADD_ULEB,
	OP_SUB8,
	OP_SUB16,
	OP_SUB32,
	OP_SUB64,
	OP_SUB6,
	OP_SUB_ULEB,
};

struct rule {
	uint16_t type;
	uint16_t operation;
};

/* Numbers and not names: not every <elf.h> has all of them. */
static const struct rule x86_64_rules[] = {
	{ 0, OP_NONE },	  { 1, OP_SET64 }, { 10, OP_SET32 }, { 11, OP_SET32 },
	{ 12, OP_SET16 }, { 14, OP_SET8 }, { 17, OP_SET64 }, { 21, OP_SET32 },
};
static const struct rule i386_rules[] = {
	{ 0, OP_NONE }, { 1, OP_SET32 }, { 20, OP_SET16 }, { 22, OP_SET8 }, { 32, OP_SET32 },
};
/* 1 and 2: ABS32 and ABS16 of ILP32. */
static const struct rule aarch64_rules[] = {
	{ 0, OP_NONE },	   { 1, OP_SET32 },   { 2, OP_SET16 },	 { 256, OP_NONE },
	{ 257, OP_SET64 }, { 258, OP_SET32 }, { 259, OP_SET16 }, { 1029, OP_SET64 },
};
static const struct rule arm_rules[] = {
	{ 0, OP_NONE }, { 2, OP_SET32 }, { 5, OP_SET16 }, { 8, OP_SET8 }, { 106, OP_SET32 },
};
static const struct rule s390_rules[] = {
	{ 0, OP_NONE },	  { 1, OP_SET8 },   { 3, OP_SET16 },  { 4, OP_SET32 },
	{ 22, OP_SET64 }, { 52, OP_SET32 }, { 53, OP_SET64 },
};
/* 51 stands beside the address in a function descriptor: the module's own table, not known yet. */
static const struct rule ppc64_rules[] = {
	{ 0, OP_NONE },	  { 1, OP_SET32 },  { 3, OP_SET16 }, { 24, OP_SET32 }, { 25, OP_SET16 },
	{ 38, OP_SET64 }, { 43, OP_SET64 }, { 51, OP_NONE }, { 78, OP_SET64 },
};
static const struct rule ppc_rules[] = {
	{ 0, OP_NONE },	  { 1, OP_SET32 },  { 3, OP_SET16 },
	{ 24, OP_SET32 }, { 25, OP_SET16 }, { 78, OP_SET32 },
};
/* 51 lets the linker shorten code. */
static const struct rule riscv_rules[] = {
	{ 0, OP_NONE },	     { 1, OP_SET32 },  { 2, OP_SET64 },	 { 8, OP_SET32 },
	{ 9, OP_SET64 },     { 33, OP_ADD8 },  { 34, OP_ADD16 }, { 35, OP_ADD32 },
	{ 36, OP_ADD64 },    { 37, OP_SUB8 },  { 38, OP_SUB16 }, { 39, OP_SUB32 },
	{ 40, OP_SUB64 },    { 51, OP_NONE },  { 52, OP_SUB6 },	 { 53, OP_SET6 },
	{ 54, OP_SET8 },     { 55, OP_SET16 }, { 56, OP_SET32 }, { 60, OP_SET_ULEB },
	{ 61, OP_SUB_ULEB },
};
static const struct rule mips_rules[] = {
	{ 0, OP_NONE },	  { 1, OP_SET16 },  { 2, OP_SET32 },
	{ 18, OP_SET64 }, { 39, OP_SET32 }, { 41, OP_SET64 },
};
/* 20 and 21 mark code, 100 lets the linker shorten it. */
static const struct rule loongarch_rules[] = {
	{ 0, OP_NONE },	  { 1, OP_SET32 },  { 2, OP_SET64 },	  { 8, OP_SET32 },
	{ 9, OP_SET64 },  { 20, OP_NONE },  { 21, OP_NONE },	  { 47, OP_ADD8 },
	{ 48, OP_ADD16 }, { 50, OP_ADD32 }, { 51, OP_ADD64 },	  { 52, OP_SUB8 },
	{ 53, OP_SUB16 }, { 55, OP_SUB32 }, { 56, OP_SUB64 },	  { 100, OP_NONE },
	{ 105, OP_ADD6 }, { 106, OP_SUB6 }, { 107, OP_ADD_ULEB }, { 108, OP_SUB_ULEB },
};
/* 1 and 10, in sections without instructions: what clang wrote before version 13. */
static const struct rule bpf_rules[] = {
	{ 0, OP_NONE },	 { 1, OP_SET64 }, { 2, OP_SET64 },
	{ 3, OP_SET32 }, { 4, OP_SET32 }, { 10, OP_SET32 },
};

enum { MAX_TYPE = 1029, MACHINE_LOONGARCH = 258, SHT_CREL_ENTRIES = 0x40000014 };

#define RULES(list) .rules = (list), .num_rules = sizeof(list) / sizeof((list)[0])

static const struct machine {
	uint16_t machine;
	const struct rule *rules;
	size_t num_rules;
} machines[] = {
	{ EM_X86_64, RULES(x86_64_rules) },   { EM_386, RULES(i386_rules) },
	{ EM_AARCH64, RULES(aarch64_rules) }, { EM_ARM, RULES(arm_rules) },
	{ EM_S390, RULES(s390_rules) },	      { EM_PPC64, RULES(ppc64_rules) },
	{ EM_PPC, RULES(ppc_rules) },	      { EM_RISCV, RULES(riscv_rules) },
	{ EM_MIPS, RULES(mips_rules) },	      { MACHINE_LOONGARCH, RULES(loongarch_rules) },
	{ EM_BPF, RULES(bpf_rules) },
};

/*
 * Addresses start here, so that an address that nothing was added to (an undefined symbol's, one of
 * a section that is not loaded) is no section's. A word of 32 bits has room for all that follows.
 */
#define FIRST_ADDR UINT64_C(0x10000)

/* Pages are given back in steps of this size. */
enum { FORGET_STEP = 4 << 20, MAX_LENT = 8 << 20 };

struct relocation_section {
	uint32_t index;
	uint32_t target;
};

struct elf_relocator {
	const struct elf_file *elf;
	const struct file_map *map;   /* NULL if the bytes are no mapping */
	struct elf_copy_memory *lent; /* NULL: none, or used */
	uint64_t *section_addrs;
	VEC(struct relocation_section) relocations; /* in the order of the file */
	/* Of the symbol table that relocations refer to, read with the first of them. */
	uint32_t symtab; /* 0 until then */
	uint64_t *symbols;
	uint32_t num_symbols;
	uint8_t operations[MAX_TYPE + 1];
};

/* What one relocation section is applied to, and how far it got. */
struct work {
	uint8_t *to;
	uint64_t size;
	const uint8_t *entries;
	size_t num;
	size_t done; /* index of the entry at fault, if there is one */
	const uint64_t *symbols;
	uint32_t num_symbols;
	uint32_t fault_value; /* the type or the symbol */
	const uint8_t *operations;
};

enum fault { FAULT_NONE, FAULT_TYPE, FAULT_OUTSIDE, FAULT_SYMBOL };

static const struct machine *find_machine(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].machine == machine)
			return &machines[i];
	}
	return NULL;
}

bool elf_relocator_knows(uint16_t machine)
{
	return find_machine(machine);
}

/* Bytes of a field of a fixed size. */
static unsigned int operation_width(enum operation operation)
{
	switch (operation) {
	case OP_SET16:
	case OP_ADD16:
	case OP_SUB16:
		return 2;
	case OP_SET32:
	case OP_ADD32:
	case OP_SUB32:
		return 4;
	case OP_SET64:
	case OP_ADD64:
	case OP_SUB64:
		return 8;
	default:
		return 1;
	}
}

static uint64_t load_width(const uint8_t *p, unsigned int width, bool swap)
{
	switch (width) {
	case 1:
		return *p;
	case 2:
		return load_u16(p, swap);
	case 4:
		return load_u32(p, swap);
	default:
		return load_u64(p, swap);
	}
}

static void store_width(uint8_t *p, uint64_t value, unsigned int width, bool swap)
{
	switch (width) {
	case 1:
		*p = value;
		break;
	case 2:
		store_u16(p, value, swap);
		break;
	case 4:
		store_u32(p, value, swap);
		break;
	default:
		store_u64(p, value, swap);
		break;
	}
}

/*
 * A number of seven bits a byte keeps its number of bytes, whose high bits tell where it ends; what
 * does not fit is cut, and is right again once the other half of a pair has been applied.
 */
static bool apply_uleb(uint8_t *field, uint64_t room, enum operation operation, uint64_t value)
{
	enum { MAX_BYTES = 10 };
	uint64_t old = 0;
	size_t num = 0;

	do {
		if (num == room || num == MAX_BYTES)
			return false;
		if (num < MAX_BYTES - 1)
			old |= (uint64_t)(field[num] & 0x7f) << (7 * num);
		else
			old |= (uint64_t)(field[num] & 1) << (7 * num);
	} while (field[num++] & 0x80);
	if (operation == OP_ADD_ULEB)
		value = old + value;
	else if (operation == OP_SUB_ULEB)
		value = old - value;
	for (size_t i = 0; i < num; i++) {
		field[i] = (field[i] & 0x80) | (value & 0x7f);
		value >>= 7;
	}
	return true;
}

/* False if the field does not lie in the section. */
static bool apply(const struct work *work, uint64_t off, enum operation operation, uint64_t value,
		  bool has_addend, bool swap)
{
	unsigned int width = operation_width(operation);
	uint8_t *field;
	uint64_t old;

	if (!range_fits(off, width, work->size))
		return false;
	field = work->to + off;
	old = load_width(field, width, swap);
	switch (operation) {
	case OP_SET8:
	case OP_SET16:
	case OP_SET32:
	case OP_SET64:
		store_width(field, has_addend ? value : value + old, width, swap);
		break;
	case OP_ADD8:
	case OP_ADD16:
	case OP_ADD32:
	case OP_ADD64:
		store_width(field, old + value, width, swap);
		break;
	case OP_SUB8:
	case OP_SUB16:
	case OP_SUB32:
	case OP_SUB64:
		store_width(field, old - value, width, swap);
		break;
	case OP_SET6:
		*field = (old & 0xc0) | (value & 0x3f);
		break;
	case OP_ADD6:
		*field = (old & 0xc0) | ((old + value) & 0x3f);
		break;
	case OP_SUB6:
		*field = (old & 0xc0) | ((old - value) & 0x3f);
		break;
	case OP_SET_ULEB:
	case OP_ADD_ULEB:
	case OP_SUB_ULEB:
		return apply_uleb(field, work->size - off, operation, value);
	case OP_NONE:
	case OP_UNKNOWN:
		break;
	}
	return true;
}

struct entry_form {
	bool is_64;
	bool has_addend;
	bool swap;
};

/* The loop for one form of entries: the form is constant wherever this is called. */
static inline __attribute__((always_inline)) enum fault relocate_all(struct work *work,
								     struct entry_form form)
{
	const size_t entry_size = (form.has_addend ? 3 : 2) * (form.is_64 ? 8 : 4);
	const uint8_t *entry = work->entries + work->done * entry_size;
	const uint8_t *end = work->entries + work->num * entry_size;
	const bool swap = form.swap;
	enum fault fault = FAULT_NONE;

	for (; entry < end; entry += entry_size) {
		uint64_t off, value = 0;
		uint32_t type, symbol;
		enum operation operation;

		if (form.is_64) {
			uint64_t info = load_u64(entry + 8, swap);

			off = load_u64(entry, swap);
			type = (uint32_t)info;
			symbol = info >> 32;
			if (form.has_addend)
				value = load_u64(entry + 16, swap);
		} else {
			uint32_t info = load_u32(entry + 4, swap);

			off = load_u32(entry, swap);
			type = info & 0xff;
			symbol = info >> 8;
			if (form.has_addend)
				value = load_u32(entry + 8, swap);
		}
		operation = type <= MAX_TYPE ? work->operations[type] : OP_UNKNOWN;
		if (symbol >= work->num_symbols) {
			work->fault_value = symbol;
			fault = FAULT_SYMBOL;
			break;
		}
		value += work->symbols[symbol];
		if (operation == OP_SET32) {
			if (!range_fits(off, 4, work->size)) {
				fault = FAULT_OUTSIDE;
				break;
			}
			if (!form.has_addend)
				value += load_u32(work->to + off, swap);
			store_u32(work->to + off, value, swap);
		} else if (operation == OP_SET64) {
			if (!range_fits(off, 8, work->size)) {
				fault = FAULT_OUTSIDE;
				break;
			}
			if (!form.has_addend)
				value += load_u64(work->to + off, swap);
			store_u64(work->to + off, value, swap);
		} else if (operation == OP_UNKNOWN) {
			work->fault_value = type;
			fault = FAULT_TYPE;
			break;
		} else if (operation != OP_NONE &&
			   !apply(work, off, operation, value, form.has_addend, swap)) {
			fault = FAULT_OUTSIDE;
			break;
		}
	}
	work->done = (entry - work->entries) / entry_size;
	return fault;
}

/*
 * 64-bit MIPS: r_info is a symbol of four bytes, a special symbol, and three types, the last one
 * first, a byte each. Types are applied one after the other, the result of each being the addend of
 * the next; the last one has the field. The second one uses the special symbol, of which only
 * "none", 0, has a meaning in data; the third one none.
 */
static enum fault relocate_mips64(struct work *work, bool has_addend, bool swap)
{
	const size_t entry_size = has_addend ? 24 : 16;

	for (; work->done < work->num; work->done++) {
		const uint8_t *entry = work->entries + work->done * entry_size;
		uint64_t off = load_u64(entry, swap);
		uint32_t symbol = load_u32(entry + 8, swap);
		uint64_t value = has_addend ? load_u64(entry + 16, swap) : 0;
		enum operation last = OP_NONE;

		if (symbol >= work->num_symbols) {
			work->fault_value = symbol;
			return FAULT_SYMBOL;
		}
		value += work->symbols[symbol];
		for (unsigned int i = 0; i < 3; i++) {
			uint8_t type = entry[15 - i];
			enum operation operation = work->operations[type];

			if (operation == OP_UNKNOWN || (operation != OP_NONE && i && entry[12])) {
				work->fault_value = type;
				return FAULT_TYPE;
			}
			if (operation == OP_NONE)
				break;
			last = operation;
		}
		if (last != OP_NONE && !apply(work, off, last, value, has_addend, swap))
			return FAULT_OUTSIDE;
	}
	return FAULT_NONE;
}

static enum fault relocate_form(struct work *work, const struct elf_file *elf, bool has_addend)
{
	bool swap = elf->swap;

	if (elf->machine == EM_MIPS && elf->is_64)
		return relocate_mips64(work, has_addend, swap);
	switch (elf->is_64 << 2 | has_addend << 1 | swap) {
	case 0:
		return relocate_all(work, (struct entry_form){ false, false, false });
	case 1:
		return relocate_all(work, (struct entry_form){ false, false, true });
	case 2:
		return relocate_all(work, (struct entry_form){ false, true, false });
	case 3:
		return relocate_all(work, (struct entry_form){ false, true, true });
	case 4:
		return relocate_all(work, (struct entry_form){ true, false, false });
	case 5:
		return relocate_all(work, (struct entry_form){ true, false, true });
	case 6:
		return relocate_all(work, (struct entry_form){ true, true, false });
	default:
		return relocate_all(work, (struct entry_form){ true, true, true });
	}
}

static void forget(const struct elf_relocator *relocator, const uint8_t *data, size_t size)
{
	if (relocator->map)
		file_map_forget(relocator->map, data, size);
}

static struct btfgen_error *fault_error(const char *section, uint64_t off, enum fault fault,
					uint32_t value)
{
	switch (fault) {
	case FAULT_TYPE:
		return error_create_at(section, off,
				       "relocation type %" PRIu32 " is not known for this machine",
				       value);
	case FAULT_OUTSIDE:
		return error_create_at(section, off, "relocation lies outside the section");
	default:
		return error_create_at(section, off, "relocation has no symbol %" PRIu32, value);
	}
}

/* Symbols: the table that relocations refer to becomes an array of addresses. */

/* The extended section indexes of symbol table @symtab; absent if there is no such table. */
static struct btfgen_error *find_section_indexes(const struct elf_file *elf, uint32_t symtab,
						 struct span *ret_indexes)
{
	*ret_indexes = (struct span){};
	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct elf_section section;
		struct btfgen_error *err = elf_section_get(elf, i, &section);

		if (err)
			return err;
		if (section.type == SHT_SYMTAB_SHNDX && section.link == symtab)
			return elf_section_data(elf, &section, ret_indexes);
	}
	return NULL;
}

/*
 * Symbols that are not defined here, and common ones, which have no section yet, are at 0; absolute
 * ones are what they say.
 */
static struct btfgen_error *symbol_addr(const struct elf_relocator *relocator,
					const struct elf_section *symtab,
					const struct span *indexes, const uint8_t *symbol,
					uint32_t index, uint64_t *ret_addr)
{
	const struct elf_file *elf = relocator->elf;
	uint64_t value =
		elf->is_64 ? load_u64(symbol + 8, elf->swap) : load_u32(symbol + 4, elf->swap);
	uint32_t section = load_u16(symbol + (elf->is_64 ? 6 : 14), elf->swap);

	if (section == SHN_XINDEX) {
		if (!range_fits((uint64_t)index * 4, 4, indexes->size))
			return error_create_at(
				symtab->name, (uint64_t)index * symtab->entsize,
				"symbol has no entry in the table of extended section indexes");
		section = load_u32(indexes->data + (uint64_t)index * 4, elf->swap);
	} else if (section >= SHN_LORESERVE) {
		*ret_addr = section == SHN_ABS ? value : 0;
		return NULL;
	}
	if (section >= elf->num_sections)
		return error_create_at(symtab->name, (uint64_t)index * symtab->entsize,
				       "symbol is in section %" PRIu32 " of %" PRIu32, section,
				       elf->num_sections);
	*ret_addr = section ? value + relocator->section_addrs[section] : 0;
	return NULL;
}

static struct btfgen_error *read_symbols(struct elf_relocator *relocator, uint32_t index)
{
	const struct elf_file *elf = relocator->elf;
	const size_t entry_size = elf->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	struct span bytes, indexes;
	struct elf_section section;
	struct btfgen_error *err;
	uint64_t *symbols;
	size_t num;

	err = elf_section_get(elf, index, &section);
	if (err)
		return err;
	if (section.entsize != entry_size)
		return error_create_at(section.name, 0, "symbols of %" PRIu64 " bytes, not %zu",
				       section.entsize, entry_size);
	if (section.size % entry_size)
		return error_create_at(section.name, section.size - section.size % entry_size,
				       "last symbol is cut off");
	if (section.flags & SHF_COMPRESSED)
		return error_create_at(section.name, 0, "section is compressed");
	err = elf_section_data(elf, &section, &bytes);
	if (!err)
		err = find_section_indexes(elf, index, &indexes);
	if (err)
		return err;
	num = bytes.size / entry_size;
	if (num > UINT32_MAX)
		return error_create_at(section.name, 0, "too many symbols");
	symbols = malloc((num ? num : 1) * sizeof(*symbols));
	if (!symbols)
		return error_nomem();
	for (size_t i = 0; !err && i < num; i++)
		err = symbol_addr(relocator, &section, &indexes, bytes.data + i * entry_size, i,
				  &symbols[i]);
	if (err) {
		free(symbols);
		return err;
	}
	relocator->symtab = index;
	relocator->symbols = symbols;
	relocator->num_symbols = num;
	return NULL;
}

/* Applies one relocation section. */
static struct btfgen_error *apply_section(struct elf_relocator *relocator, uint32_t index,
					  uint8_t *to, size_t size)
{
	const struct elf_file *elf = relocator->elf;
	const size_t word = elf->is_64 ? 8 : 4;
	struct elf_section section, symtab;
	struct btfgen_error *err;
	struct span entries;
	size_t entry_size, num, step;
	bool has_addend;

	err = elf_section_get(elf, index, &section);
	if (err)
		return err;
	if (section.type == SHT_CREL_ENTRIES)
		return error_create_at(section.name, 0, "relocations in compact form are not read");
	if (section.flags & SHF_COMPRESSED)
		return error_create_at(section.name, 0, "section is compressed");
	has_addend = section.type == SHT_RELA;
	entry_size = (has_addend ? 3 : 2) * word;
	if (section.entsize != entry_size)
		return error_create_at(section.name, 0, "relocations of %" PRIu64 " bytes, not %zu",
				       section.entsize, entry_size);
	if (section.size % entry_size)
		return error_create_at(section.name, section.size - section.size % entry_size,
				       "last relocation is cut off");
	err = elf_section_data(elf, &section, &entries);
	if (err || !entries.size)
		return err;
	if (section.link != relocator->symtab || !relocator->symbols) {
		if (section.link >= elf->num_sections)
			return error_create_at(section.name, 0,
					       "section %" PRIu32 " is no symbol table",
					       section.link);
		err = elf_section_get(elf, section.link, &symtab);
		if (err)
			return err;
		if (symtab.type != SHT_SYMTAB)
			return error_create_at(section.name, 0,
					       "section %" PRIu32 " is no symbol table",
					       section.link);
		/* The gABI allows one; a table for each section could be made to cost any time. */
		if (relocator->symbols)
			return error_create_at(section.name, 0, "file has several symbol tables");
		err = read_symbols(relocator, section.link);
		if (err)
			return err;
	}
	num = entries.size / entry_size;
	step = FORGET_STEP / entry_size;
	for (size_t done = 0; done < num; done += step) {
		struct work work = {
			.to = to,
			.size = size,
			.entries = entries.data + done * entry_size,
			.num = num - done < step ? num - done : step,
			.symbols = relocator->symbols,
			.num_symbols = relocator->num_symbols,
			.operations = relocator->operations,
		};
		enum fault fault = relocate_form(&work, elf, has_addend);

		if (fault != FAULT_NONE)
			return fault_error(section.name, (done + work.done) * entry_size, fault,
					   work.fault_value);
		forget(relocator, work.entries, work.num * entry_size);
	}
	return NULL;
}

/* Opening. */

/* Gives section after section an address behind the last one's end. */
static struct btfgen_error *assign_addr(struct elf_relocator *relocator,
					const struct elf_section *section, uint64_t *next)
{
	uint64_t align = section->align, addr = *next;

	if (!(section->flags & SHF_ALLOC))
		return NULL;
	/* An alignment that is no power of two is no alignment. */
	if (align > 1 && !(align & (align - 1))) {
		addr = (addr + align - 1) & ~(align - 1);
		if (addr < *next)
			goto overflow;
	}
	if (section->size > UINT64_MAX - 1 - addr)
		goto overflow;
	relocator->section_addrs[section->index] = addr;
	*next = addr + section->size + 1;
	return NULL;
overflow:
	return error_create_at(section->name, 0, "sections do not fit into the address space");
}

static struct btfgen_error *scan_sections(struct elf_relocator *relocator)
{
	const struct elf_file *elf = relocator->elf;
	uint64_t next = FIRST_ADDR, room = elf->bytes.size;

	for (uint32_t i = 1; i < elf->num_sections; i++) {
		struct relocation_section found = { .index = i };
		struct elf_section section;
		struct btfgen_error *err = elf_section_get(elf, i, &section);

		if (!err)
			err = assign_addr(relocator, &section, &next);
		if (err)
			return err;
		if (section.type != SHT_REL && section.type != SHT_RELA &&
		    section.type != SHT_CREL_ENTRIES)
			continue;
		/* Otherwise a small file could ask for any amount of work. */
		if (section.size > room)
			return error_create_at(section.name, 0, "relocation sections overlap");
		room -= section.size;
		found.target = section.info;
		if (!vec_push(&relocator->relocations, found))
			return error_nomem();
	}
	return NULL;
}

struct btfgen_error *elf_relocator_open(const struct elf_file *elf, const struct file_map *map,
					struct elf_relocator **ret_relocator)
{
	const struct machine *machine = find_machine(elf->machine);
	struct elf_relocator *relocator = calloc(1, sizeof(*relocator));
	struct btfgen_error *err;

	if (!relocator)
		return error_nomem();
	relocator->elf = elf;
	relocator->map = map;
	for (size_t i = 0; machine && i < machine->num_rules; i++)
		relocator->operations[machine->rules[i].type] = machine->rules[i].operation;
	relocator->section_addrs = calloc(elf->num_sections, sizeof(*relocator->section_addrs));
	err = relocator->section_addrs ? scan_sections(relocator) : error_nomem();
	if (err) {
		elf_relocator_close(relocator);
		return err;
	}
	*ret_relocator = relocator;
	return NULL;
}

void elf_relocator_close(struct elf_relocator *relocator)
{
	if (!relocator)
		return;
	vec_deinit(&relocator->relocations);
	free(relocator->section_addrs);
	free(relocator->symbols);
	free(relocator);
}

void elf_relocator_lend(struct elf_relocator *relocator, struct elf_copy_memory *memory)
{
	relocator->lent = memory;
}

void elf_copy_memory_deinit(struct elf_copy_memory *memory)
{
	if (memory->data)
		munmap(memory->data, memory->size);
	*memory = (struct elf_copy_memory){};
}

uint64_t elf_relocator_section_addr(const struct elf_relocator *relocator, uint32_t index)
{
	return index < relocator->elf->num_sections ? relocator->section_addrs[index] : 0;
}

/* A mapping, as of decompressed sections: it is released whole. NULL when memory is out. */
static uint8_t *map_memory(size_t size)
{
	uint8_t *to = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (to == MAP_FAILED)
		return NULL;
	madvise(to, size, MADV_HUGEPAGE);
	return to;
}

/* False: what was lent is not for such a section. */
static bool take_lent(struct elf_relocator *relocator, size_t size, uint8_t **ret_to)
{
	struct elf_copy_memory *lent = relocator->lent;

	if (!lent || size > MAX_LENT)
		return false;
	if (size > lent->size) {
		elf_copy_memory_deinit(lent);
		lent->data = map_memory(size);
		if (!lent->data)
			return false;
		lent->size = size;
	}
	relocator->lent = NULL;
	*ret_to = lent->data;
	return true;
}

/*
 * All of the copy is going to be written to, so its pages are asked for in large pieces; one fault
 * for each takes as long as the relocations themselves. Where the system does not know these calls,
 * nothing is lost.
 */
static uint8_t *copy_section(struct elf_relocator *relocator, struct span plain, bool *ret_owned)
{
	uint8_t *to;

	*ret_owned = !take_lent(relocator, plain.size, &to);
	if (*ret_owned)
		to = map_memory(plain.size);
	for (size_t done = 0; to && done < plain.size; done += FORGET_STEP) {
		size_t size = plain.size - done < FORGET_STEP ? plain.size - done : FORGET_STEP;

#ifdef MADV_POPULATE_WRITE
		if (*ret_owned)
			madvise(to + done, size, MADV_POPULATE_WRITE);
#endif
		memcpy(to + done, plain.data + done, size);
		forget(relocator, plain.data + done, size);
	}
	return to;
}

struct btfgen_error *elf_relocate_section(struct elf_relocator *relocator,
					  const struct elf_section *section, struct span plain,
					  bool plain_is_writable, struct span *ret_bytes,
					  bool *ret_owned)
{
	struct btfgen_error *err = NULL;
	bool owned = false;
	uint8_t *to = plain_is_writable ? (uint8_t *)plain.data : NULL;

	for (size_t i = 0; !err && i < relocator->relocations.num; i++) {
		const struct relocation_section *found = &relocator->relocations.data[i];
		struct elf_section relocations;

		if (found->target != section->index)
			continue;
		err = elf_section_get(relocator->elf, found->index, &relocations);
		if (err || !relocations.size)
			continue;
		if (!to && plain.size) {
			to = copy_section(relocator, plain, &owned);
			if (!to)
				return error_nomem();
		}
		err = apply_section(relocator, found->index, to, plain.size);
	}
	if (err) {
		if (owned)
			munmap(to, plain.size);
		return err;
	}
	*ret_bytes = to ? (struct span){ to, plain.size } : plain;
	*ret_owned = owned;
	return NULL;
}

void elf_relocated_free(struct span *bytes, bool owned)
{
	if (owned)
		munmap((void *)bytes->data, bytes->size);
	*bytes = (struct span){};
}
