/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Two units see only the forward declaration of struct device_private; device.c completes it.
 * Of struct never_completed no unit knows more than the name.
 */
#ifndef SAMPLE_DEVICE_H
#define SAMPLE_DEVICE_H

#include "list.h"

struct device_private;
struct never_completed;
union device_data;

enum device_state {
	DEVICE_GONE = -1,
	DEVICE_OFF,
	DEVICE_ON,
	DEVICE_BROKEN = 100,
};

/* Values that need 64 bits, without and with a sign. */
enum device_feature {
	FEATURE_NONE = 0,
	FEATURE_DMA = 1ULL << 31,
	FEATURE_HUGE = 1ULL << 40,
	FEATURE_LAST = 1ULL << 63,
};

enum device_offset {
	OFFSET_FAR_BELOW = -0x100000000LL,
	OFFSET_HERE = 0,
	OFFSET_FAR_ABOVE = 0x100000000LL,
};

struct device {
	const char *name;
	struct device *parent;
	struct device_private *p;
	struct never_completed *secret;
	union device_data *data;
	struct list_head children;
	enum device_state state;
	enum device_feature features;
	enum device_offset offset;
	int (*probe)(struct device *dev, const char *format, ...);
	void (*release)(struct device *dev);
	unsigned int registered:1;
	unsigned int power:3;
	signed int bias:7;
	unsigned int:0;
	bool offline:1;
	enum device_state wanted:8;
	u64 mask:36;
	u64 tail:28;
};

/* Packed, so that nothing lies at its natural alignment. */
struct device_header {
	u8 kind;
	u32 length;
	u64 address;
	u16 low:5, high:11;
} __attribute__((packed));

/* A flexible array, and one with dimensions. */
struct device_table {
	u32 num;
	int matrix[2][3];
	char tag[4];
	struct device_header entries[];
};

extern int device_ids[];
extern struct device_table device_table;
void device_register(struct device *dev);

#endif
