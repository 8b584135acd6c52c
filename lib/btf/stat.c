// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/stat.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/btf/stat_internal.h"

static const char percpu_section[] = ".data..percpu";

/* Parts. */

struct part_range {
	uint64_t start, end;
};

static int compare_ranges(const void *a, const void *b)
{
	const struct part_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* Bytes in at least one of the ranges, which are sorted here. */
static uint64_t union_size(struct part_range *ranges, size_t num)
{
	uint64_t size = 0, end = 0;

	if (num > 1)
		qsort(ranges, num, sizeof(*ranges), compare_ranges);
	for (size_t i = 0; i < num; i++) {
		uint64_t start = ranges[i].start > end ? ranges[i].start : end;

		if (ranges[i].end <= start)
			continue;
		size += ranges[i].end - start;
		end = ranges[i].end;
	}
	return size;
}

static void count_parts(struct btf_stat *stat)
{
	const struct btf_view *view = stat->view;
	struct part_range ranges[] = {
		{ view->types_off, view->types_off + view->types_size },
		{ view->strings_off, view->strings_off + view->strings_size },
		{ view->layout_off, view->layout_off + view->layout_size },
	};
	struct stat_parts *parts = &stat->parts;
	uint64_t in_sections;

	stat->bytes = view->bytes.size;
	parts->header = view->header_size;
	parts->types = view->types_size;
	parts->strings = view->strings_size;
	parts->layout = view->layout_size;
	in_sections = union_size(ranges, sizeof(ranges) / sizeof(*ranges));
	parts->overlap = parts->types + parts->strings + parts->layout - in_sections;
	parts->gaps = stat->bytes - parts->header - in_sections;
}

/* Records. */

static bool has_elements(uint32_t kind)
{
	return kind >= BTF_NUM_KINDS || btf_kind_table[kind].vlen == BTF_VLEN_ELEMS;
}

static int compare_kinds(const void *a, const void *b)
{
	const struct stat_kind *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static struct btfgen_error *count_kinds(struct btf_stat *stat)
{
	const struct btf_view *view = stat->view;
	struct stat_kind kinds[BTF_LIMIT_KIND + 1] = {};

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t info = btf_view_info(view, id);
		struct stat_kind *kind = &kinds[btf_info_kind(info)];

		kind->num++;
		kind->bytes += stat_record_bytes(view, id);
		if (has_elements(btf_info_kind(info)))
			kind->num_elems += btf_info_vlen(info);
	}
	for (uint32_t i = 0; i <= BTF_LIMIT_KIND; i++) {
		kinds[i].kind = i;
		if (kinds[i].num && !vec_push(&stat->kinds, kinds[i]))
			return error_nomem();
	}
	if (stat->kinds.num > 1)
		qsort(stat->kinds.data, stat->kinds.num, sizeof(*stat->kinds.data), compare_kinds);
	return NULL;
}

static struct btfgen_error *list_types(struct btf_stat *stat)
{
	const struct btf_view *view = stat->view;

	stat->types = calloc((size_t)view->num_own + 1, sizeof(*stat->types));
	if (!stat->types)
		return error_nomem();
	for (uint32_t i = 0; i < view->num_own; i++) {
		stat->types[i].id = view->first_id + i;
		stat->types[i].record_bytes = stat_record_bytes(view, view->first_id + i);
	}
	return NULL;
}

static int compare_types(const void *a, const void *b)
{
	const struct stat_type *x = a, *y = b;
	uint64_t x_bytes = (uint64_t)x->record_bytes + x->string_bytes;
	uint64_t y_bytes = (uint64_t)y->record_bytes + y->string_bytes;

	if (x_bytes != y_bytes)
		return x_bytes > y_bytes ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Variables and sections. */

/* The own VAR that an entry names; NULL if it is none. */
static struct stat_var_place *entry_place(const struct btf_view *view,
					  struct stat_var_place *places, uint32_t var_id)
{
	if (var_id < view->first_id || btf_view_kind(view, var_id) != BTF_VAR)
		return NULL;
	return &places[var_id - view->first_id];
}

static struct btfgen_error *count_section(struct btf_stat *stat, uint32_t id,
					  struct stat_var_place *places)
{
	const struct btf_view *view = stat->view;
	struct stat_section section = {
		.id = id,
		.num_entries = btf_view_vlen(view, id),
		.is_percpu = strcmp(btf_view_name(view, id), percpu_section) == 0,
		.size = btf_view_word(view, id),
		.record_bytes = stat_record_bytes(view, id),
	};
	_cleanup_free_ struct part_range *ranges = NULL;

	ranges = calloc((size_t)section.num_entries + 1, sizeof(*ranges));
	if (!ranges)
		return error_nomem();
	for (uint32_t i = 0; i < section.num_entries; i++) {
		struct btf_view_entry entry = btf_view_entry(view, id, i);
		struct stat_var_place *place = entry_place(view, places, entry.var_id);

		ranges[i] = (struct part_range){ entry.off, (uint64_t)entry.off + entry.size };
		if (!place || place->section)
			continue;
		place->section = (uint32_t)stat->sections.num + 1;
		place->is_percpu = section.is_percpu;
		section.var_bytes += STAT_VAR_BYTES;
	}
	section.covered = union_size(ranges, section.num_entries);
	return vec_push(&stat->sections, section) ? NULL : error_nomem();
}

static void add_section(struct stat_vars *vars, const struct stat_section *section)
{
	vars->entry_bytes += (uint64_t)section->num_entries * STAT_ENTRY_BYTES;
	vars->section_bytes += BTF_RECORD_SIZE;
}

static struct btfgen_error *count_vars(struct btf_stat *stat, struct stat_var_place *places)
{
	const struct btf_view *view = stat->view;
	struct btfgen_error *err = NULL;

	for (uint32_t id = view->first_id; id < view->num_ids && !err; id++) {
		if (btf_view_kind(view, id) == BTF_DATASEC)
			err = count_section(stat, id, places);
	}
	if (err)
		return err;
	for (size_t i = 0; i < stat->sections.num; i++) {
		add_section(&stat->vars, &stat->sections.data[i]);
		if (stat->sections.data[i].is_percpu)
			add_section(&stat->percpu, &stat->sections.data[i]);
	}
	for (uint32_t i = 0; i < view->num_own; i++) {
		if (btf_view_kind(view, view->first_id + i) != BTF_VAR)
			continue;
		stat->vars.num++;
		stat->percpu.num += places[i].is_percpu;
		stat->num_loose_vars += !places[i].section;
	}
	stat->vars.var_bytes = stat->vars.num * STAT_VAR_BYTES;
	stat->percpu.var_bytes = stat->percpu.num * STAT_VAR_BYTES;
	return NULL;
}

static void sum_vars(struct stat_vars *vars)
{
	vars->bytes =
		vars->var_bytes + vars->entry_bytes + vars->section_bytes + vars->string_bytes;
}

static int compare_sections(const void *a, const void *b)
{
	const struct stat_section *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* When the strings are counted. */
static void sum_sections(struct btf_stat *stat)
{
	sum_vars(&stat->percpu);
	sum_vars(&stat->vars);
	for (size_t i = 0; i < stat->sections.num; i++) {
		struct stat_section *section = &stat->sections.data[i];

		section->bytes = section->record_bytes + section->var_bytes + section->string_bytes;
	}
	if (stat->sections.num > 1)
		qsort(stat->sections.data, stat->sections.num, sizeof(*stat->sections.data),
		      compare_sections);
}

static struct btfgen_error *count_all(struct btf_stat *stat)
{
	_cleanup_free_ struct stat_var_place *places = NULL;
	struct btfgen_error *err;

	places = calloc((size_t)stat->view->num_own + 1, sizeof(*places));
	if (!places)
		return error_nomem();
	count_parts(stat);
	err = count_kinds(stat);
	if (!err)
		err = list_types(stat);
	if (!err)
		err = count_vars(stat, places);
	if (!err)
		err = stat_strings_count(stat, places);
	if (err)
		return err;
	qsort(stat->types, stat->view->num_own, sizeof(*stat->types), compare_types);
	sum_sections(stat);
	return stat_names_find(stat);
}

struct btfgen_error *btf_stat_create(const struct btf_view *view, struct btf_stat **ret_stat)
{
	struct btf_stat *stat = calloc(1, sizeof(*stat));
	struct btfgen_error *err;

	if (!stat)
		return error_nomem();
	stat->view = view;
	err = count_all(stat);
	if (err)
		btf_stat_destroy(stat);
	else
		*ret_stat = stat;
	return err;
}

void btf_stat_destroy(struct btf_stat *stat)
{
	if (!stat)
		return;
	vec_deinit(&stat->kinds);
	free(stat->types);
	vec_deinit(&stat->sections);
	vec_deinit(&stat->doubles);
	vec_deinit(&stat->double_ids);
	vec_deinit(&stat->in_base);
	vec_deinit(&stat->forwards);
	free(stat);
}

const char *stat_use_name(enum stat_use use)
{
	static const char *const names[STAT_NUM_USES] = {
		[STAT_USE_TYPES] = "types",
		[STAT_USE_MEMBERS] = "members",
		[STAT_USE_ENUMERATORS] = "enumerators",
		[STAT_USE_PARAMETERS] = "parameters",
		[STAT_USE_FUNCTIONS] = "functions",
		[STAT_USE_VARIABLES] = "variables",
		[STAT_USE_SECTIONS] = "sections",
		[STAT_USE_TAGS] = "tags",
		[STAT_USE_OTHER] = "other",
	};

	return names[use];
}

const char *stat_class_name(enum stat_class class)
{
	static const char *const names[STAT_NUM_CLASSES] = {
		[STAT_CLASS_INT] = "int",	  [STAT_CLASS_FLOAT] = "float",
		[STAT_CLASS_STRUCT] = "struct",	  [STAT_CLASS_UNION] = "union",
		[STAT_CLASS_ENUM] = "enum",	  [STAT_CLASS_TYPEDEF] = "typedef",
		[STAT_CLASS_FUNC] = "function",	  [STAT_CLASS_VAR] = "variable",
		[STAT_CLASS_SECTION] = "section", [STAT_CLASS_FWD_STRUCT] = "struct",
		[STAT_CLASS_FWD_UNION] = "union", [STAT_CLASS_FWD_ENUM] = "enum",
	};

	return names[class];
}
