// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "module_check.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf_source.h"
#include "lib/btf/quality.h"
#include "lib/btf/references.h"

enum { MACHINE_BPF = 247 }; /* EM_BPF, which old <elf.h> lack */

const struct module_rules module_rules_latest = {
	.kernel = VERIFY_KERNEL(7, 3),
	.max = SIZE_MAX,
};

struct context {
	const struct encode_base *base; /* NULL: none */
	const struct module_rules *rules;
	struct btf_source source;
	unsigned int ptr_size;
	struct module_check *check;
};

static struct btfgen_error *section_find(const struct elf_file *elf, const char *name,
					 struct span *ret_data)
{
	struct elf_section section;
	struct btfgen_error *err;
	bool found;

	*ret_data = (struct span){};
	err = elf_find_section(elf, name, &section, &found);
	if (err || !found)
		return err;
	return elf_section_data(elf, &section, ret_data);
}

/* For those who want one sentence: the first violation. */
static void result_set(struct split_result *result, const struct verify_findings *findings,
		       size_t first)
{
	for (size_t i = first; i < findings->items.num; i++) {
		const struct verify_finding *finding = &findings->items.data[i];

		if (finding->rule->is_warning)
			continue;
		result->type_id = finding->type_id;
		verify_finding_describe(finding, result->text, sizeof(result->text));
		return;
	}
	snprintf(result->text, sizeof(result->text), "%" PRIu64 " rules are broken",
		 findings->num_found[0]);
}

static bool rules_wanted(const struct context *ctx)
{
	return !ctx->base || ctx->rules->with_base;
}

static struct btfgen_error *rules_check(struct context *ctx, const struct btf_view *view)
{
	struct verify_options options = {
		.ptr_size = ctx->ptr_size,
		.program = ctx->check->reader == MODULE_READER_PROGRAM,
	};
	unsigned int kernel = ctx->rules->kernel;
	bool sorted = !options.program && kernel >= VERIFY_KERNEL(7, 0);
	struct verify_findings *findings = &ctx->check->findings;
	uint64_t num_before = findings->num_found[0];
	struct split_result *result = &ctx->check->result;
	size_t first = findings->items.num;
	struct btfgen_error *err;

	ctx->check->has_findings = rules_wanted(ctx);
	verify_options_for_kernel(&options, kernel >> 8, kernel & 0xff);
	err = btf_verify_all(view, &options, findings);
	if (!err && ctx->check->has_findings)
		err = btf_find_flaws(view, sorted, findings);
	if (err || findings->num_found[0] == num_before)
		return err;
	result->num_problems += findings->num_found[0] - num_before;
	if (result->verdict == SPLIT_UNFIT)
		return NULL;
	result->verdict = SPLIT_UNFIT;
	result_set(result, findings, first);
	return NULL;
}

static void text_prefix(struct split_result *result, const char *prefix)
{
	char text[sizeof(result->text)];

	snprintf(text, sizeof(text), "%s", result->text);
	snprintf(result->text, sizeof(result->text), "%s: %.600s", prefix, text);
}

/* .BTF over .BTF.base, and that over the base. */
static struct btfgen_error *distilled_check(struct context *ctx, const struct btf_view *small)
{
	struct split_options options = { .ptr_size = ctx->ptr_size };
	struct split_result *result = &ctx->check->result;
	struct btf_view *view = &ctx->source.view;
	struct btfgen_error *err;

	result->num_types += small->num_own;
	err = rules_check(ctx, small);
	if (err)
		return err;
	ctx->check->num_small = ctx->check->findings.items.num;
	if (result->verdict != SPLIT_FITS) {
		text_prefix(result, "section .BTF.base");
		return NULL;
	}
	err = btf_view_open(ctx->source.btf, small, view);
	if (!err)
		err = btf_split_check(view, &options, result);
	if (err)
		return err;
	if (result->verdict != SPLIT_FITS) {
		text_prefix(result, "over its own .BTF.base");
		return NULL;
	}
	if (!ctx->base)
		return rules_check(ctx, view);
	err = rules_wanted(ctx) ? rules_check(ctx, view) : NULL;
	if (err || result->verdict != SPLIT_FITS)
		return err;
	return btf_relocation_check(view, btf_base_view(encode_base_index(ctx->base)), result);
}

static struct btfgen_error *split_check(struct context *ctx)
{
	struct split_options options = { .ptr_size = ctx->ptr_size };
	struct btf_view *view = &ctx->source.view;
	struct btfgen_error *err;

	err = btf_view_open(ctx->source.btf, btf_base_view(encode_base_index(ctx->base)), view);
	if (!err)
		err = btf_split_check(view, &options, &ctx->check->result);
	if (!err && rules_wanted(ctx))
		err = rules_check(ctx, view);
	return err;
}

static struct btfgen_error *alone_check(struct context *ctx)
{
	struct btf_view *view = &ctx->source.view;
	struct span modinfo = {};
	struct btfgen_error *err = NULL;

	if (ctx->source.is_elf && ctx->source.elf.type == ET_REL)
		err = section_find(&ctx->source.elf, ".modinfo", &modinfo);
	if (!err && modinfo.data)
		err = error_create(BTFGEN_ERROR_INPUT,
				   "is a module, whose BTF means nothing without its base; "
				   "give it with --base");
	if (!err)
		err = btf_view_open(ctx->source.btf, NULL, view);
	if (err)
		return err;
	ctx->check->result.num_types = view->num_own;
	return rules_check(ctx, view);
}

/* The error becomes the verdict. */
static void verdict_set(struct context *ctx, struct btfgen_error *err)
{
	struct split_result *result = &ctx->check->result;

	result->verdict = SPLIT_UNFIT;
	snprintf(result->text, sizeof(result->text), "%s", err->message);
	error_free(err);
}

/* What the ELF header and .modinfo tell; *ret_differs: no need to look further. */
static struct btfgen_error *elf_check(struct context *ctx, bool *ret_differs)
{
	struct module_check *check = ctx->check;
	struct btfgen_error *err;

	*ret_differs = false;
	elf_identity_read(&ctx->source.elf, &check->identity);
	ctx->ptr_size = ctx->source.elf.is_64 ? 8 : 4;
	if (!ctx->base)
		return NULL;
	err = encode_base_fits(ctx->base, &ctx->source.elf, true);
	if (err) {
		if (err->code != BTFGEN_ERROR_INPUT)
			return err;
		verdict_set(ctx, err);
		*ret_differs = true;
		return NULL;
	}
	err = encode_base_fits(ctx->base, &ctx->source.elf, false);
	if (err && err->code != BTFGEN_ERROR_INPUT)
		return err;
	if (err)
		snprintf(check->hint, sizeof(check->hint), "%s", err->message);
	error_free(err);
	return NULL;
}

/* Readers of BTF call what they read .BTF. */
static struct btfgen_error *small_error(struct btfgen_error *err)
{
	char *name;

	if (!err || !err->section)
		return err;
	name = strdup(".BTF.base");
	if (name) {
		free(err->section);
		err->section = name;
	}
	return err;
}

static void reader_set(struct context *ctx, bool is_distilled)
{
	enum module_reader reader = ctx->rules->reader;

	if (reader == MODULE_READER_AUTO) {
		if (ctx->source.is_elf && ctx->source.elf.machine == MACHINE_BPF)
			reader = MODULE_READER_PROGRAM;
		else if (ctx->base || is_distilled)
			reader = MODULE_READER_MODULE;
		else
			reader = MODULE_READER_VMLINUX;
	}
	ctx->check->reader = reader;
}

/* What a loader is going to fill in is no reason to worry. */
static void object_hint(const struct context *ctx)
{
	const uint64_t *num_by_rule = ctx->check->findings.num_by_rule;
	struct module_check *check = ctx->check;

	if (!ctx->source.is_elf || ctx->source.elf.machine != MACHINE_BPF || *check->hint)
		return;
	if (num_by_rule[verify_rule_find("M19") - verify_rules] ||
	    num_by_rule[verify_rule_find("M20") - verify_rules] ||
	    num_by_rule[verify_rule_find("M21") - verify_rules])
		snprintf(check->hint, sizeof(check->hint),
			 "an object file: whoever loads it first fills in sizes and places of "
			 "sections (M21), and replaces what is extern (M19, M20)");
}

static void refused_count(struct module_check *check, unsigned int kernel)
{
	bool program = check->reader == MODULE_READER_PROGRAM;

	for (size_t i = 0; i < VERIFY_NUM_RULES; i++) {
		if (verify_rule_level(&verify_rules[i], program, kernel) == VERIFY_REFUSED)
			check->num_refused += check->findings.num_by_rule[i];
	}
}

static struct btfgen_error *source_check(struct context *ctx)
{
	struct span small_bytes = {};
	struct btf_view small = {};
	struct btfgen_error *err;
	bool differs;

	if (!ctx->source.btf.data)
		return error_create(BTFGEN_ERROR_INPUT, "has no .BTF section");
	if (ctx->source.is_elf) {
		err = elf_check(ctx, &differs);
		if (err || differs)
			return err;
		err = section_find(&ctx->source.elf, ".BTF.base", &small_bytes);
		if (err)
			return err;
	}
	reader_set(ctx, small_bytes.data);
	if (!small_bytes.data)
		return ctx->base ? split_check(ctx) : alone_check(ctx);
	ctx->check->is_distilled = true;
	err = btf_view_open(small_bytes, NULL, &small);
	if (!err)
		err = btf_references_check(&small);
	err = small_error(err);
	if (!err)
		err = distilled_check(ctx, &small);
	btf_view_close(&small);
	return err;
}

struct btfgen_error *module_check(const struct encode_base *base, const struct module_rules *rules,
				  const char *path, struct module_check *ret_check)
{
	struct module_check check = { .findings = { .max = rules->max } };
	struct context ctx = { .base = base, .rules = rules, .check = &check };
	struct btfgen_error *err;

	ctx.ptr_size = base ? encode_base_ptr_size(base) : 8;
	err = btf_source_read(path, &ctx.source);
	if (err)
		return err;
	err = source_check(&ctx);
	if (!err)
		object_hint(&ctx);
	btf_source_close(&ctx.source);
	if (err) {
		module_check_deinit(&check);
		return error_in_file(err, path);
	}
	refused_count(&check, rules->kernel);
	*ret_check = check;
	return NULL;
}

void module_check_deinit(struct module_check *check)
{
	verify_findings_deinit(&check->findings);
}
