/* SPDX-License-Identifier: MIT */
/* What is encoded decodes to the same, however it is split; what is not whole is told from it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "compress/coding.h"

#define TEXT_BYTES  100000
#define ROOM_BYTES  200000
#define SHORT_BYTES 700

/* Those that the build has. */
static const struct cor_coding *codings[3];
static size_t codings_len;

static char text[TEXT_BYTES];

/* Words that repeat, but not at once: none is of one letter only, none compresses to nothing. */
static int make_text(void **state)
{
	uint32_t random = 1;

	(void)state;
	codings[codings_len++] = &cor_gzip;
	if (!cor_brotli.missing)
		codings[codings_len++] = &cor_brotli;
	if (!cor_zstd.missing)
		codings[codings_len++] = &cor_zstd;
	for (size_t i = 0; i < TEXT_BYTES; i++) {
		random = random * 1664525 + 1013904223;
		text[i] = random >> 28 < 4 ? ' ' : (char)('a' + (random >> 24) % 12);
	}
	return 0;
}

struct bytes {
	char data[ROOM_BYTES];
	size_t len;
};

static struct cor_encoder *open_encoder(const struct cor_coding *coding, int level, int64_t length)
{
	const struct cor_encoder_options options = { .level = level, .length = length };
	struct cor_encoder *encoder;

	assert_int_equal(coding->open_encoder(&options, &encoder), 0);
	return encoder;
}

/* A step after the other, each with room for `room` bytes. */
static void encode(struct cor_encoder *encoder, const char *data, size_t len,
	enum cor_coding_aim aim, size_t room, struct bytes *out)
{
	struct cor_coding_io io = { .in = data, .in_len = len };
	int step;

	do {
		size_t n = ROOM_BYTES - out->len < room ? ROOM_BYTES - out->len : room;
		assert_true(n != 0);
		io.out = out->data + out->len;
		io.out_len = n;
		step = encoder->coding->encode(encoder, &io, aim);
		assert_true(step >= 0);
		out->len += n - io.out_len;
	} while (step == COR_CODING_FULL);
	assert_int_equal(io.in_len, 0);
}

static struct cor_decoder *open_decoder(const struct cor_coding *coding)
{
	struct cor_decoder *decoder;

	assert_int_equal(coding->open_decoder(&decoder), 0);
	return decoder;
}

/* What `len` bytes decode to, with room for `room` at a time. Returns what the last step did. */
static int decode(
	struct cor_decoder *decoder, const char *data, size_t len, size_t room, struct bytes *out)
{
	struct cor_coding_io io = { .in = data, .in_len = len };
	int step = COR_DECODING_PART;
	size_t n = 0;

	do {
		n = ROOM_BYTES - out->len < room ? ROOM_BYTES - out->len : room;
		assert_true(n != 0);
		io.out = out->data + out->len;
		io.out_len = n;
		step = decoder->coding->decode(decoder, &io);
		out->len += n - io.out_len;
	} while (step == COR_DECODING_PART && io.out_len == 0);
	return step;
}

static void assert_text(const struct bytes *out, size_t len)
{
	assert_int_equal(out->len, len);
	assert_memory_equal(out->data, text, len);
}

static void encode_text(const struct cor_coding *coding, int level, size_t len, struct bytes *out)
{
	struct cor_encoder *encoder = open_encoder(coding, level, (int64_t)len);

	out->len = 0;
	encode(encoder, text, len, COR_CODING_END, ROOM_BYTES, out);
	coding->close_encoder(encoder);
}

static int decode_whole(
	const struct cor_coding *coding, const char *data, size_t len, struct bytes *out)
{
	struct cor_decoder *decoder = open_decoder(coding);

	out->len = 0;
	int step = decode(decoder, data, len, ROOM_BYTES, out);
	coding->close_decoder(decoder);
	return step;
}

/* --- tests --- */

static int most_level(const struct cor_coding *coding)
{
	return coding == &cor_gzip     ? COR_GZIP_LEVEL_MAX
	       : coding == &cor_brotli ? COR_BROTLI_LEVEL_MAX
				       : COR_ZSTD_LEVEL_MAX;
}

static void test_levels(void **state)
{
	static const size_t lengths[] = { 0, 1, 1000, 4096, 4097, 65536, TEXT_BYTES };
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++)
		for (int level = 1; level <= most_level(codings[i]); level++)
			for (size_t at = 0; at < sizeof lengths / sizeof lengths[0]; at++) {
				encode_text(codings[i], level, lengths[at], &coded);
				assert_int_equal(
					decode_whole(codings[i], coded.data, coded.len, &out),
					COR_DECODING_WHOLE);
				assert_text(&out, lengths[at]);
				assert_true(lengths[at] < 1000 || coded.len < lengths[at] * 3 / 4);
			}
}

static void test_encoder_with_little_room(void **state)
{
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++)
		for (size_t room = 8; room < 20; room++) {
			struct cor_encoder *encoder = open_encoder(codings[i], 3, -1);
			coded.len = 0;
			for (size_t at = 0; at < TEXT_BYTES; at += 10000)
				encode(encoder, text + at, 10000, COR_CODING_GO_ON, room, &coded);
			encode(encoder, NULL, 0, COR_CODING_END, room, &coded);
			codings[i]->close_encoder(encoder);
			assert_int_equal(decode_whole(codings[i], coded.data, coded.len, &out),
				COR_DECODING_WHOLE);
			assert_text(&out, TEXT_BYTES);
		}
}

/* What was taken before a flush can be decoded behind it. */
static void test_flush(void **state)
{
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++) {
		struct cor_encoder *encoder = open_encoder(codings[i], 4, -1);
		struct cor_decoder *decoder = open_decoder(codings[i]);
		size_t decoded = 0;

		coded.len = out.len = 0;
		for (size_t at = 0; at < 5000; at += 50) {
			encode(encoder, text + at, 50, COR_CODING_FLUSH, 100, &coded);
			assert_int_equal(decode(decoder, coded.data + decoded, coded.len - decoded,
						 ROOM_BYTES, &out),
				COR_DECODING_PART);
			decoded = coded.len;
			assert_text(&out, at + 50);
		}
		encode(encoder, NULL, 0, COR_CODING_END, 100, &coded);
		assert_int_equal(decode(decoder, coded.data + decoded, coded.len - decoded,
					 ROOM_BYTES, &out),
			COR_DECODING_WHOLE);
		assert_text(&out, 5000);
		codings[i]->close_encoder(encoder);
		codings[i]->close_decoder(decoder);
	}
}

/* Of a stream that goes on for hours: in little memory, and as good as any other. */
static void test_lasting(void **state)
{
	const struct cor_encoder_options lasting = { .level = 3, .length = -1, .lasts = true };
	const struct cor_encoder_options usual = { .level = 3, .length = -1 };
	static struct bytes coded, out;
	struct cor_encoder *encoder;

	(void)state;
	for (size_t i = 0; i < codings_len; i++) {
		assert_int_equal(codings[i]->open_encoder(&lasting, &encoder), 0);
		coded.len = 0;
		encode(encoder, text, TEXT_BYTES, COR_CODING_END, ROOM_BYTES, &coded);
		assert_int_equal(
			decode_whole(codings[i], coded.data, coded.len, &out), COR_DECODING_WHOLE);
		assert_text(&out, TEXT_BYTES);
		if (codings[i]->restart_encoder) {
			assert_int_equal(codings[i]->restart_encoder(encoder, &lasting), 0);
			assert_int_equal(codings[i]->restart_encoder(encoder, &usual), -EINVAL);
		}
		codings[i]->close_encoder(encoder);
	}
}

static void test_restart(void **state)
{
	static const int64_t lengths[] = { 5000, 5001, TEXT_BYTES, 1, -1, 5000 };
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++) {
		struct cor_encoder *encoder = open_encoder(codings[i], 3, 5000);
		if (!codings[i]->restart_encoder) {
			codings[i]->close_encoder(encoder);
			continue;
		}
		encode(encoder, text, 4000, COR_CODING_GO_ON, ROOM_BYTES, &coded); /* given up */
		for (size_t at = 0; at < sizeof lengths / sizeof lengths[0]; at++) {
			size_t len = lengths[at] < 0 ? 77 : (size_t)lengths[at];
			const struct cor_encoder_options options = { 3, lengths[at], false };
			if (codings[i]->restart_encoder(encoder, &options) < 0)
				continue; /* it is not made for that length */
			coded.len = 0;
			encode(encoder, text, len, COR_CODING_END, ROOM_BYTES, &coded);
			assert_int_equal(decode_whole(codings[i], coded.data, coded.len, &out),
				COR_DECODING_WHOLE);
			assert_text(&out, len);
		}
		codings[i]->close_encoder(encoder);
	}
}

/* In two pieces, split at each byte; byte by byte; and with room for one byte. */
static void test_decoder_splits(void **state)
{
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++) {
		encode_text(codings[i], 5, SHORT_BYTES, &coded);
		for (size_t split = 0; split <= coded.len; split++) {
			struct cor_decoder *decoder = open_decoder(codings[i]);
			out.len = 0;
			int step = decode(decoder, coded.data, split, ROOM_BYTES, &out);
			assert_int_equal(
				step, split == coded.len ? COR_DECODING_WHOLE : COR_DECODING_PART);
			if (split < coded.len)
				step = decode(decoder, coded.data + split, coded.len - split,
					ROOM_BYTES, &out);
			assert_int_equal(step, COR_DECODING_WHOLE);
			assert_text(&out, SHORT_BYTES);
			codings[i]->close_decoder(decoder);
		}
		struct cor_decoder *decoder = open_decoder(codings[i]);
		out.len = 0;
		for (size_t at = 0; at < coded.len; at++)
			assert_int_equal(decode(decoder, coded.data + at, 1, 1, &out),
				at + 1 == coded.len ? COR_DECODING_WHOLE : COR_DECODING_PART);
		assert_text(&out, SHORT_BYTES);
		codings[i]->close_decoder(decoder);
	}
}

static void test_what_follows_the_end(void **state)
{
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++) {
		encode_text(codings[i], 5, SHORT_BYTES, &coded);
		size_t len = coded.len;
		memset(coded.data + len, 0, 20);
		assert_int_equal(
			decode_whole(codings[i], coded.data, len + 20, &out), -COR_ESYNTAX);
		memcpy(coded.data + len, "once more, as plain text", 24);
		assert_int_equal(
			decode_whole(codings[i], coded.data, len + 24, &out), -COR_ESYNTAX);
		memcpy(coded.data + len, coded.data, len); /* gzip and zstd allow another one */
		assert_int_equal(decode_whole(codings[i], coded.data, 2 * len, &out),
			codings[i] == &cor_brotli ? -COR_ESYNTAX : COR_DECODING_WHOLE);
		if (codings[i] != &cor_brotli)
			assert_int_equal(out.len, 2 * SHORT_BYTES);
	}
}

/* Each bit turned: no byte too many, and no text but the right one where there is a checksum. */
static void test_broken(void **state)
{
	static struct bytes coded, out;

	(void)state;
	for (size_t i = 0; i < codings_len; i++) {
		encode_text(codings[i], 5, SHORT_BYTES, &coded);
		for (size_t bit = 0; bit < coded.len * 8; bit++) {
			coded.data[bit / 8] ^= (char)(1 << bit % 8);
			int step = decode_whole(codings[i], coded.data, coded.len, &out);
			if (codings[i] == &cor_gzip && step == COR_DECODING_WHOLE)
				assert_text(&out, SHORT_BYTES); /* a bit of no meaning */
			assert_true(step != -12);               /* it is not the memory */
			coded.data[bit / 8] ^= (char)(1 << bit % 8);
		}
		assert_int_equal(decode_whole(codings[i], "plain text, not encoded", 23, &out) ==
					 COR_DECODING_WHOLE,
			0);
	}
}

/* A frame that wants a window of 16 MiB: RFC 9659 lets it want 8. */
static void test_window_of_zstd(void **state)
{
	static const char wide[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0, 14 << 3, 1, 0, 0 };
	static const char allowed[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0, 13 << 3, 1, 0, 0 };
	static struct bytes out;

	(void)state;
	if (cor_zstd.missing)
		skip();
	assert_int_equal(
		decode_whole(&cor_zstd, allowed, sizeof allowed, &out), COR_DECODING_WHOLE);
	assert_int_equal(decode_whole(&cor_zstd, wide, sizeof wide, &out), -COR_ESYNTAX);
}

/*
 * A block of no bytes that says it is compressed. zstd itself refuses it in a frame that comes
 * whole, and takes it in one that comes in pieces.
 */
static void test_empty_block_of_zstd(void **state)
{
	static const char frame[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0x20, 0, /* no bytes */
		4, 0, 0, 1, 0, 0 };
	static struct bytes out;

	(void)state;
	if (cor_zstd.missing)
		skip();
	for (size_t first = 1; first <= sizeof frame; first++) {
		struct cor_decoder *decoder = open_decoder(&cor_zstd);
		int rc = decode(decoder, frame, first, ROOM_BYTES, &out);
		if (rc >= 0 && first < sizeof frame)
			rc = decode(decoder, frame + first, sizeof frame - first, ROOM_BYTES, &out);
		assert_int_equal(rc, COR_DECODING_WHOLE);
		assert_int_equal(out.len, 0);
		cor_zstd.close_decoder(decoder);
	}
}

/* Formats that came before the one that has a name in HTTP. */
static void test_old_formats_of_zstd(void **state)
{
	static const unsigned char first[] = { 0x1e, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27 };
	static struct bytes coded, out;

	(void)state;
	if (cor_zstd.missing)
		skip();
	encode_text(&cor_zstd, 3, SHORT_BYTES, &coded);
	for (size_t i = 0; i < sizeof first; i++) {
		char old[20] = { (char)first[i], (char)0xb5, 0x2f, (char)0xfd, 4, 0, 0, 0x22 };
		struct cor_decoder *decoder = open_decoder(&cor_zstd);
		assert_int_equal(decode_whole(&cor_zstd, old, sizeof old, &out), -COR_ESYNTAX);
		out.len = 0;
		assert_int_equal(decode(decoder, coded.data, coded.len, ROOM_BYTES, &out),
			COR_DECODING_WHOLE);
		assert_int_equal(decode(decoder, old, 1, ROOM_BYTES, &out), -COR_ESYNTAX);
		cor_zstd.close_decoder(decoder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_encoder_with_little_room),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_lasting),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_decoder_splits),
		cmocka_unit_test(test_what_follows_the_end),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_window_of_zstd),
		cmocka_unit_test(test_empty_block_of_zstd),
		cmocka_unit_test(test_old_formats_of_zstd),
	};

	return cmocka_run_group_tests(tests, make_text, NULL);
}
