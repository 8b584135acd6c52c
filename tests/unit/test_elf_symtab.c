// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * elf_symtab: sections, objects, functions and lists of ids of files built here, in both classes
 * and byte orders, and of files with one thing wrong.
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
#include <libelf.h>

#include "elf_symtab.h"
#include "section_choice.h"
#include "lib/base/span.h"
#include "lib/base/vec.h"
#include "lib/elf/relocate.h"

/* ---- A writer of ELF files that checks nothing. ---- */

struct bytes {
	VEC(uint8_t) v;
};

struct section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t size;		/* what the header says; 0: that of the data */
	uint64_t entsize;
	uint64_t off;		/* what the header says; 0: where the data is */
	uint32_t link;
	uint32_t info;
	struct bytes data;
};

/* The sections that every file has; tests add more behind them. */
enum { PERCPU = 1, DATA, SYMTAB, STRTAB, SHSTRTAB, SHNDX, NUM_SECTIONS };

struct file {
	bool is_64;
	bool be;
	uint16_t type;
	uint16_t machine;
	uint32_t flags;
	struct section sections[16];
	uint32_t num;			/* sections described above */
	uint32_t num_more;		/* empty ones behind them */
	uint32_t num_symbols;
	bool all_sections;		/* are to be read */
	bool relocate;			/* with a relocator's addresses */
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

static uint32_t put_name(struct bytes *bytes, const char *name)
{
	uint32_t off = bytes->v.num;

	put(bytes, name, strlen(name) + 1);
	return off;
}

/* With the name at an offset that the test gives. */
static void add_raw_symbol(struct file *file, uint32_t name, uint64_t value, uint64_t size,
			   uint8_t info, uint8_t other, uint32_t shndx)
{
	struct bytes *table = &file->sections[SYMTAB].data;
	struct bytes *indexes = &file->sections[SHNDX].data;
	bool extended = shndx >= SHN_LORESERVE && shndx != SHN_ABS && shndx != SHN_COMMON;

	put_num(table, file, name, 4);
	if (file->is_64) {
		put_num(table, file, info, 1);
		put_num(table, file, other, 1);
		put_num(table, file, extended ? SHN_XINDEX : shndx, 2);
		put_num(table, file, value, 8);
		put_num(table, file, size, 8);
	} else {
		put_num(table, file, value, 4);
		put_num(table, file, size, 4);
		put_num(table, file, info, 1);
		put_num(table, file, other, 1);
		put_num(table, file, extended ? SHN_XINDEX : shndx, 2);
	}
	put_num(indexes, file, extended ? shndx : 0, 4);
	file->num_symbols++;
}

static void add_symbol(struct file *file, const char *name, uint64_t value, uint64_t size,
		       uint8_t info, uint8_t other, uint32_t shndx)
{
	add_raw_symbol(file, put_name(&file->sections[STRTAB].data, name), value, size, info, other,
		       shndx);
}

#define OBJECT(bind) ELF64_ST_INFO(bind, STT_OBJECT)


static void file_init(struct file *file, bool is_64, bool be)
{
	*file = (struct file){ .is_64 = is_64, .be = be, .type = ET_EXEC, .num = NUM_SECTIONS };
	file->sections[PERCPU] = (struct section){
		.name = ".data..percpu", .type = SHT_PROGBITS, .flags = SHF_ALLOC | SHF_WRITE,
		.addr = 0x1000, .size = 0x100,
	};
	file->sections[DATA] = (struct section){
		.name = ".data", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE,
		.addr = 0x1100, .size = 0x100,
	};
	file->sections[SYMTAB] = (struct section){
		.name = ".symtab", .type = SHT_SYMTAB, .link = STRTAB,
		.entsize = is_64 ? 24 : 16,
	};
	file->sections[STRTAB] = (struct section){ .name = ".strtab", .type = SHT_STRTAB };
	file->sections[SHSTRTAB] = (struct section){ .name = ".shstrtab", .type = SHT_STRTAB };
	file->sections[SHNDX] = (struct section){
		.name = ".symtab_shndx", .type = SHT_SYMTAB_SHNDX, .link = SYMTAB, .entsize = 4,
	};
	put_name(&file->sections[STRTAB].data, "");
	add_raw_symbol(file, 0, 0, 0, 0, 0, 0);
}

static void put_section_header(struct bytes *out, const struct file *file,
			       const struct section *section, uint32_t name, uint64_t off)
{
	size_t word = file->is_64 ? 8 : 4;

	put_num(out, file, name, 4);
	put_num(out, file, section->type, 4);
	put_num(out, file, section->flags, word);
	put_num(out, file, section->addr, word);
	put_num(out, file, section->off ? section->off : off, word);
	put_num(out, file, section->size ? section->size : section->data.v.num, word);
	put_num(out, file, section->link, 4);
	put_num(out, file, section->info, 4);
	put_num(out, file, 1, word);
	put_num(out, file, section->entsize, word);
}

/* The file's bytes; releases what the file holds. */
static struct bytes file_build(struct file *file)
{
	uint32_t names[16] = { 0 }, total = file->num + file->num_more;
	uint64_t offs[16] = { 0 }, headers_off, header_size = file->is_64 ? 64 : 52;
	size_t word = file->is_64 ? 8 : 4;
	struct bytes body = { 0 }, out = { 0 };
	struct section first = { 0 };
	uint8_t ident[EI_NIDENT] = {
		0x7f, 'E', 'L', 'F', file->is_64 ? ELFCLASS64 : ELFCLASS32,
		file->be ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT,
	};

	put_name(&file->sections[SHSTRTAB].data, "");
	for (uint32_t i = 1; i < file->num; i++)
		names[i] = put_name(&file->sections[SHSTRTAB].data, file->sections[i].name);
	for (uint32_t i = 1; i < file->num; i++) {
		struct section *section = &file->sections[i];

		/* The contents of data sections are never looked at; they need no bytes. */
		offs[i] = header_size + body.v.num;
		put(&body, section->data.v.data, section->data.v.num);
	}
	while ((header_size + body.v.num) % 8)
		put_num(&body, file, 0, 1);
	headers_off = header_size + body.v.num;

	put(&out, ident, sizeof(ident));
	put_num(&out, file, file->type, 2);
	put_num(&out, file, file->machine, 2);
	put_num(&out, file, EV_CURRENT, 4);
	put_num(&out, file, 0, word);
	put_num(&out, file, 0, word);
	put_num(&out, file, file->num ? headers_off : 0, word);
	put_num(&out, file, file->flags, 4);
	put_num(&out, file, header_size, 2);
	put_num(&out, file, 0, 2);
	put_num(&out, file, 0, 2);
	put_num(&out, file, file->is_64 ? 64 : 40, 2);
	put_num(&out, file, total >= SHN_LORESERVE ? 0 : total, 2);
	put_num(&out, file, file->num ? SHSTRTAB : 0, 2);
	assert_int_equal(out.v.num, header_size);
	put(&out, body.v.data, body.v.num);
	if (total >= SHN_LORESERVE)
		first.size = total;
	if (file->num)
		put_section_header(&out, file, &first, 0, 0);
	for (uint32_t i = 1; i < file->num; i++)
		put_section_header(&out, file, &file->sections[i], names[i], offs[i]);
	for (uint32_t i = 0; i < file->num_more; i++)
		put_section_header(&out, file, &(struct section){ .type = SHT_PROGBITS }, 0, 0);
	for (uint32_t i = 0; i < 16; i++)
		vec_deinit(&file->sections[i].data.v);
	vec_deinit(&body.v);
	return out;
}

/* ---- Reading. ---- */

struct opened {
	uint8_t *image;		/* of exactly the file's size, so that a read behind it is seen */
	Elf *elf;
	struct elf_file *elf_file; /* what the relocator reads */
	struct elf_relocator *relocator;
	struct elf_symtab *symtab;
	struct btfgen_error *err;
};

static struct opened open_bytes_as(const uint8_t *data, size_t size, bool all_sections,
				   bool relocate)
{
	struct opened opened = { .image = malloc(size ? size : 1) };
	struct section_choice choice = { 0 };
	const struct symtab_request request = { .choice = all_sections ? &choice : NULL };

	assert_non_null(opened.image);
	memcpy(opened.image, data, size);
	opened.elf = elf_memory((char *)opened.image, size);
	if (relocate) {
		opened.elf_file = malloc(sizeof(*opened.elf_file));
		assert_non_null(opened.elf_file);
		assert_null(elf_file_parse((struct span){ opened.image, size }, opened.elf_file));
		assert_null(elf_relocator_open(opened.elf_file, NULL, &opened.relocator));
	}
	if (opened.elf && all_sections)
		assert_null(section_choice_parse("all", &choice));
	if (opened.elf)
		opened.err = elf_symtab_read(opened.elf, opened.relocator, &request,
					     &opened.symtab);
	else
		opened.err = error_create(BTFGEN_ERROR_INPUT, "not opened");
	section_choice_deinit(&choice);
	return opened;
}

static struct opened open_bytes(const uint8_t *data, size_t size)
{
	return open_bytes_as(data, size, false, false);
}

static void opened_close(struct opened *opened)
{
	error_free(opened->err);
	elf_symtab_destroy(opened->symtab);
	elf_relocator_close(opened->relocator);
	free(opened->elf_file);
	elf_end(opened->elf);
	free(opened->image);
}

static struct opened file_open(struct file *file)
{
	struct bytes bytes = file_build(file);
	struct opened opened = open_bytes_as(bytes.v.data, bytes.v.num, file->all_sections,
					     file->relocate);

	vec_deinit(&bytes.v);
	return opened;
}

static void assert_error(struct file *file, const char *expected)
{
	struct opened opened = file_open(file);
	char *text;

	assert_non_null(opened.err);
	assert_null(opened.symtab);
	assert_int_equal(opened.err->code, BTFGEN_ERROR_INPUT);
	text = error_text(opened.err);
	assert_string_equal(text, expected);
	free(text);
	opened_close(&opened);
}

/* One line an object: "name section+off size bind visibility". */
static void assert_objects(struct file *file, const char *expected)
{
	static const char *const binds[] = { "local", "weak", "global" };
	struct opened opened = file_open(file);
	const struct symtab_symbol *symbols;
	char *text = NULL;
	size_t text_size, num;
	FILE *out = open_memstream(&text, &text_size);

	if (opened.err) {
		text = error_text(opened.err);
		fail_msg("%s", text);
	}
	symbols = elf_symtab_objects(opened.symtab, &num);
	for (size_t i = 0; i < num; i++)
		fprintf(out, "%s %u+0x%llx %llu %s %u\n", symbols[i].name, symbols[i].section,
			(unsigned long long)symbols[i].off, (unsigned long long)symbols[i].size,
			binds[symbols[i].bind], symbols[i].visibility);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	opened_close(&opened);
}

/* One line a function: "name name_size section+off size bind visibility", " part" behind. */
static void assert_functions(struct file *file, const char *expected)
{
	static const char *const binds[] = { "local", "weak", "global" };
	struct opened opened = file_open(file);
	const struct symtab_function *functions;
	char *text = NULL;
	size_t text_size, num;
	FILE *out = open_memstream(&text, &text_size);

	if (opened.err) {
		text = error_text(opened.err);
		fail_msg("%s", text);
	}
	functions = elf_symtab_functions(opened.symtab, &num);
	for (size_t i = 0; i < num; i++)
		fprintf(out, "%s %u %u+0x%llx %llu %s %u%s\n", functions[i].name,
			functions[i].name_size, functions[i].section,
			(unsigned long long)functions[i].off,
			(unsigned long long)functions[i].size, binds[functions[i].bind],
			functions[i].visibility, functions[i].is_part ? " part" : "");
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	opened_close(&opened);
}

/* One line a kfunc, "name flags", then one line an id, "-name". */
static void assert_ids(struct file *file, const char *expected)
{
	struct opened opened = file_open(file);
	const struct symtab_kfunc *kfuncs;
	const struct symtab_btf_id *ids;
	char *text = NULL;
	size_t text_size, num;
	FILE *out = open_memstream(&text, &text_size);

	if (opened.err) {
		text = error_text(opened.err);
		fail_msg("%s", text);
	}
	kfuncs = elf_symtab_kfuncs(opened.symtab, &num);
	for (size_t i = 0; i < num; i++)
		fprintf(out, "%.*s 0x%x\n", (int)kfuncs[i].name_size, kfuncs[i].name,
			kfuncs[i].flags);
	ids = elf_symtab_btf_ids(opened.symtab, &num);
	for (size_t i = 0; i < num; i++)
		fprintf(out, "-%.*s\n", (int)ids[i].name_size, ids[i].name);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	opened_close(&opened);
}

#define FUNC(bind) ELF64_ST_INFO(bind, STT_FUNC)

/* Further sections, behind those of every file. */
enum { TEXT = NUM_SECTIONS, IDS, OPD };

static void add_text(struct file *file)
{
	file->sections[TEXT] = (struct section){
		.name = ".text", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_EXECINSTR,
		.addr = 0x8000, .size = 0x1000,
	};
	file->sections[IDS] = (struct section){
		.name = ".BTF_ids", .type = SHT_PROGBITS, .flags = SHF_ALLOC, .addr = 0x4000,
	};
	file->num = IDS + 1;
}

#define IDS_ADDR(file) ((file)->type == ET_REL ? 0 : 0x4000)

/* Begins a set of pairs; returns its offset. */
static uint64_t ids_start(struct file *file, uint32_t flags)
{
	struct bytes *data = &file->sections[IDS].data;
	uint64_t off = data->v.num;

	put_num(data, file, 0, 4);
	put_num(data, file, flags, 4);
	return off;
}

static void ids_end(struct file *file, uint64_t start, const char *name)
{
	add_symbol(file, name, IDS_ADDR(file) + start,
		   file->sections[IDS].data.v.num - start, OBJECT(STB_LOCAL), 0, IDS);
}

static void ids_known_pair(struct file *file, const char *name, uint32_t id, uint32_t flags)
{
	struct bytes *data = &file->sections[IDS].data;

	add_symbol(file, name, IDS_ADDR(file) + data->v.num, 4, OBJECT(STB_LOCAL), 0, IDS);
	put_num(data, file, id, 4);
	put_num(data, file, flags, 4);
}

static void ids_pair(struct file *file, const char *name, uint32_t flags)
{
	ids_known_pair(file, name, 0, flags);
}

static void ids_known(struct file *file, const char *name, uint32_t id)
{
	struct bytes *data = &file->sections[IDS].data;

	add_symbol(file, name, IDS_ADDR(file) + data->v.num, 4, OBJECT(STB_LOCAL), 0, IDS);
	put_num(data, file, id, 4);
}

static void ids_single(struct file *file, const char *name)
{
	ids_known(file, name, 0);
}

/* Two sets of kfuncs with one in both, a set of pairs that are none, and ids outside of sets. */
static void fill_with_ids(struct file *file)
{
	uint64_t start;

	ids_single(file, "__BTF_ID__func__lonely__1");
	ids_single(file, "__BTF_ID__struct__task_struct__2");
	start = ids_start(file, 1);
	ids_pair(file, "__BTF_ID__func__kf_b__3", 0x1005);
	ids_pair(file, "__BTF_ID__func__kf_a__4", 0);
	ids_end(file, start, "__BTF_ID__set8__first");
	start = ids_start(file, 0);
	ids_pair(file, "__BTF_ID__func__hook__5", 0x7);
	ids_end(file, start, "__BTF_ID__set8__hooks");
	ids_single(file, "__BTF_ID__func__kf_c__6");
	start = ids_start(file, 0x80000001);
	ids_pair(file, "__BTF_ID__func__kf_b__777", 0x80000000);
	ids_pair(file, "__BTF_ID__func__kf__8", 0x2000);
	ids_end(file, start, "__BTF_ID__set8__second");
	ids_single(file, "__BTF_ID__func__behind__9");
}

static const char all_ids[] =
	"kf 0x2000\n"
	"kf_a 0x0\n"
	"kf_b 0x80001005\n"
	"-behind\n"
	"-hook\n"
	"-kf\n"
	"-kf_a\n"
	"-kf_b\n"
	"-kf_c\n"
	"-lonely\n";

static void fill_with_everything(struct file *file)
{
	add_symbol(file, "last", 0x10f8, 8, OBJECT(STB_LOCAL), STV_DEFAULT, PERCPU);
	add_symbol(file, "function", 0x1000, 8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, PERCPU);
	add_symbol(file, "label", 0x1000, 0, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, PERCPU);
	add_symbol(file, "elsewhere", 0x1100, 8, OBJECT(STB_GLOBAL), 0, DATA);
	add_symbol(file, "weak", 0x1010, 4, OBJECT(STB_WEAK), STV_DEFAULT, PERCPU);
	add_symbol(file, "undefined", 0, 8, OBJECT(STB_GLOBAL), 0, SHN_UNDEF);
	add_symbol(file, "absolute", 0x1000, 8, OBJECT(STB_GLOBAL), 0, SHN_ABS);
	add_symbol(file, "common", 0x1000, 8, OBJECT(STB_GLOBAL), 0, SHN_COMMON);
	add_symbol(file, "hidden", 0x1000, 8, OBJECT(STB_GLOBAL), STV_HIDDEN, PERCPU);
	add_symbol(file, "alias", 0x1010, 0, OBJECT(STB_GLOBAL), 0xf0 | STV_PROTECTED, PERCPU);
	add_symbol(file, "end", 0x1100, 0, OBJECT(STB_GLOBAL), 0, PERCPU);
	add_symbol(file, "", 0x1080, 1, OBJECT(STB_GNU_UNIQUE), 0, PERCPU);
}

static const char everything[] =
	"hidden 1+0x0 8 global 2\n"
	"weak 1+0x10 4 weak 0\n"
	"alias 1+0x10 0 global 3\n"
	" 1+0x80 1 global 0\n"
	"last 1+0xf8 8 local 0\n"
	"end 1+0x100 0 global 0\n";

/* ---- Tests. ---- */

static void objects_are_read_in_both_classes_and_byte_orders(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		struct file file;

		file_init(&file, form & 1, form & 2);
		fill_with_everything(&file);
		assert_objects(&file, everything);
	}
}

static void a_file_without_symbols_of_interest_is_fine(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	assert_objects(&file, "");
	/* Not even the null symbol. */
	file_init(&file, true, false);
	file.sections[SYMTAB].data.v.num = 0;
	file.sections[STRTAB].data.v.num = 0;
	assert_objects(&file, "");
}

static void objects_are_sorted_by_section_first(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	file.sections[DATA].name = ".data..percpu";
	add_symbol(&file, "d", 0x1110, 8, OBJECT(STB_GLOBAL), 0, DATA);
	add_symbol(&file, "c", 0x1100, 8, OBJECT(STB_GLOBAL), 0, DATA);
	add_symbol(&file, "b", 0x1018, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	add_symbol(&file, "a", 0x1018, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	assert_objects(&file, "b 1+0x18 8 global 0\n"
			      "a 1+0x18 8 global 0\n"
			      "c 2+0x0 8 global 0\n"
			      "d 2+0x10 8 global 0\n");
}

static void reserved_section_indexes_are_no_sections(void **state)
{
	static const uint16_t indexes[] = { SHN_LORESERVE, SHN_HIPROC, SHN_HIOS, SHN_ABS,
					    SHN_COMMON, 0xfffe };

	(void)state;
	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		struct bytes *table;
		struct file file;

		file_init(&file, true, false);
		add_symbol(&file, "x", 0x1000, 8, OBJECT(STB_GLOBAL), 0, SHN_ABS);
		table = &file.sections[SYMTAB].data;
		table->v.data[table->v.num - 24 + 6] = indexes[i];
		table->v.data[table->v.num - 24 + 7] = indexes[i] >> 8;
		assert_objects(&file, "");
	}
}

static void values_count_from_the_section_in_relocatable_files(void **state)
{
	struct file file;

	(void)state;
	/* Also if somebody gave the section an address. */
	file_init(&file, true, false);
	file.type = ET_REL;
	add_symbol(&file, "a", 0x10, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	assert_objects(&file, "a 1+0x10 8 global 0\n");
	file_init(&file, true, false);
	file.type = ET_DYN;
	add_symbol(&file, "a", 0x1010, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	assert_objects(&file, "a 1+0x10 8 global 0\n");
}

/* What the headers say of addresses means nothing: all may be at 0, or anywhere. */
static void a_relocator_tells_sections_apart(void **state)
{
	(void)state;
	for (int form = 0; form < 8; form++) {
		const struct symtab_section *sections;
		const struct symtab_range *ranges;
		struct opened opened;
		struct file file;
		uint64_t text, percpu;
		size_t num;

		file_init(&file, form & 1, form & 2);
		file.sections[NUM_SECTIONS] = (struct section){
			.name = ".text", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_EXECINSTR,
			.size = 0x1000, .addr = form & 4 ? 0x1000 : 0,
		};
		file.num = NUM_SECTIONS + 1;
		file.type = ET_REL;
		file.relocate = true;
		file.machine = EM_X86_64;
		if (form & 4) {
			file.sections[PERCPU].addr = 0;
			file.sections[DATA].addr = 0;
		}
		add_symbol(&file, "v", 0x10, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
		add_symbol(&file, "f", 0x20, 8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 7);
		opened = file_open(&file);
		assert_null(opened.err);
		sections = elf_symtab_sections(opened.symtab, &num);
		assert_int_equal(num, 8);
		percpu = sections[PERCPU].addr;
		text = sections[7].addr;
		assert_int_equal(percpu, elf_relocator_section_addr(opened.relocator, PERCPU));
		assert_int_equal(text, elf_relocator_section_addr(opened.relocator, 7));
		assert_int_equal(sections[SYMTAB].addr, 0);
		ranges = elf_symtab_var_ranges(opened.symtab, &num);
		assert_int_equal(num, 1);
		assert_int_equal(ranges[0].start, percpu);
		assert_int_equal(ranges[0].end, percpu + 0x100);
		assert_int_equal(elf_symtab_functions(opened.symtab, &num)->off, 0x20);
		assert_int_equal(elf_symtab_objects(opened.symtab, &num)->off, 0x10);
		assert_int_equal(elf_symtab_section_of(opened.symtab, text), 7);
		assert_int_equal(elf_symtab_section_of(opened.symtab, text + 0xfff), 7);
		assert_int_equal(elf_symtab_section_of(opened.symtab, text + 0x1000), 0);
		assert_int_equal(elf_symtab_section_of(opened.symtab, percpu + 0xff), PERCPU);
		/* Between two sections there is room, so that an end is nobody's start. */
		assert_int_equal(elf_symtab_section_of(opened.symtab, percpu + 0x100), 0);
		assert_int_equal(elf_symtab_section_of(opened.symtab, 0), 0);
		opened_close(&opened);
	}
}

static void sections_are_included_by_their_exact_name(void **state)
{
	static const struct {
		const char *name;
		uint32_t type;
		uint64_t flags;
		bool included;
	} cases[] = {
		{ ".data..percpu", SHT_PROGBITS, SHF_ALLOC, true },
		{ ".data..percpu", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, true },
		{ ".data..percpu", SHT_PROGBITS, 0, false },
		{ ".data..percpu", SHT_NOTE, SHF_ALLOC, false },
		{ ".data..percpu.", SHT_PROGBITS, SHF_ALLOC, false },
		{ ".data..percp", SHT_PROGBITS, SHF_ALLOC, false },
		{ ".hyp.data..percpu", SHT_PROGBITS, SHF_ALLOC, false },
		{ ".data", SHT_PROGBITS, SHF_ALLOC, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file;

		file_init(&file, true, false);
		file.sections[PERCPU].name = cases[i].name;
		file.sections[PERCPU].type = cases[i].type;
		file.sections[PERCPU].flags = cases[i].flags;
		file.sections[PERCPU].off = 64;	/* the bytes there do not matter */
		add_symbol(&file, "a", 0x1000, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
		assert_objects(&file, cases[i].included ? "a 1+0x0 8 global 0\n" : "");
	}
}

static void sections_and_ranges_can_be_asked_for(void **state)
{
	const struct symtab_section *sections;
	const struct symtab_range *ranges;
	struct opened opened;
	struct file file;
	size_t num;

	(void)state;
	file_init(&file, true, true);
	file.sections[NUM_SECTIONS] = (struct section){
		.name = ".data..percpu", .type = SHT_NOBITS, .flags = SHF_ALLOC, .addr = 0x800,
		.size = 0x10,
	};
	file.sections[NUM_SECTIONS + 1] = (struct section){
		.name = ".data..percpu", .type = SHT_NOBITS, .flags = SHF_ALLOC, .addr = 0x900,
	};
	file.num += 2;
	opened = file_open(&file);
	assert_null(opened.err);

	sections = elf_symtab_sections(opened.symtab, &num);
	assert_int_equal(num, NUM_SECTIONS + 2);
	assert_string_equal(sections[0].name, "");
	assert_string_equal(sections[PERCPU].name, ".data..percpu");
	assert_int_equal(sections[PERCPU].addr, 0x1000);
	assert_int_equal(sections[PERCPU].size, 0x100);
	assert_int_equal(sections[PERCPU].type, SHT_PROGBITS);
	assert_int_equal(sections[PERCPU].flags, SHF_ALLOC | SHF_WRITE);
	assert_true(sections[PERCPU].included);
	assert_string_equal(sections[DATA].name, ".data");
	assert_false(sections[DATA].included);
	assert_true(sections[NUM_SECTIONS + 1].included);

	ranges = elf_symtab_var_ranges(opened.symtab, &num);
	assert_int_equal(num, 2);
	assert_int_equal(ranges[0].start, 0x800);
	assert_int_equal(ranges[0].end, 0x810);
	assert_int_equal(ranges[0].section, NUM_SECTIONS);
	assert_int_equal(ranges[1].start, 0x1000);
	assert_int_equal(ranges[1].end, 0x1100);
	assert_int_equal(ranges[1].section, PERCPU);

	assert_null(elf_symtab_find_address(opened.symtab, 0x7ff));
	assert_ptr_equal(elf_symtab_find_address(opened.symtab, 0x800), &ranges[0]);
	assert_ptr_equal(elf_symtab_find_address(opened.symtab, 0x80f), &ranges[0]);
	assert_null(elf_symtab_find_address(opened.symtab, 0x810));
	assert_ptr_equal(elf_symtab_find_address(opened.symtab, 0x10ff), &ranges[1]);
	assert_null(elf_symtab_find_address(opened.symtab, 0x1100));
	assert_null(elf_symtab_find_address(opened.symtab, UINT64_MAX));
	opened_close(&opened);
}

static void a_section_at_address_0_has_a_range(void **state)
{
	const struct symtab_range *range;
	struct opened opened;
	struct file file;

	(void)state;
	file_init(&file, true, false);
	file.sections[PERCPU].addr = 0;
	opened = file_open(&file);
	assert_null(opened.err);
	range = elf_symtab_find_address(opened.symtab, 0);
	assert_non_null(range);
	assert_int_equal(range->section, PERCPU);
	assert_int_equal(range->end, 0x100);
	opened_close(&opened);
}

static void extended_section_indexes_are_followed(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		uint32_t index = NUM_SECTIONS + 65300;
		struct file file;

		/* The section of interest is described last, behind 65,300 others. */
		file_init(&file, form & 1, form & 2);
		file.num_more = 65300;
		add_symbol(&file, "low", 0x1010, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
		add_symbol(&file, "other", 0x1010, 8, OBJECT(STB_GLOBAL), 0, index - 1);
		assert_objects(&file, "low 1+0x10 8 global 0\n");
	}
}

static void an_included_section_may_have_an_extended_index(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		struct bytes bytes;
		struct file file;
		const struct symtab_symbol *symbols;
		struct opened opened;
		size_t num, header;

		file_init(&file, form & 1, form & 2);
		file.num_more = 65300;
		/* What else refers to the symbol table, as relocations do, is no index table. */
		file.sections[DATA].link = SYMTAB;
		add_symbol(&file, "high", 0x1010, 8, OBJECT(STB_GLOBAL), 0, NUM_SECTIONS + 65299);
		bytes = file_build(&file);
		/* The last header becomes that of the per-CPU section. */
		header = file.is_64 ? 64 : 40;
		memcpy(bytes.v.data + bytes.v.num - header,
		       bytes.v.data + bytes.v.num - (NUM_SECTIONS + 65300 - PERCPU) * header,
		       header);
		opened = open_bytes(bytes.v.data, bytes.v.num);
		vec_deinit(&bytes.v);
		assert_null(opened.err);
		symbols = elf_symtab_objects(opened.symtab, &num);
		assert_int_equal(num, 1);
		assert_string_equal(symbols[0].name, "high");
		assert_int_equal(symbols[0].section, NUM_SECTIONS + 65299);
		assert_int_equal(symbols[0].off, 0x10);
		opened_close(&opened);
	}
}

static void extended_section_indexes_are_checked(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	add_symbol(&file, "a", 0x1010, 8, OBJECT(STB_GLOBAL), 0, 0x10000);
	assert_error(&file, ".symtab+0x18: symbol is in section 65536 of 7");

	file_init(&file, true, false);
	add_symbol(&file, "a", 0x1010, 8, OBJECT(STB_GLOBAL), 0, 0x10000);
	file.sections[SHNDX].data.v.num -= 4;
	assert_error(&file, ".symtab+0x18: symbol has no entry in the table of extended section "
			    "indexes");

	/* The table belongs to another symbol table. */
	file_init(&file, true, false);
	add_symbol(&file, "a", 0x1010, 8, OBJECT(STB_GLOBAL), 0, 0x10000);
	file.sections[SHNDX].link = DATA;
	assert_error(&file, ".symtab+0x18: symbol has no entry in the table of extended section "
			    "indexes");

	file_init(&file, true, false);
	file.sections[SHNDX].off = 1 << 30;
	assert_error(&file, ".symtab_shndx+0x0: section does not lie inside the file");
}

static void a_missing_symbol_table_is_an_error(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	file.sections[SYMTAB].type = SHT_PROGBITS;
	assert_error(&file, "no symbol table");
	/* The dynamic one does not tell of local objects. */
	file_init(&file, true, false);
	file.sections[SYMTAB].type = SHT_DYNSYM;
	assert_error(&file, "no symbol table");
}

static void a_file_without_sections_has_no_symbol_table(void **state)
{
	struct file file;
	struct opened opened;
	struct bytes bytes;

	(void)state;
	file_init(&file, true, false);
	bytes = file_build(&file);
	memset(bytes.v.data + 40, 0, 8);	/* e_shoff */
	memset(bytes.v.data + 60, 0, 4);	/* e_shnum, e_shstrndx */
	opened = open_bytes(bytes.v.data, bytes.v.num);
	vec_deinit(&bytes.v);
	assert_non_null(opened.err);
	assert_string_equal(opened.err->message, "no symbol table");
	opened_close(&opened);
}

static void the_symbol_tables_header_is_checked(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	file.sections[SYMTAB].entsize = 0;
	assert_error(&file, ".symtab+0x0: symbols of 0 bytes, not 24");
	file_init(&file, false, true);
	file.sections[SYMTAB].entsize = 24;
	assert_error(&file, ".symtab+0x0: symbols of 24 bytes, not 16");

	file_init(&file, true, false);
	put_num(&file.sections[SYMTAB].data, &file, 0, 7);
	assert_error(&file, ".symtab+0x18: last symbol is cut off");

	file_init(&file, true, false);
	file.sections[SYMTAB].link = 0;
	assert_error(&file, ".symtab+0x0: section 0 is no table of symbol names");
	file_init(&file, true, false);
	file.sections[SYMTAB].link = NUM_SECTIONS;
	assert_error(&file, ".symtab+0x0: section 7 is no table of symbol names");
	file_init(&file, true, false);
	file.sections[SYMTAB].link = UINT32_MAX;
	assert_error(&file, ".symtab+0x0: section 4294967295 is no table of symbol names");
	file_init(&file, true, false);
	file.sections[SYMTAB].link = DATA;
	assert_error(&file, ".symtab+0x0: section 2 is no table of symbol names");

	file_init(&file, true, false);
	file.sections[SYMTAB].size = 24 * 1000;
	assert_error(&file, ".symtab+0x0: section does not lie inside the file");
	file_init(&file, true, false);
	file.sections[SYMTAB].off = UINT64_MAX - 7;
	assert_error(&file, ".symtab+0x0: section does not lie inside the file");
	file_init(&file, true, false);
	file.sections[STRTAB].size = 1 << 30;
	assert_error(&file, ".strtab+0x0: section does not lie inside the file");
	file_init(&file, true, false);
	file.sections[SYMTAB].flags = SHF_COMPRESSED;
	assert_error(&file, ".symtab+0x0: section is compressed");
	file_init(&file, true, false);
	file.sections[STRTAB].flags = SHF_COMPRESSED;
	assert_error(&file, ".strtab+0x0: section is compressed");
}

static void the_names_of_symbols_are_checked(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	add_raw_symbol(&file, 1, 0x1000, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	assert_error(&file, ".symtab+0x18: symbol's name at 0x1 does not end inside the table of "
			    "names");
	file_init(&file, false, true);
	add_raw_symbol(&file, UINT32_MAX, 0x1000, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	assert_error(&file, ".symtab+0x10: symbol's name at 0xffffffff does not end inside the "
			    "table of names");
	/* The final zero is missing. */
	file_init(&file, true, false);
	add_symbol(&file, "good", 0x1000, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	add_symbol(&file, "bad", 0x1008, 8, OBJECT(STB_GLOBAL), 0, PERCPU);
	file.sections[STRTAB].data.v.num--;
	assert_error(&file, ".symtab+0x30: symbol's name at 0x6 does not end inside the table of "
			    "names");
	/* Names of symbols that do not matter are not looked at. */
	file_init(&file, true, false);
	add_raw_symbol(&file, UINT32_MAX, 0x1100, 8, OBJECT(STB_GLOBAL), 0, DATA);
	add_raw_symbol(&file, UINT32_MAX, 0x1000, 8, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), 0,
		       PERCPU);
	assert_objects(&file, "");
}

static void symbols_outside_their_section_are_errors(void **state)
{
	static const struct {
		uint64_t value;
		uint64_t size;
	} cases[] = {
		{ 0xfff, 1 }, { 0x0, 0 }, { 0x10f9, 8 }, { 0x1101, 0 }, { 0x1000, 0x101 },
		{ 0x1000, UINT64_MAX }, { UINT64_MAX, 1 }, { 0x1008, UINT64_MAX - 7 },
	};
	struct file file;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		file_init(&file, true, false);
		add_symbol(&file, "x", cases[i].value, cases[i].size, OBJECT(STB_GLOBAL), 0, PERCPU);
		assert_error(&file, ".symtab+0x18: symbol 'x' lies outside its section "
				    "'.data..percpu'");
	}
	file_init(&file, true, false);
	add_symbol(&file, "x", 0x1000, 8, OBJECT(STB_GLOBAL), 0, NUM_SECTIONS);
	assert_error(&file, ".symtab+0x18: symbol is in section 7 of 7");
	file_init(&file, true, false);
	add_symbol(&file, "x", 0x1000, 0x100, OBJECT(STB_GLOBAL), 0, PERCPU);
	assert_objects(&file, "x 1+0x0 256 global 0\n");
}

static void a_section_that_wraps_around_is_an_error(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	file.sections[PERCPU].type = SHT_NOBITS;
	file.sections[PERCPU].addr = UINT64_MAX - 0xf;
	assert_error(&file, ".data..percpu+0x0: 0x100 bytes do not fit behind address "
			    "0xfffffffffffffff0");
}

static void section_names_are_checked(void **state)
{
	struct opened opened;
	struct bytes bytes;
	struct file file;
	char *text;

	(void)state;
	file_init(&file, true, false);
	bytes = file_build(&file);
	/* sh_name of the first section behind the null section */
	memset(bytes.v.data + bytes.v.num - (NUM_SECTIONS - 1) * 64, 0x11, 4);
	opened = open_bytes(bytes.v.data, bytes.v.num);
	vec_deinit(&bytes.v);
	assert_non_null(opened.err);
	text = error_text(opened.err);
	assert_string_equal(text, ".shstrtab+0x11111111: name of section 1 cannot be read");
	free(text);
	opened_close(&opened);
}

static void no_damage_makes_it_crash(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	unsigned int num_good = 0, num_bad = 0;

	(void)state;
	for (int form = 0; form < 4; form++) {
		struct bytes bytes;
		struct file file;

		file_init(&file, form & 1, form & 2);
		fill_with_everything(&file);
		add_text(&file);
		add_symbol(&file, "f.cold", 0x8010, 8, FUNC(STB_GLOBAL), 0, TEXT);
		ids_pair(&file, "__BTF_ID__func__f__1", 0);
		ids_end(&file, ids_start(&file, 1), "__BTF_ID__set8__s");
		bytes = file_build(&file);
		/* Cut off at any point. */
		for (size_t size = 0; size < bytes.v.num; size++) {
			struct opened opened = open_bytes(bytes.v.data, size);

			assert_non_null(opened.err);
			opened_close(&opened);
		}
		/* Any byte changed. */
		for (size_t off = 0; off < bytes.v.num; off++) {
			uint8_t saved = bytes.v.data[off];

			for (size_t i = 0; i < sizeof(values); i++) {
				struct opened opened;

				bytes.v.data[off] = values[i];
				opened = open_bytes(bytes.v.data, bytes.v.num);
				if (opened.err)
					num_bad++;
				else
					num_good++;
				assert_true(!opened.err != !opened.symtab);
				opened_close(&opened);
			}
			bytes.v.data[off] = saved;
		}
		vec_deinit(&bytes.v);
	}
	assert_true(num_good > 1000);
	assert_true(num_bad > 1000);
}

/* ---- Functions. ---- */

static void functions_are_read_in_both_classes_and_byte_orders(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		struct file file;

		file_init(&file, form & 1, form & 2);
		add_text(&file);
		add_symbol(&file, "c", 0x8ff0, 0x10, FUNC(STB_LOCAL), 0, TEXT);
		add_symbol(&file, "object", 0x8000, 4, OBJECT(STB_GLOBAL), 0, TEXT);
		add_symbol(&file, "label", 0x8000, 4, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0,
			   TEXT);
		add_symbol(&file, "chosen_late", 0x8000, 4,
			   ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC), 0, TEXT);
		add_symbol(&file, "weak", 0x8010, 0, FUNC(STB_WEAK), STV_HIDDEN, TEXT);
		add_symbol(&file, "alias", 0x8010, 0x20, FUNC(STB_GLOBAL), STV_PROTECTED, TEXT);
		add_symbol(&file, "undefined", 0, 0, FUNC(STB_GLOBAL), 0, SHN_UNDEF);
		add_symbol(&file, "absolute", 0x8000, 4, FUNC(STB_GLOBAL), 0, SHN_ABS);
		add_symbol(&file, "comment", 0, 4, FUNC(STB_GLOBAL), 0, STRTAB);
		add_symbol(&file, "elsewhere", 0x1180, 4, FUNC(STB_GLOBAL), 0, DATA);
		add_symbol(&file, "percpu", 0x1000, 4, FUNC(STB_GLOBAL), 0, PERCPU);
		add_symbol(&file, "", 0x8000, 4, FUNC(STB_GLOBAL), 0, TEXT);
		assert_functions(&file, "percpu 6 1+0x0 4 global 0\n"
					"elsewhere 9 2+0x80 4 global 0\n"
					" 0 7+0x0 4 global 0\n"
					"weak 4 7+0x10 0 weak 2\n"
					"alias 5 7+0x10 32 global 3\n"
					"c 1 7+0xff0 16 local 0\n");
	}
}

static void many_functions_are_sorted(void **state)
{
	const struct symtab_function *functions;
	struct opened opened;
	struct file file;
	uint32_t seed = 1;
	size_t num;

	(void)state;
	file_init(&file, true, false);
	add_text(&file);
	file.sections[TEXT].size = 1ULL << 40;
	file.sections[DATA].size = 1ULL << 40;
	for (int i = 0; i < 5000; i++) {
		uint64_t off;

		seed = seed * 1103515245 + 12345;
		/* Offsets that differ in low, middle and high bits, and equal ones. */
		off = (uint64_t)(seed >> 16 & 0x3f) << (seed >> 24 & 0x1f);
		if (seed >> 31)
			add_symbol(&file, "f", 0x8000 + off, 0, FUNC(STB_GLOBAL), 0, TEXT);
		else
			add_symbol(&file, "f", 0x1100 + off, 0, FUNC(STB_GLOBAL), 0, DATA);
	}
	opened = file_open(&file);
	assert_null(opened.err);
	functions = elf_symtab_functions(opened.symtab, &num);
	assert_int_equal(num, 5000);
	for (size_t i = 1; i < num; i++) {
		const struct symtab_function *a = &functions[i - 1], *b = &functions[i];

		assert_true(a->section < b->section ||
			    (a->section == b->section &&
			     (a->off < b->off || (a->off == b->off && a->index < b->index))));
	}
	opened_close(&opened);
}

static void the_name_of_a_function_ends_at_a_dot(void **state)
{
	static const struct {
		const char *name;
		const char *expected;
	} cases[] = {
		{ "foo", "foo 3 7+0x0 1 global 0\n" },
		{ "foo.", "foo. 3 7+0x0 1 global 0\n" },
		{ "foo.isra.0", "foo.isra.0 3 7+0x0 1 global 0\n" },
		{ "foo.constprop.1", "foo.constprop.1 3 7+0x0 1 global 0\n" },
		{ "foo.llvm.123", "foo.llvm.123 3 7+0x0 1 global 0\n" },
		{ "foo.cold", "foo.cold 3 7+0x0 1 global 0 part\n" },
		{ "foo.cold.12", "foo.cold.12 3 7+0x0 1 global 0 part\n" },
		{ "foo.part.2", "foo.part.2 3 7+0x0 1 global 0 part\n" },
		{ "foo.__part.3", "foo.__part.3 3 7+0x0 1 global 0 part\n" },
		{ "foo.isra.0.cold", "foo.isra.0.cold 3 7+0x0 1 global 0 part\n" },
		{ "foo.part.0.isra.0", "foo.part.0.isra.0 3 7+0x0 1 global 0 part\n" },
		{ "foo.partition", "foo.partition 3 7+0x0 1 global 0\n" },
		{ "foo.colder.1", "foo.colder.1 3 7+0x0 1 global 0\n" },
		{ "foo.co", "foo.co 3 7+0x0 1 global 0\n" },
		{ "cold", "cold 4 7+0x0 1 global 0\n" },
		{ ".foo", ".foo 4 7+0x0 1 global 0\n" },
		{ ".cold", ".cold 5 7+0x0 1 global 0\n" },
		{ ".foo.part.0", ".foo.part.0 4 7+0x0 1 global 0 part\n" },
		{ ".", ". 1 7+0x0 1 global 0\n" },
		{ "..", ".. 1 7+0x0 1 global 0\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file;

		file_init(&file, true, false);
		add_text(&file);
		add_symbol(&file, cases[i].name, 0x8000, 1, FUNC(STB_GLOBAL), 0, TEXT);
		assert_functions(&file, cases[i].expected);
	}
}

static void bytes_in_front_of_functions_are_none(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	add_text(&file);
	add_symbol(&file, "__pfx_foo", 0x8000, 16, FUNC(STB_LOCAL), 0, TEXT);
	add_symbol(&file, "__cfi_foo", 0x8000, 16, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "foo", 0x8010, 16, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "__pf", 0x8020, 16, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "a__pfx_foo", 0x8030, 16, FUNC(STB_GLOBAL), 0, TEXT);
	assert_functions(&file, "foo 3 7+0x10 16 global 0\n"
				"__pf 4 7+0x20 16 global 0\n"
				"a__pfx_foo 10 7+0x30 16 global 0\n");
}

static void functions_outside_their_section_are_left_out(void **state)
{
	struct file file;

	(void)state;
	file_init(&file, true, false);
	add_text(&file);
	add_symbol(&file, "below", 0x7fff, 8, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "end", 0x9000, 0, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "above", UINT64_MAX, 8, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "zero", 0, 8, FUNC(STB_GLOBAL), 0, TEXT);
	/* Their names are not looked at. */
	add_raw_symbol(&file, UINT32_MAX, 0x7fff, 8, FUNC(STB_GLOBAL), 0, TEXT);
	assert_functions(&file, "");

	/* What is too large is cut. */
	file_init(&file, true, false);
	add_text(&file);
	add_symbol(&file, "a", 0x8ff0, 0x11, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "b", 0x8ff8, UINT64_MAX, FUNC(STB_GLOBAL), 0, TEXT);
	add_symbol(&file, "c", 0x8fff, 1, FUNC(STB_GLOBAL), 0, TEXT);
	assert_functions(&file, "a 1 7+0xff0 16 global 0\n"
				"b 1 7+0xff8 8 global 0\n"
				"c 1 7+0xfff 1 global 0\n");

	file_init(&file, true, false);
	add_text(&file);
	add_raw_symbol(&file, UINT32_MAX, 0x8000, 8, FUNC(STB_GLOBAL), 0, TEXT);
	assert_error(&file, ".symtab+0x18: symbol's name at 0xffffffff does not end inside the "
			    "table of names");
}

static void functions_of_relocatable_files_count_from_their_section(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		struct file file;

		/* The section has been given an address by then. */
		file_init(&file, form & 1, form & 2);
		add_text(&file);
		file.type = ET_REL;
		add_symbol(&file, "b", 0x40, 8, FUNC(STB_GLOBAL), 0, TEXT);
		add_symbol(&file, "a", 0, 8, FUNC(STB_GLOBAL), 0, TEXT);
		add_symbol(&file, "outside", 0x8000, 8, FUNC(STB_GLOBAL), 0, TEXT);
		assert_functions(&file, "a 1 7+0x0 8 global 0\n"
					"b 1 7+0x40 8 global 0\n");
	}
}

static void the_bit_of_the_instruction_set_is_no_address(void **state)
{
	static const struct {
		uint16_t machine;
		const char *expected;
	} cases[] = {
		{ EM_ARM, "thumb 5 7+0x10 8 global 0\nplain 5 7+0x20 8 global 0\n" },
		{ EM_MIPS, "thumb 5 7+0x10 8 global 0\nplain 5 7+0x20 8 global 0\n" },
		{ EM_386, "thumb 5 7+0x11 8 global 0\nplain 5 7+0x20 8 global 0\n" },
		{ EM_AARCH64, "thumb 5 7+0x11 8 global 0\nplain 5 7+0x20 8 global 0\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int relocatable = 0; relocatable < 2; relocatable++) {
			uint64_t base = relocatable ? 0 : 0x8000;
			struct file file;

			file_init(&file, false, i & 1);
			add_text(&file);
			file.machine = cases[i].machine;
			file.type = relocatable ? ET_REL : ET_EXEC;
			add_symbol(&file, "thumb", base + 0x11, 8, FUNC(STB_GLOBAL), 0, TEXT);
			add_symbol(&file, "plain", base + 0x20, 8, FUNC(STB_GLOBAL), 0, TEXT);
			assert_functions(&file, cases[i].expected);
		}
	}
	/* Objects have no such bit. */
	{
		struct file file;

		file_init(&file, false, false);
		file.machine = EM_ARM;
		add_symbol(&file, "odd", 0x1011, 1, OBJECT(STB_GLOBAL), 0, PERCPU);
		assert_objects(&file, "odd 1+0x11 1 global 0\n");
	}
}

static void add_descriptors(struct file *file, uint32_t flags)
{
	struct bytes *data = &file->sections[OPD].data;

	add_text(file);
	file->machine = EM_PPC64;
	file->flags = flags;
	file->sections[OPD] = (struct section){
		.name = ".opd", .type = SHT_PROGBITS, .flags = SHF_ALLOC | SHF_WRITE,
		.addr = 0x6000,
	};
	file->num = OPD + 1;
	put_num(data, file, 0x8100, 8);	/* code */
	put_num(data, file, 0x7000, 8);	/* table of contents */
	put_num(data, file, 0, 8);	/* environment */
	put_num(data, file, 0x8080, 8);
	put_num(data, file, 0x7000, 8);
	put_num(data, file, 0, 8);
	put_num(data, file, 0xdead0000, 8);
	put_num(data, file, 0, 4);
	add_symbol(file, "first", 0x6000, 0x20, FUNC(STB_GLOBAL), 0, OPD);
	add_symbol(file, "second", 0x6018, 0x2000, FUNC(STB_LOCAL), 0, OPD);
	add_symbol(file, "nowhere", 0x6030, 8, FUNC(STB_GLOBAL), 0, OPD);
	add_symbol(file, "cut_off", 0x6038, 4, FUNC(STB_GLOBAL), 0, OPD);
	add_symbol(file, "below", 0x5ff8, 4, FUNC(STB_GLOBAL), 0, OPD);
	add_symbol(file, "object", 0x6000, 4, OBJECT(STB_GLOBAL), 0, OPD);
	add_symbol(file, ".direct", 0x8200, 4, FUNC(STB_GLOBAL), 0, TEXT);
}

static void function_descriptors_are_followed(void **state)
{
	static const char raw[] = ".direct 7 7+0x200 4 global 0\n"
				  "first 5 9+0x0 32 global 0\n"
				  "second 6 9+0x18 36 local 0\n"
				  "nowhere 7 9+0x30 8 global 0\n"
				  "cut_off 7 9+0x38 4 global 0\n";
	struct file file;

	(void)state;
	for (uint32_t flags = 0; flags < 4; flags++) {
		for (int be = 0; be < 2; be++) {
			file_init(&file, true, be);
			add_descriptors(&file, flags);
			assert_functions(&file, flags < 2 ? "second 6 7+0x80 3968 local 0\n"
							    "first 5 7+0x100 32 global 0\n"
							    ".direct 7 7+0x200 4 global 0\n" :
							    raw);
		}
	}
	/* Other machines have no such section. */
	file_init(&file, true, false);
	add_descriptors(&file, 0);
	file.machine = EM_X86_64;
	assert_functions(&file, raw);
	/* In a relocatable file the words are not filled in. */
	file_init(&file, true, true);
	add_descriptors(&file, 0);
	file.type = ET_REL;
	file.sections[OPD].addr = 0;
	file.sections[TEXT].addr = 0;
	memset(file.sections[OPD].data.v.data, 0, 8);
	add_symbol(&file, "inside", 0, 4, FUNC(STB_GLOBAL), 0, OPD);
	add_symbol(&file, "code", 0x10, 4, FUNC(STB_GLOBAL), 0, TEXT);
	assert_functions(&file, "code 4 7+0x10 4 global 0\n");
	/* Descriptors that the file does not hold. */
	file_init(&file, true, false);
	add_descriptors(&file, 0);
	file.sections[OPD].type = SHT_NOBITS;
	assert_functions(&file, ".direct 7 7+0x200 4 global 0\n");
	file_init(&file, true, false);
	add_descriptors(&file, 0);
	file.sections[OPD].off = 1 << 30;
	assert_functions(&file, ".direct 7 7+0x200 4 global 0\n");
}

/* The words of descriptors are relocated, here by one symbol for all of .text. */
static void relocatable_descriptors(struct file *file, uint32_t type, uint64_t third_off)
{
	enum { OPD_RELOCS = OPD + 1 };
	struct bytes *relocs = &file->sections[OPD_RELOCS].data;
	static const struct { uint64_t off, addend; } words[] = { { 0, 0x100 }, { 24, 0x80 } };

	file_init(file, true, true);
	add_text(file);
	file->machine = EM_PPC64;
	file->type = ET_REL;
	file->relocate = true;
	file->sections[OPD] = (struct section){
		.name = ".opd", .type = SHT_PROGBITS, .flags = SHF_ALLOC | SHF_WRITE,
	};
	for (int i = 0; i < 6; i++)
		put_num(&file->sections[OPD].data, file, 0, 8);
	file->sections[OPD_RELOCS] = (struct section){
		.name = ".rela.opd", .type = SHT_RELA, .entsize = 24, .link = SYMTAB, .info = OPD,
	};
	file->num = OPD_RELOCS + 1;
	add_symbol(file, "", 0, 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), 0, TEXT);
	for (int i = 0; i < 2; i++) {
		put_num(relocs, file, words[i].off, 8);
		put_num(relocs, file, UINT64_C(1) << 32 | 38, 8);
		put_num(relocs, file, words[i].addend, 8);
		/* The module's table, which is not read. */
		put_num(relocs, file, words[i].off + 8, 8);
		put_num(relocs, file, 51, 8);
		put_num(relocs, file, 0, 8);
	}
	put_num(relocs, file, third_off, 8);
	put_num(relocs, file, type, 8);
	put_num(relocs, file, 0, 8);
	add_symbol(file, "first", 0, 0x20, FUNC(STB_GLOBAL), 0, OPD);
	add_symbol(file, "second", 24, 8, FUNC(STB_LOCAL), 0, OPD);
	add_symbol(file, "nowhere", 40, 8, FUNC(STB_LOCAL), 0, OPD);
	add_symbol(file, "outside", 48, 8, FUNC(STB_LOCAL), 0, OPD);
	add_symbol(file, ".direct", 0x200, 4, FUNC(STB_GLOBAL), 0, TEXT);
}

static void function_descriptors_are_relocated(void **state)
{
	static const char expected[] = "second 6 7+0x80 8 local 0\n"
				       "first 5 7+0x100 32 global 0\n"
				       ".direct 7 7+0x200 4 global 0\n";
	struct file file;

	(void)state;
	relocatable_descriptors(&file, 0, 0);
	assert_functions(&file, expected);
	/* Only one section of that name is. */
	relocatable_descriptors(&file, 0, 0);
	file.sections[file.num] = (struct section){
		.name = ".opd", .type = SHT_PROGBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = 24,
	};
	add_symbol(&file, "other", 0, 8, FUNC(STB_GLOBAL), 0, file.num++);
	assert_functions(&file, expected);
	relocatable_descriptors(&file, 0, 0);
	file.sections[OPD].type = SHT_NOBITS;
	assert_functions(&file, ".direct 7 7+0x200 4 global 0\n");
	relocatable_descriptors(&file, 99, 0);
	assert_error(&file, ".rela.opd+0x60: relocation type 99 is not known for this machine");
	relocatable_descriptors(&file, 38, 41);
	assert_error(&file, ".rela.opd+0x60: relocation lies outside the section");
}

/* With all sections included: that they hold objects takes nothing away. */
static void all_sections_may_be_read(void **state)
{
	struct file file;

	(void)state;
	for (int what = 0; what < 3; what++) {
		file_init(&file, true, true);
		add_descriptors(&file, 0);
		file.all_sections = true;
		fill_with_ids(&file);
		add_symbol(&file, "variable", 0x1100, 8, OBJECT(STB_GLOBAL), 0, DATA);
		add_symbol(&file, "odd", 0x1108, 8, FUNC(STB_GLOBAL), 0, DATA);
		/* A mark of the linker. */
		add_symbol(&file, "__TMC_END__", 0x9000, 0, OBJECT(STB_GLOBAL), STV_HIDDEN, DATA);
		if (what == 0)
			assert_ids(&file, all_ids);
		else if (what == 1)
			assert_objects(&file,
				       "variable 2+0x0 8 global 0\n"
				       "__BTF_ID__func__lonely__1 8+0x0 4 local 0\n"
				       "__BTF_ID__struct__task_struct__2 8+0x4 4 local 0\n"
				       "__BTF_ID__set8__first 8+0x8 24 local 0\n"
				       "__BTF_ID__func__kf_b__3 8+0x10 4 local 0\n"
				       "__BTF_ID__func__kf_a__4 8+0x18 4 local 0\n"
				       "__BTF_ID__set8__hooks 8+0x20 16 local 0\n"
				       "__BTF_ID__func__hook__5 8+0x28 4 local 0\n"
				       "__BTF_ID__func__kf_c__6 8+0x30 4 local 0\n"
				       "__BTF_ID__set8__second 8+0x34 24 local 0\n"
				       "__BTF_ID__func__kf_b__777 8+0x3c 4 local 0\n"
				       "__BTF_ID__func__kf__8 8+0x44 4 local 0\n"
				       "__BTF_ID__func__behind__9 8+0x4c 4 local 0\n"
				       "object 9+0x0 4 global 0\n");
		else
			assert_functions(&file, "odd 3 2+0x8 8 global 0\n"
						"second 6 7+0x80 3968 local 0\n"
						"first 5 7+0x100 32 global 0\n"
						".direct 7 7+0x200 4 global 0\n");
	}
}

static void a_function_may_have_an_extended_section_index(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		const struct symtab_function *functions;
		struct opened opened;
		struct bytes bytes;
		struct file file;
		size_t num, header;

		file_init(&file, form & 1, form & 2);
		add_text(&file);
		file.num_more = 65300;
		add_symbol(&file, "high", 0x8010, 8, FUNC(STB_GLOBAL), 0, IDS + 65300);
		add_symbol(&file, "low", 0x8010, 8, FUNC(STB_GLOBAL), 0, TEXT);
		bytes = file_build(&file);
		/* The last header becomes that of the code. */
		header = file.is_64 ? 64 : 40;
		memcpy(bytes.v.data + bytes.v.num - header,
		       bytes.v.data + bytes.v.num - (IDS + 1 + 65300 - TEXT) * header, header);
		opened = open_bytes(bytes.v.data, bytes.v.num);
		vec_deinit(&bytes.v);
		assert_null(opened.err);
		functions = elf_symtab_functions(opened.symtab, &num);
		assert_int_equal(num, 2);
		assert_string_equal(functions[0].name, "low");
		assert_int_equal(functions[0].section, TEXT);
		assert_string_equal(functions[1].name, "high");
		assert_int_equal(functions[1].section, IDS + 65300);
		assert_int_equal(functions[1].off, 0x10);
		opened_close(&opened);
	}
}

static void an_address_tells_its_section(void **state)
{
	struct opened opened;
	struct file file;

	(void)state;
	file_init(&file, true, false);
	add_text(&file);
	/* Zeroes of threads take no addresses, and an empty section none either. */
	file.sections[OPD] = (struct section){
		.name = ".tbss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_TLS, .addr = 0x8000,
		.size = 0x100,
	};
	file.sections[OPD + 1] = (struct section){
		.name = ".empty", .type = SHT_PROGBITS, .flags = SHF_ALLOC, .addr = 0x8000,
	};
	file.sections[OPD + 2] = (struct section){
		.name = ".comment", .type = SHT_PROGBITS, .addr = 0x2000, .size = 0x100, .off = 64,
	};
	/* One that overlaps the code, one that reaches to the last address and behind. */
	file.sections[OPD + 3] = (struct section){
		.name = ".inner", .type = SHT_NOBITS, .flags = SHF_ALLOC, .addr = 0x8800,
		.size = 0x10,
	};
	file.sections[OPD + 4] = (struct section){
		.name = ".top", .type = SHT_NOBITS, .flags = SHF_ALLOC,
		.addr = UINT64_MAX - 0xf, .size = 0x20,
	};
	file.num = OPD + 5;
	opened = file_open(&file);
	assert_null(opened.err);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0), 0);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0xfff), 0);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x1000), PERCPU);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x10ff), PERCPU);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x1100), DATA);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x1200), 0);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x2000), 0);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x8000), TEXT);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x87ff), TEXT);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x8800), OPD + 3);
	assert_int_equal(elf_symtab_section_of(opened.symtab, 0x880f), OPD + 3);
	assert_int_equal(elf_symtab_section_of(opened.symtab, UINT64_MAX - 0x10), 0);
	assert_int_equal(elf_symtab_section_of(opened.symtab, UINT64_MAX - 0xf), OPD + 4);
	assert_int_equal(elf_symtab_section_of(opened.symtab, UINT64_MAX - 1), OPD + 4);
	opened_close(&opened);
}

/* ---- Lists of ids. ---- */

static void ids_are_read_in_both_classes_and_byte_orders(void **state)
{
	(void)state;
	for (int form = 0; form < 8; form++) {
		struct file file;

		file_init(&file, form & 1, form & 2);
		add_text(&file);
		file.type = form & 4 ? ET_REL : ET_DYN;
		fill_with_ids(&file);
		assert_ids(&file, all_ids);
	}
}

static void ids_may_have_an_extended_section_index(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		const struct symtab_kfunc *kfuncs;
		struct opened opened;
		struct bytes bytes;
		struct file file;
		uint64_t start;
		size_t num, header;

		file_init(&file, form & 1, form & 2);
		add_text(&file);
		file.num_more = 65300;
		start = ids_start(&file, 1);
		add_symbol(&file, "__BTF_ID__func__kf__1", 0x4008, 4, OBJECT(STB_LOCAL), 0,
			   IDS + 65300);
		put_num(&file.sections[IDS].data, &file, 0, 4);
		put_num(&file.sections[IDS].data, &file, 0x42, 4);
		add_symbol(&file, "__BTF_ID__set8__list", 0x4000 + start, 16, OBJECT(STB_LOCAL), 0,
			   IDS + 65300);
		bytes = file_build(&file);
		header = file.is_64 ? 64 : 40;
		memcpy(bytes.v.data + bytes.v.num - header,
		       bytes.v.data + bytes.v.num - 65301 * header, header);
		opened = open_bytes(bytes.v.data, bytes.v.num);
		vec_deinit(&bytes.v);
		assert_null(opened.err);
		kfuncs = elf_symtab_kfuncs(opened.symtab, &num);
		assert_int_equal(num, 1);
		assert_int_equal(kfuncs[0].name_size, 2);
		assert_int_equal(kfuncs[0].flags, 0x42);
		opened_close(&opened);
	}
}

static void names_of_ids_are_cut_at_both_ends(void **state)
{
	static const struct {
		const char *name;
		const char *expected;
	} cases[] = {
		{ "__BTF_ID__func__vfs_truncate__0", "-vfs_truncate\n" },
		{ "__BTF_ID__func____do_it__99", "-__do_it\n" },
		{ "__BTF_ID__func__tail___12", "-tail_\n" },
		{ "__BTF_ID__func__a__b__1", "-a__b\n" },
		{ "__BTF_ID__func__x__1", "-x\n" },
		{ "__BTF_ID__func__foo_1", "" },
		{ "__BTF_ID__func__foo", "" },
		{ "__BTF_ID__func____1", "" },
		{ "__BTF_ID__func__", "" },
		{ "__BTF_ID__func", "" },
		{ "__BTF_ID__struct__file__1", "" },
		{ "__BTF_ID__set__list", "" },
		{ "x__BTF_ID__func__foo__1", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file;

		file_init(&file, true, false);
		add_text(&file);
		ids_single(&file, cases[i].name);
		assert_ids(&file, cases[i].expected);
	}
}

static void ids_count_only_in_their_section(void **state)
{
	struct file file;
	uint64_t start;

	(void)state;
	file_init(&file, true, false);
	add_text(&file);
	file.sections[IDS].name = ".BTF_id";
	fill_with_ids(&file);
	assert_ids(&file, "");

	/* A set that starts elsewhere. */
	file_init(&file, true, false);
	add_text(&file);
	start = ids_start(&file, 1);
	ids_pair(&file, "__BTF_ID__func__kf__1", 2);
	(void)start;
	add_symbol(&file, "__BTF_ID__set8__list", 0x4000, 16, OBJECT(STB_LOCAL), 0, TEXT);
	assert_ids(&file, "-kf\n");

	/* Debug information without contents: names, but no flags. */
	file_init(&file, true, false);
	add_text(&file);
	fill_with_ids(&file);
	file.sections[IDS].type = SHT_NOBITS;
	assert_ids(&file, "-behind\n-hook\n-kf\n-kf_a\n-kf_b\n-kf_c\n-lonely\n");
}

static void sets_may_touch_and_overlap(void **state)
{
	struct file file;
	uint64_t start;

	(void)state;
	file_init(&file, true, true);
	add_text(&file);
	start = ids_start(&file, 1);
	ids_pair(&file, "__BTF_ID__func__a__1", 1);
	/* Inside the first, of which it makes a flags word and an id. */
	add_symbol(&file, "__BTF_ID__set8__inner", 0x4008, 8, OBJECT(STB_LOCAL), 0, IDS);
	ids_pair(&file, "__BTF_ID__func__b__2", 2);
	ids_end(&file, start, "__BTF_ID__set8__outer");
	start = ids_start(&file, 1);
	ids_end(&file, start, "__BTF_ID__set8__empty");
	start = ids_start(&file, 1);
	/* At the number of pairs of the next one. */
	add_symbol(&file, "__BTF_ID__func__d__4", 0x4000 + start, 4, OBJECT(STB_LOCAL), 0, IDS);
	ids_pair(&file, "__BTF_ID__func__c__3", 4);
	ids_end(&file, start, "__BTF_ID__set8__next");
	assert_ids(&file, "a 0x1\nb 0x2\nc 0x4\n-a\n-b\n-c\n-d\n");

	/* What overlaps a set of kfuncs is taken for one. */
	file_init(&file, true, true);
	add_text(&file);
	start = ids_start(&file, 0);
	ids_pair(&file, "__BTF_ID__func__a__1", 1);
	add_symbol(&file, "__BTF_ID__set8__inner", 0x4008, 16, OBJECT(STB_LOCAL), 0, IDS);
	ids_pair(&file, "__BTF_ID__func__b__2", 2);
	ids_end(&file, start, "__BTF_ID__set8__outer");
	assert_ids(&file, "a 0x1\nb 0x2\n-a\n-b\n");
}

enum { ALONE_OK, ALONE_FEW, ALONE_FALLING, ALONE_EQUAL, ALONE_REPEATED, ALONE_UNKNOWN };

/* Ids outside of sets; in the order of names they are 100, 200, ... */
static void add_alone(struct file *file, int how)
{
	static const char names[] = "cahbgdfe";
	uint64_t start;

	for (uint32_t i = how == ALONE_FEW; i < 8; i++) {
		char name[] = "__BTF_ID__func__?__1";
		uint32_t id = (names[i] - 'a' + 1) * 100;

		name[16] = names[i];
		if (how == ALONE_FALLING && names[i] == 'd')
			id = 50;
		if (how == ALONE_EQUAL && names[i] == 'd')
			id = 300;
		if (how == ALONE_UNKNOWN && names[i] == 'd')
			id = 0;
		ids_known(file, name, id);
		if (how == ALONE_REPEATED && names[i] == 'd')
			ids_known(file, "__BTF_ID__func__d__2", 401);
		if (how == ALONE_OK && names[i] == 'd')
			ids_known(file, "__BTF_ID__func__d__2", 400);
		if (how == ALONE_OK && names[i] == 'd')
			ids_known(file, "__BTF_ID__func__d__3", 0);
	}
	/* Ids in sets are sorted, so they say nothing. */
	start = file->sections[IDS].data.v.num;
	put_num(&file->sections[IDS].data, file, 2, 4);
	ids_known(file, "__BTF_ID__func__z__1", 1);
	ids_known(file, "__BTF_ID__func__aa__1", 2);
	ids_end(file, start, "__BTF_ID__set__hooks");
}

/* The pairs have been sorted by their ids, the symbols have not. */
static void flags_of_sorted_sets_follow_the_names(void **state)
{
	static const char rest[] = "-d\n-e\n-f\n-g\n-h\n-kf_a\n-kf_b\n-kf_c\n-kf_x\n-z\n";
	static const struct {
		int how;
		const char *expected;
	} cases[] = {
		{ ALONE_OK, "kf_a 0x1\nkf_b 0x2\nkf_c 0x3\nkf_x 0x9\n" },
		{ ALONE_FEW, "kf_a 0x0\nkf_b 0x0\nkf_c 0x0\nkf_x 0x9\n" },
		{ ALONE_FALLING, "kf_a 0x0\nkf_b 0x0\nkf_c 0x0\nkf_x 0x9\n" },
		{ ALONE_EQUAL, "kf_a 0x0\nkf_b 0x0\nkf_c 0x0\nkf_x 0x9\n" },
		{ ALONE_REPEATED, "kf_a 0x0\nkf_b 0x0\nkf_c 0x0\nkf_x 0x9\n" },
		{ ALONE_UNKNOWN, "kf_a 0x0\nkf_b 0x0\nkf_c 0x0\nkf_x 0x9\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file;
		uint64_t start;
		char *expected;

		file_init(&file, i & 1, i & 2);
		add_text(&file);
		add_alone(&file, cases[i].how);
		start = ids_start(&file, 1);
		ids_known_pair(&file, "__BTF_ID__func__kf_c__1", 500, 1);
		ids_known_pair(&file, "__BTF_ID__func__kf_a__1", 510, 2);
		ids_known_pair(&file, "__BTF_ID__func__kf_b__1", 520, 3);
		ids_end(&file, start, "__BTF_ID__set8__several");
		start = ids_start(&file, 1);
		ids_known_pair(&file, "__BTF_ID__func__kf_x__1", 600, 9);
		ids_end(&file, start, "__BTF_ID__set8__one");
		assert_true(asprintf(&expected, "%s-a\n-aa\n-b\n%s%s", cases[i].expected,
				     cases[i].how == ALONE_FEW ? "" : "-c\n", rest) > 0);
		assert_ids(&file, expected);
		free(expected);
	}
}

static void flags_of_a_set_that_does_not_add_up_are_unknown(void **state)
{
	static const struct {
		uint32_t ids[2];
		int more;	/* bytes behind the pairs */
		const char *expected;
	} cases[] = {
		{ { 500, 510 }, 0, "kf_a 0x1\nkf_b 0x2\n" },
		{ { 510, 500 }, 0, "kf_a 0x0\nkf_b 0x0\n" },
		{ { 500, 500 }, 0, "kf_a 0x0\nkf_b 0x0\n" },
		{ { 0, 500 }, 0, "kf_a 0x0\nkf_b 0x0\n" },
		{ { 500, 0 }, 0, "kf_a 0x0\nkf_b 0x0\n" },
		{ { 0, 0 }, 0, "kf_a 0x2\nkf_b 0x1\n" },
		{ { 500, 510 }, 4, "kf_a 0x0\nkf_b 0x0\n" },
		{ { 500, 510 }, 8, "kf_a 0x0\nkf_b 0x0\n" },
		{ { 0, 0 }, 8, "kf_a 0x2\nkf_b 0x1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file file;
		uint64_t start;
		char *expected;

		file_init(&file, true, false);
		add_text(&file);
		add_alone(&file, ALONE_OK);
		start = ids_start(&file, 1);
		ids_known_pair(&file, "__BTF_ID__func__kf_b__1", cases[i].ids[0], 1);
		ids_known_pair(&file, "__BTF_ID__func__kf_a__1", cases[i].ids[1], 2);
		for (int j = 0; j < cases[i].more; j++)
			put_num(&file.sections[IDS].data, &file, 0, 1);
		ids_end(&file, start, "__BTF_ID__set8__several");
		assert_true(asprintf(&expected, "%s-a\n-aa\n-b\n-c\n-d\n-e\n-f\n-g\n-h\n"
						"-kf_a\n-kf_b\n-z\n", cases[i].expected) > 0);
		assert_ids(&file, expected);
		free(expected);
	}
}

/* Symbols may come in any order, and need not stand where the pairs begin. */
static void pairs_are_found_by_their_offsets(void **state)
{
	struct bytes *data;
	struct file file;

	(void)state;
	file_init(&file, true, false);
	add_text(&file);
	add_alone(&file, ALONE_OK);
	data = &file.sections[IDS].data;
	add_symbol(&file, "__BTF_ID__func__kf_a__1", 0x4000 + data->v.num + 16, 4,
		   OBJECT(STB_LOCAL), 0, IDS);
	add_symbol(&file, "__BTF_ID__func__kf_b__1", 0x4000 + data->v.num + 8, 4,
		   OBJECT(STB_LOCAL), 0, IDS);
	ids_start(&file, 1);
	put_num(data, &file, 500, 4);
	put_num(data, &file, 7, 4);
	put_num(data, &file, 510, 4);
	put_num(data, &file, 8, 4);
	ids_end(&file, data->v.num - 24, "__BTF_ID__set8__list");
	assert_ids(&file, "kf_a 0x7\nkf_b 0x8\n-a\n-aa\n-b\n-c\n-d\n-e\n-f\n-g\n-h\n-kf_a\n"
			  "-kf_b\n-z\n");

	file_init(&file, true, false);
	add_text(&file);
	add_alone(&file, ALONE_OK);
	data = &file.sections[IDS].data;
	add_symbol(&file, "__BTF_ID__func__kf_a__1", 0x4000 + data->v.num + 12, 4,
		   OBJECT(STB_LOCAL), 0, IDS);
	add_symbol(&file, "__BTF_ID__func__kf_b__1", 0x4000 + data->v.num + 8, 4,
		   OBJECT(STB_LOCAL), 0, IDS);
	ids_start(&file, 1);
	put_num(data, &file, 500, 4);
	put_num(data, &file, 510, 4);
	put_num(data, &file, 520, 4);
	put_num(data, &file, 8, 4);
	ids_end(&file, data->v.num - 24, "__BTF_ID__set8__list");
	assert_ids(&file, "kf_a 0x0\nkf_b 0x0\n-a\n-aa\n-b\n-c\n-d\n-e\n-f\n-g\n-h\n-kf_a\n"
			  "-kf_b\n-z\n");
}

static void damaged_sets_are_errors(void **state)
{
	static const struct {
		uint64_t value;
		uint64_t size;
		const char *expected;
	} cases[] = {
		{ 0x4000, 0, ".BTF_ids+0x0: set 'x' cannot have 0 bytes there" },
		{ 0x4000, 7, ".BTF_ids+0x0: set 'x' cannot have 7 bytes there" },
		{ 0x4000, 17, ".BTF_ids+0x0: set 'x' cannot have 17 bytes there" },
		{ 0x4008, 9, ".BTF_ids+0x8: set 'x' cannot have 9 bytes there" },
		{ 0x4010, 8, ".BTF_ids+0x10: set 'x' cannot have 8 bytes there" },
		{ 0x3fff, 8, ".BTF_ids+0xffffffffffffffff: set 'x' cannot have 8 bytes there" },
		{ 0x4000, UINT64_MAX, ".BTF_ids+0x0: set 'x' cannot have 18446744073709551615 "
				      "bytes there" },
		{ 0x4000, 12, ".BTF_ids+0x8: flags of 'kf' do not lie inside the set" },
	};
	static const struct {
		uint64_t value;
		uint64_t size;
		const char *expected;
	} plain_cases[] = {
		{ 0x4000, 3, ".BTF_ids+0x0: set 'y' cannot have 3 bytes there" },
		{ 0x4000, 17, ".BTF_ids+0x0: set 'y' cannot have 17 bytes there" },
	};
	struct file file;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		file_init(&file, true, false);
		add_text(&file);
		ids_start(&file, 1);
		ids_pair(&file, "__BTF_ID__func__kf__1", 0);
		add_symbol(&file, "__BTF_ID__set8__x", cases[i].value, cases[i].size,
			   OBJECT(STB_LOCAL), 0, IDS);
		assert_error(&file, cases[i].expected);
	}
	for (size_t i = 0; i < sizeof(plain_cases) / sizeof(plain_cases[0]); i++) {
		file_init(&file, true, false);
		add_text(&file);
		ids_start(&file, 1);
		ids_pair(&file, "__BTF_ID__func__kf__1", 0);
		add_symbol(&file, "__BTF_ID__set__y", plain_cases[i].value, plain_cases[i].size,
			   OBJECT(STB_LOCAL), 0, IDS);
		assert_error(&file, plain_cases[i].expected);
	}
	/* An id outside the section is in no set. */
	file_init(&file, true, false);
	add_text(&file);
	ids_end(&file, ids_start(&file, 1), "__BTF_ID__set8__x");
	add_symbol(&file, "__BTF_ID__func__far__1", UINT64_MAX, 4, OBJECT(STB_LOCAL), 0, IDS);
	add_symbol(&file, "__BTF_ID__func__end__1", 0x4008, 4, OBJECT(STB_LOCAL), 0, IDS);
	assert_ids(&file, "-end\n-far\n");

	file_init(&file, true, false);
	add_text(&file);
	fill_with_ids(&file);
	file.sections[IDS].off = 1 << 30;
	assert_error(&file, ".BTF_ids+0x0: section does not lie inside the file");
	file_init(&file, true, false);
	add_text(&file);
	fill_with_ids(&file);
	file.sections[IDS].flags |= SHF_COMPRESSED;
	assert_error(&file, ".BTF_ids+0x0: section is compressed");
	file_init(&file, true, false);
	add_text(&file);
	add_raw_symbol(&file, 0x1000, 0x4000, 4, OBJECT(STB_LOCAL), 0, IDS);
	assert_error(&file, ".symtab+0x18: symbol's name at 0x1000 does not end inside the table "
			    "of names");
	/* Without a set the contents do not matter. */
	file_init(&file, true, false);
	add_text(&file);
	ids_single(&file, "__BTF_ID__func__f__1");
	file.sections[IDS].off = 1 << 30;
	assert_ids(&file, "-f\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_read_in_both_classes_and_byte_orders),
		cmocka_unit_test(a_file_without_symbols_of_interest_is_fine),
		cmocka_unit_test(objects_are_sorted_by_section_first),
		cmocka_unit_test(reserved_section_indexes_are_no_sections),
		cmocka_unit_test(values_count_from_the_section_in_relocatable_files),
		cmocka_unit_test(a_relocator_tells_sections_apart),
		cmocka_unit_test(sections_are_included_by_their_exact_name),
		cmocka_unit_test(sections_and_ranges_can_be_asked_for),
		cmocka_unit_test(a_section_at_address_0_has_a_range),
		cmocka_unit_test(extended_section_indexes_are_followed),
		cmocka_unit_test(an_included_section_may_have_an_extended_index),
		cmocka_unit_test(extended_section_indexes_are_checked),
		cmocka_unit_test(a_missing_symbol_table_is_an_error),
		cmocka_unit_test(a_file_without_sections_has_no_symbol_table),
		cmocka_unit_test(the_symbol_tables_header_is_checked),
		cmocka_unit_test(the_names_of_symbols_are_checked),
		cmocka_unit_test(symbols_outside_their_section_are_errors),
		cmocka_unit_test(a_section_that_wraps_around_is_an_error),
		cmocka_unit_test(section_names_are_checked),
		cmocka_unit_test(functions_are_read_in_both_classes_and_byte_orders),
		cmocka_unit_test(many_functions_are_sorted),
		cmocka_unit_test(the_name_of_a_function_ends_at_a_dot),
		cmocka_unit_test(bytes_in_front_of_functions_are_none),
		cmocka_unit_test(functions_outside_their_section_are_left_out),
		cmocka_unit_test(functions_of_relocatable_files_count_from_their_section),
		cmocka_unit_test(the_bit_of_the_instruction_set_is_no_address),
		cmocka_unit_test(function_descriptors_are_followed),
		cmocka_unit_test(function_descriptors_are_relocated),
		cmocka_unit_test(all_sections_may_be_read),
		cmocka_unit_test(a_function_may_have_an_extended_section_index),
		cmocka_unit_test(an_address_tells_its_section),
		cmocka_unit_test(ids_are_read_in_both_classes_and_byte_orders),
		cmocka_unit_test(ids_may_have_an_extended_section_index),
		cmocka_unit_test(names_of_ids_are_cut_at_both_ends),
		cmocka_unit_test(ids_count_only_in_their_section),
		cmocka_unit_test(sets_may_touch_and_overlap),
		cmocka_unit_test(flags_of_sorted_sets_follow_the_names),
		cmocka_unit_test(flags_of_a_set_that_does_not_add_up_are_unknown),
		cmocka_unit_test(pairs_are_found_by_their_offsets),
		cmocka_unit_test(damaged_sets_are_errors),
		cmocka_unit_test(no_damage_makes_it_crash),
	};

	elf_version(EV_CURRENT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
