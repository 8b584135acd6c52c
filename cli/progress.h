// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * One line on a terminal that tells how far a long run is.
 *
 *	struct progress progress;
 *
 *	progress_init(&progress, values.verbosity != QUIET);
 *	progress_show(&progress, 12, 1138, "net/foo.ko");
 *	progress_erase(&progress);
 *
 * It is shown only if standard error is a terminal that can erase a line: not to files, pipes or a
 * `dumb` terminal. At most ten times a second it is written anew. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool enabled;
	bool visible;
	uint64_t start_ns;
	uint64_t shown_ns; /* when it was last written */
};

void progress_init(struct progress *progress, bool wanted);
void progress_show(struct progress *progress, size_t num_done, size_t num, const char *current);
void progress_erase(struct progress *progress);
