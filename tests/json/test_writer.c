/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json.h>

#include "document.h"
#include "json/writer.h"

/* The linker sends the library's realloc() here (--wrap). */
static struct {
	bool armed;
	size_t calls_left; /* before it fails */
} memory;

void *__wrap_realloc(void *old, size_t bytes);
void *__real_realloc(void *old, size_t bytes);

void *__wrap_realloc(void *old, size_t bytes)
{
	if (memory.armed && memory.calls_left-- == 0)
		return NULL;
	return __real_realloc(old, bytes);
}

static void written_is(struct cor_buffer *buffer, const char *expected)
{
	assert_int_equal(cor_buffer_error(buffer), 0);
	if (buffer->len != strlen(expected) || memcmp(buffer->data, expected, buffer->len) != 0)
		fail_msg("%.*s instead of %s", (int)buffer->len, buffer->data, expected);
	cor_buffer_finish(buffer);
}

static void string_is(struct cor_str text, const char *expected)
{
	struct cor_buffer buffer = { 0 };

	cor_json_write_string(&buffer, text);
	written_is(&buffer, expected);
}

static void strings_are_escaped_as_little_as_possible(void **state)
{
	(void)state;
	string_is((struct cor_str){ NULL, 0 }, "\"\"");
	string_is(COR_STR("abc"), "\"abc\"");
	string_is(COR_STR("a/b\x7f"), "\"a/b\x7f\"");
	string_is(COR_STR("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
	string_is(COR_STR("\0\x01\v\x1f"), "\"\\u0000\\u0001\\u000b\\u001f\"");
	string_is(COR_STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	string_is(COR_STR("\xe2\x80\xa8</script>"), "\"\xe2\x80\xa8</script>\"");
}

/* Every ASCII byte at every place in texts of many lengths, written and read again. */
static void every_byte_at_every_place_comes_back(void **state)
{
	char text[40];

	(void)state;
	for (size_t len = 1; len <= sizeof text; len++) {
		for (size_t place = 0; place < len; place++) {
			for (int byte = 0; byte < 0x80; byte++) {
				struct cor_buffer buffer = { 0 };
				struct cor_json_reader reader;
				struct cor_arena arena;
				struct cor_str back;

				memset(text, 'x', sizeof text);
				text[place] = (char)byte;
				cor_json_write_string(&buffer, (struct cor_str){ text, len });
				cor_arena_init(&arena, NULL, 0, 0);
				cor_json_reader_init(&reader,
					(struct cor_str){ buffer.data, buffer.len }, &arena, 0);
				assert_int_equal(cor_json_read_string(&reader, &back), 0);
				assert_int_equal(cor_json_finish(&reader), 0);
				assert_int_equal(back.len, len);
				assert_memory_equal(back.data, text, len);
				cor_arena_finish(&arena);
				cor_buffer_finish(&buffer);
			}
		}
	}
}

static void text_that_is_not_utf8_is_an_error(void **state)
{
	char text[40];

	(void)state;
	for (size_t len = 1; len <= sizeof text; len++) {
		for (size_t place = 0; place < len; place++) {
			struct cor_buffer buffer = { 0 };

			memset(text, 'x', sizeof text);
			text[place] = (char)(place & 1 ? 0xff : 0xc3);
			cor_json_write_string(&buffer, (struct cor_str){ text, len });
			assert_int_equal(cor_buffer_error(&buffer), -COR_EINVALID);
			cor_buffer_finish(&buffer);
		}
	}
}

static void numbers_and_words_are_written(void **state)
{
	struct cor_buffer buffer = { 0 };

	(void)state;
	cor_json_write_int64(&buffer, INT64_MIN);
	cor_buffer_byte(&buffer, ',');
	cor_json_write_uint64(&buffer, UINT64_MAX);
	cor_buffer_byte(&buffer, ',');
	cor_json_write_double(&buffer, 106.79);
	cor_buffer_byte(&buffer, ',');
	cor_json_write_double(&buffer, 1);
	cor_buffer_byte(&buffer, ',');
	cor_json_write_bool(&buffer, true);
	cor_buffer_byte(&buffer, ',');
	cor_json_write_bool(&buffer, false);
	cor_buffer_byte(&buffer, ',');
	cor_json_write_null(&buffer);
	written_is(&buffer, "-9223372036854775808,18446744073709551615,106.79,1.0,true,false,null");
}

static void values_without_json_are_errors(void **state)
{
	const double cases[] = { (double)NAN, (double)INFINITY, -(double)INFINITY };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cor_buffer buffer = { 0 };
		cor_json_write_double(&buffer, cases[i]);
		assert_int_equal(cor_buffer_error(&buffer), -COR_EINVALID);
		assert_int_equal(buffer.len, 0);
		cor_buffer_finish(&buffer);
	}
}

static void a_limit_is_used_up_to_its_last_byte(void **state)
{
	struct cor_buffer buffer = { .limit = 10 };

	(void)state;
	cor_json_write_string(&buffer, COR_STR("abcd"));
	cor_json_write_int64(&buffer, -123);
	assert_int_equal(cor_buffer_error(&buffer), 0);
	cor_json_write_uint64(&buffer, 1);
	assert_int_equal(cor_buffer_error(&buffer), -COR_ETOOLARGE);
	assert_int_equal(buffer.len, 10);
	cor_buffer_finish(&buffer);
}

static void write_everything(struct cor_buffer *buffer)
{
	char text[2000];

	memset(text, 'x', sizeof text);
	for (int i = 0; i < 20; i++) {
		cor_json_write_string(buffer, (struct cor_str){ text, sizeof text });
		cor_json_write_string(buffer, COR_STR("\n\x01 \xc3\xa4"));
		cor_json_write_double(buffer, 1.5e-7);
		cor_json_write_int64(buffer, INT64_MIN);
		cor_json_write_null(buffer);
	}
}

/* Let each allocation fail in turn. */
static void no_memory_is_an_error(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t nth = 0;; nth++) {
		struct cor_buffer buffer = { 0 };
		memory.calls_left = nth;
		memory.armed = true;
		write_everything(&buffer);
		memory.armed = false;
		int error = cor_buffer_error(&buffer);
		cor_buffer_finish(&buffer);
		if (error == 0)
			break;
		assert_int_equal(error, -ENOMEM);
		failed++;
	}
	assert_true(failed > 3);
}

static void documents_take_our_form(void **state)
{
	struct cor_buffer buffer = { 0 };

	(void)state;
	assert_int_equal(
		document_rewrite(COR_STR(" { \"\\u0061\" : [ 1.50 , 10e-1, -0, \"\\/\" ] , "
					 "\"a\":18446744073709551615, \"b\" : 1e400 } "),
			&buffer),
		0);
	written_is(&buffer, "{\"a\":[1.5,1.0,0,\"/\"],\"a\":18446744073709551615,\"b\":1e400}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_escaped_as_little_as_possible),
		cmocka_unit_test(every_byte_at_every_place_comes_back),
		cmocka_unit_test(text_that_is_not_utf8_is_an_error),
		cmocka_unit_test(numbers_and_words_are_written),
		cmocka_unit_test(values_without_json_are_errors),
		cmocka_unit_test(a_limit_is_used_up_to_its_last_byte),
		cmocka_unit_test(no_memory_is_an_error),
		cmocka_unit_test(documents_take_our_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
