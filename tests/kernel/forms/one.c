/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Bitfields, odd sizes, enumerations, arrays: one of every C type DWARF can hold. */
#include "shared.h"

struct private_state {
	int from_one;
};

enum later { LATER_A = 1, LATER_B };

enum small { SMALL_NEG = -1, SMALL_MAX = 0x7fffffff };
enum __attribute__((packed)) tiny { TINY_A, TINY_B = 200 };
enum wide { WIDE_A = 0x100000000ull, WIDE_B };
enum wide_signed { WS_A = -0x100000000ll, WS_B = 5 };
enum unsigned_top { TOP = 0xffffffffu };
enum { UNNAMED_A, UNNAMED_B = 7 };

struct bits {
	int a : 3;
	unsigned int b : 5;
	_Bool c : 1;
	unsigned long long d : 40;
	enum small e : 32;
	int : 0;
	signed char f : 7;
	int : 3;
	short g : 9;
	long long whole : 64;
	unsigned int full : 32;
};

struct __attribute__((packed)) packed_bits {
	unsigned char a : 3;
	unsigned long long b : 61;
	unsigned int c : 31;
	unsigned int d : 2;
	short plain;
	int e : 17;
};

union bit_union {
	int a : 4;
	unsigned int b : 20;
	char c[3];
	struct bits nested;
};

struct floats {
	float f;
	double d;
	long double ld;
#ifdef __SIZEOF_INT128__
	__int128 i128;
	unsigned __int128 u128;
#endif
};

struct odd {
	_Atomic int atomic;
	_Atomic(struct node *) atomic_pointer;
	float _Complex complex_float;
	double _Complex complex_double;
	int vector __attribute__((vector_size(16)));
	char nothing[0];
	struct {
	} empty;
	char last[];
};

struct functions {
	int (*plain)(void);
	int (*old)();
	void (*variadic)(int first, ...);
	struct node *(*returns)(struct device *restrict dev, const struct opaque *const *list);
	void (*array_of[4])(int (*callback)(void *data, int matrix[3][4]));
	void (*(*nested)(int))(char);
};

struct inner_names {
	struct inner {
		int x;
	} inner;
	union inner_union {
		struct inner a;
		struct inner *b;
	} *pointer;
	enum inner_enum { INNER_A } kind;
};

typedef int matrix_row[4];
typedef const volatile matrix_row *row_pointer;
typedef void function_type(struct functions *functions);
typedef struct forward_only *forward_pointer;

struct bits bits;
struct packed_bits packed_bits;
union bit_union bit_union;
struct floats floats;
struct odd odd;
struct functions functions;
struct inner_names inner_names;
struct device first_device;
const volatile matrix_row rows[5];
row_pointer row_pointer_variable;
function_type *function_pointer;
forward_pointer forward_pointer_variable;
enum small small;
enum tiny tiny;
enum wide wide;
enum wide_signed wide_signed;
enum unsigned_top unsigned_top;
int late_table[5] = { 1, 2, 3, 4, 5 };
static __thread int thread_local_variable;
int weak_variable __attribute__((weak)) = 1;
extern int alias_variable __attribute__((alias("weak_variable")));
struct private_state private_state;

static inline int inlined(int n)
{
	struct only_inlined {
		int y;
	} local = { n };

	return local.y + 1;
}

int use(struct node *node, enum later *later)
{
	static struct function_static {
		int z;
	} counter;
	struct variable_length {
		int count;
	} v = { UNNAMED_B };
	int sized[node ? v.count : 1];

	sized[0] = inlined(counter.z++) + thread_local_variable;
	{
		struct in_block {
			char c;
		} b = { 'b' };

		sized[0] += b.c;
	}
	return sized[0] + *later;
}

int main(int argc, char **argv)
{
	enum later later = LATER_B;

	(void)argv;
	return use(argc > 1 ? (struct node *)&first_device : 0, &later) & 1;
}
