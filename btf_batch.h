// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Many files, one base: each is encoded on its own, as encode_file() does it, by one of the workers.
 *
 *	struct batch_options options = { .encode = ..., .paths = paths, .num_paths = n };
 *	struct batch_result result;
 *
 *	err = batch_run(&options, &result);
 *	for (i = 0; i < n; i++)
 *		if (result.files[i].error) ...
 *	batch_result_deinit(&result);
 *
 * Files are taken in the order of their size, the largest first, so that no worker is left alone
 * with a large one. A file that fails is as it was before; the others are done all the same, unless
 * fail_fast is set: then no further file is begun. What is written to a file does not depend on the
 * others, on the number of workers or on their order.
 *
 * The same file given twice (by path, link or device and inode) is refused before anything is
 * written, and so are two files whose outputs would have one name.
 *
 * if_needed: a file whose output was made from the same input, base and options by the same version is
 * passed over. In place, a note section (.note.btfgen, not loaded: module loaders and strip pass
 * over it) holds the key; in an output folder, the file .btfgen-stamps there.
 *
 * Errors of single files are in their results. batch_run() itself fails only where nothing can be
 * begun: memory, the output folder, the list of files.
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
};

struct batch_file {
	const char *path;  /* borrowed from the options */
	char *output_path; /* NULL: in place */
	enum batch_outcome outcome;
	struct btfgen_error *error;   /* BATCH_FAILED */
	struct encode_report *report; /* NULL if not begun, or not kept: see keep_reports */
	uint64_t btf_bytes;
};

struct batch_options {
	struct encode_options encode; /* of each file; input_path and output_path are set here */
	const char *const *paths;
	size_t num_paths;
	const char *output_dir;	  /* NULL: in place */
	unsigned int num_workers; /* 0: as many as the machine allows */
	bool fail_fast;
	bool if_needed;
	bool keep_reports; /* all of them; else only those of files that failed are gone */

	/*
	 * Called when a file is finished (and once before the first), one call at a time, from any worker.
	 * @current is the file that was begun last.
	 */
	void (*progress)(void *ctx, size_t num_finished, size_t num_paths, const char *current);
	void *progress_ctx;
};

struct batch_result {
	struct batch_file *files; /* in the order of the paths */
	size_t num_files;
	size_t num_by_outcome[BATCH_FAILED + 1];
	uint64_t btf_bytes; /* of all outputs */
};

struct btfgen_error *batch_run(const struct batch_options *options,
			       struct batch_result *ret_result) BTFGEN_MUST_CHECK;
void batch_result_deinit(struct batch_result *result);
