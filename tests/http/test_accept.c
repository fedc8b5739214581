/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "http/accept.h"
#include "http/media_type.h"

#define WRONG -COR_ESYNTAX

struct quality_case {
	const char *accept;
	const char *wanted;
	int quality;
};

static const struct quality_case types[] = {
	{ "", "application/json", 1000 },
	{ " , ,", "application/json", 1000 },
	{ "*/*", "application/json", 1000 },
	{ "application/json", "application/json", 1000 },
	{ "Application/JSON", "application/json", 1000 },
	{ "application/*", "application/json", 1000 },
	{ "text/html", "application/json", 0 },
	{ "text/*", "application/json", 0 },
	{ "application/json2", "application/json", 0 },
	{ "application/jso", "application/json", 0 },
	{ "application/json;q=0.5", "application/json", 500 },
	{ "application/json;q=0", "application/json", 0 },
	{ "application/json;q=0.", "application/json", 0 },
	{ "application/json;q=1.000", "application/json", 1000 },
	{ "application/json;Q=0.123", "application/json", 123 },
	{ "application/json ; q=0.1", "application/json", 100 },
	{ "application/json;q=0.5, */*;q=0.8", "application/json", 500 },
	{ "*/*;q=0.8, application/json;q=0.5", "application/json", 500 },
	{ "*/*;q=0.1,application/*;q=0.2", "application/json", 200 },
	{ "application/json;q=0,*/*", "application/json", 0 },
	{ "application/json;q=0,*/*", "text/plain", 1000 },
	{ "application/json;q=0.2, application/json;q=0.4", "application/json", 400 },
	{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json",
		800 },
	{ "application/json;charset=utf-8", "application/json", 1000 },
	{ "application/json; charset=\"utf-8\"; q=0.3", "application/json", 300 },
	{ "application/json;profile=x", "application/json", 0 },
	{ "text/html;level=1, text/html;q=0.7", "text/html", 700 },
	{ "text/html;a=\"x,y;q=0\", */*;q=0.5", "text/html", 500 },
	{ "text/html;a=\"\\\",\", */*;q=0.5", "text/html", 500 },
	{ ",application/json,,text/html,", "application/json", 1000 },
	{ "application/json;", "application/json", 1000 },
	{ "application/json;;q=0.5", "application/json", 500 },
	{ "*/json", "application/json", 0 },
	{ "*", "application/json", WRONG },
	{ "application", "application/json", WRONG },
	{ "application/", "application/json", WRONG },
	{ "/json", "application/json", WRONG },
	{ "application/json text/html", "application/json", WRONG },
	{ "application/json;q", "application/json", WRONG },
	{ "application/json;q=", "application/json", WRONG },
	{ "application/json;q=2", "application/json", WRONG },
	{ "application/json;q=1.001", "application/json", WRONG },
	{ "application/json;q=0.1234", "application/json", WRONG },
	{ "application/json;q=.5", "application/json", WRONG },
	{ "application/json;q=-1", "application/json", WRONG },
	{ "application/json;q=0,5", "application/json", WRONG },
	{ "application/json;q=0.a", "application/json", WRONG },
	{ "application/json;a=\"", "application/json", WRONG },
	{ "application/json;a=\"\\", "application/json", WRONG },
	{ "application/json;a b", "application/json", WRONG },
	{ "\xff/json", "application/json", WRONG },
};

static const struct quality_case codings[] = {
	{ "gzip", "gzip", 1000 },
	{ "GZIP", "gzip", 1000 },
	{ "gzip, deflate, br", "br", 1000 },
	{ "gzip, deflate, br", "zstd", 0 },
	{ "gzip;q=0.5, *;q=0.1", "gzip", 500 },
	{ "gzip;q=0.5, *;q=0.1", "br", 100 },
	{ "*", "br", 1000 },
	{ "*;q=0", "br", 0 },
	{ "gzip;q=0", "gzip", 0 },
	{ "", "gzip", 0 },
	{ "", "identity", 1000 },
	{ "gzip", "identity", 1000 },
	{ "*", "identity", 1000 },
	{ "*;q=0", "identity", 0 },
	{ "identity;q=0", "identity", 0 },
	{ "identity;q=0.5, *;q=0", "identity", 500 },
	{ "gzip;q=", "gzip", WRONG },
	{ "gzip deflate", "gzip", WRONG },
	{ "gzip/x", "gzip", WRONG },
};

static void media_ranges_are_weighed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		int quality = cor_accept_quality(
			cor_str(types[i].accept), cor_str(types[i].wanted));
		if (quality != types[i].quality)
			fail_msg("%s: %d", types[i].accept, quality);
	}
}

/* The glance agrees with the parser, even on what only looks like all types or like no refusal. */
static void what_has_a_weight_is_allowed(void **state)
{
	static const char *const more[] = {
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
		"*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
		"application/json, text/plain, */*",
		"image/*,*/*;q=0.8",
		"*/*;level=1",
		"*/*;q=0.8;level=1",
		"*/*;q=0",
		"*/*;q=0.0",
		"*/*;q=0.01",
		"*/*;q=0.",
		"*/*;q=0.5,application/json;q=0",
		"*/*,application/json;q=0.000",
		"text/html;a=\",*/*\"",
		"text/html;a=x*/*",
		"text/x*/*",
		"text/html, */*",
		"text/html;*/*",
		"x*/*,text/html",
		"*/*x",
		"*/",
		"*",
	};

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		assert_int_equal(
			cor_accept_allows(cor_str(types[i].accept), cor_str(types[i].wanted)),
			types[i].quality != 0);
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		int quality = cor_accept_quality(cor_str(more[i]), COR_STR("application/json"));
		if (cor_accept_allows(cor_str(more[i]), COR_STR("application/json")) !=
			(quality != 0))
			fail_msg("%s: %d", more[i], quality);
	}
}

static void codings_are_weighed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
		int quality = cor_accept_encoding_quality(
			cor_str(codings[i].accept), cor_str(codings[i].wanted));
		if (quality != codings[i].quality)
			fail_msg("%s: %d", codings[i].accept, quality);
	}
}

/* Of br and gzip, of which we like br better: -1 is identity. */
static const struct coding_case {
	const char *accept;
	int best;
	bool identity; /* is acceptable */
} coding_cases[] = {
	{ "gzip, br", 0, true },
	{ "gzip, deflate, br, zstd", 0, true }, /* browsers */
	{ "gzip", 1, true },
	{ "GZIP", 1, true },
	{ "x-gzip", 1, true },
	{ "br", 0, true },
	{ "br;q=0.5, gzip;q=0.8", 1, true },
	{ "br;q=0.8, gzip;q=0.8", 0, true },
	{ "br;q=0, gzip", 1, true },
	{ "br; q=0.001 , gzip; Q=0.002", 1, true },
	{ "br;q=1.000, gzip;q=0.999", 0, true },
	{ "", -1, true },
	{ ",,", -1, true },
	{ ", gzip ,", 1, true },
	{ "deflate, compress", -1, true },
	{ "identity", -1, true },
	{ "identity, gzip", 1, true }, /* as welcome as gzip: we may choose */
	{ "identity;q=1, gzip;q=0.5", -1, true },
	{ "identity;q=0.5, gzip;q=0.8", 1, true },
	{ "gzip;q=0.5", 1, true }, /* identity is not named */
	{ "*", 0, true },
	{ "*;q=0", -1, false },
	{ "*;q=0, identity", -1, true },
	{ "*;q=0, gzip", 1, false },
	{ "*;q=0.5, gzip", 1, true },
	{ "br;q=0, *", 1, true },
	{ "gzip;q=0, br;q=0", -1, true },
	{ "identity;q=0", -1, false },
	{ "identity;q=0, gzip", 1, false },
	{ "identity;q=0, *;q=0.1", 0, false },
	{ "*, identity;q=0", 0, false },
	{ "br, br;q=0", 0, true },
	/* malformed: as if it was not there */
	{ "gzip;q=2", -1, true },
	{ "gzip;q=0.0001", -1, true },
	{ "gzip;q=", -1, true },
	{ "gzip;q", -1, true },
	{ "gzip br", -1, true },
	{ "gzip;", 1, true },
	{ "gzip/1", -1, true },
	{ "br, gzip;q=a, identity;q=0", -1, true },
	{ "\"gzip\"", -1, true },
	{ "gzip; q = 0.5", -1, true },
};

static void test_choice_of_coding(void **state)
{
	static const struct cor_str ours[] = { { "br", 2 }, { "gzip", 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof coding_cases / sizeof coding_cases[0]; i++) {
		const struct coding_case *c = &coding_cases[i];
		bool identity;
		int best = cor_accept_coding(cor_str(c->accept), ours, 2, &identity);
		if (best != c->best || identity != c->identity)
			fail_msg("%s: %d, %d", c->accept, best, identity);
		assert_int_equal(cor_accept_coding(cor_str(c->accept), NULL, 0, &identity), -1);
	}
}

struct media_case {
	const char *text;
	const char *essence; /* NULL: refused */
	const char *charset;
};

static const struct media_case media[] = {
	{ "application/json", "application/json", "" },
	{ "Application/JSON;charset=UTF-8", "Application/JSON", "UTF-8" },
	{ "text/plain; charset=\"utf-8\"", "text/plain", "utf-8" },
	{ "text/plain;format=flowed;CharSet=x", "text/plain", "x" },
	{ "text/plain;charset=a;charset=b", "text/plain", "a" },
	{ "multipart/form-data; boundary=----x'()+_,-./:=?", NULL, NULL },
	{ "multipart/form-data; boundary=\"a b\"", "multipart/form-data", "" },
	{ "application/problem+json ", "application/problem+json", "" },
	{ "text/plain;", "text/plain", "" },
	{ "", NULL, NULL },
	{ "text", NULL, NULL },
	{ "text/", NULL, NULL },
	{ "/plain", NULL, NULL },
	{ "text /plain", NULL, NULL },
	{ "text/plain charset=x", NULL, NULL },
	{ "text/plain;charset", NULL, NULL },
	{ "text/plain;charset =x", NULL, NULL },
	{ "text/plain;charset= x", NULL, NULL },
	{ "text/plain;charset=\"x", NULL, NULL },
	{ "text/plain;charset=\"\\x\"", NULL, NULL },
	{ "text/plain, text/html", NULL, NULL },
	{ "text/plain;a=b,text/html", NULL, NULL },
};

static void content_types_are_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
		struct cor_media_type type = { COR_STR("untouched"), { NULL, 0 }, { NULL, 0 } };
		int rc = cor_media_type_parse(cor_str(media[i].text), &type);
		const char *essence = media[i].essence ? media[i].essence : "untouched";
		const char *charset = media[i].charset ? media[i].charset : "";

		if (rc != (media[i].essence ? 0 : -COR_ESYNTAX) ||
			!cor_str_equal(type.essence, cor_str(essence)) ||
			!cor_str_equal(type.charset, cor_str(charset)))
			fail_msg("%s: %d", media[i].text, rc);
	}
}

static void parameters_are_found(void **state)
{
	struct cor_media_type type;
	struct cor_str value;

	(void)state;
	assert_int_equal(
		cor_media_type_parse(COR_STR("Multipart/Form-Data; a=1; Boundary=\"x;y\""), &type),
		0);
	assert_true(cor_media_type_is(&type, COR_STR("multipart/form-data")));
	assert_false(cor_media_type_is(&type, COR_STR("multipart/form-dat")));
	assert_int_equal(cor_media_parameter(type.parameters, COR_STR("boundary"), &value), 1);
	assert_true(cor_str_equal(value, COR_STR("x;y")));
	assert_int_equal(cor_media_parameter(type.parameters, COR_STR("b"), &value), 0);
}

static void languages_are_chosen(void **state)
{
	static const struct cor_str tags[] = { { "de", 2 }, { "de-CH", 5 }, { "fr", 2 },
		{ "en", 2 } };
	static const struct {
		const char *accept;
		int chosen;
	} cases[] = {
		{ "de", 0 },
		{ "de-CH", 1 },
		{ "de-ch", 1 },
		{ "de-AT", 0 },
		{ "de-CH-1996", 1 },
		{ "fr, de", 2 },
		{ "de;q=0.5, fr", 2 },
		{ "fr;q=0.5, en;q=0.5", 2 },
		{ "en;q=0.5, fr;q=0.5", 3 },
		{ "de, de-CH;q=0", 0 },
		{ "de;q=0, de-CH;q=0", -1 },
		{ "de-CH;q=0, de;q=0, fr;q=0.001", 2 },
		{ "*", -1 },
		{ "ja, *;q=0.5", -1 },
		{ "d", -1 },
		{ "d-E", -1 },
		{ "", -1 },
		{ "de fr", -1 },
		{ "de;q=2", -1 },
		{ " , fr", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int chosen = cor_accept_language(cor_str(cases[i].accept), tags, 4);
		if (chosen != cases[i].chosen)
			fail_msg("%s: %d", cases[i].accept, chosen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(media_ranges_are_weighed),
		cmocka_unit_test(what_has_a_weight_is_allowed),
		cmocka_unit_test(codings_are_weighed),
		cmocka_unit_test(languages_are_chosen),
		cmocka_unit_test(content_types_are_parsed),
		cmocka_unit_test(test_choice_of_coding),
		cmocka_unit_test(parameters_are_found),
	};

	return cmocka_run_group_tests_name("http accept", tests, NULL, NULL);
}
