/* SPDX-License-Identifier: MIT */
/* Each limit of the head: one below it, at it, and one above it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/head_parser.h"

#define LINE_DEFAULT 8192
#define LINE_MAX_    16384
#define BLOCK_MAX    32768

static void fill(struct cor_buffer *buffer, char byte, size_t count)
{
	while (count-- > 0)
		cor_buffer_byte(buffer, byte);
}

/*
 * Parse whole, byte by byte, and split near the end of the longest line; all agree. Returns the
 * status, 200 if it fits.
 */
static int parse(const struct cor_buffer *head, const struct cor_head_limits *limits)
{
	struct cor_head_parser parser;
	int whole, steps, parts;
	ssize_t n;

	cor_head_parser_init(&parser, limits);
	n = cor_head_parse(&parser, head->data, head->len);
	assert_int_not_equal(n, 0);
	whole = n > 0 ? 200 : parser.error.status;
	const char *reason = parser.error.reason;
	if (n > 0)
		assert_int_equal(n, head->len);

	cor_head_parser_init(&parser, limits);
	n = 0;
	for (size_t len = 1; len <= head->len && n == 0; len++)
		n = cor_head_parse(&parser, head->data, len);
	steps = n > 0 ? 200 : parser.error.status;
	assert_int_equal(whole, steps);
	assert_ptr_equal(reason, parser.error.reason);

	cor_head_parser_init(&parser, limits);
	n = 0;
	for (size_t len = 0; n == 0; len = len + 1023 < head->len ? len + 1023 : head->len)
		n = cor_head_parse(&parser, head->data, len);
	parts = n > 0 ? 200 : parser.error.status;
	assert_int_equal(whole, parts);
	assert_ptr_equal(reason, parser.error.reason);
	return whole;
}

static int with_request_line(size_t bytes, uint32_t limit)
{
	const struct cor_head_limits limits = { .request_line_bytes = limit };
	struct cor_buffer head = { 0 };

	cor_buffer_literal(&head, "GET /");
	fill(&head, 'a', bytes - strlen("GET / HTTP/1.1"));
	cor_buffer_literal(&head, " HTTP/1.1\r\nHost: h\r\n\r\n");
	int status = parse(&head, &limits);
	cor_buffer_finish(&head);
	return status;
}

static void request_line(void **state)
{
	(void)state;
	assert_int_equal(with_request_line(8000, 0), 200); /* RFC 9112 section 3 */
	assert_int_equal(with_request_line(LINE_DEFAULT - 1, 0), 200);
	assert_int_equal(with_request_line(LINE_DEFAULT, 0), 200);
	assert_int_equal(with_request_line(LINE_DEFAULT + 1, 0), 414);
	assert_int_equal(with_request_line(99, 100), 200);
	assert_int_equal(with_request_line(100, 100), 200);
	assert_int_equal(with_request_line(101, 100), 414);
	assert_int_equal(with_request_line(LINE_MAX_, UINT32_MAX), 200);
	assert_int_equal(with_request_line(LINE_MAX_ + 1, UINT32_MAX), 414);
	assert_int_equal(with_request_line(100000, UINT32_MAX), 414);
}

static int with_header_line(size_t bytes, uint32_t limit)
{
	const struct cor_head_limits limits = { .header_line_bytes = limit };
	struct cor_buffer head = { 0 };

	cor_buffer_literal(&head, "GET / HTTP/1.1\r\nHost: h\r\nA:");
	fill(&head, 'a', bytes - 2);
	cor_buffer_literal(&head, "\r\n\r\n");
	int status = parse(&head, &limits);
	cor_buffer_finish(&head);
	return status;
}

static void header_line(void **state)
{
	(void)state;
	assert_int_equal(with_header_line(LINE_DEFAULT - 1, 0), 200);
	assert_int_equal(with_header_line(LINE_DEFAULT, 0), 200);
	assert_int_equal(with_header_line(LINE_DEFAULT + 1, 0), 431);
	assert_int_equal(with_header_line(49, 50), 200);
	assert_int_equal(with_header_line(50, 50), 200);
	assert_int_equal(with_header_line(51, 50), 431);
	assert_int_equal(with_header_line(LINE_MAX_, UINT32_MAX), 200);
	assert_int_equal(with_header_line(LINE_MAX_ + 1, UINT32_MAX), 431);
	assert_int_equal(with_header_line(100000, UINT32_MAX), 431);
}

/* All header lines with their CRLFs take `bytes`. */
static int with_block(size_t bytes, uint32_t limit)
{
	const struct cor_head_limits limits = { .header_block_bytes = limit };
	struct cor_buffer head = { 0 };

	cor_buffer_literal(&head, "GET / HTTP/1.1\r\nHost: h\r\n");
	bytes -= strlen("Host: h\r\n");
	while (bytes > 0) {
		size_t line = bytes > 8000 ? 7000 : bytes;

		cor_buffer_literal(&head, "A:");
		fill(&head, 'a', line - 4);
		cor_buffer_literal(&head, "\r\n");
		bytes -= line;
	}
	cor_buffer_literal(&head, "\r\n");
	int status = parse(&head, &limits);
	cor_buffer_finish(&head);
	return status;
}

static void header_block(void **state)
{
	(void)state;
	assert_int_equal(with_block(BLOCK_MAX - 1, 0), 200);
	assert_int_equal(with_block(BLOCK_MAX, 0), 200);
	assert_int_equal(with_block(BLOCK_MAX + 1, 0), 431);
	assert_int_equal(with_block(999, 1000), 200);
	assert_int_equal(with_block(1000, 1000), 200);
	assert_int_equal(with_block(1001, 1000), 431);
	assert_int_equal(with_block(BLOCK_MAX + 1, UINT32_MAX), 431);
	assert_int_equal(with_block(100000, UINT32_MAX), 431);
}

static int with_headers(size_t count, uint32_t limit)
{
	const struct cor_head_limits limits = { .header_count = limit };
	struct cor_buffer head = { 0 };

	cor_buffer_literal(&head, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (size_t i = 1; i < count; i++)
		cor_buffer_literal(&head, "A: b\r\n");
	cor_buffer_literal(&head, "\r\n");
	int status = parse(&head, &limits);
	cor_buffer_finish(&head);
	return status;
}

static void header_count(void **state)
{
	(void)state;
	assert_int_equal(with_headers(99, 0), 200);
	assert_int_equal(with_headers(100, 0), 200);
	assert_int_equal(with_headers(101, 0), 431);
	assert_int_equal(with_headers(3, 4), 200);
	assert_int_equal(with_headers(4, 4), 200);
	assert_int_equal(with_headers(5, 4), 431);
	assert_int_equal(with_headers(101, UINT32_MAX), 431);
}

/* The longest of everything together: offsets are 16 bits and must not wrap. */
static void the_largest_head(void **state)
{
	const struct cor_head_limits limits = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	struct cor_head_parser parser;
	struct cor_buffer head = { 0 };

	(void)state;
	cor_buffer_literal(&head, "\r\nGET /");
	fill(&head, 'a', LINE_MAX_ - strlen("GET / HTTP/1.1"));
	cor_buffer_literal(&head, " HTTP/1.1\r\nHost: h\r\nA:");
	fill(&head, 'a', LINE_MAX_ - 2);
	cor_buffer_literal(&head, "\r\nLast:");
	fill(&head, 'z', BLOCK_MAX - strlen("Host: h\r\nA:Last:\r\n\r\n") - (LINE_MAX_ - 2));
	cor_buffer_literal(&head, "\r\n\r\nGET / HTTP/1.1\r\n");
	cor_head_parser_init(&parser, &limits);
	assert_int_equal(
		cor_head_parse(&parser, head.data, head.len), 2 + LINE_MAX_ + 2 + BLOCK_MAX + 2);
	struct cor_str last = cor_span_text(head.data, parser.fields[2].value);
	assert_int_equal(last.data[0], 'z');
	assert_memory_equal(last.data + last.len, "\r\n\r\nGET ", 8);
	cor_buffer_finish(&head);
}

/* A line that never ends is refused when its limit is reached, not later. */
static void an_endless_line_is_cut_short(void **state)
{
	struct cor_head_parser parser;
	struct cor_buffer head = { 0 };

	(void)state;
	fill(&head, 'A', LINE_DEFAULT);
	cor_head_parser_init(&parser, NULL);
	assert_int_equal(cor_head_parse(&parser, head.data, head.len), 0);
	cor_buffer_byte(&head, 'A');
	assert_int_equal(cor_head_parse(&parser, head.data, head.len), -COR_ESYNTAX);
	assert_int_equal(parser.error.status, 414);
	cor_buffer_finish(&head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_line),
		cmocka_unit_test(header_line),
		cmocka_unit_test(header_block),
		cmocka_unit_test(header_count),
		cmocka_unit_test(the_largest_head),
		cmocka_unit_test(an_endless_line_is_cut_short),
	};

	return cmocka_run_group_tests_name("http limits", tests, NULL, NULL);
}
