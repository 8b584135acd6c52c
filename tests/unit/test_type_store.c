// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* lib/btf/type_store.h: interning, order, handles, limits of shape. */
#include "tests/unit/graph_text.h"

static struct type_store *store_of(const char *text, bool force_collisions)
{
	struct type_store_options options = {
		.num_workers = 1, .num_units = 16, .force_collisions = force_collisions,
	};
	struct unit_graph graph = {};
	struct text_reader in = { .p = text };
	uint32_t unit = 0;
	bool more;

	assert_null(type_store_create(&options, &in.store));
	do {
		more = text_unit(&in, &graph);
		assert_null(type_store_add_unit(in.store, 0, unit++, NULL, &graph));
	} while (more);
	assert_null(type_store_settle(in.store, NULL));
	graph_deinit(&graph);
	return in.store;
}

static void check(const char *units, const char *expected)
{
	for (int force_collisions = 0; force_collisions < 2; force_collisions++) {
		struct type_store *store = store_of(units, force_collisions);
		char *text = text_of_store(store);

		assert_string_equal(text, expected);
		free(text);
		type_store_destroy(store);
	}
}

static void equal_types_of_units_are_one(void **state)
{
	(void)state;
	check("int int/4s; *1; S s/16{a:1@0,n:4@64}; *3 | S s/16{a:4@0,n:2@64}; *1; *4; int int/4s",
	      "*3; *4; int int/4s; S s/16{a:3@0,n:2@64}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_types_of_units_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
