// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/elf/relocate: files built here, with relocations of every type of every machine's table, in
 * both classes and byte orders as far as the machine has them, and with one thing wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/span.h"
#include "lib/base/vec.h"
#include "lib/elf/relocate.h"

enum { LOONGARCH = 258, CREL = 0x40000014 };

/* Memory that runs out at the k-th call. */

static struct {
	int at; /* 0: never */
	int num;
} fault;

static bool fails(void)
{
	return ++fault.num == fault.at;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__real_mmap64(void *addr, size_t size, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *addr, size_t size, int prot, int flags, int fd, off_t off);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t num, size_t size)
{
	return fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_mmap64(void *addr, size_t size, int prot, int flags, int fd, off_t off)
{
	return fails() ? MAP_FAILED : __real_mmap64(addr, size, prot, flags, fd, off);
}

/* A writer of ELF files that checks nothing. */

struct bytes {
	VEC(uint8_t) v;
};

struct section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t size; /* what the header says; 0: that of the data */
	uint64_t off;  /* what the header says; 0: where the data is */
	uint64_t align;
	uint64_t entsize;
	uint32_t link;
	uint32_t info;
	struct bytes data;
};

/* The sections that every file has; tests add more behind them. */
enum { TEXT = 1, DATA, INFO, RELOCS, SYMTAB, STRTAB, SHSTRTAB, SHNDX, NUM_SECTIONS };

struct file {
	uint16_t machine;
	bool is_64;
	bool be;
	bool rela;
	struct section sections[16];
	uint32_t num;	   /* sections described above */
	uint32_t num_more; /* empty allocated ones behind them */
	uint32_t num_symbols;
};

static void put(struct bytes *bytes, const void *data, size_t size)
{
	assert_true(vec_reserve(&bytes->v, bytes->v.num + size));
	if (size)
		memcpy(bytes->v.data + bytes->v.num, data, size);
	bytes->v.num += size;
}

static void put_num(struct bytes *bytes, const struct file *file, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = value >> (file->be ? 8 * (size - 1 - i) : 8 * i);

		put(bytes, &byte, 1);
	}
}

static size_t word(const struct file *file)
{
	return file->is_64 ? 8 : 4;
}

/* Returns the symbol's index. */
static uint32_t add_symbol(struct file *file, uint64_t value, uint8_t type, uint32_t shndx)
{
	struct bytes *table = &file->sections[SYMTAB].data;
	struct bytes *indexes = &file->sections[SHNDX].data;
	bool extended = shndx >= SHN_LORESERVE && shndx != SHN_ABS && shndx != SHN_COMMON;

	put_num(table, file, 0, 4);
	if (file->is_64) {
		put_num(table, file, type, 1);
		put_num(table, file, 0, 1);
		put_num(table, file, extended ? SHN_XINDEX : shndx, 2);
		put_num(table, file, value, 8);
		put_num(table, file, 0, 8);
	} else {
		put_num(table, file, value, 4);
		put_num(table, file, 0, 4);
		put_num(table, file, type, 1);
		put_num(table, file, 0, 1);
		put_num(table, file, extended ? SHN_XINDEX : shndx, 2);
	}
	put_num(indexes, file, extended ? shndx : 0, 4);
	return file->num_symbols++;
}

/*
 * @type: for MIPS64, up to three, the first one in the lowest byte, and the special symbol in the
 * fourth.
 */
static void add_relocation_to(struct file *file, uint32_t section, uint64_t off, uint32_t symbol,
			      uint32_t type, int64_t addend)
{
	struct bytes *to = &file->sections[section].data;

	put_num(to, file, off, word(file));
	if (file->machine == EM_MIPS && file->is_64) {
		put_num(to, file, symbol, 4);
		put_num(to, file, type >> 24, 1);
		put_num(to, file, type >> 16, 1);
		put_num(to, file, type >> 8, 1);
		put_num(to, file, type, 1);
	} else if (file->is_64) {
		put_num(to, file, (uint64_t)symbol << 32 | type, 8);
	} else {
		put_num(to, file, symbol << 8 | type, 4);
	}
	if (file->rela)
		put_num(to, file, addend, word(file));
}

static void add_relocation(struct file *file, uint64_t off, uint32_t symbol, uint32_t type,
			   int64_t addend)
{
	add_relocation_to(file, RELOCS, off, symbol, type, addend);
}

enum { DATA_SYMBOL = 1, TEXT_SECTION_SYMBOL, INFO_SECTION_SYMBOL };

static void file_init(struct file *file, uint16_t machine, bool is_64, bool be, bool rela)
{
	*file = (struct file){
		.machine = machine,
		.is_64 = is_64,
		.be = be,
		.rela = rela,
		.sections = {
			[TEXT] = { ".text", SHT_PROGBITS, SHF_ALLOC, .size = 0x21, .align = 16 },
			[DATA] = { ".data", SHT_NOBITS, SHF_ALLOC, .size = 0x40, .align = 32,
				   .addr = 0x4000 },
			[INFO] = { ".debug_info", SHT_PROGBITS, .align = 1, .addr = 0x77 },
			[RELOCS] = { rela ? ".rela.debug_info" : ".rel.debug_info",
				     rela ? SHT_RELA : SHT_REL, .link = SYMTAB, .info = INFO,
				     .entsize = (is_64 ? 8 : 4) * (rela ? 3 : 2) },
			[SYMTAB] = { ".symtab", SHT_SYMTAB, .entsize = is_64 ? 24 : 16,
				     .link = STRTAB },
			[STRTAB] = { .name = ".strtab", .type = SHT_STRTAB },
			[SHSTRTAB] = { .name = ".shstrtab", .type = SHT_STRTAB },
			[SHNDX] = { ".symtab_shndx", SHT_SYMTAB_SHNDX, .link = SYMTAB },
		},
		.num = NUM_SECTIONS,
	};
	put(&file->sections[TEXT].data, "0123456789abcdef0123456789abcdef!", 0x21);
	add_symbol(file, 0, 0, 0);
	assert_int_equal(add_symbol(file, 0x123, STT_OBJECT, DATA), DATA_SYMBOL);
	assert_int_equal(add_symbol(file, 0, STT_SECTION, TEXT), TEXT_SECTION_SYMBOL);
	assert_int_equal(add_symbol(file, 0, STT_SECTION, INFO), INFO_SECTION_SYMBOL);
}

/* Where the sections are: at 0x10000, and behind it, with a byte between, rounded up. */
enum { TEXT_ADDR = 0x10000, DATA_ADDR = 0x10040 };

static void put_section_header(struct bytes *out, const struct file *file,
			       const struct section *section, uint32_t name, uint64_t off)
{
	put_num(out, file, name, 4);
	put_num(out, file, section->type, 4);
	put_num(out, file, section->flags, word(file));
	put_num(out, file, section->addr, word(file));
	put_num(out, file, section->off ? section->off : off, word(file));
	put_num(out, file, section->size ? section->size : section->data.v.num, word(file));
	put_num(out, file, section->link, 4);
	put_num(out, file, section->info, 4);
	put_num(out, file, section->align, word(file));
	put_num(out, file, section->entsize, word(file));
}

static struct bytes file_build(struct file *file)
{
	size_t header_size = file->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	uint32_t total = file->num + file->num_more;
	const uint8_t ident[EI_NIDENT] = { 0x7f, 'E', 'L', 'F', file->is_64 ? ELFCLASS64 : ELFCLASS32,
					   file->be ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT };
	struct section first = { .size = total >= SHN_LORESERVE ? total : 0 };
	uint64_t offs[16] = { 0 };
	uint32_t names[16] = { 0 };
	struct bytes out = { 0 }, body = { 0 };

	put(&file->sections[SHSTRTAB].data, "", 1);
	for (uint32_t i = 1; i < file->num; i++) {
		names[i] = file->sections[SHSTRTAB].data.v.num;
		put(&file->sections[SHSTRTAB].data, file->sections[i].name,
		    strlen(file->sections[i].name) + 1);
	}
	for (uint32_t i = 1; i < file->num; i++) {
		offs[i] = header_size + body.v.num;
		put(&body, file->sections[i].data.v.data, file->sections[i].data.v.num);
	}
	put(&out, ident, sizeof(ident));
	put_num(&out, file, ET_REL, 2);
	put_num(&out, file, file->machine, 2);
	put_num(&out, file, EV_CURRENT, 4);
	put_num(&out, file, 0, word(file));
	put_num(&out, file, 0, word(file));
	put_num(&out, file, header_size + body.v.num, word(file));
	put_num(&out, file, 0, 4);
	put_num(&out, file, header_size, 2);
	put_num(&out, file, 0, 2);
	put_num(&out, file, 0, 2);
	put_num(&out, file, file->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), 2);
	put_num(&out, file, total >= SHN_LORESERVE ? 0 : total, 2);
	put_num(&out, file, SHSTRTAB, 2);
	assert_int_equal(out.v.num, header_size);
	put(&out, body.v.data, body.v.num);
	put_section_header(&out, file, &first, 0, 0);
	for (uint32_t i = 1; i < file->num; i++)
		put_section_header(&out, file, &file->sections[i], names[i], offs[i]);
	for (uint32_t i = 0; i < file->num_more; i++)
		put_section_header(&out, file,
				   &(struct section){ .type = SHT_PROGBITS, .flags = SHF_ALLOC }, 0,
				   0);
	vec_deinit(&body.v);
	for (uint32_t i = 0; i < 16; i++)
		vec_deinit(&file->sections[i].data.v);
	return out;
}

/* Reading. */

struct opened {
	struct bytes bytes;
	struct elf_file elf;
	struct elf_relocator *relocator;
	struct span relocated;
	bool owned;
	struct btfgen_error *err;
};

static void relocate(struct opened *opened, uint32_t index)
{
	struct elf_section section;
	struct span plain;

	elf_relocated_free(&opened->relocated, opened->owned);
	opened->owned = false;
	assert_null(elf_section_get(&opened->elf, index, &section));
	assert_null(elf_section_data(&opened->elf, &section, &plain));
	opened->err = elf_relocate_section(opened->relocator, &section, plain, false,
					   &opened->relocated, &opened->owned);
}

/* Opens the file and relocates .debug_info. The relocator refers to opened->elf. */
static void file_relocate(struct file *file, struct opened *opened)
{
	*opened = (struct opened){ .bytes = file_build(file) };
	/* Of exactly the file's size, so that a read behind it is seen. */
	opened->bytes.v.data = realloc(opened->bytes.v.data, opened->bytes.v.num);
	assert_null(elf_file_parse((struct span){ opened->bytes.v.data, opened->bytes.v.num },
				   &opened->elf));
	opened->err = elf_relocator_open(&opened->elf, NULL, &opened->relocator);
	if (!opened->err)
		relocate(opened, INFO);
}

static void opened_close(struct opened *opened)
{
	elf_relocated_free(&opened->relocated, opened->owned);
	elf_relocator_close(opened->relocator);
	error_free(opened->err);
	vec_deinit(&opened->bytes.v);
}

static void assert_refused(struct file *file, const char *text)
{
	struct opened opened;
	char *said;

	file_relocate(file, &opened);
	assert_non_null(opened.err);
	assert_int_equal(opened.err->code, BTFGEN_ERROR_INPUT);
	said = error_text(opened.err);
	assert_string_equal(said, text);
	free(said);
	opened_close(&opened);
}

static void assert_nothing_wrong(const struct opened *opened)
{
	char *said = opened->err ? error_text(opened->err) : NULL;

	if (said)
		print_error("%s\n", said);
	assert_null(said);
}

static uint64_t load(const struct file *file, const uint8_t *p, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)p[file->be ? size - 1 - i : i] << 8 * i;
	return value;
}

/* Every type of every table. */

enum { LE = 1, BE = 2, BOTH = 3, IS_32 = 4, IS_64 = 8, ANY = 12 };

struct type_case {
	uint16_t machine;
	uint16_t forms;
	uint16_t type;
	char how; /* '=', '+', '-' or '0' for none */
	uint8_t bits;
};

static const struct type_case type_cases[] = {
	{ EM_X86_64, LE | ANY, 0, '0', 64 },	 { EM_X86_64, LE | ANY, 1, '=', 64 },
	{ EM_X86_64, LE | ANY, 10, '=', 32 },	 { EM_X86_64, LE | ANY, 11, '=', 32 },
	{ EM_X86_64, LE | ANY, 12, '=', 16 },	 { EM_X86_64, LE | ANY, 14, '=', 8 },
	{ EM_X86_64, LE | ANY, 17, '=', 64 },	 { EM_X86_64, LE | ANY, 21, '=', 32 },
	{ EM_386, LE | IS_32, 0, '0', 32 },	 { EM_386, LE | IS_32, 1, '=', 32 },
	{ EM_386, LE | IS_32, 20, '=', 16 },	 { EM_386, LE | IS_32, 22, '=', 8 },
	{ EM_386, LE | IS_32, 32, '=', 32 },
	{ EM_AARCH64, BOTH | IS_32, 0, '0', 64 }, { EM_AARCH64, BOTH | IS_32, 1, '=', 32 },
	{ EM_AARCH64, BOTH | IS_32, 2, '=', 16 }, { EM_AARCH64, BOTH | IS_64, 256, '0', 64 },
	{ EM_AARCH64, BOTH | IS_64, 257, '=', 64 }, { EM_AARCH64, BOTH | IS_64, 258, '=', 32 },
	{ EM_AARCH64, BOTH | IS_64, 259, '=', 16 }, { EM_AARCH64, BOTH | IS_64, 1029, '=', 64 },
	{ EM_ARM, BOTH | IS_32, 0, '0', 32 },	 { EM_ARM, BOTH | IS_32, 2, '=', 32 },
	{ EM_ARM, BOTH | IS_32, 5, '=', 16 },	 { EM_ARM, BOTH | IS_32, 8, '=', 8 },
	{ EM_ARM, BOTH | IS_32, 106, '=', 32 },
	{ EM_S390, BE | ANY, 0, '0', 64 },	 { EM_S390, BE | ANY, 1, '=', 8 },
	{ EM_S390, BE | ANY, 3, '=', 16 },	 { EM_S390, BE | ANY, 4, '=', 32 },
	{ EM_S390, BE | ANY, 22, '=', 64 },	 { EM_S390, BE | ANY, 52, '=', 32 },
	{ EM_S390, BE | ANY, 53, '=', 64 },
	{ EM_PPC64, BOTH | IS_64, 0, '0', 64 },	 { EM_PPC64, BOTH | IS_64, 1, '=', 32 },
	{ EM_PPC64, BOTH | IS_64, 3, '=', 16 },	 { EM_PPC64, BOTH | IS_64, 24, '=', 32 },
	{ EM_PPC64, BOTH | IS_64, 25, '=', 16 }, { EM_PPC64, BOTH | IS_64, 38, '=', 64 },
	{ EM_PPC64, BOTH | IS_64, 43, '=', 64 }, { EM_PPC64, BOTH | IS_64, 51, '0', 64 },
	{ EM_PPC64, BOTH | IS_64, 78, '=', 64 },
	{ EM_PPC, BE | IS_32, 0, '0', 32 },	 { EM_PPC, BE | IS_32, 1, '=', 32 },
	{ EM_PPC, BE | IS_32, 3, '=', 16 },	 { EM_PPC, BE | IS_32, 24, '=', 32 },
	{ EM_PPC, BE | IS_32, 25, '=', 16 },	 { EM_PPC, BE | IS_32, 78, '=', 32 },
	{ EM_RISCV, LE | ANY, 0, '0', 64 },	 { EM_RISCV, LE | ANY, 1, '=', 32 },
	{ EM_RISCV, LE | ANY, 2, '=', 64 },	 { EM_RISCV, LE | ANY, 8, '=', 32 },
	{ EM_RISCV, LE | ANY, 9, '=', 64 },	 { EM_RISCV, LE | ANY, 33, '+', 8 },
	{ EM_RISCV, LE | ANY, 34, '+', 16 },	 { EM_RISCV, LE | ANY, 35, '+', 32 },
	{ EM_RISCV, LE | ANY, 36, '+', 64 },	 { EM_RISCV, LE | ANY, 37, '-', 8 },
	{ EM_RISCV, LE | ANY, 38, '-', 16 },	 { EM_RISCV, LE | ANY, 39, '-', 32 },
	{ EM_RISCV, LE | ANY, 40, '-', 64 },	 { EM_RISCV, LE | ANY, 51, '0', 64 },
	{ EM_RISCV, LE | ANY, 52, '-', 6 },	 { EM_RISCV, LE | ANY, 53, '=', 6 },
	{ EM_RISCV, LE | ANY, 54, '=', 8 },	 { EM_RISCV, LE | ANY, 55, '=', 16 },
	{ EM_RISCV, LE | ANY, 56, '=', 32 },
	{ EM_MIPS, BOTH | ANY, 0, '0', 64 },	 { EM_MIPS, BOTH | ANY, 1, '=', 16 },
	{ EM_MIPS, BOTH | ANY, 2, '=', 32 },	 { EM_MIPS, BOTH | ANY, 18, '=', 64 },
	{ EM_MIPS, BOTH | ANY, 39, '=', 32 },	 { EM_MIPS, BOTH | ANY, 41, '=', 64 },
	{ LOONGARCH, LE | ANY, 0, '0', 64 },	 { LOONGARCH, LE | ANY, 1, '=', 32 },
	{ LOONGARCH, LE | ANY, 2, '=', 64 },	 { LOONGARCH, LE | ANY, 8, '=', 32 },
	{ LOONGARCH, LE | ANY, 9, '=', 64 },	 { LOONGARCH, LE | ANY, 20, '0', 64 },
	{ LOONGARCH, LE | ANY, 21, '0', 64 },	 { LOONGARCH, LE | ANY, 47, '+', 8 },
	{ LOONGARCH, LE | ANY, 48, '+', 16 },	 { LOONGARCH, LE | ANY, 50, '+', 32 },
	{ LOONGARCH, LE | ANY, 51, '+', 64 },	 { LOONGARCH, LE | ANY, 52, '-', 8 },
	{ LOONGARCH, LE | ANY, 53, '-', 16 },	 { LOONGARCH, LE | ANY, 55, '-', 32 },
	{ LOONGARCH, LE | ANY, 56, '-', 64 },	 { LOONGARCH, LE | ANY, 100, '0', 64 },
	{ LOONGARCH, LE | ANY, 105, '+', 6 },	 { LOONGARCH, LE | ANY, 106, '-', 6 },
	{ EM_BPF, BOTH | IS_64, 0, '0', 64 },	 { EM_BPF, BOTH | IS_64, 1, '=', 64 },
	{ EM_BPF, BOTH | IS_64, 2, '=', 64 },	 { EM_BPF, BOTH | IS_64, 3, '=', 32 },
	{ EM_BPF, BOTH | IS_64, 4, '=', 32 },	 { EM_BPF, BOTH | IS_64, 10, '=', 32 },
};

static const uint8_t filler[16] = { 0x91, 0x82, 0xa3, 0xb4, 0x85, 0xd6, 0xe7, 0xf8,
				    0x89, 0x9a, 0xab, 0xbc, 0xcd, 0xde, 0xef, 0x80 };

/* One relocation in the midst of a section, at an odd place. */
static void check_type(const struct type_case *t, bool is_64, bool be, bool rela)
{
	enum { OFF = 3 };
	size_t size = t->bits < 8 ? 1 : t->bits / 8;
	uint64_t mask = t->bits == 64 ? UINT64_MAX : (UINT64_C(1) << t->bits) - 1;
	uint64_t value = DATA_ADDR + 0x123, old, now;
	int64_t addend = rela ? -0x1f : 0;
	struct opened opened;
	struct file file;

	file_init(&file, t->machine, is_64, be, rela);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, OFF, DATA_SYMBOL, t->type, addend);
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_true(opened.owned);
	assert_int_equal(opened.relocated.size, sizeof(filler));
	old = load(&file, filler + OFF, size);
	now = load(&file, opened.relocated.data + OFF, size);
	value += addend;
	/* An addend of 32 bits is not negative in a field of 64. */
	if (!is_64 && rela)
		value += UINT64_C(1) << 32;
	if (t->how == '0')
		value = old;
	else if (t->how == '+')
		value = old + value;
	else if (t->how == '-')
		value = old - value;
	else if (!rela)
		value = old + value;
	assert_int_equal(now, (old & ~mask) | (value & mask));
	assert_memory_equal(opened.relocated.data, filler, OFF);
	assert_memory_equal(opened.relocated.data + OFF + size, filler + OFF + size,
			    sizeof(filler) - OFF - size);
	opened_close(&opened);
}

static void test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(type_cases) / sizeof(type_cases[0]); i++) {
		const struct type_case *t = &type_cases[i];

		for (unsigned int form = 0; form < 8; form++) {
			bool is_64 = form & 1, be = form & 2, rela = form & 4;

			if (!(t->forms & (is_64 ? IS_64 : IS_32)) ||
			    !(t->forms & (be ? BE : LE)))
				continue;
			/* Differences are RELA only. */
			if (!rela && (t->how == '+' || t->how == '-' || t->bits == 6))
				continue;
			check_type(t, is_64, be, rela);
		}
	}
}

static void test_all_types_are_in_the_table_above(void **state)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64, EM_ARM,  EM_S390,  EM_PPC64,
					     EM_PPC, EM_RISCV,	EM_MIPS, LOONGARCH, EM_BPF };

	(void)state;
	for (size_t m = 0; m < sizeof(machines) / sizeof(machines[0]); m++) {
		bool is_64 = machines[m] != EM_386 && machines[m] != EM_ARM &&
			     machines[m] != EM_PPC && machines[m] != EM_MIPS;

		assert_true(elf_relocator_knows(machines[m]));
		/* One byte is the type's number in 32-bit files. */
		for (uint32_t type = 0; type < (is_64 ? 1100 : 256); type++) {
			bool listed = false;
			struct opened opened;
			struct file file;

			for (size_t i = 0; i < sizeof(type_cases) / sizeof(type_cases[0]); i++)
				listed |= type_cases[i].machine == machines[m] &&
					  type_cases[i].type == type;
			/* See test_uleb(). */
			listed |= (machines[m] == EM_RISCV && (type == 60 || type == 61)) ||
				  (machines[m] == LOONGARCH && (type == 107 || type == 108));
			file_init(&file, machines[m], is_64, false, true);
			put_num(&file.sections[INFO].data, &file, 0, 8);
			add_relocation(&file, 0, DATA_SYMBOL, type, 0);
			file_relocate(&file, &opened);
			if (listed) {
				assert_nothing_wrong(&opened);
			} else {
				char text[100];

				snprintf(text, sizeof(text),
					 "relocation type %" PRIu32
					 " is not known for this machine",
					 type);
				assert_non_null(opened.err);
				assert_string_equal(opened.err->message, text);
			}
			opened_close(&opened);
		}
	}
	for (unsigned int machine = 0; machine < 1000; machine++) {
		bool listed = false;

		for (size_t m = 0; m < sizeof(machines) / sizeof(machines[0]); m++)
			listed |= machines[m] == machine;
		assert_int_equal(elf_relocator_knows(machine), listed);
	}
}

/* Numbers of seven bits a byte. */
static void check_uleb(uint16_t machine, const uint8_t *before, size_t size, uint32_t first,
		       uint64_t first_value, uint32_t second, uint64_t second_value,
		       const uint8_t *after)
{
	struct opened opened;
	struct file file;

	file_init(&file, machine, true, false, true);
	put(&file.sections[INFO].data, before, size);
	add_relocation(&file, 1, TEXT_SECTION_SYMBOL, first, first_value);
	if (second)
		add_relocation(&file, 1, TEXT_SECTION_SYMBOL, second, second_value);
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_memory_equal(opened.relocated.data, after, size);
	opened_close(&opened);
}

static void test_uleb(void **state)
{
	static const uint8_t one[] = { 0xff, 0x00, 0xff }, one_after[] = { 0xff, 0x25, 0xff };
	static const uint8_t two[] = { 0xff, 0x80, 0x00, 0xff };
	static const uint8_t two_after[] = { 0xff, 0xa5, 0x02, 0xff };
	static const uint8_t padded_after[] = { 0xff, 0x85, 0x00, 0xff };
	static const uint8_t five[] = { 0xff, 0x83, 0x80, 0x80, 0x80, 0x00, 0xff };
	static const uint8_t set_after[] = { 0xff, 0xa5, 0x82, 0x84, 0x80, 0x00, 0xff };
	static const uint8_t added_after[] = { 0xff, 0xa8, 0x82, 0x84, 0x80, 0x00, 0xff };
	static const uint8_t ten[] = { 0xff, 0x80, 0x80, 0x80, 0x80, 0x80,
				       0x80, 0x80, 0x80, 0x80, 0x00, 0xff };
	static const uint8_t ten_after[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					     0xff, 0xff, 0xff, 0xff, 0x01, 0xff };

	(void)state;
	check_uleb(EM_RISCV, one, sizeof(one), 60, 0x1025, 61, 0x1000, one_after);
	check_uleb(EM_RISCV, two, sizeof(two), 60, 0x1125, 61, 0x1000, two_after);
	check_uleb(EM_RISCV, two, sizeof(two), 60, 0x1005, 61, 0x1000, padded_after);
	check_uleb(EM_RISCV, five, sizeof(five), 60, 0x125, 0, 0, set_after);
	check_uleb(EM_RISCV, ten, sizeof(ten), 60, 0x1000, 61, 0x1001, ten_after);
	check_uleb(LOONGARCH, one, sizeof(one), 107, 0x1025, 108, 0x1000, one_after);
	check_uleb(LOONGARCH, two, sizeof(two), 107, 0x1125, 108, 0x1000, two_after);
	check_uleb(LOONGARCH, five, sizeof(five), 107, 0x125, 0, 0, added_after);
	check_uleb(LOONGARCH, ten, sizeof(ten), 108, 0x1001, 107, 0x1000, ten_after);
}

static void test_uleb_without_an_end(void **state)
{
	static const uint8_t bytes[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct file file;

	(void)state;
	for (size_t size = 1; size <= sizeof(bytes); size += 5) {
		file_init(&file, EM_RISCV, true, false, true);
		put(&file.sections[INFO].data, bytes, size);
		add_relocation(&file, 0, TEXT_SECTION_SYMBOL, 60, 0);
		assert_refused(&file, ".rela.debug_info+0x0: relocation lies outside the section");
	}
}

/* MIPS64: three types in one entry. */

static void check_mips(uint32_t types, bool be, size_t size, uint64_t value)
{
	struct opened opened;
	struct file file;

	file_init(&file, EM_MIPS, true, be, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 4, DATA_SYMBOL, types, 1);
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_int_equal(load(&file, opened.relocated.data + 4, size), value);
	assert_memory_equal(opened.relocated.data + 4 + size, filler + 4 + size, 12 - size);
	opened_close(&opened);
}

static void test_mips64(void **state)
{
	uint64_t value = DATA_ADDR + 0x124;

	(void)state;
	for (int be = 0; be < 2; be++) {
		check_mips(18, be, 8, value);
		check_mips(2 | 18 << 8, be, 8, value);
		check_mips(18 | 2 << 8, be, 4, value);
		check_mips(18 | 18 << 8 | 1 << 16, be, 2, value & 0xffff);
		/* Nothing follows "none". */
		check_mips(18 | 0 << 8 | 99 << 16, be, 8, value);
		/* The special symbol is of no interest to one type alone. */
		check_mips(18 | 1 << 24, be, 8, value);
	}
}

static void test_mips64_types_that_are_not_known(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, EM_MIPS, true, false, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 0, DATA_SYMBOL, 18, 0);
	add_relocation(&file, 0, DATA_SYMBOL, 18 | 24 << 8, 0);
	assert_refused(&file, ".rela.debug_info+0x18: relocation type 24 is not known for this machine");

	/* The second type wants a special symbol that has no meaning in data. */
	file_init(&file, EM_MIPS, true, true, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 0, DATA_SYMBOL, 2 | 18 << 8 | 1 << 24, 0);
	assert_refused(&file, ".rela.debug_info+0x0: relocation type 18 is not known for this machine");

	file_init(&file, EM_MIPS, true, true, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 9, DATA_SYMBOL, 18, 0);
	assert_refused(&file, ".rela.debug_info+0x0: relocation lies outside the section");

	file_init(&file, EM_MIPS, true, false, false);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 8, 4, 18, 0);
	assert_refused(&file, ".rel.debug_info+0x0: relocation has no symbol 4");
}

/* Addresses. */

static void test_section_addresses(void **state)
{
	struct opened opened;
	struct file file;

	(void)state;
	file_init(&file, EM_X86_64, true, false, true);
	file.sections[file.num++] = (struct section){ ".one", SHT_NOBITS, SHF_ALLOC, .size = 1,
						      .align = 0 };
	file.sections[file.num++] = (struct section){ ".odd", SHT_NOBITS, SHF_ALLOC, .size = 8,
						      .align = 7 };
	file.sections[file.num++] = (struct section){ ".empty", SHT_PROGBITS, SHF_ALLOC,
						      .align = 8 };
	file.sections[file.num++] = (struct section){ ".page", SHT_NOBITS, SHF_ALLOC | SHF_WRITE,
						      .size = 1, .align = 4096 };
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, 0), 0);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, TEXT), TEXT_ADDR);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, DATA), DATA_ADDR);
	for (uint32_t i = INFO; i < NUM_SECTIONS; i++)
		assert_int_equal(elf_relocator_section_addr(opened.relocator, i), 0);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, NUM_SECTIONS), 0x10081);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, NUM_SECTIONS + 1), 0x10083);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, NUM_SECTIONS + 2), 0x10090);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, NUM_SECTIONS + 3), 0x11000);
	assert_int_equal(elf_relocator_section_addr(opened.relocator, NUM_SECTIONS + 4), 0);
	opened_close(&opened);
}

static void test_address_space_is_full(void **state)
{
	static const struct section sections[] = {
		{ ".big", SHT_NOBITS, SHF_ALLOC, .size = UINT64_MAX - 0x10080 },
		{ ".high", SHT_NOBITS, SHF_ALLOC, .size = 1, .align = UINT64_C(1) << 63 },
	};
	struct file file;

	(void)state;
	file_init(&file, EM_X86_64, true, false, true);
	file.sections[file.num++] = sections[0];
	assert_refused(&file, ".big+0x0: sections do not fit into the address space");

	/* Half of it is room for one, but not for two. */
	file_init(&file, EM_X86_64, true, false, true);
	file.sections[file.num++] = sections[1];
	file.sections[file.num++] = sections[1];
	assert_refused(&file, ".high+0x0: sections do not fit into the address space");
}

/* One 8-byte field for each symbol. */
static void test_symbols(void **state)
{
	static const struct {
		uint64_t value;
		uint32_t section;
		uint64_t addr;
	} symbols[] = {
		{ 0x55, SHN_UNDEF, 0 },
		{ 0x55, TEXT, TEXT_ADDR + 0x55 },
		{ 0x55, DATA, DATA_ADDR + 0x55 },
		{ 0x55, INFO, 0x55 },
		{ 0x55, SHN_ABS, 0x55 },
		{ 0x55, SHN_COMMON, 0 },
		{ 0x55, NUM_SECTIONS + 0xff80, 0x10081 + 0xff80 + 0x55 },
		{ 0x55, NUM_SECTIONS, 0x10081 + 0x55 },
	};
	enum { NUM = sizeof(symbols) / sizeof(symbols[0]) };
	static const uint8_t zeroes[8 * NUM];

	(void)state;
	for (int is_64 = 0; is_64 < 2; is_64++) {
		struct opened opened;
		struct file file;

		file_init(&file, is_64 ? EM_S390 : EM_PPC, is_64, true, true);
		put(&file.sections[INFO].data, zeroes, sizeof(zeroes));
		/* From the last on: entries need no order. */
		for (uint32_t i = NUM; i--;)
			add_relocation(&file, 8 * i, file.num_symbols + i, is_64 ? 22 : 1, 2);
		for (uint32_t i = 0; i < NUM; i++)
			add_symbol(&file, symbols[i].value, STT_NOTYPE, symbols[i].section);
		file.num_more = 0xffff;
		file_relocate(&file, &opened);
		assert_nothing_wrong(&opened);
		for (uint32_t i = 0; i < NUM; i++)
			assert_int_equal(load(&file, opened.relocated.data + 8 * i, is_64 ? 8 : 4),
					 symbols[i].addr + 2);
		opened_close(&opened);
	}
}

static void test_several_relocation_sections(void **state)
{
	struct opened opened;
	struct file file;

	(void)state;
	file_init(&file, EM_MIPS, false, true, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 0, TEXT_SECTION_SYMBOL, 2, 5);
	/* One for another section, an empty one, and one of the other kind. */
	file.sections[file.num++] = (struct section){ ".rela.text", SHT_RELA, .entsize = 12,
						      .link = SYMTAB, .info = TEXT };
	add_relocation_to(&file, NUM_SECTIONS, 0, TEXT_SECTION_SYMBOL, 99, 5);
	file.sections[file.num++] = (struct section){ ".rela.debug_info", SHT_RELA, .entsize = 12,
						      .link = SYMTAB, .info = INFO };
	file.sections[file.num++] = (struct section){ ".rel.debug_info", SHT_REL, .entsize = 8,
						      .link = SYMTAB, .info = INFO };
	file.rela = false;
	add_relocation_to(&file, NUM_SECTIONS + 2, 0, TEXT_SECTION_SYMBOL, 2, 0);
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_int_equal(load(&file, opened.relocated.data, 4), 2 * TEXT_ADDR + 5);
	assert_memory_equal(opened.relocated.data + 4, filler + 4, sizeof(filler) - 4);
	opened_close(&opened);
}

/* Whose memory it is. */

static void test_without_relocations(void **state)
{
	struct opened opened;
	struct file file;

	(void)state;
	file_init(&file, EM_X86_64, true, false, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	/* Nobody needs a table of symbols then. */
	file.sections[SYMTAB].type = SHT_PROGBITS;
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_false(opened.owned);
	assert_true(opened.relocated.data > opened.bytes.v.data &&
		    opened.relocated.data < opened.bytes.v.data + opened.bytes.v.num);
	assert_memory_equal(opened.relocated.data, filler, sizeof(filler));
	opened_close(&opened);
}

static void test_in_place(void **state)
{
	struct elf_section section;
	struct span relocated;
	uint8_t bytes[sizeof(filler)];
	struct opened opened;
	struct file file;
	bool owned;

	(void)state;
	file_init(&file, EM_X86_64, true, false, true);
	put(&file.sections[INFO].data, filler, sizeof(filler));
	add_relocation(&file, 8, TEXT_SECTION_SYMBOL, 1, 0);
	file_relocate(&file, &opened);
	assert_nothing_wrong(&opened);
	assert_null(elf_section_get(&opened.elf, INFO, &section));
	memcpy(bytes, filler, sizeof(filler));
	assert_null(elf_relocate_section(opened.relocator, &section,
					 (struct span){ bytes, sizeof(bytes) }, true, &relocated,
					 &owned));
	assert_false(owned);
	assert_ptr_equal(relocated.data, bytes);
	assert_int_equal(load(&file, bytes + 8, 8), TEXT_ADDR);
	assert_memory_equal(bytes, opened.relocated.data, sizeof(bytes));
	opened_close(&opened);
}

/* Larger than the steps in which pages are given back, and in a file. */
static void test_large_file(void **state)
{
	enum { NUM = 400000 };
	struct file_map map;
	struct opened opened;
	struct file file;
	char path[] = "/tmp/test_relocate.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	file_init(&file, EM_AARCH64, true, false, true);
	for (uint32_t i = 0; i < NUM; i++) {
		put_num(&file.sections[INFO].data, &file, UINT64_C(0x1111111111111111) * (i & 15), 8);
		put_num(&file.sections[INFO].data, &file, i, 4);
		add_relocation(&file, 12 * (uint64_t)i, TEXT_SECTION_SYMBOL + (i & 1), 257, i);
	}
	opened = (struct opened){ .bytes = file_build(&file) };
	assert_null(file_write_fd(fd, opened.bytes.v.data, opened.bytes.v.num));
	close(fd);
	assert_null(file_map_open(path, &map));
	unlink(path);
	assert_null(elf_file_parse((struct span){ map.data, map.size }, &opened.elf));
	assert_null(elf_relocator_open(&opened.elf, &map, &opened.relocator));
	relocate(&opened, INFO);
	assert_nothing_wrong(&opened);
	assert_int_equal(opened.relocated.size, 12 * (size_t)NUM);
	for (uint32_t i = 0; i < NUM; i++) {
		assert_int_equal(load(&file, opened.relocated.data + 12 * (size_t)i, 8),
				 (i & 1 ? 0 : TEXT_ADDR) + (uint64_t)i);
		assert_int_equal(load(&file, opened.relocated.data + 12 * (size_t)i + 8, 4), i);
	}
	assert_memory_equal(map.data, opened.bytes.v.data, map.size);
	opened_close(&opened);
	file_map_close(&map);
}

/* Memory that is lent holds one section; it grows, and larger ones than it may hold stay out. */
static void test_lent_memory_holds_one_copy(void **state)
{
	static const size_t sizes[] = { 64, 100000, 64, (8 << 20) + 1, 5000 };
	struct elf_copy_memory memory = {};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct opened opened;
		struct file file;
		bool fits = sizes[i] <= 8 << 20;

		file_init(&file, EM_X86_64, true, false, true);
		for (size_t k = 0; k < sizes[i]; k++)
			put(&file.sections[INFO].data, "?", 1);
		add_relocation(&file, 8, TEXT_SECTION_SYMBOL, 1, 7);
		opened = (struct opened){ .bytes = file_build(&file) };
		assert_null(elf_file_parse(
			(struct span){ opened.bytes.v.data, opened.bytes.v.num }, &opened.elf));
		assert_null(elf_relocator_open(&opened.elf, NULL, &opened.relocator));
		elf_relocator_lend(opened.relocator, &memory);
		for (int copy = 0; copy < 2; copy++) {
			relocate(&opened, INFO);
			assert_nothing_wrong(&opened);
			assert_int_equal(opened.owned, copy || !fits);
			assert_int_equal(opened.relocated.data == memory.data, !copy && fits);
			assert_int_equal(opened.relocated.size, sizes[i]);
			assert_int_equal(load(&file, opened.relocated.data + 8, 8), TEXT_ADDR + 7);
			for (size_t k = 0; k < sizes[i]; k++) {
				if (k - 8 >= 8)
					assert_int_equal(opened.relocated.data[k], '?');
			}
		}
		opened_close(&opened);
	}
	assert_true(memory.size >= 100000);
	elf_copy_memory_deinit(&memory);
	assert_null(memory.data);
}

/* Damage. */

/* A file with two good relocations, the second one at 8. */
static void good_init(struct file *file, bool rela)
{
	file_init(file, EM_X86_64, true, false, rela);
	put(&file->sections[INFO].data, filler, sizeof(filler));
	add_relocation(file, 0, DATA_SYMBOL, 1, 0);
	add_relocation(file, 8, TEXT_SECTION_SYMBOL, 1, 0);
}

static void test_bad_entries(void **state)
{
	static const struct {
		uint64_t off;
		uint32_t symbol;
		uint32_t type;
		const char *text;
	} cases[] = {
		{ 0, 1, 99, "relocation type 99 is not known for this machine" },
		{ 0, 1, 0x80000001, "relocation type 2147483649 is not known for this machine" },
		{ 9, 1, 1, "relocation lies outside the section" },
		{ 13, 1, 10, "relocation lies outside the section" },
		{ 15, 1, 12, "relocation lies outside the section" },
		{ 16, 1, 14, "relocation lies outside the section" },
		{ UINT64_MAX, 1, 1, "relocation lies outside the section" },
		{ UINT64_MAX - 7, 1, 1, "relocation lies outside the section" },
		{ 0, 4, 1, "relocation has no symbol 4" },
		{ 0, UINT32_MAX, 0, "relocation has no symbol 4294967295" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		bool rela = i & 1;
		struct file file;
		char text[100];

		good_init(&file, rela);
		add_relocation(&file, cases[i / 2].off, cases[i / 2].symbol, cases[i / 2].type, 0);
		snprintf(text, sizeof(text), "%s+0x%x: %s",
			 rela ? ".rela.debug_info" : ".rel.debug_info", rela ? 0x30 : 0x20,
			 cases[i / 2].text);
		assert_refused(&file, text);
	}
}

static void test_empty_section_has_no_place(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, EM_X86_64, true, false, true);
	add_relocation(&file, 0, DATA_SYMBOL, 1, 0);
	assert_refused(&file, ".rela.debug_info+0x0: relocation lies outside the section");
	file_init(&file, EM_X86_64, true, false, true);
	add_relocation(&file, 0, DATA_SYMBOL, 14, 0);
	assert_refused(&file, ".rela.debug_info+0x0: relocation lies outside the section");
}

static void test_error_behind_the_first_step(void **state)
{
	struct file file;

	(void)state;
	good_init(&file, true);
	for (uint32_t i = 2; i < 200000; i++)
		add_relocation(&file, 0, DATA_SYMBOL, 1, 0);
	add_relocation(&file, 0, DATA_SYMBOL, 2, 0);
	assert_refused(&file, ".rela.debug_info+0x493e00: relocation type 2 is not known for this machine");
}

static void test_bad_relocation_sections(void **state)
{
	struct file file;

	(void)state;
	good_init(&file, true);
	put(&file.sections[RELOCS].data, "", 1);
	assert_refused(&file, ".rela.debug_info+0x30: last relocation is cut off");

	good_init(&file, true);
	file.sections[RELOCS].entsize = 16;
	assert_refused(&file, ".rela.debug_info+0x0: relocations of 16 bytes, not 24");

	good_init(&file, false);
	file.sections[RELOCS].entsize = 0;
	assert_refused(&file, ".rel.debug_info+0x0: relocations of 0 bytes, not 16");

	good_init(&file, true);
	file.sections[RELOCS].type = CREL;
	assert_refused(&file, ".rela.debug_info+0x0: relocations in compact form are not read");

	good_init(&file, true);
	file.sections[RELOCS].flags = SHF_COMPRESSED;
	assert_refused(&file, ".rela.debug_info+0x0: section is compressed");

	good_init(&file, true);
	file.sections[RELOCS].off = 1 << 20;
	assert_refused(&file, "section '.rela.debug_info' lies outside the file");

	good_init(&file, true);
	file.sections[RELOCS].size = UINT64_MAX;
	assert_refused(&file, ".rela.debug_info+0x0: relocation sections overlap");

	/* Each is in the file, but not all of them. */
	good_init(&file, true);
	for (int i = 0; i < 6; i++)
		file.sections[file.num++] = (struct section){ ".rela.more", SHT_RELA, .off = 64,
							      .size = 256 };
	assert_refused(&file, ".rela.more+0x0: relocation sections overlap");

	good_init(&file, true);
	file.sections[RELOCS].link = STRTAB;
	assert_refused(&file, ".rela.debug_info+0x0: section 6 is no symbol table");

	good_init(&file, true);
	file.sections[RELOCS].link = 1000;
	assert_refused(&file, ".rela.debug_info+0x0: section 1000 is no symbol table");

	good_init(&file, true);
	file.sections[RELOCS].link = 0;
	assert_refused(&file, ".rela.debug_info+0x0: section 0 is no symbol table");
}

static void test_second_symbol_table(void **state)
{
	struct file file;

	(void)state;
	good_init(&file, true);
	file.sections[file.num++] = (struct section){ ".symtab2", SHT_SYMTAB, .entsize = 24 };
	file.sections[file.num++] = (struct section){ ".rela2", SHT_RELA, .entsize = 24,
						      .link = NUM_SECTIONS, .info = INFO };
	add_relocation_to(&file, NUM_SECTIONS + 1, 0, 0, 0, 0);
	assert_refused(&file, ".rela2+0x0: file has several symbol tables");
}

static void test_bad_symbols(void **state)
{
	struct file file;

	(void)state;
	good_init(&file, true);
	file.sections[SYMTAB].entsize = 16;
	assert_refused(&file, ".symtab+0x0: symbols of 16 bytes, not 24");

	good_init(&file, true);
	put(&file.sections[SYMTAB].data, "x", 1);
	assert_refused(&file, ".symtab+0x60: last symbol is cut off");

	good_init(&file, true);
	file.sections[SYMTAB].flags = SHF_COMPRESSED;
	assert_refused(&file, ".symtab+0x0: section is compressed");

	good_init(&file, true);
	file.sections[SYMTAB].off = 1 << 20;
	assert_refused(&file, "section '.symtab' lies outside the file");

	good_init(&file, true);
	add_symbol(&file, 0, 0, 9);
	assert_refused(&file, ".symtab+0x60: symbol is in section 9 of 9");

	good_init(&file, true);
	add_symbol(&file, 0, 0, 0x12345);
	assert_refused(&file, ".symtab+0x60: symbol is in section 74565 of 9");

	good_init(&file, true);
	add_symbol(&file, 0, 0, 0x12345);
	file.sections[SHNDX].link = TEXT;
	assert_refused(&file,
		       ".symtab+0x60: symbol has no entry in the table of extended section indexes");

	good_init(&file, true);
	add_symbol(&file, 0, 0, 0x12345);
	file.sections[SHNDX].size = 19;
	assert_refused(&file,
		       ".symtab+0x60: symbol has no entry in the table of extended section indexes");

	good_init(&file, true);
	file.sections[SHNDX].off = 1 << 20;
	assert_refused(&file, "section '.symtab_shndx' lies outside the file");

	/* No symbol at all. */
	good_init(&file, true);
	file.sections[SYMTAB].type = SHT_NOBITS;
	assert_refused(&file, ".rela.debug_info+0x0: section 5 is no symbol table");
	good_init(&file, true);
	vec_deinit(&file.sections[SYMTAB].data.v);
	assert_refused(&file, ".rela.debug_info+0x0: relocation has no symbol 1");
}

static void test_machine_without_a_table(void **state)
{
	struct file file;

	(void)state;
	assert_false(elf_relocator_knows(EM_SPARCV9));
	good_init(&file, true);
	file.machine = EM_SPARCV9;
	assert_refused(&file, ".rela.debug_info+0x0: relocation type 1 is not known for this machine");
}

static void test_no_memory(void **state)
{
	int num_faults = 0;

	(void)state;
	for (bool met = true; met; num_faults++) {
		struct elf_relocator *relocator = NULL;
		struct btfgen_error *err;
		struct elf_section section;
		struct elf_file elf;
		struct span plain, relocated = { 0 };
		struct bytes bytes;
		struct file file;
		bool owned = false;

		good_init(&file, true);
		bytes = file_build(&file);
		assert_null(elf_file_parse((struct span){ bytes.v.data, bytes.v.num }, &elf));
		assert_null(elf_section_get(&elf, INFO, &section));
		assert_null(elf_section_data(&elf, &section, &plain));
		fault.num = 0;
		fault.at = num_faults + 1;
		err = elf_relocator_open(&elf, NULL, &relocator);
		if (!err)
			err = elf_relocate_section(relocator, &section, plain, false, &relocated,
						   &owned);
		met = fault.num >= fault.at;
		fault.at = 0;
		assert_int_equal(!!err, met);
		if (err)
			assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
		error_free(err);
		assert_int_equal(owned, !met);
		elf_relocated_free(&relocated, owned);
		elf_relocator_close(relocator);
		vec_deinit(&bytes.v);
	}
	assert_int_equal(num_faults, 6);
}

static void test_close_nothing(void **state)
{
	(void)state;
	elf_relocator_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_all_types_are_in_the_table_above),
		cmocka_unit_test(test_uleb),
		cmocka_unit_test(test_uleb_without_an_end),
		cmocka_unit_test(test_mips64),
		cmocka_unit_test(test_mips64_types_that_are_not_known),
		cmocka_unit_test(test_section_addresses),
		cmocka_unit_test(test_address_space_is_full),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_several_relocation_sections),
		cmocka_unit_test(test_without_relocations),
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_large_file),
		cmocka_unit_test(test_lent_memory_holds_one_copy),
		cmocka_unit_test(test_bad_entries),
		cmocka_unit_test(test_empty_section_has_no_place),
		cmocka_unit_test(test_error_behind_the_first_step),
		cmocka_unit_test(test_bad_relocation_sections),
		cmocka_unit_test(test_second_symbol_table),
		cmocka_unit_test(test_bad_symbols),
		cmocka_unit_test(test_machine_without_a_table),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_close_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
