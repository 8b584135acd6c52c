// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/unit.h"

#include "lib/dwarf/constants.h"

const char *unit_section_name(const struct dwarf_unit *unit)
{
	return unit->in_debug_types ? ".debug_types" : ".debug_info";
}

/* A reader of fixed-size fields; `failed` stays set after the first field that does not fit. */
struct header_reader {
	struct span section;
	uint64_t off;
	bool swap;
	bool failed;
};

static uint64_t read_field(struct header_reader *r, unsigned int size)
{
	const uint8_t *p = r->section.data + r->off;

	if (r->failed || !range_fits(r->off, size, r->section.size)) {
		r->failed = true;
		return 0;
	}
	r->off += size;
	switch (size) {
	case 1:
		return *p;
	case 2:
		return load_u16(p, r->swap);
	case 4:
		return load_u32(p, r->swap);
	default:
		return load_u64(p, r->swap);
	}
}

static struct btfgen_error *unit_read(struct span section, uint64_t off, bool in_debug_types,
				      bool big_endian, struct dwarf_unit *ret_unit)
{
	const char *name = in_debug_types ? ".debug_types" : ".debug_info";
	bool swap = big_endian != HOST_BIG_ENDIAN;
	struct header_reader r = { .section = section, .off = off, .swap = swap };
	struct dwarf_unit unit = { .off = off, .in_debug_types = in_debug_types };
	uint64_t length, version;

	unit.encoding.swap = swap;
	unit.encoding.big_endian = big_endian;
	unit.encoding.offset_size = 4;
	length = read_field(&r, 4);
	if (length == 0xffffffff) {
		unit.encoding.offset_size = 8;
		length = read_field(&r, 8);
	} else if (length >= 0xfffffff0) {
		return error_create_at(name, off, "reserved unit length 0x%jx", (uintmax_t)length);
	}
	if (r.failed)
		return error_create_at(name, off, "unit header is cut off");
	if (!range_fits(r.off, length, section.size))
		return error_create_at(
			name, off, "unit of %ju bytes does not fit into the section (%zu bytes)",
			(uintmax_t)length, section.size);
	unit.end_off = r.off + length;
	r.section.size = unit.end_off;

	version = read_field(&r, 2);
	if (!r.failed && (version < 2 || version > 5))
		return error_create_at(name, off, "unknown unit version %ju", (uintmax_t)version);
	unit.encoding.version = version;
	unit.type = in_debug_types ? DW_UT_type : DW_UT_compile;
	if (version == 5) {
		unit.type = read_field(&r, 1);
		unit.encoding.addr_size = read_field(&r, 1);
		unit.abbrev_off = read_field(&r, unit.encoding.offset_size);
		switch (unit.type) {
		case DW_UT_compile:
		case DW_UT_partial:
			break;
		case DW_UT_skeleton:
		case DW_UT_split_compile:
			read_field(&r, 8);
			break;
		case DW_UT_type:
		case DW_UT_split_type:
			unit.signature = read_field(&r, 8);
			unit.type_off = read_field(&r, unit.encoding.offset_size);
			break;
		default:
			if (!r.failed)
				return error_create_at(name, off, "unknown unit type 0x%x",
						       unit.type);
		}
	} else {
		unit.abbrev_off = read_field(&r, unit.encoding.offset_size);
		unit.encoding.addr_size = read_field(&r, 1);
		if (in_debug_types) {
			unit.signature = read_field(&r, 8);
			unit.type_off = read_field(&r, unit.encoding.offset_size);
		}
	}
	if (r.failed)
		return error_create_at(name, off, "unit header is cut off");
	if (unit.encoding.addr_size != 4 && unit.encoding.addr_size != 8)
		return error_create_at(name, off, "address size %u is not supported",
				       unit.encoding.addr_size);
	if (unit.end_off - unit.off > INT32_MAX)
		return error_create_at(name, off, "unit of %ju bytes is too large",
				       (uintmax_t)(unit.end_off - unit.off));
	unit.dies_off = r.off;
	*ret_unit = unit;
	return NULL;
}

struct btfgen_error *unit_list_read_next(struct unit_list *list, struct span section,
					 bool in_debug_types, bool big_endian, uint64_t *off)
{
	struct dwarf_unit unit;
	struct btfgen_error *err = unit_read(section, *off, in_debug_types, big_endian, &unit);

	if (err)
		return err;
	if (unit.dies_off != unit.end_off && !vec_push(&list->units, unit))
		return error_nomem();
	*off = unit.end_off;
	return NULL;
}

struct btfgen_error *unit_list_read(struct unit_list *list, struct span section,
				    bool in_debug_types, bool big_endian)
{
	uint64_t off = 0;

	while (off < section.size) {
		struct btfgen_error *err =
			unit_list_read_next(list, section, in_debug_types, big_endian, &off);

		if (err)
			return err;
	}
	return NULL;
}

void unit_list_deinit(struct unit_list *list)
{
	vec_deinit(&list->units);
}

const struct dwarf_unit *unit_find(const struct dwarf_unit *units, size_t num, uint64_t off)
{
	size_t low = 0, high = num;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (units[mid].end_off <= off)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < num && off >= units[low].dies_off)
		return &units[low];
	return NULL;
}
