/* SPDX-License-Identifier: MIT */
/* Which connections are one client's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "connection/peers.h"

static struct cor_peer peer_of(const char *text)
{
	struct cor_address address;

	assert_int_equal(cor_address_parse(text, &address), 0);
	return cor_peer_of(&address);
}

static void expect(const char *first, const char *second, bool are_one)
{
	static struct cor_peers peers;
	const struct cor_peer one = peer_of(first), other = peer_of(second);

	cor_peers_init(&peers, 2);
	assert_true(cor_peers_take(&peers, &one));
	assert_true(cor_peers_take(&peers, &one));
	assert_false(cor_peers_take(&peers, &one));
	assert_int_equal(cor_peers_take(&peers, &other), !are_one);
	cor_peers_give(&peers, &one);
	assert_true(cor_peers_take(&peers, &one));
	for (int i = 0; i < 2; i++)
		cor_peers_give(&peers, &one);
	if (!are_one)
		cor_peers_give(&peers, &other);
	for (size_t i = 0; i < COR_PEERS_BUCKETS; i++)
		assert_null(peers.buckets[i]);
	cor_peers_finish(&peers);
}

static void test_which_connections_are_one_client(void **state)
{
	(void)state;
	expect("10.0.0.1:1", "10.0.0.1:2", true);
	expect("10.0.0.1:1", "10.0.0.2:1", false);
	expect("[2001:db8:0:1::1]:1", "[2001:db8:0:1:ffff::9]:1", true);
	expect("[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", false);
	expect("[::ffff:10.0.0.1]:1", "10.0.0.1:1", true);
	expect("[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.2]:1", false);
	expect("[::1]:1", "0.0.0.0:1", false);
}

static void test_a_client_without_an_address_has_no_limit(void **state)
{
	static struct cor_peers peers;
	const struct cor_peer nobody = { 0 };

	(void)state;
	cor_peers_init(&peers, 1);
	for (int i = 0; i < 3; i++)
		assert_true(cor_peers_take(&peers, &nobody));
	cor_peers_finish(&peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_connections_are_one_client),
		cmocka_unit_test(test_a_client_without_an_address_has_no_limit),
	};

	return cmocka_run_group_tests_name("server/peers", tests, NULL, NULL);
}
