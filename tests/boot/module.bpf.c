// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Programs that need the BTF of the module btfgen_boot beside that of vmlinux.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "result.h"

#define TYPED __attribute__((preserve_access_index))

struct task_struct {
	int pid;
} TYPED;
struct boot_counter {
	unsigned long long hits;
	unsigned int cpu, last;
} TYPED;
struct boot_request {
	unsigned int value;
	struct task_struct *task;
	struct boot_counter *counter;
} TYPED;

extern const struct boot_counter boot_counters __ksym;
extern const int boot_level __ksym;
extern unsigned int btfgen_boot_mix(unsigned int left, unsigned int right) __ksym;
extern int btfgen_boot_value(struct boot_request *request) __ksym;

char LICENSE[] SEC("license") = "GPL";

SEC("?fentry/boot_poke")
int BPF_PROG(module_percpu_struct)
{
	struct boot_result *r = result();
	const struct boot_counter *counter;

	if (!r)
		return 0;
	counter = bpf_per_cpu_ptr(&boot_counters, 0);
	if (counter) {
		r->values[0] = counter->hits;
		r->values[1] = counter->last;
	}
	counter = bpf_per_cpu_ptr(&boot_counters, 1);
	if (counter) {
		r->values[2] = counter->hits;
		r->values[3] = counter->last;
		r->values[4] = counter->cpu;
	}
	r->calls++;
	return 0;
}

SEC("?fentry/boot_poke")
int BPF_PROG(module_percpu_int)
{
	struct boot_result *r = result();
	const int *level;

	if (!r)
		return 0;
	level = bpf_per_cpu_ptr(&boot_level, 0);
	r->values[0] = level ? *level : -1;
	level = bpf_per_cpu_ptr(&boot_level, 1);
	r->values[1] = level ? *level : -1;
	level = bpf_this_cpu_ptr(&boot_level);
	r->values[2] = *level;
	r->calls++;
	return 0;
}

SEC("?fentry/boot_poke")
int BPF_PROG(module_kfunc, struct boot_request *request, unsigned long seed)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = btfgen_boot_mix(request->value, 5);
	r->values[1] = btfgen_boot_value(request);
	r->calls++;
	return 0;
}

SEC("?fentry/boot_poke")
int BPF_PROG(module_entry, struct boot_request *request, unsigned long seed)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = request->value;
	r->values[1] = request->task->pid;
	r->values[2] = seed;
	r->values[3] = request->counter->last;
	r->calls++;
	return 0;
}

SEC("?fexit/boot_poke")
int BPF_PROG(module_exit, struct boot_request *request, unsigned long seed, int returned)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = returned;
	r->calls++;
	return 0;
}

/* A task is no request. */
SEC("?fentry/boot_poke")
int BPF_PROG(wrong_kfunc_type, struct boot_request *request)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = btfgen_boot_value((void *)request->task);
	return 0;
}

SEC("?fentry/boot_poke")
int BPF_PROG(wrong_module_direct)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = boot_counters.hits;
	return 0;
}

/* boot_poke() has two arguments. */
SEC("?fentry/boot_poke")
int wrong_module_argument(unsigned long long *ctx)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = ctx[2];
	return 0;
}
