// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/explain_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/clean.h"
#include "cli/json.h"
#include "cli/table.h"

/* Of the lists of one answer, what the text form shows. */
enum { MAX_SHOWN = 12 };

/* Columns of paragraphs. */
enum { TEXT_WIDTH = 80, PROTOTYPE_WIDTH = 100, INDENT = 4 };

/* Words of a sentence, in lines. */
static void print_paragraph(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t size = strcspn(text, " ");

		if (column && column + 1 + size > TEXT_WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%*s", column ? 1 : INDENT, "");
		for (size_t i = 0; i < size; i++)
			fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i],
			      out);
		column += size;
		text += size;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_more(FILE *out, size_t num, const char *what)
{
	if (num > MAX_SHOWN)
		fprintf(out, "%*sand %zu more %s (--json shows all)\n", INDENT, "", num - MAX_SHOWN,
			what);
}

static size_t num_shown(size_t num)
{
	return num > MAX_SHOWN ? MAX_SHOWN : num;
}

/* Prints a table and its end; the first column is empty, for the indent. */
static struct btfgen_error *finish_table(struct table *table, FILE *out)
{
	bool good = table_print(table, out);

	table_deinit(table);
	return good ? NULL : error_nomem();
}

static const char *bind_name(uint8_t bind)
{
	static const char *const names[] = {
		[SYMBOL_LOCAL] = "local", [SYMBOL_WEAK] = "weak", [SYMBOL_GLOBAL] = "global"
	};

	return bind <= SYMBOL_GLOBAL ? names[bind] : "?";
}

static struct btfgen_error *print_symbols(FILE *out, const struct explain_answer *answer)
{
	struct table table = { .num_columns = 6, .right = 1u << 3 };
	struct btfgen_error *err;

	if (!answer->num_symbols)
		return NULL;
	fprintf(out, "%*ssymbols:\n", INDENT, "");
	for (size_t i = 0; i < num_shown(answer->num_symbols); i++) {
		const struct explain_symbol *symbol = &answer->symbols[i];

		table_add(&table, "%*s", INDENT, "");
		table_add(&table, "%s", symbol->section);
		table_add(&table, "0x%" PRIx64, symbol->addr);
		table_add(&table, "%" PRIu64 " bytes", symbol->size);
		table_add(&table, "%s", bind_name(symbol->bind));
		table_add(&table, "%s%s", symbol->name, symbol->is_part ? "  (a part)" : "");
	}
	err = finish_table(&table, out);
	print_more(out, answer->num_symbols, "symbols");
	return err;
}

static void add_entry(struct table *table, const struct explain_answer *answer,
		      const struct explain_entry *entry)
{
	table_add(table, "%*s", INDENT, "");
	table_add(table, "%s", entry->unit ? entry->unit : "(no name)");
	table_add(table, "0x%" PRIx64, entry->off);
	/* Sections of relocatable files have no addresses yet. */
	if (entry->has_addr && entry->addr == entry->section_off)
		table_add(table, "at %s+0x%" PRIx64, entry->section, entry->section_off);
	else if (entry->has_addr)
		table_add(table, "at 0x%" PRIx64, entry->addr);
	else
		table_add(table, "not out of line");
	if (answer->subject == EXPLAIN_VARIABLE)
		table_add(table, "%s, %" PRIu64 " bytes", entry->type, entry->size);
	else if (entry->prototype == EXPLAIN_NO_PROTOTYPE)
		table_add(table, "assembler");
	else if (answer->num_prototypes > 1)
		table_add(table, "prototype %u", entry->prototype + 1);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", strcmp(entry->name, answer->name) == 0 ? "" : entry->name);
}

static struct btfgen_error *print_entries(FILE *out, const struct explain_answer *answer)
{
	struct table table = { .num_columns = 6 };
	struct btfgen_error *err;

	if (!answer->num_entries)
		return NULL;
	fprintf(out, "%*sdebugging entries:\n", INDENT, "");
	for (size_t i = 0; i < num_shown(answer->num_entries); i++)
		add_entry(&table, answer, &answer->entries[i]);
	err = finish_table(&table, out);
	print_more(out, answer->num_entries, "entries");
	return err;
}

/* Where the parameters are of the entry that was taken. */
static struct btfgen_error *print_places(FILE *out, const struct explain_answer *answer)
{
	const struct explain_entry *entry = answer->entries;
	struct table table = { .num_columns = 5 };
	const struct explain_prototype *prototype;

	if (!answer->has_places || !answer->num_entries || !entry->places ||
	    entry->prototype == EXPLAIN_NO_PROTOTYPE)
		return NULL;
	prototype = &answer->prototypes[entry->prototype];
	fprintf(out, "%*sparameters at the first instruction:\n", INDENT, "");
	for (size_t i = 0; i < prototype->num_params; i++) {
		const struct explain_param *param = &prototype->params[i];

		if (strcmp(param->type, "...") == 0)
			break;
		table_add(&table, "%*s", INDENT, "");
		table_add(&table, "%zu", i + 1);
		table_add(&table, "%s", param->text);
		table_add(&table, "%s", entry->places[i]);
		table_add(&table, "%s%s", entry->states && entry->states[i] ? "<- " : "",
			  entry->states && entry->states[i] ? entry->states[i] : "");
	}
	return finish_table(&table, out);
}

/*
 * Prototypes stand one above the other, parameter below parameter: cell 0 of each is the result,
 * cell n the parameter n. NULL where there is none.
 */
static const char *cell_text(const struct explain_prototype *prototype, size_t cell)
{
	if (cell == 0)
		return prototype->result;
	if (cell <= prototype->num_params)
		return prototype->params[cell - 1].text;
	return cell == 1 ? "void" : NULL;
}

/* A parameter that only the first prototype has is a difference as well. */
static bool cell_differs(const struct explain_answer *answer, size_t i, size_t cell)
{
	const struct explain_prototype *prototype = &answer->prototypes[i];

	if (cell == 0)
		return prototype->result_differs;
	if (cell <= prototype->num_params)
		return prototype->params[cell - 1].differs;
	return cell <= answer->prototypes[0].num_params;
}

/* Columns of a cell and what follows it: the blank before a name, the comma of a parameter. */
static size_t cell_width(const char *text, size_t cell)
{
	size_t size = strlen(text);

	if (cell > 0)
		return size + 2;
	return size + !(size && text[size - 1] == '*');
}

/* Where each cell starts on its line; NULL when memory is out. */
static size_t *cell_starts(const struct explain_answer *answer, size_t num, size_t num_cells)
{
	size_t *starts = calloc(num_cells + 1, sizeof(*starts));

	if (!starts)
		return NULL;
	starts[0] = INDENT + 4;
	for (size_t cell = 0; cell < num_cells; cell++) {
		size_t width = 0;

		for (size_t i = 0; i < num; i++) {
			const char *text = cell_text(&answer->prototypes[i], cell);

			if (text && cell_width(text, cell) > width)
				width = cell_width(text, cell);
		}
		/* `NAME(` stands between the result and the first parameter. */
		starts[cell + 1] = starts[cell] + width + (cell ? 0 : strlen(answer->name) + 1);
	}
	return starts;
}

/* Fills the line up to @start with blanks. */
static void go_to(FILE *out, size_t *column, size_t start)
{
	if (start > *column)
		fprintf(out, "%*s", (int)(start - *column), "");
	*column = start > *column ? start : *column;
}

static void print_prototype(FILE *out, const struct explain_answer *answer, size_t i,
			    const size_t *starts)
{
	const struct explain_prototype *prototype = &answer->prototypes[i];
	bool may_wrap = answer->num_prototypes == 1;
	size_t num_params = prototype->num_params ? prototype->num_params : 1;
	size_t column;

	column = (size_t)fprintf(out, "%*zu", INDENT + 2, i + 1);
	for (size_t cell = 0; cell <= num_params; cell++) {
		const char *text = cell_text(prototype, cell);

		if (may_wrap && cell > 1 && column + strlen(text) + 2 > PROTOTYPE_WIDTH) {
			fputc('\n', out);
			column = 0;
			go_to(out, &column, starts[1]);
		} else {
			go_to(out, &column, may_wrap && cell > 1 ? column + 1 : starts[cell]);
		}
		print_clean(out, text);
		column += strlen(text);
		if (cell == 0) {
			go_to(out, &column, starts[1] - strlen(answer->name) - 1);
			print_clean(out, answer->name);
			fputc('(', out);
			column += strlen(answer->name) + 1;
		} else {
			fputc(cell == num_params ? ')' : ',', out);
			column++;
		}
	}
	fputc('\n', out);
}

/* A line of marks below what differs from the first prototype. */
static void print_marks(FILE *out, const struct explain_answer *answer, size_t i, size_t num_cells,
			const size_t *starts)
{
	size_t column = 0;

	for (size_t cell = 0; cell < num_cells; cell++) {
		const char *text = cell_text(&answer->prototypes[i], cell);
		size_t size = text ? strlen(text) : 1;

		if (!cell_differs(answer, i, cell))
			continue;
		go_to(out, &column, starts[cell]);
		for (size_t j = 0; j < size; j++)
			fputc('^', out);
		column += size;
	}
	if (column)
		fputc('\n', out);
}

/* Marked cells that do not show why: types of one name with different definitions. */
static bool any_reads_alike(const struct explain_answer *answer, size_t i)
{
	const struct explain_prototype *first = &answer->prototypes[0];
	const struct explain_prototype *prototype = &answer->prototypes[i];

	if (prototype->result_differs && strcmp(prototype->result, first->result) == 0)
		return true;
	for (size_t j = 0; j < prototype->num_params && j < first->num_params; j++) {
		if (prototype->params[j].differs &&
		    strcmp(prototype->params[j].type, first->params[j].type) == 0)
			return true;
	}
	return false;
}

static struct btfgen_error *print_prototypes(FILE *out, const struct explain_answer *answer)
{
	size_t num = num_shown(answer->num_prototypes), num_cells = 2;
	bool alike = false;
	size_t *starts;

	if (!num)
		return NULL;
	for (size_t i = 0; i < num; i++) {
		if (answer->prototypes[i].num_params + 1 > num_cells)
			num_cells = answer->prototypes[i].num_params + 1;
	}
	starts = cell_starts(answer, num, num_cells);
	if (!starts)
		return error_nomem();
	fprintf(out, "%*sprototype%s:\n", INDENT, "", num > 1 ? "s" : "");
	for (size_t i = 0; i < num; i++) {
		print_prototype(out, answer, i, starts);
		print_marks(out, answer, i, num_cells, starts);
		alike |= any_reads_alike(answer, i);
	}
	if (alike)
		print_paragraph(out, "Types that are marked though they read alike have different "
				     "definitions; the report lists them as double-type.");
	print_more(out, answer->num_prototypes, "prototypes");
	free(starts);
	return NULL;
}

static void print_head(FILE *out, const struct explain_answer *answer)
{
	static const char *const subjects[] = {
		[EXPLAIN_FUNCTION] = "function, ",
		[EXPLAIN_VARIABLE] = "variable, ",
		[EXPLAIN_NOTHING] = "",
	};

	print_clean(out, answer->name);
	fprintf(out, ": %s", subjects[answer->subject]);
	if (answer->in_btf)
		fputs("in the BTF\n", out);
	else
		fprintf(out, "not in the BTF: %s\n", answer->outcome);
}

static struct btfgen_error *print_answer(FILE *out, const struct explain_answer *answer)
{
	struct btfgen_error *err;

	print_head(out, answer);
	if (answer->text) {
		fprintf(out, "%*s", INDENT, "");
		print_clean(out, answer->text);
		fputc('\n', out);
	}
	if (answer->in_btf)
		return NULL;
	print_paragraph(out, answer->reason);
	if (answer->has_btf_id)
		print_paragraph(out, answer->is_kfunc ?
					     "It is a kfunc: resolve_btfids will complain." :
					     ".BTF_ids asks for it: resolve_btfids will complain.");
	if (answer->advice)
		print_paragraph(out, answer->advice);
	err = print_symbols(out, answer);
	if (!err)
		err = print_entries(out, answer);
	if (!err)
		err = print_prototypes(out, answer);
	return err ? err : print_places(out, answer);
}

struct btfgen_error *explain_print_text(FILE *out, const struct explain *explain)
{
	for (size_t i = 0; i < explain->answers.num; i++) {
		struct btfgen_error *err = print_answer(out, &explain->answers.data[i]);

		if (err)
			return err;
	}
	return NULL;
}

/* JSON. */

static const char *subject_name(uint8_t subject)
{
	static const char *const names[] = {
		[EXPLAIN_FUNCTION] = "function", [EXPLAIN_VARIABLE] = "variable"
	};

	return subject == EXPLAIN_NOTHING ? NULL : names[subject];
}

static void json_symbols(struct json *json, const struct explain_answer *answer)
{
	json_open(json, "symbols", '[');
	for (size_t i = 0; i < answer->num_symbols; i++) {
		const struct explain_symbol *symbol = &answer->symbols[i];

		json_open(json, NULL, '{');
		json_string(json, "name", symbol->name);
		json_string(json, "section", symbol->section);
		json_uint(json, "section_offset", symbol->off);
		json_uint(json, "address", symbol->addr);
		json_uint(json, "size", symbol->size);
		json_string(json, "binding", bind_name(symbol->bind));
		json_bool(json, "part", symbol->is_part);
		json_close(json, '}');
	}
	json_close(json, ']');
}

/* A text for each parameter; @texts may be NULL. */
static void json_params(struct json *json, const char *key, const struct explain_answer *answer,
			const struct explain_entry *entry, const char *const *texts)
{
	json_open(json, key, '[');
	if (texts && entry->prototype != EXPLAIN_NO_PROTOTYPE) {
		const struct explain_prototype *prototype = &answer->prototypes[entry->prototype];

		for (size_t i = 0; i < prototype->num_params; i++) {
			if (strcmp(prototype->params[i].type, "...") != 0)
				json_string(json, NULL, texts[i]);
		}
	}
	json_close(json, ']');
}

static void json_entries(struct json *json, const struct explain_answer *answer)
{
	json_open(json, "entries", '[');
	for (size_t i = 0; i < answer->num_entries; i++) {
		const struct explain_entry *entry = &answer->entries[i];

		json_open(json, NULL, '{');
		json_string(json, "unit", entry->unit);
		json_uint(json, "offset", entry->off);
		json_string(json, "name", entry->name);
		json_bool(json, "out_of_line", entry->has_addr);
		json_bool(json, "at_symbol", entry->at_symbol);
		json_bool(json, "taken", entry->taken);
		if (entry->has_addr) {
			json_string(json, "section", entry->section);
			json_uint(json, "section_offset", entry->section_off);
			json_uint(json, "address", entry->addr);
		}
		if (answer->subject == EXPLAIN_FUNCTION) {
			if (entry->prototype == EXPLAIN_NO_PROTOTYPE)
				json_string(json, "prototype", NULL);
			else
				json_uint(json, "prototype", entry->prototype);
			json_params(json, "places", answer, entry, entry->places);
			json_params(json, "states", answer, entry, entry->states);
		} else {
			json_string(json, "type", entry->type);
			json_uint(json, "size", entry->size);
		}
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void json_prototypes(struct json *json, const struct explain_answer *answer)
{
	json_open(json, "prototypes", '[');
	for (size_t i = 0; i < answer->num_prototypes; i++) {
		const struct explain_prototype *prototype = &answer->prototypes[i];

		json_open(json, NULL, '{');
		json_string(json, "result", prototype->result);
		json_bool(json, "result_differs", prototype->result_differs);
		json_open(json, "parameters", '[');
		for (size_t j = 0; j < prototype->num_params; j++) {
			const struct explain_param *param = &prototype->params[j];

			json_open(json, NULL, '{');
			json_string(json, "name", param->name);
			json_string(json, "type", param->type);
			json_bool(json, "differs", param->differs);
			json_close(json, '}');
		}
		json_close(json, ']');
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void json_answer(struct json *json, const struct explain_answer *answer)
{
	json_open(json, NULL, '{');
	json_string(json, "pattern", answer->pattern);
	json_string(json, "name", answer->name);
	json_string(json, "subject", subject_name(answer->subject));
	json_bool(json, "in_btf", answer->in_btf);
	json_string(json, "outcome", answer->outcome);
	json_string(json, "reason", answer->reason);
	json_string(json, "advice", answer->advice);
	json_string(json, "text", answer->text);
	json_string(json, "linkage", answer->linkage);
	json_bool(json, "kfunc", answer->is_kfunc);
	json_bool(json, "btf_id", answer->has_btf_id);
	/* Counted from 1, as in texts; 0: the outcome is not about a parameter. */
	json_uint(json, "parameter", (uint64_t)(answer->param + 1));
	json_symbols(json, answer);
	json_entries(json, answer);
	json_prototypes(json, answer);
	json_close(json, '}');
}

void explain_print_json(FILE *out, const char *path, const struct explain *explain)
{
	bool all = true;
	struct json json;

	for (size_t i = 0; i < explain->answers.num; i++)
		all &= explain->answers.data[i].in_btf;
	json_init(&json, out);
	json_open(&json, NULL, '{');
	json_uint(&json, "format", 1);
	json_string(&json, "version", BTFGEN_VERSION);
	json_string(&json, "input", path);
	json_bool(&json, "all_in_btf", all);
	json_open(&json, "answers", '[');
	for (size_t i = 0; i < explain->answers.num; i++)
		json_answer(&json, &explain->answers.data[i]);
	json_close(&json, ']');
	json_close(&json, '}');
}
