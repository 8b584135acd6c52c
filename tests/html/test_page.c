// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What stands around the document of a page, without a browser. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/page.h"
#include "cli/page_files.h"

static char *make_page(const char *title, enum page_kind kind, const char *data)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	page_begin(out, title, kind);
	fputs(data, out);
	page_end(out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

static void expect_title(const char *title, const char *wanted)
{
	char *page = make_page(title, PAGE_STAT, "{}\n");
	char *start = strstr(page, "<title>");
	char *end = strstr(page, "</title>");

	assert_non_null(start);
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(start + strlen("<title>"), wanted);
	free(page);
}

static void test_titles(void **state)
{
	(void)state;
	expect_title("", "");
	expect_title("BTF of vmlinux", "BTF of vmlinux");
	expect_title("</title><script>&\"'", "&#60;/title&#62;&#60;script&#62;&#38;&#34;&#39;");
	/* A mark of the template is text like any other. */
	expect_title("{{data}}{{title}}{", "{{data}}{{title}}{");
	/* Two and four bytes as they are; control bytes and what is no UTF-8 replaced. */
	expect_title("\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80");
	expect_title("a\x01\n\x7f\xff\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
						  "\xef\xbf\xbd");
}

static unsigned int count(const char *text, const char *part)
{
	unsigned int num = 0;

	for (const char *s = strstr(text, part); s; s = strstr(s + 1, part))
		num++;
	return num;
}

static void test_parts(void **state)
{
	static const struct {
		enum page_kind kind;
		const struct page_file *with, *without;
	} cases[] = {
		{ PAGE_STAT, &page_stat_js, &page_diff_js },
		{ PAGE_DIFF, &page_diff_js, &page_stat_js },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *page = make_page("t", cases[i].kind, "{\"a\": 1}\n");

		assert_memory_equal(page, "<!DOCTYPE html>", strlen("<!DOCTYPE html>"));
		assert_non_null(strstr(page, (const char *)page_css.data));
		assert_non_null(strstr(page, (const char *)page_common_js.data));
		assert_non_null(strstr(page, (const char *)cases[i].with->data));
		assert_null(strstr(page, (const char *)cases[i].without->data));
		assert_non_null(strstr(page, "<script type=\"application/json\" id=\"data\">\n"
					     "{\"a\": 1}\n</script>\n</body>\n</html>\n"));
		/* The marks are gone, and no script ends early. */
		assert_int_equal(count(page, "{{"), 0);
		assert_int_equal(count(page, "<script"), 2);
		assert_int_equal(count(page, "</script"), 2);
		assert_int_equal(count(page, "<!--"), 1);
		free(page);
	}
}

/* Each array is as long as its file, with a zero behind it. */
static void test_files(void **state)
{
	static const struct page_file *const files[] = {
		&page_html, &page_css, &page_common_js, &page_stat_js, &page_diff_js,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_true(files[i]->size > 100);
		assert_int_equal(strlen((const char *)files[i]->data), files[i]->size);
		assert_int_equal(files[i]->data[files[i]->size - 1], '\n');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
