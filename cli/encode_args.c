// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/encode_args.h"

#include <stdlib.h>
#include <string.h>

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

/* The test hooks: they change how the work is done and never what comes out. */
static struct btfgen_error *read_test_hooks(struct encode_options *encode)
{
	const char *shuffle = getenv("BTFGEN_TEST_SHUFFLE");
	const char *collide = getenv("BTFGEN_TEST_COLLIDE");
	char *end;

	if (shuffle && *shuffle) {
		encode->shuffle_seed = strtoull(shuffle, &end, 10);
		if (*end || *shuffle == '-')
			return usage_error("BTFGEN_TEST_SHUFFLE is a number, not '%s'", shuffle);
	}
	encode->force_collisions = collide && strcmp(collide, "1") == 0;
	return NULL;
}

struct btfgen_error *encode_args_parse_vars(const char *option, const char *list, void *var)
{
	struct section_choice choice;
	struct btfgen_error *err = section_choice_parse(list, &choice);

	if (err && err->code == BTFGEN_ERROR_USAGE) {
		error_free(err);
		return usage_error("option '%s' takes sections with commas between, as in "
				   "'percpu,.data*', or all, or none: not '%s'",
				   option, list);
	}
	if (err)
		return err;
	section_choice_deinit(&choice);
	*(const char **)var = list;
	return NULL;
}

void encode_args_print_vars(FILE *out)
{
	fputs("all\npercpu\nnone\n.data\n.bss\n.rodata\n", out);
}

/* --vars decides alone; the features then say what it comes to. */
static struct btfgen_error *apply_vars(struct encode_args *args, struct encode_options *encode)
{
	struct btfgen_error *err = section_choice_parse(args->vars, &args->choice);

	if (err)
		return err;
	encode->features &= ~(ENCODE_FEATURE(FEATURE_VAR) | ENCODE_FEATURE(FEATURE_GLOBAL_VAR));
	if (section_choice_of(&args->choice, PERCPU_SECTION))
		encode->features |= ENCODE_FEATURE(FEATURE_VAR);
	if (section_choice_is_wide(&args->choice))
		encode->features |= ENCODE_FEATURE(FEATURE_GLOBAL_VAR);
	encode->variables = &args->choice;
	return NULL;
}

struct btfgen_error *encode_args_apply(struct encode_args *args, struct encode_options *encode)
{
	struct btfgen_error *err;

	err = read_test_hooks(encode);
	if (err)
		return err;
	encode->features = args->features;
	if (args->vars)
		err = apply_vars(args, encode);
	if (err)
		return err;
	encode->no_variables = !encode_has(encode->features, FEATURE_VAR) &&
			       !encode_has(encode->features, FEATURE_GLOBAL_VAR);
	encode->no_functions = !args->functions;
	encode->asm_functions = args->asm_functions;
	encode->distilled = encode_has(args->features, FEATURE_DISTILLED_BASE);
	encode->num_workers = args->jobs;
	if (strcmp(args->lang_exclude, "none") != 0)
		err = language_list_parse(args->lang_exclude, "--lang-exclude", &args->languages);
	encode->excluded_languages = args->languages.data;
	encode->num_excluded_languages = args->languages.num;
	return err;
}

void encode_args_deinit(struct encode_args *args)
{
	vec_deinit(&args->languages);
	section_choice_deinit(&args->choice);
}

struct btfgen_error *encode_args_check_input(const char *path)
{
	if (path[0] == '\0')
		return usage_error("the name of the input file is empty");
	if (strcmp(path, "-") == 0)
		return usage_error("the input cannot be standard input");
	return NULL;
}
