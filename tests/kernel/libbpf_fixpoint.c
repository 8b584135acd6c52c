// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * libbpf_fixpoint [-s] [-q] [-l LIBRARY] [-b BASE] FILE...: parse raw BTF files with libbpf, run
 * libbpf's deduplication over each, and compare every record before and after. With -b the files are
 * split BTF on top of BASE, which is read once for all of them.
 * 0: nothing changed; 1: something did (the first differences on stdout) or libbpf refused a
 * file; 3: unreadable file; 77: no libbpf. With -s the strings must stay as they are too; without
 * it, strings nobody refers to may vanish. With -q files that stay the same have no line.
 *
 * libbpf is loaded at run time, so that building needs none and the newest can be used: start this
 * program through the loader that came with that library.
 */
#include <dlfcn.h>

#include "oracle.h"

#define MAX_SHOWN 20

struct btf;

struct libbpf {
	struct btf *(*new_btf)(const void *data, uint32_t size);
	struct btf *(*parse_split)(const char *path, struct btf *base);
	const void *(*raw_data)(const struct btf *btf, uint32_t *ret_size);
	int (*dedup)(struct btf *btf, const void *opts);
	void (*free_btf)(struct btf *btf);
	const char *(*version)(void);
};

static void *need(void *lib, const char *name)
{
	void *sym = dlsym(lib, name);

	if (!sym)
		oracle_die("libbpf has no %s", name);
	return sym;
}

static bool libbpf_open(struct libbpf *l, const char *path)
{
	void *lib = dlopen(path, RTLD_NOW);

	if (!lib) {
		fprintf(stderr, "skip: %s\n", dlerror());
		return false;
	}
	*(void **)&l->new_btf = need(lib, "btf__new");
	*(void **)&l->parse_split = need(lib, "btf__parse_raw_split");
	*(void **)&l->raw_data = need(lib, "btf__raw_data");
	*(void **)&l->dedup = need(lib, "btf__dedup");
	*(void **)&l->free_btf = need(lib, "btf__free");
	*(void **)&l->version = need(lib, "libbpf_version_string");
	return true;
}

/* Is word number word of the tail a string offset, for this kind? */
static bool tail_is_string(unsigned int kind, uint32_t word)
{
	switch (kind) {
	case KB_STRUCT:
	case KB_UNION:
	case KB_ENUM64:
		return word % 3 == 0;
	case KB_ENUM:
	case KB_FUNC_PROTO:
		return word % 2 == 0;
	default:
		return false;
	}
}

static bool records_equal(const struct kbtf *a, const struct kbtf *b, uint32_t id)
{
	unsigned int kind = kb_kind(a, id);
	size_t size = kb_record_size(a, id);

	if (kb_info(a, id) != kb_info(b, id) || strcmp(kb_name(a, id), kb_name(b, id)) ||
	    kb_size_or_type(a, id) != kb_size_or_type(b, id))
		return false;
	for (uint32_t w = 0; w < (size - 12) / 4; w++) {
		uint32_t va = kb_tail(a, id, w), vb = kb_tail(b, id, w);

		if (tail_is_string(kind, w) ? strcmp(kb_str(a, va), kb_str(b, vb)) : va != vb)
			return false;
	}
	return true;
}

static void print_record(const char *when, const struct kbtf *k, uint32_t id)
{
	struct text t = { 0 };
	unsigned int kind = kb_kind(k, id);

	text_reset(&t);
	if (kind == KB_STRUCT || kind == KB_UNION)
		kb_describe_members(&t, k, id, 0);
	else if (kind == KB_ENUM || kind == KB_ENUM64)
		kb_describe_values(&t, k, id);
	else if (kind == KB_FUNC || kind == KB_VAR || kind == KB_TYPEDEF)
		kb_describe(&t, k, kb_size_or_type(k, id), 0);
	else
		kb_describe(&t, k, id, 0);
	printf("  %s [%u] %s '%s' word %u: %.300s\n", when, id, kb_kind_names[kind], kb_name(k, id),
	       kb_size_or_type(k, id), t.buf);
	free(t.buf);
}

/*
 * Types that vanished: ids shift behind the first one, so walk both lists and let a record of the
 * old list that does not describe like the next of the new one count as dropped.
 */
static void print_dropped(const struct kbtf *a, const struct kbtf *b)
{
	struct text ta = { 0 }, tb = { 0 };
	uint32_t shown = 0;

	for (uint32_t i = a->first_id, j = i; i < a->num_types && shown < MAX_SHOWN; i++) {
		text_reset(&ta);
		text_reset(&tb);
		kb_describe(&ta, a, i, 0);
		if (j < b->num_types)
			kb_describe(&tb, b, j, 0);
		if (j < b->num_types && kb_kind(a, i) == kb_kind(b, j) && !strcmp(ta.buf, tb.buf)) {
			j++;
			continue;
		}
		print_record("dropped", a, i);
		shown++;
	}
	free(ta.buf);
	free(tb.buf);
}

static int compare(const struct kbtf *before, const struct kbtf *after, bool strings_too)
{
	uint32_t num = before->num_types < after->num_types ? before->num_types : after->num_types;
	uint32_t differ = 0;
	int result = 0;

	if (before->num_types != after->num_types) {
		printf("types: %u before, %u after\n", before->num_types - before->first_id,
		       after->num_types - after->first_id);
		print_dropped(before, after);
		return 1;
	}
	for (uint32_t id = before->first_id; id < num; id++) {
		if (records_equal(before, after, id))
			continue;
		if (differ++ < MAX_SHOWN) {
			print_record("before", before, id);
			print_record("after ", after, id);
		}
	}
	if (differ) {
		printf("records changed: %u of %u\n", differ, num - before->first_id);
		result = 1;
	}
	if (before->str_len != after->str_len) {
		printf("strings: %u bytes before, %u after\n", before->str_len, after->str_len);
		if (strings_too)
			result = 1;
	}
	return result;
}

/* What libbpf gives for a file it refuses: NULL, or an error as a pointer. */
static bool refused(const struct btf *btf)
{
	return !btf || ((intptr_t)btf < 0 && (intptr_t)btf >= -4095);
}

struct base {
	struct btf *btf;
	struct kbtf k;
};

static int check(const struct libbpf *l, struct base *base, const char *path, bool strings_too,
		 bool quiet)
{
	struct kbtf before, after;
	struct btf *btf;
	const void *raw;
	uint32_t raw_size;
	size_t size;
	uint8_t *data = oracle_read_file(path, &size);
	int err, result = 1;

	btf = base ? l->parse_split(path, base->btf) : l->new_btf(data, size);
	if (refused(btf)) {
		printf("libbpf %s refuses %s: %s\n", l->version(), path, strerror(errno));
		free(data);
		return 1;
	}
	err = l->dedup(btf, NULL);
	if (err) {
		printf("libbpf %s: dedup of %s fails: %s\n", l->version(), path, strerror(-err));
		goto out;
	}
	raw = l->raw_data(btf, &raw_size);
	if (!raw)
		oracle_die("libbpf gives no data back");
	kbtf_init_split(&before, base ? &base->k : NULL, data, size, "before");
	kbtf_init_split(&after, base ? &base->k : NULL, raw, raw_size, "after");
	result = compare(&before, &after, strings_too);
	if (result || !quiet)
		printf("libbpf %s dedup: %s%s%u types, %s\n", l->version(), base ? path : "",
		       base ? ": " : "", before.num_types - before.first_id,
		       result ? "changed" : "unchanged");
	free(before.pos);
	free(after.pos);
out:
	l->free_btf(btf);
	free(data);
	return result;
}

int main(int argc, char **argv)
{
	const char *library = "libbpf.so.1", *base_path = NULL;
	bool strings_too = false, quiet = false;
	struct base base;
	struct libbpf l;
	uint8_t *data = NULL;
	size_t size;
	int opt, changed = 0;

	while ((opt = getopt(argc, argv, "sql:b:")) != -1) {
		switch (opt) {
		case 's':
			strings_too = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'l':
			library = optarg;
			break;
		case 'b':
			base_path = optarg;
			break;
		default:
			return 2;
		}
	}
	if (optind == argc) {
		fputs("usage: libbpf_fixpoint [-s] [-q] [-l LIBRARY] [-b BASE] FILE...\n", stderr);
		return 2;
	}
	if (!libbpf_open(&l, library))
		return 77;
	if (base_path) {
		data = oracle_read_file(base_path, &size);
		kbtf_init(&base.k, data, size, base_path);
		base.btf = l.new_btf(data, size);
		if (refused(base.btf)) {
			printf("libbpf %s refuses %s: %s\n", l.version(), base_path,
			       strerror(errno));
			return 1;
		}
	}
	for (int i = optind; i < argc; i++)
		changed += check(&l, base_path ? &base : NULL, argv[i], strings_too, quiet);
	if (base_path) {
		printf("libbpf %s dedup: %d of %d files changed\n", l.version(), changed,
		       argc - optind);
		l.free_btf(base.btf);
		kbtf_close(&base.k);
	}
	return changed ? 1 : 0;
}
