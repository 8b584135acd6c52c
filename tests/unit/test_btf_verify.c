// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/verify: each rule broken and kept, in both byte orders, with and without threads; and the
 * same blobs, mutated ones and a real one before the judge itself, the running kernel.
 *
 * What the kernel comparison needs is root (CAP_BPF) and a kernel of 6.12 or later; it is skipped
 * elsewhere (btf_kernel.h). BTFGEN_MUTATIONS sets how many mutations of the running kernel's own BTF
 * are tried (default 40, each is several megabytes), and BTFGEN_SEED where they start.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "btf_blob.h"
#include "btf_kernel.h"

#include "lib/base/hash.h"
#include "lib/base/pool.h"
#include "lib/btf/verify.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))

/* The text of the violation, "" if there is none. Views that do not open give the error's text. */
static void verdict(struct span bytes, const struct btf_view *base,
		    const struct verify_options *options, struct pool *pool, char *ret_text,
		    size_t room)
{
	struct verify_violation violation;
	struct btfgen_error *err;
	struct btf_view view;

	err = btf_view_open(bytes, base, &view);
	if (err) {
		char *text = error_text(err);

		snprintf(ret_text, room, "%s", text);
		free(text);
		error_free(err);
		return;
	}
	err = btf_verify(&view, options, pool, &violation);
	assert_null(err);
	btf_view_close(&view);
	if (!violation.rule) {
		assert_null(verify_error(&violation));
		ret_text[0] = 0;
		return;
	}
	err = verify_error(&violation);
	assert_non_null(err);
	assert_int_equal(err->code, BTFGEN_ERROR_VERIFY);
	assert_int_equal(error_exit_code(err), 4);
	assert_string_equal(err->message, violation.text);
	assert_non_null(strstr(violation.text, violation.rule));
	error_free(err);
	snprintf(ret_text, room, "%s", violation.text);
}

struct rule_case {
	const char *types;
	const char *text;		/* "": accepted */
	const char *program_text;	/* with options.program; NULL: the same */
};

static const struct rule_case rule_cases[] = {
#include "btf_rule_cases.h"
};

static void check_case(const struct rule_case *c, const struct verify_options *options,
		       struct pool *pool)
{
	const char *expected = options->program && c->program_text ? c->program_text : c->text;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		char text[1024];
		struct blob blob;

		blob_build(&blob, c->types, big_endian);
		verdict(blob_span(&blob), NULL, options, pool, text, sizeof(text));
		if (strcmp(text, expected))
			fail_msg("'%s' (%s byte order%s): '%s', expected '%s'", c->types,
				 big_endian ? "big" : "little", options->program ? ", program" : "",
				 text, expected);
		blob_free(&blob);
	}
}

static void each_rule_is_kept_and_broken(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct pool *pool;

	(void)state;
	assert_null(pool_create(3, 0, &pool));
	for (size_t i = 0; i < ARRAY_LEN(rule_cases); i++) {
		options.program = false;
		check_case(&rule_cases[i], &options, NULL);
		check_case(&rule_cases[i], &options, pool);
		options.program = true;
		check_case(&rule_cases[i], &options, NULL);
		check_case(&rule_cases[i], &options, pool);
	}
	pool_destroy(pool);
}


/* Blobs that text cannot express: headers, layout, chains. */

static void check_blob(const struct blob *blob, const struct verify_options *options,
		       const char *expected)
{
	char text[1024];

	verdict(blob_span(blob), NULL, options, NULL, text, sizeof(text));
	assert_string_equal(text, expected);
}

struct header_case {
	uint32_t field, value;		/* a field of the header is set to the value, */
	uint32_t insert_off, num;	/* and zero bytes are put in */
	const char *text;
};

/* All on "int; *1": types 28 bytes at 0, strings 5 bytes at 28. */
static const struct header_case header_cases[] = {
	{ BTF_HEADER_SIZE_OFF, 28, 24, 4, "" },
	{ BTF_HEADER_SIZE_OFF, 32, 24, 8, "" },
	{ BTF_HEADER_SIZE_OFF, 40, 24, 16, "" },
	{ BTF_HEADER_SIZE_OFF, 25, 24, 0, ".BTF+0x10: strings end at 0x3a, behind the end of the BTF at 0x39" },
	{ BTF_HEADER_SIZE_OFF, 23, 24, 0, ".BTF+0x4: header size 23 is below 24" },
	{ BTF_HEADER_SIZE_OFF, 58, 24, 0, ".BTF+0x4: header of 58 bytes in 57 bytes of BTF" },
	{ BTF_HEADER_TYPES_OFF_OFF, 4, 24, 4,
	  "BTF: H8: a section starts at 0x1c, the one before ends at 0x18" },
	{ BTF_HEADER_STRINGS_OFF_OFF, 32, 52, 4,
	  "BTF: H8: a section starts at 0x38, the one before ends at 0x34" },
	{ BTF_HEADER_STRINGS_OFF_OFF, 27, 24, 0, ".BTF+0x37: strings do not end with a zero byte" },
	{ BTF_HEADER_TYPES_SIZE_OFF, 0, 24, 0,
	  "BTF: H8: a section starts at 0x34, the one before ends at 0x18" },
	{ BTF_HEADER_TYPES_SIZE_OFF, 27, 24, 0, ".BTF+0x28: 11 bytes are left for a type record" },
	{ BTF_HEADER_TYPES_SIZE_OFF, 15, 24, 0,
	  ".BTF+0x18: type 1 of 16 bytes does not fit into the 15 bytes that are left" },
	{ BTF_HEADER_STRINGS_SIZE_OFF, 4, 24, 0, ".BTF+0x37: strings do not end with a zero byte" },
	{ BTF_HEADER_STRINGS_SIZE_OFF, 0, 24, 0, "BTF: H8: 5 bytes lie behind the last section" },
	{ BTF_HEADER_STRINGS_SIZE_OFF, 6, 24, 0,
	  ".BTF+0x10: strings end at 0x3a, behind the end of the BTF at 0x39" },
	{ BTF_HEADER_STRINGS_SIZE_OFF, 5, 57, 1, "BTF: H8: 1 bytes lie behind the last section" },
	{ BTF_HEADER_STRINGS_OFF_OFF, 0xffffffff, 24, 0,
	  ".BTF+0x10: strings end at 0x10000001c, behind the end of the BTF at 0x39" },
};

static void header_case_build(const struct header_case *c, bool big_endian, struct blob *ret_blob)
{
	blob_build(ret_blob, "int; *1", big_endian);
	blob_insert(ret_blob, c->insert_off, c->num);
	blob_set_header(ret_blob, c->field, c->value);
}

static void header_and_sections_are_checked(void **state)
{
	struct verify_options options = { .ptr_size = 8 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(header_cases); i++) {
		for (int big_endian = 0; big_endian < 2; big_endian++) {
			struct blob blob;

			header_case_build(&header_cases[i], big_endian, &blob);
			check_blob(&blob, &options, header_cases[i].text);
			blob_free(&blob);
		}
	}
}

static void header_bytes_are_checked(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct blob blob;

	(void)state;
	blob_build(&blob, "int", false);
	blob.data[0] = 0x9e;
	check_blob(&blob, &options, ".BTF+0x0: bytes 9e eb are not the magic number of BTF");
	blob.data[0] = 0x9f;
	blob.data[2] = 2;
	check_blob(&blob, &options, ".BTF+0x2: unknown BTF version 2");
	blob.data[2] = 1;
	blob.data[3] = 0x80;
	check_blob(&blob, &options, "BTF: H6: unknown flags 0x80");
	blob.data[3] = 0;
	check_blob(&blob, &options, "");
	blob.size = 7;
	check_blob(&blob, &options, ".BTF+0x0: 7 bytes are too few for a BTF header");
	blob.size = 0;
	check_blob(&blob, &options, ".BTF+0x0: 0 bytes are too few for a BTF header");
	blob_free(&blob);

	/* Only the header, with nothing to follow. */
	blob_build(&blob, "int", false);
	blob.size = 24;
	blob_set_header(&blob, BTF_HEADER_TYPES_SIZE_OFF, 0);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, 0);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 0);
	check_blob(&blob, &options, "BTF: H7: nothing follows the header");
	blob_free(&blob);

	/* Strings but no types. */
	blob_build(&blob, "", false);
	check_blob(&blob, &options, "BTF: H10: there are no types");
	blob_free(&blob);

	/* Types but no strings. */
	blob_build(&blob, "i -/4=0x20", false);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 0);
	blob.size -= 1;
	check_blob(&blob, &options, "BTF: S2: there are no strings");
	blob_free(&blob);

	/* Another first string. */
	blob_build(&blob, "int", false);
	blob.data[blob.size - 5] = 'x';
	check_blob(&blob, &options, "BTF: S5: the first string is not the empty one");
	blob_free(&blob);

	/* Strings that begin in the types. */
	blob_build(&blob, "int; *1", false);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, 24);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 9);
	check_blob(&blob, &options, "BTF: H8: a section starts at 0x30, the one before ends at 0x34");
	blob_free(&blob);

	/* Strings first, types behind them. */
	blob_build(&blob, "int", false);
	blob_insert(&blob, 24, 8);
	memcpy(blob.data + 24, "\0int\0\0\0", 8);
	blob.size = 48;
	blob_set_header(&blob, BTF_HEADER_TYPES_OFF_OFF, 8);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, 0);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 8);
	check_blob(&blob, &options, "BTF: S1: the strings are not the last section");
	/* With a long header they may stand anywhere, but not for old kernels. */
	blob_insert(&blob, 24, 8);
	blob_set_header(&blob, BTF_HEADER_SIZE_OFF, 32);
	check_blob(&blob, &options, "");
	options.classic_header = true;
	check_blob(&blob, &options, "BTF: S1: the strings are not the last section");
	options.classic_header = false;
	blob_free(&blob);

	/* Types at an odd place. */
	blob_build(&blob, "i -/4=0x20", false);
	blob_insert(&blob, 24, 1);
	blob_set_header(&blob, BTF_HEADER_TYPES_OFF_OFF, 1);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, 0);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 1);
	blob.size--;
	check_blob(&blob, &options,
		   "BTF: H9: types start at offset 1, no multiple of 4");
	blob_free(&blob);
}

static void unknown_header_bytes_must_be_zero(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct blob blob;

	(void)state;
	blob_build(&blob, "int", false);
	blob_insert(&blob, 24, 12);
	blob_set_header(&blob, BTF_HEADER_SIZE_OFF, 36);
	check_blob(&blob, &options, "");
	blob.data[35] = 1;
	check_blob(&blob, &options, "BTF: H3: unknown header byte 35 is not zero");
	blob.data[35] = 0;
	blob.data[24] = 1;
	/* An offset of an empty layout section says nothing. */
	check_blob(&blob, &options, "");
	options.classic_header = true;
	check_blob(&blob, &options, "BTF: H3: unknown header byte 24 is not zero");
	blob_free(&blob);
}

static void layout_section_is_checked(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct blob blob;

	(void)state;
	layout_build(&blob, "int; *1", BTF_NUM_KINDS, false);
	check_blob(&blob, &options, "");
	options.classic_header = true;
	check_blob(&blob, &options, "BTF: H3: unknown header byte 24 is not zero");
	options.classic_header = false;
	blob_free(&blob);

	/* Kind 20 with the size that the layout gives, which no kernel knows. */
	layout_build(&blob, "int; S s/8{a:1@0, b:1@32}<info=0x10000000>; *1", BTF_NUM_KINDS, false);
	check_blob(&blob, &options, ".BTF+0x30: type 2 is of unknown kind 20 (made by a newer encoder?)");
	blob_free(&blob);
	layout_build(&blob, "int; S s/8{a:1@0, b:1@32}<info=0x10000000>; *1", BTF_NUM_KINDS + 1, false);
	blob.data[32 + blob.types_size + 20 * 4 + 1] = 12;
	check_blob(&blob, &options, "type 2 ? 's': M2: unknown kind 20");
	blob.data[32 + blob.types_size + 20 * 4 + 1] = 10;
	check_blob(&blob, &options, ".BTF+0x30: type 2 is of unknown kind 20 (made by a newer encoder?)");
	blob_free(&blob);

	layout_build(&blob, "int; *1", BTF_NUM_KINDS, false);
	blob_insert(&blob, 32 + blob.types_size, 2);
	blob_set_header(&blob, BTF_HEADER_LAYOUT_SIZE_OFF, BTF_NUM_KINDS * 4 + 2);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, blob.types_size + BTF_NUM_KINDS * 4 + 2);
	check_blob(&blob, &options, "BTF: L: layout offset or size is no multiple of 4");
	blob_free(&blob);
}

static void layout_table_is_compared(void **state)
{
	struct verify_options options = { .ptr_size = 8, .layout = true };
	struct blob blob;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		uint8_t *table;

		blob_build(&blob, "int", big_endian);
		check_blob(&blob, &options, "");
		blob_free(&blob);
		layout_build(&blob, "int", BTF_NUM_KINDS, big_endian);
		table = blob.data + 32 + blob.types_size;
		check_blob(&blob, &options, "");
		table[4 * BTF_STRUCT + 1] = 16;
		check_blob(&blob, &options,
			   "BTF: N8: the layout table says 0/16 of STRUCT, it is 0/12");
		table[4 * BTF_STRUCT + 1] = 12;
		table[4 * BTF_DECL_TAG] = 0;
		check_blob(&blob, &options,
			   "BTF: N8: the layout table says 0/0 of DECL_TAG, it is 4/0");
		table[4 * BTF_DECL_TAG] = 4;
		table[4 * BTF_ENUM64 + 3] = 1;
		check_blob(&blob, &options,
			   "BTF: N8: the layout table says 0/12 with flags of ENUM64, it is 0/12");
		options.layout = false;
		check_blob(&blob, &options, "");
		options.layout = true;
		blob_free(&blob);
		layout_build(&blob, "int", BTF_NUM_KINDS - 1, big_endian);
		check_blob(&blob, &options,
			   "BTF: N8: the layout table has 19 entries, there are 20 kinds");
		blob_free(&blob);
	}
}

static void kernel_versions_are_sets_of_options(void **state)
{
	static const struct {
		unsigned int major, minor;
		bool classic, plain_tags, tags_first;
	} cases[] = {
		{ 5, 4, true, true, true }, { 6, 14, true, true, true },
		{ 6, 15, true, false, true }, { 7, 1, true, false, true },
		{ 7, 2, false, false, false }, { 8, 0, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verify_options options = { .ptr_size = 4, .sorted = true,
						  .classic_info = !cases[i].classic,
						  .plain_tags = !cases[i].plain_tags };

		verify_options_for_kernel(&options, cases[i].major, cases[i].minor);
		assert_int_equal(options.classic_header, cases[i].classic);
		assert_int_equal(options.classic_info, cases[i].classic);
		assert_int_equal(options.plain_tags, cases[i].plain_tags);
		assert_int_equal(options.tags_first, cases[i].tags_first);
		assert_int_equal(options.ptr_size, 4);
		assert_true(options.sorted);
	}
}

/* @num modifiers or pointers in a row; the outer ones have the lower ids, or the higher ones. */
static void chain_build(struct blob *blob, const char *kind, unsigned int num, bool outer_first)
{
	char text[8192];
	size_t used = snprintf(text, sizeof(text), "int");

	for (unsigned int i = 0; i < num; i++) {
		unsigned int target = i + 1;

		if (outer_first)
			target = i + 1 == num ? 1 : i + 3;
		used += snprintf(text + used, sizeof(text) - used, "; %s%u", kind, target);
	}
	assert_true(used < sizeof(text));
	blob_build(blob, text, HOST_BIG_ENDIAN);
}

struct chain_case {
	const char *kind;
	unsigned int num;
	bool outer_first;
	const char *text, *program_text;
};

static const struct chain_case chain_cases[] = {
	{ "C ", 32, true, "", "" },
	{ "C ", 33, true, "type 2 CONST: C1: more than 32 modifiers in a row",
	  "type 2 CONST: C1: more than 32 modifiers in a row" },
	{ "C ", 200, false, "", "" },
	{ "*", 32, true, "", "" },
	{ "*", 33, true, "", "type 33 PTR: R20: types lie more than 32 deep in each other" },
	{ "*", 200, false, "", "" },
};

static void chains_have_limits(void **state)
{
	struct verify_options options = { .ptr_size = 8 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chain_cases); i++) {
		const struct chain_case *c = &chain_cases[i];
		struct blob blob;

		chain_build(&blob, c->kind, c->num, c->outer_first);
		options.program = false;
		check_blob(&blob, &options, c->text);
		options.program = true;
		check_blob(&blob, &options, c->program_text);
		blob_free(&blob);
	}
}

static void identifier_length_is_limited(void **state)
{
	/* A name, the end of a longer string, a section; %s is the name. */
	static const struct {
		const char *types, *text;
	} forms[] = {
		{ "int; td %s=1", "type 2 TYPEDEF '%.120s': M12: name is no identifier" },
		{ "i -%s/4=0x20; td t=1<name=#2>",
		  "type 2 TYPEDEF '%.120s': M12: name is no identifier" },
		{ "sec %s/4{}", "type 1 DATASEC '%.120s': M21: name is no section name" },
	};
	struct verify_options options = { .ptr_size = 8 };
	char name[600], types[700], expected[700];

	(void)state;
	memset(name, 'x', sizeof(name));
	for (int len = 511; len <= 513; len++) {
		name[len] = 0;
		for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
			struct blob blob;

			snprintf(types, sizeof(types), forms[i].types, name);
			snprintf(expected, sizeof(expected), forms[i].text, name);
			blob_build(&blob, types, false);
			check_blob(&blob, &options, len <= 512 ? "" : expected);
			blob_free(&blob);
		}
		name[len] = 'x';
	}
}

/*
 * More strings than one piece of the search for identifiers holds; names of all lengths and places.
 */
static void names_lie_across_pieces(void **state)
{
	enum { NUM = 3000, NAME_SIZE = 94 };
	struct verify_options options = { .ptr_size = 8 };
	uint32_t types_size = NUM * BTF_RECORD_SIZE, name_off = 1;
	struct blob blob;
	uint8_t *strings;

	(void)state;
	blob_build(&blob, "Fs x", false);
	blob_insert(&blob, BTF_HEADER_SIZE + blob.types_size, types_size - blob.types_size);
	blob_insert(&blob, blob.size, 1 + NUM * NAME_SIZE - blob.strings_size);
	blob_set_header(&blob, BTF_HEADER_TYPES_SIZE_OFF, types_size);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, types_size);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 1 + NUM * NAME_SIZE);
	strings = blob.data + BTF_HEADER_SIZE + types_size;
	memset(strings, 0, 1 + NUM * NAME_SIZE);
	for (uint32_t i = 0; i < NUM; i++) {
		uint8_t *record = blob.data + BTF_HEADER_SIZE + i * BTF_RECORD_SIZE;

		memcpy(record, blob.data + BTF_HEADER_SIZE, BTF_RECORD_SIZE);
		store_u32(record, name_off, blob.swap);
		memset(strings + name_off, 'a' + i % 26, NAME_SIZE - 1 - i % 7);
		name_off += NAME_SIZE - i % 7;
	}
	check_blob(&blob, &options, "");
	for (uint32_t i = 0; i < NUM; i += 37) {
		uint8_t *record = blob.data + BTF_HEADER_SIZE + i * BTF_RECORD_SIZE, old;
		char expected[200];

		name_off = load_u32(record, blob.swap);
		for (uint32_t at = name_off; at < name_off + 80; at += 79) {
			old = strings[at];
			strings[at] = '-';
			snprintf(expected, sizeof(expected),
				 "type %u FWD '%s': M14: name is no identifier", i + 1,
				 (char *)strings + name_off);
			check_blob(&blob, &options, expected);
			strings[at] = old;
		}
		/* The end of a bad string may be a name. */
		old = strings[name_off + 40];
		strings[name_off + 40] = '-';
		store_u32(record, name_off + 41, blob.swap);
		check_blob(&blob, &options, "");
		strings[name_off + 40] = old;
		store_u32(record, name_off, blob.swap);
	}
	blob_free(&blob);
}

struct option_case {
	struct verify_options options;
	const char *types;
	const char *text;		/* without the option it is accepted */
};

static const struct option_case option_cases[] = {
	{ { .tags_first = true }, "int; tt a=1; C 2; *3",
	  "type 3 CONST: C3: TYPE_TAG 2 stands behind another modifier" },
	{ { .tags_first = true }, "int; tt a=1; td t=2",
	  "type 3 TYPEDEF 't': C3: TYPE_TAG 2 stands behind another modifier" },
	{ { .tags_first = true }, "int; C 1; tt a=2; tt b=3; *4", "" },
	{ { .tags_first = true }, "int; tt a=1; *2; C 3; tt b=4; *5", "" },
	{ { .plain_tags = true }, "int; tt! a=1", "type 2 TYPE_TAG 'a': M13: has the kind flag" },
	{ { .plain_tags = true }, "int; td t=1; dt! a=2=-1",
	  "type 3 DECL_TAG 'a': M23: has the kind flag" },
	{ { .sorted = true }, "*2; int; S a/0{}; S b/0{}",
	  "type 3 STRUCT 'a': N1: stands behind 'int', which sorts after it" },
	{ { .sorted = true }, "int; *1", "type 2 PTR: N1: stands behind 'int', which sorts after it" },
	{ { .sorted = true }, "*2; int; int; S j/0{}; S k/0{}; td \303\351=2", "" },
	{ { .sorted = true, .funcs = true }, "P 0(); P 7(); fn f=1; S g/0{}; fn g=1; dt g=5=-1; int", "" },
	{ { .sorted = true, .funcs = true }, "P 0(); P 6(); fn g=1; S g/0{}; fn g=2; int; fn x=1; fn x=1",
	  "type 5 FUNC 'g': N2: is FUNC 3 as well" },
	{ { .tags = true }, "S s/0{}; dt a=1=-1; dt! a=1=-1; dt b=1=-1; S t/0{}; dt a=5=-1", "" },
	{ { .tags = true }, "int; S s/8{a:1@0, b:1@32}; dt a=2=0; dt a=2=1; dt a=2=-1", "" },
	{ { .tags = true }, "S s/0{}; dt a=1=-1; dt b=1=-1; dt b=1=-1; dt a=1=-1",
	  "type 4 DECL_TAG 'b': N7: is DECL_TAG 3 as well" },
	{ { .tags = true }, "S s/0{}; dt! a=1=-1; dt! a=1=-1; dt! a=1=-1",
	  "type 3 DECL_TAG 'a': N7: is DECL_TAG 2 as well" },
	{ { .vars = true }, "int; var a=1=0", "type 2 VAR 'a': N6: stands in 0 DATASEC entries" },
	{ { .vars = true }, "int; var a=1=0; sec .a/4{2@0+4}", "" },
	{ { .vars = true }, "int; var a=1=0; sec .a/8{2@0+4, 2@4+4}",
	  "type 2 VAR 'a': N6: stands in 2 DATASEC entries" },
	{ { .vars = true }, "int; var a=1=0; sec .a/4{2@0+4}; var b=1=0; sec .b/8{4@0+4, 2@4+4}",
	  "type 2 VAR 'a': N6: stands in 2 DATASEC entries" },
	{ { .strings = true }, "int; S abc/4{a:1@0}; E e/4{x=1}; P 1(p:1); L g/8{y=1}", "" },
	{ { .strings = true }, "int<name=#2>; S abc/0{}",
	  "BTF: N5: string 'int' at 0x1 is not used" },
	{ { .strings = true }, "int; S abc/0{}<name=#6>",
	  "BTF: N5: string 'abc' at 0x5 is not used" },
	{ { .strings = true }, "int; S abc/0{}; td x=1<name=#6>",
	  "BTF: N5: string 'abc' at 0x5 is used from its byte 1" },
};

static void options_add_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(option_cases); i++) {
		struct verify_options options = option_cases[i].options, none = { .ptr_size = 8 };

		options.ptr_size = 8;
		for (int big_endian = 0; big_endian < 2; big_endian++) {
			struct blob blob;

			blob_build(&blob, option_cases[i].types, big_endian);
			check_blob(&blob, &options, option_cases[i].text);
			check_blob(&blob, &none, "");
			blob_free(&blob);
		}
	}
}

static void strings_stand_once(void **state)
{
	struct verify_options options = { .ptr_size = 8, .strings = true };
	struct blob blob;

	(void)state;
	blob_build(&blob, "int; S ant/0{}", false);
	check_blob(&blob, &options, "");
	/* "ant" becomes another "int". */
	blob.data[blob.size - 4] = 'i';
	check_blob(&blob, &options, "BTF: N5: string 'int' stands at 0x1 and at 0x5");
	/* The empty string is there already. */
	blob.data[blob.size - 4] = 'a';
	blob_insert(&blob, blob.size, 1);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, blob.strings_size + 1);
	check_blob(&blob, &options, "BTF: N5: string '' at 0x9 is not used");
	blob_free(&blob);
}

static void vlen_of_old_kernels_is_limited(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct blob blob;

	(void)state;
	long_enum_build(&blob, false);
	check_blob(&blob, &options, "");
	options.classic_info = true;
	check_blob(&blob, &options, "type 1 ENUM 'x': M2: vlen 65536, older kernels take 65535");
	blob_free(&blob);

	/* The most that they count. */
	long_enum_build(&blob, false);
	store_u32(blob.data + 24 + 4, btf_info_make(BTF_ENUM, false, BTF_LIMIT_VLEN_OLD), false);
	memmove(blob.data + blob.size - 8 - 3, blob.data + blob.size - 3, 3);
	blob.size -= 8;
	blob_set_header(&blob, BTF_HEADER_TYPES_SIZE_OFF, blob.size - 24 - 3);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, blob.size - 24 - 3);
	check_blob(&blob, &options, "");
	blob_free(&blob);
}

static void size_of_the_whole_is_limited(void **state)
{
	const uint32_t max_strings = BTF_LIMIT_STR_OFF + 1;
	struct verify_options options = { .ptr_size = 8 };
	struct blob blob;

	(void)state;
	/* 16 MiB of strings are taken, one byte more is not. */
	blob_build(&blob, "int", false);
	blob_insert(&blob, blob.size, max_strings - blob.strings_size);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, max_strings);
	check_blob(&blob, &options, "");
	store_u32(blob.data + BTF_HEADER_SIZE, BTF_LIMIT_STR_OFF, blob.swap);
	check_blob(&blob, &options, "");
	store_u32(blob.data + BTF_HEADER_SIZE, BTF_LIMIT_STR_OFF + 1, blob.swap);
	check_blob(&blob, &options,
		   "type 1 INT: M3: name offset 0x1000000 is outside the strings");
	store_u32(blob.data + BTF_HEADER_SIZE, 1, blob.swap);
	options.program = true;
	check_blob(&blob, &options, "BTF: H11: 16777256 bytes, 16 MiB are allowed");
	blob.size -= 40;
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, max_strings - 40);
	check_blob(&blob, &options, "");
	blob.size += 40;
	options.program = false;
	blob_insert(&blob, blob.size, 1);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, max_strings + 1);
	check_blob(&blob, &options,
		   "BTF: S3: 16777217 bytes of strings, 16777216 are allowed");
	blob_free(&blob);

	/* The most ids, void among them, and one more. */
	for (uint32_t num_ids = BTF_LIMIT_IDS - 1; num_ids <= BTF_LIMIT_IDS; num_ids++) {
		uint32_t types_size = (num_ids - 1) * BTF_RECORD_SIZE;

		blob_build(&blob, "*0", false);
		blob_insert(&blob, BTF_HEADER_SIZE + blob.types_size,
			    types_size - blob.types_size);
		for (uint32_t off = BTF_RECORD_SIZE; off < types_size; off += BTF_RECORD_SIZE)
			memcpy(blob.data + BTF_HEADER_SIZE + off, blob.data + BTF_HEADER_SIZE,
			       BTF_RECORD_SIZE);
		blob_set_header(&blob, BTF_HEADER_TYPES_SIZE_OFF, types_size);
		blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, types_size);
		check_blob(&blob, &options,
			   num_ids < BTF_LIMIT_IDS ?
				   "" :
				   "BTF: T1: 1048575 type ids, kernels take fewer than 1048575");
		blob_free(&blob);
	}
}

static void pointer_size_is_the_target_s(void **state)
{
	struct verify_options options = { .ptr_size = 4 };
	struct blob blob;

	(void)state;
	blob_build(&blob, "int; *1; S s/4{p:2@0}; var v=2=0; sec .d/4{4@0+4}", true);
	check_blob(&blob, &options, "");
	options.ptr_size = 8;
	check_blob(&blob, &options, "type 5 DATASEC '.d' entry 0 'v': R10: size 4 is below the 8 of its type");
	blob_free(&blob);
}

/* Split BTF: ids and strings go on where the base ends. */

static void check_split(const char *base_types, const char *types, const char *expected)
{
	struct verify_options options = { .ptr_size = 8, .sorted = true };
	struct blob base_blob, blob;
	struct btf_view base;
	char text[1024];

	blob_build(&base_blob, base_types, false);
	blob_build_split(&blob, types, false, base_blob.strings_size);
	assert_null(btf_view_open(blob_span(&base_blob), NULL, &base));
	verdict(blob_span(&blob), &base, &options, NULL, text, sizeof(text));
	assert_string_equal(text, expected);
	btf_view_close(&base);
	blob_free(&blob);
	blob_free(&base_blob);
}

static void split_btf_is_checked_against_its_base(void **state)
{
	(void)state;
	check_split("int", "*1; S s/8{p:2@0}", "");
	check_split("int", "*1; S s/7{p:2@0}", "type 3 STRUCT 's' member 0 'p': R6: ends behind the size");
	check_split("int", "*4", "type 2 PTR: R1: type 4 does not exist");
	check_split("int", "S s/4{#1:1@0}", "");
	check_split("int; C 1; A(2,1,4); td t=3", "S s/16{a:4@0}", "");
	check_split("int; C 1; A(2,1,4); td t=3", "S s/15{a:4@0}",
		    "type 5 STRUCT 's' member 0 'a': R6: ends behind the size");
	check_split("int; A(1,1,2); A(2,1,3); A(3,1,5)", "S s/120{a:4@0}", "");
	check_split("int; A(1,1,2); A(2,1,3); A(3,1,5)", "S s/119{a:4@0}",
		    "type 5 STRUCT 's' member 0 'a': R6: ends behind the size");
	check_split("int; C 0", "*2; S s/1{a:2@0}",
		    "type 4 STRUCT 's' member 0 'a': R5: type 2 has no size");
	check_split("int; P 1(a:1); fn f=2", "dt d=3=0", "");
	check_split("int; P 1(a:1); fn f=2", "dt d=3=1", "type 4 DECL_TAG 'd': R18: component 1 of 1");
	check_split("S s/8{}; int", "dt d=1=7; dt d=1=-1", "");
	check_split("S s/8{a:2@0}; int", "dt d=1=1", "type 3 DECL_TAG 'd': R18: component 1 of 1");
	check_split("P 0(); fn f=1", "dt d=2=0", "type 3 DECL_TAG 'd': R18: component 0 of 0");
	check_split("int; var v=1=0", "sec .d/4{2@0+4}", "");
	check_split("int; var v=1=0", "sec .d/4{2@0+3}",
		    "type 3 DATASEC '.d' entry 0 'v': R10: size 3 is below the 4 of its type");
	check_split("int; Fs f; var v=2=0", "sec .d/4{3@0+4}",
		    "type 4 DATASEC '.d' entry 0 'v': R9: type has no size");
	/* Bases that break rules themselves end no walk. */
	check_split("int; C 3; V 2", "S s/4{a:2@0}",
		    "type 4 STRUCT 's' member 0 'a': R5: type 2 has no size");
	check_split("int; A(3,1,2); A(2,1,2)", "S s/4{a:2@0}", "");
	/* Only the own part is sorted. */
	check_split("S z/0{}; S a/0{}", "*1; S b/0{}", "");
	check_split("S a/0{}", "S z/0{}; S b/0{}",
		    "type 3 STRUCT 'b': N1: stands behind 'z', which sorts after it");
}

/* The first violation is the same with any number of threads and any order of work. */
static void lowest_type_wins_with_threads(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct verify_violation violation;
	enum { NUM = 50000 };
	uint32_t size = BTF_HEADER_SIZE + NUM * BTF_RECORD_SIZE + 1;
	struct blob blob = { .data = calloc(1, size), .size = size };
	struct btf_view view;

	(void)state;
	assert_non_null(blob.data);
	store_u16(blob.data, BTF_HEADER_MAGIC, false);
	blob.data[2] = 1;
	blob_set_header(&blob, BTF_HEADER_SIZE_OFF, BTF_HEADER_SIZE);
	blob_set_header(&blob, BTF_HEADER_TYPES_SIZE_OFF, NUM * BTF_RECORD_SIZE);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, NUM * BTF_RECORD_SIZE);
	blob_set_header(&blob, BTF_HEADER_STRINGS_SIZE_OFF, 1);
	for (uint32_t i = 0; i < NUM; i++)
		blob_set_header(&blob, 24 + i * 12 + 4, btf_info_make(BTF_PTR, false, 0));
	for (uint32_t id = 12345; id <= NUM; id += 777)
		blob_set_header(&blob, 24 + (id - 1) * 12 + 4, btf_info_make(BTF_PTR, true, 0));
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	for (unsigned int seed = 0; seed < 20; seed++) {
		struct pool *pool;

		assert_null(pool_create(1 + seed % 4, seed, &pool));
		assert_null(btf_verify(&view, &options, pool, &violation));
		assert_string_equal(violation.text, "type 12345 PTR: M11: has the kind flag");
		assert_int_equal(violation.type_id, 12345);
		assert_int_equal(violation.index, VERIFY_NO_INDEX);
		pool_destroy(pool);
	}
	btf_view_close(&view);
	blob_free(&blob);
}

/* Memory: the linker sends calloc() and realloc() of the libraries here (--wrap). */

static long allocations_left = -1;	/* -1: as many as asked for */

void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *data, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *data, size_t size);

static bool allocation_fails(void)
{
	if (allocations_left < 0)
		return false;
	if (allocations_left == 0)
		return true;
	allocations_left--;
	return false;
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *data, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(data, size);
}

static struct btfgen_error *open_and_verify(const struct blob *blob,
					    struct verify_violation *ret_violation)
{
	static const struct verify_options options = {
		.ptr_size = 8, .sorted = true, .strings = true, .vars = true, .tags = true,
	};
	struct btfgen_error *err;
	struct btf_view view;

	err = btf_view_open(blob_span(blob), NULL, &view);
	if (err)
		return err;
	err = btf_verify(&view, &options, NULL, ret_violation);
	btf_view_close(&view);
	return err;
}

/*
 * Each allocation in turn is refused: out of memory, or the right verdict, and never a wrong one.
 */
static void each_allocation_may_fail(void **state)
{
	static const struct {
		const char *types, *text;
	} cases[] = {
		{ "*2; int; S s/16{a:1@0, b:1@64}; td t=2", "" },
		{ "*3; A(3,3,1); int; S s/16{a:3@0, b:2@64}; var t=3=0; *3",
		  "type 6 PTR: N1: stands behind 't', which sorts after it" },
		{ "S s/0{}; dt t=1=-1; dt t=1=-1", "type 3 DECL_TAG 't': N7: is DECL_TAG 2 as well" },
		{ "*2; int; td t!=2", "type 3 TYPEDEF 't!': M12: name is no identifier" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verify_violation violation = {};
		struct btfgen_error *err;
		struct blob blob;
		long num = 0;

		blob_build(&blob, cases[i].types, false);
		for (;; num++) {
			allocations_left = num;
			err = open_and_verify(&blob, &violation);
			allocations_left = -1;
			if (!err)
				break;
			assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
			assert_int_equal(error_exit_code(err), 5);
			assert_null(violation.rule);
			error_free(err);
		}
		assert_in_range(num, 5, 50);
		assert_string_equal(violation.text, cases[i].text);
		blob_free(&blob);
	}
}

/* The kernel. */

/* Both verdicts, and where they differ both reasons. */
static void compare_with_kernel(struct span bytes, const struct verify_options *options,
				const char *what)
{
	static char log[LOG_SIZE];
	char text[1024];
	bool accepted = kernel_accepts(bytes.data, bytes.size);

	verdict(bytes, NULL, options, NULL, text, sizeof(text));
	if (accepted == !text[0])
		return;
	log[0] = 0;
	close(kernel_load(bytes.data, bytes.size, log));
	fail_msg("%s: kernel %s%s, ours '%s'", what, accepted ? "accepts" : "refuses: ", log, text);
}

static void kernel_agrees_on_all_cases(void **state)
{
	struct verify_options options;
	struct blob blob;

	(void)state;
	if (!kernel_options(&options))
		skip();
	for (size_t i = 0; i < ARRAY_LEN(rule_cases); i++) {
		blob_build(&blob, rule_cases[i].types, HOST_BIG_ENDIAN);
		compare_with_kernel(blob_span(&blob), &options, rule_cases[i].types);
		blob_free(&blob);
	}
	for (size_t i = 0; i < ARRAY_LEN(option_cases); i++) {
		blob_build(&blob, option_cases[i].types, HOST_BIG_ENDIAN);
		compare_with_kernel(blob_span(&blob), &options, option_cases[i].types);
		blob_free(&blob);
	}
	for (size_t i = 0; i < ARRAY_LEN(header_cases); i++) {
		header_case_build(&header_cases[i], HOST_BIG_ENDIAN, &blob);
		compare_with_kernel(blob_span(&blob), &options, header_cases[i].text);
		blob_free(&blob);
	}
	for (size_t i = 0; i < ARRAY_LEN(chain_cases); i++) {
		chain_build(&blob, chain_cases[i].kind, chain_cases[i].num, chain_cases[i].outer_first);
		compare_with_kernel(blob_span(&blob), &options, chain_cases[i].program_text);
		blob_free(&blob);
	}
}

/* Every byte that can begin or continue a name. */
static void kernel_agrees_on_name_bytes(void **state)
{
	static const char *const forms[] = { "int; td %s=1", "int; td a%s=1", "sec %s/4{}",
					     "sec a%s/4{}" };
	struct verify_options options;
	char name[8], types[64];

	(void)state;
	if (!kernel_options(&options))
		skip();
	for (unsigned int c = 1; c < 256; c++) {
		for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
			struct blob blob;

			snprintf(name, sizeof(name), "\\%c", c);
			snprintf(types, sizeof(types), forms[i], name);
			blob_build(&blob, types, HOST_BIG_ENDIAN);
			compare_with_kernel(blob_span(&blob), &options, types);
			blob_free(&blob);
		}
	}
}

static uint64_t random_next(uint64_t *seed)
{
	return hash_u64(*seed += 0x9e3779b97f4a7c15ull);
}

/* Changes one aligned word in one of the ways a mistake would. */
static void word_mutate(uint8_t *data, size_t size, size_t header_size, uint64_t *seed)
{
	uint64_t r = random_next(seed);
	size_t off = header_size + random_next(seed) % (size - header_size) / 4 * 4, from;
	uint32_t word;

	/* Now and then the header. */
	if (r % 64 == 0)
		off = random_next(seed) % header_size / 4 * 4;
	if (off + 4 > size)
		off = size - 4;
	word = load_u32(data + off, false);
	switch (r >> 8 & 7) {
	case 0:
		word ^= 1u << (r >> 16 & 31);
		break;
	case 1:
		word = random_next(seed);
		break;
	case 2:
		word++;
		break;
	case 3:
		word--;
		break;
	case 4:
		word = r >> 16 & 0xff;
		break;
	case 5:
		word = random_next(seed) % 130000;
		break;
	case 6:
		word ^= (uint32_t)(r >> 16 & 0xff) << 24;
		break;
	case 7:
		from = random_next(seed) % (size - 4);
		word = load_u32(data + from / 4 * 4, false);
		break;
	}
	store_u32(data + off, word, false);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* All kinds in one blob, small enough for many thousand loads. */
static const char all_kinds[] =
	"int; *1; A(1,1,4); S s1/16{a:1@0, b:2@64}; U u1/8{a:1@0, b:2@0}; E e1/4{x1=1, x2=2};"
	"Fs f1; td t1=4; V 8; C 9; R 2; P 1(a:1, b:2); fn fn1=12; var v1=4=0;"
	"sec .data/16{14@0+16}; fl fl1/8; dt dt1=4=1; tt tt1=10; *18; L e2/8{y1=1};"
	"S! s2/16{a:1@0:3, b:1@3:5, c:6@32:4, d:2@64}; *7; *12; C 19; S s3/32{a:4@0, b:8@128};"
	"A(25,1,3); td t2=26; var v2=27=1; sec .bss/200{28@0+96}; P 0(-:1, -:0); *0; C 0; *32;"
	"i i128/16=0x80; i bool/1=0x04000008; i char/1=0x02000008; A(36,1,0); S s4/4{a:1@0, f:37@32};"
	"td t3=38; C 39; V 40; A(41,1,2); S s5/8{a:42@0}; fn fn2=45; P 4(p:42, q:22);"
	"dt dt2=44=1; dt dt3=8=-1; dt dt4=14=-1; Fu f2; *49; S s6/16{a:16@0, b:20@64}; td t4=20;"
	"S! s7/32{a:52@0, b:35@64:1, c:36@72, d:3@128}; *2; *54; C 55; td t5=56; *57";

static void kernel_agrees_on_small_mutations(void **state)
{
	uint64_t num = 20000, first = number_from_environment("BTFGEN_SEED", 1);
	struct verify_options options;
	uint64_t num_accepted = 0;
	struct blob blob;
	uint8_t *copy;

	(void)state;
	if (!kernel_options(&options))
		skip();
	blob_build(&blob, all_kinds, HOST_BIG_ENDIAN);
	check_blob(&blob, &options, "");
	assert_true(kernel_accepts(blob.data, blob.size));
	copy = malloc(blob.size);
	assert_non_null(copy);
	for (uint64_t i = first; i < first + num; i++) {
		uint64_t seed = i;
		char what[64];

		memcpy(copy, blob.data, blob.size);
		for (unsigned int k = 0; k <= i % 3; k++)
			word_mutate(copy, blob.size - blob.strings_size / 4 * 3, BTF_HEADER_SIZE, &seed);
		snprintf(what, sizeof(what), "seed %llu", (unsigned long long)i);
		compare_with_kernel((struct span){ copy, blob.size }, &options, what);
		num_accepted += kernel_accepts(copy, blob.size);
	}
	/* Mutations that are all refused, or all taken, would show nothing. */
	assert_in_range(num_accepted, num / 50, num / 2);
	free(copy);
	blob_free(&blob);
}

/* A real one: the kernel's own. */
static void kernel_agrees_on_its_own_btf(void **state)
{
	uint64_t num = number_from_environment("BTFGEN_MUTATIONS", 40);
	uint64_t first = number_from_environment("BTFGEN_SEED", 1);
	struct verify_options options;
	const size_t limit = 16 << 20;
	uint8_t *data, *copy;
	size_t size = 0;
	FILE *file;

	(void)state;
	if (!kernel_options(&options))
		skip();
	file = fopen("/sys/kernel/btf/vmlinux", "rbe");
	if (!file)
		skip();
	data = malloc(limit);
	copy = malloc(limit);
	assert_non_null(data);
	assert_non_null(copy);
	size = fread(data, 1, limit, file);
	fclose(file);
	if (size < BTF_HEADER_SIZE || size == limit) {
		free(data);
		free(copy);
		skip();
	}
	compare_with_kernel((struct span){ data, size }, &options, "unchanged");
	for (uint64_t i = first; i < first + num; i++) {
		uint64_t seed = i;
		char what[64];

		memcpy(copy, data, size);
		word_mutate(copy, size, BTF_HEADER_SIZE, &seed);
		snprintf(what, sizeof(what), "seed %llu", (unsigned long long)i);
		compare_with_kernel((struct span){ copy, size }, &options, what);
	}
	free(data);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_kept_and_broken),
		cmocka_unit_test(header_and_sections_are_checked),
		cmocka_unit_test(header_bytes_are_checked),
		cmocka_unit_test(unknown_header_bytes_must_be_zero),
		cmocka_unit_test(layout_section_is_checked),
		cmocka_unit_test(layout_table_is_compared),
		cmocka_unit_test(kernel_versions_are_sets_of_options),
		cmocka_unit_test(chains_have_limits),
		cmocka_unit_test(identifier_length_is_limited),
		cmocka_unit_test(names_lie_across_pieces),
		cmocka_unit_test(options_add_rules),
		cmocka_unit_test(strings_stand_once),
		cmocka_unit_test(vlen_of_old_kernels_is_limited),
		cmocka_unit_test(size_of_the_whole_is_limited),
		cmocka_unit_test(pointer_size_is_the_target_s),
		cmocka_unit_test(split_btf_is_checked_against_its_base),
		cmocka_unit_test(lowest_type_wins_with_threads),
		cmocka_unit_test(each_allocation_may_fail),
		cmocka_unit_test(kernel_agrees_on_all_cases),
		cmocka_unit_test(kernel_agrees_on_name_bytes),
		cmocka_unit_test(kernel_agrees_on_small_mutations),
		cmocka_unit_test(kernel_agrees_on_its_own_btf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
