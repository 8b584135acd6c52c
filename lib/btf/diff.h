// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What differs between two BTFs, by meaning: names count, ids and order do not.
 *
 *	struct btf_diff diff;
 *
 *	err = btf_diff_make(&old_view, &new_view, &diff);
 *	if (err)
 *		return err;
 *	for (size_t i = 0; i < diff.entries.num; i++)
 *		show(&diff.entries.data[i]);
 *	btf_diff_deinit(&diff);
 *
 * Compared are the views' own records; of split BTF those of the base only lend their names.
 *
 *   things       Each record with a name (STRUCT, UNION, ENUM, TYPEDEF, INT, FLOAT, FUNC, VAR,
 *                DATASEC, FWD), told apart by class and name; a FWD has the class of what it
 *                declares, ENUM64 that of ENUM. Records without a name belong to those that refer
 *                to them; one to which no record refers is a thing of its own, known by its
 *                content, and how often it is there does not count. A DECL_TAG belongs to what it
 *                is on, or is a thing of its own if that is none of these.
 *   references   A reference to what has a name means the name, whatever stands behind it in each
 *                file: a change is told where it is, and not again in all that leads there.
 *                Everything else counts by its content: pointers, qualifiers, arrays (but not the
 *                type of their index), prototypes (but not names of parameters), unnamed structs,
 *                unions and enums.
 *   equal        Same size, same elements in the same order with equal references, same tags. The
 *                names of parameters count in a FUNC's own prototype. A VAR has the place that its
 *                DATASEC gives it, a DATASEC only its size. The kind flag of structs is only a form.
 *   same name    Of several things of one name equal ones are paired first, then those that are
 *                most alike; definitions before declarations. What is left is added or removed.
 *                Unnamed structs, unions and enums of which half of the names agree are paired too.
 *
 * "Equal" is exact: contents become numbers by comparing them in full, no hash decides. The one
 * exception are rings of types without any name on them, which C cannot make: these are compared
 * RING_DEPTH references deep. Neither result nor order depends on ids.
 *
 * Any input that btf_view_open() takes is good: ids that lead nowhere are a type of their own.
 * Cost: linear but for sorting; 2 * 126,000 types take about 0.1 s.
 * Units: sizes in bytes, offsets of members in bits.
 * Ownership: views are borrowed and must outlive the diff, which points into their strings.
 * Threads: none of its own; a finished diff is constant.
 * Errors: memory.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/btf/view.h"

/* Sides: index of all that comes in pairs. */
enum { DIFF_OLD, DIFF_NEW, DIFF_SIDES };

/* In the order of listing. */
enum diff_change { DIFF_CHANGED, DIFF_REMOVED, DIFF_ADDED, DIFF_NUM_CHANGES };

enum diff_what {
	DIFF_KIND,	 /* ENUM and ENUM64, declaration and definition: values are kinds */
	DIFF_SIZE,	 /* values */
	DIFF_SIGNED,	 /* of an enum: values 0, 1 */
	DIFF_ENCODING,	 /* of an INT: values are its tail words */
	DIFF_TARGET,	 /* of a TYPEDEF: types */
	DIFF_TYPE,	 /* of a VAR: types */
	DIFF_LINKAGE,	 /* of a FUNC or VAR: values are enum btf_linkage */
	DIFF_SECTION,	 /* of a VAR: names, NULL: none */
	DIFF_OFFSET,	 /* of a VAR in its section: values */
	DIFF_RESULT,	 /* of a FUNC: types */
	DIFF_PARAMETER,	 /* names, types, indexes */
	DIFF_MEMBER,	 /* names, types, values (bit offsets), bits */
	DIFF_ENUMERATOR, /* names, values */
	DIFF_TAG,	 /* names (its text), component */
	DIFF_INSIDE,	 /* what unnamed parts do not tell by a line of their own */
	DIFF_NUM_WHATS
};

/* Bits; ADDED and REMOVED stand alone. */
enum diff_how {
	DIFF_HOW_ADDED = 1,
	DIFF_HOW_REMOVED = 2,
	DIFF_HOW_MOVED = 4,
	DIFF_HOW_RETYPED = 8,
	DIFF_HOW_RENAMED = 16,
	DIFF_HOW_RESIZED = 32,
	DIFF_HOW_CHANGED = 64,
};

/* A side that does not have the thing holds zeros and NULL. */
struct diff_detail {
	uint8_t what;
	uint8_t how;
	const char *names[DIFF_SIDES]; /* a member of an unnamed part: "a.b", "a[].b", "a->b" */
	const char *component;	       /* of a tag: member or parameter; NULL: the whole */
	uint64_t values[DIFF_SIDES];   /* of enumerators: sign-extended if the enum is signed */
	uint32_t type_ids[DIFF_SIDES];
	uint32_t bits[DIFF_SIDES];    /* width of a bitfield, or 0 */
	uint32_t indexes[DIFF_SIDES]; /* of parameters, from 1; 0: none */
};

struct diff_entry {
	uint8_t kind;	/* enum btf_kind; ENUM64 counts as ENUM */
	uint8_t change; /* enum diff_change */
	bool is_unnamed;
	bool has_size[DIFF_SIDES];
	const char *name; /* of an unnamed thing: a text for people */
	uint32_t ids[DIFF_SIDES];
	uint32_t sizes[DIFF_SIDES];	  /* of the type, of a VAR or DATASEC: in the section */
	uint64_t bytes[DIFF_SIDES];	  /* of the record */
	const char *sections[DIFF_SIDES]; /* of a VAR; NULL: none */
	uint32_t section_offs[DIFF_SIDES];
	size_t first_detail; /* of changed ones */
	size_t num_details;
	size_t rank; /* among things of one name */
};

enum diff_group { DIFF_GROUP_HEADER, DIFF_GROUP_TYPES, DIFF_GROUP_STRINGS, DIFF_GROUP_OTHER };

struct diff_part {
	const char *name;	     /* "header", "strings", "layout", "other", or the kind */
	uint8_t group;		     /* enum diff_group */
	uint64_t counts[DIFF_SIDES]; /* records, strings */
	uint64_t bytes[DIFF_SIDES];
};

enum { DIFF_NUM_PARTS = BTF_NUM_KINDS + 4 };

struct diff_sizes {
	uint64_t totals[DIFF_SIDES];	/* bytes of all */
	uint64_t num_types[DIFF_SIDES]; /* own records */
	/* Only those that have bytes; the largest change first, then by name. Sum up to the totals. */
	struct diff_part parts[DIFF_NUM_PARTS];
	size_t num_parts;
};

struct btf_diff {
	const struct btf_view *views[DIFF_SIDES];
	struct diff_sizes sizes;
	/*
	 * By kind and change; what changed by |difference of sizes|, then of bytes, what came or went
	 * by bytes, then sizes; then by name.
	 */
	VEC(struct diff_entry) entries;
	VEC(struct diff_detail) details;
	uint64_t counts[BTF_NUM_KINDS][DIFF_NUM_CHANGES];
	struct arena arena;
};

struct btfgen_error *btf_diff_make(const struct btf_view *old_view, const struct btf_view *new_view,
				   struct btf_diff *ret_diff) BTFGEN_MUST_CHECK;
void btf_diff_deinit(struct btf_diff *diff);

/* Kinds in the order of listing. */
extern const uint8_t btf_diff_kinds[BTF_NUM_KINDS];

/*
 * Either view may be NULL, which counts as nothing. Adds to what @sizes holds; of zeros one starts.
 * btf_diff_sizes_finish() drops and sorts once all is in.
 */
void btf_diff_sizes_add(const struct btf_view *old_view, const struct btf_view *new_view,
			struct diff_sizes *sizes);
void btf_diff_sizes_finish(struct diff_sizes *sizes);
