// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/btf/unit_graph.h"

void graph_deinit(struct unit_graph *graph)
{
	vec_deinit(&graph->nodes);
	vec_deinit(&graph->elems);
	vec_deinit(&graph->refs);
}

bool graph_reset(struct unit_graph *graph)
{
	graph->nodes.num = 0;
	graph->elems.num = 0;
	graph->refs.num = 0;
	return vec_push(&graph->nodes, (struct graph_node){ .kind = GRAPH_VOID });
}

struct node_id graph_add(struct unit_graph *graph, struct graph_node node)
{
	struct node_id id = { graph->nodes.num };

	if (!vec_push(&graph->nodes, node))
		return (struct node_id){ 0 };
	return id;
}
