// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/settle.h"

#include <stdlib.h>

void settle_destroy(struct settle *settle)
{
	if (!settle)
		return;
	free(settle->uses);
	free(settle->class_label);
	free(settle->labels);
	free(settle->label_by_name);
	free(settle->label_classes);
	free(settle->class_type);
	free(settle);
}

struct btfgen_error *type_store_settle(struct type_store *store, struct pool *pool)
{
	struct settle *settle = calloc(1, sizeof(*settle));

	(void)pool;
	if (!settle)
		return error_nomem();
	store->settle = settle;
	settle->store = store;
	settle->num_classes = id_array_num(&store->records.entries);
	if (!settle_count_uses(settle) || !settle_find_labels(settle))
		return error_nomem();
	return settle_finish(settle, store);
}

struct type_id type_store_resolve(const struct type_store *store, uint32_t unit,
				  struct unit_type handle)
{
	const struct settle *settle = store->settle;
	uint32_t v = handle.v, label;

	if (v & HANDLE_NODE)
		v = store->units[unit].nodes->class_ids[v & ~HANDLE_NODE];
	label = settle->class_label[v];
	if (label && kind_infos[settle_record(settle, v)->kind].is_forward) {
		const struct label *l = &settle->labels[label];

		if (!l->num_definitions)
			return (struct type_id){ l->forward_type };
		return (struct type_id){ settle->class_type[settle->label_classes[l->first_class]] };
	}
	return (struct type_id){ v ? settle->class_type[v] : 0 };
}
