// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What an ELF file of a kernel tells about which build it belongs to: build id and release.
 *
 *	struct elf_identity identity;
 *
 *	elf_identity_read(&elf, &identity);
 *	if (*identity.build_id)
 *		...
 *
 * Build id: the GNU note of that type, from whichever section of notes has it, in hexadecimal.
 *
 * Release: for a module the first word behind "vermagic=" in .modinfo; for a kernel the word behind
 * "Linux version " in the object linux_banner, which is found through the symbol table, or in a
 * stripped file by looking through .rodata.
 *
 * What is missing or damaged is "": files without these are good files, and the texts only serve to
 * compare files and to name them in messages. All bytes of the texts are printable.
 *
 * Threads: nothing is kept; any number of threads may read.
 * Sources: the GNU note format of binutils; init/version-timestamp.c and include/linux/module.h of
 * Linux.
 */
#pragma once

#include "lib/elf/elf_file.h"

enum {
	ELF_BUILD_ID_TEXT = 2 * 32 + 1, /* longer ids are cut off */
	ELF_RELEASE_TEXT = 64 + 1,	/* as in the kernel's struct new_utsname */
};

struct elf_identity {
	char build_id[ELF_BUILD_ID_TEXT];
	char release[ELF_RELEASE_TEXT];
};

void elf_identity_read(const struct elf_file *elf, struct elf_identity *ret_identity);
