// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The object file of a BPF program (clang -target bpf), as far as its extern symbols are concerned.
 *
 *	struct ksym_object object;
 *
 *	err = ksym_object_open("prog.bpf.o", &object);
 *	...
 *	ksym_object_close(&object);
 *
 * Externs are what libbpf takes for them: undefined symbols without a type that are global or weak.
 * The instructions that use each are counted by the relocations of code sections: a call, or the
 * load of an address.
 *
 * Either byte order; the bytes are not trusted. An object without .BTF can be opened.
 *
 * Threads: an open object is constant.
 * Errors, with the path: what btf_source.h lists; "is no BPF object (clang -target bpf makes them)";
 * "has two symbol tables"; a symbol table or relocations that do not lie in the file, or point to
 * what does not exist; memory.
 */
#pragma once

#include "btf_source.h"
#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/ksyms.h"

struct ksym_object {
	struct btf_source source; /* its view is open if has_btf */
	bool has_btf;
	VEC(struct ksyms_extern) externs; /* in the order of the symbol table */
};

struct btfgen_error *ksym_object_open(const char *path,
				      struct ksym_object *ret_object) BTFGEN_MUST_CHECK;
void ksym_object_close(struct ksym_object *object);
