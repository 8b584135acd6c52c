// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * BTF as text, in the forms that bpftool gave to the world, so that scripts and people need not
 * care which tool made them.
 *
 *	struct text_out out;
 *
 *	text_out_init(&out, write, arg);
 *	btf_dump_raw(&view, NULL, &out);
 *	if (!text_out_flush(&out))
 *		it could not be written
 *
 * The raw form has one line a type and a tab before each line of a member:
 *
 *	[12] STRUCT 'rq' size=64 vlen=2
 *		'lock' type_id=7 bits_offset=0
 *		'flags' type_id=3 bits_offset=32 bitfield_size=2
 *
 * JSON is {"types":[...]} with the same keys as members of objects. C is a header that compiles:
 * lib/btf/dump_c.h.
 *
 * Both show the file as it is: what breaks a rule of the kernel is shown like everything else, a
 * name offset that leads nowhere as "(invalid)", none as "(anon)". Of a kind that is not known only
 * name and vlen are shown.
 *
 * What differs from bpftool: in the raw form a control byte in a name is written as \xNN, so that
 * a file cannot forge lines or speak to a terminal; JSON is valid JSON whatever names hold (U+FFFD
 * for what is no UTF-8), and the value of an unsigned 32-bit enum is not extended as if it had a
 * sign.
 *
 * Ids: @ids are the types to show in this order, of the base too; NULL stands for all of the view's
 * own types. An id that does not exist is passed over.
 *
 * A refusal of @out ends the work early and is no error here: the caller looks at out->failed.
 * Threads: no state; the view is only read.
 * Source: the output of bpftool 7.8, byte for byte (tests/kernel/dump_check.py).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/text_out.h"
#include "lib/btf/view.h"

struct dump_ids {
	const uint32_t *data;
	size_t num;
};

void btf_dump_raw(const struct btf_view *view, const struct dump_ids *ids, struct text_out *out);

/* @pretty: one member a line, as `bpftool -p`. */
void btf_dump_json(const struct btf_view *view, const struct dump_ids *ids, bool pretty,
		   struct text_out *out);
