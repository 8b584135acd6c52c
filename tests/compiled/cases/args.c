// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Arguments of every kind, in functions that other files can call: no compiler may change these.
 * They are in the BTF as they are written, whatever the level.
 */
#include "case.h"

// FUNC int none(void)
int none(void)
{
	return RESULT(int);
}

// FUNC void nothing(int a)
void nothing(int a)
{
	SEE(a);
}

// FUNC long long int widths(char a, short int b, int c, long int d, long long int e, u8_t f, u64_t g)
long long widths(char a, short b, int c, long d, long long e, u8_t f, u64_t g)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	SEE(g);
	return RESULT(long long);
}

// FUNC char small_result(_Bool a, unsigned char b)
char small_result(_Bool a, unsigned char b)
{
	SEE(a);
	SEE(b);
	return RESULT(char);
}

// FUNC int ten(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j)
int ten(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	SEE(g);
	SEE(h);
	SEE(i);
	SEE(j);
	return RESULT(int);
}

// Nobody else can call it with fewer: global functions keep parameters that they do not use.
// FUNC int unused_params(int a, int b, int c)
int unused_params(int a, int b, int c)
{
	SEE(b);
	return RESULT(int);
}

// FUNC int pairs(int a, long long int b, int c, long long int d, int e)
int pairs(int a, long long b, int c, long long d, int e)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	return RESULT(int);
}

#ifdef __SIZEOF_INT128__
// A trampoline does not know that some of these are at even places.
// SKIP[x86_64] wide uncertain
// SKIP[arm64] wide uncertain
// FUNC[s390x] int wide(int a, __int128 b, int c, __int128 d, int e, __int128 f)
int wide(int a, __int128 b, int c, __int128 d, int e, __int128 f)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	return RESULT(int);
}

// FUNC[64] __int128 wide_result(int a, int b)
__int128 wide_result(int a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(unsigned long long) | (__int128)RESULT(unsigned long long) << 64;
}
#endif

// FUNC void *pointers(void *a, const char *b, struct big *c, callback_t d, struct big **e)
void *pointers(void *a, const char *b, struct big *c, callback_t d, struct big **e)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	return RESULT(void *);
}

// FUNC enum color enums(enum color a, int b)
enum color enums(enum color a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(enum color);
}

#define BY_VALUE(type, name)                                                                       \
	int name(int a, type b, int c)                                                             \
	{                                                                                          \
		SEE(a);                                                                            \
		SEE(b);                                                                            \
		SEE(c);                                                                            \
		return RESULT(int);                                                                \
	}

// FUNC int by_s1(int a, struct s1 b, int c)
BY_VALUE(struct s1, by_s1)
// FUNC int by_s2(int a, struct s2 b, int c)
BY_VALUE(struct s2, by_s2)
// FUNC int by_s3(int a, struct s3 b, int c)
BY_VALUE(struct s3, by_s3)
// FUNC int by_s4(int a, struct s4 b, int c)
BY_VALUE(struct s4, by_s4)
// FUNC int by_s5(int a, struct s5 b, int c)
BY_VALUE(struct s5, by_s5)
// FUNC int by_s8(int a, struct s8 b, int c)
BY_VALUE(struct s8, by_s8)
// FUNC int by_s12(int a, struct s12 b, int c)
BY_VALUE(struct s12, by_s12)
// FUNC int by_s16(int a, struct s16 b, int c)
BY_VALUE(struct s16, by_s16)
// FUNC int by_s17(int a, struct s17 b, int c)
BY_VALUE(struct s17, by_s17)
// FUNC int by_s24(int a, struct s24 b, int c)
BY_VALUE(struct s24, by_s24)
// FUNC int by_s32(int a, struct s32 b, int c)
BY_VALUE(struct s32, by_s32)
// FUNC int by_s64(int a, struct s64 b, int c)
BY_VALUE(struct s64, by_s64)
// FUNC int by_longs(int a, struct longs b, int c)
BY_VALUE(struct longs, by_longs)
// FUNC int by_ptrs(int a, struct ptrs b, int c)
BY_VALUE(struct ptrs, by_ptrs)
// FUNC int by_inner(int a, struct inner b, int c)
BY_VALUE(struct inner, by_inner)
// FUNC int by_bits(int a, struct bits b, int c)
BY_VALUE(struct bits, by_bits)
// FUNC int by_u4(int a, union u4 b, int c)
BY_VALUE(union u4, by_u4)
// FUNC int by_u8(int a, union u8 b, int c)
BY_VALUE(union u8, by_u8)
// FUNC int by_u16(int a, union u16 b, int c)
BY_VALUE(union u16, by_u16)
// FUNC int by_typedef(int a, s16_t b, int c)
BY_VALUE(s16_t, by_typedef)
// FUNC int by_const(int a, s24_ct b, int c)
int by_const(int a, s24_ct b, int c)
{
	SEE(a);
	SEE_AS(b, b.y + 0);
	SEE(c);
	return RESULT(int);
}

#ifndef NO_FLOAT
// RESULT floats
// FUNC[!soft] double floats(float a, double b, int c, float d, long int e)
double floats(float a, double b, int c, float d, long e)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	return 0;
}

// FUNC[!soft] int by_flt(int a, struct flt b, int c)
BY_VALUE(struct flt, by_flt)
// FUNC[!soft] int by_dbl(int a, struct dbl b, int c)
BY_VALUE(struct dbl, by_dbl)
// FUNC[!soft] int by_dbl2(int a, struct dbl2 b, int c)
BY_VALUE(struct dbl2, by_dbl2)
// FUNC[!soft] int by_flt4(int a, struct flt4 b, int c)
BY_VALUE(struct flt4, by_flt4)
// FUNC[!soft] int by_mixed(int a, struct mixed b, int c)
BY_VALUE(struct mixed, by_mixed)
#endif

// Registers run out within, before and behind an aggregate.
// FUNC int late8(long int a, long int b, long int c, struct s8 d, long int e, struct s8 f, long int g)
int late8(long a, long b, long c, struct s8 d, long e, struct s8 f, long g)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	SEE(g);
	return RESULT(int);
}

// FUNC int late16(long int a, long int b, long int c, long int d, long int e, struct s16 f, long int g, struct s16 h, long int i)
int late16(long a, long b, long c, long d, long e, struct s16 f, long g, struct s16 h, long i)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	SEE(g);
	SEE(h);
	SEE(i);
	return RESULT(int);
}

// FUNC int split(long int a, long int b, long int c, long int d, long int e, long int f, long int g, struct s16 h, long int i)
int split(long a, long b, long c, long d, long e, long f, long g, struct s16 h, long i)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	SEE(f);
	SEE(g);
	SEE(h);
	SEE(i);
	return RESULT(int);
}

// FUNC int large_between(long int a, struct s32 b, long int c, struct s24 d, long int e)
int large_between(long a, struct s32 b, long c, struct s24 d, long e)
{
	SEE(a);
	SEE(b);
	SEE(c);
	SEE(d);
	SEE(e);
	return RESULT(int);
}

// A large result's address may come in the first argument's register.
#define RETURNS(type, name)                                                                        \
	type name(int a, long b)                                                                   \
	{                                                                                          \
		type ret;                                                                          \
                                                                                                   \
		SEE(a);                                                                            \
		SEE(b);                                                                            \
		__builtin_memset(&ret, RESULT_BYTE, sizeof(ret));                                  \
		return ret;                                                                        \
	}

// FUNC struct s1 ret_s1(int a, long int b)
RETURNS(struct s1, ret_s1)
// FUNC struct s3 ret_s3(int a, long int b)
RETURNS(struct s3, ret_s3)
// FUNC struct s4 ret_s4(int a, long int b)
RETURNS(struct s4, ret_s4)
// FUNC struct s8 ret_s8(int a, long int b)
RETURNS(struct s8, ret_s8)
// FUNC struct s16 ret_s16(int a, long int b)
RETURNS(struct s16, ret_s16)
// FUNC struct s17 ret_s17(int a, long int b)
RETURNS(struct s17, ret_s17)
// FUNC struct s24 ret_s24(int a, long int b)
RETURNS(struct s24, ret_s24)
// FUNC struct s64 ret_s64(int a, long int b)
RETURNS(struct s64, ret_s64)
// FUNC union u16 ret_u16(int a, long int b)
RETURNS(union u16, ret_u16)
// FUNC s16_t ret_typedef(int a, long int b)
RETURNS(s16_t, ret_typedef)

// FUNC struct s64 ret_and_take(struct s64 a, int b, struct s16 c)
struct s64 ret_and_take(struct s64 a, int b, struct s16 c)
{
	struct s64 ret;

	SEE(a);
	SEE(b);
	SEE(c);
	__builtin_memset(&ret, RESULT_BYTE, sizeof(ret));
	return ret;
}

// FUNC int varargs(int a, const char *b, ...)
int varargs(int a, const char *b, ...)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

// FUNC int varargs_read(int a, ...)
int varargs_read(int a, ...)
{
	__builtin_va_list list;

	SEE(a);
	__builtin_va_start(list, a);
	sink = __builtin_va_arg(list, int);
	__builtin_va_end(list);
	return RESULT(int);
}

// Nothing in BTF can stand for a parameter of a function without a name.
// SKIP unnamed unnamed-parameter
int unnamed(int, int b)
{
	SEE(b);
	return RESULT(int);
}
