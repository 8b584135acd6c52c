// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Matching a store's types with those of a base.
 *
 * Problem: a type is the base's if it is bisimilar to one of the base's types. Types are cyclic, and
 * the base is too large to be walked for each module.
 *
 * Steps: a *pair* says that a type of the store could be a certain type of the base.
 *  1. The index of the base gives candidates for each type; those whose own fields agree (everything
 *     but references) are pairs.
 *  2. Each reference of a pair asks for the pair of what the two refer to. A pair one of whose
 *     references has none is dropped, then those that asked for it, and so on. What is left is the
 *     largest set of pairs in which every reference leads to a pair: the greatest bisimulation
 *     between store and base. Each pair and each reference is looked at once.
 *  3. Declarations that the store could not resolve are pairs with every type of their label, so
 *     that types that refer to them can match whichever the base means there; and definitions are
 *     pairs with the declarations of the base. What a declaration means where no name stands
 *     between is decided then; what only refers to it and implies another meaning is not taken.
 *
 * A type of the base does not change by being matched, and so no pair depends on what is chosen.
 */
#include "lib/btf/match.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"
#include "lib/btf/base_internal.h"
#include "lib/btf/layout_internal.h"
#include "lib/btf/record.h"
#include "lib/btf/store_internal.h"

enum {
	HASH_OPEN = 1,	      /* in hashes: the type is being looked at */
	MAX_CANDIDATES = 256, /* of one type: far more than any base has */
	MAX_DIMENSIONS = 32,  /* of an array */
};

#define NO_PAIR UINT32_MAX
#define NO_LINK UINT32_MAX
#define NO_STRING UINT32_MAX

/* Why a pair may differ in its own fields. */
enum pair_sort {
	PAIR_EQUAL,
	PAIR_DECLARED,	/* the store has a declaration, the base the definition */
	PAIR_COMPLETED, /* the other way round */
};

struct pair {
	uint32_t type;
	uint32_t base_id;
	uint32_t first_link; /* pairs that ask for this one; NO_LINK: none */
	uint8_t sort;	     /* enum pair_sort */
	bool dropped;
	bool seen; /* by the walk at hand */
	bool is_ours; /* leads to a declaration's meaning that was not chosen, or to one completed here */
};

struct link {
	uint32_t asking; /* pair */
	uint32_t next;	 /* NO_LINK: the last */
};

struct name {
	uint64_t hash;
	uint32_t base_off; /* NO_STRING: the base does not have it as a string of its own */
	bool is_identifier;
	bool known;
};

struct match_names {
	VEC(struct name) names; /* by string */
};

struct match {
	const struct type_store *store;
	const struct btf_base *base;
	const struct btf_view *view;
	const struct types_match_options *options;
	uint32_t num_types;
	uint64_t *hashes;     /* by type */
	uint32_t *first_pair; /* by type, and one more: its pairs are together */
	struct match_names *names;
	struct match_names own_names; /* unless others are kept */
	VEC(struct pair) pairs;
	VEC(struct link) links;
	VEC(uint32_t) stack;
	VEC(uint32_t) counted;
};

/* Names. */

/* NULL when memory is out. */
static struct name *name_add(struct match *match, struct str_id id)
{
	struct match_names *names = match->names;
	const char *bytes = type_store_string(match->store, id);
	size_t size = strlen(bytes);
	struct name *name;

	if (id.v >= names->names.num) {
		size_t old_num = names->names.num, num = (size_t)id.v + 1;

		if (!vec_reserve(&names->names, num))
			return NULL;
		/* The next ones are likely to come as well. */
		num = names->names.cap;
		memset(names->names.data + old_num, 0, (num - old_num) * sizeof(*name));
		names->names.num = num;
	}
	name = &names->names.data[id.v];
	name->hash = content_name(bytes, size);
	name->base_off = size ? btf_base_find_string(match->base, bytes, size) : 0;
	if (size && !name->base_off)
		name->base_off = NO_STRING;
	name->is_identifier = type_store_string_is_identifier(match->store, id);
	name->known = true;
	return name;
}

static inline const struct name *name_get(struct match *match, struct str_id id)
{
	struct match_names *names = match->names;

	if (id.v < names->names.num && names->names.data[id.v].known)
		return &names->names.data[id.v];
	return name_add(match, id);
}

static bool name_equals(struct match *match, struct str_id id, uint32_t base_off, bool *ret_equal)
{
	const struct name *name = name_get(match, id);

	if (!name)
		return false;
	/* Strings that the base holds twice, or as the tail of another one, are rare. */
	*ret_equal = name->base_off == base_off || !strcmp(type_store_string(match->store, id),
							   btf_view_string(match->view, base_off));
	return true;
}

/* The same for a member, value or parameter: what is no identifier is written as no name. */
static inline bool elem_name_equals(struct match *match, struct str_id id, uint32_t base_off,
				    bool *ret_equal)
{
	const struct name *name = name_get(match, id);

	if (!name)
		return false;
	if (!name->is_identifier)
		*ret_equal = !base_off;
	else if (name->base_off == base_off)
		*ret_equal = true;
	else
		return name_equals(match, id, base_off, ret_equal);
	return true;
}

/* References number 0..num_elems: the type's own, then those of its elements. */
static struct type_id type_ref(const struct settled_type *type, uint32_t edge)
{
	return edge ? type->elems[edge - 1].type : type->ref;
}

/* An array as the base has it. */
struct array_shape {
	struct type_id elem;
	uint64_t num;
};

/* More elements than BTF holds, or more dimensions than anybody writes: as if it had one. */
static struct array_shape array_shape(const struct match *match, const struct settled_type *type)
{
	struct array_shape one = { type->ref, type->size }, all = one;

	for (unsigned int i = 0; match->base->has_flat_arrays; i++) {
		const struct settled_type *elem = &match->store->types[all.elem.v];

		if (elem->kind != GRAPH_ARRAY)
			break;
		all.num *= elem->size;
		all.elem = elem->ref;
		if (all.num > UINT32_MAX || i == MAX_DIMENSIONS)
			return one;
	}
	return all;
}

/* As type_ref(), for comparing with the base. */
static struct type_id compared_ref(const struct match *match, const struct settled_type *type,
				   uint32_t edge)
{
	return type->kind == GRAPH_ARRAY ? array_shape(match, type).elem : type_ref(type, edge);
}

/* Hashes: those of base.c, of types as they are written. */

static uint64_t ref_hash(const struct match *match, struct type_id id)
{
	if (!id.v)
		return CONTENT_VOID;
	return match->hashes[id.v] > HASH_OPEN ? match->hashes[id.v] : CONTENT_RING;
}

static bool type_label(struct match *match, const struct settled_type *type, uint64_t *ret_hash)
{
	struct layout_shape shape = layout_type_shape(type, match->options->without_enum64);
	const struct name *name;
	struct str_id id;
	bool any;

	*ret_hash = 0;
	id = layout_type_name(match->store, type, &any);
	if (!id.v || !kind_has_label(shape.kind))
		return true;
	name = name_get(match, id);
	if (!name)
		return false;
	*ret_hash = content_label(shape.kind, shape.flag, name->hash);
	return true;
}

static uint64_t mix_name(struct match *match, uint64_t hash, struct str_id id, bool *ok)
{
	const struct name *name = name_get(match, id);

	*ok = *ok && name;
	return name ? content_mix(hash, name->hash) : hash;
}

static uint64_t mix_elem_name(struct match *match, uint64_t hash, struct str_id id, bool *ok)
{
	const struct name *name = name_get(match, id);

	*ok = *ok && name;
	return name ? content_mix(hash, name->is_identifier ? name->hash : 0) : hash;
}

/* False when memory is out. */
static bool content_hash(struct match *match, const struct settled_type *type, uint64_t *ret_hash)
{
	struct layout_shape shape = layout_type_shape(type, match->options->without_enum64);
	uint64_t vlen = layout_type_vlen(type), hash;
	struct array_shape array;
	bool ok = true;

	switch (shape.kind) {
	case BTF_INT:
		hash = content_mix(mix_name(match, shape.kind, type->name, &ok), type->size);
		hash = content_mix(hash, (uint64_t)type->encoding << 32 | type->size * 8);
		break;
	case BTF_FLOAT:
		hash = content_mix(mix_name(match, shape.kind, type->name, &ok), type->size);
		break;
	case BTF_TYPE_TAG:
		hash = mix_name(match, shape.kind | (uint32_t)shape.flag << 8, type->name, &ok);
		hash = content_mix(hash, ref_hash(match, type->ref));
		break;
	case BTF_ARRAY:
		array = array_shape(match, type);
		hash = content_mix(shape.kind | array.num << 8, ref_hash(match, array.elem));
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		hash = content_mix(shape.kind | vlen << 8, type->size);
		for (uint32_t i = 0; i < type->num_elems; i++) {
			const struct settled_elem *elem = &type->elems[i];

			hash = mix_elem_name(match, hash, elem->name, &ok);
			hash = content_mix(hash,
					   (uint64_t)elem->bit_size << 32 | (uint32_t)elem->value);
			hash = content_mix(hash, ref_hash(match, elem->type));
		}
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		hash = content_mix(shape.kind | vlen << 8, type->size);
		for (uint32_t i = 0; i < type->num_elems; i++) {
			const struct settled_elem *elem = &type->elems[i];

			hash = mix_elem_name(match, hash, elem->name, &ok);
			hash = content_mix(hash, shape.kind == BTF_ENUM ? (uint32_t)elem->value :
									  elem->value);
		}
		break;
	case BTF_FUNC_PROTO:
		hash = content_mix(shape.kind | vlen << 8, ref_hash(match, type->ref));
		for (uint32_t i = 0; i < type->num_elems; i++) {
			const struct settled_elem *elem = &type->elems[i];

			hash = mix_elem_name(match, hash, elem->name, &ok);
			hash = content_mix(hash, ref_hash(match, elem->type));
		}
		if (type->flags & GRAPH_VARARGS)
			hash = content_mix(content_mix(hash, 0), CONTENT_VOID);
		break;
	default:
		hash = content_mix(shape.kind, ref_hash(match, type->ref));
		break;
	}
	*ret_hash = content_finish(hash);
	return ok;
}

/* False when memory is out. */
static bool hash_type(struct match *match, uint32_t first)
{
	match->stack.num = 0;
	if (!vec_push(&match->stack, first))
		return false;
	while (match->stack.num) {
		uint32_t i = match->stack.data[match->stack.num - 1];
		const struct settled_type *type = &match->store->types[i];

		if (match->hashes[i] == HASH_OPEN && !content_hash(match, type, &match->hashes[i]))
			return false;
		if (match->hashes[i]) {
			match->stack.num--;
			continue;
		}
		match->hashes[i] = HASH_OPEN;
		for (uint32_t edge = 0; edge <= type->num_elems; edge++) {
			struct type_id ref = compared_ref(match, type, edge);

			if (ref.v && !match->hashes[ref.v] && !vec_push(&match->stack, ref.v))
				return false;
		}
	}
	return true;
}

static bool hash_types(struct match *match)
{
	for (uint32_t i = 1; i < match->num_types; i++) {
		if (!type_label(match, &match->store->types[i], &match->hashes[i]))
			return false;
	}
	for (uint32_t i = 1; i < match->num_types; i++) {
		const struct settled_type *type = &match->store->types[i];

		if (!match->hashes[i] && type->kind != GRAPH_ALIAS && !hash_type(match, i))
			return false;
	}
	return true;
}

/* Pairs. */

static bool is_declaration(const struct settled_type *type)
{
	return kind_infos[type->kind].is_forward;
}

static bool base_is_declaration(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	return kind == BTF_FWD || ((kind == BTF_ENUM || kind == BTF_ENUM64) &&
				   !btf_view_vlen(view, id) && btf_view_name_off(view, id));
}

/* A base's record has its elements whole: the view has seen to that. */
static const uint8_t *base_elem(const struct btf_view *view, uint32_t id, uint32_t kind, uint32_t i)
{
	return btf_view_record(view, id) + BTF_RECORD_SIZE +
	       (size_t)btf_kind_table[kind].elem_size * i;
}

/* Elements apart from what they refer to. False when memory is out. */
static bool elems_equal(struct match *match, const struct settled_type *type, uint32_t kind,
			uint32_t base_id, bool *ret_equal)
{
	const uint8_t *words = base_elem(match->view, base_id, kind, 0);
	bool flag = btf_view_flag(match->view, base_id), swap = match->view->swap;

	for (uint32_t i = 0; i < type->num_elems; i++) {
		const struct settled_elem *elem = &type->elems[i];
		bool equal = true;

		switch (kind) {
		case BTF_STRUCT:
		case BTF_UNION: {
			uint32_t off = load_u32(words + 8, swap);

			equal = flag ? btf_member_bit_off(off) == elem->value &&
						btf_member_bits(off) == elem->bit_size :
				       off == elem->value && !elem->bit_size;
			break;
		}
		case BTF_ENUM:
			equal = load_u32(words + 4, swap) == (uint32_t)elem->value;
			break;
		case BTF_ENUM64:
			equal = load_u32(words + 4, swap) == (uint32_t)elem->value &&
				load_u32(words + 8, swap) == elem->value >> 32;
			break;
		}
		if (equal && !elem_name_equals(match, elem->name, load_u32(words, swap), &equal))
			return false;
		words += btf_kind_table[kind].elem_size;
		if (!equal) {
			*ret_equal = false;
			return true;
		}
	}
	*ret_equal = true;
	return true;
}

/* Everything but references. False when memory is out. */
static bool fields_equal(struct match *match, const struct settled_type *type, uint32_t base_id,
			 bool *ret_equal)
{
	struct layout_shape shape = layout_type_shape(type, match->options->without_enum64);
	const struct btf_view *view = match->view;
	uint32_t vlen = layout_type_vlen(type);
	struct str_id name;
	bool any;

	*ret_equal = false;
	if (btf_view_kind(view, base_id) != shape.kind)
		return true;
	switch (shape.kind) {
	case BTF_INT:
		/* The whole word: a bit that nobody knows may mean anything. */
		if (btf_view_word(view, base_id) != type->size ||
		    btf_view_tail_word(view, base_id, 0) !=
			    btf_int_make(type->encoding, 0, type->size * 8))
			return true;
		break;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_FLOAT:
		if (btf_view_word(view, base_id) != type->size)
			return true;
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		/* Two declarations of one enum need not agree in a size that one of them lacks. */
		if (!is_declaration(type) && (btf_view_word(view, base_id) != type->size ||
					      btf_view_flag(view, base_id) != shape.flag))
			return true;
		break;
	case BTF_TYPE_TAG:
	case BTF_FWD:
		if (btf_view_flag(view, base_id) != shape.flag)
			return true;
		break;
	case BTF_ARRAY:
		if (btf_view_array(view, base_id).num != array_shape(match, type).num)
			return true;
		break;
	}
	if (btf_view_vlen(view, base_id) != vlen)
		return true;
	if (vlen > type->num_elems && (btf_view_elem_word(view, base_id, vlen - 1, 0) ||
				       btf_view_elem_word(view, base_id, vlen - 1, 1)))
		return true;
	name = layout_type_name(match->store, type, &any);
	if (!name_equals(match, name, btf_view_name_off(view, base_id), ret_equal))
		return false;
	return !*ret_equal || elems_equal(match, type, shape.kind, base_id, ret_equal);
}

/* Whether the type could be the base's, and how. False when memory is out. */
static bool compare(struct match *match, const struct settled_type *type, uint32_t base_id,
		    bool *ret_is_pair, uint8_t *ret_sort)
{
	struct layout_shape shape = layout_type_shape(type, match->options->without_enum64);
	bool declared = is_declaration(type), any;
	struct str_id name;

	*ret_sort = PAIR_EQUAL;
	if (declared == base_is_declaration(match->view, base_id))
		return fields_equal(match, type, base_id, ret_is_pair);
	*ret_is_pair = false;
	name = layout_type_name(match->store, type, &any);
	if (!name.v || content_class(shape.kind, shape.flag) !=
			       content_class(btf_view_kind(match->view, base_id),
					     btf_view_flag(match->view, base_id)))
		return true;
	if (!declared && match->options->strict_forwards)
		return true;
	*ret_sort = declared ? PAIR_DECLARED : PAIR_COMPLETED;
	return name_equals(match, name, btf_view_name_off(match->view, base_id), ret_is_pair);
}

/* False when memory is out. */
static bool pair_type(struct match *match, uint32_t i)
{
	const struct settled_type *type = &match->store->types[i];
	struct base_search search = base_search(match->base, match->hashes[i]);
	uint32_t id;

	for (uint32_t num = 0; num < MAX_CANDIDATES && (id = base_search_next(&search)); num++) {
		struct pair pair = { .type = i, .base_id = id, .first_link = NO_LINK };
		bool is_pair;

		if (!compare(match, type, id, &is_pair, &pair.sort))
			return false;
		if (is_pair && !vec_push(&match->pairs, pair))
			return false;
	}
	return true;
}

static bool pair_types(struct match *match)
{
	for (uint32_t i = 1; i < match->num_types; i++) {
		match->first_pair[i] = match->pairs.num;
		if (match->hashes[i] && !pair_type(match, i))
			return false;
	}
	match->first_pair[match->num_types] = match->pairs.num;
	return true;
}

/* What a pair's base type refers to by the edge that type_ref() numbers. */
static uint32_t base_ref(const struct btf_view *view, uint32_t id, uint32_t edge)
{
	switch (btf_view_kind(view, id)) {
	case BTF_ARRAY:
		return btf_view_array(view, id).elem_id;
	case BTF_PTR:
	case BTF_CONST:
	case BTF_VOLATILE:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
	case BTF_TYPEDEF:
		return btf_view_word(view, id);
	case BTF_FUNC_PROTO:
		return edge ? load_u32(base_elem(view, id, BTF_FUNC_PROTO, edge - 1) + 4,
				       view->swap) :
			      btf_view_word(view, id);
	case BTF_STRUCT:
	case BTF_UNION:
		return edge ? load_u32(base_elem(view, id, BTF_STRUCT, edge - 1) + 4, view->swap) :
			      0;
	default:
		return 0;
	}
}

static uint32_t pair_find(const struct match *match, struct type_id type, uint32_t base_id)
{
	for (uint32_t p = match->first_pair[type.v]; p < match->first_pair[type.v + 1]; p++) {
		if (match->pairs.data[p].base_id == base_id)
			return p;
	}
	return NO_PAIR;
}

/* There is room: a pair is dropped once. */
static void pair_drop(struct match *match, uint32_t p)
{
	if (match->pairs.data[p].dropped)
		return;
	match->pairs.data[p].dropped = true;
	match->stack.data[match->stack.num++] = p;
}

/* False when memory is out. */
static bool link_pair(struct match *match, uint32_t p)
{
	const struct pair *pair = &match->pairs.data[p];
	const struct settled_type *type = &match->store->types[pair->type];

	if (pair->sort != PAIR_EQUAL)
		return true;
	for (uint32_t edge = 0; edge <= type->num_elems; edge++) {
		struct type_id ref = compared_ref(match, type, edge);
		uint32_t id = base_ref(match->view, pair->base_id, edge), target;

		if (!ref.v && !id)
			continue;
		target = ref.v && id ? pair_find(match, ref, id) : NO_PAIR;
		if (target == NO_PAIR) {
			pair_drop(match, p);
			return true;
		}
		if (!vec_push(&match->links,
			      (struct link){ .asking = p,
					     .next = match->pairs.data[target].first_link }))
			return false;
		match->pairs.data[target].first_link = match->links.num - 1;
	}
	return true;
}

/* Pairs that asked for one that was dropped. */
static void drop_asking(struct match *match)
{
	while (match->stack.num) {
		uint32_t p = match->stack.data[--match->stack.num];

		for (uint32_t l = match->pairs.data[p].first_link; l != NO_LINK;
		     l = match->links.data[l].next)
			pair_drop(match, match->links.data[l].asking);
	}
}

static bool link_pairs(struct match *match)
{
	match->stack.num = 0;
	if (!vec_reserve(&match->stack, match->pairs.num + 1))
		return false;
	for (uint32_t p = 0; p < match->pairs.num; p++) {
		if (!link_pair(match, p))
			return false;
	}
	drop_asking(match);
	return true;
}

/* Declarations. */

static bool type_has_label(const struct match *match, uint32_t i)
{
	const struct settled_type *type = &match->store->types[i];
	struct layout_shape shape = layout_type_shape(type, match->options->without_enum64);
	bool any;

	return kind_has_label(shape.kind) && layout_type_name(match->store, type, &any).v;
}

/*
 * Structs and unions stand for themselves, with a name or without: libbpf compares both alike, and
 * what refers to types without being one of these by their ids.
 */
static bool type_stands_alone(const struct match *match, uint32_t i)
{
	uint8_t kind = match->store->types[i].kind;

	return kind == GRAPH_STRUCT || kind == GRAPH_UNION || type_has_label(match, i);
}

/*
 * Walks from a pair to those that asked for it, on through types that only refer to others, and
 * counts the rest that it meets. With @mark, the types on the way are ours.
 */
static uint32_t walk_asking(struct match *match, uint32_t first, bool mark)
{
	uint32_t num = 0;

	match->stack.num = 0;
	match->stack.data[match->stack.num++] = first;
	match->pairs.data[first].seen = true;
	for (uint32_t at = 0; at < match->stack.num; at++) {
		struct pair *pair = &match->pairs.data[match->stack.data[at]];

		if (mark)
			pair->is_ours = true;
		for (uint32_t l = pair->first_link; l != NO_LINK; l = match->links.data[l].next) {
			uint32_t p = match->links.data[l].asking;
			struct pair *asking = &match->pairs.data[p];

			if (asking->dropped || asking->seen)
				continue;
			asking->seen = true;
			if (type_stands_alone(match, asking->type)) {
				num++;
				match->counted.data[match->counted.num++] = p;
			} else {
				match->stack.data[match->stack.num++] = p;
			}
		}
	}
	for (size_t i = 0; i < match->stack.num; i++)
		match->pairs.data[match->stack.data[i]].seen = false;
	for (size_t i = 0; i < match->counted.num; i++)
		match->pairs.data[match->counted.data[i]].seen = false;
	match->counted.num = 0;
	return num;
}

/* The pair that tells what a declaration means; NO_PAIR: none does. */
static uint32_t choose_meaning(struct match *match, uint32_t i)
{
	uint32_t declaration = NO_PAIR, best = NO_PAIR, best_votes = 0, num = 0;

	for (uint32_t p = match->first_pair[i]; p < match->first_pair[i + 1]; p++) {
		if (match->pairs.data[p].sort == PAIR_EQUAL) {
			if (declaration == NO_PAIR)
				declaration = p;
		} else if (!num++) {
			best = p;
		}
	}
	if (num <= 1)
		return num ? best : declaration;
	best = declaration;
	for (uint32_t p = match->first_pair[i]; p < match->first_pair[i + 1]; p++) {
		uint32_t votes;

		if (match->pairs.data[p].sort == PAIR_EQUAL)
			continue;
		votes = walk_asking(match, p, false);
		if (votes > best_votes) {
			best_votes = votes;
			best = p;
		}
	}
	return best;
}

static void decide_declarations(struct match *match)
{
	for (uint32_t i = 1; i < match->num_types; i++) {
		uint32_t chosen;

		if (!is_declaration(&match->store->types[i]) ||
		    match->first_pair[i] == match->first_pair[i + 1])
			continue;
		chosen = choose_meaning(match, i);
		for (uint32_t p = match->first_pair[i]; p < match->first_pair[i + 1]; p++) {
			if (p != chosen)
				(void)walk_asking(match, p, true);
		}
	}
}

/* What the store defines and the base only declares stays ours, with what leads straight to it. */
static void keep_completed(struct match *match)
{
	for (uint32_t p = 0; p < match->pairs.num; p++) {
		if (match->pairs.data[p].sort == PAIR_COMPLETED)
			(void)walk_asking(match, p, true);
	}
}

/* An array within one that the base has flat is of no use but to what is written. */
static void spare_inner_arrays(const struct match *match, struct types_match *result)
{
	for (uint32_t i = 1; match->base->has_flat_arrays && i < match->num_types; i++) {
		const struct settled_type *type = &match->store->types[i];

		if (type->kind == GRAPH_ARRAY && !result->base_ids[type->ref.v] &&
		    match->store->types[type->ref.v].kind == GRAPH_ARRAY)
			result->is_spare[type->ref.v] = true;
	}
}

/* What is taken. */

static uint32_t choose_id(const struct match *match, uint32_t i, bool *ret_is_spare)
{
	*ret_is_spare = false;
	for (uint32_t p = match->first_pair[i]; p < match->first_pair[i + 1]; p++) {
		const struct pair *pair = &match->pairs.data[p];

		if (pair->dropped)
			continue;
		if (!pair->is_ours) {
			*ret_is_spare = false;
			return pair->base_id;
		}
		*ret_is_spare = !type_has_label(match, i);
	}
	return 0;
}

static bool match_run(struct match *match, struct types_match *result)
{
	uint32_t num = match->num_types;

	match->hashes = calloc((size_t)num + 1, sizeof(*match->hashes));
	match->first_pair = calloc((size_t)num + 1, sizeof(*match->first_pair));
	result->base_ids = calloc((size_t)num + 1, sizeof(*result->base_ids));
	result->is_spare = calloc((size_t)num + 1, sizeof(*result->is_spare));
	if (!match->hashes || !match->first_pair || !result->base_ids || !result->is_spare)
		return false;
	if (!hash_types(match) || !pair_types(match) || !link_pairs(match))
		return false;
	if (!vec_reserve(&match->counted, match->pairs.num + 1))
		return false;
	decide_declarations(match);
	keep_completed(match);
	for (uint32_t i = 1; i < num; i++) {
		result->base_ids[i] = choose_id(match, i, &result->is_spare[i]);
		result->num_matched += result->base_ids[i] != 0;
	}
	spare_inner_arrays(match, result);
	/* No type refers to a type that was made one with another, but a kept id may. */
	for (uint32_t i = 1; i < num; i++) {
		const struct settled_type *type = &match->store->types[i];

		if (type->kind == GRAPH_ALIAS)
			result->base_ids[i] = result->base_ids[type->ref.v];
	}
	result->num_types = num;
	return true;
}

struct btfgen_error *types_match(const struct type_store *store, const struct btf_base *base,
				 const struct types_match_options *options,
				 struct types_match *ret_match)
{
	struct match match = {
		.store = store,
		.base = base,
		.view = btf_base_view(base),
		.options = options,
		.num_types = type_store_num_types(store),
	};
	struct types_match result = {};
	bool ok;

	match.names = options->names ? options->names : &match.own_names;
	ok = match_run(&match, &result);

	free(match.hashes);
	free(match.first_pair);
	vec_deinit(&match.own_names.names);
	vec_deinit(&match.pairs);
	vec_deinit(&match.links);
	vec_deinit(&match.stack);
	vec_deinit(&match.counted);
	if (!ok) {
		types_match_deinit(&result);
		return error_nomem();
	}
	*ret_match = result;
	return NULL;
}

struct match_names *match_names_create(void)
{
	return calloc(1, sizeof(struct match_names));
}

void match_names_destroy(struct match_names *names)
{
	if (!names)
		return;
	vec_deinit(&names->names);
	free(names);
}

void types_match_deinit(struct types_match *match)
{
	free(match->base_ids);
	free(match->is_spare);
	match->base_ids = NULL;
	match->is_spare = NULL;
}

/* What is written and refers to it makes a spare type one that is written. */
struct spare_walk {
	const struct type_store *store;
	struct types_match *match;
	uint32_t *stack; /* room for each type once */
	uint32_t num;
};

static void spare_use(struct spare_walk *walk, struct type_id id)
{
	if (!walk->match->is_spare[id.v])
		return;
	walk->match->is_spare[id.v] = false;
	walk->stack[walk->num++] = id.v;
}

static void spare_use_refs(struct spare_walk *walk, uint32_t i)
{
	const struct settled_type *type = type_store_type(walk->store, (struct type_id){ i });

	for (uint32_t edge = 0; edge <= type->num_elems; edge++)
		spare_use(walk, type_ref(type, edge));
}

struct btfgen_error *types_match_leave_out(const struct type_store *store,
					   const struct layout_input *written,
					   struct types_match *match)
{
	struct spare_walk walk = { .store = store, .match = match };

	walk.stack = malloc(((size_t)match->num_types + 1) * sizeof(*walk.stack));
	if (!walk.stack)
		return error_nomem();
	for (uint32_t i = 0; i < written->num_vars; i++)
		spare_use(&walk, written->vars[i].type);
	for (uint32_t i = 0; i < written->num_funcs; i++)
		spare_use(&walk, written->funcs[i].proto);
	for (uint32_t i = 0; i < written->num_tags; i++) {
		if (written->tags[i].target == TAG_OF_TYPE)
			spare_use(&walk, (struct type_id){ written->tags[i].index });
	}
	for (uint32_t i = 1; i < match->num_types; i++) {
		if (!match->base_ids[i] && !match->is_spare[i])
			spare_use_refs(&walk, i);
	}
	while (walk.num)
		spare_use_refs(&walk, walk.stack[--walk.num]);
	free(walk.stack);
	for (uint32_t i = 1; i < match->num_types; i++) {
		if (match->is_spare[i])
			match->base_ids[i] = MATCH_LEFT_OUT;
	}
	return NULL;
}
