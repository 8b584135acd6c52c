// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which types of a view to show.
 *
 *	struct dump_filter filter = { .names = names, .num_names = 2 };
 *	dump_id_vec ids = {};
 *
 *	err = btf_dump_pick(&view, &filter, &ids);
 *	...
 *	vec_deinit(&ids);
 *
 * Each part of the filter that is given must hold:
 *
 *	names		one of the patterns matches the type's own name
 *	kinds		bit n: types of kind n
 *	sections	a DATASEC whose name one of the patterns matches, or a VAR in one
 *
 * A pattern is one of the shell (fnmatch(3)); `*` matches `/` and a leading dot as well. Types
 * without a name match only where no name is asked for. Ids are in ascending order, those of the
 * view alone, not of its base.
 *
 * Ownership: patterns are borrowed for the call. Errors: out of memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/view.h"

struct dump_filter {
	const char *const *names;
	size_t num_names; /* 0: all */
	uint32_t kinds;	  /* 0: all */
	const char *const *sections;
	size_t num_sections; /* 0: all */
};

typedef VEC(uint32_t) dump_id_vec;

struct btfgen_error *btf_dump_pick(const struct btf_view *view, const struct dump_filter *filter,
				   dump_id_vec *ret_ids) BTFGEN_MUST_CHECK;
