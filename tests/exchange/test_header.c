/* SPDX-License-Identifier: MIT */
/* Several lines of one name are one list (RFC 9110 section 5.3). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "exchange/exchange.h"
#include "http/head_parser.h"

static const char raw[] = "GET / HTTP/1.1\r\n"
			  "Host: h\r\n"
			  "Accept: text/html;q=0\r\n"
			  "X-Mine: 1\r\n"
			  "accept: */*\r\n"
			  "Cookie: a=b\r\n"
			  "x-mine:\r\n"
			  "User-Agent: u\r\n"
			  "Cookie: c=d\r\n"
			  "X-MINE: 3, 4\r\n"
			  "\r\n";

static struct cor_head_parser parser;

static void receive(struct cor_exchange *x, const char *head)
{
	memset(x, 0, sizeof *x);
	cor_arena_init(&x->ctx.arena, NULL, 0, 0);
	cor_head_parser_init(&parser, NULL);
	assert_int_equal(cor_head_parse(&parser, head, strlen(head)), strlen(head));
	x->head = parser.head;
	x->fields = parser.fields;
	x->bytes = head;
	x->ctx.request = x;
}

static void assert_text(struct cor_str text, const char *expected)
{
	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.data, expected, text.len);
}

static void test_lines_are_joined(void **state)
{
	struct cor_exchange x;

	(void)state;
	receive(&x, raw);
	assert_text(cor_exchange_list(&x, COR_KNOWN_ACCEPT), "text/html;q=0, */*");
	assert_text(cor_request_header(&x.ctx, "Accept"), "text/html;q=0, */*");
	assert_text(cor_request_header(&x.ctx, "X-Mine"), "1, , 3, 4");
	assert_text(cor_request_header(&x.ctx, "cookie"), "a=b; c=d");
	cor_arena_finish(&x.ctx.arena);
}

static void test_a_single_line_is_not_copied(void **state)
{
	struct cor_exchange x;

	(void)state;
	receive(&x, raw);
	assert_ptr_equal(
		cor_exchange_list(&x, COR_KNOWN_USER_AGENT).data, strchr(strstr(raw, "r-A"), 'u'));
	assert_ptr_equal(
		cor_request_header(&x.ctx, "user-agent").data, strchr(strstr(raw, "r-A"), 'u'));
	assert_null(cor_exchange_list(&x, COR_KNOWN_ORIGIN).data);
	assert_null(cor_request_header(&x.ctx, "X-Other").data);
	cor_arena_finish(&x.ctx.arena);
}

/* As when the name occurs once: nothing is searched. */
static void test_repeats_are_noted(void **state)
{
	struct cor_exchange x;

	(void)state;
	receive(&x, raw);
	assert_true(x.head.repeats);
	receive(&x, "GET / HTTP/1.1\r\nHost: h\r\nX-Mine: 1\r\nX-Mine: 2\r\nAccept: a\r\n\r\n");
	assert_false(x.head.repeats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_joined),
		cmocka_unit_test(test_a_single_line_is_not_copied),
		cmocka_unit_test(test_repeats_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
