// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/span.h"

enum {
	MAX_LINKS = 40,	      /* as many symbolic links in a row as the kernel follows */
	MAX_NAME_TRIES = 100, /* 64 random bits collide by design only */
	TEMP_NAME_SIZE = 32,  /* ".btfgen-" and 16 digits */
};

/* Identity. */

void file_identity_set(struct file_identity *identity, const struct stat *st)
{
	*identity = (struct file_identity){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtim = st->st_mtim,
	};
}

bool file_identity_equal(const struct file_identity *a, const struct file_identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtim.tv_sec == b->mtim.tv_sec && a->mtim.tv_nsec == b->mtim.tv_nsec;
}

/* Reading. */

static struct btfgen_error *check_readable(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return error_create(BTFGEN_ERROR_INPUT, "is a directory");
	if (!S_ISREG(st->st_mode))
		return error_create(BTFGEN_ERROR_INPUT, "not a regular file");
	if (st->st_size == 0)
		return error_create(BTFGEN_ERROR_INPUT, "file is empty");
	if ((uint64_t)st->st_size > SIZE_MAX)
		return error_create(BTFGEN_ERROR_LIMIT, "file is too large for the address space");
	return NULL;
}

static struct btfgen_error *map_open(const char *path, struct file_map *ret_map)
{
	_cleanup_close_ int fd = -1;
	struct btfgen_error *err;
	struct stat st;
	void *data;

	/* Looked at before it is opened: opening a pipe waits and opening a device may act. */
	if (stat(path, &st) != 0)
		return error_create_errno(BTFGEN_ERROR_INPUT, errno, "cannot open");
	err = check_readable(&st);
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		return error_create_errno(BTFGEN_ERROR_INPUT, errno, "cannot open");
	err = check_readable(&st);
	if (err)
		return err;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot map");
	ret_map->data = data;
	ret_map->size = (size_t)st.st_size;
	file_identity_set(&ret_map->identity, &st);
	return NULL;
}

struct btfgen_error *file_map_open(const char *path, struct file_map *ret_map)
{
	return error_in_file(map_open(path, ret_map), path);
}

void file_map_close(struct file_map *map)
{
	if (map->data)
		munmap((void *)map->data, map->size);
	*map = (struct file_map){};
}

struct btfgen_error *file_map_check(const char *path, const struct file_map *map)
{
	struct file_identity now;
	struct stat st;

	if (stat(path, &st) != 0)
		return NULL;
	file_identity_set(&now, &st);
	if (now.dev != map->identity.dev || now.ino != map->identity.ino ||
	    file_identity_equal(&now, &map->identity))
		return NULL;
	return error_in_file(error_create(BTFGEN_ERROR_INPUT, "file changed since it was read"),
			     path);
}

/*
 * A page fault brings in the pages around it that are in the page cache, a window of this many
 * bytes (fault_around_bytes of the kernel): what is given back is whole windows, or the neighbours
 * would stay.
 */
enum { FAULT_WINDOW = 64 * 1024 };

/*
 * Each time it is given something back, the system has to tell all processors. For files that are
 * soon unmapped as a whole that is not worth it.
 */
enum { MIN_FORGET = 16 << 20 };

void file_map_forget(const struct file_map *map, const void *data, size_t size)
{
	uintptr_t map_start = (uintptr_t)map->data, start = (uintptr_t)data, end;

	if (map->size < MIN_FORGET || !size || start < map_start ||
	    !range_fits(start - map_start, size, map->size))
		return;
	end = (start + size + FAULT_WINDOW - 1) & ~(uintptr_t)(FAULT_WINDOW - 1);
	start &= ~(uintptr_t)(FAULT_WINDOW - 1);
	if (start < map_start)
		start = map_start;
	if (end > map_start + map->size)
		end = map_start + map->size;
	madvise((void *)start, end - start, MADV_DONTNEED);
}

/* Writing. */

struct btfgen_error *file_write_fd(int fd, const void *data, size_t size)
{
	const uint8_t *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_create_errno(BTFGEN_ERROR_IO, n ? errno : EIO, "cannot write");
		p += n;
		size -= (size_t)n;
	}
	return NULL;
}

struct btfgen_error *file_write_fd_at(int fd, const void *data, size_t size, uint64_t off)
{
	const uint8_t *p = data;

	while (size) {
		ssize_t n = pwrite(fd, p, size, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_create_errno(BTFGEN_ERROR_IO, n ? errno : EIO, "cannot write");
		p += n;
		size -= (size_t)n;
		off += (uint64_t)n;
	}
	return NULL;
}

/* Closes @fd and reports what network file systems only tell then. */
static struct btfgen_error *close_written(int fd)
{
	if (close(fd) != 0 && errno != EINTR)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot write");
	return NULL;
}

static struct btfgen_error *write_plain(const char *path, const void *data, size_t size)
{
	struct btfgen_error *err, *close_err;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot open for writing");
	err = file_write_fd(fd, data, size);
	close_err = close_written(fd);
	if (!err)
		return close_err;
	error_free(close_err);
	return err;
}

/* What `dir/file` and a link text found there lead to: the text itself if absolute. */
static char *path_join(const char *path, const char *link_text)
{
	const char *slash = strrchr(path, '/');
	char *joined;

	if (link_text[0] == '/' || !slash)
		return strdup(link_text);
	if (asprintf(&joined, "%.*s%s", (int)(slash - path + 1), path, link_text) < 0)
		return NULL;
	return joined;
}

/* Follows symbolic links of the last component, so that the last one may lead to nothing yet. */
static struct btfgen_error *resolve_links(const char *path, char **ret_path)
{
	_cleanup_free_ char *now = strdup(path);
	char text[PATH_MAX];

	for (int i = 0; now && i < MAX_LINKS; i++) {
		ssize_t n = readlink(now, text, sizeof(text) - 1);
		char *next;

		if (n < 0) {
			*ret_path = no_cleanup_ptr(now);
			return NULL;
		}
		text[n] = '\0';
		next = path_join(now, text);
		free(now);
		now = next;
	}
	if (!now)
		return error_nomem();
	return error_create_errno(BTFGEN_ERROR_IO, ELOOP, "cannot create");
}

static bool random_name(char name[static TEMP_NAME_SIZE])
{
	uint64_t bits;

	if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		return false;
	snprintf(name, TEMP_NAME_SIZE, ".btfgen-%016llx", (unsigned long long)bits);
	return true;
}

struct detached {
	int dir_fd;
	const char *base;	/* the target's name in that folder */
	const struct stat *old; /* NULL if there is no target yet */
	const void *data;
	size_t size;
};

/* Fills a new file. The old file's owner is kept as far as the process may. */
static struct btfgen_error *detached_fill(const struct detached *d, int fd)
{
	struct btfgen_error *err = file_write_fd(fd, d->data, d->size);

	if (err)
		return err;
	if (d->old) {
		mode_t mode = d->old->st_mode & 0777;

		/* Rights that were given to another group are not given to the one it has now. */
		if (fchown(fd, d->old->st_uid, d->old->st_gid) != 0 &&
		    fchown(fd, (uid_t)-1, d->old->st_gid) != 0)
			mode = (mode & 0707) | (mode & 07) << 3;
		if (fchmod(fd, mode) != 0)
			return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot set the mode");
	}
	if (fsync(fd) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot flush");
	return NULL;
}

static struct btfgen_error *detached_rename(const struct detached *d, const char *temp)
{
	struct btfgen_error *err;

	if (renameat(d->dir_fd, temp, d->dir_fd, d->base) == 0)
		return NULL;
	err = error_create_errno(BTFGEN_ERROR_IO, errno, "cannot rename");
	unlinkat(d->dir_fd, temp, 0);
	return err;
}

/*
 * Without a name until it is complete. *ret_done stays false where the system cannot do that, and
 * then nothing has happened.
 */
static struct btfgen_error *detached_write_unnamed(const struct detached *d, bool *ret_done)
{
	_cleanup_close_ int fd = openat(d->dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	char proc[64], temp[TEMP_NAME_SIZE];
	struct btfgen_error *err;

	if (fd < 0)
		return NULL;
	err = detached_fill(d, fd);
	if (err)
		return err;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (!d->old && linkat(AT_FDCWD, proc, d->dir_fd, d->base, AT_SYMLINK_FOLLOW) == 0) {
		*ret_done = true;
		return NULL;
	}
	for (int i = 0; i < MAX_NAME_TRIES && random_name(temp); i++) {
		if (linkat(AT_FDCWD, proc, d->dir_fd, temp, AT_SYMLINK_FOLLOW) == 0) {
			err = detached_rename(d, temp);
			if (err)
				return err;
			*ret_done = true;
			return NULL;
		}
		if (errno != EEXIST)
			break;
	}
	return NULL;
}

static struct btfgen_error *detached_write_named(const struct detached *d)
{
	struct btfgen_error *err, *close_err;
	char temp[TEMP_NAME_SIZE];
	int fd = -1;

	for (int i = 0; i < MAX_NAME_TRIES && fd < 0 && random_name(temp); i++) {
		fd = openat(d->dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot create");
	err = detached_fill(d, fd);
	close_err = close_written(fd);
	if (!err)
		err = close_err;
	else
		error_free(close_err);
	if (err) {
		unlinkat(d->dir_fd, temp, 0);
		return err;
	}
	return detached_rename(d, temp);
}

static struct btfgen_error *write_by_rename(const char *path, const struct stat *old,
					    const void *data, size_t size)
{
	_cleanup_free_ char *target = NULL, *dir = NULL;
	struct btfgen_error *err = resolve_links(path, &target);
	_cleanup_close_ int dir_fd = -1;
	struct detached d = { .old = old, .data = data, .size = size };
	bool done = false;
	char *slash;

	if (err)
		return err;
	slash = strrchr(target, '/');
	d.base = slash ? slash + 1 : target;
	dir = slash ? strndup(target, (size_t)(slash - target + 1)) : strdup(".");
	if (!dir)
		return error_nomem();
	if (!*d.base)
		return error_create_errno(BTFGEN_ERROR_IO, slash ? EISDIR : ENOENT,
					  "cannot create");
	/* The rename would pass over the target's own permissions. */
	if (old && faccessat(AT_FDCWD, target, W_OK, AT_EACCESS) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot open for writing");
	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot create");
	d.dir_fd = dir_fd;
	err = detached_write_unnamed(&d, &done);
	if (err || done)
		return err;
	return detached_write_named(&d);
}

static struct btfgen_error *write_detached(const char *path, const void *data, size_t size)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno != ENOENT)
			return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot create");
		return write_by_rename(path, NULL, data, size);
	}
	if (S_ISDIR(st.st_mode))
		return error_create(BTFGEN_ERROR_IO, "is a directory");
	if (!S_ISREG(st.st_mode))
		return write_plain(path, data, size);
	return write_by_rename(path, &st, data, size);
}

struct btfgen_error *file_write_detached(const char *path, const void *data, size_t size)
{
	return error_in_file(write_detached(path, data, size), path);
}
