/* SPDX-License-Identifier: MIT */
/* Keys, requests and replies of memcached, and how servers are named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memcached/placement.h"
#include "memcached/reply.h"
#include "memcached/request.h"

#define NOW_NS (INT64_C(1800000000) * 1000000000)

/* --- keys --- */

static void check_key(
	struct cor_str key, bool knows_base64, enum cor_memcached_form form, const char *text)
{
	struct cor_memcached_key made;

	cor_memcached_key_make(key, knows_base64, &made);
	assert_int_equal(made.form, form);
	assert_true(made.len >= 1 && made.len <= COR_MEMCACHED_KEY_BYTES);
	for (size_t i = 0; i < made.len; i++)
		assert_true((unsigned char)made.text[i] > ' ' && made.text[i] != 0x7f);
	if (text)
		assert_true(cor_str_equal(cor_memcached_key_text(&made), cor_str(text)));
}

static void test_plain_keys_stay_as_they_are(void **state)
{
	char longest[COR_MEMCACHED_KEY_BYTES + 1];

	(void)state;
	memset(longest, 'k', sizeof longest);
	check_key(COR_STR("prices:7"), true, COR_MEMCACHED_PLAIN, "prices:7");
	check_key(COR_STR("gr\xc3\xbc\xc3\x9f"), false, COR_MEMCACHED_PLAIN, "gr\xc3\xbc\xc3\x9f");
	check_key((struct cor_str){ longest, 250 }, true, COR_MEMCACHED_PLAIN, NULL);
	check_key((struct cor_str){ longest, 251 }, true, COR_MEMCACHED_HASHED, NULL);
}

static void test_other_keys_have_a_form_of_their_own(void **state)
{
	char longest[COR_CACHE_KEY_BYTES];

	(void)state;
	memset(longest, ' ', sizeof longest);
	check_key(COR_STR("a b"), true, COR_MEMCACHED_BASE64, "YSBi");
	check_key(COR_STR("a b"), false, COR_MEMCACHED_HASHED, NULL);
	check_key(COR_STR("\0"), true, COR_MEMCACHED_BASE64, "AA==");
	check_key(COR_STR("\x7f"), true, COR_MEMCACHED_BASE64, NULL);
	check_key((struct cor_str){ longest, 186 }, true, COR_MEMCACHED_BASE64, NULL);
	check_key((struct cor_str){ longest, 187 }, true, COR_MEMCACHED_HASHED, NULL);
	check_key((struct cor_str){ longest, sizeof longest }, true, COR_MEMCACHED_HASHED, NULL);
	/* what looks like one of ours */
	check_key(COR_STR("coracle#1"), true, COR_MEMCACHED_HASHED, NULL);
}

static void test_forms_never_meet(void **state)
{
	struct cor_memcached_key hashed, again, piece;

	(void)state;
	cor_memcached_key_make(COR_STR("a b"), false, &hashed);
	cor_memcached_key_make(cor_memcached_key_text(&hashed), true, &again);
	assert_int_equal(again.form, COR_MEMCACHED_HASHED);
	assert_false(
		cor_str_equal(cor_memcached_key_text(&hashed), cor_memcached_key_text(&again)));
	cor_memcached_key_of_piece("0123456789abcdef0123456789abcdef", 17, &piece);
	assert_true(cor_str_equal(cor_memcached_key_text(&piece),
		COR_STR("coracle#0123456789abcdef0123456789abcdef.17")));
	assert_false(cor_memcached_key_is_plain(cor_memcached_key_text(&piece)));
}

/* --- requests --- */

static void check_request(struct cor_memcached_request request, const char *meta, const char *text)
{
	struct cor_buffer out = { 0 };

	if (request.key.len == 0)
		cor_memcached_key_make(COR_STR("foo"), true, &request.key);
	cor_memcached_write(&out, COR_MEMCACHED_META, &request, 17);
	assert_int_equal(cor_buffer_error(&out), 0);
	assert_true(cor_str_equal((struct cor_str){ out.data, out.len }, cor_str(meta)));
	cor_buffer_clear(&out, SIZE_MAX);
	cor_memcached_write(&out, COR_MEMCACHED_TEXT, &request, 17);
	assert_true(cor_str_equal((struct cor_str){ out.data, out.len }, cor_str(text)));
	cor_buffer_finish(&out);
}

#define REQUEST(...) ((struct cor_memcached_request){ __VA_ARGS__ })

static void test_requests_of_both_protocols(void **state)
{
	(void)state;
	check_request(
		REQUEST(.kind = COR_MEMCACHED_GET), "mg foo v f t c k O17\r\n", "gets foo\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_DELETE), "md foo O17\r\n", "delete foo\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_TOUCH, .exptime = 30), "mg foo f T30 O17\r\n",
		"touch foo 30\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_ADD, .by = 3), "ma foo D3 v O17\r\n",
		"incr foo 3\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_ADD, .by = INT64_MIN),
		"ma foo D9223372036854775808 MD v O17\r\n", "decr foo 9223372036854775808\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_HELLO), "mn\r\n", "mn\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_FLUSH), "flush_all\r\n", "flush_all\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_VERSION), "version\r\n", "version\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_STATS), "stats\r\n", "stats\r\n");
	check_request(REQUEST(.kind = COR_MEMCACHED_LOGIN, .head = COR_STR("user pass")),
		"set login 0 0 9\r\nuser pass\r\n", "set login 0 0 9\r\nuser pass\r\n");
}

static void test_puts_of_both_protocols(void **state)
{
	struct cor_memcached_request put = { .kind = COR_MEMCACHED_PUT,
		.head = COR_STR("ab"),
		.body = COR_STR("\r\n"),
		.flags = 32,
		.exptime = 60 };

	(void)state;
	check_request(put, "ms foo 4 F32 T60 O17\r\nab\r\n\r\n", "set foo 32 60 4\r\nab\r\n\r\n");
	put.flags = 0;
	put.how = COR_PUT_NEW;
	check_request(put, "ms foo 4 T60 ME O17\r\nab\r\n\r\n", "add foo 0 60 4\r\nab\r\n\r\n");
	put.how = COR_PUT_OVER;
	check_request(put, "ms foo 4 T60 MR O17\r\nab\r\n\r\n", "replace foo 0 60 4\r\nab\r\n\r\n");
	put.how = COR_PUT_UNCHANGED;
	put.version = UINT64_MAX;
	check_request(put, "ms foo 4 T60 C18446744073709551615 O17\r\nab\r\n\r\n",
		"cas foo 0 60 4 18446744073709551615\r\nab\r\n\r\n");
	put = (struct cor_memcached_request){ .kind = COR_MEMCACHED_PUT };
	cor_memcached_key_make(COR_STR("a b"), true, &put.key);
	check_request(put, "ms YSBi 0 T0 b O17\r\n\r\n", "set YSBi 0 0 0\r\n\r\n");
}

static void test_times_to_live(void **state)
{
	enum cor_memcached_rounding up = COR_MEMCACHED_ROUND_UP, down = COR_MEMCACHED_ROUND_DOWN;
	const int64_t month_ms = INT64_C(30) * 24 * 3600 * 1000;

	(void)state;
	assert_int_equal(cor_memcached_exptime(COR_FOREVER, up, NOW_NS), 0);
	assert_int_equal(cor_memcached_exptime(1, up, NOW_NS), 1);
	assert_int_equal(cor_memcached_exptime(1, down, NOW_NS), 1);
	assert_int_equal(cor_memcached_exptime(1001, up, NOW_NS), 2);
	assert_int_equal(cor_memcached_exptime(1999, down, NOW_NS), 1);
	assert_int_equal(cor_memcached_exptime(month_ms, up, NOW_NS), 2592000);
	assert_int_equal(cor_memcached_exptime(month_ms + 1, down, NOW_NS), 2592000);
	assert_int_equal(cor_memcached_exptime(month_ms + 1, up, NOW_NS), 1800000000 + 2592001);
	assert_int_equal(cor_memcached_exptime(COR_FOREVER - 1, up, NOW_NS), INT32_MAX);
	/* a clock that has not been set: it is no date */
	assert_int_equal(cor_memcached_exptime(2 * month_ms, up, 0), 2592000);
}

/* --- replies --- */

static enum cor_memcached_event read_one(
	const char *text, struct cor_memcached_reader *reader, size_t *ret_used)
{
	struct cor_str data;

	cor_memcached_reader_init(reader, 100);
	return cor_memcached_read(reader, text, strlen(text), ret_used, &data);
}

static void test_replies_of_both_protocols(void **state)
{
	struct cor_memcached_reader reader;
	size_t used;

	(void)state;
	assert_int_equal(read_one("VA 3 kfoo f7 t60 c9 O17\r\nbar\r\n", &reader, &used),
		COR_MEMCACHED_BEGIN);
	assert_int_equal(used, 25);
	assert_true(reader.reply.is_meta && reader.reply.has_opaque && reader.reply.has_ttl);
	assert_int_equal(reader.reply.opaque, 17);
	assert_int_equal(reader.reply.flags, 7);
	assert_int_equal(reader.reply.ttl_s, 60);
	assert_int_equal(reader.reply.version, 9);
	assert_true(cor_str_equal(reader.reply.key, COR_STR("foo")));
	assert_int_equal(
		read_one("VALUE foo 7 3 9\r\nbar\r\n", &reader, &used), COR_MEMCACHED_BEGIN);
	assert_int_equal(reader.reply.bytes, 3);
	assert_false(reader.reply.is_meta);
	assert_int_equal(
		read_one("SERVER_ERROR out of memory\r\n", &reader, &used), COR_MEMCACHED_LINE);
	assert_true(cor_str_equal(reader.reply.text, COR_STR("out of memory")));
	assert_int_equal(read_one("17 \r\n", &reader, &used), COR_MEMCACHED_LINE);
	assert_int_equal(reader.reply.number, 17);
}

static void test_what_is_no_reply(void **state)
{
	static const char *const texts[] = { "VA -1 O1\r\n", "VA 101 O1\r\n", "VA 4294967296\r\n",
		"VA\r\n", "VA 3x\r\n", "VALUE foo 0 3\r\n", "VALUE\r\n", "HD O-1\r\n", "HD\n",
		"\r\n", "\n", "hd\r\n", "HELLO\r\n", " HD\r\n", "STORED x\r\n", "EN t-2\r\n",
		"18446744073709551616\r\n", "-1\r\n", "1.5\r\n", "MN x\r\n", "HD f4294967296\r\n" };
	struct cor_memcached_reader reader;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(read_one(texts[i], &reader, &used), COR_MEMCACHED_WRONG);
		assert_int_equal(used, 0);
	}
}

/* --- servers --- */

static void check_servers(const char *at, const char *expected)
{
	struct cor_arena arena = { 0 };
	struct cor_memcached_servers servers;
	const char *fault = NULL;
	char text[400] = "";
	int rc = cor_memcached_servers_parse(&arena, at, &servers, &fault);

	for (size_t i = 0, len = 0; rc == 0 && i < servers.len; i++)
		len += (size_t)snprintf(
			text + len, sizeof text - len, "%s%s", i ? " " : "", servers.list[i].name);
	assert_int_equal(rc, fault ? -EINVAL : 0);
	assert_string_equal(fault ? fault : text, expected);
	cor_arena_finish(&arena);
}

static void test_servers_by_name(void **state)
{
	(void)state;
	check_servers("a", "a:11211");
	check_servers(" a:1 ,\n[::1], [::1]:7,/run/x.sock, unix:/y",
		"a:1 ::1:11211 ::1:7 /run/x.sock /y");
	check_servers("a,", "a:11211");
	check_servers("", "names the server \"\" in .at: it has no host");
	check_servers("a,,b", "names the server \"\" in .at: it has no host");
	check_servers("a:0", "names the server \"a:0\" in .at: its port is 1 to 65535");
	check_servers("a:65536", "names the server \"a:65536\" in .at: its port is 1 to 65535");
	check_servers(
		"a:", "names the server \"a:\" in .at: after the host comes ':' and its port");
	check_servers("::1", "names the server \"::1\" in .at: an IPv6 address stands in brackets");
	check_servers("http://127.0.0.1:11211/",
		"names the server \"http://127.0.0.1:11211/\" in .at: it is no URL: say host:port, "
		"or the path of a socket");
	check_servers("[::1", "names the server \"[::1\" in .at: its '[' has no ']'");
	check_servers("a:1, a:1", "names the server \"a:1\" in .at: it is there twice");
}

/* What pymemcache's murmur3_32() says of these. */
static void test_murmur(void **state)
{
	(void)state;
	assert_int_equal(cor_memcached_murmur(COR_STR("a"), COR_STR("b")), 0xab3ff094);
	assert_int_equal(
		cor_memcached_murmur(COR_STR("10.0.0.1:11211"), COR_STR("key")), 0xfbde8744);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_keys_stay_as_they_are),
		cmocka_unit_test(test_other_keys_have_a_form_of_their_own),
		cmocka_unit_test(test_forms_never_meet),
		cmocka_unit_test(test_requests_of_both_protocols),
		cmocka_unit_test(test_puts_of_both_protocols),
		cmocka_unit_test(test_times_to_live),
		cmocka_unit_test(test_replies_of_both_protocols),
		cmocka_unit_test(test_what_is_no_reply),
		cmocka_unit_test(test_servers_by_name),
		cmocka_unit_test(test_murmur),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
