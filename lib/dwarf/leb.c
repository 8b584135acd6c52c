// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/leb.h"

/* The number's bits as they stand, and how many there are (64 stands for more). */
static bool read_bits(const uint8_t **p, const uint8_t *end, uint64_t *ret_bits,
		      unsigned int *ret_num_bits)
{
	unsigned int num_bits = 0;
	uint64_t bits = 0;

	for (const uint8_t *c = *p; c < end; c++) {
		if (num_bits < 64) {
			bits |= (uint64_t)(*c & 0x7f) << num_bits;
			num_bits += 7;
		}
		if (!(*c & 0x80)) {
			*p = c + 1;
			*ret_bits = bits;
			*ret_num_bits = num_bits < 64 ? num_bits : 64;
			return true;
		}
	}
	return false;
}

bool leb_read_unsigned_slow(const uint8_t **p, const uint8_t *end, uint64_t *ret_value)
{
	unsigned int num_bits;

	return read_bits(p, end, ret_value, &num_bits);
}

bool leb_read_signed(const uint8_t **p, const uint8_t *end, int64_t *ret_value)
{
	unsigned int num_bits;
	uint64_t bits;

	if (!read_bits(p, end, &bits, &num_bits))
		return false;
	if (num_bits < 64 && bits >> (num_bits - 1))
		bits |= ~0ull << num_bits;
	*ret_value = (int64_t)bits;
	return true;
}
