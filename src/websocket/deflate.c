/* SPDX-License-Identifier: MIT */
#include "websocket/deflate.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#define ZLIB_CONST
#include <zlib.h>

#define STEP_BYTES   4096
#define LEAST_BITS   9
#define WINDOW_BYTES 32768
#define INPUT_BYTES  ((size_t)1 << 30) /* zlib counts in unsigned int */
#define ENDS_A_BLOCK 128               /* of data_type, after inflate() */

/* What ends a message and is not sent: RFC 7692 section 7.2.1. */
static const char tail[] = { 0, 0, '\xff', '\xff' };

struct cor_deflater {
	z_stream stream;
};

struct cor_inflater {
	z_stream stream;
};

static void give(z_stream *stream, struct cor_str *rest)
{
	size_t n = rest->len < INPUT_BYTES ? rest->len : INPUT_BYTES;

	stream->next_in = (const void *)rest->data;
	stream->avail_in = (unsigned)n;
	rest->data += n;
	rest->len -= n;
}

/* --- to compress --- */

int cor_deflater_create(uint8_t window_bits, bool is_kept, struct cor_deflater **ret)
{
	struct cor_deflater *deflater = calloc(1, sizeof *deflater);
	/* What is kept for the whole of a connection is kept small. */
	int level = is_kept ? 5 : 8;

	if (!deflater)
		return -ENOMEM;
	if (deflateInit2(&deflater->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, level,
		    Z_DEFAULT_STRATEGY) != Z_OK) {
		free(deflater);
		return -ENOMEM;
	}
	*ret = deflater;
	return 0;
}

static int deflate_more(z_stream *stream, int flush, struct cor_buffer *out)
{
	do {
		char *room = cor_buffer_reserve(out, STEP_BYTES);
		if (!room)
			return cor_buffer_error(out);
		stream->next_out = (void *)room;
		stream->avail_out = STEP_BYTES;
		(void)deflate(stream, flush);
		out->len += STEP_BYTES - stream->avail_out;
	} while (stream->avail_out == 0);
	return 0;
}

int cor_deflater_append(
	struct cor_deflater *deflater, struct cor_str message, struct cor_buffer *out)
{
	int rc = 0;

	if (message.len == 0) { /* section 7.2.3.6 */
		cor_buffer_byte(out, 0);
		return cor_buffer_error(out);
	}
	while (rc == 0 && message.len != 0) {
		give(&deflater->stream, &message);
		rc = deflate_more(&deflater->stream, message.len ? Z_NO_FLUSH : Z_SYNC_FLUSH, out);
	}
	if (rc == 0)
		out->len -= sizeof tail;
	return rc;
}

void cor_deflater_destroy(struct cor_deflater *deflater)
{
	if (!deflater)
		return;
	(void)deflateEnd(&deflater->stream);
	free(deflater);
}

/* --- and back --- */

int cor_inflater_create(uint8_t window_bits, struct cor_inflater **ret)
{
	struct cor_inflater *inflater = calloc(1, sizeof *inflater);

	if (!inflater)
		return -ENOMEM;
	/* Who deflates with a window of 8 bits by zlib uses one of 9. */
	int bits = window_bits < LEAST_BITS ? LEAST_BITS : window_bits;
	if (inflateInit2(&inflater->stream, -bits) != Z_OK) {
		free(inflater);
		return -ENOMEM;
	}
	*ret = inflater;
	return 0;
}

/*
 * A block that says it is the last one ends the stream for zlib, but not for the message: section
 * 7.2.3.5. What came before can still be referred to.
 */
static int go_on_behind_last_block(z_stream *stream)
{
	unsigned char *window = malloc(WINDOW_BYTES);
	unsigned len = 0;

	if (!window)
		return -ENOMEM;
	int rc = inflateGetDictionary(stream, window, &len);
	if (rc == Z_OK)
		rc = inflateReset(stream);
	if (rc == Z_OK)
		rc = inflateSetDictionary(stream, window, len);
	free(window);
	return rc == Z_OK ? 0 : -ENOMEM;
}

/* Room for the next step: no more than a byte above the limit, which shows that it is broken. */
static size_t next_step(const struct cor_buffer *out)
{
	size_t left = out->limit != 0 ? out->limit - out->len : SIZE_MAX;

	return left < STEP_BYTES ? left : STEP_BYTES;
}

/* The limit is reached: whether the stream has more to say. */
static bool has_more(z_stream *stream)
{
	unsigned char byte;

	stream->next_out = &byte; /* cppcheck-suppress autoVariables */
	stream->avail_out = 1;
	(void)inflate(stream, Z_SYNC_FLUSH);
	stream->next_out = NULL;
	return stream->avail_out == 0;
}

static int inflate_step(z_stream *stream, struct cor_buffer *out)
{
	size_t step = next_step(out);

	if (step == 0)
		return has_more(stream) ? -COR_ETOOLARGE : 0;
	char *room = cor_buffer_reserve(out, step);
	if (!room)
		return cor_buffer_error(out);
	stream->next_out = (void *)room;
	stream->avail_out = (unsigned)step;
	int rc = inflate(stream, Z_SYNC_FLUSH);
	out->len += step - stream->avail_out;
	if (rc == Z_STREAM_END)
		return go_on_behind_last_block(stream);
	if (rc == Z_MEM_ERROR)
		return -ENOMEM;
	return rc == Z_OK || rc == Z_BUF_ERROR ? 0 : -COR_ESYNTAX;
}

static int inflate_all(z_stream *stream, struct cor_str piece, struct cor_buffer *out)
{
	int rc = 0;

	while (rc == 0 && piece.len != 0) {
		give(stream, &piece);
		do
			rc = inflate_step(stream, out);
		while (rc == 0 && (stream->avail_in != 0 || stream->avail_out == 0));
	}
	return rc;
}

int cor_inflater_append(
	struct cor_inflater *inflater, struct cor_str piece, bool is_last, struct cor_buffer *out)
{
	z_stream *stream = &inflater->stream;
	int rc = inflate_all(stream, piece, out);

	if (rc < 0 || !is_last)
		return rc;
	rc = inflate_all(stream, (struct cor_str){ tail, sizeof tail }, out);
	if (rc == 0 && !(stream->data_type & ENDS_A_BLOCK))
		rc = -COR_ESYNTAX;
	return rc;
}

void cor_inflater_destroy(struct cor_inflater *inflater)
{
	if (!inflater)
		return;
	(void)inflateEnd(&inflater->stream);
	free(inflater);
}
