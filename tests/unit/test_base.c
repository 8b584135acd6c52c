// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* lib/base: errors, vectors, arenas, diagnostics and the thread pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/base/span.h"
#include "lib/base/vec.h"

static void error_text_holds_all_parts_of_the_place(void **state)
{
	struct btfgen_error *err = error_create_at(".debug_info", 0x1a, "unknown form 0x%x", 0x7f);
	char *text;

	(void)state;
	err = error_in_unit(err, "a\nb.c");
	err = error_in_file(err, "vmlinux");
	err = error_in_file(err, "not this one");
	text = error_text(err);
	assert_string_equal(text, "vmlinux: .debug_info+0x1a (unit 'a?b.c'): unknown form 0x7f");
	assert_int_equal(error_exit_code(err), 3);
	free(text);
	error_free(err);
}

static void error_without_memory_is_accepted_everywhere(void **state)
{
	struct btfgen_error *err = error_in_unit(error_in_file(error_nomem(), "f"), "u");
	char *text = error_text(err);

	(void)state;
	assert_string_equal(text, "out of memory");
	assert_int_equal(error_exit_code(err), 5);
	free(text);
	error_free(err);
	assert_null(error_in_file(NULL, "f"));
	error_free(NULL);
}

static void range_fits_does_not_wrap(void **state)
{
	(void)state;
	assert_true(range_fits(4, 4, 8));
	assert_false(range_fits(5, 4, 8));
	assert_false(range_fits(UINT64_MAX, 2, 8));
	assert_false(range_fits(4, UINT64_MAX, 8));
}

static void arena_gives_aligned_memory_that_stays(void **state)
{
	struct arena arena;
	uint8_t *all[4000];

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < 4000; i++) {
		size_t size = i % 97 == 0 ? 100000 : i % 300;

		all[i] = arena_alloc(&arena, size, 8);
		assert_non_null(all[i]);
		assert_int_equal((uintptr_t)all[i] % 8, 0);
		memset(all[i], (int)(i & 0xff), size);
	}
	for (size_t i = 0; i < 4000; i++) {
		size_t size = i % 97 == 0 ? 100000 : i % 300;

		for (size_t k = 0; k < size; k++)
			assert_int_equal(all[i][k], i & 0xff);
	}
	arena_deinit(&arena);
}

static void diag_merge_orders_by_kind_unit_offset(void **state)
{
	struct diag_list a = {}, b = {};

	(void)state;
	assert_true(diag_add(&a, (struct diag){ .kind = 2, .unit = 1, .off = 5 }));
	assert_true(diag_add(&a, (struct diag){ .kind = 1, .unit = 9, .off = 7 }));
	assert_true(diag_add(&b, (struct diag){ .kind = 1, .unit = 9, .off = 3 }));
	assert_true(diag_merge(&a, &b));
	assert_int_equal(a.items.num, 3);
	assert_int_equal(a.items.data[0].off, 3);
	assert_int_equal(a.items.data[1].off, 7);
	assert_int_equal(a.items.data[2].kind, 2);
	assert_int_equal(b.items.num, 0);
	diag_list_deinit(&a);
}

struct sum {
	uint64_t by_worker[8];
	uint32_t visits[1000];
	uint32_t last;		/* the index called most recently, for the order of a pool of one */
	bool in_order;
};

static struct btfgen_error *sum_one(void *ctx, unsigned int worker, size_t index)
{
	struct sum *sum = ctx;

	sum->by_worker[worker] += index;
	sum->visits[index]++;
	return NULL;
}

static void pool_visits_each_index_once(void **state)
{
	(void)state;
	for (unsigned int workers = 1; workers <= 8; workers++) {
		for (uint64_t seed = 0; seed < 3; seed++) {
			struct pool *pool;
			struct sum sum = {};
			uint64_t total = 0;

			assert_null(pool_create(workers, seed, &pool));
			assert_null(pool_for(pool, 1000, NULL, sum_one, &sum));
			assert_null(pool_for(pool, 0, NULL, sum_one, &sum));
			for (unsigned int i = 0; i < 8; i++)
				total += sum.by_worker[i];
			assert_int_equal(total, 999 * 1000 / 2);
			for (unsigned int i = 0; i < 1000; i++)
				assert_int_equal(sum.visits[i], 1);
			pool_destroy(pool);
		}
	}
}

static struct btfgen_error *fail_from_300(void *ctx, unsigned int worker, size_t index)
{
	(void)ctx;
	(void)worker;
	if (index >= 300)
		return error_create(BTFGEN_ERROR_INPUT, "bad %zu", index);
	return NULL;
}

static void pool_returns_the_error_of_the_lowest_index(void **state)
{
	(void)state;
	for (unsigned int workers = 1; workers <= 8; workers++) {
		for (uint64_t seed = 0; seed < 8; seed++) {
			struct btfgen_error *err;
			struct pool *pool;

			assert_null(pool_create(workers, seed, &pool));
			err = pool_for(pool, 1000, NULL, fail_from_300, NULL);
			assert_non_null(err);
			assert_string_equal(err->message, "bad 300");
			error_free(err);
			pool_destroy(pool);
		}
	}
}

static struct btfgen_error *check_descending(void *ctx, unsigned int worker, size_t index)
{
	struct sum *sum = ctx;

	(void)worker;
	if (index >= sum->last)
		sum->in_order = false;
	sum->last = index;
	return NULL;
}

static void pool_of_one_follows_the_given_order(void **state)
{
	struct sum sum = { .last = 1000, .in_order = true };
	uint32_t order[1000];
	struct pool *pool;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		order[i] = 999 - i;
	assert_null(pool_create(1, 0, &pool));
	assert_null(pool_for(pool, 1000, order, check_descending, &sum));
	assert_true(sum.in_order);
	assert_int_equal(sum.last, 0);
	pool_destroy(pool);
	assert_true(pool_available_cpus() >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_text_holds_all_parts_of_the_place),
		cmocka_unit_test(error_without_memory_is_accepted_everywhere),
		cmocka_unit_test(range_fits_does_not_wrap),
		cmocka_unit_test(arena_gives_aligned_memory_that_stays),
		cmocka_unit_test(diag_merge_orders_by_kind_unit_offset),
		cmocka_unit_test(pool_visits_each_index_once),
		cmocka_unit_test(pool_returns_the_error_of_the_lowest_index),
		cmocka_unit_test(pool_of_one_follows_the_given_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
