// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/elf/compressed.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

/*
 * Most that one byte can become: deflate codes at most 258 bytes in two bits (1032 to 1); a zstd
 * block of 128 KiB takes at least four bytes.
 */
enum { ZLIB_MAX_RATIO = 1032, ZSTD_MAX_RATIO = 32768, RATIO_SLACK = 4096 };

enum method { METHOD_NONE, METHOD_ZLIB, METHOD_ZSTD };

struct compressed {
	enum method method;
	uint64_t size; /* decompressed */
	struct span payload;
};

static struct btfgen_error *error_in_section(const struct elf_section *section, const char *what)
{
	return error_create_at(section->name, 0, "%s", what);
}

static struct btfgen_error *read_header(const struct elf_file *elf,
					const struct elf_section *section, struct span data,
					struct compressed *ret)
{
	*ret = (struct compressed){ .payload = data };
	if (section->flags & SHF_COMPRESSED) {
		size_t header_size = elf->is_64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
		uint32_t type;

		if (data.size < header_size)
			return error_in_section(section, "compression header is cut off");
		type = load_u32(data.data, elf->swap);
		ret->size = elf->is_64 ? load_u64(data.data + 8, elf->swap) :
					 load_u32(data.data + 4, elf->swap);
		ret->payload.data += header_size;
		ret->payload.size -= header_size;
		if (type == ELFCOMPRESS_ZLIB)
			ret->method = METHOD_ZLIB;
		else if (type == 2 /* ELFCOMPRESS_ZSTD, newer than some <elf.h> */)
			ret->method = METHOD_ZSTD;
		else
			return error_create_at(section->name, 0, "unknown compression type %u",
					       type);
	} else if (strncmp(section->name, ".zdebug", 7) == 0 && data.size >= 12 &&
		   memcmp(data.data, "ZLIB", 4) == 0) {
		ret->method = METHOD_ZLIB;
		ret->size = load_u64(data.data + 4, !HOST_BIG_ENDIAN);
		ret->payload.data += 12;
		ret->payload.size -= 12;
	}
	return NULL;
}

static bool inflate_all(struct span payload, uint8_t *to, uint64_t size)
{
	z_stream stream = {};
	bool done = false;

	if (inflateInit(&stream) != Z_OK)
		return false;
	/* zlib counts in unsigned ints. */
	for (;;) {
		uint64_t in_left = payload.size - stream.total_in;
		uint64_t out_left = size - stream.total_out;
		int status;

		stream.next_in = (Bytef *)payload.data + stream.total_in;
		stream.avail_in = in_left < 1u << 30 ? in_left : 1u << 30;
		stream.next_out = to + stream.total_out;
		stream.avail_out = out_left < 1u << 30 ? out_left : 1u << 30;
		status = inflate(&stream, Z_NO_FLUSH);
		if (status == Z_STREAM_END) {
			done = stream.total_out == size;
			break;
		}
		if (status != Z_OK)
			break;
	}
	inflateEnd(&stream);
	return done;
}

struct btfgen_error *elf_decompress(const struct elf_file *elf, const struct elf_section *section,
				    struct span *ret_bytes, bool *ret_owned)
{
	struct compressed compressed;
	struct btfgen_error *err;
	struct span data;
	uint64_t ratio;
	uint8_t *to;
	bool ok;

	err = elf_section_data(elf, section, &data);
	if (!err)
		err = read_header(elf, section, data, &compressed);
	if (err)
		return err;
	if (compressed.method == METHOD_NONE || !compressed.size) {
		*ret_bytes =
			compressed.method == METHOD_NONE ? data : (struct span){ data.data, 0 };
		*ret_owned = false;
		return NULL;
	}
	ratio = compressed.method == METHOD_ZLIB ? ZLIB_MAX_RATIO : ZSTD_MAX_RATIO;
	if (compressed.size / ratio > compressed.payload.size + RATIO_SLACK)
		return error_create_at(section->name, 0,
				       "%zu compressed bytes cannot hold the declared %ju",
				       compressed.payload.size, (uintmax_t)compressed.size);
	/* A mapping: it is released whole, and untouched parts cost nothing. */
	to = mmap(NULL, compressed.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		  0);
	if (to == MAP_FAILED)
		return error_nomem();
	if (compressed.method == METHOD_ZLIB)
		ok = inflate_all(compressed.payload, to, compressed.size);
	else
		ok = ZSTD_decompress(to, compressed.size, compressed.payload.data,
				     compressed.payload.size) == compressed.size;
	if (!ok) {
		munmap(to, compressed.size);
		return error_in_section(section, "section does not decompress");
	}
	*ret_bytes = (struct span){ to, compressed.size };
	*ret_owned = true;
	return NULL;
}

void elf_decompressed_free(struct span *bytes, bool owned)
{
	if (owned)
		munmap((void *)bytes->data, bytes->size);
	*bytes = (struct span){};
}
