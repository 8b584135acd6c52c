// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Do all ids and string offsets of raw BTF lead somewhere?
 *
 *	err = btf_view_open(bytes, base, &view);
 *	if (!err)
 *		err = btf_references_check(&view);
 *
 * This is what those rely on who build upon a BTF that is not theirs, and less than the rules of
 * lib/btf/verify.h, which other encoders and older ones may break without harm:
 *
 *	- no flags and no header fields that are not known, so that nothing is overlooked
 *	- string 0 is the empty one
 *	- each type id is that of a type, each string offset lies inside the strings, those of the
 *	  bases included
 *	- no ring of types without a struct or union of a name in it: whoever walks through pointers,
 *	  qualifiers, typedefs, arrays and prototypes comes to an end
 *
 * Of the view's own records; its bases are taken as checked. Records of unknown kinds are passed
 * over.
 *
 * Cost: linear; 4 ms for the 126,000 types of a kernel.
 * Errors: BTFGEN_ERROR_INPUT with section ".BTF" and the offset of the record; memory.
 */
#pragma once

#include "lib/base/error.h"
#include "lib/btf/view.h"

struct btfgen_error *btf_references_check(const struct btf_view *view) BTFGEN_MUST_CHECK;
