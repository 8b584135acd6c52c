// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "btf_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/vec.h"
#include "lib/elf/elf_file.h"

enum {
	READ_SIZE = 1 << 16,
	/* Raw BTF of a kernel has some megabytes; a file of zeros without end is none. */
	MAX_RAW_SIZE = 1 << 30,
};

typedef VEC(uint8_t) byte_vec;

/* Reads until the end or until @max bytes are there. */
static struct btfgen_error *read_bytes(int fd, size_t max, byte_vec *bytes)
{
	while (bytes->num < max) {
		size_t want = max - bytes->num < READ_SIZE ? max - bytes->num : READ_SIZE;
		ssize_t got;

		if (!vec_reserve(bytes, bytes->num + want))
			return error_nomem();
		got = read(fd, bytes->data + bytes->num, want);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_create_errno(BTFGEN_ERROR_INPUT, errno, "cannot read");
		if (got == 0)
			break;
		bytes->num += (size_t)got;
	}
	return NULL;
}

static struct btfgen_error *find_btf_section(const struct elf_file *elf, struct span *ret_btf)
{
	struct elf_section section;
	struct btfgen_error *err;
	struct span btf;
	bool found;

	err = elf_find_section(elf, ".BTF", &section, &found);
	if (err || !found)
		return err;
	err = elf_section_data(elf, &section, &btf);
	if (err)
		return err;
	if (!btf.data)
		return error_create(BTFGEN_ERROR_INPUT,
				    "the .BTF section has no bytes in the file");
	*ret_btf = btf;
	return NULL;
}

static struct btfgen_error *read_elf(const char *path, struct btf_source *source)
{
	struct btfgen_error *err;

	err = file_map_open(path, &source->map);
	if (err)
		return err;
	source->is_elf = true;
	err = elf_file_parse((struct span){ source->map.data, source->map.size }, &source->elf);
	if (!err)
		err = find_btf_section(&source->elf, &source->btf);
	if (err)
		file_map_close(&source->map);
	return err;
}

struct btfgen_error *btf_source_refuse_compressed(struct span bytes)
{
	static const struct {
		const char *magic;
		size_t size;
		const char *name;
		const char *command;
	} formats[] = {
		{ "\xfd\x37zXZ", 6, "xz", "unxz" },
		{ "\x1f\x8b", 2, "gzip", "gunzip" },
		{ "\x28\xb5\x2f\xfd", 4, "zstd", "unzstd" },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (bytes.size >= formats[i].size &&
		    memcmp(bytes.data, formats[i].magic, formats[i].size) == 0)
			return error_create(BTFGEN_ERROR_INPUT,
					    "compressed with %s: unpack it with %s first",
					    formats[i].name, formats[i].command);
	}
	return NULL;
}

static struct btfgen_error *read_raw(byte_vec *bytes, struct btf_source *source)
{
	struct btfgen_error *err;

	if (bytes->num == 0)
		return error_create(BTFGEN_ERROR_INPUT, "file is empty");
	if (bytes->num == MAX_RAW_SIZE)
		return error_create(BTFGEN_ERROR_INPUT, "too large for BTF");
	err = btf_source_refuse_compressed((struct span){ bytes->data, bytes->num });
	if (err)
		return err;
	source->btf = (struct span){ bytes->data, bytes->num };
	source->read_bytes = no_cleanup_ptr(bytes->data);
	return NULL;
}

static struct btfgen_error *read_any(int fd, const char *path, byte_vec *bytes,
				     struct btf_source *source)
{
	struct btfgen_error *err;

	err = read_bytes(fd, READ_SIZE, bytes);
	if (err)
		return err;
	if (elf_file_is_elf((struct span){ bytes->data, bytes->num }))
		return read_elf(path, source);
	err = read_bytes(fd, MAX_RAW_SIZE, bytes);
	return err ? err : read_raw(bytes, source);
}

struct btfgen_error *btf_source_read(const char *path, struct btf_source *ret_source)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct btf_source source = {};
	struct btfgen_error *err;
	byte_vec bytes = {};

	if (fd < 0)
		err = error_create_errno(BTFGEN_ERROR_INPUT, errno, "cannot open");
	else
		err = read_any(fd, path, &bytes, &source);
	vec_deinit(&bytes);
	if (err)
		return error_in_file(err, path);
	*ret_source = source;
	return NULL;
}

struct btfgen_error *btf_source_open(const char *path, const struct btf_view *base,
				     struct btf_source *ret_source)
{
	struct btf_source source;
	struct btfgen_error *err;

	err = btf_source_read(path, &source);
	if (err)
		return err;
	if (!source.btf.data)
		err = error_create(BTFGEN_ERROR_INPUT, "has no .BTF section");
	else
		err = btf_view_open(source.btf, base, &source.view);
	if (err) {
		btf_source_close(&source);
		return error_in_file(err, path);
	}
	*ret_source = source;
	return NULL;
}

void btf_source_close(struct btf_source *source)
{
	btf_view_close(&source->view);
	file_map_close(&source->map);
	free(source->read_bytes);
	source->read_bytes = NULL;
}
