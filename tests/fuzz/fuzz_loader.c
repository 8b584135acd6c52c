// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * From bytes to BTF without a file: two bytes of flags, two sizes of two bytes each (abbreviations,
 * strings), then .debug_abbrev, .debug_str and .debug_info, whose end is .debug_loc as well. Each
 * function that is found gets a symbol. Whatever the bytes are, the result is an error or BTF that
 * obeys the rules.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf_graph.h"
#include "encode_features.h"
#include "func_select.h"
#include "lib/base/vec.h"
#include "lib/btf/adapt.h"
#include "lib/btf/fit.h"
#include "lib/btf/layout.h"
#include "lib/btf/type_store.h"
#include "lib/btf/verify.h"
#include "lib/btf/view.h"
#include "lib/dwarf/constants.h"
#include "lib/dwarf/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the first byte. */
enum {
	FLAG_BIG_ENDIAN = 1 << 0,
	FLAG_COLLIDE = 1 << 1,
	FLAG_NO_FLOAT = 1 << 2,
	FLAG_NO_ENUM64 = 1 << 3,
	FLAG_LAYOUT = 1 << 4,
	FLAG_CONSISTENT = 1 << 5,
	FLAG_OPTIMIZED = 1 << 6,
	FLAG_TRUE_SIGNATURE = 1 << 7,
};

enum { MAX_WANTED = 1 << 14, SECTION = 1 };

struct load_type {
	uint32_t unit;
	struct unit_type type;
};

struct run {
	uint8_t flags;
	struct type_store *store;
	struct pool *pool;
	/* What was found; types that belong to it are resolved once they are settled. */
	VEC(struct func_candidate) candidates;
	VEC(struct load_type) results;
	VEC(struct func_param) params;
	VEC(struct load_type) param_types;
	VEC(struct func_tag) func_tags;
	VEC(struct layout_tag) tags;
	VEC(struct load_type) tag_types;
	VEC(struct symtab_function) symbols;
	struct func_selection selection;
};

static struct span take(const uint8_t **data, size_t *size, size_t want)
{
	struct span span = { *data, want < *size ? want : *size };

	*data += span.size;
	*size -= span.size;
	return span;
}

static void need(bool ok)
{
	if (!ok)
		abort();
}

static void check_output(const struct run *run, const uint8_t *bytes, size_t size)
{
	const struct verify_options options = {
		.ptr_size = 8,
		.classic_header = !(run->flags & FLAG_LAYOUT),
		.classic_info = true,
		.plain_tags = true,
		.tags_first = true,
		.sorted = true,
		.funcs = true,
		.strings = true,
		.vars = true,
		.tags = true,
		.layout = true,
	};
	struct verify_violation violation;
	struct btf_view view;

	if (btf_view_open((struct span){ bytes, size }, NULL, &view))
		abort();
	if (btf_verify(&view, &options, NULL, &violation))
		abort();
	btf_view_close(&view);
	if (violation.rule) {
		fprintf(stderr, "%s\n", violation.text);
		abort();
	}
}

/* False if the types are nothing that the encoder would go on with. */
static struct btfgen_error *settle(struct run *run, bool *ret_ok)
{
	const struct types_adapt_options options = { .without_float = run->flags & FLAG_NO_FLOAT,
						     .without_enum64 =
							     run->flags & FLAG_NO_ENUM64 };
	struct types_adapt_result adapted;
	struct types_fit_result fit;
	struct btfgen_error *err;

	*ret_ok = false;
	err = type_store_settle(run->store, run->pool);
	if (err)
		return err;
	/* The encoder refuses this with an error of its own. */
	if (type_store_num_types(run->store) < 2)
		return NULL;
	err = types_adapt(run->store, &options, &adapted);
	if (err)
		return err;
	types_adapt_result_deinit(&adapted);
	err = types_fit(run->store, 8, &fit);
	if (err)
		return err;
	*ret_ok = !fit.cycle.v && !fit.chain.v;
	types_fit_result_deinit(&fit);
	return NULL;
}

/* A symbol where each function says that it is, sorted as a symbol table's. */
static int symbol_compare(const void *pa, const void *pb)
{
	const struct symtab_function *a = pa, *b = pb;

	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static void make_symbols(struct run *run)
{
	for (size_t i = 0; i < run->candidates.num; i++) {
		const struct func_candidate *candidate = &run->candidates.data[i];
		struct symtab_function symbol = {
			.name = type_store_string(run->store, candidate->name),
			.section = SECTION,
			.off = candidate->off,
			.size = candidate->off % 3,
			.index = i + 1,
			.bind = candidate->off % 4 / 2,
		};

		symbol.name_size = strcspn(symbol.name, ".");
		if (candidate->flags & FUNC_HAS_ADDR && *symbol.name)
			need(vec_push(&run->symbols, symbol));
	}
	if (run->symbols.num)
		qsort(run->symbols.data, run->symbols.num, sizeof(*run->symbols.data),
		      symbol_compare);
}

static struct btfgen_error *select_functions(struct run *run)
{
	struct func_select_input input = {
		.store = run->store,
		.abi = func_abi_of(EM_X86_64, true, false),
		.address_size = 8,
		.symbols = run->symbols.data,
		.num_symbols = run->symbols.num,
		.candidates = run->candidates.data,
		.num_candidates = run->candidates.num,
		.params = run->params.data,
		.tags = run->func_tags.data,
		.num_tags = run->func_tags.num,
		.features = ENCODE_FEATURE(FEATURE_DECL_TAG),
		.asm_functions = true,
	};

	if (run->flags & FLAG_CONSISTENT)
		input.features |= ENCODE_FEATURE(FEATURE_CONSISTENT_FUNC);
	if (run->flags & FLAG_OPTIMIZED)
		input.features |= ENCODE_FEATURE(FEATURE_OPTIMIZED_FUNC);
	if (run->flags & FLAG_TRUE_SIGNATURE)
		input.features |= ENCODE_FEATURE(FEATURE_TRUE_SIGNATURE);
	for (size_t i = 0; i < run->candidates.num; i++)
		run->candidates.data[i].ret = type_store_resolve(
			run->store, run->results.data[i].unit, run->results.data[i].type);
	for (size_t i = 0; i < run->params.num; i++)
		run->params.data[i].type = type_store_resolve(
			run->store, run->param_types.data[i].unit, run->param_types.data[i].type);
	make_symbols(run);
	input.symbols = run->symbols.data;
	input.num_symbols = run->symbols.num;
	return func_select(&input, &run->selection);
}

static void add_function_tags(struct run *run)
{
	for (size_t i = 0; i < run->tags.num; i++)
		run->tags.data[i].index = type_store_resolve(run->store,
							     run->tag_types.data[i].unit,
							     run->tag_types.data[i].type)
						  .v;
	for (uint32_t i = 0; i < run->selection.num_tags; i++)
		need(vec_push(&run->tags, run->selection.tags[i]));
}

static struct btfgen_error *encode(struct run *run)
{
	struct layout_input input = { .store = run->store,
				      .with_kind_layout = run->flags & FLAG_LAYOUT,
				      .without_enum64 = run->flags & FLAG_NO_ENUM64 };
	struct btf_layout *layout;
	struct btfgen_error *err;
	uint8_t *bytes;
	size_t size;
	bool ok;

	/* Never NULL, as in the encoder. */
	need(vec_reserve(&run->params, 1));
	err = settle(run, &ok);
	if (err || !ok)
		return err;
	err = select_functions(run);
	if (err)
		return err;
	add_function_tags(run);
	input.funcs = run->selection.funcs;
	input.num_funcs = run->selection.num_funcs;
	input.tags = run->tags.data;
	input.num_tags = run->tags.num;
	err = btf_layout_create(&input, &layout);
	if (err)
		return err;
	err = btf_emit(layout, run->pool, &bytes, &size);
	if (!err) {
		check_output(run, bytes, size);
		free(bytes);
	}
	btf_layout_destroy(layout);
	return err;
}

static struct load_type load_type(const struct dwarf_graph_result *result, uint32_t unit,
				  struct node_id node)
{
	return (struct load_type){ unit, type_store_handle(result->graph, node) };
}

/* The unit is in the store already: nodes have handles. */
static void keep_functions(struct run *run, uint32_t unit, const struct dwarf_graph_result *result)
{
	uint32_t first = run->candidates.num;

	for (size_t i = 0; i < result->num_funcs; i++) {
		const struct dwarf_func *func = &result->funcs[i];
		struct func_candidate candidate = {
			.name = func->name,
			.first_param = run->params.num,
			.num_params = func->num_params,
			.flags = func->flags,
			.section = SECTION,
			.unit = unit,
			/* Few places, so that some functions share one. */
			.off = func->addr % 64,
			.key = func->key,
		};

		need(vec_push(&run->candidates, candidate));
		need(vec_push(&run->results, load_type(result, unit, func->ret)));
		for (uint32_t k = 0; k < func->num_params; k++) {
			const struct dwarf_param *param = &result->params[func->first_param + k];
			struct func_param kept = { .name = param->name };

			if (func->flags & FUNC_HAS_PLACES)
				kept.place = result->places[func->first_place + k];
			need(vec_push(&run->params, kept));
			need(vec_push(&run->param_types, load_type(result, unit, param->type)));
		}
	}
	for (size_t i = 0; i < result->num_tags; i++) {
		const struct dwarf_tag *tag = &result->tags[i];

		if (tag->target == DWARF_TAG_FUNC) {
			need(vec_push(&run->func_tags,
				      (struct func_tag){ first + tag->index, tag->component,
							 tag->text }));
		} else if (tag->target == DWARF_TAG_TYPE) {
			need(vec_push(&run->tags,
				      (struct layout_tag){ .text = tag->text,
							   .target = TAG_OF_TYPE,
							   .component = tag->component }));
			need(vec_push(&run->tag_types,
				      load_type(result, unit, (struct node_id){ tag->index })));
		}
	}
}

static int func_tag_compare(const void *pa, const void *pb)
{
	const struct func_tag *a = pa, *b = pb;

	if (a->candidate != b->candidate)
		return a->candidate < b->candidate ? -1 : 1;
	return a->component < b->component ? -1 : a->component > b->component;
}

static struct btfgen_error *load(struct run *run, struct dwarf_graph_shared *shared)
{
	struct dwarf_graph *reader;
	struct btfgen_error *err = dwarf_graph_create(shared, 0, &reader);

	for (uint32_t i = 0; !err && i < shared->num_units; i++) {
		struct dwarf_graph_result result;

		err = dwarf_graph_read(reader, i, &result);
		if (err || result.excluded)
			continue;
		err = type_store_add_unit(shared->store, 0, i, result.unit_name, result.graph);
		if (!err)
			keep_functions(run, i, &result);
	}
	if (run->func_tags.num)
		qsort(run->func_tags.data, run->func_tags.num, sizeof(*run->func_tags.data),
		      func_tag_compare);
	dwarf_graph_destroy(reader);
	return err;
}

static void run_deinit(struct run *run)
{
	func_selection_deinit(&run->selection);
	vec_deinit(&run->candidates);
	vec_deinit(&run->results);
	vec_deinit(&run->params);
	vec_deinit(&run->param_types);
	vec_deinit(&run->func_tags);
	vec_deinit(&run->tags);
	vec_deinit(&run->tag_types);
	vec_deinit(&run->symbols);
	pool_destroy(run->pool);
	type_store_destroy(run->store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t wanted[MAX_WANTED];
	struct dwarf_graph_shared shared = { .func_names = wanted, .num_func_names = MAX_WANTED };
	struct type_store_options options = { .num_workers = 1 };
	struct unit_list list = {};
	struct btfgen_error *err;
	struct run run = {};
	size_t abbrev_size, str_size;

	if (size < 6)
		return 0;
	run.flags = data[0];
	abbrev_size = (data[2] | data[3] << 8) & 0xfff;
	str_size = (data[4] | data[5] << 8) & 0xfff;
	data += 6;
	size -= 6;
	shared.sections.abbrev = take(&data, &size, abbrev_size);
	shared.sections.str = take(&data, &size, str_size);
	shared.sections.info = (struct span){ data, size };
	shared.sections.loc = shared.sections.info;
	shared.sections.loclists = shared.sections.info;
	memset(wanted, FUNC_NAME_WANTED | FUNC_NAME_PLACES, sizeof(wanted));
	while (shared.sections.str.size &&
	       shared.sections.str.data[shared.sections.str.size - 1])
		shared.sections.str.size--;

	err = unit_list_read(&list, shared.sections.info, false, run.flags & FLAG_BIG_ENDIAN);
	if (err || !list.units.num) {
		error_free(err);
		unit_list_deinit(&list);
		return 0;
	}
	shared.units = list.units.data;
	shared.num_units = shared.num_info_units = list.units.num;
	options.num_units = list.units.num;
	options.force_collisions = run.flags & FLAG_COLLIDE;
	shared.die_starts = calloc(shared.num_units, sizeof(*shared.die_starts));
	err = type_store_create(&options, &shared.store);
	run.store = shared.store;
	if (!err)
		err = pool_create(1, 0, &run.pool);
	if (!err)
		err = load(&run, &shared);
	if (!err)
		err = encode(&run);
	error_free(err);
	run_deinit(&run);
	dwarf_graph_free_starts(&shared);
	free(shared.die_starts);
	unit_list_deinit(&list);
	return 0;
}
