/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "origin/proxies.h"

static struct cor_peer peer_of(const char *text)
{
	struct cor_peer peer = { 0 };

	if (strcmp(text, "unix") != 0 && !cor_peer_parse(cor_str(text), &peer))
		fail_msg("%s is no address", text);
	return peer;
}

static void expect(const char *network, const char *peer, bool is_trusted)
{
	struct cor_proxy_network parsed;
	const struct cor_peer whose = peer_of(peer);

	if (cor_proxy_network_parse(network, &parsed) != 0)
		fail_msg("%s is no network", network);
	const struct cor_proxies proxies = { &parsed, 1 };
	if (cor_proxies_trust(&proxies, &whose) != is_trusted)
		fail_msg("%s and %s", network, peer);
}

static void test_who_is_in_a_network(void **state)
{
	(void)state;
	expect("10.0.0.0/8", "10.255.0.1", true);
	expect("10.0.0.0/8", "11.0.0.0", false);
	expect("10.0.0.0/8", "[::ffff:10.1.2.3]:80", true);
	expect("192.0.2.1", "192.0.2.1:99", true);
	expect("192.0.2.1", "192.0.2.2", false);
	expect("192.0.2.128/25", "192.0.2.129", true);
	expect("192.0.2.128/25", "192.0.2.127", false);
	expect("0.0.0.0/0", "203.0.113.9", true);
	expect("0.0.0.0/0", "2001:db8::1", false);
	expect("2001:db8::/33", "2001:db8:7fff::1", true);
	expect("2001:db8::/33", "2001:db8:8000::1", false);
	expect("::1", "::1", true);
	expect("::/0", "2001:db8::1", true);
	expect("::/0", "192.0.2.1", false);
	expect("::/0", "::ffff:192.0.2.1", false);
	expect("::ffff:10.0.0.0/104", "10.9.9.9", true);
	expect("unix", "unix", true);
	expect("unix", "127.0.0.1", false);
	expect("127.0.0.1", "unix", false);
	expect("0.0.0.0/0", "unix", false);
	expect("::/0", "unix", false);
}

static void test_what_a_proxy_calls_a_unix_socket_is_not_ours(void **state)
{
	struct cor_proxy_network network;
	const struct cor_peer told = { .family = AF_UNIX };

	(void)state;
	assert_int_equal(cor_proxy_network_parse("unix", &network), 0);
	const struct cor_proxies proxies = { &network, 1 };
	assert_false(cor_proxies_trust(&proxies, &told));
}

static void test_what_is_no_network(void **state)
{
	static const char *const wrong[] = { "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/+8", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0/8", "10.0.0.0.0/8", "::/129",
		"::/", "fe80::1%eth0", "localhost", "10.0.0.1:80", "10.0.0.0/8/8", "unix:/run/x",
		"Unix", "10.0.0.0/08x", "0x0a.0.0.0/8", "10.0.0.0/1000" };
	struct cor_proxy_network network;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (cor_proxy_network_parse(wrong[i], &network) != -EINVAL)
			fail_msg("'%s' is a network", wrong[i]);
	assert_int_equal(cor_proxy_network_parse("10.0.0.1/8", &network), -ERANGE);
	assert_int_equal(cor_proxy_network_parse("2001:db8::1/64", &network), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_in_a_network),
		cmocka_unit_test(test_what_a_proxy_calls_a_unix_socket_is_not_ours),
		cmocka_unit_test(test_what_is_no_network),
	};

	return cmocka_run_group_tests_name("origin/proxies", tests, NULL, NULL);
}
