// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The base that modules are encoded against: one or several files with BTF, stacked.
 *
 *	static const char *const paths[] = { "vmlinux" };
 *	struct encode_base *base;
 *
 *	err = encode_base_open(paths, 1, &base);
 *	for each module
 *		options.base = base; encode_file(&options, report)
 *	encode_base_close(base);
 *
 * A layer is an ELF file with a .BTF section (vmlinux, or a module that others build upon) or raw
 * BTF (as in /sys/kernel/btf), told apart by its first bytes, in either byte order. The first layer
 * is complete BTF, each further one is split BTF over those before it. The files must not change
 * while the base is open.
 *
 * A layer that cannot be what it is given for is refused when it is opened: no BTF, a version or a
 * kind that is not known, ids or strings that lead nowhere (as they do if a split was made over
 * another base), another byte order or machine than the layer before. What is wrong then is said with
 * the build ids of both files, where they have one.
 *
 * encode_base_fits() says whether a module belongs to the base, as far as files tell: machine, class,
 * byte order, and the release in the module's `vermagic` against the one in vmlinux's banner.
 *
 * Ownership: the paths are borrowed and must outlive the base.
 * Threads: constant once open; any number of threads may encode against it.
 * Errors: BTFGEN_ERROR_INPUT with the path; BTFGEN_ERROR_IO; memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/name_table.h"
#include "lib/btf/base.h"
#include "lib/elf/elf_file.h"
#include "lib/elf/identity.h"

struct encode_base;

struct btfgen_error *encode_base_open(const char *const *paths, size_t num_paths,
				      struct encode_base **ret_base) BTFGEN_MUST_CHECK;
void encode_base_close(struct encode_base *base);

const struct btf_base *encode_base_index(const struct encode_base *base);

size_t encode_base_num_layers(const struct encode_base *base);
const char *encode_base_path(const struct encode_base *base, size_t layer);
/* Build id and release; empty texts for raw BTF. */
const struct elf_identity *encode_base_identity(const struct encode_base *base, size_t layer);

/* 4 or 8 bytes: from the class of the first ELF file among the layers, else from the size of long. */
unsigned int encode_base_ptr_size(const struct encode_base *base);

/* Of the raw bytes of all layers, XXH3: equal bases have equal ones. */
uint64_t encode_base_hash(const struct encode_base *base);

/*
 * The names that the kernel looks up in the base before it does in a module: of all symbols that
 * the layers' symbol tables define, and of the functions and variables of their BTF. A layer without
 * a symbol table (raw BTF) tells the latter only. Read by the first call, which others wait for.
 */
struct btfgen_error *encode_base_names(const struct encode_base *base,
				       const struct name_table **ret_names) BTFGEN_MUST_CHECK;

/* Of these names, in the order of the files. */
struct btfgen_error *encode_base_names_hash(const struct encode_base *base,
					    uint64_t *ret_hash) BTFGEN_MUST_CHECK;

/*
 * NULL, or why @module cannot be encoded against @base: BTFGEN_ERROR_INPUT without a path, with the
 * build ids of both. @any_release: the releases may differ, as they may where the base is distilled.
 */
struct btfgen_error *encode_base_fits(const struct encode_base *base, const struct elf_file *module,
				      bool any_release) BTFGEN_MUST_CHECK;
