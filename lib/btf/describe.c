// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * C writes a type from its name outwards: pointers go to the left, arrays and parameters to the
 * right, and what binds weaker gets parentheses. Following references from the outermost type to
 * the innermost, the left part grows at its front and the right part at its end; the name of the
 * innermost type comes before both.
 */
#include "lib/btf/describe.h"

#include <stdbool.h>
#include <stdio.h>

/* References followed in one text, and FUNC_PROTOs described inside parameters of others. */
enum { MAX_STEPS = 64, MAX_NESTING = 4 };

struct part {
	char data[DESCRIBE_TEXT_SIZE];
	size_t len;
	bool cut;
};

static void part_append(struct part *part, const char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		if (part->len == sizeof(part->data) - 1) {
			part->cut = true;
			return;
		}
		part->data[part->len++] = c < 0x20 || c == 0x7f ? '?' : c;
	}
}

static void part_prepend(struct part *part, const char *text)
{
	size_t len = strlen(text);

	if (len > sizeof(part->data) - 1 - part->len) {
		part->cut = true;
		return;
	}
	memmove(part->data + len, part->data, part->len);
	memcpy(part->data, text, len);
	part->len += len;
}

static void describe_nested(const struct btf_view *view, uint32_t id, unsigned int nesting,
			    struct part *ret_part);

static void params_append(const struct btf_view *view, uint32_t id, unsigned int nesting,
			  struct part *part)
{
	uint32_t vlen = btf_view_vlen(view, id);

	if (!vlen) {
		part_append(part, "(void)");
		return;
	}
	if (nesting == MAX_NESTING) {
		part_append(part, "(...)");
		return;
	}
	part_append(part, "(");
	for (uint32_t i = 0; i < vlen && !part->cut; i++) {
		struct btf_view_param param = btf_view_param(view, id, i);
		struct part text = {};

		if (i)
			part_append(part, ", ");
		if (!param.type_id && i == vlen - 1) {
			part_append(part, "...");
			break;
		}
		describe_nested(view, param.type_id, nesting + 1, &text);
		text.data[text.len] = 0;
		part_append(part, text.data);
		part->cut |= text.cut;
	}
	part_append(part, ")");
}

/* The innermost type: what C calls the specifier. */
static void specifier_append(const struct btf_view *view, uint32_t id, struct part *part)
{
	static const char *const words[BTF_NUM_KINDS] = {
		[BTF_STRUCT] = "struct",   [BTF_UNION] = "union",	[BTF_ENUM] = "enum",
		[BTF_ENUM64] = "enum",	   [BTF_FUNC] = "FUNC",		[BTF_VAR] = "VAR",
		[BTF_DATASEC] = "DATASEC", [BTF_DECL_TAG] = "DECL_TAG",
	};
	uint32_t kind = btf_view_kind(view, id);
	const char *name = btf_view_name(view, id), *word;

	if (!id) {
		part_append(part, "void");
		return;
	}
	if (kind == BTF_VOID || kind >= BTF_NUM_KINDS) {
		part_append(part, "?");
		return;
	}
	word = kind == BTF_FWD ? words[btf_view_flag(view, id) ? BTF_UNION : BTF_STRUCT] :
				 words[kind];
	if (word) {
		part_append(part, word);
		part_append(part, " ");
	}
	part_append(part, *name ? name : word ? "{...}" : "?");
}

/* Qualifiers met since the last pointer; they belong to what comes next. */
static void qualifier_append(const struct btf_view *view, uint32_t id, struct part *part)
{
	switch (btf_view_kind(view, id)) {
	case BTF_CONST:
		part_append(part, "const ");
		break;
	case BTF_VOLATILE:
		part_append(part, "volatile ");
		break;
	case BTF_RESTRICT:
		part_append(part, "restrict ");
		break;
	case BTF_TYPE_TAG:
		part_append(part, btf_view_flag(view, id) ? "__attribute__((" : "__tag(");
		part_append(part, btf_view_name(view, id));
		part_append(part, btf_view_flag(view, id) ? ")) " : ") ");
		break;
	}
}

static void pointer_prepend(struct part *left, struct part *qualifiers, bool alone)
{
	/* "*", "*const" where nothing follows, "*const *" or "*const [3]" where something does. */
	if (qualifiers->len) {
		qualifiers->data[qualifiers->len - alone] = 0;
		part_prepend(left, qualifiers->data);
		left->cut |= qualifiers->cut;
		qualifiers->len = 0;
	}
	part_prepend(left, "*");
}

static void describe_nested(const struct btf_view *view, uint32_t id, unsigned int nesting,
			    struct part *ret_part)
{
	struct part left = {}, right = {}, qualifiers = {};
	bool after_pointer = false;
	uint32_t kind, steps;
	char number[16];

	for (steps = 0; steps < MAX_STEPS && !left.cut && !right.cut; steps++) {
		kind = btf_view_kind(view, id);
		if (after_pointer && (kind == BTF_ARRAY || kind == BTF_FUNC_PROTO)) {
			part_prepend(&left, "(");
			part_append(&right, ")");
		}
		if (kind == BTF_PTR) {
			pointer_prepend(&left, &qualifiers, !left.len && !right.len);
			after_pointer = true;
			id = btf_view_word(view, id);
		} else if (kind == BTF_ARRAY) {
			struct btf_view_array array = btf_view_array(view, id);

			snprintf(number, sizeof(number), "[%u]", array.num);
			part_append(&right, number);
			after_pointer = false;
			id = array.elem_id;
		} else if (kind == BTF_FUNC_PROTO) {
			params_append(view, id, nesting, &right);
			after_pointer = false;
			qualifiers.len = 0;
			id = btf_view_word(view, id);
		} else if (btf_kind_is_modifier(kind) && kind != BTF_TYPEDEF) {
			qualifier_append(view, id, &qualifiers);
			id = btf_view_word(view, id);
		} else {
			break;
		}
	}
	qualifiers.data[qualifiers.len] = 0;
	left.data[left.len] = 0;
	right.data[right.len] = 0;
	part_append(ret_part, qualifiers.data);
	if (steps == MAX_STEPS)
		part_append(ret_part, "?");
	else
		specifier_append(view, id, ret_part);
	if (left.len || right.len)
		part_append(ret_part, " ");
	part_append(ret_part, left.data);
	part_append(ret_part, right.data);
	ret_part->cut |= left.cut | right.cut | qualifiers.cut;
}

void btf_describe_type(const struct btf_view *view, uint32_t id, struct describe_text *ret_text)
{
	struct part part = {};

	describe_nested(view, id, 0, &part);
	if (part.cut) {
		if (part.len > sizeof(part.data) - 4)
			part.len = sizeof(part.data) - 4;
		memcpy(part.data + part.len, "...", 3);
		part.len += 3;
	}
	memcpy(ret_text->data, part.data, part.len);
	ret_text->data[part.len] = 0;
}
