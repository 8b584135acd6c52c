// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Scripts that complete the command line in shells, made from the tables of the verbs: what the
 * parser does not take is not offered, and nothing that it takes is forgotten.
 *
 *	verbs = cli_verbs(&num_verbs);
 *	err = completion_write_bash(verbs, num_verbs, stdout);
 *
 * A script has the tables in the shell's own words first. What the shell does with them stands in
 * cli/completion/, which the build puts into the program (cmake/completion_files.cmake):
 *
 *	bash	functions for `complete -F`; need nothing else, bash-completion only loads the script
 *		when it is first wanted
 *	zsh	a file for a folder of $fpath, or to be sourced
 *	fish	`complete` commands
 *	json	the tables themselves, for other programs
 *
 * The texts of the tables may hold anything but control bytes: they are quoted as each shell wants
 * it. The first verb is the one that a line without a verb means.
 *
 * Write errors stay in the stream for the caller to see (ferror). Errors: out of memory. Threads: no
 * state.
 */
#pragma once

#include <stdio.h>

#include "cli/cli.h"

typedef struct btfgen_error *completion_writer(const struct cli_verb *const *verbs,
					       size_t num_verbs, FILE *out);

completion_writer completion_write_bash, completion_write_zsh, completion_write_fish,
	completion_write_json;

/* The files of cli/completion/. */
extern const char completion_bash_part[];
extern const char completion_zsh_part[];
extern const char completion_fish_part[];
