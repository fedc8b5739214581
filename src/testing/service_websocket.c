/* SPDX-License-Identifier: MIT */
#include "testing/service_websocket.h"

#include <string.h>

#include <coracle/error.h>

#include "testing/service_exchange.h"
#include "testing/service_time.h"
#include "websocket/mask.h"

#define MESSAGE_BYTES (UINT64_C(64) * 1024 * 1024)
#define FRAMES        UINT32_MAX
#define PAYLOAD_AT    14 /* the longest head of a client's frame */

struct cor_test_flight *cor_test_upgrade(
	struct cor_test *t, const char *file, int line, const struct cor_test_request *request)
{
	struct cor_test_service *service = cor_test_service_at(t, file, line);
	struct cor_test_talk *talk = cor_arena_zalloc(&service->arena, sizeof *talk);
	struct cor_test_request asked = *request;

	if (!talk) {
		cor_test_fail_at(t, file, line, "no memory for a WebSocket");
		cor_test_end(t);
	}
	if (asked.status == 0)
		asked.status = 101;
	talk->rules = (struct cor_frame_rules){ .message_bytes = MESSAGE_BYTES, .frames = FRAMES };
	cor_frame_reader_init(&talk->reader, &talk->rules);
	struct cor_test_flight *flight = cor_test_begin(service, file, line, &asked, talk);
	(void)cor_test_await_head(t, flight);
	if (!flight->has_switched)
		cor_test_leave(t, flight);
	return flight;
}

/* --- sending --- */

/* RFC 6455 section 5.2, with a mask: the head grows to the left of the payload. */
static char *put_head(char *payload, enum cor_opcode opcode, size_t len)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	char head[COR_FRAME_HEAD_BYTES];
	size_t head_len = cor_frame_head(opcode, false, len, head);

	cor_websocket_mask(payload, len, mask, 0);
	head[1] = (char)(head[1] | 0x80);
	memcpy(payload - sizeof mask, mask, sizeof mask);
	return memcpy(payload - sizeof mask - head_len, head, head_len);
}

/* A service that has gone takes nothing more: that is seen by what is received. */
static void send_frame(
	struct cor_test_flight *flight, enum cor_opcode opcode, const void *data, size_t len)
{
	struct cor_buffer frame = { 0 };
	char *room = cor_buffer_reserve(&frame, PAYLOAD_AT + len + 1);

	if (room) {
		if (len)
			memcpy(room + PAYLOAD_AT, data, len);
		const char *begin = put_head(room + PAYLOAD_AT, opcode, len);
		cor_ignore(cor_test_flight_send(
			flight, begin, (size_t)(room + PAYLOAD_AT + len - begin)));
	}
	cor_buffer_finish(&frame);
	cor_ignore(cor_test_let_happen(flight->service, NULL));
}

void cor_test_websocket_send(struct cor_test *t, struct cor_test_flight *ws, const char *text)
{
	(void)t;
	send_frame(ws, COR_OPCODE_TEXT, text, strlen(text));
}

void cor_test_websocket_send_bytes(
	struct cor_test *t, struct cor_test_flight *ws, const void *data, size_t len)
{
	(void)t;
	send_frame(ws, COR_OPCODE_BINARY, data, len);
}

static void send_close(struct cor_test_flight *ws, uint16_t code)
{
	char payload[2 + COR_CLOSE_REASON_BYTES];
	size_t len = cor_close_write(code, COR_STR(""), payload);

	if (!ws->talk->has_closed)
		send_frame(ws, COR_OPCODE_CLOSE, payload, len);
	ws->talk->has_closed = true;
}

/* --- receiving --- */

static void take_control(struct cor_test_flight *ws)
{
	struct cor_test_talk *talk = ws->talk;
	const struct cor_str payload = talk->reader.payload;
	struct cor_close_error error;
	struct cor_str reason;
	uint16_t code = COR_CLOSE_NO_CODE;

	if (talk->reader.opcode == COR_OPCODE_PING)
		send_frame(ws, COR_OPCODE_PONG, payload.data, payload.len);
	if (talk->reader.opcode != COR_OPCODE_CLOSE)
		return;
	(void)cor_close_parse(payload, &code, &reason, &error);
	talk->close_code = code;
	send_close(ws, code == COR_CLOSE_NO_CODE ? COR_CLOSE_NORMAL : code);
}

/* What is there. Returns whether a message is whole, or the end has come. */
static bool read_frames(struct cor_test_flight *ws)
{
	struct cor_test_talk *talk = ws->talk;

	while (ws->taken < ws->body.len && !talk->close_code) {
		size_t used = 0;
		enum cor_frame_event event = cor_frame_read(
			&talk->reader, ws->body.data + ws->taken, ws->body.len - ws->taken, &used);
		if (event == COR_FRAME_PIECE)
			cor_buffer_append_str(&talk->message, talk->reader.payload);
		bool is_whole = event == COR_FRAME_PIECE && talk->reader.ends_message;
		ws->taken += used;
		if (event == COR_FRAME_CONTROL)
			take_control(ws);
		if (event == COR_FRAME_ERROR)
			cor_test_flight_fail(ws, "%s", talk->reader.error.reason);
		if (is_whole)
			return true;
	}
	return talk->close_code != 0;
}

const char *cor_test_websocket_receive(struct cor_test *t, struct cor_test_flight *ws)
{
	struct cor_test_talk *talk = ws->talk;

	cor_buffer_finish(&talk->message);
	while (!read_frames(ws)) {
		size_t begin = ws->taken;
		if (!cor_test_read(t, ws).data)
			return NULL;
		ws->taken = begin;
	}
	if (talk->close_code) {
		ws->is_over = true;
		return NULL;
	}
	const char *text = cor_arena_copy(&ws->service->arena,
		talk->message.data ? talk->message.data : "", talk->message.len);
	cor_buffer_finish(&talk->message);
	return text;
}

int cor_test_websocket_close(struct cor_test *t, struct cor_test_flight *ws, uint16_t code)
{
	send_close(ws, code);
	while (cor_test_websocket_receive(t, ws))
		;
	ws->is_over = true;
	cor_test_flight_close(ws);
	return ws->talk->close_code;
}

int cor_test_websocket_code(const struct cor_test_flight *ws)
{
	return ws->talk->close_code;
}
