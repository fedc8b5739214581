/* SPDX-License-Identifier: MIT */
/**
 * Which pages of other origins may call a service from a browser (CORS: the Fetch standard, section
 * 3.2).
 *
 *     static const struct cor_cors for_the_app = {
 *             .origins = COR_ORIGINS("https://app.example", "https://.preview.example"),
 *             .credentials = true,
 *     };
 *     static const struct cor_service shop = { ..., .cors = &for_the_app };
 *
 * It stands on a service or a resource: the resource's counts. What a page may send and read
 * follows from the tables: the methods that are there, header rows of input and output, the headers
 * of security schemes. Preflights are answered before middleware and authentication; every other
 * answer, problems included, says whether the page may read it.
 *
 * A browser alone heeds it: it is no protection of the service, and does not stop requests from
 * being made.
 */
#ifndef CORACLE_CORS_H
#define CORACLE_CORS_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

/** How long a browser may keep the answer to a preflight, unless .max_age_s says otherwise. */
#define COR_CORS_MAX_AGE_S 600

struct cor_cors {
	/**
	 * COR_ORIGINS(...): "https://app.example" is that one, "https://.app.example:8443" all
	 * below it, "*" any at all, "null" pages without one (of a file, or sandboxed): those two
	 * do not go with .credentials.
	 */
	const char *const *origins;
	/** Pages may send cookies, certificates and Basic credentials that the browser keeps. */
	bool credentials;
	/** COR_HEADERS(...): more headers that pages may send; "*" allows all. */
	const char *const *headers;
	/** COR_HEADERS(...): more headers of answers that pages may read. */
	const char *const *exposes;
	/** How long a browser may keep the answer to a preflight. 0: COR_CORS_MAX_AGE_S. */
	uint32_t max_age_s;
};

/* clang-format off */

#define COR_ORIGINS(...) (const char *const[]) { __VA_ARGS__, NULL }
#define COR_HEADERS(...) (const char *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

COR_END_DECLS
#endif
