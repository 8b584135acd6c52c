// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: one byte of flags, the rest is raw BTF. Counts where its bytes go; flag 1 makes it split BTF over
 * itself. The sums that lib/btf/stat.h promises must hold, and every id in it must exist.
 */
#include <string.h>

#include "lib/btf/stat.h"
#include "tests/fuzz/fuzz.h"

enum { FLAG_SPLIT = 1 };

static void check_parts(const struct btf_stat *stat)
{
	const struct stat_parts *parts = &stat->parts;
	const struct stat_strings *strings = &stat->strings;
	uint64_t bytes = 0, num = 0;

	FUZZ_CHECK(parts->header + parts->types + parts->strings + parts->layout + parts->gaps - parts->overlap ==
		   stat->bytes);
	for (size_t i = 0; i < stat->kinds.num; i++) {
		bytes += stat->kinds.data[i].bytes;
		num += stat->kinds.data[i].num;
	}
	FUZZ_CHECK(bytes == parts->types && num == stat->view->num_own);
	bytes = strings->shared.bytes + strings->unused.bytes + strings->empty.bytes;
	num = strings->shared.num + strings->unused.num + strings->empty.num;
	for (int use = 0; use < STAT_NUM_USES; use++) {
		bytes += strings->uses[use].bytes;
		num += strings->uses[use].num;
		FUZZ_CHECK(strings->uses_shared[use].bytes <= strings->shared.bytes);
	}
	FUZZ_CHECK(bytes == parts->strings && num == strings->num);
}

static void check_types(const struct btf_stat *stat)
{
	uint64_t record_bytes = 0, string_bytes = 0, last = UINT64_MAX;

	for (uint32_t i = 0; i < stat->view->num_own; i++) {
		const struct stat_type *type = &stat->types[i];
		uint64_t bytes = (uint64_t)type->record_bytes + type->string_bytes;

		FUZZ_CHECK(bytes <= last && type->id >= stat->view->first_id && type->id < stat->view->num_ids);
		last = bytes;
		record_bytes += type->record_bytes;
		string_bytes += type->string_bytes;
	}
	FUZZ_CHECK(record_bytes == stat->parts.types && string_bytes <= stat->parts.strings);
}

static void check_vars(const struct btf_stat *stat)
{
	uint64_t var_bytes = 0, string_bytes = 0;

	for (size_t i = 0; i < stat->sections.num; i++) {
		const struct stat_section *section = &stat->sections.data[i];

		FUZZ_CHECK(section->bytes == section->record_bytes + section->var_bytes + section->string_bytes);
		var_bytes += section->var_bytes;
		string_bytes += section->string_bytes;
	}
	FUZZ_CHECK(var_bytes == (stat->vars.num - stat->num_loose_vars) * STAT_VAR_BYTES);
	FUZZ_CHECK(string_bytes <= stat->vars.string_bytes);
	FUZZ_CHECK(stat->percpu.bytes <= stat->vars.bytes && stat->percpu.num <= stat->vars.num);
	FUZZ_CHECK(stat->vars.bytes <= stat->parts.types + stat->parts.strings);
	FUZZ_CHECK(stat->vars.num_shared_names <= stat->vars.num);
}

static void check_names(const struct btf_stat *stat)
{
	uint64_t num_extra = 0, num_beside = 0;

	for (size_t i = 0; i < stat->doubles.num; i++) {
		const struct stat_double *twice = &stat->doubles.data[i];

		FUZZ_CHECK(twice->num > 1 && twice->first_id + twice->num <= stat->double_ids.num);
		num_extra += twice->num - 1;
		for (uint32_t k = 0; k < twice->num; k++) {
			uint32_t id = stat->double_ids.data[twice->first_id + k];

			FUZZ_CHECK(id >= stat->view->first_id && id < stat->view->num_ids);
			FUZZ_CHECK(!strcmp(btf_view_name(stat->view, id), twice->name));
		}
	}
	FUZZ_CHECK(num_extra == stat->num_extra && stat->double_ids.num == num_extra + stat->doubles.num);
	for (size_t i = 0; i < stat->forwards.num; i++) {
		num_beside += stat->forwards.data[i].definition != 0;
		FUZZ_CHECK(stat->forwards.data[i].definition < stat->view->num_ids);
	}
	FUZZ_CHECK(num_beside == stat->num_fwds_beside);
	for (size_t i = 0; i < stat->in_base.num; i++)
		FUZZ_CHECK(stat->in_base.data[i].base_id < stat->view->first_id);
}

static void count(const struct btf_view *view)
{
	struct btf_stat *stat;

	FUZZ_CHECK(!btf_stat_create(view, &stat));
	check_parts(stat);
	check_types(stat);
	check_vars(stat);
	check_names(stat);
	btf_stat_destroy(stat);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct btf_view view, split;
	struct btfgen_error *err;
	uint8_t *copy;

	if (!size)
		return 0;
	/* A block of its own, for the sanitizer's sake. */
	copy = malloc(size);
	FUZZ_CHECK(copy);
	memcpy(copy, data + 1, size - 1);
	err = btf_view_open((struct span){ copy, size - 1 }, NULL, &view);
	if (!err) {
		count(&view);
		if (data[0] & FLAG_SPLIT) {
			err = btf_view_open((struct span){ copy, size - 1 }, &view, &split);
			if (!err) {
				count(&split);
				btf_view_close(&split);
			}
		}
		btf_view_close(&view);
	}
	error_free(err);
	free(copy);
	return 0;
}
