/* SPDX-License-Identifier: MIT */
/*
 * The heads of an answer, interim ones first: parsed whole,
 * in one-byte steps from memory that moves, and cut in two; all must agree. An input of odd length
 * answers HEAD.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/answer_parser.h"
#include "target.h"

/* A copy of exactly that size, so that a read past it is seen. */
static ssize_t feed(struct cor_answer_parser *parser, const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);

	if (!bytes)
		abort();
	memcpy(bytes, data, size);
	ssize_t n = cor_answer_parse(parser, bytes, size);
	free(bytes);
	return n;
}

static void check_same(const struct cor_answer_parser *a, ssize_t na,
	const struct cor_answer_parser *b, ssize_t nb)
{
	if (na != nb)
		abort();
	if (na < 0 && (a->lines.error.status != b->lines.error.status ||
			      strcmp(a->lines.error.reason, b->lines.error.reason) != 0))
		abort();
	if (na > 0 && (a->status != b->status || a->body != b->body ||
			      a->keep_alive != b->keep_alive || a->body_bytes != b->body_bytes ||
			      a->lines.head.fields_len != b->lines.head.fields_len ||
			      memcmp(a->lines.fields, b->lines.fields,
				      a->lines.head.fields_len * sizeof a->lines.fields[0]) != 0))
		abort();
}

static void check_head(const struct cor_answer_parser *parser, size_t used)
{
	const struct cor_head_parser *lines = &parser->lines;

	if (used > COR_ANSWER_HEAD_BYTES || parser->status < 100 || parser->status > 599 ||
		parser->status == 101)
		abort();
	if ((parser->body == COR_ANSWER_EMPTY) != (parser->body_bytes == 0) ||
		(parser->body == COR_ANSWER_LENGTH) != (parser->body_bytes > 0))
		abort();
	for (size_t i = 0; i < lines->head.fields_len; i++)
		if ((size_t)lines->fields[i].value.at + lines->fields[i].value.len >= used ||
			lines->fields[i].name.len == 0)
			abort();
}

/* Returns how long the head is, if it is an interim one, else 0. */
static size_t check(enum cor_answer_to to, const uint8_t *data, size_t size)
{
	struct cor_answer_parser whole, step, cut;
	ssize_t n = 0;

	cor_answer_parser_init(&whole, to);
	step = cut = whole;
	ssize_t expected = feed(&whole, data, size);
	if (expected > 0)
		check_head(&whole, (size_t)expected);
	for (size_t i = 0; i <= size && n == 0; i++)
		n = feed(&step, data, i);
	check_same(&whole, expected, &step, n);
	n = feed(&cut, data, size / 2);
	if (n == 0)
		n = feed(&cut, data, size);
	check_same(&whole, expected, &cut, n);
	return expected > 0 && whole.status < 200 ? (size_t)expected : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum cor_answer_to to = size % 2 != 0 ? COR_ANSWER_TO_HEAD : COR_ANSWER_TO_ANY;
	size_t used;

	while ((used = check(to, data, size)) != 0) {
		data += used;
		size -= used;
	}
	return 0;
}
