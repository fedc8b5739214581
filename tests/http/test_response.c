/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "http/response.h"
#include "http/status.h"

static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";

static void assert_head(const struct cor_response_head *head, const char *expected)
{
	struct cor_buffer buffer = { 0 };

	assert_int_equal(cor_response_begin(&buffer, head), 0);
	assert_int_equal(cor_response_end(&buffer), 0);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data, expected);
	cor_buffer_finish(&buffer);
}

static void heads_are_written(void **state)
{
	(void)state;
	assert_head(&(struct cor_response_head){ .status = 200,
			    .date = date,
			    .content_type = COR_STR("application/json"),
			    .content_length = 27 },
		"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
		"Content-Length: 27\r\n\r\n");
	assert_head(&(struct cor_response_head){ .status = 404 },
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	assert_head(&(struct cor_response_head){ .status = 200,
			    .content_length = INT64_MAX,
			    .connection = COR_CONNECTION_CLOSE },
		"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\nConnection: close\r\n\r\n");
	assert_head(&(struct cor_response_head){ .status = 200,
			    .content_length = COR_LENGTH_CHUNKED,
			    .connection = COR_CONNECTION_KEEP_ALIVE },
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n");
	assert_head(&(struct cor_response_head){ .status = 200, .content_length = COR_LENGTH_NONE },
		"HTTP/1.1 200 OK\r\n\r\n");
	assert_head(&(struct cor_response_head){ .status = 299 },
		"HTTP/1.1 299 Unknown\r\nContent-Length: 0\r\n\r\n");
	assert_head(&(struct cor_response_head){ .status = 511, .content_length = 1 },
		"HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 1\r\n\r\n");
}

static void no_length_where_there_is_no_body(void **state)
{
	static const uint16_t statuses[] = { 100, 103, 199, 204, 304 };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		for (int64_t length = COR_LENGTH_NONE; length < 2; length++) {
			struct cor_response_head head = { .status = statuses[i],
				.content_length = length };
			char expected[100];

			snprintf(expected, sizeof expected, "HTTP/1.1 %d %s\r\n\r\n", statuses[i],
				cor_status_reason(statuses[i]));
			assert_head(&head, expected);
		}
	}
}

/* RFC 9110 section 15.3.6: it has no content, but unlike a 204 it must say so. */
static void a_205_says_that_it_is_empty(void **state)
{
	(void)state;
	for (int64_t length = COR_LENGTH_NONE; length < 2; length++) {
		struct cor_response_head head = { .status = 205, .content_length = length };

		assert_head(&head, "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n");
	}
}

static void what_is_out_of_range_is_refused(void **state)
{
	static const struct cor_response_head heads[] = {
		{ .status = 0 },
		{ .status = 99 },
		{ .status = 600 },
		{ .status = 200, .content_length = -3 },
		{ .status = 200, .content_type = { "a\r\nb", 4 } },
		{ .status = 200, .content_type = { "a\0b", 3 } },
		{ .status = 200, .content_type = { " a", 2 } },
	};
	struct cor_buffer buffer = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		assert_int_equal(cor_response_begin(&buffer, &heads[i]), -EINVAL);
	assert_int_equal(buffer.len, 0);
	cor_buffer_finish(&buffer);
}

struct field_case {
	struct cor_str name;
	struct cor_str value;
	int rc;
};

#define FIELD(name, value, rc)                                                                     \
	{                                                                                          \
		{ name, sizeof(name) - 1 }, { value, sizeof(value) - 1 }, rc                       \
	}

static const struct field_case fields[] = {
	FIELD("ETag", "\"a\"", 0),
	FIELD("X", "", 0),
	FIELD("X", "a\tb", 0),
	FIELD("X", "\xc3\xa4", 0),
	FIELD("X", "a long value that takes more than one step of sixteen bytes", 0),
	FIELD("!#$%&'*+-.^_`|~0Az", "a", 0),
	FIELD("", "a", -EINVAL),
	FIELD("X ", "a", -EINVAL),
	FIELD("X:", "a", -EINVAL),
	FIELD("X\r\nY", "a", -EINVAL),
	FIELD("X\n", "a", -EINVAL),
	FIELD("X\0", "a", -EINVAL),
	FIELD("X\xc3\xa4", "a", -EINVAL),
	FIELD("X", "a\r\nSet-Cookie: b", -EINVAL),
	FIELD("X", "a\nb", -EINVAL),
	FIELD("X", "a\rb", -EINVAL),
	FIELD("X", "a\0b", -EINVAL),
	FIELD("X", "\n", -EINVAL),
	FIELD("X", "a\x1b", -EINVAL),
	FIELD("X", "a\x7f", -EINVAL),
	FIELD("X", " a", -EINVAL),
	FIELD("X", "a ", -EINVAL),
	FIELD("X", "a\t", -EINVAL),
	FIELD("X", "a long value of more than sixteen bytes, then\r\nInjected: 1", -EINVAL),
	FIELD("X", "a long value of more than sixteen bytes, at its end\n", -EINVAL),
};

static void fields_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const struct field_case *c = &fields[i];
		struct cor_buffer buffer = { 0 };
		char expected[200];

		if (cor_response_field(&buffer, c->name, c->value) != c->rc)
			fail_msg("case %zu: %.*s", i, (int)c->value.len, c->value.data);
		int len = snprintf(expected, sizeof expected, "%.*s: %.*s\r\n", (int)c->name.len,
			c->name.data, (int)c->value.len, c->value.data);
		assert_int_equal(buffer.len, c->rc == 0 ? len : 0);
		if (c->rc == 0)
			assert_memory_equal(buffer.data, expected, (size_t)len);
		cor_buffer_finish(&buffer);
	}
}

/* Every byte at every place of values of many lengths: the fast scan has no blind spot. */
static void no_byte_slips_through(void **state)
{
	char value[40];

	(void)state;
	for (size_t len = 1; len <= sizeof value; len++) {
		for (size_t at = 0; at < len; at++) {
			for (unsigned byte = 0; byte < 256; byte++) {
				memset(value, 'a', sizeof value);
				value[at] = (char)byte;
				bool blank = byte == ' ' || byte == '\t';
				bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
				bool valid = !control && !(blank && (at == 0 || at == len - 1));
				assert_int_equal(
					cor_field_value_valid((struct cor_str){ value, len }),
					valid);
			}
		}
	}
}

static void the_buffers_errors_come_through(void **state)
{
	struct cor_buffer buffer = { .limit = 100 };
	const struct cor_response_head head = { .status = 200 };

	(void)state;
	assert_int_equal(cor_response_begin(&buffer, &head), -COR_ETOOLARGE);
	assert_int_equal(cor_response_field(&buffer, COR_STR("A"), COR_STR("b")), -COR_ETOOLARGE);
	assert_int_equal(cor_response_end(&buffer), -COR_ETOOLARGE);
	cor_buffer_finish(&buffer);
}

static void statuses_have_reasons(void **state)
{
	(void)state;
	for (int status = -1; status < 1000; status++) {
		struct cor_str line = cor_status_line(status);
		const char *reason = cor_status_reason(status);
		char expected[100];

		if (strcmp(reason, "Unknown") == 0) {
			assert_int_equal(line.len, 0);
			continue;
		}
		int len = snprintf(expected, sizeof expected, "HTTP/1.1 %d %s\r\n", status, reason);
		assert_true(cor_str_equal(line, (struct cor_str){ expected, (size_t)len }));
	}
	assert_string_equal(cor_status_reason(413), "Content Too Large");
	assert_string_equal(cor_status_reason(418), "I'm a Teapot");
	assert_string_equal(cor_status_reason(510), "Not Extended");
	assert_string_equal(cor_status_reason(306), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_written),
		cmocka_unit_test(no_length_where_there_is_no_body),
		cmocka_unit_test(a_205_says_that_it_is_empty),
		cmocka_unit_test(what_is_out_of_range_is_refused),
		cmocka_unit_test(fields_are_checked),
		cmocka_unit_test(no_byte_slips_through),
		cmocka_unit_test(the_buffers_errors_come_through),
		cmocka_unit_test(statuses_have_reasons),
	};

	return cmocka_run_group_tests_name("http response", tests, NULL, NULL);
}
