// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The other half of names1.c. */
#include "case.h"

static NOINLINE USED int same_name(int a, int b)
{
	SEE(a);
	SEE(b);
	return RESULT(int);
}

static NOINLINE USED int same_name_other_type(struct big *a)
{
	SEE(a);
	return RESULT(int);
}

int overridden(int a, int b, int c)
{
	SEE(a);
	SEE(b);
	SEE(c);
	return RESULT(int);
}

// RESULT calls_others_too
// FUNC int calls_others_too(int a, struct big *b)
int calls_others_too(int a, struct big *b)
{
	return same_name(a, a) + same_name_other_type(b) + overridden(a, a, a);
}
