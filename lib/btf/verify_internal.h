// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the passes of the verifier share. Only lib/btf/verify*.c include this.
 *
 * A check looks at one thing, returns true if it is as it should be, and otherwise fills the
 * violation (verify_violate()) and returns false.
 */
#pragma once

#include <inttypes.h>

#include "lib/btf/verify.h"

enum {
	BAD_SAID = 1,	/* breaks a rule by itself, which has been said */
	BAD_TARGET = 2, /* so what refers to it cannot be judged */
};

enum visit_state { VISIT_NEW, VISIT_ON_STACK, VISIT_DONE };

struct verify {
	const struct btf_view *view;
	const struct verify_options *options;
	const uint8_t *types;
	const uint32_t *record_offs;
	bool swap;
	uint32_t first_id, num_own, end_id;

	/* btf_verify_all(), else NULL. */
	struct verify_findings *findings;
	uint8_t *bad; /* own ids: BAD_* */

	/* Filled by the passes in this order, constant afterwards. */
	uint64_t *identifiers; /* bit n: an identifier of legal length starts at own string n */
	uint8_t *kinds;	       /* own ids */
	uint8_t *states;       /* own ids: enum visit_state */
	uint32_t *resolved;    /* own ids that are VISIT_DONE: see verify_resolved() */
	uint64_t *array_size;  /* own ids that are VISIT_DONE */
};

typedef bool verify_check_fn(const struct verify *v, uint32_t id,
			     struct verify_violation *ret_violation);

#define KIND_BIT(kind) (1u << (kind))

#define MODIFIER_KINDS                                                                             \
	(KIND_BIT(BTF_TYPEDEF) | KIND_BIT(BTF_VOLATILE) | KIND_BIT(BTF_CONST) |                    \
	 KIND_BIT(BTF_RESTRICT) | KIND_BIT(BTF_TYPE_TAG))
#define COMPOSITE_KINDS (KIND_BIT(BTF_STRUCT) | KIND_BIT(BTF_UNION))
#define ENUM_KINDS (KIND_BIT(BTF_ENUM) | KIND_BIT(BTF_ENUM64))
/* Refer to others, and nothing may refer to them but a DECL_TAG or a DATASEC. */
#define SOURCE_KINDS (KIND_BIT(BTF_VAR) | KIND_BIT(BTF_DECL_TAG) | KIND_BIT(BTF_DATASEC))
#define SIZELESS_KINDS                                                                             \
	(KIND_BIT(BTF_VOID) | KIND_BIT(BTF_FWD) | KIND_BIT(BTF_FUNC) | KIND_BIT(BTF_FUNC_PROTO) |  \
	 KIND_BIT(BTF_DECL_TAG))
#define BYTES_KINDS                                                                                \
	(KIND_BIT(BTF_INT) | COMPOSITE_KINDS | ENUM_KINDS | KIND_BIT(BTF_FLOAT) |                  \
	 KIND_BIT(BTF_DATASEC))

static inline bool kind_in(uint32_t kind, uint32_t kinds)
{
	return kinds >> kind & 1;
}

static inline bool id_exists(const struct verify *v, uint32_t id)
{
	return id < v->end_id;
}

static inline bool id_is_own(const struct verify *v, uint32_t id)
{
	return id - v->first_id < v->num_own;
}

/* Only after the records pass. */
static inline uint32_t kind_of(const struct verify *v, uint32_t id)
{
	uint32_t kind;

	if (id_is_own(v, id))
		return v->kinds[id - v->first_id];
	kind = btf_view_kind(v->view, id);
	return kind < BTF_NUM_KINDS ? kind : BTF_VOID;
}

static inline const uint8_t *record_of(const struct verify *v, uint32_t id)
{
	if (id_is_own(v, id))
		return v->types + v->record_offs[id - v->first_id];
	return btf_view_record(v->view, id);
}

static inline uint32_t load(const struct verify *v, const uint8_t *record, uint32_t off)
{
	return load_u32(record + off, v->swap);
}

static inline uint32_t word_of(const struct verify *v, uint32_t id)
{
	return load(v, record_of(v, id), BTF_RECORD_WORD_OFF);
}

/* Fills the violation; returns false, for the check to hand on. @index may be VERIFY_NO_INDEX. */
bool verify_violate(const struct verify *v, struct verify_violation *ret_violation,
		    const char *rule, uint32_t id, uint32_t index, const char *fmt, ...)
	BTFGEN_PRINTF(6, 7);

/*
 * An element that breaks a rule ends the check of its type, unless all violations are wanted:
 *
 *	for (each element) {
 *		if (!element_check() && !verify_goes_on(v))
 *			return false;
 *	}
 */
static inline bool verify_goes_on(const struct verify *v)
{
	return v->findings;
}

/* Nothing is said of @id's size or kind: it has been said what is wrong with it. */
static inline bool id_is_bad(const struct verify *v, uint32_t id)
{
	return v->bad && id_is_own(v, id) && v->bad[id - v->first_id] & BAD_TARGET;
}

void verify_mark_bad(const struct verify *v, uint32_t id);

/*
 * Adds to findings->items, or only to the counts. @kind and @text as in struct verify_finding;
 * @index may be VERIFY_NO_INDEX.
 */
void verify_find(struct verify_findings *findings, const struct btf_view *view, const char *rule,
		 uint32_t id, uint32_t index, const char *fmt, ...) BTFGEN_PRINTF(6, 7);

/* verify_field.c: X. */

struct btfgen_error *verify_fields(const struct verify *v,
				   struct verify_violation *ret_violation) BTFGEN_MUST_CHECK;

/* verify_record.c: names, M and C. */

enum { VERIFY_PIECE_STRINGS = 1 << 16 }; /* bytes; a multiple of 64 */

/* Fills v->identifiers for the strings that start in piece @piece of the own string section. */
void verify_find_identifiers(const struct verify *v, uint32_t piece);

/* There is a string at @name_off, within the format's limit. */
bool verify_name_exists(const struct verify *v, uint32_t name_off);
/* The same, and it is an identifier. */
bool verify_name_is_identifier(const struct verify *v, uint32_t name_off);

verify_check_fn verify_record; /* M; fills v->kinds */
verify_check_fn verify_chain;  /* C */

/* verify_walk.c: R1-R4, R7-R10, R17, R19, R20. */

/* Fills v->states, v->resolved and v->array_size. The error is out of memory. */
struct btfgen_error *verify_walk(const struct verify *v,
				 struct verify_violation *ret_violation) BTFGEN_MUST_CHECK;

/* The type behind the modifiers of @id, which is a modifier; 0 before the walk has finished it. */
uint32_t verify_resolved(const struct verify *v, uint32_t id);

/* The type behind modifiers and its size; false if it has none (yet). */
bool verify_size(const struct verify *v, uint32_t id, uint32_t *ret_resolved, uint64_t *ret_size);

bool verify_int_is_regular(const struct verify *v, uint32_t id);

/* verify_target.c: R5, R6, R11-R16, R18. */

/* R5 and R6 of one member of the struct or union @id. */
bool verify_member(const struct verify *v, uint32_t id, uint32_t i,
		   struct verify_violation *ret_violation);
verify_check_fn verify_target;

/* verify_name.c: N. */

verify_check_fn verify_order;							    /* N1 */
verify_check_fn verify_func;							    /* N2 */
bool verify_layout(const struct verify *v, struct verify_violation *ret_violation); /* N8 */
struct btfgen_error *verify_tags(const struct verify *v,
				 struct verify_violation *ret_violation) BTFGEN_MUST_CHECK; /* N7 */
struct btfgen_error *verify_strings(const struct verify *v, struct verify_violation *ret_violation)
	BTFGEN_MUST_CHECK; /* N5 */
struct btfgen_error *verify_vars(const struct verify *v,
				 struct verify_violation *ret_violation) BTFGEN_MUST_CHECK; /* N6 */
