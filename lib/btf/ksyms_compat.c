// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/ksyms_compat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/btf/describe.h"

enum {
	MAX_ROW = 32,	     /* pointers, arrays and results in a row */
	MAX_NESTING = 32,    /* prototypes in parameters */
	MAX_STEPS = 1 << 16, /* comparisons in all, and qualifiers passed over */
};

struct compare {
	const struct btf_view *local, *target;
	uint32_t num_steps;
	uint32_t num_places;
	uint32_t places[KSYMS_MAX_PLACES];
	struct ksyms_part *part;
};

static bool is_qualifier(uint32_t kind)
{
	return kind == BTF_CONST || kind == BTF_VOLATILE || kind == BTF_RESTRICT ||
	       kind == BTF_TYPE_TAG || kind == BTF_TYPEDEF;
}

/*
 * Passes over qualifiers. A ring is met again at the mark, which moves on at powers of two. Steps
 * end at MAX_STEPS.
 */
static enum ksyms_part_reason skip(const struct btf_view *view, uint32_t *id, uint32_t *num_steps)
{
	uint32_t mark = UINT32_MAX;

	for (uint32_t i = 1; *num_steps < MAX_STEPS; i++, ++*num_steps) {
		if (*id >= view->num_ids || *id == mark)
			return KSYMS_PART_BROKEN;
		if (!is_qualifier(btf_view_kind(view, *id)))
			return KSYMS_COMPATIBLE;
		if ((i & (i - 1)) == 0)
			mark = *id;
		*id = btf_view_word(view, *id);
	}
	return KSYMS_PART_STEPS;
}

bool ksyms_skip(const struct btf_view *view, uint32_t id, uint32_t *ret_id)
{
	uint32_t num_steps = 0;

	if (skip(view, &id, &num_steps) != KSYMS_COMPATIBLE)
		return false;
	*ret_id = id;
	return true;
}

static void enter(struct compare *c, uint32_t place)
{
	if (c->num_places < KSYMS_MAX_PLACES)
		c->places[c->num_places] = place;
	c->num_places++;
}

/* The two declarations that are compared, and how far inside of them we are. */
struct at {
	uint32_t local_id, target_id;
	uint32_t local, target;
};

static bool part(struct compare *c, enum ksyms_part_reason reason, const struct at *at)
{
	*c->part = (struct ksyms_part){
		.reason = reason,
		.num_places = c->num_places,
		.local_id = at->local_id,
		.target_id = at->target_id,
		.local_at = at->local,
		.target_at = at->target,
	};
	memcpy(c->part->places, c->places, sizeof(c->places));
	return false;
}

static bool is_enum(uint32_t kind)
{
	return kind == BTF_ENUM || kind == BTF_ENUM64;
}

static bool is_composite(uint32_t kind)
{
	return kind == BTF_STRUCT || kind == BTF_UNION;
}

static bool kinds_compat(uint32_t local, uint32_t target)
{
	return local == target || (is_enum(local) && is_enum(target));
}

static bool part_kinds(struct compare *c, uint32_t local, uint32_t target, const struct at *at)
{
	if ((local == BTF_FWD && is_composite(target)) ||
	    (is_composite(local) && target == BTF_FWD))
		return part(c, KSYMS_PART_DECLARED, at);
	return part(c, KSYMS_PART_KIND, at);
}

static bool types_compat(struct compare *c, uint32_t local_id, uint32_t target_id,
			 unsigned int nesting);

static bool params_compat(struct compare *c, const struct at *at, unsigned int nesting)
{
	uint32_t num = btf_view_vlen(c->local, at->local);

	if (num != btf_view_vlen(c->target, at->target))
		return part(c, KSYMS_PART_PARAMS, at);
	if (num > 0 && nesting == MAX_NESTING)
		return part(c, KSYMS_PART_DEPTH, at);
	for (uint32_t i = 0; i < num; i++) {
		uint32_t num_places = c->num_places;

		enter(c, i + 1);
		if (!types_compat(c, btf_view_param(c->local, at->local, i).type_id,
				  btf_view_param(c->target, at->target, i).type_id, nesting + 1))
			return false;
		c->num_places = num_places;
	}
	return true;
}

static bool types_compat(struct compare *c, uint32_t local_id, uint32_t target_id,
			 unsigned int nesting)
{
	struct at at = { local_id, target_id, local_id, target_id };

	for (unsigned int row = 0; row < MAX_ROW; row++) {
		enum ksyms_part_reason reason;
		uint32_t local, target;

		if (++c->num_steps > MAX_STEPS)
			return part(c, KSYMS_PART_STEPS, &at);
		reason = skip(c->local, &at.local, &c->num_steps);
		if (reason == KSYMS_COMPATIBLE)
			reason = skip(c->target, &at.target, &c->num_steps);
		if (reason != KSYMS_COMPATIBLE)
			return part(c, reason, &at);
		local = btf_view_kind(c->local, at.local);
		target = btf_view_kind(c->target, at.target);
		if (!kinds_compat(local, target))
			return part_kinds(c, local, target, &at);
		switch (local) {
		case BTF_VOID:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FWD:
			return true;
		case BTF_INT:
			if (btf_view_int(c->local, at.local).bit_off ||
			    btf_view_int(c->target, at.target).bit_off)
				return part(c, KSYMS_PART_BIT_OFF, &at);
			return true;
		case BTF_PTR:
			at.local = btf_view_word(c->local, at.local);
			at.target = btf_view_word(c->target, at.target);
			break;
		case BTF_ARRAY:
			at.local = btf_view_array(c->local, at.local).elem_id;
			at.target = btf_view_array(c->target, at.target).elem_id;
			break;
		case BTF_FUNC_PROTO:
			if (!params_compat(c, &at, nesting))
				return false;
			enter(c, 0);
			at.local = at.local_id = btf_view_word(c->local, at.local);
			at.target = at.target_id = btf_view_word(c->target, at.target);
			break;
		default:
			return part(c, KSYMS_PART_NEVER, &at);
		}
	}
	return part(c, KSYMS_PART_DEPTH, &at);
}

bool ksyms_types_compat(const struct btf_view *local, uint32_t local_id,
			const struct btf_view *target, uint32_t target_id,
			struct ksyms_part *ret_part)
{
	struct compare c = { .local = local, .target = target, .part = ret_part };

	*ret_part = (struct ksyms_part){ .reason = KSYMS_COMPATIBLE };
	return types_compat(&c, local_id, target_id, 0);
}

static void places_text(const struct ksyms_part *part, struct ksyms_text *text)
{
	size_t len = 0;

	for (uint32_t i = 0; i < part->num_places && i < KSYMS_MAX_PLACES; i++) {
		uint32_t place = part->places[i];

		if (place)
			len += snprintf(text->data + len, sizeof(text->data) - len,
					"%sparameter %" PRIu32, i ? ", " : "", place);
		else
			len += snprintf(text->data + len, sizeof(text->data) - len, "%sresult",
					i ? ", " : "");
	}
	if (part->num_places > KSYMS_MAX_PLACES)
		len += snprintf(text->data + len, sizeof(text->data) - len, " and further inside");
	if (len)
		snprintf(text->data + len, sizeof(text->data) - len, ": ");
}

static const char *type_text(const struct btf_view *view, uint32_t id, struct describe_text *text)
{
	btf_describe_type(view, id, text);
	return text->data;
}

/* Two typedefs of one name say nothing: what is behind them does. */
static void kinds_text(const struct btf_view *local, const struct btf_view *target,
		       const struct ksyms_part *part, char *to, size_t size)
{
	struct describe_text here, there, here_at, there_at;

	type_text(local, part->local_id, &here);
	type_text(target, part->target_id, &there);
	if (strcmp(here.data, there.data) != 0) {
		snprintf(to, size, "%s is not %s", here.data, there.data);
		return;
	}
	type_text(local, part->local_at, &here_at);
	type_text(target, part->target_at, &there_at);
	if (strcmp(here_at.data, there_at.data) != 0)
		snprintf(to, size, "%s: %s is not %s", here.data, here_at.data, there_at.data);
	else
		snprintf(to, size, "%s is of another kind", here.data);
}

static void declared_text(const struct btf_view *local, const struct btf_view *target,
			  const struct ksyms_part *part, char *to, size_t size)
{
	bool is_here = btf_view_kind(local, part->local_at) == BTF_FWD;
	struct describe_text text;

	type_text(is_here ? local : target, is_here ? part->local_at : part->target_at, &text);
	snprintf(to, size,
		 is_here ? "%s is declared, but not defined, in the program" :
			   "%s is declared, but not defined, in the kernel",
		 text.data);
}

void ksyms_part_text(const struct btf_view *local, const struct btf_view *target,
		     const struct ksyms_part *part, struct ksyms_text *ret_text)
{
	struct describe_text text;
	size_t len, size;
	char *to;

	ret_text->data[0] = 0;
	if (part->reason == KSYMS_COMPATIBLE)
		return;
	places_text(part, ret_text);
	len = strlen(ret_text->data);
	to = ret_text->data + len;
	size = sizeof(ret_text->data) - len;
	switch (part->reason) {
	case KSYMS_COMPATIBLE:
		break;
	case KSYMS_PART_KIND:
		kinds_text(local, target, part, to, size);
		break;
	case KSYMS_PART_DECLARED:
		declared_text(local, target, part, to, size);
		break;
	case KSYMS_PART_PARAMS:
		snprintf(to, size, "%" PRIu32 " parameter%s, the kernel has %" PRIu32,
			 btf_view_vlen(local, part->local_at),
			 btf_view_vlen(local, part->local_at) == 1 ? "" : "s",
			 btf_view_vlen(target, part->target_at));
		break;
	case KSYMS_PART_NEVER:
		snprintf(to, size, "libbpf binds nothing of type %s",
			 type_text(local, part->local_at, &text));
		break;
	case KSYMS_PART_BIT_OFF:
		snprintf(to, size, "%s begins inside of a byte, which libbpf does not bind",
			 type_text(local, part->local_at, &text));
		break;
	case KSYMS_PART_DEPTH:
		snprintf(to, size, "the types nest deeper than libbpf follows them");
		break;
	case KSYMS_PART_STEPS:
		snprintf(to, size, "the types are too entangled to be compared");
		break;
	case KSYMS_PART_BROKEN:
		snprintf(to, size, "a type does not exist or contains itself");
		break;
	}
}
