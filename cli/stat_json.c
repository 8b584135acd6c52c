// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/stat.h"
#include "lib/base/cleanup.h"

/* Types of a kind that are nodes of the tree; what is smaller is gathered by size. */
enum { TREE_MAX_TYPES = 500 };

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool has_elements(uint32_t kind)
{
	return kind >= BTF_NUM_KINDS || btf_kind_table[kind].vlen == BTF_VLEN_ELEMS;
}

static uint32_t num_elements(const struct btf_view *view, uint32_t id)
{
	return has_elements(btf_view_kind(view, id)) ? btf_view_vlen(view, id) : 0;
}

static void json_name(struct json *json, const char *name)
{
	char cut[STAT_NAME_MAX + sizeof("...")];

	if (strnlen(name, STAT_NAME_MAX + 1) > STAT_NAME_MAX) {
		snprintf(cut, sizeof(cut), "%.*s...", STAT_NAME_MAX, name);
		name = cut;
	}
	json_string(json, "name", name);
}

void stat_json_kind(struct json *json, const struct stat_kind *kind)
{
	json_open(json, NULL, '{');
	json_string(json, "kind", stat_kind_name(kind->kind, &(struct stat_kind_text){}));
	json_uint(json, "count", kind->num);
	json_uint(json, "elements", kind->num_elems);
	json_uint(json, "bytes", kind->bytes);
	json_close(json, '}');
}

void stat_json_parts(struct json *json, const struct stat_parts *parts)
{
	json_open(json, "parts", '{');
	json_uint(json, "header", parts->header);
	json_uint(json, "types", parts->types);
	json_uint(json, "strings", parts->strings);
	json_uint(json, "layout", parts->layout);
	json_uint(json, "gaps", parts->gaps);
	json_uint(json, "overlap", parts->overlap);
	json_close(json, '}');
}

static void json_kinds(struct json *json, const struct btf_stat *stat)
{
	json_open(json, "kinds", '[');
	for (size_t i = 0; i < stat->kinds.num; i++)
		stat_json_kind(json, &stat->kinds.data[i]);
	json_close(json, ']');
}

static void json_largest(struct json *json, const struct stat_report *report)
{
	const struct btf_view *view = report->stat->view;
	size_t num = smaller(view->num_own, report->top);

	json_open(json, "largest", '[');
	for (size_t i = 0; i < num; i++) {
		const struct stat_type *type = &report->stat->types[i];
		const char *name = btf_view_name(view, type->id);

		json_open(json, NULL, '{');
		json_uint(json, "id", type->id);
		json_string(
			json, "kind",
			stat_kind_name(btf_view_kind(view, type->id), &(struct stat_kind_text){}));
		if (*name)
			json_name(json, name);
		else
			json_string(json, "name", NULL);
		json_string(json, "text",
			    stat_type_name(view, type->id, &(struct stat_type_text){}));
		json_uint(json, "elements", num_elements(view, type->id));
		json_uint(json, "bytes", (uint64_t)type->record_bytes + type->string_bytes);
		json_uint(json, "record_bytes", type->record_bytes);
		json_uint(json, "string_bytes", type->string_bytes);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_uint(json, "largest_total", view->num_own);
}

void stat_json_section(struct json *json, const char *name, const struct stat_section *section)
{
	json_open(json, NULL, '{');
	json_uint(json, "id", section->id);
	json_name(json, name);
	json_bool(json, "percpu", section->is_percpu);
	json_uint(json, "entries", section->num_entries);
	json_uint(json, "size", section->size);
	json_uint(json, "covered", section->covered);
	json_uint(json, "bytes", section->bytes);
	json_uint(json, "record_bytes", section->record_bytes);
	json_uint(json, "var_bytes", section->var_bytes);
	json_uint(json, "string_bytes", section->string_bytes);
	json_close(json, '}');
}

static void json_sections(struct json *json, const struct btf_stat *stat)
{
	json_open(json, "sections", '[');
	for (size_t i = 0; i < stat->sections.num; i++) {
		const struct stat_section *section = &stat->sections.data[i];

		stat_json_section(json, btf_view_name(stat->view, section->id), section);
	}
	json_close(json, ']');
}

static void json_sum(struct json *json, const char *key, const struct stat_string_sum *sum)
{
	json_open(json, key, '{');
	json_uint(json, "count", sum->num);
	json_uint(json, "bytes", sum->bytes);
	json_close(json, '}');
}

static void json_strings(struct json *json, const struct btf_stat *stat)
{
	const struct stat_strings *strings = &stat->strings;

	json_open(json, "strings", '{');
	json_uint(json, "bytes", stat->parts.strings);
	json_uint(json, "count", strings->num);
	json_open(json, "uses", '[');
	for (int use = 0; use < STAT_NUM_USES; use++) {
		json_open(json, NULL, '{');
		json_string(json, "use", stat_use_name(use));
		json_uint(json, "count", strings->uses[use].num);
		json_uint(json, "bytes", strings->uses[use].bytes);
		json_uint(json, "shared_count", strings->uses_shared[use].num);
		json_uint(json, "shared_bytes", strings->uses_shared[use].bytes);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_sum(json, "shared", &strings->shared);
	json_sum(json, "unused", &strings->unused);
	json_sum(json, "empty", &strings->empty);
	json_uint(json, "base_references", strings->num_base_refs);
	json_uint(json, "bad_references", strings->num_bad_refs);
	json_close(json, '}');
}

static void json_vars(struct json *json, const struct stat_vars *vars)
{
	char each[32] = "null";

	if (vars->num)
		snprintf(each, sizeof(each), "%.1f", (double)vars->bytes / (double)vars->num);
	json_uint(json, "variables", vars->num);
	json_uint(json, "bytes", vars->bytes);
	json_uint(json, "var_bytes", vars->var_bytes);
	json_uint(json, "entry_bytes", vars->entry_bytes);
	json_uint(json, "section_bytes", vars->section_bytes);
	json_uint(json, "string_bytes", vars->string_bytes);
	json_uint(json, "names_in_common", vars->num_shared_names);
	json_raw(json, "bytes_per_variable", each);
}

static void json_doubles(struct json *json, const struct btf_stat *stat)
{
	json_open(json, "doubles", '{');
	json_uint(json, "names", stat->doubles.num);
	json_uint(json, "extra", stat->num_extra);
	json_uint(json, "extra_bytes", stat->extra_bytes);
	json_open(json, "items", '[');
	for (size_t i = 0; i < stat->doubles.num; i++) {
		const struct stat_double *twice = &stat->doubles.data[i];

		json_open(json, NULL, '{');
		json_string(json, "kind", stat_class_name(twice->class));
		json_string(json, "name", twice->name);
		json_uint(json, "count", twice->num);
		json_uint(json, "bytes", twice->extra_bytes);
		json_open(json, "ids", '[');
		for (uint32_t k = 0; k < twice->num; k++)
			json_uint(json, NULL, stat->double_ids.data[twice->first_id + k]);
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void json_in_base(struct json *json, const struct btf_stat *stat)
{
	json_open(json, "in_base", '{');
	json_uint(json, "names", stat->in_base.num);
	json_open(json, "items", '[');
	for (size_t i = 0; i < stat->in_base.num; i++) {
		const struct stat_in_base *again = &stat->in_base.data[i];

		json_open(json, NULL, '{');
		json_string(json, "kind", stat_class_name(again->class));
		json_string(json, "name", again->name);
		json_uint(json, "id", again->id);
		json_uint(json, "base_id", again->base_id);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void json_forwards(struct json *json, const struct btf_stat *stat)
{
	json_open(json, "forwards", '{');
	json_uint(json, "count", stat->forwards.num);
	json_uint(json, "beside_definition", stat->num_fwds_beside);
	json_open(json, "items", '[');
	for (size_t i = 0; i < stat->forwards.num; i++) {
		const struct stat_forward *forward = &stat->forwards.data[i];

		json_open(json, NULL, '{');
		json_uint(json, "id", forward->id);
		json_string(json, "kind", stat_class_name(forward->class));
		json_name(json, forward->name);
		json_uint(json, "definition", forward->definition);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

/* The tree of all bytes. */

struct node {
	const char *name;
	uint64_t bytes;
	uint64_t num; /* of strings */
};

static void node_begin(struct json *json, const char *name, uint64_t bytes)
{
	json_open(json, NULL, '{');
	json_string(json, "name", name);
	json_uint(json, "bytes", bytes);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The record alone: names stand elsewhere in the tree. */
static int compare_records(const void *a, const void *b)
{
	const struct stat_type *x = *(const struct stat_type *const *)a;
	const struct stat_type *y = *(const struct stat_type *const *)b;

	if (x->record_bytes != y->record_bytes)
		return x->record_bytes > y->record_bytes ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void tree_type(struct json *json, const struct btf_view *view, const struct stat_type *type)
{
	node_begin(json, stat_type_name(view, type->id, &(struct stat_type_text){}),
		   type->record_bytes);
	json_uint(json, "id", type->id);
	json_uint(json, "elements", num_elements(view, type->id));
	json_close(json, '}');
}

/* Those that have about as many elements as the first one, as far as they reach. */
static size_t tree_others(struct json *json, const struct btf_view *view,
			  const struct stat_type *const *types, size_t num)
{
	uint32_t most = num_elements(view, types[0]->id), least = most / 2 + 1;
	char name[64] = "others, without elements";
	uint64_t bytes = 0;
	size_t i;

	if (most == 0)
		least = 0;
	for (i = 0; i < num && num_elements(view, types[i]->id) >= least; i++)
		bytes += types[i]->record_bytes;
	if (most == 1)
		snprintf(name, sizeof(name), "others, 1 element");
	else if (most == least && most)
		snprintf(name, sizeof(name), "others, %" PRIu32 " elements", most);
	else if (most)
		snprintf(name, sizeof(name), "others, %" PRIu32 " to %" PRIu32 " elements", least,
			 most);
	node_begin(json, name, bytes);
	json_uint(json, "count", i);
	json_bool(json, "others", true);
	json_close(json, '}');
	return i;
}

static void tree_kind(struct json *json, const struct btf_view *view,
		      const struct stat_type **types, const struct stat_kind *kind)
{
	size_t num = kind->num, i;

	node_begin(json, stat_kind_name(kind->kind, &(struct stat_kind_text){}), kind->bytes);
	json_uint(json, "count", kind->num);
	/* Records without elements have all the same size: there is nothing to see. */
	if (kind->num_elems) {
		qsort(types, num, sizeof(*types), compare_records);
		json_open(json, "children", '[');
		for (i = 0; i < num && (i < TREE_MAX_TYPES || num == TREE_MAX_TYPES + 1); i++)
			tree_type(json, view, types[i]);
		while (i < num)
			i += tree_others(json, view, types + i, num - i);
		json_close(json, ']');
	}
	json_close(json, '}');
}

static void tree_types(struct json *json, const struct btf_stat *stat,
		       const struct stat_type **types)
{
	const struct btf_view *view = stat->view;

	json_open(json, "children", '[');
	for (size_t i = 0; i < stat->kinds.num; i++) {
		const struct stat_kind *kind = &stat->kinds.data[i];
		size_t num = 0;

		for (uint32_t k = 0; k < view->num_own; k++) {
			if (btf_view_kind(view, stat->types[k].id) == kind->kind)
				types[num++] = &stat->types[k];
		}
		tree_kind(json, view, types, kind);
	}
	json_close(json, ']');
}

static void tree_strings(struct json *json, const struct btf_stat *stat)
{
	const struct stat_strings *strings = &stat->strings;
	struct node nodes[STAT_NUM_USES + 3] = {
		{ "several uses", strings->shared.bytes, strings->shared.num },
		{ "no use", strings->unused.bytes, strings->unused.num },
		{ "empty", strings->empty.bytes, strings->empty.num },
	};

	for (int use = 0; use < STAT_NUM_USES; use++)
		nodes[3 + use] = (struct node){ stat_use_name(use), strings->uses[use].bytes,
						strings->uses[use].num };
	qsort(nodes, STAT_NUM_USES + 3, sizeof(*nodes), compare_nodes);
	json_open(json, "children", '[');
	for (int i = 0; i < STAT_NUM_USES + 3 && nodes[i].bytes; i++) {
		node_begin(json, nodes[i].name, nodes[i].bytes);
		json_uint(json, "count", nodes[i].num);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void json_tree(struct json *json, const struct stat_report *report,
		      const struct stat_type **types)
{
	static const char types_name[] = "types", strings_name[] = "strings";
	const struct btf_stat *stat = report->stat;
	const struct stat_parts *parts = &stat->parts;
	struct node nodes[] = {
		{ "header", parts->header, 0 }, { types_name, parts->types, 0 },
		{ "layout", parts->layout, 0 }, { strings_name, parts->strings, 0 },
		{ "gaps", parts->gaps, 0 },
	};
	size_t num = sizeof(nodes) / sizeof(*nodes);

	qsort(nodes, num, sizeof(*nodes), compare_nodes);
	json_open(json, "tree", '{');
	json_string(json, "name", report->path);
	/* Of its children: what damaged files count twice is here twice. */
	json_uint(json, "bytes", stat->bytes + parts->overlap);
	json_open(json, "children", '[');
	for (size_t i = 0; i < num && nodes[i].bytes; i++) {
		node_begin(json, nodes[i].name, nodes[i].bytes);
		if (nodes[i].name == types_name)
			tree_types(json, stat, types);
		else if (nodes[i].name == strings_name)
			tree_strings(json, stat);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

struct btfgen_error *stat_write_json(const struct stat_report *report, FILE *out)
{
	const struct btf_stat *stat = report->stat;
	_cleanup_free_ const struct stat_type **types = NULL;
	struct json json;

	types = calloc((size_t)stat->view->num_own + 1, sizeof(*types));
	if (!types)
		return error_nomem();
	json_init(&json, out);
	json_open(&json, NULL, '{');
	json_uint(&json, "format", 1);
	json_string(&json, "verb", "stat");
	json_string(&json, "version", BTFGEN_VERSION);
	json_string(&json, "file", report->path);
	json_open(&json, "base", '[');
	for (size_t i = 0; i < report->num_bases; i++)
		json_string(&json, NULL, report->bases[i]);
	json_close(&json, ']');
	json_bool(&json, "big_endian", btf_view_is_big_endian(stat->view));
	json_uint(&json, "bytes", stat->bytes);
	json_uint(&json, "types", stat->view->num_own);
	json_uint(&json, "first_id", stat->view->first_id);
	stat_json_parts(&json, &stat->parts);
	json_kinds(&json, stat);
	json_largest(&json, report);
	json_sections(&json, stat);
	json_strings(&json, stat);
	json_open(&json, "percpu", '{');
	json_vars(&json, &stat->percpu);
	json_close(&json, '}');
	json_open(&json, "variables", '{');
	json_vars(&json, &stat->vars);
	json_uint(&json, "outside_sections", stat->num_loose_vars);
	json_close(&json, '}');
	json_doubles(&json, stat);
	json_in_base(&json, stat);
	json_forwards(&json, stat);
	json_tree(&json, report, types);
	json_close(&json, '}');
	return NULL;
}
