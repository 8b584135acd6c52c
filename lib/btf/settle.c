// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Settling: which types there are, once all units are known.
 *
 * Problem: the store has local definitions (classes), in which named types are just names. Two of
 * them are one type if everything that can be reached from them is the same, names followed to what
 * they mean in the unit. Comparing all pairs, or refining all of them, is not needed: a name with
 * one definition means that definition everywhere, so a class that reaches only such names *is* a
 * type.
 *
 * Steps:
 *  1. labels.c: definitions and declarations of each (tag class, name). One definition: unique;
 *     none: the declaration is a type; several: ambiguous.
 *  2. contexts.c, with bindings.c and forward.c, only for classes that reach an ambiguous
 *     label: what it means in each unit, declarations decided by evidence; then the coarsest stable
 *     partition of what is left.
 *  3. final.c: order, references, list of names that stay double.
 *
 * Why this is the coarsest bisimulation over all units, given what declarations mean: classes
 * refine labels, so two types that differ already in their records are apart. Outside of step 2, a
 * class reaches only classes with the same property and unique names; two equal classes therefore
 * unfold to equal trees, wherever they stand. Two different classes never unfold to equal trees: of
 * their first difference either it is in the records' own fields, or in a child without a tag,
 * where the same argument applies again (bare cycles, where it would not end, are labels); or in a
 * label. Step 2 is partition refinement proper.
 *
 * Arrival, that is order of ids, decides nothing: wherever one of several is chosen, it is by users
 * and first place.
 */
#include "lib/btf/settle.h"

#include <stdlib.h>

#include "lib/btf/contexts.h"

void settle_destroy(struct settle *settle)
{
	if (!settle)
		return;
	contexts_destroy(settle->contexts);
	free(settle->uses);
	free(settle->class_label);
	free(settle->labels);
	free(settle->label_by_name);
	free(settle->label_classes);
	free(settle->class_type);
	free(settle);
}

static void fill_stats(struct type_store *store, const struct settle *settle)
{
	struct type_store_stats *stats = &store->stats;

	for (unsigned int i = 0; i < store->num_workers; i++) {
		stats->num_nodes += store->workers[i].num_nodes;
		stats->record_bytes += store->workers[i].kept.total_size;
	}
	stats->num_classes = settle->num_classes - 1;
	stats->num_labels = settle->num_labels - 1;
}

struct btfgen_error *type_store_settle(struct type_store *store, struct pool *pool)
{
	struct settle *settle = calloc(1, sizeof(*settle));

	(void)pool; /* less than starting threads would cost */
	if (!settle)
		return error_nomem();
	store->settle = settle;
	settle->store = store;
	settle->num_classes = id_array_num(&store->records.entries);
	for (unsigned int i = 0; i < store->num_workers; i++) {
		if (store->workers[i].failed)
			return error_nomem();
	}
	if (!settle_count_uses(settle) || !settle_find_labels(settle) ||
	    !settle_contexts(settle, &store->stats) || !settle_finish(settle, store))
		return error_nomem();
	fill_stats(store, settle);
	/* From here on only types and what resolving needs. */
	for (unsigned int i = 0; i < store->num_workers; i++)
		intake_worker_release_scratch(&store->workers[i]);
	free(settle->uses);
	settle->uses = NULL;
	if (settle->contexts)
		contexts_release_scratch(settle->contexts);
	return NULL;
}

static struct type_id handle_type(const struct type_store *store, uint32_t unit,
				  struct unit_type handle)
{
	const struct settle *settle = store->settle;
	const struct label *label;

	if (handle.v & HANDLE_NODE)
		return store->units[unit].nodes->types[handle.v & ~HANDLE_NODE];
	label = &settle->labels[settle->class_label[handle.v]];
	if (settle->class_label[handle.v] && class_is_forward(settle, handle.v))
		return settle_label_type(settle, unit, label);
	return settle_class_type(settle, unit, handle.v);
}

struct type_id type_store_resolve(const struct type_store *store, uint32_t unit,
				  struct unit_type handle)
{
	struct type_id id = handle_type(store, unit, handle);
	const struct settled_type *type = &store->types[id.v];

	return type->kind == GRAPH_ALIAS ? type->ref : id;
}
