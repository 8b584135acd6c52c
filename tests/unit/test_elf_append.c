// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/elf: the section reader and the append, over ELF files built here byte by byte.
 *
 * Faults: the linker's --wrap sends each system call and allocation of the append through
 * fault_step(), which counts them. A test makes the k-th one fail, or kills the process at it, for
 * every k until a run passes without meeting its fault; so no call can be forgotten.
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
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/elf/append.h"
#include "lib/elf/elf_file.h"

/* Faults. */

enum fault { FAULT_NONE, FAULT_FAIL, FAULT_KILL_BEFORE, FAULT_KILL_AFTER, FAULT_SHORT, FAULT_CALL };

static struct {
	enum fault fault;
	const char *name;	/* of the call at which the fault came */
	int at;			/* number of the call, from 1 on */
	int errnum;		/* of FAULT_FAIL */
	bool again;		/* FAULT_FAIL: all later calls fail too */
	bool no_more_writes;	/* all later writes fail */
	void (*call)(void);	/* of FAULT_CALL, before the system call */
	int num_calls;
	int num_writes;		/* pwrite only */
	bool met;
} fault;

/* What the current call has to do. */
static enum fault fault_step(const char *name)
{
	fault.num_calls++;
	if (fault.fault == FAULT_NONE)
		return FAULT_NONE;
	if (fault.no_more_writes && fault.num_calls > fault.at && strcmp(name, "pwrite64") == 0)
		return FAULT_FAIL;
	if (fault.num_calls != fault.at && !(fault.again && fault.num_calls > fault.at))
		return FAULT_NONE;
	if (!fault.met)
		fault.name = name;
	fault.met = true;
	if (fault.fault == FAULT_KILL_BEFORE)
		raise(SIGKILL);
	if (fault.fault == FAULT_CALL)
		fault.call();
	return fault.fault;
}

#define WRAPPED(type, failed, name, params, args)                    \
	type __real_##name params;                                   \
	type __wrap_##name params;                                   \
	type __wrap_##name params                                    \
	{                                                            \
		enum fault step = fault_step(#name);                     \
		type result;                                         \
                                                                     \
		if (step == FAULT_FAIL) {                            \
			errno = fault.errnum;                        \
			return failed;                               \
		}                                                    \
		result = __real_##name args;                         \
		if (step == FAULT_KILL_AFTER)                        \
			raise(SIGKILL);                              \
		return result;                                       \
	}

WRAPPED(int, -1, fdatasync, (int fd), (fd))
WRAPPED(int, -1, flock, (int fd, int how), (fd, how))
WRAPPED(int, -1, fstat64, (int fd, struct stat *st), (fd, st))
WRAPPED(int, -1, stat64, (const char *path, struct stat *st), (path, st))
WRAPPED(int, -1, open64, (const char *path, int flags), (path, flags))
WRAPPED(int, -1, ftruncate64, (int fd, off_t size), (fd, size))
WRAPPED(ssize_t, -1, pread64, (int fd, void *to, size_t size, off_t off), (fd, to, size, off))
WRAPPED(void *, NULL, calloc, (size_t num, size_t size), (num, size))
WRAPPED(void *, MAP_FAILED, mmap64,
	(void *at, size_t size, int prot, int flags, int fd, off_t off),
	(at, size, prot, flags, fd, off))

ssize_t __real_pwrite64(int fd, const void *data, size_t size, off_t off);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t off);

ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t off)
{
	enum fault step = fault_step("pwrite64");
	ssize_t n;

	fault.num_writes++;
	if (step == FAULT_FAIL) {
		errno = fault.errnum;
		return -1;
	}
	n = __real_pwrite64(fd, data, step == FAULT_SHORT ? (size * 3 + 3) / 4 : size, off);
	if (step == FAULT_KILL_AFTER)
		raise(SIGKILL);
	return n;
}

static void fault_set(enum fault kind, int at, int errnum)
{
	memset(&fault, 0, sizeof(fault));
	fault.fault = kind;
	fault.at = at;
	fault.errnum = errnum;
}

static void fault_clear(void)
{
	fault_set(FAULT_NONE, 0, 0);
}

/* Bytes and files. */

struct bytes {
	uint8_t *data;
	size_t size;
	size_t cap;
};

static void bytes_add(struct bytes *b, const void *data, size_t size)
{
	if (b->size + size >= b->cap) {
		b->cap = 2 * (b->size + size) + 64;
		b->data = realloc(b->data, b->cap);
		assert_non_null(b->data);
	}
	if (size)
		memcpy(b->data + b->size, data, size);
	b->size += size;
}

static void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){};
}

static char dir_path[64];
static char file_path[128];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir_path, "/tmp/btfgen-test-XXXXXX");
	if (!mkdtemp(dir_path))
		return -1;
	snprintf(file_path, sizeof(file_path), "%s/file.elf", dir_path);
	fault_clear();
	return 0;
}

static int remove_dir(void **state)
{
	char other[160];

	(void)state;
	fault_clear();
	snprintf(other, sizeof(other), "%s.old", file_path);
	unlink(other);
	unlink(file_path);
	return rmdir(dir_path);
}

static void file_put(const char *path, const struct bytes *b)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(b->data, 1, b->size, f), b->size);
	assert_int_equal(fclose(f), 0);
}

static struct bytes file_get(const char *path)
{
	struct bytes b = {};
	char buf[65536];
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		bytes_add(&b, buf, n);
	fclose(f);
	return b;
}

static void assert_bytes_equal(const struct bytes *a, const struct bytes *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
}

/* ELF files. */

struct elf_spec {
	bool is_64;
	bool big;
	uint32_t num_fill;	/* empty sections besides */
	const char *btf;	/* content of a .BTF section; NULL: none */
	uint32_t btf_type;
	uint64_t btf_flags;
	uint64_t names_flags;
	uint32_t rel_info;	/* sh_info of a .rel section of 8 bytes; 0: none */
	bool names_junk;	/* bytes behind the last zero of the name table */
	bool extended;		/* counts in the first section header though they would fit */
};

static void put(struct bytes *b, const struct elf_spec *spec, uint64_t v, int size)
{
	uint8_t raw[8];

	for (int i = 0; i < size; i++)
		raw[spec->big ? size - 1 - i : i] = (uint8_t)(v >> (8 * i));
	bytes_add(b, raw, (size_t)size);
}

/* A word of the class. */
static void put_word(struct bytes *b, const struct elf_spec *spec, uint64_t v)
{
	put(b, spec, v, spec->is_64 ? 8 : 4);
}

struct spec_section {
	uint32_t name, type;
	uint64_t flags, addr, off, size;
	uint32_t link, info;
};

static void put_section(struct bytes *b, const struct elf_spec *spec, struct spec_section s)
{
	put(b, spec, s.name, 4);
	put(b, spec, s.type, 4);
	put_word(b, spec, s.flags);
	put_word(b, spec, s.addr);
	put_word(b, spec, s.off);
	put_word(b, spec, s.size);
	put(b, spec, s.link, 4);
	put(b, spec, s.info, 4);
	put_word(b, spec, s.type ? 1 : 0);
	put_word(b, spec, 0);
}

static uint32_t add_name(struct bytes *names, const char *name)
{
	uint32_t off = (uint32_t)names->size;

	bytes_add(names, name, strlen(name) + 1);
	return off;
}

static const char TEXT[] = "text of 24 bytes .......";

static struct bytes elf_build(const struct elf_spec *spec)
{
	struct bytes out = {}, names = {}, table = {}, head = {};
	size_t header_size = spec->is_64 ? 64 : 52;
	uint64_t off = header_size, table_off;
	uint32_t num = 1, names_name;
	bool extended;

	add_name(&names, "");
	put_section(&table, spec, (struct spec_section){});
	bytes_add(&out, TEXT, strlen(TEXT));
	put_section(&table, spec, (struct spec_section){
		.name = add_name(&names, ".text"), .type = SHT_PROGBITS,
		.flags = SHF_ALLOC | SHF_EXECINSTR, .addr = 0x1000, .off = off,
		.size = strlen(TEXT) });
	num++;
	if (spec->btf) {
		put_section(&table, spec, (struct spec_section){
			.name = add_name(&names, ".BTF"),
			.type = spec->btf_type ? spec->btf_type : SHT_PROGBITS,
			.flags = spec->btf_flags, .addr = spec->btf_flags ? 0x2000 : 0,
			.off = header_size + out.size, .size = strlen(spec->btf) });
		if (spec->btf_type != SHT_NOBITS)
			bytes_add(&out, spec->btf, strlen(spec->btf));
		num++;
	}
	if (spec->rel_info) {
		put_section(&table, spec, (struct spec_section){
			.name = add_name(&names, ".rel"), .type = SHT_REL, .off = header_size,
			.size = 8, .info = spec->rel_info });
		num++;
	}
	for (uint32_t i = 0; i < spec->num_fill; i++, num++)
		put_section(&table, spec, (struct spec_section){
			.name = 1, .type = SHT_PROGBITS, .off = off, .size = 1 });
	names_name = add_name(&names, ".shstrtab");
	put_section(&table, spec, (struct spec_section){
		.name = names_name, .type = SHT_STRTAB,
		.flags = spec->names_flags, .off = header_size + out.size,
		.size = names.size + (spec->names_junk ? 4 : 0) });
	num++;
	if (spec->names_junk)
		bytes_add(&names, "junk", 4);
	bytes_add(&out, names.data, names.size);
	while ((header_size + out.size) % 8)
		bytes_add(&out, "", 1);
	table_off = header_size + out.size;
	extended = spec->extended || num >= SHN_LORESERVE;
	if (extended) {
		struct bytes first = {};

		put_section(&first, spec, (struct spec_section){ .size = num, .link = num - 1 });
		memcpy(table.data, first.data, first.size);
		bytes_free(&first);
	}
	bytes_add(&out, table.data, table.size);

	bytes_add(&head, ELFMAG, SELFMAG);
	put(&head, spec, spec->is_64 ? ELFCLASS64 : ELFCLASS32, 1);
	put(&head, spec, spec->big ? ELFDATA2MSB : ELFDATA2LSB, 1);
	put(&head, spec, EV_CURRENT, 1);
	while (head.size < EI_NIDENT)
		put(&head, spec, 0, 1);
	put(&head, spec, ET_REL, 2);
	put(&head, spec, spec->is_64 ? EM_S390 : EM_PPC, 2);
	put(&head, spec, EV_CURRENT, 4);
	put_word(&head, spec, 0);		/* e_entry */
	put_word(&head, spec, 0);		/* e_phoff */
	put_word(&head, spec, table_off);
	put(&head, spec, 0x1234567, 4);		/* e_flags */
	put(&head, spec, header_size, 2);
	put(&head, spec, 0, 2);
	put(&head, spec, 0, 2);
	put(&head, spec, spec->is_64 ? 64 : 40, 2);
	put(&head, spec, extended ? 0 : num, 2);
	put(&head, spec, extended ? SHN_XINDEX : num - 1, 2);
	assert_int_equal(head.size, header_size);
	bytes_add(&head, out.data, out.size);
	bytes_free(&out);
	bytes_free(&names);
	bytes_free(&table);
	return head;
}

static struct elf_file parse(const struct bytes *b)
{
	struct elf_file elf;

	assert_null(elf_file_parse((struct span){ b->data, b->size }, &elf));
	return elf;
}

static struct elf_section section_at(const struct elf_file *elf, uint32_t index)
{
	struct elf_section section;

	assert_null(elf_section_get(elf, index, &section));
	return section;
}

static void assert_section_equal(const struct elf_file *elf, const char *name, const char *content)
{
	struct elf_section section;
	struct span data;
	bool found;

	assert_null(elf_find_section(elf, name, &section, &found));
	assert_true(found);
	assert_null(elf_section_data(elf, &section, &data));
	assert_int_equal(data.size, strlen(content));
	assert_memory_equal(data.data, content, data.size);
}

/* Everything of the old file that must hold in the new one. */
static void assert_kept(const struct bytes *old, const struct bytes *new, const char *except)
{
	struct elf_file old_elf = parse(old), new_elf = parse(new);
	size_t header_size = elf_header_size(&old_elf);
	struct bytes a = {}, b = {};
	size_t off_pos = old_elf.is_64 ? 40 : 32, off_size = old_elf.is_64 ? 8 : 4;
	size_t num_pos = old_elf.is_64 ? 60 : 48;

	assert_true(new->size > old->size);
	assert_memory_equal(old->data + header_size, new->data + header_size,
			    old->size - header_size);
	/* Of the header only e_shoff and e_shnum may differ. */
	bytes_add(&a, old->data, header_size);
	bytes_add(&b, new->data, header_size);
	memset(a.data + off_pos, 0, off_size);
	memset(b.data + off_pos, 0, off_size);
	memset(a.data + num_pos, 0, 2);
	memset(b.data + num_pos, 0, 2);
	assert_bytes_equal(&a, &b);
	bytes_free(&a);
	bytes_free(&b);
	assert_true(new_elf.table_off >= old->size);
	assert_int_equal(new_elf.table_off % (old_elf.is_64 ? 8 : 4), 0);
	assert_int_equal(old_elf.names_index, new_elf.names_index);
	for (uint32_t i = 1; i < old_elf.num_sections; i++) {
		struct elf_section s = section_at(&old_elf, i), n = section_at(&new_elf, i);

		assert_string_equal(s.name, n.name);
		if (strcmp(s.name, except) == 0)
			continue;
		assert_int_equal(s.type, n.type);
		assert_int_equal(s.flags, n.flags);
		assert_int_equal(s.addr, n.addr);
		assert_int_equal(s.link, n.link);
		assert_int_equal(s.info, n.info);
		assert_int_equal(s.align, n.align);
		if (i == old_elf.names_index)
			continue;
		assert_int_equal(s.off, n.off);
		assert_int_equal(s.size, n.size);
	}
}

static const struct elf_append_request *request_of(const char *content)
{
	static struct elf_append_request request;

	request = (struct elf_append_request){
		.section_name = ".BTF",
		.data = { (const uint8_t *)content, strlen(content) },
		.align = 4,
	};
	return &request;
}

static void assert_error(struct btfgen_error *err, const char *text, int exit_code)
{
	char expected[256], *have;

	assert_non_null(err);
	have = error_text(err);
	assert_non_null(have);
	if (err->file)
		snprintf(expected, sizeof(expected), "%s: %s", file_path, text);
	else
		snprintf(expected, sizeof(expected), "%s", text);
	assert_string_equal(have, expected);
	assert_int_equal(error_exit_code(err), exit_code);
	free(have);
	error_free(err);
}

static void assert_append_ok(const char *content, bool expect_unchanged)
{
	bool unchanged = !expect_unchanged;
	struct btfgen_error *err = elf_append_section(file_path, NULL, request_of(content),
						      &unchanged);

	if (err)
		fprintf(stderr, "%s\n", error_text(err));
	assert_null(err);
	assert_int_equal(unchanged, expect_unchanged);
}

/* Appends to the file of @spec and checks all that is promised; the result stays on disk. */
static void check_append(const struct elf_spec *spec)
{
	struct bytes old = elf_build(spec), new, again;
	struct elf_file old_elf = parse(&old), elf;
	struct elf_section section;
	bool found, existed;

	assert_null(elf_find_section(&old_elf, ".BTF", &section, &existed));
	file_put(file_path, &old);
	assert_append_ok("new content", false);
	new = file_get(file_path);
	assert_kept(&old, &new, ".BTF");
	elf = parse(&new);
	assert_int_equal(elf.num_sections, old_elf.num_sections + !existed);
	assert_section_equal(&elf, ".BTF", "new content");
	assert_section_equal(&elf, ".text", TEXT);
	assert_null(elf_find_section(&elf, ".BTF", &section, &found));
	assert_int_equal(section.type, SHT_PROGBITS);
	assert_int_equal(section.flags, 0);
	assert_int_equal(section.addr, 0);
	assert_int_equal(section.align, 4);
	assert_int_equal(section.off % 4, 0);
	assert_true(section.off >= old.size);
	assert_int_equal(section.link, 0);
	assert_int_equal(section.info, 0);

	/* Once more the same, then something else, then the first again. */
	assert_append_ok("new content", true);
	again = file_get(file_path);
	assert_bytes_equal(&new, &again);
	bytes_free(&again);
	assert_append_ok("other", false);
	again = file_get(file_path);
	assert_kept(&new, &again, ".BTF");
	elf = parse(&again);
	assert_section_equal(&elf, ".BTF", "other");
	assert_int_equal(elf.num_sections, old_elf.num_sections + !existed);
	bytes_free(&again);
	bytes_free(&old);
	bytes_free(&new);
}

/* The four kinds of file. */

static const struct elf_spec KINDS[] = {
	{ .is_64 = true, .big = false },
	{ .is_64 = true, .big = true },
	{ .is_64 = false, .big = false },
	{ .is_64 = false, .big = true },
};

enum { NUM_KINDS = sizeof(KINDS) / sizeof(KINDS[0]) };

static void append_works_in_both_classes_and_byte_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++)
		check_append(&KINDS[i]);
}

static void append_replaces_a_section_that_exists(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		struct elf_spec spec = KINDS[i];

		spec.btf = "the old content, which is longer";
		check_append(&spec);
		spec.btf = "old";
		check_append(&spec);
		spec.btf_flags = SHF_ALLOC;
		check_append(&spec);
		spec.btf_type = SHT_NOBITS;
		check_append(&spec);
		spec.btf_type = SHT_NOTE;
		check_append(&spec);
	}
}

static void append_replaces_equal_bytes_that_are_no_content(void **state)
{
	struct elf_spec spec = { .is_64 = true, .btf = "new content" };

	(void)state;
	spec.btf_type = SHT_NOBITS;
	check_append(&spec);
	spec.btf_type = SHT_PROGBITS;
	spec.btf_flags = SHF_COMPRESSED;
	check_append(&spec);
}

static void append_leaves_equal_content_alone_even_if_loaded(void **state)
{
	struct elf_spec spec = { .is_64 = true, .btf = "equal", .btf_flags = SHF_ALLOC };
	struct bytes old = elf_build(&spec), now;

	(void)state;
	file_put(file_path, &old);
	assert_append_ok("equal", true);
	now = file_get(file_path);
	assert_bytes_equal(&old, &now);
	assert_int_equal(fault.num_writes, 0);
	bytes_free(&now);
	bytes_free(&old);
}

static void append_works_around_the_limit_of_section_counts(void **state)
{
	static const uint32_t nums[] = { SHN_LORESERVE - 5, SHN_LORESERVE - 4, SHN_LORESERVE - 3,
					 SHN_LORESERVE - 2, 65300 };

	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		for (size_t k = 0; k < sizeof(nums) / sizeof(nums[0]); k++) {
			struct elf_spec spec = KINDS[i];

			spec.num_fill = nums[k];
			check_append(&spec);
		}
	}
}

static void append_sets_the_count_where_the_standard_wants_it(void **state)
{
	/* Four sections come to the fill, .BTF included: 0xfeff afterwards, then 0xff00. */
	struct elf_spec spec = { .is_64 = true, .num_fill = SHN_LORESERVE - 5 };
	struct bytes old, new;
	Elf64_Ehdr header;
	struct elf_file elf;

	(void)state;
	for (int more = 0; more < 2; more++, spec.num_fill++) {
		old = elf_build(&spec);
		file_put(file_path, &old);
		assert_append_ok("x", false);
		new = file_get(file_path);
		memcpy(&header, new.data, sizeof(header));
		elf = parse(&new);
		assert_int_equal(header.e_shnum, more ? 0 : 0xfeff);
		assert_int_equal(header.e_shstrndx, SHN_LORESERVE - 3 + more);
		assert_int_equal(section_at(&elf, 0).size, more ? 0xff00 : 0);
		assert_int_equal(section_at(&elf, 0).link, 0);
		bytes_free(&old);
		bytes_free(&new);
	}
}

static void append_keeps_a_count_that_need_not_be_extended(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		struct elf_spec spec = KINDS[i];

		spec.extended = true;
		check_append(&spec);
	}
}

static void append_takes_a_name_table_that_does_not_end(void **state)
{
	struct elf_spec spec = { .is_64 = true, .names_junk = true };

	(void)state;
	check_append(&spec);
}

static void append_places_several_sections_at_once(void **state)
{
	struct elf_spec spec = { .is_64 = true, .btf = "old" };
	struct elf_append_request requests[] = {
		{ ".BTF", { (const uint8_t *)"first", 5 }, 4 },
		{ ".BTF.base", { (const uint8_t *)"second", 6 }, 4096 },
		{ ".third", { (const uint8_t *)"3", 1 }, 1 },
	};
	struct bytes old = elf_build(&spec), new, again;
	struct elf_file elf;
	bool unchanged = true;

	(void)state;
	file_put(file_path, &old);
	assert_null(elf_append_sections(file_path, NULL, requests, 3, &unchanged));
	assert_false(unchanged);
	new = file_get(file_path);
	assert_kept(&old, &new, ".BTF");
	elf = parse(&new);
	assert_section_equal(&elf, ".BTF", "first");
	assert_section_equal(&elf, ".BTF.base", "second");
	assert_section_equal(&elf, ".third", "3");
	assert_int_equal(section_at(&elf, elf.num_sections - 2).off % 4096, 0);
	assert_null(elf_append_sections(file_path, NULL, requests, 3, &unchanged));
	assert_true(unchanged);
	again = file_get(file_path);
	assert_bytes_equal(&new, &again);
	bytes_free(&again);

	/* One of them alone: the others keep their place. */
	requests[1].data = (struct span){ (const uint8_t *)"changed", 7 };
	assert_null(elf_append_sections(file_path, NULL, requests, 3, &unchanged));
	assert_false(unchanged);
	again = file_get(file_path);
	assert_kept(&new, &again, ".BTF.base");
	elf = parse(&again);
	assert_section_equal(&elf, ".BTF.base", "changed");
	bytes_free(&again);

	requests[2].section_name = ".BTF";
	assert_error(elf_append_sections(file_path, NULL, requests, 3, &unchanged),
		     "section '.BTF' is asked for twice", 3);
	bytes_free(&old);
	bytes_free(&new);
}

static void append_keeps_inode_mode_and_links(void **state)
{
	struct elf_spec spec = { .is_64 = true };
	struct bytes old = elf_build(&spec), a, b;
	struct stat before, after;
	struct elf_file elf;
	char other[160];

	(void)state;
	file_put(file_path, &old);
	snprintf(other, sizeof(other), "%s.old", file_path);
	assert_int_equal(chmod(file_path, 0640), 0);
	assert_int_equal(link(file_path, other), 0);
	assert_int_equal(lstat(file_path, &before), 0);
	assert_append_ok("x", false);
	assert_int_equal(lstat(file_path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mode, after.st_mode);
	assert_int_equal(after.st_nlink, 2);
	a = file_get(file_path);
	b = file_get(other);
	assert_bytes_equal(&a, &b);
	unlink(other);

	/* Through a symbolic link, which stays one. */
	assert_int_equal(symlink(file_path, other), 0);
	assert_null(elf_append_section(other, NULL, request_of("y"), &(bool){ false }));
	assert_int_equal(lstat(other, &after), 0);
	assert_true(S_ISLNK(after.st_mode));
	bytes_free(&a);
	a = file_get(file_path);
	elf = parse(&a);
	assert_section_equal(&elf, ".BTF", "y");
	bytes_free(&a);
	bytes_free(&b);
	bytes_free(&old);
}

/* What must be refused, with the file untouched. */

static void check_refused(const struct bytes *old, const char *text, int exit_code)
{
	struct bytes now;
	bool unchanged = true;

	file_put(file_path, old);
	assert_error(elf_append_section(file_path, NULL, request_of("x"), &unchanged), text,
		     exit_code);
	assert_true(unchanged);
	now = file_get(file_path);
	assert_bytes_equal(old, &now);
	bytes_free(&now);
}

static void refused_spec(const struct elf_spec *spec, const char *text)
{
	struct bytes old = elf_build(spec);

	check_refused(&old, text, 3);
	bytes_free(&old);
}

/* The file of ELF64 little endian with one field of its header changed. */
static void refused_field(size_t off, uint64_t value, int size, const char *text)
{
	static const struct elf_spec spec = { .is_64 = true };
	struct bytes old = elf_build(&spec);

	for (int i = 0; i < size; i++)
		old.data[off + (size_t)i] = (uint8_t)(value >> (8 * i));
	check_refused(&old, text, 3);
	bytes_free(&old);
}

static void refused_cut(size_t size, const char *text)
{
	static const struct elf_spec spec = { .is_64 = true };
	struct bytes old = elf_build(&spec);

	old.size = size;
	check_refused(&old, text, 3);
	bytes_free(&old);
}

static void append_refuses_bad_headers(void **state)
{
	(void)state;
	refused_field(0, 0x7e, 1, "not an ELF file");
	refused_field(EI_CLASS, 3, 1, "unknown ELF class 3");
	refused_field(EI_DATA, 0, 1, "unknown ELF byte order 0");
	refused_field(40, 0, 8, "file has no section header table");
	refused_field(40, UINT64_MAX - 8, 8, "section header table lies outside the file");
	refused_field(40, 1 << 20, 8, "section header table lies outside the file");
	refused_field(58, 40, 2, "section headers of 40 bytes instead of 64");
	refused_field(60, 400, 2, "section header table lies outside the file");
	refused_field(60, 0, 2, "file has no section header table");
	refused_field(62, 3, 2, "section name table has the index 3 of 3 sections");
	refused_field(62, 1, 2, "section name table is no string table");
	refused_field(62, 0, 2, "file has no section name table");
	refused_cut(3, "not an ELF file");
	refused_cut(4, "ELF header is cut off");
	refused_cut(15, "ELF header is cut off");
	refused_cut(63, "ELF header is cut off");
	refused_cut(64, "section header table lies outside the file");
	refused_cut(300, "section header table lies outside the file");
	refused_cut(0, "file is empty");
}

static void append_refuses_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		struct bytes whole = elf_build(&KINDS[i]);

		for (size_t size = 1; size < whole.size; size++) {
			struct bytes cut = { .data = whole.data, .size = size };

			check_refused(&cut,
				      size < SELFMAG ? "not an ELF file"
				      : size < (KINDS[i].is_64 ? 64 : 52)
					      ? "ELF header is cut off"
					      : "section header table lies outside the file",
				      3);
		}
		bytes_free(&whole);
	}
}

/* The file of ELF64 little endian with one field of a section header changed. */
static void refused_section_field(const struct elf_spec *spec, uint32_t index, size_t field,
				  uint64_t value, int size, const char *text)
{
	struct bytes old = elf_build(spec);
	struct elf_file elf = parse(&old);
	uint8_t *p = old.data + elf.table_off + index * 64 + field;

	for (int i = 0; i < size; i++)
		p[i] = (uint8_t)(value >> (8 * i));
	check_refused(&old, text, 3);
	bytes_free(&old);
}

static void append_refuses_bad_section_headers(void **state)
{
	struct elf_spec spec = { .is_64 = true }, with_btf = { .is_64 = true, .btf = "old" };
	uint8_t *table, name[4];
	struct elf_file elf;
	struct bytes old;

	(void)state;
	refused_section_field(&spec, 1, 0, 1000, 4,
			      "name of section 1 lies outside the name table");
	/* One past the last byte of "\0.text\0.shstrtab\0". */
	refused_section_field(&spec, 1, 0, 17, 4,
			      "name of section 1 lies outside the name table");
	refused_section_field(&spec, 2, 24, 1 << 20, 8,
			      "section name table lies outside the file");
	refused_section_field(&spec, 2, 24, 63, 8, "section name table lies in the ELF header");
	refused_section_field(&spec, 2, 32, UINT64_MAX, 8,
			      "section name table lies outside the file");
	refused_section_field(&spec, 2, 32, 0, 8, "name of section 1 lies outside the name table");
	refused_section_field(&with_btf, 2, 24, 1 << 20, 8, "section '.BTF' lies outside the file");
	/* The two sections change their names. */
	old = elf_build(&with_btf);
	elf = parse(&old);
	table = old.data + elf.table_off;
	memcpy(name, table + 2 * 64, 4);
	memcpy(table + 2 * 64, table + 3 * 64, 4);
	memcpy(table + 3 * 64, name, 4);
	check_refused(&old, "section '.BTF' is the section name table", 3);
	bytes_free(&old);
}

static void append_refuses_what_it_would_break(void **state)
{
	struct elf_spec spec = { .is_64 = true, .btf = "old", .rel_info = 2 };

	(void)state;
	refused_spec(&spec, "section '.BTF' has relocations");
	/* Of the index that the new section would get. */
	spec = (struct elf_spec){ .is_64 = true, .rel_info = 4 };
	refused_spec(&spec, "section '.BTF' has relocations");
	spec.rel_info = 5;
	check_append(&spec);
	/* Relocations of another section are nobody's business. */
	spec.rel_info = 1;
	check_append(&spec);
	spec = (struct elf_spec){ .is_64 = true, .names_flags = SHF_ALLOC };
	refused_spec(&spec, "section name table is loaded");
	/* With the name in the table already, the table stays where it is. */
	spec.btf = "old";
	check_append(&spec);
}

static void append_refuses_an_elf32_file_beyond_4_gib(void **state)
{
	struct elf_spec spec = {};
	struct bytes old = elf_build(&spec);
	struct stat st;

	(void)state;
	file_put(file_path, &old);
	assert_int_equal(truncate(file_path, UINT32_MAX - 100), 0);
	assert_error(elf_append_section(file_path, NULL, request_of("x"), &(bool){ false }),
		     "file would exceed the 4 GiB of ELF32", 5);
	assert_int_equal(stat(file_path, &st), 0);
	assert_int_equal(st.st_size, UINT32_MAX - 100);
	assert_int_equal(fault.num_writes, 0);
	bytes_free(&old);
}

static void append_refuses_what_is_no_regular_file(void **state)
{
	(void)state;
	assert_error(elf_append_section(file_path, NULL, request_of("x"), &(bool){ false }),
		     "cannot open for writing: No such file or directory", 5);
	assert_int_equal(mkdir(file_path, 0700), 0);
	assert_error(elf_append_section(file_path, NULL, request_of("x"), &(bool){ false }),
		     "not a regular file", 3);
	assert_int_equal(rmdir(file_path), 0);
	assert_int_equal(mkfifo(file_path, 0600), 0);
	assert_error(elf_append_section(file_path, NULL, request_of("x"), &(bool){ false }),
		     "not a regular file", 3);
}

static void append_refuses_a_file_without_write_permission(void **state)
{
	struct elf_spec spec = { .is_64 = true };
	struct bytes old = elf_build(&spec);
	pid_t pid;
	int status;

	(void)state;
	file_put(file_path, &old);
	assert_int_equal(chmod(file_path, 0444), 0);
	assert_int_equal(chmod(dir_path, 0755), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct btfgen_error *err;
		char *text;

		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		err = elf_append_section(file_path, NULL, request_of("x"), &(bool){ false });
		text = err ? error_text(err) : NULL;
		_exit(!(text && strstr(text, ": cannot open for writing: Permission denied") &&
			error_exit_code(err) == 5));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	bytes_free(&old);
}

static void append_refuses_a_locked_file(void **state)
{
	struct elf_spec spec = { .is_64 = true };
	struct bytes old = elf_build(&spec);
	int fd;

	(void)state;
	file_put(file_path, &old);
	fd = open(file_path, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	check_refused(&old, "file is locked by another process", 5);
	close(fd);
	assert_append_ok("x", false);
	bytes_free(&old);
}

static void append_refuses_a_file_that_changed_since_it_was_read(void **state)
{
	struct elf_spec spec = { .is_64 = true };
	struct bytes old = elf_build(&spec);
	struct file_map map;
	struct file_identity identity;

	(void)state;
	file_put(file_path, &old);
	assert_null(file_map_open(file_path, &map));
	for (int i = 0; i < 4; i++) {
		identity = map.identity;
		identity.size += i == 0;
		identity.mtim.tv_nsec ^= i == 1;
		identity.ino += i == 2;
		identity.dev += i == 3;
		assert_error(elf_append_section(file_path, &identity, request_of("x"),
						&(bool){ false }),
			     "file changed since it was read", 3);
	}
	assert_int_equal(fault.num_writes, 0);
	assert_null(elf_append_section(file_path, &map.identity, request_of("x"),
				       &(bool){ false }));
	file_map_close(&map);
	bytes_free(&old);
}

/* Faults at every step. */

static const struct elf_spec FAULT_SPEC = { .is_64 = true, .big = true, .btf = "old" };
static const char FAULT_CONTENT[] = "content of the run that meets a fault";

static struct btfgen_error *faulty_run(enum fault kind, int at, int errnum)
{
	struct btfgen_error *err;
	bool unchanged = true;

	fault_set(kind, at, errnum);
	err = elf_append_section(file_path, NULL, request_of(FAULT_CONTENT), &unchanged);
	fault.fault = FAULT_NONE;
	if (err)
		assert_true(unchanged);
	return err;
}

static void assert_file_equal(const struct bytes *old)
{
	struct bytes now = file_get(file_path);

	assert_bytes_equal(old, &now);
	bytes_free(&now);
}

static void assert_file_complete(const struct bytes *old)
{
	struct bytes now = file_get(file_path);
	struct elf_file elf = parse(&now);

	assert_kept(old, &now, ".BTF");
	assert_section_equal(&elf, ".BTF", FAULT_CONTENT);
	bytes_free(&now);
}

/* The old file, perhaps with more behind it. */
static void assert_file_old_or_complete(const struct bytes *old)
{
	struct bytes now = file_get(file_path);

	assert_true(now.size >= old->size);
	if (memcmp(now.data, old->data, 64) == 0) {
		assert_memory_equal(now.data, old->data, old->size);
		bytes_free(&now);
		return;
	}
	bytes_free(&now);
	assert_file_complete(old);
}

/* What each call of a run means when it fails. */
static const struct {
	const char *name;
	const char *text;	/* NULL: the run goes on */
	bool complete;		/* the file is complete nevertheless */
} STEPS[] = {
	{ "calloc", "out of memory", false },
	{ "stat64", "cannot open for writing: Input/output error", false },
	{ "open64", "cannot open for writing: Input/output error", false },
	{ "fstat64", "cannot read: Input/output error", false },
	{ "flock", NULL, true },
	{ "fstat64", "cannot read: Input/output error", false },
	{ "mmap64", "cannot read: Input/output error", false },
	{ "calloc", "out of memory", false },
	{ "pwrite64", "cannot write: Input/output error", false },	/* data */
	{ "pwrite64", "cannot write: Input/output error", false },	/* section headers */
	{ "fdatasync", "cannot flush: Input/output error", false },
	{ "fstat64", "cannot read: Input/output error", false },
	{ "stat64", "cannot read: Input/output error", false },
	{ "pread64", "cannot read: Input/output error", false },
	{ "pwrite64", "cannot write: Input/output error", false },	/* ELF header */
	{ "fdatasync", "cannot flush: Input/output error", true },
};

enum {
	NUM_STEPS = sizeof(STEPS) / sizeof(STEPS[0]),
	STEP_DATA = 9,		/* numbers of calls, from 1 on */
	STEP_RECHECK = 12,
	STEP_HEADER = 15,
};

static void append_restores_the_file_whatever_call_fails(void **state)
{
	struct bytes old = elf_build(&FAULT_SPEC);
	struct btfgen_error *err;

	(void)state;
	for (int at = 1; at <= NUM_STEPS; at++) {
		file_put(file_path, &old);
		err = faulty_run(FAULT_FAIL, at, EIO);
		assert_true(fault.met);
		assert_string_equal(fault.name, STEPS[at - 1].name);
		if (STEPS[at - 1].text)
			assert_error(err, STEPS[at - 1].text, 5);
		else
			assert_null(err);
		if (STEPS[at - 1].complete)
			assert_file_complete(&old);
		else
			assert_file_equal(&old);
	}
	file_put(file_path, &old);
	assert_null(faulty_run(FAULT_FAIL, NUM_STEPS + 1, EIO));
	assert_false(fault.met);
	assert_int_equal(fault.num_calls, NUM_STEPS);
	bytes_free(&old);
}

static void append_on_a_full_disk_restores_the_file(void **state)
{
	struct bytes old = elf_build(&FAULT_SPEC);

	(void)state;
	for (int at = STEP_DATA; at < STEP_DATA + 2; at++) {
		file_put(file_path, &old);
		assert_error(faulty_run(FAULT_FAIL, at, ENOSPC),
			     "cannot write: No space left on device", 5);
		assert_file_equal(&old);
	}
	bytes_free(&old);
}

/* With the restoring calls failing as well, what is left must still be the old file. */
static void append_keeps_the_old_file_when_nothing_works_any_more(void **state)
{
	struct bytes old = elf_build(&FAULT_SPEC);
	struct btfgen_error *err;

	(void)state;
	for (int at = 1; at <= NUM_STEPS; at++) {
		file_put(file_path, &old);
		fault_set(FAULT_FAIL, at, EIO);
		fault.again = true;
		err = elf_append_section(file_path, NULL, request_of(FAULT_CONTENT),
					 &(bool){ false });
		fault.fault = FAULT_NONE;
		assert_non_null(err);
		error_free(err);
		assert_file_old_or_complete(&old);
	}
	bytes_free(&old);
}

static void append_goes_on_after_interrupted_and_short_writes(void **state)
{
	struct bytes old = elf_build(&FAULT_SPEC);
	int steps[] = { STEP_DATA, STEP_DATA + 1, STEP_HEADER };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		file_put(file_path, &old);
		assert_null(faulty_run(FAULT_FAIL, steps[i], EINTR));
		assert_true(fault.met);
		assert_file_complete(&old);
	}
	for (size_t i = 0; i < 2; i++) {
		file_put(file_path, &old);
		assert_null(faulty_run(FAULT_SHORT, steps[i], 0));
		assert_int_equal(fault.num_writes, 4);
		assert_file_complete(&old);
	}
	/* A part of a header is taken back, not completed: it must go in one step. */
	file_put(file_path, &old);
	assert_error(faulty_run(FAULT_SHORT, STEP_HEADER, 0), "cannot write: Input/output error",
		     5);
	assert_file_equal(&old);

	/* If it cannot be taken back, the tail stays, as the header may lead there. */
	file_put(file_path, &old);
	fault_set(FAULT_SHORT, STEP_HEADER, EIO);
	fault.no_more_writes = true;
	assert_error(elf_append_section(file_path, NULL, request_of(FAULT_CONTENT),
					&(bool){ false }),
		     "cannot write: Input/output error", 5);
	fault_clear();
	assert_file_complete(&old);
	bytes_free(&old);
}

static void append_killed_at_any_step_leaves_the_old_file_or_the_new(void **state)
{
	struct bytes old = elf_build(&FAULT_SPEC);
	static const enum fault kinds[] = { FAULT_KILL_BEFORE, FAULT_KILL_AFTER };
	int num_complete = 0, num_longer = 0, status;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int at = 1; at <= NUM_STEPS; at++) {
			struct bytes now;
			bool complete;

			file_put(file_path, &old);
			pid = fork();
			assert_true(pid >= 0);
			if (pid == 0) {
				error_free(faulty_run(kinds[i], at, 0));
				_exit(0);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			if (kinds[i] == FAULT_KILL_BEFORE || strcmp(STEPS[at - 1].name, "calloc"))
				assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
			assert_file_old_or_complete(&old);
			now = file_get(file_path);
			complete = memcmp(now.data, old.data, 64) != 0;
			assert_int_equal(complete,
					 at > STEP_HEADER || (at == STEP_HEADER &&
							      kinds[i] == FAULT_KILL_AFTER));
			num_complete += complete;
			num_longer += !complete && now.size > old.size;

			/* The next run goes through, with the dead tail as part of the old file. */
			assert_append_ok(FAULT_CONTENT, complete);
			bytes_free(&now);
			assert_file_complete(&old);
		}
	}
	assert_int_equal(num_complete, 3);
	assert_true(num_longer >= 8);
	bytes_free(&old);
}

/* Others at work on the file in the midst of a run. */

static void other_replaces(void)
{
	char other[160];
	FILE *f;

	snprintf(other, sizeof(other), "%s.old", file_path);
	assert_int_equal(rename(file_path, other), 0);
	f = fopen(file_path, "wb");
	fputs("another file", f);
	fclose(f);
}

static void other_removes(void)
{
	assert_int_equal(unlink(file_path), 0);
}

static void other_appends(void)
{
	FILE *f = fopen(file_path, "ab");

	fputs("another tail", f);
	fclose(f);
}

static void other_patches(void)
{
	int fd = open(file_path, O_WRONLY);

	assert_int_equal(__real_pwrite64(fd, "\x7", 1, 50), 1);
	close(fd);
}

static void other_cuts(void)
{
	assert_int_equal(truncate(file_path, 100), 0);
}

static void run_with_other(void (*call)(void), const struct bytes *old)
{
	struct btfgen_error *err;

	file_put(file_path, old);
	fault_set(FAULT_CALL, STEP_RECHECK, 0);
	fault.call = call;
	err = elf_append_section(file_path, NULL, request_of(FAULT_CONTENT), &(bool){ false });
	assert_true(fault.met);
	fault.fault = FAULT_NONE;
	assert_error(err, "file changed while it was written", 3);
}

static void append_leaves_a_file_that_others_change_as_they_left_it(void **state)
{
	struct bytes old = elf_build(&FAULT_SPEC), now;
	char other[160];
	struct stat st;

	(void)state;
	run_with_other(other_replaces, &old);
	now = file_get(file_path);
	assert_int_equal(now.size, strlen("another file"));
	bytes_free(&now);
	snprintf(other, sizeof(other), "%s.old", file_path);
	now = file_get(other);
	assert_bytes_equal(&old, &now);
	bytes_free(&now);

	run_with_other(other_removes, &old);
	assert_int_not_equal(stat(file_path, &st), 0);

	run_with_other(other_appends, &old);
	now = file_get(file_path);
	assert_memory_equal(now.data, old.data, old.size);
	assert_memory_equal(now.data + now.size - 12, "another tail", 12);
	bytes_free(&now);

	run_with_other(other_patches, &old);
	now = file_get(file_path);
	assert_int_equal(now.size, old.size);
	assert_int_equal(now.data[50], 7);
	bytes_free(&now);

	run_with_other(other_cuts, &old);
	assert_int_equal(stat(file_path, &st), 0);
	assert_int_equal(st.st_size, 100);
	bytes_free(&old);
}

/* The reader alone. */

static void reader_tells_elf_from_other_bytes(void **state)
{
	(void)state;
	assert_true(elf_file_is_elf((struct span){ (const uint8_t *)"\177ELF", 4 }));
	assert_false(elf_file_is_elf((struct span){ (const uint8_t *)"\177EL", 3 }));
	assert_false(elf_file_is_elf((struct span){ (const uint8_t *)"\x9f\xeb\1\0", 4 }));
	assert_false(elf_file_is_elf((struct span){}));
}

static void reader_gives_the_fields_of_both_classes_and_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUM_KINDS; i++) {
		struct elf_spec spec = KINDS[i];
		struct elf_section section;
		struct elf_file elf;
		struct bytes b;
		struct span data;
		bool found;

		spec.btf = "content";
		spec.btf_type = SHT_NOBITS;
		spec.btf_flags = SHF_ALLOC;
		b = elf_build(&spec);
		elf = parse(&b);
		assert_int_equal(elf.is_64, spec.is_64);
		assert_int_equal(elf.swap, spec.big != HOST_BIG_ENDIAN);
		assert_int_equal(elf.type, ET_REL);
		assert_int_equal(elf.machine, spec.is_64 ? EM_S390 : EM_PPC);
		assert_int_equal(elf.num_sections, 4);
		assert_int_equal(elf.names_index, 3);
		assert_null(elf_find_section(&elf, ".BTF", &section, &found));
		assert_true(found);
		assert_int_equal(section.index, 2);
		assert_int_equal(section.addr, 0x2000);
		assert_int_equal(section.size, 7);
		assert_null(elf_section_data(&elf, &section, &data));
		assert_null(data.data);
		assert_null(elf_find_section(&elf, ".BT", &section, &found));
		assert_false(found);
		assert_null(elf_find_section(&elf, "", &section, &found));
		assert_false(found);
		bytes_free(&b);
	}
}

static void reader_reads_a_file_without_names(void **state)
{
	struct elf_spec spec = { .is_64 = true };
	struct bytes b = elf_build(&spec);
	struct elf_file elf;
	bool found;

	(void)state;
	b.data[62] = 0;
	elf = parse(&b);
	assert_null(elf.names.data);
	assert_string_equal(section_at(&elf, 1).name, "");
	assert_null(elf_find_section(&elf, ".text", &(struct elf_section){}, &found));
	assert_false(found);
	bytes_free(&b);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(append_works_in_both_classes_and_byte_orders),
		IN_DIR(append_replaces_a_section_that_exists),
		IN_DIR(append_replaces_equal_bytes_that_are_no_content),
		IN_DIR(append_leaves_equal_content_alone_even_if_loaded),
		IN_DIR(append_works_around_the_limit_of_section_counts),
		IN_DIR(append_sets_the_count_where_the_standard_wants_it),
		IN_DIR(append_keeps_a_count_that_need_not_be_extended),
		IN_DIR(append_takes_a_name_table_that_does_not_end),
		IN_DIR(append_places_several_sections_at_once),
		IN_DIR(append_keeps_inode_mode_and_links),
		IN_DIR(append_refuses_bad_headers),
		IN_DIR(append_refuses_every_cut),
		IN_DIR(append_refuses_bad_section_headers),
		IN_DIR(append_refuses_what_it_would_break),
		IN_DIR(append_refuses_an_elf32_file_beyond_4_gib),
		IN_DIR(append_refuses_what_is_no_regular_file),
		IN_DIR(append_refuses_a_file_without_write_permission),
		IN_DIR(append_refuses_a_locked_file),
		IN_DIR(append_refuses_a_file_that_changed_since_it_was_read),
		IN_DIR(append_restores_the_file_whatever_call_fails),
		IN_DIR(append_on_a_full_disk_restores_the_file),
		IN_DIR(append_keeps_the_old_file_when_nothing_works_any_more),
		IN_DIR(append_goes_on_after_interrupted_and_short_writes),
		IN_DIR(append_killed_at_any_step_leaves_the_old_file_or_the_new),
		IN_DIR(append_leaves_a_file_that_others_change_as_they_left_it),
		cmocka_unit_test(reader_tells_elf_from_other_bytes),
		cmocka_unit_test(reader_gives_the_fields_of_both_classes_and_orders),
		cmocka_unit_test(reader_reads_a_file_without_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
