/* SPDX-License-Identifier: MIT */
#include "contract/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "contract/judge.h"
#include "contract/plan.h"
#include "contract/schema.h"
#include "contract/told.h"
#include "http/status.h"
#include "testing/service_answer.h"

/* A request, what came of it, and what was wanted. */
struct trial {
	struct cor_contract_run *run;
	const struct cor_contract_request *request;
	const struct cor_contract_wanted *wanted;
	const struct cor_test_answer *answer;
	const struct cor_node *response; /* NULL: the status is not declared */
};

static void tell(const struct trial *trial, const char *text)
{
	cor_contract_fail(trial->run, "%s%s%s\n    %s\n    answered %s", text,
		trial->wanted->why ? "\n    the table says: " : "",
		trial->wanted->why ? trial->wanted->why : "", trial->request->curl,
		cor_test_answer_print(trial->run->t->service, trial->answer));
}

COR_PRINTF(2, 3)
static void fail(const struct trial *trial, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	tell(trial, text);
}

/* What makes a fault the same wherever it shows. */
enum sameness {
	BY_TEXT,   /* of any operation */
	BY_PLACE,  /* the same text, of one operation */
	BY_ANSWER, /* and with the same body */
};

/* A mistake that more than one test meets: the others name the first. */
COR_PRINTF(3, 4)
static void fail_once(const struct trial *trial, enum sameness sameness, const char *format, ...)
{
	struct cor_str body = trial->answer->body;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const char *fault = cor_contract_printf(trial->run, "%s\n%s\n%.*s", text,
		sameness == BY_TEXT ? "" : trial->run->operation->name,
		sameness == BY_ANSWER ? (int)body.len : 0, body.len ? body.data : "");
	const struct cor_contract_item *by = cor_contract_told_by(trial->run, fault);
	int shown = (int)strcspn(text, ",;:"); /* what follows was told */
	if (!by)
		tell(trial, text);
	else if (by == trial->run->item)
		cor_contract_fail(trial->run, "%.*s: as above", shown, text);
	else
		cor_contract_fail(trial->run, "%.*s: as %s[%s] tells", shown, text,
			by->operation->name, by->name);
}

/* --- the contract of every answer --- */

static const char *declared(const struct trial *trial)
{
	const struct cor_node *responses = trial->run->operation->responses;
	const char *text = "";

	for (size_t i = 0; i < cor_node_len(responses); i++) {
		struct cor_str status = cor_node_key(responses, i);
		if (status.len == 3)
			text = cor_contract_printf(trial->run, "%s%s%.*s", text,
				text[0] ? ", " : "", (int)status.len, status.data);
	}
	return text;
}

static bool is_declared(const struct trial *trial)
{
	int status = trial->answer->status;

	if (trial->response)
		return true;
	if (status >= 500)
		fail_once(trial, BY_ANSWER,
			"the status %d is not declared: the log, below, says why", status);
	else
		fail_once(trial, BY_PLACE,
			"the status %d is not declared, only %s: add it to .problems or .also of the "
			"operation",
			status, declared(trial));
	return false;
}

/* Type and subtype; a range has an asterisk. */
static bool is_of_type(struct cor_str declared_type, const char *type)
{
	size_t len = 0;
	size_t type_len = strcspn(type, "; \t");

	while (len < declared_type.len && !strchr("; \t", declared_type.data[len]))
		len++;
	if (len >= 2 && declared_type.data[len - 1] == '*')
		return len == 3 || strncasecmp(declared_type.data, type, len - 1) == 0;
	return len == type_len && strncasecmp(declared_type.data, type, len) == 0;
}

static const struct cor_node *media_of(const struct trial *trial, const char *type)
{
	const struct cor_node *content = cor_node_get(trial->response, "content");

	for (size_t i = 0; i < cor_node_len(content); i++)
		if (is_of_type(cor_node_key(content, i), type))
			return cor_node_item(content, i);
	return NULL;
}

static void judge_json(
	const struct trial *trial, const struct cor_node *schema, struct cor_str text)
{
	struct cor_contract_run *run = trial->run;
	struct cor_contract_fault fault;
	struct cor_node *value;

	if (cor_node_parse(&run->arena, text, NULL, &value, NULL) < 0) {
		fail_once(trial, BY_PLACE, "the body is no JSON");
		return;
	}
	if (cor_contract_judge(run, schema, value, COR_CONTRACT_NO_MORE, &fault))
		return;
	fail_once(trial, BY_PLACE, "the body breaks the schema of status %d: %s%s%s",
		trial->answer->status, fault.where, fault.where[0] ? " " : "it ", fault.text);
}

/* Of JSON Lines each. */
static void judge_lines(const struct trial *trial, const struct cor_node *schema)
{
	struct cor_str rest = trial->answer->body;

	while (rest.len) {
		const char *feed = memchr(rest.data, '\n', rest.len);
		size_t len = feed ? (size_t)(feed - rest.data) : rest.len;
		if (len)
			judge_json(trial, schema, (struct cor_str){ rest.data, len });
		rest.data += len + (feed != NULL);
		rest.len -= len + (feed != NULL);
	}
}

static bool has_body(const struct trial *trial)
{
	const char *method = trial->request->method ? trial->request->method
						    : trial->run->operation->method;

	return strcmp(method, "HEAD") != 0 && cor_status_has_body(trial->answer->status);
}

static void judge_body(const struct trial *trial)
{
	const char *type = cor_test_header(trial->answer, "Content-Type");
	const struct cor_node *content = cor_node_get(trial->response, "content");

	if (!has_body(trial))
		return;
	if (!content) {
		if (trial->answer->body.len > 0)
			fail_once(trial, BY_PLACE, "status %d has a body, and declares none",
				trial->answer->status);
		return;
	}
	const struct cor_node *media = type ? media_of(trial, type) : NULL;
	if (!media) {
		fail_once(trial, BY_PLACE,
			"the type of the body, %s, is not declared for status %d",
			type ? type : "(none)", trial->answer->status);
		return;
	}
	const struct cor_node *schema = cor_node_get(media, "schema");
	if (cor_contract_is_type(schema, "string"))
		return; /* text, or bytes */
	if (strstr(type, "jsonl") || strstr(type, "ndjson"))
		judge_lines(trial, schema);
	else if (strstr(type, "json"))
		judge_json(trial, schema, trial->answer->body);
}

static void judge_headers(const struct trial *trial)
{
	const struct cor_node *headers = cor_node_get(trial->response, "headers");
	struct cor_contract_run *run = trial->run;

	for (size_t i = 0; i < cor_node_len(headers); i++) {
		struct cor_str key = cor_node_key(headers, i);
		const char *name = cor_contract_printf(run, "%.*s", (int)key.len, key.data);
		const char *value = cor_test_header(trial->answer, name);
		const struct cor_node *schema = cor_contract_schema(
			run, cor_node_get(cor_node_item(headers, i), "schema"));
		struct cor_contract_fault fault;
		struct cor_node *node = NULL;
		if (!value || cor_contract_is_type(schema, "array"))
			continue;
		if (cor_contract_is_type(schema, "string") ||
			cor_node_parse(&run->arena, cor_str(value), NULL, &node, NULL) < 0)
			node = cor_node_string(&run->arena, value);
		if (node && !cor_contract_judge(run, schema, node, COR_CONTRACT_LENIENT, &fault))
			fail_once(trial, BY_PLACE, "the header %s breaks its schema: it %s", name,
				fault.text);
	}
}

/* --- what is wanted --- */

/* They say that the request is wrong, which it is not. */
static bool refuses_input(int status)
{
	return status == 400 || status == 401 || status == 405 || status == 406 || status == 413 ||
	       status == 415 || status == 422;
}

static bool names_row(const struct trial *trial, const struct cor_node *violation)
{
	struct cor_arena *arena = &trial->run->arena;
	const char *pointer = cor_contract_text(arena, violation, "pointer");
	const char *parameter = cor_contract_text(arena, violation, "parameter");
	const char *in = cor_contract_text(arena, violation, "in");
	const struct cor_contract_wanted *wanted = trial->wanted;

	if (pointer)
		return strcmp(wanted->in, "body") == 0 &&
		       cor_contract_is_along(pointer, wanted->name);
	if (!parameter || !in)
		return false;
	if (strcmp(in, "form") == 0) /* a member by its name, without the slash */
		return strcmp(wanted->in, "body") == 0 && wanted->name[0] &&
		       strncmp(parameter, wanted->name + 1, strlen(parameter)) == 0;
	return strcmp(in, wanted->in) == 0 && strcasecmp(parameter, wanted->name) == 0;
}

/* Errors of another shape are held to their schema alone. */
static bool has_problem(const struct cor_test_answer *answer)
{
	const char *type = cor_test_header(answer, "Content-Type");

	return type && strstr(type, "application/problem+json");
}

static void judge_refusal(const struct trial *trial)
{
	const struct cor_test_answer *answer = trial->answer;
	const struct cor_node *problem;

	if (answer->status != 400 && answer->status != 422) {
		fail(trial, "the status is %d: invalid input is a 422, or a 400", answer->status);
		return;
	}
	if (!trial->wanted->in || !has_problem(answer))
		return;
	problem = cor_test_answer_json(trial->run->t->service, answer);
	const struct cor_node *errors = cor_node_get(problem, "errors");
	for (size_t i = 0; i < cor_node_len(errors); i++)
		if (names_row(trial, cor_node_item(errors, i)))
			return;
	fail(trial, "no violation names %s %s", trial->wanted->in, trial->wanted->name);
}

/* What no value could be made for, or one that the table does not allow; NULL: all is valid. */
static const char *not_made(const struct trial *trial)
{
	struct cor_contract_run *run = trial->run;
	const struct cor_contract_operation *operation = run->operation;
	const struct cor_contract_request *request = trial->request;
	struct cor_contract_fault fault;
	const char *media;

	for (size_t i = 0; i < operation->parameters_len; i++)
		if (request->values[i] && !cor_contract_judge(run, operation->parameters[i].schema,
						  request->values[i], COR_CONTRACT_LENIENT, &fault))
			return cor_contract_printf(
				run, "%s: it %s", operation->parameters[i].row, fault.text);
	const struct cor_node *schema = cor_contract_body_schema(operation, &media);
	if (schema && request->body &&
		!cor_contract_judge(run, schema, request->body, COR_CONTRACT_LENIENT, &fault))
		return cor_contract_printf(run, "body %s: it %s", fault.where, fault.text);
	return NULL;
}

static void tell_refusal(const struct trial *trial, int status)
{
	const char *what = not_made(trial);
	struct cor_contract_way way = cor_contract_way_of(trial->run);

	if (what)
		fail_once(trial, BY_PLACE, "no valid value is known of %s; give one in .inputs",
			what);
	else if (status == 401 && way.credential)
		fail_once(trial, BY_TEXT,
			"the credential of the scheme %s is refused: give one that the service "
			"takes in .credentials, or a .log_in that gets one",
			way.scheme);
	else
		fail_once(trial, BY_ANSWER,
			"valid input is refused with %d: say in the table what the handler asks "
			"for, give a value that it takes in .inputs, or say why in .exceptions",
			status);
}

static void judge_wanted(const struct trial *trial)
{
	int status = trial->answer->status;

	switch (trial->wanted->kind) {
	case COR_CONTRACT_VALID:
		if (refuses_input(status) &&
			!cor_contract_may_refuse(trial->run->plan, trial->run->operation,
				trial->run->item->name, status))
			tell_refusal(trial, status);
		return;
	case COR_CONTRACT_INVALID:
		judge_refusal(trial);
		return;
	case COR_CONTRACT_STATUS:
		if (status != trial->wanted->status)
			fail(trial, "the status is %d, not %u", status, trial->wanted->status);
		return;
	default:
		return;
	}
}

struct cor_test_answer cor_contract_try(struct cor_contract_run *run,
	struct cor_contract_request *request, const struct cor_contract_wanted *wanted)
{
	const struct cor_test_answer answer = cor_contract_send(run, request);
	const struct trial trial = { run, request, wanted, &answer,
		cor_contract_response(run->document, run->operation, answer.status) };
	bool is_free = wanted->kind == COR_CONTRACT_STATUS && answer.status == wanted->status;

	if (!is_free && answer.status != 101 && !is_declared(&trial))
		return answer;
	if (trial.response) {
		judge_headers(&trial);
		judge_body(&trial);
	}
	judge_wanted(&trial);
	return answer;
}

struct part {
	struct cor_contract_run *run;
	struct cor_contract_request *request;
	const struct cor_contract_wanted *wanted;
};

static void try_part(struct cor_test *t, const void *arg)
{
	const struct part *part = arg;

	(void)t;
	(void)cor_contract_try(part->run, part->request, part->wanted);
}

void cor_contract_subtest(struct cor_contract_run *run, struct cor_contract_request *request,
	const struct cor_contract_wanted *wanted, const char *label)
{
	const struct part part = { run, request, wanted };

	cor_subtest(run->t, try_part, &part, "%s", label);
}
