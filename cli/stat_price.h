// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What parts of an encoding cost: the figures that stat_price.c measures and stat_price_print.c
 * tells.
 *
 * A price is the difference of two encodings of the same file. Bytes are exact. Times are those of
 * this machine and moment: of each encoding the median over all runs; of a price the median of the
 * differences, run by run, with the smallest and the largest.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "cli/stat.h"
#include "lib/base/error.h"

enum price_encoding_id {
	PRICE_DEFAULT,
	PRICE_NO_VARIABLES,
	PRICE_GLOBAL_VARIABLES,
	PRICE_NO_FUNCTIONS,
	PRICE_NO_TAGS,
	NUM_PRICE_ENCODINGS
};

enum { NUM_PRICES = 4 };

struct price_spec {
	const char *name; /* in JSON */
	const char *text;
	enum price_encoding_id with;
	enum price_encoding_id without;
};

extern const struct price_spec price_specs[NUM_PRICES];

struct price_time {
	int64_t wall_ns;
	int64_t cpu_ns;
};

struct price_spread {
	int64_t median;
	int64_t min;
	int64_t max;
};

struct price_section {
	char *name;
	struct stat_section stat;
};

struct price_encoding {
	const char *name;
	const char *text;
	uint64_t bytes;
	uint64_t num_types;
	struct stat_parts parts;
	struct stat_kind kinds[BTF_LIMIT_KIND + 1]; /* by kind */
	VEC(struct price_section) sections;	    /* by bytes, falling */
	struct price_spread wall;
	struct price_spread cpu;
};

struct price {
	const struct stat_price_options *options;
	unsigned int num_cpus;
	unsigned int num_workers;
	struct price_encoding encodings[NUM_PRICE_ENCODINGS];
	struct price_spread walls[NUM_PRICES];
	struct price_spread cpus[NUM_PRICES];
};

/* Memory is the only error; write errors stay in the stream. */
struct btfgen_error *price_print_text(const struct price *price, FILE *out) BTFGEN_MUST_CHECK;
struct btfgen_error *price_write_json(const struct price *price, FILE *out) BTFGEN_MUST_CHECK;
