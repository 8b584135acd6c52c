// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "lib/btf/diff.h"

/* Behind the kinds; the place of VOID counts records of unknown kinds. */
enum { PART_HEADER = BTF_NUM_KINDS, PART_STRINGS, PART_LAYOUT, PART_OTHER };

static uint64_t strings_count(const struct btf_view *view)
{
	const char *strings = (const char *)view->bytes.data + view->strings_off;
	const char *end = strings + view->strings_size;
	uint64_t num = 0;

	while (strings < end) {
		const char *zero = memchr(strings, 0, (size_t)(end - strings));

		num++;
		if (!zero)
			break;
		strings = zero + 1;
	}
	return num;
}

static void view_add(const struct btf_view *view, int side, struct diff_sizes *sizes)
{
	uint64_t known = (uint64_t)view->header_size + view->types_size + view->strings_size +
			 view->layout_size;

	for (uint32_t i = 0; i < view->num_own; i++) {
		uint32_t kind = btf_view_kind(view, view->first_id + i);
		uint32_t end = i + 1 < view->num_own ? view->record_offs[i + 1] : view->types_size;
		struct diff_part *part = &sizes->parts[kind < BTF_NUM_KINDS ? kind : BTF_VOID];

		part->counts[side]++;
		part->bytes[side] += end - view->record_offs[i];
	}
	sizes->parts[PART_HEADER].counts[side]++;
	sizes->parts[PART_HEADER].bytes[side] += view->header_size;
	sizes->parts[PART_STRINGS].counts[side] += strings_count(view);
	sizes->parts[PART_STRINGS].bytes[side] += view->strings_size;
	sizes->parts[PART_LAYOUT].counts[side] += view->layout_size / BTF_LAYOUT_ENTRY_SIZE;
	sizes->parts[PART_LAYOUT].bytes[side] += view->layout_size;
	/* Gaps; sections that lie over each other leave none. */
	if (view->bytes.size > known)
		sizes->parts[PART_OTHER].bytes[side] += view->bytes.size - known;
	sizes->totals[side] += view->bytes.size;
	sizes->num_types[side] += view->num_own;
}

void btf_diff_sizes_add(const struct btf_view *old_view, const struct btf_view *new_view,
			struct diff_sizes *sizes)
{
	if (!sizes->num_parts) {
		sizes->num_parts = DIFF_NUM_PARTS;
		for (uint32_t kind = 0; kind < BTF_NUM_KINDS; kind++) {
			sizes->parts[kind].name = kind ? btf_kind_table[kind].name : "unknown";
			sizes->parts[kind].group = DIFF_GROUP_TYPES;
		}
		sizes->parts[PART_HEADER].name = "header";
		sizes->parts[PART_HEADER].group = DIFF_GROUP_HEADER;
		sizes->parts[PART_STRINGS].name = "strings";
		sizes->parts[PART_STRINGS].group = DIFF_GROUP_STRINGS;
		sizes->parts[PART_LAYOUT].name = "layout";
		sizes->parts[PART_LAYOUT].group = DIFF_GROUP_OTHER;
		sizes->parts[PART_OTHER].name = "other";
		sizes->parts[PART_OTHER].group = DIFF_GROUP_OTHER;
	}
	if (old_view)
		view_add(old_view, DIFF_OLD, sizes);
	if (new_view)
		view_add(new_view, DIFF_NEW, sizes);
}

static uint64_t part_change(const struct diff_part *part)
{
	uint64_t x = part->bytes[DIFF_OLD], y = part->bytes[DIFF_NEW];

	return x > y ? x - y : y - x;
}

static int compare_parts(const void *a, const void *b)
{
	const struct diff_part *x = a, *y = b;
	uint64_t x_change = part_change(x), y_change = part_change(y);

	if (x_change != y_change)
		return x_change > y_change ? -1 : 1;
	return strcmp(x->name, y->name);
}

void btf_diff_sizes_finish(struct diff_sizes *sizes)
{
	size_t num = 0;

	for (size_t i = 0; i < sizes->num_parts; i++) {
		struct diff_part part = sizes->parts[i];

		if (part.bytes[DIFF_OLD] || part.bytes[DIFF_NEW])
			sizes->parts[num++] = part;
	}
	sizes->num_parts = num;
	qsort(sizes->parts, num, sizeof(sizes->parts[0]), compare_parts);
}
