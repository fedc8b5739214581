/* SPDX-License-Identifier: MIT */
#include <coracle/stream.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "exchange/exchange.h"
#include "http/media_type.h"
#include "http/status.h"

int64_t cor_body_length(const struct cor_body *body)
{
	const struct cor_head *head = &body->exchange->head;

	return head->body == COR_BODY_UNKNOWN ? -1 : head->content_length;
}

ssize_t cor_body_read(struct cor_body *body, void *buffer, size_t size)
{
	return body->exchange->ops->read_body(body->exchange, buffer, size);
}

/*
 * A client that goes away or does not read is not a failure of the service. Here it is known; later
 * its code could as well be that of an upstream, or of the request's own deadline.
 */
static int note(struct cor_exchange *x, int rc)
{
	if (rc == -ECONNRESET || rc == -EPIPE)
		return cor_ctx_fail(&x->ctx, COR_STATUS_CLIENT_GONE, rc,
			"the client went away, or did not read for too long");
	if (rc == -ETIMEDOUT && cor_remaining_ms(&x->ctx) > 0)
		return cor_ctx_fail(&x->ctx, COR_STATUS_CLIENT_GONE, rc,
			"the client did not read for too long");
	return rc;
}

/* A reply without content has no type: RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
static struct cor_str content_type_of(
	const struct cor_reply *reply, int status, const char *content_type)
{
	const struct cor_str none = { 0 };

	if (content_type)
		return cor_str(content_type);
	return cor_status_has_body(status) ? reply->content_type : none;
}

/* An operation may declare a range, with an asterisk; what is sent has one type. */
static bool is_sendable(struct cor_str type)
{
	struct cor_media_type media;

	return cor_media_type_parse(type, &media) == 0 &&
	       !memchr(media.essence.data, '*', media.essence.len);
}

/* A defect of the handler: if it returns the code, the log says what was wrong. */
static COR_COLD int misused(struct cor_exchange *x, const char *what)
{
	return cor_ctx_fail(&x->ctx, 500, -EINVAL, what);
}

int cor_reply_start(struct cor_reply *reply, int status, const char *content_type)
{
	struct cor_exchange *x = reply->exchange;

	if (status == 0)
		status = reply->status;
	if (status < 200 || status > 599)
		return -EINVAL;
	if (x->reply_state != COR_REPLY_NONE)
		return -EALREADY;
	struct cor_str type = content_type_of(reply, status, content_type);
	if (type.len != 0 && !is_sendable(type))
		return misused(x,
			"cor_reply_start() needs a media type without *, here or in .content_type");
	int rc = x->ops->start(x, (uint16_t)status, type);
	if (rc < 0)
		return note(x, rc);
	x->fields_out = x->fields_out_last = NULL; /* what comes now is for the trailer */
	x->status = (uint16_t)status;
	x->reply_state = cor_exchange_sends_content(x, (uint16_t)status) ? COR_REPLY_STARTED
									 : COR_REPLY_ENDED;
	return 0;
}

/*
 * A reply without content is whole with its head: a handler that would write for ever learns it by
 * this.
 */
static int check_started(struct cor_exchange *x)
{
	if (x->reply_state == COR_REPLY_ENDED)
		return -EPIPE;
	return x->reply_state == COR_REPLY_STARTED
		       ? 0
		       : misused(x, "the reply was written to before cor_reply_start()");
}

int cor_reply_write(struct cor_reply *reply, const void *data, size_t size)
{
	struct cor_exchange *x = reply->exchange;
	int rc = check_started(x);

	if (rc < 0)
		return rc;
	return note(x, x->ops->write(x, data, size));
}

int cor_reply_flush(struct cor_reply *reply)
{
	struct cor_exchange *x = reply->exchange;
	int rc = check_started(x);

	return rc < 0 ? rc : note(x, x->ops->flush(x));
}
