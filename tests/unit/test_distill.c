// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The distilled base, and the split that stands on it, compared in full.
 *
 * The first part are the cases of the kernel's selftests (prog_tests/btf_distill.c). Those of them
 * in which relocation fails (a type is missing in the target, has another size where it is embedded,
 * or is there twice) are about the kernel, but for the last: a type that is there twice already in
 * the base that we see is not distilled. Relocation itself is played by relocate_text.h over the
 * same base here, and done by libbpf over real ones in tests/kernel/distill_check.c.
 */
#include "tests/unit/relocate_text.h"

#include "lib/btf/distill.h"

struct distill_case {
	struct split_case split; /* expected and strings: of the split */
	const char *distilled;	 /* the distilled base's types */
	const char *names;	 /* its strings */
};

/* ---- memory that runs out on demand ---- */

void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool counting;
static unsigned int num_allocations, failing_allocation;

static bool allocation_fails(void)
{
	return counting && ++num_allocations == failing_allocation;
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(p, size);
}

/* ---- checks ---- */

/* Each distilled type is found again, once, and as what it was. */
static void check_relocation(const struct btf_view *split, const struct btf_view *base,
			     const struct btf_distilled *distilled, const struct types_match *match,
			     const struct split_module *m)
{
	const struct btf_view *lowest = base;
	uint32_t map[RELOCATE_MAX_TYPES];

	while (lowest->base)
		lowest = lowest->base;
	for (int backwards = 0; backwards < 2; backwards++) {
		assert_int_equal(relocate_map(split, lowest, backwards, map), RELOCATE_OK);
		for (uint32_t i = 1; i < distilled->num_types; i++) {
			uint32_t id = distilled->base_ids[i];

			assert_true(id < split->base->num_ids || id == MATCH_LEFT_OUT);
			if (id && id != MATCH_LEFT_OUT)
				assert_int_equal(map[id], match->base_ids[i]);
		}
	}
	(void)m;
}

static void check_distill_with(const struct distill_case *c, bool big_endian, struct text_how how)
{
	struct verify_options verify = { .ptr_size = 8, .sorted = true, .strings = true };
	struct distill_input input = { .big_endian = big_endian };
	struct btf_distilled distilled;
	struct verify_violation violation;
	struct split_output output;
	struct types_match match;
	struct split_module m;
	struct split_base b;
	struct btf_base *small;
	struct btf_view view;

	split_base_build(&b, c->split.bases, big_endian);
	split_module_build(&m, &c->split, how);
	assert_null(types_match(m.text.store, b.base, &c->split.match, &match));
	input.store = m.text.store;
	input.base = b.base;
	input.match = &match;
	input.vars = m.vars;
	input.num_vars = m.input.num_vars;
	input.funcs = m.funcs;
	input.num_funcs = m.input.num_funcs;
	input.tags = m.tags;
	input.num_tags = m.input.num_tags;
	assert_null(btf_distill(&input, &distilled));
	assert_int_equal(distilled.num_types, type_store_num_types(m.text.store));
	assert_null(btf_view_open((struct span){ distilled.bytes, distilled.size }, NULL, &view));
	assert_int_equal(btf_view_is_big_endian(&view), big_endian);
	assert_int_equal(view.num_own, distilled.num_distilled);
	check_text(&view, c->distilled, c->names);
	if (view.num_own) {
		assert_null(btf_verify(&view, &verify, NULL, &violation));
		assert_null(verify_error(&violation));
	}
	assert_null(btf_base_create(&view, &small));

	m.input.base = small;
	m.input.base_ids = distilled.base_ids;
	m.input.tags = distilled.tags;
	m.input.num_tags = distilled.num_tags;
	m.input.big_endian = big_endian;
	split_write(&m.input, &view, &output);
	check_text(&output.view, c->split.expected, c->split.strings);
	check_relocation(&output.view, btf_base_view(b.base), &distilled, &match, &m);

	split_output_free(&output);
	btf_base_destroy(small);
	btf_view_close(&view);
	btf_distilled_deinit(&distilled);
	assert_null(distilled.bytes);
	types_match_deinit(&match);
	split_module_free(&m);
	split_base_free(&b);
}

static void check_distill(const struct distill_case *c)
{
	for (unsigned int i = 0; i < 8; i++)
		check_distill_with(c, i & 1, (struct text_how){ .force_collisions = i & 2,
								.reverse = i & 4 });
}

#define DISTILL(...) check_distill(&(struct distill_case){ __VA_ARGS__ })

/* ---- cases of the selftests ---- */

static void distilled_base(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "int; *1; S s1/8{f1:2@0}; S -/12{f1:1@0,f2:3@32}; "
				 "i unsigned int/4=0x20; U u1/12{f1:1@0,f2:2@0}; U -/4{f1:1@0}; "
				 "E e1/4{v1=1}; E -/4{av1=2}; L! e641/8{v1=1024}; L -/8{v1=1025}; "
				 "S unneeded/4{f1:1@0}; S embedded/4{f1:1@0}; P 1(p1:1); "
				 "A(1,1,3); S from_proto/4{f1:1@0}; U u1/4{f1:1@0}" },
		.split.module =
			"int int/4s; *1; S s1/8{f1:2@0}; S -/12{f1:1@0,f2:3@32}; "
			"U u1/12{f1:1@0,f2:2@0}; U -/4{f1:1@0}; E e1/4{v1=1}; E -/4{av1=2}; "
			"Es e641/8{v1=1024}; E -/8{v1=1025}; S embedded/4{f1:1@0}; P 1(p1:1); "
			"A(1,3); S from_proto/4{f1:1@0}; *3; *4; C 5; R 6; V 7; td et=8; C 9; *10; "
			"S with_embedded/4{f1:11@0}; td arraytype=13; P 1(p1:14)",
		.split.funcs = "fn=12",
		.distilled = "1 E e1/4{}; 2 E e641/8{}; 3 S embedded/4{}; 4 S from_proto/4{}; "
			     "5 int; 6 S s1/8{}; 7 U u1/12{}",
		.names = "e1,e641,embedded,from_proto,int,s1,u1",
		.split.expected =
			"8 *6; 9 *18; 10 *21; 11 C 7; 12 C 2; 13 V 1; 14 R 19; 15 A(5,5,3); "
			"16 P 5(p1:5); 17 P 5(p1:4); 18 S -/12{f1:5@0,f2:6@32}; 19 U -/4{f1:5@0}; "
			"20 E -/4{av1=2}; 21 L -/8{v1=1025}; 22 td arraytype=15; 23 td et=20; "
			"24 fn fn=16<vlen=1>; 25 S with_embedded/4{f1:3@0}",
		.split.strings = "p1,f1,f2,av1,v1,arraytype,et,fn,with_embedded");
}

static void distilled_base_multi(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "int; i int/8=0x1000040" },
		.split.module = "int int/4s; int int/8s; *1; C 2",
		.distilled = "1 int; 2 i int/8=0x1000040", .names = "int",
		.split.expected = "3 *1; 4 C 2", .split.strings = "");
	/* Of two that are equal, relocation could not tell which was meant. */
	DISTILL(.split.bases = { "int; i int/8=0x1000040; int" },
		.split.module = "int int/4s; int int/8s; *1; C 2",
		.distilled = "1 i int/8=0x1000040", .names = "int",
		.split.expected = "2 *4; 3 C 1; 4 int", .split.strings = "");
}

static void distilled_base_of_one_int(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "i char/1=0x1000008; int; S s/4{a:2@0}; *2" },
		.split.module = "int int/4s; td myint=1; *2", .distilled = "1 int", .names = "int",
		.split.expected = "2 *3; 3 td myint=1", .split.strings = "myint");
}

/* ---- what is in it ---- */

/* Sorted by name as bytes, whatever the order of the base is; equal names as in the base. */
static void it_is_sorted(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "S b/4{}; S a/4{}; U _a/4{}; S B/4{}; S aa/4{}; S a/8{}; fl a/2; "
				 "E a/1{V=1}; int" },
		.split.module = "S b/4{}; S a/4{}; U _a/4{}; S B/4{}; S aa/4{}; S a/8{}; fl a/2; "
				"E a/1{V=1}; *1; *2; *3; *4; *5; *6; *7; *8",
		.distilled = "1 S B/4{}; 2 U _a/4{}; 3 S a/4{}; 4 S a/8{}; 5 fl a/2; 6 E a/1{}; "
			     "7 S aa/4{}; 8 S b/4{}",
		.names = "B,_a,a,aa,b",
		.split.expected = "9 *8; 10 *3; 11 *4; 12 *2; 13 *1; 14 *7; 15 *5; 16 *6",
		.split.strings = "");
}

static void only_what_is_referred_to(void **state)
{
	static const char base[] = "int; S used/4{a:1@0}; S unused/4{a:1@0}; *2; *3; td t=4; "
				   "S with_var/4{}; S with_func/4{}; P 1(p:8); td u=2";
	static const char module[] =
		"int int/4s; S used/4{a:1@0}; S unused/4{a:1@0}; *2; *3; td t=4; S with_var/4{}; "
		"S with_func/4{}; P 1(p:8); S own/8{p:4@0}; td u=2";

	(void)state;
	DISTILL(.split.bases = { base }, .split.module = module, .distilled = "1 S used/4{}",
		.names = "used", .split.expected = "2 *1; 3 S own/8{p:2@0}",
		.split.strings = "own,p");
	/* Variables, functions and tags refer, too. */
	DISTILL(.split.bases = { base }, .split.module = module, .split.vars = "v=7",
		.split.funcs = "f=9", .split.tags = "x>3#-1",
		.distilled = "1 int; 2 S unused/4{}; 3 S used/4{}; 4 S with_func/4{}; "
			     "5 S with_var/4{}",
		.names = "int,unused,used,with_func,with_var",
		.split.expected = "6 *3; 7 P 1(p:4); 8 sec .data/64{11@0+64}; 9 fn f=7<vlen=1>; "
				  "10 S own/8{p:6@0}; 11 var v=5=1; 12 dt x=2=-1",
		.split.strings = "p,.data,f,own,v,x");
}

/* A reference ends at a name; without one it goes on, in the module's own copy. */
static void unnamed_types_and_typedefs_are_copied(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "int; S named/8{p:3@0}; *4; S inner/4{a:1@0}; "
				 "S -/16{n:3@0,-:6@64}; U -/8{i:1@0,m:2@0}; td t=5; C 7; A(8,1,2); "
				 "tt tag=4; *10; P 9(x:11)" },
		.split.module = "int int/4s; S named/8{p:3@0}; *4; S inner/4{a:1@0}; "
				"S -/16{n:3@0,-:6@64}; U -/8{i:1@0,m:2@0}; td t=5; C 7; A(8,2); "
				"tt tag=4; *10; P 9(x:11); *12; td own=13",
		.distilled = "1 S inner/4{}; 2 int; 3 S named/8{}", .names = "inner,int,named",
		.split.expected =
			"4 *1; 5 *14; 6 *9; 7 C 13; 8 A(7,2,2); 9 P 8(x:5); "
			"10 S -/16{n:4@0,-:11@64}; 11 U -/8{i:2@0,m:3@0}; 12 td own=6; 13 td t=10; "
			"14 tt tag=1",
		.split.strings = "x,n,i,m,own,t,tag");
	/* A ring of unnamed types and a typedef. */
	DISTILL(.split.bases = { "td f=2; *3; P 0(g:1); int" },
		.split.module = "td f=2; *3; P 0(g:1); S own/8{h:1@0}",
		.distilled = "1 int", .names = "int",
		.split.expected = "2 *3; 3 P 0(g:4); 4 td f=2; 5 S own/8{h:4@0}",
		.split.strings = "g,f,own,h");
}

static void kinds_keep_what_relocation_compares(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "i c/1=0x2000008; i b/1=0x4000008; i u/16=0x80; fl f/16; "
				 "E! es/2{A=-1}; L e64/8{B=1}; L e32/4{C=1}; S! s/8{m:3@0:5}; "
				 "U u/16{m:3@0}; i odd/4=0x1f" },
		.split.module = "int c/1c; int b/1b; int u/16; fl f/16; Es es/2{A=-1}; E e64/8{B=1}; "
				"S s/8{m:3@0:5}; U u/16{m:3@0}; "
				"S own/128{a:1@0,b:2@8,c:3@128,d:4@256,e:5@384,f:6@448,g:7@512}",
		.distilled = "1 i b/1=0x4000008; 2 i c/1=0x2000008; 3 E e64/8{}; 4 E es/2{}; "
			     "5 fl f/16; 6 S s/8{}; 7 i u/16=0x80",
		.names = "b,c,e64,es,f,s,u",
		.split.expected = "8 S own/128{a:2@0,b:1@8,c:7@128,d:5@256,e:4@384,f:3@448,g:6@512}",
		.split.strings = "own,a,d,e,g");
	/* without_enum64: an ENUM of 8 bytes. */
	DISTILL(.split.bases = { "E e/8{B=1}" }, .split.module = "E e/8{B=1}; *1",
		.split.match.without_enum64 = true, .distilled = "1 E e/8{}", .names = "e",
		.split.expected = "2 *1", .split.strings = "");
}

/* ---- what relocation could not find ---- */

static void types_that_are_not_alone_are_written_whole(void **state)
{
	static const struct {
		const char *base, *module, *distilled, *expected;
	} cases[] = {
		/* Two structs of one name and size, one of which has other members. */
		{ "int; S foo/4{a:1@0}; S foo/4{b:1@0}", "int int/4s; S foo/4{b:1@0}; *2",
		  "1 int", "2 *3; 3 S foo/4{b:1@0}" },
		/* Sizes tell them apart. */
		{ "int; S foo/4{a:1@0}; S foo/8{b:1@0}", "int int/4s; S foo/8{b:1@0}; *2",
		  "1 S foo/8{}", "2 *1" },
		{ "int; S foo/4{a:1@0}; U foo/8{b:1@0}", "int int/4s; U foo/8{b:1@0}; *2",
		  "1 U foo/8{}", "2 *1" },
		{ "int; S foo/4{a:1@0}; U foo/8{b:1@0}",
		  "int int/4s; U foo/8{b:1@0}; *2; S foo/4{a:1@0}; *4",
		  "1 S foo/4{}; 2 U foo/8{}", "3 *2; 4 *1" },
		/* Kinds do not. */
		{ "int; S foo/4{a:1@0}; U foo/4{b:1@0}",
		  "int int/4s; U foo/4{b:1@0}; *2; S foo/4{a:1@0}; *4", "1 int",
		  "2 *5; 3 *4; 4 S foo/4{a:1@0}; 5 U foo/4{b:1@0}" },
		{ "int; S foo/4{a:1@0}; E foo/4{A=1}",
		  "int int/4s; S foo/4{a:1@0}; *2; E foo/4{A=1}; *4",
		  "1 E foo/4{}; 2 int", "3 *5; 4 *1; 5 S foo/4{a:2@0}" },
		{ "int; U foo/8{a:1@0}; L foo/8{A=1}", "int int/4s; U foo/8{a:1@0}; *2", "1 int",
		  "2 *3; 3 U foo/8{a:1@0}" },
		{ "int; S foo/4{a:1@0}; i foo/4=0x20", "int int/4s; S foo/4{a:1@0}; *2; int foo/4; *4",
		  "1 i foo/4=0x20; 2 int", "3 *5; 4 *1; 5 S foo/4{a:2@0}" },
		{ "int; S foo/4{a:1@0}; fl foo/4", "int int/4s; S foo/4{a:1@0}; *2; fl foo/4; *4",
		  "1 fl foo/4; 2 int", "3 *5; 4 *1; 5 S foo/4{a:2@0}" },
		{ "int; S foo/4{a:1@0}; E foo/2{A=1}; fl foo/8; i foo/1=0x8",
		  "int int/4s; S foo/4{a:1@0}; *2", "1 S foo/4{}", "2 *1" },
		/* Where the base has the string twice, here as a tail, each counts as the only one. */
		{ "S xfoo/1{}; S foo/4{}; S #2/8{}; int", "S foo/4{}; *1", "1 int",
		  "2 *3; 3 S foo/4{}" },
		/* A declaration of the name, of either kind. */
		{ "int; S foo/4{a:1@0}; Fs foo", "int int/4s; S foo/4{a:1@0}; *2", "1 int",
		  "2 *3; 3 S foo/4{a:1@0}" },
		{ "int; Fs foo; S foo/4{a:1@0}", "int int/4s; S foo/4{a:1@0}; S o/4{e:2@0}",
		  "1 int", "2 S foo/4{a:1@0}; 3 S o/4{e:2@0}" },
		{ "int; S foo/4{a:1@0}; Fu foo", "int int/4s; S foo/4{a:1@0}; *2", "1 int",
		  "2 *3; 3 S foo/4{a:1@0}" },
		{ "int; U foo/4{a:1@0}; Fs foo", "int int/4s; U foo/4{a:1@0}; *2", "1 int",
		  "2 *3; 3 U foo/4{a:1@0}" },
		/* Integers, floating point types, enums. */
		{ "i a/4=0x20; i a/4=0x1000020; i a/8=0x40", "int a/4; int a/4s; int a/8; *1; *2; *3",
		  "1 i a/4=0x20; 2 i a/4=0x1000020; 3 i a/8=0x40", "4 *1; 5 *2; 6 *3" },
		{ "i a/4=0x20; i a/4=0x1f; int", "int a/4; *1", "1 int", "2 *3; 3 i a/4=0x20" },
		{ "fl a/4; fl a/4; int", "fl a/4; *1", "1 int", "2 *3; 3 fl a/4" },
		{ "E a/4{A=1}; E a/4{B=1}; int", "E a/4{B=1}; *1", "1 int", "2 *3; 3 E a/4{B=1}" },
		{ "E a/8{A=1}; L a/8{A=1}; int", "E a/8{A=1}; *1", "1 int", "2 *3; 3 L a/8{A=1}" },
		{ "E a/4{A=1}; L a/8{A=1}; int", "E a/8{A=1}; *1", "1 E a/8{}", "2 *1" },
		{ "E a/4{A=1}; E a/4{}; int", "E a/4{A=1}; *1", "1 int", "2 *3; 3 E a/4{A=1}" },
		{ "E a/1{A=1}; E a/4{}; int", "E a/1{A=1}; *1", "1 E a/1{}", "2 *1" },
		{ "E a/4{A=1}; S a/8{}; Fs a; int", "E a/4{A=1}; *1", "1 E a/4{}", "2 *1" },
		/* Other kinds may have the name. */
		{ "S a/4{}; td a=5; fn a=4; P 0(); int; var a=5=0; dt a=1=-1; tt a=5",
		  "S a/4{}; *1; td a=4; int int/4s; td o=3",
		  "1 S a/4{}; 2 int", "3 *1; 4 td a=2; 5 td o=4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		DISTILL(.split.bases = { cases[i].base }, .split.module = cases[i].module,
			.distilled = cases[i].distilled, .split.expected = cases[i].expected);
}

/* What a type that is written whole refers to is distilled in turn. */
static void written_whole_goes_one_name_deep(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "int; *3; S two/8{p:4@0,n:2@0}; *5; S one/16{q:2@0,m:6@64}; "
				 "S deep/4{x:1@0}; S two/8{}" },
		.split.module = "int int/4s; *3; S two/8{p:4@0,n:2@0}; *5; S one/16{q:2@0,m:6@64}; "
				"S deep/4{x:1@0}; S own/8{r:2@0}",
		.distilled = "1 S one/16{}", .names = "one",
		.split.expected = "2 *5; 3 *1; 4 S own/8{r:2@0}; 5 S two/8{p:3@0,n:2@0}",
		.split.strings = "own,r,two,p,n");
}

static void declarations_are_the_modules_own(void **state)
{
	(void)state;
	/* One that the base declares, too. */
	DISTILL(.split.bases = { "Fs foo; *1; Fu bar; E e/4{}; int" },
		.split.module = "Fs foo; *1; Fu bar; *3; Fe e/4; *5; S own/8{p:2@0}; td o=4; td q=6",
		.distilled = "1 int", .names = "int",
		.split.expected = "2 *7; 3 *5; 4 *6; 5 Fu bar; 6 E e/4{}; 7 Fs foo; 8 td o=3; "
				  "9 S own/8{p:2@0}; 10 td q=4",
		.split.strings = "bar,e,foo,o,own,p,q");
	/* One that means a definition of the base: that is distilled. */
	DISTILL(.split.bases = { "int; S foo/4{a:1@0}; *2" },
		.split.module = "Fs foo; *1; S own/8{p:2@0}", .distilled = "1 S foo/4{}",
		.names = "foo", .split.expected = "2 *1; 3 S own/8{p:2@0}",
		.split.strings = "own,p");
	/* If it cannot be found again, the module says what it knows: nothing. */
	DISTILL(.split.bases = { "int; S foo/4{a:1@0}; *2; Fs foo" },
		.split.module = "Fs foo; *1; S own/8{p:2@0}", .distilled = "1 int", .names = "int",
		.split.expected = "2 *3; 3 Fs foo; 4 S own/8{p:2@0}",
		.split.strings = "foo,own,p");
}

/* Kernels relocate to vmlinux: types of modules below are written whole. */
static void only_the_lowest_layer_is_distilled(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "int; S low/4{a:1@0}", "S high/12{l:2@0,p:4@32}; *3" },
		.split.module = "int int/4s; S low/4{a:1@0}; S high/12{l:2@0,p:4@32}; *3; "
				"S own/8{p:4@0}",
		.distilled = "1 S low/4{}", .names = "low",
		.split.expected = "2 *3; 3 S high/12{l:1@0,p:2@32}; 4 S own/8{p:2@0}",
		.split.strings = "high,l,p,own");
	/* Neither are they in the way. */
	DISTILL(.split.bases = { "int; S foo/4{a:1@0}", "S foo/4{b:1@0}; Fs foo; int" },
		.split.module = "int int/4s; S foo/4{a:1@0}; *2; td i=1",
		.distilled = "1 S foo/4{}; 2 int", .names = "foo,int",
		.split.expected = "3 *1; 4 td i=2", .split.strings = "i");
}

/* ---- strings ---- */

/* All strings of the distilled base are names of its types; others are the module's own. */
static void strings_are_type_names_only(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "i unsigned int/4=0x20; int; S member/4{value:2@0}; "
				 "S other/4{member:2@0}" },
		.split.module = "int int/4s; S member/4{value:1@0}; "
				"S own/8{member:2@0,value:1@32}; td int=1; int unsigned/4; "
				"E value/4{member=1,other=2}",
		.split.vars = "member=1", .split.tags = "int>3#-1,value>3#0",
		.distilled = "1 int; 2 S member/4{}", .names = "int,member",
		.split.expected = "3 sec .data/64{6@0+64}; 4 td int=1; 5 dt int=7=-1; "
				  "6 var member=1=1; 7 S own/8{member:2@0,value:1@32}; "
				  "8 i unsigned/4=0x20; 9 E value/4{member=1,other=2}; "
				  "10 dt value=7=0",
		.split.strings = ".data,own,value,unsigned,other");
}

/* ---- arrays, and nothing at all ---- */

static void arrays_are_indexed_with_the_bases_int(void **state)
{
	(void)state;
	/* The module itself has no int. */
	DISTILL(.split.bases = { "i char/1=0x1000008; i __ARRAY_SIZE_TYPE__/4=0x20; A(1,2,4); int" },
		.split.module = "int char/1s; A(1,4); S own/4{a:2@0}",
		.distilled = "1 i char/1=0x1000008; 2 int", .names = "char,int",
		.split.expected = "3 A(1,2,4); 4 S own/4{a:3@0}", .split.strings = "own,a");
	/* Neither has the base one that can be found. */
	DISTILL(.split.bases = { "i char/1=0x1000008; int; int" },
		.split.module = "int char/1s; A(1,4); S own/4{a:2@0}",
		.distilled = "1 i char/1=0x1000008", .names = "char",
		.split.expected = "2 A(1,3,4); 3 int; 4 S own/4{a:2@0}",
		.split.strings = "int,own,a");
	/* No array, no int. */
	DISTILL(.split.bases = { "i char/1=0x1000008; int" },
		.split.module = "int char/1s; *1; td own=2", .distilled = "1 i char/1=0x1000008",
		.names = "char", .split.expected = "2 *1; 3 td own=2", .split.strings = "own");
}

/* Kernels refuse a base without types. */
static void it_is_not_empty(void **state)
{
	(void)state;
	DISTILL(.split.bases = { "S a/4{}; int" }, .split.module = "S own/0{}", .distilled = "1 int",
		.names = "int", .split.expected = "2 S own/0{}", .split.strings = "own");
	DISTILL(.split.bases = { "*0; S a/4{}; S a/4{}; S b/4{}; fl c/4" },
		.split.module = "S own/0{}", .distilled = "1 S b/4{}", .names = "b",
		.split.expected = "2 S own/0{}", .split.strings = "own");
	DISTILL(.split.bases = { "S a/4{}; int" }, .split.module = "S a/4{}", .distilled = "1 int",
		.names = "int", .split.expected = "", .split.strings = "");
	DISTILL(.split.bases = { "*0; P 0()" }, .split.module = "*0; S own/0{}", .distilled = "",
		.names = "", .split.expected = "1 S own/0{}", .split.strings = "own");
}

/* ---- tags ---- */

static void tags_follow_their_types(void **state)
{
	(void)state;
	/* Those that the base has are no reference, and go with a copy of their type only. */
	DISTILL(.split.bases = { "int; S s/8{a:1@0}; td t=1; dt x=2=-1; dt x=3=-1; S two/4{b:1@0}; "
				 "S two/4{}; dt x=6=0; td unused=1; dt x=9=-1" },
		.split.module = "int int/4s; S s/8{a:1@0}; td t=1; S two/4{b:1@0}; td unused=1; "
				"td own=3",
		.split.tags = "x>2#-1,x>3#-1,x>4#0,x>5#-1", .distilled = "1 int", .names = "int",
		.split.expected = "2 td own=3; 3 td t=1; 4 dt x=3=-1", .split.strings = "own,t,x");
	DISTILL(.split.bases = { "int; S s/8{a:1@0}; td t=1; dt x=2=-1; dt x=3=-1; S two/4{b:1@0}; "
				 "S two/4{}; dt x=6=0" },
		.split.module = "int int/4s; S s/8{a:1@0}; td t=1; S two/4{b:1@0}; *4; "
				"S own/16{p:5@0,q:3@64}",
		.split.tags = "x>2#-1,x>3#-1,x>4#0,y>2#-1,!x>2#-1,x>2#0",
		.distilled = "1 int; 2 S s/8{}", .names = "int,s",
		.split.expected = "3 *6; 4 S own/16{p:3@0,q:5@64}; 5 td t=1; 6 S two/4{b:1@0}; "
				  "7 dt! x=2=-1; 8 dt x=2=0; 9 dt x=5=-1; 10 dt x=6=0; 11 dt y=2=-1",
		.split.strings = "own,p,q,t,two,b,x,y");
}

/* ---- memory ---- */

static void memory_may_run_out(void **state)
{
	static const struct split_case c = {
		.bases = { "int; S s/8{a:1@0}; *2; td t=3; A(1,1,2); S two/4{}; S two/4{x:1@0}; "
			   "dt x=2=-1" },
		.module = "int int/4s; S s/8{a:1@0}; *2; td t=3; A(1,2); S two/4{}; "
			  "S own/40{a:4@0,b:5@64,c:6@128}",
		.tags = "x>2#-1,y>7#-1",
	};
	struct distill_input input = { .big_endian = false };
	struct btf_distilled distilled = { .bytes = NULL };
	struct types_match match;
	struct btfgen_error *err;
	struct split_module m;
	struct split_base b;

	(void)state;
	split_base_build(&b, c.bases, false);
	split_module_build(&m, &c, (struct text_how){ 0 });
	assert_null(types_match(m.text.store, b.base, &c.match, &match));
	input.store = m.text.store;
	input.base = b.base;
	input.match = &match;
	input.tags = m.tags;
	input.num_tags = m.input.num_tags;
	failing_allocation = 0;
	do {
		num_allocations = 0;
		failing_allocation++;
		counting = true;
		err = btf_distill(&input, &distilled);
		counting = false;
		if (err) {
			assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
			assert_null(distilled.bytes);
			assert_null(distilled.base_ids);
			error_free(err);
		}
	} while (err);
	assert_true(failing_allocation > 8);
	btf_distilled_deinit(&distilled);
	types_match_deinit(&match);
	split_module_free(&m);
	split_base_free(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(distilled_base),
		cmocka_unit_test(distilled_base_multi),
		cmocka_unit_test(distilled_base_of_one_int),
		cmocka_unit_test(it_is_sorted),
		cmocka_unit_test(only_what_is_referred_to),
		cmocka_unit_test(unnamed_types_and_typedefs_are_copied),
		cmocka_unit_test(kinds_keep_what_relocation_compares),
		cmocka_unit_test(types_that_are_not_alone_are_written_whole),
		cmocka_unit_test(written_whole_goes_one_name_deep),
		cmocka_unit_test(declarations_are_the_modules_own),
		cmocka_unit_test(only_the_lowest_layer_is_distilled),
		cmocka_unit_test(strings_are_type_names_only),
		cmocka_unit_test(arrays_are_indexed_with_the_bases_int),
		cmocka_unit_test(it_is_not_empty),
		cmocka_unit_test(tags_follow_their_types),
		cmocka_unit_test(memory_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
