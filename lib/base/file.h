// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Files: read one through a mapping, write one whole or not at all.
 *
 *	struct file_map map;
 *
 *	err = file_map_open("vmlinux", &map);
 *	...
 *	file_map_close(&map);
 *
 *	err = file_write_detached("vmlinux.btf", data, size);
 *
 * Reading. file_map_open() takes regular files only and maps them read-only and private. The
 * identity that it notes (device, inode, size, time of last change) lets a later writer see whether
 * the file is still the one that was read. A file that somebody shortens while it is mapped raises
 * SIGBUS on access; nothing here catches that. The mapping belongs to the caller until
 * file_map_close(), which may be called on a map of zeros.
 *
 * Writing. file_write_detached() replaces or creates a file in one step: readers, and a run that is
 * killed at any moment, see the file as it was before or all of the new content. The bytes go to a
 * new file in the same folder, are flushed, and then take the name. Where the file system can hold
 * files without a name, nothing is left behind by a kill, except between two system calls when an
 * old file is replaced; elsewhere a kill can leave a file `.btfgen-<random>` in the folder. An
 * error leaves the target untouched and nothing else behind.
 *   - A symbolic link is followed: the file that it leads to is replaced, the link stays.
 *   - A replaced regular file hands on its permission bits and, if the process may, its owner;
 *     other hard links to it keep the old content. A file that may not be written is refused.
 *   - A new file gets the mode that the umask gives.
 *   - A pipe, terminal or device is opened and written to. It is never replaced or removed, and
 *     there is no promise of all or nothing.
 *
 * Errors: BTFGEN_ERROR_INPUT from reading, BTFGEN_ERROR_IO from writing, with the path in place.
 * file_write_fd() and file_write_fd_at() know no path; their caller adds it.
 *
 * Sizes and offsets are bytes. Thread rule: no state is shared; a map may be read by all threads.
 * The umask of the process is never touched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "lib/base/error.h"

struct file_identity {
	dev_t dev;
	ino_t ino;
	uint64_t size;
	struct timespec mtim;
};

struct file_map {
	const uint8_t *data;
	size_t size;
	struct file_identity identity;
};

/*
 * Messages: "cannot open: <reason>", "is a directory", "not a regular file", "file is empty",
 * "cannot map: <reason>".
 */
struct btfgen_error *file_map_open(const char *path, struct file_map *ret_map) BTFGEN_MUST_CHECK;
void file_map_close(struct file_map *map);

/*
 * Gives the pages of a range back to the system; they no longer count as resident and are read
 * again from the file if touched again. Pages around the range go with it, as far as a page fault
 * brings in neighbours. A range that does not lie in the mapping is ignored,
 * and so is everything in a file below 16 MiB.
 */
void file_map_forget(const struct file_map *map, const void *data, size_t size);

/*
 * "file changed since it was read", an input error, if somebody wrote to the file since it was
 * opened: what was read of it may be of two minds. A file that lost its name or gave it to another
 * one is still the one that was read.
 */
struct btfgen_error *file_map_check(const char *path, const struct file_map *map) BTFGEN_MUST_CHECK;

void file_identity_set(struct file_identity *identity, const struct stat *st);
bool file_identity_equal(const struct file_identity *a, const struct file_identity *b);

struct btfgen_error *file_write_detached(const char *path, const void *data,
					 size_t size) BTFGEN_MUST_CHECK;

/* All of the bytes or an error "cannot write: <reason>", however many system calls it takes. */
struct btfgen_error *file_write_fd(int fd, const void *data, size_t size) BTFGEN_MUST_CHECK;

/* The same from byte @off of the file on; the file position is neither used nor moved. */
struct btfgen_error *file_write_fd_at(int fd, const void *data, size_t size,
				      uint64_t off) BTFGEN_MUST_CHECK;
