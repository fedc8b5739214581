/* SPDX-License-Identifier: MIT */
/* The scan for the end of a line against the plain loop; built twice, with SSE2 and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/scan.h"

#define LINE_BYTES 70

/* In memory of exactly that size. */
static void check(const char *line, size_t len, size_t from)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, line, len);
	const char *expected = cor_scan_bytes(copy + from, copy + len);
	assert_ptr_equal(cor_scan_line(copy, copy + from, copy + len), expected);
	free(copy);
}

static void every_byte_at_every_place(void **state)
{
	char line[LINE_BYTES] = "";

	(void)state;
	for (size_t len = 0; len <= sizeof line; len += len < 34 ? 1 : 9) {
		for (size_t at = 0; at < len; at++) {
			for (unsigned byte = 0; byte < 256; byte++) {
				memset(line, 'a', sizeof line);
				line[at] = (char)byte;
				check(line, len, 0);
				check(line, len, at);
			}
		}
		check(line, len, len);
	}
}

/* Two stops, next to bytes which an inexact trick would take for stops or overlook. */
static void neighbours_do_not_matter(void **state)
{
	static const unsigned char bytes[] = { 0, 8, 9, 10, 13, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x9f,
		0xff };
	char line[24];

	(void)state;
	for (size_t at = 0; at + 1 < sizeof line; at++) {
		for (size_t i = 0; i < sizeof bytes * sizeof bytes; i++) {
			memset(line, '\t', sizeof line);
			line[at] = (char)bytes[i / sizeof bytes];
			line[at + 1] = (char)bytes[i % sizeof bytes];
			for (size_t from = 0; from <= at; from++)
				check(line, sizeof line, from);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_at_every_place),
		cmocka_unit_test(neighbours_do_not_matter),
	};

	return cmocka_run_group_tests_name("http scan", tests, NULL, NULL);
}
