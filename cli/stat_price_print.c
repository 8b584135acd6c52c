// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdlib.h>

#include "cli/number.h"
#include "cli/stat_price.h"
#include "cli/table.h"

#define GROUP(number) number_group((number), &(struct number_text){})
#define DELTA(delta) number_delta((delta), &(struct number_text){})

static int64_t difference(uint64_t with, uint64_t without)
{
	return (int64_t)(with - without);
}

static const struct price_encoding *with_of(const struct price *price, int i)
{
	return &price->encodings[price_specs[i].with];
}

static const struct price_encoding *without_of(const struct price *price, int i)
{
	return &price->encodings[price_specs[i].without];
}

static double milliseconds(int64_t ns)
{
	return (double)ns / 1e6;
}

struct kind_delta {
	uint32_t kind;
	int64_t num;
	int64_t bytes;
};

struct kind_deltas {
	struct kind_delta data[BTF_LIMIT_KIND + 1];
	size_t num;
};

static int compare_deltas(const void *a, const void *b)
{
	const struct kind_delta *x = a, *y = b;
	int64_t x_bytes = llabs(x->bytes), y_bytes = llabs(y->bytes);

	if (x_bytes != y_bytes)
		return x_bytes > y_bytes ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

/* Kinds that differ, the largest first. */
static void find_deltas(const struct price *price, int i, struct kind_deltas *ret_deltas)
{
	const struct stat_kind *with = with_of(price, i)->kinds;
	const struct stat_kind *without = without_of(price, i)->kinds;

	ret_deltas->num = 0;
	for (uint32_t kind = 0; kind <= BTF_LIMIT_KIND; kind++) {
		const struct kind_delta delta = {
			.kind = kind,
			.num = difference(with[kind].num, without[kind].num),
			.bytes = difference(with[kind].bytes, without[kind].bytes),
		};

		if (delta.num || delta.bytes)
			ret_deltas->data[ret_deltas->num++] = delta;
	}
	qsort(ret_deltas->data, ret_deltas->num, sizeof(*ret_deltas->data), compare_deltas);
}

static void add_spread(struct table *table, const struct price_spread *spread)
{
	table_add(table, "%+.1f", milliseconds(spread->median));
	table_add(table, "%+.1f to %+.1f", milliseconds(spread->min), milliseconds(spread->max));
}

static bool print_encodings(const struct price *price, FILE *out)
{
	static const char *const heads[] = { "encoding", "bytes",   "records", "types",
					     "strings",	 "wall ms", "CPU ms" };
	struct table table = { .num_columns = 7, .right = 0x7e };
	bool good;

	for (int i = 0; i < 7; i++)
		table_add(&table, "%s", heads[i]);
	for (int id = 0; id < NUM_PRICE_ENCODINGS; id++) {
		const struct price_encoding *encoding = &price->encodings[id];

		table_add(&table, "%s", encoding->text);
		table_add(&table, "%s", GROUP(encoding->bytes));
		table_add(&table, "%s", GROUP(encoding->num_types));
		table_add(&table, "%s", GROUP(encoding->parts.types));
		table_add(&table, "%s", GROUP(encoding->parts.strings));
		table_add(&table, "%.1f", milliseconds(encoding->wall.median));
		table_add(&table, "%.1f", milliseconds(encoding->cpu.median));
	}
	good = table_print(&table, out);
	table_deinit(&table);
	return good;
}

static bool print_prices(const struct price *price, FILE *out)
{
	static const char *const heads[] = { "price of", "bytes",  "growth", "wall ms",
					     "range",	 "CPU ms", "range" };
	struct table table = { .num_columns = 7, .right = 0x7e };
	bool good;

	for (int i = 0; i < 7; i++)
		table_add(&table, "%s", heads[i]);
	for (int i = 0; i < NUM_PRICES; i++) {
		const struct price_encoding *with = with_of(price, i);
		const struct price_encoding *without = without_of(price, i);
		int64_t delta = difference(with->bytes, without->bytes);

		table_add(&table, "%s", price_specs[i].text);
		table_add(&table, "%s", DELTA(delta));
		table_add(&table, "%s",
			  number_percent(delta, without->bytes, &(struct number_text){}));
		add_spread(&table, &price->walls[i]);
		add_spread(&table, &price->cpus[i]);
	}
	fputc('\n', out);
	good = table_print(&table, out);
	table_deinit(&table);
	return good;
}

/* Names that several sections or other things use are the difference to the whole price. */
static bool print_sections(const struct price *price, FILE *out)
{
	static const char *const heads[] = { "section", "variables", "bytes",
					     "entries", "VARs",	     "names" };
	const struct price_encoding *encoding = &price->encodings[PRICE_GLOBAL_VARIABLES];
	struct table table = { .num_columns = 6, .right = 0x3e };
	bool good;

	if (!encoding->sections.num)
		return true;
	for (int i = 0; i < 6; i++)
		table_add(&table, "%s", heads[i]);
	for (size_t i = 0; i < encoding->sections.num; i++) {
		const struct price_section *section = &encoding->sections.data[i];

		table_add(&table, "%s", section->name);
		table_add(&table, "%s", GROUP(section->stat.num_entries));
		table_add(&table, "%s", DELTA((int64_t)section->stat.bytes));
		table_add(&table, "%s", DELTA((int64_t)section->stat.record_bytes));
		table_add(&table, "%s", DELTA((int64_t)section->stat.var_bytes));
		table_add(&table, "%s", DELTA((int64_t)section->stat.string_bytes));
	}
	fputc('\n', out);
	good = table_print(&table, out);
	table_deinit(&table);
	return good;
}

static void print_deltas(const struct price *price, int i, FILE *out)
{
	int64_t strings =
		difference(with_of(price, i)->parts.strings, without_of(price, i)->parts.strings);
	struct kind_deltas deltas;

	find_deltas(price, i, &deltas);
	fprintf(out, "%s: ", price_specs[i].text);
	for (size_t k = 0; k < deltas.num; k++) {
		const struct kind_delta *delta = &deltas.data[k];

		fprintf(out, "%s %s in %s records, ", DELTA(delta->bytes),
			stat_kind_name(delta->kind, &(struct stat_kind_text){}), DELTA(delta->num));
	}
	fprintf(out, "%s strings\n", DELTA(strings));
}

struct btfgen_error *price_print_text(const struct price *price, FILE *out)
{
	unsigned int num_runs = price->options->num_runs;

	for (const char *c = price->options->path; *c; c++)
		fputc((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c, out);
	fprintf(out,
		": %u run%s of each encoding, in turn, after one that is not counted; %u thread%s "
		"on %u processor%s\n\n",
		num_runs, num_runs == 1 ? "" : "s", price->num_workers,
		price->num_workers == 1 ? "" : "s", price->num_cpus,
		price->num_cpus == 1 ? "" : "s");
	if (!print_encodings(price, out) || !print_prices(price, out))
		return error_nomem();
	fputc('\n', out);
	for (int i = 0; i < NUM_PRICES; i++)
		print_deltas(price, i, out);
	if (!print_sections(price, out))
		return error_nomem();
	fputs("\ntimes are medians on this machine; of a price, of its runs' differences\n"
	      "a range from below to above zero means that the runs cannot tell\n",
	      out);
	return NULL;
}

static void json_spread(struct json *json, const char *const keys[3],
			const struct price_spread *spread)
{
	json_int(json, keys[0], spread->median);
	json_int(json, keys[1], spread->min);
	json_int(json, keys[2], spread->max);
}

static void json_times(struct json *json, const struct price_spread *wall,
		       const struct price_spread *cpu)
{
	static const char *const wall_keys[] = { "wall_ns", "wall_ns_min", "wall_ns_max" };
	static const char *const cpu_keys[] = { "cpu_ns", "cpu_ns_min", "cpu_ns_max" };

	json_spread(json, wall_keys, wall);
	json_spread(json, cpu_keys, cpu);
}

static void json_encoding(struct json *json, const struct price_encoding *encoding)
{
	json_open(json, NULL, '{');
	json_string(json, "name", encoding->name);
	json_uint(json, "bytes", encoding->bytes);
	json_uint(json, "records", encoding->num_types);
	stat_json_parts(json, &encoding->parts);
	json_open(json, "kinds", '[');
	for (uint32_t kind = 0; kind <= BTF_LIMIT_KIND; kind++) {
		if (encoding->kinds[kind].num)
			stat_json_kind(json, &encoding->kinds[kind]);
	}
	json_close(json, ']');
	json_open(json, "sections", '[');
	for (size_t i = 0; i < encoding->sections.num; i++)
		stat_json_section(json, encoding->sections.data[i].name,
				  &encoding->sections.data[i].stat);
	json_close(json, ']');
	json_times(json, &encoding->wall, &encoding->cpu);
	json_close(json, '}');
}

static void json_price(struct json *json, const struct price *price, int i)
{
	const struct price_encoding *with = with_of(price, i), *without = without_of(price, i);
	struct kind_deltas deltas;

	find_deltas(price, i, &deltas);
	json_open(json, NULL, '{');
	json_string(json, "name", price_specs[i].name);
	json_string(json, "with", with->name);
	json_string(json, "without", without->name);
	json_int(json, "records", difference(with->num_types, without->num_types));
	json_int(json, "bytes", difference(with->bytes, without->bytes));
	json_int(json, "type_bytes", difference(with->parts.types, without->parts.types));
	json_int(json, "string_bytes", difference(with->parts.strings, without->parts.strings));
	json_open(json, "kinds", '[');
	for (size_t k = 0; k < deltas.num; k++) {
		const struct kind_delta *delta = &deltas.data[k];

		json_open(json, NULL, '{');
		json_string(json, "kind", stat_kind_name(delta->kind, &(struct stat_kind_text){}));
		json_int(json, "count", delta->num);
		json_int(json, "bytes", delta->bytes);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_times(json, &price->walls[i], &price->cpus[i]);
	json_close(json, '}');
}

struct btfgen_error *price_write_json(const struct price *price, FILE *out)
{
	struct json json;

	json_init(&json, out);
	json_open(&json, NULL, '{');
	json_uint(&json, "format", 1);
	json_string(&json, "verb", "price");
	json_string(&json, "version", BTFGEN_VERSION);
	json_string(&json, "file", price->options->path);
	json_open(&json, "base", '[');
	for (size_t i = 0; i < price->options->num_bases; i++)
		json_string(&json, NULL, price->options->bases[i]);
	json_close(&json, ']');
	json_open(&json, "machine", '{');
	json_uint(&json, "cpus", price->num_cpus);
	json_uint(&json, "workers", price->num_workers);
	json_close(&json, '}');
	json_uint(&json, "runs", price->options->num_runs);
	json_open(&json, "encodings", '[');
	for (int id = 0; id < NUM_PRICE_ENCODINGS; id++)
		json_encoding(&json, &price->encodings[id]);
	json_close(&json, ']');
	json_open(&json, "prices", '[');
	for (int i = 0; i < NUM_PRICES; i++)
		json_price(&json, price, i);
	json_close(&json, ']');
	json_close(&json, '}');
	return NULL;
}
