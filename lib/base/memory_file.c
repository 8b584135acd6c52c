// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/memory_file.h"

#include <string.h>
#include <sys/types.h>

static ssize_t write_bytes(void *cookie, const char *data, size_t size)
{
	struct memory_file *file = cookie;

	if (file->failed || size >= SIZE_MAX - file->bytes.num ||
	    !vec_reserve(&file->bytes, file->bytes.num + size + 1)) {
		file->failed = true;
		return 0;
	}
	memcpy(file->bytes.data + file->bytes.num, data, size);
	file->bytes.num += size;
	return (ssize_t)size;
}

struct btfgen_error *memory_file_open(struct memory_file *ret_file)
{
	*ret_file = (struct memory_file){};
	ret_file->out = fopencookie(ret_file, "w", (cookie_io_functions_t){ .write = write_bytes });
	return ret_file->out ? NULL : error_nomem();
}

struct btfgen_error *memory_file_finish(struct memory_file *file)
{
	bool good = fclose(file->out) == 0;

	file->out = NULL;
	if (!good || file->failed || !vec_reserve(&file->bytes, file->bytes.num + 1))
		return error_nomem();
	file->bytes.data[file->bytes.num] = '\0';
	file->data = file->bytes.data;
	file->size = file->bytes.num;
	return NULL;
}

void memory_file_close(struct memory_file *file)
{
	if (file->out)
		fclose(file->out);
	vec_deinit(&file->bytes);
	*file = (struct memory_file){};
}
