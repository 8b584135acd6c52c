// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "btf_stack.h"
#include "cli/cli.h"
#include "lib/base/text_out.h"
#include "lib/btf/dump.h"
#include "lib/btf/dump_c.h"
#include "lib/btf/dump_pick.h"

enum dump_format { FORMAT_RAW, FORMAT_C, FORMAT_C_UNSORTED, FORMAT_JSON, FORMAT_JSON_PRETTY };

static const char *const format_names[] = { "raw", "c", "c-unsorted", "json", "json-pretty", NULL };

struct dump_values {
	struct cli_common common;
	unsigned int format; /* enum dump_format */
	option_values bases;
	option_values sections;
	dump_id_vec ids;
	uint32_t kinds;
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static struct btfgen_error *parse_format(const char *option, const char *value, void *var)
{
	for (unsigned int i = 0; format_names[i]; i++) {
		if (strcmp(value, format_names[i]) == 0) {
			*(unsigned int *)var = i;
			return NULL;
		}
	}
	return usage_error("option '%s' takes raw, c, c-unsorted, json or json-pretty, not '%s'",
			   option, value);
}

static struct btfgen_error *parse_id(const char *option, const char *value, void *var)
{
	dump_id_vec *ids = var;
	unsigned long id = 0;
	char *end = NULL;

	if (value[0] >= '0' && value[0] <= '9')
		id = strtoul(value, &end, 10);
	if (!end || *end || id == 0 || id > UINT32_MAX)
		return usage_error("option '%s' takes the id of a type, not '%s'", option, value);
	return vec_push(ids, (uint32_t)id) ? NULL : error_nomem();
}

static bool find_kind(const char *name, size_t size, uint32_t *ret_kind)
{
	for (uint32_t kind = BTF_INT; kind < BTF_NUM_KINDS; kind++) {
		if (strlen(btf_kind_table[kind].name) == size &&
		    strncasecmp(btf_kind_table[kind].name, name, size) == 0) {
			*ret_kind = kind;
			return true;
		}
	}
	return false;
}

/* As people write them. */
static void print_kinds(FILE *out)
{
	for (uint32_t kind = BTF_INT; kind < BTF_NUM_KINDS; kind++) {
		for (const char *c = btf_kind_table[kind].name; *c; c++)
			fputc(tolower((unsigned char)*c), out);
		fputc('\n', out);
	}
}

static struct btfgen_error *parse_kinds(const char *option, const char *value, void *var)
{
	uint32_t *kinds = var, kind;

	for (;;) {
		size_t size = strcspn(value, ",");

		if (!find_kind(value, size, &kind))
			return usage_error("option '%s' takes kinds of BTF such as struct,func; "
					   "'%.*s' is none",
					   option, (int)size, value);
		*kinds |= 1u << kind;
		if (!value[size])
			return NULL;
		value += size + 1;
	}
}

static const struct option_spec options[] = {
	{ .letter = 'F',
	  .name = "format",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, format),
	  .arg_name = "FORMAT",
	  .parse = parse_format,
	  .hint = HINT_WORD,
	  .choices = format_names,
	  .help = "raw (if nothing is said), c, c-unsorted,\njson or json-pretty" },
	{ .letter = 'B',
	  .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, bases),
	  .arg_name = "BASE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "FILE is split BTF over that of BASE;\nseveral: stacked, vmlinux first" },
	{ .name = "id",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, ids),
	  .arg_name = "ID",
	  .parse = parse_id,
	  .hint = HINT_NOTHING,
	  .help = "only the type ID; several: in that order" },
	{ .letter = 'k',
	  .name = "kind",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, kinds),
	  .arg_name = "KIND,...",
	  .parse = parse_kinds,
	  .hint = HINT_LIST,
	  .print_words = print_kinds,
	  .help = "only types of these kinds, as struct,func" },
	{ .letter = 's',
	  .name = "section",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, sections),
	  .arg_name = "SECTION",
	  .parse = option_collect,
	  .hint = HINT_NOTHING,
	  .help = "only this DATASEC and its variables" },
	CLI_COMMON_OPTIONS(struct dump_values),
};

/* @arg: an int for the error number, since what comes later would lose it. */
static bool write_stdout(void *arg, const char *data, size_t size)
{
	errno = 0;
	if (fwrite(data, 1, size, stdout) == size)
		return true;
	*(int *)arg = errno ? errno : EIO;
	return false;
}

static struct btfgen_error *write_error(int errnum)
{
	/* cli_main() knows what to say of a reader that went away: nothing. */
	if (errnum == 0 || errnum == EPIPE)
		return NULL;
	return error_create_errno(BTFGEN_ERROR_IO, errnum, "cannot write to standard output");
}

static struct btfgen_error *print_types(const char *path, const struct btf_view *view,
					const struct dump_ids *ids, enum dump_format format)
{
	struct btfgen_error *err = NULL;
	struct text_out *out;
	int errnum = 0;

	out = malloc(sizeof(*out));
	if (!out)
		return error_nomem();
	text_out_init(out, write_stdout, &errnum);
	switch (format) {
	case FORMAT_RAW:
		btf_dump_raw(view, ids, out);
		break;
	case FORMAT_C:
	case FORMAT_C_UNSORTED:
		err = error_in_file(btf_dump_c(view, ids, format == FORMAT_C, out), path);
		break;
	case FORMAT_JSON:
	case FORMAT_JSON_PRETTY:
		btf_dump_json(view, ids, format == FORMAT_JSON_PRETTY, out);
		break;
	}
	text_out_flush(out);
	free(out);
	return err ? err : write_error(errnum);
}

static struct btfgen_error *check_ids(const struct btf_view *view, const dump_id_vec *ids)
{
	for (size_t i = 0; i < ids->num; i++) {
		if (ids->data[i] >= view->num_ids)
			return error_create(BTFGEN_ERROR_INPUT,
					    "there is no type %" PRIu32
					    ", the last one is %" PRIu32,
					    ids->data[i], view->num_ids - 1);
	}
	return NULL;
}

static bool has_filter(const struct dump_filter *filter)
{
	return filter->num_names || filter->kinds || filter->num_sections;
}

/* Fills @picked if there is a filter; *ret_all: no choice at all was made. */
static struct btfgen_error *choose(const struct btf_view *view, const struct dump_values *values,
				   const struct dump_filter *filter, dump_id_vec *picked,
				   struct dump_ids *ret_ids, bool *ret_all)
{
	struct btfgen_error *err;

	*ret_all = !has_filter(filter) && values->ids.num == 0;
	*ret_ids = (struct dump_ids){ values->ids.data, values->ids.num };
	if (!has_filter(filter))
		return check_ids(view, &values->ids);
	err = btf_dump_pick(view, filter, picked);
	*ret_ids = (struct dump_ids){ picked->data, picked->num };
	return err;
}

static struct btfgen_error *dump_view(const char *path, const struct btf_view *view,
				      const struct dump_values *values,
				      const struct dump_filter *filter, int *ret_exit_code)
{
	enum dump_format format = values->format;
	struct btfgen_error *err;
	dump_id_vec picked = {};
	struct dump_ids ids;
	bool all;

	/* Types that were given by their ids are shown in the order in which they were given. */
	if (values->ids.num && format == FORMAT_C)
		format = FORMAT_C_UNSORTED;
	err = error_in_file(choose(view, values, filter, &picked, &ids, &all), path);
	if (!err && !all && ids.num == 0)
		*ret_exit_code = 1;
	else if (!err)
		err = print_types(path, view, all ? NULL : &ids, format);
	vec_deinit(&picked);
	return err;
}

static struct btfgen_error *dump_file(const char *path, const struct dump_values *values,
				      const struct dump_filter *filter, int *ret_exit_code)
{
	struct btfgen_error *err;
	struct btf_stack stack;

	err = btf_stack_open(path, values->bases.data, values->bases.num, &stack);
	if (err)
		return err;
	err = dump_view(path, btf_stack_view(&stack), values, filter, ret_exit_code);
	btf_stack_close(&stack);
	return err;
}

static struct btfgen_error *check_operands(const struct dump_values *values, int num_operands,
					   char **operands)
{
	if (num_operands == 0)
		return usage_error("no input file");
	for (int i = 0; i < num_operands; i++) {
		if (operands[i][0] == '\0')
			return usage_error(i ? "a name is empty" :
					       "the name of the input is empty");
	}
	if (values->ids.num && (num_operands > 1 || values->kinds || values->sections.num))
		return usage_error("--id goes with no names, kinds or sections");
	return NULL;
}

static struct btfgen_error *dump_run(const struct cli_verb *verb, int argc, char **argv,
				     int *ret_exit_code)
{
	struct dump_values values = {};
	struct btfgen_error *err;
	int num_operands;
	bool done = false;

	*ret_exit_code = 0;
	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (!err && !done)
		err = check_operands(&values, num_operands, argv);
	if (!err && !done) {
		struct dump_filter filter = {
			.names = (const char *const *)argv + 1,
			.num_names = (size_t)num_operands - 1,
			.kinds = values.kinds,
			.sections = values.sections.data,
			.num_sections = values.sections.num,
		};

		err = dump_file(argv[0], &values, &filter, ret_exit_code);
	}
	vec_deinit(&values.bases);
	vec_deinit(&values.sections);
	vec_deinit(&values.ids);
	return err;
}

const struct cli_verb cli_dump = {
	.name = "dump",
	.synopsis = "dump [OPTION]... FILE [NAME]...",
	.summary = "show the types of a BTF file, raw, as C or JSON",
	.description =
		"Shows the types in FILE, raw BTF such as /sys/kernel/btf/vmlinux or an ELF file\n"
		"with a .BTF section, in the forms of 'bpftool btf dump'. With NAME, or a pattern\n"
		"as the shell has them, only types of that name; C adds what they need. The exit\n"
		"code is 1 if no type is as asked for.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_NOTHING,
	.run = dump_run,
};
