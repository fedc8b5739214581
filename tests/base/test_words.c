/* SPDX-License-Identifier: MIT */
/*
 * Each length, at the very end of its memory: the sanitizers see a byte read or written too far.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/words.h"

#define LONGEST 80

static struct cor_str exact(size_t len)
{
	char *data = malloc(len ? len : 1);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 37 + 11);
	return (struct cor_str){ data, len };
}

static void texts_are_compared_to_the_last_byte(void **state)
{
	(void)state;
	for (size_t len = 0; len <= LONGEST; len++) {
		struct cor_str a = exact(len), b = exact(len);
		char *bytes = (char *)(uintptr_t)b.data;
		assert_true(cor_words_same(a, b));
		assert_false(cor_words_same(a, (struct cor_str){ b.data, len + 1 }));
		for (size_t i = 0; i < len; i++) {
			bytes[i] ^= 0x20;
			assert_false(cor_words_same(a, b));
			bytes[i] ^= 0x20;
		}
		free((void *)(uintptr_t)a.data);
		free(bytes);
	}
}

static void texts_are_copied_to_the_last_byte(void **state)
{
	(void)state;
	for (size_t len = 0; len <= LONGEST; len++) {
		struct cor_str text = exact(len);
		char *copy = malloc(len ? len : 1);
		assert_non_null(copy);
		cor_words_copy(copy, text);
		assert_memory_equal(copy, text.data, len);
		free((void *)(uintptr_t)text.data);
		free(copy);
	}
	cor_words_copy(NULL, (struct cor_str){ NULL, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_compared_to_the_last_byte),
		cmocka_unit_test(texts_are_copied_to_the_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
