// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Scope guards: what a variable holds is released when its scope ends, on every path.
 *
 *	_cleanup_free_ char *text = error_text(err);
 *	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
 *
 * no_cleanup_ptr() hands ownership out of the scope.
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))

#define no_cleanup_ptr(p)                                                                          \
	({                                                                                         \
		__typeof__(p) p_ = (p);                                                            \
		(p) = NULL;                                                                        \
		p_;                                                                                \
	})
