// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

/* Column of the help texts. */
enum { HELP_COLUMN = 34 };

/* One option as met on the command line. */
struct occurrence {
	const struct option_spec *spec;
	const char *dashes; /* as written, for messages: "-" or "--" */
	const char *name;
	int name_size;
	bool negated;
	const char *value; /* NULL if there is none */
};

bool option_has_value(const struct option_spec *spec)
{
	return spec->type == OPTION_STRING || spec->type == OPTION_UINT ||
	       spec->type == OPTION_PARSED;
}

bool option_can_be_negated(const struct option_spec *spec)
{
	return spec->type == OPTION_BOOL || spec->type == OPTION_BITS;
}

static bool name_equal(const char *name, size_t name_size, const char *spec_name)
{
	if (strlen(spec_name) != name_size)
		return false;
	for (size_t i = 0; i < name_size; i++) {
		if ((name[i] == '_' ? '-' : name[i]) != spec_name[i])
			return false;
	}
	return true;
}

static const struct option_spec *find_long(const struct option_spec *specs, size_t num_specs,
					   const char *name, size_t name_size, bool *ret_negated)
{
	bool has_no = name_size > 3 && name_equal(name, 3, "no-");

	for (size_t i = 0; i < num_specs; i++) {
		if (name_equal(name, name_size, specs[i].name)) {
			*ret_negated = false;
			return &specs[i];
		}
		if (has_no && option_can_be_negated(&specs[i]) &&
		    name_equal(name + 3, name_size - 3, specs[i].name)) {
			*ret_negated = true;
			return &specs[i];
		}
	}
	return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *specs, size_t num_specs,
					     char letter)
{
	for (size_t i = 0; i < num_specs; i++) {
		if (specs[i].letter == letter)
			return &specs[i];
	}
	return NULL;
}

static struct btfgen_error *value_error(const struct occurrence *opt, const char *wanted)
{
	return usage_error("option '%s%.*s' takes %s, not '%s'", opt->dashes, opt->name_size,
			   opt->name, wanted, opt->value);
}

static struct btfgen_error *set_uint(const struct occurrence *opt, unsigned int *var)
{
	char wanted[64];
	char *end;
	unsigned long v;

	/* strtoul() would take signs and spaces, and a number too large becomes ULONG_MAX. */
	if (opt->value[0] >= '0' && opt->value[0] <= '9') {
		v = strtoul(opt->value, &end, 10);
		if (*end == '\0' && v <= opt->spec->max) {
			*var = (unsigned int)v;
			return NULL;
		}
	}
	snprintf(wanted, sizeof(wanted), "a number from 0 to %u", opt->spec->max);
	return value_error(opt, wanted);
}

static struct btfgen_error *set_choice(const struct occurrence *opt, unsigned int *var)
{
	const char *const *choices = opt->spec->choices;

	for (unsigned int i = 0; choices[i]; i++) {
		if (!opt->value || strcmp(opt->value, choices[i]) == 0) {
			*var = i + 1;
			return NULL;
		}
	}
	return value_error(opt, opt->spec->arg_name);
}

static struct btfgen_error *check_not_empty(const struct occurrence *opt)
{
	if (opt->value[0] != '\0')
		return NULL;
	return usage_error("option '%s%.*s' takes a value that is not empty", opt->dashes,
			   opt->name_size, opt->name);
}

static struct btfgen_error *set_string(const struct occurrence *opt, const char **var)
{
	struct btfgen_error *err;

	err = check_not_empty(opt);
	if (!err)
		*var = opt->value;
	return err;
}

static struct btfgen_error *set_parsed(const struct occurrence *opt, void *var)
{
	_cleanup_free_ char *option = NULL;
	struct btfgen_error *err;

	err = check_not_empty(opt);
	if (err)
		return err;
	if (asprintf(&option, "%s%.*s", opt->dashes, opt->name_size, opt->name) < 0) {
		option = NULL;
		return error_nomem();
	}
	return opt->spec->parse(option, opt->value, var);
}

static void set_bits(const struct occurrence *opt, uint32_t *var)
{
	*var &= ~opt->spec->bits;
	*var |= opt->negated ? 0 : opt->spec->bits;
}

static struct btfgen_error *set_value(const struct occurrence *opt, void *values)
{
	void *var = (char *)values + opt->spec->value_off;

	switch (opt->spec->type) {
	case OPTION_BOOL:
	case OPTION_STOP:
		*(bool *)var = !opt->negated;
		return NULL;
	case OPTION_CONST:
		*(int *)var = opt->spec->constant;
		return NULL;
	case OPTION_STRING:
		return set_string(opt, var);
	case OPTION_UINT:
		return set_uint(opt, var);
	case OPTION_CHOICE:
		return set_choice(opt, var);
	case OPTION_BITS:
		set_bits(opt, var);
		return NULL;
	case OPTION_PARSED:
		return set_parsed(opt, var);
	}
	return NULL;
}

static struct btfgen_error *missing_value(const struct occurrence *opt)
{
	return usage_error("option '%s%.*s' needs a value (%s)", opt->dashes, opt->name_size,
			   opt->name, opt->spec->arg_name);
}

/* @arg without its two dashes; @next is the argument behind it or NULL. */
static struct btfgen_error *parse_long(const struct option_spec *specs, size_t num_specs,
				       const char *arg, const char *next, void *values,
				       bool *ret_took_next, bool *ret_stop)
{
	struct occurrence opt = { .dashes = "--", .name = arg };
	size_t name_size = strcspn(arg, "=");

	opt.name_size = (int)name_size;
	opt.value = arg[name_size] == '=' ? arg + name_size + 1 : NULL;
	opt.spec = find_long(specs, num_specs, arg, name_size, &opt.negated);
	if (!opt.spec)
		return usage_error("unknown option '--%.*s'", opt.name_size, arg);
	*ret_took_next = false;
	if (option_has_value(opt.spec) && !opt.value) {
		if (!next)
			return missing_value(&opt);
		opt.value = next;
		*ret_took_next = true;
	} else if (opt.value && !option_has_value(opt.spec) && opt.spec->type != OPTION_CHOICE) {
		return usage_error("option '--%.*s' takes no value", opt.name_size, arg);
	}
	*ret_stop = opt.spec->type == OPTION_STOP;
	return set_value(&opt, values);
}

/* @arg without its dash: one or more letters, the last perhaps with its value. */
static struct btfgen_error *parse_letters(const struct option_spec *specs, size_t num_specs,
					  const char *arg, const char *next, void *values,
					  bool *ret_took_next, bool *ret_stop)
{
	struct btfgen_error *err;

	*ret_took_next = false;
	*ret_stop = false;
	for (const char *c = arg; *c && !*ret_stop; c++) {
		struct occurrence opt = { .dashes = "-", .name = c, .name_size = 1 };

		opt.spec = find_letter(specs, num_specs, *c);
		if (!opt.spec)
			return usage_error("unknown option '-%c'", *c);
		if (option_has_value(opt.spec)) {
			opt.value = c[1] ? c + 1 : next;
			if (!opt.value)
				return missing_value(&opt);
			*ret_took_next = !c[1];
			return set_value(&opt, values);
		}
		err = set_value(&opt, values);
		if (err)
			return err;
		*ret_stop = opt.spec->type == OPTION_STOP;
	}
	return NULL;
}

struct btfgen_error *option_collect(const char *option, const char *value, void *var)
{
	option_values *values = var;

	(void)option;
	return vec_push(values, value) ? NULL : error_nomem();
}

struct btfgen_error *options_parse(const struct option_spec *specs, size_t num_specs, int argc,
				   char **argv, void *values, int *ret_num_operands)
{
	bool took_next = false, stop = false, only_operands = false;
	int num_operands = 0;

	for (int i = 0; i < argc && !stop; i++) {
		char *arg = argv[i];
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		struct btfgen_error *err;

		if (only_operands || arg[0] != '-' || arg[1] == '\0') {
			argv[num_operands++] = arg;
			continue;
		}
		if (strcmp(arg, "--") == 0) {
			only_operands = true;
			continue;
		}
		if (arg[1] == '-')
			err = parse_long(specs, num_specs, arg + 2, next, values, &took_next,
					 &stop);
		else
			err = parse_letters(specs, num_specs, arg + 1, next, values, &took_next,
					    &stop);
		if (err)
			return err;
		i += took_next;
	}
	*ret_num_operands = num_operands;
	return NULL;
}

void options_print(FILE *out, const struct option_spec *specs, size_t num_specs)
{
	for (size_t i = 0; i < num_specs; i++) {
		const struct option_spec *spec = &specs[i];
		const char *line = spec->help;
		int column = 0;

		column += spec->letter ? fprintf(out, "  -%c, ", spec->letter) :
					 fprintf(out, "      ");
		column += fprintf(out, "--%s%s", option_can_be_negated(spec) ? "[no-]" : "",
				  spec->name);
		if (spec->type == OPTION_CHOICE)
			column += fprintf(out, "[=%s]", spec->arg_name);
		else if (option_has_value(spec))
			column += fprintf(out, "=%s", spec->arg_name);
		if (column > HELP_COLUMN - 2) {
			fputc('\n', out);
			column = 0;
		}
		for (;;) {
			int size = (int)strcspn(line, "\n");

			fprintf(out, "%*s%.*s\n", HELP_COLUMN - column, "", size, line);
			if (!line[size])
				break;
			line += size + 1;
			column = 0;
		}
	}
}
