// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/check_rules.h"
#include "cli/clean.h"
#include "cli/cli.h"
#include "cli/file_list.h"
#include "cli/json.h"
#include "encode_base.h"
#include "lib/base/cleanup.h"
#include "module_check.h"

struct check_values {
	struct cli_common common;
	option_values bases;
	const char *files_from;
	bool null;
	bool json;
	bool quiet;
	struct check_rules_values rules;
};

static const struct option_spec options[] = {
	{ .name = "base",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct check_values, bases),
	  .arg_name = "FILE",
	  .parse = option_collect,
	  .hint = HINT_FILE,
	  .help = "the vmlinux, or its BTF; several: stacked" },
	FILE_LIST_OPTIONS(struct check_values),
	{ .name = "target",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct check_values, rules.rules),
	  .arg_name = "VERSION",
	  .choices = check_targets,
	  .hint = HINT_WORD,
	  .parse = check_parse_target,
	  .help = "rules of Linux 5.10, 6.1, 6.12, 6.18, 7.2, 7.3" },
	{ .name = "as",
	  .type = OPTION_PARSED,
	  .value_off = offsetof(struct check_values, rules.rules),
	  .arg_name = "READER",
	  .choices = check_readers,
	  .hint = HINT_WORD,
	  .parse = check_parse_reader,
	  .help = "for vmlinux, module or program (BPF)" },
	{ .name = "strict",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct check_values, rules.strict),
	  .help = "exit code 1 also for warnings" },
	{ .name = "max",
	  .type = OPTION_UINT,
	  .value_off = offsetof(struct check_values, rules.max),
	  .arg_name = "N",
	  .max = CHECK_MAX_UNSAID - 1,
	  .help = "list N violations and N warnings a file (20)" },
	{ .name = "list-rules",
	  .type = OPTION_CONST,
	  .value_off = offsetof(struct check_values, rules.list),
	  .constant = 1,
	  .help = "print all rules" },
	{ .name = "json",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct check_values, json),
	  .help = "everything that is known, as JSON" },
	{ .letter = 'q',
	  .name = "quiet",
	  .type = OPTION_BOOL,
	  .value_off = offsetof(struct check_values, quiet),
	  .help = "only the files that are not good" },
	CLI_COMMON_OPTIONS(struct check_values),
};

enum { NUM_VERDICTS = SPLIT_UNFIT + 1 };

struct run {
	const struct check_values *values;
	const struct encode_base *base; /* NULL: none */
	struct module_rules rules;
	struct json json;
	size_t num_files;
	size_t num_by_verdict[NUM_VERDICTS];
	size_t num_unreadable;
	int exit_code;
};

/* With a base and without; what JSON says is the former in both. */
static const char *const verdict_texts[2][NUM_VERDICTS] = {
	{ "good", "doubtful", "breaks a rule" },
	{ "fits", "may not fit", "does not fit" },
};

/* Of the summary: of one, of several. */
static const char *const summary_texts[2][NUM_VERDICTS][2] = {
	{ { "good", "good" }, { "doubtful", "doubtful" }, { "breaks a rule", "break a rule" } },
	{ { "fits", "fit" }, { "may not fit", "may not fit" }, { "does not fit", "do not fit" } },
};

static bool is_good(const struct run *run, const struct module_check *check)
{
	return check->result.verdict == SPLIT_FITS &&
	       !(run->values->rules.strict && check->findings.num_found[1]);
}

static void print_text(const struct run *run, const char *path, const struct module_check *check)
{
	const struct split_result *result = &check->result;
	uint32_t num_bad = result->num_problems + result->num_odd;
	const uint64_t *num_found = check->findings.num_found;

	if (run->values->quiet && is_good(run, check))
		return;
	print_clean(stdout, path);
	fputs(": ", stdout);
	if (!run->base && num_found[0]) {
		check_print_sum(&run->values->rules, check);
	} else {
		fputs(verdict_texts[!!run->base][result->verdict], stdout);
		if (result->verdict != SPLIT_FITS) {
			fputs(": ", stdout);
			print_clean(stdout, result->text);
		}
		if (result->verdict != SPLIT_FITS && run->base && num_bad)
			printf(" (%" PRIu32 " of %" PRIu32 " types)", num_bad, result->num_types);
		if (!run->base && num_found[1])
			printf(", with %" PRIu64 " warning%s", num_found[1],
			       num_found[1] == 1 ? "" : "s");
		putchar('\n');
	}
	if (*check->hint) {
		fputs("  note: ", stdout);
		print_clean(stdout, check->hint);
		putchar('\n');
	}
	if (run->base && check->has_findings) {
		fputs("  ", stdout);
		check_print_sum(&run->values->rules, check);
	}
	if (check->has_findings)
		check_print_findings(&run->values->rules, check);
}

static void json_text(struct json *json, const char *key, const char *text)
{
	json_string(json, key, *text ? text : NULL);
}

static void print_json(struct run *run, const char *path, const struct module_check *check)
{
	struct json *json = &run->json;
	const struct split_result *result = &check->result;

	json_open(json, NULL, '{');
	json_string(json, "path", path);
	json_string(json, "verdict", verdict_texts[1][result->verdict]);
	json_text(json, "reason", result->text);
	json_uint(json, "type_id", result->type_id);
	json_uint(json, "types", result->num_types);
	json_uint(json, "problems", result->num_problems);
	json_uint(json, "odd", result->num_odd);
	json_bool(json, "distilled", check->is_distilled);
	json_text(json, "build_id", check->identity.build_id);
	json_text(json, "release", check->identity.release);
	json_text(json, "note", check->hint);
	if (check->has_findings)
		check_json_findings(json, &run->values->rules, check);
	json_close(json, '}');
}

/* The line of a file that cannot be read; the others are looked at all the same. */
static void print_error(struct run *run, const char *path, const struct btfgen_error *err)
{
	_cleanup_free_ char *text = error_text(err);
	int exit_code = error_exit_code(err);

	fflush(stdout);
	fprintf(stderr, "btfgen: %s\n", text ? text : err->message);
	if (run->exit_code < exit_code)
		run->exit_code = exit_code;
	run->num_unreadable++;
	if (!run->values->json)
		return;
	json_open(&run->json, NULL, '{');
	json_string(&run->json, "path", path);
	json_string(&run->json, "verdict", "unreadable");
	json_string(&run->json, "reason", err->message);
	json_close(&run->json, '}');
}

static struct btfgen_error *file_check(struct run *run, const char *path)
{
	struct module_check check;
	struct btfgen_error *err;

	err = module_check(run->base, &run->rules, path, &check);
	if (err && err->code != BTFGEN_ERROR_INPUT)
		return err;
	if (err) {
		print_error(run, path, err);
		error_free(err);
		return NULL;
	}
	if (run->values->json)
		print_json(run, path, &check);
	else
		print_text(run, path, &check);
	run->num_by_verdict[check.result.verdict]++;
	if (!is_good(run, &check) && run->exit_code < 1)
		run->exit_code = 1;
	module_check_deinit(&check);
	return NULL;
}

static void print_summary(const struct run *run)
{
	const char *separator = ": ";

	printf("%zu files", run->num_files);
	for (int i = 0; i < NUM_VERDICTS; i++) {
		size_t num = run->num_by_verdict[i];

		if (!num)
			continue;
		printf("%s%zu %s", separator, num, summary_texts[!!run->base][i][num != 1]);
		separator = ", ";
	}
	if (run->num_unreadable)
		printf("%s%zu cannot be read", separator, run->num_unreadable);
	putchar('\n');
}

static void json_begin(struct run *run)
{
	struct json *json = &run->json;

	json_init(json, stdout);
	json_open(json, NULL, '{');
	json_string(json, "version", BTFGEN_VERSION);
	json_open(json, "base", '[');
	for (size_t i = 0; run->base && i < encode_base_num_layers(run->base); i++) {
		const struct elf_identity *identity = encode_base_identity(run->base, i);

		json_open(json, NULL, '{');
		json_string(json, "path", encode_base_path(run->base, i));
		json_text(json, "build_id", identity->build_id);
		json_text(json, "release", identity->release);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "files", '[');
}

static void json_end(struct run *run)
{
	struct json *json = &run->json;

	json_close(json, ']');
	json_uint(json, "fits", run->num_by_verdict[SPLIT_FITS]);
	json_uint(json, "may_not_fit", run->num_by_verdict[SPLIT_DOUBTFUL]);
	json_uint(json, "does_not_fit", run->num_by_verdict[SPLIT_UNFIT]);
	json_uint(json, "unreadable", run->num_unreadable);
	json_close(json, '}');
}

static struct btfgen_error *files_check(const struct check_values *values,
					const struct encode_base *base,
					const struct file_list *files, int *ret_exit_code)
{
	struct run run = { .values = values, .base = base, .num_files = files->paths.num };
	size_t max = values->json ? CHECK_MAX_JSON : CHECK_MAX_TEXT;
	struct btfgen_error *err = NULL;

	run.rules = values->rules.rules;
	run.rules.max = values->rules.max == CHECK_MAX_UNSAID ? max : values->rules.max;
	/* The first is told in any case. */
	run.rules.max += !run.rules.max;
	if (values->json)
		json_begin(&run);
	for (size_t i = 0; i < files->paths.num && !err; i++)
		err = file_check(&run, files->paths.data[i]);
	if (err)
		return err;
	if (values->json)
		json_end(&run);
	else if (run.num_files > 1 && !values->quiet)
		print_summary(&run);
	*ret_exit_code = run.exit_code;
	return NULL;
}

static struct btfgen_error *files_collect(const struct check_values *values, int num_operands,
					  char **operands, struct file_list *files)
{
	struct btfgen_error *err = NULL;

	for (int i = 0; i < num_operands && !err; i++)
		err = file_list_add(files, operands[i]);
	if (!err && values->files_from)
		err = file_list_read(files, values->files_from, values->null);
	if (!err && values->null && !values->files_from)
		err = error_create(BTFGEN_ERROR_USAGE, "--null is about the names of --files-from");
	if (!err && !files->paths.num)
		err = error_create(BTFGEN_ERROR_USAGE, "no input file");
	return err;
}

static struct btfgen_error *check_run(const struct cli_verb *verb, int argc, char **argv,
				      int *ret_exit_code)
{
	struct check_values values = {
		.rules = { .rules = module_rules_latest, .max = CHECK_MAX_UNSAID },
	};
	struct encode_base *base = NULL;
	struct file_list files = {};
	struct btfgen_error *err;
	int num_operands;
	bool done;

	err = cli_parse(verb, argc, argv, &values, &values.common, &num_operands, &done);
	*ret_exit_code = 0;
	if (!err && !done && values.rules.list) {
		check_print_rules(values.json);
		done = true;
	}
	if (!err && !done)
		err = files_collect(&values, num_operands, argv, &files);
	if (!err && !done && values.bases.num)
		err = encode_base_open(values.bases.data, values.bases.num, &base);
	if (!err && !done)
		err = files_check(&values, base, &files, ret_exit_code);
	encode_base_close(base);
	file_list_deinit(&files);
	vec_deinit(&values.bases);
	return err;
}

const struct cli_verb cli_check = {
	.name = "check",
	.synopsis = "check [OPTION]... FILE...",
	.summary = "tell whether modules belong to a vmlinux, BTF obeys the rules",
	.description =
		"With --base: does the BTF of each FILE, a module, belong to that base? Without:\n"
		"does BTF that stands alone obey the rules of a kernel, and what could be better?",
	.options = options,
	.num_options = sizeof(options) / sizeof(options[0]),
	.first_operand = HINT_FILE,
	.more_operands = HINT_FILE,
	.run = check_run,
};
