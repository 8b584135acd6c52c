// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/features.h"
#include "cli/json.h"
#include "encode_base.h"
#include "func_select.h"
#include "lib/base/cleanup.h"
#include "lib/btf/format.h"
#include "section_choice.h"

/* Diagnostics of one kind that the text form shows. */
enum { NUM_SAMPLES = 3 };

/* Column of the second word of each line of the text form. */
enum { LABEL_WIDTH = 11 };

static const char *kind_name(unsigned int kind)
{
	return kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "OTHER";
}

static const char *error_code_name(enum btfgen_error_code code)
{
	static const char *const names[] = {
		[BTFGEN_ERROR_USAGE] = "usage",	  [BTFGEN_ERROR_INPUT] = "input",
		[BTFGEN_ERROR_VERIFY] = "verify", [BTFGEN_ERROR_IO] = "io",
		[BTFGEN_ERROR_MEMORY] = "memory", [BTFGEN_ERROR_LIMIT] = "limit",
	};

	return names[code];
}

/* Sums over the stages that ran: times add up, memory is a high-water mark. */
static struct stage_report total_of_stages(const struct encode_report *report)
{
	struct stage_report total = {};

	for (int i = 0; i < NUM_ENCODE_STAGES; i++) {
		const struct stage_report *stage = &report->stages[i];

		total.wall_ns += stage->wall_ns;
		total.cpu_ns += stage->cpu_ns;
		if (stage->peak_rss > total.peak_rss)
			total.peak_rss = stage->peak_rss;
	}
	return total;
}

static const char *unit_name(const struct encode_report *report, uint32_t unit)
{
	if (unit == DIAG_NO_UNIT || unit >= report->num_units || !report->unit_names)
		return NULL;
	return report->unit_names[unit];
}

/* A number with thousands separators. */
struct grouped {
	char text[REPORT_NUMBER_SIZE];
};

const char *report_number(char text[static REPORT_NUMBER_SIZE], uint64_t v)
{
	char *p = text + REPORT_NUMBER_SIZE;
	unsigned int num_digits = 0;

	*--p = '\0';
	do {
		if (num_digits > 0 && num_digits % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + v % 10);
		v /= 10;
		num_digits++;
	} while (v > 0);
	return p;
}

#define GROUPED(v) report_number((struct grouped){}.text, (v))

static void print_label(FILE *out, const char *label)
{
	fprintf(out, "%-*s", LABEL_WIDTH, label);
}

static void print_stage(FILE *out, const char *name, const struct stage_report *stage)
{
	print_label(out, name);
	fprintf(out, "%9.3f s %9.3f s %9.1f MiB\n", (double)stage->wall_ns / 1e9,
		(double)stage->cpu_ns / 1e9, (double)stage->peak_rss / (1 << 20));
}

static void print_stages(FILE *out, const struct encode_report *report)
{
	struct stage_report total = total_of_stages(report);

	print_label(out, "stage");
	fputs("       wall         cpu   peak memory\n", out);
	for (int i = 0; i < NUM_ENCODE_STAGES; i++) {
		if (report->stages[i].done)
			print_stage(out, encode_stage_name(i), &report->stages[i]);
	}
	print_stage(out, "all", &total);
}

static void print_types(FILE *out, const struct encode_report *report)
{
	bool first = true;

	print_label(out, "input");
	fprintf(out, "%s units, %s DIEs, %s bytes of .debug_info", GROUPED(report->num_units),
		GROUPED(report->num_dies), GROUPED(report->debug_info_size));
	if (report->num_excluded_units > 0)
		fprintf(out, "; %s of the units left out", GROUPED(report->num_excluded_units));
	fputc('\n', out);
	print_label(out, "types");
	fprintf(out, "%s read, %s different, %s records written; %s ambiguous names",
		GROUPED(report->num_types_in), GROUPED(report->num_classes),
		GROUPED(report->num_types_out), GROUPED(report->num_ambiguous_names));
	if (report->num_base_types > 0)
		fprintf(out, "; %s in the base", GROUPED(report->num_base_types));
	fputc('\n', out);
	for (unsigned int i = 0; i < 32; i++) {
		if (report->num_by_kind[i] == 0)
			continue;
		if (first)
			print_label(out, "kinds");
		fprintf(out, "%s%s %s", first ? "" : ", ", kind_name(i),
			GROUPED(report->num_by_kind[i]));
		first = false;
	}
	if (!first)
		fputc('\n', out);
	if (report->btf_bytes == 0)
		return;
	print_label(out, "size");
	fprintf(out, "%s bytes: types %s, strings %s", GROUPED(report->btf_bytes),
		GROUPED(report->type_bytes), GROUPED(report->string_bytes));
	if (report->distilled_bytes > 0)
		fprintf(out, "; distilled base %s bytes, %s types",
			GROUPED(report->distilled_bytes), GROUPED(report->num_distilled_types));
	fputc('\n', out);
}

static void print_variables(FILE *out, const struct encode_report *report)
{
	for (size_t i = 0; i < report->sections.num; i++) {
		const struct section_report *section = &report->sections.data[i];

		print_label(out, "variables");
		fprintf(out, "%s: %s symbols", section->name, GROUPED(section->num_symbols));
		for (int j = 0; j < NUM_VAR_OUTCOMES; j++) {
			if (section->num[j] > 0)
				fprintf(out, ", %s %s", GROUPED(section->num[j]),
					var_outcome_name(j));
		}
		fputc('\n', out);
	}
}

static uint64_t count_functions(const struct encode_report *report)
{
	uint64_t num = 0;

	for (int i = 0; i < NUM_FUNC_OUTCOMES; i++)
		num += report->num_functions[i];
	return num;
}

static size_t count_diags(const struct diag_list *diags, uint32_t kind)
{
	size_t num = 0;

	for (size_t i = 0; i < diags->items.num; i++)
		num += diags->items.data[i].kind == kind;
	return num;
}

static void print_functions(FILE *out, const struct encode_report *report)
{
	uint64_t num_names = count_functions(report);

	if (num_names == 0)
		return;
	print_label(out, "functions");
	fprintf(out, "%s names", GROUPED(num_names));
	for (int i = 0; i < NUM_FUNC_OUTCOMES; i++) {
		if (report->num_functions[i] > 0)
			fprintf(out, ", %s %s", GROUPED(report->num_functions[i]),
				func_outcome_name(i));
	}
	fputc('\n', out);
	if (report->num_btf_ids == 0)
		return;
	print_label(out, "");
	fprintf(out, "%s of them in .BTF_ids, %s of these missing\n", GROUPED(report->num_btf_ids),
		GROUPED(count_diags(&report->diags, DIAG_BTF_ID_MISSING)));
}

/* The outcome that a diagnostic is about; NULL if it is about none. */
static const char *reason_name(const struct diag *diag)
{
	switch ((enum encode_diag)diag->kind) {
	case DIAG_VAR_SKIPPED:
		return diag->value < NUM_VAR_OUTCOMES ? var_outcome_name((int)diag->value) : "?";
	case DIAG_FUNC_SKIPPED:
	case DIAG_BTF_ID_MISSING:
		return diag->value < NUM_FUNC_OUTCOMES ? func_outcome_name((int)diag->value) : "?";
	default:
		return NULL;
	}
}

/* Names come from the input: they must not move a terminal's cursor. */
void report_print_name(FILE *out, const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		fputc(*c < 0x20 || *c == 0x7f ? '?' : *c, out);
}

static void print_sample(FILE *out, const struct encode_report *report, const struct diag *diag)
{
	const char *unit = unit_name(report, diag->unit);

	fprintf(out, "%*s", LABEL_WIDTH + 2, "");
	if (diag->name)
		report_print_name(out, diag->name);
	else
		fputs("(no name)", out);
	switch ((enum encode_diag)diag->kind) {
	case DIAG_VAR_SKIPPED:
	case DIAG_FUNC_SKIPPED:
	case DIAG_BTF_ID_MISSING:
		fprintf(out, ": %s", reason_name(diag));
		break;
	case DIAG_DOUBLE_TYPE:
		fprintf(out, ": %" PRIu64 " definitions", diag->value);
		break;
	case DIAG_DEGRADED_TYPE:
	case DIAG_UNKNOWN_TAG:
		if (diag->value)
			fprintf(out, ": tag 0x%" PRIx64, diag->value);
		break;
	default:
		break;
	}
	if (diag->off)
		fprintf(out, " at 0x%" PRIx64, diag->off);
	if (unit) {
		fputs(" in ", out);
		report_print_name(out, unit);
	}
	fputc('\n', out);
}

/* Functions are many: a line for each reason. */
static void print_skipped_functions(FILE *out, const struct diag_list *diags)
{
	for (uint64_t outcome = 0; outcome < NUM_FUNC_OUTCOMES; outcome++) {
		size_t num = 0;

		for (size_t i = 0; i < diags->items.num; i++) {
			const struct diag *diag = &diags->items.data[i];

			if (diag->kind != DIAG_FUNC_SKIPPED || diag->value != outcome)
				continue;
			num++;
			if (num == 1)
				fprintf(out, "%*s%s: ", LABEL_WIDTH + 2, "",
					func_outcome_name((int)outcome));
			if (num > NUM_SAMPLES)
				continue;
			fputs(num > 1 ? ", " : "", out);
			report_print_name(out, diag->name);
		}
		if (num > NUM_SAMPLES)
			fprintf(out, " and %s more", GROUPED(num - NUM_SAMPLES));
		if (num)
			fputc('\n', out);
	}
}

static void print_diags(FILE *out, const struct encode_report *report)
{
	const struct diag_list *diags = &report->diags;

	for (int kind = 0; kind < NUM_ENCODE_DIAGS; kind++) {
		size_t num = count_diags(diags, kind), num_shown = 0;

		if (num == 0)
			continue;
		print_label(out, "note");
		fprintf(out, "%s: %s\n", encode_diag_name(kind), GROUPED(num));
		if (kind == DIAG_FUNC_SKIPPED) {
			print_skipped_functions(out, diags);
			continue;
		}
		for (size_t i = 0; i < diags->items.num && num_shown < NUM_SAMPLES; i++) {
			if (diags->items.data[i].kind != (uint32_t)kind)
				continue;
			print_sample(out, report, &diags->items.data[i]);
			num_shown++;
		}
		if (num > num_shown)
			fprintf(out, "%*sand %s more\n", LABEL_WIDTH + 2, "",
				GROUPED(num - num_shown));
	}
}

static const char *result_name(const struct report_run *run)
{
	return run->error ? "failed" : run->report->unchanged ? "unchanged" : "written";
}

void report_print_text(FILE *out, const struct report_run *run)
{
	const struct encode_options *options = run->options;

	print_label(out, result_name(run));
	report_print_name(out, options->input_path);
	if (options->output_path) {
		fputs(" -> ", out);
		report_print_name(out, options->output_path);
	} else {
		fputs(" (.BTF section)", out);
	}
	fprintf(out, ", %u worker%s\n", run->report->num_workers,
		run->report->num_workers == 1 ? "" : "s");
	print_stages(out, run->report);
	print_types(out, run->report);
	print_functions(out, run->report);
	print_variables(out, run->report);
	print_diags(out, run->report);
}

static void json_stage(struct json *json, const struct stage_report *stage)
{
	json_uint(json, "wall_ns", stage->wall_ns);
	json_uint(json, "cpu_ns", stage->cpu_ns);
	json_uint(json, "peak_rss_bytes", stage->peak_rss);
}

static void json_stages(struct json *json, const struct encode_report *report)
{
	struct stage_report total = total_of_stages(report);

	json_open(json, "stages", '[');
	for (int i = 0; i < NUM_ENCODE_STAGES; i++) {
		json_open(json, NULL, '{');
		json_string(json, "name", encode_stage_name(i));
		json_bool(json, "done", report->stages[i].done);
		json_stage(json, &report->stages[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "total", '{');
	json_stage(json, &total);
	json_close(json, '}');
}

static void json_types(struct json *json, const struct encode_report *report)
{
	json_open(json, "dwarf", '{');
	json_uint(json, "debug_info_bytes", report->debug_info_size);
	json_uint(json, "units", report->num_units);
	json_uint(json, "excluded_units", report->num_excluded_units);
	json_uint(json, "dies", report->num_dies);
	json_uint(json, "types", report->num_types_in);
	json_close(json, '}');

	json_open(json, "types", '{');
	json_uint(json, "different", report->num_classes);
	json_uint(json, "ambiguous_names", report->num_ambiguous_names);
	json_uint(json, "written", report->num_types_out);
	json_uint(json, "in_base", report->num_base_types);
	json_uint(json, "distilled", report->num_distilled_types);
	json_open(json, "by_kind", '{');
	for (unsigned int i = 0; i < 32; i++) {
		if (report->num_by_kind[i] > 0)
			json_uint(json, kind_name(i), report->num_by_kind[i]);
	}
	json_close(json, '}');
	json_close(json, '}');

	json_open(json, "bytes", '{');
	json_uint(json, "types", report->type_bytes);
	json_uint(json, "strings", report->string_bytes);
	json_uint(json, "total", report->btf_bytes);
	json_uint(json, "distilled", report->distilled_bytes);
	json_close(json, '}');
}

static void json_outcomes(struct json *json, const uint64_t *num)
{
	json_open(json, "outcomes", '{');
	for (int i = 0; i < NUM_VAR_OUTCOMES; i++)
		json_uint(json, var_outcome_name(i), num[i]);
	json_close(json, '}');
}

static void json_variables(struct json *json, const struct encode_report *report)
{
	uint64_t num_symbols = 0, num[NUM_VAR_OUTCOMES] = {};

	for (size_t i = 0; i < report->sections.num; i++) {
		num_symbols += report->sections.data[i].num_symbols;
		for (int j = 0; j < NUM_VAR_OUTCOMES; j++)
			num[j] += report->sections.data[i].num[j];
	}
	json_open(json, "variables", '{');
	json_uint(json, "symbols", num_symbols);
	json_outcomes(json, num);
	json_open(json, "sections", '[');
	for (size_t i = 0; i < report->sections.num; i++) {
		const struct section_report *section = &report->sections.data[i];

		json_open(json, NULL, '{');
		json_string(json, "name", section->name);
		json_uint(json, "symbols", section->num_symbols);
		json_outcomes(json, section->num);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void json_functions(struct json *json, const struct report_run *run)
{
	const struct encode_report *report = run->report;

	json_open(json, "functions", '{');
	json_bool(json, "wanted", !run->options->no_functions);
	json_bool(json, "asm", run->options->asm_functions);
	json_uint(json, "names", count_functions(report));
	json_open(json, "outcomes", '{');
	for (int i = 0; i < NUM_FUNC_OUTCOMES; i++)
		json_uint(json, func_outcome_name(i), report->num_functions[i]);
	json_close(json, '}');
	json_uint(json, "aliases", report->num_aliases);
	json_uint(json, "in_base", report->num_base_funcs);
	json_uint(json, "entries", report->num_func_entries);
	json_uint(json, "btf_ids", report->num_btf_ids);
	json_uint(json, "btf_ids_missing", count_diags(&report->diags, DIAG_BTF_ID_MISSING));
	json_close(json, '}');
}

static void json_diag(struct json *json, const struct encode_report *report,
		      const struct diag *diag)
{
	const char *reason = reason_name(diag);

	json_open(json, NULL, '{');
	json_string(json, "kind", encode_diag_name((int)diag->kind));
	json_string(json, "name", diag->name);
	json_string(json, "unit", unit_name(report, diag->unit));
	json_uint(json, "offset", diag->off);
	json_uint(json, "value", diag->value);
	if (reason)
		json_string(json, "reason", reason);
	json_close(json, '}');
}

static void json_diags(struct json *json, const struct encode_report *report)
{
	const struct diag_list *diags = &report->diags;

	json_open(json, "diagnostics", '{');
	json_uint(json, "total", diags->items.num);
	json_open(json, "by_kind", '{');
	for (int kind = 0; kind < NUM_ENCODE_DIAGS; kind++)
		json_uint(json, encode_diag_name(kind), count_diags(diags, kind));
	json_close(json, '}');
	json_open(json, "items", '[');
	for (size_t i = 0; i < diags->items.num; i++)
		json_diag(json, report, &diags->items.data[i]);
	json_close(json, ']');
	json_close(json, '}');
}

void report_json_error(struct json *json, const struct btfgen_error *err)
{
	_cleanup_free_ char *text = NULL;

	if (!err) {
		json_string(json, "error", NULL);
		return;
	}
	text = error_text(err);
	json_open(json, "error", '{');
	json_string(json, "code", error_code_name(err->code));
	json_uint(json, "exit_code", (uint64_t)error_exit_code(err));
	json_string(json, "text", text ? text : err->message);
	json_close(json, '}');
}

static void json_features(struct json *json, const struct encode_options *options)
{
	json_open(json, "features", '[');
	for (int i = 0; i < NUM_FEATURES; i++) {
		if (encode_has(options->features, i))
			json_string(json, NULL, feature_name(i));
	}
	json_close(json, ']');
}

void report_print_missing(FILE *out, const struct report_run *run)
{
	const struct diag_list *diags = &run->report->diags;
	size_t num = count_diags(diags, DIAG_BTF_ID_MISSING), num_shown = 0;
	const char *first = NULL;

	if (num == 0)
		return;
	fputs("btfgen: ", out);
	report_print_name(out, run->options->input_path);
	fprintf(out, ": .BTF_ids asks for %s function%s not in the BTF: ", GROUPED(num),
		num == 1 ? " that is" : "s that are");
	for (size_t i = 0; i < diags->items.num && num_shown < NUM_SAMPLES; i++) {
		const struct diag *diag = &diags->items.data[i];

		if (diag->kind != DIAG_BTF_ID_MISSING)
			continue;
		if (!first)
			first = diag->name;
		fputs(num_shown++ ? ", " : "", out);
		report_print_name(out, diag->name);
		fprintf(out, " (%s)", reason_name(diag));
	}
	if (num > num_shown)
		fprintf(out, " and %s more", GROUPED(num - num_shown));
	fputs("; 'btfgen explain FILE ", out);
	report_print_name(out, first);
	fputs("' tells why\n", out);
}

static void json_bases(struct json *json, const struct encode_base *base)
{
	json_open(json, "base", '[');
	for (size_t i = 0; base && i < encode_base_num_layers(base); i++)
		json_string(json, NULL, encode_base_path(base, i));
	json_close(json, ']');
}

/* As --vars would say it. */
static const char *vars_text(const struct encode_options *options)
{
	if (options->variables)
		return options->variables->list;
	if (options->no_variables)
		return "none";
	return encode_has(options->features, FEATURE_GLOBAL_VAR) ? "all" : "percpu";
}

void report_json(struct json *json, const struct report_run *run)
{
	json_open(json, NULL, '{');
	json_uint(json, "format", 1);
	json_string(json, "version", BTFGEN_VERSION);
	json_string(json, "input", run->options->input_path);
	json_string(json, "output", run->options->output_path);
	json_bases(json, run->options->base);
	json_bool(json, "strict_forwards", run->options->strict_forwards);
	json_bool(json, "percpu", !run->options->no_variables);
	json_string(json, "vars", vars_text(run->options));
	json_features(json, run->options);
	json_uint(json, "workers", run->report->num_workers);
	json_string(json, "result", result_name(run));
	report_json_error(json, run->error);
	json_stages(json, run->report);
	json_types(json, run->report);
	json_functions(json, run);
	json_variables(json, run->report);
	json_diags(json, run->report);
	json_close(json, '}');
}

void report_print_json(FILE *out, const struct report_run *run)
{
	struct json json;

	json_init(&json, out);
	report_json(&json, run);
}
