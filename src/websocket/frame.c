/* SPDX-License-Identifier: MIT */
#include "websocket/frame.h"

#include <string.h>

#include "websocket/mask.h"

enum {
	FIN = 0x80,
	RSV1 = 0x40,
	RSV2_AND_3 = 0x30,
	OPCODE = 0x0f,
	MASKED = 0x80,
	LENGTH = 0x7f,
	LENGTH_16 = 126,
	LENGTH_64 = 127,
};

void cor_frame_reader_init(struct cor_frame_reader *reader, const struct cor_frame_rules *rules)
{
	*reader = (struct cor_frame_reader){ .rules = rules };
}

static enum cor_frame_event refuse(
	struct cor_frame_reader *reader, uint16_t code, const char *reason)
{
	reader->error = (struct cor_close_error){ code, reason };
	return COR_FRAME_ERROR;
}

static enum cor_frame_event breaks(struct cor_frame_reader *reader, const char *reason)
{
	return refuse(reader, COR_CLOSE_PROTOCOL, reason);
}

static bool is_control(uint8_t opcode)
{
	return opcode >= COR_OPCODE_CLOSE;
}

/* Its two first bytes tell how long a head is. */
static uint8_t head_bytes(const unsigned char *head)
{
	uint8_t length = head[1] & LENGTH;
	uint8_t bytes = length == LENGTH_64 ? 10 : length == LENGTH_16 ? 4 : 2;

	return head[1] & MASKED ? bytes + 4 : bytes;
}

/* Of two bytes: what can be refused now is not waited for. */
static enum cor_frame_event check_first(struct cor_frame_reader *reader)
{
	const unsigned char *head = reader->head;
	uint8_t opcode = head[0] & OPCODE;
	bool may_compress = reader->rules->may_compress && !reader->in_message &&
			    (opcode == COR_OPCODE_TEXT || opcode == COR_OPCODE_BINARY);

	if ((head[0] & RSV2_AND_3) || ((head[0] & RSV1) && !may_compress))
		return breaks(reader, "a reserved bit of a frame is set");
	if ((opcode > COR_OPCODE_BINARY && opcode < COR_OPCODE_CLOSE) || opcode > COR_OPCODE_PONG)
		return breaks(reader, "a frame has a reserved opcode");
	if (reader->rules->is_client != ((head[1] & MASKED) != 0))
		return breaks(reader, reader->rules->is_client ? "a client's frame has no mask"
							       : "a server's frame has a mask");
	if (is_control(opcode)) {
		if (!(head[0] & FIN))
			return breaks(reader, "a control frame is fragmented");
		if ((head[1] & LENGTH) > COR_FRAME_CONTROL_BYTES)
			return breaks(reader, "a control frame is longer than 125 bytes");
		return COR_FRAME_MORE;
	}
	if (opcode == COR_OPCODE_CONTINUATION && !reader->in_message)
		return breaks(reader, "a continuation frame continues nothing");
	if (opcode != COR_OPCODE_CONTINUATION && reader->in_message)
		return breaks(reader, "a new message begins inside another");
	return COR_FRAME_MORE;
}

static uint64_t big_endian(const unsigned char *bytes, int len)
{
	uint64_t value = 0;

	for (int i = 0; i < len; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* Section 5.2: in the minimal number of bytes, and the highest bit is 0. */
static enum cor_frame_event take_length(struct cor_frame_reader *reader, uint8_t head_len)
{
	const unsigned char *head = reader->head;
	uint8_t length = head[1] & LENGTH;
	uint64_t left = length;

	if (length == LENGTH_16)
		left = big_endian(head + 2, 2);
	else if (length == LENGTH_64)
		left = big_endian(head + 2, 8);
	if ((length == LENGTH_16 && left < LENGTH_16) ||
		(length == LENGTH_64 && left <= UINT16_MAX))
		return breaks(reader, "the length of a frame is not in its shortest form");
	if (left > INT64_MAX)
		return breaks(reader, "the length of a frame has its highest bit set");
	if (head[1] & MASKED)
		memcpy(reader->mask, head + head_len - 4, 4);
	reader->left = left;
	reader->at = 0;
	return COR_FRAME_MORE;
}

static uint64_t limit_of(const struct cor_frame_reader *reader)
{
	uint64_t bytes = reader->rules->message_bytes;

	return reader->is_compressed ? bytes + bytes / 8 + 64 : bytes;
}

static enum cor_frame_event begin_data(struct cor_frame_reader *reader, uint8_t opcode)
{
	if (opcode != COR_OPCODE_CONTINUATION) {
		reader->in_message = true;
		reader->message_opcode = opcode;
		reader->is_compressed = (reader->head[0] & RSV1) != 0;
		reader->message_bytes = 0;
		reader->frames = 0;
	}
	if (++reader->frames > reader->rules->frames)
		return refuse(reader, COR_CLOSE_POLICY, "a message has too many frames");
	if (reader->left > limit_of(reader) - reader->message_bytes)
		return refuse(reader, COR_CLOSE_TOO_BIG, "a message is too long");
	reader->message_bytes += reader->left;
	return COR_FRAME_MORE;
}

static enum cor_frame_event begin_frame(struct cor_frame_reader *reader, uint8_t head_len)
{
	enum cor_frame_event event = take_length(reader, head_len);

	if (event == COR_FRAME_ERROR)
		return event;
	reader->frame_opcode = reader->head[0] & OPCODE;
	reader->is_final = (reader->head[0] & FIN) != 0;
	reader->has_head = true;
	reader->control_len = 0;
	reader->head_len = 0;
	return is_control(reader->frame_opcode) ? COR_FRAME_MORE
						: begin_data(reader, reader->frame_opcode);
}

/* Gather a head; most are here at once. */
static enum cor_frame_event read_head(
	struct cor_frame_reader *reader, const char *bytes, size_t len, size_t *ret_used)
{
	size_t used = 0;

	while (used < len) {
		reader->head[reader->head_len++] = (unsigned char)bytes[used++];
		if (reader->head_len < 2)
			continue;
		if (reader->head_len == 2 && check_first(reader) == COR_FRAME_ERROR)
			return COR_FRAME_ERROR;
		uint8_t head_len = head_bytes(reader->head);
		if (reader->head_len == head_len) {
			*ret_used = used;
			return begin_frame(reader, head_len);
		}
	}
	*ret_used = used;
	return COR_FRAME_MORE;
}

static enum cor_frame_event end_control(struct cor_frame_reader *reader)
{
	reader->has_head = false;
	reader->opcode = reader->frame_opcode;
	reader->payload = (struct cor_str){ reader->control, reader->control_len };
	return COR_FRAME_CONTROL;
}

static enum cor_frame_event take_control(
	struct cor_frame_reader *reader, const char *bytes, size_t n)
{
	if (n != 0)
		memcpy(reader->control + reader->control_len, bytes, n);
	reader->control_len += (uint8_t)n;
	return reader->left == 0 ? end_control(reader) : COR_FRAME_MORE;
}

static enum cor_frame_event take_piece(struct cor_frame_reader *reader, const char *bytes, size_t n)
{
	bool ends_frame = reader->left == 0;

	reader->opcode = reader->message_opcode;
	reader->payload = (struct cor_str){ bytes, n };
	reader->ends_message = ends_frame && reader->is_final;
	if (ends_frame)
		reader->has_head = false;
	if (reader->ends_message)
		reader->in_message = false;
	return COR_FRAME_PIECE;
}

enum cor_frame_event cor_frame_read(
	struct cor_frame_reader *reader, char *bytes, size_t len, size_t *ret_used)
{
	size_t used = 0;

	*ret_used = 0;
	while (!reader->has_head) {
		if (used == len)
			return COR_FRAME_MORE;
		size_t of_head = 0;
		if (read_head(reader, bytes + used, len - used, &of_head) == COR_FRAME_ERROR)
			return COR_FRAME_ERROR;
		used += of_head;
		*ret_used = used;
	}
	size_t here = len - used;
	size_t n = reader->left < here ? (size_t)reader->left : here;
	if (n == 0 && reader->left != 0)
		return COR_FRAME_MORE;
	if (reader->rules->is_client)
		cor_websocket_mask(bytes + used, n, reader->mask, (size_t)(reader->at & 3));
	reader->left -= n;
	reader->at += n;
	*ret_used = used + n;
	return is_control(reader->frame_opcode) ? take_control(reader, bytes + used, n)
						: take_piece(reader, bytes + used, n);
}

size_t cor_frame_head(enum cor_opcode opcode, bool is_compressed, uint64_t len, char *out)
{
	int bytes = len < LENGTH_16 ? 0 : len <= UINT16_MAX ? 2 : 8;

	out[0] = (char)(FIN | (is_compressed ? RSV1 : 0) | opcode);
	out[1] = (char)(bytes == 0 ? len : bytes == 2 ? LENGTH_16 : LENGTH_64);
	for (int i = 0; i < bytes; i++)
		out[2 + i] = (char)(len >> 8 * (bytes - 1 - i) & 0xff);
	return 2 + (size_t)bytes;
}
