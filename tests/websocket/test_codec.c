/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "base/utf8_pieces.h"
#include "websocket/deflate.h"
#include "websocket/frame.h"
#include "websocket/key.h"
#include "websocket/mask.h"
#include "websocket/sha1.h"

static void masks_by_the_word_and_by_the_byte_agree(void **state)
{
	const unsigned char mask[4] = { 0x12, 0x34, 0xff, 0x01 };
	char bytes[70], expected[70];

	(void)state;
	for (size_t at = 0; at < 4; at++)
		for (size_t len = 0; len <= sizeof bytes; len++) {
			for (size_t i = 0; i < len; i++) {
				bytes[i] = (char)(i * 7);
				expected[i] = (char)(bytes[i] ^ mask[(at + i) & 3]);
			}
			cor_websocket_mask(bytes, len, mask, at);
			assert_memory_equal(bytes, expected, len);
		}
}

/* RFC 3174 section 7.3, and the one of RFC 6455 section 1.3. */
static void digests_are_those_of_the_rfcs(void **state)
{
	unsigned char digest[COR_SHA1_BYTES];
	char accept[COR_ACCEPT_KEY_BYTES];

	(void)state;
	cor_sha1("abc", 3, digest);
	assert_memory_equal(digest,
		"\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d",
		sizeof digest);
	cor_sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digest);
	assert_memory_equal(digest,
		"\x84\x98\x3e\x44\x1c\x3b\xd2\x6e\xba\xae\x4a\xa1\xf9\x51\x29\xe5\xe5\x46\x70\xf1",
		sizeof digest);
	assert_true(cor_websocket_key_valid(COR_STR("dGhlIHNhbXBsZSBub25jZQ==")));
	cor_websocket_accept_key(COR_STR("dGhlIHNhbXBsZSBub25jZQ=="), accept);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void heads_have_the_shortest_length(void **state)
{
	char head[COR_FRAME_HEAD_BYTES];

	(void)state;
	assert_int_equal(cor_frame_head(COR_OPCODE_TEXT, false, 0, head), 2);
	assert_memory_equal(head, "\x81\x00", 2);
	assert_int_equal(cor_frame_head(COR_OPCODE_BINARY, true, 125, head), 2);
	assert_memory_equal(head, "\xc2\x7d", 2);
	assert_int_equal(cor_frame_head(COR_OPCODE_TEXT, false, 126, head), 4);
	assert_memory_equal(head, "\x81\x7e\x00\x7e", 4);
	assert_int_equal(cor_frame_head(COR_OPCODE_TEXT, false, 65535, head), 4);
	assert_memory_equal(head, "\x81\x7e\xff\xff", 4);
	assert_int_equal(cor_frame_head(COR_OPCODE_TEXT, false, 65536, head), 10);
	assert_memory_equal(head, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
}

/* A reason is cut between two characters. */
static void long_reasons_are_cut(void **state)
{
	char out[COR_CLOSE_REASON_BYTES + 2], reason[200];

	(void)state;
	memset(reason, 'x', sizeof reason);
	memcpy(reason + 121, "\xe2\x82\xac", 3);
	assert_int_equal(cor_close_write(1000, (struct cor_str){ reason, 200 }, out), 2 + 121);
	assert_memory_equal(out, "\x03\xe8xx", 4);
	assert_int_equal(cor_close_write(1000, (struct cor_str){ reason, 121 }, out), 2 + 121);
}

/* A text may end here, may go on, or can be none any more. */
enum verdict { WHOLE, OPEN, BROKEN };

static enum verdict judge(const char *text, size_t len, size_t step)
{
	struct cor_utf8_pieces pieces = { 0 };

	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;
		if (!cor_utf8_piece(&pieces, (struct cor_str){ text + at, n }))
			return BROKEN;
	}
	return cor_utf8_pieces_whole(&pieces) ? WHOLE : OPEN;
}

/* By the definition: some bytes behind it make it whole. */
static enum verdict judge_slowly(const char *text, size_t len)
{
	static const char *const ends[] = { "\x80", "\xbf", "\x80\x80", "\xbf\xbf", "\x80\x80\x80",
		"\xbf\xbf\xbf" };
	char longer[16];

	if (cor_utf8_valid((struct cor_str){ text, len }))
		return WHOLE;
	memcpy(longer, text, len);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		memcpy(longer + len, ends[i], strlen(ends[i]));
		if (cor_utf8_valid((struct cor_str){ longer, len + strlen(ends[i]) }))
			return OPEN;
	}
	return BROKEN;
}

/* All that begins with any two bytes, and then with what is at an edge. */
static void utf8_in_pieces_is_that_of_the_whole(void **state)
{
	static const char edges[] = { 'a', '\x7f', '\x80', '\x8f', '\x90', '\x9f', '\xa0', '\xbf',
		'\xc2' };
	char text[4];

	(void)state;
	for (unsigned i = 0; i < 0x10000; i++)
		for (size_t k = 0; k < sizeof edges; k++) {
			text[0] = (char)(i >> 8);
			text[1] = (char)i;
			text[2] = edges[k];
			text[3] = edges[(k + i) % sizeof edges];
			for (size_t len = 1; len <= 4; len++) {
				enum verdict expected = judge_slowly(text, len);
				assert_int_equal(judge(text, len, 1), expected);
				assert_int_equal(judge(text, len, 2), expected);
				assert_int_equal(judge(text, len, 4), expected);
			}
		}
}

static void what_is_compressed_comes_back(void **state)
{
	struct cor_deflater *deflater;
	struct cor_inflater *inflater;
	struct cor_buffer packed = { 0 }, back = { .limit = 70000 };
	char *data = malloc(70000);

	(void)state;
	for (size_t i = 0; i < 70000; i++)
		data[i] = (char)(i * i >> 7);
	for (int is_kept = 0; is_kept < 2; is_kept++) {
		assert_int_equal(
			cor_deflater_create(9 + 3 * (uint8_t)is_kept, is_kept, &deflater), 0);
		assert_int_equal(cor_inflater_create(15, &inflater), 0);
		for (size_t len = 0; len <= 70000; len = len * 3 + 1) {
			cor_buffer_clear(&packed, 0);
			cor_buffer_clear(&back, 0);
			assert_int_equal(cor_deflater_append(
						 deflater, (struct cor_str){ data, len }, &packed),
				0);
			assert_int_equal(cor_inflater_append(inflater,
						 (struct cor_str){ packed.data, packed.len / 2 },
						 false, &back),
				0);
			assert_int_equal(cor_inflater_append(inflater,
						 (struct cor_str){ packed.data + packed.len / 2,
							 packed.len - packed.len / 2 },
						 true, &back),
				0);
			assert_int_equal(back.len, len);
			if (len != 0)
				assert_memory_equal(back.data, data, len);
		}
		cor_deflater_destroy(deflater);
		cor_inflater_destroy(inflater);
	}
	cor_buffer_finish(&packed);
	cor_buffer_finish(&back);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_by_the_word_and_by_the_byte_agree),
		cmocka_unit_test(digests_are_those_of_the_rfcs),
		cmocka_unit_test(heads_have_the_shortest_length),
		cmocka_unit_test(long_reasons_are_cut),
		cmocka_unit_test(utf8_in_pieces_is_that_of_the_whole),
		cmocka_unit_test(what_is_compressed_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
