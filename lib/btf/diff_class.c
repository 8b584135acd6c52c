// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Contents become numbers. A tuple is a short array of words: what it is, then names and classes of
 * what it refers to, as numbers of their own. Equal tuples get one number, so a number stands for
 * all that can be reached from a record up to the next names, and comparing two records of two
 * files is comparing two numbers.
 *
 * References to names are leaves. What is left of C has no rings, so that children come before
 * parents; the walk keeps its own stack. Nodes on a ring without names, and those that lead there,
 * are marked on the way and get their classes in rounds afterwards: equal to start with, then told
 * apart by their content as the round before saw it.
 */
#include "lib/btf/diff_internal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"

enum { RING_DEPTH = 8, FIRST_SLOTS = 1 << 12 };

#define CLASS_PENDING UINT32_MAX
#define MAX_NUMBERS (UINT32_MAX - 1)

/* Tables. */

#define table_grow(table, ret_heads, ret_mask, failed)                                             \
	do {                                                                                       \
		uint32_t size_ = (ret_mask) ? ((ret_mask) + 1) * 2 : FIRST_SLOTS;                  \
		uint32_t *heads_ = size_ ? calloc(size_, sizeof(*heads_)) : NULL;                  \
                                                                                                   \
		if (!heads_) {                                                                     \
			*(failed) = true;                                                          \
			break;                                                                     \
		}                                                                                  \
		for (size_t i_ = 1; i_ < (table)->num; i_++) {                                     \
			uint32_t *head_ = &heads_[(table)->data[i_].hash & (size_ - 1)];           \
                                                                                                   \
			(table)->data[i_].next = *head_;                                           \
			*head_ = (uint32_t)i_;                                                     \
		}                                                                                  \
		free(ret_heads);                                                                   \
		(ret_heads) = heads_;                                                              \
		(ret_mask) = size_ - 1;                                                            \
	} while (0)

bool differ_init(struct differ *d)
{
	/* Number 0 of each table stands for "none"; that of names is the empty one. */
	if (!vec_push(&d->names, (struct name_slot){ .text = "" }) ||
	    !vec_push(&d->tuples, (struct tuple_slot){}))
		return false;
	table_grow(&d->names, d->name_heads, d->name_mask, &d->failed);
	table_grow(&d->tuples, d->tuple_heads, d->tuple_mask, &d->failed);
	return !d->failed;
}

void differ_deinit(struct differ *d)
{
	for (int i = 0; i < DIFF_SIDES; i++) {
		struct diff_side *side = &d->sides[i];

		free(side->names);
		free(side->classes);
		free(side->rings);
		free(side->has_user);
		free(side->places);
		free(side->first_tags);
		free(side->heads);
		vec_deinit(&side->tags);
		vec_deinit(&side->things);
	}
	vec_deinit(&d->names);
	vec_deinit(&d->tuples);
	vec_deinit(&d->tuple_words);
	vec_deinit(&d->scratch);
	free(d->name_heads);
	free(d->tuple_heads);
}

uint32_t diff_name(struct differ *d, const char *text)
{
	size_t size = strlen(text);
	uint32_t hash, number;

	if (!size)
		return 0;
	hash = (uint32_t)hash_bytes(text, size);
	for (number = d->name_heads[hash & d->name_mask]; number;
	     number = d->names.data[number].next) {
		if (d->names.data[number].hash == hash && !strcmp(d->names.data[number].text, text))
			return number;
	}
	if (d->names.num > d->name_mask && d->names.num < MAX_NUMBERS)
		table_grow(&d->names, d->name_heads, d->name_mask, &d->failed);
	if (d->names.num >= MAX_NUMBERS ||
	    !vec_push(&d->names,
		      (struct name_slot){ text, hash, d->name_heads[hash & d->name_mask] })) {
		d->failed = true;
		return 0;
	}
	number = (uint32_t)d->names.num - 1;
	d->name_heads[hash & d->name_mask] = number;
	return number;
}

uint32_t diff_name_at(struct differ *d, struct diff_side *side, uint32_t str_off)
{
	uint32_t own = str_off - side->view->first_str;

	if (!str_off)
		return 0;
	if (own >= side->view->strings_size || str_off < side->view->first_str)
		return diff_name(d, btf_view_string(side->view, str_off));
	if (!side->names[own])
		side->names[own] = diff_name(d, btf_view_string(side->view, str_off)) + 1;
	return side->names[own] - 1;
}

static bool tuple_equals(const struct differ *d, uint32_t number, uint32_t hash,
			 const uint32_t *words, size_t num)
{
	const struct tuple_slot *slot = &d->tuples.data[number];

	return slot->hash == hash && slot->num == num &&
	       !memcmp(d->tuple_words.data + slot->start, words, num * sizeof(*words));
}

uint32_t diff_tuple(struct differ *d, const uint32_t *words, size_t num)
{
	uint32_t hash = (uint32_t)hash_bytes(words, num * sizeof(*words)), number;

	for (number = d->tuple_heads[hash & d->tuple_mask]; number;
	     number = d->tuples.data[number].next) {
		if (tuple_equals(d, number, hash, words, num))
			return number;
	}
	if (d->tuples.num > d->tuple_mask && d->tuples.num < MAX_NUMBERS)
		table_grow(&d->tuples, d->tuple_heads, d->tuple_mask, &d->failed);
	if (d->tuples.num >= MAX_NUMBERS || num > UINT32_MAX ||
	    !vec_reserve(&d->tuple_words, d->tuple_words.num + num) ||
	    !vec_push(&d->tuples, (struct tuple_slot){ d->tuple_words.num, (uint32_t)num, hash,
						       d->tuple_heads[hash & d->tuple_mask] })) {
		d->failed = true;
		return 1;
	}
	memcpy(d->tuple_words.data + d->tuple_words.num, words, num * sizeof(*words));
	d->tuple_words.num += num;
	number = (uint32_t)d->tuples.num - 1;
	d->tuple_heads[hash & d->tuple_mask] = number;
	return number;
}

void diff_word(struct differ *d, uint32_t word)
{
	if (!vec_push(&d->scratch, word))
		d->failed = true;
}

/* Classes. */

bool diff_is_label(const struct btf_view *view, uint32_t id)
{
	switch (btf_view_kind(view, id)) {
	case BTF_PTR:
	case BTF_ARRAY:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_FUNC_PROTO:
	case BTF_TYPE_TAG:
		return false;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_ENUM:
	case BTF_ENUM64:
		return diff_is_named(view, id);
	}
	return true;
}

static uint32_t label_class(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	if (kind == BTF_FWD)
		return btf_view_flag(view, id) ? BTF_UNION : BTF_STRUCT;
	return kind == BTF_ENUM64 ? BTF_ENUM : kind;
}

static uint32_t label_tuple(struct differ *d, struct diff_side *side, uint32_t id)
{
	uint32_t name = diff_name_at(d, side, btf_view_name_off(side->view, id));

	if (btf_view_kind(side->view, id) == BTF_INT) {
		struct btf_view_int number = btf_view_int(side->view, id);

		/* Bitfields of old compilers are integers of few bits by the name of whole ones. */
		if (number.bit_off || number.bits != btf_view_word(side->view, id) * 8)
			return DIFF_TUPLE(d, TUPLE_INT_BITS, name, number.bit_off, number.bits);
	}
	return DIFF_TUPLE(d, TUPLE_LABEL, label_class(side->view, id), name);
}

/* What a type without a name refers to; false if there are no more. */
static bool child_get(const struct btf_view *view, uint32_t id, uint32_t i, uint32_t *ret_id)
{
	uint32_t kind = btf_view_kind(view, id);

	switch (kind) {
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_FUNC_PROTO:
		if (i < btf_view_vlen(view, id)) {
			*ret_id = btf_view_elem_word(view, id, i, 1);
			return true;
		}
		if (kind != BTF_FUNC_PROTO || i > btf_view_vlen(view, id))
			return false;
		*ret_id = btf_view_word(view, id);
		return true;
	case BTF_ENUM:
	case BTF_ENUM64:
		return false;
	case BTF_ARRAY:
		*ret_id = btf_view_tail_word(view, id, 0);
		return i == 0;
	}
	*ret_id = btf_view_word(view, id);
	return i == 0;
}

uint32_t diff_class(const struct differ *d, const struct diff_side *side, uint32_t id)
{
	(void)d;
	if (id >= side->view->num_ids)
		return TUPLE_BROKEN;
	if (side->classes[id] == CLASS_PENDING)
		return TUPLE_RING;
	return side->classes[id];
}

static void composite_content(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct btf_view *view = side->view;
	uint32_t vlen = btf_view_vlen(view, id);

	diff_word(d, TUPLE_COMPOSITE);
	diff_word(d, btf_view_kind(view, id));
	diff_word(d, btf_view_word(view, id));
	for (uint32_t i = 0; i < vlen && !d->failed; i++) {
		struct btf_view_member member = btf_view_member(view, id, i);

		diff_word(d, diff_name_at(d, side, btf_view_elem_word(view, id, i, 0)));
		diff_word(d, member.bit_off);
		diff_word(d, member.bits);
		diff_word(d, diff_class(d, side, member.type_id));
	}
}

static void enum_content(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct btf_view *view = side->view;
	uint32_t vlen = btf_view_vlen(view, id);

	diff_word(d, TUPLE_ENUM);
	diff_word(d, btf_view_kind(view, id));
	diff_word(d, btf_view_flag(view, id));
	diff_word(d, btf_view_word(view, id));
	for (uint32_t i = 0; i < vlen && !d->failed; i++) {
		struct btf_view_value value = btf_view_value(view, id, i);

		diff_word(d, diff_name_at(d, side, btf_view_elem_word(view, id, i, 0)));
		diff_word(d, (uint32_t)value.value);
		diff_word(d, (uint32_t)(value.value >> 32));
	}
}

void diff_content(struct differ *d, struct diff_side *side, uint32_t id)
{
	const struct btf_view *view = side->view;
	uint32_t kind = btf_view_kind(view, id), vlen;

	d->scratch.num = 0;
	switch (kind) {
	case BTF_STRUCT:
	case BTF_UNION:
		composite_content(d, side, id);
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		enum_content(d, side, id);
		break;
	case BTF_ARRAY:
		diff_word(d, TUPLE_ARRAY);
		diff_word(d, diff_class(d, side, btf_view_array(view, id).elem_id));
		diff_word(d, btf_view_array(view, id).num);
		break;
	case BTF_FUNC_PROTO:
		diff_word(d, TUPLE_PROTO);
		diff_word(d, diff_class(d, side, btf_view_word(view, id)));
		vlen = btf_view_vlen(view, id);
		for (uint32_t i = 0; i < vlen && !d->failed; i++)
			diff_word(d, diff_class(d, side, btf_view_param(view, id, i).type_id));
		break;
	case BTF_TYPE_TAG:
		diff_word(d, TUPLE_TYPE_TAG);
		diff_word(d, btf_view_flag(view, id));
		diff_word(d, diff_name_at(d, side, btf_view_name_off(view, id)));
		diff_word(d, diff_class(d, side, btf_view_word(view, id)));
		break;
	default:
		diff_word(d, TUPLE_MODIFIER);
		diff_word(d, kind);
		diff_word(d, diff_class(d, side, btf_view_word(view, id)));
	}
}

struct frame {
	uint32_t id;
	uint32_t next;
};

typedef VEC(struct frame) frame_vec;

/* True if the walk has to go there first. */
static bool child_visit(struct diff_side *side, uint32_t parent, uint32_t child)
{
	if (child >= side->view->num_ids)
		return false;
	if (!side->classes[child])
		return true;
	if (side->classes[child] == CLASS_PENDING || side->rings[child])
		side->rings[parent] = 1;
	return false;
}

static void class_walk(struct differ *d, struct diff_side *side, uint32_t start, frame_vec *stack)
{
	uint32_t child;

	stack->num = 0;
	if (!vec_push(stack, (struct frame){ start, 0 }))
		d->failed = true;
	while (stack->num && !d->failed) {
		struct frame *top = &stack->data[stack->num - 1];

		if (!side->classes[top->id] && diff_is_label(side->view, top->id)) {
			side->classes[top->id] = label_tuple(d, side, top->id);
			stack->num--;
			continue;
		}
		side->classes[top->id] = CLASS_PENDING;
		if (child_get(side->view, top->id, top->next, &child)) {
			/* Looked at again when the walk comes back, for the mark. */
			if (child_visit(side, top->id, child)) {
				if (!vec_push(stack, (struct frame){ child, 0 }))
					d->failed = true;
			} else {
				top->next++;
			}
			continue;
		}
		diff_content(d, side, top->id);
		side->classes[top->id] = diff_tuple(d, d->scratch.data, d->scratch.num);
		stack->num--;
	}
}

static void class_make(struct differ *d, struct diff_side *side, uint32_t id, frame_vec *stack)
{
	if (id < side->view->num_ids && !side->classes[id])
		class_walk(d, side, id, stack);
}

static void user_mark(struct diff_side *side, uint32_t id, uint32_t user_kind)
{
	if (diff_is_own(side->view, id) && user_kind != BTF_DECL_TAG)
		side->has_user[id - side->view->first_id] = 1;
}

static void references_visit(struct differ *d, struct diff_side *side, uint32_t id,
			     frame_vec *stack)
{
	const struct btf_view *view = side->view;
	uint32_t kind = btf_view_kind(view, id), vlen, target;
	const struct btf_kind_info *info;

	if (kind >= BTF_NUM_KINDS)
		return;
	info = &btf_kind_table[kind];
	if (info->word == BTF_WORD_ID) {
		class_make(d, side, btf_view_word(view, id), stack);
		user_mark(side, btf_view_word(view, id), kind);
	}
	for (uint32_t k = 0; k < info->tail_size / 4u; k++) {
		if (!(info->tail_ids >> k & 1))
			continue;
		target = btf_view_tail_word(view, id, k);
		class_make(d, side, target, stack);
		user_mark(side, target, kind);
	}
	if (!info->elem_ids)
		return;
	vlen = btf_view_vlen(view, id);
	for (uint32_t i = 0; i < vlen && !d->failed; i++) {
		for (uint32_t k = 0; k < info->elem_size / 4u; k++) {
			if (!(info->elem_ids >> k & 1))
				continue;
			target = btf_view_elem_word(view, id, i, k);
			class_make(d, side, target, stack);
			user_mark(side, target, kind);
		}
	}
}

void diff_classes_make(struct differ *d, struct diff_side *side)
{
	const struct btf_view *view = side->view;
	frame_vec stack = {};

	/* These get their numbers before all others: a number says what it is. */
	for (uint32_t sort = TUPLE_VOID; sort <= TUPLE_RING; sort++)
		DIFF_TUPLE(d, sort);
	side->names = calloc((size_t)view->strings_size + 1, sizeof(*side->names));
	side->classes = calloc((size_t)view->num_ids + 1, sizeof(*side->classes));
	side->rings = calloc((size_t)view->num_ids + 1, 1);
	side->has_user = calloc((size_t)view->num_own + 1, 1);
	if (!side->names || !side->classes || !side->rings || !side->has_user) {
		d->failed = true;
		return;
	}
	side->classes[0] = TUPLE_VOID;
	for (uint32_t id = view->first_id; id < view->num_ids && !d->failed; id++) {
		class_make(d, side, id, &stack);
		references_visit(d, side, id, &stack);
	}
	vec_deinit(&stack);
}

/* One round: @num nodes of @ids get what the round before makes of them. */
static void rings_refine(struct differ *d, struct diff_side *side, const word_vec *ids,
			 uint32_t *next)
{
	for (size_t i = 0; i < ids->num && !d->failed; i++) {
		diff_content(d, side, ids->data[i]);
		next[i] = diff_tuple(d, d->scratch.data, d->scratch.num);
	}
	for (size_t i = 0; i < ids->num; i++)
		side->classes[ids->data[i]] = next[i];
}

static void side_rings_settle(struct differ *d, struct diff_side *side)
{
	uint32_t *next = NULL;
	word_vec ids = {};

	for (uint32_t id = 0; id < side->view->num_ids && !d->failed; id++) {
		if (side->rings[id] && !vec_push(&ids, id))
			d->failed = true;
	}
	if (ids.num) {
		next = calloc(ids.num, sizeof(*next));
		if (!next)
			d->failed = true;
	}
	if (next) {
		for (size_t i = 0; i < ids.num; i++)
			side->classes[ids.data[i]] = TUPLE_RING;
		for (int round = 0; round < RING_DEPTH && !d->failed; round++)
			rings_refine(d, side, &ids, next);
	}
	free(next);
	vec_deinit(&ids);
}

void diff_rings_settle(struct differ *d)
{
	for (int i = 0; i < DIFF_SIDES && !d->failed; i++)
		side_rings_settle(d, &d->sides[i]);
}
