// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Rules of a record for itself, and of modifier chains. */
#include "lib/btf/verify_internal.h"

/* Names. */

enum { BYTE_FIRST = 1, BYTE_LATER = 2 };

/* Letters are those of the kernel's isalpha(), which knows Latin-1. */
static const uint8_t identifier_bytes[256] = {
	['a' ... 'z'] = BYTE_FIRST | BYTE_LATER,
	['A' ... 'Z'] = BYTE_FIRST | BYTE_LATER,
	['_'] = BYTE_FIRST | BYTE_LATER,
	['.'] = BYTE_FIRST | BYTE_LATER,
	['0' ... '9'] = BYTE_LATER,
	[0xc0 ... 0xd6] = BYTE_FIRST | BYTE_LATER,
	[0xd8 ... 0xf6] = BYTE_FIRST | BYTE_LATER,
	[0xf8 ... 0xff] = BYTE_FIRST | BYTE_LATER,
};

static size_t max_name(const struct verify *v)
{
	return v->options->max_name ? v->options->max_name : BTF_LIMIT_IDENTIFIER;
}

static bool text_is_identifier(const uint8_t *text, size_t max)
{
	size_t len = 1;

	if (!(identifier_bytes[text[0]] & BYTE_FIRST))
		return false;
	while (len <= max && identifier_bytes[text[len]])
		len++;
	return len <= max && !text[len];
}

static bool text_is_section_name(const uint8_t *text, size_t max)
{
	size_t len = 0;

	while (len <= max && ((text[len] >= 0x20 && text[len] < 0x7f) || text[len] >= 0xa0))
		len++;
	return len && len <= max && !text[len];
}

/* Most names are used many times, so each whole string is looked at once. */
void verify_find_identifiers(const struct verify *v, uint32_t piece)
{
	const uint8_t *strings = v->view->bytes.data + v->view->strings_off;
	uint32_t at = piece * VERIFY_PIECE_STRINGS, end = v->view->strings_size, start;
	uint32_t max = max_name(v);

	if (end - at > VERIFY_PIECE_STRINGS)
		end = at + VERIFY_PIECE_STRINGS;
	/* A string that starts before the piece belongs to another one. */
	while (at && at < end && strings[at - 1])
		at++;
	while (at < end) {
		start = at;
		/* The last byte of all is a zero, which no identifier holds. */
		if (identifier_bytes[strings[at]] & BYTE_FIRST) {
			while (identifier_bytes[strings[at]] && at - start <= max)
				at++;
			if (!strings[at] && at - start <= max)
				v->identifiers[start / 64] |= 1ull << start % 64;
		}
		while (at < end && strings[at])
			at++;
		at++;
	}
}

bool verify_name_exists(const struct verify *v, uint32_t name_off)
{
	if (name_off > BTF_LIMIT_STR_OFF)
		return false;
	if (name_off - v->view->first_str < v->view->strings_size)
		return true;
	return btf_view_find_string(v->view, name_off);
}

bool verify_name_is_identifier(const struct verify *v, uint32_t name_off)
{
	uint32_t own = name_off - v->view->first_str;

	/* A bit that is not set may still be the tail of a whole string. */
	if (own < v->view->strings_size && v->identifiers[own / 64] >> own % 64 & 1)
		return true;
	return text_is_identifier((const uint8_t *)btf_view_string(v->view, name_off), max_name(v));
}

static const char *name_problem(const struct verify *v, enum btf_name_use use, uint32_t name_off)
{
	const char *name;

	switch (use) {
	case BTF_NAME_ANY:
		return NULL;
	case BTF_NAME_NONE:
		return name_off ? "has a name" : NULL;
	case BTF_NAME_TEXT:
		return *btf_view_string(v->view, name_off) ? NULL : "has no name";
	case BTF_NAME_OPTIONAL:
		if (!name_off)
			return NULL;
		break;
	case BTF_NAME_IDENTIFIER:
	case BTF_NAME_SECTION:
		if (!name_off)
			return "has no name";
		break;
	}
	if (use == BTF_NAME_SECTION && !v->options->plain_sections) {
		name = btf_view_string(v->view, name_off);
		return text_is_section_name((const uint8_t *)name, max_name(v)) ?
			       NULL :
			       "name is no section name";
	}
	return verify_name_is_identifier(v, name_off) ? NULL : "name is no identifier";
}

/* Records: M. */

static const char *const record_rules[BTF_NUM_KINDS] = {
	[BTF_INT] = "M10",	[BTF_PTR] = "M11",	  [BTF_CONST] = "M11",
	[BTF_VOLATILE] = "M11", [BTF_RESTRICT] = "M11",	  [BTF_TYPEDEF] = "M12",
	[BTF_TYPE_TAG] = "M13", [BTF_FWD] = "M14",	  [BTF_ARRAY] = "M15",
	[BTF_STRUCT] = "M16",	[BTF_UNION] = "M16",	  [BTF_ENUM] = "M17",
	[BTF_ENUM64] = "M17",	[BTF_FUNC_PROTO] = "M18", [BTF_FUNC] = "M19",
	[BTF_VAR] = "M20",	[BTF_DATASEC] = "M21",	  [BTF_FLOAT] = "M22",
	[BTF_DECL_TAG] = "M23",
};

static bool int_record_check(const struct verify *v, uint32_t id, uint32_t size, uint32_t tail,
			     struct verify_violation *ret_violation)
{
	uint32_t bits = btf_int_bits(tail) + btf_int_bit_off(tail);
	uint32_t encoding = btf_int_encoding(tail);

	if (tail >> 28)
		return verify_violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
				      "unknown bits in tail 0x%08" PRIx32, tail);
	if (bits > 128)
		return verify_violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
				      "%" PRIu32 " bits, 128 are allowed", bits);
	if ((bits + 7) / 8 > size)
		return verify_violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
				      "%" PRIu32 " bits in a size of %" PRIu32, bits, size);
	if (encoding & (encoding - 1) || encoding > BTF_ENCODING_BOOL)
		return verify_violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
				      "unknown encoding %" PRIu32, encoding);
	return true;
}

static bool reference_in_range(uint32_t id)
{
	return id && id <= BTF_LIMIT_REF;
}

static bool member_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				uint32_t info, uint32_t i, uint32_t *last_off,
				struct verify_violation *ret_violation)
{
	const uint8_t *elem = record + BTF_RECORD_SIZE + (size_t)i * 12;
	uint32_t size = load(v, record, BTF_RECORD_WORD_OFF), before = *last_off;
	uint32_t name_off = load(v, elem, 0), type_id = load(v, elem, 4), off = load(v, elem, 8);

	if (btf_info_flag(info))
		off = btf_member_bit_off(off);
	*last_off = off;
	if (!verify_name_exists(v, name_off))
		return verify_violate(v, ret_violation, "M16", id, i,
				      "name offset 0x%" PRIx32 " is outside the strings", name_off);
	if (name_off && !verify_name_is_identifier(v, name_off))
		return verify_violate(v, ret_violation, "M16", id, i, "name is no identifier");
	if (!reference_in_range(type_id))
		return verify_violate(v, ret_violation, "M16", id, i, "type id %" PRIu32, type_id);
	if (btf_info_kind(info) == BTF_UNION && off)
		return verify_violate(v, ret_violation, "M16", id, i,
				      "offset %" PRIu32 " in a union", off);
	if (off < before)
		return verify_violate(v, ret_violation, "M16", id, i,
				      "offset decreases from bit %" PRIu32 " to %" PRIu32, before,
				      off);
	if (((uint64_t)off + 7) / 8 > size)
		return verify_violate(v, ret_violation, "M16", id, i,
				      "starts at bit %" PRIu32 ", behind the size of %" PRIu32, off,
				      size);
	return true;
}

static bool members_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				 uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t vlen = btf_info_vlen(info), last_off = 0;

	for (uint32_t i = 0; i < vlen; i++) {
		if (!member_record_check(v, id, record, info, i, &last_off, ret_violation) &&
		    !verify_goes_on(v))
			return false;
	}
	return true;
}

static bool value_record_check(const struct verify *v, uint32_t id, uint32_t i, uint32_t name_off,
			       struct verify_violation *ret_violation)
{
	if (!verify_name_exists(v, name_off))
		return verify_violate(v, ret_violation, "M17", id, i,
				      "name offset 0x%" PRIx32 " is outside the strings", name_off);
	if (!name_off)
		return verify_violate(v, ret_violation, "M17", id, i, "has no name");
	if (!verify_name_is_identifier(v, name_off))
		return verify_violate(v, ret_violation, "M17", id, i, "name is no identifier");
	return true;
}

static bool values_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t size = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	uint32_t elem_size = btf_kind_table[btf_info_kind(info)].elem_size;
	const uint8_t *elem = record + BTF_RECORD_SIZE;

	if (v->options->plain_enums && btf_info_flag(info))
		return verify_violate(v, ret_violation, "M17", id, VERIFY_NO_INDEX,
				      "has the kind flag");
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return verify_violate(v, ret_violation, "M17", id, VERIFY_NO_INDEX, "size %" PRIu32,
				      size);
	for (uint32_t i = 0; i < vlen; i++, elem += elem_size) {
		if (!value_record_check(v, id, i, load(v, elem, 0), ret_violation) &&
		    !verify_goes_on(v))
			return false;
	}
	return true;
}

static bool entry_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
			       uint32_t i, uint64_t *last_end,
			       struct verify_violation *ret_violation)
{
	const uint8_t *elem = record + BTF_RECORD_SIZE + (size_t)i * 12;
	uint32_t total = load(v, record, BTF_RECORD_WORD_OFF);
	uint32_t var_id = load(v, elem, 0), off = load(v, elem, 4), size = load(v, elem, 8);
	uint64_t before = *last_end;

	*last_end = (uint64_t)off + size;
	if (!reference_in_range(var_id))
		return verify_violate(v, ret_violation, "M21", id, i, "type id %" PRIu32, var_id);
	if (off < before)
		return verify_violate(v, ret_violation, "M21", id, i,
				      "offset %" PRIu32 " is below %" PRIu64
				      ", the end of the entry before",
				      off, before);
	if (!size)
		return verify_violate(v, ret_violation, "M21", id, i, "size 0");
	if (*last_end > total)
		return verify_violate(v, ret_violation, "M21", id, i,
				      "ends at %" PRIu64 ", behind the size of %" PRIu32, *last_end,
				      total);
	return true;
}

static bool entries_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				 uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t total = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	uint64_t last_end = 0;

	if (v->options->filled_sections && !vlen)
		return verify_violate(v, ret_violation, "M21", id, VERIFY_NO_INDEX, "no entries");
	if (!total)
		return verify_violate(v, ret_violation, "M21", id, VERIFY_NO_INDEX, "size 0");
	for (uint32_t i = 0; i < vlen; i++) {
		if (!entry_record_check(v, id, record, i, &last_end, ret_violation) &&
		    !verify_goes_on(v))
			return false;
	}
	return true;
}

/* What only this kind demands, on top of btf_kind_table. */
static bool kind_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
			      uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t word = load(v, record, BTF_RECORD_WORD_OFF);
	uint32_t tail;

	switch (btf_info_kind(info)) {
	case BTF_INT:
		return int_record_check(v, id, word, load(v, record, BTF_RECORD_SIZE),
					ret_violation);
	case BTF_ARRAY:
		for (uint32_t k = 0; k < 2; k++) {
			tail = load(v, record, BTF_RECORD_SIZE + k * 4);
			if (!reference_in_range(tail) &&
			    !verify_violate(v, ret_violation, "M15", id, VERIFY_NO_INDEX,
					    "%s type id %" PRIu32, k ? "index" : "element", tail) &&
			    !verify_goes_on(v))
				return false;
		}
		return true;
	case BTF_STRUCT:
	case BTF_UNION:
		return members_record_check(v, id, record, info, ret_violation);
	case BTF_ENUM:
	case BTF_ENUM64:
		return values_record_check(v, id, record, info, ret_violation);
	case BTF_FUNC:
		if (btf_info_vlen(info) > BTF_LINKAGE_GLOBAL)
			return verify_violate(v, ret_violation, "M19", id, VERIFY_NO_INDEX,
					      "linkage %" PRIu32, btf_info_vlen(info));
		return true;
	case BTF_VAR:
		if (!word)
			return verify_violate(v, ret_violation, "M20", id, VERIFY_NO_INDEX,
					      "type id 0");
		tail = load(v, record, BTF_RECORD_SIZE);
		if (tail > BTF_LINKAGE_GLOBAL)
			return verify_violate(v, ret_violation, "M20", id, VERIFY_NO_INDEX,
					      "linkage %" PRIu32, tail);
		return true;
	case BTF_DATASEC:
		return entries_record_check(v, id, record, info, ret_violation);
	case BTF_FLOAT:
		if (word != 2 && word != 4 && word != 8 && word != 12 && word != 16)
			return verify_violate(v, ret_violation, "M22", id, VERIFY_NO_INDEX,
					      "size %" PRIu32, word);
		return true;
	case BTF_DECL_TAG:
		tail = load(v, record, BTF_RECORD_SIZE);
		if ((int32_t)tail < -1)
			return verify_violate(v, ret_violation, "M23", id, VERIFY_NO_INDEX,
					      "component %" PRId32, (int32_t)tail);
		return true;
	}
	return true;
}

/* The first three words, by what btf_kind_table says of the kind. */

static bool vlen_record_check(const struct verify *v, uint32_t id, uint32_t info,
			      struct verify_violation *ret_violation)
{
	uint32_t kind = btf_info_kind(info), vlen = btf_info_vlen(info);

	if (v->options->classic_info && vlen > BTF_LIMIT_VLEN_OLD)
		return verify_violate(v, ret_violation, "M2", id, VERIFY_NO_INDEX,
				      "vlen %" PRIu32 ", older kernels take %u", vlen,
				      BTF_LIMIT_VLEN_OLD);
	if (btf_kind_table[kind].vlen == BTF_VLEN_ZERO && vlen)
		return verify_violate(v, ret_violation, record_rules[kind], id, VERIFY_NO_INDEX,
				      "vlen %" PRIu32, vlen);
	return true;
}

static bool flag_record_check(const struct verify *v, uint32_t id, uint32_t info,
			      struct verify_violation *ret_violation)
{
	uint32_t kind = btf_info_kind(info), use = btf_kind_table[kind].flag;

	if (!btf_info_flag(info) ||
	    !(use == BTF_FLAG_ZERO || (use == BTF_FLAG_NEW && v->options->plain_tags)))
		return true;
	return verify_violate(v, ret_violation, record_rules[kind], id, VERIFY_NO_INDEX,
			      "has the kind flag");
}

static bool word_record_check(const struct verify *v, uint32_t id, uint32_t kind, uint32_t word,
			      struct verify_violation *ret_violation)
{
	if (btf_kind_table[kind].word == BTF_WORD_ZERO && word)
		return verify_violate(v, ret_violation, record_rules[kind], id, VERIFY_NO_INDEX,
				      "third word is %" PRIu32 ", not 0", word);
	if (btf_kind_table[kind].word == BTF_WORD_ID && word > BTF_LIMIT_REF)
		return verify_violate(v, ret_violation, record_rules[kind], id, VERIFY_NO_INDEX,
				      "type id %" PRIu32, word);
	return true;
}

static bool name_record_check(const struct verify *v, uint32_t id, uint32_t kind, uint32_t name_off,
			      struct verify_violation *ret_violation)
{
	const char *problem;

	/* M3 says what is wrong. */
	if (!verify_name_exists(v, name_off))
		return true;
	problem = name_problem(v, btf_kind_table[kind].name_use, name_off);
	if (problem)
		return verify_violate(v, ret_violation, record_rules[kind], id, VERIFY_NO_INDEX,
				      "%s", problem);
	return true;
}

static bool name_off_check(const struct verify *v, uint32_t id, uint32_t name_off,
			   struct verify_violation *ret_violation)
{
	if (!verify_name_exists(v, name_off))
		return verify_violate(v, ret_violation, "M3", id, VERIFY_NO_INDEX,
				      "name offset 0x%" PRIx32 " is outside the strings", name_off);
	return true;
}

bool verify_record(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	const uint8_t *record = v->types + v->record_offs[id - v->first_id];
	uint32_t name_off = load(v, record, BTF_RECORD_NAME_OFF);
	uint32_t info = load(v, record, BTF_RECORD_INFO_OFF), kind = btf_info_kind(info);
	uint32_t word = load(v, record, BTF_RECORD_WORD_OFF);
	bool all = verify_goes_on(v);

	if (kind == BTF_VOID || kind >= BTF_NUM_KINDS)
		return verify_violate(v, ret_violation, "M2", id, VERIFY_NO_INDEX,
				      "unknown kind %" PRIu32, kind);
	if (v->options->max_kind && kind > v->options->max_kind)
		return verify_violate(v, ret_violation, "M2", id, VERIFY_NO_INDEX,
				      "kind %" PRIu32 " came later", kind);
	v->kinds[id - v->first_id] = kind;
	return (name_off_check(v, id, name_off, ret_violation) || all) &&
	       (vlen_record_check(v, id, info, ret_violation) || all) &&
	       (flag_record_check(v, id, info, ret_violation) || all) &&
	       (word_record_check(v, id, kind, word, ret_violation) || all) &&
	       (name_record_check(v, id, kind, name_off, ret_violation) || all) &&
	       kind_record_check(v, id, record, info, ret_violation);
}

/* Modifier chains: C. */

bool verify_chain(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	uint32_t kind = kind_of(v, id), at = id, left = BTF_LIMIT_CHAIN;
	bool in_tags = kind == BTF_TYPE_TAG;

	while (kind_in(kind, MODIFIER_KINDS)) {
		if (!left--)
			return verify_violate(v, ret_violation, "C1", id, VERIFY_NO_INDEX,
					      "more than %u modifiers in a row", BTF_LIMIT_CHAIN);
		if (kind != BTF_TYPE_TAG)
			in_tags = false;
		else if (!in_tags && v->options->tags_first)
			return verify_violate(v, ret_violation, "C3", id, VERIFY_NO_INDEX,
					      "TYPE_TAG %" PRIu32 " stands behind another modifier",
					      at);
		if (at < id)
			return true;
		if (id_is_bad(v, at)) {
			verify_mark_bad(v, id);
			return true;
		}
		at = word_of(v, at);
		if (!id_exists(v, at))
			return verify_violate(v, ret_violation, "C2", id, VERIFY_NO_INDEX,
					      "leads to type %" PRIu32 ", which does not exist",
					      at);
		kind = kind_of(v, at);
	}
	return true;
}
