// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Problem: the size behind each reference, and whether a type contains itself or a ring of pointers
 * leads nowhere.
 *
 * The walk goes depth first with a stack of its own and enters each type once. A reference is
 * followed only as far as a size or a ring can depend on it: behind a pointer through pointers and
 * modifiers, behind a struct or array through arrays, structs and modifiers. So a pointer to a
 * struct ends a walk, which is what makes C's types acyclic here; a type that is met while it is on
 * the stack is a ring (R19).
 *
 * For each finished modifier, pointer and variable `resolved` holds the type that gives the size;
 * it is found in one step from that of the target. What a modifier leads to need not be finished
 * with it:
 *
 *  - one finished below a struct may end at a pointer that was not entered. A pointer or variable
 *    that meets the modifier later goes on from there, or a ring through it would stay unseen.
 *  - one finished below a pointer may end at a struct or array that was not entered. See
 *    walk_value_target().
 *
 * Example: `*2; CONST 3; STRUCT s {m: 2}`. The walk from 1 finishes 2 without entering 3. The walk
 * from 3 meets 2, goes on with what it leads to, which is 3 itself, and reports the ring.
 *
 * Cost: each type is entered once, each reference looked at once or twice.
 */
#include "lib/btf/verify_internal.h"

#include "lib/base/vec.h"

/* Sizes. */

/* Chains in a base are not bounded by its ids' order as ours are; this is far beyond real ones. */
enum { MAX_BASE_STEPS = 4096 };

uint32_t verify_resolved(const struct verify *v, uint32_t id)
{
	if (id_is_own(v, id))
		return v->resolved[id - v->first_id];
	for (unsigned int i = 0; i < MAX_BASE_STEPS; i++) {
		if (!btf_kind_is_modifier(btf_view_kind(v->view, id)))
			return id;
		id = btf_view_word(v->view, id);
	}
	return 0;
}

static uint64_t multiply_saturated(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t base_array_size(const struct verify *v, uint32_t id)
{
	uint64_t num = 1;

	for (unsigned int i = 0; i < MAX_BASE_STEPS; i++) {
		struct btf_view_array array = btf_view_array(v->view, id);
		uint64_t size;

		num = multiply_saturated(num, array.num);
		id = verify_resolved(v, array.elem_id);
		if (btf_view_kind(v->view, id) == BTF_ARRAY)
			continue;
		return verify_size(v, id, &id, &size) ? multiply_saturated(num, size) : 0;
	}
	return 0;
}

bool verify_size(const struct verify *v, uint32_t id, uint32_t *ret_resolved, uint64_t *ret_size)
{
	uint32_t kind = kind_of(v, id);

	if (kind_in(kind, MODIFIER_KINDS)) {
		id = verify_resolved(v, id);
		kind = kind_of(v, id);
	}
	if (kind_in(kind, BYTES_KINDS))
		*ret_size = word_of(v, id);
	else if (kind == BTF_PTR)
		*ret_size = v->options->ptr_size;
	else if (kind == BTF_ARRAY)
		*ret_size =
			id_is_own(v, id) ? v->array_size[id - v->first_id] : base_array_size(v, id);
	else
		return false;
	*ret_resolved = id;
	return true;
}

bool verify_int_is_regular(const struct verify *v, uint32_t id)
{
	uint32_t tail = load(v, record_of(v, id), BTF_RECORD_SIZE), bits = btf_int_bits(tail);

	return !btf_int_bit_off(tail) &&
	       (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
}

/* The walk: R1-R4, R7-R10, R17, R19, R20. */

enum walk_mode { MODE_NEW, MODE_PTR, MODE_VALUE };

/* Kinds whose references a walk follows. */
static const uint32_t walk_enters[] = {
	[MODE_NEW] = MODIFIER_KINDS | COMPOSITE_KINDS | SOURCE_KINDS | KIND_BIT(BTF_PTR) |
		     KIND_BIT(BTF_ARRAY) | KIND_BIT(BTF_FUNC),
	[MODE_PTR] = MODIFIER_KINDS | KIND_BIT(BTF_PTR),
	[MODE_VALUE] = MODIFIER_KINDS | COMPOSITE_KINDS | KIND_BIT(BTF_ARRAY),
};

struct walk_frame {
	uint32_t id;
	uint32_t next; /* element to go on with */
};

struct walk {
	const struct verify *v;
	enum walk_mode mode;
	VEC(struct walk_frame) stack;
	struct verify_violation *ret_violation;
	bool no_memory;
};

static bool walk_must_enter(const struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t own = id - v->first_id;

	return own < v->num_own && kind_in(v->kinds[own], walk_enters[w->mode]) &&
	       v->states[own] != VISIT_DONE;
}

static bool walk_enter(struct walk *w, uint32_t from_id, uint32_t index, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t own = id - v->first_id, kind = v->kinds[own];

	if (v->options->program && w->stack.num == BTF_LIMIT_DEPTH)
		return verify_violate(v, w->ret_violation, "R20", from_id, index,
				      "types lie more than %u deep in each other", BTF_LIMIT_DEPTH);
	if (v->states[own] != VISIT_NEW)
		return verify_violate(v, w->ret_violation, "R19", from_id, index,
				      "leads back to type %" PRIu32, id);
	if (!vec_push(&w->stack, (struct walk_frame){ .id = id })) {
		w->no_memory = true;
		return false;
	}
	v->states[own] = VISIT_ON_STACK;
	if (w->mode == MODE_NEW) {
		if (kind == BTF_PTR)
			w->mode = MODE_PTR;
		else if (kind_in(kind, COMPOSITE_KINDS | KIND_BIT(BTF_ARRAY)))
			w->mode = MODE_VALUE;
	}
	return true;
}

/*
 * What to enter for a value of type @id. A modifier that was finished below a pointer may stand for
 * a struct or array that the walk did not enter then; the kernel leaves it at that, and takes a
 * struct that contains itself when the ids stand in such an order.
 */
static uint32_t walk_value_target(const struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t own = id - v->first_id, resolved;

	if (own >= v->num_own || v->options->program || v->states[own] != VISIT_DONE ||
	    !kind_in(v->kinds[own], MODIFIER_KINDS))
		return id;
	resolved = v->resolved[own];
	return kind_in(kind_of(v, resolved), COMPOSITE_KINDS | KIND_BIT(BTF_ARRAY)) ? resolved : id;
}

static bool walk_leave(struct walk *w, uint32_t resolved)
{
	const struct verify *v = w->v;
	uint32_t own = w->stack.data[--w->stack.num].id - v->first_id;

	v->resolved[own] = resolved;
	v->states[own] = VISIT_DONE;
	return true;
}

/* A violation was filed, or was before in what the type refers to. */
static bool walk_abandon(struct walk *w)
{
	const struct verify *v = w->v;
	uint32_t id = w->stack.data[w->stack.num - 1].id;

	walk_leave(w, 0);
	verify_mark_bad(v, id);
	return true;
}

/* The check goes on behind a violation that is filed, but not without memory. */
static bool walk_goes_on(const struct walk *w)
{
	return verify_goes_on(w->v) && !w->no_memory;
}

/* What PTR, modifiers and VAR refer to, by @rule. */
static bool walk_target_is_type(struct walk *w, uint32_t id, uint32_t target, const char *rule)
{
	const struct verify *v = w->v;
	uint32_t kind;

	if (!id_exists(v, target))
		return verify_violate(v, w->ret_violation, rule, id, VERIFY_NO_INDEX,
				      "type %" PRIu32 " does not exist", target);
	kind = kind_of(v, target);
	if (kind_in(kind, SOURCE_KINDS))
		return verify_violate(v, w->ret_violation, rule, id, VERIFY_NO_INDEX,
				      "refers to %s %" PRIu32, btf_kind_table[kind].name, target);
	return true;
}

/* PTR and modifiers. */
static bool walk_reference(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t target = word_of(v, id), kind, resolved;
	uint64_t size;

	if (!walk_target_is_type(w, id, target, "R1"))
		return false;
	if (id_is_bad(v, target))
		return walk_abandon(w);
	kind = kind_of(v, target);
	/* The kernel takes it in some orders of ids; no reader can make sense of it. */
	if (kind == BTF_FUNC && (!v->options->program || v->options->plain_funcs))
		return verify_violate(v, w->ret_violation, "R2", id, VERIFY_NO_INDEX,
				      "refers to FUNC %" PRIu32, target);
	if (walk_must_enter(w, target))
		return walk_enter(w, id, VERIFY_NO_INDEX, target);
	if (w->mode == MODE_VALUE && walk_must_enter(w, walk_value_target(w, target)))
		return walk_enter(w, id, VERIFY_NO_INDEX, walk_value_target(w, target));
	if (kind_of(v, id) == BTF_PTR && kind_in(kind, MODIFIER_KINDS)) {
		resolved = verify_resolved(v, target);
		if (kind_of(v, resolved) == BTF_PTR && walk_must_enter(w, resolved))
			return walk_enter(w, id, VERIFY_NO_INDEX, resolved);
	}
	if (verify_size(v, target, &resolved, &size))
		return walk_leave(w, resolved);
	if (!id_is_own(v, target) || v->states[target - v->first_id] == VISIT_DONE)
		target = verify_resolved(v, target);
	kind = kind_of(v, target);
	if (kind != BTF_VOID && kind != BTF_FWD && kind != BTF_FUNC_PROTO)
		return verify_violate(v, w->ret_violation, "R2", id, VERIFY_NO_INDEX,
				      "leads to %s %" PRIu32, btf_kind_table[kind].name, target);
	return walk_leave(w, target);
}

static bool walk_var(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t target = word_of(v, id), kind, resolved;
	uint64_t size;

	if (!walk_target_is_type(w, id, target, "R7"))
		return false;
	if (id_is_bad(v, target))
		return walk_abandon(w);
	kind = kind_of(v, target);
	if (walk_must_enter(w, walk_value_target(w, target)))
		return walk_enter(w, id, VERIFY_NO_INDEX, walk_value_target(w, target));
	if (kind_in(kind, MODIFIER_KINDS)) {
		resolved = verify_resolved(v, target);
		if (kind_of(v, resolved) == BTF_PTR && walk_must_enter(w, resolved))
			return walk_enter(w, id, VERIFY_NO_INDEX, resolved);
	}
	if (!verify_size(v, target, &resolved, &size))
		return verify_violate(v, w->ret_violation, "R7", id, VERIFY_NO_INDEX,
				      "type %" PRIu32 " has no size", target);
	return walk_leave(w, resolved);
}

static bool walk_array(struct walk *w, uint32_t id)
{
	static const char *const rules[] = { "R4", "R3" }, *const nouns[] = { "element", "index" };
	const struct verify *v = w->v;
	const uint8_t *tail = record_of(v, id) + BTF_RECORD_SIZE;
	uint32_t resolved = 0, num = load(v, tail, 8);
	uint64_t size = 0;

	/* The index first, as the kernel does. */
	for (int k = 1; k >= 0; k--) {
		uint32_t target = load(v, tail, k * 4);

		if (!id_exists(v, target))
			return verify_violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
					      "%s type %" PRIu32 " does not exist", nouns[k],
					      target);
		if (id_is_bad(v, target))
			return walk_abandon(w);
		if (kind_in(kind_of(v, target), SOURCE_KINDS | SIZELESS_KINDS))
			return verify_violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
					      "%s is %s %" PRIu32, nouns[k],
					      btf_kind_table[kind_of(v, target)].name, target);
		if (walk_must_enter(w, walk_value_target(w, target)))
			return walk_enter(w, id, VERIFY_NO_INDEX, walk_value_target(w, target));
		if (!verify_size(v, target, &resolved, &size))
			return verify_violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
					      "%s type %" PRIu32 " has no size", nouns[k], target);
		if (kind_of(v, resolved) == BTF_INT ? !verify_int_is_regular(v, resolved) : k == 1)
			return verify_violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
					      "%s type %" PRIu32 " is no regular INT", nouns[k],
					      target);
	}
	size = multiply_saturated(size, num);
	if (v->options->program && size > UINT32_MAX)
		return verify_violate(v, w->ret_violation, "R4", id, VERIFY_NO_INDEX,
				      "%" PRIu32 " elements need more than 4 GiB", num);
	v->array_size[id - v->first_id] = size;
	return walk_leave(w, resolved);
}

static bool walk_members(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	const uint8_t *record = record_of(v, id);
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	struct walk_frame *frame = &w->stack.data[w->stack.num - 1];

	for (uint32_t i = frame->next; i < vlen; i++) {
		uint32_t target = load(v, record, BTF_RECORD_SIZE + i * 12 + 4);

		target = walk_value_target(w, target);
		if (walk_must_enter(w, target)) {
			frame->next = i;
			if (walk_enter(w, id, i, target))
				return true;
			if (!walk_goes_on(w))
				return false;
			continue;
		}
		if (v->options->program && !verify_member(v, id, i, w->ret_violation) &&
		    !walk_goes_on(w))
			return false;
	}
	return walk_leave(w, 0);
}

/* One entry of a DATASEC, whose VAR need not be entered. */
static bool entry_check(struct walk *w, uint32_t id, uint32_t i, const uint8_t *elem)
{
	const struct verify *v = w->v;
	uint32_t var_id = load(v, elem, 0), size = load(v, elem, 8), resolved;
	uint64_t var_size;

	if (id_is_bad(v, var_id))
		return true;
	if (!id_exists(v, var_id) || kind_of(v, var_id) != BTF_VAR)
		return verify_violate(v, w->ret_violation, "R8", id, i,
				      "type %" PRIu32 " is no VAR", var_id);
	if (!verify_size(v, word_of(v, var_id), &resolved, &var_size))
		return verify_violate(v, w->ret_violation, "R9", id, i, "type has no size");
	if (size < var_size)
		return verify_violate(v, w->ret_violation, "R10", id, i,
				      "size %" PRIu32 " is below the %" PRIu64 " of its type", size,
				      var_size);
	return true;
}

static bool walk_entries(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	const uint8_t *record = record_of(v, id);
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	struct walk_frame *frame = &w->stack.data[w->stack.num - 1];

	w->mode = MODE_NEW;
	for (uint32_t i = frame->next; i < vlen; i++) {
		uint32_t var_id = load(v, record + BTF_RECORD_SIZE + (size_t)i * 12, 0);

		if (id_exists(v, var_id) && kind_of(v, var_id) == BTF_VAR &&
		    walk_must_enter(w, var_id)) {
			/* The kernel does not come back to an entry once it has entered its VAR. */
			frame->next = v->options->program ? i + 1 : i;
			if (walk_enter(w, id, i, var_id))
				return true;
			if (!walk_goes_on(w))
				return false;
			continue;
		}
		if (!entry_check(w, id, i, record + BTF_RECORD_SIZE + (size_t)i * 12) &&
		    !walk_goes_on(w))
			return false;
	}
	return walk_leave(w, 0);
}

static bool walk_tag(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t target = word_of(v, id);

	if (id_is_bad(v, target))
		return walk_abandon(w);
	if (!id_exists(v, target) ||
	    !kind_in(kind_of(v, target), COMPOSITE_KINDS | KIND_BIT(BTF_FUNC) | KIND_BIT(BTF_VAR) |
						 KIND_BIT(BTF_TYPEDEF)))
		return verify_violate(v, w->ret_violation, "R17", id, VERIFY_NO_INDEX,
				      "type %" PRIu32 " cannot have a tag", target);
	if (walk_must_enter(w, target))
		return walk_enter(w, id, VERIFY_NO_INDEX, target);
	return walk_leave(w, target);
}

static bool walk_from(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	bool ok;

	w->mode = MODE_NEW;
	ok = walk_enter(w, id, VERIFY_NO_INDEX, id);
	while (ok && w->stack.num) {
		uint32_t at = w->stack.data[w->stack.num - 1].id;

		switch (v->kinds[at - v->first_id]) {
		case BTF_VAR:
			ok = walk_var(w, at);
			break;
		case BTF_ARRAY:
			ok = walk_array(w, at);
			break;
		case BTF_STRUCT:
		case BTF_UNION:
			ok = walk_members(w, at);
			break;
		case BTF_DATASEC:
			ok = walk_entries(w, at);
			break;
		case BTF_DECL_TAG:
			ok = walk_tag(w, at);
			break;
		case BTF_FUNC:
			ok = walk_leave(w, word_of(v, at));
			break;
		default:
			ok = walk_reference(w, at);
			break;
		}
		if (!ok && walk_goes_on(w))
			ok = walk_abandon(w);
	}
	return ok;
}

static bool walk_needs(const struct verify *v, uint32_t id)
{
	return id_is_own(v, id) && v->states[id - v->first_id] == VISIT_NEW &&
	       kind_in(v->kinds[id - v->first_id], walk_enters[MODE_NEW]);
}

static bool walk_proto(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	const uint8_t *record = record_of(v, id);
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	uint32_t target = load(v, record, BTF_RECORD_WORD_OFF);

	for (uint32_t i = 0;; i++) {
		if (walk_needs(v, target) && !kind_in(kind_of(v, target), SOURCE_KINDS) &&
		    !walk_from(w, target))
			return false;
		if (i == vlen)
			return true;
		target = load(v, record, BTF_RECORD_SIZE + i * 8 + 4);
	}
}

struct btfgen_error *verify_walk(const struct verify *v, struct verify_violation *ret_violation)
{
	struct walk w = { .v = v, .ret_violation = ret_violation };
	bool ok = true;

	for (uint32_t own = 0; v->bad && own < v->num_own; own++) {
		if (v->bad[own] & BAD_SAID)
			v->states[own] = VISIT_DONE;
	}
	for (uint32_t id = v->first_id; ok && id < v->end_id; id++) {
		if (walk_needs(v, id))
			ok = walk_from(&w, id);
		else if (v->kinds[id - v->first_id] == BTF_FUNC_PROTO)
			ok = walk_proto(&w, id);
	}
	vec_deinit(&w.stack);
	return w.no_memory ? error_nomem() : NULL;
}
