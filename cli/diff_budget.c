// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/diff.h"
#include "cli/number.h"
#include "lib/base/cleanup.h"

enum { PERCENT_DIGITS = 4, MAX_DIGITS = 12 };

#define MILLION 1000000u

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

/* What has a size, by the name in the table of sizes; @name is not ended by a zero. */
static const char *name_find(const char *name, size_t size)
{
	static const char *const others[] = { "total", "types", "strings", "header", "layout" };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (strlen(others[i]) == size && strncasecmp(others[i], name, size) == 0)
			return others[i];
	}
	for (uint32_t kind = BTF_INT; kind < BTF_NUM_KINDS; kind++) {
		const char *kind_name = btf_kind_table[kind].name;

		if (strlen(kind_name) == size && strncasecmp(kind_name, name, size) == 0)
			return kind_name;
	}
	return NULL;
}

/* Digits, with up to four behind a point for percent; no signs, blanks or exponents. */
static bool amount_parse(const char *text, size_t size, struct diff_limit *limit)
{
	uint64_t whole = 0, fraction = 0;
	size_t i = 0, point;

	for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
		if (i == MAX_DIGITS)
			return false;
		whole = whole * 10 + (uint64_t)(text[i] - '0');
	}
	if (i == 0)
		return false;
	if (i < size && text[i] == '.') {
		point = i++;
		for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
			if (i - point > PERCENT_DIGITS)
				return false;
			fraction = fraction * 10 + (uint64_t)(text[i] - '0');
		}
		if (i == point + 1 || i == size || text[i] != '%')
			return false;
		for (size_t k = i - point - 1; k < PERCENT_DIGITS; k++)
			fraction *= 10;
	}
	limit->most = whole;
	if (i == size)
		return true;
	if (i + 1 < size)
		return false;
	switch (text[i]) {
	case '%':
		limit->is_percent = true;
		limit->most = whole * (MILLION / 100) + fraction;
		return whole <= MILLION;
	case 'k':
	case 'K':
		limit->most = whole << 10;
		return true;
	case 'm':
	case 'M':
		limit->most = whole << 20;
		return true;
	}
	return false;
}

struct btfgen_error *diff_limits_parse(const char *option, const char *value, bool is_per_file,
				       diff_limit_vec *limits)
{
	for (;;) {
		size_t size = strcspn(value, ","), name_size = strcspn(value, "=,");
		struct diff_limit limit = { .text = value,
					    .text_size = (int)(size < 40 ? size : 40),
					    .name = "total",
					    .is_per_file = is_per_file };
		const char *amount = value;

		if (value[name_size] == '=') {
			limit.name = name_find(value, name_size);
			amount = value + name_size + 1;
			if (!limit.name)
				return usage_error("option '%s' takes limits on total, types, "
						   "strings, header, layout or a kind such as var; "
						   "'%.*s' is none",
						   option, (int)(name_size < 40 ? name_size : 40),
						   value);
		}
		if (!amount_parse(amount, size - (size_t)(amount - value), &limit))
			return usage_error("option '%s' takes 1%%, 0.5%%, 4096, 64K or 1M, perhaps "
					   "behind a name as in var=1%%, not '%.*s'",
					   option, limit.text_size, value);
		if (!vec_push(limits, limit))
			return error_nomem();
		if (!value[size])
			return NULL;
		value += size + 1;
	}
}

static void bytes_get(const struct diff_sizes *sizes, const char *name, uint64_t *ret_bytes)
{
	bool is_types = strcmp(name, "types") == 0;

	ret_bytes[DIFF_OLD] = ret_bytes[DIFF_NEW] = 0;
	for (int side = 0; side < DIFF_SIDES; side++) {
		if (strcmp(name, "total") == 0)
			ret_bytes[side] = sizes->totals[side];
		for (size_t i = 0; i < sizes->num_parts; i++) {
			const struct diff_part *part = &sizes->parts[i];

			if (is_types ? part->group == DIFF_GROUP_TYPES :
				       strcmp(part->name, name) == 0)
				ret_bytes[side] += part->bytes[side];
		}
	}
}

static bool is_over(const struct diff_limit *limit, const uint64_t *bytes)
{
	uint64_t growth;

	if (bytes[DIFF_NEW] <= bytes[DIFF_OLD])
		return false;
	growth = bytes[DIFF_NEW] - bytes[DIFF_OLD];
	if (!limit->is_percent)
		return growth > limit->most;
	return (unsigned __int128)growth * MILLION >
	       (unsigned __int128)bytes[DIFF_OLD] * limit->most;
}

void diff_budget_print(FILE *out, const struct diff_budget *budget)
{
	const uint64_t *bytes = budget->bytes;
	struct number_text growth, percent;

	if (budget->path)
		fprintf(out, "%s: ", budget->path);
	fprintf(out, "%s grew by %s bytes (%s), %s '%.*s'", budget->limit->name,
		number_group(bytes[DIFF_NEW] - bytes[DIFF_OLD], &growth),
		number_percent((int64_t)(bytes[DIFF_NEW] - bytes[DIFF_OLD]), bytes[DIFF_OLD],
			       &percent),
		budget->is_breached ? "over the limit" : "within", budget->limit->text_size,
		budget->limit->text);
}

static struct btfgen_error *budget_check(struct diff_report *report, const struct diff_limit *limit,
					 const char *path, const struct diff_sizes *sizes,
					 bool *ret_breached)
{
	struct diff_budget budget = { .limit = limit, .path = path };
	struct memory_file line;
	struct btfgen_error *err;
	char *text;

	bytes_get(sizes, limit->name, budget.bytes);
	budget.is_breached = is_over(limit, budget.bytes);
	if (!vec_push(&report->budgets, budget))
		return error_nomem();
	if (!budget.is_breached)
		return NULL;
	*ret_breached = true;
	err = memory_file_open(&line);
	if (err)
		return err;
	diff_budget_print(line.out, &budget);
	text = diff_text_take(&line);
	if (!text)
		return error_nomem();
	/* Names of files are bytes of any kind. */
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	fprintf(stderr, "btfgen: %s\n", text);
	free(text);
	return NULL;
}

struct btfgen_error *diff_budgets_check(struct diff_report *report, const diff_limit_vec *limits,
					bool *ret_breached)
{
	struct btfgen_error *err = NULL;

	for (size_t i = 0; i < limits->num && !err; i++) {
		const struct diff_limit *limit = &limits->data[i];

		if (!limit->is_per_file) {
			err = budget_check(report, limit, NULL, &report->sizes, ret_breached);
			continue;
		}
		for (size_t k = 0; k < report->files.num && !err; k++) {
			const struct diff_file *file = &report->files.data[k];

			/* What is new has not grown; the whole has. */
			if (file->status != STATUS_ADDED && file->status != STATUS_REMOVED)
				err = budget_check(report, limit, file->path, &file->diff.sizes,
						   ret_breached);
		}
	}
	return err;
}
