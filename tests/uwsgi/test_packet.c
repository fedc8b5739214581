/* SPDX-License-Identifier: MIT */
/* Packets of variables, each with the head that it becomes, or the status that refuses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head_parser.h"
#include "uwsgi/head.h"

#define HEAD_BYTES 1024

struct packet {
	size_t len;
	char bytes[COR_UWSGI_START_BYTES + 70000];
};

static void put_u16(struct packet *packet, size_t at, size_t value)
{
	packet->bytes[at] = (char)(value & 0xff);
	packet->bytes[at + 1] = (char)(value >> 8);
}

static void add(struct packet *packet, const char *text, size_t len)
{
	put_u16(packet, packet->len, len);
	memcpy(packet->bytes + packet->len + 2, text, len);
	packet->len += 2 + len;
	put_u16(packet, 1, packet->len - COR_UWSGI_START_BYTES);
}

static void begin(struct packet *packet)
{
	memset(packet->bytes, 0, COR_UWSGI_START_BYTES);
	packet->len = COR_UWSGI_START_BYTES;
}

/* "NAME=value|NAME=value", where a value may hold further '='. */
static void build(struct packet *packet, const char *text)
{
	begin(packet);
	while (*text) {
		size_t len = strcspn(text, "|"), name = strcspn(text, "=");
		add(packet, text, name);
		add(packet, text + name + 1, len - name - 1);
		text += len + (text[len] == '|');
	}
}

/*
 * "more", a status and its reason, or the head. Reads from a copy of exactly that size, so that the
 * sanitizers see a read past it.
 */
static void describe(const char *bytes, size_t len, char *out)
{
	char *copy = malloc(len ? len : 1);
	struct cor_buffer head = { 0 };
	struct cor_http_error error = { 0 };
	struct cor_uwsgi_packet packet;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	ssize_t used = cor_uwsgi_read(&packet, copy, len, &error);
	int rc = used > 0 ? cor_uwsgi_write_head(&packet, &head, &error) : 0;
	if (used == 0)
		snprintf(out, HEAD_BYTES, "more");
	else if (used < 0 || rc < 0)
		snprintf(out, HEAD_BYTES, "%d %s", error.status, error.reason);
	else
		snprintf(out, HEAD_BYTES, "%.*s", (int)head.len, head.data);
	cor_buffer_finish(&head);
	free(copy);
}

/* --- variables --- */

#define GET          "REQUEST_METHOD=GET|"
#define POST         "REQUEST_METHOD=POST|PATH_INFO=/|"
#define ROOT         GET "PATH_INFO=/|"
#define LINE(target) "GET " target " HTTP/1.0\r\n"

static const struct variables_case {
	const char *rule, *variables, *expected;
} variables_cases[] = {
	{ "parity 3.1: an empty value is legal", ROOT "QUERY_STRING=", LINE("/") "\r\n" },
	{ "a query", ROOT "QUERY_STRING=a=1&b=%20", LINE("/?a=1&b=%20") "\r\n" },
	{ "the order does not matter", "QUERY_STRING=q|PATH_INFO=/a|REQUEST_METHOD=GET",
		LINE("/a?q") "\r\n" },
	{ "a URI alone", GET "REQUEST_URI=/a%2Fb?x", LINE("/a%2Fb?x") "\r\n" },
	{ "the spelling of the URI", GET "REQUEST_URI=/a%2Fb|PATH_INFO=/a/b",
		LINE("/a%2Fb") "\r\n" },
	{ "the same with a query", GET "REQUEST_URI=/%61?x|PATH_INFO=/a|QUERY_STRING=x",
		LINE("/%61?x") "\r\n" },
	{ "a path that the proxy has rewritten",
		GET "REQUEST_URI=/api/a?x|PATH_INFO=/a|QUERY_STRING=x", LINE("/a?x") "\r\n" },
	{ "a query that it has rewritten", GET "REQUEST_URI=/a?x|PATH_INFO=/a|QUERY_STRING=y",
		LINE("/a?y") "\r\n" },
	{ "slashes that it has merged", GET "REQUEST_URI=//a|PATH_INFO=/a", LINE("/a") "\r\n" },
	{ "a URI that is shorter", GET "REQUEST_URI=/a|PATH_INFO=/ab", LINE("/ab") "\r\n" },
	{ "a URI that is longer", GET "REQUEST_URI=/abc|PATH_INFO=/ab", LINE("/ab") "\r\n" },
	{ "a bad escape in the URI", GET "REQUEST_URI=/%zz|PATH_INFO=/b", LINE("/b") "\r\n" },
	{ "an escape that is cut", GET "REQUEST_URI=/%4|PATH_INFO=/%4", LINE("/%4") "\r\n" },
	{ "a path is decoded, and encoded again", GET "PATH_INFO=/a b", LINE("/a%20b") "\r\n" },
	{ "a percent sign in it", GET "PATH_INFO=/100%", LINE("/100%25") "\r\n" },
	{ "a question mark in it", GET "PATH_INFO=/a?b", LINE("/a%3Fb") "\r\n" },
	{ "UTF-8 in it", GET "PATH_INFO=/\xc3\xa9", LINE("/%C3%A9") "\r\n" },
	{ "no header line from a path", GET "PATH_INFO=/ HTTP/1.1", LINE("/%20HTTP/1.1") "\r\n" },
	{ "no path and no URI", GET "QUERY_STRING=a", "400 the uwsgi packet has neither" },
	{ "an empty path and no URI", GET "PATH_INFO=", "400 the uwsgi packet has neither" },
	{ "an empty path and a URI", GET "PATH_INFO=|REQUEST_URI=/", LINE("/") "\r\n" },
	{ "no method", "PATH_INFO=/", "400 the uwsgi packet has no REQUEST_METHOD" },
	{ "an empty method", "REQUEST_METHOD=|PATH_INFO=/",
		"400 the uwsgi packet has no REQUEST_METHOD" },

	{ "Host", ROOT "HTTP_HOST=a.example:81|SERVER_NAME=b|SERVER_PORT=80",
		LINE("/") "host: a.example:81\r\n\r\n" },
	{ "without one, the proxy's name", ROOT "SERVER_NAME=b|SERVER_PORT=80",
		LINE("/") "host: b:80\r\n\r\n" },
	{ "a name without a port", ROOT "SERVER_NAME=b", LINE("/") "host: b\r\n\r\n" },
	{ "an empty Host stays one", ROOT "HTTP_HOST=|SERVER_NAME=b", LINE("/") "host: \r\n\r\n" },

	{ "a field", ROOT "HTTP_X_REQUEST_ID=7", LINE("/") "x-request-id: 7\r\n\r\n" },
	{ "an empty one", ROOT "HTTP_ACCEPT=", LINE("/") "accept: \r\n\r\n" },
	{ "nginx before 1.23: a field twice", ROOT "HTTP_ACCEPT=a|HTTP_ACCEPT=b",
		LINE("/") "accept: a\r\naccept: b\r\n\r\n" },
	{ "a name that is only the prefix", ROOT "HTTP_=a", LINE("/") "\r\n" },
	{ "a body", POST "CONTENT_LENGTH=3|CONTENT_TYPE=text/plain",
		"POST / HTTP/1.0\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\n" },
	{ "as nginx says it twice",
		POST "CONTENT_LENGTH=3|HTTP_CONTENT_LENGTH=3|HTTP_CONTENT_TYPE=a/b",
		"POST / HTTP/1.0\r\ncontent-length: 3\r\n\r\n" },
	{ "no body", ROOT "CONTENT_LENGTH=|CONTENT_TYPE=", LINE("/") "\r\n" },
	{ "two lengths", POST "CONTENT_LENGTH=3|HTTP_CONTENT_LENGTH=4",
		"400 CONTENT_LENGTH and HTTP_" },
	{ "a length from the client alone", POST "HTTP_CONTENT_LENGTH=4",
		"400 CONTENT_LENGTH and HTTP_" },
	{ "chunks that the proxy has read", POST "CONTENT_LENGTH=3|HTTP_TRANSFER_ENCODING=chunked",
		"POST / HTTP/1.0\r\ncontent-length: 3\r\n\r\n" },
	{ "chunks that it has not", POST "HTTP_TRANSFER_ENCODING=chunked",
		"411 the proxy has not said" },
	{ "RFC 9110 7.6.1: what is between proxy and client",
		ROOT
		"HTTP_CONNECTION=upgrade|HTTP_UPGRADE=websocket|HTTP_TE=trailers|HTTP_KEEP_ALIVE=1",
		LINE("/") "\r\n" },
	{ "an expectation was the proxy's to meet", ROOT "HTTP_EXPECT=100-continue",
		LINE("/") "\r\n" },
	{ "httpoxy", ROOT "HTTP_PROXY=http://evil.example", LINE("/") "\r\n" },
	{ "no magic: uWSGI runs what these name",
		ROOT
		"UWSGI_FILE=/etc/passwd|UWSGI_SCRIPT=os|UWSGI_MODULE=os|UWSGI_CALLABLE=x|UWSGI_APPID=a|"
		"UWSGI_SETENV=A=b|UWSGI_CHDIR=/|UWSGI_PYHOME=/x|UWSGI_TOUCH_RELOAD=/x|SCRIPT_NAME=/x",
		LINE("/") "\r\n" },
	{ "what else CGI says is not a field",
		ROOT "DOCUMENT_ROOT=/var|SERVER_PROTOCOL=HTTP/2.0|HTTPS=on", LINE("/") "\r\n" },

	{ "a method twice", ROOT "REQUEST_METHOD=POST",
		"400 a variable of the uwsgi packet is there twice" },
	{ "a path twice", ROOT "PATH_INFO=/", "400 a variable of the uwsgi packet is there twice" },
	{ "a length twice", POST "CONTENT_LENGTH=3|CONTENT_LENGTH=3", "400 a variable" },
	{ "Host twice", ROOT "HTTP_HOST=a|HTTP_HOST=a", "400 a variable" },
	{ "a query twice", ROOT "QUERY_STRING=|QUERY_STRING=a", "400 a variable" },
	{ "an empty name", ROOT "=a", "400 a name of the uwsgi packet is empty" },
	{ "a name with a colon", ROOT "HTTP_A:B=c",
		"400 a name of the uwsgi packet is empty, or is not" },
	{ "a name with a blank", ROOT "HTTP_A =c", "400 a name" },
	{ "a name with a line break", ROOT "HTTP_A\nB=c", "400 a name" },
	{ "RFC 9112 11.2: a line break in a field", ROOT "HTTP_A=b\r\nX-Role: root",
		"400 a value" },
	{ "a line break in the query", ROOT "QUERY_STRING=a\nb", "400 a value" },
	{ "a line break in the path", GET "PATH_INFO=/\rb", "400 a value" },
	{ "a line break in the method", "REQUEST_METHOD=GET /a HTTP/1.1\r\n|PATH_INFO=/",
		"400 a value" },
	{ "a line break where nobody reads", ROOT "DOCUMENT_ROOT=a\nb", "400 a value" },
};

static void test_variables(void **state)
{
	static struct packet packet;
	char head[HEAD_BYTES];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof variables_cases / sizeof variables_cases[0]; i++) {
		const struct variables_case *c = &variables_cases[i];
		bool is_refusal = c->expected[0] == '4';

		build(&packet, c->variables);
		describe(packet.bytes, packet.len, head);
		if (strncmp(head, c->expected, is_refusal ? strlen(c->expected) : HEAD_BYTES) == 0)
			continue;
		print_error("%s:\n  got    %s\n  wanted %s\n", c->rule, head, c->expected);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* --- bytes --- */

#define BYTES(literal) "" literal, sizeof(literal) - 1

static const struct bytes_case {
	const char *rule, *bytes;
	size_t len;
	const char *expected;
} bytes_cases[] = {
	{ "the example of parity 3.1",
		BYTES("\0\x37\0\0\x0e\0REQUEST_METHOD\3\0GET\x09\0PATH_INFO\5\0/test\x0c\0QUERY_STRING\0\0"),
		"GET /test HTTP/1.0\r\n\r\n" },
	{ "nothing yet", BYTES(""), "more" },
	{ "a size alone", BYTES("\0\xff\xff\0"), "more" },
	{ "no variables", BYTES("\0\0\0\0"), "400 the uwsgi packet has no variables" },
	{ "another modifier", BYTES("\x05\x05\0\0"), "400 a modifier" },
	{ "another second modifier", BYTES("\0\x05\0\x01"), "400 a modifier" },
	{ "a ping", BYTES("\xff\0\0\0"), "400 a modifier" },
	{ "HTTP", BYTES("GET / HTTP/1.1\r\n\r\n"), "400 this address speaks the uwsgi protocol" },
	{ "its first byte", BYTES("P"), "400 this address speaks the uwsgi protocol" },
	{ "TLS", BYTES("\x16\x03\x01"), "400 a modifier" },
	{ "half a length", BYTES("\0\1\0\0\1"), "400 a length" },
	{ "a name that leads out of it", BYTES("\0\3\0\0\2\0A"), "400 a length" },
	{ "a name without a value", BYTES("\0\3\0\0\1\0A"), "400 a length" },
	{ "half a length of a value", BYTES("\0\4\0\0\1\0A\0"), "400 a length" },
	{ "a value that leads out of it", BYTES("\0\6\0\0\1\0A\2\0b"), "400 a length" },
	{ "the longest length", BYTES("\0\6\0\0\1\0A\xff\xff_"), "400 a length" },
	{ "the next packet's bytes are not this one's", BYTES("\0\6\0\0\1\0A\2\0b_"),
		"400 a length" },
	{ "a NUL in a value", BYTES("\0\6\0\0\1\0A\1\0\0"), "400 a value" },
	{ "a NUL in a name", BYTES("\0\5\0\0\1\0\0\0\0"), "400 a name" },
};

static void test_bytes(void **state)
{
	char head[HEAD_BYTES];
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof bytes_cases / sizeof bytes_cases[0]; i++) {
		const struct bytes_case *c = &bytes_cases[i];

		describe(c->bytes, c->len, head);
		if (strncmp(head, c->expected, strlen(c->expected)) == 0)
			continue;
		print_error("%s:\n  got    %s\n  wanted %s\n", c->rule, head, c->expected);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void test_a_packet_that_is_cut_anywhere_waits_for_its_rest(void **state)
{
	static struct packet packet;
	char head[HEAD_BYTES];

	(void)state;
	build(&packet, ROOT "QUERY_STRING=a|HTTP_HOST=b|CONTENT_LENGTH=");
	for (size_t len = 0; len < packet.len; len++) {
		describe(packet.bytes, len, head);
		assert_string_equal(head, "more");
	}
	memcpy(packet.bytes + packet.len, "the body", 8);
	describe(packet.bytes, packet.len + 8, head);
	assert_string_equal(head, "GET /?a HTTP/1.0\r\nhost: b\r\n\r\n");
}

/* --- sizes --- */

static void test_the_largest_packet(void **state)
{
	static struct packet packet;
	static char value[60000];
	struct cor_http_error error = { 0 };
	struct cor_uwsgi_packet read;
	struct cor_buffer head = { 0 };

	(void)state;
	build(&packet, ROOT "A=");
	memset(value, 'v', sizeof value);
	add(&packet, "HTTP_A", 6);
	add(&packet, value, sizeof value);
	add(&packet, "B", 1);
	add(&packet, value, 65535 + COR_UWSGI_START_BYTES - packet.len - 2);
	assert_int_equal(packet.len, 65535 + COR_UWSGI_START_BYTES);
	assert_int_equal(cor_uwsgi_read(&read, packet.bytes, packet.len, &error), packet.len);
	assert_int_equal(cor_uwsgi_write_head(&read, &head, &error), 0);
	assert_true(head.len > sizeof value && head.len <= COR_UWSGI_HEAD_BYTES);
	cor_buffer_finish(&head);
}

static void test_a_head_that_grows_too_large(void **state)
{
	static struct packet packet;
	static char path[30000];
	char head[HEAD_BYTES];

	(void)state;
	build(&packet, GET);
	memset(path, ' ', sizeof path);
	add(&packet, "PATH_INFO", 9);
	add(&packet, path, sizeof path);
	describe(packet.bytes, packet.len, head);
	assert_string_equal(head, "431 the variables of the uwsgi packet are too large");
}

/* --- what it becomes --- */

/* The rules of HTTP are not written again for it: see the corpus of heads. */
static void test_its_head_is_parsed_as_any_other(void **state)
{
	static const struct {
		const char *variables;
		int status; /* 0: good */
	} cases[] = {
		{ ROOT "HTTP_HOST=a", 0 },
		{ POST "CONTENT_LENGTH=3", 0 },
		{ POST "CONTENT_LENGTH=-3", 400 },
		{ POST "CONTENT_LENGTH=3x", 400 },
		{ POST "CONTENT_LENGTH=99999999999999999999", 413 },
		{ ROOT "HTTP_HOST=a b", 400 },
		{ ROOT "HTTP_A=\x01", 400 },
		{ "REQUEST_METHOD=G T|PATH_INFO=/", 400 },
		{ GET "REQUEST_URI=/a b", 400 },
		{ GET "REQUEST_URI=a", 400 },
		{ GET "PATH_INFO=a", 400 },
	};
	static struct packet packet;
	char head[HEAD_BYTES];
	struct cor_head_parser parser;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		build(&packet, cases[i].variables);
		describe(packet.bytes, packet.len, head);
		cor_head_parser_init(&parser, NULL);
		ssize_t used = cor_head_parse(&parser, head, strlen(head));
		if (cases[i].status == 0 ? used != (ssize_t)strlen(head)
					 : used >= 0 || parser.error.status != cases[i].status)
			fail_msg("%s", cases[i].variables);
		assert_false(used > 0 && parser.http1.keep_alive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_a_packet_that_is_cut_anywhere_waits_for_its_rest),
		cmocka_unit_test(test_the_largest_packet),
		cmocka_unit_test(test_a_head_that_grows_too_large),
		cmocka_unit_test(test_its_head_is_parsed_as_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
