// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Settled types for readers that know fewer kinds.
 *
 *	struct types_adapt_options options = { .without_float = true };
 *
 *	err = types_adapt(store, &options, &result);
 *	... result.opaque to the report
 *	types_adapt_result_deinit(&result);
 *	err = types_fit(...);
 *
 * - without_float: a FLOAT becomes an unsigned INT of its name and size. There are no INTs of
 *   sizes that are no power of two or above 16 bytes (the 12 bytes of i386's `long double`): such
 *   a type becomes a struct without members, of its size, and is listed.
 * - without_enum64: the values of an enum are cut to their low 32 bits, and it is not signed; see
 *   layout_input.without_enum64, which has to be set as well.
 *
 * Types that are equal now become one (lib/btf/merge.h). Call it after settling, before types_fit()
 * and before types are added. Linear but for such mergers.
 */
#pragma once

#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/type_store.h"

struct types_adapt_options {
	bool without_float;
	bool without_enum64;
};

struct types_adapt_result {
	VEC(struct type_id) opaque; /* types of which only the size is left */
};

/* The result is the same on each run. Errors: out of memory; then there is no result. */
struct btfgen_error *types_adapt(struct type_store *store,
				 const struct types_adapt_options *options,
				 struct types_adapt_result *ret_result) BTFGEN_MUST_CHECK;
void types_adapt_result_deinit(struct types_adapt_result *result);
