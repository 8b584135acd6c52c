// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Does raw BTF obey the rules of the kernel, and of those who read BTF without checking?
 *
 *	struct verify_options options = { .ptr_size = 8, .sorted = true };
 *	struct verify_violation violation;
 *	err = btf_verify(&view, &options, pool, &violation);
 *	if (!err)
 *		err = verify_error(&violation);
 *	if (err)
 *		return err;
 *
 * Nothing of the writer is used here, only lib/btf/view.h, so that a mistake in the writer is not
 * repeated by its judge.
 *
 * The result is one violation, the same for every number of threads: rules of the container come
 * first; then, over all types, rules of a record for itself (M); then modifier chains (C); then
 * what needs the walk through references (R1-R4, R7-R10, R17, R19, R20); then the rest of R; then
 * X; then N. Within each group the lowest type id counts, and within a type the first element.
 *
 * Rules, by the names that texts carry:
 *
 *	H3  header bytes that nobody knows are zero	H6  flags are 0
 *	H7  something follows the header		H8  sections touch and fill the whole
 *	H9  types start at a multiple of 4		H10 there are types
 *	H11 at most 16 MiB (program)			L   layout offset and size are multiples of 4
 *	S1  strings are last (header below 32 bytes)	S2  strings are not empty
 *	S3  strings are at most 16 MiB			S5  the first string is empty
 *	T1  fewer than 0xfffff ids
 *	M2  kind is known, no unknown info bits		M3  name offset inside the strings
 *	M10-M23 one for each kind: INT, PTR and qualifiers, TYPEDEF, TYPE_TAG, FWD, ARRAY, STRUCT and
 *	    UNION, ENUM and ENUM64, FUNC_PROTO, FUNC, VAR, DATASEC, FLOAT, DECL_TAG
 *	C1  modifier chains have at most 32 links	C2  and lead to a type
 *	C3  type tags come first in them (tags_first)
 *	R1  target of PTR and modifiers exists and is none of VAR, DECL_TAG, DATASEC
 *	R2  what stands behind it has a size or is void, FWD or FUNC_PROTO
 *	R3  array index is a regular INT		R4  array element has a size, no irregular INT
 *	R5  member has a type with a size		R6  member lies inside its struct
 *	R7  VAR has a type with a size			R8  DATASEC entry is a VAR
 *	R9  with a size					R10 that the entry can hold
 *	R11 FUNC has a FUNC_PROTO			R12 whose parameters have names
 *	R13 return type has a size or is void		R14 a last parameter without type has no name
 *	R15 parameters have types with a size		R16 and no name or an identifier
 *	R17 DECL_TAG belongs to STRUCT, UNION, FUNC, VAR or TYPEDEF
 *	R18 its component exists
 *	R19 nothing contains itself, no ring of pointers and modifiers
 *	R20 the walk goes no deeper than 32 (program)
 *	X1  special fields of a struct		X2  ownership among structs (fields, program)
 *	N1  sorted by name (sorted)			N2  each FUNC has a name of its own (funcs)
 *	N5  strings: each used, once, from its start	N6  each VAR is in one DATASEC (vars)
 *	N7  each DECL_TAG is there once (tags)		N8  the layout table tells what records
 *							    are, for each kind (layout)
 *
 * H1, H2, H4, H5, M1, M4 and S4 are checked by btf_view_open().
 *
 * Two readers, `program`:
 *
 * true: the verdict of BPF_BTF_LOAD, to the letter, also where it depends on the order of ids (R10
 * is left out for a VAR that stands behind its DATASEC; a pointer to a FUNC with a lower id passes;
 * a struct may contain itself through a modifier that a pointer led to first; depth) or on the
 * size of an enum in a struct with bitfields.
 *
 * false: BTF that a kernel or module carries, for which the kernel itself checks H, S, M and C
 * only. The R rules hold in the form that does not depend on the order of ids, and with those
 * exceptions that C allows: an incomplete struct as parameter or result of a FUNC_PROTO, a packed
 * (unaligned) FLOAT, a bitfield that touches more than 128 bits, arrays of 4 GiB and more; enums
 * have their own size; no limit of depth; a tag of a member of a base's struct without members, as a
 * distilled base has them.
 *
 * Split BTF: the own types are checked, the base is taken as checked. Base ids that do not exist
 * there are violations.
 *
 * Cost: linear; a few milliseconds for 130,000 types.
 * Threads: `pool` may be NULL. The view is only read.
 * Errors of btf_verify() itself: out of memory.
 * Sources: kernel/bpf/btf.c of Linux 5.10, 6.1, 6.12, 7.2 and 7.3, observed verdicts of a 6.18
 * kernel.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/pool.h"
#include "lib/base/vec.h"
#include "lib/btf/verify_rule.h"
#include "lib/btf/view.h"

struct verify_options {
	unsigned int ptr_size; /* of the target: 4 or 8 bytes */
	bool program;	       /* see above */

	/* What older kernels refuse. */
	bool classic_header;  /* H3 for all bytes behind the first 24 (before 7.2) */
	bool classic_info;    /* M2: 16 bits of vlen, 5 of kind (before 7.2) */
	bool plain_tags;      /* M13, M23: no kind flag on tags (before 6.15) */
	bool tags_first;      /* C3 (up to 6.18) */
	bool plain_enums;     /* M17: no kind flag on enums (before 6.0) */
	bool plain_sections;  /* M21: sections have identifiers as names (before 6.6) */
	bool filled_sections; /* M21: and entries (before 5.12) */
	bool plain_funcs;     /* R2, R13: a FUNC behind a PTR, results as before 5.13 (program) */
	uint8_t max_kind;     /* M2: the last one that is known; 0: all of enum btf_kind */
	uint16_t max_name;    /* bytes of an identifier; 0: BTF_LIMIT_IDENTIFIER */

	/*
	 * X: the special fields of BPF, which are nobody's business but a kernel's (program). How
	 * they are counted does not follow from the version: stable kernels got fixes at their own
	 * times. Without flat_fields and two_level_graph it is as the newest do it.
	 */
	bool fields;
	bool flat_fields;     /* X1: each struct on its own, counts may be there twice */
	bool first_kptr_tag;  /* X1: only the tag right behind a pointer counts (before 7.2) */
	bool two_level_graph; /* X2: who can be owned owns nothing that owns */

	/* What the kernel trusts or nobody asks for. */
	bool sorted;  /* N1 */
	bool funcs;   /* N2, if sorted */
	bool strings; /* N5 */
	bool vars;    /* N6 */
	bool tags;    /* N7 */
	bool layout;  /* N8; no table is fine */
};

/*
 * Sets what this and all later kernels take. Between 6.18 and 7.2 kernels are held for old ones.
 */
static inline void verify_options_for_kernel(struct verify_options *options, unsigned int major,
					     unsigned int minor)
{
	unsigned int version = VERIFY_KERNEL(major, minor);

	options->classic_header = version < VERIFY_KERNEL(7, 2);
	options->classic_info = version < VERIFY_KERNEL(7, 2);
	options->plain_tags = version < VERIFY_KERNEL(6, 15);
	/* Before 5.17 there are no type tags to be first. */
	options->tags_first = version < VERIFY_KERNEL(7, 2);
	options->plain_enums = version < VERIFY_KERNEL(6, 0);
	options->plain_sections = version < VERIFY_KERNEL(6, 6);
	options->filled_sections = version < VERIFY_KERNEL(5, 12);
	options->plain_funcs = version < VERIFY_KERNEL(5, 13);
	options->max_kind = version < VERIFY_KERNEL(5, 13) ? BTF_DATASEC :
			    version < VERIFY_KERNEL(5, 16) ? BTF_FLOAT :
			    version < VERIFY_KERNEL(5, 17) ? BTF_DECL_TAG :
			    version < VERIFY_KERNEL(6, 0)  ? BTF_TYPE_TAG :
							     0;
	options->max_name = version < VERIFY_KERNEL(6, 1) ? 128 : 0;
	options->fields = version >= VERIFY_KERNEL(6, 2);
	options->first_kptr_tag = version < VERIFY_KERNEL(7, 2);
	options->flat_fields = options->two_level_graph = false;
}

enum { VERIFY_NO_INDEX = UINT32_MAX };

struct verify_violation {
	const char *rule; /* "M16"; NULL: no violation */
	uint32_t type_id; /* 0: the container */
	uint32_t index;	  /* member, value, parameter, entry, or VERIFY_NO_INDEX */
	char text[512];	  /* "type 7 STRUCT 'foo' member 2 'x': M16: ..." */
};

struct btfgen_error *btf_verify(const struct btf_view *view, const struct verify_options *options,
				struct pool *pool,
				struct verify_violation *ret_violation) BTFGEN_MUST_CHECK;

/*
 * All violations instead of the first, and what could be better besides.
 *
 *	struct verify_findings findings = { .max = 100 };
 *	err = btf_verify_all(&view, &options, &findings);
 *	for (size_t i = 0; !err && i < findings.items.num; i++)
 *		use(&findings.items.data[i]);
 *	verify_findings_deinit(&findings);
 *
 * The first of those that are no warnings is that of btf_verify(), if options.sorted and what
 * follows it are not set. Behind a violation it goes on as far as that means anything: every
 * element of a record is looked at; what is only wrong because it refers to what is wrong is not
 * listed again. A list is in the order of the groups above, then of ids as they are met, and the
 * same each time.
 *
 * Warnings (N) are added by btf_find_flaws() (lib/btf/quality.h). One thread.
 */
struct verify_finding {
	const struct verify_rule *rule;
	uint32_t type_id;    /* 0: the container */
	uint32_t index;	     /* or VERIFY_NO_INDEX */
	const char *kind;    /* of the type, NULL for the container */
	const char *noun;    /* "member", "value", "parameter", "entry"; NULL without index */
	const char *name;    /* of the type, "" if it has none */
	const char *element; /* of the member ..., "" if it has none */
	char *text;	     /* what is wrong; owns name and element, too */
};

struct verify_findings {
	size_t max; /* violations to keep, and as many warnings; the rest is counted */
	bool no_memory;
	VEC(struct verify_finding) items;
	size_t num_kept[2]; /* violations, warnings */
	uint64_t num_found[2];
	uint64_t num_by_rule[VERIFY_NUM_RULES]; /* in the order of verify_rules */
};

struct btfgen_error *btf_verify_all(const struct btf_view *view,
				    const struct verify_options *options,
				    struct verify_findings *findings) BTFGEN_MUST_CHECK;
void verify_findings_deinit(struct verify_findings *findings);

/* In one line, as the text of a violation: "type 7 STRUCT 'foo' member 2 'x': M16: ..." */
void verify_finding_describe(const struct verify_finding *finding, char *ret_text, size_t room);

/* A BTFGEN_ERROR_VERIFY with the violation's text, or NULL if there is none. */
struct btfgen_error *verify_error(const struct verify_violation *violation) BTFGEN_MUST_CHECK;
