/* SPDX-License-Identifier: MIT */
/*
 * What a client may send: the same messages and the same end come of it, whatever its split. The
 * first byte says how it is split, and whether compression is agreed on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "target.h"
#include "websocket/reader.h"

#define MESSAGE_BYTES 4096
#define EVENTS_MAX    64

/* What has come of some bytes: enough to tell two readings apart. */
struct history {
	size_t len;
	struct {
		enum cor_reader_event event;
		uint64_t hash;
	} events[EVENTS_MAX];
};

static uint64_t hash(const char *data, size_t len)
{
	uint64_t value = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		value = (value ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
	return value;
}

static void check_message(const struct cor_websocket_reader *reader)
{
	const struct cor_buffer *message = &reader->message;

	if (message->len > MESSAGE_BYTES)
		abort();
	if (reader->is_text && !cor_utf8_valid((struct cor_str){ message->data, message->len }))
		abort();
}

static void note(struct history *history, const struct cor_websocket_reader *reader,
	enum cor_reader_event event)
{
	struct cor_str what = reader->control;

	if (event == COR_READER_MESSAGE) {
		check_message(reader);
		what = (struct cor_str){ reader->message.data, reader->message.len };
	}
	if (event == COR_READER_ERROR) {
		if (!reader->error.reason || !cor_close_code_valid(reader->error.code))
			abort();
		what = cor_str(reader->error.reason);
	}
	if (history->len == EVENTS_MAX)
		return;
	history->events[history->len].event = event;
	history->events[history->len++].hash = hash(what.data, what.len);
}

static void read_all(
	const char *data, size_t size, size_t step, bool compresses, struct history *ret)
{
	const struct cor_frame_rules rules = {
		.message_bytes = MESSAGE_BYTES, .frames = 20, .is_client = true
	};
	const struct cor_deflate_terms terms = {
		.is_on = compresses, .client_takeover = true, .client_bits = 12, .server_bits = 12
	};
	struct cor_websocket_reader reader;
	char *copy = malloc(size ? size : 1);
	enum cor_reader_event event = COR_READER_MORE;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	cor_websocket_reader_init(&reader, &rules, &terms);
	memset(ret, 0, sizeof *ret);
	for (size_t at = 0; at < size && event != COR_READER_ERROR;) {
		size_t n = size - at < step ? size - at : step, used;
		event = cor_websocket_read(&reader, copy + at, n, &used);
		if (used > n || (event == COR_READER_MORE && used != n))
			abort();
		at += used;
		if (event != COR_READER_MORE)
			note(ret, &reader, event);
	}
	cor_websocket_reader_finish(&reader);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history whole, split;

	if (size == 0)
		return 0;
	bool compresses = (data[0] & 1) != 0;
	size_t step = 1 + (data[0] >> 1) % 7;
	read_all((const char *)data + 1, size - 1, size, compresses, &whole);
	read_all((const char *)data + 1, size - 1, step, compresses, &split);
	if (memcmp(&whole, &split, sizeof whole) != 0)
		abort();
	return 0;
}
