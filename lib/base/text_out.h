// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Text that goes out piece by piece, through a buffer, to wherever the caller wants it.
 *
 *	static bool to_file(void *arg, const char *data, size_t size)
 *	{
 *		return fwrite(data, 1, size, arg) == size;
 *	}
 *
 *	struct text_out out;
 *
 *	text_out_init(&out, to_file, stdout);
 *	text_literal(&out, "size=");
 *	text_u64(&out, size);
 *	if (!text_out_flush(&out))
 *		the place it goes to refused
 *
 * After the first refusal nothing more is handed over and `failed` is set; whoever makes a long
 * text looks at it now and then and stops. `num_bytes` counts what was given, handed over or not.
 *
 * Ownership: `arg` is borrowed; nothing is allocated. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_OUT_SIZE = 1 << 15 };

/* False: no more, please. @size is never 0. */
typedef bool (*text_write_fn)(void *arg, const char *data, size_t size);

struct text_out {
	text_write_fn write;
	void *arg;
	bool failed;
	size_t fill;
	uint64_t num_flushed;
	char data[TEXT_OUT_SIZE];
};

void text_out_init(struct text_out *out, text_write_fn write, void *arg);

/* Hands over what the buffer holds. False if that or anything before was refused. */
bool text_out_flush(struct text_out *out);

static inline uint64_t text_num_bytes(const struct text_out *out)
{
	return out->num_flushed + out->fill;
}

/* Any number of bytes. */
void text_bytes_slow(struct text_out *out, const char *data, size_t size);

static inline void text_bytes(struct text_out *out, const char *data, size_t size)
{
	if (size > TEXT_OUT_SIZE - out->fill) {
		text_bytes_slow(out, data, size);
		return;
	}
	memcpy(out->data + out->fill, data, size);
	out->fill += size;
}

#define text_literal(out, literal) text_bytes(out, "" literal, sizeof(literal) - 1)

static inline void text_string(struct text_out *out, const char *s)
{
	text_bytes(out, s, strlen(s));
}

static inline void text_char(struct text_out *out, char c)
{
	text_bytes(out, &c, 1);
}

/* @c @num times. */
void text_repeat(struct text_out *out, char c, size_t num);

/* Decimal. */
void text_u64(struct text_out *out, uint64_t v);
void text_i64(struct text_out *out, int64_t v);

/*
 * A string from an input file, for people and terminals: control bytes become \xNN, everything else
 * stays as it is.
 */
void text_name(struct text_out *out, const char *name);
