// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/references.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/vec.h"

static const char section_name[] = ".BTF";

static struct btfgen_error *header_check(const struct btf_view *view)
{
	const uint8_t *data = view->bytes.data;

	if (data[BTF_HEADER_FLAGS_OFF])
		return error_create_at(section_name, BTF_HEADER_FLAGS_OFF,
				       "unknown header flags 0x%x (made by a newer encoder?)",
				       data[BTF_HEADER_FLAGS_OFF]);
	for (uint32_t i = BTF_HEADER_LAYOUT_SIZE; i < view->header_size; i++) {
		if (data[i])
			return error_create_at(section_name, i,
					       "unknown header field (made by a newer encoder?)");
	}
	if (!view->base && view->strings_size && data[view->strings_off])
		return error_create_at(section_name, view->strings_off,
				       "the first string is not the empty one");
	return NULL;
}

struct checker {
	const struct btf_view *view;
	uint32_t strings_end; /* offsets below it exist */
};

static struct btfgen_error *bad_reference(const struct checker *c, uint32_t id, bool is_string,
					  uint32_t value)
{
	uint32_t kind = btf_view_kind(c->view, id);
	const char *name = btf_view_name(c->view, id);
	uint64_t off = c->view->types_off + c->view->record_offs[id - c->view->first_id];

	return error_create_at(section_name, off,
			       "type %" PRIu32 " %s%s%.120s%s refers to %s %" PRIu32
			       ", there are %" PRIu32 "%s",
			       id, btf_kind_table[kind].name, *name ? " '" : "", name,
			       *name ? "'" : "", is_string ? "string offset" : "type", value,
			       is_string ? c->strings_end : c->view->num_ids,
			       is_string ? " bytes of strings" : "");
}

static struct btfgen_error *words_check(const struct checker *c, uint32_t id, const uint8_t *words,
					uint32_t num, uint32_t ids, uint32_t strings)
{
	for (uint32_t k = 0; k < num; k++) {
		uint32_t value;

		if (!((ids | strings) >> k & 1))
			continue;
		value = load_u32(words + k * 4, c->view->swap);
		if (value >= (ids >> k & 1 ? c->view->num_ids : c->strings_end))
			return bad_reference(c, id, strings >> k & 1, value);
	}
	return NULL;
}

static struct btfgen_error *record_check(const struct checker *c, uint32_t id)
{
	const uint8_t *record = btf_view_record(c->view, id), *elem;
	uint32_t info = btf_view_load(c->view, record, BTF_RECORD_INFO_OFF);
	const struct btf_kind_info *kind;
	struct btfgen_error *err;
	uint32_t num;

	if (btf_info_kind(info) >= BTF_NUM_KINDS)
		return NULL;
	kind = &btf_kind_table[btf_info_kind(info)];
	err = words_check(c, id, record, 3, kind->word == BTF_WORD_ID ? 1u << 2 : 0, 1u << 0);
	if (!err)
		err = words_check(c, id, record + BTF_RECORD_SIZE, kind->tail_size / 4,
				  kind->tail_ids, kind->tail_strings);
	if (err || !(kind->elem_ids | kind->elem_strings))
		return err;
	num = btf_info_vlen(info);
	elem = record + BTF_RECORD_SIZE + kind->tail_size;
	for (uint32_t i = 0; i < num && !err; i++, elem += kind->elem_size)
		err = words_check(c, id, elem, kind->elem_size / 4, kind->elem_ids,
				  kind->elem_strings);
	return err;
}

/* Rings. */

enum visit_state { VISIT_NEW, VISIT_ON_STACK, VISIT_DONE };

struct frame {
	uint32_t id;
	uint32_t next; /* reference to go on with */
};

struct walk {
	const struct btf_view *view;
	uint8_t *states; /* own ids */
	VEC(struct frame) stack;
};

/* Types that a walk may pass through; in C a ring leads through a struct or union of a name. */
static bool is_passage(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	return kind == BTF_PTR || kind == BTF_ARRAY || kind == BTF_FUNC_PROTO ||
	       btf_kind_is_modifier(kind) ||
	       (btf_kind_is_composite(kind) && !btf_view_name_off(view, id));
}

/* Reference @i of a passage; false if there are no more. */
static bool passage_target(const struct btf_view *view, uint32_t id, uint32_t i, uint32_t *ret_id)
{
	uint32_t kind = btf_view_kind(view, id);

	if (kind == BTF_FUNC_PROTO || btf_kind_is_composite(kind)) {
		if (i < btf_view_vlen(view, id)) {
			*ret_id = btf_view_elem_word(view, id, i, 1);
			return true;
		}
		if (kind != BTF_FUNC_PROTO || i > btf_view_vlen(view, id))
			return false;
	} else if (i) {
		return false;
	}
	*ret_id = kind == BTF_ARRAY ? btf_view_tail_word(view, id, 0) : btf_view_word(view, id);
	return true;
}

static struct btfgen_error *walk_from(struct walk *w, uint32_t start)
{
	const struct btf_view *view = w->view;

	w->states[start - view->first_id] = VISIT_ON_STACK;
	if (!vec_push(&w->stack, (struct frame){ .id = start }))
		return error_nomem();
	while (w->stack.num) {
		struct frame *top = &w->stack.data[w->stack.num - 1];
		uint32_t target, own;

		if (!passage_target(view, top->id, top->next++, &target)) {
			w->states[top->id - view->first_id] = VISIT_DONE;
			w->stack.num--;
			continue;
		}
		own = target - view->first_id;
		/* A base cannot lead back to us. */
		if (own >= view->num_own || w->states[own] == VISIT_DONE ||
		    !is_passage(view, target))
			continue;
		if (w->states[own] == VISIT_ON_STACK)
			return error_create_at(section_name,
					       view->types_off + view->record_offs[own],
					       "type %" PRIu32 " %s leads back to itself", target,
					       btf_kind_table[btf_view_kind(view, target)].name);
		w->states[own] = VISIT_ON_STACK;
		if (!vec_push(&w->stack, (struct frame){ .id = target }))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *rings_check(const struct btf_view *view)
{
	struct walk w = { .view = view };
	struct btfgen_error *err = NULL;

	w.states = calloc((size_t)view->num_own + 1, 1);
	if (!w.states)
		return error_nomem();
	for (uint32_t id = view->first_id; id < view->num_ids && !err; id++) {
		if (w.states[id - view->first_id] == VISIT_NEW && is_passage(view, id))
			err = walk_from(&w, id);
	}
	vec_deinit(&w.stack);
	free(w.states);
	return err;
}

struct btfgen_error *btf_references_check(const struct btf_view *view)
{
	struct checker c = { .view = view, .strings_end = view->first_str + view->strings_size };
	struct btfgen_error *err;

	err = header_check(view);
	if (!err && c.strings_end < view->first_str)
		err = error_create_at(section_name, view->strings_off, "too many strings");
	for (uint32_t id = view->first_id; id < view->num_ids && !err; id++)
		err = record_check(&c, id);
	return err ? err : rings_check(view);
}
