// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/type_store.h: strings, order, users, handles, doubles, extreme shapes, threads, no
 * memory.
 */
#include "tests/unit/graph_text.h"

#include "lib/base/hash.h"

static void equal_types_of_units_are_one(void **state)
{
	(void)state;
	check_types("int int/4s; *1; S s/16{a:1@0,n:4@64}; *3 | "
		    "S s/16{a:4@0,n:2@64}; *1; *4; int int/4s",
		    "*3; *4; int int/4s; S s/16{a:3@0,n:2@64}");
}

static void nothing_settles_to_void(void **state)
{
	struct text_store text = text_store_settle("", (struct text_how){});

	(void)state;
	assert_int_equal(type_store_num_types(text.store), 1);
	assert_int_equal(type_store_num_doubles(text.store), 0);
	assert_int_equal(text_store_type(&text, 0, 0), 0);
	text_store_destroy(&text);
}

static void strings_are_kept_once(void **state)
{
	struct type_store_options options = { .num_workers = 2, .num_units = 1 };
	char name[] = "counter";
	struct str_id a, b, c, none;

	(void)state;
	for (int force = 0; force < 2; force++) {
		struct type_store *store;

		options.force_collisions = force;
		assert_null(type_store_create(&options, &store));
		assert_true(type_store_intern_string(store, 0, name, 7, &a));
		name[0] = 'X';
		assert_true(type_store_intern_string(store, 1, "counter_", 7, &b));
		assert_true(type_store_intern_string(store, 1, "counte", 6, &c));
		assert_true(type_store_intern_string(store, 1, "xyz", 0, &none));
		name[0] = 'c';
		assert_int_equal(a.v, b.v);
		assert_int_not_equal(a.v, c.v);
		assert_int_equal(none.v, 0);
		assert_string_equal(type_store_string(store, a), "counter");
		assert_string_equal(type_store_string(store, none), "");
		/* Tables grow and chunks are added on the way. */
		for (unsigned int round = 0; round < 2; round++) {
			struct str_id first = {};

			for (unsigned int i = 0; i < (force ? 300 : 20000); i++) {
				char text[16];
				struct str_id id;
				int size = snprintf(text, sizeof(text), "n%u", i);

				assert_true(
					type_store_intern_string(store, round, text, size, &id));
				assert_string_equal(type_store_string(store, id), text);
				if (!i)
					first = id;
				assert_int_equal(id.v, first.v + i);
			}
		}
		type_store_destroy(store);
	}
}

static bool is_identifier(struct type_store *store, const char *name, size_t size)
{
	struct str_id id;

	assert_true(type_store_intern_string(store, 0, name, size, &id));
	return type_store_string_is_identifier(store, id);
}

static void identifiers_are_what_the_kernel_takes(void **state)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 1 };
	struct type_store *store;
	char longest[512];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_null(type_store_create(&options, &store));
	assert_true(is_identifier(store, "_a.B9", 5));
	assert_true(is_identifier(store, ".x", 2));
	assert_true(is_identifier(store, longest, 511));
	assert_false(is_identifier(store, longest, 512));
	assert_false(is_identifier(store, "9a", 2));
	assert_false(is_identifier(store, "long int", 8));
	assert_false(is_identifier(store, "Option<T>", 9));
	assert_false(is_identifier(store, "", 0));
	type_store_destroy(store);
}

static void order_is_by_name_kind_users_and_place(void **state)
{
	(void)state;
	/* Name; then kind; then users, whoever is first; then unit and place. */
	check_types("int b/4; td a=1; td B=1; S a/4{x:1@0}; S a/8{y:1@0} | "
		    "int b/4; S a/8{y:1@0}; S a/12{z:1@0}; U a/4{z:1@0} | "
		    "int b/4; E a/4{A=1}",
		    "td B=8; td a=8; S a/8{y:8@0}; S a/4{x:8@0}; S a/12{z:8@0}; U a/4{z:8@0}; "
		    "E a/4{A=1}; int b/4");
	/*
	 * What is no identifier counts as no name for struct, union and enum, but not for others.
	 */
	check_types("S a<b>/4{}; int a<b>/4; *1; E 9/4{A=1}",
		    "*2; S a<b>/4{}; E 9/4{A=1}; int a<b>/4");
	/* Names that share eight bytes and more; bytes above 127 are above. */
	check_types("td abcdefghij=0; td abcdefgh=0; td abcdefghi=0; td \xc3\xa4=0; td z=0",
		    "td abcdefgh=0; td abcdefghi=0; td abcdefghij=0; td z=0; td \xc3\xa4=0");
}

static const struct settled_type *settled(const struct text_store *text, uint32_t id)
{
	return type_store_type(text->store, (struct type_id){ id });
}

static void check_use(const struct text_store *text, uint32_t id, uint32_t num_users,
		      uint32_t first_unit, uint64_t first_key)
{
	assert_int_equal(settled(text, id)->num_users, num_users);
	assert_int_equal(settled(text, id)->first_unit, first_unit);
	assert_int_equal(settled(text, id)->first_key, first_key);
}

static void users_and_first_places_are_counted(void **state)
{
	(void)state;
	for (int reverse = 0; reverse < 2; reverse++) {
		struct text_store text =
			text_store_settle("int x/4 | int int/4s; int int/4s; Fe e/1; *3 | "
					  "Fe e/2; Fe e/4; *1; int int/4s | int int/4s; Fe e/2",
					  (struct text_how){ .reverse = reverse });
		char *types = text_of_store(text.store);

		assert_string_equal(types, "*2; Fe e/4; int int/4s; int x/4");
		free(types);
		check_use(&text, 1, 2, 1, 40);
		check_use(&text, 2, 3, 1, 30);
		check_use(&text, 3, 3, 1, 10);
		check_use(&text, 4, 1, 0, 10);
		text_store_destroy(&text);
	}
	/*
	 * With meanings that differ, each has the units that mean it (a conflicted unit counts
	 * once) and the place of what looks like it; the usual meaning goes first.
	 */
	for (int reverse = 0; reverse < 2; reverse++) {
		struct text_store text = text_store_settle(
			"td t=2; *3; S foo/4{} | td t=2; *3; S foo/8{} | td t=2; *3; S foo/8{} | "
			"S foo/4{}; *1; td t=2; S foo/4{}; *4; S foo/8{} | Fs foo; *1; td u=2",
			(struct text_how){ .reverse = reverse });
		char *types = text_of_store(text.store);

		assert_string_equal(types, "*4; *5; *6; S foo/8{}; S foo/4{}; Fs foo; "
					   "td t=1; td t=2; td u=3");
		free(types);
		check_use(&text, 1, 2, 0, 20);
		check_use(&text, 2, 2, 0, 20);
		check_use(&text, 3, 1, 0, 20);
		check_use(&text, 4, 3, 1, 30);
		check_use(&text, 5, 2, 0, 30);
		check_use(&text, 6, 1, 4, 10);
		check_use(&text, 7, 2, 0, 10);
		check_use(&text, 8, 2, 0, 10);
		text_store_destroy(&text);
	}
}

static void handles_lead_to_types(void **state)
{
	/* Ambiguous, declared, unique and conflicted, one unit each. */
	struct text_store text = text_store_settle(
		"S foo/4{}; *1; td t=2 | S foo/8{}; *1; td t=2 | Fs bar; *1; Fs foo | "
		"S bar/4{}; *1 | S foo/4{}; *1; td t=2; S foo/8{}; *4; td t=5; Fs bar; *7",
		(struct text_how){});
	char *types = text_of_store(text.store);

	(void)state;
	assert_string_equal(types, "*4; *5; *6; S bar/4{}; S foo/4{}; S foo/8{}; td t=2; td t=3");
	free(types);
	assert_int_equal(text_store_type(&text, 0, 3), 7);
	assert_int_equal(text_store_type(&text, 1, 3), 8);
	assert_int_equal(text_store_type(&text, 2, 1), 4);
	assert_int_equal(text_store_type(&text, 2, 2), 1);
	assert_int_equal(text_store_type(&text, 2, 3), 0);
	assert_int_equal(text_store_type(&text, 3, 2), 1);
	assert_int_equal(text_store_type(&text, 4, 3), 7);
	assert_int_equal(text_store_type(&text, 4, 6), 8);
	assert_int_equal(text_store_type(&text, 4, 7), 4);
	assert_int_equal(text_store_type(&text, 4, 8), 1);
	assert_int_equal(text_store_type(&text, 4, 0), 0);
	text_store_destroy(&text);
}

static void alias_is_what_it_stands_for(void **state)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 1 };
	struct unit_graph graph = {};
	struct type_store *store;
	struct node_id ptr, alias;

	(void)state;
	assert_null(type_store_create(&options, &store));
	assert_true(graph_reset(&graph));
	alias = graph_add(&graph, (struct graph_node){ .kind = GRAPH_ALIAS, .ref = { 2 } });
	ptr = graph_add(&graph, (struct graph_node){ .kind = GRAPH_PTR });
	assert_null(type_store_add_unit(store, 0, 0, NULL, &graph));
	assert_null(type_store_settle(store, NULL));
	assert_int_equal(type_store_num_types(store), 2);
	assert_int_equal(type_store_resolve(store, 0, type_store_handle(&graph, alias)).v, 1);
	assert_int_equal(type_store_resolve(store, 0, type_store_handle(&graph, ptr)).v, 1);
	graph_deinit(&graph);
	type_store_destroy(store);
}

static void fields_without_a_meaning_do_not_count(void **state)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 1 };
	struct unit_graph graph = {};
	struct type_store *store;

	(void)state;
	assert_null(type_store_create(&options, &store));
	assert_true(graph_reset(&graph));
	graph_add(&graph, (struct graph_node){ .kind = GRAPH_PTR });
	graph_add(&graph,
		  (struct graph_node){
			  .kind = GRAPH_PTR, .size = 8, .encoding = 1, .flags = GRAPH_SIGNED });
	assert_null(type_store_add_unit(store, 0, 0, NULL, &graph));
	assert_null(type_store_settle(store, NULL));
	assert_int_equal(type_store_num_types(store), 2);
	graph_deinit(&graph);
	type_store_destroy(store);
}

/* What came next in another unit is only a guess: a difference in any one field counts. */
static void likely_types_are_compared_in_full(void **state)
{
	static const char *const pairs[][2] = {
		{ "int b/4s", "int b/4" },
		{ "int b/4s", "int c/4s" },
		{ "int b/4s", "int b/8s" },
		{ "int b/4", "fl b/4" },
		{ "*1", "*0" },
		{ "*1", "C 1" },
		{ "A(1,2)", "A(1,3)" },
		{ "S b/4{x:1@0}", "S b/4{y:1@0}" },
		{ "S b/4{x:1@0}", "S b/4{x:0@0}" },
		{ "S b/4{x:1@0}", "S b/4{x:1@8}" },
		{ "S b/4{x:1@0}", "S b/4{x:1@4294967296}" },
		{ "S b/4{x:1@0:3}", "S b/4{x:1@0:4}" },
		{ "S b/4{x:1@0}", "S b/4{x:1@0,y:1@0}" },
		{ "S b/4{x:1@0}", "S b/4{}" },
		{ "U b/4{x:1@0}", "S b/4{x:1@0}" },
		{ "E b/8{x=1}", "E b/8{x=2}" },
		{ "E b/8{x=1}", "E b/8{y=1}" },
		{ "E b/8{x=1}", "E b/8{x=4294967297}" },
		{ "E b/8{x=1}", "Es b/8{x=1}" },
		{ "P 1(x:1)", "P 1(y:1)" },
		{ "P 1(x:1)", "P 1(x:0)" },
		{ "P 1(x:1)", "P 1(x:1,...)" },
		{ "P 1(x:1)", "P 0(x:1)" },
		{ "td b=1", "td b=0" },
		{ "tt b=1", "tt c=1" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *const *pair = pairs[i / 2];
		struct text_store text;
		char units[128];

		snprintf(units, sizeof(units), "int a/1; %s | int a/1; %s", pair[i % 2],
			 pair[1 - i % 2]);
		text = text_store_settle(units, (struct text_how){});
		if (type_store_num_types(text.store) != 4)
			fail_msg("%s: %u types", units, type_store_num_types(text.store));
		text_store_destroy(&text);
	}
}

static void doubles_are_listed(void **state)
{
	struct text_store text = text_store_settle(
		"td z=0; S b/4{}; S a/4{}; U a/4{}; Fs lone; E same/4{A=1} | "
		"int int/4; td z=1; S b/8{}; U a/4{}; E same/4{A=1} | Fs b; *1; td p=2",
		(struct text_how){});
	const struct type_store_double *doubles = type_store_doubles(text.store);

	(void)state;
	assert_int_equal(type_store_num_doubles(text.store), 2);
	assert_int_equal(doubles[0].kind, GRAPH_TYPEDEF);
	assert_string_equal(type_store_string(text.store, doubles[0].name), "z");
	assert_int_equal(doubles[0].num_definitions, 2);
	assert_false(doubles[0].forward_left);
	assert_int_equal(doubles[0].first_unit, 0);
	assert_int_equal(doubles[0].first_key, 10);
	assert_int_equal(doubles[1].kind, GRAPH_STRUCT);
	assert_string_equal(type_store_string(text.store, doubles[1].name), "b");
	assert_int_equal(doubles[1].num_definitions, 2);
	assert_true(doubles[1].forward_left);
	text_store_destroy(&text);
}

static void stats_tell_sizes(void **state)
{
	struct text_store text = text_store_settle(
		"td t=2; *3; S foo/4{}; int i/4 | td t=2; *3; S foo/8{}; int i/4; int i/4",
		(struct text_how){});
	struct type_store_stats stats = type_store_get_stats(text.store);

	(void)state;
	assert_int_equal(stats.num_nodes, 9);
	assert_int_equal(stats.num_classes, 5);
	assert_int_equal(stats.num_labels, 2);
	assert_int_equal(stats.num_ambiguous, 1);
	assert_int_equal(stats.num_instances, 4);
	assert_true(stats.record_bytes > 0);
	text_store_destroy(&text);
}

/* ---- shapes that break what walks ---- */

struct big {
	struct type_store *store;
	struct unit_graph graph;
};

static struct big big_create(uint32_t num_units)
{
	struct type_store_options options = { .num_workers = 1, .num_units = num_units };
	struct big big = {};

	assert_null(type_store_create(&options, &big.store));
	assert_true(graph_reset(&big.graph));
	return big;
}

static uint32_t big_add(struct big *big, uint8_t kind, const char *name, uint32_t size,
			uint32_t ref)
{
	struct graph_node node = {
		.kind = kind, .size = size, .ref = { ref }, .key = big->graph.nodes.num
	};

	assert_true(type_store_intern_string(big->store, 0, name, strlen(name), &node.name));
	return graph_add(&big->graph, node).v;
}

static uint32_t big_settle(struct big *big)
{
	uint32_t num;

	assert_null(type_store_add_unit(big->store, 0, 0, NULL, &big->graph));
	assert_null(type_store_settle(big->store, NULL));
	num = type_store_num_types(big->store) - 1;
	graph_deinit(&big->graph);
	type_store_destroy(big->store);
	return num;
}

enum { DEEP = 100000 };

static void deep_chains_of_pointers(void **state)
{
	struct big big = big_create(1);

	(void)state;
	/* Upwards and downwards: each node waits for the next one. */
	for (uint32_t i = 1; i <= DEEP; i++)
		assert_int_equal(big_add(&big, GRAPH_PTR, "", 0, i < DEEP ? i + 1 : 0), i);
	assert_int_equal(big_settle(&big), DEEP);

	big = big_create(1);
	for (uint32_t i = 1; i <= DEEP; i++)
		big_add(&big, GRAPH_PTR, "", 0, i - 1);
	assert_int_equal(big_settle(&big), DEEP);
}

static void deep_chain_into_a_ring(void **state)
{
	struct big big = big_create(1);

	(void)state;
	for (uint32_t i = 1; i <= DEEP; i++)
		big_add(&big, GRAPH_PTR, "", 0, i < DEEP ? i + 1 : DEEP / 2);
	assert_int_equal(big_settle(&big), 1);

	/*
	 * One CONST in the ring tells all places of ring and chain apart: they are so far from it.
	 */
	big = big_create(1);
	for (uint32_t i = 1; i <= DEEP; i++)
		big_add(&big, i == DEEP ? GRAPH_CONST : GRAPH_PTR, "", 0,
			i < DEEP ? i + 1 : DEEP / 2);
	assert_int_equal(big_settle(&big), DEEP);
}

/* Two chains of structs that differ only at their ends, in one unit and in two. */
static void deep_difference(void **state)
{
	(void)state;
	for (uint32_t num_units = 1; num_units <= 2; num_units++) {
		struct big big = big_create(2);

		for (uint32_t chain = 0; chain < 2; chain++) {
			uint32_t last = big_add(&big, GRAPH_TYPEDEF, "end", 0,
						chain ? big_add(&big, GRAPH_PTR, "", 0, 0) : 0);

			for (uint32_t i = 0; i < DEEP / 4; i++) {
				char name[16];

				snprintf(name, sizeof(name), "t%u", i);
				last = big_add(&big, GRAPH_TYPEDEF, name, 0,
					       big_add(&big, GRAPH_PTR, "", 0, last));
			}
			if (num_units == 2 && !chain) {
				assert_null(type_store_add_unit(big.store, 0, 1, NULL, &big.graph));
				assert_true(graph_reset(&big.graph));
			}
		}
		assert_int_equal(big_settle(&big), 2 * (2 * (DEEP / 4) + 1) + 1);
	}
}

/* Layers of structs with many pointers to the next layer: libbpf's time is exponential in them. */
static void layers_with_many_paths(void **state)
{
	enum { LAYERS = 13, WIDTH = 6, COPIES = 2 };
	struct big big = big_create(1);

	(void)state;
	for (int copy = 0; copy < COPIES; copy++) {
		uint32_t last = big_add(&big, GRAPH_INT, "int", 4, 0);

		for (int layer = 0; layer < LAYERS; layer++) {
			struct graph_node node = { .kind = GRAPH_STRUCT,
						   .size = 8 * WIDTH,
						   .num_elems = WIDTH };
			char name[16];

			for (int i = 0; i < WIDTH; i++)
				big_add(&big, GRAPH_PTR, "", 0, last);
			node.first_elem = big.graph.elems.num;
			for (int i = 0; i < WIDTH; i++)
				assert_true(
					vec_push(&big.graph.elems,
						 (struct graph_elem){
							 .ref = { big.graph.nodes.num - WIDTH + i },
							 .value = 64 * i,
						 }));
			snprintf(name, sizeof(name), "layer%d", layer);
			assert_true(type_store_intern_string(big.store, 0, name, strlen(name),
							     &node.name));
			last = graph_add(&big.graph, node).v;
		}
	}
	assert_int_equal(big_settle(&big), 1 + 2 * LAYERS);
}

/* ---- threads ---- */

enum { NUM_UNITS = 60, NUM_STRUCTS = 40 };

static uint32_t mixed(uint32_t a, uint32_t b)
{
	return hash_u64((uint64_t)a << 32 | b) >> 7;
}

/* Units share most of their structs; some names are ambiguous, some are only declared. */
static void fill_unit(struct type_store *store, unsigned int worker, uint32_t unit,
		      struct unit_graph *graph)
{
	assert_true(graph_reset(graph));
	for (uint32_t i = 0; i < NUM_STRUCTS; i++) {
		bool odd = mixed(i, 1) % 7 == 0 && mixed(unit, i) % 5 == 0;
		bool forward = mixed(unit, i + 1000) % 4 == 0;
		struct graph_node node = {
			.kind = forward ? GRAPH_FWD_STRUCT : GRAPH_STRUCT,
			.size = forward ? 0 : 8 + odd,
			.num_elems = forward ? 0 : 3,
			.first_elem = graph->elems.num,
			.key = 2 * i,
		};
		char name[16];

		for (uint32_t m = 0; !forward && m < 3; m++)
			assert_true(vec_push(
				&graph->elems,
				(struct graph_elem){ .ref = { 2 * (mixed(i, m) % NUM_STRUCTS) + 2 },
						     .value = 64 * m }));
		snprintf(name, sizeof(name), "s%u", i);
		assert_true(
			type_store_intern_string(store, worker, name, strlen(name), &node.name));
		assert_int_not_equal(graph_add(graph, node).v, 0);
		node = (struct graph_node){ .kind = GRAPH_PTR,
					    .ref = { 2 * i + 1 },
					    .key = 2 * i + 1 };
		assert_int_not_equal(graph_add(graph, node).v, 0);
	}
}

struct filling {
	struct type_store *store;
	struct unit_graph graphs[4];
};

static struct btfgen_error *fill_and_add(void *ctx, unsigned int worker, size_t unit)
{
	struct filling *filling = ctx;
	struct unit_graph *graph = &filling->graphs[worker];

	fill_unit(filling->store, worker, unit, graph);
	return type_store_add_unit(filling->store, worker, unit, NULL, graph);
}

static void threads_and_order_do_not_show(void **state)
{
	char *first = NULL;

	(void)state;
	for (unsigned int round = 0; round < 12; round++) {
		unsigned int num_workers = 1 + round % 4;
		struct type_store_options options = {
			.num_workers = num_workers,
			.num_units = NUM_UNITS,
			.force_collisions = round == 7,
		};
		struct filling filling = {};
		struct pool *pool;
		char *types;

		assert_null(type_store_create(&options, &filling.store));
		assert_null(pool_create(num_workers, round, &pool));
		assert_null(pool_for(pool, NUM_UNITS, NULL, fill_and_add, &filling));
		assert_null(type_store_settle(filling.store, pool));
		types = text_of_store(filling.store);
		if (!first)
			first = strdup(types);
		assert_string_equal(types, first);
		assert_true(type_store_get_stats(filling.store).num_ambiguous > 3);
		free(types);
		pool_destroy(pool);
		type_store_destroy(filling.store);
		for (int i = 0; i < 4; i++)
			graph_deinit(&filling.graphs[i]);
	}
	free(first);
}

/* ---- no memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

static bool counting;
static unsigned int num_allocations, failing_allocation;

static bool allocation_fails(void)
{
	return counting && ++num_allocations == failing_allocation;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return allocation_fails() ? NULL : __real_aligned_alloc(align, size);
}

static struct btfgen_error *add_and_settle(struct type_store *store, struct unit_graph *graphs,
					   uint32_t num_units)
{
	for (uint32_t u = 0; u < num_units; u++) {
		struct btfgen_error *err = type_store_add_unit(store, 0, u, "d/x.c", &graphs[u]);

		if (err)
			return err;
	}
	return type_store_settle(store, NULL);
}

/* A round with allocation number @fail failing; true if it got through. */
static bool try_with_failure(const char *units, unsigned int fail)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 8 };
	struct text_reader in = { .p = units };
	struct unit_graph graphs[8] = {};
	struct btfgen_error *err;
	uint32_t num_units = 0;
	bool more = true;

	num_allocations = 0;
	failing_allocation = fail;
	counting = true;
	err = type_store_create(&options, &in.store);
	counting = false;
	if (!err) {
		while (more)
			more = text_unit(&in, &graphs[num_units++]);
		counting = true;
		err = add_and_settle(in.store, graphs, num_units);
		counting = false;
		type_store_destroy(in.store);
	}
	for (int i = 0; i < 8; i++)
		graph_deinit(&graphs[i]);
	if (err)
		assert_int_equal(error_exit_code(err), 5);
	error_free(err);
	return !err;
}

static void no_memory_is_an_error_wherever_it_happens(void **state)
{
	static const char *const inputs[] = {
		"int int/4s; *1; S s/16{a:1@0,n:4@64}; *3 | Fs s; *1; td t=2",
		"*2; C 1; *4; C 3; S -/8{a:6@0}; *5; S -/8{b:6@0} | *1",
		"S foo/4{}; *1; S u/8{p:2@0}; S v/8{p:2@0} | S foo/8{}; *1; S u/8{p:2@0} | "
		"Fs foo; *1; S u/8{p:2@0}; S v/8{p:2@0} | "
		"S foo/4{}; *1; S u/8{p:2@0}; S foo/8{}; *4; S u/8{p:5@0} | Fs foo; *1; td t=2; Fe "
		"e",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		unsigned int fail = 1;

		while (!try_with_failure(inputs[i], fail))
			fail++;
		assert_true(fail > 20);
	}
}

static void settling_after_a_failed_unit_is_an_error(void **state)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 1 };
	struct unit_graph graph = {};
	struct type_store *store;

	(void)state;
	assert_null(type_store_create(&options, &store));
	assert_true(graph_reset(&graph));
	assert_int_not_equal(graph_add(&graph, (struct graph_node){ .kind = GRAPH_PTR }).v, 0);
	num_allocations = 0;
	failing_allocation = 1;
	counting = true;
	assert_non_null(type_store_add_unit(store, 0, 0, NULL, &graph));
	counting = false;
	assert_non_null(type_store_settle(store, NULL));
	graph_deinit(&graph);
	type_store_destroy(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_types_of_units_are_one),
		cmocka_unit_test(nothing_settles_to_void),
		cmocka_unit_test(strings_are_kept_once),
		cmocka_unit_test(identifiers_are_what_the_kernel_takes),
		cmocka_unit_test(order_is_by_name_kind_users_and_place),
		cmocka_unit_test(users_and_first_places_are_counted),
		cmocka_unit_test(handles_lead_to_types),
		cmocka_unit_test(alias_is_what_it_stands_for),
		cmocka_unit_test(fields_without_a_meaning_do_not_count),
		cmocka_unit_test(likely_types_are_compared_in_full),
		cmocka_unit_test(doubles_are_listed),
		cmocka_unit_test(stats_tell_sizes),
		cmocka_unit_test(deep_chains_of_pointers),
		cmocka_unit_test(deep_chain_into_a_ring),
		cmocka_unit_test(deep_difference),
		cmocka_unit_test(layers_with_many_paths),
		cmocka_unit_test(threads_and_order_do_not_show),
		cmocka_unit_test(no_memory_is_an_error_wherever_it_happens),
		cmocka_unit_test(settling_after_a_failed_unit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
