// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cli/json.h"

static char *text;
static size_t text_size;
static FILE *out;
static struct json json;

static int setup(void **state)
{
	(void)state;
	out = open_memstream(&text, &text_size);
	json_init(&json, out);
	return out ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void expect(const char *wanted)
{
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, wanted);
}

static void expect_escaped(const char *value, const char *wanted)
{
	setup(NULL);
	json_string(&json, NULL, value);
	expect(wanted);
	teardown(NULL);
}

/* A value that was written before it is known where it goes. */
static void test_part(void **state)
{
	char *part = NULL;
	size_t part_size;
	struct json inner;
	FILE *part_out = open_memstream(&part, &part_size);

	(void)state;
	assert_non_null(part_out);
	json_init_part(&inner, part_out, 2);
	json_open(&inner, NULL, '{');
	json_open(&inner, "a", '[');
	json_uint(&inner, NULL, 1);
	json_close(&inner, ']');
	json_close(&inner, '}');
	assert_int_equal(fclose(part_out), 0);
	assert_string_equal(part, "{\n      \"a\": [\n        1\n      ]\n    }");
	json_open(&json, NULL, '{');
	json_open(&json, "files", '[');
	json_raw(&json, NULL, part);
	json_raw(&json, NULL, part);
	json_close(&json, ']');
	json_close(&json, '}');
	expect("{\n  \"files\": [\n"
	       "    {\n      \"a\": [\n        1\n      ]\n    },\n"
	       "    {\n      \"a\": [\n        1\n      ]\n    }\n"
	       "  ]\n}\n");
	free(part);
}

static void test_structure(void **state)
{
	(void)state;
	json_open(&json, NULL, '{');
	json_uint(&json, "a", UINT64_MAX);
	json_open(&json, "b", '[');
	json_bool(&json, NULL, true);
	json_bool(&json, NULL, false);
	json_open(&json, NULL, '{');
	json_close(&json, '}');
	json_close(&json, ']');
	json_open(&json, "c", '[');
	json_close(&json, ']');
	json_string(&json, "d", NULL);
	json_close(&json, '}');
	expect("{\n"
	       "  \"a\": 18446744073709551615,\n"
	       "  \"b\": [\n"
	       "    true,\n"
	       "    false,\n"
	       "    {}\n"
	       "  ],\n"
	       "  \"c\": [],\n"
	       "  \"d\": null\n"
	       "}\n");
}

static void test_escapes(void **state)
{
	(void)state;
	expect_escaped("", "\"\"\n");
	expect_escaped("a\"b\\c/", "\"a\\\"b\\\\c/\"\n");
	expect_escaped("\n\t\x01\x7f", "\"\\u000a\\u0009\\u0001\\u007f\"\n");
}

/* Nothing in a string ends the script element that the document may stand in, or opens a comment. */
static void test_inside_html(void **state)
{
	(void)state;
	expect_escaped("</script>", "\"\\u003c/script>\"\n");
	expect_escaped("<!--<script", "\"\\u003c!--\\u003cscript\"\n");
	expect_escaped("Vec<u8>&", "\"Vec\\u003cu8>&\"\n");
	/* The two ends of lines, and their neighbours as they are. */
	expect_escaped("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
		       "\"\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa\"\n");
	expect_escaped("\xe2\x81\xa8\xe3\x80\xa8", "\"\xe2\x81\xa8\xe3\x80\xa8\"\n");
}

static void test_inside_html_keys(void **state)
{
	(void)state;
	json_open(&json, NULL, '{');
	json_uint(&json, "</script>", 1);
	json_close(&json, '}');
	expect("{\n  \"\\u003c/script>\": 1\n}\n");
}

static void test_signed(void **state)
{
	(void)state;
	json_open(&json, NULL, '[');
	json_int(&json, NULL, INT64_MIN);
	json_int(&json, NULL, -1);
	json_int(&json, NULL, INT64_MAX);
	json_close(&json, ']');
	expect("[\n  -9223372036854775808,\n  -1,\n  9223372036854775807\n]\n");
}

/* Valid sequences pass as they are: the ends of each range of RFC 3629 section 4. */
static void test_utf8(void **state)
{
	static const char *const good[] = {
		"\xc2\x80",	    "\xdf\xbf",		"\xe0\xa0\x80", "\xec\xbf\xbf",
		"\xed\x9f\xbf",	    "\xee\x80\x80",	"\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf",
	};
	char wanted[16];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(wanted, sizeof(wanted), "\"%s\"\n", good[i]);
		expect_escaped(good[i], wanted);
	}
}

static void test_invalid_utf8(void **state)
{
	(void)state;
	expect_escaped("\xff", "\"\\ufffd\"\n");
	expect_escaped("a\x80"
		       "b",
		       "\"a\\ufffdb\"\n");
	/* Cut off at the end: nothing behind the zero is read. */
	expect_escaped("\xc3", "\"\\ufffd\"\n");
	expect_escaped("\xe2\x82", "\"\\ufffd\\ufffd\"\n");
	expect_escaped("\xf0\x9f\x98", "\"\\ufffd\\ufffd\\ufffd\"\n");
	/* Overlong, surrogate, above U+10FFFF. */
	expect_escaped("\xc1\xbf", "\"\\ufffd\\ufffd\"\n");
	expect_escaped("\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\"\n");
	expect_escaped("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n");
	expect_escaped("\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n");
	expect_escaped("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n");
	expect_escaped("\xf5\x80", "\"\\ufffd\\ufffd\"\n");
	expect_escaped("\xc3(", "\"\\ufffd(\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_part, setup, teardown),
		cmocka_unit_test_setup_teardown(test_structure, setup, teardown),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_inside_html),
		cmocka_unit_test_setup_teardown(test_inside_html_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signed, setup, teardown),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_invalid_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
