// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/dump_internal.h"

static void show_name(struct text_out *out, const struct btf_view *view, uint32_t name_off)
{
	text_char(out, '\'');
	text_name(out, dump_name(view, name_off));
	text_char(out, '\'');
}

#define show_number(out, key, value)                                                               \
	do {                                                                                       \
		text_literal(out, " " key "=");                                                    \
		text_u64(out, value);                                                              \
	} while (0)

#define show_word(out, key, word)                                                                  \
	do {                                                                                       \
		text_literal(out, " " key "=");                                                    \
		text_string(out, word);                                                            \
	} while (0)

static void start_element(struct text_out *out, const struct btf_view *view, uint32_t id,
			  uint32_t i)
{
	text_literal(out, "\n\t");
	show_name(out, view, btf_view_elem_word(view, id, i, 0));
}

static void show_int(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	struct btf_view_int in = btf_view_int(view, id);

	show_number(out, "size", btf_view_word(view, id));
	show_number(out, "bits_offset", in.bit_off);
	show_number(out, "nr_bits", in.bits);
	show_word(out, "encoding", dump_encoding(in.encoding));
}

static void show_array(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	struct btf_view_array array = btf_view_array(view, id);

	show_number(out, "type_id", array.elem_id);
	show_number(out, "index_type_id", array.index_id);
	show_number(out, "nr_elems", array.num);
}

static void show_composite(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(view, id);

	show_number(out, "size", btf_view_word(view, id));
	show_number(out, "vlen", vlen);
	for (uint32_t i = 0; i < vlen && !out->failed; i++) {
		struct btf_view_member member = btf_view_member(view, id, i);

		start_element(out, view, id, i);
		show_number(out, "type_id", member.type_id);
		show_number(out, "bits_offset", member.bit_off);
		if (member.bits)
			show_number(out, "bitfield_size", member.bits);
	}
}

static void show_enum(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	bool is_signed = btf_view_flag(view, id);
	bool is_wide = btf_view_kind(view, id) == BTF_ENUM64;
	uint32_t vlen = btf_view_vlen(view, id);

	show_word(out, "encoding", is_signed ? "SIGNED" : "UNSIGNED");
	show_number(out, "size", btf_view_word(view, id));
	show_number(out, "vlen", vlen);
	for (uint32_t i = 0; i < vlen && !out->failed; i++) {
		uint64_t value = btf_view_value(view, id, i).value;

		start_element(out, view, id, i);
		text_literal(out, " val=");
		if (is_signed)
			text_i64(out, (int64_t)value);
		else
			text_u64(out, value);
		if (is_wide && is_signed)
			text_literal(out, "LL");
		else if (is_wide)
			text_literal(out, "ULL");
	}
}

static void show_proto(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(view, id);

	show_number(out, "ret_type_id", btf_view_word(view, id));
	show_number(out, "vlen", vlen);
	for (uint32_t i = 0; i < vlen && !out->failed; i++) {
		start_element(out, view, id, i);
		show_number(out, "type_id", btf_view_param(view, id, i).type_id);
	}
}

static void show_section(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(view, id);

	show_number(out, "size", btf_view_word(view, id));
	show_number(out, "vlen", vlen);
	for (uint32_t i = 0; i < vlen && !out->failed; i++) {
		struct btf_view_entry entry = btf_view_entry(view, id, i);

		text_literal(out, "\n\ttype_id=");
		text_u64(out, entry.var_id);
		show_number(out, "offset", entry.off);
		show_number(out, "size", entry.size);
		if (entry.var_id == 0 || entry.var_id >= view->num_ids)
			continue;
		text_literal(out, " (");
		text_string(out, dump_kind(btf_view_kind(view, entry.var_id)));
		text_char(out, ' ');
		show_name(out, view, btf_view_name_off(view, entry.var_id));
		text_char(out, ')');
	}
}

static void show_var(struct text_out *out, const struct btf_view *view, uint32_t id)
{
	show_number(out, "type_id", btf_view_word(view, id));
	text_char(out, ',');
	show_word(out, "linkage", dump_linkage(btf_view_linkage(view, id)));
}

static void show_type(const struct btf_view *view, uint32_t id, void *arg)
{
	uint32_t kind = btf_view_kind(view, id);
	struct text_out *out = arg;

	text_char(out, '[');
	text_u64(out, id);
	text_literal(out, "] ");
	text_string(out, dump_kind(kind));
	text_char(out, ' ');
	show_name(out, view, btf_view_name_off(view, id));
	switch (kind) {
	case BTF_INT:
		show_int(out, view, id);
		break;
	case BTF_PTR:
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		show_number(out, "type_id", btf_view_word(view, id));
		break;
	case BTF_ARRAY:
		show_array(out, view, id);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		show_composite(out, view, id);
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		show_enum(out, view, id);
		break;
	case BTF_FWD:
		show_word(out, "fwd_kind", btf_view_flag(view, id) ? "union" : "struct");
		break;
	case BTF_FUNC:
		show_number(out, "type_id", btf_view_word(view, id));
		show_word(out, "linkage", dump_linkage(btf_view_vlen(view, id)));
		break;
	case BTF_FUNC_PROTO:
		show_proto(out, view, id);
		break;
	case BTF_VAR:
		show_var(out, view, id);
		break;
	case BTF_DATASEC:
		show_section(out, view, id);
		break;
	case BTF_FLOAT:
		show_number(out, "size", btf_view_word(view, id));
		break;
	case BTF_DECL_TAG:
		show_number(out, "type_id", btf_view_word(view, id));
		text_literal(out, " component_idx=");
		text_i64(out, (int32_t)btf_view_tail_word(view, id, 0));
		break;
	}
	text_char(out, '\n');
}

void btf_dump_raw(const struct btf_view *view, const struct dump_ids *ids, struct text_out *out)
{
	dump_each(view, ids, out, show_type, out);
}
