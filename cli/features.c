// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/features.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/memory_file.h"

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

/* Columns of features_print(). */
enum { NAME_WIDTH = 20, DEFAULT_WIDTH = 5 };

static const struct {
	const char *name;
	const char *meaning;
} table[NUM_FEATURES] = {
	[FEATURE_ENCODE_FORCE] = { "encode_force",
				   "leave out a bad variable; off: that is an error" },
	[FEATURE_VAR] = { "var", "per-CPU variables; the same as --percpu" },
	[FEATURE_FLOAT] = { "float", "FLOAT records; off: INTs stand for them" },
	[FEATURE_DECL_TAG] = { "decl_tag", "DECL_TAG records of annotations and kfuncs" },
	[FEATURE_TYPE_TAG] = { "type_tag", "TYPE_TAG records of annotations of pointers" },
	[FEATURE_ENUM64] = { "enum64", "ENUM64 records; off: ENUMs with the low 32 bits" },
	[FEATURE_OPTIMIZED_FUNC] = { "optimized_func",
				     "renamed functions (.isra.0) whose arguments are right" },
	[FEATURE_CONSISTENT_FUNC] = { "consistent_func",
				      "no function whose name has differing prototypes" },
	[FEATURE_DECL_TAG_KFUNCS] = { "decl_tag_kfuncs",
				      "bpf_kfunc and bpf_fastcall tags from .BTF_ids" },
	[FEATURE_REPRODUCIBLE_BUILD] = { "reproducible_build",
					 "no effect: output never depends on the run" },
	[FEATURE_DISTILLED_BASE] = { "distilled_base",
				     "a base of its own for a module; see --distilled" },
	[FEATURE_GLOBAL_VAR] = { "global_var", "variables of all sections that are loaded" },
	[FEATURE_ATTRIBUTES] = { "attributes", "attributes of types: arenas of kfuncs" },
	[FEATURE_TRUE_SIGNATURE] = { "true_signature",
				     "changed functions as the binary has them, name too" },
	[FEATURE_LAYOUT] = { "layout", "the header's table of record layouts" },
};

/* @name ends at @size; either of `-` and `_` stands for the other. */
static bool name_equal(const char *name, size_t size, const char *known)
{
	if (strlen(known) != size)
		return false;
	for (size_t i = 0; i < size; i++) {
		if ((name[i] == '-' ? '_' : name[i]) != known[i])
			return false;
	}
	return true;
}

static bool find_features(const char *name, size_t size, uint32_t *ret_features)
{
	if (name_equal(name, size, "default")) {
		*ret_features = ENCODE_FEATURES_DEFAULT;
		return true;
	}
	for (int i = 0; i < NUM_FEATURES; i++) {
		if (name_equal(name, size, table[i].name)) {
			*ret_features = ENCODE_FEATURE(i);
			return true;
		}
	}
	return false;
}

static struct btfgen_error *unknown_feature(const char *option, const char *name, size_t size)
{
	struct memory_file known;
	struct btfgen_error *err;

	if (size == strlen("none") && strncmp(name, "none", size) == 0)
		return usage_error("option '%s': 'none' stands alone", option);
	err = memory_file_open(&known);
	for (int i = 0; !err && i < NUM_FEATURES; i++)
		fprintf(known.out, "%s%s", i ? ", " : "", table[i].name);
	if (!err)
		err = memory_file_finish(&known);
	if (!err)
		err = usage_error("option '%s' does not know the feature '%.*s', but %s, default, "
				  "none",
				  option, (int)size, name, known.data);
	memory_file_close(&known);
	return err;
}

struct btfgen_error *features_parse(const char *option, const char *list, void *var)
{
	uint32_t features = *list == '+' || *list == '-' ? ENCODE_FEATURES_DEFAULT : 0;
	const char *element = list;

	if (strcmp(list, "none") == 0) {
		*(uint32_t *)var = 0;
		return NULL;
	}
	for (;;) {
		size_t size = strcspn(element, ",");
		bool has_sign = *element == '+' || *element == '-';
		uint32_t found;

		if (!find_features(element + has_sign, size - has_sign, &found))
			return unknown_feature(option, element + has_sign, size - has_sign);
		if (*element == '-')
			features &= ~found;
		else
			features |= found;
		if (!element[size])
			break;
		element += size + 1;
	}
	*(uint32_t *)var = features;
	return NULL;
}

const char *feature_name(enum encode_feature feature)
{
	return table[feature].name;
}

void features_print_names(FILE *out)
{
	for (int i = 0; i < NUM_FEATURES; i++)
		fprintf(out, "%s\n", table[i].name);
	fputs("default\nnone\n", out);
}

void features_print(FILE *out)
{
	for (int i = 0; i < NUM_FEATURES; i++)
		fprintf(out, "%-*s%-*s%s\n", NAME_WIDTH, table[i].name, DEFAULT_WIDTH,
			encode_has(ENCODE_FEATURES_DEFAULT, i) ? "on" : "off", table[i].meaning);
}
