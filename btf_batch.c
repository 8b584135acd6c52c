// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Many files: the plan, which may refuse, then each file on its own. */
#include "btf_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch_key.h"
#include "batch_stamps.h"
#include "btf_source.h"
#include "encode_memory.h"
#include "lib/base/cleanup.h"
#include "lib/base/file.h"
#include "lib/base/pool.h"
#include "lib/elf/elf_file.h"

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

enum {
	MAX_WORKERS = 64,
	WRITERS_PER_WORKER = 3, /* a flush takes two to five times as long as a small module */
	MAX_WRITERS = 32,
};

/* A file as stat() shows it, for finding the same one twice. */
struct seen_file {
	dev_t dev;
	ino_t ino;
	uint64_t size;
	uint32_t index; /* of the path; bases are behind the inputs */
};

struct job;

/*
 * Threads that write what workers have encoded. Most of the time they wait for a disk to flush an
 * output, while the workers, as many as were asked for, never wait: if as many outputs as there are
 * writers wait to be written, who encoded the next one writes it himself.
 */
struct writers {
	pthread_t threads[MAX_WRITERS];
	unsigned int num;
	pthread_mutex_t lock; /* for the next three */
	pthread_cond_t is_work;
	struct job *jobs[MAX_WRITERS]; /* waiting, a ring */
	unsigned int first;
	unsigned int num_jobs;
	bool is_over; /* no more will come */
};

struct batch {
	const struct batch_options *options;
	struct batch_result *result;
	unsigned int encode_workers;	 /* for one file */
	struct encode_memory **memories; /* by worker */
	unsigned int num_memories;
	struct writers writers;

	struct seen_file *seen; /* inputs and bases that exist, sorted by device and inode */
	size_t num_seen;
	uint32_t *order; /* of the inputs */

	struct batch_stamps stamps;	/* as they were before */
	struct batch_stamp *new_stamps; /* by index; without a name: none */

	atomic_bool has_failed;

	pthread_mutex_t lock; /* for the callbacks and the next two */
	size_t num_finished;
	const char *current;
};

/* The plan: the same file twice. */

static const char *seen_path(const struct batch *batch, uint32_t index)
{
	size_t num_paths = batch->options->num_paths;

	return index < num_paths ? batch->options->paths[index] :
				   batch->options->base_paths[index - num_paths];
}

static int inode_compare(const struct seen_file *a, const struct seen_file *b)
{
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return (a->ino > b->ino) - (a->ino < b->ino);
}

static int seen_compare(const void *pa, const void *pb)
{
	const struct seen_file *a = pa, *b = pb;
	int order = inode_compare(a, b);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static struct btfgen_error *refuse_double(const struct batch *batch, uint32_t first,
					  uint32_t second)
{
	const char *first_path = seen_path(batch, first), *second_path = seen_path(batch, second);

	if (second >= batch->options->num_paths)
		return usage_error("'%s' is the base, which cannot be encoded against itself",
				   first_path);
	if (strcmp(first_path, second_path) == 0)
		return usage_error("'%s' is given twice", first_path);
	return usage_error("'%s' and '%s' are the same file", first_path, second_path);
}

/* Those that do not exist fail when it is their turn. */
static struct btfgen_error *look_at_files(struct batch *batch)
{
	const struct batch_options *options = batch->options;
	size_t num = options->num_paths + options->num_base_paths;
	struct stat st;

	batch->seen = calloc(num + 1, sizeof(*batch->seen));
	if (!batch->seen)
		return error_nomem();
	for (size_t i = 0; i < num; i++) {
		if (stat(seen_path(batch, (uint32_t)i), &st) != 0)
			continue;
		batch->seen[batch->num_seen++] = (struct seen_file){
			.dev = st.st_dev,
			.ino = st.st_ino,
			.size = (uint64_t)st.st_size,
			.index = (uint32_t)i,
		};
	}
	qsort(batch->seen, batch->num_seen, sizeof(*batch->seen), seen_compare);
	for (size_t i = 0; i + 1 < batch->num_seen; i++) {
		const struct seen_file *seen = &batch->seen[i];

		/* What is wrong with a stack of bases says who opens them. */
		if (inode_compare(seen, seen + 1) == 0 && seen->index < options->num_paths)
			return refuse_double(batch, seen->index, seen[1].index);
	}
	return NULL;
}

/* The plan: the largest first. */

struct sized_file {
	uint64_t size;
	uint32_t index;
};

static int size_compare(const void *pa, const void *pb)
{
	const struct sized_file *a = pa, *b = pb;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static struct btfgen_error *plan_order(struct batch *batch)
{
	size_t num = batch->options->num_paths;
	_cleanup_free_ struct sized_file *files = calloc(num + 1, sizeof(*files));

	batch->order = calloc(num + 1, sizeof(*batch->order));
	if (!files || !batch->order)
		return error_nomem();
	for (size_t i = 0; i < num; i++)
		files[i].index = (uint32_t)i;
	for (size_t i = 0; i < batch->num_seen; i++) {
		if (batch->seen[i].index < num)
			files[batch->seen[i].index].size = batch->seen[i].size;
	}
	qsort(files, num, sizeof(*files), size_compare);
	for (size_t i = 0; i < num; i++)
		batch->order[i] = files[i].index;
	return NULL;
}

/* The plan: outputs. */

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Without the endings of modules and of their files with debug information. */
static size_t stem_size(const char *name)
{
	static const char *const endings[] = { ".debug", ".ko" };
	size_t size = strlen(name);

	for (size_t i = 0; i < 2; i++) {
		size_t ending_size = strlen(endings[i]);

		if (size > ending_size &&
		    strncmp(name + size - ending_size, endings[i], ending_size) == 0)
			size -= ending_size;
	}
	return size;
}

static char *make_output_path(const char *folder, const char *path)
{
	const char *name = name_of(path);
	size_t folder_size = strlen(folder);
	const char *slash = folder_size && folder[folder_size - 1] == '/' ? "" : "/";
	char *output;

	if (asprintf(&output, "%s%s%.*s.btf", folder, slash, (int)stem_size(name), name) < 0)
		return NULL;
	return output;
}

static int output_compare(const void *pa, const void *pb)
{
	const struct batch_file *a = *(const struct batch_file *const *)pa;
	const struct batch_file *b = *(const struct batch_file *const *)pb;
	int order = strcmp(a->output_path, b->output_path);

	return order ? order : (a > b) - (a < b);
}

static struct btfgen_error *check_output_names(const struct batch *batch)
{
	const struct batch_result *result = batch->result;
	_cleanup_free_ const struct batch_file **files =
		calloc(result->num_files + 1, sizeof(*files));

	if (!files)
		return error_nomem();
	for (size_t i = 0; i < result->num_files; i++)
		files[i] = &result->files[i];
	qsort(files, result->num_files, sizeof(*files), output_compare);
	for (size_t i = 0; i + 1 < result->num_files; i++) {
		if (strcmp(files[i]->output_path, files[i + 1]->output_path) == 0)
			return usage_error("'%s' and '%s' would both become '%s'", files[i]->path,
					   files[i + 1]->path, files[i]->output_path);
	}
	return NULL;
}

static struct btfgen_error *check_not_input(const struct batch *batch, const char *output_path)
{
	struct seen_file wanted;
	struct stat st;

	if (stat(output_path, &st) != 0)
		return NULL;
	wanted = (struct seen_file){ .dev = st.st_dev, .ino = st.st_ino };
	/* In order of inodes, then of indexes, of which any will do. */
	for (size_t low = 0, high = batch->num_seen; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = inode_compare(&wanted, &batch->seen[middle]);

		if (order == 0)
			return usage_error("the output '%s' is the input file '%s'", output_path,
					   seen_path(batch, batch->seen[middle].index));
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static struct btfgen_error *check_outputs(const struct batch *batch)
{
	struct btfgen_error *err = check_output_names(batch);

	for (size_t i = 0; !err && i < batch->result->num_files; i++) {
		const char *path = batch->result->files[i].output_path;
		_cleanup_free_ char *distilled = NULL;

		err = check_not_input(batch, path);
		if (err || !batch->options->encode.distilled)
			continue;
		if (asprintf(&distilled, "%s.base", path) < 0) {
			distilled = NULL;
			return error_nomem();
		}
		err = check_not_input(batch, distilled);
	}
	return err;
}

static struct btfgen_error *plan_outputs(struct batch *batch)
{
	const char *folder = batch->options->output_dir;
	struct batch_result *result = batch->result;

	if (!folder)
		return NULL;
	for (size_t i = 0; i < result->num_files; i++) {
		struct batch_file *file = &result->files[i];

		file->output_path = make_output_path(folder, file->path);
		if (!file->output_path)
			return error_nomem();
	}
	return check_outputs(batch);
}

/* Better one error now than one for each file. */
static struct btfgen_error *make_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, 0777) == 0)
		return NULL;
	if (errno != EEXIST)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot create the folder");
	if (stat(path, &st) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot open");
	if (!S_ISDIR(st.st_mode))
		return error_create(BTFGEN_ERROR_IO, "not a folder");
	if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot write to the folder");
	return NULL;
}

/* One file: is it needed? */

struct job {
	struct batch *batch;
	struct batch_file *file;
	size_t index;
	struct encode_options encode;
	struct encode_report *report;	/* NULL: it was not encoded */
	struct encode_write *write;	/* NULL: nothing is left to be written */
	struct batch_identity identity; /* before the first look at the content */
	bool is_settled;
	bool has_key; /* the next three are set */
	struct hash_128 content;
	struct hash_128 key;
	bool swap; /* byte order of the file */
	uint8_t note[BATCH_NOTE_SIZE];
};

static struct span map_span(const struct file_map *map)
{
	return (struct span){ map->data, map->size };
}

static void job_set_content(struct job *job, struct hash_128 content)
{
	const struct batch_options *options = job->batch->options;

	job->content = content;
	job->key = batch_key(content, &options->encode, options->version);
	job->has_key = true;
}

static bool hash_equal(struct hash_128 a, struct hash_128 b)
{
	return a.low == b.low && a.high == b.high;
}

/* The bytes of a section; absent if there is none, or one that cannot be read. */
static struct span section_bytes(const struct elf_file *elf, const char *name)
{
	struct elf_section section;
	struct span data = {};
	bool found = false;

	error_free(elf_find_section(elf, name, &section, &found));
	if (found)
		error_free(elf_section_data(elf, &section, &data));
	return data;
}

static bool section_is_current(struct job *job, const struct elf_file *elf)
{
	struct span btf = section_bytes(elf, ".BTF");
	struct span distilled = section_bytes(elf, ".BTF.base");
	struct batch_note note;

	if (!btf.data ||
	    !batch_note_decode(section_bytes(elf, BATCH_NOTE_SECTION), job->swap, &note))
		return false;
	if (!hash_equal(note.key, job->key) || note.output != batch_output_hash(btf, distilled))
		return false;
	job->file->btf_bytes = btf.size + distilled.size;
	return true;
}

/* A file that is not there has an absent span; false if there is one that cannot be read. */
static bool output_map(const char *path, struct file_map *ret_map)
{
	struct btfgen_error *err;
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT;
	err = file_map_open(path, ret_map);
	error_free(err);
	return !err;
}

/* Of what stands in the output folder now; false if there is nothing, or not all of it. */
static bool output_hash(const struct job *job, uint64_t *ret_hash, uint64_t *ret_size)
{
	bool wants_distilled = job->batch->options->encode.distilled;
	struct file_map btf = {}, distilled = {};
	_cleanup_free_ char *base_path = NULL;
	bool found;

	if (asprintf(&base_path, "%s.base", job->file->output_path) < 0) {
		base_path = NULL;
		return false;
	}
	found = output_map(job->file->output_path, &btf) && btf.data;
	if (found && wants_distilled)
		found = output_map(base_path, &distilled) && distilled.data;
	if (found) {
		*ret_hash = batch_output_hash(map_span(&btf), map_span(&distilled));
		*ret_size = btf.size + distilled.size;
	}
	file_map_close(&btf);
	file_map_close(&distilled);
	return found;
}

static const struct batch_stamp *job_stamp(const struct job *job)
{
	if (!job->file->output_path)
		return NULL;
	return batch_stamps_find(&job->batch->stamps, name_of(job->file->output_path));
}

static bool output_is_current(struct job *job)
{
	const struct batch_stamp *stamp = job_stamp(job);
	uint64_t hash, size;

	if (!stamp || !hash_equal(stamp->key, job->key) || !output_hash(job, &hash, &size) ||
	    hash != stamp->output)
		return false;
	job->file->btf_bytes = size;
	return true;
}

/* True if the input is the one that the stamp knows: its content need not be read. */
static bool content_from_stamp(struct job *job)
{
	const struct batch_stamp *stamp = job_stamp(job);

	if (!stamp || !stamp->identity.mtime ||
	    !batch_identity_equal(&stamp->identity, &job->identity))
		return false;
	job_set_content(job, stamp->content);
	return true;
}

/* An input that makes trouble here makes the same when it is encoded, and says so there. */
static struct btfgen_error *content_from_file(struct job *job, const struct elf_file *elf)
{
	struct hash_128 content;
	struct btfgen_error *err;
	bool is_whole;

	err = batch_content_hash(elf, &content, &is_whole);
	if (err && err->code == BTFGEN_ERROR_MEMORY)
		return err;
	error_free(err);
	if (!err && is_whole)
		job_set_content(job, content);
	return NULL;
}

static struct btfgen_error *job_look(struct job *job, const struct file_map *map,
				     bool *ret_is_current)
{
	struct btfgen_error *err;
	struct elf_file elf;

	err = elf_file_parse(map_span(map), &elf);
	error_free(err);
	if (err)
		return NULL;
	job->swap = elf.swap;
	err = content_from_file(job, &elf);
	if (!err && job->has_key)
		*ret_is_current = job->file->output_path ? output_is_current(job) :
							   section_is_current(job, &elf);
	return err;
}

static bool job_stat(const struct job *job, struct batch_identity *ret_identity)
{
	struct stat st;

	if (stat(job->file->path, &st) != 0)
		return false;
	batch_identity_set(ret_identity, &st);
	return true;
}

static bool job_still_same(const struct job *job)
{
	struct batch_identity now;

	return job_stat(job, &now) && batch_identity_equal(&now, &job->identity);
}

static struct btfgen_error *job_prepare(struct job *job, bool *ret_is_current)
{
	bool if_needed = job->batch->options->if_needed;
	struct btfgen_error *err;
	struct file_map map;
	struct timespec now;

	*ret_is_current = false;
	if (if_needed) {
		clock_gettime(CLOCK_REALTIME, &now);
		if (!job_stat(job, &job->identity))
			job->identity = (struct batch_identity){};
		job->is_settled = batch_identity_is_settled(&job->identity, &now);
		if (content_from_stamp(job) && output_is_current(job)) {
			*ret_is_current = true;
			return NULL;
		}
	}
	err = file_map_open(job->file->path, &map);
	if (err)
		return err;
	err = btf_source_refuse_compressed(map_span(&map));
	/* What the stamp knows of the content need not be found out again. */
	if (!err && if_needed && !job->has_key)
		err = job_look(job, &map, ret_is_current);
	file_map_close(&map);
	return error_in_file(err, job->file->path);
}

/* One file: encode it. */

static struct span make_note(void *ctx, struct span btf, struct span distilled)
{
	struct job *job = ctx;
	const struct batch_note note = {
		.key = job->key,
		.output = batch_output_hash(btf, distilled),
	};

	/* The key is that of the content that was read before the encoder read it. */
	if (!job->has_key || !job_still_same(job))
		return (struct span){};
	batch_note_encode(&note, job->swap, job->note);
	return (struct span){ job->note, sizeof(job->note) };
}

static void job_stamp_output(const struct job *job, struct batch_stamp *stamp)
{
	uint64_t size;

	*stamp = (struct batch_stamp){
		.key = job->key,
		.content = job->content,
	};
	if (!job->has_key || !job_still_same(job) || !output_hash(job, &stamp->output, &size))
		return;
	if (job->is_settled)
		stamp->identity = job->identity;
	stamp->name = name_of(job->file->output_path);
}

static void batch_begin(struct batch *batch, const struct batch_file *file)
{
	const struct batch_options *options = batch->options;

	pthread_mutex_lock(&batch->lock);
	batch->current = file->path;
	if (options->progress)
		options->progress(options->ctx, batch->num_finished, options->num_paths,
				  batch->current);
	pthread_mutex_unlock(&batch->lock);
}

static void batch_finish(struct batch *batch, size_t index, const struct encode_options *encode,
			 const struct encode_report *report)
{
	const struct batch_options *options = batch->options;
	const struct batch_file *file = &batch->result->files[index];

	if (file->outcome == BATCH_FAILED)
		atomic_store(&batch->has_failed, true);
	pthread_mutex_lock(&batch->lock);
	batch->num_finished++;
	if (options->finished)
		options->finished(options->ctx, index, file, encode, report);
	if (options->progress)
		options->progress(options->ctx, batch->num_finished, options->num_paths,
				  batch->current);
	pthread_mutex_unlock(&batch->lock);
}

static void job_defer(void *ctx, struct encode_write *write)
{
	struct job *job = ctx;

	job->write = write;
}

static void job_set_options(struct job *job, unsigned int worker)
{
	const struct batch *batch = job->batch;

	job->encode = batch->options->encode;
	job->encode.input_path = job->file->path;
	job->encode.output_path = job->file->output_path;
	job->encode.num_workers = batch->encode_workers;
	job->encode.memory = batch->memories[worker];
	job->encode.defer_write = job_defer;
	job->encode.defer_ctx = job;
	if (batch->options->if_needed) {
		job->encode.make_note = make_note;
		job->encode.note_ctx = job;
	}
}

/* All but writing: that is left in job->write, if it comes so far. */
static struct btfgen_error *job_encode(struct job *job, unsigned int worker)
{
	struct btfgen_error *err;
	bool is_current;

	batch_begin(job->batch, job->file);
	job_set_options(job, worker);
	err = job_prepare(job, &is_current);
	if (err)
		return err;
	if (is_current) {
		job->file->outcome = BATCH_NOT_NEEDED;
		return NULL;
	}
	err = encode_report_create(&job->report);
	if (!err)
		err = encode_file(&job->encode, job->report);
	return error_in_file(err, job->file->path);
}

static struct btfgen_error *job_write(struct job *job)
{
	struct encode_write *write = job->write;
	struct btfgen_error *err;

	if (!write)
		return NULL;
	job->write = NULL;
	err = encode_write_run(write);
	if (err)
		return error_in_file(err, job->file->path);
	job->file->outcome = job->report->unchanged ? BATCH_UNCHANGED : BATCH_DONE;
	job->file->btf_bytes = job->report->btf_bytes + job->report->distilled_bytes;
	return NULL;
}

static void job_end(struct job *job, struct btfgen_error *err)
{
	struct batch *batch = job->batch;
	struct batch_file *file = job->file;

	if (err) {
		file->outcome = BATCH_FAILED;
		file->error = err;
	} else if (batch->new_stamps) {
		job_stamp_output(job, &batch->new_stamps[job->index]);
	}
	batch_finish(batch, job->index, &job->encode, job->report);
	encode_write_drop(job->write);
	encode_report_destroy(job->report);
	free(job);
}

static void job_write_and_end(struct job *job)
{
	struct btfgen_error *err = job_write(job);

	job_end(job, err);
}

/* Writers. */

static void *writer_main(void *arg)
{
	struct writers *writers = arg;

	for (;;) {
		struct job *job = NULL;

		pthread_mutex_lock(&writers->lock);
		while (!writers->num_jobs && !writers->is_over)
			pthread_cond_wait(&writers->is_work, &writers->lock);
		if (writers->num_jobs) {
			job = writers->jobs[writers->first];
			writers->first = (writers->first + 1) % MAX_WRITERS;
			writers->num_jobs--;
		}
		pthread_mutex_unlock(&writers->lock);
		if (!job)
			return NULL;
		job_write_and_end(job);
	}
}

/* False if the writers have enough to do. */
static bool writers_take(struct writers *writers, struct job *job)
{
	bool is_taken;

	if (!writers->num)
		return false;
	pthread_mutex_lock(&writers->lock);
	is_taken = writers->num_jobs < writers->num;
	if (is_taken) {
		writers->jobs[(writers->first + writers->num_jobs) % MAX_WRITERS] = job;
		writers->num_jobs++;
		pthread_cond_signal(&writers->is_work);
	}
	pthread_mutex_unlock(&writers->lock);
	return is_taken;
}

/* Fewer threads than wanted, or none, are no error: workers write then. */
static void writers_start(struct writers *writers, unsigned int num)
{
	pthread_mutex_init(&writers->lock, NULL);
	pthread_cond_init(&writers->is_work, NULL);
	while (writers->num < num &&
	       pthread_create(&writers->threads[writers->num], NULL, writer_main, writers) == 0)
		writers->num++;
}

/* When all is written. */
static void writers_stop(struct writers *writers)
{
	pthread_mutex_lock(&writers->lock);
	writers->is_over = true;
	pthread_cond_broadcast(&writers->is_work);
	pthread_mutex_unlock(&writers->lock);
	for (unsigned int i = 0; i < writers->num; i++)
		pthread_join(writers->threads[i], NULL);
	pthread_cond_destroy(&writers->is_work);
	pthread_mutex_destroy(&writers->lock);
}

static struct btfgen_error *run_file(void *ctx, unsigned int worker, size_t index)
{
	struct batch *batch = ctx;
	struct btfgen_error *err;
	struct job *job;

	if (batch->options->fail_fast && atomic_load(&batch->has_failed))
		return NULL;
	job = calloc(1, sizeof(*job));
	if (!job)
		return error_nomem();
	job->batch = batch;
	job->file = &batch->result->files[index];
	job->index = index;
	err = job_encode(job, worker);
	if (err)
		job_end(job, err);
	else if (!job->write || !writers_take(&batch->writers, job))
		job_write_and_end(job);
	return NULL;
}

/* All files. */

static void plan_workers(struct batch *batch, unsigned int *ret_num_workers)
{
	unsigned int num = batch->options->num_workers;

	if (!num)
		num = pool_available_cpus();
	if (num > MAX_WORKERS)
		num = MAX_WORKERS;
	/* Few files share the workers that are left over. */
	batch->encode_workers = 1;
	if (batch->options->num_paths && batch->options->num_paths < num) {
		batch->encode_workers = num / (unsigned int)batch->options->num_paths;
		num = (unsigned int)batch->options->num_paths;
	}
	*ret_num_workers = num;
}

static struct btfgen_error *create_memories(struct batch *batch, unsigned int num)
{
	struct btfgen_error *err = NULL;

	batch->memories = calloc(num, sizeof(struct encode_memory *));
	if (!batch->memories)
		return error_nomem();
	while (!err && batch->num_memories < num) {
		err = encode_memory_create(&batch->memories[batch->num_memories]);
		batch->num_memories += !err;
	}
	return err;
}

static void destroy_memories(struct batch *batch)
{
	for (unsigned int i = 0; i < batch->num_memories; i++)
		encode_memory_destroy(batch->memories[i]);
	free(batch->memories);
}

/* One worker needs no thread but its own. */
static unsigned int plan_writers(const struct batch *batch, unsigned int num_workers)
{
	unsigned int num = WRITERS_PER_WORKER * num_workers;

	if (num_workers == 1 || batch->options->num_paths <= num_workers)
		return 0;
	return num < MAX_WRITERS ? num : MAX_WRITERS;
}

static struct btfgen_error *run_files(struct batch *batch)
{
	const struct batch_options *options = batch->options;
	struct btfgen_error *err;
	unsigned int num_workers;
	struct pool *pool;

	plan_workers(batch, &num_workers);
	err = pool_create(num_workers, options->encode.shuffle_seed, &pool);
	if (err)
		return err;
	num_workers = pool_num_workers(pool);
	batch->result->num_workers = num_workers * batch->encode_workers;
	err = create_memories(batch, num_workers);
	if (!err) {
		pthread_mutex_init(&batch->lock, NULL);
		writers_start(&batch->writers, plan_writers(batch, num_workers));
		err = pool_for(pool, options->num_paths, batch->order, run_file, batch);
		writers_stop(&batch->writers);
		pthread_mutex_destroy(&batch->lock);
	}
	destroy_memories(batch);
	pool_destroy(pool);
	return err;
}

static struct btfgen_error *write_stamps(struct batch *batch)
{
	size_t num = 0;

	for (size_t i = 0; i < batch->options->num_paths; i++) {
		if (batch->new_stamps[i].name)
			batch->new_stamps[num++] = batch->new_stamps[i];
	}
	return batch_stamps_write(batch->new_stamps, num, &batch->stamps,
				  batch->options->output_dir);
}

static void sum_up(struct batch_result *result)
{
	for (size_t i = 0; i < result->num_files; i++) {
		result->num_by_outcome[result->files[i].outcome]++;
		result->btf_bytes += result->files[i].btf_bytes;
	}
}

static struct btfgen_error *batch_plan(struct batch *batch)
{
	const struct batch_options *options = batch->options;
	bool wants_stamps = options->if_needed && options->output_dir;
	struct batch_result *result = batch->result;
	struct btfgen_error *err;

	if (options->num_paths + options->num_base_paths > UINT32_MAX)
		return error_create(BTFGEN_ERROR_LIMIT, "more than 4,294,967,295 files");
	result->files = calloc(options->num_paths + 1, sizeof(*result->files));
	batch->new_stamps =
		wants_stamps ? calloc(options->num_paths + 1, sizeof(*batch->new_stamps)) : NULL;
	if (!result->files || (wants_stamps && !batch->new_stamps))
		return error_nomem();
	result->num_files = options->num_paths;
	for (size_t i = 0; i < options->num_paths; i++)
		result->files[i].path = options->paths[i];
	err = look_at_files(batch);
	if (!err)
		err = plan_order(batch);
	if (!err)
		err = plan_outputs(batch);
	if (!err && options->output_dir)
		err = error_in_file(make_folder(options->output_dir), options->output_dir);
	if (!err && wants_stamps)
		err = batch_stamps_read(&batch->stamps, options->output_dir);
	return err;
}

struct btfgen_error *batch_run(const struct batch_options *options, struct batch_result *ret_result)
{
	struct batch batch = { .options = options, .result = ret_result };
	struct btfgen_error *err;

	*ret_result = (struct batch_result){};
	err = batch_plan(&batch);
	if (!err)
		err = run_files(&batch);
	if (!err && batch.new_stamps)
		ret_result->stamps_error = write_stamps(&batch);
	sum_up(ret_result);
	batch_stamps_deinit(&batch.stamps);
	free(batch.new_stamps);
	free(batch.order);
	free(batch.seen);
	return err;
}

void batch_result_deinit(struct batch_result *result)
{
	for (size_t i = 0; i < result->num_files; i++) {
		free(result->files[i].output_path);
		error_free(result->files[i].error);
	}
	free(result->files);
	error_free(result->stamps_error);
	*result = (struct batch_result){};
}

const char *batch_outcome_name(enum batch_outcome outcome)
{
	static const char *const names[NUM_BATCH_OUTCOMES] = {
		[BATCH_NOT_BEGUN] = "not-begun", [BATCH_DONE] = "written",
		[BATCH_UNCHANGED] = "unchanged", [BATCH_NOT_NEEDED] = "not-needed",
		[BATCH_FAILED] = "failed",
	};

	return names[outcome];
}
