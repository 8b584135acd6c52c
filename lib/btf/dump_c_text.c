// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A declaration is written from the inside out: the ids from the name's outermost type to the
 * innermost are laid on a stack (c->chain), and the text starts with the innermost. Pointers and
 * qualifiers follow it; an array or a prototype puts everything that is left in parentheses, with
 * its own brackets behind. Qualifiers stand in front of a type that has a name ("const char *") and
 * behind a pointer ("char * const").
 */
#include <string.h>

#include "lib/btf/dump_c_internal.h"

enum { MAX_TABS = 13 };

static void new_line(struct c_dump *c, unsigned int level)
{
	text_char(c->out, '\n');
	text_repeat(c->out, '\t', level < MAX_TABS ? level : MAX_TABS);
}

void c_show_composite_tag(struct c_dump *c, uint32_t id)
{
	text_string(c->out, c_kind(c, id) == BTF_UNION ? "union" : "struct");
	if (!c_is_anonymous(c, id))
		text_char(c->out, ' ');
	c_show_tag(c, id);
}

void c_show_forward(struct c_dump *c, uint32_t id)
{
	text_string(c->out, btf_view_flag(c->view, id) ? "union " : "struct ");
	c_show_tag(c, id);
}

/* Enums. */

static bool has_wide_value(const struct c_dump *c, uint32_t id)
{
	if (c_kind(c, id) != BTF_ENUM64)
		return false;
	for (uint32_t i = 0; i < btf_view_vlen(c->view, id); i++) {
		if (btf_view_value(c->view, id, i).value >> 32)
			return true;
	}
	return false;
}

/* What makes a compiler choose a size that the values do not ask for. */
static const char *enum_mode(const struct c_dump *c, uint32_t id)
{
	uint32_t size = btf_view_word(c->view, id);

	if (size == 1)
		return " __attribute__((mode(byte)))";
	if (size == 8 && c->ptr_size == 8 && !has_wide_value(c, id))
		return " __attribute__((mode(word)))";
	return "";
}

static void show_value(struct c_dump *c, uint32_t id, uint32_t i)
{
	struct btf_view_value value = btf_view_value(c->view, id, i);
	bool is_signed = btf_view_flag(c->view, id);

	c_show_constant(c, value.name);
	text_literal(c->out, " = ");
	if (is_signed)
		text_i64(c->out, (int64_t)value.value);
	else
		text_u64(c->out, value.value);
	if (c_kind(c, id) == BTF_ENUM64)
		text_string(c->out, is_signed ? "LL" : "ULL");
	text_char(c->out, ',');
}

void c_show_enum(struct c_dump *c, uint32_t id, unsigned int level)
{
	uint32_t vlen = btf_view_vlen(c->view, id);

	text_literal(c->out, "enum");
	if (!c_is_anonymous(c, id))
		text_char(c->out, ' ');
	c_show_tag(c, id);
	if (vlen == 0)
		return;
	text_literal(c->out, " {");
	for (uint32_t i = 0; i < vlen && c_step(c); i++) {
		new_line(c, level + 1);
		show_value(c, id, i);
	}
	new_line(c, level);
	text_char(c->out, '}');
	text_string(c->out, enum_mode(c, id));
}

/* Structs and unions. */

static const char *const pad_names[] = { "long", "int", "short", "char" };

enum { NUM_PADS = sizeof(pad_names) / sizeof(*pad_names) };

static uint64_t round_up(uint64_t v, uint64_t unit)
{
	return (v + unit - 1) / unit * unit;
}

static void show_pad(struct c_dump *c, unsigned int level, const char *name, uint64_t bits)
{
	new_line(c, level);
	text_string(c->out, name);
	text_literal(c->out, ": ");
	text_u64(c->out, bits);
	text_char(c->out, ';');
}

struct gap {
	uint32_t id;   /* of the struct */
	uint64_t from; /* bits */
	uint64_t to;
	uint32_t align;	  /* of what follows, bytes; at least 1 */
	bool in_bitfield; /* between two bit-fields */
};

/* A gap so wide that bit-fields for it would be a book. The name is that of nothing else. */
static void show_wide_gap(struct c_dump *c, unsigned int level, const struct gap *gap)
{
	uint64_t from = gap->from, to = gap->to;

	if (from % 8) {
		show_pad(c, level, "char", 8 - from % 8);
		from += 8 - from % 8;
	}
	new_line(c, level);
	text_literal(c->out, "char __gap_");
	text_u64(c->out, gap->id);
	text_char(c->out, '_');
	text_u64(c->out, from / 8);
	text_char(c->out, '[');
	text_u64(c->out, (to - from) / 8);
	text_literal(c->out, "];");
	if (to % 8)
		show_pad(c, level, "char", to % 8);
}

/*
 * The compiler leaves the gap by itself if the next member's alignment asks for it. What it would
 * not leave is filled with bit-fields without a name: the largest type that has a boundary inside
 * the gap first brings the offset to that boundary, then fills the rest.
 */
static void show_gap(struct c_dump *c, unsigned int level, struct gap gap)
{
	uint64_t bits[NUM_PADS] = { 8ull * c->ptr_size, 32, 16, 8 };
	uint64_t at = gap.from, boundary = 0;
	int pad = 0;

	if (gap.from >= gap.to)
		return;
	if (gap.to - gap.from > 8ull * DUMP_C_MAX_GAP) {
		show_wide_gap(c, level, &gap);
		return;
	}
	for (pad = 0; pad < NUM_PADS; pad++) {
		boundary = round_up(at, bits[pad]);
		if (boundary <= gap.to)
			break;
	}
	/* Of bits inside one byte the smallest type is enough. */
	if (pad == NUM_PADS)
		pad = NUM_PADS - 1;
	if (boundary > at && boundary <= gap.to) {
		bool is_end = boundary == gap.to;

		/*
		 * Left out where the compiler goes to the boundary anyway: for the sake of the next
		 * member, or because what fills the rest would not fit before the boundary.
		 */
		if (gap.in_bitfield)
			show_pad(c, level, pad_names[pad], boundary - at);
		else if (is_end ? round_up(at, 8ull * gap.align) != boundary :
				  gap.to - boundary <= boundary - at)
			show_pad(c, level, pad_names[pad], 0);
		at = boundary;
	}
	for (; gap.to - at >= bits[pad]; at += bits[pad])
		show_pad(c, level, pad_names[pad], bits[pad]);
	if (at == gap.to)
		return;
	for (pad = NUM_PADS - 1; bits[pad] < gap.to - at; pad--)
		;
	show_pad(c, level, pad_names[pad], gap.to - at);
}

/* Returns the bit behind the members. */
static uint64_t show_members(struct c_dump *c, uint32_t id, bool is_packed, unsigned int level)
{
	uint32_t vlen = btf_view_vlen(c->view, id);
	bool in_bitfield = false;
	uint64_t end = 0;

	for (uint32_t i = 0; i < vlen && c_step(c); i++) {
		struct btf_view_member member = btf_view_member(c->view, id, i);
		uint32_t align = is_packed ? 1 : c_align_of(c, member.type_id);

		show_gap(c, level,
			 (struct gap){ .id = id,
				       .from = end,
				       .to = member.bit_off,
				       .align = align ? align : 1,
				       .in_bitfield = in_bitfield && member.bits });
		new_line(c, level);
		c_show_declaration(c, member.type_id, member.name, level);
		in_bitfield = member.bits;
		end = member.bit_off;
		if (member.bits) {
			text_literal(c->out, ": ");
			text_u64(c->out, member.bits);
			end += member.bits;
		} else {
			end += 8ull * c_size_of(c, member.type_id);
		}
		text_char(c->out, ';');
	}
	return end;
}

void c_show_composite(struct c_dump *c, uint32_t id, unsigned int level)
{
	bool is_struct = c_kind(c, id) == BTF_STRUCT;
	uint32_t size = btf_view_word(c->view, id);
	bool is_packed;
	uint64_t end;

	if (!c_enter(c, id))
		return;
	is_packed = c_is_packed(c, id);
	c_show_composite_tag(c, id);
	text_literal(c->out, " {");
	end = show_members(c, id, is_packed, level + 1);
	if (is_struct) {
		uint32_t align = c_align_of(c, id);

		show_gap(c, level + 1,
			 (struct gap){ .id = id,
				       .from = end,
				       .to = 8ull * size,
				       .align = align ? align : 1 });
	}
	if (size || btf_view_vlen(c->view, id))
		new_line(c, level);
	text_char(c->out, '}');
	if (is_packed)
		text_literal(c->out, " __attribute__((packed))");
	c_leave(c);
}

/* Declarations. */

/* Ids on c->chain from @start on; what is left of it is between the name and what is written. */
struct chain {
	size_t start;
	const char *name;
	uint32_t suffix; /* of the name */
	unsigned int level;
};

static bool chain_is_empty(const struct c_dump *c, const struct chain *chain)
{
	return c->chain.num == chain->start;
}

static uint32_t chain_top(const struct c_dump *c)
{
	return c->chain.data[c->chain.num - 1];
}

/* The type that a declaration goes on with behind @id, false if @id is the last. */
static bool goes_on(const struct c_dump *c, uint32_t id, uint32_t *ret_next)
{
	switch (c_kind(c, id)) {
	case BTF_ARRAY:
		*ret_next = btf_view_array(c->view, id).elem_id;
		return true;
	case BTF_PTR:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
	case BTF_FUNC_PROTO:
		*ret_next = btf_view_word(c->view, id);
		return true;
	}
	return false;
}

static bool chain_push_all(struct c_dump *c, struct chain *chain, uint32_t id)
{
	uint32_t first = id;

	for (;;) {
		if (!vec_push(&c->chain, id)) {
			c_fail_memory(c);
			return false;
		}
		if (!goes_on(c, id, &id))
			return c_step(c);
		if (c->chain.num - chain->start > C_MAX_CHAIN) {
			c_fail(c, first, "has too many pointers and qualifiers in a row");
			return false;
		}
	}
}

static bool is_qualifier(uint32_t kind)
{
	return kind == BTF_CONST || kind == BTF_VOLATILE || kind == BTF_RESTRICT;
}

static const char *qualifier(uint32_t kind)
{
	return kind == BTF_CONST ? "const" : kind == BTF_VOLATILE ? "volatile" : "restrict";
}

/* Those that stand directly around a type with a name go in front of it. */
static void show_qualifiers(struct c_dump *c, const struct chain *chain)
{
	while (!chain_is_empty(c, chain) && is_qualifier(c_kind(c, chain_top(c)))) {
		text_string(c->out, qualifier(c_kind(c, chain_top(c))));
		text_char(c->out, ' ');
		c->chain.num--;
	}
}

/* Arrays and functions have none of their own: compilers disagree, and C lets nobody say so. */
static void drop_qualifiers(struct c_dump *c, const struct chain *chain)
{
	while (!chain_is_empty(c, chain) &&
	       (is_qualifier(c_kind(c, chain_top(c))) || c_kind(c, chain_top(c)) == BTF_TYPE_TAG))
		c->chain.num--;
}

/* The name, which ends what the chain says. A pointer's star touches it. */
static void show_end(struct c_dump *c, const struct chain *chain, bool behind_star)
{
	if (chain->name[0] && !behind_star)
		text_char(c->out, ' ');
	text_name(c->out, chain->name);
	c_show_suffix(c, chain->suffix);
}

static void show_quoted(struct c_dump *c, const char *text)
{
	for (;;) {
		size_t size = strcspn(text, "\"\\");

		if (!text[size]) {
			text_name(c->out, text);
			return;
		}
		for (size_t i = 0; i < size; i++)
			text_name(c->out, (const char[]){ text[i], '\0' });
		text_char(c->out, '\\');
		text_char(c->out, text[size]);
		text += size + 1;
	}
}

static void show_type_tag(struct c_dump *c, uint32_t id)
{
	text_literal(c->out, " __attribute__((");
	if (btf_view_flag(c->view, id)) {
		text_name(c->out, c_type_name(c, id));
	} else {
		text_literal(c->out, "btf_type_tag(\"");
		show_quoted(c, c_type_name(c, id));
		text_literal(c->out, "\")");
	}
	text_literal(c->out, "))");
}

static void show_params(struct c_dump *c, uint32_t id, unsigned int level)
{
	uint32_t vlen = btf_view_vlen(c->view, id);

	text_char(c->out, '(');
	if (vlen == 0 || (vlen == 1 && btf_view_param(c->view, id, 0).type_id == 0))
		text_literal(c->out, "void");
	for (uint32_t i = 0; i < vlen && c_step(c); i++) {
		struct btf_view_param param = btf_view_param(c->view, id, i);

		if (i > 0)
			text_literal(c->out, ", ");
		if (param.type_id != 0 || i != vlen - 1)
			c_show_declaration(c, param.type_id, param.name, level);
		else if (i > 0)
			text_literal(c->out, "...");
	}
	text_char(c->out, ')');
}

static void show_chain(struct c_dump *c, const struct chain *chain);

/* The rest of the chain, which an array or a prototype is made of, then what these add. */
static void show_array(struct c_dump *c, const struct chain *chain, uint32_t id, bool behind_star)
{
	drop_qualifiers(c, chain);
	if (chain_is_empty(c, chain)) {
		show_end(c, chain, behind_star);
	} else {
		/* An array of arrays is [2][3], a pointer to an array (*)[3]. */
		bool in_brackets = c_kind(c, chain_top(c)) != BTF_ARRAY;

		if (chain->name[0] && !behind_star)
			text_char(c->out, ' ');
		if (in_brackets)
			text_char(c->out, '(');
		show_chain(c, chain);
		if (in_brackets)
			text_char(c->out, ')');
	}
	text_char(c->out, '[');
	text_u64(c->out, btf_view_array(c->view, id).num);
	text_char(c->out, ']');
}

static void show_proto(struct c_dump *c, const struct chain *chain, uint32_t id, bool behind_star)
{
	drop_qualifiers(c, chain);
	if (chain_is_empty(c, chain)) {
		show_end(c, chain, behind_star);
	} else {
		text_literal(c->out, " (");
		show_chain(c, chain);
		text_char(c->out, ')');
	}
	show_params(c, id, chain->level);
}

/* A type that a chain can begin with. */
static void show_innermost(struct c_dump *c, const struct chain *chain, uint32_t id)
{
	show_qualifiers(c, chain);
	if (id == 0) {
		text_literal(c->out, "void");
		return;
	}
	switch (c_kind(c, id)) {
	case BTF_INT:
	case BTF_FLOAT:
		text_name(c->out, c_type_name(c, id));
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		if (c_is_anonymous(c, id))
			c_show_composite(c, id, chain->level);
		else
			c_show_composite_tag(c, id);
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		if (c_is_anonymous(c, id)) {
			c_show_enum(c, id, chain->level);
		} else {
			text_literal(c->out, "enum ");
			c_show_tag(c, id);
		}
		break;
	case BTF_FWD:
		c_show_forward(c, id);
		break;
	case BTF_TYPEDEF:
		c_show_ident(c, id);
		break;
	default:
		c_fail(c, id, "is no type of C, and is used as one");
		break;
	}
}

static void show_links(struct c_dump *c, const struct chain *chain)
{
	bool behind_star = true;

	while (!chain_is_empty(c, chain) && !c_stopped(c)) {
		uint32_t id = chain_top(c);
		uint32_t kind = c_kind(c, id);

		c->chain.num--;
		switch (kind) {
		case BTF_PTR:
			text_string(c->out, behind_star ? "*" : " *");
			break;
		case BTF_CONST:
		case BTF_VOLATILE:
		case BTF_RESTRICT:
			text_char(c->out, ' ');
			text_string(c->out, qualifier(kind));
			break;
		case BTF_TYPE_TAG:
			show_qualifiers(c, chain);
			show_type_tag(c, id);
			break;
		case BTF_ARRAY:
			show_array(c, chain, id, behind_star);
			return;
		case BTF_FUNC_PROTO:
			show_proto(c, chain, id, behind_star);
			return;
		default:
			show_innermost(c, chain, id);
			break;
		}
		behind_star = kind == BTF_PTR;
	}
	show_end(c, chain, behind_star);
}

static void show_chain(struct c_dump *c, const struct chain *chain)
{
	if (c_enter(c, chain_top(c))) {
		show_links(c, chain);
		c_leave(c);
	}
}

static void show_declaration(struct c_dump *c, uint32_t id, struct chain *chain)
{
	chain->start = c->chain.num;
	if (c_enter(c, id)) {
		if (chain_push_all(c, chain, id))
			show_links(c, chain);
		c_leave(c);
	}
	c->chain.num = chain->start;
}

void c_show_declaration(struct c_dump *c, uint32_t id, const char *name, unsigned int level)
{
	show_declaration(c, id, &(struct chain){ .name = name, .level = level });
}

/* GCC before 12 writes this typedef as one of void. */
static bool is_odd_va_list(const struct c_dump *c, uint32_t id, uint32_t suffix)
{
	return btf_view_word(c->view, id) == 0 && suffix < 2 &&
	       strcmp(c_type_name(c, id), "__gnuc_va_list") == 0;
}

void c_show_typedef(struct c_dump *c, uint32_t id)
{
	/* First: constants inside may have the same name. */
	struct chain chain = { .name = c_type_name(c, id), .suffix = c_ident_suffix(c, id) };

	text_literal(c->out, "typedef ");
	if (is_odd_va_list(c, id, chain.suffix))
		text_literal(c->out, "__builtin_va_list __gnuc_va_list");
	else
		show_declaration(c, btf_view_word(c->view, id), &chain);
}
