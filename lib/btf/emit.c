// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The bytes of a layout.
 *
 * Each record's place is known, so the type section is cut into ranges of about RANGE_SIZE bytes
 * that are written independently: a range is the records that start in it. The string section is
 * ready in the layout and is copied in ranges of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/span.h"
#include "lib/btf/format.h"
#include "lib/btf/layout_internal.h"

enum { RANGE_SIZE = 128 << 10 };

struct emit_ctx {
	const struct btf_layout *layout;
	uint8_t *types; /* where the sections start in the buffer */
	uint8_t *strings;
	size_t num_type_ranges;
	size_t num_string_ranges;
	bool swap;
};

static inline uint8_t *put(uint8_t *p, uint32_t v, bool swap)
{
	store_u32(p, v, swap);
	return p + 4;
}

static uint8_t *emit_head(uint8_t *p, const struct layout_record *record, uint32_t name_off,
			  uint32_t vlen, uint32_t word, bool swap)
{
	p = put(p, name_off, swap);
	p = put(p, btf_info_make(record->kind, record->kind_flag, vlen), swap);
	return put(p, word, swap);
}

static uint32_t type_word(const struct btf_layout *layout, const struct layout_record *record,
			  const struct settled_type *type)
{
	switch (btf_kind_table[record->kind].word) {
	case BTF_WORD_ID:
		return layout->type_ids[type->ref.v];
	case BTF_WORD_BYTES:
		if (type->kind == GRAPH_FWD_ENUM && !type->size)
			return 4;
		return type->size;
	default:
		return 0;
	}
}

static uint8_t *emit_type(const struct btf_layout *layout, const struct layout_record *record,
			  uint8_t *p, bool swap)
{
	const struct settled_type *type =
		type_store_type(layout->input.store, (struct type_id){ record->index });
	struct str_id name;
	bool any;

	name = layout_type_name(layout->input.store, type, &any);
	p = emit_head(p, record, layout_string_off(layout, name, any), layout_type_vlen(type),
		      type_word(layout, record, type), swap);

	switch (record->kind) {
	case BTF_INT:
		return put(p, btf_int_make(type->encoding, 0, type->size * 8), swap);
	case BTF_ARRAY:
		p = put(p, layout->type_ids[type->ref.v], swap);
		p = put(p, layout->index_int_id, swap);
		return put(p, type->size, swap);
	case BTF_STRUCT:
	case BTF_UNION:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			const struct settled_elem *elem = &type->elems[i];

			p = put(p, layout_string_off(layout, elem->name, false), swap);
			p = put(p, layout->type_ids[elem->type.v], swap);
			p = put(p,
				record->kind_flag ? btf_member_make(elem->value, elem->bit_size) :
						    elem->value,
				swap);
		}
		return p;
	case BTF_ENUM:
	case BTF_ENUM64:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			const struct settled_elem *elem = &type->elems[i];

			p = put(p, layout_string_off(layout, elem->name, false), swap);
			p = put(p, elem->value, swap);
			if (record->kind == BTF_ENUM64)
				p = put(p, elem->value >> 32, swap);
		}
		return p;
	case BTF_FUNC_PROTO:
		for (uint32_t i = 0; i < type->num_elems; i++) {
			const struct settled_elem *elem = &type->elems[i];

			p = put(p, layout_string_off(layout, elem->name, false), swap);
			p = put(p, layout->type_ids[elem->type.v], swap);
		}
		if (type->flags & GRAPH_VARARGS) {
			p = put(p, 0, swap);
			p = put(p, 0, swap);
		}
		return p;
	default:
		return p;
	}
}

static uint8_t *emit_index_int(const struct btf_layout *layout, const struct layout_record *record,
			       uint8_t *p, bool swap)
{
	p = emit_head(p, record, layout->index_int_off, 0, 4, swap);
	return put(p, btf_int_make(BTF_ENCODING_SIGNED, 0, 32), swap);
}

static uint8_t *emit_var(const struct btf_layout *layout, const struct layout_record *record,
			 uint8_t *p, bool swap)
{
	const struct layout_var *var = &layout->input.vars[record->index];

	p = emit_head(p, record, layout_string_off(layout, var->name, false), 0,
		      layout->type_ids[var->type.v], swap);
	return put(p, var->linkage, swap);
}

static uint8_t *emit_func(const struct btf_layout *layout, const struct layout_record *record,
			  uint8_t *p, bool swap)
{
	const struct layout_func *func = &layout->input.funcs[record->index];

	return emit_head(p, record, layout_string_off(layout, func->name, false), func->linkage,
			 layout->type_ids[func->proto.v], swap);
}

static uint8_t *emit_tag(const struct btf_layout *layout, const struct layout_record *record,
			 uint8_t *p, bool swap)
{
	const struct layout_tag *tag = &layout->input.tags[record->index];

	p = emit_head(p, record, layout_string_off(layout, tag->text, true), 0,
		      layout_tag_target(layout, tag), swap);
	return put(p, tag->component, swap);
}

static uint8_t *emit_section(const struct btf_layout *layout, const struct layout_record *record,
			     uint8_t *p, bool swap)
{
	const struct layout_section *section = &layout->input.sections[record->index];

	p = emit_head(p, record, layout_string_off(layout, section->name, true),
		      section->num_entries, section->size, swap);
	for (uint32_t i = 0; i < section->num_entries; i++) {
		p = put(p, layout->var_ids[section->entries[i].var], swap);
		p = put(p, section->entries[i].off, swap);
		p = put(p, section->entries[i].size, swap);
	}
	return p;
}

/* The first id whose record starts at or behind @off; the end marker if there is none. */
static uint32_t record_at(const struct btf_layout *layout, uint64_t off)
{
	uint32_t low = 1, high = layout->num_records;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (layout->records[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct btfgen_error *emit_types(const struct emit_ctx *ctx, size_t range)
{
	const struct btf_layout *layout = ctx->layout;
	uint32_t id = record_at(layout, (uint64_t)range * RANGE_SIZE);
	uint32_t end = record_at(layout, ((uint64_t)range + 1) * RANGE_SIZE);
	uint8_t *p = ctx->types + layout->records[id].off;

	for (; id < end; id++) {
		const struct layout_record *record = &layout->records[id];

		switch (record->source) {
		case RECORD_TYPE:
			p = emit_type(layout, record, p, ctx->swap);
			break;
		case RECORD_INDEX_INT:
			p = emit_index_int(layout, record, p, ctx->swap);
			break;
		case RECORD_VAR:
			p = emit_var(layout, record, p, ctx->swap);
			break;
		case RECORD_FUNC:
			p = emit_func(layout, record, p, ctx->swap);
			break;
		case RECORD_SECTION:
			p = emit_section(layout, record, p, ctx->swap);
			break;
		case RECORD_TAG:
			p = emit_tag(layout, record, p, ctx->swap);
			break;
		}
	}
	if (p != ctx->types + layout->records[end].off)
		return error_create(BTFGEN_ERROR_VERIFY,
				    "records before type %u do not have the size laid out", end);
	return NULL;
}

static struct btfgen_error *emit_range(void *pctx, unsigned int worker, size_t index)
{
	const struct emit_ctx *ctx = pctx;
	size_t off, size;

	(void)worker;
	if (index < ctx->num_type_ranges)
		return emit_types(ctx, index);
	off = (index - ctx->num_type_ranges) * RANGE_SIZE;
	size = ctx->layout->strings.num - off;
	memcpy(ctx->strings + off, ctx->layout->strings.data + off,
	       size < RANGE_SIZE ? size : RANGE_SIZE);
	return NULL;
}

static void emit_header(const struct btf_layout *layout, const struct layout_stats *stats,
			uint8_t *p, bool swap)
{
	uint32_t table_size = layout_table_size(layout);

	store_u16(p + BTF_HEADER_MAGIC_OFF, BTF_HEADER_MAGIC, swap);
	p[BTF_HEADER_VERSION_OFF] = BTF_HEADER_VERSION;
	p[BTF_HEADER_FLAGS_OFF] = 0;
	store_u32(p + BTF_HEADER_SIZE_OFF, layout_header_size(layout), swap);
	store_u32(p + BTF_HEADER_TYPES_OFF_OFF, 0, swap);
	store_u32(p + BTF_HEADER_TYPES_SIZE_OFF, stats->type_bytes, swap);
	store_u32(p + BTF_HEADER_STRINGS_OFF_OFF, stats->type_bytes + table_size, swap);
	store_u32(p + BTF_HEADER_STRINGS_SIZE_OFF, stats->string_bytes, swap);
	if (!table_size)
		return;
	store_u32(p + BTF_HEADER_LAYOUT_OFF_OFF, stats->type_bytes, swap);
	store_u32(p + BTF_HEADER_LAYOUT_SIZE_OFF, table_size, swap);
	p += layout_header_size(layout) + stats->type_bytes;
	for (uint32_t kind = 0; kind < BTF_NUM_KINDS; kind++, p += BTF_LAYOUT_ENTRY_SIZE) {
		p[0] = btf_kind_table[kind].tail_size;
		p[1] = btf_kind_table[kind].elem_size;
		store_u16(p + 2, 0, swap);
	}
}

struct btfgen_error *btf_emit(const struct btf_layout *layout, struct pool *pool,
			      uint8_t **ret_bytes, size_t *ret_size)
{
	struct layout_stats stats = btf_layout_stats(layout);
	uint8_t *bytes = malloc(stats.total_bytes);
	struct btfgen_error *err;
	struct emit_ctx ctx;

	if (!bytes)
		return error_nomem();
	ctx = (struct emit_ctx){
		.layout = layout,
		.types = bytes + layout_header_size(layout),
		.strings = bytes + stats.total_bytes - stats.string_bytes,
		.num_type_ranges = (stats.type_bytes + RANGE_SIZE - 1) / RANGE_SIZE,
		.num_string_ranges = (stats.string_bytes + RANGE_SIZE - 1) / RANGE_SIZE,
		.swap = layout->input.big_endian != HOST_BIG_ENDIAN,
	};
	emit_header(layout, &stats, bytes, ctx.swap);
	err = pool_for(pool, ctx.num_type_ranges + ctx.num_string_ranges, NULL, emit_range, &ctx);
	if (err) {
		free(bytes);
		return err;
	}
	*ret_bytes = bytes;
	*ret_size = stats.total_bytes;
	return NULL;
}
