// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Was split BTF made over this base?
 *
 *	err = btf_view_open(bytes, base_view, &view);
 *	if (!err)
 *		err = btf_split_check(&view, &options, &result);
 *	if (!err && result.verdict != SPLIT_FITS)
 *		puts(result.text);
 *
 * Split BTF refers to its base by numbers, and nothing in it tells which base they were counted in.
 * Over another one they lead nowhere, or to other types and names. The signs of that, in each type:
 *
 *	certain: the type cannot be what an encoder wrote over this base
 *		- an id or a string offset that does not exist
 *		- a kind that cannot stand there: a member that is a FUNC, a FUNC whose prototype is a
 *		  struct, a section entry that is no VAR, a tag on something that has no tags
 *		- a member that does not end inside its struct, or reaches into the next one; a
 *		  variable larger than its entry in the section
 *		- any other rule of lib/btf/verify.h
 *	odd: not forbidden, but encoders do not do it
 *		- a name that begins in the middle of another string
 *
 * A shift by one type or by a few bytes of strings shows in nearly each module, since a reference
 * to a type's neighbour is a reference to another kind or another size before long. What does not
 * show is a change of the base that leaves the numbers of what is referred to as they are: then
 * the split fits, whether it was meant for this base or not.
 *
 * btf_relocation_check() is the same question for split BTF over a distilled base (.BTF.base): does
 * each type of that find exactly one type in the base, by the rules of the kernel's relocation?
 *
 *	- a name, and the size if several structs or unions of the base have the name, or if the split
 *	  has the type by value; INT, FLOAT and enums always with their size, INT with its encoding
 *	- none twice, none left over
 *	- strings of the distilled base that the split uses are names of its types
 *
 * Ownership: nothing is kept. Threads: views are only read.
 * Errors: out of memory. Cost: linear in the split; the relocation in the base too (5 ms).
 * Sources: the signs in reports of users ("Invalid name", "Invalid type_id" of module BTF);
 * lib/btf/btf_relocate.c of Linux 6.11 to 7.3 for what its relocation asks for.
 */
#pragma once

#include <stdint.h>

#include "lib/base/error.h"
#include "lib/btf/view.h"

enum split_verdict {
	SPLIT_FITS,
	SPLIT_DOUBTFUL, /* only what is odd was found */
	SPLIT_UNFIT,
};

struct split_options {
	unsigned int ptr_size; /* of the target: 4 or 8 bytes */
};

struct split_result {
	enum split_verdict verdict;
	uint32_t num_types;    /* looked at */
	uint32_t num_problems; /* types with a certain sign */
	uint32_t num_odd;      /* types with nothing but odd ones */
	uint32_t type_id;      /* of the first type that made the verdict; 0: none, or no type */
	char text[768];	       /* "type 7 STRUCT 'foo' member 2 'x': ..."; "" if it fits */
};

struct btfgen_error *btf_split_check(const struct btf_view *split,
				     const struct split_options *options,
				     struct split_result *ret_result) BTFGEN_MUST_CHECK;

/*
 * @split is over a distilled base, which is over nothing; all ids and string offsets of both exist
 * (lib/btf/references.h). So do those of @base, the one to relocate to.
 */
struct btfgen_error *btf_relocation_check(const struct btf_view *split, const struct btf_view *base,
					  struct split_result *ret_result) BTFGEN_MUST_CHECK;
