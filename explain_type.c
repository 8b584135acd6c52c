// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * C writes a declaration from the name outwards: pointers go to the left, arrays and parameters to
 * the right, and what binds weaker gets parentheses. Following references from the outermost type
 * to the innermost, the left part grows at its front and the right part at its end.
 */
#include "explain_type.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* References followed in one text, and prototypes within parameters of others. */
enum { MAX_TEXT_SIZE = 2048, MAX_STEPS = 64, MAX_NESTING = 3 };

struct part {
	char data[MAX_TEXT_SIZE];
	size_t len;
	bool cut;
};

static void part_append(struct part *part, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (part->len == sizeof(part->data) - 1) {
			part->cut = true;
			break;
		}
		part->data[part->len++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	part->data[part->len] = 0;
}

static void part_prepend(struct part *part, const char *text)
{
	size_t len = strlen(text);

	if (len > sizeof(part->data) - 1 - part->len) {
		part->cut = true;
		return;
	}
	memmove(part->data + len, part->data, part->len + 1);
	memcpy(part->data, text, len);
	part->len += len;
}

/* Parts without their arrays' zeros. */
#define part_init(part) ((part)->len = 0, (part)->cut = false, (part)->data[0] = 0)

static void declare(const struct type_store *store, struct type_id id, const char *name,
		    unsigned int nesting, struct part *out);

static void append_params(const struct type_store *store, const struct settled_type *proto,
			  unsigned int nesting, struct part *out)
{
	struct part param;

	if (!proto->num_elems && !(proto->flags & GRAPH_VARARGS)) {
		part_append(out, "(void)");
		return;
	}
	if (nesting == MAX_NESTING) {
		part_append(out, "(...)");
		return;
	}
	part_append(out, "(");
	for (uint32_t i = 0; i < proto->num_elems && !out->cut; i++) {
		const struct settled_elem *elem = &proto->elems[i];

		part_init(&param);
		declare(store, elem->type, type_store_string(store, elem->name), nesting + 1,
			&param);
		part_append(out, i ? ", " : "");
		part_append(out, param.data);
		out->cut |= param.cut;
	}
	if (proto->flags & GRAPH_VARARGS)
		part_append(out, proto->num_elems ? ", ..." : "...");
	part_append(out, ")");
}

/* What C calls the specifier: the innermost type. */
static void append_specifier(const struct type_store *store, struct type_id id, struct part *out)
{
	static const char *const words[NUM_GRAPH_KINDS] = {
		[GRAPH_STRUCT] = "struct ",   [GRAPH_UNION] = "union ",
		[GRAPH_ENUM] = "enum ",	      [GRAPH_FWD_STRUCT] = "struct ",
		[GRAPH_FWD_UNION] = "union ", [GRAPH_FWD_ENUM] = "enum ",
	};
	const struct settled_type *type;
	const char *name;

	if (!id.v) {
		part_append(out, "void");
		return;
	}
	type = type_store_type(store, id);
	name = type_store_string(store, type->name);
	if (words[type->kind])
		part_append(out, words[type->kind]);
	part_append(out, *name ? name : words[type->kind] ? "{...}" : "?");
}

static const char *qualifier_of(const struct settled_type *type)
{
	switch (type->kind) {
	case GRAPH_CONST:
		return "const ";
	case GRAPH_VOLATILE:
		return "volatile ";
	case GRAPH_RESTRICT:
		return "restrict ";
	}
	return NULL;
}

/* One step from the outermost type inwards; false at the specifier. */
static bool declare_step(const struct type_store *store, struct type_id *id, unsigned int nesting,
			 bool *after_pointer, struct part *left, struct part *right,
			 struct part *qualifiers)
{
	const struct settled_type *type = id->v ? type_store_type(store, *id) : NULL;
	char number[16];

	if (!type)
		return false;
	if (*after_pointer && (type->kind == GRAPH_ARRAY || type->kind == GRAPH_FUNC_PROTO)) {
		part_prepend(left, "(");
		part_append(right, ")");
	}
	switch (type->kind) {
	case GRAPH_PTR:
		part_prepend(left, qualifiers->data);
		part_init(qualifiers);
		part_prepend(left, "*");
		*after_pointer = true;
		break;
	case GRAPH_ARRAY:
		snprintf(number, sizeof(number), "[%u]", type->size);
		part_append(right, number);
		*after_pointer = false;
		break;
	case GRAPH_FUNC_PROTO:
		append_params(store, type, nesting, right);
		*after_pointer = false;
		break;
	case GRAPH_TYPE_TAG:
		/* An annotation, which C would write at the same place. */
		part_append(qualifiers,
			    type->flags & GRAPH_ATTRIBUTE ? "__attribute__((" : "__tag(");
		part_append(qualifiers, type_store_string(store, type->name));
		part_append(qualifiers, type->flags & GRAPH_ATTRIBUTE ? ")) " : ") ");
		break;
	default:
		if (!qualifier_of(type))
			return false;
		part_append(qualifiers, qualifier_of(type));
		break;
	}
	*id = type->ref;
	return true;
}

static void declare(const struct type_store *store, struct type_id id, const char *name,
		    unsigned int nesting, struct part *out)
{
	struct part left, right, qualifiers;
	bool after_pointer = false;
	unsigned int steps = 0;

	part_init(&left);
	part_init(&right);
	part_init(&qualifiers);
	part_append(&left, name);
	while (steps < MAX_STEPS && !left.cut && !right.cut &&
	       declare_step(store, &id, nesting, &after_pointer, &left, &right, &qualifiers))
		steps++;
	part_append(out, qualifiers.data);
	if (steps == MAX_STEPS)
		part_append(out, "?");
	else
		append_specifier(store, id, out);
	/* "*const " with nothing behind it. */
	if (left.len && left.data[left.len - 1] == ' ')
		left.data[--left.len] = 0;
	if (left.len || (right.len && right.data[0] == '['))
		part_append(out, " ");
	part_append(out, left.data);
	part_append(out, right.data);
	out->cut |= left.cut | right.cut | qualifiers.cut;
}

const char *explain_type_text(struct arena *arena, const struct type_store *store,
			      struct type_id id, const char *name)
{
	struct part part;
	char *text;

	part_init(&part);
	declare(store, id, name, 0, &part);
	if (part.cut) {
		if (part.len > sizeof(part.data) - 4)
			part.len = sizeof(part.data) - 4;
		memcpy(part.data + part.len, "...", 4);
		part.len += 3;
	}
	text = arena_alloc(arena, part.len + 1, 1);
	if (text)
		memcpy(text, part.data, part.len + 1);
	return text;
}
