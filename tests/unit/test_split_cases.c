// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Split BTF: what of a module the base has already, and what is written on top of it. Every case
 * compares all there is: kinds, names, members, ids, strings; in both byte orders, with and without
 * collisions of hashes, and whatever the order of arrival of the module's units was.
 *
 * The first part are the cases of the kernel's selftests (tools/testing/selftests/bpf/prog_tests:
 * btf_dedup_split.c, btf_split.c, btf_endian.c), which compare less than this does. Ids differ from
 * theirs where we sort by name. What has no counterpart in an encoder:
 *
 *	btf_permute.c		ids are final when they are written; nothing renumbers a split
 *	btf_kind.c		reading unknown kinds: test_btf_view.c. The table of layouts is the
 *				base's: below
 *	btf_sanitize.c		taking a layout table out of BTF is a loader's business
 *	btf_field_iter.c	format.h's table, tested with the view and the verifier
 *	btf_split.c, btf_add*	builders and appending one split to another; a module is made in one
 *				piece, and its equal types are one in the store already
 *	split_module		needs a running kernel: tests of modules of real kernels do it
 *
 * Modules do not repeat types: the store has made them one before. Where selftests repeat them in
 * the split part, the module is given with the repetition.
 */
#include "tests/unit/split_text.h"

/* The base's id of each node of the module's first unit, separated by blanks. */
static char *ids_text(const struct split_module *m, const struct types_match *match)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (unsigned int n = 1; n < m->num_nodes; n++) {
		uint32_t type = text_store_type(&m->text, 0, n);

		assert_true(type < match->num_types);
		fprintf(out, "%s%u", n > 1 ? " " : "", match->base_ids[type]);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static void check_numbers(const struct split_module *m, const struct types_match *match)
{
	uint32_t num = 0;

	assert_int_equal(match->num_types, type_store_num_types(m->text.store));
	assert_int_equal(match->base_ids[0], 0);
	for (uint32_t i = 1; i < match->num_types; i++)
		num += match->base_ids[i] != 0;
	assert_int_equal(match->num_matched, num);
}

static void check_split_with(const struct split_case *c, bool big_endian, struct text_how how)
{
	struct split_output output;
	struct types_match match;
	struct split_module m;
	struct split_base b;

	split_base_build(&b, c->bases, big_endian);
	split_module_build(&m, c, how);
	assert_null(types_match(m.text.store, b.base, &c->match, &match));
	check_numbers(&m, &match);
	if (c->ids) {
		char *ids = ids_text(&m, &match);

		assert_string_equal(ids, c->ids);
		free(ids);
	}
	assert_null(types_match_leave_out(m.text.store, &m.input, &match));
	m.input.base = b.base;
	m.input.base_ids = match.base_ids;
	m.input.big_endian = big_endian;
	split_write(&m.input, btf_base_view(b.base), &output);
	check_text(&output.view, c->expected, c->strings);
	split_output_free(&output);
	types_match_deinit(&match);
	split_module_free(&m);
	split_base_free(&b);
}

static void check_split(const struct split_case *c)
{
	for (unsigned int i = 0; i < 8; i++)
		check_split_with(c, i & 1, (struct text_how){ .force_collisions = i & 2,
							      .reverse = i & 4 });
}

#define SPLIT(...) check_split(&(struct split_case){ __VA_ARGS__ })

/* ---- cases of the selftests ---- */

static void split_simple(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; *1; S s1/4{f1:1@0}; td t1=1" },
	      .module = "S s2/16{f1:3@0,f2:2@32,f3:4@64}; int int/4s; S s1/4{f1:2@0}; *2; td t1=2",
	      .ids = "0 1 3 2 4", .expected = "5 S s2/16{f1:3@0,f2:1@32,f3:2@64}",
	      .strings = "s2,f2,f3");
}

static void split_fwd_resolve(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; *4; *5; S s1/16{f1:2@0,f2:3@64}; S s2/4{f1:1@0}; S s3/4{f1:1@0}" },
	      .module = "int int/4s; *5; Fs s2; *3; S s1/16{f1:2@0,f2:4@64}; Fs s3; *6",
	      .ids = "1 2 5 3 4 6 0", .expected = "7 *6", .strings = "");
}

/* The base's s1 has a pointer to a declaration; the module completes it. */
static void split_struct_duped(void **state)
{
	static const char base[] = "int; *5; Fs s2; *3; S s1/16{f1:2@0,f2:4@64}";
	static const char module[] =
		"int int/4s; *5; Fs s2; *6; S s1/16{f1:2@0,f2:4@64}; "
		"S s2/40{f1:2@0,f2:4@64,f3:1@128,f4:5@192}; *3; S s3/8{f1:7@0}";

	(void)state;
	SPLIT(.bases = { base }, .module = module, .match.strict_forwards = true,
	      .ids = "1 0 0 0 0 0 0 0",
	      .expected = "6 *8; 7 *9; 8 S s1/16{f1:6@0,f2:7@64}; "
			  "9 S s2/40{f1:6@0,f2:7@64,f3:1@128,f4:8@192}; 10 S s3/8{f1:7@0}",
	      .strings = "f3,f4,s3");
	/* Smaller: only what is new is written, and s1 is the base's. */
	SPLIT(.bases = { base }, .module = module, .ids = "1 2 0 0 5 0 0 0",
	      .expected = "6 *7; 7 S s2/40{f1:2@0,f2:6@64,f3:1@128,f4:5@192}; 8 S s3/8{f1:6@0}",
	      .strings = "f3,f4,s3");
}

static void split_dup_struct_in_cu(void **state)
{
	static const char module[] = "int int/4s; S s/16{a:3@0,b:4@64}; S -/8{f1:1@0,f2:1@32}; "
				     "S -/8{f1:1@0,f2:1@32}";

	(void)state;
	SPLIT(.bases = { "int; S s/16{a:3@0,b:3@64}; S -/8{f1:1@0,f2:1@32}" }, .module = module,
	      .ids = "1 2 3 3", .expected = "", .strings = "");
	/* A base that was not deduplicated. */
	SPLIT(.bases = { "int; S s/16{a:3@0,b:4@64}; S -/8{f1:1@0,f2:1@32}; "
			 "S -/8{f1:1@0,f2:1@32}" },
	      .module = module, .ids = "1 2 3 3", .expected = "", .strings = "");
}

static void single_split(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; *1; S s1/4{f1:1@0}" },
	      .module = "int int/4s; *1; S s1/4{f1:1@0}; S s2/16{f1:3@0,f2:1@32,f3:2@64}",
	      .ids = "1 2 3 0", .expected = "4 S s2/16{f1:3@0,f2:1@32,f3:2@64}",
	      .strings = "s2,f2,f3");
}

static void multi_split(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; *1; S s1/4{f1:1@0}", "S s2/16{f1:3@0,f2:1@32,f3:2@64}" },
	      .module = "int int/4s; *1; S s1/4{f1:1@0}; S s2/16{f1:3@0,f2:1@32,f3:2@64}; "
			"U u1/16{f1:4@0,uf2:1@0}; S s3/24{f2:4@0,g:7@128}; *5",
	      .ids = "1 2 3 4 0 0 0",
	      .expected = "5 *7; 6 S s3/24{f2:4@0,g:5@128}; 7 U u1/16{f1:4@0,uf2:1@0}",
	      .strings = "s3,g,u1,uf2");
}

/* ---- what is equal, and what is not ---- */

static void every_kind_is_found(void **state)
{
	static const char base[] =
		"int; *1; A(1,1,16); S s/8{m:1@0}; U u/4{m:1@0}; E e/4{A=1}; Fs fs; Fu fu; "
		"td t=1; V 1; C 1; R 2; P 1(p:2,q:1,-:0); fl float/4; tt tag=1; L e64/8{B=5}; "
		"tt! attr=1; P 0(); *0; C 0";
	static const char module[] =
		"int int/4s; *1; A(1,16); S s/8{m:1@0}; U u/4{m:1@0}; E e/4{A=1}; Fs fs; Fu fu; "
		"td t=1; V 1; C 1; R 2; P 1(p:2,q:1,...); fl float/4; tt tag=1; E e64/8{B=5}; "
		"tt! attr=1; P 0(); *0; C 0";

	(void)state;
	SPLIT(.bases = { base }, .module = module,
	      .ids = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", .expected = "",
	      .strings = "");
	/* In the second layer, and some in each. */
	SPLIT(.bases = { "fl x/2", "fl y/2", "int; *3; A(3,3,16); S s/8{m:3@0}; U u/4{m:3@0}" },
	      .module = "int int/4s; *1; A(1,16); S s/8{m:1@0}; U u/4{m:1@0}; fl x/2; fl y/2; *7",
	      .ids = "3 4 5 6 7 1 2 0", .expected = "8 *2", .strings = "");
}

/* Each differs from the base's in one thing. */
static void every_field_counts(void **state)
{
	static const struct {
		const char *base, *module, *expected;
	} cases[] = {
		{ "i a/4=0x20", "int b/4", "2 i b/4=0x20" },
		{ "i a/4=0x20", "int a/8", "2 i a/8=0x40" },
		{ "i a/4=0x20", "int a/4s", "2 i a/4=0x1000020" },
		{ "i a/4=0x1f", "int a/4", "2 i a/4=0x20" },
		{ "i a/4=0x80020", "int a/4", "2 i a/4=0x20" },
		{ "fl a/4", "fl b/4", "2 fl b/4" },
		{ "fl a/4", "fl a/8", "2 fl a/8" },
		{ "i a/4=0x20", "fl a/4", "2 fl a/4" },
		{ "S a/4{}", "S b/4{}", "2 S b/4{}" },
		{ "S a/4{}", "S a/8{}", "2 S a/8{}" },
		{ "S a/4{}", "U a/4{}", "2 U a/4{}" },
		{ "S a/4{}", "S -/4{}", "2 S -/4{}" },
		{ "S -/4{}", "S a/4{}", "2 S a/4{}" },
		{ "S a/4{}", "Fu a", "2 Fu a" },
		{ "S a/4{}; i i/4=0x20", "S a/4{m:2@0}; int i/4", "3 S a/4{m:2@0}" },
		{ "S a/4{m:2@0}; i i/4=0x20", "S a/4{}; int i/4", "3 S a/4{}" },
		{ "S a/4{m:2@0}; i i/4=0x20", "S a/4{n:2@0}; int i/4", "3 S a/4{n:2@0}" },
		{ "S a/4{m:2@0}; i i/4=0x20", "S a/4{-:2@0}; int i/4", "3 S a/4{-:2@0}" },
		{ "S a/8{m:2@0}; i i/4=0x20", "S a/8{m:2@32}; int i/4", "3 S a/8{m:2@32}" },
		{ "S a/8{m:2@0,n:2@0}; i i/4=0x20", "S a/8{n:2@0,m:2@0}; int i/4",
		  "3 S a/8{n:2@0,m:2@0}" },
		{ "S a/4{m:2@0}; i i/4=0x20; i j/4=0x20", "S a/4{m:2@0}; int j/4",
		  "4 S a/4{m:3@0}" },
		{ "S! a/4{m:2@0:3}; i i/4=0x20", "S a/4{m:2@0:4}; int i/4", "3 S! a/4{m:2@0:4}" },
		{ "S! a/4{m:2@0:3}; i i/4=0x20", "S a/4{m:2@0}; int i/4", "3 S a/4{m:2@0}" },
		{ "E a/4{A=1}", "E b/4{A=1}", "2 E b/4{A=1}" },
		{ "E a/4{A=1}", "E a/2{A=1}", "2 E a/2{A=1}" },
		{ "E a/4{A=1}", "E a/4{B=1}", "2 E a/4{B=1}" },
		{ "E a/4{A=1}", "E a/4{A=2}", "2 E a/4{A=2}" },
		{ "E a/4{A=1}", "E a/4{A=1,B=2}", "2 E a/4{A=1,B=2}" },
		{ "E a/4{A=1,B=2}", "E a/4{A=1}", "2 E a/4{A=1}" },
		{ "E a/4{A=1,B=2}", "E a/4{B=2,A=1}", "2 E a/4{B=2,A=1}" },
		{ "E -/4{A=1}", "E a/4{A=1}", "2 E a/4{A=1}" },
		{ "*0", "C 0", "2 C 0" },
		{ "C 0", "V 0", "2 V 0" },
		{ "td t=0", "td u=0", "2 td u=0" },
		{ "td t=0; *0", "td t=2; *0", "3 td t=2" },
		{ "tt t=0", "tt u=0", "2 tt u=0" },
		{ "tt t=0", "tt! t=0", "2 tt! t=0" },
		{ "tt! t=0", "tt t=0", "2 tt t=0" },
		{ "P 0()", "P 0(...)", "2 P 0(-:0)" },
		{ "P 0(-:0)", "P 0()", "2 P 0()" },
		{ "P 0(a:2); *0", "P 2(a:2); *0", "3 P 2(a:2)" },
		{ "P 0(a:2); *0", "P 0(b:2); *0", "3 P 0(b:2)" },
		{ "P 0(a:2); *0", "P 0(-:2); *0", "3 P 0(-:2)" },
		{ "P 0(a:2); *0", "P 0(a:2,a:2); *0", "3 P 0(a:2,a:2)" },
		{ "P 0(a:2); *0", "P 0(a:2,...); *0", "3 P 0(a:2,-:0)" },
		{ "P 0(a:2,b:3); *0; *2", "P 0(a:3,b:2); *0; *2", "4 P 0(a:3,b:2)" },
		{ "Fs a", "Fs b", "2 Fs b" },
		{ "Fs a", "Fu a", "2 Fu a" },
		{ "fn a=2; P 0()", "td a=2; P 0()", "3 td a=2" },
		{ "var a=2=0; int", "td a=2; int int/4s", "3 td a=2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		SPLIT(.bases = { cases[i].base }, .module = cases[i].module,
		      .expected = cases[i].expected);
}

/* Names, kinds and sizes agree; the difference is far away. */
static void what_is_reached_counts(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; S a/8{p:3@0}; *4; S b/16{q:5@0,x:1@64}; *2; td t=2; S c/8{p:8@0}; "
			 "*1; P 1(a:5)" },
	      .module = "int long/8s; S a/8{p:3@0}; *4; S b/16{q:5@0,x:1@64}; *2; td t=2; "
			"int int/4s; S c/8{p:9@0}; *7; P 7(a:5)",
	      .ids = "0 0 0 0 0 0 1 7 8 0",
	      .expected = "10 *14; 11 *13; 12 P 1(a:11); 13 S a/8{p:10@0}; "
			  "14 S b/16{q:11@0,x:15@64}; 15 i long/8=0x1000040; 16 td t=13",
	      .strings = "long");
	/* Only unnamed types between. */
	SPLIT(.bases = { "int; *1; C 2; *3; A(4,1,2); S a/16{m:5@0}" },
	      .module = "int int/4s; *1; V 2; *3; A(4,2); S a/16{m:5@0}", .ids = "1 2 0 0 0 0",
	      .expected = "7 *8; 8 V 2; 9 A(7,1,2); 10 S a/16{m:9@0}", .strings = "");
}

static void rings_are_found(void **state)
{
	(void)state;
	SPLIT(.bases = { "*2; S a/16{p:1@0,q:3@64}; *4; S b/8{p:1@0}; td t=6; P 0(f:7); *5" },
	      .module = "S b/8{p:2@0}; *3; S a/16{p:2@0,q:4@64}; *1; *6; td t=7; P 0(f:5)",
	      .ids = "4 1 2 3 7 5 6", .expected = "", .strings = "");
	/* One ring in the base is two in the module, and the other way round. */
	SPLIT(.bases = { "*2; S n/8{p:1@0}; *4; S m/8{p:3@0}; S n/8{p:3@0}" },
	      .module = "*2; S n/8{p:1@0}; *4; S m/8{p:1@0}", .ids = "1 2 0 0",
	      .expected = "6 *7; 7 S m/8{p:1@0}", .strings = "");
}

static void unnamed_types_are_found_by_shape(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; S -/8{a:1@0,b:1@32}; S -/8{a:1@0,c:1@32}; U -/4{a:1@0}; "
			 "E -/4{A=1}; S o/16{-:2@0,u:4@64}; td t=3" },
	      .module = "int int/4s; S -/8{a:1@0,c:1@32}; td t=2; E -/4{A=1}; E -/4{A=2}; "
			"U -/4{a:1@0}; S -/8{a:1@0,b:1@32}; S o/16{-:7@0,u:6@64}; "
			"S o2/16{-:2@0,u:6@64}; S -/4{a:6@0}",
	      .ids = "1 3 7 5 0 4 2 6 0 0",
	      .expected = "8 S -/4{a:4@0}; 9 E -/4{A=2}; 10 S o2/16{-:3@0,u:4@64}",
	      .strings = "o2");
	/* A name that no record can hold is none. */
	SPLIT(.bases = { "int; S -/4{a:1@0}; S x/4{-:1@0}" },
	      .module = "int int/4s; S a-b/4{a:1@0}; S x/4{1-2:1@0}", .ids = "1 2 3",
	      .expected = "", .strings = "");
}

static void chains_are_followed(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; td a=1; td b=2; td c=3; C 4; V 5; *6; td d=7" },
	      .module = "td d=2; *3; V 4; C 5; td c=6; td b=7; td a=8; int int/4s; td e=5; *4",
	      .ids = "8 7 6 5 4 3 2 1 0 0", .expected = "9 *5; 10 td e=4", .strings = "e");
	/* One link is missing in the base. */
	SPLIT(.bases = { "int; td a=1; td c=2" },
	      .module = "int int/4s; td a=1; td b=2; td c=3; td c2=4", .ids = "1 2 0 0 0",
	      .expected = "4 td b=2; 5 td c=4; 6 td c2=5", .strings = "b,c2");
}

static void type_tags_count(void **state)
{
	static const char base[] = "int; tt a=1; tt b=2; *3; tt! a=1; *5";

	(void)state;
	SPLIT(.bases = { base }, .module = "int int/4s; tt a=1; tt b=2; *3; tt! a=1; *5",
	      .ids = "1 2 3 4 5 6", .expected = "", .strings = "");
	SPLIT(.bases = { base }, .module = "int int/4s; tt b=1; tt a=2; *3; tt! b=1",
	      .ids = "1 0 0 0 0", .expected = "7 *8; 8 tt a=9; 9 tt b=1; 10 tt! b=1",
	      .strings = "");
	SPLIT(.bases = { "int; tt a=1; S s/8{p:4@0}; *2" },
	      .module = "int int/4s; *1; S s/8{p:2@0}", .ids = "1 0 0",
	      .expected = "5 *1; 6 S s/8{p:5@0}", .strings = "");
}

/* Encoders differ in the type that arrays are indexed with: it is not compared. */
static void index_type_of_arrays_does_not_count(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; i __ARRAY_SIZE_TYPE__/4=0x20; A(1,2,3); S s/12{a:3@0}" },
	      .module = "int int/4s; A(1,3); S s/12{a:2@0}; A(1,4); A(2,2)",
	      .ids = "1 3 4 0 0", .expected = "5 A(1,1,4); 6 A(3,1,2)", .strings = "");
	/* A bit of the tail that no kind of integer has. */
	SPLIT(.bases = { "i int/4=0x11000020; *1" }, .module = "int int/4s; *1", .ids = "0 0",
	      .expected = "3 *4; 4 int", .strings = "");
	SPLIT(.bases = { "i unsigned long/8=0x40; i char/1=0x1000008; A(2,1,3)" },
	      .module = "int char/1s; A(1,3); A(1,4)", .ids = "2 3 0",
	      .expected = "4 A(2,5,4); 5 int", .strings = "int");
	/* The module's own int, if the base's is another one. */
	SPLIT(.bases = { "i int/4=0x20; i int/2=0x1000010; i int/4=0x101001f" },
	      .module = "int int/4s; A(1,4)", .ids = "0 0",
	      .expected = "4 A(5,5,4); 5 int", .strings = "");
	/* The lowest of those that differ in the index only. */
	SPLIT(.bases = { "int; i u/4=0x20; A(1,2,3); A(1,1,3)" },
	      .module = "int int/4s; A(1,3)", .ids = "1 3", .expected = "", .strings = "");
	SPLIT(.bases = { "int; A(1,1,3)" }, .module = "int int/4s; A(1,0); A(1,4)",
	      .ids = "1 0 0", .expected = "3 A(1,1,0); 4 A(1,1,4)", .strings = "");
}

static void enums_are_compared_as_they_are_written(void **state)
{
	(void)state;
	/* 8 bytes are an ENUM64, but for those who know none. */
	SPLIT(.bases = { "L e/8{A=1}" }, .module = "E e/8{A=1}", .ids = "1", .expected = "");
	SPLIT(.bases = { "E e/8{A=1}" }, .module = "E e/8{A=1}", .ids = "0",
	      .expected = "2 L e/8{A=1}", .strings = "");
	SPLIT(.bases = { "E e/8{A=1}" }, .module = "E e/8{A=1}", .match.without_enum64 = true,
	      .ids = "1", .expected = "", .strings = "");
	SPLIT(.bases = { "L e/8{A=1}" }, .module = "E e/8{A=1}", .match.without_enum64 = true,
	      .ids = "0", .expected = "2 E e/8{A=1}", .strings = "");
	SPLIT(.bases = { "E e/4{A=1}; L e/4{A=1}" }, .module = "E e/4{A=1}", .ids = "1",
	      .expected = "");
	SPLIT(.bases = { "L e/4{A=1}; E e/4{A=1}" }, .module = "E e/4{A=1}", .ids = "2",
	      .expected = "");
	/* The flag says that values are signed. */
	SPLIT(.bases = { "E! e/4{A=-1}" }, .module = "Es e/4{A=-1}", .ids = "1", .expected = "");
	SPLIT(.bases = { "E e/4{A=-1}" }, .module = "Es e/4{A=-1}", .ids = "0",
	      .expected = "2 E! e/4{A=-1}");
	SPLIT(.bases = { "E e/4{A=4294967295}" }, .module = "E e/4{A=4294967295}", .ids = "1",
	      .expected = "");
	SPLIT(.bases = { "E! e/4{A=-1}" }, .module = "E e/4{A=4294967295}", .ids = "0",
	      .expected = "2 E e/4{A=4294967295}");
	SPLIT(.bases = { "L e/8{A=4294967296,B=1}" }, .module = "E e/8{A=4294967296,B=1}",
	      .ids = "1", .expected = "");
	SPLIT(.bases = { "L e/8{A=1,B=1}" }, .module = "E e/8{A=4294967297,B=1}", .ids = "0",
	      .expected = "2 L e/8{A=4294967297,B=1}", .strings = "");
	SPLIT(.bases = { "L! e/8{A=-1}" }, .module = "Es e/8{A=-1}", .ids = "1", .expected = "");
	SPLIT(.bases = { "L e/8{A=-1}" }, .module = "Es e/8{A=-1}", .ids = "0",
	      .expected = "2 L! e/8{A=-1}");
}

/* ---- names ---- */

static void names_with_several_definitions_mean_what_they_look_like(void **state)
{
	static const char base[] = "int; S foo/4{a:1@0}; S foo/4{b:1@0}; *2; *3; S u/8{p:4@0}; "
				   "S v/8{p:5@0}; td t=3; E e/4{A=1}; E e/4{B=1}";

	(void)state;
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/4{b:1@0}; *2; S v/8{p:3@0}; td t=2; E e/4{B=1}",
	      .ids = "1 3 5 7 8 10", .expected = "", .strings = "");
	/* The module's u means the other foo. */
	SPLIT(.bases = { base }, .module = "int int/4s; S foo/4{b:1@0}; *2; S u/8{p:3@0}",
	      .ids = "1 3 5 0", .expected = "11 S u/8{p:5@0}", .strings = "");
	/* A third one. */
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/4{c:1@0}; *2; S u/8{p:3@0}; td t=2; E e/4{C=1}",
	      .ids = "1 0 0 0 0 0",
	      .expected = "11 *13; 12 E e/4{C=1}; 13 S foo/4{c:1@0}; 14 td t=13; "
			  "15 S u/8{p:11@0}",
	      .strings = "C,c");
	/* Both in two units of the module. */
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/4{b:1@0}; *2; S v/8{p:3@0} | "
			"int int/4s; S foo/4{a:1@0}; *2; S v/8{p:3@0}",
	      .ids = "1 3 5 7", .expected = "11 S v/8{p:4@0}", .strings = "");
	/* Two that differ only far behind. */
	SPLIT(.bases = { "int; S foo/8{p:3@0}; *4; S bar/4{a:1@0}; S foo/8{p:6@0}; *7; "
			 "S bar/4{b:1@0}" },
	      .module = "int int/4s; S bar/4{b:1@0}; *2; S foo/8{p:3@0}", .ids = "1 7 6 5",
	      .expected = "", .strings = "");
}

static void kinds_with_one_name_are_told_apart(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; S n/4{a:1@0}; U n/4{a:1@0}; E n/4{A=1}; td n=1; fl n/4; "
			 "i n/4=0x20; fn n=9; P 0(); var n=1=0; sec n/4{10@0+4}; dt n=2=-1; "
			 "tt n=1" },
	      .module = "tt n=8; int n/4; fl n/4; td n=8; E n/4{A=1}; U n/4{a:8@0}; "
			"S n/4{a:8@0}; int int/4s; td n=8",
	      .ids = "13 7 6 5 4 3 2 1 5", .expected = "", .strings = "");
}

/* A string is shared if the base has it from its first to its last byte. */
static void strings_are_shared_whole(void **state)
{
	static const char base[] = "i unsigned_int/4=0x20; S s/8{discount:1@0,total:1@32}; "
				   "P 0(param:1); E e/4{VALUE=1}; dt some text=2=-1; "
				   "sec .data/4{}";

	(void)state;
	/* The tails "int" and "count" of base strings are written again. */
	SPLIT(.bases = { base }, .module = "int int/4s; S count/4{al:1@0}",
	      .expected = "7 S count/4{al:8@0}; 8 int", .strings = "count,al,int");
	/* So are heads and what stands in the middle. */
	SPLIT(.bases = { base }, .module = "int int/4s; S dis/8{isc:1@0,-:1@32}",
	      .expected = "7 S dis/8{isc:8@0,-:8@32}; 8 int", .strings = "dis,isc,int");
	/* Whatever the string was in the base. */
	SPLIT(.bases = { base },
	      .module = "int unsigned_int/4; S total/4{discount:1@0}; S param/4{VALUE:1@0}; "
			"td VALUE=1; E s/4{e=2,param=3}; int param/4",
	      .expected = "7 td VALUE=1; 8 i param/4=0x20; 9 S param/4{VALUE:1@0}; "
			  "10 E s/4{e=2,param=3}; 11 S total/4{discount:1@0}",
	      .strings = "");
	SPLIT(.bases = { base }, .module = "int unsigned_int/4; P 1(total:1); S q/4{discount:1@0}",
	      .vars = "discount=1,q=1", .funcs = "total=2",
	      .tags = "some text>3#0,total>3#-1,fresh>f0#0",
	      .expected = "7 P 1(total:1); 8 sec .data/128{9@0+64,12@64+64}; "
			  "9 var discount=1=1; 10 dt fresh=14=0; 11 S q/4{discount:1@0}; "
			  "12 var q=1=1; 13 dt some text=11=0; 14 fn total=7<vlen=1>; "
			  "15 dt total=11=-1",
	      .strings = "fresh,q");
	/* Tail and whole in two layers. */
	SPLIT(.bases = { "i unsigned_int/4=0x20", "int" }, .module = "int int/4s; S count/4{a:1@0}",
	      .expected = "3 S count/4{a:2@0}", .strings = "count,a");
}

/* The lower one, so that readers who compare offsets see one name. */
static void the_lower_of_equal_strings_is_taken(void **state)
{
	struct split_base b;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		split_base_build(&b, (const char *const[SPLIT_MAX_LAYERS]){
			"int; S twice/4{once:1@0}", "S twice/8{twice:1@0,below:1@32}" }, big_endian);
		assert_int_equal(btf_base_find_string(b.base, "int", 3), 1);
		assert_int_equal(btf_base_find_string(b.base, "twice", 5), 5);
		assert_int_equal(btf_base_find_string(b.base, "once", 4), 11);
		assert_int_equal(btf_base_find_string(b.base, "below", 5), 22);
		assert_int_equal(btf_base_find_string(b.base, "elow", 4), 0);
		assert_int_equal(btf_base_find_string(b.base, "belo", 4), 0);
		assert_int_equal(btf_base_find_string(b.base, "belowx", 5), 22);
		assert_int_equal(btf_base_find_string(b.base, "", 0), 0);
		assert_int_equal(btf_base_strings_size(b.base), 28);
		split_base_free(&b);
	}
}

/* ---- declarations ---- */

static void a_declaration_means_the_only_definition(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; S foo/4{a:1@0}; *2; U bar/4{a:1@0}; E e/4{A=1}" },
	      .module = "Fs foo; *1; S own/24{p:2@0,q:4@64,r:6@128}; *5; Fu bar; *7; Fe e/4",
	      .ids = "2 3 0 0 4 0 5",
	      .expected = "6 *4; 7 *5; 8 S own/24{p:3@0,q:6@64,r:7@128}",
	      .strings = "own,p,q,r");
	/* Whether the base declares it as well or not, and in whatever layer. */
	SPLIT(.bases = { "Fs foo; *1; int; S foo/4{a:3@0}; *4" },
	      .module = "Fs foo; *1; S own/8{p:2@0}", .ids = "4 5 0",
	      .expected = "6 S own/8{p:5@0}", .strings = "own,p");
	SPLIT(.bases = { "Fs foo; *1; int", "S foo/4{a:3@0}" },
	      .module = "Fs foo; *1; S own/8{p:2@0}", .ids = "4 0 0",
	      .expected = "5 *4; 6 S own/8{p:5@0}", .strings = "own,p");
	/* Another kind of that name is no definition of it. */
	SPLIT(.bases = { "int; S foo/4{a:1@0}; U bar/4{a:1@0}; td baz=1; E qux/4{A=1}" },
	      .module = "Fu foo; Fs bar; Fs baz; Fs qux; *1; *2; *3; *4",
	      .ids = "0 0 0 0 0 0 0 0",
	      .expected = "6 *12; 7 *10; 8 *11; 9 *13; 10 Fs bar; 11 Fs baz; 12 Fu foo; 13 Fs qux",
	      .strings = "");
}

static void a_declaration_that_nobody_defines_stays(void **state)
{
	(void)state;
	SPLIT(.bases = { "Fs foo; *1; Fu bar; E e/4{}; S s/8{p:2@0}" },
	      .module = "Fs foo; *1; Fu bar; Fe e/4; S s/8{p:2@0}; S own/8{p:2@0}; *4",
	      .ids = "1 2 3 4 5 0 0", .expected = "6 *4; 7 S own/8{p:2@0}", .strings = "own");
	SPLIT(.bases = { "int" }, .module = "Fs foo; *1; S own/8{p:2@0}; Fe e/4; *4",
	      .ids = "0 0 0 0 0",
	      .expected = "2 *5; 3 *4; 4 E e/4{}; 5 Fs foo; 6 S own/8{p:2@0}");
}

static void a_declaration_with_several_definitions_needs_evidence(void **state)
{
	static const char base[] = "int; S foo/4{a:1@0}; S foo/4{b:1@0}; *2; *3; S u/8{p:4@0}; "
				   "S v/8{p:5@0}; S w/8{q:5@0}; td t=4";

	(void)state;
	/* None: it means none of them. */
	SPLIT(.bases = { base }, .module = "Fs foo; *1; S own/8{p:2@0}", .ids = "0 0 0",
	      .expected = "10 *11; 11 Fs foo; 12 S own/8{p:10@0}", .strings = "own");
	SPLIT(.bases = { "int; S foo/4{a:1@0}; S foo/4{b:1@0}; Fs foo; *4" },
	      .module = "Fs foo; *1; S own/8{p:2@0}", .ids = "4 5 0",
	      .expected = "6 S own/8{p:5@0}", .strings = "own,p");
	/* One user. */
	SPLIT(.bases = { base }, .module = "Fs foo; *1; S v/8{p:2@0}; S own/8{p:2@0}",
	      .ids = "3 5 7 0", .expected = "10 S own/8{p:5@0}", .strings = "own");
	SPLIT(.bases = { base }, .module = "Fs foo; *1; S u/8{p:2@0}; S own/8{p:2@0}",
	      .ids = "2 4 6 0", .expected = "10 S own/8{p:4@0}", .strings = "own");
	/* Most users; the others are still the base's. */
	SPLIT(.bases = { base },
	      .module = "Fs foo; *1; S u/8{p:2@0}; S v/8{p:2@0}; S w/8{q:2@0}; S own/8{p:2@0}",
	      .ids = "3 5 6 7 8 0", .expected = "10 S own/8{p:5@0}", .strings = "own");
	/* A user that the base does not have says nothing. */
	SPLIT(.bases = { base },
	      .module = "Fs foo; *1; S u/16{p:2@0}; S v/8{p:2@0}; S w/8{p:2@0}",
	      .ids = "3 5 0 7 0",
	      .expected = "10 S u/16{p:5@0}; 11 S w/8{p:5@0}", .strings = "");
}

static void enum_declarations_follow_the_same_rules(void **state)
{
	(void)state;
	SPLIT(.bases = { "E e/4{A=1}; L f/8{B=1}; *1; *2" }, .module = "Fe e/4; *1; Fe f; *3",
	      .ids = "1 3 2 4", .expected = "", .strings = "");
	SPLIT(.bases = { "E e/4{A=1}; E e/4{B=1}; *1; *2; S u/8{p:4@0}" },
	      .module = "Fe e/4; *1; S u/8{p:2@0}; td t=1", .ids = "2 4 5 0",
	      .expected = "6 td t=2", .strings = "t");
	SPLIT(.bases = { "E e/4{A=1}; E e/4{B=1}; *1; *2" }, .module = "Fe e/4; *1; td t=2",
	      .ids = "0 0 0", .expected = "5 *6; 6 E e/4{}; 7 td t=5", .strings = "t");
	/* The other way round. */
	SPLIT(.bases = { "E e/4{}; *1; S u/8{p:2@0}" },
	      .module = "E e/4{A=1}; *1; S u/8{p:2@0}", .match.strict_forwards = true,
	      .ids = "0 0 0",
	      .expected = "4 *5; 5 E e/4{A=1}; 6 S u/8{p:4@0}", .strings = "A");
	SPLIT(.bases = { "E e/4{}; *1; S u/8{p:2@0}" },
	      .module = "E e/4{A=1}; *1; S u/8{p:2@0}", .ids = "0 0 3", .expected = "4 E e/4{A=1}",
	      .strings = "A");
	/* An unnamed enum without values declares nothing. */
	SPLIT(.bases = { "E -/4{}; E -/4{A=1}" }, .module = "E -/4{}; E -/4{A=1}", .ids = "1 2",
	      .expected = "");
}

/* The base's declaration stands beside the definition, and some of its types know the one only. */
static void base_with_declaration_beside_definition(void **state)
{
	static const char base[] = "int; Fs foo; S foo/4{a:1@0}; *2; *3; S u/8{p:4@0}; "
				   "S v/8{p:5@0}; td t=4; P 0(f:4)";

	(void)state;
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/4{a:1@0}; *2; S u/8{p:3@0}; S v/8{p:3@0}; td t=3; "
			"P 0(f:3)",
	      .match.strict_forwards = true, .ids = "1 3 5 0 7 0 0",
	      .expected = "10 P 0(f:5); 11 td t=5; 12 S u/8{p:5@0}", .strings = "");
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/4{a:1@0}; *2; S u/8{p:3@0}; S v/8{p:3@0}; td t=3; "
			"P 0(f:3); *7; td o=8",
	      .ids = "1 3 5 6 7 8 0 0 0",
	      .expected = "10 *11; 11 P 0(f:5); 12 td o=10", .strings = "o");
	/* Nothing that is written refers to the prototype: it is not written. */
	SPLIT(.bases = { base }, .module = "int int/4s; S foo/4{a:1@0}; *2; P 0(f:3)",
	      .ids = "1 3 5 0", .expected = "", .strings = "");
	/* The module's own foo. */
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/8{z:1@0}; *2; S u/8{p:3@0}; S v/8{p:3@0}",
	      .match.strict_forwards = true, .ids = "1 0 0 0 0",
	      .expected = "10 *11; 11 S foo/8{z:1@0}; 12 S u/8{p:10@0}; 13 S v/8{p:10@0}",
	      .strings = "z");
	SPLIT(.bases = { base },
	      .module = "int int/4s; S foo/8{z:1@0}; *2; S u/8{p:3@0}; S v/8{p:3@0}",
	      .ids = "1 0 0 6 0",
	      .expected = "10 *11; 11 S foo/8{z:1@0}; 12 S v/8{p:10@0}", .strings = "z");
}

/* Only what differs in nothing else, and not what is reached over a type that does. */
static void users_of_declarations_are_shared_unless_strict(void **state)
{
	static const char base[] = "int; Fs foo; *2; S u/16{p:3@0,n:1@64}; S v/8{u:6@0}; *4; "
				   "S w/16{p:3@0,n:1@64}";
	static const char module[] = "int int/4s; S foo/4{a:1@0}; *2; S u/16{p:3@0,n:1@64}; "
				     "S v/8{u:6@0}; *4; S w/16{p:3@0,m:1@64}";

	(void)state;
	SPLIT(.bases = { base }, .module = module, .match.strict_forwards = true,
	      .ids = "1 0 0 0 0 0 0",
	      .expected = "8 *10; 9 *11; 10 S foo/4{a:1@0}; 11 S u/16{p:8@0,n:1@64}; "
			  "12 S v/8{u:9@0}; 13 S w/16{p:8@0,m:1@64}",
	      .strings = "a,m");
	SPLIT(.bases = { base }, .module = module, .ids = "1 0 0 4 5 6 0",
	      .expected = "8 *9; 9 S foo/4{a:1@0}; 10 S w/16{p:8@0,m:1@64}", .strings = "a,m");
	/* A struct without a name is shared as well; what leads straight to the definition is not. */
	SPLIT(.bases = { "Fs foo; *1; S -/8{p:2@0}; td t=3; C 2; P 0(a:2)" },
	      .module = "S foo/8{}; *1; S -/8{p:2@0}; td t=3; C 2; P 0(a:2); td o=5; td q=6; C 3; "
			"td r=9",
	      .ids = "0 0 3 4 0 0 0 0 0 0",
	      .expected = "7 *11; 8 C 7; 9 C 3; 10 P 0(a:7); 11 S foo/8{}; 12 td o=8; 13 td q=10; "
			  "14 td r=9",
	      .strings = "o,q,r");
}

/* ---- bases of other encoders ---- */

static void base_with_duplicates(void **state)
{
	(void)state;
	SPLIT(.bases = { "int; int; *2; *1; S s/8{p:3@0}; S s/8{p:4@0}; td t=6; td t=5; "
			 "A(1,2,3); A(2,1,3)" },
	      .module = "int int/4s; *1; S s/8{p:2@0}; td t=3; A(1,3); *3; A(3,3)",
	      .ids = "1 3 5 7 9 0 0", .expected = "11 *5; 12 A(5,1,3)", .strings = "");
	SPLIT(.bases = { "int; *1", "int; *3; C 3; S s/8{p:4@0}" },
	      .module = "int int/4s; *1; C 1; S s/8{p:2@0}", .ids = "1 2 5 6", .expected = "",
	      .strings = "");
	/* Copies of a definition count as several, as they do for others who read such a base. */
	SPLIT(.bases = { "int; S foo/4{a:1@0}; int; S foo/4{a:3@0}" },
	      .module = "Fs foo; *1", .ids = "0 0", .expected = "5 *6; 6 Fs foo", .strings = "");
}

/* Order of units, signed char, an own index type, functions and all that between the types. */
static void base_as_pahole_makes_it(void **state)
{
	(void)state;
	SPLIT(.bases = { "i long unsigned int/8=0x40; C 1; i unsigned_int/4=0x20; "
			 "i char/1=0x1000008; C 4; *5; i __ARRAY_SIZE_TYPE__/4=0x20; A(5,7,0); "
			 "i _Bool/1=0x4000008; int; P 10(s:6); fn puts=11<vlen=1>; var v=10=1; "
			 "sec .data..percpu/4{13@0+4}; dt bpf_kfunc=12=-1; "
			 "S! bits/8{a:10@0:3,b:10@3:29,c:3@32:0}; "
			 "S list_head/16{next:18@0,prev:18@64}; *17" },
	      .module = "S bits/8{a:2@0:3,b:2@3:29,c:3@32}; int int/4s; int unsigned_int/4; "
			"int _Bool/1b; int char/1s; C 5; *6; A(6,0); P 2(s:7); *11; "
			"S list_head/16{next:10@0,prev:10@64}; int char/1; A(6,7); P 2(t:7)",
	      .funcs = "puts=9,!gets=14", .vars = "v=2",
	      .ids = "16 10 3 9 4 5 6 8 11 18 17 0 0 0",
	      .expected = "19 A(5,10,7); 20 P 10(t:6); 21 sec .data/64{24@0+64}; "
			  "22 i char/1=0x8; 23 fn gets=20; 24 var v=10=1",
	      .strings = "t,.data,gets");
}

/* ---- what goes with types ---- */

static void tags_that_the_base_has_are_left_out(void **state)
{
	static const char base[] = "int; S s/8{a:1@0,b:1@32}; td t=1; dt x=2=-1; dt x=2=1; "
				   "dt! y=3=-1; S u/8{a:1@0,b:1@32}; dt z=7=-1";

	(void)state;
	SPLIT(.bases = { base },
	      .module = "int int/4s; S s/8{a:1@0,b:1@32}; td t=1; S u/8{a:1@0,b:1@32}; "
			"S own/8{a:1@0,b:1@32}",
	      .tags = "x>2#-1,x>2#0,x>2#1,!x>2#-1,y>3#-1,!y>3#-1,z>2#-1,z>4#-1,x>5#-1,x>5#1",
	      .expected = "9 S own/8{a:1@0,b:1@32}; 10 dt! x=2=-1; 11 dt x=2=0; 12 dt x=9=-1; "
			  "13 dt x=9=1; 14 dt y=3=-1; 15 dt z=2=-1",
	      .strings = "own");
}

static void functions_and_variables_refer_to_the_base(void **state)
{
	(void)state;
	/* A function that the base has with prototype and linkage is left out; variables never are. */
	SPLIT(.bases = { "int; P 1(a:1); *1; fn f=2; var v=1=1; fn g=2; dt t=4=0" },
	      .module = "int int/4s; P 1(a:1); *1; P 3(b:3); S s/4{m:1@0}",
	      .funcs = "f=2,!f=2,g=4,!g2=4,!g=2", .vars = "v=1,w=5,!x=3",
	      .tags = "t>f2#0,t>v1#-1,t>f1#0,u>f1#0",
	      .expected = "8 P 3(b:3); 9 sec .data/192{17@0+64,18@64+64,19@128+64}; "
			  "10 fn f=2<vlen=1>; 11 fn g=8<vlen=1>; 12 fn g2=8; 13 S s/4{m:1@0}; "
			  "14 dt t=11=0; 15 dt t=18=-1; 16 dt u=4=0; 17 var v=1=1; "
			  "18 var w=13=1; 19 var x=3=0",
	      .strings = "b,.data,g2,s,m,u,w,x");
}

/* The table of record layouts is the base's: a split has none, and is found over one that has. */
static void layout_tables_are_the_bases(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct split_case below_case = { .module = "int int/4s; S s/4{a:1@0}" };
		struct split_case own_case = { .module = "int int/4s; S s/4{a:1@0}; *2" };
		struct types_match_options options = { .strict_forwards = false };
		struct split_module below_module, own_module;
		struct split_output below, own;
		struct types_match match;
		struct btf_base *base;

		split_module_build(&below_module, &below_case, (struct text_how){ 0 });
		below_module.input.with_kind_layout = true;
		below_module.input.big_endian = big_endian;
		split_write(&below_module.input, NULL, &below);
		assert_true(below.view.layout_size > 0);
		assert_null(btf_base_create(&below.view, &base));

		split_module_build(&own_module, &own_case, (struct text_how){ 0 });
		assert_null(types_match(own_module.text.store, base, &options, &match));
		own_module.input.with_kind_layout = true;
		own_module.input.big_endian = big_endian;
		own_module.input.base = base;
		own_module.input.base_ids = match.base_ids;
		split_write(&own_module.input, &below.view, &own);
		check_text(&own.view, "3 *2", "");
		assert_int_equal(own.view.header_size, BTF_HEADER_SIZE);
		assert_int_equal(own.view.layout_size, 0);
		assert_int_equal(own.size, BTF_HEADER_SIZE + 12);

		types_match_deinit(&match);
		split_output_free(&own);
		split_module_free(&own_module);
		btf_base_destroy(base);
		split_output_free(&below);
		split_module_free(&below_module);
	}
}

/* A split that we wrote is the base of the next one. */
static void own_splits_can_be_stacked(void **state)
{
	static const char *const modules[] = {
		"int int/4s; *1; S s1/4{f1:1@0}",
		"int int/4s; *1; S s1/4{f1:1@0}; S s2/16{f1:3@0,f2:1@32,f3:2@64}; A(4,2)",
		("int int/4s; *1; S s2/16{f1:4@0,f2:1@32,f3:2@64}; S s1/4{f1:1@0}; A(3,2); "
		 "A(3,3); S s3/8{f3:8@0}; *7"),
	};
	static const char *const expected[] = {
		"1 *2; 2 int; 3 S s1/4{f1:2@0}",
		"4 A(5,2,2); 5 S s2/16{f1:3@0,f2:2@32,f3:1@64}",
		"6 *8; 7 A(5,2,3); 8 S s3/8{f3:6@0}",
	};
	static const char *const strings[] = { "int,s1,f1", "s2,f2,f3", "s3" };
	struct types_match_options options = { .strict_forwards = false };
	struct split_output outputs[3];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		struct split_case c = { .module = modules[i] };
		struct btf_view *below = i ? &outputs[i - 1].view : NULL;
		struct types_match match = { .base_ids = NULL };
		struct btf_base *base = NULL;
		struct split_module m;

		split_module_build(&m, &c, (struct text_how){ 0 });
		if (below) {
			assert_null(btf_base_create(below, &base));
			assert_null(types_match(m.text.store, base, &options, &match));
		}
		m.input.base = base;
		m.input.base_ids = match.base_ids;
		split_write(&m.input, below, &outputs[i]);
		check_text(&outputs[i].view, expected[i], strings[i]);
		types_match_deinit(&match);
		btf_base_destroy(base);
		split_module_free(&m);
	}
	for (unsigned int i = 3; i-- > 0;)
		split_output_free(&outputs[i]);
}

/*
 * A base whose encoder wrote `int[2][3]` as `int[6]`, told by its many arrays: 1 is int, 2 is
 * int[6], 3 a struct with it, and the rest are arrays of other numbers of elements.
 */
static char *flat_base(unsigned int num_arrays, const char *more)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs("int; A(1,1,6); S s/24{a:2@0}", out);
	for (unsigned int i = 1; i < num_arrays; i++)
		fprintf(out, "; A(1,1,%u)", 1000 + i);
	fputs(more, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void bases_with_flat_arrays(void **state)
{
	static const char module[] = "int int/4s; A(1,3); A(2,2); S s/24{a:3@0}; S t/12{b:2@0}";
	char *flat = flat_base(256, ""), *few = flat_base(255, "");
	char *nested = flat_base(256, "; A(2,1,2)");

	(void)state;
	/* The rows are not written where only what the base has holds them. */
	SPLIT(.bases = { flat }, .module = "int int/4s; A(1,3); A(2,2); S s/24{a:3@0}",
	      .ids = "1 0 2 3", .expected = "", .strings = "");
	SPLIT(.bases = { flat }, .module = module, .ids = "1 0 2 3 0",
	      .expected = "259 A(1,1,3); 260 S t/12{b:259@0}", .strings = "t,b");
	/* Six elements are six, however they are divided; five are not. */
	SPLIT(.bases = { flat }, .module = "int int/4s; A(1,2); A(2,3); A(1,6); A(1,5); A(5,1)",
	      .ids = "1 0 2 2 0 0", .expected = "259 A(1,1,5); 260 A(259,1,1)", .strings = "");
	SPLIT(.bases = { few }, .module = module, .ids = "1 0 0 0 0",
	      .expected = "258 A(1,1,3); 259 A(258,1,2); 260 S s/24{a:259@0}; 261 S t/12{b:258@0}",
	      .strings = "t,b");
	SPLIT(.bases = { nested }, .module = module, .ids = "1 0 0 0 0",
	      .expected = "260 A(1,1,3); 261 A(260,1,2); 262 S s/24{a:261@0}; 263 S t/12{b:260@0}",
	      .strings = "t,b");
	/* More elements than BTF holds. */
	SPLIT(.bases = { flat }, .module = "int int/4s; A(1,65536); A(2,65536); S s/24{a:1@0}",
	      .ids = "1 0 0 0",
	      .expected = "259 A(1,1,65536); 260 A(259,1,65536); 261 S s/24{a:1@0}",
	      .strings = "");
	free(flat);
	free(few);
	free(nested);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(split_simple),
		cmocka_unit_test(split_fwd_resolve),
		cmocka_unit_test(split_struct_duped),
		cmocka_unit_test(bases_with_flat_arrays),
		cmocka_unit_test(split_dup_struct_in_cu),
		cmocka_unit_test(single_split),
		cmocka_unit_test(multi_split),
		cmocka_unit_test(every_kind_is_found),
		cmocka_unit_test(every_field_counts),
		cmocka_unit_test(what_is_reached_counts),
		cmocka_unit_test(rings_are_found),
		cmocka_unit_test(unnamed_types_are_found_by_shape),
		cmocka_unit_test(chains_are_followed),
		cmocka_unit_test(type_tags_count),
		cmocka_unit_test(index_type_of_arrays_does_not_count),
		cmocka_unit_test(enums_are_compared_as_they_are_written),
		cmocka_unit_test(names_with_several_definitions_mean_what_they_look_like),
		cmocka_unit_test(kinds_with_one_name_are_told_apart),
		cmocka_unit_test(strings_are_shared_whole),
		cmocka_unit_test(the_lower_of_equal_strings_is_taken),
		cmocka_unit_test(a_declaration_means_the_only_definition),
		cmocka_unit_test(a_declaration_that_nobody_defines_stays),
		cmocka_unit_test(a_declaration_with_several_definitions_needs_evidence),
		cmocka_unit_test(enum_declarations_follow_the_same_rules),
		cmocka_unit_test(base_with_declaration_beside_definition),
		cmocka_unit_test(users_of_declarations_are_shared_unless_strict),
		cmocka_unit_test(base_with_duplicates),
		cmocka_unit_test(base_as_pahole_makes_it),
		cmocka_unit_test(tags_that_the_base_has_are_left_out),
		cmocka_unit_test(functions_and_variables_refer_to_the_base),
		cmocka_unit_test(layout_tables_are_the_bases),
		cmocka_unit_test(own_splits_can_be_stacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
