// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A batch from the command line: runs it and prints what is to be printed of it.
 *
 *	struct cli_batch batch = { .options = ..., .report = CLI_REPORT_JSON };
 *
 *	err = cli_batch_run(&batch, &exit_code);
 *
 * Nothing is printed on success. Each file that failed has its line on standard error, in the order
 * of the files, not of time; a last line says how many of how many, if they were several. The exit
 * code is the largest of those that the files would have had alone. An error is returned only where
 * nothing was begun.
 *
 * The JSON form of the report is in docs/report.md, the text form is for reading.
 */
#pragma once

#include "btf_batch.h"
#include "lib/base/error.h"

enum cli_report { CLI_REPORT_NONE, CLI_REPORT_TEXT, CLI_REPORT_JSON };

struct cli_batch {
	struct batch_options options; /* without callbacks */
	enum cli_report report;	      /* on standard output */
	bool verbose;		      /* the text form on standard error */
	bool quiet;		      /* errors only */
};

struct btfgen_error *cli_batch_run(const struct cli_batch *batch,
				   int *ret_exit_code) BTFGEN_MUST_CHECK;
