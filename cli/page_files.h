// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The files of cli/page/ as the build put them into the program (cmake/page_files.cmake). A NUL
 * stands behind each, which `size` does not count.
 */
#pragma once

#include <stddef.h>

struct page_file {
	const unsigned char *data;
	size_t size;
};

extern const struct page_file page_html;
extern const struct page_file page_css;
extern const struct page_file page_common_js;
extern const struct page_file page_stat_js;
extern const struct page_file page_diff_js;
