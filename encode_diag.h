// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the diagnostics of an encoding are about: the kinds of struct diag (lib/base/diag.h).
 *
 * The reader of DIEs records some of them, the encoder the others; `unit` and `off` say where
 * (bytes from the start of the unit's section), `name` what. None of them is an error: the run went
 * on.
 */
#pragma once

/* What a struct diag of a report is about; `unit` and `off` say where, `name` what. */
enum encode_diag {
	DIAG_DEGRADED_TYPE, /* a type DIE became an opaque type or lost a qualifier; value: its tag
			     */
	DIAG_BAD_NAME,	    /* a name the kernel refuses was left out */
	DIAG_UNKNOWN_TAG,   /* a DIE of a tag we do not know was passed over; value: the tag */
	DIAG_BAD_LOCATION,  /* a variable's location could not be evaluated */
	DIAG_VAR_SKIPPED,  /* an object symbol without VAR; value: enum var_outcome, off: address */
	DIAG_DOUBLE_TYPE,  /* a (kind, name) with several definitions; value: their number */
	DIAG_FORWARD_LEFT, /* a forward declaration beside a definition of its name */
	DIAG_FUNC_SKIPPED, /* a function without FUNC; value: enum func_outcome, off: address */
	DIAG_BTF_ID_MISSING, /* .BTF_ids asks for a function that has no FUNC; value: the same */
	DIAG_BAD_TAG,	     /* a decl tag on something that cannot have one, or without text */
	NUM_ENCODE_DIAGS
};
