// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Bodies of structs, unions and enums that were seen before.
 *
 * Nearly all units bring the same headers along, so nearly each list of members has been read in an
 * earlier unit. A *body* is what was read then, as it can be compared with the bytes of another
 * unit: offsets of names in .debug_str, places and widths, values. Where a type of the same head has
 * the same body, all that is left to read is what its members refer to: the node becomes one that is
 * `like` the class of the earlier one (unit_graph.h), which the type store compares reference by
 * reference.
 *
 * What is compared is what the plans of the abbreviations give (dwarf_plan.h), not bytes:
 * compilers number abbreviations anew in each unit, and leave out of DIEs what is constant there.
 * Lines and columns of the source do not matter. A body is made only of a list that was read by the
 * short ways, without a diagnostic, and became an unchanged list of elements; that the same values
 * below the same head lead to the same elements is all that is needed.
 *
 * Which body comes next: the one that followed the last one before; else there is a table by head and
 * first element. Both only save time.
 *
 * One thread; a table belongs to one reader and one type store.
 */
#pragma once

#include "dwarf_plan.h"

/* Of .debug_str: there are no bodies if it is larger. */
#define BODY_MAX_STR_SIZE 0xff000000u

/* NULL when memory is out. */
struct body_table *body_table_create(void);
void body_table_destroy(struct body_table *table);

/* A unit begins; @graph is still that of the last one, as the type store left it. */
void body_table_next_unit(struct body_table *table, const struct unit_graph *graph);

/*
 * The list at *p, which is that of @node, if it was seen before: the node becomes like what it was then,
 * and *p moves behind the end of the list. False if it is to be read.
 */
bool body_take(struct walk *walk, struct graph_node *node, const uint8_t **p);

/*
 * The list from @start to the walk's place was read, into all of the last collector's elements, and its
 * end comes next: remembers it. What does not fit is forgotten; without memory, nothing is lost.
 */
void body_remember(struct walk *walk, const uint8_t *start);
