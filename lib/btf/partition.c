// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/partition.h"

#include <stdlib.h>

/*
 * A partition of 0..num-1 into sets, each a run of `items`. Marked members of a set are moved to
 * the front of its run; splitting makes the smaller of marked and unmarked a set of its own.
 */
struct sets {
	uint32_t num;
	uint32_t num_sets;
	uint32_t *items;
	uint32_t *place;  /* by item: index into items */
	uint32_t *set_of; /* by item */
	uint32_t *first;  /* by set */
	uint32_t *end;
	uint32_t *num_marked;
	uint32_t *touched; /* sets with a mark */
	uint32_t num_touched;
};

static void sets_deinit(struct sets *sets)
{
	free(sets->items);
}

/* @key_of holds for each item its set, 0..num_keys-1. */
static bool sets_init(struct sets *sets, uint32_t num, const uint32_t *key_of, size_t stride,
		      uint32_t num_keys)
{
	uint32_t *block = calloc(7, ((size_t)num + 1) * sizeof(*block));
	uint32_t *counts = calloc((size_t)num_keys + 1, sizeof(*counts));
	size_t n = (size_t)num + 1;

	if (!block || !counts) {
		free(block);
		free(counts);
		return false;
	}
	*sets = (struct sets){
		.num = num,
		.items = block,
		.place = block + n,
		.set_of = block + 2 * n,
		.first = block + 3 * n,
		.end = block + 4 * n,
		.num_marked = block + 5 * n,
		.touched = block + 6 * n,
	};
	for (uint32_t i = 0; i < num; i++)
		counts[key_of[i * stride] + 1]++;
	for (uint32_t k = 0; k < num_keys; k++)
		counts[k + 1] += counts[k];
	for (uint32_t i = 0; i < num; i++) {
		uint32_t place = counts[key_of[i * stride]]++;

		sets->items[place] = i;
		sets->place[i] = place;
	}
	/* Runs of one key become sets; keys that nobody has leave none. */
	for (uint32_t place = 0; place < num; place++) {
		uint32_t item = sets->items[place];

		if (!place || key_of[item * stride] != key_of[sets->items[place - 1] * stride]) {
			sets->first[sets->num_sets] = place;
			sets->num_sets++;
		}
		sets->set_of[item] = sets->num_sets - 1;
		sets->end[sets->num_sets - 1] = place + 1;
	}
	free(counts);
	return true;
}

static void sets_mark(struct sets *sets, uint32_t item)
{
	uint32_t set = sets->set_of[item];
	uint32_t from = sets->place[item], to = sets->first[set] + sets->num_marked[set];
	uint32_t other = sets->items[to];

	sets->items[from] = other;
	sets->place[other] = from;
	sets->items[to] = item;
	sets->place[item] = to;
	if (!sets->num_marked[set]++)
		sets->touched[sets->num_touched++] = set;
}

static void sets_split(struct sets *sets)
{
	while (sets->num_touched) {
		uint32_t set = sets->touched[--sets->num_touched];
		uint32_t middle = sets->first[set] + sets->num_marked[set];
		uint32_t fresh = sets->num_sets;

		sets->num_marked[set] = 0;
		if (middle == sets->end[set])
			continue;
		if (middle - sets->first[set] <= sets->end[set] - middle) {
			sets->first[fresh] = sets->first[set];
			sets->end[fresh] = middle;
			sets->first[set] = middle;
		} else {
			sets->first[fresh] = middle;
			sets->end[fresh] = sets->end[set];
			sets->end[set] = middle;
		}
		for (uint32_t i = sets->first[fresh]; i < sets->end[fresh]; i++)
			sets->set_of[sets->items[i]] = fresh;
		sets->num_sets++;
	}
}

/* Edges by the node that they lead to: incoming[first_incoming[n]] .. [n + 1]. */
static bool index_incoming(uint32_t num_nodes, const struct partition_edge *edges,
			   uint32_t num_edges, uint32_t **ret_first, uint32_t **ret_incoming)
{
	uint32_t *first = calloc((size_t)num_nodes + 1, sizeof(*first));
	uint32_t *incoming = malloc(((size_t)num_edges + 1) * sizeof(*incoming));

	if (!first || !incoming) {
		free(first);
		free(incoming);
		return false;
	}
	for (uint32_t e = 0; e < num_edges; e++)
		first[edges[e].to]++;
	for (uint32_t n = 0, sum = 0; n <= num_nodes; n++) {
		sum += first[n];
		first[n] = sum;
	}
	for (uint32_t e = 0; e < num_edges; e++)
		incoming[--first[edges[e].to]] = e;
	*ret_first = first;
	*ret_incoming = incoming;
	return true;
}

bool partition_refine(uint32_t num_nodes, uint32_t num_seeds, uint32_t *blocks,
		      const struct partition_edge *edges, uint32_t num_edges,
		      uint32_t *ret_num_blocks, uint64_t *ret_num_steps)
{
	uint32_t *first_incoming = NULL, *incoming = NULL, num_positions = 0;
	struct sets nodes = {}, cords = {};
	uint32_t node_set = 1, cord_set = 0;
	bool ok = false;

	for (uint32_t e = 0; e < num_edges; e++) {
		if (edges[e].position >= num_positions)
			num_positions = edges[e].position + 1;
	}
	if (!sets_init(&nodes, num_nodes, blocks, 1, num_seeds) ||
	    !sets_init(&cords, num_edges, num_edges ? &edges->position : NULL,
		       sizeof(*edges) / sizeof(uint32_t), num_positions) ||
	    !index_incoming(num_nodes, edges, num_edges, &first_incoming, &incoming))
		goto out;
	/* All seeds but one split the edges first; that one is told apart by the others. */
	for (;;) {
		for (; node_set < nodes.num_sets; node_set++) {
			for (uint32_t i = nodes.first[node_set]; i < nodes.end[node_set]; i++) {
				uint32_t node = nodes.items[i];

				for (uint32_t e = first_incoming[node];
				     e < first_incoming[node + 1]; e++)
					sets_mark(&cords, incoming[e]);
			}
			sets_split(&cords);
		}
		if (cord_set == cords.num_sets)
			break;
		for (uint32_t i = cords.first[cord_set]; i < cords.end[cord_set]; i++)
			sets_mark(&nodes, edges[cords.items[i]].from);
		sets_split(&nodes);
		cord_set++;
	}
	for (uint32_t n = 0; n < num_nodes; n++)
		blocks[n] = nodes.set_of[n];
	*ret_num_blocks = nodes.num_sets;
	*ret_num_steps = cord_set;
	ok = true;
out:
	sets_deinit(&nodes);
	sets_deinit(&cords);
	free(first_incoming);
	free(incoming);
	return ok;
}
