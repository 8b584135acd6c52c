// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Where the bytes of raw BTF go.
 *
 *	struct btf_stat *stat;
 *
 *	err = btf_stat_create(&view, &stat);
 *	if (err)
 *		return err;
 *	use(stat->parts.types, stat->kinds.data[0].bytes);
 *	btf_stat_destroy(stat);
 *
 * All is about the view's own records and strings; of a base only the names are looked at. Each byte
 * is counted once, so that these sums are exact, whatever the file holds:
 *
 *	bytes          = header + types + strings + layout + gaps - overlap	(struct stat_parts)
 *	parts.types    = the bytes of all kinds = the record bytes of all types
 *	parts.strings  = the bytes of all uses + shared + unused + empty	(struct stat_strings)
 *
 * `gaps` are bytes in no section; `overlap` is what sections count twice, which only damaged files
 * have.
 *
 * Strings. A string is used as whatever refers to it: the name of a type, of a member and so on. One
 * that has a single kind of use, however often, belongs to that use; one that has several is
 * `shared`, and what each use has to do with shared ones is told beside the sum. Strings of length
 * zero are `empty`; their offset means that there is no name, which is no use. A reference into the
 * middle of a string uses the string from there on: the bytes before it may have fewer users. The
 * string counts as what its last byte is.
 *
 * Variables. What the VAR records, the entries of DATASECs, the DATASECs' heads and the names that
 * nothing else uses take together. A variable costs 28 bytes (VAR_RECORD_BYTES + ENTRY_BYTES) and
 * its name if no other name is the same. A variable that stands in several DATASECs is one of the
 * first. Per-CPU variables are those in a DATASEC called ".data..percpu", the name that kernels and
 * the encoder know them by.
 *
 * Names. Two own records of one class (struct stat_double) and name are a double name. An enum
 * without enumerators is a forward declaration, as it is to libbpf. Names longer than
 * BTF_LIMIT_IDENTIFIER are no names to kernels and not compared.
 *
 * Units: bytes and counts. Ownership: the view is borrowed and must outlive the stat, which holds
 * names in its strings. Threads: constant once created. Errors: memory.
 * Cost: linear but for sorting; about 10 bytes for each byte of strings and 60 for each type while it
 * is made.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/view.h"

enum {
	STAT_VAR_BYTES = BTF_RECORD_SIZE + 4, /* of a VAR record */
	STAT_ENTRY_BYTES = 12,		      /* of a variable in its DATASEC */
};

struct stat_parts {
	uint64_t header;
	uint64_t types;
	uint64_t strings;
	uint64_t layout;
	uint64_t gaps;
	uint64_t overlap;
};

struct stat_kind {
	uint32_t kind; /* may be one that btf_kind_table does not know */
	uint32_t num;
	uint64_t num_elems;
	uint64_t bytes;
};

struct stat_type {
	uint32_t id;
	uint32_t record_bytes;
	uint32_t string_bytes; /* of strings that nothing else uses */
};

enum stat_use {
	STAT_USE_TYPES, /* names of INT, STRUCT, UNION, ENUM, FWD, TYPEDEF, FLOAT, ENUM64 */
	STAT_USE_MEMBERS,
	STAT_USE_ENUMERATORS,
	STAT_USE_PARAMETERS,
	STAT_USE_FUNCTIONS,
	STAT_USE_VARIABLES,
	STAT_USE_SECTIONS,
	STAT_USE_TAGS,	/* texts of DECL_TAG and TYPE_TAG */
	STAT_USE_OTHER, /* names of unknown kinds and of those that have none */
	STAT_NUM_USES
};

struct stat_string_sum {
	uint64_t num;
	uint64_t bytes; /* with the final zeros */
};

struct stat_strings {
	uint64_t num;
	struct stat_string_sum uses[STAT_NUM_USES];	   /* that have no other use */
	struct stat_string_sum uses_shared[STAT_NUM_USES]; /* among `shared`: no part of the sum */
	struct stat_string_sum shared;
	struct stat_string_sum unused;
	struct stat_string_sum empty;
	uint64_t num_base_refs; /* references to strings of the base */
	uint64_t num_bad_refs;	/* references to no string */
};

struct stat_section {
	uint32_t id;
	uint32_t num_entries;
	bool is_percpu;
	uint32_t size;	  /* as its record says */
	uint64_t covered; /* by its variables, each byte once */
	uint64_t record_bytes;
	uint64_t var_bytes;
	uint64_t string_bytes; /* that only it and its variables use */
	uint64_t bytes;	       /* the sum of these three */
};

struct stat_vars {
	uint64_t num;
	uint64_t var_bytes;
	uint64_t entry_bytes;
	uint64_t section_bytes;	   /* of the DATASECs' records without entries */
	uint64_t string_bytes;	   /* that nothing else uses */
	uint64_t bytes;		   /* the sum of these four */
	uint64_t num_shared_names; /* variables whose name is used as something else, too */
};

/* What a name can be the name of, as C keeps names apart. */
enum stat_class {
	STAT_CLASS_INT,
	STAT_CLASS_FLOAT,
	STAT_CLASS_STRUCT,
	STAT_CLASS_UNION,
	STAT_CLASS_ENUM,
	STAT_CLASS_TYPEDEF,
	STAT_CLASS_FUNC,
	STAT_CLASS_VAR,
	STAT_CLASS_SECTION,
	STAT_CLASS_FWD_STRUCT,
	STAT_CLASS_FWD_UNION,
	STAT_CLASS_FWD_ENUM,
	STAT_NUM_CLASSES
};

struct stat_double {
	enum stat_class class;
	const char *name;
	uint32_t num;
	size_t first_id;      /* btf_stat.double_ids: `num` of them from here */
	uint64_t extra_bytes; /* record bytes of all but the first */
};

struct stat_in_base {
	enum stat_class class;
	const char *name;
	uint32_t id;
	uint32_t base_id;
};

struct stat_forward {
	enum stat_class class; /* that of what it declares: struct, union, enum */
	const char *name;
	uint32_t id;
	uint32_t definition; /* an id, 0: there is none; an own one comes before the base's */
};

struct btf_stat {
	const struct btf_view *view;
	uint64_t bytes;
	struct stat_parts parts;
	VEC(struct stat_kind) kinds; /* of which there are any; by bytes falling, then by kind */
	struct stat_type *types;     /* view->num_own; by all their bytes falling, then by id */
	struct stat_strings strings;
	VEC(struct stat_section) sections; /* by bytes falling, then by id */
	struct stat_vars percpu;
	struct stat_vars vars;		 /* all, per-CPU ones too */
	uint64_t num_loose_vars;	 /* in no section */
	VEC(struct stat_double) doubles; /* by number falling, then class and name */
	VEC(uint32_t) double_ids;
	uint64_t num_extra; /* definitions beyond the first of each double name */
	uint64_t extra_bytes;
	VEC(struct stat_in_base) in_base;  /* types defined although the base has one; by id */
	VEC(struct stat_forward) forwards; /* by id */
	uint64_t num_fwds_beside;	   /* forwards with a definition */
};

struct btfgen_error *btf_stat_create(const struct btf_view *view,
				     struct btf_stat **ret_stat) BTFGEN_MUST_CHECK;
void btf_stat_destroy(struct btf_stat *stat);

/* "members", "enumerators", ...; what strings with this use are. */
const char *stat_use_name(enum stat_use use);

/* "struct", "function", "section", ...; of a forward declaration that of what it declares. */
const char *stat_class_name(enum stat_class class);
