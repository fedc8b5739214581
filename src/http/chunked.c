/* SPDX-License-Identifier: MIT */
#include "http/chunked.h"

#include "http/chars.h"

/* Leading zeros are allowed, within bounds. */
#define SIZE_DIGITS_MAX 16

enum {
	STATE_SIZE,       /* chunk-size, its first digit first */
	STATE_SIZE_BLANK, /* white space after it, which must lead to an extension */
	STATE_EXTENSION,
	STATE_SIZE_LF,
	STATE_DATA,
	STATE_DATA_CR,
	STATE_DATA_LF,
	STATE_TRAILERS,      /* the first field, or the empty line */
	STATE_TRAILER_BEGIN, /* a further one */
	STATE_TRAILER_NAME,
	STATE_TRAILER_VALUE,
	STATE_TRAILER_LF,
	STATE_END_LF,
	STATE_END,
	STATE_FAILED,
};

void cor_chunked_init(struct cor_chunked *decoder, int64_t limit)
{
	*decoder = (struct cor_chunked){
		.limit = (uint64_t)limit,
		.trailers_limit = COR_TRAILER_BYTES,
		.trailer_line_limit = COR_TRAILER_BYTES,
		.trailer_count_limit = COR_TRAILER_BYTES,
	};
}

static int refuse(struct cor_chunked *decoder, uint16_t status, const char *reason)
{
	return cor_http_refuse(&decoder->error, status, reason);
}

static int enter(struct cor_chunked *decoder, uint8_t state)
{
	decoder->state = state;
	return 0;
}

static bool is_text(char byte)
{
	return ((unsigned char)byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

static int size(struct cor_chunked *decoder, char byte)
{
	if (cor_char_is(byte, COR_CHAR_HEX)) {
		if (decoder->digits == SIZE_DIGITS_MAX)
			return refuse(decoder, 400, "a chunk size has too many digits");
		decoder->digits++;
		decoder->left = decoder->left << 4 | cor_hex_value(byte);
		return 0;
	}
	if (decoder->digits == 0)
		return refuse(decoder, 400, "a chunk does not begin with its size");
	if (byte == '\r')
		return enter(decoder, STATE_SIZE_LF);
	decoder->line_bytes = 0;
	if (byte == ';')
		return enter(decoder, STATE_EXTENSION);
	if (cor_char_is_blank(byte))
		return enter(decoder, STATE_SIZE_BLANK);
	return refuse(decoder, 400, "a chunk size is not a hexadecimal number");
}

/* Extensions are ignored; their length is limited, and they may hold no control. */
static int count_extension(struct cor_chunked *decoder)
{
	if (++decoder->line_bytes > COR_CHUNK_EXTENSION_LINE_BYTES ||
		++decoder->extension_bytes > COR_CHUNK_EXTENSION_BYTES)
		return refuse(decoder, 400, "the chunk extensions are too long");
	return 0;
}

static int size_blank(struct cor_chunked *decoder, char byte)
{
	if (byte == ';')
		decoder->state = STATE_EXTENSION;
	else if (!cor_char_is_blank(byte))
		return refuse(decoder, 400, "white space follows a chunk size");
	return count_extension(decoder);
}

static int extension(struct cor_chunked *decoder, char byte)
{
	if (byte == '\r')
		return enter(decoder, STATE_SIZE_LF);
	if (!is_text(byte))
		return refuse(decoder, 400, "a chunk extension holds a control character");
	return count_extension(decoder);
}

static int size_lf(struct cor_chunked *decoder, char byte)
{
	if (byte != '\n')
		return refuse(decoder, 400, "the line of a chunk size does not end in CRLF");
	if (decoder->left == 0)
		return enter(decoder, STATE_TRAILERS);
	if (decoder->left > INT64_MAX || decoder->received > decoder->limit ||
		decoder->left > decoder->limit - decoder->received)
		return refuse(decoder, 413, "the body is too large");
	decoder->received += decoder->left;
	return enter(decoder, STATE_DATA);
}

static int data_cr(struct cor_chunked *decoder, char byte)
{
	if (byte != '\r')
		return refuse(decoder, 400, "a chunk is longer than its size");
	return enter(decoder, STATE_DATA_LF);
}

static int data_lf(struct cor_chunked *decoder, char byte)
{
	if (byte != '\n')
		return refuse(decoder, 400, "a chunk does not end in CRLF");
	decoder->digits = 0;
	return enter(decoder, STATE_SIZE);
}

/* A byte of the section, without the CR of its lines. */
static int keep_trailer(struct cor_chunked *decoder, char byte)
{
	if (decoder->trailers_len == decoder->trailers_limit)
		return refuse(decoder, 431, "the trailer fields are too long");
	decoder->line_bytes += byte != '\n';
	if (decoder->line_bytes > decoder->trailer_line_limit)
		return refuse(decoder, 431, "a trailer field is too long");
	if (decoder->trailers)
		decoder->trailers[decoder->trailers_len] = byte;
	decoder->trailers_len++;
	return 0;
}

static int trailer_begin(struct cor_chunked *decoder, char byte)
{
	if (byte == '\r')
		return enter(decoder, STATE_END_LF);
	if (!cor_char_is(byte, COR_CHAR_TOKEN))
		return refuse(decoder, 400, "a trailer field does not begin with a name");
	if (++decoder->trailer_count > decoder->trailer_count_limit)
		return refuse(decoder, 431, "there are too many trailer fields");
	decoder->state = STATE_TRAILER_NAME;
	decoder->line_bytes = 0;
	return keep_trailer(decoder, byte);
}

static int trailer_name(struct cor_chunked *decoder, char byte)
{
	if (byte == ':')
		decoder->state = STATE_TRAILER_VALUE;
	else if (!cor_char_is(byte, COR_CHAR_TOKEN))
		return refuse(decoder, 400, "the name of a trailer field is malformed");
	return keep_trailer(decoder, byte);
}

static int trailer_value(struct cor_chunked *decoder, char byte)
{
	if (byte == '\r') {
		decoder->state = STATE_TRAILER_LF;
		byte = '\n';
	} else if (!is_text(byte)) {
		return refuse(decoder, 400, "a trailer field holds a control character");
	}
	return keep_trailer(decoder, byte);
}

static int trailer_lf(struct cor_chunked *decoder, char byte)
{
	if (byte != '\n')
		return refuse(decoder, 400, "a trailer field does not end in CRLF");
	return enter(decoder, STATE_TRAILER_BEGIN);
}

static int end_lf(struct cor_chunked *decoder, char byte)
{
	if (byte != '\n')
		return refuse(decoder, 400, "the chunked body does not end in CRLF");
	return enter(decoder, STATE_END);
}

/* What each state makes of a byte; STATE_DATA takes more than one. Returns 0 or the error. */
static int (*const steps[])(struct cor_chunked *, char) = {
	[STATE_SIZE] = size,
	[STATE_SIZE_BLANK] = size_blank,
	[STATE_EXTENSION] = extension,
	[STATE_SIZE_LF] = size_lf,
	[STATE_DATA_CR] = data_cr,
	[STATE_DATA_LF] = data_lf,
	[STATE_TRAILERS] = trailer_begin,
	[STATE_TRAILER_BEGIN] = trailer_begin,
	[STATE_TRAILER_NAME] = trailer_name,
	[STATE_TRAILER_VALUE] = trailer_value,
	[STATE_TRAILER_LF] = trailer_lf,
	[STATE_END_LF] = end_lf,
};

/* As much of the current chunk as is there, which is at least one byte. */
static struct cor_str take_data(struct cor_chunked *decoder, const char *bytes, size_t len)
{
	struct cor_str data = { bytes, len < decoder->left ? len : (size_t)decoder->left };

	decoder->left -= data.len;
	if (decoder->left == 0)
		decoder->state = STATE_DATA_CR;
	return data;
}

/* Whether the byte is not for a step: the caller gets an event. */
static bool stops(const struct cor_chunked *decoder, char byte)
{
	return decoder->state >= STATE_END || decoder->state == STATE_DATA ||
	       (decoder->state == STATE_TRAILERS && byte != '\r');
}

enum cor_chunked_event cor_chunked_read(struct cor_chunked *decoder, const char *bytes, size_t len,
	size_t *ret_used, struct cor_str *ret_data)
{
	size_t used = 0;

	while (used < len && !stops(decoder, bytes[used]))
		if (steps[decoder->state](decoder, bytes[used++]) < 0)
			decoder->state = STATE_FAILED;
	*ret_used = used;
	if (decoder->state == STATE_END)
		return COR_CHUNKED_END;
	if (decoder->state == STATE_FAILED)
		return COR_CHUNKED_ERROR;
	if (used == len)
		return COR_CHUNKED_MORE;
	if (decoder->state == STATE_TRAILERS) {
		decoder->state = STATE_TRAILER_BEGIN;
		return COR_CHUNKED_TRAILERS;
	}
	*ret_data = take_data(decoder, bytes + used, len - used);
	*ret_used = used + ret_data->len;
	return COR_CHUNKED_DATA;
}

size_t cor_chunk_head(char out[COR_CHUNK_HEAD_MAX], uint64_t len)
{
	size_t digits = len == 0 ? 1 : (67 - (size_t)__builtin_clzll(len)) / 4;

	for (size_t i = digits; i > 0; i--, len >>= 4)
		out[i - 1] = "0123456789abcdef"[len & 15];
	out[digits] = '\r';
	out[digits + 1] = '\n';
	return digits + 2;
}

void cor_chunk_append(struct cor_buffer *buffer, struct cor_str data)
{
	char head[COR_CHUNK_HEAD_MAX];

	if (data.len == 0)
		return;
	cor_buffer_append(buffer, head, cor_chunk_head(head, data.len));
	cor_buffer_append_str(buffer, data);
	cor_buffer_literal(buffer, COR_CHUNK_TAIL);
}
