// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* References that lead nowhere, splits over a wrong base, distilled bases that find their types or not. */
#include "btf_blob.h"

#include <stdio.h>

#include "lib/btf/references.h"
#include "lib/btf/split_check.h"

/* The allocation that fails, from 0; below 0: none. */
static int fail_at = -1;

void *__real_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size)
{
	return fail_at >= 0 && fail_at-- == 0 ? NULL : __real_calloc(num, size);
}

void *__real_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size)
{
	return fail_at >= 0 && fail_at-- == 0 ? NULL : __real_realloc(data, size);
}

static void view_open(const struct blob *blob, const struct btf_view *base, struct btf_view *view)
{
	struct btfgen_error *err = btf_view_open(blob_span(blob), base, view);

	if (err)
		fail_msg("%s: %s", blob->text, err->message);
}

/* References. */

static void check_blob_references(const struct blob *blob, const struct btf_view *base, const char *expected)
{
	struct btf_view view;
	struct btfgen_error *err;
	char *text;

	view_open(blob, base, &view);
	err = btf_references_check(&view);
	text = err ? error_text(err) : strdup("");
	assert_string_equal(text, expected);
	if (err)
		assert_int_equal(err->code, BTFGEN_ERROR_INPUT);
	free(text);
	error_free(err);
	btf_view_close(&view);
}

static void check_references(const char *types, const char *expected)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct blob blob;

		blob_build(&blob, types, big_endian);
		check_blob_references(&blob, NULL, expected);
		blob_free(&blob);
	}
}

static void good_references(void **state)
{
	(void)state;
	check_references("int", "");
	check_references("int; *1; C 2; V 3; R 4; A(1,1,3); S s/16{a:2@0,b:8@64}; U -/8{c:7@0}; td t=7; tt g=1; "
			 "P 1(x:2,-:0); fn f=11; var v=1=0; sec .d/4{13@0+4}; dt d=12=-1; fl f/4; "
			 "E e/4{A=1}; L l/8{B=2}; Fs fwd", "");
	/* Rings through a struct of a name are C. */
	check_references("S s/8{a:2@0}; *1", "");
	check_references("S s/8{a:2@0}; *3; P 4(x:5); C 1; *1", "");
}

static void ids_that_do_not_exist(void **state)
{
	(void)state;
	check_references("int; *3", ".BTF+0x28: type 2 PTR refers to type 3, there are 3");
	check_references("td t=0xffffffff", ".BTF+0x18: type 1 TYPEDEF 't' refers to type 4294967295, there are 2");
	check_references("int; S s/4{a:1@0,b:7@0}", ".BTF+0x28: type 2 STRUCT 's' refers to type 7, there are 3");
	check_references("A(1,9,1)", ".BTF+0x18: type 1 ARRAY refers to type 9, there are 2");
	check_references("P 0(a:2)", ".BTF+0x18: type 1 FUNC_PROTO refers to type 2, there are 2");
	check_references("sec .d/4{5@0+4}", ".BTF+0x18: type 1 DATASEC '.d' refers to type 5, there are 2");
	check_references("fn f=3", ".BTF+0x18: type 1 FUNC 'f' refers to type 3, there are 2");
	check_references("dt d=3=0", ".BTF+0x18: type 1 DECL_TAG 'd' refers to type 3, there are 2");
	check_references("var v=3=0", ".BTF+0x18: type 1 VAR 'v' refers to type 3, there are 2");
}

static void strings_that_do_not_exist(void **state)
{
	(void)state;
	check_references("S #99/0{}", ".BTF+0x18: type 1 STRUCT refers to string offset 99, there are 1 bytes of strings");
	check_references("int; S s/4{#7:1@0}",
			 ".BTF+0x28: type 2 STRUCT 's' refers to string offset 7, there are 7 bytes of strings");
	check_references("E e/4{#9=1}", ".BTF+0x18: type 1 ENUM 'e' refers to string offset 9, there are 3 bytes of strings");
	check_references("L e/8{#9=1}",
			 ".BTF+0x18: type 1 ENUM64 'e' refers to string offset 9, there are 3 bytes of strings");
	check_references("P 0(#9:1)",
			 ".BTF+0x18: type 1 FUNC_PROTO refers to string offset 9, there are 1 bytes of strings");
}

static void rings(void **state)
{
	(void)state;
	check_references("*1", ".BTF+0x18: type 1 PTR leads back to itself");
	check_references("*2; C 3; td t=1", ".BTF+0x18: type 1 PTR leads back to itself");
	check_references("int; A(2,1,4)", ".BTF+0x28: type 2 ARRAY leads back to itself");
	check_references("P 0(a:2); *1", ".BTF+0x18: type 1 FUNC_PROTO leads back to itself");
	check_references("*2; P 1()", ".BTF+0x18: type 1 PTR leads back to itself");
	check_references("S -/8{a:2@0}; *1", ".BTF+0x18: type 1 STRUCT leads back to itself");
	check_references("int; td t=3; *4; U -/8{a:1@0,b:2@0}", ".BTF+0x28: type 2 TYPEDEF leads back to itself");
}

static void long_chains_end(void **state)
{
	struct blob blob;
	char *text = malloc(1 << 16), *at = text;

	(void)state;
	/* Each refers to the next; the last to the first or to void. */
	for (int i = 1; i <= 4000; i++)
		at += sprintf(at, "C %d;", i == 4000 ? 0 : i + 1);
	blob_build(&blob, text, false);
	check_blob_references(&blob, NULL, "");
	store_u32(blob.data + 24 + 3999 * 12 + 8, 1, blob.swap);
	check_blob_references(&blob, NULL, ".BTF+0x18: type 1 CONST leads back to itself");
	blob_free(&blob);
	free(text);
}

static void unknown_headers(void **state)
{
	struct blob blob;

	(void)state;
	blob_build(&blob, "int", false);
	blob.data[BTF_HEADER_FLAGS_OFF] = 2;
	check_blob_references(&blob, NULL, ".BTF+0x3: unknown header flags 0x2 (made by a newer encoder?)");
	blob.data[BTF_HEADER_FLAGS_OFF] = 0;
	blob.data[24 + blob.types_size] = 'x';
	check_blob_references(&blob, NULL, ".BTF+0x28: the first string is not the empty one");
	blob.data[24 + blob.types_size] = 0;
	blob_insert(&blob, 24, 12);
	blob_set_header(&blob, BTF_HEADER_SIZE_OFF, 36);
	check_blob_references(&blob, NULL, "");
	blob.data[35] = 1;
	check_blob_references(&blob, NULL, ".BTF+0x23: unknown header field (made by a newer encoder?)");
	blob_free(&blob);
}

static void references_of_a_split(void **state)
{
	struct btf_view base;
	struct blob base_blob, blob;

	(void)state;
	blob_build(&base_blob, "int", false);
	view_open(&base_blob, NULL, &base);
	blob_build_split(&blob, "*1; S s/8{#1:2@0}", false, base_blob.strings_size);
	check_blob_references(&blob, &base, "");
	blob_free(&blob);
	blob_build_split(&blob, "*4; *2", false, base_blob.strings_size);
	check_blob_references(&blob, &base, ".BTF+0x18: type 2 PTR refers to type 4, there are 4");
	blob_free(&blob);
	blob_build_split(&blob, "*3; *2", false, base_blob.strings_size);
	check_blob_references(&blob, &base, ".BTF+0x18: type 2 PTR leads back to itself");
	blob_free(&blob);
	btf_view_close(&base);
	blob_free(&base_blob);
}

/* Splits. */

static const char base_types[] =
	"int;"					/* 1 */
	"i long/8=0x01000040;"			/* 2 */
	"i char/1=0x01000008;"			/* 3 */
	"S node/16{next:5@0,key:2@64};"		/* 4 */
	"*4;"					/* 5 */
	"P 1(n:5);"				/* 6 */
	"fn walk=6;"				/* 7 */
	"var head=4=0;"				/* 8 */
	"sec .data..percpu/16{8@0+16};"		/* 9 */
	"Fs gone;"				/* 10 */
	"td word=2;"				/* 11 */
	"E mode/4{OFF=0}";			/* 12 */

/* @expected: verdict, problems, odd, id: text. */
static void check_split_over(const char *under, const char *types, const char *expected)
{
	struct split_options options = { .ptr_size = 8 };

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct split_result result;
		struct btf_view base, view;
		struct blob base_blob, blob;
		char seen[sizeof(result.text) + 64];

		blob_build(&base_blob, under, big_endian);
		view_open(&base_blob, NULL, &base);
		blob_build_split(&blob, types, big_endian, base_blob.strings_size);
		view_open(&blob, &base, &view);
		assert_null(btf_split_check(&view, &options, &result));
		snprintf(seen, sizeof(seen), "%d %u %u %u: %s", (int)result.verdict, result.num_problems,
			 result.num_odd, result.type_id, result.text);
		assert_string_equal(seen, expected);
		assert_int_equal(result.num_types, view.num_own);
		btf_view_close(&view);
		btf_view_close(&base);
		blob_free(&blob);
		blob_free(&base_blob);
	}
}

static void check_split(const char *types, const char *expected)
{
	check_split_over(base_types, types, expected);
}

#define FITS "0 0 0 0: "

static void splits_that_fit(void **state)
{
	(void)state;
	check_split("", FITS);
	check_split("S mine/48{list:4@0,mode:12@128,data:11@192,len:1@256,tail:14@320}; A(3,1,0)", FITS);
	check_split("P 0(n:14,-:0); *4; fn visit=13; td cb=14; C 16; S -/4{a:1@0}", FITS);
	check_split("S! bits/8{a:1@0:3,b:1@3:29,c:12@32:1}", FITS);
	/* The old form: 3 bits of an int, at bit 4 of it. */
	check_split("i int/4=0x01040003; i int/4=0x01070001; S old/4{a:13@0,b:14@0}", FITS);
	check_split("U u/16{a:4@0,b:2@0}; S s/0{}; var v=4=0; sec .data..percpu/32{15@16+16}", FITS);
	check_split("dt tag=4=1; dt tag=7=0; dt tag=11=-1; dt tag=8=-1", FITS);
	/* Declared only: good behind pointers, and for functions. */
	check_split("*10; P 10(a:10); *14", FITS);
	check_split("L wide/8{A=1}; S s/8{a:13@0}", FITS);
}

static void ids_and_strings_out_of_range(void **state)
{
	(void)state;
	check_split("*15; *14", "2 1 0 13: type 13 PTR: type 15 does not exist, there are 15");
	check_split("S s/8{a:1@0,b:99@32}", "2 1 0 13: type 13 STRUCT 's' member 1 'b': type 99 does not exist, there are 14");
	check_split("P 0(a:1,b:99); *13",
		    "2 1 0 13: type 13 FUNC_PROTO parameter 1 'b': type 99 does not exist, there are 15");
	check_split("sec .d/8{99@0+8}", "2 1 0 13: type 13 DATASEC '.d' entry 0: type 99 does not exist, there are 14");
	check_split("A(1,99,1)", "2 1 0 13: type 13 ARRAY: type 99 does not exist, there are 14");
	check_split("E e/4{#999=1}",
		    "2 1 0 13: type 13 ENUM 'e' value 0: string offset 999 does not exist, there are 76 bytes");
	check_split("S #999/0{}", "2 1 0 13: type 13 STRUCT: string offset 999 does not exist, there are 74 bytes");
}

static void names_inside_names(void **state)
{
	(void)state;
	/* 1 is "int", 2 its second byte. */
	check_split("S s/4{#1:1@0}", FITS);
	check_split("S s/4{#2:1@0}",
		    "1 0 1 13: type 13 STRUCT 's' member 0 'nt': name 'nt' begins in the middle of a string");
	/* The split's own strings start at 74. */
	check_split("td whole=1; S #74/4{a:1@0}", FITS);
	check_split("td whole=1; S #75/4{a:1@0}",
		    "1 0 1 14: type 14 STRUCT 'hole': name 'hole' begins in the middle of a string");
	/* One odd, one certain: the certain one makes the verdict, both are counted. */
	check_split("S #3/4{a:1@0}; *7",
		    "2 1 1 14: type 14 PTR: refers to type 7 (FUNC walk), which is no type of C");
	check_split("P 0(#2:1)",
		    "1 0 1 13: type 13 FUNC_PROTO parameter 0 'nt': name 'nt' begins in the middle of a string");
}

static void kinds_that_cannot_be(void **state)
{
	(void)state;
	check_split("*7", "2 1 0 13: type 13 PTR: refers to type 7 (FUNC walk), which is no type of C");
	check_split("C 9", "2 1 0 13: type 13 CONST: refers to type 9 (DATASEC .data..percpu), which is no type of C");
	check_split("td t=8", "2 1 0 13: type 13 TYPEDEF 't': refers to type 8 (VAR head), which is no type of C");
	check_split("fn f=4", "2 1 0 13: type 13 FUNC 'f': has type 4 (struct node), which is no prototype");
	check_split("fn f=0", "2 1 0 13: type 13 FUNC 'f': has type 0 (void), which is no prototype");
	check_split("var v=6=0", "2 1 0 13: type 13 VAR 'v': has type 6 (int (struct node *)), which has no size");
	check_split("sec .d/8{4@0+8}", "2 1 0 13: type 13 DATASEC '.d' entry 0: is type 4 (struct node), which is no variable");
	check_split("dt tag=5=-1", "2 1 0 13: type 13 DECL_TAG 'tag': belongs to type 5 (struct node *), which can have no tag");
	check_split("dt tag=4=2", "2 1 0 13: type 13 DECL_TAG 'tag': belongs to component 2 of type 4, which has 2");
	check_split("dt tag=7=1", "2 1 0 13: type 13 DECL_TAG 'tag': belongs to component 1 of type 7, which has 1");
	check_split("dt tag=11=0", "2 1 0 13: type 13 DECL_TAG 'tag': belongs to component 0 of type 11, which has 0");
	check_split("A(10,1,2)", "2 1 0 13: type 13 ARRAY: element has type 10 (struct gone), which has no size");
	check_split("A(1,4,2)", "2 1 0 13: type 13 ARRAY: index has type 4 (struct node), which is no integer");
	check_split("P 9(); *13", "2 1 0 13: type 13 FUNC_PROTO: returns type 9 (DATASEC .data..percpu), which has no size");
	check_split("P 0(a:0,b:1); *13",
		    "2 1 0 13: type 13 FUNC_PROTO parameter 0 'a': has type 0 (void), which has no size");
	check_split("P 0(a:6); *13", "2 1 0 13: type 13 FUNC_PROTO parameter 0 'a': has type 6 (int (struct node *)), "
				     "which has no size");
	check_split("C 0; P 0(a:13); *14",
		    "2 1 0 14: type 14 FUNC_PROTO parameter 0 'a': has type 13 (const void), which has no size");
}

static void members_that_do_not_fit(void **state)
{
	(void)state;
	check_split("S s/12{a:4@0}",
		    "2 1 0 13: type 13 STRUCT 's' member 0 'a': struct node at bit 0 does not end inside the 12 bytes "
		    "of its struct");
	check_split("U s/4{a:2@0}",
		    "2 1 0 13: type 13 UNION 's' member 0 'a': long at bit 0 does not end inside the 4 bytes of its union");
	check_split("S s/24{a:4@0,b:2@64}",
		    "2 1 0 13: type 13 STRUCT 's' member 0 'a': struct node of 128 bits reaches into the next member");
	check_split("A(4,1,3); S s/40{a:13@0}",
		    "2 1 0 14: type 14 STRUCT 's' member 0 'a': struct node [3] at bit 0 does not end inside the 40 bytes "
		    "of its struct");
	check_split("A(4,1,0xffffffff); A(13,1,0xffffffff); A(14,1,0xffffffff); S s/40{a:15@0}",
		    "2 1 0 16: type 16 STRUCT 's' member 0 'a': struct node [4294967295][4294967295][4294967295] at bit 0 "
		    "does not end inside the 40 bytes of its struct");
	check_split("S s/8{a:10@0}", "2 1 0 13: type 13 STRUCT 's' member 0 'a': has type 10 (struct gone), which has no size");
	check_split("S s/8{a:7@0}", "2 1 0 13: type 13 STRUCT 's' member 0 'a': has type 7 (FUNC walk), which has no size");
	check_split("S! s/8{a:4@0:3}",
		    "2 1 0 13: type 13 STRUCT 's' member 0 'a': bitfield of type 4 (struct node), which is no integer");
	check_split("S! s/8{a:3@0:9}",
		    "2 1 0 13: type 13 STRUCT 's' member 0 'a': bitfield of 9 bits in a type of 1 bytes");
	check_split("S! s/8{a:1@0:3,b:1@2:3}",
		    "2 1 0 13: type 13 STRUCT 's' member 0 'a': int of 3 bits reaches into the next member");
	/* An empty member lies where the one before does not end, and takes no room. */
	check_split("S empty/0{}; S s/8{a:2@0,b:13@32}", FITS);
	check_split("var v=4=0; sec .d/16{13@0+8}",
		    "2 1 0 14: type 14 DATASEC '.d' entry 0: 'v' has a type of 16 bytes and a place of 8");
}

/* What the signs do not cover is left to the verifier. */
static void rules_of_the_format(void **state)
{
	(void)state;
	check_split("S a-b/4{a:1@0}", "2 1 0 13: type 13 STRUCT 'a-b': M16: name is no identifier");
	check_split("td -=1", "2 1 0 13: type 13 TYPEDEF: M12: has no name");
	check_split("S #2/4{a:1@0}; td -=1", "2 1 0 14: type 14 TYPEDEF: M12: has no name");
	check_split("C 14; C 13", "2 1 0 13: type 13 CONST: C1: more than 32 modifiers in a row");
	check_split("S s/8{a:14@0}; td t=14",
		    "2 1 0 13: type 13 STRUCT 's' member 0 'a': has type 14 (t), which has no size");
}

/* A base with one type more in front of, between and behind the others. */
static void bases_with_one_type_more(void **state)
{
	static const char types[] = "S mine/24{n:4@0,c:3@128}; *13; P 1(m:14); fn f=15; td t=13";

	(void)state;
	check_split_over("int; i long/8=0x01000040; i char/1=0x01000008; S node/16{next:5@0,key:2@64}; *4", "", FITS);
	check_split(types, FITS);
	check_split_over(
		"C 0; int; i long/8=0x01000040; i char/1=0x01000008; S node/16{next:6@0,key:3@64}; *5; P 2(n:6);"
		"fn walk=7; var head=5=0; sec .data..percpu/16{9@0+16}; Fs gone; td word=3; E mode/4{OFF=0}",
		types,
		"2 1 0 17: type 17 FUNC 'f': has type 15 (enum mode *), which is no prototype");
	check_split_over(
		"int; i long/8=0x01000040; i char/1=0x01000008; C 0; S node/16{next:6@0,key:2@64}; *5; P 1(n:6);"
		"fn walk=7; var head=5=0; sec .data..percpu/16{9@0+16}; Fs gone; td word=2; E mode/4{OFF=0}",
		types,
		"2 2 0 14: type 14 STRUCT 'mine' member 0 'n': has type 4 (const void), which has no size");
}

/* Relocation. */

static void check_relocation(const char *under, const char *distilled, const char *types, const char *expected)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct blob base_blob, small_blob, blob;
		struct btf_view base, small, view;
		struct split_result result;
		char seen[sizeof(result.text) + 64];

		blob_build(&base_blob, under, big_endian);
		view_open(&base_blob, NULL, &base);
		blob_build(&small_blob, distilled, big_endian);
		view_open(&small_blob, NULL, &small);
		blob_build_split(&blob, types, big_endian, small_blob.strings_size);
		view_open(&blob, &small, &view);
		assert_null(btf_relocation_check(&view, &base, &result));
		snprintf(seen, sizeof(seen), "%d %u %u %u: %s", (int)result.verdict, result.num_problems,
			 result.num_odd, result.type_id, result.text);
		assert_string_equal(seen, expected);
		assert_int_equal(result.num_types, small.num_own);
		btf_view_close(&view);
		btf_view_close(&small);
		btf_view_close(&base);
		blob_free(&blob);
		blob_free(&small_blob);
		blob_free(&base_blob);
	}
}

static void relocations_that_work(void **state)
{
	(void)state;
	check_relocation("int; S s/8{a:1@0}; U u/4{a:1@0}; E e/4{A=1}; L l/8{B=1}; fl f/4; Fs d", "", "", FITS);
	check_relocation("int; S s/8{a:1@0}; U u/4{a:1@0}; E e/4{A=1}; L l/8{B=1}; fl f/4; Fs d",
			 "int; S s/8{}; U u/4{}; E e/4{}; E l/8{}; fl f/4; Fs d", "*2; *3; *7", FITS);
	/* A size counts only where there are two, or by value. */
	check_relocation("S s/8{}", "S s/16{}", "*1", FITS);
	check_relocation("S s/8{}; S s/16{}", "S s/16{}", "*1", FITS);
	check_relocation("S s/16{}", "S s/16{}", "S own/16{a:1@0}", FITS);
	/* The kind of a struct does not. */
	check_relocation("U s/8{}", "S s/8{}", "*1", FITS);
	/* Others of the name are no candidates. */
	check_relocation("td s=2; S s/8{}; P 0(); fn s=3", "S s/8{}", "*1", FITS);
	check_relocation("i x/4=0x20; i x/4=0x01000020", "i x/4=0x01000020", "*1", FITS);
	/* A declaration finds a struct without bitfields. */
	check_relocation("S s/8{}", "Fs s", "*1", FITS);
	check_relocation("int; U! s/8{a:1@0:3}", "Fu s", "*1", FITS);
}

static void relocations_that_fail(void **state)
{
	(void)state;
	check_relocation("int", "S s/8{}", "*1",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has none of 8 bytes");
	check_relocation("S s/16{}", "S s/8{}", "S own/8{a:1@0}",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has none of 8 bytes, as is needed by value");
	check_relocation("S s/16{}; int", "S s/8{}; int", "A(1,2,1); C 3; td t=4; S own/8{a:5@0}",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has none of 8 bytes, as is needed by value");
	check_relocation("S s/8{}; S s/16{}", "S s/24{}", "*1",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has none of 24 bytes");
	check_relocation("S s/8{}; U s/8{}", "S s/8{}", "*1",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has it twice, as type 1 and 2");
	check_relocation("S s/8{}; Fs s", "S s/8{}", "*1",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has it twice, as type 1 and 2");
	check_relocation("S s/8{}; Fs s", "Fs s", "*1",
			 "2 1 0 1: type 1 FWD 's' of .BTF.base: the base has it twice, as type 1 and 2");
	check_relocation("U s/8{}; Fs s", "S s/8{}", "S own/8{a:1@0}",
			 "2 1 0 1: type 1 STRUCT 's' of .BTF.base: the base has it twice, as type 1 and 2");
	check_relocation("int; S! s/8{a:1@0:3}", "Fs s", "*1",
			 "2 1 0 1: type 1 FWD 's' of .BTF.base: the base has none that relocation takes");
	check_relocation("U s/8{}", "Fu s", "*1",
			 "2 1 0 1: type 1 FWD 's' of .BTF.base: the base has none that relocation takes");
	check_relocation("Fu s", "Fs s", "*1",
			 "2 1 0 1: type 1 FWD 's' of .BTF.base: the base has none that relocation takes");
	check_relocation("i x/4=0x20", "i x/4=0x01000020", "*1",
			 "2 1 0 1: type 1 INT 'x' of .BTF.base: the base has none of 4 bytes and encoding 1");
	check_relocation("i x/4=0x20; E e/4{}; fl f/4", "i x/8=0x40; E e/8{}; fl f/8", "*1",
			 "2 3 0 1: type 1 INT 'x' of .BTF.base: the base has none of 8 bytes and encoding 0");
	check_relocation("int; C 1; td t=1", "td t=0; C 1", "*1",
			 "2 2 0 2: type 2 CONST '' of .BTF.base: no relocation finds types of this kind");
	check_relocation("S s/8{}", "S -/8{}", "*1",
			 "2 2 0 1: type 1 STRUCT '' of .BTF.base: no relocation finds types of this kind");
}

static void strings_of_the_distilled_base(void **state)
{
	(void)state;
	/* Offset 1 is "name", the type's; 2 lies in it. */
	check_relocation("S name/8{}", "S name/8{}", "td #1=1", FITS);
	check_relocation("S name/8{}", "S name/8{}", "td #2=1",
			 "2 1 0 0: string 'ame' of .BTF.base is the name of no type there, relocation loses it");
	check_relocation("S name/8{}", "S name/8{}", "S own/8{#1:1@0,#3:1@0}",
			 "2 1 0 0: string 'me' of .BTF.base is the name of no type there, relocation loses it");
	check_relocation("S name/8{}", "S name/8{}", "E own/4{#2=0,#3=1}",
			 "2 2 0 0: string 'ame' of .BTF.base is the name of no type there, relocation loses it");
	check_relocation("S name/8{}", "S name/8{}", "P 0(#2:0)",
			 "2 1 0 0: string 'ame' of .BTF.base is the name of no type there, relocation loses it");
}

/* Memory. */

static void memory_runs_out(void **state)
{
	struct split_options options = { .ptr_size = 8 };
	struct split_result result;
	struct btf_view base, view;
	struct blob base_blob, blob;
	int num_failed = 0;

	(void)state;
	blob_build(&base_blob, base_types, false);
	view_open(&base_blob, NULL, &base);
	blob_build_split(&blob, "*1; C 13", false, base_blob.strings_size);
	view_open(&blob, &base, &view);
	for (int what = 0; what < 3; what++) {
		for (int i = 0;; i++) {
			struct btfgen_error *err;

			fail_at = i;
			err = what == 0 ? btf_references_check(&view) :
			      what == 1 ? btf_split_check(&view, &options, &result) :
					  btf_relocation_check(&view, &base, &result);
			if (!err)
				break;
			fail_at = -1;
			assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
			error_free(err);
			num_failed++;
		}
		fail_at = -1;
	}
	assert_in_range(num_failed, 8, 20);
	btf_view_close(&view);
	btf_view_close(&base);
	blob_free(&blob);
	blob_free(&base_blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_references),
		cmocka_unit_test(ids_that_do_not_exist),
		cmocka_unit_test(strings_that_do_not_exist),
		cmocka_unit_test(rings),
		cmocka_unit_test(long_chains_end),
		cmocka_unit_test(unknown_headers),
		cmocka_unit_test(references_of_a_split),
		cmocka_unit_test(splits_that_fit),
		cmocka_unit_test(ids_and_strings_out_of_range),
		cmocka_unit_test(names_inside_names),
		cmocka_unit_test(kinds_that_cannot_be),
		cmocka_unit_test(members_that_do_not_fit),
		cmocka_unit_test(rules_of_the_format),
		cmocka_unit_test(bases_with_one_type_more),
		cmocka_unit_test(relocations_that_work),
		cmocka_unit_test(relocations_that_fail),
		cmocka_unit_test(strings_of_the_distilled_base),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
