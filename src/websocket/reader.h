/* SPDX-License-Identifier: MIT */
/**
 * Messages of a WebSocket: bytes in, whole messages and control frames out. Above frames it knows
 * what their payload means: compressed or not, text or not, and how much there may be.
 *
 * It holds memory only while a message is incomplete, or is looked at. Nothing here yields.
 */
#ifndef CORACLE_WEBSOCKET_READER_H
#define CORACLE_WEBSOCKET_READER_H

#include "base/buffer.h"
#include "base/utf8_pieces.h"
#include "websocket/deflate.h"
#include "websocket/frame.h"

enum cor_reader_event {
	COR_READER_MORE,    /* all bytes were taken, and more are needed */
	COR_READER_MESSAGE, /* reader->is_text, reader->message */
	COR_READER_CLOSE,   /* reader->control is the payload, of the two below, too */
	COR_READER_PING,
	COR_READER_PONG,
	COR_READER_ERROR, /* reader->error; it reads no more */
};

struct cor_websocket_reader {
	bool is_text;
	struct cor_buffer message; /* until the next event: text is UTF-8 */
	struct cor_str control;
	struct cor_close_error error;
	/* private */
	struct cor_frame_rules rules;
	struct cor_frame_reader frames;
	struct cor_deflate_terms terms;
	struct cor_inflater *inflater; /* NULL: nothing that it has to remember has come */
	struct cor_utf8_pieces text;
	bool is_whole; /* the message is the caller's until the next call */
};

/** `rules` are copied; what the other end compresses is told by `terms`. */
void cor_websocket_reader_init(struct cor_websocket_reader *reader,
	const struct cor_frame_rules *rules, const struct cor_deflate_terms *terms);

/** Go on, as cor_frame_read(). */
enum cor_reader_event cor_websocket_read(
	struct cor_websocket_reader *reader, char *bytes, size_t len, size_t *ret_used);

/** Nobody looks at the last message any more: hold nothing that is not needed. */
void cor_websocket_reader_rest(struct cor_websocket_reader *reader);

/** Free what it holds. */
void cor_websocket_reader_finish(struct cor_websocket_reader *reader);

#endif
