/* SPDX-License-Identifier: MIT */
/*
 * Answers kept by the rules of RFC 9111: a row for each rule, with its section. The cases of the
 * public suite of tests for HTTP caches that are a private cache's are among them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/cache.h>
#include <coracle/error.h>

#include "base/date.h"
#include "stage.h"

#define STEPS_MAX  4
#define FIELDS_MAX 8

static const struct cor_cache answers = { .name = "answers", .ttl_ms = 3600 * 1000 };

static const struct cor_upstream origin = {
	.name = "origin",
	.base_url = "http://origin",
	.cache = &answers,
};
static const struct cor_upstream unguessed = {
	.name = "unguessed",
	.base_url = "http://origin",
	.cache = &answers,
	.caching = &(const struct cor_http_caching){ .guesses = COR_GUESS_NO_FRESHNESS },
};

static const struct cor_upstream briefly = {
	.name = "briefly",
	.base_url = "http://origin",
	.cache = &answers,
	.caching = &(const struct cor_http_caching){ .guess_max_s = 20 },
};

static const char one[] = "1"; /* as a compiler merges texts that are the same */
static const struct cor_upstream planned = {
	.name = "planned",
	.base_url = "http://origin",
	.cache = &answers,
	.headers = COR_HTTP_FIELDS({ "X-Plan", one }),
};

static const struct cor_service service = {
	.name = "stage",
	.upstreams = COR_UPSTREAMS(&origin, &unguessed, &briefly, &planned),
	.caches = COR_CACHES(&answers),
};

/* One call. A value of "@-60" in a field is the date of a minute ago. */
struct step {
	int64_t after_s; /* since the one before */
	const char *method;
	const char *path;
	const struct cor_http_field *says;
	/* What the server answers; NULL: nobody may ask. Its body is the number of the step. */
	const struct cor_http_field *answer;
	uint16_t status; /* 0: 200 */
	enum cor_answer_source from;
	int has;               /* the number of the step whose body it has, if it is a kept one */
	const char *validates; /* the If-None-Match, or else If-Modified-Since, that is sent */
	const char *age;       /* the Age of the answer; NULL: any */
	int rc;
};

struct rule {
	const char *section;
	const char *name;
	const struct cor_upstream *upstream; /* NULL: origin */
	struct step steps[STEPS_MAX];
};

#define F(...)  COR_HTTP_FIELDS(__VA_ARGS__)
#define CC(...) COR_HTTP_FIELDS({ "Cache-Control", __VA_ARGS__ })
#define PLAIN   COR_HTTP_FIELDS({ "X-Plain", "1" })
#define HIT     .from = COR_ANSWERED_FRESH
#define HELD    .status = 304, .from = COR_ANSWERED_VALIDATED
#define STALE   .from = COR_ANSWERED_STALE
#define GET     .method = "GET"
#define ETAG                                                                                       \
	{                                                                                          \
		"ETag", "\"a\""                                                                    \
	}

static const struct rule rules[] = {
	/* --- whose it is --- */
	{ "-", "a header of the call with the text of one of the upstream", &planned,
		{ { .says = F({ "X-User", one }), .answer = CC("max-age=10") },
			{ .says = F({ "X-User", one }), HIT }, { .answer = CC("max-age=10") },
			{ HIT, .has = 2 } } },
	/* --- freshness --- */
	{ "4.2.1", "max-age", 0,
		{ { .answer = CC("max-age=10") }, { .after_s = 9, HIT, .age = "9" } } },
	{ "4.2.1", "max-age is over", 0,
		{ { .answer = CC("max-age=10") }, { .after_s = 10, .answer = PLAIN } } },
	{ "5.2", "names in any case", 0,
		{ { .answer = CC("MaX-AGe=10") }, { .after_s = 1, HIT } } },
	{ "5.2", "unknown directives", 0,
		{ { .answer = CC("foo, max-age=10, bar=\"a, b\"") }, { HIT } } },
	{ "5.2", "a quoted max-age", 0, { { .answer = CC("max-age=\"10\"") }, { HIT } } },
	{ "5.2.2.1", "max-age=0", 0, { { .answer = CC("max-age=0") }, { .answer = PLAIN } } },
	{ "1.2.2", "max-age of more than 2^31", 0,
		{ { .answer = CC("max-age=99999999999999999999") }, { .after_s = 3600000, HIT } } },
	{ "4.2.1", "max-age that is negative", 0,
		{ { .answer = CC("max-age=-10") }, { .answer = PLAIN } } },
	{ "4.2.1", "max-age with a dot", 0,
		{ { .answer = CC("max-age=10.0") }, { .answer = PLAIN } } },
	{ "4.2.1", "max-age in single quotes", 0,
		{ { .answer = CC("max-age='10'") }, { .answer = PLAIN } } },
	{ "4.2.1", "a space before =", 0,
		{ { .answer = CC("max-age =10") }, { .answer = PLAIN } } },
	{ "4.2.1", "a space behind =", 0,
		{ { .answer = CC("max-age= 10") }, { .answer = PLAIN } } },
	{ "4.2.1", "max-age twice: the shorter", 0,
		{ { .answer = CC("max-age=10, max-age=5") }, { .after_s = 5, .answer = PLAIN } } },
	{ "4.2.1", "max-age in two fields: the shorter", 0,
		{ { .answer = F(
			    { "Cache-Control", "max-age=10" }, { "Cache-Control", "max-age=5" }) },
			{ .after_s = 5, .answer = PLAIN } } },
	{ "4.2.1", "a quote that does not end", 0,
		{ { .answer = CC("foo=\"bar, max-age=10") }, { .answer = PLAIN } } },
	{ "5.2.2.10", "s-maxage is for shared caches", 0,
		{ { .answer = CC("s-maxage=1, max-age=10") }, { .after_s = 5, HIT } } },
	{ "5.2.2.10", "s-maxage alone says nothing", 0,
		{ { .answer = CC("s-maxage=10") }, { .after_s = 1, .answer = PLAIN } } },
	{ "5.3", "Expires", 0,
		{ { .answer = F({ "Date", "@0" }, { "Expires", "@10" }) },
			{ .after_s = 9, HIT } } },
	{ "5.3", "Expires is over", 0,
		{ { .answer = F({ "Date", "@0" }, { "Expires", "@10" }) },
			{ .after_s = 10, .answer = PLAIN } } },
	{ "5.3", "Expires: 0", 0, { { .answer = F({ "Expires", "0" }) }, { .answer = PLAIN } } },
	{ "5.3", "Expires that is no date", 0,
		{ { .answer = F({ "Expires", "Thu, 18 Aug 2050 02:01:18 UTC" }) },
			{ .answer = PLAIN } } },
	{ "4.2.1", "Expires twice", 0,
		{ { .answer = F({ "Expires", "@10" }, { "Expires", "@20" }) },
			{ .answer = PLAIN } } },
	{ "5.3", "max-age goes before Expires", 0,
		{ { .answer = F({ "Expires", "@-10" }, { "Cache-Control", "max-age=10" }) },
			{ .after_s = 5, HIT } } },
	{ "5.3", "max-age=0 goes before Expires", 0,
		{ { .answer = F({ "Expires", "@100" }, { "Cache-Control", "max-age=0" }) },
			{ .answer = PLAIN } } },
	{ "4.2.1", "Expires counts from Date", 0,
		{ { .answer = F({ "Date", "@-100" }, { "Expires", "@-50" }) },
			{ .answer = PLAIN } } },
	/* --- age --- */
	{ "4.2.3", "Age counts", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Age", "8" }) },
			{ .after_s = 1, HIT, .age = "9" }, { .after_s = 1, .answer = PLAIN } } },
	{ "4.2.3", "Date counts", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Date", "@-8" }) },
			{ .after_s = 1, HIT, .age = "9" }, { .after_s = 1, .answer = PLAIN } } },
	{ "4.2.3", "a Date ahead of us does not", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Date", "@5000" }) },
			{ .after_s = 9, HIT }, { .after_s = 1, .answer = PLAIN } } },
	{ "5.1", "of a list of ages the first", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Age", "8, 0" }) },
			{ .after_s = 2, .answer = PLAIN } } },
	{ "5.1", "an Age that is none", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Age", "7200a" }) },
			{ .after_s = 1, HIT } } },
	{ "5.1", "an Age of more than 2^31", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Age", "99999999999999" }) },
			{ .answer = PLAIN } } },
	/* --- heuristics --- */
	{ "4.2.2", "a tenth of what it was not modified", 0,
		{ { .answer = F({ "Last-Modified", "@-100" }, { "Date", "@0" }) },
			{ .after_s = 9, HIT },
			{ .after_s = 1, .answer = PLAIN, .validates = "@-110" } } },
	{ "4.2.2", "but no longer than that", 0,
		{ { .answer = F({ "Last-Modified", "@-9000000" }) }, { .after_s = 299, HIT },
			{ .after_s = 1, .answer = PLAIN, .validates = "@-9000300" } } },
	{ "4.2.2", "or than the upstream says", &briefly,
		{ { .answer = F({ "Last-Modified", "@-9000000" }) }, { .after_s = 19, HIT },
			{ .after_s = 1, .answer = PLAIN, .validates = "@-9000020" } } },
	{ "4.2.2", "or not at all", &unguessed,
		{ { .answer = F({ "Last-Modified", "@-9000000" }) },
			{ .answer = PLAIN, .validates = "@-9000000" } } },
	{ "4.2.2", "not of a status that does not allow it", 0,
		{ { .answer = F({ "Last-Modified", "@-9000000" }), .status = 403 },
			{ .answer = PLAIN } } },
	{ "4.2.2", "but public does", 0,
		{ { .answer = F({ "Last-Modified", "@-9000000" }, { "Cache-Control", "public" }),
			  .status = 403 },
			{ HIT } } },
	{ "4.2.2", "404 allows it", 0,
		{ { .answer = F({ "Last-Modified", "@-9000000" }), .status = 404 }, { HIT } } },
	{ "4.2.2", "501 allows it", 0,
		{ { .answer = F({ "Last-Modified", "@-9000000" }), .status = 501 }, { HIT } } },
	{ "4.2.2", "nothing is said", 0, { { .answer = PLAIN }, { .answer = PLAIN } } },
	/* --- what is kept --- */
	{ "5.2.2.5", "no-store", 0,
		{ { .answer = CC("no-store, max-age=10") }, { .answer = PLAIN } } },
	{ "5.2.2.5", "no-store behind what is broken", 0,
		{ { .answer = CC("max-age=10, ???, no-store") }, { .answer = PLAIN } } },
	{ "5.2.2.3", "must-understand makes little of no-store", 0,
		{ { .answer = CC("no-store, must-understand, max-age=10") }, { HIT } } },
	{ "5.2.2.3", "of a status that is understood", 0,
		{ { .answer = CC("must-understand, max-age=10"), .status = 299 },
			{ .answer = PLAIN } } },
	{ "5.2.2.7", "private is ours", 0, { { .answer = CC("private, max-age=10") }, { HIT } } },
	{ "5.2.2.7", "private with names, too", 0,
		{ { .answer = CC("private=\"x-plain\", max-age=10") }, { HIT } } },
	{ "3", "410", 0, { { .answer = CC("max-age=10"), .status = 410 }, { HIT } } },
	{ "3", "403 with max-age", 0, { { .answer = CC("max-age=10"), .status = 403 }, { HIT } } },
	{ "3", "204", 0, { { .answer = CC("max-age=10"), .status = 204 }, { HIT, .has = -1 } } },
	{ "3", "299 with max-age", 0, { { .answer = CC("max-age=10"), .status = 299 }, { HIT } } },
	{ "3", "401 is of one request", 0,
		{ { .answer = CC("max-age=10"), .status = 401 }, { .answer = PLAIN } } },
	{ "3", "503 is of the moment", 0,
		{ { .answer = CC("max-age=10"), .status = 503 }, { .answer = PLAIN } } },
	{ "3.3", "206", 0,
		{ { .answer = F(
			    { "Cache-Control", "max-age=10" }, { "Content-Range", "bytes 0-0/1" }),
			  .status = 206 },
			{ .answer = PLAIN } } },
	{ "3.3", "a request with a Range", 0,
		{ { .says = F({ "Range", "bytes=0-0" }), .answer = CC("max-age=10") },
			{ .answer = CC("max-age=10") },
			{ .says = F({ "Range", "bytes=0-0" }), .answer = CC("max-age=10") } } },
	{ "7.3", "what sets cookies is not kept", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Set-Cookie", "a=b" }) },
			{ .answer = PLAIN } } },
	{ "3", "what cannot be asked for again, and is stale, is of no use", 0,
		{ { .answer = CC("no-cache") }, { .answer = PLAIN } } },
	{ "3", "POST", 0,
		{ { .method = "POST", .answer = CC("max-age=10") }, { .answer = PLAIN } } },
	{ "4", "another query is another URL", 0,
		{ { .path = "/p?a=1", .answer = CC("max-age=10") },
			{ .path = "/p?a=2", .answer = CC("max-age=10") }, { .path = "/p?a=1", HIT },
			{ .path = "/p", .answer = PLAIN } } },
	/* --- no-cache and validation --- */
	{ "5.2.2.4", "no-cache", 0,
		{ { .answer = F({ "Cache-Control", "no-cache, max-age=10" }, ETAG) },
			{ .answer = PLAIN, HELD, .validates = "\"a\"" },
			{ .answer = PLAIN, HELD, .validates = "\"a\"" } } },
	{ "4.3.1", "ETag", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 10, .answer = CC("max-age=5"), HELD, .validates = "\"a\"" },
			{ .after_s = 4, HIT },
			{ .after_s = 1, .answer = PLAIN, .validates = "\"a\"" } } },
	{ "4.3.1", "a weak ETag", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "ETag", "W/\"a\"" }) },
			{ .after_s = 10,
				.answer = F({ "ETag", "W/\"a\"" }),
				HELD,
				.validates = "W/\"a\"" } } },
	{ "4.3.1", "what is no ETag is not sent", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "ETag", "a" }) },
			{ .after_s = 10, .answer = PLAIN } } },
	{ "4.3.1", "Last-Modified", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Last-Modified", "@-100" }) },
			{ .after_s = 10, .answer = CC("max-age=5"), HELD, .validates = "@-110" },
			{ .after_s = 4, HIT } } },
	{ "4.3.3", "a new one replaces it", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 10,
				.answer = F({ "Cache-Control", "max-age=10" }, { "ETag", "\"b\"" }),
				.validates = "\"a\"" },
			{ .after_s = 9, HIT, .has = 1 },
			{ .after_s = 1, .answer = PLAIN, .validates = "\"b\"" } } },
	{ "4", "a newer one that may not be kept drops it", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10, stale-if-error=1000" }, ETAG) },
			{ .after_s = 10, .answer = CC("no-store"), .validates = "\"a\"" },
			{ .answer = PLAIN, .status = 503 } } },
	{ "4", "one that is of the moment drops nothing", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 10, .answer = PLAIN, .status = 429, .validates = "\"a\"" },
			{ .answer = PLAIN, HELD, .validates = "\"a\"" } } },
	{ "3.2", "a 304 that forbids it", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 10, .answer = CC("no-store"), HELD, .validates = "\"a\"" },
			{ .answer = PLAIN } } },
	{ "5.2.2.2", "must-revalidate while fresh", 0,
		{ { .answer = CC("max-age=10, must-revalidate") }, { .after_s = 9, HIT } } },
	/* --- Vary --- */
	{ "4.1", "Vary: the same", 0,
		{ { .says = F({ "Accept-Language", "de" }),
			  .answer = F({ "Cache-Control", "max-age=10" },
				  { "Vary", "accept-language" }) },
			{ .says = F({ "Accept-Language", "de" }), HIT } } },
	{ "4.1", "Vary: another", 0,
		{ { .says = F({ "Accept-Language", "de" }),
			  .answer = F({ "Cache-Control", "max-age=10" },
				  { "Vary", "Accept-Language" }) },
			{ .says = F({ "Accept-Language", "fr" }),
				.answer = F({ "Cache-Control", "max-age=10" },
					{ "Vary", "Accept-Language" }) },
			{ .says = F({ "Accept-Language", "de" }), HIT },
			{ .says = F({ "Accept-Language", "fr" }), HIT, .has = 1 } } },
	{ "4.1", "Vary: none", 0,
		{ { .says = F({ "Accept-Language", "de" }),
			  .answer = F({ "Cache-Control", "max-age=10" },
				  { "Vary", "Accept-Language" }) },
			{ .answer = PLAIN } } },
	{ "4.1", "Vary: *", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, { "Vary", "Accept, *" }) },
			{ .answer = PLAIN } } },
	{ "4.1", "Vary in two fields", 0,
		{ { .says = F({ "Accept-Language", "de" }),
			  .answer = F({ "Cache-Control", "max-age=10" }, { "Vary", "Accept" },
				  { "Vary", "Accept-Language" }) },
			{ .says = F({ "Accept-Language", "fr" }), .answer = PLAIN } } },
	{ "4.1", "one that does not vary, of a URL that does", 0,
		{ { .says = F({ "Accept-Language", "de" }),
			  .answer = F({ "Cache-Control", "max-age=10" },
				  { "Vary", "Accept-Language" }) },
			{ .says = F({ "Accept-Language", "fr" }), .answer = CC("max-age=10") },
			{ .says = F({ "Accept-Language", "de" }), HIT },
			{ .says = F({ "Accept-Language", "fr" }), HIT, .has = 1 } } },
	/* --- what the call says --- */
	{ "5.2.1.4", "no-cache", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .says = CC("no-cache"), .answer = PLAIN, HELD, .validates = "\"a\"" } } },
	{ "5.4", "Pragma: no-cache", 0,
		{ { .answer = CC("max-age=10") },
			{ .says = F({ "Pragma", "no-cache" }), .answer = PLAIN } } },
	{ "5.4", "Pragma beside Cache-Control", 0,
		{ { .answer = CC("max-age=10") },
			{ .says = F({ "Pragma", "no-cache" }, { "Cache-Control", "max-age=5" }),
				HIT } } },
	{ "5.2.1.5", "no-store", 0,
		{ { .says = CC("no-store"), .answer = CC("max-age=10") },
			{ .answer = CC("max-age=10") }, { HIT, .has = 1 } } },
	{ "5.2.1.1", "max-age=0", 0,
		{ { .answer = CC("max-age=10") },
			{ .after_s = 1, .says = CC("max-age=0"), .answer = PLAIN } } },
	{ "5.2.1.1", "max-age that it is not past", 0,
		{ { .answer = CC("max-age=10") },
			{ .after_s = 5, .says = CC("max-age=5"), HIT } } },
	{ "5.2.1.1", "max-age that is broken", 0,
		{ { .answer = CC("max-age=10") },
			{ .after_s = 1, .says = CC("max-age=5x"), .answer = PLAIN } } },
	{ "5.2.1.3", "min-fresh", 0,
		{ { .answer = CC("max-age=10") }, { .after_s = 5, .says = CC("min-fresh=5"), HIT },
			{ .says = CC("min-fresh=6"), .answer = PLAIN } } },
	{ "5.2.1.2", "max-stale", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 20, .says = CC("max-stale=10"), STALE, .age = "20" },
			{ .says = CC("max-stale=9"), .answer = PLAIN, .validates = "\"a\"" } } },
	{ "5.2.1.2", "max-stale of any time", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 1000, .says = CC("max-stale"), STALE } } },
	{ "5.2.2.2", "must-revalidate goes before max-stale", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10, must-revalidate" }, ETAG) },
			{ .after_s = 20,
				.says = CC("max-stale"),
				.answer = PLAIN,
				.validates = "\"a\"" } } },
	{ "5.2.2.4", "no-cache goes before max-stale", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10, no-cache" }, ETAG) },
			{ .after_s = 20,
				.says = CC("max-stale"),
				.answer = PLAIN,
				.validates = "\"a\"" } } },
	{ "5.2.1.7", "only-if-cached", 0,
		{ { .answer = CC("max-age=10") }, { .says = CC("only-if-cached"), HIT },
			{ .after_s = 10, .says = CC("only-if-cached"), .rc = -COR_EUNTRIED } } },
	{ "5.2.1.7", "only-if-cached, of what passes by", 0,
		{ { .answer = CC("max-age=10") },
			{ .says = F(
				  { "Cache-Control", "only-if-cached" }, { "Range", "bytes=0-0" }),
				.rc = -COR_EUNTRIED },
			{ HIT } } },
	{ "RFC 8246", "immutable, reloaded", 0,
		{ { .answer = CC("max-age=10, immutable") },
			{ .after_s = 5, .says = CC("max-age=0"), HIT },
			{ .says = CC("no-cache"), .answer = PLAIN } } },
	{ "RFC 8246", "immutable, stale", 0,
		{ { .answer = CC("max-age=10, immutable") },
			{ .after_s = 10, .says = CC("max-age=0"), .answer = PLAIN } } },
	{ "4.3.2", "conditions of the call", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .says = F({ "If-None-Match", "\"z\"" }),
				.answer = CC("max-age=10"),
				.validates = "\"z\"" },
			{ HIT, .has = 1 } } },
	/* --- errors: RFC 5861 --- */
	{ "RFC 5861 4", "stale-if-error", 0,
		{ { .answer = CC("max-age=10, stale-if-error=20") },
			{ .after_s = 29, .answer = PLAIN, .status = 503, STALE, .age = "29" },
			{ .after_s = 2, .answer = PLAIN, .status = 503 } } },
	{ "RFC 5861 4", "of the call", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .after_s = 30,
				.says = CC("stale-if-error=20"),
				.answer = PLAIN,
				.status = 500,
				.validates = "\"a\"",
				STALE } } },
	{ "RFC 5861 4", "not with must-revalidate", 0,
		{ { .answer = CC("max-age=10, stale-if-error=20, must-revalidate") },
			{ .after_s = 10, .answer = PLAIN, .status = 503 } } },
	{ "RFC 5861 4", "not of a 404", 0,
		{ { .answer = CC("max-age=10, stale-if-error=20") },
			{ .after_s = 10, .answer = PLAIN, .status = 404 },
			{ .answer = PLAIN, .status = 503 } } },
	/* --- changes --- */
	{ "4.4", "POST", 0,
		{ { .answer = CC("max-age=10") }, { .method = "POST", .answer = PLAIN },
			{ .answer = CC("max-age=10") }, { HIT, .has = 2 } } },
	{ "4.4", "PUT", 0,
		{ { .answer = CC("max-age=10") }, { .method = "PUT", .answer = PLAIN },
			{ .answer = PLAIN } } },
	{ "4.4", "DELETE, with a redirect", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "DELETE", .answer = PLAIN, .status = 304 },
			{ .answer = PLAIN } } },
	{ "4.4", "a method that nobody knows", 0,
		{ { .answer = CC("max-age=10") }, { .method = "FOO", .answer = PLAIN },
			{ .answer = PLAIN } } },
	{ "4.4", "OPTIONS changes nothing", 0,
		{ { .answer = CC("max-age=10") }, { .method = "OPTIONS", .answer = PLAIN },
			{ HIT } } },
	{ "4.4", "a POST that was refused", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "POST", .answer = PLAIN, .status = 409 }, { HIT } } },
	{ "4.4", "a POST that has failed may have done it", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "POST", .answer = PLAIN, .status = 500 },
			{ .answer = PLAIN } } },
	{ "4.4", "Location of a POST", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "POST",
				.path = "/all",
				.status = 201,
				.answer = F({ "Location", "http://origin/p" }) },
			{ .answer = PLAIN } } },
	{ "4.4", "Content-Location of a PUT", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "PUT",
				.path = "/all",
				.answer = F({ "Content-Location", "p" }) },
			{ .answer = PLAIN } } },
	{ "4.4", "Location of another origin", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "POST",
				.path = "/all",
				.status = 201,
				.answer = F({ "Location", "http://other/p" }) },
			{ HIT } } },
	{ "4.4", "all answers of the URL", 0,
		{ { .says = F({ "Accept-Language", "de" }),
			  .answer = F({ "Cache-Control", "max-age=10" },
				  { "Vary", "Accept-Language" }) },
			{ .method = "POST", .answer = PLAIN },
			{ .answer = F({ "Cache-Control", "max-age=10" },
				  { "Vary", "Accept-Language" }) },
			{ .says = F({ "Accept-Language", "de" }), .answer = PLAIN } } },
	/* --- HEAD --- */
	{ "4", "HEAD is answered by what a GET has left", 0,
		{ { .answer = CC("max-age=10") },
			{ .method = "HEAD", HIT, .has = -1, .age = "0" } } },
	{ "4", "but leaves nothing", 0,
		{ { .method = "HEAD", .answer = CC("max-age=10") }, { .answer = PLAIN } } },
	{ "4.3.5", "HEAD that shows another one", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .method = "HEAD",
				.says = CC("no-cache"),
				.answer = F({ "ETag", "\"b\"" }) },
			{ .answer = PLAIN } } },
	{ "4.3.5", "HEAD that shows the same one", 0,
		{ { .answer = F({ "Cache-Control", "max-age=10" }, ETAG) },
			{ .method = "HEAD", .says = CC("no-cache"), .answer = F(ETAG) },
			{ HIT } } },
	/* --- whose it is --- */
	{ "4.1", "another Authorization", 0,
		{ { .says = F({ "Authorization", "Bearer a" }), .answer = CC("max-age=10") },
			{ .says = F({ "Authorization", "Bearer b" }), .answer = CC("max-age=10") },
			{ .answer = CC("max-age=10") },
			{ .says = F({ "Authorization", "Bearer a" }), HIT } } },
	{ "4.1", "another Cookie", 0,
		{ { .says = F({ "Cookie", "a=1" }), .answer = CC("public, max-age=10") },
			{ .says = F({ "Cookie", "a=2" }), .answer = CC("public, max-age=10") },
			{ .says = F({ "Cookie", "a=2" }), HIT, .has = 1 }, { .answer = PLAIN } } },
	{ "4.1", "a key in a header of any name", 0,
		{ { .says = F({ "X-Api-Key", "a" }), .answer = CC("max-age=10") },
			{ .says = F({ "X-Api-Key", "b" }), .answer = PLAIN } } },
	{ "4.1", "nobody's is not somebody's", 0,
		{ { .answer = CC("max-age=10") },
			{ .says = F({ "X-Api-Key", "a" }), .answer = CC("max-age=10") },
			{ .answer = CC("max-age=10") }, { HIT, .has = 2 } } },
	{ "4.4", "a change by one is one for all", 0,
		{ { .says = F({ "X-Api-Key", "a" }), .answer = CC("max-age=10") },
			{ .says = F({ "X-Api-Key", "b" }), .method = "POST", .answer = PLAIN },
			{ .says = F({ "X-Api-Key", "a" }), .answer = PLAIN } } },
};

static void expand(struct stage *stage, const struct cor_http_field *from,
	struct cor_http_field *to, char texts[][64])
{
	for (size_t i = 0; from && from[i].name; i++) {
		to[i] = from[i];
		assert_true(i + 1 < FIELDS_MAX);
		if (from[i].value[0] != '@')
			continue;
		cor_imf_date_format(texts[i],
			stage->now_ns / 1000000000 + strtoll(from[i].value + 1, NULL, 10));
		texts[i][COR_IMF_DATE_BYTES] = '\0';
		to[i].value = texts[i];
	}
}

static void check_request(struct stage *stage, const struct step *step, size_t asked)
{
	struct cor_http_field expected[FIELDS_MAX] = { 0 };
	char texts[FIELDS_MAX][64];

	assert_int_equal(cor_script_len(stage->script), asked);
	if (!step->answer)
		return;
	const struct cor_script_call *call = stage_call(stage, asked - 1);
	const char *tag = cor_script_header(call, "If-None-Match");
	const char *date = cor_script_header(call, "If-Modified-Since");
	if (!step->validates) {
		assert_null(tag);
		assert_null(date);
		return;
	}
	expand(stage, (const struct cor_http_field[]){ { "v", step->validates }, { NULL, NULL } },
		expected, texts);
	assert_non_null(tag ? tag : date);
	assert_string_equal(tag ? tag : date, expected[0].value);
}

static void take_step(struct stage *stage, const struct cor_upstream *upstream,
	const struct step *step, int number, size_t *asked)
{
	struct cor_http_field fields[FIELDS_MAX] = { 0 };
	char texts[FIELDS_MAX][64], body[2] = { (char)('0' + number), 0 };
	enum cor_answer_source source;
	bool is_head = step->method && strcmp(step->method, "HEAD") == 0;
	int status = 0;
	struct cor_answer *answer;
	char got[8];

	stage->now_ns += step->after_s * 1000000000;
	expand(stage, step->answer, fields, texts);
	if (step->answer)
		stage_line(stage, &(struct cor_scripted){ .status = step->status,
					  .headers = fields,
					  .body = step->status == 204 || is_head ? "" : body });
	int rc = cor_http_open(stage->ctx, upstream, &answer,
		COR_PATH_AS_IS(step->path ? step->path : "/p"),
		.method = step->method ? step->method : "GET", .headers = step->says,
		.ret_status = &status, .ret_source = &source);
	*asked += step->answer != NULL;
	assert_int_equal(rc, step->rc);
	check_request(stage, step, *asked);
	if (rc < 0)
		return;
	assert_int_equal(source, step->from);
	if (step->age)
		assert_string_equal(cor_answer_header(answer, "Age"), step->age);
	ssize_t n = cor_answer_read(answer, got, sizeof got);
	int has = source == COR_ANSWERED_BY_SERVER ? number : step->has;
	if (has >= 0 && !is_head && step->status != 204 &&
		!(step->status == 304 && source == COR_ANSWERED_BY_SERVER)) {
		assert_int_equal(n, 1);
		assert_int_equal(got[0], '0' + has);
	} else {
		assert_int_equal(n, 0);
	}
	assert_int_equal(cor_answer_read(answer, got, sizeof got), 0);
	cor_answer_close(answer);
}

static bool is_there(const struct step *step)
{
	return step->answer || step->from || step->rc;
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct rule *rule = &rules[i];
		struct stage *stage;
		size_t asked = 0;
		void *made;
		print_message("# %s: %s\n", rule->section, rule->name);
		stage_open_service(&service, &made);
		stage = made;
		for (int k = 0; k < STEPS_MAX && is_there(&rule->steps[k]); k++)
			take_step(stage, rule->upstream ? rule->upstream : &origin, &rule->steps[k],
				k, &asked);
		stage_close(&made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
