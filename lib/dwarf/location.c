// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "lib/dwarf/location.h"

#include "lib/dwarf/description.h"
#include "lib/dwarf/list.h"

static bool names_register(const struct place *place)
{
	if (place->reg != PLACE_NO_REG)
		return true;
	for (int i = 0; i < place->num_pieces; i++) {
		if (place->pieces[i].reg != PLACE_NO_REG)
			return true;
	}
	return false;
}

static bool expr_in_place(const struct location_unit *unit, const struct die_attr *attr,
			  struct span *ret_expr)
{
	if (!unit->section.data || !range_fits(attr->value, attr->size, unit->section.size))
		return false;
	*ret_expr = (struct span){ unit->section.data + attr->value, attr->size };
	return true;
}

/*
 * The state before the first instruction: an entry that covers it, or an empty one that stands
 * before those. GCC writes such where the source assigns to a parameter, or an inlined body begins,
 * before there is any code: "rdi" for no byte at all, then what is computed from rdi.
 */
static bool is_at(const struct list_entry *e, uint64_t entry)
{
	return e->start <= entry && (entry < e->end || (entry == e->start && entry == e->end));
}

/*
 * Chooses from the list the description at @entry, or else the first. Its data is NULL if there is
 * none. False if the list is damaged.
 */
static bool choose_entry(struct range_walk walk, uint64_t entry, struct span *ret_expr,
			 bool *ret_is_late)
{
	struct span here = {}, otherwise = {}, first = {};
	struct list_entry e;

	while (list_next(&walk, LIST_LOCATIONS, &e)) {
		if (!here.data && !e.is_default && is_at(&e, entry))
			here = e.expr;
		if (!otherwise.data && e.is_default)
			otherwise = e.expr;
		if (!first.data && e.expr.size)
			first = e.expr;
	}
	if (walk.is_damaged)
		return false;
	if (!here.data)
		here = otherwise;
	*ret_is_late = !here.data && first.data;
	*ret_expr = here.data ? here : first;
	return true;
}

/*
 * Looks for an entry that tells which register held the value at the function's entry. False if an
 * expression on the way is damaged; *place is changed if there is such an entry.
 */
static bool find_at_entry(const struct location_unit *unit, struct range_walk walk,
			  struct place *place)
{
	struct description description;
	struct list_entry e;

	while (list_next(&walk, LIST_LOCATIONS, &e)) {
		if (!description_read(unit, e.expr, &description))
			return false;
		if (description.at_entry) {
			*place = description.place;
			return true;
		}
	}
	return true;
}

static bool read_list(const struct location_unit *unit, const struct die_attr *attr, uint64_t entry,
		      struct place *ret_place)
{
	struct description description;
	struct range_walk walk;
	struct span expr;
	bool is_late;

	if (!list_begin(unit, attr, LIST_LOCATIONS, &walk) ||
	    !choose_entry(walk, entry, &expr, &is_late))
		return false;
	if (!expr.data) {
		*ret_place = place_of(PLACE_NONE, PLACE_NO_REG);
		return true;
	}
	if (!description_read(unit, expr, &description))
		return false;
	description.place.is_late = is_late;
	if ((is_late || !names_register(&description.place)) &&
	    !find_at_entry(unit, walk, &description.place))
		return false;
	*ret_place = description.place;
	return true;
}

bool location_at_entry(const struct location_unit *unit, const struct die_attr *attr,
		       uint64_t entry, struct place *ret_place)
{
	struct description description;
	struct span expr;

	*ret_place = place_of(PLACE_OTHER, PLACE_NO_REG);
	if (attr->class != ATTR_EXPR && attr->class != ATTR_BLOCK)
		return read_list(unit, attr, entry, ret_place);
	if (!expr_in_place(unit, attr, &expr) || !description_read(unit, expr, &description))
		return false;
	*ret_place = description.place;
	return true;
}
