// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Taking a unit into the store.
 *
 * Problem: give each node of a graph of any shape the class id of its record (record.h), which
 * needs the class ids of all children that have no tag first.
 *
 * Way: depth first with an explicit stack, children before parents; a child with a tag is only
 * named, not followed, so that in C every walk is short. A node is pushed by each parent that waits
 * for it and skipped when it turns out to be done. A node that waits is an ancestor of all that is
 * above it on the stack, so meeting one is meeting a bare cycle (a cycle without a tag on it).
 * Then, once for the unit, all nodes from which a bare cycle can be reached are found by peeling
 * off those that only lead to peeled ones; these nodes get the label REF_CYCLE and stand for
 * themselves like named ones. Being on or before a bare cycle is the same for nodes that are the
 * same in meaning, which the label must be (a pointer to a pointer that points to itself *is* a
 * pointer that points to itself).
 *
 * Units that include the same headers bring the same types in the same order. So the record that
 * came after the last one the last time is compared first, with the node itself: no record is built
 * and no hash computed when it is the same.
 *
 * Then each class of the unit is listed once, and definitions are compared by label: two different
 * ones make the unit conflicted.
 *
 * Cost: linear in nodes and edges. A node that the store knows takes a comparison, or one look-up
 * without lock and allocation.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/btf/store_internal.h"

/* In refs, between class ids and labels: nodes without a tag that are not done. */
#define REF_NEW (1u << 30)
#define REF_WAITING (REF_NEW + 1) /* its children are being interned */

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
	vec_deinit(&worker->refs);
	vec_deinit(&worker->held);
	vec_deinit(&worker->list);
	vec_deinit(&worker->users);
	vec_deinit(&worker->places);
	vec_deinit(&worker->twins);
	free(worker->labels);
	worker->labels = NULL;
	worker->num_label_slots = worker->num_labels = 0;
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

/*
 * What a record says for a reference to each node is kept in an array: the label of a node with a
 * tag, known beforehand, or the class id, once it is.
 */
static bool init_refs(struct intake *in)
{
	struct graph_node *nodes = in->graph->nodes.data;
	uint32_t num = in->graph->nodes.num, *refs;
	uint32_t labels[NUM_GRAPH_KINDS] = {};

	if (!vec_reserve(&in->worker->refs, num))
		return false;
	for (unsigned int kind = 0; kind < NUM_GRAPH_KINDS; kind++) {
		if (kind_infos[kind].tag >= 0)
			labels[kind] = ref_of_label(kind_infos[kind].tag, (struct str_id){ 0 });
	}
	refs = in->worker->refs.data;
	for (uint32_t i = 0; i < num; i++) {
		const struct graph_node *node = &nodes[i];
		uint32_t label = labels[node->kind];

		nodes[i].class_id = 0;
		if (label && (node->name.v || kind_infos[node->kind].is_forward))
			refs[i] = label | node->name.v;
		else
			/* Nothing refers to an alias. */
			refs[i] = node->kind == GRAPH_ALIAS ? 0 : REF_NEW;
	}
	refs[0] = 0;
	return true;
}

static inline uint32_t node_ref(const struct intake *in, uint32_t index)
{
	return in->worker->refs.data[index];
}

static inline bool node_has_label(const struct intake *in, uint32_t index)
{
	return ref_is_label(node_ref(in, index));
}

enum intern_result { INTERN_DONE, INTERN_WAITS, INTERN_CYCLE, INTERN_NOMEM };

/* Pushes a child that has to be done first. */
static inline enum intern_result wait_for_child(struct intake *in, uint32_t target)
{
	switch (node_ref(in, target)) {
	case REF_NEW:
		return vec_push(&in->worker->stack, target) ? INTERN_WAITS : INTERN_NOMEM;
	case REF_WAITING:
		return INTERN_CYCLE;
	default:
		return INTERN_DONE;
	}
}

static enum intern_result wait_for_children(struct intake *in, const struct graph_node *node)
{
	uint8_t fields = kind_infos[node_kind(node)].fields;
	enum intern_result result = INTERN_DONE;

	if (fields & FIELD_REF)
		result = wait_for_child(in, node->ref.v);
	for (uint32_t i = 0; (fields & FIELD_ELEM_REF) && i < node->num_elems; i++) {
		enum intern_result child = wait_for_child(in, graph_elem_ref(in->graph, node, i).v);

		if (child > result)
			result = child;
	}
	return result;
}

static void build_elems(const struct intake *in, const struct graph_node *node, uint8_t fields,
			struct record *record)
{
	if (node->like && record->num_elems) {
		if (node->like == GRAPH_LIKE_BARE)
			memset(record->elems, 0, record->num_elems * sizeof(record->elems[0]));
		else
			memcpy(record->elems, records_at(&in->store->records, node->like)->elems,
			       record->num_elems * sizeof(record->elems[0]));
		for (uint32_t i = 0; (fields & FIELD_ELEM_REF) && i < record->num_elems; i++)
			record->elems[i].ref = node_ref(in, graph_elem_ref(in->graph, node, i).v);
		return;
	}
	for (uint32_t i = 0; i < record->num_elems; i++) {
		const struct graph_elem *from = &in->graph->elems.data[node->first_elem + i];
		struct record_elem *elem = &record->elems[i];

		*elem = (struct record_elem){ .name = from->name.v };
		if (fields & FIELD_ELEM_VALUE) {
			elem->value_low = from->value;
			elem->value_high = from->value >> 32;
		}
		if (fields & FIELD_ELEM_BITS)
			elem->bit_size = from->bit_size;
		if (fields & FIELD_ELEM_REF)
			elem->ref = node_ref(in, from->ref.v);
	}
}

/*
 * The record of a node whose children are done, in the worker's scratch; NULL when memory is out.
 */
static const struct record *build_record(struct intake *in, uint32_t index)
{
	const struct graph_node *node = &in->graph->nodes.data[index];
	const struct kind_info *info = &kind_infos[node_kind(node)];
	uint32_t num_elems = info->fields & FIELD_ELEMS ? node->num_elems : 0;
	struct intake_worker *worker = in->worker;
	struct record *record;

	if (!vec_reserve(&worker->record, record_size(num_elems) / sizeof(uint32_t)))
		return NULL;
	record = (struct record *)worker->record.data;
	*record = (struct record){
		.kind = node_kind(node),
		.flags = node->flags & info->flags,
		.encoding = info->fields & FIELD_ENCODING ? node->encoding : 0,
		.is_cycle = node_ref(in, index) == REF_CYCLE,
		.name = info->fields & FIELD_NAME ? node->name.v : 0,
		.size = info->fields & FIELD_SIZE ? node->size : 0,
		.ref = info->fields & FIELD_REF ? node_ref(in, node->ref.v) : 0,
		.num_elems = num_elems,
	};
	build_elems(in, node, info->fields, record);
	return record;
}

static bool members_match(const struct intake *in, const struct graph_elem *from,
			  const struct record *record)
{
	for (uint32_t i = 0; i < record->num_elems; i++) {
		const struct record_elem *elem = &record->elems[i];

		if (elem->name != from[i].name.v || elem->ref != node_ref(in, from[i].ref.v) ||
		    elem->value_low != (uint32_t)from[i].value ||
		    elem->value_high != from[i].value >> 32 || elem->bit_size != from[i].bit_size)
			return false;
	}
	return true;
}

static bool values_match(const struct graph_elem *from, const struct record *record)
{
	for (uint32_t i = 0; i < record->num_elems; i++) {
		const struct record_elem *elem = &record->elems[i];

		if (elem->name != from[i].name.v || elem->value_low != (uint32_t)from[i].value ||
		    elem->value_high != from[i].value >> 32)
			return false;
	}
	return true;
}

static bool params_match(const struct intake *in, const struct graph_elem *from,
			 const struct record *record)
{
	for (uint32_t i = 0; i < record->num_elems; i++) {
		if (record->elems[i].name != from[i].name.v ||
		    record->elems[i].ref != node_ref(in, from[i].ref.v))
			return false;
	}
	return true;
}

/* Of a function type that is like nothing. */
static bool refs_match(const struct intake *in, const struct graph_node *node,
		       const struct record *record)
{
	const struct node_id *from = &in->graph->refs.data[node->first_elem];

	for (uint32_t i = 0; i < record->num_elems; i++) {
		if (record->elems[i].ref != node_ref(in, from[i].v))
			return false;
		if (record->elems[i].name)
			return false;
	}
	return true;
}

static bool elems_match(const struct intake *in, const struct graph_node *node,
			const struct record *record, uint8_t fields)
{
	const struct graph_elem *from;

	if (record->num_elems != node->num_elems)
		return false;
	if (!node->num_elems)
		return true;
	if (node->like)
		return refs_match(in, node, record);
	from = &in->graph->elems.data[node->first_elem];
	if (!(fields & FIELD_ELEM_VALUE))
		return params_match(in, from, record);
	return fields & FIELD_ELEM_REF ? members_match(in, from, record) :
					 values_match(from, record);
}

/* True if the node's record, of a node that is like no class, would be equal to @record. */
static bool node_matches(const struct intake *in, uint32_t index, const struct record *record)
{
	const struct graph_node *node = &in->graph->nodes.data[index];
	uint8_t kind = node_kind(node);
	const struct kind_info *info = &kind_infos[kind];
	uint8_t fields = info->fields;

	if (record->kind != kind || record->is_cycle != (node_ref(in, index) == REF_CYCLE))
		return false;
	if ((fields & FIELD_NAME && record->name != node->name.v) ||
	    (fields & FIELD_SIZE && record->size != node->size) ||
	    (fields & FIELD_REF && record->ref != node_ref(in, node->ref.v)) ||
	    (fields & FIELD_ENCODING && record->encoding != node->encoding) ||
	    record->flags != (node->flags & info->flags))
		return false;
	return !(fields & FIELD_ELEMS) || elems_match(in, node, record, fields);
}

/*
 * The class that a struct, union or enum is like, if it is of that class, whose elements are the
 * node's but for their references; else 0.
 */
static inline uint32_t like_class(const struct intake *in, uint32_t index)
{
	const struct graph_node *node = &in->graph->nodes.data[index];
	const struct record *record = records_at(&in->store->records, node->like);
	const uint32_t *refs = in->worker->refs.data;
	const struct node_id *from;

	if (record->name != node->name.v || record->size != node->size ||
	    record->num_elems != node->num_elems || record->kind != node->kind ||
	    record->flags != (node->flags & kind_infos[node->kind].flags) ||
	    record->is_cycle != (refs[index] == REF_CYCLE))
		return 0;
	if (node->kind == GRAPH_ENUM)
		return node->like;
	from = &in->graph->refs.data[node->first_elem];
	for (uint32_t i = 0; i < record->num_elems; i++) {
		if (record->elems[i].ref != refs[from[i].v])
			return 0;
	}
	return node->like;
}

static inline void node_done(struct intake *in, uint32_t index, uint32_t class_id)
{
	in->graph->nodes.data[index].class_id = class_id;
	if (!node_has_label(in, index))
		in->worker->refs.data[index] = class_id;
}

/* The class that the trail guesses; 0 if it is not the node's. */
static inline uint32_t guess_class(const struct intake *in, uint32_t index)
{
	struct record_guess guess = record_trail_guess(&in->worker->trail);
	uint32_t like = in->graph->nodes.data[index].like;

	if (like && like != GRAPH_LIKE_BARE)
		return like_class(in, index);
	if (guess.first && node_matches(in, index, records_at(&in->store->records, guess.first)))
		return guess.first;
	if (guess.second && node_matches(in, index, records_at(&in->store->records, guess.second)))
		return guess.second;
	return 0;
}

static enum intern_result intern_node(struct intake *in, uint32_t index)
{
	const struct graph_node *node = &in->graph->nodes.data[index];
	struct intake_worker *worker = in->worker;
	const struct record *record;
	enum intern_result result;
	uint32_t class_id = guess_class(in, index);

	if (class_id) {
		worker->trail.last = class_id;
		node_done(in, index, class_id);
		return INTERN_DONE;
	}
	result = wait_for_children(in, node);
	if (result != INTERN_DONE) {
		if (!node_has_label(in, index))
			worker->refs.data[index] = REF_WAITING;
		return result;
	}
	record = build_record(in, index);
	if (!record)
		return INTERN_NOMEM;
	class_id = records_intern(&in->store->records, &worker->kept, &worker->trail, record);
	if (!class_id)
		return INTERN_NOMEM;
	node_done(in, index, class_id);
	return INTERN_DONE;
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

		if (in->graph->nodes.data[top].class_id) {
			worker->stack.num--;
			continue;
		}
		result = intern_node(in, top);
		if (result == INTERN_CYCLE || result == INTERN_NOMEM)
			return result;
	}
	return INTERN_DONE;
}

/*
 * The class that the trail guesses, if the node is nothing but a reference to something that is done;
 * else 0.
 */
static inline uint32_t guess_simple(const struct intake *in, const struct graph_node *node)
{
	const struct record_trail *trail = &in->worker->trail;
	uint32_t shape = record_shape(node->kind, node->size);
	struct record_guess guess;

	if (!shape || trail->last >= trail->next.num)
		return 0;
	guess = trail->next.data[trail->last];
	return guess.shape == shape && guess.ref == node_ref(in, node->ref.v) ? guess.first : 0;
}

/* Nodes without a tag, so that those with one find their children done. */
static enum intern_result intern_untagged(struct intake *in)
{
	struct intake_worker *worker = in->worker;

	worker->stack.num = 0;
	for (uint32_t i = 1; i < in->graph->nodes.num; i++) {
		enum intern_result result;
		uint32_t class_id;

		if (worker->refs.data[i] != REF_NEW)
			continue;
		class_id = guess_simple(in, &in->graph->nodes.data[i]);
		if (class_id) {
			worker->trail.last = class_id;
			worker->refs.data[i] = class_id;
			in->graph->nodes.data[i].class_id = class_id;
			continue;
		}
		result = intern_from(in, i);
		if (result != INTERN_DONE)
			return result;
	}
	return INTERN_DONE;
}

static enum intern_result intern_all(struct intake *in)
{
	enum intern_result result = intern_untagged(in);

	for (uint32_t i = 1; i < in->graph->nodes.num && result == INTERN_DONE; i++) {
		struct graph_node *node = &in->graph->nodes.data[i];

		if (!node_has_label(in, i) || node->class_id)
			continue;
		/* With a bare cycle, a function type may be here, too. */
		if (node->like && node->like != GRAPH_LIKE_BARE)
			node->class_id = like_class(in, i);
		if (node->class_id)
			in->worker->trail.last = node->class_id;
		else
			result = intern_node(in, i);
	}
	return result;
}

/* Calls fn for each reference of a node, in the order of the record. */
#define for_each_ref(graph, node, target, ...)                                                     \
	do {                                                                                       \
		const struct graph_node *node_ = (node);                                           \
		uint8_t fields_ = kind_infos[node_kind(node_)].fields;                             \
		if (fields_ & FIELD_REF) {                                                         \
			uint32_t target = node_->ref.v;                                            \
			__VA_ARGS__                                                                \
		}                                                                                  \
		for (uint32_t e_ = 0; (fields_ & FIELD_ELEM_REF) && e_ < node_->num_elems; e_++) { \
			uint32_t target = graph_elem_ref((graph), node_, e_).v;                    \
			__VA_ARGS__                                                                \
		}                                                                                  \
	} while (0)

/*
 * Marks the nodes without a tag from which an endless walk through such nodes starts. All others
 * are peeled off, beginning with those that refer to none; @waits counts a node's unpeeled
 * children.
 */
static bool find_bare_cycles(struct intake *in)
{
	const struct unit_graph *graph = in->graph;
	uint32_t num = graph->nodes.num, num_edges = 0, num_peeled = 0;
	uint32_t *waits = calloc(num, sizeof(*waits));
	uint32_t *first_parent = calloc((size_t)num + 1, sizeof(*first_parent));
	uint32_t *peeled = calloc(num, sizeof(*peeled));
	uint32_t *parents = NULL;
	bool ok = false;

	if (!waits || !first_parent || !peeled)
		goto out;
	for (uint32_t i = 1; i < num; i++) {
		if (node_has_label(in, i))
			continue;
		for_each_ref(graph, &graph->nodes.data[i], target, {
			if (target && !node_has_label(in, target)) {
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
		if (node_has_label(in, i))
			continue;
		for_each_ref(graph, &graph->nodes.data[i], target, {
			if (target && !node_has_label(in, target))
				parents[--first_parent[target]] = i;
		});
		if (!waits[i])
			peeled[num_peeled++] = i;
	}
	while (num_peeled) {
		uint32_t node = peeled[--num_peeled];

		for (uint32_t e = first_parent[node]; e < first_parent[node + 1]; e++) {
			if (--waits[parents[e]] == 0)
				peeled[num_peeled++] = parents[e];
		}
	}
	for (uint32_t i = 1; i < num; i++) {
		if (waits[i])
			in->worker->refs.data[i] = REF_CYCLE;
		else if (node_ref(in, i) == REF_WAITING)
			in->worker->refs.data[i] = REF_NEW;
	}
	ok = true;
out:
	free(waits);
	free(first_parent);
	free(peeled);
	free(parents);
	return ok;
}

static bool intern_unit(struct intake *in)
{
	enum intern_result result;

	if (!init_refs(in))
		return false;
	result = intern_all(in);
	if (result == INTERN_CYCLE && find_bare_cycles(in))
		result = intern_all(in);
	return result == INTERN_DONE;
}

/* Zeroed elements for all classes there are. */
#define reserve_classes(v, need)                                                                   \
	(vec_reserve((v), (need)) &&                                                               \
	 ((v)->num >= (need) ||                                                                    \
	  (memset(&(v)->data[(v)->num], 0, ((need) - (v)->num) * sizeof(*(v)->data)),              \
	   (v)->num = (need), true)))

/*
 * Whether a unit has several definitions of a label is asked only for labels that have some at all,
 * as far as the worker has seen.
 */
static struct label_slot *find_label(const struct intake_worker *worker, uint32_t label)
{
	for (uint32_t i = hash_u64(label);; i++) {
		struct label_slot *slot = &worker->labels[i & (worker->num_label_slots - 1)];

		if (!slot->first_class || slot->label == label)
			return slot;
	}
}

static bool reserve_label(struct intake_worker *worker)
{
	uint32_t num_old = worker->num_label_slots, num = num_old ? 2 * num_old : 1024;
	struct label_slot *old = worker->labels;

	if (worker->num_labels < num_old / 2)
		return true;
	worker->labels = calloc(num, sizeof(*old));
	if (!worker->labels) {
		worker->labels = old;
		return false;
	}
	worker->num_label_slots = num;
	for (uint32_t i = 0; i < num_old; i++) {
		if (old[i].first_class)
			*find_label(worker, old[i].label) = old[i];
	}
	free(old);
	return true;
}

static inline bool has_bit(const uint64_t *bits, uint32_t class_id)
{
	return bits[class_id / 64] >> class_id % 64 & 1;
}

static inline void set_bit(uint64_t *bits, uint32_t class_id)
{
	bits[class_id / 64] |= (uint64_t)1 << class_id % 64;
}

/* A definition is met for the first time. False when memory is out. */
static bool add_definition(struct intake_worker *worker, uint32_t stamp, uint32_t label,
			   uint32_t class_id)
{
	struct label_slot *slot;

	if (!reserve_label(worker))
		return false;
	slot = find_label(worker, label);
	if (!slot->first_class) {
		*slot = (struct label_slot){ .label = label, .first_class = class_id };
		worker->num_labels++;
		return true;
	}
	/* Until now, nobody asked for the first one. */
	if (!has_bit(worker->twins.data, slot->first_class) &&
	    has_bit(worker->held.data, slot->first_class)) {
		slot->held_class = slot->first_class;
		slot->stamp = stamp;
	}
	set_bit(worker->twins.data, slot->first_class);
	set_bit(worker->twins.data, class_id);
	return true;
}

/* In a label's slot in place of its definition: the unit has several. */
#define SEVERAL UINT32_MAX

/* True if the unit has another definition of the label already. */
static bool label_conflicts(struct intake_worker *worker, uint32_t stamp, uint32_t label,
			    uint32_t class_id)
{
	struct label_slot *slot = find_label(worker, label);

	if (slot->stamp != stamp) {
		slot->held_class = class_id;
		slot->stamp = stamp;
		return false;
	}
	if (slot->held_class == class_id)
		return false;
	slot->held_class = SEVERAL;
	return true;
}

/*
 * True if some type of the unit refers to a label with several definitions. Those that nothing
 * refers to, such as the typedefs that a macro makes in each function, leave no doubt about
 * anything.
 */
static bool refers_to_conflict(const struct intake *in, uint32_t stamp)
{
	const struct unit_graph *graph = in->graph;

	for (uint32_t i = 1; i < graph->nodes.num; i++) {
		bool found = false;

		for_each_ref(graph, &graph->nodes.data[i], target, {
			uint32_t label = node_ref(in, target);
			const struct label_slot *slot;

			if (ref_is_label(label)) {
				slot = find_label(in->worker, label);
				found |= slot->stamp == stamp && slot->held_class == SEVERAL;
			}
		});
		if (found)
			return true;
	}
	return false;
}

static void *copy_out(struct arena *arena, const void *data, size_t size, size_t align)
{
	void *copy = arena_alloc(arena, size, align);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

/* The marked classes in ascending order; the marks are taken back. */
static bool write_list(struct intake_worker *worker, struct store_unit *unit, uint32_t num_held)
{
	uint32_t last = 0;

	worker->list.num = 0;
	if (!vec_reserve(&worker->list, 5 * (size_t)num_held + 1))
		return false;
	for (size_t w = 0; w < worker->held.num; w++) {
		for (uint64_t bits = worker->held.data[w]; bits; bits &= bits - 1) {
			uint32_t class_id = 64 * w + __builtin_ctzll(bits), v = class_id - last;

			for (; v >= 0x80; v >>= 7)
				worker->list.data[worker->list.num++] = v | 0x80;
			worker->list.data[worker->list.num++] = v;
			last = class_id;
		}
		worker->held.data[w] = 0;
	}
	unit->class_ids = copy_out(&worker->lists, worker->list.data, worker->list.num, 1);
	unit->num_classes = num_held;
	return unit->class_ids;
}

static inline void count_use(struct intake *in, const struct graph_node *node, uint32_t index)
{
	struct class_users *users = &in->worker->users.data[node->class_id];

	if (!users->num_users++ || in->unit < users->first_unit) {
		users->first_unit = in->unit;
		in->worker->places.data[node->class_id] =
			(struct class_place){ .key = node->key, .node = index };
	}
}

static bool list_classes(struct intake *in, struct store_unit *unit, bool *ret_conflicted,
			 bool *ret_has_alias)
{
	struct intake_worker *worker = in->worker;
	uint32_t stamp = in->unit + 1, num_ids = id_array_num(&in->store->records.entries);
	uint32_t num_held = 0;
	bool conflicted = false;

	if (!reserve_classes(&worker->held, num_ids / 64 + 1) ||
	    !reserve_classes(&worker->twins, num_ids / 64 + 1) ||
	    !reserve_classes(&worker->users, num_ids) || !reserve_classes(&worker->places, num_ids))
		return false;
	for (uint32_t i = 1; i < in->graph->nodes.num; i++) {
		const struct graph_node *node = &in->graph->nodes.data[i];
		uint32_t class_id = node->class_id, label;

		if (!class_id)
			*ret_has_alias = true;
		if (!class_id || has_bit(worker->held.data, class_id))
			continue;
		num_held++;
		count_use(in, node, i);
		label = node_ref(in, i);
		if (ref_is_label(label) && !kind_infos[node_kind(node)].is_forward) {
			if (worker->users.data[class_id].num_users == 1 &&
			    !add_definition(worker, stamp, label, class_id))
				return false;
			if (has_bit(worker->twins.data, class_id))
				conflicted |= label_conflicts(worker, stamp, label, class_id);
		}
		set_bit(worker->held.data, class_id);
	}
	*ret_conflicted = conflicted && refers_to_conflict(in, stamp);
	return write_list(worker, unit, num_held);
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
		.first_edge = arena_alloc(arena, (num + 1) * sizeof(uint32_t), _Alignof(uint32_t)),
		.edges = arena_alloc(arena, num_edges * sizeof(uint32_t), _Alignof(uint32_t)),
		.types = arena_alloc(kept, num * sizeof(struct type_id), _Alignof(uint32_t)),
	};
	if (!nodes->class_ids || !nodes->first_edge || !nodes->edges || !nodes->types)
		return false;
	num_edges = 0;
	for (uint32_t i = 0; i < num; i++) {
		nodes->class_ids[i] = i ? graph->nodes.data[i].class_id : 0;
		nodes->types[i] = (struct type_id){ 0 };
		nodes->first_edge[i] = num_edges;
		for_each_ref(graph, &graph->nodes.data[i], target,
			     { nodes->edges[num_edges++] = target; });
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

		if (node->kind == GRAPH_ALIAS && graph->nodes.data[node->ref.v].kind != GRAPH_ALIAS)
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
	bool ok, conflicted = false, has_alias = false;

	in.worker->trail.last = 0;
	ok = intern_unit(&in) && list_classes(&in, store_unit, &conflicted, &has_alias) &&
	     (!conflicted || keep_graph(&in, store_unit));
	if (!ok) {
		in.worker->failed = true;
		return error_nomem();
	}
	if (has_alias)
		handle_aliases(graph);
	store_unit->name = unit_name;
	in.worker->num_nodes += graph->nodes.num - 1;
	return NULL;
}
