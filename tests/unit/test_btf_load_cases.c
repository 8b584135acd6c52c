// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/verify before the cases that kernels are tested with: the verdict of the table, as
 * Linux 7.3 and as 6.18, in both byte orders; and of the running kernel, where it can be asked (root,
 * 6.12 or later; elsewhere that test is skipped and says why).
 *
 * Where 6.18.44 and the table differ, the case has the reason:
 *
 *	168-170, 172	a TYPE_TAG behind another modifier, refused up to 7.1 (C3)
 *	176, 177	a lock in a struct within a struct, and a second reference count; kernels
 *			without a fix of 2026 look at each struct alone, and allow many counts
 *
 * A kernel that lacks another fix writes behind the end of an array when it is given case 178: it is
 * asked about that only if it is known to have it.
 */
#include <stdio.h>

#include "btf_blob.h"
#include "btf_kernel.h"

#include "lib/btf/quality.h"
#include "lib/btf/verify.h"

enum verdict { TAKEN, NO_MAP, REFUSED };
enum by_618 { LIKE_TABLE, TAKEN_BY_618, REFUSED_BY_618 };

struct load_case {
	unsigned int number;
	enum verdict verdict;
	const char *rule; /* "": it cannot be opened, or is taken */
	const char *types;
	int header_size, types_off, strings_off, strings_size; /* added to these fields */
	unsigned int cut;					/* bytes from the end */
	enum by_618 by_618;
	bool is_harmful;
};

#define CASE(number_, verdict_, rule_, ...)                                                        \
	{ .number = number_, .verdict = verdict_, .rule = rule_, .types = __VA_ARGS__ }

static const struct load_case cases[] = {
#include "btf_load_cases.h"
};

enum { NUM_CASES = sizeof(cases) / sizeof(*cases) };

static void field_add(struct blob *blob, uint32_t off, int change)
{
	blob_set_header(blob, off, blob_header(blob, off) + change);
}

static void case_build(const struct load_case *c, bool big_endian, struct blob *ret_blob)
{
	blob_build(ret_blob, c->types, big_endian);
	field_add(ret_blob, BTF_HEADER_SIZE_OFF, c->header_size);
	field_add(ret_blob, BTF_HEADER_TYPES_OFF_OFF, c->types_off);
	field_add(ret_blob, BTF_HEADER_STRINGS_OFF_OFF, c->strings_off);
	field_add(ret_blob, BTF_HEADER_STRINGS_SIZE_OFF, c->strings_size);
	ret_blob->size -= c->cut;
}

static bool is_refused(const struct load_case *c, bool as_618)
{
	if (as_618 && c->by_618 != LIKE_TABLE)
		return c->by_618 == REFUSED_BY_618;
	return c->verdict == REFUSED;
}

/* *ret_rule: "" if it is taken or cannot be opened. */
static bool we_refuse(const struct blob *blob, const struct verify_options *options,
		      char ret_text[static 1024], const char **ret_rule)
{
	struct verify_violation violation;
	struct btfgen_error *err;
	struct btf_view view;

	ret_text[0] = 0;
	*ret_rule = "";
	err = btf_view_open(blob_span(blob), NULL, &view);
	if (err) {
		snprintf(ret_text, 1024, "%s", err->message);
		error_free(err);
		return true;
	}
	assert_null(btf_verify(&view, options, NULL, &violation));
	btf_view_close(&view);
	if (!violation.rule)
		return false;
	*ret_rule = violation.rule;
	snprintf(ret_text, 1024, "%s", violation.text);
	return true;
}

static struct verify_options options_618(void)
{
	struct verify_options options = { .ptr_size = 8, .program = true };

	verify_options_for_kernel(&options, 6, 18);
	options.flat_fields = options.two_level_graph = true;
	return options;
}

static void table_is_whole(void **state)
{
	unsigned int num[3] = {}, num_other = 0;

	(void)state;
	for (unsigned int i = 0; i < NUM_CASES; i++) {
		assert_int_equal(cases[i].number, i + 1);
		num[cases[i].verdict]++;
		num_other += cases[i].by_618 != LIKE_TABLE;
	}
	assert_int_equal(num[TAKEN], 57);
	assert_int_equal(num[NO_MAP], 6);
	assert_int_equal(num[REFUSED], 115);
	assert_int_equal(num_other, 6);
}

static void verdicts_are_those_of_the_table(void **state)
{
	struct verify_options options = { .ptr_size = 8, .program = true }, old = options_618();

	(void)state;
	verify_options_for_kernel(&options, 7, 3);
	for (unsigned int i = 0; i < 2 * NUM_CASES; i++) {
		const struct load_case *c = &cases[i / 2];
		struct blob blob;
		const char *rule;
		char text[1024];

		case_build(c, i % 2, &blob);
		if (we_refuse(&blob, &options, text, &rule) != is_refused(c, false))
			fail_msg("case %u: '%s', should be %s", c->number, text,
				 is_refused(c, false) ? "refused" : "taken");
		if (strcmp(rule, c->rule))
			fail_msg("case %u: rule '%s' instead of '%s'", c->number, rule, c->rule);
		if (we_refuse(&blob, &old, text, &rule) != is_refused(c, true))
			fail_msg("case %u for 6.18: '%s', should be %s", c->number, text,
				 is_refused(c, true) ? "refused" : "taken");
		blob_free(&blob);
	}
}

/* All violations: the first one is the same, and what is taken has none. */
static void lists_begin_with_the_verdict(void **state)
{
	struct verify_options options = { .ptr_size = 8, .program = true };

	(void)state;
	verify_options_for_kernel(&options, 7, 3);
	for (unsigned int i = 0; i < NUM_CASES; i++) {
		const struct load_case *c = &cases[i];
		struct verify_findings findings = { .max = SIZE_MAX };
		struct btfgen_error *err;
		struct btf_view view;
		struct blob blob;

		case_build(c, false, &blob);
		err = btf_view_open(blob_span(&blob), NULL, &view);
		if (err) {
			assert_true(c->verdict == REFUSED && !*c->rule);
			error_free(err);
			blob_free(&blob);
			continue;
		}
		assert_null(btf_verify_all(&view, &options, &findings));
		assert_int_equal(findings.num_found[1], 0);
		assert_int_equal(findings.num_kept[0], findings.num_found[0]);
		assert_int_equal(findings.items.num, findings.num_found[0]);
		if (!*c->rule)
			assert_int_equal(findings.items.num, 0);
		else if (strcmp(findings.items.data[0].rule->id, c->rule))
			fail_msg("case %u: list begins with %s", c->number,
				 findings.items.data[0].rule->id);
		for (size_t k = 0; k < findings.items.num; k++)
			assert_int_equal(verify_rule_level(findings.items.data[k].rule, true,
							   VERIFY_KERNEL(7, 3)),
					 VERIFY_REFUSED);
		assert_null(btf_find_flaws(&view, true, &findings));
		verify_findings_deinit(&findings);
		btf_view_close(&view);
		blob_free(&blob);
	}
}

/* The kernel. */

/* Releases whose source was looked at, or which were asked. */
static bool kernel_counts_repeated_fields(unsigned int version, unsigned int patch)
{
	return version >= VERIFY_KERNEL(7, 2) ||
	       (version == VERIFY_KERNEL(6, 18) && patch >= 44) ||
	       (version == VERIFY_KERNEL(6, 12) && patch >= 117);
}

static void kernel_agrees(void **state)
{
	unsigned int patch, version = kernel_version(&patch), num_asked = 0;
	struct verify_options options;

	(void)state;
	if (!kernel_options(&options))
		skip();
	for (unsigned int i = 0; i < NUM_CASES; i++) {
		const struct load_case *c = &cases[i];
		struct blob blob;
		const char *rule;
		char text[1024];
		bool taken;

		if (c->is_harmful && !kernel_counts_repeated_fields(version, patch))
			continue;
		case_build(c, HOST_BIG_ENDIAN, &blob);
		taken = kernel_accepts(blob.data, blob.size);
		if (taken == we_refuse(&blob, &options, text, &rule))
			fail_msg("case %u: the kernel %s it, ours '%s'", c->number,
				 taken ? "takes" : "refuses", text);
		/* Lines with kernels that have all fixes and kernels that do not are no judges. */
		if (version >= VERIFY_KERNEL(7, 3) || (version == VERIFY_KERNEL(6, 18) && patch == 44))
			assert_int_equal(!taken, is_refused(c, version == VERIFY_KERNEL(6, 18)));
		blob_free(&blob);
		num_asked++;
	}
	print_message("Linux %u.%u.%u agrees on %u of %u cases\n", version >> 8, version & 0xff,
		      patch, num_asked, NUM_CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(verdicts_are_those_of_the_table),
		cmocka_unit_test(lists_begin_with_the_verdict),
		cmocka_unit_test(kernel_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
