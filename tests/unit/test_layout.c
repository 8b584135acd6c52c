// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/layout and emit: numbers, names, kinds, limits and bytes.
 *
 * The store is a small one, so that each test says what types there are. The result is read by a
 * printer of this file, which uses nothing of lib/btf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/btf/layout.h"
#include "tests/unit/fake_store.h"

/* ---- Memory that runs out on demand. ---- */

void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);

static bool counting;
static unsigned int num_allocations, failing_allocation;

static bool allocation_fails(void)
{
	return counting && ++num_allocations == failing_allocation;
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

/* ---- A printer of raw BTF. ---- */

static uint32_t get(const uint8_t *p, bool big_endian)
{
	if (big_endian)
		return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static char *btf_print(const uint8_t *bytes, size_t size, bool be)
{
	static const char *const kinds[20] = {
		"VOID", "INT", "PTR", "ARRAY", "STRUCT", "UNION", "ENUM", "FWD", "TYPEDEF", "VOLATILE",
		"CONST", "RESTRICT", "FUNC", "FUNC_PROTO", "VAR", "DATASEC", "FLOAT", "DECL_TAG",
		"TYPE_TAG", "ENUM64",
	};
	uint32_t header_size, types_size, strings_off, strings_size, layout_size = 0, id = 1;
	const uint8_t *p, *end;
	const char *strings;
	char *text = NULL;
	size_t text_size;
	FILE *out = open_memstream(&text, &text_size);

	assert_true(size >= 24);
	assert_int_equal(bytes[0], be ? 0xeb : 0x9f);
	assert_int_equal(bytes[1], be ? 0x9f : 0xeb);
	assert_int_equal(bytes[2], 1);
	assert_int_equal(bytes[3], 0);
	header_size = get(bytes + 4, be);
	assert_true(header_size == 24 || header_size == 32);
	assert_int_equal(get(bytes + 8, be), 0);
	types_size = get(bytes + 12, be);
	strings_off = get(bytes + 16, be);
	strings_size = get(bytes + 20, be);
	if (header_size == 32) {
		assert_int_equal(get(bytes + 24, be), types_size);
		layout_size = get(bytes + 28, be);
		p = bytes + 32 + types_size;
		fputs("layout", out);
		for (uint32_t i = 0; i < layout_size / 4; i++, p += 4) {
			fprintf(out, " %u/%u", p[0], p[1]);
			assert_int_equal(p[2] | p[3], 0);
		}
		fputs("\n", out);
	}
	assert_int_equal(strings_off, types_size + layout_size);
	assert_int_equal(header_size + (uint64_t)strings_off + strings_size, size);
	strings = (const char *)bytes + header_size + strings_off;
	assert_int_equal(strings[0], 0);
	assert_int_equal(strings[strings_size - 1], 0);

	for (p = bytes + header_size, end = p + types_size; p < end; id++) {
		uint32_t info = get(p + 4, be), vlen = info & 0xffff, kind = info >> 24 & 0x7f;

		assert_true(kind < 20);
		assert_true(get(p, be) < strings_size);
		fprintf(out, "%u %s%s", id, kinds[kind], info >> 31 ? "+" : "");
		if (get(p, be))
			fprintf(out, " %s", strings + get(p, be));
		fprintf(out, " %u", get(p + 8, be));
		p += 12;
		switch (kind) {
		case 1:
			fprintf(out, " %x", get(p, be));
			p += 4;
			break;
		case 3:
			fprintf(out, " [%u %u %u]", get(p, be), get(p + 4, be), get(p + 8, be));
			p += 12;
			break;
		case 4:
		case 5:
			for (; vlen; vlen--, p += 12)
				fprintf(out, " {%s %u %x}", strings + get(p, be), get(p + 4, be),
					get(p + 8, be));
			break;
		case 6:
			for (; vlen; vlen--, p += 8)
				fprintf(out, " {%s %x}", strings + get(p, be), get(p + 4, be));
			break;
		case 12:
			fprintf(out, " %u", vlen);
			break;
		case 13:
			for (; vlen; vlen--, p += 8)
				fprintf(out, " {%s %u}", strings + get(p, be), get(p + 4, be));
			break;
		case 14:
			fprintf(out, " %u", get(p, be));
			p += 4;
			break;
		case 15:
			for (; vlen; vlen--, p += 12)
				fprintf(out, " {%u %u %u}", get(p, be), get(p + 4, be),
					get(p + 8, be));
			break;
		case 17:
			assert_int_equal(vlen, 0);
			fprintf(out, " %d", (int32_t)get(p, be));
			p += 4;
			break;
		case 19:
			for (; vlen; vlen--, p += 12)
				fprintf(out, " {%s %x:%x}", strings + get(p, be), get(p + 8, be),
					get(p + 4, be));
			break;
		default:
			assert_int_equal(vlen, 0);
		}
		fputc('\n', out);
	}
	assert_ptr_equal(p, end);
	fputs("strings", out);
	for (uint32_t off = 1; off < strings_size; off += strlen(strings + off) + 1)
		fprintf(out, " %s", strings + off);
	fputc('\n', out);
	fclose(out);
	return text;
}

static void emit(const struct layout_input *input, unsigned int num_workers, uint8_t **ret_bytes,
		 size_t *ret_size)
{
	struct btf_layout *layout;
	struct pool *pool;

	assert_null(pool_create(num_workers, num_workers > 1 ? 7 : 0, &pool));
	assert_null(btf_layout_create(input, &layout));
	assert_null(btf_emit(layout, pool, ret_bytes, ret_size));
	assert_int_equal(btf_layout_stats(layout).total_bytes, *ret_size);
	btf_layout_destroy(layout);
	pool_destroy(pool);
}

/* In both byte orders, which print the same. */
static void assert_input_prints(struct layout_input input, const char *expected)
{
	for (int be = 0; be < 2; be++) {
		uint8_t *bytes;
		size_t size;
		char *text;

		input.big_endian = be;
		emit(&input, 1, &bytes, &size);
		text = btf_print(bytes, size, be);
		assert_string_equal(text, expected);
		free(text);
		free(bytes);
	}
}

static void assert_prints(const struct type_store *store, const char *expected)
{
	assert_input_prints((struct layout_input){ .store = store }, expected);
}

static void assert_input_fails(const struct layout_input *input, const char *expected)
{
	struct btf_layout *layout = NULL;
	struct btfgen_error *err = btf_layout_create(input, &layout);

	assert_non_null(err);
	assert_null(layout);
	assert_int_equal(err->code, BTFGEN_ERROR_LIMIT);
	assert_string_equal(err->message, expected);
	error_free(err);
}

static void assert_fails(const struct type_store *store, const char *expected)
{
	assert_input_fails(&(struct layout_input){ .store = store }, expected);
}

/* ---- Tests. ---- */

static void layout_of_nothing_is_an_empty_table(void **state)
{
	struct type_store store;

	(void)state;
	store_init(&store);
	assert_prints(&store, "strings\n");
	store_deinit(&store);
}

static void layout_writes_the_smallest_blob_byte_by_byte(void **state)
{
	static const uint8_t expected[] = {
		0x9f, 0xeb, 1, 0, 0x18, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x10, 0, 0, 0, 5, 0, 0, 0,
		1, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0x20, 0, 0, 1,
		0, 'i', 'n', 't', 0,
	};
	struct type_store store;
	uint8_t *bytes;
	size_t size;

	(void)state;
	store_init(&store);
	add_int(&store);
	emit(&(struct layout_input){ .store = &store }, 1, &bytes, &size);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(bytes, expected, size);
	free(bytes);
	store_deinit(&store);
}

static void layout_writes_every_kind(void **state)
{
	struct type_store store;
	struct settled_elem *e;
	struct type_id i;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_PTR));
	add(&store, TYPE(.kind = GRAPH_CONST, .ref = { 10 }));
	add(&store, TYPE(.kind = GRAPH_VOLATILE, .ref = { 2 }));
	add(&store, TYPE(.kind = GRAPH_RESTRICT, .ref = { 1 }));
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 10 }, .size = 7));
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 5 }, .size = 0));
	e = elems(&store, 2);
	e[0] = (struct settled_elem){ .name = str(&store, "a"), .type = { 10 } };
	e[1] = (struct settled_elem){ .type = { 1 } };
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO, .ref = { 10 }, .num_elems = 2, .elems = e));
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO, .flags = GRAPH_VARARGS, .num_elems = 1,
			 .elems = e));
	e = elems(&store, 1);
	e[0] = (struct settled_elem){ .name = str(&store, "RED"), .value = 3 };
	add(&store, TYPE(.kind = GRAPH_ENUM, .size = 4, .num_elems = 1, .elems = e));
	i = add_int(&store);
	assert_int_equal(i.v, 10);
	add(&store, TYPE(.kind = GRAPH_FLOAT, .name = str(&store, "long double"), .size = 16));
	e = elems(&store, 2);
	e[0] = (struct settled_elem){ .name = str(&store, "a"), .type = i };
	e[1] = (struct settled_elem){ .type = { 6 }, .value = 32 };
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "s"), .size = 4, .num_elems = 2,
			 .elems = e));
	add(&store, TYPE(.kind = GRAPH_FWD_STRUCT, .name = str(&store, "s1")));
	add(&store, TYPE(.kind = GRAPH_FWD_UNION, .name = str(&store, "s2")));
	add(&store, TYPE(.kind = GRAPH_FWD_ENUM, .name = str(&store, "s3")));
	add(&store, TYPE(.kind = GRAPH_FWD_ENUM, .name = str(&store, "s4"), .size = 1));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "t"), .ref = { 12 }));
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "u128"), .size = 16));
	e = elems(&store, 3);
	e[0] = (struct settled_elem){ .name = str(&store, "b"), .type = i, .bit_size = 3 };
	e[1] = (struct settled_elem){ .name = str(&store, "c"), .type = i, .value = 0xffffff,
				      .bit_size = 255 };
	e[2] = (struct settled_elem){ .name = str(&store, "a"), .type = i, .value = 32 };
	add(&store, TYPE(.kind = GRAPH_UNION, .flags = GRAPH_BITFIELDS, .name = str(&store, "un"),
			 .size = 8, .num_elems = 3, .elems = e));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "user tag"), .ref = i));
	assert_prints(&store,
		      "1 PTR 0\n"
		      "2 CONST 10\n"
		      "3 VOLATILE 2\n"
		      "4 RESTRICT 1\n"
		      "5 ARRAY 0 [10 10 7]\n"
		      "6 ARRAY 0 [5 10 0]\n"
		      "7 FUNC_PROTO 10 {a 10} { 1}\n"
		      "8 FUNC_PROTO 0 {a 10} { 0}\n"
		      "9 ENUM 4 {RED 3}\n"
		      "10 INT int 4 1000020\n"
		      "11 FLOAT long double 16\n"
		      "12 STRUCT s 4 {a 10 0} { 6 20}\n"
		      "13 FWD s1 0\n"
		      "14 FWD+ s2 0\n"
		      "15 ENUM s3 4\n"
		      "16 ENUM s4 1\n"
		      "17 TYPEDEF t 12\n"
		      "18 INT u128 16 80\n"
		      "19 UNION+ un 8 {b 10 3000000} {c 10 ffffffff} {a 10 20}\n"
		      "20 TYPE_TAG user tag 10\n"
		      "strings a RED int long double s s1 s2 s3 s4 t u128 un b c user tag\n");
	store_deinit(&store);
}

static void add_enum(struct type_store *store, const char *name, uint32_t size, uint8_t flags,
		     int64_t low, int64_t high)
{
	struct settled_elem *e = elems(store, 2);

	e[0] = (struct settled_elem){ .name = str(store, "L"), .value = low };
	e[1] = (struct settled_elem){ .name = str(store, "H"), .value = high };
	add(store, TYPE(.kind = GRAPH_ENUM, .flags = flags, .name = str(store, name), .size = size,
			.num_elems = 2, .elems = e));
}

static void layout_chooses_the_kind_of_enums(void **state)
{
	struct type_store store;

	(void)state;
	store_init(&store);
	add_enum(&store, "a", 4, 0, 0, UINT32_MAX);
	add_enum(&store, "b", 4, 0, 0, (int64_t)UINT32_MAX + 1);
	add_enum(&store, "c", 4, GRAPH_SIGNED, INT32_MIN, INT32_MAX);
	add_enum(&store, "d", 4, GRAPH_SIGNED, (int64_t)INT32_MIN - 1, 0);
	add_enum(&store, "e", 4, GRAPH_SIGNED, 0, 1);		/* signed, but no value says so */
	add_enum(&store, "f", 8, GRAPH_SIGNED, 0, 1);
	add_enum(&store, "g", 8, 0, 0, -1);			/* 2^64 - 1 */
	add_enum(&store, "h", 4, GRAPH_SIGNED, -1, UINT32_MAX);	/* neither all s32 nor all u32 */
	add_enum(&store, "i", 1, GRAPH_SIGNED, -128, 127);
	add_enum(&store, "j", 4, 0, -1, 0);			/* the flag is missing */
	add_enum(&store, "k", 4, 0, (int64_t)INT32_MIN - 1, 0);	/* here, too */
	add_enum(&store, "l", 4, GRAPH_SIGNED, 0, (int64_t)UINT32_MAX + 1);
	assert_prints(&store,
		      "1 ENUM a 4 {L 0} {H ffffffff}\n"
		      "2 ENUM64 b 4 {L 0:0} {H 1:0}\n"
		      "3 ENUM+ c 4 {L 80000000} {H 7fffffff}\n"
		      "4 ENUM64+ d 4 {L ffffffff:7fffffff} {H 0:0}\n"
		      "5 ENUM e 4 {L 0} {H 1}\n"
		      "6 ENUM64+ f 8 {L 0:0} {H 0:1}\n"
		      "7 ENUM64 g 8 {L 0:0} {H ffffffff:ffffffff}\n"
		      "8 ENUM64+ h 4 {L ffffffff:ffffffff} {H 0:ffffffff}\n"
		      "9 ENUM+ i 1 {L ffffff80} {H 7f}\n"
		      "10 ENUM+ j 4 {L ffffffff} {H 0}\n"
		      "11 ENUM64+ k 4 {L ffffffff:7fffffff} {H 0:0}\n"
		      "12 ENUM64+ l 4 {L 0:0} {H 1:0}\n"
		      "strings a L H b c d e f g h i j k l\n");
	store_deinit(&store);
}

static void layout_adds_the_index_type_in_its_place(void **state)
{
	struct type_store store;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 2 }, .size = 3));
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "char"), .size = 1, .encoding = 2));
	/* `int` of other shapes is not the index type. */
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "int"), .size = 2, .encoding = 1));
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "int"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "z"), .ref = { 1 }));
	assert_prints(&store,
		      "1 ARRAY 0 [2 5 3]\n"
		      "2 INT char 1 2000008\n"
		      "3 INT int 2 1000010\n"
		      "4 INT int 4 20\n"
		      "5 INT int 4 1000020\n"
		      "6 TYPEDEF z 1\n"
		      "strings char int z\n");
	store_deinit(&store);
}

static void layout_adds_the_index_type_before_a_variable_of_its_name(void **state)
{
	struct type_store store;
	struct layout_var var = { .type = { 1 }, .linkage = BTF_LINKAGE_GLOBAL };

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 2 }, .size = 3));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "int"), .ref = { 1 }));
	var.name = str(&store, "int");
	assert_input_prints((struct layout_input){ .store = &store, .vars = &var, .num_vars = 1 },
			    "1 ARRAY 0 [2 3 3]\n"
			    "2 TYPEDEF int 1\n"
			    "3 INT int 4 1000020\n"
			    "4 VAR int 1 1\n"
			    "strings int\n");
	store_deinit(&store);
}

static void layout_adds_the_index_type_without_a_second_string(void **state)
{
	struct type_store store;
	struct settled_elem *e;

	(void)state;
	/* `int` is met as the name of a member: before the added type, then behind it. */
	for (int behind = 0; behind < 2; behind++) {
		store_init(&store);
		e = elems(&store, 2);
		e[0] = (struct settled_elem){ .name = str(&store, "print"), .type = { 1 } };
		e[1] = (struct settled_elem){ .name = str(&store, "int"), .type = { 1 } };
		add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 2 }, .size = 3));
		add(&store, TYPE(.kind = GRAPH_UNION, .name = str(&store, behind ? "z" : "h"),
				 .size = 1, .num_elems = 2, .elems = e));
		if (behind)
			assert_prints(&store,
				      "1 ARRAY 0 [3 2 3]\n"
				      "2 INT int 4 1000020\n"
				      "3 UNION z 1 {print 1 0} {int 1 0}\n"
				      "strings int z print\n");
		else
			assert_prints(&store,
				      "1 ARRAY 0 [2 3 3]\n"
				      "2 UNION h 1 {print 1 0} {int 1 0}\n"
				      "3 INT int 4 1000020\n"
				      "strings h print int\n");
		store_deinit(&store);
	}
}

static void layout_merges_names_of_types_variables_and_sections(void **state)
{
	struct type_store store;
	struct layout_var vars[4];
	struct layout_entry first[2] = { { .var = 2, .off = 0, .size = 4 },
					 { .var = 0, .off = 64, .size = 8 } };
	struct layout_entry second[2] = { { .var = 1, .off = 16, .size = 4 },
					  { .var = 3, .off = 0xfffffff0, .size = 4 } };
	struct layout_section sections[2];

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_CONST, .ref = { 2 }));
	add_int(&store);
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "rq"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "rq"), .ref = { 3 }));
	vars[0] = (struct layout_var){ str(&store, "rq"), { 4 }, BTF_LINKAGE_GLOBAL };
	vars[1] = (struct layout_var){ str(&store, "zz"), { 1 }, BTF_LINKAGE_STATIC };
	vars[2] = (struct layout_var){ str(&store, "Aa"), { 2 }, BTF_LINKAGE_STATIC };
	vars[3] = (struct layout_var){ str(&store, "rq"), { 3 }, BTF_LINKAGE_STATIC };
	sections[0] = (struct layout_section){ str(&store, "rq"), 72, first, 2 };
	sections[1] = (struct layout_section){ str(&store, ".data: percpu"), 0xffffffff, second, 2 };
	assert_input_prints((struct layout_input){ .store = &store, .vars = vars, .num_vars = 4,
						   .sections = sections, .num_sections = 2 },
			    "1 CONST 4\n"
			    "2 DATASEC .data: percpu 4294967295 {10 16 4} {8 4294967280 4}\n"
			    "3 VAR Aa 4 0\n"
			    "4 INT int 4 1000020\n"
			    "5 STRUCT rq 4\n"
			    "6 TYPEDEF rq 5\n"
			    "7 VAR rq 6 1\n"
			    "8 VAR rq 5 0\n"
			    "9 DATASEC rq 72 {3 0 4} {7 64 8}\n"
			    "10 VAR zz 1 0\n"
			    "strings .data: percpu Aa int rq zz\n");
	store_deinit(&store);
}

static void layout_sorts_names_as_unsigned_bytes(void **state)
{
	struct layout_var vars[2];
	struct type_store store;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "z\xc3\xa9"), .size = 4));
	vars[0] = (struct layout_var){ str(&store, "zz"), { 1 }, BTF_LINKAGE_GLOBAL };
	vars[1] = (struct layout_var){ str(&store, "z"), { 1 }, BTF_LINKAGE_GLOBAL };
	assert_input_prints((struct layout_input){ .store = &store, .vars = vars, .num_vars = 2 },
			    "1 VAR z 3 1\n"
			    "2 VAR zz 3 1\n"
			    "3 INT z\xc3\xa9 4 20\n"
			    "strings z zz z\xc3\xa9\n");
	store_deinit(&store);
}

static void layout_sorts_names_that_begin_alike(void **state)
{
	struct layout_func funcs[4];
	struct layout_input input = { .funcs = funcs, .num_funcs = 4 };
	struct type_store store;

	(void)state;
	store_init(&store);
	input.store = &store;
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "abcdefgh")));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "abcdefghj")));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "abcdefghl")));
	funcs[0] = (struct layout_func){ .name = str(&store, "abcdefghm"), .proto = { 1 } };
	funcs[1] = (struct layout_func){ .name = str(&store, "abcdefghk"), .proto = { 1 } };
	funcs[2] = (struct layout_func){ .name = str(&store, "abcdefghi"), .proto = { 1 } };
	funcs[3] = (struct layout_func){ .name = str(&store, "abcdefg"), .proto = { 1 } };
	assert_input_prints(input, "1 FUNC_PROTO 0\n"
				   "2 FUNC abcdefg 1 0\n"
				   "3 STRUCT abcdefgh 0\n"
				   "4 FUNC abcdefghi 1 0\n"
				   "5 STRUCT abcdefghj 0\n"
				   "6 FUNC abcdefghk 1 0\n"
				   "7 STRUCT abcdefghl 0\n"
				   "8 FUNC abcdefghm 1 0\n"
				   "strings abcdefg abcdefgh abcdefghi abcdefghj abcdefghk abcdefghl "
				   "abcdefghm\n");
	store_deinit(&store);
}

static void layout_leaves_out_names_that_are_no_identifiers(void **state)
{
	struct type_store store;
	struct settled_elem *e;

	(void)state;
	store_init(&store);
	e = elems(&store, 2);
	e[0] = (struct settled_elem){ .name = str(&store, "bad name"), .type = { 3 } };
	e[1] = (struct settled_elem){ .name = str(&store, "9lives"), .type = { 3 } };
	add(&store, TYPE(.kind = GRAPH_PTR, .ref = { 3 }, .name = str(&store, "ignored")));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .size = 4, .num_elems = 2, .elems = e,
			 .name = str(&store, "Vec<int>")));
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "bad name"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .size = 4, .num_elems = 2, .elems = e,
			 .name = str(&store, "good")));
	add(&store, TYPE(.kind = GRAPH_ENUM, .size = 4, .name = str(&store, "not good")));
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO, .num_elems = 2, .elems = e));
	/* All without a name come first, whatever name they had. */
	assert_prints(&store,
		      "1 PTR 5\n"
		      "2 STRUCT 4 { 5 0} { 5 0}\n"
		      "3 ENUM 4\n"
		      "4 FUNC_PROTO 0 { 5} { 5}\n"
		      "5 INT bad name 4 20\n"
		      "6 STRUCT good 4 { 5 0} { 5 0}\n"
		      "strings bad name good\n");
	store_deinit(&store);
}

static void layout_refuses_names_where_they_are_needed(void **state)
{
	static const struct {
		uint8_t kind;
		const char *text;
	} cases[] = {
		{ GRAPH_TYPEDEF, "typedef 'a b' has a name that is no identifier" },
		{ GRAPH_FWD_STRUCT, "declaration of struct 'a b' has a name that is no identifier" },
		{ GRAPH_FWD_UNION, "declaration of union 'a b' has a name that is no identifier" },
	};
	struct layout_input input = { .num_vars = 1 };
	struct layout_var var = { .type = { 1 } };
	struct type_store store;
	struct settled_elem *e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		store_init(&store);
		add(&store, TYPE(.kind = cases[i].kind, .name = str(&store, "a b")));
		assert_fails(&store, cases[i].text);
		store_deinit(&store);
	}

	/* Also if the same bytes are a good name for something else. */
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "a b"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "a b"), .ref = { 1 }));
	assert_fails(&store, "typedef 'a b' has a name that is no identifier");
	store_deinit(&store);

	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_TYPEDEF));
	assert_fails(&store, "typedef without a name has a name that is no identifier");
	store_deinit(&store);

	store_init(&store);
	e = elems(&store, 1);
	e[0].name = str(&store, "A::B");
	add(&store, TYPE(.kind = GRAPH_ENUM, .size = 4, .num_elems = 1, .elems = e));
	assert_fails(&store, "enum without a name has a value whose name is no identifier");
	store_deinit(&store);

	store_init(&store);
	e = elems(&store, 1);
	e[0].name = str(&store, "A::B");
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "A::B"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_ENUM, .name = str(&store, "B"), .size = 4, .num_elems = 1,
			 .elems = e));
	assert_fails(&store, "enum 'B' has a value whose name is no identifier");
	store_deinit(&store);

	store_init(&store);
	e = elems(&store, 1);
	add(&store, TYPE(.kind = GRAPH_ENUM, .size = 4, .num_elems = 1, .elems = e));
	assert_fails(&store, "enum without a name has a value whose name is no identifier");
	store_deinit(&store);

	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "x-y"), .size = 4));
	var.name = str(&store, "x-y");
	input.store = &store;
	input.vars = &var;
	assert_input_fails(&input, "variable 'x-y' has a name that is no identifier");
	store_deinit(&store);
}

static void layout_holds_65535_elements_and_not_more(void **state)
{
	static const struct {
		uint8_t kind;
		uint8_t flags;
		uint32_t num;
		const char *text;
	} cases[] = {
		{ GRAPH_STRUCT, 0, 0xffff, NULL },
		{ GRAPH_STRUCT, 0, 0x10000, "struct 'big' has more than 65535 elements" },
		{ GRAPH_UNION, 0, 0x10000, "union 'big' has more than 65535 elements" },
		{ GRAPH_FUNC_PROTO, 0, 0xffff, NULL },
		{ GRAPH_FUNC_PROTO, GRAPH_VARARGS, 0xffff,
		  "function prototype without a name has more than 65535 elements" },
		{ GRAPH_ENUM, 0, 0xffff, NULL },
		{ GRAPH_ENUM, 0, 0x10000, "enum 'big' has more than 65535 elements" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layout_input input;
		struct type_store store;
		struct settled_elem *e;
		uint8_t *bytes;
		size_t size;

		store_init(&store);
		e = elems(&store, cases[i].num);
		for (uint32_t j = 0; j < cases[i].num; j++)
			e[j] = (struct settled_elem){ .name = str(&store, "m"), .type = { 1 } };
		add_int(&store);
		add(&store, TYPE(.kind = cases[i].kind, .flags = cases[i].flags, .size = 4,
				 .num_elems = cases[i].num, .elems = e,
				 .name = str(&store, cases[i].kind == GRAPH_FUNC_PROTO ? "" :
										  "big")));
		input = (struct layout_input){ .store = &store };
		if (cases[i].text) {
			assert_fails(&store, cases[i].text);
		} else {
			emit(&input, 1, &bytes, &size);
			assert_true(size > cases[i].num * 8);
			free(bytes);
		}
		store_deinit(&store);
	}
}

static void layout_holds_65535_variables_a_section_and_not_more(void **state)
{
	struct layout_entry *entries = calloc(0x10000, sizeof(*entries));
	struct layout_section section = { .size = 0x10000, .entries = entries };
	struct layout_input input = { .num_vars = 1, .sections = &section, .num_sections = 1 };
	struct layout_var var = { .type = { 1 } };
	struct type_store store;
	uint8_t *bytes;
	size_t size;

	(void)state;
	store_init(&store);
	add_int(&store);
	var.name = str(&store, "v");
	section.name = str(&store, ".data..percpu");
	input.store = &store;
	input.vars = &var;
	section.num_entries = 0xffff;
	emit(&input, 1, &bytes, &size);
	assert_int_equal(size, 24 + 16 + 16 + 12 + 12 * 0xffff + 1 + 4 + 2 + 14);
	free(bytes);
	section.num_entries = 0x10000;
	assert_input_fails(&input, "section '.data..percpu' has 65536 variables; "
				   "BTF holds at most 65535");
	free(entries);
	store_deinit(&store);
}

static void layout_holds_offsets_up_to_the_width_of_their_field(void **state)
{
	static const struct {
		uint8_t flags;
		uint64_t value;
		uint32_t bit_size;
		const char *text;
	} cases[] = {
		{ 0, UINT32_MAX, 0, NULL },
		{ 0, (uint64_t)UINT32_MAX + 1, 0, "struct 's' has a member at or beyond 512 MiB" },
		{ GRAPH_BITFIELDS, 0xffffff, 255, NULL },
		{ GRAPH_BITFIELDS, 0x1000000, 0,
		  "struct 's' has bitfields and a member at or beyond 2 MiB, or a bitfield of more "
		  "than 255 bits" },
		{ GRAPH_BITFIELDS, 0, 256,
		  "struct 's' has bitfields and a member at or beyond 2 MiB, or a bitfield of more "
		  "than 255 bits" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct type_store store;
		struct settled_elem *e;
		char *text = NULL;

		store_init(&store);
		e = elems(&store, 1);
		*e = (struct settled_elem){ .name = str(&store, "m"), .type = { 1 },
					    .value = cases[i].value,
					    .bit_size = cases[i].bit_size };
		add_int(&store);
		add(&store, TYPE(.kind = GRAPH_STRUCT, .flags = cases[i].flags, .size = 4,
				 .num_elems = 1, .elems = e, .name = str(&store, "s")));
		if (cases[i].text) {
			assert_fails(&store, cases[i].text);
		} else {
			assert_true(asprintf(&text,
					     "1 INT int 4 1000020\n"
					     "2 STRUCT%s s 4 {m 1 ffffffff}\n"
					     "strings int s m\n",
					     cases[i].flags ? "+" : "") > 0);
			assert_prints(&store, text);
			free(text);
		}
		store_deinit(&store);
	}
}

static void layout_refuses_integers_of_more_than_16_bytes(void **state)
{
	struct type_store store;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, "wide"), .size = 17));
	assert_fails(&store, "integer type 'wide' has more than 128 bits");
	store_deinit(&store);
}

static void layout_counts_types_up_to_the_limit(void **state)
{
	struct layout_input input = { 0 };
	struct type_store store;
	uint8_t *bytes;
	size_t size;

	(void)state;
	store_init(&store);
	while (store.types.num < 0xffffe)
		add(&store, TYPE(.kind = GRAPH_PTR, .ref = { store.types.num - 1 }));
	input.store = &store;
	emit(&input, 2, &bytes, &size);
	assert_int_equal(size, 24 + 12 * 0xffffd + 1);
	assert_int_equal(get(bytes + size - 1 - 4, false), 0xffffc);
	free(bytes);
	add(&store, TYPE(.kind = GRAPH_PTR));
	assert_fails(&store, "1048574 types; BTF holds at most 1048573");
	store_deinit(&store);
}

static void layout_holds_16_mib_of_strings_and_not_more(void **state)
{
	struct type_store store;
	struct layout_input input = { .store = &store };
	char *name;
	uint8_t *bytes;
	size_t size;

	(void)state;
	for (int over = 0; over < 2; over++) {
		store_init(&store);
		name = malloc(1 << 24);
		assert_non_null(name);
		memset(name, 'a', 1 << 24);
		name[(1 << 24) - 2 + over] = 0;
		add(&store, TYPE(.kind = GRAPH_INT, .name = str(&store, name), .size = 4));
		free(name);
		if (over) {
			assert_fails(&store,
				     "more than 16777216 bytes of names, which is what BTF holds");
		} else {
			emit(&input, 1, &bytes, &size);
			assert_int_equal(size, 24 + 16 + (1 << 24));
			free(bytes);
		}
		store_deinit(&store);
	}
}

static void layout_ignores_strings_that_nothing_uses(void **state)
{
	struct type_store store;

	(void)state;
	store_init(&store);
	str(&store, "unused");
	for (int i = 0; i < 5000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "u%d", i);
		str(&store, name);
	}
	add_int(&store);
	assert_prints(&store, "1 INT int 4 1000020\nstrings int\n");
	store_deinit(&store);
}

static struct layout_func func(struct type_store *store, const char *name, uint32_t proto)
{
	return (struct layout_func){ .name = str(store, name), .proto = { proto } };
}

static struct layout_tag tag(struct type_store *store, const char *text,
			     enum layout_tag_target target, uint32_t index, int32_t component)
{
	return (struct layout_tag){ .text = str(store, text), .target = target, .index = index,
				    .component = component };
}

/* Types 1 and 2 are prototypes with two and no parameters, 3 is `int`. */
static void store_init_protos(struct type_store *store)
{
	struct settled_elem *e;

	store_init(store);
	e = elems(store, 2);
	e[0] = (struct settled_elem){ .name = str(store, "a"), .type = { 3 } };
	e[1] = (struct settled_elem){ .name = str(store, "b"), .type = { 3 } };
	add(store, TYPE(.kind = GRAPH_FUNC_PROTO, .ref = { 3 }, .num_elems = 2, .elems = e));
	add(store, TYPE(.kind = GRAPH_FUNC_PROTO));
	add_int(store);
}

static void layout_writes_functions(void **state)
{
	struct layout_func funcs[4];
	struct layout_input input = { .funcs = funcs, .num_funcs = 4 };
	struct type_store store;

	(void)state;
	store_init_protos(&store);
	input.store = &store;
	funcs[0] = func(&store, "kfree", 2);
	funcs[1] = func(&store, "f.isra.0", 1);
	funcs[1].linkage = BTF_LINKAGE_GLOBAL;
	funcs[2] = func(&store, "zap", 2);
	funcs[3] = func(&store, "", 2);
	funcs[3].name = funcs[0].name;
	funcs[3].proto.v = 1;
	/* In any order; among equal names the lower prototype comes first. */
	for (int round = 0; round < 2; round++) {
		assert_input_prints(input, "1 FUNC_PROTO 4 {a 4} {b 4}\n"
					   "2 FUNC_PROTO 0\n"
					   "3 FUNC f.isra.0 1 1\n"
					   "4 INT int 4 1000020\n"
					   "5 FUNC kfree 1 0\n"
					   "6 FUNC kfree 2 0\n"
					   "7 FUNC zap 2 0\n"
					   "strings a b f.isra.0 int kfree zap\n");
		for (int i = 0; i < 2; i++) {
			struct layout_func first = funcs[i];

			funcs[i] = funcs[3 - i];
			funcs[3 - i] = first;
		}
	}
	store_deinit(&store);
}

static void layout_makes_equal_functions_and_tags_one(void **state)
{
	struct layout_func funcs[5];
	struct layout_tag tags[8];
	struct layout_input input = { .funcs = funcs, .num_funcs = 5, .tags = tags,
				      .num_tags = 8 };
	struct type_store store;

	(void)state;
	store_init_protos(&store);
	input.store = &store;
	funcs[0] = func(&store, "f", 1);
	funcs[1] = func(&store, "f", 2);
	funcs[2] = func(&store, "e", 2);
	funcs[3] = func(&store, "f", 1);
	funcs[4] = func(&store, "f", 1);
	funcs[4].linkage = BTF_LINKAGE_GLOBAL;
	tags[0] = tag(&store, "t", TAG_OF_FUNC, 3, -1);
	tags[1] = tag(&store, "t", TAG_OF_FUNC, 0, -1);
	tags[2] = tag(&store, "t", TAG_OF_FUNC, 0, 1);
	tags[3] = tag(&store, "t", TAG_OF_FUNC, 4, -1);
	tags[4] = tag(&store, "t", TAG_OF_FUNC, 3, 1);
	tags[5] = tag(&store, "t", TAG_OF_FUNC, 0, -1);
	tags[5].is_attribute = true;
	tags[6] = tag(&store, "s", TAG_OF_FUNC, 3, -1);
	tags[7] = tag(&store, "s", TAG_OF_FUNC, 0, -1);
	assert_input_prints(input, "1 FUNC_PROTO 7 {a 7} {b 7}\n"
				   "2 FUNC_PROTO 0\n"
				   "3 FUNC e 2 0\n"
				   "4 FUNC f 1 0\n"
				   "5 FUNC f 1 1\n"
				   "6 FUNC f 2 0\n"
				   "7 INT int 4 1000020\n"
				   "8 DECL_TAG s 4 -1\n"
				   "9 DECL_TAG t 4 -1\n"
				   "10 DECL_TAG+ t 4 -1\n"
				   "11 DECL_TAG t 4 1\n"
				   "12 DECL_TAG t 5 -1\n"
				   "strings a b e f int s t\n");
	store_deinit(&store);
}

static void layout_writes_tags_of_everything_that_can_have_one(void **state)
{
	struct layout_tag tags[12];
	struct layout_input input = { .tags = tags, .num_tags = 12, .num_vars = 2, .num_funcs = 1 };
	struct layout_var vars[2];
	struct layout_func f;
	struct type_store store;
	struct settled_elem *e;

	(void)state;
	store_init(&store);
	e = elems(&store, 2);
	e[0] = (struct settled_elem){ .name = str(&store, "a"), .type = { 2 } };
	e[1] = (struct settled_elem){ .name = str(&store, "b"), .type = { 2 } };
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO, .num_elems = 2, .elems = e));
	add_int(&store);
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "s"), .size = 4, .num_elems = 2,
			 .elems = e));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "t"), .ref = { 3 }));
	add(&store, TYPE(.kind = GRAPH_UNION, .name = str(&store, "u"), .size = 4, .num_elems = 2,
			 .elems = e));
	vars[0] = (struct layout_var){ str(&store, "v2"), { 2 }, BTF_LINKAGE_STATIC };
	vars[1] = (struct layout_var){ str(&store, "v1"), { 2 }, BTF_LINKAGE_STATIC };
	f = func(&store, "f", 1);
	input.store = &store;
	input.vars = vars;
	input.funcs = &f;
	tags[0] = tag(&store, "x", TAG_OF_FUNC, 0, 1);
	tags[1] = tag(&store, "x", TAG_OF_FUNC, 0, -1);
	tags[2] = tag(&store, "x", TAG_OF_VAR, 0, -1);
	tags[3] = tag(&store, "x", TAG_OF_VAR, 1, -1);
	tags[4] = tag(&store, "x", TAG_OF_TYPE, 5, 1);
	tags[5] = tag(&store, "x", TAG_OF_TYPE, 5, -1);
	tags[6] = tag(&store, "x", TAG_OF_TYPE, 4, -1);
	tags[7] = tag(&store, "x", TAG_OF_TYPE, 3, -1);
	tags[8] = tag(&store, "x", TAG_OF_TYPE, 3, 0);
	/* Any bytes are a text; it may be a name as well. */
	tags[9] = tag(&store, "\x01\xff x", TAG_OF_TYPE, 3, -1);
	tags[10] = tag(&store, "s", TAG_OF_TYPE, 3, -1);
	tags[11] = tag(&store, "aligned(8)", TAG_OF_TYPE, 3, -1);
	tags[11].is_attribute = true;
	assert_input_prints(input, "1 FUNC_PROTO 0 {a 5} {b 5}\n"
				   "2 DECL_TAG \x01\xff x 6 -1\n"
				   "3 DECL_TAG+ aligned(8) 6 -1\n"
				   "4 FUNC f 1 0\n"
				   "5 INT int 4 1000020\n"
				   "6 STRUCT s 4 {a 5 0} {b 5 0}\n"
				   "7 DECL_TAG s 6 -1\n"
				   "8 TYPEDEF t 6\n"
				   "9 UNION u 4 {a 5 0} {b 5 0}\n"
				   "10 VAR v1 5 0\n"
				   "11 VAR v2 5 0\n"
				   "12 DECL_TAG x 4 -1\n"
				   "13 DECL_TAG x 4 1\n"
				   "14 DECL_TAG x 6 -1\n"
				   "15 DECL_TAG x 6 0\n"
				   "16 DECL_TAG x 8 -1\n"
				   "17 DECL_TAG x 9 -1\n"
				   "18 DECL_TAG x 9 1\n"
				   "19 DECL_TAG x 10 -1\n"
				   "20 DECL_TAG x 11 -1\n"
				   "strings a b \x01\xff x aligned(8) f int s t u v1 v2 x\n");
	store_deinit(&store);
}

static void layout_leaves_out_tags_that_cannot_be_written(void **state)
{
	struct layout_tag tags[12];
	struct layout_input input = { .tags = tags, .num_tags = 12, .num_vars = 1, .num_funcs = 1 };
	struct layout_var var = { .type = { 1 } };
	struct btf_layout *layout;
	struct type_store store;
	struct layout_func f;

	(void)state;
	store_init(&store);
	add_int(&store);
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "s"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_FWD_STRUCT, .name = str(&store, "s1")));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "t"), .ref = { 1 }));
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO, .flags = GRAPH_VARARGS));
	var.name = str(&store, "v");
	f = func(&store, "zf", 5);
	input.store = &store;
	input.vars = &var;
	input.funcs = &f;
	tags[0] = tag(&store, "x", TAG_OF_TYPE, 0, -1);
	tags[1] = tag(&store, "x", TAG_OF_TYPE, 1, -1);
	tags[2] = tag(&store, "x", TAG_OF_TYPE, 3, -1);
	tags[3] = tag(&store, "x", TAG_OF_TYPE, 5, -1);
	tags[4] = tag(&store, "x", TAG_OF_TYPE, 2, 0);
	tags[5] = tag(&store, "x", TAG_OF_TYPE, 4, 0);
	tags[6] = tag(&store, "x", TAG_OF_VAR, 0, 0);
	tags[7] = tag(&store, "x", TAG_OF_FUNC, 0, 0);
	tags[8] = tag(&store, "x", TAG_OF_TYPE, 2, -2);
	tags[9] = tag(&store, "", TAG_OF_TYPE, 2, -1);
	tags[10] = tag(&store, "x", TAG_OF_FUNC, 0, -1);
	tags[11] = tag(&store, "x", TAG_OF_TYPE, 2, INT32_MAX);
	assert_input_prints(input, "1 FUNC_PROTO 0 { 0}\n"
				   "2 INT int 4 1000020\n"
				   "3 STRUCT s 4\n"
				   "4 FWD s1 0\n"
				   "5 TYPEDEF t 2\n"
				   "6 VAR v 2 0\n"
				   "7 DECL_TAG x 8 -1\n"
				   "8 FUNC zf 1 0\n"
				   "strings int s s1 t v x zf\n");
	assert_null(btf_layout_create(&input, &layout));
	assert_int_equal(btf_layout_stats(layout).num_tags_left_out, 11);
	assert_int_equal(btf_layout_stats(layout).num_by_kind[17], 1);
	assert_int_equal(btf_layout_stats(layout).num_by_kind[12], 1);
	assert_int_equal(btf_layout_stats(layout).num_types, 8);
	btf_layout_destroy(layout);
	store_deinit(&store);
}

static void layout_refuses_functions_without_a_proper_name(void **state)
{
	static const char *const names[] = { "op+", "", "9" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct layout_input input = { .num_funcs = 1 };
		struct type_store store;
		struct layout_func f;
		char expected[64];

		store_init_protos(&store);
		f = func(&store, names[i], 2);
		input.store = &store;
		input.funcs = &f;
		snprintf(expected, sizeof(expected),
			 "function '%s' has a name that is no identifier", names[i]);
		assert_input_fails(&input, expected);
		store_deinit(&store);
	}
}

/* Equal names: types (added ones behind), `int`, variables, functions, sections, tags. */
static void layout_orders_equal_names_by_what_they_are(void **state)
{
	struct layout_var var = { .type = { 2 } };
	struct layout_entry entry = { .size = 4 };
	struct layout_section section = { .size = 4, .entries = &entry, .num_entries = 1 };
	struct layout_input input = { .vars = &var, .num_vars = 1, .sections = &section,
				      .num_sections = 1, .num_funcs = 1, .num_tags = 1 };
	struct type_store store;
	struct layout_func f;
	struct layout_tag t;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 2 }, .size = 1));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "int"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "z"), .ref = { 2 }));
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "int"), .ref = { 2 }));
	var.name = section.name = str(&store, "int");
	f = func(&store, "int", 4);
	t = tag(&store, "int", TAG_OF_TYPE, 2, -1);
	input.store = &store;
	input.funcs = &f;
	input.tags = &t;
	assert_input_prints(input, "1 ARRAY 0 [3 5 1]\n"
				   "2 FUNC_PROTO 0\n"
				   "3 STRUCT int 4\n"
				   "4 TYPE_TAG int 3\n"
				   "5 INT int 4 1000020\n"
				   "6 VAR int 3 0\n"
				   "7 FUNC int 2 0\n"
				   "8 DATASEC int 4 {6 0 4}\n"
				   "9 DECL_TAG int 3 -1\n"
				   "10 TYPEDEF z 3\n"
				   "strings int z\n");
	store_deinit(&store);
}

static void layout_finds_a_place_for_types_that_were_added(void **state)
{
	struct layout_input input = { 0 };
	struct type_store store;

	(void)state;
	store_init(&store);
	input.store = &store;
	add(&store, TYPE(.kind = GRAPH_PTR, .ref = { 2 }));
	add_int(&store);
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "k"), .ref = { 1 }));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "m"), .ref = { 1 }));
	/* Added: unnamed ones, and tags before, between, among and behind the names. */
	add(&store, TYPE(.kind = GRAPH_CONST, .ref = { 2 }));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "z"), .ref = { 5 }));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .flags = GRAPH_ATTRIBUTE,
			 .name = str(&store, "address_space(1)"), .ref = { 2 }));
	add(&store, TYPE(.kind = GRAPH_PTR, .ref = { 7 }));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "l"), .ref = { 8 }));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "k"), .ref = { 2 }));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "k"), .ref = { 3 }));
	assert_input_prints(input, "1 PTR 5\n"
				   "2 CONST 5\n"
				   "3 PTR 4\n"
				   "4 TYPE_TAG+ address_space(1) 5\n"
				   "5 INT int 4 1000020\n"
				   "6 TYPEDEF k 1\n"
				   "7 TYPE_TAG k 5\n"
				   "8 TYPE_TAG k 6\n"
				   "9 TYPE_TAG l 3\n"
				   "10 TYPEDEF m 1\n"
				   "11 TYPE_TAG z 2\n"
				   "strings address_space(1) int k l m z\n");
	store_deinit(&store);
}

/* Types that became one with another: see types_adapt(). */
static void layout_passes_over_types_that_are_another_one(void **state)
{
	struct layout_var var = { .type = { 3 } };
	struct layout_func funcs[2];
	struct layout_tag tags[2];
	struct layout_input input = { .vars = &var, .num_vars = 1, .funcs = funcs, .num_funcs = 2,
				      .tags = tags, .num_tags = 2 };
	struct type_store store;

	(void)state;
	store_init(&store);
	input.store = &store;
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "s"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_ALIAS, .name = str(&store, "s"), .ref = { 2 }));
	add(&store, TYPE(.kind = GRAPH_TYPEDEF, .name = str(&store, "t"), .ref = { 3 }));
	add(&store, TYPE(.kind = GRAPH_ALIAS, .ref = { 1 }));
	var.name = str(&store, "v");
	funcs[0] = func(&store, "f", 1);
	funcs[1] = func(&store, "f", 5);
	tags[0] = tag(&store, "x", TAG_OF_TYPE, 2, -1);
	tags[1] = tag(&store, "x", TAG_OF_TYPE, 3, -1);
	assert_input_prints(input, "1 FUNC_PROTO 0\n"
				   "2 FUNC f 1 0\n"
				   "3 STRUCT s 4\n"
				   "4 TYPEDEF t 3\n"
				   "5 VAR v 3 0\n"
				   "6 DECL_TAG x 3 -1\n"
				   "strings f s t v x\n");
	store_deinit(&store);
}

static void layout_tells_the_shape_of_records_if_asked(void **state)
{
	struct layout_input input = { .with_kind_layout = true };
	struct btf_layout *layout;
	struct type_store store;

	(void)state;
	store_init(&store);
	input.store = &store;
	add_int(&store);
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "s"), .size = 4));
	assert_input_prints(input, "layout 0/0 4/0 0/0 12/0 0/12 0/12 0/8 0/0 0/0 0/0 0/0 0/0 0/0 "
				   "0/8 4/0 0/12 0/0 4/0 0/0 0/12\n"
				   "1 INT int 4 1000020\n"
				   "2 STRUCT s 4\n"
				   "strings int s\n");
	assert_null(btf_layout_create(&input, &layout));
	assert_int_equal(btf_layout_stats(layout).total_bytes, 32 + 16 + 12 + 80 + 7);
	assert_int_equal(btf_layout_stats(layout).type_bytes, 28);
	btf_layout_destroy(layout);
	store_deinit(&store);
}

static void layout_squeezes_enums_if_asked(void **state)
{
	struct layout_input input = { .without_enum64 = true };
	struct type_store store;

	(void)state;
	store_init(&store);
	input.store = &store;
	add_enum(&store, "a", 4, 0, 0, UINT32_MAX);
	add_enum(&store, "b", 8, 0, 1, (int64_t)UINT32_MAX + 3);
	add_enum(&store, "c", 8, GRAPH_SIGNED, -1, INT64_MIN);
	add_enum(&store, "d", 1, GRAPH_SIGNED, -1, 1);
	assert_input_prints(input, "1 ENUM a 4 {L 0} {H ffffffff}\n"
				   "2 ENUM b 8 {L 1} {H 2}\n"
				   "3 ENUM c 8 {L ffffffff} {H 0}\n"
				   "4 ENUM d 1 {L ffffffff} {H 1}\n"
				   "strings a L H b c d\n");
	store_deinit(&store);
}

static void layout_counts_all_records_up_to_the_limit(void **state)
{
	enum { NUM = 0xffffd };
	struct layout_func *funcs = calloc(NUM + 1, sizeof(*funcs));
	struct layout_input input = { .funcs = funcs };
	struct btf_layout *layout;
	struct type_store store;

	(void)state;
	store_init(&store);
	input.store = &store;
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO));
	for (uint32_t i = 0; i < NUM; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%x", i);
		assert_true(vec_push(&store.strings, strdup(name)));
		funcs[i] = (struct layout_func){ .name = { store.strings.num - 1 }, .proto = { 1 } };
	}
	input.num_funcs = NUM - 1;
	assert_null(btf_layout_create(&input, &layout));
	btf_layout_destroy(layout);
	input.num_funcs = NUM;
	assert_input_fails(&input, "1048574 types; BTF holds at most 1048573");
	/* Equal functions count once. */
	funcs[NUM - 1] = funcs[0];
	assert_null(btf_layout_create(&input, &layout));
	btf_layout_destroy(layout);
	store_deinit(&store);
	free(funcs);
}

static void emit_gives_the_same_bytes_for_any_number_of_workers(void **state)
{
	struct layout_input input = { 0 };
	uint8_t *bytes[3];
	size_t size[3];
	struct type_store store;

	(void)state;
	store_init(&store);
	for (uint32_t i = 0; i < 3000; i++) {
		struct settled_elem *e = elems(&store, i % 40);
		char name[16];

		for (uint32_t j = 0; j < i % 40; j++) {
			snprintf(name, sizeof(name), "m%u", (i * 7 + j) % 100);
			e[j] = (struct settled_elem){ .name = str(&store, name),
						      .type = { 1 + (i + j) % 3000 },
						      .value = 8 * j };
		}
		snprintf(name, sizeof(name), "s%08u", i);
		assert_true(vec_push(&store.strings, strdup(name)));
		add(&store, TYPE(.kind = GRAPH_STRUCT, .name = { store.strings.num - 1 },
				 .size = 40, .num_elems = i % 40, .elems = e));
	}
	input.store = &store;
	for (int i = 0; i < 3; i++)
		emit(&input, i * 3 + 1, &bytes[i], &size[i]);
	assert_true(size[0] > 700000);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(size[0], size[i]);
		assert_memory_equal(bytes[0], bytes[i], size[0]);
	}
	free(btf_print(bytes[0], size[0], false));
	for (int i = 0; i < 3; i++)
		free(bytes[i]);
	store_deinit(&store);
}

static void no_memory_is_an_error_wherever_it_happens(void **state)
{
	struct layout_var var = { .type = { 2 } };
	struct layout_entry entry = { .size = 4 };
	struct layout_section section = { .size = 4, .entries = &entry, .num_entries = 1 };
	struct layout_input input = { .vars = &var, .num_vars = 1, .sections = &section,
				      .num_sections = 1, .num_funcs = 1, .num_tags = 1 };
	struct type_store store;
	struct layout_func f;
	struct layout_tag t;
	struct pool *pool;
	unsigned int fail;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_FUNC_PROTO));
	add(&store, TYPE(.kind = GRAPH_STRUCT, .name = str(&store, "s"), .size = 4));
	add(&store, TYPE(.kind = GRAPH_TYPE_TAG, .name = str(&store, "a"), .ref = { 2 }));
	var.name = str(&store, "v");
	section.name = str(&store, ".data");
	f = func(&store, "f", 1);
	t = tag(&store, "t", TAG_OF_FUNC, 0, -1);
	input.store = &store;
	input.funcs = &f;
	input.tags = &t;
	assert_null(pool_create(1, 0, &pool));
	for (fail = 1; fail < 100; fail++) {
		struct btf_layout *layout = NULL;
		struct btfgen_error *err;
		uint8_t *bytes = NULL;
		size_t size;

		num_allocations = 0;
		failing_allocation = fail;
		counting = true;
		err = btf_layout_create(&input, &layout);
		if (!err)
			err = btf_emit(layout, pool, &bytes, &size);
		counting = false;
		btf_layout_destroy(layout);
		if (!err) {
			free(bytes);
			break;
		}
		assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
		assert_null(bytes);
		error_free(err);
	}
	assert_in_range(fail, 11, 30);
	pool_destroy(pool);
	store_deinit(&store);
}

static void layout_stats_count_by_kind(void **state)
{
	struct layout_stats stats;
	struct btf_layout *layout;
	struct type_store store;

	(void)state;
	store_init(&store);
	add(&store, TYPE(.kind = GRAPH_ARRAY, .ref = { 2 }, .size = 3));
	add(&store, TYPE(.kind = GRAPH_PTR));
	add(&store, TYPE(.kind = GRAPH_PTR, .ref = { 1 }));
	assert_null(btf_layout_create(&(struct layout_input){ .store = &store }, &layout));
	stats = btf_layout_stats(layout);
	assert_int_equal(stats.num_types, 4);
	assert_int_equal(stats.num_by_kind[1], 1);
	assert_int_equal(stats.num_by_kind[2], 2);
	assert_int_equal(stats.num_by_kind[3], 1);
	assert_int_equal(stats.num_by_kind[4], 0);
	assert_int_equal(stats.type_bytes, 24 + 2 * 12 + 16);
	assert_int_equal(stats.string_bytes, 5);
	assert_int_equal(stats.total_bytes, 24 + 64 + 5);
	btf_layout_destroy(layout);
	btf_layout_destroy(NULL);
	store_deinit(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_of_nothing_is_an_empty_table),
		cmocka_unit_test(layout_writes_the_smallest_blob_byte_by_byte),
		cmocka_unit_test(layout_writes_every_kind),
		cmocka_unit_test(layout_chooses_the_kind_of_enums),
		cmocka_unit_test(layout_adds_the_index_type_in_its_place),
		cmocka_unit_test(layout_adds_the_index_type_before_a_variable_of_its_name),
		cmocka_unit_test(layout_adds_the_index_type_without_a_second_string),
		cmocka_unit_test(layout_merges_names_of_types_variables_and_sections),
		cmocka_unit_test(layout_sorts_names_as_unsigned_bytes),
		cmocka_unit_test(layout_sorts_names_that_begin_alike),
		cmocka_unit_test(layout_leaves_out_names_that_are_no_identifiers),
		cmocka_unit_test(layout_refuses_names_where_they_are_needed),
		cmocka_unit_test(layout_holds_65535_elements_and_not_more),
		cmocka_unit_test(layout_holds_65535_variables_a_section_and_not_more),
		cmocka_unit_test(layout_holds_offsets_up_to_the_width_of_their_field),
		cmocka_unit_test(layout_refuses_integers_of_more_than_16_bytes),
		cmocka_unit_test(layout_counts_types_up_to_the_limit),
		cmocka_unit_test(layout_holds_16_mib_of_strings_and_not_more),
		cmocka_unit_test(layout_ignores_strings_that_nothing_uses),
		cmocka_unit_test(layout_writes_functions),
		cmocka_unit_test(layout_makes_equal_functions_and_tags_one),
		cmocka_unit_test(layout_writes_tags_of_everything_that_can_have_one),
		cmocka_unit_test(layout_leaves_out_tags_that_cannot_be_written),
		cmocka_unit_test(layout_refuses_functions_without_a_proper_name),
		cmocka_unit_test(layout_orders_equal_names_by_what_they_are),
		cmocka_unit_test(layout_finds_a_place_for_types_that_were_added),
		cmocka_unit_test(layout_passes_over_types_that_are_another_one),
		cmocka_unit_test(layout_tells_the_shape_of_records_if_asked),
		cmocka_unit_test(layout_squeezes_enums_if_asked),
		cmocka_unit_test(layout_counts_all_records_up_to_the_limit),
		cmocka_unit_test(emit_gives_the_same_bytes_for_any_number_of_workers),
		cmocka_unit_test(layout_stats_count_by_kind),
		cmocka_unit_test(no_memory_is_an_error_wherever_it_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
