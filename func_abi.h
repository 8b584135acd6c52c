// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Where the calling convention of an architecture puts a function's arguments, and whether a
 * function takes them there.
 *
 *	abi = func_abi_of(e_machine, is_64, big_endian);	NULL: not known, nothing is checked
 *	func_abi_check(abi, store, ret, params, num, places, &check);
 *
 * One table: DWARF numbers of the parameter registers in order, how many of them an aggregate may
 * take, how aggregates that take none travel (by reference or on the stack), how pairs are aligned,
 * where the address of a returned aggregate goes. Each row names the psABI document it is from.
 *
 * Types are settled ones. Types that the table has no rule for (floating point and vectors, which
 * go into registers of their own) are passed over: what the table does not know is never held
 * against a function.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/btf/type_store.h"
#include "lib/dwarf/place.h"

struct func_abi;

/* NULL if the architecture is not in the table. */
const struct func_abi *func_abi_of(uint16_t machine, bool is_64, bool big_endian);

/* Bytes of a general register of the convention. */
unsigned int func_abi_reg_size(const struct func_abi *abi);

struct func_param {
	struct str_id name; /* may be 0 */
	struct type_id type;
	bool is_aligned;    /* an aggregate that the source aligns more strictly than a register */
	struct place place; /* PLACE_NONE if the function was not asked for places */
};

enum param_state {
	PARAM_IN_PLACE,	 /* where the convention puts it, or nothing speaks against it */
	PARAM_ELSEWHERE, /* in another register than the convention's, or not where it is on the
			    stack */
	PARAM_GONE,	 /* no location, or a constant: nobody passes it */
	PARAM_PART,	 /* an aggregate of which one member is all that is passed: `member` */
	PARAM_UNKNOWN,	 /* its location does not tell */
	NUM_PARAM_STATES
};

struct param_check {
	uint8_t state;	   /* enum param_state */
	bool due_on_stack; /* PARAM_GONE: if all were passed, it would be there */
	uint32_t member;   /* PARAM_PART: index into the elements of the stripped type */
};

/*
 * Compares where each parameter is with where the convention wants it if the parameters were passed
 * as listed (all of them, in this order). ret_checks has num elements.
 *
 * With @skip_gone, parameters that are PARAM_GONE take no place in the order: the question is then
 * whether the function takes exactly those that are left.
 */
void func_abi_check(const struct func_abi *abi, const struct type_store *store, struct type_id ret,
		    const struct func_param *params, size_t num, bool skip_gone,
		    struct param_check *ret_checks);

/*
 * Which of the registers for arguments a place is in, the lowest part of it first: 0 for the first;
 * -1 if none. It sorts parameters by registers.
 */
int func_abi_place_order(const struct func_abi *abi, const struct place *place);

/*
 * True if the place of some parameter cannot be told from sizes alone, as BPF trampolines do: an
 * aggregate on the stack that is packed or aligned otherwise than its members ask for (is_aligned
 * says it, or they do not begin or end where they would); on 64-bit machines also what is aligned
 * to more than a register and is on the stack or leaves a register out. Qualifiers and typedefs are
 * looked through. Aggregates of more than 16 bytes are passed over: no trampoline takes them
 * (btf_distill_func_proto()). *ret_param is its index.
 */
bool func_abi_uncertain(const struct func_abi *abi, const struct type_store *store,
			struct type_id ret, const struct func_param *params, size_t num,
			size_t *ret_param);
