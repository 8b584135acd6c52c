/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Shared by the cases and by the program that calls their functions (see ../compiled.py).
 *
 * A function writes down what it got as its parameters: SEE(a) stores the value of `a` in the slot
 * `see_a`, with the function's name. The caller fills each argument with bytes of its own kind, so
 * a slot tells which argument arrived in which parameter. Padding would be lost: no type has any.
 */
#pragma once

#define NOINLINE __attribute__((noinline))
#define USED __attribute__((used))
#define PACKED __attribute__((packed))
#define ALIGNED(n) __attribute__((aligned(n)))

struct see {
	unsigned char bytes[128] ALIGNED(16);
	const char *func;
	unsigned long size;
};

#define SEE_SLOTS(X) X(a) X(b) X(c) X(d) X(e) X(f) X(g) X(h) X(i) X(j) X(k) X(l)
#define SEE_DECLARE(name) extern volatile struct see see_##name;
SEE_SLOTS(SEE_DECLARE)

/* What parameter `name` is seen by: itself, a member, what it points to. */
#define SEE_AS(name, value)                                                                        \
	do {                                                                                       \
		see_##name.func = __func__;                                                        \
		see_##name.size = sizeof(value);                                                   \
		*(volatile __typeof__(value) *)see_##name.bytes = (value);                         \
	} while (0)
#define SEE(name) SEE_AS(name, name)

/* Values that the compiler can not know, and a place for results. */
extern volatile long any;
extern volatile char sink;
/* Every byte of a result is this, which the compiler does not know: known results vanish. */
#define RESULT_BYTE 0x7e
extern volatile unsigned long long result;
#define RESULT(type) ((type)result)

/* Types of arguments, by bytes. */
struct s1 { char x; };
struct s2 { char x, y; };
struct s3 { char x, y, z; };
struct s4 { int x; };
struct s5 { char x[5]; };
struct s8 { int x, y; };
struct s12 { int x, y, z; };
struct s16 { long long x, y; };
struct s17 { char x[17]; };
struct s24 { long long x, y, z; };
struct s32 { long long x[4]; };
struct s64 { long long x[8]; };
struct longs { long x, y; };
struct ptrs { void *x; void *y; };
struct inner { struct s8 x; struct s4 y; int z; };
struct bits { unsigned int x : 3, y : 29; };
struct flt { float x; };
struct dbl { double x; };
struct dbl2 { double x, y; };
struct flt4 { float x[4]; };
struct mixed { double x; long long y; };
union u4 { int x; float y; };
union u8 { long long x; char y[8]; };
union u16 { long long x[2]; char y[16]; };
struct PACKED packed7 { char x; short z; int y; };
struct PACKED packed8 { int x, y; };
struct PACKED packed12 { int x; long long y; };
struct PACKED packed20 { int x; long long y, z; };
struct aligned16 { long long x, y; } ALIGNED(16);
struct aligned32 { long long x, y, z, w; } ALIGNED(32);
struct member16 { long long x ALIGNED(16); long long y; };
struct big { int x, y; long z; int data[20]; };
typedef struct s16 s16_t;
typedef const struct s24 s24_ct;
typedef struct packed20 packed20_t;
typedef const packed20_t packed20_ct;
typedef struct PACKED { int x; long long y, z; } packed20_at;
typedef struct packed12 packed12_t;
typedef const packed12_t packed12_ct;
typedef struct PACKED { int x; long long y; } packed12_at;
typedef unsigned char u8_t;
typedef unsigned long long u64_t;
typedef int (*callback_t)(int);
enum color { RED, GREEN = 5, WIDE = 0x11111111 };
