/* SPDX-License-Identifier: MIT */
/**
 * A second parser of request heads: slow, by the letter of the RFCs and of http/head_parser.h. It
 * shares only the lists of names with the first, and takes the whole input each time. Tests and the
 * fuzzer compare the fast one with it.
 */
#ifndef CORACLE_TESTS_HTTP_PLAIN_HEAD_H
#define CORACLE_TESTS_HTTP_PLAIN_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "http/head_parser.h"

/** Like the fast parser's result, but with text in place of offsets. */
struct plain_head {
	int status; /* of the refusal; 0: needs more; 200: the head is complete */
	size_t used;
	struct cor_str method, target, version;
	enum cor_target_form form;
	bool has_query;
	struct cor_str path, query, authority, host;
	int minor_version;
	enum cor_body_kind body;
	int64_t content_length;
	bool keep_alive, expect_continue, upgrade;
	size_t fields_len;
	struct {
		struct cor_str name, value;
	} fields[COR_HEAD_FIELDS_MAX + COR_HEAD_FIELDS_DERIVED];
};

/** Parse `len` bytes. Every limit must be set: 0 is not allowed. */
void plain_head_parse(struct plain_head *head, const struct cor_head_limits *limits,
	const char *bytes, size_t len);

/** Where the fast parser, which returned `result`, differs; NULL if it does not. */
const char *plain_head_differs(const struct plain_head *head, const struct cor_head_parser *parser,
	const char *bytes, ssize_t result);

#endif
