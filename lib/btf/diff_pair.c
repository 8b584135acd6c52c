// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which thing of the old file is which one of the new.
 *
 * Nearly all names stand for one thing in either file, and that is the pair. Where there are more,
 * equal contents are paired first. The rest is put into an order that does not depend on ids, and
 * each new one asks for the old ones that share its *tokens*: names and types of members, names and
 * values of constants, parameters. The pair that shares most goes first. A token is asked for in
 * at most TOKEN_ASKED old things, so that the cost is linear in the tokens however many things have
 * one name.
 */
#include "lib/btf/diff_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf/describe.h"

enum { TOKEN_ASKED = 8 };

typedef VEC(struct thing *) thing_vec;

struct token {
	uint32_t token;
	uint32_t index; /* of the old thing */
};

struct candidate {
	uint32_t old_index;
	uint32_t new_index;
	uint64_t shared;
	uint64_t total;
};

struct pairing {
	struct differ *d;
	thing_vec lists[DIFF_SIDES]; /* of one name */
	thing_vec
		rest[DIFF_SIDES]; /* of these, what is not paired yet and of the sort in question */
	word_vec tokens;
	VEC(struct token) old_tokens;
	VEC(struct candidate) candidates;
	word_vec num_tokens; /* by old index */
	word_vec votes;	     /* by old index */
	word_vec voted;	     /* old indexes */
};

/* Entries. */

static const char *unnamed_text(struct differ *d, const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);
	struct describe_text text;
	char whole[DESCRIBE_TEXT_SIZE + 32];
	const char *first = "";
	char *copy;
	size_t size;

	if (btf_kind_is_composite(kind))
		first = btf_view_member(view, id, 0).name;
	else if (btf_kind_is_enum(kind))
		first = btf_view_value(view, id, 0).name;
	btf_describe_type(view, id, &text);
	if (*first)
		snprintf(whole, sizeof(whole), "%s {%.200s%s}",
			 kind == BTF_STRUCT ? "struct" :
			 kind == BTF_UNION  ? "union" :
					      "enum",
			 first, btf_view_vlen(view, id) > 1 ? ", ..." : "");
	else
		snprintf(whole, sizeof(whole), "%s", text.data);
	size = strlen(whole) + 1;
	copy = arena_alloc(&d->diff->arena, size, 1);
	if (!copy) {
		d->failed = true;
		return "";
	}
	return memcpy(copy, whole, size);
}

static uint64_t record_size(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	return BTF_RECORD_SIZE + btf_kind_table[kind].tail_size +
	       (uint64_t)btf_kind_table[kind].elem_size * btf_view_vlen(view, id);
}

static void entry_side_set(const struct diff_side *side, int i, uint32_t id,
			   struct diff_entry *entry)
{
	const struct btf_view *view = side->view;
	uint32_t kind = btf_view_kind(view, id);

	entry->ids[i] = id;
	entry->bytes[i] = record_size(view, id);
	if (btf_kind_table[kind].word == BTF_WORD_BYTES) {
		entry->has_size[i] = true;
		entry->sizes[i] = btf_view_word(view, id);
	} else if (kind == BTF_VAR || kind == BTF_FUNC) {
		const struct side_place *place = &side->places[id - view->first_id];

		if (!place->section_id)
			return;
		entry->sections[i] = btf_view_name(view, place->section_id);
		entry->section_offs[i] = place->off;
		entry->sizes[i] = place->size;
		entry->has_size[i] = kind == BTF_VAR;
	}
}

/* Either may be NULL. */
static void entry_add(struct differ *d, struct thing *old_thing, struct thing *new_thing)
{
	struct thing *things[DIFF_SIDES] = { old_thing, new_thing };
	struct diff_entry entry = {
		.rank = d->diff->entries.num,
		.change = !old_thing ? DIFF_ADDED :
			  !new_thing ? DIFF_REMOVED :
				       DIFF_CHANGED,
	};

	for (int i = 0; i < DIFF_SIDES; i++) {
		const struct btf_view *view = d->sides[i].view;
		uint32_t kind;

		if (!things[i])
			continue;
		things[i]->is_paired = true;
		kind = diff_listed_kind(btf_view_kind(view, things[i]->id));
		/* What is only declared on one side is listed as that. */
		if (entry.kind != BTF_FWD)
			entry.kind = (uint8_t)kind;
		entry_side_set(&d->sides[i], i, things[i]->id, &entry);
		entry.name = btf_view_name(view, things[i]->id);
		entry.is_unnamed = things[i]->key == 0;
	}
	if (entry.is_unnamed) {
		int i = new_thing ? DIFF_NEW : DIFF_OLD;

		entry.name = unnamed_text(d, d->sides[i].view, entry.ids[i]);
	}
	if (!vec_push(&d->diff->entries, entry))
		d->failed = true;
}

/*
 * An order of things of one name that does not depend on ids, as far as texts tell types apart, and
 * their number is bounded.
 */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_elements(const struct btf_view *view, uint32_t a, uint32_t b)
{
	uint32_t kind = btf_view_kind(view, a), vlen = btf_view_vlen(view, a);
	const struct btf_kind_info *info = &btf_kind_table[kind];
	int order = 0;

	for (uint32_t i = 0; i < vlen && !order; i++) {
		for (uint32_t k = 0; k < info->elem_size / 4u && !order; k++) {
			uint32_t x = btf_view_elem_word(view, a, i, k);
			uint32_t y = btf_view_elem_word(view, b, i, k);

			if (info->elem_strings >> k & 1)
				order = strcmp(btf_view_string(view, x), btf_view_string(view, y));
			else if (!(info->elem_ids >> k & 1))
				order = compare_u64(x, y);
		}
	}
	return order;
}

static int compare_types(struct diff_side *side, uint32_t a, uint32_t b)
{
	const struct btf_view *view = side->view;
	struct describe_text x, y;

	if (!side->num_described)
		return 0;
	side->num_described--;
	btf_describe_type(view, a, &x);
	btf_describe_type(view, b, &y);
	return strcmp(x.data, y.data);
}

static int compare_element_types(struct diff_side *side, uint32_t a, uint32_t b)
{
	uint32_t kind = btf_view_kind(side->view, a), vlen = btf_view_vlen(side->view, a);
	int order = 0;

	if (!(btf_kind_table[kind].elem_ids & 2))
		return 0;
	for (uint32_t i = 0; i < vlen && !order && side->num_described; i++)
		order = compare_types(side, btf_view_elem_word(side->view, a, i, 1),
				      btf_view_elem_word(side->view, b, i, 1));
	return order;
}

static int compare_places(const struct diff_side *side, uint32_t a, uint32_t b)
{
	const struct side_place *x = &side->places[a - side->view->first_id];
	const struct side_place *y = &side->places[b - side->view->first_id];
	int order = strcmp(btf_view_name(side->view, x->section_id),
			   btf_view_name(side->view, y->section_id));

	if (!order)
		order = compare_u64(x->off, y->off);
	return order ? order : compare_u64(x->size, y->size);
}

static int compare_things(const void *a, const void *b, void *arg)
{
	struct diff_side *side = arg;
	const struct btf_view *view = side->view;
	uint32_t x = (*(struct thing *const *)a)->id, y = (*(struct thing *const *)b)->id;
	uint32_t kind = btf_view_kind(view, x);
	int order = compare_u64(kind, btf_view_kind(view, y));

	if (!order)
		order = compare_u64(btf_view_vlen(view, x), btf_view_vlen(view, y));
	if (!order && btf_kind_table[kind].word == BTF_WORD_BYTES)
		order = compare_u64(btf_view_word(view, x), btf_view_word(view, y));
	if (!order && btf_kind_table[kind].elem_size)
		order = compare_elements(view, x, y);
	if (!order && (kind == BTF_VAR || kind == BTF_FUNC))
		order = compare_places(side, x, y);
	if (!order && btf_kind_table[kind].word == BTF_WORD_ID)
		order = compare_types(side, btf_view_word(view, x), btf_view_word(view, y));
	if (!order)
		order = compare_element_types(side, x, y);
	return order ? order : compare_u64(x, y);
}

/* Tokens. */

static void token_add(struct pairing *p, uint32_t token)
{
	if (!vec_push(&p->tokens, token))
		p->d->failed = true;
}

/* A name, and the name with @a to @c. */
static void name_token_add(struct pairing *p, bool names_only, uint32_t name, uint32_t a,
			   uint32_t b, uint32_t c)
{
	/* Not to have a name is nothing to be alike in. */
	if (!name && names_only)
		return;
	token_add(p, DIFF_TUPLE(p->d, TUPLE_TOKEN, name));
	if (!names_only)
		token_add(p, DIFF_TUPLE(p->d, TUPLE_TOKEN_EXACT, name, a, b, c));
}

static void tokens_make(struct pairing *p, struct diff_side *side, uint32_t id, bool names_only)
{
	const struct btf_view *view = side->view;
	uint32_t kind = btf_view_kind(view, id), of = id, vlen;

	p->tokens.num = 0;
	if (kind == BTF_FUNC || kind == BTF_VAR) {
		const struct side_place *place = &side->places[id - view->first_id];

		token_add(p, DIFF_TUPLE(p->d, TUPLE_TOKEN_EXACT,
					diff_name(p->d, btf_view_name(view, place->section_id))));
		token_add(p, DIFF_TUPLE(p->d, TUPLE_TOKEN_EXACT, place->off, place->size));
		token_add(p, DIFF_TUPLE(p->d, TUPLE_TOKEN, TUPLE_VAR,
					diff_class(p->d, side, btf_view_word(view, id))));
		token_add(p, DIFF_TUPLE(p->d, TUPLE_TOKEN, TUPLE_FUNC, btf_view_vlen(view, id),
					btf_view_linkage(view, id)));
		of = kind == BTF_FUNC ? btf_view_word(view, id) : id;
		kind = btf_view_kind(view, of);
	} else if (!names_only && btf_kind_table[kind].word == BTF_WORD_BYTES) {
		token_add(p, DIFF_TUPLE(p->d, TUPLE_DATASEC, btf_view_word(view, id)));
	}
	if (!btf_kind_is_composite(kind) && !btf_kind_is_enum(kind) && kind != BTF_FUNC_PROTO)
		return;
	vlen = btf_view_vlen(view, of);
	for (uint32_t i = 0; i < vlen && !p->d->failed; i++) {
		uint32_t name = diff_name_at(p->d, side, btf_view_elem_word(view, of, i, 0));

		if (btf_kind_is_enum(kind)) {
			uint64_t value = btf_view_value(view, of, i).value;

			name_token_add(p, names_only, name, (uint32_t)value,
				       (uint32_t)(value >> 32), 0);
		} else {
			uint32_t class = diff_class(p->d, side, btf_view_elem_word(view, of, i, 1));

			name_token_add(p, names_only, name, class,
				       kind == BTF_FUNC_PROTO ? 0 :
								btf_view_elem_word(view, of, i, 2),
				       kind);
		}
	}
}

static int compare_tokens(const void *a, const void *b)
{
	const struct token *x = a, *y = b;
	int order = compare_u64(x->token, y->token);

	return order ? order : compare_u64(x->index, y->index);
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = compare_u64(y->shared * x->total, x->shared * y->total);

	if (!order)
		order = compare_u64(x->old_index, y->old_index);
	return order ? order : compare_u64(x->new_index, y->new_index);
}

static void old_tokens_make(struct pairing *p, bool names_only)
{
	const thing_vec *things = &p->rest[DIFF_OLD];

	p->old_tokens.num = p->num_tokens.num = p->votes.num = 0;
	for (uint32_t i = 0; i < things->num && !p->d->failed; i++) {
		tokens_make(p, &p->d->sides[DIFF_OLD], things->data[i]->id, names_only);
		for (size_t k = 0; k < p->tokens.num; k++) {
			if (!vec_push(&p->old_tokens, (struct token){ p->tokens.data[k], i }))
				p->d->failed = true;
		}
		if (!vec_push(&p->num_tokens, (uint32_t)p->tokens.num) || !vec_push(&p->votes, 0))
			p->d->failed = true;
	}
	if (p->old_tokens.num)
		qsort(p->old_tokens.data, p->old_tokens.num, sizeof(*p->old_tokens.data),
		      compare_tokens);
}

static size_t token_find(const struct pairing *p, uint32_t token)
{
	size_t low = 0, high = p->old_tokens.num;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->old_tokens.data[mid].token < token)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void token_vote(struct pairing *p, uint32_t token)
{
	size_t at = token_find(p, token);

	for (int asked = 0;
	     asked < TOKEN_ASKED && at < p->old_tokens.num && p->old_tokens.data[at].token == token;
	     asked++, at++) {
		uint32_t index = p->old_tokens.data[at].index;

		if (!p->votes.data[index]++ && !vec_push(&p->voted, index))
			p->d->failed = true;
	}
}

static void new_thing_vote(struct pairing *p, uint32_t new_index, bool names_only)
{
	tokens_make(p, &p->d->sides[DIFF_NEW], p->rest[DIFF_NEW].data[new_index]->id, names_only);
	p->voted.num = 0;
	for (size_t i = 0; i < p->tokens.num && !p->d->failed; i++)
		token_vote(p, p->tokens.data[i]);
	for (size_t i = 0; i < p->voted.num; i++) {
		uint32_t old_index = p->voted.data[i];
		struct candidate candidate = {
			.old_index = old_index,
			.new_index = new_index,
			.shared = 2ull * p->votes.data[old_index],
			.total = (uint64_t)p->num_tokens.data[old_index] + p->tokens.num,
		};

		p->votes.data[old_index] = 0;
		/* Unnamed things must be alike, things of one name need not. */
		if (names_only && candidate.shared * 2 < candidate.total)
			continue;
		if (!vec_push(&p->candidates, candidate))
			p->d->failed = true;
	}
}

static void rest_drop_paired(thing_vec *things)
{
	size_t num = 0;

	for (size_t i = 0; i < things->num; i++) {
		if (!things->data[i]->is_paired)
			things->data[num++] = things->data[i];
	}
	things->num = num;
}

/* Pairs of p->rest, most alike first; afterwards, but for unnamed ones, in their order. */
static void rest_pair(struct pairing *p, bool names_only)
{
	thing_vec *old_things = &p->rest[DIFF_OLD], *new_things = &p->rest[DIFF_NEW];

	if (!old_things->num || !new_things->num || p->d->failed)
		return;
	if (old_things->num > 1 || new_things->num > 1 || names_only) {
		for (int i = 0; i < DIFF_SIDES; i++)
			qsort_r(p->rest[i].data, p->rest[i].num, sizeof(*p->rest[i].data),
				compare_things, &p->d->sides[i]);
		p->candidates.num = 0;
		old_tokens_make(p, names_only);
		for (uint32_t i = 0; i < new_things->num && !p->d->failed; i++)
			new_thing_vote(p, i, names_only);
		if (p->candidates.num)
			qsort(p->candidates.data, p->candidates.num, sizeof(*p->candidates.data),
			      compare_candidates);
		for (size_t i = 0; i < p->candidates.num; i++) {
			struct thing *old_thing = old_things->data[p->candidates.data[i].old_index];
			struct thing *new_thing = new_things->data[p->candidates.data[i].new_index];

			if (!old_thing->is_paired && !new_thing->is_paired)
				entry_add(p->d, old_thing, new_thing);
		}
	}
	rest_drop_paired(old_things);
	rest_drop_paired(new_things);
	if (names_only)
		return;
	for (size_t i = 0; i < old_things->num && i < new_things->num; i++)
		entry_add(p->d, old_things->data[i], new_things->data[i]);
}

static int compare_contents(const void *a, const void *b)
{
	const struct thing *x = *(struct thing *const *)a, *y = *(struct thing *const *)b;

	return compare_u64(x->content, y->content);
}

static void equal_pair(struct pairing *p)
{
	thing_vec *old_things = &p->lists[DIFF_OLD], *new_things = &p->lists[DIFF_NEW];
	size_t i = 0, k = 0;

	for (int s = 0; s < DIFF_SIDES; s++) {
		if (p->lists[s].num > 1)
			qsort(p->lists[s].data, p->lists[s].num, sizeof(*p->lists[s].data),
			      compare_contents);
	}
	while (i < old_things->num && k < new_things->num) {
		struct thing *x = old_things->data[i], *y = new_things->data[k];

		if (x->content == y->content)
			x->is_paired = y->is_paired = true;
		i += x->content <= y->content;
		k += y->content <= x->content;
	}
}

/* What is left of the lists: declarations or definitions, or all. */
static void rest_fill(struct pairing *p, int side, int want_fwd)
{
	thing_vec *rest = &p->rest[side];

	rest->num = 0;
	for (size_t i = 0; i < p->lists[side].num; i++) {
		struct thing *thing = p->lists[side].data[i];
		bool is_fwd = btf_view_kind(p->d->sides[side].view, thing->id) == BTF_FWD;

		if (thing->is_paired || (want_fwd >= 0 && is_fwd != want_fwd))
			continue;
		if (!vec_push(rest, thing))
			p->d->failed = true;
	}
}

static void leftovers_add(struct pairing *p)
{
	for (int side = 0; side < DIFF_SIDES; side++) {
		thing_vec *rest = &p->rest[side];

		rest_fill(p, side, -1);
		if (rest->num > 1)
			qsort_r(rest->data, rest->num, sizeof(*rest->data), compare_things,
				&p->d->sides[side]);
		for (size_t i = 0; i < rest->num; i++)
			entry_add(p->d, side == DIFF_OLD ? rest->data[i] : NULL,
				  side == DIFF_NEW ? rest->data[i] : NULL);
	}
}

static void key_pair(struct pairing *p, uint32_t key)
{
	for (int side = 0; side < DIFF_SIDES; side++) {
		struct diff_side *s = &p->d->sides[side];

		p->lists[side].num = 0;
		for (uint32_t i = s->heads[key]; i; i = s->things.data[i - 1].next) {
			if (!vec_push(&p->lists[side], &s->things.data[i - 1]))
				p->d->failed = true;
		}
	}
	if (p->d->failed)
		return;
	equal_pair(p);
	if (p->lists[DIFF_OLD].num == 1 && p->lists[DIFF_NEW].num == 1) {
		if (!p->lists[DIFF_OLD].data[0]->is_paired)
			entry_add(p->d, p->lists[DIFF_OLD].data[0], p->lists[DIFF_NEW].data[0]);
		return;
	}
	/* Definitions among themselves, declarations among themselves, then what is left. */
	for (int want_fwd = 0; want_fwd <= 1; want_fwd++) {
		rest_fill(p, DIFF_OLD, want_fwd);
		rest_fill(p, DIFF_NEW, want_fwd);
		rest_pair(p, false);
	}
	rest_fill(p, DIFF_OLD, -1);
	rest_fill(p, DIFF_NEW, -1);
	rest_pair(p, false);
	leftovers_add(p);
}

static bool heads_make(struct differ *d)
{
	for (int side = 0; side < DIFF_SIDES; side++) {
		struct diff_side *s = &d->sides[side];

		s->heads = calloc(d->tuples.num, sizeof(*s->heads));
		if (!s->heads)
			return false;
		for (size_t i = s->things.num; i-- > 0;) {
			struct thing *thing = &s->things.data[i];

			if (!thing->key)
				continue;
			thing->next = s->heads[thing->key];
			s->heads[thing->key] = (uint32_t)i + 1;
		}
	}
	return true;
}

/* Unnamed roots. */

/* Marks the contents of all unnamed types, and of what is a root only once. */
static void unnamed_mark(const struct differ *d, const struct diff_side *side, uint8_t *marks)
{
	const struct btf_view *view = side->view;

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		if (!diff_is_label(view, id))
			marks[diff_class(d, side, id)] = 1;
	}
}

static void unnamed_collect(struct pairing *p, int side, uint8_t *marks)
{
	struct diff_side *s = &p->d->sides[side];

	p->lists[side].num = 0;
	for (size_t i = 0; i < s->things.num && !p->d->failed; i++) {
		struct thing *thing = &s->things.data[i];

		if (thing->key || marks[thing->content])
			continue;
		marks[thing->content] = 1;
		if (!vec_push(&p->lists[side], thing))
			p->d->failed = true;
	}
}

static void unnamed_rest_fill(struct pairing *p, int side, uint32_t kind)
{
	p->rest[side].num = 0;
	for (size_t i = 0; i < p->lists[side].num; i++) {
		struct thing *thing = p->lists[side].data[i];

		if (diff_listed_kind(btf_view_kind(p->d->sides[side].view, thing->id)) != kind)
			continue;
		if (!vec_push(&p->rest[side], thing))
			p->d->failed = true;
	}
}

static void unnamed_pair(struct pairing *p)
{
	static const uint32_t kinds[] = { BTF_STRUCT, BTF_UNION, BTF_ENUM };
	uint8_t *marks[DIFF_SIDES];

	for (int side = 0; side < DIFF_SIDES; side++) {
		marks[side] = calloc(p->d->tuples.num, 1);
		if (!marks[side])
			p->d->failed = true;
		else
			unnamed_mark(p->d, &p->d->sides[!side], marks[side]);
	}
	for (int side = 0; side < DIFF_SIDES && !p->d->failed; side++)
		unnamed_collect(p, side, marks[side]);
	free(marks[DIFF_OLD]);
	free(marks[DIFF_NEW]);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !p->d->failed; i++) {
		unnamed_rest_fill(p, DIFF_OLD, kinds[i]);
		unnamed_rest_fill(p, DIFF_NEW, kinds[i]);
		rest_pair(p, true);
	}
	if (!p->d->failed)
		leftovers_add(p);
}

void diff_pairs_make(struct differ *d)
{
	struct pairing p = { .d = d };
	uint32_t num_keys = (uint32_t)d->tuples.num;

	if (!heads_make(d)) {
		d->failed = true;
		return;
	}
	for (uint32_t key = 1; key < num_keys && !d->failed; key++) {
		if (d->sides[DIFF_OLD].heads[key] || d->sides[DIFF_NEW].heads[key])
			key_pair(&p, key);
	}
	if (!d->failed)
		unnamed_pair(&p);
	for (int i = 0; i < DIFF_SIDES; i++) {
		vec_deinit(&p.lists[i]);
		vec_deinit(&p.rest[i]);
	}
	vec_deinit(&p.tokens);
	vec_deinit(&p.old_tokens);
	vec_deinit(&p.candidates);
	vec_deinit(&p.num_tokens);
	vec_deinit(&p.votes);
	vec_deinit(&p.voted);
}
