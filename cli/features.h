// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Features of an encoding by their names, for options: the one table of names, defaults and
 * meanings, which --features, --list-features, reports and the tests of the man page read.
 *
 *	uint32_t features = ENCODE_FEATURES_DEFAULT;
 *
 *	err = features_parse("--features", "-float,true_signature", &features);
 *
 * A list has commas between its elements and is taken from left to right. It starts from no feature
 * at all, or from the default set if its first element has a sign. An element is
 *
 *	NAME, +NAME	adds the feature
 *	-NAME		takes it away
 *	default		adds all of the default set
 *	none		no feature; stands alone
 *
 * The names are those that kernel builds and the peer encoder use, `-` may stand for `_` in them;
 * "var,float" and "+layout" mean there what they mean here.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "encode_features.h"
#include "lib/base/error.h"

/*
 * @option is how the user wrote it, for messages. @var is a uint32_t, the type fits option_spec; it
 * is set, whatever it held, on success only. Unknown names are errors: a misspelt feature would be
 * missing without a word.
 */
struct btfgen_error *features_parse(const char *option, const char *list,
				    void *var) BTFGEN_MUST_CHECK;

const char *feature_name(enum encode_feature feature);

/* The words of a list, one a line. */
void features_print_names(FILE *out);

/* A line for each feature: name, on or off by default, meaning. */
void features_print(FILE *out);
