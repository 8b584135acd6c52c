// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Known cases of deduplication, compared in full: the thirty of the kernel's BTF selftests
 * (tools/testing/selftests/bpf/prog_tests/btf.c, dedup_tests) as far as they are about types, the
 * inputs on which libbpf's deduplication errs (with the right answer), and the policy for forward
 * declarations.
 *
 * Differences of notation: arrays have no index type here; ENUM64 is an ENUM whose size or values
 * ask for it; an enum without values is a declaration (Fe). FUNC, VAR, DATASEC and DECL_TAG are no
 * types of the store: where they matter, what is written is compared.
 */
#include "tests/unit/graph_text.h"

#include "lib/btf/layout.h"
#include "lib/btf/verify.h"

/* Duplicates come twice in one unit, and once in each of two units: the same types. */
static void check_both(const char *one_unit, const char *two_units, const char *expected)
{
	check_types(one_unit, expected);
	check_types(two_units, expected);
}

static void unused_strings_do_not_matter(void **state)
{
	struct text_store text = text_store_settle("int int/4s; int long/8s", (struct text_how){});
	struct str_id unused;
	char *types;

	(void)state;
	assert_true(type_store_intern_string(text.store, 0, "unused", 6, &unused));
	assert_string_equal(type_store_string(text.store, unused), "unused");
	types = text_of_store(text.store);
	assert_string_equal(types, "int int/4s; int long/8s");
	free(types);
	text_store_destroy(&text);
}

static void equal_ints_are_one(void **state)
{
	(void)state;
	check_both("int int/4s; int long_int/8s; int int/4s; int long_int/8s; int int/4s",
		   "int int/4s; int long_int/8s | int int/4s; int long_int/8s; int int/4s",
		   "int int/4s; int long_int/8s");
}

/* Decl tags on the struct and its member are no types of the store. */
static void struct_with_all_around_it_is_one(void **state)
{
	(void)state;
	check_both("int int/4s; A(1,16); S s/88{next:4@0,a:5@64,b:2@128,c:1@640,d:7@672}; *3; *6; "
		   "C 1; fl float/4; int int/4s; A(8,16); "
		   "S s/88{next:11@0,a:12@64,b:9@128,c:8@640,d:14@672}; *10; *13; C 8; fl float/4",
		   "int int/4s; A(1,16); S s/88{next:4@0,a:5@64,b:2@128,c:1@640,d:7@672}; *3; *6; "
		   "C 1; fl float/4 | int int/4s; A(1,16); "
		   "S s/88{next:4@0,a:5@64,b:2@128,c:1@640,d:7@672}; *3; *6; C 1; fl float/4",
		   "*7; *3; C 6; A(6,16); fl float/4; int int/4s; "
		   "S s/88{next:1@0,a:2@64,b:4@128,c:6@640,d:5@672}");
}

static void declaration_meets_definition(void **state)
{
	(void)state;
	check_both("Fs x; *1; S s/8{x:2@0}; S x/0{}; *4; S s/8{x:5@0}",
		   "Fs x; *1; S s/8{x:2@0} | S x/0{}; *1; S s/8{x:2@0}",
		   "*3; S s/8{x:1@0}; S x/0{}");
}

static void void_is_not_an_empty_struct(void **state)
{
	(void)state;
	check_both("S -/1{}; *1; S s/8{x:2@0}; *0; S s/8{x:4@0}",
		   "S -/1{}; *1; S s/8{x:2@0} | *0; S s/8{x:1@0}",
		   "*3; *0; S -/1{}; S s/8{x:1@0}; S s/8{x:2@0}");
}

static void one_of_each_kind_stays(void **state)
{
	(void)state;
	check_types("int int/4s; *1; A(1,16); S s/8{m:1@0}; U u/4{m:1@0}; E e/4{A=1}; Fs fs; "
		    "Fu fu; td t=1; V 1; C 1; R 2; P 1(p:2,q:1,...); fl float/4; tt tag=1; "
		    "E e64/8{B=5}; Fe fe",
		    "*13; C 13; V 13; R 1; A(13,16); P 13(p:1,q:13,...); E e/4{A=1}; E e64/8{B=5}; "
		    "Fe fe/4; fl float/4; Fs fs; Fu fu; int int/4s; S s/8{m:13@0}; td t=13; "
		    "tt tag=13; U u/4{m:13@0}");
}

/* Bit offsets and odd widths of INTs are no input of the store: sizes and encodings are. */
static void ints_and_floats_that_differ_stay(void **state)
{
	(void)state;
	check_types("int int/8; int char/8; int int/8c; int int/8b; int int/4; fl f/2; fl f/4; "
		    "fl f/8; fl f/12; fl f/16; int int/8s",
		    "int char/8; fl f/2; fl f/4; fl f/8; fl f/12; fl f/16; int int/8; int int/8c; "
		    "int int/8b; int int/4; int int/8s");
}

static void enum_declarations_nobody_needs_go(void **state)
{
	(void)state;
	check_both("Fe e1/4; E e1/4{e1_val=123}; E e2/4{e2_val=456}; Fe e2/4; Fe e1/1; "
		   "E e1/4{e1_val=321}",
		   "Fe e1/4; E e1/4{e1_val=123}; E e2/4{e2_val=456} | Fe e2/4; Fe e1/1; "
		   "E e1/4{e1_val=321}",
		   "E e1/4{e1_val=123}; E e1/4{e1_val=321}; E e2/4{e2_val=456}");
	/* An enum without values is such a declaration. */
	check_types("E e1/4{}; E e1/4{e1_val=123}; td t=1", "E e1/4{e1_val=123}; td t=1");
	check_types("Fe e1/8; E e1/8{v=5000000000}; E e2/8{w=1}; Fe e2/8; Fe e1/1; E e1/8{v=2}",
		    "E e1/8{v=5000000000}; E e1/8{v=2}; E e2/8{w=1}");
}

static void recursive_typedef_is_one(void **state)
{
	(void)state;
	check_both("td Foo=2; P 1(); td Foo=4; P 3()", "td Foo=2; P 1() | td Foo=2; P 1()",
		   "P 2(); td Foo=1");
}

static void typedef_is_one(void **state)
{
	(void)state;
	check_both("int int/4s; td foo=1; int int/4s; td foo=3",
		   "int int/4s; td foo=1 | int int/4s; td foo=1", "td foo=2; int int/4s");
}

static void type_tags_count_in_their_order(void **state)
{
	(void)state;
	check_both(
		"int int/4s; tt tag1=1; tt tag2=2; *3; tt tag1=1; tt tag2=5; *6; tt tag1=1; *8",
		"int int/4s; tt tag1=1; tt tag2=2; *3 | int int/4s; tt tag1=1; tt tag2=2; *3; *2",
		"*5; *4; int int/4s; tt tag1=3; tt tag2=4");
	check_types("int int/4s; tt tag1=1; tt tag2=2; *3; tt tag2=1; *5",
		    "*5; *6; int int/4s; tt tag1=3; tt tag2=4; tt tag2=3");
	check_types("int int/4s; tt tag1=1; tt tag2=2; *3; tt tag2=1; tt tag1=5; *6",
		    "*6; *5; int int/4s; tt tag1=3; tt tag1=7; tt tag2=4; tt tag2=3");
	check_types("int int/4s; tt tag1=1; *2; int long/8s; tt tag1=4; *5",
		    "*5; *6; int int/4s; int long/8s; tt tag1=3; tt tag1=4");
	check_both("int int/4s; tt tag1=1; S t/4{m:2@0:8}; tt tag1=1; S t/4{m:4@0:8}",
		   "int int/4s; tt tag1=1; S t/4{m:2@0:8} | int int/4s; tt tag1=1; S t/4{m:2@0:8}",
		   "int int/4s; S t/4{m:3@0:8}; tt tag1=1");
}

static void enums_differ_by_size_and_sign(void **state)
{
	(void)state;
	check_both("E e1/8{v=5000000000}; E e1/8{v=5000000000}",
		   "E e1/8{v=5000000000} | E e1/8{v=5000000000}", "E e1/8{v=5000000000}");
	check_types("E e1/4{v=1}; E e1/8{v=1}", "E e1/4{v=1}; E e1/8{v=1}");
	check_types("E e1/4{v=1}; E e1/2{v=1}", "E e1/4{v=1}; E e1/2{v=1}");
	check_types("E e1/4{v=1}; Es e1/4{v=1}", "E e1/4{v=1}; Es e1/4{v=1}");
}

static void enum_declaration_takes_a_definition_of_any_size(void **state)
{
	(void)state;
	check_both("E e1/8{v=1}; Fe e1/4; td td=2", "E e1/8{v=1} | Fe e1/4; td td=1",
		   "E e1/8{v=1}; td td=1");
	check_both("E e1/4{v=1}; Fe e1/8; td td=2", "E e1/4{v=1} | Fe e1/8; td td=1",
		   "E e1/4{v=1}; td td=1");
}

static void declaration_of_a_unique_name_is_the_definition(void **state)
{
	(void)state;
	check_both("S foo/4{x:2@0}; int int/4s; Fs foo; *3; td foo_ptr=4",
		   "S foo/4{x:2@0}; int int/4s | Fs foo; *1; td foo_ptr=2",
		   "*2; S foo/4{x:4@0}; td foo_ptr=1; int int/4s");
	check_both("U foo/4{x:2@0}; int int/4s; Fu foo; *3; td foo_ptr=4",
		   "U foo/4{x:2@0}; int int/4s | Fu foo; *1; td foo_ptr=2",
		   "*2; U foo/4{x:4@0}; td foo_ptr=1; int int/4s");
}

static void declaration_of_another_kind_stays(void **state)
{
	(void)state;
	check_both("S foo/4{x:2@0}; int int/4s; Fu foo; *3; td foo_ptr=4",
		   "S foo/4{x:2@0}; int int/4s | Fu foo; *1; td foo_ptr=2",
		   "*3; S foo/4{x:5@0}; Fu foo; td foo_ptr=1; int int/4s");
}

static void declaration_of_an_ambiguous_name_stays_without_evidence(void **state)
{
	(void)state;
	check_both("S foo/4{x:2@0}; int int/4s; Fs foo; *3; td foo_ptr=4; S foo/8{x:2@0,y:2@32}",
		   "S foo/4{x:2@0}; int int/4s | Fs foo; *1; td foo_ptr=2 | "
		   "S foo/8{x:2@0,y:2@32}; int int/4s",
		   "*4; S foo/4{x:6@0}; S foo/8{x:6@0,y:6@32}; Fs foo; td foo_ptr=1; int int/4s");
}

/* libbpf merges the two structs if the one with a single ARRAY comes first. */
static void elements_of_arrays_count(void **state)
{
	(void)state;
	check_types("int int/4s; A(1,2); S S/16{a:2@0,b:2@64} | "
		    "int int/4s; A(1,2); int uint/4; A(3,2); S S/16{a:2@0,b:4@64}",
		    "A(5,2); A(6,2); S S/16{a:1@0,b:1@64}; S S/16{a:1@0,b:2@64}; int int/4s; "
		    "int uint/4");
	check_types("int int/4s; A(1,2); int uint/4; A(3,2); S S/16{a:2@0,b:4@64} | "
		    "int int/4s; A(1,2); S S/16{a:2@0,b:2@64}",
		    "A(5,2); A(6,2); S S/16{a:1@0,b:2@64}; S S/16{a:1@0,b:1@64}; int int/4s; "
		    "int uint/4");
}

/*
 * libbpf lets the declaration become whichever definition came first. Users and place decide here.
 */
static void shared_user_decides_by_number_of_users(void **state)
{
	(void)state;
	check_types("Fs foo; *1; S S/8{p:2@0} | S foo/4{}; *1; S S/8{p:2@0} | "
		    "S foo/8{}; *1; S S/8{p:2@0} | S foo/8{}",
		    "*5; *6; S S/8{p:1@0}; S S/8{p:2@0}; S foo/8{}; S foo/4{}");
	check_types("S foo/4{}; *1; S S/8{p:2@0} | Fs foo; *1; S S/8{p:2@0} | "
		    "S foo/8{}; *1; S S/8{p:2@0}",
		    "*5; *6; S S/8{p:1@0}; S S/8{p:2@0}; S foo/4{}; S foo/8{}");
}

static void enum_declaration_of_an_ambiguous_name_takes_none_of_them(void **state)
{
	(void)state;
	check_types("Fe e/4; E e/4{A=0}; E e/4{B=0}; td t=1",
		    "E e/4{A=0}; E e/4{B=0}; Fe e/4; td t=3");
	check_types("E e/4{A=0} | E e/4{B=0} | Fe e/2; td t=1",
		    "E e/4{A=0}; E e/4{B=0}; Fe e/2; td t=3");
}

static void anonymous_enum_without_values_is_none_with_values(void **state)
{
	(void)state;
	check_types("E -/4{X=0}; E -/4{}", "E -/4{X=0}; E -/4{}");
	check_types("E -/4{} | E -/4{X=0}", "E -/4{}; E -/4{X=0}");
}

/* libbpf keeps the declaration because the name occurs twice. */
static void union_of_the_same_name_does_not_hinder(void **state)
{
	(void)state;
	check_both("Fs foo; *1; S foo/4{}; U foo/8{}", "Fs foo; *1 | S foo/4{}; U foo/8{}",
		   "*2; S foo/4{}; U foo/8{}");
}

/* libbpf keeps two S, which a second run merges. */
static void recursive_struct_twice_in_one_unit_is_one(void **state)
{
	(void)state;
	check_types("S T/8{next:2@0}; *1 | S T/8{next:2@0}; *1; S T/8{next:4@0}; *3; "
		    "S S/16{a:2@0,b:4@64}; S S/16{a:4@0,b:2@64}",
		    "*3; S S/16{a:1@0,b:1@64}; S T/8{next:1@0}");
}

/* libbpf never returns. */
static void recursive_typedef_twice_in_one_unit_is_one(void **state)
{
	(void)state;
	check_types("td T=2; *1 | td T=2; *1; td T=4; *3; S S/16{a:2@0,b:4@64}; "
		    "S S/16{a:4@0,b:2@64}",
		    "*3; S S/16{a:1@0,b:1@64}; td T=1");
}

/* libbpf gives up on all types of the file. */
static void cycles_without_a_name_are_types(void **state)
{
	(void)state;
	check_types("*2; C 1; int int/4s", "*2; C 1; int int/4s");
	check_types("*2; C 1; *4; C 3 | *2; C 1", "*2; C 1");
	check_types("*1", "*1");
	/* All of these mean: a pointer to such a pointer. */
	check_types("*1; *1; *2; *5; *6; *4 | *2; *1", "*1");
	/* Anonymous structs in a ring, of which one differs; and the way into a ring. */
	check_types("S -/8{a:2@0}; *1; S -/8{a:4@0}; *5; S -/8{b:6@0}; *3",
		    "*4; *6; *5; S -/8{a:1@0}; S -/8{a:2@0}; S -/8{b:3@0}");
	check_types("P 2(a:1); *1; A(4,3); C 3", "*4; C 3; A(2,3); P 1(a:4)");
}

static void equal_structs_are_one_whatever_points_at_them(void **state)
{
	(void)state;
	check_both("int int/4s; S t/8{a:1@0,b:1@32}; S t/8{a:1@0,b:1@32}; P 1(a:1); P 1(a:1)",
		   "int int/4s; S t/8{a:1@0,b:1@32}; P 1(a:1) | "
		   "int int/4s; S t/8{a:1@0,b:1@32}; P 1(a:1)",
		   "P 2(a:2); int int/4s; S t/8{a:2@0,b:2@32}");
}

/* ---- variables, functions and tags, as they are written ---- */

enum use_kind { USE_VAR, USE_FUNC, USE_TAG_OF_TYPE, USE_TAG_OF_VAR, USE_TAG_OF_FUNC };

/* What a unit says of its types. */
struct use {
	enum use_kind kind;
	uint32_t unit, node;	/* the type; of tags on variables and functions: which one */
	const char *name;	/* or the tag's text */
	int32_t component;
};

enum { MAX_USES = 16 };

static char *btf_text(const struct btf_view *view)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t id = 1; id < view->num_ids; id++) {
		uint32_t kind = btf_view_kind(view, id);

		fprintf(out, "%s%s", id > 1 ? "; " : "", btf_kind_table[kind].name);
		if (*btf_view_name(view, id))
			fprintf(out, " %s", btf_view_name(view, id));
		if (btf_kind_table[kind].word == BTF_WORD_ID)
			fprintf(out, "=%u", btf_view_word(view, id));
		if (kind == BTF_DECL_TAG)
			fprintf(out, "#%d", (int32_t)btf_view_tail_word(view, id, 0));
		for (uint32_t i = 0; kind == BTF_DATASEC && i < btf_view_vlen(view, id); i++)
			fprintf(out, "[%u]", btf_view_entry(view, id, i).var_id);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static void write_and_check(struct text_store *text, const struct use *uses, size_t num,
			    bool each_section, const char *expected)
{
	struct layout_var vars[MAX_USES];
	struct layout_func funcs[MAX_USES];
	struct layout_tag tags[MAX_USES];
	struct layout_entry entries[MAX_USES];
	struct layout_section sections[MAX_USES];
	struct layout_input input = { .store = text->store, .vars = vars, .funcs = funcs,
				      .tags = tags, .sections = sections };
	const struct verify_options options = { .ptr_size = 8, .program = true, .sorted = true,
						.strings = true, .vars = true, .tags = true };
	struct verify_violation violation;
	struct btf_layout *layout;
	struct btf_view view;
	struct pool *pool;
	uint8_t *bytes;
	size_t size;
	char *seen;

	for (size_t i = 0; i < num; i++) {
		struct type_id type = { 0 };
		struct str_id name;

		if (uses[i].kind <= USE_TAG_OF_TYPE)
			type.v = text_store_type(text, uses[i].unit, uses[i].node);
		assert_true(type_store_intern_string(text->store, 0, uses[i].name,
						     strlen(uses[i].name), &name));
		switch (uses[i].kind) {
		case USE_VAR:
			entries[input.num_vars] = (struct layout_entry){ input.num_vars, 0, 4 };
			vars[input.num_vars++] = (struct layout_var){ name, type, 0 };
			break;
		case USE_FUNC:
			funcs[input.num_funcs++] = (struct layout_func){ name, type, 0 };
			break;
		default:
			tags[input.num_tags++] = (struct layout_tag){
				.text = name,
				.target = uses[i].kind - USE_TAG_OF_TYPE,
				.index = uses[i].kind == USE_TAG_OF_TYPE ? type.v : uses[i].node,
				.component = uses[i].component,
			};
		}
	}
	for (uint32_t i = 0; each_section && i < input.num_vars; i++) {
		sections[i] = (struct layout_section){ .size = 4, .entries = &entries[i],
						       .num_entries = 1 };
		assert_true(type_store_intern_string(text->store, 0, ".bss", 4,
						     &sections[i].name));
		input.num_sections++;
	}
	assert_null(pool_create(1, 0, &pool));
	assert_null(btf_layout_create(&input, &layout));
	assert_null(btf_emit(layout, pool, &bytes, &size));
	assert_null(btf_view_open((struct span){ bytes, size }, NULL, &view));
	seen = btf_text(&view);
	assert_string_equal(seen, expected);
	assert_null(btf_verify(&view, &options, NULL, &violation));
	assert_string_equal(violation.rule ? violation.text : "", "");
	free(seen);
	btf_view_close(&view);
	free(bytes);
	btf_layout_destroy(layout);
	pool_destroy(pool);
}

/* Units with uses give exactly these records, in whatever order all of it arrives. */
static void check_written(const char *units, const struct use *uses, size_t num,
			  bool each_section, const char *expected)
{
	assert_true(num <= MAX_USES);
	for (unsigned int i = 0; i < 4; i++) {
		struct text_store text = text_store_settle(units, (struct text_how){
			.force_collisions = i & 1, .reverse = i & 2,
		});
		struct use turned[MAX_USES];
		size_t first = 0;

		/* Tags stand last and can change places; the others are counted. */
		memcpy(turned, uses, num * sizeof(*uses));
		while (first < num && uses[first].kind < USE_TAG_OF_TYPE)
			first++;
		for (size_t k = first; k < num && (i & 2); k++)
			turned[k] = uses[num - 1 - (k - first)];
		write_and_check(&text, turned, num, each_section, expected);
		text_store_destroy(&text);
	}
}

/* libbpf merges neither of them; it is the encoder that takes an object once. */
static void variables_stay(void **state)
{
	static const struct use uses[] = {
		{ USE_VAR, 0, 1, "t", 0 },
		{ USE_VAR, 1, 1, "t", 0 },
	};

	(void)state;
	check_written("int int/4s | int int/4s", uses, 2, true,
		      "DATASEC .bss[4]; DATASEC .bss[5]; INT int; VAR t=3; VAR t=3");
}

static void tags_of_functions_parameters_and_variables_are_one(void **state)
{
	static const struct use uses[] = {
		{ USE_VAR, 0, 1, "t", 0 },
		{ USE_FUNC, 0, 2, "f", 0 },
		{ USE_TAG_OF_VAR, 0, 0, "tag", -1 },
		{ USE_TAG_OF_VAR, 0, 0, "tag", -1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag", -1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag", -1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag", 1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag", 1 },
	};

	(void)state;
	check_written("int int/4s; P 0(a1:1,a2:1)", uses, 8, true,
		      "FUNC_PROTO=0; DATASEC .bss[5]; FUNC f=1; INT int; VAR t=4; "
		      "DECL_TAG tag=3#-1; DECL_TAG tag=3#1; DECL_TAG tag=5#-1");
}

static void tags_of_equal_functions_are_united(void **state)
{
	static const struct use uses[] = {
		{ USE_FUNC, 0, 2, "f", 0 },
		{ USE_FUNC, 1, 2, "f", 0 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag1", -1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag2", -1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag1", 1 },
		{ USE_TAG_OF_FUNC, 0, 0, "tag2", 1 },
		{ USE_TAG_OF_FUNC, 0, 1, "tag1", -1 },
		{ USE_TAG_OF_FUNC, 0, 1, "tag3", -1 },
		{ USE_TAG_OF_FUNC, 0, 1, "tag1", 1 },
		{ USE_TAG_OF_FUNC, 0, 1, "tag3", 1 },
	};

	(void)state;
	check_written("int int/4s; P 0(a1:1,a2:1) | int int/4s; P 0(a1:1,a2:1)", uses, 10, false,
		      "FUNC_PROTO=0; FUNC f=1; INT int; DECL_TAG tag1=2#-1; DECL_TAG tag1=2#1; "
		      "DECL_TAG tag2=2#-1; DECL_TAG tag2=2#1; DECL_TAG tag3=2#-1; "
		      "DECL_TAG tag3=2#1");
}

/* Tags do not tell structs apart: one that has some and one that has none are one. */
static void tags_of_equal_structs_are_united(void **state)
{
	static const struct use uses[] = {
		{ USE_TAG_OF_TYPE, 0, 2, "tag1", -1 },
		{ USE_TAG_OF_TYPE, 0, 2, "tag2", -1 },
		{ USE_TAG_OF_TYPE, 0, 2, "tag1", 1 },
		{ USE_TAG_OF_TYPE, 0, 2, "tag2", 1 },
		{ USE_TAG_OF_TYPE, 1, 2, "tag1", -1 },
		{ USE_TAG_OF_TYPE, 1, 2, "tag3", -1 },
		{ USE_TAG_OF_TYPE, 1, 2, "tag1", 1 },
		{ USE_TAG_OF_TYPE, 1, 2, "tag3", 1 },
	};
	static const char expected[] =
		"INT int; STRUCT t; DECL_TAG tag1=2#-1; DECL_TAG tag1=2#1; DECL_TAG tag2=2#-1; "
		"DECL_TAG tag2=2#1; DECL_TAG tag3=2#-1; DECL_TAG tag3=2#1";

	(void)state;
	check_written("int int/4s; S t/8{a:1@0,b:1@32} | int int/4s; S t/8{a:1@0,b:1@32} | "
		      "S t/8{a:2@0,b:2@32}; int int/4s",
		      uses, 8, false, expected);
	check_written("int int/4s; S t/8{a:1@0,b:1@32}; *2; S t/8{a:1@0,b:1@32}; *4 | "
		      "int int/4s; S t/8{a:1@0,b:1@32}",
		      uses, 0, false, "PTR=3; INT int; STRUCT t");
}

static void tags_of_equal_typedefs_are_united(void **state)
{
	static const struct use uses[] = {
		{ USE_TAG_OF_TYPE, 0, 2, "tag1", -1 },
		{ USE_TAG_OF_TYPE, 0, 2, "tag2", -1 },
		{ USE_TAG_OF_TYPE, 0, 3, "tag1", -1 },
		{ USE_TAG_OF_TYPE, 0, 3, "tag3", -1 },
	};

	(void)state;
	check_written("int int/4s; td t=1; td t=1", uses, 4, false,
		      "INT int; TYPEDEF t=1; DECL_TAG tag1=2#-1; DECL_TAG tag2=2#-1; "
		      "DECL_TAG tag3=2#-1");
}

/* One of each kind that is no type of C, and nothing to merge. */
static void functions_and_tags_that_differ_stay(void **state)
{
	static const struct use uses[] = {
		{ USE_FUNC, 0, 2, "f", 0 },
		{ USE_FUNC, 0, 3, "f", 0 },
		{ USE_FUNC, 0, 2, "g", 0 },
		{ USE_VAR, 0, 1, "v", 0 },
		{ USE_TAG_OF_FUNC, 0, 0, "a", -1 },
		{ USE_TAG_OF_FUNC, 0, 2, "a", 0 },
		{ USE_TAG_OF_TYPE, 0, 4, "a", -1 },
		{ USE_TAG_OF_VAR, 0, 0, "b", -1 },
	};

	(void)state;
	check_written("int int/4s; P 1(x:1); P 1(y:1); td t=1", uses, 8, true,
		      "FUNC_PROTO=11; FUNC_PROTO=11; DATASEC .bss[13]; DECL_TAG a=8#-1; "
		      "DECL_TAG a=10#0; DECL_TAG a=12#-1; DECL_TAG b=13#-1; FUNC f=1; FUNC f=2; "
		      "FUNC g=1; INT int; TYPEDEF t=11; VAR v=11");
}

/* ---- forward declarations of ambiguous names ---- */

static void own_definition_comes_first(void **state)
{
	(void)state;
	check_types("S foo/4{}; Fs foo; *2; td t=3 | S foo/8{}; Fs foo; *2; td t=3",
		    "*3; *4; S foo/4{}; S foo/8{}; td t=1; td t=2");
}

/* Two headers' types agree on one definition only, though the other one has more users. */
static void users_that_agree_decide(void **state)
{
	(void)state;
	check_types("S foo/4{}; *1; S u/8{p:2@0}; S v/8{p:2@0} | "
		    "S foo/8{}; *1; S u/8{p:2@0} | S foo/8{} | S foo/8{}; *1; S u/8{p:2@0} | "
		    "Fs foo; *1; S u/8{p:2@0}; S v/8{p:2@0}",
		    "*3; *4; S foo/8{}; S foo/4{}; S u/8{p:1@0}; S u/8{p:2@0}; S v/8{p:2@0}");
}

/* No definition is in what all users say: then the one with most users of all that any says. */
static void users_that_disagree_decide_by_number(void **state)
{
	(void)state;
	check_types("S foo/4{}; *1; S u/8{p:2@0} | S foo/8{}; *1; S v/8{p:2@0} | S foo/8{} | "
		    "Fs foo; *1; S u/8{p:2@0}; S v/8{p:2@0} | S foo/16{} | S foo/16{} | S foo/16{}",
		    "*4; *5; S foo/16{}; S foo/8{}; S foo/4{}; S u/8{p:2@0}; S u/8{p:1@0}; "
		    "S v/8{p:1@0}");
}

/* What was decided for one unit is evidence for the next. */
static void decisions_spread(void **state)
{
	(void)state;
	check_types("S foo/4{}; *1; S u/8{p:2@0} | Fs foo; *1; S u/8{p:2@0}; S v/8{p:2@0} | "
		    "Fs foo; *1; S v/8{p:2@0}; td w=2 | Fs foo; *1; td w=2 | S foo/8{}",
		    "*2; S foo/4{}; S foo/8{}; S u/8{p:1@0}; S v/8{p:1@0}; td w=1");
}

/* A pointer alone is no evidence: everybody has pointers. */
static void untagged_types_are_no_evidence(void **state)
{
	(void)state;
	check_types("S foo/4{}; *1; P 0(a:2) | S foo/8{}; *1 | Fs foo; *1; P 0(a:2)",
		    "*6; *7; *8; P 0(a:1); P 0(a:3); S foo/4{}; S foo/8{}; Fs foo");
}

/* As struct gic_chip_data: who declares it calls functions that one of two drivers defines. */
static void external_functions_are_evidence(void **state)
{
	(void)state;
	check_types(
		"S gic/4{}; *1; L save=0(-:2) | S gic/8{}; *1 | Fs gic; *1; L save=0(-:2); td t=2",
		"*3; *4; S gic/4{}; S gic/8{}; td t=1");
	/* Of another name or other parameters: nothing is said. */
	check_types("S gic/4{}; L save=0(-:1) | S gic/8{} | Fs gic; *1; L load=0(-:1); td t=2",
		    "*4; S gic/4{}; S gic/8{}; Fs gic; td t=1");
	check_types("S gic/4{}; *1; L save=0(-:2) | S gic/8{} | Fs gic; *1; L save=2(-:2); td t=2",
		    "*3; *5; S gic/4{}; S gic/8{}; Fs gic; td t=2");
	/* A function is no type, and no reason to keep a declaration. */
	check_types("S gic/4{}; L save=0(-:1) | S gic/8{} | Fs gic; L load=0(-:1)",
		    "S gic/4{}; S gic/8{}");
}

static void directory_decides(void **state)
{
	(void)state;
	check_types("<d/x/a.c> S foo/4{} | <d/y/a.c> S foo/8{} | <d/y/b.c> Fs foo; *1; td t=2 | "
		    "<d/z/b.c> Fs foo; *1; td u=2",
		    "*4; *5; S foo/4{}; S foo/8{}; Fs foo; td t=1; td u=2");
	/* Two definitions in the directory, or none: left open. */
	check_types("<y/a.c> S foo/4{} | <y/b.c> S foo/8{} | <y/c.c> Fs foo; *1; td t=2",
		    "*4; S foo/4{}; S foo/8{}; Fs foo; td t=1");
	check_types("<yy/a.c> S foo/4{} | <yyy/b.c> S foo/8{} | <y/c.c> Fs foo; *1; td t=2",
		    "*4; S foo/4{}; S foo/8{}; Fs foo; td t=1");
	/* Users are asked before the directory, and again after it. */
	check_types(
		"<x/a.c> S foo/4{}; *1; td t=2 | <y/a.c> S foo/8{} | <y/b.c> Fs foo; *1; td t=2",
		"*2; S foo/4{}; S foo/8{}; td t=1");
	check_types("<x/a.c> S foo/4{} | <y/a.c> S foo/8{} | <y/b.c> Fs foo; *1; td t=2 | "
		    "<z/b.c> Fs foo; *1; td t=2",
		    "*3; S foo/4{}; S foo/8{}; td t=1");
}

/*
 * As struct intel_community_context: a header declares it, two drivers define it each for itself.
 */
static void header_with_private_definitions_is_decided(void **state)
{
	(void)state;
	check_types(
		"<p/core.c> Fs ctx; *1; S pctl/16{ctx:2@0,n:4@64}; int int/4s; *3 | "
		"<p/intel.c> S ctx/4{r:4@0}; *1; S pctl/16{ctx:2@0,n:4@64}; int int/4s; *3 | "
		"<p/bay.c> S ctx/8{r:4@0,s:4@32}; *1; S pctl/16{ctx:2@0,n:4@64}; int int/4s; *3 | "
		"<p/sun.c> Fs ctx; *1; S pctl/16{ctx:2@0,n:4@64}; int int/4s; *3 | "
		"<q/moon.c> Fs ctx; *1; S pctl/16{ctx:2@0,n:4@64}; int int/4s; *3",
		"*5; *8; *6; *9; S ctx/4{r:7@0}; S ctx/8{r:7@0,s:7@32}; int int/4s; "
		"S pctl/16{ctx:1@0,n:7@64}; S pctl/16{ctx:3@0,n:7@64}");
}

/* Two functions of one file have a private struct foo each. */
static void conflict_inside_a_unit_is_exact(void **state)
{
	(void)state;
	check_types("S foo/4{}; *1; S u/8{p:2@0}; S foo/8{}; *4; S u/8{p:5@0}; S w/8{q:2@0}; "
		    "S w/8{q:5@0}; td t=7",
		    "*3; *4; S foo/4{}; S foo/8{}; td t=8; S u/8{p:1@0}; S u/8{p:2@0}; "
		    "S w/8{q:1@0}; S w/8{q:2@0}");
	/* Others of which each has one of them share the types. */
	check_types("S foo/4{}; *1; S u/8{p:2@0}; S foo/8{}; *4; S u/8{p:5@0} | "
		    "S foo/8{}; *1; S u/8{p:2@0} | S foo/4{}; *1; S u/8{p:2@0}",
		    "*3; *4; S foo/4{}; S foo/8{}; S u/8{p:1@0}; S u/8{p:2@0}");
}

/* As the typedefs that a macro makes in each function. */
static void conflict_that_nothing_refers_to_is_none(void **state)
{
	struct text_store text;

	(void)state;
	check_types("int int/4s; td t=1; *1; td t=3; S s/8{p:3@0} | int int/4s; td t=1; *2; td u=3",
		    "*3; *5; int int/4s; S s/8{p:1@0}; td t=3; td t=1; td u=2");
	text = text_store_settle("int int/4s; td t=1; *1; td t=3", (struct text_how){});
	assert_int_equal(text_store_type(&text, 0, 2), 3);
	assert_int_equal(text_store_type(&text, 0, 4), 4);
	text_store_destroy(&text);
}

/* A unique definition that means different things is taken as its most usual holder sees it. */
static void declaration_of_a_name_with_several_meanings(void **state)
{
	struct text_store text;

	(void)state;
	text = text_store_settle("S foo/8{}; *1; S m/8{p:2@0} | S foo/4{}; *1; S m/8{p:2@0} | "
				 "S foo/4{}; *1; S m/8{p:2@0} | Fs m; *1; td t=2 | "
				 "S foo/8{}; Fs m; *2; td t=3 | S foo/4{}",
				 (struct text_how){});
	assert_int_equal(text_store_type(&text, 3, 1), text_store_type(&text, 1, 3));
	assert_int_not_equal(text_store_type(&text, 0, 3), text_store_type(&text, 1, 3));
	assert_int_equal(text_store_type(&text, 4, 4), text_store_type(&text, 3, 3));
	assert_int_equal(type_store_num_doubles(text.store), 2);
	text_store_destroy(&text);

	/* No holder means the usual by all names: the one that departs least from it is asked. */
	text = text_store_settle("S foo/8{}; S bar/8{}; *1; S m/8{p:3@0} | "
				 "S foo/16{}; S bar/4{}; *1; S m/8{p:3@0} | "
				 "S foo/4{}; S bar/4{}; *1; td u=3 | S foo/4{}; S bar/4{} | "
				 "Fs m; *1; td t=2",
				 (struct text_how){});
	assert_int_equal(text_store_type(&text, 4, 1), text_store_type(&text, 1, 4));
	assert_int_not_equal(text_store_type(&text, 0, 4), text_store_type(&text, 1, 4));
	text_store_destroy(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unused_strings_do_not_matter),
		cmocka_unit_test(equal_ints_are_one),
		cmocka_unit_test(struct_with_all_around_it_is_one),
		cmocka_unit_test(declaration_meets_definition),
		cmocka_unit_test(void_is_not_an_empty_struct),
		cmocka_unit_test(one_of_each_kind_stays),
		cmocka_unit_test(ints_and_floats_that_differ_stay),
		cmocka_unit_test(enum_declarations_nobody_needs_go),
		cmocka_unit_test(recursive_typedef_is_one),
		cmocka_unit_test(typedef_is_one),
		cmocka_unit_test(type_tags_count_in_their_order),
		cmocka_unit_test(enums_differ_by_size_and_sign),
		cmocka_unit_test(enum_declaration_takes_a_definition_of_any_size),
		cmocka_unit_test(declaration_of_a_unique_name_is_the_definition),
		cmocka_unit_test(declaration_of_another_kind_stays),
		cmocka_unit_test(declaration_of_an_ambiguous_name_stays_without_evidence),
		cmocka_unit_test(elements_of_arrays_count),
		cmocka_unit_test(shared_user_decides_by_number_of_users),
		cmocka_unit_test(enum_declaration_of_an_ambiguous_name_takes_none_of_them),
		cmocka_unit_test(anonymous_enum_without_values_is_none_with_values),
		cmocka_unit_test(union_of_the_same_name_does_not_hinder),
		cmocka_unit_test(recursive_struct_twice_in_one_unit_is_one),
		cmocka_unit_test(recursive_typedef_twice_in_one_unit_is_one),
		cmocka_unit_test(cycles_without_a_name_are_types),
		cmocka_unit_test(equal_structs_are_one_whatever_points_at_them),
		cmocka_unit_test(variables_stay),
		cmocka_unit_test(tags_of_functions_parameters_and_variables_are_one),
		cmocka_unit_test(tags_of_equal_functions_are_united),
		cmocka_unit_test(tags_of_equal_structs_are_united),
		cmocka_unit_test(tags_of_equal_typedefs_are_united),
		cmocka_unit_test(functions_and_tags_that_differ_stay),
		cmocka_unit_test(own_definition_comes_first),
		cmocka_unit_test(users_that_agree_decide),
		cmocka_unit_test(users_that_disagree_decide_by_number),
		cmocka_unit_test(decisions_spread),
		cmocka_unit_test(untagged_types_are_no_evidence),
		cmocka_unit_test(external_functions_are_evidence),
		cmocka_unit_test(directory_decides),
		cmocka_unit_test(header_with_private_definitions_is_decided),
		cmocka_unit_test(conflict_inside_a_unit_is_exact),
		cmocka_unit_test(conflict_that_nothing_refers_to_is_none),
		cmocka_unit_test(declaration_of_a_name_with_several_meanings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
