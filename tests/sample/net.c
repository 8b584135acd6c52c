// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A second meaning of struct foo and of all that reaches it, and types of a network stack. */
#include "device.h"
#include "percpu.h"

struct foo {
	u64 cookie;
	char name[16];
};

struct foo_user {
	struct foo *foo;
	struct foo_user *next;
};

struct packet {
	struct packet *next;
	struct device *dev;
	union {
		struct {
			u16 source, target;
		} __attribute__((packed)) ports;
		u32 both;
	};
	u8 version:4, length:4;
	u8 *data;
	char payload[];
};

struct packet_queue {
	struct packet *head, **tail;
	spinlock_t lock;
	struct foo_user owner;
	bool (*filter)(const struct packet *packet, u32 num, const void *const *args);
};

DEFINE_PER_CPU(struct packet_queue, packet_queues[2]);
DEFINE_PER_CPU(struct foo, net_foo);
static DEFINE_PER_CPU(s64, hidden);

int sched_tick(struct device *dev);

/* The entry: never run, it only keeps everything in the file. */
void sample_start(void);
void sample_start(void)
{
	static struct device root = { .name = "root", .state = DEVICE_ON };

	packet_queues[0].owner.foo = &net_foo;
	hidden += sched_tick(&root);
	for (;;)
		;
}
