// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/base/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"

struct pool_thread {
	struct pool *pool;
	pthread_t thread;
	unsigned int worker;
};

struct pool {
	unsigned int num_workers;
	unsigned int num_threads; /* started ones; num_workers - 1 when all is well */
	uint64_t shuffle_seed;
	struct pool_thread *threads;

	pthread_mutex_t lock; /* for the next four */
	pthread_cond_t start;
	pthread_cond_t done;
	uint64_t generation; /* counts loops; a change wakes the threads */
	unsigned int num_running;
	bool stop;

	/* One loop: set by the caller before the generation changes, constant during the loop. */
	size_t num;
	const uint32_t *order;
	pool_fn *fn;
	void *ctx;

	/* SHARED during a loop. */
	atomic_size_t next;
	atomic_size_t first_failed; /* lowest failed index so far, or SIZE_MAX */
	pthread_mutex_t error_lock; /* for error */
	struct btfgen_error *error; /* of index first_failed */
};

static void pool_record_error(struct pool *pool, size_t index, struct btfgen_error *err)
{
	pthread_mutex_lock(&pool->error_lock);
	if (index < atomic_load(&pool->first_failed)) {
		error_free(pool->error);
		pool->error = err;
		atomic_store(&pool->first_failed, index);
	} else {
		error_free(err);
	}
	pthread_mutex_unlock(&pool->error_lock);
}

static void pool_run(struct pool *pool, unsigned int worker)
{
	for (;;) {
		size_t turn = atomic_fetch_add(&pool->next, 1);
		struct btfgen_error *err;
		size_t index;

		if (turn >= pool->num)
			return;
		index = pool->order ? pool->order[turn] : turn;
		if (index > atomic_load(&pool->first_failed))
			continue;
		err = pool->fn(pool->ctx, worker, index);
		if (err)
			pool_record_error(pool, index, err);
	}
}

static void *pool_thread_main(void *arg)
{
	struct pool_thread *self = arg;
	struct pool *pool = self->pool;
	uint64_t seen = 0;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->generation == seen && !pool->stop)
			pthread_cond_wait(&pool->start, &pool->lock);
		if (pool->stop)
			break;
		seen = pool->generation;
		pthread_mutex_unlock(&pool->lock);
		pool_run(pool, self->worker);
		pthread_mutex_lock(&pool->lock);
		if (--pool->num_running == 0)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct btfgen_error *pool_create(unsigned int num_workers, uint64_t shuffle_seed,
				 struct pool **ret_pool)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	sigset_t all, old;

	if (!pool)
		return error_nomem();
	pool->num_workers = num_workers ? num_workers : 1;
	pool->shuffle_seed = shuffle_seed;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_mutex_init(&pool->error_lock, NULL);
	pthread_cond_init(&pool->start, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->threads = calloc(pool->num_workers, sizeof(*pool->threads));
	if (!pool->threads) {
		pool_destroy(pool);
		return error_nomem();
	}
	/* Signals are the main thread's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (unsigned int i = 1; i < pool->num_workers; i++) {
		struct pool_thread *thread = &pool->threads[i - 1];

		thread->pool = pool;
		thread->worker = i;
		if (pthread_create(&thread->thread, NULL, pool_thread_main, thread) != 0) {
			/* Fewer threads than asked for only cost time. */
			pool->num_workers = i;
			break;
		}
		pool->num_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	*ret_pool = pool;
	return NULL;
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->start);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < pool->num_threads; i++)
		pthread_join(pool->threads[i].thread, NULL);
	pthread_cond_destroy(&pool->start);
	pthread_cond_destroy(&pool->done);
	pthread_mutex_destroy(&pool->lock);
	pthread_mutex_destroy(&pool->error_lock);
	free(pool->threads);
	free(pool);
}

unsigned int pool_num_workers(const struct pool *pool)
{
	return pool->num_workers;
}

/* Fisher-Yates with a counter-based generator: the same seed gives the same order everywhere. */
static uint32_t *shuffled_order(uint64_t seed, size_t num)
{
	uint32_t *order = malloc(num * sizeof(*order));

	if (!order)
		return NULL;
	for (size_t i = 0; i < num; i++)
		order[i] = i;
	for (size_t i = num - 1; i > 0; i--) {
		size_t j = hash_u64(seed * 0x9e3779b97f4a7c15ull + i) % (i + 1);
		uint32_t swapped = order[i];

		order[i] = order[j];
		order[j] = swapped;
	}
	return order;
}

struct btfgen_error *pool_for(struct pool *pool, size_t num, const uint32_t *order, pool_fn *fn,
			      void *ctx)
{
	struct btfgen_error *err;
	uint32_t *shuffled = NULL;

	if (!num)
		return NULL;
	if (pool->shuffle_seed && num > 1 && num <= UINT32_MAX) {
		shuffled = shuffled_order(pool->shuffle_seed, num);
		if (!shuffled)
			return error_nomem();
		order = shuffled;
	}
	pool->num = num;
	pool->order = order;
	pool->fn = fn;
	pool->ctx = ctx;
	pool->error = NULL;
	atomic_store(&pool->next, 0);
	atomic_store(&pool->first_failed, SIZE_MAX);
	if (pool->num_threads && num > 1) {
		pthread_mutex_lock(&pool->lock);
		pool->num_running = pool->num_threads;
		pool->generation++;
		pthread_cond_broadcast(&pool->start);
		pthread_mutex_unlock(&pool->lock);
		pool_run(pool, 0);
		pthread_mutex_lock(&pool->lock);
		while (pool->num_running)
			pthread_cond_wait(&pool->done, &pool->lock);
		pthread_mutex_unlock(&pool->lock);
	} else {
		pool_run(pool, 0);
	}
	free(shuffled);
	err = pool->error;
	pool->error = NULL;
	return err;
}

/* cgroup v2 "cpu.max" holds "quota period" in microseconds, or "max period". */
static unsigned int cgroup_cpus(void)
{
	FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
	unsigned long long quota, period;
	unsigned int cpus = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%llu %llu", &quota, &period) == 2 && period)
		cpus = (quota + period - 1) / period;
	fclose(file);
	return cpus;
}

unsigned int pool_available_cpus(void)
{
	unsigned int cpus = 1, limit = cgroup_cpus();
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cpus = CPU_COUNT(&set);
	if (limit && limit < cpus)
		cpus = limit;
	return cpus ? cpus : 1;
}
