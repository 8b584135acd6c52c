// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The first process of the kernel under test. The kernel's command line names what it does, in order,
 * as arguments:
 *
 *	kernel             the programs of kernel.bpf.o
 *	sample             kobject-example.ko, a module of the kernel's own, and a program for it
 *	load:NAME          NAME.ko is loaded, its BTF compared or shown, and it is removed again
 *	module:FILE        FILE.ko, which holds btfgen_boot, with the programs of module.bpf.o
 *
 * It writes to the console a line for each check, "@ ok WHERE NAME: WHAT" or "@ bad ...", the BTF of
 * modules as "@ btf WHERE HEX", what became of an object with a kernel symbol as "@ ksym WHERE FILE
 * ERROR", the lines of /proc/kallsyms for these as "@ sym WHERE LINE", the kernel's own messages as
 * "@ log ...", then "@ end", and ends the machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "result.h"

enum { READ_SIZE = 77, FIRST_VALUE = 41, SECOND_VALUE = 17, SEED = 100000 };

static const char *where = "";
static char messages[1 << 16], verifier_log[1 << 18];
static size_t messages_len;
static char opened[READ_SIZE + 1];
static unsigned long opened_ino;
static long opened_size;

static void verdict(bool ok, const char *name, const char *format, ...)
{
	va_list args;

	printf("@ %s %s %s: ", ok ? "ok" : "bad", where, name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static int keep_message(enum libbpf_print_level level, const char *format, va_list args)
{
	int len;

	if (level == LIBBPF_DEBUG || messages_len >= sizeof(messages) - 1)
		return 0;
	len = vsnprintf(messages + messages_len, sizeof(messages) - messages_len, format, args);
	if (len > 0)
		messages_len += len;
	return 0;
}

static void show(const char *text)
{
	char *copy = strdup(text), *rest = copy, *line;

	while (copy && (line = strsep(&rest, "\n")))
		if (*line)
			printf("  %s\n", line);
	free(copy);
}

/* The whole of a file, or NULL with errno. */
static char *file_read(const char *path, size_t *ret_size)
{
	size_t size = 0, room = 1 << 16;
	char *data = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0 || !data) {
		free(data);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	while ((got = read(fd, data + size, room - size)) > 0) {
		size += got;
		if (size == room) {
			char *more = realloc(data, room *= 2);

			if (!more)
				break;
			data = more;
		}
	}
	close(fd);
	*ret_size = size;
	return data;
}

static bool cpu_enter(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

static bool module_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long result;

	if (fd < 0)
		return false;
	result = syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return !result;
}

static bool module_remove(const char *name)
{
	return !syscall(SYS_delete_module, name, O_NONBLOCK);
}

/* A read on processor 1, of which the programs of kernel.bpf.o tell. */
static void read_file(void)
{
	struct stat stat;
	int fd;

	cpu_enter(1);
	fd = open("/proc/version", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat))
		return;
	opened_ino = stat.st_ino;
	opened_size = read(fd, opened, READ_SIZE);
	close(fd);
}

static void poke_value(int cpu, int value)
{
	char text[16];
	int fd = open("/sys/module/btfgen_boot/parameters/poke", O_WRONLY | O_CLOEXEC);
	int len = snprintf(text, sizeof(text), "%d", value);

	cpu_enter(cpu);
	if (fd < 0 || write(fd, text, len) != len)
		verdict(false, "poke", "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Programs run before boot_poke() counts: the third sees one count more on each processor. */
static void poke(void)
{
	poke_value(0, FIRST_VALUE);
	poke_value(1, SECOND_VALUE);
	poke_value(0, SECOND_VALUE);
}

static void sample_read(void)
{
	char value[16];
	int fd = open("/sys/kernel/kobject_example/baz", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, value, sizeof(value)) < 0)
		verdict(false, "sample", "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static bool judge_percpu_struct(const struct boot_result *r)
{
	return r->calls == 1 && !r->values[0] && r->values[1] == 1 && r->values[2] == 1 &&
	       r->values[3] == 1 && r->values[4] == 1 && r->values[5] >= 1 && r->values[5] < 100;
}

static bool judge_percpu_int(const struct boot_result *r)
{
	return r->calls == 1 && r->values[0] == 1 && r->values[1] == 1;
}

static bool judge_function_entry(const struct boot_result *r)
{
	return r->calls == 1 && r->values[0] == READ_SIZE && r->values[1] == opened_ino &&
	       r->values[2] == 1;
}

static bool judge_function_exit(const struct boot_result *r)
{
	return r->calls == 1 && r->values[0] == READ_SIZE && opened_size > 0 &&
	       (long)r->values[1] == opened_size;
}

/* Each program has three pokes of its own; earlier ones remain in the counters. */
static unsigned int num_pokes;

static bool judge_module_percpu_struct(const struct boot_result *r)
{
	return r->calls == 3 && r->values[0] == 2 * num_pokes + 1 && r->values[1] == FIRST_VALUE &&
	       r->values[2] == num_pokes + 1 && r->values[3] == SECOND_VALUE && r->values[4] == 1;
}

static bool judge_module_percpu_int(const struct boot_result *r)
{
	long long level0 = -3 * (2ll * num_pokes + 1), level1 = -3 * (num_pokes + 1ll);

	return r->calls == 3 && (long long)r->values[0] == level0 &&
	       (long long)r->values[1] == level1 && (long long)r->values[2] == level0;
}

static bool judge_module_kfunc(const struct boot_result *r)
{
	return r->calls == 3 && r->values[0] == SECOND_VALUE * 1000 + 5 &&
	       r->values[1] == SECOND_VALUE + 7;
}

static bool judge_module_entry(const struct boot_result *r)
{
	return r->calls == 3 && r->values[0] == SECOND_VALUE && r->values[1] == 1 &&
	       r->values[2] == SEED && r->values[3] == FIRST_VALUE;
}

static bool judge_module_exit(const struct boot_result *r)
{
	return r->calls == 3 && r->values[0] == SECOND_VALUE + SEED;
}

static bool judge_called(const struct boot_result *r) { return r->calls == 1; }

struct check {
	const char *program;
	void (*trigger)(void);
	bool (*judge)(const struct boot_result *result);
	const char *refusal; /* NULL: the program must load; else what the verifier says */
};

static const struct check kernel_checks[] = {
	{ "percpu_struct", read_file, judge_percpu_struct, NULL },
	{ "percpu_int", read_file, judge_percpu_int, NULL },
	{ "function_entry", read_file, judge_function_entry, NULL },
	{ "function_exit", read_file, judge_function_exit, NULL },
	{ "wrong_direct", NULL, NULL, "is ptr_rq access percpu memory" },
	{ "wrong_unchecked", NULL, NULL, "R0 invalid mem access 'ptr_or_null_'" },
	{ "wrong_store", NULL, NULL, "only read is supported" },
	{ "wrong_size", NULL, NULL, "invalid access to memory, mem_size=4 off=0 size=8" },
	{ "wrong_argument", NULL, NULL, "invalid bpf_context access off=32 size=8" },
	{ 0 }
};

static const struct check module_checks[] = {
	{ "module_percpu_struct", poke, judge_module_percpu_struct, NULL },
	{ "module_percpu_int", poke, judge_module_percpu_int, NULL },
	{ "module_kfunc", poke, judge_module_kfunc, NULL },
	{ "module_entry", poke, judge_module_entry, NULL },
	{ "module_exit", poke, judge_module_exit, NULL },
	{ "wrong_kfunc_type", NULL, NULL, "pointer to STRUCT task_struct" },
	{ "wrong_module_direct", NULL, NULL, "is ptr_boot_counter access percpu memory" },
	{ "wrong_module_argument", NULL, NULL, "invalid bpf_context access off=16 size=8" },
	{ 0 }
};

static const struct check sample_checks[] = {
	{ "sample_entry", sample_read, judge_called, NULL },
	{ 0 }
};

static void check_program(const char *path, const struct check *check)
{
	struct bpf_object *object;
	struct bpf_program *program, *each;
	struct boot_result result = { 0 };
	struct bpf_link *link;
	__u32 key = 0;
	int err;

	messages_len = 0;
	messages[0] = verifier_log[0] = 0;
	object = bpf_object__open_file(path, NULL);
	if (!object) {
		verdict(false, check->program, "'%s' cannot be opened: %s", path, strerror(errno));
		show(messages);
		return;
	}
	bpf_object__for_each_program(each, object)
		bpf_program__set_autoload(each, false);
	program = bpf_object__find_program_by_name(object, check->program);
	if (!program) {
		verdict(false, check->program, "no such program");
		bpf_object__close(object);
		return;
	}
	bpf_program__set_autoload(program, true);
	bpf_program__set_log_buf(program, verifier_log, sizeof(verifier_log));
	if (!check->refusal)
		bpf_program__set_log_level(program, 0);
	err = bpf_object__load(object);
	if (check->refusal) {
		bool ok = err && strstr(verifier_log, check->refusal);

		verdict(ok, check->program, "%s", !err ? "loaded" : ok ? check->refusal : "refused otherwise");
		if (!ok) {
			show(messages);
			show(verifier_log);
		}
		bpf_object__close(object);
		return;
	}
	if (err) {
		verdict(false, check->program, "not loaded: %s", strerror(-err));
		show(messages);
		show(verifier_log);
		bpf_object__close(object);
		return;
	}
	link = bpf_program__attach(program);
	if (!link) {
		verdict(false, check->program, "not attached: %s", strerror(errno));
		show(messages);
	} else {
		check->trigger();
		err = bpf_map__lookup_elem(bpf_object__find_map_by_name(object, "results"), &key, sizeof(key),
					   &result, sizeof(result), 0);
		verdict(!err && check->judge(&result), check->program,
			"%llu calls, %lld %lld %lld %lld %lld %lld", result.calls, result.values[0],
			result.values[1], result.values[2], result.values[3], result.values[4],
			result.values[5]);
	}
	bpf_link__destroy(link);
	bpf_object__close(object);
}

static void check_all(const char *path, const struct check *checks)
{
	for (const struct check *check = checks; check->program; check++) {
		check_program(path, check);
		if (check->trigger == poke)
			num_pokes++;
	}
}

static void show_btf(const char *module)
{
	char path[128];
	unsigned char *data;
	size_t size;

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	data = (unsigned char *)file_read(path, &size);
	verdict(data, "btf", "%s: %s", path, data ? "there" : strerror(errno));
	if (!data)
		return;
	printf("@ btf %s ", where);
	for (size_t i = 0; i < size; i++)
		printf("%02x", data[i]);
	putchar('\n');
	free(data);
}

/* FILE.ko, which holds the module NAME. The kernel gives back what it holds a little later. */
static void with_module(const char *file, const char *name, void (*checks)(void))
{
	char path[128];
	bool ok;

	where = file;
	snprintf(path, sizeof(path), "/%s.ko", file);
	ok = module_load(path);
	verdict(ok, "load", "%s: %s", path, ok ? "loaded" : strerror(errno));
	if (!ok)
		return;
	show_btf(name);
	if (checks)
		checks();
	for (int i = 0; i < 200 && !(ok = module_remove(name)) && errno == EWOULDBLOCK; i++)
		usleep(50000);
	verdict(ok, "remove", "%s: %s", name, ok ? "removed" : strerror(errno));
}

/* Of the names that these objects have, a line each, between line breaks. */
static void show_addresses(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[512], name[256], wanted[260];
	char *names, *copy;
	size_t size;

	names = file_read("/ksyms.names", &size);
	copy = names ? calloc(size + 2, 1) : NULL;
	if (copy) {
		copy[0] = '\n';
		memcpy(copy + 1, names, size);
	}
	while (copy && symbols && fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%*s %*s %255s", name) != 1)
			continue;
		snprintf(wanted, sizeof(wanted), "\n%s\n", name);
		if (strstr(copy, wanted))
			printf("@ sym %s %s", where, line);
	}
	if (symbols)
		fclose(symbols);
	free(copy);
	free(names);
}

/* Objects about one symbol of the kernel or the module each. What is right, the judge knows. */
static void load_ksyms(void)
{
	char path[32];

	for (int i = 0;; i++) {
		struct bpf_object *object;
		int err;

		snprintf(path, sizeof(path), "/ks%02d.bpf.o", i);
		if (access(path, R_OK))
			break;
		object = bpf_object__open_file(path, NULL);
		err = object ? bpf_object__load(object) : -errno;
		printf("@ ksym %s %s %d\n", where, path + 1, err);
		bpf_object__close(object);
	}
	show_addresses();
}

static void checks_of_module(void)
{
	num_pokes = 0;
	check_all("/module.bpf.o", module_checks);
	load_ksyms();
}

static void checks_of_sample(void) { check_all("/sample.bpf.o", sample_checks); }

static void kernel_log(void)
{
	static char log[1 << 18];
	int len = klogctl(3 /* read all */, log, sizeof(log) - 1);
	char *rest = log, *line;

	if (len < 0) {
		verdict(false, "log", "%s", strerror(errno));
		return;
	}
	log[len] = 0;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("@ log %s\n", line);
}

/* Module names are file names with another dash. */
static void load_only(const char *file)
{
	char name[64];

	snprintf(name, sizeof(name), "%s", file);
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	with_module(file, name, NULL);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) || mount("sysfs", "/sys", "sysfs", 0, NULL))
		verdict(false, "mount", "%s", strerror(errno));
	libbpf_set_print(keep_message);
	for (int i = 1; i < argc; i++) {
		const char *task = argv[i];

		if (!strcmp(task, "kernel")) {
			where = "kernel";
			check_all("/kernel.bpf.o", kernel_checks);
		} else if (!strcmp(task, "sample")) {
			with_module("kobject-example", "kobject_example", checks_of_sample);
		} else if (!strncmp(task, "load:", 5)) {
			load_only(task + 5);
		} else if (!strncmp(task, "module:", 7)) {
			with_module(task + 7, "btfgen_boot", checks_of_module);
		} else {
			where = "init";
			verdict(false, "task", "'%s' is unknown", task);
		}
	}
	where = "init";
	kernel_log();
	printf("@ end\n");
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
	return 1;
}
