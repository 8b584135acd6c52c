// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/list.h"

#include "lib/dwarf/constants.h"
#include "lib/dwarf/leb.h"

/* What an entry of DWARF 5 consists of, location lists and range lists alike. */
enum shape {
	SHAPE_UNKNOWN,
	SHAPE_END,
	SHAPE_BASE,	    /* address */
	SHAPE_BASE_INDEX,   /* index of an address */
	SHAPE_INDEX_INDEX,  /* start, end */
	SHAPE_INDEX_LENGTH, /* start, size */
	SHAPE_OFFSETS,	    /* start, end, both from the base */
	SHAPE_DEFAULT,	    /* nothing */
	SHAPE_ADDR_ADDR,    /* start, end */
	SHAPE_ADDR_LENGTH,  /* start, size */
	SHAPE_VIEWS,	    /* two numbers that mean nothing here */
};

static const uint8_t location_shapes[] = {
	[DW_LLE_end_of_list] = SHAPE_END,	   [DW_LLE_base_addressx] = SHAPE_BASE_INDEX,
	[DW_LLE_startx_endx] = SHAPE_INDEX_INDEX,  [DW_LLE_startx_length] = SHAPE_INDEX_LENGTH,
	[DW_LLE_offset_pair] = SHAPE_OFFSETS,	   [DW_LLE_default_location] = SHAPE_DEFAULT,
	[DW_LLE_base_address] = SHAPE_BASE,	   [DW_LLE_start_end] = SHAPE_ADDR_ADDR,
	[DW_LLE_start_length] = SHAPE_ADDR_LENGTH, [DW_LLE_GNU_view_pair] = SHAPE_VIEWS,
};

static const uint8_t range_shapes[] = {
	[DW_RLE_end_of_list] = SHAPE_END,	  [DW_RLE_base_addressx] = SHAPE_BASE_INDEX,
	[DW_RLE_startx_endx] = SHAPE_INDEX_INDEX, [DW_RLE_startx_length] = SHAPE_INDEX_LENGTH,
	[DW_RLE_offset_pair] = SHAPE_OFFSETS,	  [DW_RLE_base_address] = SHAPE_BASE,
	[DW_RLE_start_end] = SHAPE_ADDR_ADDR,	  [DW_RLE_start_length] = SHAPE_ADDR_LENGTH,
};

static enum shape shape_of(enum list_kind kind, uint8_t entry)
{
	if (kind == LIST_LOCATIONS)
		return entry < sizeof(location_shapes) ? location_shapes[entry] : SHAPE_UNKNOWN;
	return entry < sizeof(range_shapes) ? range_shapes[entry] : SHAPE_UNKNOWN;
}

/* The highest address: in DWARF 2 to 4 the mark of a base, else of code that is not there. */
static uint64_t addr_max(const struct dwarf_encoding *encoding)
{
	return encoding->addr_size == 4 ? UINT32_MAX : UINT64_MAX;
}

static bool read_offset(const struct dwarf_encoding *encoding, struct span section, uint64_t off,
			uint64_t *ret_value)
{
	if (!range_fits(off, encoding->offset_size, section.size))
		return false;
	*ret_value = encoding->offset_size == 8 ? load_u64(section.data + off, encoding->swap) :
						  load_u32(section.data + off, encoding->swap);
	return true;
}

/* Offset of the list in its section. */
static bool find_list(const struct location_unit *unit, const struct die_attr *attr,
		      struct span section, uint64_t table, uint64_t *ret_off)
{
	const struct dwarf_encoding *encoding = unit->encoding;
	uint64_t entry_off, list_off;

	switch (attr->class) {
	case ATTR_SECTION_OFFSET:
		*ret_off = attr->value;
		return true;
	case ATTR_UNSIGNED:
		/* Before DWARF 4 offsets had no form of their own. */
		*ret_off = attr->value;
		return encoding->version < 4 && (attr->size == 4 || attr->size == 8);
	case ATTR_LIST_INDEX:
		if (encoding->version < 5 ||
		    __builtin_mul_overflow(attr->value, encoding->offset_size, &entry_off) ||
		    __builtin_add_overflow(table, entry_off, &entry_off) ||
		    !read_offset(encoding, section, entry_off, &list_off))
			return false;
		return !__builtin_add_overflow(table, list_off, ret_off);
	default:
		return false;
	}
}

bool list_begin(const struct location_unit *unit, const struct die_attr *attr, enum list_kind kind,
		struct range_walk *ret_walk)
{
	bool is_version5 = unit->encoding->version >= 5;
	uint64_t table, off;
	struct span section;

	if (kind == LIST_LOCATIONS) {
		section = is_version5 ? unit->loclists : unit->loc;
		table = unit->loclists_base;
	} else {
		section = is_version5 ? unit->rnglists : unit->ranges;
		table = unit->rnglists_base;
	}
	if (!find_list(unit, attr, section, table, &off) || off >= section.size)
		return false;
	*ret_walk = (struct range_walk){
		.unit = unit,
		.p = section.data + off,
		.end = section.data + section.size,
		.base = unit->low_pc,
		.is_version5 = is_version5,
	};
	return true;
}

static bool read_addr(struct range_walk *walk, uint64_t *ret_addr)
{
	const struct dwarf_encoding *encoding = walk->unit->encoding;

	if (walk->end - walk->p < encoding->addr_size)
		return false;
	*ret_addr = encoding->addr_size == 8 ? load_u64(walk->p, encoding->swap) :
					       load_u32(walk->p, encoding->swap);
	walk->p += encoding->addr_size;
	return true;
}

static bool read_leb(struct range_walk *walk, uint64_t *ret_value)
{
	return leb_read_unsigned(&walk->p, walk->end, ret_value);
}

static bool read_index(struct range_walk *walk, uint64_t *ret_addr)
{
	uint64_t index;

	return read_leb(walk, &index) &&
	       walk->unit->addr_index(walk->unit->addr_ctx, index, ret_addr);
}

/* The expression of an entry behind its size, which the caller has read. */
static bool take_expr(struct range_walk *walk, uint64_t size, struct list_entry *entry)
{
	if (size > (uint64_t)(walk->end - walk->p))
		return false;
	entry->expr = (struct span){ walk->p, size };
	walk->p += size;
	return true;
}

static bool read_expr2(struct range_walk *walk, struct list_entry *entry)
{
	uint16_t size;

	if (walk->end - walk->p < 2)
		return false;
	size = load_u16(walk->p, walk->unit->encoding->swap);
	walk->p += 2;
	return take_expr(walk, size, entry);
}

static bool read_expr5(struct range_walk *walk, struct list_entry *entry)
{
	uint64_t size;

	return read_leb(walk, &size) && take_expr(walk, size, entry);
}

enum step { STEP_DAMAGED, STEP_END, STEP_BASE, STEP_ENTRY };

/*
 * An entry of .debug_loc or .debug_ranges. *ret_from is the address that all of it depends on: what
 * it is relative to, or its start.
 */
static enum step read_entry4(struct range_walk *walk, enum list_kind kind, struct list_entry *entry,
			     uint64_t *ret_from)
{
	uint64_t start, end;

	if (!read_addr(walk, &start) || !read_addr(walk, &end))
		return STEP_DAMAGED;
	if (start == addr_max(walk->unit->encoding)) {
		walk->base = end;
		return STEP_BASE;
	}
	if (!start && !end)
		return STEP_END;
	if (kind == LIST_LOCATIONS && !read_expr2(walk, entry))
		return STEP_DAMAGED;
	*ret_from = walk->base;
	entry->start = walk->base + start;
	entry->end = walk->base + end;
	return STEP_ENTRY;
}

/* An entry of .debug_loclists or .debug_rnglists. */
static enum step read_entry5(struct range_walk *walk, enum list_kind kind, struct list_entry *entry,
			     uint64_t *ret_from)
{
	enum step step = STEP_ENTRY;
	uint64_t ignored;
	bool ok;

	if (walk->p >= walk->end)
		return STEP_DAMAGED;
	switch (shape_of(kind, *walk->p++)) {
	case SHAPE_END:
		return STEP_END;
	case SHAPE_BASE:
		ok = read_addr(walk, &walk->base);
		step = STEP_BASE;
		break;
	case SHAPE_BASE_INDEX:
		ok = read_index(walk, &walk->base);
		step = STEP_BASE;
		break;
	case SHAPE_VIEWS:
		ok = read_leb(walk, &ignored) && read_leb(walk, &ignored);
		step = STEP_BASE;
		break;
	case SHAPE_INDEX_INDEX:
		ok = read_index(walk, &entry->start) && read_index(walk, &entry->end);
		*ret_from = entry->start;
		break;
	case SHAPE_INDEX_LENGTH:
		ok = read_index(walk, &entry->start) && read_leb(walk, &entry->end);
		entry->end += entry->start;
		*ret_from = entry->start;
		break;
	case SHAPE_ADDR_ADDR:
		ok = read_addr(walk, &entry->start) && read_addr(walk, &entry->end);
		*ret_from = entry->start;
		break;
	case SHAPE_ADDR_LENGTH:
		ok = read_addr(walk, &entry->start) && read_leb(walk, &entry->end);
		entry->end += entry->start;
		*ret_from = entry->start;
		break;
	case SHAPE_OFFSETS:
		ok = read_leb(walk, &entry->start) && read_leb(walk, &entry->end);
		entry->start += walk->base;
		entry->end += walk->base;
		*ret_from = walk->base;
		break;
	case SHAPE_DEFAULT:
		ok = true;
		entry->is_default = true;
		*ret_from = 0;
		break;
	default:
		return STEP_DAMAGED;
	}
	if (ok && step == STEP_ENTRY && kind == LIST_LOCATIONS)
		ok = read_expr5(walk, entry);
	return ok ? step : STEP_DAMAGED;
}

bool list_next(struct range_walk *walk, enum list_kind kind, struct list_entry *ret_entry)
{
	uint64_t max = addr_max(walk->unit->encoding);

	for (;;) {
		const uint8_t *at = walk->p;
		struct list_entry entry = {};
		uint64_t from = max;
		enum step step;

		if (walk->is_damaged)
			return false;
		if (walk->num_entries++ == LIST_MAX_ENTRIES) {
			walk->is_damaged = true;
			return false;
		}
		step = walk->is_version5 ? read_entry5(walk, kind, &entry, &from) :
					   read_entry4(walk, kind, &entry, &from);
		if (step == STEP_DAMAGED)
			walk->is_damaged = true;
		if (step == STEP_DAMAGED || step == STEP_END) {
			walk->p = at;
			return false;
		}
		if (step == STEP_BASE || from == max)
			continue;
		entry.start &= max;
		entry.end &= max;
		*ret_entry = entry;
		return true;
	}
}
