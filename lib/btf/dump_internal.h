// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the forms of lib/btf/dump.h have in common. */
#pragma once

#include "lib/btf/dump.h"

/* The name at @off as the raw form and JSON show it. */
static inline const char *dump_name(const struct btf_view *view, uint32_t off)
{
	const char *name;

	if (off == 0)
		return "(anon)";
	name = btf_view_find_string(view, off);
	return name ? name : "(invalid)";
}

static inline const char *dump_kind(uint32_t kind)
{
	return kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "UNKN";
}

static inline const char *dump_encoding(uint32_t encoding)
{
	switch (encoding) {
	case BTF_ENCODING_NONE:
		return "(none)";
	case BTF_ENCODING_SIGNED:
		return "SIGNED";
	case BTF_ENCODING_CHAR:
		return "CHAR";
	case BTF_ENCODING_BOOL:
		return "BOOL";
	}
	return "UNKN";
}

static inline const char *dump_linkage(uint32_t linkage)
{
	switch (linkage) {
	case BTF_LINKAGE_STATIC:
		return "static";
	case BTF_LINKAGE_GLOBAL:
		return "global";
	case BTF_LINKAGE_EXTERN:
		return "extern";
	}
	return "(unknown)";
}

/* Calls @show for each of @ids that exists, until @out is refused. */
typedef void (*dump_show_fn)(const struct btf_view *view, uint32_t id, void *arg);

static inline void dump_each(const struct btf_view *view, const struct dump_ids *ids,
			     const struct text_out *out, dump_show_fn show, void *arg)
{
	size_t num = ids ? ids->num : view->num_own;

	for (size_t i = 0; i < num && !out->failed; i++) {
		uint32_t id = ids ? ids->data[i] : view->first_id + (uint32_t)i;

		if (id != 0 && id < view->num_ids)
			show(view, id, arg);
	}
}
