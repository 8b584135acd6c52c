// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* type_store_add_type(): types that are added after settling. */
#include "tests/unit/graph_text.h"

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

/* ---- types to add ---- */

static struct str_id str(struct type_store *store, const char *string)
{
	struct str_id id;

	assert_true(type_store_intern_string(store, 0, string, strlen(string), &id));
	return id;
}

static uint32_t add(struct type_store *store, struct settled_type type)
{
	return type_store_add_type(store, &type).v;
}

static uint32_t add_ref(struct type_store *store, uint8_t kind, uint32_t ref)
{
	return add(store, (struct settled_type){ .kind = kind, .ref = { ref } });
}

static uint32_t add_tag(struct type_store *store, const char *name, uint8_t flags, uint32_t ref)
{
	return add(store, (struct settled_type){ .kind = GRAPH_TYPE_TAG, .flags = flags,
						 .name = str(store, name), .ref = { ref } });
}

/* A function of one parameter. */
static uint32_t add_proto(struct type_store *store, uint32_t result, const char *name,
			  uint32_t param, uint8_t flags)
{
	struct settled_elem elem = { .name = str(store, name), .type = { param } };

	return add(store, (struct settled_type){ .kind = GRAPH_FUNC_PROTO, .flags = flags,
						 .ref = { result }, .num_elems = 1,
						 .elems = &elem });
}

static void assert_types(const struct text_store *text, const char *expected)
{
	char *types = text_of_store(text->store);

	assert_string_equal(types, expected);
	free(types);
}

/* ---- tests ---- */

static void equal_types_are_found(void **state)
{
	(void)state;
	for (int force = 0; force < 2; force++) {
		struct text_store text = text_store_settle(
			"int int/4s; *1; C 1; V 1; R 2; A(1,3); tt t=1; P 1(a:2); P 1(a:2,...); "
			"P 0(); P 0(...); *0",
			(struct text_how){ .force_collisions = force });
		struct type_store *store = text.store;
		uint32_t num = type_store_num_types(store);
		uint32_t i = text_store_type(&text, 0, 1), p = text_store_type(&text, 0, 2);

		assert_int_equal(add_ref(store, GRAPH_PTR, i), p);
		assert_int_equal(add_ref(store, GRAPH_CONST, i), text_store_type(&text, 0, 3));
		assert_int_equal(add_ref(store, GRAPH_VOLATILE, i), text_store_type(&text, 0, 4));
		assert_int_equal(add_ref(store, GRAPH_RESTRICT, p), text_store_type(&text, 0, 5));
		assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_ARRAY,
								   .ref = { i }, .size = 3 }),
				 text_store_type(&text, 0, 6));
		assert_int_equal(add_tag(store, "t", 0, i), text_store_type(&text, 0, 7));
		assert_int_equal(add_proto(store, i, "a", p, 0), text_store_type(&text, 0, 8));
		assert_int_equal(add_proto(store, i, "a", p, GRAPH_VARARGS),
				 text_store_type(&text, 0, 9));
		assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_FUNC_PROTO }),
				 text_store_type(&text, 0, 10));
		assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_FUNC_PROTO,
								   .flags = GRAPH_VARARGS }),
				 text_store_type(&text, 0, 11));
		assert_int_equal(add_ref(store, GRAPH_PTR, 0), text_store_type(&text, 0, 12));
		assert_int_equal(type_store_num_types(store), num);
		text_store_destroy(&text);
	}
}

static void others_are_added_behind_all(void **state)
{
	static const struct settled_elem none = {};

	(void)state;
	for (int force = 0; force < 2; force++) {
		struct text_store text = text_store_settle(
			"int int/4s; *1; C 1; A(1,3); tt t=1; P 1(a:2); P 1(a:2,b:2)",
			(struct text_how){ .force_collisions = force });
		struct type_store *store = text.store;
		uint32_t i = text_store_type(&text, 0, 1), p = text_store_type(&text, 0, 2);
		const struct settled_type *type;

		assert_types(&text, "*6; C 6; A(6,3); P 6(a:1); P 6(a:1,b:1); int int/4s; tt t=6");
		assert_int_equal(add_ref(store, GRAPH_VOLATILE, i), 8);
		assert_int_equal(add_ref(store, GRAPH_PTR, p), 9);
		assert_int_equal(add_ref(store, GRAPH_PTR, 9), 10);
		assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_ARRAY,
								   .ref = { i }, .size = 4 }), 11);
		assert_int_equal(add_tag(store, "u", 0, i), 12);
		assert_int_equal(add_tag(store, "t", GRAPH_ATTRIBUTE, i), 13);
		assert_int_equal(add_tag(store, "t", 0, p), 14);
		assert_int_equal(add_proto(store, i, "b", p, 0), 15);
		assert_int_equal(add_proto(store, 0, "a", p, 0), 16);
		assert_int_equal(add_proto(store, i, "a", i, 0), 17);
		assert_int_equal(add_proto(store, i, "a", p, GRAPH_VARARGS), 18);
		/* And each of them is there now. */
		assert_int_equal(add_ref(store, GRAPH_PTR, p), 9);
		assert_int_equal(add_tag(store, "t", GRAPH_ATTRIBUTE, i), 13);
		assert_int_equal(add_proto(store, i, "a", p, GRAPH_VARARGS), 18);
		assert_types(&text, "*6; C 6; A(6,3); P 6(a:1); P 6(a:1,b:1); int int/4s; tt t=6; "
				    "V 6; *1; *9; A(6,4); tt u=6; tt! t=6; tt t=1; P 6(b:1); "
				    "P 0(a:1); P 6(a:6); P 6(a:1,...)");
		type = type_store_type(store, (struct type_id){ 13 });
		assert_int_equal(type->flags, GRAPH_ATTRIBUTE);
		assert_int_equal(type->num_users, 0);
		/* No C type, and types that have names of their own, are not added. */
		assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_VOID }), 0);
		assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_STRUCT,
								   .elems = &none }), 0);
		assert_int_equal(type_store_num_types(store), 19);
		text_store_destroy(&text);
	}
}

static void fields_without_a_meaning_do_not_count(void **state)
{
	struct text_store text = text_store_settle("int int/4s; *1; P 1(a:1)", (struct text_how){});
	struct type_store *store = text.store;
	uint32_t i = text_store_type(&text, 0, 1);
	struct settled_elem elem = { .name = str(store, "a"), .type = { i }, .value = 7,
				     .bit_size = 3 };

	(void)state;
	assert_int_equal(add(store, (struct settled_type){
				.kind = GRAPH_PTR, .flags = 0xff, .encoding = 2,
				.name = str(store, "p"), .ref = { i }, .size = 8, .num_elems = 1,
				.elems = &elem, .num_users = 5, .first_unit = 1 }),
			 text_store_type(&text, 0, 2));
	assert_int_equal(add(store, (struct settled_type){
				.kind = GRAPH_FUNC_PROTO, .flags = (uint8_t)~GRAPH_VARARGS,
				.ref = { i }, .size = 8, .num_elems = 1, .elems = &elem }),
			 text_store_type(&text, 0, 3));
	/* Nor do they come into a type that is added; elements are copied. */
	elem.name = str(store, "b");
	assert_int_equal(add(store, (struct settled_type){
				.kind = GRAPH_FUNC_PROTO, .flags = 0xff, .name = elem.name,
				.ref = { i }, .size = 8, .num_elems = 1, .elems = &elem }), 4);
	elem.type.v = 0;
	assert_types(&text, "*3; P 3(a:3); int int/4s; P 3(b:3,...)");
	assert_int_equal(type_store_type(store, (struct type_id){ 4 })->elems[0].value, 0);
	assert_int_equal(type_store_type(store, (struct type_id){ 4 })->elems[0].bit_size, 0);
	assert_int_equal(type_store_type(store, (struct type_id){ 4 })->name.v, 0);
	text_store_destroy(&text);
}

/* A pointer to itself is the pointer to what looks the same. */
static void bare_cycles_are_found(void **state)
{
	struct text_store text = text_store_settle("*1", (struct text_how){});

	(void)state;
	assert_int_equal(add_ref(text.store, GRAPH_PTR, 1), 1);
	assert_int_equal(add_ref(text.store, GRAPH_CONST, 1), 2);
	text_store_destroy(&text);
}

static void changes_between_additions_are_seen(void **state)
{
	struct text_store text = text_store_settle("int int/4s; A(1,3)", (struct text_how){});
	struct type_store *store = text.store;
	struct settled_type *array;

	(void)state;
	assert_int_equal(add_ref(store, GRAPH_PTR, 1), 3);
	array = type_store_change(store, (struct type_id){ 1 });
	assert_int_equal(array->kind, GRAPH_ARRAY);
	array->size = 4;
	assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_ARRAY, .ref = { 2 },
							   .size = 4 }), 1);
	assert_int_equal(add(store, (struct settled_type){ .kind = GRAPH_ARRAY, .ref = { 2 },
							   .size = 3 }), 4);
	assert_int_equal(add_ref(store, GRAPH_PTR, 1), 3);
	text_store_destroy(&text);
}

static void nothing_to_start_with_is_enough(void **state)
{
	struct text_store text = text_store_settle("", (struct text_how){});

	(void)state;
	assert_int_equal(add_ref(text.store, GRAPH_PTR, 0), 1);
	assert_int_equal(add_ref(text.store, GRAPH_PTR, 0), 1);
	text_store_destroy(&text);
}

/* Tables and types grow on the way; with all hashes equal it still works. */
static void many_types_can_be_added(void **state)
{
	(void)state;
	for (int force = 0; force < 2; force++) {
		uint32_t num = force ? 2000 : 60000;
		struct text_store text = text_store_settle(
			"int int/4s", (struct text_how){ .force_collisions = force });

		for (int round = 0; round < 2; round++) {
			for (uint32_t i = 0; i < num; i++)
				assert_int_equal(add_ref(text.store, GRAPH_PTR, i + 1), i + 2);
		}
		assert_int_equal(type_store_num_types(text.store), num + 2);
		text_store_destroy(&text);
	}
}

static void no_memory_gives_void_and_leaves_the_store_whole(void **state)
{
	unsigned int fail, num_failed = 0;

	(void)state;
	for (fail = 1; fail < 100; fail++) {
		struct text_store text = text_store_settle("int int/4s; *1", (struct text_how){});
		uint32_t last = 1;
		bool failed = false;

		num_allocations = 0;
		failing_allocation = fail;
		for (uint32_t i = 0; i < 3000; i++) {
			struct settled_elem elem = { .type = { last } };
			struct settled_type type = { .kind = GRAPH_FUNC_PROTO, .num_elems = 1,
						     .elems = &elem };
			uint32_t num = type_store_num_types(text.store), id;

			counting = true;
			id = type_store_add_type(text.store, &type).v;
			counting = false;
			if (!id) {
				assert_int_equal(type_store_num_types(text.store), num);
				failed = true;
				id = type_store_add_type(text.store, &type).v;
			}
			assert_int_equal(id, num);
			last = id;
		}
		text_store_destroy(&text);
		num_failed += failed;
		if (!failed)
			break;
	}
	/* The table twice or more, the types a few times, the elements. */
	assert_true(num_failed >= 10);
	assert_true(fail < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_types_are_found),
		cmocka_unit_test(others_are_added_behind_all),
		cmocka_unit_test(fields_without_a_meaning_do_not_count),
		cmocka_unit_test(bare_cycles_are_found),
		cmocka_unit_test(changes_between_additions_are_seen),
		cmocka_unit_test(nothing_to_start_with_is_enough),
		cmocka_unit_test(many_types_can_be_added),
		cmocka_unit_test(no_memory_gives_void_and_leaves_the_store_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
