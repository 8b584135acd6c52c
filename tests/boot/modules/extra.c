// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Linked into the second kernel only, for which no module was made: its types shift the ids of those
 * that modules refer to, and nothing else changes.
 */
#include <linux/init.h>
#include <linux/kernel.h>

struct a_extra {
	unsigned int numbers[7];
	struct a_extra_link {
		struct a_extra *next, **slot;
		int (*compare)(const struct a_extra *, const struct a_extra *);
	} links[3];
	union a_extra_value {
		unsigned long bits;
		unsigned char bytes[8];
	} value;
};

enum a_extra_state { A_EXTRA_IDLE, A_EXTRA_BUSY };

int a_extra_compare(const struct a_extra *left, const struct a_extra *right);
enum a_extra_state a_extra_state(const struct a_extra *extra);

static struct a_extra a_extra;

noinline int a_extra_compare(const struct a_extra *left, const struct a_extra *right)
{
	return left->numbers[0] - right->numbers[0];
}

noinline enum a_extra_state a_extra_state(const struct a_extra *extra)
{
	return extra->value.bits ? A_EXTRA_BUSY : A_EXTRA_IDLE;
}

static int __init a_extra_init(void)
{
	a_extra.links[0].compare = a_extra_compare;
	return a_extra_state(&a_extra) == A_EXTRA_BUSY;
}
late_initcall(a_extra_init);
