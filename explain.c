// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Selection keeps indexes; people ask by name. Two orders of the functions' debugging entries, by
 * name and by place, find those that belong to an answer without looking at all of them, so that
 * `*` is as good a question as any.
 *
 * Memory that runs out is noted in the builder and becomes the error at the end: until then, lists
 * are empty and texts are missing.
 */
#include "explain.h"

#include <fnmatch.h>
#include <string.h>

#include "explain_reason.h"
#include "explain_type.h"
#include "func_select.h"
#include "var_select.h"

/* DW_AT_name of macros can be long; a shell pattern over more than this is no question. */
enum { MAX_NAME_SIZE = 4096 };

struct explain_builder {
	const struct explain_source *source;
	struct explain *explain;
	bool failed;	    /* memory */
	uint32_t *by_name;  /* candidates sorted by name's id */
	uint32_t *by_place; /* candidates with an address sorted by it */
	size_t num_by_place;
	char name[MAX_NAME_SIZE];
};

/* Memory. */

static void *keep(struct explain_builder *builder, size_t num, size_t size)
{
	void *p = num <= SIZE_MAX / size ? arena_alloc(&builder->explain->arena, num * size, 8) :
					   NULL;

	if (p)
		memset(p, 0, num * size);
	else
		builder->failed = true;
	return p;
}

/* What a text function made, which may have run out of memory. */
static const char *kept(struct explain_builder *builder, const char *text)
{
	if (text)
		return text;
	builder->failed = true;
	return "";
}

#define keep_printf(builder, ...)                                                                  \
	kept(builder, arena_printf(&(builder)->explain->arena, __VA_ARGS__))

static const char *store_string(const struct explain_builder *builder, struct str_id id)
{
	return type_store_string(builder->source->store, id);
}

static struct explain_answer *add_answer(struct explain_builder *builder, const char *pattern)
{
	struct explain *explain = builder->explain;

	if (!vec_push(&explain->answers, (struct explain_answer){ .param = -1 })) {
		builder->failed = true;
		return NULL;
	}
	explain->answers.data[explain->answers.num - 1].pattern =
		keep_printf(builder, "%s", pattern);
	return &explain->answers.data[explain->answers.num - 1];
}

/* Order of candidates. */

static const struct func_candidate *candidate_at(const struct explain_builder *builder, uint32_t i)
{
	return &builder->source->func_input->candidates[i];
}

/* NULL if no function has parameters. */
static const struct func_param *params_of(const struct explain_builder *builder,
					  const struct func_candidate *candidate)
{
	const struct func_param *params = builder->source->func_input->params;

	return params ? params + candidate->first_param : NULL;
}

static int compare_uint(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_names(const void *a, const void *b, void *builder)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order =
		compare_uint(candidate_at(builder, x)->name.v, candidate_at(builder, y)->name.v);

	return order ? order : compare_uint(x, y);
}

static int compare_places(const void *a, const void *b, void *builder)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct func_candidate *p = candidate_at(builder, x), *q = candidate_at(builder, y);
	int order = compare_uint(p->section, q->section);

	if (!order)
		order = compare_uint(p->off, q->off);
	return order ? order : compare_uint(x, y);
}

static bool sort_candidates(struct explain_builder *builder)
{
	size_t num = builder->source->func_input ? builder->source->func_input->num_candidates : 0;

	builder->by_name = calloc(num + 1, sizeof(uint32_t));
	builder->by_place = calloc(num + 1, sizeof(uint32_t));
	if (!builder->by_name || !builder->by_place)
		return false;
	for (uint32_t i = 0; i < num; i++) {
		builder->by_name[i] = i;
		if (candidate_at(builder, i)->flags & FUNC_HAS_ADDR)
			builder->by_place[builder->num_by_place++] = i;
	}
	if (num) {
		qsort_r(builder->by_name, num, sizeof(uint32_t), compare_names, builder);
		qsort_r(builder->by_place, builder->num_by_place, sizeof(uint32_t), compare_places,
			builder);
	}
	return true;
}

/* Index in by_name of the first candidate whose name's id is at least @name. */
static size_t first_of_name(const struct explain_builder *builder, uint64_t name)
{
	size_t low = 0, high = builder->source->func_input->num_candidates;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (candidate_at(builder, builder->by_name[mid])->name.v < name)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Index in by_place of the first candidate at or behind a place. */
static size_t first_at(const struct explain_builder *builder, uint32_t section, uint64_t off)
{
	size_t low = 0, high = builder->num_by_place;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct func_candidate *candidate =
			candidate_at(builder, builder->by_place[mid]);

		if (candidate->section < section ||
		    (candidate->section == section && candidate->off < off))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Patterns. */

static bool is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[") != NULL;
}

static bool matches(struct explain_builder *builder, const char *pattern, const char *name,
		    size_t size)
{
	if (!is_glob(pattern))
		return strlen(pattern) == size && memcmp(pattern, name, size) == 0;
	if (size >= sizeof(builder->name))
		return false;
	memcpy(builder->name, name, size);
	builder->name[size] = 0;
	return fnmatch(pattern, builder->name, 0) == 0;
}

/* Places in sections. */

static const struct symtab_section *section_at(const struct explain_builder *builder,
					       uint32_t section)
{
	static const struct symtab_section none = { .name = "?" };

	return section < builder->source->num_sections ? &builder->source->sections[section] :
							 &none;
}

static uint64_t address_at(const struct explain_builder *builder, uint32_t section, uint64_t off)
{
	return builder->source->relocatable ? off : section_at(builder, section)->addr + off;
}

static const char *unit_name(const struct explain_builder *builder, uint32_t unit)
{
	const struct explain_source *source = builder->source;

	return source->unit_names && unit < source->num_units ? source->unit_names[unit] : NULL;
}

static const char *keep_unit_name(struct explain_builder *builder, uint32_t unit)
{
	const char *name = unit_name(builder, unit);

	return name ? keep_printf(builder, "%s", name) : NULL;
}

/* Functions. */

static const struct symtab_function *group_symbol(const struct explain_builder *builder,
						  const struct func_group *group, uint32_t i)
{
	uint32_t index = builder->source->func_selection->symbols[group->first_symbol + i];

	return &builder->source->func_input->symbols[index];
}

static bool starts_in(const struct func_candidate *candidate, const struct symtab_function *symbol)
{
	uint64_t size = symbol->size ? symbol->size : 1;

	return candidate->flags & FUNC_HAS_ADDR && candidate->section == symbol->section &&
	       candidate->off >= symbol->off && candidate->off - symbol->off < size;
}

static bool starts_in_group(const struct explain_builder *builder,
			    const struct func_candidate *candidate, const struct func_group *group)
{
	for (uint32_t i = 0; group && i < group->num_symbols; i++) {
		if (starts_in(candidate, group_symbol(builder, group, i)))
			return true;
	}
	return false;
}

typedef VEC(uint32_t) index_vec;

static void push_index(struct explain_builder *builder, index_vec *indexes, uint32_t i)
{
	if (!vec_push(indexes, i))
		builder->failed = true;
}

/* All candidates of a name, and those of other names at the group's symbols. */
static void find_candidates(struct explain_builder *builder, struct str_id name,
			    const struct func_group *group, index_vec *indexes)
{
	size_t end = first_of_name(builder, (uint64_t)name.v + 1);

	for (size_t i = first_of_name(builder, name.v); i < end; i++)
		push_index(builder, indexes, builder->by_name[i]);
	for (uint32_t i = 0; group && i < group->num_symbols; i++) {
		const struct symtab_function *symbol = group_symbol(builder, group, i);

		/* Symbols of one address find the same candidates. */
		if (i && group_symbol(builder, group, i - 1)->section == symbol->section &&
		    group_symbol(builder, group, i - 1)->off == symbol->off)
			continue;
		for (size_t j = first_at(builder, symbol->section, symbol->off);
		     j < builder->num_by_place; j++) {
			const struct func_candidate *candidate =
				candidate_at(builder, builder->by_place[j]);

			if (!starts_in(candidate, symbol))
				break;
			if (candidate->name.v != name.v)
				push_index(builder, indexes, builder->by_place[j]);
		}
	}
}

static const char *keep_type(struct explain_builder *builder, struct type_id type, const char *name)
{
	return kept(builder, explain_type_text(&builder->explain->arena, builder->source->store,
					       type, name));
}

static void make_prototype(struct explain_builder *builder, const struct func_candidate *candidate,
			   struct explain_prototype *prototype)
{
	const struct func_param *params = params_of(builder, candidate);
	bool varargs = candidate->flags & FUNC_HAS_VARARGS;
	struct explain_param *shown;

	prototype->result = keep_type(builder, candidate->ret, "");
	shown = keep(builder, candidate->num_params + varargs, sizeof(*shown));
	if (!shown)
		return;
	prototype->params = shown;
	prototype->num_params = candidate->num_params + varargs;
	for (uint32_t i = 0; i < candidate->num_params; i++) {
		const char *name = store_string(builder, params[i].name);

		shown[i].type = keep_type(builder, params[i].type, "");
		shown[i].name = keep_printf(builder, "%s", name);
		shown[i].text = keep_type(builder, params[i].type, name);
	}
	if (varargs)
		shown[candidate->num_params] =
			(struct explain_param){ .type = "...", .name = "", .text = "..." };
}

/* The type of a parameter; @i may be one behind the last, for further arguments. */
static bool same_param(const struct explain_builder *builder, const struct func_candidate *a,
		       const struct func_candidate *b, uint32_t i)
{
	const struct func_param *params = builder->source->func_input->params;
	uint32_t num_a = a->num_params, num_b = b->num_params;

	if (i < num_a && i < num_b)
		return params[a->first_param + i].type.v == params[b->first_param + i].type.v;
	return i >= num_a && i >= num_b &&
	       (a->flags & FUNC_HAS_VARARGS) == (b->flags & FUNC_HAS_VARARGS);
}

static bool same_prototype(const struct explain_builder *builder, const struct func_candidate *a,
			   const struct func_candidate *b)
{
	if (a->ret.v != b->ret.v || a->num_params != b->num_params)
		return false;
	for (uint32_t i = 0; i <= a->num_params; i++) {
		if (!same_param(builder, a, b, i))
			return false;
	}
	return true;
}

static void mark_differences(const struct explain_builder *builder,
			     const struct func_candidate *first,
			     const struct func_candidate *candidate,
			     struct explain_prototype *prototype)
{
	/* Made by make_prototype(), only handed on as constant. */
	struct explain_param *params = (struct explain_param *)prototype->params;

	prototype->result_differs = candidate->ret.v != first->ret.v;
	for (uint32_t i = 0; i < prototype->num_params; i++)
		params[i].differs = !same_param(builder, first, candidate, i);
}

/* Sorts out which of the entries declare alike: @candidates are in the order of the entries. */
static void make_prototypes(struct explain_builder *builder, const index_vec *candidates,
			    struct explain_answer *answer)
{
	index_vec different = {};

	for (size_t i = 0; i < candidates->num; i++) {
		const struct func_candidate *candidate = candidate_at(builder, candidates->data[i]);
		uint32_t j = 0;

		answer->entries[i].prototype = EXPLAIN_NO_PROTOTYPE;
		if (candidate->flags & FUNC_IN_ASM_UNIT)
			continue;
		while (j < different.num &&
		       !same_prototype(builder, candidate,
				       candidate_at(builder, different.data[j])))
			j++;
		if (j == different.num)
			push_index(builder, &different, candidates->data[i]);
		answer->entries[i].prototype = j;
	}
	answer->prototypes = keep(builder, different.num, sizeof(*answer->prototypes));
	for (size_t i = 0; answer->prototypes && i < different.num; i++) {
		const struct func_candidate *candidate = candidate_at(builder, different.data[i]);

		make_prototype(builder, candidate, &answer->prototypes[i]);
		mark_differences(builder, candidate_at(builder, different.data[0]), candidate,
				 &answer->prototypes[i]);
	}
	answer->num_prototypes = answer->prototypes ? different.num : 0;
	vec_deinit(&different);
}

static const char *const *make_places(struct explain_builder *builder,
				      const struct func_candidate *candidate)
{
	const struct func_param *params = params_of(builder, candidate);
	const char **places;

	if (!(candidate->flags & FUNC_HAS_PLACES))
		return NULL;
	places = keep(builder, candidate->num_params, sizeof(*places));
	for (uint32_t i = 0; places && i < candidate->num_params; i++)
		places[i] = kept(builder, place_text(&builder->explain->arena,
						     builder->source->machine, &params[i].place));
	return places;
}

/* The name of a struct's or union's member; the type may be a typedef of it. */
static const char *member_name(const struct explain_builder *builder, struct type_id id,
			       uint32_t member)
{
	const struct type_store *store = builder->source->store;

	for (unsigned int steps = 0; id.v && steps < 32; steps++) {
		const struct settled_type *type = type_store_type(store, id);

		if (type->kind == GRAPH_STRUCT || type->kind == GRAPH_UNION)
			return member < type->num_elems ?
				       store_string(builder, type->elems[member].name) :
				       "?";
		id = type->ref;
	}
	return "?";
}

static const char *state_text(struct explain_builder *builder, const struct func_param *param,
			      const struct param_check *check)
{
	switch ((enum param_state)check->state) {
	case PARAM_ELSEWHERE:
		return "not where it belongs";
	case PARAM_GONE:
		return "not passed";
	case PARAM_PART:
		return keep_printf(builder, "only %s is passed",
				   member_name(builder, param->type, check->member));
	case PARAM_UNKNOWN:
		return "cannot be told";
	default:
		return NULL;
	}
}

/* The comparison that selection made, once more. */
static const char *const *make_states(struct explain_builder *builder,
				      const struct func_candidate *candidate)
{
	const struct func_select_input *input = builder->source->func_input;
	const struct func_param *params = params_of(builder, candidate);
	struct param_check *checks;
	const char **states;

	if (!(candidate->flags & FUNC_HAS_PLACES) || !input->abi)
		return NULL;
	checks = keep(builder, candidate->num_params + 1, sizeof(*checks));
	states = keep(builder, candidate->num_params, sizeof(*states));
	if (!checks || !states)
		return NULL;
	func_abi_check(input->abi, input->store, candidate->ret, params, candidate->num_params,
		       false, checks);
	for (uint32_t i = 0; i < candidate->num_params; i++)
		states[i] = state_text(builder, &params[i], &checks[i]);
	return states;
}

static void make_func_entry(struct explain_builder *builder, uint32_t index,
			    const struct func_group *group, struct explain_entry *entry)
{
	const struct func_candidate *candidate = candidate_at(builder, index);

	entry->unit = keep_unit_name(builder, candidate->unit);
	entry->off = candidate->key;
	entry->name = keep_printf(builder, "%s", store_string(builder, candidate->name));
	entry->places = make_places(builder, candidate);
	entry->states = make_states(builder, candidate);
	entry->taken = group && group->candidate == index;
	entry->at_symbol = starts_in_group(builder, candidate, group);
	if (candidate->flags & FUNC_HAS_ADDR) {
		const struct symtab_section *section = section_at(builder, candidate->section);

		entry->has_addr = true;
		entry->section = keep_printf(builder, "%s", section->name);
		entry->section_off = candidate->off;
		entry->addr = address_at(builder, candidate->section, candidate->off);
	}
}

/* Order of entries: that taken, those at the symbols, others out of line, the rest. */
static int entry_rank(const struct explain_builder *builder, uint32_t index,
		      const struct func_group *group)
{
	const struct func_candidate *candidate = candidate_at(builder, index);

	if (group && group->candidate == index)
		return 0;
	if (starts_in_group(builder, candidate, group))
		return 1;
	return candidate->flags & FUNC_HAS_ADDR ? 2 : 3;
}

static void rank_candidates(struct explain_builder *builder, const struct func_group *group,
			    index_vec *candidates)
{
	index_vec ranked = {};

	for (int rank = 0; rank <= 3; rank++) {
		for (size_t i = 0; i < candidates->num; i++) {
			if (entry_rank(builder, candidates->data[i], group) == rank)
				push_index(builder, &ranked, candidates->data[i]);
		}
	}
	vec_deinit(candidates);
	candidates->data = ranked.data;
	candidates->num = ranked.num;
	candidates->cap = ranked.cap;
}

static void make_func_entries(struct explain_builder *builder, struct str_id name,
			      const struct func_group *group, struct explain_answer *answer)
{
	index_vec candidates = {};

	find_candidates(builder, name, group, &candidates);
	rank_candidates(builder, group, &candidates);
	answer->entries = keep(builder, candidates.num, sizeof(*answer->entries));
	if (answer->entries) {
		answer->num_entries = candidates.num;
		for (size_t i = 0; i < candidates.num; i++)
			make_func_entry(builder, candidates.data[i], group, &answer->entries[i]);
		make_prototypes(builder, &candidates, answer);
	}
	vec_deinit(&candidates);
}

static void make_func_symbols(struct explain_builder *builder, const struct func_group *group,
			      struct explain_answer *answer)
{
	answer->symbols = keep(builder, group->num_symbols, sizeof(*answer->symbols));
	for (uint32_t i = 0; answer->symbols && i < group->num_symbols; i++) {
		const struct symtab_function *symbol = group_symbol(builder, group, i);
		const struct symtab_section *section = section_at(builder, symbol->section);

		answer->symbols[i] = (struct explain_symbol){
			.name = keep_printf(builder, "%s", symbol->name),
			.section = keep_printf(builder, "%s", section->name),
			.off = symbol->off,
			.addr = address_at(builder, symbol->section, symbol->off),
			.size = symbol->size,
			.bind = symbol->bind,
			.is_part = symbol->is_part,
		};
		answer->num_symbols++;
	}
}

/* Different addresses of whole functions. */
static uint32_t count_places(const struct explain_builder *builder, const struct func_group *group)
{
	const struct symtab_function *last = NULL;
	uint32_t num = 0;

	for (uint32_t i = 0; i < group->num_symbols; i++) {
		const struct symtab_function *symbol = group_symbol(builder, group, i);

		if (symbol->is_part)
			continue;
		/* Symbols of a group are in the order of their places. */
		num += !last || last->section != symbol->section || last->off != symbol->off;
		last = symbol;
	}
	return num;
}

/* A type without size is that of a parameter or of the result. */
static bool is_about_result(const struct explain_builder *builder, const struct func_group *group,
			    const struct func_candidate *candidate)
{
	const struct func_select_input *input = builder->source->func_input;
	uint64_t size;

	if (group->param >= candidate->num_params)
		return true;
	return group->outcome == FUNC_BAD_TYPE &&
	       settled_type_size(builder->source->store,
				 input->params[candidate->first_param + group->param].type,
				 input->address_size, &size);
}

/* Names the parameter that the outcome is about, and where it is. */
static void add_param_facts(struct explain_builder *builder, const struct func_group *group,
			    struct explain_answer *answer, struct func_facts *facts)
{
	const struct func_candidate *candidate = candidate_at(builder, group->candidate);
	const struct func_param *param;
	const char *name;

	if (is_about_result(builder, group, candidate)) {
		facts->param = "the result";
		return;
	}
	param = &builder->source->func_input->params[candidate->first_param + group->param];
	name = store_string(builder, param->name);
	answer->param = group->param;
	facts->param = *name ? keep_printf(builder, "parameter %u '%s'", group->param + 1u, name) :
			       keep_printf(builder, "parameter %u", group->param + 1u);
	facts->place = kept(builder, place_text(&builder->explain->arena, builder->source->machine,
						&param->place));
}

static void make_func_reason(struct explain_builder *builder, const struct func_group *group,
			     struct explain_answer *answer)
{
	struct func_facts facts = {
		.outcome = group->outcome,
		.symbol = answer->num_symbols ? answer->symbols[0].name : answer->name,
		.num_places = count_places(builder, group),
		.num_prototypes = (uint32_t)answer->num_prototypes,
	};

	switch (group->outcome) {
	case FUNC_OPTIMIZED:
	case FUNC_MOVED:
	case FUNC_UNCERTAIN:
	case FUNC_UNNAMED_PARAM:
	case FUNC_BAD_TYPE:
		if (group->candidate != UINT32_MAX)
			add_param_facts(builder, group, answer, &facts);
		break;
	}
	answer->has_places = group->outcome == FUNC_OPTIMIZED || group->outcome == FUNC_MOVED ||
			     group->outcome == FUNC_REORDERED;
	answer->reason = kept(builder, func_reason(&builder->explain->arena, &facts));
	answer->advice = func_advice(group->outcome);
}

static const char *prototype_text(struct explain_builder *builder, struct str_id name,
				  struct type_id proto)
{
	return keep_type(builder, proto, store_string(builder, name));
}

static int compare_bytes(const char *a, size_t a_size, const char *b, size_t b_size)
{
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

	return order ? order : compare_uint(a_size, b_size);
}

/* Looks a name up in an array that starts with name and name_size and is sorted by name. */
#define is_listed(list, num, name_, size_)                                                         \
	({                                                                                         \
		size_t low_ = 0, high_ = (num);                                                    \
		bool found_ = false;                                                               \
		while (low_ < high_ && !found_) {                                                  \
			size_t mid_ = low_ + (high_ - low_) / 2;                                   \
			int order_ = compare_bytes((list)[mid_].name, (list)[mid_].name_size,      \
						   (name_), (size_));                              \
			found_ = order_ == 0;                                                      \
			if (order_ < 0)                                                            \
				low_ = mid_ + 1;                                                   \
			else                                                                       \
				high_ = mid_;                                                      \
		}                                                                                  \
		found_;                                                                            \
	})

static void look_up_btf_ids(const struct explain_builder *builder, struct explain_answer *answer)
{
	const struct explain_source *source = builder->source;
	size_t size = strlen(answer->name);

	answer->is_kfunc = is_listed(source->kfuncs, source->num_kfuncs, answer->name, size);
	answer->has_btf_id = answer->is_kfunc ||
			     is_listed(source->btf_ids, source->num_btf_ids, answer->name, size);
}

static const char *linkage_name(enum btf_linkage linkage)
{
	return linkage == BTF_LINKAGE_STATIC ? "static" : "global";
}

static void answer_group(struct explain_builder *builder, const char *pattern,
			 const struct func_group *group)
{
	const struct symtab_function *symbol = group_symbol(builder, group, 0);
	struct explain_answer *answer = add_answer(builder, pattern);
	struct str_id name;

	if (!answer)
		return;
	answer->name = keep_printf(builder, "%.*s", (int)group->name_size, group->name);
	answer->subject = EXPLAIN_FUNCTION;
	answer->outcome = func_outcome_name(group->outcome);
	answer->in_btf = group->outcome == FUNC_ENCODED;
	look_up_btf_ids(builder, answer);
	make_func_symbols(builder, group, answer);
	/* Entries know nothing of suffixes. */
	if (type_store_intern_string(builder->source->store, 0, symbol->name, symbol->name_size,
				     &name))
		make_func_entries(builder, name, group, answer);
	else
		builder->failed = true;
	if (group->func != UINT32_MAX) {
		const struct layout_func *func =
			&builder->source->func_selection->funcs[group->func];

		answer->text = prototype_text(builder, func->name, func->proto);
		answer->linkage = linkage_name(func->linkage);
	}
	if (!answer->in_btf)
		make_func_reason(builder, group, answer);
}

static bool group_matches(struct explain_builder *builder, const char *pattern,
			  const struct func_group *group)
{
	if (matches(builder, pattern, group->name, group->name_size))
		return true;
	for (uint32_t i = 0; i < group->num_symbols; i++) {
		const struct symtab_function *symbol = group_symbol(builder, group, i);

		if (matches(builder, pattern, symbol->name, symbol->name_size) ||
		    matches(builder, pattern, symbol->name, strlen(symbol->name)))
			return true;
	}
	return false;
}

/*
 * With true_signature, f.isra.0 is a name of its own, and only parts may be left under f: who asks
 * for f does not mean these.
 */
static bool is_left_over(const struct func_group *group, const char *pattern, bool found_whole)
{
	return group->outcome == FUNC_PART && found_whole && !is_glob(pattern);
}

static void answer_functions(struct explain_builder *builder, const char *pattern)
{
	const struct func_selection *selection = builder->source->func_selection;
	index_vec found = {};
	bool found_whole = false;

	for (uint32_t i = 0; selection && i < selection->num_groups; i++) {
		if (!group_matches(builder, pattern, &selection->groups[i]))
			continue;
		push_index(builder, &found, i);
		found_whole |= selection->groups[i].outcome != FUNC_PART;
	}
	for (size_t i = 0; i < found.num; i++) {
		const struct func_group *group = &selection->groups[found.data[i]];

		if (!is_left_over(group, pattern, found_whole))
			answer_group(builder, pattern, group);
	}
	vec_deinit(&found);
}

/* A name that only debugging entries have. */
static void answer_without_symbol(struct explain_builder *builder, const char *pattern)
{
	struct explain_answer *answer;
	struct str_id name;

	if (!builder->source->func_input)
		return;
	if (!type_store_intern_string(builder->source->store, 0, pattern, strlen(pattern), &name)) {
		builder->failed = true;
		return;
	}
	if (name.v == 0 || first_of_name(builder, name.v) == first_of_name(builder, name.v + 1ull))
		return;
	answer = add_answer(builder, pattern);
	if (!answer)
		return;
	answer->name = answer->pattern;
	answer->subject = EXPLAIN_FUNCTION;
	answer->outcome = "no-symbol";
	answer->reason = "The symbol table has no function of this name: its symbol was renamed or "
			 "stripped, or all its calls are inlined.";
	answer->advice = "Ask for the name of the symbol at the address of the entries, if they "
			 "have one.";
	look_up_btf_ids(builder, answer);
	make_func_entries(builder, name, NULL, answer);
}

/* Variables. */

/* The variable that is in the BTF at a place or around it; NULL if there is none. */
static const struct layout_var *var_at(const struct explain_builder *builder, uint32_t section,
				       uint64_t off)
{
	const struct var_selection *selection = builder->source->var_selection;
	const char *name = section_at(builder, section)->name;

	for (uint32_t i = 0; i < selection->num_sections; i++) {
		const struct layout_section *found = &selection->sections[i];

		if (strcmp(store_string(builder, found->name), name) != 0)
			continue;
		for (uint32_t j = 0; j < found->num_entries; j++) {
			const struct layout_entry *entry = &found->entries[j];

			if (off >= entry->off && off - entry->off < entry->size)
				return &selection->vars[entry->var];
		}
	}
	return NULL;
}

static void make_var_entries(struct explain_builder *builder, const struct symtab_symbol *symbol,
			     struct explain_answer *answer)
{
	const struct var_select_input *input = builder->source->var_input;
	const struct symtab_section *section = section_at(builder, symbol->section);
	size_t num = 0;

	for (size_t i = 0; i < input->num_candidates; i++)
		num += input->candidates[i].section == symbol->section &&
		       input->candidates[i].off == symbol->off;
	answer->entries = keep(builder, num, sizeof(*answer->entries));
	for (size_t i = 0; answer->entries && answer->num_entries < num; i++) {
		const struct var_candidate *candidate = &input->candidates[i];
		const char *name = store_string(builder, candidate->name);
		uint64_t size = 0;

		if (candidate->section != symbol->section || candidate->off != symbol->off)
			continue;
		if (!settled_type_size(builder->source->store, candidate->type, input->address_size,
				       &size))
			size = 0;
		answer->entries[answer->num_entries++] = (struct explain_entry){
			.unit = keep_unit_name(builder, candidate->unit),
			.off = candidate->key,
			.name = keep_printf(builder, "%s", name),
			.has_addr = true,
			.section = keep_printf(builder, "%s", section->name),
			.section_off = candidate->off,
			.addr = address_at(builder, candidate->section, candidate->off),
			.at_symbol = true,
			.type = keep_type(builder, candidate->type, ""),
			.size = size,
		};
	}
}

static void answer_variable(struct explain_builder *builder, const char *pattern, size_t index)
{
	const struct symtab_symbol *symbol = &builder->source->var_input->symbols[index];
	const struct symtab_section *section = section_at(builder, symbol->section);
	struct explain_answer *answer = add_answer(builder, pattern);
	struct var_facts facts = { .symbol_size = symbol->size, .section = section->name };
	const struct layout_var *var;

	if (!answer)
		return;
	facts.outcome = builder->source->var_selection->outcomes[index];
	answer->name = keep_printf(builder, "%s", symbol->name);
	answer->subject = EXPLAIN_VARIABLE;
	answer->outcome = var_outcome_name(facts.outcome);
	answer->in_btf = facts.outcome == VAR_ENCODED;
	answer->symbols = keep(builder, 1, sizeof(*answer->symbols));
	if (answer->symbols) {
		answer->symbols[0] = (struct explain_symbol){
			.name = answer->name,
			.section = keep_printf(builder, "%s", section->name),
			.off = symbol->off,
			.addr = address_at(builder, symbol->section, symbol->off),
			.size = symbol->size,
			.bind = symbol->bind,
		};
		answer->num_symbols = 1;
	}
	make_var_entries(builder, symbol, answer);
	var = var_at(builder, symbol->section, symbol->off);
	if (answer->in_btf) {
		if (var) {
			answer->text =
				keep_type(builder, var->type, store_string(builder, var->name));
			answer->linkage = linkage_name(var->linkage);
		}
		return;
	}
	facts.other = var ? store_string(builder, var->name) : NULL;
	for (size_t i = 0; i < answer->num_entries; i++) {
		if (answer->entries[i].size > facts.type_size)
			facts.type_size = answer->entries[i].size;
	}
	answer->reason = kept(builder, var_reason(&builder->explain->arena, &facts));
	answer->advice = var_advice(facts.outcome);
}

static void answer_variables(struct explain_builder *builder, const char *pattern)
{
	const struct var_select_input *input = builder->source->var_input;

	for (size_t i = 0; input && i < input->num_symbols; i++) {
		const char *name = input->symbols[i].name;

		if (matches(builder, pattern, name, strlen(name)))
			answer_variable(builder, pattern, i);
	}
}

static void answer_nothing(struct explain_builder *builder, const char *pattern)
{
	struct explain_answer *answer = add_answer(builder, pattern);
	bool all = builder->source->all_sections;

	if (!answer)
		return;
	answer->name = answer->pattern;
	answer->subject = EXPLAIN_NOTHING;
	answer->outcome = "unknown";
	if (!is_glob(pattern))
		look_up_btf_ids(builder, answer);
	answer->reason = all ? "The symbol table has no function or variable of such a name." :
			       "The symbol table has no function or per-CPU variable of such a "
			       "name.";
	answer->advice = all ? "A function has no symbol if all its calls are inlined." :
			       "A function has no symbol if all its calls are inlined; other "
			       "variables enter the BTF with --vars=all.";
}

static void answer_pattern(struct explain_builder *builder, const char *pattern)
{
	size_t before = builder->explain->answers.num;

	answer_functions(builder, pattern);
	answer_variables(builder, pattern);
	if (builder->explain->answers.num == before && !is_glob(pattern))
		answer_without_symbol(builder, pattern);
	if (builder->explain->answers.num == before)
		answer_nothing(builder, pattern);
}

/* Symbols and variables are sorted alike, and each variable has one symbol. */
static void list_variables(struct explain_builder *builder)
{
	const struct var_select_input *input = builder->source->var_input;
	const struct var_selection *selection = builder->source->var_selection;
	uint32_t num_vars = 0;

	for (size_t i = 0; i < input->num_symbols; i++) {
		const struct symtab_symbol *symbol = &input->symbols[i];
		struct explain_variable variable = {
			.name = keep_printf(builder, "%s", symbol->name),
			.section = keep_printf(builder, "%s",
					       section_at(builder, symbol->section)->name),
			.off = symbol->off,
			.size = symbol->size,
			.outcome = var_outcome_name(selection->outcomes[i]),
			.kind = selection->outcomes[i],
		};

		if (variable.kind == VAR_ENCODED) {
			const struct layout_var *var = &selection->vars[num_vars++];

			variable.linkage = linkage_name(var->linkage);
			variable.type = keep_type(builder, var->type, "");
		}
		if (builder->failed || !vec_push(&builder->explain->variables, variable)) {
			builder->failed = true;
			return;
		}
	}
}

struct btfgen_error *explain_run(const struct explain_source *source, struct explain *explain)
{
	struct explain_builder builder = { .source = source, .explain = explain };

	if (!sort_candidates(&builder))
		builder.failed = true;
	for (size_t i = 0; i < explain->num_patterns && !builder.failed; i++)
		answer_pattern(&builder, explain->patterns[i]);
	if (explain->all_variables && source->var_input && !builder.failed)
		list_variables(&builder);
	free(builder.by_name);
	free(builder.by_place);
	return builder.failed ? error_nomem() : NULL;
}

void explain_deinit(struct explain *explain)
{
	vec_deinit(&explain->answers);
	vec_deinit(&explain->variables);
	arena_deinit(&explain->arena);
}
