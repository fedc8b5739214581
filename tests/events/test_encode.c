/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "events/encode.h"

static void encodes(struct cor_event event, const char *text)
{
	struct cor_buffer buffer = { 0 };

	assert_null(cor_event_fault(&event));
	cor_event_append(&buffer, &event);
	assert_int_equal(cor_buffer_error(&buffer), 0);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data, text);
	cor_buffer_finish(&buffer);
}

static void members_have_their_lines(void **state)
{
	(void)state;
	encodes((struct cor_event){ .data = COR_STR("x") }, "data: x\n\n");
	encodes((struct cor_event){ .name = "n", .id = "7", .data = COR_STR("x") },
		"event: n\nid: 7\ndata: x\n\n");
	encodes((struct cor_event){ .name = "", .id = "", .data = COR_STR("") },
		"id: \ndata: \n\n");
	encodes((struct cor_event){ .id = "7" }, "id: 7\n\n");
	encodes((struct cor_event){ .data = COR_STR(" : \xc3\xa9") }, "data:  : \xc3\xa9\n\n");
}

static void each_line_of_data_has_its_own(void **state)
{
	static const char *const texts[][2] = {
		{ "a\nb", "data: a\ndata: b\n\n" },
		{ "a\rb", "data: a\ndata: b\n\n" },
		{ "a\r\nb", "data: a\ndata: b\n\n" },
		{ "a\n\rb", "data: a\ndata: \ndata: b\n\n" },
		{ "\n", "data: \ndata: \n\n" },
		{ "a\r", "data: a\ndata: \n\n" },
		{ "a\r\n", "data: a\ndata: \n\n" },
		{ "a\n\nevent: b", "data: a\ndata: \ndata: event: b\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		encodes((struct cor_event){ .data = cor_str(texts[i][0]) }, texts[i][1]);
}

static void what_would_be_another_event_is_refused(void **state)
{
	(void)state;
	assert_non_null(cor_event_fault(&(struct cor_event){ .name = "a\nb" }));
	assert_non_null(cor_event_fault(&(struct cor_event){ .name = "a\rb" }));
	assert_non_null(cor_event_fault(&(struct cor_event){ .id = "a\nb" }));
	assert_non_null(cor_event_fault(&(struct cor_event){ .id = "\r" }));
	assert_non_null(cor_event_fault(&(struct cor_event){ .name = "\xff" }));
	assert_non_null(cor_event_fault(&(struct cor_event){ .id = "\xff" }));
	assert_non_null(cor_event_fault(&(struct cor_event){ .data = COR_STR("\xc3") }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_have_their_lines),
		cmocka_unit_test(each_line_of_data_has_its_own),
		cmocka_unit_test(what_would_be_another_event_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
