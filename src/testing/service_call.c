/* SPDX-License-Identifier: MIT */
#include "testing/service_call.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/base64.h>
#include <coracle/cookie_jar.h>
#include <coracle/error.h>
#include <coracle/service.h>

/* --- who calls --- */

/*
 * As over https, so that cookies which are only sent so come back; the service sees plain HTTP, as
 * behind a proxy.
 */
static void init(struct cor_test_caller *caller)
{
	caller->carrier = cor_test_carrier;
	caller->upstream = (struct cor_upstream){
		.name = "service",
		.base_url = "https://" COR_TEST_HOST,
		.carrier = &caller->carrier,
		.timeout_ms = UINT32_MAX,
		.connect_timeout_ms = UINT32_MAX,
		.first_byte_timeout_ms = UINT32_MAX,
		.between_bytes_timeout_ms = UINT32_MAX,
		.answer_limit_bytes = UINT32_MAX,
		.redirects = COR_DO_NOT_FOLLOW,
	};
	caller->upstreams[0] = &caller->upstream;
	caller->client = (struct cor_service){
		.name = "test",
		.upstreams = caller->upstreams,
		.schemas = caller->schemas[0] ? caller->schemas : NULL,
	};
}

static int make(struct cor_test_service *service, const struct cor_schema *in,
	const struct cor_schema *out, struct cor_test_caller **ret)
{
	struct cor_test_caller *caller = calloc(1, sizeof *caller);
	size_t len = 0;

	if (!caller)
		return -ENOMEM;
	caller->service = service;
	if (in)
		caller->schemas[len++] = in;
	if (out && out != in)
		caller->schemas[len] = out;
	init(caller);
	const struct cor_ctx_options options = { .service = &caller->client,
		.log = COR_LOG_HIDDEN };
	int rc = cor_ctx_create(&options, &caller->ctx);
	if (rc < 0) {
		free(caller);
		return rc;
	}
	caller->next = service->callers;
	service->callers = caller;
	*ret = caller;
	return 0;
}

static const struct cor_schema *listed(const struct cor_schema *schema)
{
	return schema && schema->media == COR_MEDIA_JSON ? schema : NULL;
}

static int find(struct cor_test_flight *flight, struct cor_test_caller **ret)
{
	const struct cor_schema *in = listed(flight->request.in.schema);
	const struct cor_schema *out = listed(flight->request.ret.schema);
	const struct cor_schema *first = in ? in : out;
	const struct cor_schema *second = in && out != in ? out : NULL;
	struct cor_test_caller *caller = flight->service->callers;

	while (caller && (caller->schemas[0] != first || caller->schemas[1] != second))
		caller = caller->next;
	*ret = caller;
	return caller ? 0 : make(flight->service, in, out, ret);
}

void cor_test_callers_end(struct cor_test_service *service)
{
	while (service->callers) {
		struct cor_test_caller *caller = service->callers;
		service->callers = caller->next;
		cor_ctx_destroy(caller->ctx);
		free(caller);
	}
}

/* --- what is sent --- */

static const char *basic_of(struct cor_arena *arena, const char *login)
{
	struct cor_str text = cor_str(login);
	char *out = cor_arena_zalloc(arena, cor_base64_text_bytes(text.len) + 1);

	if (out)
		cor_base64_print(text, out);
	return out ? cor_arena_printf(arena, "Basic %s", out) : NULL;
}

/* Those of the request, and behind them Authorization. */
static const struct cor_http_field *headers_of(struct cor_test_flight *flight)
{
	const struct cor_test_request *request = &flight->request;
	struct cor_arena *arena = &flight->service->arena;
	size_t len = 0;

	if (!request->bearer && !request->basic)
		return request->headers;
	while (request->headers && request->headers[len].name)
		len++;
	struct cor_http_field *all = cor_arena_zalloc(arena, (len + 2) * sizeof *all);
	for (size_t i = 0; all && i < len; i++)
		all[i] = request->headers[i];
	const char *value = request->bearer ? cor_arena_printf(arena, "Bearer %s", request->bearer)
					    : basic_of(arena, request->basic);
	if (!all || !value)
		return request->headers;
	all[len] = (struct cor_http_field){ "Authorization", value };
	return all;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): what is made writes to it */
static struct cor_http_call call_of(struct cor_test_flight *flight, int *ret_status)
{
	const struct cor_test_request *request = &flight->request;
	struct cor_http_call call = {
		.method = request->method,
		.path = request->path,
		.in = request->in,
		.sent_as = (__typeof__(call.sent_as))request->sent_as,
		.parts = request->parts,
		.body = request->body,
		.content_type = request->content_type,
		.headers = headers_of(flight),
		.jar = request->cookies == COR_TEST_COOKIES ? flight->service->jar : NULL,
		.redirects = COR_REDIRECT_IS_ANSWER,
		.ret_status = ret_status,
	};

	if (request->json) {
		call.body = cor_str(request->json);
		call.content_type = "application/json";
	} else if (request->form) {
		call.body = cor_str(request->form);
		call.content_type = "application/x-www-form-urlencoded";
	}
	return call;
}

/* --- the call --- */

static const char *text_of(struct cor_test_caller *caller, int rc)
{
	const struct cor_http_failure *failure = cor_http_failure(caller->ctx);
	const struct cor_problem *problem = cor_problem_of(caller->ctx);

	if (failure && failure->text)
		return failure->text;
	return problem && problem->detail ? problem->detail : cor_strerror(rc);
}

int cor_test_caller_call(struct cor_test_flight *flight, int half, const char **ret_text)
{
	const struct cor_ret *ret = &flight->request.ret;
	struct cor_test_caller *caller;
	int status = 0, rc = find(flight, &caller);

	if (rc < 0) {
		*ret_text = rc == -COR_ETABLE ? "a schema of the request contradicts itself"
					      : cor_strerror(rc);
		return rc;
	}
	const struct cor_http_call call = call_of(flight, &status);
	caller->flight = flight;
	caller->half = (__typeof__(caller->half))half;
	cor_inside_calls.begin_request(caller->ctx);
	rc = cor_http_call(caller->ctx, &caller->upstream, &call,
		ret->schema ? ret->schema : &COR_NONE.schema, ret->schema ? ret->bytes : 0,
		ret->value);
	*ret_text = rc < 0 ? text_of(caller, rc) : NULL;
	caller->flight = NULL;
	return rc;
}
