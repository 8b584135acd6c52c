// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Problem: structs of a BPF program may hold fields that the kernel manages (locks, list heads,
 * reference counts, pointers that it owns). It finds them by the names of their types when the BTF
 * is loaded, and refuses structs that hold them in a way it could not manage (X1), or that own each
 * other in a ring or too deeply (X2).
 *
 * Only structs with a member of such a type, or with a pointer with a kptr tag, are looked into; in
 * these, members of structs and arrays are followed, without leaving out anything: so a struct that
 * turned out to hold nothing is remembered (`plain`), or structs of structs of structs would take
 * exponential time.
 *
 * What a kernel finds out about kptrs by looking into itself is not known here: whether it knows
 * the type, and how to let go of it. They are taken as good, and as owning nothing.
 *
 * Only looked at if nothing else is wrong: names and members are taken as checked.
 */
#include "lib/btf/verify_internal.h"

#include <stdlib.h>

#include "lib/base/cleanup.h"
#include "lib/base/vec.h"

enum {
	FIELD_SPIN_LOCK = 1,
	FIELD_RES_SPIN_LOCK = 2,
	FIELD_LIST_HEAD = 4,
	FIELD_LIST_NODE = 8,
	FIELD_RB_ROOT = 16,
	FIELD_RB_NODE = 32,
	FIELD_REFCOUNT = 64,
	FIELD_KPTR = 128,

	FIELDS_LOCK = FIELD_SPIN_LOCK | FIELD_RES_SPIN_LOCK,
	FIELDS_HEAD = FIELD_LIST_HEAD | FIELD_RB_ROOT,
	FIELDS_NODE = FIELD_LIST_NODE | FIELD_RB_NODE,
	FIELDS_REPEATABLE = FIELDS_HEAD | FIELD_KPTR,
};

struct field_kind {
	const char *name;
	uint32_t bit, size, align;
	bool is_unique;
	bool is_searched; /* makes structs that hold it worth a look */
};

static const struct field_kind field_kinds[] = {
	{ "bpf_spin_lock", FIELD_SPIN_LOCK, 4, 4, true, true },
	{ "bpf_res_spin_lock", FIELD_RES_SPIN_LOCK, 4, 4, true, false },
	{ "bpf_list_head", FIELD_LIST_HEAD, 16, 8, false, true },
	{ "bpf_list_node", FIELD_LIST_NODE, 24, 8, false, true },
	{ "bpf_rb_root", FIELD_RB_ROOT, 16, 8, false, true },
	{ "bpf_rb_node", FIELD_RB_NODE, 32, 8, false, true },
	{ "bpf_refcount", FIELD_REFCOUNT, 4, 4, true, true },
};

static const struct field_kind kptr_kind = { "", FIELD_KPTR, 8, 8, false, false };

enum { NUM_FIELD_KINDS = sizeof(field_kinds) / sizeof(*field_kinds) };

enum {
	MAX_FIELDS = 11,	 /* that a kernel keeps for a struct */
	MAX_OWNERSHIP_DEPTH = 8, /* structs */
	PLAIN_UNKNOWN = 0,	 /* values of search.plain: 1 + levels below */
};

struct field {
	uint32_t bit;
	uint32_t size;
	uint64_t off;	   /* bytes from the start of the outermost struct */
	uint32_t value_id; /* of a head: the struct that it owns */
	const char *node;  /* and the name of the member that is the node */
};

struct owner {
	uint32_t id;
	uint32_t mask; /* FIELD_* that it has */
	uint8_t depth; /* of ownership below, 0: not known yet */
	uint32_t num_heads;
	uint32_t value_ids[MAX_FIELDS];
};

struct search {
	const struct verify *v;
	uint8_t *plain;	   /* by id */
	uint32_t *structs; /* named ones by (name, id), once there is a head */
	uint32_t num_structs;
	uint32_t *tags; /* DECL_TAGs by (target, component, id), likewise */
	uint32_t num_tags;
	bool no_memory;
	VEC(struct owner) owners; /* by id */
};

static const char contains_prefix[] = "contains:";

/* Tables for heads. */

static int struct_compare(const void *pa, const void *pb, void *arg)
{
	const struct btf_view *view = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	int order = strcmp(btf_view_name(view, a), btf_view_name(view, b));

	return order ? order : a < b ? -1 : a > b;
}

static int tag_compare(const void *pa, const void *pb, void *arg)
{
	const struct btf_view *view = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	uint32_t x = btf_view_word(view, a), y = btf_view_word(view, b);

	if (x == y) {
		x = btf_view_tail_word(view, a, 0);
		y = btf_view_tail_word(view, b, 0);
	}
	return x != y ? (x < y ? -1 : 1) : a < b ? -1 : a > b;
}

static bool tables_make(struct search *s)
{
	const struct verify *v = s->v;

	if (s->structs)
		return true;
	s->structs = calloc((size_t)v->end_id, sizeof(*s->structs));
	s->tags = calloc((size_t)v->end_id, sizeof(*s->tags));
	if (!s->structs || !s->tags) {
		s->no_memory = true;
		return false;
	}
	for (uint32_t id = 1; id < v->end_id; id++) {
		const char *name = btf_view_name(v->view, id);

		if (kind_of(v, id) == BTF_STRUCT && *name)
			s->structs[s->num_structs++] = id;
		else if (kind_of(v, id) == BTF_DECL_TAG &&
			 !strncmp(name, contains_prefix, sizeof(contains_prefix) - 1))
			s->tags[s->num_tags++] = id;
	}
	qsort_r(s->structs, s->num_structs, sizeof(*s->structs), struct_compare, (void *)v->view);
	qsort_r(s->tags, s->num_tags, sizeof(*s->tags), tag_compare, (void *)v->view);
	return true;
}

/* The first struct of the name, 0 if there is none. */
static uint32_t struct_find(const struct search *s, const char *name, size_t len)
{
	uint32_t low = 0, high = s->num_structs;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *other = btf_view_name(s->v->view, s->structs[middle]);

		if (strncmp(other, name, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == s->num_structs)
		return 0;
	name = strncmp(btf_view_name(s->v->view, s->structs[low]), name, len) ? NULL : name;
	return name && !btf_view_name(s->v->view, s->structs[low])[len] ? s->structs[low] : 0;
}

/* The text behind "contains:" of the only such tag of the member; NULL if there is not just one. */
static const char *contains_find(const struct search *s, uint32_t id, uint32_t component)
{
	const struct btf_view *view = s->v->view;
	uint32_t low = 0, high = s->num_tags, num = 0;
	const char *text = NULL;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2, tag = s->tags[middle];
		uint32_t target = btf_view_word(view, tag);

		if (target < id || (target == id && btf_view_tail_word(view, tag, 0) < component))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->num_tags && num < 2; low++) {
		uint32_t tag = s->tags[low];

		if (btf_view_word(view, tag) != id || btf_view_tail_word(view, tag, 0) != component)
			break;
		text = btf_view_name(view, tag) + sizeof(contains_prefix) - 1;
		num++;
	}
	return num == 1 ? text : NULL;
}

/* Finding fields. All of these return what is wrong, NULL if nothing is. */

/* *ret_found: is a pointer that the kernel is to own. */
static const char *kptr_find(const struct search *s, uint32_t id, bool *ret_found)
{
	static const char *const tags[] = { "kptr_untrusted", "kptr", "percpu_kptr", "uptr" };
	const struct verify *v = s->v;
	uint32_t seen = 0, steps = 0, first = 0;

	*ret_found = false;
	if (kind_of(v, id) == BTF_VOLATILE)
		id = word_of(v, id);
	if (kind_of(v, id) != BTF_PTR)
		return NULL;
	for (id = word_of(v, id); kind_in(kind_of(v, id), MODIFIER_KINDS); id = word_of(v, id)) {
		const char *name = btf_view_name(v->view, id);
		bool is_tag = kind_of(v, id) == BTF_TYPE_TAG;
		unsigned int i = 0;

		if (v->options->first_kptr_tag && steps == 0 && !is_tag)
			return NULL;
		if (v->options->first_kptr_tag && steps == 1 && is_tag)
			return "a pointer has two tags";
		if (steps++ > BTF_LIMIT_CHAIN)
			return NULL;
		if (!is_tag || (btf_view_flag(v->view, id) && !v->options->first_kptr_tag))
			continue;
		while (i < 4 && strcmp(name, tags[i]))
			i++;
		if (i < 4)
			seen |= 1u << i;
		else if (v->options->first_kptr_tag && !first)
			return "a pointer has a tag that means nothing";
		first = 1;
	}
	if (v->options->first_kptr_tag && !steps)
		return NULL;
	if (seen & (seen - 1))
		return "a pointer has two tags of a kptr";
	/* The last is no field of a struct that the kernel allocates. */
	if (!(seen & 7))
		return NULL;
	if (kind_of(v, id) != BTF_STRUCT)
		return "a kptr does not lead to a struct";
	*ret_found = true;
	return NULL;
}

static const char *head_find(struct search *s, uint32_t id, uint32_t component,
			     struct field *ret_field)
{
	const char *text, *colon;

	if (!tables_make(s))
		return NULL;
	text = contains_find(s, id, component);
	if (!text)
		return "a head has not just one tag contains:";
	colon = strchr(text, ':');
	if (!colon)
		return "a tag contains: names no member";
	ret_field->value_id = colon == text ? 0 : struct_find(s, text, colon - text);
	if (!ret_field->value_id)
		return "a tag contains: names no struct";
	ret_field->node = colon + 1;
	return *ret_field->node ? NULL : "a tag contains: names no member";
}

static const char *fields_repeat(struct field *fields, uint32_t room, uint32_t num, uint32_t times,
				 uint64_t elem_size)
{
	for (uint32_t i = 0; i < num; i++) {
		if (!(fields[i].bit & FIELDS_REPEATABLE))
			return "a lock, node or count stands in an array";
	}
	if ((uint64_t)num * times > room)
		return "more than 11 fields";
	for (uint32_t i = num; i < num * times; i++) {
		fields[i] = fields[i - num];
		fields[i].off += elem_size;
	}
	return NULL;
}

static const char *struct_search(struct search *s, uint32_t id, struct field *fields, uint32_t room,
				 uint32_t level, uint32_t *seen, uint32_t *ret_num,
				 uint32_t *ret_levels);

static const char *nested_search(struct search *s, uint32_t id, uint64_t off, uint32_t num_elems,
				 struct field *fields, uint32_t room, uint32_t level,
				 uint32_t *seen, uint32_t *ret_num, uint32_t *ret_levels)
{
	uint32_t own_seen = 0;
	const char *problem;

	if (level + 1 + (s->plain[id] ? s->plain[id] - 1 : 0) >= BTF_LIMIT_DEPTH)
		return "structs lie more than 32 deep in each other";
	if (s->plain[id]) {
		*ret_levels = s->plain[id];
		return NULL;
	}
	problem = struct_search(s, id, fields, room, level + 1,
				s->v->options->flat_fields ? &own_seen : seen, ret_num, ret_levels);
	++*ret_levels;
	if (problem || !*ret_num)
		return problem;
	for (uint32_t i = 0; i < *ret_num; i++)
		fields[i].off += off;
	if (num_elems > 1) {
		problem = fields_repeat(fields, room, *ret_num, num_elems, word_of(s->v, id));
		*ret_num *= num_elems;
	}
	return problem;
}

static const char *member_search(struct search *s, uint32_t id, uint32_t i, uint32_t type_id,
				 uint64_t off, struct field *fields, uint32_t room, uint32_t level,
				 uint32_t *seen, uint32_t *ret_num, uint32_t *ret_levels)
{
	const struct field_kind *kind = NULL;
	const struct verify *v = s->v;
	uint32_t num_elems = 1, depth = 0;
	const char *name, *problem;
	struct field field = {};
	bool found = true;

	*ret_num = *ret_levels = 0;
	for (; depth < BTF_LIMIT_DEPTH && kind_of(v, type_id) == BTF_ARRAY; depth++) {
		num_elems *= btf_view_array(v->view, type_id).num;
		type_id = btf_view_array(v->view, type_id).elem_id;
	}
	if (depth == BTF_LIMIT_DEPTH)
		return "arrays of more than 31 dimensions";
	if (!num_elems)
		return NULL;
	name = btf_view_name(v->view, type_id);
	for (uint32_t k = 0; k < NUM_FIELD_KINDS && !kind; k++)
		kind = strcmp(name, field_kinds[k].name) ? NULL : &field_kinds[k];
	if (kind && kind->is_unique && !(kind->bit == FIELD_REFCOUNT && v->options->flat_fields)) {
		if (*seen & kind->bit)
			return "a field that may be there once is there twice";
		*seen |= kind->bit;
	}
	if (!kind && kind_of(v, type_id) == BTF_STRUCT)
		return nested_search(s, type_id, off, num_elems, fields, room, level, seen, ret_num,
				     ret_levels);
	if (!kind)
		kind = &kptr_kind;
	if (off % kind->align)
		return NULL;
	if (kind == &kptr_kind) {
		problem = kptr_find(s, type_id, &found);
		if (problem)
			return problem;
	} else if (kind_of(v, type_id) != BTF_STRUCT || word_of(v, type_id) != kind->size) {
		found = false;
	} else if (kind->bit & FIELDS_HEAD) {
		problem = head_find(s, id, i, &field);
		if (problem)
			return problem;
	}
	if (!found)
		return NULL;
	if (!room)
		return "more than 11 fields";
	field.bit = kind->bit;
	field.size = kind->size;
	field.off = off;
	fields[0] = field;
	*ret_num = num_elems;
	return num_elems > 1 ? fields_repeat(fields, room, 1, num_elems, kind->size) : NULL;
}

static const char *struct_search(struct search *s, uint32_t id, struct field *fields, uint32_t room,
				 uint32_t level, uint32_t *seen, uint32_t *ret_num,
				 uint32_t *ret_levels)
{
	const struct btf_view *view = s->v->view;
	uint32_t vlen = btf_view_vlen(view, id), num = 0, levels = 0, before = *seen;

	*ret_num = *ret_levels = 0;
	for (uint32_t i = 0; i < vlen; i++) {
		struct btf_view_member member = btf_view_member(view, id, i);
		uint32_t num_here, levels_here;
		const char *problem;

		if (member.bit_off % 8)
			return "a bitfield does not start at a byte";
		problem = member_search(s, id, i, member.type_id, member.bit_off / 8, fields + num,
					room - num, level, seen, &num_here, &levels_here);
		if (problem || s->no_memory)
			return problem;
		num += num_here;
		if (levels < levels_here)
			levels = levels_here;
	}
	if (!num && (*seen == before || s->v->options->flat_fields))
		s->plain[id] = 1 + levels;
	*ret_num = num;
	*ret_levels = levels;
	return NULL;
}

/* What the fields of one struct must be. */

static const char *node_check(const struct search *s, const struct field *head)
{
	const char *wanted = head->bit == FIELD_LIST_HEAD ? "bpf_list_node" : "bpf_rb_node";
	const struct btf_view *view = s->v->view;
	uint32_t vlen = btf_view_vlen(view, head->value_id);
	bool found = false;

	for (uint32_t i = 0; i < vlen; i++) {
		struct btf_view_member member = btf_view_member(view, head->value_id, i);
		uint32_t off = btf_view_elem_word(view, head->value_id, i, 2);

		if (strcmp(member.name, head->node))
			continue;
		if (found)
			return "a tag contains: names two members";
		found = true;
		if (kind_of(s->v, member.type_id) != BTF_STRUCT ||
		    strcmp(btf_view_name(view, member.type_id), wanted))
			return "a tag contains: names a member that is no node of the head's kind";
		/* The kernel asks the node, not the struct, how offsets are written. */
		if (btf_view_flag(view, member.type_id))
			off = btf_member_bit_off(off);
		if (off % 64)
			return "a node is not aligned";
	}
	return found ? NULL : "a tag contains: names a member that does not exist";
}

static const char *fields_check(const struct search *s, const struct field *fields, uint32_t num,
				uint32_t size, uint32_t *ret_mask)
{
	uint64_t next_off = 0;
	uint32_t mask = 0;

	for (uint32_t i = 0; i < num; i++) {
		const char *problem;

		if (fields[i].off + fields[i].size > size)
			return "a field ends behind the size";
		if (fields[i].off < next_off)
			return "fields overlap";
		next_off = fields[i].off + fields[i].size;
		mask |= fields[i].bit;
		problem = fields[i].bit & FIELDS_HEAD ? node_check(s, &fields[i]) : NULL;
		if (problem)
			return problem;
	}
	*ret_mask = mask;
	if ((mask & FIELDS_LOCK) == FIELDS_LOCK)
		return "two kinds of locks";
	if (mask & FIELDS_HEAD && !(mask & FIELDS_LOCK))
		return "a head without a lock";
	if ((mask & FIELDS_NODE) == FIELDS_NODE && !(mask & FIELD_REFCOUNT))
		return "nodes of a list and of a tree without a count";
	return NULL;
}

static bool struct_check(struct search *s, uint32_t id, struct verify_violation *ret_violation)
{
	struct owner owner = { .id = id };
	struct field fields[MAX_FIELDS + 1];
	uint32_t seen = 0, num, levels;
	const char *problem;

	problem = struct_search(s, id, fields, MAX_FIELDS, 0, &seen, &num, &levels);
	if (s->no_memory)
		return false;
	if (!problem && !num)
		problem = "its fields have another size or place than they must";
	if (!problem)
		problem = fields_check(s, fields, num, word_of(s->v, id), &owner.mask);
	if (problem)
		return verify_violate(s->v, ret_violation, "X1", id, VERIFY_NO_INDEX, "%s",
				      problem);
	for (uint32_t i = 0; i < num; i++) {
		if (fields[i].bit & FIELDS_HEAD)
			owner.value_ids[owner.num_heads++] = fields[i].value_id;
	}
	if (!vec_push(&s->owners, owner))
		s->no_memory = true;
	return !s->no_memory;
}

/* Ownership. */

static struct owner *owner_find(const struct search *s, uint32_t id)
{
	size_t low = 0, high = s->owners.num;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->owners.data[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->owners.num && s->owners.data[low].id == id ? &s->owners.data[low] : NULL;
}

/* Levels of structs from here on, 0 if there are more than @left. */
static unsigned int ownership_depth(const struct search *s, struct owner *owner, unsigned int left)
{
	unsigned int deepest = 0;

	if (!left)
		return 0;
	for (uint32_t i = 0; i < owner->num_heads && !owner->depth; i++) {
		unsigned int depth =
			ownership_depth(s, owner_find(s, owner->value_ids[i]), left - 1);

		if (!depth)
			return 0;
		if (deepest < depth)
			deepest = depth;
	}
	if (!owner->depth)
		owner->depth = deepest + 1;
	return owner->depth > left ? 0 : owner->depth;
}

static bool owner_check(const struct search *s, struct owner *owner,
			struct verify_violation *ret_violation)
{
	const struct verify *v = s->v;

	for (uint32_t i = 0; i < owner->num_heads; i++) {
		const struct owner *value = owner_find(s, owner->value_ids[i]);

		if (!value)
			return verify_violate(v, ret_violation, "X2", owner->id, VERIFY_NO_INDEX,
					      "owns STRUCT %" PRIu32 ", which has no fields",
					      owner->value_ids[i]);
		if (v->options->two_level_graph && owner->mask & FIELDS_NODE &&
		    value->mask & FIELDS_HEAD)
			return verify_violate(v, ret_violation, "X2", owner->id, VERIFY_NO_INDEX,
					      "can be owned, and owns STRUCT %" PRIu32
					      ", which owns others",
					      value->id);
	}
	return true;
}

static void owners_check(const struct search *s, struct verify_violation *ret_violation)
{
	const struct verify *v = s->v;
	bool ok = true;

	for (size_t i = 0; i < s->owners.num; i++) {
		ok = owner_check(s, &s->owners.data[i], ret_violation) && ok;
		if (!ok && !verify_goes_on(v))
			return;
	}
	if (!ok || v->options->two_level_graph)
		return;
	for (size_t i = 0; i < s->owners.num; i++) {
		struct owner *owner = &s->owners.data[i];

		if (!ownership_depth(s, owner, MAX_OWNERSHIP_DEPTH) &&
		    !verify_violate(v, ret_violation, "X2", owner->id, VERIFY_NO_INDEX,
				    "owns others over more than %u levels", MAX_OWNERSHIP_DEPTH) &&
		    !verify_goes_on(v))
			return;
	}
}

/* Which types make a struct worth a look: the first struct of each name, and kptrs. */
static bool searched_find(const struct search *s, uint8_t *searched)
{
	const struct verify *v = s->v;
	bool any = false, found;
	uint32_t seen = 0;

	for (uint32_t id = 1; id < v->end_id; id++) {
		found = false;
		if (kind_of(v, id) == BTF_STRUCT) {
			const char *name = btf_view_name(v->view, id);

			for (uint32_t k = 0; k < NUM_FIELD_KINDS && *name == 'b'; k++) {
				if (!field_kinds[k].is_searched || seen & field_kinds[k].bit ||
				    strcmp(name, field_kinds[k].name))
					continue;
				seen |= field_kinds[k].bit;
				found = true;
			}
		} else if (kptr_find(s, id, &found)) {
			found = false;
		}
		searched[id] = found;
		any |= found;
	}
	return any;
}

struct btfgen_error *verify_fields(const struct verify *v, struct verify_violation *ret_violation)
{
	_cleanup_free_ uint8_t *searched = calloc(v->end_id, 1);
	_cleanup_free_ uint8_t *plain = calloc(v->end_id, 1);
	struct search s = { .v = v, .plain = plain };
	bool ok = true;

	if (!searched || !plain)
		return error_nomem();
	if ((v->findings && v->findings->num_found[0]) || !searched_find(&s, searched))
		return NULL;
	for (uint32_t id = 1; id < v->end_id && !s.no_memory; id++) {
		uint32_t vlen = kind_of(v, id) == BTF_STRUCT ? btf_view_vlen(v->view, id) : 0,
			 i = 0;

		while (i < vlen && !searched[btf_view_member(v->view, id, i).type_id])
			i++;
		if (i < vlen)
			ok = struct_check(&s, id, ret_violation) && ok;
		if (!ok && !verify_goes_on(v))
			break;
	}
	if (ok)
		owners_check(&s, ret_violation);
	free(s.structs);
	free(s.tags);
	vec_deinit(&s.owners);
	return s.no_memory ? error_nomem() : NULL;
}
