// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Threads: one primitive, a parallel loop.
 *
 *	struct pool *pool;
 *	err = pool_create(4, 0, &pool);
 *	err = pool_for(pool, num_units, order, decode_unit, &ctx);
 *	pool_destroy(pool);
 *
 * pool_for() calls fn once for each index and returns when all calls have. `worker` is in
 * [0, pool_num_workers()): no two calls with the same worker run at the same time, so ctx may hold
 * one scratch area a worker. The calling thread is worker 0; a pool of one creates no thread.
 *
 * Result: NULL if every call returned NULL, else the error of the *lowest index* that failed,
 * whatever the order in which calls ran. Calls with an index above a failed one may be left out;
 * calls below it never are. Other errors are released.
 *
 * Order: calls start in the order given by the table `order` (a permutation of 0..num-1), or by
 * index if NULL. With a shuffle seed other than 0 (tests) the order is a permutation that depends
 * on the seed. What a loop computes must not depend on the order.
 *
 * Everything written before pool_for() is visible to the calls, and everything they wrote is
 * visible after it. pool_for() does not nest and is called from one thread at a time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

struct pool;

typedef struct btfgen_error *pool_fn(void *ctx, unsigned int worker, size_t index);

struct btfgen_error *pool_create(unsigned int num_workers, uint64_t shuffle_seed,
				 struct pool **ret_pool) BTFGEN_MUST_CHECK;
void pool_destroy(struct pool *pool);

unsigned int pool_num_workers(const struct pool *pool);

struct btfgen_error *pool_for(struct pool *pool, size_t num, const uint32_t *order, pool_fn *fn,
			      void *ctx) BTFGEN_MUST_CHECK;

/* CPUs this process may use: affinity mask and cgroup quota honoured; at least 1. */
unsigned int pool_available_cpus(void);
