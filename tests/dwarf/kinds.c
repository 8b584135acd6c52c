// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Every kind of C type and per-CPU variable, for test_compilers.py, which knows what must come out.
 * Base types are those that GCC and Clang spell alike.
 */
#define PERCPU __attribute__((section(".data..percpu"), used))

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef void (*callback_t)(int, const char *);
typedef int matrix_t[2][3];

enum color { RED, GREEN = 5, BLUE = -1 };
enum wide { NARROW = 1, WIDE = 0x123456789aULL };
enum { LONE = 7 };

struct forward;
union uforward;

struct node {
	struct node *next;
	struct forward *hidden;
	union uforward *uhidden;
	enum color color;
	_Bool flag;
	u8 small;
};

struct bits {
	unsigned int a : 1;
	unsigned int b : 3;
	int c : 28;
	u8 d : 4;
	u8 e;
	enum color f : 5;
};

struct __attribute__((packed)) packed {
	u8 a;
	u32 b;
	unsigned int c : 20;
	unsigned int d : 20;
	u8 e;
};

struct anon {
	int kind;
	union {
		int i;
		struct {
			u8 x;
			u8 y;
		};
		float f;
	};
	struct {
		int inner;
	} named;
};

struct flex {
	int n;
	int data[];
};

struct empty {
};

union both {
	int i;
	double d;
	char name[16];
	unsigned int low : 7;
};

struct all {
	matrix_t matrix;
	callback_t cb;
	int (*varargs)(const char *fmt, ...);
	void (*nothing)(void);
	const int *c;
	volatile int *v;
	char *const constant;
	int *restrict limited;
	_Atomic int atomic;
	_Complex float complex_value;
	struct bits bits;
	struct packed packed;
	struct anon anon;
	union both both;
	enum wide wide;
	struct empty empty[2];
	struct flex *flex;
	struct node nodes[4];
};

PERCPU struct all everything = { .constant = 0 };
PERCPU int counter;
static PERCPU u32 hidden;
PERCPU struct node nodes[3];
PERCPU matrix_t matrix;
extern int table[];
PERCPU int table[5] = { 1 };
extern int alias __attribute__((alias("counter")));
int elsewhere = 1;
__attribute__((weak)) PERCPU int weak_one;

int function(int arg)
{
	struct local {
		int in_function;
	} local = { arg };
	static PERCPU int count = 3;

	{
		struct inner {
			struct local *up;
		} inner = { &local };
		static PERCPU u8 count = 4;

		count += inner.up->in_function;
		hidden += count;
	}
	count++;
	everything.anon.i = LONE + count;
	return everything.anon.i + elsewhere;
}
