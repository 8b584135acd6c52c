// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the relocator makes of a file, for a judge that knows nothing of it:
 *
 *	relocate_dump FILE OUTPUT
 *
 * prints "<index> <address> <name>" for each allocated section, and writes the debug sections,
 * relocated, to OUTPUT: "<name> <size>\n", then the bytes, one after the other. Sections that are
 * for unwinding and not read by anybody here are left out.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/elf/compressed.h"
#include "lib/elf/elf_file.h"
#include "lib/elf/relocate.h"

static void check(struct btfgen_error *err)
{
	char *text = err ? error_text(err) : NULL;

	if (!err)
		return;
	fprintf(stderr, "relocate_dump: %s\n", text ? text : "no memory");
	free(text);
	error_free(err);
	exit(1);
}

static bool is_wanted(const struct elf_section *section)
{
	return (!strncmp(section->name, ".debug_", 7) || !strncmp(section->name, ".zdebug_", 8)) &&
	       strcmp(section->name, ".debug_frame") && section->type != SHT_NOBITS;
}

int main(int argc, char **argv)
{
	struct elf_relocator *relocator;
	struct elf_file elf;
	struct file_map map;
	FILE *output;

	if (argc != 3) {
		fprintf(stderr, "usage: relocate_dump FILE OUTPUT\n");
		return 2;
	}
	check(file_map_open(argv[1], &map));
	check(elf_file_parse((struct span){ map.data, map.size }, &elf));
	if (!elf_relocator_knows(elf.machine)) {
		fprintf(stderr, "relocate_dump: machine %u is not known\n", elf.machine);
		return 1;
	}
	check(elf_relocator_open(&elf, &map, &relocator));
	output = fopen(argv[2], "wb");
	if (!output) {
		perror(argv[2]);
		return 1;
	}
	for (uint32_t i = 1; i < elf.num_sections; i++) {
		struct elf_section section;
		struct span plain, bytes;
		bool plain_owned, owned;

		check(elf_section_get(&elf, i, &section));
		if (section.flags & SHF_ALLOC)
			printf("%u 0x%" PRIx64 " %s\n", i,
			       elf_relocator_section_addr(relocator, i), section.name);
		if (!is_wanted(&section))
			continue;
		check(elf_decompress(&elf, &section, &plain, &plain_owned));
		check(elf_relocate_section(relocator, &section, plain, plain_owned, &bytes, &owned));
		fprintf(output, "%s %zu\n", section.name, bytes.size);
		fwrite(bytes.data, 1, bytes.size, output);
		elf_relocated_free(&bytes, owned);
		elf_decompressed_free(&plain, plain_owned);
	}
	if (fclose(output)) {
		perror(argv[2]);
		return 1;
	}
	elf_relocator_close(relocator);
	file_map_close(&map);
	return 0;
}
