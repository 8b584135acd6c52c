// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Functions that only this file calls: what compilers make of their parameters.
 *
 * GCC renames what it changes (.isra, .constprop, .part); clang up to 21 says nothing, later ones
 * say DW_CC_nocall. Whatever they do: with what is in the BTF, each argument must arrive where it is
 * said to.
 */
#include "case.h"

// FUNC[O0] int keep(int a, long int b)
// FUNC[gcc] int keep(int a, long int b)
// FUNC[clang,!i386] int keep(int a, long int b)
static NOINLINE int keep(int a, long b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// FUNC[O0] int unused_first(int a, int b)
// SKIP[gcc,O2+,default] unused_first optimized
// SKIP[clang,O2+,default] unused_first
// FUNC[gcc12,true,O2,!lto] int unused_first.constprop.0(int b)
// FUNC[nocall,true,O2,!lto,!i386] int unused_first(int b)
static NOINLINE int unused_first(int a, int b)
{
	SEE(b);
	return RESULT(int);
}

// FUNC[O0] int unused_middle(int a, int b, int c)
// SKIP[gcc,O2+,default] unused_middle optimized
// SKIP[clang,O2+,default] unused_middle
// FUNC[gcc12,true,O2,!lto] int unused_middle.constprop.0(int a, int c)
// FUNC[nocall,true,O2,!lto,!i386] int unused_middle(int a, int c)
static NOINLINE int unused_middle(int a, int b, int c)
{
	SEE(a);
	SEE(c);
	return RESULT(int);
}

// FUNC[O0] int unused_last(int a, int b)
// SKIP[gcc,O2+,default] unused_last optimized
// FUNC[gcc12,true,O2,!lto] int unused_last.constprop.0(int a)
// FUNC[nocall,true,O2,!lto,!i386] int unused_last(int a)
static NOINLINE int unused_last(int a, int b)
{
	SEE(a);
	return RESULT(int);
}

// FUNC[O0] void unused_all(int a, struct big *b)
// SKIP[gcc,O2+,default] unused_all optimized
// FUNC[gcc12,true,O2,!lto] void unused_all.constprop.0(void)
static NOINLINE void unused_all(int a, struct big *b)
{
	sink = 1;
	__asm__ volatile("" ::: "memory");
}

// FUNC[O0] int unused_struct(struct s16 a, int b)
// SKIP[gcc,O2+,default] unused_struct optimized
// FUNC[gcc12,true,O2,!lto] int unused_struct.constprop.0(int b)
// FUNC[nocall,true,O2,!lto,!i386] int unused_struct(int b)
static NOINLINE int unused_struct(struct s16 a, int b)
{
	SEE(b);
	return RESULT(int);
}

// A pointer of which one member is read becomes that member.
// Clang before 22 leaves no sign of it: the same entry is written for a parameter that is not used.
// UNTOLD[clang,!nocall,O2+] by_member a
// FUNC[O0] int by_member(struct big *a, int b)
// SKIP[gcc,O2+,default] by_member optimized
static NOINLINE int by_member(struct big *a, int b)
{
	int y = a->y;

	SEE_AS(a, y);
	SEE(b);
	return RESULT(int);
}

// Two members: two parameters.
// FUNC[O0] int by_members(struct big *a, int b)
static NOINLINE int by_members(struct big *a, int b)
{
	int x = a->x, y = a->y;

	SEE(b);
	SEE_AS(a, x);
	SEE_AS(a, y);
	return RESULT(int);
}

// FUNC[O0] int by_part(struct s16 a, int b, struct s16 c)
static NOINLINE int by_part(struct s16 a, int b, struct s16 c)
{
	SEE_AS(a, a.y);
	SEE(b);
	SEE(c);
	return RESULT(int);
}

// FUNC[O0] int by_longs_part(struct longs a, struct longs b, int c)
static NOINLINE int by_longs_part(struct longs a, struct longs b, int c)
{
	SEE_AS(a, a.x);
	SEE(b);
	SEE(c);
	return RESULT(int);
}

// On the stack, and only a part is read.
// FUNC[O0] int large_part(struct s32 a, int b)
static NOINLINE int large_part(struct s32 a, int b)
{
	SEE_AS(a, a.x[2]);
	SEE(b);
	return RESULT(int);
}

// The same constant at all calls.
// FUNC[O0] int constant(int a, int b, int c)
// SKIP[gcc,O2+,default] constant optimized
// SKIP[clang,O2+,default] constant
// FUNC[gcc12,true,O2,!lto] int constant.constprop.0(int a, int c)
// FUNC[nocall,true,O2,!lto,!i386] int constant(int a, int c)
static NOINLINE int constant(int a, int b, int c)
{
	SEE(a);
	sink = b;
	SEE(c);
	return RESULT(int);
}

// A constant at some calls: a copy of its own at O3, and the origin stays.
// FUNC[O0] int cloned(int a, int b)
static NOINLINE int cloned(int a, int b)
{
	int n;

	SEE(a);
	for (n = 0; n < b; n++)
		sink = n * b;
	SEE(b);
	return RESULT(int);
}

// FUNC[O0] long int recursive(int a, int b, int c)
static NOINLINE long recursive(int a, int b, int c)
{
	if (any == 12345)
		return recursive(b, any, any) + recursive(a, any, 5);
	SEE(a);
	SEE(c);
	return RESULT(long);
}

// Clang may pass the address of the result like any argument where it has a register of its own (arm64),
// and leaves no places at all.
// NOCALL[clang,arm64,O2+] static_sret
// FUNC[O0] struct s64 static_sret(int a, int b)
// FUNC[gcc] struct s64 static_sret(int a, int b)
static NOINLINE struct s64 static_sret(int a, int b)
{
	struct s64 ret;

	SEE(a);
	SEE(b);
	__builtin_memset(&ret, RESULT_BYTE, sizeof(ret));
	return ret;
}

// The address of the result may move to the register of an argument that is gone.
// NOCALL[clang,!nocall,arm64,O2+] sret_unused
// FUNC[O0] struct s24 sret_unused(int a, int b)
static NOINLINE struct s24 sret_unused(int a, int b)
{
	struct s24 ret;

	SEE(b);
	__builtin_memset(&ret, RESULT_BYTE, sizeof(ret));
	return ret;
}

// That nobody takes the result is for no debugger to see, so the BTF cannot tell either.
// RESULT[O1+] result_unused
// FUNC[O0] int result_unused(int a, long int b)
static NOINLINE int result_unused(int a, long b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// FUNC[O0] int many(long int a, int b, long int c, int d, long int e, int f, long int g, int h, long int i, int j)
static NOINLINE int many(long a, int b, long c, int d, long e, int f, long g, int h, long i, int j)
{
	SEE(a);
	SEE(c);
	SEE(d);
	SEE(f);
	SEE(h);
	SEE(i);
	SEE(j);
	return RESULT(int);
}

// Where clang loses the place of j as well, it looks like one that is not used.
// UNTOLD[clang,!nocall,s390x,O1+] stack_unused j
// FUNC[O0] int stack_unused(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, int j)
static NOINLINE int stack_unused(long a, long b, long c, long d, long e, long f, long g, long h,
				 int i, int j)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	SEE(g);
	SEE(h);
	SEE(j);
	return RESULT(int);
}

// FUNC[O0] int static_varargs(int a, int b, ...)
static NOINLINE int static_varargs(int a, int b, ...)
{
	__builtin_va_list list;

	SEE(b);
	__builtin_va_start(list, b);
	sink = __builtin_va_arg(list, int);
	__builtin_va_end(list);
	return RESULT(int);
}

#ifdef __SIZEOF_INT128__
// FUNC[O0,x86_64] int unused_wide(int a, __int128 b, int c)
// FUNC[O0,s390x] int unused_wide(int a, __int128 b, int c)
static NOINLINE int unused_wide(int a, __int128 b, int c)
{
	SEE(a);
	SEE(c);
	return RESULT(int);
}
#endif

// Its address is taken: nobody may change it.
// FUNC[gcc] int called_by_pointer(int a, int b, int c)
// FUNC[clang,!O1+] int called_by_pointer(int a, int b, int c)
static NOINLINE int called_by_pointer(int a, int b, int c)
{
	SEE(b);
	SEE(c);
	return RESULT(int);
}

int (*volatile pointer)(int, int, int);

// FUNC[gcc] int marked_used(int a, int b)
// FUNC[clang] int marked_used(int a, int b)
static NOINLINE USED int marked_used(int a, int b)
{
	SEE(b);
	return RESULT(int);
}

// FUNC void call_all(struct big *a, struct s64 *b)
void call_all(struct big *a, struct s64 *b)
{
	struct s16 s16 = { any, any };
	struct longs longs = { any, any };
	struct s32 s32 = { { any, any, any, any } };
	struct big own = { any, any, any };

	sink = keep(any, any) + keep(any, any);
	sink = unused_first(any, any) + unused_first(any, any);
	sink = unused_middle(any, any, any) + unused_middle(any, any, any);
	sink = unused_last(any, any) + unused_last(any, any);
	unused_all(any, a);
	unused_all(any, a + 1);
	sink = unused_struct(s16, any) + unused_struct(s16, any);
	sink = by_member(&own, any) + by_member(&own, any);
	sink = by_members(&own, any) + by_members(&own, any);
	sink = by_part(s16, any, s16) + by_part(s16, any, s16);
	sink = by_longs_part(longs, longs, any) + by_longs_part(longs, longs, any);
	sink = large_part(s32, any) + large_part(s32, any);
	sink = constant(any, 5, any) + constant(any, 5, any);
	sink = cloned(any, 3) + cloned(any, 3) + cloned(any, any);
	sink = recursive(any, any, any) + recursive(any, any, any);
	*b = static_sret(any, any);
	*b = static_sret(any, any);
	sink = sret_unused(any, any).x + sret_unused(any, any).z;
	result_unused(any, any);
	result_unused(any, any);
	sink = many(any, any, any, any, any, any, any, any, any, any) +
	       many(any, any, any, any, any, any, any, any, any, any);
	sink = stack_unused(any, any, any, any, any, any, any, any, any, any) +
	       stack_unused(any, any, any, any, any, any, any, any, any, any);
	sink = static_varargs(any, any, (int)any) + static_varargs(any, any, (int)any);
#ifdef __SIZEOF_INT128__
	sink = unused_wide(any, any, any) + unused_wide(any, any, any);
#endif
	pointer = called_by_pointer;
	sink = called_by_pointer(any, any, any) + pointer(any, any, any);
}
