// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/language.h"

#include <string.h>
#include <strings.h>

enum { MAX_VERSIONS = 8 };

/* DWARF 5 table 7.17 and its continuation at dwarfstd.org. */
static const struct {
	const char *name;
	uint16_t codes[MAX_VERSIONS]; /* the rest is 0, which is no language */
} languages_known[] = {
	{ "ada", { 0x03, 0x0d, 0x2e, 0x2f } },
	{ "asm", { 0x31, 0x8001 } },
	{ "c", { 0x01, 0x02, 0x0c, 0x1d, 0x2c } },
	{ "c++", { 0x04, 0x19, 0x1a, 0x21, 0x2a, 0x2b } },
	{ "d", { 0x13 } },
	{ "fortran", { 0x07, 0x08, 0x0e, 0x22, 0x23, 0x2d } },
	{ "go", { 0x16 } },
	{ "pascal", { 0x09 } },
	{ "rust", { 0x1c } },
	{ "swift", { 0x1e } },
	{ "zig", { 0x27 } },
};

static const uint16_t *find_language(const char *name, size_t name_size)
{
	for (size_t i = 0; i < sizeof(languages_known) / sizeof(languages_known[0]); i++) {
		if (strlen(languages_known[i].name) == name_size &&
		    strncasecmp(languages_known[i].name, name, name_size) == 0)
			return languages_known[i].codes;
	}
	return NULL;
}

struct btfgen_error *language_list_parse(const char *list, const char *option,
					 language_vec *languages)
{
	for (;;) {
		size_t name_size = strcspn(list, ",");
		const uint16_t *codes = find_language(list, name_size);

		if (!codes)
			return error_create(BTFGEN_ERROR_USAGE,
					    "option '%s' does not know the language '%.*s'", option,
					    (int)name_size, list);
		for (size_t i = 0; i < MAX_VERSIONS && codes[i]; i++) {
			if (!vec_push(languages, codes[i]))
				return error_nomem();
		}
		if (!list[name_size])
			return NULL;
		list += name_size + 1;
	}
}

void language_print_names(FILE *out)
{
	for (size_t i = 0; i < sizeof(languages_known) / sizeof(languages_known[0]); i++)
		fprintf(out, "%s\n", languages_known[i].name);
	fputs("none\n", out);
}
