// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Compressed sections: SHF_COMPRESSED with zlib or zstd (gABI, "Section Compression"), and the
 * older GNU form `.zdebug_*` ("ZLIB", then the size as eight big-endian bytes).
 *
 *	err = elf_decompress(&elf, &section, &bytes, &owned);
 *	...
 *	elf_decompressed_free(&bytes, owned);
 *
 * `bytes` is the section's plain content: the file's own bytes if it is not compressed (owned
 * false), else memory of its own. A declared size that no compressor of that kind can have reached
 * is refused before memory is asked for.
 *
 * Errors: INPUT with the section in the message.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/elf/elf_file.h"

struct btfgen_error *elf_decompress(const struct elf_file *elf, const struct elf_section *section,
				    struct span *ret_bytes, bool *ret_owned) BTFGEN_MUST_CHECK;
void elf_decompressed_free(struct span *bytes, bool owned);
