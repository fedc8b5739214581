/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connection/peer.h"
#include "origin/proxy_header.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\xc0\x00\x02\x01\xc6\x33\x64\x02\xdb\xdc\x01\xbb"
#define V4_ENDS   "192.0.2.1:56284 198.51.100.2:443"
#define ONE_V6    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
#define V6        ONE_V6 ONE_V6 "\x10\x00\x01\xbb"
#define V6_ENDS   "[2001:db8::1]:4096 [2001:db8::1]:443"
#define ZEROS_36  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZEROS_216 ZEROS_36 ZEROS_36 ZEROS_36 ZEROS_36 ZEROS_36 ZEROS_36
#define V6_MOST   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

#define BYTES(literal) literal, sizeof(literal) - 1

struct header {
	const char *what;
	const char *bytes;
	size_t len;
	int result;
	const char *ends; /* NULL: it speaks of no client */
};

static const struct header headers[] = {
	{ "v1 over IPv4", BYTES("PROXY TCP4 192.0.2.1 198.51.100.2 56284 443\r\n"), 0, V4_ENDS },
	{ "v1 over IPv6", BYTES("PROXY TCP6 2001:db8::1 2001:db8::1 4096 443\r\n"), 0, V6_ENDS },
	{ "v1 with the least", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 0 0\r\n"), 0,
		"1.1.1.1:0 1.1.1.1:0" },
	{ "v1 with the most", BYTES("PROXY TCP6 " V6_MOST " " V6_MOST " 65535 65535\r\n"), 0,
		"[" V6_MOST "]:65535 [" V6_MOST "]:65535" },
	{ "v1 mapped", BYTES("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), 0,
		"[::ffff:192.0.2.1]:1 [::1]:2" },
	{ "v1 unknown, the shortest", BYTES("PROXY UNKNOWN\r\n"), 0, NULL },
	{ "v1 unknown, the longest", BYTES("PROXY UNKNOWN " V6_MOST " " V6_MOST " 65535 65535\r\n"),
		0, NULL },
	{ "v1 unknown with anything", BYTES("PROXY UNKNOWN what ever\r\n"), 0, NULL },
	{ "v1 with two spaces", BYTES("PROXY  TCP4 1.1.1.1 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with a space behind", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r\n"), -EINVAL, NULL },
	{ "v1 with a fifth word", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 without ports", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1\r\n"), -EINVAL, NULL },
	{ "v1 without one port", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n"), -EINVAL, NULL },
	{ "v1 with a port too high", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n"), -EINVAL,
		NULL },
	{ "v1 with a leading zero", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n"), -EINVAL, NULL },
	{ "v1 with a sign", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n"), -EINVAL, NULL },
	{ "v1 with a name", BYTES("PROXY TCP4 localhost 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with a long number", BYTES("PROXY TCP4 1.1.1.256 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with IPv6 as TCP4", BYTES("PROXY TCP4 ::1 ::1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with IPv4 as TCP6", BYTES("PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with brackets", BYTES("PROXY TCP6 [::1] [::1] 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with a port in the address", BYTES("PROXY TCP4 1.1.1.1:1 1.1.1.1 1 1\r\n"), -EINVAL,
		NULL },
	{ "v1 in lower case", BYTES("proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 of UDP", BYTES("PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 with LF alone", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n"), -EINVAL, NULL },
	{ "v1 with CR alone", BYTES("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\rGET"), -EINVAL, NULL },
	{ "v1 with NUL", BYTES("PROXY TCP4 1.1.1.1\0 1.1.1.1 1 1\r\n"), -EINVAL, NULL },
	{ "v1 of 108 bytes",
		BYTES("PROXY UNKNOWN 45678901234567890123456789012345678901234567890123456789"
		      "0123456789012345678901234567890123456789\r\n"),
		-EMSGSIZE, NULL },
	{ "a request", BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), -EINVAL, NULL },
	{ "a TLS client", BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), -EINVAL, NULL },
	{ "v2 over IPv4", BYTES(SIGNATURE "\x21\x11\0\x0c" V4), 0, V4_ENDS },
	{ "v2 over IPv6", BYTES(SIGNATURE "\x21\x21\0\x24" V6), 0, V6_ENDS },
	{ "v2 of a unix socket", BYTES(SIGNATURE "\x21\x31\0\xd8" ZEROS_216), 0, "unix unix" },
	{ "v2 LOCAL", BYTES(SIGNATURE "\x20\0\0\0"), 0, NULL },
	{ "v2 LOCAL with a block", BYTES(SIGNATURE "\x20\x11\0\x0c" V4), 0, NULL },
	{ "v2 LOCAL of any family", BYTES(SIGNATURE "\x20\x7f\0\x02\1\2"), 0, NULL },
	{ "v2 UNSPEC", BYTES(SIGNATURE "\x21\0\0\x03\1\2\3"), 0, NULL },
	{ "v2 with padding", BYTES(SIGNATURE "\x21\x11\0\x11" V4 "\x04\0\2\0\0"), 0, V4_ENDS },
	{ "v2 with somebody's own", BYTES(SIGNATURE "\x21\x11\0\x11" V4 "\xea\0\2\0\0"), 0,
		V4_ENDS },
	{ "v2 with a block too short", BYTES(SIGNATURE "\x21\x11\0\x0b" V4), -EINVAL, NULL },
	{ "v2 with IPv4 for IPv6", BYTES(SIGNATURE "\x21\x21\0\x0c" V4), -EINVAL, NULL },
	{ "v2 of version 1", BYTES(SIGNATURE "\x11\x11\0\x0c" V4), -EINVAL, NULL },
	{ "v2 of version 3", BYTES(SIGNATURE "\x31\x11\0\x0c" V4), -EINVAL, NULL },
	{ "v2 with command 2", BYTES(SIGNATURE "\x22\x11\0\x0c" V4), -EINVAL, NULL },
	{ "v2 of datagrams", BYTES(SIGNATURE "\x21\x12\0\x0c" V4), -EINVAL, NULL },
	{ "v2 of family 4", BYTES(SIGNATURE "\x21\x41\0\x0c" V4), -EINVAL, NULL },
	{ "v2 with half a TLV", BYTES(SIGNATURE "\x21\x11\0\x0e" V4 "\x04\0"), -EINVAL, NULL },
	{ "v2 with a TLV too long", BYTES(SIGNATURE "\x21\x11\0\x10" V4 "\x04\0\2\0"), -EINVAL,
		NULL },
	{ "v2 with a good sum", BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\x03\0\4\x46\xf2\x2a\xb9"), 0,
		V4_ENDS },
	{ "v2 with a wrong sum", BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\x03\0\4\0\0\0\0"), -EINVAL,
		NULL },
	{ "v2 with half a sum", BYTES(SIGNATURE "\x21\x11\0\x11" V4 "\x03\0\2\0\0"), -EINVAL,
		NULL },
	{ "v2 with TLS too short", BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\x20\0\4\1\0\0\0"), -EINVAL,
		NULL },
	{ "v2 with half a TLV of TLS",
		BYTES(SIGNATURE "\x21\x11\0\x16" V4 "\x20\0\7\1\0\0\0\0\x21\0"), -EINVAL, NULL },
	{ "v2 of 4,097 bytes", BYTES(SIGNATURE "\x21\x11\x0f\xf1"), -EMSGSIZE, NULL },
	{ "v2 of 65,551 bytes", BYTES(SIGNATURE "\x21\x11\xff\xff"), -EMSGSIZE, NULL },
	{ "v2 with a broken signature", BYTES("\r\n\r\n\0\r\nQUIT\r\x21\x11\0\x0c" V4), -EINVAL,
		NULL },
};
#define HEADERS_LEN (sizeof headers / sizeof headers[0])

/* Nothing behind the bytes can be read: a sanitizer would tell. */
static int read_exactly(const char *bytes, size_t len, struct cor_proxy_header *ret)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	int rc = cor_proxy_header_read(copy, len, ret);
	free(copy);
	return rc;
}

static void check_ends(const struct header *header, const struct cor_proxy_header *read)
{
	char source[COR_ADDRESS_TEXT_BYTES], destination[COR_ADDRESS_TEXT_BYTES];
	char ends[2 * COR_ADDRESS_TEXT_BYTES];
	struct cor_address address;

	if (read->is_local != !header->ends)
		fail_msg("%s: a client, or none", header->what);
	if (!header->ends)
		return;
	cor_peer_address(&read->source, &address);
	cor_address_print(&address, source);
	cor_peer_address(&read->destination, &address);
	cor_address_print(&address, destination);
	snprintf(ends, sizeof ends, "%s %s", source, destination);
	if (strcmp(ends, header->ends) != 0)
		fail_msg("%s: %s", header->what, ends);
}

static void test_headers(void **state)
{
	(void)state;
	assert_true(HEADERS_LEN >= 40);
	for (size_t i = 0; i < HEADERS_LEN; i++) {
		struct cor_proxy_header read;
		int rc = read_exactly(headers[i].bytes, headers[i].len, &read);
		if (rc != headers[i].result)
			fail_msg("%s: %d", headers[i].what, rc);
		if (rc != 0)
			continue;
		assert_int_equal(read.bytes, headers[i].len);
		check_ends(&headers[i], &read);
	}
}

/* What it asks for is never behind the header, and is more than what is there. */
static void test_each_beginning_asks_for_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < HEADERS_LEN; i++)
		for (size_t len = 0; headers[i].result == 0 && len < headers[i].len; len++) {
			struct cor_proxy_header read;
			int rc = read_exactly(headers[i].bytes, len, &read);
			if (rc != -EAGAIN || read.bytes <= len || read.bytes > headers[i].len)
				fail_msg("%s, %zu bytes: %d", headers[i].what, len, rc);
		}
}

static void test_what_follows_is_the_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < HEADERS_LEN; i++) {
		struct cor_proxy_header read;
		char bytes[512];
		if (headers[i].result != 0)
			continue;
		memcpy(bytes, headers[i].bytes, headers[i].len);
		memcpy(bytes + headers[i].len, "GET / HTTP/1.1\r\n", 16);
		assert_int_equal(cor_proxy_header_read(bytes, headers[i].len + 16, &read), 0);
		assert_int_equal(read.bytes, headers[i].len);
	}
}

static void assert_text(struct cor_str text, const char *expected)
{
	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.data, expected, text.len);
}

static void test_what_it_says_besides(void **state)
{
	static const char bytes[] = SIGNATURE "\x21\x11\0\x5e" V4 "\x01\0\2h2"
					      "\x02\0\x0b"
					      "example.org"
					      "\x05\0\3abc"
					      "\x30\0\4blue"
					      "\x20\0\x2f\x07\0\0\0\0"
					      "\x21\0\7TLSv1.3"
					      "\x22\0\5alice"
					      "\x23\0\3AES"
					      "\x24\0\6SHA256"
					      "\x25\0\6RSA256";
	struct cor_proxy_header read;

	(void)state;
	assert_int_equal(cor_proxy_header_read(bytes, sizeof bytes - 1, &read), 0);
	assert_text(read.alpn, "h2");
	assert_text(read.authority, "example.org");
	assert_text(read.unique_id, "abc");
	assert_text(read.netns, "blue");
	assert_true(read.tls.is_used && read.tls.has_certificate && read.tls.is_verified);
	assert_text(read.tls.version, "TLSv1.3");
	assert_text(read.tls.common_name, "alice");
	assert_text(read.tls.cipher, "AES");
	assert_text(read.tls.signature, "SHA256");
	assert_text(read.tls.key, "RSA256");
}

static void test_an_id_has_128_bytes_at_most(void **state)
{
	char bytes[16 + 12 + 3 + 129] = SIGNATURE "\x21\x11\0\x90" V4 "\x05\0\x81";
	struct cor_proxy_header read;

	(void)state;
	assert_int_equal(cor_proxy_header_read(bytes, sizeof bytes, &read), -EINVAL);
	bytes[15]--;
	bytes[30]--;
	assert_int_equal(cor_proxy_header_read(bytes, sizeof bytes - 1, &read), 0);
	assert_int_equal(read.unique_id.len, 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_each_beginning_asks_for_more),
		cmocka_unit_test(test_what_follows_is_the_clients),
		cmocka_unit_test(test_what_it_says_besides),
		cmocka_unit_test(test_an_id_has_128_bytes_at_most),
	};

	return cmocka_run_group_tests_name("origin/proxy_header", tests, NULL, NULL);
}
