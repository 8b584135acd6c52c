// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A settled type as C declares something of it.
 *
 *	explain_type_text(arena, store, id, "p")	"struct sock *p", "void (*p)(int, ...)"
 *	explain_type_text(arena, store, id, "")		"struct sock *", "void (*)(int, ...)"
 *
 * Of a GRAPH_FUNC_PROTO, with the names of parameters: "int f(struct sock *sk, int len)". The text
 * is bounded in length and depth and ends in "..." where it was cut; control bytes become `?`. NULL
 * when memory is out.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/btf/type_store.h"

const char *explain_type_text(struct arena *arena, const struct type_store *store,
			      struct type_id id, const char *name);
