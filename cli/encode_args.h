// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The options that say what an encoding holds, for all verbs that run the encoder.
 *
 *	struct values { struct cli_common common; struct encode_args args; };
 *	static const struct option_spec options[] = {
 *		ENCODE_ARGS_OPTIONS(struct values),
 *		CLI_COMMON_OPTIONS(struct values),
 *	};
 *	struct values values = { .args = ENCODE_ARGS_DEFAULT };
 *
 *	err = cli_parse(...);
 *	err = encode_args_apply(&values.args, &encode);
 *	... encode borrows from values.args
 *	encode_args_deinit(&values.args);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "btf_encoder.h"
#include "cli/features.h"
#include "cli/language.h"
#include "cli/options.h"
#include "lib/base/error.h"
#include "section_choice.h"

struct encode_args {
	uint32_t features; /* bits of enum encode_feature; --percpu is one of them */
	bool functions;
	bool asm_functions;
	const char *vars; /* list of --vars; NULL: not given */
	const char *lang_exclude;
	unsigned int jobs;
	language_vec languages;	      /* set by encode_args_apply() */
	struct section_choice choice; /* set by encode_args_apply() */
};

#define ENCODE_ARGS_DEFAULT                                                                        \
	{                                                                                          \
		.features = ENCODE_FEATURES_DEFAULT, .functions = true, .lang_exclude = "rust"     \
	}

/* More threads than any machine of today has; a typing error stays below it. */
enum { MAX_JOBS = 4096 };

/* Alone, for verbs that only look at variables. */
#define ENCODE_ARGS_VARS(values, member)                                                           \
	{                                                                                          \
		.name = "vars", .type = OPTION_PARSED, .value_off = offsetof(values, member),      \
		.arg_name = "LIST", .parse = encode_args_parse_vars, .hint = HINT_SIGNED_LIST,     \
		.print_words = encode_args_print_vars,                                             \
		.help = "variables of: all, percpu, none, .SECTION, ..."                           \
	}

#define ENCODE_ARGS_OPTIONS(values)                                                                \
	{ .name = "features",                                                                      \
	  .type = OPTION_PARSED,                                                                   \
	  .value_off = offsetof(values, args.features),                                            \
	  .arg_name = "LIST",                                                                      \
	  .parse = features_parse,                                                                 \
	  .hint = HINT_SIGNED_LIST,                                                                \
	  .print_words = features_print_names,                                                     \
	  .help = "what it holds: LIST, or changes: +NAME,-NAME" },                                \
		{ .name = "percpu",                                                                \
		  .type = OPTION_BITS,                                                             \
		  .value_off = offsetof(values, args.features),                                    \
		  .bits = ENCODE_FEATURE(FEATURE_VAR),                                             \
		  .help = "per-CPU variables: the feature 'var' (on)" },                           \
		ENCODE_ARGS_VARS(values, args.vars),                                               \
		{ .name = "functions",                                                             \
		  .type = OPTION_BOOL,                                                             \
		  .value_off = offsetof(values, args.functions),                                   \
		  .help = "functions as FUNC records (on)" },                                      \
		{ .name = "asm-functions",                                                         \
		  .type = OPTION_BOOL,                                                             \
		  .value_off = offsetof(values, args.asm_functions),                               \
		  .help = "functions of assembler files: 'void f(void)'" },                        \
		{ .name = "lang-exclude",                                                          \
		  .type = OPTION_STRING,                                                           \
		  .value_off = offsetof(values, args.lang_exclude),                                \
		  .arg_name = "LANG,...",                                                          \
		  .hint = HINT_LIST,                                                               \
		  .print_words = language_print_names,                                             \
		  .help = "leave out units in these (rust); or 'none'" },                          \
	{                                                                                          \
		.letter = 'j', .name = "jobs", .type = OPTION_UINT,                                \
		.value_off = offsetof(values, args.jobs), .arg_name = "N", .max = MAX_JOBS,        \
		.help = "threads (0: as many as the machine allows)"                               \
	}

/* Fills @encode, the test hooks of the environment included. */
struct btfgen_error *encode_args_apply(struct encode_args *args,
				       struct encode_options *encode) BTFGEN_MUST_CHECK;
void encode_args_deinit(struct encode_args *args);

/* For option tables: makes a const char * of a list that section_choice_parse() takes. */
struct btfgen_error *encode_args_parse_vars(const char *option, const char *list,
					    void *var) BTFGEN_MUST_CHECK;
void encode_args_print_vars(FILE *out);

/* Looks at the operands: exactly one input file, under a name that can be one. */
struct btfgen_error *encode_args_check_input(const char *path) BTFGEN_MUST_CHECK;
