/* SPDX-License-Identifier: MIT */
/**
 * Answers that clients keep, and changes that must not undo others' (RFC 9110 section 13, RFC
 * 9111).
 *
 *     COR_OPERATION(get_note_operation, get_note, note_ref_schema, note_schema,
 *             .caching = &(const struct cor_caching){ .control = "private, no-cache",
 *                     .version = "version" });
 *
 *     static int put_note(struct cor_ctx *ctx, const struct note *in, struct note *out)
 *     {
 *             ...
 *             int rc = cor_check_version_number(ctx, note->version);
 *
 *             if (rc < 0)
 *                     return rc;
 *             ...
 *     }
 *     COR_OPERATION(put_note_operation, put_note, note_schema, note_schema,
 *             .caching = &(const struct cor_caching){ .version = "version",
 *                     .needs_condition = true });
 *
 * A GET that succeeds gets its ETag and Last-Modified; If-None-Match and If-Modified-Since make it
 * a 304 without a body, If-Match and If-Unmodified-Since a 412. What an operation answers itself in
 * a header row ETag or Last-Modified goes before. Of other methods the handler knows what there is
 * now, and asks before it changes it. The OpenAPI document has the headers and the statuses.
 */
#ifndef CORACLE_CACHING_H
#define CORACLE_CACHING_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_ctx;

/** Of an operation with a typed answer. */
struct cor_caching {
	/**
	 * Cache-Control of its GET: "no-cache" lets clients ask each time, "private, max-age=60"
	 * only after a minute. NULL: none, and clients guess.
	 */
	const char *control;
	/** The ETag is made of the bytes of the answer. */
	bool etag;
	/**
	 * The key of a row of the output, a number or a text, which changes with each change: the
	 * ETag is its value. Instead of .etag; a handler can compare it before it answers.
	 */
	const char *version;
	/** The key of a row of the output, a struct timespec: Last-Modified. */
	const char *modified;
	/**
	 * A request that changes something must say what it has seen, by If-Match, by
	 * If-None-Match: * (nothing), or where there is .modified by If-Unmodified-Since, which
	 * the handler then judges with cor_check_version_at(). Without it, it is a 428 (RFC 6585
	 * section 3).
	 */
	bool needs_condition;
};

/**
 * Whether the request still means what there is now, whose version that is: before a change, or to
 * save the work of a GET. The ETag says it in quotes, with %XX for bytes that it cannot have. NULL:
 * it is not there yet, as for a PUT that makes it: If-Match fails, and If-None-Match: * holds.
 *
 * A version that a client got compressed comes back with W/ before it, and counts all the same: it
 * names the state, not the bytes.
 *
 * Never yields. Returns 0; or -COR_EPROBLEM, to be returned by the handler: a 412, or of a GET and
 * HEAD that has it a 304. Also -ENOMEM.
 */
COR_API int cor_check_version(struct cor_ctx *ctx, const char *version) COR_CHECKED;

/** The same of a version that is a number. */
COR_API int cor_check_version_number(struct cor_ctx *ctx, int64_t version) COR_CHECKED;

/** The same with the time of the last change beside it; either may be NULL. */
COR_API int cor_check_version_at(
	struct cor_ctx *ctx, const char *version, const struct timespec *modified) COR_CHECKED;

COR_END_DECLS
#endif
