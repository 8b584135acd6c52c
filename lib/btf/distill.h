// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A distilled base: the few types of a base that a module's BTF needs to find again in another
 * build of that base (section .BTF.base).
 *
 *	err = btf_distill(&input, &distilled);
 *	err = btf_view_open(distilled bytes, NULL, &view);
 *	err = btf_base_create(&view, &small);
 *	layout_input.base = small; layout_input.base_ids = distilled.base_ids;
 *	layout_input.tags = distilled.tags; layout_input.num_tags = distilled.num_tags;
 *	...
 *	btf_distilled_deinit(&distilled);
 *
 * The distilled base holds named INT, FLOAT, STRUCT, UNION and ENUM only (reference: the kernel's
 * lib/btf/btf_relocate.c looks for no other): integers and floating point types whole, structs and
 * unions with name and size and without members, enums of either kind as ENUM with size and without
 * values. It is sorted by name, as kernels since 7.0 assume without checking. Its strings are the
 * names of these types and nothing else, since relocation takes each for a type's name.
 *
 * It is never empty if there is anything to put into it, since kernels refuse a base without types;
 * `int`, which arrays are indexed with, is taken then, and wherever an array is written.
 *
 * Everything else of the base that what is written refers to is written once more as the module's
 * own: pointers, qualifiers, typedefs, arrays, prototypes, types without a name, and declarations:
 * one beside a definition of its name would make relocation fail, and a name that is only declared
 * asks nothing of the base. Types that nothing refers to any more are left out.
 *
 * A type that the relocation could not tell from another one of the base (two structs of one name
 * and size, or a declaration beside a struct) is written whole, as the module's own, with what it
 * refers to. So is a type of an upper layer of the base: kernels relocate to vmlinux alone.
 *
 * Tags. A tag of a type counts as a reference to it, unless the base has that tag too. Functions,
 * variables and tags of the base are never referred to.
 *
 * Ownership: the result's arrays are the caller's to free with btf_distilled_deinit().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/btf/layout.h"
#include "lib/btf/match.h"

struct distill_input {
	const struct type_store *store;
	const struct btf_base *base;
	const struct types_match *match;
	const struct layout_var *vars; /* as they go to the layout */
	uint32_t num_vars;
	const struct layout_func *funcs;
	uint32_t num_funcs;
	const struct layout_tag *tags;
	uint32_t num_tags;
	bool big_endian; /* byte order of the result */
};

struct btf_distilled {
	uint8_t *bytes; /* raw BTF: the distilled base */
	size_t size;
	uint32_t *base_ids; /* as in struct types_match, with ids of the distilled base */
	uint32_t num_types; /* of the store */

	/*
	 * Those of the input that are to be written: not what the base says of its own types already,
	 * but where such a type is written again.
	 */
	struct layout_tag *tags;
	uint32_t num_tags;

	uint32_t num_distilled; /* types of the distilled base */
};

struct btfgen_error *btf_distill(const struct distill_input *input,
				 struct btf_distilled *ret_distilled) BTFGEN_MUST_CHECK;
void btf_distilled_deinit(struct btf_distilled *distilled);
