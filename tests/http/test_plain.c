/* SPDX-License-Identifier: MIT */
/*
 * The fast parser against the plain one: the table of cases, and random heads, most of them nearly
 * right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "head_cases.h"
#include "plain_head.h"

#define HEADS       200000
#define LIGHT_HEADS 10000
#define HEAD_BYTES  4096

static const struct cor_head_limits usual = { 8192, 8192, 32768, 100 };
static const struct cor_head_limits small = { 40, 32, 120, 5 };

static const char *const methods[] = { "GET", "POST", "PUT", "OPTIONS", "CONNECT", "HEAD", "get",
	"X-Y", "G T", "" };
static const char *const targets[] = { "/", "/a?b", "/%20", "/a/b?c=d&e", "*", "a:1", "http://a",
	"http://b:80/c?d", "HTTPS://[::1]?", "http://u@a/", "/a b", "/\xc3\xa4", "/#", "", "//",
	"/?", "[::1]:443", "http://a:99999/", "/{}", "/?{}", "http://", "http:///", "a:", "/a^[|]",
	"/a-long-path/of-more-than/sixteen.bytes" };
static const char *const versions[] = { "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2",
	"HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "HTTP/11", "" };
static const char *const harmless[] = { "Host: a", "Host: a:80", "Content-Length: 5",
	"Transfer-Encoding: chunked", "Connection: close", "X: y", "Upgrade: websocket",
	"Connection: upgrade", "Expect: 100-continue", "Accept: */*", "accept: a/b",
	"User-Agent: one that is longer than sixteen bytes", "Cookie: a=b; c=\"d\"" };
static const char *const odd[] = { "Host: b:80", "Host: [::1]:1", "host:", "Host: \t", "Host: a, b",
	"Host: [1::2::3]", "Host: [::1.2.3.4]", "Host: [::ffff:1.2.3.256]", "Host: a:65536",
	"Host: a%4", "Host: %41:", "Host: :80", "content-length:\t0", "Content-Length: 05",
	"Content-Length: 5, 5", "Content-Length: -1", "Content-Length: 9223372036854775807",
	"Content-Length: 9223372036854775808", "Content-Length:", "Content_Length: 5",
	"Content-Length : 5", "transfer-encoding:CHUNKED", "Transfer-Encoding: gzip, chunked",
	"Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity",
	"Transfer-Encoding: ,chunked", "Transfer-Encoding: \vchunked", "Transfer_Encoding: chunked",
	"Transfer-Encoding: chunked, chunked", "Connection: keep-alive", "Connection: Upgrade, x",
	"Connection: ,", "Connection:", "Connection: a b", "Expect: 100-Continue ", "Expect: x",
	"X: \x80 y\t", "X-Request-ID: 1", "A : b", ": b", " folded", "A", "\tA: b", "A: b\rc",
	"A@: b", "If-None-Match: \"a\"" };
static const char noise[] = "\r\n\t :,;\x01\x7f\xff/?#%5Aa[]@-_\"";

#define PICK(rng, list) pick(rng, list, sizeof(list) / sizeof(list)[0])

struct rng {
	uint64_t state;
};

static uint64_t next(struct rng *rng, uint64_t below)
{
	rng->state ^= rng->state << 13;
	rng->state ^= rng->state >> 7;
	rng->state ^= rng->state << 17;
	return rng->state % below;
}

static const char *pick(struct rng *rng, const char *const *list, size_t len)
{
	return list[next(rng, len)];
}

/* Mostly the first of the list, which has nothing wrong. */
static const char *pick_mild(struct rng *rng, const char *const *list, size_t len, size_t mild)
{
	return pick(rng, list, next(rng, 10) < 8 ? mild : len);
}

#define PICK_MILD(rng, list, mild) pick_mild(rng, list, sizeof(list) / sizeof(list)[0], mild)

static void add_line(struct cor_buffer *head, const char *text)
{
	cor_buffer_append_str(head, cor_str(text));
	cor_buffer_literal(head, "\r\n");
}

static void add_fields(struct rng *rng, struct cor_buffer *head)
{
	bool host_first = next(rng, 10) < 7;

	if (host_first)
		add_line(head, "Host: a");
	for (uint64_t i = next(rng, 4); i > 0; i--)
		add_line(head, PICK(rng, harmless));
	if (next(rng, 2))
		for (uint64_t i = next(rng, 3); i > 0; i--)
			add_line(head, PICK(rng, odd));
	if (!host_first && next(rng, 10) < 8)
		add_line(head, "hOST:a");
}

/* Changes, inserts or removes one byte. */
static void spoil(struct rng *rng, struct cor_buffer *head)
{
	size_t at = next(rng, head->len);
	char byte = noise[next(rng, sizeof noise)];

	switch (next(rng, 3)) {
	case 0:
		head->data[at] = byte;
		break;
	case 1:
		memmove(head->data + at, head->data + at + 1, head->len - at - 1);
		head->len--;
		break;
	default:
		cor_buffer_byte(head, '\0');
		memmove(head->data + at + 1, head->data + at, head->len - at - 1);
		head->data[at] = byte;
	}
}

static void generate(struct rng *rng, struct cor_buffer *head)
{
	cor_buffer_clear(head, HEAD_BYTES);
	if (next(rng, 10) == 0)
		cor_buffer_literal(head, "\r\n");
	cor_buffer_append_str(head, cor_str(PICK_MILD(rng, methods, 3)));
	cor_buffer_byte(head, ' ');
	cor_buffer_append_str(head, cor_str(PICK_MILD(rng, targets, 4)));
	cor_buffer_byte(head, ' ');
	add_line(head, PICK_MILD(rng, versions, 4));
	add_fields(rng, head);
	cor_buffer_literal(head, "\r\n");
	if (next(rng, 10) < 3)
		spoil(rng, head);
	if (next(rng, 20) == 0)
		head->len = next(rng, head->len);
	if (next(rng, 3) == 0)
		cor_buffer_literal(head, "next\n");
}

static void print_bytes(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			print_error("%c", bytes[i]);
		else
			print_error("\\x%02x", (unsigned char)bytes[i]);
	print_error("\n");
}

/* Returns the plain one's status. `parser`, with these limits, may have parsed others before. */
static int compare(struct cor_head_parser *parser, const struct cor_head_limits *limits,
	const char *bytes, size_t len)
{
	static struct plain_head plain;

	plain_head_parse(&plain, limits, bytes, len);
	cor_head_parser_reset(parser);
	ssize_t result = cor_head_parse(parser, bytes, len);
	const char *what = plain_head_differs(&plain, parser, bytes, result);
	if (what) {
		print_bytes(bytes, len);
		fail_msg("%s: plain %d, fast %zd %d", what, plain.status, result,
			result < 0 ? parser->error.status : 0);
	}
	return plain.status;
}

static void every_case_agrees(void **state)
{
	struct cor_head_parser parser;

	(void)state;
	for (size_t i = 0; i < head_cases_len; i++) {
		cor_head_parser_init(&parser, &usual);
		compare(&parser, &usual, head_cases[i].raw, head_cases[i].len);
		cor_head_parser_init(&parser, &small);
		compare(&parser, &small, head_cases[i].raw, head_cases[i].len);
	}
}

static void generated_heads_agree(void **state)
{
	size_t heads = getenv("COR_TEST_LIGHT") ? LIGHT_HEADS : HEADS;
	struct rng rng = { 9112 };
	struct cor_head_parser parser, narrow;
	struct cor_buffer head = { 0 };
	size_t whole = 0;

	(void)state;
	cor_head_parser_init(&parser, &usual);
	cor_head_parser_init(&narrow, &small);
	for (size_t i = 0; i < heads; i++) {
		generate(&rng, &head);
		whole += compare(&parser, &usual, head.data, head.len) == 200;
		compare(&narrow, &small, head.data, head.len);
	}
	cor_buffer_finish(&head);
	assert_in_range(whole, heads / 5, heads / 5 * 4); /* else they test little */
	print_message("# figure: %zu generated heads, %zu of them whole\n", heads, whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_agrees),
		cmocka_unit_test(generated_heads_agree),
	};

	return cmocka_run_group_tests_name("http plain", tests, NULL, NULL);
}
