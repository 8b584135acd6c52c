// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "cli/number.h"
#include "cli/stat.h"
#include "cli/table.h"
#include "lib/btf/describe.h"

#define GROUP(number) number_group((number), &(struct number_text){})

struct text {
	const struct btf_stat *stat;
	const struct btf_view *view;
	size_t top;
	FILE *out;
	bool failed; /* memory ran out */
};

const char *stat_kind_name(uint32_t kind, struct stat_kind_text *ret_text)
{
	if (kind < BTF_NUM_KINDS)
		snprintf(ret_text->data, sizeof(ret_text->data), "%s", btf_kind_table[kind].name);
	else
		snprintf(ret_text->data, sizeof(ret_text->data), "UNKNOWN %" PRIu32, kind);
	return ret_text->data;
}

/* Unnamed ones are told apart by what they begin with: "enum {PIDTYPE_PID, ...}". */
static void name_unnamed(const struct btf_view *view, uint32_t id, uint32_t kind,
			 struct stat_type_text *text)
{
	const char *first = btf_view_string(view, btf_view_elem_word(view, id, 0, 0));
	const char *word = kind == BTF_STRUCT ? "struct" : kind == BTF_UNION ? "union" : "enum";
	bool is_long = strnlen(first, 201) > 200;

	if (!*first)
		snprintf(text->data, sizeof(text->data), "%s {...}", word);
	else
		snprintf(text->data, sizeof(text->data), "%s {%.200s%s", word, first,
			 is_long		     ? "...}" :
			 btf_view_vlen(view, id) > 1 ? ", ...}" :
						       "}");
}

const char *stat_type_name(const struct btf_view *view, uint32_t id,
			   struct stat_type_text *ret_text)
{
	uint32_t kind = btf_view_kind(view, id);
	const char *name = btf_view_name(view, id);
	struct describe_text text;

	if ((btf_kind_is_composite(kind) || btf_kind_is_enum(kind)) && !*name) {
		name_unnamed(view, id, kind, ret_text);
		return ret_text->data;
	}
	if (kind == BTF_FUNC || kind == BTF_VAR || kind == BTF_DATASEC || kind == BTF_DECL_TAG ||
	    kind == BTF_TYPE_TAG || kind >= BTF_NUM_KINDS) {
		snprintf(ret_text->data, sizeof(ret_text->data), "%.256s%s", name,
			 strnlen(name, 257) > 256 ? "..." : "");
		return ret_text->data;
	}
	btf_describe_type(view, id, &text);
	snprintf(ret_text->data, sizeof(ret_text->data), "%s", text.data);
	return ret_text->data;
}

/* "63.0 %" */
static const char *share(uint64_t part, uint64_t whole, struct number_text *ret_text)
{
	snprintf(ret_text->data, sizeof(ret_text->data), "%.1f %%",
		 whole ? 100.0 * (double)part / (double)whole : 0.0);
	return ret_text->data;
}

#define SHARE(part, whole) share((part), (whole), &(struct number_text){})

static const char *plural(uint64_t num)
{
	return num == 1 ? "" : "s";
}

/* @heads ends with NULL. */
static struct table table_begin(unsigned int right, const char *const *heads)
{
	struct table table = { .right = right };

	while (heads[table.num_columns])
		table.num_columns++;
	for (unsigned int i = 0; i < table.num_columns; i++)
		table_add(&table, "%s", heads[i]);
	return table;
}

#define TABLE(right, ...) table_begin((right), (const char *const[]){ __VA_ARGS__, NULL })

static void table_end(struct text *text, struct table *table)
{
	if (!text->failed && !table_print(table, text->out))
		text->failed = true;
	table_deinit(table);
}

/* "and 17 more" below a table that ends early. */
static void print_rest(const struct text *text, size_t num)
{
	if (num > text->top && text->top)
		fprintf(text->out, "and %s more\n", GROUP(num - text->top));
}

static void print_name(FILE *out, const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		fputc(*c < 0x20 || *c == 0x7f ? '?' : *c, out);
}

static void print_head(const struct text *text, const struct stat_report *report)
{
	FILE *out = text->out;

	print_name(out, report->path);
	fprintf(out, ": %s bytes of BTF, %s type%s, %s-endian\n", GROUP(text->stat->bytes),
		GROUP(text->view->num_own), plural(text->view->num_own),
		btf_view_is_big_endian(text->view) ? "big" : "little");
	if (!report->num_bases)
		return;
	fputs("split BTF over ", out);
	for (size_t i = 0; i < report->num_bases; i++) {
		fputs(i ? ", " : "", out);
		print_name(out, report->bases[i]);
	}
	fprintf(out, ", whose %s types and %s bytes of strings are not counted\n",
		GROUP(text->view->first_id - 1), GROUP(text->view->first_str));
}

static void print_parts(struct text *text)
{
	const struct stat_parts *parts = &text->stat->parts;
	const struct {
		const char *name;
		uint64_t bytes;
		bool needed;
	} rows[] = {
		{ "header", parts->header, true },   { "types", parts->types, true },
		{ "strings", parts->strings, true }, { "layout", parts->layout, false },
		{ "gaps", parts->gaps, false },
	};
	struct table table = TABLE(0x6, "part", "bytes", "share");

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!rows[i].needed && !rows[i].bytes)
			continue;
		table_add(&table, "%s", rows[i].name);
		table_add(&table, "%s", GROUP(rows[i].bytes));
		table_add(&table, "%s", SHARE(rows[i].bytes, text->stat->bytes));
	}
	if (parts->overlap) {
		table_add(&table, "counted twice");
		table_add(&table, "-%s", GROUP(parts->overlap));
		table_add(&table, "-%s", SHARE(parts->overlap, text->stat->bytes));
	}
	table_add(&table, "all");
	table_add(&table, "%s", GROUP(text->stat->bytes));
	table_add(&table, "%s", SHARE(text->stat->bytes, text->stat->bytes));
	fputc('\n', text->out);
	table_end(text, &table);
}

static void print_kinds(struct text *text)
{
	const struct btf_stat *stat = text->stat;
	struct table table = TABLE(0x1e, "kind", "records", "elements", "bytes", "share");
	uint64_t num_elems = 0;

	for (size_t i = 0; i < stat->kinds.num; i++) {
		const struct stat_kind *kind = &stat->kinds.data[i];

		table_add(&table, "%s", stat_kind_name(kind->kind, &(struct stat_kind_text){}));
		table_add(&table, "%s", GROUP(kind->num));
		table_add(&table, "%s", kind->num_elems ? GROUP(kind->num_elems) : "");
		table_add(&table, "%s", GROUP(kind->bytes));
		table_add(&table, "%s", SHARE(kind->bytes, stat->bytes));
		num_elems += kind->num_elems;
	}
	table_add(&table, "all");
	table_add(&table, "%s", GROUP(text->view->num_own));
	table_add(&table, "%s", num_elems ? GROUP(num_elems) : "");
	table_add(&table, "%s", GROUP(stat->parts.types));
	table_add(&table, "%s", SHARE(stat->parts.types, stat->bytes));
	fputc('\n', text->out);
	table_end(text, &table);
}

static void add_strings(const struct text *text, struct table *table, const char *name,
			const struct stat_string_sum *sum, const struct stat_string_sum *shared)
{
	if (!sum->num && !sum->bytes && (!shared || !shared->num))
		return;
	table_add(table, "%s", name);
	table_add(table, "%s", GROUP(sum->num));
	table_add(table, "%s", GROUP(sum->bytes));
	table_add(table, "%s", SHARE(sum->bytes, text->stat->bytes));
	table_add(table, "%s", shared && shared->num ? GROUP(shared->num) : "");
	table_add(table, "%s", shared && shared->bytes ? GROUP(shared->bytes) : "");
}

static void print_strings(struct text *text)
{
	const struct stat_strings *strings = &text->stat->strings;
	const struct stat_string_sum all = { strings->num, text->stat->parts.strings };
	struct table table =
		TABLE(0x3e, "strings of", "only this", "bytes", "share", "several uses", "bytes");

	for (int use = 0; use < STAT_NUM_USES; use++)
		add_strings(text, &table, stat_use_name(use), &strings->uses[use],
			    &strings->uses_shared[use]);
	add_strings(text, &table, "several uses", &strings->shared, NULL);
	add_strings(text, &table, "no use", &strings->unused, NULL);
	add_strings(text, &table, "empty", &strings->empty, NULL);
	add_strings(text, &table, "all", &all, NULL);
	fputc('\n', text->out);
	table_end(text, &table);
	if (strings->num_base_refs)
		fprintf(text->out, "%s reference%s to strings of the base\n",
			GROUP(strings->num_base_refs), plural(strings->num_base_refs));
	if (strings->num_bad_refs)
		fprintf(text->out, "%s reference%s to strings that do not exist\n",
			GROUP(strings->num_bad_refs), plural(strings->num_bad_refs));
}

static void print_sections(struct text *text)
{
	const struct btf_stat *stat = text->stat;
	struct table table;

	if (!stat->sections.num)
		return;
	table = TABLE(0xfe, "section", "variables", "size", "covered", "bytes", "entries", "VARs",
		      "names");
	for (size_t i = 0; i < stat->sections.num && i < text->top; i++) {
		const struct stat_section *section = &stat->sections.data[i];

		table_add(&table, "%.*s", STAT_NAME_MAX, btf_view_name(text->view, section->id));
		table_add(&table, "%s", GROUP(section->num_entries));
		table_add(&table, "%s", GROUP(section->size));
		table_add(&table, "%s", SHARE(section->covered, section->size));
		table_add(&table, "%s", GROUP(section->bytes));
		table_add(&table, "%s", GROUP(section->record_bytes));
		table_add(&table, "%s", GROUP(section->var_bytes));
		table_add(&table, "%s", GROUP(section->string_bytes));
	}
	fputc('\n', text->out);
	table_end(text, &table);
	print_rest(text, stat->sections.num);
}

static void print_vars(const struct text *text, const char *what, const struct stat_vars *vars)
{
	FILE *out = text->out;

	fprintf(out, "%s variables: ", what);
	if (!vars->num && !vars->bytes) {
		fputs("none\n", out);
		return;
	}
	fprintf(out, "%s of %s bytes (%s)", GROUP(vars->num), GROUP(vars->bytes),
		SHARE(vars->bytes, text->stat->bytes));
	if (vars->num)
		fprintf(out, ", %.1f each", (double)vars->bytes / (double)vars->num);
	fprintf(out, "\n  VAR records %s, entries in sections %s, heads of sections %s, names %s\n",
		GROUP(vars->var_bytes), GROUP(vars->entry_bytes), GROUP(vars->section_bytes),
		GROUP(vars->string_bytes));
	if (vars->num)
		fprintf(out, "  %d + %d each and the name, which %s ha%s in common with others\n",
			STAT_VAR_BYTES, STAT_ENTRY_BYTES, GROUP(vars->num_shared_names),
			vars->num_shared_names == 1 ? "s" : "ve");
}

static void print_all_vars(const struct text *text)
{
	fputc('\n', text->out);
	print_vars(text, "per-CPU", &text->stat->percpu);
	if (text->stat->vars.num != text->stat->percpu.num ||
	    text->stat->vars.bytes != text->stat->percpu.bytes)
		print_vars(text, "all", &text->stat->vars);
	if (text->stat->num_loose_vars)
		fprintf(text->out, "  %s of them in no section\n",
			GROUP(text->stat->num_loose_vars));
}

static void print_largest(struct text *text)
{
	const struct btf_stat *stat = text->stat;
	const struct btf_view *view = text->view;
	struct table table;

	if (!view->num_own || !text->top)
		return;
	table = TABLE(0x1d, "id", "kind", "elements", "bytes", "own names", "largest types");
	for (uint32_t i = 0; i < view->num_own && i < text->top; i++) {
		const struct stat_type *type = &stat->types[i];
		uint32_t kind = btf_view_kind(view, type->id), vlen;

		vlen = kind == BTF_FUNC ? 0 : btf_view_vlen(view, type->id);
		table_add(&table, "%" PRIu32, type->id);
		table_add(&table, "%s", stat_kind_name(kind, &(struct stat_kind_text){}));
		table_add(&table, "%s", vlen ? GROUP(vlen) : "");
		table_add(&table, "%s", GROUP((uint64_t)type->record_bytes + type->string_bytes));
		table_add(&table, "%s", type->string_bytes ? GROUP(type->string_bytes) : "");
		table_add(&table, "%s", stat_type_name(view, type->id, &(struct stat_type_text){}));
	}
	fputc('\n', text->out);
	table_end(text, &table);
	print_rest(text, view->num_own);
}

static void print_doubles(struct text *text)
{
	const struct btf_stat *stat = text->stat;
	struct table table;

	fprintf(text->out, "\ndouble names: %s", GROUP(stat->doubles.num));
	if (!stat->doubles.num) {
		fputc('\n', text->out);
		return;
	}
	fprintf(text->out, ", with %s further definition%s of %s bytes\n", GROUP(stat->num_extra),
		plural(stat->num_extra), GROUP(stat->extra_bytes));
	table = TABLE(0x5, "definitions", "of", "further bytes", "name");
	for (size_t i = 0; i < stat->doubles.num && i < text->top; i++) {
		const struct stat_double *twice = &stat->doubles.data[i];

		table_add(&table, "%s", GROUP(twice->num));
		table_add(&table, "%s", stat_class_name(twice->class));
		table_add(&table, "%s", GROUP(twice->extra_bytes));
		table_add(&table, "%s", twice->name);
	}
	if (text->top)
		table_end(text, &table);
	else
		table_deinit(&table);
	print_rest(text, stat->doubles.num);
}

static void print_in_base(struct text *text)
{
	const struct btf_stat *stat = text->stat;
	struct table table;

	if (!text->view->base)
		return;
	fprintf(text->out, "\ntypes defined although the base has one of that name: %s\n",
		GROUP(stat->in_base.num));
	if (!stat->in_base.num || !text->top)
		return;
	table = TABLE(0x3, "id", "in base", "of", "name");
	for (size_t i = 0; i < stat->in_base.num && i < text->top; i++) {
		const struct stat_in_base *again = &stat->in_base.data[i];

		table_add(&table, "%" PRIu32, again->id);
		table_add(&table, "%" PRIu32, again->base_id);
		table_add(&table, "%s", stat_class_name(again->class));
		table_add(&table, "%s", again->name);
	}
	table_end(text, &table);
	print_rest(text, stat->in_base.num);
}

/* Those beside a definition are listed: they are what deduplication has left. */
static void print_forwards(struct text *text)
{
	const struct btf_stat *stat = text->stat;
	struct table table;
	size_t num = 0;

	fprintf(text->out, "\nforward declarations: %s, %s of them beside a definition\n",
		GROUP(stat->forwards.num), GROUP(stat->num_fwds_beside));
	if (!stat->num_fwds_beside || !text->top)
		return;
	table = TABLE(0x3, "id", "definition", "of", "name");
	for (size_t i = 0; i < stat->forwards.num && num < text->top; i++) {
		const struct stat_forward *forward = &stat->forwards.data[i];

		if (!forward->definition)
			continue;
		num++;
		table_add(&table, "%" PRIu32, forward->id);
		table_add(&table, "%" PRIu32, forward->definition);
		table_add(&table, "%s", stat_class_name(forward->class));
		table_add(&table, "%.*s", STAT_NAME_MAX, forward->name);
	}
	table_end(text, &table);
	print_rest(text, stat->num_fwds_beside);
}

struct btfgen_error *stat_print_text(const struct stat_report *report, FILE *out)
{
	struct text text = {
		.stat = report->stat,
		.view = report->stat->view,
		.top = report->top,
		.out = out,
	};

	print_head(&text, report);
	print_parts(&text);
	print_kinds(&text);
	print_strings(&text);
	print_sections(&text);
	print_all_vars(&text);
	print_largest(&text);
	print_doubles(&text);
	print_in_base(&text);
	print_forwards(&text);
	return text.failed ? error_nomem() : NULL;
}
