// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * BTF as a C header, the vmlinux.h of BPF programs.
 *
 *	err = btf_dump_c(&view, NULL, true, &out);
 *
 * All types of the view and of its base are defined, each behind what it needs: a struct that is a
 * member stands before the struct that it is a member of, what is only pointed to is declared if
 * its definition has not come yet. The text behaves as what was encoded: members that are not
 * aligned, gaps, bit-fields, sizes of enums. Where two types, or two constants of enums, have one
 * name, the later ones become NAME___2, NAME___3 and so on. Kfuncs come last, as declarations.
 *
 * @sorted: by kind and name, so that small changes of the kernel are small changes of the header;
 * else in the order of the ids, as far as C allows.
 *
 * @ids: only these types and what they need; the first lines and the last stay, kfuncs are left
 * out. A FUNC or VAR among them becomes a declaration.
 *
 * The result is that of bpftool 7.8, byte for byte, but:
 *
 *	a gap of more than DUMP_C_MAX_GAP bytes is one array, not millions of lines;
 *	quotation marks and backslashes in the text of a tag are escaped, and control bytes in
 *	names are written as \xNN;
 *	bpftool shows nothing for a FUNC or VAR that is asked for.
 *
 * Names are compared in their first 1,024 bytes; kernels allow 512. No time or memory is spent on
 * hostile files beyond what is proportional to their size and a constant.
 *
 * Errors: BTFGEN_ERROR_INPUT with the id, for what C cannot say: a type that holds itself, members
 * of no type, nesting beyond DUMP_C_MAX_DEPTH; the text so far has been handed over then. Out of
 * memory. A refusal of @out is no error here: see out->failed.
 * Threads: no state; the view is only read.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/error.h"
#include "lib/base/text_out.h"
#include "lib/btf/dump.h"
#include "lib/btf/view.h"

enum {
	DUMP_C_MAX_GAP = 1 << 16, /* bytes */
	DUMP_C_MAX_DEPTH = 500,
};

struct btfgen_error *btf_dump_c(const struct btf_view *view, const struct dump_ids *ids,
				bool sorted, struct text_out *out) BTFGEN_MUST_CHECK;
