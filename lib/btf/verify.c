// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Problem: judge BTF as a kernel does, but fast, on all processors, and with the same answer each time.
 *
 * The work is a list of passes. Passes that look at one record at a time run in parallel over pieces
 * of the id space; each piece stops at its first violation and keeps it in a slot of its own, and the
 * first filled slot is the answer. The pool runs every piece below a failed one, so that answer does
 * not depend on timing.
 *
 *	container	H, S, T		serial, constant time but for one scan of the strings
 *	records		M		parallel; fills the table of kinds
 *	chains		C		parallel
 *	walk		R1-R4, R7-R10	serial, each type is entered once, each reference looked at
 *			R19, R20	once or twice; fills the tables `resolved` and `array_size`
 *	targets		R5-R18		parallel; every size is known now
 *	names		N		parallel (N1) and serial (N5, N6)
 *
 * The walk goes depth first with a stack of its own. A reference is followed only as far as a size
 * or a ring can depend on it: behind a pointer through pointers and modifiers, behind a struct or
 * array through arrays, structs and modifiers. So a pointer to a struct ends a walk, which is what
 * makes C's types acyclic here; meeting a type that is still on the stack is a ring (R19). For each
 * finished modifier, pointer and variable `resolved` holds the type that gives the size; it is found
 * in one step from that of the target. A modifier that was finished below a struct may have ended
 * at a pointer which the walk did not follow; a pointer or variable that comes upon it later goes on
 * from there, or a ring through it would stay unseen.
 *
 * Members are looked at after the walk, when every size is known. For `program` it must be done in
 * the walk, with the sizes known at that moment, because the kernel does so.
 */
#include "lib/btf/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"
#include "lib/base/vec.h"

enum { PIECE_IDS = 2048 };	/* ids a call of pool_for() looks at */

enum visit_state { VISIT_NEW, VISIT_ON_STACK, VISIT_DONE };

struct verify {
	const struct btf_view *view;
	const struct verify_options *options;
	const uint8_t *types;
	const uint32_t *record_offs;
	bool swap;
	uint32_t first_id, num_own, end_id;

	uint8_t *kinds;			/* own ids; filled by the records pass */
	uint8_t *states;		/* own ids: enum visit_state */
	uint32_t *resolved;		/* own ids, once VISIT_DONE */
	uint64_t *array_size;		/* own ids, once VISIT_DONE */
	uint64_t *identifiers;		/* bit n: an identifier of legal length starts at own string n */

	struct verify_violation *slots;	/* one a piece */
	uint32_t num_slots;
};

typedef bool check_fn(const struct verify *v, uint32_t id, struct verify_violation *ret_violation);

#define KIND_BIT(kind) (1u << (kind))

#define MODIFIER_KINDS                                                                     \
	(KIND_BIT(BTF_TYPEDEF) | KIND_BIT(BTF_VOLATILE) | KIND_BIT(BTF_CONST) |            \
	 KIND_BIT(BTF_RESTRICT) | KIND_BIT(BTF_TYPE_TAG))
#define COMPOSITE_KINDS (KIND_BIT(BTF_STRUCT) | KIND_BIT(BTF_UNION))
#define ENUM_KINDS (KIND_BIT(BTF_ENUM) | KIND_BIT(BTF_ENUM64))
/* Refer to others, and nothing may refer to them but a DECL_TAG or a DATASEC. */
#define SOURCE_KINDS (KIND_BIT(BTF_VAR) | KIND_BIT(BTF_DECL_TAG) | KIND_BIT(BTF_DATASEC))
#define SIZELESS_KINDS                                                                     \
	(KIND_BIT(BTF_VOID) | KIND_BIT(BTF_FWD) | KIND_BIT(BTF_FUNC) |                     \
	 KIND_BIT(BTF_FUNC_PROTO) | KIND_BIT(BTF_DECL_TAG))
#define BYTES_KINDS                                                                        \
	(KIND_BIT(BTF_INT) | COMPOSITE_KINDS | ENUM_KINDS | KIND_BIT(BTF_FLOAT) |          \
	 KIND_BIT(BTF_DATASEC))

static bool kind_in(uint32_t kind, uint32_t kinds)
{
	return kinds >> kind & 1;
}

static bool id_exists(const struct verify *v, uint32_t id)
{
	return id < v->end_id;
}

static bool id_is_own(const struct verify *v, uint32_t id)
{
	return id - v->first_id < v->num_own;
}

/* Only after the records pass. */
static uint32_t kind_of(const struct verify *v, uint32_t id)
{
	uint32_t kind;

	if (id_is_own(v, id))
		return v->kinds[id - v->first_id];
	kind = btf_view_kind(v->view, id);
	return kind < BTF_NUM_KINDS ? kind : BTF_VOID;
}

static const uint8_t *record_of(const struct verify *v, uint32_t id)
{
	if (id_is_own(v, id))
		return v->types + v->record_offs[id - v->first_id];
	return btf_view_record(v->view, id);
}

static uint32_t load(const struct verify *v, const uint8_t *record, uint32_t off)
{
	return load_u32(record + off, v->swap);
}

static uint32_t word_of(const struct verify *v, uint32_t id)
{
	return load(v, record_of(v, id), BTF_RECORD_WORD_OFF);
}

/* Text of a violation. Returns false, for the check to hand on. */
static bool __attribute__((format(printf, 6, 7)))
violate(const struct verify *v, struct verify_violation *ret_violation, const char *rule,
	uint32_t id, uint32_t index, const char *fmt, ...)
{
	uint32_t kind = btf_view_kind(v->view, id);
	size_t room = sizeof(ret_violation->text), used;
	char *text = ret_violation->text;
	const char *name, *noun = NULL;
	va_list args;

	ret_violation->rule = rule;
	ret_violation->type_id = id;
	ret_violation->index = index;
	if (id == 0) {
		used = snprintf(text, room, "BTF");
	} else {
		name = btf_view_name(v->view, id);
		used = snprintf(text, room, "type %" PRIu32 " %s%s%.120s%s", id,
				kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "?",
				*name ? " '" : "", name, *name ? "'" : "");
	}
	if (index != VERIFY_NO_INDEX) {
		name = "";
		if (btf_kind_is_composite(kind)) {
			noun = "member";
			name = btf_view_member(v->view, id, index).name;
		} else if (btf_kind_is_enum(kind)) {
			noun = "value";
			name = btf_view_value(v->view, id, index).name;
		} else if (kind == BTF_FUNC_PROTO) {
			noun = "parameter";
			name = btf_view_param(v->view, id, index).name;
		} else {
			noun = "entry";
			name = btf_view_name(v->view, btf_view_entry(v->view, id, index).var_id);
		}
		used += snprintf(text + used, room - used, " %s %" PRIu32 "%s%.120s%s", noun, index,
				 *name ? " '" : "", name, *name ? "'" : "");
	}
	used += snprintf(text + used, room - used, ": %s: ", rule);
	va_start(args, fmt);
	vsnprintf(text + used, room - used, fmt, args);
	va_end(args);
	return false;
}

/* Container: H, S, L, T. */

struct section_range {
	uint64_t off, size;
};

static int range_compare(const void *a, const void *b)
{
	const struct section_range *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->size < y->size ? -1 : x->size > y->size;
}

static bool sections_check(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;
	struct section_range ranges[] = {
		{ view->types_off, view->types_size },
		{ view->strings_off, view->strings_size },
		{ view->layout_off, view->layout_size },
	};
	size_t num = view->layout_size ? 3 : 2;
	uint64_t at = view->header_size;

	qsort(ranges, num, sizeof(*ranges), range_compare);
	for (size_t i = 0; i < num; i++) {
		if (ranges[i].off != at)
			return violate(v, ret_violation, "H8", 0, VERIFY_NO_INDEX,
				       "a section starts at 0x%" PRIx64 ", the one before ends at 0x%"
				       PRIx64, ranges[i].off, at);
		at += ranges[i].size;
	}
	if (at != view->bytes.size)
		return violate(v, ret_violation, "H8", 0, VERIFY_NO_INDEX,
			       "%" PRIu64 " bytes lie behind the last section",
			       view->bytes.size - at);
	return true;
}

static bool strings_check(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;

	if ((view->header_size < BTF_HEADER_LAYOUT_SIZE || v->options->classic_header) &&
	    view->strings_off + view->strings_size != view->bytes.size)
		return violate(v, ret_violation, "S1", 0, VERIFY_NO_INDEX,
			       "the strings are not the last section");
	if (!view->strings_size) {
		if (view->base)
			return true;
		return violate(v, ret_violation, "S2", 0, VERIFY_NO_INDEX, "there are no strings");
	}
	if (view->strings_size - 1 > BTF_LIMIT_STR_OFF)
		return violate(v, ret_violation, "S3", 0, VERIFY_NO_INDEX,
			       "%" PRIu32 " bytes of strings, %u are allowed", view->strings_size,
			       BTF_LIMIT_STR_OFF + 1);
	if (!view->base && view->bytes.data[view->strings_off])
		return violate(v, ret_violation, "S5", 0, VERIFY_NO_INDEX,
			       "the first string is not the empty one");
	return true;
}

static bool container_check(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;
	uint32_t known_size = v->options->classic_header ? BTF_HEADER_SIZE : BTF_HEADER_LAYOUT_SIZE;

	if (v->options->program && view->bytes.size > 16u << 20)
		return violate(v, ret_violation, "H11", 0, VERIFY_NO_INDEX,
			       "%zu bytes, 16 MiB are allowed", view->bytes.size);
	for (uint32_t i = known_size; i < view->header_size; i++) {
		if (view->bytes.data[i])
			return violate(v, ret_violation, "H3", 0, VERIFY_NO_INDEX,
				       "unknown header byte %" PRIu32 " is not zero", i);
	}
	if (view->bytes.data[BTF_HEADER_FLAGS_OFF])
		return violate(v, ret_violation, "H6", 0, VERIFY_NO_INDEX, "unknown flags 0x%x",
			       view->bytes.data[BTF_HEADER_FLAGS_OFF]);
	if (!view->base && view->bytes.size == view->header_size)
		return violate(v, ret_violation, "H7", 0, VERIFY_NO_INDEX,
			       "nothing follows the header");
	if (!sections_check(v, ret_violation))
		return false;
	if ((view->types_off - view->header_size) % 4)
		return violate(v, ret_violation, "H9", 0, VERIFY_NO_INDEX,
			       "types start at offset %" PRIu64 ", no multiple of 4",
			       view->types_off - view->header_size);
	if (!view->base && !view->types_size)
		return violate(v, ret_violation, "H10", 0, VERIFY_NO_INDEX, "there are no types");
	if (!strings_check(v, ret_violation))
		return false;
	if (view->layout_size &&
	    ((view->layout_off - view->header_size) % 4 || view->layout_size % 4))
		return violate(v, ret_violation, "L", 0, VERIFY_NO_INDEX,
			       "layout offset or size is no multiple of 4");
	if (view->num_ids >= BTF_LIMIT_IDS)
		return violate(v, ret_violation, "T1", 0, VERIFY_NO_INDEX,
			       "%" PRIu32 " type ids, kernels take fewer than %u", view->num_ids,
			       BTF_LIMIT_IDS);
	return true;
}

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

static bool text_is_identifier(const uint8_t *text)
{
	size_t len = 1;

	if (!(identifier_bytes[text[0]] & BYTE_FIRST))
		return false;
	while (len <= BTF_LIMIT_IDENTIFIER && identifier_bytes[text[len]])
		len++;
	return len <= BTF_LIMIT_IDENTIFIER && !text[len];
}

static bool text_is_section_name(const uint8_t *text)
{
	size_t len = 0;

	while (len <= BTF_LIMIT_IDENTIFIER &&
	       ((text[len] >= 0x20 && text[len] < 0x7f) || text[len] >= 0xa0))
		len++;
	return len && len <= BTF_LIMIT_IDENTIFIER && !text[len];
}

/* Most names are used many times: look at each whole string once. */
static void identifiers_find(struct verify *v)
{
	const uint8_t *strings = v->view->bytes.data + v->view->strings_off;
	uint32_t size = v->view->strings_size, start = 0;

	while (start < size) {
		uint32_t at = start;
		bool good = identifier_bytes[strings[at]] & BYTE_FIRST;

		while (identifier_bytes[strings[at]])
			at++;
		if (strings[at]) {
			good = false;
			at += strlen((const char *)strings + at);
		}
		if (good && at - start <= BTF_LIMIT_IDENTIFIER)
			v->identifiers[start / 64] |= 1ull << start % 64;
		start = at + 1;
	}
}

static bool name_exists(const struct verify *v, uint32_t name_off)
{
	if (name_off > BTF_LIMIT_STR_OFF)
		return false;
	if (name_off - v->view->first_str < v->view->strings_size)
		return true;
	return btf_view_find_string(v->view, name_off);
}

/* @name_off exists. */
static bool name_is_identifier(const struct verify *v, uint32_t name_off)
{
	uint32_t own = name_off - v->view->first_str;

	if (own < v->view->strings_size && v->identifiers[own / 64] >> own % 64 & 1)
		return true;
	return text_is_identifier((const uint8_t *)btf_view_string(v->view, name_off));
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
	if (use == BTF_NAME_SECTION) {
		name = btf_view_string(v->view, name_off);
		return text_is_section_name((const uint8_t *)name) ? NULL :
								     "name is no section name";
	}
	return name_is_identifier(v, name_off) ? NULL : "name is no identifier";
}

/* Records: M. */

static const char *const record_rules[BTF_NUM_KINDS] = {
	[BTF_INT] = "M10",	[BTF_PTR] = "M11",	[BTF_CONST] = "M11",
	[BTF_VOLATILE] = "M11", [BTF_RESTRICT] = "M11", [BTF_TYPEDEF] = "M12",
	[BTF_TYPE_TAG] = "M13", [BTF_FWD] = "M14",	[BTF_ARRAY] = "M15",
	[BTF_STRUCT] = "M16",	[BTF_UNION] = "M16",	[BTF_ENUM] = "M17",
	[BTF_ENUM64] = "M17",	[BTF_FUNC_PROTO] = "M18", [BTF_FUNC] = "M19",
	[BTF_VAR] = "M20",	[BTF_DATASEC] = "M21",	[BTF_FLOAT] = "M22",
	[BTF_DECL_TAG] = "M23",
};

static bool int_record_check(const struct verify *v, uint32_t id, uint32_t size, uint32_t tail,
			     struct verify_violation *ret_violation)
{
	uint32_t bits = btf_int_bits(tail) + btf_int_bit_off(tail);
	uint32_t encoding = btf_int_encoding(tail);

	if (tail >> 28)
		return violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
			       "unknown bits in tail 0x%08" PRIx32, tail);
	if (bits > 128)
		return violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
			       "%" PRIu32 " bits, 128 are allowed", bits);
	if ((bits + 7) / 8 > size)
		return violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
			       "%" PRIu32 " bits in a size of %" PRIu32, bits, size);
	if (encoding & (encoding - 1) || encoding > BTF_ENCODING_BOOL)
		return violate(v, ret_violation, "M10", id, VERIFY_NO_INDEX,
			       "unknown encoding %" PRIu32, encoding);
	return true;
}

static bool reference_in_range(uint32_t id)
{
	return id && id <= BTF_LIMIT_REF;
}

static bool members_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				 uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t size = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	bool is_union = btf_info_kind(info) == BTF_UNION, flag = btf_info_flag(info);
	const uint8_t *elem = record + BTF_RECORD_SIZE;
	uint32_t last_off = 0;

	for (uint32_t i = 0; i < vlen; i++, elem += 12) {
		uint32_t name_off = load(v, elem, 0), type_id = load(v, elem, 4);
		uint32_t off = load(v, elem, 8);

		if (flag)
			off = btf_member_bit_off(off);
		if (!name_exists(v, name_off))
			return violate(v, ret_violation, "M16", id, i,
				       "name offset 0x%" PRIx32 " is outside the strings", name_off);
		if (name_off && !name_is_identifier(v, name_off))
			return violate(v, ret_violation, "M16", id, i, "name is no identifier");
		if (!reference_in_range(type_id))
			return violate(v, ret_violation, "M16", id, i, "type id %" PRIu32, type_id);
		if (is_union && off)
			return violate(v, ret_violation, "M16", id, i,
				       "offset %" PRIu32 " in a union", off);
		if (off < last_off)
			return violate(v, ret_violation, "M16", id, i,
				       "offset decreases from bit %" PRIu32 " to %" PRIu32,
				       last_off, off);
		if (((uint64_t)off + 7) / 8 > size)
			return violate(v, ret_violation, "M16", id, i,
				       "starts at bit %" PRIu32 ", behind the size of %" PRIu32, off,
				       size);
		last_off = off;
	}
	return true;
}

static bool values_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t size = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	uint32_t elem_size = btf_kind_table[btf_info_kind(info)].elem_size;
	const uint8_t *elem = record + BTF_RECORD_SIZE;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return violate(v, ret_violation, "M17", id, VERIFY_NO_INDEX, "size %" PRIu32, size);
	for (uint32_t i = 0; i < vlen; i++, elem += elem_size) {
		uint32_t name_off = load(v, elem, 0);

		if (!name_exists(v, name_off))
			return violate(v, ret_violation, "M17", id, i,
				       "name offset 0x%" PRIx32 " is outside the strings", name_off);
		if (!name_off)
			return violate(v, ret_violation, "M17", id, i, "has no name");
		if (!name_is_identifier(v, name_off))
			return violate(v, ret_violation, "M17", id, i, "name is no identifier");
	}
	return true;
}

static bool entries_record_check(const struct verify *v, uint32_t id, const uint8_t *record,
				 uint32_t info, struct verify_violation *ret_violation)
{
	uint32_t total = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	const uint8_t *elem = record + BTF_RECORD_SIZE;
	uint64_t last_end = 0;

	if (!total)
		return violate(v, ret_violation, "M21", id, VERIFY_NO_INDEX, "size 0");
	for (uint32_t i = 0; i < vlen; i++, elem += 12) {
		uint32_t var_id = load(v, elem, 0), off = load(v, elem, 4), size = load(v, elem, 8);

		if (!reference_in_range(var_id))
			return violate(v, ret_violation, "M21", id, i, "type id %" PRIu32, var_id);
		if (off < last_end)
			return violate(v, ret_violation, "M21", id, i,
				       "offset %" PRIu32 " is below %" PRIu64
				       ", the end of the entry before", off, last_end);
		if (!size)
			return violate(v, ret_violation, "M21", id, i, "size 0");
		last_end = (uint64_t)off + size;
		if (last_end > total)
			return violate(v, ret_violation, "M21", id, i,
				       "ends at %" PRIu64 ", behind the size of %" PRIu32, last_end,
				       total);
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
			if (!reference_in_range(tail))
				return violate(v, ret_violation, "M15", id, VERIFY_NO_INDEX,
					       "%s type id %" PRIu32, k ? "index" : "element", tail);
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
			return violate(v, ret_violation, "M19", id, VERIFY_NO_INDEX,
				       "linkage %" PRIu32, btf_info_vlen(info));
		return true;
	case BTF_VAR:
		if (!word)
			return violate(v, ret_violation, "M20", id, VERIFY_NO_INDEX, "type id 0");
		tail = load(v, record, BTF_RECORD_SIZE);
		if (tail > BTF_LINKAGE_GLOBAL)
			return violate(v, ret_violation, "M20", id, VERIFY_NO_INDEX,
				       "linkage %" PRIu32, tail);
		return true;
	case BTF_DATASEC:
		return entries_record_check(v, id, record, info, ret_violation);
	case BTF_FLOAT:
		if (word != 2 && word != 4 && word != 8 && word != 12 && word != 16)
			return violate(v, ret_violation, "M22", id, VERIFY_NO_INDEX,
				       "size %" PRIu32, word);
		return true;
	case BTF_DECL_TAG:
		tail = load(v, record, BTF_RECORD_SIZE);
		if ((int32_t)tail < -1)
			return violate(v, ret_violation, "M23", id, VERIFY_NO_INDEX,
				       "component %" PRId32, (int32_t)tail);
		return true;
	}
	return true;
}

static bool record_check(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	const uint8_t *record = v->types + v->record_offs[id - v->first_id];
	uint32_t name_off = load(v, record, BTF_RECORD_NAME_OFF);
	uint32_t info = load(v, record, BTF_RECORD_INFO_OFF), kind = btf_info_kind(info);
	uint32_t word = load(v, record, BTF_RECORD_WORD_OFF);
	const struct btf_kind_info *kind_info;
	const char *rule, *problem;

	if (kind == BTF_VOID || kind >= BTF_NUM_KINDS)
		return violate(v, ret_violation, "M2", id, VERIFY_NO_INDEX,
			       "unknown kind %" PRIu32, kind);
	v->kinds[id - v->first_id] = kind;
	if (v->options->classic_info && btf_info_vlen(info) > BTF_LIMIT_VLEN_OLD)
		return violate(v, ret_violation, "M2", id, VERIFY_NO_INDEX,
			       "vlen %" PRIu32 ", older kernels take %u", btf_info_vlen(info),
			       BTF_LIMIT_VLEN_OLD);
	if (!name_exists(v, name_off))
		return violate(v, ret_violation, "M3", id, VERIFY_NO_INDEX,
			       "name offset 0x%" PRIx32 " is outside the strings", name_off);
	kind_info = &btf_kind_table[kind];
	rule = record_rules[kind];
	if (kind_info->vlen == BTF_VLEN_ZERO && btf_info_vlen(info))
		return violate(v, ret_violation, rule, id, VERIFY_NO_INDEX, "vlen %" PRIu32,
			       btf_info_vlen(info));
	if (btf_info_flag(info) &&
	    (kind_info->flag == BTF_FLAG_ZERO ||
	     (kind_info->flag == BTF_FLAG_NEW && v->options->plain_tags)))
		return violate(v, ret_violation, rule, id, VERIFY_NO_INDEX, "has the kind flag");
	if (kind_info->word == BTF_WORD_ZERO && word)
		return violate(v, ret_violation, rule, id, VERIFY_NO_INDEX,
			       "third word is %" PRIu32 ", not 0", word);
	if (kind_info->word == BTF_WORD_ID && word > BTF_LIMIT_REF)
		return violate(v, ret_violation, rule, id, VERIFY_NO_INDEX, "type id %" PRIu32,
			       word);
	problem = name_problem(v, kind_info->name_use, name_off);
	if (problem)
		return violate(v, ret_violation, rule, id, VERIFY_NO_INDEX, "%s", problem);
	return kind_record_check(v, id, record, info, ret_violation);
}

/* Modifier chains: C. */

static bool chain_check(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	uint32_t kind = kind_of(v, id), at = id, left = BTF_LIMIT_CHAIN;
	bool in_tags = kind == BTF_TYPE_TAG;

	while (kind_in(kind, MODIFIER_KINDS)) {
		if (!left--)
			return violate(v, ret_violation, "C1", id, VERIFY_NO_INDEX,
				       "more than %u modifiers in a row", BTF_LIMIT_CHAIN);
		if (kind != BTF_TYPE_TAG)
			in_tags = false;
		else if (!in_tags && v->options->tags_first)
			return violate(v, ret_violation, "C3", id, VERIFY_NO_INDEX,
				       "TYPE_TAG %" PRIu32 " stands behind another modifier", at);
		if (at < id)
			return true;
		at = word_of(v, at);
		if (!id_exists(v, at))
			return violate(v, ret_violation, "C2", id, VERIFY_NO_INDEX,
				       "leads to type %" PRIu32 ", which does not exist", at);
		kind = kind_of(v, at);
	}
	return true;
}

/* Sizes. */

/* Chains in a base are not bounded by its ids' order as ours are; this is far beyond real ones. */
enum { MAX_BASE_STEPS = 4096 };

static uint32_t resolved_of(const struct verify *v, uint32_t id)
{
	if (id_is_own(v, id))
		return v->resolved[id - v->first_id];
	for (unsigned int i = 0; i < MAX_BASE_STEPS; i++) {
		if (!btf_kind_is_modifier(btf_view_kind(v->view, id)))
			return id;
		id = btf_view_word(v->view, id);
	}
	return 0;
}

static uint64_t multiply_saturated(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static bool type_size(const struct verify *v, uint32_t id, uint32_t *ret_resolved,
		      uint64_t *ret_size);

static uint64_t base_array_size(const struct verify *v, uint32_t id)
{
	uint64_t num = 1;

	for (unsigned int i = 0; i < MAX_BASE_STEPS; i++) {
		struct btf_view_array array = btf_view_array(v->view, id);
		uint64_t size;

		num = multiply_saturated(num, array.num);
		id = resolved_of(v, array.elem_id);
		if (btf_view_kind(v->view, id) == BTF_ARRAY)
			continue;
		return type_size(v, id, &id, &size) ? multiply_saturated(num, size) : 0;
	}
	return 0;
}

/* The type behind modifiers and its size; false if it has none (yet). */
static bool type_size(const struct verify *v, uint32_t id, uint32_t *ret_resolved,
		      uint64_t *ret_size)
{
	uint32_t kind = kind_of(v, id);

	if (kind_in(kind, MODIFIER_KINDS)) {
		id = resolved_of(v, id);
		kind = kind_of(v, id);
	}
	if (kind_in(kind, BYTES_KINDS))
		*ret_size = word_of(v, id);
	else if (kind == BTF_PTR)
		*ret_size = v->options->ptr_size;
	else if (kind == BTF_ARRAY)
		*ret_size = id_is_own(v, id) ? v->array_size[id - v->first_id] :
					       base_array_size(v, id);
	else
		return false;
	*ret_resolved = id;
	return true;
}

static bool int_is_regular(const struct verify *v, uint32_t id)
{
	uint32_t tail = load(v, record_of(v, id), BTF_RECORD_SIZE), bits = btf_int_bits(tail);

	return !btf_int_bit_off(tail) &&
	       (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
}

/* Members: R5, R6. */

static bool bits_fit(uint64_t bit_off, uint64_t bits, uint64_t size)
{
	return (bit_off + bits + 7) / 8 <= size;
}

/* Why a member of a type behind modifiers does not fit, NULL if it does. */
static const char *member_problem(const struct verify *v, uint32_t id, uint64_t size,
				  uint32_t off_word, bool flag, uint64_t struct_size)
{
	uint64_t bit_off = flag ? btf_member_bit_off(off_word) : off_word;
	uint32_t bits = flag ? btf_member_bits(off_word) : 0, full, align;
	uint32_t kind = kind_of(v, id), tail;

	if (kind == BTF_INT) {
		tail = load(v, record_of(v, id), BTF_RECORD_SIZE);
		full = btf_int_bits(tail);
		if (!flag) {
			bit_off += btf_int_bit_off(tail);
			bits = full;
			if (bit_off > UINT32_MAX)
				return "offset does not fit 32 bits";
		} else if (!int_is_regular(v, id)) {
			return "its INT is not regular";
		} else if (bits > full) {
			return "is wider than its type";
		} else if (!bits) {
			if (bit_off % 8)
				return "does not start at a byte";
			bits = full;
		}
		if (bits + bit_off % 8 > 128)
			return "spans more than 128 bits";
		return bits_fit(bit_off, bits, struct_size) ? NULL : "ends behind the size";
	}
	if (btf_kind_is_enum(kind) && flag) {
		full = v->options->program ? 32 : size * 8;
		if (bits > full)
			return "is wider than its type";
		if (!bits) {
			if (bit_off % 8)
				return "does not start at a byte";
			bits = full;
		}
		return bits_fit(bit_off, bits, struct_size) ? NULL : "ends behind the size";
	}
	if (bits)
		return "is a bitfield of a type that cannot be one";
	align = 8;
	if (kind == BTF_FLOAT && v->options->program)
		align *= size < v->options->ptr_size ? size : v->options->ptr_size;
	if (bit_off % align)
		return align == 8 ? "does not start at a byte" : "is not aligned";
	return range_fits(bit_off / 8, size, struct_size) ? NULL : "ends behind the size";
}

static bool member_check(const struct verify *v, uint32_t id, const uint8_t *record, uint32_t i,
			 struct verify_violation *ret_violation)
{
	bool flag = btf_info_flag(load(v, record, BTF_RECORD_INFO_OFF));
	uint32_t struct_size = load(v, record, BTF_RECORD_WORD_OFF), resolved;
	const uint8_t *elem = record + BTF_RECORD_SIZE + (size_t)i * 12;
	uint32_t type_id = load(v, elem, 4);
	const char *problem;
	uint64_t size;

	if (!id_exists(v, type_id))
		return violate(v, ret_violation, "R5", id, i, "type %" PRIu32 " does not exist",
			       type_id);
	if (kind_in(kind_of(v, type_id), SOURCE_KINDS | SIZELESS_KINDS))
		return violate(v, ret_violation, "R5", id, i, "is of %s %" PRIu32,
			       btf_kind_table[kind_of(v, type_id)].name, type_id);
	if (!type_size(v, type_id, &resolved, &size))
		return violate(v, ret_violation, "R5", id, i, "type %" PRIu32 " has no size",
			       type_id);
	problem = member_problem(v, resolved, size, load(v, elem, 8), flag, struct_size);
	if (problem)
		return violate(v, ret_violation, "R6", id, i, "%s", problem);
	return true;
}

/* The walk: R1-R4, R7-R10, R17, R19, R20. */

enum walk_mode { MODE_NEW, MODE_PTR, MODE_VALUE };

/* Kinds whose references a walk follows. */
static const uint32_t walk_enters[] = {
	[MODE_NEW] = MODIFIER_KINDS | COMPOSITE_KINDS | SOURCE_KINDS | KIND_BIT(BTF_PTR) |
		     KIND_BIT(BTF_ARRAY) | KIND_BIT(BTF_FUNC),
	[MODE_PTR] = MODIFIER_KINDS | KIND_BIT(BTF_PTR),
	[MODE_VALUE] = MODIFIER_KINDS | COMPOSITE_KINDS | KIND_BIT(BTF_ARRAY),
};

struct walk_frame {
	uint32_t id;
	uint32_t next;		/* element to go on with */
};

struct walk {
	const struct verify *v;
	enum walk_mode mode;
	VEC(struct walk_frame) stack;
	struct verify_violation *ret_violation;
	bool no_memory;
};

static bool walk_must_enter(const struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t own = id - v->first_id;

	return own < v->num_own && kind_in(v->kinds[own], walk_enters[w->mode]) &&
	       v->states[own] != VISIT_DONE;
}

static bool walk_enter(struct walk *w, uint32_t from_id, uint32_t index, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t own = id - v->first_id, kind = v->kinds[own];

	if (v->options->program && w->stack.num == BTF_LIMIT_DEPTH)
		return violate(v, w->ret_violation, "R20", from_id, index,
			       "types lie more than %u deep in each other", BTF_LIMIT_DEPTH);
	if (v->states[own] != VISIT_NEW)
		return violate(v, w->ret_violation, "R19", from_id, index,
			       "leads back to type %" PRIu32, id);
	if (!vec_push(&w->stack, (struct walk_frame){ .id = id })) {
		w->no_memory = true;
		return false;
	}
	v->states[own] = VISIT_ON_STACK;
	if (w->mode == MODE_NEW) {
		if (kind == BTF_PTR)
			w->mode = MODE_PTR;
		else if (kind_in(kind, COMPOSITE_KINDS | KIND_BIT(BTF_ARRAY)))
			w->mode = MODE_VALUE;
	}
	return true;
}

/*
 * What to enter for a value of type @id. A modifier that was finished below a pointer may stand for a
 * struct or array that the walk did not enter then; the kernel leaves it at that, and takes a struct
 * that contains itself when the ids stand in such an order.
 */
static uint32_t walk_value_target(const struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t own = id - v->first_id, resolved;

	if (own >= v->num_own || v->options->program || v->states[own] != VISIT_DONE ||
	    !kind_in(v->kinds[own], MODIFIER_KINDS))
		return id;
	resolved = v->resolved[own];
	return kind_in(kind_of(v, resolved), COMPOSITE_KINDS | KIND_BIT(BTF_ARRAY)) ? resolved : id;
}

static bool walk_leave(struct walk *w, uint32_t resolved)
{
	const struct verify *v = w->v;
	uint32_t own = w->stack.data[--w->stack.num].id - v->first_id;

	v->resolved[own] = resolved;
	v->states[own] = VISIT_DONE;
	return true;
}

/* PTR and modifiers. */
static bool walk_reference(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t target = word_of(v, id), kind, resolved;
	uint64_t size;

	if (!id_exists(v, target))
		return violate(v, w->ret_violation, "R1", id, VERIFY_NO_INDEX,
			       "type %" PRIu32 " does not exist", target);
	kind = kind_of(v, target);
	if (kind_in(kind, SOURCE_KINDS))
		return violate(v, w->ret_violation, "R1", id, VERIFY_NO_INDEX,
			       "refers to %s %" PRIu32, btf_kind_table[kind].name, target);
	/* The kernel takes it in some orders of ids; no reader can make sense of it. */
	if (kind == BTF_FUNC && !v->options->program)
		return violate(v, w->ret_violation, "R2", id, VERIFY_NO_INDEX,
			       "refers to FUNC %" PRIu32, target);
	if (walk_must_enter(w, target))
		return walk_enter(w, id, VERIFY_NO_INDEX, target);
	if (w->mode == MODE_VALUE && walk_must_enter(w, walk_value_target(w, target)))
		return walk_enter(w, id, VERIFY_NO_INDEX, walk_value_target(w, target));
	if (kind_of(v, id) == BTF_PTR && kind_in(kind, MODIFIER_KINDS)) {
		resolved = resolved_of(v, target);
		if (kind_of(v, resolved) == BTF_PTR && walk_must_enter(w, resolved))
			return walk_enter(w, id, VERIFY_NO_INDEX, resolved);
	}
	if (type_size(v, target, &resolved, &size))
		return walk_leave(w, resolved);
	if (!id_is_own(v, target) || v->states[target - v->first_id] == VISIT_DONE)
		target = resolved_of(v, target);
	kind = kind_of(v, target);
	if (kind != BTF_VOID && kind != BTF_FWD && kind != BTF_FUNC_PROTO)
		return violate(v, w->ret_violation, "R2", id, VERIFY_NO_INDEX,
			       "leads to %s %" PRIu32, btf_kind_table[kind].name, target);
	return walk_leave(w, target);
}

static bool walk_var(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t target = word_of(v, id), kind, resolved;
	uint64_t size;

	if (!id_exists(v, target))
		return violate(v, w->ret_violation, "R7", id, VERIFY_NO_INDEX,
			       "type %" PRIu32 " does not exist", target);
	kind = kind_of(v, target);
	if (kind_in(kind, SOURCE_KINDS))
		return violate(v, w->ret_violation, "R7", id, VERIFY_NO_INDEX,
			       "refers to %s %" PRIu32, btf_kind_table[kind].name, target);
	if (walk_must_enter(w, walk_value_target(w, target)))
		return walk_enter(w, id, VERIFY_NO_INDEX, walk_value_target(w, target));
	if (kind_in(kind, MODIFIER_KINDS)) {
		resolved = resolved_of(v, target);
		if (kind_of(v, resolved) == BTF_PTR && walk_must_enter(w, resolved))
			return walk_enter(w, id, VERIFY_NO_INDEX, resolved);
	}
	if (!type_size(v, target, &resolved, &size))
		return violate(v, w->ret_violation, "R7", id, VERIFY_NO_INDEX,
			       "type %" PRIu32 " has no size", target);
	return walk_leave(w, resolved);
}

static bool walk_array(struct walk *w, uint32_t id)
{
	static const char *const rules[] = { "R4", "R3" }, *const nouns[] = { "element", "index" };
	const struct verify *v = w->v;
	const uint8_t *tail = record_of(v, id) + BTF_RECORD_SIZE;
	uint32_t resolved = 0, num = load(v, tail, 8);
	uint64_t size = 0;

	/* The index first, as the kernel does. */
	for (int k = 1; k >= 0; k--) {
		uint32_t target = load(v, tail, k * 4);

		if (!id_exists(v, target))
			return violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
				       "%s type %" PRIu32 " does not exist", nouns[k], target);
		if (kind_in(kind_of(v, target), SOURCE_KINDS | SIZELESS_KINDS))
			return violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
				       "%s is %s %" PRIu32, nouns[k],
				       btf_kind_table[kind_of(v, target)].name, target);
		if (walk_must_enter(w, walk_value_target(w, target)))
			return walk_enter(w, id, VERIFY_NO_INDEX, walk_value_target(w, target));
		if (!type_size(v, target, &resolved, &size))
			return violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
				       "%s type %" PRIu32 " has no size", nouns[k], target);
		if (kind_of(v, resolved) == BTF_INT ? !int_is_regular(v, resolved) : k == 1)
			return violate(v, w->ret_violation, rules[k], id, VERIFY_NO_INDEX,
				       "%s type %" PRIu32 " is no regular INT", nouns[k], target);
	}
	size = multiply_saturated(size, num);
	if (v->options->program && size > UINT32_MAX)
		return violate(v, w->ret_violation, "R4", id, VERIFY_NO_INDEX,
			       "%" PRIu32 " elements need more than 4 GiB", num);
	v->array_size[id - v->first_id] = size;
	return walk_leave(w, resolved);
}

static bool walk_members(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	const uint8_t *record = record_of(v, id);
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	struct walk_frame *frame = &w->stack.data[w->stack.num - 1];

	for (uint32_t i = frame->next; i < vlen; i++) {
		uint32_t target = load(v, record, BTF_RECORD_SIZE + i * 12 + 4);

		target = walk_value_target(w, target);
		if (walk_must_enter(w, target)) {
			frame->next = i;
			return walk_enter(w, id, i, target);
		}
		if (v->options->program && !member_check(v, id, record, i, w->ret_violation))
			return false;
	}
	return walk_leave(w, 0);
}

static bool walk_entries(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	const uint8_t *record = record_of(v, id), *elem;
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	struct walk_frame *frame = &w->stack.data[w->stack.num - 1];

	w->mode = MODE_NEW;
	for (uint32_t i = frame->next; i < vlen; i++) {
		uint32_t var_id, resolved, size;
		uint64_t var_size;

		elem = record + BTF_RECORD_SIZE + i * 12;
		var_id = load(v, elem, 0);
		size = load(v, elem, 8);
		if (!id_exists(v, var_id) || kind_of(v, var_id) != BTF_VAR)
			return violate(v, w->ret_violation, "R8", id, i,
				       "type %" PRIu32 " is no VAR", var_id);
		if (walk_must_enter(w, var_id)) {
			/* The kernel does not come back to an entry once it has entered its VAR. */
			frame->next = v->options->program ? i + 1 : i;
			return walk_enter(w, id, i, var_id);
		}
		if (!type_size(v, word_of(v, var_id), &resolved, &var_size))
			return violate(v, w->ret_violation, "R9", id, i, "type has no size");
		if (size < var_size)
			return violate(v, w->ret_violation, "R10", id, i,
				       "size %" PRIu32 " is below the %" PRIu64 " of its type", size,
				       var_size);
	}
	return walk_leave(w, 0);
}

static bool walk_tag(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	uint32_t target = word_of(v, id);

	if (!id_exists(v, target) ||
	    !kind_in(kind_of(v, target), COMPOSITE_KINDS | KIND_BIT(BTF_FUNC) |
						 KIND_BIT(BTF_VAR) | KIND_BIT(BTF_TYPEDEF)))
		return violate(v, w->ret_violation, "R17", id, VERIFY_NO_INDEX,
			       "type %" PRIu32 " cannot have a tag", target);
	if (walk_must_enter(w, target))
		return walk_enter(w, id, VERIFY_NO_INDEX, target);
	return walk_leave(w, target);
}

static bool walk_from(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	bool ok;

	w->mode = MODE_NEW;
	ok = walk_enter(w, id, VERIFY_NO_INDEX, id);
	while (ok && w->stack.num) {
		uint32_t at = w->stack.data[w->stack.num - 1].id;

		switch (v->kinds[at - v->first_id]) {
		case BTF_VAR:
			ok = walk_var(w, at);
			break;
		case BTF_ARRAY:
			ok = walk_array(w, at);
			break;
		case BTF_STRUCT:
		case BTF_UNION:
			ok = walk_members(w, at);
			break;
		case BTF_DATASEC:
			ok = walk_entries(w, at);
			break;
		case BTF_DECL_TAG:
			ok = walk_tag(w, at);
			break;
		case BTF_FUNC:
			ok = walk_leave(w, word_of(v, at));
			break;
		default:
			ok = walk_reference(w, at);
			break;
		}
	}
	return ok;
}

static bool walk_needs(const struct verify *v, uint32_t id)
{
	return id_is_own(v, id) && v->states[id - v->first_id] == VISIT_NEW &&
	       kind_in(v->kinds[id - v->first_id], walk_enters[MODE_NEW]);
}

static bool walk_proto(struct walk *w, uint32_t id)
{
	const struct verify *v = w->v;
	const uint8_t *record = record_of(v, id);
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	uint32_t target = load(v, record, BTF_RECORD_WORD_OFF);

	for (uint32_t i = 0;; i++) {
		if (walk_needs(v, target) && !kind_in(kind_of(v, target), SOURCE_KINDS) &&
		    !walk_from(w, target))
			return false;
		if (i == vlen)
			return true;
		target = load(v, record, BTF_RECORD_SIZE + i * 8 + 4);
	}
}

static struct btfgen_error *walk_all(struct verify *v, struct verify_violation *ret_violation)
{
	struct walk w = { .v = v, .ret_violation = ret_violation };
	bool ok = true;

	for (uint32_t id = v->first_id; ok && id < v->end_id; id++) {
		if (walk_needs(v, id))
			ok = walk_from(&w, id);
		else if (v->kinds[id - v->first_id] == BTF_FUNC_PROTO)
			ok = walk_proto(&w, id);
	}
	vec_deinit(&w.stack);
	return w.no_memory ? error_nomem() : NULL;
}

/* Targets: R5 and R6 for all members, R11-R16, R18. */

static bool members_check(const struct verify *v, uint32_t id, const uint8_t *record,
			  struct verify_violation *ret_violation)
{
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));

	if (v->options->program)
		return true;
	for (uint32_t i = 0; i < vlen; i++) {
		if (!member_check(v, id, record, i, ret_violation))
			return false;
	}
	return true;
}

static bool func_check(const struct verify *v, uint32_t id, const uint8_t *record,
		       struct verify_violation *ret_violation)
{
	uint32_t proto = load(v, record, BTF_RECORD_WORD_OFF), vlen;

	if (!id_exists(v, proto) || kind_of(v, proto) != BTF_FUNC_PROTO)
		return violate(v, ret_violation, "R11", id, VERIFY_NO_INDEX,
			       "type %" PRIu32 " is no FUNC_PROTO", proto);
	record = record_of(v, proto);
	vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	for (uint32_t i = 0; i < vlen; i++) {
		if (load(v, record, BTF_RECORD_SIZE + i * 8 + 4) &&
		    !load(v, record, BTF_RECORD_SIZE + i * 8))
			return violate(v, ret_violation, "R12", id, VERIFY_NO_INDEX,
				       "parameter %" PRIu32 " of FUNC_PROTO %" PRIu32 " has no name",
				       i, proto);
	}
	return true;
}

/* Why a FUNC_PROTO cannot take or return the type, NULL if it can. */
static const char *proto_problem(const struct verify *v, uint32_t type_id)
{
	uint32_t kind, resolved;
	uint64_t size;

	if (!id_exists(v, type_id))
		return "does not exist";
	kind = kind_of(v, type_id);
	if (kind_in(kind, SOURCE_KINDS))
		return "is no type of a value";
	if (type_size(v, type_id, &resolved, &size))
		return NULL;
	if (!v->options->program && kind_in(kind, MODIFIER_KINDS | KIND_BIT(BTF_FWD))) {
		if (kind != BTF_FWD)
			kind = kind_of(v, resolved_of(v, type_id));
		if (kind == BTF_FWD)
			return NULL;
	}
	return "has no size";
}

static bool proto_check(const struct verify *v, uint32_t id, const uint8_t *record, uint32_t info,
			struct verify_violation *ret_violation)
{
	uint32_t type_id = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	const uint8_t *elem = record + BTF_RECORD_SIZE;
	const char *problem;

	problem = type_id ? proto_problem(v, type_id) : NULL;
	if (problem)
		return violate(v, ret_violation, "R13", id, VERIFY_NO_INDEX,
			       "return type %" PRIu32 " %s", type_id, problem);
	for (uint32_t i = 0; i < vlen; i++, elem += 8) {
		uint32_t name_off = load(v, elem, 0);

		type_id = load(v, elem, 4);
		if (!type_id && i == vlen - 1) {
			if (!name_off)
				return true;
			return violate(v, ret_violation, "R14", id, i, "has a name but no type");
		}
		problem = proto_problem(v, type_id);
		if (problem)
			return violate(v, ret_violation, "R15", id, i, "type %" PRIu32 " %s",
				       type_id, problem);
		if (name_off && !name_exists(v, name_off))
			return violate(v, ret_violation, "R16", id, i,
				       "name offset 0x%" PRIx32 " is outside the strings", name_off);
		if (name_off && !name_is_identifier(v, name_off))
			return violate(v, ret_violation, "R16", id, i, "name is no identifier");
	}
	return true;
}

static bool tag_check(const struct verify *v, uint32_t id, const uint8_t *record,
		      struct verify_violation *ret_violation)
{
	uint32_t target = load(v, record, BTF_RECORD_WORD_OFF), limit = 0;
	uint32_t component = load(v, record, BTF_RECORD_SIZE), kind;

	if (component == BTF_TAG_WHOLE)
		return true;
	kind = kind_of(v, target);
	if (kind == BTF_FUNC) {
		target = word_of(v, target);
		kind = kind_of(v, target);
	}
	if (kind_in(kind, COMPOSITE_KINDS | KIND_BIT(BTF_FUNC_PROTO)))
		limit = btf_view_vlen(v->view, target);
	if (component >= limit)
		return violate(v, ret_violation, "R18", id, VERIFY_NO_INDEX,
			       "component %" PRIu32 " of %" PRIu32, component, limit);
	return true;
}

static bool target_check(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	const uint8_t *record = record_of(v, id);

	switch (v->kinds[id - v->first_id]) {
	case BTF_STRUCT:
	case BTF_UNION:
		return members_check(v, id, record, ret_violation);
	case BTF_FUNC:
		return func_check(v, id, record, ret_violation);
	case BTF_FUNC_PROTO:
		return proto_check(v, id, record, load(v, record, BTF_RECORD_INFO_OFF),
				   ret_violation);
	case BTF_DECL_TAG:
		return tag_check(v, id, record, ret_violation);
	}
	return true;
}

/* Names: N. */

static bool order_check(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
{
	const char *before;

	if (id == v->first_id)
		return true;
	before = btf_view_name(v->view, id - 1);
	if (strcmp(before, btf_view_name(v->view, id)) <= 0)
		return true;
	return violate(v, ret_violation, "N1", id, VERIFY_NO_INDEX,
		       "stands behind '%.120s', which sorts after it", before);
}

static bool bit_test(const uint64_t *bits, uint32_t n)
{
	return bits[n / 64] >> n % 64 & 1;
}

static void string_mark(const struct verify *v, uint64_t *used, uint32_t name_off)
{
	uint32_t own = name_off - v->view->first_str;

	if (own < v->view->strings_size)
		used[own / 64] |= 1ull << own % 64;
}

static void strings_mark(const struct verify *v, uint64_t *used)
{
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		const uint8_t *record = record_of(v, id);
		const struct btf_kind_info *kind = &btf_kind_table[v->kinds[id - v->first_id]];
		const uint8_t *elem = record + BTF_RECORD_SIZE + kind->tail_size;
		uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));

		string_mark(v, used, load(v, record, BTF_RECORD_NAME_OFF));
		if (!kind->elem_strings)
			continue;
		/* Each kind that has names in its elements has them first. */
		for (uint32_t i = 0; i < vlen; i++, elem += kind->elem_size)
			string_mark(v, used, load(v, elem, 0));
	}
}

/* A table of strings seen, by content: own string offset + 1, or 0. */
struct string_set {
	uint32_t *slots;
	uint32_t mask;
};

/* The offset of an equal string that was added before, or @off after adding it. */
static uint32_t string_add(const struct string_set *set, const char *strings, uint32_t off,
			   uint32_t len)
{
	uint32_t slot = hash_bytes(strings + off, len);

	for (;; slot++) {
		uint32_t *entry = &set->slots[slot & set->mask];

		if (!*entry) {
			*entry = off + 1;
			return off;
		}
		if (!memcmp(strings + *entry - 1, strings + off, len + 1))
			return *entry - 1;
	}
}

static struct btfgen_error *string_use_check(const struct verify *v,
					     struct verify_violation *ret_violation)
{
	const char *strings = (const char *)v->view->bytes.data + v->view->strings_off;
	uint32_t size = v->view->strings_size, num = 0;
	_cleanup_free_ uint64_t *used = calloc(size / 64 + 1, sizeof(*used));
	_cleanup_free_ uint32_t *slots = NULL;
	struct string_set set;

	if (!used)
		return error_nomem();
	strings_mark(v, used);
	for (uint32_t at = 0; at < size; at++)
		num += !strings[at];
	for (set.mask = 15; set.mask / 2 < num;)
		set.mask = set.mask * 2 + 1;
	slots = calloc((size_t)set.mask + 1, sizeof(*slots));
	if (!slots)
		return error_nomem();
	set.slots = slots;
	for (uint32_t off = 0, len; off < size; off += len + 1) {
		uint32_t first;

		len = strlen(strings + off);
		if (off + v->view->first_str && !bit_test(used, off)) {
			violate(v, ret_violation, "N5", 0, VERIFY_NO_INDEX,
				"string '%.120s' at 0x%" PRIx32 " is not used", strings + off, off);
			return NULL;
		}
		for (uint32_t at = off + 1; at <= off + len; at++) {
			/* Most words of the map are passed over at once. */
			if (at % 64 == 0 && !used[at / 64]) {
				at += 63;
				continue;
			}
			if (bit_test(used, at)) {
				violate(v, ret_violation, "N5", 0, VERIFY_NO_INDEX,
					"string '%.120s' at 0x%" PRIx32 " is used from its byte %"
					PRIu32, strings + off, off, at - off);
				return NULL;
			}
		}
		first = string_add(&set, strings, off, len);
		if (first != off) {
			violate(v, ret_violation, "N5", 0, VERIFY_NO_INDEX,
				"string '%.120s' stands at 0x%" PRIx32 " and at 0x%" PRIx32,
				strings + off, first, off);
			return NULL;
		}
	}
	return NULL;
}

static struct btfgen_error *var_use_check(const struct verify *v,
					  struct verify_violation *ret_violation)
{
	_cleanup_free_ uint32_t *num = calloc((size_t)v->num_own + 1, sizeof(*num));

	if (!num)
		return error_nomem();
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		uint32_t vlen;

		if (v->kinds[id - v->first_id] != BTF_DATASEC)
			continue;
		vlen = btf_view_vlen(v->view, id);
		for (uint32_t i = 0; i < vlen; i++) {
			uint32_t var_id = btf_view_entry(v->view, id, i).var_id;

			if (id_is_own(v, var_id))
				num[var_id - v->first_id]++;
		}
	}
	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		if (v->kinds[id - v->first_id] == BTF_VAR && num[id - v->first_id] != 1) {
			violate(v, ret_violation, "N6", id, VERIFY_NO_INDEX,
				"stands in %" PRIu32 " DATASEC entries", num[id - v->first_id]);
			return NULL;
		}
	}
	return NULL;
}

/* Passes. */

struct pass {
	const struct verify *v;
	check_fn *check;
};

static struct btfgen_error *piece_check(void *ctx, unsigned int worker, size_t index)
{
	const struct pass *pass = ctx;
	const struct verify *v = pass->v;
	uint32_t id = v->first_id + index * PIECE_IDS, end = v->end_id;

	(void)worker;
	if (end - id > PIECE_IDS)
		end = id + PIECE_IDS;
	for (; id < end; id++) {
		/* The error only keeps the pool from running later pieces. */
		if (!pass->check(v, id, &v->slots[index]))
			return error_create(BTFGEN_ERROR_VERIFY, "violation");
	}
	return NULL;
}

static struct btfgen_error *pass_run(const struct verify *v, struct pool *pool, check_fn *check,
				     struct verify_violation *ret_violation)
{
	struct pass pass = { .v = v, .check = check };
	struct btfgen_error *err = NULL;

	if (pool) {
		err = pool_for(pool, v->num_slots, NULL, piece_check, &pass);
	} else {
		for (uint32_t i = 0; i < v->num_slots && !err; i++)
			err = piece_check(&pass, 0, i);
	}
	for (uint32_t i = 0; i < v->num_slots; i++) {
		if (v->slots[i].rule) {
			*ret_violation = v->slots[i];
			error_free(err);
			return NULL;
		}
	}
	return err;
}

static struct btfgen_error *passes_run(struct verify *v, struct pool *pool,
				       struct verify_violation *ret_violation)
{
	struct btfgen_error *err;

	if (!container_check(v, ret_violation))
		return NULL;
	identifiers_find(v);
	err = pass_run(v, pool, record_check, ret_violation);
	if (!err && !ret_violation->rule)
		err = pass_run(v, pool, chain_check, ret_violation);
	if (!err && !ret_violation->rule)
		err = walk_all(v, ret_violation);
	if (!err && !ret_violation->rule)
		err = pass_run(v, pool, target_check, ret_violation);
	if (!err && !ret_violation->rule && v->options->sorted)
		err = pass_run(v, pool, order_check, ret_violation);
	if (!err && !ret_violation->rule && v->options->vars)
		err = var_use_check(v, ret_violation);
	if (!err && !ret_violation->rule && v->options->strings)
		err = string_use_check(v, ret_violation);
	return err;
}

struct btfgen_error *btf_verify(const struct btf_view *view, const struct verify_options *options,
				struct pool *pool, struct verify_violation *ret_violation)
{
	struct verify v = {
		.view = view,
		.options = options,
		.types = view->bytes.data + view->types_off,
		.record_offs = view->record_offs,
		.swap = view->swap,
		.first_id = view->first_id,
		.num_own = view->num_own,
		.end_id = view->num_ids,
		.num_slots = (view->num_own + PIECE_IDS - 1) / PIECE_IDS,
	};
	struct verify_violation violation = { .index = VERIFY_NO_INDEX };
	struct btfgen_error *err;
	size_t num = (size_t)view->num_own + 1;

	v.kinds = calloc(num, sizeof(*v.kinds));
	v.states = calloc(num, sizeof(*v.states));
	v.resolved = calloc(num, sizeof(*v.resolved));
	v.array_size = calloc(num, sizeof(*v.array_size));
	v.identifiers = calloc((size_t)view->strings_size / 64 + 1, sizeof(*v.identifiers));
	v.slots = calloc((size_t)v.num_slots + 1, sizeof(*v.slots));
	if (v.kinds && v.states && v.resolved && v.array_size && v.identifiers && v.slots)
		err = passes_run(&v, pool, &violation);
	else
		err = error_nomem();
	free(v.kinds);
	free(v.states);
	free(v.resolved);
	free(v.array_size);
	free(v.identifiers);
	free(v.slots);
	if (!err)
		*ret_violation = violation;
	return err;
}

struct btfgen_error *verify_error(const struct verify_violation *violation)
{
	if (!violation->rule)
		return NULL;
	return error_create(BTFGEN_ERROR_VERIFY, "%s", violation->text);
}
