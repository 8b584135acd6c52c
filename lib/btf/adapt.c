// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/adapt.h"

#include "lib/btf/format.h"
#include "lib/btf/merge.h"
#include "lib/btf/store_internal.h"

struct adapter {
	struct type_store *store;
	struct types_adapt_result result;
	VEC(struct type_id) changed;
};

static bool size_is_regular(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
}

static bool adapt_float(struct adapter *adapter, struct type_id id)
{
	struct settled_type *type = type_store_change(adapter->store, id);

	if (size_is_regular(type->size)) {
		type->kind = GRAPH_INT;
		type->encoding = BTF_ENCODING_NONE;
	} else {
		type->kind = GRAPH_STRUCT;
		if (!vec_push(&adapter->result.opaque, id))
			return false;
	}
	return vec_push(&adapter->changed, id);
}

static bool enum_fits(const struct settled_type *type)
{
	for (uint32_t i = 0; i < type->num_elems; i++) {
		if (type->elems[i].value > UINT32_MAX)
			return false;
	}
	return !(type->flags & GRAPH_SIGNED);
}

static bool adapt_enum(struct adapter *adapter, struct type_id id)
{
	struct settled_type *type = type_store_change(adapter->store, id);
	struct settled_elem *elems;

	if (enum_fits(type))
		return true;
	type->flags = 0;
	if (type->num_elems) {
		elems = arena_alloc(&adapter->store->settled, type->num_elems * sizeof(*elems),
				    _Alignof(struct settled_elem));
		if (!elems)
			return false;
		for (uint32_t i = 0; i < type->num_elems; i++) {
			elems[i] = type->elems[i];
			elems[i].value = (uint32_t)elems[i].value;
		}
		type->elems = elems;
	}
	return vec_push(&adapter->changed, id);
}

struct btfgen_error *types_adapt(struct type_store *store,
				 const struct types_adapt_options *options,
				 struct types_adapt_result *ret_result)
{
	struct adapter adapter = { .store = store };
	bool ok = true;

	for (uint32_t i = 1; ok && i < type_store_num_types(store); i++) {
		struct type_id id = { i };
		uint8_t kind = type_store_type(store, id)->kind;

		if (kind == GRAPH_FLOAT && options->without_float)
			ok = adapt_float(&adapter, id);
		else if (kind == GRAPH_ENUM && options->without_enum64)
			ok = adapt_enum(&adapter, id);
	}
	ok = ok && types_merge(store, adapter.changed.data, adapter.changed.num);
	vec_deinit(&adapter.changed);
	if (!ok) {
		types_adapt_result_deinit(&adapter.result);
		return error_nomem();
	}
	*ret_result = adapter.result;
	return NULL;
}

void types_adapt_result_deinit(struct types_adapt_result *result)
{
	vec_deinit(&result->opaque);
}
