// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What `btfgen explain` prints. The JSON form is an interface, which btfgen-explain(1) lists; the
 * text form is for reading and may change.
 */
#pragma once

#include <stdio.h>

#include "explain.h"
#include "lib/base/error.h"

/* Errors: memory. */
struct btfgen_error *explain_print_text(FILE *out, const struct explain *explain) BTFGEN_MUST_CHECK;

void explain_print_json(FILE *out, const char *path, const struct explain *explain);
