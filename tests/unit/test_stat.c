// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Where the bytes of BTF go: what tests/cli/test_stat.py cannot reach, that is memory that ends; and each
 * kind once, with its figures.
 */
#include "lib/btf/stat.h"

#include "tests/unit/btf_blob.h"

/* The allocation that fails, from 0; negative: none. */
static int fail_at = -1;

void *__real_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size)
{
	return fail_at >= 0 && fail_at-- == 0 ? NULL : __real_calloc(num, size);
}

void *__real_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size)
{
	return fail_at >= 0 && fail_at-- == 0 ? NULL : __real_realloc(data, size);
}

static const char all_kinds[] =
	"int; *1; A(1,1,3); S s/16{a:2@0,b:1@64}; U -/8{c:7@0}; E e/4{ONE=1}; td t=6; V 7; C 8; R 2; Fs fwd; "
	"P 1(x:2,-:0); fn f=12; var v=1=0; sec .data..percpu/4{14@0+4}; dt d=13=-1; tt g=1; fl float/4; "
	"L big/8{TWO=2,THREE=3}; S s/4{a:1@0}; td t=1; Fs s; Fu away";

static void view_open(const struct blob *blob, const struct btf_view *base, struct btf_view *view)
{
	struct btfgen_error *err = btf_view_open(blob_span(blob), base, view);

	if (err)
		fail_msg("%s: %s", blob->text, err->message);
}

static struct btf_stat *stat_of(const struct btf_view *view)
{
	struct btfgen_error *err;
	struct btf_stat *stat;

	err = btf_stat_create(view, &stat);
	assert_null(err);
	return stat;
}

static const struct stat_kind *find_kind(const struct btf_stat *stat, uint32_t kind)
{
	for (size_t i = 0; i < stat->kinds.num; i++) {
		if (stat->kinds.data[i].kind == kind)
			return &stat->kinds.data[i];
	}
	return NULL;
}

static void every_kind(void **state)
{
	static const struct {
		enum btf_kind kind;
		uint32_t num;
		uint64_t num_elems;
		uint64_t bytes;
	} expected[] = {
		{ BTF_INT, 1, 0, 16 }, { BTF_PTR, 1, 0, 12 }, { BTF_ARRAY, 1, 0, 24 },
		{ BTF_STRUCT, 2, 3, 60 }, { BTF_UNION, 1, 1, 24 }, { BTF_ENUM, 1, 1, 20 },
		{ BTF_FWD, 3, 0, 36 }, { BTF_TYPEDEF, 2, 0, 24 }, { BTF_VOLATILE, 1, 0, 12 },
		{ BTF_CONST, 1, 0, 12 }, { BTF_RESTRICT, 1, 0, 12 }, { BTF_FUNC, 1, 0, 12 },
		{ BTF_FUNC_PROTO, 1, 2, 28 }, { BTF_VAR, 1, 0, 16 }, { BTF_DATASEC, 1, 1, 24 },
		{ BTF_FLOAT, 1, 0, 12 }, { BTF_DECL_TAG, 1, 0, 16 }, { BTF_TYPE_TAG, 1, 0, 12 },
		{ BTF_ENUM64, 1, 2, 36 },
	};

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		uint64_t bytes = 0;
		struct btf_view view;
		struct btf_stat *stat;
		struct blob blob;

		blob_build(&blob, all_kinds, big_endian);
		view_open(&blob, NULL, &view);
		stat = stat_of(&view);
		assert_int_equal(stat->kinds.num, BTF_NUM_KINDS - 1);
		for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
			const struct stat_kind *kind = find_kind(stat, expected[i].kind);

			assert_non_null(kind);
			assert_int_equal(kind->num, expected[i].num);
			assert_int_equal(kind->num_elems, expected[i].num_elems);
			assert_int_equal(kind->bytes, expected[i].bytes);
			bytes += kind->bytes;
		}
		assert_int_equal(bytes, stat->parts.types);
		assert_int_equal(stat->parts.header + bytes + stat->parts.strings, stat->bytes);
		/* "v" and ".data..percpu": 16 + 12 + 12 and the names. */
		assert_int_equal(stat->percpu.bytes, 40 + 2 + 14);
		assert_int_equal(stat->doubles.num, 2);
		assert_string_equal(stat->doubles.data[0].name, "s");
		assert_int_equal(stat->doubles.data[1].class, STAT_CLASS_TYPEDEF);
		assert_int_equal(stat->extra_bytes, 24 + 12);
		assert_int_equal(stat->forwards.num, 3);
		assert_int_equal(stat->num_fwds_beside, 1);
		assert_int_equal(stat->forwards.data[1].definition, 4);
		btf_stat_destroy(stat);
		btf_view_close(&view);
		blob_free(&blob);
	}
}

static void memory_runs_out(void **state)
{
	struct blob base_blob, blob;
	struct btf_view base, view;
	int num_failed = 0;

	(void)state;
	blob_build(&base_blob, all_kinds, false);
	view_open(&base_blob, NULL, &base);
	blob_build_split(&blob,
			 "S s/4{a:1@0}; S s/8{b:1@0}; Fs s; E e/4{ONE=1}; var v=1=0; "
			 "sec .data..percpu/4{28@0+4}", false, base_blob.strings_size);
	view_open(&blob, &base, &view);
	for (int i = 0;; i++) {
		struct btfgen_error *err;
		struct btf_stat *stat;

		fail_at = i;
		err = btf_stat_create(&view, &stat);
		if (fail_at >= 0) {
			/* All allocations were made. */
			fail_at = -1;
			assert_null(err);
			assert_int_equal(stat->in_base.num, 3);
			btf_stat_destroy(stat);
			break;
		}
		assert_non_null(err);
		assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
		error_free(err);
		num_failed++;
	}
	assert_true(num_failed >= 12);
	btf_stat_destroy(NULL);
	btf_view_close(&view);
	btf_view_close(&base);
	blob_free(&blob);
	blob_free(&base_blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
