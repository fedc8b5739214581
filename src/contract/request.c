/* SPDX-License-Identifier: MIT */
#include "contract/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/cookie_jar.h>
#include <coracle/json_pointer.h>

#include "base/buffer.h"
#include "contract/body.h"
#include "contract/curl.h"
#include "contract/judge.h"
#include "contract/prepare.h"
#include "testing/outcome.h"
#include "testing/run.h"
#include "testing/service.h"
#include "testing/service_answer.h"

#define AGAIN_MAX 3

/* --- what is in it --- */

struct cor_node *cor_contract_value_of(struct cor_contract_run *run,
	const struct cor_contract_parameter *parameter, const char *text)
{
	const struct cor_node *schema = cor_contract_schema(run, parameter->schema);
	const struct cor_node *of = cor_contract_is_type(schema, "array")
					    ? cor_contract_schema(
						      run, cor_node_get(schema, "items"))
					    : schema;
	struct cor_node *value = NULL;

	if (!cor_contract_is_type(of, "string") &&
		cor_node_parse(&run->arena, cor_str(text), NULL, &value, NULL) < 0)
		value = NULL;
	if (!value)
		value = cor_node_string(&run->arena, text);
	if (of == schema)
		return value;
	struct cor_node *array = cor_node_array(&run->arena);
	cor_ignore(cor_node_append(&run->arena, array, value));
	return array;
}

static struct cor_node *value_of(
	struct cor_contract_run *run, const struct cor_contract_parameter *parameter)
{
	const char *given = cor_contract_input_of(run->plan, run->operation, parameter->row, 0);

	if (!given)
		given = cor_before_value(&run->before, run->operation->path, parameter->name);
	if (given)
		return cor_contract_value_of(run, parameter, given);
	if (parameter->example && cor_contract_judge(run, parameter->schema, parameter->example,
					  COR_CONTRACT_LENIENT, NULL))
		return cor_node_copy(&run->arena, parameter->example);
	return cor_contract_sample(run, parameter->schema, COR_CONTRACT_FULL, 0);
}

/* Conditions are those of a client that has seen nothing; a key is always a new one. */
static struct cor_node *librarys_value(
	struct cor_contract_run *run, const struct cor_contract_parameter *parameter)
{
	bool is_needed = cor_node_get(run->operation->responses, "428") != NULL;

	if (strcasecmp(parameter->name, "Idempotency-Key") == 0)
		return cor_node_string(
			&run->arena, cor_contract_printf(run, "\"contract-%u\"", ++run->keys));
	if (is_needed && strcasecmp(parameter->name, "If-Match") == 0)
		return cor_node_string(&run->arena, "*");
	return NULL;
}

void cor_contract_give(struct cor_contract_run *run, struct cor_node *body, const char *where)
{
	const struct cor_contract_input *at = run->plan->contract->inputs;
	struct cor_node *value;

	for (; at && at->row; at++) {
		const char *pointer = strncmp(at->row, "body /", 6) == 0 ? at->row + 5 : NULL;
		if (!pointer ||
			(at->operation && strcmp(at->operation, run->operation->name) != 0) ||
			(where && cor_contract_is_along(pointer, where)))
			continue;
		if (cor_contract_input_of(run->plan, run->operation, at->row, 0) != at->value)
			continue;
		struct cor_node *old = cor_pointer_get(body, pointer);
		if (old && cor_node_parse(&run->arena, cor_str(at->value), NULL, &value, NULL) == 0)
			cor_ignore(cor_node_replace(old, value));
	}
}

/* A body without rows: text, or bytes. */
static void add_plain_body(struct cor_contract_run *run, struct cor_contract_request *request)
{
	struct cor_str media = cor_node_key(run->operation->content, 0);

	if (!media.data)
		return;
	request->media = cor_contract_printf(run, "%.*s", (int)media.len, media.data);
	request->bytes = COR_STR("text");
}

static void add_body(struct cor_contract_run *run, struct cor_contract_request *request,
	enum cor_contract_extent extent)
{
	const struct cor_node *schema = cor_contract_body_schema(run->operation, &request->media);

	if (!schema) {
		add_plain_body(run, request);
		return;
	}
	request->body = cor_contract_sample(run, schema, extent, 0);
	cor_contract_give(run, request->body, NULL);
}

struct cor_contract_request cor_contract_request_of(
	struct cor_contract_run *run, enum cor_contract_extent extent)
{
	const struct cor_contract_operation *operation = run->operation;
	struct cor_contract_request request = {
		.values = cor_contract_alloc(
			run, (operation->parameters_len + 1) * sizeof *request.values),
	};

	for (size_t i = 0; i < operation->parameters_len; i++) {
		const struct cor_contract_parameter *parameter = &operation->parameters[i];
		if (parameter->is_the_librarys)
			request.values[i] = librarys_value(run, parameter);
		else if (parameter->is_required || extent == COR_CONTRACT_FULL)
			request.values[i] = value_of(run, parameter);
	}
	add_body(run, &request, extent);
	return request;
}

void cor_contract_add_header(
	struct cor_contract_request *request, const char *name, const char *value)
{
	if (request->more_len < sizeof request->more / sizeof request->more[0])
		request->more[request->more_len++] = (struct cor_http_field){ name, value };
}

/* --- texts --- */

const char *cor_contract_encode(struct cor_contract_run *run, struct cor_str text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char *out = cor_contract_alloc(run, 3 * text.len + 1), *at = out;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] && strchr(plain, text.data[i]))
			*at++ = text.data[i];
		else
			at += snprintf(at, 4, "%%%02X", (unsigned char)text.data[i]);
	}
	*at = '\0';
	return out;
}

static struct cor_str list_of(struct cor_contract_run *run, const struct cor_node *value)
{
	struct cor_buffer text = { 0 };

	if (cor_node_type(value) != COR_JSON_ARRAY)
		return cor_contract_scalar(run, value);
	for (size_t i = 0; i < cor_node_len(value); i++) {
		if (i > 0)
			cor_buffer_byte(&text, ',');
		cor_buffer_append_str(&text, cor_contract_scalar(run, cor_node_item(value, i)));
	}
	const char *copy = cor_contract_printf(
		run, "%.*s", (int)text.len, text.data ? text.data : "");
	cor_buffer_finish(&text);
	return cor_str(copy);
}

static bool has_only(struct cor_str text, const char *unwanted, bool allows_blank)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] <= (allows_blank ? ' ' - 1 : ' ') ||
			(unsigned char)text.data[i] >= 0x7f || strchr(unwanted, text.data[i]))
			return false;
	return text.len > 0;
}

bool cor_contract_can_send(struct cor_contract_run *run,
	const struct cor_contract_parameter *parameter, const struct cor_node *value)
{
	struct cor_str text = list_of(run, value);

	if (cor_node_type(value) == COR_JSON_NULL || cor_node_type(value) == COR_JSON_OBJECT ||
		memchr(text.data, '\0', text.len))
		return false;
	if (strcmp(parameter->in, "path") == 0)
		return text.len > 0 && !cor_str_equal(text, COR_STR(".")) &&
		       !cor_str_equal(text, COR_STR("..")) && !memchr(text.data, '/', text.len) &&
		       text.len < 4000;
	if (strcmp(parameter->in, "cookie") == 0)
		return has_only(text, ",;\"\\%", false) && text.len < 4000;
	if (strcmp(parameter->in, "header") == 0)
		return has_only(text, "", true) && text.data[0] != ' ' &&
		       text.data[text.len - 1] != ' ' && text.len < 4000;
	return text.len < 4000 &&
	       (cor_node_type(value) != COR_JSON_ARRAY || cor_node_len(value) > 0);
}

/* --- as it is sent --- */

static struct cor_node *value_named(struct cor_contract_run *run,
	const struct cor_contract_request *request, struct cor_str name)
{
	for (size_t i = 0; i < run->operation->parameters_len; i++)
		if (strcmp(run->operation->parameters[i].in, "path") == 0 &&
			cor_str_equal(cor_str(run->operation->parameters[i].name), name))
			return request->values[i];
	return NULL;
}

static void write_path(struct cor_contract_run *run, const struct cor_contract_request *request,
	struct cor_buffer *out)
{
	for (const char *at = run->operation->path; *at;) {
		const char *end = *at == '{' ? strchr(at, '}') : NULL;
		if (!end) {
			cor_buffer_byte(out, *at++);
			continue;
		}
		struct cor_str name = { at + 1, (size_t)(end - at - 1) };
		cor_buffer_append_str(out, cor_str(cor_contract_encode(run,
						   list_of(run, value_named(run, request, name)))));
		at = end + 1;
	}
}

struct query {
	struct cor_buffer *out;
	char separator;
};

static void write_query(struct cor_contract_run *run, struct query *query, const char *name,
	const struct cor_node *value)
{
	cor_buffer_printf(query->out, "%c%s=%s", query->separator,
		cor_contract_encode(run, cor_str(name)),
		cor_contract_encode(run, cor_contract_scalar(run, value)));
	query->separator = '&';
}

static void write_queries(struct cor_contract_run *run, const struct cor_contract_request *request,
	struct query *query)
{
	for (size_t i = 0; i < run->operation->parameters_len; i++) {
		const struct cor_contract_parameter *it = &run->operation->parameters[i];
		const struct cor_node *value = request->values[i];
		if (strcmp(it->in, "query") != 0 || !value)
			continue;
		if (cor_node_type(value) != COR_JSON_ARRAY)
			write_query(run, query, it->name, value);
		for (size_t j = 0;
			cor_node_type(value) == COR_JSON_ARRAY && j < cor_node_len(value); j++)
			write_query(run, query, it->name, cor_node_item(value, j));
	}
}

static const char *target_of(struct cor_contract_run *run,
	const struct cor_contract_request *request, const struct cor_shown *shown)
{
	struct cor_buffer out = { 0 };
	struct query query = { &out, '?' };

	write_path(run, request, &out);
	write_queries(run, request, &query);
	if (request->query)
		cor_buffer_printf(&out, "%c%s", query.separator, request->query);
	if (shown->query)
		cor_buffer_printf(
			&out, "%c%s", request->query ? '&' : query.separator, shown->query);
	const char *text = cor_contract_printf(
		run, "%.*s", (int)out.len, out.data ? out.data : "/");
	cor_buffer_finish(&out);
	return text;
}

static const char *cookies_of(struct cor_contract_run *run,
	const struct cor_contract_request *request, const struct cor_shown *shown)
{
	const char *text = shown->cookie ? shown->cookie : "";

	for (size_t i = 0; i < run->operation->parameters_len; i++) {
		struct cor_str value;
		if (strcmp(run->operation->parameters[i].in, "cookie") != 0 || !request->values[i])
			continue;
		value = list_of(run, request->values[i]);
		text = cor_contract_printf(run, "%s%s%s=%.*s", text, text[0] ? "; " : "",
			run->operation->parameters[i].name, (int)value.len, value.data);
	}
	return text[0] ? text : NULL;
}

static struct cor_http_field *fields_of(struct cor_contract_run *run,
	const struct cor_contract_request *request, const struct cor_shown *shown)
{
	const struct cor_contract_operation *operation = run->operation;
	struct cor_http_field *fields = cor_contract_alloc(
		run, (operation->parameters_len + request->more_len + 4) * sizeof *fields);
	const char *cookies = cookies_of(run, request, shown);
	size_t len = 0;

	for (size_t i = 0; i < operation->parameters_len; i++)
		if (strcmp(operation->parameters[i].in, "header") == 0 && request->values[i]) {
			struct cor_str value = list_of(run, request->values[i]);
			fields[len++] = (struct cor_http_field){ operation->parameters[i].name,
				cor_contract_printf(run, "%.*s", (int)value.len, value.data) };
		}
	if (shown->header)
		fields[len++] = (struct cor_http_field){ shown->header, shown->value };
	if (cookies)
		fields[len++] = (struct cor_http_field){ "Cookie", cookies };
	for (size_t i = 0; i < request->more_len; i++)
		fields[len++] = request->more[i];
	fields[len] = (struct cor_http_field){ NULL, NULL };
	return fields;
}

/* --- sending --- */

/* It goes on until its client leaves. */
static bool is_endless(const struct cor_contract_run *run)
{
	for (int status = 200; status < 300; status++) {
		const struct cor_node *response = cor_contract_response(
			run->document, run->operation, status);
		if (cor_node_get(cor_node_get(response, "content"), "text/event-stream"))
			return true;
	}
	return false;
}

/* An answer of 101 is a WebSocket that is open: its client goes. */
static struct cor_test_answer upgrade(
	struct cor_contract_run *run, const struct cor_test_request *request)
{
	struct cor_test_flight *flight = cor_test_upgrade(
		run->t, run->plan->file, run->plan->line, request);
	const struct cor_test_answer answer = cor_test_answer_of(flight);

	if (answer.status == 101)
		cor_test_leave(run->t, flight);
	return answer;
}

static struct cor_test_answer look_at_head(
	struct cor_contract_run *run, const struct cor_test_request *request)
{
	struct cor_test_flight *flight = cor_test_take_off(
		run->t, run->plan->file, run->plan->line, request);
	const struct cor_test_answer answer = cor_test_await_head(run->t, flight);

	if (answer.status >= 400)
		return cor_test_finish(run->t, flight);
	cor_test_leave(run->t, flight);
	return answer;
}

static struct cor_test_answer exchange(
	struct cor_contract_run *run, const struct cor_test_request *request, bool is_plain)
{
	if (run->operation->is_websocket && !is_plain && strcmp(request->method, "GET") == 0)
		return upgrade(run, request);
	if (is_endless(run))
		return look_at_head(run, request);
	return cor_test_exchange(run->t, run->plan->file, run->plan->line, request);
}

/* A handler that crashes, or never ends, leaves no answer to tell the request with. */
static struct cor_test_answer exchange_told(struct cor_contract_run *run,
	const struct cor_test_request *sent, const struct cor_contract_request *request)
{
	const struct cor_test_run *its = run->t->run;
	char *doing = its->outcome->doing;

	snprintf(doing, sizeof its->outcome->doing, "sent, and not answered: (%s)\n    %s",
		its->label, request->curl);
	const struct cor_test_answer answer = exchange(run, sent, request->is_plain);
	doing[0] = '\0';
	return answer;
}

/* How long a limit says that it lasts, in seconds; 0: it does not say. */
static long wait_of(const struct cor_test_answer *answer)
{
	const char *text = answer->status == 429 ? cor_test_header(answer, "Retry-After") : NULL;

	return text ? strtol(text, NULL, 10) : 0;
}

/* What a browser would send along, in a header; NULL: nothing. */
static const char *jar_of(struct cor_contract_run *run)
{
	const struct cor_jar_cookie *at = cor_cookie_jar_list(
		cor_test_ctx(run->t), cor_test_service_of(run->t)->jar);
	const char *text = NULL;

	for (; at && at->name; at++)
		text = cor_contract_printf(
			run, "%s%s%s=%s", text ? text : "", text ? "; " : "", at->name, at->value);
	return text;
}

const char *cor_contract_head(struct cor_contract_run *run, struct cor_contract_request *request)
{
	const struct cor_shown shown = cor_contract_show(run, request->who);
	const struct cor_http_field *at = fields_of(run, request, &shown);
	struct cor_buffer out = { 0 };

	request->target = target_of(run, request, &shown);
	cor_buffer_printf(&out, "%s %s HTTP/1.1\r\nHost: " COR_TEST_HOST "\r\n",
		run->operation->method, request->target);
	for (; at->name; at++)
		cor_buffer_printf(&out, "%s: %s\r\n", at->name, at->value);
	if (!shown.cookie && jar_of(run))
		cor_buffer_printf(&out, "Cookie: %s\r\n", jar_of(run));
	const char *text = cor_contract_printf(run, "%.*s", (int)out.len, out.data ? out.data : "");
	cor_buffer_finish(&out);
	return text;
}

void cor_contract_saw(struct cor_contract_run *run, int status)
{
	size_t index = (size_t)(run->operation - run->document->operations);

	if (status > 0 && status < COR_CONTRACT_STATUSES)
		run->plan->seen[index].statuses[status] = true;
}

static struct cor_test_answer send_once(
	struct cor_contract_run *run, struct cor_contract_request *request)
{
	const struct cor_shown shown = cor_contract_show(run, request->who);
	struct cor_test_request sent = {
		.method = request->method ? request->method : run->operation->method,
		.headers = fields_of(run, request, &shown),
		.cookies = request->who == COR_CONTRACT_SOMEBODY ? COR_TEST_COOKIES
								 : COR_TEST_NO_COOKIES,
		.body = request->bytes,
		.content_type = request->media,
		.status = COR_TEST_ANY_STATUS,
	};
	struct cor_test_answer answer;
	int again = 0;

	request->target = target_of(run, request, &shown);
	sent.path = cor_test_path(request->target);
	if (request->media && request->body)
		sent.body = cor_contract_body_write(
			run, request->media, request->body, &sent.content_type);
	request->curl = cor_contract_curl(
		run, &sent, request->target, sent.cookies == COR_TEST_COOKIES ? jar_of(run) : NULL);
	do {
		answer = exchange_told(run, &sent, request);
		cor_contract_saw(run, answer.status);
		if (wait_of(&answer) > 0)
			cor_test_pass_ms(run->t, 1000 * (int64_t)wait_of(&answer));
	} while (wait_of(&answer) > 0 && ++again < AGAIN_MAX);
	return answer;
}

/* A token may have come to its end meanwhile, or the request before was a log-out. */
static bool has_logged_in_again(struct cor_contract_run *run,
	const struct cor_contract_request *request, const struct cor_test_answer *answer)
{
	struct cor_contract_way way = cor_contract_way_of(run);

	if (answer->status != 401 || request->who != COR_CONTRACT_SOMEBODY || !way.credential)
		return false;
	if (!way.credential->log_in) /* its scheme: what is given by hand stays as it is */
		return !way.credential->scheme && cor_contract_log_in_again(run);
	run->has_logged_in = false;
	return true;
}

struct cor_test_answer cor_contract_send(
	struct cor_contract_run *run, struct cor_contract_request *request)
{
	struct cor_test_answer answer = send_once(run, request);

	return has_logged_in_again(run, request, &answer) ? send_once(run, request) : answer;
}
