// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/file_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/encode_args.h"
#include "lib/base/cleanup.h"

#define input_error(...) error_create(BTFGEN_ERROR_INPUT, __VA_ARGS__)

enum { MAX_LIST_SIZE = 256 << 20, FIRST_SIZE = 64 << 10 };

struct btfgen_error *file_list_add(struct file_list *list, const char *path)
{
	struct btfgen_error *err = encode_args_check_input(path);

	if (err)
		return err;
	return vec_push(&list->paths, path) ? NULL : error_nomem();
}

/* All of it, with a zero byte behind. */
static struct btfgen_error *read_all(int fd, char **ret_text, size_t *ret_size)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, room = 0;

	for (;;) {
		ssize_t n;

		if (room - size < 2) {
			char *larger;

			room = room ? 2 * room : FIRST_SIZE;
			larger = realloc(text, room);
			if (!larger)
				return error_nomem();
			text = larger;
		}
		n = read(fd, text + size, room - size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_create_errno(BTFGEN_ERROR_INPUT, errno, "cannot read");
		if (n == 0)
			break;
		size += (size_t)n;
		if (size > MAX_LIST_SIZE)
			return input_error("the list is larger than 256 MiB");
	}
	text[size] = '\0';
	*ret_text = no_cleanup_ptr(text);
	*ret_size = size;
	return NULL;
}

static struct btfgen_error *split(struct file_list *list, size_t size, bool null)
{
	size_t num_before = list->paths.num;
	char *end = list->text + size;

	if (!null && memchr(list->text, '\0', size))
		return input_error(
			"the list has zero bytes: --null is for names that end with one");
	for (char *name = list->text; name < end;) {
		char *name_end = memchr(name, null ? '\0' : '\n', (size_t)(end - name));
		struct btfgen_error *err;

		if (!name_end)
			name_end = end;
		*name_end = '\0';
		if (name_end > name) {
			err = file_list_add(list, name);
			if (err)
				return err;
		}
		name = name_end + 1;
	}
	if (list->paths.num == num_before)
		return input_error("the list names no file");
	return NULL;
}

struct btfgen_error *file_list_read(struct file_list *list, const char *path, bool null)
{
	bool is_stdin = strcmp(path, "-") == 0;
	_cleanup_close_ int opened = -1;
	struct btfgen_error *err;
	int fd = STDIN_FILENO;
	size_t size = 0;

	if (!is_stdin)
		fd = opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		err = error_create_errno(BTFGEN_ERROR_INPUT, errno, "cannot open");
	else
		err = read_all(fd, &list->text, &size);
	if (!err)
		err = split(list, size, null);
	return error_in_file(err, is_stdin ? "standard input" : path);
}

void file_list_deinit(struct file_list *list)
{
	vec_deinit(&list->paths);
	free(list->text);
	list->text = NULL;
}
