// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/cycles.h"

#include "lib/base/vec.h"

enum state { STATE_NEW, STATE_OPEN, STATE_DONE };

/* A type on the walk's path and the next of its edges to follow. */
struct step {
	uint32_t type;
	uint32_t edge;
};

/*
 * Two kinds of cycles, each in a graph of its own: what contains itself by value (members, elements,
 * qualifiers and typedefs in between), and what is reached through pointers and qualifiers alone. A
 * pointer ends the first, a struct the second, and a function type only names its parameters.
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

static struct btfgen_error *find_cycle(const struct type_store *store, enum mode mode,
				       struct type_id *ret_type)
{
	uint32_t num_types = type_store_num_types(store);
	uint8_t *states = calloc(num_types, 1);
	VEC(struct step) path = {};
	struct type_id found = {};
	bool failed = !states;

	for (uint32_t start = 1; start < num_types && !found.v && !failed; start++) {
		if (states[start] != STATE_NEW)
			continue;
		failed = !vec_push(&path, (struct step){ .type = start });
		states[start] = STATE_OPEN;
		while (path.num && !failed) {
			struct step *top = &path.data[path.num - 1];
			const struct settled_type *type =
				type_store_type(store, (struct type_id){ top->type });
			uint32_t target;

			if (!next_edge(type, mode, top->edge++, &target)) {
				states[top->type] = STATE_DONE;
				path.num--;
				continue;
			}
			if (!target || states[target] == STATE_DONE)
				continue;
			if (states[target] == STATE_OPEN) {
				found.v = target;
				break;
			}
			states[target] = STATE_OPEN;
			failed = !vec_push(&path, (struct step){ .type = target });
		}
	}
	vec_deinit(&path);
	free(states);
	if (failed)
		return error_nomem();
	*ret_type = found;
	return NULL;
}

struct btfgen_error *type_cycle_find(const struct type_store *store, struct type_id *ret_type)
{
	struct type_id found;
	struct btfgen_error *err = find_cycle(store, MODE_VALUE, &found);

	if (!err && !found.v)
		err = find_cycle(store, MODE_POINTER, &found);
	if (!err)
		*ret_type = found;
	return err;
}
