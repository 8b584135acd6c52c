// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/dump_pick.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/base/cleanup.h"

static bool matches(const char *const *patterns, size_t num, const char *name)
{
	for (size_t i = 0; i < num; i++) {
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	}
	return false;
}

/* Marks the sections asked for and what is in them, by id - first_id. */
static void mark_sections(const struct btf_view *view, const struct dump_filter *filter,
			  uint8_t *marks)
{
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t vlen = btf_view_vlen(view, id);

		if (btf_view_kind(view, id) != BTF_DATASEC ||
		    !matches(filter->sections, filter->num_sections, btf_view_name(view, id)))
			continue;
		marks[id - view->first_id] = 1;
		for (uint32_t i = 0; i < vlen; i++) {
			uint32_t var_id = btf_view_entry(view, id, i).var_id;

			if (var_id >= view->first_id && var_id < view->num_ids &&
			    btf_view_kind(view, var_id) == BTF_VAR)
				marks[var_id - view->first_id] = 1;
		}
	}
}

static bool is_wanted(const struct btf_view *view, const struct dump_filter *filter, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);
	const char *name;

	if (filter->kinds && (kind >= BTF_NUM_KINDS || !(filter->kinds >> kind & 1)))
		return false;
	if (filter->num_names == 0)
		return true;
	name = btf_view_name(view, id);
	return *name && matches(filter->names, filter->num_names, name);
}

struct btfgen_error *btf_dump_pick(const struct btf_view *view, const struct dump_filter *filter,
				   dump_id_vec *ret_ids)
{
	_cleanup_free_ uint8_t *marks = NULL;
	dump_id_vec ids = {};

	if (filter->num_sections) {
		marks = calloc(view->num_own + 1, 1);
		if (!marks)
			return error_nomem();
		mark_sections(view, filter, marks);
	}
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		if (marks && !marks[id - view->first_id])
			continue;
		if (is_wanted(view, filter, id) && !vec_push(&ids, id)) {
			vec_deinit(&ids);
			return error_nomem();
		}
	}
	*ret_ids = ids;
	return NULL;
}
