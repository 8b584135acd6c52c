// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Functions: what each DW_TAG_subprogram says of itself while the unit is walked, and afterwards
 * what it takes from the DIE that it is a copy of or completes.
 *
 * A compiler writes the out-of-line instance of a function that is also inlined as a copy: it
 * refers to the abstract instance, which has the names and types, and so do its parameters. The
 * parameters in the order of the source are the abstract instance's; where each of them is, only
 * the copy knows.
 */
#include <inttypes.h>

#include "dwarf_graph_internal.h"
#include "encode_diag.h"
#include "lib/dwarf/constants.h"
#include "lib/dwarf/location.h"

/* A chain of copies and declarations longer than this is damage. */
enum { MAX_ORIGINS = 16, MAX_QUALIFIERS = 32 };

static uint8_t name_bits(const struct dwarf_graph_shared *shared, struct str_id name)
{
	return name.v < shared->num_func_names ? shared->func_names[name.v] : 0;
}

/* A view of the unit's lists. The address context has to outlive it. */
static struct location_unit location_unit_of(const struct unit_context *context,
					     struct addr_index_context *addr_context)
{
	const struct dwarf_sections *sections = &addr_context->reader->shared->sections;

	return (struct location_unit){
		.encoding = &context->unit->encoding,
		.section = context->section,
		.loc = sections->loc,
		.loclists = sections->loclists,
		.ranges = sections->ranges,
		.rnglists = sections->rnglists,
		.low_pc = context->low_pc,
		.loclists_base = context->loclists_base,
		.rnglists_base = context->rnglists_base,
		.addr_index = dwarf_addr_index,
		.addr_ctx = addr_context,
	};
}

/* The largest function symbol of those that start last at or before @addr; NULL without one. */
static const struct func_range *symbol_before(const struct dwarf_graph_shared *shared,
					      uint64_t addr)
{
	size_t low = 0, high = shared->num_func_ranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (shared->func_ranges[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &shared->func_ranges[low - 1] : NULL;
}

/*
 * True if arguments may be elsewhere than the convention wants them: the compiler, or the name of a
 * symbol, tells of changes. The function's own name may be another than its symbol's.
 */
static bool wants_places(const struct dwarf_graph_shared *shared, const struct pending_func *func)
{
	const struct func_range *symbol;

	if (!(func->flags & FUNC_HAS_ADDR))
		return false;
	if ((func->flags & (FUNC_IN_CLANG_UNIT | FUNC_HAS_NOCALL)) ||
	    (name_bits(shared, func->name) & FUNC_NAME_PLACES))
		return true;
	symbol = symbol_before(shared, func->addr);
	for (size_t i = symbol ? symbol - shared->func_ranges + 1 : 0; i-- > 0;) {
		if (shared->func_ranges[i].start != symbol->start)
			break;
		if (shared->func_ranges[i].has_suffix)
			return true;
	}
	return false;
}

static bool is_func_start(const struct dwarf_graph_shared *shared, uint64_t addr)
{
	const struct func_range *symbol = symbol_before(shared, addr);

	return symbol && symbol->start == addr;
}

/* True if some symbol has the function's code, whatever its name is. */
static bool has_symbol(const struct dwarf_graph_shared *shared, const struct pending_func *func)
{
	const struct func_range *symbol = symbol_before(shared, func->addr);

	return (func->flags & FUNC_HAS_ADDR) && symbol && func->addr < symbol->end;
}

/*
 * Where a function is entered: at its low address. One that is in several pieces has ranges
 * instead, in any order; the piece that a symbol stands at is the one that is called.
 */
static bool function_address(const struct dwarf_graph *reader, const struct unit_context *context,
			     const struct die *die, uint64_t *ret_addr)
{
	struct addr_index_context addr_context = { reader, context };
	struct location_unit unit = location_unit_of(context, &addr_context);
	struct range_walk walk;
	uint64_t start, end;
	bool found = false;

	if (dwarf_attr_address(reader, context, die, SLOT_LOW_PC, ret_addr))
		return true;
	if (!die_has(die, SLOT_RANGES) || !ranges_begin(&unit, &die->attrs[SLOT_RANGES], &walk))
		return false;
	while (ranges_next(&walk, &start, &end)) {
		bool is_start = is_func_start(reader->shared, start);

		if (!found || is_start)
			*ret_addr = start;
		found = true;
		if (is_start)
			break;
	}
	return found;
}

/* The reference to what a DIE is a copy of or completes; 0 if it stands for itself. */
static struct btfgen_error *read_origin_ref(struct dwarf_graph *reader,
					    const struct unit_context *context,
					    const struct die *die, uint32_t *ret_raw,
					    bool *ret_is_copy)
{
	*ret_is_copy = die_has(die, SLOT_ABSTRACT_ORIGIN);
	return dwarf_attr_ref(reader, context, die,
			      *ret_is_copy ? SLOT_ABSTRACT_ORIGIN : SLOT_SPECIFICATION, ret_raw);
}

static struct btfgen_error *begin_func(struct dwarf_graph *reader,
				       const struct unit_context *context, const struct die *die,
				       struct str_id name, uint32_t *ret_func)
{
	struct pending_func func = {
		.name = name,
		.flags = reader->unit_func_flags,
		.key = die->off,
	};
	struct dwarf_tag tag = {
		.target = DWARF_TAG_FUNC,
		.index = reader->pending_funcs.num,
		.component = -1,
	};
	struct btfgen_error *err;
	int64_t convention;

	*ret_func = NO_FUNC;
	if (function_address(reader, context, die, &func.addr))
		func.flags |= FUNC_HAS_ADDR;
	/* Of other names only what a symbol stands at: it may be an alias. */
	if (name.v && !name_bits(reader->shared, name) && !has_symbol(reader->shared, &func))
		return NULL;
	err = read_origin_ref(reader, context, die, &func.raw_origin, &func.is_copy);
	if (!err)
		err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &func.raw_type);
	if (err)
		return err;
	if (!name.v && !func.raw_origin)
		return NULL;
	if (dwarf_attr_flag(die, SLOT_EXTERNAL))
		func.flags |= FUNC_IS_EXTERNAL;
	if (dwarf_attr_constant(die, SLOT_CALLING_CONVENTION, &convention) &&
	    convention == DW_CC_nocall)
		func.flags |= FUNC_HAS_NOCALL;
	err = dwarf_read_decl_tag_chain(reader, context, die, tag);
	if (err)
		return err;
	*ret_func = reader->pending_funcs.num;
	return vec_push(&reader->pending_funcs, func) ? NULL : error_nomem();
}

/*
 * An external function is also a link (GRAPH_LINK): it says which types of different units are the
 * same, where it is declared and where it is defined. dwarf_resolve_refs() drops the links that
 * cannot tell anything.
 */
static struct btfgen_error *begin_link(struct dwarf_graph *reader,
				       const struct unit_context *context, const struct die *die,
				       struct str_id name, uint32_t *ret_node)
{
	struct graph_node node = { .kind = GRAPH_LINK, .name = name };
	struct btfgen_error *err;

	*ret_node = 0;
	if (!name.v || !die->abbrev->has_children || !dwarf_attr_flag(die, SLOT_EXTERNAL))
		return NULL;
	if (dwarf_attr_flag(die, SLOT_DECLARATION))
		node.flags = GRAPH_IS_DECLARATION;
	err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &node.ref.v);
	if (err)
		return err;
	/* No type: a reference that leads here must not find it. */
	err = dwarf_add_extra_node(reader, die->off, node, ret_node);
	if (err)
		return err;
	return vec_push(&reader->links, *ret_node) ? NULL : error_nomem();
}

struct btfgen_error *dwarf_read_function(struct dwarf_graph *reader,
					 const struct unit_context *context, const struct die *die,
					 uint32_t depth)
{
	struct collector collector = {
		.func = NO_FUNC,
		.depth = depth + 1,
		.first_pending = reader->pending.num,
		.first_pending_param = reader->open_params.num,
		.tag = die->abbrev->tag,
		.kind = COLLECT_FUNCTION,
	};
	struct btfgen_error *err;
	struct str_id name;

	if (reader->reading_foreign)
		return NULL;
	err = dwarf_attr_string(reader, context, die, SLOT_NAME, &name);
	if (!err)
		err = begin_link(reader, context, die, name, &collector.node);
	if (!err && reader->shared->num_func_names && !dwarf_attr_flag(die, SLOT_DECLARATION))
		err = begin_func(reader, context, die, name, &collector.func);
	if (err || !die->abbrev->has_children || (!collector.node && collector.func == NO_FUNC))
		return err;
	return vec_push(&reader->collectors, collector) ? NULL : error_nomem();
}

static struct btfgen_error *read_param(struct dwarf_graph *reader,
				       const struct unit_context *context, const struct die *die,
				       struct pending_param *ret_param)
{
	struct pending_param param = {
		.off = die->off,
		.has_location = die_has(die, SLOT_LOCATION),
		.has_constant = die_has(die, SLOT_CONST_VALUE),
	};
	struct btfgen_error *err;

	if (param.has_location)
		param.location = die->attrs[SLOT_LOCATION];
	err = dwarf_attr_string(reader, context, die, SLOT_NAME, &param.name);
	if (!err)
		err = dwarf_attr_ref(reader, context, die, SLOT_TYPE, &param.raw_type);
	if (!err)
		err = dwarf_attr_ref(reader, context, die, SLOT_ABSTRACT_ORIGIN, &param.raw_origin);
	if (!err)
		*ret_param = param;
	return err;
}

struct btfgen_error *dwarf_read_function_param(struct dwarf_graph *reader,
					       const struct unit_context *context,
					       const struct die *die, uint32_t depth,
					       struct collector *function)
{
	struct pending_param param = {};
	struct btfgen_error *err;

	err = read_param(reader, context, die, &param);
	if (err)
		return err;
	if (function->func != NO_FUNC) {
		struct dwarf_tag tag = {
			.target = DWARF_TAG_FUNC,
			.index = function->func,
			.component = reader->open_params.num - function->first_pending_param,
		};

		dwarf_leaf_set(reader, die, depth, LEAF_PARAM, tag.index, tag.component);
		err = dwarf_read_decl_tag_chain(reader, context, die, tag);
		if (err)
			return err;
		param.number = tag.component;
		if (!vec_push(&reader->open_params, param))
			return error_nomem();
	}
	if (!function->node)
		return NULL;
	return vec_push(&reader->pending, (struct graph_elem){ .ref = { param.raw_type } }) ?
		       NULL :
		       error_nomem();
}

void dwarf_read_function_varargs(struct dwarf_graph *reader, const struct collector *function)
{
	if (function->func != NO_FUNC)
		reader->pending_funcs.data[function->func].flags |= FUNC_HAS_VARARGS;
}

struct btfgen_error *dwarf_close_function(struct dwarf_graph *reader,
					  const struct collector *function)
{
	struct pending_func *func;

	if (function->func == NO_FUNC)
		return NULL;
	func = &reader->pending_funcs.data[function->func];
	func->first_param = reader->pending_params.num;
	func->num_params = reader->open_params.num - function->first_pending_param;
	for (size_t i = function->first_pending_param; i < reader->open_params.num; i++) {
		if (!vec_push(&reader->pending_params, reader->open_params.data[i]))
			return error_nomem();
	}
	reader->open_params.num = function->first_pending_param;
	return NULL;
}

/* Origins. */

/* A function that is being completed. */
struct func_work {
	struct pending_func *func;
	uint32_t index;			    /* into pending_funcs */
	const struct unit_context *context; /* of the list of parameters in use */
	const struct pending_param *params;
	uint32_t num_params;
	bool from_origin; /* they are the origin's */
};

static struct btfgen_error *error_at_func(const struct dwarf_graph *reader,
					  const struct pending_func *func, const char *what,
					  uint64_t off)
{
	return error_create_at(unit_section_name(reader->main.unit), func->key, "%s: 0x%" PRIx64,
			       what, off);
}

/* The direct children of the function at @off that matter: parameters and annotations. */
static struct btfgen_error *read_origin_children(struct dwarf_graph *reader,
						 const struct unit_context *context, uint64_t off,
						 struct func_work *work)
{
	struct dwarf_tag tag = { .target = DWARF_TAG_FUNC, .index = work->index };
	struct btfgen_error *err;
	struct cursor cursor;
	uint32_t depth = 0;
	bool in_param = false;
	struct die die;

	reader->origin_params.num = 0;
	cursor_init(&cursor, context->section, context->unit, context->table, off);
	while (cursor_next(&cursor, &die)) {
		err = NULL;
		if (die.off - off > reader->origin_budget)
			return error_at_func(reader, work->func,
					     "functions of this unit complete others too often",
					     off);
		if (!die.abbrev) {
			if (--depth == 0)
				break;
			continue;
		}
		if (depth == 1)
			in_param = die.abbrev->action == ACTION_PARAM;
		tag.component = depth == 1 ? -1 : (int32_t)reader->origin_params.num - 1;
		if (depth == 1 && in_param) {
			struct pending_param param = {};

			err = read_param(reader, context, &die, &param);
			if (!err && !vec_push(&reader->origin_params, param))
				err = error_nomem();
			tag.component = (int32_t)reader->origin_params.num - 1;
			if (!err)
				err = dwarf_read_decl_tag_chain(reader, context, &die, tag);
		} else if (depth == 1 && die.abbrev->action == ACTION_VARARGS) {
			work->func->flags |= FUNC_HAS_VARARGS;
		} else if ((depth == 1 || (depth == 2 && in_param)) &&
			   die.abbrev->action == ACTION_ANNOTATION) {
			err = dwarf_add_decl_tag(reader, context, &die, tag);
		}
		if (err)
			return err;
		if (!depth && !die.abbrev->has_children)
			break;
		if (depth == 1 && !in_param && cursor_skip_children(&cursor, &die))
			continue;
		depth += die.abbrev->has_children;
	}
	err = cursor_error(&cursor);
	if (err)
		return err;
	reader->origin_budget -= cursor.p - (context->section.data + off);
	work->context = context;
	work->params = reader->origin_params.data;
	work->num_params = reader->origin_params.num;
	work->from_origin = true;
	return NULL;
}

/*
 * Name, result and, for copies, parameters from where they stand. False in *ret_wanted if the
 * function turns out to have a name that nobody asked for.
 */
static struct btfgen_error *complete_func(struct dwarf_graph *reader, struct func_work *work,
					  bool *ret_wanted)
{
	struct pending_func *func = work->func;
	uint32_t raw = func->raw_origin;
	bool is_copy = func->is_copy;

	*ret_wanted = true;
	for (unsigned int i = 0; raw; i++) {
		const struct unit_context *context;
		struct btfgen_error *err;
		struct die die;
		uint64_t off;

		err = dwarf_die_at(reader, raw, &context, &die, &off);
		if (err)
			return err;
		if (i == MAX_ORIGINS)
			return error_at_func(reader, func,
					     "function's chain of declarations does not end", off);
		if (!die.abbrev || die.abbrev->action != ACTION_FUNCTION)
			return error_at_func(reader, func,
					     "function completes something that is none", off);
		if (!func->name.v) {
			err = dwarf_attr_string(reader, context, &die, SLOT_NAME, &func->name);
			if (err)
				return err;
			*ret_wanted = !func->name.v || name_bits(reader->shared, func->name) ||
				      has_symbol(reader->shared, func);
			if (!*ret_wanted)
				return NULL;
		}
		if (!func->raw_type) {
			err = dwarf_attr_ref(reader, context, &die, SLOT_TYPE, &func->raw_type);
			if (err)
				return err;
		}
		if (dwarf_attr_flag(&die, SLOT_EXTERNAL))
			func->flags |= FUNC_IS_EXTERNAL;
		if (is_copy && (!work->from_origin || !work->num_params)) {
			struct dwarf_tag tag = {
				.target = DWARF_TAG_FUNC,
				.index = work->index,
				.component = -1,
			};

			err = dwarf_read_decl_tag_chain(reader, context, &die, tag);
			if (!err)
				err = read_origin_children(reader, context, off, work);
			if (err)
				return err;
		}
		err = read_origin_ref(reader, context, &die, &raw, &is_copy);
		if (err)
			return err;
	}
	*ret_wanted = func->name.v != 0;
	return NULL;
}

/* A parameter that is a copy itself: name and type are where it leads. */
static struct btfgen_error *complete_param(struct dwarf_graph *reader,
					   const struct pending_func *func,
					   struct pending_param *param)
{
	uint32_t raw = param->raw_origin;

	for (unsigned int i = 0; raw && !(param->name.v && param->raw_type); i++) {
		struct pending_param origin = {};
		const struct unit_context *context;
		struct btfgen_error *err;
		struct die die;
		uint64_t off;

		err = dwarf_die_at(reader, raw, &context, &die, &off);
		if (err)
			return err;
		if (i == MAX_ORIGINS)
			return error_at_func(reader, func,
					     "parameter's chain of declarations does not end", off);
		if (!die.abbrev || die.abbrev->action != ACTION_PARAM)
			return error_at_func(reader, func,
					     "parameter completes something that is none", off);
		err = read_param(reader, context, &die, &origin);
		if (err)
			return err;
		if (!param->name.v)
			param->name = origin.name;
		if (!param->raw_type)
			param->raw_type = origin.raw_type;
		raw = origin.raw_origin;
	}
	return NULL;
}

/* Places. */

static struct btfgen_error *param_place(struct dwarf_graph *reader, const struct pending_func *func,
					const struct pending_param *param, struct place *ret_place)
{
	struct addr_index_context addr_context = { reader, &reader->main };
	struct location_unit unit = location_unit_of(&reader->main, &addr_context);

	*ret_place = (struct place){
		.kind = param && param->has_constant ? PLACE_CONSTANT : PLACE_NONE,
		.reg = PLACE_NO_REG,
	};
	if (!param || !param->has_location)
		return NULL;
	if (location_at_entry(&unit, &param->location, func->addr, ret_place))
		return NULL;
	return dwarf_diag(reader, DIAG_BAD_LOCATION, param->off, param->name, 0);
}

/*
 * The own parameter of a copy for each of its origin's; NULL for those that it does not have. The
 * order of a copy's parameters is that of the registers: if it is another, arguments changed
 * places.
 */
static struct btfgen_error *match_params(struct dwarf_graph *reader, struct func_work *work,
					 const struct pending_param **own)
{
	struct pending_param *params;
	uint32_t last = 0, guess = 0;

	for (uint32_t i = 0; i < work->num_params; i++)
		own[i] = NULL;
	if (!work->func->num_params)
		return NULL;
	params = &reader->pending_params.data[work->func->first_param];
	for (uint32_t k = 0; k < work->func->num_params; k++) {
		const struct unit_context *context;
		struct btfgen_error *err;
		uint32_t i;
		uint64_t off;

		params[k].number = -1;
		if (!params[k].raw_origin)
			continue;
		err = dwarf_raw_to_context(reader, params[k].raw_origin, &context, &off);
		if (err)
			return err;
		if (context->unit != work->context->unit)
			continue;
		/* They are in order but for what this looks for. */
		for (i = 0; i < work->num_params; i++) {
			if (work->params[(guess + i) % work->num_params].off == off)
				break;
		}
		if (i == work->num_params)
			continue;
		i = (guess + i) % work->num_params;
		guess = i + 1;
		params[k].number = i;
		/*
		 * A clone may name a parameter twice: where it was for the origin, and the constant
		 * that the clone is made for. Then nobody passes it.
		 */
		if (own[i]) {
			if (params[k].has_constant)
				own[i] = &params[k];
			continue;
		}
		own[i] = &params[k];
		if (i < last)
			work->func->flags |= FUNC_IS_REORDERED;
		last = i;
	}
	return NULL;
}

static struct btfgen_error *finish_params(struct dwarf_graph *reader, struct func_work *work,
					  struct dwarf_func *func, const struct pending_param **own)
{
	bool wants_places = func->flags & FUNC_HAS_PLACES;

	func->first_param = reader->params.num;
	func->first_place = reader->places.num;
	func->num_params = work->num_params;
	if (!vec_reserve(&reader->params, reader->params.num + work->num_params))
		return error_nomem();
	for (uint32_t i = 0; i < work->num_params; i++) {
		struct pending_param param = work->params[i];
		struct dwarf_param finished = {};
		struct btfgen_error *err;
		struct place place;

		err = complete_param(reader, work->func, &param);
		if (!err)
			err = dwarf_resolve(reader, param.raw_type, work->func->key,
					    &finished.type.v);
		if (!err && wants_places) {
			err = param_place(reader, work->func,
					  work->from_origin ? own[i] : &work->params[i], &place);
			if (!err && !vec_push(&reader->places, place))
				err = error_nomem();
		}
		if (err)
			return err;
		finished.name = param.name;
		if (!vec_push(&reader->params, finished))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *finish_func(struct dwarf_graph *reader, uint32_t index,
					bool *ret_wanted)
{
	struct pending_func *pending = &reader->pending_funcs.data[index];
	struct func_work work = {
		.func = pending,
		.index = index,
		.context = &reader->main,
		.params = pending->num_params ? &reader->pending_params.data[pending->first_param] :
						NULL,
		.num_params = pending->num_params,
	};
	const struct pending_param **own = NULL;
	struct dwarf_func func = { .key = pending->key, .addr = pending->addr };
	struct btfgen_error *err;

	err = complete_func(reader, &work, ret_wanted);
	if (err || !*ret_wanted)
		return err;
	if (work.num_params > MAX_VLEN - 1) {
		*ret_wanted = false;
		return dwarf_diag(reader, DIAG_DEGRADED_TYPE, pending->key, pending->name,
				  DW_TAG_subprogram);
	}
	if (wants_places(reader->shared, pending))
		pending->flags |= FUNC_HAS_PLACES;
	if (work.from_origin) {
		own = calloc(work.num_params + 1, sizeof(*own));
		if (!own)
			return error_nomem();
		err = match_params(reader, &work, own);
	}
	func.name = pending->name;
	func.flags = pending->flags;
	if (!err)
		err = dwarf_resolve(reader, pending->raw_type, pending->key, &func.ret.v);
	if (!err)
		err = finish_params(reader, &work, &func, own);
	free(own);
	if (!err && !vec_push(&reader->funcs, func))
		err = error_nomem();
	return err;
}

struct btfgen_error *dwarf_finish_funcs(struct dwarf_graph *reader)
{
	uint32_t *finished = calloc(reader->pending_funcs.num + 1, sizeof(*finished));
	size_t num_own_tags = reader->pending_tags.num;
	struct btfgen_error *err = NULL;

	if (!finished)
		return error_nomem();
	for (size_t i = 0; i < reader->pending_funcs.num && !err; i++) {
		bool wanted;

		err = finish_func(reader, i, &wanted);
		if (!err && wanted)
			finished[i] = reader->funcs.num;
	}
	/* Tags of functions that nobody asked for go with them. */
	for (size_t i = 0; i < reader->pending_tags.num && !err; i++) {
		struct dwarf_tag tag = reader->pending_tags.data[i];

		if (tag.target == DWARF_TAG_FUNC) {
			const struct pending_func *func = &reader->pending_funcs.data[tag.index];

			if (!finished[tag.index])
				continue;
			/* A copy's own parameters may have other numbers than its origin's. */
			if (i < num_own_tags && tag.component >= 0) {
				tag.component = reader->pending_params
							.data[func->first_param + tag.component]
							.number;
				if (tag.component < 0)
					continue;
			}
			tag.index = finished[tag.index] - 1;
		}
		if (!vec_push(&reader->tags, tag))
			err = error_nomem();
	}
	free(finished);
	return err;
}

/* Through as many qualifiers and typedefs as the kernel follows. */
static bool is_aligned_aggregate(const struct unit_graph *graph, uint32_t node)
{
	bool is_aligned = false;

	for (unsigned int steps = 0; steps <= MAX_QUALIFIERS; steps++) {
		const struct graph_node *n = &graph->nodes.data[node];

		is_aligned |= (n->flags & GRAPH_IS_ALIGNED) != 0;
		switch (n->kind) {
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_TYPE_TAG:
		case GRAPH_TYPEDEF:
			node = n->ref.v;
			break;
		case GRAPH_STRUCT:
		case GRAPH_UNION:
			return is_aligned;
		default:
			return false;
		}
	}
	return false;
}

void dwarf_mark_aligned_params(struct dwarf_graph *reader)
{
	for (size_t i = 0; reader->has_aligned && i < reader->params.num; i++) {
		struct dwarf_param *param = &reader->params.data[i];

		param->is_aligned = is_aligned_aggregate(&reader->graph, param->type.v);
	}
}
