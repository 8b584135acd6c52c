// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the files of lib/btf/stat.h share: stat.c counts records and sections, stat_strings.c the
 * strings, stat_names.c what has a name twice.
 */
#pragma once

#include "lib/btf/stat.h"

/* Of own VARs, by id - first_id: where it stands. */
struct stat_var_place {
	uint32_t section; /* 1 + index into btf_stat.sections; 0: nowhere */
	bool is_percpu;
};

/* Before the sections are sorted: `section` counts in them. */
struct btfgen_error *stat_strings_count(struct btf_stat *stat,
					const struct stat_var_place *places) BTFGEN_MUST_CHECK;

struct btfgen_error *stat_names_find(struct btf_stat *stat) BTFGEN_MUST_CHECK;

/* Bytes of an own record. */
static inline uint32_t stat_record_bytes(const struct btf_view *view, uint32_t id)
{
	uint32_t i = id - view->first_id;
	uint32_t end = i + 1 < view->num_own ? view->record_offs[i + 1] : view->types_size;

	return end - view->record_offs[i];
}
