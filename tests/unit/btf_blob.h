// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Raw BTF from text, in either byte order, right or wrong on purpose.
 *
 *	struct blob blob;
 *	blob_build(&blob, "int; *1; S foo/16{a:1@0, p:2@64}", false);
 *	...
 *	blob_free(&blob);
 *
 * Types are numbered from 1 and separated by ';'. `-` stands for no name, `#n` as a name for the
 * string offset n as it is. Numbers may be hexadecimal.
 *
 *	int			INT int, 4 bytes, signed	i name/size=tail	any INT
 *	* id	C id	V id	R id				PTR, CONST, VOLATILE, RESTRICT
 *	A(elem,index,num)					ARRAY
 *	S name/size{m:id@bit,...}	U ...			STRUCT, UNION
 *	E name/size{v=value,...}	L ...			ENUM, ENUM64
 *	Fs name		Fu name					FWD of a struct, a union
 *	td name=id	tt name=id				TYPEDEF, TYPE_TAG
 *	fn name=id	P ret(name:id,...)			FUNC (static), FUNC_PROTO
 *	var name=id=linkage					VAR
 *	sec name/size{id@off+size,...}				DATASEC
 *	fl name/size						FLOAT
 *	dt name=id=component					DECL_TAG
 *
 * A kind followed by `!` gets the kind flag; a member then is m:id@bit:width. What follows in <>
 * changes the record: vlen=n, word=n, name=text, info=n (xor). Names may hold everything but the
 * bytes that end them in the places above; `\` takes the next byte as it is.
 *
 * Wrong notation ends the test.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/span.h"
#include "lib/btf/format.h"

enum { BLOB_MAX = 1 << 16 };

struct blob {
	uint8_t *data;
	size_t size;
	bool swap;
	uint32_t types_size;
	uint32_t strings_size;

	/* While it is built. */
	uint32_t first_str;		/* a split blob's strings start here */
	uint8_t *types;
	char *strings;
	const char *text, *at;
};

static inline void blob_word(struct blob *b, uint32_t word)
{
	assert_true(b->types_size + 4 <= BLOB_MAX);
	store_u32(b->types + b->types_size, word, b->swap);
	b->types_size += 4;
}

static inline uint32_t blob_string(struct blob *b, const char *s)
{
	size_t len = strlen(s) + 1;

	for (uint32_t off = 0; off < b->strings_size; off += strlen(b->strings + off) + 1) {
		if (!strcmp(b->strings + off, s))
			return b->first_str + off;
	}
	assert_true(b->strings_size + len <= BLOB_MAX);
	memcpy(b->strings + b->strings_size, s, len);
	b->strings_size += len;
	return b->first_str + b->strings_size - len;
}

static inline void blob_blanks(struct blob *b)
{
	while (*b->at == ' ' || *b->at == '\n' || *b->at == '\t')
		b->at++;
}

static inline bool blob_accept(struct blob *b, char c)
{
	blob_blanks(b);
	if (*b->at != c)
		return false;
	b->at++;
	return true;
}

static inline void blob_expect(struct blob *b, char c)
{
	if (!blob_accept(b, c))
		fail_msg("'%c' expected in '%s' at '%s'", c, b->text, b->at);
}

static inline uint32_t blob_number(struct blob *b)
{
	char *end;
	long long v;

	blob_blanks(b);
	v = strtoll(b->at, &end, 0);
	if (end == b->at)
		fail_msg("number expected in '%s' at '%s'", b->text, b->at);
	b->at = end;
	return (uint32_t)v;
}

static inline uint32_t blob_name(struct blob *b, const char *ends)
{
	static char name[4096];
	size_t len = 0;

	blob_blanks(b);
	if (blob_accept(b, '#'))
		return blob_number(b);
	while (*b->at && !strchr(ends, *b->at)) {
		if (*b->at == '\\')
			b->at++;
		assert_true(len < sizeof(name) - 1);
		name[len++] = *b->at++;
	}
	name[len] = 0;
	return strcmp(name, "-") ? blob_string(b, name) : 0;
}

static inline uint64_t blob_value(struct blob *b)
{
	char *end;
	uint64_t v;

	blob_blanks(b);
	v = *b->at == '-' ? (uint64_t)strtoll(b->at, &end, 0) : strtoull(b->at, &end, 0);
	assert_true(end != b->at);
	b->at = end;
	return v;
}

static inline enum btf_kind blob_kind(struct blob *b)
{
	static const struct {
		const char *text;
		enum btf_kind kind;
	} words[] = {
		{ "int", BTF_INT },	{ "i", BTF_INT },	{ "*", BTF_PTR },
		{ "C", BTF_CONST },	{ "V", BTF_VOLATILE },	{ "R", BTF_RESTRICT },
		{ "A", BTF_ARRAY },	{ "S", BTF_STRUCT },	{ "U", BTF_UNION },
		{ "E", BTF_ENUM },	{ "L", BTF_ENUM64 },	{ "Fs", BTF_FWD },
		{ "Fu", BTF_FWD },	{ "td", BTF_TYPEDEF },	{ "tt", BTF_TYPE_TAG },
		{ "fn", BTF_FUNC },	{ "P", BTF_FUNC_PROTO }, { "var", BTF_VAR },
		{ "sec", BTF_DATASEC }, { "fl", BTF_FLOAT },	{ "dt", BTF_DECL_TAG },
	};
	size_t len;

	blob_blanks(b);
	len = strcspn(b->at, " !(;<\n");
	if (*b->at == '*')
		len = 1;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strlen(words[i].text) == len && !strncmp(words[i].text, b->at, len)) {
			b->at += len;
			return words[i].kind;
		}
	}
	fail_msg("kind expected in '%s' at '%s'", b->text, b->at);
	return BTF_VOID;
}

/* {...} or (...): returns the number of elements. */
static inline uint32_t blob_elements(struct blob *b, enum btf_kind kind, bool flag, char open,
				     char end)
{
	uint32_t vlen = 0, words[3], num;

	blob_expect(b, open);
	while (!blob_accept(b, end)) {
		if (vlen)
			blob_expect(b, ',');
		num = btf_kind_table[kind].elem_size / 4;
		if (kind == BTF_DATASEC) {
			words[0] = blob_number(b);
			blob_expect(b, '@');
			words[1] = blob_number(b);
			blob_expect(b, '+');
			words[2] = blob_number(b);
		} else if (btf_kind_is_enum(kind)) {
			uint64_t v;

			words[0] = blob_name(b, "=");
			blob_expect(b, '=');
			v = blob_value(b);
			words[1] = (uint32_t)v;
			words[2] = (uint32_t)(v >> 32);
		} else {
			words[0] = blob_name(b, ":");
			blob_expect(b, ':');
			words[1] = blob_number(b);
			if (kind != BTF_FUNC_PROTO) {
				blob_expect(b, '@');
				words[2] = blob_number(b);
				if (flag && blob_accept(b, ':'))
					words[2] |= blob_number(b) << 24;
			}
		}
		for (uint32_t k = 0; k < num; k++)
			blob_word(b, words[k]);
		vlen++;
	}
	return vlen;
}

static inline void blob_set(struct blob *b, uint32_t off, uint32_t word)
{
	store_u32(b->types + off, word, b->swap);
}

static inline void blob_changes(struct blob *b, uint32_t record)
{
	uint32_t info = load_u32(b->types + record + 4, b->swap);

	while (!blob_accept(b, '>')) {
		if (!strncmp(b->at, "vlen=", 5)) {
			b->at += 5;
			info = (info & ~BTF_LIMIT_VLEN) | blob_number(b);
		} else if (!strncmp(b->at, "info=", 5)) {
			b->at += 5;
			info ^= blob_number(b);
		} else if (!strncmp(b->at, "word=", 5)) {
			b->at += 5;
			blob_set(b, record + 8, blob_number(b));
		} else if (!strncmp(b->at, "name=", 5)) {
			b->at += 5;
			blob_set(b, record, blob_name(b, ">"));
		} else {
			fail_msg("change expected in '%s' at '%s'", b->text, b->at);
		}
		blob_accept(b, ' ');
	}
	blob_set(b, record + 4, info);
}

static inline void blob_type(struct blob *b)
{
	uint32_t record = b->types_size, name = 0, word = 0, vlen = 0, tail;
	const char *start;
	enum btf_kind kind;
	bool flag;

	blob_blanks(b);
	start = b->at;
	kind = blob_kind(b);
	flag = blob_accept(b, '!') || (kind == BTF_FWD && start[1] == 'u');
	for (int i = 0; i < 3; i++)
		blob_word(b, 0);
	switch (kind) {
	case BTF_INT:
		tail = btf_int_make(BTF_ENCODING_SIGNED, 0, 32);
		if (!strncmp(start, "int", 3)) {
			name = blob_string(b, "int");
			word = 4;
		} else {
			name = blob_name(b, "/");
			blob_expect(b, '/');
			word = blob_number(b);
			blob_expect(b, '=');
			tail = blob_number(b);
		}
		blob_word(b, tail);
		break;
	case BTF_ARRAY:
		blob_expect(b, '(');
		blob_word(b, blob_number(b));
		blob_expect(b, ',');
		blob_word(b, blob_number(b));
		blob_expect(b, ',');
		blob_word(b, blob_number(b));
		blob_expect(b, ')');
		break;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_DATASEC:
	case BTF_FLOAT:
		name = blob_name(b, "/");
		blob_expect(b, '/');
		word = blob_number(b);
		if (kind != BTF_FLOAT)
			vlen = blob_elements(b, kind, flag, '{', '}');
		break;
	case BTF_FWD:
		name = blob_name(b, ";<");
		break;
	case BTF_TYPEDEF:
	case BTF_TYPE_TAG:
	case BTF_FUNC:
	case BTF_VAR:
	case BTF_DECL_TAG:
		name = blob_name(b, "=");
		blob_expect(b, '=');
		word = blob_number(b);
		if (btf_kind_table[kind].tail_size) {
			blob_expect(b, '=');
			blob_word(b, blob_number(b));
		}
		break;
	case BTF_FUNC_PROTO:
		word = blob_number(b);
		vlen = blob_elements(b, kind, flag, '(', ')');
		break;
	default:
		word = blob_number(b);
		break;
	}
	blob_set(b, record, name);
	blob_set(b, record + 4, btf_info_make(kind, flag, vlen));
	blob_set(b, record + 8, word);
	if (blob_accept(b, '<'))
		blob_changes(b, record);
}

/* A split blob: strings of a base of @first_str bytes are reached by '#'. */
static inline void blob_build_split(struct blob *b, const char *text, bool big_endian,
				    uint32_t first_str)
{
	memset(b, 0, sizeof(*b));
	b->swap = big_endian != HOST_BIG_ENDIAN;
	b->first_str = first_str;
	b->types = malloc(BLOB_MAX);
	b->strings = malloc(BLOB_MAX);
	assert_non_null(b->types);
	assert_non_null(b->strings);
	if (!first_str)
		b->strings[b->strings_size++] = 0;
	b->text = b->at = text;
	blob_blanks(b);
	while (*b->at) {
		blob_type(b);
		if (!blob_accept(b, ';'))
			break;
		blob_blanks(b);
	}
	blob_blanks(b);
	if (*b->at)
		fail_msg("';' expected in '%s' at '%s'", b->text, b->at);
	b->size = BTF_HEADER_SIZE + b->types_size + b->strings_size;
	b->data = calloc(1, b->size);
	assert_non_null(b->data);
	store_u16(b->data, BTF_HEADER_MAGIC, b->swap);
	b->data[BTF_HEADER_VERSION_OFF] = BTF_HEADER_VERSION;
	store_u32(b->data + BTF_HEADER_SIZE_OFF, BTF_HEADER_SIZE, b->swap);
	store_u32(b->data + BTF_HEADER_TYPES_SIZE_OFF, b->types_size, b->swap);
	store_u32(b->data + BTF_HEADER_STRINGS_OFF_OFF, b->types_size, b->swap);
	store_u32(b->data + BTF_HEADER_STRINGS_SIZE_OFF, b->strings_size, b->swap);
	memcpy(b->data + BTF_HEADER_SIZE, b->types, b->types_size);
	memcpy(b->data + BTF_HEADER_SIZE + b->types_size, b->strings, b->strings_size);
	free(b->types);
	free(b->strings);
	b->types = NULL;
	b->strings = NULL;
}

static inline void blob_build(struct blob *b, const char *text, bool big_endian)
{
	blob_build_split(b, text, big_endian, 0);
}

static inline void blob_free(struct blob *b)
{
	free(b->data);
	b->data = NULL;
}

static inline struct span blob_span(const struct blob *b)
{
	return (struct span){ .data = b->data, .size = b->size };
}

static inline uint32_t blob_header(const struct blob *b, uint32_t off)
{
	return load_u32(b->data + off, b->swap);
}

static inline void blob_set_header(struct blob *b, uint32_t off, uint32_t word)
{
	store_u32(b->data + off, word, b->swap);
}

/* @size zero bytes more at @off; fields that count them are the caller's business. */
static inline void blob_insert(struct blob *b, size_t off, size_t size)
{
	b->data = realloc(b->data, b->size + size);
	assert_non_null(b->data);
	memmove(b->data + off + size, b->data + off, b->size - off);
	memset(b->data + off, 0, size);
	b->size += size;
}
