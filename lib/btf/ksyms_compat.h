// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * May a BPF program's declaration of a kernel symbol be bound to the kernel's? libbpf's rule.
 *
 *	struct ksyms_part part;
 *
 *	if (!ksyms_types_compat(&program, local_id, &kernel, target_id, &part)) {
 *		ksyms_part_text(&program, &kernel, &part, &text);
 *		puts(text.data);	"parameter 2: int is not struct task_struct *"
 *	}
 *
 * Behind qualifiers, typedefs and type tags the kinds must be equal; enum and enum64 are one.
 * Pointers and arrays are followed, so are parameters and results of prototypes, whose number of
 * parameters must be equal. What is not compared: names, members and sizes of structs, unions and
 * enums, sizes and signs of integers, lengths of arrays, the words "struct" and "union" of two
 * forward declarations. What is never compatible: a forward declaration with a definition, floating
 * point types, integers that begin behind bit 0. At most 32 pointers, arrays and results in a row
 * are followed, and prototypes inside of parameters 32 deep.
 *
 * Prototypes that hold each other in their parameters can ask for more comparisons than anybody
 * waits for; after 2^16 of them the answer is no, which libbpf would give or not, much later.
 *
 * Threads: no state; views are only read. Nothing can fail, nothing is allocated, any BTF will do.
 * Source: libbpf's relo_core.c (__bpf_core_types_are_compat) and what it calls; tests/kernel
 * compares with libbpf itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/btf/view.h"

enum ksyms_part_reason {
	KSYMS_COMPATIBLE,
	KSYMS_PART_KIND,     /* of different kinds */
	KSYMS_PART_DECLARED, /* declared here, defined there, or the other way round */
	KSYMS_PART_PARAMS,   /* prototypes with different numbers of parameters */
	KSYMS_PART_NEVER,    /* of one kind, which is never compatible */
	KSYMS_PART_BIT_OFF,  /* an integer begins behind bit 0 */
	KSYMS_PART_DEPTH,    /* more levels than libbpf follows */
	KSYMS_PART_STEPS,    /* more comparisons than we do */
	KSYMS_PART_BROKEN,   /* a type does not exist, or is in a ring */
};

enum { KSYMS_MAX_PLACES = 8 };

/* Where two types part for the first time, in the order in which libbpf compares. */
struct ksyms_part {
	enum ksyms_part_reason reason;
	/*
	 * The way there, outermost first: n for parameter n, from 1; 0 for the result. Those that
	 * there is no room for are counted.
	 */
	uint32_t num_places;
	uint32_t places[KSYMS_MAX_PLACES];
	uint32_t local_id, target_id; /* of the variable, parameter or result, as declared */
	uint32_t local_at, target_at; /* what in there parts, behind qualifiers */
};

enum { KSYMS_TEXT_SIZE = 640 };

struct ksyms_text {
	char data[KSYMS_TEXT_SIZE]; /* zero-terminated, one line, no control bytes */
};

bool ksyms_types_compat(const struct btf_view *local, uint32_t local_id,
			const struct btf_view *target, uint32_t target_id,
			struct ksyms_part *ret_part);

/* "" if they are compatible. */
void ksyms_part_text(const struct btf_view *local, const struct btf_view *target,
		     const struct ksyms_part *part, struct ksyms_text *ret_text);

/*
 * The type behind qualifiers, typedefs and type tags. An id that does not exist, as a ring, gives
 * false.
 */
bool ksyms_skip(const struct btf_view *view, uint32_t id, uint32_t *ret_id);
