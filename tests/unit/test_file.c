// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/base/file: mappings, and detached output that is there whole or not at all.
 *
 * Faults come in through the linker's --wrap: each wrapped call counts itself and fails, or kills
 * the process, when its turn has come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"

/* Faults. */

enum fault { FAULT_NONE, FAULT_FAIL, FAULT_SHORT, FAULT_KILL_BEFORE, FAULT_KILL_AFTER };

static struct {
	enum fault fault;
	const char *name;	/* only calls of this name count; NULL: all */
	int at;
	int errnum;
	bool again;		/* later calls of the name fail too */
	bool no_tmpfile;	/* the file system knows no files without a name */
	bool no_proc;		/* a file without a name cannot get one */
	bool same_names;	/* the random source repeats itself */
	int num_calls;
	bool met;
} fault;

static enum fault fault_step(const char *name)
{
	if (fault.fault == FAULT_NONE || (fault.name && strcmp(name, fault.name)))
		return FAULT_NONE;
	fault.num_calls++;
	if (fault.num_calls != fault.at && !(fault.again && fault.met))
		return FAULT_NONE;
	fault.met = true;
	if (fault.fault == FAULT_KILL_BEFORE)
		raise(SIGKILL);
	errno = fault.errnum;
	return fault.fault;
}

#define WRAPPED(type, name, params, args)                            \
	type __real_##name params;                                   \
	type __wrap_##name params;                                   \
	type __wrap_##name params                                    \
	{                                                            \
		enum fault step = fault_step(#name);                 \
		type result;                                         \
                                                                     \
		if (step == FAULT_FAIL)                              \
			return -1;                                   \
		result = __real_##name args;                         \
		if (step == FAULT_KILL_AFTER)                        \
			raise(SIGKILL);                              \
		return result;                                       \
	}

WRAPPED(int, fsync, (int fd), (fd))
WRAPPED(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAPPED(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAPPED(int, renameat, (int from_dir, const char *from, int to_dir, const char *to),
	(from_dir, from, to_dir, to))
WRAPPED(int, open64, (const char *path, int flags), (path, flags))

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
	enum fault step = fault_step("write");
	ssize_t n;

	if (step == FAULT_FAIL)
		return -1;
	n = __real_write(fd, data, step == FAULT_SHORT ? (size + 1) / 2 : size);
	if (step == FAULT_KILL_AFTER)
		raise(SIGKILL);
	return n;
}

int __real_openat64(int dir, const char *path, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *path, int flags, mode_t mode);

int __wrap_openat64(int dir, const char *path, int flags, mode_t mode)
{
	enum fault step = fault_step("openat64");
	int fd;

	if (step == FAULT_FAIL)
		return -1;
	if ((flags & O_TMPFILE) == O_TMPFILE && fault.no_tmpfile) {
		errno = EOPNOTSUPP;
		fd = -1;
	} else {
		fd = __real_openat64(dir, path, flags, mode);
	}
	if (step == FAULT_KILL_AFTER)
		raise(SIGKILL);
	return fd;
}

int __real_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int __wrap_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);

int __wrap_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	enum fault step = fault_step("linkat");
	int result;

	if (step == FAULT_FAIL)
		return -1;
	if (fault.no_proc) {
		errno = ENOENT;
		return -1;
	}
	result = __real_linkat(from_dir, from, to_dir, to, flags);
	if (step == FAULT_KILL_AFTER)
		raise(SIGKILL);
	return result;
}

ssize_t __real_getrandom(void *to, size_t size, unsigned int flags);
ssize_t __wrap_getrandom(void *to, size_t size, unsigned int flags);

ssize_t __wrap_getrandom(void *to, size_t size, unsigned int flags)
{
	if (!fault.same_names)
		return __real_getrandom(to, size, flags);
	memset(to, 0xab, size);
	return (ssize_t)size;
}

static void fault_set(enum fault kind, const char *name, int at, int errnum)
{
	memset(&fault, 0, sizeof(fault));
	fault.fault = kind;
	fault.name = name;
	fault.at = at;
	fault.errnum = errnum;
}

static void fault_clear(void)
{
	fault_set(FAULT_NONE, NULL, 0, 0);
}

/* Folders and files. */

static char dir_path[64];
static char path_buf[8][512];

/* The path of @name in the test's folder; eight live at a time. */
static const char *in_dir(const char *name)
{
	static int next;
	char *buf = path_buf[next++ % 8];

	snprintf(buf, sizeof(path_buf[0]), "%s/%s", dir_path, name);
	return buf;
}

static int make_dir(void **state)
{
	(void)state;
	fault_clear();
	umask(022);
	strcpy(dir_path, "/tmp/btfgen-test-XXXXXX");
	return mkdtemp(dir_path) ? 0 : -1;
}

/* Number of files in the folder of the test. */
static int num_files(void)
{
	DIR *dir = opendir(dir_path);
	int num = 0;

	assert_non_null(dir);
	while (readdir(dir))
		num++;
	closedir(dir);
	return num - 2;
}

static int remove_dir(void **state)
{
	struct dirent *entry;
	DIR *dir = opendir(dir_path);

	(void)state;
	fault_clear();
	chmod(dir_path, 0700);
	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    unlink(in_dir(entry->d_name)) != 0)
			rmdir(in_dir(entry->d_name));
	}
	closedir(dir);
	return rmdir(dir_path);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void assert_content(const char *path, const char *text)
{
	char buf[256] = "";
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	assert_int_equal(fread(buf, 1, sizeof(buf) - 1, f), strlen(text));
	fclose(f);
	assert_string_equal(buf, text);
}

static void assert_error(struct btfgen_error *err, const char *path, const char *text,
			 int exit_code)
{
	char expected[512], *have;

	assert_non_null(err);
	have = error_text(err);
	snprintf(expected, sizeof(expected), "%s%s%s", path ? path : "", path ? ": " : "", text);
	assert_string_equal(have, expected);
	assert_int_equal(error_exit_code(err), exit_code);
	free(have);
	error_free(err);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static struct btfgen_error *write_text(const char *path, const char *text)
{
	return file_write_detached(path, text, strlen(text));
}

/* Reading. */

static void map_gives_content_and_identity(void **state)
{
	const char *path = in_dir("in");
	struct file_identity identity;
	struct file_map map;
	struct stat st;

	(void)state;
	put(path, "content");
	assert_null(file_map_open(path, &map));
	assert_int_equal(map.size, 7);
	assert_memory_equal(map.data, "content", 7);
	assert_int_equal(stat(path, &st), 0);
	file_identity_set(&identity, &st);
	assert_true(file_identity_equal(&identity, &map.identity));
	assert_int_equal(map.identity.size, 7);
	file_map_close(&map);
	assert_null(map.data);
	file_map_close(&map);

	put(path, "changed");
	assert_int_equal(utimensat(AT_FDCWD, path,
				   (struct timespec[2]){ { 1, 2 }, { 3, 4 } }, 0), 0);
	assert_null(file_map_open(path, &map));
	assert_false(file_identity_equal(&identity, &map.identity));
	file_map_close(&map);
}

static void map_refuses_what_is_no_file_with_content(void **state)
{
	struct file_map map = { .size = 77 };
	const char *path = in_dir("in");

	(void)state;
	assert_error(file_map_open(path, &map), path, "cannot open: No such file or directory", 3);
	assert_error(file_map_open(dir_path, &map), dir_path, "is a directory", 3);
	put(path, "");
	assert_error(file_map_open(path, &map), path, "file is empty", 3);
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_error(file_map_open(in_dir("fifo"), &map), in_dir("fifo"), "not a regular file", 3);
	assert_error(file_map_open("/dev/null", &map), "/dev/null", "not a regular file", 3);
	put(path, "x");
	fault_set(FAULT_FAIL, "open64", 1, EACCES);
	assert_error(file_map_open(path, &map), path, "cannot open: Permission denied", 3);
	assert_true(fault.met);
	assert_int_equal(map.size, 77);
}

/* mincore() tells of the page cache; only smaps tells of this process. */
static size_t resident_pages(const struct file_map *map)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512], key[32];
	bool here = false;
	size_t sum = 0;

	assert_non_null(f);
	snprintf(key, sizeof(key), "%lx-", (unsigned long)(uintptr_t)map->data);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)) == 0)
			here = true;
		else if (here && sscanf(line, "Rss: %zu", &sum) == 1)
			break;
	}
	fclose(f);
	return sum * 1024 / (size_t)sysconf(_SC_PAGESIZE);
}

static void touch_all(const struct file_map *map)
{
	for (size_t i = 0; i < map->size; i++)
		*(volatile const uint8_t *)(map->data + i);
}

/*
 * What is given back is the range, and on each side at most what the system handles as one: what a
 * page fault may bring in, or a huge page.
 */
static void check_forget(const struct file_map *map, size_t num_pages, size_t off, size_t size,
			 size_t num_given)
{
	size_t beside = (2 << 20) / (size_t)sysconf(_SC_PAGESIZE), left;

	touch_all(map);
	assert_int_equal(resident_pages(map), num_pages);
	file_map_forget(map, map->data + off, size);
	left = resident_pages(map);
	assert_in_range(left, num_pages - num_given - 2 * beside, num_pages - num_given);
}

static void map_forget_gives_pages_back_and_keeps_content(void **state)
{
	/* With 8 pages fewer it is too small for that. */
	size_t page = (size_t)sysconf(_SC_PAGESIZE), num = (16 << 20) / page, size = num * page;
	const char *path = in_dir("in");
	uint8_t *content = malloc(size);
	struct file_map map;

	(void)state;
	for (size_t i = 0; i < size; i++)
		content[i] = (uint8_t)(i * 31 >> 3);
	assert_null(file_write_detached(path, content, size));
	assert_null(file_map_open(path, &map));
	check_forget(&map, num, 0, 4 * page, 4);
	check_forget(&map, num, 40 * page, 4 * page, 4);
	check_forget(&map, num, 40 * page + 100, 1, 1);
	check_forget(&map, num, size - page, page, 1);
	touch_all(&map);

	/* Outside, in part or in all, and nothing: ignored. */
	file_map_forget(&map, map.data + page, size);
	file_map_forget(&map, map.data + size, page);
	file_map_forget(&map, map.data - page, 2 * page);
	file_map_forget(&map, map.data + 1, SIZE_MAX);
	file_map_forget(&map, &map, sizeof(map));
	file_map_forget(&map, map.data + page, 0);
	assert_int_equal(resident_pages(&map), num);

	file_map_forget(&map, map.data, size);
	assert_int_equal(resident_pages(&map), 0);
	assert_memory_equal(map.data, content, size);
	file_map_close(&map);

	assert_null(file_write_detached(path, content, size - 8 * page));
	assert_null(file_map_open(path, &map));
	touch_all(&map);
	file_map_forget(&map, map.data, map.size);
	assert_int_equal(resident_pages(&map), num - 8);
	file_map_close(&map);
	free(content);
}

/* Writing. */

/* With and without files without a name, and without /proc to name them. */
static void for_each_way(void (*check)(void))
{
	for (int way = 0; way < 3; way++) {
		fault_clear();
		fault.no_tmpfile = way == 1;
		fault.no_proc = way == 2;
		check();
		fault_clear();
	}
}

static void check_new_file(void)
{
	const char *path = in_dir("out");

	umask(027);
	assert_null(write_text(path, "new"));
	assert_content(path, "new");
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(num_files(), 1);
	assert_null(write_text(path, ""));
	assert_content(path, "");
	unlink(path);
	umask(022);
}

static void write_makes_a_new_file_with_the_mode_of_the_umask(void **state)
{
	(void)state;
	for_each_way(check_new_file);
}

static void check_replaced_file(void)
{
	const char *path = in_dir("out"), *link_path = in_dir("link");
	struct stat st;

	put(path, "old and longer");
	assert_int_equal(chmod(path, 0604), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(path, 1234, 2345), 0);
	assert_int_equal(link(path, link_path), 0);
	assert_null(write_text(path, "new"));
	assert_content(path, "new");
	assert_content(link_path, "old and longer");
	assert_int_equal(mode_of(path), 0604);
	assert_int_equal(stat(path, &st), 0);
	if (geteuid() == 0) {
		assert_int_equal(st.st_uid, 1234);
		assert_int_equal(st.st_gid, 2345);
	}
	assert_int_equal(num_files(), 2);
	unlink(path);
	unlink(link_path);
}

static void write_replaces_a_file_and_keeps_mode_and_owner(void **state)
{
	(void)state;
	for_each_way(check_replaced_file);
}

static void write_does_not_pass_group_rights_to_another_group(void **state)
{
	const char *path = in_dir("out");

	(void)state;
	put(path, "old");
	assert_int_equal(chmod(path, 0664), 0);
	/* The owner cannot be kept, the group can. */
	fault_set(FAULT_FAIL, "fchown", 1, EPERM);
	assert_null(write_text(path, "new"));
	assert_int_equal(fault.num_calls, 2);
	assert_int_equal(mode_of(path), 0664);
	/* Neither can. */
	fault_set(FAULT_FAIL, "fchown", 1, EPERM);
	fault.again = true;
	assert_null(write_text(path, "new"));
	assert_int_equal(mode_of(path), 0644);
	assert_content(path, "new");
}

static void check_links(void)
{
	const char *path = in_dir("out"), *link_path = in_dir("link"), *second = in_dir("second");
	struct stat st;

	/* A relative one, one to it, and the target not there yet, then there. */
	assert_int_equal(symlink("out", link_path), 0);
	assert_int_equal(symlink(link_path, second), 0);
	assert_null(write_text(second, "first"));
	assert_content(path, "first");
	assert_null(write_text(second, "second"));
	assert_content(path, "second");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(second, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(num_files(), 3);
	unlink(path);
	unlink(link_path);
	unlink(second);
}

static void write_follows_symbolic_links(void **state)
{
	(void)state;
	for_each_way(check_links);
	assert_int_equal(symlink("loop", in_dir("loop")), 0);
	assert_error(write_text(in_dir("loop"), "x"), in_dir("loop"),
		     "cannot create: Too many levels of symbolic links", 5);
}

static void write_works_in_the_current_folder(void **state)
{
	int before = open(".", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_int_equal(chdir(dir_path), 0);
	assert_null(write_text("plain-name", "x"));
	assert_null(write_text("plain-name", "y"));
	assert_int_equal(fchdir(before), 0);
	close(before);
	assert_content(in_dir("plain-name"), "y");
	assert_int_equal(num_files(), 1);
}

static void check_faults(void)
{
	static const char *const names[] = { "write", "fsync", "renameat" };
	static const char *const texts[] = { "cannot write: No space left on device",
					     "cannot flush: No space left on device",
					     "cannot rename: No space left on device" };
	bool no_tmpfile = fault.no_tmpfile, no_proc = fault.no_proc;
	const char *path = in_dir("out");

	put(path, "old");
	for (size_t i = 0; i < 3; i++) {
		fault_set(FAULT_FAIL, names[i], 1, ENOSPC);
		fault.no_tmpfile = no_tmpfile;
		fault.no_proc = no_proc;
		assert_error(write_text(path, "new"), path, texts[i], 5);
		assert_true(fault.met);
		assert_content(path, "old");
		assert_int_equal(num_files(), 1);
	}
	unlink(path);
}

static void write_that_fails_leaves_the_target_and_nothing_else(void **state)
{
	(void)state;
	for_each_way(check_faults);
}

static void write_goes_on_after_interrupted_and_short_writes(void **state)
{
	const char *path = in_dir("out");

	(void)state;
	fault_set(FAULT_FAIL, "write", 1, EINTR);
	assert_null(write_text(path, "interrupted"));
	assert_int_equal(fault.num_calls, 2);
	assert_content(path, "interrupted");
	fault_set(FAULT_SHORT, "write", 1, 0);
	assert_null(write_text(path, "short"));
	assert_int_equal(fault.num_calls, 2);
	assert_content(path, "short");
}

static void write_takes_no_name_that_exists(void **state)
{
	const char *taken = in_dir(".btfgen-abababababababab"), *path = in_dir("out");

	(void)state;
	put(taken, "somebody's");
	for (int way = 0; way < 2; way++) {
		put(path, "old");
		fault_clear();
		fault.same_names = true;
		fault.no_tmpfile = way == 1;
		assert_error(write_text(path, "new"), path, "cannot create: File exists", 5);
		assert_content(path, "old");
		assert_content(taken, "somebody's");
	}
	assert_int_equal(num_files(), 2);
}

static void write_into_a_folder_that_is_missing_or_no_folder(void **state)
{
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/no/out", dir_path);
	assert_error(write_text(path, "x"), path, "cannot create: No such file or directory", 5);
	put(in_dir("file"), "x");
	snprintf(path, sizeof(path), "%s/file/out", dir_path);
	assert_error(write_text(path, "x"), path, "cannot create: Not a directory", 5);
	snprintf(path, sizeof(path), "%s/new/", dir_path);
	assert_error(write_text(path, "x"), path, "cannot create: Is a directory", 5);
	assert_error(write_text(dir_path, "x"), dir_path, "is a directory", 5);
	assert_error(write_text("", "x"), "", "cannot create: No such file or directory", 5);
	assert_int_equal(num_files(), 1);
}

/* As a user who is not root, whom permissions bind. */
static void write_without_permission(void **state)
{
	static const char *const texts[] = { ": cannot create: Permission denied",
					     ": cannot open for writing: Permission denied" };
	int status;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pid_t pid;

		if (i == 1) {
			put(in_dir("out"), "old");
			assert_int_equal(chmod(in_dir("out"), 0444), 0);
		}
		assert_int_equal(chmod(dir_path, i == 0 ? 0555 : 0777), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct btfgen_error *err;
			char *text;

			if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
				_exit(2);
			err = write_text(in_dir("out"), "x");
			text = err ? error_text(err) : NULL;
			_exit(!(text && strstr(text, texts[i]) && error_exit_code(err) == 5));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(num_files(), i);
	}
	assert_content(in_dir("out"), "old");
}

/* Pipes. */

static void *read_fifo(void *arg)
{
	static char got[64];
	int fd = open(arg, O_RDONLY);
	ssize_t n = read(fd, got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	close(fd);
	return got;
}

static void write_to_a_pipe_or_socket_does_not_replace_it(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[256];
	pthread_t reader;
	struct stat st;
	void *got;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", dir_path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_fifo, path), 0);
	assert_null(write_text(path, "through the pipe"));
	pthread_join(reader, &got);
	assert_string_equal(got, "through the pipe");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", dir_path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_error(write_text(addr.sun_path, "x"), addr.sun_path,
		     "cannot open for writing: No such device or address", 5);
	assert_int_equal(lstat(addr.sun_path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	close(fd);
	assert_int_equal(num_files(), 2);
}

static void write_to_descriptors(void **state)
{
	const char *path = in_dir("out");
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_null(file_write_fd(fd, "0123456789", 10));
	assert_null(file_write_fd_at(fd, "ab", 2, 4));
	assert_null(file_write_fd(fd, "end", 3));
	assert_content(path, "0123ab6789end");
	close(fd);
	fd = open(path, O_RDONLY);
	assert_error(file_write_fd(fd, "x", 1), NULL, "cannot write: Bad file descriptor", 5);
	assert_error(file_write_fd_at(fd, "x", 1, 0), NULL, "cannot write: Bad file descriptor", 5);
	assert_null(file_write_fd(fd, "", 0));
	close(fd);
}

/* Kills. */

/*
 * Kills a run before and after each of its calls. Returns how many runs left another file in the
 * folder besides the target.
 */
static int kill_everywhere(bool target_exists, bool no_tmpfile)
{
	int num_left = 0, status;
	char path[256];

	snprintf(path, sizeof(path), "%s/out", dir_path);

	for (int after = 0; after < 2; after++) {
		for (int at = 1;; at++) {
			bool replaced = false;
			struct stat st;
			pid_t pid;

			if (target_exists)
				put(path, "old");
			else
				unlink(path);
			pid = fork();
			assert_true(pid >= 0);
			if (pid == 0) {
				fault_set(after ? FAULT_KILL_AFTER : FAULT_KILL_BEFORE, NULL, at,
					  0);
				fault.no_tmpfile = no_tmpfile;
				error_free(write_text(path, "new"));
				_exit(0);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			if (WIFEXITED(status)) {
				assert_true(at > 4);
				assert_content(path, "new");
				break;
			}
			assert_int_equal(WTERMSIG(status), SIGKILL);
			if (stat(path, &st) == 0) {
				FILE *f = fopen(path, "rb");

				replaced = fgetc(f) == 'n';
				fclose(f);
				assert_content(path, replaced ? "new" : "old");
			} else {
				assert_false(target_exists);
			}
			if (num_files() > (stat(path, &st) == 0)) {
				struct dirent *entry;
				DIR *dir = opendir(dir_path);

				num_left++;
				while ((entry = readdir(dir))) {
					if (strncmp(entry->d_name, ".btfgen-", 8) == 0)
						unlink(in_dir(entry->d_name));
				}
				closedir(dir);
				assert_int_equal(num_files(), stat(path, &st) == 0);
			}
		}
	}
	return num_left;
}

static void write_killed_at_any_call_leaves_old_or_new(void **state)
{
	int fd = open(dir_path, O_TMPFILE | O_WRONLY, 0600);
	bool has_tmpfile = fd >= 0;

	(void)state;
	if (has_tmpfile) {
		close(fd);
		assert_int_equal(kill_everywhere(false, false), 0);
		/* After the link and before the rename. */
		assert_int_equal(kill_everywhere(true, false), 2);
	}
	assert_true(kill_everywhere(false, true) > 2);
	assert_true(kill_everywhere(true, true) > 2);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(map_gives_content_and_identity),
		IN_DIR(map_refuses_what_is_no_file_with_content),
		IN_DIR(map_forget_gives_pages_back_and_keeps_content),
		IN_DIR(write_makes_a_new_file_with_the_mode_of_the_umask),
		IN_DIR(write_replaces_a_file_and_keeps_mode_and_owner),
		IN_DIR(write_does_not_pass_group_rights_to_another_group),
		IN_DIR(write_follows_symbolic_links),
		IN_DIR(write_works_in_the_current_folder),
		IN_DIR(write_that_fails_leaves_the_target_and_nothing_else),
		IN_DIR(write_goes_on_after_interrupted_and_short_writes),
		IN_DIR(write_takes_no_name_that_exists),
		IN_DIR(write_into_a_folder_that_is_missing_or_no_folder),
		IN_DIR(write_without_permission),
		IN_DIR(write_to_a_pipe_or_socket_does_not_replace_it),
		IN_DIR(write_to_descriptors),
		IN_DIR(write_killed_at_any_call_leaves_old_or_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
