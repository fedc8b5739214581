/* SPDX-License-Identifier: MIT */
#include "websocket/reader.h"

#include <coracle/error.h>

void cor_websocket_reader_init(struct cor_websocket_reader *reader,
	const struct cor_frame_rules *rules, const struct cor_deflate_terms *terms)
{
	*reader = (struct cor_websocket_reader){ .rules = *rules, .terms = *terms };
	reader->rules.may_compress = terms->is_on;
	reader->message.limit = (size_t)rules->message_bytes;
	cor_frame_reader_init(&reader->frames, &reader->rules);
}

static enum cor_reader_event refuse(
	struct cor_websocket_reader *reader, uint16_t code, const char *reason)
{
	reader->error = (struct cor_close_error){ code, reason };
	return COR_READER_ERROR;
}

static enum cor_reader_event refuse_for(struct cor_websocket_reader *reader, int rc)
{
	if (rc == -COR_ETOOLARGE)
		return refuse(reader, COR_CLOSE_TOO_BIG, "a message is too long");
	if (rc == -COR_ESYNTAX)
		return refuse(reader, COR_CLOSE_INVALID, "a message is not compressed as agreed");
	return refuse(reader, COR_CLOSE_AGAIN_LATER, "there is no memory for a message");
}

static int inflate(struct cor_websocket_reader *reader)
{
	struct cor_frame_reader *frames = &reader->frames;
	int rc = 0;

	if (!reader->inflater)
		rc = cor_inflater_create(reader->terms.client_bits, &reader->inflater);
	return rc < 0 ? rc
		      : cor_inflater_append(reader->inflater, frames->payload, frames->ends_message,
				&reader->message);
}

static int append(struct cor_websocket_reader *reader)
{
	if (reader->frames.payload.len != 0) /* else there may be no memory to append to */
		cor_buffer_append_str(&reader->message, reader->frames.payload);
	return cor_buffer_error(&reader->message);
}

/* What the next message does not refer to. */
static void drop_context(struct cor_websocket_reader *reader)
{
	if (reader->terms.client_takeover)
		return;
	cor_inflater_destroy(reader->inflater);
	reader->inflater = NULL;
}

/* What was added to the message behind `before` bytes. */
static bool is_text_from(struct cor_websocket_reader *reader, size_t before)
{
	const struct cor_buffer *message = &reader->message;

	return message->len == before ||
	       cor_utf8_piece(&reader->text,
		       (struct cor_str){ message->data + before, message->len - before });
}

static enum cor_reader_event take_piece(struct cor_websocket_reader *reader)
{
	const struct cor_frame_reader *frames = &reader->frames;
	size_t before = reader->message.len;
	int rc = frames->is_compressed ? inflate(reader) : append(reader);

	reader->is_text = frames->opcode == COR_OPCODE_TEXT;
	/* What came before the fault counts first: it is a fault sooner. */
	if (reader->is_text && !is_text_from(reader, before))
		return refuse(reader, COR_CLOSE_INVALID, "a text message is not UTF-8");
	if (rc < 0)
		return refuse_for(reader, rc);
	if (!frames->ends_message)
		return COR_READER_MORE;
	if (reader->is_text && !cor_utf8_pieces_whole(&reader->text))
		return refuse(reader, COR_CLOSE_INVALID, "a text message is not UTF-8");
	reader->is_whole = true;
	drop_context(reader);
	return COR_READER_MESSAGE;
}

static enum cor_reader_event take_control(struct cor_websocket_reader *reader)
{
	reader->control = reader->frames.payload;
	switch (reader->frames.opcode) {
	case COR_OPCODE_PING:
		return COR_READER_PING;
	case COR_OPCODE_PONG:
		return COR_READER_PONG;
	default:
		return COR_READER_CLOSE;
	}
}

#define KEEP_BYTES 16384 /* of a message's memory, for the next one */

static void forget_message(struct cor_websocket_reader *reader)
{
	if (!reader->is_whole)
		return;
	reader->is_whole = false;
	reader->text = (struct cor_utf8_pieces){ 0 };
	cor_buffer_clear(&reader->message, KEEP_BYTES);
}

enum cor_reader_event cor_websocket_read(
	struct cor_websocket_reader *reader, char *bytes, size_t len, size_t *ret_used)
{
	enum cor_reader_event event = COR_READER_MORE;
	size_t used = 0;

	forget_message(reader);
	while (event == COR_READER_MORE) {
		size_t n;
		enum cor_frame_event frame = cor_frame_read(
			&reader->frames, bytes + used, len - used, &n);
		used += n;
		if (frame == COR_FRAME_ERROR) {
			event = refuse(
				reader, reader->frames.error.code, reader->frames.error.reason);
		} else if (frame == COR_FRAME_PIECE) {
			event = take_piece(reader);
		} else if (frame == COR_FRAME_CONTROL) {
			event = take_control(reader);
		} else if (used == len) {
			break;
		}
	}
	*ret_used = used;
	return event;
}

void cor_websocket_reader_rest(struct cor_websocket_reader *reader)
{
	forget_message(reader);
	if (reader->message.len == 0)
		cor_buffer_finish(&reader->message);
}

void cor_websocket_reader_finish(struct cor_websocket_reader *reader)
{
	cor_buffer_finish(&reader->message);
	cor_inflater_destroy(reader->inflater);
	reader->inflater = NULL;
}
