// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * LEB128 numbers (DWARF 5 section 7.6), never reading at or behind `end`.
 *
 * The readers advance *p and return true, or return false when the number does not end before
 * `end`. Bits beyond 64 are dropped, as every other reader does; the length is not limited
 * otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool leb_read_unsigned_slow(const uint8_t **p, const uint8_t *end, uint64_t *ret_value);
bool leb_read_signed(const uint8_t **p, const uint8_t *end, int64_t *ret_value);

static inline bool leb_read_unsigned(const uint8_t **p, const uint8_t *end, uint64_t *ret_value)
{
	if (*p < end && !(**p & 0x80)) {
		*ret_value = *(*p)++;
		return true;
	}
	return leb_read_unsigned_slow(p, end, ret_value);
}

static inline bool leb_skip(const uint8_t **p, const uint8_t *end)
{
	while (*p < end) {
		if (!(*(*p)++ & 0x80))
			return true;
	}
	return false;
}
