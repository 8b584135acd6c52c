// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/adapt, fit and merge: settled types that are changed, and those that become equal by it.
 * Where types are listed, `=N` stands for one that became type N.
 */
#include "tests/unit/graph_text.h"

#include "lib/base/hash.h"
#include "lib/btf/adapt.h"
#include "lib/btf/fit.h"
#include "lib/btf/merge.h"

/* ---- memory that runs out on demand ---- */

void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);

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

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

/* ---- what is done to the types ---- */

enum action {
	NO_FLOAT = 1 << 0,
	NO_ENUM64 = 1 << 1,
	FIT = 1 << 2,
};

static void ids_append(char *text, size_t room, const char *what, const struct type_id *ids,
		       size_t num)
{
	for (size_t i = 0; i < num; i++) {
		size_t used = strlen(text);

		snprintf(text + used, room - used, " %s%u", what, ids[i].v);
	}
}

static struct btfgen_error *act(struct type_store *store, unsigned int actions, char *changed,
				size_t room)
{
	const struct types_adapt_options options = { .without_float = actions & NO_FLOAT,
						     .without_enum64 = actions & NO_ENUM64 };
	struct types_adapt_result adapted;
	struct types_fit_result fit;
	struct btfgen_error *err;

	*changed = 0;
	err = types_adapt(store, &options, &adapted);
	if (err)
		return err;
	ids_append(changed, room, "opaque ", adapted.opaque.data, adapted.opaque.num);
	types_adapt_result_deinit(&adapted);
	if (!(actions & FIT))
		return NULL;
	err = types_fit(store, 8, &fit);
	if (err)
		return err;
	assert_int_equal(fit.cycle.v, 0);
	assert_int_equal(fit.chain.v, 0);
	ids_append(changed, room, "fit ", fit.changed.data, fit.changed.num);
	types_fit_result_deinit(&fit);
	return NULL;
}

/* @changed: what the results list. */
static void check(unsigned int actions, const char *units, const char *expected,
		  const char *changed)
{
	for (unsigned int i = 0; i < 4; i++) {
		struct text_store text = text_store_settle(units, (struct text_how){
			.force_collisions = i & 1, .reverse = i & 2,
		});
		char seen[256], *types;

		assert_null(act(text.store, actions, seen, sizeof(seen)));
		types = text_of_store(text.store);
		assert_string_equal(types, expected);
		assert_string_equal(*seen ? seen + 1 : "", changed);
		free(types);
		text_store_destroy(&text);
	}
}

/* ---- tests ---- */

static void nothing_changes_without_a_reason(void **state)
{
	static const char types[] = "*4; fl double/8; E e/8{a=5000000000}; fl long/12; S s/8{x:2@0}";

	(void)state;
	check(0, "fl double/8; fl long/12; E e/8{a=5000000000}; S s/8{x:1@0}; *2", types, "");
	check(FIT, "fl double/8; fl long/12; E e/8{a=5000000000}; S s/8{x:1@0}; *2", types, "");
}

static void floats_become_integers(void **state)
{
	(void)state;
	check(NO_FLOAT | FIT,
	      "fl float/4; fl double/8; fl ld/16; fl h/2; fl b/1; int int/4s; P 2(x:1); "
	      "S s/16{a:1@0,b:2@64}; A(3,2)",
	      "A(8,2); P 4(x:5); int b/1; int double/8; int float/4; int h/2; int int/4s; "
	      "int ld/16; S s/16{a:5@0,b:4@64}",
	      "");
}

static void floats_of_odd_sizes_are_opaque(void **state)
{
	(void)state;
	check(NO_FLOAT | FIT, "fl ld/12; S s/12{a:1@0}; *1; fl wide/32; P 1(x:4); fl x/10",
	      "*3; P 3(x:5); S ld/12{}; S s/12{a:3@0}; S wide/32{}; S x/10{}",
	      "opaque 3 opaque 5 opaque 6");
}

static void enums_are_cut(void **state)
{
	(void)state;
	check(NO_ENUM64,
	      "E big/8{a=1,b=4294967295,c=4294967298}; Es neg/4{m=-1,n=2}; Es pos/4{o=1}; "
	      "E plain/4{p=7}; Es -/8{q=-9223372036854775808}",
	      "E -/8{q=0}; E big/8{a=1,b=4294967295,c=2}; E neg/4{m=4294967295,n=2}; "
	      "E plain/4{p=7}; E pos/4{o=1}",
	      "");
}

static void equal_types_become_one(void **state)
{
	(void)state;
	/* The lower id stays; who refers to both becomes one, and so on. */
	check(NO_FLOAT, "int f/4; *1; S s/8{p:2@0}; td t=3 | fl f/4; *1; S s/8{p:2@0}; td t=3",
	      "*3; =1; int f/4; =3; S s/8{p:1@0}; =5; td t=5; =7", "");
	/* Of another size or encoding, or of another name: not the same. */
	check(NO_FLOAT, "int f/8; *1; fl f/4; *3", "*3; *4; int f/8; int f/4", "");
	check(NO_FLOAT, "int f/4s; *1; fl f/4; *3", "*3; *4; int f/4s; int f/4", "");
	check(NO_FLOAT, "int g/4; *1; fl f/4; *3", "*4; *3; int f/4; int g/4", "");
	/* A struct without members, and a float of 12 bytes. */
	check(NO_FLOAT, "S f/12{}; *1 | fl f/12; *1", "*3; =1; S f/12{}; =3", "opaque 3");
	/* Enums whose upper halves told them apart. */
	check(NO_ENUM64, "E e/8{a=4294967297}; *1 | E e/8{a=1}; *1 | E e/8{a=8589934593}; *1",
	      "*4; =1; =1; E e/8{a=1}; =4; =4", "");
}

/* Rings: each of them refers to itself, and no two records are equal before they are one. */
static void equal_rings_become_one(void **state)
{
	(void)state;
	check(NO_FLOAT,
	      "int f/4; S s/16{n:3@0,f:1@64}; *2 | fl f/4; S s/16{n:3@0,f:1@64}; *2",
	      "*5; =1; int f/4; =3; S s/16{n:1@0,f:3@64}; =5", "");
	/* One of the two differs a step further. */
	check(NO_FLOAT,
	      "int f/4; S s/16{n:3@0,f:1@64}; *2 | fl f/4; S s/16{n:4@0,f:1@64}; C 2; *3",
	      "*6; *3; C 7; int f/4; =4; S s/16{n:1@0,f:4@64}; S s/16{n:2@0,f:4@64}", "");
}

static void types_that_are_made_to_fit_may_become_equal(void **state)
{
	(void)state;
	/* Arrays of incomplete types are structs of no size. */
	check(FIT, "Fs a; Fs b; A(1,2); A(2,3); *3; *4; S -/0{}",
	      "*3; =1; S -/0{}; =3; =3; Fs a; Fs b", "fit 3 fit 4");
	/* Prototypes lose parameters that cannot be passed. */
	check(FIT, "P 0(a:2); P 0(); P 0(b:2); *1; *3; P 0(...)",
	      "*3; =1; P 0(...); P 0(); =3; =3", "fit 3 fit 5");
}

static void names_that_are_not_written_do_not_count(void **state)
{
	(void)state;
	check(FIT, "int int/4s; S a<b>/4{x:1@0}; S c<d>/4{x:1@0}; *2; *3; td t=5",
	      "*3; =1; S a<b>/4{x:5@0}; =3; int int/4s; td t=1", "");
	check(FIT, "int int/4s; U u/4{a-b:1@0}; U u/4{c-d:1@0}; S s/4{m:1@0}",
	      "int int/4s; S s/4{m:1@0}; U u/4{a-b:1@0}; =3", "");
	check(FIT, "int int/4s; P 1(a-b:1); P 1(-:1); P 1(a:1)",
	      "P 4(a-b:4); =1; P 4(a:4); int int/4s", "");
	/* The sign of an enum shows in a negative value, or in eight bytes. */
	check(FIT, "E e/4{a=1}; Es e/4{a=1}; E f/8{a=1}; Es f/8{a=1}; *2",
	      "*2; E e/4{a=1}; =2; E f/8{a=1}; Es f/8{a=1}", "");
	/* But a name that is written does. */
	check(FIT, "S a/4{}; S a<b>/4{}; int a<b>/4; int c<d>/4",
	      "S a<b>/4{}; S a/4{}; int a<b>/4; int c<d>/4", "");
}

/* First floats are integers, and then an array is a struct: what went once stays away. */
static void types_become_one_twice(void **state)
{
	(void)state;
	check(NO_FLOAT | FIT,
	      "int f/4; *1; S a<b>/8{x:2@0}; Fs i; A(4,1); *5; *3 | "
	      "fl f/4; *1; S c<d>/8{x:2@0}; Fs i; A(4,2); *5; *3",
	      "*11; *7; *9; =1; =2; =3; S -/0{}; =7; S a<b>/8{x:1@0}; =9; int f/4; =11; Fs i",
	      "fit 7 fit 8");
}

static void handles_follow(void **state)
{
	struct text_store text = text_store_settle(
		"int f/4; *1; S s/8{p:2@0}; td t=3 | fl f/4; *1; S s/8{p:2@0}; td t=3 | "
		"fl f/4; *1; int f/4; *3; td u=2; td u=4",
		(struct text_how){});
	char changed[64];
	uint32_t proto;

	(void)state;
	assert_null(act(text.store, NO_FLOAT, changed, sizeof(changed)));
	for (uint32_t node = 1; node <= 4; node++)
		assert_int_equal(text_store_type(&text, 0, node), text_store_type(&text, 1, node));
	assert_int_equal(text_store_type(&text, 2, 2), text_store_type(&text, 2, 4));
	assert_int_equal(text_store_type(&text, 2, 5), text_store_type(&text, 2, 6));
	/* Types that are added find what is left. */
	proto = type_store_add_type(text.store, &(struct settled_type){
							.kind = GRAPH_PTR,
							.ref = { text_store_type(&text, 1, 1) } }).v;
	assert_int_equal(proto, text_store_type(&text, 0, 2));
	text_store_destroy(&text);
}

/* What was added is looked at like all others. */
static void added_types_are_made_to_fit(void **state)
{
	struct text_store text = text_store_settle("Fs s; int int/4s", (struct text_how){});
	struct settled_elem elem = { .type = { 0 } };
	struct settled_type proto = { .kind = GRAPH_FUNC_PROTO, .num_elems = 1, .elems = &elem };
	struct type_store *store = text.store;
	char changed[64], *types;

	(void)state;
	assert_true(type_store_intern_string(store, 0, "x", 1, &elem.name));
	assert_int_equal(type_store_add_type(store, &(struct settled_type){
							.kind = GRAPH_ARRAY, .ref = { 2 },
							.size = 3 }).v, 3);
	elem.type.v = 3;
	assert_int_equal(type_store_add_type(store, &proto).v, 4);
	elem.type.v = 2;
	assert_int_equal(type_store_add_type(store, &proto).v, 5);
	assert_int_equal(type_store_add_type(store, &(struct settled_type){
							.kind = GRAPH_CONST }).v, 6);
	elem.type.v = 6;
	assert_int_equal(type_store_add_type(store, &proto).v, 7);
	assert_null(act(store, FIT, changed, sizeof(changed)));
	types = text_of_store(store);
	assert_string_equal(types, "int int/4s; Fs s; S -/0{}; P 0(x:3); P 0(x:2); C 0; P 0(...)");
	assert_string_equal(changed, " fit 3 fit 7");
	free(types);
	text_store_destroy(&text);
}

/* ---- a simple judge for random types ---- */

/* True if the trees below look the same to some depth. @room: steps left. */
static bool same_tree(const struct type_store *store, uint32_t a, uint32_t b, unsigned int depth)
{
	const struct settled_type *ta = type_store_type(store, (struct type_id){ a });
	const struct settled_type *tb = type_store_type(store, (struct type_id){ b });

	if (a == b || !depth)
		return true;
	if (!a || !b || ta->kind != tb->kind || ta->flags != tb->flags || ta->size != tb->size ||
	    ta->encoding != tb->encoding || ta->name.v != tb->name.v ||
	    ta->num_elems != tb->num_elems)
		return false;
	if (!same_tree(store, ta->ref.v, tb->ref.v, depth - 1))
		return false;
	for (uint32_t i = 0; i < ta->num_elems; i++) {
		if (ta->elems[i].name.v != tb->elems[i].name.v ||
		    !same_tree(store, ta->elems[i].type.v, tb->elems[i].type.v, depth - 1))
			return false;
	}
	return true;
}

static uint32_t dice(uint64_t *seed, uint32_t num)
{
	*seed += 0x9e3779b97f4a7c15ull;
	return hash_u64(*seed) % num;
}

/* Few leaves and names, so that much is equal once floats are integers. */
static void random_units(uint64_t seed, char *text, size_t room)
{
	size_t used = 0;

	for (int unit = 0; unit < 3; unit++) {
		uint32_t num = 6 + dice(&seed, 6);

		used += snprintf(text + used, room - used, "%sint f/4; fl f/4", unit ? " | " : "");
		for (uint32_t i = 3; i <= num; i++) {
			uint32_t ref = 1 + dice(&seed, num);

			switch (dice(&seed, 4)) {
			case 0:
				used += snprintf(text + used, room - used, "; C %u",
						 1 + dice(&seed, i - 1));
				break;
			case 1:
				used += snprintf(text + used, room - used, "; S s%u/8{a:%u@0}",
						 dice(&seed, 2), ref);
				break;
			case 2:
				used += snprintf(text + used, room - used, "; P %u(x:%u)",
						 1 + dice(&seed, i - 1), ref);
				break;
			default:
				used += snprintf(text + used, room - used, "; * %u", ref);
			}
		}
	}
	assert_true(used < room);
}

static void merged_types_are_those_that_look_alike_from_everywhere(void **state)
{
	unsigned int num_merged = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		char units[4096], changed[64];
		struct text_store text;
		struct type_store *store;
		uint32_t num;

		random_units(seed, units, sizeof(units));
		text = text_store_settle(units, (struct text_how){ .force_collisions = seed & 1 });
		store = text.store;
		num = type_store_num_types(store);
		assert_null(act(store, NO_FLOAT, changed, sizeof(changed)));
		for (uint32_t a = 1; a < num; a++) {
			const struct settled_type *type = type_store_type(store,
									  (struct type_id){ a });

			if (type->kind == GRAPH_ALIAS) {
				num_merged++;
				assert_true(type->ref.v < a);
				assert_int_not_equal(
					type_store_type(store, type->ref)->kind, GRAPH_ALIAS);
				continue;
			}
			/* Nobody refers to a type that went, and no two are the same. */
			assert_int_not_equal(type_store_type(store, type->ref)->kind, GRAPH_ALIAS);
			for (uint32_t i = 0; i < type->num_elems; i++)
				assert_int_not_equal(
					type_store_type(store, type->elems[i].type)->kind,
					GRAPH_ALIAS);
			for (uint32_t b = 1; b < a; b++) {
				const struct settled_type *other =
					type_store_type(store, (struct type_id){ b });

				if (other->kind != GRAPH_ALIAS && same_tree(store, a, b, 40))
					fail_msg("%u and %u are equal: %s", a, b, units);
			}
		}
		text_store_destroy(&text);
	}
	assert_true(num_merged > 400);
}

static void no_memory_is_an_error_wherever_it_happens(void **state)
{
	unsigned int fail = 1;
	bool failed = true;

	(void)state;
	for (; failed; fail++) {
		struct text_store text = text_store_settle(
			"int f/4; *1; S s/8{p:2@0} | fl f/4; *1; S s/8{p:2@0}; fl g/12; Fs x; "
			"A(5,1); A(5,2); Es e/8{a=-1}",
			(struct text_how){});
		struct btfgen_error *err;
		char changed[64];

		num_allocations = 0;
		failing_allocation = fail;
		counting = true;
		err = act(text.store, NO_FLOAT | NO_ENUM64 | FIT, changed, sizeof(changed));
		counting = false;
		failed = err != NULL;
		if (err)
			assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
		error_free(err);
		text_store_destroy(&text);
	}
	assert_true(fail > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_without_a_reason),
		cmocka_unit_test(floats_become_integers),
		cmocka_unit_test(floats_of_odd_sizes_are_opaque),
		cmocka_unit_test(enums_are_cut),
		cmocka_unit_test(equal_types_become_one),
		cmocka_unit_test(equal_rings_become_one),
		cmocka_unit_test(types_that_are_made_to_fit_may_become_equal),
		cmocka_unit_test(names_that_are_not_written_do_not_count),
		cmocka_unit_test(types_become_one_twice),
		cmocka_unit_test(handles_follow),
		cmocka_unit_test(added_types_are_made_to_fit),
		cmocka_unit_test(merged_types_are_those_that_look_alike_from_everywhere),
		cmocka_unit_test(no_memory_is_an_error_wherever_it_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
