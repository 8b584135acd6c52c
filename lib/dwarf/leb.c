// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/leb.h"

bool leb_read_unsigned_slow(const uint8_t **p, const uint8_t *end, uint64_t *ret_value)
{
	uint64_t value = 0;
	unsigned int shift = 0;

	for (const uint8_t *c = *p; c < end; c++) {
		if (shift < 64)
			value |= (uint64_t)(*c & 0x7f) << shift;
		shift += 7;
		if (shift > 1 << 20)
			shift = 1 << 20;
		if (!(*c & 0x80)) {
			*p = c + 1;
			*ret_value = value;
			return true;
		}
	}
	return false;
}

bool leb_read_signed(const uint8_t **p, const uint8_t *end, int64_t *ret_value)
{
	uint64_t value = 0;
	unsigned int shift = 0;

	for (const uint8_t *c = *p; c < end; c++) {
		if (shift < 64)
			value |= (uint64_t)(*c & 0x7f) << shift;
		shift += 7;
		if (shift > 1 << 20)
			shift = 1 << 20;
		if (!(*c & 0x80)) {
			if (shift < 64 && (*c & 0x40))
				value |= ~0ull << shift;
			*p = c + 1;
			*ret_value = (int64_t)value;
			return true;
		}
	}
	return false;
}
