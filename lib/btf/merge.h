// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Types that have become equal become one. For lib/btf only: adapt.c and fit.c change settled types
 * in place, and what a record cannot tell (a name that is no identifier) is lost when it is
 * written.
 */
#pragma once

#include "lib/btf/type_store.h"

/*
 * True if another type could have the same record though the two differ: some name is not written,
 * or the sign of an enum.
 */
bool type_loses_something(const struct type_store *store, const struct settled_type *type);

/*
 * Takes types as equal if their records are, and those of all that they refer to: the coarsest
 * bisimulation, again. @suspects, each once, are the only types that may look now like another one did
 * before. Of equal types the first one stays; the others become GRAPH_ALIAS with it as ref, and nothing
 * refers to them any more. Linear unless a suspect looks like another type. False when memory is
 * out.
 */
bool types_merge(struct type_store *store, const struct type_id *suspects, size_t num_suspects);
