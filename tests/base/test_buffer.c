/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"

static void pieces_follow_each_other(void **state)
{
	struct cor_buffer buffer = { 0 };

	(void)state;
	cor_buffer_literal(&buffer, "one ");
	cor_buffer_append(&buffer, "two!", 3);
	cor_buffer_byte(&buffer, ' ');
	cor_buffer_append_str(&buffer, COR_STR("three"));
	cor_buffer_append(&buffer, NULL, 0);
	cor_buffer_printf(&buffer, " %d", 4);
	assert_int_equal(cor_buffer_error(&buffer), 0);
	assert_int_equal(buffer.len, strlen("one two three 4"));
	assert_memory_equal(buffer.data, "one two three 4", buffer.len);
	cor_buffer_finish(&buffer);
	assert_null(buffer.data);
}

static void it_grows_and_keeps_what_it_has(void **state)
{
	struct cor_buffer buffer = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		cor_buffer_byte(&buffer, (char)('a' + i % 26));
	assert_int_equal(buffer.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(buffer.data[i], 'a' + i % 26);
	cor_buffer_clear(&buffer, buffer.capacity);
	assert_int_equal(buffer.len, 0);
	assert_non_null(buffer.data);
	cor_buffer_clear(&buffer, buffer.capacity - 1);
	assert_null(buffer.data);
}

static void the_limit_holds_and_the_error_stays(void **state)
{
	struct cor_buffer buffer = { .limit = 10 };

	(void)state;
	cor_buffer_literal(&buffer, "1234567890");
	assert_int_equal(cor_buffer_error(&buffer), 0);
	cor_buffer_byte(&buffer, 'x');
	assert_int_equal(cor_buffer_error(&buffer), -COR_ETOOLARGE);
	cor_buffer_fail(&buffer, -ENOMEM);
	assert_int_equal(cor_buffer_error(&buffer), -COR_ETOOLARGE);
	assert_int_equal(buffer.len, 10);
	cor_buffer_clear(&buffer, 100);
	assert_int_equal(cor_buffer_error(&buffer), 0);
	cor_buffer_byte(&buffer, 'x');
	assert_int_equal(buffer.len, 1);
	cor_buffer_finish(&buffer);
	assert_int_equal(buffer.limit, 10);
}

static void no_size_wraps(void **state)
{
	struct cor_buffer buffer = { 0 };

	(void)state;
	cor_buffer_byte(&buffer, 'x');
	assert_null(cor_buffer_reserve(&buffer, SIZE_MAX));
	assert_int_equal(cor_buffer_error(&buffer), -COR_ETOOLARGE);
	assert_false(cor_buffer_has_room(&buffer, 0)); /* nothing follows an error */
	cor_buffer_finish(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_follow_each_other),
		cmocka_unit_test(it_grows_and_keeps_what_it_has),
		cmocka_unit_test(the_limit_holds_and_the_error_stays),
		cmocka_unit_test(no_size_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
