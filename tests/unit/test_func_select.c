// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* func_select: which symbols become functions, with what prototype, and why the others do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "encode_features.h"
#include "func_select.h"
#include "tests/unit/fake_store.h"

enum { TEXT = 1, INIT = 2, MAX = 64 };

/* Types of every test; those of two words and more are S_. */
enum { T_INT = 1, T_LONG, T_PTR, S_PAIR, S_BIG, S_PACKED, T_TYPEDEF, T_CONST, T_FWD, T_FLOAT,
       T_CONST_VOID, T_PTR_INT, S_WORD };

/* x86-64's registers for arguments. */
enum { RDI = 5, RSI = 4, RDX = 1, RCX = 2, R8 = 8, R9 = 9, RBX = 3 };

struct fixture {
	struct type_store store;
	struct symtab_function symbols[MAX];
	size_t num_symbols;
	struct func_candidate candidates[MAX];
	size_t num_candidates;
	struct func_param params[MAX];
	size_t num_params;
	struct func_tag tags[MAX];
	size_t num_tags;
	struct symtab_kfunc kfuncs[MAX];
	size_t num_kfuncs;
	uint32_t features;
	bool asm_functions;
	bool is_relocatable;
	bool has_abi;
};

static void fixture_init(struct fixture *f)
{
	struct type_store *s = &f->store;
	struct settled_elem *e;

	memset(f, 0, sizeof(*f));
	store_init(s);
	add_int(s);
	add(s, TYPE(.kind = GRAPH_INT, .name = str(s, "long"), .size = 8, .encoding = 1));
	add(s, TYPE(.kind = GRAPH_PTR));
	e = elems(s, 2);
	e[0] = (struct settled_elem){ str(s, "x"), { T_LONG }, 0, 0 };
	e[1] = (struct settled_elem){ str(s, "y"), { T_LONG }, 64, 0 };
	add(s, TYPE(.kind = GRAPH_STRUCT, .name = str(s, "pair"), .size = 16, .num_elems = 2,
		    .elems = e));
	e = elems(s, 3);
	for (int i = 0; i < 3; i++)
		e[i] = (struct settled_elem){ str(s, &"abc"[i]), { T_LONG }, 64 * i, 0 };
	add(s, TYPE(.kind = GRAPH_STRUCT, .name = str(s, "big"), .size = 24, .num_elems = 3,
		    .elems = e));
	e = elems(s, 2);
	e[0] = (struct settled_elem){ str(s, "i"), { T_INT }, 0, 0 };
	e[1] = (struct settled_elem){ str(s, "l"), { T_LONG }, 32, 0 };
	add(s, TYPE(.kind = GRAPH_STRUCT, .name = str(s, "packed"), .size = 12, .num_elems = 2,
		    .elems = e));
	add(s, TYPE(.kind = GRAPH_TYPEDEF, .name = str(s, "packed_t"), .ref = { S_PACKED }));
	add(s, TYPE(.kind = GRAPH_CONST, .ref = { T_TYPEDEF }));
	add(s, TYPE(.kind = GRAPH_FWD_STRUCT, .name = str(s, "fwd")));
	add(s, TYPE(.kind = GRAPH_FLOAT, .name = str(s, "double"), .size = 8));
	add(s, TYPE(.kind = GRAPH_CONST));
	add(s, TYPE(.kind = GRAPH_PTR, .ref = { T_INT }));
	e = elems(s, 1);
	e[0] = (struct settled_elem){ str(s, "w"), { T_LONG }, 0, 0 };
	add(s, TYPE(.kind = GRAPH_STRUCT, .name = str(s, "word"), .size = 8, .num_elems = 1,
		    .elems = e));
	f->features = ENCODE_FEATURES_DEFAULT;
	f->has_abi = true;
}

static void fixture_deinit(struct fixture *f)
{
	store_deinit(&f->store);
}

/* To be added by (section, off). */
static struct symtab_function *symbol(struct fixture *f, const char *name, uint64_t off,
				      uint64_t size)
{
	struct symtab_function *s = &f->symbols[f->num_symbols];
	const char *dot = *name ? strchr(name + 1, '.') : NULL;

	assert_true(f->num_symbols < MAX);
	*s = (struct symtab_function){
		.name = name,
		.name_size = dot ? dot - name : (long)strlen(name),
		.section = TEXT,
		.off = off,
		.size = size,
		.bind = SYMBOL_GLOBAL,
		.index = ++f->num_symbols,
		.is_part = dot && (strstr(dot, ".part") || strstr(dot, ".cold")),
	};
	return s;
}

/* A function of GCC, `void name(void)` so far. */
static struct func_candidate *candidate(struct fixture *f, const char *name, uint64_t off)
{
	struct func_candidate *c = &f->candidates[f->num_candidates];

	assert_true(f->num_candidates < MAX);
	*c = (struct func_candidate){
		.name = str(&f->store, name),
		.first_param = f->num_params,
		.flags = FUNC_HAS_ADDR | FUNC_HAS_PLACES,
		.section = TEXT,
		.off = off,
		.key = 10 * f->num_candidates++,
	};
	return c;
}

static struct func_candidate *absent(struct fixture *f, const char *name)
{
	struct func_candidate *c = candidate(f, name, 0);

	c->flags = 0;
	c->section = 0;
	return c;
}

/* One more parameter of the last candidate. */
static struct place *param(struct fixture *f, uint32_t type, const char *name)
{
	struct func_param *p = &f->params[f->num_params];

	assert_true(f->num_params < MAX);
	*p = (struct func_param){ .name = str(&f->store, name), .type = { type },
				  .place = { .reg = PLACE_NO_REG } };
	f->num_params++;
	f->candidates[f->num_candidates - 1].num_params++;
	return &p->place;
}

/* The same in a register. */
static void param_in(struct fixture *f, uint32_t type, const char *name, uint16_t reg)
{
	struct place *place = param(f, type, name);

	place->kind = PLACE_REGISTER;
	place->reg = reg;
}

/* Bytes off..off+7 of it in a register. */
static void param_piece(struct fixture *f, uint32_t type, const char *name, uint16_t off,
			uint16_t reg)
{
	struct place *place = param(f, type, name);

	place->kind = PLACE_PIECES;
	place->num_pieces = 1;
	place->pieces[0] = (struct place_piece){ .reg = reg, .off = off, .size = 8 };
}

static void tag(struct fixture *f, int32_t component, const char *text)
{
	f->tags[f->num_tags++] = (struct func_tag){
		.candidate = f->num_candidates - 1,
		.component = component,
		.text = str(&f->store, text),
	};
}

static void kfunc(struct fixture *f, const char *name, uint32_t flags)
{
	f->kfuncs[f->num_kfuncs++] = (struct symtab_kfunc){ name, strlen(name), flags };
}

static void print_proto(const struct fixture *f, struct type_id id, FILE *out)
{
	const struct settled_type *proto = type_store_type(&f->store, id);

	assert_int_equal(proto->kind, GRAPH_FUNC_PROTO);
	fputc('(', out);
	for (uint32_t i = 0; i < proto->num_elems; i++)
		fprintf(out, "%s%u %s", i ? ", " : "", proto->elems[i].type.v,
			type_store_string(&f->store, proto->elems[i].name));
	fprintf(out, "%s)%u\n", proto->flags & GRAPH_VARARGS ? "..." : "", proto->ref.v);
}

static struct func_select_input fixture_input(struct fixture *f)
{
	return (struct func_select_input){
		.store = &f->store,
		.abi = f->has_abi ? func_abi_of(EM_X86_64, true, false) : NULL,
		.address_size = 8,
		.symbols = f->symbols,
		.num_symbols = f->num_symbols,
		.candidates = f->candidates,
		.num_candidates = f->num_candidates,
		.params = f->params,
		.tags = f->tags,
		.num_tags = f->num_tags,
		.kfuncs = f->kfuncs,
		.num_kfuncs = f->num_kfuncs,
		.features = f->features,
		.asm_functions = f->asm_functions,
		.is_relocatable = f->is_relocatable,
	};
}

static char *selection_print(const struct fixture *f, const struct func_selection *s)
{
	char *text = NULL;
	size_t text_size, num_symbols = 0;
	FILE *out = open_memstream(&text, &text_size);

	for (uint32_t i = 0; i < s->num_funcs; i++) {
		const struct layout_func *func = &s->funcs[i];

		if (func->linkage == BTF_LINKAGE_GLOBAL)
			fputs("global ", out);
		else
			assert_int_equal(func->linkage, BTF_LINKAGE_STATIC);
		fputs(type_store_string(&f->store, func->name), out);
		print_proto(f, func->proto, out);
		for (uint32_t j = 0; j < s->num_tags; j++) {
			const struct layout_tag *t = &s->tags[j];

			assert_int_equal(t->target, TAG_OF_FUNC);
			assert_false(t->is_attribute);
			assert_true(t->index < s->num_funcs);
			if (t->index == i)
				fprintf(out, " @%s %d\n", type_store_string(&f->store, t->text),
					t->component);
		}
	}
	for (uint32_t i = 0; i < s->num_groups; i++) {
		const struct func_group *g = &s->groups[i];

		fprintf(out, "%s%.*s: %s", i ? ", " : "", (int)g->name_size, g->name,
			func_outcome_name(g->outcome));
		if (g->is_alias)
			fputs(" alias", out);
		if (g->param)
			fprintf(out, " #%u", g->param);
		assert_int_equal(g->outcome == FUNC_ENCODED, g->func != UINT32_MAX);
		if (g->outcome == FUNC_ENCODED)
			assert_memory_equal(type_store_string(&f->store, s->funcs[g->func].name),
					    g->name, g->name_size);
		assert_int_equal(g->first_symbol, num_symbols);
		num_symbols += g->num_symbols;
	}
	assert_int_equal(num_symbols, f->num_symbols);
	fclose(out);
	return text;
}

static void assert_selects(struct fixture *f, const char *expected)
{
	struct func_select_input input = fixture_input(f);
	struct func_selection selection;
	char *text;

	assert_null(func_select(&input, &selection));
	text = selection_print(f, &selection);
	assert_string_equal(text, expected);
	free(text);
	func_selection_deinit(&selection);
}

static void set(struct fixture *f, enum encode_feature feature, bool on)
{
	f->features &= ~ENCODE_FEATURE(feature);
	if (on)
		f->features |= ENCODE_FEATURE(feature);
}

static void nothing_gives_nothing(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_selects(&f, "");
	candidate(&f, "gone", 8);
	assert_selects(&f, "");
	fixture_deinit(&f);
}

static void functions_are_sorted_by_name(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "zeta", 0, 8);
	symbol(&f, "b_", 0x10, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "b", 0x20, 0)->bind = SYMBOL_WEAK;
	symbol(&f, "B", 0x30, 8);
	symbol(&f, "a", 0x40, 8);
	candidate(&f, "zeta", 0)->ret.v = T_INT;
	param_in(&f, T_INT, "i", RDI);
	param_in(&f, T_PTR, "p", RSI);
	candidate(&f, "B", 0x30)->flags |= FUNC_HAS_VARARGS;
	param_in(&f, T_PTR, "format", RDI);
	candidate(&f, "b", 0x20);
	candidate(&f, "b_", 0x10)->ret.v = S_BIG;
	candidate(&f, "none", 0x48);
	assert_selects(&f, "B(3 format...)0\n"
			   "b()0\n"
			   "b_()5\n"
			   "zeta(1 i, 3 p)1\n"
			   "B: encoded, a: no-debug-info, b: encoded, b_: encoded, zeta: encoded");
	fixture_deinit(&f);
}

static void an_entry_starts_in_its_symbols_bytes(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 16);
	symbol(&f, "g", 0x20, 0);
	symbol(&f, "h", 0x30, 8);
	symbol(&f, "i", 0x30, 16)->section = INIT;
	candidate(&f, "f", 0x18);
	candidate(&f, "g", 0x20);
	candidate(&f, "h", 0x37);
	candidate(&f, "i", 0x38)->section = INIT;
	assert_selects(&f, "f()0\ng()0\nh()0\ni()0\n"
			   "f: encoded, g: encoded, h: encoded, i: encoded");
	f.candidates[0].off = 0x21;
	f.candidates[1].off = 0x21;
	f.candidates[2].off = 0x2f;
	f.candidates[3].section = TEXT;
	assert_selects(&f, "f: no-debug-info, g: no-debug-info, h: no-debug-info, "
			   "i: no-debug-info");
	fixture_deinit(&f);
}

static void the_largest_symbol_of_a_name_counts(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 4);
	symbol(&f, "f", 0x10, 16);
	symbol(&f, "f", 0x10, 0);
	candidate(&f, "f", 0x18);
	assert_selects(&f, "f()0\nf: encoded");
	fixture_deinit(&f);
}

static void several_addresses_are_ambiguous(void **state)
{
	struct fixture f;

	(void)state;
	/* Equal prototypes or not, and the last name as well. */
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "z", 0x20, 8);
	symbol(&f, "f", 0x30, 8);
	symbol(&f, "s", 0x30, 8);
	symbol(&f, "z.isra.0", 0x40, 8);
	symbol(&f, "s", 0x30, 8)->section = INIT;
	candidate(&f, "f", 0x10);
	candidate(&f, "f", 0x30);
	candidate(&f, "z", 0x20);
	candidate(&f, "z", 0x40);
	candidate(&f, "s", 0x30);
	candidate(&f, "s", 0x30)->section = INIT;
	assert_selects(&f, "f: ambiguous, s: ambiguous, z: ambiguous");
	fixture_deinit(&f);
}

static void parts_are_no_functions(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "f.cold", 0x20, 8);
	symbol(&f, "g.part.0", 0x30, 8);
	symbol(&f, "g.constprop.0.cold", 0x40, 8);
	candidate(&f, "f", 0x10);
	candidate(&f, "f", 0x20)->ret.v = T_INT;
	candidate(&f, "g", 0x30);
	assert_selects(&f, "f()0\nf: encoded, g: part");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f()0\nf: encoded, g: part");
	/* Nor do they lend their entries to others. */
	candidate(&f, "h", 0x40);
	symbol(&f, "h", 0x50, 8);
	assert_selects(&f, "f()0\nf: encoded, g: part, h: no-debug-info");
	fixture_deinit(&f);
}

static void differing_prototypes_are_inconsistent(void **state)
{
	struct fixture f;

	(void)state;
	for (int i = 0; i < 5; i++) {
		fixture_init(&f);
		symbol(&f, "f", 0x10, 8);
		candidate(&f, "f", 0x10)->ret.v = T_INT;
		param_in(&f, T_INT, "a", RDI);
		param_in(&f, T_LONG, "b", RSI);
		candidate(&f, "f", 0x14)->ret.v = i == 0 ? T_LONG : T_INT;
		f.candidates[1].flags |= i == 1 ? FUNC_HAS_VARARGS : 0;
		if (i != 2)
			param_in(&f, i == 3 ? T_LONG : T_INT, "c", RDI);
		param_in(&f, T_LONG, "d", RSI);
		/* Names do not matter, nor does what is elsewhere. */
		if (i == 4) {
			candidate(&f, "f", 0x20);
			absent(&f, "f");
		}
		assert_selects(&f, i == 4 ? "f(1 a, 2 b)1\nf: encoded" : "f: inconsistent");
		set(&f, FEATURE_CONSISTENT_FUNC, false);
		assert_selects(&f, "f(1 a, 2 b)1\nf: encoded");
		fixture_deinit(&f);
	}
}

static void an_alias_takes_the_strongest_symbols_prototype(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "local", 0x10, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "weak", 0x10, 8)->bind = SYMBOL_WEAK;
	symbol(&f, "alias", 0x10, 8);
	symbol(&f, "inner", 0x14, 4);
	candidate(&f, "local", 0x10)->ret.v = T_INT;
	candidate(&f, "weak", 0x10)->ret.v = T_LONG;
	assert_selects(&f, "global alias()2\nlocal()1\nweak()2\n"
			   "alias: encoded alias, inner: no-debug-info, local: encoded, "
			   "weak: encoded");
	/* Lower index among equals. */
	f.symbols[0].bind = SYMBOL_WEAK;
	assert_selects(&f, "global alias()1\nlocal()1\nweak()2\n"
			   "alias: encoded alias, inner: no-debug-info, local: encoded, "
			   "weak: encoded");
	/* An entry of its own name, without an address, goes before. */
	absent(&f, "alias")->ret.v = T_PTR;
	assert_selects(&f, "alias()3\nlocal()1\nweak()2\n"
			   "alias: encoded, inner: no-debug-info, local: encoded, weak: encoded");
	/* These must agree. */
	absent(&f, "alias")->ret.v = T_LONG;
	assert_selects(&f, "local()1\nweak()2\n"
			   "alias: inconsistent, inner: no-debug-info, local: encoded, "
			   "weak: encoded");
	set(&f, FEATURE_CONSISTENT_FUNC, false);
	assert_selects(&f, "alias()3\nlocal()1\nweak()2\n"
			   "alias: encoded, inner: no-debug-info, local: encoded, weak: encoded");
	fixture_deinit(&f);
}

static void an_entry_of_another_name_is_taken_if_no_symbol_has_it_there(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "__pi_f", 0x10, 16);
	symbol(&f, "f", 0x20, 16);
	symbol(&f, "g", 0x30, 8);
	symbol(&f, "g_base", 0x40, 8);
	candidate(&f, "f", 0x10)->ret.v = T_INT;
	candidate(&f, "g", 0x40)->ret.v = T_LONG;
	candidate(&f, "g", 0x30)->flags |= FUNC_IN_ASM_UNIT;
	candidate(&f, "inner", 0x18)->ret.v = T_PTR;
	assert_selects(&f, "global __pi_f()1\nglobal g_base()2\n__pi_f: encoded alias, f: no-debug-info, "
			   "g: assembler, g_base: encoded alias");
	/* The lowest of them; several there have to agree. */
	candidate(&f, "other", 0x10)->ret.v = T_LONG;
	assert_selects(&f, "global g_base()2\n__pi_f: inconsistent alias, f: no-debug-info, "
			   "g: assembler, g_base: encoded alias");
	f.candidates[0].off = 0x14;
	assert_selects(&f, "global __pi_f()2\nglobal g_base()2\n__pi_f: encoded alias, f: no-debug-info, "
			   "g: assembler, g_base: encoded alias");
	/* A symbol that has an entry of its own name goes before. */
	symbol(&f, "z", 0x40, 8);
	candidate(&f, "z", 0x40);
	assert_selects(&f, "global __pi_f()2\nglobal g_base()0\nz()0\n__pi_f: encoded alias, "
			   "f: no-debug-info, g: assembler, g_base: encoded alias, z: encoded");
	fixture_deinit(&f);
}

static void entries_without_an_address_are_better_with_names(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "alias", 0x10, 8);
	symbol(&f, "f", 0x10, 8);
	absent(&f, "alias");
	param(&f, T_INT, "");
	assert_selects(&f, "alias: unnamed-parameter, f: no-debug-info");
	absent(&f, "alias");
	param(&f, T_INT, "second");
	absent(&f, "alias");
	param(&f, T_INT, "third");
	assert_selects(&f, "alias(1 second)0\nalias: encoded, f: no-debug-info");
	/* Without names the code's entry is. */
	f.num_candidates = f.num_params = 0;
	absent(&f, "alias");
	param(&f, T_INT, "");
	candidate(&f, "f", 0x10);
	param_in(&f, T_LONG, "a", RDI);
	assert_selects(&f, "global alias(2 a)0\nf(2 a)0\nalias: encoded alias, f: encoded");
	fixture_deinit(&f);
}

static void an_alias_shares_what_is_wrong_with_the_code(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "alias", 0x10, 8);
	symbol(&f, "f.isra.0", 0x10, 8);
	candidate(&f, "f", 0x10);
	param(&f, T_INT, "a");
	assert_selects(&f, "alias: optimized alias, f: optimized");
	/* Also with a prototype of its own. */
	absent(&f, "alias")->ret.v = T_INT;
	assert_selects(&f, "alias: optimized, f: optimized");
	/* Entries that differ differ for all. */
	f.num_candidates = f.num_params = 0;
	f.symbols[1] = *symbol(&f, "f", 0x10, 8);
	f.num_symbols = 2;
	candidate(&f, "f", 0x10);
	candidate(&f, "f", 0x10)->ret.v = T_INT;
	assert_selects(&f, "alias: inconsistent alias, f: inconsistent");
	fixture_deinit(&f);
}

static void an_entry_without_an_address_tells_of_a_name_alone(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "g.constprop.0", 0x20, 8);
	absent(&f, "f")->ret.v = T_INT;
	param(&f, T_INT, "a");
	absent(&f, "g")->ret.v = T_INT;
	assert_selects(&f, "f(1 a)1\nf: encoded, g: no-debug-info");
	absent(&f, "f")->ret.v = T_LONG;
	assert_selects(&f, "f: inconsistent, g: no-debug-info");
	/* Not if an assembler's entry is there. */
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_ASM_UNIT;
	assert_selects(&f, "f: assembler, g: no-debug-info");
	fixture_deinit(&f);
}

static void linkage_is_that_of_the_source(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "alias", 0x10, 8)->bind = SYMBOL_WEAK;
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "hidden", 0x20, 8)->bind = SYMBOL_LOCAL;
	f.symbols[2].visibility = 2;
	symbol(&f, "local", 0x30, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "s", 0x40, 8);
	symbol(&f, "t", 0x40, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "twice", 0x50, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "twice", 0x50, 8);
	symbol(&f, "weak", 0x60, 8)->bind = SYMBOL_WEAK;
	candidate(&f, "f", 0x10)->flags |= FUNC_IS_EXTERNAL;
	candidate(&f, "hidden", 0x20)->flags |= FUNC_IS_EXTERNAL;
	candidate(&f, "local", 0x30)->flags |= FUNC_IS_EXTERNAL;
	candidate(&f, "s", 0x40);
	candidate(&f, "twice", 0x50)->flags |= FUNC_IS_EXTERNAL;
	absent(&f, "weak")->flags |= FUNC_IS_EXTERNAL;
	assert_selects(&f, "global alias()0\nglobal f()0\nglobal hidden()0\nlocal()0\ns()0\nt()0\n"
			   "global twice()0\nglobal weak()0\n"
			   "alias: encoded alias, f: encoded, hidden: encoded, local: encoded, "
			   "s: encoded, t: encoded alias, twice: encoded, weak: encoded");
	/* An alias goes by its own symbol, whatever its candidate is. */
	f.candidates[0].flags &= ~FUNC_IS_EXTERNAL;
	f.num_symbols = 2;
	assert_selects(&f, "global alias()0\nf()0\nalias: encoded alias, f: encoded");
	fixture_deinit(&f);
}

static void assemblers_know_no_prototype(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "alias", 0x10, 8);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_ASM_UNIT;
	param(&f, T_INT, "a");
	tag(&f, -1, "whole");
	tag(&f, 0, "first");
	f.candidates[0].ret.v = T_INT;
	absent(&f, "alias")->ret.v = T_INT;
	assert_selects(&f, "alias: assembler alias, f: assembler");
	f.asm_functions = true;
	assert_selects(&f, "global alias()0\n @whole -1\nf()0\n @whole -1\n"
			   "alias: encoded alias, f: encoded");
	/* A C entry at the same place knows better. */
	candidate(&f, "f", 0x10)->ret.v = T_LONG;
	f.asm_functions = false;
	f.num_tags = 0;
	assert_selects(&f, "alias()1\nf()2\nalias: encoded, f: encoded");
	fixture_deinit(&f);
}

static void a_suffix_alone_changes_nothing(void **state)
{
	static const char *const names[] = {
		"f.llvm.123", "f.lto_priv.0", "f.lto_priv.0.llvm.9", "f.localalias", "f.12",
		"f.__uniq.33",
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char expected[100];

		fixture_init(&f);
		symbol(&f, names[i], 0x10, 8);
		candidate(&f, "f", 0x10);
		param(&f, T_INT, "gone");
		param_in(&f, T_INT, "moved", RDX);
		assert_selects(&f, "f(1 gone, 1 moved)0\nf: encoded");
		set(&f, FEATURE_OPTIMIZED_FUNC, false);
		assert_selects(&f, "f: renamed");
		set(&f, FEATURE_TRUE_SIGNATURE, true);
		snprintf(expected, sizeof(expected), "%s(1 gone, 1 moved)0\n%s: encoded", names[i],
			 names[i]);
		assert_selects(&f, expected);
		fixture_deinit(&f);
	}
}

static void suspects_need_every_parameter_in_place(void **state)
{
	static const char *const names[] = {
		"f.isra.0", "f.constprop.0", "f.constprop.0.isra.0", "f.lto_priv.0.isra.0",
		"f.isra.0.llvm.1", "f.unheard", "f..", "f.",
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct place *place;

		fixture_init(&f);
		symbol(&f, names[i], 0x10, 8);
		candidate(&f, "f", 0x10);
		param_in(&f, T_INT, "a", RDI);
		place = param(&f, T_LONG, "b");
		place->kind = PLACE_REGISTER;
		place->reg = RSI;
		assert_selects(&f, "f(1 a, 2 b)0\nf: encoded");
		set(&f, FEATURE_OPTIMIZED_FUNC, false);
		assert_selects(&f, "f: renamed");
		set(&f, FEATURE_OPTIMIZED_FUNC, true);
		place->reg = RDX;
		assert_selects(&f, "f: moved #1");
		place->reg = RBX;
		assert_selects(&f, "f: optimized #1");
		place->kind = PLACE_OTHER;
		assert_selects(&f, "f: optimized #1");
		place->kind = PLACE_CONSTANT;
		assert_selects(&f, "f: optimized #1");
		place->kind = PLACE_NONE;
		assert_selects(&f, "f: optimized #1");
		place->kind = PLACE_STACK;
		f.candidates[0].flags |= FUNC_IS_REORDERED;
		assert_selects(&f, "f: reordered");
		/* Places that were not read prove nothing. */
		f.candidates[0].flags &= ~FUNC_HAS_PLACES;
		assert_selects(&f, "f: optimized");
		f.candidates[0].num_params = 0;
		f.candidates[0].flags &= ~FUNC_IS_REORDERED;
		assert_selects(&f, "f()0\nf: encoded");
		f.candidates[0].num_params = 2;
		f.candidates[0].flags |= FUNC_HAS_PLACES;
		/* Without a table of registers nothing is known. */
		f.candidates[0].flags &= ~FUNC_IS_REORDERED;
		place->kind = PLACE_NONE;
		f.has_abi = false;
		assert_selects(&f, "f(1 a, 2 b)0\nf: encoded");
		fixture_deinit(&f);
	}
}

static void functions_of_gcc_with_their_own_name_are_as_declared(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10);
	param_in(&f, T_INT, "a", RCX);
	param(&f, T_INT, "b");
	param_in(&f, T_INT, "c", RBX);
	assert_selects(&f, "f(1 a, 1 b, 1 c)0\nf: encoded");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f(1 a, 1 b, 1 c)0\nf: encoded");
	/* A symbol without suffix at the place of a clone: the code is that of the name. */
	symbol(&f, "f.localalias", 0x10, 8);
	set(&f, FEATURE_TRUE_SIGNATURE, false);
	assert_selects(&f, "f(1 a, 1 b, 1 c)0\nf: encoded");
	/* An entry in another order is believed if the registers are. */
	f.candidates[0].flags |= FUNC_IS_REORDERED;
	assert_selects(&f, "f: reordered");
	f.params[0].place.reg = RDI;
	f.params[2].place.reg = RDX;
	assert_selects(&f, "f(1 a, 1 b, 1 c)0\nf: encoded");
	fixture_deinit(&f);
}

static void clang_tells_what_it_changed_or_the_registers_do(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_CLANG_UNIT;
	param_in(&f, T_INT, "a", RDI);
	param(&f, T_INT, "unused");
	param_in(&f, T_INT, "c", RDX);
	assert_selects(&f, "f(1 a, 1 unused, 1 c)0\nf: encoded");
	f.candidates[0].flags |= FUNC_HAS_NOCALL;
	assert_selects(&f, "f: optimized #1");
	f.candidates[0].flags &= ~FUNC_HAS_NOCALL;
	f.params[2].place.reg = RSI;
	assert_selects(&f, "f: moved #2");
	f.candidates[0].flags |= FUNC_IS_EXTERNAL;
	assert_selects(&f, "global f(1 a, 1 unused, 1 c)0\nf: encoded");
	f.candidates[0].flags |= FUNC_HAS_NOCALL;
	f.params[1].place = (struct place){ .kind = PLACE_STACK };
	assert_selects(&f, "f: moved #2");
	/* Later places prove nothing, but where clang says that it changed something. */
	f.params[2].place.is_late = true;
	assert_selects(&f, "f: optimized #1");
	f.params[1].place = (struct place){ .kind = PLACE_REGISTER, .reg = RSI };
	assert_selects(&f, "f: optimized #2");
	f.candidates[0].flags &= ~(FUNC_HAS_NOCALL | FUNC_IS_EXTERNAL);
	assert_selects(&f, "f(1 a, 1 unused, 1 c)0\nf: encoded");
	fixture_deinit(&f);
}

static void packed_aggregates_on_the_stack_are_uncertain(void **state)
{
	static const uint32_t types[] = { S_PACKED, T_TYPEDEF, T_CONST };
	struct fixture f;

	(void)state;
	for (int clang = 0; clang < 2; clang++) {
		for (size_t i = 0; i < 3; i++) {
			fixture_init(&f);
			symbol(&f, "f", 0x10, 8);
			candidate(&f, "f", 0x10)->flags |= clang ? FUNC_IN_CLANG_UNIT : 0;
			param_in(&f, T_INT, "a", RDI);
			param(&f, S_BIG, "b")->kind = PLACE_STACK;
			assert_selects(&f, "f(1 a, 5 b)0\nf: encoded");
			param(&f, types[i], "c")->kind = PLACE_STACK;
			assert_selects(&f, "f: uncertain #2");
			f.has_abi = false;
			set(&f, FEATURE_TRUE_SIGNATURE, true);
			f.params[2].type.v = T_INT;
			assert_selects(&f, "f(1 a, 5 b, 1 c)0\nf: encoded");
			fixture_deinit(&f);
		}
	}
}

static void kernels_ask_for_names_and_sizes(void **state)
{
	static const struct {
		uint32_t type;
		const char *name, *expected;
	} cases[] = {
		{ T_INT, "", "f: unnamed-parameter #1" },
		{ T_INT, "1", "f: unnamed-parameter #1" },
		{ T_FWD, "b", "f: bad-type #1" },
		{ 0, "b", "f: bad-type #1" },
		{ T_CONST_VOID, "b", "f: bad-type #1" },
		{ T_FLOAT, "b", "f(1 a, 10 b)0\nf: encoded" },
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fixture_init(&f);
		symbol(&f, "f", 0x10, 8);
		candidate(&f, "f", 0x10);
		param_in(&f, T_INT, "a", RDI);
		param(&f, cases[i].type, cases[i].name);
		assert_selects(&f, cases[i].expected);
		fixture_deinit(&f);
	}
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->ret.v = T_FWD;
	assert_selects(&f, "f: bad-type");
	f.candidates[0].ret.v = T_CONST_VOID;
	assert_selects(&f, "f()0\nf: encoded");
	fixture_deinit(&f);
}

static void names_are_identifiers(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "$x", 0x10, 8);
	symbol(&f, ".f", 0x20, 8);
	symbol(&f, "f.isra-0", 0x30, 8);
	candidate(&f, "$x", 0x10);
	candidate(&f, ".f", 0x20);
	candidate(&f, "f", 0x30);
	assert_selects(&f, ".f()0\nf()0\n$x: bad-name, .f: encoded, f: encoded");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, ".f()0\n$x: bad-name, .f: encoded, f.isra-0: bad-name");
	fixture_deinit(&f);
}

static void names_that_every_module_has(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "begin", 0x10, 8)->bind = SYMBOL_LOCAL;
	symbol(&f, "init_module", 0x10, 8);
	symbol(&f, "init_module2", 0x10, 8);
	symbol(&f, "cleanup_module", 0x20, 8);
	candidate(&f, "begin", 0x10);
	candidate(&f, "cleanup_module", 0x20);
	assert_selects(&f, "begin()0\ncleanup_module()0\nglobal init_module()0\nglobal init_module2()0\n"
			   "begin: encoded, cleanup_module: encoded, init_module: encoded alias, "
			   "init_module2: encoded alias");
	f.is_relocatable = true;
	assert_selects(&f, "begin()0\ncleanup_module()0\nglobal init_module2()0\n"
			   "begin: encoded, cleanup_module: encoded, init_module: module-entry alias, "
			   "init_module2: encoded alias");
	absent(&f, "init_module");
	assert_selects(&f, "begin()0\ncleanup_module()0\nglobal init_module2()0\n"
			   "begin: encoded, cleanup_module: encoded, init_module: module-entry, "
			   "init_module2: encoded alias");
	fixture_deinit(&f);
}

static void tags_follow_their_candidate(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "alias", 0x10, 8);
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "g", 0x20, 8);
	candidate(&f, "g", 0x20);
	param_in(&f, T_INT, "a", RDI);
	param_in(&f, T_INT, "b", RSI);
	tag(&f, -1, "one");
	tag(&f, 1, "two");
	tag(&f, 2, "beyond");
	candidate(&f, "x", 0x20);
	tag(&f, -1, "nobody's");
	candidate(&f, "f", 0x10);
	tag(&f, -1, "three");
	assert_selects(&f, "global alias()0\n @three -1\nf()0\n @three -1\n"
			   "g(1 a, 1 b)0\n @one -1\n @two 1\n"
			   "alias: encoded alias, f: encoded, g: encoded");
	set(&f, FEATURE_DECL_TAG, false);
	assert_selects(&f, "global alias()0\nf()0\ng(1 a, 1 b)0\n"
			   "alias: encoded alias, f: encoded, g: encoded");
	fixture_deinit(&f);
}

static void kfuncs_are_tagged(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "fast", 0x10, 8);
	symbol(&f, "fas", 0x20, 8);
	symbol(&f, "plain", 0x30, 8);
	kfunc(&f, "fast", 1 << 12);
	kfunc(&f, "none", 1 << 12);
	kfunc(&f, "plain", 1 << 3);
	candidate(&f, "fast", 0x10);
	candidate(&f, "fas", 0x20);
	candidate(&f, "plain", 0x30);
	assert_selects(&f, "fas()0\nfast()0\n @bpf_kfunc -1\n @bpf_fastcall -1\n"
			   "plain()0\n @bpf_kfunc -1\nfas: encoded, fast: encoded, plain: encoded");
	set(&f, FEATURE_DECL_TAG_KFUNCS, false);
	assert_selects(&f, "fas()0\nfast()0\nplain()0\n"
			   "fas: encoded, fast: encoded, plain: encoded");
	set(&f, FEATURE_DECL_TAG_KFUNCS, true);
	set(&f, FEATURE_DECL_TAG, false);
	assert_selects(&f, "fas()0\nfast()0\nplain()0\n"
			   "fas: encoded, fast: encoded, plain: encoded");
	fixture_deinit(&f);
}

static void kfuncs_keep_their_tags_with_true_signatures(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "f.constprop.0", 0x20, 8);
	symbol(&f, "g.llvm.77", 0x30, 8);
	kfunc(&f, "f", 0);
	kfunc(&f, "g", 0);
	candidate(&f, "f", 0x10);
	candidate(&f, "f", 0x20);
	candidate(&f, "g", 0x30);
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f()0\n @bpf_kfunc -1\nf.constprop.0()0\ng.llvm.77()0\n @bpf_kfunc -1\n"
			   "f: encoded, f.constprop.0: encoded, g.llvm.77: encoded");
	fixture_deinit(&f);
}

static void arena_pointers_get_an_address_space(void **state)
{
	struct fixture f;
	const struct settled_type *type;

	(void)state;
	for (int i = 0; i < 2; i++) {
		fixture_init(&f);
		symbol(&f, "f", 0x10, 8);
		symbol(&f, "g", 0x20, 8);
		kfunc(&f, "f", 7 << 13);
		kfunc(&f, "g", 1 << 15);
		candidate(&f, "f", 0x10)->ret.v = T_PTR_INT;
		param_in(&f, T_PTR, "a", RDI);
		param_in(&f, T_PTR_INT, "b", RSI);
		param_in(&f, T_PTR_INT, "c", RDX);
		candidate(&f, "g", 0x20)->ret.v = T_PTR;
		param_in(&f, T_PTR, "a", RDI);
		param_in(&f, T_LONG, "b", RSI);
		set(&f, FEATURE_DECL_TAG, false);
		if (i) {
			assert_selects(&f, "f(3 a, 12 b, 12 c)12\ng(3 a, 2 b)3\n"
					   "f: encoded, g: encoded");
			fixture_deinit(&f);
			continue;
		}
		set(&f, FEATURE_ATTRIBUTES, true);
		assert_selects(&f, "f(17 a, 15 b, 12 c)15\ng(3 a, 2 b)3\nf: encoded, g: encoded");
		type = type_store_type(&f.store, (struct type_id){ 15 });
		assert_int_equal(type->kind, GRAPH_PTR);
		assert_int_equal(type->ref.v, 14);
		type = type_store_type(&f.store, type->ref);
		assert_int_equal(type->kind, GRAPH_TYPE_TAG);
		assert_int_equal(type->flags, GRAPH_ATTRIBUTE);
		assert_string_equal(type_store_string(&f.store, type->name), "address_space(1)");
		assert_int_equal(type->ref.v, T_INT);
		type = type_store_type(&f.store, (struct type_id){ 17 });
		assert_int_equal(type->kind, GRAPH_PTR);
		assert_int_equal(type->ref.v, 16);
		/* What has it already does not get it twice. */
		f.params[1].type.v = 15;
		assert_selects(&f, "f(17 a, 15 b, 12 c)15\ng(3 a, 2 b)3\nf: encoded, g: encoded");
		fixture_deinit(&f);
	}
}

static void clones_do_not_make_their_origin_ambiguous(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	symbol(&f, "f.constprop.0", 0x20, 8);
	symbol(&f, "f.constprop.1", 0x30, 8);
	symbol(&f, "f.isra.0", 0x40, 8);
	symbol(&f, "f.isra.0", 0x50, 8);
	for (int i = 1; i <= 5; i++) {
		candidate(&f, "f", 0x10 * i)->ret.v = T_INT;
		param_in(&f, T_INT, "a", RDI);
		if (i == 2)
			param(&f, T_INT, "b")->kind = PLACE_CONSTANT;
		else
			param_in(&f, T_INT, "b", RSI);
		param_in(&f, T_LONG, "c", i == 2 ? RSI : i == 3 ? RCX : RDX);
	}
	assert_selects(&f, "f: ambiguous");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f(1 a, 1 b, 2 c)1\n"
			   "f.constprop.0(1 a, 2 c)1\n"
			   "f: encoded, f.constprop.0: encoded, f.constprop.1: moved #2, "
			   "f.isra.0: ambiguous");
	fixture_deinit(&f);
}

static void tags_of_parameters_are_renumbered(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	symbol(&f, "f.isra.0", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_HAS_VARARGS | FUNC_IS_REORDERED;
	param(&f, T_INT, "a");
	param_in(&f, T_INT, "b", RDI);
	param(&f, T_PTR, "c");
	param_in(&f, T_INT, "d", RSI);
	tag(&f, -1, "whole");
	tag(&f, 0, "a");
	tag(&f, 1, "b");
	tag(&f, 2, "c");
	tag(&f, 3, "d");
	assert_selects(&f, "f.isra.0(1 b, 1 d...)0\n @whole -1\n @b 0\n @d 1\n"
			   "f.isra.0: encoded");
	fixture_deinit(&f);
}

static void a_reordered_clone_is_written_as_the_registers_say(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f.isra.0", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IS_REORDERED;
	param_in(&f, T_INT, "a", RSI);
	param(&f, T_LONG, "b");
	param_in(&f, T_PTR, "c", RDI);
	tag(&f, 0, "a");
	tag(&f, 1, "b");
	tag(&f, 2, "c");
	assert_selects(&f, "f: optimized #1");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f.isra.0(3 c, 1 a)0\n @a 1\n @c 0\nf.isra.0: encoded");
	f.params[0].place.reg = RDX;
	assert_selects(&f, "f.isra.0: optimized #1");
	f.params[0].place.reg = RSI;
	f.candidates[0].flags &= ~FUNC_IS_REORDERED;
	assert_selects(&f, "f.isra.0: optimized #1");
	/* In the order of the entry if that is right, with or without the feature. */
	f.candidates[0].flags |= FUNC_IS_REORDERED;
	f.params[0].place.reg = RDI;
	f.params[1].place = (struct place){ .kind = PLACE_REGISTER, .reg = RSI };
	f.params[2].place.reg = RDX;
	assert_selects(&f, "f.isra.0(1 a, 2 b, 3 c)0\n @a 0\n @b 1\n @c 2\nf.isra.0: encoded");
	set(&f, FEATURE_TRUE_SIGNATURE, false);
	assert_selects(&f, "f(1 a, 2 b, 3 c)0\n @a 0\n @b 1\n @c 2\nf: encoded");
	f.params[1].place.reg = RDX;
	f.params[2].place.reg = RSI;
	assert_selects(&f, "f: reordered #1");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f.isra.0(1 a, 3 c, 2 b)0\n @a 0\n @b 2\n @c 1\nf.isra.0: encoded");
	fixture_deinit(&f);
}

static void clang_may_lose_places(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_CLANG_UNIT | FUNC_HAS_NOCALL;
	param(&f, T_INT, "a");
	param(&f, T_INT, "b");
	assert_selects(&f, "f: optimized");
	f.params[0].place = (struct place){ .kind = PLACE_REGISTER, .reg = RDI };
	assert_selects(&f, "f(1 a)0\nf: encoded");
	fixture_deinit(&f);
}

static void gaps_on_the_stack_are_not_seen(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_CLANG_UNIT;
	param(&f, S_BIG, "s");
	param_in(&f, T_INT, "i", RDI);
	assert_selects(&f, "f(5 s, 1 i)0\nf: encoded");
	param(&f, S_BIG, "t")->kind = PLACE_STACK;
	assert_selects(&f, "f: moved #2");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f: moved #2");
	f.params[0].place.kind = PLACE_STACK;
	assert_selects(&f, "f(5 s, 1 i, 5 t)0\nf: encoded");
	/* What clang says to have changed may have lost the place of the last one. */
	f.params[2].place.kind = PLACE_NONE;
	f.params[2].type.v = S_PACKED;
	f.candidates[0].flags |= FUNC_HAS_NOCALL;
	assert_selects(&f, "f: optimized #2");
	f.params[2].place.kind = PLACE_CONSTANT;
	assert_selects(&f, "f(5 s, 1 i)0\nf: encoded");
	f.num_candidates = f.num_params = 0;
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_CLANG_UNIT | FUNC_HAS_NOCALL;
	for (int i = 0; i < 6; i++)
		param_in(&f, T_INT, "i", (const int[]){ RDI, RSI, RDX, RCX, R8, R9 }[i]);
	param(&f, T_INT, "last");
	assert_selects(&f, "f: optimized #6");
	f.candidates[0].num_params = 5;
	f.candidates[0].first_param = 1;
	assert_selects(&f, "f: moved");
	f.candidates[0].num_params = 6;
	f.candidates[0].first_param = 0;
	f.params[5].place.kind = PLACE_NONE;
	assert_selects(&f, "f(1 i, 1 i, 1 i, 1 i, 1 i)0\nf: encoded");
	fixture_deinit(&f);
}

static void a_true_signature_has_to_be_known(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	symbol(&f, "f.isra.0", 0x10, 8);
	candidate(&f, "f", 0x10);
	param_in(&f, T_INT, "a", RDI);
	param(&f, T_PTR, "p");
	/* What it points to may be passed instead. */
	assert_selects(&f, "f.isra.0: optimized #1");
	f.params[1].place.kind = PLACE_CONSTANT;
	assert_selects(&f, "f.isra.0(1 a)0\nf.isra.0: encoded");
	f.params[1].place.kind = PLACE_NONE;
	f.symbols[0].name = "f.constprop.0.llvm.1";
	assert_selects(&f, "f.constprop.0.llvm.1(1 a)0\nf.constprop.0.llvm.1: encoded");
	f.symbols[0].name = "f.constprop.0.isra.0";
	assert_selects(&f, "f.constprop.0.isra.0: optimized #1");
	f.symbols[0].name = "f.isra.0";
	f.params[1].type.v = S_PAIR;
	assert_selects(&f, "f.isra.0: optimized #1");
	f.params[1].type.v = T_LONG;
	assert_selects(&f, "f.isra.0(1 a)0\nf.isra.0: encoded");
	f.params[1].type.v = T_PTR;
	param_in(&f, T_INT, "b", RSI);
	assert_selects(&f, "f.isra.0(1 a, 1 b)0\nf.isra.0: encoded");
	f.params[2].place.reg = RDX;
	assert_selects(&f, "f.isra.0: optimized #1");
	f.params[2].place.kind = PLACE_STACK;
	assert_selects(&f, "f.isra.0: optimized #1");
	f.params[2].place.kind = PLACE_OTHER;
	assert_selects(&f, "f.isra.0: optimized #1");
	/* Nothing at all may be left. */
	f.candidates[0].num_params = 1;
	f.params[0].place.kind = PLACE_NONE;
	assert_selects(&f, "f.isra.0()0\nf.isra.0: encoded");
	fixture_deinit(&f);
}

static void a_member_may_be_all_that_is_passed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_CLANG_UNIT | FUNC_HAS_NOCALL;
	param(&f, T_INT, "gone");
	param_piece(&f, S_PAIR, "s", 8, RDI);
	param_piece(&f, S_BIG, "t", 16, RSI);
	param_in(&f, T_INT, "i", RDX);
	tag(&f, 3, "i");
	assert_selects(&f, "f: optimized");
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	assert_selects(&f, "f(2 s__y, 2 t__c, 1 i)0\n @i 2\nf: encoded");
	fixture_deinit(&f);
}

/*
 * Random inputs against the rules as they are written, with a loop for each "there is".
 */
struct rules {
	const struct fixture *f;
	uint32_t features;
};

static bool rules_has(const struct rules *r, enum encode_feature feature)
{
	return encode_has(r->features, feature);
}

static bool symbol_has_name(const struct fixture *f, size_t i, uint32_t name)
{
	const struct symtab_function *s = &f->symbols[i];
	const char *string = type_store_string(&f->store, (struct str_id){ name });

	return !s->is_part && strlen(string) == s->name_size &&
	       !memcmp(string, s->name, s->name_size);
}

static bool symbols_meet(const struct fixture *f, size_t a, size_t b)
{
	return f->symbols[a].section == f->symbols[b].section &&
	       f->symbols[a].off == f->symbols[b].off;
}

static uint32_t name_of(const struct fixture *f, size_t i)
{
	for (uint32_t name = 0; name < f->store.strings.num; name++) {
		if (symbol_has_name(f, i, name))
			return name;
	}
	return 0; /* of no candidate */
}

static bool candidate_is_at(const struct fixture *f, const struct func_candidate *c, size_t symbol)
{
	const struct symtab_function *at = &f->symbols[symbol];
	uint64_t size = 1;

	if (!(c->flags & FUNC_HAS_ADDR) || !symbol_has_name(f, symbol, c->name.v) ||
	    c->section != at->section || c->off < at->off)
		return false;
	for (size_t i = 0; i < f->num_symbols; i++) {
		const struct symtab_function *s = &f->symbols[i];

		if (!symbol_has_name(f, i, c->name.v) || s->section != at->section)
			continue;
		if (s->off == at->off && s->size > size)
			size = s->size;
		if (s->off > at->off && s->off <= c->off)
			return false;
	}
	return c->off - at->off < size;
}

static bool prototypes_differ(const struct func_candidate *a, const struct func_candidate *b)
{
	return a->ret.v != b->ret.v;
}

static const struct func_candidate *rules_at(const struct rules *r, size_t symbol, bool *ret_differs)
{
	const struct func_candidate *found = NULL;

	*ret_differs = false;
	for (int is_asm = 0; is_asm < 2 && !found; is_asm++) {
		for (size_t i = 0; i < r->f->num_candidates; i++) {
			const struct func_candidate *c = &r->f->candidates[i];

			if (!!(c->flags & FUNC_IN_ASM_UNIT) != is_asm ||
			    !candidate_is_at(r->f, c, symbol))
				continue;
			if (!found)
				found = c;
			else if (!is_asm && prototypes_differ(found, c))
				*ret_differs = true;
		}
	}
	return found;
}

/* Candidates that start in the bytes of an address' symbols and have the name of none there. */
static const struct func_candidate *rules_stranger(const struct rules *r, size_t symbol,
						   bool *ret_differs)
{
	const struct fixture *f = r->f;
	const struct symtab_function *at = &f->symbols[symbol];
	const struct func_candidate *found = NULL;
	uint64_t size = 1;

	*ret_differs = false;
	for (size_t i = 0; i < f->num_symbols; i++) {
		if (symbols_meet(f, i, symbol) && f->symbols[i].size > size)
			size = f->symbols[i].size;
	}
	for (uint64_t off = at->off; off < at->off + size && !found; off++) {
		for (size_t i = 0; i < f->num_symbols; i++) {
			if (f->symbols[i].section == at->section && f->symbols[i].off == off &&
			    off > at->off)
				return NULL;
		}
		for (int is_asm = 0; is_asm < 2 && !found; is_asm++) {
			for (size_t i = 0; i < f->num_candidates; i++) {
				const struct func_candidate *c = &f->candidates[i];
				bool has_symbol = !(c->flags & FUNC_HAS_ADDR) ||
						  !!(c->flags & FUNC_IN_ASM_UNIT) != is_asm ||
						  c->section != at->section || c->off != off;

				for (size_t j = 0; j < f->num_symbols && !has_symbol; j++)
					has_symbol = candidate_is_at(f, c, j);
				if (has_symbol)
					continue;
				if (!found)
					found = c;
				else if (!is_asm && prototypes_differ(found, c))
					*ret_differs = true;
			}
		}
	}
	return found;
}

static const struct func_candidate *rules_absent(const struct rules *r, size_t symbol,
						 bool *ret_differs)
{
	const struct func_candidate *found = NULL;

	*ret_differs = false;
	for (size_t i = 0; i < r->f->num_candidates; i++) {
		const struct func_candidate *c = &r->f->candidates[i];

		if (c->flags & (FUNC_HAS_ADDR | FUNC_IN_ASM_UNIT) ||
		    !symbol_has_name(r->f, symbol, c->name.v))
			continue;
		if (!found)
			found = c;
		else if (prototypes_differ(found, c))
			*ret_differs = true;
	}
	return found;
}

static bool code_is_suspect(const struct fixture *f, size_t symbol)
{
	for (size_t i = 0; i < f->num_symbols; i++) {
		const char *suffix = f->symbols[i].name + f->symbols[i].name_size;

		if (!f->symbols[i].is_part && symbols_meet(f, i, symbol) &&
		    name_of(f, i) == name_of(f, symbol) && (!*suffix || !strcmp(suffix, ".llvm.1")))
			return false;
	}
	return true;
}

/* What becomes of the symbols of one name, the first of which is no part. */
static enum func_outcome rules_decide(const struct rules *r, size_t symbol, bool several,
				      bool renamed, const struct func_candidate **ret_candidate,
				      bool *ret_alias)
{
	const struct fixture *f = r->f;
	const struct func_candidate *code, *own = NULL;
	bool differs, own_differs = false;

	*ret_alias = false;
	if (several)
		return FUNC_AMBIGUOUS;
	code = rules_at(r, symbol, &differs);
	if (!code) {
		if (!code_is_suspect(f, symbol))
			own = rules_absent(r, symbol, &own_differs);
		for (int bind = SYMBOL_GLOBAL; bind >= SYMBOL_LOCAL && !code; bind--) {
			for (size_t i = 0; i < f->num_symbols && !code; i++) {
				if (!f->symbols[i].is_part && f->symbols[i].bind == bind &&
				    symbols_meet(f, i, symbol))
					code = rules_at(r, i, &differs);
			}
		}
		if (!code)
			code = rules_stranger(r, symbol, &differs);
		if (!code && !own)
			return FUNC_NO_DEBUG_INFO;
		*ret_alias = !own && code->name.v != name_of(f, symbol);
	}
	*ret_candidate = code ? code : own;
	if (code && code->flags & FUNC_IN_ASM_UNIT) {
		*ret_alias = code->name.v != name_of(f, symbol);
		return FUNC_ASSEMBLER;
	}
	if (own) {
		*ret_candidate = own;
		differs = own_differs;
	}
	if (differs && rules_has(r, FEATURE_CONSISTENT_FUNC))
		return FUNC_INCONSISTENT;
	if (renamed && !rules_has(r, FEATURE_TRUE_SIGNATURE) &&
	    !rules_has(r, FEATURE_OPTIMIZED_FUNC))
		return FUNC_RENAMED;
	return code && code->flags & FUNC_IS_REORDERED ? FUNC_REORDERED : FUNC_ENCODED;
}

static void assert_rules(const struct rules *r, const struct func_selection *s)
{
	const struct fixture *f = r->f;
	uint32_t num_seen = 0, num_funcs = 0;

	for (uint32_t g = 0; g < s->num_groups; g++) {
		const struct func_group *group = &s->groups[g];
		const struct func_candidate *candidate = NULL;
		bool several = false, renamed = true, is_alias = false;
		enum func_outcome outcome = FUNC_PART;
		size_t first = MAX;

		if (g)
			assert_true(memcmp(group[-1].name, group->name,
					   group->name_size < group[-1].name_size ?
						   group->name_size :
						   group[-1].name_size) < 0 ||
				    group[-1].name_size < group->name_size);
		for (size_t i = 0; i < f->num_symbols; i++) {
			const struct symtab_function *symbol = &f->symbols[i];
			size_t size = symbol->name_size;

			if (rules_has(r, FEATURE_TRUE_SIGNATURE) && !symbol->is_part)
				size = strlen(symbol->name);
			if (size != group->name_size || memcmp(symbol->name, group->name, size))
				continue;
			num_seen++;
			if (symbol->is_part)
				continue;
			if (first == MAX)
				first = i;
			several |= !symbols_meet(f, first, i);
			renamed &= symbol->name[symbol->name_size] == '.';
		}
		if (first != MAX)
			outcome = rules_decide(r, first, several, renamed, &candidate, &is_alias);
		assert_string_equal(func_outcome_name(group->outcome), func_outcome_name(outcome));
		assert_int_equal(group->is_alias, is_alias);
		if (!several)
			assert_int_equal(group->candidate,
					 candidate ? candidate - f->candidates : UINT32_MAX);
		if (outcome != FUNC_ENCODED) {
			assert_int_equal(group->func, UINT32_MAX);
			continue;
		}
		assert_int_equal(group->func, num_funcs++);
		assert_int_equal(type_store_type(&f->store, s->funcs[group->func].proto)->ref.v,
				 candidate->ret.v);
	}
	assert_int_equal(num_funcs, s->num_funcs);
	assert_int_equal(num_seen, f->num_symbols);
}

static uint32_t next_random(uint32_t *seed, uint32_t num)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % num;
}

static int symbols_compare(const void *pa, const void *pb)
{
	const struct symtab_function *a = pa, *b = pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

static void random_inputs_meet_the_rules(void **state)
{
	static const char *const names[] = {
		"a", "b", "c", "ab", "a.isra.0", "a.llvm.1", "a.part.0", "b.constprop.0", "b.cold",
		"c.isra.0", "c.llvm.1", "a.isra.1", "b.isra.0.cold",
	};
	uint32_t num_by_outcome[NUM_FUNC_OUTCOMES] = { 0 }, num_aliases = 0;

	(void)state;
	for (uint32_t round = 1; round <= 10000; round++) {
		uint32_t seed = round;
		struct func_selection selection;
		struct func_select_input input;
		struct fixture f;

		fixture_init(&f);
		for (uint32_t num = next_random(&seed, 7); num; num--) {
			struct symtab_function *s = symbol(&f, names[next_random(&seed, 13)],
							   4 * next_random(&seed, 4),
							   4 * next_random(&seed, 3));

			s->section += next_random(&seed, 5) == 0;
			s->bind = next_random(&seed, 3);
		}
		qsort(f.symbols, f.num_symbols, sizeof(f.symbols[0]), symbols_compare);
		for (uint32_t num = next_random(&seed, 14); num; num--) {
			struct func_candidate *c = candidate(&f, names[next_random(&seed, 4)],
							     2 * next_random(&seed, 8));

			c->section += next_random(&seed, 5) == 0;
			c->ret.v = next_random(&seed, 3) ? T_INT : T_LONG;
			if (next_random(&seed, 4) == 0)
				c->flags &= ~FUNC_HAS_ADDR;
			if (next_random(&seed, 6) == 0)
				c->flags |= FUNC_IN_ASM_UNIT;
			if (next_random(&seed, 6) == 0)
				c->flags |= FUNC_IS_REORDERED;
		}
		f.has_abi = false;
		set(&f, FEATURE_TRUE_SIGNATURE, next_random(&seed, 2));
		set(&f, FEATURE_OPTIMIZED_FUNC, next_random(&seed, 2));
		set(&f, FEATURE_CONSISTENT_FUNC, next_random(&seed, 4));
		input = fixture_input(&f);
		assert_null(func_select(&input, &selection));
		assert_rules(&(struct rules){ &f, f.features }, &selection);
		for (uint32_t i = 0; i < selection.num_groups; i++) {
			num_by_outcome[selection.groups[i].outcome]++;
			num_aliases += selection.groups[i].is_alias;
		}
		func_selection_deinit(&selection);
		fixture_deinit(&f);
	}
	/* Each rule was met often enough. */
	for (int i = 0; i < NUM_FUNC_OUTCOMES; i++) {
		if (i <= FUNC_INCONSISTENT || i == FUNC_REORDERED || i == FUNC_RENAMED)
			assert_true(num_by_outcome[i] > 50);
		else
			assert_int_equal(num_by_outcome[i], 0);
	}
	assert_true(num_aliases > 200);
}

static unsigned long num_allocations, failing_allocation;

void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return ++num_allocations == failing_allocation ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return ++num_allocations == failing_allocation ? NULL : __real_realloc(old, size);
}

static void members_of_qualified_aggregates_and_names_that_are_missing(void **state)
{
	struct type_id type;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	set(&f, FEATURE_TRUE_SIGNATURE, true);
	type = add(&f.store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&f.store, "pair_t"),
				  .ref = { S_PAIR }));
	type = add(&f.store, TYPE(.kind = GRAPH_CONST, .ref = type));
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->flags |= FUNC_IN_CLANG_UNIT | FUNC_HAS_NOCALL;
	param_piece(&f, type.v, "s", 8, RDI);
	assert_selects(&f, "f(2 s__y)0\nf: encoded");
	f.params[0].name.v = 0;
	assert_selects(&f, "f: unnamed-parameter");
	/* Something of pointer type behind a typedef is a pointer. */
	f.params[0].name = str(&f.store, "s");
	type = add(&f.store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&f.store, "ptr_t"),
				  .ref = { T_PTR }));
	param(&f, type.v, "p");
	assert_selects(&f, "f: optimized #1");
	f.candidates[0].num_params = 1;
	assert_selects(&f, "f(2 s__y)0\nf: encoded");
	fixture_deinit(&f);
}

static void limits_of_the_format_hold(void **state)
{
	struct fixture f;
	struct type_id type = { T_CONST_VOID };
	struct func_param *params;
	struct func_select_input input;
	struct func_selection selection;

	(void)state;
	fixture_init(&f);
	/* void behind 32 qualifiers, and behind one more. */
	for (int i = 0; i < 31; i++)
		type = add(&f.store, TYPE(.kind = GRAPH_VOLATILE, .ref = type));
	symbol(&f, "f", 0x10, 8);
	candidate(&f, "f", 0x10)->ret = type;
	assert_selects(&f, "f()0\nf: encoded");
	f.candidates[0].ret = add(&f.store, TYPE(.kind = GRAPH_VOLATILE, .ref = type));
	assert_selects(&f, "f: bad-type");

	/* 65,535 parameters, and `...` behind them. */
	params = calloc(65535, sizeof(*params));
	assert_non_null(params);
	for (uint32_t i = 0; i < 65535; i++)
		params[i] = (struct func_param){ .name = str(&f.store, "p"), .type = { T_INT } };
	f.candidates[0].ret.v = 0;
	f.candidates[0].num_params = 65535;
	for (int i = 0; i < 2; i++) {
		input = fixture_input(&f);
		input.params = params;
		assert_null(func_select(&input, &selection));
		assert_int_equal(selection.groups[0].outcome, i ? FUNC_BAD_TYPE : FUNC_ENCODED);
		func_selection_deinit(&selection);
		f.candidates[0].flags |= FUNC_HAS_VARARGS;
	}
	free(params);
	fixture_deinit(&f);
}

static void every_allocation_may_fail(void **state)
{
	struct btfgen_error *err = NULL;
	unsigned long at = 0;

	(void)state;
	do {
		struct func_selection selection = { .num_funcs = 77 };
		struct func_select_input input;
		struct fixture f;

		fixture_init(&f);
		set(&f, FEATURE_TRUE_SIGNATURE, true);
		set(&f, FEATURE_ATTRIBUTES, true);
		symbol(&f, "f", 0x10, 8);
		symbol(&f, "g.isra.0", 0x20, 8);
		kfunc(&f, "f", 1 << 14 | 1 << 12);
		candidate(&f, "f", 0x10);
		param_in(&f, T_PTR_INT, "p", RDI);
		candidate(&f, "g", 0x20);
		param_piece(&f, S_BIG, "s", 8, RDI);
		tag(&f, 0, "tag");
		absent(&f, "h");
		input = fixture_input(&f);
		num_allocations = 0;
		failing_allocation = ++at;
		err = func_select(&input, &selection);
		failing_allocation = 0;
		if (err) {
			assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
			assert_int_equal(selection.num_funcs, 77);
			error_free(err);
		} else {
			char *text = selection_print(&f, &selection);

			assert_string_equal(text, "f(15 p)0\n @bpf_kfunc -1\n @bpf_fastcall -1\n"
						  "g.isra.0(2 s__bc)0\n @tag 0\n"
						  "f: encoded, g.isra.0: encoded");
			free(text);
			func_selection_deinit(&selection);
			assert_null(selection.groups);
			func_selection_deinit(&selection);
		}
		fixture_deinit(&f);
	} while (err);
	assert_true(at > 20);
}

static void outcomes_have_names(void **state)
{
	(void)state;
	for (int i = 0; i < NUM_FUNC_OUTCOMES; i++) {
		assert_non_null(func_outcome_name(i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(func_outcome_name(i), func_outcome_name(j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_gives_nothing),
		cmocka_unit_test(functions_are_sorted_by_name),
		cmocka_unit_test(an_entry_starts_in_its_symbols_bytes),
		cmocka_unit_test(the_largest_symbol_of_a_name_counts),
		cmocka_unit_test(several_addresses_are_ambiguous),
		cmocka_unit_test(parts_are_no_functions),
		cmocka_unit_test(differing_prototypes_are_inconsistent),
		cmocka_unit_test(an_alias_takes_the_strongest_symbols_prototype),
		cmocka_unit_test(an_entry_of_another_name_is_taken_if_no_symbol_has_it_there),
		cmocka_unit_test(entries_without_an_address_are_better_with_names),
		cmocka_unit_test(an_alias_shares_what_is_wrong_with_the_code),
		cmocka_unit_test(an_entry_without_an_address_tells_of_a_name_alone),
		cmocka_unit_test(linkage_is_that_of_the_source),
		cmocka_unit_test(assemblers_know_no_prototype),
		cmocka_unit_test(a_suffix_alone_changes_nothing),
		cmocka_unit_test(suspects_need_every_parameter_in_place),
		cmocka_unit_test(functions_of_gcc_with_their_own_name_are_as_declared),
		cmocka_unit_test(clang_tells_what_it_changed_or_the_registers_do),
		cmocka_unit_test(packed_aggregates_on_the_stack_are_uncertain),
		cmocka_unit_test(kernels_ask_for_names_and_sizes),
		cmocka_unit_test(names_are_identifiers),
		cmocka_unit_test(names_that_every_module_has),
		cmocka_unit_test(tags_follow_their_candidate),
		cmocka_unit_test(kfuncs_are_tagged),
		cmocka_unit_test(kfuncs_keep_their_tags_with_true_signatures),
		cmocka_unit_test(arena_pointers_get_an_address_space),
		cmocka_unit_test(clones_do_not_make_their_origin_ambiguous),
		cmocka_unit_test(tags_of_parameters_are_renumbered),
		cmocka_unit_test(a_reordered_clone_is_written_as_the_registers_say),
		cmocka_unit_test(clang_may_lose_places),
		cmocka_unit_test(gaps_on_the_stack_are_not_seen),
		cmocka_unit_test(a_true_signature_has_to_be_known),
		cmocka_unit_test(a_member_may_be_all_that_is_passed),
		cmocka_unit_test(random_inputs_meet_the_rules),
		cmocka_unit_test(members_of_qualified_aggregates_and_names_that_are_missing),
		cmocka_unit_test(limits_of_the_format_hold),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(outcomes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
