// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which types of a store the base has already.
 *
 *	struct types_match match;
 *
 *	err = types_match(store, base, &options, &match);
 *	if (!err && match.base_ids[type.v])
 *		...	references to the type become references to that id of the base
 *	types_match_deinit(&match);
 *
 * After settling, and after all types were added that will be: the match is about the types as they
 * stand. A type is the base's if everything that can be reached from it is the same, member by
 * member and name by name, in the way the records would be written. Of several equal types of the
 * base the one with the lowest id is taken.
 *
 * Declarations. A declaration `struct foo;` that the store could not resolve means the base's
 * definition of that name: the only one; else the one that most matched types imply by their place
 * in the base; else it is not resolved, and means the base's declaration if there is one. The same
 * goes for enums.
 *
 * In the other direction, where the base has the declaration and the store the definition, the
 * definition is ours, and so is what only refers to it: a pointer to it, a prototype that takes one.
 * A struct, union or typedef of the base that has such a pointer inside stays the base's, with all
 * its users: libbpf's deduplication treats most of these so, too (it takes a declaration for
 * resolved once it has met the definition), and would merge them behind us. Who reads a member through
 * such a type meets the base's declaration. With strict_forwards, all of them differ.
 *
 * What is not compared: the index type of arrays, and in a base with flat arrays (base.h) how the
 * elements of an array of several dimensions are divided. Encoders have different habits there.
 *
 * Errors: memory. Cost: linear in the store's types and in what their counterparts refer to; the
 * base is never walked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/btf/base.h"
#include "lib/btf/layout.h"
#include "lib/btf/type_store.h"

/*
 * What is known of strings: by how the base knows them. Kept from one match to the next, as long as
 * base and string ids (struct store_strings) are the same.
 */
struct match_names;

struct match_names *match_names_create(void); /* NULL when memory is out */
void match_names_destroy(struct match_names *names);

struct types_match_options {
	struct match_names *names; /* NULL: nothing is kept */
	bool strict_forwards;
	bool without_enum64; /* as in struct layout_input */
};

/* In base_ids: the type is not written, and nothing that is written refers to it. */
#define MATCH_LEFT_OUT UINT32_MAX

struct types_match {
	uint32_t *base_ids; /* by struct type_id: an id of the base; 0: the type is our own */
	bool *is_spare; /* by struct type_id: ours, but of use only if something written refers to it */
	uint32_t num_types; /* as type_store_num_types() when it was made */
	uint32_t num_matched;
};

struct btfgen_error *types_match(const struct type_store *store, const struct btf_base *base,
				 const struct types_match_options *options,
				 struct types_match *ret_match) BTFGEN_MUST_CHECK;
void types_match_deinit(struct types_match *match);

/*
 * A type without a name that leads to what the store defines and the base declares is ours. If only
 * types of the base hold it, nothing that is written refers to it: such types become MATCH_LEFT_OUT.
 * Of @written, only vars, funcs and tags are looked at.
 */
struct btfgen_error *types_match_leave_out(const struct type_store *store,
					   const struct layout_input *written,
					   struct types_match *match) BTFGEN_MUST_CHECK;
