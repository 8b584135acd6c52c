// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * lib/btf/verify_rule, the lists of btf_verify_all() and btf_find_flaws(), what each line of
 * kernels takes, and the fields of BPF programs (the last before the running kernel, too).
 *
 * Older kernels cannot be run here; what is expected of them follows from their source, see
 * lib/btf/verify_rule.h.
 */
#include <stdio.h>

#include "btf_blob.h"
#include "btf_kernel.h"

#include "lib/btf/quality.h"
#include "lib/btf/verify.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))

/* The table. */

static void rules_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERIFY_NUM_RULES; i++) {
		const struct verify_rule *rule = &verify_rules[i];

		assert_non_null(rule->id);
		assert_ptr_equal(verify_rule_find(rule->id), rule);
		assert_in_range(strlen(rule->wants), 10, 140);
		assert_int_not_equal(rule->wants[strlen(rule->wants) - 1], '.');
		assert_true(!rule->until || rule->until > rule->since);
		/* Warnings are refused by nobody, and all but one of the others by somebody. */
		assert_int_equal(rule->is_warning, rule->id[0] == 'N');
		if (strcmp(rule->id, "T1"))
			assert_int_equal(rule->is_warning, !rule->refused_by);
	}
	assert_null(verify_rule_find("M9"));
	assert_null(verify_rule_find(""));
}

static void levels_depend_on_reader_and_kernel(void **state)
{
	static const struct {
		const char *id;
		bool program;
		unsigned int kernel;
		enum verify_level level;
	} levels[] = {
		{ "M16", true, VERIFY_KERNEL(5, 10), VERIFY_REFUSED },
		{ "M16", false, VERIFY_KERNEL(7, 3), VERIFY_REFUSED },
		{ "R6", true, VERIFY_KERNEL(5, 10), VERIFY_REFUSED },
		{ "R6", false, VERIFY_KERNEL(7, 3), VERIFY_WRONG },
		{ "H9", false, VERIFY_KERNEL(7, 3), VERIFY_WRONG },
		{ "C1", false, VERIFY_KERNEL(5, 10), VERIFY_WRONG },
		{ "C1", false, VERIFY_KERNEL(6, 1), VERIFY_REFUSED },
		{ "C3", false, VERIFY_KERNEL(6, 18), VERIFY_REFUSED },
		{ "C3", false, VERIFY_KERNEL(7, 2), VERIFY_WRONG },
		{ "X1", true, VERIFY_KERNEL(6, 1), VERIFY_WRONG },
		{ "X1", true, VERIFY_KERNEL(6, 12), VERIFY_REFUSED },
		{ "T1", true, VERIFY_KERNEL(7, 3), VERIFY_WRONG },
		{ "N4", true, VERIFY_KERNEL(7, 3), VERIFY_WARNING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		assert_int_equal(verify_rule_level(verify_rule_find(levels[i].id),
						   levels[i].program, levels[i].kernel),
				 levels[i].level);
}

/* Lists, as "RULE id.index; ...". */

enum { LIST_SIZE = 2048 };

static void list_format(const struct verify_findings *findings, char ret_text[static LIST_SIZE])
{
	size_t used = 0;

	ret_text[0] = 0;
	for (size_t i = 0; i < findings->items.num; i++) {
		const struct verify_finding *finding = &findings->items.data[i];

		used += snprintf(ret_text + used, LIST_SIZE - used, "%s%s %u", used ? "; " : "",
				 finding->rule->id, finding->type_id);
		if (finding->index != VERIFY_NO_INDEX)
			used += snprintf(ret_text + used, LIST_SIZE - used, ".%u", finding->index);
		assert_true(used < LIST_SIZE);
	}
}

static void list_check(const char *types, const char *base_types,
		       const struct verify_options *options, bool flaws, const char *expected)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct verify_findings findings = { .max = SIZE_MAX };
		struct blob blob, base_blob;
		struct btf_view view, base;
		char text[LIST_SIZE];

		if (base_types) {
			blob_build(&base_blob, base_types, big_endian);
			assert_null(btf_view_open(blob_span(&base_blob), NULL, &base));
		}
		blob_build_split(&blob, types, big_endian,
				 base_types ? base_blob.strings_size : 0);
		assert_null(btf_view_open(blob_span(&blob), base_types ? &base : NULL, &view));
		if (flaws)
			assert_null(btf_find_flaws(&view, options->sorted, &findings));
		else
			assert_null(btf_verify_all(&view, options, &findings));
		list_format(&findings, text);
		if (strcmp(text, expected))
			fail_msg("'%s': '%s', expected '%s'", types, text, expected);
		verify_findings_deinit(&findings);
		btf_view_close(&view);
		blob_free(&blob);
		if (base_types) {
			btf_view_close(&base);
			blob_free(&base_blob);
		}
	}
}

struct list_case {
	const char *types, *expected, *program; /* NULL: the same */
};

static const struct list_case list_cases[] = {
#include "btf_list_cases.h"
};

static void lists_have_all_violations(void **state)
{
	struct verify_options options = { .ptr_size = 8 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(list_cases); i++) {
		const struct list_case *c = &list_cases[i];

		options.program = false;
		list_check(c->types, NULL, &options, false, c->expected);
		options.program = true;
		list_check(c->types, NULL, &options, false, c->program ? c->program : c->expected);
	}
}

static void finding_has_all_names(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct verify_findings findings = { .max = SIZE_MAX };
	const struct verify_finding *finding;
	struct btf_view view;
	struct blob blob;
	char text[512];

	(void)state;
	blob_build(&blob, "int; S s/4{a:1@0, b:1@16, c:1@32}", false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(btf_verify_all(&view, &options, &findings));
	/* They outlive the bytes. */
	btf_view_close(&view);
	blob_free(&blob);
	assert_int_equal(findings.items.num, 2);
	finding = &findings.items.data[1];
	assert_string_equal(finding->rule->id, "R6");
	assert_string_equal(finding->kind, "STRUCT");
	assert_string_equal(finding->name, "s");
	assert_string_equal(finding->noun, "member");
	assert_string_equal(finding->element, "c");
	assert_int_equal(finding->index, 2);
	assert_string_equal(finding->text, "ends behind the size");
	verify_finding_describe(finding, text, sizeof(text));
	assert_string_equal(text, "type 2 STRUCT 's' member 2 'c': R6: ends behind the size");
	verify_findings_deinit(&findings);
}

static void findings_are_counted_beyond_the_limit(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct verify_findings findings = { .max = 2 };
	struct btf_view view;
	struct blob blob;
	char text[LIST_SIZE];

	(void)state;
	blob_build(&blob, "*9; *9; *9; C 9; int; int; int; td -=5; var v=5=0", false);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(btf_verify_all(&view, &options, &findings));
	assert_null(btf_find_flaws(&view, true, &findings));
	list_format(&findings, text);
	/* PTR and CONST lead to a VAR. */
	assert_string_equal(text, "M12 8; R1 1; N1 8; N4 2");
	assert_int_equal(findings.num_found[0], 5);
	assert_int_equal(findings.num_found[1], 6);
	assert_int_equal(findings.num_by_rule[verify_rule_find("R1") - verify_rules], 4);
	assert_int_equal(findings.num_by_rule[verify_rule_find("N4") - verify_rules], 4);
	assert_int_equal(findings.num_by_rule[verify_rule_find("N6") - verify_rules], 1);
	verify_findings_deinit(&findings);
	btf_view_close(&view);
	blob_free(&blob);
}

static void container_is_no_reason_to_stop(void **state)
{
	struct verify_options options = { .ptr_size = 8 };
	struct verify_findings findings = { .max = SIZE_MAX };
	struct btf_view view;
	struct blob blob;
	char text[LIST_SIZE];

	(void)state;
	blob_build(&blob, "int; td -=1", false);
	blob.data[BTF_HEADER_FLAGS_OFF] = 1;
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(btf_verify_all(&view, &options, &findings));
	list_format(&findings, text);
	assert_string_equal(text, "H6 0; M12 2");
	assert_null(findings.items.data[0].kind);
	verify_finding_describe(&findings.items.data[0], text, sizeof(text));
	assert_string_equal(text, "BTF: H6: unknown flags 0x1");
	verify_findings_deinit(&findings);
	btf_view_close(&view);
	blob_free(&blob);
}

/* What each line of kernels takes. */

static const struct {
	unsigned int major, minor;
} lines[] = { { 5, 10 }, { 6, 1 }, { 6, 12 }, { 6, 18 }, { 7, 2 }, { 7, 3 } };

struct line_case {
	const char *types;
	const char *rules[ARRAY_LEN(lines)]; /* "": taken */
	bool as_kernel;			     /* not as a program */
};

static const struct line_case line_cases[] = {
	/* Kinds. */
	{ "int; var v=1=0; sec .d/4{2@0+4}", { "", "", "", "", "", "" }, false },
	{ "fl float/4", { "M2", "", "", "", "", "" }, false },
	{ "int; td t=1; dt a=2=-1", { "M2", "", "", "", "", "" }, false },
	{ "int; tt a=1; *2", { "M2", "", "", "", "", "" }, false },
	{ "L e/8{a=0x100000000}", { "M2", "", "", "", "", "" }, false },
	/* Flags. */
	{ "E! e/4{a=-1}", { "M17", "", "", "", "", "" }, false },
	{ "L! e/8{a=-1}", { "M2", "", "", "", "", "" }, false },
	{ "int; tt! a=1; *2", { "M2", "M13", "M13", "", "", "" }, false },
	{ "int; td t=1; dt! a=2=-1", { "M2", "M23", "M23", "", "", "" }, false },
	{ "int; S! s/4{a:1@0:3}; Fu u; U! u/4{a:1@0:1}", { "", "", "", "", "", "" }, false },
	/* Order of type tags. */
	{ "int; tt a=1; C 2; *3", { "M2", "C3", "C3", "C3", "", "" }, false },
	{ "int; tt a=1; C 2; *3", { "M2", "C3", "C3", "C3", "", "" }, true },
	{ "int; C 1; tt a=2; *3", { "M2", "", "", "", "", "" }, false },
	/* Sections. */
	{ "sec .d/4{}", { "M21", "", "", "", "", "" }, false },
	{ "int; var v=1=0; sec ?.a b/4{2@0+4}", { "M21", "M21", "", "", "", "" }, false },
	{ "int; var v=1=0; sec .a-b/4{2@0+4}", { "M21", "M21", "", "", "", "" }, true },
	{ "int; var v=1=0; sec .a.b_1/4{2@0+4}", { "", "", "", "", "", "" }, false },
	/* Functions. */
	{ "P 0(); fn f=1; *2", { "R2", "", "", "", "", "" }, false },
	{ "int; var v=1=0; P 2()", { "", "R13", "R13", "R13", "R13", "R13" }, false },
	{ "int; P 1(a:1); fn f=2<vlen=1>", { "", "", "", "", "", "" }, false },
	{ "int; P 1(a:1); fn f=2<vlen=2>", { "M19", "M19", "M19", "M19", "M19", "M19" }, false },
	/* Fields of BPF. */
	{ "int; S bpf_refcount/4{a:1@0}; S s/8{a:2@0, b:2@32}",
	  { "", "", "X1", "X1", "X1", "X1" }, false },
	{ "int; S bpf_refcount/4{a:1@0}; S s/8{a:2@0, b:2@32}", { "", "", "", "", "", "" }, true },
	{ "int; S zz/0{}; tt x=2; tt kptr=3; *4; S! t/16{a:5@0:0, b:1@65:3}",
	  { "M2", "", "", "", "X1", "X1" }, false },
};

static void line_options(size_t line, bool as_kernel, struct verify_options *ret_options)
{
	*ret_options = (struct verify_options){ .ptr_size = 8, .program = !as_kernel };
	verify_options_for_kernel(ret_options, lines[line].major, lines[line].minor);
}

static void each_line_of_kernels_has_its_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(line_cases) * ARRAY_LEN(lines); i++) {
		const struct line_case *c = &line_cases[i / ARRAY_LEN(lines)];
		size_t line = i % ARRAY_LEN(lines);
		struct verify_violation violation;
		struct verify_options options;
		struct btf_view view;
		struct blob blob;

		line_options(line, c->as_kernel, &options);
		blob_build(&blob, c->types, false);
		assert_null(btf_view_open(blob_span(&blob), NULL, &view));
		assert_null(btf_verify(&view, &options, NULL, &violation));
		if (strcmp(violation.rule ? violation.rule : "", c->rules[line]))
			fail_msg("%u.%u: '%s': '%s', expected '%s'", lines[line].major,
				 lines[line].minor, c->types,
				 violation.rule ? violation.text : "", c->rules[line]);
		btf_view_close(&view);
		blob_free(&blob);
	}
}

/* Names of 128 bytes were the longest before 6.1; headers and vlen grew in 7.2. */
static void sizes_grew_with_the_kernels(void **state)
{
	char name[513], types[600];

	(void)state;
	for (size_t line = 0; line < ARRAY_LEN(lines); line++) {
		bool is_new = line >= 4;

		for (int i = 0; i < 7; i++) {
			static const int lengths[] = { 128, 129, 128, 129, 0, 0, 0 };
			const char *expected = "";
			struct verify_violation violation;
			struct verify_options options;
			struct btf_view view;
			struct blob blob;

			memset(name, 'x', sizeof(name));
			name[lengths[i]] = 0;
			line_options(line, false, &options);
			if (i < 2) {
				snprintf(types, sizeof(types), "int; td %s=1", name);
				blob_build(&blob, types, false);
				expected = i == 1 && line == 0 ? "M12" : "";
			} else if (i < 4) {
				snprintf(types, sizeof(types),
					 "int; var v=1=0; sec %s/4{2@0+4}", name);
				blob_build(&blob, types, false);
				expected = i == 3 && line == 0 ? "M21" : "";
			} else if (i == 4) {
				layout_build(&blob, "int", BTF_NUM_KINDS, false);
				expected = is_new ? "" : "H3";
			} else if (i == 5) {
				long_enum_build(&blob, false);
				expected = is_new ? "" : "M2";
			} else {
				/* Zeros where later kernels have fields. */
				blob_build(&blob, "int", false);
				blob_insert(&blob, 24, 8);
				blob_set_header(&blob, BTF_HEADER_SIZE_OFF, 32);
			}
			assert_null(btf_view_open(blob_span(&blob), NULL, &view));
			assert_null(btf_verify(&view, &options, NULL, &violation));
			if (strcmp(violation.rule ? violation.rule : "", expected))
				fail_msg("%u.%u, %d: '%s', expected '%s'", lines[line].major,
					 lines[line].minor, i,
					 violation.rule ? violation.text : "", expected);
			btf_view_close(&view);
			blob_free(&blob);
		}
	}
}

/* What could be better. */

static const struct list_case flaw_cases[] = {
	{ "", "", NULL },
	{ "*2; int; S j/0{}; td k=2", "", NULL },
	/* N1 */
	{ "int; *1", "N1 2", NULL },
	{ "S b/0{}; S a/0{}; S c/0{}; *0", "N1 2", NULL },
	/* N2 */
	{ "P 0(); P 1(); S s/0{}; fn f=1; td f=3; fn f=2; fn f=1", "N1 4; N2 6; N2 7", NULL },
	{ "int; var v=1=0; var v=1=1; sec .d/8{2@0+4, 3@4+4}", "N1 4; N2 3", NULL },
	{ "S s/0{}; S s/1{}; S s/2{}; U s/0{}; U s/1{}; S t/0{}; S t/9{}", "N2 2; N2 5", NULL },
	{ "E e/4{a=1}; L e/8{b=1}; td e=1; Fs g; Fs g", "N2 2; N4 5", NULL },
	/* N3 */
	{ "Fs s; S s/0{}; Fu s; Fu u; U u/0{}; Fs v", "N3 1; N3 4", NULL },
	/* N4: through names, pointers and rings. */
	{ "*0; *0", "N4 2", NULL },
	{ "*3; *4; int; int", "N4 2; N4 4", NULL },
	{ "*3; *4; S s/8{a:1@0}; S s/8{a:2@0}", "N2 4; N4 2; N4 4", NULL },
	{ "*3; *4; S s/8{a:1@0}; S s/8{b:2@0}", "N2 4", NULL },
	{ "*3; *4; S s/8{a:1@0}; S t/8{a:2@0}", "", NULL },
	{ "A(3,3,2); A(3,3,3); int", "", NULL },
	{ "P 2(a:2); int; P 2(a:2); P 2(b:2)", "N1 3; N4 3", NULL },
	{ "i a/4=0x20; i a/4=0x01000020; fl a/4; fl a/8", "", NULL },
	/* Several variables may be the same in all but their address. */
	{ "int; var v=1=0; var w=1=0; sec a/4{2@0+4}; sec b/4{3@0+4}", "N1 4", NULL },
	/* N5 */
	{ "int<name=#2>", "N5 0; N5 0", NULL },
	{ "int; S abc/0{}<name=#6>", "N1 2; N5 0; N5 0", NULL },
	{ "int; S abc/0{}; td x=1<name=#6>", "N1 2; N5 0; N5 0", NULL },
	/* N6 */
	{ "int; var v=1=0; var w=1=0; sec .d/8{3@0+4, 3@4+4}", "N1 4; N6 2; N6 3", NULL },
	/* N7 */
	{ "S s/0{}; dt a=1=-1; dt a=1=-1; dt! a=1=-1; dt a=1=-1; dt b=1=-1",
	  "N1 2; N7 3; N7 5", NULL },
	{ "int; S s/8{a:1@0, b:1@32}; dt t=2=0; dt t=2=1; dt t=2=-1; dt t=2=0", "N7 6", NULL },
	/* Broken BTF has flaws, too. */
	{ "*7; *7; S s/4{a:9@0}; S s/4{a:8@0}; C 5; C 6; tt -=200",
	  "N1 5; N2 4; N4 2; N4 6", NULL },
};

static void flaws_are_found(void **state)
{
	struct verify_options options = { .sorted = true };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flaw_cases); i++)
		list_check(flaw_cases[i].types, NULL, &options, true, flaw_cases[i].expected);
	options.sorted = false;
	list_check("int; *1", NULL, &options, true, "");
	/* Split: against forwards the base counts, against doubles it does not. */
	list_check("*1; Fs s; Fs t", "int; S s/0{}; *1", &options, true, "N3 5");
	list_check("*1; *1; *2", "int; S s/0{}; *1", &options, true, "N4 5");
	/* A type of the base is not one of the split. */
	list_check("*1; *4; int", "int", &options, true, "");
}

static void layout_flaws_are_found(void **state)
{
	struct verify_findings findings = { .max = SIZE_MAX };
	struct btf_view view;
	struct blob blob;
	char text[LIST_SIZE];
	uint8_t *table;

	(void)state;
	layout_build(&blob, "int", BTF_NUM_KINDS - 1, false);
	table = blob.data + 32 + blob.types_size;
	table[BTF_STRUCT * 4 + 1] = 16;
	table[BTF_VAR * 4 + 2] = 1;
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(btf_find_flaws(&view, true, &findings));
	list_format(&findings, text);
	assert_string_equal(text, "N8 0; N8 0; N8 0");
	assert_string_equal(findings.items.data[0].text,
			    "the layout table has 19 entries, there are 20 kinds");
	assert_string_equal(findings.items.data[1].text,
			    "the layout table says 0/16 of STRUCT, it is 0/12");
	assert_string_equal(findings.items.data[2].text,
			    "the layout table says 4/0 with flags of VAR, it is 4/0");
	verify_findings_deinit(&findings);
	btf_view_close(&view);
	blob_free(&blob);
}

/* Fields of BPF. */

/* 1 int, 2 long; 3, 4 locks; 5, 6 list head, node; 7, 8 tree root, node; 9 count */
#define FIELD_TYPES                                                                                \
	"int; i long/8=0x40; S bpf_spin_lock/4{a:1@0}; S bpf_res_spin_lock/4{a:1@0};"             \
	"S bpf_list_head/16{a:2@0, b:2@64}; S bpf_list_node/24{a:2@0, b:2@64, c:2@128};"          \
	"S bpf_rb_root/16{a:2@0, b:2@64}; S bpf_rb_node/32{a:2@0, b:2@64, c:2@128, d:2@192};"     \
	"S bpf_refcount/4{a:1@0}; "

static const struct {
	const char *types;
	const char *text; /* as 7.3; "": taken */
} field_cases[] = {
#include "btf_field_cases.h"
};

static const char *field_verdict(const char *types, const struct verify_options *options,
				 char ret_text[static 1024])
{
	struct verify_violation violation;
	char whole[4096];
	struct btf_view view;
	struct blob blob;

	snprintf(whole, sizeof(whole), "%s%s", FIELD_TYPES, types);
	blob_build(&blob, whole, HOST_BIG_ENDIAN);
	assert_null(btf_view_open(blob_span(&blob), NULL, &view));
	assert_null(btf_verify(&view, options, NULL, &violation));
	snprintf(ret_text, 1024, "%s", violation.rule ? violation.text : "");
	btf_view_close(&view);
	blob_free(&blob);
	return ret_text;
}

static void fields_of_programs_are_checked(void **state)
{
	struct verify_options options = { .ptr_size = 8, .program = true };
	char text[1024];

	(void)state;
	verify_options_for_kernel(&options, 7, 3);
	for (size_t i = 0; i < ARRAY_LEN(field_cases); i++) {
		field_verdict(field_cases[i].types, &options, text);
		if (strcmp(text, field_cases[i].text))
			fail_msg("'%s': '%s', expected '%s'", field_cases[i].types, text,
				 field_cases[i].text);
	}
}

static void kernel_agrees_on_fields(void **state)
{
	struct verify_options options;
	char text[1024], whole[4096];

	(void)state;
	if (!kernel_options(&options))
		skip();
	for (size_t i = 0; i < ARRAY_LEN(field_cases); i++) {
		bool accepted;

		snprintf(whole, sizeof(whole), "%s%s", FIELD_TYPES, field_cases[i].types);
		accepted = kernel_accepts_types(whole);
		field_verdict(field_cases[i].types, &options, text);
		if (accepted != !*text)
			fail_msg("'%s': the kernel %s it, ours '%s'", field_cases[i].types,
				 accepted ? "takes" : "refuses", text);
	}
}

/* Structs of structs of structs: 2 to the power of 30 members, and the deepest that is taken. */
static void nested_structs_take_no_time(void **state)
{
	struct verify_options options = { .ptr_size = 8, .program = true };
	char text[1024], types[4096];

	(void)state;
	verify_options_for_kernel(&options, 7, 3);
	for (int levels = 29; levels <= 32; levels++) {
		size_t used = snprintf(types, sizeof(types), "S s0/0{}");

		for (int i = 1; i < levels; i++)
			used += snprintf(types + used, sizeof(types) - used,
					 "; S s%d/0{a:%d@0, b:%d@0}", i, 9 + i, 9 + i);
		snprintf(types + used, sizeof(types) - used, "; S t/4{l:3@0, a:%d@32}", 9 + levels);
		field_verdict(types, &options, text);
		if (levels < 32)
			assert_string_equal(text, "");
		else
			assert_non_null(strstr(text, "X1: structs lie more than 32 deep"));
	}
}

/* Memory: the linker sends allocations of the libraries here (--wrap). */

static long allocations_left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *data, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *data, size_t size);

static bool allocation_fails(void)
{
	if (allocations_left < 0)
		return false;
	if (allocations_left == 0)
		return true;
	allocations_left--;
	return false;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t num, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_realloc(void *data, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(data, size);
}

static void each_allocation_may_fail(void **state)
{
	static const char *const all_types[] = {
		"*9; td -=7; S s/4{a:1@0, a:1@64}; S s/4{a:1@0}; Fs s; *5; int; var v=7=0; C 9; C 9;"
		"dt a=3=-1; dt a=3=-1",
		FIELD_TYPES "S v/24{n:6@0}; S s/20{h:5@0, l:3@128}; dt contains\\:v\\:n=11=0",
	};
	struct verify_options options = { .ptr_size = 8, .program = true };

	(void)state;
	verify_options_for_kernel(&options, 7, 3);
	for (size_t i = 0; i < ARRAY_LEN(all_types); i++) {
		char whole[LIST_SIZE], text[LIST_SIZE];
		struct btf_view view;
		struct blob blob;

		blob_build(&blob, all_types[i], false);
		assert_null(btf_view_open(blob_span(&blob), NULL, &view));
		for (long num = -1;; num++) {
			struct verify_findings findings = { .max = SIZE_MAX };
			struct btfgen_error *err;

			allocations_left = num;
			err = btf_verify_all(&view, &options, &findings);
			if (!err)
				err = btf_find_flaws(&view, true, &findings);
			allocations_left = -1;
			list_format(&findings, num < 0 ? whole : text);
			verify_findings_deinit(&findings);
			if (err) {
				assert_int_equal(err->code, BTFGEN_ERROR_MEMORY);
				error_free(err);
				continue;
			}
			if (num < 0)
				continue;
			assert_string_equal(text, whole);
			assert_in_range(num, 20, 200);
			break;
		}
		btf_view_close(&view);
		blob_free(&blob);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_whole),
		cmocka_unit_test(levels_depend_on_reader_and_kernel),
		cmocka_unit_test(lists_have_all_violations),
		cmocka_unit_test(finding_has_all_names),
		cmocka_unit_test(findings_are_counted_beyond_the_limit),
		cmocka_unit_test(container_is_no_reason_to_stop),
		cmocka_unit_test(each_line_of_kernels_has_its_rules),
		cmocka_unit_test(sizes_grew_with_the_kernels),
		cmocka_unit_test(flaws_are_found),
		cmocka_unit_test(layout_flaws_are_found),
		cmocka_unit_test(fields_of_programs_are_checked),
		cmocka_unit_test(kernel_agrees_on_fields),
		cmocka_unit_test(nested_structs_take_no_time),
		cmocka_unit_test(each_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
