// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Final numbers of all records.
 *
 * The store's types come sorted by name, but for some that were added late. These, variables,
 * functions, sections and tags go into a list of their own, which is sorted; final ids are one
 * merge of the two. Functions come sorted as a rule and are not sorted again. What the writer makes
 * one (equal functions, equal tags) is made so before there are ids.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf/base.h"
#include "lib/btf/format.h"
#include "lib/btf/layout_internal.h"
#include "lib/btf/match.h"
#include "lib/btf/order.h"

/* What is merged into the store's types. */
struct merge_item {
	uint64_t name_prefix; /* first bytes as a big-endian number */
	const char *name;
	uint32_t index;
	uint8_t source; /* enum record_source */
};

/* In func_ids until there are ids: the rest is an id of the base. */
#define FUNC_IN_BASE 0x80000000u

struct merge_list {
	struct merge_item *items;
	uint32_t num;
};

static int compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* The type that stands for @id: equal types may have become one. */
static uint32_t type_index(const struct type_store *store, struct type_id id)
{
	const struct settled_type *type = type_store_type(store, id);

	return type->kind == GRAPH_ALIAS ? type->ref.v : id.v;
}

/* By prototype and linkage: 0 if the two are one function. */
static int func_compare(const struct btf_layout *layout, uint32_t a, uint32_t b)
{
	const struct layout_func *fa = &layout->input.funcs[a], *fb = &layout->input.funcs[b];
	int order = compare_u32(type_index(layout->input.store, fa->proto),
				type_index(layout->input.store, fb->proto));

	return order ? order : compare_u32(fa->linkage, fb->linkage);
}

/* The lowest index of an equal type or function: what a tag is about, before there are ids. */
static uint32_t tag_index(const struct btf_layout *layout, const struct layout_tag *tag)
{
	if (tag->target == TAG_OF_TYPE)
		return type_index(layout->input.store, (struct type_id){ tag->index });
	return tag->target == TAG_OF_FUNC ? layout->func_ids[tag->index] : tag->index;
}

/* 0 if the two tags, of one text, are one tag. */
static int tag_compare(const struct btf_layout *layout, uint32_t a, uint32_t b)
{
	const struct layout_tag *ta = &layout->input.tags[a], *tb = &layout->input.tags[b];
	int order = compare_u32(ta->target, tb->target);

	if (!order)
		order = compare_u32(tag_index(layout, ta), tag_index(layout, tb));
	if (!order)
		order = compare_u32(ta->component, tb->component);
	return order ? order : (int)ta->is_attribute - (int)tb->is_attribute;
}

static int merge_item_compare(const void *pa, const void *pb, void *ctx)
{
	const struct merge_item *a = pa, *b = pb;
	int order;

	if (a->name_prefix != b->name_prefix)
		return a->name_prefix < b->name_prefix ? -1 : 1;
	order = a->name == b->name ? 0 : strcmp(a->name, b->name);
	if (order)
		return order;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->source == RECORD_FUNC)
		order = func_compare(ctx, a->index, b->index);
	else if (a->source == RECORD_TAG)
		order = tag_compare(ctx, a->index, b->index);
	return order ? order : compare_u32(a->index, b->index);
}

/* There is room. */
static void merge_list_add(struct merge_list *list, uint8_t source, uint32_t index,
			   const char *name)
{
	list->items[list->num++] = (struct merge_item){
		.name_prefix = name_prefix(name),
		.name = name,
		.index = index,
		.source = source,
	};
}

static void merge_list_sort(const struct btf_layout *layout, struct merge_list *list)
{
	uint32_t num = 1;

	while (num < list->num &&
	       merge_item_compare(&list->items[num - 1], &list->items[num], (void *)layout) <= 0)
		num++;
	if (num < list->num)
		qsort_r(list->items, list->num, sizeof(*list->items), merge_item_compare,
			(void *)layout);
}

/* Two sorted lists become one, in @ret_items, which has room for both. */
static void merge_lists(const struct btf_layout *layout, const struct merge_list *a,
			const struct merge_list *b, struct merge_item *ret_items)
{
	uint32_t i = 0, j = 0;

	while (i < a->num || j < b->num) {
		bool take_b = i == a->num ||
			      (j < b->num &&
			       merge_item_compare(&b->items[j], &a->items[i], (void *)layout) < 0);

		*ret_items++ = take_b ? b->items[j++] : a->items[i++];
	}
}

/* The id that the base has a function by; 0: it is ours. */
static uint32_t func_base_id(const struct btf_layout *layout, uint32_t index)
{
	const struct layout_input *input = &layout->input;
	const struct layout_func *func = &input->funcs[index];
	uint32_t proto = layout_base_id(layout, type_index(input->store, func->proto));

	if (!proto || proto == MATCH_LEFT_OUT)
		return 0;
	return btf_base_find_func(input->base, type_store_string(input->store, func->name),
				  func->linkage, proto);
}

/* Functions by name, each once. Until there are ids, func_ids holds the index of the equal one. */
static void list_funcs(struct btf_layout *layout, struct merge_list *list)
{
	const struct layout_input *input = &layout->input;
	struct merge_list all = *list;

	for (uint32_t i = 0; i < input->num_funcs; i++) {
		uint32_t base_id = func_base_id(layout, i);

		if (base_id) {
			layout->func_ids[i] = FUNC_IN_BASE | base_id;
			layout->num_base_funcs++;
		} else {
			merge_list_add(&all, RECORD_FUNC, i,
				       type_store_string(input->store, input->funcs[i].name));
		}
	}
	merge_list_sort(layout, &all);
	for (uint32_t i = 0; i < all.num; i++) {
		uint32_t index = all.items[i].index;
		const struct merge_item *last = list->num ? &list->items[list->num - 1] : NULL;

		if (last && input->funcs[last->index].name.v == input->funcs[index].name.v &&
		    !func_compare(layout, last->index, index)) {
			layout->func_ids[index] = last->index;
			continue;
		}
		layout->func_ids[index] = index;
		list->items[list->num++] = all.items[i];
	}
}

/* Number of the members or parameters that a tag can be about; false if it cannot be written. */
static bool tag_components(const struct btf_layout *layout, const struct layout_tag *tag,
			   uint32_t *ret_num)
{
	const struct layout_input *input = &layout->input;
	struct type_id id = { tag->index };

	*ret_num = 0;
	if (tag->target == TAG_OF_VAR)
		return true;
	if (tag->target == TAG_OF_FUNC)
		id = input->funcs[tag->index].proto;
	id.v = type_index(input->store, id);
	switch (type_store_type(input->store, id)->kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		*ret_num = type_store_type(input->store, id)->num_elems;
		return tag->target == TAG_OF_TYPE;
	case GRAPH_TYPEDEF:
		return tag->target == TAG_OF_TYPE;
	case GRAPH_FUNC_PROTO:
		*ret_num = type_store_type(input->store, id)->num_elems;
		return tag->target == TAG_OF_FUNC;
	default:
		return false;
	}
}

static bool tag_can_be_written(const struct btf_layout *layout, const struct layout_tag *tag)
{
	uint32_t num;

	if (tag->target == TAG_OF_TYPE &&
	    layout_base_id(layout, tag_index(layout, tag)) == MATCH_LEFT_OUT)
		return false;
	return tag->text.v && tag_components(layout, tag, &num) &&
	       (tag->component == -1 || (uint32_t)tag->component < num);
}

static bool tag_is_in_base(const struct btf_layout *layout, const struct layout_tag *tag)
{
	const struct layout_input *input = &layout->input;
	uint32_t index = tag_index(layout, tag), id = 0;

	if (tag->target == TAG_OF_TYPE)
		id = layout_base_id(layout, index);
	else if (tag->target == TAG_OF_FUNC && (index & FUNC_IN_BASE))
		id = index & ~FUNC_IN_BASE;
	return id && btf_base_has_tag(input->base, type_store_string(input->store, tag->text),
				      tag->is_attribute, id, tag->component);
}

static void list_tags(struct btf_layout *layout, struct merge_list *list)
{
	const struct layout_input *input = &layout->input;
	struct merge_list all = *list;

	for (uint32_t i = 0; i < input->num_tags; i++) {
		const struct layout_tag *tag = &input->tags[i];

		if (tag_is_in_base(layout, tag))
			continue;
		if (tag_can_be_written(layout, tag))
			merge_list_add(&all, RECORD_TAG, i,
				       type_store_string(input->store, tag->text));
		else
			layout->num_tags_left_out++;
	}
	merge_list_sort(layout, &all);
	for (uint32_t i = 0; i < all.num; i++) {
		uint32_t index = all.items[i].index;
		const struct merge_item *last = list->num ? &list->items[list->num - 1] : NULL;

		if (!last || input->tags[last->index].text.v != input->tags[index].text.v ||
		    tag_compare(layout, last->index, index))
			list->items[list->num++] = all.items[i];
	}
}

static void list_others(struct btf_layout *layout, const uint32_t *late, uint32_t num_late,
			struct merge_list *list)
{
	const struct layout_input *input = &layout->input;

	for (uint32_t i = 0; i < num_late; i++) {
		const struct settled_type *type =
			type_store_type(input->store, (struct type_id){ late[i] });

		merge_list_add(list, RECORD_TYPE, late[i],
			       type_store_string(input->store, type->name));
	}
	for (uint32_t i = 0; i < input->num_vars; i++)
		merge_list_add(list, RECORD_VAR, i,
			       type_store_string(input->store, input->vars[i].name));
	for (uint32_t i = 0; i < input->num_sections; i++)
		merge_list_add(list, RECORD_SECTION, i,
			       type_store_string(input->store, input->sections[i].name));
	if (layout->add_index_int)
		merge_list_add(list, RECORD_INDEX_INT, 0, LAYOUT_INDEX_INT_NAME);
	merge_list_sort(layout, list);
}

/* Everything but the types that stand in their place, sorted. */
static bool merge_list_create(struct btf_layout *layout, const uint32_t *late, uint32_t num_late,
			      struct merge_list *ret_list)
{
	const struct layout_input *input = &layout->input;
	size_t max_others = (size_t)num_late + input->num_vars + input->num_sections + 1;
	size_t max = max_others + input->num_funcs + input->num_tags;
	struct merge_item *scratch = malloc(2 * max * sizeof(*scratch));
	struct merge_item *items = malloc(max * sizeof(*items));
	struct merge_list funcs = { .items = scratch }, tags, others, funcs_and_tags;

	if (!scratch || !items) {
		free(scratch);
		free(items);
		return false;
	}
	list_funcs(layout, &funcs);
	tags = (struct merge_list){ .items = scratch + input->num_funcs };
	list_tags(layout, &tags);
	others = (struct merge_list){ .items = tags.items + input->num_tags };
	list_others(layout, late, num_late, &others);
	funcs_and_tags = (struct merge_list){ scratch + max, funcs.num + tags.num };
	merge_lists(layout, &funcs, &tags, funcs_and_tags.items);
	*ret_list = (struct merge_list){ items, funcs_and_tags.num + others.num };
	merge_lists(layout, &others, &funcs_and_tags, items);
	free(scratch);
	return true;
}

static uint32_t record_add(struct btf_layout *layout, uint8_t source, uint32_t index)
{
	uint32_t i = layout->num_records++;

	layout->records[i] = (struct layout_record){ .source = source, .index = index };
	return layout->id_bias + i;
}

static void merge_item_add(struct btf_layout *layout, const struct merge_item *item)
{
	uint32_t id = record_add(layout, item->source, item->index);

	switch (item->source) {
	case RECORD_TYPE:
		layout->type_ids[item->index] = id;
		break;
	case RECORD_INDEX_INT:
		layout->index_int_id = id;
		break;
	case RECORD_VAR:
		layout->var_ids[item->index] = id;
		break;
	}
}

/* Functions have ids once all records do: until then func_ids tells which of them are one. */
static bool number_funcs(struct btf_layout *layout)
{
	uint32_t num = layout->input.num_funcs;
	uint32_t *ids = calloc((size_t)num + 1, sizeof(*ids));

	if (!ids)
		return false;
	for (uint32_t i = 1; i < layout->num_records; i++) {
		if (layout->records[i].source == RECORD_FUNC)
			ids[layout->records[i].index] = layout->id_bias + i;
	}
	for (uint32_t i = 0; i < num; i++) {
		uint32_t id = layout->func_ids[i];

		layout->func_ids[i] = id & FUNC_IN_BASE ? id & ~FUNC_IN_BASE : ids[id];
	}
	free(ids);
	return true;
}

static int tag_record_compare(const void *pa, const void *pb, void *ctx)
{
	const struct layout_record *a = pa, *b = pb;
	const struct btf_layout *layout = ctx;
	const struct layout_tag *ta = &layout->input.tags[a->index];
	const struct layout_tag *tb = &layout->input.tags[b->index];
	int order = compare_u32(layout_tag_target(layout, ta), layout_tag_target(layout, tb));

	if (!order)
		order = compare_u32(ta->component + 1u, tb->component + 1u);
	return order ? order : (int)ta->is_attribute - (int)tb->is_attribute;
}

/* Tags of one text follow their targets, whatever order the input had. Nothing refers to a tag. */
static void order_tags(struct btf_layout *layout)
{
	const struct layout_tag *tags = layout->input.tags;
	struct layout_record *records = layout->records;
	uint32_t id = 1, end;

	for (; id < layout->num_records; id = end) {
		end = id + 1;
		if (records[id].source != RECORD_TAG)
			continue;
		while (end < layout->num_records && records[end].source == RECORD_TAG &&
		       tags[records[end].index].text.v == tags[records[id].index].text.v)
			end++;
		if (end - id > 1)
			qsort_r(&records[id], end - id, sizeof(*records), tag_record_compare,
				layout);
	}
}

/* An `int` that arrays can be indexed with, or 0. */
static uint32_t find_index_int(const struct btf_layout *layout, bool *ret_has_array)
{
	const struct type_store *store = layout->input.store;
	uint32_t num_types = type_store_num_types(store), index_int = 0;

	*ret_has_array = false;
	for (uint32_t i = 1; i < num_types; i++) {
		const struct settled_type *type = type_store_type(store, (struct type_id){ i });

		if (layout_base_id(layout, i) == MATCH_LEFT_OUT)
			continue;
		if (type->kind == GRAPH_ARRAY)
			*ret_has_array |= !layout_base_id(layout, i);
		else if (type->kind == GRAPH_INT && !index_int && type->size == 4 &&
			 type->encoding == BTF_ENCODING_SIGNED &&
			 !strcmp(type_store_string(store, type->name), LAYOUT_INDEX_INT_NAME))
			index_int = i;
	}
	return index_int;
}

/* Types with a name: those that stand in their place, and those that do not. */
struct named_types {
	uint32_t *own; /* all that are written, those without a name included */
	uint32_t num_own;
	uint32_t *sorted;
	uint32_t num_sorted;
	uint32_t *late; /* behind @sorted, in the same memory */
	uint32_t num_late;
};

static void named_type_add(const struct type_store *store, struct named_types *named, uint32_t i)
{
	const struct settled_type *type = type_store_type(store, (struct type_id){ i }), *last;

	if (named->num_sorted) {
		last = type_store_type(store,
				       (struct type_id){ named->sorted[named->num_sorted - 1] });
		if (type->name.v != last->name.v &&
		    strcmp(type_store_string(store, type->name),
			   type_store_string(store, last->name)) < 0) {
			*--named->late = i;
			named->num_late++;
			return;
		}
	}
	named->sorted[named->num_sorted++] = i;
}

/* Ids of what is the base's; the rest is listed, in order. False when memory is out. */
static bool list_own(struct btf_layout *layout, struct named_types *named)
{
	const struct type_store *store = layout->input.store;
	uint32_t num_types = type_store_num_types(store),
		 num_settled = type_store_num_settled(store);
	uint32_t num_in_order = 0;

	for (uint32_t i = 1; i < num_types; i++) {
		uint32_t base_id = layout_base_id(layout, i);

		if (i == num_settled)
			num_in_order = named->num_own;
		if (type_store_type(store, (struct type_id){ i })->kind == GRAPH_ALIAS)
			continue;
		if (base_id)
			layout->type_ids[i] = base_id == MATCH_LEFT_OUT ? 0 : base_id;
		else
			named->own[named->num_own++] = i;
	}
	if (num_types == num_settled)
		num_in_order = named->num_own;
	return type_store_order(store, named->own, num_in_order);
}

/* Ids of types without a name; the others are listed. */
static void number_unnamed(struct btf_layout *layout, struct named_types *named)
{
	const struct type_store *store = layout->input.store;
	bool any;

	for (uint32_t i = 0; i < named->num_own; i++) {
		uint32_t id = named->own[i];

		if (layout_type_name(store, type_store_type(store, (struct type_id){ id }), &any).v)
			named_type_add(store, named, id);
		else
			layout->type_ids[id] = record_add(layout, RECORD_TYPE, id);
	}
}

static void number_named(struct btf_layout *layout, const struct named_types *named,
			 const struct merge_list *list)
{
	const struct type_store *store = layout->input.store;
	uint32_t next = 0;

	for (uint32_t i = 0; i < named->num_sorted; i++) {
		const struct settled_type *type =
			type_store_type(store, (struct type_id){ named->sorted[i] });
		const char *name = type_store_string(store, type->name);
		uint64_t prefix = name_prefix(name);

		while (next < list->num && (list->items[next].name_prefix < prefix ||
					    (list->items[next].name_prefix == prefix &&
					     strcmp(list->items[next].name, name) < 0)))
			merge_item_add(layout, &list->items[next++]);
		layout->type_ids[named->sorted[i]] =
			record_add(layout, RECORD_TYPE, named->sorted[i]);
	}
	while (next < list->num)
		merge_item_add(layout, &list->items[next++]);
	for (uint32_t i = 1; i < type_store_num_types(store); i++) {
		const struct settled_type *type = type_store_type(store, (struct type_id){ i });

		if (type->kind == GRAPH_ALIAS)
			layout->type_ids[i] = layout->type_ids[type->ref.v];
	}
}

static struct btfgen_error *number_records(struct btf_layout *layout, struct named_types *named,
					   struct merge_list *list)
{
	uint32_t num_unnamed;
	uint64_t total;

	layout->num_records = 1;
	if (!list_own(layout, named))
		return error_nomem();
	number_unnamed(layout, named);
	num_unnamed = layout->num_records - 1;
	if (!merge_list_create(layout, named->late, named->num_late, list))
		return error_nomem();
	total = (uint64_t)num_unnamed + named->num_sorted + list->num;
	total += layout->id_bias;
	if (total + 1 >= BTF_LIMIT_IDS)
		return error_create(BTFGEN_ERROR_LIMIT, "%" PRIu64 " types%s; BTF holds at most %u",
				    total, layout->id_bias ? ", with those of the base" : "",
				    BTF_LIMIT_IDS - 2);
	number_named(layout, named, list);
	if (!number_funcs(layout))
		return error_nomem();
	order_tags(layout);
	return NULL;
}

/* Final ids: types without a name, then everything else by name. */
struct btfgen_error *layout_number(struct btf_layout *layout)
{
	const struct layout_input *input = &layout->input;
	uint32_t num_types = type_store_num_types(input->store), index_int;
	struct named_types named = {};
	struct merge_list list = {};
	struct btfgen_error *err;
	bool has_array;
	size_t max;

	index_int = find_index_int(layout, &has_array);
	if (input->base && !index_int)
		layout->index_int_id = btf_base_index_int(input->base);
	layout->add_index_int = has_array && !index_int && !layout->index_int_id;

	max = (size_t)num_types + input->num_vars + input->num_funcs + input->num_tags +
	      input->num_sections + 3;
	layout->type_ids = calloc((size_t)num_types + 1, sizeof(*layout->type_ids));
	layout->var_ids = calloc((size_t)input->num_vars + 1, sizeof(*layout->var_ids));
	layout->func_ids = calloc((size_t)input->num_funcs + 1, sizeof(*layout->func_ids));
	layout->records = malloc(max * sizeof(*layout->records));
	named.own = malloc(2 * ((size_t)num_types + 1) * sizeof(*named.own));
	if (!layout->type_ids || !layout->var_ids || !layout->func_ids || !layout->records ||
	    !named.own) {
		free(named.own);
		return error_nomem();
	}
	layout->records[0] = (struct layout_record){ 0 };
	named.sorted = named.own + num_types;
	named.late = named.sorted + num_types;
	err = number_records(layout, &named, &list);
	if (!err && index_int)
		layout->index_int_id = layout->type_ids[index_int];
	free(named.own);
	free(list.items);
	return err;
}
