/* SPDX-License-Identifier: MIT */
/**
 * What a function has come to, as bytes: a mark, then its result as JSON, or that and why it has
 * none. It is what is kept, and what those get who waited for it.
 */
#ifndef CORACLE_CACHE_OUTCOME_H
#define CORACLE_CACHE_OUTCOME_H

#include <coracle/cached.h>

#include "cache/fetch.h"

struct cor_reply_text;

/** What was recorded in ctx before the function was called: it is not what the function says. */
struct cor_outcome_before {
	struct cor_problem problem;
	const struct cor_reply_text *reply;
	int code;
};

/** Note it. Never yields. */
struct cor_outcome_before cor_outcome_begin(const struct cor_ctx *ctx);

/** Whether the function has said that there is nothing: see .missing_ms of cached.h. */
bool cor_outcome_is_missing(
	const struct cor_ctx *ctx, const struct cor_outcome_before *before, int rc);

/**
 * Append the failure of a function that has just returned `rc` in ctx, with its problem: what
 * stands behind a mark of COR_MARK_MISSING. Returns 0, -ENOMEM, or -ENOTSUP: it has to do with this
 * request alone, or cannot be repeated. Never yields.
 */
int cor_outcome_write_failure(const struct cor_ctx *ctx, const struct cor_outcome_before *before,
	int rc, struct cor_buffer *buffer) COR_CHECKED;

/** Read such a failure: record it. Returns as below. */
int cor_outcome_read_failure(struct cor_ctx *ctx, struct cor_str text, int *ret_rc) COR_CHECKED;

/**
 * Read an outcome as the function would have returned it: *ret is filled, or the problem recorded.
 * *ret_rc gets what the function returned. Returns 0, -EBADMSG: it is of another table or broken,
 * -ENOMEM, or -COR_ETABLE, which is recorded. Never yields.
 */
int cor_outcome_read(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_cached *cached, const struct cor_fetched *fetched, void *ret,
	int *ret_rc) COR_CHECKED;

#endif
