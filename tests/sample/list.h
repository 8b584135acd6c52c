/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What every unit includes: self-referring and mutually referring types, all plain scalars. */
#ifndef SAMPLE_LIST_H
#define SAMPLE_LIST_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed long long s64;
typedef _Bool bool;

struct list_head {
	struct list_head *next, *prev;
};

/* A typedef is all the name this structure has. */
typedef struct {
	int counter;
} atomic_t;

typedef struct {
	union {
		u32 val;
		struct {
			u8 locked;
			u8 pending;
		};
		struct {
			u16 locked_pending;
			u16 tail;
		};
	};
} spinlock_t;

struct timer_list;
typedef void (*timer_fn_t)(struct timer_list *timer);

struct timer_list {
	struct list_head entry;
	unsigned long expires;
	timer_fn_t function;
	u32 flags;
};

#endif
