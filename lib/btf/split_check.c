// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Each own type is looked at for itself, and only its first sign counts, so that the number of types
 * with signs says how much is wrong. What the rules of the format say beyond that is asked of the
 * verifier when nothing was found: its answer is a single one.
 */
#include "lib/btf/split_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/btf/describe.h"
#include "lib/btf/verify.h"

#define KIND_BIT(kind) (1u << (kind))
#define SOURCE_KINDS (KIND_BIT(BTF_VAR) | KIND_BIT(BTF_DECL_TAG) | KIND_BIT(BTF_DATASEC))
#define TAGGED_KINDS                                                                               \
	(KIND_BIT(BTF_STRUCT) | KIND_BIT(BTF_UNION) | KIND_BIT(BTF_FUNC) | KIND_BIT(BTF_VAR) |     \
	 KIND_BIT(BTF_TYPEDEF))

enum {
	NO_INDEX = UINT32_MAX,
	/* Modifiers and arrays in a row; what is deeper has no size here. */
	MAX_STEPS = 256,
};

struct check {
	const struct btf_view *view;
	const struct split_options *options;
	struct split_result *result;
	uint32_t id; /* the type that is looked at */
	bool has_problem, is_odd;
};

/* Counts the first sign of the type; the first of all makes the text. Returns false. */
static bool sign(struct check *c, bool certain, uint32_t index, const char *fmt, ...)
	BTFGEN_PRINTF(4, 5);

static bool sign(struct check *c, bool certain, uint32_t index, const char *fmt, ...)
{
	enum split_verdict verdict = certain ? SPLIT_UNFIT : SPLIT_DOUBTFUL;
	struct split_result *result = c->result;
	uint32_t kind = btf_view_kind(c->view, c->id);
	size_t room = sizeof(result->text), used;
	const char *name = btf_view_name(c->view, c->id), *noun;
	va_list args;

	c->has_problem |= certain;
	c->is_odd = true;
	if (result->verdict >= verdict)
		return false;
	result->verdict = verdict;
	result->type_id = c->id;
	used = snprintf(result->text, room, "type %" PRIu32 " %s%s%.120s%s", c->id,
			kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "?", *name ? " '" : "",
			name, *name ? "'" : "");
	if (index != NO_INDEX) {
		noun = btf_kind_is_composite(kind) ? "member" :
		       btf_kind_is_enum(kind)	   ? "value" :
		       kind == BTF_FUNC_PROTO	   ? "parameter" :
						     "entry";
		name = kind == BTF_DATASEC ?
			       "" :
			       btf_view_string(c->view,
					       btf_view_elem_word(c->view, c->id, index, 0));
		used += snprintf(result->text + used, room - used, " %s %" PRIu32 "%s%.120s%s",
				 noun, index, *name ? " '" : "", name, *name ? "'" : "");
	}
	used += snprintf(result->text + used, room - used, ": ");
	va_start(args, fmt);
	vsnprintf(result->text + used, room - used, fmt, args);
	va_end(args);
	return false;
}

/* References. */

/* False: the sign is certain, nothing else of the type need be looked at. */
static bool id_check(struct check *c, uint32_t index, uint32_t id)
{
	if (id >= c->view->num_ids)
		return sign(c, true, index, "type %" PRIu32 " does not exist, there are %" PRIu32,
			    id, c->view->num_ids);
	return true;
}

static bool string_check(struct check *c, uint32_t index, uint32_t off)
{
	const struct btf_view *view = c->view;
	const char *string = btf_view_find_string(view, off);

	if (!string)
		return sign(c, true, index,
			    "string offset %" PRIu32 " does not exist, there are %" PRIu32 " bytes",
			    off, view->first_str + view->strings_size);
	while (off < view->first_str)
		view = view->base;
	if (off > view->first_str && string[-1])
		sign(c, false, index, "name '%.80s' begins in the middle of a string", string);
	return true;
}

static bool references_check(struct check *c)
{
	const struct btf_kind_info *kind = &btf_kind_table[btf_view_kind(c->view, c->id)];
	uint32_t vlen = kind->elem_size ? btf_view_vlen(c->view, c->id) : 0;

	if (!string_check(c, NO_INDEX, btf_view_name_off(c->view, c->id)))
		return false;
	if (kind->word == BTF_WORD_ID && !id_check(c, NO_INDEX, btf_view_word(c->view, c->id)))
		return false;
	for (uint32_t k = 0; k < kind->tail_size / 4; k++) {
		if (kind->tail_ids >> k & 1 &&
		    !id_check(c, NO_INDEX, btf_view_tail_word(c->view, c->id, k)))
			return false;
	}
	for (uint32_t i = 0; i < vlen; i++) {
		for (uint32_t k = 0; k < kind->elem_size / 4; k++) {
			uint32_t word = btf_view_elem_word(c->view, c->id, i, k);

			if (kind->elem_ids >> k & 1 && !id_check(c, i, word))
				return false;
			if (kind->elem_strings >> k & 1 && !string_check(c, i, word))
				return false;
		}
	}
	return true;
}

/* Kinds and sizes. */

/* What stands behind modifiers; void if there is no end. */
static uint32_t plain_type(const struct check *c, uint32_t id)
{
	for (unsigned int i = 0; i < MAX_STEPS; i++) {
		if (!btf_kind_is_modifier(btf_view_kind(c->view, id)))
			return id;
		id = btf_view_word(c->view, id);
	}
	return 0;
}

static uint64_t multiply_saturated(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* Bytes of a value of type @id; false if there are no such values. */
static bool type_size(const struct check *c, uint32_t id, uint64_t *ret_size)
{
	uint64_t num = 1;

	for (unsigned int i = 0; i < MAX_STEPS; i++) {
		uint32_t kind;

		id = plain_type(c, id);
		kind = btf_view_kind(c->view, id);
		if (kind == BTF_ARRAY) {
			num = multiply_saturated(num, btf_view_array(c->view, id).num);
			id = btf_view_array(c->view, id).elem_id;
			continue;
		}
		if (kind == BTF_PTR)
			*ret_size = multiply_saturated(num, c->options->ptr_size);
		else if (kind < BTF_NUM_KINDS && btf_kind_table[kind].word == BTF_WORD_BYTES &&
			 kind != BTF_DATASEC)
			*ret_size = multiply_saturated(num, btf_view_word(c->view, id));
		else
			return false;
		return true;
	}
	return false;
}

static bool kind_in(const struct check *c, uint32_t id, uint32_t kinds)
{
	uint32_t kind = btf_view_kind(c->view, id);

	return kind < BTF_NUM_KINDS && kinds >> kind & 1;
}

static bool wrong_type(struct check *c, uint32_t index, const char *what, uint32_t id,
		       const char *why)
{
	struct describe_text text;

	btf_describe_type(c->view, id, &text);
	return sign(c, true, index, "%s type %" PRIu32 " (%s), which %s", what, id, text.data, why);
}

/* Behind pointers and modifiers there is anything but a thing of its own. */
static bool target_check(struct check *c)
{
	uint32_t id = btf_view_word(c->view, c->id);

	if (kind_in(c, id, SOURCE_KINDS | KIND_BIT(BTF_FUNC)))
		return wrong_type(c, NO_INDEX, "refers to", id, "is no type of C");
	return true;
}

/* @may_be_unknown: void (of results) and incomplete structs are good too. */
static bool value_check(struct check *c, uint32_t index, const char *what, uint32_t id,
			bool may_be_unknown)
{
	uint64_t size;

	if (type_size(c, id, &size))
		return true;
	if (may_be_unknown && kind_in(c, plain_type(c, id), KIND_BIT(BTF_FWD) | KIND_BIT(BTF_VOID)))
		return true;
	return wrong_type(c, index, what, id, "has no size");
}

static bool array_check(struct check *c)
{
	struct btf_view_array array = btf_view_array(c->view, c->id);
	uint32_t index_id = plain_type(c, array.index_id);

	if (!value_check(c, NO_INDEX, "element has", array.elem_id, false))
		return false;
	if (!kind_in(c, index_id, KIND_BIT(BTF_INT)))
		return wrong_type(c, NO_INDEX, "index has", array.index_id, "is no integer");
	return true;
}

/* Bits that a member takes, from where its value begins. */
static bool member_extent(struct check *c, uint32_t i, const struct btf_view_member *member,
			  uint64_t *ret_start, uint64_t *ret_end)
{
	uint32_t id = plain_type(c, member->type_id);
	uint64_t size = 0;

	if (!value_check(c, i, "has", member->type_id, false))
		return false;
	*ret_start = member->bit_off;
	if (member->bits) {
		if (!kind_in(c, id, KIND_BIT(BTF_INT) | KIND_BIT(BTF_ENUM) | KIND_BIT(BTF_ENUM64)))
			return wrong_type(c, i, "bitfield of", member->type_id, "is no integer");
		type_size(c, id, &size);
		if (member->bits > size * 8)
			return sign(c, true, i,
				    "bitfield of %" PRIu32 " bits in a type of %" PRIu64 " bytes",
				    member->bits, size);
		*ret_end = *ret_start + member->bits;
		return true;
	}
	/* The old form of bitfields: an integer of fewer bits. */
	if (kind_in(c, id, KIND_BIT(BTF_INT))) {
		struct btf_view_int integer = btf_view_int(c->view, id);

		*ret_start += integer.bit_off;
		*ret_end = *ret_start + integer.bits;
		return true;
	}
	type_size(c, member->type_id, &size);
	*ret_end = size > UINT32_MAX ? UINT64_MAX : *ret_start + size * 8;
	return true;
}

static bool members_check(struct check *c)
{
	bool is_union = btf_view_kind(c->view, c->id) == BTF_UNION;
	uint64_t size = btf_view_word(c->view, c->id), last_end = 0;
	uint32_t vlen = btf_view_vlen(c->view, c->id);

	for (uint32_t i = 0; i < vlen; i++) {
		struct btf_view_member member = btf_view_member(c->view, c->id, i);
		struct describe_text text;
		uint64_t start = 0, end = 0;

		if (!member_extent(c, i, &member, &start, &end))
			return false;
		if (end > size * 8) {
			btf_describe_type(c->view, member.type_id, &text);
			return sign(c, true, i,
				    "%s at bit %" PRIu64 " does not end inside the %" PRIu64
				    " bytes of its %s",
				    text.data, start, size, is_union ? "union" : "struct");
		}
		if (!is_union && start < last_end && end > start) {
			member = btf_view_member(c->view, c->id, i - 1);
			btf_describe_type(c->view, member.type_id, &text);
			return sign(c, true, i - 1,
				    "%s of %" PRIu64 " bits reaches into the next member",
				    text.data, last_end - member.bit_off);
		}
		if (!is_union && end > last_end)
			last_end = end;
	}
	return true;
}

static bool prototype_check(struct check *c)
{
	uint32_t vlen = btf_view_vlen(c->view, c->id);

	if (!value_check(c, NO_INDEX, "returns", btf_view_word(c->view, c->id), true))
		return false;
	for (uint32_t i = 0; i < vlen; i++) {
		uint32_t id = btf_view_param(c->view, c->id, i).type_id;
		bool may_be_unknown =
			id ? btf_view_kind(c->view, plain_type(c, id)) == BTF_FWD : i == vlen - 1;

		if (!value_check(c, i, "has", id, may_be_unknown))
			return false;
	}
	return true;
}

static bool section_check(struct check *c)
{
	for (uint32_t i = 0; i < btf_view_vlen(c->view, c->id); i++) {
		struct btf_view_entry entry = btf_view_entry(c->view, c->id, i);
		uint64_t size;

		if (!kind_in(c, entry.var_id, KIND_BIT(BTF_VAR)))
			return wrong_type(c, i, "is", entry.var_id, "is no variable");
		if (type_size(c, btf_view_word(c->view, entry.var_id), &size) && size > entry.size)
			return sign(c, true, i,
				    "'%.120s' has a type of %" PRIu64
				    " bytes and a place of %" PRIu32,
				    btf_view_name(c->view, entry.var_id), size, entry.size);
	}
	return true;
}

static bool tag_check(struct check *c)
{
	uint32_t id = btf_view_word(c->view, c->id), num;
	uint32_t component = btf_view_tail_word(c->view, c->id, 0);

	if (!kind_in(c, id, TAGGED_KINDS))
		return wrong_type(c, NO_INDEX, "belongs to", id, "can have no tag");
	if (component == BTF_TAG_WHOLE)
		return true;
	num = kind_in(c, id, KIND_BIT(BTF_FUNC)) ?
		      btf_view_vlen(c->view, btf_view_word(c->view, id)) :
	      kind_in(c, id, KIND_BIT(BTF_STRUCT) | KIND_BIT(BTF_UNION)) ?
		      btf_view_vlen(c->view, id) :
		      0;
	if (component >= num)
		return sign(c, true, NO_INDEX,
			    "belongs to component %" PRIu32 " of type %" PRIu32
			    ", which has %" PRIu32,
			    component, id, num);
	return true;
}

static void type_check(struct check *c)
{
	uint32_t kind = btf_view_kind(c->view, c->id), id;

	if (kind >= BTF_NUM_KINDS || !references_check(c))
		return;
	switch (kind) {
	case BTF_PTR:
	case BTF_TYPEDEF:
	case BTF_CONST:
	case BTF_VOLATILE:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		target_check(c);
		return;
	case BTF_ARRAY:
		array_check(c);
		return;
	case BTF_STRUCT:
	case BTF_UNION:
		members_check(c);
		return;
	case BTF_FUNC:
		id = btf_view_word(c->view, c->id);
		if (!kind_in(c, id, KIND_BIT(BTF_FUNC_PROTO)))
			wrong_type(c, NO_INDEX, "has", id, "is no prototype");
		return;
	case BTF_FUNC_PROTO:
		prototype_check(c);
		return;
	case BTF_VAR:
		value_check(c, NO_INDEX, "has", btf_view_word(c->view, c->id), false);
		return;
	case BTF_DATASEC:
		section_check(c);
		return;
	case BTF_DECL_TAG:
		tag_check(c);
		return;
	}
}

static void types_check(struct check *c)
{
	for (c->id = c->view->first_id; c->id < c->view->num_ids; c->id++) {
		c->has_problem = c->is_odd = false;
		type_check(c);
		c->result->num_problems += c->has_problem;
		c->result->num_odd += c->is_odd && !c->has_problem;
	}
}

static struct btfgen_error *rules_check(struct check *c)
{
	struct verify_options options = { .ptr_size = c->options->ptr_size };
	struct verify_violation violation;
	struct btfgen_error *err;

	err = btf_verify(c->view, &options, NULL, &violation);
	if (err || !violation.rule)
		return err;
	c->result->verdict = SPLIT_UNFIT;
	c->result->type_id = violation.type_id;
	c->result->num_problems = 1;
	/* That type may be among the odd ones. */
	c->result->num_odd -= c->result->num_odd > 0;
	snprintf(c->result->text, sizeof(c->result->text), "%s", violation.text);
	return NULL;
}

struct btfgen_error *btf_split_check(const struct btf_view *split,
				     const struct split_options *options,
				     struct split_result *ret_result)
{
	struct split_result result = { .num_types = split->num_own };
	struct check c = { .view = split, .options = options, .result = &result };
	struct btfgen_error *err = NULL;

	types_check(&c);
	if (result.verdict != SPLIT_UNFIT)
		err = rules_check(&c);
	if (!err)
		*ret_result = result;
	return err;
}
