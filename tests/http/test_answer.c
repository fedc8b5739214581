/* SPDX-License-Identifier: MIT */
/* Heads of answers: what they say of the body and the connection, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/answer_parser.h"

#define TEXT_BYTES   400
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const bodies[] = { "empty", "length", "chunked", "until close" };

/* "200 length 5 keep, 2 fields", "refused: why" or "more" */
static void describe(char *text, const struct cor_answer_parser *parser, ssize_t n)
{
	if (n == 0)
		snprintf(text, TEXT_BYTES, "more");
	else if (n < 0)
		snprintf(text, TEXT_BYTES, "%u: %s", parser->lines.error.status,
			parser->lines.error.reason);
	else
		snprintf(text, TEXT_BYTES, "%u %s %lld %s, %u fields", parser->status,
			bodies[parser->body], (long long)parser->body_bytes,
			parser->keep_alive ? "keep" : "close", parser->lines.head.fields_len);
}

/* Of exactly that size, so that a read past it is seen; it moves with each call. */
static ssize_t feed(struct cor_answer_parser *parser, const char *raw, size_t len)
{
	char *bytes = malloc(len ? len : 1);

	assert_non_null(bytes);
	memcpy(bytes, raw, len);
	ssize_t n = cor_answer_parse(parser, bytes, len);
	free(bytes);
	return n;
}

static ssize_t parse(char *text, enum cor_answer_to to, const char *raw, size_t len)
{
	struct cor_answer_parser parser;

	cor_answer_parser_init(&parser, to);
	ssize_t n = feed(&parser, raw, len);
	describe(text, &parser, n);
	return n;
}

static void parse_split(char *text, enum cor_answer_to to, const char *raw, size_t len, size_t step)
{
	struct cor_answer_parser parser;
	ssize_t n = 0;

	cor_answer_parser_init(&parser, to);
	for (size_t at = step; n == 0 && at < len; at += step)
		n = feed(&parser, raw, at);
	if (n == 0)
		n = feed(&parser, raw, len);
	describe(text, &parser, n);
}

/* Whole, byte by byte, and cut at each byte: all must agree. */
static void check(enum cor_answer_to to, const char *raw, size_t len, const char *expected)
{
	char whole[TEXT_BYTES], other[TEXT_BYTES];

	(void)parse(whole, to, raw, len);
	assert_string_equal(whole, expected);
	parse_split(other, to, raw, len, 1);
	assert_string_equal(other, expected);
	for (size_t cut = 1; cut < len && len < 1000; cut++) {
		struct cor_answer_parser parser;

		cor_answer_parser_init(&parser, to);
		ssize_t n = feed(&parser, raw, cut);
		if (n == 0)
			n = feed(&parser, raw, len);
		describe(other, &parser, n);
		assert_string_equal(other, expected);
	}
}

struct answer_case {
	const char *raw, *expected;
};

static void check_all(enum cor_answer_to to, const struct answer_case *cases, size_t len)
{
	for (size_t i = 0; i < len; i++)
		check(to, cases[i].raw, strlen(cases[i].raw), cases[i].expected);
}

#define OK "HTTP/1.1 200 OK\r\n"

/* RFC 9112 sections 6.3 and 9.3 */
static void body_and_connection_follow_from_the_head(void **state)
{
	static const struct answer_case cases[] = {
		{ OK "Content-Length: 5\r\n\r\n", "200 length 5 keep, 1 fields" },
		{ OK "Content-Length: 0\r\n\r\n", "200 empty 0 keep, 1 fields" },
		{ OK "Content-Length: 005\r\nServer: x\r\n\r\nabcde",
			"200 length 5 keep, 2 fields" },
		{ OK "Transfer-Encoding: chunked\r\n\r\n", "200 chunked -1 keep, 1 fields" },
		{ OK "transfer-encoding:\tCHUNKED \r\n\r\n", "200 chunked -1 keep, 1 fields" },
		{ OK "\r\n", "200 until close -1 close, 0 fields" },
		{ OK "Connection: keep-alive\r\n\r\n", "200 until close -1 close, 1 fields" },
		{ OK "Connection: close\r\nContent-Length: 5\r\n\r\n",
			"200 length 5 close, 2 fields" },
		{ OK "Connection: a, ,Close\r\nContent-Length: 5\r\n\r\n",
			"200 length 5 close, 2 fields" },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "200 length 5 close, 1 fields" },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n",
			"200 length 5 keep, 2 fields" },
		{ "HTTP/1.0 200 OK\r\n\r\n", "200 until close -1 close, 0 fields" },
		{ "HTTP/1.7 200 OK\r\nContent-Length: 5\r\n\r\n", "200 length 5 keep, 1 fields" },
		{ "HTTP/1.1 204 No Content\r\n\r\n", "204 empty 0 keep, 0 fields" },
		{ "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
			"204 empty 0 close, 1 fields" },
		{ "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
			"204 empty 0 keep, 1 fields" },
		{ "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
			"204 empty 0 close, 1 fields" },
		{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
			"304 empty 0 keep, 1 fields" },
		{ "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
			"304 empty 0 close, 1 fields" },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", "100 empty 0 keep, 0 fields" },
		{ "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "103 empty 0 keep, 1 fields" },
		/* no reason, or one of any text */
		{ "HTTP/1.1 200 \r\n\r\n", "200 until close -1 close, 0 fields" },
		{ "HTTP/1.1 200\r\n\r\n", "200 until close -1 close, 0 fields" },
		{ "HTTP/1.1 599 \xc3\xa4 \t!\r\n\r\n", "599 until close -1 close, 0 fields" },
		/* what only requests may not say */
		{ OK "Host: a b\r\nHost: c\r\nExpect: x\r\nContent-Length: 1\r\n\r\n",
			"200 length 1 keep, 4 fields" },
		{ OK "X:\r\nY: \r\nContent-Length:1\r\n\r\n", "200 length 1 keep, 3 fields" },
		{ "", "more" },
		{ "HTT", "more" },
		{ "HTTP/1.1 20", "more" },
		{ OK "Content-Length: 5\r\n", "more" },
		{ OK "Content-Length: 5\r\n\r", "more" },
	};

	(void)state;
	check_all(COR_ANSWER_TO_ANY, cases, COUNT(cases));
}

static void an_answer_to_head_has_no_body(void **state)
{
	static const struct answer_case cases[] = {
		{ OK "Content-Length: 5\r\n\r\n", "200 empty 0 keep, 1 fields" },
		{ OK "Transfer-Encoding: chunked\r\n\r\n", "200 empty 0 keep, 1 fields" },
		{ OK "\r\n", "200 empty 0 keep, 0 fields" },
		{ OK "Connection: close\r\n\r\n", "200 empty 0 close, 1 fields" },
	};

	(void)state;
	check_all(COR_ANSWER_TO_HEAD, cases, COUNT(cases));
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
	static const struct answer_case cases[] = {
		{ "HTTP/0.9 200 OK\r\n\r\n", "400: this is not an answer of HTTP/1" },
		{ "HTTP/2 200\r\n\r\n", "400: this is not an answer of HTTP/1" },
		{ "<html>", "400: this is not an answer of HTTP/1" },
		{ "\r\nHTTP/1.1 200 OK\r\n\r\n", "400: this is not an answer of HTTP/1" },
		{ "http/1.1 200 OK\r\n\r\n", "400: this is not an answer of HTTP/1" },
		{ "HTTP/1.x 200 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.10 200 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1  200 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1\t200 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1 20 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1 2000 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1 +20 OK\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1 \r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1\r\n\r\n", "400: the status line is malformed" },
		{ "HTTP/1.1 099 a\r\n\r\n", "400: the status is not one of 100 to 599" },
		{ "HTTP/1.1 600 a\r\n\r\n", "400: the status is not one of 100 to 599" },
		{ "HTTP/1.1 101 a\r\nUpgrade: x\r\n\r\n",
			"400: the answer switches protocols, which nobody asked for" },
		{ "HTTP/1.1 200 OK\n\n", "400: a line ends in LF without CR" },
		{ "HTTP/1.1 200 O\rK\r\n\r\n", "400: a CR is not followed by LF" },
		{ "HTTP/1.1 200 O\001K\r\n\r\n", "400: the head holds a control character" },
		{ OK "A: b\r\n c\r\n\r\n",
			"400: a header line is folded or begins with white space" },
		{ OK "A : b\r\n\r\n", "400: white space separates a header's name from its colon" },
		{ OK "A\r\n\r\n", "400: a header line has no colon" },
		{ OK ": b\r\n\r\n", "400: a header has no name" },
		{ OK "A: b\nC: d\r\n\r\n", "400: a line ends in LF without CR" },
		{ OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
			"400: there is more than one Content-Length" },
		{ OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
			"400: there is more than one Content-Length" },
		{ OK "Content-Length: 5, 5\r\n\r\n",
			"400: Content-Length is not a decimal number" },
		{ OK "Content-Length: -5\r\n\r\n", "400: Content-Length is not a decimal number" },
		{ OK "Content-Length:\r\n\r\n", "400: Content-Length is empty" },
		{ OK "Content-Length: 99999999999999999999\r\n\r\n",
			"413: Content-Length is out of range" },
		{ OK "Content_Length: 5\r\n\r\n",
			"400: a framing header is spelled with an underscore: use a hyphen" },
		{ OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
			"400: there are both Content-Length and Transfer-Encoding" },
		{ OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
			"400: there are both Content-Length and Transfer-Encoding" },
		{ OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
			"400: there is more than one Transfer-Encoding" },
		{ OK "Transfer-Encoding: gzip, chunked\r\n\r\n",
			"501: the only transfer coding supported is chunked" },
		{ OK "Transfer-Encoding: gzip\r\n\r\n",
			"400: Transfer-Encoding does not end in one chunked" },
		{ OK "Transfer-Encoding: identity\r\n\r\n",
			"400: Transfer-Encoding does not end in one chunked" },
		{ OK "Transfer-Encoding: chunked;a=b\r\n\r\n",
			"400: Transfer-Encoding is malformed" },
		{ OK "Transfer-Encoding:\r\n\r\n",
			"400: Transfer-Encoding does not end in one chunked" },
		{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			"400: HTTP/1.0 has no Transfer-Encoding" },
		{ OK "Connection: a b\r\n\r\n", "400: Connection is not a list of tokens" },
	};

	(void)state;
	check_all(COR_ANSWER_TO_ANY, cases, COUNT(cases));
	check(COR_ANSWER_TO_ANY, OK "A: \0\r\n\r\n", sizeof OK "A: \0\r\n\r\n" - 1,
		"400: the head holds a control character");
}

/* --- limits: at each of them, and one above --- */

static void fill(struct cor_buffer *buffer, char byte, size_t count)
{
	while (count-- > 0)
		cor_buffer_byte(buffer, byte);
}

static void check_line(size_t reason_bytes, size_t value_bytes, const char *expected)
{
	struct cor_buffer head = { 0 };

	cor_buffer_literal(&head, "HTTP/1.1 200 ");
	fill(&head, 'r', reason_bytes);
	cor_buffer_literal(&head, "\r\nA: ");
	fill(&head, 'v', value_bytes);
	cor_buffer_literal(&head, "\r\n\r\n");
	check(COR_ANSWER_TO_ANY, head.data, head.len, expected);
	cor_buffer_finish(&head);
}

static void check_lines(size_t count, size_t bytes, const char *expected)
{
	struct cor_buffer head = { 0 };

	cor_buffer_literal(&head, OK);
	for (size_t i = 0; i < count; i++) {
		cor_buffer_literal(&head, "A: ");
		fill(&head, 'v', bytes - 5);
		cor_buffer_literal(&head, "\r\n");
	}
	cor_buffer_literal(&head, "\r\n");
	check(COR_ANSWER_TO_ANY, head.data, head.len, expected);
	assert_true(head.len <= COR_ANSWER_HEAD_BYTES || *expected != '2');
	cor_buffer_finish(&head);
}

static void every_size_has_a_limit(void **state)
{
	(void)state;
	check_line(8192 - 13, 1, "200 until close -1 close, 1 fields");
	check_line(8192 - 12, 1, "414: the status line is too long");
	check_line(1, 8192 - 3, "200 until close -1 close, 1 fields");
	check_line(1, 8192 - 2, "431: a header line is too long");
	check_lines(8, 4096, "200 until close -1 close, 8 fields");
	check_lines(9, 4096, "431: the header lines together are too long");
	check_lines(100, 10, "200 until close -1 close, 100 fields");
	check_lines(101, 10, "431: there are too many headers");
}

/* Interim heads and the final one, by one parser. */
static void heads_follow_one_another(void **state)
{
	static const char raw[] = "HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" OK
				  "Content-Length: 3\r\n\r\nabc";
	struct cor_answer_parser parser;

	(void)state;
	cor_answer_parser_init(&parser, COR_ANSWER_TO_ANY);
	ssize_t first = cor_answer_parse(&parser, raw, sizeof raw - 1);
	assert_int_equal(first, strlen("HTTP/1.1 100 Continue\r\nA: b\r\n\r\n"));
	assert_int_equal(parser.status, 100);
	cor_answer_parser_reset(&parser);
	ssize_t second = cor_answer_parse(&parser, raw + first, sizeof raw - 1 - (size_t)first);
	assert_string_equal(raw + first + second, "abc");
	assert_int_equal(parser.status, 200);
	assert_int_equal(parser.lines.head.fields_len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_and_connection_follow_from_the_head),
		cmocka_unit_test(an_answer_to_head_has_no_body),
		cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
		cmocka_unit_test(every_size_has_a_limit),
		cmocka_unit_test(heads_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
