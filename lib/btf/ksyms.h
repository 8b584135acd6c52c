// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the extern symbols of a BPF program (`extern ... __ksym`) would be bound to, as libbpf and
 * the kernel's verifier do it.
 *
 *	struct ksyms_input input = { .program = &view, .externs = externs, .num_externs = n,
 *				     .layers = layers, .num_layers = m };
 *
 *	err = ksyms_bind(&input, &list);
 *	for (size_t i = 0; i < list->num; i++)
 *		use(&list->symbols[i]);
 *	ksyms_destroy(list);
 *
 * Layers are what BTF there is of the kernel, in libbpf's order: vmlinux, then modules as their BTF
 * was loaded. The first VAR (FUNC) of a name in the first layer that has one is the one that counts,
 * even if its type does not fit and another's would. FUNCs are looked for without the `___flavor`
 * that the program's name may end in, VARs under the whole name.
 *
 * Externs are the undefined symbols of the program's ELF file. Each has its declaration in the
 * program's BTF, a VAR or FUNC with linkage extern in the DATASEC `.ksyms`; those of other sections
 * (`.kconfig`) are none of ours and are left out. A VAR of type void is typeless: its address is
 * looked up by name in /proc/kallsyms, of which `addresses` tells if that is known.
 *
 * The verifier, later: a VAR is per CPU if the first DATASEC `.data..percpu` of its own layer lists
 * it. Its address, and that of a FUNC, comes from the kernel's symbol table, not from BTF. What is
 * neither struct nor union is read-only memory and needs a size. Who calls a FUNC needs a kfunc,
 * which since 6.9 the decl tag `bpf_kfunc` tells, if the layer has such tags at all.
 *
 * Ownership: everything in the input is borrowed, and names and views must outlive the list.
 * Threads: no state.
 * Errors: memory. Any BTF will do.
 * Sources: libbpf.c (bpf_object__collect_externs, find_ksym_btf_id and its callers, kallsyms_cb),
 * kernel/bpf/verifier.c (check_pseudo_btf_id, add_kfunc_call), kernel/bpf/btf.c (btf_resolve_size).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/btf/ksyms_compat.h"
#include "lib/btf/view.h"

struct ksyms_extern {
	const char *name; /* not empty; each name once */
	bool is_weak;
	uint32_t num_calls; /* instructions that call it */
	uint32_t num_loads; /* instructions that load its address */
};

struct ksyms_layer {
	const struct btf_view *view;
	uint32_t pointer_size; /* of the kernel, bytes */
};

/* What the kernel's symbol table says of a name. */
enum ksyms_address {
	KSYMS_ADDRESS_UNKNOWN, /* not asked */
	KSYMS_ADDRESS_NONE,
	KSYMS_ADDRESS_ONE,
	KSYMS_ADDRESS_SEVERAL, /* different ones */
};

struct ksyms_input {
	const struct btf_view *program; /* NULL: the program has no BTF */
	const struct ksyms_extern *externs;
	size_t num_externs;
	const struct ksyms_layer *layers;
	size_t num_layers;
	/*
	 * Of a name, or NULL if nothing is known. @for_libbpf: as libbpf reads it for the program's
	 * variables, which also takes local clones (NAME.llvm.HASH); otherwise as the kernel does.
	 */
	enum ksyms_address (*address)(void *arg, const char *name, bool for_libbpf);
	void *address_arg;
};

enum ksyms_form {
	KSYMS_VAR,
	KSYMS_FUNC,
	KSYMS_TYPELESS,
	KSYMS_FORMLESS, /* without a declaration that libbpf accepts */
};

enum ksyms_verdict {
	KSYMS_BOUND,
	KSYMS_BY_ADDRESS, /* typeless; there if the kernel's symbol table has it, which is not known */
	KSYMS_ZERO,	  /* weak: becomes 0 */
	KSYMS_MISSING,
	KSYMS_INCOMPATIBLE,
	KSYMS_REFUSED,	/* there and fitting, but libbpf or the verifier will not have it */
	KSYMS_UNUSABLE, /* libbpf does not even open the program */
};

enum ksyms_why {
	KSYMS_WHY_NONE,
	KSYMS_WHY_ABSENT,	 /* MISSING, ZERO: no such name */
	KSYMS_WHY_TYPE,		 /* INCOMPATIBLE, ZERO: see .part */
	KSYMS_WHY_NOT_KFUNC,	 /* REFUSED */
	KSYMS_WHY_NO_SIZE,	 /* REFUSED: the variable's type has none */
	KSYMS_WHY_NO_ADDRESS,	 /* REFUSED: not in the kernel's symbol table */
	KSYMS_WHY_AMBIGUOUS,	 /* REFUSED: several addresses, and libbpf looks at them */
	KSYMS_WHY_HALF,		 /* REFUSED: weak, in no BTF, but has an address: id 0 */
	KSYMS_WHY_NO_BTF,	 /* UNUSABLE: the program has none */
	KSYMS_WHY_NO_DECL,	 /* UNUSABLE: no VAR, no FUNC */
	KSYMS_WHY_LINKAGE,	 /* UNUSABLE: declared, but not as extern */
	KSYMS_WHY_NO_SECTION,	 /* UNUSABLE: in no DATASEC: __ksym was forgotten */
	KSYMS_WHY_OTHER_SECTION, /* UNUSABLE: in one that libbpf does not know */
	KSYMS_WHY_NO_SYMBOL,	 /* UNUSABLE: listed in .ksyms, no symbol of the ELF file */
};

enum ksyms_kfunc { KSYMS_KFUNC_UNKNOWN, KSYMS_KFUNC_YES, KSYMS_KFUNC_NO };

/* A VAR or FUNC of the name that was looked for. */
struct ksyms_candidate {
	size_t layer;
	uint32_t id;
	bool is_percpu;		/* of a VAR */
	enum ksyms_kfunc kfunc; /* of a FUNC */
};

struct ksyms_symbol {
	const char *name;
	const struct ksyms_extern *ext; /* NULL: WHY_NO_SYMBOL */
	enum ksyms_form form;
	enum ksyms_verdict verdict;
	enum ksyms_why why;
	uint32_t decl_id;    /* VAR or FUNC of the program; 0: none */
	uint32_t section_id; /* its DATASEC; 0: none */
	struct ksyms_part part;
	enum ksyms_address address; /* as the kernel, or for typeless ones libbpf, sees it */

	/* If there is a candidate, what counts is the first; also where its type does not fit. */
	const struct ksyms_candidate *candidates;
	size_t num_candidates;
	uint32_t target_type; /* of the VAR; prototype of the FUNC */
	bool is_percpu;
	bool is_struct; /* or union */
	bool has_size;
	uint32_t size; /* bytes */
	enum ksyms_kfunc kfunc;

	/* One of the other kind, or a VAR under the name without its flavor. */
	bool has_other;
	struct ksyms_candidate other;
};

struct ksyms_list {
	struct ksyms_symbol *symbols; /* sorted by name */
	size_t num;
	struct ksyms_candidate *candidates;
};

struct btfgen_error *ksyms_bind(const struct ksyms_input *input,
				struct ksyms_list **ret_list) BTFGEN_MUST_CHECK;
void ksyms_destroy(struct ksyms_list *list);

/* False if the verdict keeps the program from being loaded. */
static inline bool ksyms_verdict_is_good(enum ksyms_verdict verdict)
{
	return verdict == KSYMS_BOUND || verdict == KSYMS_BY_ADDRESS || verdict == KSYMS_ZERO;
}

/* Bytes of a name before its `___flavor`; all of them if it has none. */
size_t ksyms_essential_size(const char *name);

/* Sizes of pointers as the integer types tell; 8 if they do not. */
uint32_t ksyms_pointer_size(const struct btf_view *view);
