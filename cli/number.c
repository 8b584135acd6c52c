// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void group(const char *sign, uint64_t number, char *text, size_t text_size)
{
	char digits[24], *to = text;
	size_t num;

	snprintf(text, text_size, "%s", sign);
	to += strlen(text);
	num = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	for (size_t i = 0; i < num; i++) {
		if (i && (num - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
}

const char *number_group(uint64_t number, struct number_text *ret_text)
{
	group("", number, ret_text->data, sizeof(ret_text->data));
	return ret_text->data;
}

const char *number_delta(int64_t delta, struct number_text *ret_text)
{
	uint64_t size = delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta;

	group(delta < 0 ? "-" : delta > 0 ? "+" : "", size, ret_text->data, sizeof(ret_text->data));
	return ret_text->data;
}

const char *number_percent(int64_t delta, uint64_t of, struct number_text *ret_text)
{
	if (!of)
		snprintf(ret_text->data, sizeof(ret_text->data), delta ? "new" : "0.00 %%");
	else
		snprintf(ret_text->data, sizeof(ret_text->data), delta ? "%+.2f %%" : "%.2f %%",
			 100.0 * (double)delta / (double)of);
	return ret_text->data;
}
