/* SPDX-License-Identifier: MIT */
/** What an encoded body means, for tests that are not about codings. */
#ifndef TESTS_CODING_DECODED_H
#define TESTS_CODING_DECODED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <coracle/str.h>

#include "base/buffer.h"
#include "compress/coding.h"

/** Append it to *ret. Returns whether it is whole; a broken one fails the test. */
static inline bool append_decoded(
	const struct cor_coding *coding, struct cor_str bytes, struct cor_buffer *ret)
{
	struct cor_coding_io io = { .in = bytes.data, .in_len = bytes.len };
	struct cor_decoder *decoder;
	int step = COR_DECODING_PART;

	assert_int_equal(coding->open_decoder(&decoder), 0);
	do {
		io.out = cor_buffer_reserve(ret, 4096);
		assert_non_null(io.out);
		io.out_len = 4096;
		step = coding->decode(decoder, &io);
		ret->len += 4096 - io.out_len;
	} while (step == COR_DECODING_PART && io.out_len == 0);
	coding->close_decoder(decoder);
	assert_true(step >= 0);
	return step == COR_DECODING_WHOLE;
}

/** Append what `text` is encoded to. */
static inline void append_encoded(
	const struct cor_coding *coding, struct cor_str text, struct cor_buffer *ret)
{
	const struct cor_encoder_options options = { .level = 3, .length = -1 };
	struct cor_coding_io io = { .in = text.data, .in_len = text.len };
	struct cor_encoder *encoder;
	int step;

	assert_int_equal(coding->open_encoder(&options, &encoder), 0);
	do {
		io.out = cor_buffer_reserve(ret, 4096);
		assert_non_null(io.out);
		io.out_len = 4096;
		step = coding->encode(encoder, &io, COR_CODING_END);
		ret->len += 4096 - io.out_len;
	} while (step == COR_CODING_FULL);
	coding->close_encoder(encoder);
	assert_int_equal(step, COR_CODING_DONE);
}

#endif
