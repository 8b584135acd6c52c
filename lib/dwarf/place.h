// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Where a parameter stands when its function is entered: the part of a location description that
 * tells whether a caller's argument is where the calling convention puts it.
 *
 * Register numbers are DWARF's for the architecture. Constant once made; no ownership.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum place_kind {
	PLACE_NONE,	/* no location at all: the value does not exist in the function */
	PLACE_REGISTER, /* whole in register `reg` */
	PLACE_POINTED,	/* in memory at the address that register `reg` holds */
	PLACE_STACK,	/* in memory relative to the frame (DW_OP_fbreg, DW_OP_call_frame_cfa) */
	PLACE_CONSTANT, /* known beforehand: DW_AT_const_value, DW_OP_lit*, DW_OP_const*, ... */
	PLACE_PIECES,	/* in parts: `pieces` */
	PLACE_OTHER,	/* an expression that says none of this */
};

enum { PLACE_MAX_PIECES = 4, PLACE_NO_REG = 0xffff };

struct place_piece {
	uint16_t reg;	  /* PLACE_NO_REG: not in a register, or does not exist */
	uint16_t off;	  /* bytes from the start of the value */
	uint16_t size;	  /* bytes */
	uint16_t reg_off; /* bytes of the register below the piece, from its low end */
};

struct place {
	uint8_t kind;	    /* enum place_kind */
	uint8_t num_pieces; /* PLACE_PIECES; at most PLACE_MAX_PIECES, what is behind is not kept */
	bool is_late; /* not from the function's first instruction on: found further down its list
		       */
	uint16_t reg; /* PLACE_REGISTER, PLACE_POINTED; else PLACE_NO_REG */
	struct place_piece pieces[PLACE_MAX_PIECES];
};
