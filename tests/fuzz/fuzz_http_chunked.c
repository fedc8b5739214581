/* SPDX-License-Identifier: MIT */
/*
 * A chunked body: whole, byte by byte, and in pieces of the size given by the first byte; all must
 * agree, of the data and of the trailer fields.
 */
#include <stdlib.h>
#include <string.h>

#include "http/chunked.h"
#include "http/trailer.h"
#include "target.h"

#define TRAILER_BYTES 200

struct result {
	struct cor_buffer data;
	size_t used;
	int status; /* 0: more, 200: ended */
	const char *reason;
	char trailers[TRAILER_BYTES];
	size_t trailers_len;
};

static void feed(
	struct cor_chunked *decoder, const uint8_t *bytes, size_t len, struct result *result)
{
	char *copy = malloc(len ? len : 1);
	size_t at = 0;

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	while (at < len && result->status == 0) {
		struct cor_str data;
		size_t used;
		enum cor_chunked_event event = cor_chunked_read(
			decoder, copy + at, len - at, &used, &data);

		if (used > len - at || (event == COR_CHUNKED_MORE && used != len - at))
			abort();
		if (event == COR_CHUNKED_DATA)
			cor_buffer_append_str(&result->data, data);
		if (event == COR_CHUNKED_TRAILERS)
			decoder->trailers = result->trailers;
		if (event == COR_CHUNKED_END)
			result->status = 200;
		if (event == COR_CHUNKED_ERROR) {
			result->status = decoder->error.status;
			result->reason = decoder->error.reason;
		}
		at += used;
	}
	result->used += at;
	free(copy);
}

static struct result read_in_pieces(const uint8_t *bytes, size_t len, size_t piece)
{
	struct cor_chunked decoder;
	struct result result = { 0 };

	cor_chunked_init(&decoder, 1000);
	decoder.trailers_limit = TRAILER_BYTES;
	for (size_t at = 0; at < len && result.status == 0; at += piece)
		feed(&decoder, bytes + at, len - at < piece ? len - at : piece, &result);
	if (result.data.len > decoder.received || decoder.received > 1000)
		abort();
	if (decoder.trailers_len > TRAILER_BYTES)
		abort();
	decoder.trailers = NULL; /* they were in this function's own memory */
	result.trailers_len = decoder.trailers_len;
	return result;
}

/* Each line has a name and no control; all of them are the section. */
static void check_trailers(const struct result *result)
{
	struct cor_str section = { result->trailers, result->trailers_len };
	struct cor_str name, value;

	while (result->status == 200 && cor_trailer_take(&section, &name, &value)) {
		(void)cor_trailer_is_allowed(name);
		(void)cor_te_takes_trailers(value);
		if (name.len == 0 || memchr(name.data, '\n', name.len) ||
			(value.len && memchr(value.data, '\n', value.len)))
			abort();
	}
}

static void check_same(const struct result *a, const struct result *b)
{
	if (a->status != b->status || a->reason != b->reason || a->used != b->used ||
		a->data.len != b->data.len)
		abort();
	if (a->data.len > 0 && memcmp(a->data.data, b->data.data, a->data.len) != 0)
		abort();
	if (a->trailers_len != b->trailers_len ||
		memcmp(a->trailers, b->trailers, a->trailers_len) != 0)
		abort();
	check_trailers(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct result whole = read_in_pieces(data + 1, size - 1, size);
	struct result steps = read_in_pieces(data + 1, size - 1, 1);
	struct result pieces = read_in_pieces(data + 1, size - 1, data[0] % 31 + 2);

	check_same(&whole, &steps);
	check_same(&whole, &pieces);
	cor_buffer_finish(&whole.data);
	cor_buffer_finish(&steps.data);
	cor_buffer_finish(&pieces.data);
	return 0;
}
