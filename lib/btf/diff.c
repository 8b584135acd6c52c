// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/diff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/btf/describe.h"
#include "lib/btf/diff_internal.h"

/* How many members and levels of unnamed parts may be looked at in one diff, and texts compared. */
enum { STEPS_AT_LEAST = 1 << 14, MAX_DESCRIBED = 1 << 20 };

const uint8_t btf_diff_kinds[BTF_NUM_KINDS] = {
	BTF_STRUCT,   BTF_UNION,    BTF_ENUM,	    BTF_TYPEDEF, BTF_FUNC,
	BTF_VAR,      BTF_DATASEC,  BTF_INT,	    BTF_FLOAT,	 BTF_FWD,
	BTF_DECL_TAG, BTF_PTR,	    BTF_ARRAY,	    BTF_CONST,	 BTF_VOLATILE,
	BTF_RESTRICT, BTF_TYPE_TAG, BTF_FUNC_PROTO, BTF_ENUM64,	 BTF_VOID,
};

static int kind_rank(uint32_t kind)
{
	for (int i = 0; i < BTF_NUM_KINDS; i++) {
		if (btf_diff_kinds[i] == kind)
			return i;
	}
	return BTF_NUM_KINDS;
}

static uint64_t change_of(uint64_t x, uint64_t y)
{
	return x > y ? x - y : y - x;
}

static int compare_down(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

static int compare_strings(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Things of one name and kind, but not of one class: what the name alone does not tell. */
static int compare_natures(const struct btf_view *view, uint32_t kind, uint32_t a, uint32_t b)
{
	struct describe_text x, y;

	if (!a || !b)
		return 0;
	if (kind == BTF_INT)
		return compare_down(btf_view_tail_word(view, b, 0), btf_view_tail_word(view, a, 0));
	if (kind != BTF_FWD && kind != BTF_DECL_TAG)
		return 0;
	btf_describe_type(view, kind == BTF_FWD ? a : btf_view_word(view, a), &x);
	btf_describe_type(view, kind == BTF_FWD ? b : btf_view_word(view, b), &y);
	return strcmp(x.data, y.data);
}

static int compare_entries(const void *a, const void *b, void *arg)
{
	const struct btf_diff *diff = arg;
	const struct diff_entry *x = a, *y = b;
	int order = kind_rank(x->kind) - kind_rank(y->kind);

	if (!order)
		order = x->change - y->change;
	/* What came or went is sorted by what it costs; a size of its own is no growth. */
	if (!order && x->change == DIFF_CHANGED)
		order = compare_down(change_of(x->sizes[DIFF_OLD], x->sizes[DIFF_NEW]),
				     change_of(y->sizes[DIFF_OLD], y->sizes[DIFF_NEW]));
	if (!order)
		order = compare_down(change_of(x->bytes[DIFF_OLD], x->bytes[DIFF_NEW]),
				     change_of(y->bytes[DIFF_OLD], y->bytes[DIFF_NEW]));
	if (!order)
		order = compare_down(change_of(x->sizes[DIFF_OLD], x->sizes[DIFF_NEW]),
				     change_of(y->sizes[DIFF_OLD], y->sizes[DIFF_NEW]));
	if (!order)
		order = strcmp(x->name, y->name);
	for (int side = 0; side < DIFF_SIDES && !order; side++) {
		order = compare_strings(x->sections[side], y->sections[side]);
		if (!order)
			order = compare_down(y->section_offs[side], x->section_offs[side]);
		if (!order)
			order = compare_down(y->sizes[side], x->sizes[side]);
		if (!order)
			order = compare_down(y->bytes[side], x->bytes[side]);
	}
	for (int side = 0; side < DIFF_SIDES && !order; side++)
		order = compare_natures(diff->views[side], x->kind, x->ids[side], y->ids[side]);
	return order ? order : compare_down(y->rank, x->rank);
}

static void run(struct differ *d)
{
	struct btf_diff *diff = d->diff;

	for (int side = 0; side < DIFF_SIDES && !d->failed; side++)
		diff_classes_make(d, &d->sides[side]);
	if (!d->failed)
		diff_rings_settle(d);
	for (int side = 0; side < DIFF_SIDES && !d->failed; side++)
		diff_things_make(d, &d->sides[side]);
	if (!d->failed)
		diff_pairs_make(d);
	if (d->failed)
		return;
	if (diff->entries.num)
		qsort_r(diff->entries.data, diff->entries.num, sizeof(*diff->entries.data),
			compare_entries, diff);
	for (size_t i = 0; i < diff->entries.num && !d->failed; i++) {
		struct diff_entry *entry = &diff->entries.data[i];

		diff_details_make(d, entry);
		diff->counts[entry->kind][entry->change]++;
	}
}

struct btfgen_error *btf_diff_make(const struct btf_view *old_view, const struct btf_view *new_view,
				   struct btf_diff *ret_diff)
{
	struct btf_diff diff = { .views = { old_view, new_view } };
	struct differ d = {
		.diff = &diff,
		.sides = { { .view = old_view, .num_described = MAX_DESCRIBED },
			   { .view = new_view, .num_described = MAX_DESCRIBED } },
		.steps = STEPS_AT_LEAST +
			 ((uint64_t)old_view->types_size + new_view->types_size) / 16,
	};

	arena_init(&diff.arena);
	if (differ_init(&d))
		run(&d);
	else
		d.failed = true;
	differ_deinit(&d);
	if (d.failed) {
		btf_diff_deinit(&diff);
		return error_nomem();
	}
	btf_diff_sizes_add(old_view, new_view, &diff.sizes);
	btf_diff_sizes_finish(&diff.sizes);
	*ret_diff = diff;
	return NULL;
}

void btf_diff_deinit(struct btf_diff *diff)
{
	vec_deinit(&diff->entries);
	vec_deinit(&diff->details);
	arena_deinit(&diff->arena);
}
