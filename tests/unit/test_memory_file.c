// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/memory_file.h"

/* The growth that fails, from 0; negative: none. */
static int fail_at = -1;

void *__real_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size)
{
	return fail_at >= 0 && fail_at-- == 0 ? NULL : __real_realloc(data, size);
}

enum { NUM_LINES = 20000 };

static void write_lines(FILE *out)
{
	for (int i = 0; i < NUM_LINES; i++)
		fprintf(out, "line %05d\n", i);
}

static void all_is_there(void **state)
{
	struct memory_file file;

	(void)state;
	assert_null(memory_file_open(&file));
	write_lines(file.out);
	fwrite("\0<", 1, 2, file.out);
	assert_null(memory_file_finish(&file));
	assert_int_equal(file.size, NUM_LINES * 11 + 2);
	assert_memory_equal(file.data + file.size - 13, "line 19999\n\0<", 14);
	memory_file_close(&file);
	memory_file_close(&file);
}

static void nothing(void **state)
{
	struct memory_file file;

	(void)state;
	assert_null(memory_file_open(&file));
	assert_null(memory_file_finish(&file));
	assert_int_equal(file.size, 0);
	assert_string_equal(file.data, "");
	memory_file_close(&file);
	assert_null(memory_file_open(&file));
	fputs("never finished", file.out);
	memory_file_close(&file);
}

/* One piece is lost, and there is memory again behind it. */
static void every_loss_is_told(void **state)
{
	int num_failed = 0;

	(void)state;
	for (int i = 0;; i++) {
		struct btfgen_error *err;
		struct memory_file file;

		assert_null(memory_file_open(&file));
		fail_at = i;
		write_lines(file.out);
		err = memory_file_finish(&file);
		if (fail_at >= 0) {
			assert_null(err);
			memory_file_close(&file);
			break;
		}
		assert_non_null(err);
		assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
		error_free(err);
		memory_file_close(&file);
		num_failed++;
		assert_true(num_failed < 1000);
	}
	fail_at = -1;
	assert_true(num_failed > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_there),
		cmocka_unit_test(nothing),
		cmocka_unit_test(every_loss_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
