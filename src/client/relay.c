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

/* Connection names more of them. */
static bool is_named(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (list && *list) {
		list += strspn(list, ", \t");
		size_t item = strcspn(list, ", \t");
		if (item == len && strncasecmp(list, name, len) == 0)
			return true;
		list += item;
	}
	return false;
}

static int pass_fields(struct cor_ctx *ctx, const struct cor_answer *answer)
{
	const char *of_connection = cor_answer_header(answer, "Connection");
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < answer->head.fields_len; i++) {
		const struct cor_http_field *field = &answer->head.fields[i];
		if (is_passed_on(field->name) && !is_named(of_connection, field->name))
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

int cor_reply_relay(struct cor_reply *reply, struct cor_answer *answer)
{
	const char *type = cor_answer_header(answer, "Content-Type");
	struct cor_ctx *ctx = &reply->exchange->ctx;
	char *piece = cor_alloc(ctx, PIECE_BYTES);
	int rc = piece ? pass_fields(ctx, answer) : -ENOMEM;

	if (rc == 0)
		rc = cor_reply_start(reply, answer->head.status, type ? type : "");
	if (rc == 0)
		rc = pass_body(reply, answer, piece);
	cor_answer_close(answer);
	return rc;
}
