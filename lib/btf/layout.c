// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Shapes, sizes and string offsets of all records, once they have their numbers (layout_order.c).
 *
 * One walk in the order of the ids adds up the sizes and places each string when it is first met. A
 * string is looked up by its id in a flat table: no string is hashed or compared, and each is
 * touched once.
 */
#include "lib/btf/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf/base.h"
#include "lib/btf/format.h"
#include "lib/btf/layout_internal.h"

static const char *kind_word(uint8_t kind)
{
	static const char *const words[NUM_GRAPH_KINDS] = {
		[GRAPH_INT] = "integer type",
		[GRAPH_FLOAT] = "floating point type",
		[GRAPH_TYPE_TAG] = "type tag",
		[GRAPH_TYPEDEF] = "typedef",
		[GRAPH_FUNC_PROTO] = "function prototype",
		[GRAPH_STRUCT] = "struct",
		[GRAPH_UNION] = "union",
		[GRAPH_ENUM] = "enum",
		[GRAPH_FWD_STRUCT] = "declaration of struct",
		[GRAPH_FWD_UNION] = "declaration of union",
		[GRAPH_FWD_ENUM] = "declaration of enum",
	};

	return kind < NUM_GRAPH_KINDS && words[kind] ? words[kind] : "type";
}

/* "struct 'foo' has 70000 members; ...": @what is everything behind the name. */
static struct btfgen_error *type_limit_error(const struct btf_layout *layout,
					     const struct settled_type *type, const char *what)
{
	const char *name = type_store_string(layout->input.store, type->name);

	if (!*name)
		return error_create(BTFGEN_ERROR_LIMIT, "%s without a name %s",
				    kind_word(type->kind), what);
	return error_create(BTFGEN_ERROR_LIMIT, "%s '%s' %s", kind_word(type->kind), name, what);
}

static const uint8_t graph_btf_kinds[NUM_GRAPH_KINDS] = {
	[GRAPH_INT] = BTF_INT,		 [GRAPH_FLOAT] = BTF_FLOAT,
	[GRAPH_PTR] = BTF_PTR,		 [GRAPH_CONST] = BTF_CONST,
	[GRAPH_VOLATILE] = BTF_VOLATILE, [GRAPH_RESTRICT] = BTF_RESTRICT,
	[GRAPH_TYPE_TAG] = BTF_TYPE_TAG, [GRAPH_TYPEDEF] = BTF_TYPEDEF,
	[GRAPH_ARRAY] = BTF_ARRAY,	 [GRAPH_FUNC_PROTO] = BTF_FUNC_PROTO,
	[GRAPH_STRUCT] = BTF_STRUCT,	 [GRAPH_UNION] = BTF_UNION,
	[GRAPH_ENUM] = BTF_ENUM, /* or ENUM64: see layout_enum_shape() */
	[GRAPH_FWD_STRUCT] = BTF_FWD,	 [GRAPH_FWD_UNION] = BTF_FWD,
	[GRAPH_FWD_ENUM] = BTF_ENUM, /* one without values, as BTF knows no other */
};

struct str_id layout_type_name(const struct type_store *store, const struct settled_type *type,
			       bool *ret_any)
{
	static const struct str_id none = { 0 };

	*ret_any = false;
	switch (btf_kind_table[graph_btf_kinds[type->kind]].name_use) {
	case BTF_NAME_ANY:
	case BTF_NAME_TEXT:
		*ret_any = true;
		return type->name;
	case BTF_NAME_IDENTIFIER:
		return type->name;
	case BTF_NAME_OPTIONAL:
		return type_store_string_is_identifier(store, type->name) ? type->name : none;
	default:
		return none;
	}
}

uint32_t layout_type_vlen(const struct settled_type *type)
{
	if (!btf_kind_table[graph_btf_kinds[type->kind]].elem_size)
		return 0;
	return type->num_elems + !!(type->flags & GRAPH_VARARGS);
}

void layout_enum_shape(const struct settled_type *type, uint8_t *ret_kind, bool *ret_signed)
{
	bool wide = type->size > 4, negative = false, high = false;

	for (uint32_t i = 0; i < type->num_elems; i++) {
		int64_t value = (int64_t)type->elems[i].value;

		wide |= value < INT32_MIN || value > (int64_t)UINT32_MAX;
		negative |= value < 0;
		high |= value > INT32_MAX;
	}
	wide |= negative && high;
	*ret_kind = wide ? BTF_ENUM64 : BTF_ENUM;
	/* In 8 bytes a set sign bit may be a large unsigned value: there the flag alone tells. */
	*ret_signed = type->size > 4 ? type->flags & GRAPH_SIGNED :
		      wide	     ? negative || (type->flags & GRAPH_SIGNED) :
				       negative;
}

struct layout_shape layout_type_shape(const struct settled_type *type, bool without_enum64)
{
	struct layout_shape shape = { .kind = graph_btf_kinds[type->kind] };

	switch (type->kind) {
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		shape.flag = type->flags & GRAPH_BITFIELDS;
		break;
	case GRAPH_FWD_UNION:
		shape.flag = true;
		break;
	case GRAPH_TYPE_TAG:
		shape.flag = type->flags & GRAPH_ATTRIBUTE;
		break;
	case GRAPH_ENUM:
		if (!without_enum64)
			layout_enum_shape(type, &shape.kind, &shape.flag);
		break;
	default:
		break;
	}
	return shape;
}

static struct btfgen_error *string_append(struct btf_layout *layout, const char *string,
					  uint32_t *ret_off)
{
	size_t size = strlen(string) + 1;

	if (layout->strings_bias > BTF_LIMIT_STR_OFF ||
	    size > (BTF_LIMIT_STR_OFF + 1) - layout->strings_bias - layout->strings.num)
		return error_create(BTFGEN_ERROR_LIMIT,
				    "more than %u bytes of names, which is what BTF holds",
				    BTF_LIMIT_STR_OFF + 1);
	if (!vec_reserve(&layout->strings, layout->strings.num + size))
		return error_nomem();
	memcpy(layout->strings.data + layout->strings.num, string, size);
	*ret_off = layout->strings_bias + layout->strings.num;
	layout->strings.num += size;
	return NULL;
}

static struct btfgen_error *string_place_new(struct btf_layout *layout, struct str_id id, bool any)
{
	const struct type_store *store = layout->input.store;
	struct btfgen_error *err;
	const char *string;
	uint32_t off, *slot;

	if (id.v >= layout->string_offs.num) {
		size_t old_num = layout->string_offs.num, num = (size_t)id.v + 1;

		if (!vec_reserve(&layout->string_offs, num))
			return error_nomem();
		memset(layout->string_offs.data + old_num, 0,
		       (num - old_num) * sizeof(*layout->string_offs.data));
		layout->string_offs.num = num;
	}
	slot = &layout->string_offs.data[id.v];
	if (!*slot && !type_store_string_is_identifier(store, id))
		*slot = STRING_NO_IDENTIFIER;
	if (*slot && !any)
		return NULL;
	string = type_store_string(store, id);
	off = layout->input.base ?
		      btf_base_find_string(layout->input.base, string, strlen(string)) :
		      0;
	if (!off && layout->index_int_off && !strcmp(string, LAYOUT_INDEX_INT_NAME))
		off = layout->index_int_off;
	if (!off) {
		err = string_append(layout, string, &off);
		if (err)
			return err;
	}
	*slot |= off;
	return NULL;
}

/* Gives a string its offset when it is met for the first time. */
static inline struct btfgen_error *string_place(struct btf_layout *layout, struct str_id id,
						bool any)
{
	if (!id.v)
		return NULL;
	if (id.v < layout->string_offs.num) {
		uint32_t off = layout->string_offs.data[id.v];

		if (off && (off != STRING_NO_IDENTIFIER || !any))
			return NULL;
	}
	return string_place_new(layout, id, any);
}

/* The name of the added `int` may be placed already as the name of something else. */
static struct btfgen_error *string_place_index_int(struct btf_layout *layout)
{
	static const char name[] = LAYOUT_INDEX_INT_NAME;
	const struct btf_base *base = layout->input.base;
	const char *strings = layout->strings.data;

	layout->index_int_off = base ? btf_base_find_string(base, name, sizeof(name) - 1) : 0;
	if (layout->index_int_off)
		return NULL;
	for (size_t off = 0; off < layout->strings.num; off += strlen(strings + off) + 1) {
		if (!strcmp(strings + off, name)) {
			layout->index_int_off = layout->strings_bias + off;
			return NULL;
		}
	}
	return string_append(layout, name, &layout->index_int_off);
}

static struct btfgen_error *member_check(const struct btf_layout *layout,
					 const struct settled_type *type,
					 const struct settled_elem *elem)
{
	if (type->flags & GRAPH_BITFIELDS) {
		if (elem->value > BTF_LIMIT_FLAG_BIT_OFF || elem->bit_size > BTF_LIMIT_BITFIELD)
			return type_limit_error(layout, type,
						"has bitfields and a member at or beyond 2 MiB, or "
						"a bitfield of more than 255 bits");
	} else if (elem->value > UINT32_MAX) {
		return type_limit_error(layout, type, "has a member at or beyond 512 MiB");
	}
	return NULL;
}

static struct btfgen_error *type_place(struct btf_layout *layout, struct layout_record *record,
				       uint32_t *ret_vlen)
{
	const struct type_store *store = layout->input.store;
	const struct settled_type *type = type_store_type(store, (struct type_id){ record->index });
	uint32_t vlen = layout_type_vlen(type);
	struct btfgen_error *err;
	struct layout_shape shape;
	struct str_id name;
	bool any;

	shape = layout_type_shape(type, layout->input.without_enum64);
	record->kind = shape.kind;
	record->kind_flag = shape.flag;
	name = layout_type_name(store, type, &any);
	err = string_place(layout, name, any);
	if (err)
		return err;
	if (type->num_elems > BTF_LIMIT_VLEN_OLD || vlen > BTF_LIMIT_VLEN_OLD)
		return type_limit_error(layout, type, "has more than 65535 elements");

	switch (type->kind) {
	case GRAPH_INT:
		if (type->size > 16)
			return type_limit_error(layout, type, "has more than 128 bits");
		break;
	case GRAPH_TYPEDEF:
	case GRAPH_FWD_STRUCT:
	case GRAPH_FWD_UNION:
	case GRAPH_FWD_ENUM:
		if (!layout_string_off(layout, name, false))
			return type_limit_error(layout, type, "has a name that is no identifier");
		break;
	case GRAPH_STRUCT:
	case GRAPH_UNION:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			err = member_check(layout, type, &type->elems[i]);
			if (!err)
				err = string_place(layout, type->elems[i].name, false);
			if (err)
				return err;
		}
		break;
	case GRAPH_FUNC_PROTO:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			err = string_place(layout, type->elems[i].name, false);
			if (err)
				return err;
		}
		break;
	case GRAPH_ENUM:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			err = string_place(layout, type->elems[i].name, false);
			if (err)
				return err;
			if (!layout_string_off(layout, type->elems[i].name, false))
				return type_limit_error(layout, type,
							"has a value whose name is no identifier");
		}
		break;
	default:
		break;
	}
	*ret_vlen = vlen;
	return NULL;
}

static struct btfgen_error *var_place(struct btf_layout *layout, struct layout_record *record)
{
	struct str_id name = layout->input.vars[record->index].name;
	struct btfgen_error *err = string_place(layout, name, false);

	record->kind = BTF_VAR;
	if (err)
		return err;
	if (!layout_string_off(layout, name, false))
		return error_create(BTFGEN_ERROR_LIMIT,
				    "variable '%s' has a name that is no identifier",
				    type_store_string(layout->input.store, name));
	return NULL;
}

static struct btfgen_error *func_place(struct btf_layout *layout, struct layout_record *record)
{
	struct str_id name = layout->input.funcs[record->index].name;
	struct btfgen_error *err = string_place(layout, name, false);

	record->kind = BTF_FUNC;
	if (err)
		return err;
	if (!layout_string_off(layout, name, false))
		return error_create(BTFGEN_ERROR_LIMIT,
				    "function '%s' has a name that is no identifier",
				    type_store_string(layout->input.store, name));
	return NULL;
}

static struct btfgen_error *tag_place(struct btf_layout *layout, struct layout_record *record)
{
	const struct layout_tag *tag = &layout->input.tags[record->index];

	record->kind = BTF_DECL_TAG;
	record->kind_flag = tag->is_attribute;
	return string_place(layout, tag->text, true);
}

static struct btfgen_error *section_place(struct btf_layout *layout, struct layout_record *record,
					  uint32_t *ret_vlen)
{
	const struct layout_section *section = &layout->input.sections[record->index];

	record->kind = BTF_DATASEC;
	if (section->num_entries > BTF_LIMIT_VLEN_OLD)
		return error_create(BTFGEN_ERROR_LIMIT,
				    "section '%s' has %" PRIu32
				    " variables; BTF holds at most 65535",
				    type_store_string(layout->input.store, section->name),
				    section->num_entries);
	*ret_vlen = section->num_entries;
	return string_place(layout, section->name, true);
}

static uint64_t record_size(uint8_t kind, uint32_t vlen)
{
	const struct btf_kind_info *info = &btf_kind_table[kind];

	return BTF_RECORD_SIZE + info->tail_size + (uint64_t)info->elem_size * vlen;
}

static struct btfgen_error *place_records(struct btf_layout *layout)
{
	uint64_t off = 0;

	/* The empty string, which is the base's if there is one, and the slot that stands for it. */
	if ((!layout->input.base && !vec_push(&layout->strings, '\0')) ||
	    !vec_push(&layout->string_offs, 0))
		return error_nomem();
	for (uint32_t id = 1; id < layout->num_records; id++) {
		struct layout_record *record = &layout->records[id];
		struct btfgen_error *err = NULL;
		uint32_t vlen = 0;

		record->off = off;
		switch (record->source) {
		case RECORD_TYPE:
			err = type_place(layout, record, &vlen);
			break;
		case RECORD_INDEX_INT:
			record->kind = BTF_INT;
			err = string_place_index_int(layout);
			break;
		case RECORD_VAR:
			err = var_place(layout, record);
			break;
		case RECORD_FUNC:
			err = func_place(layout, record);
			break;
		case RECORD_SECTION:
			err = section_place(layout, record, &vlen);
			break;
		case RECORD_TAG:
			err = tag_place(layout, record);
			break;
		}
		if (err)
			return err;
		layout->num_by_kind[record->kind]++;
		off += record_size(record->kind, vlen);
		if (off > UINT32_MAX)
			return error_create(BTFGEN_ERROR_LIMIT,
					    "more than 4 GiB of types, which is what BTF holds");
	}
	layout->records[layout->num_records] = (struct layout_record){ .off = off };
	return NULL;
}

struct btfgen_error *btf_layout_create(const struct layout_input *input,
				       struct btf_layout **ret_layout)
{
	struct btf_layout *layout = calloc(1, sizeof(*layout));
	struct btfgen_error *err;

	if (!layout)
		return error_nomem();
	layout->input = *input;
	if (input->base) {
		layout->id_bias = btf_base_num_ids(input->base) - 1;
		layout->strings_bias = btf_base_strings_size(input->base);
		layout->input.with_kind_layout = false;
	}
	err = layout_number(layout);
	if (!err)
		err = place_records(layout);
	if (err) {
		btf_layout_destroy(layout);
		return err;
	}
	*ret_layout = layout;
	return NULL;
}

void btf_layout_destroy(struct btf_layout *layout)
{
	if (!layout)
		return;
	free(layout->records);
	free(layout->type_ids);
	free(layout->var_ids);
	free(layout->func_ids);
	vec_deinit(&layout->string_offs);
	vec_deinit(&layout->strings);
	free(layout);
}

struct layout_stats btf_layout_stats(const struct btf_layout *layout)
{
	struct layout_stats stats = {
		.num_types = layout->num_records - 1,
		.num_tags_left_out = layout->num_tags_left_out,
		.num_base_funcs = layout->num_base_funcs,
		.type_bytes = layout->records[layout->num_records].off,
		.string_bytes = layout->strings.num,
	};

	memcpy(stats.num_by_kind, layout->num_by_kind, sizeof(stats.num_by_kind));
	stats.total_bytes = layout_header_size(layout) + stats.type_bytes +
			    layout_table_size(layout) + stats.string_bytes;
	return stats;
}
