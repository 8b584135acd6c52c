// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: eight bytes (encoding, class of the attribute, its value, table's base, function's entry),
 * then a section that serves as .debug_info, as each of the list sections and as .debug_addr.
 *
 * What comes out must be well-formed, and must not depend on what stands in front of the list or
 * behind the end of an expression in place.
 */
#include <stdbool.h>
#include <string.h>

#include "lib/dwarf/location.h"
#include "tests/fuzz/fuzz.h"

struct input {
	struct dwarf_encoding encoding;
	struct span section;
};

static bool addr_at(void *ctx, uint64_t index, uint64_t *ret_addr)
{
	const struct input *input = ctx;

	if (index >= input->section.size)
		return false;
	*ret_addr = 0x10 * input->section.data[index];
	return true;
}

static void check_place(const struct place *place, bool ok)
{
	FUZZ_CHECK(place->kind <= PLACE_OTHER);
	FUZZ_CHECK(ok || (place->kind == PLACE_OTHER && !place->is_late));
	FUZZ_CHECK((place->reg != PLACE_NO_REG) ==
		   (place->kind == PLACE_REGISTER || place->kind == PLACE_POINTED));
	FUZZ_CHECK(place->num_pieces <= PLACE_MAX_PIECES);
	FUZZ_CHECK(!place->num_pieces || place->kind == PLACE_PIECES);
	for (unsigned int i = 0, off = 0; i < PLACE_MAX_PIECES; i++) {
		const struct place_piece *piece = &place->pieces[i];

		if (i >= place->num_pieces) {
			FUZZ_CHECK(piece->reg == PLACE_NO_REG);
			continue;
		}
		FUZZ_CHECK(piece->off == off && piece->size);
		FUZZ_CHECK(!piece->reg_off || piece->reg != PLACE_NO_REG);
		off += piece->size;
		FUZZ_CHECK(off <= UINT16_MAX);
	}
}

static bool same_place(const struct place *a, const struct place *b)
{
	if (a->kind != b->kind || a->reg != b->reg || a->is_late != b->is_late ||
	    a->num_pieces != b->num_pieces)
		return false;
	for (unsigned int i = 0; i < a->num_pieces; i++) {
		if (a->pieces[i].reg != b->pieces[i].reg || a->pieces[i].off != b->pieces[i].off ||
		    a->pieces[i].size != b->pieces[i].size ||
		    a->pieces[i].reg_off != b->pieces[i].reg_off)
			return false;
	}
	return true;
}

/* Bytes in a block of exactly their size. */
static struct span copy_of(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	FUZZ_CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	return (struct span){ copy, size };
}

static struct location_unit unit_of(struct input *input, struct span section, uint64_t base)
{
	return (struct location_unit){
		.encoding = &input->encoding,
		.section = section,
		.loc = section,
		.loclists = section,
		.ranges = section,
		.rnglists = section,
		.low_pc = 0x100,
		.loclists_base = base,
		.rnglists_base = base,
		.addr_index = addr_at,
		.addr_ctx = input,
	};
}

/* The same bytes alone in their section say the same. */
static void check_alone(struct input *input, const struct die_attr *attr, uint64_t entry, bool ok,
			const struct place *place)
{
	bool in_place = attr->class == ATTR_BLOCK || attr->class == ATTR_EXPR;
	struct die_attr alone_attr = { .class = attr->class, .size = attr->size };
	struct location_unit unit;
	struct place alone_place;
	struct span alone;

	if (attr->class == ATTR_LIST_INDEX || attr->value > input->section.size ||
	    (in_place && attr->size > input->section.size - attr->value))
		return;
	alone = copy_of(input->section.data + attr->value,
			in_place ? attr->size : input->section.size - attr->value);
	unit = unit_of(input, alone, 0);
	FUZZ_CHECK(location_at_entry(&unit, &alone_attr, entry, &alone_place) == ok);
	FUZZ_CHECK(same_place(place, &alone_place));
	free((void *)alone.data);
}

static void check_ranges(const struct location_unit *unit, const struct die_attr *attr)
{
	uint64_t max = unit->encoding->addr_size == 4 ? UINT32_MAX : UINT64_MAX, start, end;
	size_t num = 0;
	struct range_walk walk;

	if (!ranges_begin(unit, attr, &walk))
		return;
	while (ranges_next(&walk, &start, &end)) {
		FUZZ_CHECK(start < end && end <= max);
		FUZZ_CHECK(++num <= unit->section.size);
	}
	FUZZ_CHECK(!ranges_next(&walk, &start, &end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t classes[] = { ATTR_EXPR,	  ATTR_SECTION_OFFSET, ATTR_LIST_INDEX,
					   ATTR_UNSIGNED, ATTR_BLOCK,	       ATTR_STRING,
					   ATTR_EXPR,	  ATTR_SECTION_OFFSET };
	struct location_unit unit;
	struct die_attr attr;
	struct input input;
	struct place place;
	uint64_t entry;
	bool ok;

	if (size < 8)
		return 0;
	input.encoding = (struct dwarf_encoding){
		.version = 2 + data[0] % 4,
		.addr_size = data[0] & 0x10 ? 8 : 4,
		.offset_size = data[0] & 0x20 ? 8 : 4,
		.swap = data[0] & 0x40,
	};
	input.section = copy_of(data + 8, size - 8);
	attr = (struct die_attr){
		.class = classes[data[1] % sizeof(classes)],
		.value = data[2] == 0xff ? UINT64_MAX - data[3] : data[2],
		.size = data[3],
	};
	/* Mostly the whole expression. */
	if (data[1] & 0x80 && attr.value <= input.section.size)
		attr.size = input.section.size - attr.value;
	unit = unit_of(&input, input.section, data[4] == 0xff ? UINT64_MAX - data[5] : data[4]);
	entry = 0x10 * data[6] + data[7];

	memset(&place, 0xaa, sizeof(place));
	ok = location_at_entry(&unit, &attr, entry, &place);
	check_place(&place, ok);
	check_alone(&input, &attr, entry, ok, &place);
	check_ranges(&unit, &attr);
	free((void *)input.section.data);
	return 0;
}
