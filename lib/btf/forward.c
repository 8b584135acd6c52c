// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Forward declarations of ambiguous names: which definition does a unit mean that only declares
 * one?
 *
 * DWARF does not say; in C it need not be any. A name with one definition is no question (that
 * one), nor is a unit with one definition of its own. For the others evidence is asked in this
 * order:
 *
 *  1. Users. If a named type of this unit refers to the name, and other units hold the very same
 *     type and know what the name means, then it means that here. An external function is such a
 *     user too: the unit that calls it and the one that defines it mean the same by its parameters.
 *     Candidates are what all users agree on, or, if there is no such thing, what any of them says;
 *     of several, the definition with most users. What was decided is evidence for others, until
 *     nothing changes.
 *  2. Directory. If all units of the same directory that define the name have the same definition,
 *     it is that one; then again users.
 *  3. Nothing: the declaration stays as it is.
 *
 * Users are not just good evidence: BTF with both `struct user` that refers to the declaration and
 * `struct user` that refers to a definition would not survive libbpf's deduplication, which takes a
 * declaration for any definition of the name and merges the two as they come.
 *
 * Every step decides all units at once from what was known before, so order plays no part.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/btf/contexts.h"

/* Of what a single type says, no more candidates than this (the most used ones) are looked at. */
enum { MAX_CANDIDATES = 16 };

struct vote {
	uint32_t unit;
	uint32_t class_id;
};

struct decider {
	struct contexts *contexts;
	struct ambiguous *ambiguous;
	struct binding *bindings;
	uint32_t *binding_of; /* by unit: index into bindings + 1 */
	uint32_t *seen;	      /* by class: last owner whose candidates it is among */
	uint32_t *num_owners; /* by unit: owners with candidates */
	VEC(uint32_t) owners;
	VEC(uint32_t) candidates;
	VEC(struct vote) votes;
};

static bool binding_is_open(const struct binding *binding)
{
	return binding->has_forward && !binding->class_id;
}

/* A type with a tag, or an external function: the same thing wherever it occurs. */
static bool is_owner(const struct settle *settle, uint32_t class_id)
{
	return settle->class_label[class_id] || settle_record(settle, class_id)->kind == GRAPH_LINK;
}

/* The owners that refer to the label, directly or through types without a tag. */
static bool find_owners(struct decider *decider, bool *visited)
{
	const struct contexts *contexts = decider->contexts;
	const struct settle *settle = contexts->settle;
	VEC(uint32_t) walked = {};
	uint32_t num;
	const uint32_t *referrers = label_referrers(contexts, decider->ambiguous->label, &num);
	bool ok = false;

	decider->owners.num = 0;
	for (size_t next = 0;; next++) {
		for (uint32_t i = 0; i < num; i++) {
			if (visited[referrers[i]])
				continue;
			visited[referrers[i]] = true;
			if (!vec_push(&walked, referrers[i]) ||
			    (is_owner(settle, referrers[i]) &&
			     !vec_push(&decider->owners, referrers[i])))
				goto out;
		}
		while (next < walked.num && is_owner(settle, walked.data[next]))
			next++;
		if (next >= walked.num)
			break;
		referrers = class_referrers(contexts, walked.data[next], &num);
	}
	ok = true;
out:
	for (size_t i = 0; i < walked.num; i++)
		visited[walked.data[i]] = false;
	vec_deinit(&walked);
	return ok;
}

/* What the units that hold @owner and know the label mean by it. */
static bool find_candidates(struct decider *decider, uint32_t owner)
{
	const struct contexts *contexts = decider->contexts;
	uint32_t num;
	const uint32_t *units = class_holders(contexts, owner, &num);

	decider->candidates.num = 0;
	for (uint32_t i = 0; i < num; i++) {
		uint32_t at = decider->binding_of[units[i]];
		uint32_t class_id = at ? decider->bindings[at - 1].class_id : 0;

		if (!class_id || decider->seen[class_id] == owner)
			continue;
		decider->seen[class_id] = owner;
		if (!vec_push(&decider->candidates, class_id))
			return false;
	}
	for (size_t i = 0; i < decider->candidates.num; i++)
		decider->seen[decider->candidates.data[i]] = 0;
	if (decider->candidates.num > MAX_CANDIDATES) {
		qsort_r(decider->candidates.data, decider->candidates.num, sizeof(uint32_t),
			settle_compare_uses, (void *)contexts->settle);
		decider->candidates.num = MAX_CANDIDATES;
	}
	return true;
}

static bool collect_votes(struct decider *decider)
{
	const struct contexts *contexts = decider->contexts;

	decider->votes.num = 0;
	for (size_t o = 0; o < decider->owners.num; o++) {
		uint32_t num, owner = decider->owners.data[o];
		const uint32_t *units = class_holders(contexts, owner, &num);

		if (!find_candidates(decider, owner))
			return false;
		if (!decider->candidates.num)
			continue;
		for (uint32_t i = 0; i < num; i++) {
			uint32_t at = decider->binding_of[units[i]];

			if (!at || !binding_is_open(&decider->bindings[at - 1]))
				continue;
			decider->num_owners[units[i]]++;
			for (size_t k = 0; k < decider->candidates.num; k++) {
				if (!vec_push(
					    &decider->votes,
					    (struct vote){ units[i], decider->candidates.data[k] }))
					return false;
			}
		}
	}
	return true;
}

static int compare_votes(const void *pa, const void *pb)
{
	const struct vote *a = pa, *b = pb;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->class_id < b->class_id ? -1 : a->class_id > b->class_id;
}

/* Decides all units that have votes. */
static void count_votes(struct decider *decider, bool *ret_changed)
{
	const struct occurrence *uses = decider->contexts->settle->uses;
	struct vote *votes = decider->votes.data;

	if (decider->votes.num)
		qsort(votes, decider->votes.num, sizeof(*votes), compare_votes);
	for (size_t i = 0; i < decider->votes.num;) {
		uint32_t unit = votes[i].unit, best = 0;
		bool best_is_common = false;

		while (i < decider->votes.num && votes[i].unit == unit) {
			uint32_t class_id = votes[i].class_id, num = 0;
			bool is_common;

			for (; i < decider->votes.num && votes[i].unit == unit &&
			       votes[i].class_id == class_id;
			     i++)
				num++;
			is_common = num == decider->num_owners[unit];
			if (!best || is_common > best_is_common ||
			    (is_common == best_is_common &&
			     occurs_more(&uses[class_id], &uses[best]))) {
				best = class_id;
				best_is_common = is_common;
			}
		}
		decider->bindings[decider->binding_of[unit] - 1].class_id = best;
		decider->num_owners[unit] = 0;
		*ret_changed = true;
	}
}

static bool decide_by_users(struct decider *decider, bool *ret_changed)
{
	bool changed = true;

	while (changed) {
		changed = false;
		if (!collect_votes(decider))
			return false;
		count_votes(decider, &changed);
		*ret_changed |= changed;
	}
	return true;
}

static size_t directory_size(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash - path : 0;
}

static int compare_directories(const void *pa, const void *pb, void *ctx)
{
	const struct decider *decider = ctx;
	const struct store_unit *units = decider->contexts->settle->store->units;
	const char *a = units[decider->bindings[*(const uint32_t *)pa].unit].name;
	const char *b = units[decider->bindings[*(const uint32_t *)pb].unit].name;
	size_t size_a = directory_size(a), size_b = directory_size(b);
	int order = memcmp(a, b, size_a < size_b ? size_a : size_b);

	return order ? order : size_a < size_b ? -1 : size_a > size_b;
}

static bool decide_by_directory(struct decider *decider, bool *ret_changed)
{
	const struct store_unit *units = decider->contexts->settle->store->units;
	struct binding *bindings = decider->bindings;
	VEC(uint32_t) named = {};

	for (uint32_t i = 0; i < decider->ambiguous->num_bindings; i++) {
		if (units[bindings[i].unit].name && !vec_push(&named, i)) {
			vec_deinit(&named);
			return false;
		}
	}
	if (named.num)
		qsort_r(named.data, named.num, sizeof(uint32_t), compare_directories, decider);
	for (size_t i = 0; i < named.num;) {
		size_t first = i;
		uint32_t found = 0;
		bool several = false;

		for (; i < named.num &&
		       compare_directories(&named.data[first], &named.data[i], decider) == 0;
		     i++) {
			const struct binding *binding = &bindings[named.data[i]];

			if (!binding->is_own)
				continue;
			several |= found && found != binding->class_id;
			found = binding->class_id;
		}
		for (size_t k = first; found && !several && k < i; k++) {
			if (binding_is_open(&bindings[named.data[k]])) {
				bindings[named.data[k]].class_id = found;
				*ret_changed = true;
			}
		}
	}
	vec_deinit(&named);
	return true;
}

static bool decide_label(struct decider *decider, bool *visited)
{
	const struct ambiguous *ambiguous = decider->ambiguous;
	struct binding *bindings = &decider->contexts->bindings.data[ambiguous->first_binding];
	bool has_open = false, changed = false, ok;

	for (uint32_t i = 0; i < ambiguous->num_bindings; i++)
		has_open |= binding_is_open(&bindings[i]);
	if (!has_open)
		return true;
	decider->bindings = bindings;
	for (uint32_t i = 0; i < ambiguous->num_bindings; i++)
		decider->binding_of[bindings[i].unit] = i + 1;
	ok = find_owners(decider, visited) && decide_by_users(decider, &changed);
	changed = false;
	ok = ok && decide_by_directory(decider, &changed);
	if (ok && changed)
		ok = decide_by_users(decider, &changed);
	for (uint32_t i = 0; i < ambiguous->num_bindings; i++)
		decider->binding_of[bindings[i].unit] = 0;
	return ok;
}

bool contexts_want_owners(struct contexts *contexts, bool *wanted)
{
	const struct settle *settle = contexts->settle;
	struct decider decider = { .contexts = contexts };
	bool *visited = calloc(settle->num_classes, sizeof(*visited)), ok = visited;

	for (uint32_t i = 0; ok && i < contexts->num_ambiguous; i++) {
		decider.ambiguous = &contexts->ambiguous[i];
		if (!settle->labels[decider.ambiguous->label].num_forwards)
			continue;
		ok = find_owners(&decider, visited);
		for (size_t k = 0; ok && k < decider.owners.num; k++)
			wanted[decider.owners.data[k]] = true;
	}
	free(visited);
	vec_deinit(&decider.owners);
	return ok;
}

bool contexts_decide_forwards(struct contexts *contexts)
{
	const struct settle *settle = contexts->settle;
	size_t num_units = (size_t)settle->store->num_units + 1;
	struct decider decider = {
		.contexts = contexts,
		.binding_of = calloc(num_units, sizeof(uint32_t)),
		.num_owners = calloc(num_units, sizeof(uint32_t)),
		.seen = calloc(settle->num_classes, sizeof(uint32_t)),
	};
	bool *visited = calloc(settle->num_classes, sizeof(*visited));
	bool ok = decider.binding_of && decider.num_owners && decider.seen && visited;

	for (uint32_t i = 0; ok && i < contexts->num_ambiguous; i++) {
		decider.ambiguous = &contexts->ambiguous[i];
		ok = decide_label(&decider, visited);
	}
	free(decider.binding_of);
	free(decider.num_owners);
	free(decider.seen);
	free(visited);
	vec_deinit(&decider.owners);
	vec_deinit(&decider.candidates);
	vec_deinit(&decider.votes);
	return ok;
}
