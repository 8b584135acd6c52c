// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Input: one byte of flags, the rest is raw BTF. Shows it in every form; flag 1 makes it split BTF
 * over itself. The JSON must be whole, and what is shown as C must end with the last line or an
 * error. Text beyond a limit is refused, so that small inputs with large gaps end soon.
 */
#include <string.h>

#include "lib/base/span.h"
#include "lib/btf/dump.h"
#include "lib/btf/dump_c.h"
#include "lib/btf/dump_pick.h"
#include "tests/fuzz/fuzz.h"

enum { FLAG_SPLIT = 1, TEXT_MAX = 1 << 22 };

struct sink {
	size_t size;
	char last[64]; /* the last bytes */
};

static bool sink_write(void *arg, const char *data, size_t size)
{
	struct sink *sink = arg;
	size_t part = size < sizeof(sink->last) ? size : sizeof(sink->last);

	memmove(sink->last, sink->last + part, sizeof(sink->last) - part);
	memcpy(sink->last + sizeof(sink->last) - part, data + size - part, part);
	sink->size += size;
	return sink->size <= TEXT_MAX;
}

static bool ends_with(const struct sink *sink, const char *end)
{
	size_t size = strlen(end);

	return !memcmp(sink->last + sizeof(sink->last) - size, end, size);
}

static void show_as_c(const struct btf_view *view, const struct dump_ids *ids, bool sorted,
		      struct text_out *out)
{
	struct sink sink = {};
	struct btfgen_error *err;

	text_out_init(out, sink_write, &sink);
	err = btf_dump_c(view, ids, sorted, out);
	text_out_flush(out);
	FUZZ_CHECK(err || out->failed || ends_with(&sink, "\n#endif /* __VMLINUX_H__ */\n"));
	if (err)
		FUZZ_CHECK(err->code == BTFGEN_ERROR_INPUT && err->message);
	error_free(err);
}

static void show(const struct btf_view *view, struct text_out *out)
{
	static const char *const names[] = { "*[a-m]*" };
	const struct dump_filter filter = { .names = names, .num_names = 1 };
	struct sink sink = {};
	struct dump_ids ids;
	dump_id_vec picked;

	text_out_init(out, sink_write, &sink);
	btf_dump_raw(view, NULL, out);
	FUZZ_CHECK(!text_out_flush(out) || !view->num_own || ends_with(&sink, "\n"));
	for (int pretty = 0; pretty < 2; pretty++) {
		sink = (struct sink){};
		text_out_init(out, sink_write, &sink);
		btf_dump_json(view, NULL, pretty, out);
		FUZZ_CHECK(!text_out_flush(out) || ends_with(&sink, "}\n"));
	}
	show_as_c(view, NULL, true, out);
	show_as_c(view, NULL, false, out);
	FUZZ_CHECK(!btf_dump_pick(view, &filter, &picked));
	ids = (struct dump_ids){ picked.data, picked.num };
	show_as_c(view, &ids, true, out);
	vec_deinit(&picked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct btf_view view, split;
	struct btfgen_error *err;
	struct text_out *out;
	uint8_t *copy;

	if (!size)
		return 0;
	/* Blocks of their own, for the sanitizer's sake. */
	out = malloc(sizeof(*out));
	copy = malloc(size);
	FUZZ_CHECK(out && copy);
	memcpy(copy, data + 1, size - 1);
	err = btf_view_open((struct span){ copy, size - 1 }, NULL, &view);
	if (!err) {
		show(&view, out);
		if (data[0] & FLAG_SPLIT) {
			err = btf_view_open((struct span){ copy, size - 1 }, &view, &split);
			if (!err) {
				show(&split, out);
				btf_view_close(&split);
			}
		}
		btf_view_close(&view);
	}
	error_free(err);
	free(copy);
	free(out);
	return 0;
}
