/* SPDX-License-Identifier: MIT */
/**
 * Frames of RFC 6455 section 5: bytes in, pieces of messages and whole control frames out; and the
 * heads of those that are sent.
 *
 * Strict, as the RFC demands of the receiver: reserved bits and opcodes, masks, lengths in their
 * shortest form, control frames of 125 bytes that are not fragmented, and fragments in their order.
 * Any split of the input gives the same events. Nothing is allocated; nothing yields.
 */
#ifndef CORACLE_WEBSOCKET_FRAME_H
#define CORACLE_WEBSOCKET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

#include "websocket/close.h"

#define COR_FRAME_HEAD_BYTES    14 /* the longest, with a mask */
#define COR_FRAME_CONTROL_BYTES 125

enum cor_opcode {
	COR_OPCODE_CONTINUATION = 0,
	COR_OPCODE_TEXT = 1,
	COR_OPCODE_BINARY = 2,
	COR_OPCODE_CLOSE = 8,
	COR_OPCODE_PING = 9,
	COR_OPCODE_PONG = 10,
};

/** The caller's, constant: what the other end may send. */
struct cor_frame_rules {
	uint64_t message_bytes; /* all its frames; a compressed one may have an eighth more */
	uint32_t frames;        /* of one message */
	bool is_client;         /* it masks; a server must not (section 5.1) */
	bool may_compress;      /* RSV1 marks a compressed message: RFC 7692 section 6 */
};

enum cor_frame_event {
	COR_FRAME_MORE,    /* all bytes were taken, and more are needed */
	COR_FRAME_PIECE,   /* of a message */
	COR_FRAME_CONTROL, /* a whole close, ping or pong */
	COR_FRAME_ERROR,   /* see reader->error; nothing behind it means anything */
};

struct cor_frame_reader {
	const struct cor_frame_rules *rules;
	/* what the last event was about */
	struct cor_str payload; /* among the bytes given; a control frame's in the reader */
	uint8_t opcode;         /* of a piece: that of its message */
	bool is_compressed;     /* the message is */
	bool ends_message;      /* with this piece, which may be empty */
	struct cor_close_error error;

	/* private */
	bool in_message, is_final;
	uint8_t frame_opcode;
	uint8_t message_opcode;
	uint8_t head_len; /* of the bytes that are here of a head */
	uint8_t control_len;
	uint32_t frames;
	uint64_t message_bytes;
	uint64_t left; /* of the payload */
	uint64_t at;   /* in it */
	unsigned char mask[4];
	unsigned char head[COR_FRAME_HEAD_BYTES];
	bool has_head; /* the payload is being read */
	char control[COR_FRAME_CONTROL_BYTES];
};

/** The rules are borrowed. */
void cor_frame_reader_init(struct cor_frame_reader *reader, const struct cor_frame_rules *rules);

/**
 * Go on. Takes the mask off in `bytes` itself. *ret_used of them belong to the event; the next call
 * is given those behind them.
 */
enum cor_frame_event cor_frame_read(
	struct cor_frame_reader *reader, char *bytes, size_t len, size_t *ret_used);

/**
 * Write the head of a final frame that carries `len` bytes and no mask into `out`, where
 * COR_FRAME_HEAD_BYTES fit. Returns its length.
 */
size_t cor_frame_head(enum cor_opcode opcode, bool is_compressed, uint64_t len, char *out);

#endif
