// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * An expression is evaluated with values that are not numbers but origins: a register's contents,
 * an address of the frame, something known beforehand. So it does not matter how a producer words
 * the same thing (DW_OP_reg5; DW_OP_breg5 0, DW_OP_stack_value; the same extended to another width
 * by shifts, masks or conversions), and nothing is taken for a plain register only because one
 * occurs in it.
 */
#include "lib/dwarf/description.h"

#include "lib/dwarf/constants.h"
#include "lib/dwarf/leb.h"

enum { STACK_SIZE = 16 };

/* Where a value on the expression's stack is from. */
enum origin {
	FROM_ELSEWHERE, /* memory, several registers, arithmetic that is not followed */
	FROM_CONSTANT,	/* `number` */
	FROM_KNOWN,	/* beforehand, but not kept: addresses, what is computed with them */
	FROM_REGISTER,	/* contents of `reg`, plus `number` */
	FROM_WIDTH,	/* low bits of `reg`, shifted left by `number` or extended */
	FROM_PART,	/* bits of `reg` from `number` on */
	FROM_ORIGINAL,	/* an argument of the function that this one was cloned from */
	FROM_FRAME,	/* an address of the frame, plus a number that is not kept */
	FROM_MEMORY,	/* read from the frame */
};

struct value {
	uint8_t origin;
	bool at_entry; /* what the register held when the function was entered */
	uint16_t reg;
	uint64_t number;
};

struct reader {
	const uint8_t *p, *end;
	const struct location_unit *unit;
	unsigned int depth;
	struct value stack[STACK_SIZE];
	bool is_damaged;
	bool is_foreign; /* an operation that is not known, or that leads somewhere else */
};

/* A location description up to its end or the next piece operation. */
enum simple_kind {
	SIMPLE_NONE,
	SIMPLE_REGISTER,
	SIMPLE_MEMORY, /* at the value on top of the stack */
	SIMPLE_VALUE,  /* the value on top of the stack */
	SIMPLE_KNOWN,  /* bytes in place, or a pointer to something that is described elsewhere */
};

static void fail(struct reader *r)
{
	r->is_damaged = true;
}

static uint64_t read_unsigned(struct reader *r)
{
	uint64_t value = 0;

	if (!leb_read_unsigned(&r->p, r->end, &value))
		fail(r);
	return value;
}

static int64_t read_signed(struct reader *r)
{
	int64_t value = 0;

	if (!leb_read_signed(&r->p, r->end, &value))
		fail(r);
	return value;
}

static uint8_t read_byte(struct reader *r)
{
	if (r->p < r->end)
		return *r->p++;
	fail(r);
	return 0;
}

static void skip_bytes(struct reader *r, uint64_t size)
{
	if (size > (uint64_t)(r->end - r->p))
		fail(r);
	else
		r->p += size;
}

static void push(struct reader *r, struct value value)
{
	if (r->depth == STACK_SIZE)
		r->is_foreign = true;
	else
		r->stack[r->depth++] = value;
}

/* The value @below the top of the stack. */
static struct value *peek(struct reader *r, uint8_t below)
{
	static const struct value nothing;

	if (below < r->depth)
		return &r->stack[r->depth - 1 - below];
	fail(r);
	/* A place to read and write that the damage makes meaningless. */
	r->stack[0] = nothing;
	return &r->stack[0];
}

static struct value pop(struct reader *r)
{
	struct value value = *peek(r, 0);

	if (r->depth)
		r->depth--;
	return value;
}

static void push_origin(struct reader *r, enum origin origin)
{
	push(r, (struct value){ .origin = origin });
}

static uint16_t reg_number(uint64_t number)
{
	return number < PLACE_NO_REG ? number : PLACE_NO_REG;
}

static void push_register(struct reader *r, uint64_t reg, int64_t off)
{
	uint16_t number = reg_number(reg);

	push(r, (struct value){
			.origin = number == PLACE_NO_REG ? FROM_ELSEWHERE : FROM_REGISTER,
			.reg = number,
			.number = off,
		});
}

/* Operations that name a register; false if @op is none of these. */
static bool read_register(struct reader *r, uint8_t op, uint64_t *ret_reg)
{
	if (op >= DW_OP_reg0 && op <= DW_OP_reg31)
		*ret_reg = op - DW_OP_reg0;
	else if (op == DW_OP_regx)
		*ret_reg = read_unsigned(r);
	else
		return false;
	return true;
}

/* Operations that push a register's contents; false if it is none of these. */
static bool read_contents(struct reader *r, uint8_t op)
{
	uint64_t reg;

	if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
		push_register(r, op - DW_OP_breg0, read_signed(r));
		return true;
	}
	switch (op) {
	case DW_OP_bregx:
		reg = read_unsigned(r);
		push_register(r, reg, read_signed(r));
		return true;
	case DW_OP_regval_type:
	case DW_OP_GNU_regval_type:
		reg = read_unsigned(r);
		read_unsigned(r);
		push_register(r, reg, 0);
		return true;
	default:
		return false;
	}
}

/*
 * DW_OP_entry_value: an expression in a block. What a register held is what counts; all else that
 * could be computed there is from elsewhere.
 */
static void read_entry_value(struct reader *r)
{
	uint64_t size = read_unsigned(r), reg;
	struct reader inner = { .unit = r->unit, .p = r->p };
	uint8_t op;

	skip_bytes(r, size);
	if (r->is_damaged)
		return;
	inner.end = r->p;
	op = read_byte(&inner);
	if (read_register(&inner, op, &reg))
		push_register(&inner, reg, 0);
	else if (!read_contents(&inner, op))
		inner.is_foreign = true;
	if (inner.is_damaged) {
		fail(r);
	} else if (inner.is_foreign || inner.p != inner.end) {
		push_origin(r, FROM_ELSEWHERE);
	} else {
		inner.stack[0].at_entry = true;
		push(r, inner.stack[0]);
	}
}

static bool is_known(const struct value *value)
{
	return value->origin == FROM_CONSTANT || value->origin == FROM_KNOWN;
}

/* What a register holds, all of it or its low part; additions that cancel out leave it so. */
static bool is_plain(const struct location_unit *unit, const struct value *value)
{
	return (value->origin == FROM_REGISTER || value->origin == FROM_WIDTH) &&
	       !(unit->encoding->addr_size == 4 ? (uint32_t)value->number : value->number);
}

static struct value from_elsewhere(void)
{
	return (struct value){ .origin = FROM_ELSEWHERE };
}

static struct value add(struct value a, struct value b, bool negate)
{
	if (a.origin == FROM_CONSTANT && !negate) {
		struct value c = a;

		a = b;
		b = c;
	}
	if (b.origin != FROM_CONSTANT)
		return from_elsewhere();
	switch (a.origin) {
	case FROM_CONSTANT:
	case FROM_REGISTER:
	case FROM_FRAME:
		a.number += negate ? -b.number : b.number;
		return a;
	default:
		return from_elsewhere();
	}
}

/* Only a mask of low bits leaves a value that is the register's. */
static struct value mask(const struct location_unit *unit, struct value a, struct value b)
{
	if (a.origin == FROM_CONSTANT) {
		struct value c = a;

		a = b;
		b = c;
	}
	if (b.origin != FROM_CONSTANT || !b.number || b.number & (b.number + 1) ||
	    (!is_plain(unit, &a) && a.origin != FROM_PART))
		return from_elsewhere();
	if (a.origin == FROM_REGISTER)
		a.origin = FROM_WIDTH;
	return a;
}

/* Left, then right: by as much it is the register's low bits, extended, by more a part of it. */
static struct value shift(const struct location_unit *unit, uint8_t op, struct value a,
			  struct value b)
{
	if (b.origin != FROM_CONSTANT || b.number >= 64)
		return from_elsewhere();
	if (op == DW_OP_shl && is_plain(unit, &a)) {
		a.origin = FROM_WIDTH;
		a.number = b.number;
		return a;
	}
	if (op != DW_OP_shl && (a.origin == FROM_WIDTH || is_plain(unit, &a)) &&
	    a.number <= b.number) {
		a.origin = a.number == b.number ? FROM_WIDTH : FROM_PART;
		a.number = b.number - a.number;
		return a;
	}
	return from_elsewhere();
}

static void calculate(struct reader *r, uint8_t op)
{
	struct value b = pop(r), a = pop(r), result;

	switch (op) {
	case DW_OP_plus:
	case DW_OP_minus:
		result = add(a, b, op == DW_OP_minus);
		break;
	case DW_OP_and:
		result = mask(r->unit, a, b);
		break;
	case DW_OP_shl:
	case DW_OP_shr:
	case DW_OP_shra:
		result = shift(r->unit, op, a, b);
		break;
	default:
		result = from_elsewhere();
		break;
	}
	if (result.origin == FROM_ELSEWHERE && is_known(&a) && is_known(&b))
		result.origin = FROM_KNOWN;
	push(r, result);
}

static void rotate(struct reader *r)
{
	struct value a = pop(r), b = pop(r), c = pop(r);

	push(r, a);
	push(r, c);
	push(r, b);
}

/* A read from memory; the frame is where arguments without a register are. */
static void dereference(struct reader *r)
{
	struct value *top = peek(r, 0);

	*top = (struct value){
		.origin = top->origin == FROM_FRAME ? FROM_MEMORY : FROM_ELSEWHERE,
	};
}

/* Operations that work on the stack; false if @op is none of these. */
static bool run_stack_op(struct reader *r, uint8_t op)
{
	struct value a, b;

	switch (op) {
	case DW_OP_dup:
		push(r, *peek(r, 0));
		return true;
	case DW_OP_drop:
		pop(r);
		return true;
	case DW_OP_over:
		push(r, *peek(r, 1));
		return true;
	case DW_OP_pick:
		push(r, *peek(r, read_byte(r)));
		return true;
	case DW_OP_swap:
		a = pop(r);
		b = pop(r);
		push(r, a);
		push(r, b);
		return true;
	case DW_OP_rot:
		rotate(r);
		return true;
	case DW_OP_deref:
		dereference(r);
		return true;
	case DW_OP_deref_size:
		read_byte(r);
		dereference(r);
		return true;
	case DW_OP_deref_type:
	case DW_OP_GNU_deref_type:
		read_byte(r);
		read_unsigned(r);
		dereference(r);
		return true;
	case DW_OP_xderef_size:
		read_byte(r);
		/* fall through */
	case DW_OP_xderef:
		pop(r);
		pop(r);
		push_origin(r, FROM_ELSEWHERE);
		return true;
	case DW_OP_abs:
	case DW_OP_neg:
	case DW_OP_not:
		a = pop(r);
		push_origin(r, is_known(&a) ? FROM_KNOWN : FROM_ELSEWHERE);
		return true;
	case DW_OP_plus_uconst:
		b = (struct value){ .origin = FROM_CONSTANT, .number = read_unsigned(r) };
		a = pop(r);
		push(r, add(a, b, false));
		return true;
	case DW_OP_convert:
	case DW_OP_GNU_convert:
	case DW_OP_reinterpret:
	case DW_OP_GNU_reinterpret:
		read_unsigned(r);
		a = pop(r);
		if (is_plain(r->unit, &a))
			a.origin = FROM_WIDTH;
		push(r, a);
		return true;
	default:
		if ((op >= DW_OP_abs && op <= DW_OP_xor) || (op >= DW_OP_eq && op <= DW_OP_ne)) {
			calculate(r, op);
			return true;
		}
		return false;
	}
}

/* Operations that push something; false if @op is none of these. */
static bool run_push_op(struct reader *r, uint8_t op)
{
	struct value value = { .origin = FROM_CONSTANT };

	switch (expr_read_constant(op, &r->p, r->end, r->unit->encoding, r->unit->addr_index,
				   r->unit->addr_ctx, &value.number)) {
	case EXPR_CONSTANT_ADDRESS:
		value.origin = FROM_KNOWN;
		/* fall through */
	case EXPR_CONSTANT_NUMBER:
		push(r, value);
		return true;
	case EXPR_CONSTANT_DAMAGED:
		fail(r);
		return true;
	case EXPR_NO_CONSTANT:
		break;
	}
	switch (op) {
	case DW_OP_fbreg:
		read_signed(r);
		/* fall through */
	case DW_OP_call_frame_cfa:
		push_origin(r, FROM_FRAME);
		return true;
	case DW_OP_const_type:
	case DW_OP_GNU_const_type:
		read_unsigned(r);
		skip_bytes(r, read_byte(r));
		push_origin(r, FROM_KNOWN);
		return true;
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value:
		read_entry_value(r);
		return true;
	case DW_OP_push_object_address:
		push_origin(r, FROM_ELSEWHERE);
		return true;
	case DW_OP_GNU_parameter_ref:
		skip_bytes(r, 4);
		push_origin(r, FROM_ORIGINAL);
		return true;
	case DW_OP_GNU_variable_value:
		skip_bytes(r, r->unit->encoding->offset_size);
		push_origin(r, FROM_ELSEWHERE);
		return true;
	default:
		return read_contents(r, op);
	}
}

static void skip_implicit_pointer(struct reader *r)
{
	const struct dwarf_encoding *encoding = r->unit->encoding;

	/* A reference to a DIE, of the size that DWARF 2 gave to such. */
	skip_bytes(r, encoding->version == 2 ? encoding->addr_size : encoding->offset_size);
	read_signed(r);
}

/* Operations that end a description; SIMPLE_NONE if @op is none of these. */
static enum simple_kind run_last_op(struct reader *r, uint8_t op, uint64_t *ret_reg)
{
	if (read_register(r, op, ret_reg))
		return SIMPLE_REGISTER;
	switch (op) {
	case DW_OP_stack_value:
		return SIMPLE_VALUE;
	case DW_OP_implicit_value:
		skip_bytes(r, read_unsigned(r));
		return SIMPLE_KNOWN;
	case DW_OP_implicit_pointer:
	case DW_OP_GNU_implicit_pointer:
		skip_implicit_pointer(r);
		return SIMPLE_KNOWN;
	default:
		return SIMPLE_NONE;
	}
}

/* The place of a description without pieces, and the register that it would be as a piece. */
struct simple {
	uint8_t kind; /* enum place_kind */
	bool at_entry;
	uint16_t reg;
	uint16_t piece_reg;
	uint64_t piece_bit; /* of the register, from its low end */
};

static struct simple simple_of(enum place_kind kind)
{
	return (struct simple){ .kind = kind, .reg = PLACE_NO_REG, .piece_reg = PLACE_NO_REG };
}

static struct simple simple_of_register(uint16_t reg, bool at_entry)
{
	return (struct simple){
		.kind = PLACE_REGISTER,
		.reg = reg,
		.piece_reg = reg,
		.at_entry = at_entry,
	};
}

/* The value on top of the stack is the parameter's. */
static struct simple value_place(const struct reader *r, const struct value *value)
{
	struct simple simple;

	if (is_plain(r->unit, value))
		return simple_of_register(value->reg, value->at_entry);
	if (is_known(value))
		return simple_of(PLACE_CONSTANT);
	switch (value->origin) {
	case FROM_PART:
		simple = simple_of(PLACE_OTHER);
		simple.piece_reg = value->reg;
		simple.piece_bit = value->number;
		simple.at_entry = value->at_entry;
		return simple;
	case FROM_MEMORY:
		return simple_of(PLACE_STACK);
	case FROM_ORIGINAL:
		/* Nobody passes it here. */
		return simple_of(PLACE_NONE);
	default:
		return simple_of(PLACE_OTHER);
	}
}

/* The value on top of the stack is the parameter's address. */
static struct simple memory_place(const struct value *address)
{
	struct simple simple;

	switch (address->origin) {
	case FROM_REGISTER:
		simple = simple_of(PLACE_POINTED);
		simple.reg = address->reg;
		simple.at_entry = address->at_entry;
		return simple;
	case FROM_FRAME:
	case FROM_MEMORY:
		return simple_of(PLACE_STACK);
	case FROM_CONSTANT:
		/* Without DW_OP_stack_value, which DWARF 2 and 3 do not have, but not an address. */
		return simple_of(PLACE_CONSTANT);
	default:
		return simple_of(PLACE_OTHER);
	}
}

/* Reads up to the end or a piece operation. */
static struct simple read_simple(struct reader *r)
{
	enum simple_kind kind = SIMPLE_NONE, last;
	uint64_t reg = 0;

	r->depth = 0;
	while (r->p < r->end && !r->is_damaged && !r->is_foreign) {
		uint8_t op = *r->p;

		if (op == DW_OP_piece || op == DW_OP_bit_piece)
			break;
		r->p++;
		if (op == DW_OP_nop || op == DW_OP_GNU_uninit)
			continue;
		if (kind != SIMPLE_NONE && kind != SIMPLE_MEMORY) {
			r->is_foreign = true;
			break;
		}
		last = run_last_op(r, op, &reg);
		if (last != SIMPLE_NONE && last != SIMPLE_VALUE && kind == SIMPLE_MEMORY)
			r->is_foreign = true;
		if (last != SIMPLE_NONE)
			kind = last;
		else if (run_push_op(r, op) || run_stack_op(r, op))
			kind = SIMPLE_MEMORY;
		else
			r->is_foreign = true;
	}
	if (r->is_damaged || r->is_foreign)
		return simple_of(PLACE_OTHER);
	switch (kind) {
	case SIMPLE_REGISTER:
		if (reg_number(reg) == PLACE_NO_REG)
			return simple_of(PLACE_OTHER);
		return simple_of_register(reg_number(reg), false);
	case SIMPLE_MEMORY:
		return memory_place(peek(r, 0));
	case SIMPLE_VALUE:
		return value_place(r, peek(r, 0));
	case SIMPLE_KNOWN:
		return simple_of(PLACE_CONSTANT);
	default:
		return simple_of(PLACE_NONE);
	}
}

/* What is known of the pieces so far. */
struct pieces {
	struct place place;
	uint64_t off;	    /* of the next piece, in bytes */
	unsigned int kinds; /* bit per enum place_kind */
	unsigned int num_regs, num_at_entry;
	bool is_full;
};

/* Reads a piece operation; false if the piece is not of whole bytes. */
static bool read_piece_op(struct reader *r, uint64_t *ret_size, uint64_t *ret_bit)
{
	uint8_t op = read_byte(r);

	*ret_size = read_unsigned(r);
	*ret_bit = 0;
	if (op == DW_OP_piece)
		return true;
	*ret_bit = read_unsigned(r);
	if (*ret_size % 8)
		return false;
	*ret_size /= 8;
	return true;
}

/* A piece of the place @simple, of which @bit bits are skipped. */
static void add_piece(struct pieces *pieces, struct simple simple, uint64_t size, uint64_t bit)
{
	struct place_piece piece = { .reg = simple.piece_reg, .off = pieces->off, .size = size };
	struct place *place = &pieces->place;

	if (!size)
		return;
	if (piece.reg != PLACE_NO_REG) {
		if (__builtin_add_overflow(bit, simple.piece_bit, &bit) || bit % 8 ||
		    bit / 8 > UINT16_MAX) {
			simple.kind = PLACE_OTHER;
			piece.reg = PLACE_NO_REG;
		} else {
			simple.kind = PLACE_REGISTER;
			piece.reg_off = bit / 8;
			pieces->num_regs++;
			pieces->num_at_entry += simple.at_entry;
		}
	}
	pieces->kinds |= 1u << simple.kind;
	if (place->num_pieces == PLACE_MAX_PIECES || size > UINT16_MAX ||
	    pieces->off > UINT16_MAX - size)
		pieces->is_full = true;
	if (pieces->is_full)
		return;
	place->pieces[place->num_pieces++] = piece;
	pieces->off += size;
}

/* Parts that are all alike and in no register are no more than one of them would be. */
static enum place_kind pieces_kind(const struct pieces *pieces)
{
	unsigned int kinds = pieces->kinds & ~(1u << PLACE_NONE);

	if (!kinds)
		return PLACE_NONE;
	if (kinds == 1u << PLACE_CONSTANT)
		return PLACE_CONSTANT;
	if (kinds == 1u << PLACE_STACK)
		return PLACE_STACK;
	return PLACE_PIECES;
}

bool description_read(const struct location_unit *unit, struct span expr, struct description *ret)
{
	struct reader r = { .p = expr.data, .end = expr.data + expr.size, .unit = unit };
	struct pieces pieces = { .place = place_of(PLACE_PIECES, PLACE_NO_REG) };
	bool has_pieces = false, is_odd = false;
	struct simple simple;
	enum place_kind kind;
	uint64_t size, bit;

	*ret = (struct description){ .place = place_of(PLACE_OTHER, PLACE_NO_REG) };
	for (;;) {
		simple = read_simple(&r);
		if (r.p >= r.end || r.is_damaged || r.is_foreign)
			break;
		has_pieces = true;
		is_odd |= !read_piece_op(&r, &size, &bit);
		add_piece(&pieces, simple, size, bit);
	}
	if (r.is_damaged || r.is_foreign || is_odd)
		return !r.is_damaged;
	if (!has_pieces) {
		ret->place = place_of(simple.kind, simple.reg);
		ret->at_entry = simple.at_entry && simple.reg != PLACE_NO_REG;
		return true;
	}
	/* Something behind the last piece. */
	if (simple.kind != PLACE_NONE)
		return true;
	kind = pieces_kind(&pieces);
	ret->place = kind == PLACE_PIECES ? pieces.place : place_of(kind, PLACE_NO_REG);
	ret->at_entry = pieces.num_regs && pieces.num_at_entry == pieces.num_regs;
	return true;
}
