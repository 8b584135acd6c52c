// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Many files, one base: each is encoded on its own, as encode_file() does it, by one of the workers.
 *
 *	struct batch_options options = { .encode = ..., .paths = paths, .num_paths = n };
 *	struct batch_result result;
 *
 *	err = batch_run(&options, &result);
 *	for (i = 0; !err && i < n; i++)
 *		if (result.files[i].error) ...
 *	batch_result_deinit(&result);
 *
 * Files are taken in the order of their size, the largest first, so that no worker is left alone
 * with a large one. If there are fewer files than workers, each is encoded by several.
 * A file that fails is as it was before; the others are done all the same, unless fail_fast is set:
 * then no further file is begun. What is written to a file does not depend on the others, on the
 * number of workers or on their order.
 *
 * Refused before anything is written (BTFGEN_ERROR_USAGE): a file given twice (by path, link or
 * device and inode), two files whose outputs would have one name, a file that is a layer of the
 * base, an output that would replace an input or a layer of the base. Compressed files are refused
 * one by one, with a word on how to unpack them.
 *
 * Outputs in a folder have the file's name without folders and without `.ko`, `.debug` or
 * `.ko.debug`, then `.btf`; a distilled base stands beside it in `.btf.base`. No folders are made
 * below the output folder: names of modules are unique in a kernel. The output folder itself is
 * made if its parent exists.
 *
 * if_needed: a file whose output was made from the same input, base and options by the same version
 * (batch_key.h) and still has the bytes of then is passed over. In place, a note section
 * (.note.btfgen, not loaded: module loaders and strip pass over it) holds the key; in an output
 * folder, the file .btfgen-stamps there (batch_stamps.h).
 *
 * Errors of single files are in their results. batch_run() itself fails only where nothing can be
 * begun: the list of files, the output folder, memory.
 *
 * Threads: the callbacks are called by any thread of the run, one call at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf_encoder.h"
#include "lib/base/error.h"

enum batch_outcome {
	BATCH_NOT_BEGUN, /* fail_fast, and another one failed */
	BATCH_DONE,
	BATCH_UNCHANGED,  /* the file held the same bytes already */
	BATCH_NOT_NEEDED, /* if_needed: nothing has changed since it was made */
	BATCH_FAILED,
	NUM_BATCH_OUTCOMES
};

struct batch_file {
	const char *path;  /* borrowed from the options */
	char *output_path; /* NULL: in place */
	enum batch_outcome outcome;
	struct btfgen_error *error; /* BATCH_FAILED */
	uint64_t btf_bytes;	    /* of the output, a distilled base included; 0: none */
};

struct batch_options {
	struct encode_options encode; /* of each file; paths and workers are set here */
	const char *const *paths;
	size_t num_paths;
	const char *const *base_paths; /* what encode.base was opened from */
	size_t num_base_paths;
	const char *output_dir;	  /* NULL: in place */
	unsigned int num_workers; /* 0: as many as the machine allows */
	bool fail_fast;
	bool if_needed;
	const char *version; /* if_needed: of the program */

	/* A file is begun, or one is finished; @current is the one that was begun last. */
	void (*progress)(void *ctx, size_t num_finished, size_t num_paths, const char *current);

	/*
	 * The file @index is finished. @encode is what it was encoded with, and @report what was done;
	 * both are gone after the call. @report is NULL if encoding was not tried.
	 */
	void (*finished)(void *ctx, size_t index, const struct batch_file *file,
			 const struct encode_options *encode, const struct encode_report *report);
	void *ctx; /* of both */
};

struct batch_result {
	struct batch_file *files; /* in the order of the paths */
	size_t num_files;
	size_t num_by_outcome[NUM_BATCH_OUTCOMES];
	uint64_t btf_bytes; /* of all outputs */
	struct btfgen_error
		*stamps_error; /* the outputs are there, but not what --if-needed needs */
	unsigned int num_workers;
};

/* The result is set, and to be released, also by a call that fails. */
struct btfgen_error *batch_run(const struct batch_options *options,
			       struct batch_result *ret_result) BTFGEN_MUST_CHECK;
void batch_result_deinit(struct batch_result *result);

/* "not-begun", "written", "unchanged", "not-needed", "failed". */
const char *batch_outcome_name(enum batch_outcome outcome);
