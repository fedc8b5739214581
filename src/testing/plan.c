/* SPDX-License-Identifier: MIT */
#include "testing/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "testing/keyword.h"

/* --- all of them --- */

static const struct cor_case_group *group_at(const struct cor_plan *plan, size_t i)
{
	return i == 0 ? &plan->own : &plan->suite->groups[i - 1];
}

static size_t rows_of(const struct cor_case *test)
{
	return test->rows ? test->rows_len : 1;
}

static char *name_item(const struct cor_item *item, size_t row)
{
	char *name = NULL;
	char label[32];
	const char *text = label;
	const char *group = item->group->name;

	snprintf(label, sizeof label, "%zu", row);
	if (item->row && item->test->row_name_at > 0)
		memcpy(&text, (const char *)item->row + item->test->row_name_at - 1, sizeof text);
	int len = item->row ? asprintf(&name, "%s%s%s[%s]", group ? group : "", group ? "." : "",
				      item->test->name, text ? text : label)
			    : asprintf(&name, "%s%s%s", group ? group : "", group ? "." : "",
				      item->test->name);
	return len < 0 ? NULL : name;
}

static int add_case(
	struct cor_plan *plan, const struct cor_case_group *group, const struct cor_case *test)
{
	for (size_t row = 0; row < rows_of(test); row++) {
		struct cor_item *item = &plan->items[plan->len];
		*item = (struct cor_item){ .group = group, .test = test };
		if (test->rows)
			item->row = (const char *)test->rows + row * test->row_bytes;
		item->name = name_item(item, row);
		if (!item->name)
			return -ENOMEM;
		plan->len++;
	}
	return 0;
}

/* --- what is wrong with them --- */

static int fault(const char *name, const char *what)
{
	fprintf(stderr, "%s: %s\n", name ? name : "a case without a name", what);
	return 1;
}

static int case_faults(const struct cor_case *test)
{
	if (!test->name || !test->run)
		return fault(test->name, "a row of the table of cases is COR_CASE(function)");
	if (test->rows && (test->rows_len == 0 || test->row_bytes == 0))
		return fault(test->name, "has no rows, and would never run: COR_ROWS(array)");
	if (test->timeout_ms < 0)
		return fault(test->name, ".timeout_ms is negative");
	return 0;
}

static int group_faults(
	const struct cor_plan *plan, const struct cor_case_group *group, size_t *items)
{
	int faults = 0;

	if (group != &plan->own && !group->name)
		faults += fault("a group", "has no .name");
	if (group->cases_len == 0 && group != &plan->own)
		faults += fault(group->name, "has no cases: COR_CASES(array)");
	for (size_t i = 0; i < group->cases_len; i++) {
		faults += case_faults(&group->cases[i]);
		*items += rows_of(&group->cases[i]);
	}
	return faults;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int name_faults(const struct cor_plan *plan)
{
	char **names = calloc(plan->len + 1, sizeof *names);
	int faults = 0;

	for (size_t i = 0; names && i < plan->len; i++)
		names[i] = plan->items[i].name;
	if (names)
		qsort(names, plan->len, sizeof *names, compare_names);
	for (size_t i = 1; names && i < plan->len; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			faults += fault(names[i], "two tests have this name");
	free(names);
	return faults;
}

int cor_test_plan_init(struct cor_plan *plan, const struct cor_suite *suite)
{
	size_t items = 0;
	int faults = 0, rc = 0;

	*plan = (struct cor_plan){ .suite = suite,
		.own = { .cases = suite->cases, .cases_len = suite->cases_len } };
	for (size_t i = 0; i <= suite->groups_len; i++)
		faults += group_faults(plan, group_at(plan, i), &items);
	if (faults > 0)
		return -COR_ETABLE;
	plan->items = calloc(items + 1, sizeof *plan->items);
	if (!plan->items)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i <= suite->groups_len; i++) {
		const struct cor_case_group *group = group_at(plan, i);
		for (size_t j = 0; rc == 0 && j < group->cases_len; j++)
			rc = add_case(plan, group, &group->cases[j]);
	}
	return rc == 0 && name_faults(plan) > 0 ? -COR_ETABLE : rc;
}

void cor_test_plan_finish(struct cor_plan *plan)
{
	for (size_t i = 0; i < plan->len; i++)
		free(plan->items[i].name);
	free(plan->items);
}

/* --- selection --- */

/* A name is that of the test, of its group, or of its case without the row. */
static bool is_named(const struct cor_item *item, const char *name)
{
	size_t len = strlen(name);
	const char *row = strchr(item->name, '[');

	return strcmp(item->name, name) == 0 ||
	       (item->group->name && strcmp(item->group->name, name) == 0) ||
	       (item->row && row && len == (size_t)(row - item->name) &&
		       memcmp(item->name, name, len) == 0);
}

static void keep(struct cor_plan *plan, const bool *is_kept)
{
	size_t len = 0;

	for (size_t i = 0; i < plan->len; i++) {
		if (is_kept[i])
			plan->items[len++] = plan->items[i];
		else
			free(plan->items[i].name);
	}
	plan->len = len;
}

static int mark_names(const struct cor_plan *plan, const struct cor_options *options, bool *is_kept)
{
	for (int n = 0; n < options->names_len; n++) {
		bool is_there = false;
		for (size_t i = 0; i < plan->len; i++)
			if (is_named(&plan->items[i], options->names_of_tests[n]))
				is_kept[i] = is_there = true;
		/* Who runs many programs asks all of them for it. */
		if (!is_there && options->format != COR_FORMAT_EVENTS) {
			fprintf(stderr, "%s: no such test; --list has their names\n",
				options->names_of_tests[n]);
			return -EINVAL;
		}
	}
	return 0;
}

static int mark_keyword(const struct cor_plan *plan, const char *keyword, bool *is_kept)
{
	const char *at;

	for (size_t i = 0; i < plan->len; i++) {
		int selects = cor_keyword_selects(keyword, plan->items[i].name, &at);
		if (selects < 0) {
			fprintf(stderr, "-k %s: a word, \"not\" or \"(\" is wanted at \"%s\"\n",
				keyword, at);
			return selects;
		}
		is_kept[i] = is_kept[i] && selects;
	}
	return 0;
}

int cor_test_plan_select(struct cor_plan *plan, const struct cor_options *options)
{
	bool *is_kept = calloc(plan->len + 1, sizeof *is_kept);
	int rc = 0;

	if (!is_kept)
		return -ENOMEM;
	if (options->names_len > 0)
		rc = mark_names(plan, options, is_kept);
	else
		memset(is_kept, true, plan->len);
	if (rc == 0 && options->keyword)
		rc = mark_keyword(plan, options->keyword, is_kept);
	if (rc == 0)
		keep(plan, is_kept);
	free(is_kept);
	return rc;
}

/* --- order --- */

size_t cor_test_plan_group_end(const struct cor_plan *plan, size_t at)
{
	size_t end = at;

	while (end < plan->len && plan->items[end].group == plan->items[at].group)
		end++;
	return end;
}

/* Marsaglia's xorshift: the same order everywhere. */
static uint32_t next_number(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void swap(struct cor_item *a, struct cor_item *b)
{
	struct cor_item other = *a;

	*a = *b;
	*b = other;
}

static void rotate_groups(struct cor_plan *plan, uint32_t *state)
{
	struct cor_item *items = calloc(plan->len + 1, sizeof *items);
	size_t len = 0;

	if (!items)
		return;
	while (plan->len > 0) {
		size_t at = next_number(state) % plan->len;
		while (at > 0 && plan->items[at - 1].group == plan->items[at].group)
			at--;
		size_t end = cor_test_plan_group_end(plan, at);
		memcpy(items + len, plan->items + at, (end - at) * sizeof *items);
		len += end - at;
		memmove(plan->items + at, plan->items + end, (plan->len - end) * sizeof *items);
		plan->len -= end - at;
	}
	free(plan->items);
	plan->items = items;
	plan->len = len;
}

void cor_test_plan_shuffle(struct cor_plan *plan, uint32_t seed)
{
	uint32_t state = seed ^ 2463534242U;

	state = state ? state : 1;
	rotate_groups(plan, &state);
	for (size_t at = 0; at < plan->len; at = cor_test_plan_group_end(plan, at))
		for (size_t i = cor_test_plan_group_end(plan, at) - 1; i > at; i--)
			swap(&plan->items[i],
				&plan->items[at + next_number(&state) % (i - at + 1)]);
}
