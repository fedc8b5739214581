/* SPDX-License-Identifier: MIT */
/* Work is counted, not timed: twice as much of the worst input is twice the work, and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "multipart/parser.h"

#define BOUNDARY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"

void *__real_memchr(const void *bytes, int byte, size_t len);
int __real_memcmp(const void *a, const void *b, size_t len);
void *__wrap_memchr(const void *bytes, int byte, size_t len);
int __wrap_memcmp(const void *a, const void *b, size_t len);

static uint64_t looks; /* bytes that were looked at, at most */

void *__wrap_memchr(const void *bytes, int byte, size_t len)
{
	const char *found = __real_memchr(bytes, byte, len);

	looks += found ? (size_t)(found - (const char *)bytes) + 1 : len;
	return (void *)(uintptr_t)found;
}

int __wrap_memcmp(const void *a, const void *b, size_t len)
{
	const char *left = a, *right = b;

	for (size_t i = 0; i < len; i++) {
		looks++;
		if (left[i] != right[i])
			break;
	}
	return __real_memcmp(a, b, len);
}

/* A part whose data repeats `unit`, in pieces of `piece` bytes: the looks, and calls, for it. */
static uint64_t work(const char *unit, size_t bytes, size_t piece)
{
	static const struct cor_multipart_limits limits = { .parts = 10, .head_bytes = 512 };
	static const char head[] = "--" BOUNDARY
				   "\r\nContent-Disposition: form-data; name=a\r\n\r\n";
	struct cor_multipart multipart;
	struct cor_str input = { head, sizeof head - 1 }, data;
	char lines[512], *text = malloc(bytes + 1);
	size_t unit_len = strlen(unit), given = 0;

	assert_non_null(text);
	for (size_t i = 0; i < bytes; i++)
		text[i] = unit[i % unit_len];
	cor_multipart_begin(&multipart, COR_STR(BOUNDARY), lines, &limits);
	assert_int_equal(cor_multipart_next(&multipart, &input, &data), COR_MULTIPART_PART);
	looks = 0;
	for (size_t at = 0; at < bytes; at += piece) {
		input = (struct cor_str){ text + at, bytes - at < piece ? bytes - at : piece };
		for (int event = 1; event > 0; looks++) {
			event = cor_multipart_next(&multipart, &input, &data);
			assert_true(event == COR_MULTIPART_DATA || event == COR_MULTIPART_MORE);
			given += event == COR_MULTIPART_DATA ? data.len : 0;
		}
	}
	free(text);
	assert_in_range(given, bytes - COR_DELIMITER_BYTES, bytes);
	return looks;
}

static const char *const units[] = {
	"\r",
	"\r\n",
	"\r\n-",
	"\r\n--",
	"\r\n--aaaaaaaa",
	"\r\n--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"\r\n--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
	"a",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\r",
	"\r\n--" BOUNDARY "x",
	"\r\n--" BOUNDARY "-",
	"\r\n--" BOUNDARY "\r",
};

static void work_grows_with_the_input(void **state)
{
	static const size_t pieces[] = { 1, 7, 74, 75, 4096, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		for (size_t j = 0; j < sizeof pieces / sizeof pieces[0]; j++) {
			uint64_t once = work(units[i], 16384, pieces[j]);
			uint64_t twice = work(units[i], 32768, pieces[j]);
			uint64_t four_times = work(units[i], 65536, pieces[j]);
			if (twice > 2 * once + 512 || four_times > 4 * once + 1024 ||
				once > 8 * 16384)
				print_error("%s by %zu: %ju %ju %ju\n", units[i], pieces[j],
					(uintmax_t)once, (uintmax_t)twice, (uintmax_t)four_times);
			assert_in_range(twice, 0, 2 * once + 512);
			assert_in_range(four_times, 0, 4 * once + 1024);
			assert_in_range(once, 0, 8 * 16384);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(work_grows_with_the_input) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
