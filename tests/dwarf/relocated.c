// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * One of everything that makes a compiler write relocations into debug sections: functions in
 * several sections, inlined ones, places that change, variables in sections of their own, of a
 * thread, static ones. No header of a C library is needed.
 */
#define SECTION(name) __attribute__((section(name)))
#define NOINLINE __attribute__((noinline))

struct list {
	struct list *next;
	long value;
};

struct counter {
	long count;
	int cpu;
};

union word {
	unsigned char bytes[sizeof(long)];
	long value;
};

SECTION(".data..percpu") struct counter packets = { 1, 2 };
SECTION(".data..percpu") static union word scratch = { .value = 3 };
SECTION(".data..percpu") int last = 4;
long zeroes[32];
static struct list head = { &head, 5 };
#ifdef THREAD
__thread int other_of_thread, local_to_thread = 6;
#else
static int local_to_thread = 6;
#endif
const char *const text[] = { "first", "second" };

extern long elsewhere(struct list *list, const char *name);

static inline long sum(const struct list *list, long limit)
{
	long total = 0;

	for (; list && list->value < limit; list = list->next)
		total += list->value;
	return total;
}

NOINLINE long walk(struct list *list, long limit)
{
	long total = sum(list, limit);

	if (__builtin_expect(total < 0, 0))
		return elsewhere(list, text[1]);
	return total + sum(&head, limit >> 1) + scratch.value;
}

SECTION(".init.text") NOINLINE long start(int count, struct counter *counter)
{
	for (int i = 0; i < count; i++) {
		int twice = 2 * i;

		counter->count += elsewhere(&head, text[twice & 1]);
		zeroes[i & 31] = counter->count + local_to_thread;
	}
	return walk(&head, counter->count);
}

SECTION(".text.unlikely") NOINLINE void stop(union word *word, struct list list)
{
	scratch = *word;
	head = list;
	last += packets.cpu;
}

int pick(int what)
{
	static int calls;

	switch (what) {
	case 0:
		return calls++;
	case 1:
		return calls += last;
	case 2:
		return calls -= 3;
	case 3:
		return calls ^= 5;
	case 4:
		return calls *= 7;
	default:
		return (int)walk(&head, what);
	}
}
