// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/view and lib/btf/describe: every accessor in both byte orders, answers to wrong
 * questions, split BTF, unknown kinds, and no read outside the bytes.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "btf_blob.h"

#include "lib/base/hash.h"
#include "lib/btf/describe.h"
#include "lib/btf/verify.h"
#include "lib/btf/view.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))

static void accessors_read_both_byte_orders(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct btf_view_member member;
		struct btf_view_array array;
		struct btf_view_entry entry;
		struct btf_view_param param;
		struct btf_view_int in;
		struct btf_view view;
		struct blob blob;

		blob_build(&blob,
			   "i unsigned char/1=0x06100208; A(1,1,0x12345678);"
			   "S s/300{first:1@0, second:2@0x1234}; S! t/8{a:1@3:5, b:1@0xabcdef:0};"
			   "E! e/4{minus=-2, plus=3}; E f/4{big=0xfffffffe}; L g/8{wide=0x123456789abcdef0};"
			   "L! h/8{m=-5}; P 1(x:2, -:0); var v=3=1; sec .data/400{10@0x1000+0x2000};"
			   "dt tag=3=1; Fu u; fn fun=9<vlen=1>; td n=13",
			   big_endian);
		assert_null(btf_view_open(blob_span(&blob), NULL, &view));
		assert_int_equal(btf_view_is_big_endian(&view), big_endian);
		assert_int_equal(view.num_ids, 16);
		assert_int_equal(view.num_own, 15);
		assert_int_equal(view.first_id, 1);

		assert_int_equal(btf_view_kind(&view, 1), BTF_INT);
		assert_string_equal(btf_view_name(&view, 1), "unsigned char");
		assert_int_equal(btf_view_word(&view, 1), 1);
		in = btf_view_int(&view, 1);
		assert_int_equal(in.encoding, 6);
		assert_int_equal(in.bit_off, 0x10);
		assert_int_equal(in.bits, 8);

		array = btf_view_array(&view, 2);
		assert_int_equal(array.elem_id, 1);
		assert_int_equal(array.index_id, 1);
		assert_int_equal(array.num, 0x12345678);

		assert_int_equal(btf_view_vlen(&view, 3), 2);
		assert_false(btf_view_flag(&view, 3));
		member = btf_view_member(&view, 3, 1);
		assert_string_equal(member.name, "second");
		assert_int_equal(member.type_id, 2);
		assert_int_equal(member.bit_off, 0x1234);
		assert_int_equal(member.bits, 0);

		assert_true(btf_view_flag(&view, 4));
		member = btf_view_member(&view, 4, 0);
		assert_int_equal(member.bit_off, 3);
		assert_int_equal(member.bits, 5);
		member = btf_view_member(&view, 4, 1);
		assert_int_equal(member.bit_off, 0xabcdef);
		assert_int_equal(member.bits, 0);

		assert_string_equal(btf_view_value(&view, 5, 0).name, "minus");
		assert_true(btf_view_value(&view, 5, 0).value == (uint64_t)-2);
		assert_true(btf_view_value(&view, 5, 1).value == 3);
		assert_true(btf_view_value(&view, 6, 0).value == 0xfffffffe);
		assert_true(btf_view_value(&view, 7, 0).value == 0x123456789abcdef0);
		assert_true(btf_view_value(&view, 8, 0).value == (uint64_t)-5);

		param = btf_view_param(&view, 9, 0);
		assert_string_equal(param.name, "x");
		assert_int_equal(param.type_id, 2);
		param = btf_view_param(&view, 9, 1);
		assert_string_equal(param.name, "");
		assert_int_equal(param.type_id, 0);

		assert_int_equal(btf_view_linkage(&view, 10), BTF_LINKAGE_GLOBAL);
		entry = btf_view_entry(&view, 11, 0);
		assert_int_equal(entry.var_id, 10);
		assert_int_equal(entry.off, 0x1000);
		assert_int_equal(entry.size, 0x2000);
		assert_int_equal(btf_view_tail_word(&view, 12, 0), 1);
		assert_true(btf_view_flag(&view, 13));
		assert_int_equal(btf_view_vlen(&view, 14), 1);
		btf_view_close(&view);
		blob_free(&blob);
	}
}

static void wrong_questions_give_zeros(void **state)
{
	struct btf_view view;
	struct blob blob;

	(void)state;
	blob_build(&blob, "int; S s/4{a:1@0}", false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	static const uint32_t ids[] = { 0, 3, 4, 0xffffffff, 0x80000000 };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		assert_int_equal(btf_view_kind(&view, ids[i]), BTF_VOID);
		assert_int_equal(btf_view_info(&view, ids[i]), 0);
		assert_int_equal(btf_view_word(&view, ids[i]), 0);
		assert_string_equal(btf_view_name(&view, ids[i]), "");
		assert_int_equal(btf_view_int(&view, ids[i]).bits, 0);
		assert_int_equal(btf_view_array(&view, ids[i]).num, 0);
		assert_int_equal(btf_view_entry(&view, ids[i], 0).size, 0);
		assert_string_equal(btf_view_member(&view, ids[i], 7).name, "");
	}
	assert_int_equal(btf_view_member(&view, 2, 1).type_id, 0);
	assert_string_equal(btf_view_member(&view, 2, 0xffffffff).name, "");
	assert_int_equal(btf_view_elem_word(&view, 2, 0, 3), 0);
	assert_int_equal(btf_view_tail_word(&view, 1, 1), 0);
	assert_int_equal(btf_view_param(&view, 2, 0).type_id, 0);
	assert_int_equal(btf_view_value(&view, 2, 0).value, 0);
	assert_int_equal(btf_view_entry(&view, 2, 0).var_id, 0);
	assert_int_equal(btf_view_array(&view, 1).elem_id, 0);
	assert_int_equal(btf_view_linkage(&view, 2), 0);
	assert_string_equal(btf_view_string(&view, 0), "");
	assert_string_equal(btf_view_string(&view, 2), "nt");
	assert_string_equal(btf_view_string(&view, blob.strings_size), "");
	assert_null(btf_view_find_string(&view, blob.strings_size));
	assert_non_null(btf_view_find_string(&view, blob.strings_size - 1));
	assert_null(btf_view_find_string(&view, 0xffffffff));
	btf_view_close(&view);
	blob_free(&blob);
}

static void split_views_stack(void **state)
{
	struct blob base_blob, mid_blob, top_blob;
	struct btf_view base, mid, top, none = {};
	struct btfgen_error *err;
	char *text;

	(void)state;
	blob_build(&base_blob, "int; S abc/4{a:1@0}", true);
	blob_build_split(&mid_blob, "*2; S def/8{b:3@0}", true, base_blob.strings_size);
	blob_build_split(&top_blob, "td ghi=4<name=#1>; td xyz=5", true,
			 base_blob.strings_size + mid_blob.strings_size);
	assert_null(btf_view_open(blob_span(&base_blob), NULL, &base));
	assert_null(btf_view_open(blob_span(&mid_blob), &base, &mid));
	assert_null(btf_view_open(blob_span(&top_blob), &mid, &top));
	assert_int_equal(mid.first_id, 3);
	assert_int_equal(mid.num_ids, 5);
	assert_int_equal(top.first_id, 5);
	assert_int_equal(top.num_ids, 7);
	assert_string_equal(btf_view_name(&top, 1), "int");
	assert_string_equal(btf_view_name(&top, 2), "abc");
	assert_string_equal(btf_view_name(&top, 4), "def");
	assert_string_equal(btf_view_name(&top, 5), "int");
	assert_string_equal(btf_view_name(&top, 6), "xyz");
	assert_string_equal(btf_view_member(&top, 2, 0).name, "a");
	assert_int_equal(btf_view_kind(&top, 3), BTF_PTR);
	/* A base knows nothing of what is split from it. */
	assert_int_equal(btf_view_kind(&base, 3), BTF_VOID);
	assert_int_equal(btf_view_kind(&mid, 5), BTF_VOID);
	assert_null(btf_view_find_string(&base, base_blob.strings_size));
	btf_view_close(&top);
	btf_view_close(&mid);

	/* The other byte order. */
	blob_free(&mid_blob);
	blob_build_split(&mid_blob, "*2", false, base_blob.strings_size);
	err = btf_view_open(blob_span(&mid_blob), &base, &mid);
	assert_non_null(err);
	text = error_text(err);
	assert_string_equal(text, ".BTF+0x0: byte order differs from the base BTF's");
	free(text);
	error_free(err);

	/* An empty one. */
	blob_free(&mid_blob);
	blob_build_split(&mid_blob, "", true, base_blob.strings_size);
	assert_null(btf_view_open(blob_span(&mid_blob), &base, &mid));
	assert_int_equal(mid.num_ids, 3);
	assert_string_equal(btf_view_name(&mid, 2), "abc");
	btf_view_close(&mid);
	btf_view_close(&base);
	btf_view_close(&none);
	blob_free(&base_blob);
	blob_free(&mid_blob);
	blob_free(&top_blob);
}

static void unknown_kinds_are_passed_over_by_layout(void **state)
{
	struct btf_view view, split;
	struct blob blob, split_blob;
	const uint32_t layout_size = 22 * BTF_LAYOUT_ENTRY_SIZE;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		/* Kind 21: 4 bytes of tail, 8 an element; this one has two. */
		blob_build(&blob, "int; S s/8{a:1@0, b:1@32}<info=0x11000000 vlen=2>; td t=1",
			   big_endian);
		/* Two elements of 12 bytes are 24; 4 + 2 * 8 are 20: the rest is no record. */
		store_u32(blob.data + 24 + 16 + 4, 21u << 24 | 2, blob.swap);
		memmove(blob.data + 24 + 16 + 32, blob.data + 24 + 16 + 36, blob.size - 76);
		blob.size -= 4;
		blob.types_size -= 4;
		blob_insert(&blob, 24, 8);
		blob_insert(&blob, 32 + blob.types_size, layout_size);
		blob_set_header(&blob, BTF_HEADER_SIZE_OFF, 32);
		blob_set_header(&blob, BTF_HEADER_TYPES_SIZE_OFF, blob.types_size);
		blob_set_header(&blob, BTF_HEADER_LAYOUT_OFF_OFF, blob.types_size);
		blob_set_header(&blob, BTF_HEADER_LAYOUT_SIZE_OFF, layout_size);
		blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, blob.types_size + layout_size);
		blob.data[32 + blob.types_size + 21 * 4] = 4;
		blob.data[32 + blob.types_size + 21 * 4 + 1] = 8;
		assert_null(btf_view_open(blob_span(&blob), NULL, &view));
		assert_int_equal(view.num_ids, 4);
		assert_int_equal(view.num_unknown, 1);
		assert_int_equal(btf_view_kind(&view, 2), 21);
		assert_int_equal(btf_view_elem_word(&view, 2, 0, 0), 0);
		assert_int_equal(btf_view_tail_word(&view, 2, 0), 0);
		assert_int_equal(btf_view_kind(&view, 3), BTF_TYPEDEF);
		assert_string_equal(btf_view_name(&view, 3), "t");

		/* A split BTF has no layout of its own. */
		blob_build_split(&split_blob, "i x/4=0<info=0x14000000>; *3", big_endian,
				 blob.strings_size);
		store_u32(split_blob.data + 24 + 4, 21u << 24, split_blob.swap);
		assert_null(btf_view_open(blob_span(&split_blob), &view, &split));
		assert_int_equal(btf_view_kind(&split, 4), 21);
		assert_int_equal(btf_view_kind(&split, 5), BTF_PTR);
		btf_view_close(&split);
		btf_view_close(&view);
		blob_free(&split_blob);
		blob_free(&blob);
	}
}

/* Tolerated here, refused by the verifier: gaps and bytes behind the sections. */
static void gaps_can_be_read(void **state)
{
	struct btf_view view;
	struct blob blob;

	(void)state;
	blob_build(&blob, "int", false);
	blob_insert(&blob, blob.size, 3);
	blob_insert(&blob, 24, 4);
	blob_set_header(&blob, BTF_HEADER_TYPES_OFF_OFF, 4);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, 20);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_string_equal(btf_view_name(&view, 1), "int");
	btf_view_close(&view);
	blob_free(&blob);
}

/* Bytes that end where memory ends. */
struct guarded {
	uint8_t *map;
	size_t map_size;
	uint8_t *end;
};

static void guarded_init(struct guarded *guarded, size_t room)
{
	size_t page = sysconf(_SC_PAGESIZE);

	guarded->map_size = (room + page - 1) / page * page + page;
	guarded->map = mmap(NULL, guarded->map_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(guarded->map, MAP_FAILED);
	guarded->end = guarded->map + guarded->map_size - page;
	assert_int_equal(mprotect(guarded->end, page, PROT_NONE), 0);
}

static void look_at_everything(struct span bytes)
{
	struct verify_options options = { .ptr_size = 8, .sorted = true, .strings = true,
					  .vars = true };
	struct verify_violation violation;
	struct describe_text text;
	struct btfgen_error *err;
	struct btf_view view;

	err = btf_view_open(bytes, NULL, &view);
	if (err) {
		assert_int_equal(err->code, BTFGEN_ERROR_INPUT);
		assert_string_equal(err->section, ".BTF");
		error_free(err);
		return;
	}
	assert_null(btf_verify(&view, &options, NULL, &violation));
	options.program = true;
	assert_null(btf_verify(&view, &options, NULL, &violation));
	for (uint32_t id = 0; id <= view.num_ids; id++) {
		btf_describe_type(&view, id, &text);
		assert_in_range(strlen(text.data), 1, DESCRIBE_TEXT_SIZE - 1);
		for (uint32_t i = 0; i < 3; i++) {
			btf_view_member(&view, id, i);
			btf_view_value(&view, id, i);
			btf_view_param(&view, id, i);
			btf_view_entry(&view, id, i);
		}
	}
	btf_view_close(&view);
}

static const char all_kinds[] =
	"int; *1; A(1,1,4); S s1/16{a:1@0, b:2@64}; U u1/8{a:1@0, b:2@0}; E e1/4{x1=1, x2=2};"
	"Fs f1; td t1=4; V 8; C 9; R 2; P 1(a:1, b:2); fn fn1=12; var v1=4=0;"
	"sec .data/16{14@0+16}; fl fl1/8; dt dt1=4=1; tt tt1=10; *18; L e2/8{y1=1};"
	"S! s2/16{a:1@0:3, b:1@3:5, c:6@32:4, d:2@64}; *7; *12";

static void nothing_is_read_outside_the_bytes(void **state)
{
	struct guarded guarded;
	uint64_t seed = 1;
	struct blob blob;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		blob_build(&blob, all_kinds, big_endian);
		guarded_init(&guarded, blob.size);
		/* Cut at each place. */
		for (size_t size = 0; size <= blob.size; size++) {
			uint8_t *data = guarded.end - size;

			memcpy(data, blob.data, size);
			look_at_everything((struct span){ data, size });
		}
		/* Cut, with sections that are as long as what is left. */
		for (size_t size = BTF_HEADER_SIZE + 1; size < blob.size; size++) {
			uint8_t *data = guarded.end - size;

			memcpy(data, blob.data, size);
			store_u32(data + BTF_HEADER_TYPES_SIZE_OFF, size - BTF_HEADER_SIZE, blob.swap);
			store_u32(data + BTF_HEADER_STRINGS_OFF_OFF, 0, blob.swap);
			store_u32(data + BTF_HEADER_STRINGS_SIZE_OFF, 1, blob.swap);
			look_at_everything((struct span){ data, size });
			store_u32(data + BTF_HEADER_TYPES_SIZE_OFF, 0, blob.swap);
			store_u32(data + BTF_HEADER_STRINGS_SIZE_OFF, size - BTF_HEADER_SIZE, blob.swap);
			data[size - 1] = 0;
			look_at_everything((struct span){ data, size });
		}
		/* One word changed; strings first, so that the types touch the end. */
		for (unsigned int round = 0; round < 20000; round++) {
			uint8_t *data = guarded.end - blob.size;
			uint32_t strings = blob.strings_size;
			uint64_t r;

			memcpy(data, blob.data, BTF_HEADER_SIZE);
			memcpy(data + BTF_HEADER_SIZE, blob.data + BTF_HEADER_SIZE + blob.types_size,
			       strings);
			memcpy(data + BTF_HEADER_SIZE + strings, blob.data + BTF_HEADER_SIZE,
			       blob.types_size);
			store_u32(data + BTF_HEADER_TYPES_OFF_OFF, strings, blob.swap);
			store_u32(data + BTF_HEADER_STRINGS_OFF_OFF, 0, blob.swap);
			for (unsigned int k = 0; k <= round % 3; k++) {
				seed += 0x9e3779b97f4a7c15ull;
				r = hash_u64(seed);
				store_u32(data + r % (blob.size - 4), r >> 32 >> (r & 31), blob.swap);
			}
			look_at_everything((struct span){ data, blob.size });
		}
		munmap(guarded.map, guarded.map_size);
		blob_free(&blob);
	}
}

struct describe_case {
	const char *types;	/* the last one is described */
	const char *text;
};

static const struct describe_case describe_cases[] = {
	{ "int", "int" },
	{ "S rq/4{}", "struct rq" },
	{ "U u/4{}", "union u" },
	{ "E e/4{}", "enum e" },
	{ "L e/8{}", "enum e" },
	{ "S -/4{}", "struct {...}" },
	{ "Fs f", "struct f" },
	{ "Fu f", "union f" },
	{ "fl double/8", "double" },
	{ "i -/4=0x20", "?" },
	{ "int; td pid_t=1", "pid_t" },
	{ "*0", "void *" },
	{ "C 0; *1", "const void *" },
	{ "i char/1=8; C 1; *2", "const char *" },
	{ "i char/1=8; C 1; *2; C 3", "const char *const" },
	{ "int; *1; *2", "int **" },
	{ "int; *1; C 2; *3", "int *const *" },
	{ "int; C 1; V 2", "volatile const int" },
	{ "int; *1; R 2; C 3", "int *const restrict" },
	{ "int; A(1,1,2); A(2,1,4)", "int [4][2]" },
	{ "int; C 1; A(2,1,2); V 3", "volatile const int [2]" },
	{ "int; A(1,1,2); *2", "int (*)[2]" },
	{ "int; *1; A(2,1,3)", "int *[3]" },
	{ "int; A(1,1,2); *2; C 3; A(4,1,3)", "int (*const [3])[2]" },
	{ "int; P 0(a:1, -:0); *2", "void (*)(int, ...)" },
	{ "int; P 1()", "int (void)" },
	{ "int; P 0(); *2; P 3(a:1)", "void (*(int))(void)" },
	{ "int; P 0(f:1); *2; P 1(cb:3, n:1); *4", "int (*)(void (*)(int), int)" },
	{ "int; P 0(); *2; A(3,1,2)", "void (*[2])(void)" },
	{ "int; P 0(-:0)", "void (...)" },
	{ "int; P 0(-:0, a:1)", "void (void, int)" },
	{ "S t/4{}; tt user=1; *2", "__tag(user) struct t *" },
	{ "S t/4{}; tt! address_space(1)=1; *2", "__attribute__((address_space(1))) struct t *" },
	{ "int; P 0(); fn kfree=2", "FUNC kfree" },
	{ "int; var jiffies=1=1", "VAR jiffies" },
	{ "sec .data..percpu/4{}", "DATASEC .data..percpu" },
	{ "int; dt bpf_kfunc=1=-1", "DECL_TAG bpf_kfunc" },
	{ "*9", "? *" },
	{ "S a\001b\177c/4{}", "struct a?b?c" },
};

static void types_read_like_c(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(describe_cases); i++) {
		for (int big_endian = 0; big_endian < 2; big_endian++) {
			struct describe_text text;
			struct btf_view view;
			struct blob blob;

			blob_build(&blob, describe_cases[i].types, big_endian);
			assert_null(btf_view_open(blob_span(&blob), NULL, &view));
			btf_describe_type(&view, view.num_own, &text);
			if (strcmp(text.data, describe_cases[i].text))
				fail_msg("'%s': '%s', expected '%s'", describe_cases[i].types, text.data,
					 describe_cases[i].text);
			btf_describe_type(&view, 0, &text);
			assert_string_equal(text.data, "void");
			btf_describe_type(&view, view.num_ids, &text);
			assert_string_equal(text.data, "?");
			btf_view_close(&view);
			blob_free(&blob);
		}
	}
}

/* A function type whose parameters are itself, many times: bounded in time and length. */
static void descriptions_are_bounded(void **state)
{
	char types[BLOB_MAX / 4] = "P 1(a:1";
	struct describe_text text;
	struct btf_view view;
	struct blob blob;
	char *end;

	(void)state;
	end = types + strlen(types);
	for (int i = 0; i < 1000; i++)
		end += sprintf(end, ", a:1");
	sprintf(end, ")");
	blob_build(&blob, types, false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	btf_describe_type(&view, 1, &text);
	assert_int_equal(strlen(text.data), DESCRIBE_TEXT_SIZE - 1);
	assert_string_equal(text.data + DESCRIBE_TEXT_SIZE - 4, "...");
	btf_view_close(&view);
	blob_free(&blob);

	/* Rings. */
	blob_build(&blob, "C 1; C 3; *2; A(4,4,1)", false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	btf_describe_type(&view, 1, &text);
	assert_int_equal(strlen(text.data), DESCRIBE_TEXT_SIZE - 1);
	assert_memory_equal(text.data, "const const const ", 18);
	assert_string_equal(text.data + DESCRIBE_TEXT_SIZE - 6, "t ...");
	btf_describe_type(&view, 3, &text);
	assert_memory_equal(text.data, "const ? *const *const *", 23);
	btf_describe_type(&view, 4, &text);
	assert_memory_equal(text.data, "? [1][1][1]", 11);
	btf_view_close(&view);
	blob_free(&blob);
}

/* The table that everything about kinds is read from. */
static void kind_table_is_consistent(void **state)
{
	(void)state;
	for (uint32_t kind = 1; kind < BTF_NUM_KINDS; kind++) {
		const struct btf_kind_info *info = &btf_kind_table[kind];

		assert_non_null(info->name);
		assert_int_equal(info->tail_size % 4, 0);
		assert_int_equal(info->elem_size % 4, 0);
		assert_int_equal(info->tail_ids >> (info->tail_size / 4), 0);
		assert_int_equal(info->elem_ids >> (info->elem_size / 4), 0);
		assert_int_equal(info->elem_strings >> (info->elem_size / 4), 0);
		assert_int_equal(info->elem_ids & info->elem_strings, 0);
		assert_int_equal(info->elem_size != 0, info->vlen == BTF_VLEN_ELEMS);
	}
	assert_true(btf_info_make(BTF_ENUM64, true, 0x123456) == 0x93123456);
	assert_int_equal(btf_info_kind(0x93123456), BTF_ENUM64);
	assert_int_equal(btf_info_vlen(0x93123456), 0x123456);
	assert_true(btf_info_flag(0x93123456));
	assert_int_equal(btf_int_make(BTF_ENCODING_BOOL, 0, 8), 0x04000008);
	assert_int_equal(btf_member_make(5, 3), 0x03000005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accessors_read_both_byte_orders),
		cmocka_unit_test(wrong_questions_give_zeros),
		cmocka_unit_test(split_views_stack),
		cmocka_unit_test(unknown_kinds_are_passed_over_by_layout),
		cmocka_unit_test(gaps_can_be_read),
		cmocka_unit_test(nothing_is_read_outside_the_bytes),
		cmocka_unit_test(types_read_like_c),
		cmocka_unit_test(descriptions_are_bounded),
		cmocka_unit_test(kind_table_is_consistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
