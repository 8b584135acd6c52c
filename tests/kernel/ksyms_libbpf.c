// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * ksyms_libbpf [--real] VMLINUX KALLSYMS [MODULE...] -- OBJECT...
 *
 * Loads BPF objects with libbpf and tells what their extern symbols were bound to. The kernel is
 * played: libbpf gets VMLINUX (raw BTF) for /sys/kernel/btf/vmlinux, KALLSYMS for /proc/kallsyms,
 * the MODULEs (raw split BTF) as BTF of modules in that order, and every other request is granted.
 * With --real the kernel is the running one, and neither files nor modules are given. One line for
 * each object and for each symbol that an instruction refers to:
 *
 *	object N open|load ERROR           0 or a negative number
 *	N PROGRAM btf ID LAYER             an address or a call; layer 0 is vmlinux
 *	N PROGRAM value NUMBER
 *	N PROGRAM nothing                  a call that must not be reached
 *
 * libbpf is loaded at run time. Exit status: 0 done, 2 usage, 77 there is no libbpf, or it is older
 * than 1.5 (which binds functions by the whole name).
 */
/* Each function is defined under its own name. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYSFS_PATH "/sys/kernel/btf/vmlinux"
#define KALLSYMS_PATH "/proc/kallsyms"

enum { MAX_MODULES = 16, NO_LAYER = -1 };

static const char *vmlinux_path, *kallsyms_path;
static struct {
	const char *path;
	int fd;
	void *data;
	uint32_t size;
} modules[MAX_MODULES];
static int num_modules;
static bool is_real, is_loading, is_verbose;
static int object_index;

/* What the loader finds here comes before the C library's, also for libbpf. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *redirect(const char *path)
{
	if (is_real)
		return path;
	if (strcmp(path, SYSFS_PATH) == 0)
		return vmlinux_path;
	if (strcmp(path, KALLSYMS_PATH) == 0)
		return kallsyms_path;
	return path;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	return REAL(open)(redirect(path), flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	return REAL(open)(redirect(path), flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	return REAL(fopen)(redirect(path), mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return REAL(fopen)(redirect(path), mode);
}

int faccessat(int fd, const char *path, int mode, int flags)
{
	return REAL(faccessat)(fd, redirect(path), mode, flags);
}

static int new_fd(void)
{
	return REAL(open)("/dev/null", O_RDONLY | O_CLOEXEC, 0);
}

static int layer_of(int fd)
{
	if (fd == 0)
		return 0;
	for (int i = 0; i < num_modules; i++) {
		if (modules[i].fd == fd)
			return i + 1;
	}
	return NO_LAYER;
}

static void show_program(const union bpf_attr *attr)
{
	const struct bpf_insn *insns = (const void *)(uintptr_t)attr->insns;
	const int *fds = (const void *)(uintptr_t)attr->fd_array;

	if (strncmp(attr->prog_name, "k_", 2) != 0)
		return;
	for (uint32_t i = 0; i < attr->insn_cnt; i++) {
		const struct bpf_insn *insn = &insns[i];

		if (insn->code == (BPF_JMP | BPF_CALL)) {
			if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
				printf("%d %s btf %d %d\n", object_index, attr->prog_name,
				       insn->imm, insn->off ? layer_of(fds[insn->off]) : 0);
			else
				printf("%d %s nothing\n", object_index, attr->prog_name);
		} else if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			if (insn->src_reg == BPF_PSEUDO_BTF_ID)
				printf("%d %s btf %d %d\n", object_index, attr->prog_name,
				       insn->imm, layer_of(insn[1].imm));
			else
				printf("%d %s value %llu\n", object_index, attr->prog_name,
				       (unsigned long long)(uint32_t)insn[1].imm << 32 |
					       (uint32_t)insn->imm);
			i++;
		}
	}
}

static int module_info(union bpf_attr *attr)
{
	struct bpf_btf_info *info = (void *)(uintptr_t)attr->info.info;
	int i = layer_of(attr->info.bpf_fd) - 1;

	if (attr->info.info_len < sizeof(*info))
		return 0;
	if (i < 0)
		return 0;
	if (info->btf && info->btf_size)
		memcpy((void *)(uintptr_t)info->btf, modules[i].data,
		       info->btf_size < modules[i].size ? info->btf_size : modules[i].size);
	info->btf_size = modules[i].size;
	info->id = i + 10;
	info->kernel_btf = 1;
	if (info->name && info->name_len >= 16)
		sprintf((char *)(uintptr_t)info->name, "module%d", i);
	return 0;
}

static long played_kernel(int command, union bpf_attr *attr)
{
	switch (command) {
	case BPF_PROG_LOAD:
		if (is_loading)
			show_program(attr);
		return new_fd();
	case BPF_MAP_CREATE:
	case BPF_BTF_LOAD:
		return new_fd();
	case BPF_BTF_GET_NEXT_ID:
		/* Ids of modules are 10, 11... */
		attr->next_id = attr->start_id < 10 ? 10 : attr->start_id + 1;
		if (attr->next_id < 10u + num_modules)
			return 0;
		errno = ENOENT;
		return -1;
	case BPF_BTF_GET_FD_BY_ID:
		modules[attr->btf_id - 10].fd = new_fd();
		return modules[attr->btf_id - 10].fd;
	case BPF_OBJ_GET_INFO_BY_FD:
		return module_info(attr);
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_FREEZE:
		return 0;
	default:
		errno = EINVAL;
		return -1;
	}
}

long syscall(long number, ...)
{
	long args[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && !is_real)
		return played_kernel(args[0], (void *)args[1]);
	return REAL(syscall)(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

struct bpf_object;

static struct {
	struct bpf_object *(*open)(const char *path, const void *opts);
	int (*load)(struct bpf_object *object);
	void (*close)(struct bpf_object *object);
	void *(*set_print)(int (*print)(int level, const char *format, va_list args));
} libbpf;

static int libbpf_print(int level, const char *format, va_list args)
{
	return is_verbose || level == 0 ? vfprintf(stderr, format, args) : 0;
}

static bool libbpf_find(void)
{
	void *lib = dlopen("libbpf.so.1", RTLD_NOW | RTLD_GLOBAL);
	uint32_t (*major)(void), (*minor)(void);

	if (!lib)
		return false;
	*(void **)&major = dlsym(lib, "libbpf_major_version");
	*(void **)&minor = dlsym(lib, "libbpf_minor_version");
	*(void **)&libbpf.open = dlsym(lib, "bpf_object__open_file");
	*(void **)&libbpf.load = dlsym(lib, "bpf_object__load");
	*(void **)&libbpf.close = dlsym(lib, "bpf_object__close");
	*(void **)&libbpf.set_print = dlsym(lib, "libbpf_set_print");
	if (!major || !minor || !libbpf.open || !libbpf.load || !libbpf.close || !libbpf.set_print)
		return false;
	libbpf.set_print(libbpf_print);
	return major() > 1 || minor() >= 5;
}

static bool read_module(const char *path)
{
	int fd = REAL(open)(path, O_RDONLY | O_CLOEXEC, 0);
	struct stat stat;

	if (num_modules == MAX_MODULES || fd < 0 || fstat(fd, &stat) != 0)
		return false;
	modules[num_modules].path = path;
	modules[num_modules].fd = -1;
	modules[num_modules].size = stat.st_size;
	modules[num_modules].data = malloc(stat.st_size + 1);
	if (!modules[num_modules].data ||
	    read(fd, modules[num_modules].data, stat.st_size) != stat.st_size)
		return false;
	num_modules++;
	close(fd);
	return true;
}

static void judge(const char *path)
{
	struct bpf_object *object;
	int err;

	errno = 0;
	object = libbpf.open(path, NULL);
	if (!object) {
		printf("object %d open %d\n", object_index, -errno);
		return;
	}
	is_loading = true;
	err = libbpf.load(object);
	is_loading = false;
	printf("object %d load %d\n", object_index, err);
	libbpf.close(object);
	for (int i = 0; i < num_modules; i++)
		modules[i].fd = -1;
}

int main(int argc, char **argv)
{
	int i = 1;

	is_verbose = getenv("KSYMS_VERBOSE");
	if (argc > 1 && strcmp(argv[1], "--real") == 0) {
		is_real = true;
		i++;
	} else if (argc > 3) {
		vmlinux_path = argv[1];
		kallsyms_path = argv[2];
		for (i = 3; i < argc && strcmp(argv[i], "--") != 0; i++) {
			if (!read_module(argv[i])) {
				fprintf(stderr, "cannot read %s\n", argv[i]);
				return 2;
			}
		}
	}
	if (i >= argc || strcmp(argv[i], "--") != 0) {
		fputs("usage: ksyms_libbpf [--real] VMLINUX KALLSYMS [MODULE...] -- OBJECT...\n",
		      stderr);
		return 2;
	}
	if (!libbpf_find()) {
		puts("skip: no libbpf from 1.5 on");
		return 77;
	}
	for (i++; i < argc; i++, object_index++)
		judge(argv[i]);
	return 0;
}
