// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/fit.h"

#include "lib/base/span.h"
#include "lib/btf/merge.h"
#include "lib/btf/store_internal.h"

enum { MAX_CHAIN = 32, MAX_BITS = 128 };

enum state { STATE_NEW, STATE_OPEN, STATE_DONE };

/* What those who refer to a type want to know of it. */
struct shape {
	uint64_t size;	 /* bytes; UINT64_MAX if it does not fit */
	uint32_t target; /* the type behind qualifiers and typedefs */
	uint8_t chain;	 /* qualifiers and typedefs in a row */
	uint8_t state;	 /* enum state, of the walk at hand */
	bool has_size;
};

/* A type on the walk's path and the next of its edges to follow. */
struct step {
	uint32_t type;
	uint32_t edge;
};

struct fitter {
	struct type_store *store;
	unsigned int address_size;
	struct shape *shapes;
	struct types_fit_result *result;
	VEC(struct step) path;
};

/*
 * Two kinds of cycles, each in a graph of its own: what contains itself by value (members,
 * elements, qualifiers and typedefs in between), and what is reached through pointers and
 * qualifiers alone. A pointer ends the first, a struct the second, and a function type only names
 * its parameters.
 */
enum mode { MODE_VALUE, MODE_POINTER };

/* The target of edge @index, void for an edge that does not count. False behind the last edge. */
static bool next_edge(const struct settled_type *type, enum mode mode, uint32_t index,
		      uint32_t *ret_target)
{
	*ret_target = 0;
	switch (type->kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		if (mode == MODE_POINTER || index >= type->num_elems)
			return false;
		*ret_target = type->elems[index].type.v;
		return true;
	case GRAPH_ARRAY:
		if (mode == MODE_POINTER || index)
			return false;
		break;
	case GRAPH_PTR:
		if (mode == MODE_VALUE || index)
			return false;
		break;
	case GRAPH_FUNC_PROTO:
		return false;
	default:
		if (index)
			return false;
		break;
	}
	*ret_target = type->ref.v;
	return true;
}

/* An INT that arrays and bitfields may be made of. */
static bool int_is_regular(const struct settled_type *type)
{
	return type->size == 1 || type->size == 2 || type->size == 4 || type->size == 8 ||
	       type->size == 16;
}

static uint64_t array_size(const struct settled_type *array, const struct shape *elem)
{
	uint64_t size;

	if (__builtin_mul_overflow(elem->size, array->size, &size))
		return UINT64_MAX;
	return size;
}

static bool member_fits(const struct fitter *fitter, const struct settled_type *composite,
			const struct settled_elem *member)
{
	const struct shape *shape = &fitter->shapes[member->type.v];
	const struct settled_type *target;
	uint64_t bits = member->bit_size, off = member->value;

	if (!member->type.v || !shape->has_size)
		return false;
	target = &fitter->store->types[shape->target];
	switch (target->kind) {
	case GRAPH_INT:
		if ((composite->flags & GRAPH_BITFIELDS) && !int_is_regular(target))
			return false;
		break;
	case GRAPH_ENUM:
	case GRAPH_FWD_ENUM:
		break;
	default:
		if (bits)
			return false;
		return off % 8 == 0 && range_fits(off / 8, shape->size, composite->size);
	}
	if (bits > shape->size * 8 || (!bits && off % 8))
		return false;
	if (!bits)
		bits = shape->size * 8;
	return bits + off % 8 <= MAX_BITS && (off + bits + 7) / 8 <= composite->size;
}

static bool note_change(struct fitter *fitter, uint32_t id)
{
	return vec_push(&fitter->result->changed, (struct type_id){ id });
}

static bool fit_composite(struct fitter *fitter, uint32_t id, struct settled_type *type)
{
	for (uint32_t i = 0; i < type->num_elems; i++) {
		if (member_fits(fitter, type, &type->elems[i]))
			continue;
		type->num_elems = 0;
		type->flags = 0;
		return note_change(fitter, id);
	}
	return true;
}

static bool fit_array(struct fitter *fitter, uint32_t id, struct settled_type *type)
{
	const struct shape *elem = &fitter->shapes[type->ref.v];
	const struct settled_type *target = &fitter->store->types[elem->target];
	uint64_t size;

	if (type->ref.v && elem->has_size && (target->kind != GRAPH_INT || int_is_regular(target)))
		return true;
	size = elem->has_size ? array_size(type, elem) : 0;
	type->kind = GRAPH_STRUCT;
	type->flags = 0;
	type->ref.v = 0;
	type->size = size <= UINT32_MAX ? size : 0;
	return note_change(fitter, id);
}

/* Incomplete structs are fine in a function type: it is a declaration. */
static bool can_be_passed(const struct fitter *fitter, uint32_t id)
{
	const struct shape *shape = &fitter->shapes[id];
	uint8_t kind;

	if (shape->has_size)
		return true;
	kind = fitter->store->types[shape->target].kind;
	return shape->target && (kind == GRAPH_FWD_STRUCT || kind == GRAPH_FWD_UNION);
}

static bool fit_proto(struct fitter *fitter, uint32_t id, struct settled_type *type)
{
	bool changed = false;

	if (type->ref.v && !can_be_passed(fitter, type->ref.v)) {
		type->ref.v = 0;
		changed = true;
	}
	for (uint32_t i = 0; i < type->num_elems; i++) {
		if (type->elems[i].type.v && can_be_passed(fitter, type->elems[i].type.v))
			continue;
		type->num_elems = 0;
		type->flags = GRAPH_VARARGS;
		changed = true;
	}
	return !changed || note_change(fitter, id);
}

/* What a type is to others, its own targets being known. */
static void set_shape(struct fitter *fitter, uint32_t id, const struct settled_type *type)
{
	struct shape *shape = &fitter->shapes[id];
	const struct shape *ref = &fitter->shapes[type->ref.v];

	shape->target = id;
	shape->has_size = true;
	switch (type->kind) {
	case GRAPH_CONST:
	case GRAPH_VOLATILE:
	case GRAPH_RESTRICT:
	case GRAPH_TYPEDEF:
	case GRAPH_TYPE_TAG:
		shape->target = ref->target;
		shape->has_size = ref->has_size;
		shape->size = ref->size;
		shape->chain = ref->chain < UINT8_MAX ? ref->chain + 1 : UINT8_MAX;
		break;
	case GRAPH_ARRAY:
		shape->size = array_size(type, ref);
		break;
	case GRAPH_PTR:
		shape->size = fitter->address_size;
		break;
	case GRAPH_FUNC_PROTO:
	case GRAPH_FWD_STRUCT:
	case GRAPH_FWD_UNION:
		shape->has_size = false;
		break;
	default:
		shape->size = type->size;
		break;
	}
}

/* Called for each type when all that it contains is done. */
static bool leave(struct fitter *fitter, enum mode mode, uint32_t id)
{
	struct settled_type *type = &fitter->store->types[id];
	bool ok = true;

	fitter->shapes[id].state = STATE_DONE;
	if (mode == MODE_POINTER)
		return true;
	if (type->kind == GRAPH_STRUCT || type->kind == GRAPH_UNION)
		ok = fit_composite(fitter, id, type);
	else if (type->kind == GRAPH_ARRAY)
		ok = fit_array(fitter, id, type);
	set_shape(fitter, id, type);
	if (fitter->shapes[id].chain > MAX_CHAIN && !fitter->result->chain.v)
		fitter->result->chain.v = id;
	return ok;
}

/* Depth first with an explicit path. False when memory is out. */
static bool walk(struct fitter *fitter, enum mode mode)
{
	uint32_t num_types = type_store_num_types(fitter->store);
	struct shape *shapes = fitter->shapes;

	for (uint32_t i = 0; i < num_types; i++)
		shapes[i].state = STATE_NEW;
	for (uint32_t start = 1; start < num_types; start++) {
		if (shapes[start].state != STATE_NEW ||
		    fitter->store->types[start].kind == GRAPH_ALIAS)
			continue;
		if (!vec_push(&fitter->path, (struct step){ .type = start }))
			return false;
		shapes[start].state = STATE_OPEN;
		while (fitter->path.num) {
			struct step *top = &fitter->path.data[fitter->path.num - 1];
			uint32_t id = top->type;
			uint32_t target;

			if (!next_edge(&fitter->store->types[id], mode, top->edge++, &target)) {
				fitter->path.num--;
				if (!leave(fitter, mode, id))
					return false;
				continue;
			}
			if (!target || shapes[target].state == STATE_DONE)
				continue;
			if (shapes[target].state == STATE_OPEN) {
				fitter->result->cycle.v = target;
				return true;
			}
			shapes[target].state = STATE_OPEN;
			if (!vec_push(&fitter->path, (struct step){ .type = target }))
				return false;
		}
	}
	return true;
}

static bool fit_protos(struct fitter *fitter)
{
	for (uint32_t i = 1; i < type_store_num_types(fitter->store); i++) {
		struct settled_type *type = &fitter->store->types[i];

		if (type->kind == GRAPH_FUNC_PROTO && !fit_proto(fitter, i, type))
			return false;
	}
	return true;
}

/* What was changed, or is not written in full, may look like another type now. */
static bool merge_changed(struct fitter *fitter)
{
	const struct types_fit_result *result = fitter->result;
	uint32_t num_types = type_store_num_types(fitter->store);
	bool *is_changed = calloc(num_types, sizeof(*is_changed));
	VEC(struct type_id) suspects = {};
	bool ok = is_changed != NULL;

	for (size_t i = 0; ok && i < result->changed.num; i++)
		is_changed[result->changed.data[i].v] = true;
	for (uint32_t i = 1; ok && i < num_types; i++) {
		struct type_id id = { i };

		if (is_changed[i] ||
		    type_loses_something(fitter->store, type_store_type(fitter->store, id)))
			ok = vec_push(&suspects, id);
	}
	ok = ok && types_merge(fitter->store, suspects.data, suspects.num);
	vec_deinit(&suspects);
	free(is_changed);
	return ok;
}

struct btfgen_error *types_fit(struct type_store *store, unsigned int address_size,
			       struct types_fit_result *ret_result)
{
	struct types_fit_result result = {};
	struct fitter fitter = {
		.store = store,
		.address_size = address_size,
		.shapes = calloc(type_store_num_types(store), sizeof(struct shape)),
		.result = &result,
	};
	bool ok = fitter.shapes != NULL;

	/* What is changed below is no longer where it would be found by content. */
	late_index_forget(&store->late_index);
	ok = ok && walk(&fitter, MODE_VALUE);
	if (ok && !result.cycle.v)
		ok = fit_protos(&fitter) && walk(&fitter, MODE_POINTER);
	if (ok && !result.cycle.v && !result.chain.v)
		ok = merge_changed(&fitter);
	vec_deinit(&fitter.path);
	free(fitter.shapes);
	if (!ok) {
		types_fit_result_deinit(&result);
		return error_nomem();
	}
	*ret_result = result;
	return NULL;
}

void types_fit_result_deinit(struct types_fit_result *result)
{
	vec_deinit(&result->changed);
}
