/* SPDX-License-Identifier: MIT */
/*
 * A request head: parsed whole, in one-byte steps from memory that moves, and cut in two; all must
 * agree, also with the plain parser. What comes before a NUL, which no head holds, are earlier
 * heads: the parser remembers the Host of one, and must give the result of a new parser.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../http/plain_head.h"
#include "http/head_parser.h"
#include "target.h"

/* A copy of exactly that size, so that a read past it is seen. */
static char *copy(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);

	if (!bytes)
		abort();
	memcpy(bytes, data, size);
	return bytes;
}

static ssize_t feed(struct cor_head_parser *parser, const uint8_t *data, size_t size)
{
	char *bytes = copy(data, size);
	ssize_t n = cor_head_parse(parser, bytes, size);

	free(bytes);
	return n;
}

static void check_spans(const struct cor_head_parser *parser, size_t used)
{
	const struct cor_head *head = &parser->head;
	const struct cor_span spans[] = { head->method_text, head->path, head->query,
		head->authority, head->host };

	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		if ((size_t)spans[i].at + spans[i].len > used)
			abort();
	for (size_t i = 0; i < head->fields_len; i++)
		if ((size_t)parser->fields[i].value.at + parser->fields[i].value.len > used ||
			parser->fields[i].name.len == 0)
			abort();
	if (head->content_length < -1 ||
		(head->content_length == -1) != (head->body == COR_BODY_UNKNOWN) ||
		(head->content_length == 0) != (head->body == COR_BODY_NONE))
		abort();
}

static void check_same(
	const struct cor_head_parser *a, ssize_t na, const struct cor_head_parser *b, ssize_t nb)
{
	if (na != nb)
		abort();
	if (na < 0 && (a->error.status != b->error.status ||
			      strcmp(a->error.reason, b->error.reason) != 0))
		abort();
	if (na > 0 && (memcmp(&a->head, &b->head, sizeof a->head) != 0 ||
			      memcmp(&a->http1, &b->http1, sizeof a->http1) != 0 ||
			      memcmp(a->fields, b->fields,
				      a->head.fields_len * sizeof a->fields[0]) != 0))
		abort();
}

/* Parses the heads before the last NUL, one after another; returns what follows them. */
static const uint8_t *parse_earlier(
	struct cor_head_parser *parser, const uint8_t *data, const uint8_t *end)
{
	const uint8_t *nul;

	while ((nul = memchr(data, '\0', (size_t)(end - data)))) {
		(void)!feed(parser, data, (size_t)(nul - data));
		cor_head_parser_reset(parser);
		data = nul + 1;
	}
	return data;
}

static void check_plain(const struct cor_head_limits *limits, const uint8_t *data, size_t size)
{
	struct cor_head_parser parser;
	struct plain_head plain;
	char *bytes = copy(data, size);

	cor_head_parser_init(&parser, limits);
	plain_head_parse(&plain, limits, bytes, size);
	if (plain_head_differs(&plain, &parser, bytes, cor_head_parse(&parser, bytes, size)))
		abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* small ones, which inputs will reach, and the defaults */
	static const struct cor_head_limits limits[] = { { 8192, 8192, 32768, 100 },
		{ 64, 48, 160, 6 } };
	struct cor_head_parser whole, again, step, cut;
	ssize_t n = 0;

	cor_head_parser_init(&whole, &limits[size % 2]);
	again = whole;
	const uint8_t *head = parse_earlier(&again, data, data + size);
	const struct cor_head_limits *limit = &limits[size % 2];
	size -= (size_t)(head - data);
	check_plain(limit, head, size);
	step = cut = again;
	ssize_t expected = feed(&whole, head, size);
	if (expected > 0)
		check_spans(&whole, (size_t)expected);
	check_same(&whole, expected, &again, feed(&again, head, size));
	for (size_t i = 0; i <= size && n == 0; i++)
		n = feed(&step, head, i);
	check_same(&whole, expected, &step, n);
	n = feed(&cut, head, size / 2);
	if (n == 0)
		n = feed(&cut, head, size);
	check_same(&whole, expected, &cut, n);
	return 0;
}
