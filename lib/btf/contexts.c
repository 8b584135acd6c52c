// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Contexts: the meanings of classes that reach an ambiguous label.
 *
 * Problem: `struct user { struct foo *p; }` is one class in all units, but two types if two of them
 * mean different things by `struct foo`. So a class that reaches an ambiguous label has to be looked at in
 * each unit that holds it: an *instance*. Of all instances, those are one type whose class is one and
 * whose references lead, position by position, to one type again: the coarsest partition of the
 * instances that is stable in this sense (partition.h). Its blocks are the *parts* of the class.
 *
 * Most units mean the same by most labels, and there may be thousands of units. So each ambiguous label
 * has a default meaning, the one of most units, and all units that see a class as the defaults tell
 * share one instance of it, the *default instance*. A unit needs an instance of its own exactly for the
 * classes from which it can reach a label that means something else to it. These are found by
 * walking against the references, from the labels up, inside the unit.
 *
 * A declaration of a name with one definition means that definition, but in which unit's eyes, if the
 * definition reaches an ambiguous label and this unit does not hold it? In those of the definition's
 * *provider*: of its holders the one that departs least from the defaults. Such a reference leaves
 * the unit, and if the provider needs an instance of its own there, so do those who refer to it.
 *
 * So no default instance is invented: it counts only if a unit holds the class and has no instance of its
 * own, and then all it refers to are default instances of which the same is true.
 *
 * Conflicted units (some label has two definitions in one unit) have an instance a node, and their
 * references are those of the unit's graph.
 *
 * Cost: linear in what units hold of classes that reach an ambiguous label (about one in a hundred), times
 * a logarithm for look-ups and refining.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/btf/contexts.h"
#include "lib/btf/partition.h"

/* Being marked comes first, being numbered later. */
#define HOLDING_MARKED UINT32_MAX

struct holding {
	uint32_t class_id;
	uint32_t unit;
};

struct marker {
	struct contexts *contexts;
	VEC(struct holding) queue;
	bool nomem;
};

static void mark(struct marker *marker, uint32_t class_id, uint32_t unit)
{
	struct contexts *contexts = marker->contexts;
	uint32_t holding;

	if (!unit_is_plain(contexts->settle, unit))
		return;
	holding = contexts_holding(contexts, class_id, unit);
	if (holding == NO_HOLDING || contexts->holding_instance[holding])
		return;
	contexts->holding_instance[holding] = HOLDING_MARKED;
	if (!vec_push(&marker->queue, (struct holding){ class_id, unit }))
		marker->nomem = true;
}

static void mark_referrers_of_label(struct marker *marker, uint32_t label, uint32_t unit)
{
	uint32_t num;
	const uint32_t *referrers = label_referrers(marker->contexts, label, &num);

	for (uint32_t i = 0; i < num; i++)
		mark(marker, referrers[i], unit);
}

/* In all units that refer to the definition by a declaration only. */
static void mark_importers(struct marker *marker, uint32_t class_id)
{
	const struct contexts *contexts = marker->contexts;
	const struct settle *settle = contexts->settle;
	uint32_t index = settle->class_label[class_id], num;
	const struct label *label = &settle->labels[index];

	if (label->ambiguous) {
		const struct ambiguous *ambiguous = &contexts->ambiguous[label->ambiguous - 1];
		const struct binding *bindings = &contexts->bindings.data[ambiguous->first_binding];

		for (uint32_t i = 0; i < ambiguous->num_bindings; i++) {
			if (bindings[i].class_id == class_id && !bindings[i].is_own)
				mark_referrers_of_label(marker, index, bindings[i].unit);
		}
		return;
	}
	for (uint32_t k = 0; k < label->num_forwards; k++) {
		const uint32_t *units =
			class_holders(contexts, label_forwards(settle, label)[k], &num);

		for (uint32_t i = 0; i < num; i++) {
			if (contexts_holding(contexts, class_id, units[i]) == NO_HOLDING)
				mark_referrers_of_label(marker, index, units[i]);
		}
	}
}

/* Finds the holdings that need an instance of their own. */
static bool mark_exceptions(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	struct marker marker = { .contexts = contexts };

	contexts->holding_instance =
		calloc((size_t)contexts->num_holdings + 1, sizeof(*contexts->holding_instance));
	if (!contexts->holding_instance)
		return false;
	for (uint32_t i = 0; i < contexts->num_ambiguous; i++) {
		const struct ambiguous *ambiguous = &contexts->ambiguous[i];
		const struct binding *bindings = &contexts->bindings.data[ambiguous->first_binding];

		for (uint32_t k = 0; k < ambiguous->num_bindings; k++) {
			if (bindings[k].class_id != ambiguous->default_class)
				mark_referrers_of_label(&marker, ambiguous->label, bindings[k].unit);
		}
	}
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		if (contexts->provider[c] != NO_UNIT &&
		    !unit_is_plain(settle, contexts->provider[c]))
			mark_importers(&marker, c);
	}
	while (marker.queue.num) {
		struct holding holding = marker.queue.data[--marker.queue.num];
		uint32_t label = settle->class_label[holding.class_id], num;
		const uint32_t *referrers;

		if (label) {
			mark_referrers_of_label(&marker, label, holding.unit);
			if (contexts->provider[holding.class_id] == holding.unit)
				mark_importers(&marker, holding.class_id);
			continue;
		}
		referrers = class_referrers(contexts, holding.class_id, &num);
		for (uint32_t i = 0; i < num; i++)
			mark(&marker, referrers[i], holding.unit);
	}
	vec_deinit(&marker.queue);
	return !marker.nomem;
}

static bool instance_add(struct contexts *contexts, struct instance instance, uint32_t *ret_index)
{
	*ret_index = contexts->instances.num;
	return contexts->instances.num < UINT32_MAX - 1 && vec_push(&contexts->instances, instance);
}

static bool add_node_instances(struct contexts *contexts, uint32_t unit)
{
	const struct unit_nodes *nodes = contexts->settle->store->units[unit].nodes;
	uint32_t *instances = calloc(nodes->num_nodes, sizeof(*instances));
	uint64_t *firsts = malloc(nodes->num_nodes * sizeof(*firsts));
	uint32_t num = 0;

	contexts->node_instance[unit] = instances;
	contexts->first_nodes[unit] = firsts;
	if (!instances || !firsts)
		return false;
	for (uint32_t n = 1; n < nodes->num_nodes; n++) {
		uint32_t c = nodes->class_ids[n];

		if (!c || !contexts->reaches[c])
			continue;
		if (!instance_add(contexts, (struct instance){ c, unit, n, 0 }, &instances[n]))
			return false;
		firsts[num++] = (uint64_t)c << 32 | n;
	}
	qsort(firsts, num, sizeof(*firsts), compare_u64);
	contexts->num_first_nodes[unit] = num;
	return true;
}

static bool add_instances(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	size_t num_units = (size_t)settle->store->num_units + 1;
	uint32_t none;

	contexts->default_instance = calloc(settle->num_classes, sizeof(uint32_t));
	contexts->node_instance = calloc(num_units, sizeof(*contexts->node_instance));
	contexts->first_nodes = calloc(num_units, sizeof(*contexts->first_nodes));
	contexts->num_first_nodes = calloc(num_units, sizeof(*contexts->num_first_nodes));
	if (!contexts->default_instance || !contexts->node_instance || !contexts->first_nodes ||
	    !contexts->num_first_nodes ||
	    !instance_add(contexts, (struct instance){}, &none))
		return false;
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		if (!contexts->reaches[c])
			continue;
		for (uint32_t h = contexts->first_holder[c]; h < contexts->first_holder[c + 1]; h++) {
			uint32_t *own = &contexts->holding_instance[h];

			if (*own && !instance_add(contexts, (struct instance){
						  c, contexts->holders[h], 0, 0 }, own))
				return false;
			if (*own || contexts->default_instance[c] ||
			    !unit_is_plain(settle, contexts->holders[h]))
				continue;
			if (!instance_add(contexts, (struct instance){ c, NO_UNIT, 0, 0 },
					  &contexts->default_instance[c]))
				return false;
		}
	}
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		if (!unit_is_plain(settle, u) && !add_node_instances(contexts, u))
			return false;
	}
	return true;
}

/* The first node of a class in a conflicted unit that holds it. */
static struct target first_node_target(const struct contexts *contexts, uint32_t unit,
				       uint32_t class_id)
{
	const uint64_t *firsts = contexts->first_nodes[unit];
	uint32_t low = 0, high = contexts->num_first_nodes[unit];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (firsts[middle] >> 32 < class_id)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct target){ TARGET_INSTANCE,
				contexts->node_instance[unit][(uint32_t)firsts[low]] };
}

struct target contexts_class_target(const struct contexts *contexts, uint32_t unit,
				    uint32_t class_id)
{
	uint32_t holding, index = 0;

	if (!class_id)
		return (struct target){ TARGET_VOID, 0 };
	if (!contexts->reaches[class_id])
		return (struct target){ TARGET_CLASS, class_id };
	if (unit != NO_UNIT && !unit_is_plain(contexts->settle, unit))
		return first_node_target(contexts, unit, class_id);
	if (unit != NO_UNIT) {
		holding = contexts_holding(contexts, class_id, unit);
		index = contexts->holding_instance[holding];
	}
	return (struct target){ TARGET_INSTANCE,
				index ? index : contexts->default_instance[class_id] };
}

struct target contexts_label_target(const struct contexts *contexts, uint32_t unit,
				    uint32_t index)
{
	const struct settle *settle = contexts->settle;
	const struct label *label = &settle->labels[index];
	uint32_t class_id = 0;

	if (label->num_definitions == 1) {
		class_id = label_definitions(settle, label)[0];
	} else if (label->ambiguous) {
		const struct ambiguous *ambiguous = &contexts->ambiguous[label->ambiguous - 1];
		const struct binding *binding = NULL;

		if (unit != NO_UNIT)
			binding = contexts_binding(contexts, ambiguous, unit);
		class_id = binding ? binding->class_id : ambiguous->default_class;
	}
	if (!class_id)
		return (struct target){ TARGET_FORWARD, index };
	if (unit != NO_UNIT && contexts->reaches[class_id] &&
	    contexts_holding(contexts, class_id, unit) == NO_HOLDING)
		unit = contexts->provider[class_id];
	return contexts_class_target(contexts, unit, class_id);
}

struct target contexts_node_target(const struct contexts *contexts, uint32_t unit, uint32_t node)
{
	const struct settle *settle = contexts->settle;
	uint32_t class_id = settle->store->units[unit].nodes->class_ids[node];

	if (class_id && class_is_forward(settle, class_id))
		return contexts_label_target(contexts, unit, settle->class_label[class_id]);
	if (class_id && contexts->reaches[class_id])
		return (struct target){ TARGET_INSTANCE, contexts->node_instance[unit][node] };
	return contexts_class_target(contexts, NO_UNIT, class_id);
}

struct target contexts_edge_target(const struct contexts *contexts,
				   const struct instance *instance, uint32_t edge, uint32_t ref)
{
	const struct settle *settle = contexts->settle;

	if (instance->node) {
		const struct unit_nodes *nodes = settle->store->units[instance->unit].nodes;
		uint8_t kind = settle_record(settle, instance->class_id)->kind;
		uint32_t skip = kind_infos[kind].fields & FIELD_REF ? 0 : 1;
		uint32_t first = nodes->first_edge[instance->node];

		return contexts_node_target(contexts, instance->unit,
					    nodes->edges[first + edge - skip]);
	}
	if (ref_is_label(ref))
		return contexts_label_target(contexts, instance->unit, settle_label(settle, ref));
	return contexts_class_target(contexts, instance->unit, ref);
}

/*
 * The graph to refine: an instance of a class with several is a node, and so is all that an ambiguous
 * label may lead to. Everything else is the same for all instances of a class and left out.
 */
struct refinement {
	struct contexts *contexts;
	uint32_t *instance_node;	/* by instance: node + 1 */
	uint32_t *class_node;		/* by class: leaf node + 1 */
	uint32_t *forward_node;		/* by label: leaf node + 1 */
	VEC(uint32_t) seeds;		/* by node */
	VEC(struct partition_edge) edges;
	uint32_t num_seeds;
};

static bool leaf_node(struct refinement *refinement, uint32_t *slot)
{
	if (*slot)
		return true;
	*slot = refinement->seeds.num + 1;
	return vec_push(&refinement->seeds, refinement->num_seeds++);
}

static bool target_node(struct refinement *refinement, struct target target, uint32_t *ret_node)
{
	const struct contexts *contexts = refinement->contexts;
	uint32_t *slot;

	switch (target.kind) {
	case TARGET_INSTANCE:
		slot = &refinement->instance_node[target.index];
		/* The only instance of its class: a leaf. */
		if (!*slot)
			slot = &refinement->class_node[contexts->instances.data[target.index].class_id];
		break;
	case TARGET_FORWARD:
		slot = &refinement->forward_node[target.index];
		break;
	default:
		slot = &refinement->class_node[target.index];
	}
	if (!leaf_node(refinement, slot))
		return false;
	*ret_node = *slot - 1;
	return true;
}

static bool ref_varies(const struct contexts *contexts, uint32_t ref)
{
	const struct settle *settle = contexts->settle;
	const struct label *label;

	if (!ref_is_label(ref))
		return ref && contexts->reaches[ref];
	label = &settle->labels[settle_label(settle, ref)];
	return label->num_definitions > 1 ||
	       (label->num_definitions && contexts->reaches[label_definitions(settle, label)[0]]);
}

static bool add_edges(struct refinement *refinement, uint32_t index)
{
	const struct contexts *contexts = refinement->contexts;
	const struct instance *instance = &contexts->instances.data[index];
	const struct record *record = settle_record(contexts->settle, instance->class_id);

	for (uint32_t edge = 0; edge <= record->num_elems; edge++) {
		uint32_t ref = record_ref(record, edge);
		struct partition_edge out = {
			.from = refinement->instance_node[index] - 1,
			.position = edge,
		};

		if (!ref_varies(contexts, ref))
			continue;
		if (!target_node(refinement, contexts_edge_target(contexts, instance, edge, ref),
				 &out.to) ||
		    !vec_push(&refinement->edges, out))
			return false;
	}
	return true;
}

static bool build_refinement(struct refinement *refinement)
{
	struct contexts *contexts = refinement->contexts;
	const struct settle *settle = contexts->settle;
	uint32_t *counts = calloc(settle->num_classes, sizeof(*counts));
	uint32_t *class_seed = calloc(settle->num_classes, sizeof(*class_seed));
	bool ok = false;

	if (!counts || !class_seed)
		goto out;
	for (uint32_t i = 1; i < contexts->instances.num; i++)
		counts[contexts->instances.data[i].class_id]++;
	for (uint32_t i = 1; i < contexts->instances.num; i++) {
		uint32_t c = contexts->instances.data[i].class_id;

		if (counts[c] == 1)
			continue;
		if (!class_seed[c])
			class_seed[c] = ++refinement->num_seeds;
		refinement->instance_node[i] = refinement->seeds.num + 1;
		if (!vec_push(&refinement->seeds, class_seed[c] - 1))
			goto out;
	}
	for (uint32_t i = 1; i < contexts->instances.num; i++) {
		if (refinement->instance_node[i] && !add_edges(refinement, i))
			goto out;
	}
	ok = refinement->edges.num < UINT32_MAX;
out:
	free(counts);
	free(class_seed);
	return ok;
}

/* Numbers the parts: blocks of the refinement, and instances that are alone. */
static bool number_parts(struct refinement *refinement, uint32_t num_blocks)
{
	struct contexts *contexts = refinement->contexts;
	uint32_t *block_part = calloc((size_t)num_blocks + 1, sizeof(*block_part));

	contexts->part_instance = calloc(contexts->instances.num, sizeof(uint32_t));
	if (!block_part || !contexts->part_instance) {
		free(block_part);
		return false;
	}
	contexts->num_parts = 1;
	for (uint32_t i = 1; i < contexts->instances.num; i++) {
		uint32_t node = refinement->instance_node[i], *part = NULL;

		if (node)
			part = &block_part[refinement->seeds.data[node - 1]];
		if (part && *part) {
			contexts->instances.data[i].part = *part;
			continue;
		}
		contexts->part_instance[contexts->num_parts] = i;
		contexts->instances.data[i].part = contexts->num_parts++;
		if (part)
			*part = contexts->instances.data[i].part;
	}
	free(block_part);
	return true;
}

static bool refine(struct contexts *contexts, struct type_store_stats *stats)
{
	const struct settle *settle = contexts->settle;
	struct refinement refinement = {
		.contexts = contexts,
		.instance_node = calloc(contexts->instances.num, sizeof(uint32_t)),
		.class_node = calloc(settle->num_classes, sizeof(uint32_t)),
		.forward_node = calloc(settle->num_labels, sizeof(uint32_t)),
	};
	uint32_t num_blocks = 0;
	bool ok = refinement.instance_node && refinement.class_node && refinement.forward_node &&
		  build_refinement(&refinement) &&
		  partition_refine(refinement.seeds.num, refinement.num_seeds,
				   refinement.seeds.data, refinement.edges.data,
				   refinement.edges.num, &num_blocks, &stats->num_rounds) &&
		  number_parts(&refinement, num_blocks);

	free(refinement.instance_node);
	free(refinement.class_node);
	free(refinement.forward_node);
	vec_deinit(&refinement.seeds);
	vec_deinit(&refinement.edges);
	return ok;
}

/* In how many units each part occurs, and first where; a unit counts once. */
static bool count_part_uses(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	uint32_t *last_unit = calloc(contexts->num_parts, sizeof(*last_unit));

	contexts->part_use = calloc(contexts->num_parts, sizeof(*contexts->part_use));
	if (!last_unit || !contexts->part_use) {
		free(last_unit);
		return false;
	}
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		const struct unit_nodes *nodes = settle->store->units[u].nodes;

		for (uint32_t n = 1; nodes && n < nodes->num_nodes; n++) {
			uint32_t part = contexts->instances.data[contexts->node_instance[u][n]].part;

			if (!part || last_unit[part] == u + 1)
				continue;
			last_unit[part] = u + 1;
			occurrence_add(&contexts->part_use[part], u, n, nodes->keys[n]);
		}
		if (nodes)
			continue;
		settle_for_each_held(settle, u, class_id, pos, key, {
			struct target target;

			if (!contexts->reaches[class_id])
				continue;
			target = contexts_class_target(contexts, u, class_id);
			occurrence_add(&contexts->part_use[
					       contexts->instances.data[target.index].part],
				       u, pos, key);
		});
	}
	free(last_unit);
	return true;
}

static bool list_ambiguous(struct contexts *contexts, struct settle *settle)
{
	for (uint32_t i = 1; i < settle->num_labels; i++)
		contexts->num_ambiguous += settle->labels[i].num_definitions > 1;
	contexts->ambiguous = calloc((size_t)contexts->num_ambiguous + 1,
				     sizeof(*contexts->ambiguous));
	if (!contexts->ambiguous)
		return false;
	contexts->num_ambiguous = 0;
	for (uint32_t i = 1; i < settle->num_labels; i++) {
		if (settle->labels[i].num_definitions < 2)
			continue;
		contexts->ambiguous[contexts->num_ambiguous++].label = i;
		settle->labels[i].ambiguous = contexts->num_ambiguous;
	}
	return true;
}

bool settle_contexts(struct settle *settle, struct type_store_stats *stats)
{
	struct contexts *contexts = calloc(1, sizeof(*contexts));

	if (!contexts)
		return false;
	settle->contexts = contexts;
	contexts->settle = settle;
	if (!list_ambiguous(contexts, settle))
		return false;
	if (!contexts->num_ambiguous) {
		contexts_destroy(contexts);
		settle->contexts = NULL;
		return true;
	}
	if (!contexts_find_reach(contexts) || !contexts_find_holders(contexts) ||
	    !contexts_find_bindings(contexts) || !contexts_decide_forwards(contexts) ||
	    !contexts_choose_defaults(contexts) || !mark_exceptions(contexts) ||
	    !add_instances(contexts) || !refine(contexts, stats) || !count_part_uses(contexts))
		return false;
	stats->num_ambiguous = contexts->num_ambiguous;
	stats->num_instances = contexts->instances.num - 1;
	return true;
}

void contexts_destroy(struct contexts *contexts)
{
	if (!contexts)
		return;
	for (uint32_t u = 0; u < contexts->settle->store->num_units; u++) {
		if (contexts->node_instance)
			free(contexts->node_instance[u]);
		if (contexts->first_nodes)
			free(contexts->first_nodes[u]);
	}
	free(contexts->first_referrer);
	free(contexts->referrers);
	free(contexts->reaches);
	free(contexts->first_holder);
	free(contexts->holders);
	free(contexts->ambiguous);
	vec_deinit(&contexts->bindings);
	free(contexts->deviations);
	free(contexts->provider);
	free(contexts->holding_instance);
	free(contexts->default_instance);
	free(contexts->node_instance);
	free(contexts->first_nodes);
	free(contexts->num_first_nodes);
	vec_deinit(&contexts->instances);
	free(contexts->part_instance);
	free(contexts->part_use);
	free(contexts->part_type);
	free(contexts);
}
