// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * append_file ELF SECTION DATA-FILE: lib/elf/append from the shell. Prints "written" or
 * "unchanged".
 */
#include <stdio.h>

#include "lib/elf/append.h"

int main(int argc, char **argv)
{
	struct elf_append_request request = { .align = 4 };
	struct btfgen_error *err;
	struct file_map map;
	bool unchanged;

	if (argc != 4)
		return 2;
	err = file_map_open(argv[3], &map);
	if (!err) {
		request.section_name = argv[2];
		request.data = (struct span){ map.data, map.size };
		err = elf_append_section(argv[1], NULL, &request, &unchanged);
		file_map_close(&map);
	}
	if (err) {
		fprintf(stderr, "%s\n", error_text(err));
		return error_exit_code(err);
	}
	puts(unchanged ? "unchanged" : "written");
	return 0;
}
