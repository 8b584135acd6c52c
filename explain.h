// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Why a function or variable is in the BTF, or why not: the facts that selection decided by, in a
 * form that can be shown.
 *
 *	struct explain explain = { .patterns = names, .num_patterns = num };
 *	struct encode_options options = { ..., .explain = &explain };
 *
 *	err = encode_file(&options, report);	stops behind the stage "select", writes nothing
 *	for (i = 0; i < explain.answers.num; i++)
 *		... explain.answers.data[i]
 *	explain_deinit(&explain);
 *
 * A pattern is a name or a shell pattern (`*`, `?`, `[...]`; fnmatch(3)). It is held against names
 * of functions without and with the suffixes that compilers add, and against names of variables.
 * A pattern of the shell finds symbols only; a name also finds debugging entries without a symbol.
 * A pattern that finds nothing has one answer, EXPLAIN_NOTHING.
 *
 * Answers come in the order of the patterns, then functions by name, then variables by address, the
 * same for every number of threads. All strings are in English, end with a zero byte, live in
 * `explain` and may hold any bytes of the input file.
 *
 * One thread. Errors: memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_symtab.h"
#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/vec.h"

enum explain_subject { EXPLAIN_FUNCTION, EXPLAIN_VARIABLE, EXPLAIN_NOTHING };

struct explain_symbol {
	const char *name; /* whole */
	const char *section;
	uint64_t off;  /* bytes from the section's start */
	uint64_t addr; /* the same as an address; in relocatable files, which have none, off */
	uint64_t size;
	uint8_t bind; /* enum symbol_bind */
	bool is_part; /* of a function: .part or .cold */
};

struct explain_param {
	const char *type; /* "struct sock *" */
	const char *name; /* "" if it has none */
	const char *text; /* both, as C declares it; "..." for further arguments */
	bool differs;	  /* from the first prototype of the answer */
};

/* One way in which debugging entries declare a function. */
struct explain_prototype {
	const char *result;
	bool result_differs;
	const struct explain_param *params;
	size_t num_params;
};

/* An assembler's entry has none. */
#define EXPLAIN_NO_PROTOTYPE UINT32_MAX

/* A debugging entry of a function or variable. */
struct explain_entry {
	const char *unit; /* NULL if it has no name */
	uint64_t off;	  /* of the entry in its section */
	const char *name; /* its own, which may differ from the symbol's */
	bool has_addr;	  /* functions: it is out of line. The next three hold then */
	const char *section;
	uint64_t section_off;
	uint64_t addr;
	bool at_symbol;	    /* it stands where a symbol of the answer does */
	bool taken;	    /* its prototype or type was taken, or would have been */
	uint32_t prototype; /* functions: index into prototypes, or EXPLAIN_NO_PROTOTYPE */
	/* Functions: where each parameter is at the first instruction; NULL if that was not read. */
	const char *const *places;
	/* What that says of each: NULL where it belongs; "not passed", "only len is passed". */
	const char *const *states;
	const char *type; /* variables */
	uint64_t size;	  /* variables: bytes of the type, 0 if it has no size */
};

struct explain_answer {
	const char *pattern; /* that found it */
	const char *name;
	uint8_t subject; /* enum explain_subject */
	bool in_btf;
	bool is_kfunc;	     /* a kfunc by .BTF_ids */
	bool has_btf_id;     /* .BTF_ids asks for it */
	const char *outcome; /* func_outcome_name(), var_outcome_name(); "no-symbol", "unknown" */
	const char *reason;  /* a sentence; NULL if it is in the BTF */
	const char *advice;  /* what to do; NULL if there is nothing */
	const char *text;    /* what stands in the BTF, as C; NULL if nothing does */
	const char *linkage; /* of that: "static", "global"; NULL */
	int param;	     /* index of the parameter that the outcome is about, -1: of none */
	bool has_places; /* the outcome follows from the places of the first entry's parameters */
	struct explain_symbol *symbols;
	size_t num_symbols;
	struct explain_entry *entries;
	size_t num_entries;
	struct explain_prototype
		*prototypes; /* of the entries, each once; that taken comes first */
	size_t num_prototypes;
};

/* A symbol of an object, in short. */
struct explain_variable {
	const char *name;
	const char *section;
	uint64_t off; /* bytes from the section's start */
	uint64_t size;
	const char *outcome; /* var_outcome_name() */
	uint8_t kind;	     /* enum var_outcome */
	const char *linkage; /* of the VAR: "static", "global"; NULL without one */
	const char *type;    /* of the VAR; NULL without one */
};

struct explain {
	char *const *patterns;
	size_t num_patterns;
	bool all_variables; /* also: list what became of each variable */
	/* From here on: results. */
	VEC(struct explain_answer) answers;
	VEC(struct explain_variable) variables; /* by place; empty unless asked for */
	struct arena arena;			/* what answers point into */
};

void explain_deinit(struct explain *explain);

struct type_store;
struct func_select_input;
struct func_selection;
struct var_select_input;
struct var_selection;

/* What the encoder knows after selection; all of it is borrowed for the call. */
struct explain_source {
	struct type_store *store;
	uint16_t machine;		       /* e_machine, for names of registers */
	const struct symtab_section *sections; /* by index */
	size_t num_sections;
	const struct func_select_input *func_input; /* NULL: functions were not wanted */
	const struct func_selection *func_selection;
	const struct var_select_input *var_input; /* NULL: variables were not wanted */
	const struct var_selection *var_selection;
	const struct symtab_kfunc *kfuncs; /* sorted by name, also without decl_tag_kfuncs */
	size_t num_kfuncs;
	const struct symtab_btf_id *btf_ids; /* sorted by name */
	size_t num_btf_ids;
	const char *const *unit_names; /* by unit; may hold NULLs */
	uint32_t num_units;
	bool all_sections; /* variables of all sections were looked at */
	bool relocatable;  /* addresses of sections mean nothing */
};

/* Fills explain->answers. */
struct btfgen_error *explain_run(const struct explain_source *source,
				 struct explain *explain) BTFGEN_MUST_CHECK;
