// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>

#include "btf_source.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "lib/btf/describe.h"

struct vars_values {
	struct cli_common common;
};

static const struct option_spec options[] = {
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

static struct btfgen_error *vars_run(const struct cli_verb *verb, int argc, char **argv,
				     int *ret_exit_code)
{
	struct vars_values values = {};
	struct btf_source source;
	struct btfgen_error *err;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (err)
		return err;
	*ret_exit_code = 0;
	if (done)
		return NULL;
	if (num_operands == 0)
		return error_create(BTFGEN_ERROR_USAGE, "no input file");
	if (num_operands > 1)
		return error_create(BTFGEN_ERROR_USAGE,
				    "one input file at a time, '%s' is the second", argv[1]);
	err = btf_source_open(argv[0], NULL, &source);
	if (err)
		return err;
	if (!print_vars(&source.view))
		err = error_nomem();
	btf_source_close(&source);
	return err;
}

const struct cli_verb cli_vars = {
	.name = "vars",
	.synopsis = "vars [OPTION]... FILE",
	.summary = "list the variables of a BTF file",
	.description =
		"Lists the variables in the DATASEC records of FILE, raw BTF such as\n"
		"/sys/kernel/btf/vmlinux or an ELF file with a .BTF section: section, offset and\n"
		"size in bytes, linkage, type, name. The last line is the total.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_NOTHING,
	.run = vars_run,
};
