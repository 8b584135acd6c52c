// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Contexts: the meanings of classes that reach an ambiguous label.
 *
 * Problem: `struct user { struct foo *p; }` is one class in all units, but two types if two of them
 * mean different things by `struct foo`. So a class that reaches an ambiguous label has to be
 * looked at in each unit that holds it: an *instance*. Of all instances, those are one type whose
 * class is one and whose references lead, position by position, to one type again: the coarsest
 * partition of the instances that is stable in this sense (partition.h). Its blocks are the *parts*
 * of the class.
 *
 * Most units mean the same by most labels, and there may be thousands of units (and the label may
 * be `u8`, which half of all classes reach). So each ambiguous label has a default meaning, the one
 * of most units. Units that mean the defaults are *usual*, and each class has one *usual instance*
 * for all of them. The others, the *odd* ones, have instances of their own for exactly the classes
 *  - that no usual unit holds, or
 *  - from which they reach a label that means something else to them, inside the unit,
 * and share the usual ones for the rest.
 *
 * A declaration of a name with one definition means that definition, but in which unit's eyes, if
 * the definition reaches an ambiguous label and this unit does not hold it? As usual, if a usual
 * unit holds it; else in those of its *provider*: of its holders the one that departs least from
 * the defaults, and the first such one.
 *
 * Why one instance does for all usual units that hold a class: the labels that it reaches mean the
 * same to all of them. A label means an ambiguous name's default, or a unique definition; if a
 * usual unit holds that, then to each of them it is the usual instance, be it its own or one that
 * it only declares; and if none does, all of them go to the same provider. So no meaning is
 * invented that no unit has.
 *
 * Conflicted units (some label has two definitions in one unit) have an instance a node, and their
 * references are those of the unit's graph.
 *
 * Cost: linear in classes, in what odd units hold, and in holders of ambiguous names, times a
 * logarithm for look-ups and refining.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/btf/contexts.h"
#include "lib/btf/partition.h"

static bool instance_add(struct contexts *contexts, struct instance instance, uint32_t *ret_index)
{
	*ret_index = contexts->instances.num;
	return contexts->instances.num < UINT32_MAX - 1 && vec_push(&contexts->instances, instance);
}

static bool unit_is_odd(const struct contexts *contexts, uint32_t unit)
{
	return contexts->deviations[unit] != 0;
}

static bool usual_unit_holds(const struct contexts *contexts, uint32_t class_id)
{
	return contexts->settle->uses[class_id].num_users > contexts->odd_users[class_id];
}

static bool count_odd_users(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;

	contexts->odd_users = calloc(settle->num_classes, sizeof(*contexts->odd_users));
	if (!contexts->odd_users)
		return false;
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		const struct store_unit *unit = &settle->store->units[u];
		const uint8_t *list = unit->class_ids;
		uint32_t class_id = 0;

		for (uint32_t i = 0; unit_is_odd(contexts, u) && i < unit->num_classes; i++) {
			class_id = unit_next_class(&list, class_id);
			contexts->odd_users[class_id]++;
		}
	}
	return true;
}

/* Finds the classes of an odd plain unit that need an instance of their own. */
struct marker {
	struct contexts *contexts;
	uint8_t *states; /* by class: HELD, MARKED */
	VEC(uint32_t) marked;
	uint64_t *deviations; /* unit << 32 | label, ascending: what is odd about the units */
	size_t num_deviations;
	size_t next_deviation;
};

enum { NOT_HELD, HELD, MARKED };

static bool mark(struct marker *marker, uint32_t class_id)
{
	if (marker->states[class_id] != HELD)
		return true;
	marker->states[class_id] = MARKED;
	return vec_push(&marker->marked, class_id);
}

static bool mark_all(struct marker *marker, const uint32_t *class_ids, uint32_t num)
{
	for (uint32_t i = 0; i < num; i++) {
		if (!mark(marker, class_ids[i]))
			return false;
	}
	return true;
}

/* Sets the states of what the unit holds and marks what no usual unit does. */
static bool mark_held(struct marker *marker, const struct store_unit *unit)
{
	const struct contexts *contexts = marker->contexts;
	const uint8_t *list = unit->class_ids;
	uint32_t class_id = 0;

	for (uint32_t i = 0; i < unit->num_classes; i++) {
		class_id = unit_next_class(&list, class_id);
		if (!contexts->reaches[class_id])
			continue;
		marker->states[class_id] = HELD;
		if (!usual_unit_holds(contexts, class_id) && !mark(marker, class_id))
			return false;
	}
	return true;
}

static bool mark_unit(struct marker *marker, uint32_t u)
{
	const struct contexts *contexts = marker->contexts;
	const struct settle *settle = contexts->settle;
	const uint32_t *referrers;
	uint32_t num;

	marker->marked.num = 0;
	if (!mark_held(marker, &settle->store->units[u]))
		return false;
	while (marker->next_deviation < marker->num_deviations &&
	       marker->deviations[marker->next_deviation] >> 32 == u) {
		uint32_t label = marker->deviations[marker->next_deviation++];

		referrers = label_referrers(contexts, label, &num);
		if (!mark_all(marker, referrers, num))
			return false;
	}
	for (size_t i = 0; i < marker->marked.num; i++) {
		uint32_t class_id = marker->marked.data[i], label = settle->class_label[class_id];

		if (label)
			referrers = label_referrers(contexts, label, &num);
		else
			referrers = class_referrers(contexts, class_id, &num);
		if (!mark_all(marker, referrers, num))
			return false;
	}
	return true;
}

static void clear_states(struct marker *marker, const struct store_unit *unit)
{
	const uint8_t *list = unit->class_ids;
	uint32_t class_id = 0;

	for (uint32_t i = 0; i < unit->num_classes; i++) {
		class_id = unit_next_class(&list, class_id);
		marker->states[class_id] = NOT_HELD;
	}
}

static struct own_instances *own_create(struct contexts *contexts, uint32_t unit, uint32_t num)
{
	struct own_instances *own = calloc(1, sizeof(*own));

	if (!own)
		return NULL;
	contexts->own[unit] = own;
	own->by_class = malloc(((size_t)num + 1) * sizeof(*own->by_class));
	return own->by_class ? own : NULL;
}

static bool add_own_instances(struct marker *marker, uint32_t unit)
{
	struct contexts *contexts = marker->contexts;
	struct own_instances *own;

	if (!mark_unit(marker, unit))
		return false;
	own = own_create(contexts, unit, marker->marked.num);
	if (!own)
		return false;
	for (size_t i = 0; i < marker->marked.num; i++) {
		uint32_t index, class_id = marker->marked.data[i];

		if (!instance_add(contexts, (struct instance){ class_id, unit, 0, 0 }, &index))
			return false;
		own->by_class[own->num++] = (uint64_t)class_id << 32 | index;
		contexts->own_users[class_id]++;
	}
	qsort(own->by_class, own->num, sizeof(*own->by_class), compare_u64);
	clear_states(marker, &contexts->settle->store->units[unit]);
	return true;
}

/* A conflicted unit: all nodes whose class reaches an ambiguous label. */
static bool add_node_instances(struct contexts *contexts, uint32_t unit)
{
	const struct unit_nodes *nodes = contexts->settle->store->units[unit].nodes;
	struct own_instances *own = own_create(contexts, unit, nodes->num_nodes);
	uint32_t num = 0;

	if (!own)
		return false;
	own->by_node = calloc(nodes->num_nodes, sizeof(*own->by_node));
	if (!own->by_node)
		return false;
	for (uint32_t n = 1; n < nodes->num_nodes; n++) {
		uint32_t c = nodes->class_ids[n];

		if (!c || !contexts->reaches[c])
			continue;
		if (!instance_add(contexts, (struct instance){ c, unit, n, 0 }, &own->by_node[n]))
			return false;
		own->by_class[num++] = (uint64_t)c << 32 | own->by_node[n];
	}
	qsort(own->by_class, num, sizeof(*own->by_class), compare_u64);
	/* Of each class the first node stays: instances are numbered like nodes. */
	for (uint32_t i = 0; i < num; i++) {
		uint32_t c = own->by_class[i] >> 32;

		if (own->num && own->by_class[own->num - 1] >> 32 == c)
			continue;
		own->by_class[own->num++] = own->by_class[i];
		contexts->own_users[c]++;
	}
	return true;
}

/* What is odd about units, sorted by unit. */
static bool list_deviations(struct marker *marker)
{
	const struct contexts *contexts = marker->contexts;
	VEC(uint64_t) list = {};

	for (uint32_t i = 0; i < contexts->num_ambiguous; i++) {
		const struct ambiguous *ambiguous = &contexts->ambiguous[i];

		for (uint32_t k = 0; k < ambiguous->num_bindings; k++) {
			const struct binding *binding =
				&contexts->bindings.data[ambiguous->first_binding + k];

			if (binding->class_id == ambiguous->default_class ||
			    !unit_is_plain(contexts->settle, binding->unit))
				continue;
			if (!vec_push(&list, (uint64_t)binding->unit << 32 | ambiguous->label)) {
				vec_deinit(&list);
				return false;
			}
		}
	}
	if (list.num)
		qsort(list.data, list.num, sizeof(*list.data), compare_u64);
	marker->deviations = list.data;
	marker->num_deviations = list.num;
	return true;
}

static bool add_odd_instances(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	struct marker marker = {
		.contexts = contexts,
		.states = calloc(settle->num_classes, sizeof(*marker.states)),
	};
	bool ok = marker.states && list_deviations(&marker);

	for (uint32_t u = 0; ok && u < settle->store->num_units; u++) {
		if (!unit_is_odd(contexts, u))
			continue;
		if (unit_is_plain(settle, u))
			ok = add_own_instances(&marker, u);
		else
			ok = add_node_instances(contexts, u);
	}
	free(marker.states);
	free(marker.deviations);
	vec_deinit(&marker.marked);
	return ok;
}

/*
 * Usual instances; for a definition that no usual unit holds its provider's, which then is what
 * others who declare it see.
 */
static bool add_usual_instances(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;

	for (uint32_t c = 1; c < settle->num_classes; c++) {
		if (contexts->reaches[c] && usual_unit_holds(contexts, c) &&
		    !instance_add(contexts, (struct instance){ c, NO_UNIT, 0, 0 },
				  &contexts->usual_instance[c]))
			return false;
	}
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		const struct own_instances *own = contexts->own[u];

		for (uint32_t i = 0; own && i < own->num; i++) {
			uint32_t c = own->by_class[i] >> 32;
			uint32_t *usual = &contexts->usual_instance[c];
			uint32_t provider = contexts->instances.data[*usual].unit;

			if (usual_unit_holds(contexts, c))
				continue;
			if (!*usual || contexts->deviations[u] < contexts->deviations[provider])
				*usual = own->by_class[i];
		}
	}
	return true;
}

static bool add_instances(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	uint32_t none;

	contexts->usual_instance = calloc(settle->num_classes, sizeof(uint32_t));
	contexts->own_users = calloc(settle->num_classes, sizeof(uint32_t));
	contexts->own = calloc((size_t)settle->store->num_units + 1, sizeof(*contexts->own));
	return contexts->usual_instance && contexts->own_users && contexts->own &&
	       instance_add(contexts, (struct instance){}, &none) && count_odd_users(contexts) &&
	       add_odd_instances(contexts) && add_usual_instances(contexts);
}

/* The unit's own instance of a class, or 0. */
static uint32_t own_instance(const struct contexts *contexts, uint32_t unit, uint32_t class_id)
{
	const struct own_instances *own = unit == NO_UNIT ? NULL : contexts->own[unit];
	uint32_t low = 0, high = own ? own->num : 0;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (own->by_class[middle] >> 32 < class_id)
			low = middle + 1;
		else
			high = middle;
	}
	return own && low < own->num && own->by_class[low] >> 32 == class_id ?
		       (uint32_t)own->by_class[low] :
		       0;
}

struct target contexts_class_target(const struct contexts *contexts, uint32_t unit,
				    uint32_t class_id)
{
	uint32_t instance;

	if (!class_id)
		return (struct target){ TARGET_VOID, 0 };
	if (!contexts->reaches[class_id])
		return (struct target){ TARGET_CLASS, class_id };
	instance = own_instance(contexts, unit, class_id);
	return (struct target){ TARGET_INSTANCE,
				instance ? instance : contexts->usual_instance[class_id] };
}

struct target contexts_label_target(const struct contexts *contexts, uint32_t unit, uint32_t index)
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
	return contexts_class_target(contexts, unit, class_id);
}

struct target contexts_node_target(const struct contexts *contexts, uint32_t unit, uint32_t node)
{
	const struct settle *settle = contexts->settle;
	uint32_t class_id = settle->store->units[unit].nodes->class_ids[node];

	if (class_id && class_is_forward(settle, class_id))
		return contexts_label_target(contexts, unit, settle->class_label[class_id]);
	if (class_id && contexts->reaches[class_id])
		return (struct target){ TARGET_INSTANCE, contexts->own[unit]->by_node[node] };
	return contexts_class_target(contexts, NO_UNIT, class_id);
}

struct target contexts_edge_target(const struct contexts *contexts, const struct instance *instance,
				   uint32_t edge, uint32_t ref)
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
 * The graph to refine: an instance of a class with several is a node, and so is all that an
 * ambiguous label may lead to. Everything else is the same for all instances of a class and left
 * out.
 */
struct refinement {
	struct contexts *contexts;
	uint32_t *instance_node; /* by instance: node + 1 */
	uint32_t *class_node;	 /* by class: leaf node + 1 */
	uint32_t *forward_node;	 /* by label: leaf node + 1 */
	VEC(uint32_t) seeds;	 /* by node */
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
	const struct instance *instances = refinement->contexts->instances.data;
	uint32_t *slot;

	switch (target.kind) {
	case TARGET_INSTANCE:
		slot = &refinement->instance_node[target.index];
		/* The only instance of its class: a leaf. */
		if (!*slot)
			slot = &refinement->class_node[instances[target.index].class_id];
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

	contexts->parts = calloc(contexts->instances.num, sizeof(*contexts->parts));
	if (!block_part || !contexts->parts) {
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
		contexts->parts[contexts->num_parts].instance = i;
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

/* Instances of a unit stand together, in the order of units and nodes. */
static bool count_part_users(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	uint32_t *last_unit = calloc(contexts->num_parts, sizeof(*last_unit));

	if (!last_unit)
		return false;
	for (uint32_t p = 1; p < contexts->num_parts; p++)
		contexts->parts[p].rank = UINT64_MAX;
	for (uint32_t i = 1; i < contexts->instances.num; i++) {
		const struct instance *instance = &contexts->instances.data[i];
		struct part *part = &contexts->parts[instance->part];
		uint32_t c = instance->class_id;
		uint64_t rank = ((uint64_t)instance->unit + 1) << 32 | instance->node;

		if (instance->unit == NO_UNIT) {
			part->num_users += settle->uses[c].num_users - contexts->own_users[c];
			part->rank = 0;
			continue;
		}
		part->num_users += last_unit[instance->part] != instance->unit + 1;
		last_unit[instance->part] = instance->unit + 1;
		if (rank < part->rank)
			part->rank = rank;
	}
	free(last_unit);
	return true;
}

static bool list_ambiguous(struct contexts *contexts, struct settle *settle)
{
	for (uint32_t i = 1; i < settle->num_labels; i++)
		contexts->num_ambiguous += settle->labels[i].num_definitions > 1;
	contexts->ambiguous =
		calloc((size_t)contexts->num_ambiguous + 1, sizeof(*contexts->ambiguous));
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
	bool *wanted = NULL, ok;

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
	wanted = calloc(settle->num_classes, sizeof(*wanted));
	ok = wanted && contexts_find_reach(contexts) && contexts_want_owners(contexts, wanted) &&
	     contexts_find_holders(contexts, wanted) && contexts_find_bindings(contexts) &&
	     contexts_decide_forwards(contexts) && contexts_choose_defaults(contexts) &&
	     add_instances(contexts) && refine(contexts, stats) && count_part_users(contexts);
	free(wanted);
	stats->num_ambiguous = contexts->num_ambiguous;
	stats->num_instances = contexts->instances.num - 1;
	return ok;
}

#define release(p) (free(p), (p) = NULL)

void contexts_release_scratch(struct contexts *contexts)
{
	release(contexts->first_referrer);
	release(contexts->referrers);
	release(contexts->first_holder);
	release(contexts->holders);
	release(contexts->deviations);
	release(contexts->odd_users);
	release(contexts->own_users);
	release(contexts->parts);
}

void contexts_destroy(struct contexts *contexts)
{
	if (!contexts)
		return;
	contexts_release_scratch(contexts);
	for (uint32_t u = 0; contexts->own && u < contexts->settle->store->num_units; u++) {
		if (!contexts->own[u])
			continue;
		free(contexts->own[u]->by_class);
		free(contexts->own[u]->by_node);
		free(contexts->own[u]);
	}
	free(contexts->reaches);
	free(contexts->ambiguous);
	vec_deinit(&contexts->bindings);
	free(contexts->usual_instance);
	free(contexts->own);
	vec_deinit(&contexts->instances);
	free(contexts->part_type);
	free(contexts);
}
