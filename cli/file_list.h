// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Names of files from operands and from a list in a file.
 *
 *	struct file_list list = {};
 *
 *	err = file_list_add(&list, argv[i]);
 *	err = file_list_read(&list, "modules.txt", false);
 *	... list.paths.data[0 .. list.paths.num)
 *	file_list_deinit(&list);
 *
 * A list has one name a line, or with @null each name ends with a zero byte; empty ones are passed
 * over, all other bytes belong to the name. The end of the file ends the last name. `-` reads
 * standard input.
 *
 * Errors: BTFGEN_ERROR_USAGE for names that cannot be input files; BTFGEN_ERROR_INPUT for a list
 * that cannot be read, holds no name, holds zero bytes without @null or is larger than 256 MiB.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "lib/base/error.h"
#include "lib/base/vec.h"

/* For verbs that take one; the struct of a verb's values has `const char *files_from; bool null`. */
#define FILE_LIST_OPTIONS(values)                                                                  \
	{ .name = "files-from",                                                                    \
	  .type = OPTION_STRING,                                                                   \
	  .value_off = offsetof(values, files_from),                                               \
	  .arg_name = "LIST",                                                                      \
	  .hint = HINT_FILE,                                                                       \
	  .help = "more FILEs, one a line ('-': standard input)" },                                \
	{                                                                                          \
		.letter = '0', .name = "null", .type = OPTION_BOOL,                                \
		.value_off = offsetof(values, null), .help = "in LIST, names end with a zero byte" \
	}

struct file_list {
	VEC(const char *) paths; /* in the order in which they came */
	char *text;		 /* what the list held; paths point into it */
};

struct btfgen_error *file_list_add(struct file_list *list, const char *path) BTFGEN_MUST_CHECK;

/* Once for each struct file_list. */
struct btfgen_error *file_list_read(struct file_list *list, const char *path,
				    bool null) BTFGEN_MUST_CHECK;
void file_list_deinit(struct file_list *list);
