// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "btf_source.h"
#include "cli/cli.h"
#include "lib/base/text_out.h"
#include "lib/btf/dump.h"
#include "lib/btf/dump_c.h"
#include "lib/btf/dump_pick.h"

#define SYSFS_FOLDER "/sys/kernel/btf/"

enum dump_format { FORMAT_RAW, FORMAT_C, FORMAT_C_UNSORTED, FORMAT_JSON, FORMAT_JSON_PRETTY };

static const char *const format_names[] = { "raw", "c", "c-unsorted", "json", "json-pretty" };

typedef VEC(const char *) string_vec;

struct dump_values {
	struct cli_common common;
	unsigned int format; /* enum dump_format */
	string_vec bases;
	string_vec sections;
	dump_id_vec ids;
	uint32_t kinds;
};

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static struct btfgen_error *parse_string(const char *option, const char *value, void *var)
{
	string_vec *strings = var;

	(void)option;
	return vec_push(strings, value) ? NULL : error_nomem();
}

static struct btfgen_error *parse_format(const char *option, const char *value, void *var)
{
	for (unsigned int i = 0; i < sizeof(format_names) / sizeof(*format_names); i++) {
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
	  .help = "raw (if nothing is said), c, c-unsorted,\njson or json-pretty" },
	{ .letter = 'B',
	  .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, bases),
	  .arg_name = "BASE",
	  .parse = parse_string,
	  .help = "FILE is split BTF over that of BASE;\nseveral: stacked, vmlinux first" },
	{ .name = "id",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, ids),
	  .arg_name = "ID",
	  .parse = parse_id,
	  .help = "only the type ID; several: in that order" },
	{ .letter = 'k',
	  .name = "kind",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, kinds),
	  .arg_name = "KIND,...",
	  .parse = parse_kinds,
	  .help = "only types of these kinds, as struct,func" },
	{ .letter = 's',
	  .name = "section",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct dump_values, sections),
	  .arg_name = "SECTION",
	  .parse = parse_string,
	  .help = "only this DATASEC and its variables" },
	CLI_COMMON_OPTIONS(struct dump_values),
};

/* A file and what it is split from. */
struct stack {
	struct btf_source *sources; /* bases first, the file last */
	size_t num;
	struct btf_view distilled;
};

static void stack_deinit(struct stack *stack)
{
	while (stack->num > 0)
		btf_source_close(&stack->sources[--stack->num]);
	btf_view_close(&stack->distilled);
	free(stack->sources);
}

static const struct btf_view *stack_top(const struct stack *stack)
{
	return stack->num ? &stack->sources[stack->num - 1].view : NULL;
}

/* Split BTF has no empty string of its own in front, all other BTF has. */
static bool is_split(const struct btf_source *source)
{
	const struct btf_view *view = &source->view;

	return view->num_own > 0 &&
	       (view->strings_size == 0 || view->bytes.data[view->strings_off] != 0);
}

/* A module for other builds of its base carries what it needs of the base. */
static struct btfgen_error *open_distilled(const struct btf_source *source,
					   struct btf_view *ret_view, bool *ret_found)
{
	struct elf_section section;
	struct btfgen_error *err;
	struct span bytes;

	*ret_found = false;
	if (!source->is_elf)
		return NULL;
	err = elf_find_section(&source->elf, ".BTF.base", &section, ret_found);
	if (err || !*ret_found)
		return err;
	err = elf_section_data(&source->elf, &section, &bytes);
	return err ? err : btf_view_open(bytes, NULL, ret_view);
}

static struct btfgen_error *open_view(struct btf_source *source, const struct btf_view *base,
				      struct btf_view *distilled)
{
	struct btfgen_error *err;
	bool has_distilled;

	if (!source->btf.data)
		return error_create(BTFGEN_ERROR_INPUT, "has no .BTF section");
	err = open_distilled(source, distilled, &has_distilled);
	if (err)
		return err;
	if (has_distilled && base)
		return error_create(BTFGEN_ERROR_INPUT,
				    "is over the base in its section .BTF.base, not over another");
	err = btf_view_open(source->btf, has_distilled ? distilled : base, &source->view);
	if (err)
		return err;
	if (!base && !has_distilled && is_split(source))
		return error_create(BTFGEN_ERROR_INPUT,
				    "is split BTF, which nothing is known of without its base "
				    "(--base)");
	return NULL;
}

static struct btfgen_error *stack_push(struct stack *stack, const char *path)
{
	const struct btf_view *base = stack_top(stack);
	struct btf_source *source = &stack->sources[stack->num];
	struct btfgen_error *err;

	err = btf_source_read(path, source);
	if (err)
		return err;
	stack->num++;
	return error_in_file(open_view(source, base, &stack->distilled), path);
}

/* The kernel's own view of a module is split from that of vmlinux beside it. */
static const char *known_base(const char *path)
{
	size_t size = strlen(SYSFS_FOLDER);

	if (strncmp(path, SYSFS_FOLDER, size) == 0 && strcmp(path + size, "vmlinux") != 0)
		return SYSFS_FOLDER "vmlinux";
	return NULL;
}

/* In place: the views point to each other. */
static struct btfgen_error *stack_init(struct stack *stack, const char *path,
				       const string_vec *bases)
{
	const char *known = bases->num ? NULL : known_base(path);
	struct btfgen_error *err = NULL;

	*stack = (struct stack){ .sources = calloc(bases->num + 2, sizeof(*stack->sources)) };
	if (!stack->sources)
		return error_nomem();
	if (known)
		err = stack_push(stack, known);
	for (size_t i = 0; i < bases->num && !err; i++)
		err = stack_push(stack, bases->data[i]);
	if (!err)
		err = stack_push(stack, path);
	if (err)
		stack_deinit(stack);
	return err;
}

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
	struct stack stack;

	err = stack_init(&stack, path, &values->bases);
	if (err)
		return err;
	err = dump_view(path, stack_top(&stack), values, filter, ret_exit_code);
	stack_deinit(&stack);
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
	.run = dump_run,
};
