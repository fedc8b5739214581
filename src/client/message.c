/* SPDX-License-Identifier: MIT */
#include "client/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>

#include "base/buffer.h"
#include "base/join.h"
#include "client/carrier.h"
#include "client/retry.h"
#include "client/target.h"
#include "compress/coding.h"
#include "context/context.h"
#include "exchange/exchange.h"
#include "http/cookie.h"
#include "http/fold.h"
#include "http/response.h"
#include "http/uri_encode.h"
#include "schema/bind.h"

struct maker {
	struct cor_ctx *ctx;
	const struct cor_http_call *call;
	struct cor_message *message;
	struct cor_encode_fault *why;
	const char *last; /* the name of the row that was written last */
};

COR_PRINTF(2, 3)
static int refuse(struct maker *maker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(maker->why->text, sizeof maker->why->text, format, args);
	va_end(args);
	return -EINVAL;
}

/* --- fields --- */

bool cor_message_owns_field(const char *name)
{
	static const char *const names[] = { "Host", "Content-Length", "Transfer-Encoding",
		"Connection", "Keep-Alive", "Proxy-Connection", "Trailer", "Upgrade", "TE",
		"Expect" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (cor_fold_same_name(name, names[i]))
			return true;
	return false;
}

const char *cor_message_field_fault(const char *name, const char *value)
{
	if (!cor_field_name_valid(cor_str(name)))
		return "cannot be the name of a header";
	if (cor_message_owns_field(name))
		return "is the client's own to send";
	return value && !cor_field_value_valid(cor_str(value))
		       ? "has a value that cannot be that of a header"
		       : NULL;
}

static struct cor_http_field *find(struct cor_message *message, const char *name)
{
	for (size_t i = 0; i < message->fields_len; i++)
		if (cor_fold_same_name(message->fields[i].name, name))
			return &message->fields[i];
	return NULL;
}

void cor_message_drop(struct cor_message *message, const char *name)
{
	struct cor_http_field *field = find(message, name);

	if (field)
		*field = message->fields[--message->fields_len];
}

/* A form's type names its boundary: no other may stand there. */
static bool is_form_type(const struct maker *maker, const char *name)
{
	return maker->message->body.form && cor_fold_same_name(name, "Content-Type");
}

/* Name and value last as long as the call. */
static int set(struct maker *maker, const char *name, const char *value)
{
	struct cor_message *message = maker->message;
	struct cor_http_field *field = find(message, name);

	const char *fault = is_form_type(maker, name) ? "is the client's own to send"
						      : cor_message_field_fault(name, value);

	if (fault)
		return refuse(maker, "its header \"%.40s\" %s", name, fault);
	if (!field && message->fields_len == COR_MESSAGE_FIELDS_MAX)
		return refuse(maker, "it has more than %d headers", COR_MESSAGE_FIELDS_MAX);
	if (!field)
		field = &message->fields[message->fields_len++];
	*field = (struct cor_http_field){ name, value };
	return 0;
}

static int set_all(struct maker *maker, const struct cor_http_field *fields)
{
	int rc = 0;

	for (; rc == 0 && fields && fields->name; fields++) {
		if (fields->value || is_form_type(maker, fields->name))
			rc = set(maker, fields->name, fields->value);
		else
			cor_message_drop(maker->message, fields->name);
	}
	return rc;
}

/* An array is a list (RFC 9110 section 5.6.1). */
static int take_header(void *arg, const struct cor_field *row, const struct cor_bind_pair *pair)
{
	struct maker *maker = arg;
	struct cor_arena *arena = &maker->ctx->arena;
	struct cor_str name = pair->name, text = pair->value;
	bool goes_on = maker->last == name.data;
	const struct cor_http_field *before = find(maker->message, name.data);
	const char *value = before && goes_on ? cor_arena_printf(arena, "%s, %.*s", before->value,
							(int)text.len, text.data)
					      : cor_arena_copy(arena, text.data, text.len);

	(void)row;
	maker->last = name.data;
	if (!value)
		return -ENOMEM;
	if (strlen(value) < text.len)
		return refuse(maker, "the value of %s cannot be that of a header", name.data);
	return set(maker, name.data, value);
}

static int take_cookie(void *arg, const struct cor_field *row, const struct cor_bind_pair *pair)
{
	struct maker *maker = arg;
	const struct cor_http_field *before = find(maker->message, "Cookie");
	struct cor_buffer buffer = { 0 };

	(void)row;
	if (before) {
		cor_buffer_append_str(&buffer, cor_str(before->value));
		cor_buffer_literal(&buffer, "; ");
	}
	cor_buffer_append_str(&buffer, pair->name);
	cor_buffer_byte(&buffer, '=');
	cor_cookie_encode(&buffer, pair->value);
	const char *value = cor_buffer_error(&buffer) < 0
				    ? NULL
				    : cor_arena_copy(&maker->ctx->arena, buffer.data, buffer.len);
	cor_buffer_finish(&buffer);
	return value ? set(maker, "Cookie", value) : -ENOMEM;
}

static int set_rows(
	struct maker *maker, enum cor_from source, enum cor_from default_from, cor_pair_taker *take)
{
	const struct cor_value *in = &maker->call->in;

	maker->last = NULL;
	return in->schema ? cor_rows_to_pairs(in->schema, source, default_from, in->value, take,
				    maker, maker->why)
			  : 0;
}

/* --- what each call says --- */

static int accept_codings(struct maker *maker, const struct cor_upstream *upstream)
{
	struct cor_buffer buffer = { 0 };

	for (const struct cor_coding *const *at = upstream->codings; at && *at; at++) {
		if (buffer.len)
			cor_buffer_literal(&buffer, ", ");
		cor_buffer_append_str(&buffer, cor_str((*at)->name));
	}
	if (buffer.len == 0)
		cor_buffer_literal(&buffer, "identity");
	const char *value = cor_buffer_error(&buffer) < 0
				    ? NULL
				    : cor_arena_copy(&maker->ctx->arena, buffer.data, buffer.len);
	cor_buffer_finish(&buffer);
	return value ? set(maker, "Accept-Encoding", value) : -ENOMEM;
}

/* W3C Trace Context, and the request's id: who looks for a request finds what it has led to. */
static int pass_on(struct maker *maker)
{
	static const char *const names[] = { "traceparent", "tracestate", "baggage" };
	struct cor_ctx *ctx = maker->ctx;
	int rc = set(maker, "X-Request-Id", cor_request_id(ctx));

	for (size_t i = 0; rc == 0 && ctx->request && i < sizeof names / sizeof names[0]; i++) {
		struct cor_str value = cor_exchange_header(ctx->request, cor_str(names[i]));
		const char *copy = value.len ? cor_arena_copy(&ctx->arena, value.data, value.len)
					     : NULL;
		if (value.len && !copy)
			return -ENOMEM;
		if (copy)
			rc = set(maker, names[i], copy);
	}
	return rc;
}

static const char *accepted(const struct cor_schema *wanted)
{
	if (!wanted || wanted->media == COR_MEDIA_NONE || wanted->media == COR_MEDIA_BYTES)
		return "*/*";
	return wanted->media == COR_MEDIA_TEXT ? "text/plain, text/*;q=0.9, */*;q=0.1"
					       : "application/json";
}

static int set_usual(
	struct maker *maker, const struct cor_upstream_here *here, const struct cor_schema *wanted)
{
	int rc = set(maker, "User-Agent", here->agent);

	if (rc == 0)
		rc = set(maker, "Accept", accepted(wanted));
	if (rc == 0)
		rc = accept_codings(maker, here->upstream);
	return rc == 0 ? pass_on(maker) : rc;
}

/* Its value is written anew for each try. */
static int set_left(struct maker *maker, const char *name)
{
	if (!name)
		return 0;
	maker->message->left = cor_arena_zalloc(&maker->ctx->arena, COR_MESSAGE_LEFT_BYTES);
	if (!maker->message->left)
		return -ENOMEM;
	maker->message->left[0] = '0';
	return set(maker, name, maker->message->left);
}

/* --- the body --- */

static int keep(struct maker *maker, struct cor_buffer *buffer, const char *content_type)
{
	struct cor_message_body *body = &maker->message->body;
	const char *copy = cor_buffer_error(buffer) < 0
				   ? NULL
				   : cor_arena_copy(&maker->ctx->arena,
					     buffer->data ? buffer->data : "", buffer->len);

	if (!copy)
		return -ENOMEM;
	body->bytes = (struct cor_str){ copy, buffer->len };
	body->length = (int64_t)buffer->len;
	return set(maker, "Content-Type", content_type);
}

static int put_pair(void *arg, const struct cor_field *row, const struct cor_bind_pair *pair)
{
	struct cor_buffer *buffer = arg;

	(void)row;
	if (buffer->len)
		cor_buffer_byte(buffer, '&');
	cor_percent_append(buffer, pair->name);
	cor_buffer_byte(buffer, '=');
	cor_percent_append(buffer, pair->value);
	return 0;
}

static int write_struct(struct maker *maker)
{
	const struct cor_value *in = &maker->call->in;
	bool is_form = maker->call->sent_as == COR_SENT_AS_FORM;
	struct cor_buffer buffer = { 0 };
	int rc;

	if (!is_form && !maker->ctx->environment->codec)
		return -COR_ETABLE;
	if (is_form)
		rc = cor_rows_to_pairs(in->schema, COR_FROM_BODY, COR_FROM_BODY, in->value,
			put_pair, &buffer, maker->why);
	else
		rc = cor_encode_append(maker->ctx->environment->codec, in->schema, COR_USE_REQUEST,
			in->value, &buffer, maker->why);
	if (rc == 0)
		rc = keep(maker, &buffer,
			is_form ? "application/x-www-form-urlencoded" : "application/json");
	cor_buffer_finish(&buffer);
	return rc;
}

static int write_form(struct maker *maker, bool has_rows)
{
	struct cor_message_body *body = &maker->message->body;
	struct cor_sent_form *form;
	int rc = cor_sent_form_make(maker->ctx, maker->call, has_rows, &form, maker->why);

	if (rc < 0)
		return rc;
	if (form->source.bytes < COR_BODY_CHUNKED)
		return refuse(maker, "its parts are too large");
	body->source = &form->source;
	body->length = form->source.bytes;
	rc = set(maker, "Content-Type", form->content_type);
	body->form = form;
	return rc;
}

/* By itself where rows are files, as a service takes them. */
static bool is_parts(const struct maker *maker, bool has_rows)
{
	const struct cor_http_call *call = maker->call;

	return call->parts ||
	       (has_rows && (call->sent_as == COR_SENT_AS_MULTIPART ||
				    cor_rows_have_file(call->in.schema, COR_FROM_BODY)));
}

static bool has_body_rows(const struct cor_value *in, enum cor_from default_from)
{
	return in->schema && in->schema->media == COR_MEDIA_JSON &&
	       (cor_schema_bare_row(in->schema) ||
		       cor_rows_from(in->schema, COR_FROM_BODY, default_from) > 0);
}

static int relay(struct maker *maker)
{
	struct cor_message_body *body = &maker->message->body;
	struct cor_str type = cor_request_header(maker->ctx, "Content-Type");
	const char *copy = cor_arena_copy(&maker->ctx->arena, type.len ? type.data : "", type.len);

	if (!copy)
		return -ENOMEM;
	if (cor_exchange_has_body(maker->call->relayed->exchange)) {
		body->relayed = maker->call->relayed;
		body->length = cor_body_length(body->relayed);
	}
	return type.len ? set(maker, "Content-Type", copy) : 0;
}

static int make_body(struct maker *maker, enum cor_from default_from)
{
	const struct cor_http_call *call = maker->call;
	struct cor_message_body *body = &maker->message->body;
	bool has_rows = has_body_rows(&call->in, default_from);
	bool has_parts = is_parts(maker, has_rows);
	const char *type = call->content_type ? call->content_type : "application/octet-stream";

	/* RFC 9110 section 8.6: a method that means something by a body says that it is empty */
	body->length = default_from == COR_FROM_BODY ? 0 : COR_BODY_ABSENT;
	if ((has_rows || has_parts) + !!call->body.data + !!call->source + !!call->relayed > 1)
		return refuse(maker, "it has more than one body: .in with .parts, .body, .source, "
				     ".relayed");
	if (has_parts && call->sent_as == COR_SENT_AS_FORM)
		return refuse(maker, "a form with files is COR_SENT_AS_MULTIPART");
	if (call->content_type && (has_rows || has_parts || call->relayed))
		return refuse(maker, "its .content_type is for .body and .source alone");
	if (has_parts)
		return write_form(maker, has_rows);
	if (has_rows)
		return write_struct(maker);
	if (call->relayed)
		return relay(maker);
	if (!call->body.data && !call->source)
		return 0;
	body->bytes = call->body;
	body->source = call->source;
	body->length = call->source ? call->source->bytes : (int64_t)call->body.len;
	if (body->length < COR_BODY_CHUNKED)
		return refuse(maker, "its .source has no length: -1 is one that is not known");
	return set(maker, "Content-Type", type);
}

void cor_message_drop_body(struct cor_message *message)
{
	message->method = COR_STR("GET");
	message->body = (struct cor_message_body){ .length = COR_BODY_ABSENT };
	cor_message_drop(message, "Content-Type");
	cor_message_drop(message, "Content-Encoding");
	message->is_repeatable = true;
}

int cor_message_rewind(struct cor_message *message)
{
	struct cor_message_body *body = &message->body;

	if (!body->was_read)
		return 0;
	if (!body->source || !body->source->rewind)
		return -EOPNOTSUPP;
	int rc = body->source->rewind(body->source->arg);
	if (rc == 0)
		body->was_read = false;
	return rc;
}

/* --- the whole --- */

/* Whatever carries the call. RFC 9110 sections 9.3.2 and 9.3.6: a body of HEAD means nothing. */
static int check_method(struct maker *maker)
{
	struct cor_message *message = maker->message;

	if (cor_str_equal(message->method, COR_STR("CONNECT")))
		return refuse(maker, "CONNECT makes a tunnel, which is no call");
	if (!cor_str_equal(message->method, COR_STR("HEAD")))
		return 0;
	if (message->body.length == 0)
		message->body = (struct cor_message_body){ .length = COR_BODY_ABSENT };
	return message->body.length == COR_BODY_ABSENT ? 0 : refuse(maker, "a HEAD has no body");
}

static int check_expects(struct maker *maker, const struct cor_schema *wanted)
{
	const struct cor_http_call *call = maker->call;
	bool has_output = wanted && wanted->media != COR_MEDIA_NONE;

	for (size_t i = 0; i < COR_EXPECTS_MAX && call->expects[i]; i++)
		if (call->expects[i] < 200 || call->expects[i] > 599)
			return refuse(maker, "its .expects has %u, which no answer has",
				call->expects[i]);
	if (call->expects[0] && has_output && !call->ret_status)
		return refuse(maker, "its .expects needs .ret_status, which tells whether there "
				     "is an output");
	if (call->ret_error.schema && !(wanted && call->ret_status))
		return refuse(maker, wanted ? "its .ret_error needs .ret_status, which tells "
					      "whether it is filled"
					    : "its .ret_error is for calls that decode: what "
					      "cor_http_open() opens is read");
	if (call->ret_error.schema && !call->ret_error.value &&
		call->ret_error.schema->media != COR_MEDIA_NONE)
		return refuse(maker, "its .ret_error has nowhere to go");
	return 0;
}

static enum cor_from default_of(struct cor_str method)
{
	return cor_str_equal(method, COR_STR("POST")) || cor_str_equal(method, COR_STR("PUT")) ||
			       cor_str_equal(method, COR_STR("PATCH"))
		       ? COR_FROM_BODY
		       : COR_FROM_QUERY;
}

/* The upstream's path, and behind it the call's. */
static int make_url(struct maker *maker, const struct cor_url *base, enum cor_from default_from)
{
	struct cor_url *url = &maker->message->url;
	struct cor_str path;

	*url = *base;
	int rc = cor_target_write(
		&maker->ctx->arena, maker->call, default_from, &path, &url->query, maker->why);
	if (rc < 0)
		return rc;
	url->has_query = url->query.len > 0;
	url->path = cor_join(&maker->ctx->arena, (const struct cor_str[]){ base->path, path }, 2);
	return url->path.data ? 0 : -ENOMEM;
}

int cor_message_make(struct cor_ctx *ctx, const struct cor_upstream_here *here,
	const struct cor_http_call *call, const struct cor_schema *wanted, struct cor_message *ret,
	struct cor_encode_fault *why)
{
	struct maker maker = { .ctx = ctx, .call = call, .message = ret, .why = why };
	const char *method = call->method ? call->method : "GET";

	ret->method = cor_str(method);
	ret->fields_len = 0;
	ret->left = NULL;
	ret->body = (struct cor_message_body){ 0 };
	why->text[0] = '\0';
	if (!cor_field_name_valid(ret->method))
		return refuse(&maker, "its .method is not a token");
	enum cor_from default_from = default_of(ret->method);
	ret->is_repeatable = call->repeats == COR_REPEATABLE ||
			     cor_method_is_idempotent(ret->method);
	int rc = check_expects(&maker, wanted);
	if (rc == 0)
		rc = make_url(&maker, &here->url, default_from);
	if (rc == 0)
		rc = set_usual(&maker, here, wanted);
	if (rc == 0)
		rc = set_all(&maker, here->upstream->headers);
	if (rc == 0)
		rc = make_body(&maker, default_from);
	if (rc == 0)
		rc = check_method(&maker);
	if (rc == 0)
		rc = set_rows(&maker, COR_FROM_HEADER, default_from, take_header);
	if (rc == 0)
		rc = set_rows(&maker, COR_FROM_COOKIE, default_from, take_cookie);
	if (rc == 0)
		rc = set_left(&maker, here->upstream->deadline_header);
	if (rc == 0)
		rc = set_all(&maker, call->headers);
	return rc == -COR_EINVALID ? -EINVAL : rc;
}
