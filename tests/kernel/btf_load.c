// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * btf_load [-b BASE] FILE...: ask the running kernel to accept raw BTF files through BPF_BTF_LOAD,
 * which runs every check it has. The system call knows no base; a split is loaded behind its base as
 * one file, in which all ids and string offsets are what they are in the two.
 * 0: accepted; 1: refused, the verifier's last lines on stderr; 3: unreadable
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

/* The types and strings of both, behind one header. */
static uint8_t *join(const uint8_t *base_data, size_t base_size, const uint8_t *data, size_t size,
		     size_t *ret_size)
{
	struct kbtf base, k;
	uint32_t head[6];
	uint8_t *joined, *at;

	kbtf_init(&base, base_data, base_size, "base");
	kbtf_init_split(&k, &base, data, size, "split");
	*ret_size = sizeof(head) + base.type_len + k.type_len + base.str_len + k.str_len;
	joined = at = oracle_alloc(NULL, *ret_size);
	memcpy(head, data, 4);
	head[1] = sizeof(head);
	head[2] = 0;
	head[3] = base.type_len + k.type_len;
	head[4] = head[3];
	head[5] = base.str_len + k.str_len;
	at = (uint8_t *)memcpy(at, head, sizeof(head)) + sizeof(head);
	at = (uint8_t *)memcpy(at, base_data + base.type_off, base.type_len) + base.type_len;
	at = (uint8_t *)memcpy(at, data + k.type_off, k.type_len) + k.type_len;
	at = (uint8_t *)memcpy(at, base_data + base.str_off, base.str_len) + base.str_len;
	memcpy(at, data + k.str_off, k.str_len);
	free(base.pos);
	free(k.pos);
	return joined;
}

/* 0, 1 or 77 as the program itself. */
static int check(const char *path, const uint8_t *base, size_t base_size)
{
	size_t size;
	uint8_t *data = oracle_read_file(path, &size);
	char *log;
	uint32_t pointer;
	int fd, err, result = 0;

	if (size < 24)
		oracle_die("%s: too short for BTF", path);
	if (data[0] != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 0xeb : 0x9f)) {
		fputs("skip: the running kernel has the other byte order\n", stderr);
		free(data);
		return 77;
	}
	if (base) {
		uint8_t *joined = join(base, base_size, data, size, &size);

		free(data);
		data = joined;
	}
	pointer = pointer_size(data, size, path);
	if (size > BLOB_LIMIT) {
		fprintf(stderr, "skip: %zu bytes, the system call takes %u\n", size, BLOB_LIMIT);
		result = 77;
	} else if (pointer && pointer != sizeof(void *)) {
		fprintf(stderr, "skip: pointers of %u bytes, the running kernel has %zu\n", pointer,
			sizeof(void *));
		result = 77;
	} else if ((fd = load(data, size, NULL, 0)) >= 0) {
		close(fd);
	} else {
		err = errno;
		log = oracle_alloc(NULL, LOG_SIZE);
		log[0] = 0;
		fd = load(data, size, log, LOG_SIZE);
		log[LOG_SIZE - 1] = 0;
		fprintf(stderr, "%s: refused: %s\n", path, strerror(err));
		print_tail(log);
		free(log);
		result = 1;
	}
	free(data);
	return result;
}

int main(int argc, char **argv)
{
	const char *base_path = NULL;
	uint8_t *base = NULL;
	size_t base_size = 0;
	int opt, err, result = 0;

	while ((opt = getopt(argc, argv, "b:")) != -1) {
		if (opt != 'b')
			return 2;
		base_path = optarg;
	}
	if (optind == argc) {
		fputs("usage: btf_load [-b BASE] FILE...\n", stderr);
		return 2;
	}
	if (!kernel_has_btf(&err)) {
		fprintf(stderr, "skip: the running kernel takes no BTF from us: %s\n",
			strerror(err));
		return 77;
	}
	if (base_path)
		base = oracle_read_file(base_path, &base_size);
	for (int i = optind; i < argc && result != 77; i++) {
		int one = check(argv[i], base, base_size);

		result = one ? one : result;
	}
	free(base);
	return result;
}
