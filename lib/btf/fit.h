// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Fitting settled types to what readers of BTF accept.
 *
 * What a compiler writes for C fits, but for a few oddities; other languages and damaged files
 * bring types that the kernel's second pass would refuse (lib/btf/verify.h, the R rules): members
 * without size or behind the end of their struct, arrays of incomplete types, results of a type
 * that is a typedef of void. Such a type is made to fit, alone:
 *   - a struct or union loses its members and keeps its size and name;
 *   - an array becomes an unnamed struct of its size (0 if that is not known);
 *   - a function type returns void instead of something without size, and has unknown parameters
 *     (`...`) instead of one that cannot be passed.
 *
 * Types that are equal then become one (lib/btf/merge.h); so do types that differ only in what a
 * record cannot tell, as names that are no identifiers. The ones that go are GRAPH_ALIAS.
 *
 * Two things cannot be made to fit. A *cycle*: a struct that contains itself, a pointer or typedef
 * that leads to nothing but itself; C's types are recursive only through a pointer to a struct or
 * union. No compiler writes it: it is damage. A *chain* of more than 32 qualifiers and typedefs in
 * a row, which every kernel refuses (btf.c, btf_check_type_tags() and env_stack_push()).
 */
#pragma once

#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/type_store.h"

struct types_fit_result {
	struct type_id cycle;	     /* a type of a cycle; void if there is none */
	struct type_id chain;	     /* the start of too long a chain; void if there is none */
	VEC(struct type_id) changed; /* types that were made to fit */
};

/*
 * The store is settled. With a cycle or a chain nothing else is told. Linear but for such mergers;
 * the result is the same on each run. @address_size: bytes of a pointer. Errors: out of memory.
 */
struct btfgen_error *types_fit(struct type_store *store, unsigned int address_size,
			       struct types_fit_result *ret_result) BTFGEN_MUST_CHECK;
void types_fit_result_deinit(struct types_fit_result *result);
