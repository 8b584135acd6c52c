// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Put raw bytes into named sections of an ELF file, in place.
 *
 *	struct elf_append_request request = {
 *		.section_name = ".BTF",
 *		.data = btf,
 *		.align = 4,
 *	};
 *
 *	err = elf_append_section("vmlinux", &map.identity, &request, &unchanged);
 *
 * The section becomes SHT_PROGBITS without flags at address 0, which is what consumers of `.BTF`
 * look for and what objcopy --add-section makes. A section of that name that exists keeps its
 * index, but its header then leads to the new bytes; a loaded one (SHF_ALLOC) is no longer loaded,
 * and its old bytes stay in the segment where they were. If the file holds exactly these bytes
 * under the name already, loaded or not, nothing is written and *ret_unchanged is true.
 *
 * Promises:
 *   - Killed at any moment, the file is as it was before (at most longer, by bytes that nothing
 *     refers to) or complete. The switch is one write of the ELF header, after everything else is
 *     flushed.
 *   - After an error the file has its old bytes and size. Two exceptions: the error "cannot flush"
 *     of the last step leaves a complete file of which the disk may hold the old header; and a file
 *     that somebody else changes during the run is left as found.
 *   - All old bytes but the ELF header stay as and where they are: segments, symbols, offsets,
 *     other sections. The file keeps its inode, mode, owner and hard links.
 *   - The same call a second time writes nothing.
 *
 * Not promised: reuse of space. Different content makes the file grow by the new content each time,
 * the old stays as dead bytes. Readers and strip drop them.
 *
 * @expected is the identity from when the file was read, or NULL; a file that is another one or has
 * changed since is refused. The file is locked with flock() while it is written, where the file
 * system knows locks.
 *
 * Errors, all with the path in place:
 *   BTFGEN_ERROR_INPUT: what elf_file.h lists; "file is empty"; "not a regular file"; "file changed
 *     since it was read"; "file changed while it was written"; "file has no section name table";
 *     "section name table is loaded"; "section name table lies in the ELF header"; "section
 *     '<name>' is the section name table"; "section '<name>' has relocations"; "section '<name>' is
 *     asked for twice".
 *   BTFGEN_ERROR_IO: "cannot open for writing: <reason>"; "file is locked by another process";
 *     "cannot read: <reason>"; "cannot write: <reason>"; "cannot flush: <reason>".
 *   BTFGEN_ERROR_LIMIT: "file would exceed the 4 GiB of ELF32".
 *
 * Sizes and alignments are bytes. Thread rule: no state is shared; two threads that write to one
 * file meet at the lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/span.h"

struct elf_append_request {
	const char *section_name; /* not empty */
	struct span data;	  /* at least one byte */
	uint64_t align;		  /* a power of two */
};

/* Several sections at one switch: all of them are there, or none. */
struct btfgen_error *elf_append_sections(const char *path, const struct file_identity *expected,
					 const struct elf_append_request *requests,
					 size_t num_requests,
					 bool *ret_unchanged) BTFGEN_MUST_CHECK;

static inline struct btfgen_error *elf_append_section(const char *path,
						      const struct file_identity *expected,
						      const struct elf_append_request *request,
						      bool *ret_unchanged)
{
	return elf_append_sections(path, expected, request, 1, ret_unchanged);
}
