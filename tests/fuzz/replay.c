// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Runs a fuzz target over files without libFuzzer: fuzz_NAME FILE_OR_FOLDER...
 *
 * Folders are not searched below their first level. Each input is copied into a block of exactly
 * its size, so that a sanitizer sees a read beyond its end. No input at all is an error, as a
 * corpus that is not found would otherwise pass.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static void fail(const char *what, const char *path)
{
	fprintf(stderr, "%s: %s: %s\n", path, what, strerror(errno));
	exit(1);
}

static void run_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1), *exact;
	FILE *f = fopen(path, "rb");

	if (!data || !f || fread(data, 1, size, f) != size)
		fail("cannot read", path);
	fclose(f);
	/* malloc(0) gives a block whose first byte is out of bounds already. */
	exact = malloc(size);
	if (size && !exact)
		fail("cannot allocate", path);
	if (size)
		memcpy(exact, data, size);
	free(data);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static size_t run_path(const char *path, int depth)
{
	struct dirent *entry;
	size_t num = 0;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) != 0)
		fail("cannot open", path);
	if (S_ISREG(st.st_mode)) {
		run_file(path, (size_t)st.st_size);
		return 1;
	}
	if (!S_ISDIR(st.st_mode) || depth > 0)
		return 0;
	dir = opendir(path);
	if (!dir)
		fail("cannot open", path);
	while ((entry = readdir(dir))) {
		char *below;

		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			fail("cannot allocate", path);
		num += run_path(below, depth + 1);
		free(below);
	}
	closedir(dir);
	return num;
}

int main(int argc, char **argv)
{
	size_t num = 0;

	for (int i = 1; i < argc; i++)
		num += run_path(argv[i], 0);
	printf("%zu inputs\n", num);
	return num == 0;
}
