/* SPDX-License-Identifier: MIT */
#include "service/input.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "http/media_type.h"
#include "schema/decode.h"

static bool ends_with(struct cor_str text, struct cor_str end)
{
	return text.len > end.len &&
	       strncasecmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

static bool begins_with(struct cor_str text, struct cor_str begin)
{
	return text.len > begin.len && strncasecmp(text.data, begin.data, begin.len) == 0;
}

/* application/json, and what is built upon it (RFC 6839 section 3.1). */
static bool is_json(const struct cor_media_type *media)
{
	return cor_media_type_is(media, COR_STR("application/json")) ||
	       (begins_with(media->essence, COR_STR("application/")) &&
		       ends_with(media->essence, COR_STR("+json")));
}

static bool is_form(const struct cor_media_type *media)
{
	return cor_media_type_is(media, COR_STR("application/x-www-form-urlencoded"));
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
	return action->body_may_be_form ? "application/json, application/x-www-form-urlencoded"
					: "application/json";
}

static bool can_read(const struct cor_action *action, const struct cor_media_type *media)
{
	switch (action->operation->in->media) {
	case COR_MEDIA_BYTES:
		return true;
	case COR_MEDIA_TEXT:
		return begins_with(media->essence, COR_STR("text/")) && is_utf8(media);
	default:
		return is_utf8(media) &&
		       (is_json(media) || (action->body_may_be_form && is_form(media)));
	}
}

static int refuse_coding(struct cor_exchange *x)
{
	if (cor_reply_header(&x->ctx, "Accept-Encoding", "identity") < 0)
		return -ENOMEM;
	return cor_ctx_problem(
		&x->ctx, 415, 0, "the body is encoded: send it without Content-Encoding");
}

int cor_input_check_body(struct cor_exchange *x, const struct cor_action *action)
{
	struct cor_media_type media;
	bool reads_body = action->body_rows > 0 || action->operation->in->media != COR_MEDIA_JSON;

	if (!reads_body || !cor_exchange_has_body(x))
		return 0;
	struct cor_str coding = cor_exchange_known(x, COR_KNOWN_CONTENT_ENCODING);
	if (coding.len && !(coding.len == 8 && strncasecmp(coding.data, "identity", 8) == 0))
		return refuse_coding(x);
	struct cor_str type = cor_exchange_known(x, COR_KNOWN_CONTENT_TYPE);
	if (type.len == 0)
		return 0; /* taken as what is wanted */
	if (action->operation->in->media == COR_MEDIA_JSON &&
		cor_str_equal(type, COR_STR("application/json")))
		return 0;
	if (cor_media_type_parse(type, &media) == 0 && can_read(action, &media))
		return 0;
	if (cor_reply_header(&x->ctx, "Accept", accepted(action)) < 0)
		return -ENOMEM;
	return cor_problem(
		&x->ctx, 415, 0, "the body's media type is not one of: %s", accepted(action));
}

/* The transport has recorded what happened, but for a limit that was seen before the first byte. */
static int read_body(struct cor_exchange *x, struct cor_str *ret)
{
	int rc = cor_exchange_read_all(x, ret);

	if (rc == -COR_ETOOLARGE && x->ctx.problem.status == 0)
		return cor_problem(&x->ctx, 413, rc, "the body is larger than %lld bytes",
			(long long)x->body_limit_bytes);
	return rc;
}

int cor_input_take_body(
	struct cor_exchange *x, const struct cor_action *action, struct cor_str *ret)
{
	int rc = read_body(x, ret);

	if (rc == 0 && action->operation->in->media == COR_MEDIA_TEXT && !cor_utf8_valid(*ret))
		return cor_ctx_problem(&x->ctx, 400, -COR_ESYNTAX, "the body is not UTF-8");
	return rc;
}

/* No body is as good as an empty object, but the client is told the plainer thing. */
static int bind_absent(struct cor_input_binding *binding)
{
	if (!binding->action->body_is_required)
		return 1;
	cor_violate(binding->violations, &binding->x->ctx.arena, "body", "", "a body is required");
	return cor_input_note(binding, -COR_EINVALID);
}

static int decode(struct cor_input_binding *binding, struct cor_str text)
{
	struct cor_exchange *x = binding->x;
	const struct cor_decode_options options = {
		.use = COR_USE_REQUEST,
		.default_from = binding->action->default_from,
	};
	int rc = cor_decode_text(x->ctx.environment->codec, &x->ctx.arena,
		binding->action->operation->in, &options, binding->in, text, binding->violations);

	return cor_input_note(binding, rc == -COR_ETOOLARGE ? -COR_ESYNTAX : rc);
}

static bool came_as_form(const struct cor_input_binding *binding)
{
	struct cor_media_type media;
	struct cor_str type = cor_exchange_known(binding->x, COR_KNOWN_CONTENT_TYPE);

	return binding->action->body_may_be_form && type.len &&
	       !cor_str_equal(type, COR_STR("application/json")) &&
	       cor_media_type_parse(type, &media) == 0 && is_form(&media);
}

int cor_input_bind_body(struct cor_input_binding *binding)
{
	struct cor_str text;
	int rc = read_body(binding->x, &text);

	if (rc < 0)
		return rc;
	if (text.len == 0) {
		rc = bind_absent(binding);
		return rc == 1 ? decode(binding, COR_STR("{}")) : rc;
	}
	return came_as_form(binding) ? cor_input_bind_text(binding, COR_FROM_BODY, text)
				     : decode(binding, text);
}
