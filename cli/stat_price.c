// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/stat_price.h"

#include <stdlib.h>
#include <string.h>

#include "btf_encoder.h"
#include "cli/encode_args.h"
#include "encode_base.h"
#include "lib/base/pool.h"

#define WITHOUT(...) (ENCODE_FEATURES_DEFAULT & ~(__VA_ARGS__))

static const struct price_encoding_spec {
	const char *name;
	const char *text;
	uint32_t features;
	bool functions;
} encoding_specs[NUM_PRICE_ENCODINGS] = {
	[PRICE_DEFAULT] = { "default", "default", ENCODE_FEATURES_DEFAULT, true },
	[PRICE_NO_VARIABLES] = { "no-variables", "without variables",
				 WITHOUT(ENCODE_FEATURE(FEATURE_VAR)), true },
	[PRICE_GLOBAL_VARIABLES] = { "global-variables", "with all variables",
				     ENCODE_FEATURES_DEFAULT | ENCODE_FEATURE(FEATURE_GLOBAL_VAR),
				     true },
	[PRICE_NO_FUNCTIONS] = { "no-functions", "without functions", ENCODE_FEATURES_DEFAULT,
				 false },
	[PRICE_NO_TAGS] = { "no-decl-tags", "without decl tags",
			    WITHOUT(ENCODE_FEATURE(FEATURE_DECL_TAG) |
				    ENCODE_FEATURE(FEATURE_DECL_TAG_KFUNCS)),
			    true },
};

const struct price_spec price_specs[NUM_PRICES] = {
	{ "percpu-variables", "per-CPU variables", PRICE_DEFAULT, PRICE_NO_VARIABLES },
	{ "global-variables", "all global variables", PRICE_GLOBAL_VARIABLES, PRICE_NO_VARIABLES },
	{ "functions", "functions", PRICE_DEFAULT, PRICE_NO_FUNCTIONS },
	{ "decl-tags", "decl tags", PRICE_DEFAULT, PRICE_NO_TAGS },
};

struct taken {
	const struct encode_base *base;
	struct price_encoding *encoding;
};

static struct btfgen_error *copy_sections(const struct btf_stat *stat,
					  struct price_encoding *encoding)
{
	for (size_t i = 0; i < stat->sections.num; i++) {
		const struct stat_section *section = &stat->sections.data[i];
		const struct price_section copy = {
			.name = strdup(btf_view_name(stat->view, section->id)),
			.stat = *section,
		};

		if (!copy.name || !vec_push(&encoding->sections, copy)) {
			free(copy.name);
			return error_nomem();
		}
	}
	return NULL;
}

/* The bytes are those of every run: they are looked at once. */
static struct btfgen_error *count_result(void *ctx, struct span btf, struct span distilled)
{
	const struct taken *taken = ctx;
	struct price_encoding *encoding = taken->encoding;
	struct btfgen_error *err;
	struct btf_stat *stat;
	struct btf_view view;

	(void)distilled;
	if (encoding->bytes)
		return NULL;
	err = btf_view_open(btf, taken->base ? btf_base_view(encode_base_index(taken->base)) : NULL,
			    &view);
	if (err)
		return err;
	err = btf_stat_create(&view, &stat);
	if (!err) {
		encoding->bytes = stat->bytes;
		encoding->parts = stat->parts;
		for (size_t i = 0; i < stat->kinds.num; i++)
			encoding->kinds[stat->kinds.data[i].kind] = stat->kinds.data[i];
		encoding->num_types = view.num_own;
		err = copy_sections(stat, encoding);
		btf_stat_destroy(stat);
	}
	btf_view_close(&view);
	return err;
}

/* What the encoder does itself: all but taking the result. */
static struct price_time total_time(const struct encode_report *report)
{
	struct price_time time = {};

	for (int stage = 0; stage < STAGE_WRITE; stage++) {
		time.wall_ns += (int64_t)report->stages[stage].wall_ns;
		time.cpu_ns += (int64_t)report->stages[stage].cpu_ns;
	}
	return time;
}

static struct btfgen_error *encode_and_time(struct price *price,
					    const struct encode_options *options,
					    struct price_time *ret_time)
{
	struct encode_report *report;
	struct btfgen_error *err;

	err = encode_report_create(&report);
	if (err)
		return err;
	err = encode_file(options, report);
	*ret_time = total_time(report);
	price->num_workers = report->num_workers;
	encode_report_destroy(report);
	return err;
}

static struct btfgen_error *encode_once(struct price *price, const struct encode_base *base,
					enum price_encoding_id id, struct price_time *ret_time)
{
	const struct price_encoding_spec *spec = &encoding_specs[id];
	struct taken taken = { .base = base, .encoding = &price->encodings[id] };
	struct encode_options options = {
		.input_path = price->options->path,
		.base = base,
		.take_result = count_result,
		.take_ctx = &taken,
	};
	struct encode_args args = ENCODE_ARGS_DEFAULT;
	struct btfgen_error *err;

	args.features = spec->features;
	args.functions = spec->functions;
	args.jobs = price->options->num_workers;
	err = encode_args_apply(&args, &options);
	if (!err)
		err = encode_and_time(price, &options, ret_time);
	encode_args_deinit(&args);
	return err;
}

static int compare_i64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorts @values. */
static struct price_spread spread_of(int64_t *values, size_t num)
{
	struct price_spread spread;

	qsort(values, num, sizeof(*values), compare_i64);
	spread.min = values[0];
	spread.max = values[num - 1];
	spread.median = num % 2 ? values[num / 2] : (values[num / 2 - 1] + values[num / 2]) / 2;
	return spread;
}

/* @without: NULL, or what is subtracted, run by run. */
static void spread_times(const struct price_time *with, const struct price_time *without,
			 size_t num, int64_t *values, struct price_spread *ret_wall,
			 struct price_spread *ret_cpu)
{
	for (size_t i = 0; i < num; i++)
		values[i] = with[i].wall_ns - (without ? without[i].wall_ns : 0);
	*ret_wall = spread_of(values, num);
	for (size_t i = 0; i < num; i++)
		values[i] = with[i].cpu_ns - (without ? without[i].cpu_ns : 0);
	*ret_cpu = spread_of(values, num);
}

/*
 * Round by round, so that a machine that becomes slower or faster meets all encodings alike. The
 * first encoding of all only brings the file into memory.
 */
static struct btfgen_error *measure(struct price *price, const struct encode_base *base,
				    struct price_time *times)
{
	size_t num_runs = price->options->num_runs;
	struct price_time unused;
	struct btfgen_error *err;

	err = encode_once(price, base, PRICE_DEFAULT, &unused);
	for (size_t run = 0; run < num_runs; run++) {
		for (int id = 0; id < NUM_PRICE_ENCODINGS && !err; id++)
			err = encode_once(price, base, id, &times[id * num_runs + run]);
	}
	return err;
}

static void evaluate(struct price *price, const struct price_time *times, int64_t *values)
{
	size_t num_runs = price->options->num_runs;

	for (int id = 0; id < NUM_PRICE_ENCODINGS; id++) {
		struct price_encoding *encoding = &price->encodings[id];

		encoding->name = encoding_specs[id].name;
		encoding->text = encoding_specs[id].text;
		spread_times(&times[id * num_runs], NULL, num_runs, values, &encoding->wall,
			     &encoding->cpu);
	}
	for (int i = 0; i < NUM_PRICES; i++)
		spread_times(&times[price_specs[i].with * num_runs],
			     &times[price_specs[i].without * num_runs], num_runs, values,
			     &price->walls[i], &price->cpus[i]);
}

static void sections_deinit(struct price_encoding *encoding)
{
	for (size_t i = 0; i < encoding->sections.num; i++)
		free(encoding->sections.data[i].name);
	vec_deinit(&encoding->sections);
}

struct btfgen_error *stat_price(const struct stat_price_options *options, FILE *out)
{
	struct price price = { .options = options, .num_cpus = pool_available_cpus() };
	struct encode_base *base = NULL;
	struct btfgen_error *err = NULL;
	struct price_time *times;
	int64_t *values;

	times = calloc((size_t)options->num_runs * NUM_PRICE_ENCODINGS, sizeof(*times));
	values = calloc(options->num_runs, sizeof(*values));
	if (!times || !values)
		err = error_nomem();
	if (!err && options->num_bases)
		err = encode_base_open(options->bases, options->num_bases, &base);
	if (!err)
		err = measure(&price, base, times);
	if (!err) {
		evaluate(&price, times, values);
		err = options->json ? price_write_json(&price, out) : price_print_text(&price, out);
	}
	for (int id = 0; id < NUM_PRICE_ENCODINGS; id++)
		sections_deinit(&price.encodings[id]);
	encode_base_close(base);
	free(values);
	free(times);
	return err;
}
