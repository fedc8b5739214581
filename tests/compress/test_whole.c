/* SPDX-License-Identifier: MIT */
/* What is encoded as a whole is the same text, no longer than in pieces, and fits into its room. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compress/coding.h"

#define MOST_BYTES  (256 * 1024)
#define LEAST_BYTES 4096
#define ROUNDS      300

static const struct cor_coding *whole;
static uint32_t seed = 1;
static char records[MOST_BYTES + 256], noise[MOST_BYTES], zeros[MOST_BYTES];

static uint32_t random_number(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static int make_texts(void **state)
{
	(void)state;
	whole = cor_gzip.whole;
	for (size_t len = 0, id = 0; len < MOST_BYTES; id++)
		len += (size_t)snprintf(records + len, 256,
			"{\"id\":%zu,\"customer\":\"c%04x\",\"price\":%u.%02u,\"paid\":%s},\n", id,
			(unsigned)random_number() & 0xffff, (unsigned)random_number() % 1000,
			(unsigned)random_number() % 100, random_number() & 1 ? "true" : "false");
	for (size_t i = 0; i < MOST_BYTES; i++)
		noise[i] = (char)random_number();
	return 0;
}

static bool is_missing(void)
{
	return whole->whole_room(6, MOST_BYTES) == 0;
}

static struct cor_encoder *open_encoder(const struct cor_coding *coding, int level, size_t len)
{
	const struct cor_encoder_options options = { .level = level, .length = (int64_t)len };
	struct cor_encoder *encoder;

	assert_int_equal(coding->open_encoder(&options, &encoder), 0);
	assert_int_equal(encoder->level, level);
	assert_ptr_equal(encoder->coding, coding);
	return encoder;
}

/* In one step, with exactly that much room, so that a sanitizer sees a byte more. */
static char *encode(struct cor_encoder *encoder, const char *text, size_t len, size_t *ret_len)
{
	size_t room = whole->whole_room(encoder->level, len);
	char *data = malloc(room);
	struct cor_coding_io io = { .in = text, .in_len = len, .out = data, .out_len = room };

	assert_non_null(data);
	assert_true(room > len);
	assert_int_equal(encoder->coding->encode(encoder, &io, COR_CODING_END), COR_CODING_DONE);
	assert_int_equal(io.in_len, 0);
	assert_ptr_equal(io.in, text + len);
	assert_ptr_equal(io.out, data + room - io.out_len);
	*ret_len = room - io.out_len;
	return data;
}

static void assert_decodes(const char *data, size_t data_len, const char *text, size_t len)
{
	char *out = malloc(len + 1);
	struct cor_coding_io io = {
		.in = data, .in_len = data_len, .out = out, .out_len = len + 1
	};
	struct cor_decoder *decoder;

	assert_non_null(out);
	assert_int_equal(cor_gzip.open_decoder(&decoder), 0);
	assert_int_equal(cor_gzip.decode(decoder, &io), COR_DECODING_WHOLE);
	assert_int_equal(io.out_len, 1);
	assert_memory_equal(out, text, len);
	cor_gzip.close_decoder(decoder);
	free(out);
}

static size_t length_in_pieces(int level, const char *text, size_t len)
{
	struct cor_encoder *encoder = open_encoder(&cor_gzip, level, len);
	char *data = malloc(len + 1000);
	struct cor_coding_io io = { .in = text, .in_len = len, .out = data, .out_len = len + 1000 };

	assert_non_null(data);
	assert_int_equal(cor_gzip.encode(encoder, &io, COR_CODING_END), COR_CODING_DONE);
	cor_gzip.close_encoder(encoder);
	free(data);
	return len + 1000 - io.out_len;
}

/* --- tests --- */

static void test_what_it_is_for(void **state)
{
	(void)state;
	assert_ptr_equal(cor_gzip.whole, whole);
	assert_null(cor_gzip.whole_room);
	if (is_missing())
		skip();
	for (int level = 1; level <= COR_GZIP_LEVEL_MAX; level++) {
		assert_int_equal(whole->whole_room(level, 0), 0);
		assert_int_equal(whole->whole_room(level, LEAST_BYTES - 1), 0);
		assert_true(whole->whole_room(level, LEAST_BYTES) > LEAST_BYTES);
		assert_int_equal(whole->whole_room(level, MOST_BYTES + 1), 0);
	}
	assert_true(whole->whole_room(6, MOST_BYTES) > MOST_BYTES);
	assert_int_equal(whole->whole_room(9, MOST_BYTES), 0); /* it would hold the thread */
}

static void test_levels(void **state)
{
	static const size_t lengths[] = { LEAST_BYTES, LEAST_BYTES + 1, 16000, 65536, MOST_BYTES };
	const char *const texts[] = { records, noise, zeros };
	size_t len;

	(void)state;
	if (is_missing())
		skip();
	for (int level = 1; level <= COR_GZIP_LEVEL_MAX; level++) {
		struct cor_encoder *encoder = open_encoder(whole, level, 0);
		for (size_t i = 0; i < sizeof lengths / sizeof lengths[0] * 3; i++) {
			const char *text = texts[i % 3];
			if (whole->whole_room(level, lengths[i / 3]) == 0)
				continue;
			char *data = encode(encoder, text, lengths[i / 3], &len);
			assert_decodes(data, len, text, lengths[i / 3]);
			free(data);
		}
		whole->close_encoder(encoder);
	}
}

/* A level means the same, whichever way it goes. */
static void test_lengths(void **state)
{
	static const size_t lengths[] = { LEAST_BYTES, 16000, 65536, 131072, MOST_BYTES };
	size_t len;

	(void)state;
	if (is_missing())
		skip();
	for (int level = 1; level <= COR_GZIP_LEVEL_MAX; level++) {
		struct cor_encoder *encoder = open_encoder(whole, level, 0);
		for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
			if (whole->whole_room(level, lengths[i]) == 0)
				continue;
			free(encode(encoder, records, lengths[i], &len));
			assert_in_range(len, 1, length_in_pieces(level, records, lengths[i]));
		}
		whole->close_encoder(encoder);
	}
}

/* Anything between text, noise and nothing; one encoder for all, as a thread's is. */
static void test_mixed_bodies(void **state)
{
	static char body[MOST_BYTES];
	struct cor_encoder *encoder;
	size_t len;

	(void)state;
	if (is_missing())
		skip();
	encoder = open_encoder(whole, 1 + (int)(random_number() % COR_GZIP_LEVEL_MAX), 0);
	for (int round = 0; round < ROUNDS; round++) {
		const char *const texts[] = { records, noise, zeros };
		size_t bytes = LEAST_BYTES + random_number() % 60000;
		for (size_t at = 0; at < bytes;) {
			size_t n = 1 + random_number() % 9000;
			n = n < bytes - at ? n : bytes - at;
			memcpy(body + at, texts[random_number() % 3] + random_number() % 100000, n);
			at += n;
		}
		const struct cor_encoder_options options = { .level = encoder->level };
		assert_int_equal(whole->restart_encoder(encoder, &options), 0);
		char *data = encode(encoder, body, bytes, &len);
		assert_decodes(data, len, body, bytes);
		free(data);
	}
	whole->close_encoder(encoder);
}

/* Never a byte behind the room, nor something less than the text. */
static void test_misuse(void **state)
{
	char *room = malloc(100);
	struct cor_coding_io io = {
		.in = noise, .in_len = LEAST_BYTES, .out = room, .out_len = 100
	};

	(void)state;
	assert_non_null(room);
	if (is_missing()) {
		free(room);
		skip();
	}
	struct cor_encoder *encoder = open_encoder(whole, 6, LEAST_BYTES);
	assert_int_equal(whole->encode(encoder, &io, COR_CODING_END), -ENOMEM);
	assert_int_equal(io.out_len, 100);
	assert_int_equal(whole->encode(encoder, &io, COR_CODING_GO_ON), -ENOMEM);
	whole->close_encoder(encoder);
	whole->close_encoder(NULL);
	free(room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_is_for),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_mixed_bodies),
		cmocka_unit_test(test_misuse),
	};

	return cmocka_run_group_tests(tests, make_texts, NULL);
}
