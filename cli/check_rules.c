// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/check_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/clean.h"
#include "cli/cli.h"
#include "cli/number.h"

/* The kernels whose rules are known, and their numbers. */
const char *const check_targets[] = { "5.10", "6.1", "6.12", "6.18", "7.2", "7.3", NULL };
static const unsigned int target_numbers[] = { VERIFY_KERNEL(5, 10), VERIFY_KERNEL(6, 1),
					       VERIFY_KERNEL(6, 12), VERIFY_KERNEL(6, 18),
					       VERIFY_KERNEL(7, 2),  VERIFY_KERNEL(7, 3) };

/* In the order of enum module_reader, without the first. */
const char *const check_readers[] = { "vmlinux", "module", "program", NULL };

static bool word_find(const char *const *words, const char *value, size_t *ret_index)
{
	for (size_t i = 0; words[i]; i++) {
		if (!strcmp(words[i], value)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

struct btfgen_error *check_parse_target(const char *option, const char *value, void *var)
{
	struct module_rules *rules = var;
	size_t index;

	if (!word_find(check_targets, value, &index))
		return error_create(BTFGEN_ERROR_USAGE,
				    "option '%s' takes 5.10, 6.1, 6.12, 6.18, 7.2 or 7.3, not '%s'",
				    option, value);
	rules->kernel = target_numbers[index];
	rules->with_base = true;
	return NULL;
}

struct btfgen_error *check_parse_reader(const char *option, const char *value, void *var)
{
	struct module_rules *rules = var;
	size_t index;

	if (!word_find(check_readers, value, &index))
		return error_create(BTFGEN_ERROR_USAGE,
				    "option '%s' takes vmlinux, module or program, not '%s'",
				    option, value);
	rules->reader = MODULE_READER_VMLINUX + index;
	rules->with_base = true;
	return NULL;
}

/* The list of rules. */

static void version_format(unsigned int kernel, char *ret_text, size_t room)
{
	snprintf(ret_text, room, "%u.%u", kernel >> 8, kernel & 0xff);
}

static void rule_print(const struct verify_rule *rule)
{
	static const char *const refusers[] = { "-", "program", "kernel", "both" };
	char since[16] = "", until[16] = "", versions[40];

	if (rule->since)
		version_format(rule->since, since, sizeof(since));
	if (rule->until)
		version_format(rule->until, until, sizeof(until));
	snprintf(versions, sizeof(versions), "%s%s%s", since, *since || *until ? "-" : "all",
		 until);
	printf("%-4s %-8s %-9s %s\n", rule->id,
	       rule->is_warning ? "warning" : refusers[rule->refused_by], versions, rule->wants);
}

static void rule_json(struct json *json, const struct verify_rule *rule)
{
	char text[16];

	json_open(json, NULL, '{');
	json_string(json, "rule", rule->id);
	json_string(json, "wants", rule->wants);
	json_bool(json, "warning", rule->is_warning);
	json_bool(json, "refused_as_program", rule->refused_by & VERIFY_BY_PROGRAM);
	json_bool(json, "refused_as_vmlinux", rule->refused_by & VERIFY_BY_KERNEL);
	version_format(rule->since, text, sizeof(text));
	json_string(json, "since", rule->since ? text : NULL);
	version_format(rule->until, text, sizeof(text));
	json_string(json, "until", rule->until ? text : NULL);
	json_bool(json, "unreadable", rule->at_opening);
	json_close(json, '}');
}

void check_print_rules(bool as_json)
{
	struct json json;

	if (!as_json) {
		puts("RULE REFUSER  LINUX     WANTS THAT");
		for (size_t i = 0; i < VERIFY_NUM_RULES; i++)
			rule_print(&verify_rules[i]);
		return;
	}
	json_init(&json, stdout);
	json_open(&json, NULL, '{');
	json_string(&json, "version", BTFGEN_VERSION);
	json_open(&json, "rules", '[');
	for (size_t i = 0; i < VERIFY_NUM_RULES; i++)
		rule_json(&json, &verify_rules[i]);
	json_close(&json, ']');
	json_close(&json, '}');
}

/* Findings. */

static const char *reader_name(const struct module_check *check)
{
	return check_readers[check->reader - MODULE_READER_VMLINUX];
}

static void print_count(const char *before, uint64_t num, const char *noun)
{
	struct number_text text;

	if (num)
		printf("%s%s %s%s", before, number_group(num, &text), noun, num == 1 ? "" : "s");
}

void check_print_sum(const struct check_rules_values *values, const struct module_check *check)
{
	static const char *const articles[] = { "vmlinux", "a module", "a program" };
	const struct verify_findings *findings = &check->findings;
	char version[16];

	version_format(values->rules.kernel, version, sizeof(version));
	printf("Linux %s %s it as %s%s", version, check->num_refused ? "refuses" : "takes",
	       articles[check->reader - MODULE_READER_VMLINUX],
	       !check->num_refused && findings->num_found[0] ? ", but it breaks rules" : "");
	print_count(": ", findings->num_found[0], "violation");
	print_count(findings->num_found[0] ? ", " : ": ", findings->num_found[1], "warning");
	putchar('\n');
}

struct finding_list {
	const struct check_rules_values *values;
	const struct module_check *check;
	size_t number; /* of the line */
	uint64_t num_printed[VERIFY_NUM_RULES];
};

static void finding_print(struct finding_list *list, const struct verify_finding *finding,
			  bool is_small)
{
	const struct verify_rule *rule = finding->rule;

	printf("%4zu. %s%s ", ++list->number, rule->is_warning ? "warning " : "", rule->id);
	if (is_small)
		fputs(".BTF.base ", stdout);
	if (finding->type_id) {
		printf("type %" PRIu32 " %s", finding->type_id, finding->kind);
		if (*finding->name) {
			fputs(" '", stdout);
			print_clean(stdout, finding->name);
			putchar('\'');
		}
	} else {
		fputs("BTF", stdout);
	}
	if (finding->noun) {
		printf(" %s %" PRIu32, finding->noun, finding->index);
		if (*finding->element) {
			fputs(" '", stdout);
			print_clean(stdout, finding->element);
			putchar('\'');
		}
	}
	fputs(": ", stdout);
	print_clean(stdout, finding->text);
	putchar('\n');
	if (!list->num_printed[rule - verify_rules]++)
		printf("      wanted: %s\n", rule->wants);
}

/* "and 12 more warnings: 2 N2, 10 N5" */
static void print_more(const struct finding_list *list, bool warnings, uint64_t more)
{
	const uint64_t *num_by_rule = list->check->findings.num_by_rule;
	const char *separator = ": ";
	struct number_text text;

	printf("      and %s more %s%s", number_group(more, &text),
	       warnings ? "warning" : "violation", more == 1 ? "" : "s");
	for (size_t i = 0; i < VERIFY_NUM_RULES; i++) {
		uint64_t num = num_by_rule[i] - list->num_printed[i];

		if (verify_rules[i].is_warning != warnings || !num)
			continue;
		printf("%s%s %s", separator, number_group(num, &text), verify_rules[i].id);
		separator = ", ";
	}
	putchar('\n');
}

static size_t max_shown(const struct check_rules_values *values, size_t otherwise)
{
	return values->max == CHECK_MAX_UNSAID ? otherwise : values->max;
}

static void findings_print(struct finding_list *list, bool warnings)
{
	const struct verify_findings *findings = &list->check->findings;
	size_t max = max_shown(list->values, CHECK_MAX_TEXT), num = 0;

	for (size_t i = 0; i < findings->items.num && num < max; i++) {
		const struct verify_finding *finding = &findings->items.data[i];

		if (finding->rule->is_warning != warnings)
			continue;
		finding_print(list, finding, i < list->check->num_small);
		num++;
	}
	if (findings->num_found[warnings] > num)
		print_more(list, warnings, findings->num_found[warnings] - num);
}

void check_print_findings(const struct check_rules_values *values, const struct module_check *check)
{
	struct finding_list list = { .values = values, .check = check };

	findings_print(&list, false);
	findings_print(&list, true);
}

static void finding_json(struct json *json, const struct check_rules_values *values,
			 const struct module_check *check, const struct verify_finding *finding,
			 bool is_small)
{
	static const char *const levels[] = {
		[VERIFY_REFUSED] = "refused",
		[VERIFY_WRONG] = "wrong",
		[VERIFY_WARNING] = "warning",
	};
	bool program = check->reader == MODULE_READER_PROGRAM;

	json_open(json, NULL, '{');
	json_string(json, "rule", finding->rule->id);
	json_string(json, "level",
		    levels[verify_rule_level(finding->rule, program, values->rules.kernel)]);
	json_string(json, "section", is_small ? ".BTF.base" : ".BTF");
	json_uint(json, "type_id", finding->type_id);
	json_string(json, "kind", finding->kind);
	json_string(json, "name", *finding->name ? finding->name : NULL);
	json_string(json, "place", finding->noun);
	if (finding->noun)
		json_uint(json, "index", finding->index);
	else
		json_string(json, "index", NULL);
	json_string(json, "element", *finding->element ? finding->element : NULL);
	json_string(json, "text", finding->text);
	json_string(json, "wants", finding->rule->wants);
	json_close(json, '}');
}

static void findings_json(struct json *json, const struct check_rules_values *values,
			  const struct module_check *check, bool warnings)
{
	const struct verify_findings *findings = &check->findings;
	size_t max = max_shown(values, CHECK_MAX_JSON), num = 0;

	json_open(json, warnings ? "warnings" : "violations", '[');
	for (size_t i = 0; i < findings->items.num && num < max; i++) {
		const struct verify_finding *finding = &findings->items.data[i];

		if (finding->rule->is_warning != warnings)
			continue;
		finding_json(json, values, check, finding, i < check->num_small);
		num++;
	}
	json_close(json, ']');
}

void check_json_findings(struct json *json, const struct check_rules_values *values,
			 const struct module_check *check)
{
	const struct verify_findings *findings = &check->findings;
	char version[16];

	version_format(values->rules.kernel, version, sizeof(version));
	json_string(json, "target", version);
	json_string(json, "as", reader_name(check));
	json_bool(json, "refused", check->num_refused);
	json_uint(json, "num_violations", findings->num_found[0]);
	json_uint(json, "num_warnings", findings->num_found[1]);
	json_open(json, "by_rule", '{');
	for (size_t i = 0; i < VERIFY_NUM_RULES; i++) {
		if (findings->num_by_rule[i])
			json_uint(json, verify_rules[i].id, findings->num_by_rule[i]);
	}
	json_close(json, '}');
	findings_json(json, values, check, false);
	findings_json(json, values, check, true);
}
