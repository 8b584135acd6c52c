// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A relocatable object that holds bytes as one loaded section, for a linker.
 *
 *	err = elf_object_create(&elf, ".BTF", btf, 4, &bytes, &size);
 *	...
 *	free(bytes);
 *
 * It is an object of the same class, byte order, ABI, machine and processor flags (e_flags) as @like,
 * so that it links with the objects that @like was linked from: e_ident, e_machine, e_version and
 * e_flags are taken over. The section is SHT_PROGBITS, SHF_ALLOC and read-only. Beside it stands an
 * empty .note.GNU-stack, without which linkers take an object for one that wants an executable
 * stack. There are no symbols: linker scripts name the bounds of the section.
 *
 * Threads: no state. Errors: memory; BTFGEN_ERROR_LIMIT if the object would exceed the 4 GiB of
 * ELF32. Source: System V gABI, "ELF Header", "Sections"; scripts/link-vmlinux.sh of Linux 5.2 to
 * 6.18, which makes such an object with objcopy and a patch of the header.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/elf/elf_file.h"

/* @align: a power of two. *ret_bytes is for free(). */
struct btfgen_error *elf_object_create(const struct elf_file *like, const char *section_name,
				       struct span data, uint64_t align, uint8_t **ret_bytes,
				       size_t *ret_size) BTFGEN_MUST_CHECK;
