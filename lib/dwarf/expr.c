// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/expr.h"

#include "lib/dwarf/constants.h"
#include "lib/dwarf/leb.h"

enum { STACK_SIZE = 8 };

struct value {
	uint64_t number;
	bool is_addr; /* an address went into it */
};

/*
 * Bytes of a constant behind its operation, negative if it is signed; 0 if the operation is none.
 */
static int const_size(uint8_t op)
{
	switch (op) {
	case DW_OP_const1u:
		return 1;
	case DW_OP_const1s:
		return -1;
	case DW_OP_const2u:
		return 2;
	case DW_OP_const2s:
		return -2;
	case DW_OP_const4u:
		return 4;
	case DW_OP_const4s:
		return -4;
	case DW_OP_const8u:
		return 8;
	case DW_OP_const8s:
		return -8;
	default:
		return 0;
	}
}

static bool read_word(const uint8_t **p, const uint8_t *end, int size, bool swap,
		      uint64_t *ret_value)
{
	const uint8_t *at = *p;

	if (end - at < (size < 0 ? -size : size))
		return false;
	switch (size) {
	case 1:
		*ret_value = *at;
		break;
	case -1:
		*ret_value = (int64_t)(int8_t)*at;
		break;
	case 2:
		*ret_value = load_u16(at, swap);
		break;
	case -2:
		*ret_value = (int64_t)(int16_t)load_u16(at, swap);
		break;
	case 4:
		*ret_value = load_u32(at, swap);
		break;
	case -4:
		*ret_value = (int64_t)(int32_t)load_u32(at, swap);
		break;
	default:
		*ret_value = load_u64(at, swap);
		break;
	}
	*p = at + (size < 0 ? -size : size);
	return true;
}

enum expr_constant expr_read_constant(uint8_t op, const uint8_t **p, const uint8_t *end,
				      const struct dwarf_encoding *encoding,
				      expr_addr_index_fn *addr_index, void *ctx,
				      uint64_t *ret_value)
{
	bool is_addr = false, ok = true;
	int64_t number;

	switch (op) {
	case DW_OP_addr:
		is_addr = true;
		ok = read_word(p, end, encoding->addr_size, encoding->swap, ret_value);
		break;
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		is_addr = true;
		/* fall through */
	case DW_OP_constx:
	case DW_OP_GNU_const_index:
		ok = leb_read_unsigned(p, end, ret_value) && addr_index(ctx, *ret_value, ret_value);
		break;
	case DW_OP_constu:
		ok = leb_read_unsigned(p, end, ret_value);
		break;
	case DW_OP_consts:
		ok = leb_read_signed(p, end, &number);
		if (ok)
			*ret_value = number;
		break;
	default:
		if (op >= DW_OP_lit0 && op <= DW_OP_lit31)
			*ret_value = op - DW_OP_lit0;
		else if (const_size(op))
			ok = read_word(p, end, const_size(op), encoding->swap, ret_value);
		else
			return EXPR_NO_CONSTANT;
	}
	if (!ok)
		return EXPR_CONSTANT_DAMAGED;
	return is_addr ? EXPR_CONSTANT_ADDRESS : EXPR_CONSTANT_NUMBER;
}

enum expr_result expr_static_address(struct span expr, const struct dwarf_encoding *encoding,
				     expr_addr_index_fn *addr_index, void *ctx, uint64_t *ret_addr)
{
	const uint8_t *p = expr.data, *end = expr.data + expr.size;
	struct value stack[STACK_SIZE];
	unsigned int depth = 0;

	while (p < end) {
		uint8_t op = *p++;
		struct value value = {};

		if (op == DW_OP_nop)
			continue;
		if (op == DW_OP_plus || op == DW_OP_minus) {
			struct value *a, *b;

			if (depth < 2)
				return EXPR_DAMAGED;
			a = &stack[depth - 2];
			b = &stack[depth - 1];
			a->number =
				op == DW_OP_plus ? a->number + b->number : a->number - b->number;
			a->is_addr |= b->is_addr;
			depth--;
			continue;
		}
		if (op == DW_OP_plus_uconst) {
			if (!depth || !leb_read_unsigned(&p, end, &value.number))
				return EXPR_DAMAGED;
			stack[depth - 1].number += value.number;
			continue;
		}
		switch (expr_read_constant(op, &p, end, encoding, addr_index, ctx, &value.number)) {
		case EXPR_CONSTANT_NUMBER:
			break;
		case EXPR_CONSTANT_ADDRESS:
			value.is_addr = true;
			break;
		case EXPR_NO_CONSTANT:
			return EXPR_NOT_STATIC;
		case EXPR_CONSTANT_DAMAGED:
			return EXPR_DAMAGED;
		}
		if (depth == STACK_SIZE)
			return EXPR_NOT_STATIC;
		stack[depth++] = value;
	}
	if (!depth)
		return expr.size ? EXPR_DAMAGED : EXPR_NOT_STATIC;
	if (!stack[depth - 1].is_addr)
		return EXPR_NOT_STATIC;
	*ret_addr = stack[depth - 1].number;
	if (encoding->addr_size == 4)
		*ret_addr &= UINT32_MAX;
	return EXPR_ADDRESS;
}
