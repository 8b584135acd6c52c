// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch_stamps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/file.h"
#include "lib/base/memory_file.h"

static const char first_line[] = "btfgen stamps, format 1: not needed by readers of the BTF\n";

/* Text of a line in front of the name, with room to spare: ten numbers of at most 32 digits. */
enum { MAX_NUMBERS_SIZE = 320 };

static char *stamps_path(const char *folder)
{
	char *path;

	return asprintf(&path, "%s/" BATCH_STAMPS_NAME, folder) < 0 ? NULL : path;
}

static int stamp_compare(const void *pa, const void *pb)
{
	const struct batch_stamp *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

/* Reading. */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place: the plain name is never longer. False if it is not as we write names. */
static bool name_decode(char *name)
{
	char *to = name;

	for (const char *from = name; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return to != name && !strchr(name, '/');
}

/* @line ends with a zero byte and becomes the stamp's name. */
static bool line_decode(char *line, struct batch_stamp *ret_stamp)
{
	struct batch_identity *identity = &ret_stamp->identity;
	uint64_t check;
	char *rest;
	int name_off = -1;

	rest = strchr(line, ' ');
	if (!rest)
		return false;
	rest++;
	if (sscanf(line, "%16" SCNx64, &check) != 1 || check != hash_bytes(rest, strlen(rest)))
		return false;
	if (sscanf(rest,
		   "%16" SCNx64 "%16" SCNx64 " %16" SCNx64 " %16" SCNx64 "%16" SCNx64 " %" SCNu64
		   " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %n",
		   &ret_stamp->key.high, &ret_stamp->key.low, &ret_stamp->output,
		   &ret_stamp->content.high, &ret_stamp->content.low, &identity->dev,
		   &identity->ino, &identity->size, &identity->mtime, &identity->ctime,
		   &name_off) != 10 ||
	    name_off < 0)
		return false;
	ret_stamp->name = rest + name_off;
	return name_decode(rest + name_off);
}

/* Any of them will do: a wrong one only means that the output is made again. */
static void drop_doubles(struct batch_stamps *stamps)
{
	size_t num = 0;

	for (size_t i = 0; i < stamps->items.num; i++) {
		if (i + 1 < stamps->items.num &&
		    stamp_compare(&stamps->items.data[i], &stamps->items.data[i + 1]) == 0)
			continue;
		stamps->items.data[num++] = stamps->items.data[i];
	}
	stamps->items.num = num;
}

struct btfgen_error *batch_stamps_read(struct batch_stamps *stamps, const char *folder)
{
	_cleanup_free_ char *path = stamps_path(folder);
	struct btfgen_error *err;
	struct file_map map;
	char *line;

	if (!path)
		return error_nomem();
	err = file_map_open(path, &map);
	if (err) {
		/* Whatever is wrong with it will show when it is written. */
		error_free(err);
		return NULL;
	}
	stamps->text = malloc(map.size + 1);
	if (stamps->text) {
		memcpy(stamps->text, map.data, map.size);
		stamps->text[map.size] = '\0';
	}
	file_map_close(&map);
	if (!stamps->text)
		return error_nomem();
	if (strncmp(stamps->text, first_line, strlen(first_line)) != 0)
		return NULL;
	line = stamps->text + strlen(first_line);
	while (*line) {
		char *end = strchr(line, '\n');
		struct batch_stamp stamp;

		/* The last line is as suspect as a file that was cut off. */
		if (!end)
			break;
		*end = '\0';
		if (line_decode(line, &stamp) && !vec_push(&stamps->items, stamp))
			return error_nomem();
		line = end + 1;
	}
	if (stamps->items.num)
		qsort(stamps->items.data, stamps->items.num, sizeof(*stamps->items.data),
		      stamp_compare);
	drop_doubles(stamps);
	return NULL;
}

void batch_stamps_deinit(struct batch_stamps *stamps)
{
	vec_deinit(&stamps->items);
	free(stamps->text);
	stamps->text = NULL;
}

const struct batch_stamp *batch_stamps_find(const struct batch_stamps *stamps, const char *name)
{
	const struct batch_stamp wanted = { .name = name };

	if (!stamps->items.num)
		return NULL;
	return bsearch(&wanted, stamps->items.data, stamps->items.num, sizeof(wanted),
		       stamp_compare);
}

/* Writing. */

/* Two bytes and a zero more than three times the name are enough. */
static void name_encode(const char *name, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		if (*c >= '!' && *c <= '~' && *c != '%') {
			*to++ = (char)*c;
			continue;
		}
		*to++ = '%';
		*to++ = digits[*c >> 4];
		*to++ = digits[*c & 15];
	}
	*to = '\0';
}

static bool line_write(FILE *out, const struct batch_stamp *stamp)
{
	const struct batch_identity *identity = &stamp->identity;
	size_t size = MAX_NUMBERS_SIZE + 3 * strlen(stamp->name) + 1;
	_cleanup_free_ char *rest = malloc(size);
	int used;

	if (!rest)
		return false;
	used = snprintf(rest, MAX_NUMBERS_SIZE,
			"%016" PRIx64 "%016" PRIx64 " %016" PRIx64 " %016" PRIx64 "%016" PRIx64
			" %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ",
			stamp->key.high, stamp->key.low, stamp->output, stamp->content.high,
			stamp->content.low, identity->dev, identity->ino, identity->size,
			identity->mtime, identity->ctime);
	name_encode(stamp->name, rest + used);
	return fprintf(out, "%016" PRIx64 " %s\n", hash_bytes(rest, strlen(rest)), rest) > 0;
}

static bool output_exists(const char *folder, const char *name)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return true;
	}
	return access(path, F_OK) == 0;
}

static bool stamps_write(FILE *out, const struct batch_stamp *changed, size_t num_changed,
			 const struct batch_stamps *old, const char *folder)
{
	const struct batch_stamp *next_old = old->items.data, *end_old = next_old + old->items.num;
	const struct batch_stamp *end_changed = changed + num_changed;
	bool ok = fputs(first_line, out) >= 0;

	while (ok && (next_old < end_old || changed < end_changed)) {
		int order = next_old == end_old	   ? 1 :
			    changed == end_changed ? -1 :
						     stamp_compare(next_old, changed);

		if (order >= 0)
			ok = line_write(out, changed++);
		else if (output_exists(folder, next_old->name))
			ok = line_write(out, next_old);
		next_old += order <= 0;
	}
	return ok;
}

static bool holds_already(const char *path, const char *text, size_t size)
{
	struct file_map map;
	struct btfgen_error *err = file_map_open(path, &map);
	bool same;

	if (err) {
		error_free(err);
		return false;
	}
	same = map.size == size && memcmp(map.data, text, size) == 0;
	file_map_close(&map);
	return same;
}

struct btfgen_error *batch_stamps_write(struct batch_stamp *changed, size_t num_changed,
					const struct batch_stamps *old, const char *folder)
{
	_cleanup_free_ char *path = stamps_path(folder);
	struct memory_file file;
	struct btfgen_error *err;

	if (!path)
		return error_nomem();
	if (num_changed)
		qsort(changed, num_changed, sizeof(*changed), stamp_compare);
	err = memory_file_open(&file);
	if (!err && !stamps_write(file.out, changed, num_changed, old, folder))
		err = error_nomem();
	if (!err)
		err = memory_file_finish(&file);
	if (!err && !holds_already(path, file.data, file.size))
		err = file_write_detached(path, file.data, file.size);
	memory_file_close(&file);
	return err;
}

/* Identity. */

static uint64_t to_ns(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec;
}

void batch_identity_set(struct batch_identity *identity, const struct stat *st)
{
	*identity = (struct batch_identity){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime = to_ns(&st->st_mtim),
		.ctime = to_ns(&st->st_ctim),
	};
}

bool batch_identity_equal(const struct batch_identity *a, const struct batch_identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->mtime == b->mtime &&
	       a->ctime == b->ctime;
}

bool batch_identity_is_settled(const struct batch_identity *identity, const struct timespec *now)
{
	/* The coarsest times that file systems keep are those of FAT, two seconds. */
	const uint64_t margin = 3 * 1000000000ull;
	uint64_t now_ns = to_ns(now);

	return identity->mtime + margin < now_ns && identity->ctime + margin < now_ns;
}
