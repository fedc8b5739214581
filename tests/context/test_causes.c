/* SPDX-License-Identifier: MIT */
/* docs/errors.md, the argument, gives the status of each cause: of all of them, and correctly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "context/context.h"

#define CODES_END (COR_ECERTIFICATE + 1)

static const char *page;
static uint16_t documented[CODES_END]; /* what the page says, by cause */

static int code_of(const char *name, size_t len)
{
	for (int code = 1; code < CODES_END; code++)
		if (strlen(cor_errname(code)) == len && strncmp(cor_errname(code), name, len) == 0)
			return code;
	fail_msg("%.*s is not a code", (int)len, name);
	return 0;
}

/* | `-EPIPE`, `-EBADMSG` | 502 | */
static void take_row(char *row)
{
	char *status = strrchr(row, '|');

	*status = '\0';
	status = strrchr(row, '|');
	for (char *name = strstr(row, "`-"); name; name = strstr(name, "`-")) {
		name += 2;
		documented[code_of(name, strcspn(name, "`"))] = (uint16_t)strtoul(
			status + 1, NULL, 10);
	}
}

static void read_page(void)
{
	char line[512];
	bool inside = false;
	FILE *file = fopen(page, "r");

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "| cause | status |", 18) == 0)
			inside = true;
		else if (inside && line[0] != '|')
			break;
		else if (inside)
			take_row(line);
	}
	fclose(file);
	assert_true(inside);
}

static void test_page_and_table(void **state)
{
	(void)state;
	read_page();
	for (int code = 1; code < CODES_END; code++) {
		int status = cor_status_of(-code);
		if ((documented[code] ? documented[code] : 500) != status)
			fail_msg("%s: %d, and the page says %d", cor_errname(code), status,
				documented[code]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_and_table),
	};

	if (argc != 2)
		return 2;
	page = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
