/* SPDX-License-Identifier: MIT */
#include "testing/failed.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void find_path(char ret[PATH_MAX + 16])
{
	ssize_t len = readlink("/proc/self/exe", ret, PATH_MAX);

	memcpy(ret + (len > 0 ? len : 0), ".failed", sizeof ".failed");
}

/* Its text, a name on each line; empty if there is none. NULL without memory. */
static char *read_list(void)
{
	char path[PATH_MAX + 16];
	char *text = NULL;
	size_t room = 0;

	find_path(path);
	FILE *in = fopen(path, "re");
	if (!in)
		return calloc(1, 1);
	ssize_t len = getdelim(&text, &room, '\0', in);
	fclose(in);
	if (len >= 0)
		return text;
	free(text);
	return calloc(1, 1);
}

static bool has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = list; *line; line += strcspn(line, "\n") + 1) {
		if (strcspn(line, "\n") == len && memcmp(line, name, len) == 0)
			return true;
		if (line[strcspn(line, "\n")] == '\0')
			break;
	}
	return false;
}

/* Tests move within their group, and groups with one that failed before the others. */
static void sort(struct cor_plan *plan, struct cor_item *sorted, const char *list)
{
	size_t len = 0;

	for (int failed = 1; failed >= 0; failed--)
		for (size_t at = 0, end; at < plan->len; at = end) {
			bool has_failed = false;
			end = cor_test_plan_group_end(plan, at);
			for (size_t i = at; i < end; i++)
				has_failed = has_failed || has_name(list, plan->items[i].name);
			if (has_failed != failed)
				continue;
			for (int which = 1; which >= 0; which--)
				for (size_t i = at; i < end; i++)
					if (has_name(list, plan->items[i].name) == which)
						sorted[len++] = plan->items[i];
		}
}

int cor_failed_apply(struct cor_plan *plan, bool only)
{
	char *list = read_list();
	struct cor_item *sorted = calloc(plan->len + 1, sizeof *sorted);
	size_t failed = 0;

	if (!list || !sorted) {
		free(list);
		free(sorted);
		return -ENOMEM;
	}
	sort(plan, sorted, list);
	free(plan->items);
	plan->items = sorted;
	for (size_t i = 0; i < plan->len; i++)
		failed += has_name(list, plan->items[i].name);
	if (only && failed > 0) {
		size_t len = 0;
		for (size_t i = 0; i < plan->len; i++) {
			if (has_name(list, sorted[i].name))
				sorted[len++] = sorted[i];
			else
				free(sorted[i].name);
		}
		plan->len = len;
	}
	free(list);
	return 0;
}

static bool was_run(const struct cor_plan *plan, const struct cor_outcome *outcomes,
	const char *name, size_t len)
{
	for (size_t i = 0; i < plan->len; i++)
		if (strlen(plan->items[i].name) == len &&
			memcmp(plan->items[i].name, name, len) == 0)
			return outcomes[i].state != COR_STATE_NONE;
	return false;
}

static bool write_list(
	FILE *out, const char *old, const struct cor_plan *plan, const struct cor_outcome *outcomes)
{
	bool is_empty = true;

	for (size_t i = 0; i < plan->len; i++)
		if (cor_state_is_bad(outcomes[i].state)) {
			fprintf(out, "%s\n", plan->items[i].name);
			is_empty = false;
		}
	for (size_t len; *old; old += len + (old[len] != '\0')) {
		len = strcspn(old, "\n");
		if (len == 0 || was_run(plan, outcomes, old, len))
			continue;
		fprintf(out, "%.*s\n", (int)len, old);
		is_empty = false;
	}
	return is_empty;
}

int cor_failed_write(const struct cor_plan *plan, const struct cor_outcome *outcomes)
{
	char path[PATH_MAX + 16];
	char *old = read_list();

	find_path(path);
	if (!old)
		return -ENOMEM;
	FILE *out = fopen(path, "we");
	if (!out) {
		free(old);
		return -errno;
	}
	bool is_empty = write_list(out, old, plan, outcomes);
	free(old);
	if (fclose(out) != 0)
		return -errno;
	return is_empty && unlink(path) < 0 ? -errno : 0;
}
