// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Problem: judge BTF as a kernel does, but fast, on all processors, and with the same answer each
 * time.
 *
 * The work is a list of passes. Passes that look at one record at a time run in parallel over
 * pieces of the id space; each piece stops at its first violation and keeps it in a slot of its
 * own, and the first filled slot is the answer. The pool runs every piece below a failed one, so
 * that answer does not depend on timing.
 *
 *	container	H, S, L, T	serial, constant time
 *	identifiers	-		parallel over the strings; a bit for each that is a name
 *	records		M		parallel; fills the table of kinds
 *	chains		C		parallel
 *	walk		R1-R4, R7-R10,	serial, linear (verify_walk.c); fills the tables of states,
 *			R17, R19, R20	resolved types and sizes of arrays
 *	targets		the rest of R	parallel; every size is known now
 *	names		N		parallel (N1, N2) and serial (N5-N7); N8 with the container
 */
#include "lib/btf/verify_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE_IDS = 2048 }; /* ids a call of pool_for() looks at */

bool verify_violate(const struct verify *v, struct verify_violation *ret_violation,
		    const char *rule, uint32_t id, uint32_t index, const char *fmt, ...)
{
	uint32_t kind = btf_view_kind(v->view, id);
	size_t room = sizeof(ret_violation->text), used;
	char *text = ret_violation->text;
	const char *name, *noun = NULL;
	va_list args;

	ret_violation->rule = rule;
	ret_violation->type_id = id;
	ret_violation->index = index;
	if (id == 0) {
		used = snprintf(text, room, "BTF");
	} else {
		name = btf_view_name(v->view, id);
		used = snprintf(text, room, "type %" PRIu32 " %s%s%.120s%s", id,
				kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "?",
				*name ? " '" : "", name, *name ? "'" : "");
	}
	if (index != VERIFY_NO_INDEX) {
		name = "";
		if (btf_kind_is_composite(kind)) {
			noun = "member";
			name = btf_view_member(v->view, id, index).name;
		} else if (btf_kind_is_enum(kind)) {
			noun = "value";
			name = btf_view_value(v->view, id, index).name;
		} else if (kind == BTF_FUNC_PROTO) {
			noun = "parameter";
			name = btf_view_param(v->view, id, index).name;
		} else {
			noun = "entry";
			name = btf_view_name(v->view, btf_view_entry(v->view, id, index).var_id);
		}
		used += snprintf(text + used, room - used, " %s %" PRIu32 "%s%.120s%s", noun, index,
				 *name ? " '" : "", name, *name ? "'" : "");
	}
	used += snprintf(text + used, room - used, ": %s: ", rule);
	va_start(args, fmt);
	vsnprintf(text + used, room - used, fmt, args);
	va_end(args);
	return false;
}

/* Container: H, S, L, T. */

struct section_range {
	uint64_t off, size;
};

static int range_compare(const void *a, const void *b)
{
	const struct section_range *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->size < y->size ? -1 : x->size > y->size;
}

static bool sections_check(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;
	struct section_range ranges[] = {
		{ view->types_off, view->types_size },
		{ view->strings_off, view->strings_size },
		{ view->layout_off, view->layout_size },
	};
	size_t num = view->layout_size ? 3 : 2;
	uint64_t at = view->header_size;

	qsort(ranges, num, sizeof(*ranges), range_compare);
	for (size_t i = 0; i < num; i++) {
		if (ranges[i].off != at)
			return verify_violate(v, ret_violation, "H8", 0, VERIFY_NO_INDEX,
					      "a section starts at 0x%" PRIx64
					      ", the one before ends at 0x%" PRIx64,
					      ranges[i].off, at);
		at += ranges[i].size;
	}
	if (at != view->bytes.size)
		return verify_violate(v, ret_violation, "H8", 0, VERIFY_NO_INDEX,
				      "%" PRIu64 " bytes lie behind the last section",
				      view->bytes.size - at);
	return true;
}

static bool strings_check(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;

	if ((view->header_size < BTF_HEADER_LAYOUT_SIZE || v->options->classic_header) &&
	    view->strings_off + view->strings_size != view->bytes.size)
		return verify_violate(v, ret_violation, "S1", 0, VERIFY_NO_INDEX,
				      "the strings are not the last section");
	if (!view->strings_size) {
		if (view->base)
			return true;
		return verify_violate(v, ret_violation, "S2", 0, VERIFY_NO_INDEX,
				      "there are no strings");
	}
	if (view->strings_size - 1 > BTF_LIMIT_STR_OFF)
		return verify_violate(v, ret_violation, "S3", 0, VERIFY_NO_INDEX,
				      "%" PRIu32 " bytes of strings, %u are allowed",
				      view->strings_size, BTF_LIMIT_STR_OFF + 1);
	if (!view->base && view->bytes.data[view->strings_off])
		return verify_violate(v, ret_violation, "S5", 0, VERIFY_NO_INDEX,
				      "the first string is not the empty one");
	return true;
}

static bool container_check(const struct verify *v, struct verify_violation *ret_violation)
{
	const struct btf_view *view = v->view;
	uint32_t known_size = v->options->classic_header ? BTF_HEADER_SIZE : BTF_HEADER_LAYOUT_SIZE;

	if (v->options->program && view->bytes.size > 16u << 20)
		return verify_violate(v, ret_violation, "H11", 0, VERIFY_NO_INDEX,
				      "%zu bytes, 16 MiB are allowed", view->bytes.size);
	for (uint32_t i = known_size; i < view->header_size; i++) {
		if (view->bytes.data[i])
			return verify_violate(v, ret_violation, "H3", 0, VERIFY_NO_INDEX,
					      "unknown header byte %" PRIu32 " is not zero", i);
	}
	if (view->bytes.data[BTF_HEADER_FLAGS_OFF])
		return verify_violate(v, ret_violation, "H6", 0, VERIFY_NO_INDEX,
				      "unknown flags 0x%x", view->bytes.data[BTF_HEADER_FLAGS_OFF]);
	if (!view->base && view->bytes.size == view->header_size)
		return verify_violate(v, ret_violation, "H7", 0, VERIFY_NO_INDEX,
				      "nothing follows the header");
	if (!sections_check(v, ret_violation))
		return false;
	if ((view->types_off - view->header_size) % 4)
		return verify_violate(v, ret_violation, "H9", 0, VERIFY_NO_INDEX,
				      "types start at offset %" PRIu64 ", no multiple of 4",
				      view->types_off - view->header_size);
	if (!view->base && !view->types_size)
		return verify_violate(v, ret_violation, "H10", 0, VERIFY_NO_INDEX,
				      "there are no types");
	if (!strings_check(v, ret_violation))
		return false;
	if (view->layout_size &&
	    ((view->layout_off - view->header_size) % 4 || view->layout_size % 4))
		return verify_violate(v, ret_violation, "L", 0, VERIFY_NO_INDEX,
				      "layout offset or size is no multiple of 4");
	if (v->options->layout && !verify_layout(v, ret_violation))
		return false;
	if (view->num_ids >= BTF_LIMIT_IDS)
		return verify_violate(v, ret_violation, "T1", 0, VERIFY_NO_INDEX,
				      "%" PRIu32 " type ids, kernels take fewer than %u",
				      view->num_ids, BTF_LIMIT_IDS);
	return true;
}

/* Passes. */

struct pass {
	const struct verify *v;
	verify_check_fn *check;
	struct verify_violation *slots; /* one a piece */
};

static struct btfgen_error *piece_check(void *ctx, unsigned int worker, size_t index)
{
	const struct pass *pass = ctx;
	const struct verify *v = pass->v;
	uint32_t id = v->first_id + index * PIECE_IDS, end = v->end_id;

	(void)worker;
	if (end - id > PIECE_IDS)
		end = id + PIECE_IDS;
	for (; id < end; id++) {
		/* The error only keeps the pool from running later pieces. */
		if (!pass->check(v, id, &pass->slots[index]))
			return error_create(BTFGEN_ERROR_VERIFY, "violation");
	}
	return NULL;
}

static struct btfgen_error *piece_find_identifiers(void *ctx, unsigned int worker, size_t index)
{
	const struct pass *pass = ctx;

	(void)worker;
	verify_find_identifiers(pass->v, index);
	return NULL;
}

static struct btfgen_error *pieces_run(struct pool *pool, size_t num, pool_fn *fn, void *ctx)
{
	struct btfgen_error *err = NULL;

	if (pool)
		return pool_for(pool, num, NULL, fn, ctx);
	for (size_t i = 0; i < num && !err; i++)
		err = fn(ctx, 0, i);
	return err;
}

static struct btfgen_error *check_run(const struct verify *v, struct pool *pool,
				      verify_check_fn *check,
				      struct verify_violation *ret_violation)
{
	size_t num = (v->num_own + PIECE_IDS - 1) / PIECE_IDS;
	struct pass pass = { .v = v, .check = check };
	struct btfgen_error *err;

	pass.slots = calloc(num + 1, sizeof(*pass.slots));
	if (!pass.slots)
		return error_nomem();
	err = pieces_run(pool, num, piece_check, &pass);
	for (size_t i = 0; i < num; i++) {
		if (pass.slots[i].rule) {
			*ret_violation = pass.slots[i];
			error_free(err);
			err = NULL;
			break;
		}
	}
	free(pass.slots);
	return err;
}

static struct btfgen_error *passes_run(const struct verify *v, struct pool *pool,
				       struct verify_violation *ret_violation)
{
	const struct {
		bool wanted;
		verify_check_fn *check;				    /* one id, or */
		struct btfgen_error *(*run)(const struct verify *v, /* the whole */
					    struct verify_violation *ret_violation);
	} passes[] = {
		{ true, verify_record, NULL },
		{ true, verify_chain, NULL },
		{ true, NULL, verify_walk },
		{ true, verify_target, NULL },
		{ v->options->sorted, verify_order, NULL },
		{ v->options->sorted && v->options->funcs, verify_func, NULL },
		{ v->options->vars, NULL, verify_vars },
		{ v->options->tags, NULL, verify_tags },
		{ v->options->strings, NULL, verify_strings },
	};
	size_t num_string_pieces =
		(v->view->strings_size + (uint64_t)VERIFY_PIECE_STRINGS - 1) / VERIFY_PIECE_STRINGS;
	struct pass pass = { .v = v };
	struct btfgen_error *err;

	if (!container_check(v, ret_violation))
		return NULL;
	err = pieces_run(pool, num_string_pieces, piece_find_identifiers, &pass);
	for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++) {
		if (err || ret_violation->rule)
			break;
		if (!passes[i].wanted)
			continue;
		err = passes[i].check ? check_run(v, pool, passes[i].check, ret_violation) :
					passes[i].run(v, ret_violation);
	}
	return err;
}

struct btfgen_error *btf_verify(const struct btf_view *view, const struct verify_options *options,
				struct pool *pool, struct verify_violation *ret_violation)
{
	struct verify v = {
		.view = view,
		.options = options,
		.types = view->bytes.data + view->types_off,
		.record_offs = view->record_offs,
		.swap = view->swap,
		.first_id = view->first_id,
		.num_own = view->num_own,
		.end_id = view->num_ids,
	};
	struct verify_violation violation = { .index = VERIFY_NO_INDEX };
	struct btfgen_error *err;
	size_t num = (size_t)view->num_own + 1;

	v.kinds = calloc(num, sizeof(*v.kinds));
	v.states = calloc(num, sizeof(*v.states));
	v.resolved = calloc(num, sizeof(*v.resolved));
	v.array_size = calloc(num, sizeof(*v.array_size));
	v.identifiers = calloc((size_t)view->strings_size / 64 + 1, sizeof(*v.identifiers));
	if (v.kinds && v.states && v.resolved && v.array_size && v.identifiers)
		err = passes_run(&v, pool, &violation);
	else
		err = error_nomem();
	free(v.kinds);
	free(v.states);
	free(v.resolved);
	free(v.array_size);
	free(v.identifiers);
	if (!err)
		*ret_violation = violation;
	return err;
}

struct btfgen_error *verify_error(const struct verify_violation *violation)
{
	if (!violation->rule)
		return NULL;
	return error_create(BTFGEN_ERROR_VERIFY, "%s", violation->text);
}
