// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Taking a unit into the store.
 *
 * Problem: give each node of a graph of any shape the class id of its record (record.h), which needs
 * the class ids of all children that have no tag first.
 *
 * Way: depth first with an explicit stack, children before parents; a child with a tag is only named,
 * not followed, so that in C every walk is short. A node is pushed by each parent that waits for it and
 * skipped when it turns out to be done. A node that waits is an ancestor of all that is above it on
 * the stack, so meeting one is meeting a bare cycle (a cycle without a tag on it). Then, once for the unit,
 * all nodes from which a bare cycle can be reached are found by peeling off those that only lead
 * to peeled ones; these nodes get the label REF_CYCLE and stand for themselves like named ones.
 * Being on or before a bare cycle is the same for nodes that are the same in meaning, which
 * the label must be (a pointer to a pointer that points to itself *is* a pointer that points to itself).
 *
 * Then each class of the unit is listed once, in the order of nodes, and definitions are compared
 * by label: two different ones make the unit conflicted.
 *
 * Cost: linear in nodes and edges. A node that the store knows takes one look-up without lock and
 * allocation.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/btf/store_internal.h"

/* In class_id while the children of a node are interned. */
#define WAITING UINT32_MAX

void intake_worker_init(struct intake_worker *worker)
{
	*worker = (struct intake_worker){};
	arena_init(&worker->kept);
	arena_init(&worker->lists);
}

void intake_worker_release_scratch(struct intake_worker *worker)
{
	arena_deinit(&worker->lists);
	vec_deinit(&worker->record);
	vec_deinit(&worker->trail.next);
	vec_deinit(&worker->stack);
	vec_deinit(&worker->stamps);
	vec_deinit(&worker->list);
	vec_deinit(&worker->keys);
	free(worker->labels);
	worker->labels = NULL;
	worker->labels_mask = 0;
}

void intake_worker_deinit(struct intake_worker *worker)
{
	intake_worker_release_scratch(worker);
	arena_deinit(&worker->kept);
}

struct intake {
	struct type_store *store;
	struct intake_worker *worker;
	struct unit_graph *graph;
	uint32_t unit;
};

/* An enum without values is what BTF writes for a declaration, and so it is taken as one. */
static inline uint8_t node_kind(const struct graph_node *node)
{
	if (node->kind == GRAPH_ENUM && !node->num_elems && node->name.v)
		return GRAPH_FWD_ENUM;
	return node->kind;
}

/* The label of a node with a tag, else 0. */
static inline uint32_t node_label(const struct intake *in, uint32_t index)
{
	const struct graph_node *node = &in->graph->nodes.data[index];
	const struct kind_info *info = &kind_infos[node->kind];

	if (info->tag >= 0 && (node->name.v || info->is_forward))
		return ref_of_label(info->tag, node->name);
	if (in->worker->on_cycle && in->worker->on_cycle[index])
		return REF_CYCLE;
	return 0;
}

enum intern_result { INTERN_DONE, INTERN_WAITS, INTERN_CYCLE, INTERN_NOMEM };

/* What a record says for a reference to @target; a child that is not done yet is pushed. */
static inline enum intern_result child_ref(struct intake *in, uint32_t target, uint32_t *ret_ref)
{
	const struct graph_node *child = &in->graph->nodes.data[target];
	uint32_t label;

	*ret_ref = 0;
	if (!target)
		return INTERN_DONE;
	label = node_label(in, target);
	if (label) {
		*ret_ref = label;
		return INTERN_DONE;
	}
	if (child->class_id == WAITING)
		return INTERN_CYCLE;
	if (child->class_id) {
		*ret_ref = child->class_id;
		return INTERN_DONE;
	}
	return vec_push(&in->worker->stack, target) ? INTERN_WAITS : INTERN_NOMEM;
}

static enum intern_result build_elems(struct intake *in, const struct graph_node *node,
				      uint8_t fields, struct record *record)
{
	const struct graph_elem *from = &in->graph->elems.data[node->first_elem];
	enum intern_result result = INTERN_DONE;

	for (uint32_t i = 0; i < node->num_elems; i++) {
		struct record_elem *elem = &record->elems[i];

		*elem = (struct record_elem){ .name = from[i].name.v };
		if (fields & FIELD_ELEM_VALUE) {
			elem->value_low = from[i].value;
			elem->value_high = from[i].value >> 32;
		}
		if (fields & FIELD_ELEM_BITS)
			elem->bit_size = from[i].bit_size;
		if (fields & FIELD_ELEM_REF) {
			enum intern_result child = child_ref(in, from[i].ref.v, &elem->ref);

			if (child > result)
				result = child;
		}
	}
	return result;
}

static enum intern_result intern_node(struct intake *in, uint32_t index)
{
	struct graph_node *node = &in->graph->nodes.data[index];
	const struct kind_info *info = &kind_infos[node_kind(node)];
	uint32_t num_elems = info->fields & FIELD_ELEMS ? node->num_elems : 0;
	struct intake_worker *worker = in->worker;
	enum intern_result result = INTERN_DONE;
	struct record *record;

	if (!vec_reserve(&worker->record, record_size(num_elems) / sizeof(uint32_t)))
		return INTERN_NOMEM;
	record = (struct record *)worker->record.data;
	*record = (struct record){
		.kind = node_kind(node),
		.flags = node->flags & info->flags,
		.encoding = info->fields & FIELD_ENCODING ? node->encoding : 0,
		.is_cycle = worker->on_cycle && worker->on_cycle[index],
		.name = info->fields & FIELD_NAME ? node->name.v : 0,
		.size = info->fields & FIELD_SIZE ? node->size : 0,
		.num_elems = num_elems,
	};
	if (info->fields & FIELD_REF)
		result = child_ref(in, node->ref.v, &record->ref);
	if (num_elems) {
		enum intern_result elems = build_elems(in, node, info->fields, record);

		if (elems > result)
			result = elems;
	}
	if (result != INTERN_DONE) {
		node->class_id = WAITING;
		return result;
	}
	node->class_id = records_intern(&in->store->records, &worker->kept, &worker->trail,
					record);
	return node->class_id ? INTERN_DONE : INTERN_NOMEM;
}

static enum intern_result intern_from(struct intake *in, uint32_t root)
{
	struct intake_worker *worker = in->worker;
	enum intern_result result = intern_node(in, root);

	if (result != INTERN_WAITS)
		return result;
	/* The children are on the stack already; the root goes below them. */
	if (!vec_push(&worker->stack, worker->stack.data[0]))
		return INTERN_NOMEM;
	worker->stack.data[0] = root;
	while (worker->stack.num) {
		uint32_t top = worker->stack.data[worker->stack.num - 1];
		uint32_t class_id = in->graph->nodes.data[top].class_id;

		if (class_id && class_id != WAITING) {
			worker->stack.num--;
			continue;
		}
		result = intern_node(in, top);
		if (result == INTERN_CYCLE || result == INTERN_NOMEM)
			return result;
	}
	return INTERN_DONE;
}

static enum intern_result intern_all(struct intake *in)
{
	in->worker->stack.num = 0;
	for (uint32_t i = 1; i < in->graph->nodes.num; i++) {
		struct graph_node *node = &in->graph->nodes.data[i];
		enum intern_result result;

		if (node->class_id || node->kind == GRAPH_ALIAS)
			continue;
		result = intern_from(in, i);
		if (result != INTERN_DONE)
			return result;
	}
	return INTERN_DONE;
}

/* Calls fn for each reference of a node, in the order of the record. */
#define for_each_ref(graph, node, target, ...)                                                 \
	do {                                                                                   \
		const struct graph_node *node_ = (node);                                       \
		uint8_t fields_ = kind_infos[node_kind(node_)].fields;                         \
		if (fields_ & FIELD_REF) {                                                     \
			uint32_t target = node_->ref.v;                                        \
			__VA_ARGS__                                                            \
		}                                                                              \
		for (uint32_t e_ = 0; (fields_ & FIELD_ELEM_REF) && e_ < node_->num_elems; e_++) { \
			uint32_t target = (graph)->elems.data[node_->first_elem + e_].ref.v;   \
			__VA_ARGS__                                                            \
		}                                                                              \
	} while (0)

/*
 * Marks the nodes without a tag from which an endless walk through such nodes starts. All others are
 * peeled off, beginning with those that refer to none; @waits counts a node's unpeeled children.
 */
static bool find_bare_cycles(struct intake *in)
{
	const struct unit_graph *graph = in->graph;
	uint32_t num = graph->nodes.num, num_edges = 0, num_peeled = 0;
	uint32_t *waits = calloc(num, sizeof(*waits));
	uint32_t *first_parent = calloc((size_t)num + 1, sizeof(*first_parent));
	uint32_t *peeled = calloc(num, sizeof(*peeled));
	uint8_t *marks = calloc(num, 1);
	uint32_t *parents = NULL;
	bool ok = false;

	if (!waits || !first_parent || !peeled || !marks)
		goto out;
	for (uint32_t i = 1; i < num; i++) {
		if (node_label(in, i))
			continue;
		for_each_ref(graph, &graph->nodes.data[i], target, {
			if (target && !node_label(in, target)) {
				waits[i]++;
				first_parent[target]++;
				num_edges++;
			}
		});
	}
	for (uint32_t i = 0, sum = 0; i <= num; i++) {
		sum += first_parent[i];
		first_parent[i] = sum;
	}
	parents = calloc((size_t)num_edges + 1, sizeof(*parents));
	if (!parents)
		goto out;
	for (uint32_t i = 1; i < num; i++) {
		if (node_label(in, i))
			continue;
		for_each_ref(graph, &graph->nodes.data[i], target, {
			if (target && !node_label(in, target))
				parents[--first_parent[target]] = i;
		});
		marks[i] = waits[i] != 0;
		if (!waits[i])
			peeled[num_peeled++] = i;
	}
	while (num_peeled) {
		uint32_t node = peeled[--num_peeled];

		for (uint32_t e = first_parent[node]; e < first_parent[node + 1]; e++) {
			if (--waits[parents[e]] == 0) {
				marks[parents[e]] = 0;
				peeled[num_peeled++] = parents[e];
			}
		}
	}
	in->worker->on_cycle = marks;
	marks = NULL;
	ok = true;
out:
	free(waits);
	free(first_parent);
	free(peeled);
	free(marks);
	free(parents);
	return ok;
}

static bool intern_unit(struct intake *in)
{
	enum intern_result result = intern_all(in);

	if (result == INTERN_CYCLE) {
		if (!find_bare_cycles(in))
			return false;
		for (uint32_t i = 1; i < in->graph->nodes.num; i++) {
			struct graph_node *node = &in->graph->nodes.data[i];

			if (node->class_id == WAITING)
				node->class_id = 0;
		}
		result = intern_all(in);
	}
	return result == INTERN_DONE;
}

static bool push_key(struct intake_worker *worker, uint64_t key, uint64_t last)
{
	uint64_t diff = key - last;
	uint64_t v = diff << 1 ^ -(diff >> 63);

	if (!vec_reserve(&worker->keys, worker->keys.num + 10))
		return false;
	for (; v >= 0x80; v >>= 7)
		worker->keys.data[worker->keys.num++] = v | 0x80;
	worker->keys.data[worker->keys.num++] = v;
	return true;
}

/* Room for a definition a node at half load; old stamps never match, so nothing is cleared. */
static bool reserve_labels(struct intake_worker *worker, uint32_t num_nodes)
{
	uint64_t num_slots = 1024;
	struct label_slot *grown;

	while (num_slots < 2 * (uint64_t)num_nodes)
		num_slots *= 2;
	if (worker->labels && num_slots <= (uint64_t)worker->labels_mask + 1)
		return true;
	grown = calloc(num_slots, sizeof(*grown));
	if (!grown)
		return false;
	free(worker->labels);
	worker->labels = grown;
	worker->labels_mask = num_slots - 1;
	return true;
}

/* True if the unit has another definition of the label already. */
static bool label_conflicts(struct intake_worker *worker, uint32_t stamp, uint32_t label,
			    uint32_t class_id)
{
	for (uint32_t i = hash_u64(label);; i++) {
		struct label_slot *slot = &worker->labels[i & worker->labels_mask];

		if (slot->stamp != stamp) {
			*slot = (struct label_slot){ label, class_id, stamp };
			return false;
		}
		if (slot->label == label)
			return slot->class_id != class_id;
	}
}

static void *copy_out(struct arena *arena, const void *data, size_t size, size_t align)
{
	void *copy = arena_alloc(arena, size, align);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

static bool list_classes(struct intake *in, struct store_unit *unit, bool *ret_conflicted)
{
	struct intake_worker *worker = in->worker;
	uint32_t stamp = in->unit + 1, num_ids = id_array_num(&in->store->records.entries);
	bool conflicted = false;
	uint64_t last_key = 0;

	worker->list.num = 0;
	worker->keys.num = 0;
	if (!vec_reserve(&worker->stamps, num_ids) ||
	    !reserve_labels(worker, in->graph->nodes.num))
		return false;
	if (worker->stamps.num < num_ids) {
		memset(&worker->stamps.data[worker->stamps.num], 0,
		       (num_ids - worker->stamps.num) * sizeof(worker->stamps.data[0]));
		worker->stamps.num = num_ids;
	}
	for (uint32_t i = 1; i < in->graph->nodes.num; i++) {
		const struct graph_node *node = &in->graph->nodes.data[i];
		uint32_t label;

		if (!node->class_id || worker->stamps.data[node->class_id] == stamp)
			continue;
		worker->stamps.data[node->class_id] = stamp;
		if (!vec_push(&worker->list, node->class_id) ||
		    !push_key(worker, node->key, last_key))
			return false;
		last_key = node->key;
		label = node_label(in, i);
		if (label && !kind_infos[node_kind(node)].is_forward &&
		    label_conflicts(worker, stamp, label, node->class_id))
			conflicted = true;
	}
	unit->class_ids = copy_out(&worker->lists, worker->list.data,
				   worker->list.num * sizeof(worker->list.data[0]),
				   _Alignof(uint32_t));
	unit->keys = copy_out(&worker->lists, worker->keys.data, worker->keys.num, 1);
	if (!unit->class_ids || !unit->keys)
		return false;
	unit->num_classes = worker->list.num;
	*ret_conflicted = conflicted;
	return true;
}

static bool keep_graph(struct intake *in, struct store_unit *unit)
{
	const struct unit_graph *graph = in->graph;
	struct arena *kept = &in->worker->kept, *arena = &in->worker->lists;
	uint32_t num = graph->nodes.num, num_edges = 0;
	struct unit_nodes *nodes = arena_alloc(kept, sizeof(*nodes), _Alignof(struct unit_nodes));

	if (!nodes)
		return false;
	for (uint32_t i = 1; i < num; i++)
		for_each_ref(graph, &graph->nodes.data[i], target, {
			(void)target;
			num_edges++;
		});
	*nodes = (struct unit_nodes){
		.num_nodes = num,
		.class_ids = arena_alloc(arena, num * sizeof(uint32_t), _Alignof(uint32_t)),
		.keys = arena_alloc(arena, num * sizeof(uint64_t), _Alignof(uint64_t)),
		.first_edge = arena_alloc(arena, (num + 1) * sizeof(uint32_t), _Alignof(uint32_t)),
		.edges = arena_alloc(arena, num_edges * sizeof(uint32_t), _Alignof(uint32_t)),
		.types = arena_alloc(kept, num * sizeof(struct type_id), _Alignof(uint32_t)),
	};
	if (!nodes->class_ids || !nodes->keys || !nodes->first_edge || !nodes->edges ||
	    !nodes->types)
		return false;
	num_edges = 0;
	for (uint32_t i = 0; i < num; i++) {
		nodes->class_ids[i] = i ? graph->nodes.data[i].class_id : 0;
		nodes->keys[i] = graph->nodes.data[i].key;
		nodes->types[i] = (struct type_id){ 0 };
		nodes->first_edge[i] = num_edges;
		for_each_ref(graph, &graph->nodes.data[i], target, {
			nodes->edges[num_edges++] = target;
		});
	}
	nodes->first_edge[num] = num_edges;
	for (uint32_t i = 1; i < num; i++)
		graph->nodes.data[i].class_id = HANDLE_NODE | i;
	unit->nodes = nodes;
	return true;
}

/* Variables may stand on an alias, which is its target then; an alias of an alias stays void. */
static void handle_aliases(struct unit_graph *graph)
{
	for (uint32_t i = 1; i < graph->nodes.num; i++) {
		struct graph_node *node = &graph->nodes.data[i];

		if (node->kind == GRAPH_ALIAS &&
		    graph->nodes.data[node->ref.v].kind != GRAPH_ALIAS)
			node->class_id = graph->nodes.data[node->ref.v].class_id;
	}
}

struct btfgen_error *type_store_add_unit(struct type_store *store, unsigned int worker,
					 uint32_t unit, const char *unit_name,
					 struct unit_graph *graph)
{
	struct intake in = {
		.store = store,
		.worker = &store->workers[worker],
		.graph = graph,
		.unit = unit,
	};
	struct store_unit *store_unit = &store->units[unit];
	bool ok, conflicted = false;

	in.worker->trail.last = 0;
	for (size_t i = 0; i < graph->nodes.num; i++)
		graph->nodes.data[i].class_id = 0;
	ok = intern_unit(&in) && list_classes(&in, store_unit, &conflicted) &&
	     (!conflicted || keep_graph(&in, store_unit));
	free(in.worker->on_cycle);
	in.worker->on_cycle = NULL;
	if (!ok) {
		in.worker->failed = true;
		return error_nomem();
	}
	handle_aliases(graph);
	store_unit->name = unit_name;
	in.worker->num_nodes += graph->nodes.num - 1;
	return NULL;
}
