// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The sentences of explain.h: reasons, what to do about them, and names of registers.
 *
 * Texts are made in an arena; NULL when memory is out, but for those that are said to be constant.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "btf_encoder.h"
#include "func_select.h"
#include "lib/base/arena.h"
#include "lib/dwarf/place.h"

/* What the sentence on a function's outcome can name. */
struct func_facts {
	enum func_outcome outcome;
	const char *symbol;	 /* the whole name of its first symbol */
	const char *param;	 /* "parameter 2 'len'", "the result"; NULL: not known */
	const char *place;	 /* where that is; NULL: not known */
	uint32_t num_places;	 /* different ones among the symbols */
	uint32_t num_prototypes; /* different ones among the entries */
};

const char *func_reason(struct arena *arena, const struct func_facts *facts);

struct var_facts {
	enum var_outcome outcome;
	const char *other; /* the variable that is in the BTF at its place; or NULL */
	const char *section;
	uint64_t symbol_size;
	uint64_t type_size; /* of the nearest entry; 0: none */
};

const char *var_reason(struct arena *arena, const struct var_facts *facts);

/* Constant; NULL if there is nothing to do. */
const char *func_advice(enum func_outcome outcome);
const char *var_advice(enum var_outcome outcome);

/* "rdi", "on the stack", "nowhere", "in parts: rdi, rsi". */
const char *place_text(struct arena *arena, uint16_t machine, const struct place *place);

char *arena_printf(struct arena *arena, const char *fmt, ...) BTFGEN_PRINTF(2, 3);
