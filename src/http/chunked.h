/* SPDX-License-Identifier: MIT */
/**
 * The chunked transfer coding (RFC 9112 section 7.1), both ways.
 *
 * The decoder takes bytes as they come and gives the data back in place: nothing is copied, nothing
 * allocated, no byte behind the end of the message is looked at. Any split of the input gives the
 * same data and the same end or error. Chunk extensions are checked and dropped, and so are trailer
 * fields unless the caller gives room for them. Nothing here yields.
 *
 *     while (len > 0 && event != COR_CHUNKED_END) {
 *             event = cor_chunked_read(&decoder, bytes, len, &used, &data);
 *             if (event == COR_CHUNKED_DATA) ... data ...
 *             else if (event == COR_CHUNKED_TRAILERS) ... decoder.trailers = room ...
 *             else if (event == COR_CHUNKED_ERROR) ... decoder.error ...
 *             bytes += used; len -= used;
 *     }
 */
#ifndef CORACLE_HTTP_CHUNKED_H
#define CORACLE_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

#include "base/buffer.h"
#include "http/error.h"

#define COR_CHUNK_EXTENSION_LINE_BYTES 256
#define COR_CHUNK_EXTENSION_BYTES      4096
#define COR_TRAILER_BYTES              8192

enum cor_chunked_event {
	COR_CHUNKED_MORE, /* all was used; more is needed */
	COR_CHUNKED_DATA, /* *ret_data holds at least one byte; call again with the rest */
	/*
	 * Trailer fields follow: decoder->trailers may get room for trailers_limit bytes. Call
	 * again with the rest.
	 */
	COR_CHUNKED_TRAILERS,
	COR_CHUNKED_END,   /* the message is complete; what was not used belongs to the next one */
	COR_CHUNKED_ERROR, /* decoder->error says why: 400, 413 (too much data) or 431 */
};

struct cor_chunked {
	struct cor_http_error error;
	uint64_t received; /* bytes of data announced so far, that of the current chunk included */
	/*
	 * The trailer fields, as lines of a name, ':', a value with the blanks around it, and '\n';
	 * NULL: they are dropped.
	 */
	char *trailers;
	uint32_t trailers_len;
	/* Of the trailer fields; above them 431. Set them behind cor_chunked_init() for others. */
	uint32_t trailers_limit; /* bytes: COR_TRAILER_BYTES at most */
	uint32_t trailer_line_limit;
	uint32_t trailer_count_limit;
	/* private */
	uint64_t limit;
	uint64_t left; /* of the current chunk */
	uint32_t extension_bytes;
	uint32_t line_bytes;
	uint32_t trailer_count;
	uint8_t digits;
	uint8_t state;
};

/**
 * Begin a body of at most `limit` bytes of data (413 above it, as soon as it is announced); -1 for
 * no limit.
 */
void cor_chunked_init(struct cor_chunked *decoder, int64_t limit);

/**
 * Read on. *ret_used is how many of the bytes were taken (always set); *ret_data, set with
 * COR_CHUNKED_DATA only, points into them. After COR_CHUNKED_END and COR_CHUNKED_ERROR every call
 * says the same again and takes nothing.
 */
enum cor_chunked_event cor_chunked_read(struct cor_chunked *decoder, const char *bytes, size_t len,
	size_t *ret_used, struct cor_str *ret_data);

#define COR_CHUNK_HEAD_MAX 18

/** Write the line before a chunk of `len` bytes (not 0) to `out`; returns its length. */
size_t cor_chunk_head(char out[COR_CHUNK_HEAD_MAX], uint64_t len);

/** What stands behind the data of each chunk, and what ends the body. */
#define COR_CHUNK_TAIL "\r\n"
#define COR_CHUNK_END  "0\r\n\r\n"

/** Append one whole chunk; an empty one appends nothing (it would end the body). */
void cor_chunk_append(struct cor_buffer *buffer, struct cor_str data);

#endif
