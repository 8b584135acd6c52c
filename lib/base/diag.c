// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/diag.h"

#include <string.h>

bool diag_add(struct diag_list *list, struct diag diag)
{
	return vec_push(&list->items, diag);
}

static int diag_compare(const void *pa, const void *pb)
{
	const struct diag *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return strcmp(a->name ? a->name : "", b->name ? b->name : "");
}

bool diag_merge(struct diag_list *to, struct diag_list *from)
{
	if (from->items.num) {
		if (!vec_reserve(&to->items, to->items.num + from->items.num))
			return false;
		memcpy(to->items.data + to->items.num, from->items.data,
		       from->items.num * sizeof(*from->items.data));
		to->items.num += from->items.num;
	}
	vec_deinit(&from->items);
	if (to->items.num)
		qsort(to->items.data, to->items.num, sizeof(*to->items.data), diag_compare);
	return true;
}

void diag_list_deinit(struct diag_list *list)
{
	vec_deinit(&list->items);
}
