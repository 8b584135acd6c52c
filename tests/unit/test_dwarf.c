// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* lib/dwarf: numbers, forms, abbreviation programs, unit headers, the cursor and expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/dwarf/abbrev.h"
#include "lib/dwarf/constants.h"
#include "lib/dwarf/cursor.h"
#include "lib/dwarf/expr.h"
#include "lib/dwarf/leb.h"
#include "lib/dwarf/unit.h"

enum { SLOT_NAME = 1, SLOT_SIZE, SLOT_TYPE, SLOT_VALUE, SLOT_LOCATION };

static int test_slot(uint64_t attr)
{
	switch (attr) {
	case DW_AT_sibling:
		return ABBREV_SLOT_SIBLING;
	case DW_AT_name:
		return SLOT_NAME;
	case DW_AT_byte_size:
		return SLOT_SIZE;
	case DW_AT_type:
		return SLOT_TYPE;
	case DW_AT_const_value:
		return SLOT_VALUE;
	case DW_AT_location:
		return SLOT_LOCATION;
	default:
		return -1;
	}
}

static uint8_t test_action(uint64_t tag)
{
	return tag == DW_TAG_unspecified_parameters ? 0 : 1;
}

static uint32_t test_slots(uint8_t action)
{
	return action ? 0xfe : 0;
}

static const struct abbrev_wants wants = {
	.slot = test_slot,
	.action = test_action,
	.slots = test_slots,
};

/* Bytes that end at a page nobody may read. */
static uint8_t *guarded(const void *bytes, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page + page;
	uint8_t *map = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(map != MAP_FAILED);
	assert_int_equal(mprotect(map + room - page, page, PROT_NONE), 0);
	memcpy(map + room - page - size, bytes, size);
	return map + room - page - size;
}

static const struct dwarf_encoding encoding_5 = { .version = 5, .addr_size = 8, .offset_size = 4 };

static void leb_numbers(void **state)
{
	const uint8_t bytes[] = { 0x02, 0x7f, 0x80, 0x01, 0xe5, 0x8e, 0x26, 0x7f, 0x80, 0x7f,
				  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x80 };
	const uint8_t *p = bytes, *end = bytes + sizeof(bytes);
	uint64_t u;
	int64_t s;

	(void)state;
	assert_true(leb_read_unsigned(&p, end, &u));
	assert_int_equal(u, 2);
	assert_true(leb_read_unsigned(&p, end, &u));
	assert_int_equal(u, 127);
	assert_true(leb_read_unsigned(&p, end, &u));
	assert_int_equal(u, 128);
	assert_true(leb_read_unsigned(&p, end, &u));
	assert_int_equal(u, 624485);
	assert_true(leb_read_signed(&p, end, &s));
	assert_int_equal(s, -1);
	assert_true(leb_read_signed(&p, end, &s));
	assert_int_equal(s, -128);
	assert_true(leb_read_unsigned(&p, end, &u));
	assert_true(u == UINT64_MAX);
	assert_false(leb_read_unsigned(&p, end, &u));
	assert_false(leb_read_signed(&p, end, &s));
	assert_false(leb_skip(&p, end));
}

static void form_sizes_follow_the_unit(void **state)
{
	struct dwarf_encoding e = { .version = 2, .addr_size = 8, .offset_size = 4 };

	(void)state;
	assert_int_equal(form_lookup(DW_FORM_ref_addr, &e).size, 8);
	e.version = 3;
	assert_int_equal(form_lookup(DW_FORM_ref_addr, &e).size, 4);
	assert_int_equal(form_lookup(DW_FORM_strp, &e).size, 4);
	e.offset_size = 8;
	assert_int_equal(form_lookup(DW_FORM_strp, &e).size, 8);
	assert_int_equal(form_lookup(DW_FORM_GNU_strp_alt, &e).class, ATTR_SUPPLEMENTARY);
	assert_int_equal(form_lookup(0, &e).storage, FORM_UNKNOWN);
	assert_int_equal(form_lookup(0x02, &e).storage, FORM_UNKNOWN);
	assert_int_equal(form_lookup(0x2d, &e).storage, FORM_UNKNOWN);
	assert_int_equal(form_lookup(UINT64_MAX, &e).storage, FORM_UNKNOWN);
}

static const uint8_t abbrevs_5[] = {
	/*
	 * 1: base type with children: name string, size data1, sibling ref4, an unknown attribute
	 */
	1, DW_TAG_base_type, 1,
	DW_AT_name, DW_FORM_string, DW_AT_byte_size, DW_FORM_data1, 0x3a, DW_FORM_data4,
	0x3b, DW_FORM_data2, DW_AT_sibling, DW_FORM_ref4, 0x39, DW_FORM_udata, DW_AT_type,
	DW_FORM_ref_udata, 0, 0,
	/* 2: a DIE of no interest: only fixed sizes */
	2, DW_TAG_unspecified_parameters, 0, 0x3a, DW_FORM_data4, DW_AT_name, DW_FORM_strp, 0, 0,
	/* 3: implicit constant, flag, block */
	3, DW_TAG_variable, 0, DW_AT_const_value, DW_FORM_implicit_const, 0x7d, 0x3f,
	DW_FORM_flag_present, DW_AT_location, DW_FORM_exprloc, 0x38, DW_FORM_block2, 0, 0,
	0,
};

static struct dwarf_unit whole_unit(size_t size)
{
	return (struct dwarf_unit){ .end_off = size, .encoding = encoding_5, .type = DW_UT_compile };
}

static const uint8_t dies_5[] = {
	1, 'i', 'n', 't', 0, 4, 1, 2, 3, 4, 5, 6, 0x22, 0, 0, 0, 0x81, 0x01, 0x33,
	2, 9, 9, 9, 9, 8, 8, 8, 8,
	0,
	3, 2, 0xaa, 0xbb, 3, 0, 1, 2, 3,
};

static void cursor_takes_what_is_wanted(void **state)
{
	struct span abbrev_section = { guarded(abbrevs_5, sizeof(abbrevs_5)), sizeof(abbrevs_5) };
	struct span section = { guarded(dies_5, sizeof(dies_5)), sizeof(dies_5) };
	struct dwarf_unit unit = whole_unit(sizeof(dies_5));
	struct abbrev_table table = {};
	struct cursor cursor;
	struct die die;

	(void)state;
	assert_null(abbrev_table_compile(&table, abbrev_section, 0, &encoding_5, &wants));
	assert_true(table.is_dense);
	cursor_init(&cursor, section, &unit, &table, 0);

	assert_true(cursor_next(&cursor, &die));
	assert_int_equal(die.abbrev->tag, DW_TAG_base_type);
	assert_true(die.abbrev->has_children);
	assert_true(die_has(&die, SLOT_NAME));
	assert_string_equal((const char *)section.data + die.attrs[SLOT_NAME].value, "int");
	assert_int_equal(die.attrs[SLOT_NAME].size, 3);
	assert_int_equal(die.attrs[SLOT_SIZE].value, 4);
	assert_int_equal(die.attrs[SLOT_TYPE].value, 0x33);
	assert_int_equal(die.attrs[SLOT_TYPE].class, ATTR_REF_UNIT);
	assert_false(die_has(&die, SLOT_VALUE));
	assert_int_equal(die.attrs[ABBREV_SLOT_SIBLING].value, 0x22);

	assert_true(cursor_next(&cursor, &die));
	assert_int_equal(die.off, 19);
	assert_true(die.abbrev->is_fixed);
	assert_int_equal(die.present, 0);

	assert_true(cursor_next(&cursor, &die));
	assert_null(die.abbrev);

	assert_true(cursor_next(&cursor, &die));
	assert_int_equal((int64_t)die.attrs[SLOT_VALUE].value, -3);
	assert_int_equal(die.attrs[SLOT_VALUE].class, ATTR_SIGNED);
	assert_int_equal(die.attrs[SLOT_LOCATION].size, 2);
	assert_int_equal(section.data[die.attrs[SLOT_LOCATION].value], 0xaa);

	assert_false(cursor_next(&cursor, &die));
	assert_null(cursor_error(&cursor));
	abbrev_table_deinit(&table);
}

/* Wherever a unit is cut, the cursor stops with an error and never reads behind the end. */
static void cursor_stays_inside_at_every_cut(void **state)
{
	struct span abbrev_section = { abbrevs_5, sizeof(abbrevs_5) };
	struct abbrev_table table = {};

	(void)state;
	assert_null(abbrev_table_compile(&table, abbrev_section, 0, &encoding_5, &wants));
	for (size_t size = 0; size < sizeof(dies_5); size++) {
		struct span section = { guarded(dies_5, size), size };
		struct dwarf_unit unit = whole_unit(size);
		struct btfgen_error *err;
		struct cursor cursor;
		struct die die;

		cursor_init(&cursor, section, &unit, &table, 0);
		while (cursor_next(&cursor, &die))
			;
		err = cursor_error(&cursor);
		/* Cuts between DIEs are no damage that a cursor can see. */
		if (size == 0 || size == 19 || size == 28 || size == 29)
			assert_null(err);
		else
			assert_non_null(err);
		error_free(err);
	}
	abbrev_table_deinit(&table);
}

static void expect_error(struct btfgen_error *err, const char *text)
{
	char *actual;

	assert_non_null(err);
	actual = error_text(err);
	assert_string_equal(actual, text);
	free(actual);
	error_free(err);
}

static void abbrev_damage_is_told_with_its_place(void **state)
{
	static const uint8_t unknown_form[] = { 1, 0x24, 0, 0x03, 0x70, 0, 0, 0 };
	static const uint8_t twice[] = { 2, 0x24, 0, 0, 0, 2, 0x24, 0, 0, 0, 0 };
	static const uint8_t sparse[] = { 9, 0x24, 0, 0, 0, 5, 0x16, 0, 0, 0, 0 };
	struct abbrev_table table = {};
	struct span section;

	(void)state;
	section = (struct span){ unknown_form, sizeof(unknown_form) };
	expect_error(abbrev_table_compile(&table, section, 0, &encoding_5, &wants),
		     ".debug_abbrev+0x3: unknown form 0x70 of attribute 0x3");
	section = (struct span){ twice, sizeof(twice) };
	expect_error(abbrev_table_compile(&table, section, 0, &encoding_5, &wants),
		     ".debug_abbrev+0x0: abbreviation code 2 is declared twice");
	expect_error(abbrev_table_compile(&table, section, 11, &encoding_5, &wants),
		     ".debug_abbrev+0xb: abbreviation table offset is outside the section (11 bytes)");
	for (size_t size = 1; size < sizeof(sparse); size++) {
		struct btfgen_error *err;

		section = (struct span){ guarded(sparse, size), size };
		err = abbrev_table_compile(&table, section, 0, &encoding_5, &wants);
		assert_non_null(err);
		error_free(err);
	}
	section = (struct span){ sparse, sizeof(sparse) };
	assert_null(abbrev_table_compile(&table, section, 0, &encoding_5, &wants));
	assert_false(table.is_dense);
	assert_int_equal(abbrev_lookup(&table, 5)->tag, DW_TAG_typedef);
	assert_int_equal(abbrev_lookup(&table, 9)->tag, DW_TAG_base_type);
	assert_null(abbrev_lookup(&table, 0));
	assert_null(abbrev_lookup(&table, 7));
	assert_null(abbrev_lookup(&table, 10));
	abbrev_table_deinit(&table);
}

static void cursor_damage_is_told_with_its_place(void **state)
{
	static const uint8_t unknown_code[] = { 2, 9, 9, 9, 9, 8, 8, 8, 8, 0x44 };
	static const uint8_t long_block[] = { 3, 0, 0xff, 0xff };
	struct span abbrev_section = { abbrevs_5, sizeof(abbrevs_5) };
	struct dwarf_unit unit = whole_unit(sizeof(unknown_code));
	struct abbrev_table table = {};
	struct cursor cursor;
	struct die die;

	(void)state;
	assert_null(abbrev_table_compile(&table, abbrev_section, 0, &encoding_5, &wants));
	cursor_init(&cursor, (struct span){ unknown_code, sizeof(unknown_code) }, &unit, &table, 0);
	assert_true(cursor_next(&cursor, &die));
	assert_false(cursor_next(&cursor, &die));
	expect_error(cursor_error(&cursor), ".debug_info+0x9: unknown abbreviation code 0x44");
	unit = whole_unit(sizeof(long_block));
	cursor_init(&cursor, (struct span){ long_block, sizeof(long_block) }, &unit, &table, 0);
	assert_false(cursor_next(&cursor, &die));
	expect_error(cursor_error(&cursor),
		     ".debug_info+0x2: block reaches over the end of its unit: length 0xffff");
	abbrev_table_deinit(&table);
}

static void unit_headers_of_all_versions(void **state)
{
	static const uint8_t v2[] = { 8, 0, 0, 0, 2, 0, 1, 0, 0, 0, 4, 0xee };
	static const uint8_t v5[] = { 9, 0, 0, 0, 5, 0, DW_UT_partial, 8, 7, 0, 0, 0, 0xee };
	static const uint8_t v5_64_be[] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 29,
					    0, 5, DW_UT_type, 4, 0, 0, 0, 0, 0, 0, 0, 3,
					    1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 40, 0xee };
	struct unit_list list = {};
	struct span section;

	(void)state;
	section = (struct span){ v2, sizeof(v2) };
	assert_null(unit_list_read(&list, section, false, false));
	section = (struct span){ v5, sizeof(v5) };
	assert_null(unit_list_read(&list, section, false, false));
	section = (struct span){ v5_64_be, sizeof(v5_64_be) };
	assert_null(unit_list_read(&list, section, false, true));
	assert_int_equal(list.units.num, 3);
	assert_int_equal(list.units.data[0].encoding.version, 2);
	assert_int_equal(list.units.data[0].encoding.addr_size, 4);
	assert_int_equal(list.units.data[0].abbrev_off, 1);
	assert_int_equal(list.units.data[0].dies_off, 11);
	assert_int_equal(list.units.data[1].type, DW_UT_partial);
	assert_int_equal(list.units.data[1].abbrev_off, 7);
	assert_int_equal(list.units.data[2].encoding.offset_size, 8);
	assert_true(list.units.data[2].signature == 0x0102030405060708);
	assert_int_equal(list.units.data[2].type_off, 40);
	assert_int_equal(list.units.data[2].dies_off, 40);
	unit_list_deinit(&list);
}

static void unit_damage_is_told_with_its_place(void **state)
{
	static const uint8_t version_9[] = { 8, 0, 0, 0, 9, 0, 1, 0, 0, 0, 4, 0xee };
	static const uint8_t too_long[] = { 9, 0, 0, 0, 4, 0, 1, 0, 0, 0, 4, 0xee };
	static const uint8_t addr_2[] = { 8, 0, 0, 0, 4, 0, 1, 0, 0, 0, 2, 0xee };
	struct unit_list list = {};

	(void)state;
	expect_error(unit_list_read(&list, (struct span){ version_9, sizeof(version_9) }, false,
				    false),
		     ".debug_info+0x0: unknown unit version 9");
	expect_error(unit_list_read(&list, (struct span){ too_long, sizeof(too_long) }, false,
				    false),
		     ".debug_info+0x0: unit of 9 bytes does not fit into the section (12 bytes)");
	expect_error(unit_list_read(&list, (struct span){ addr_2, sizeof(addr_2) }, true, false),
		     ".debug_types+0x0: unit header is cut off");
	expect_error(unit_list_read(&list, (struct span){ addr_2, sizeof(addr_2) }, false, false),
		     ".debug_info+0x0: address size 2 is not supported");
	unit_list_deinit(&list);
}

static bool index_plus_1000(void *ctx, uint64_t index, uint64_t *ret_addr)
{
	(void)ctx;
	if (index > 9)
		return false;
	*ret_addr = index + 1000;
	return true;
}

static enum expr_result eval(const uint8_t *bytes, size_t size, uint64_t *addr)
{
	struct span expr = { guarded(bytes, size), size };

	return expr_static_address(expr, &encoding_5, index_plus_1000, NULL, addr);
}

#define EVAL(addr, ...) eval((const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }), addr)

static void expressions_that_name_an_address(void **state)
{
	uint64_t addr = 0;

	(void)state;
	assert_int_equal(EVAL(&addr, DW_OP_addr, 1, 2, 0, 0, 0, 0, 0, 0), EXPR_ADDRESS);
	assert_int_equal(addr, 0x201);
	assert_int_equal(EVAL(&addr, DW_OP_addr, 1, 2, 0, 0, 0, 0, 0, 0, DW_OP_plus_uconst, 8),
			 EXPR_ADDRESS);
	assert_int_equal(addr, 0x209);
	assert_int_equal(EVAL(&addr, DW_OP_addrx, 3, DW_OP_const1s, 0xff, DW_OP_plus), EXPR_ADDRESS);
	assert_int_equal(addr, 1002);
	assert_int_equal(EVAL(&addr, DW_OP_addrx, 10), EXPR_DAMAGED);
	assert_int_equal(EVAL(&addr, DW_OP_addr, 1, 2), EXPR_DAMAGED);
	assert_int_equal(EVAL(&addr, DW_OP_plus), EXPR_DAMAGED);
	assert_int_equal(EVAL(&addr, DW_OP_lit0 + 5), EXPR_NOT_STATIC);
	/* Thread-local: an offset, then DW_OP_form_tls_address. */
	assert_int_equal(EVAL(&addr, DW_OP_const8u, 0, 0, 0, 0, 0, 0, 0, 0, 0x9b), EXPR_NOT_STATIC);
	assert_int_equal(EVAL(&addr, 0x91, 0x10), EXPR_NOT_STATIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leb_numbers),
		cmocka_unit_test(form_sizes_follow_the_unit),
		cmocka_unit_test(cursor_takes_what_is_wanted),
		cmocka_unit_test(cursor_stays_inside_at_every_cut),
		cmocka_unit_test(abbrev_damage_is_told_with_its_place),
		cmocka_unit_test(cursor_damage_is_told_with_its_place),
		cmocka_unit_test(unit_headers_of_all_versions),
		cmocka_unit_test(unit_damage_is_told_with_its_place),
		cmocka_unit_test(expressions_that_name_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
