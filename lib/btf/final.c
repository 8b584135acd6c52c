// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Settling, last part: the types in their final order, with references between them.
 *
 * A *draft* is a type before it has an id: a class that means the same everywhere, a part of a
 * class that does not, or a declaration that stays. No two classes occur first at one place, and no
 * two parts of a class have one rank, so that sorting by (name, kind, users, first place, rank) is
 * total.
 *
 * By place alone (type_store_options.by_place) most types of a module are put in order, of which a
 * base has all but a few: those few are sorted by order.c once they are known.
 *
 * A declaration stays if its name has no definition, or if the name is ambiguous, the unit's
 * meaning was left open, and a type refers to it.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/btf/contexts.h"
#include "lib/btf/order.h"

enum { DEFAULT_ENUM_SIZE = 4 };

struct draft {
	uint64_t name_prefix;  /* first bytes as a big-endian number */
	const char *name;      /* as sorted; "" for no name */
	uint64_t rank;	       /* of the part among those of its class */
	struct occurrence use; /* users are the part's own, the place is the class's */
	uint32_t class_id;
	uint32_t part;	  /* of the class, or 0 */
	uint32_t forward; /* label of a declaration, or 0 */
	uint8_t kind;
};

struct finish {
	struct settle *settle;
	struct type_store *store;
	struct draft *drafts;
	uint32_t num_drafts;
	uint32_t *order; /* drafts as they are numbered, by place; NULL: as they stand */
};

static int draft_compare(const void *pa, const void *pb)
{
	const struct draft *a = pa, *b = pb;

	if (a->name_prefix != b->name_prefix)
		return a->name_prefix < b->name_prefix ? -1 : 1;
	if (a->name != b->name) {
		int order = strcmp(a->name, b->name);

		if (order)
			return order;
	}
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->class_id != b->class_id)
		return occurs_more(&a->use, &b->use) ? -1 : occurs_more(&b->use, &a->use);
	if (a->use.num_users != b->use.num_users)
		return a->use.num_users > b->use.num_users ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static void draft_add(struct finish *finish, struct draft draft, struct str_id name)
{
	if (!finish->store->by_place) {
		draft.name = final_name(finish->store, draft.kind, name);
		draft.name_prefix = name_prefix(draft.name);
	}
	finish->drafts[finish->num_drafts++] = draft;
}

/* Units that leave an ambiguous name open; the place is that of its first declaration anywhere. */
static uint32_t count_open(const struct settle *settle, const struct label *label)
{
	const struct contexts *contexts = settle->contexts;
	const struct ambiguous *ambiguous = &contexts->ambiguous[label->ambiguous - 1];
	uint32_t num = 0;

	for (uint32_t i = 0; i < ambiguous->num_bindings; i++) {
		const struct binding *binding =
			&contexts->bindings.data[ambiguous->first_binding + i];

		num += binding->has_forward && !binding->class_id;
	}
	return num;
}

/*
 * An enum that is declared with several sizes is several classes, and a unit may hold some of them.
 */
static bool count_declarers(const struct settle *settle, const struct label *label,
			    uint32_t *ret_num)
{
	bool *counted = calloc(settle->num_classes, sizeof(*counted));
	uint32_t num = 0;

	if (!counted)
		return false;
	for (uint32_t k = 0; k < label->num_forwards; k++)
		counted[label_forwards(settle, label)[k]] = true;
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		const struct store_unit *unit = &settle->store->units[u];
		const uint8_t *list = unit->class_ids;
		uint32_t class_id = 0;

		for (uint32_t i = 0; i < unit->num_classes; i++) {
			class_id = unit_next_class(&list, class_id);
			if (counted[class_id]) {
				num++;
				break;
			}
		}
	}
	free(counted);
	*ret_num = num;
	return true;
}

/* Ambiguous names whose declaration a part refers to: marked by a forward_type. */
static void find_forwards_left(struct settle *settle)
{
	const struct contexts *contexts = settle->contexts;

	for (uint32_t p = 1; contexts && p < contexts->num_parts; p++) {
		const struct instance *instance =
			&contexts->instances.data[contexts->parts[p].instance];
		const struct record *record = settle_record(settle, instance->class_id);

		if (record->kind == GRAPH_LINK)
			continue;
		for (uint32_t edge = 0; edge <= record->num_elems; edge++) {
			uint32_t ref = record_ref(record, edge);
			struct target target;

			if (!ref)
				continue;
			target = contexts_edge_target(contexts, instance, edge, ref);
			if (target.kind == TARGET_FORWARD)
				settle->labels[target.index].forward_type = UINT32_MAX;
		}
	}
}

static bool draft_all(struct finish *finish)
{
	struct settle *settle = finish->settle;
	const struct contexts *contexts = settle->contexts;
	size_t max_drafts = (size_t)settle->num_classes + settle->num_labels +
			    (contexts ? contexts->num_parts : 0);

	finish->drafts = malloc(max_drafts * sizeof(*finish->drafts));
	if (!finish->drafts)
		return false;
	for (uint32_t c = 1; c < settle->num_classes; c++) {
		const struct record *record = settle_record(settle, c);
		struct draft draft = { .use = settle->uses[c],
				       .class_id = c,
				       .kind = record->kind };

		if (!kind_infos[record->kind].is_forward && record->kind != GRAPH_LINK &&
		    !contexts_split_class(contexts, c))
			draft_add(finish, draft, (struct str_id){ record->name });
	}
	for (uint32_t p = 1; contexts && p < contexts->num_parts; p++) {
		const struct part *part = &contexts->parts[p];
		uint32_t c = contexts->instances.data[part->instance].class_id;
		const struct record *record = settle_record(settle, c);
		struct draft draft = { .use = settle->uses[c],
				       .class_id = c,
				       .part = p,
				       .rank = part->rank,
				       .kind = record->kind };

		draft.use.num_users = part->num_users;
		if (record->kind != GRAPH_LINK)
			draft_add(finish, draft, (struct str_id){ record->name });
	}
	find_forwards_left(settle);
	for (uint32_t i = 1; i < settle->num_labels; i++) {
		const struct label *label = &settle->labels[i];
		const uint32_t *forwards = label_forwards(settle, label);
		struct draft draft = { .forward = i };

		if (label->num_definitions && !label->forward_type)
			continue;
		draft.class_id = forwards[0];
		for (uint32_t k = 1; k < label->num_forwards; k++) {
			if (occurs_before(&settle->uses[forwards[k]],
					  &settle->uses[draft.class_id]))
				draft.class_id = forwards[k];
		}
		draft.use = settle->uses[draft.class_id];
		draft.kind = settle_record(settle, draft.class_id)->kind;
		if (label->ambiguous)
			draft.use.num_users = count_open(settle, label);
		else if (label->num_forwards > 1 &&
			 !count_declarers(settle, label, &draft.use.num_users))
			return false;
		draft_add(finish, draft, label_name(label->ref));
	}
	return true;
}

/* The draft that becomes type @i + 1. */
static const struct draft *draft_at(const struct finish *finish, uint32_t i)
{
	return &finish->drafts[finish->order ? finish->order[i] : i];
}

/* The type of a draft is its place behind void. */
static bool number_drafts(struct finish *finish)
{
	struct settle *settle = finish->settle;
	struct contexts *contexts = settle->contexts;

	settle->class_type = calloc(settle->num_classes, sizeof(*settle->class_type));
	if (!settle->class_type)
		return false;
	if (contexts) {
		contexts->part_type = calloc(contexts->num_parts, sizeof(*contexts->part_type));
		if (!contexts->part_type)
			return false;
	}
	for (uint32_t i = 0; i < finish->num_drafts; i++) {
		const struct draft *draft = draft_at(finish, i);

		if (draft->forward)
			settle->labels[draft->forward].forward_type = i + 1;
		else if (draft->part)
			contexts->part_type[draft->part] = i + 1;
		else
			settle->class_type[draft->class_id] = i + 1;
	}
	return true;
}

static struct type_id target_type(const struct settle *settle, struct target target)
{
	const struct contexts *contexts = settle->contexts;

	switch (target.kind) {
	case TARGET_CLASS:
		return (struct type_id){ settle->class_type[target.index] };
	case TARGET_INSTANCE:
		return (struct type_id){
			contexts->part_type[contexts->instances.data[target.index].part]
		};
	case TARGET_FORWARD:
		return (struct type_id){ settle->labels[target.index].forward_type };
	case TARGET_VOID:
		break;
	}
	return (struct type_id){ 0 };
}

struct type_id settle_class_type(const struct settle *settle, uint32_t unit, uint32_t class_id)
{
	if (!contexts_split_class(settle->contexts, class_id))
		return (struct type_id){ settle->class_type[class_id] };
	return target_type(settle, contexts_class_target(settle->contexts, unit, class_id));
}

struct type_id settle_label_type(const struct settle *settle, uint32_t unit,
				 const struct label *label)
{
	if (settle->contexts)
		return target_type(settle, contexts_label_target(settle->contexts, unit,
								 label - settle->labels));
	if (!label->num_definitions)
		return (struct type_id){ label->forward_type };
	return (struct type_id){ settle->class_type[label_definitions(settle, label)[0]] };
}

static struct type_id edge_type(const struct settle *settle, const struct draft *draft,
				uint32_t edge, uint32_t ref)
{
	const struct contexts *contexts = settle->contexts;
	const struct instance *instance;

	if (!ref)
		return (struct type_id){ 0 };
	if (draft->part) {
		instance = &contexts->instances.data[contexts->parts[draft->part].instance];
		return target_type(settle, contexts_edge_target(contexts, instance, edge, ref));
	}
	if (ref_is_label(ref))
		return settle_label_type(settle, NO_UNIT,
					 &settle->labels[settle_label(settle, ref)]);
	return (struct type_id){ settle->class_type[ref] };
}

static bool fill_definition(struct finish *finish, const struct draft *draft,
			    struct settled_type *type)
{
	const struct settle *settle = finish->settle;
	const struct record *record = settle_record(settle, draft->class_id);
	struct settled_elem *elems = NULL;

	if (record->num_elems) {
		elems = arena_alloc(&finish->store->settled, record->num_elems * sizeof(*elems),
				    _Alignof(struct settled_elem));
		if (!elems)
			return false;
	}
	for (uint32_t i = 0; i < record->num_elems; i++) {
		const struct record_elem *elem = &record->elems[i];

		elems[i] = (struct settled_elem){
			.name = { elem->name },
			.type = edge_type(settle, draft, i + 1, elem->ref),
			.value = (uint64_t)elem->value_high << 32 | elem->value_low,
			.bit_size = elem->bit_size,
		};
	}
	*type = (struct settled_type){
		.kind = record->kind,
		.flags = record->flags,
		.encoding = record->encoding,
		.name = { record->name },
		.ref = edge_type(settle, draft, 0, record->ref),
		.size = record->size,
		.num_elems = record->num_elems,
		.elems = elems,
	};
	return true;
}

static void fill_forward(const struct settle *settle, const struct draft *draft,
			 struct settled_type *type)
{
	const struct label *label = &settle->labels[draft->forward];

	*type = (struct settled_type){ .kind = draft->kind, .name = label_name(label->ref) };
	if (draft->kind == GRAPH_FWD_ENUM)
		type->size = label->forward_size ? label->forward_size : DEFAULT_ENUM_SIZE;
}

static bool fill_types(struct finish *finish)
{
	struct type_store *store = finish->store;

	store->types = calloc((size_t)finish->num_drafts + 1, sizeof(*store->types));
	if (!store->types)
		return false;
	for (uint32_t i = 0; i < finish->num_drafts; i++) {
		const struct draft *draft = draft_at(finish, i);
		struct settled_type *type = &store->types[i + 1];

		if (draft->forward)
			fill_forward(finish->settle, draft, type);
		else if (!fill_definition(finish, draft, type))
			return false;
		type->num_users = draft->use.num_users;
		type->first_unit = draft->use.first_unit;
		type->first_key = draft->use.first_key;
	}
	store->num_types = finish->num_drafts + 1;
	store->num_settled = store->num_types;
	store->types_cap = store->num_types;
	return true;
}

/* Graphs of conflicted units go after settling; their types stay. */
static void resolve_nodes(const struct settle *settle)
{
	for (uint32_t u = 0; u < settle->store->num_units; u++) {
		struct unit_nodes *nodes = settle->store->units[u].nodes;

		for (uint32_t n = 1; nodes && n < nodes->num_nodes; n++)
			nodes->types[n] =
				target_type(settle, contexts_node_target(settle->contexts, u, n));
	}
}

static int compare_doubles(const void *pa, const void *pb, void *ctx)
{
	const struct type_store_double *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(type_store_string(ctx, a->name), type_store_string(ctx, b->name));
}

/* Names that more than one type has, of the same tag class. */
static bool list_doubles(struct finish *finish)
{
	static const uint8_t kinds[NUM_TAG_CLASSES] = {
		[TAG_STRUCT] = GRAPH_STRUCT,
		[TAG_UNION] = GRAPH_UNION,
		[TAG_ENUM] = GRAPH_ENUM,
		[TAG_TYPEDEF] = GRAPH_TYPEDEF,
	};
	const struct settle *settle = finish->settle;
	struct type_store *store = finish->store;
	uint32_t *counts = calloc(settle->num_labels, sizeof(*counts));
	struct occurrence *firsts = calloc(settle->num_labels, sizeof(*firsts));
	VEC(struct type_store_double) doubles = {};
	bool ok = false;

	if (!counts || !firsts)
		goto out;
	for (uint32_t i = 0; i < finish->num_drafts; i++) {
		const struct draft *draft = &finish->drafts[i];
		uint32_t label = settle->class_label[draft->class_id];

		if (draft->forward || !label)
			continue;
		if (!counts[label]++ || occurs_before(&draft->use, &firsts[label]))
			firsts[label] = draft->use;
	}
	for (uint32_t i = 1; i < settle->num_labels; i++) {
		const struct label *label = &settle->labels[i];
		struct type_store_double item = {
			.kind = kinds[label_tag(label->ref)],
			.name = label_name(label->ref),
			.num_definitions = counts[i],
			.forward_left = label->forward_type != 0,
			.first_unit = firsts[i].first_unit,
			.first_key = firsts[i].first_key,
		};

		if (label->ref != REF_CYCLE && counts[i] && counts[i] + item.forward_left > 1 &&
		    !vec_push(&doubles, item))
			goto out;
	}
	if (doubles.num)
		qsort_r(doubles.data, doubles.num, sizeof(doubles.data[0]), compare_doubles, store);
	store->doubles = doubles.data;
	store->num_doubles = doubles.num;
	doubles.data = NULL;
	ok = true;
out:
	free(counts);
	free(firsts);
	vec_deinit(&doubles);
	return ok;
}

/* Drafts by place. */

/* Parts of one class are at one place. */
static int part_compare(const void *pa, const void *pb, void *ctx)
{
	const struct draft *drafts = ctx;
	const struct draft *a = &drafts[*(const uint32_t *)pa], *b = &drafts[*(const uint32_t *)pb];

	if (a->use.num_users != b->use.num_users)
		return a->use.num_users > b->use.num_users ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static inline uint64_t draft_place(const struct draft *draft)
{
	return (uint64_t)draft->use.first_unit << 32 | draft->use.first_node;
}

static bool sort_by_place(struct finish *finish)
{
	uint32_t num = finish->num_drafts, end;
	struct place *places = malloc(2 * (size_t)num * sizeof(*places));
	const struct place *in_order;

	finish->order = malloc((size_t)num * sizeof(*finish->order));
	if (!places || !finish->order) {
		free(places);
		return false;
	}
	for (uint32_t i = 0; i < num; i++)
		places[i] = (struct place){ draft_place(&finish->drafts[i]), i };
	in_order = places_sort(places, places + num, num);
	for (uint32_t i = 0; i < num; i++)
		finish->order[i] = in_order[i].index;
	for (uint32_t start = 0; start < num; start = end) {
		for (end = start + 1; end < num && in_order[end].key == in_order[start].key; end++)
			;
		if (end - start > 1)
			qsort_r(&finish->order[start], end - start, sizeof(*finish->order),
				part_compare, finish->drafts);
	}
	free(places);
	return true;
}

static bool sort_drafts(struct finish *finish)
{
	if (!finish->num_drafts)
		return true;
	if (finish->store->by_place)
		return sort_by_place(finish);
	qsort(finish->drafts, finish->num_drafts, sizeof(finish->drafts[0]), draft_compare);
	return true;
}

bool settle_finish(struct settle *settle, struct type_store *store)
{
	struct finish finish = { .settle = settle, .store = store };
	bool ok = draft_all(&finish) && sort_drafts(&finish);

	ok = ok && number_drafts(&finish) && fill_types(&finish) && list_doubles(&finish);
	if (ok)
		resolve_nodes(settle);
	free(finish.order);
	free(finish.drafts);
	return ok;
}
