// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Any bytes as a relocatable file: each of its sections is relocated, in a copy and in place, with
 * the same result or the same error, and the file is not written to. Addresses of sections rise and
 * do not overlap.
 */
#include <elf.h>
#include <string.h>

#include "lib/base/span.h"
#include "lib/elf/elf_file.h"
#include "lib/elf/relocate.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_SIZE = 1 << 18, MAX_SECTIONS = 64 };

static void check_addresses(const struct elf_file *elf, const struct elf_relocator *relocator)
{
	uint64_t end = 0;

	for (uint32_t i = 1; i < elf->num_sections; i++) {
		uint64_t addr = elf_relocator_section_addr(relocator, i);
		struct elf_section section;

		FUZZ_CHECK(!elf_section_get(elf, i, &section));
		if (!(section.flags & SHF_ALLOC)) {
			FUZZ_CHECK(!addr);
			continue;
		}
		FUZZ_CHECK(addr > end);
		end = addr + section.size;
		FUZZ_CHECK(end >= addr);
	}
	FUZZ_CHECK(!elf_relocator_section_addr(relocator, 0));
	FUZZ_CHECK(!elf_relocator_section_addr(relocator, elf->num_sections));
}

static void relocate(const struct elf_file *elf, struct elf_relocator *relocator, uint32_t index)
{
	struct elf_section section;
	struct btfgen_error *err, *err_in_place;
	struct span plain, copy, in_place;
	bool owned, owned_in_place;
	uint8_t *memory;

	FUZZ_CHECK(!elf_section_get(elf, index, &section));
	err = elf_section_data(elf, &section, &plain);
	if (err || !plain.data) {
		error_free(err);
		return;
	}
	memory = malloc(plain.size ? plain.size : 1);
	FUZZ_CHECK(memory);
	memcpy(memory, plain.data, plain.size);
	err = elf_relocate_section(relocator, &section, plain, false, &copy, &owned);
	err_in_place = elf_relocate_section(relocator, &section,
					    (struct span){ memory, plain.size }, true, &in_place,
					    &owned_in_place);
	FUZZ_CHECK(!err == !err_in_place);
	if (!err) {
		FUZZ_CHECK(copy.size == plain.size && in_place.size == plain.size);
		FUZZ_CHECK(owned ? copy.data != plain.data : copy.data == plain.data);
		FUZZ_CHECK(!owned_in_place && in_place.data == memory);
		FUZZ_CHECK(memcmp(copy.data, memory, plain.size) == 0);
		elf_relocated_free(&copy, owned);
	} else {
		char *text = error_text(err), *text_in_place = error_text(err_in_place);

		FUZZ_CHECK(err->code == BTFGEN_ERROR_INPUT);
		FUZZ_CHECK(text && text_in_place && !strcmp(text, text_in_place));
		free(text);
		free(text_in_place);
	}
	error_free(err);
	error_free(err_in_place);
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_relocator *relocator;
	struct btfgen_error *err;
	struct elf_file elf;
	uint8_t *copy;

	if (size > MAX_SIZE)
		return 0;
	err = elf_file_parse((struct span){ data, size }, &elf);
	if (!err)
		err = elf_relocator_open(&elf, NULL, &relocator);
	if (err) {
		error_free(err);
		return 0;
	}
	copy = malloc(size);
	FUZZ_CHECK(copy);
	memcpy(copy, data, size);
	check_addresses(&elf, relocator);
	for (uint32_t i = 1; i < elf.num_sections && i < MAX_SECTIONS; i++)
		relocate(&elf, relocator, i);
	FUZZ_CHECK(memcmp(copy, data, size) == 0);
	free(copy);
	elf_relocator_close(relocator);
	return 0;
}
