/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "origin/forwarded.h"

/* Trusted: 10.0.0.0/8 and fd00::/8. The peer is 10.0.0.1, unless it is said. */
struct play {
	const char *peer;
	const char *told[COR_TOLD_BY_COUNT];
	const char *client;
	const char *rest; /* scheme host port prefix */
	uint8_t malformed;
};

#define F(text) .told[0] = text
#define X(text) .told[1] = text

static const struct play plays[] = {
	/* nobody tells */
	{ .client = "10.0.0.1", .rest = "   " },
	{ .peer = "192.0.2.9", X("198.51.100.7"), .client = "192.0.2.9", .rest = "   " },
	{ .peer = "192.0.2.9",
		F("for=198.51.100.7;proto=https"),
		.client = "192.0.2.9",
		.rest = "   " },
	{ .peer = "192.0.2.9",
		.told = { [2] = "https", [3] = "evil", [5] = "/x" },
		.client = "192.0.2.9",
		.rest = "   " },
	/* nginx's rule */
	{ X("192.0.2.1"), .client = "192.0.2.1", .rest = "   " },
	{ X("192.0.2.1:4711"), .client = "192.0.2.1", .rest = "   " },
	{ X("[2001:db8::1]:80"), .client = "2001:db8::1", .rest = "   " },
	{ X("2001:db8::1"), .client = "2001:db8::1", .rest = "   " },
	{ X("203.0.113.66, 192.0.2.1"), .client = "192.0.2.1", .rest = "   " },
	{ X("203.0.113.66, 192.0.2.1, 10.0.0.2"), .client = "192.0.2.1", .rest = "   " },
	{ X("203.0.113.66,192.0.2.1,10.0.0.2,fd00::7"), .client = "192.0.2.1", .rest = "   " },
	{ X("10.0.0.3, 10.0.0.2"), .client = "10.0.0.3", .rest = "   " },
	{ X("10.9.9.9, 192.0.2.1"), .client = "192.0.2.1", .rest = "   " },
	{ X("192.0.2.1, , ,"), .client = "192.0.2.1", .rest = "   " },
	{ X("unknown"), .client = "10.0.0.1", .rest = "   ", .malformed = 2 },
	{ X("192.0.2.1, evil, 10.0.0.2"), .client = "10.0.0.2", .rest = "   ", .malformed = 2 },
	{ X("evil, 192.0.2.1"), .client = "192.0.2.1", .rest = "   " },
	{ X("192.0.2.1 10.0.0.2"), .client = "10.0.0.1", .rest = "   ", .malformed = 2 },
	{ X("\"192.0.2.1"), .client = "10.0.0.1", .rest = "   ", .malformed = 2 },
	{ X("\"x, 192.0.2.1"), .client = "192.0.2.1", .rest = "   " },
	/* Forwarded */
	{ F("for=192.0.2.1"), .client = "192.0.2.1", .rest = "   " },
	{ F("For=\"[2001:db8:cafe::17]:4711\""), .client = "2001:db8:cafe::17", .rest = "   " },
	{ F("for=192.0.2.1;proto=https;by=10.0.0.1;host=shop.example"), .client = "192.0.2.1",
		.rest = "https shop.example  " },
	{ F("for=203.0.113.66;host=evil, for=192.0.2.1;proto=http, for=10.0.0.2;proto=https"),
		.client = "192.0.2.1", .rest = "http   " },
	{ F("for=192.0.2.1 ; proto=HTTPS ; host=\"a.example:8443\""), .client = "192.0.2.1",
		.rest = "https a.example:8443  " },
	{ F("for=\"192.0.2.1:_port\""), .client = "192.0.2.1", .rest = "   " },
	{ F("for=_hidden;proto=https"), .client = "10.0.0.1", .rest = "https   " },
	{ F("for=192.0.2.1, for=unknown"), .client = "10.0.0.1", .rest = "   " },
	{ F("for=192.0.2.1, for=\"_gazonk:80\""), .client = "10.0.0.1", .rest = "   " },
	{ F("for=192.0.2.1, proto=https"), .client = "10.0.0.1", .rest = "https   " },
	{ F("for=\"open, for=192.0.2.1;proto=https"), .client = "192.0.2.1", .rest = "https   " },
	{ F("for=\"open, for=\"[2001:db8::1]\""), .client = "2001:db8::1", .rest = "   " },
	{ F("for=203.0.113.66;ext=\"a,b\", for=192.0.2.1;ext=\"c,d\""), .client = "192.0.2.1",
		.rest = "   " },
	{ F("for"), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	{ F("for="), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	{ F("=192.0.2.1"), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	{ F("for=192.0.2.1 proto=https"), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	{ F("for=192.0.2.1;proto=ftp"), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	{ F("for=example.org"), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	{ F("for=\"192.0.2.1\\\"\""), .client = "10.0.0.1", .rest = "   ", .malformed = 1 },
	/* the others: the nearest proxy's word */
	{ .told = { [2] = "https", [3] = "shop.example:8443", [4] = "8080", [5] = "/shop/" },
		.client = "10.0.0.1",
		.rest = "https shop.example:8443 8080 /shop" },
	{ .told = { [2] = "http, https",
		  [3] = "evil, shop.example",
		  [4] = "1, 443",
		  [5] = "/evil, /a/b" },
		.client = "10.0.0.1",
		.rest = "https shop.example 443 /a/b" },
	{ .told = { [2] = "javascript" }, .client = "10.0.0.1", .rest = "   ", .malformed = 4 },
	{ .told = { [3] = "a b" }, .client = "10.0.0.1", .rest = "   ", .malformed = 8 },
	{ .told = { [3] = "user@evil" }, .client = "10.0.0.1", .rest = "   ", .malformed = 8 },
	{ .told = { [3] = "evil/path" }, .client = "10.0.0.1", .rest = "   ", .malformed = 8 },
	{ .told = { [4] = "65536" }, .client = "10.0.0.1", .rest = "   ", .malformed = 16 },
	{ .told = { [4] = "0" }, .client = "10.0.0.1", .rest = "   ", .malformed = 16 },
	{ .told = { [5] = "/" }, .client = "10.0.0.1", .rest = "   " },
	{ .told = { [5] = "//evil.example" },
		.client = "10.0.0.1",
		.rest = "   ",
		.malformed = 32 },
	{ .told = { [5] = "/a//b" }, .client = "10.0.0.1", .rest = "   ", .malformed = 32 },
	{ .told = { [5] = "/a/.." }, .client = "10.0.0.1", .rest = "   ", .malformed = 32 },
	{ .told = { [5] = "/a?b" }, .client = "10.0.0.1", .rest = "   ", .malformed = 32 },
	{ .told = { [5] = "/a\\b" }, .client = "10.0.0.1", .rest = "   ", .malformed = 32 },
	{ .told = { [5] = "shop" }, .client = "10.0.0.1", .rest = "   ", .malformed = 32 },
	{ .told = { [5] = "https://evil" }, .client = "10.0.0.1", .rest = "   ", .malformed = 32 },
};

static void check(const struct play *play)
{
	static struct cor_proxy_network networks[2];
	const struct cor_proxies proxies = { networks, 2 };
	struct cor_told told = { 0 };
	struct cor_peer peer;
	struct cor_origin origin;
	char client[INET6_ADDRSTRLEN], rest[256];

	assert_int_equal(cor_proxy_network_parse("10.0.0.0/8", &networks[0]), 0);
	assert_int_equal(cor_proxy_network_parse("fd00::/8", &networks[1]), 0);
	assert_true(cor_peer_parse(cor_str(play->peer ? play->peer : "10.0.0.1"), &peer));
	for (size_t i = 0; i < COR_TOLD_BY_COUNT; i++)
		if (play->told[i])
			told.values[i] = cor_str(play->told[i]);
	cor_origin_find(&proxies, &peer, &told, &origin);
	inet_ntop(origin.client.family, origin.client.ip, client, sizeof client);
	snprintf(rest, sizeof rest, "%.*s %.*s %.*s %.*s", (int)origin.scheme.len,
		origin.scheme.data, (int)origin.host.len, origin.host.data, (int)origin.port.len,
		origin.port.data, (int)origin.prefix.len, origin.prefix.data);
	if (strcmp(client, play->client) != 0 || strcmp(rest, play->rest) != 0 ||
		origin.malformed != play->malformed)
		fail_msg("play %zu: %s, '%s', malformed %d", (size_t)(play - plays), client, rest,
			origin.malformed);
}

static void test_who_asks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
		check(&plays[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_asks),
	};

	return cmocka_run_group_tests_name("origin/forwarded", tests, NULL, NULL);
}
