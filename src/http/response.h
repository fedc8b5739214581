/* SPDX-License-Identifier: MIT */
/**
 * Writing the head of a response (RFC 9112 section 4 and 6) into a buffer.
 *
 *     rc = cor_response_begin(buffer, &(struct cor_response_head){ .status = 200, .date = date,
 *             .content_type = COR_STR("application/json"), .content_length = 27 });
 *     rc = cor_response_field(buffer, COR_STR("ETag"), etag);
 *     rc = cor_response_end(buffer);
 *
 * What RFC 9110 section 5 does not allow in a name or value (CR, LF, NUL, other controls) is
 * refused with -EINVAL and nothing is appended: never stripped, since what remains would say
 * something else. Nothing here yields.
 */
#ifndef CORACLE_HTTP_RESPONSE_H
#define CORACLE_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "base/buffer.h"
#include "base/date.h"
#include "base/number.h"

/** Values of content_length that are no length. */
#define COR_LENGTH_CHUNKED -1 /* Transfer-Encoding: chunked; never to an HTTP/1.0 client */
#define COR_LENGTH_NONE    -2 /* neither: the body ends with the connection, or there is none */

enum cor_response_connection {
	COR_CONNECTION_DEFAULT = 0, /* say nothing: HTTP/1.1 stays open */
	COR_CONNECTION_CLOSE,
	COR_CONNECTION_KEEP_ALIVE, /* to an HTTP/1.0 client that asked for it */
};

struct cor_response_head {
	/* 100 to 599; 1xx, 204 and 304 get no Content-Length or Transfer-Encoding, 205 gets 0 */
	uint16_t status;
	enum cor_response_connection connection;
	const char *date;            /* of cor_imf_date_format(); NULL: no Date */
	struct cor_str content_type; /* empty: none */
	int64_t content_length;      /* in bytes, or COR_LENGTH_CHUNKED, or COR_LENGTH_NONE */
};

/** The whole of it. */
#define COR_RESPONSE_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

/**
 * Append the status line and the fields above.
 * Returns 0, -EINVAL (status out of range, bad content type) or the buffer's error (-ENOMEM,
 * -COR_ETOOLARGE).
 */
int cor_response_begin(struct cor_buffer *buffer, const struct cor_response_head *head) COR_CHECKED;

/**
 * Append one more field. Which names are the server's own is not checked here.
 * Returns 0, -EINVAL or the buffer's error.
 */
int cor_response_field(
	struct cor_buffer *buffer, struct cor_str name, struct cor_str value) COR_CHECKED;

/** Append the empty line. Returns 0 or the buffer's error. */
COR_CHECKED static inline int cor_response_end(struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer, "\r\n");
	return cor_buffer_error(buffer);
}

/** Write a number at `out`, where COR_NUMBER_BYTES fit. Returns its end. Most bodies are short. */
static inline char *cor_response_put_number(char *out, uint64_t value)
{
	if (value >= 1000)
		return out + cor_number_print_uint64(value, out);
	uint32_t rest = (uint32_t)value;
	if (rest >= 100) {
		uint32_t hundreds = rest * 41 >> 12; /* a division, for what is below 1000 */
		*out++ = (char)('0' + hundreds);
		rest -= hundreds * 100;
	}
	uint32_t tens = rest * 205 >> 11;
	*out = (char)('0' + tens);
	out += value >= 10;
	*out++ = (char)('0' + rest - tens * 10);
	return out;
}

/** Whether it is a token (RFC 9110 section 5.6.2). */
bool cor_field_name_valid(struct cor_str name);

/**
 * Whether it is a field value (section 5.5): no control but a tab inside, no white space at either
 * end.
 */
bool cor_field_value_valid(struct cor_str value);

#endif
