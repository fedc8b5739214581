/* SPDX-License-Identifier: MIT */
/**
 * Answers that are kept here, in the service: who asks for the same gets the same bytes, and the
 * handler is not called.
 *
 *     static const struct cor_cache price_answers = {
 *             .name = "price-answers", .store = &cor_shared_store, .ttl_ms = 30 * 1000,
 *     };
 *
 *     COR_OPERATION(get_price_operation, get_price, book_ref_schema, price_schema,
 *             .cache = &price_answers,
 *             .cache_rules = &(const struct cor_answer_rules){ .stale_ms = 60 * 1000 });
 *
 * Of a GET, and the HEAD that comes from it, with a typed answer, of a service that lists the cache
 * in its .caches. Several operations may have the same one.
 *
 * What is kept: an answer of the operation's status, or of one in .also, with the header lines that
 * the handler and the rows of the output set; with .missing_ms also a 404 or 410. Kept under: the
 * operation, all of its input (the rows from headers and cookies, too), what ?fields= and X-Fields
 * choose, the language where the service has .languages, and by .answers_for whom it is for. A key
 * of more than 1,024 bytes is never kept.
 *
 * A handler that looks at more of the request than that (cor_request_header(), a session, what a
 * middleware has handed on ...) gets its answer sent, and not kept: the log says so once. Make what
 * it looks at a row of its input. The same for an answer with Set-Cookie, with Vary: *, or whose
 * handler has said Cache-Control: no-store, or private where it is for all. cor_request_id() may be
 * looked at: an answer that has it has that of another request.
 *
 * Credentials, limits, CORS and middleware come before, for each request. Conditions come behind:
 * each answer has an ETag, of its bytes if .caching says nothing else, and whoever has it gets a
 * 304. An answer from the cache has Age (RFC 9111 section 5.1), and one without Cache-Control gets
 * max-age, as long as it is fresh here all in all: what is left of that is max-age less Age.
 * Vary names the headers that rows of the input come from, and those of credentials. Where there is
 * .security, a Cache-Control of the handler gets "private" if it lets other caches have the answer,
 * and a start refuses such a .caching.control.
 *
 * One makes it for all who ask for the same meanwhile, and cor_cache_tag() names what makes it go:
 * cached.h. A client's Cache-Control: no-cache makes nothing new.
 */
#ifndef CORACLE_ANSWER_CACHE_H
#define CORACLE_ANSWER_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/cached.h>

COR_BEGIN_DECLS

/** Whom an answer is for, where the operation has .security. */
enum cor_answers_for {
	COR_FOR_EVERYBODY = 0,  /* there is no .security: else this is refused at start */
	COR_FOR_EACH_PRINCIPAL, /* kept under the scheme, all of the principal, and its scopes */
	COR_FOR_ALL_LET_IN,     /* the same for all of them; a handler that asks who it is, or what
				 * they may do, is not kept */
};

/** How an operation's answers are kept. All zero: as long as the cache says, for everybody. */
struct cor_answer_rules {
	/** How long one is fresh. 0: as the cache says; COR_FOREVER. */
	int64_t ttl_ms;
	/**
	 * For so long behind that it may still be sent: while one request makes a new one, or where
	 * that would be a 5xx (RFC 5861), a 504 of its own deadline, too; the log says so. 0:
	 * never; COR_CACHE_STALE_MS_MAX at most.
	 */
	int64_t stale_ms;
	/** How long a 404 or 410 of the handler is kept. 0: not at all. */
	int64_t missing_ms;
	/** As that of struct cor_cached_rules. */
	bool refreshes_early;
	/**
	 * Where there is .security: then Cache-Control has "private", so that no cache of others
	 * gives it to whom nobody has let in.
	 */
	enum cor_answers_for answers_for;
	/**
	 * The handler looks at cor_request_path() or cor_request_query(), for a link to the next
	 * page: what was asked for is part of the key, as it was sent.
	 */
	bool by_target;
	/** Say in Cache-Status how the answer was come by (RFC 9211), by the name of the cache. */
	bool says_status;
};

COR_END_DECLS
#endif
