// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Names that stand for several things, and declarations that stayed beside a definition.
 *
 * One table of (class, name) over all records, the base's first. Each entry knows the base's first
 * record, and the own ones as a list through `next`, which are told by one pass over the table's
 * entries in the order in which they were made.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"
#include "lib/btf/stat_internal.h"

struct name_entry {
	const char *name;
	uint32_t hash;
	uint32_t class; /* enum stat_class */
	uint32_t base_id;
	uint32_t first; /* own ids; 0: none */
	uint32_t last;
	uint32_t num;
};

struct names {
	const struct btf_view *view;
	VEC(struct name_entry) entries;
	uint32_t *slots; /* 1 + index of an entry, 0: free */
	uint32_t mask;
	uint32_t *next; /* by own id - first_id: the next one of the same name */
};

static bool class_of(const struct btf_view *view, uint32_t id, enum stat_class *ret_class)
{
	static const uint8_t classes[BTF_NUM_KINDS] = {
		[BTF_INT] = 1 + STAT_CLASS_INT,		[BTF_FLOAT] = 1 + STAT_CLASS_FLOAT,
		[BTF_STRUCT] = 1 + STAT_CLASS_STRUCT,	[BTF_UNION] = 1 + STAT_CLASS_UNION,
		[BTF_ENUM] = 1 + STAT_CLASS_ENUM,	[BTF_ENUM64] = 1 + STAT_CLASS_ENUM,
		[BTF_TYPEDEF] = 1 + STAT_CLASS_TYPEDEF, [BTF_FUNC] = 1 + STAT_CLASS_FUNC,
		[BTF_VAR] = 1 + STAT_CLASS_VAR,		[BTF_DATASEC] = 1 + STAT_CLASS_SECTION,
		[BTF_FWD] = 1 + STAT_CLASS_FWD_STRUCT,
	};
	uint32_t info = btf_view_info(view, id), kind = btf_info_kind(info);

	if (kind >= BTF_NUM_KINDS || !classes[kind])
		return false;
	*ret_class = classes[kind] - 1;
	if (kind == BTF_FWD && btf_info_flag(info))
		*ret_class = STAT_CLASS_FWD_UNION;
	if (*ret_class == STAT_CLASS_ENUM && btf_info_vlen(info) == 0)
		*ret_class = STAT_CLASS_FWD_ENUM;
	return true;
}

/* Length of a name that can be one; 0: it is none. */
static size_t name_size(const char *name)
{
	size_t size = strnlen(name, BTF_LIMIT_IDENTIFIER + 1);

	return size > BTF_LIMIT_IDENTIFIER ? 0 : size;
}

/* The slot of (@class, @name), which is free if there is no such entry. */
static uint32_t *find_slot(const struct names *names, uint32_t class, const char *name, size_t size,
			   uint32_t *ret_hash)
{
	uint32_t hash = (uint32_t)hash_u64(hash_bytes(name, size) + class);
	uint32_t i = hash & names->mask;

	*ret_hash = hash;
	for (; names->slots[i]; i = (i + 1) & names->mask) {
		const struct name_entry *entry = &names->entries.data[names->slots[i] - 1];

		if (entry->hash == hash && entry->class == class && strcmp(entry->name, name) == 0)
			break;
	}
	return &names->slots[i];
}

static const struct name_entry *find_entry(const struct names *names, enum stat_class class,
					   const char *name)
{
	size_t size = name_size(name);
	uint32_t hash, slot;

	if (!size)
		return NULL;
	slot = *find_slot(names, class, name, size, &hash);
	return slot ? &names->entries.data[slot - 1] : NULL;
}

static struct btfgen_error *add_name(struct names *names, uint32_t id)
{
	const struct btf_view *view = names->view;
	const char *name = btf_view_name(view, id);
	size_t size = name_size(name);
	struct name_entry *entry;
	enum stat_class class;
	uint32_t hash, *slot;

	if (!size || !class_of(view, id, &class))
		return NULL;
	slot = find_slot(names, class, name, size, &hash);
	if (!*slot) {
		const struct name_entry new = { .name = name, .hash = hash, .class = class };

		if (!vec_push(&names->entries, new))
			return error_nomem();
		*slot = (uint32_t)names->entries.num;
	}
	entry = &names->entries.data[*slot - 1];
	if (id < view->first_id) {
		if (!entry->base_id)
			entry->base_id = id;
		return NULL;
	}
	if (entry->first)
		names->next[entry->last - view->first_id] = id;
	else
		entry->first = id;
	entry->last = id;
	entry->num++;
	return NULL;
}

static struct btfgen_error *collect_names(struct names *names)
{
	uint32_t num_ids = names->view->num_ids;
	struct btfgen_error *err = NULL;
	uint64_t num_slots = 16;

	while (num_slots < (uint64_t)num_ids * 2)
		num_slots *= 2;
	if (num_slots > UINT32_MAX)
		return error_nomem();
	names->mask = (uint32_t)num_slots - 1;
	names->slots = calloc(num_slots, sizeof(*names->slots));
	names->next = calloc((size_t)names->view->num_own + 1, sizeof(*names->next));
	if (!names->slots || !names->next)
		return error_nomem();
	for (uint32_t id = 1; id < num_ids && !err; id++)
		err = add_name(names, id);
	return err;
}

static bool is_definition(uint32_t class)
{
	return class < STAT_CLASS_FWD_STRUCT;
}

/* Functions, variables and sections of a base are not there to be shared. */
static bool is_type(uint32_t class)
{
	return class < STAT_CLASS_FUNC;
}

static struct btfgen_error *add_double(struct btf_stat *stat, const struct names *names,
				       const struct name_entry *entry)
{
	struct stat_double new = {
		.class = entry->class,
		.name = entry->name,
		.num = entry->num,
		.first_id = stat->double_ids.num,
	};

	for (uint32_t id = entry->first; id; id = names->next[id - stat->view->first_id]) {
		if (!vec_push(&stat->double_ids, id))
			return error_nomem();
		if (id != entry->first)
			new.extra_bytes += stat_record_bytes(stat->view, id);
	}
	stat->num_extra += new.num - 1;
	stat->extra_bytes += new.extra_bytes;
	return vec_push(&stat->doubles, new) ? NULL : error_nomem();
}

/* A declaration is a class of its own: what the base only declares is not in it. */
static struct btfgen_error *add_in_base(struct btf_stat *stat, const struct names *names,
					const struct name_entry *entry)
{
	for (uint32_t id = entry->first; id; id = names->next[id - stat->view->first_id]) {
		const struct stat_in_base new = {
			.class = entry->class,
			.name = entry->name,
			.id = id,
			.base_id = entry->base_id,
		};

		if (!vec_push(&stat->in_base, new))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *add_forward(struct btf_stat *stat, const struct names *names,
					uint32_t id)
{
	const char *name = btf_view_name(stat->view, id);
	const struct name_entry *entry;
	struct stat_forward new = { .name = name, .id = id };
	enum stat_class class;

	if (!class_of(stat->view, id, &class) || is_definition(class))
		return NULL;
	new.class = class == STAT_CLASS_FWD_STRUCT ? STAT_CLASS_STRUCT :
		    class == STAT_CLASS_FWD_UNION  ? STAT_CLASS_UNION :
						     STAT_CLASS_ENUM;
	entry = find_entry(names, new.class, name);
	if (entry)
		new.definition = entry->first ? entry->first : entry->base_id;
	stat->num_fwds_beside += new.definition != 0;
	return vec_push(&stat->forwards, new) ? NULL : error_nomem();
}

static int compare_doubles(const void *a, const void *b)
{
	const struct stat_double *x = a, *y = b;

	if (x->num != y->num)
		return x->num > y->num ? -1 : 1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int compare_in_base(const void *a, const void *b)
{
	const struct stat_in_base *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static struct btfgen_error *judge_names(struct btf_stat *stat, const struct names *names)
{
	struct btfgen_error *err = NULL;

	for (size_t i = 0; i < names->entries.num && !err; i++) {
		const struct name_entry *entry = &names->entries.data[i];

		if (!entry->first || !is_definition(entry->class))
			continue;
		if (entry->num > 1)
			err = add_double(stat, names, entry);
		if (!err && entry->base_id && is_type(entry->class))
			err = add_in_base(stat, names, entry);
	}
	for (uint32_t id = stat->view->first_id; id < stat->view->num_ids && !err; id++)
		err = add_forward(stat, names, id);
	if (stat->doubles.num > 1)
		qsort(stat->doubles.data, stat->doubles.num, sizeof(*stat->doubles.data),
		      compare_doubles);
	if (stat->in_base.num > 1)
		qsort(stat->in_base.data, stat->in_base.num, sizeof(*stat->in_base.data),
		      compare_in_base);
	return err;
}

struct btfgen_error *stat_names_find(struct btf_stat *stat)
{
	struct names names = { .view = stat->view };
	struct btfgen_error *err;

	err = collect_names(&names);
	if (!err)
		err = judge_names(stat, &names);
	vec_deinit(&names.entries);
	free(names.slots);
	free(names.next);
	return err;
}
