// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a function's debugging entry says about it, as bits: set by the reader of DIEs, kept by the
 * loader, judged by func_select.h.
 */
#pragma once

enum func_flags {
	FUNC_IS_EXTERNAL = 1 << 0, /* DW_AT_external */
	FUNC_HAS_VARARGS = 1 << 1,
	FUNC_IN_ASM_UNIT = 1 << 2, /* the unit's language is an assembler's */
	FUNC_IN_CLANG_UNIT = 1 << 3,
	FUNC_HAS_NOCALL = 1 << 4,   /* DW_AT_calling_convention DW_CC_nocall */
	FUNC_HAS_ADDR = 1 << 5,	    /* it is out of line: its address holds */
	FUNC_HAS_PLACES = 1 << 6,   /* its parameters' places were read */
	FUNC_IS_REORDERED = 1 << 7, /* its parameters stand in another order than its origin's */
};
