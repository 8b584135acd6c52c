// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a kernel has for the extern symbols of BPF programs: BTF of vmlinux and modules, and its
 * symbol table.
 *
 *	struct ksym_kernel kernel;
 *
 *	err = ksym_kernel_open(paths, num_paths, "/proc/kallsyms", &kernel);
 *	use(kernel.layers, kernel.num_layers);
 *	ksym_kernel_close(&kernel);
 *
 * Paths: vmlinux first, then modules; raw BTF or ELF files with .BTF. A module may carry its base
 * (.BTF.base). Without any path it is the running kernel: /sys/kernel/btf/vmlinux, and the modules
 * beside it in the order in which /proc/modules says that they were loaded, which is that of the
 * BTF ids that libbpf follows.
 *
 * The symbol table is text with lines ADDRESS TYPE NAME, as /proc/kallsyms and System.map are; NULL
 * for none, then nothing is known of addresses.
 *
 * Threads: an open kernel is constant.
 * Errors, with the path: what btf_source.h lists; "has no .BTF section"; "is the BTF of a module,
 * that of vmlinux comes first"; "is not the BTF of a module"; "line <n> is no ADDRESS TYPE NAME";
 * memory.
 */
#pragma once

#include "btf_source.h"
#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/ksyms.h"

struct ksym_file {
	char *path;
	char *name; /* without folder, .ko and .btf */
	struct btf_source source;
	struct btf_view distilled; /* the file's own base, or zeros */
	/* Why it cannot be a module of this vmlinux (lib/btf/split_check.h); NULL: it can. */
	char *misfit;
};

struct ksym_address;

struct ksym_kernel {
	struct ksym_file *files;
	struct ksyms_layer *layers; /* one a file */
	size_t num;
	bool has_addresses;
	VEC(struct ksym_address) addresses; /* sorted by name */
};

struct btfgen_error *ksym_kernel_open(const char *const *paths, size_t num_paths,
				      const char *symbols_path,
				      struct ksym_kernel *ret_kernel) BTFGEN_MUST_CHECK;
void ksym_kernel_close(struct ksym_kernel *kernel);

/* For struct ksyms_input: @arg is a struct ksym_kernel with addresses. */
enum ksyms_address ksym_kernel_address(void *arg, const char *name, bool for_libbpf);
