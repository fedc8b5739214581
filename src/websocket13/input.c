/* SPDX-License-Identifier: MIT */
#include "websocket13/input.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "runtime/scheduler.h"
#include "websocket13/follow.h"
#include "websocket13/output.h"
#include "websocket13/rest.h"

#define INPUT_BYTES (16 * 1024)
#define KEEP_BYTES  (16 * 1024) /* of a message's memory, for the next one */

static int64_t now_ns(void)
{
	return cor_clock_now(cor_scheduler_current());
}

static void drop_input(struct cor_websocket *ws)
{
	free(ws->input);
	ws->input = NULL;
	ws->input_at = ws->input_len = 0;
}

/* --- what the client says --- */

static int answer_ping(struct cor_websocket *ws)
{
	int rc = cor_websocket_put(ws, COR_OPCODE_PONG, ws->reader.control);

	return rc < 0 ? rc : cor_websocket_flush(ws);
}

/* RFC 6455 section 5.5.1: its code goes back, and nothing else. */
static int client_closes(struct cor_websocket *ws)
{
	struct cor_close_error error;
	struct cor_str reason;
	uint16_t code;

	if (!cor_close_parse(ws->reader.control, &code, &reason, &error))
		return cor_websocket_blame(ws, error.code, error.reason);
	return cor_websocket_end(ws, code, (struct cor_str){ "", 0 });
}

static int heed(struct cor_websocket *ws, enum cor_reader_event event)
{
	switch (event) {
	case COR_READER_MESSAGE:
		ws->has_message = true;
		ws->messaged_ns = now_ns();
		return 0;
	case COR_READER_PING:
		return answer_ping(ws);
	case COR_READER_CLOSE:
		return client_closes(ws);
	case COR_READER_ERROR:
		return cor_websocket_blame(ws, ws->reader.error.code, ws->reader.error.reason);
	default:
		return 0;
	}
}

static int work_off(struct cor_websocket *ws)
{
	int rc = ws->failure;

	while (rc == 0 && !ws->has_message && ws->input_at < ws->input_len) {
		size_t used;
		enum cor_reader_event event = cor_websocket_read(
			&ws->reader, ws->input + ws->input_at, ws->input_len - ws->input_at, &used);
		ws->input_at += used;
		rc = heed(ws, event);
	}
	if (ws->input_at == ws->input_len)
		drop_input(ws);
	return rc;
}

/* A receive that brought nothing. */
static int nothing_came(struct cor_websocket *ws, ssize_t n)
{
	drop_input(ws);
	if (n == -EAGAIN)
		return 0;
	if (n == -ESHUTDOWN)
		return cor_websocket_end(ws, COR_CLOSE_GOING_AWAY,
			COR_STR("the service stops or restarts: connect again"));
	return cor_websocket_lose(ws, n == 0 ? -ECONNRESET : (int)n);
}

/* Returns how many bytes came, 0 or the failure. */
static int receive_once(struct cor_websocket *ws)
{
	ws->input = malloc(INPUT_BYTES);
	if (!ws->input)
		return cor_websocket_blame(
			ws, COR_CLOSE_AGAIN_LATER, "there is no memory for what comes");
	ssize_t n = ws->x->ops->receive(ws->x, ws->input, INPUT_BYTES);
	if (n <= 0)
		return nothing_came(ws, n);
	ws->input_len = (size_t)n;
	ws->heard_ns = now_ns();
	ws->pinged_ns = 0;
	ws->is_overdue = false;
	ws->rests = false;
	return (int)n;
}

int cor_websocket_take_in(struct cor_websocket *ws)
{
	int rc = work_off(ws);
	int came = 1;

	while (rc == 0 && !ws->has_message && came > 0) {
		came = receive_once(ws);
		rc = came < 0 ? came : work_off(ws);
	}
	return rc;
}

/* --- for the handler --- */

/* Nothing is here: until something is, or it is time for something. */
static int wait_for_more(struct cor_websocket *ws)
{
	int rc = ws->x->ops->await(ws->x, cor_websocket_due_ns(ws));

	if (rc == 0)
		return 0;
	if ((rc == -ETIMEDOUT || rc == -ECANCELED) && cor_scope_error() < 0)
		return rc; /* the handler's own */
	return rc == -ETIMEDOUT ? cor_websocket_time_is_up(ws) : cor_websocket_lose(ws, rc);
}

static int await_message(struct cor_websocket *ws)
{
	int rc = cor_websocket_take_in(ws);

	while (rc == 0 && !ws->has_message) {
		int sent = cor_websocket_send_followed(ws);
		if (sent == 0)
			rc = wait_for_more(ws);
		else if (sent < 0)
			rc = sent;
		if (rc == 0)
			rc = cor_websocket_take_in(ws);
	}
	return rc;
}

/* The reader has two buffers in turn, so that it can go on while the handler looks at a message. */
static void lend_message(struct cor_websocket *ws, struct cor_websocket_message *ret)
{
	struct cor_buffer lent = ws->reader.message;

	ws->reader.message = ws->lent;
	ws->reader.message.limit = lent.limit;
	ws->lent = lent;
	ws->has_message = false;
	*ret = (struct cor_websocket_message){
		.kind = ws->reader.is_text ? COR_WEBSOCKET_TEXT : COR_WEBSOCKET_BINARY,
		.data = { lent.data ? lent.data : "", lent.len },
	};
}

int cor_websocket_receive(struct cor_websocket *ws, struct cor_websocket_message *ret)
{
	int rc = cor_websocket_accept(ws);

	cor_arena_reset(&ws->memory);
	ws->violations = (struct cor_violations){ 0 };
	cor_buffer_clear(&ws->lent, KEEP_BYTES);
	if (rc == 0)
		rc = await_message(ws);
	if (rc == 0)
		lend_message(ws, ret);
	return rc;
}

const struct cor_violations *cor_websocket_violations(const struct cor_websocket *ws)
{
	return &ws->violations;
}

struct cor_arena *cor_websocket_arena(struct cor_websocket *ws)
{
	return &ws->memory;
}
