// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The encoder: one ELF file with DWARF in, its BTF out.
 *
 *	struct encode_options options = { .input_path = "vmlinux" };
 *	struct encode_report *report;
 *
 *	err = encode_report_create(&report);
 *	if (!err)
 *		err = encode_file(&options, report);
 *	...
 *	encode_report_destroy(report);
 *
 * encode_file() is the pipeline open, symbols, load, settle, select, layout, emit, verify, write.
 * Only the last stage touches the target; after an error at any point the target is as it was
 * before. The bytes written depend on the input's content and on the options above the line marked
 * below, never on num_workers, timing or the machine.
 *
 * Several files may be encoded at the same time by several threads, over one base.
 *
 * The report is filled as far as the run came, also when it fails. What it says is meant for
 * people and for --report=json; nothing in the encoder reads it back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encode_diag.h"
#include "encode_features.h"
#include "func_select.h"
#include "lib/base/diag.h"
#include "lib/base/error.h"
#include "lib/base/span.h"

struct encode_base;
struct encode_memory;
struct encode_write;
struct explain;
struct section_choice;

struct encode_options {
	const char *input_path;
	const char *output_path; /* raw BTF goes there; NULL: into the input's .BTF section */
	bool as_object;	    /* there: a relocatable object with the section .BTF, for a linker */
	bool no_variables;  /* leave out VAR and DATASEC */
	bool no_functions;  /* leave out FUNC */
	bool asm_functions; /* functions of assembler units as `void f(void)` */
	uint32_t features;  /* bits of enum encode_feature, encode_features.h */
	/*
	 * Of which sections variables are wanted (section_choice.h). NULL: all by FEATURE_GLOBAL_VAR,
	 * those per CPU by FEATURE_VAR, or none. Borrowed.
	 */
	const struct section_choice *variables;
	const uint16_t *excluded_languages; /* DW_LANG numbers: units of these are left out */
	size_t num_excluded_languages;
	struct explain *explain; /* questions of explain.h: they are answered, nothing is written */

	/*
	 * Split BTF over this base (encode_base.h); NULL: BTF that stands alone. @distilled: over a base
	 * of its own that kernels relocate, in .BTF.base or in the file "<output_path>.base".
	 */
	const struct encode_base *base;
	bool distilled;
	bool strict_forwards; /* as in lib/btf/match.h */

	/*
	 * In place only: what is written as .note.btfgen by the same switch as the sections, made from
	 * their bytes (@distilled is absent if there is none) when these are final. The result is
	 * borrowed until encode_file() returns; empty: no note. NULL: no note is ever wanted.
	 */
	struct span (*make_note)(void *ctx, struct span btf, struct span distilled);
	void *note_ctx;

	/*
	 * NULL, or called instead of writing: no file is touched. The bytes are borrowed until it
	 * returns; @distilled is absent if there is none.
	 */
	struct btfgen_error *(*take_result)(void *ctx, struct span btf, struct span distilled);
	void *take_ctx;

	/* From here on: how, not what. */
	unsigned int num_workers; /* 0: as many as the machine allows */
	void (*defer_write)(void *ctx, struct encode_write *write); /* NULL: written at once */
	void *defer_ctx;
	struct encode_memory *memory; /* encode_memory.h; NULL: nothing is kept. One worker only */
	uint64_t shuffle_seed;	      /* tests: order of work; 0 is the normal order */
	bool force_collisions;	      /* tests: every hash table lookup meets every entry */
};

/* Why an object symbol has no VAR, or how its VAR was found. */
enum var_outcome {
	VAR_ENCODED,
	VAR_ALIAS,	   /* another symbol of the same address stands for it */
	VAR_ZERO_SIZE,	   /* the symbol has no size */
	VAR_NO_DEBUG_INFO, /* no variable DIE has this address (or, at offset 0, also this name) */
	VAR_VOID_TYPE,	   /* the DIE has no type or one without size */
	VAR_SIZE_MISMATCH, /* the DIE's type is larger than the symbol */
	VAR_OVERLAP,	   /* lies in a variable that starts at a lower address */
	VAR_GENERATED,	   /* name made by kernel macros: __UNIQUE_ID and the like */
	VAR_BAD_NAME,	   /* not an identifier for the kernel */
	VAR_AMBIGUOUS,	   /* another symbol has the name, and the section is not per-CPU */
	VAR_NAME_OF_BASE,  /* a symbol of the base has it, and the section is not per-CPU */
	VAR_FREED,	   /* the section's memory is given back when booting ends */
	VAR_HYPERVISOR,	   /* the section is the hypervisor's */
	VAR_NOT_LOADED,	   /* the section is not kept by the module loader */
	VAR_BAD_SECTION,   /* a DATASEC cannot have the section's name or size */
	NUM_VAR_OUTCOMES
};

enum encode_stage {
	STAGE_OPEN,
	STAGE_SYMBOLS,
	STAGE_LOAD,
	STAGE_SETTLE,
	STAGE_SELECT,
	STAGE_MATCH, /* only with a base */
	STAGE_LAYOUT,
	STAGE_EMIT,
	STAGE_VERIFY,
	STAGE_WRITE,
	NUM_ENCODE_STAGES
};

struct stage_report {
	bool done;
	uint64_t wall_ns;
	uint64_t cpu_ns;   /* user + system, all threads */
	uint64_t peak_rss; /* bytes, high-water mark of the process when the stage ended */
};

struct section_report {
	char *name;
	uint64_t num_symbols; /* object symbols of the section */
	uint64_t num[NUM_VAR_OUTCOMES];
};

struct encode_report {
	struct stage_report stages[NUM_ENCODE_STAGES];
	unsigned int num_workers;
	uint64_t debug_info_size; /* bytes, decompressed */
	uint64_t num_units;
	uint64_t num_excluded_units;  /* left out because of their language */
	uint64_t num_dies;	      /* DIEs the cursor stepped on */
	uint64_t num_types_in;	      /* type DIEs of all units */
	uint64_t num_classes;	      /* different local definitions in the store */
	uint64_t num_ambiguous_names; /* (kind, name) with several local definitions */
	uint64_t num_types_out;	      /* records in the BTF, without void */
	uint64_t num_by_kind[32];     /* indexed by BTF kind */
	uint64_t type_bytes;	      /* of the BTF's sections */
	uint64_t string_bytes;
	uint64_t btf_bytes;	  /* all, header included */
	uint64_t num_base_types;  /* types that the base has, and that are not written again */
	uint64_t num_base_funcs;  /* the same for functions */
	uint64_t distilled_bytes; /* of the distilled base; 0: none */
	uint64_t num_distilled_types;
	bool unchanged; /* the input held the same .BTF already */
	VEC(struct section_report) sections;
	uint64_t num_functions[NUM_FUNC_OUTCOMES]; /* names of functions, by what became of them */
	uint64_t num_aliases;	   /* of those written: by another function's debugging entry */
	uint64_t num_func_entries; /* debugging entries of functions that have a symbol's name */
	uint64_t num_btf_ids;	   /* functions that .BTF_ids asks for */
	struct diag_list diags;	   /* ordered */
	char **unit_names;	   /* by unit index, num_units of them; may hold NULLs */
	void *name_store;	   /* what diags' names point into */
};

struct btfgen_error *encode_report_create(struct encode_report **ret_report) BTFGEN_MUST_CHECK;
void encode_report_destroy(struct encode_report *report);

struct btfgen_error *encode_file(const struct encode_options *options,
				 struct encode_report *report) BTFGEN_MUST_CHECK;

/*
 * What is left to be done when all but writing is. encode_file() gives it to defer_write(); once it has
 * returned, with an error or without, any thread may run or drop the write: flushing takes longer than
 * encoding a small file. Options, report and what make_note() gave must live until then.
 * encode_write_run() releases @write whether it succeeds or not; encode_write_drop() does so and
 * writes nothing.
 */
struct btfgen_error *encode_write_run(struct encode_write *write) BTFGEN_MUST_CHECK;
void encode_write_drop(struct encode_write *write);

/* Short fixed names for output: "alias", "no-debug-info", "degraded-type", "load". */
const char *var_outcome_name(enum var_outcome outcome);
const char *encode_diag_name(enum encode_diag diag);
const char *encode_stage_name(enum encode_stage stage);
