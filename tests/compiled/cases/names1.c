// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Names: of several functions, of none, several of one; names2.c has the other half. */
#include "case.h"

// Two functions of one name: BPF programs attach by name, and could not say which is meant.
// FUNC[object,gcc] int same_name(int a, int b)
// SKIP[linked,default] same_name ambiguous
static NOINLINE USED int same_name(int a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// SKIP[linked,default] same_name_other_type ambiguous
static NOINLINE USED int same_name_other_type(int a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// FUNC int real(int a, long int b)
int real(int a, long b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// FUNC int alias(int a, long int b)
int alias(int a, long b) __attribute__((alias("real")));
// FUNC int weak_alias(int a, long int b)
int weak_alias(int a, long b) __attribute__((weak, alias("real")));

// The strong one of names2.c takes more.
// FUNC[linked] int overridden(int a, int b, int c)
// FUNC[object] int overridden(int a)
__attribute__((weak)) NOINLINE int overridden(int a)
{
	SEE(a);
	return RESULT(int);
}

// FUNC int only_weak(int a, int b)
__attribute__((weak)) NOINLINE int only_weak(int a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// The resolver is a function; what it resolves to is known by a symbol that is none.
// RESULT resolve
// FUNC void *resolve(void)
void *resolve(void)
{
	return real;
}

#ifdef IFUNC
// SKIP chosen
int chosen(int a, long b) __attribute__((ifunc("resolve")));
#endif

// A function in assembler has no prototype that debugging entries could tell.
// SKIP in_assembler
__asm__(".text\n"
	".globl in_assembler\n"
	".type in_assembler, %function\n"
	"in_assembler: .long 0\n"
	".size in_assembler, 4\n");

// Everywhere inlined: no code, no function.
// SKIP[O1+] only_inline
static inline __attribute__((always_inline)) int only_inline(int a)
{
	return a * 3;
}

// SKIP always_gone
static inline __attribute__((always_inline)) int always_gone(int a)
{
	return a * 5;
}

// Inlined here and called there: the copy out of line counts.
// FUNC int inlined_too(int a, int b)
int inlined_too(int a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// RESULT inlines
// FUNC int inlines(int a, int b)
int inlines(int a, int b)
{
	return inlined_too(a, b) + only_inline(a) + always_gone(b);
}

// NOCALL cold_path
void cold_path(void) __attribute__((cold, noreturn));
void cold_path(void)
{
	for (;;)
		sink = 1;
}

// The unlikely part may become a symbol of its own (.cold), in another section: no second address.
// FUNC int with_cold(int a, int b)
int with_cold(int a, int b)
{
	SEE(a);
	SEE(b);
	if (__builtin_expect(any == 77, 0)) {
		sink = 3;
		cold_path();
	}
	return RESULT(int);
}

// Only declared, and called nowhere: nothing.
// SKIP only_declared
int only_declared(int a);

// RESULT calls_others
// FUNC int calls_others(int a, int b)
int calls_others(int a, int b)
{
	sink = overridden(any) + only_weak(any, any);
	return same_name(a, b) + same_name_other_type(a, b);
}
