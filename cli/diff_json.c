// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>

#include "cli/diff.h"
#include "cli/json.h"
#include "lib/btf/describe.h"

static const char *const group_names[] = {
	[DIFF_GROUP_HEADER] = "header",
	[DIFF_GROUP_TYPES] = "types",
	[DIFF_GROUP_STRINGS] = "strings",
	[DIFF_GROUP_OTHER] = "other",
};

static const char *const what_names[DIFF_NUM_WHATS] = {
	[DIFF_KIND] = "kind",
	[DIFF_SIZE] = "size",
	[DIFF_SIGNED] = "signed",
	[DIFF_ENCODING] = "encoding",
	[DIFF_TARGET] = "target",
	[DIFF_TYPE] = "type",
	[DIFF_LINKAGE] = "linkage",
	[DIFF_SECTION] = "section",
	[DIFF_OFFSET] = "offset",
	[DIFF_RESULT] = "result",
	[DIFF_PARAMETER] = "parameter",
	[DIFF_MEMBER] = "member",
	[DIFF_ENUMERATOR] = "enumerator",
	[DIFF_TAG] = "tag",
	[DIFF_INSIDE] = "inside",
};

static const char *const side_names[DIFF_SIDES] = { "old", "new" };

static void write_sides(struct json *json, const char *old_key, const char *new_key,
			const uint64_t *values)
{
	json_uint(json, old_key, values[DIFF_OLD]);
	json_uint(json, new_key, values[DIFF_NEW]);
}

static void write_delta(struct json *json, const uint64_t *values)
{
	json_int(json, "delta", (int64_t)(values[DIFF_NEW] - values[DIFF_OLD]));
}

static void write_sizes(struct json *json, const struct diff_sizes *sizes)
{
	json_open(json, "sizes", '[');
	for (size_t i = 0; i < sizes->num_parts; i++) {
		const struct diff_part *part = &sizes->parts[i];

		json_open(json, NULL, '{');
		json_string(json, "name", part->name);
		json_string(json, "group", group_names[part->group]);
		write_sides(json, "old_count", "new_count", part->counts);
		write_sides(json, "old_bytes", "new_bytes", part->bytes);
		write_delta(json, part->bytes);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_counts(struct json *json, const uint64_t counts[BTF_NUM_KINDS][DIFF_NUM_CHANGES])
{
	json_open(json, "counts", '[');
	for (int i = 0; i < BTF_NUM_KINDS; i++) {
		const uint64_t *row = counts[btf_diff_kinds[i]];

		if (!row[DIFF_ADDED] && !row[DIFF_REMOVED] && !row[DIFF_CHANGED])
			continue;
		json_open(json, NULL, '{');
		json_string(json, "kind", btf_kind_table[btf_diff_kinds[i]].name);
		json_uint(json, "added", row[DIFF_ADDED]);
		json_uint(json, "removed", row[DIFF_REMOVED]);
		json_uint(json, "changed", row[DIFF_CHANGED]);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void write_how(struct json *json, unsigned int how)
{
	static const char *const names[] = { "added",	"removed", "moved",  "retyped",
					     "renamed", "resized", "changed" };

	json_open(json, "change", '[');
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (how >> i & 1)
			json_string(json, NULL, names[i]);
	}
	json_close(json, ']');
}

/* Whether @detail has @side: what came has no old one. */
static bool has_side(const struct diff_detail *detail, int side)
{
	return !(detail->how & (side == DIFF_OLD ? DIFF_HOW_ADDED : DIFF_HOW_REMOVED));
}

static void write_type(struct json *json, const char *key, const struct btf_diff *diff,
		       const struct diff_detail *detail, int side)
{
	struct describe_text text;

	if (detail->what == DIFF_PARAMETER && !detail->type_ids[side]) {
		json_string(json, key, "...");
		return;
	}
	btf_describe_type(diff->views[side], detail->type_ids[side], &text);
	json_string(json, key, text.data);
}

static void write_side(struct json *json, const struct btf_diff *diff,
		       const struct diff_entry *entry, const struct diff_detail *detail, int side)
{
	static const char *const linkages[] = { "static", "global", "extern" };
	const char *key = side_names[side];
	uint64_t value = detail->values[side];

	switch ((enum diff_what)detail->what) {
	case DIFF_KIND:
		json_string(json, key, btf_kind_table[value].name);
		break;
	case DIFF_ENUMERATOR:
		if (btf_view_flag(diff->views[side], entry->ids[side]))
			json_int(json, key, (int64_t)value);
		else
			json_uint(json, key, value);
		break;
	case DIFF_SIZE:
	case DIFF_OFFSET:
	case DIFF_ENCODING:
		json_uint(json, key, value);
		break;
	case DIFF_SIGNED:
		json_bool(json, key, value);
		break;
	case DIFF_LINKAGE:
		json_string(json, key, value < 3 ? linkages[value] : "unknown");
		break;
	case DIFF_SECTION:
		json_string(json, key, detail->names[side]);
		break;
	case DIFF_MEMBER:
		write_type(json, key, diff, detail, side);
		json_uint(json, side == DIFF_OLD ? "old_bit_offset" : "new_bit_offset", value);
		if (detail->bits[DIFF_OLD] || detail->bits[DIFF_NEW])
			json_uint(json, side == DIFF_OLD ? "old_bits" : "new_bits",
				  detail->bits[side]);
		break;
	case DIFF_TARGET:
	case DIFF_TYPE:
	case DIFF_RESULT:
	case DIFF_PARAMETER:
		write_type(json, key, diff, detail, side);
		break;
	case DIFF_TAG:
	case DIFF_INSIDE:
	case DIFF_NUM_WHATS:
		break;
	}
}

static void write_detail(struct json *json, const struct btf_diff *diff,
			 const struct diff_entry *entry, const struct diff_detail *detail)
{
	const char *name =
		detail->names[DIFF_NEW] ? detail->names[DIFF_NEW] : detail->names[DIFF_OLD];
	const uint32_t *indexes = detail->indexes;
	uint32_t index = indexes[DIFF_NEW] ? indexes[DIFF_NEW] : indexes[DIFF_OLD];

	json_open(json, NULL, '{');
	json_string(json, "what", what_names[detail->what]);
	write_how(json, detail->how);
	if (name && detail->what != DIFF_SECTION)
		json_string(json, "name", name);
	if (detail->how & DIFF_HOW_RENAMED)
		json_string(json, "old_name", detail->names[DIFF_OLD]);
	if (detail->component)
		json_string(json, "component", detail->component);
	if (index)
		json_uint(json, "index", index);
	if (indexes[DIFF_OLD] && indexes[DIFF_NEW] && indexes[DIFF_OLD] != indexes[DIFF_NEW])
		json_uint(json, "old_index", indexes[DIFF_OLD]);
	for (int side = 0; side < DIFF_SIDES; side++) {
		if (has_side(detail, side))
			write_side(json, diff, entry, detail, side);
	}
	json_close(json, '}');
}

/* What a thing that came or went is. */
static void write_nature(struct json *json, const struct btf_diff *diff,
			 const struct diff_entry *entry)
{
	int side = entry->change == DIFF_ADDED ? DIFF_NEW : DIFF_OLD;
	const struct btf_view *view = diff->views[side];
	struct describe_text text;

	if (entry->kind == BTF_TYPEDEF || entry->kind == BTF_FUNC || entry->kind == BTF_VAR ||
	    entry->kind == BTF_DECL_TAG) {
		btf_describe_type(view, btf_view_word(view, entry->ids[side]), &text);
		json_string(json, "text", text.data);
	}
	if (entry->sections[side]) {
		json_string(json, "section", entry->sections[side]);
		json_uint(json, "offset", entry->section_offs[side]);
	}
}

static void write_change(struct json *json, const struct btf_diff *diff,
			 const struct diff_entry *entry)
{
	uint64_t sizes[DIFF_SIDES] = { entry->sizes[DIFF_OLD], entry->sizes[DIFF_NEW] };
	bool sides[DIFF_SIDES] = { entry->change != DIFF_ADDED, entry->change != DIFF_REMOVED };

	json_open(json, NULL, '{');
	json_string(json, "kind", btf_kind_table[entry->kind].name);
	json_string(json, "name", entry->name);
	json_string(json, "change", diff_change_names[entry->change]);
	for (int side = 0; side < DIFF_SIDES; side++) {
		if (sides[side])
			json_uint(json, side == DIFF_OLD ? "old_id" : "new_id", entry->ids[side]);
	}
	for (int side = 0; side < DIFF_SIDES; side++) {
		if (entry->has_size[side])
			json_uint(json, side == DIFF_OLD ? "old_size" : "new_size", sizes[side]);
	}
	write_delta(json, sizes);
	for (int side = 0; side < DIFF_SIDES; side++) {
		if (sides[side])
			json_uint(json, side == DIFF_OLD ? "old_bytes" : "new_bytes",
				  entry->bytes[side]);
	}
	if (entry->change != DIFF_CHANGED) {
		write_nature(json, diff, entry);
	} else {
		json_open(json, "details", '[');
		for (size_t i = 0; i < entry->num_details; i++)
			write_detail(json, diff, entry,
				     &diff->details.data[entry->first_detail + i]);
		json_close(json, ']');
	}
	json_close(json, '}');
}

static void write_changes(struct json *json, const struct btf_diff *diff)
{
	json_open(json, "changes", '[');
	for (size_t i = 0; i < diff->entries.num && !ferror(json->out); i++)
		write_change(json, diff, &diff->entries.data[i]);
	json_close(json, ']');
}

/* What the verdict would be of this file alone; NULL when memory is out. */
static char *file_verdict(const struct diff_file *file)
{
	struct memory_file line;
	struct btfgen_error *err;

	err = memory_file_open(&line);
	if (err) {
		error_free(err);
		return NULL;
	}
	diff_sizes_print(line.out, &file->diff.sizes);
	if (file->stacks[DIFF_OLD] && file->stacks[DIFF_NEW]) {
		fputs("; ", line.out);
		diff_counts_print(line.out, file->diff.counts);
	}
	return diff_text_take(&line);
}

/* False when memory is out. */
static bool write_file(struct json *json, const struct diff_file *file)
{
	const struct diff_sizes *sizes = &file->diff.sizes;
	char *verdict = file_verdict(file);

	if (!verdict)
		return false;
	json_open(json, NULL, '{');
	json_string(json, "path", file->path);
	json_string(json, "status", diff_status_names[file->status]);
	json_string(json, "verdict", verdict);
	free(verdict);
	for (int side = 0; side < DIFF_SIDES; side++) {
		if (file->stacks[side])
			json_uint(json, side == DIFF_OLD ? "old_bytes" : "new_bytes",
				  sizes->totals[side]);
	}
	write_delta(json, sizes->totals);
	write_sizes(json, sizes);
	write_counts(json, file->diff.counts);
	write_changes(json, &file->diff);
	json_close(json, '}');
	return true;
}

static void write_budget(struct json *json, const struct diff_budget *budget)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", budget->limit->text_size, budget->limit->text);
	json_open(json, NULL, '{');
	json_string(json, "limit", text);
	json_string(json, "name", budget->limit->name);
	json_string(json, "file", budget->path);
	write_sides(json, "old_bytes", "new_bytes", budget->bytes);
	write_delta(json, budget->bytes);
	json_bool(json, "breached", budget->is_breached);
	json_close(json, '}');
}

struct btfgen_error *diff_json_print(FILE *out, const struct diff_report *report)
{
	struct json json;

	json_init(&json, out);
	json_open(&json, NULL, '{');
	json_string(&json, "version", BTFGEN_VERSION);
	json_string(&json, "kind", "diff");
	json_string(&json, "verdict", report->verdict);
	json_bool(&json, "same", report->is_same);
	for (int side = 0; side < DIFF_SIDES; side++) {
		json_open(&json, side_names[side], '{');
		json_string(&json, "path", report->paths[side]);
		json_uint(&json, "bytes", report->sizes.totals[side]);
		json_uint(&json, "types", report->sizes.num_types[side]);
		json_close(&json, '}');
	}
	write_delta(&json, report->sizes.totals);
	write_sizes(&json, &report->sizes);
	write_counts(&json, report->counts);
	json_open(&json, "budgets", '[');
	for (size_t i = 0; i < report->budgets.num; i++)
		write_budget(&json, &report->budgets.data[i]);
	json_close(&json, ']');
	if (report->is_folder) {
		json_uint(&json, "unreadable", report->num_unreadable);
		json_open(&json, "files", '[');
		for (size_t i = 0; i < report->files.num && !ferror(out); i++)
			if (!write_file(&json, &report->files.data[i]))
				return error_nomem();
		json_close(&json, ']');
	} else {
		write_changes(&json, &report->files.data[0].diff);
	}
	json_close(&json, '}');
	return NULL;
}
