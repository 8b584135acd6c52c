// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Settling, first part: what occurs where, and which definitions and declarations a label has. */
#include <stdlib.h>

#include "lib/btf/settle.h"

bool settle_count_uses(struct settle *settle)
{
	const struct type_store *store = settle->store;

	settle->uses = calloc(settle->num_classes, sizeof(*settle->uses));
	if (!settle->uses)
		return false;
	for (uint32_t u = 0; u < store->num_units; u++) {
		const struct store_unit *unit = &store->units[u];
		const uint8_t *keys = unit->keys;
		uint64_t key = 0;

		for (uint32_t i = 0; i < unit->num_classes; i++) {
			struct occurrence *use = &settle->uses[unit->class_ids[i]];

			key = unit_keys_next(&keys, key);
			if (!use->num_users++) {
				use->first_unit = u;
				use->first_pos = i;
				use->first_key = key;
			}
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

bool settle_find_labels(struct settle *settle)
{
	uint32_t num_strings = id_array_num(&settle->store->strings.entries), num_tagged = 0;

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
		uint32_t ref = record_label(record), index;
		struct label *label;

		if (!ref)
			continue;
		index = settle_label(settle, ref);
		if (!index) {
			index = settle->num_labels++;
			settle->labels[index] = (struct label){
				.ref = ref,
				.next = settle->label_by_name[label_name(ref).v],
			};
			settle->label_by_name[label_name(ref).v] = index;
		}
		label = &settle->labels[index];
		settle->class_label[c] = index;
		if (!kind_infos[record->kind].is_forward) {
			label->num_definitions++;
			continue;
		}
		label->num_forwards++;
		if (record->size > label->forward_size)
			label->forward_size = record->size;
	}
	for (uint32_t i = 1, sum = 0; i < settle->num_labels; i++) {
		struct label *label = &settle->labels[i];

		label->first_class = sum;
		sum += label->num_definitions + label->num_forwards;
		label->num_definitions = label->num_forwards = 0;
	}
	/* Definitions first, so they go in a round of their own. */
	for (int forwards = 0; forwards < 2; forwards++) {
		for (uint32_t c = 1; c < settle->num_classes; c++) {
			struct label *label = &settle->labels[settle->class_label[c]];

			if (!settle->class_label[c] ||
			    kind_infos[settle_record(settle, c)->kind].is_forward != forwards)
				continue;
			settle->label_classes[label->first_class + label->num_definitions +
					      label->num_forwards] = c;
			if (forwards)
				label->num_forwards++;
			else
				label->num_definitions++;
		}
	}
	return true;
}
