// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The part of `btfgen check` that is about rules: the options that choose them, their list, and
 * what is found in a file, as text and JSON.
 */
#pragma once

#include <stdbool.h>

#include "cli/json.h"
#include "cli/options.h"
#include "module_check.h"

enum {
	/* Findings of each sort in a list for people, and in one for programs. */
	CHECK_MAX_TEXT = 20,
	CHECK_MAX_JSON = 1000000,
};

#define CHECK_MAX_UNSAID UINT32_MAX

struct check_rules_values {
	struct module_rules rules;
	unsigned int max; /* as given, or CHECK_MAX_UNSAID */
	bool strict;
	int list; /* only print the rules */
};

extern const char *const check_targets[];
extern const char *const check_readers[];

/* For OPTION_PARSED; the variable is a struct module_rules. */
struct btfgen_error *check_parse_target(const char *option, const char *value, void *var);
struct btfgen_error *check_parse_reader(const char *option, const char *value, void *var);

/* All rules, a line or an object each. */
void check_print_rules(bool as_json);

/* "Linux 7.3 refuses it as vmlinux: 3 violations, 1 warning" */
void check_print_sum(const struct check_rules_values *values, const struct module_check *check);

/* The numbered list below it. */
void check_print_findings(const struct check_rules_values *values,
			  const struct module_check *check);

/* Members of the object of a file. */
void check_json_findings(struct json *json, const struct check_rules_values *values,
			 const struct module_check *check);
