/* SPDX-License-Identifier: MIT */
#include "testing/service_answer.h"

#include <string.h>
#include <strings.h>

#include <coracle/json_pointer.h>

#include "http/status.h"
#include "testing/run.h"

#define SHOWN_BYTES 1000 /* of a body that is no problem */

struct cor_test_answer cor_test_answer_of(const struct cor_test_flight *flight)
{
	static const struct cor_http_field none[1];
	bool has_head = flight->headers != NULL;

	return (struct cor_test_answer){
		.status = flight->has_switched ? 101
			  : has_head           ? flight->parser.status
					       : 0,
		.headers = has_head ? flight->headers : none,
		.body = { flight->body.data ? flight->body.data : "", flight->body.len },
		.took_ms = (flight->ended_ns - flight->began_ns) / COR_NS_PER_MS,
	};
}

const char *cor_test_header(const struct cor_test_answer *answer, const char *name)
{
	for (const struct cor_http_field *at = answer->headers; at && at->name; at++)
		if (strcasecmp(at->name, name) == 0)
			return at->value;
	return NULL;
}

/* --- JSON --- */

const struct cor_node *cor_test_answer_json(
	struct cor_test_service *service, const struct cor_test_answer *answer)
{
	struct cor_node *root;

	return cor_node_parse(&service->arena, answer->body, 0, &root, NULL) < 0 ? NULL : root;
}

const struct cor_node *cor_test_json(struct cor_test *t, const struct cor_test_answer *answer)
{
	struct cor_test_service *service = cor_test_service_of(t);
	const struct cor_node *root = cor_test_answer_json(service, answer);

	if (root)
		return root;
	cor_run_fail(t, "an answer is no JSON: %s", cor_test_answer_print(service, answer));
	cor_test_end(t);
}

static const char *text_of(struct cor_test_service *service, const struct cor_node *node)
{
	struct cor_str text;
	int rc = cor_node_type(node) == COR_JSON_STRING
			 ? cor_node_to_text(node, &text)
			 : cor_node_print(&service->arena, node, &text);

	return rc < 0 ? NULL : cor_arena_copy(&service->arena, text.data, text.len);
}

const char *cor_test_member_text(
	struct cor_test_service *service, const struct cor_node *object, const char *name)
{
	const struct cor_node *member = cor_node_get(object, name);

	return member && cor_node_type(member) == COR_JSON_STRING ? text_of(service, member) : NULL;
}

const char *cor_test_at(
	struct cor_test *t, const struct cor_test_answer *answer, const char *pointer)
{
	const struct cor_node *node = cor_pointer_get(cor_test_json(t, answer), pointer);

	return node ? text_of(cor_test_service_of(t), node) : NULL;
}

/* --- for people --- */

static void print_violation(
	struct cor_test_service *service, struct cor_buffer *out, const struct cor_node *violation)
{
	const char *where = cor_test_member_text(service, violation, "pointer");
	const char *detail = cor_test_member_text(service, violation, "detail");

	if (!where)
		where = cor_test_member_text(service, violation, "parameter");
	cor_buffer_printf(out, "\n    %s: %s", where ? where : "", detail ? detail : "");
}

static void print_problem(
	struct cor_test_service *service, struct cor_buffer *out, const struct cor_node *problem)
{
	const char *detail = cor_test_member_text(service, problem, "detail");
	const struct cor_node *errors = cor_node_get(problem, "errors");

	if (detail)
		cor_buffer_printf(out, ": %s", detail);
	for (size_t i = 0; errors && i < cor_node_len(errors); i++)
		print_violation(service, out, cor_node_item(errors, i));
}

const char *cor_test_answer_print(
	struct cor_test_service *service, const struct cor_test_answer *answer)
{
	const char *type = cor_test_header(answer, "Content-Type");
	const struct cor_node *json = type && strstr(type, "json")
					      ? cor_test_answer_json(service, answer)
					      : NULL;
	size_t shown = answer->body.len < SHOWN_BYTES ? answer->body.len : SHOWN_BYTES;
	struct cor_buffer out = { 0 };

	cor_buffer_printf(
		&out, "%d %s", answer->status, cor_status_reason((uint16_t)answer->status));
	if (answer->status >= 400 && json && cor_node_get(json, "title"))
		print_problem(service, &out, json);
	else if (shown)
		cor_buffer_printf(&out, "\n    %.*s%s", (int)shown, answer->body.data,
			shown < answer->body.len ? " ..." : "");
	const char *text = cor_buffer_error(&out) < 0
				   ? NULL
				   : cor_arena_copy(&service->arena, out.data, out.len);
	cor_buffer_finish(&out);
	return text ? text : "(no memory)";
}
