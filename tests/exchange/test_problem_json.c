/* SPDX-License-Identifier: MIT */
/*
 * The problem's JSON: what is left out, what is escaped, and that no byte from a client can break
 * it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "exchange/problem_json.h"

static void expect(const struct cor_problem_text *problem, const char *json)
{
	struct cor_buffer buffer = { 0 };

	cor_problem_write_json(&buffer, problem);
	cor_buffer_byte(&buffer, '\0');
	assert_int_equal(cor_buffer_error(&buffer), 0);
	assert_string_equal(buffer.data, json);
	cor_buffer_finish(&buffer);
}

static void test_members(void **state)
{
	struct cor_problem_text problem = { .status = 404 };

	(void)state;
	expect(&problem, "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}");
	problem.detail = "no \"book\"\n";
	problem.instance = COR_STR("/books/7");
	problem.request_id = "abc";
	expect(&problem,
		"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
		"\"detail\":\"no \\\"book\\\"\\n\",\"instance\":\"/books/7\",\"request_id\":\"abc\"}");
}

/* RFC 9457 section 3.1.5: the instance is a URI reference, and it names what was requested. */
static void test_instance(void **state)
{
	static const struct {
		const char *path, *reference;
	} cases[] = {
		{ "/", "/" },
		{ "/a/%C3%A4;b=c:@!$&'()*+,~", "/a/%C3%A4;b=c:@!$&'()*+,~" },
		{ "//evil.example/a", "/.//evil.example/a" },
		{ "///", "/.///" },
		{ "/a//b", "/a//b" },
		{ "/[a]^b|c", "/%5Ba%5D%5Eb%7Cc" },
		{ "/%zz%", "/%25zz%25" },
		{ "/%4", "/%254" },
		{ "/a b\"<>\\{}?#\xc3\xff", "/a%20b%22%3C%3E%5C%7B%7D%3F%23%C3%FF" },
	};
	char json[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_problem_text problem = { .status = 404,
			.instance = cor_str(cases[i].path) };
		snprintf(json, sizeof json,
			"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"instance\":\"%s\"}",
			cases[i].reference);
		expect(&problem, json);
	}
	/* OPTIONS * asks for no resource */
	expect(&(struct cor_problem_text){ .status = 404, .instance = COR_STR("*") },
		"{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}");
}

static void test_violations(void **state)
{
	struct cor_violations violations = { 0 };
	const struct cor_problem_text problem = { .status = 422, .violations = &violations };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	cor_violate(&violations, &arena, "body", "/a~1b", "must be %d", 1);
	cor_violate(&violations, &arena, "query", "page", "is missing");
	expect(&problem,
		"{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,\"errors\":["
		"{\"in\":\"body\",\"pointer\":\"/a~1b\",\"detail\":\"must be 1\"},"
		"{\"in\":\"query\",\"parameter\":\"page\",\"detail\":\"is missing\"}]}");
	violations.count = 120;
	struct cor_buffer buffer = { 0 };
	cor_problem_write_json(&buffer, &problem);
	cor_buffer_byte(&buffer, '\0');
	assert_non_null(strstr(buffer.data, "],\"errors_count\":120}"));
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
}

static void test_bytes(void **state)
{
	static const struct {
		const char *sent, *written;
	} cases[] = {
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "\xf0\x9f\x87\xa9", "\xf0\x9f\x87\xa9" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "a\xc3", "a\xef\xbf\xbd" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\\\x7f\t", "\\\\\x7f\\t" },
		{ "\xff\\\"\n", "\xef\xbf\xbd\\u005c\\u0022\\u000a" },
	};
	char json[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_problem_text problem = { .status = 400, .detail = cases[i].sent };
		snprintf(json, sizeof json,
			"{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"%s\"}",
			cases[i].written);
		expect(&problem, json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_instance),
		cmocka_unit_test(test_violations),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
