/* SPDX-License-Identifier: MIT */
/* What priority fields say (RFC 9218 section 4), and that nonsense says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http2/priority.h"

struct row {
	const char *field;
	uint32_t urgency;
	int inc;
};

static const struct row rows[] = {
	{ "", 3, 0 },
	{ "u=0", 0, 0 },
	{ "u=7,i", 7, 1 },
	{ "i, u=1", 1, 1 },
	{ " \tu=2 ,\ti=?1 ", 2, 1 },
	{ "i=?1, i=?0", 3, 0 },
	{ "u=1, u=5", 5, 0 },
	{ "u=4;x=1, i;y", 4, 1 },
	{ "a=\"u=0, i\", u=6", 6, 0 },
	{ "a=\"\\\", u=0\", i", 3, 1 },
	{ "u=8", 3, 0 },
	{ "u=-1", 3, 0 },
	{ "u=10", 3, 0 },
	{ "U=1, I", 3, 0 },
	{ "i=1", 3, 0 },
	{ "u", 3, 0 },
	{ ",,,", 3, 0 },
	{ "\"", 3, 0 },
	{ "\"\\", 3, 0 },
};

static void each_field_says_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		nghttp2_extpri said = cor_http2_priority_parse(cor_str(rows[i].field));
		if (said.urgency != rows[i].urgency || said.inc != rows[i].inc)
			fail_msg("%s: u=%u i=%d", rows[i].field, said.urgency, said.inc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_says_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
