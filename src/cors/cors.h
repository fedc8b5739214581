/* SPDX-License-Identifier: MIT */
/** CORS of a request: what its answer says to the browser. Nothing here yields. */
#ifndef CORACLE_CORS_CORS_H
#define CORACLE_CORS_CORS_H

#include <coracle/cors.h>

#include "exchange/exchange.h"

/** What a place says. Lists have ", " between their items. */
struct cor_cors_policy {
	const struct cor_cors *options;
	const char *methods; /* that pages may use */
	const char *headers; /* that they may send */
	const char *exposes; /* that they may read; empty: none but those that all may */
};

/**
 * Whether the request is a preflight: the browser asks for leave before the page's own request
 * (Fetch, section 3.2.2).
 */
bool cor_cors_is_preflight(struct cor_exchange *x);

/**
 * Whether a page of another origin makes the browser change something, and its credentials are not
 * taken: by what cor_cors_mark() has seen.
 */
bool cor_cors_is_crossed(struct cor_exchange *x);

/** Add the headers of an answer, whatever it will be. Returns 0 or -ENOMEM. */
int cor_cors_mark(struct cor_exchange *x, const struct cor_cors_policy *policy) COR_CHECKED;

/** Answer a preflight. Returns 0 or a negative code. */
int cor_cors_answer(struct cor_exchange *x, const struct cor_cors_policy *policy) COR_CHECKED;

#endif
