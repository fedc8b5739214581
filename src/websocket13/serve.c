/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "observe/problem_line.h"
#include "service/language.h"
#include "service/plan.h"
#include "websocket13/follow.h"
#include "websocket13/handshake.h"
#include "websocket13/input.h"
#include "websocket13/output.h"

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
	return value != 0 ? value : otherwise;
}

static void init(struct cor_websocket *ws, struct cor_exchange *x)
{
	*ws = (struct cor_websocket){
		.x = x,
		.operation = cor_action_of(x)->operation,
		.protocol = "",
	};
	cor_arena_init(&ws->memory, NULL, 0, x->ctx.arena.limit_bytes);
}

static void finish(struct cor_websocket *ws)
{
	cor_websocket_leave_topics(ws);
	cor_websocket_reader_finish(&ws->reader);
	cor_deflater_destroy(ws->deflater);
	cor_buffer_finish(&ws->lent);
	cor_arena_finish(&ws->memory);
	free(ws->input);
	free(ws);
}

static int check(struct cor_websocket *ws)
{
	const struct cor_websocket_options *options = &ws->operation->websocket;
	const struct cor_frame_rules rules = {
		.message_bytes = or_default(options->message_bytes, COR_WEBSOCKET_MESSAGE_BYTES),
		.frames = or_default(options->message_frames, COR_WEBSOCKET_FRAMES),
		.is_client = true,
	};
	struct cor_deflate_terms terms;
	int rc = cor_websocket_check(ws, &terms);

	cor_websocket_reader_init(&ws->reader, &rules, &terms);
	return rc;
}

/* --- how it ends --- */

/* What receive and send return when it is over, whoever has ended it. */
static bool is_no_failure(const struct cor_websocket *ws, int rc)
{
	return rc == 0 || rc == -COR_ECLOSED || (rc == ws->failure && rc != 0) || rc == -ECANCELED;
}

static bool blames_message(const struct cor_websocket *ws, int rc)
{
	return (rc == -COR_EINVALID || rc == -COR_ESYNTAX) && ws->violations.first;
}

static const char *reason_of(struct cor_websocket *ws, const struct cor_violation *first)
{
	bool is_whole = first->where[0] == '\0';
	const char *text = cor_arena_printf(&ws->memory, "%s%s%s",
		is_whole ? "the message" : first->where, is_whole ? " " : ": ", first->detail);

	return text ? text : "the message breaks a rule";
}

/* The rule that was broken first: a close frame has no room for more. */
static void close_for_message(struct cor_websocket *ws)
{
	struct cor_problem_text said = { .violations = &ws->violations };
	const char *reason = reason_of(ws, ws->violations.first);

	cor_language_say(ws->x, &ws->memory, &said);
	cor_websocket_blame_as(ws, COR_CLOSE_INVALID, reason,
		said.violations == &ws->violations ? reason
						   : reason_of(ws, said.violations->first));
}

/* The log has all of it; the client gets what it would get of a problem. */
static void close_for_problem(struct cor_websocket *ws, int rc)
{
	struct cor_ctx *ctx = &ws->x->ctx;
	const struct cor_problem *problem = cor_ctx_settle(ctx, rc);
	bool is_clients = problem->status < 500;

	cor_problem_log(ctx, is_clients ? COR_LOG_INFO : COR_LOG_ERROR,
		cor_str(ws->operation->handler), ws->x->status);
	struct cor_problem_text said = { .detail = problem->detail };
	cor_language_say(ws->x, &ws->memory, &said);
	if (is_clients)
		cor_websocket_end(ws, COR_CLOSE_POLICY, cor_str(said.detail));
	else
		cor_websocket_end(ws, COR_CLOSE_FAILURE, COR_STR("the service has failed"));
}

/* What its client has said meanwhile, or a drain, is the better reason. */
static void close_well(struct cor_websocket *ws)
{
	if (cor_websocket_take_in(ws) == 0)
		cor_websocket_end(ws, COR_CLOSE_NORMAL, (struct cor_str){ "", 0 });
}

static void conclude(struct cor_websocket *ws, int rc)
{
	if (is_no_failure(ws, rc))
		close_well(ws);
	else if (blames_message(ws, rc))
		close_for_message(ws);
	else
		close_for_problem(ws, rc);
}

static int converse(struct cor_websocket *ws, const void *in)
{
	int rc = check(ws);

	if (rc == 0)
		rc = ws->operation->converse(&ws->x->ctx, in, ws);
	if (rc > 0)
		rc = cor_ctx_positive(&ws->x->ctx, "", rc);
	if (!ws->is_open && ws->failure == 0 && rc == 0)
		cor_ignore(cor_websocket_accept(ws));
	if (!ws->is_open)
		return rc;
	conclude(ws, rc);
	return 0;
}

int cor_websocket_serve(
	struct cor_ctx *ctx, const void *in, struct cor_body *body, struct cor_reply *reply)
{
	struct cor_websocket *ws = malloc(sizeof *ws);

	(void)body;
	(void)reply;
	if (!ws)
		return -ENOMEM;
	init(ws, cor_exchange_of(ctx));
	int rc = converse(ws, in);
	finish(ws);
	return rc;
}
