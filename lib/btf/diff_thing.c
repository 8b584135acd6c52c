// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/diff_internal.h"

#include <stdlib.h>

static void places_make(struct differ *d, struct diff_side *side)
{
	const struct btf_view *view = side->view;

	side->places = calloc((size_t)view->num_own + 1, sizeof(*side->places));
	if (!side->places) {
		d->failed = true;
		return;
	}
	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t vlen;

		if (btf_view_kind(view, id) != BTF_DATASEC)
			continue;
		vlen = btf_view_vlen(view, id);
		for (uint32_t i = 0; i < vlen; i++) {
			struct btf_view_entry entry = btf_view_entry(view, id, i);
			struct side_place *place;

			if (!diff_is_own(view, entry.var_id))
				continue;
			/* The first one counts; nothing in a file that is right has two. */
			place = &side->places[entry.var_id - view->first_id];
			if (!place->section_id)
				*place = (struct side_place){ id, entry.off, entry.size };
		}
	}
}

/* Things that carry tags: whatever has a name to be told by. */
static bool takes_tags(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	return diff_is_own(view, id) && kind != BTF_DECL_TAG && kind != BTF_VOID &&
	       kind < BTF_NUM_KINDS && diff_is_label(view, id);
}

/* The name of member or parameter @index; "" if it has none. */
static const char *component_name(const struct btf_view *view, uint32_t id, uint32_t index)
{
	uint32_t kind = btf_view_kind(view, id);

	if (kind == BTF_FUNC)
		return btf_view_param(view, btf_view_word(view, id), index).name;
	return btf_kind_is_composite(kind) ? btf_view_member(view, id, index).name : "";
}

static void tag_add(struct differ *d, struct diff_side *side, uint32_t tag_id)
{
	const struct btf_view *view = side->view;
	uint32_t target = btf_view_word(view, tag_id), own = target - view->first_id;
	uint32_t index = btf_view_tail_word(view, tag_id, 0);
	uint32_t text = diff_name_at(d, side, btf_view_name_off(view, tag_id));
	uint32_t flag = btf_view_flag(view, tag_id), name = 0;
	struct side_tag tag = { .tag_id = tag_id, .component_index = index };

	if (index != BTF_TAG_WHOLE) {
		tag.component = component_name(view, target, index);
		name = diff_name(d, tag.component);
	}
	/* A place in the list only counts where there is no name. */
	tag.token = DIFF_TUPLE(d, TUPLE_TAG, text, flag, index == BTF_TAG_WHOLE, name,
			       name ? 0 : index);
	tag.next = side->first_tags[own];
	if (vec_push(&side->tags, tag))
		side->first_tags[own] = (uint32_t)side->tags.num;
	else
		d->failed = true;
}

static void tags_make(struct differ *d, struct diff_side *side)
{
	const struct btf_view *view = side->view;

	side->first_tags = calloc((size_t)view->num_own + 1, sizeof(*side->first_tags));
	if (!side->first_tags) {
		d->failed = true;
		return;
	}
	for (uint32_t id = view->first_id; id < view->num_ids && !d->failed; id++) {
		if (btf_view_kind(view, id) == BTF_DECL_TAG &&
		    takes_tags(view, btf_view_word(view, id)))
			tag_add(d, side, id);
	}
}

static int compare_words(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* @content and the thing's tags, in whatever order they stand in the file. */
static uint32_t content_with_tags(struct differ *d, const struct diff_side *side, uint32_t id,
				  uint32_t content)
{
	uint32_t index = side->first_tags[id - side->view->first_id];

	if (!index)
		return content;
	d->scratch.num = 0;
	diff_word(d, TUPLE_TAGGED);
	diff_word(d, content);
	for (; index; index = side->tags.data[index - 1].next)
		diff_word(d, side->tags.data[index - 1].token);
	if (d->failed)
		return content;
	qsort(d->scratch.data + 2, d->scratch.num - 2, sizeof(uint32_t), compare_words);
	return diff_tuple(d, d->scratch.data, d->scratch.num);
}

static uint32_t place_tuple(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct side_place *place = &side->places[id - side->view->first_id];
	uint32_t name;

	if (!place->section_id)
		return 0;
	name = diff_name_at(d, side, btf_view_name_off(side->view, place->section_id));
	return DIFF_TUPLE(d, TUPLE_PLACE, name, place->off, place->size);
}

static uint32_t func_content(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct btf_view *view = side->view;
	uint32_t proto = btf_view_word(view, id), place = place_tuple(d, side, id), vlen;

	if (btf_view_kind(view, proto) != BTF_FUNC_PROTO)
		return DIFF_TUPLE(d, TUPLE_FUNC_BROKEN, btf_view_vlen(view, id), place,
				  diff_class(d, side, proto));
	d->scratch.num = 0;
	diff_word(d, TUPLE_FUNC);
	diff_word(d, btf_view_vlen(view, id));
	diff_word(d, place);
	diff_word(d, diff_class(d, side, btf_view_word(view, proto)));
	vlen = btf_view_vlen(view, proto);
	for (uint32_t i = 0; i < vlen && !d->failed; i++) {
		diff_word(d, diff_name_at(d, side, btf_view_elem_word(view, proto, i, 0)));
		diff_word(d, diff_class(d, side, btf_view_elem_word(view, proto, i, 1)));
	}
	return diff_tuple(d, d->scratch.data, d->scratch.num);
}

static uint32_t thing_content(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct btf_view *view = side->view;
	uint32_t word = btf_view_word(view, id);

	switch (btf_view_kind(view, id)) {
	case BTF_INT:
		/* Bits count in the name, see label_tuple(). */
		return DIFF_TUPLE(d, TUPLE_INT, word, btf_view_tail_word(view, id, 0));
	case BTF_FLOAT:
		return DIFF_TUPLE(d, TUPLE_FLOAT, word);
	case BTF_FWD:
		return DIFF_TUPLE(d, TUPLE_FWD);
	case BTF_TYPEDEF:
		return DIFF_TUPLE(d, TUPLE_TYPEDEF, diff_class(d, side, word));
	case BTF_FUNC:
		return func_content(d, side, id);
	case BTF_VAR:
		return DIFF_TUPLE(d, TUPLE_VAR, btf_view_linkage(view, id),
				  diff_class(d, side, word), place_tuple(d, side, id));
	case BTF_DATASEC:
		return DIFF_TUPLE(d, TUPLE_DATASEC, word);
	}
	diff_content(d, side, id);
	return diff_tuple(d, d->scratch.data, d->scratch.num);
}

static void thing_add(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct btf_view *view = side->view;
	uint32_t kind = btf_view_kind(view, id);
	struct thing thing = { .id = id };

	if (kind == BTF_VOID || kind >= BTF_NUM_KINDS)
		return;
	if (kind == BTF_DECL_TAG) {
		if (takes_tags(view, btf_view_word(view, id)))
			return;
		thing.key =
			DIFF_TUPLE(d, TUPLE_STRAY_TAG, diff_class(d, side, btf_view_word(view, id)),
				   btf_view_tail_word(view, id, 0),
				   diff_name_at(d, side, btf_view_name_off(view, id)),
				   btf_view_flag(view, id));
		thing.content = thing.key;
	} else if (diff_is_label(view, id)) {
		thing.key = diff_class(d, side, id);
		thing.content = content_with_tags(d, side, id, thing_content(d, side, id));
	} else {
		if (side->has_user[id - view->first_id])
			return;
		thing.content = diff_class(d, side, id);
	}
	if (!vec_push(&side->things, thing))
		d->failed = true;
}

void diff_things_make(struct differ *d, struct diff_side *side)
{
	const struct btf_view *view = side->view;

	places_make(d, side);
	if (!d->failed)
		tags_make(d, side);
	for (uint32_t id = view->first_id; id < view->num_ids && !d->failed; id++)
		thing_add(d, side, id);
}
