// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: a byte of flags, two bytes with the size of the first BTF, then two raw BTFs. Both ways of
 * comparing them must agree: what is new in one is gone in the other. Each is the same as itself.
 * Flag 1: both are split BTF over the first.
 */
#include <string.h>

#include "lib/base/span.h"
#include "lib/btf/diff.h"
#include "tests/fuzz/fuzz.h"

enum { FLAG_SPLIT = 1, HEAD = 3 };

static void check_entry(const struct btf_diff *diff, const struct diff_entry *entry)
{
	FUZZ_CHECK(entry->kind && entry->kind < BTF_NUM_KINDS && entry->name);
	FUZZ_CHECK((entry->num_details > 0) == (entry->change == DIFF_CHANGED));
	for (size_t i = 0; i < entry->num_details; i++) {
		const struct diff_detail *detail = &diff->details.data[entry->first_detail + i];

		FUZZ_CHECK(detail->how && detail->what < DIFF_NUM_WHATS);
		if (detail->what == DIFF_MEMBER || detail->what == DIFF_PARAMETER || detail->what == DIFF_ENUMERATOR) {
			FUZZ_CHECK(detail->how & DIFF_HOW_ADDED || detail->names[DIFF_OLD]);
			FUZZ_CHECK(detail->how & DIFF_HOW_REMOVED || detail->names[DIFF_NEW]);
		}
	}
}

static void check_sizes(const struct diff_sizes *sizes, const struct btf_view *const *views)
{
	for (int side = 0; side < DIFF_SIDES; side++) {
		uint64_t types = 0;

		for (size_t i = 0; i < sizes->num_parts; i++) {
			if (sizes->parts[i].group == DIFF_GROUP_TYPES)
				types += sizes->parts[i].bytes[side];
		}
		FUZZ_CHECK(types == views[side]->types_size);
		FUZZ_CHECK(sizes->totals[side] == views[side]->bytes.size);
	}
}

static void compare(const struct btf_view *old_view, const struct btf_view *new_view)
{
	struct btf_diff there, back;

	FUZZ_CHECK(!btf_diff_make(old_view, new_view, &there));
	FUZZ_CHECK(!btf_diff_make(new_view, old_view, &back));
	for (int kind = 0; kind < BTF_NUM_KINDS; kind++)
		FUZZ_CHECK(there.counts[kind][DIFF_ADDED] - there.counts[kind][DIFF_REMOVED] ==
			   back.counts[kind][DIFF_REMOVED] - back.counts[kind][DIFF_ADDED]);
	FUZZ_CHECK(!there.entries.num == !back.entries.num);
	for (size_t i = 0; i < there.entries.num; i++)
		check_entry(&there, &there.entries.data[i]);
	check_sizes(&there.sizes, there.views);
	btf_diff_deinit(&there);
	btf_diff_deinit(&back);
	FUZZ_CHECK(!btf_diff_make(new_view, new_view, &there));
	FUZZ_CHECK(!there.entries.num && !there.details.num);
	btf_diff_deinit(&there);
}

static void compare_bytes(struct span first, struct span second, const struct btf_view *base)
{
	struct btf_view views[DIFF_SIDES];
	struct btfgen_error *err;

	err = btf_view_open(first, base, &views[DIFF_OLD]);
	if (!err) {
		err = btf_view_open(second, base, &views[DIFF_NEW]);
		if (!err) {
			compare(&views[DIFF_OLD], &views[DIFF_NEW]);
			btf_view_close(&views[DIFF_NEW]);
		}
		if (!err && !base) {
			/* Over what they were themselves, names stay and ids do not. */
			compare(&views[DIFF_OLD], &views[DIFF_OLD]);
		}
		btf_view_close(&views[DIFF_OLD]);
	}
	error_free(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span first, second;
	struct btf_view base;
	struct btfgen_error *err;
	uint8_t *copies[2];
	size_t first_size;

	if (size < HEAD)
		return 0;
	first_size = data[1] | (size_t)data[2] << 8;
	if (first_size > size - HEAD)
		first_size = size - HEAD;
	/* Blocks of their own, for the sanitizer's sake. */
	copies[0] = malloc(first_size + !first_size);
	copies[1] = malloc(size - HEAD - first_size + 1);
	FUZZ_CHECK(copies[0] && copies[1]);
	memcpy(copies[0], data + HEAD, first_size);
	memcpy(copies[1], data + HEAD + first_size, size - HEAD - first_size);
	first = (struct span){ copies[0], first_size };
	second = (struct span){ copies[1], size - HEAD - first_size };
	if (data[0] & FLAG_SPLIT) {
		err = btf_view_open(first, NULL, &base);
		if (!err) {
			compare_bytes(first, second, &base);
			btf_view_close(&base);
		}
		error_free(err);
	} else {
		compare_bytes(first, second, NULL);
	}
	free(copies[0]);
	free(copies[1]);
	return 0;
}
