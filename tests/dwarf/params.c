// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Parameters of all kinds for test_locations.sh: in registers, on the stack, in two registers, by
 * reference, removed, changed by the first statement, inlined. For no system and no library.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned long long u64;

struct one {
	char c;
};
struct four {
	int a;
};
struct eight {
	int a, b;
};
struct twelve {
	int a, b, c;
};
struct two_longs {
	long a, b;
};
struct large {
	long a[8];
};
union either {
	long a;
	int b;
};

#ifdef __clang__
#define KEPT __attribute__((noinline))
#else
#define KEPT __attribute__((noinline, noclone))
#endif

int use(long value);
int use_pointer(void *p);

#define EXTERN(type) \
	type;        \
	KEPT type

EXTERN(int small(int a, char b, u8 c, signed char d, u16 e, _Bool f))
{
	return use(a + b + c + d + e + f) + use(b) + use(c) + use(d) + use(e) + use(f);
}

EXTERN(int many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j))
{
	return use(a) + use(b) + use(c + d + e) + use(f + g + h + i + j);
}

EXTERN(int struct_1(struct one s, int x))
{
	return use(s.c) + use(x);
}

EXTERN(int struct_4(struct four s, int x))
{
	return use(s.a) + use(x);
}

EXTERN(int struct_8(struct eight s, int x))
{
	return use(s.a) + use(s.b) + use(x);
}

EXTERN(int struct_12(struct twelve s, int x))
{
	return use(s.a) + use(s.c) + use(x);
}

EXTERN(int struct_longs(struct two_longs s, int x))
{
	return use(s.a) + use(s.b) + use(x);
}

EXTERN(int struct_large(struct large s, int x))
{
	return use(s.a[0]) + use(s.a[7]) + use(x);
}

EXTERN(int struct_in_memory(struct large s, int x))
{
	use_pointer(&s);
	return use(s.a[0]) + use(x);
}

EXTERN(int union_1(union either u, int x))
{
	return use(u.a) + use(x);
}

EXTERN(struct large returned(int x, long y))
{
	struct large s = { { x, y } };

	use(x);
	s.a[2] = use(y);
	return s;
}

EXTERN(u64 wide(int x, u64 y, u64 z))
{
	use(x);
	use(y);
	return y + z + x;
}

EXTERN(int unused(int a, int b, int c))
{
	(void)a;
	(void)c;
	return use(b);
}

EXTERN(int changed(int a, int b))
{
	a += 5;
	b &= 0xff;
	use(a);
	use(b);
	return a - b;
}

static inline int larger(int q, int r)
{
	return q > r ? use(q) : use(r);
}

EXTERN(int inlined(int a, int b))
{
	return larger(a, b) + larger(b + 1, a);
}

EXTERN(int loop(int n, char *p))
{
	int sum = 0;

	while (n--)
		sum += use(*p++);
	return sum;
}

EXTERN(int variable(int n, ...))
{
	__builtin_va_list args;
	int sum = 0;

	__builtin_va_start(args, n);
	while (n--)
		sum += __builtin_va_arg(args, int);
	__builtin_va_end(args);
	return sum;
}

/* The compiler may make a clone of these. */
static __attribute__((noinline)) int without_second(int a, int b, int c)
{
	(void)b;
	return use(a) + use(c + 7);
}

static __attribute__((noinline)) int one_member(struct large *s, int c)
{
	return use(s->a[2]) + use(c);
}

static __attribute__((noinline)) int constant(int a, int b)
{
	return use(a) + use(b);
}

EXTERN(int calls(int x, struct large *s))
{
	return without_second(x, 3, 5) + without_second(x + 1, 4, 5) + one_member(s, 1) +
	       one_member(s + 1, 2) + constant(x, 7) + constant(x + 1, 7);
}
