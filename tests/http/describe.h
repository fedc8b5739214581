/* SPDX-License-Identifier: MIT */
/**
 * What a parser made of a head, as one line of text, so that results can be compared with each
 * other and with the table of cases.
 */
#ifndef CORACLE_TESTS_HTTP_DESCRIBE_H
#define CORACLE_TESTS_HTTP_DESCRIBE_H

#include <stddef.h>
#include <sys/types.h>

struct cor_head_parser;

/**
 * `result` is what cor_head_parse() returned: "more"; "400" (or another status); or for a head
 * "used=N GET form=0 path=/ query=a host=h authority= 1.1 length=- name:value;...
 * +chunked+keep+continue+upgrade".
 */
void describe_head(char *out, size_t size, const struct cor_head_parser *parser, const char *bytes,
	ssize_t result);

#endif
