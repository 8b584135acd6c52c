// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The type store against an oracle that does the same in the simplest way: all nodes of all units
 * at once, pairs compared, the rules for declarations written down as they read.
 *
 * Names are few and units are changed copies of each other, so that ambiguous names, conflicts
 * inside a unit, cycles and shared users are frequent.
 */
#include "tests/unit/graph_text.h"

#include "lib/base/hash.h"

/*
 * Labels are 0 for none, or a tag class and a letter; CYCLE is for nodes that reach a bare cycle.
 */
enum { MAX_LETTERS = 4, NUM_LABELS = 5 * MAX_LETTERS + 1, CYCLE = 5 * MAX_LETTERS };

enum { MAX_UNITS = 5, MAX_NODES = 14, MAX_ELEMS = 3, MAX_ALL = MAX_UNITS * MAX_NODES + 1 };

struct plan_node {
	uint8_t kind;
	uint8_t flags;
	uint8_t name; /* 0 none, else a letter */
	uint8_t size;
	int ref;
	int num_elems;
	struct {
		int ref;
		int name;
		int value;
	} elems[MAX_ELEMS];
};

struct plan_unit {
	int num; /* with void */
	struct plan_node nodes[MAX_NODES];
	const char *path;
};

struct plan {
	int num;
	struct plan_unit units[MAX_UNITS];
};

struct shape {
	bool forwards;
	bool bare_cycles;
};

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state += 0x9e3779b97f4a7c15ull;
	return hash_u64(random_state) % n;
}

static bool node_has_ref(uint8_t kind)
{
	return (kind >= GRAPH_PTR && kind <= GRAPH_FUNC_PROTO) || kind == GRAPH_LINK;
}

static bool elems_have_refs(uint8_t kind)
{
	return kind == GRAPH_STRUCT || kind == GRAPH_UNION || kind == GRAPH_FUNC_PROTO ||
	       kind == GRAPH_LINK;
}

static bool node_is_forward(const struct plan_node *node)
{
	return node->kind >= GRAPH_FWD_STRUCT && node->kind <= GRAPH_FWD_ENUM;
}

static int node_label(const struct plan_node *node)
{
	switch (node->kind) {
	case GRAPH_TYPEDEF:
		return node->name ? 0 * MAX_LETTERS + node->name : 0;
	case GRAPH_STRUCT:
	case GRAPH_FWD_STRUCT:
		return node->name ? 1 * MAX_LETTERS + node->name : 0;
	case GRAPH_UNION:
	case GRAPH_FWD_UNION:
		return node->name ? 2 * MAX_LETTERS + node->name : 0;
	case GRAPH_ENUM:
	case GRAPH_FWD_ENUM:
		return node->name ? 3 * MAX_LETTERS + node->name : 0;
	default:
		return 0;
	}
}

static struct plan_node random_node(const struct shape *shape)
{
	static const uint8_t kinds[] = {
		GRAPH_INT,	  GRAPH_PTR,	    GRAPH_PTR,	      GRAPH_CONST,
		GRAPH_TYPEDEF,	  GRAPH_ARRAY,	    GRAPH_FUNC_PROTO, GRAPH_STRUCT,
		GRAPH_STRUCT,	  GRAPH_STRUCT,	    GRAPH_UNION,      GRAPH_ENUM,
		GRAPH_FWD_STRUCT, GRAPH_FWD_STRUCT, GRAPH_FWD_UNION,  GRAPH_FWD_ENUM,
		GRAPH_LINK,
	};
	struct plan_node node = {
		.kind = kinds[random_below(shape->forwards ? 17 : 12)],
		.size = random_below(6) == 0,
	};

	if (node.kind == GRAPH_INT || node.kind == GRAPH_LINK)
		node.name = 1 + random_below(2);
	else if (node.kind == GRAPH_TYPEDEF || node_is_forward(&node))
		node.name = 1 + random_below(3);
	else if (node.kind == GRAPH_STRUCT || node.kind == GRAPH_UNION || node.kind == GRAPH_ENUM)
		node.name = random_below(5) ? 1 + random_below(3) : 0;
	if (node.kind == GRAPH_PTR || node.kind == GRAPH_CONST || node.kind == GRAPH_TYPEDEF ||
	    node.kind == GRAPH_FUNC_PROTO || node.kind == GRAPH_LINK || node_is_forward(&node))
		node.size = 0;
	if ((node.kind >= GRAPH_FUNC_PROTO && node.kind <= GRAPH_ENUM) || node.kind == GRAPH_LINK) {
		node.num_elems = random_below(MAX_ELEMS + 1);
		if (node.kind == GRAPH_ENUM && !node.num_elems)
			node.num_elems = 1;
		for (int i = 0; i < node.num_elems; i++) {
			node.elems[i].name = random_below(2);
			if (node.kind != GRAPH_FUNC_PROTO && node.kind != GRAPH_LINK)
				node.elems[i].value = i;
		}
	}
	return node;
}

/* Without bare cycles, a reference to a node without a tag goes to a lower one. */
static int random_target(const struct shape *shape, const struct plan_unit *unit, int from)
{
	for (int tries = 0; tries < 8; tries++) {
		int target = random_below(unit->num);

		if (unit->nodes[target].kind == GRAPH_LINK)
			continue;
		if (!target || shape->bare_cycles || target < from ||
		    node_label(&unit->nodes[target]))
			return target;
	}
	return 0;
}

static void random_refs(const struct shape *shape, struct plan_unit *unit, int from)
{
	struct plan_node *node = &unit->nodes[from];

	if (node_has_ref(node->kind))
		node->ref = random_target(shape, unit, from);
	for (int i = 0; elems_have_refs(node->kind) && i < node->num_elems; i++)
		node->elems[i].ref = random_target(shape, unit, from);
}

static void random_unit(const struct shape *shape, struct plan_unit *unit)
{
	unit->num = 2 + random_below(MAX_NODES - 2);
	memset(unit->nodes, 0, sizeof(unit->nodes));
	for (int i = 1; i < unit->num; i++)
		unit->nodes[i] = random_node(shape);
	for (int i = 1; i < unit->num; i++)
		random_refs(shape, unit, i);
}

/* A few nodes become different, or mere declarations. */
static void change_unit(const struct shape *shape, struct plan_unit *unit)
{
	for (int changes = random_below(4); changes > 0; changes--) {
		int at = 1 + random_below(unit->num - 1);
		struct plan_node *node = &unit->nodes[at];
		bool was_tagged = node_label(node) != 0;

		if (shape->forwards && random_below(2) && was_tagged &&
		    node->kind >= GRAPH_STRUCT && node->kind <= GRAPH_ENUM) {
			*node = (struct plan_node){
				.kind = GRAPH_FWD_STRUCT + (node->kind - GRAPH_STRUCT),
				.name = node->name,
			};
		} else if (random_below(2)) {
			random_refs(shape, unit, at);
		} else if (node->num_elems && !node_is_forward(node)) {
			node->elems[0].name ^= 1;
		}
	}
}

static void random_plan(const struct shape *shape, struct plan *plan)
{
	static const char *const paths[] = { "x/a.c", "x/b.c", "y/a.c", "b.c", NULL };

	plan->num = 1 + random_below(MAX_UNITS);
	for (int u = 0; u < plan->num; u++) {
		struct plan_unit *unit = &plan->units[u];

		if (u && random_below(4)) {
			*unit = plan->units[random_below(u)];
			change_unit(shape, unit);
		} else {
			random_unit(shape, unit);
		}
		unit->path = paths[random_below(5)];
	}
}

/* ---- the oracle ---- */

struct oracle {
	const struct plan *plan;
	int num; /* of all nodes, void apart */
	int unit[MAX_ALL];
	int node[MAX_ALL];
	int label[MAX_ALL];
	bool forward[MAX_ALL];
	int class_id[MAX_ALL];
	int block[MAX_ALL];
	int num_blocks;
	bool conflicted[MAX_UNITS];
	bool several[MAX_UNITS][NUM_LABELS]; /* definitions in the unit */
	int binding[MAX_UNITS][NUM_LABELS]; /* class, 0 open */
	int default_class[NUM_LABELS];
	int at[MAX_UNITS][MAX_NODES];
	bool holds[MAX_UNITS][MAX_ALL]; /* by class */
	int users[MAX_ALL]; /* by class */
};

static int oracle_at(const struct oracle *o, int unit, int node)
{
	return o->at[unit][node];
}

static const struct plan_node *oracle_node(const struct oracle *o, int i)
{
	return &o->plan->units[o->unit[i]].nodes[o->node[i]];
}

static bool same_fields(const struct plan_node *a, const struct plan_node *b)
{
	if (a->kind != b->kind || a->name != b->name || a->size != b->size ||
	    a->num_elems != b->num_elems || a->flags != b->flags)
		return false;
	for (int i = 0; i < a->num_elems; i++) {
		if (a->elems[i].name != b->elems[i].name || a->elems[i].value != b->elems[i].value)
			return false;
	}
	return true;
}

typedef int target_fn(const struct oracle *o, int i, int target_node);

/* Plain iterated refinement from equal fields; target gives a number for what a reference means. */
static int refine_all(struct oracle *o, int *block, target_fn *target)
{
	int next[MAX_ALL], num = 0, before = -1;

	for (int i = 1; i <= o->num; i++)
		block[i] = 0;
	while (num != before) {
		before = num;
		num = 0;
		for (int i = 1; i <= o->num; i++) {
			const struct plan_node *a = oracle_node(o, i);

			next[i] = 0;
			for (int k = 1; k < i && !next[i]; k++) {
				const struct plan_node *b = oracle_node(o, k);
				bool same = same_fields(a, b) && block[i] == block[k];

				if (same && node_has_ref(a->kind))
					same = target(o, i, a->ref) == target(o, k, b->ref);
				for (int e = 0;
				     same && elems_have_refs(a->kind) && e < a->num_elems; e++)
					same = target(o, i, a->elems[e].ref) ==
					       target(o, k, b->elems[e].ref);
				if (same)
					next[i] = next[k];
			}
			if (!next[i])
				next[i] = ++num;
		}
		for (int i = 1; i <= o->num; i++)
			block[i] = next[i];
	}
	return num;
}

static int class_target(const struct oracle *o, int i, int target_node)
{
	int t = target_node ? oracle_at(o, o->unit[i], target_node) : 0;

	if (!t)
		return 0;
	return o->label[t] ? -o->label[t] : o->class_id[t];
}

static void find_cycles(struct oracle *o)
{
	bool endless[MAX_ALL];

	for (int i = 1; i <= o->num; i++)
		endless[i] = !o->label[i];
	for (int rounds = 0; rounds < MAX_ALL; rounds++) {
		for (int i = 1; i <= o->num; i++) {
			const struct plan_node *node = oracle_node(o, i);
			bool goes_on = node_has_ref(node->kind) && node->ref &&
				       endless[oracle_at(o, o->unit[i], node->ref)];

			for (int e = 0; elems_have_refs(node->kind) && e < node->num_elems; e++)
				goes_on |= node->elems[e].ref &&
					   endless[oracle_at(o, o->unit[i], node->elems[e].ref)];
			endless[i] &= goes_on;
		}
	}
	for (int i = 1; i <= o->num; i++) {
		if (endless[i])
			o->label[i] = CYCLE;
	}
}

static bool oracle_holds(const struct oracle *o, int unit, int class_id)
{
	return o->holds[unit][class_id];
}

static int first_with_class(const struct oracle *o, int unit, int class_id)
{
	for (int i = 1; i <= o->num; i++) {
		if ((unit < 0 || o->unit[i] == unit) && o->class_id[i] == class_id)
			return i;
	}
	return 0;
}

static int num_users(const struct oracle *o, int class_id)
{
	return o->users[class_id];
}

/* More users, or first: nodes are numbered by unit and place. */
static bool more_used(const struct oracle *o, int a, int b)
{
	int users_a = num_users(o, a), users_b = num_users(o, b);

	if (users_a != users_b)
		return users_a > users_b;
	return first_with_class(o, -1, a) < first_with_class(o, -1, b);
}

static bool declares(const struct oracle *o, int unit, int label)
{
	for (int i = 1; i <= o->num; i++) {
		if (o->unit[i] == unit && o->label[i] == label && o->forward[i])
			return true;
	}
	return false;
}

/* Number of definitions of a label, in one unit or (-1) in all; *ret is the last one. */
static int num_definitions(const struct oracle *o, int unit, int label, int *ret)
{
	int num = 0;

	for (int i = 1; i <= o->num; i++) {
		if ((unit >= 0 && o->unit[i] != unit) || o->label[i] != label || o->forward[i])
			continue;
		if (first_with_class(o, unit, o->class_id[i]) != i)
			continue;
		num++;
		*ret = o->class_id[i];
	}
	return num;
}

/* Does the record of node i name the label, directly or through nodes without one? */
static bool refers(const struct oracle *o, int i, int label, int depth)
{
	const struct plan_node *node = oracle_node(o, i);
	int targets[MAX_ELEMS + 1], num = 0;

	if (node_has_ref(node->kind))
		targets[num++] = node->ref;
	for (int e = 0; elems_have_refs(node->kind) && e < node->num_elems; e++)
		targets[num++] = node->elems[e].ref;
	for (int k = 0; k < num; k++) {
		int t = targets[k] ? oracle_at(o, o->unit[i], targets[k]) : 0;

		if (!t)
			continue;
		if (o->label[t] == label ||
		    (!o->label[t] && depth < MAX_NODES && refers(o, t, label, depth + 1)))
			return true;
	}
	return false;
}

/* Evidence of users: what does it say for the unit? 0 if nothing. */
static int users_say(const struct oracle *o, int unit, int label)
{
	int best = 0, num_owners = 0, votes[MAX_ALL] = {};
	bool best_common = false;

	for (int i = 1; i <= o->num; i++) {
		bool said[MAX_ALL] = {}, any = false;

		if (o->unit[i] != unit || o->forward[i] ||
		    (!o->label[i] && oracle_node(o, i)->kind != GRAPH_LINK) ||
		    first_with_class(o, unit, o->class_id[i]) != i || !refers(o, i, label, 0))
			continue;
		for (int v = 0; v < o->plan->num; v++) {
			if (o->binding[v][label] && oracle_holds(o, v, o->class_id[i]))
				any = said[o->binding[v][label]] = true;
		}
		num_owners += any;
		for (int c = 1; c < MAX_ALL; c++)
			votes[c] += said[c];
	}
	for (int c = 1; c < MAX_ALL; c++) {
		bool common = votes[c] == num_owners;

		if (votes[c] && (!best || common > best_common ||
				 (common == best_common && more_used(o, c, best)))) {
			best = c;
			best_common = common;
		}
	}
	return best;
}

static int directory_says(const struct oracle *o, int unit, int label)
{
	const char *path = o->plan->units[unit].path;
	int found = 0;

	for (int v = 0; path && v < o->plan->num; v++) {
		const char *other = o->plan->units[v].path;
		int own;

		/* The directories of the plans have one letter, or none. */
		if (!other || (path[1] == '/') != (other[1] == '/') ||
		    (path[1] == '/' && path[0] != other[0]))
			continue;
		if (num_definitions(o, v, label, &own) != 1)
			continue;
		if (found && found != own)
			return 0;
		found = own;
	}
	return found;
}

/* Several definitions that nothing in the unit refers to: it has no say, and no question. */
static bool is_out_of_it(const struct oracle *o, int unit, int label)
{
	return o->several[unit][label] && !o->conflicted[unit];
}

static bool decide_round(struct oracle *o, int label,
			 int (*say)(const struct oracle *o, int unit, int label))
{
	int said[MAX_UNITS] = {};
	bool changed = false;

	for (int u = 0; u < o->plan->num; u++) {
		if (!o->binding[u][label] && declares(o, u, label) && !is_out_of_it(o, u, label))
			said[u] = say(o, u, label);
	}
	for (int u = 0; u < o->plan->num; u++) {
		if (said[u]) {
			o->binding[u][label] = said[u];
			changed = true;
		}
	}
	return changed;
}

static bool is_referred_to(const struct oracle *o, int unit, int label)
{
	for (int i = 1; i <= o->num; i++) {
		const struct plan_node *node = oracle_node(o, i);

		if (o->unit[i] != unit)
			continue;
		if (node_has_ref(node->kind) && node->ref &&
		    o->label[oracle_at(o, unit, node->ref)] == label)
			return true;
		for (int e = 0; elems_have_refs(node->kind) && e < node->num_elems; e++) {
			if (node->elems[e].ref &&
			    o->label[oracle_at(o, unit, node->elems[e].ref)] == label)
				return true;
		}
	}
	return false;
}

static void find_own(struct oracle *o, int label)
{
	int only = 0, num = num_definitions(o, -1, label, &only);

	for (int u = 0; u < o->plan->num; u++) {
		int own = 0, num_own = num_definitions(o, u, label, &own);

		if (num_own == 1)
			o->binding[u][label] = own;
		o->several[u][label] = num_own > 1;
		if (num_own > 1 && is_referred_to(o, u, label))
			o->conflicted[u] = true;
		if (num == 1)
			o->binding[u][label] = only;
	}
}

static void decide_label(struct oracle *o, int label)
{
	int best = 0, only, num = num_definitions(o, -1, label, &only);

	if (num > 1) {
		while (decide_round(o, label, users_say))
			;
		decide_round(o, label, directory_says);
		while (decide_round(o, label, users_say))
			;
	}
	for (int c = 1; c < MAX_ALL; c++) {
		int i = first_with_class(o, -1, c);

		if (i && o->label[i] == label && !o->forward[i] && (!best || more_used(o, c, best)))
			best = c;
	}
	o->default_class[label] = best;
}

static bool mentions(const struct oracle *o, int unit, int label)
{
	int own;

	return !is_out_of_it(o, unit, label) &&
	       (declares(o, unit, label) || num_definitions(o, unit, label, &own));
}

/* After all labels are decided and conflicts are known. */
static void choose_default(struct oracle *o, int label)
{
	int counts[MAX_ALL] = {}, best = o->default_class[label], only;

	if (num_definitions(o, -1, label, &only) < 2)
		return;
	for (int u = 0; u < o->plan->num; u++) {
		if (!o->conflicted[u] && mentions(o, u, label))
			counts[o->binding[u][label]]++;
	}
	for (int c = 1; c < MAX_ALL; c++) {
		if (counts[c] > counts[best] ||
		    (c != best && counts[c] && counts[c] == counts[best] && more_used(o, c, best)))
			best = c;
	}
	o->default_class[label] = counts[0] > counts[best] ? 0 : best;
}

static int deviations(const struct oracle *o, int unit)
{
	int num = 0, only;

	if (o->conflicted[unit])
		return 1000;
	for (int label = 1; label < NUM_LABELS; label++)
		num += num_definitions(o, -1, label, &only) > 1 && mentions(o, unit, label) &&
		       o->binding[unit][label] != o->default_class[label];
	return num;
}

static int provider(const struct oracle *o, int class_id)
{
	int best = -1;

	for (int u = 0; u < o->plan->num; u++) {
		if (oracle_holds(o, u, class_id) &&
		    (best < 0 || deviations(o, u) < deviations(o, best)))
			best = u;
	}
	return best;
}

/* The node that a declaration means; 0 if it stays one. */
static int meaning(const struct oracle *o, int i)
{
	int class_id = o->binding[o->unit[i]][o->label[i]];

	if (is_out_of_it(o, o->unit[i], o->label[i]))
		class_id = o->default_class[o->label[i]];
	if (!class_id)
		return 0;
	if (oracle_holds(o, o->unit[i], class_id))
		return first_with_class(o, o->unit[i], class_id);
	return first_with_class(o, provider(o, class_id), class_id);
}

static int meanings[MAX_ALL];

static int block_target(const struct oracle *o, int i, int target_node)
{
	int t = target_node ? oracle_at(o, o->unit[i], target_node) : 0;

	if (!t)
		return 0;
	if (o->forward[t])
		return meanings[t] ? o->block[meanings[t]] : -o->label[t];
	return o->block[t];
}

static void oracle_run(struct oracle *o, const struct plan *plan)
{
	memset(o, 0, sizeof(*o));
	o->plan = plan;
	for (int u = 0; u < plan->num; u++) {
		for (int n = 1; n < plan->units[u].num; n++) {
			int i = ++o->num;

			o->at[u][n] = i;
			o->unit[i] = u;
			o->node[i] = n;
			o->label[i] = node_label(oracle_node(o, i));
			o->forward[i] = node_is_forward(oracle_node(o, i));
		}
	}
	find_cycles(o);
	refine_all(o, o->class_id, class_target);
	for (int i = 1; i <= o->num; i++) {
		bool *holds = &o->holds[o->unit[i]][o->class_id[i]];

		o->users[o->class_id[i]] += !*holds;
		*holds = true;
	}
	for (int label = 1; label < NUM_LABELS; label++)
		find_own(o, label);
	for (int label = 1; label < NUM_LABELS; label++)
		decide_label(o, label);
	for (int label = 1; label < NUM_LABELS; label++)
		choose_default(o, label);
	for (int i = 1; i <= o->num; i++)
		meanings[i] = o->forward[i] ? meaning(o, i) : 0;
	o->num_blocks = refine_all(o, o->block, block_target);
}

/* ---- the store ---- */

struct run {
	struct type_store *store;
	struct unit_type handles[MAX_UNITS][MAX_NODES];
};

static struct str_id name_id(struct type_store *store, unsigned int worker, int name)
{
	char text[2] = { 'a' + name - 1 };
	struct str_id id;

	assert_true(type_store_intern_string(store, worker, text, name != 0, &id));
	return id;
}

static void fill_graph(struct type_store *store, unsigned int worker, const struct plan_unit *unit,
		       struct unit_graph *graph)
{
	assert_true(graph_reset(graph));
	for (int n = 1; n < unit->num; n++) {
		const struct plan_node *from = &unit->nodes[n];
		struct graph_node node = {
			.kind = from->kind,
			.name = name_id(store, worker, from->name),
			.size = from->size,
			.ref = { from->ref },
			.first_elem = graph->elems.num,
			.num_elems = from->num_elems,
			.key = n / 2,
		};

		for (int e = 0; e < from->num_elems; e++)
			assert_true(vec_push(
				&graph->elems,
				(struct graph_elem){
					.name = name_id(store, worker, from->elems[e].name),
					.ref = { from->elems[e].ref },
					.value = from->elems[e].value,
				}));
		assert_int_equal(graph_add(graph, node).v, n);
	}
}

static struct run run_store(const struct plan *plan, const int *order, unsigned int num_workers,
			    bool force_collisions)
{
	struct type_store_options options = {
		.num_workers = num_workers,
		.num_units = plan->num,
		.force_collisions = force_collisions,
	};
	struct unit_graph graph = {};
	struct run run;

	assert_null(type_store_create(&options, &run.store));
	for (int i = 0; i < plan->num; i++) {
		int u = order ? order[i] : i;
		unsigned int worker = random_below(num_workers);

		fill_graph(run.store, worker, &plan->units[u], &graph);
		assert_null(type_store_add_unit(run.store, worker, u, plan->units[u].path, &graph));
		for (int n = 0; n < plan->units[u].num; n++)
			run.handles[u][n] = type_store_handle(&graph, (struct node_id){ n });
	}
	graph_deinit(&graph);
	assert_null(type_store_settle(run.store, NULL));
	return run;
}

static uint32_t resolved(const struct run *run, int unit, int node)
{
	return type_store_resolve(run->store, unit, run->handles[unit][node]).v;
}

/* Does the type say what the node says, with references resolved in the node's unit? */
static bool type_is_node(const struct run *run, const struct plan_node *node, int unit, uint32_t id)
{
	const struct settled_type *type = type_store_type(run->store, (struct type_id){ id });

	if (type->kind != node->kind || type->size != node->size ||
	    type->name.v != name_id(run->store, 0, node->name).v ||
	    (int)type->num_elems != node->num_elems ||
	    type->ref.v != (node_has_ref(node->kind) ? resolved(run, unit, node->ref) : 0))
		return false;
	for (int e = 0; e < node->num_elems; e++) {
		const struct settled_elem *elem = &type->elems[e];

		if (elem->name.v != name_id(run->store, 0, node->elems[e].name).v ||
		    elem->value != (uint64_t)node->elems[e].value ||
		    elem->type.v != (elems_have_refs(node->kind)
					     ? resolved(run, unit, node->elems[e].ref)
					     : 0))
			return false;
	}
	return true;
}

static void fail_seed(uint64_t seed, const char *what)
{
	fail_msg("seed %" PRIu64 ": %s", seed, what);
}

static void compare_with_oracle(const struct run *run, const struct oracle *o, uint64_t seed)
{
	uint32_t block_type[MAX_ALL] = {}, num_types = 0;
	uint32_t forward_type[NUM_LABELS] = {};
	bool referred[NUM_LABELS] = {};
	bool type_seen[MAX_ALL] = {};

	for (int i = 1; i <= o->num; i++) {
		uint32_t id = resolved(run, o->unit[i], o->node[i]);
		const struct plan_node *node = oracle_node(o, i);
		int t;

		if (id >= type_store_num_types(run->store))
			fail_seed(seed, "type out of range");
		if (o->forward[i])
			continue;
		if (node->kind == GRAPH_LINK) {
			if (id)
				fail_seed(seed, "an external function is a type");
			continue;
		}
		if (!id)
			fail_seed(seed, "definition without a type");
		if (!block_type[o->block[i]]) {
			if (type_seen[id])
				fail_seed(seed, "two blocks are one type");
			block_type[o->block[i]] = id;
			type_seen[id] = true;
			num_types++;
		}
		if (block_type[o->block[i]] != id)
			fail_seed(seed, "one block is two types");
		if (!type_is_node(run, node, o->unit[i], id))
			fail_seed(seed, "type differs from its node");
		if (node_has_ref(node->kind) && node->ref) {
			t = oracle_at(o, o->unit[i], node->ref);
			referred[o->label[t]] |= o->forward[t] && !meanings[t];
		}
		for (int e = 0; elems_have_refs(node->kind) && e < node->num_elems; e++) {
			t = oracle_at(o, o->unit[i], node->elems[e].ref);
			referred[o->label[t]] |= t && o->forward[t] && !meanings[t];
		}
	}
	for (int i = 1; i <= o->num; i++) {
		uint32_t id = resolved(run, o->unit[i], o->node[i]);
		int label = o->label[i], only;

		if (!o->forward[i])
			continue;
		if (meanings[i]) {
			if (id != block_type[o->block[meanings[i]]])
				fail_seed(seed, "declaration means something else");
			continue;
		}
		if (!num_definitions(o, -1, label, &only) || referred[label]) {
			if (!id || (forward_type[label] && forward_type[label] != id))
				fail_seed(seed, "declaration has no type, or several");
			num_types += !forward_type[label];
			forward_type[label] = id;
			if (type_store_type(run->store, (struct type_id){ id })->kind !=
			    oracle_node(o, i)->kind)
				fail_seed(seed, "declaration is of another kind");
		} else if (id) {
			fail_seed(seed, "declaration that nothing refers to is kept");
		}
	}
	if (num_types + 1 != type_store_num_types(run->store))
		fail_seed(seed, "more types than blocks");
}

/* Types with users and places, and doubles: all that may be seen. */
static char *full_dump(const struct type_store *store)
{
	char *types = text_of_store(store), *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "%s\n", types);
	free(types);
	for (uint32_t i = 1; i < type_store_num_types(store); i++) {
		const struct settled_type *type = type_store_type(store, (struct type_id){ i });

		fprintf(out, "%u:%u:%" PRIu64 " ", type->num_users, type->first_unit,
			type->first_key);
	}
	for (size_t i = 0; i < type_store_num_doubles(store); i++) {
		const struct type_store_double *d = &type_store_doubles(store)[i];

		fprintf(out, "\n%u %s %u %d %u:%" PRIu64, d->kind,
			type_store_string(store, d->name), d->num_definitions, d->forward_left,
			d->first_unit, d->first_key);
	}
	fclose(out);
	return text;
}

static void shuffle(int *order, int num)
{
	for (int i = 0; i < num; i++)
		order[i] = i;
	for (int i = num - 1; i > 0; i--) {
		int k = random_below(i + 1), kept = order[i];

		order[i] = order[k];
		order[k] = kept;
	}
}

/* The settled types as one unit. */
static void feed_back(const struct type_store *from, struct type_store *to,
		      struct unit_graph *graph)
{
	assert_true(graph_reset(graph));
	for (uint32_t i = 1; i < type_store_num_types(from); i++) {
		const struct settled_type *type = type_store_type(from, (struct type_id){ i });
		const char *name = type_store_string(from, type->name);
		struct graph_node node = {
			.kind = type->kind,
			.flags = type->flags,
			.encoding = type->encoding,
			.ref = { type->ref.v },
			.size = type->size,
			.num_elems = type->num_elems,
			.first_elem = graph->elems.num,
			.key = i,
		};

		assert_true(type_store_intern_string(to, 0, name, strlen(name), &node.name));
		for (uint32_t e = 0; e < type->num_elems; e++) {
			const struct settled_elem *elem = &type->elems[e];
			struct graph_elem copy = {
				.ref = { elem->type.v },
				.value = elem->value,
				.bit_size = elem->bit_size,
			};

			name = type_store_string(from, elem->name);
			assert_true(
				type_store_intern_string(to, 0, name, strlen(name), &copy.name));
			assert_true(vec_push(&graph->elems, copy));
		}
		assert_int_equal(graph_add(graph, node).v, i);
	}
}

static void check_idempotence(const struct type_store *store, uint64_t seed)
{
	struct type_store_options options = { .num_workers = 1, .num_units = 1 };
	struct unit_graph graph = {};
	struct type_store *again;

	assert_null(type_store_create(&options, &again));
	feed_back(store, again, &graph);
	assert_null(type_store_add_unit(again, 0, 0, NULL, &graph));
	assert_null(type_store_settle(again, NULL));
	if (type_store_num_types(again) != type_store_num_types(store))
		fail_seed(seed, "settling the result changes it");
	for (uint32_t i = 1; i < type_store_num_types(store); i++) {
		struct unit_type handle = type_store_handle(&graph, (struct node_id){ i });

		if (!type_store_resolve(again, 0, handle).v)
			fail_seed(seed, "a type of the result is gone");
	}
	graph_deinit(&graph);
	type_store_destroy(again);
}

static void check_plans(const struct shape *shape, uint64_t first_seed, int num_plans)
{
	static struct plan plan;
	static struct oracle oracle;

	for (uint64_t seed = first_seed; seed < first_seed + num_plans; seed++) {
		struct run run;
		char *dump;

		random_state = seed * 1000003;
		random_plan(shape, &plan);
		oracle_run(&oracle, &plan);
		run = run_store(&plan, NULL, 1, seed % 4 == 0);
		compare_with_oracle(&run, &oracle, seed);
		check_idempotence(run.store, seed);
		dump = full_dump(run.store);
		type_store_destroy(run.store);
		for (int again = 0; again < 2; again++) {
			int order[MAX_UNITS];
			char *other;

			shuffle(order, plan.num);
			run = run_store(&plan, order, 1 + random_below(4), random_below(2));
			other = full_dump(run.store);
			if (strcmp(dump, other) != 0)
				fail_msg("seed %" PRIu64 ": order matters\n%s\n%s", seed, dump,
					 other);
			free(other);
			type_store_destroy(run.store);
		}
		free(dump);
	}
}

static int num_plans(int usual)
{
	const char *factor = getenv("BTFGEN_TEST_FACTOR");

	return usual * (factor ? atoi(factor) : 1);
}

static void definitions_only(void **state)
{
	(void)state;
	check_plans(&(struct shape){}, 1, num_plans(3000));
}

static void bare_cycles(void **state)
{
	(void)state;
	check_plans(&(struct shape){ .bare_cycles = true }, 1000001, num_plans(3000));
}

static void forward_declarations(void **state)
{
	(void)state;
	check_plans(&(struct shape){ .forwards = true }, 2000001, num_plans(5000));
}

static void forward_declarations_and_bare_cycles(void **state)
{
	(void)state;
	check_plans(&(struct shape){ .forwards = true, .bare_cycles = true }, 3000001,
		    num_plans(3000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions_only),
		cmocka_unit_test(bare_cycles),
		cmocka_unit_test(forward_declarations),
		cmocka_unit_test(forward_declarations_and_bare_cycles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
