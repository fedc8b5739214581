/* SPDX-License-Identifier: MIT */
/**
 * Other servers in a test: what they answer is written down before, and what they were asked
 * afterwards.
 *
 *     struct cor_script *script;
 *     rc = cor_script_create(&script);
 *     rc = cor_script_add(script, &(struct cor_scripted){
 *             .path = "/prices/7", .body = "{\"cents\":250}" });
 *     rc = cor_ctx_create(&(struct cor_ctx_options){ .service = &shop, .script = script }, &ctx);
 *     rc = get_book(ctx, &(struct book_ref){ 7 }, &book);
 *     assert(strcmp(cor_script_call(script, 0)->path, "/prices/7") == 0);
 *
 * All upstreams of the ctx are the script's: no socket is opened, and no name is looked up. Waits
 * are those of the caller's clock: with one that the test moves, seconds take no time.
 *
 * A script belongs to one thread. Nothing here yields.
 */
#ifndef CORACLE_SCRIPT_H
#define CORACLE_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>
#include <coracle/upstream.h>

COR_BEGIN_DECLS

struct cor_script;

/** Where an exchange fails, if it does. */
enum cor_script_fault {
	COR_SCRIPT_WHOLE = 0,  /* it does not */
	COR_SCRIPT_REFUSED,    /* no connection: nobody listens */
	COR_SCRIPT_UNRESOLVED, /* no connection: the name has no address */
	COR_SCRIPT_SILENT,     /* a connection, but never an answer */
	COR_SCRIPT_RESET, /* the connection is lost behind .fails_after bytes of the body; 0: before
				 the head */
	COR_SCRIPT_STALLED, /* nothing more comes behind .fails_after bytes of the body */
	COR_SCRIPT_GARBAGE, /* what comes is no HTTP */
};

/** An exchange: which request it is for, and what becomes of it. All of it is copied. */
struct cor_scripted {
	/** Which: NULL is any. */
	const char *upstream; /* the host of its URL, and port if it says one: "a:8081" */
	const char *method;
	const char *path; /* with the query: "/prices?limit=5" */
	const char *request_body;
	/** How often it is used, one after the other with others that fit; 0: once. */
	uint32_t times;

	/** 0: 200. */
	uint16_t status;
	/** COR_HTTP_FIELDS(...); Content-Type is application/json unless they say otherwise. */
	const struct cor_http_field *headers;
	/** NULL: "". */
	const char *body;
	/** Of a body that is not text; else 0. */
	size_t body_bytes;
	/** Pieces that the body comes in. 0: as large as they are asked for. */
	size_t piece_bytes;

	/** How long it takes: to the connection, to the head, to each further piece. */
	int64_t connect_ms;
	int64_t head_ms;
	int64_t piece_ms;

	enum cor_script_fault fault;
	size_t fails_after;
};

#define COR_SCRIPT_ALWAYS UINT32_MAX /* for .times */

/** A request that was made. */
struct cor_script_call {
	const char *upstream; /* the host of its URL, and port */
	const char *method;
	const char *path;
	const struct cor_http_field *headers; /* the last has a name of NULL */
	struct cor_str body;
	/** How the server would have been known over TLS; NULL: as by default. */
	const struct cor_upstream_tls *tls;
	const char *proxy; /* by which it would have gone; "": by none */
	int64_t at_ns;     /* by the caller's monotonic clock */
};

/** Make one without a line. Returns 0 or -ENOMEM. The caller owns *ret. */
COR_API int cor_script_create(struct cor_script **ret) COR_CHECKED;

/** Free it, after the ctx that uses it. NULL is allowed. */
COR_API void cor_script_destroy(struct cor_script *script);

/**
 * Add a line. A request gets the first line that fits and is not used up; one that none fits fails
 * as COR_FAILED_PROTOCOL, with a text that says so. Returns 0 or -ENOMEM.
 */
COR_API int cor_script_add(struct cor_script *script, const struct cor_scripted *line) COR_CHECKED;

/**
 * Of the lines that are not used up, the `i`th from 0, and in *ret_left how often it would still be
 * used; NULL: there are no more. Lines that are COR_SCRIPT_ALWAYS are none of them.
 */
COR_API const struct cor_scripted *cor_script_unused(
	const struct cor_script *script, size_t i, uint32_t *ret_left);

/** How many requests were made. */
COR_API size_t cor_script_len(const struct cor_script *script);

/** One of them, from 0; NULL: there were not so many. Lives as long as the script. */
COR_API const struct cor_script_call *cor_script_call(const struct cor_script *script, size_t i);

/** The value of a header of it, in any case; NULL: it had none. */
COR_API const char *cor_script_header(const struct cor_script_call *call, const char *name);

COR_END_DECLS
#endif
