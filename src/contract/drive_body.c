/* SPDX-License-Identifier: MIT */
/* The body: its members, and the body itself. */
#include <string.h>

#include <coracle/json_pointer.h>

#include "contract/answer.h"
#include "contract/body.h"
#include "contract/judge.h"
#include "contract/drives.h"
#include "contract/vary_object.h"

struct body {
	struct cor_contract_run *run;
	const struct cor_node *schema;
	const char *media;
};

/* A form has texts: what differs in type alone is the same there. */
static bool can_send(const struct body *body, const struct cor_node *value, const char *what)
{
	static const char *const types[] = { "null", "a number", "a string", "an object",
		"an array" };

	if (strcmp(body->media, "application/json") == 0)
		return true;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(what, types[i]) == 0)
			return false;
	return cor_contract_is_form(value);
}

static void emit(void *self, const char *where, const char *what, struct cor_node *value)
{
	const struct body *body = self;
	struct cor_contract_run *run = body->run;
	struct cor_contract_fault fault;

	if (!can_send(body, value, what))
		return;
	if (cor_node_type(value) == COR_JSON_OBJECT)
		cor_contract_give(run, value, where[0] ? where : NULL);
	bool is_valid = cor_contract_judge(run, body->schema, value, COR_CONTRACT_LENIENT, &fault);
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_FULL);
	const struct cor_contract_wanted wanted = {
		.kind = is_valid ? COR_CONTRACT_VALID : COR_CONTRACT_INVALID,
		.why = is_valid ? NULL
				: cor_contract_printf(run, "%s %s",
					  fault.where[0] ? fault.where : "the body", fault.text),
		.in = "body",
		.name = is_valid ? where : fault.where,
	};

	request.body = value;
	cor_contract_subtest(run, &request, &wanted,
		where[0] ? cor_contract_printf(run, "%s %s", where, what) : what);
}

/* The values of .inputs behind a row's first, which is in every body. */
static void try_inputs(struct body *body, const struct cor_contract_item *item)
{
	struct cor_contract_run *run = body->run;
	const struct cor_contract_input *at = run->plan->contract->inputs;

	for (; at && at->row; at++) {
		struct cor_node *value, *whole, *old;
		const char *pointer = at->row + strlen("body ");
		size_t len = strlen(item->name);
		if (strncmp(at->row, item->name, len) != 0 ||
			(at->row[len] && at->row[len] != '/') ||
			(at->operation && strcmp(at->operation, run->operation->name) != 0) ||
			cor_contract_input_of(run->plan, run->operation, at->row, 0) == at->value)
			continue;
		whole = cor_contract_sample(run, body->schema, COR_CONTRACT_FULL, 0);
		old = cor_pointer_get(whole, pointer);
		if (old &&
			cor_node_parse(&run->arena, cor_str(at->value), NULL, &value, NULL) == 0 &&
			cor_node_replace(old, value) == 0)
			emit(body, pointer, cor_contract_printf(run, "%s, of .inputs", at->value),
				whole);
	}
}

void cor_contract_drive_member(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct body body = { .run = run };

	body.schema = cor_contract_schema(
		run, cor_contract_body_schema(run->operation, &body.media));
	try_inputs(&body, item);
	cor_contract_vary_member(run, body.schema, &item->member, emit, &body, 0);
}

/* --- the body itself --- */

static void try_bytes(struct cor_contract_run *run, const char *media, const char *bytes,
	const char *why, const char *label)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_INVALID, .why = why };

	request.media = media;
	request.body = NULL;
	request.bytes = cor_str(bytes);
	cor_contract_subtest(run, &request, &wanted, label);
}

static void try_other_type(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = {
		.kind = COR_CONTRACT_STATUS, .status = 415, .why = "the body has another media type"
	};

	if (cor_node_get(run->operation->content, "application/octet-stream"))
		return; /* any type will do */
	request.media = "application/x-none";
	request.body = NULL;
	request.bytes = COR_STR("?");
	cor_contract_subtest(run, &request, &wanted, "another media type");
}

/* Of all media types that it takes; each is a valid body. */
static void try_every_type(struct cor_contract_run *run)
{
	const struct cor_node *content = run->operation->content;
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_VALID };

	for (size_t i = 1; i < cor_node_len(content); i++) {
		struct cor_contract_request request = cor_contract_request_of(
			run, COR_CONTRACT_FULL);
		struct cor_str media = cor_node_key(content, i);
		request.media = cor_contract_printf(run, "%.*s", (int)media.len, media.data);
		if (request.body && !cor_contract_is_form(request.body) &&
			strstr(request.media, "form"))
			continue;
		cor_contract_subtest(
			run, &request, &wanted, cor_contract_printf(run, "as %s", request.media));
	}
}

/* A length that nobody takes: the head is enough. */
static void try_too_long(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);

	if (!cor_node_get(run->operation->responses, "413"))
		return;
	const struct cor_test_answer answer = cor_test_raw(
		run->t, cor_contract_printf(run,
				"%sConnection: close\r\nContent-Type: %s\r\n"
				"Content-Length: 999999999999\r\n\r\n",
				cor_contract_head(run, &request),
				request.media ? request.media : "application/json"));
	cor_contract_saw(run, answer.status);
	if (answer.status != 413)
		cor_contract_fail(run,
			"a body of 999,999,999,999 bytes is a %d, not a 413\n    %s %s with that "
			"Content-Length",
			answer.status, run->operation->method, request.target);
}

static bool wants_json(const struct body *body)
{
	return body->media && strcmp(body->media, "application/json") == 0;
}

void cor_contract_drive_body(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct body body = { .run = run };

	(void)item;
	body.schema = cor_contract_schema(
		run, cor_contract_body_schema(run->operation, &body.media));
	if (wants_json(&body)) {
		try_bytes(run, body.media, "{", "the body is JSON", "no JSON");
		if (run->operation->needs_body)
			try_bytes(run, body.media, "", "the body is required", "empty");
	}
	if (body.media && strcmp(body.media, "multipart/form-data") == 0)
		try_bytes(run, "multipart/form-data; boundary=none", "?", "the body is a form",
			"no form");
	try_other_type(run);
	try_every_type(run);
	try_too_long(run);
	if (body.schema)
		cor_contract_vary(run, body.schema, emit, &body, 0);
}
