// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * random_relocation FIRST_SEED NUMBER [LIBBPF]
 *
 * btf_relocation_check() foretells what btf__relocate() of libbpf says of a distilled base, for
 * random ones of few names, so that each kind meets each other of its name and size.
 *
 * Exit status: 0 the answers are the same, 1 they differ, 2 usage, 77 there is no libbpf that
 * relocates.
 */
#include "tests/unit/btf_blob.h"

#include <dlfcn.h>
#include <stdio.h>

#include "lib/btf/references.h"
#include "lib/btf/split_check.h"

struct btf;

static struct {
	struct btf *(*new)(const void *data, uint32_t size);
	struct btf *(*new_split)(const void *data, uint32_t size, struct btf *base);
	int (*relocate)(struct btf *btf, const struct btf *base);
	void (*free)(struct btf *btf);
	void *(*set_print)(int (*print)(int level, const char *fmt, va_list args));
} libbpf;

static char libbpf_said[512];

static int libbpf_print(int level, const char *fmt, va_list args)
{
	(void)level;
	return vsnprintf(libbpf_said, sizeof(libbpf_said), fmt, args);
}

static bool libbpf_open(const char *path)
{
	void *lib = dlopen(path, RTLD_NOW);

	if (!lib)
		return false;
	*(void **)&libbpf.new = dlsym(lib, "btf__new");
	*(void **)&libbpf.new_split = dlsym(lib, "btf__new_split");
	*(void **)&libbpf.relocate = dlsym(lib, "btf__relocate");
	*(void **)&libbpf.free = dlsym(lib, "btf__free");
	*(void **)&libbpf.set_print = dlsym(lib, "libbpf_set_print");
	if (!libbpf.new || !libbpf.new_split || !libbpf.relocate || !libbpf.free || !libbpf.set_print)
		return false;
	libbpf.set_print(libbpf_print);
	return true;
}

static uint64_t state;

static unsigned int rnd(unsigned int n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (state >> 33) % n;
}

/* A type of the base or, without members, of the distilled base. */
static char *add_type(char *at, bool is_distilled)
{
	char name = 'a' + rnd(is_distilled ? 3 : 4);
	int size = rnd(2) ? 8 : 4;
	const char *members = is_distilled ? "{}" : rnd(3) ? "{m:1@0}" : "!{m:1@0:3}";
	const char *flag = *members == '!' ? "!" : "";

	members += *members == '!';
	switch (rnd(is_distilled ? 7 : 9)) {
	case 0:
		return at + sprintf(at, "i %c/%d=%#x;", name, size, (rnd(2) ? 1u << 24 : 0) | size * 8);
	case 1:
	case 2:
		return at + sprintf(at, "S%s %c/%d%s;", flag, name, size, members);
	case 3:
		return at + sprintf(at, "U%s %c/%d%s;", flag, name, size, members);
	case 4:
		return at + sprintf(at, "E %c/%d{};", name, size);
	case 5:
		return at + sprintf(at, "%s %c;", rnd(2) ? "Fs" : "Fu", name);
	case 6:
		return at + sprintf(at, "fl %c/%d;", name, size);
	case 7:
		return at + sprintf(at, "L %c/%d{};", name, size);
	default:
		return at + sprintf(at, "td %c=1;", name);
	}
}

/* A user of the types below @end; @own is its id. */
static char *add_user(char *at, unsigned int num_distilled, unsigned int own)
{
	unsigned int target = 1 + rnd(num_distilled), any = 1 + rnd(own - 1);

	switch (rnd(5)) {
	case 0:
		return at + sprintf(at, "*%u;", target);
	case 1:
		return at + sprintf(at, "C %u;", any);
	case 2:
		return at + sprintf(at, "S own/64{m:%u@0};", target);
	case 3:
		return at + sprintf(at, "A(%u,%u,2);", any, target);
	default:
		return at + sprintf(at, "U own/64{m:%u@0};", any);
	}
}

/* 1 relocates, 0 does not, -1 the answers differ. */
static int one_case(unsigned long seed)
{
	char base_text[1024] = "int;", small_text[512] = "", text[512] = "", *at;
	unsigned int num_base, num_small, num_own;
	struct blob base_blob, small_blob, blob;
	struct btf_view base, small, view;
	struct btf *their_base, *their_small, *their;
	struct split_result result;
	int theirs, ret;

	state = seed * 7919 + 13;
	num_base = 1 + rnd(5);
	num_small = 1 + rnd(2);
	num_own = rnd(4);
	at = base_text + strlen(base_text);
	for (unsigned int i = 0; i < num_base; i++)
		at = add_type(at, false);
	at = small_text;
	for (unsigned int i = 0; i < num_small; i++)
		at = add_type(at, true);
	at = text;
	for (unsigned int i = 0; i < num_own; i++)
		at = add_user(at, num_small, num_small + 1 + i);
	blob_build(&base_blob, base_text, HOST_BIG_ENDIAN);
	blob_build(&small_blob, small_text, HOST_BIG_ENDIAN);
	blob_build_split(&blob, text, HOST_BIG_ENDIAN, small_blob.strings_size);
	assert_null(btf_view_open(blob_span(&base_blob), NULL, &base));
	assert_null(btf_view_open(blob_span(&small_blob), NULL, &small));
	assert_null(btf_view_open(blob_span(&blob), &small, &view));
	assert_null(btf_references_check(&view));
	assert_null(btf_relocation_check(&view, &base, &result));
	their_base = libbpf.new(base_blob.data, base_blob.size);
	their_small = libbpf.new(small_blob.data, small_blob.size);
	their = libbpf.new_split(blob.data, blob.size, their_small);
	assert_true(their_base && their_small && their);
	*libbpf_said = '\0';
	theirs = libbpf.relocate(their, their_base);
	ret = theirs == 0;
	if (ret != (result.verdict == SPLIT_FITS)) {
		printf("ERROR seed %lu: libbpf says %d %s\n  we say '%s'\n  base %s\n  distilled %s\n  split %s\n",
		       seed, theirs, libbpf_said, result.text, base_text, small_text, text);
		ret = -1;
	}
	libbpf.free(their);
	libbpf.free(their_small);
	libbpf.free(their_base);
	btf_view_close(&view);
	btf_view_close(&small);
	btf_view_close(&base);
	blob_free(&blob);
	blob_free(&small_blob);
	blob_free(&base_blob);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned long first, number, counts[3] = {};

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: random_relocation FIRST_SEED NUMBER [LIBBPF]\n");
		return 2;
	}
	first = strtoul(argv[1], NULL, 0);
	number = strtoul(argv[2], NULL, 0);
	if (!libbpf_open(argc == 4 ? argv[3] : "libbpf.so.1")) {
		printf("skip: no libbpf that relocates\n");
		return 77;
	}
	for (unsigned long i = 0; i < number; i++)
		counts[one_case(first + i) + 1]++;
	printf("%lu relocate, %lu do not, %lu differ\n", counts[2], counts[1], counts[0]);
	/* Both answers occur, or the cases say nothing. */
	return counts[0] || counts[1] < number / 50 || counts[2] < number / 50;
}
