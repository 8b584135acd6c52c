// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The pipeline, and the policy of what enters the BTF. */
#include "btf_encoder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "dwarf_loader.h"
#include "elf_symtab.h"
#include "encode_base.h"
#include "encode_memory.h"
#include "explain.h"
#include "func_gather.h"
#include "func_select.h"
#include "lib/btf/adapt.h"
#include "lib/btf/base.h"
#include "lib/btf/distill.h"
#include "lib/btf/fit.h"
#include "lib/btf/layout.h"
#include "lib/btf/match.h"
#include "lib/btf/type_store.h"
#include "lib/btf/verify.h"
#include "lib/btf/view.h"
#include "lib/elf/append.h"
#include "lib/elf/object.h"
#include "section_choice.h"
#include "tag_select.h"
#include "var_select.h"

/* More threads than this find too little work in one file. */
enum { MAX_WORKERS = 64, MAX_DEFAULT_WORKERS = 32 };

struct encoder {
	const struct encode_options *options;
	struct encode_report *report;
	struct pool *pool;
	struct dwarf_input *input;
	struct elf_symtab *symtab;
	struct section_choice all_sections; /* where a feature asks for them */
	struct type_store *store; /* the report's once it exists: diagnostics name its strings */
	struct func_names func_names;
	struct dwarf_load_result loaded;
	struct var_candidate *var_candidates;
	struct var_select_input var_input;
	struct var_selection vars;
	struct func_candidates func_candidates;
	struct func_select_input func_input;
	struct func_selection funcs;
	struct layout_tag *tags;
	uint32_t num_tags;
	struct types_match match;
	struct btf_distilled distilled;
	struct btf_view distilled_view;
	struct btf_base *distilled_base;
	struct btf_layout *layout;
	uint8_t *bytes;
	size_t size;

	enum encode_stage stage;
	struct timespec wall_start;
	struct timespec cpu_start;
};

/* Stage timing. */

static uint64_t elapsed_ns(const struct timespec *start, clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000ull + now.tv_nsec - start->tv_nsec;
}

/* With one worker all is done by this thread, and others may be encoding other files. */
static clockid_t cpu_clock(const struct encoder *encoder)
{
	return encoder->options->num_workers == 1 ? CLOCK_THREAD_CPUTIME_ID :
						    CLOCK_PROCESS_CPUTIME_ID;
}

static void stage_begin(struct encoder *encoder, enum encode_stage stage)
{
	encoder->stage = stage;
	clock_gettime(CLOCK_MONOTONIC, &encoder->wall_start);
	clock_gettime(cpu_clock(encoder), &encoder->cpu_start);
}

static void stage_end(struct encoder *encoder)
{
	struct stage_report *stage = &encoder->report->stages[encoder->stage];
	struct rusage usage;

	stage->done = true;
	stage->wall_ns = elapsed_ns(&encoder->wall_start, CLOCK_MONOTONIC);
	stage->cpu_ns = elapsed_ns(&encoder->cpu_start, cpu_clock(encoder));
	getrusage(RUSAGE_SELF, &usage);
	stage->peak_rss = (uint64_t)usage.ru_maxrss * 1024;
}

/* What is wanted. */

static bool wants_vars(const struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;

	if (options->no_variables)
		return false;
	if (options->variables)
		return !section_choice_is_empty(options->variables);
	return encode_has(options->features, FEATURE_VAR) ||
	       encode_has(options->features, FEATURE_GLOBAL_VAR);
}

static bool wants_funcs(const struct encoder *encoder)
{
	return !encoder->options->no_functions;
}

/* Damage in our own bytes is our fault, not the input's. */
static struct btfgen_error *error_of_ours(const struct encoder *encoder, struct btfgen_error *err)
{
	if (err->code == BTFGEN_ERROR_INPUT)
		err->code = BTFGEN_ERROR_VERIFY;
	return error_in_file(err, encoder->options->input_path);
}

/* Many threads for one file have more to gain from each other than from the file before. */
static const struct encode_memory *kept_memory(const struct encoder *encoder)
{
	static const struct encode_memory nothing;
	const struct encode_memory *memory = encoder->options->memory;

	return memory && pool_num_workers(encoder->pool) == 1 ? memory : &nothing;
}

/* Stages. */

/* Before the debug information is looked at, which another machine's may not even allow. */
static struct btfgen_error *check_base(const void *ctx, const struct elf_file *elf)
{
	const struct encode_options *options = ctx;
	struct elf_section section;
	struct btfgen_error *err;
	bool found = false;

	err = encode_base_fits(options->base, elf, options->distilled);
	/* The kernel would take the older base for that of the new BTF. */
	if (!err && !options->output_path && !options->take_result && !options->distilled)
		err = elf_find_section(elf, ".BTF.base", &section, &found);
	if (!err && found)
		err = error_create(BTFGEN_ERROR_INPUT,
				   "has a .BTF.base section, which --distilled would write anew: "
				   "remove it first (objcopy -R .BTF.base)");
	return err;
}

static struct btfgen_error *stage_open(struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;
	struct encode_report *report = encoder->report;
	unsigned int num_workers = options->num_workers;
	struct btfgen_error *err;
	uint32_t num_units;

	err = dwarf_input_open(options->input_path, options->base ? check_base : NULL, options,
			       options->memory ? &options->memory->copies : NULL, &encoder->input);
	if (err)
		return err;
	num_units = dwarf_input_num_units(encoder->input);
	if (!num_workers) {
		num_workers = pool_available_cpus();
		if (num_workers > MAX_DEFAULT_WORKERS)
			num_workers = MAX_DEFAULT_WORKERS;
	}
	if (num_workers > MAX_WORKERS)
		num_workers = MAX_WORKERS;
	if (num_workers > num_units)
		num_workers = num_units;
	err = pool_create(num_workers, options->shuffle_seed, &encoder->pool);
	if (err)
		return err;
	report->num_workers = pool_num_workers(encoder->pool);
	report->num_units = num_units;
	report->debug_info_size = dwarf_input_info_size(encoder->input);
	return NULL;
}

static struct btfgen_error *stage_symbols(struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;
	struct symtab_request request = { 0 };
	struct btfgen_error *err = NULL;

	if (!wants_vars(encoder) && !wants_funcs(encoder))
		return NULL;
	if (options->no_variables || options->variables) {
		request.choice = options->variables;
	} else if (encode_has(options->features, FEATURE_GLOBAL_VAR)) {
		err = section_choice_parse("all", &encoder->all_sections);
		request.choice = &encoder->all_sections;
	}
	if (!err && options->base && request.choice && section_choice_is_wide(request.choice))
		err = encode_base_names(options->base, &request.base_names);
	if (!err)
		err = elf_symtab_read(dwarf_input_elf(encoder->input),
				      dwarf_input_relocator(encoder->input), &request,
				      &encoder->symtab);
	return error_in_file(err, options->input_path);
}

/*
 * Each variable of the debug information is held against these, in turn: a few wide ones do. What
 * lies in a gap is found to have no section when candidates are made.
 */
static size_t join_ranges(const struct symtab_range *ranges, size_t num,
			  struct addr_range *ret_ranges)
{
	const uint64_t gap_limit = 1 << 20;
	size_t num_joined = 0;

	for (size_t i = 0; i < num; i++) {
		struct addr_range *last = num_joined ? &ret_ranges[num_joined - 1] : NULL;

		if (!last ||
		    (ranges[i].start > last->end && ranges[i].start - last->end > gap_limit))
			ret_ranges[num_joined++] =
				(struct addr_range){ ranges[i].start, ranges[i].end };
		else if (ranges[i].end > last->end)
			last->end = ranges[i].end;
	}
	return num_joined;
}

static struct btfgen_error *stage_load(struct encoder *encoder)
{
	const struct symtab_range *ranges = NULL;
	struct encode_report *report = encoder->report;
	uint32_t features = encoder->options->features;
	struct addr_range *var_ranges;
	size_t num_ranges = 0;
	struct btfgen_error *err;
	const struct type_store_options store_options = {
		.num_workers = pool_num_workers(encoder->pool),
		.num_units = dwarf_input_num_units(encoder->input),
		.force_collisions = encoder->options->force_collisions,
		.strings = kept_memory(encoder)->strings,
		.by_place = encoder->options->base != NULL,
	};
	struct dwarf_load_request request = {
		.excluded_languages = encoder->options->excluded_languages,
		.num_excluded_languages = encoder->options->num_excluded_languages,
		.no_type_tags = !encode_has(features, FEATURE_TYPE_TAG),
		.no_decl_tags = !encode_has(features, FEATURE_DECL_TAG),
	};

	err = type_store_create(&store_options, &encoder->store);
	if (err)
		return err;
	report->name_store = encoder->store;
	if (wants_funcs(encoder)) {
		err = func_names_collect(encoder->symtab, encoder->store, &encoder->func_names);
		if (err)
			return err;
		request.func_names = encoder->func_names.bits;
		request.num_func_names = encoder->func_names.num;
		request.func_ranges = encoder->func_names.ranges;
		request.num_func_ranges = encoder->func_names.num_ranges;
	}
	if (wants_vars(encoder))
		ranges = elf_symtab_var_ranges(encoder->symtab, &num_ranges);
	var_ranges = calloc(num_ranges + 1, sizeof(*var_ranges));
	if (!var_ranges)
		return error_nomem();
	request.store = encoder->store;
	request.var_ranges = var_ranges;
	request.num_var_ranges = join_ranges(ranges, num_ranges, var_ranges);
	err = dwarf_input_load(encoder->input, encoder->pool, &request, &encoder->loaded);
	free(var_ranges);
	if (err)
		return err;
	report->num_dies = encoder->loaded.num_dies;
	report->num_types_in = encoder->loaded.num_types;
	report->num_func_entries = encoder->loaded.funcs.num;
	report->num_excluded_units = encoder->loaded.num_excluded_units;
	report->unit_names = calloc(report->num_units + 1, sizeof(*report->unit_names));
	if (!report->unit_names)
		return error_nomem();
	for (uint64_t i = 0; i < report->num_units; i++) {
		const char *name = encoder->loaded.unit_names[i];

		if (name)
			report->unit_names[i] = strdup(name);
	}
	return NULL;
}

static struct btfgen_error *report_doubles(struct encoder *encoder)
{
	const struct type_store_double *doubles = type_store_doubles(encoder->store);

	for (size_t i = 0; i < type_store_num_doubles(encoder->store); i++) {
		struct diag diag = {
			.kind = DIAG_DOUBLE_TYPE,
			.unit = doubles[i].first_unit,
			.off = doubles[i].first_key,
			.name = type_store_string(encoder->store, doubles[i].name),
			.value = doubles[i].num_definitions,
		};

		if (doubles[i].num_definitions > 1 && !diag_add(&encoder->report->diags, diag))
			return error_nomem();
		diag.kind = DIAG_FORWARD_LEFT;
		if (doubles[i].forward_left && !diag_add(&encoder->report->diags, diag))
			return error_nomem();
	}
	return NULL;
}

static struct btfgen_error *error_at_type(const struct encoder *encoder, struct type_id id,
					  enum btfgen_error_code code, const char *what)
{
	const struct settled_type *type = type_store_type(encoder->store, id);
	struct btfgen_error *err;

	err = error_create_at(dwarf_input_unit_section(encoder->input, type->first_unit),
			      type->first_key, "%s", what);
	if (err->code == BTFGEN_ERROR_INPUT)
		err->code = code;
	err = error_in_unit(err, encoder->loaded.unit_names[type->first_unit]);
	return error_in_file(err, encoder->options->input_path);
}

static struct btfgen_error *report_changed(struct encoder *encoder, const struct type_id *ids,
					   size_t num)
{
	for (size_t i = 0; i < num; i++) {
		const struct settled_type *type = type_store_type(encoder->store, ids[i]);
		const struct diag diag = {
			.kind = DIAG_DEGRADED_TYPE,
			.unit = type->first_unit,
			.off = type->first_key,
			.name = type->name.v ? type_store_string(encoder->store, type->name) : NULL,
		};

		if (!diag_add(&encoder->report->diags, diag))
			return error_nomem();
	}
	return NULL;
}

/* What the reader that is asked for does not know, it is not given. */
static struct btfgen_error *adapt_types(struct encoder *encoder)
{
	uint32_t features = encoder->options->features;
	const struct types_adapt_options options = {
		.without_float = !encode_has(features, FEATURE_FLOAT),
		.without_enum64 = !encode_has(features, FEATURE_ENUM64),
	};
	struct types_adapt_result adapted;
	struct btfgen_error *err;

	err = types_adapt(encoder->store, &options, &adapted);
	if (err)
		return err;
	err = report_changed(encoder, adapted.opaque.data, adapted.opaque.num);
	types_adapt_result_deinit(&adapted);
	return err;
}

static struct btfgen_error *fit_types(struct encoder *encoder)
{
	struct types_fit_result fit;
	struct btfgen_error *err;

	err = types_fit(encoder->store, dwarf_input_address_size(encoder->input), &fit);
	if (err)
		return err;
	if (fit.cycle.v)
		err = error_at_type(encoder, fit.cycle, BTFGEN_ERROR_INPUT,
				    "type contains or refers to only itself");
	else if (fit.chain.v)
		err = error_at_type(encoder, fit.chain, BTFGEN_ERROR_LIMIT,
				    "more than 32 qualifiers and typedefs in a row");
	else
		err = report_changed(encoder, fit.changed.data, fit.changed.num);
	types_fit_result_deinit(&fit);
	return err;
}

/* BTF without a type is none: the kernel refuses it. */
static struct btfgen_error *error_no_types(const struct encoder *encoder)
{
	struct btfgen_error *err;

	if (encoder->report->num_excluded_units)
		err = error_create(
			BTFGEN_ERROR_INPUT,
			"no types: %ju of %ju units are left out because of their language",
			(uintmax_t)encoder->report->num_excluded_units,
			(uintmax_t)encoder->report->num_units);
	else
		err = error_create(BTFGEN_ERROR_INPUT, "the debug information has no types");
	return error_in_file(err, encoder->options->input_path);
}

static struct btfgen_error *stage_settle(struct encoder *encoder)
{
	struct type_store_stats stats;
	struct btfgen_error *err;

	err = type_store_settle(encoder->store, encoder->pool);
	if (err)
		return err;
	if (type_store_num_types(encoder->store) < 2)
		return error_no_types(encoder);
	stats = type_store_get_stats(encoder->store);
	encoder->report->num_classes = stats.num_classes;
	encoder->report->num_ambiguous_names = stats.num_ambiguous;
	err = report_doubles(encoder);
	if (!err)
		err = adapt_types(encoder);
	return err ? err : fit_types(encoder);
}

/* The addresses of DIEs become places in sections, their types settled ones. */
static struct btfgen_error *make_candidates(struct encoder *encoder,
					    struct var_candidate **ret_candidates, size_t *ret_num)
{
	const struct dwarf_load_result *loaded = &encoder->loaded;
	struct var_candidate *candidates = calloc(loaded->vars.num + 1, sizeof(*candidates));
	size_t num = 0;

	if (!candidates)
		return error_nomem();
	for (size_t i = 0; i < loaded->vars.num; i++) {
		const struct load_var *var = &loaded->vars.data[i];
		const struct symtab_range *range =
			elf_symtab_find_address(encoder->symtab, var->addr);

		if (!range)
			continue;
		candidates[num++] = (struct var_candidate){
			.section = range->section,
			.unit = var->unit,
			.off = var->addr - range->start,
			.key = var->key,
			.name = var->name,
			.type = type_store_resolve(encoder->store, var->unit, var->type),
			.external = var->external,
		};
	}
	*ret_candidates = candidates;
	*ret_num = num;
	return NULL;
}

/* One by one. The reasons that concern whole sections are counted only. */
static bool outcome_is_told(enum var_outcome outcome)
{
	switch (outcome) {
	case VAR_ENCODED:
	case VAR_ALIAS:
	case VAR_FREED:
	case VAR_HYPERVISOR:
	case VAR_NOT_LOADED:
	case VAR_BAD_SECTION:
		return false;
	default:
		return true;
	}
}

static struct btfgen_error *report_vars(struct encoder *encoder,
					const struct var_select_input *input)
{
	struct encode_report *report = encoder->report;

	for (size_t i = 0; i < input->num_symbols; i++) {
		const struct symtab_symbol *symbol = &input->symbols[i];
		const struct symtab_section *section = &input->sections[symbol->section];
		enum var_outcome outcome = encoder->vars.outcomes[i];
		struct section_report *last =
			report->sections.num ? &report->sections.data[report->sections.num - 1] :
					       NULL;

		if (!i || symbol->section != symbol[-1].section) {
			char *name = strdup(section->name);

			if (!name ||
			    !vec_push(&report->sections, (struct section_report){ .name = name })) {
				free(name);
				return error_nomem();
			}
			last = &report->sections.data[report->sections.num - 1];
		}
		last->num_symbols++;
		last->num[outcome]++;
		if (outcome_is_told(outcome)) {
			struct str_id name;
			struct diag diag = {
				.kind = DIAG_VAR_SKIPPED,
				.unit = DIAG_NO_UNIT,
				.off = section->addr + symbol->off,
				.value = outcome,
			};

			/* The symbol's name goes with the input; the store's stays. */
			if (!type_store_intern_string(encoder->store, 0, symbol->name,
						      strlen(symbol->name), &name))
				return error_nomem();
			diag.name = type_store_string(encoder->store, name);
			if (!diag_add(&report->diags, diag))
				return error_nomem();
		}
	}
	return NULL;
}

/* With encode_force a variable that BTF cannot have is left out, else it ends the run. */
static struct btfgen_error *check_forced(const struct encoder *encoder)
{
	if (encode_has(encoder->options->features, FEATURE_ENCODE_FORCE))
		return NULL;
	for (size_t i = 0; i < encoder->var_input.num_symbols; i++) {
		const struct symtab_symbol *symbol = &encoder->var_input.symbols[i];
		const char *section = encoder->var_input.sections[symbol->section].name;
		enum var_outcome outcome = encoder->vars.outcomes[i];
		struct btfgen_error *err;

		if (outcome != VAR_VOID_TYPE && outcome != VAR_BAD_NAME)
			continue;
		err = error_create_at(section, symbol->off,
				      "variable '%s' cannot be written (%s), and encode_force is "
				      "off",
				      symbol->name, var_outcome_name(outcome));
		return error_in_file(err, encoder->options->input_path);
	}
	return NULL;
}

static struct btfgen_error *select_vars(struct encoder *encoder)
{
	struct var_select_input *input = &encoder->var_input;
	struct btfgen_error *err;

	err = make_candidates(encoder, &encoder->var_candidates, &input->num_candidates);
	if (err)
		return err;
	input->store = encoder->store;
	input->candidates = encoder->var_candidates;
	input->sections = elf_symtab_sections(encoder->symtab, &input->num_sections);
	input->symbols = elf_symtab_objects(encoder->symtab, &input->num_symbols);
	input->address_size = dwarf_input_address_size(encoder->input);
	err = var_select(input, &encoder->vars);
	if (!err)
		err = report_vars(encoder, input);
	return err ? err : check_forced(encoder);
}

/* Why a name has no FUNC, at the address of its first symbol. */
static struct btfgen_error *report_func(struct encoder *encoder, enum encode_diag kind,
					const struct func_group *group)
{
	const struct symtab_function *symbol =
		&encoder->func_input.symbols[encoder->funcs.symbols[group->first_symbol]];
	const struct symtab_section *sections;
	struct diag diag = {
		.kind = kind,
		.unit = DIAG_NO_UNIT,
		.value = group->outcome,
	};
	struct str_id name;
	size_t num_sections;

	if (group->candidate != UINT32_MAX)
		diag.unit = encoder->func_input.candidates[group->candidate].unit;
	sections = elf_symtab_sections(encoder->symtab, &num_sections);
	diag.off = sections[symbol->section].addr + symbol->off;
	/* The symbol's name goes with the input; the store's stays. */
	if (!type_store_intern_string(encoder->store, 0, group->name, group->name_size, &name))
		return error_nomem();
	diag.name = type_store_string(encoder->store, name);
	return diag_add(&encoder->report->diags, diag) ? NULL : error_nomem();
}

static int group_compare(const void *pname, const void *pgroup)
{
	const struct symtab_btf_id *id = pname;
	const struct func_group *group = pgroup;
	uint32_t size = id->name_size < group->name_size ? id->name_size : group->name_size;
	int order = memcmp(id->name, group->name, size);

	return order ? order :
		       (id->name_size > group->name_size) - (id->name_size < group->name_size);
}

/* Functions that .BTF_ids asks for: resolve_btfids warns of each that is missing. */
static struct btfgen_error *report_btf_ids(struct encoder *encoder)
{
	const struct func_selection *funcs = &encoder->funcs;
	const struct symtab_btf_id *ids;
	size_t num_ids;

	ids = elf_symtab_btf_ids(encoder->symtab, &num_ids);
	encoder->report->num_btf_ids = num_ids;
	for (size_t i = 0; i < num_ids && funcs->num_groups; i++) {
		const struct func_group *group = bsearch(&ids[i], funcs->groups, funcs->num_groups,
							 sizeof(*funcs->groups), group_compare);
		struct btfgen_error *err;

		/* A function that the configuration left out has no symbol either. */
		if (!group || group->outcome == FUNC_ENCODED)
			continue;
		err = report_func(encoder, DIAG_BTF_ID_MISSING, group);
		if (err)
			return err;
	}
	return NULL;
}

static struct btfgen_error *report_funcs(struct encoder *encoder)
{
	struct encode_report *report = encoder->report;

	for (uint32_t i = 0; i < encoder->funcs.num_groups; i++) {
		const struct func_group *group = &encoder->funcs.groups[i];
		struct btfgen_error *err;

		report->num_functions[group->outcome]++;
		report->num_aliases += group->outcome == FUNC_ENCODED && group->is_alias;
		/* The last of these is written under its own name. */
		if (group->outcome == FUNC_ENCODED || group->outcome == FUNC_PART ||
		    group->outcome == FUNC_MODULE_ENTRY)
			continue;
		err = report_func(encoder, DIAG_FUNC_SKIPPED, group);
		if (err)
			return err;
	}
	return report_btf_ids(encoder);
}

static struct btfgen_error *select_funcs(struct encoder *encoder)
{
	struct func_select_input *input = &encoder->func_input;
	const struct func_candidates *candidates = &encoder->func_candidates;
	uint32_t features = encoder->options->features;
	struct btfgen_error *err;

	err = func_candidates_collect(encoder->symtab, encoder->store, &encoder->loaded,
				      &encoder->func_candidates);
	if (err)
		return err;
	dwarf_load_result_drop_funcs(&encoder->loaded);
	input->store = encoder->store;
	input->address_size = dwarf_input_address_size(encoder->input);
	input->abi = func_abi_of(dwarf_input_machine(encoder->input), input->address_size == 8,
				 dwarf_input_is_big_endian(encoder->input));
	input->symbols = elf_symtab_functions(encoder->symtab, &input->num_symbols);
	input->symbol_names = encoder->func_names.ids;
	input->candidates = candidates->candidates;
	input->num_candidates = candidates->num;
	input->params = candidates->params;
	input->tags = candidates->tags;
	input->num_tags = candidates->num_tags;
	if (encode_has(features, FEATURE_DECL_TAG_KFUNCS))
		input->kfuncs = elf_symtab_kfuncs(encoder->symtab, &input->num_kfuncs);
	input->features = features;
	input->asm_functions = encoder->options->asm_functions;
	input->is_relocatable = dwarf_input_is_relocatable(encoder->input);
	err = func_select(input, &encoder->funcs);
	return err ? err : report_funcs(encoder);
}

static struct btfgen_error *select_tags(struct encoder *encoder)
{
	const struct tag_select_input input = {
		.store = encoder->store,
		.loaded = &encoder->loaded,
		.vars = &encoder->vars,
		.funcs = &encoder->funcs,
	};

	return tag_select(&input, &encoder->tags, &encoder->num_tags);
}

static struct btfgen_error *stage_select(struct encoder *encoder)
{
	struct btfgen_error *err = NULL;

	if (wants_vars(encoder))
		err = select_vars(encoder);
	if (!err && wants_funcs(encoder))
		err = select_funcs(encoder);
	if (!err)
		err = select_tags(encoder);
	/* Far more was looked at than was chosen. */
	if (!encoder->options->explain)
		func_candidates_deinit(&encoder->func_candidates);
	return err;
}

static bool wants_all_sections(const struct encoder *encoder)
{
	const struct section_choice *choice = encoder->options->variables;

	if (choice)
		return section_choice_of(choice, ".data") && section_choice_of(choice, ".bss") &&
		       section_choice_of(choice, ".rodata");
	return encode_has(encoder->options->features, FEATURE_GLOBAL_VAR);
}

/* Instead of the stages that follow selection. */
static struct btfgen_error *answer_questions(struct encoder *encoder)
{
	struct explain_source source = {
		.store = encoder->store,
		.machine = dwarf_input_machine(encoder->input),
		.func_input = wants_funcs(encoder) ? &encoder->func_input : NULL,
		.func_selection = &encoder->funcs,
		.var_input = wants_vars(encoder) ? &encoder->var_input : NULL,
		.var_selection = &encoder->vars,
		.unit_names = encoder->loaded.unit_names,
		.num_units = encoder->report->num_units,
		.all_sections = wants_all_sections(encoder),
		.relocatable = dwarf_input_is_relocatable(encoder->input),
	};

	if (encoder->symtab) {
		source.sections = elf_symtab_sections(encoder->symtab, &source.num_sections);
		source.kfuncs = elf_symtab_kfuncs(encoder->symtab, &source.num_kfuncs);
		source.btf_ids = elf_symtab_btf_ids(encoder->symtab, &source.num_btf_ids);
	}
	return explain_run(&source, encoder->options->explain);
}

static struct btfgen_error *open_distilled(struct encoder *encoder)
{
	const struct distill_input input = {
		.store = encoder->store,
		.base = encode_base_index(encoder->options->base),
		.match = &encoder->match,
		.vars = encoder->vars.vars,
		.num_vars = encoder->vars.num_vars,
		.funcs = encoder->funcs.funcs,
		.num_funcs = encoder->funcs.num_funcs,
		.tags = encoder->tags,
		.num_tags = encoder->num_tags,
		.big_endian = dwarf_input_is_big_endian(encoder->input),
	};
	struct btf_distilled *distilled = &encoder->distilled;
	struct btfgen_error *err;

	err = btf_distill(&input, distilled);
	if (err)
		return error_in_file(err, encoder->options->input_path);
	err = btf_view_open((struct span){ distilled->bytes, distilled->size }, NULL,
			    &encoder->distilled_view);
	if (err)
		return error_of_ours(encoder, err);
	encoder->report->distilled_bytes = distilled->size;
	encoder->report->num_distilled_types = encoder->distilled_view.num_own;
	return btf_base_create(&encoder->distilled_view, &encoder->distilled_base);
}

static struct btfgen_error *leave_out_spare(struct encoder *encoder)
{
	const struct layout_input written = {
		.vars = encoder->vars.vars,
		.num_vars = encoder->vars.num_vars,
		.funcs = encoder->funcs.funcs,
		.num_funcs = encoder->funcs.num_funcs,
		.tags = encoder->tags,
		.num_tags = encoder->num_tags,
	};

	return types_match_leave_out(encoder->store, &written, &encoder->match);
}

static struct btfgen_error *stage_match(struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;
	const struct types_match_options match_options = {
		.strict_forwards = options->strict_forwards,
		.without_enum64 = !encode_has(options->features, FEATURE_ENUM64),
		.names = kept_memory(encoder)->names,
	};
	struct btfgen_error *err;

	err = types_match(encoder->store, encode_base_index(options->base), &match_options,
			  &encoder->match);
	if (err)
		return err;
	encoder->report->num_base_types = encoder->match.num_matched;
	return options->distilled ? open_distilled(encoder) : leave_out_spare(encoder);
}

/* What the result stands on; NULL: it stands alone. */
static const struct btf_base *result_base(const struct encoder *encoder)
{
	if (!encoder->options->base)
		return NULL;
	return encoder->distilled_base ? encoder->distilled_base :
					 encode_base_index(encoder->options->base);
}

static struct btfgen_error *stage_layout(struct encoder *encoder)
{
	uint32_t features = encoder->options->features;
	struct encode_report *report = encoder->report;
	const struct layout_input input = {
		.store = encoder->store,
		.vars = encoder->vars.vars,
		.num_vars = encoder->vars.num_vars,
		.funcs = encoder->funcs.funcs,
		.num_funcs = encoder->funcs.num_funcs,
		.tags = encoder->distilled_base ? encoder->distilled.tags : encoder->tags,
		.num_tags =
			encoder->distilled_base ? encoder->distilled.num_tags : encoder->num_tags,
		.sections = encoder->vars.sections,
		.num_sections = encoder->vars.num_sections,
		.base = result_base(encoder),
		.base_ids = encoder->distilled_base ? encoder->distilled.base_ids :
						      encoder->match.base_ids,
		.big_endian = dwarf_input_is_big_endian(encoder->input),
		.with_kind_layout = encode_has(features, FEATURE_LAYOUT),
		.without_enum64 = !encode_has(features, FEATURE_ENUM64),
	};
	struct layout_stats stats;
	struct btfgen_error *err;

	err = btf_layout_create(&input, &encoder->layout);
	if (err)
		return error_in_file(err, encoder->options->input_path);
	stats = btf_layout_stats(encoder->layout);
	report->num_types_out = stats.num_types;
	report->num_base_funcs = stats.num_base_funcs;
	memcpy(report->num_by_kind, stats.num_by_kind, sizeof(report->num_by_kind));
	report->type_bytes = stats.type_bytes;
	report->string_bytes = stats.string_bytes;
	report->btf_bytes = stats.total_bytes;
	return NULL;
}

static struct btfgen_error *stage_emit(struct encoder *encoder)
{
	return btf_emit(encoder->layout, encoder->pool, &encoder->bytes, &encoder->size);
}

static struct btfgen_error *verify_view(struct encoder *encoder, const struct btf_view *view)
{
	uint32_t features = encoder->options->features;
	const struct verify_options options = {
		.ptr_size = dwarf_input_address_size(encoder->input),
		.classic_header = !encode_has(features, FEATURE_LAYOUT),
		.classic_info = true,
		.plain_tags = !encode_has(features, FEATURE_ATTRIBUTES),
		.tags_first = true,
		.sorted = true,
		.strings = true,
		.vars = true,
		.funcs = true,
		.tags = true,
		.layout = true,
	};
	struct verify_violation violation;
	struct btfgen_error *err;

	err = btf_verify(view, &options, encoder->pool, &violation);
	if (!err)
		err = verify_error(&violation);
	return error_in_file(err, encoder->options->input_path);
}

static struct btfgen_error *stage_verify(struct encoder *encoder)
{
	const struct btf_base *base = result_base(encoder);
	struct btfgen_error *err;
	struct btf_view view;

	if (encoder->distilled_base) {
		err = verify_view(encoder, &encoder->distilled_view);
		if (err)
			return err;
	}
	err = btf_view_open((struct span){ encoder->bytes, encoder->size },
			    base ? btf_base_view(base) : NULL, &view);
	if (err)
		return error_of_ours(encoder, err);
	err = verify_view(encoder, &view);
	btf_view_close(&view);
	return err;
}

/* Writing: what it needs, and nothing of what the stages before it needed. */

struct encode_write {
	const struct encode_options *options;
	struct encode_report *report;
	uint8_t *bytes;
	size_t size;
	uint8_t *distilled; /* NULL: none */
	size_t distilled_size;
	struct span note; /* absent: none */
	struct file_identity identity;
};

void encode_write_drop(struct encode_write *write)
{
	if (!write)
		return;
	free(write->bytes);
	free(write->distilled);
	free(write);
}

static struct btfgen_error *write_in_place(const struct encode_write *write)
{
	struct elf_append_request requests[3] = {
		{ .section_name = ".BTF", .data = { write->bytes, write->size }, .align = 4 },
	};
	size_t num_requests = 1;

	if (write->distilled)
		requests[num_requests++] = (struct elf_append_request){
			.section_name = ".BTF.base",
			.data = { write->distilled, write->distilled_size },
			.align = 4,
		};
	if (write->note.size)
		requests[num_requests++] = (struct elf_append_request){
			.section_name = ".note.btfgen",
			.data = write->note,
			.align = 4,
		};
	return elf_append_sections(write->options->input_path, &write->identity, requests,
				   num_requests, &write->report->unchanged);
}

/* The base first: a reader that finds the file of the BTF finds the one that it needs. */
static struct btfgen_error *write_distilled(const struct encode_write *write)
{
	static const char suffix[] = ".base";
	const char *output_path = write->options->output_path;
	size_t size = strlen(output_path);
	char *path = malloc(size + sizeof(suffix));
	struct btfgen_error *err;

	if (!path)
		return error_nomem();
	memcpy(path, output_path, size);
	memcpy(path + size, suffix, sizeof(suffix));
	err = file_write_detached(path, write->distilled, write->distilled_size);
	free(path);
	return err;
}

static struct btfgen_error *write_detached(const struct encode_write *write)
{
	const char *path = write->options->output_path;
	struct btfgen_error *err = NULL;

	if (strcmp(path, "-") == 0)
		return error_in_file(file_write_fd(STDOUT_FILENO, write->bytes, write->size),
				     "standard output");
	if (write->distilled)
		err = write_distilled(write);
	return err ? err : file_write_detached(path, write->bytes, write->size);
}

struct btfgen_error *encode_write_run(struct encode_write *write)
{
	struct stage_report *stage = &write->report->stages[STAGE_WRITE];
	struct timespec wall_start, cpu_start;
	struct btfgen_error *err;

	clock_gettime(CLOCK_MONOTONIC, &wall_start);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_start);
	err = write->options->output_path ? write_detached(write) : write_in_place(write);
	stage->wall_ns += elapsed_ns(&wall_start, CLOCK_MONOTONIC);
	stage->cpu_ns += elapsed_ns(&cpu_start, CLOCK_THREAD_CPUTIME_ID);
	encode_write_drop(write);
	return err;
}

static struct btfgen_error *hand_over(struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;
	struct btfgen_error *err;

	err = dwarf_input_check(encoder->input, NULL);
	if (err)
		return err;
	return options->take_result(
		options->take_ctx, (struct span){ encoder->bytes, encoder->size },
		(struct span){ encoder->distilled.bytes, encoder->distilled.size });
}

/* The bytes become those of an object that links with what the input was linked from. */
static struct btfgen_error *wrap_in_object(struct encoder *encoder)
{
	const struct file_map *map = dwarf_input_file(encoder->input);
	struct span btf = { encoder->bytes, encoder->size };
	struct btfgen_error *err;
	struct elf_file elf;
	uint8_t *object;

	err = elf_file_parse((struct span){ map->data, map->size }, &elf);
	if (!err)
		err = elf_object_create(&elf, ".BTF", btf, 4, &object, &encoder->size);
	if (err)
		return error_in_file(err, encoder->options->input_path);
	free(encoder->bytes);
	encoder->bytes = object;
	return NULL;
}

/* In place the input is compared again, under a lock, before anything is written. */
static struct btfgen_error *check_input(struct encoder *encoder)
{
	return encoder->options->output_path ? dwarf_input_check(encoder->input, NULL) : NULL;
}

/* The bytes go to who writes them. NULL when memory is out. */
static struct encode_write *take_bytes(struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;
	struct btf_distilled *distilled = &encoder->distilled;
	struct encode_write *write = calloc(1, sizeof(*write));

	if (!write)
		return NULL;
	*write = (struct encode_write){
		.options = options,
		.report = encoder->report,
		.bytes = encoder->bytes,
		.size = encoder->size,
		.identity = dwarf_input_file(encoder->input)->identity,
	};
	encoder->bytes = NULL;
	if (distilled->size) {
		write->distilled = distilled->bytes;
		write->distilled_size = distilled->size;
		distilled->bytes = NULL;
	}
	if (!options->output_path && options->make_note)
		write->note = options->make_note(
			options->note_ctx, (struct span){ write->bytes, write->size },
			(struct span){ write->distilled, write->distilled_size });
	return write;
}

static struct btfgen_error *stage_write(struct encoder *encoder)
{
	const struct encode_options *options = encoder->options;
	struct encode_write *write;
	struct btfgen_error *err = NULL;

	if (options->take_result)
		return hand_over(encoder);
	if (options->as_object)
		err = wrap_in_object(encoder);
	if (!err)
		err = check_input(encoder);
	if (err)
		return err;
	write = take_bytes(encoder);
	if (!write)
		return error_nomem();
	/* Nobody writes to a file that is mapped here; and memory is for the next one. */
	elf_symtab_destroy(encoder->symtab);
	encoder->symtab = NULL;
	dwarf_input_close(encoder->input);
	encoder->input = NULL;
	if (!options->defer_write)
		return encode_write_run(write);
	options->defer_write(options->defer_ctx, write);
	return NULL;
}

static struct btfgen_error *run_stages(struct encoder *encoder)
{
	static struct btfgen_error *(*const stages[NUM_ENCODE_STAGES])(struct encoder *) = {
		[STAGE_OPEN] = stage_open,
		[STAGE_SYMBOLS] = stage_symbols,
		/* The file's sections and symbols are known; nothing below changes them. */
		[STAGE_LOAD] = stage_load,
		/* All units are in the store. */
		[STAGE_SETTLE] = stage_settle,
		/* The set of types and their order are final. */
		[STAGE_SELECT] = stage_select,
		/* So are variables and functions; no type is added any more. */
		[STAGE_MATCH] = stage_match,
		[STAGE_LAYOUT] = stage_layout,
		/* Ids, string offsets and the exact size are fixed. */
		[STAGE_EMIT] = stage_emit,
		[STAGE_VERIFY] = stage_verify,
		/* The bytes are good. Only from here on is the target touched. */
		[STAGE_WRITE] = stage_write,
	};

	for (enum encode_stage stage = 0; stage < NUM_ENCODE_STAGES; stage++) {
		struct btfgen_error *err;

		if (stage == STAGE_MATCH && !encoder->options->base)
			continue;
		stage_begin(encoder, stage);
		err = stages[stage](encoder);
		if (err)
			return encoder->input ? dwarf_input_check(encoder->input, err) : err;
		stage_end(encoder);
		if (stage == STAGE_SELECT && encoder->options->explain) {
			err = dwarf_input_check(encoder->input, NULL);
			return err ? err : answer_questions(encoder);
		}
	}
	return NULL;
}

struct btfgen_error *encode_file(const struct encode_options *options, struct encode_report *report)
{
	struct encoder encoder = { .options = options, .report = report };
	struct btfgen_error *err = NULL;

	if (options->memory)
		err = encode_memory_begin(options->memory, options);
	if (!err)
		err = run_stages(&encoder);
	if (!diag_merge(&report->diags, &encoder.loaded.diags) && !err)
		err = error_nomem();
	free(encoder.bytes);
	btf_layout_destroy(encoder.layout);
	btf_base_destroy(encoder.distilled_base);
	btf_view_close(&encoder.distilled_view);
	btf_distilled_deinit(&encoder.distilled);
	types_match_deinit(&encoder.match);
	free(encoder.tags);
	func_selection_deinit(&encoder.funcs);
	func_candidates_deinit(&encoder.func_candidates);
	func_names_deinit(&encoder.func_names);
	var_selection_deinit(&encoder.vars);
	free(encoder.var_candidates);
	dwarf_load_result_deinit(&encoder.loaded);
	elf_symtab_destroy(encoder.symtab);
	section_choice_deinit(&encoder.all_sections);
	dwarf_input_close(encoder.input);
	pool_destroy(encoder.pool);
	return err;
}

/* The report. */

struct btfgen_error *encode_report_create(struct encode_report **ret_report)
{
	struct encode_report *report = calloc(1, sizeof(*report));

	if (!report)
		return error_nomem();
	*ret_report = report;
	return NULL;
}

void encode_report_destroy(struct encode_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->sections.num; i++)
		free(report->sections.data[i].name);
	vec_deinit(&report->sections);
	diag_list_deinit(&report->diags);
	for (uint64_t i = 0; report->unit_names && i < report->num_units; i++)
		free(report->unit_names[i]);
	free(report->unit_names);
	type_store_destroy(report->name_store);
	free(report);
}

const char *var_outcome_name(enum var_outcome outcome)
{
	static const char *const names[NUM_VAR_OUTCOMES] = {
		[VAR_ENCODED] = "encoded",
		[VAR_ALIAS] = "alias",
		[VAR_ZERO_SIZE] = "zero-size",
		[VAR_NO_DEBUG_INFO] = "no-debug-info",
		[VAR_VOID_TYPE] = "void-type",
		[VAR_SIZE_MISMATCH] = "size-mismatch",
		[VAR_OVERLAP] = "overlap",
		[VAR_GENERATED] = "generated-name",
		[VAR_BAD_NAME] = "bad-name",
		[VAR_AMBIGUOUS] = "ambiguous",
		[VAR_NAME_OF_BASE] = "name-of-base",
		[VAR_FREED] = "freed-section",
		[VAR_HYPERVISOR] = "hypervisor-section",
		[VAR_NOT_LOADED] = "section-not-loaded",
		[VAR_BAD_SECTION] = "bad-section",
	};

	return names[outcome];
}

const char *encode_diag_name(enum encode_diag diag)
{
	static const char *const names[NUM_ENCODE_DIAGS] = {
		[DIAG_DEGRADED_TYPE] = "degraded-type",	  [DIAG_BAD_NAME] = "bad-name",
		[DIAG_UNKNOWN_TAG] = "unknown-tag",	  [DIAG_BAD_LOCATION] = "bad-location",
		[DIAG_VAR_SKIPPED] = "variable-skipped",  [DIAG_DOUBLE_TYPE] = "double-type",
		[DIAG_FORWARD_LEFT] = "forward-left",	  [DIAG_FUNC_SKIPPED] = "function-skipped",
		[DIAG_BTF_ID_MISSING] = "btf-id-missing", [DIAG_BAD_TAG] = "bad-tag",
	};

	return names[diag];
}

const char *encode_stage_name(enum encode_stage stage)
{
	static const char *const names[NUM_ENCODE_STAGES] = {
		[STAGE_OPEN] = "open",	   [STAGE_SYMBOLS] = "symbols", [STAGE_LOAD] = "load",
		[STAGE_SETTLE] = "settle", [STAGE_SELECT] = "select",	[STAGE_MATCH] = "match",
		[STAGE_LAYOUT] = "layout", [STAGE_EMIT] = "emit",	[STAGE_VERIFY] = "verify",
		[STAGE_WRITE] = "write",
	};

	return names[stage];
}
