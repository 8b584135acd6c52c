// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* explain_type: types of the store as C declares something of them. */
#include "explain_type.h"

#include "tests/unit/graph_text.h"

/* The last type of @units under the name @name. */
static void check(const char *units, const char *name, const char *expected)
{
	struct text_store text = text_store_settle(units, (struct text_how){});
	uint32_t last = 0;
	struct arena arena;

	while (last + 1 < TEXT_MAX_NODES && text.handles[0][last + 1].v)
		last++;
	arena_init(&arena);
	assert_string_equal(explain_type_text(&arena, text.store,
					      type_store_resolve(text.store, 0,
								 text.handles[0][last]),
					      name),
			    expected);
	arena_deinit(&arena);
	text_store_destroy(&text);
}

static void names_stand_behind_what_they_are_of(void **state)
{
	(void)state;
	check("int int/4s", "n", "int n");
	check("int long_int/8s", "", "long_int");
	check("S s/4{}; *1", "p", "struct s *p");
	check("S s/4{}; *1", "", "struct s *");
	check("Fu u; *1; *2", "p", "union u **p");
	check("E e/4{A=1}", "e", "enum e e");
	check("Fe e/4; *1", "e", "enum e *e");
	check("S -/4{}", "x", "struct {...} x");
	check("int int/4s; td t=1; *2", "x", "t *x");
	check("*0", "p", "void *p");
}

static void qualifiers_stand_where_they_bind(void **state)
{
	(void)state;
	check("int char/1c; C 1; *2", "s", "const char *s");
	check("int char/1c; *1; C 2", "s", "char *const s");
	check("int char/1c; *1; C 2", "", "char *const");
	check("int char/1c; C 1; *2; R 3", "s", "const char *restrict s");
	check("int char/1c; V 1; C 2", "s", "const volatile char s");
	check("C 0; *1", "p", "const void *p");
	check("int char/1c; *1; C 2; *3", "", "char *const *");
}

static void arrays_and_functions_stand_behind_the_name(void **state)
{
	(void)state;
	check("int int/4s; A(1,3)", "a", "int a[3]");
	check("int int/4s; A(1,3); A(2,2)", "a", "int a[2][3]");
	check("int int/4s; A(1,3)", "", "int [3]");
	check("int int/4s; *1; A(2,3)", "a", "int *a[3]");
	check("int int/4s; A(1,3); *2", "a", "int (*a)[3]");
	check("int int/4s; A(1,3); *2", "", "int (*)[3]");
	check("int int/4s; C 1; A(2,3); *3; C 4", "a", "const int (*const a)[3]");
	check("int int/4s; P 1(a:1,...); *2", "f", "int (*f)(int a, ...)");
	check("P 0(); *1; A(2,4)", "f", "void (*f[4])(void)");
	check("int int/4s; P 0(-:1); *2; P 3(n:1); *4", "f", "void (*(*f)(int n))(int)");
}

static void prototypes_are_declarations(void **state)
{
	(void)state;
	check("S sock/8{}; *1; int int/4s; P 3(sk:2,len:3)", "f",
	      "int f(struct sock *sk, int len)");
	check("P 0()", "f", "void f(void)");
	check("P 0(...)", "f", "void f(...)");
	check("int int/4s; *1; P 2()", "f", "int *f(void)");
	check("int int/4s; P 0(a:1); *2; A(1,4); *4; P 1(cb:3,m:5,-:1,...)", "f",
	      "int f(void (*cb)(int a), int (*m)[4], int, ...)");
}

static void tags_are_shown(void **state)
{
	(void)state;
	check("int char/1c; tt user=1; *2", "p", "__tag(user) char *p");
	check("int char/1c; C 1; tt user=2; *3", "p", "__tag(user) const char *p");
}

static void nothing_is_endless(void **state)
{
	char ring[80] = "? ";

	(void)state;
	/* A ring that C does not have. */
	memset(ring + 2, '*', 64);
	check("*1", "", ring);
	/* Functions that take functions that take functions. */
	check("P 0(); *1; P 0(a:2); *3; P 0(b:4); *5; P 0(c:6); *7; P 0(d:8)", "f",
	      "void f(void (*d)(void (*c)(void (*b)(...))))");
}

static void long_texts_are_cut(void **state)
{
	char units[4000] = "S ", expected[2100];

	(void)state;
	memset(units + 2, 'x', 3000);
	strcpy(units + 3002, "/4{}; *1");
	strcpy(expected, "struct ");
	memset(expected + 7, 'x', 2041);
	strcpy(expected + 2044, "...");
	check(units, "p", expected);
}

static void control_bytes_do_not_get_out(void **state)
{
	(void)state;
	check("int a\033[1m\177/4", "\n", "a?[1m? ?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_stand_behind_what_they_are_of),
		cmocka_unit_test(qualifiers_stand_where_they_bind),
		cmocka_unit_test(arrays_and_functions_stand_behind_the_name),
		cmocka_unit_test(prototypes_are_declarations),
		cmocka_unit_test(tags_are_shown),
		cmocka_unit_test(nothing_is_endless),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(control_bytes_do_not_get_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
