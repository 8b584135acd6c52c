// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a record demands of the types that it refers to, once their sizes are known. */
#include "lib/btf/verify_internal.h"

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
		} else if (!verify_int_is_regular(v, id)) {
			return "its INT is not regular";
		} else if (bits > full) {
			return "is wider than its type";
		} else if (!bits) {
			if (bit_off % 8)
				return "does not start at a byte";
			bits = full;
		}
		if (bits + bit_off % 8 > 128 && v->options->program)
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
	/* A size of 0 breaks M22 and is only met where that does not end the check. */
	if (kind == BTF_FLOAT && size && v->options->program)
		align *= size < v->options->ptr_size ? size : v->options->ptr_size;
	if (bit_off % align)
		return align == 8 ? "does not start at a byte" : "is not aligned";
	return range_fits(bit_off / 8, size, struct_size) ? NULL : "ends behind the size";
}

bool verify_member(const struct verify *v, uint32_t id, uint32_t i,
		   struct verify_violation *ret_violation)
{
	const uint8_t *record = record_of(v, id);
	bool flag = btf_info_flag(load(v, record, BTF_RECORD_INFO_OFF));
	uint32_t struct_size = load(v, record, BTF_RECORD_WORD_OFF), resolved;
	const uint8_t *elem = record + BTF_RECORD_SIZE + (size_t)i * 12;
	uint32_t type_id = load(v, elem, 4);
	const char *problem;
	uint64_t size;

	if (!id_exists(v, type_id))
		return verify_violate(v, ret_violation, "R5", id, i,
				      "type %" PRIu32 " does not exist", type_id);
	if (id_is_bad(v, type_id))
		return true;
	if (kind_in(kind_of(v, type_id), SOURCE_KINDS | SIZELESS_KINDS))
		return verify_violate(v, ret_violation, "R5", id, i, "is of %s %" PRIu32,
				      btf_kind_table[kind_of(v, type_id)].name, type_id);
	if (!verify_size(v, type_id, &resolved, &size))
		return verify_violate(v, ret_violation, "R5", id, i, "type %" PRIu32 " has no size",
				      type_id);
	problem = member_problem(v, resolved, size, load(v, elem, 8), flag, struct_size);
	if (problem)
		return verify_violate(v, ret_violation, "R6", id, i, "%s", problem);
	return true;
}

/* Targets: R5 and R6 for all members, R11-R16, R18. */

static bool members_check(const struct verify *v, uint32_t id, const uint8_t *record,
			  struct verify_violation *ret_violation)
{
	uint32_t vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));

	if (v->options->program)
		return true;
	for (uint32_t i = 0; i < vlen; i++) {
		if (!verify_member(v, id, i, ret_violation) && !verify_goes_on(v))
			return false;
	}
	return true;
}

static bool func_check(const struct verify *v, uint32_t id, const uint8_t *record,
		       struct verify_violation *ret_violation)
{
	uint32_t proto = load(v, record, BTF_RECORD_WORD_OFF), vlen;

	if (id_is_bad(v, proto))
		return true;
	if (!id_exists(v, proto) || kind_of(v, proto) != BTF_FUNC_PROTO)
		return verify_violate(v, ret_violation, "R11", id, VERIFY_NO_INDEX,
				      "type %" PRIu32 " is no FUNC_PROTO", proto);
	record = record_of(v, proto);
	vlen = btf_info_vlen(load(v, record, BTF_RECORD_INFO_OFF));
	for (uint32_t i = 0; i < vlen; i++) {
		if (load(v, record, BTF_RECORD_SIZE + i * 8 + 4) &&
		    !load(v, record, BTF_RECORD_SIZE + i * 8) &&
		    !verify_violate(v, ret_violation, "R12", id, VERIFY_NO_INDEX,
				    "parameter %" PRIu32 " of FUNC_PROTO %" PRIu32 " has no name",
				    i, proto) &&
		    !verify_goes_on(v))
			return false;
	}
	return true;
}

/* Why a FUNC_PROTO cannot take or return the type, NULL if it can. */
static const char *proto_problem(const struct verify *v, uint32_t type_id, bool is_result)
{
	uint32_t kind, resolved;
	uint64_t size;

	if (!id_exists(v, type_id))
		return "does not exist";
	if (id_is_bad(v, type_id))
		return NULL;
	kind = kind_of(v, type_id);
	if (kind_in(kind, SOURCE_KINDS) && !(is_result && v->options->plain_funcs))
		return "is no type of a value";
	if (kind == BTF_VAR)
		type_id = word_of(v, type_id);
	if (verify_size(v, type_id, &resolved, &size))
		return NULL;
	if (!v->options->program && kind_in(kind, MODIFIER_KINDS | KIND_BIT(BTF_FWD))) {
		if (kind != BTF_FWD)
			kind = kind_of(v, verify_resolved(v, type_id));
		if (kind == BTF_FWD)
			return NULL;
	}
	return "has no size";
}

static bool param_check(const struct verify *v, uint32_t id, uint32_t i, uint32_t name_off,
			uint32_t type_id, bool is_last, struct verify_violation *ret_violation)
{
	const char *problem;

	if (!type_id && is_last) {
		if (!name_off)
			return true;
		return verify_violate(v, ret_violation, "R14", id, i, "has a name but no type");
	}
	problem = proto_problem(v, type_id, false);
	if (problem)
		return verify_violate(v, ret_violation, "R15", id, i, "type %" PRIu32 " %s",
				      type_id, problem);
	if (name_off && !verify_name_exists(v, name_off))
		return verify_violate(v, ret_violation, "R16", id, i,
				      "name offset 0x%" PRIx32 " is outside the strings", name_off);
	if (name_off && !verify_name_is_identifier(v, name_off))
		return verify_violate(v, ret_violation, "R16", id, i, "name is no identifier");
	return true;
}

static bool proto_check(const struct verify *v, uint32_t id, const uint8_t *record, uint32_t info,
			struct verify_violation *ret_violation)
{
	uint32_t type_id = load(v, record, BTF_RECORD_WORD_OFF), vlen = btf_info_vlen(info);
	const uint8_t *elem = record + BTF_RECORD_SIZE;
	const char *problem;

	problem = type_id ? proto_problem(v, type_id, true) : NULL;
	if (problem &&
	    !verify_violate(v, ret_violation, "R13", id, VERIFY_NO_INDEX,
			    "return type %" PRIu32 " %s", type_id, problem) &&
	    !verify_goes_on(v))
		return false;
	for (uint32_t i = 0; i < vlen; i++, elem += 8) {
		if (!param_check(v, id, i, load(v, elem, 0), load(v, elem, 4), i == vlen - 1,
				 ret_violation) &&
		    !verify_goes_on(v))
			return false;
	}
	return true;
}

static bool tag_check(const struct verify *v, uint32_t id, const uint8_t *record,
		      struct verify_violation *ret_violation)
{
	uint32_t target = load(v, record, BTF_RECORD_WORD_OFF), limit = 0;
	uint32_t component = load(v, record, BTF_RECORD_SIZE), kind;

	if (component == BTF_TAG_WHOLE || !id_exists(v, target) || id_is_bad(v, target))
		return true;
	kind = kind_of(v, target);
	if (kind == BTF_FUNC) {
		target = word_of(v, target);
		kind = id_exists(v, target) ? kind_of(v, target) : BTF_VOID;
		/* R11 says so. */
		if (kind != BTF_FUNC_PROTO)
			return true;
	}
	if (kind_in(kind, COMPOSITE_KINDS | KIND_BIT(BTF_FUNC_PROTO)))
		limit = btf_view_vlen(v->view, target);
	/* A distilled base does not tell the members of its types. */
	if (!limit && kind_in(kind, COMPOSITE_KINDS) && target < v->view->first_id &&
	    !v->options->program)
		return true;
	if (component >= limit)
		return verify_violate(v, ret_violation, "R18", id, VERIFY_NO_INDEX,
				      "component %" PRIu32 " of %" PRIu32, component, limit);
	return true;
}

bool verify_target(const struct verify *v, uint32_t id, struct verify_violation *ret_violation)
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
