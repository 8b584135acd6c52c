// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/text_out.h"

void text_out_init(struct text_out *out, text_write_fn write, void *arg)
{
	out->write = write;
	out->arg = arg;
	out->failed = false;
	out->fill = 0;
	out->num_flushed = 0;
}

bool text_out_flush(struct text_out *out)
{
	if (out->fill && !out->failed)
		out->failed = !out->write(out->arg, out->data, out->fill);
	out->num_flushed += out->fill;
	out->fill = 0;
	return !out->failed;
}

void text_bytes_slow(struct text_out *out, const char *data, size_t size)
{
	while (size > 0) {
		size_t part = TEXT_OUT_SIZE - out->fill;

		if (part == 0) {
			text_out_flush(out);
			continue;
		}
		part = size < part ? size : part;
		memcpy(out->data + out->fill, data, part);
		out->fill += part;
		data += part;
		size -= part;
	}
}

void text_repeat(struct text_out *out, char c, size_t num)
{
	while (num-- > 0)
		text_char(out, c);
}

void text_u64(struct text_out *out, uint64_t v)
{
	char digits[20];
	size_t start = sizeof(digits);

	do {
		digits[--start] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	text_bytes(out, digits + start, sizeof(digits) - start);
}

void text_i64(struct text_out *out, int64_t v)
{
	if (v < 0)
		text_char(out, '-');
	text_u64(out, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

void text_name(struct text_out *out, const char *name)
{
	static const char hex[] = "0123456789abcdef";
	const char *start = name;

	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (!is_control(c))
			continue;
		text_bytes(out, start, (size_t)(name - start));
		text_literal(out, "\\x");
		text_char(out, hex[c >> 4]);
		text_char(out, hex[c & 15]);
		start = name + 1;
	}
	text_bytes(out, start, (size_t)(name - start));
}
