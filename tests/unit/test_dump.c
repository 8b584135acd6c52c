// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/dump: every kind in every form and both byte orders, split BTF, choices, and files that
 * want to be endless. The texts are those of bpftool 7.8 unless a test says otherwise.
 */
#include <stdio.h>

#include "btf_blob.h"

#include "lib/btf/dump.h"
#include "lib/btf/dump_c.h"
#include "lib/btf/dump_pick.h"
#include "lib/btf/view.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))

enum { TEXT_MAX = 1 << 22 };

struct text {
	char data[TEXT_MAX + 1];
	size_t size;
	size_t max;
};

static struct text text;

static bool text_take(void *arg, const char *data, size_t size)
{
	struct text *t = arg;

	assert_true(size > 0);
	if (size > t->max - t->size)
		return false;
	memcpy(t->data + t->size, data, size);
	t->size += size;
	t->data[t->size] = 0;
	return true;
}

static struct text_out *out_start(void)
{
	static struct text_out out;

	text.size = 0;
	text.max = TEXT_MAX;
	text.data[0] = 0;
	text_out_init(&out, text_take, &text);
	return &out;
}

enum form { RAW, JSON, PRETTY, C, C_UNSORTED };

static struct btfgen_error *dump_view(const struct btf_view *view, const struct dump_ids *ids,
				      enum form form)
{
	struct text_out *out = out_start();
	struct btfgen_error *err = NULL;

	switch (form) {
	case RAW:
		btf_dump_raw(view, ids, out);
		break;
	case JSON:
	case PRETTY:
		btf_dump_json(view, ids, form == PRETTY, out);
		break;
	case C:
	case C_UNSORTED:
		err = btf_dump_c(view, ids, form == C, out);
		break;
	}
	assert_true(text_out_flush(out));
	assert_int_equal(text_num_bytes(out), text.size);
	return err;
}

/* What stands between the first and the last lines of a header. */
static const char *c_body(bool has_kfuncs)
{
	static const char head_end[] = "#define __bpf_fastcall\n#endif\n#endif\n\n";
	const char *foot = has_kfuncs ? "\n/* BPF kfuncs */\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
				      : "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n#pragma clang "
					"attribute pop\n";
	char *start = strstr(text.data, head_end), *end;

	assert_non_null(start);
	start += strlen(head_end);
	end = strstr(start, foot);
	assert_non_null(end);
	*end = 0;
	return start;
}

/* Both byte orders; @ids NULL: all. */
static void expect(const char *types, enum form form, const struct dump_ids *ids,
		   const char *wanted)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct btf_view view;
		struct blob blob;

		blob_build(&blob, types, big_endian);
		assert_null(btf_view_open(blob_span(&blob), NULL, &view));
		assert_null(dump_view(&view, ids, form));
		assert_string_equal(form >= C ? c_body(!ids) : text.data, wanted);
		btf_view_close(&view);
		blob_free(&blob);
	}
}

static const char every_kind[] =
	"int; i bool/1=0x04000008; i char/1=0x02000008; i odd/4=0x03050007;"
	"*1; A(1,1,3); S s/12{a:1@0, -:5@32}; S! t/8{a:1@3:5, b:1@32}; U -/4{m:1@0}; U u/0{};"
	"E e/4{A=1, B=0xfffffffe}; E! f/4{C=-2}; L g/8{D=0xfffffffffffffffe}; L! h/8{F=-2};"
	"Fs x; Fu y; td T=1; V 1; C 0; R 5; P 1(p:1, -:1, -:0); P 0(); fn st=21; fn gl=21<vlen=1>;"
	"fn ex=21<vlen=2>; fn no=21<vlen=3>; var v=1=0; var w=1=1; var z=1=2; var q=1=3;"
	"sec .data/64{27@0+4, 28@4+4, 99@8+4}; fl double/8; dt tag=7=-1; dt tag=7=1; tt user=1;"
	"tt! attr=1";

static void raw_shows_every_kind(void **state)
{
	(void)state;
	expect(every_kind, RAW, NULL,
	       "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
	       "[2] INT 'bool' size=1 bits_offset=0 nr_bits=8 encoding=BOOL\n"
	       "[3] INT 'char' size=1 bits_offset=0 nr_bits=8 encoding=CHAR\n"
	       "[4] INT 'odd' size=4 bits_offset=5 nr_bits=7 encoding=UNKN\n"
	       "[5] PTR '(anon)' type_id=1\n"
	       "[6] ARRAY '(anon)' type_id=1 index_type_id=1 nr_elems=3\n"
	       "[7] STRUCT 's' size=12 vlen=2\n"
	       "\t'a' type_id=1 bits_offset=0\n"
	       "\t'(anon)' type_id=5 bits_offset=32\n"
	       "[8] STRUCT 't' size=8 vlen=2\n"
	       "\t'a' type_id=1 bits_offset=3 bitfield_size=5\n"
	       "\t'b' type_id=1 bits_offset=32\n"
	       "[9] UNION '(anon)' size=4 vlen=1\n"
	       "\t'm' type_id=1 bits_offset=0\n"
	       "[10] UNION 'u' size=0 vlen=0\n"
	       "[11] ENUM 'e' encoding=UNSIGNED size=4 vlen=2\n"
	       "\t'A' val=1\n"
	       "\t'B' val=4294967294\n"
	       "[12] ENUM 'f' encoding=SIGNED size=4 vlen=1\n"
	       "\t'C' val=-2\n"
	       "[13] ENUM64 'g' encoding=UNSIGNED size=8 vlen=1\n"
	       "\t'D' val=18446744073709551614ULL\n"
	       "[14] ENUM64 'h' encoding=SIGNED size=8 vlen=1\n"
	       "\t'F' val=-2LL\n"
	       "[15] FWD 'x' fwd_kind=struct\n"
	       "[16] FWD 'y' fwd_kind=union\n"
	       "[17] TYPEDEF 'T' type_id=1\n"
	       "[18] VOLATILE '(anon)' type_id=1\n"
	       "[19] CONST '(anon)' type_id=0\n"
	       "[20] RESTRICT '(anon)' type_id=5\n"
	       "[21] FUNC_PROTO '(anon)' ret_type_id=1 vlen=3\n"
	       "\t'p' type_id=1\n"
	       "\t'(anon)' type_id=1\n"
	       "\t'(anon)' type_id=0\n"
	       "[22] FUNC_PROTO '(anon)' ret_type_id=0 vlen=0\n"
	       "[23] FUNC 'st' type_id=21 linkage=static\n"
	       "[24] FUNC 'gl' type_id=21 linkage=global\n"
	       "[25] FUNC 'ex' type_id=21 linkage=extern\n"
	       "[26] FUNC 'no' type_id=21 linkage=(unknown)\n"
	       "[27] VAR 'v' type_id=1, linkage=static\n"
	       "[28] VAR 'w' type_id=1, linkage=global\n"
	       "[29] VAR 'z' type_id=1, linkage=extern\n"
	       "[30] VAR 'q' type_id=1, linkage=(unknown)\n"
	       "[31] DATASEC '.data' size=64 vlen=3\n"
	       "\ttype_id=27 offset=0 size=4 (VAR 'v')\n"
	       "\ttype_id=28 offset=4 size=4 (VAR 'w')\n"
	       "\ttype_id=99 offset=8 size=4\n"
	       "[32] FLOAT 'double' size=8\n"
	       "[33] DECL_TAG 'tag' type_id=7 component_idx=-1\n"
	       "[34] DECL_TAG 'tag' type_id=7 component_idx=1\n"
	       "[35] TYPE_TAG 'user' type_id=1\n"
	       "[36] TYPE_TAG 'attr' type_id=1\n");
}

static void json_shows_every_kind(void **state)
{
	(void)state;
	expect(every_kind, JSON, NULL,
	       "{\"types\":["
	       "{\"id\":1,\"kind\":\"INT\",\"name\":\"int\",\"size\":4,\"bits_offset\":0,\"nr_bits\":32,"
	       "\"encoding\":\"SIGNED\"},"
	       "{\"id\":2,\"kind\":\"INT\",\"name\":\"bool\",\"size\":1,\"bits_offset\":0,\"nr_bits\":8,"
	       "\"encoding\":\"BOOL\"},"
	       "{\"id\":3,\"kind\":\"INT\",\"name\":\"char\",\"size\":1,\"bits_offset\":0,\"nr_bits\":8,"
	       "\"encoding\":\"CHAR\"},"
	       "{\"id\":4,\"kind\":\"INT\",\"name\":\"odd\",\"size\":4,\"bits_offset\":5,\"nr_bits\":7,"
	       "\"encoding\":\"UNKN\"},"
	       "{\"id\":5,\"kind\":\"PTR\",\"name\":\"(anon)\",\"type_id\":1},"
	       "{\"id\":6,\"kind\":\"ARRAY\",\"name\":\"(anon)\",\"type_id\":1,\"index_type_id\":1,"
	       "\"nr_elems\":3},"
	       "{\"id\":7,\"kind\":\"STRUCT\",\"name\":\"s\",\"size\":12,\"vlen\":2,\"members\":["
	       "{\"name\":\"a\",\"type_id\":1,\"bits_offset\":0},"
	       "{\"name\":\"(anon)\",\"type_id\":5,\"bits_offset\":32}]},"
	       "{\"id\":8,\"kind\":\"STRUCT\",\"name\":\"t\",\"size\":8,\"vlen\":2,\"members\":["
	       "{\"name\":\"a\",\"type_id\":1,\"bits_offset\":3,\"bitfield_size\":5},"
	       "{\"name\":\"b\",\"type_id\":1,\"bits_offset\":32}]},"
	       "{\"id\":9,\"kind\":\"UNION\",\"name\":\"(anon)\",\"size\":4,\"vlen\":1,\"members\":["
	       "{\"name\":\"m\",\"type_id\":1,\"bits_offset\":0}]},"
	       "{\"id\":10,\"kind\":\"UNION\",\"name\":\"u\",\"size\":0,\"vlen\":0,\"members\":[]},"
	       /* bpftool says 18446744073709551614 for B. */
	       "{\"id\":11,\"kind\":\"ENUM\",\"name\":\"e\",\"encoding\":\"UNSIGNED\",\"size\":4,"
	       "\"vlen\":2,\"values\":[{\"name\":\"A\",\"val\":1},{\"name\":\"B\",\"val\":4294967294}]},"
	       "{\"id\":12,\"kind\":\"ENUM\",\"name\":\"f\",\"encoding\":\"SIGNED\",\"size\":4,"
	       "\"vlen\":1,\"values\":[{\"name\":\"C\",\"val\":-2}]},"
	       "{\"id\":13,\"kind\":\"ENUM64\",\"name\":\"g\",\"encoding\":\"UNSIGNED\",\"size\":8,"
	       "\"vlen\":1,\"values\":[{\"name\":\"D\",\"val\":18446744073709551614}]},"
	       "{\"id\":14,\"kind\":\"ENUM64\",\"name\":\"h\",\"encoding\":\"SIGNED\",\"size\":8,"
	       "\"vlen\":1,\"values\":[{\"name\":\"F\",\"val\":-2}]},"
	       "{\"id\":15,\"kind\":\"FWD\",\"name\":\"x\",\"fwd_kind\":\"struct\"},"
	       "{\"id\":16,\"kind\":\"FWD\",\"name\":\"y\",\"fwd_kind\":\"union\"},"
	       "{\"id\":17,\"kind\":\"TYPEDEF\",\"name\":\"T\",\"type_id\":1},"
	       "{\"id\":18,\"kind\":\"VOLATILE\",\"name\":\"(anon)\",\"type_id\":1},"
	       "{\"id\":19,\"kind\":\"CONST\",\"name\":\"(anon)\",\"type_id\":0},"
	       "{\"id\":20,\"kind\":\"RESTRICT\",\"name\":\"(anon)\",\"type_id\":5},"
	       "{\"id\":21,\"kind\":\"FUNC_PROTO\",\"name\":\"(anon)\",\"ret_type_id\":1,\"vlen\":3,"
	       "\"params\":[{\"name\":\"p\",\"type_id\":1},{\"name\":\"(anon)\",\"type_id\":1},"
	       "{\"name\":\"(anon)\",\"type_id\":0}]},"
	       "{\"id\":22,\"kind\":\"FUNC_PROTO\",\"name\":\"(anon)\",\"ret_type_id\":0,\"vlen\":0,"
	       "\"params\":[]},"
	       "{\"id\":23,\"kind\":\"FUNC\",\"name\":\"st\",\"type_id\":21,\"linkage\":\"static\"},"
	       "{\"id\":24,\"kind\":\"FUNC\",\"name\":\"gl\",\"type_id\":21,\"linkage\":\"global\"},"
	       "{\"id\":25,\"kind\":\"FUNC\",\"name\":\"ex\",\"type_id\":21,\"linkage\":\"extern\"},"
	       "{\"id\":26,\"kind\":\"FUNC\",\"name\":\"no\",\"type_id\":21,\"linkage\":\"(unknown)\"},"
	       "{\"id\":27,\"kind\":\"VAR\",\"name\":\"v\",\"type_id\":1,\"linkage\":\"static\"},"
	       "{\"id\":28,\"kind\":\"VAR\",\"name\":\"w\",\"type_id\":1,\"linkage\":\"global\"},"
	       "{\"id\":29,\"kind\":\"VAR\",\"name\":\"z\",\"type_id\":1,\"linkage\":\"extern\"},"
	       "{\"id\":30,\"kind\":\"VAR\",\"name\":\"q\",\"type_id\":1,\"linkage\":\"(unknown)\"},"
	       "{\"id\":31,\"kind\":\"DATASEC\",\"name\":\".data\",\"size\":64,\"vlen\":3,\"vars\":["
	       "{\"type_id\":27,\"offset\":0,\"size\":4},{\"type_id\":28,\"offset\":4,\"size\":4},"
	       "{\"type_id\":99,\"offset\":8,\"size\":4}]},"
	       "{\"id\":32,\"kind\":\"FLOAT\",\"name\":\"double\",\"size\":8},"
	       "{\"id\":33,\"kind\":\"DECL_TAG\",\"name\":\"tag\",\"type_id\":7,\"component_idx\":-1},"
	       "{\"id\":34,\"kind\":\"DECL_TAG\",\"name\":\"tag\",\"type_id\":7,\"component_idx\":1},"
	       "{\"id\":35,\"kind\":\"TYPE_TAG\",\"name\":\"user\",\"type_id\":1},"
	       "{\"id\":36,\"kind\":\"TYPE_TAG\",\"name\":\"attr\",\"type_id\":1}"
	       "]}\n");
}

static void pretty_json_has_a_member_a_line(void **state)
{
	(void)state;
	expect("int; S s/4{a:1@0, b:1@0}; U u/0{}", PRETTY, NULL,
	       "{\n"
	       "    \"types\": [{\n"
	       "            \"id\": 1,\n"
	       "            \"kind\": \"INT\",\n"
	       "            \"name\": \"int\",\n"
	       "            \"size\": 4,\n"
	       "            \"bits_offset\": 0,\n"
	       "            \"nr_bits\": 32,\n"
	       "            \"encoding\": \"SIGNED\"\n"
	       "        },{\n"
	       "            \"id\": 2,\n"
	       "            \"kind\": \"STRUCT\",\n"
	       "            \"name\": \"s\",\n"
	       "            \"size\": 4,\n"
	       "            \"vlen\": 2,\n"
	       "            \"members\": [{\n"
	       "                    \"name\": \"a\",\n"
	       "                    \"type_id\": 1,\n"
	       "                    \"bits_offset\": 0\n"
	       "                },{\n"
	       "                    \"name\": \"b\",\n"
	       "                    \"type_id\": 1,\n"
	       "                    \"bits_offset\": 0\n"
	       "                }\n"
	       "            ]\n"
	       "        },{\n"
	       "            \"id\": 3,\n"
	       "            \"kind\": \"UNION\",\n"
	       "            \"name\": \"u\",\n"
	       "            \"size\": 0,\n"
	       "            \"vlen\": 0,\n"
	       "            \"members\": []\n"
	       "        }\n"
	       "    ]\n"
	       "}\n");
}

/* Unlike bpftool, which hands control bytes and broken UTF-8 on. */
static void names_do_no_harm(void **state)
{
	static const char types[] = "td a\n[9] \x1b\x7f\"\\\\\xc3\xa4\xff=1<word=0>; td #0x1000=0";

	(void)state;
	expect(types, RAW, NULL,
	       "[1] TYPEDEF 'a\\x0a[9] \\x1b\\x7f\"\\\xc3\xa4\xff' type_id=0\n"
	       "[2] TYPEDEF '(invalid)' type_id=0\n");
	expect(types, JSON, NULL,
	       "{\"types\":[{\"id\":1,\"kind\":\"TYPEDEF\",\"name\":\"a\\n[9] "
	       "\\u001b\\u007f\\\"\\\\\xc3\xa4\\ufffd\",\"type_id\":0},"
	       "{\"id\":2,\"kind\":\"TYPEDEF\",\"name\":\"(invalid)\",\"type_id\":0}]}\n");
	expect("int; tt q\"\\\\\n=1; *2; S s/8{a:3@0}", C, NULL,
	       "struct s {\n\tint __attribute__((btf_type_tag(\"q\\\"\\\\\\x0a\"))) *a;\n};\n\n");
}

/* C. */

static void c_declares(void **state)
{
	(void)state;
	expect("int; i char/1=0x01000008; C 2; *3; C 4; A(1,1,3); A(6,1,2); *6; C 6; V 9; P 1(x:1, -:4, -:0);"
	       "*11; V 11; *13; P 0(); *15; P 16(-:0); *17; A(18,1,5); *19; tt user=2; *21; tt! address_space(1)=2;"
	       "*23; R 4; *0; C 0; *27; tt rcu=3; *29; tt p=4; Fs f; C 32; *33; V 12;"
	       "td all=37; S -/400{a:4@0, b:5@64, c:6@128, d:7@224, e:8@448, f:10@512, g:12@640, h:14@704,"
	       "i:16@768, j:18@832, k:19@896, l:20@1216, m:22@1280, n:24@1344, o:25@1408, p:26@1472, q:28@1536,"
	       "r:30@1600, s:31@1664, t:34@1728, u:35@1792}<word=232>",
	       C_UNSORTED, NULL,
	       "struct f;\n\n"
	       "typedef struct {\n"
	       "\tconst char *a;\n"
	       "\tconst char * const b;\n"
	       "\tint c[3];\n"
	       "\tint d[2][3];\n"
	       "\tint (*e)[3];\n"
	       "\tint f[3];\n"
	       "\tint (*g)(int x, const char *, ...);\n"
	       "\tint (*h)(int x, const char *, ...);\n"
	       "\tvoid (*i)(void);\n"
	       "\tvoid (* (*j)(void))(void);\n"
	       "\tvoid (* (*k[5])(void))(void);\n"
	       "\tvoid (* (*(*l)[5])(void))(void);\n"
	       "\tchar __attribute__((btf_type_tag(\"user\"))) *m;\n"
	       "\tchar __attribute__((address_space(1))) *n;\n"
	       "\tconst char * restrict o;\n"
	       "\tvoid *p;\n"
	       "\tconst void *q;\n"
	       "\tconst char __attribute__((btf_type_tag(\"rcu\"))) *r;\n"
	       "\tconst char * __attribute__((btf_type_tag(\"p\"))) s;\n"
	       "\tconst struct f *t;\n"
	       "\tint (* volatile u)(int x, const char *, ...);\n"
	       "} all;\n\n");
}

static void c_nests(void **state)
{
	(void)state;
	expect("int; S -/4{x:1@0}; U -/4{in:2@0, -:2@0}; E -/4{A=0, B=1}; S s/12{u:3@0, e:4@32, -:3@64};"
	       "P 1(e:4); S t/8{s:5@0}<word=12>",
	       C_UNSORTED, NULL,
	       "struct s {\n"
	       "\tunion {\n"
	       "\t\tstruct {\n\t\t\tint x;\n\t\t} in;\n"
	       "\t\tstruct {\n\t\t\tint x;\n\t\t};\n"
	       "\t} u;\n"
	       "\tenum {\n\t\tA = 0,\n\t\tB = 1,\n\t} e;\n"
	       "\tunion {\n"
	       "\t\tstruct {\n\t\t\tint x;\n\t\t} in;\n"
	       "\t\tstruct {\n\t\t\tint x;\n\t\t};\n"
	       "\t};\n"
	       "};\n\n"
	       "struct t {\n\tstruct s s;\n};\n\n");
}

static void c_orders(void **state)
{
	(void)state;
	/* What is held comes first, what is pointed to is declared. */
	expect("*3; S b/8{a:4@0}; S c/8{b:2@0}; S a/8{c:1@0}; td c_t=3; *5; S d/16{p:6@0, c:5@64}", C_UNSORTED,
	       NULL,
	       "struct c;\n\nstruct a {\n\tstruct c *c;\n};\n\n"
	       "struct b {\n\tstruct a a;\n};\n\nstruct c {\n\tstruct b b;\n};\n\n"
	       "typedef struct c c_t;\n\nstruct d {\n\tc_t *p;\n\tc_t c;\n};\n\n");
	/* A struct may mention itself, and a typedef whose struct comes later. */
	expect("S n/16{n:2@0, t:3@64}; *1; *4; td t_t=5; S m/8{t:3@0}", C_UNSORTED, NULL,
	       "struct m;\n\ntypedef struct m t_t;\n\n"
	       "struct n {\n\tstruct n *n;\n\tt_t *t;\n};\n\nstruct m {\n\tt_t *t;\n};\n\n");
	expect("S h/8{f:2@0}; *3; P 1(h:4); *1", C_UNSORTED, NULL,
	       "struct h {\n\tstruct h (*f)(struct h *h);\n};\n\n");
}

static void c_sorts(void **state)
{
	(void)state;
	expect("int; S z/4{a:1@0}; S a/4{a:1@0}; td t=2; E e/4{V=1}; E -/4{U=2}; Fs x; td u=1; E -/4{T=3};"
	       "P 0(); td p=10; *7",
	       C, NULL,
	       "enum {\n\tT = 3,\n};\n\nenum {\n\tU = 2,\n};\n\nenum e {\n\tV = 1,\n};\n\n"
	       "typedef int u;\n\nstruct a {\n\tint a;\n};\n\nstruct z {\n\tint a;\n};\n\n"
	       "typedef struct z t;\n\ntypedef void p(void);\n\nstruct x;\n\n");
}

static void c_renames(void **state)
{
	(void)state;
	expect("int; S s/4{a:1@0}; U s/4{s:2@0}; td s=1; td s=2; E s/4{A=0, B=1}; E t/4{A=2}; td A=1; Fs s;"
	       "S u/4{x:3@0, y:5@0, z:6@0}; E t/4{}; *9",
	       C_UNSORTED, NULL,
	       "struct s {\n\tint a;\n};\n\nunion s___2 {\n\tstruct s s;\n};\n\n"
	       "typedef int s;\n\ntypedef struct s s___2;\n\nenum s___3 {\n\tA = 0,\n\tB = 1,\n};\n\n"
	       "enum t {\n\tA___2 = 2,\n};\n\ntypedef int A___3;\n\nstruct s;\n\n"
	       "struct u {\n\tunion s___2 x;\n\ts___2 y;\n\tenum s___3 z;\n};\n\nenum t;\n\n");
}

static void c_lays_out(void **state)
{
	(void)state;
	expect("int; i char/1=0x01000008; i long/8=0x01000040; i short/2=0x01000010;"
	       "S packed/5{c:2@0, i:1@8}; S tail/12{l:3@0, i:1@64}; S empty/0{}; S sized/12{};"
	       "S! bits/8{a:1@0:3, b:1@3:5, c:1@16:4, d:1@33:7}; S! more/16{a:1@4:3, b:2@32, c:1@41:4, d:3@70:1};"
	       "S gap/32{c:2@0, i:1@64, l:3@192}; S shorts/8{s:4@16, c:2@40}; U u/8{i:1@0}; S one/3{c:2@8}",
	       C_UNSORTED, NULL,
	       "struct packed {\n\tchar c;\n\tint i;\n} __attribute__((packed));\n\n"
	       "struct tail {\n\tlong l;\n\tint i;\n} __attribute__((packed));\n\n"
	       "struct empty {};\n\n"
	       "struct sized {\n\tlong: 64;\n\tint: 32;\n};\n\n"
	       "struct bits {\n\tint a: 3;\n\tint b: 5;\n\tshort: 8;\n\tint c: 4;\n\tint: 12;\n\tchar: 1;\n\tint d: 7;\n"
	       "};\n\n"
	       "struct more {\n\tchar: 4;\n\tint a: 3;\n\tint: 0;\n\tchar b;\n\tchar: 1;\n\tint c: 4;\n\tlong: 19;\n"
	       "\tchar: 6;\n\tlong d: 1;\n};\n\n"
	       "struct gap {\n\tchar c;\n\tlong: 0;\n\tint i;\n\tlong: 64;\n\tlong l;\n};\n\n"
	       "struct shorts {\n\tshort: 16;\n\tshort s;\n\tchar: 8;\n\tchar c;\n\tlong: 0;\n};\n\n"
	       "union u {\n\tint i;\n};\n\n"
	       "struct one {\n\tchar: 8;\n\tchar c;\n\tchar: 8;\n};\n\n");
	/* Without a long of 4 bytes words have 8. */
	expect("i long/4=0x01000020; S s/16{}", C, NULL,
	       "struct s {\n\tlong: 32;\n\tlong: 32;\n\tlong: 32;\n\tlong: 32;\n};\n\n");
}

/* Unlike bpftool, which would write half a million lines. */
static void c_wide_gaps_are_arrays(void **state)
{
	(void)state;
	expect("int; S s/0x80010{a:1@0}; S! t/0x1e004{a:1@0:3, b:1@0xf0003:1}", C, NULL,
	       "struct s {\n\tint a;\n\tchar __gap_2_4[524300];\n};\n\n"
	       "struct t {\n\tint a: 3;\n\tchar: 5;\n\tchar __gap_3_1[122879];\n\tchar: 3;\n\tint b: 1;\n};\n\n");
}

static void c_shapes_enums(void **state)
{
	(void)state;
	expect("E a/1{A=1}; E b/2{B=1}; E c/8{C=1}; L d/8{D=1}; L e/8{E=0x100000001}; L! f/8{F=-1}; E g/4{};"
	       "E h/4{H=0xffffffff}; E! i/4{I=-1}",
	       C_UNSORTED, NULL,
	       "enum a {\n\tA = 1,\n} __attribute__((mode(byte)));\n\nenum b {\n\tB = 1,\n};\n\n"
	       "enum c {\n\tC = 1,\n} __attribute__((mode(word)));\n\n"
	       "enum d {\n\tD = 1ULL,\n} __attribute__((mode(word)));\n\nenum e {\n\tE = 4294967297ULL,\n};\n\n"
	       "enum f {\n\tF = -1LL,\n};\n\nenum g;\n\nenum h {\n\tH = 4294967295,\n};\n\nenum i {\n\tI = -1,\n};\n\n");
}

static void c_knows_odd_types(void **state)
{
	(void)state;
	expect("int; td __builtin_va_list=1; td __gnuc_va_list=0; i __Poly8_t/1=8; S s/4{p:4@0}; P 0(v:0);"
	       "td f=6; P 0(-:0, z:1); td g=8; S -/4{never:1@0}",
	       C_UNSORTED, NULL,
	       "typedef __builtin_va_list __gnuc_va_list;\n\n"
	       "typedef unsigned char __Poly8_t;\n\n"
	       "struct s {\n\t__Poly8_t p;\n\tint: 0;\n};\n\n"
	       "typedef void f(void);\n\ntypedef void g(void, int z);\n\n");
}

static void c_ends_with_kfuncs(void **state)
{
	struct btf_view view;
	struct blob blob;

	(void)state;
	blob_build(&blob,
		   "int; P 1(a:1); fn zeta=2; fn alpha=2; fn beta=2; dt bpf_kfunc=3=-1; dt bpf_kfunc=4=-1;"
		   "dt bpf_fastcall=4=-1; dt bpf_kfunc=5=0; dt other=5=-1; td T=1; dt bpf_kfunc=11=-1",
		   false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(dump_view(&view, NULL, C));
	assert_non_null(strstr(text.data, "typedef int T;\n\n\n"
					  "/* BPF kfuncs */\n"
					  "#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
					  "extern __bpf_fastcall int alpha(int a) __weak __ksym;\n"
					  "extern int zeta(int a) __weak __ksym;\n"
					  "#endif\n\n"
					  "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
					  "#pragma clang attribute pop\n"
					  "#endif\n\n"
					  "#endif /* __VMLINUX_H__ */\n"));
	assert_memory_equal(text.data,
			    "#ifndef __VMLINUX_H__\n#define __VMLINUX_H__\n\n"
			    "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n#pragma clang attribute push "
			    "(__attribute__((preserve_access_index)), apply_to = record)\n#endif\n\n",
			    100);
	btf_view_close(&view);
	blob_free(&blob);
}

/* Choices. */

static void ids_choose(void **state)
{
	static const char types[] = "int; S a/4{x:1@0}; S b/8{a:2@0, p:4@32}<word=12>; *5; S c/4{x:1@0}; P 1(b:3, c:4);"
				    "fn f=6; var v=4=1; td t=3";
	uint32_t raw_ids[] = { 5, 0, 2, 77, 2 }, b[] = { 3 }, f[] = { 7 }, v[] = { 8 }, ca[] = { 5, 2 };

	(void)state;
	expect(types, RAW, &(struct dump_ids){ raw_ids, ARRAY_LEN(raw_ids) },
	       "[5] STRUCT 'c' size=4 vlen=1\n\t'x' type_id=1 bits_offset=0\n"
	       "[2] STRUCT 'a' size=4 vlen=1\n\t'x' type_id=1 bits_offset=0\n"
	       "[2] STRUCT 'a' size=4 vlen=1\n\t'x' type_id=1 bits_offset=0\n");
	expect(types, C, &(struct dump_ids){ b, 1 },
	       "struct a {\n\tint x;\n};\n\nstruct c;\n\n"
	       "struct b {\n\tstruct a a;\n\tstruct c *p;\n} __attribute__((packed));\n\n");
	/* bpftool shows nothing for these two. */
	expect(types, C, &(struct dump_ids){ f, 1 },
	       "struct a {\n\tint x;\n};\n\nstruct c;\n\n"
	       "struct b {\n\tstruct a a;\n\tstruct c *p;\n} __attribute__((packed));\n\n"
	       "extern int f(struct b b, struct c *c);\n\n");
	expect(types, C, &(struct dump_ids){ v, 1 }, "struct c;\n\nextern struct c *v;\n\n");
	expect(types, C, &(struct dump_ids){ ca, 2 }, "struct a {\n\tint x;\n};\n\nstruct c {\n\tint x;\n};\n\n");
	expect(types, C_UNSORTED, &(struct dump_ids){ ca, 2 },
	       "struct c {\n\tint x;\n};\n\nstruct a {\n\tint x;\n};\n\n");
}

static void expect_picked(const struct btf_view *view, const struct dump_filter *filter, size_t num,
			  const uint32_t *wanted)
{
	dump_id_vec ids = {};

	assert_null(btf_dump_pick(view, filter, &ids));
	assert_int_equal(ids.num, num);
	for (size_t i = 0; i < num; i++)
		assert_int_equal(ids.data[i], wanted[i]);
	vec_deinit(&ids);
}

static void filters_pick(void **state)
{
	static const char *const names[] = { "in?", "rq" }, *const star[] = { "*" };
	static const char *const sections[] = { ".data..per*" }, *const nothing[] = { "[" };
	const uint32_t structs = 1u << BTF_STRUCT | 1u << BTF_UNION;
	struct btf_view view;
	struct blob blob;

	(void)state;
	blob_build(&blob,
		   "int; S rq/4{a:1@0}; U rq/4{a:1@0}; *2; var rq=2=0; var x=1=0; sec .data..percpu/8{5@0+4, 1@4+4, 99@0+4};"
		   "sec .data/8{6@0+4}",
		   true);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	expect_picked(&view, &(struct dump_filter){ .names = names, .num_names = 2 }, 4,
		      (uint32_t[]){ 1, 2, 3, 5 });
	expect_picked(&view, &(struct dump_filter){ .names = names, .num_names = 2, .kinds = structs }, 2,
		      (uint32_t[]){ 2, 3 });
	expect_picked(&view, &(struct dump_filter){ .kinds = 1u << BTF_PTR }, 1, (uint32_t[]){ 4 });
	expect_picked(&view, &(struct dump_filter){ .names = star, .num_names = 1 }, 7,
		      (uint32_t[]){ 1, 2, 3, 5, 6, 7, 8 });
	expect_picked(&view, &(struct dump_filter){ .sections = sections, .num_sections = 1 }, 2,
		      (uint32_t[]){ 5, 7 });
	expect_picked(&view,
		      &(struct dump_filter){
			      .sections = sections, .num_sections = 1, .kinds = 1u << BTF_VAR },
		      1, (uint32_t[]){ 5 });
	expect_picked(&view, &(struct dump_filter){ .names = nothing, .num_names = 1 }, 0, NULL);
	btf_view_close(&view);
	blob_free(&blob);
}

static void split_shows_its_own(void **state)
{
	struct blob base_blob, blob;
	struct btf_view base, view;
	uint32_t base_id = 2;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		blob_build(&base_blob, "int; S s/4{x:1@0}", big_endian);
		blob_build_split(&blob, "S t/4{s:2@0}; td s=2<name=#1>; S s/4{y:1@0}", big_endian,
				 base_blob.strings_size);
		assert_null(btf_view_open(blob_span(&base_blob), NULL, &base));
		assert_null(btf_view_open(blob_span(&blob), &base, &view));
		assert_null(dump_view(&view, NULL, RAW));
		assert_string_equal(text.data, "[3] STRUCT 't' size=4 vlen=1\n\t's' type_id=2 bits_offset=0\n"
					       "[4] TYPEDEF 'int' type_id=2\n"
					       "[5] STRUCT 's' size=4 vlen=1\n\t'y' type_id=1 bits_offset=0\n");
		assert_null(dump_view(&view, &(struct dump_ids){ &base_id, 1 }, RAW));
		assert_string_equal(text.data, "[2] STRUCT 's' size=4 vlen=1\n\t'x' type_id=1 bits_offset=0\n");
		/* A header needs the base. */
		assert_null(dump_view(&view, NULL, C_UNSORTED));
		assert_string_equal(c_body(true),
				    "struct s {\n\tint x;\n};\n\nstruct t {\n\tstruct s s;\n};\n\n"
				    "typedef struct s int;\n\nstruct s___2 {\n\tint y;\n};\n\n");
		btf_view_close(&view);
		btf_view_close(&base);
		blob_free(&blob);
		blob_free(&base_blob);
	}
}

/* Hostile. */

static void expect_c_errors(const char *types, const char *sorted, const char *unsorted)
{
	struct btfgen_error *err;
	struct btf_view view;
	struct blob blob;

	blob_build(&blob, types, false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	for (enum form form = C; form <= C_UNSORTED; form++) {
		err = dump_view(&view, NULL, form);
		assert_non_null(err);
		assert_int_equal(err->code, BTFGEN_ERROR_INPUT);
		assert_string_equal(err->message, form == C ? sorted : unsorted);
		error_free(err);
	}
	assert_null(dump_view(&view, NULL, RAW));
	assert_null(dump_view(&view, NULL, PRETTY));
	btf_view_close(&view);
	blob_free(&blob);
}

static void expect_c_error(const char *types, const char *message)
{
	expect_c_errors(types, message, message);
}

static void c_refuses_what_it_cannot_say(void **state)
{
	(void)state;
	expect_c_error("S s/4{s:1@0}", "cannot be written as C: type 1 ('s') holds itself");
	expect_c_error("S a/4{b:2@0}; S b/4{a:1@0}", "cannot be written as C: type 1 ('a') holds itself");
	expect_c_error("S -/8{p:2@0}; *1", "cannot be written as C: type 1 holds itself");
	expect_c_error("*1", "cannot be written as C: type 1 is nested too deeply or holds itself");
	expect_c_error("td t=1", "cannot be written as C: type 1 ('t') is nested too deeply or holds itself");
	expect_c_error("C 2; V 1", "cannot be written as C: type 1 is nested too deeply or holds itself");
	expect_c_error("A(1,1,2)", "cannot be written as C: type 1 is nested too deeply or holds itself");
	expect_c_error("td t=2; *3; P 0(t:1)",
		       "cannot be written as C: type 3 is nested too deeply or holds itself");
	expect_c_error("S s/4{x:9@0}", "cannot be written as C: type 9 does not exist, and is used");
	expect_c_error("int; var v=1=0; S s/4{x:2@0}",
		       "cannot be written as C: type 2 ('v') is no type of C, and is used as one");
}

/* Types of which each holds the one before twice: the last one holds the first 2^60 times. */
static void c_does_not_multiply(void **state)
{
	static char types[1 << 13];
	size_t size = (size_t)sprintf(types, "int; S -/4{a:1@0}");

	(void)state;
	for (int id = 2; id < 62; id++)
		size += (size_t)sprintf(types + size, "; S -/4{a:%d@0, b:%d@0}", id, id);
	sprintf(types + size, "; S s/4{a:62@0}");
	expect_c_error(types, "cannot be written as C: types hold each other too often");
}

static void c_does_not_go_deep(void **state)
{
	static char types[1 << 15];
	size_t size = (size_t)sprintf(types, "int; S -/4{a:1@0}");
	struct btf_view view;
	struct blob blob;

	(void)state;
	for (int id = 2; id < 100; id++)
		size += (size_t)sprintf(types + size, "; S -/4{a:%d@0}", id);
	sprintf(types + size, "; S s/4{a:100@0}");
	blob_build(&blob, types, false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(dump_view(&view, NULL, C));
	/* Tabs end where bpftool's do. */
	assert_non_null(strstr(text.data, "\n\t\t\t\t\t\t\t\t\t\t\t\t\tint a;\n\t\t\t\t\t\t\t\t\t\t\t\t\t} a;\n"));
	btf_view_close(&view);
	blob_free(&blob);
	for (int id = 100; id < 600; id++)
		size += (size_t)sprintf(types + size, "; S -/4{a:%d@0}", id);
	sprintf(types + size, "; S s/4{a:600@0}");
	/* Where the way down begins depends on the order. */
	expect_c_errors(types, "cannot be written as C: type 101 is nested too deeply or holds itself",
			"cannot be written as C: type 100 is nested too deeply or holds itself");
}

static void long_chains_of_qualifiers_end(void **state)
{
	static char types[1 << 15];
	size_t size = (size_t)sprintf(types, "int");

	(void)state;
	for (int id = 1; id < 600; id++)
		size += (size_t)sprintf(types + size, "; *%d", id);
	sprintf(types + size, "; td t=600");
	expect_c_error(types, "cannot be written as C: type 101 is nested too deeply or holds itself");
}

/* A record of 65,535 members may be a whole file. */
static void a_huge_vlen_is_read_to_its_end(void **state)
{
	enum { NUM = 1 << 20 };
	uint8_t *data = calloc(1, 24 + 12 + 12 * NUM + 3);
	uint32_t header[] = { 24, 0, 12 + 12 * NUM, 12 + 12 * NUM, 3 };
	struct text_out *out;
	struct btf_view view;

	(void)state;
	assert_non_null(data);
	store_u16(data, BTF_HEADER_MAGIC, false);
	data[BTF_HEADER_VERSION_OFF] = 1;
	memcpy(data + 4, header, sizeof(header));
	store_u32(data + 24, 1, false);
	store_u32(data + 28, btf_info_make(BTF_UNION, false, NUM), false);
	memcpy(data + 24 + 12 + 12 * NUM, "\0u", 3);
	assert_null(btf_view_open((struct span){ data, 24 + 12 + 12 * NUM + 3 }, NULL, &view));
	/* Where the text goes to is full soon: the work ends there. */
	for (enum form form = RAW; form <= C_UNSORTED; form++) {
		out = out_start();
		text.max = TEXT_OUT_SIZE;
		if (form == RAW)
			btf_dump_raw(&view, NULL, out);
		else if (form <= PRETTY)
			btf_dump_json(&view, NULL, form == PRETTY, out);
		else
			assert_null(btf_dump_c(&view, NULL, form == C, out));
		assert_true(out->failed);
		assert_false(text_out_flush(out));
		assert_int_equal(text.size, TEXT_OUT_SIZE);
		assert_in_range(text_num_bytes(out), TEXT_OUT_SIZE, 3 * TEXT_OUT_SIZE);
	}
	btf_view_close(&view);
	free(data);
}

static void unknown_kinds_have_a_line(void **state)
{
	struct btf_view view;
	struct blob blob;

	(void)state;
	/* The kind becomes 20; the layout says that it has no tail. */
	blob_build(&blob, "td n=0<info=0x1c000000>; td m=1", false);
	blob_insert(&blob, 24, 8);
	blob_set_header(&blob, BTF_HEADER_SIZE_OFF, 32);
	blob_insert(&blob, 32 + blob.types_size, 4 * 21);
	blob_set_header(&blob, BTF_HEADER_LAYOUT_OFF_OFF, blob.types_size);
	blob_set_header(&blob, BTF_HEADER_LAYOUT_SIZE_OFF, 4 * 21);
	blob_set_header(&blob, BTF_HEADER_STRINGS_OFF_OFF, blob.types_size + 4 * 21);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(dump_view(&view, NULL, RAW));
	assert_string_equal(text.data, "[1] UNKN 'n'\n[2] TYPEDEF 'm' type_id=1\n");
	btf_view_close(&view);
	blob_free(&blob);
}

/* Text. */

static void text_goes_out_in_blocks(void **state)
{
	struct text_out *out = out_start();
	static char big[3 * TEXT_OUT_SIZE + 1];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	text_literal(out, "a");
	text_string(out, big);
	text_u64(out, 0);
	text_u64(out, UINT64_MAX);
	text_i64(out, INT64_MIN);
	text_repeat(out, '\t', 3);
	assert_int_equal(text_num_bytes(out), 1 + sizeof(big) - 1 + 1 + 20 + 20 + 3);
	assert_true(text_out_flush(out));
	assert_int_equal(text.size, text_num_bytes(out));
	assert_memory_equal(text.data, "axxxx", 5);
	assert_string_equal(text.data + sizeof(big), "018446744073709551615-9223372036854775808\t\t\t");
	assert_true(text_out_flush(out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_shows_every_kind),
		cmocka_unit_test(json_shows_every_kind),
		cmocka_unit_test(pretty_json_has_a_member_a_line),
		cmocka_unit_test(names_do_no_harm),
		cmocka_unit_test(c_declares),
		cmocka_unit_test(c_nests),
		cmocka_unit_test(c_orders),
		cmocka_unit_test(c_sorts),
		cmocka_unit_test(c_renames),
		cmocka_unit_test(c_lays_out),
		cmocka_unit_test(c_wide_gaps_are_arrays),
		cmocka_unit_test(c_shapes_enums),
		cmocka_unit_test(c_knows_odd_types),
		cmocka_unit_test(c_ends_with_kfuncs),
		cmocka_unit_test(ids_choose),
		cmocka_unit_test(filters_pick),
		cmocka_unit_test(split_shows_its_own),
		cmocka_unit_test(c_refuses_what_it_cannot_say),
		cmocka_unit_test(c_does_not_multiply),
		cmocka_unit_test(c_does_not_go_deep),
		cmocka_unit_test(long_chains_of_qualifiers_end),
		cmocka_unit_test(a_huge_vlen_is_read_to_its_end),
		cmocka_unit_test(unknown_kinds_have_a_line),
		cmocka_unit_test(text_goes_out_in_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
