// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One outcome of each easy kind: encoded, alias, zero-size, no-debug-info. */
struct counter {
	long value;
	struct counter *next;
};

#define PERCPU __attribute__((section(".data..percpu"), used))

PERCPU int first = 1;
PERCPU struct counter counters[2];
static PERCPU unsigned char flag = 1;
extern int first_alias __attribute__((alias("first")));

__asm__(".pushsection .data..percpu\n"
	".globl from_assembly\n"
	".type from_assembly, %object\n"
	".size from_assembly, 8\n"
	"from_assembly: .zero 8\n"
	".globl no_size\n"
	".type no_size, %object\n"
	"no_size: .zero 8\n"
	".popsection\n");

void _start(void)
{
	flag = (unsigned char)first;
}
