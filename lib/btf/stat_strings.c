// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Whose the bytes of the strings are.
 *
 * First each reference leaves its use, its type and its section at the offset that it refers to.
 * Then the strings are walked once: from each such offset on, the bytes of the string belong to all
 * who refer to it or to an earlier place in the same string. So each byte is looked at once, however
 * the references overlap, and belongs to one set of uses.
 */
#include <stdlib.h>

#include "lib/base/cleanup.h"
#include "lib/btf/stat_internal.h"

enum {
	NOT_PERCPU = 1 << STAT_NUM_USES, /* somebody else than per-CPU variables and sections */
	USES = NOT_PERCPU - 1,
	OF_VARIABLES = 1 << STAT_USE_VARIABLES | 1 << STAT_USE_SECTIONS,
};

#define SEVERAL UINT32_MAX

struct string_user {
	uint32_t uses;	  /* bits of enum stat_use, NOT_PERCPU; 0: nobody */
	uint32_t type;	  /* 1 + index; 0: nobody, SEVERAL */
	uint32_t section; /* 1 + index; 0: nobody, SEVERAL: several, or what is in none */
};

struct strings_count {
	struct btf_stat *stat;
	const struct btf_view *view;
	const struct stat_var_place *places;
	struct string_user *users; /* by offset in the own strings */
};

static void merge_id(uint32_t *id, uint32_t other)
{
	if (!*id)
		*id = other;
	else if (*id != other)
		*id = SEVERAL;
}

static void merge_user(struct string_user *user, const struct string_user *other)
{
	user->uses |= other->uses;
	merge_id(&user->type, other->type);
	merge_id(&user->section, other->section);
}

static void refer(const struct strings_count *count, uint32_t off, const struct string_user *user)
{
	const struct btf_view *view = count->view;
	const char *string = btf_view_find_string(view, off);

	if (!string)
		count->stat->strings.num_bad_refs++;
	else if (!*string)
		return;
	else if (off < view->first_str)
		count->stat->strings.num_base_refs++;
	else
		merge_user(&count->users[off - view->first_str], user);
}

static enum stat_use name_use(uint32_t kind)
{
	switch (kind) {
	case BTF_INT:
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_ENUM:
	case BTF_FWD:
	case BTF_TYPEDEF:
	case BTF_FLOAT:
	case BTF_ENUM64:
		return STAT_USE_TYPES;
	case BTF_FUNC:
		return STAT_USE_FUNCTIONS;
	case BTF_VAR:
		return STAT_USE_VARIABLES;
	case BTF_DATASEC:
		return STAT_USE_SECTIONS;
	case BTF_DECL_TAG:
	case BTF_TYPE_TAG:
		return STAT_USE_TAGS;
	}
	return STAT_USE_OTHER;
}

static enum stat_use elem_use(uint32_t kind)
{
	if (btf_kind_is_composite(kind))
		return STAT_USE_MEMBERS;
	return btf_kind_is_enum(kind) ? STAT_USE_ENUMERATORS : STAT_USE_PARAMETERS;
}

static void refer_from(const struct strings_count *count, uint32_t id, uint32_t section,
		       bool is_percpu)
{
	const struct btf_view *view = count->view;
	uint32_t kind = btf_view_kind(view, id), vlen = btf_view_vlen(view, id);
	struct string_user user = {
		.uses = 1u << name_use(kind) | (is_percpu ? 0 : NOT_PERCPU),
		.type = id - view->first_id + 1,
		.section = section ? section : SEVERAL,
	};

	refer(count, btf_view_name_off(view, id), &user);
	if (kind >= BTF_NUM_KINDS || !btf_kind_table[kind].elem_strings)
		return;
	/* The string is the first word of every element that has one. */
	user.uses = 1u << elem_use(kind) | NOT_PERCPU;
	for (uint32_t i = 0; i < vlen; i++)
		refer(count, btf_view_elem_word(view, id, i, 0), &user);
}

static void refer_all(const struct strings_count *count)
{
	const struct btf_view *view = count->view;
	uint32_t num_sections = 0;

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		const struct stat_var_place *place = &count->places[id - view->first_id];

		if (btf_view_kind(view, id) == BTF_DATASEC) {
			/* Still in the order of their ids. */
			bool is_percpu = count->stat->sections.data[num_sections].is_percpu;

			refer_from(count, id, ++num_sections, is_percpu);
		} else {
			refer_from(count, id, place->section, place->is_percpu);
		}
	}
}

static void add_string(struct stat_string_sum *sum, uint64_t bytes, bool is_end)
{
	sum->bytes += bytes;
	sum->num += is_end;
}

/* @bytes of a string that are @user's; @is_end: to its end. */
static void count_piece(struct btf_stat *stat, const struct string_user *user, uint64_t bytes,
			bool is_end)
{
	struct stat_strings *strings = &stat->strings;
	uint32_t uses = user->uses & USES;

	if (!uses)
		add_string(&strings->unused, bytes, is_end);
	else if (!(uses & (uses - 1)))
		add_string(&strings->uses[__builtin_ctz(uses)], bytes, is_end);
	else {
		add_string(&strings->shared, bytes, is_end);
		for (int use = 0; use < STAT_NUM_USES; use++) {
			if (uses >> use & 1)
				add_string(&strings->uses_shared[use], bytes, is_end);
		}
	}
	if (user->type && user->type != SEVERAL)
		stat->types[user->type - 1].string_bytes += (uint32_t)bytes;
	if (user->section && user->section != SEVERAL)
		stat->sections.data[user->section - 1].string_bytes += bytes;
	if (!uses)
		return;
	if (!(user->uses & NOT_PERCPU))
		stat->percpu.string_bytes += bytes;
	if (!(uses & ~OF_VARIABLES))
		stat->vars.string_bytes += bytes;
}

/* The string of the bytes from @start to the zero at @end. */
static void count_string(const struct strings_count *count, uint32_t start, uint32_t end)
{
	struct string_user user = {};
	uint32_t piece = start;

	count->stat->strings.num++;
	if (start == end) {
		add_string(&count->stat->strings.empty, 1, true);
		return;
	}
	for (uint32_t off = start; off < end; off++) {
		if (!count->users[off].uses)
			continue;
		if (off > piece)
			count_piece(count->stat, &user, off - piece, false);
		piece = off;
		merge_user(&user, &count->users[off]);
	}
	count_piece(count->stat, &user, (uint64_t)end + 1 - piece, true);
	/* For those who want to know what else the string is that they refer to. */
	for (uint32_t off = start; off < end; off++) {
		if (count->users[off].uses)
			count->users[off].uses = user.uses;
	}
}

static void count_shared_names(const struct strings_count *count)
{
	const struct btf_view *view = count->view;
	struct btf_stat *stat = count->stat;

	for (uint32_t id = view->first_id; id < view->num_ids; id++) {
		uint32_t off = btf_view_name_off(view, id), uses;
		bool in_base;

		if (btf_view_kind(view, id) != BTF_VAR || !*btf_view_string(view, off))
			continue;
		in_base = off < view->first_str;
		uses = in_base ? 0 : count->users[off - view->first_str].uses;
		stat->vars.num_shared_names += in_base || (uses & USES & ~OF_VARIABLES);
		if (count->places[id - view->first_id].is_percpu)
			stat->percpu.num_shared_names += in_base || (uses & NOT_PERCPU);
	}
}

struct btfgen_error *stat_strings_count(struct btf_stat *stat, const struct stat_var_place *places)
{
	const struct btf_view *view = stat->view;
	const uint8_t *bytes = view->bytes.data + view->strings_off;
	_cleanup_free_ struct string_user *users = NULL;
	struct strings_count count = { .stat = stat, .view = view, .places = places };
	uint32_t start = 0;

	users = calloc((size_t)view->strings_size + 1, sizeof(*users));
	if (!users)
		return error_nomem();
	count.users = users;
	refer_all(&count);
	for (uint32_t off = 0; off < view->strings_size; off++) {
		if (bytes[off])
			continue;
		count_string(&count, start, off);
		start = off + 1;
	}
	count_shared_names(&count);
	return NULL;
}
