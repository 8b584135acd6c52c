// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Objects and arrays are opened and closed by the calls below; where a comma or a new line belongs
 * follows from them. In the pretty form each member has a line, indented by four times the number
 * of open brackets, and the objects of an array follow each other as `},{`.
 */
#include "lib/base/utf8.h"
#include "lib/btf/dump_internal.h"

struct json_out {
	struct text_out *text;
	const struct btf_view *view;
	bool pretty;
	bool need_comma;
	unsigned int depth;
};

static void new_line(struct json_out *json)
{
	if (!json->pretty)
		return;
	text_char(json->text, '\n');
	text_repeat(json->text, ' ', 4 * (size_t)json->depth);
}

static void open_bracket(struct json_out *json, char bracket)
{
	text_char(json->text, bracket);
	json->depth++;
	json->need_comma = false;
}

static void close_bracket(struct json_out *json, char bracket)
{
	bool has_members = json->need_comma;

	json->depth--;
	if (has_members)
		new_line(json);
	text_char(json->text, bracket);
	json->need_comma = true;
}

static void open_element(struct json_out *json)
{
	if (json->need_comma)
		text_char(json->text, ',');
	open_bracket(json, '{');
}

static void show_key(struct json_out *json, const char *key)
{
	if (json->need_comma)
		text_char(json->text, ',');
	json->need_comma = true;
	new_line(json);
	text_char(json->text, '"');
	text_string(json->text, key);
	text_string(json->text, json->pretty ? "\": " : "\":");
}

static void show_u64(struct json_out *json, const char *key, uint64_t value)
{
	show_key(json, key);
	text_u64(json->text, value);
}

static void show_i64(struct json_out *json, const char *key, int64_t value)
{
	show_key(json, key);
	text_i64(json->text, value);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void show_special(struct text_out *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[] = "\"\"\\\\\tt\nn\rr\ff\bb";

	for (size_t i = 0; i < sizeof(letters) - 1; i += 2) {
		if ((unsigned char)letters[i] == c) {
			text_char(out, '\\');
			text_char(out, letters[i + 1]);
			return;
		}
	}
	text_literal(out, "\\u00");
	text_char(out, hex[c >> 4]);
	text_char(out, hex[c & 15]);
}

static void show_string(struct json_out *json, const char *key, const char *value)
{
	const unsigned char *s = (const unsigned char *)value;
	struct text_out *out = json->text;

	show_key(json, key);
	text_char(out, '"');
	while (*s) {
		size_t size = 0;

		while (is_plain(s[size]))
			size++;
		if (size == 0 && *s >= 0x80)
			size = utf8_size(s);
		if (size) {
			text_bytes(out, (const char *)s, size);
		} else if (*s >= 0x80) {
			text_literal(out, "\\ufffd");
		} else {
			show_special(out, *s);
		}
		s += size ? size : 1;
	}
	text_char(out, '"');
}

static void show_name(struct json_out *json, uint32_t name_off)
{
	show_string(json, "name", dump_name(json->view, name_off));
}

static void show_vlen(struct json_out *json, uint32_t vlen, const char *key)
{
	show_u64(json, "vlen", vlen);
	show_key(json, key);
	open_bracket(json, '[');
}

static void show_int(struct json_out *json, uint32_t id)
{
	struct btf_view_int in = btf_view_int(json->view, id);

	show_u64(json, "size", btf_view_word(json->view, id));
	show_u64(json, "bits_offset", in.bit_off);
	show_u64(json, "nr_bits", in.bits);
	show_string(json, "encoding", dump_encoding(in.encoding));
}

static void show_array(struct json_out *json, uint32_t id)
{
	struct btf_view_array array = btf_view_array(json->view, id);

	show_u64(json, "type_id", array.elem_id);
	show_u64(json, "index_type_id", array.index_id);
	show_u64(json, "nr_elems", array.num);
}

static void show_composite(struct json_out *json, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(json->view, id);

	show_u64(json, "size", btf_view_word(json->view, id));
	show_vlen(json, vlen, "members");
	for (uint32_t i = 0; i < vlen && !json->text->failed; i++) {
		struct btf_view_member member = btf_view_member(json->view, id, i);

		open_element(json);
		show_name(json, btf_view_elem_word(json->view, id, i, 0));
		show_u64(json, "type_id", member.type_id);
		show_u64(json, "bits_offset", member.bit_off);
		if (member.bits)
			show_u64(json, "bitfield_size", member.bits);
		close_bracket(json, '}');
	}
	close_bracket(json, ']');
}

static void show_enum(struct json_out *json, uint32_t id)
{
	bool is_signed = btf_view_flag(json->view, id);
	uint32_t vlen = btf_view_vlen(json->view, id);

	show_string(json, "encoding", is_signed ? "SIGNED" : "UNSIGNED");
	show_u64(json, "size", btf_view_word(json->view, id));
	show_vlen(json, vlen, "values");
	for (uint32_t i = 0; i < vlen && !json->text->failed; i++) {
		uint64_t value = btf_view_value(json->view, id, i).value;

		open_element(json);
		show_name(json, btf_view_elem_word(json->view, id, i, 0));
		if (is_signed)
			show_i64(json, "val", (int64_t)value);
		else
			show_u64(json, "val", value);
		close_bracket(json, '}');
	}
	close_bracket(json, ']');
}

static void show_proto(struct json_out *json, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(json->view, id);

	show_u64(json, "ret_type_id", btf_view_word(json->view, id));
	show_vlen(json, vlen, "params");
	for (uint32_t i = 0; i < vlen && !json->text->failed; i++) {
		open_element(json);
		show_name(json, btf_view_elem_word(json->view, id, i, 0));
		show_u64(json, "type_id", btf_view_param(json->view, id, i).type_id);
		close_bracket(json, '}');
	}
	close_bracket(json, ']');
}

static void show_section(struct json_out *json, uint32_t id)
{
	uint32_t vlen = btf_view_vlen(json->view, id);

	show_u64(json, "size", btf_view_word(json->view, id));
	show_vlen(json, vlen, "vars");
	for (uint32_t i = 0; i < vlen && !json->text->failed; i++) {
		struct btf_view_entry entry = btf_view_entry(json->view, id, i);

		open_element(json);
		show_u64(json, "type_id", entry.var_id);
		show_u64(json, "offset", entry.off);
		show_u64(json, "size", entry.size);
		close_bracket(json, '}');
	}
	close_bracket(json, ']');
}

static void show_rest(struct json_out *json, uint32_t id, uint32_t kind)
{
	const struct btf_view *view = json->view;

	switch (kind) {
	case BTF_INT:
		show_int(json, id);
		break;
	case BTF_PTR:
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		show_u64(json, "type_id", btf_view_word(view, id));
		break;
	case BTF_ARRAY:
		show_array(json, id);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		show_composite(json, id);
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		show_enum(json, id);
		break;
	case BTF_FWD:
		show_string(json, "fwd_kind", btf_view_flag(view, id) ? "union" : "struct");
		break;
	case BTF_FUNC:
		show_u64(json, "type_id", btf_view_word(view, id));
		show_string(json, "linkage", dump_linkage(btf_view_vlen(view, id)));
		break;
	case BTF_FUNC_PROTO:
		show_proto(json, id);
		break;
	case BTF_VAR:
		show_u64(json, "type_id", btf_view_word(view, id));
		show_string(json, "linkage", dump_linkage(btf_view_linkage(view, id)));
		break;
	case BTF_DATASEC:
		show_section(json, id);
		break;
	case BTF_FLOAT:
		show_u64(json, "size", btf_view_word(view, id));
		break;
	case BTF_DECL_TAG:
		show_u64(json, "type_id", btf_view_word(view, id));
		show_i64(json, "component_idx", (int32_t)btf_view_tail_word(view, id, 0));
		break;
	}
}

static void show_type(const struct btf_view *view, uint32_t id, void *arg)
{
	uint32_t kind = btf_view_kind(view, id);
	struct json_out *json = arg;

	open_element(json);
	show_u64(json, "id", id);
	show_string(json, "kind", dump_kind(kind));
	show_name(json, btf_view_name_off(view, id));
	show_rest(json, id, kind);
	close_bracket(json, '}');
}

void btf_dump_json(const struct btf_view *view, const struct dump_ids *ids, bool pretty,
		   struct text_out *out)
{
	struct json_out json = { .text = out, .view = view, .pretty = pretty };

	open_bracket(&json, '{');
	show_key(&json, "types");
	open_bracket(&json, '[');
	dump_each(view, ids, out, show_type, &json);
	close_bracket(&json, ']');
	close_bracket(&json, '}');
	text_char(out, '\n');
}
