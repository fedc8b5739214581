/* SPDX-License-Identifier: MIT */
/* What problems have besides the members of every problem, and those that operations inherit. */
#include <string.h>

#include <coracle/response.h>

#include "schema/bind.h"
#include "service/check.h"
#include "service/operation.h"

static bool is_of_every_problem(const char *key)
{
	static const char *const members[] = { "type", "title", "status", "detail", "instance",
		"request_id", "errors", "errors_count" };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i], key) == 0)
			return true;
	return false;
}

static void check_type(
	const struct cor_check *check, const struct cor_response *response, const char *where)
{
	const char *type = response->type;
	unsigned status = response->status;

	if ((type || response->title) && status < 400)
		cor_contradict(
			check, where, "response %u has .type or .title, but is no problem", status);
	if (response->title && !type)
		cor_contradict(check, where,
			"response %u has a .title, but no .type: about:blank has that of its status",
			status);
	for (; type && *type; type++)
		if (*type <= ' ' || *type >= 0x7f || strchr("\"<>\\^`{|}", *type)) {
			cor_contradict(check, where, "the .type of response %u is no URI: %s",
				status, response->type);
			return;
		}
}

void cor_check_problem(
	const struct cor_check *check, const struct cor_response *response, const char *where)
{
	const struct cor_schema *members = response->members;
	unsigned status = response->status;
	struct cor_rows rows;

	check_type(check, response, where);
	if (!members)
		return;
	if (status < 400)
		cor_contradict(check, where, "response %u has .members, but is no problem", status);
	if (response->schema)
		cor_contradict(
			check, where, "response %u has .schema and .members: use one", status);
	if (check->service->errors)
		cor_contradict(check, where,
			"response %u has .members, which are of application/problem+json, but the "
			"service has .errors of its own",
			status);
	if (members->media != COR_MEDIA_JSON) {
		cor_contradict(check, where, "the .members of response %u have no table", status);
		return;
	}
	if (cor_schema_bare_row(members))
		cor_contradict(check, where,
			"the .members of response %u are no object: %s is bare", status,
			members->symbol);
	for (const struct cor_field *field = cor_rows_first(&rows, members); field;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_BODY && is_of_every_problem(cor_row_key(field)))
			cor_contradict(check, where,
				"the .members of response %u have \"%s\", which every problem has",
				status, cor_row_key(field));
}

void cor_check_problems(
	const struct cor_check *check, const struct cor_response *problems, const char *where)
{
	for (const struct cor_response *at = problems; at && at->status; at++) {
		if (at->status < 400 || at->status > 599)
			cor_contradict(check, where,
				"%u in .problems is not the status of a problem: 400 to 599",
				at->status);
		if (cor_responses_find(problems, at->status) != at)
			cor_contradict(check, where, "%u in .problems is listed twice", at->status);
		if (at->links || at->examples)
			cor_contradict(check, where,
				"%u in .problems has .links or .examples: they are of an operation's "
				".responses",
				at->status);
		cor_check_problem(check, at, where);
	}
}
