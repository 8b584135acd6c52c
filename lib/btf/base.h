// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The base of split BTF, made ready for looking things up by content.
 *
 *	struct btf_base *base;
 *
 *	err = btf_base_create(&view, &base);	(view: of the topmost layer)
 *	...
 *	off = btf_base_find_string(base, "task_struct", 11);
 *	err = types_match(store, base, &options, &match);	(lib/btf/match.h)
 *	...
 *	btf_base_destroy(base);
 *
 * Made once and shared by all that is encoded against it. It covers all layers of a stack (vmlinux,
 * then a module): ids and string offsets are those that a split on top of the stack sees.
 *
 * Strings are found whole only, as libbpf finds them: an offset into the middle of another string
 * would keep readers that deduplicate from seeing that two names are one. Where a base holds a
 * string twice, the lower offset is taken.
 *
 * Encoders before 2026 wrote an array of several dimensions as one of a single dimension with all
 * elements. A base with hundreds of arrays, of which none is an array's element, is taken for such a
 * one: a kernel has a hundred arrays of arrays.
 *
 * Ownership: the view, its bytes and its own bases are borrowed and must outlive the base.
 * Threads: constant once created; any number of threads may look things up.
 * Errors: memory. What a base must fulfil to be used at all is checked by whoever opens it
 * (encode_base.h).
 * Cost: linear in the base; about 40 bytes a type and 16 a string.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/btf/view.h"

struct btf_base;

/* One thread does it: there is less to do than starting others would cost. */
struct btfgen_error *btf_base_create(const struct btf_view *view,
				     struct btf_base **ret_base) BTFGEN_MUST_CHECK;
void btf_base_destroy(struct btf_base *base);

const struct btf_view *btf_base_view(const struct btf_base *base);

/* The first id of a split on top; void and all layers are below it. */
uint32_t btf_base_num_ids(const struct btf_base *base);

/* The string offset of a split's own first byte. */
uint32_t btf_base_strings_size(const struct btf_base *base);

/* Offset of the string with these bytes; 0 if the base does not have it. */
uint32_t btf_base_find_string(const struct btf_base *base, const char *bytes, size_t size);

/* The `int` that arrays can be indexed with; 0 if the base has none. */
uint32_t btf_base_index_int(const struct btf_base *base);

/* The FUNC that a FUNC over the base's type @proto would be; 0 if the base has none. */
uint32_t btf_base_find_func(const struct btf_base *base, const char *name, uint32_t linkage,
			    uint32_t proto);

/* True if the base says already what a DECL_TAG would say of its @target. */
bool btf_base_has_tag(const struct btf_base *base, const char *text, bool is_attribute,
		      uint32_t target, int32_t component);
