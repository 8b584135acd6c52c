// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A second unit, so that there is work for a second thread. */
struct counter {
	long value;
	struct counter *next;
};

struct counter other_counter = { 1, 0 };
