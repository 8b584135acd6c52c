// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: four bytes that choose the encoding, then a .debug_abbrev section. Each table that
 * compiles is checked: steps end, sizes add up, lookups find what is there.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/dwarf/abbrev.h"
#include "lib/dwarf/constants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int any_slot(uint64_t attr)
{
	return attr < ABBREV_MAX_SLOTS ? (int)attr : -1;
}

static uint8_t any_action(uint64_t tag)
{
	return tag & 3;
}

static uint32_t any_slots(uint8_t action)
{
	return action * 0x11111111u;
}

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct abbrev_wants wants = { any_slot, any_action, any_slots };
	struct abbrev_table table = {};
	struct dwarf_encoding encoding;
	struct btfgen_error *err;

	if (size < 4)
		return 0;
	encoding = (struct dwarf_encoding){
		.version = 2 + data[0] % 4,
		.addr_size = data[1] & 1 ? 8 : 4,
		.offset_size = data[1] & 2 ? 8 : 4,
		.swap = data[1] & 4,
	};
	err = abbrev_table_compile(&table, (struct span){ data + 4, size - 4 }, data[2] % 16, &encoding,
				   &wants);
	if (!err) {
		for (size_t i = 0; i < table.abbrevs.num; i++) {
			const struct abbrev *abbrev = &table.abbrevs.data[i];
			const struct abbrev_step *step = &table.steps.data[abbrev->first_step];

			check(abbrev_lookup(&table, abbrev->code) == abbrev);
			check(abbrev->min_size == step->skip + step->rest ||
			      step->op != OP_END);
			while (step->op != OP_END) {
				check(step + 1 < table.steps.data + table.steps.num);
				check(step->rest >= step[1].rest + step[1].skip);
				step++;
			}
			check(step->rest == 0);
		}
	}
	error_free(err);
	abbrev_table_deinit(&table);
	return 0;
}
