// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "func_gather.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"

static int range_compare(const void *pa, const void *pb)
{
	const struct func_range *a = pa, *b = pb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->has_suffix - b->has_suffix;
}

struct btfgen_error *func_names_collect(const struct elf_symtab *symtab, struct type_store *store,
					struct func_names *ret_names)
{
	const struct symtab_function *functions;
	const struct symtab_section *sections;
	size_t num_functions, num_sections;
	struct func_names names = {};
	VEC(uint8_t) bits = {};

	functions = elf_symtab_functions(symtab, &num_functions);
	sections = elf_symtab_sections(symtab, &num_sections);
	names.ranges = malloc((num_functions + 1) * sizeof(*names.ranges));
	names.ids = calloc(num_functions + 1, sizeof(*names.ids));
	if (!names.ranges || !names.ids) {
		func_names_deinit(&names);
		return error_nomem();
	}
	for (size_t i = 0; i < num_functions; i++) {
		const struct symtab_function *function = &functions[i];
		uint64_t start = sections[function->section].addr + function->off;
		struct str_id id;

		if (function->is_part)
			continue;
		names.ranges[names.num_ranges++] = (struct func_range){
			.start = start,
			.end = start + (function->size ? function->size : 1),
			.has_suffix = function->name[function->name_size],
		};
		if (!type_store_intern_string(store, 0, function->name, function->name_size, &id) ||
		    !vec_reserve(&bits, (size_t)id.v + 1)) {
			vec_deinit(&bits);
			func_names_deinit(&names);
			return error_nomem();
		}
		while (bits.num <= id.v)
			bits.data[bits.num++] = 0;
		names.ids[i] = id;
		bits.data[id.v] |= FUNC_NAME_WANTED;
		if (function->name[function->name_size])
			bits.data[id.v] |= FUNC_NAME_PLACES;
	}
	/* Symbols are sorted by section, and so are sections' addresses, mostly. */
	for (size_t i = 1; i < names.num_ranges; i++) {
		if (range_compare(&names.ranges[i - 1], &names.ranges[i]) <= 0)
			continue;
		qsort(names.ranges, names.num_ranges, sizeof(*names.ranges), range_compare);
		break;
	}
	names.bits = bits.data;
	names.num = bits.num;
	*ret_names = names;
	return NULL;
}

void func_names_deinit(struct func_names *names)
{
	free(names->bits);
	free(names->ids);
	free(names->ranges);
	*names = (struct func_names){};
}

/* False if the code was discarded. */
static bool make_candidate(const struct elf_symtab *symtab, const struct type_store *store,
			   const struct load_func *func, struct func_candidate *ret_candidate)
{
	struct func_candidate candidate = {
		.name = func->name,
		.num_params = func->num_params,
		.flags = func->flags,
		.unit = func->unit,
		.key = func->key,
	};

	if (func->flags & FUNC_HAS_ADDR) {
		const struct symtab_section *sections;
		size_t num_sections;

		sections = elf_symtab_sections(symtab, &num_sections);
		candidate.section = elf_symtab_section_of(symtab, func->addr);
		if (!candidate.section)
			return false;
		candidate.off = func->addr - sections[candidate.section].addr;
	}
	candidate.ret = type_store_resolve(store, func->unit, func->ret);
	*ret_candidate = candidate;
	return true;
}

static const struct func_candidate *find_candidate(const struct func_candidates *candidates,
						   uint32_t unit, uint64_t key)
{
	size_t low = 0, high = candidates->num;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct func_candidate *at = &candidates->candidates[middle];

		if (at->unit < unit || (at->unit == unit && at->key < key))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == candidates->num || candidates->candidates[low].unit != unit ||
	    candidates->candidates[low].key != key)
		return NULL;
	return &candidates->candidates[low];
}

static int tag_compare(const void *pa, const void *pb)
{
	const struct func_tag *a = pa, *b = pb;

	if (a->candidate != b->candidate)
		return a->candidate < b->candidate ? -1 : 1;
	return a->component < b->component ? -1 : a->component > b->component;
}

static bool collect_tags(const struct dwarf_load_result *loaded, struct func_candidates *candidates)
{
	candidates->tags = malloc((loaded->tags.num + 1) * sizeof(*candidates->tags));
	if (!candidates->tags)
		return false;
	for (size_t i = 0; i < loaded->tags.num; i++) {
		const struct load_tag *tag = &loaded->tags.data[i];
		const struct func_candidate *candidate;

		if (tag->target != DWARF_TAG_FUNC)
			continue;
		candidate = find_candidate(candidates, tag->unit, tag->target_key);
		if (!candidate)
			continue;
		candidates->tags[candidates->num_tags++] = (struct func_tag){
			.candidate = candidate - candidates->candidates,
			.component = tag->component,
			.text = tag->text,
		};
	}
	qsort(candidates->tags, candidates->num_tags, sizeof(*candidates->tags), tag_compare);
	return true;
}

struct btfgen_error *func_candidates_collect(const struct elf_symtab *symtab,
					     const struct type_store *store,
					     const struct dwarf_load_result *loaded,
					     struct func_candidates *ret_candidates)
{
	struct func_candidates candidates = {};
	size_t num_params = 0;

	candidates.candidates = malloc((loaded->funcs.num + 1) * sizeof(*candidates.candidates));
	candidates.params = malloc((loaded->params.num + 1) * sizeof(*candidates.params));
	if (!candidates.candidates || !candidates.params)
		goto nomem;
	for (size_t i = 0; i < loaded->funcs.num; i++) {
		const struct load_func *func = &loaded->funcs.data[i];
		struct func_candidate *candidate = &candidates.candidates[candidates.num];

		if (!make_candidate(symtab, store, func, candidate))
			continue;
		candidate->first_param = num_params;
		for (uint32_t k = 0; k < func->num_params; k++) {
			const struct load_param *param =
				&loaded->params.data[func->first_param + k];

			candidates.params[num_params] = (struct func_param){
				.name = param->name,
				.type = type_store_resolve(store, func->unit, param->type),
				.is_aligned = param->is_aligned,
			};
			if (func->flags & FUNC_HAS_PLACES)
				candidates.params[num_params].place =
					loaded->places.data[func->first_place + k];
			num_params++;
		}
		candidates.num++;
	}
	if (!collect_tags(loaded, &candidates))
		goto nomem;
	*ret_candidates = candidates;
	return NULL;
nomem:
	func_candidates_deinit(&candidates);
	return error_nomem();
}

void func_candidates_deinit(struct func_candidates *candidates)
{
	free(candidates->candidates);
	free(candidates->params);
	free(candidates->tags);
	*candidates = (struct func_candidates){};
}
