// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Completes what device.h only declares, and what sched.c defines weakly or without a size. */
#include "device.h"
#include "percpu.h"

struct device_private {
	struct device *device;
	struct list_head node;
	void *driver_data;
	const volatile u32 *restrict registers;
};

union device_data {
	struct device_private private;
	u64 raw[4];
	char *text;
};

DEFINE_PER_CPU(u16, extern_array[5]) = { 1, 2, 3, 4, 5 };
DEFINE_PER_CPU(long, weak_counter) = 7;
DEFINE_PER_CPU(struct device_private, spare_private);
DEFINE_PER_CPU(union device_data, spare_data);
static DEFINE_PER_CPU(int, hidden);

int device_ids[] = { 1, 2, 3 };
struct device_table device_table = { .num = 1 };

void device_register(struct device *dev)
{
	struct device_private *p = &spare_private;

	p->device = dev;
	dev->p = p;
	dev->data = &spare_data;
	hidden++;
}
