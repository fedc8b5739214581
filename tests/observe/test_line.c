/* SPDX-License-Identifier: MIT */
/* A line cannot be forged and contains no secret, in either format. */
#include "capture.h"

#include <stdio.h>
#include <string.h>

#include <coracle/json.h>

#include "observe/access.h"
#include "observe/line.h"
#include "observe/mask.h"

static struct capture capture;

/* --- escaping --- */

static void escape(enum cor_escape how, struct cor_str text, size_t max, char out[256])
{
	struct cor_line line = { out, out + 255 };

	cor_line_text(&line, how, text, max);
	*line.at = '\0';
}

static void test_escapes(void **state)
{
	static const struct {
		struct cor_str text;
		const char *json, *message, *quoted, *word;
	} cases[] = {
		{ { "plain", 5 }, "plain", "plain", "plain", "plain" },
		{ { "a b", 3 }, "a b", "a b", "a b", "a\\x20b" },
		{ { "say \"hi\"", 8 }, "say \\\"hi\\\"", "say \"hi\"", "say \\\"hi\\\"",
			"say\\x20\\\"hi\\\"" },
		{ { "a\\b", 3 }, "a\\\\b", "a\\\\b", "a\\\\b", "a\\\\b" },
		{ { "a\nb\r\t", 5 }, "a\\nb\\r\\t", "a\\x0ab\\x0d\\x09", "a\\x0ab\\x0d\\x09",
			"a\\x0ab\\x0d\\x09" },
		{ { "\0\x1b[31m\x7f", 7 }, "\\u0000\\u001b[31m\\u007f", "\\x00\\x1b[31m\\x7f",
			"\\x00\\x1b[31m\\x7f", "\\x00\\x1b[31m\\x7f" },
		{ { "\xc3\xa9", 2 }, "\\u00e9", "\\xc3\\xa9", "\\xc3\\xa9", "\\xc3\\xa9" },
		{ { "\xe2\x80\xae", 3 }, "\\u202e", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae",
			"\\xe2\\x80\\xae" },
		{ { "\xf0\x9f\x87\xa9", 4 }, "\\ud83c\\udde9", "\\xf0\\x9f\\x87\\xa9",
			"\\xf0\\x9f\\x87\\xa9", "\\xf0\\x9f\\x87\\xa9" },
		{ { "\xff\xc3", 2 }, "\\\\xff\\\\xc3", "\\xff\\xc3", "\\xff\\xc3", "\\xff\\xc3" },
		{ { "\xed\xa0\x80", 3 }, "\\\\xed\\\\xa0\\\\x80", "\\xed\\xa0\\x80",
			"\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		escape(COR_ESCAPE_JSON, cases[i].text, 200, out);
		assert_string_equal(out, cases[i].json);
		escape(COR_ESCAPE_MESSAGE, cases[i].text, 200, out);
		assert_string_equal(out, cases[i].message);
		escape(COR_ESCAPE_QUOTED, cases[i].text, 200, out);
		assert_string_equal(out, cases[i].quoted);
		escape(COR_ESCAPE_WORD, cases[i].text, 200, out);
		assert_string_equal(out, cases[i].word);
	}
}

static void test_every_byte_comes_out_printable(void **state)
{
	char out[256], byte;

	(void)state;
	for (int how = COR_ESCAPE_JSON; how <= COR_ESCAPE_WORD; how++)
		for (int c = 0; c < 256; c++) {
			byte = (char)c;
			escape((enum cor_escape)how, (struct cor_str){ &byte, 1 }, 200, out);
			assert_true(out[0] != '\0');
			for (const char *at = out; *at; at++)
				assert_true(*at >= 0x20 && *at <= 0x7e);
		}
}

/* Many bytes are checked together: none may hide among its neighbours. */
static void test_every_byte_at_every_place(void **state)
{
	char alone[256], among[256], expected[512], text[24], byte;

	(void)state;
	for (int how = COR_ESCAPE_JSON; how <= COR_ESCAPE_WORD; how++)
		for (int c = 0; c < 256; c++)
			for (int at = 0; at < (int)sizeof text; at++) {
				byte = (char)c;
				memset(text, 'a', sizeof text);
				text[at] = byte;
				escape((enum cor_escape)how, (struct cor_str){ &byte, 1 }, 200,
					alone);
				escape((enum cor_escape)how, (struct cor_str){ text, sizeof text },
					200, among);
				snprintf(expected, sizeof expected, "%.*s%s%.*s", at,
					"aaaaaaaaaaaaaaaaaaaaaaaa", alone,
					(int)sizeof text - 1 - at, "aaaaaaaaaaaaaaaaaaaaaaaa");
				assert_string_equal(among, expected);
			}
}

static void test_texts_are_cut_whole(void **state)
{
	char out[256];

	(void)state;
	escape(COR_ESCAPE_MESSAGE, COR_STR("12345678"), 8, out);
	assert_string_equal(out, "12345678");
	escape(COR_ESCAPE_MESSAGE, COR_STR("123456789"), 8, out);
	assert_string_equal(out, "12345...");
	escape(COR_ESCAPE_MESSAGE, COR_STR("123\n56789"), 8, out);
	assert_string_equal(out, "123...");
	escape(COR_ESCAPE_MESSAGE, COR_STR("1\n5"), 8, out);
	assert_string_equal(out, "1\\x0a5");
	for (size_t max = 3; max < 60; max++) {
		escape(COR_ESCAPE_JSON, COR_STR("a\n\xc3\xa9\xf0\x9f\x87\xa9 \xff\x01xyz"), max,
			out);
		assert_true(strlen(out) <= max);
		char document[300];
		snprintf(document, sizeof document, "\"%s\"", out);
		assert_int_equal(cor_json_check(cor_str(document), 0, NULL), 0);
	}
}

/* --- masking --- */

static void test_names_of_secrets(void **state)
{
	static const char *const secret[] = { "token", "TOKEN", "access_token", "access-token",
		"api_key", "apiKey", "key", "password", "user[password]", "X-Amz-Signature", "sig",
		"client_secret", "to%6ben", "%74%6F%6b%65%6e", "my.secret", "pass%77ord",
		"reset%5Ftoken", "code", "pass", "user_pass", "user[pass]", "authCode", "password2",
		"new_password1", "user[password_confirmation]", "AWSAccessKeyId", "SAMLResponse",
		"SAMLart", "newPassword", "oldpassword", "resetPasswordToken", "inviteToken",
		"clientKey", "sharedSecret", "otpCode", "APIKey", "xApiKey", "tokens", "userTokens",
		"passwords[]", "client_secrets", "userPin", "user[password][x]", "token[a]",
		"a%5Btoken%5D%5Bb%5D",
		/* plurals */
		"keys", "api_keys", "accessKeys", "pins", "codes", "zipCodes", "userPINs", "passes",
		/* a number after a separator, or before the word */
		"password_2", "new_password_2", "password-1", "token_1", "keys.0", "code_1_2",
		"password_", "step2code",
		/* acronyms in camel case */
		"cardCVV", "userPIN", "smsOTP", "userSSN", "idJWT", "userPIN2",
		/* a joint inside a word */
		"session_id", "ACCESS_KEY_ID", "aws-access-key-id", "token_id", "session%5Fid",
		"sessionIds", "pass_phrase", "Password-Confirm", "x.saml_response" };
	/* every word of the list: alone, and as a numbered plural after a separator */
	static const char *const words[] = { "accesskey", "accesskeyid", "accesstoken",
		"accountkey", "apikey", "apitoken", "assertion", "auth", "authcode",
		"authenticitytoken", "authkey", "authorization", "authtoken", "awsaccesskeyid",
		"bearer", "certificate", "clientassertion", "clientsecret", "code", "codechallenge",
		"codeverifier", "consumersecret", "cookie", "credential", "creds", "crypt", "csrf",
		"csrfmiddlewaretoken", "csrftoken", "cvc", "cvv", "devicecode", "hmac", "idtoken",
		"jwt", "key", "keyphrase", "licensekey", "nonce", "oauthtoken", "oauthverifier",
		"otp", "pass", "passcode", "passphrase", "passwd", "password",
		"password-confirmation", "password_confirm", "password_confirmation",
		"passwordconfirm", "passwordconfirmation", "pin", "privatekey", "pw", "pwd",
		"refreshtoken", "resettoken", "salt", "samlrequest", "samlresponse", "sas",
		"secret", "secretkey", "securitytoken", "session", "sessionid", "sessionkey",
		"sessiontoken", "sid", "sig", "signature", "signingkey", "ssn", "subscriptionkey",
		"ticket", "token", "totp", "usercode", "verifier", "webhooksecret", "xsrf",
		"xsrftoken" };
	static const char *const open[] = { "", "name", "q", "keyboard", "tokens_left", "monkey",
		"secretary", "page", "%6", "%zz", "design", "passage", "bypass_count", "decode",
		"barcode", "encode", "postcode", "zipcode", "signal", "sidewalk", "author",
		"pinned", "spin", "compass", "nonces_seen", "2", "page2", "confirmation", "MONKEY",
		"MONKEYS", "barcodes", "pages_id", "CLASS_ID", "page_2", "apiKeyboard", "tokenizer",
		"passwordless", "sessionCount", "user[name][x]", "[]" };
	char longer[100];

	(void)state;
	for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
		if (!cor_mask_is_secret(cor_str(secret[i])))
			fail_msg("%s is not masked", secret[i]);
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
		if (cor_mask_is_secret(cor_str(open[i])))
			fail_msg("%s is masked", open[i]);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		char joined[64];
		snprintf(joined, sizeof joined, "x-my_%ss_2[]", words[i]);
		if (!cor_mask_is_secret(cor_str(words[i])) || !cor_mask_is_secret(cor_str(joined)))
			fail_msg("%s or %s is not masked", words[i], joined);
	}
	memset(longer, 'a', sizeof longer);
	assert_true(cor_mask_is_secret((struct cor_str){ longer, sizeof longer }));
}

static void log_query(const char *query)
{
	const struct cor_access_line access = { .method = COR_STR("GET"),
		.path = COR_STR("/"),
		.query = cor_str(query),
		.status = 200 };

	cor_access_log(capture.logger, &access);
}

static void test_queries(void **state)
{
	static const struct {
		const char *query, *shown;
	} cases[] = {
		{ "a=1&b=2", "/?a=1&b=2 " },
		{ "token=abc", "/?token=*** " },
		{ "token=abc&b=2", "/?token=***&b=2 " },
		{ "b=2&token=abc", "/?b=2&token=*** " },
		{ "token=a=b&token=c&&x", "/?token=***&token=***&&x " },
		{ "token", "/?token " },
		{ "{%22password%22:%22a%22}=&b=2", "/?***&b=2 " },
		{ "b=2&{\"password\":\"a\"}", "/?b=2&*** " },
		{ "token=", "/?token= " },
		{ "=token&to%6Ben=1 2\n", "/?=token&to%6Ben=*** " },
		{ "x=1\n2", "/?x=1\\x0a2 " },
	};

	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_ON);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		log_query(cases[i].query);
		const char *line = capture_take(&capture);
		if (!strstr(line, cases[i].shown))
			fail_msg("%s became %s", cases[i].query, line);
	}
	capture_close(&capture);
}

/* --- whole lines --- */

static void log_full(const struct capture *to)
{
	const struct cor_access_line access = {
		.method = COR_STR("GET"),
		.path = COR_STR("/books/7"),
		.query = COR_STR("page=2&key=k"),
		.status = 404,
		.bytes = 512,
		.duration_ns = 1234567,
		.request_id = "4f2a",
		.peer = "127.0.0.1",
		.route = "get_book",
		.user = COR_STR("Ann \"A\""),
		.user_agent = COR_STR("curl/8 \"x\"\n"),
		.reason = "no such\tbook",
	};

	cor_access_log(to->logger, &access);
}

static void test_text_lines(void **state)
{
	(void)state;
	capture_open(&capture, COR_LOG_TEXT, COR_LOG_INFO, COR_LOG_ACCESS_ON);
	cor_logger_log(capture.logger, COR_LOG_WARNING, NULL, "%s is %d\n", "x", 5);
	assert_string_equal(
		capture_take(&capture), "2026-01-31T23:59:59.123Z warning x is 5\\x0a\n");
	cor_logger_log(capture.logger, COR_LOG_ERROR, "4f2a", "no");
	assert_string_equal(capture_take(&capture), "2026-01-31T23:59:59.123Z error [4f2a] no\n");
	log_full(&capture);
	assert_string_equal(capture_take(&capture),
		"2026-01-31T23:59:59.123Z info [4f2a] GET /books/7?page=2&key=*** 404 512B 1.234ms "
		"peer=127.0.0.1 route=get_book user=\"Ann \\\"A\\\"\" agent=\"curl/8 \\\"x\\\"\\x0a\" reason=\"no such\\x09book\"\n");
	capture_close(&capture);
}

static void test_json_lines(void **state)
{
	(void)state;
	capture_open(&capture, COR_LOG_JSON, COR_LOG_INFO, COR_LOG_ACCESS_ON);
	cor_logger_log(capture.logger, COR_LOG_WARNING, NULL, "%s is %d\n", "\"x\"", 5);
	assert_string_equal(capture_take(&capture),
		"{\"time\":\"2026-01-31T23:59:59.123Z\",\"level\":\"warning\",\"message\":\"\\\"x\\\" is 5\\n\"}\n");
	log_full(&capture);
	assert_string_equal(capture_take(&capture),
		"{\"time\":\"2026-01-31T23:59:59.123Z\",\"level\":\"info\",\"request_id\":\"4f2a\","
		"\"message\":\"access\",\"method\":\"GET\",\"path\":\"/books/7?page=2&key=***\",\"status\":404,"
		"\"bytes\":512,\"duration_ms\":1.234,\"peer\":\"127.0.0.1\",\"route\":\"get_book\","
		"\"user\":\"Ann \\\"A\\\"\","
		"\"user_agent\":\"curl/8 \\\"x\\\"\\n\",\"reason\":\"no such\\tbook\"}\n");
	capture_close(&capture);
}

/* Everything at its longest and worst is still one line, and in JSON one object. */
static void test_the_longest_line(void **state)
{
	static char worst[8192];
	const struct cor_str text = { worst, sizeof worst - 1 };
	const struct cor_access_line access = { text, text, text, 65535, UINT64_MAX, INT64_MAX,
		INT64_MAX, worst, worst, worst, worst, text, text, worst };

	(void)state;
	memset(worst, '\x01', sizeof worst - 1);
	for (int format = COR_LOG_TEXT; format <= COR_LOG_JSON; format++) {
		capture_open(
			&capture, (enum cor_log_format)format, COR_LOG_INFO, COR_LOG_ACCESS_ON);
		for (int i = 0; i < 2; i++) {
			if (i == 0)
				cor_access_log(capture.logger, &access);
			else
				cor_logger_log(capture.logger, COR_LOG_INFO, worst, "%s", worst);
			const char *line = capture_take(&capture);
			assert_true(capture.len <= COR_LOG_LINE_BYTES);
			assert_ptr_equal(strchr(line, '\n'), line + capture.len - 1);
			if (format == COR_LOG_JSON)
				assert_int_equal(
					cor_json_check(
						(struct cor_str){ line, capture.len }, 0, NULL),
					0);
		}
		capture_close(&capture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_every_byte_comes_out_printable),
		cmocka_unit_test(test_every_byte_at_every_place),
		cmocka_unit_test(test_texts_are_cut_whole),
		cmocka_unit_test(test_names_of_secrets),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_text_lines),
		cmocka_unit_test(test_json_lines),
		cmocka_unit_test(test_the_longest_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
