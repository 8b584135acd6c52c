// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The running kernel as a judge of BTF (BPF_BTF_LOAD), and what it is known to know.
 *
 *	struct verify_options options;
 *	if (!kernel_options(&options))
 *		skip();
 *	if (kernel_accepts(data, size)) ...
 *
 * It takes root (CAP_BPF) and Linux 6.12 or later in the order of bytes that it has. What it knows
 * is found by asking it: type tags in any order, flags on tags, 24 bits of vlen, the long header,
 * how fields of BPF are counted.
 */
#pragma once

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "btf_blob.h"

#include "lib/btf/verify.h"

/* A blob with a layout section of @num entries, and room for one more type record's change. */
static inline void layout_build(struct blob *blob, const char *types, uint32_t num, bool big_endian)
{
	uint32_t size = num * BTF_LAYOUT_ENTRY_SIZE;
	size_t at;

	blob_build(blob, types, big_endian);
	blob_insert(blob, 24, 8);
	blob_set_header(blob, BTF_HEADER_SIZE_OFF, 32);
	at = 32 + blob->types_size;
	blob_insert(blob, at, size);
	blob_set_header(blob, BTF_HEADER_LAYOUT_OFF_OFF, blob->types_size);
	blob_set_header(blob, BTF_HEADER_LAYOUT_SIZE_OFF, size);
	blob_set_header(blob, BTF_HEADER_STRINGS_OFF_OFF, blob->types_size + size);
	for (uint32_t kind = 0; kind < num && kind < BTF_NUM_KINDS; kind++) {
		blob->data[at + kind * 4] = btf_kind_table[kind].tail_size;
		blob->data[at + kind * 4 + 1] = btf_kind_table[kind].elem_size;
	}
}

/* An enum of more values than old kernels count. */
static inline void long_enum_build(struct blob *blob, bool big_endian)
{
	uint32_t num = BTF_LIMIT_VLEN_OLD + 1, types_size = BTF_RECORD_SIZE + num * 8;

	blob_build(blob, "E x/4{}", big_endian);
	blob_insert(blob, BTF_HEADER_SIZE + BTF_RECORD_SIZE, num * 8);
	blob_set_header(blob, BTF_HEADER_TYPES_SIZE_OFF, types_size);
	blob_set_header(blob, BTF_HEADER_STRINGS_OFF_OFF, types_size);
	store_u32(blob->data + 24 + 4, btf_info_make(BTF_ENUM, false, num), blob->swap);
	for (uint32_t i = 0; i < num; i++)
		store_u32(blob->data + 36 + i * 8, 1, blob->swap);
}

enum { LOG_SIZE = 1 << 16 };

static inline int kernel_load(const void *data, size_t size, char *log)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)data;
	attr.btf_size = size;
	if (log) {
		attr.btf_log_buf = (uintptr_t)log;
		attr.btf_log_size = LOG_SIZE;
		attr.btf_log_level = 1;
	}
	return syscall(SYS_bpf, BPF_BTF_LOAD, &attr, sizeof(attr));
}

static inline bool kernel_accepts(const void *data, size_t size)
{
	int fd = kernel_load(data, size, NULL);

	/* Refusals for want of memory or rights are no verdict. */
	if (fd < 0) {
		assert_int_not_equal(errno, ENOMEM);
		assert_int_not_equal(errno, EPERM);
		return false;
	}
	close(fd);
	return true;
}

static inline bool kernel_accepts_types(const char *types)
{
	struct blob blob;
	bool accepted;

	blob_build(&blob, types, HOST_BIG_ENDIAN);
	accepted = kernel_accepts(blob.data, blob.size);
	blob_free(&blob);
	return accepted;
}

/* Of the running kernel, 0 if it cannot be told. */
static inline unsigned int kernel_version(unsigned int *ret_patch)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	*ret_patch = 0;
	if (uname(&name) || sscanf(name.release, "%u.%u.%u", &major, &minor, ret_patch) < 2)
		return 0;
	return VERIFY_KERNEL(major, minor);
}

/* Some kernels warn in their log about BTF that they then take (a lock in a struct in a struct). */
static inline bool kernel_panics_on_warnings(void)
{
	FILE *file = fopen("/proc/sys/kernel/panic_on_warn", "re");
	int value = 0;

	if (!file)
		return false;
	if (fscanf(file, "%d", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

/* False, after saying why, if there is no kernel to ask. */
static inline bool kernel_options(struct verify_options *ret_options)
{
	struct verify_options options = { .ptr_size = sizeof(void *), .program = true };
	unsigned int patch, version = kernel_version(&patch);
	struct blob blob;
	int fd;

	if (version < VERIFY_KERNEL(6, 12)) {
		print_message("the running kernel is not asked: it is older than 6.12\n");
		return false;
	}
	if (kernel_panics_on_warnings()) {
		print_message("the running kernel is not asked: it panics when it warns\n");
		return false;
	}
	blob_build(&blob, "int", HOST_BIG_ENDIAN);
	fd = kernel_load(blob.data, blob.size, NULL);
	blob_free(&blob);
	if (fd < 0) {
		print_message("the running kernel is not asked: BPF_BTF_LOAD: %s\n",
			      strerror(errno));
		return false;
	}
	close(fd);
	verify_options_for_kernel(&options, version >> 8, version & 0xff);
	options.tags_first = !kernel_accepts_types("int; tt a=1; C 2");
	options.plain_tags = !kernel_accepts_types("int; tt! a=1");
	options.flat_fields =
		kernel_accepts_types("int; S bpf_refcount/4{a:1@0}; S s/8{a:2@0, b:2@32}");
	/* The bitfield is refused if the pointer makes the struct worth a look. */
	options.first_kptr_tag = kernel_accepts_types(
		"int; S no_such_struct/0{}; tt kptr=2; tt x=3; *4; S! t/16{a:5@0:0, b:1@65:3}");
	/* Three structs that own each other in turn, which is one too many for the old rule. */
	options.two_level_graph = !kernel_accepts_types(
		"int; S bpf_spin_lock/4{a:1@0}; i long/8=0x40; S bpf_list_head/16{a:3@0, b:3@64};"
		"S bpf_list_node/24{a:3@0, b:3@64, c:3@128}; S c/24{n:5@0};"
		"S b/48{n:5@0, h:4@192, l:2@320}; S a/48{n:5@0, h:4@192, l:2@320};"
		"dt contains\\:c\\:n=7=1; dt contains\\:b\\:n=8=1");
	long_enum_build(&blob, HOST_BIG_ENDIAN);
	options.classic_info = !kernel_accepts(blob.data, blob.size);
	blob_free(&blob);
	layout_build(&blob, "int", BTF_NUM_KINDS, HOST_BIG_ENDIAN);
	options.classic_header = !kernel_accepts(blob.data, blob.size);
	blob_free(&blob);
	*ret_options = options;
	return true;
}
