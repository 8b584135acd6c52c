// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What differs inside a pair.
 *
 * The members of a struct are flattened first: what an unnamed struct or union holds becomes a row
 * of its own under the path that C code would use, with its offset from the start of the whole (from
 * the start of the element behind "[]" and "->"). A row of a named part that was taken apart is
 * compared by its shape only. Rows of the two sides belong together by path, then, of what is left,
 * by offset and type: these were renamed.
 *
 * Unnamed parts can be nested so that flattening them never ends; depth and steps are bounded, and
 * what is beyond stays one row.
 */
#include "lib/btf/diff_internal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/btf/describe.h"

enum { MAX_DEPTH = 24, MAX_WRAPPERS = 32, MAX_ALIGNED = 64, MAX_PREFIX = 4096, STEP_BYTES = 64 };

#define NO_ROW UINT32_MAX

struct row {
	const char *name;
	uint32_t path; /* number of the name */
	uint32_t type_id;
	uint32_t bits;
	uint32_t class;	  /* of the shape, if it was taken apart */
	uint32_t parent;  /* row of the named part it stands in; NO_ROW: none */
	uint32_t partner; /* row of the other side; NO_ROW: none */
	bool is_renamed;
	uint64_t off; /* bits */
};

typedef VEC(struct row) row_vec;

struct flat_frame {
	uint32_t id;
	uint32_t next;
	uint32_t parent;
	const char *prefix;
	uint64_t off;
};

struct detailer {
	struct differ *d;
	struct diff_entry *entry;
	row_vec rows[DIFF_SIDES];
	word_vec orders[DIFF_SIDES];
};

static void detail_add(struct detailer *t, struct diff_detail detail)
{
	if (!vec_push(&t->d->diff->details, detail))
		t->d->failed = true;
}

/* Paths. */

static void steps_take(struct differ *d, size_t num)
{
	d->steps -= num < d->steps ? num : d->steps;
}

static const char *path_make(struct differ *d, const char *prefix, const char *name,
			     const char *suffix)
{
	size_t a = strlen(prefix), b = strlen(name), c = strlen(suffix);
	char *path;

	if (!a && !c)
		return name;
	steps_take(d, 1 + (a + b + c) / STEP_BYTES);
	path = arena_alloc(&d->diff->arena, a + b + c + 1, 1);
	if (!path) {
		d->failed = true;
		return "";
	}
	memcpy(path, prefix, a);
	memcpy(path + a, name, b);
	memcpy(path + a + b, suffix, c + 1);
	return path;
}

/*
 * The unnamed struct or union that a member is of, or points to once; 0: neither. *ret_suffix is
 * what C writes behind the member's name to get inside.
 */
static uint32_t unnamed_part(const struct btf_view *view, uint32_t id, const char **ret_suffix,
			     bool *ret_restart)
{
	bool is_array = false, is_pointer = false;

	for (int i = 0; i < MAX_WRAPPERS; i++) {
		uint32_t kind = btf_view_kind(view, id);

		if (btf_kind_is_composite(kind)) {
			if (diff_is_named(view, id))
				return 0;
			*ret_restart = is_array || is_pointer;
			*ret_suffix = is_array	 ? is_pointer ? "[]->" : "[]." :
				      is_pointer ? "->" :
						   ".";
			return id;
		}
		if (kind == BTF_ARRAY && !is_pointer) {
			is_array = true;
			id = btf_view_array(view, id).elem_id;
		} else if (kind == BTF_PTR && !is_pointer) {
			is_pointer = true;
			id = btf_view_word(view, id);
		} else if (kind == BTF_VOLATILE || kind == BTF_CONST || kind == BTF_RESTRICT ||
			   kind == BTF_TYPE_TAG) {
			id = btf_view_word(view, id);
		} else {
			return 0;
		}
	}
	return 0;
}

static uint32_t shape_class(struct differ *d, const struct btf_view *view, uint32_t id)
{
	struct describe_text text;
	size_t size;
	char *copy;

	btf_describe_type(view, id, &text);
	size = strlen(text.data) + 1;
	copy = arena_alloc(&d->diff->arena, size, 1);
	if (!copy) {
		d->failed = true;
		return 0;
	}
	memcpy(copy, text.data, size);
	return DIFF_TUPLE(d, TUPLE_SHALLOW, diff_name(d, copy));
}

typedef VEC(struct flat_frame) flat_vec;

static void member_flatten(struct detailer *t, int side, const struct flat_frame *top, uint32_t i,
			   flat_vec *stack)
{
	struct differ *d = t->d;
	struct diff_side *s = &d->sides[side];
	struct btf_view_member member = btf_view_member(s->view, top->id, i);
	struct flat_frame inner = { .off = top->off + member.bit_off, .parent = top->parent };
	const char *suffix = "";
	bool restart = false;

	if (stack->num < MAX_DEPTH && d->steps &&
	    strlen(top->prefix) + strlen(member.name) < MAX_PREFIX)
		inner.id = unnamed_part(s->view, member.type_id, &suffix, &restart);
	if (inner.id && !*member.name && restart)
		inner.id = 0;
	if (inner.id)
		steps_take(d, 1);
	if (!inner.id || *member.name) {
		const char *path = path_make(d, top->prefix, member.name, "");
		struct row row = {
			.name = path,
			.path = diff_name(d, path),
			.type_id = member.type_id,
			.bits = member.bits,
			.class = inner.id ? shape_class(d, s->view, member.type_id) :
					    diff_class(d, s, member.type_id),
			.parent = top->parent,
			.partner = NO_ROW,
			.off = inner.off,
		};

		inner.parent = (uint32_t)t->rows[side].num;
		if (!vec_push(&t->rows[side], row))
			d->failed = true;
	}
	if (!inner.id)
		return;
	inner.prefix = *member.name ? path_make(d, top->prefix, member.name, suffix) : top->prefix;
	if (restart)
		inner.off = 0;
	if (!vec_push(stack, inner))
		d->failed = true;
}

static void members_flatten(struct detailer *t, int side)
{
	const struct btf_view *view = t->d->sides[side].view;
	flat_vec stack = {};

	t->rows[side].num = 0;
	if (!vec_push(&stack, (struct flat_frame){
				      .id = t->entry->ids[side], .parent = NO_ROW, .prefix = "" }))
		t->d->failed = true;
	while (stack.num && !t->d->failed) {
		struct flat_frame top = stack.data[stack.num - 1];

		if (top.next == btf_view_vlen(view, top.id) ||
		    (stack.num > 1 && t->d->steps == 0)) {
			stack.num--;
			continue;
		}
		stack.data[stack.num - 1].next++;
		if (stack.num > 1)
			steps_take(t->d, 1);
		member_flatten(t, side, &top, top.next, &stack);
	}
	vec_deinit(&stack);
}

/* Rows that belong together. */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_paths(const void *a, const void *b, void *arg)
{
	const struct row *rows = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = compare_u64(rows[x].path, rows[y].path);

	return order ? order : compare_u64(x, y);
}

static int compare_spots(const struct row *x, const struct row *y)
{
	int order = compare_u64(x->off, y->off);

	if (!order)
		order = compare_u64(x->bits, y->bits);
	return order ? order : compare_u64(x->class, y->class);
}

static int compare_row_spots(const void *a, const void *b, void *arg)
{
	const struct row *rows = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = compare_spots(&rows[x], &rows[y]);

	return order ? order : compare_u64(x, y);
}

typedef int compare_index_fn(const void *a, const void *b, void *arg);

static void order_make(struct detailer *t, int side, compare_index_fn *compare)
{
	row_vec *rows = &t->rows[side];
	word_vec *order = &t->orders[side];

	order->num = 0;
	for (uint32_t i = 0; i < rows->num; i++) {
		if (rows->data[i].partner == NO_ROW && !vec_push(order, i))
			t->d->failed = true;
	}
	if (order->num)
		qsort_r(order->data, order->num, sizeof(*order->data), compare, rows->data);
}

static void rows_pair(struct detailer *t, bool by_spot)
{
	word_vec *olds = &t->orders[DIFF_OLD], *news = &t->orders[DIFF_NEW];
	size_t i = 0, k = 0;

	for (int side = 0; side < DIFF_SIDES; side++)
		order_make(t, side, by_spot ? compare_row_spots : compare_paths);
	while (i < olds->num && k < news->num && !t->d->failed) {
		struct row *x = &t->rows[DIFF_OLD].data[olds->data[i]];
		struct row *y = &t->rows[DIFF_NEW].data[news->data[k]];
		int order = by_spot ? compare_spots(x, y) : compare_u64(x->path, y->path);

		if (!order) {
			x->partner = news->data[k];
			y->partner = olds->data[i];
			x->is_renamed = y->is_renamed = by_spot;
		}
		i += order <= 0;
		k += order >= 0;
	}
}

static int row_changes(const struct row *x, const struct row *y)
{
	return (x->off != y->off ? DIFF_HOW_MOVED : 0) |
	       (x->class != y->class ? DIFF_HOW_RETYPED : 0) |
	       (x->bits != y->bits ? DIFF_HOW_RESIZED : 0) | (x->is_renamed ? DIFF_HOW_RENAMED : 0);
}

/* True if the part that the row stands in moved or was renamed the same way. */
static bool parent_tells(const struct detailer *t, const struct row *x, const struct row *y,
			 int how)
{
	const struct row *px, *py;
	int parent_how;

	if (y->parent == NO_ROW || x->parent == NO_ROW)
		return false;
	py = &t->rows[DIFF_NEW].data[y->parent];
	px = &t->rows[DIFF_OLD].data[x->parent];
	if (py->partner != x->parent)
		return false;
	parent_how = row_changes(px, py);
	if (how & ~(DIFF_HOW_MOVED | DIFF_HOW_RENAMED) || how & ~parent_how)
		return false;
	return !(how & DIFF_HOW_MOVED) || y->off - x->off == py->off - px->off;
}

static void member_detail_add(struct detailer *t, const struct row *x, const struct row *y, int how)
{
	const struct row *rows[DIFF_SIDES] = { x, y };
	struct diff_detail detail = { .what = DIFF_MEMBER, .how = (uint8_t)how };

	for (int side = 0; side < DIFF_SIDES; side++) {
		if (!rows[side])
			continue;
		detail.names[side] = rows[side]->name;
		detail.type_ids[side] = rows[side]->type_id;
		detail.values[side] = rows[side]->off;
		detail.bits[side] = rows[side]->bits;
	}
	detail_add(t, detail);
}

/* Where a row with a partner is the next: what went is told before what came in its place. */
static size_t next_partnered(const row_vec *rows, size_t from)
{
	while (from < rows->num && rows->data[from].partner == NO_ROW)
		from++;
	return from;
}

static size_t next_after(size_t from, size_t partner)
{
	return from > partner ? from : partner + 1;
}

static void removed_rows_add(struct detailer *t, size_t *from, size_t to)
{
	for (; *from < to; (*from)++) {
		const struct row *row = &t->rows[DIFF_OLD].data[*from];

		if (row->partner == NO_ROW)
			member_detail_add(t, row, NULL, DIFF_HOW_REMOVED);
	}
}

static void members_compare(struct detailer *t)
{
	row_vec *olds = &t->rows[DIFF_OLD], *news = &t->rows[DIFF_NEW];
	size_t from = 0;

	for (int side = 0; side < DIFF_SIDES; side++)
		members_flatten(t, side);
	rows_pair(t, false);
	rows_pair(t, true);
	for (size_t i = 0; i < news->num && !t->d->failed; i++) {
		const struct row *y = &news->data[i], *x;
		int how;

		if (y->partner == NO_ROW) {
			removed_rows_add(t, &from, next_partnered(olds, from));
			member_detail_add(t, NULL, y, DIFF_HOW_ADDED);
			continue;
		}
		removed_rows_add(t, &from, y->partner);
		from = next_after(from, y->partner);
		x = &olds->data[y->partner];
		how = row_changes(x, y);
		if (how && !parent_tells(t, x, y, how))
			member_detail_add(t, x, y, how);
	}
	removed_rows_add(t, &from, olds->num);
}

/* Enumerators. */

static void values_read(struct detailer *t, int side)
{
	struct diff_side *s = &t->d->sides[side];
	uint32_t id = t->entry->ids[side], vlen = btf_view_vlen(s->view, id);

	t->rows[side].num = 0;
	for (uint32_t i = 0; i < vlen && !t->d->failed; i++) {
		struct btf_view_value value = btf_view_value(s->view, id, i);
		struct row row = {
			.name = value.name,
			.path = diff_name_at(t->d, s, btf_view_elem_word(s->view, id, i, 0)),
			.partner = NO_ROW,
			.off = value.value,
		};

		if (!vec_push(&t->rows[side], row))
			t->d->failed = true;
	}
}

static void value_detail_add(struct detailer *t, const struct row *x, const struct row *y, int how)
{
	struct diff_detail detail = {
		.what = DIFF_ENUMERATOR,
		.how = (uint8_t)how,
		.names = { x ? x->name : NULL, y ? y->name : NULL },
		.values = { x ? x->off : 0, y ? y->off : 0 },
	};

	detail_add(t, detail);
}

static void removed_values_add(struct detailer *t, size_t *from, size_t to)
{
	for (; *from < to; (*from)++) {
		const struct row *row = &t->rows[DIFF_OLD].data[*from];

		if (row->partner == NO_ROW)
			value_detail_add(t, row, NULL, DIFF_HOW_REMOVED);
	}
}

static void values_compare(struct detailer *t)
{
	row_vec *olds = &t->rows[DIFF_OLD], *news = &t->rows[DIFF_NEW];
	size_t from = 0;

	for (int side = 0; side < DIFF_SIDES; side++)
		values_read(t, side);
	rows_pair(t, false);
	for (size_t i = 0; i < news->num && !t->d->failed; i++) {
		const struct row *y = &news->data[i], *x;

		if (y->partner == NO_ROW) {
			removed_values_add(t, &from, next_partnered(olds, from));
			value_detail_add(t, NULL, y, DIFF_HOW_ADDED);
			continue;
		}
		removed_values_add(t, &from, y->partner);
		from = next_after(from, y->partner);
		x = &olds->data[y->partner];
		if (x->off != y->off)
			value_detail_add(t, x, y, DIFF_HOW_CHANGED);
	}
	removed_values_add(t, &from, olds->num);
}

/* Parameters. */

static void params_read(struct detailer *t, int side)
{
	struct diff_side *s = &t->d->sides[side];
	uint32_t proto = btf_view_word(s->view, t->entry->ids[side]);
	uint32_t vlen = btf_view_vlen(s->view, proto);

	t->rows[side].num = 0;
	for (uint32_t i = 0; i < vlen && !t->d->failed; i++) {
		struct btf_view_param param = btf_view_param(s->view, proto, i);
		struct row row = {
			.name = param.name,
			.path = diff_name_at(t->d, s, btf_view_elem_word(s->view, proto, i, 0)),
			.type_id = param.type_id,
			.class = diff_class(t->d, s, param.type_id),
			.partner = NO_ROW,
		};

		if (!vec_push(&t->rows[side], row))
			t->d->failed = true;
	}
}

static bool params_equal(const struct row *x, const struct row *y)
{
	return x->path == y->path && x->class == y->class;
}

static void params_join(struct detailer *t, size_t i, size_t k)
{
	t->rows[DIFF_OLD].data[i].partner = (uint32_t)k;
	t->rows[DIFF_NEW].data[k].partner = (uint32_t)i;
}

/* Between two anchors: by name, then by place if there are as many, then by type. */
static void params_gap_join(struct detailer *t, size_t old_from, size_t old_to, size_t new_from,
			    size_t new_to)
{
	struct row *olds = t->rows[DIFF_OLD].data, *news = t->rows[DIFF_NEW].data;
	size_t next = old_from;

	if (old_to - old_from == new_to - new_from) {
		for (size_t i = 0; i < old_to - old_from; i++)
			params_join(t, old_from + i, new_from + i);
		return;
	}
	for (int by_type = 0; by_type <= 1; by_type++) {
		next = old_from;
		for (size_t k = new_from; k < new_to; k++) {
			size_t i = next;

			/* Joined ones must not cross. */
			if (news[k].partner != NO_ROW) {
				next = news[k].partner + 1;
				continue;
			}
			for (; i < old_to && i - next < MAX_ALIGNED; i++) {
				if (olds[i].partner != NO_ROW) {
					i = old_to;
					break;
				}
				if (by_type ? olds[i].class == news[k].class :
					      olds[i].path && olds[i].path == news[k].path)
					break;
			}
			if (i < old_to && i - next < MAX_ALIGNED) {
				params_join(t, i, k);
				next = i + 1;
			}
		}
	}
}

/* Longest common subsequence of what stands between equal starts and equal ends. */
static void params_align(struct detailer *t)
{
	struct row *olds = t->rows[DIFF_OLD].data, *news = t->rows[DIFF_NEW].data;
	size_t n = t->rows[DIFF_OLD].num, m = t->rows[DIFF_NEW].num, start = 0, end = 0;
	uint8_t lengths[MAX_ALIGNED + 1][MAX_ALIGNED + 1];
	size_t i, k, gap_i, gap_k;

	while (start < n && start < m && params_equal(&olds[start], &news[start])) {
		params_join(t, start, start);
		start++;
	}
	while (end < n - start && end < m - start &&
	       params_equal(&olds[n - 1 - end], &news[m - 1 - end])) {
		params_join(t, n - 1 - end, m - 1 - end);
		end++;
	}
	n -= start + end;
	m -= start + end;
	if (n > MAX_ALIGNED || m > MAX_ALIGNED) {
		params_gap_join(t, start, start + n, start, start + m);
		return;
	}
	memset(lengths, 0, sizeof(lengths));
	for (i = n; i-- > 0;) {
		for (k = m; k-- > 0;) {
			if (params_equal(&olds[start + i], &news[start + k]))
				lengths[i][k] = (uint8_t)(lengths[i + 1][k + 1] + 1);
			else
				lengths[i][k] = lengths[i + 1][k] > lengths[i][k + 1] ?
							lengths[i + 1][k] :
							lengths[i][k + 1];
		}
	}
	for (i = k = gap_i = gap_k = 0; i < n && k < m;) {
		if (params_equal(&olds[start + i], &news[start + k])) {
			params_gap_join(t, start + gap_i, start + i, start + gap_k, start + k);
			params_join(t, start + i, start + k);
			gap_i = ++i;
			gap_k = ++k;
		} else if (lengths[i + 1][k] >= lengths[i][k + 1]) {
			i++;
		} else {
			k++;
		}
	}
	params_gap_join(t, start + gap_i, start + n, start + gap_k, start + m);
}

static void param_detail_add(struct detailer *t, size_t i, size_t k, int how)
{
	size_t indexes[DIFF_SIDES] = { i, k };
	struct diff_detail detail = { .what = DIFF_PARAMETER, .how = (uint8_t)how };

	for (int side = 0; side < DIFF_SIDES; side++) {
		const struct row *row;

		if (indexes[side] == SIZE_MAX)
			continue;
		row = &t->rows[side].data[indexes[side]];
		detail.names[side] = row->name;
		detail.type_ids[side] = row->type_id;
		detail.indexes[side] = (uint32_t)indexes[side] + 1;
	}
	detail_add(t, detail);
}

static void removed_params_add(struct detailer *t, size_t *from, size_t to)
{
	for (; *from < to; (*from)++) {
		if (t->rows[DIFF_OLD].data[*from].partner == NO_ROW)
			param_detail_add(t, *from, SIZE_MAX, DIFF_HOW_REMOVED);
	}
}

static void params_compare(struct detailer *t)
{
	row_vec *olds = &t->rows[DIFF_OLD], *news = &t->rows[DIFF_NEW];
	size_t from = 0;

	for (int side = 0; side < DIFF_SIDES; side++)
		params_read(t, side);
	if (t->d->failed)
		return;
	params_align(t);
	for (size_t k = 0; k < news->num; k++) {
		const struct row *y = &news->data[k], *x;
		int how;

		if (y->partner == NO_ROW) {
			removed_params_add(t, &from, next_partnered(olds, from));
			param_detail_add(t, SIZE_MAX, k, DIFF_HOW_ADDED);
			continue;
		}
		removed_params_add(t, &from, y->partner);
		from = next_after(from, y->partner);
		x = &olds->data[y->partner];
		how = (x->class != y->class ? DIFF_HOW_RETYPED : 0) |
		      (x->path != y->path ? DIFF_HOW_RENAMED : 0);
		if (how)
			param_detail_add(t, y->partner, k, how);
	}
	removed_params_add(t, &from, olds->num);
}

/* One value or type of each side. */

static void value_compare(struct detailer *t, enum diff_what what, uint64_t x, uint64_t y, int how)
{
	if (x != y)
		detail_add(t, (struct diff_detail){ .what = (uint8_t)what,
						    .how = (uint8_t)how,
						    .values = { x, y } });
}

static void type_compare(struct detailer *t, enum diff_what what, uint32_t x, uint32_t y)
{
	if (diff_class(t->d, &t->d->sides[DIFF_OLD], x) ==
	    diff_class(t->d, &t->d->sides[DIFF_NEW], y))
		return;
	detail_add(t, (struct diff_detail){ .what = (uint8_t)what,
					    .how = DIFF_HOW_RETYPED,
					    .type_ids = { x, y } });
}

static void place_compare(struct detailer *t)
{
	const struct diff_entry *entry = t->entry;
	const char *x = entry->sections[DIFF_OLD], *y = entry->sections[DIFF_NEW];

	if (!x != !y || (x && strcmp(x, y) != 0)) {
		detail_add(t, (struct diff_detail){ .what = DIFF_SECTION,
						    .how = DIFF_HOW_CHANGED,
						    .names = { x, y } });
	} else {
		value_compare(t, DIFF_OFFSET, entry->section_offs[DIFF_OLD],
			      entry->section_offs[DIFF_NEW], DIFF_HOW_MOVED);
	}
	if (x && y)
		value_compare(t, DIFF_SIZE, entry->sizes[DIFF_OLD], entry->sizes[DIFF_NEW],
			      DIFF_HOW_RESIZED);
}

static void func_compare(struct detailer *t)
{
	const struct btf_view *olds = t->d->sides[DIFF_OLD].view;
	const struct btf_view *news = t->d->sides[DIFF_NEW].view;
	uint32_t x = t->entry->ids[DIFF_OLD], y = t->entry->ids[DIFF_NEW];
	uint32_t old_proto = btf_view_word(olds, x), new_proto = btf_view_word(news, y);

	value_compare(t, DIFF_LINKAGE, btf_view_vlen(olds, x), btf_view_vlen(news, y),
		      DIFF_HOW_CHANGED);
	place_compare(t);
	if (btf_view_kind(olds, old_proto) != BTF_FUNC_PROTO ||
	    btf_view_kind(news, new_proto) != BTF_FUNC_PROTO) {
		type_compare(t, DIFF_TYPE, old_proto, new_proto);
		return;
	}
	type_compare(t, DIFF_RESULT, btf_view_word(olds, old_proto),
		     btf_view_word(news, new_proto));
	params_compare(t);
}

/* Tags. */

static int compare_side_tags(const void *a, const void *b)
{
	const struct side_tag *x = *(struct side_tag *const *)a, *y = *(struct side_tag *const *)b;

	return compare_u64(x->token, y->token);
}

typedef VEC(const struct side_tag *) tag_vec;

static void tags_collect(struct differ *d, const struct diff_side *side, uint32_t id,
			 tag_vec *ret_tags)
{
	uint32_t index = side->first_tags[id - side->view->first_id];

	for (; index; index = side->tags.data[index - 1].next) {
		if (!vec_push(ret_tags, &side->tags.data[index - 1]))
			d->failed = true;
	}
	if (ret_tags->num)
		qsort(ret_tags->data, ret_tags->num, sizeof(*ret_tags->data), compare_side_tags);
}

static void tag_detail_add(struct detailer *t, int side, const struct side_tag *tag)
{
	struct diff_detail detail = {
		.what = DIFF_TAG,
		.how = side == DIFF_OLD ? DIFF_HOW_REMOVED : DIFF_HOW_ADDED,
		.component = tag->component,
	};

	detail.names[side] = btf_view_name(t->d->sides[side].view, tag->tag_id);
	if (tag->component)
		detail.indexes[side] = tag->component_index + 1;
	detail_add(t, detail);
}

static int compare_tag_details(const void *a, const void *b)
{
	const struct diff_detail *x = a, *y = b;
	const char *x_name = x->names[DIFF_OLD] ? x->names[DIFF_OLD] : x->names[DIFF_NEW];
	const char *y_name = y->names[DIFF_OLD] ? y->names[DIFF_OLD] : y->names[DIFF_NEW];
	int order = strcmp(x->component ? x->component : "", y->component ? y->component : "");

	if (!order)
		order = compare_u64((uint64_t)x->indexes[0] + x->indexes[1],
				    (uint64_t)y->indexes[0] + y->indexes[1]);
	if (!order)
		order = strcmp(x_name, y_name);
	/* Removed ones first. */
	return order ? order : compare_u64(y->how, x->how);
}

static void tags_compare(struct detailer *t)
{
	size_t first = t->d->diff->details.num, i = 0, k = 0;
	tag_vec tags[DIFF_SIDES] = {};

	for (int side = 0; side < DIFF_SIDES; side++)
		tags_collect(t->d, &t->d->sides[side], t->entry->ids[side], &tags[side]);
	while (!t->d->failed && (i < tags[DIFF_OLD].num || k < tags[DIFF_NEW].num)) {
		uint64_t x = i < tags[DIFF_OLD].num ? tags[DIFF_OLD].data[i]->token : UINT64_MAX;
		uint64_t y = k < tags[DIFF_NEW].num ? tags[DIFF_NEW].data[k]->token : UINT64_MAX;

		if (x < y)
			tag_detail_add(t, DIFF_OLD, tags[DIFF_OLD].data[i]);
		else if (y < x)
			tag_detail_add(t, DIFF_NEW, tags[DIFF_NEW].data[k]);
		i += x <= y;
		k += y <= x;
	}
	vec_deinit(&tags[DIFF_OLD]);
	vec_deinit(&tags[DIFF_NEW]);
	/* Tokens are numbers of this run: the order of their texts is the same in all. */
	if (t->d->diff->details.num > first + 1)
		qsort(t->d->diff->details.data + first, t->d->diff->details.num - first,
		      sizeof(struct diff_detail), compare_tag_details);
}

static void kind_compare(struct detailer *t, uint32_t *ret_kind)
{
	uint32_t x = btf_view_kind(t->d->sides[DIFF_OLD].view, t->entry->ids[DIFF_OLD]);
	uint32_t y = btf_view_kind(t->d->sides[DIFF_NEW].view, t->entry->ids[DIFF_NEW]);

	value_compare(t, DIFF_KIND, x, y, DIFF_HOW_CHANGED);
	*ret_kind = x == BTF_FWD || y == BTF_FWD ? (uint32_t)BTF_FWD : diff_listed_kind(x);
}

static void content_compare(struct detailer *t)
{
	const struct btf_view *olds = t->d->sides[DIFF_OLD].view;
	const struct btf_view *news = t->d->sides[DIFF_NEW].view;
	uint32_t x = t->entry->ids[DIFF_OLD], y = t->entry->ids[DIFF_NEW], kind;

	kind_compare(t, &kind);
	if (kind != BTF_FWD && btf_kind_table[kind].word == BTF_WORD_BYTES)
		value_compare(t, DIFF_SIZE, btf_view_word(olds, x), btf_view_word(news, y),
			      DIFF_HOW_RESIZED);
	switch (kind) {
	case BTF_INT:
		value_compare(t, DIFF_ENCODING, btf_view_tail_word(olds, x, 0),
			      btf_view_tail_word(news, y, 0), DIFF_HOW_CHANGED);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		members_compare(t);
		break;
	case BTF_ENUM:
		value_compare(t, DIFF_SIGNED, btf_view_flag(olds, x), btf_view_flag(news, y),
			      DIFF_HOW_CHANGED);
		values_compare(t);
		break;
	case BTF_TYPEDEF:
		type_compare(t, DIFF_TARGET, btf_view_word(olds, x), btf_view_word(news, y));
		break;
	case BTF_FUNC:
		func_compare(t);
		break;
	case BTF_VAR:
		value_compare(t, DIFF_LINKAGE, btf_view_linkage(olds, x), btf_view_linkage(news, y),
			      DIFF_HOW_CHANGED);
		place_compare(t);
		type_compare(t, DIFF_TYPE, btf_view_word(olds, x), btf_view_word(news, y));
		break;
	}
}

void diff_details_make(struct differ *d, struct diff_entry *entry)
{
	struct detailer t = { .d = d, .entry = entry };

	entry->first_detail = d->diff->details.num;
	if (entry->change == DIFF_CHANGED) {
		content_compare(&t);
		if (!entry->is_unnamed)
			tags_compare(&t);
		/* The order of members at one offset, what was too deep to be taken apart, ... */
		if (d->diff->details.num == entry->first_detail)
			detail_add(&t, (struct diff_detail){ .what = DIFF_INSIDE,
							     .how = DIFF_HOW_CHANGED });
	}
	entry->num_details = d->diff->details.num - entry->first_detail;
	for (int side = 0; side < DIFF_SIDES; side++) {
		vec_deinit(&t.rows[side]);
		vec_deinit(&t.orders[side]);
	}
}
