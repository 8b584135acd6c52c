// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The decl tags of the BTF: those of functions, as they were selected, and those of types and
 * variables, from the annotations that were read.
 *
 *	err = tag_select(&input, &tags, &num_tags);
 *	free(tags);
 *
 * A type's tag goes to what became of the type. The kernel takes tags of structs, unions, typedefs,
 * variables and functions, and of members and parameters that exist (btf_decl_tag_resolve()): an
 * annotation of a declaration, or of a member of a type that could not be expressed, is left out.
 * One thread; errors: memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dwarf_loader.h"
#include "func_select.h"
#include "lib/base/error.h"
#include "lib/btf/layout.h"
#include "lib/btf/type_store.h"
#include "var_select.h"

struct tag_select_input {
	const struct type_store *store; /* settled */
	const struct dwarf_load_result *loaded;
	const struct var_selection *vars;
	const struct func_selection *funcs;
};

struct btfgen_error *tag_select(const struct tag_select_input *input, struct layout_tag **ret_tags,
				uint32_t *ret_num) BTFGEN_MUST_CHECK;
