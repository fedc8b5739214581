/* SPDX-License-Identifier: MIT */
#include "websocket13/output.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "base/utf8.h"
#include "websocket13/input.h"

#define COMPRESS_FROM_BYTES 64 /* what is shorter gains nothing by itself */

/* --- the end --- */

int cor_websocket_lose(struct cor_websocket *ws, int failure)
{
	if (ws->failure == 0)
		ws->failure = failure;
	if (ws->close_code == 0)
		ws->close_code = COR_CLOSE_ABNORMAL;
	return ws->failure;
}

int cor_websocket_end(struct cor_websocket *ws, uint16_t code, struct cor_str reason)
{
	char payload[COR_CLOSE_REASON_BYTES + 2];
	size_t len = code == COR_CLOSE_NO_CODE ? 0 : cor_close_write(code, reason, payload);

	if (ws->failure != 0)
		return ws->failure;
	int rc = cor_websocket_put(ws, COR_OPCODE_CLOSE, (struct cor_str){ payload, len });
	if (rc == 0)
		rc = cor_websocket_flush(ws);
	if (rc < 0)
		return rc;
	ws->close_code = code;
	ws->failure = -COR_ECLOSED;
	return ws->failure;
}

int cor_websocket_blame_as(
	struct cor_websocket *ws, uint16_t code, const char *reason, const char *said)
{
	cor_log_info(&ws->x->ctx, "%s: closed with %u: %s", ws->operation->handler, code, reason);
	return cor_websocket_end(ws, code, cor_str(said));
}

int cor_websocket_blame(struct cor_websocket *ws, uint16_t code, const char *reason)
{
	return cor_websocket_blame_as(ws, code, reason, reason);
}

/* --- frames --- */

static int put(struct cor_websocket *ws, enum cor_opcode opcode, bool is_compressed,
	struct cor_str payload)
{
	const struct cor_exchange_ops *ops = ws->x->ops;
	char head[COR_FRAME_HEAD_BYTES];
	size_t len = cor_frame_head(opcode, is_compressed, payload.len, head);

	if (ws->failure != 0)
		return ws->failure;
	ws->rests = false;
	int rc = ops->write(ws->x, head, len);
	if (rc == 0 && payload.len != 0)
		rc = ops->write(ws->x, payload.data, payload.len);
	return rc < 0 ? cor_websocket_lose(ws, rc) : 0;
}

int cor_websocket_put(struct cor_websocket *ws, enum cor_opcode opcode, struct cor_str payload)
{
	return put(ws, opcode, false, payload);
}

int cor_websocket_flush(struct cor_websocket *ws)
{
	if (ws->failure != 0)
		return ws->failure;
	int rc = ws->x->ops->flush(ws->x);
	return rc < 0 ? cor_websocket_lose(ws, rc) : 0;
}

/* --- messages --- */

static bool is_to_be_compressed(const struct cor_websocket *ws, size_t len)
{
	const struct cor_deflate_terms *terms = &ws->reader.terms;

	return terms->is_on && (terms->server_takeover || len >= COMPRESS_FROM_BYTES);
}

static int compress(struct cor_websocket *ws, struct cor_str data, struct cor_buffer *out)
{
	const struct cor_deflate_terms *terms = &ws->reader.terms;
	int rc = 0;

	if (!ws->deflater)
		rc = cor_deflater_create(terms->server_bits, terms->server_takeover, &ws->deflater);
	return rc < 0 ? rc : cor_deflater_append(ws->deflater, data, out);
}

static int put_compressed(struct cor_websocket *ws, enum cor_opcode opcode, struct cor_str data)
{
	struct cor_buffer packed = { 0 };
	bool is_free = !ws->reader.terms.server_takeover; /* to send it as it is, if that is less */
	int rc = compress(ws, data, &packed);

	if (is_free) { /* a quarter of a megabyte: nobody keeps that for a next message */
		cor_deflater_destroy(ws->deflater);
		ws->deflater = NULL;
	}
	if (rc < 0)
		rc = cor_websocket_lose(ws, rc);
	else if (is_free && packed.len >= data.len)
		rc = put(ws, opcode, false, data);
	else
		rc = put(ws, opcode, true, (struct cor_str){ packed.data, packed.len });
	cor_buffer_finish(&packed);
	return rc;
}

int cor_websocket_put_message(
	struct cor_websocket *ws, enum cor_websocket_kind kind, struct cor_str data)
{
	enum cor_opcode opcode = kind == COR_WEBSOCKET_TEXT ? COR_OPCODE_TEXT : COR_OPCODE_BINARY;

	if (ws->failure != 0)
		return ws->failure;
	if (is_to_be_compressed(ws, data.len))
		return put_compressed(ws, opcode, data);
	return put(ws, opcode, false, data);
}

/*
 * A handler that only sends answers pings, too, and learns that its client has gone: by the next
 * call, since this message is an answer to what came before that.
 */
int cor_websocket_send(struct cor_websocket *ws, enum cor_websocket_kind kind, struct cor_str data)
{
	int rc = cor_websocket_accept(ws);

	if (rc == 0)
		rc = cor_websocket_put_message(ws, kind, data);
	if (rc == 0)
		rc = cor_websocket_flush(ws);
	if (rc == 0)
		cor_ignore(cor_websocket_take_in(ws));
	return rc;
}

int cor_websocket_send_text(struct cor_websocket *ws, struct cor_str text)
{
	if (!cor_utf8_valid(text))
		return -EINVAL;
	return cor_websocket_send(ws, COR_WEBSOCKET_TEXT, text);
}

int cor_websocket_send_bytes(struct cor_websocket *ws, struct cor_str bytes)
{
	return cor_websocket_send(ws, COR_WEBSOCKET_BINARY, bytes);
}

int cor_websocket_close(struct cor_websocket *ws, uint16_t code, const char *reason)
{
	struct cor_str text = cor_str(reason ? reason : "");

	if (!cor_close_code_valid(code) || !cor_utf8_valid(text))
		return -EINVAL;
	int rc = cor_websocket_accept(ws);
	if (rc == 0)
		rc = cor_websocket_end(ws, code, text);
	return rc == -COR_ECLOSED && ws->close_code == code ? 0 : rc;
}

uint16_t cor_websocket_close_code(const struct cor_websocket *ws)
{
	return ws->close_code;
}
