/* SPDX-License-Identifier: MIT */
/**
 * Messages compressed with permessage-deflate (RFC 7692 section 7.2), by zlib.
 *
 * A context is what one direction remembers from message to message. Nothing here yields.
 */
#ifndef CORACLE_WEBSOCKET_DEFLATE_H
#define CORACLE_WEBSOCKET_DEFLATE_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "base/buffer.h"

struct cor_deflater;
struct cor_inflater;

/** What the two ends have agreed on (section 7.1); zeroed: not to compress. */
struct cor_deflate_terms {
	bool is_on;
	bool server_takeover; /* the server's messages refer to those before them */
	bool client_takeover;
	uint8_t server_bits; /* of the windows: 9 to 15 */
	uint8_t client_bits;
};

/**
 * A context for one message, or for all of a connection: `is_kept`, and it takes less memory.
 * Returns 0 or -ENOMEM.
 */
int cor_deflater_create(uint8_t window_bits, bool is_kept, struct cor_deflater **ret) COR_CHECKED;

/**
 * Compress a message and append it. Returns 0, or the buffer's error: the context is of no use any
 * more.
 */
int cor_deflater_append(
	struct cor_deflater *deflater, struct cor_str message, struct cor_buffer *out) COR_CHECKED;

/** NULL is allowed. */
void cor_deflater_destroy(struct cor_deflater *deflater);

/** Returns 0 or -ENOMEM. */
int cor_inflater_create(uint8_t window_bits, struct cor_inflater **ret) COR_CHECKED;

/**
 * Append what a piece of a message means, the last one of which ends it. Returns 0, -COR_ETOOLARGE
 * (the buffer's limit: it holds that much at most, whatever the piece means), -COR_ESYNTAX (it is
 * not what a deflater writes) or -ENOMEM.
 */
int cor_inflater_append(struct cor_inflater *inflater, struct cor_str piece, bool is_last,
	struct cor_buffer *out) COR_CHECKED;

/** NULL is allowed. */
void cor_inflater_destroy(struct cor_inflater *inflater);

#endif
