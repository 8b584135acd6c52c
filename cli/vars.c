// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>

#include "btf_encoder.h"
#include "btf_source.h"
#include "cli/cli.h"
#include "cli/encode_args.h"
#include "cli/number.h"
#include "cli/table.h"
#include "encode_base.h"
#include "explain.h"
#include "lib/base/vec.h"
#include "lib/btf/describe.h"

struct vars_values {
	struct cli_common common;
	const char *vars;
	option_values bases;
};

static const struct option_spec options[] = {
	ENCODE_ARGS_VARS(struct vars_values, vars),
	{ .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct vars_values, bases),
	  .arg_name = "FILE",
	  .hint = HINT_FILE,
	  .parse = option_collect,
	  .help = "with --vars: FILE is a module of this vmlinux" },
	CLI_COMMON_OPTIONS(struct vars_values),
};

enum { COLUMN_SECTION, COLUMN_OFFSET, COLUMN_SIZE, NUM_COLUMNS = 6 };

struct totals {
	uint64_t num_vars;
	uint64_t var_bytes;
	uint64_t num_sections;
	uint64_t section_bytes;
};

static const char *linkage_name(uint32_t linkage)
{
	switch (linkage) {
	case BTF_LINKAGE_STATIC:
		return "static";
	case BTF_LINKAGE_GLOBAL:
		return "global";
	case BTF_LINKAGE_EXTERN:
		return "extern";
	}
	return "?";
}

static void add_section(struct table *table, const struct btf_view *view, uint32_t id,
			struct totals *totals)
{
	totals->num_sections++;
	totals->section_bytes += btf_view_word(view, id);
	for (uint32_t i = 0; i < btf_view_vlen(view, id); i++) {
		struct btf_view_entry entry = btf_view_entry(view, id, i);
		struct describe_text type;

		btf_describe_type(view, btf_view_word(view, entry.var_id), &type);
		table_add(table, "%s", btf_view_name(view, id));
		table_add(table, "0x%" PRIx32, entry.off);
		table_add(table, "%" PRIu32, entry.size);
		table_add(table, "%s", linkage_name(btf_view_linkage(view, entry.var_id)));
		table_add(table, "%s", type.data);
		table_add(table, "%s", btf_view_name(view, entry.var_id));
		totals->num_vars++;
		totals->var_bytes += entry.size;
	}
}

static const char *plural(uint64_t num)
{
	return num == 1 ? "" : "s";
}

static bool print_vars(const struct btf_view *view)
{
	static const char *const heads[NUM_COLUMNS] = { "section", "offset", "size",
							"linkage", "type",   "name" };
	struct table table = {
		.num_columns = NUM_COLUMNS,
		.right = 1u << COLUMN_OFFSET | 1u << COLUMN_SIZE,
	};
	struct totals totals = {};
	bool good;

	for (int i = 0; i < NUM_COLUMNS; i++)
		table_add(&table, "%s", heads[i]);
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		if (btf_view_kind(view, id) == BTF_DATASEC)
			add_section(&table, view, id, &totals);
	}
	good = totals.num_vars == 0 || table_print(&table, stdout);
	table_deinit(&table);
	if (!good)
		return false;
	printf("%" PRIu64 " variable%s of %" PRIu64 " bytes in %" PRIu64 " section%s of %" PRIu64
	       " bytes\n",
	       totals.num_vars, plural(totals.num_vars), totals.var_bytes, totals.num_sections,
	       plural(totals.num_sections), totals.section_bytes);
	return true;
}

/* With --vars: what an encoding would make of each symbol. */

enum { CHOICE_OFFSET = 1, CHOICE_SIZE, NUM_CHOICE_COLUMNS = 7 };

static void add_variable(struct table *table, const struct explain_variable *variable)
{
	table_add(table, "%s", variable->section);
	table_add(table, "0x%" PRIx64, variable->off);
	table_add(table, "%" PRIu64, variable->size);
	table_add(table, "%s", variable->outcome);
	table_add(table, "%s", variable->linkage ? variable->linkage : "-");
	table_add(table, "%s", variable->type ? variable->type : "-");
	table_add(table, "%s", variable->name);
}

static bool print_choice(const struct explain *explain)
{
	static const char *const heads[NUM_CHOICE_COLUMNS] = {
		"section", "offset", "size", "outcome", "linkage", "type", "name",
	};
	struct table table = {
		.num_columns = NUM_CHOICE_COLUMNS,
		.right = 1u << CHOICE_OFFSET | 1u << CHOICE_SIZE,
	};
	uint64_t num[NUM_VAR_OUTCOMES] = {};
	struct number_text text;
	bool good;

	for (int i = 0; i < NUM_CHOICE_COLUMNS; i++)
		table_add(&table, "%s", heads[i]);
	for (size_t i = 0; i < explain->variables.num; i++) {
		add_variable(&table, &explain->variables.data[i]);
		num[explain->variables.data[i].kind]++;
	}
	good = explain->variables.num == 0 || table_print(&table, stdout);
	table_deinit(&table);
	if (!good)
		return false;
	printf("%s symbol%s", number_group(explain->variables.num, &text),
	       plural(explain->variables.num));
	for (int i = 0; i < NUM_VAR_OUTCOMES; i++) {
		if (num[i] > 0)
			printf(", %s %s", number_group(num[i], &text), var_outcome_name(i));
	}
	putchar('\n');
	return true;
}

static struct btfgen_error *run_choice(const struct vars_values *values, const char *path)
{
	struct encode_args args = ENCODE_ARGS_DEFAULT;
	struct explain explain = { .all_variables = true };
	struct encode_options encode = { .input_path = path, .explain = &explain };
	struct encode_report *report = NULL;
	struct encode_base *base = NULL;
	struct btfgen_error *err;

	args.functions = false;
	args.vars = values->vars;
	arena_init(&explain.arena);
	err = encode_args_apply(&args, &encode);
	if (!err && values->bases.num)
		err = encode_base_open(values->bases.data, values->bases.num, &base);
	encode.base = base;
	if (!err)
		err = encode_report_create(&report);
	if (!err)
		err = encode_file(&encode, report);
	if (!err && !print_choice(&explain))
		err = error_nomem();
	encode_report_destroy(report);
	encode_base_close(base);
	explain_deinit(&explain);
	encode_args_deinit(&args);
	return err;
}

static struct btfgen_error *run_list(const char *path)
{
	struct btf_source source;
	struct btfgen_error *err;

	err = btf_source_open(path, NULL, &source);
	if (err)
		return err;
	if (!print_vars(&source.view))
		err = error_nomem();
	btf_source_close(&source);
	return err;
}

static struct btfgen_error *run_values(const struct vars_values *values, int num_operands,
				       char **operands)
{
	struct btfgen_error *err;

	if (num_operands == 0)
		return error_create(BTFGEN_ERROR_USAGE, "no input file");
	if (num_operands > 1)
		return error_create(BTFGEN_ERROR_USAGE,
				    "one input file at a time, '%s' is the second", operands[1]);
	if (values->bases.num && !values->vars)
		return error_create(BTFGEN_ERROR_USAGE, "--base is about modules whose variables "
							"--vars chooses");
	if (!values->vars)
		return run_list(operands[0]);
	err = encode_args_check_input(operands[0]);
	return err ? err : run_choice(values, operands[0]);
}

static struct btfgen_error *vars_run(const struct cli_verb *verb, int argc, char **argv,
				     int *ret_exit_code)
{
	struct vars_values values = {};
	struct btfgen_error *err;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	*ret_exit_code = 0;
	if (!err && !done)
		err = run_values(&values, num_operands, argv);
	vec_deinit(&values.bases);
	return err;
}

const struct cli_verb cli_vars = {
	.name = "vars",
	.synopsis = "vars [OPTION]... FILE",
	.summary = "list the variables of a BTF file",
	.description =
		"Lists the variables in the DATASEC records of FILE, raw BTF such as\n"
		"/sys/kernel/btf/vmlinux or an ELF file with a .BTF section: section, offset and\n"
		"size in bytes, linkage, type, name. The last line is the total.\n"
		"\n"
		"With --vars, FILE is an ELF file with DWARF, and the list is of the object\n"
		"symbols in the sections chosen: which of them an encoding with the same option\n"
		"makes variables of the BTF, and why the others not. Nothing is written.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_NOTHING,
	.run = vars_run,
};
