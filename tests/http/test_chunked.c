/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/chunked.h"

struct body_case {
	const char *rule;
	const char *raw;
	size_t len;
	int status;       /* 200: the data follows; 0: needs more; else refused */
	const char *data; /* decoded so far */
	size_t unused;    /* bytes after the end */
};

#define GOOD(rule, raw, data, unused)                                                              \
	{                                                                                          \
		rule, raw, sizeof(raw) - 1, 200, data, unused                                      \
	}
#define MORE(rule, raw, data)                                                                      \
	{                                                                                          \
		rule, raw, sizeof(raw) - 1, 0, data, 0                                             \
	}
#define WRONG(rule, raw, status, data)                                                             \
	{                                                                                          \
		rule, raw, sizeof(raw) - 1, status, data, 0                                        \
	}

#define FIFTY "01234567890123456789012345678901234567890123456789"

/* clang-format off */
static const struct body_case cases[] = {
	GOOD("9112-7.1", "0\r\n\r\n", "", 0),
	GOOD("9112-7.1", "5\r\nhello\r\n0\r\n\r\n", "hello", 0),
	GOOD("9112-7.1", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", 0),
	GOOD("9112-7.1", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0),
	GOOD("9112-7.1", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0),
	GOOD("9112-7.1", "0000000000000005\r\nhello\r\n0000\r\n\r\n", "hello", 0),
	GOOD("data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", 0),
	GOOD("pipelining", "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "a", 16),
	GOOD("pipelining", "0\r\n\r\n0\r\n\r\n", "", 5),
	GOOD("9112-7.1.1", "1;a\r\nx\r\n0;b=c\r\n\r\n", "x", 0),
	GOOD("9112-7.1.1", "1 ; a = \"b;c\" \t\r\nx\r\n0\r\n\r\n", "x", 0),
	GOOD("9112-7.1.1", "1;\r\nx\r\n0\r\n\r\n", "x", 0),
	GOOD("9112-7.1.1", "1;\xff\r\nx\r\n0\r\n\r\n", "x", 0),
	GOOD("9112-7.1.2", "0\r\nA: b\r\n\r\n", "", 0),
	GOOD("9112-7.1.2", "0\r\nA:b\r\nC:\r\n\r\nX", "", 1),
	GOOD("9112-7.1.2", "0\r\nContent-Length: 5\r\n\r\n", "", 0),
	MORE("partial", "", ""),
	MORE("partial", "5", ""),
	MORE("partial", "5\r\nhel", "hel"),
	MORE("partial", "5\r\nhello\r\n0\r\n", "hello"),
	MORE("partial", "5\r\nhello\r\n0\r\n\r", "hello"),
	MORE("partial", "0\r\nA: b\r\n", ""),
	WRONG("9112-7.1", "\r\n", 400, ""),
	WRONG("9112-7.1", "g\r\n", 400, ""),
	WRONG("9112-7.1", "-1\r\n", 400, ""),
	WRONG("9112-7.1", "+1\r\n", 400, ""),
	WRONG("9112-7.1", " 1\r\nx\r\n", 400, ""),
	WRONG("9112-7.1", "0x1\r\nx\r\n", 400, ""),
	WRONG("9112-7.1", "1h\r\nx\r\n", 400, ""),
	WRONG("9112-7.1", "1_0\r\n", 400, ""),
	WRONG("9112-7.1", "1 \r\nx\r\n", 400, ""),
	WRONG("9112-7.1", "1\t\r\nx\r\n", 400, ""),
	WRONG("9112-7.1", "1 1\r\nx\r\n", 400, ""),
	WRONG("9112-7.1", ";a\r\n", 400, ""),
	WRONG("9112-7.1", "\x00\r\n", 400, ""),
	WRONG("9112-7.1", "1,\r\n", 400, ""),
	WRONG("CRLF", "1\nx\r\n0\r\n\r\n", 400, ""),
	WRONG("CRLF", "1\rx\r\n0\r\n\r\n", 400, ""),
	WRONG("CRLF", "1\r\nx\n0\r\n\r\n", 400, "x"),
	WRONG("CRLF", "1\r\nx0\r\n\r\n", 400, "x"),
	WRONG("CRLF", "1\r\nx\r0\r\n\r\n", 400, "x"),
	WRONG("CRLF", "1\r\nxy\r\n0\r\n\r\n", 400, "x"),
	WRONG("CRLF", "0\n\r\n", 400, ""),
	WRONG("CRLF", "0\r\n\n", 400, ""),
	WRONG("CRLF", "0\r\n\rX", 400, ""),
	WRONG("CRLF", "1;a\nx\r\n", 400, ""),
	WRONG("CRLF", "1;a\rx\r\n", 400, ""),
	WRONG("9112-7.1.1", "1;a\x00\r\nx\r\n", 400, ""),
	WRONG("9112-7.1.1", "1;a\x7f\r\nx\r\n", 400, ""),
	WRONG("overflow CVE-2013-2028", "8000000000000000\r\n", 413, ""),
	WRONG("overflow", "ffffffffffffffff\r\n", 413, ""),
	WRONG("overflow", "ffffffffffffffffe\r\n", 400, ""),
	WRONG("overflow", "10000000000000005\r\nhello\r\n", 400, ""),
	WRONG("overflow", "00000000000000000\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\n A: b\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nA : b\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\n: b\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nA\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nA: b\r\n c\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nA: b\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nA: \x00\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nA: b\rX\r\n\r\n", 400, ""),
	WRONG("9112-7.1.2", "0\r\nGET / HTTP/1.1\r\n\r\n", 400, ""),
};
/* clang-format on */

struct outcome {
	int status;
	const char *reason;
	size_t used;
	struct cor_buffer data;
};

/*
 * Feed [from, to) from memory of exactly that size. Returns whether the body has ended, well or
 * badly.
 */
static bool feed(struct cor_chunked *decoder, const char *raw, size_t from, size_t to,
	struct outcome *outcome)
{
	char *copy = malloc(to - from + 1);
	size_t at = 0, len = to - from;
	bool over = false;

	assert_non_null(copy);
	char *exact = copy + 1; /* there is at least one byte, and the last byte ends its memory */
	memcpy(exact, raw + from, len);
	while (at < len && !over) {
		struct cor_str data;
		size_t used;
		enum cor_chunked_event event = cor_chunked_read(
			decoder, exact + at, len - at, &used, &data);

		assert_true(used <= len - at);
		if (event == COR_CHUNKED_DATA) {
			assert_true(data.len > 0 && data.data >= exact + at &&
				    data.data + data.len == exact + at + used);
			cor_buffer_append_str(&outcome->data, data);
		}
		over = event == COR_CHUNKED_END || event == COR_CHUNKED_ERROR;
		if (over)
			outcome->status = event == COR_CHUNKED_END ? 200 : decoder->error.status;
		if (event == COR_CHUNKED_ERROR)
			outcome->reason = decoder->error.reason;
		if (event == COR_CHUNKED_MORE)
			assert_int_equal(at + used, len);
		at += used;
	}
	outcome->used += at;
	free(copy);
	return over;
}

static void check(const struct body_case *c, const struct outcome *outcome, const char *reason)
{
	size_t data_len = strlen(c->data);

	if (outcome->status != c->status || outcome->data.len != data_len ||
		(data_len > 0 && memcmp(outcome->data.data, c->data, data_len) != 0))
		fail_msg("%s: %s: status %d, data \"%.*s\"", c->rule, c->raw, outcome->status,
			(int)outcome->data.len, outcome->data.data);
	if (c->status == 200)
		assert_int_equal(c->len - outcome->used, c->unused);
	if (reason)
		assert_string_equal(outcome->reason, reason);
}

static void every_case_has_its_outcome_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct body_case *c = &cases[i];
		struct cor_chunked decoder;
		struct outcome whole = { 0 };

		cor_chunked_init(&decoder, -1);
		feed(&decoder, c->raw, 0, c->len, &whole);
		check(c, &whole, NULL);
		for (size_t cut = 0; cut <= c->len; cut++) {
			struct outcome outcome = { 0 };

			cor_chunked_init(&decoder, -1);
			if (!feed(&decoder, c->raw, 0, cut, &outcome))
				feed(&decoder, c->raw, cut, c->len, &outcome);
			check(c, &outcome, whole.reason);
			cor_buffer_finish(&outcome.data);
		}
		cor_buffer_finish(&whole.data);
	}
}

static void single_bytes_give_the_same_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct body_case *c = &cases[i];
		struct cor_chunked decoder;
		struct outcome outcome = { 0 };
		bool over = false;

		cor_chunked_init(&decoder, -1);
		for (size_t at = 0; at < c->len && !over; at++)
			over = feed(&decoder, c->raw, at, at + 1, &outcome);
		check(c, &outcome, NULL);
		cor_buffer_finish(&outcome.data);
	}
}

/* The status of a body, which every split by `step` bytes must give. */
static int status_of(const struct cor_buffer *body, int64_t limit)
{
	int first = -1;

	for (size_t step = 1; step <= body->len; step *= 7) {
		struct cor_chunked decoder;
		struct outcome outcome = { 0 };
		bool over = false;

		cor_chunked_init(&decoder, limit);
		for (size_t at = 0; at < body->len && !over; at += step)
			over = feed(&decoder, body->data, at,
				at + step < body->len ? at + step : body->len, &outcome);
		assert_true(first < 0 || outcome.status == first);
		first = outcome.status;
		cor_buffer_finish(&outcome.data);
	}
	return first;
}

static int with_extensions(size_t line_bytes, size_t lines)
{
	struct cor_buffer body = { 0 };

	for (size_t i = 0; i < lines; i++) {
		cor_buffer_literal(&body, "1;");
		for (size_t k = 0; k < line_bytes; k++)
			cor_buffer_byte(&body, 'e');
		cor_buffer_literal(&body, "\r\nx\r\n");
	}
	cor_buffer_literal(&body, "0\r\n\r\n");
	int status = status_of(&body, -1);
	cor_buffer_finish(&body);
	return status;
}

static void extensions_are_limited(void **state)
{
	(void)state;
	assert_int_equal(with_extensions(255, 1), 200);
	assert_int_equal(with_extensions(256, 1), 200);
	assert_int_equal(with_extensions(257, 1), 400);
	assert_int_equal(with_extensions(256, 16), 200);
	assert_int_equal(with_extensions(256, 17), 400);
	assert_int_equal(with_extensions(1, 4096), 200);
	assert_int_equal(with_extensions(1, 4097), 400);
}

static int with_trailer(size_t bytes)
{
	struct cor_buffer body = { 0 };

	cor_buffer_literal(&body, "0\r\nA:");
	for (size_t i = 3; i < bytes; i++) /* and one for the end of the line */
		cor_buffer_byte(&body, 't');
	cor_buffer_literal(&body, "\r\n\r\n");
	int status = status_of(&body, -1);
	cor_buffer_finish(&body);
	return status;
}

static void trailers_are_limited(void **state)
{
	(void)state;
	assert_int_equal(with_trailer(COR_TRAILER_BYTES - 1), 200);
	assert_int_equal(with_trailer(COR_TRAILER_BYTES), 200);
	assert_int_equal(with_trailer(COR_TRAILER_BYTES + 1), 431);
}

/* The section that is kept of a body, at each split, with these limits. */
static void keeps(const char *raw, const char *kept)
{
	for (size_t cut = 0; cut <= strlen(raw); cut++) {
		struct cor_chunked decoder;
		char room[100];
		size_t at = 0, used, told = 0;
		enum cor_chunked_event event = COR_CHUNKED_MORE;

		cor_chunked_init(&decoder, -1);
		decoder.trailers_limit = sizeof room;
		while (event != COR_CHUNKED_END) {
			struct cor_str data;
			size_t end = at < cut ? cut : strlen(raw);
			event = cor_chunked_read(&decoder, raw + at, end - at, &used, &data);
			assert_int_not_equal(event, COR_CHUNKED_ERROR);
			at += used;
			if (event != COR_CHUNKED_TRAILERS)
				continue;
			decoder.trailers = room;
			told++;
		}
		assert_int_equal(told, kept[0] != '\0');
		assert_int_equal(decoder.trailers_len, strlen(kept));
		assert_memory_equal(room, kept, strlen(kept));
	}
}

static void trailers_are_kept(void **state)
{
	(void)state;
	keeps("1\r\nx\r\n0\r\n\r\n", "");
	keeps("0\r\nA: b\r\n\r\n", "A: b\n");
	keeps("2;x=y\r\nab\r\n0\r\nA:\r\nLong-Name:\t1 2 \r\n\r\n", "A:\nLong-Name:\t1 2 \n");
}

static void lines_and_numbers_of_trailers_are_limited(void **state)
{
	static const char raw[] = "0\r\nA: 1\r\nB: 2\r\n\r\n";
	struct cor_chunked decoder;
	struct cor_str data;
	size_t used;

	(void)state;
	for (int bytes = 3; bytes <= 5; bytes++)
		for (int count = 1; count <= 3; count++) {
			bool fits = bytes >= 4 && count >= 2;
			cor_chunked_init(&decoder, -1);
			decoder.trailer_line_limit = (uint32_t)bytes;
			decoder.trailer_count_limit = (uint32_t)count;
			assert_int_equal(
				cor_chunked_read(&decoder, raw, 3, &used, &data), COR_CHUNKED_MORE);
			assert_int_equal(
				cor_chunked_read(&decoder, raw + 3, sizeof raw - 4, &used, &data),
				COR_CHUNKED_TRAILERS);
			assert_int_equal(
				cor_chunked_read(&decoder, raw + 3, sizeof raw - 4, &used, &data),
				fits ? COR_CHUNKED_END : COR_CHUNKED_ERROR);
			assert_int_equal(decoder.error.status, fits ? 0 : 431);
		}
}

static void the_body_is_limited(void **state)
{
	struct cor_buffer body = { 0 };

	(void)state;
	cor_buffer_literal(&body, "32\r\n" FIFTY "\r\n32\r\n" FIFTY "\r\n0\r\n\r\n");
	assert_int_equal(status_of(&body, 99), 413);
	assert_int_equal(status_of(&body, 100), 200);
	assert_int_equal(status_of(&body, 101), 200);
	assert_int_equal(status_of(&body, 0), 413);
	cor_buffer_finish(&body);

	/* refused when announced, before any of it arrives; and a sum that would overflow */
	cor_buffer_literal(&body, "64\r\n");
	assert_int_equal(status_of(&body, 99), 413);
	cor_buffer_finish(&body);
	cor_buffer_literal(&body, "1\r\nx\r\n7fffffffffffffff\r\n");
	assert_int_equal(status_of(&body, INT64_MAX), 413);
	cor_buffer_finish(&body);
}

static void the_encoder_is_understood(void **state)
{
	static const uint64_t lengths[] = { 1, 9, 15, 16, 255, 256, 65535, 65536, 0x7fffffff,
		0x123456789abc };
	struct cor_buffer body = { 0 };
	char head[COR_CHUNK_HEAD_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		char expected[32];
		int len = snprintf(
			expected, sizeof expected, "%llx\r\n", (unsigned long long)lengths[i]);

		assert_int_equal(cor_chunk_head(head, lengths[i]), len);
		assert_memory_equal(head, expected, (size_t)len);
	}
	assert_int_equal(cor_chunk_head(head, UINT64_MAX), COR_CHUNK_HEAD_MAX);

	cor_chunk_append(&body, COR_STR("hello"));
	cor_chunk_append(&body, COR_STR("")); /* does not end the body */
	cor_chunk_append(&body, COR_STR(" world, and more"));
	cor_buffer_literal(&body, COR_CHUNK_END);
	static const char raw[] = "5\r\nhello\r\n10\r\n world, and more\r\n0\r\n\r\n";
	assert_int_equal(body.len, sizeof raw - 1);
	assert_memory_equal(body.data, raw, body.len);
	assert_int_equal(status_of(&body, 21), 200);
	cor_buffer_finish(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_its_outcome_at_every_split),
		cmocka_unit_test(single_bytes_give_the_same_result),
		cmocka_unit_test(extensions_are_limited),
		cmocka_unit_test(trailers_are_limited),
		cmocka_unit_test(trailers_are_kept),
		cmocka_unit_test(lines_and_numbers_of_trailers_are_limited),
		cmocka_unit_test(the_body_is_limited),
		cmocka_unit_test(the_encoder_is_understood),
	};

	return cmocka_run_group_tests_name("http chunked", tests, NULL, NULL);
}
