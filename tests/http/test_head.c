/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "describe.h"
#include "head_cases.h"
#include "http/head_parser.h"

#define TEXT_BYTES 40000

/*
 * Give the parser a copy of exactly that size at a new address, so that the sanitizers see a read
 * past it.
 */
static ssize_t feed(struct cor_head_parser *parser, const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	ssize_t n = cor_head_parse(parser, copy, len);
	free(copy);
	return n;
}

/* Whether the description has all the pieces; "!x" means that it must lack x. */
static bool fits(const char *description, const char *expected)
{
	char piece[400];

	while (*expected) {
		size_t len = strcspn(expected, "|");
		bool lack = expected[0] == '!' && expected[1] == '+';

		snprintf(piece, sizeof piece, "%.*s", (int)(len - lack), expected + lack);
		if ((strstr(description, piece) != NULL) == lack)
			return false;
		expected += len + (expected[len] == '|');
	}
	return true;
}

static void every_case_has_its_outcome(void **state)
{
	char text[TEXT_BYTES];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < head_cases_len; i++) {
		const struct head_case *c = &head_cases[i];
		struct cor_head_parser parser;

		cor_head_parser_init(&parser, NULL);
		ssize_t n = feed(&parser, c->raw, c->len);
		describe_head(text, sizeof text, &parser, c->raw, n);
		bool exact = c->expected[0] == 'm' ||
			     (c->expected[0] >= '0' && c->expected[0] <= '9' && !c->expected[3]);
		if (exact ? strcmp(text, c->expected) != 0 : n <= 0 || !fits(text, c->expected)) {
			print_error("case %zu (%s): %s\n  is:        %s\n  should be: %s\n", i,
				c->rule, c->raw, text, c->expected);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	print_message("# figure: %zu request heads\n", head_cases_len);
}

/* A refusal names the rule that was broken. */
static void reasons_name_the_rule(void **state)
{
	static const struct {
		const char *raw, *reason;
	} cases[] = {
		{ "GET\r\n", "the method is not a token followed by one space" },
		{ "GET \r\n", "the request line has no target" },
		{ "GET  / HTTP/1.1\r\n", "the request line has two spaces after the method" },
		{ "GET /\r\n", "the request line has no version: it ends in a space and HTTP/1.1" },
		{ "GET /a?b\r\n",
			"the request line has no version: it ends in a space and HTTP/1.1" },
		{ "GET http://a\r\n",
			"the request line has no version: it ends in a space and HTTP/1.1" },
		{ "OPTIONS *\r\n",
			"the request line has no version: it ends in a space and HTTP/1.1" },
		{ "CONNECT a:1\r\n",
			"the request line has no version: it ends in a space and HTTP/1.1" },
		{ "GET / \r\n", "the request line does not end in a space and HTTP/1.1" },
		{ "GET /  HTTP/1.1\r\n", "the request line does not end in a space and HTTP/1.1" },
		{ "GET / HTTP/1.1 \r\n", "the request line does not end in a space and HTTP/1.1" },
		{ "GET /a b HTTP/1.1\r\n",
			"the request target holds a space: it must be percent-encoded" },
		{ "GET /a\"b HTTP/1.1\r\n",
			"the request target holds a character that must be percent-encoded" },
		{ "GET a HTTP/1.1\r\n",
			"the request target is neither a path nor an http URI with a valid host" },
		{ "GET http://u@a/ HTTP/1.1\r\n",
			"the request target is neither a path nor an http URI with a valid host" },
		{ "CONNECT / HTTP/1.1\r\n", "the target of CONNECT is not a host with a port" },
		{ "GET / HTTP/1.1\r\nHost a\r\n", "a header line has no colon" },
		{ "GET / HTTP/1.1\r\nHost : a\r\n",
			"white space separates a header's name from its colon" },
		{ "GET / HTTP/2.0\r\n", "the server speaks HTTP/1.0 and HTTP/1.1 only" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_head_parser parser;

		cor_head_parser_init(&parser, NULL);
		assert_int_equal(feed(&parser, cases[i].raw, strlen(cases[i].raw)), -COR_ESYNTAX);
		assert_string_equal(parser.error.reason, cases[i].reason);
	}
}

/* The result with its reason, for comparing. */
static void outcome(char *text, struct cor_head_parser *parser, const char *raw, ssize_t n)
{
	describe_head(text, TEXT_BYTES, parser, raw, n);
	if (n < 0)
		snprintf(text + strlen(text), 200, " %s", parser->error.reason);
}

static void every_split_gives_the_same_result(void **state)
{
	static char whole[TEXT_BYTES], split[TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < head_cases_len; i++) {
		const struct head_case *c = &head_cases[i];
		struct cor_head_parser parser;

		cor_head_parser_init(&parser, NULL);
		outcome(whole, &parser, c->raw, feed(&parser, c->raw, c->len));
		for (size_t cut = 0; cut <= c->len; cut++) {
			cor_head_parser_init(&parser, NULL);
			ssize_t n = feed(&parser, c->raw, cut);
			if (n == 0)
				n = feed(&parser, c->raw, c->len);
			outcome(split, &parser, c->raw, n);
			assert_string_equal(split, whole);
		}
	}
}

static void single_bytes_give_the_same_result(void **state)
{
	static char whole[TEXT_BYTES], split[TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < head_cases_len; i++) {
		const struct head_case *c = &head_cases[i];
		struct cor_head_parser parser;
		ssize_t n = 0;

		cor_head_parser_init(&parser, NULL);
		outcome(whole, &parser, c->raw, feed(&parser, c->raw, c->len));
		cor_head_parser_init(&parser, NULL);
		for (size_t len = 0; len <= c->len && n == 0; len++)
			n = feed(&parser, c->raw, len);
		outcome(split, &parser, c->raw, n);
		assert_string_equal(split, whole);
	}
}

/* What a parser keeps from one head to the next (the last valid Host) decides nothing. */
static void a_parser_that_is_reset_gives_the_same_result(void **state)
{
	static const char good[] = "GET / HTTP/1.1\r\nHost: ab:80\r\n\r\n";
	static const char bad[] = "GET / HTTP/1.1\r\nHost: ab:8x\r\n\r\n";
	static char fresh[TEXT_BYTES], reused[TEXT_BYTES];
	struct cor_head_parser again;

	(void)state;
	cor_head_parser_init(&again, NULL);
	for (size_t i = 0; i < head_cases_len; i++) {
		const struct head_case *c = &head_cases[i];
		struct cor_head_parser parser;

		cor_head_parser_init(&parser, NULL);
		outcome(fresh, &parser, c->raw, feed(&parser, c->raw, c->len));
		for (int times = 0; times < 2; times++) {
			cor_head_parser_reset(&again);
			outcome(reused, &again, c->raw, feed(&again, c->raw, c->len));
			assert_string_equal(reused, fresh);
		}
	}
	cor_head_parser_reset(&again);
	assert_int_equal(cor_head_parse(&again, good, sizeof good - 1), sizeof good - 1);
	cor_head_parser_reset(&again);
	assert_int_equal(cor_head_parse(&again, bad, sizeof bad - 1), -COR_ESYNTAX);
}

static void a_result_stays(void **state)
{
	static const char good[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	struct cor_head_parser parser;

	(void)state;
	cor_head_parser_init(&parser, NULL);
	assert_int_equal(cor_head_parse(&parser, good, sizeof good - 1), 27);
	assert_int_equal(cor_head_parse(&parser, good, sizeof good - 1), 27);
	cor_head_parser_init(&parser, NULL);
	assert_int_equal(cor_head_parse(&parser, "\n", 1), -COR_ESYNTAX);
	assert_int_equal(cor_head_parse(&parser, good, sizeof good - 1), -COR_ESYNTAX);
	assert_int_equal(parser.error.status, 400);
}

/* Known names are found in any case, and nothing else is. */
static void known_names_are_found(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COR_KNOWN_COUNT; i++) {
		char name[32];
		size_t len = strlen(cor_known_name((enum cor_known)i));

		for (unsigned upper = 0; upper < 2; upper++) {
			for (size_t k = 0; k <= len; k++) {
				char byte = cor_known_name((enum cor_known)i)[k];
				name[k] = upper && byte >= 'a' && byte <= 'z' ? (char)(byte - 32)
									      : byte;
			}
			assert_int_equal(cor_known_find(name, len), i);
		}
		for (size_t k = 0; k < len; k++) {
			name[k] ^= 1;
			assert_int_equal(cor_known_find(name, len), COR_KNOWN_COUNT);
			name[k] ^= 1 ^ 0x40;
			assert_int_not_equal(cor_known_find(name, len), i);
			name[k] ^= 0x40;
		}
		assert_int_not_equal(cor_known_find(name, len - 1), i);
	}
	assert_int_equal(
		cor_known_find("x-a-name-that-is-longer-than-any-other", 38), COR_KNOWN_COUNT);
}

static void fields_are_looked_up(void **state)
{
	static const char raw[] =
		"GET / HTTP/1.1\r\nHost: h\r\nAccept: a\r\nX-Mine: 1\r\naccept: b\r\nx-mine: 2\r\n\r\n";
	struct cor_head_parser parser;
	const struct cor_head *head = &parser.head;

	(void)state;
	cor_head_parser_init(&parser, NULL);
	assert_int_equal(cor_head_parse(&parser, raw, sizeof raw - 1), sizeof raw - 1);
	struct cor_str accept = cor_head_known(head, parser.fields, raw, COR_KNOWN_ACCEPT);
	assert_true(cor_str_equal(accept, COR_STR("a")));
	assert_null(cor_head_known(head, parser.fields, raw, COR_KNOWN_COOKIE).data);
	assert_int_equal(
		cor_head_find(parser.fields, head->fields_len, raw, COR_STR("x-mine"), 0), 2);
	assert_int_equal(
		cor_head_find(parser.fields, head->fields_len, raw, COR_STR("x-mine"), 3), 4);
	assert_int_equal(
		cor_head_find(parser.fields, head->fields_len, raw, COR_STR("x-mine"), 5), -1);
	assert_int_equal(
		cor_head_find(parser.fields, head->fields_len, raw, COR_STR("x-min"), 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_its_outcome),
		cmocka_unit_test(reasons_name_the_rule),
		cmocka_unit_test(every_split_gives_the_same_result),
		cmocka_unit_test(single_bytes_give_the_same_result),
		cmocka_unit_test(a_parser_that_is_reset_gives_the_same_result),
		cmocka_unit_test(a_result_stays),
		cmocka_unit_test(known_names_are_found),
		cmocka_unit_test(fields_are_looked_up),
	};

	return cmocka_run_group_tests_name("http head", tests, NULL, NULL);
}
