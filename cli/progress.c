// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

enum { DEFAULT_COLUMNS = 80, MIN_COLUMNS = 20 };

#define INTERVAL_NS 100000000u

#define ERASE_LINE "\r\033[K"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void progress_init(struct progress *progress, bool wanted)
{
	const char *term = getenv("TERM");

	*progress = (struct progress){
		.enabled = wanted && term && *term && strcmp(term, "dumb") != 0 &&
			   isatty(STDERR_FILENO),
		.start_ns = now_ns(),
	};
}

static size_t num_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return DEFAULT_COLUMNS;
	return size.ws_col < MIN_COLUMNS ? MIN_COLUMNS : size.ws_col;
}

/* A line that is too long would wrap, and its first part stay. Characters are not cut in two. */
static void cut(char *text, size_t max)
{
	size_t columns = 0;

	for (char *c = text; *c; c++) {
		bool is_continued = ((unsigned char)*c & 0xc0) == 0x80;

		columns += !is_continued;
		if (columns > max) {
			*c = '\0';
			return;
		}
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
}

void progress_show(struct progress *progress, size_t num_done, size_t num, const char *current)
{
	_cleanup_free_ char *text = NULL, *line = NULL;
	uint64_t now;
	double seconds;

	if (!progress->enabled)
		return;
	now = now_ns();
	if (progress->visible && now - progress->shown_ns < INTERVAL_NS)
		return;
	seconds = (double)(now - progress->start_ns) / 1e9;
	if (asprintf(&text, "%zu of %zu, %.0f/s  %s", num_done, num,
		     seconds > 0 ? (double)num_done / seconds : 0, current) < 0) {
		text = NULL;
		return;
	}
	cut(text, num_columns() - 1);
	if (asprintf(&line, ERASE_LINE "%s", text) < 0) {
		line = NULL;
		return;
	}
	/* In one piece: others may write to the terminal as well. */
	fwrite(line, 1, strlen(line), stderr);
	progress->visible = true;
	progress->shown_ns = now;
}

void progress_erase(struct progress *progress)
{
	if (progress->visible)
		fputs(ERASE_LINE, stderr);
	progress->visible = false;
}
