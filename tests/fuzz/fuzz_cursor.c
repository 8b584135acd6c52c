// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: two bytes of size, that many bytes of .debug_abbrev, the rest is .debug_info. Walks all
 * units and compares with a plain walk that takes nothing: both must step on the same DIEs and end
 * alike.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/dwarf/cursor.h"
#include "lib/dwarf/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int any_slot(uint64_t attr)
{
	return attr < ABBREV_MAX_SLOTS ? (int)attr : -1;
}

static uint8_t every_tag(uint64_t tag)
{
	(void)tag;
	return 1;
}

static uint8_t no_tag(uint64_t tag)
{
	(void)tag;
	return 0;
}

static uint32_t all_or_none(uint8_t action)
{
	return action ? UINT32_MAX : 0;
}

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_attrs(const struct die *die, struct span info)
{
	for (unsigned int slot = 0; slot < ABBREV_MAX_SLOTS; slot++) {
		const struct die_attr *attr = &die->attrs[slot];

		if (!die_has(die, slot))
			continue;
		if (attr->class == ATTR_BLOCK || attr->class == ATTR_EXPR)
			check(range_fits(attr->value, attr->size, info.size));
		if (attr->class == ATTR_STRING)
			check(range_fits(attr->value, (uint64_t)attr->size + 1, info.size) &&
			      !info.data[attr->value + attr->size]);
	}
}

static void walk(struct span info, struct span abbrev, const struct dwarf_unit *unit,
		 struct abbrev_table *taking, struct abbrev_table *skipping)
{
	static const struct abbrev_wants take_all = { any_slot, every_tag, all_or_none };
	static const struct abbrev_wants take_none = { any_slot, no_tag, all_or_none };
	struct cursor a, b;
	struct die die_a, die_b;
	bool more_a, more_b;
	struct btfgen_error *err;

	err = abbrev_table_compile(taking, abbrev, unit->abbrev_off, &unit->encoding, &take_all);
	if (!err)
		err = abbrev_table_compile(skipping, abbrev, unit->abbrev_off, &unit->encoding,
					   &take_none);
	if (err) {
		error_free(err);
		return;
	}
	cursor_init(&a, info, unit, taking, unit->dies_off);
	cursor_init(&b, info, unit, skipping, unit->dies_off);
	for (;;) {
		more_a = cursor_next(&a, &die_a);
		more_b = cursor_next(&b, &die_b);
		check(more_a == more_b);
		if (!more_a)
			break;
		check(die_a.off == die_b.off && !die_a.abbrev == !die_b.abbrev && a.p == b.p);
		if (die_a.abbrev)
			check_attrs(&die_a, info);
	}
	err = cursor_error(&a);
	error_free(err);
	err = cursor_error(&b);
	error_free(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct abbrev_table taking = {}, skipping = {};
	struct span abbrev, info;
	struct unit_list list = {};
	size_t abbrev_size;

	if (size < 2)
		return 0;
	abbrev_size = (data[0] | data[1] << 8) & 0x3ff;
	if (abbrev_size > size - 2)
		abbrev_size = size - 2;
	abbrev = (struct span){ data + 2, abbrev_size };
	info = (struct span){ data + 2 + abbrev_size, size - 2 - abbrev_size };
	error_free(unit_list_read(&list, info, false, data[1] & 0x80));
	for (size_t i = 0; i < list.units.num; i++)
		walk(info, abbrev, &list.units.data[i], &taking, &skipping);
	unit_list_deinit(&list);
	abbrev_table_deinit(&taking);
	abbrev_table_deinit(&skipping);
	return 0;
}
