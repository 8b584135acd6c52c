// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What an encoding can hold beyond plain types: switches that the peer encoder and kernel builds
 * know by the same names.
 *
 *	uint32_t features = ENCODE_FEATURES_DEFAULT | ENCODE_FEATURE(FEATURE_TRUE_SIGNATURE);
 *	if (encode_has(features, FEATURE_FLOAT)) ...
 *
 * The order is that in which the names are listed to kernel builds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum encode_feature {
	FEATURE_ENCODE_FORCE,	 /* a variable that cannot be written is left out; off: an error */
	FEATURE_VAR,		 /* per-CPU variables */
	FEATURE_FLOAT,		 /* FLOAT records; off: floating types are unsigned INTs */
	FEATURE_DECL_TAG,	 /* DECL_TAG records from annotations and of kfuncs */
	FEATURE_TYPE_TAG,	 /* TYPE_TAG records on pointers */
	FEATURE_ENUM64,		 /* ENUM64 records; off: an ENUM holds the low 32 bits */
	FEATURE_OPTIMIZED_FUNC,	 /* functions whose only symbol has a suffix (.isra.0, ...) if
				       all their arguments are in place; off: none of them */
	FEATURE_CONSISTENT_FUNC, /* names with differing prototypes are left out; off: the
				       prototype of the first is written */
	FEATURE_DECL_TAG_KFUNCS, /* `bpf_kfunc` and `bpf_fastcall` tags from .BTF_ids */
	FEATURE_REPRODUCIBLE_BUILD, /* no effect: output never depends on the run */
	FEATURE_DISTILLED_BASE,	    /* .BTF.base beside split BTF */
	FEATURE_GLOBAL_VAR,	    /* variables of all allocated sections */
	FEATURE_ATTRIBUTES,	    /* kind_flag type tags: address spaces of kfunc arguments */
	FEATURE_TRUE_SIGNATURE,	    /* optimised functions, as the binary has them, under the
				       symbol's whole name */
	FEATURE_LAYOUT,		    /* the header's table of record layouts */
	NUM_FEATURES
};

#define ENCODE_FEATURE(feature) (1u << (feature))

#define ENCODE_FEATURES_DEFAULT                                                                    \
	(ENCODE_FEATURE(FEATURE_ENCODE_FORCE) | ENCODE_FEATURE(FEATURE_VAR) |                      \
	 ENCODE_FEATURE(FEATURE_FLOAT) | ENCODE_FEATURE(FEATURE_DECL_TAG) |                        \
	 ENCODE_FEATURE(FEATURE_TYPE_TAG) | ENCODE_FEATURE(FEATURE_ENUM64) |                       \
	 ENCODE_FEATURE(FEATURE_OPTIMIZED_FUNC) | ENCODE_FEATURE(FEATURE_CONSISTENT_FUNC) |        \
	 ENCODE_FEATURE(FEATURE_DECL_TAG_KFUNCS))

static inline bool encode_has(uint32_t features, enum encode_feature feature)
{
	return features >> feature & 1;
}
