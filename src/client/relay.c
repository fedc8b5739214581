/* SPDX-License-Identifier: MIT */
/* An answer passed on to our own client. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/request.h>

#include "client/answer.h"
#include "exchange/exchange.h"

#define PIECE_BYTES (16 * 1024)

/*
 * Of the connection (RFC 9110 section 7.6.1), of the body as it came, of who has answered, and what
 * would set cookies of another server's in our name.
 */
static bool is_passed_on(const char *name)
{
	static const char *const kept[] = { "Connection", "Keep-Alive", "Proxy-Connection",
		"Proxy-Authenticate", "Proxy-Authentication-Info", "TE", "Trailer",
		"Transfer-Encoding", "Upgrade", "Content-Length", "Content-Encoding",
		"Content-Type", "Date", "Server", "Set-Cookie", "Alt-Svc",
		"Strict-Transport-Security", "X-Request-Id" };

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (strcasecmp(name, kept[i]) == 0)
			return false;
	return true;
}

static bool is_in(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list) {
		list += strspn(list, ", \t");
		size_t item = strcspn(list, ", \t");
		if (item == len && strncasecmp(list, name, len) == 0)
			return true;
		list += item;
	}
	return false;
}

/* Connection names more of them; it may stand there several times. */
static bool is_of_connection(const struct cor_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->head.fields_len; i++) {
		const struct cor_http_field *field = &answer->head.fields[i];
		if (strcasecmp(field->name, "Connection") == 0 && is_in(field->value, name))
			return true;
	}
	return false;
}

static int pass_fields(struct cor_ctx *ctx, const struct cor_answer *answer)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < answer->head.fields_len; i++) {
		const struct cor_http_field *field = &answer->head.fields[i];
		if (is_passed_on(field->name) && !is_of_connection(answer, field->name))
			rc = cor_reply_header(ctx, field->name, field->value);
		if (rc == -EINVAL) /* one that is the server's own */
			rc = 0;
	}
	return rc;
}

/* The head is the whole of an answer to a HEAD, and of some statuses. */
static int pass_body(struct cor_reply *reply, struct cor_answer *answer, char *piece)
{
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = cor_answer_read(answer, piece, PIECE_BYTES)) != 0)
		rc = n < 0 ? (int)n : cor_reply_write(reply, piece, (size_t)n);
	return rc == -EPIPE && !cor_exchange_sends_content(reply->exchange, answer->head.status)
		       ? 0
		       : rc;
}

/*
 * A short one goes out whole: with its length, by one system call, and what fails before its end is
 * a problem, not an answer that is cut.
 */
static bool is_short(const struct cor_reply *reply, const struct cor_answer *answer)
{
	int64_t length = cor_answer_length(answer);

	return length >= 0 && length <= PIECE_BYTES &&
	       reply->exchange->reply_state == COR_REPLY_NONE &&
	       cor_exchange_sends_content(reply->exchange, answer->head.status);
}

static int relay_whole(struct cor_reply *reply, struct cor_answer *answer, const char *type)
{
	struct cor_exchange *x = reply->exchange;
	size_t length = (size_t)cor_answer_length(answer), len = 0;
	char *body = cor_alloc(&x->ctx, length + 1);
	ssize_t n = 1;

	if (!body)
		return -ENOMEM;
	while (len <= length && (n = cor_answer_read(answer, body + len, length + 1 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		return (int)n;
	int rc = pass_fields(&x->ctx, answer);
	if (rc == 0 && type)
		rc = cor_exchange_add_field(x, "Content-Type", cor_str(type));
	return rc < 0 ? rc
		      : x->ops->respond(x, answer->head.status, (struct cor_str){ NULL, 0 },
				(struct cor_str){ body, len });
}

static int relay_pieces(struct cor_reply *reply, struct cor_answer *answer, const char *type)
{
	struct cor_ctx *ctx = &reply->exchange->ctx;
	char *piece = cor_alloc(ctx, PIECE_BYTES);
	int rc = piece ? pass_fields(ctx, answer) : -ENOMEM;

	if (rc == 0)
		rc = cor_reply_start(reply, answer->head.status, type ? type : "");
	return rc == 0 ? pass_body(reply, answer, piece) : rc;
}

int cor_reply_relay(struct cor_reply *reply, struct cor_answer *answer)
{
	const char *type = cor_answer_header(answer, "Content-Type");
	int rc = is_short(reply, answer) ? relay_whole(reply, answer, type)
					 : relay_pieces(reply, answer, type);

	cor_answer_close(answer);
	return rc;
}
