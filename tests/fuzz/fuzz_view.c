// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: one byte of flags, the rest is raw BTF. Opens, verifies as every kind of reader and
 * describes each type; flag 1 makes it a split BTF over a small base. Then the same BTF in the
 * other byte order must give the same answers.
 */
#include <string.h>

#include "lib/base/span.h"
#include "lib/btf/describe.h"
#include "lib/btf/quality.h"
#include "lib/btf/verify.h"
#include "lib/btf/view.h"
#include "tests/fuzz/fuzz.h"

enum { FLAG_SPLIT = 1 };

/* In the host's byte order: int, PTR to it, const void, struct b { int m; }, int [3]. */
/* clang-format off */
static const uint32_t base_types[] = {
	1, 0x01000000, 4, 0x01000020,
	0, 0x02000000, 1,
	0, 0x0a000000, 0,
	5, 0x04000001, 4, 7, 1, 0,
	0, 0x03000000, 0, 1, 1, 3,
};
/* clang-format on */
static const char base_strings[] = "\0int\0b\0m";

enum { BASE_SIZE = BTF_HEADER_SIZE + sizeof(base_types) + sizeof(base_strings) };

static void base_make(bool swap, uint8_t *ret_base)
{
	memset(ret_base, 0, BASE_SIZE);
	store_u16(ret_base, BTF_HEADER_MAGIC, swap);
	ret_base[BTF_HEADER_VERSION_OFF] = BTF_HEADER_VERSION;
	store_u32(ret_base + BTF_HEADER_SIZE_OFF, BTF_HEADER_SIZE, swap);
	store_u32(ret_base + BTF_HEADER_TYPES_SIZE_OFF, sizeof(base_types), swap);
	store_u32(ret_base + BTF_HEADER_STRINGS_OFF_OFF, sizeof(base_types), swap);
	store_u32(ret_base + BTF_HEADER_STRINGS_SIZE_OFF, sizeof(base_strings), swap);
	for (size_t i = 0; i < sizeof(base_types) / 4; i++)
		store_u32(ret_base + BTF_HEADER_SIZE + i * 4, base_types[i], swap);
	memcpy(ret_base + BTF_HEADER_SIZE + sizeof(base_types), base_strings, sizeof(base_strings));
}

static void swap_words(uint8_t *data, size_t num)
{
	for (size_t i = 0; i < num; i++)
		store_u32(data + i * 4, load_u32(data + i * 4, false), true);
}

/* A section's bytes as a half-open range; empty ones meet nothing. */
static bool ranges_meet(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

static bool can_be_swapped(const struct btf_view *view)
{
	return !view->num_unknown &&
	       !ranges_meet(view->types_off, view->types_size, view->strings_off,
			    view->strings_size) &&
	       !ranges_meet(view->types_off, view->types_size, view->layout_off, view->layout_size);
}

static uint8_t *swapped(const struct btf_view *view)
{
	uint32_t header = view->header_size < BTF_HEADER_LAYOUT_SIZE ? BTF_HEADER_SIZE
								     : BTF_HEADER_LAYOUT_SIZE;
	uint8_t *data = malloc(view->bytes.size);

	FUZZ_CHECK(data);
	memcpy(data, view->bytes.data, view->bytes.size);
	store_u16(data, load_u16(data, false), true);
	swap_words(data + BTF_HEADER_SIZE_OFF, (header - BTF_HEADER_SIZE_OFF) / 4);
	/* All words of a record are swapped, so kinds do not matter. */
	swap_words(data + view->types_off, view->types_size / 4);
	return data;
}

static void verify_all_ways(const struct btf_view *view, struct verify_violation *ret_violations)
{
	static const struct verify_options options[] = {
		{ .ptr_size = 8,
		  .program = true,
		  .tags_first = true,
		  .classic_header = true,
		  .classic_info = true },
		{ .ptr_size = 8, .program = true },
		{ .ptr_size = 4,
		  .sorted = true,
		  .funcs = true,
		  .layout = true,
		  .strings = true,
		  .vars = true,
		  .plain_tags = true },
		{ .ptr_size = 8, .vars = true },
		{ .ptr_size = 4, .strings = true, .tags = true },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		memset(&ret_violations[i], 0, sizeof(ret_violations[i]));
		FUZZ_CHECK(!btf_verify(view, &options[i], NULL, &ret_violations[i]));
		FUZZ_CHECK(!ret_violations[i].rule || ret_violations[i].text[0]);
		FUZZ_CHECK(ret_violations[i].type_id < view->num_ids);
	}
}

/* The list begins with the verdict, and everything that can be read can have flaws. */
static void list_all(const struct btf_view *view)
{
	struct verify_options options = { .ptr_size = 8 };

	for (int i = 0; i < 4; i++) {
		struct verify_findings findings = { .max = 100 };
		struct verify_violation violation;
		char text[sizeof(violation.text)];

		options.program = i & 1;
		verify_options_for_kernel(&options, i & 2 ? 7 : 5, i & 2 ? 3 : 10);
		FUZZ_CHECK(!btf_verify(view, &options, NULL, &violation));
		FUZZ_CHECK(!btf_verify_all(view, &options, &findings));
		FUZZ_CHECK(!violation.rule == !findings.num_found[0]);
		if (violation.rule) {
			verify_finding_describe(&findings.items.data[0], text, sizeof(text));
			FUZZ_CHECK(!strcmp(text, violation.text));
		}
		FUZZ_CHECK(!btf_find_flaws(view, i & 1, &findings));
		verify_findings_deinit(&findings);
	}
}

enum { NUM_WAYS = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verify_violation ours[NUM_WAYS], others[NUM_WAYS];
	uint8_t base_bytes[BASE_SIZE], other_base_bytes[BASE_SIZE];
	struct btf_view base, other_base, view, other;
	bool split, can_swap;
	struct btfgen_error *err;
	struct span bytes;
	uint8_t *copy;

	if (!size)
		return 0;
	split = data[0] & FLAG_SPLIT;
	/* A block of its own, for the sanitizer's sake. */
	bytes.size = size - 1;
	bytes.data = copy = malloc(bytes.size);
	FUZZ_CHECK(copy || !bytes.size);
	if (bytes.size)
		memcpy(copy, data + 1, bytes.size);
	base_make(bytes.size && copy[0] != (HOST_BIG_ENDIAN ? 0xeb : 0x9f), base_bytes);
	base_make(bytes.size && copy[0] == (HOST_BIG_ENDIAN ? 0xeb : 0x9f), other_base_bytes);
	FUZZ_CHECK(!btf_view_open((struct span){ base_bytes, BASE_SIZE }, NULL, &base));
	FUZZ_CHECK(!btf_view_open((struct span){ other_base_bytes, BASE_SIZE }, NULL, &other_base));
	err = btf_view_open(bytes, split ? &base : NULL, &view);
	if (err) {
		FUZZ_CHECK(err->code == BTFGEN_ERROR_INPUT && err->message && err->section);
		error_free(err);
		goto out;
	}
	verify_all_ways(&view, ours);
	list_all(&view);
	can_swap = can_be_swapped(&view);
	if (can_swap) {
		uint8_t *swapped_bytes = swapped(&view);

		FUZZ_CHECK(!btf_view_open((struct span){ swapped_bytes, bytes.size },
					  split ? &other_base : NULL, &other));
		FUZZ_CHECK(other.num_ids == view.num_ids && other.swap != view.swap);
		verify_all_ways(&other, others);
		for (int i = 0; i < NUM_WAYS; i++) {
			/* H3 names the first byte that is not zero, which depends on the order. */
			if (ours[i].rule && others[i].rule && !strcmp(ours[i].rule, "H3") &&
			    !strcmp(others[i].rule, "H3"))
				continue;
			FUZZ_CHECK(!strcmp(ours[i].text, others[i].text));
		}
	}
	for (uint32_t id = 0; id <= view.num_ids; id++) {
		struct describe_text text, other_text;

		btf_describe_type(&view, id, &text);
		FUZZ_CHECK(memchr(text.data, 0, sizeof(text.data)));
		if (can_swap) {
			btf_describe_type(&other, id, &other_text);
			FUZZ_CHECK(!strcmp(text.data, other_text.data));
		}
	}
	if (can_swap) {
		free((void *)other.bytes.data);
		btf_view_close(&other);
	}
	btf_view_close(&view);
out:
	btf_view_close(&base);
	btf_view_close(&other_base);
	free(copy);
	return 0;
}
