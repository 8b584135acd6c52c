// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Per-CPU variables of many kinds, a declaration without a size that device.c completes, a weak
 * definition that device.c overrides, an alias, statics inside functions, a zero-sized object.
 */
#include "device.h"
#include "percpu.h"

/* Means something else in net.c. */
struct foo {
	int a;
	struct list_head list;
};

/* Reaches the ambiguous name, so it has to stay apart as well. */
struct foo_user {
	struct foo *foo;
	struct foo_user *next;
};

struct nothing {
};

struct rq {
	spinlock_t lock;
	u32 nr_running;
	u64 clock;
	struct foo_user users;
	struct timer_list timer;
	struct {
		u64 sum;
		union {
			u32 count;
			float ratio;
		};
	} stat;
	struct rq *(*pick)(struct rq *rq, int flags);
};

/* Of this section's start the variables must not be mistaken for "no address". */
int first_variable __percpu_first = 1;

DEFINE_PER_CPU(struct rq, runqueues) __attribute__((aligned(64)));
DEFINE_PER_CPU(int, cpu_number);
DEFINE_PER_CPU(unsigned long, irq_count[4]);
DEFINE_PER_CPU(struct list_head, blocked_tasks[2][3]);
DEFINE_PER_CPU(struct device *, current_device);
DEFINE_PER_CPU(const char *volatile, comm);
DEFINE_PER_CPU(bool, ready);
DEFINE_PER_CPU(double, load);
DEFINE_PER_CPU(atomic_t, refs);
DEFINE_PER_CPU(enum device_feature, features);
DEFINE_PER_CPU(timer_fn_t, handler);
DEFINE_PER_CPU(int (*)(const char *, ...), printer);
DEFINE_PER_CPU(union { u32 word; u8 byte[4]; }, scratch);
DEFINE_PER_CPU(struct nothing, empty_object);
static DEFINE_PER_CPU(short, hidden);
#ifdef __SIZEOF_INT128__
DEFINE_PER_CPU(unsigned __int128, wide);
#endif

/* Overridden in device.c: the space stays, the symbol goes. */
__attribute__((weak)) DEFINE_PER_CPU(long, weak_counter);

extern __typeof__(cpu_number) cpu_number_alias __attribute__((alias("cpu_number")));

/* The way kernels claim a per-CPU name for the whole program; it never reaches the file. */
char __pcpu_unique_hidden __percpu_discard;

/* Only device.c knows how long it is. */
DECLARE_PER_CPU(u16, extern_array[]);

static int account(struct rq *rq)
{
	static DEFINE_PER_CPU(u64, calls);
	struct account_entry {
		struct rq *rq;
		u64 when;
	} entry = { rq, calls };

	calls++;
	return entry.rq && entry.when;
}

static int account_idle(struct rq *rq)
{
	/* The same name as above, another variable of another type. */
	static DEFINE_PER_CPU(u32, calls);

	return rq->nr_running == 0 && calls++;
}

int sched_tick(struct device *dev);
int sched_tick(struct device *dev)
{
	static int ordinary;

	device_register(dev);
	hidden++;
	ordinary += device_ids[0] + extern_array[1] + (int)weak_counter + cpu_number_alias;
	return account(&runqueues) + account_idle(&runqueues) + ordinary;
}
