// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/page.h"

#include <stdbool.h>
#include <string.h>

#include "cli/page_files.h"
#include "lib/base/utf8.h"

/* The place of the document in the template, the last of its marks. */
#define DATA_MARK "{{data}}"

static void write_file(FILE *out, const struct page_file *file)
{
	fwrite(file->data, 1, file->size, out);
}

static void write_title(FILE *out, const char *title)
{
	const unsigned char *s = (const unsigned char *)title;

	while (*s) {
		unsigned int size = utf8_size(s);

		if (size == 0 || *s < 0x20 || *s == 0x7f)
			fputs("\xef\xbf\xbd", out);
		else if (*s == '<' || *s == '>' || *s == '&' || *s == '"' || *s == '\'')
			fprintf(out, "&#%u;", *s);
		else
			fwrite(s, 1, size, out);
		s += size ? size : 1;
	}
}

static bool has_mark(const char *place, const char *mark)
{
	return strncmp(place, mark, strlen(mark)) == 0;
}

/* The template ends with a NUL behind its size. */
static const char *template_text(void)
{
	return (const char *)page_html.data;
}

void page_begin(FILE *out, const char *title, enum page_kind kind)
{
	const char *place = template_text();

	while (!has_mark(place, DATA_MARK)) {
		size_t size;

		if (has_mark(place, "{{title}}")) {
			write_title(out, title);
		} else if (has_mark(place, "{{style}}")) {
			write_file(out, &page_css);
		} else if (has_mark(place, "{{script}}")) {
			write_file(out, &page_common_js);
			write_file(out, kind == PAGE_STAT ? &page_stat_js : &page_diff_js);
		} else {
			size = 1 + strcspn(place + 1, "{");
			fwrite(place, 1, size, out);
			place += size;
			continue;
		}
		place = strstr(place, "}}") + 2;
	}
}

void page_end(FILE *out)
{
	fputs(strstr(template_text(), DATA_MARK) + strlen(DATA_MARK), out);
}
