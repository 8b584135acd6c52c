// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What an encoder run did, as text for people and as JSON for programs.
 *
 * The JSON form is an interface: docs/report.md lists its members, and a test holds both together.
 * The text form is for reading and may change.
 */
#pragma once

#include <stdio.h>

#include "btf_encoder.h"
#include "cli/json.h"

struct report_run {
	const struct encode_options *options;
	const struct encode_report *report;
	const struct btfgen_error *error; /* NULL if the run succeeded */
};

void report_print_text(FILE *out, const struct report_run *run);
void report_print_json(FILE *out, const struct report_run *run);

/* The same object as a value in another document. */
void report_json(struct json *json, const struct report_run *run);

/* The member "error"; null without one. */
void report_json_error(struct json *json, const struct btfgen_error *err);

/* Text from the input, without bytes that would move a terminal's cursor. */
void report_print_name(FILE *out, const char *name);

/* "1,234,567"; @text has room for it and is what is returned. */
enum { REPORT_NUMBER_SIZE = 27 };
const char *report_number(char text[static REPORT_NUMBER_SIZE], uint64_t v);

/*
 * One line if .BTF_ids asks for functions that are left out, else nothing: the next step of a
 * kernel's build warns of each, or fails, without knowing the reason.
 */
void report_print_missing(FILE *out, const struct report_run *run);
