// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/clean.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/table.h"
#include "ksym_kernel.h"
#include "ksym_object.h"
#include "lib/base/cleanup.h"
#include "lib/btf/describe.h"
#include "lib/btf/ksyms.h"

struct ksyms_values {
	struct cli_common common;
	option_values btf;
	const char *kallsyms;
	bool json;
	bool quiet;
};

static const struct option_spec options[] = {
	{ .letter = 'B',
	  .name = "btf",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct ksyms_values, btf),
	  .arg_name = "FILE",
	  .hint = HINT_FILE,
	  .parse = option_collect,
	  .help = "vmlinux or its BTF; given again: modules, in\n"
		  "the order of loading; if nothing is said, the\n"
		  "running kernel" },
	{ .name = "kallsyms",
	  .type = OPTION_STRING,
	  .value_off = offsetof(struct ksyms_values, kallsyms),
	  .arg_name = "FILE",
	  .hint = HINT_FILE,
	  .help = "what that kernel shows as /proc/kallsyms, to\n"
		  "tell which symbols have addresses" },
	{ .name = "json",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct ksyms_values, json),
	  .help = "everything that is known, as JSON" },
	{ .letter = 'q',
	  .name = "quiet",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct ksyms_values, quiet),
	  .help = "only the symbols that cannot be bound" },
	CLI_COMMON_OPTIONS(struct ksyms_values),
};

#define RUNNING_SYMBOLS "/proc/kallsyms"

enum {
	/* Of further candidates in JSON: files can be made in which thousands of symbols have as many each. */
	MAX_OTHERS = 100,
};

enum { TEXT_SIZE = 1024, NUM_VERDICTS = KSYMS_UNUSABLE + 1 };

struct text {
	char data[TEXT_SIZE];
};

/* One object, and what its symbols would be bound to. */
struct answer {
	const char *path;
	const struct ksym_object *object;
	const struct ksym_kernel *kernel;
	const struct ksyms_list *list;
	size_t num_by_verdict[NUM_VERDICTS];
	size_t num_bad;
	bool asks_addresses; /* variables are bound whose addresses are not known */
	bool asks_kfuncs;    /* functions that are called, and nothing tells kfuncs */
};

static const char *const verdict_names[NUM_VERDICTS] = {
	[KSYMS_BOUND] = "bound",
	[KSYMS_BY_ADDRESS] = "by address",
	[KSYMS_ZERO] = "zero",
	[KSYMS_MISSING] = "missing",
	[KSYMS_INCOMPATIBLE] = "incompatible",
	[KSYMS_REFUSED] = "refused",
	[KSYMS_UNUSABLE] = "unusable",
};

static const char *const cause_names[] = {
	[KSYMS_WHY_NONE] = NULL,
	[KSYMS_WHY_ABSENT] = "absent",
	[KSYMS_WHY_TYPE] = "type",
	[KSYMS_WHY_NOT_KFUNC] = "no kfunc",
	[KSYMS_WHY_NO_SIZE] = "no size",
	[KSYMS_WHY_NO_ADDRESS] = "no address",
	[KSYMS_WHY_AMBIGUOUS] = "ambiguous",
	[KSYMS_WHY_HALF] = "type 0",
	[KSYMS_WHY_NO_BTF] = "no BTF",
	[KSYMS_WHY_NO_DECL] = "no declaration",
	[KSYMS_WHY_LINKAGE] = "linkage",
	[KSYMS_WHY_NO_SECTION] = "no section",
	[KSYMS_WHY_OTHER_SECTION] = "other section",
	[KSYMS_WHY_NO_SYMBOL] = "no symbol",
};

static const char *const form_names[] = { "variable", "function", "typeless", NULL };

static void write_text(struct text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void write_text(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text->data, sizeof(text->data), fmt, args);
	va_end(args);
}

static const struct btf_view *view_of(const struct answer *answer, size_t layer)
{
	return answer->kernel->layers[layer].view;
}

static const char *layer_name(const struct answer *answer, size_t layer)
{
	return answer->kernel->files[layer].name;
}

static const char *kind_name(const struct answer *answer, const struct ksyms_candidate *candidate)
{
	return btf_kind_table[btf_view_kind(view_of(answer, candidate->layer), candidate->id)].name;
}

static const char *target_text(const struct answer *answer, const struct ksyms_symbol *symbol,
			       struct describe_text *text)
{
	btf_describe_type(view_of(answer, symbol->candidates[0].layer), symbol->target_type, text);
	return text->data;
}

static void part_text(const struct answer *answer, const struct ksyms_symbol *symbol,
		      struct ksyms_text *text)
{
	ksyms_part_text(&answer->object->source.view, view_of(answer, symbol->candidates[0].layer),
			&symbol->part, text);
}

static const char *thing(const struct ksyms_symbol *symbol)
{
	return symbol->form == KSYMS_FUNC ? "function" : "variable";
}

static bool is_bound_by_btf(const struct ksyms_symbol *symbol)
{
	return symbol->verdict == KSYMS_BOUND && symbol->num_candidates > 0;
}

static void absent_reason(const struct answer *answer, const struct ksyms_symbol *symbol,
			  struct text *reason)
{
	const struct ksyms_candidate *other = &symbol->other;
	const char *weak = symbol->verdict == KSYMS_ZERO ? "weak, and " : "";
	const struct btf_view *view;

	if (symbol->form == KSYMS_TYPELESS) {
		write_text(reason, "%sthe kernel's symbol table does not have it", weak);
		return;
	}
	if (!symbol->has_other) {
		write_text(reason, "%sthere is no %s of that name", weak, thing(symbol));
		return;
	}
	view = view_of(answer, other->layer);
	write_text(reason, "%sthere is no %s of that name, but a %s %s in %s", weak, thing(symbol),
		   btf_view_kind(view, other->id) == BTF_FUNC ? "function" : "variable",
		   btf_view_name(view, other->id), layer_name(answer, other->layer));
}

static void type_reason(const struct answer *answer, const struct ksyms_symbol *symbol,
			struct text *reason)
{
	struct ksyms_text part;

	part_text(answer, symbol, &part);
	if (symbol->verdict == KSYMS_ZERO)
		write_text(reason, "weak, and of another type, which libbpf passes over: %s",
			   part.data);
	else
		write_text(reason, "%s", part.data);
}

static void unusable_reason(const struct answer *answer, const struct ksyms_symbol *symbol,
			    struct text *reason)
{
	switch (symbol->why) {
	case KSYMS_WHY_NO_BTF:
		write_text(reason, "the object has no BTF");
		break;
	case KSYMS_WHY_NO_DECL:
		write_text(reason, "the object's BTF does not declare it");
		break;
	case KSYMS_WHY_LINKAGE:
		write_text(reason, "the object's BTF has it, but not as extern");
		break;
	case KSYMS_WHY_NO_SECTION:
		write_text(reason, "it is declared extern, but not as __ksym");
		break;
	case KSYMS_WHY_OTHER_SECTION:
		write_text(reason, "it is declared in section %s, where libbpf binds no such thing",
			   btf_view_name(&answer->object->source.view, symbol->section_id));
		break;
	default:
		write_text(reason, "it is declared as __ksym, but the object has no such symbol");
		break;
	}
}

/* "" if there is nothing to say. */
static void reason_text(const struct answer *answer, const struct ksyms_symbol *symbol,
			struct text *reason)
{
	struct describe_text type;

	reason->data[0] = 0;
	switch (symbol->why) {
	case KSYMS_WHY_NONE:
		if (symbol->verdict == KSYMS_BY_ADDRESS)
			write_text(reason, "its address is looked up by name in /proc/kallsyms, of "
					   "which BTF does not tell");
		else if (is_bound_by_btf(symbol) && symbol->address == KSYMS_ADDRESS_SEVERAL)
			write_text(reason, "the kernel's symbol table has the name at several "
					   "addresses, of which the kernel takes the first");
		break;
	case KSYMS_WHY_ABSENT:
		absent_reason(answer, symbol, reason);
		break;
	case KSYMS_WHY_TYPE:
		type_reason(answer, symbol, reason);
		break;
	case KSYMS_WHY_NOT_KFUNC:
		write_text(reason, "it is called, but is no kfunc: %s tags those, and not this one",
			   layer_name(answer, symbol->candidates[0].layer));
		break;
	case KSYMS_WHY_NO_SIZE:
		write_text(reason, "the verifier finds no size for its type, %s",
			   target_text(answer, symbol, &type));
		break;
	case KSYMS_WHY_NO_ADDRESS:
		write_text(reason, "the kernel's symbol table does not have it, so that the "
				   "verifier finds no address");
		break;
	case KSYMS_WHY_AMBIGUOUS:
		write_text(reason, "the kernel's symbol table has the name at several addresses");
		break;
	case KSYMS_WHY_HALF:
		write_text(reason,
			   "weak and in no BTF, but libbpf finds the name in /proc/kallsyms "
			   "and binds it to type 0, which the verifier refuses");
		break;
	default:
		unusable_reason(answer, symbol, reason);
		break;
	}
}

/* A variable was found under the name without its flavor. */
static bool is_flavored(const struct answer *answer, const struct ksyms_symbol *symbol)
{
	const struct btf_view *view;

	if (symbol->form != KSYMS_VAR || !symbol->has_other)
		return false;
	view = view_of(answer, symbol->other.layer);
	return btf_view_kind(view, symbol->other.id) == BTF_VAR;
}

static void absent_remedy(const struct answer *answer, const struct ksyms_symbol *symbol,
			  struct text *remedy)
{
	if (symbol->form == KSYMS_TYPELESS)
		write_text(remedy,
			   "for data the kernel needs CONFIG_KALLSYMS_ALL=y; __weak makes it "
			   "0 where it is missing");
	else if (is_flavored(answer, symbol))
		write_text(remedy, "libbpf cuts ___flavor off the names of functions, not of "
				   "variables");
	else if (symbol->has_other)
		write_text(remedy, "declare it as what it is");
	else if (symbol->form == KSYMS_FUNC)
		write_text(remedy, "--btf with the module that has it; or __weak, with "
				   "bpf_ksym_exists() before calls");
	else
		write_text(remedy,
			   "most BTF has per-CPU variables only: 'extern const void %s __ksym' "
			   "needs none; or --btf with the module that has it; or __weak",
			   symbol->name);
}

static void type_remedy(const struct answer *answer, const struct ksyms_symbol *symbol,
			struct text *remedy)
{
	const struct btf_view *program = &answer->object->source.view;
	struct describe_text type;

	if (symbol->part.reason == KSYMS_PART_DECLARED &&
	    btf_view_kind(program, symbol->part.local_at) == BTF_FWD) {
		btf_describe_type(program, symbol->part.local_at, &type);
		write_text(remedy, "define %s in the program; its members are not compared",
			   type.data);
	} else if (symbol->part.reason == KSYMS_PART_KIND ||
		   symbol->part.reason == KSYMS_PART_PARAMS ||
		   symbol->part.reason == KSYMS_PART_DECLARED) {
		write_text(remedy, "the kernel has %s", target_text(answer, symbol, &type));
	}
}

/* "" if there is none. */
static void remedy_text(const struct answer *answer, const struct ksyms_symbol *symbol,
			struct text *remedy)
{
	remedy->data[0] = 0;
	switch (symbol->why) {
	case KSYMS_WHY_NONE:
		if (symbol->verdict == KSYMS_BY_ADDRESS)
			write_text(remedy, "--kallsyms tells; for data the kernel needs "
					   "CONFIG_KALLSYMS_ALL=y");
		break;
	case KSYMS_WHY_ABSENT:
		if (symbol->verdict == KSYMS_MISSING || symbol->has_other)
			absent_remedy(answer, symbol, remedy);
		break;
	case KSYMS_WHY_TYPE:
		type_remedy(answer, symbol, remedy);
		break;
	case KSYMS_WHY_NOT_KFUNC:
		write_text(remedy, "only its address can be used");
		break;
	case KSYMS_WHY_NO_SIZE:
		write_text(remedy, "'extern const void %s __ksym' gives the address alone",
			   symbol->name);
		break;
	case KSYMS_WHY_NO_ADDRESS:
		write_text(remedy, "%s",
			   symbol->form == KSYMS_FUNC ? "the kernel needs CONFIG_KALLSYMS=y" :
							"the kernel needs CONFIG_KALLSYMS_ALL=y");
		break;
	case KSYMS_WHY_AMBIGUOUS:
		write_text(remedy, "%s",
			   symbol->form == KSYMS_TYPELESS ?
				   "declare it with its type" :
				   "libbpf looks only in objects with typeless symbols: "
				   "declare all with their types");
		break;
	case KSYMS_WHY_HALF:
		write_text(remedy, "libbpf looks there only in objects with typeless symbols: "
				   "declare this one so too, or none");
		break;
	case KSYMS_WHY_NO_BTF:
		write_text(remedy, "compile with -g");
		break;
	case KSYMS_WHY_NO_DECL:
	case KSYMS_WHY_NO_SECTION:
		write_text(remedy, "add __ksym to its declaration, or link the object that "
				   "defines it (bpftool gen object)");
		break;
	case KSYMS_WHY_LINKAGE:
	case KSYMS_WHY_OTHER_SECTION:
	case KSYMS_WHY_NO_SYMBOL:
		break;
	}
}

/* What a program can do with it. */
static void access_text(const struct ksyms_symbol *symbol, struct text *text)
{
	static const char *const functions[] = {
		[KSYMS_KFUNC_UNKNOWN] = "call it, if it is a kfunc",
		[KSYMS_KFUNC_YES] = "call it, a kfunc",
		[KSYMS_KFUNC_NO] = "its address",
	};

	text->data[0] = 0;
	if (symbol->form == KSYMS_TYPELESS && ksyms_verdict_is_good(symbol->verdict))
		write_text(text, symbol->verdict == KSYMS_ZERO ? "0" : "its address");
	else if (symbol->verdict == KSYMS_ZERO)
		write_text(text, "0");
	else if (!is_bound_by_btf(symbol))
		return;
	else if (symbol->form == KSYMS_FUNC)
		write_text(text, "%s", functions[symbol->kfunc]);
	else if (symbol->is_percpu)
		write_text(text, "per CPU: bpf_per_cpu_ptr, bpf_this_cpu_ptr");
	else if (symbol->is_struct)
		write_text(text, "direct");
	else if (symbol->has_size)
		write_text(text, "direct, %" PRIu32 " byte%s", symbol->size,
			   symbol->size == 1 ? "" : "s");
	else
		write_text(text, "its address");
}

static const char *access_name(const struct ksyms_symbol *symbol)
{
	if (symbol->form == KSYMS_TYPELESS && ksyms_verdict_is_good(symbol->verdict))
		return symbol->verdict == KSYMS_ZERO ? NULL : "address";
	if (!is_bound_by_btf(symbol))
		return NULL;
	if (symbol->form == KSYMS_FUNC)
		return symbol->kfunc == KSYMS_KFUNC_NO ? "address" : "call";
	if (symbol->is_percpu)
		return "percpu";
	return symbol->is_struct ? "struct" : symbol->has_size ? "memory" : "address";
}

static void count(struct answer *answer)
{
	for (size_t i = 0; i < answer->list->num; i++) {
		const struct ksyms_symbol *symbol = &answer->list->symbols[i];

		answer->num_by_verdict[symbol->verdict]++;
		if (!ksyms_verdict_is_good(symbol->verdict))
			answer->num_bad++;
		if (!is_bound_by_btf(symbol))
			continue;
		if (symbol->form == KSYMS_VAR && symbol->address == KSYMS_ADDRESS_UNKNOWN)
			answer->asks_addresses = true;
		if (symbol->form == KSYMS_FUNC && symbol->ext->num_calls &&
		    symbol->kfunc == KSYMS_KFUNC_UNKNOWN)
			answer->asks_kfuncs = true;
	}
}

static void print_head(const struct answer *answer)
{
	const char *separator = ": ";

	print_clean(stdout, answer->path);
	if (!answer->list->num) {
		puts(": no ksyms");
		return;
	}
	printf(": %s: %zu ksym%s", answer->num_bad ? "does not fit" : "fits", answer->list->num,
	       answer->list->num == 1 ? "" : "s");
	for (size_t i = 0; i < NUM_VERDICTS; i++) {
		if (!answer->num_by_verdict[i])
			continue;
		printf("%s%zu %s", separator, answer->num_by_verdict[i], verdict_names[i]);
		separator = ", ";
	}
	putchar('\n');
}

static void add_row(struct table *table, const struct answer *answer,
		    const struct ksyms_symbol *symbol)
{
	struct describe_text type;
	struct text access;

	table_add(table, "%s", symbol->name);
	table_add(table, "%s%s", verdict_names[symbol->verdict],
		  symbol->ext && symbol->ext->is_weak ? ", weak" : "");
	if (symbol->num_candidates && symbol->verdict != KSYMS_ZERO) {
		const struct ksyms_candidate *target = &symbol->candidates[0];

		table_add(table, "%s %s %" PRIu32, layer_name(answer, target->layer),
			  kind_name(answer, target), target->id);
		table_add(table, "%s", target_text(answer, symbol, &type));
	} else {
		table_add(table, "-");
		table_add(table, "-");
	}
	access_text(symbol, &access);
	table_add(table, "%s", access.data[0] ? access.data : "-");
}

static bool is_shown(const struct ksyms_values *values, const struct ksyms_symbol *symbol)
{
	return !values->quiet || !ksyms_verdict_is_good(symbol->verdict);
}

static struct btfgen_error *print_table(const struct ksyms_values *values,
					const struct answer *answer)
{
	static const char *const heads[] = { "symbol", "verdict", "binds to", "type", "use" };
	struct table table = { .num_columns = 5 };
	bool ok;

	for (size_t i = 0; i < 5; i++)
		table_add(&table, "%s", heads[i]);
	for (size_t i = 0; i < answer->list->num; i++) {
		if (is_shown(values, &answer->list->symbols[i]))
			add_row(&table, answer, &answer->list->symbols[i]);
	}
	ok = table_print(&table, stdout);
	table_deinit(&table);
	return ok ? NULL : error_nomem();
}

static void print_candidates(const struct answer *answer, const struct ksyms_symbol *symbol)
{
	enum { MAX_SHOWN = 5 };

	print_clean(stdout, symbol->name);
	fputs(": also", stdout);
	for (size_t i = 1; i < symbol->num_candidates && i <= MAX_SHOWN; i++) {
		const struct ksyms_candidate *candidate = &symbol->candidates[i];

		fputs(i > 1 ? ", " : " ", stdout);
		print_clean(stdout, layer_name(answer, candidate->layer));
		printf(" %s %" PRIu32, kind_name(answer, candidate), candidate->id);
	}
	if (symbol->num_candidates - 1 > MAX_SHOWN)
		printf(" and %zu more", symbol->num_candidates - 1 - MAX_SHOWN);
	puts(": the first counts, whatever its type");
}

static void print_reasons(const struct ksyms_values *values, const struct answer *answer)
{
	for (size_t i = 0; i < answer->list->num; i++) {
		const struct ksyms_symbol *symbol = &answer->list->symbols[i];
		struct text reason, remedy;

		if (!is_shown(values, symbol))
			continue;
		reason_text(answer, symbol, &reason);
		remedy_text(answer, symbol, &remedy);
		if (reason.data[0]) {
			print_clean(stdout, symbol->name);
			fputs(": ", stdout);
			print_clean(stdout, reason.data);
			putchar('\n');
		}
		if (remedy.data[0]) {
			fputs("  ", stdout);
			print_clean(stdout, remedy.data);
			putchar('\n');
		}
		if (symbol->num_candidates > 1)
			print_candidates(answer, symbol);
	}
}

static void print_misfits(const struct ksym_kernel *kernel)
{
	enum { MAX_SHOWN = 3 };
	size_t num = 0;

	for (size_t i = 0; i < kernel->num; i++) {
		if (!kernel->files[i].misfit || num++ >= MAX_SHOWN)
			continue;
		fputs("note: ", stdout);
		print_clean(stdout, kernel->files[i].path);
		fputs(" is no module of this vmlinux: ", stdout);
		print_clean(stdout, kernel->files[i].misfit);
		putchar('\n');
	}
	if (num > MAX_SHOWN)
		printf("note: and %zu more modules\n", num - MAX_SHOWN);
}

static void print_notes(const struct answer *answer)
{
	if (answer->asks_addresses)
		puts("note: variables also need an address in the kernel's symbol table, of which "
		     "BTF does\n      not tell: CONFIG_KALLSYMS_ALL=y (--kallsyms tells)");
	if (answer->asks_kfuncs)
		puts("note: 'if it is a kfunc': the BTF that has the function has no bpf_kfunc "
		     "tags, which\n"
		     "      would tell whether programs may call it");
	if (answer->object->has_btf && answer->list->num &&
	    btf_view_is_big_endian(&answer->object->source.view) !=
		    btf_view_is_big_endian(view_of(answer, 0)))
		puts("note: the object is for the other byte order");
}

static struct btfgen_error *print_answer(const struct ksyms_values *values,
					 const struct answer *answer)
{
	struct btfgen_error *err = NULL;

	if (values->quiet && !answer->num_bad)
		return NULL;
	print_head(answer);
	if (answer->list->num)
		err = print_table(values, answer);
	if (err)
		return err;
	print_reasons(values, answer);
	if (!values->quiet)
		print_notes(answer);
	return NULL;
}

static void json_tristate(struct json *json, const char *key, bool is_known, bool value)
{
	if (is_known)
		json_bool(json, key, value);
	else
		json_string(json, key, NULL);
}

static void json_candidate(struct json *json, const struct answer *answer,
			   const struct ksyms_candidate *candidate)
{
	json_string(json, "file", answer->kernel->files[candidate->layer].path);
	json_string(json, "name", layer_name(answer, candidate->layer));
	json_string(json, "kind", kind_name(answer, candidate));
	json_uint(json, "id", candidate->id);
}

static void json_target(struct json *json, const struct answer *answer,
			const struct ksyms_symbol *symbol)
{
	struct describe_text type;

	if (!symbol->num_candidates) {
		json_string(json, "target", NULL);
		return;
	}
	json_open(json, "target", '{');
	json_candidate(json, answer, &symbol->candidates[0]);
	json_string(json, "type", target_text(answer, symbol, &type));
	if (symbol->form == KSYMS_FUNC) {
		json_tristate(json, "kfunc", symbol->kfunc != KSYMS_KFUNC_UNKNOWN,
			      symbol->kfunc == KSYMS_KFUNC_YES);
	} else {
		json_bool(json, "percpu", symbol->is_percpu);
		if (symbol->has_size)
			json_uint(json, "size", symbol->size);
		else
			json_string(json, "size", NULL);
	}
	json_close(json, '}');
}

static void json_symbol(struct json *json, const struct answer *answer,
			const struct ksyms_symbol *symbol)
{
	const struct btf_view *program = &answer->object->source.view;
	struct text reason, remedy;
	struct describe_text type;

	json_open(json, NULL, '{');
	json_string(json, "name", symbol->name);
	json_string(json, "form", form_names[symbol->form]);
	json_bool(json, "weak", symbol->ext && symbol->ext->is_weak);
	json_uint(json, "calls", symbol->ext ? symbol->ext->num_calls : 0);
	json_uint(json, "loads", symbol->ext ? symbol->ext->num_loads : 0);
	json_string(json, "verdict", verdict_names[symbol->verdict]);
	json_bool(json, "good", ksyms_verdict_is_good(symbol->verdict));
	if (symbol->form == KSYMS_FORMLESS)
		json_string(json, "declared", NULL);
	else {
		btf_describe_type(program, btf_view_word(program, symbol->decl_id), &type);
		json_string(json, "declared", type.data);
	}
	json_target(json, answer, symbol);
	json_string(json, "access", access_name(symbol));
	json_tristate(json, "address", symbol->address != KSYMS_ADDRESS_UNKNOWN,
		      symbol->address != KSYMS_ADDRESS_NONE);
	reason_text(answer, symbol, &reason);
	remedy_text(answer, symbol, &remedy);
	json_string(json, "cause", cause_names[symbol->why]);
	json_string(json, "reason", reason.data[0] ? reason.data : NULL);
	json_string(json, "remedy", remedy.data[0] ? remedy.data : NULL);
	json_uint(json, "candidates", symbol->num_candidates);
	json_open(json, "others", '[');
	for (size_t i = 1; i < symbol->num_candidates && i <= MAX_OTHERS; i++) {
		json_open(json, NULL, '{');
		json_candidate(json, answer, &symbol->candidates[i]);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void json_answer(struct json *json, const struct answer *answer)
{
	json_open(json, NULL, '{');
	json_string(json, "path", answer->path);
	json_tristate(json, "big_endian", answer->object->has_btf,
		      answer->object->has_btf &&
			      btf_view_is_big_endian(&answer->object->source.view));
	json_bool(json, "fits", !answer->num_bad);
	json_open(json, "verdicts", '{');
	for (size_t i = 0; i < NUM_VERDICTS; i++)
		json_uint(json, verdict_names[i], answer->num_by_verdict[i]);
	json_close(json, '}');
	json_open(json, "ksyms", '[');
	for (size_t i = 0; i < answer->list->num; i++)
		json_symbol(json, answer, &answer->list->symbols[i]);
	json_close(json, ']');
	json_close(json, '}');
}

static void json_begin(struct json *json, const struct ksym_kernel *kernel, const char *kallsyms)
{
	json_init(json, stdout);
	json_open(json, NULL, '{');
	json_uint(json, "format", 1);
	json_string(json, "verb", "ksyms");
	json_string(json, "version", BTFGEN_VERSION);
	json_open(json, "btf", '[');
	for (size_t i = 0; i < kernel->num; i++) {
		json_open(json, NULL, '{');
		json_string(json, "path", kernel->files[i].path);
		json_string(json, "name", kernel->files[i].name);
		json_string(json, "misfit", kernel->files[i].misfit);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_string(json, "kallsyms", kallsyms);
	json_open(json, "objects", '[');
}

static void json_end(struct json *json)
{
	json_close(json, ']');
	json_close(json, '}');
}

struct run {
	const struct ksyms_values *values;
	const struct ksym_kernel *kernel;
	struct json json;
	int exit_code;
};

static struct btfgen_error *answer_object(struct run *run, const char *path,
					  const struct ksym_object *object)
{
	const struct ksym_kernel *kernel = run->kernel;
	struct answer answer = { .path = path, .object = object, .kernel = kernel };
	struct ksyms_input input = {
		.program = object->has_btf ? &object->source.view : NULL,
		.externs = object->externs.data,
		.num_externs = object->externs.num,
		.layers = kernel->layers,
		.num_layers = kernel->num,
		.address = kernel->has_addresses ? ksym_kernel_address : NULL,
		.address_arg = (void *)kernel,
	};
	struct ksyms_list *list;
	struct btfgen_error *err;

	err = ksyms_bind(&input, &list);
	if (err)
		return err;
	answer.list = list;
	count(&answer);
	if (run->values->json)
		json_answer(&run->json, &answer);
	else
		err = print_answer(run->values, &answer);
	if (answer.num_bad && run->exit_code == 0)
		run->exit_code = 1;
	ksyms_destroy(list);
	return err;
}

/* The line of a file that is no BPF object; the others are looked at all the same. */
static void print_error(struct run *run, const char *path, const struct btfgen_error *err)
{
	_cleanup_free_ char *text = error_text(err);

	fflush(stdout);
	fprintf(stderr, "btfgen: %s\n", text ? text : err->message);
	run->exit_code = error_exit_code(err);
	if (!run->values->json)
		return;
	json_open(&run->json, NULL, '{');
	json_string(&run->json, "path", path);
	json_string(&run->json, "error", err->message);
	json_close(&run->json, '}');
}

static struct btfgen_error *answer_path(struct run *run, const char *path)
{
	struct ksym_object object;
	struct btfgen_error *err;

	err = ksym_object_open(path, &object);
	if (err && err->code != BTFGEN_ERROR_INPUT)
		return err;
	if (err) {
		print_error(run, path, err);
		error_free(err);
		return NULL;
	}
	err = answer_object(run, path, &object);
	ksym_object_close(&object);
	return err;
}

/* The running kernel may have been built without such a file. */
static const char *kallsyms_path(const struct ksyms_values *values)
{
	if (values->kallsyms || values->btf.num)
		return values->kallsyms;
	return access(RUNNING_SYMBOLS, R_OK) == 0 ? RUNNING_SYMBOLS : NULL;
}

static struct btfgen_error *answer_all(const struct ksyms_values *values, size_t num_paths,
				       char **paths, int *ret_exit_code)
{
	const char *kallsyms = kallsyms_path(values);
	struct run run = { .values = values };
	struct ksym_kernel kernel;
	struct btfgen_error *err;

	err = ksym_kernel_open(values->btf.data, values->btf.num, kallsyms, &kernel);
	if (err)
		return err;
	run.kernel = &kernel;
	if (values->json)
		json_begin(&run.json, &kernel, kallsyms);
	for (size_t i = 0; i < num_paths && !err; i++)
		err = answer_path(&run, paths[i]);
	if (values->json && !err)
		json_end(&run.json);
	else if (!err && (!values->quiet || run.exit_code))
		print_misfits(&kernel);
	ksym_kernel_close(&kernel);
	*ret_exit_code = run.exit_code;
	return err;
}

static struct btfgen_error *ksyms_run(const struct cli_verb *verb, int argc, char **argv,
				      int *ret_exit_code)
{
	struct ksyms_values values = {};
	struct btfgen_error *err;
	int num_operands;
	bool done;

	*ret_exit_code = 0;
	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	if (!err && !done && num_operands == 0)
		err = error_create(BTFGEN_ERROR_USAGE, "no input file");
	if (!err && !done)
		err = answer_all(&values, (size_t)num_operands, argv, ret_exit_code);
	vec_deinit(&values.btf);
	return err;
}

const struct cli_verb cli_ksyms = {
	.name = "ksyms",
	.synopsis = "ksyms [OPTION]... PROGRAM...",
	.summary = "tell what the kernel symbols of a BPF program are bound to",
	.description =
		"For each 'extern ... __ksym' of PROGRAM, an object of clang -target bpf: which\n"
		"variable or function of the kernel it would be bound to, whether its type fits\n"
		"as libbpf compares types, how a program gets at it, and what keeps the program\n"
		"from being loaded. The exit code is 1 if something does.",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_FILE,
	.run = ksyms_run,
};
