/* SPDX-License-Identifier: MIT */
#include "base/violation_texts.h"
#include "service/input.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "coding/body.h"
#include "http/media_type.h"
#include "multipart/boundary.h"
#include "schema/decode.h"
#include "hooks/hooks.h"

#define TYPE_SHOWN_MAX 100

static bool ends_with(struct cor_str text, struct cor_str end)
{
	return text.len > end.len &&
	       strncasecmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

static bool begins_with(struct cor_str text, struct cor_str begin)
{
	return text.len > begin.len && strncasecmp(text.data, begin.data, begin.len) == 0;
}

/* application/json, and types built on it (RFC 6839 section 3.1). */
static bool is_json(const struct cor_media_type *media)
{
	return cor_media_type_is(media, COR_STR("application/json")) ||
	       (begins_with(media->essence, COR_STR("application/")) &&
		       ends_with(media->essence, COR_STR("+json")));
}

static bool is_form(const struct cor_media_type *media)
{
	return cor_media_type_is(media, COR_STR("application/x-www-form-urlencoded")) ||
	       cor_media_type_is(media, COR_STR("multipart/form-data"));
}

static bool is_utf8(const struct cor_media_type *media)
{
	struct cor_str charset = media->charset;

	return charset.len == 0 ||
	       (charset.len == 5 && strncasecmp(charset.data, "utf-8", 5) == 0) ||
	       (charset.len == 8 && strncasecmp(charset.data, "us-ascii", 8) == 0);
}

/* What a client may send, for the Accept header of a 415 (RFC 9110 section 15.5.16). */
static const char *accepted(const struct cor_action *action)
{
	if (action->operation->in->media == COR_MEDIA_TEXT)
		return "text/plain";
	if (action->body.kind >= COR_TAKES_PARTS)
		return "multipart/form-data";
	return action->body.may_be_form
		       ? "application/json, application/x-www-form-urlencoded, multipart/form-data"
		       : "application/json";
}

static COR_COLD int refuse_media(struct cor_exchange *x, const struct cor_action *action)
{
	struct cor_str type = cor_exchange_known(x, COR_KNOWN_CONTENT_TYPE);
	struct cor_str shown = type.len ? type : COR_STR("missing");

	if (cor_reply_header(&x->ctx, "Accept", accepted(action)) < 0)
		return -ENOMEM;
	return cor_problem(&x->ctx, 415, 0, "Content-Type is %.*s, but must be one of: %s",
		(int)(shown.len < TYPE_SHOWN_MAX ? shown.len : TYPE_SHOWN_MAX), shown.data,
		accepted(action));
}

/* Neither JSON (RFC 8259 section 11) nor a form has a charset: such a parameter is ignored. */
static int check_media(struct cor_exchange *x, const struct cor_action *action)
{
	struct cor_str type = cor_exchange_known(x, COR_KNOWN_CONTENT_TYPE);
	enum cor_media wanted = action->operation->in->media;
	struct cor_media_type media;

	if (type.len == 0 || wanted == COR_MEDIA_BYTES)
		return 0; /* taken as what the operation reads */
	if (wanted == COR_MEDIA_JSON && cor_str_equal(type, COR_STR("application/json")))
		return 0;
	if (cor_media_type_parse(type, &media) < 0)
		return refuse_media(x, action);
	if (wanted == COR_MEDIA_JSON)
		return is_json(&media) || (action->body.may_be_form && is_form(&media))
			       ? 0
			       : refuse_media(x, action);
	if (!begins_with(media.essence, COR_STR("text/")))
		return refuse_media(x, action);
	return is_utf8(&media)
		       ? 0
		       : cor_ctx_problem(&x->ctx, 415, 0, "the body's charset is not utf-8");
}

/* A stream without .parts takes any type. */
static int check_parts(struct cor_exchange *x, const struct cor_action *action)
{
	if (action->body.kind == COR_TAKES_STREAM ||
		cor_is_multipart_form(cor_exchange_known(x, COR_KNOWN_CONTENT_TYPE)))
		return 0;
	return refuse_media(x, action);
}

/*
 * The body may mean something to the client, so it is not dropped silently. Whether chunks hold
 * anything, only reading tells.
 */
static COR_COLD int refuse_content(struct cor_exchange *x, int64_t length)
{
	char byte;
	ssize_t n = length >= 0 ? (length != 0) : x->ops->read_body(x, &byte, 1);

	if (n <= 0)
		return (int)n;
	return cor_ctx_problem(&x->ctx, 400, 0, "this operation takes no body: send none");
}

int cor_input_check_body(struct cor_exchange *x, const struct cor_action *action)
{
	if (!cor_exchange_has_body(x))
		return 0;
	int64_t length = cor_body_length(&(struct cor_body){ .exchange = x });

	if (action->body.kind == COR_TAKES_NOTHING)
		return refuse_content(x, length);
	if (length > x->body_limit_bytes)
		return cor_exchange_body_too_large(x);
	if (cor_coding_is_named(cor_exchange_list(x, COR_KNOWN_CONTENT_ENCODING))) {
		int rc = cor_coded_read(x, action->coding);
		if (rc < 0)
			return rc;
	}
	return action->body.kind >= COR_TAKES_STREAM ? check_parts(x, action)
						     : check_media(x, action);
}

static COR_COLD int refuse_late(struct cor_exchange *x)
{
	return cor_ctx_problem(
		&x->ctx, 408, -ETIMEDOUT, "the body did not arrive before the request's deadline");
}

/* No handler has run yet: the time that is over is the client's. */
static int in_time(struct cor_exchange *x, int rc)
{
	return COR_UNLIKELY(rc == -ETIMEDOUT) ? refuse_late(x) : rc;
}

int cor_input_take_body(
	struct cor_exchange *x, const struct cor_action *action, struct cor_str *ret)
{
	int rc = in_time(x, cor_exchange_read_all(x, ret));

	if (rc == 0 && action->operation->in->media == COR_MEDIA_TEXT && !cor_utf8_valid(*ret))
		return cor_ctx_problem(&x->ctx, 400, -COR_ESYNTAX, "the body is not UTF-8");
	return rc;
}

/*
 * A missing body counts as an empty object, but "a body is required" is plainer than a list of
 * members.
 */
static int bind_absent(struct cor_input_binding *binding)
{
	if (!binding->action->body.is_required)
		return 1;
	cor_violate_by_text(binding->violations, &binding->x->ctx.arena, "body", COR_SAYS_BODY);
	return cor_input_note(binding, -COR_EINVALID);
}

/* What hooks have refused is not read. */
static COR_COLD int run_hooks(struct cor_input_binding *binding, struct cor_str *text)
{
	struct cor_ctx *ctx = &binding->x->ctx;
	const struct cor_unloaded json = { binding->action->operation->in, *text, COR_USE_REQUEST,
		binding->violations, &ctx->arena };
	int rc = cor_ctx_before_load(ctx, &json, text);

	binding->is_unread = rc == -COR_EINVALID;
	return rc;
}

static int decode(struct cor_input_binding *binding, struct cor_str text)
{
	struct cor_exchange *x = binding->x;
	const struct cor_decode_options options = {
		.use = COR_USE_REQUEST,
		.default_from = binding->action->default_from,
	};
	int rc = 0;

	if (COR_UNLIKELY(x->ctx.environment->has_before_load))
		rc = run_hooks(binding, &text);
	if (rc < 0)
		return cor_input_note(binding, rc);
	rc = cor_decode_text(x->ctx.environment->codec, &x->ctx.arena,
		binding->action->operation->in, &options, binding->in, text, binding->violations);

	return cor_input_note(binding, rc == -COR_ETOOLARGE ? -COR_ESYNTAX : rc);
}

bool cor_input_came_as_form(const struct cor_exchange *x, const struct cor_action *action)
{
	struct cor_media_type media;
	struct cor_str type = cor_exchange_known(x, COR_KNOWN_CONTENT_TYPE);

	if (action->body.kind == COR_TAKES_FORM)
		return true;
	return action->body.may_be_form && type.len &&
	       !cor_str_equal(type, COR_STR("application/json")) &&
	       cor_media_type_parse(type, &media) == 0 && is_form(&media);
}

/* What curl -d sends if nobody says what it is: JSON that calls itself a form. */
static bool is_json_after_all(struct cor_str text)
{
	size_t at = 0;

	while (at < text.len && memchr(" \t\r\n", text.data[at], 4))
		at++;
	return at < text.len && (text.data[at] == '{' || text.data[at] == '[');
}

static int bind_form(struct cor_input_binding *binding, struct cor_str text)
{
	if (is_json_after_all(text))
		return cor_ctx_problem(&binding->x->ctx, 400, -COR_ESYNTAX,
			"the body is JSON, but its Content-Type is that of a form: send "
			"Content-Type: application/json");
	return cor_input_bind_text(binding, COR_FROM_BODY, text);
}

/* Most bodies that could be a form are JSON: their type does not begin like that. */
static bool came_in_parts(const struct cor_input_binding *binding)
{
	const struct cor_body_input *body = &binding->action->body;
	struct cor_str type;

	if (!body->may_be_form)
		return body->kind == COR_TAKES_FORM;
	type = cor_exchange_known(binding->x, COR_KNOWN_CONTENT_TYPE);
	return type.len != 0 && (type.data[0] | 0x20) == 'm' && cor_is_multipart_form(type) &&
	       cor_exchange_has_body(binding->x);
}

int cor_input_bind_body(struct cor_input_binding *binding)
{
	struct cor_str text;

	if (came_in_parts(binding))
		return in_time(binding->x, cor_input_bind_form(binding));
	int rc = in_time(binding->x, cor_exchange_read_all(binding->x, &text));

	if (rc < 0)
		return rc;
	if (text.len == 0) {
		rc = bind_absent(binding);
		return rc == 1 ? decode(binding, COR_STR("{}")) : rc;
	}
	return cor_input_came_as_form(binding->x, binding->action) ? bind_form(binding, text)
								   : decode(binding, text);
}
