// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* make_page stat|diff TITLE <DOCUMENT >PAGE: a page from any document, for its test. */
#include <string.h>

#include "cli/page.h"

int main(int argc, char **argv)
{
	int c;

	if (argc != 3)
		return 2;
	page_begin(stdout, argv[2], strcmp(argv[1], "stat") == 0 ? PAGE_STAT : PAGE_DIFF);
	while ((c = getchar()) != EOF)
		putchar(c);
	page_end(stdout);
	return fflush(stdout) || ferror(stdout) || ferror(stdin) ? 1 : 0;
}
