// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Location expressions that name a fixed address: DW_OP_addr and arithmetic with constants.
 *
 * The whole expression is evaluated. What is not a fixed address (registers, thread-local storage,
 * values without a place, pieces) is told apart from what is damaged. DWARF 5 section 2.5.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/span.h"
#include "lib/dwarf/form.h"

enum expr_result {
	EXPR_ADDRESS,	 /* *ret_addr is set */
	EXPR_NOT_STATIC, /* fine, but no fixed address */
	EXPR_DAMAGED,	 /* cut off or without a value */
};

/* Looks up entry @index of the unit's part of .debug_addr. False if there is none. */
typedef bool expr_addr_index_fn(void *ctx, uint64_t index, uint64_t *ret_addr);

enum expr_result expr_static_address(struct span expr, const struct dwarf_encoding *encoding,
				     expr_addr_index_fn *addr_index, void *ctx, uint64_t *ret_addr);

enum expr_constant {
	EXPR_NO_CONSTANT,      /* another operation: nothing was read */
	EXPR_CONSTANT_NUMBER,  /* literals, DW_OP_const* */
	EXPR_CONSTANT_ADDRESS, /* DW_OP_addr, DW_OP_addrx */
	EXPR_CONSTANT_DAMAGED,
};

/* What operation @op pushes if that is a constant. *p is behind the operation and is moved on. */
enum expr_constant expr_read_constant(uint8_t op, const uint8_t **p, const uint8_t *end,
				      const struct dwarf_encoding *encoding,
				      expr_addr_index_fn *addr_index, void *ctx,
				      uint64_t *ret_value);
