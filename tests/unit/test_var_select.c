// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* var_select: one VAR for each address, the right entry for it, and a reason for every symbol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/fake_store.h"
#include "var_select.h"

enum { PERCPU = 1, OTHER = 2, MAX = 64 };

/* Types of every test. */
enum { T_INT = 1, T_U8, T_S8, T_S64, T_CONST_S64, T_FLEX, T_PTR, T_PROTO, T_FWD, T_CONST_VOID };

struct fixture {
	struct type_store store;
	struct symtab_section sections[3];
	struct symtab_symbol symbols[MAX];
	size_t num_symbols;
	struct var_candidate candidates[MAX];
	size_t num_candidates;
};

static void fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	store_init(&f->store);
	add_int(&f->store);
	add(&f->store, TYPE(.kind = GRAPH_INT, .name = str(&f->store, "u8"), .size = 1));
	add(&f->store, TYPE(.kind = GRAPH_STRUCT, .name = str(&f->store, "s8"), .size = 8));
	add(&f->store, TYPE(.kind = GRAPH_STRUCT, .name = str(&f->store, "s64"), .size = 64));
	add(&f->store, TYPE(.kind = GRAPH_CONST, .ref = { T_S64 }));
	add(&f->store, TYPE(.kind = GRAPH_ARRAY, .ref = { T_INT }, .size = 0));
	add(&f->store, TYPE(.kind = GRAPH_PTR));
	add(&f->store, TYPE(.kind = GRAPH_FUNC_PROTO));
	add(&f->store, TYPE(.kind = GRAPH_FWD_STRUCT, .name = str(&f->store, "fwd")));
	add(&f->store, TYPE(.kind = GRAPH_CONST));
	f->sections[0].name = "";
	f->sections[PERCPU] = (struct symtab_section){ .name = ".data..percpu", .size = 0x1000,
						       .addr = 0x10000, .included = true };
	f->sections[OTHER] = (struct symtab_section){ .name = ".data..other", .size = 0x100,
						      .addr = 0x20000, .included = true };
}

static void fixture_deinit(struct fixture *f)
{
	store_deinit(&f->store);
}

static struct symtab_symbol *symbol(struct fixture *f, const char *name, uint64_t off,
				    uint64_t size)
{
	struct symtab_symbol *s = &f->symbols[f->num_symbols];

	assert_true(f->num_symbols < MAX);
	*s = (struct symtab_symbol){ .name = name, .section = PERCPU, .off = off, .size = size,
				     .bind = SYMBOL_GLOBAL, .index = ++f->num_symbols };
	return s;
}

static struct var_candidate *candidate(struct fixture *f, const char *name, uint64_t off,
				       uint32_t type)
{
	struct var_candidate *c = &f->candidates[f->num_candidates];

	assert_true(f->num_candidates < MAX);
	*c = (struct var_candidate){ .section = PERCPU, .off = off, .name = str(&f->store, name),
				     .type = { type }, .external = true,
				     .key = 100 + f->num_candidates };
	f->num_candidates++;
	return c;
}

static char *selection_print(const struct fixture *f, const struct var_selection *s)
{
	static const char *const outcomes[NUM_VAR_OUTCOMES] = {
		"encoded", "alias", "zero-size", "no-debug-info", "void-type", "size-mismatch",
		"overlap", "generated", "bad-name", "ambiguous", "name-of-base", "freed", "hypervisor",
		"not-loaded", "bad-section",
	};
	char *text = NULL;
	size_t text_size, num = 0;
	FILE *out = open_memstream(&text, &text_size);

	for (uint32_t i = 0; i < s->num_sections; i++) {
		const struct layout_section *section = &s->sections[i];

		fprintf(out, "%s %x\n", type_store_string(&f->store, section->name),
			section->size);
		for (uint32_t j = 0; j < section->num_entries; j++, num++) {
			const struct layout_entry *e = &section->entries[j];
			const struct layout_var *v = &s->vars[e->var];

			fprintf(out, " %x+%x %s %s %u\n", e->off, e->size,
				v->linkage == BTF_LINKAGE_GLOBAL ? "global" : "static",
				type_store_string(&f->store, v->name), v->type.v);
		}
	}
	assert_int_equal(num, s->num_vars);
	for (size_t i = 0; i < f->num_symbols; i++)
		fprintf(out, "%s%s: %s", i ? ", " : "", f->symbols[i].name,
			outcomes[s->outcomes[i]]);
	fclose(out);
	return text;
}

static struct var_select_input fixture_input(struct fixture *f)
{
	return (struct var_select_input){
		.store = &f->store,
		.sections = f->sections,
		.num_sections = 3,
		.symbols = f->symbols,
		.num_symbols = f->num_symbols,
		.candidates = f->candidates,
		.num_candidates = f->num_candidates,
		.address_size = 8,
	};
}

/* With the candidates as they are, reversed and rotated: the order must not matter. */
static void assert_selects(struct fixture *f, const char *expected)
{
	for (int round = 0; round < 3; round++) {
		struct var_select_input input = fixture_input(f);
		struct var_selection selection;
		char *text;

		assert_null(var_select(&input, &selection));
		text = selection_print(f, &selection);
		assert_string_equal(text, expected);
		free(text);
		var_selection_deinit(&selection);

		for (size_t i = 0; i < f->num_candidates / (round + 1); i++) {
			size_t j = round ? f->num_candidates - 1 : f->num_candidates - 1 - i;
			struct var_candidate c = f->candidates[i];

			if (i >= j)
				break;
			f->candidates[i] = f->candidates[j];
			f->candidates[j] = c;
		}
	}
}

static void nothing_gives_nothing(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_selects(&f, "");
	/* A candidate without a symbol is no variable. */
	candidate(&f, "gone", 8, T_INT);
	assert_selects(&f, "");
	fixture_deinit(&f);
}

static void variables_are_sorted_and_have_their_linkage(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "a", 0, 4);
	symbol(&f, "s", 4, 1)->bind = SYMBOL_LOCAL;
	symbol(&f, "w", 8, 8)->bind = SYMBOL_WEAK;
	symbol(&f, "h", 0x10, 64)->bind = SYMBOL_LOCAL;
	f.symbols[3].visibility = 2;
	symbol(&f, "l", 0x50, 4)->bind = SYMBOL_LOCAL;
	symbol(&f, "p", 0xff8, 8);
	candidate(&f, "p", 0xff8, T_PTR)->external = false;
	candidate(&f, "l", 0x50, T_INT);
	candidate(&f, "h", 0x10, T_CONST_S64);
	candidate(&f, "w", 8, T_S8);
	candidate(&f, "s", 4, T_U8)->external = false;
	candidate(&f, "a", 0, T_INT);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 0+4 global a 1\n"
			   " 4+1 static s 2\n"
			   " 8+8 global w 3\n"
			   " 10+40 global h 5\n"		/* local by visibility only */
			   " 50+4 static l 1\n"
			   " ff8+8 static p 7\n"
			   "a: encoded, s: encoded, w: encoded, h: encoded, l: encoded, p: encoded");
	fixture_deinit(&f);
}

static void each_section_has_its_own_list(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "a", 8, 4);
	symbol(&f, "b", 0, 4)->section = OTHER;
	symbol(&f, "c", 8, 4)->section = OTHER;
	candidate(&f, "a", 8, T_INT)->section = OTHER;
	candidate(&f, "b", 0, T_INT)->section = OTHER;
	candidate(&f, "c", 8, T_INT)->section = OTHER;
	candidate(&f, "a", 8, T_INT);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 8+4 global a 1\n"
			   ".data..other 100\n"
			   " 0+4 global b 1\n"
			   " 8+4 global c 1\n"
			   "a: encoded, b: encoded, c: encoded");
	/* A section of which nothing is left is not there at all. */
	f.num_candidates = 0;
	candidate(&f, "c", 8, T_INT)->section = OTHER;
	assert_selects(&f, ".data..other 100\n"
			   " 8+4 global c 1\n"
			   "a: no-debug-info, b: no-debug-info, c: encoded");
	fixture_deinit(&f);
}

static void candidates_at_other_addresses_are_passed_over(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "a", 8, 8);
	symbol(&f, "b", 0x20, 8);
	candidate(&f, "a", 7, T_S8);
	candidate(&f, "a", 8, T_PTR);
	candidate(&f, "a", 9, T_S8);
	candidate(&f, "b", 0x1f, T_S8);
	candidate(&f, "b", 0x20, T_PTR);
	candidate(&f, "b", 0x21, T_S8);
	candidate(&f, "b", 0x20, T_S8)->section = 0;
	assert_selects(&f, ".data..percpu 1000\n"
			   " 8+8 global a 7\n"
			   " 20+8 global b 7\n"
			   "a: encoded, b: encoded");
	fixture_deinit(&f);
}

static void the_entry_of_the_symbols_name_wins(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "v", 8, 64);
	candidate(&f, "other", 8, T_S64);
	candidate(&f, "v", 8, T_S8);
	assert_selects(&f, ".data..percpu 1000\n 8+40 global v 3\nv: encoded");
	fixture_deinit(&f);
}

static void among_entries_of_the_name_the_size_decides_then_the_unit(void **state)
{
	struct fixture f;

	(void)state;
	/* A weak definition that was overridden has its entry at the strong one's address. */
	fixture_init(&f);
	symbol(&f, "v", 8, 64);
	candidate(&f, "v", 8, T_S8)->unit = 1;
	candidate(&f, "v", 8, T_CONST_S64)->unit = 7;
	candidate(&f, "v", 8, T_S64)->unit = 5;
	assert_selects(&f, ".data..percpu 1000\n 8+40 global v 4\nv: encoded");
	/* Same unit: the entry that stands first. */
	f.num_candidates = 0;
	candidate(&f, "v", 8, T_CONST_S64)->key = 0x1000;
	candidate(&f, "v", 8, T_S64)->key = 0x10;
	assert_selects(&f, ".data..percpu 1000\n 8+40 global v 4\nv: encoded");
	fixture_deinit(&f);
}

static void a_type_that_is_too_large_gives_way(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "v", 8, 8);
	candidate(&f, "v", 8, T_S64);
	assert_selects(&f, "v: size-mismatch");
	candidate(&f, "v", 8, T_S8);
	assert_selects(&f, ".data..percpu 1000\n 8+8 global v 3\nv: encoded");
	/* Also to an entry of another name, if its size is the symbol's. */
	f.num_candidates = 0;
	candidate(&f, "v", 8, T_S64);
	candidate(&f, "u", 8, T_PTR);
	assert_selects(&f, ".data..percpu 1000\n 8+8 global v 7\nv: encoded");
	fixture_deinit(&f);
}

static void a_symbol_may_be_larger_than_its_type(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "flex", 8, 24);
	symbol(&f, "more", 0x40, 72);
	candidate(&f, "flex", 8, T_FLEX);
	candidate(&f, "more", 0x40, T_S64);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 8+18 global flex 6\n"
			   " 40+48 global more 4\n"
			   "flex: encoded, more: encoded");
	fixture_deinit(&f);
}

static void types_without_size_give_no_variable(void **state)
{
	static const uint32_t types[] = { 0, T_PROTO, T_FWD, T_CONST_VOID };

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct fixture f;

		fixture_init(&f);
		symbol(&f, "v", 8, 8);
		candidate(&f, "v", 8, types[i]);
		assert_selects(&f, "v: void-type");
		candidate(&f, "v", 8, T_S8)->unit = 9;
		assert_selects(&f, ".data..percpu 1000\n 8+8 global v 3\nv: encoded");
		fixture_deinit(&f);
	}
}

static void names_that_do_not_match_need_the_same_size(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "v", 8, 8);
	candidate(&f, "u", 8, T_INT);
	candidate(&f, "", 8, T_S64);
	assert_selects(&f, "v: no-debug-info");
	candidate(&f, "", 8, T_S8);
	assert_selects(&f, ".data..percpu 1000\n 8+8 global v 3\nv: encoded");
	fixture_deinit(&f);
}

static void discarded_variables_at_address_0_do_not_match_by_size(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.sections[PERCPU].addr = 0;
	symbol(&f, "fixed_percpu_data", 0, 64);
	symbol(&f, "next", 64, 64);
	candidate(&f, "discarded", 0, T_S64);
	candidate(&f, "static_key", 64, T_S64);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 40+40 global next 4\n"
			   "fixed_percpu_data: no-debug-info, next: encoded");
	candidate(&f, "fixed_percpu_data", 0, T_CONST_S64)->unit = 3;
	assert_selects(&f, ".data..percpu 1000\n"
			   " 0+40 global fixed_percpu_data 5\n"
			   " 40+40 global next 4\n"
			   "fixed_percpu_data: encoded, next: encoded");
	/* A section elsewhere has no discarded variables in it. */
	f.sections[PERCPU].addr = 0x1000;
	f.num_candidates = 0;
	candidate(&f, "other", 0, T_S64);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 0+40 global fixed_percpu_data 4\n"
			   "fixed_percpu_data: encoded, next: no-debug-info");
	fixture_deinit(&f);
}

static void statics_of_functions_are_named_as_their_symbols(void **state)
{
	static const struct {
		const char *symbol;
		const char *name;
		bool matches;
	} cases[] = {
		{ "count.12", "count", true },		/* GCC */
		{ "func.count", "count", true },	/* clang */
		{ "func.count.3", "count", true },
		{ "count.llvm.1234", "count", true },
		{ "a.bcount.count", "count", true },	/* found behind a false start */
		{ "count2.12", "count", false },
		{ "account.12", "count", false },
		{ "func.counter", "count", false },
		{ "counter", "count", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[100];
		struct fixture f;

		fixture_init(&f);
		symbol(&f, cases[i].symbol, 8, 64)->bind = SYMBOL_LOCAL;
		/* Smaller than the symbol, so that the size alone does not match. */
		candidate(&f, cases[i].name, 8, T_S8)->external = false;
		if (cases[i].matches)
			snprintf(expected, sizeof(expected),
				 ".data..percpu 1000\n 8+40 static %s 3\n%s: encoded",
				 cases[i].symbol, cases[i].symbol);
		else
			snprintf(expected, sizeof(expected), "%s: no-debug-info", cases[i].symbol);
		assert_selects(&f, expected);
		fixture_deinit(&f);
	}
}

static void a_whole_name_goes_before_a_part(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "v.1", 8, 8);
	symbol(&f, "u", 8, 64)->bind = SYMBOL_LOCAL;
	candidate(&f, "v", 8, T_S8);
	candidate(&f, "u", 8, T_INT)->unit = 4;
	assert_selects(&f, ".data..percpu 1000\n 8+40 static u 1\nv.1: alias, u: encoded");
	fixture_deinit(&f);
}

static void of_aliases_the_entrys_name_then_the_strongest_is_taken(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "__pi_gdt", 8, 8)->visibility = 2;
	symbol(&f, "agdt", 8, 8)->bind = SYMBOL_WEAK;
	symbol(&f, "gdt", 8, 8)->bind = SYMBOL_LOCAL;
	candidate(&f, "gdt", 8, T_S8);
	assert_selects(&f, ".data..percpu 1000\n 8+8 static gdt 3\n"
			   "__pi_gdt: alias, agdt: alias, gdt: encoded");

	/* No name fits: global before weak before local, default visibility before hidden. */
	f.num_candidates = 0;
	candidate(&f, "", 8, T_S8);
	assert_selects(&f, ".data..percpu 1000\n 8+8 global __pi_gdt 3\n"
			   "__pi_gdt: encoded, agdt: alias, gdt: alias");
	symbol(&f, "zgdt", 8, 8);
	symbol(&f, "ygdt", 8, 8);
	assert_selects(&f, ".data..percpu 1000\n 8+8 global ygdt 3\n"
			   "__pi_gdt: alias, agdt: alias, gdt: alias, zgdt: alias, ygdt: encoded");
	f.num_symbols = 3;
	f.symbols[0].bind = SYMBOL_LOCAL;
	assert_selects(&f, ".data..percpu 1000\n 8+8 global agdt 3\n"
			   "__pi_gdt: alias, agdt: encoded, gdt: alias");

	/* Entries for two of them: the one of the stronger symbol, whatever the unit. */
	f.num_candidates = 0;
	candidate(&f, "gdt", 8, T_S8)->unit = 1;
	candidate(&f, "agdt", 8, T_PTR)->unit = 2;
	assert_selects(&f, ".data..percpu 1000\n 8+8 global agdt 7\n"
			   "__pi_gdt: alias, agdt: encoded, gdt: alias");
	fixture_deinit(&f);
}

static void aliases_share_the_outcome_of_their_address(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "a", 8, 8);
	symbol(&f, "const_a", 8, 0);
	symbol(&f, "b", 8, 8);
	symbol(&f, "__UNIQUE_ID_x_1", 8, 8);
	candidate(&f, "a", 8, 0);
	assert_selects(&f, "a: void-type, const_a: zero-size, b: void-type, "
			   "__UNIQUE_ID_x_1: generated");
	fixture_deinit(&f);
}

static void the_size_is_that_of_the_symbol_named(void **state)
{
	struct fixture f;

	(void)state;
	/* An alias that is larger than the variable meant does not widen it. */
	fixture_init(&f);
	symbol(&f, "all", 8, 64);
	symbol(&f, "head", 8, 4);
	candidate(&f, "head", 8, T_INT);
	assert_selects(&f, ".data..percpu 1000\n 8+4 global head 1\nall: alias, head: encoded");
	fixture_deinit(&f);
}

static void a_name_is_found_among_any_number_of_aliases(void **state)
{
	char names[MAX][16], expected[2000];
	struct fixture f;
	size_t used;

	(void)state;
	fixture_init(&f);
	used = snprintf(expected, sizeof(expected), ".data..percpu 1000\n 8+8 global n39 3\n");
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "n%02d", i);
		symbol(&f, names[i], 8, 8);
		used += snprintf(expected + used, sizeof(expected) - used, "%sn%02d: %s",
				 i ? ", " : "", i, i == 39 ? "encoded" : "alias");
	}
	candidate(&f, "n39", 8, T_S8);
	assert_selects(&f, expected);
	fixture_deinit(&f);
}

static void the_strongest_of_many_aliases_is_found(void **state)
{
	struct var_selection selection;
	struct var_select_input input;
	char names[40][16];
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "n%02d", i);
		symbol(&f, names[i], 8, 8)->bind = i == 30 ? SYMBOL_GLOBAL :
						   i == 35 ? SYMBOL_WEAK : SYMBOL_LOCAL;
	}
	candidate(&f, "other", 8, T_S8);
	input = fixture_input(&f);
	assert_null(var_select(&input, &selection));
	assert_int_equal(selection.num_vars, 1);
	assert_string_equal(type_store_string(&f.store, selection.vars[0].name), "n30");
	assert_int_equal(selection.outcomes[30], VAR_ENCODED);
	assert_int_equal(selection.outcomes[0], VAR_ALIAS);
	var_selection_deinit(&selection);
	fixture_deinit(&f);
}

static void of_two_symbols_of_one_name_the_stronger_is_taken(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "v", 8, 64)->bind = SYMBOL_LOCAL;
	symbol(&f, "v", 8, 8);
	candidate(&f, "v", 8, T_S8);
	assert_selects(&f, ".data..percpu 1000\n 8+8 global v 3\nv: alias, v: encoded");
	fixture_deinit(&f);
}

static void overlapping_variables_leave_the_lower_one(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "outer", 8, 64);
	symbol(&f, "inner", 0x10, 8);
	symbol(&f, "inner_alias", 0x10, 8);
	symbol(&f, "partly", 0x40, 64);
	symbol(&f, "next", 0x48, 8);
	candidate(&f, "outer", 8, T_S64);
	candidate(&f, "inner", 0x10, T_S8);
	candidate(&f, "partly", 0x40, T_S64);
	candidate(&f, "next", 0x48, T_S8);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 8+40 global outer 4\n"
			   " 48+8 global next 3\n"
			   "outer: encoded, inner: overlap, inner_alias: overlap, partly: overlap, "
			   "next: encoded");
	/* What has no VAR covers nothing. */
	f.num_candidates = 0;
	candidate(&f, "inner", 0x10, T_S8);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 10+8 global inner 3\n"
			   "outer: no-debug-info, inner: encoded, inner_alias: alias, "
			   "partly: no-debug-info, next: no-debug-info");
	fixture_deinit(&f);
}

static void generated_names_are_left_out(void **state)
{
	static const char *const names[] = {
		"__UNIQUE_ID_a", "__tpstrtab_a", "__exitcall_a", "__gendwarfksyms_ptr_a",
		"__func_stack_frame_non_standard_a",
	};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		char expected[100];
		struct fixture f;

		fixture_init(&f);
		symbol(&f, names[i], 8, 8);
		candidate(&f, names[i], 8, T_S8);
		snprintf(expected, sizeof(expected), "%s: generated", names[i]);
		assert_selects(&f, expected);
		/* Not the prefix in the middle, and not a part of the prefix. */
		f.symbols[0].name = "x__UNIQUE_ID";
		candidate(&f, "x__UNIQUE_ID", 8, T_S8);
		symbol(&f, "__tpstrtab", 0x10, 8);
		candidate(&f, "__tpstrtab", 0x10, T_S8);
		assert_selects(&f, ".data..percpu 1000\n"
				   " 8+8 global x__UNIQUE_ID 3\n"
				   " 10+8 global __tpstrtab 3\n"
				   "x__UNIQUE_ID: encoded, __tpstrtab: encoded");
		fixture_deinit(&f);
	}
}

static void bad_names_are_left_out(void **state)
{
	char long_name[513];
	struct fixture f;
	char *expected;

	(void)state;
	fixture_init(&f);
	symbol(&f, "", 8, 8);
	symbol(&f, "9", 0x10, 8);
	symbol(&f, "a-b", 0x18, 8);
	for (int i = 1; i < 4; i++)
		candidate(&f, f.symbols[i - 1].name, 8 * i, T_S8);
	assert_selects(&f, ": bad-name, 9: bad-name, a-b: bad-name");

	memset(long_name, 'a', sizeof(long_name));
	long_name[512] = 0;
	f.num_symbols = f.num_candidates = 0;
	symbol(&f, long_name, 8, 8);
	candidate(&f, long_name, 8, T_S8);
	assert_true(asprintf(&expected, "%s: bad-name", long_name) > 0);
	assert_selects(&f, expected);
	free(expected);
	long_name[511] = 0;
	f.num_candidates = 0;
	candidate(&f, long_name, 8, T_S8);
	assert_true(asprintf(&expected, ".data..percpu 1000\n 8+8 global %s 3\n%s: encoded",
			     long_name, long_name) > 0);
	assert_selects(&f, expected);
	free(expected);
	fixture_deinit(&f);
}

static void statics_of_one_name_are_all_kept(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "foo", 8, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "foo", 0x10, 8)->bind = SYMBOL_LOCAL;
	candidate(&f, "foo", 8, T_PTR)->external = false;
	candidate(&f, "foo", 0x10, T_S8)->external = false;
	assert_selects(&f, ".data..percpu 1000\n"
			   " 8+8 static foo 7\n"
			   " 10+8 static foo 3\n"
			   "foo: encoded, foo: encoded");
	fixture_deinit(&f);
}

static void sections_of_more_than_4_gib_are_a_limit(void **state)
{
	struct var_selection selection = { 0 };
	struct var_select_input input;
	struct btfgen_error *err;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "v", 0xfffffff0, 8);
	candidate(&f, "v", 0xfffffff0, T_S8);
	f.sections[PERCPU].size = UINT32_MAX;
	assert_selects(&f, ".data..percpu ffffffff\n fffffff0+8 global v 3\nv: encoded");
	f.sections[PERCPU].size = (uint64_t)UINT32_MAX + 1;
	input = fixture_input(&f);
	err = var_select(&input, &selection);
	assert_non_null(err);
	assert_int_equal(err->code, BTFGEN_ERROR_LIMIT);
	assert_string_equal(err->message, "section '.data..percpu' has 0x100000000 bytes; "
					  "BTF holds at most 4 GiB");
	assert_null(selection.vars);
	error_free(err);
	/* Without a variable in it its size does not matter. */
	f.num_candidates = 0;
	assert_selects(&f, "v: no-debug-info");
	fixture_deinit(&f);
}

static void type_sizes_go_through_modifiers_and_arrays(void **state)
{
	struct type_store store;
	uint64_t size = 77;

	(void)state;
	store_init(&store);
	add_int(&store);							/* 1 */
	add(&store, TYPE(.kind = GRAPH_PTR, .ref = { 2 }));			/* 2 */
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 2 }, .size = 3));	/* 3 */
	add(&store, TYPE(.kind = GRAPH_VOLATILE, .ref = { 3 }));		/* 4 */
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 4 }, .size = 5));	/* 5 */
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .ref = { 5 }));			/* 6 */
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .ref = { 7 }));			/* 7: itself */
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 1 }, .size = UINT32_MAX)); /* 8 */
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 8 }, .size = UINT32_MAX)); /* 9 */
	assert_false(settled_type_size(&store, (struct type_id){ 0 }, 8, &size));
	assert_false(settled_type_size(&store, (struct type_id){ 7 }, 8, &size));
	assert_int_equal(size, 77);
	assert_true(settled_type_size(&store, (struct type_id){ 6 }, 8, &size));
	assert_int_equal(size, 120);
	assert_true(settled_type_size(&store, (struct type_id){ 6 }, 4, &size));
	assert_int_equal(size, 60);
	assert_true(settled_type_size(&store, (struct type_id){ 8 }, 8, &size));
	assert_int_equal(size, 4ull * UINT32_MAX);
	assert_true(settled_type_size(&store, (struct type_id){ 9 }, 8, &size));
	assert_true(size == UINT64_MAX);
	/* 32 steps are walked, 33 are not. */
	for (int i = 0; i < 33; i++)
		add(&store, TYPE(.kind = GRAPH_CONST, .ref = { i ? 9 + i : 1 }));
	assert_true(settled_type_size(&store, (struct type_id){ 9 + 32 }, 8, &size));
	assert_int_equal(size, 4);
	assert_false(settled_type_size(&store, (struct type_id){ 9 + 33 }, 8, &size));
	store_deinit(&store);
}

static void names_that_are_not_the_variables_own_are_left_out(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "p", 0, 4);
	for (uint8_t use = NAME_OWN; use <= NAME_OF_BASE; use++) {
		struct symtab_symbol *s = symbol(&f, &"abc"[use], 8 * use, 4);

		s->section = OTHER;
		s->name_use = use;
		candidate(&f, &"abc"[use], 8 * use, T_INT)->section = OTHER;
		/* The other name of the place is its own. */
		if (use == NAME_SHARED)
			symbol(&f, "d", 8, 4)->section = OTHER;
	}
	candidate(&f, "p", 0, T_INT);
	assert_selects(&f, ".data..percpu 1000\n"
			   " 0+4 global p 1\n"
			   ".data..other 100\n"
			   " 0+4 global abc 1\n"
			   " 8+4 global d 1\n"
			   "p: encoded, abc: encoded, bc: ambiguous, d: encoded, c: name-of-base");
	fixture_deinit(&f);
}

static void sections_that_are_left_out_leave_all_their_symbols(void **state)
{
	static const char *const names[] = { NULL, "freed", "hypervisor", "not-loaded",
					     "bad-section" };

	(void)state;
	for (uint8_t reason = SECTION_FREED; reason <= SECTION_BAD; reason++) {
		char expected[128];
		struct fixture f;

		fixture_init(&f);
		f.sections[OTHER].left_out = reason;
		symbol(&f, "a", 0, 4)->section = OTHER;
		symbol(&f, "b", 0, 0)->section = OTHER;
		symbol(&f, "c", 4, 4)->section = OTHER;
		candidate(&f, "a", 0, T_INT)->section = OTHER;
		snprintf(expected, sizeof(expected), "a: %s, b: %s, c: %s", names[reason],
			 names[reason], names[reason]);
		assert_selects(&f, expected);
		fixture_deinit(&f);
	}
}

static void a_section_of_many_variables_becomes_several_records(void **state)
{
	enum { NUM = BTF_LIMIT_VLEN_OLD + 1 };
	struct symtab_symbol *symbols = calloc(NUM, sizeof(*symbols));
	struct var_candidate *candidates = calloc(NUM, sizeof(*candidates));

	(void)state;
	assert_non_null(symbols);
	assert_non_null(candidates);
	for (int section = PERCPU; section <= OTHER; section++) {
		struct var_selection selection;
		struct var_select_input input;
		struct fixture f;

		fixture_init(&f);
		f.sections[section].size = 4 * NUM;
		for (uint32_t i = 0; i < NUM; i++) {
			symbols[i] = (struct symtab_symbol){ .name = "v", .section = section,
							     .off = 4 * i, .size = 4, .index = i };
			candidates[i] = (struct var_candidate){ .section = section, .off = 4 * i,
								.name = str(&f.store, "v"),
								.type = { T_INT } };
		}
		input = fixture_input(&f);
		input.symbols = symbols;
		input.candidates = candidates;
		input.num_symbols = input.num_candidates = NUM;
		assert_null(var_select(&input, &selection));
		assert_int_equal(selection.num_vars, NUM);
		assert_int_equal(selection.num_sections, section == PERCPU ? 1 : 2);
		assert_int_equal(selection.sections[0].num_entries,
				 section == PERCPU ? NUM : NUM - 1);
		if (section == OTHER) {
			assert_int_equal(selection.sections[1].num_entries, 1);
			assert_int_equal(selection.sections[1].size, 4 * NUM);
			assert_int_equal(selection.sections[1].entries[0].off, 4 * (NUM - 1));
			assert_int_equal(selection.sections[1].name.v,
					 selection.sections[0].name.v);
		}
		var_selection_deinit(&selection);
		fixture_deinit(&f);
	}
	free(candidates);
	free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_are_not_the_variables_own_are_left_out),
		cmocka_unit_test(sections_that_are_left_out_leave_all_their_symbols),
		cmocka_unit_test(a_section_of_many_variables_becomes_several_records),
		cmocka_unit_test(nothing_gives_nothing),
		cmocka_unit_test(variables_are_sorted_and_have_their_linkage),
		cmocka_unit_test(each_section_has_its_own_list),
		cmocka_unit_test(candidates_at_other_addresses_are_passed_over),
		cmocka_unit_test(the_entry_of_the_symbols_name_wins),
		cmocka_unit_test(among_entries_of_the_name_the_size_decides_then_the_unit),
		cmocka_unit_test(a_type_that_is_too_large_gives_way),
		cmocka_unit_test(a_symbol_may_be_larger_than_its_type),
		cmocka_unit_test(types_without_size_give_no_variable),
		cmocka_unit_test(names_that_do_not_match_need_the_same_size),
		cmocka_unit_test(discarded_variables_at_address_0_do_not_match_by_size),
		cmocka_unit_test(statics_of_functions_are_named_as_their_symbols),
		cmocka_unit_test(a_whole_name_goes_before_a_part),
		cmocka_unit_test(of_aliases_the_entrys_name_then_the_strongest_is_taken),
		cmocka_unit_test(aliases_share_the_outcome_of_their_address),
		cmocka_unit_test(the_size_is_that_of_the_symbol_named),
		cmocka_unit_test(a_name_is_found_among_any_number_of_aliases),
		cmocka_unit_test(the_strongest_of_many_aliases_is_found),
		cmocka_unit_test(of_two_symbols_of_one_name_the_stronger_is_taken),
		cmocka_unit_test(overlapping_variables_leave_the_lower_one),
		cmocka_unit_test(generated_names_are_left_out),
		cmocka_unit_test(bad_names_are_left_out),
		cmocka_unit_test(statics_of_one_name_are_all_kept),
		cmocka_unit_test(sections_of_more_than_4_gib_are_a_limit),
		cmocka_unit_test(type_sizes_go_through_modifiers_and_arrays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
