// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What could be better in BTF that no kernel refuses: the rules N of lib/btf/verify.h, all cases.
 *
 *	struct verify_findings findings = { .max = 100 };
 *	err = btf_find_flaws(&view, true, &findings);
 *
 *	N1	once, at the first type out of order, if @sorted
 *	N2	each further FUNC or VAR of a name; of other kinds one line for each kind, because
 *		several types of one name are common in C
 *	N3	each FWD beside a STRUCT or UNION of its name, which may be in the base
 *	N4	each type that equals one before it, up to the numbers of what both refer to: the
 *		coarsest partition in which that holds
 *	N5	each string that is not used, stands there again, or is used from its middle
 *	N6, N7	each VAR and DECL_TAG that breaks them
 *	N8	each kind that the layout section has wrong
 *
 * For a distilled base or a split the own part counts. Any view will do, also one that breaks other
 * rules.
 * Cost: 0.2 s for 130,000 types. One thread. Errors: out of memory.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/error.h"
#include "lib/btf/verify.h"
#include "lib/btf/view.h"

struct btfgen_error *btf_find_flaws(const struct btf_view *view, bool sorted,
				    struct verify_findings *findings) BTFGEN_MUST_CHECK;
