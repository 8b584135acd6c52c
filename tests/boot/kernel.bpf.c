// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Programs that need the BTF of vmlinux. They see what init reads.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "result.h"

#define TYPED __attribute__((preserve_access_index))

struct rq {
	int cpu;
	unsigned int nr_running;
} TYPED;
struct inode {
	unsigned long i_ino;
} TYPED;
struct file {
	struct inode *f_inode;
	unsigned int f_mode;
} TYPED;

extern const struct rq runqueues __ksym;
extern const int bpf_prog_active __ksym;

char LICENSE[] SEC("license") = "GPL";

static int of_init(void)
{
	return bpf_get_current_pid_tgid() >> 32 == 1;
}

SEC("?fentry/vfs_read")
int BPF_PROG(percpu_struct)
{
	struct boot_result *r = result();
	const struct rq *rq;

	if (!r || !of_init())
		return 0;
	rq = bpf_per_cpu_ptr(&runqueues, 0);
	r->values[0] = rq ? rq->cpu : -1;
	rq = bpf_per_cpu_ptr(&runqueues, 1);
	r->values[1] = rq ? rq->cpu : -1;
	rq = bpf_per_cpu_ptr(&runqueues, 2);
	r->values[2] = !rq;
	rq = bpf_this_cpu_ptr(&runqueues);
	r->values[3] = rq->cpu;
	r->values[4] = bpf_get_smp_processor_id();
	r->values[5] = rq->nr_running;
	r->calls++;
	return 0;
}

/* It counts 1 while a program on a probe runs. */
SEC("?kprobe/vfs_read")
int percpu_int(struct pt_regs *ctx)
{
	struct boot_result *r = result();
	const int *active;

	if (!r || !of_init())
		return 0;
	active = bpf_this_cpu_ptr(&bpf_prog_active);
	r->values[0] = *active;
	active = bpf_per_cpu_ptr(&bpf_prog_active, bpf_get_smp_processor_id());
	r->values[1] = active ? *active : -1;
	r->calls++;
	return 0;
}

SEC("?fentry/vfs_read")
int BPF_PROG(function_entry, struct file *file, char *buffer, unsigned long size, long long *pos)
{
	struct boot_result *r = result();
	if (!r || !of_init())
		return 0;
	r->values[0] = size;
	r->values[1] = file->f_inode->i_ino;
	r->values[2] = file->f_mode & 3;
	r->calls++;
	return 0;
}

SEC("?fexit/vfs_read")
int BPF_PROG(function_exit, struct file *file, char *buffer, unsigned long size, long long *pos,
	     long returned)
{
	struct boot_result *r = result();
	if (!r || !of_init())
		return 0;
	r->values[0] = size;
	r->values[1] = returned;
	r->calls++;
	return 0;
}

/* Only the helpers know which processor is meant. */
SEC("?fentry/vfs_read")
int BPF_PROG(wrong_direct)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = runqueues.cpu;
	return 0;
}

/* There may be no such processor. */
SEC("?fentry/vfs_read")
int BPF_PROG(wrong_unchecked)
{
	struct boot_result *r = result();
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, 1);

	if (!r)
		return 0;
	r->values[0] = rq->cpu;
	return 0;
}

SEC("?fentry/vfs_read")
int BPF_PROG(wrong_store)
{
	struct rq *rq = bpf_this_cpu_ptr(&runqueues);

	rq->cpu = 1;
	return 0;
}

/* An int has four bytes. */
SEC("?fentry/vfs_read")
int BPF_PROG(wrong_size)
{
	struct boot_result *r = result();
	const volatile long long *active = bpf_this_cpu_ptr(&bpf_prog_active);

	if (!r)
		return 0;
	r->values[0] = *active;
	return 0;
}

/* vfs_read() has four arguments. */
SEC("?fentry/vfs_read")
int wrong_argument(unsigned long long *ctx)
{
	struct boot_result *r = result();

	if (!r)
		return 0;
	r->values[0] = ctx[4];
	return 0;
}
