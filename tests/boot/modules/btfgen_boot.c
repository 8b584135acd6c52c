// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The module whose BTF is used by ../module.bpf.c: per-CPU variables, a kfunc, functions to attach to,
 * and types that refer to those of vmlinux in every way that split BTF has: embedded, through pointers,
 * as forward declarations, by typedefs and enumerations.
 *
 * Writing N to its parameter `poke` calls boot_poke() with N on the processor of the writer.
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

enum boot_mode { BOOT_MODE_NONE, BOOT_MODE_POKE = 7 };

struct btfgen_nowhere; /* declared only */

struct boot_counter {
	u64 hits;
	u32 cpu;
	u32 last;
	struct list_head link;
	struct completion done;
};

struct boot_request {
	unsigned int value;
	enum boot_mode mode : 8;
	bool nested : 1;
	struct task_struct *task;
	struct boot_counter *counter;
	enum hrtimer_restart restart;
	struct work_struct work;
	struct btfgen_nowhere *nowhere;
	struct bio *bio;
	const struct file_operations *const *fops;
	cpumask_t mask;
	int (*handler)(struct boot_request *request, gfp_t gfp, struct module *owner);
	union {
		ktime_t started;
		unsigned long words[2];
	};
};

DEFINE_PER_CPU(struct boot_counter, boot_counters);
DEFINE_PER_CPU(int, boot_level);

__bpf_kfunc_start_defs();

/* Depends on both arguments and on their order. */
__bpf_kfunc u32 btfgen_boot_mix(u32 left, u32 right)
{
	return left * 1000 + right;
}

__bpf_kfunc int btfgen_boot_value(struct boot_request *request)
{
	return request->value + request->mode;
}

__bpf_kfunc_end_defs();

__bpf_hook_start();

/* Attached to. */
noinline int boot_poke(struct boot_request *request, unsigned long seed)
{
	struct boot_counter *counter = request->counter;

	counter->hits++;
	counter->last = request->value;
	counter->cpu = raw_smp_processor_id();
	__this_cpu_add(boot_level, -3);
	barrier();
	return request->value + seed;
}

__bpf_hook_end();

static int poke_set(const char *value, const struct kernel_param *param)
{
	struct boot_request request = { .mode = BOOT_MODE_POKE, .task = current };
	int err = kstrtouint(value, 0, &request.value);

	if (err)
		return err;
	preempt_disable();
	request.counter = this_cpu_ptr(&boot_counters);
	boot_poke(&request, 100000);
	preempt_enable();
	return 0;
}

static const struct kernel_param_ops poke_ops = { .set = poke_set };
module_param_cb(poke, &poke_ops, NULL, 0200);

BTF_KFUNCS_START(boot_kfuncs)
BTF_ID_FLAGS(func, btfgen_boot_mix)
BTF_ID_FLAGS(func, btfgen_boot_value)
BTF_KFUNCS_END(boot_kfuncs)

static const struct btf_kfunc_id_set boot_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &boot_kfuncs,
};

static int __init boot_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &boot_kfunc_set);
}

static void __exit boot_exit(void)
{
}

module_init(boot_init);
module_exit(boot_exit);
MODULE_DESCRIPTION("what BTF of a module is for");
MODULE_LICENSE("Dual BSD/GPL");
