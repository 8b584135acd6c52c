// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Ambiguous labels: which classes reach one, which units hold what matters, and what each
 * unit means by each ambiguous label.
 */
#include <stdlib.h>

#include "lib/btf/contexts.h"

/* The index of a reference among referrers' targets: classes, and labels above them; 0 if void. */
static uint32_t ref_index(const struct settle *settle, uint32_t ref)
{
	return ref_is_label(ref) ? settle->num_classes + settle_label(settle, ref) : ref;
}

static bool find_referrers(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	size_t num = (size_t)settle->num_classes + settle->num_labels;
	uint64_t sum = 0;
	uint32_t *first = calloc(num + 1, sizeof(*first));

	contexts->first_referrer = first;
	if (!first)
		return false;
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		const struct record *record = settle_record(settle, c);

		for (uint32_t edge = 0; edge <= record->num_elems; edge++)
			first[ref_index(settle, record_ref(record, edge))]++;
	}
	first[0] = 0;
	for (size_t i = 0; i <= num; i++) {
		sum += first[i];
		first[i] = sum;
	}
	if (sum > UINT32_MAX)
		return false;
	contexts->referrers = malloc((sum + 1) * sizeof(*contexts->referrers));
	if (!contexts->referrers)
		return false;
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		const struct record *record = settle_record(settle, c);

		for (uint32_t edge = 0; edge <= record->num_elems; edge++) {
			uint32_t target = ref_index(settle, record_ref(record, edge));

			if (target)
				contexts->referrers[--first[target]] = c;
		}
	}
	return true;
}

/*
 * Who reaches an ambiguous label, whatever definition a label may have: walking from the labels
 * against the references.
 */
bool contexts_find_reach(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	VEC(uint32_t) queue = {}; /* classes, and labels above them */
	bool *label_done = calloc(settle->num_labels, sizeof(*label_done));
	bool ok = false;

	contexts->reaches = calloc(settle->num_classes, sizeof(*contexts->reaches));
	if (!label_done || !contexts->reaches || !find_referrers(contexts))
		goto out;
	for (uint32_t i = 0; i < contexts->num_ambiguous; i++) {
		label_done[contexts->ambiguous[i].label] = true;
		if (!vec_push(&queue, settle->num_classes + contexts->ambiguous[i].label))
			goto out;
	}
	while (queue.num) {
		uint32_t num, from = queue.data[--queue.num];
		const uint32_t *referrers = class_referrers(contexts, from, &num);

		for (uint32_t i = 0; i < num; i++) {
			uint32_t c = referrers[i], label = settle->class_label[c];

			if (contexts->reaches[c])
				continue;
			contexts->reaches[c] = true;
			if (!label) {
				if (!vec_push(&queue, c))
					goto out;
			} else if (!label_done[label]) {
				label_done[label] = true;
				if (!vec_push(&queue, settle->num_classes + label))
					goto out;
			}
		}
	}
	ok = true;
out:
	vec_deinit(&queue);
	free(label_done);
	return ok;
}

bool contexts_find_holders(struct contexts *contexts, bool *wanted)
{
	const struct settle *settle = contexts->settle;
	const struct type_store *store = settle->store;
	uint32_t *next = calloc(settle->num_classes, sizeof(*next));
	uint64_t sum = 0;
	bool ok = false;

	contexts->first_holder = calloc((size_t)settle->num_classes + 1, sizeof(*next));
	if (!next || !contexts->first_holder)
		goto out;
	for (uint32_t i = 0; i < contexts->num_ambiguous; i++) {
		const struct label *label = &settle->labels[contexts->ambiguous[i].label];

		for (uint32_t k = 0; k < label->num_definitions + label->num_forwards; k++)
			wanted[label_definitions(settle, label)[k]] = true;
	}
	for (uint32_t c = 0; c < settle->num_classes; c++) {
		contexts->first_holder[c] = next[c] = sum;
		if (wanted[c])
			sum += settle->uses[c].num_users;
	}
	if (sum > UINT32_MAX)
		goto out;
	contexts->first_holder[settle->num_classes] = sum;
	contexts->holders = malloc((sum + 1) * sizeof(*contexts->holders));
	if (!contexts->holders)
		goto out;
	for (uint32_t u = 0; u < store->num_units; u++) {
		const uint8_t *list = store->units[u].class_ids;
		uint32_t class_id = 0;

		for (uint32_t i = 0; i < store->units[u].num_classes; i++) {
			class_id = unit_next_class(&list, class_id);
			if (wanted[class_id])
				contexts->holders[next[class_id]++] = u;
		}
	}
	ok = true;
out:
	free(next);
	return ok;
}

const struct binding *contexts_binding(const struct contexts *contexts,
				       const struct ambiguous *ambiguous, uint32_t unit)
{
	const struct binding *bindings = &contexts->bindings.data[ambiguous->first_binding];
	uint32_t low = 0, high = ambiguous->num_bindings;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (bindings[middle].unit < unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ambiguous->num_bindings && bindings[low].unit == unit ? &bindings[low] : NULL;
}

/* One binding a unit that defines or declares the label, and in which something may refer to it. */
static bool find_label_bindings(struct contexts *contexts, struct ambiguous *ambiguous)
{
	const struct settle *settle = contexts->settle;
	const struct label *label = &settle->labels[ambiguous->label];
	const uint32_t *classes = label_definitions(settle, label);
	VEC(uint64_t) held = {}; /* unit << 32 | number of the class */
	bool ok = false;

	ambiguous->first_binding = contexts->bindings.num;
	for (uint32_t k = 0; k < label->num_definitions + label->num_forwards; k++) {
		uint32_t num;
		const uint32_t *units = class_holders(contexts, classes[k], &num);

		for (uint32_t i = 0; i < num; i++) {
			if (!vec_push(&held, (uint64_t)units[i] << 32 | k))
				goto out;
		}
	}
	qsort(held.data, held.num, sizeof(held.data[0]), compare_u64);
	for (size_t i = 0; i < held.num;) {
		struct binding binding = { .unit = held.data[i] >> 32 };
		uint32_t num_own = 0;

		for (; i < held.num && held.data[i] >> 32 == binding.unit; i++) {
			uint32_t k = held.data[i];

			if (k >= label->num_definitions) {
				binding.has_forward = true;
			} else {
				num_own++;
				binding.class_id = classes[k];
			}
		}
		/* Nothing refers to the label there: see unit_intake.c. */
		if (num_own > 1 && unit_is_plain(settle, binding.unit))
			continue;
		binding.is_own = num_own == 1;
		if (num_own > 1)
			binding.class_id = 0;
		if (!vec_push(&contexts->bindings, binding))
			goto out;
	}
	ambiguous->num_bindings = contexts->bindings.num - ambiguous->first_binding;
	ok = true;
out:
	vec_deinit(&held);
	return ok;
}

bool contexts_find_bindings(struct contexts *contexts)
{
	/* Runs of no bindings need a place, too. */
	if (!vec_reserve(&contexts->bindings, 1))
		return false;
	for (uint32_t i = 0; i < contexts->num_ambiguous; i++) {
		if (!find_label_bindings(contexts, &contexts->ambiguous[i]))
			return false;
	}
	return true;
}

/* The meaning with most plain units; among equals a definition, and the more used one. */
static void choose_default(struct contexts *contexts, struct ambiguous *ambiguous, uint32_t *counts)
{
	const struct settle *settle = contexts->settle;
	const struct label *label = &settle->labels[ambiguous->label];
	const uint32_t *definitions = label_definitions(settle, label);
	const struct binding *bindings = &contexts->bindings.data[ambiguous->first_binding];
	uint32_t best = definitions[0];

	for (uint32_t i = 0; i < ambiguous->num_bindings; i++) {
		if (unit_is_plain(settle, bindings[i].unit))
			counts[bindings[i].class_id]++;
	}
	for (uint32_t k = 1; k < label->num_definitions; k++) {
		if (counts[definitions[k]] > counts[best])
			best = definitions[k];
	}
	if (counts[0] > counts[best])
		best = 0;
	for (uint32_t i = 0; i < ambiguous->num_bindings; i++) {
		const struct binding *binding = &bindings[i];

		counts[binding->class_id] = 0;
		if (unit_is_plain(settle, binding->unit) && binding->class_id != best)
			contexts->deviations[binding->unit]++;
	}
	ambiguous->default_class = best;
}

bool contexts_choose_defaults(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	uint32_t *counts = calloc(settle->num_classes, sizeof(*counts));

	contexts->deviations = calloc((size_t)settle->store->num_units + 1, sizeof(uint32_t));
	if (!counts || !contexts->deviations) {
		free(counts);
		return false;
	}
	for (uint32_t i = 0; i < contexts->num_ambiguous; i++)
		choose_default(contexts, &contexts->ambiguous[i], counts);
	free(counts);
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		if (!unit_is_plain(settle, u))
			contexts->deviations[u] = UINT32_MAX;
	}
	return true;
}
