// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the files of `btfgen stat` share: stat.c has the options, stat_text.c and stat_json.c the two
 * forms of what lib/btf/stat.h counts, stat_price.c measures what parts of an encoding cost and
 * stat_price_print.c tells it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/json.h"
#include "lib/base/error.h"
#include "lib/btf/stat.h"

struct stat_report {
	const char *path;
	const struct btf_stat *stat;
	const char *const *bases; /* names of what it stands on, the lowest first */
	size_t num_bases;
	size_t top; /* longest list of single types and names; SIZE_MAX: all */
};

struct btfgen_error *stat_print_text(const struct stat_report *report, FILE *out) BTFGEN_MUST_CHECK;

/* Memory is the only error; write errors stay in the stream. */
struct btfgen_error *stat_write_json(const struct stat_report *report, FILE *out) BTFGEN_MUST_CHECK;

/* The member "parts" of the object that is open; elements of "kinds" and "sections". */
void stat_json_parts(struct json *json, const struct stat_parts *parts);
void stat_json_kind(struct json *json, const struct stat_kind *kind);
void stat_json_section(struct json *json, const char *name, const struct stat_section *section);

struct stat_price_options {
	const char *path;
	const char *const *bases;
	size_t num_bases;
	unsigned int num_workers; /* 0: as many as the machine allows */
	unsigned int num_runs;	  /* of each encoding, at least 1 */
	bool json;
};

/* `stat --price`: measures and prints. */
struct btfgen_error *stat_price(const struct stat_price_options *options,
				FILE *out) BTFGEN_MUST_CHECK;

/* Longer names end in "...": 12 bytes of a file can each refer to a name of megabytes. */
enum { STAT_NAME_MAX = 1024 };

/* "STRUCT"; "UNKNOWN 25". */
struct stat_kind_text {
	char data[24];
};

const char *stat_kind_name(uint32_t kind, struct stat_kind_text *ret_text);

/* "struct rq", "function schedule", "FUNC_PROTO int (struct rq *)": what @id is called in lists. */
struct stat_type_text {
	char data[320];
};

const char *stat_type_name(const struct btf_view *view, uint32_t id,
			   struct stat_type_text *ret_text);
