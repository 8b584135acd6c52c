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
 *	fields		X		serial, program only (verify_field.c)
 *	names		N		parallel (N1, N2) and serial (N5-N7); N8 with the container
 *
 * btf_verify_all() runs the same passes one after the other, each to its end. verify_violate() then
 * files each violation and checks go on behind it where they can; `bad` keeps what is only wrong
 * because of another thing from being named.
 */
#include "lib/btf/verify_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE_IDS = 2048 }; /* ids a call of pool_for() looks at */

/* Name of the element and what to call it. */
static const char *element_describe(const struct btf_view *view, uint32_t id, uint32_t index,
				    const char **ret_noun)
{
	uint32_t kind = btf_view_kind(view, id);

	if (btf_kind_is_composite(kind)) {
		*ret_noun = "member";
		return btf_view_member(view, id, index).name;
	}
	if (btf_kind_is_enum(kind)) {
		*ret_noun = "value";
		return btf_view_value(view, id, index).name;
	}
	if (kind == BTF_FUNC_PROTO) {
		*ret_noun = "parameter";
		return btf_view_param(view, id, index).name;
	}
	*ret_noun = "entry";
	return btf_view_name(view, btf_view_entry(view, id, index).var_id);
}

/* Names are cut where they would hide the rest. */
static size_t place_describe(char *text, size_t room, uint32_t id, const char *kind,
			     const char *name, uint32_t index, const char *noun,
			     const char *element)
{
	size_t used;

	if (id == 0)
		used = snprintf(text, room, "BTF");
	else
		used = snprintf(text, room, "type %" PRIu32 " %s%s%.120s%s", id, kind,
				*name ? " '" : "", name, *name ? "'" : "");
	if (index != VERIFY_NO_INDEX)
		used += snprintf(text + used, room - used, " %s %" PRIu32 "%s%.120s%s", noun, index,
				 *element ? " '" : "", element, *element ? "'" : "");
	return used;
}

static const char *kind_describe(const struct btf_view *view, uint32_t id)
{
	uint32_t kind = btf_view_kind(view, id);

	return kind < BTF_NUM_KINDS ? btf_kind_table[kind].name : "?";
}

static bool finding_fill(struct verify_finding *finding, const struct btf_view *view,
			 const char *text)
{
	size_t name_size = strlen(finding->name) + 1, element_size = strlen(finding->element) + 1;
	size_t text_size = strlen(text) + 1;
	char *block = malloc(text_size + name_size + element_size);

	if (!block)
		return false;
	memcpy(block, text, text_size);
	finding->text = block;
	finding->name = memcpy(block + text_size, finding->name, name_size);
	finding->element = memcpy(block + text_size + name_size, finding->element, element_size);
	if (finding->type_id)
		finding->kind = kind_describe(view, finding->type_id);
	return true;
}

static void findings_add(struct verify_findings *findings, const struct btf_view *view,
			 const char *rule, uint32_t id, uint32_t index, const char *fmt,
			 va_list args)
{
	struct verify_finding finding = {
		.rule = verify_rule_find(rule),
		.type_id = id,
		.index = index,
		.name = id ? btf_view_name(view, id) : "",
		.element = "",
	};
	bool is_warning = finding.rule->is_warning;
	char text[512];

	findings->num_by_rule[finding.rule - verify_rules]++;
	if (findings->num_found[is_warning]++ >= findings->max || findings->no_memory)
		return;
	if (index != VERIFY_NO_INDEX)
		finding.element = element_describe(view, id, index, &finding.noun);
	vsnprintf(text, sizeof(text), fmt, args);
	if (!finding_fill(&finding, view, text)) {
		findings->no_memory = true;
		return;
	}
	if (!vec_push(&findings->items, finding)) {
		free(finding.text);
		findings->no_memory = true;
		return;
	}
	findings->num_kept[is_warning]++;
}

void verify_finding_describe(const struct verify_finding *finding, char *ret_text, size_t room)
{
	char place[400];

	place_describe(place, sizeof(place), finding->type_id, finding->kind, finding->name,
		       finding->index, finding->noun, finding->element);
	snprintf(ret_text, room, "%s: %s: %s", place, finding->rule->id, finding->text);
}

bool verify_violate(const struct verify *v, struct verify_violation *ret_violation,
		    const char *rule, uint32_t id, uint32_t index, const char *fmt, ...)
{
	size_t room = sizeof(ret_violation->text), used;
	const char *element = "", *noun = NULL;
	char *text = ret_violation->text;
	va_list args;

	if (v->findings) {
		va_start(args, fmt);
		findings_add(v->findings, v->view, rule, id, index, fmt, args);
		va_end(args);
		return false;
	}
	ret_violation->rule = rule;
	ret_violation->type_id = id;
	ret_violation->index = index;
	if (index != VERIFY_NO_INDEX)
		element = element_describe(v->view, id, index, &noun);
	used = place_describe(text, room, id, kind_describe(v->view, id),
			      btf_view_name(v->view, id), index, noun, element);
	used += snprintf(text + used, room - used, ": %s: ", rule);
	va_start(args, fmt);
	vsnprintf(text + used, room - used, fmt, args);
	va_end(args);
	return false;
}

void verify_find(struct verify_findings *findings, const struct btf_view *view, const char *rule,
		 uint32_t id, uint32_t index, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	findings_add(findings, view, rule, id, index, fmt, args);
	va_end(args);
}

void verify_findings_deinit(struct verify_findings *findings)
{
	for (size_t i = 0; i < findings->items.num; i++)
		free(findings->items.data[i].text);
	vec_deinit(&findings->items);
}

/*
 * Who has a size of its own can be referred to whatever else is wrong with it, and a prototype
 * always.
 */
void verify_mark_bad(const struct verify *v, uint32_t id)
{
	uint32_t own = id - v->first_id;

	if (own < v->num_own &&
	    !kind_in(v->kinds[own], BYTES_KINDS | KIND_BIT(BTF_PTR) | KIND_BIT(BTF_FUNC_PROTO)))
		v->bad[own] |= BAD_TARGET;
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

/* Of a type that breaks a rule by itself nothing is said by later passes. */
static void check_run_all(const struct verify *v, verify_check_fn *check)
{
	struct verify_violation unused;

	for (uint32_t id = v->first_id; id < v->end_id; id++) {
		uint64_t num = v->findings->num_found[0];

		if (v->bad[id - v->first_id] & BAD_SAID)
			continue;
		check(v, id, &unused);
		if (v->findings->num_found[0] == num)
			continue;
		v->bad[id - v->first_id] |= BAD_SAID;
		verify_mark_bad(v, id);
	}
}

static struct btfgen_error *check_run(const struct verify *v, struct pool *pool,
				      verify_check_fn *check,
				      struct verify_violation *ret_violation)
{
	size_t num = (v->num_own + PIECE_IDS - 1) / PIECE_IDS;
	struct pass pass = { .v = v, .check = check };
	struct btfgen_error *err;

	if (v->findings) {
		check_run_all(v, check);
		return NULL;
	}
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
		{ v->options->program && v->options->fields, NULL, verify_fields },
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

	if (!container_check(v, ret_violation) && !v->findings)
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

static struct btfgen_error *verify_run(const struct btf_view *view,
				       const struct verify_options *options, struct pool *pool,
				       struct verify_findings *findings,
				       struct verify_violation *ret_violation)
{
	struct verify v = {
		.view = view,
		.options = options,
		.findings = findings,
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
	if (findings)
		v.bad = calloc(num, sizeof(*v.bad));
	if (v.kinds && v.states && v.resolved && v.array_size && v.identifiers &&
	    (v.bad || !findings))
		err = passes_run(&v, pool, &violation);
	else
		err = error_nomem();
	free(v.kinds);
	free(v.states);
	free(v.resolved);
	free(v.array_size);
	free(v.identifiers);
	free(v.bad);
	if (!err && findings && findings->no_memory)
		err = error_nomem();
	if (!err)
		*ret_violation = violation;
	return err;
}

struct btfgen_error *btf_verify(const struct btf_view *view, const struct verify_options *options,
				struct pool *pool, struct verify_violation *ret_violation)
{
	return verify_run(view, options, pool, NULL, ret_violation);
}

struct btfgen_error *btf_verify_all(const struct btf_view *view,
				    const struct verify_options *options,
				    struct verify_findings *findings)
{
	struct verify_options rules = *options;
	struct verify_violation unused;

	/* Warnings come from elsewhere. */
	rules.sorted = rules.funcs = rules.strings = rules.vars = rules.tags = rules.layout = false;
	return verify_run(view, &rules, NULL, findings, &unused);
}

struct btfgen_error *verify_error(const struct verify_violation *violation)
{
	if (!violation->rule)
		return NULL;
	return error_create(BTFGEN_ERROR_VERIFY, "%s", violation->text);
}
