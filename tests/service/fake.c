/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "exchange/caller.h"
#include "runtime/extents.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#define FIRST_CHUNK_BYTES 2048
#define BODY_LIMIT_BYTES  4096
#define HEAD_BYTES        (64 * 1024)

struct fake {
	struct cor_exchange exchange; /* first */
	const struct fake_request *request;
	struct fake_reply *reply;
	size_t body_at;
	struct cor_head_field fields[FAKE_FIELDS];
	char text[HEAD_BYTES]; /* of the head: not from the heap, where tests inject failures */
	size_t text_len;
};

static struct fake *fake_of(struct cor_exchange *x)
{
	return (struct fake *)x;
}

static ssize_t read_body(struct cor_exchange *x, void *buffer, size_t size)
{
	struct fake *fake = fake_of(x);
	struct cor_str body = fake->request->body;
	size_t n = body.len - fake->body_at;

	size_t most = fake->request->piece_bytes ? fake->request->piece_bytes : 7;

	if (n > most)
		n = most; /* in small pieces, as from a slow client */
	if (n > size)
		n = size;
	if ((int64_t)(fake->body_at + n) > x->body_limit_bytes)
		return cor_exchange_body_too_large(x);
	if (n)
		memcpy(buffer, body.data + fake->body_at, n);
	fake->body_at += n;
	return (ssize_t)n;
}

static void record_head(struct cor_exchange *x, uint16_t status, struct cor_str content_type)
{
	struct fake_reply *reply = fake_of(x)->reply;
	size_t at = 0;

	reply->replies++;
	reply->status = status;
	snprintf(reply->content_type, sizeof reply->content_type, "%.*s", (int)content_type.len,
		content_type.data ? content_type.data : "");
	reply->headers[0] = '\0';
	for (struct cor_reply_field *f = x->fields_out; f && at < sizeof reply->headers;
		f = f->next)
		at += (size_t)snprintf(reply->headers + at, sizeof reply->headers - at,
			"%.*s: %.*s\n", (int)f->name.len, f->name.data, (int)f->value.len,
			f->value.data);
}

/* Recording must not be what fails when memory is short. */
static void record_body(struct cor_exchange *x, const void *data, size_t size)
{
	cor_buffer_append(&fake_of(x)->reply->body, data, size);
}

static int respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	record_head(x, status, content_type);
	record_body(x, body.data, body.len);
	cor_exchange_answered(x, status, body.len);
	return 0;
}

static int send_extents(struct cor_exchange *x, uint16_t status, struct cor_str content_type,
	struct cor_extents *extents)
{
	char piece[1024];
	ssize_t n = 0;

	record_head(x, status, content_type);
	cor_exchange_answered(x, status, (size_t)extents->left);
	while (cor_exchange_sends_content(x, status) && extents->left != 0) {
		n = cor_extents_read(extents, piece, sizeof piece);
		assert_true(n > 0);
		record_body(x, piece, (size_t)n);
		cor_extents_advance(extents, (size_t)n);
	}
	cor_extents_destroy(extents);
	return 0;
}

static int start(struct cor_exchange *x, uint16_t status, struct cor_str content_type)
{
	record_head(x, status, content_type);
	fake_of(x)->reply->started = true;
	return 0;
}

static int write_piece(struct cor_exchange *x, const void *data, size_t size)
{
	record_body(x, data, size);
	return 0;
}

static int flush(struct cor_exchange *x)
{
	fake_of(x)->reply->flushes++;
	return 0;
}

static const char *peer(struct cor_exchange *x)
{
	(void)x;
	return "127.0.0.1:1";
}

static const struct cor_exchange_ops ops = {
	.read_body = read_body,
	.respond = respond,
	.send_extents = send_extents,
	.start = start,
	.write = write_piece,
	.flush = flush,
	.peer = peer,
};

static int caller(struct cor_exchange *x, struct cor_caller *ret)
{
	const struct fake *fake = cor_container_of(x, struct fake, exchange);

	*ret = (struct cor_caller){ .client = fake->request->client, .scheme = "http" };
	return 0;
}

static struct cor_span append(struct fake *fake, const char *text, size_t len)
{
	struct cor_span span = { (uint16_t)fake->text_len, (uint16_t)len };

	assert_true(len <= sizeof fake->text - fake->text_len);
	memcpy(fake->text + fake->text_len, text, len);
	fake->text_len += len;
	return span;
}

static void set_fields(struct fake *fake, const char *headers)
{
	struct cor_head *head = &fake->exchange.head;

	for (const char *line = headers; *line;) {
		const char *colon = strchr(line, ':');
		const char *end = strchr(line, '\n');
		assert_true(colon && end && colon < end && head->fields_len < FAKE_FIELDS);
		enum cor_known known = cor_known_find(line, (size_t)(colon - line));
		struct cor_head_field *field = &fake->fields[head->fields_len++];
		field->name = append(fake, line, (size_t)(colon - line));
		field->value = append(fake, colon + 2, (size_t)(end - colon - 2));
		if (known != COR_KNOWN_COUNT && head->known[known] == 0)
			head->known[known] = head->fields_len;
		else if (known != COR_KNOWN_COUNT)
			head->repeats = true;
		if (known == COR_KNOWN_HOST)
			head->host = field->value;
		line = end + 1;
	}
}

static void set_request(struct fake *fake, const struct fake_request *request)
{
	struct cor_exchange *x = &fake->exchange;
	const char *method = request->method ? request->method : "GET";
	const char *mark = strchr(request->target, '?');
	size_t path_len = mark ? (size_t)(mark - request->target) : strlen(request->target);

	x->head.method = (uint8_t)cor_method_find(method, strlen(method));
	x->head.method_text = append(fake, method, strlen(method));
	x->head.path = append(fake, request->target, path_len);
	if (strcmp(request->target, "*") == 0)
		x->head.target_form = COR_TARGET_ASTERISK;
	x->head.has_query = mark != NULL;
	if (mark)
		x->head.query = append(fake, mark + 1, strlen(mark + 1));
	x->head.content_length = request->chunked ? -1 : (int64_t)request->body.len;
	x->head.body = request->chunked         ? COR_BODY_UNKNOWN
		       : request->body.len == 0 ? COR_BODY_NONE
						: COR_BODY_LENGTH;
	set_fields(fake, request->headers ? request->headers : "");
	if (x->head.known[COR_KNOWN_HOST])
		x->head.host = fake->fields[x->head.known[COR_KNOWN_HOST] - 1].value;
	x->bytes = fake->text;
	x->fields = fake->fields;
}

struct cor_dispatcher *fake_dispatcher(const struct cor_service *service)
{
	return fake_dispatcher_with(service, NULL);
}

struct cor_dispatcher *fake_dispatcher_with(
	const struct cor_service *service, struct cor_caches *caches)
{
	const struct cor_dispatcher_options options = { .service = service,
		.opens_files = true,
		.answer_checks = COR_ANSWERS_REFUSED,
		.caches = caches };
	struct cor_violations why = { 0 };
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_dispatcher_create(&options, &arena, &why, &dispatcher);
	for (const struct cor_violation *v = why.first; v; v = v->next)
		print_error("%s: %s\n", v->where, v->detail);
	cor_arena_finish(&arena);
	assert_int_equal(rc, 0);
	return dispatcher;
}

void fake_serve(struct cor_dispatcher *dispatcher, const struct fake_request *request,
	struct fake_reply *reply)
{
	const struct cor_handler *handler = cor_dispatcher_handler(dispatcher);
	char first[FIRST_CHUNK_BYTES] __attribute__((aligned(16)));
	struct fake fake = { .request = request, .reply = reply };
	struct cor_exchange *x = &fake.exchange;

	cor_buffer_finish(&reply->body);
	*reply = (struct fake_reply){ 0 };
	cor_ctx_init(&x->ctx, handler->environment, first, request->memory_bytes ? 0 : sizeof first,
		request->memory_bytes);
	x->ctx.request = x;
	struct cor_exchange_ops own = ops;
	own.caller = request->client ? caller : NULL;
	x->ops = &own;
	x->handler = handler;
	set_request(&fake, request);
	x->route = handler->route(handler, &x->head, x->bytes, &x->parameters);
	snprintf(reply->route, sizeof reply->route, "%s", x->route->name);
	x->body_limit_bytes = x->route->body_limit_bytes < 0 ? BODY_LIMIT_BYTES
							     : x->route->body_limit_bytes;
	handler->serve(handler, x);
	reply->broken = x->broken;
	reply->problem = x->ctx.problem;
	cor_ctx_await(&x->ctx);
	cor_ctx_finish(&x->ctx);
}

void fake_finish(struct fake_reply *reply)
{
	cor_buffer_finish(&reply->body);
}

const char *fake_body(const struct fake_reply *reply)
{
	struct cor_buffer *body = (struct cor_buffer *)(uintptr_t)&reply->body;
	char *end = cor_buffer_reserve(body, 1);

	assert_non_null(end);
	*end = '\0';
	return body->data;
}

void fake_expect(struct cor_dispatcher *dispatcher, const struct fake_request *request, int status,
	const char *body)
{
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher, request, &reply);
	if (reply.replies != 1 || reply.status != status ||
		(body && strcmp(fake_body(&reply), body) != 0))
		print_error("%s %s: %d, %u, %s\n", request->method ? request->method : "GET",
			request->target, reply.replies, reply.status, fake_body(&reply));
	assert_int_equal(reply.replies, 1);
	assert_int_equal(reply.status, status);
	if (body)
		assert_string_equal(fake_body(&reply), body);
	fake_finish(&reply);
}
