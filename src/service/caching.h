/* SPDX-License-Identifier: MIT */
/** Conditional requests on typed answers, and what clients may keep. */
#ifndef CORACLE_SERVICE_CACHING_H
#define CORACLE_SERVICE_CACHING_H

#include <coracle/caching.h>

#include "base/buffer.h"
#include "exchange/exchange.h"
#include "service/plan.h"

/** The .caching of an operation, with its rows. */
struct cor_caching_plan {
	const struct cor_caching *options;
	const struct cor_field *version;  /* NULL: none */
	const struct cor_field *modified; /* NULL: none */
};

/** Plan it, in the arena. NULL in *ret: there is none. Returns 0 or -ENOMEM. */
int cor_caching_plan_make(const struct cor_operation *operation, struct cor_arena *arena,
	const struct cor_caching_plan **ret) COR_CHECKED;

/** Before the handler: 0, or the 428 of a change that says nothing of what it has seen. */
int cor_caching_require(struct cor_exchange *x, const struct cor_action *action) COR_CHECKED;

/** Behind the handler, whose output is written: set ETag and Last-Modified. Returns 0 or a code. */
int cor_caching_say(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_str body, struct cor_buffer *spare) COR_CHECKED;

/** Of a GET with these headers: as below. */
int cor_caching_judge(struct cor_exchange *x, const struct cor_action *action) COR_CHECKED;

/**
 * Behind the handler, whose output is written: set the headers, and judge a GET's conditions.
 * `spare` is for texts. Returns 0: answer with it; 1: a 304 has been sent; or a negative code.
 */
int cor_caching_apply(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_str body, struct cor_buffer *spare) COR_CHECKED;

#endif
