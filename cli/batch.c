// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cli/json.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "lib/base/cleanup.h"
#include "lib/base/memory_file.h"

/* What is printed of one file when all are done; a report itself is too large to be kept. */
struct texts {
	char *json;    /* NULL: none */
	char *missing; /* line about .BTF_ids, NULL: none */
};

struct run {
	const struct cli_batch *batch;
	struct progress progress;
	struct texts *texts; /* by file */
	bool out_of_memory;  /* a text is missing */
	struct timespec start;
	uint64_t wall_ns;
	struct batch_result result;
};

#define NUMBER(v) report_number((char[REPORT_NUMBER_SIZE]){}, (v))

/* While it runs: one call at a time, by any thread. */

static void on_progress(void *ctx, size_t num_finished, size_t num_paths, const char *current)
{
	struct run *run = ctx;

	progress_show(&run->progress, num_finished, num_paths, current);
}

/* What @print writes; NULL if that is nothing or memory is out. */
static char *text_of(struct run *run, void (*print)(FILE *out, const struct report_run *report_run),
		     const struct report_run *report_run)
{
	struct memory_file file;
	struct btfgen_error *err = memory_file_open(&file);
	char *text = NULL;

	if (!err) {
		print(file.out, report_run);
		err = memory_file_finish(&file);
	}
	if (!err && file.size > 0) {
		text = strdup(file.data);
		run->out_of_memory |= !text;
	}
	run->out_of_memory |= err != NULL;
	error_free(err);
	memory_file_close(&file);
	return text;
}

/* As a value inside two brackets. */
static void print_json_part(FILE *out, const struct report_run *report_run)
{
	struct json json;

	json_init_part(&json, out, 2);
	report_json(&json, report_run);
}

static void on_finished(void *ctx, size_t index, const struct batch_file *file,
			const struct encode_options *encode, const struct encode_report *report)
{
	struct run *run = ctx;
	struct texts *texts = &run->texts[index];
	const struct report_run report_run = {
		.options = encode,
		.report = report,
		.error = file->error,
	};

	if (!report)
		return;
	if (run->batch->report == CLI_REPORT_JSON)
		texts->json = text_of(run, print_json_part, &report_run);
	if (!run->batch->quiet && !file->error)
		texts->missing = text_of(run, report_print_missing, &report_run);
}

/* Afterwards. */

static uint64_t peak_rss(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_maxrss * 1024;
}

/* A file's line names the file, whatever is known of the place. */
static void print_error(const char *path, const struct btfgen_error *err)
{
	_cleanup_free_ char *text = error_text(err);

	fputs("btfgen: ", stderr);
	if (!err->file && path) {
		report_print_name(stderr, path);
		fputs(": ", stderr);
	}
	fprintf(stderr, "%s\n", text ? text : err->message);
}

static void print_errors(const struct run *run)
{
	const struct batch_result *result = &run->result;
	size_t num_failed = result->num_by_outcome[BATCH_FAILED];
	size_t num_not_begun = result->num_by_outcome[BATCH_NOT_BEGUN];

	for (size_t i = 0; i < result->num_files; i++) {
		if (run->texts[i].missing)
			fputs(run->texts[i].missing, stderr);
		if (result->files[i].error)
			print_error(result->files[i].path, result->files[i].error);
	}
	if (result->stamps_error)
		print_error(NULL, result->stamps_error);
	if (num_failed == 0 || result->num_files == 1)
		return;
	fprintf(stderr, "btfgen: %zu of %zu modules failed", num_failed, result->num_files);
	if (num_not_begun > 0)
		fprintf(stderr, ", %zu not begun", num_not_begun);
	fputc('\n', stderr);
}

static int exit_code_of(const struct batch_result *result)
{
	int exit_code = result->stamps_error ? error_exit_code(result->stamps_error) : 0;

	for (size_t i = 0; i < result->num_files; i++) {
		const struct btfgen_error *err = result->files[i].error;

		if (err && error_exit_code(err) > exit_code)
			exit_code = error_exit_code(err);
	}
	return exit_code;
}

static void print_text(FILE *out, const struct run *run)
{
	static const enum batch_outcome order[] = {
		BATCH_DONE, BATCH_UNCHANGED, BATCH_NOT_NEEDED, BATCH_FAILED, BATCH_NOT_BEGUN,
	};
	const struct batch_result *result = &run->result;

	for (size_t i = 0; i < result->num_files; i++) {
		const struct batch_file *file = &result->files[i];

		fprintf(out, "%-11s", batch_outcome_name(file->outcome));
		if (file->btf_bytes > 0)
			fprintf(out, "%11s  ", NUMBER(file->btf_bytes));
		else
			fprintf(out, "%11s  ", "");
		report_print_name(out, file->path);
		if (file->output_path) {
			fputs(" -> ", out);
			report_print_name(out, file->output_path);
		}
		fputc('\n', out);
	}
	fprintf(out, "%-11s%11s  bytes of BTF in %s files", "all", NUMBER(result->btf_bytes),
		NUMBER(result->num_files));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		size_t num = result->num_by_outcome[order[i]];

		if (num > 0)
			fprintf(out, ", %s %s", NUMBER(num), batch_outcome_name(order[i]));
	}
	fprintf(out, "; %.3f s, %.1f MiB, %u worker%s\n", (double)run->wall_ns / 1e9,
		(double)peak_rss() / (1 << 20), result->num_workers,
		result->num_workers == 1 ? "" : "s");
}

/* Of a file that was not encoded, nothing more is known. */
static void json_short_file(struct json *json, const struct batch_file *file)
{
	json_open(json, NULL, '{');
	json_uint(json, "format", 1);
	json_string(json, "version", BTFGEN_VERSION);
	json_string(json, "input", file->path);
	json_string(json, "output", file->output_path);
	json_string(json, "result", batch_outcome_name(file->outcome));
	report_json_error(json, file->error);
	json_close(json, '}');
}

static void print_json(FILE *out, const struct run *run)
{
	const struct batch_options *options = &run->batch->options;
	const struct batch_result *result = &run->result;
	struct json json;

	json_init(&json, out);
	json_open(&json, NULL, '{');
	json_uint(&json, "format", 1);
	json_string(&json, "version", BTFGEN_VERSION);
	json_open(&json, "base", '[');
	for (size_t i = 0; i < options->num_base_paths; i++)
		json_string(&json, NULL, options->base_paths[i]);
	json_close(&json, ']');
	json_string(&json, "output_dir", options->output_dir);
	json_uint(&json, "workers", result->num_workers);
	json_uint(&json, "wall_ns", run->wall_ns);
	json_uint(&json, "peak_rss_bytes", peak_rss());
	json_open(&json, "results", '{');
	for (int i = 0; i < NUM_BATCH_OUTCOMES; i++)
		json_uint(&json, batch_outcome_name(i), result->num_by_outcome[i]);
	json_close(&json, '}');
	json_uint(&json, "btf_bytes", result->btf_bytes);
	json_open(&json, "files", '[');
	for (size_t i = 0; i < result->num_files; i++) {
		if (run->texts[i].json)
			json_raw(&json, NULL, run->texts[i].json);
		else
			json_short_file(&json, &result->files[i]);
	}
	json_close(&json, ']');
	json_close(&json, '}');
}

static uint64_t elapsed_ns(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)(now.tv_sec - start->tv_sec) * 1000000000u + (uint64_t)now.tv_nsec -
	       (uint64_t)start->tv_nsec;
}

static void print_all(const struct run *run)
{
	if (run->batch->verbose)
		print_text(stderr, run);
	print_errors(run);
	if (run->batch->report == CLI_REPORT_TEXT)
		print_text(stdout, run);
	else if (run->batch->report == CLI_REPORT_JSON)
		print_json(stdout, run);
}

static void run_deinit(struct run *run)
{
	for (size_t i = 0; run->texts && i < run->batch->options.num_paths; i++) {
		free(run->texts[i].json);
		free(run->texts[i].missing);
	}
	free(run->texts);
	batch_result_deinit(&run->result);
}

struct btfgen_error *cli_batch_run(const struct cli_batch *batch, int *ret_exit_code)
{
	struct batch_options options = batch->options;
	struct run run = { .batch = batch };
	struct btfgen_error *err;

	run.texts = calloc(options.num_paths + 1, sizeof(*run.texts));
	if (!run.texts)
		return error_nomem();
	clock_gettime(CLOCK_MONOTONIC, &run.start);
	options.progress = on_progress;
	options.finished = on_finished;
	options.ctx = &run;
	progress_init(&run.progress, !batch->quiet);
	err = batch_run(&options, &run.result);
	progress_erase(&run.progress);
	run.wall_ns = elapsed_ns(&run.start);
	if (!err) {
		print_all(&run);
		*ret_exit_code = exit_code_of(&run.result);
		if (run.out_of_memory)
			err = error_nomem();
	}
	run_deinit(&run);
	return err;
}
