// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* section_choice: what a list means for each section; and the table of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/name_table.h"
#include "section_choice.h"

static const char *const sections[] = { ".data", ".data..percpu", ".data..once", ".bss" };

/* For each of the sections: '-' unwanted, 'a' by all, 'n' named. */
static const struct {
	const char *list;
	const char *wishes;
	bool empty;
	bool wide;
} lists[] = {
	{ "none", "----", true, false },	 { "all", "aaaa", false, true },
	{ "percpu", "-n--", false, false },	 { ".data", "n---", false, true },
	{ ".data*", "nnn-", false, true },	 { ".data..*", "-nn-", false, true },
	{ ".DATA", "----", false, true },	 { "+.bss", "-n-n", false, true },
	{ "-.bss", "-n--", false, false },	 { "-percpu", "----", false, false },
	{ "all,-.bss", "aaa-", false, true },	 { "all,.bss", "aaan", false, true },
	{ ".bss,all", "aaan", false, true },	 { "all,-.bss,.b?s", "aaan", false, true },
	{ "all,-all", "----", false, true },	 { "percpu,-percpu", "----", false, false },
	{ ".data,-.data*", "----", false, true }, { "*", "nnnn", false, true },
	{ "[.]bss", "---n", false, true },	 { "+all,-.data", "-naa", false, true },
	{ "nonesuch", "----", false, true },	 { "allow", "----", false, true },
};

static void lists_choose_sections(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct section_choice choice;
		char wishes[8] = { 0 };

		assert_null(section_choice_parse(lists[i].list, &choice));
		for (size_t j = 0; j < 4; j++)
			wishes[j] = "-an"[section_choice_of(&choice, sections[j])];
		assert_string_equal(wishes, lists[i].wishes);
		assert_string_equal(choice.list, lists[i].list);
		assert_int_equal(section_choice_is_empty(&choice), lists[i].empty);
		assert_int_equal(section_choice_is_wide(&choice), lists[i].wide);
		section_choice_deinit(&choice);
	}
}

static void bad_lists_are_errors(void **state)
{
	static const char *const bad[] = { "", ",", "all,", ",all", "a,,b", "-", "+", "all,-",
					   "none,all", "all,none", "-none", "+none" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct section_choice choice;
		struct btfgen_error *err = section_choice_parse(bad[i], &choice);

		assert_non_null(err);
		assert_int_equal(err->code, BTFGEN_ERROR_USAGE);
		error_free(err);
	}
}

static void names_are_counted_if_they_are_there(void **state)
{
	enum { NUM = 1000 };
	struct name_table table = { 0 };
	char names[NUM][8];

	(void)state;
	assert_false(name_table_has(&table, "0"));
	assert_int_equal(name_table_get(&table, "0"), 0);
	name_table_count(&table, "0");
	for (int i = 0; i < NUM; i++) {
		snprintf(names[i], sizeof(names[i]), "%d", i);
		assert_true(name_table_insert(&table, names[i]));
		assert_true(name_table_insert(&table, names[i / 2]));
	}
	assert_int_equal(table.num, NUM);
	for (int i = 0; i < NUM; i++) {
		for (int j = 0; j < i; j++)
			name_table_count(&table, names[i]);
		name_table_count(&table, "absent");
	}
	for (int i = 0; i < NUM; i++) {
		assert_true(name_table_has(&table, names[i]));
		assert_int_equal(name_table_get(&table, names[i]), i < 255 ? i : 255);
	}
	assert_false(name_table_has(&table, "absent"));
	assert_int_equal(name_table_get(&table, "absent"), 0);
	name_table_deinit(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_choose_sections),
		cmocka_unit_test(bad_lists_are_errors),
		cmocka_unit_test(names_are_counted_if_they_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
