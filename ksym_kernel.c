// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "ksym_kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/btf/split_check.h"

#define SYSFS_FOLDER "/sys/kernel/btf/"
#define MODULES_PATH "/proc/modules"

struct ksym_address {
	char *name;
	uint64_t addr;
	bool is_clone; /* a local clone's, without its .llvm. suffix */
};

typedef VEC(char *) path_vec;

static void paths_deinit(path_vec *paths)
{
	for (size_t i = 0; i < paths->num; i++)
		free(paths->data[i]);
	vec_deinit(paths);
}

void ksym_kernel_close(struct ksym_kernel *kernel)
{
	/* Modules stand on the first file. */
	while (kernel->num > 0) {
		struct ksym_file *file = &kernel->files[--kernel->num];

		btf_source_close(&file->source);
		btf_view_close(&file->distilled);
		free(file->path);
		free(file->name);
		free(file->misfit);
	}
	for (size_t i = 0; i < kernel->addresses.num; i++)
		free(kernel->addresses.data[i].name);
	vec_deinit(&kernel->addresses);
	free(kernel->files);
	free(kernel->layers);
}

/* Split BTF has no empty string of its own in front, all other BTF has. */
static bool is_split(const struct btf_view *view)
{
	return view->num_own > 0 &&
	       (view->strings_size == 0 || view->bytes.data[view->strings_off] != 0);
}

static struct btfgen_error *open_distilled(struct ksym_file *file, bool *ret_found)
{
	struct elf_section section;
	struct btfgen_error *err;
	struct span bytes;

	*ret_found = false;
	if (!file->source.is_elf)
		return NULL;
	err = elf_find_section(&file->source.elf, ".BTF.base", &section, ret_found);
	if (err || !*ret_found)
		return err;
	err = elf_section_data(&file->source.elf, &section, &bytes);
	return err ? err : btf_view_open(bytes, NULL, &file->distilled);
}

static struct btfgen_error *open_view(struct ksym_file *file, const struct btf_view *base)
{
	struct btf_source *source = &file->source;
	struct btfgen_error *err;
	bool has_distilled = false;

	if (!source->btf.data)
		return error_create(BTFGEN_ERROR_INPUT, "has no .BTF section");
	if (base) {
		err = open_distilled(file, &has_distilled);
		if (err)
			return err;
	}
	err = btf_view_open(source->btf, has_distilled ? &file->distilled : base, &source->view);
	if (err)
		return err;
	if (!base && is_split(&source->view))
		return error_create(BTFGEN_ERROR_INPUT,
				    "is the BTF of a module, that of vmlinux comes first");
	if (base && source->view.num_own > 0 && !is_split(&source->view))
		return error_create(BTFGEN_ERROR_INPUT, "is not the BTF of a module");
	return NULL;
}

/* Over another vmlinux than its own, a module has other names, or none. */
static struct btfgen_error *check_fit(const struct ksym_kernel *kernel, struct ksym_file *file)
{
	struct split_options options = { .ptr_size = kernel->layers[0].pointer_size };
	struct split_result result;
	struct btfgen_error *err;

	if (!file->source.view.base || file->source.view.base == &file->distilled)
		return NULL;
	err = btf_split_check(&file->source.view, &options, &result);
	if (err || result.verdict == SPLIT_FITS)
		return err;
	file->misfit = strdup(result.text);
	return file->misfit ? NULL : error_nomem();
}

/* "drivers/net/tun.ko" and "tun.ko.btf" are tun. */
static char *name_of(const char *path)
{
	static const char *const ends[] = { ".btf", ".ko" };
	const char *slash = strrchr(path, '/');
	const char *name = slash && slash[1] ? slash + 1 : path;
	size_t size = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t cut = strlen(ends[i]);

		if (size > cut && memcmp(name + size - cut, ends[i], cut) == 0)
			size -= cut;
	}
	return strndup(name, size);
}

static struct btfgen_error *open_file(struct ksym_kernel *kernel, const char *path)
{
	const struct btf_view *base = kernel->num ? &kernel->files[0].source.view : NULL;
	struct ksym_file *file = &kernel->files[kernel->num];
	struct ksyms_layer *layer = &kernel->layers[kernel->num];
	struct btfgen_error *err;

	err = btf_source_read(path, &file->source);
	if (err)
		return err;
	kernel->num++;
	file->path = strdup(path);
	file->name = name_of(path);
	if (!file->path || !file->name)
		return error_nomem();
	err = error_in_file(open_view(file, base), path);
	if (err)
		return err;
	layer->view = &file->source.view;
	layer->pointer_size =
		base ? kernel->layers[0].pointer_size : ksyms_pointer_size(layer->view);
	return check_fit(kernel, file);
}

static struct btfgen_error *open_files(struct ksym_kernel *kernel, const char *const *paths,
				       size_t num)
{
	struct btfgen_error *err = NULL;

	kernel->files = calloc(num, sizeof(*kernel->files));
	kernel->layers = calloc(num, sizeof(*kernel->layers));
	if (!kernel->files || !kernel->layers)
		return error_nomem();
	for (size_t i = 0; i < num && !err; i++)
		err = open_file(kernel, paths[i]);
	return err;
}

static struct btfgen_error *add_path(path_vec *paths, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, SYSFS_FOLDER "%s", name) < 0)
		return error_nomem();
	if (!vec_push(paths, path)) {
		free(path);
		return error_nomem();
	}
	return NULL;
}

/* Of a call of the C library, which takes memory of its own. */
static struct btfgen_error *read_error(const char *what)
{
	if (errno == ENOMEM)
		return error_nomem();
	return error_create_errno(BTFGEN_ERROR_INPUT, errno, "%s", what);
}

/* The module that was loaded last is the first one there. */
static struct btfgen_error *running_modules(path_vec *paths)
{
	_cleanup_free_ char *line = NULL;
	struct btfgen_error *err = NULL;
	size_t cap = 0, first = paths->num;
	FILE *file = fopen(MODULES_PATH, "re");

	if (!file)
		return errno == ENOENT ? NULL :
					 error_in_file(read_error("cannot open"), MODULES_PATH);
	while (!err && getline(&line, &cap, file) > 0) {
		line[strcspn(line, " \n")] = 0;
		err = add_path(paths, line);
		/* Not all have BTF. */
		if (!err && access(paths->data[paths->num - 1], R_OK) != 0)
			free(paths->data[--paths->num]);
	}
	if (!err && !feof(file))
		err = error_in_file(read_error("cannot read"), MODULES_PATH);
	fclose(file);
	for (size_t i = first, j = paths->num; !err && i + 1 < j; i++) {
		char *path = paths->data[i];

		paths->data[i] = paths->data[--j];
		paths->data[j] = path;
	}
	return err;
}

static struct btfgen_error *open_running(struct ksym_kernel *kernel)
{
	struct btfgen_error *err;
	path_vec paths = {};

	err = add_path(&paths, "vmlinux");
	if (!err)
		err = running_modules(&paths);
	if (!err)
		err = open_files(kernel, (const char *const *)paths.data, paths.num);
	paths_deinit(&paths);
	return err;
}

static struct btfgen_error *add_address(struct ksym_kernel *kernel, const char *name, size_t size,
					uint64_t addr, bool is_clone)
{
	char *copy = strndup(name, size);

	if (copy && vec_push(&kernel->addresses, (struct ksym_address){ copy, addr, is_clone }))
		return NULL;
	free(copy);
	return error_nomem();
}

static struct btfgen_error *read_line(struct ksym_kernel *kernel, const char *line, size_t num)
{
	const char *name, *clone;
	unsigned long long addr;
	char *end, type;
	size_t size;

	errno = 0;
	addr = strtoull(line, &end, 16);
	if (end == line || errno || end[0] != ' ' || !end[1] || end[2] != ' ')
		return error_create(BTFGEN_ERROR_INPUT, "line %zu is no ADDRESS TYPE NAME", num);
	type = end[1];
	name = end + 3;
	size = strcspn(name, " \t\n");
	if (!size)
		return error_create(BTFGEN_ERROR_INPUT, "line %zu is no ADDRESS TYPE NAME", num);
	clone = type == 'd' ? memmem(name, size, ".llvm.", 6) : NULL;
	if (clone)
		return add_address(kernel, name, (size_t)(clone - name), addr, true);
	return add_address(kernel, name, size, addr, false);
}

static int compare_addresses(const void *one, const void *two)
{
	const struct ksym_address *a = one, *b = two;

	return strcmp(a->name, b->name);
}

static struct btfgen_error *read_addresses(struct ksym_kernel *kernel, const char *path)
{
	_cleanup_free_ char *line = NULL;
	struct btfgen_error *err = NULL;
	size_t cap = 0, num = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return read_error("cannot open");
	while (!err && getline(&line, &cap, file) > 0)
		err = read_line(kernel, line, ++num);
	if (!err && !feof(file))
		err = read_error("cannot read");
	fclose(file);
	if (kernel->addresses.num)
		qsort(kernel->addresses.data, kernel->addresses.num,
		      sizeof(*kernel->addresses.data), compare_addresses);
	kernel->has_addresses = !err;
	return err;
}

struct btfgen_error *ksym_kernel_open(const char *const *paths, size_t num_paths,
				      const char *symbols_path, struct ksym_kernel *ret_kernel)
{
	struct ksym_kernel kernel = {};
	struct btfgen_error *err;

	err = num_paths ? open_files(&kernel, paths, num_paths) : open_running(&kernel);
	if (!err && symbols_path)
		err = error_in_file(read_addresses(&kernel, symbols_path), symbols_path);
	if (err) {
		ksym_kernel_close(&kernel);
		return err;
	}
	*ret_kernel = kernel;
	return NULL;
}

enum ksyms_address ksym_kernel_address(void *arg, const char *name, bool for_libbpf)
{
	const struct ksym_kernel *kernel = arg;
	const struct ksym_address *found = NULL;
	size_t low = 0, high = kernel->addresses.num;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(kernel->addresses.data[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < kernel->addresses.num; low++) {
		const struct ksym_address *address = &kernel->addresses.data[low];

		if (strcmp(address->name, name) != 0)
			break;
		if (address->is_clone && !for_libbpf)
			continue;
		if (found && found->addr != address->addr)
			return KSYMS_ADDRESS_SEVERAL;
		found = address;
	}
	return found ? KSYMS_ADDRESS_ONE : KSYMS_ADDRESS_NONE;
}
