/* SPDX-License-Identifier: MIT */
/* Hosts that need no lookup, and what is refused as none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "resolver/literal.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* "127.0.0.1 ::1", "name x", or "refused" */
static void describe(struct cor_str host, char text[300])
{
	struct cor_addresses addresses;
	char name[COR_HOST_NAME_BYTES];
	int rc = cor_host_literal(host, &addresses, name);

	*text = '\0';
	if (rc < 0)
		snprintf(text, 300, "refused");
	else if (rc == 0)
		snprintf(text, 300, "name %s", name);
	for (size_t i = 0; rc == 1 && i < addresses.len; i++) {
		char one[COR_ADDRESS_TEXT_BYTES];
		cor_address_print_host(&addresses.list[i], one);
		assert_int_equal(cor_address_port(&addresses.list[i]), 0);
		snprintf(text + strlen(text), 120, "%s%.100s", i ? " " : "", one);
	}
}

static void hosts_are_addresses_names_or_nothing(void **state)
{
	static const struct {
		const char *host, *expected;
	} cases[] = {
		{ "127.0.0.1", "127.0.0.1" },
		{ "10.20.30.40", "10.20.30.40" },
		{ "::1", "::1" },
		{ "2001:DB8::7", "2001:db8::7" },
		{ "localhost", "::1 127.0.0.1" },
		{ "LocalHost", "::1 127.0.0.1" },
		{ "localhost.", "::1 127.0.0.1" },
		{ "api.localhost", "::1 127.0.0.1" },
		{ "notlocalhost", "name notlocalhost" },
		{ "Prices", "name prices" },
		{ "prices.example.com", "name prices.example.com" },
		{ "prices.example.com.", "name prices.example.com." },
		{ "my_service-2.ns", "name my_service-2.ns" },
		{ "3com.com", "name 3com.com" },
		{ "1.2.3.4.example", "name 1.2.3.4.example" },
		/* what only some read as an address */
		{ "127.1", "refused" },
		{ "2130706433", "refused" },
		{ "0x7f000001", "refused" },
		{ "0x7f.0.0.1", "refused" },
		{ "017700000001", "refused" },
		{ "127.0.0.1.", "refused" },
		{ "256.1.1.1", "refused" },
		{ "01.02.03.004", "refused" },
		{ "", "refused" },
		{ ".", "refused" },
		{ ".a", "refused" },
		{ "a..b", "refused" },
		{ "a b", "refused" },
		{ "a/b", "refused" },
		{ "a:80", "refused" },
		{ "[::1]", "refused" },
		{ "fe80::1%eth0", "refused" },
		{ "b\xc3\xbc"
		  "cher",
			"refused" },
		{ "a\n", "refused" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[300];

		describe(cor_str(cases[i].host), text);
		assert_string_equal(text, cases[i].expected);
	}
}

static void lengths_have_limits(void **state)
{
	char host[300], text[300];

	(void)state;
	describe(COR_STR("a\0b"), text);
	assert_string_equal(text, "refused");
	memset(host, 'a', sizeof host);
	describe((struct cor_str){ host, 63 }, text);
	assert_memory_equal(text, "name ", 5);
	describe((struct cor_str){ host, 64 }, text);
	assert_string_equal(text, "refused");
	for (size_t i = 50; i < sizeof host; i += 50)
		host[i] = '.';
	describe((struct cor_str){ host, 253 }, text);
	assert_memory_equal(text, "name ", 5);
	describe((struct cor_str){ host, 254 }, text);
	assert_string_equal(text, "refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_addresses_names_or_nothing),
		cmocka_unit_test(lengths_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
