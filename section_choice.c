// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "section_choice.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define usage_error(...) error_create(BTFGEN_ERROR_USAGE, __VA_ARGS__)

static struct btfgen_error *add_element(struct section_choice *choice, const char *text)
{
	struct section_element element = { .remove = *text == '-' };

	if (*text == '-' || *text == '+')
		text++;
	if (!*text)
		return usage_error("an element of the list is empty");
	if (strcmp(text, "none") == 0)
		return usage_error("'none' stands alone");
	if (strcmp(text, "all") == 0) {
		element.kind = ELEMENT_ALL;
	} else if (strcmp(text, "percpu") == 0) {
		element.kind = ELEMENT_PERCPU;
	} else {
		element.kind = ELEMENT_PATTERN;
		element.pattern = text;
	}
	return vec_push(&choice->elements, element) ? NULL : error_nomem();
}

static struct btfgen_error *add_elements(struct section_choice *choice)
{
	char *text = choice->text;

	if ((*text == '-' || *text == '+') &&
	    !vec_push(&choice->elements, (struct section_element){ .kind = ELEMENT_PERCPU }))
		return error_nomem();
	for (;;) {
		size_t size = strcspn(text, ",");
		bool is_last = !text[size];
		struct btfgen_error *err;

		text[size] = '\0';
		err = add_element(choice, text);
		if (err || is_last)
			return err;
		text += size + 1;
	}
}

struct btfgen_error *section_choice_parse(const char *list, struct section_choice *ret_choice)
{
	struct section_choice choice = { 0 };
	struct btfgen_error *err = NULL;

	choice.list = strdup(list);
	choice.text = strdup(list);
	if (!choice.list || !choice.text)
		err = error_nomem();
	else if (strcmp(list, "none") != 0)
		err = add_elements(&choice);
	if (err) {
		section_choice_deinit(&choice);
		return err;
	}
	*ret_choice = choice;
	return NULL;
}

void section_choice_deinit(struct section_choice *choice)
{
	vec_deinit(&choice->elements);
	free(choice->list);
	free(choice->text);
	*choice = (struct section_choice){ 0 };
}

enum section_wish section_choice_of(const struct section_choice *choice, const char *name)
{
	enum section_wish wish = SECTION_UNWANTED;

	for (size_t i = 0; i < choice->elements.num; i++) {
		const struct section_element *element = &choice->elements.data[i];

		if (element->kind == ELEMENT_PERCPU && strcmp(name, PERCPU_SECTION) != 0)
			continue;
		if (element->kind == ELEMENT_PATTERN && fnmatch(element->pattern, name, 0) != 0)
			continue;
		if (element->remove)
			wish = SECTION_UNWANTED;
		else if (element->kind != ELEMENT_ALL)
			wish = SECTION_NAMED;
		else if (wish == SECTION_UNWANTED)
			wish = SECTION_BY_ALL;
	}
	return wish;
}

bool section_choice_is_empty(const struct section_choice *choice)
{
	for (size_t i = 0; i < choice->elements.num; i++) {
		if (!choice->elements.data[i].remove)
			return false;
	}
	return true;
}

bool section_choice_is_wide(const struct section_choice *choice)
{
	for (size_t i = 0; i < choice->elements.num; i++) {
		const struct section_element *element = &choice->elements.data[i];

		if (!element->remove && element->kind != ELEMENT_PERCPU)
			return true;
	}
	return false;
}
