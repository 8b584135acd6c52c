// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Settling, first part: what occurs where, and which definitions and declarations a label has. */
#include <stdlib.h>

#include "lib/btf/settle.h"

bool settle_count_uses(struct settle *settle)
{
	settle->uses = calloc(settle->num_classes, sizeof(*settle->uses));
	if (!settle->uses)
		return false;
	for (unsigned int w = 0; w < settle->store->num_workers; w++) {
		const struct intake_worker *worker = &settle->store->workers[w];

		for (uint32_t c = 1; c < worker->users.num; c++) {
			const struct class_users *users = &worker->users.data[c];
			struct occurrence *use = &settle->uses[c];

			if (!users->num_users)
				continue;
			if (!use->num_users || users->first_unit < use->first_unit) {
				use->first_unit = users->first_unit;
				use->first_node = worker->places.data[c].node;
				use->first_key = worker->places.data[c].key;
			}
			use->num_users += users->num_users;
		}
	}
	return true;
}

uint32_t settle_label(const struct settle *settle, uint32_t ref)
{
	uint32_t label = settle->label_by_name[label_name(ref).v];

	while (label && settle->labels[label].ref != ref)
		label = settle->labels[label].next;
	return label;
}

/* Finds or makes the label; there is room for one a class. */
static uint32_t label_add(struct settle *settle, uint32_t ref)
{
	uint32_t *by_name = &settle->label_by_name[label_name(ref).v];
	uint32_t index = settle_label(settle, ref);

	if (!index) {
		index = settle->num_labels++;
		settle->labels[index] = (struct label){ .ref = ref, .next = *by_name };
		*by_name = index;
	}
	return index;
}

/* Gives each label its run of label_classes, definitions before declarations. */
static void group_classes(struct settle *settle)
{
	for (uint32_t i = 1, sum = 0; i < settle->num_labels; i++) {
		struct label *label = &settle->labels[i];

		label->first_class = sum;
		sum += label->num_definitions + label->num_forwards;
		label->num_definitions = label->num_forwards = 0;
	}
	for (int forwards = 0; forwards < 2; forwards++) {
		for (uint32_t c = 1; c < settle->num_classes; c++) {
			struct label *label = &settle->labels[settle->class_label[c]];

			if (!settle->class_label[c] || class_is_forward(settle, c) != forwards)
				continue;
			settle->label_classes[label->first_class + label->num_definitions +
					      label->num_forwards] = c;
			if (forwards)
				label->num_forwards++;
			else
				label->num_definitions++;
		}
	}
}

int settle_compare_uses(const void *a, const void *b, void *ctx)
{
	const struct settle *settle = ctx;
	const struct occurrence *use_a = &settle->uses[*(const uint32_t *)a];
	const struct occurrence *use_b = &settle->uses[*(const uint32_t *)b];

	return occurs_more(use_a, use_b) ? -1 : occurs_more(use_b, use_a);
}

bool settle_find_labels(struct settle *settle)
{
	uint32_t num_strings = id_array_num(&settle->store->strings->entries), num_tagged = 0;

	settle->class_label = calloc(settle->num_classes, sizeof(*settle->class_label));
	settle->label_by_name = calloc(num_strings, sizeof(*settle->label_by_name));
	if (!settle->class_label || !settle->label_by_name)
		return false;
	for (uint32_t c = 1; c < settle->num_classes; c++)
		num_tagged += record_label(settle_record(settle, c)) != 0;
	settle->labels = calloc((size_t)num_tagged + 1, sizeof(*settle->labels));
	settle->label_classes = calloc((size_t)num_tagged + 1, sizeof(*settle->label_classes));
	if (!settle->labels || !settle->label_classes)
		return false;
	settle->num_labels = 1;
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		const struct record *record = settle_record(settle, c);
		uint32_t ref = record_label(record);
		struct label *label;

		if (!ref)
			continue;
		settle->class_label[c] = label_add(settle, ref);
		label = &settle->labels[settle->class_label[c]];
		if (!kind_infos[record->kind].is_forward) {
			label->num_definitions++;
			continue;
		}
		label->num_forwards++;
		if (record->size > label->forward_size)
			label->forward_size = record->size;
	}
	group_classes(settle);
	for (uint32_t i = 1; i < settle->num_labels; i++) {
		const struct label *label = &settle->labels[i];

		if (label->num_definitions > 1)
			qsort_r(&settle->label_classes[label->first_class], label->num_definitions,
				sizeof(settle->label_classes[0]), settle_compare_uses, settle);
	}
	return true;
}
