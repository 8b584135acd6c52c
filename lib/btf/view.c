// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/vec.h"

static const char section_name[] = ".BTF";

const uint8_t btf_view_void_record[32];

static const struct btf_kind_info *view_kind_info(uint32_t kind)
{
	return &btf_kind_table[kind < BTF_NUM_KINDS ? kind : BTF_VOID];
}

static struct btfgen_error *header_read(struct btf_view *view)
{
	const uint8_t *data = view->bytes.data;
	size_t size = view->bytes.size;
	uint16_t magic;

	if (size < BTF_HEADER_TYPES_OFF_OFF)
		return error_create_at(section_name, 0, "%zu bytes are too few for a BTF header",
				       size);
	magic = load_u16(data, false);
	if (magic != BTF_HEADER_MAGIC) {
		if (magic != __builtin_bswap16(BTF_HEADER_MAGIC))
			return error_create_at(section_name, 0,
					       "bytes %02x %02x are not the magic number of BTF",
					       data[0], data[1]);
		view->swap = true;
	}
	if (data[BTF_HEADER_VERSION_OFF] != BTF_HEADER_VERSION)
		return error_create_at(section_name, BTF_HEADER_VERSION_OFF,
				       "unknown BTF version %u", data[BTF_HEADER_VERSION_OFF]);
	if (view->base && view->base->swap != view->swap)
		return error_create_at(section_name, 0, "byte order differs from the base BTF's");
	view->header_size = load_u32(data + BTF_HEADER_SIZE_OFF, view->swap);
	if (view->header_size < BTF_HEADER_SIZE)
		return error_create_at(section_name, BTF_HEADER_SIZE_OFF,
				       "header size %" PRIu32 " is below %u", view->header_size,
				       (unsigned int)BTF_HEADER_SIZE);
	if (view->header_size > size)
		return error_create_at(section_name, BTF_HEADER_SIZE_OFF,
				       "header of %" PRIu32 " bytes in %zu bytes of BTF",
				       view->header_size, size);
	return NULL;
}

/* Reads the offset and size fields at @field_off; the offset becomes one in the whole. */
static struct btfgen_error *section_read(const struct btf_view *view, uint32_t field_off,
					 const char *what, uint64_t *ret_off, uint32_t *ret_size)
{
	uint64_t off = load_u32(view->bytes.data + field_off, view->swap);
	uint32_t size = load_u32(view->bytes.data + field_off + 4, view->swap);

	off += view->header_size;
	if (!range_fits(off, size, view->bytes.size))
		return error_create_at(section_name, field_off,
				       "%s end at 0x%" PRIx64
				       ", behind the end of the BTF at 0x%zx",
				       what, off + size, view->bytes.size);
	*ret_off = off;
	*ret_size = size;
	return NULL;
}

static struct btfgen_error *sections_read(struct btf_view *view)
{
	struct btfgen_error *err;

	err = section_read(view, BTF_HEADER_TYPES_OFF_OFF, "types", &view->types_off,
			   &view->types_size);
	if (err)
		return err;
	err = section_read(view, BTF_HEADER_STRINGS_OFF_OFF, "strings", &view->strings_off,
			   &view->strings_size);
	if (err)
		return err;
	if (view->strings_size && view->bytes.data[view->strings_off + view->strings_size - 1] != 0)
		return error_create_at(section_name, view->strings_off + view->strings_size - 1,
				       "strings do not end with a zero byte");
	if (view->header_size < BTF_HEADER_LAYOUT_SIZE)
		return NULL;
	return section_read(view, BTF_HEADER_LAYOUT_OFF_OFF, "layout entries", &view->layout_off,
			    &view->layout_size);
}

/* Sizes of an unknown kind, from the nearest layout section. */
static bool layout_find(const struct btf_view *view, uint32_t kind, uint32_t *ret_tail_size,
			uint32_t *ret_elem_size)
{
	uint64_t entry_off = (uint64_t)kind * BTF_LAYOUT_ENTRY_SIZE;
	const uint8_t *entry;

	while (!view->layout_size && view->base)
		view = view->base;
	if (!range_fits(entry_off, BTF_LAYOUT_ENTRY_SIZE, view->layout_size))
		return false;
	entry = view->bytes.data + view->layout_off + entry_off;
	if (entry[0] % 4 || entry[1] % 4)
		return false;
	*ret_tail_size = entry[0];
	*ret_elem_size = entry[1];
	return true;
}

static struct btfgen_error *records_read(struct btf_view *view)
{
	const uint8_t *types = view->bytes.data + view->types_off;
	VEC(uint32_t) offs = {};
	uint32_t off = 0;

	while (off < view->types_size) {
		uint32_t left = view->types_size - off, info, kind, tail_size, elem_size;
		uint64_t id = (uint64_t)view->first_id + offs.num, record_size;

		if (left < BTF_RECORD_SIZE) {
			vec_deinit(&offs);
			return error_create_at(section_name, view->types_off + off,
					       "%" PRIu32 " bytes are left for a type record",
					       left);
		}
		info = load_u32(types + off + BTF_RECORD_INFO_OFF, view->swap);
		kind = btf_info_kind(info);
		if (kind != BTF_VOID && kind < BTF_NUM_KINDS) {
			tail_size = btf_kind_table[kind].tail_size;
			elem_size = btf_kind_table[kind].elem_size;
		} else if (kind == BTF_VOID || !layout_find(view, kind, &tail_size, &elem_size)) {
			vec_deinit(&offs);
			return error_create_at(section_name, view->types_off + off,
					       "type %" PRIu64 " is of unknown kind %" PRIu32 "%s",
					       id, kind, kind ? " (made by a newer encoder?)" : "");
		} else {
			view->num_unknown++;
		}
		record_size =
			BTF_RECORD_SIZE + tail_size + (uint64_t)btf_info_vlen(info) * elem_size;
		if (record_size > left) {
			vec_deinit(&offs);
			return error_create_at(section_name, view->types_off + off,
					       "type %" PRIu64 " of %" PRIu64 " bytes does not fit "
					       "into the %" PRIu32 " bytes that are left",
					       id, record_size, left);
		}
		if (!vec_push(&offs, off)) {
			vec_deinit(&offs);
			return error_nomem();
		}
		off += record_size;
	}
	if (offs.num >= UINT32_MAX - view->first_id) {
		vec_deinit(&offs);
		return error_create_at(section_name, view->types_off, "too many types");
	}
	view->record_offs = offs.data;
	view->num_own = offs.num;
	view->num_ids = view->first_id + view->num_own;
	return NULL;
}

struct btfgen_error *btf_view_open(struct span bytes, const struct btf_view *base,
				   struct btf_view *ret_view)
{
	struct btf_view view = {
		.bytes = bytes,
		.base = base,
		.first_id = base ? base->num_ids : 1,
	};
	struct btfgen_error *err;

	err = header_read(&view);
	if (err)
		return err;
	err = sections_read(&view);
	if (err)
		return err;
	if (base && __builtin_add_overflow(base->first_str, base->strings_size, &view.first_str))
		return error_create_at(section_name, view.strings_off,
				       "the base BTF has too many strings");
	err = records_read(&view);
	if (err)
		return err;
	*ret_view = view;
	return NULL;
}

void btf_view_close(struct btf_view *view)
{
	free(view->record_offs);
	memset(view, 0, sizeof(*view));
}

const char *btf_view_find_string(const struct btf_view *view, uint32_t off)
{
	while (off < view->first_str && view->base)
		view = view->base;
	if (off - view->first_str >= view->strings_size)
		return NULL;
	return (const char *)view->bytes.data + view->strings_off + (off - view->first_str);
}

const char *btf_view_string(const struct btf_view *view, uint32_t off)
{
	const char *string = btf_view_find_string(view, off);

	return string ? string : "";
}

uint32_t btf_view_tail_word(const struct btf_view *view, uint32_t id, uint32_t k)
{
	const uint8_t *record = btf_view_record(view, id);
	uint32_t info = btf_view_load(view, record, BTF_RECORD_INFO_OFF);

	if (k >= view_kind_info(btf_info_kind(info))->tail_size / 4)
		return 0;
	return btf_view_load(view, record, BTF_RECORD_SIZE + k * 4);
}

uint32_t btf_view_elem_word(const struct btf_view *view, uint32_t id, uint32_t i, uint32_t k)
{
	const uint8_t *record = btf_view_record(view, id);
	uint32_t info = btf_view_load(view, record, BTF_RECORD_INFO_OFF);
	const struct btf_kind_info *kind = view_kind_info(btf_info_kind(info));

	if (i >= btf_info_vlen(info) || k >= kind->elem_size / 4)
		return 0;
	return load_u32(record + BTF_RECORD_SIZE + kind->tail_size + (size_t)i * kind->elem_size +
				k * 4,
			view->swap);
}

struct btf_view_int btf_view_int(const struct btf_view *view, uint32_t id)
{
	struct btf_view_int ret = {};

	if (btf_view_kind(view, id) == BTF_INT) {
		uint32_t tail = btf_view_tail_word(view, id, 0);

		ret.encoding = btf_int_encoding(tail);
		ret.bit_off = btf_int_bit_off(tail);
		ret.bits = btf_int_bits(tail);
	}
	return ret;
}

struct btf_view_array btf_view_array(const struct btf_view *view, uint32_t id)
{
	struct btf_view_array ret = {};

	if (btf_view_kind(view, id) == BTF_ARRAY) {
		ret.elem_id = btf_view_tail_word(view, id, 0);
		ret.index_id = btf_view_tail_word(view, id, 1);
		ret.num = btf_view_tail_word(view, id, 2);
	}
	return ret;
}

struct btf_view_member btf_view_member(const struct btf_view *view, uint32_t id, uint32_t i)
{
	uint32_t info = btf_view_info(view, id);
	struct btf_view_member ret = { .name = "" };
	uint32_t off;

	if (!btf_kind_is_composite(btf_info_kind(info)))
		return ret;
	ret.name = btf_view_string(view, btf_view_elem_word(view, id, i, 0));
	ret.type_id = btf_view_elem_word(view, id, i, 1);
	off = btf_view_elem_word(view, id, i, 2);
	if (btf_info_flag(info)) {
		ret.bit_off = btf_member_bit_off(off);
		ret.bits = btf_member_bits(off);
	} else {
		ret.bit_off = off;
	}
	return ret;
}

struct btf_view_value btf_view_value(const struct btf_view *view, uint32_t id, uint32_t i)
{
	uint32_t info = btf_view_info(view, id);
	struct btf_view_value ret = { .name = "" };

	if (!btf_kind_is_enum(btf_info_kind(info)))
		return ret;
	ret.name = btf_view_string(view, btf_view_elem_word(view, id, i, 0));
	ret.value = btf_view_elem_word(view, id, i, 1);
	if (btf_info_kind(info) == BTF_ENUM64)
		ret.value |= (uint64_t)btf_view_elem_word(view, id, i, 2) << 32;
	else if (btf_info_flag(info))
		ret.value = (uint64_t)(int64_t)(int32_t)ret.value;
	return ret;
}

struct btf_view_param btf_view_param(const struct btf_view *view, uint32_t id, uint32_t i)
{
	struct btf_view_param ret = { .name = "" };

	if (btf_view_kind(view, id) == BTF_FUNC_PROTO) {
		ret.name = btf_view_string(view, btf_view_elem_word(view, id, i, 0));
		ret.type_id = btf_view_elem_word(view, id, i, 1);
	}
	return ret;
}

struct btf_view_entry btf_view_entry(const struct btf_view *view, uint32_t id, uint32_t i)
{
	struct btf_view_entry ret = {};

	if (btf_view_kind(view, id) == BTF_DATASEC) {
		ret.var_id = btf_view_elem_word(view, id, i, 0);
		ret.off = btf_view_elem_word(view, id, i, 1);
		ret.size = btf_view_elem_word(view, id, i, 2);
	}
	return ret;
}

uint32_t btf_view_linkage(const struct btf_view *view, uint32_t id)
{
	return btf_view_kind(view, id) == BTF_VAR ? btf_view_tail_word(view, id, 0) : 0;
}
