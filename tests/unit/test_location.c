// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Location lists, range lists and what expressions mean. Lists are written byte by byte, in both
 * byte orders and both address sizes, and end at a page that nobody may read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/dwarf/constants.h"
#include "lib/dwarf/location.h"

static const uint64_t addrs[] = { 0x1000, 0x1010, 0x2000, 0x2040 };

static bool addr_at(void *ctx, uint64_t index, uint64_t *ret_addr)
{
	(void)ctx;
	if (index >= sizeof(addrs) / sizeof(addrs[0]))
		return false;
	*ret_addr = addrs[index];
	return true;
}

/* Bytes of a section in the making, for one encoding. */
struct out {
	struct dwarf_encoding encoding;
	uint8_t bytes[512];
	size_t size;
};

static void put(struct out *out, unsigned int size, uint64_t value)
{
	uint8_t *p = out->bytes + out->size;

	assert_true(size <= 8 && out->size + size <= sizeof(out->bytes));
	for (unsigned int i = 0; i < size; i++)
		p[out->encoding.big_endian ? size - 1 - i : i] = value >> 8 * i;
	out->size += size;
}

static void put_addr(struct out *out, uint64_t addr)
{
	put(out, out->encoding.addr_size, addr);
}

static void put_bytes(struct out *out, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put(out, 1, ((const uint8_t *)bytes)[i]);
}

static void put_leb(struct out *out, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put(out, 1, value | 0x80);
	put(out, 1, value);
}

/* An expression in a list: its size, then DW_OP_reg<reg>. */
static void put_reg(struct out *out, unsigned int reg)
{
	if (out->encoding.version >= 5)
		put_leb(out, 1);
	else
		put(out, 2, 1);
	put(out, 1, DW_OP_reg0 + reg);
}

static void end_of_pairs(struct out *out)
{
	put_addr(out, 0);
	put_addr(out, 0);
}

static struct out out_init(unsigned int variant, unsigned int version)
{
	struct out out = {
		.encoding = {
			.version = version,
			.addr_size = variant & 1 ? 4 : 8,
			.offset_size = variant & 2 ? 8 : 4,
			.big_endian = variant & 4,
		},
	};

	out.encoding.swap = out.encoding.big_endian != HOST_BIG_ENDIAN;
	return out;
}

enum { NUM_VARIANTS = 8 };

struct guard {
	uint8_t *map;
	size_t room;
	struct span span;
};

/* Bytes that end at a page nobody may read. */
static struct guard guard_init(const void *bytes, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct guard guard = { .room = (size + page - 1) / page * page + page };

	guard.map =
		mmap(NULL, guard.room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(guard.map != MAP_FAILED);
	assert_int_equal(mprotect(guard.map + guard.room - page, page, PROT_NONE), 0);
	guard.span = (struct span){ guard.map + guard.room - page - size, size };
	if (size)
		memcpy(guard.map + guard.room - page - size, bytes, size);
	return guard;
}

static void guard_deinit(struct guard *guard)
{
	assert_int_equal(munmap(guard->map, guard->room), 0);
}

static struct location_unit unit_of(const struct out *out, struct span lists)
{
	bool is_5 = out->encoding.version >= 5;

	return (struct location_unit){
		.encoding = &out->encoding,
		.loc = is_5 ? (struct span){} : lists,
		.loclists = is_5 ? lists : (struct span){},
		.ranges = is_5 ? (struct span){} : lists,
		.rnglists = is_5 ? lists : (struct span){},
		.low_pc = 0x1000,
		.addr_index = addr_at,
	};
}

/* The attribute that leads to the section's start. */
static struct die_attr list_attr(const struct out *out)
{
	struct die_attr attr = { .class = ATTR_SECTION_OFFSET, .size = out->encoding.offset_size };

	if (out->encoding.version < 4)
		attr.class = ATTR_UNSIGNED;
	return attr;
}

static bool place_at(const struct out *out, size_t size, uint64_t entry, struct place *ret_place)
{
	struct guard guard = guard_init(out->bytes, size);
	struct location_unit unit = unit_of(out, guard.span);
	struct die_attr attr = list_attr(out);
	bool ok;

	memset(ret_place, 0xaa, sizeof(*ret_place));
	ok = location_at_entry(&unit, &attr, entry, ret_place);
	guard_deinit(&guard);
	if (!ok) {
		assert_int_equal(ret_place->kind, PLACE_OTHER);
		assert_int_equal(ret_place->reg, PLACE_NO_REG);
		assert_int_equal(ret_place->num_pieces, 0);
		assert_false(ret_place->is_late);
	}
	return ok;
}

static void assert_reg_at(const struct out *out, uint64_t entry, unsigned int reg, bool is_late)
{
	struct place place;

	assert_true(place_at(out, out->size, entry, &place));
	assert_int_equal(place.kind, PLACE_REGISTER);
	assert_int_equal(place.reg, reg);
	assert_int_equal(place.is_late, is_late);
	assert_int_equal(place.num_pieces, 0);
}

/* Each shorter list is damaged, wherever it ends. */
static void assert_no_part_is_whole(const struct out *out)
{
	struct place place;

	for (size_t size = 0; size < out->size; size++)
		assert_false(place_at(out, size, 0x1000, &place));
}

static void lists_of_dwarf_5(void **state)
{
	(void)state;
	for (unsigned int variant = 0; variant < NUM_VARIANTS; variant++) {
		struct out out = out_init(variant, 5);

		put(&out, 1, DW_LLE_GNU_view_pair);
		put_leb(&out, 300);
		put_leb(&out, 0);
		put(&out, 1, DW_LLE_offset_pair); /* 0x1004 to 0x1084, from the unit's base */
		put_leb(&out, 4);
		put_leb(&out, 0x84);
		put_reg(&out, 1);
		put(&out, 1, DW_LLE_base_addressx);
		put_leb(&out, 2);
		put(&out, 1, DW_LLE_offset_pair); /* 0x2000 to 0x2008 */
		put_leb(&out, 0);
		put_leb(&out, 8);
		put_reg(&out, 2);
		put(&out, 1, DW_LLE_startx_endx); /* 0x2000 to 0x2040 */
		put_leb(&out, 2);
		put_leb(&out, 3);
		put_reg(&out, 3);
		put(&out, 1, DW_LLE_startx_length); /* 0x2040 to 0x20c1 */
		put_leb(&out, 3);
		put_leb(&out, 0x81);
		put_reg(&out, 4);
		put(&out, 1, DW_LLE_base_address);
		put_addr(&out, 0x3000);
		put(&out, 1, DW_LLE_offset_pair); /* 0x3010 to 0x3020 */
		put_leb(&out, 0x10);
		put_leb(&out, 0x20);
		put_reg(&out, 5);
		put(&out, 1, DW_LLE_start_end);
		put_addr(&out, 0x4000);
		put_addr(&out, 0x4010);
		put_reg(&out, 6);
		put(&out, 1, DW_LLE_start_length);
		put_addr(&out, 0x5000);
		put_leb(&out, 0x10);
		put_reg(&out, 7);
		put(&out, 1, DW_LLE_end_of_list);

		assert_reg_at(&out, 0x1003, 1, true);
		assert_reg_at(&out, 0x1004, 1, false);
		assert_reg_at(&out, 0x1083, 1, false);
		assert_reg_at(&out, 0x1084, 1, true);
		assert_reg_at(&out, 0x2000, 2, false);
		assert_reg_at(&out, 0x2007, 2, false);
		assert_reg_at(&out, 0x2008, 3, false);
		assert_reg_at(&out, 0x203f, 3, false);
		assert_reg_at(&out, 0x2040, 4, false);
		assert_reg_at(&out, 0x20c0, 4, false);
		assert_reg_at(&out, 0x20c1, 1, true);
		assert_reg_at(&out, 0x300f, 1, true);
		assert_reg_at(&out, 0x3010, 5, false);
		assert_reg_at(&out, 0x400f, 6, false);
		assert_reg_at(&out, 0x500f, 7, false);
		assert_reg_at(&out, 0x5010, 1, true);
		assert_no_part_is_whole(&out);
	}
}

static void a_default_location_is_for_the_rest(void **state)
{
	struct out out = out_init(0, 5);

	(void)state;
	put(&out, 1, DW_LLE_default_location);
	put_reg(&out, 9);
	put(&out, 1, DW_LLE_offset_pair);
	put_leb(&out, 0x10);
	put_leb(&out, 0x20);
	put_reg(&out, 1);
	put(&out, 1, DW_LLE_end_of_list);
	assert_reg_at(&out, 0x1000, 9, false);
	assert_reg_at(&out, 0, 9, false);
	assert_reg_at(&out, 0x1010, 1, false);
	assert_no_part_is_whole(&out);
}

static void lists_of_dwarf_2_to_4(void **state)
{
	(void)state;
	for (unsigned int version = 2; version <= 4; version++) {
		for (unsigned int variant = 0; variant < NUM_VARIANTS; variant++) {
			struct out out = out_init(variant, version);

			put_addr(&out, 0x10); /* 0x1010 to 0x1020, from the unit's base */
			put_addr(&out, 0x20);
			put_reg(&out, 1);
			put_addr(&out, UINT64_MAX);
			put_addr(&out, 0x5000);
			put_addr(&out, 0);
			put_addr(&out, 4);
			put_reg(&out, 2);
			put_addr(&out, UINT64_MAX);
			put_addr(&out, 0);
			put_addr(&out, 0x6000);
			put_addr(&out, 0x6004);
			put_reg(&out, 3);
			put_addr(&out, 0);
			put_addr(&out, 0);

			assert_reg_at(&out, 0x1010, 1, false);
			assert_reg_at(&out, 0x101f, 1, false);
			assert_reg_at(&out, 0x1020, 1, true);
			assert_reg_at(&out, 0x5000, 2, false);
			assert_reg_at(&out, 0x5004, 1, true);
			assert_reg_at(&out, 0x6003, 3, false);
			assert_no_part_is_whole(&out);
		}
	}
}

static void addresses_of_4_bytes_wrap(void **state)
{
	struct out out = out_init(1, 5);

	(void)state;
	put(&out, 1, DW_LLE_base_address);
	put_addr(&out, 0xfffffff0);
	put(&out, 1, DW_LLE_offset_pair); /* 0x10 to 0x20 */
	put_leb(&out, 0x20);
	put_leb(&out, 0x30);
	put_reg(&out, 1);
	put(&out, 1, DW_LLE_end_of_list);
	assert_reg_at(&out, 0x10, 1, false);
}

static void code_that_was_thrown_away_counts_for_nothing(void **state)
{
	(void)state;
	for (unsigned int variant = 0; variant < 2; variant++) {
		struct out out = out_init(variant, 5);
		struct place place;

		put(&out, 1, DW_LLE_base_address);
		put_addr(&out, UINT64_MAX);
		put(&out, 1, DW_LLE_offset_pair);
		put_leb(&out, 0x1001);
		put_leb(&out, 0x1011);
		put_reg(&out, 1);
		put(&out, 1, DW_LLE_start_length);
		put_addr(&out, UINT64_MAX);
		put_leb(&out, 0x2000);
		put_reg(&out, 1);
		put(&out, 1, DW_LLE_end_of_list);
		assert_true(place_at(&out, out.size, 0x1000, &place));
		assert_int_equal(place.kind, PLACE_NONE);
		assert_false(place.is_late);
	}
}

static void an_empty_list_is_no_location(void **state)
{
	struct place place;

	(void)state;
	for (unsigned int version = 2; version <= 5; version++) {
		struct out out = out_init(0, version);

		if (version == 5) {
			put(&out, 1, DW_LLE_end_of_list);
		} else {
			put_addr(&out, 0);
			put_addr(&out, 0);
		}
		assert_true(place_at(&out, out.size, 0x1000, &place));
		assert_int_equal(place.kind, PLACE_NONE);
		assert_int_equal(place.reg, PLACE_NO_REG);
		assert_no_part_is_whole(&out);
	}
}

static void damaged_lists(void **state)
{
	struct place place;
	struct out out;

	(void)state;
	for (unsigned int kind = 0; kind < 256; kind++) {
		bool known = kind <= DW_LLE_GNU_view_pair;

		out = out_init(0, 5);
		put(&out, 1, kind);
		for (int i = 0; i < 40; i++)
			put(&out, 1, 0);
		assert_int_equal(place_at(&out, out.size, 0x1000, &place), known);
	}
	/* An index without an address. */
	out = out_init(0, 5);
	put(&out, 1, DW_LLE_startx_length);
	put_leb(&out, 4);
	put_leb(&out, 1);
	put_reg(&out, 1);
	put(&out, 1, DW_LLE_end_of_list);
	assert_false(place_at(&out, out.size, 0x1000, &place));
	/* An expression larger than any section. */
	out = out_init(0, 5);
	put(&out, 1, DW_LLE_default_location);
	put_leb(&out, UINT64_MAX);
	put(&out, 1, DW_LLE_end_of_list);
	assert_false(place_at(&out, out.size, 0x1000, &place));
	/* A damaged expression, here and in an entry that might name the register at the call. */
	out = out_init(0, 5);
	put(&out, 1, DW_LLE_default_location);
	put_leb(&out, 1);
	put(&out, 1, DW_OP_breg0);
	put(&out, 1, DW_LLE_end_of_list);
	assert_false(place_at(&out, out.size, 0x1000, &place));
	out = out_init(0, 5);
	put(&out, 1, DW_LLE_default_location);
	put_leb(&out, 2);
	put(&out, 1, DW_OP_lit0);
	put(&out, 1, DW_OP_stack_value);
	put(&out, 1, DW_LLE_offset_pair);
	put_leb(&out, 0x10);
	put_leb(&out, 0x20);
	put_leb(&out, 1);
	put(&out, 1, DW_OP_entry_value);
	put(&out, 1, DW_LLE_end_of_list);
	assert_false(place_at(&out, out.size, 0x1000, &place));
}

static void which_attributes_lead_to_a_list(void **state)
{
	struct out out = out_init(0, 4), out5 = out_init(0, 5);
	struct die_attr attr = { .class = ATTR_SECTION_OFFSET, .size = 4 };
	struct location_unit unit;
	struct guard guard;
	struct place place;

	(void)state;
	put_addr(&out, 0);
	put_addr(&out, 8);
	put_reg(&out, 3);
	put_addr(&out, 0);
	put_addr(&out, 0);
	guard = guard_init(out.bytes, out.size);
	unit = unit_of(&out, guard.span);
	assert_true(location_at_entry(&unit, &attr, 0x1000, &place));
	assert_int_equal(place.reg, 3);

	/* Constants are offsets until DWARF 3, if they have the size of one. */
	attr.class = ATTR_UNSIGNED;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	out.encoding.version = 3;
	assert_true(location_at_entry(&unit, &attr, 0x1000, &place));
	attr.size = 8;
	assert_true(location_at_entry(&unit, &attr, 0x1000, &place));
	attr.size = 2;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	attr.size = 0;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	attr = (struct die_attr){ .class = ATTR_STRING };
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_OTHER);

	attr = (struct die_attr){ .class = ATTR_SECTION_OFFSET, .size = 4, .value = out.size };
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	attr.value = UINT64_MAX;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	attr.value = 0;
	unit.loc = (struct span){};
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	/* An index needs DWARF 5. */
	unit = unit_of(&out, guard.span);
	unit.loclists = guard.span;
	attr = (struct die_attr){ .class = ATTR_LIST_INDEX };
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	guard_deinit(&guard);

	put(&out5, 1, DW_LLE_default_location);
	put_reg(&out5, 7);
	put(&out5, 1, DW_LLE_end_of_list);
	guard = guard_init(out5.bytes, out5.size);
	unit = unit_of(&out5, guard.span);
	attr = (struct die_attr){ .class = ATTR_SECTION_OFFSET, .size = 4 };
	assert_true(location_at_entry(&unit, &attr, 0x1000, &place));
	attr.class = ATTR_UNSIGNED;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	unit.loc = unit.loclists;
	unit.loclists = (struct span){};
	attr.class = ATTR_SECTION_OFFSET;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	guard_deinit(&guard);
}

static void indexes_lead_through_the_table(void **state)
{
	(void)state;
	for (unsigned int variant = 0; variant < NUM_VARIANTS; variant++) {
		struct out out = out_init(variant, 5);
		unsigned int offset_size = out.encoding.offset_size;
		struct die_attr attr = { .class = ATTR_LIST_INDEX };
		uint64_t start, end, table = 5;
		struct location_unit unit;
		struct range_walk walk;
		struct guard guard;
		struct place place;

		for (unsigned int i = 0; i < table; i++)
			put(&out, 1, 0xff);
		put(&out, offset_size, 2 * offset_size);
		put(&out, offset_size, 2 * offset_size + 4);
		put(&out, 1, DW_LLE_default_location);
		put_reg(&out, 7);
		put(&out, 1, DW_LLE_end_of_list);
		put(&out, 1, DW_LLE_default_location);
		put_reg(&out, 8);
		put(&out, 1, DW_LLE_end_of_list);
		for (size_t size = 0; size <= out.size; size++) {
			guard = guard_init(out.bytes, size);
			unit = unit_of(&out, guard.span);
			unit.loclists_base = table;
			attr.value = 1;
			assert_int_equal(location_at_entry(&unit, &attr, 0x1000, &place),
					 size == out.size);
			assert_int_equal(place.reg, size == out.size ? 8 : PLACE_NO_REG);
			attr.value = 0;
			assert_int_equal(location_at_entry(&unit, &attr, 0x1000, &place),
					 size >= out.size - 4);
			assert_int_equal(place.reg, size >= out.size - 4 ? 7 : PLACE_NO_REG);
			/* What stands there as an offset leads nowhere. */
			attr.value = 2;
			assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
			attr.value = UINT64_MAX / offset_size;
			assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
			attr.value = UINT64_MAX;
			assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
			unit.loclists_base = UINT64_MAX;
			attr.value = 1;
			assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
			guard_deinit(&guard);
		}

		out = out_init(variant, 5);
		put(&out, offset_size, offset_size);
		put(&out, 1, DW_RLE_startx_length);
		put_leb(&out, 1);
		put_leb(&out, 0x20);
		put(&out, 1, DW_RLE_end_of_list);
		guard = guard_init(out.bytes, out.size);
		unit = unit_of(&out, guard.span);
		attr.value = 0;
		assert_true(ranges_begin(&unit, &attr, &walk));
		assert_true(ranges_next(&walk, &start, &end));
		assert_int_equal(start, 0x1010);
		assert_int_equal(end, 0x1030);
		assert_false(ranges_next(&walk, &start, &end));
		assert_false(walk.is_damaged);
		guard_deinit(&guard);
	}
}

/* Reads all ranges; false if damaged. */
static bool read_ranges(const struct out *out, size_t size, uint64_t *ret_ranges, size_t *ret_num)
{
	struct guard guard = guard_init(out->bytes, size);
	struct location_unit unit = unit_of(out, guard.span);
	struct die_attr attr = list_attr(out);
	struct range_walk walk = {};
	bool ok;

	*ret_num = 0;
	ok = ranges_begin(&unit, &attr, &walk);
	if (ok) {
		while (ranges_next(&walk, &ret_ranges[0], &ret_ranges[1])) {
			ret_ranges += 2;
			++*ret_num;
		}
		ok = !walk.is_damaged;
		/* Behind the last range there is none, however often one asks. */
		assert_false(ranges_next(&walk, &ret_ranges[0], &ret_ranges[1]));
		assert_int_equal(walk.is_damaged, !ok);
	}
	guard_deinit(&guard);
	return ok;
}

static void assert_ranges(const struct out *out, const uint64_t *expected, size_t num)
{
	uint64_t ranges[64] = {};
	size_t found;

	assert_true(read_ranges(out, out->size, ranges, &found));
	assert_int_equal(found, num);
	for (size_t i = 0; i < 2 * num; i++)
		assert_int_equal(ranges[i], expected[i]);
	for (size_t size = 0; size < out->size; size++) {
		assert_false(read_ranges(out, size, ranges, &found));
		assert_true(found <= num);
	}
}

static void ranges_of_dwarf_5(void **state)
{
	static const uint64_t expected[] = {
		0x1004, 0x1084, 0x2000, 0x2008, 0x2000, 0x2040, 0x2040,
		0x20c1, 0x3010, 0x3020, 0x4000, 0x4010, 0x5000, 0x5010,
	};

	(void)state;
	for (unsigned int variant = 0; variant < NUM_VARIANTS; variant++) {
		struct out out = out_init(variant, 5);

		put(&out, 1, DW_RLE_offset_pair);
		put_leb(&out, 4);
		put_leb(&out, 0x84);
		put(&out, 1, DW_RLE_base_addressx);
		put_leb(&out, 2);
		put(&out, 1, DW_RLE_offset_pair); /* empty */
		put_leb(&out, 8);
		put_leb(&out, 8);
		put(&out, 1, DW_RLE_offset_pair);
		put_leb(&out, 0);
		put_leb(&out, 8);
		put(&out, 1, DW_RLE_startx_endx);
		put_leb(&out, 2);
		put_leb(&out, 3);
		put(&out, 1, DW_RLE_startx_length);
		put_leb(&out, 3);
		put_leb(&out, 0x81);
		put(&out, 1, DW_RLE_base_address);
		put_addr(&out, 0x3000);
		put(&out, 1, DW_RLE_offset_pair);
		put_leb(&out, 0x10);
		put_leb(&out, 0x20);
		put(&out, 1, DW_RLE_start_end); /* backwards */
		put_addr(&out, 0x4010);
		put_addr(&out, 0x4000);
		put(&out, 1, DW_RLE_start_end);
		put_addr(&out, 0x4000);
		put_addr(&out, 0x4010);
		put(&out, 1, DW_RLE_base_address); /* thrown away */
		put_addr(&out, UINT64_MAX);
		put(&out, 1, DW_RLE_offset_pair);
		put_leb(&out, 4);
		put_leb(&out, 8);
		put(&out, 1, DW_RLE_start_length);
		put_addr(&out, 0x5000);
		put_leb(&out, 0x10);
		put(&out, 1, DW_RLE_end_of_list);
		assert_ranges(&out, expected, 7);
	}
	for (unsigned int kind = 0; kind < 256; kind++) {
		struct out out = out_init(0, 5);
		uint64_t ranges[64];
		size_t num;

		put(&out, 1, kind);
		for (int i = 0; i < 40; i++)
			put(&out, 1, 0);
		assert_int_equal(read_ranges(&out, out.size, ranges, &num),
				 kind <= DW_RLE_start_length);
	}
}

static void ranges_of_dwarf_2_to_4(void **state)
{
	static const uint64_t expected[] = { 0x1010, 0x1020, 0x5000, 0x5004 };

	(void)state;
	for (unsigned int version = 2; version <= 4; version++) {
		for (unsigned int variant = 0; variant < NUM_VARIANTS; variant++) {
			struct out out = out_init(variant, version);

			put_addr(&out, 0x10);
			put_addr(&out, 0x20);
			put_addr(&out, 1); /* empty */
			put_addr(&out, 1);
			put_addr(&out, UINT64_MAX);
			put_addr(&out, 0x5000);
			put_addr(&out, 0);
			put_addr(&out, 4);
			put_addr(&out, 0);
			put_addr(&out, 0);
			assert_ranges(&out, expected, 2);
		}
	}
}

/* Expressions in place; `size` tells where one ends, as 0 is an operand like others. */
struct expr_case {
	const char *what;
	uint8_t size;
	uint8_t bytes[24];
	uint8_t kind;
	uint16_t reg;
};

#define EXPR(...)                                                                                  \
	sizeof((uint8_t[]){ __VA_ARGS__ }),                                                        \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define NO_REG PLACE_NO_REG

static const struct expr_case expr_cases[] = {
	{ "nothing", 0, {}, PLACE_NONE, NO_REG },
	{ "only nops", EXPR(DW_OP_nop, DW_OP_nop), PLACE_NONE, NO_REG },
	{ "register", EXPR(DW_OP_reg0 + 5), PLACE_REGISTER, 5 },
	{ "nops around", EXPR(DW_OP_nop, DW_OP_reg0 + 5, DW_OP_nop), PLACE_REGISTER, 5 },
	{ "not initialised", EXPR(DW_OP_reg0 + 5, DW_OP_GNU_uninit), PLACE_REGISTER, 5 },
	{ "large number", EXPR(DW_OP_regx, 0xc8, 0x01), PLACE_REGISTER, 200 },
	{ "too large", EXPR(DW_OP_regx, 0xff, 0xff, 0x03), PLACE_OTHER, NO_REG },
	{ "largest", EXPR(DW_OP_regx, 0xfe, 0xff, 0x03), PLACE_REGISTER, 0xfffe },
	{ "last short one", EXPR(DW_OP_reg31), PLACE_REGISTER, 31 },
	{ "contents", EXPR(DW_OP_breg0 + 5, 0, DW_OP_stack_value), PLACE_REGISTER, 5 },
	{ "contents of x", EXPR(DW_OP_bregx, 200, 1, 0, DW_OP_stack_value), PLACE_REGISTER, 200 },
	{ "contents of too large", EXPR(DW_OP_bregx, 0xff, 0xff, 3, 0, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "typed contents", EXPR(DW_OP_regval_type, 5, 0x20, DW_OP_stack_value), PLACE_REGISTER,
	  5 },
	{ "more than contents", EXPR(DW_OP_breg0 + 5, 8, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "there and back",
	  EXPR(DW_OP_breg0 + 5, 8, DW_OP_lit0 + 8, DW_OP_minus, DW_OP_stack_value), PLACE_REGISTER,
	  5 },
	{ "back and there", EXPR(DW_OP_breg0 + 5, 0x78, DW_OP_plus_uconst, 8, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "constant first", EXPR(DW_OP_lit0, DW_OP_breg0 + 5, 0, DW_OP_plus, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "sum of constants",
	  EXPR(DW_OP_breg0 + 5, 0x76, DW_OP_lit0 + 4, DW_OP_lit0 + 6, DW_OP_plus, DW_OP_plus,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "constants masked and shifted",
	  EXPR(DW_OP_lit0 + 4, DW_OP_lit0 + 6, DW_OP_and, DW_OP_lit0 + 1, DW_OP_shr,
	       DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "sum after the mask",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_const1u, 0xff, DW_OP_and, DW_OP_lit0, DW_OP_plus,
	       DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "part as a whole",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0 + 8, DW_OP_shr, DW_OP_lit0 + 8, DW_OP_shl,
	       DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "amount", EXPR(DW_OP_breg0 + 5, 0, DW_OP_abs, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "constant's amount", EXPR(DW_OP_lit0, DW_OP_abs, DW_OP_not, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "negative", EXPR(DW_OP_lit0, DW_OP_breg0 + 5, 0, DW_OP_minus, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "two registers",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_breg0 + 4, 0, DW_OP_plus, DW_OP_stack_value), PLACE_OTHER,
	  NO_REG },
	{ "low byte", EXPR(DW_OP_breg0 + 5, 0, DW_OP_const1u, 0xff, DW_OP_and, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "low byte, turned",
	  EXPR(DW_OP_const1u, 0xff, DW_OP_breg0 + 5, 0, DW_OP_and, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "all bits", EXPR(DW_OP_breg0 + 5, 0, DW_OP_const1s, 0xff, DW_OP_and, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "middle bits",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_const1u, 0xfe, DW_OP_and, DW_OP_stack_value), PLACE_OTHER,
	  NO_REG },
	{ "no bits", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_and, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "sign extension",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_const1u, 56, DW_OP_shl, DW_OP_const1u, 56, DW_OP_shra,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "extension by lit",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0 + 24, DW_OP_shl, DW_OP_lit0 + 24, DW_OP_shr,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "bit field",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0 + 24, DW_OP_shl, DW_OP_lit0 + 25, DW_OP_shr,
	       DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "only shifted", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0 + 4, DW_OP_shl, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "shifted right", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0 + 4, DW_OP_shr, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "shifted far", EXPR(DW_OP_lit0 + 1, DW_OP_const1u, 200, DW_OP_shl, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "converted",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_convert, 0x20, DW_OP_convert, 0x30, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "converted by GNU",
	  EXPR(DW_OP_GNU_regval_type, 5, 0x20, DW_OP_GNU_convert, 0x30, DW_OP_GNU_reinterpret, 0,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "sum converted", EXPR(DW_OP_breg0 + 5, 1, DW_OP_convert, 0x20, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "negated", EXPR(DW_OP_breg0 + 5, 0, DW_OP_neg, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "compared", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_ne, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "held at entry", EXPR(DW_OP_entry_value, 1, DW_OP_reg0 + 5, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "held at entry, GNU", EXPR(DW_OP_GNU_entry_value, 1, DW_OP_reg0 + 5, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "held at entry, x", EXPR(DW_OP_entry_value, 3, DW_OP_regx, 200, 1, DW_OP_stack_value),
	  PLACE_REGISTER, 200 },
	{ "contents at entry", EXPR(DW_OP_entry_value, 2, DW_OP_breg0 + 5, 0, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "typed at entry",
	  EXPR(DW_OP_entry_value, 3, DW_OP_regval_type, 5, 0x20, DW_OP_convert, 0,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "sum with entry",
	  EXPR(DW_OP_entry_value, 1, DW_OP_reg0 + 5, DW_OP_plus_uconst, 8, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "memory at entry",
	  EXPR(DW_OP_entry_value, 3, DW_OP_breg0 + 5, 0, DW_OP_deref, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "unknown at entry", EXPR(DW_OP_entry_value, 1, 0xff, DW_OP_stack_value), PLACE_OTHER,
	  NO_REG },
	{ "pointed at entry", EXPR(DW_OP_entry_value, 1, DW_OP_reg0 + 5), PLACE_POINTED, 5 },
	{ "pointed", EXPR(DW_OP_breg0 + 5, 0), PLACE_POINTED, 5 },
	{ "pointed behind", EXPR(DW_OP_breg31, 0xf0, 0), PLACE_POINTED, 31 },
	{ "pointed by x", EXPR(DW_OP_bregx, 40, 0x70), PLACE_POINTED, 40 },
	{ "pointed at low byte", EXPR(DW_OP_breg0 + 5, 0, DW_OP_const1u, 0xff, DW_OP_and),
	  PLACE_OTHER, NO_REG },
	{ "two pointers away", EXPR(DW_OP_breg0 + 5, 0, DW_OP_deref), PLACE_OTHER, NO_REG },
	{ "pointer's target as value",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_deref_size, 4, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "frame", EXPR(DW_OP_fbreg, 0x90, 0x7f), PLACE_STACK, NO_REG },
	{ "frame's address", EXPR(DW_OP_call_frame_cfa), PLACE_STACK, NO_REG },
	{ "above the frame", EXPR(DW_OP_call_frame_cfa, DW_OP_const1s, 0xf8, DW_OP_plus),
	  PLACE_STACK, NO_REG },
	{ "below the frame", EXPR(DW_OP_call_frame_cfa, DW_OP_lit0 + 8, DW_OP_minus), PLACE_STACK,
	  NO_REG },
	{ "pointer in the frame", EXPR(DW_OP_fbreg, 0x68, DW_OP_deref), PLACE_STACK, NO_REG },
	{ "value in the frame",
	  EXPR(DW_OP_fbreg, 0x68, DW_OP_deref_type, 4, 0x20, DW_OP_stack_value), PLACE_STACK,
	  NO_REG },
	{ "address of the frame", EXPR(DW_OP_fbreg, 0x68, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "literal", EXPR(DW_OP_lit0 + 7, DW_OP_stack_value), PLACE_CONSTANT, NO_REG },
	{ "literal of DWARF 2", EXPR(DW_OP_lit31), PLACE_CONSTANT, NO_REG },
	{ "constant", EXPR(DW_OP_consts, 0x7f, DW_OP_stack_value), PLACE_CONSTANT, NO_REG },
	{ "indexed constant", EXPR(DW_OP_constx, 1, DW_OP_stack_value), PLACE_CONSTANT, NO_REG },
	{ "typed constant", EXPR(DW_OP_const_type, 0x20, 2, 1, 2, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "calculated",
	  EXPR(DW_OP_lit0 + 7, DW_OP_lit0 + 2, DW_OP_mul, DW_OP_neg, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "indexed address", EXPR(DW_OP_addrx, 1, DW_OP_lit0 + 4, DW_OP_plus, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "static memory", EXPR(DW_OP_addrx, 1), PLACE_OTHER, NO_REG },
	{ "bytes", EXPR(DW_OP_implicit_value, 3, 1, 2, 3), PLACE_CONSTANT, NO_REG },
	{ "pointer to a value", EXPR(DW_OP_implicit_pointer, 1, 2, 3, 4, 0), PLACE_CONSTANT,
	  NO_REG },
	{ "GNU pointer to a value", EXPR(DW_OP_GNU_implicit_pointer, 1, 2, 3, 4, 0x7f),
	  PLACE_CONSTANT, NO_REG },
	{ "another's parameter", EXPR(DW_OP_GNU_parameter_ref, 1, 2, 3, 4, DW_OP_stack_value),
	  PLACE_NONE, NO_REG },
	{ "calculated with another's parameter",
	  EXPR(DW_OP_GNU_parameter_ref, 1, 2, 3, 4, DW_OP_plus_uconst, 0, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "another's parameter as address", EXPR(DW_OP_GNU_parameter_ref, 1, 2, 3, 4), PLACE_OTHER,
	  NO_REG },
	{ "another's variable", EXPR(DW_OP_GNU_variable_value, 1, 2, 3, 4, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "object", EXPR(DW_OP_push_object_address, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "top of two", EXPR(DW_OP_lit0, DW_OP_breg0 + 5, 0, DW_OP_stack_value), PLACE_REGISTER,
	  5 },
	{ "swapped", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_swap, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "dropped", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "over", EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_over, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "picked",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_lit0, DW_OP_pick, 2, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "second comes up by rotation",
	  EXPR(DW_OP_lit0, DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_rot, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "top goes down by rotation",
	  EXPR(DW_OP_lit0, DW_OP_lit0, DW_OP_breg0 + 5, 0, DW_OP_rot, DW_OP_drop, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "shifted by a register",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_breg0 + 4, 0, DW_OP_shl, DW_OP_stack_value), PLACE_OTHER,
	  NO_REG },
	{ "first of two operands", EXPR(DW_OP_lit0, DW_OP_lit0 + 1, DW_OP_and, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "last of arithmetic", EXPR(DW_OP_lit0, DW_OP_lit0 + 1, DW_OP_xor, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "first of comparisons", EXPR(DW_OP_lit0, DW_OP_lit0 + 1, DW_OP_eq, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "last of comparisons", EXPR(DW_OP_lit0, DW_OP_lit0 + 1, DW_OP_ne, DW_OP_stack_value),
	  PLACE_CONSTANT, NO_REG },
	{ "deref, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_deref, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "deref_size, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_deref_size, 4, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "deref_type, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_deref_type, 4, 0x20, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "xderef, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_lit0, DW_OP_xderef, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "xderef_size, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_lit0, DW_OP_xderef_size, 4, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "neg, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_breg0 + 4, 0, DW_OP_neg, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "object, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_push_object_address, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "parameter_ref, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_GNU_parameter_ref, 1, 2, 3, 4, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "variable_value, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_GNU_variable_value, 1, 2, 3, 4, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "fbreg, dropped", EXPR(DW_OP_breg0 + 5, 0, DW_OP_fbreg, 0, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "cfa, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_call_frame_cfa, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "const_type, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_const_type, 0x20, 1, 1, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "entry_value, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_entry_value, 1, DW_OP_reg0 + 4, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "unknown entry_value, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_entry_value, 1, 0xff, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "bregx, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_bregx, 40, 0, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "regval_type, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_regval_type, 4, 0x20, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "addr, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_addr, 0, 0, 0, 0, 0, 0, 0, 0, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "convert, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_convert, 0x20, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "reinterpret, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_reinterpret, 0x20, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "sum, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_breg0 + 4, 0, DW_OP_breg0 + 6, 0, DW_OP_plus, DW_OP_drop,
	       DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "plus_uconst, dropped",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_plus_uconst, 8, DW_OP_drop, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "doubled", EXPR(DW_OP_breg0 + 5, 0, DW_OP_dup, DW_OP_plus, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "other address space",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_xderef, DW_OP_stack_value), PLACE_OTHER,
	  NO_REG },
	{ "other address space, size",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_lit0, DW_OP_xderef_size, 4, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "branch", EXPR(DW_OP_breg0 + 5, 0, 0x28, 0, 0, DW_OP_stack_value), PLACE_OTHER, NO_REG },
	{ "unknown operation", EXPR(DW_OP_breg0 + 5, 0, 0xed, DW_OP_stack_value), PLACE_OTHER,
	  NO_REG },
	{ "register and more", EXPR(DW_OP_reg0 + 5, DW_OP_lit0), PLACE_OTHER, NO_REG },
	{ "value and more", EXPR(DW_OP_lit0, DW_OP_stack_value, DW_OP_lit0), PLACE_OTHER, NO_REG },
	{ "more and register", EXPR(DW_OP_lit0, DW_OP_reg0 + 5), PLACE_OTHER, NO_REG },
	{ "a lot on the stack",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup,
	       DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup,
	       DW_OP_dup, DW_OP_dup, DW_OP_stack_value),
	  PLACE_REGISTER, 5 },
	{ "too much on the stack",
	  EXPR(DW_OP_breg0 + 5, 0, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup,
	       DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_dup,
	       DW_OP_dup, DW_OP_dup, DW_OP_dup, DW_OP_stack_value),
	  PLACE_OTHER, NO_REG },
	{ "no pieces at all", EXPR(DW_OP_piece, 8, DW_OP_piece, 8), PLACE_NONE, NO_REG },
	{ "constant pieces", EXPR(DW_OP_lit0, DW_OP_stack_value, DW_OP_piece, 8, DW_OP_piece, 8),
	  PLACE_CONSTANT, NO_REG },
	{ "pieces in the frame",
	  EXPR(DW_OP_fbreg, 0, DW_OP_piece, 8, DW_OP_fbreg, 8, DW_OP_piece, 8), PLACE_STACK,
	  NO_REG },
	{ "bits", EXPR(DW_OP_reg0 + 5, DW_OP_bit_piece, 9, 0), PLACE_OTHER, NO_REG },
	{ "bits, then bytes",
	  EXPR(DW_OP_reg0 + 5, DW_OP_bit_piece, 9, 0, DW_OP_reg0 + 6, DW_OP_piece, 8), PLACE_OTHER,
	  NO_REG },
	{ "something behind a piece", EXPR(DW_OP_reg0 + 5, DW_OP_piece, 8, DW_OP_reg0 + 4),
	  PLACE_OTHER, NO_REG },
};

/* The expression in place of the unit's DIEs, with a byte before it. */
static bool place_of_expr(const uint8_t *bytes, size_t size, const struct dwarf_encoding *encoding,
			  uint8_t class, struct place *ret_place)
{
	uint8_t section[300] = { 0xff };
	struct guard guard;
	struct location_unit unit;
	struct die_attr attr = { .class = class, .value = 1, .size = size };
	bool ok;

	assert_true(size < sizeof(section));
	if (size)
		memcpy(section + 1, bytes, size);
	guard = guard_init(section, size + 1);
	unit = (struct location_unit){
		.encoding = encoding,
		.section = guard.span,
		.addr_index = addr_at,
	};
	ok = location_at_entry(&unit, &attr, 0x1000, ret_place);
	attr.size++;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &(struct place){}));
	guard_deinit(&guard);
	return ok;
}

static const struct dwarf_encoding encoding_5 = {
	.version = 5,
	.addr_size = 8,
	.offset_size = 4,
	.swap = HOST_BIG_ENDIAN,
};

static void what_expressions_mean(void **state)
{
	struct place place;

	(void)state;
	for (size_t i = 0; i < sizeof(expr_cases) / sizeof(expr_cases[0]); i++) {
		const struct expr_case *c = &expr_cases[i];

		if (!place_of_expr(c->bytes, c->size, &encoding_5, ATTR_EXPR, &place))
			fail_msg("%s: damaged", c->what);
		if (place.kind != c->kind || place.reg != c->reg || place.is_late)
			fail_msg("%s: kind %d, register %d", c->what, place.kind, place.reg);
		if (place.kind != PLACE_PIECES)
			assert_int_equal(place.num_pieces, 0);
		assert_true(place_of_expr(c->bytes, c->size, &encoding_5, ATTR_BLOCK, &place));
		assert_int_equal(place.kind, c->kind);
		/* Cut off anywhere, it is damaged or means something, but is not read beyond. */
		for (size_t size = 0; size < c->size; size++)
			place_of_expr(c->bytes, size, &encoding_5, ATTR_EXPR, &place);
	}
}

static void damaged_expressions(void **state)
{
	static const struct expr_case cases[] = {
		{ "no offset", EXPR(DW_OP_breg0 + 5), 0, 0 },
		{ "no register", EXPR(DW_OP_regx), 0, 0 },
		{ "no end of register", EXPR(DW_OP_regx, 0x80), 0, 0 },
		{ "no offset of x", EXPR(DW_OP_bregx, 5), 0, 0 },
		{ "no type", EXPR(DW_OP_regval_type, 5), 0, 0 },
		{ "no frame offset", EXPR(DW_OP_fbreg), 0, 0 },
		{ "address cut off", EXPR(DW_OP_addr, 1, 2, 3, 4, 5, 6, 7), 0, 0 },
		{ "no such index", EXPR(DW_OP_addrx, 4), 0, 0 },
		{ "nothing to add to", EXPR(DW_OP_plus_uconst, 8), 0, 0 },
		{ "one thing to add", EXPR(DW_OP_lit0, DW_OP_plus), 0, 0 },
		{ "nothing to drop", EXPR(DW_OP_drop), 0, 0 },
		{ "nothing to double", EXPR(DW_OP_dup), 0, 0 },
		{ "nothing below", EXPR(DW_OP_lit0, DW_OP_over), 0, 0 },
		{ "not so deep", EXPR(DW_OP_lit0, DW_OP_pick, 1), 0, 0 },
		{ "no depth", EXPR(DW_OP_lit0, DW_OP_pick), 0, 0 },
		{ "nothing to rotate", EXPR(DW_OP_lit0, DW_OP_lit0, DW_OP_rot), 0, 0 },
		{ "nothing to convert", EXPR(DW_OP_convert, 0), 0, 0 },
		{ "no target", EXPR(DW_OP_lit0, DW_OP_convert), 0, 0 },
		{ "nothing to read at", EXPR(DW_OP_deref), 0, 0 },
		{ "no size to read", EXPR(DW_OP_lit0, DW_OP_deref_size), 0, 0 },
		{ "no value", EXPR(DW_OP_stack_value), 0, 0 },
		{ "nothing left", EXPR(DW_OP_lit0, DW_OP_drop), 0, 0 },
		{ "bytes cut off", EXPR(DW_OP_implicit_value, 3, 1, 2), 0, 0 },
		{ "pointer cut off", EXPR(DW_OP_implicit_pointer, 1, 2, 3), 0, 0 },
		{ "pointer without offset", EXPR(DW_OP_implicit_pointer, 1, 2, 3, 4), 0, 0 },
		{ "constant cut off", EXPR(DW_OP_const_type, 0x20, 2, 1), 0, 0 },
		{ "reference cut off", EXPR(DW_OP_GNU_parameter_ref, 1, 2, 3), 0, 0 },
		{ "no block", EXPR(DW_OP_entry_value), 0, 0 },
		{ "empty block", EXPR(DW_OP_entry_value, 0, DW_OP_stack_value), 0, 0 },
		{ "block cut off", EXPR(DW_OP_entry_value, 2, DW_OP_reg0), 0, 0 },
		{ "block's end is the register's",
		  EXPR(DW_OP_entry_value, 1, DW_OP_regx, 5, DW_OP_stack_value), 0, 0 },
		{ "no piece's size", EXPR(DW_OP_reg0, DW_OP_piece), 0, 0 },
		{ "no piece's offset", EXPR(DW_OP_reg0, DW_OP_bit_piece, 8), 0, 0 },
	};
	struct place place;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (place_of_expr(cases[i].bytes, cases[i].size, &encoding_5, ATTR_EXPR, &place))
			fail_msg("%s: not found damaged", cases[i].what);
		assert_int_equal(place.kind, PLACE_OTHER);
		assert_int_equal(place.reg, PLACE_NO_REG);
	}
}

static void operands_follow_the_encoding(void **state)
{
	struct dwarf_encoding e = {
		.version = 2, .addr_size = 4, .offset_size = 8, .swap = HOST_BIG_ENDIAN
	};
	const uint8_t addr[] = { DW_OP_addr, 0, 0, 0, 1, DW_OP_stack_value };
	/* Of the size of an address in DWARF 2, of an offset later. */
	const uint8_t pointer[] = { DW_OP_GNU_implicit_pointer, 0, 0, 0, 1, 0 };
	const uint8_t pointer3[] = { DW_OP_GNU_implicit_pointer, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
	const uint8_t mask_be[] = { DW_OP_breg0 + 5,  0, DW_OP_const2u, 0x00, 0xff, DW_OP_and,
				    DW_OP_stack_value };
	/* -2^32 at 64 bits, nothing at 32. */
	const uint8_t wrap[] = {
		DW_OP_breg0 + 5,  0, DW_OP_const8u, 0, 0, 0, 0, 1, 1, 1, 1, DW_OP_plus,
		DW_OP_stack_value
	};
	struct place place;

	(void)state;
	assert_true(place_of_expr(addr, sizeof(addr), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
	assert_true(place_of_expr(pointer, sizeof(pointer), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
	assert_true(place_of_expr(wrap, sizeof(wrap), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_REGISTER);
	e.version = 3;
	assert_false(place_of_expr(pointer, sizeof(pointer), &e, ATTR_BLOCK, &place));
	assert_true(place_of_expr(pointer3, sizeof(pointer3), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
	e.addr_size = 8;
	assert_true(place_of_expr(wrap, sizeof(wrap), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_OTHER);
	e.swap = !HOST_BIG_ENDIAN;
	assert_true(place_of_expr(mask_be, sizeof(mask_be), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_REGISTER);
	e.swap = HOST_BIG_ENDIAN;
	assert_true(place_of_expr(mask_be, sizeof(mask_be), &e, ATTR_BLOCK, &place));
	assert_int_equal(place.kind, PLACE_OTHER);
}

static void assert_piece(const struct place *place, unsigned int i, unsigned int reg,
			 unsigned int off, unsigned int size)
{
	assert_true(i < place->num_pieces);
	assert_int_equal(place->pieces[i].reg, reg);
	assert_int_equal(place->pieces[i].off, off);
	assert_int_equal(place->pieces[i].size, size);
	assert_int_equal(place->pieces[i].reg_off, 0);
}

static void pieces(void **state)
{
	const uint8_t pair[] = { DW_OP_reg0,	 DW_OP_piece, 8, DW_OP_nop,
				 DW_OP_reg0 + 1, DW_OP_piece, 4 };
	const uint8_t single[] = { DW_OP_reg0 + 5, DW_OP_piece, 4 };
	const uint8_t holes[] = { DW_OP_piece,
				  4,
				  DW_OP_entry_value,
				  1,
				  DW_OP_reg0 + 6,
				  DW_OP_stack_value,
				  DW_OP_piece,
				  4,
				  DW_OP_fbreg,
				  8,
				  DW_OP_piece,
				  0x80,
				  0x02,
				  DW_OP_regx,
				  5,
				  DW_OP_bit_piece,
				  16,
				  0 };
	const uint8_t empty[] = { DW_OP_reg0, DW_OP_piece, 0, DW_OP_reg0 + 1, DW_OP_piece, 1 };
	const uint8_t many[] = { DW_OP_reg0,	 DW_OP_piece, 1, DW_OP_reg0 + 1, DW_OP_piece, 1,
				 DW_OP_reg0 + 2, DW_OP_piece, 1, DW_OP_reg0 + 3, DW_OP_piece, 1,
				 DW_OP_reg0 + 4, DW_OP_piece, 1 };
	const uint8_t large[] = {
		DW_OP_reg0, DW_OP_piece, 0xff, 0xff, 3, DW_OP_reg0, DW_OP_piece, 1
	};
	const uint8_t larger[] = { DW_OP_reg0, DW_OP_piece, 0x80,	 0x80,
				   4,	       DW_OP_reg0,  DW_OP_piece, 1 };
	struct place place;

	(void)state;
	assert_true(place_of_expr(pair, sizeof(pair), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_int_equal(place.reg, PLACE_NO_REG);
	assert_int_equal(place.num_pieces, 2);
	assert_piece(&place, 0, 0, 0, 8);
	assert_piece(&place, 1, 1, 8, 4);
	assert_int_equal(place.pieces[2].reg, PLACE_NO_REG);

	assert_true(place_of_expr(single, sizeof(single), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_int_equal(place.num_pieces, 1);
	assert_piece(&place, 0, 5, 0, 4);

	assert_true(place_of_expr(holes, sizeof(holes), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_int_equal(place.num_pieces, 4);
	assert_piece(&place, 0, PLACE_NO_REG, 0, 4);
	assert_piece(&place, 1, 6, 4, 4);
	assert_piece(&place, 2, PLACE_NO_REG, 8, 256);
	assert_piece(&place, 3, 5, 264, 2);

	assert_true(place_of_expr(empty, sizeof(empty), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 1);
	assert_piece(&place, 0, 1, 0, 1);

	assert_true(place_of_expr(many, sizeof(many), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_int_equal(place.num_pieces, PLACE_MAX_PIECES);
	assert_piece(&place, 3, 3, 3, 1);

	assert_true(place_of_expr(large, sizeof(large), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 1);
	assert_piece(&place, 0, 0, 0, 65535);
	assert_true(place_of_expr(larger, sizeof(larger), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_int_equal(place.num_pieces, 0);
}

static void pieces_of_one_register(void **state)
{
	/* clang's words for a structure of two ints in rdi. */
	const uint8_t halves[] = {
		DW_OP_breg0 + 5,
		0,
		DW_OP_convert,
		0x37,
		DW_OP_convert,
		0x3b,
		DW_OP_stack_value,
		DW_OP_piece,
		4,
		DW_OP_breg0 + 5,
		0,
		DW_OP_constu,
		32,
		DW_OP_shr,
		DW_OP_convert,
		0x37,
		DW_OP_convert,
		0x3b,
		DW_OP_stack_value,
		DW_OP_piece,
		4,
	};
	const uint8_t third_byte[] = {
		DW_OP_piece,	 2,
		DW_OP_breg0 + 5, 0,
		DW_OP_lit0 + 16, DW_OP_shr,
		DW_OP_const1u,	 0xff,
		DW_OP_and,	 DW_OP_stack_value,
		DW_OP_piece,	 1,
	};
	const uint8_t bit_field[] = {
		DW_OP_breg0 + 5,
		0,
		DW_OP_lit0 + 24,
		DW_OP_shl,
		DW_OP_lit0 + 25,
		DW_OP_shr,
		DW_OP_stack_value,
		DW_OP_piece,
		1,
		DW_OP_reg0 + 6,
		DW_OP_piece,
		1,
	};
	const uint8_t left_right[] = {
		DW_OP_breg0 + 5,
		0,
		DW_OP_lit0 + 16,
		DW_OP_shl,
		DW_OP_lit0 + 24,
		DW_OP_shra,
		DW_OP_stack_value,
		DW_OP_piece,
		1,
	};
	const uint8_t bits[] = {
		DW_OP_reg0, DW_OP_bit_piece, 8, 8, DW_OP_reg0 + 1, DW_OP_piece, 1
	};
	const uint8_t odd[] = { DW_OP_reg0, DW_OP_bit_piece, 8, 4, DW_OP_reg0 + 1, DW_OP_piece, 1 };
	const uint8_t far[] = { DW_OP_reg0, DW_OP_bit_piece, 8,		  0x80, 0x80,
				0x20,	    DW_OP_reg0 + 1,  DW_OP_piece, 1 };
	const uint8_t memory[] = { DW_OP_fbreg, 0, DW_OP_bit_piece, 8, 4 };
	const uint8_t clone[] = {
		DW_OP_GNU_parameter_ref, 1,	      2, 3, 4, DW_OP_stack_value, DW_OP_piece, 8,
		DW_OP_reg0 + 5,		 DW_OP_piece, 8
	};
	struct place place;

	(void)state;
	assert_true(place_of_expr(halves, sizeof(halves), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_int_equal(place.num_pieces, 2);
	assert_piece(&place, 0, 5, 0, 4);
	assert_int_equal(place.pieces[1].reg, 5);
	assert_int_equal(place.pieces[1].off, 4);
	assert_int_equal(place.pieces[1].size, 4);
	assert_int_equal(place.pieces[1].reg_off, 4);

	assert_true(place_of_expr(third_byte, sizeof(third_byte), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 2);
	assert_piece(&place, 0, PLACE_NO_REG, 0, 2);
	assert_int_equal(place.pieces[1].reg, 5);
	assert_int_equal(place.pieces[1].reg_off, 2);

	assert_true(place_of_expr(bit_field, sizeof(bit_field), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 2);
	assert_piece(&place, 0, PLACE_NO_REG, 0, 1);
	assert_piece(&place, 1, 6, 1, 1);

	assert_true(place_of_expr(left_right, sizeof(left_right), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 1);
	assert_int_equal(place.pieces[0].reg, 5);
	assert_int_equal(place.pieces[0].reg_off, 1);

	assert_true(place_of_expr(bits, sizeof(bits), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 2);
	assert_int_equal(place.pieces[0].reg, 0);
	assert_int_equal(place.pieces[0].reg_off, 1);
	assert_piece(&place, 1, 1, 1, 1);

	assert_true(place_of_expr(odd, sizeof(odd), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 2);
	assert_piece(&place, 0, PLACE_NO_REG, 0, 1);
	assert_true(place_of_expr(far, sizeof(far), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.num_pieces, 2);
	assert_piece(&place, 0, PLACE_NO_REG, 0, 1);
	assert_true(place_of_expr(memory, sizeof(memory), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_STACK);

	assert_true(place_of_expr(clone, sizeof(clone), &encoding_5, ATTR_EXPR, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_piece(&place, 0, PLACE_NO_REG, 0, 8);
	assert_piece(&place, 1, 5, 8, 8);
}

/* A list of two entries, at 0x1000 and behind it. */
static struct out two_entries(const uint8_t *first, size_t first_size, uint64_t first_start,
			      const uint8_t *second, size_t second_size)
{
	struct out out = out_init(0, 5);

	put(&out, 1, DW_LLE_offset_pair);
	put_leb(&out, first_start);
	put_leb(&out, 0x20);
	put_leb(&out, first_size);
	put_bytes(&out, first, first_size);
	put(&out, 1, DW_LLE_offset_pair);
	put_leb(&out, 0x20);
	put_leb(&out, 0x30);
	put_leb(&out, second_size);
	put_bytes(&out, second, second_size);
	put(&out, 1, DW_LLE_end_of_list);
	return out;
}

static void the_register_at_the_call(void **state)
{
	const uint8_t reg_3[] = { DW_OP_reg0 + 3 };
	const uint8_t pointed_3[] = { DW_OP_breg0 + 3, 0 };
	const uint8_t zero[] = { DW_OP_lit0, DW_OP_stack_value };
	const uint8_t frame[] = { DW_OP_fbreg, 0 };
	const uint8_t entry_5[] = { DW_OP_entry_value, 1, DW_OP_reg0 + 5, DW_OP_stack_value };
	const uint8_t more_5[] = { DW_OP_entry_value, 1, DW_OP_reg0 + 5,
				   DW_OP_plus_uconst, 8, DW_OP_stack_value };
	const uint8_t half_3[] = { DW_OP_piece, 8, DW_OP_reg0 + 3, DW_OP_piece, 8 };
	const uint8_t no_half[] = {
		DW_OP_lit0, DW_OP_stack_value, DW_OP_piece, 8, DW_OP_fbreg, 0, DW_OP_piece, 8
	};
	const uint8_t pieces_4_5[] = { DW_OP_entry_value, 1,	       DW_OP_reg0 + 4,
				       DW_OP_stack_value, DW_OP_piece, 8,
				       DW_OP_entry_value, 1,	       DW_OP_reg0 + 5,
				       DW_OP_stack_value, DW_OP_piece, 8 };
	const uint8_t mixed_4_5[] = { DW_OP_entry_value, 1,	      DW_OP_reg0 + 4,
				      DW_OP_stack_value, DW_OP_piece, 8,
				      DW_OP_reg0 + 5,	 DW_OP_piece, 8 };
	struct place place;
	struct out out;

	(void)state;
	out = two_entries(zero, sizeof(zero), 0, entry_5, sizeof(entry_5));
	assert_reg_at(&out, 0x1000, 5, false);
	assert_no_part_is_whole(&out);
	out = two_entries(frame, sizeof(frame), 0, entry_5, sizeof(entry_5));
	assert_reg_at(&out, 0x1000, 5, false);
	out = two_entries(NULL, 0, 0, entry_5, sizeof(entry_5));
	assert_reg_at(&out, 0x1000, 5, false);
	/* A register that is named from the first instruction on needs no other witness. */
	out = two_entries(reg_3, sizeof(reg_3), 0, entry_5, sizeof(entry_5));
	assert_reg_at(&out, 0x1000, 3, false);
	out = two_entries(pointed_3, sizeof(pointed_3), 0, entry_5, sizeof(entry_5));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_POINTED);
	assert_int_equal(place.reg, 3);
	/* One that is named later does. */
	out = two_entries(reg_3, sizeof(reg_3), 4, entry_5, sizeof(entry_5));
	assert_reg_at(&out, 0x1000, 5, false);
	out = two_entries(reg_3, sizeof(reg_3), 4, zero, sizeof(zero));
	assert_reg_at(&out, 0x1000, 3, true);
	out = two_entries(half_3, sizeof(half_3), 0, entry_5, sizeof(entry_5));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_piece(&place, 1, 3, 8, 8);
	/* Pieces without any register are no better than a constant. */
	out = two_entries(no_half, sizeof(no_half), 0, entry_5, sizeof(entry_5));
	assert_reg_at(&out, 0x1000, 5, false);
	/* What was calculated from a register is not in it. */
	out = two_entries(zero, sizeof(zero), 0, more_5, sizeof(more_5));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
	assert_false(place.is_late);
	out = two_entries(zero, sizeof(zero), 4, more_5, sizeof(more_5));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
	assert_true(place.is_late);
	/* Nothing is said about the start: the first entry that says something. */
	out = two_entries(NULL, 0, 4, zero, sizeof(zero));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
	assert_true(place.is_late);

	out = two_entries(zero, sizeof(zero), 0, pieces_4_5, sizeof(pieces_4_5));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_PIECES);
	assert_false(place.is_late);
	assert_piece(&place, 0, 4, 0, 8);
	assert_piece(&place, 1, 5, 8, 8);
	/* Half of it is from another time. */
	out = two_entries(zero, sizeof(zero), 0, mixed_4_5, sizeof(mixed_4_5));
	assert_true(place_at(&out, out.size, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_CONSTANT);
}

/* Entries of no byte tell what was before the first instruction, but not what was elsewhere. */
static void the_state_before_the_first_instruction(void **state)
{
	(void)state;
	for (unsigned int version = 4; version <= 5; version++) {
		static const uint64_t entries[][3] = {
			{ 0x10, 0x10, 1 }, { 0x20, 0x20, 2 }, { 0x20, 0x30, 3 },
			{ 0x30, 0x40, 4 }, { 0x30, 0x30, 5 }, { 0x50, 0x40, 6 },
		};
		struct out out = out_init(0, version);

		for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
			if (version == 5) {
				put(&out, 1, DW_LLE_offset_pair);
				put_leb(&out, entries[i][0]);
				put_leb(&out, entries[i][1]);
			} else {
				put_addr(&out, entries[i][0]);
				put_addr(&out, entries[i][1]);
			}
			put_reg(&out, entries[i][2]);
		}
		if (version == 5)
			put(&out, 1, DW_LLE_end_of_list);
		else
			end_of_pairs(&out);
		assert_reg_at(&out, 0x1010, 1, false);
		assert_reg_at(&out, 0x100f, 1, true);
		assert_reg_at(&out, 0x1011, 1, true);
		assert_reg_at(&out, 0x1020, 2, false);
		assert_reg_at(&out, 0x1021, 3, false);
		assert_reg_at(&out, 0x1030, 4, false);
		assert_reg_at(&out, 0x1050, 1, true);
		assert_no_part_is_whole(&out);
	}
}

static void the_longest_list(void **state)
{
	struct out out = out_init(0, 5);
	struct die_attr attr = list_attr(&out);
	size_t size = (1 << 16) + 1;
	uint8_t *bytes = calloc(size, 2);
	struct location_unit unit;
	uint64_t start, end;
	struct range_walk walk;
	struct place place;

	(void)state;
	assert_non_null(bytes);
	/* Base addresses by index: two bytes each. */
	for (size_t i = 0; i < size; i++)
		bytes[2 * i] = DW_LLE_base_addressx;
	bytes[2 * ((1 << 16) - 1)] = DW_LLE_end_of_list;
	unit = unit_of(&out, (struct span){ bytes, 2 * size });
	assert_true(location_at_entry(&unit, &attr, 0x1000, &place));
	assert_int_equal(place.kind, PLACE_NONE);
	assert_true(ranges_begin(&unit, &attr, &walk));
	assert_false(ranges_next(&walk, &start, &end));
	assert_false(walk.is_damaged);

	bytes[2 * ((1 << 16) - 1)] = DW_LLE_base_addressx;
	bytes[2 * (1 << 16)] = DW_LLE_end_of_list;
	assert_false(location_at_entry(&unit, &attr, 0x1000, &place));
	assert_true(ranges_begin(&unit, &attr, &walk));
	assert_false(ranges_next(&walk, &start, &end));
	assert_true(walk.is_damaged);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_dwarf_5),
		cmocka_unit_test(a_default_location_is_for_the_rest),
		cmocka_unit_test(lists_of_dwarf_2_to_4),
		cmocka_unit_test(addresses_of_4_bytes_wrap),
		cmocka_unit_test(code_that_was_thrown_away_counts_for_nothing),
		cmocka_unit_test(an_empty_list_is_no_location),
		cmocka_unit_test(damaged_lists),
		cmocka_unit_test(which_attributes_lead_to_a_list),
		cmocka_unit_test(indexes_lead_through_the_table),
		cmocka_unit_test(ranges_of_dwarf_5),
		cmocka_unit_test(ranges_of_dwarf_2_to_4),
		cmocka_unit_test(what_expressions_mean),
		cmocka_unit_test(damaged_expressions),
		cmocka_unit_test(operands_follow_the_encoding),
		cmocka_unit_test(pieces),
		cmocka_unit_test(pieces_of_one_register),
		cmocka_unit_test(the_register_at_the_call),
		cmocka_unit_test(the_state_before_the_first_instruction),
		cmocka_unit_test(the_longest_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
