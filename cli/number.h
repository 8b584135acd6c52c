// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Numbers as people read them: "4,671,587", "+15,995", "+0.34 %". The separators do not depend on
 * the locale: what is printed is compared and searched by scripts.
 *
 *	struct number_text bytes, growth;
 *
 *	printf("%s bytes, %s\n", number_group(size, &bytes), number_delta(size - old, &growth));
 *
 * Each returns ret_text->data.
 */
#pragma once

#include <stdint.h>

struct number_text {
	char data[32];
};

const char *number_group(uint64_t number, struct number_text *ret_text);

/* With its sign; "0" for zero. */
const char *number_delta(int64_t delta, struct number_text *ret_text);

/* @delta in percent of @of, signed, two digits; "new" if @of is 0 and @delta is not. */
const char *number_percent(int64_t delta, uint64_t of, struct number_text *ret_text);
