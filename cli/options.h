// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Options as a table.
 *
 *	struct values { bool fast; const char *output; };
 *	static const struct option_spec specs[] = {
 *		{ .letter = 'f', .name = "fast", .type = OPTION_BOOL,
 *		  .value_off = offsetof(struct values, fast), .help = "hurry" },
 *		{ .letter = 'o', .name = "output", .type = OPTION_STRING, .arg_name = "FILE",
 *		  .value_off = offsetof(struct values, output), .help = "write to FILE" },
 *	};
 *	struct values values = {};
 *	err = options_parse(specs, 2, argc, argv, &values, &num_operands);
 *
 * Accepted: -f, -o FILE, -oFILE, -fo FILE, --output FILE, --output=FILE, --no-fast; `_` for `-`
 * inside long names; options and operands in any order; `--` ends the options; `-` alone is an
 * operand. A later option wins over an earlier one. Long names are not abbreviated: a script must
 * not change its meaning when an option is added.
 *
 * Values are borrowed from argv.
 *
 * Shells complete what stands in the tables. For values and operands a table says by a hint what is
 * to be offered; the words of an OPTION_CHOICE are its .choices, and numbers need no hint.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

enum option_type {
	OPTION_BOOL,   /* bool; --no-NAME clears it */
	OPTION_STOP,   /* bool; parsing ends here: --help works beside anything that follows it */
	OPTION_CONST,  /* int; becomes .constant */
	OPTION_STRING, /* const char *; not empty */
	OPTION_UINT,   /* unsigned int; decimal, at most .max */
	OPTION_CHOICE, /* unsigned int; 1 + index in .choices; the value is optional, with `=` */
	OPTION_BITS,   /* uint32_t; sets .bits, --no-NAME clears them */
	OPTION_PARSED, /* what .parse makes of the value, which is not empty */
};

/* What a value, or an operand, is one of. */
enum option_hint {
	HINT_UNSAID,	  /* nobody has thought about it, which a test objects to */
	HINT_NOTHING,	  /* of no list that is known before the input is */
	HINT_FILE,	  /* the files */
	HINT_DIR,	  /* the folders */
	HINT_WORD,	  /* the words of the table */
	HINT_LIST,	  /* these, with commas between */
	HINT_SIGNED_LIST, /* these, with commas between, each perhaps behind a `+` or `-` */
};

struct option_spec {
	char letter; /* 0 if there is none */
	const char *name;
	enum option_type type;
	size_t value_off;	    /* bytes from the start of the values to the variable */
	const char *arg_name;	    /* of all that take a value */
	const char *const *choices; /* OPTION_CHOICE: ends with NULL; the first is default */
	enum option_hint hint;	    /* OPTION_STRING, OPTION_PARSED */
	unsigned int max;	    /* OPTION_UINT */
	int constant;		    /* OPTION_CONST */
	uint32_t bits;		    /* OPTION_BITS */
	/* OPTION_PARSED; @option is as written, with its dashes. */
	struct btfgen_error *(*parse)(const char *option, const char *value, void *var);
	/* HINT_WORD and the lists, if the words are not in .choices: writes one a line. */
	void (*print_words)(FILE *out);
	const char *help; /* lines of at most 46 columns */
};

bool option_has_value(const struct option_spec *spec);

/* Whether there is a --no-NAME. */
bool option_can_be_negated(const struct option_spec *spec);

/* OPTION_PARSED that may be given several times: the values, in their order. */
typedef VEC(const char *) option_values;

struct btfgen_error *option_collect(const char *option, const char *value,
				    void *var) BTFGEN_MUST_CHECK;

/* Moves the operands to argv[0 .. *ret_num_operands). argv[0] is the first argument, not a name. */
struct btfgen_error *options_parse(const struct option_spec *specs, size_t num_specs, int argc,
				   char **argv, void *values,
				   int *ret_num_operands) BTFGEN_MUST_CHECK;

void options_print(FILE *out, const struct option_spec *specs, size_t num_specs);
