// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Files of two folders, in pairs by their path in them: modules (*.ko), raw BTF (*.btf, or whatever
 * begins as such: /sys/kernel/btf), and vmlinux. ELF files without .BTF are not there at all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/diff.h"
#include "lib/base/cleanup.h"

enum { MAX_FILES = 1 << 20, MAX_PATH_SIZE = 4096 };

typedef VEC(char *) path_vec;

bool diff_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static bool begins_as_btf(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t bytes[3];

	return fd >= 0 && read(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes) &&
	       ((bytes[0] == 0x9f && bytes[1] == 0xeb) || (bytes[0] == 0xeb && bytes[1] == 0x9f)) &&
	       bytes[2] == BTF_HEADER_VERSION;
}

static bool is_wanted(const char *path, const char *name)
{
	return ends_with(name, ".ko") || ends_with(name, ".btf") || strcmp(name, "vmlinux") == 0 ||
	       begins_as_btf(path);
}

static struct btfgen_error *folder_error(const char *path, const char *what)
{
	if (errno == ENOMEM)
		return error_nomem();
	return error_in_file(error_create_errno(BTFGEN_ERROR_INPUT, errno, "%s", what), path);
}

/* Puts what is in the folder @inner of @root into @files, and folders into @folders. */
static struct btfgen_error *folder_list(const char *root, const char *inner, path_vec *files,
					path_vec *folders)
{
	_cleanup_free_ char *path = NULL;
	struct btfgen_error *err = NULL;
	struct dirent *entry;
	DIR *dir;

	if (asprintf(&path, "%s%s%s", root, *inner ? "/" : "", inner) < 0)
		return error_nomem();
	dir = opendir(path);
	if (!dir)
		return folder_error(path, "cannot open");
	for (errno = 0; (entry = readdir(dir)) != NULL && !err; errno = 0) {
		_cleanup_free_ char *full = NULL;
		char *name = NULL;
		struct stat st;
		bool is_dir;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (asprintf(&full, "%s/%s", path, entry->d_name) < 0)
			return closedir(dir), error_nomem();
		/* Links to folders are not followed: they can lead back. */
		if (lstat(full, &st) != 0)
			continue;
		is_dir = S_ISDIR(st.st_mode);
		if (!is_dir && (stat(full, &st) != 0 || !S_ISREG(st.st_mode) ||
				!is_wanted(full, entry->d_name)))
			continue;
		if (asprintf(&name, "%s%s%s", inner, *inner ? "/" : "", entry->d_name) < 0)
			err = error_nomem();
		else if (files->num + folders->num >= MAX_FILES || strlen(name) >= MAX_PATH_SIZE)
			err = error_in_file(error_create(BTFGEN_ERROR_INPUT, "too many files"),
					    root);
		else if (is_dir ? vec_push(folders, name) : vec_push(files, name))
			name = NULL;
		else
			err = error_nomem();
		free(name);
	}
	if (!err && errno)
		err = folder_error(path, "cannot read");
	closedir(dir);
	return err;
}

static void paths_free(path_vec *paths)
{
	for (size_t i = 0; i < paths->num; i++)
		free(paths->data[i]);
	vec_deinit(paths);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct btfgen_error *folder_walk(const char *root, path_vec *files)
{
	struct btfgen_error *err;
	path_vec folders = {};

	err = folder_list(root, "", files, &folders);
	for (size_t i = 0; i < folders.num && !err; i++)
		err = folder_list(root, folders.data[i], files, &folders);
	paths_free(&folders);
	if (!err && files->num)
		qsort(files->data, files->num, sizeof(*files->data), compare_paths);
	return err;
}

/* Pairs. */

struct folder_run {
	struct diff_report *report;
	const struct btf_view *bases[DIFF_SIDES];
};

/* The line of a file that cannot be read; the others are looked at all the same. */
static void tell_unreadable(struct diff_report *report, struct btfgen_error *err)
{
	_cleanup_free_ char *text = error_text(err);

	fprintf(stderr, "btfgen: %s\n", text ? text : err->message);
	error_free(err);
	report->num_unreadable++;
}

/* *ret_stack is NULL if the file has no BTF. */
static struct btfgen_error *file_open(const struct folder_run *run, int side, const char *name,
				      struct btf_stack **ret_stack)
{
	_cleanup_free_ char *path = NULL;
	struct btf_stack *stack;
	struct btfgen_error *err;

	if (asprintf(&path, "%s/%s", run->report->paths[side], name) < 0)
		return error_nomem();
	stack = malloc(sizeof(*stack));
	if (!stack)
		return error_nomem();
	err = btf_stack_open_over(path, run->bases[side], stack);
	if (err) {
		free(stack);
		return err;
	}
	if (!btf_stack_file(stack)->btf.data) {
		btf_stack_close(stack);
		free(stack);
		stack = NULL;
	}
	*ret_stack = stack;
	return NULL;
}

static void stack_close(struct btf_stack *stack)
{
	if (stack)
		btf_stack_close(stack);
	free(stack);
}

static struct btfgen_error *file_compare(struct diff_report *report, struct diff_file *file)
{
	const struct btf_view *views[DIFF_SIDES] = {};
	struct btfgen_error *err = NULL;

	for (int side = 0; side < DIFF_SIDES; side++)
		views[side] = file->stacks[side] ? btf_stack_view(file->stacks[side]) : NULL;
	if (views[DIFF_OLD] && views[DIFF_NEW]) {
		err = btf_diff_make(views[DIFF_OLD], views[DIFF_NEW], &file->diff);
		if (err)
			return err;
		file->status = file->diff.entries.num || file->diff.sizes.totals[DIFF_OLD] !=
								 file->diff.sizes.totals[DIFF_NEW] ?
				       STATUS_CHANGED :
				       STATUS_SAME;
		report->is_same &= !file->diff.entries.num;
	} else {
		btf_diff_sizes_add(views[DIFF_OLD], views[DIFF_NEW], &file->diff.sizes);
		btf_diff_sizes_finish(&file->diff.sizes);
		file->status = views[DIFF_OLD] ? STATUS_REMOVED : STATUS_ADDED;
		report->is_same = false;
	}
	btf_diff_sizes_add(views[DIFF_OLD], views[DIFF_NEW], &report->sizes);
	for (int kind = 0; kind < BTF_NUM_KINDS; kind++) {
		for (int change = 0; change < DIFF_NUM_CHANGES; change++)
			report->counts[kind][change] += file->diff.counts[kind][change];
	}
	report->num_by_status[file->status]++;
	return NULL;
}

/* @has: the sides whose folder has the file. Takes @name. */
static struct btfgen_error *file_add(const struct folder_run *run, char *name, const bool *has)
{
	struct diff_file file = { .path = name };
	struct btfgen_error *err = NULL;
	bool is_unreadable = false;

	for (int side = 0; side < DIFF_SIDES && !err; side++) {
		if (!has[side])
			continue;
		err = file_open(run, side, name, &file.stacks[side]);
		if (err && err->code == BTFGEN_ERROR_INPUT) {
			tell_unreadable(run->report, err);
			is_unreadable = true;
			err = NULL;
		}
	}
	if (!err && !is_unreadable && (file.stacks[DIFF_OLD] || file.stacks[DIFF_NEW])) {
		err = file_compare(run->report, &file);
		if (!err && vec_push(&run->report->files, file))
			return NULL;
		if (!err)
			err = error_nomem();
		btf_diff_deinit(&file.diff);
	}
	stack_close(file.stacks[DIFF_OLD]);
	stack_close(file.stacks[DIFF_NEW]);
	free(name);
	return err;
}

static struct btfgen_error *files_pair(const struct folder_run *run, path_vec *names)
{
	size_t at[DIFF_SIDES] = {};
	struct btfgen_error *err = NULL;

	while (!err && (at[0] < names[0].num || at[1] < names[1].num)) {
		bool has[DIFF_SIDES];
		char *name;
		int order;

		if (at[0] == names[0].num || at[1] == names[1].num)
			order = at[0] == names[0].num ? 1 : -1;
		else
			order = strcmp(names[0].data[at[0]], names[1].data[at[1]]);
		has[DIFF_OLD] = order <= 0;
		has[DIFF_NEW] = order >= 0;
		name = strdup(has[DIFF_OLD] ? names[0].data[at[0]] : names[1].data[at[1]]);
		if (!name)
			return error_nomem();
		at[DIFF_OLD] += has[DIFF_OLD];
		at[DIFF_NEW] += has[DIFF_NEW];
		err = file_add(run, name, has);
	}
	return err;
}

static uint64_t file_change(const struct diff_file *file)
{
	const uint64_t *totals = file->diff.sizes.totals;

	return totals[DIFF_OLD] > totals[DIFF_NEW] ? totals[DIFF_OLD] - totals[DIFF_NEW] :
						     totals[DIFF_NEW] - totals[DIFF_OLD];
}

static int compare_files(const void *a, const void *b)
{
	const struct diff_file *x = a, *y = b;
	uint64_t x_change = file_change(x), y_change = file_change(y);

	if (x_change != y_change)
		return x_change > y_change ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* The kernel that lies beside its modules. */
static struct btfgen_error *known_base_open(const char *root, struct btf_stack *ret_stack,
					    bool *ret_found)
{
	static const char *const names[] = { "vmlinux", "vmlinux.btf" };

	*ret_found = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_cleanup_free_ char *path = NULL;
		struct btfgen_error *err;

		if (asprintf(&path, "%s/%s", root, names[i]) < 0)
			return error_nomem();
		if (access(path, F_OK) != 0)
			continue;
		err = btf_stack_open_over(path, NULL, ret_stack);
		if (err)
			return err;
		*ret_found = btf_stack_file(ret_stack)->btf.data != NULL;
		if (*ret_found)
			return NULL;
		btf_stack_close(ret_stack);
	}
	return NULL;
}

struct btfgen_error *diff_folder_read(struct diff_report *report,
				      const struct btf_stack *const *bases,
				      struct btf_stack *known_bases)
{
	struct folder_run run = { .report = report };
	struct btfgen_error *err = NULL;
	path_vec names[DIFF_SIDES] = {};

	report->is_same = true;
	for (int side = 0; side < DIFF_SIDES && !err; side++) {
		bool found = false;

		if (bases[side]) {
			run.bases[side] = btf_stack_view(bases[side]);
		} else {
			err = known_base_open(report->paths[side], &known_bases[side], &found);
			if (found)
				run.bases[side] = btf_stack_view(&known_bases[side]);
		}
		if (!err)
			err = folder_walk(report->paths[side], &names[side]);
	}
	if (!err)
		err = files_pair(&run, names);
	paths_free(&names[DIFF_OLD]);
	paths_free(&names[DIFF_NEW]);
	if (err)
		return err;
	if (!report->files.num && !report->num_unreadable)
		return error_create(BTFGEN_ERROR_INPUT, "neither '%s' nor '%s' has files with BTF",
				    report->paths[DIFF_OLD], report->paths[DIFF_NEW]);
	if (report->files.num)
		qsort(report->files.data, report->files.num, sizeof(*report->files.data),
		      compare_files);
	btf_diff_sizes_finish(&report->sizes);
	return NULL;
}
