/* SPDX-License-Identifier: MIT */
#include "contract/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tests of one status, for the table. */
static int status_at(const struct cor_contract_operation *operation, size_t i)
{
	struct cor_str key = cor_node_key(operation->responses, i);
	char text[8];

	if (key.len != 3) /* "default" is none */
		return 0;
	snprintf(text, sizeof text, "%.*s", (int)key.len, key.data);
	return (int)strtol(text, NULL, 10);
}

enum standing { SEEN, UNSEEN, NOT_DRIVEN };

static enum standing standing_of(const struct cor_contract_plan *plan, size_t operation, int status)
{
	if (plan->seen[operation].statuses[status])
		return SEEN;
	return cor_contract_not_driven(plan, &plan->document.operations[operation], status)
		       ? NOT_DRIVEN
		       : UNSEEN;
}

/* What has run of an operation: of one that was selected in part, little can be said. */
enum extent { NONE, SOME, ALL };

static enum extent extent_of(const struct cor_contract_plan *plan, size_t operation)
{
	size_t begun = 0, len = 0;

	for (size_t i = 0; i < plan->len; i++)
		if (plan->items[i].operation == &plan->document.operations[operation]) {
			begun += plan->has_begun[i];
			len++;
		}
	return begun == 0 ? NONE : begun < len ? SOME : ALL;
}

static bool has_run(const struct cor_contract_plan *plan, size_t operation)
{
	return extent_of(plan, operation) != NONE;
}

size_t cor_contract_unseen(const struct cor_contract_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->document.len; i++) {
		const struct cor_contract_operation *operation = &plan->document.operations[i];
		for (size_t j = 0;
			extent_of(plan, i) == ALL && j < cor_node_len(operation->responses); j++) {
			int status = status_at(operation, j);
			count += status != 0 && standing_of(plan, i, status) == UNSEEN;
		}
	}
	return count;
}

bool cor_contract_has_part(const struct cor_contract_plan *plan)
{
	for (size_t i = 0; i < plan->document.len; i++)
		if (extent_of(plan, i) == SOME)
			return true;
	return false;
}

static void write_statuses(const struct cor_contract_plan *plan, size_t operation,
	enum standing standing, struct cor_buffer *out)
{
	const struct cor_node *responses = plan->document.operations[operation].responses;
	bool any = false;

	for (size_t i = 0; i < cor_node_len(responses); i++) {
		int status = status_at(&plan->document.operations[operation], i);
		if (status == 0 || standing_of(plan, operation, status) != standing)
			continue;
		cor_buffer_printf(out, "%s%d", any ? " " : "", status);
		any = true;
	}
	if (!any)
		cor_buffer_byte(out, '-');
}

static bool has_path_row(const struct cor_contract_operation *operation)
{
	return strchr(operation->path, '{') != NULL;
}

/* What would show it. */
static const char *advice(const struct cor_contract_operation *operation, int status)
{
	if (status < 300)
		return has_path_row(operation)
			       ? "give values that are there in .inputs, and make them in .before_each"
			       : "make what it needs in .before_each, or give values in .inputs";
	switch (status) {
	case 304:
	case 412:
		return "make in .before_each what has a version";
	case 401:
	case 403:
		return "give a credential in .credentials, and one without scopes as its .poor";
	case 404:
		return "give an id that does not exist in .inputs, as a second value";
	case 409:
		return "make in .before_each what the request clashes with";
	case 429:
		return "lower the limit for the test: cor_test_use() in .before_each";
	default:
		return "test it by hand, and say so in .exceptions";
	}
}

static void write_advice(const struct cor_contract_plan *plan, size_t index, struct cor_buffer *out)
{
	const struct cor_contract_operation *operation = &plan->document.operations[index];

	for (size_t i = 0; i < cor_node_len(operation->responses); i++) {
		int status = status_at(operation, i);
		if (status == 0 || standing_of(plan, index, status) == SEEN)
			continue;
		const char *reason = cor_contract_not_driven(plan, operation, status);
		cor_buffer_printf(out, "%d of %s: %s; %s\n", status, operation->name,
			reason ? "left out" : "not seen",
			reason ? reason : advice(operation, status));
	}
}

static size_t width_of(const struct cor_contract_plan *plan)
{
	size_t width = 9;

	for (size_t i = 0; i < plan->document.len; i++) {
		size_t len = strlen(plan->document.operations[i].name);
		if (has_run(plan, i) && len > width && len <= 60)
			width = len;
	}
	return width;
}

static void write_row(
	const struct cor_contract_plan *plan, size_t index, size_t width, struct cor_buffer *out)
{
	cor_buffer_printf(out, "%-*s  ", (int)width, plan->document.operations[index].name);
	size_t from = out->len;
	write_statuses(plan, index, SEEN, out);
	size_t len = out->len - from;
	cor_buffer_printf(out, "%*s  ", len < 36 ? (int)(36 - len) : 0, "");
	if (extent_of(plan, index) == ALL)
		write_statuses(plan, index, UNSEEN, out);
	else
		cor_buffer_literal(out, "(a part of its tests has run)");
	cor_buffer_byte(out, '\n');
}

void cor_contract_report(const struct cor_contract_plan *plan, struct cor_buffer *out)
{
	size_t width = width_of(plan);

	cor_buffer_printf(
		out, "%-*s  %-36s  %s\n", (int)width, "operation", "statuses seen", "not seen");
	for (size_t i = 0; i < plan->document.len; i++)
		if (has_run(plan, i))
			write_row(plan, i, width, out);
	for (size_t i = 0; i < plan->document.len; i++)
		if (extent_of(plan, i) == ALL)
			write_advice(plan, i, out);
	for (size_t i = 0; i < plan->document.len; i++) {
		const struct cor_contract_operation *operation = &plan->document.operations[i];
		const char *reason = cor_contract_left_out(plan, operation, NULL);
		if (reason)
			cor_buffer_printf(out, "%s: left out; %s\n", operation->name, reason);
	}
}
