// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A report as one HTML page that needs no network and no other file: template, style and scripts
 * come from cli/page/, which the build puts into the program.
 *
 *	page_begin(out, "BTF of vmlinux", PAGE_STAT);
 *	write_report(out);	one JSON document, written with cli/json.h
 *	page_end(out);
 *
 * The document stands in a script element as data. cli/json.h writes no `<` in strings, so whatever
 * names an input file holds, they stay data there; the scripts put them into the page as text
 * nodes only.
 *
 * @title is the page's, shown in the tab of a browser; any bytes may be in it. Write errors stay in
 * the stream for the caller to see (ferror). Threads: no state.
 */
#pragma once

#include <stdio.h>

enum page_kind {
	PAGE_STAT, /* the document of `btfgen stat --json` */
	PAGE_DIFF, /* the document of `btfgen diff --json` */
};

void page_begin(FILE *out, const char *title, enum page_kind kind);
void page_end(FILE *out);
