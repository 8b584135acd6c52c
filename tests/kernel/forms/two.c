/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The other side of names that one.c defines otherwise or not at all. */
#include "shared.h"

struct opaque {
	struct node *owner;
	long value;
};

struct private_state {
	char *from_two;
	struct opaque embedded;
};

typedef unsigned char row;

struct slot {
	struct private_state *state;
	row rows[7];
};

struct opaque opaque;
struct slot slot;
struct private_state *state_pointer;

int other(struct node *node, struct opaque *given, enum later *later)
{
	struct private_state local = { .embedded = *given };

	state_pointer = node->state;
	return use(node, later) + (int)local.embedded.value;
}
