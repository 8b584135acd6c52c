// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * UTF-8, for those who pass names of files on to readers that insist on it (JSON).
 *
 *	for (; *s; s += size) {
 *		size = utf8_size(s);
 *		if (!size)
 *			...	*s begins no sequence
 *	}
 *
 * Threads: no state. Source: RFC 3629 section 4.
 */
#pragma once

/*
 * Bytes of the sequence at @s, 1 to 4; 0 if it is none: overlong forms, surrogates and values above
 * U+10FFFF are none. @s ends with a NUL, and nothing behind that is read.
 */
unsigned int utf8_size(const unsigned char *s);
