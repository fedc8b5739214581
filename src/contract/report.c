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
			begun += plan->fates[i] != COR_CONTRACT_NOT_RUN;
			len++;
		}
	return begun == 0 ? NONE : begun < len ? SOME : ALL;
}

static bool is_shut_out(const struct cor_contract_plan *plan, size_t operation)
{
	for (size_t i = 0; i < plan->len; i++)
		if (plan->items[i].operation == &plan->document.operations[operation] &&
			plan->fates[i] == COR_CONTRACT_SHUT_OUT)
			return true;
	return false;
}

size_t cor_contract_shut_out(const struct cor_contract_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->len; i++)
		count += plan->fates[i] == COR_CONTRACT_SHUT_OUT;
	return count;
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
		if (extent_of(plan, i) != ALL &&
			!cor_contract_left_out(plan, &plan->document.operations[i], NULL))
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

/* A limit of its own is in what its answers say of it; others count credentials that failed. */
static bool has_limit(const struct cor_contract_operation *operation)
{
	for (size_t i = 0; i < cor_node_len(operation->responses); i++)
		if (cor_node_get(cor_node_get(cor_node_item(operation->responses, i), "headers"),
			    "RateLimit-Limit"))
			return true;
	return cor_node_len(operation->security) == 0;
}

/* NULL: see write_unlimited(). */
static const char *of_limit(const struct cor_contract_operation *operation)
{
	return has_limit(operation) ? "lower the limit for the test: cor_test_use() in .before_each"
				    : NULL;
}

/* What would show it. */
static const char *advice(const struct cor_contract_operation *operation, int status)
{
	if (status < 300)
		return has_path_row(operation)
			       ? "make it in test/before.http, and name it there by # @param, or in .inputs"
			       : "make what it needs in test/before.http, or give values in .inputs";
	switch (status) {
	case 304:
	case 412:
		return "make what has a version in test/before.http";
	case 401:
	case 403:
		return "give a credential in .credentials, and one without scopes as its .poor";
	case 404:
		return "give an id that does not exist in .inputs, as a second value";
	case 409:
		return "make what the request clashes with in test/before.http";
	case 429:
		return of_limit(operation);
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
		if (!reason && !advice(operation, status))
			continue;
		cor_buffer_printf(out, "%d of %s: %s; %s\n", status, operation->name,
			reason ? "left out" : "not seen",
			reason ? reason : advice(operation, status));
	}
}

/* One line for all: a service with sessions has it in each. */
static void write_unlimited(const struct cor_contract_plan *plan, struct cor_buffer *out)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->document.len; i++) {
		const struct cor_contract_operation *operation = &plan->document.operations[i];
		if (extent_of(plan, i) != ALL || is_shut_out(plan, i) || has_limit(operation) ||
			!cor_node_get(operation->responses, "429") ||
			standing_of(plan, i, 429) != UNSEEN)
			continue;
		cor_buffer_printf(out, "%s%s", count++ ? ", " : "429 of ", operation->name);
	}
	if (count)
		cor_buffer_printf(out,
			": not seen; %s limit of its own: who is refused too often gets it "
			"(.failed_logins of the service), and a cookie that no session has is not "
			"counted; test it by hand, and say so in .exceptions\n",
			count == 1 ? "it has no" : "none has a");
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

/* The way in that its tests lack: the first is what they are skipped for. */
static struct cor_str scheme_of(const struct cor_contract_operation *operation)
{
	return cor_node_key(cor_node_item(operation->security, 0), 0);
}

/* As that of a session. */
static bool is_cookie(const struct cor_node *scheme)
{
	struct cor_str in;

	return cor_node_to_text(cor_node_get(scheme, "in"), &in) == 0 &&
	       cor_str_equal(in, COR_STR("cookie"));
}

/* One line for each scheme: what to do is the same for all of its tests. */
static void write_shut_out(const struct cor_contract_plan *plan, struct cor_buffer *out)
{
	const struct cor_node *schemes = cor_node_get(
		cor_node_get(plan->document.root, "components"), "securitySchemes");

	for (size_t i = 0; i < cor_node_len(schemes); i++) {
		struct cor_str name = cor_node_key(schemes, i);
		size_t count = 0;
		for (size_t j = 0; j < plan->len; j++)
			count += plan->fates[j] == COR_CONTRACT_SHUT_OUT &&
				 cor_str_equal(scheme_of(plan->items[j].operation), name);
		if (count == 0)
			continue;
		cor_buffer_printf(out,
			"%zu test%s skipped: nothing lets them in by the scheme %.*s; ", count,
			count == 1 ? " was" : "s were", (int)name.len, name.data);
		if (is_cookie(cor_node_item(schemes, i)))
			cor_buffer_literal(out, "log in in test/before.http");
		else
			cor_buffer_printf(out,
				"give \"# @credential %.*s VALUE\" in test/before.http",
				(int)name.len, name.data);
		cor_buffer_printf(out, ", or .credentials of %s\n", plan->file);
	}
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
		if (extent_of(plan, i) == ALL && !is_shut_out(plan, i))
			write_advice(plan, i, out);
	write_unlimited(plan, out);
	write_shut_out(plan, out);
	for (size_t i = 0; i < plan->document.len; i++) {
		const struct cor_contract_operation *operation = &plan->document.operations[i];
		const char *reason = cor_contract_left_out(plan, operation, NULL);
		if (reason)
			cor_buffer_printf(out, "%s: left out; %s\n", operation->name, reason);
	}
}
