// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/utf8.h"

unsigned int utf8_size(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf;
	unsigned int size;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (unsigned int i = 2; i < size; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return size;
}
