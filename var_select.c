// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "var_select.h"

#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Symbols of one address that are compared with each candidate; whole names are found among all. */
enum { MAX_COMPARED_SYMBOLS = 16 };

enum { MAX_NAME_SIZE = 511 };

enum match { MATCH_NONE, MATCH_SIZE, MATCH_PART, MATCH_NAME };

/* A symbol that may become a variable. */
struct eligible {
	const struct symtab_symbol *symbol;
	struct str_id name;
};

/* The best pair so far. */
struct choice {
	enum match match; /* MATCH_NONE: none yet */
	bool same_size;
	struct eligible eligible;
	const struct var_candidate *candidate;
};

struct select_ctx {
	const struct var_select_input *input;
	const struct var_candidate **candidates; /* sorted */
	struct eligible *eligible;		 /* of the address at hand, by strength */
	struct eligible *by_name;		 /* the same, by id of the name */
	size_t num_eligible;
	uint32_t section; /* of the last variable */
	uint64_t end;	  /* of the last variable */
	struct var_selection selection;
};

bool settled_type_size(const struct type_store *store, struct type_id id, unsigned int address_size,
		       uint64_t *ret_size)
{
	uint64_t num = 1, size;

	for (unsigned int steps = 0; id.v && steps <= BTF_LIMIT_CHAIN; steps++) {
		const struct settled_type *type = type_store_type(store, id);

		switch (type->kind) {
		case GRAPH_CONST:
		case GRAPH_VOLATILE:
		case GRAPH_RESTRICT:
		case GRAPH_TYPE_TAG:
		case GRAPH_TYPEDEF:
			break;
		case GRAPH_ARRAY:
			if (__builtin_mul_overflow(num, (uint64_t)type->size, &num))
				num = UINT64_MAX;
			break;
		case GRAPH_PTR:
		case GRAPH_INT:
		case GRAPH_FLOAT:
		case GRAPH_STRUCT:
		case GRAPH_UNION:
		case GRAPH_ENUM:
			size = type->kind == GRAPH_PTR ? address_size : type->size;
			if (__builtin_mul_overflow(num, size, &size))
				size = UINT64_MAX;
			*ret_size = size;
			return true;
		default:
			return false;
		}
		id = type->ref;
	}
	return false;
}

/* @is_note: of a section of notes, where the kernel's macros give names by line. */
static bool name_is_generated(const char *name, bool is_note)
{
	static const char *const prefixes[] = {
		"__BTF_ID__",  "__UNIQUE_ID",	       "__tpstrtab_",
		"__exitcall_", "__gendwarfksyms_ptr_", "__func_stack_frame_non_standard_",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return (is_note && strncmp(name, "_note_", 6) == 0) || strcmp(name, "__this_module") == 0;
}

/* True if @part is what stands between two dots (or a dot and an end) of @name. */
static bool name_has_part(const char *name, const char *part)
{
	size_t size = strlen(part);

	if (!size)
		return false;
	for (const char *at = strstr(name, part); at; at = strstr(at + 1, part)) {
		if ((at == name || at[-1] == '.') && (!at[size] || at[size] == '.'))
			return true;
	}
	return false;
}

static int candidate_compare(const void *pa, const void *pb)
{
	const struct var_candidate *a = *(const struct var_candidate *const *)pa;
	const struct var_candidate *b = *(const struct var_candidate *const *)pb;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* By strength, the strongest first. */
static int symbol_compare(const struct symtab_symbol *a, const struct symtab_symbol *b)
{
	int order;

	if (a->bind != b->bind)
		return a->bind > b->bind ? -1 : 1;
	if (!a->visibility != !b->visibility)
		return !a->visibility ? -1 : 1;
	order = strcmp(a->name, b->name);
	if (order)
		return order;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int strength_compare(const void *pa, const void *pb)
{
	const struct eligible *a = pa, *b = pb;

	return symbol_compare(a->symbol, b->symbol);
}

/* Ids depend on arrival: this order is for finding, never for choosing. */
static int name_compare(const void *pa, const void *pb)
{
	const struct eligible *a = pa, *b = pb;

	if (a->name.v != b->name.v)
		return a->name.v < b->name.v ? -1 : 1;
	return symbol_compare(a->symbol, b->symbol);
}

/* The strongest symbol of that name; NULL if there is none. */
static const struct eligible *find_name(const struct select_ctx *ctx, struct str_id name)
{
	size_t low = 0, high = ctx->num_eligible;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ctx->by_name[mid].name.v < name.v)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < ctx->num_eligible && ctx->by_name[low].name.v == name.v)
		return &ctx->by_name[low];
	return NULL;
}

/*
 * True if @a is to be preferred. Candidates are offered in order, so an equal one comes too late.
 */
static bool choice_is_better(const struct choice *a, const struct choice *b)
{
	const struct symtab_symbol *sa = a->eligible.symbol, *sb = b->eligible.symbol;

	if (a->match != b->match)
		return a->match > b->match;
	if (a->same_size != b->same_size)
		return a->same_size;
	if (sa->bind != sb->bind)
		return sa->bind > sb->bind;
	if (!sa->visibility != !sb->visibility)
		return !sa->visibility;
	if (a->candidate != b->candidate)
		return false;
	return symbol_compare(sa, sb) < 0;
}

/* What the candidates of one address come to. */
struct verdict {
	struct choice choice;
	bool too_large;
	bool without_size;
};

static void offer(const struct select_ctx *ctx, const struct eligible *eligible,
		  const struct var_candidate *candidate, enum match match, struct verdict *verdict)
{
	uint64_t size;
	struct choice choice;

	if (!settled_type_size(ctx->input->store, candidate->type, ctx->input->address_size,
			       &size)) {
		verdict->without_size = true;
		return;
	}
	if (size > eligible->symbol->size) {
		verdict->too_large = true;
		return;
	}
	choice = (struct choice){
		.match = match,
		.same_size = size == eligible->symbol->size,
		.eligible = *eligible,
		.candidate = candidate,
	};
	if (verdict->choice.match == MATCH_NONE || choice_is_better(&choice, &verdict->choice))
		verdict->choice = choice;
}

static void offer_candidate(const struct select_ctx *ctx, const struct var_candidate *candidate,
			    bool name_needed, struct verdict *verdict)
{
	const char *name = type_store_string(ctx->input->store, candidate->name);
	const struct eligible *exact = candidate->name.v ? find_name(ctx, candidate->name) : NULL;
	uint64_t size = 0;
	bool sized;

	if (exact) {
		offer(ctx, exact, candidate, MATCH_NAME, verdict);
		return;
	}
	sized = settled_type_size(ctx->input->store, candidate->type, ctx->input->address_size,
				  &size);
	for (size_t i = 0; i < ctx->num_eligible && i < MAX_COMPARED_SYMBOLS; i++) {
		const struct eligible *eligible = &ctx->eligible[i];

		if (name_has_part(eligible->symbol->name, name))
			offer(ctx, eligible, candidate, MATCH_PART, verdict);
		else if (!name_needed && sized && size == eligible->symbol->size)
			offer(ctx, eligible, candidate, MATCH_SIZE, verdict);
	}
}

/* The outcome of all symbols of a section that is left out; VAR_ENCODED for others. */
static enum var_outcome section_outcome(const struct symtab_section *section)
{
	static const uint8_t outcomes[] = {
		[SECTION_TAKEN] = VAR_ENCODED,	       [SECTION_FREED] = VAR_FREED,
		[SECTION_HYPERVISOR] = VAR_HYPERVISOR, [SECTION_NOT_LOADED] = VAR_NOT_LOADED,
		[SECTION_BAD] = VAR_BAD_SECTION,
	};

	return outcomes[section->left_out];
}

/* Sorts out symbols that cannot be variables; the others become ctx->eligible. */
static struct btfgen_error *collect_eligible(struct select_ctx *ctx, size_t first, size_t end)
{
	struct type_store *store = ctx->input->store;
	const struct symtab_section *section =
		&ctx->input->sections[ctx->input->symbols[first].section];

	ctx->num_eligible = 0;
	for (size_t i = first; i < end; i++) {
		const struct symtab_symbol *symbol = &ctx->input->symbols[i];
		size_t name_size = strnlen(symbol->name, MAX_NAME_SIZE + 1);
		uint8_t *outcome = &ctx->selection.outcomes[i];
		struct eligible eligible = { .symbol = symbol };

		if (section->left_out) {
			*outcome = section_outcome(section);
			continue;
		}
		if (!symbol->size) {
			*outcome = VAR_ZERO_SIZE;
			continue;
		}
		if (name_is_generated(symbol->name, section->type == SHT_NOTE)) {
			*outcome = VAR_GENERATED;
			continue;
		}
		*outcome = VAR_BAD_NAME;
		if (name_size > MAX_NAME_SIZE)
			continue;
		if (!type_store_intern_string(store, 0, symbol->name, name_size, &eligible.name))
			return error_nomem();
		if (!type_store_string_is_identifier(store, eligible.name))
			continue;
		*outcome = symbol->name_use == NAME_SHARED  ? VAR_AMBIGUOUS :
			   symbol->name_use == NAME_OF_BASE ? VAR_NAME_OF_BASE :
							      VAR_ALIAS;
		if (symbol->name_use != NAME_OWN)
			continue;
		ctx->eligible[ctx->num_eligible++] = eligible;
	}
	if (ctx->num_eligible == 1) {
		ctx->by_name[0] = ctx->eligible[0];
	} else if (ctx->num_eligible) {
		memcpy(ctx->by_name, ctx->eligible, ctx->num_eligible * sizeof(*ctx->eligible));
		qsort(ctx->eligible, ctx->num_eligible, sizeof(*ctx->eligible), strength_compare);
		qsort(ctx->by_name, ctx->num_eligible, sizeof(*ctx->by_name), name_compare);
	}
	return NULL;
}

static void set_outcomes(struct select_ctx *ctx, enum var_outcome outcome)
{
	for (size_t i = 0; i < ctx->num_eligible; i++)
		ctx->selection.outcomes[ctx->eligible[i].symbol - ctx->input->symbols] = outcome;
}

/* One more DATASEC for the section ctx->section. */
static struct btfgen_error *add_section(struct select_ctx *ctx)
{
	const struct symtab_section *section = &ctx->input->sections[ctx->section];
	struct var_selection *selection = &ctx->selection;
	struct str_id name;

	if (section->size > UINT32_MAX)
		return error_create(BTFGEN_ERROR_LIMIT,
				    "section '%s' has 0x%" PRIx64 " bytes; BTF holds at most 4 GiB",
				    section->name, section->size);
	if (!type_store_intern_string(ctx->input->store, 0, section->name, strlen(section->name),
				      &name))
		return error_nomem();
	selection->sections[selection->num_sections++] = (struct layout_section){
		.name = name,
		.size = section->size,
		.entries = selection->entries + selection->num_vars,
	};
	return NULL;
}

static struct btfgen_error *add_var(struct select_ctx *ctx, const struct choice *choice)
{
	const struct symtab_symbol *symbol = choice->eligible.symbol;
	struct var_selection *selection = &ctx->selection;
	struct layout_section *section;
	struct btfgen_error *err;
	bool local;

	if (!selection->num_sections || ctx->section != symbol->section) {
		ctx->section = symbol->section;
		ctx->end = 0;
		err = add_section(ctx);
		if (err)
			return err;
	}
	if (symbol->off < ctx->end) {
		set_outcomes(ctx, VAR_OVERLAP);
		return NULL;
	}
	ctx->end = symbol->off + symbol->size;
	/* What the linker made local because of its visibility is global in the source. */
	local = symbol->bind == SYMBOL_LOCAL && !symbol->visibility;
	selection->outcomes[symbol - ctx->input->symbols] = VAR_ENCODED;
	section = &selection->sections[selection->num_sections - 1];
	if (section->num_entries == BTF_LIMIT_VLEN_OLD &&
	    !symtab_section_is_percpu(&ctx->input->sections[ctx->section])) {
		err = add_section(ctx);
		if (err)
			return err;
		section++;
	}
	section->num_entries++;
	selection->entries[selection->num_vars] = (struct layout_entry){
		.var = selection->num_vars,
		.off = symbol->off,
		.size = symbol->size,
	};
	selection->sources[selection->num_vars] = (struct var_source){
		.unit = choice->candidate->unit,
		.key = choice->candidate->key,
	};
	selection->vars[selection->num_vars++] = (struct layout_var){
		.name = choice->eligible.name,
		.type = choice->candidate->type,
		.linkage = choice->candidate->external && !local ? BTF_LINKAGE_GLOBAL :
								   BTF_LINKAGE_STATIC,
	};
	return NULL;
}

/* Symbols first..end-1 have one address, and so have candidates[0..num-1]. */
static struct btfgen_error *select_address(struct select_ctx *ctx, size_t first, size_t end,
					   const struct var_candidate *const *candidates,
					   size_t num)
{
	const struct symtab_symbol *symbol = &ctx->input->symbols[first];
	bool name_needed = !symbol->off && !ctx->input->sections[symbol->section].addr;
	struct verdict verdict = { 0 };
	struct btfgen_error *err = collect_eligible(ctx, first, end);

	if (err || !ctx->num_eligible)
		return err;
	for (size_t i = 0; i < num; i++)
		offer_candidate(ctx, candidates[i], name_needed, &verdict);
	if (verdict.choice.match != MATCH_NONE)
		return add_var(ctx, &verdict.choice);
	set_outcomes(ctx, verdict.too_large    ? VAR_SIZE_MISMATCH :
			  verdict.without_size ? VAR_VOID_TYPE :
						 VAR_NO_DEBUG_INFO);
	return NULL;
}

/* Negative if the candidate lies before the symbol's address. */
static int place_compare(const struct var_candidate *candidate, const struct symtab_symbol *symbol)
{
	if (candidate->section != symbol->section)
		return candidate->section < symbol->section ? -1 : 1;
	return candidate->off < symbol->off ? -1 : candidate->off > symbol->off;
}

/* One walk over both, sorted by address. */
static struct btfgen_error *select_all(struct select_ctx *ctx)
{
	const struct symtab_symbol *symbols = ctx->input->symbols;
	size_t num_symbols = ctx->input->num_symbols;
	size_t num_candidates = ctx->input->num_candidates;
	size_t low = 0;

	for (size_t first = 0, end; first < num_symbols; first = end) {
		struct btfgen_error *err;
		size_t high;

		for (end = first + 1; end < num_symbols; end++) {
			if (symbols[end].section != symbols[first].section ||
			    symbols[end].off != symbols[first].off)
				break;
		}
		while (low < num_candidates &&
		       place_compare(ctx->candidates[low], &symbols[first]) < 0)
			low++;
		for (high = low; high < num_candidates; high++) {
			if (place_compare(ctx->candidates[high], &symbols[first]))
				break;
		}
		err = select_address(ctx, first, end, ctx->candidates + low, high - low);
		if (err)
			return err;
		low = high;
	}
	return NULL;
}

static bool select_alloc(struct select_ctx *ctx)
{
	struct var_selection *selection = &ctx->selection;
	size_t num = ctx->input->num_symbols + 1; /* never 0: malloc(0) may give NULL */

	ctx->candidates = malloc((ctx->input->num_candidates + 1) * sizeof(*ctx->candidates));
	ctx->eligible = malloc(num * sizeof(*ctx->eligible));
	ctx->by_name = malloc(num * sizeof(*ctx->by_name));
	selection->vars = malloc(num * sizeof(*selection->vars));
	selection->sources = malloc(num * sizeof(*selection->sources));
	selection->sections = malloc(num * sizeof(*selection->sections));
	selection->entries = malloc(num * sizeof(*selection->entries));
	selection->outcomes = calloc(num, sizeof(*selection->outcomes));
	return ctx->candidates && ctx->eligible && ctx->by_name && selection->vars &&
	       selection->sources && selection->sections && selection->entries &&
	       selection->outcomes;
}

struct btfgen_error *var_select(const struct var_select_input *input,
				struct var_selection *ret_selection)
{
	struct select_ctx ctx = { .input = input };
	struct btfgen_error *err;

	if (!select_alloc(&ctx)) {
		err = error_nomem();
	} else {
		for (size_t i = 0; i < input->num_candidates; i++)
			ctx.candidates[i] = &input->candidates[i];
		qsort(ctx.candidates, input->num_candidates, sizeof(*ctx.candidates),
		      candidate_compare);
		err = select_all(&ctx);
	}
	free(ctx.candidates);
	free(ctx.eligible);
	free(ctx.by_name);
	if (err) {
		var_selection_deinit(&ctx.selection);
		return err;
	}
	*ret_selection = ctx.selection;
	return NULL;
}

void var_selection_deinit(struct var_selection *selection)
{
	free(selection->vars);
	free(selection->sources);
	free(selection->sections);
	free(selection->entries);
	free(selection->outcomes);
	*selection = (struct var_selection){ 0 };
}
