// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Aggregates whose alignment is not that of their size. BPF trampolines find arguments on the stack
 * by sizes alone, so a function that takes such a one from there must not be traced; one that gets
 * it in registers, or by reference, may. Functions with an aggregate of more than 16 bytes
 * trampolines refuse by themselves: these stay in the BTF.
 */
#include "case.h"

#define LATE(type, name)                                                                           \
	int name(long a, long b, long c, long d, long e, long f, long g, long h, int i, type j,    \
		 int k)                                                                            \
	{                                                                                          \
		SEE(a);                                                                            \
		SEE(b);                                                                            \
		SEE(c);                                                                            \
		SEE(d);                                                                            \
		SEE(e);                                                                            \
		SEE(f);                                                                            \
		SEE(g);                                                                            \
		SEE(h);                                                                            \
		SEE(i);                                                                            \
		SEE_AS(j, j.y + 0);                                                                \
		SEE(k);                                                                            \
		return RESULT(int);                                                                \
	}

#define EARLY(type, name)                                                                          \
	int name(int a, type b, int c)                                                             \
	{                                                                                          \
		SEE(a);                                                                            \
		SEE_AS(b, b.y + 0);                                                                \
		SEE(c);                                                                            \
		return RESULT(int);                                                                \
	}

// FUNC int late_packed(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, struct packed20 j, int k)
LATE(struct packed20, late_packed)
// SKIP[x86_64] late_packed12 uncertain
LATE(struct packed12, late_packed12)
// SKIP[x86_64] late_packed12_typedef uncertain
LATE(packed12_t, late_packed12_typedef)
// SKIP[x86_64] late_packed12_const uncertain
LATE(packed12_ct, late_packed12_const)
// SKIP[x86_64] late_packed12_anonymous uncertain
LATE(packed12_at, late_packed12_anonymous)
// FUNC int late_packed_typedef(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, packed20_t j, int k)
LATE(packed20_t, late_packed_typedef)
// FUNC int late_packed_const(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, packed20_ct j, int k)
LATE(packed20_ct, late_packed_const)
// FUNC int late_packed_anonymous(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, packed20_at j, int k)
LATE(packed20_at, late_packed_anonymous)
// FUNC int late_aligned32(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, struct aligned32 j, int k)
LATE(struct aligned32, late_aligned32)
// SKIP[x86_64] late_aligned16 uncertain
LATE(struct aligned16, late_aligned16)
// Clang does not tell the alignment of members.
// SKIP[x86_64,gcc] late_member16 uncertain
LATE(struct member16, late_member16)
// FUNC int late_plain(long int a, long int b, long int c, long int d, long int e, long int f, long int g, long int h, int i, struct s24 j, int k)
LATE(struct s24, late_plain)
// Members that are not aligned: to memory, whatever the size.
// SKIP[x86_64] early_packed7 uncertain
EARLY(struct packed7, early_packed7)
// Packed, but as it would be anyway.
// FUNC int early_packed8(int a, struct packed8 b, int c)
EARLY(struct packed8, early_packed8)
// SKIP[x86_64] early_packed12 uncertain
// FUNC[arm64] int early_packed12(int a, struct packed12 b, int c)
EARLY(struct packed12, early_packed12)
// FUNC int early_packed20(int a, struct packed20 b, int c)
EARLY(struct packed20, early_packed20)
EARLY(struct aligned16, early_aligned16)
EARLY(struct aligned32, early_aligned32)
EARLY(struct member16, early_member16)

struct packed20 ret_packed20(int a, long b)
{
	struct packed20 ret;

	SEE(a);
	SEE(b);
	__builtin_memset(&ret, RESULT_BYTE, sizeof(ret));
	return ret;
}
