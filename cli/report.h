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

struct report_run {
	const struct encode_options *options;
	const struct encode_report *report;
	const struct btfgen_error *error; /* NULL if the run succeeded */
};

void report_print_text(FILE *out, const struct report_run *run);
void report_print_json(FILE *out, const struct report_run *run);

/*
 * One line if .BTF_ids asks for functions that are left out, else nothing: the next step of a
 * kernel's build warns of each, or fails, without knowing the reason.
 */
void report_print_missing(FILE *out, const struct report_run *run);
