/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What both units see; opaque is defined in one of them only, private differently in each. */
#ifndef FORMS_SHARED_H
#define FORMS_SHARED_H

struct opaque;
struct private_state;
enum later;

struct node {
	struct node *next, **prev;
	struct opaque *hidden;
	struct private_state *state;
	void (*release)(struct node *self, const char *fmt, ...);
};

typedef struct {
	int counter;
} counter_t;

typedef struct node node_list[3];

struct device {
	struct node node;
	counter_t users;
	const volatile char *restrict name;
	union {
		struct {
			unsigned short low, high;
		};
		unsigned int whole;
	};
	node_list lists[2];
	int matrix[2][3][4];
	char tail[];
};

extern struct device first_device;
extern int late_table[];
int use(struct node *node, enum later *later);

#endif
