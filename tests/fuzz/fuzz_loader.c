// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * From bytes to BTF without a file: two bytes of flags, two sizes of two bytes each (abbreviations,
 * strings), then .debug_abbrev, .debug_str and .debug_info. Whatever the bytes are, the result is
 * an error or BTF that obeys the rules.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf_graph.h"
#include "lib/btf/fit.h"
#include "lib/btf/layout.h"
#include "lib/btf/type_store.h"
#include "lib/btf/verify.h"
#include "lib/btf/view.h"
#include "lib/dwarf/constants.h"
#include "lib/dwarf/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span take(const uint8_t **data, size_t *size, size_t want)
{
	struct span span = { *data, want < *size ? want : *size };

	*data += span.size;
	*size -= span.size;
	return span;
}

static struct btfgen_error *check_output(const uint8_t *bytes, size_t size)
{
	const struct verify_options options = {
		.ptr_size = 8,
		.classic_header = true,
		.classic_info = true,
		.plain_tags = true,
		.tags_first = true,
		.sorted = true,
		.strings = true,
		.vars = true,
	};
	struct verify_violation violation;
	struct btfgen_error *err;
	struct btf_view view;

	err = btf_view_open((struct span){ bytes, size }, NULL, &view);
	if (err)
		abort();
	err = btf_verify(&view, &options, NULL, &violation);
	btf_view_close(&view);
	if (!err && violation.rule) {
		fprintf(stderr, "%s\n", violation.text);
		abort();
	}
	return err;
}

static struct btfgen_error *encode(struct type_store *store, struct pool *pool)
{
	struct layout_input input = { .store = store };
	struct btf_layout *layout;
	struct btfgen_error *err;
	struct types_fit_result fit;
	bool fits = false;
	uint8_t *bytes;
	size_t size;

	err = type_store_settle(store, pool);
	/* The encoder refuses this with an error of its own. */
	if (!err && type_store_num_types(store) < 2)
		return NULL;
	if (!err)
		err = types_fit(store, 8, &fit);
	if (!err) {
		fits = !fit.cycle.v && !fit.chain.v;
		types_fit_result_deinit(&fit);
	}
	if (!fits)
		return err;
	err = btf_layout_create(&input, &layout);
	if (err)
		return err;
	err = btf_emit(layout, pool, &bytes, &size);
	if (!err) {
		err = check_output(bytes, size);
		free(bytes);
	}
	btf_layout_destroy(layout);
	return err;
}

static struct btfgen_error *load(struct dwarf_graph_shared *shared)
{
	struct dwarf_graph *reader;
	struct btfgen_error *err = dwarf_graph_create(shared, 0, &reader);

	for (uint32_t i = 0; !err && i < shared->num_units; i++) {
		struct dwarf_graph_result result;

		err = dwarf_graph_read(reader, i, &result);
		if (!err && !result.excluded)
			err = type_store_add_unit(shared->store, 0, i, result.unit_name,
						  result.graph);
	}
	dwarf_graph_destroy(reader);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dwarf_graph_shared shared = {};
	struct type_store_options options = { .num_workers = 1 };
	struct unit_list list = {};
	struct btfgen_error *err;
	struct pool *pool = NULL;
	size_t abbrev_size, str_size;
	uint8_t flags;

	if (size < 6)
		return 0;
	flags = data[0];
	abbrev_size = (data[2] | data[3] << 8) & 0xfff;
	str_size = (data[4] | data[5] << 8) & 0xfff;
	data += 6;
	size -= 6;
	shared.sections.abbrev = take(&data, &size, abbrev_size);
	shared.sections.str = take(&data, &size, str_size);
	shared.sections.info = (struct span){ data, size };
	while (shared.sections.str.size &&
	       shared.sections.str.data[shared.sections.str.size - 1])
		shared.sections.str.size--;

	err = unit_list_read(&list, shared.sections.info, false, flags & 1);
	if (err || !list.units.num) {
		error_free(err);
		unit_list_deinit(&list);
		return 0;
	}
	shared.units = list.units.data;
	shared.num_units = shared.num_info_units = list.units.num;
	options.num_units = list.units.num;
	options.force_collisions = flags & 2;
	shared.die_starts = calloc(shared.num_units, sizeof(*shared.die_starts));
	err = type_store_create(&options, &shared.store);
	if (!err)
		err = pool_create(1, 0, &pool);
	if (!err)
		err = load(&shared);
	if (!err)
		err = encode(shared.store, pool);
	error_free(err);
	pool_destroy(pool);
	type_store_destroy(shared.store);
	dwarf_graph_free_starts(&shared);
	free(shared.die_starts);
	unit_list_deinit(&list);
	return 0;
}
