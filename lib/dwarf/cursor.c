// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/cursor.h"

#include <inttypes.h>
#include <string.h>

#include "lib/dwarf/constants.h"

void cursor_init(struct cursor *cursor, struct span section, const struct dwarf_unit *unit,
		 const struct abbrev_table *table, uint64_t off)
{
	*cursor = (struct cursor){
		.p = section.data + off,
		.end = section.data + unit->end_off,
		.section = section.data,
		.table = table,
		.unit = unit,
	};
}

bool cursor_fail(struct cursor *cursor, const uint8_t *at, const char *problem, uint64_t value)
{
	cursor->problem = problem;
	cursor->problem_at = at;
	cursor->problem_value = value;
	return false;
}

struct btfgen_error *cursor_error(const struct cursor *cursor)
{
	if (!cursor->problem)
		return NULL;
	if (cursor->problem_value)
		return error_create_at(unit_section_name(cursor->unit),
				       cursor->problem_at - cursor->section, "%s 0x%" PRIx64,
				       cursor->problem, cursor->problem_value);
	return error_create_at(unit_section_name(cursor->unit),
			       cursor->problem_at - cursor->section, "%s", cursor->problem);
}

static bool fail_truncated(struct cursor *cursor, const uint8_t *at)
{
	return cursor_fail(cursor, at, "attribute is cut off by the end of its unit", 0);
}

static bool read_block_size(const uint8_t **p, const uint8_t *end, unsigned int length_size,
			    bool swap, uint64_t *ret_size)
{
	const uint8_t *at = *p;

	if (!length_size)
		return leb_read_unsigned(p, end, ret_size);
	if ((size_t)(end - at) < length_size)
		return false;
	*p = at + length_size;
	*ret_size = length_size == 1 ? *at :
		    length_size == 2 ? load_u16(at, swap) :
				       load_u32(at, swap);
	return true;
}

static bool take_block(struct cursor *cursor, const uint8_t **p, unsigned int length_size,
		       struct die_attr *attr)
{
	const uint8_t *at = *p;
	uint64_t size;

	if (!read_block_size(p, cursor->end, length_size, cursor->unit->encoding.swap, &size))
		return fail_truncated(cursor, at);
	if (size > (size_t)(cursor->end - *p) || size > UINT32_MAX)
		return cursor_fail(cursor, at, "block reaches over the end of its unit: length",
				   size);
	if (attr) {
		attr->value = *p - cursor->section;
		attr->size = size;
	}
	*p += size;
	return true;
}

static bool take_string(struct cursor *cursor, const uint8_t **p, struct die_attr *attr)
{
	const uint8_t *nul = memchr(*p, 0, cursor->end - *p);

	if (!nul)
		return cursor_fail(cursor, *p, "string does not end inside its unit", 0);
	if (attr) {
		attr->value = *p - cursor->section;
		attr->size = nul - *p;
	}
	*p = nul + 1;
	return true;
}

static uint64_t load_u24(const uint8_t *p, bool big_endian)
{
	return big_endian ? (uint64_t)p[0] << 16 | p[1] << 8 | p[2] :
			    (uint64_t)p[2] << 16 | p[1] << 8 | p[0];
}

/* A value of a form that stands in .debug_info itself; attr is NULL to pass over it. */
static bool take_indirect(struct cursor *cursor, const uint8_t **p, struct die_attr *attr)
{
	const struct dwarf_encoding *encoding = &cursor->unit->encoding;
	const uint8_t *at = *p;
	struct die_attr ignored;
	struct form_info form;
	uint64_t number;
	int64_t value;

	if (!attr)
		attr = &ignored;
	if (!leb_read_unsigned(p, cursor->end, &number))
		return fail_truncated(cursor, at);
	form = form_lookup(number, encoding);
	attr->class = form.class;
	attr->size = form.size;
	switch ((enum form_storage)form.storage) {
	case FORM_FIXED:
		if ((size_t)(cursor->end - *p) < form.size)
			return fail_truncated(cursor, at);
		attr->value = form.size == 1 ? **p :
			      form.size == 2 ? load_u16(*p, encoding->swap) :
			      form.size == 3 ? load_u24(*p, encoding->big_endian) :
			      form.size == 4 ? load_u32(*p, encoding->swap) :
			      form.size == 8 ? load_u64(*p, encoding->swap) :
					       0;
		*p += form.size;
		return true;
	case FORM_LEB:
		return leb_read_unsigned(p, cursor->end, &attr->value) ||
		       fail_truncated(cursor, at);
	case FORM_SLEB:
		if (!leb_read_signed(p, cursor->end, &value))
			return fail_truncated(cursor, at);
		attr->value = value;
		return true;
	case FORM_STRING:
		return take_string(cursor, p, attr);
	case FORM_BLOCK:
		return take_block(cursor, p, form.size, attr);
	case FORM_IMPLICIT:
		/* flag_present; an implicit constant has no place for its value here. */
		attr->value = 1;
		if (number == DW_FORM_flag_present)
			return true;
		break;
	case FORM_INDIRECT:
	case FORM_UNKNOWN:
		break;
	}
	return cursor_fail(cursor, at, "unusable indirect form", number);
}

bool cursor_run_steps(struct cursor *cursor, struct die *die, const uint8_t *p)
{
	const struct abbrev_table *table = cursor->table;
	const struct abbrev_step *step = table->steps.data + die->abbrev->first_step;
	const uint8_t *end = cursor->end;
	bool swap = cursor->unit->encoding.swap;
	uint32_t present = 0;

	for (;; step++) {
		struct die_attr *attr = &die->attrs[step->slot];
		int64_t value;

		p += step->skip;
		switch ((enum abbrev_op)step->op) {
		case OP_END:
			die->present = present;
			cursor->p = p;
			return true;
		case OP_TAKE_U8:
			attr->value = *p;
			attr->size = 1;
			p += 1;
			break;
		case OP_TAKE_U16:
			attr->value = load_u16(p, swap);
			attr->size = 2;
			p += 2;
			break;
		case OP_TAKE_U24:
			attr->value = load_u24(p, cursor->unit->encoding.big_endian);
			attr->size = 3;
			p += 3;
			break;
		case OP_TAKE_U32:
			attr->value = load_u32(p, swap);
			attr->size = 4;
			p += 4;
			break;
		case OP_TAKE_U64:
			attr->value = load_u64(p, swap);
			attr->size = 8;
			p += 8;
			break;
		case OP_TAKE_IMPLICIT:
			attr->value = table->consts.data[step->arg];
			attr->size = 0;
			break;
		case OP_TAKE_BIG:
			attr->value = 0;
			attr->size = step->arg;
			p += step->arg;
			break;
		case OP_TAKE_LEB:
			attr->size = 0;
			if (!leb_read_unsigned(&p, end, &attr->value))
				return fail_truncated(cursor, p);
			goto check_rest;
		case OP_TAKE_SLEB:
			attr->size = 0;
			if (!leb_read_signed(&p, end, &value))
				return fail_truncated(cursor, p);
			attr->value = value;
			goto check_rest;
		case OP_TAKE_STRING:
			if (!take_string(cursor, &p, attr))
				return false;
			goto check_rest;
		case OP_TAKE_BLOCK:
			if (!take_block(cursor, &p, step->arg, attr))
				return false;
			goto check_rest;
		case OP_TAKE_INDIRECT:
			if (!take_indirect(cursor, &p, attr))
				return false;
			if ((size_t)(end - p) < step->rest)
				return fail_truncated(cursor, p);
			present |= 1u << step->slot;
			continue;
		case OP_SKIP_LEB:
			if (!leb_skip(&p, end))
				return fail_truncated(cursor, p);
			goto check_rest_untaken;
		case OP_SKIP_STRING:
			if (!take_string(cursor, &p, NULL))
				return false;
			goto check_rest_untaken;
		case OP_SKIP_BLOCK:
			if (!take_block(cursor, &p, step->arg, NULL))
				return false;
			goto check_rest_untaken;
		case OP_SKIP_INDIRECT:
			if (!take_indirect(cursor, &p, NULL))
				return false;
			goto check_rest_untaken;
		}
		attr->class = step->class;
		present |= 1u << step->slot;
		continue;
	check_rest:
		attr->class = step->class;
		present |= 1u << step->slot;
	check_rest_untaken:
		if ((size_t)(end - p) < step->rest)
			return fail_truncated(cursor, p);
	}
}
