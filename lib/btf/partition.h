// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Refinement: the coarsest partition of nodes into blocks such that nodes of one block had one seed
 * and have, at each position, either no edge or edges into one block.
 *
 *	struct partition_edge edges[] = { { .from = 0, .position = 0, .to = 2 }, ... };
 *	uint32_t blocks[] = { seed of node 0, seed of node 1, ... };
 *	partition_refine(num_nodes, num_seeds, blocks, edges, num_edges, &num_blocks, &num_steps);
 *
 * A node has at most one edge at a position, and all nodes of a seed have edges at the same
 * positions. Seeds are 0..num_seeds-1, each used. The partition is unique; the numbers of its
 * blocks are not in any order.
 *
 * Method: A. Valmari, "Fast brief practical DFA minimization" (2012): states and transitions are
 * both kept as refinable partitions and split each other; of a set that is split, the smaller
 * half becomes the new splitter. O(m log n) time for m edges, no recursion.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct partition_edge {
	uint32_t from;
	uint32_t position;
	uint32_t to;
};

/* In: @blocks holds the seeds; out: the blocks, 0..*ret_num_blocks-1. False when memory is out. */
bool partition_refine(uint32_t num_nodes, uint32_t num_seeds, uint32_t *blocks,
		      const struct partition_edge *edges, uint32_t num_edges,
		      uint32_t *ret_num_blocks, uint64_t *ret_num_steps);
