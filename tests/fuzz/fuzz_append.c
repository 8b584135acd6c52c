// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Any bytes as the ELF file that a section is appended to.
 *
 * After an error the file is what it was. After success all old bytes but the header are, every
 * other section keeps its header, the section reads back, a second run writes nothing, and other
 * content can follow. Two bytes that ELF leaves unused, e_ident[14] and [15], choose the size and
 * the alignment of the content.
 */
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/elf/append.h"
#include "lib/elf/elf_file.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_SIZE = 1 << 20 };

struct run {
	int fd;
	char path[64];
	uint8_t content[256];
	struct elf_append_request request;
};

static uint8_t *read_all(const struct run *run, size_t *ret_size)
{
	struct stat st;
	uint8_t *data;

	FUZZ_CHECK(fstat(run->fd, &st) == 0);
	data = malloc((size_t)st.st_size);
	FUZZ_CHECK(data && pread(run->fd, data, (size_t)st.st_size, 0) == st.st_size);
	*ret_size = (size_t)st.st_size;
	return data;
}

static void check_other_sections(const struct elf_file *old, const struct elf_file *new)
{
	bool replaced = false;

	FUZZ_CHECK(new->names_index == old->names_index);
	for (uint32_t i = 1; i < old->num_sections; i++) {
		struct elf_section a, b;
		struct btfgen_error *err = elf_section_get(old, i, &a);

		/* A name out of bounds behind the first .BTF, which nobody asked for. */
		if (err) {
			error_free(err);
			continue;
		}
		FUZZ_CHECK(!elf_section_get(new, i, &b));
		FUZZ_CHECK(strcmp(a.name, b.name) == 0);
		if (!replaced && strcmp(a.name, ".BTF") == 0) {
			replaced = true;
			continue;
		}
		if (i == old->names_index) {
			b.off = a.off;
			b.size = a.size;
		}
		FUZZ_CHECK(a.type == b.type && a.flags == b.flags && a.addr == b.addr &&
			   a.off == b.off && a.size == b.size && a.link == b.link &&
			   a.info == b.info && a.align == b.align && a.entsize == b.entsize);
	}
}

static void check_success(const struct run *run, const uint8_t *old, size_t old_size)
{
	struct elf_file old_elf, new_elf;
	struct elf_section section;
	struct span content;
	size_t size;
	uint8_t *new = read_all(run, &size);
	bool found;

	FUZZ_CHECK(!elf_file_parse((struct span){ old, old_size }, &old_elf));
	FUZZ_CHECK(!elf_file_parse((struct span){ new, size }, &new_elf));
	FUZZ_CHECK(size > old_size);
	FUZZ_CHECK(memcmp(old + elf_header_size(&old_elf), new + elf_header_size(&old_elf),
			  old_size - elf_header_size(&old_elf)) == 0);
	FUZZ_CHECK(!elf_find_section(&new_elf, ".BTF", &section, &found) && found);
	FUZZ_CHECK(!elf_section_data(&new_elf, &section, &content));
	FUZZ_CHECK(section.off >= old_size && section.off % run->request.align == 0);
	FUZZ_CHECK(content.size == run->request.data.size &&
		   memcmp(content.data, run->request.data.data, content.size) == 0);
	check_other_sections(&old_elf, &new_elf);
	free(new);
}

enum outcome { REFUSED, UNCHANGED, WRITTEN };

static enum outcome append_and_check(const struct run *run)
{
	bool unchanged = false;
	size_t old_size, now_size;
	uint8_t *old = read_all(run, &old_size), *now;
	struct btfgen_error *err = elf_append_section(run->path, NULL, &run->request, &unchanged);
	enum outcome outcome = err ? REFUSED : unchanged ? UNCHANGED : WRITTEN;

	if (outcome != WRITTEN) {
		now = read_all(run, &now_size);
		FUZZ_CHECK(now_size == old_size && memcmp(now, old, old_size) == 0);
		free(now);
	} else {
		check_success(run, old, old_size);
	}
	error_free(err);
	free(old);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = {};

	if (size > MAX_SIZE)
		return 0;
	run.fd = memfd_create("fuzz_append", MFD_CLOEXEC);
	FUZZ_CHECK(run.fd >= 0);
	FUZZ_CHECK(write(run.fd, data, size) == (ssize_t)size);
	snprintf(run.path, sizeof(run.path), "/proc/self/fd/%d", run.fd);
	for (size_t i = 0; i < sizeof(run.content); i++)
		run.content[i] = (uint8_t)(i * 7 + 1);
	run.request = (struct elf_append_request){
		.section_name = ".BTF",
		.data = { run.content, size >= EI_NIDENT ? data[14] % 200u + 1 : 1 },
		.align = size >= EI_NIDENT ? 1u << data[15] % 13 : 1,
	};
	if (append_and_check(&run) == WRITTEN) {
		FUZZ_CHECK(append_and_check(&run) == UNCHANGED);
		run.request.data.data++;
		FUZZ_CHECK(append_and_check(&run) == WRITTEN);
		FUZZ_CHECK(append_and_check(&run) == UNCHANGED);
	}
	close(run.fd);
	return 0;
}
