/* SPDX-License-Identifier: MIT */
/**
 * Answers of upstreams, kept by the rules of HTTP (RFC 9111):
 *
 *     static const struct cor_cache answers = { .name = "answers", .ttl_ms = 3600 * 1000 };
 *     static const struct cor_upstream prices = {
 *             .name = "prices", .base_url = "http://prices:8080", .cache = &answers,
 *     };
 *     static const struct cor_service shop = {
 *             .name = "shop",
 *             .upstreams = COR_UPSTREAMS(&prices),
 *             .caches = COR_CACHES(&answers),
 *             ...
 *     };
 *
 * Calls stay as they are. One whose answer is there and fresh gets it without a connection: no
 * limit, no breaker and no target hears of it. One that is there and stale asks the server whether
 * it still holds (If-None-Match, If-Modified-Since). Any other goes to the server, and what comes
 * is kept if the server allows it, by Cache-Control, Expires and Vary; a change of a resource
 * (POST, PUT, PATCH, DELETE) drops what is kept of it. What a call says in a Cache-Control of its
 * own counts, too: .headers = COR_HTTP_FIELDS({ "Cache-Control", "max-age=0" }).
 *
 * It is a private cache (section 1 of the RFC), or rather one for each whom calls are made for:
 * whatever a request shows of that, credentials, cookies and all fields but those that negotiate
 * (Accept and the like) and those of tracing, is part of the key. An answer of one never becomes
 * that of another. Nor does that of one upstream become that of another, with the same URL.
 *
 * Kept are answers to GET without a Range and without a body, of any status but 206, 304, 401, 407,
 * 416 and 5xx (501 may be), with all of their bytes, once they were read to the end and, where the
 * call has a schema, have passed it. One that sets cookies, or that is longer than .value_bytes of
 * the cache, is passed on and not kept. What cor_http_open() opens is kept like any other, once it
 * was read to its end: it is gathered while it is read, .value_bytes at most. Calls with a .jar,
 * and with .credentials.sign, pass by the cache. A call with conditions of its own (If-Match ...)
 * goes to the server.
 *
 * An entry lives in the cache while it is fresh, for as long as it may be given out stale, and, if
 * it can be asked for again by ETag or Last-Modified, for .ttl_ms of the cache behind that.
 */
#ifndef CORACLE_HTTP_CACHE_H
#define CORACLE_HTTP_CACHE_H

#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_HEURISTIC_MAX_S 300

/** .caching of an upstream: what else is to be said of its answers. */
struct cor_http_caching {
	/**
	 * What becomes of an answer that says when it was last modified, but not for how long it is
	 * fresh: a tenth of that age it is (RFC 9111 section 4.2.2), or it is stale at once.
	 */
	enum { COR_GUESS_FRESHNESS = 0, COR_GUESS_NO_FRESHNESS } guesses;
	/** But no longer than that. 0: COR_HEURISTIC_MAX_S. */
	uint32_t guess_max_s;
	/**
	 * How long a stale answer is given out when the server fails (RFC 5861 section 4), where
	 * the answer does not say so itself: it could not be asked, is too slow or has answered
	 * 500, 502, 503 or 504. Never one with must-revalidate or no-cache. 0: not at all.
	 */
	uint32_t stale_if_error_s;
};

/** Where the answer of a call has come from: .ret_source. */
enum cor_answer_source {
	COR_ANSWERED_BY_SERVER = 0,
	COR_ANSWERED_FRESH,     /* it was kept, and is fresh */
	COR_ANSWERED_VALIDATED, /* it was kept, and the server has said that it holds */
	COR_ANSWERED_STALE,     /* it was kept, and is stale */
};

COR_END_DECLS
#endif
