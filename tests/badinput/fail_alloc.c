// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * For LD_PRELOAD: the FAIL_ALLOC-th call of malloc(), calloc() or realloc() finds no memory, and
 * with FAIL_ALLOC_ALL=1 each one behind it, too. Before main() is entered nothing is counted.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* glibc's own, under the names that stay. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_long num_calls;
static long fail_at;
static bool fail_all;

__attribute__((constructor)) static void read_environment(void)
{
	const char *at = getenv("FAIL_ALLOC");

	fail_all = getenv("FAIL_ALLOC_ALL") != NULL;
	fail_at = at ? atol(at) : 0;
}

static bool must_fail(void)
{
	long call;

	if (!fail_at)
		return false;
	call = atomic_fetch_add(&num_calls, 1) + 1;
	if (call != fail_at && !(fail_all && call > fail_at))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t num, size_t size)
{
	return must_fail() ? NULL : __libc_calloc(num, size);
}

void *realloc(void *old, size_t size)
{
	return must_fail() ? NULL : __libc_realloc(old, size);
}
