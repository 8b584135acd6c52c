// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Types that cannot exist: a struct that contains itself, a pointer or typedef that is only itself.
 *
 * C's types are recursive only through a pointer to a struct, union or enum that has a name. The kernel refuses
 * everything else (btf.c, "Loop detected"), and readers that size a type would never end. No compiler
 * writes it: it is damage, found here before anything is laid out.
 */
#pragma once

#include "lib/base/error.h"
#include "lib/btf/type_store.h"

/*
 * A type of such a cycle, the same on each run; void if there is none. Linear; the store is settled. Errors: out of memory.
 */
struct btfgen_error *type_cycle_find(const struct type_store *store, struct type_id *ret_type)
	BTFGEN_MUST_CHECK;
