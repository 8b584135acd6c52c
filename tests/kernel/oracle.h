/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the real-kernel oracles share: a growing text buffer, a set of strings, and a small BTF
 * reader. It is deliberately separate from lib/: an oracle that used the code under test could
 * only repeat its mistakes.
 *
 * Types are described by one line of text, so that two files, or a file and the DWARF it was made
 * from, are compared with nothing but string equality. The notation is prefix and unambiguous:
 *
 *	int/4s			integer, 4 bytes, signed (u none, s signed, c char, b bool, f float)
 *	*T const T volatile T restrict T	pointer and qualifiers
 *	[3]T			array of three T; [2][3]T has two dimensions
 *	struct n, union n, enum n, typedef n	a named type is a leaf
 *	fwd struct n, fwd union n		a forward declaration
 *	struct/8{a@0 T; b@32:3 T}	unnamed aggregate: members at bit offsets, width behind ':'
 *	enum/4u{A=0; B=1}	unnamed enumeration, u or s for the sign of its values
 *	fn(a T, ...)T		prototype, then the result; void is void
 *	tag(x) T		type tag
 *
 * A name may stand for several types. With labels (struct labels), the names of a given list are
 * followed by '#' and a hash of the definition meant, or '#?' where that is unknown because only a
 * forward declaration is in sight; hashes are taken over text in which the same holds one round
 * less deep. With labels, forward declarations are not marked, as a unit's are no property of a
 *type.
 *
 * Split BTF is read on top of its base: the kb_ functions take ids and string offsets of either, and
 * first_id to num_types are a file's own.
 *
 * Errors end the process with status 3 and a line on stderr: these are test programs.
 */
#ifndef BTFGEN_TESTS_KERNEL_ORACLE_H
#define BTFGEN_TESTS_KERNEL_ORACLE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nesting of unnamed types beyond this is cut in a description; C never comes near it. */
#define ORACLE_MAX_DEPTH 48

__attribute__((format(printf, 1, 2), noreturn)) static inline void oracle_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(3);
}

static inline void *oracle_alloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		oracle_die("out of memory");
	return p;
}

/* --- text ------------------------------------------------------------------------------------ */

struct text {
	char *buf;
	size_t len;
	size_t cap;
};

static inline void text_reserve(struct text *t, size_t more)
{
	if (t->len + more + 1 <= t->cap)
		return;
	t->cap = (t->len + more + 1) * 2;
	t->buf = oracle_alloc(t->buf, t->cap);
}

static inline void text_add(struct text *t, const char *s, size_t len)
{
	text_reserve(t, len);
	memcpy(t->buf + t->len, s, len);
	t->len += len;
	t->buf[t->len] = 0;
}

static inline void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

static inline void text_num(struct text *t, unsigned long long value)
{
	char tmp[24];
	int at = sizeof(tmp);

	do {
		tmp[--at] = '0' + value % 10;
		value /= 10;
	} while (value);
	text_add(t, tmp + at, sizeof(tmp) - at);
}

static inline void text_snum(struct text *t, long long value)
{
	if (value < 0) {
		text_add(t, "-", 1);
		text_num(t, -(unsigned long long)value);
	} else {
		text_num(t, value);
	}
}

static inline void text_reset(struct text *t)
{
	text_reserve(t, 0);
	t->len = 0;
	t->buf[0] = 0;
}

/* --- set of strings, each with a counter and a note ------------------------------------------ */

struct strset_entry {
	uint64_t hash;
	char *str;
	uint64_t note;
	uint32_t len;
	uint32_t count;
};

struct strset {
	struct strset_entry *slots;
	size_t mask;
	size_t num;
};

static inline uint64_t strset_hash(const char *s, size_t len)
{
	uint64_t h = 0x9e3779b97f4a7c15ull ^ len;
	uint64_t w;

	for (; len >= 8; s += 8, len -= 8) {
		memcpy(&w, s, 8);
		h = (h ^ w) * 0xff51afd7ed558ccdull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, s, len);
	h = (h ^ w) * 0xc4ceb9fe1a85ec53ull;
	return h ^ h >> 29;
}

static inline void strset_grow(struct strset *set)
{
	struct strset_entry *old = set->slots;
	size_t old_size = old ? set->mask + 1 : 0;
	size_t size = old_size ? old_size * 2 : 4096;

	set->slots = calloc(size, sizeof(*set->slots));
	if (!set->slots)
		oracle_die("out of memory");
	set->mask = size - 1;
	for (size_t i = 0; i < old_size; i++) {
		size_t at = old[i].hash & set->mask;

		if (!old[i].str)
			continue;
		while (set->slots[at].str)
			at = (at + 1) & set->mask;
		set->slots[at] = old[i];
	}
	free(old);
}

/* Count one occurrence; a string seen for the first time keeps note. */
static inline struct strset_entry *strset_add(struct strset *set, const char *s, size_t len,
					      uint64_t note)
{
	uint64_t hash = strset_hash(s, len);
	size_t at;

	if (set->num * 3 >= (set->slots ? set->mask + 1 : 0) * 2)
		strset_grow(set);
	for (at = hash & set->mask; set->slots[at].str; at = (at + 1) & set->mask) {
		struct strset_entry *e = &set->slots[at];

		if (e->hash == hash && e->len == len && !memcmp(e->str, s, len)) {
			e->count++;
			return e;
		}
	}
	set->slots[at].hash = hash;
	set->slots[at].str = oracle_alloc(NULL, len + 1);
	memcpy(set->slots[at].str, s, len);
	set->slots[at].str[len] = 0;
	set->slots[at].len = len;
	set->slots[at].note = note;
	set->slots[at].count = 1;
	set->num++;
	return &set->slots[at];
}

/* --- labels ---------------------------------------------------------------------------------- */

#define MAX_ROUNDS 4
#define LABEL_UNKNOWN 1u

struct labels {
	struct strset names; /* "struct foo", one a line of the list */
	int round; /* the depth still to go; 0: bare names */
};

static inline bool strset_has(const struct strset *set, const char *s, size_t len)
{
	uint64_t hash = strset_hash(s, len);

	if (!set->slots)
		return false;
	for (size_t at = hash & set->mask; set->slots[at].str; at = (at + 1) & set->mask) {
		const struct strset_entry *e = &set->slots[at];

		if (e->hash == hash && e->len == len && !memcmp(e->str, s, len))
			return true;
	}
	return false;
}

static inline uint8_t *oracle_read_file(const char *path, size_t *ret_size);

static inline void labels_load(struct labels *l, const char *path, int rounds)
{
	size_t size;
	char *data = (char *)oracle_read_file(path, &size), *line = data, *end;

	if (rounds < 0 || rounds > MAX_ROUNDS)
		oracle_die("rounds: 0 to %d", MAX_ROUNDS);
	l->round = rounds;
	for (; (end = memchr(line, '\n', data + size - line)); line = end + 1)
		strset_add(&l->names, line, end - line, 0);
	free(data);
}

static inline void text_label(struct text *t, uint32_t label)
{
	char tmp[12];

	if (label == LABEL_UNKNOWN)
		text_puts(t, "#?");
	else
		text_add(t, tmp, snprintf(tmp, sizeof(tmp), "#%08x", label));
}

/* The label of a definition with this text; unknown as soon as it rests on an unknown one. */
static inline uint32_t label_of(const struct text *t)
{
	if (strstr(t->buf, "#?"))
		return LABEL_UNKNOWN;
	return (uint32_t)strset_hash(t->buf, t->len) | 2;
}

/* --- BTF ------------------------------------------------------------------------------------- */

enum {
	KB_VOID,
	KB_INT,
	KB_PTR,
	KB_ARRAY,
	KB_STRUCT,
	KB_UNION,
	KB_ENUM,
	KB_FWD,
	KB_TYPEDEF,
	KB_VOLATILE,
	KB_CONST,
	KB_RESTRICT,
	KB_FUNC,
	KB_FUNC_PROTO,
	KB_VAR,
	KB_DATASEC,
	KB_FLOAT,
	KB_DECL_TAG,
	KB_TYPE_TAG,
	KB_ENUM64,
	KB_NUM_KINDS,
};

static const char *const kb_kind_names[KB_NUM_KINDS] = {
	"void", "int",	   "ptr",      "array",	   "struct",   "union",	 "enum",
	"fwd",	"typedef", "volatile", "const",	   "restrict", "func",	 "func_proto",
	"var",	"datasec", "float",    "decl_tag", "type_tag", "enum64",
};

/* Bytes behind the three words of every record: fixed, and for each of vlen entries. */
static const uint8_t kb_fixed_size[KB_NUM_KINDS] = {
	[KB_INT] = 4,
	[KB_ARRAY] = 12,
	[KB_VAR] = 4,
	[KB_DECL_TAG] = 4,
};

static const uint8_t kb_entry_size[KB_NUM_KINDS] = {
	[KB_STRUCT] = 12,    [KB_UNION] = 12,	[KB_ENUM] = 8,
	[KB_FUNC_PROTO] = 8, [KB_DATASEC] = 12, [KB_ENUM64] = 12,
};

struct kbtf {
	const uint8_t *data;
	size_t size;
	bool swap;
	bool big_endian;
	uint32_t hdr_len;
	uint32_t type_off;
	uint32_t type_len;
	uint32_t str_off;
	uint32_t str_len;
	const struct kbtf *base; /* what split BTF is on top of, or NULL */
	uint32_t str_bias; /* the string offset of the own first byte */
	uint32_t first_id; /* the lowest own id: 1, or behind the base's */
	uint32_t num_types; /* with void and those of the base */
	uint32_t *pos; /* id less first_id to byte position of its record */
	struct labels *labels; /* or NULL */
	uint32_t *memo[MAX_ROUNDS]; /* id to label, by round; 0 is none yet */
};

static inline uint32_t kb_word(const struct kbtf *k, size_t at)
{
	uint32_t v;

	if (at > k->size || k->size - at < 4)
		oracle_die("BTF: word at %zu beyond the end", at);
	memcpy(&v, k->data + at, 4);
	return k->swap ? __builtin_bswap32(v) : v;
}

static inline const char *kb_str(const struct kbtf *k, uint32_t off)
{
	while (off < k->str_bias)
		k = k->base;
	off -= k->str_bias;
	if (off >= k->str_len)
		oracle_die("BTF: string offset %u beyond the end", k->str_bias + off);
	return (const char *)k->data + k->str_off + off;
}

/* Word number word of record id, the three of its header included. */
static inline uint32_t kb_record_word(const struct kbtf *k, uint32_t id, uint32_t word)
{
	while (k->base && id < k->first_id)
		k = k->base;
	return kb_word(k, k->pos[id - k->first_id] + 4 * (size_t)word);
}

static inline uint32_t kb_info(const struct kbtf *k, uint32_t id)
{
	return kb_record_word(k, id, 1);
}

static inline unsigned int kb_kind(const struct kbtf *k, uint32_t id)
{
	return id ? kb_info(k, id) >> 24 & 0x1f : KB_VOID;
}

static inline uint32_t kb_vlen(const struct kbtf *k, uint32_t id)
{
	return kb_info(k, id) & 0xffffff;
}

static inline bool kb_kflag(const struct kbtf *k, uint32_t id)
{
	return kb_info(k, id) >> 31;
}

static inline const char *kb_name(const struct kbtf *k, uint32_t id)
{
	return kb_str(k, kb_record_word(k, id, 0));
}

static inline uint32_t kb_size_or_type(const struct kbtf *k, uint32_t id)
{
	return kb_record_word(k, id, 2);
}

/* Word number word of the tail of record id. */
static inline uint32_t kb_tail(const struct kbtf *k, uint32_t id, uint32_t word)
{
	return kb_record_word(k, id, 3 + word);
}

static inline uint32_t kb_check_id(const struct kbtf *k, uint32_t id)
{
	if (id >= k->num_types)
		oracle_die("BTF: type id %u of %u", id, k->num_types);
	return id;
}

static inline size_t kb_record_size(const struct kbtf *k, uint32_t id)
{
	unsigned int kind = kb_kind(k, id);
	uint32_t vlen = kind == KB_FUNC ? 0 : kb_vlen(k, id);

	return 12 + kb_fixed_size[kind] + (size_t)kb_entry_size[kind] * vlen;
}

/* base is NULL for what is no split. */
static inline void kbtf_init_split(struct kbtf *k, const struct kbtf *base, const void *data,
				   size_t size, const char *path)
{
	size_t at, end;
	uint32_t cap = 0;

	memset(k, 0, sizeof(*k));
	k->data = data;
	k->size = size;
	k->base = base;
	if (size < 24)
		oracle_die("%s: too short for BTF", path);
	if (k->data[0] == 0xeb && k->data[1] == 0x9f)
		k->big_endian = true;
	else if (k->data[0] != 0x9f || k->data[1] != 0xeb)
		oracle_die("%s: no BTF magic", path);
	k->swap = k->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	k->hdr_len = kb_word(k, 4);
	k->type_off = k->hdr_len + kb_word(k, 8);
	k->type_len = kb_word(k, 12);
	k->str_off = k->hdr_len + kb_word(k, 16);
	k->str_len = kb_word(k, 20);
	end = (size_t)k->type_off + k->type_len;
	if (end > size || (size_t)k->str_off + k->str_len > size || (!k->str_len && !base) ||
	    (k->str_len && k->data[k->str_off + k->str_len - 1]))
		oracle_die("%s: BTF sections do not fit", path);
	if (base && base->big_endian != k->big_endian)
		oracle_die("%s: another byte order than its base", path);
	k->str_bias = base ? base->str_bias + base->str_len : 0;
	k->first_id = base ? base->num_types : 1;
	k->num_types = k->first_id;
	for (at = k->type_off; at < end;) {
		uint32_t index = k->num_types - k->first_id;

		if (index >= cap) {
			cap = cap ? cap * 2 : base ? 256 : 65536;
			k->pos = oracle_alloc(k->pos, cap * sizeof(*k->pos));
		}
		k->pos[index] = at;
		if (end - at < 12 || kb_kind(k, k->num_types) >= KB_NUM_KINDS)
			oracle_die("%s: bad record of type %u", path, k->num_types);
		at += kb_record_size(k, k->num_types);
		k->num_types++;
	}
	if (at != end)
		oracle_die("%s: the last type ends %zu bytes late", path, at - end);
}

static inline void kbtf_init(struct kbtf *k, const void *data, size_t size, const char *path)
{
	kbtf_init_split(k, NULL, data, size, path);
}

static inline uint8_t *oracle_read_file(const char *path, size_t *ret_size)
{
	struct stat st;
	uint8_t *data;
	size_t done = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		oracle_die("%s: %s", path, strerror(errno));
	data = oracle_alloc(NULL, st.st_size);
	while (done < (size_t)st.st_size && (n = read(fd, data + done, st.st_size - done)) > 0)
		done += n;
	close(fd);
	if (done != (size_t)st.st_size)
		oracle_die("%s: short read", path);
	*ret_size = done;
	return data;
}

static inline void kbtf_open_split(struct kbtf *k, const struct kbtf *base, const char *path)
{
	size_t size;
	uint8_t *data = oracle_read_file(path, &size);

	kbtf_init_split(k, base, data, size, path);
}

static inline void kbtf_open(struct kbtf *k, const char *path)
{
	kbtf_open_split(k, NULL, path);
}

static inline void kbtf_close(struct kbtf *k)
{
	free((void *)k->data);
	free(k->pos);
	for (int i = 0; i < MAX_ROUNDS; i++)
		free(k->memo[i]);
}

static inline char kb_int_letter(uint32_t tail)
{
	switch (tail >> 24 & 0xf) {
	case 0:
		return 'u';
	case 1:
		return 's';
	case 2:
		return 'c';
	case 4:
		return 'b';
	default:
		return '?';
	}
}

static inline void kb_describe(struct text *t, const struct kbtf *k, uint32_t id, int depth);

static inline void kb_describe_members(struct text *t, const struct kbtf *k, uint32_t id, int depth)
{
	bool kflag = kb_kflag(k, id);
	uint32_t vlen = kb_vlen(k, id);

	for (uint32_t i = 0; i < vlen; i++) {
		uint32_t off = kb_tail(k, id, 3 * i + 2);

		if (i)
			text_puts(t, "; ");
		text_puts(t, kb_str(k, kb_tail(k, id, 3 * i)));
		text_puts(t, "@");
		text_num(t, kflag ? off & 0xffffff : off);
		if (kflag && off >> 24) {
			text_puts(t, ":");
			text_num(t, off >> 24);
		}
		text_puts(t, " ");
		kb_describe(t, k, kb_tail(k, id, 3 * i + 1), depth + 1);
	}
}

static inline void kb_describe_values(struct text *t, const struct kbtf *k, uint32_t id)
{
	bool wide = kb_kind(k, id) == KB_ENUM64, kflag = kb_kflag(k, id);
	uint32_t vlen = kb_vlen(k, id), step = wide ? 3 : 2;

	for (uint32_t i = 0; i < vlen; i++) {
		uint32_t low = kb_tail(k, id, step * i + 1);

		if (i)
			text_puts(t, "; ");
		text_puts(t, kb_str(k, kb_tail(k, id, step * i)));
		text_puts(t, "=");
		if (wide) {
			uint64_t v = (uint64_t)kb_tail(k, id, step * i + 2) << 32 | low;

			if (kflag)
				text_snum(t, (int64_t)v);
			else
				text_num(t, v);
		} else if (kflag) {
			text_snum(t, (int32_t)low);
		} else {
			text_num(t, low);
		}
	}
}

/* "size body" of a named definition, or the target of a typedef. */
static inline void kb_define(struct text *t, const struct kbtf *k, uint32_t id)
{
	unsigned int kind = kb_kind(k, id);

	if (kind == KB_TYPEDEF) {
		text_puts(t, "-\t");
		kb_describe(t, k, kb_size_or_type(k, id), 0);
		return;
	}
	text_num(t, kb_size_or_type(k, id));
	if (kind == KB_STRUCT || kind == KB_UNION) {
		text_puts(t, "\t");
		kb_describe_members(t, k, id, 0);
	} else {
		text_puts(t, kb_kflag(k, id) ? "s\t" : "u\t");
		kb_describe_values(t, k, id);
	}
}

/* A name as a leaf, with its label where it has one. */
static inline void kb_name_leaf(struct text *t, const struct kbtf *k, uint32_t id, const char *word)
{
	size_t start = t->len;
	struct labels *l = k->labels;
	uint32_t *memo;

	text_puts(t, word);
	text_puts(t, " ");
	text_puts(t, kb_name(k, id));
	if (!l || !l->round || !strset_has(&l->names, t->buf + start, t->len - start))
		return;
	memo = &k->memo[l->round - 1][id];
	if (!*memo &&
	    (kb_kind(k, id) == KB_FWD || (!kb_vlen(k, id) && kb_entry_size[kb_kind(k, id)] == 8))) {
		*memo = LABEL_UNKNOWN;
	} else if (!*memo) {
		struct text own = { 0 };

		text_reset(&own);
		l->round--;
		kb_define(&own, k, id);
		l->round++;
		*memo = label_of(&own);
		free(own.buf);
	}
	text_label(t, *memo);
}

static inline void kb_describe(struct text *t, const struct kbtf *k, uint32_t id, int depth)
{
	static const char *const words[KB_NUM_KINDS] = {
		[KB_PTR] = "*",
		[KB_CONST] = "const ",
		[KB_VOLATILE] = "volatile ",
		[KB_RESTRICT] = "restrict ",
	};
	unsigned int kind;
	const char *name;

	if (!id) {
		text_puts(t, "void");
		return;
	}
	if (depth > ORACLE_MAX_DEPTH) {
		text_puts(t, "?deep");
		return;
	}
	kind = kb_kind(k, kb_check_id(k, id));
	name = kb_name(k, id);
	switch (kind) {
	case KB_INT:
	case KB_FLOAT: {
		char letter[2] = { kind == KB_INT ? kb_int_letter(kb_tail(k, id, 0)) : 'f', 0 };

		text_puts(t, name);
		text_puts(t, "/");
		text_num(t, kb_size_or_type(k, id));
		text_puts(t, letter);
		return;
	}
	case KB_PTR:
	case KB_CONST:
	case KB_VOLATILE:
	case KB_RESTRICT:
		text_puts(t, words[kind]);
		kb_describe(t, k, kb_size_or_type(k, id), depth + 1);
		return;
	case KB_TYPE_TAG:
		text_puts(t, "tag(");
		text_puts(t, name);
		text_puts(t, ") ");
		kb_describe(t, k, kb_size_or_type(k, id), depth + 1);
		return;
	case KB_ARRAY:
		text_puts(t, "[");
		text_num(t, kb_tail(k, id, 2));
		text_puts(t, "]");
		kb_describe(t, k, kb_tail(k, id, 0), depth + 1);
		return;
	case KB_STRUCT:
	case KB_UNION:
		if (*name) {
			kb_name_leaf(t, k, id, kb_kind_names[kind]);
			return;
		}
		text_puts(t, kb_kind_names[kind]);
		text_puts(t, "/");
		text_num(t, kb_size_or_type(k, id));
		text_puts(t, "{");
		kb_describe_members(t, k, id, depth);
		text_puts(t, "}");
		return;
	case KB_ENUM:
	case KB_ENUM64:
		if (*name) {
			kb_name_leaf(t, k, id, "enum");
			return;
		}
		text_puts(t, "enum/");
		text_num(t, kb_size_or_type(k, id));
		text_puts(t, kb_kflag(k, id) ? "s{" : "u{");
		kb_describe_values(t, k, id);
		text_puts(t, "}");
		return;
	case KB_FWD:
		if (!k->labels)
			text_puts(t, "fwd ");
		kb_name_leaf(t, k, id, kb_kflag(k, id) ? "union" : "struct");
		return;
	case KB_TYPEDEF:
		kb_name_leaf(t, k, id, "typedef");
		return;
	case KB_FUNC_PROTO: {
		uint32_t vlen = kb_vlen(k, id);

		text_puts(t, "fn(");
		for (uint32_t i = 0; i < vlen; i++) {
			const char *param = kb_str(k, kb_tail(k, id, 2 * i));
			uint32_t type = kb_tail(k, id, 2 * i + 1);

			if (i)
				text_puts(t, ", ");
			if (!type && !*param) {
				text_puts(t, "...");
				continue;
			}
			if (*param) {
				text_puts(t, param);
				text_puts(t, " ");
			}
			kb_describe(t, k, type, depth + 1);
		}
		text_puts(t, ")");
		kb_describe(t, k, kb_size_or_type(k, id), depth + 1);
		return;
	}
	default:
		text_puts(t, "?");
		text_puts(t, kb_kind_names[kind]);
		text_puts(t, " ");
		text_puts(t, name);
	}
}

#endif /* BTFGEN_TESTS_KERNEL_ORACLE_H */
