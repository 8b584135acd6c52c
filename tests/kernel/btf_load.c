// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * btf_load FILE: ask the running kernel to accept a raw BTF file through BPF_BTF_LOAD, which runs
 * every check it has. 0: accepted; 1: refused, the verifier's last lines on stderr; 3: unreadable
 * file; 77: this machine cannot judge it: no privilege, no BTF support, other byte order, other
 * size of a pointer (members behind one would seem to lie outside their struct), or more than the
 * 16 MiB the system call takes.
 */
#include <linux/bpf.h>
#include <sys/syscall.h>

#include "oracle.h"

#define LOG_SIZE (1u << 24)
#define LOG_LINES 8
#define BLOB_LIMIT (16u << 20)

static int load(const void *data, size_t size, char *log, uint32_t log_size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)data;
	attr.btf_size = size;
	attr.btf_log_buf = (uintptr_t)log;
	attr.btf_log_size = log_size;
	attr.btf_log_level = log ? 1 : 0;
	return syscall(SYS_bpf, BPF_BTF_LOAD, &attr, sizeof(attr));
}

/* One unsigned int of four bytes named "int": the least any kernel with BTF takes. */
static bool kernel_has_btf(int *ret_errno)
{
	static const uint32_t words[] = {
		0x0001eb9f, 24, 0, 16, 16, 5, 1, 0x01000000, 4, 32,
	};
	uint8_t blob[sizeof(words) + 5] = { 0 };
	int fd;

	memcpy(blob, words, sizeof(words));
	memcpy(blob + sizeof(words), "\0int", 5);
	fd = load(blob, sizeof(blob), NULL, 0);
	*ret_errno = errno;
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* The size of long is that of a pointer in every kernel; 0 if the file has no long. */
static uint32_t pointer_size(const void *data, size_t size, const char *path)
{
	struct kbtf k;
	uint32_t found = 0;

	kbtf_init(&k, data, size, path);
	for (uint32_t id = 1; id < k.num_types && !found; id++) {
		const char *name = kb_name(&k, id);

		if (kb_kind(&k, id) == KB_INT &&
		    (!strcmp(name, "long unsigned int") || !strcmp(name, "unsigned long") ||
		     !strcmp(name, "long int") || !strcmp(name, "long")))
			found = kb_size_or_type(&k, id);
	}
	free(k.pos);
	return found;
}

static void print_tail(const char *log)
{
	size_t at = strlen(log);
	int lines = 0;

	while (at && log[at - 1] == '\n')
		at--;
	while (at && lines < LOG_LINES) {
		at--;
		lines += log[at] == '\n';
	}
	fprintf(stderr, "%s\n", log + at + (log[at] == '\n'));
}

int main(int argc, char **argv)
{
	size_t size;
	uint8_t *data;
	char *log;
	uint32_t pointer;
	int fd, err;

	if (argc != 2) {
		fputs("usage: btf_load FILE\n", stderr);
		return 2;
	}
	data = oracle_read_file(argv[1], &size);
	if (size < 24)
		oracle_die("%s: too short for BTF", argv[1]);
	if (!kernel_has_btf(&err)) {
		fprintf(stderr, "skip: the running kernel takes no BTF from us: %s\n",
			strerror(err));
		return 77;
	}
	if (data[0] != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 0xeb : 0x9f)) {
		fputs("skip: the running kernel has the other byte order\n", stderr);
		return 77;
	}
	if (size > BLOB_LIMIT) {
		fprintf(stderr, "skip: %zu bytes, the system call takes %u\n", size, BLOB_LIMIT);
		return 77;
	}
	pointer = pointer_size(data, size, argv[1]);
	if (pointer && pointer != sizeof(void *)) {
		fprintf(stderr, "skip: pointers of %u bytes, the running kernel has %zu\n", pointer,
			sizeof(void *));
		return 77;
	}
	fd = load(data, size, NULL, 0);
	if (fd >= 0) {
		close(fd);
		free(data);
		return 0;
	}
	err = errno;
	log = oracle_alloc(NULL, LOG_SIZE);
	log[0] = 0;
	fd = load(data, size, log, LOG_SIZE);
	log[LOG_SIZE - 1] = 0;
	fprintf(stderr, "%s: refused: %s\n", argv[1], strerror(err));
	print_tail(log);
	free(log);
	free(data);
	return 1;
}
