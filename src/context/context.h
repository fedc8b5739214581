/* SPDX-License-Identifier: MIT */
/**
 * Inside struct cor_ctx.
 *
 * Whoever serves a request embeds one, fills what it knows and finishes it after the reply. It stands at the top of
 * the fiber's stack with the arena's first chunk behind it, so it is kept small.
 */
#ifndef CORACLE_CONTEXT_CONTEXT_H
#define CORACLE_CONTEXT_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/context.h>
#include <coracle/fiber.h>
#include <coracle/str.h>

#include "base/poison.h"

struct cor_codec;
struct cor_logger;
struct cor_service;

#define COR_REQUEST_ID_BYTES 33 /* 32 characters and the NUL: longer ones are not taken over */

/** What all requests of a thread share. Outlives every ctx that points to it. */
struct cor_environment {
	const struct cor_service *service;
	const void *settings; /* of service->settings' schema */
	void *state;          /* what the start hook made */
	struct cor_codec *codec;
	struct cor_logger *logger;
};

struct cor_ctx {
	struct cor_arena arena;
	const struct cor_environment *environment;
	struct cor_problem problem; /* status 0: none is recorded */
	int problem_code;           /* what it goes by besides -COR_EPROBLEM; 0: nothing */
	void *request; /* the struct cor_exchange around it, NULL in a start hook or a test */
	char request_id[COR_REQUEST_ID_BYTES]; /* empty until asked for */
};

/**
 * Make a ctx whose arena begins with `first` (`bytes` long) and takes `limit_bytes` from the heap at most.
 */
static inline void cor_ctx_init(struct cor_ctx *ctx, const struct cor_environment *environment,
	void *first, size_t bytes, size_t limit_bytes)
{
	cor_arena_init(&ctx->arena, first, bytes, limit_bytes);
	ctx->environment = environment;
	ctx->problem = (struct cor_problem){ 0 };
	ctx->request = NULL;
	ctx->request_id[0] = '\0';
}

/** Give its memory back: the last call on it. */
static inline void cor_ctx_finish(struct cor_ctx *ctx)
{
	if (ctx->arena.chunks || COR_POISONS)
		cor_arena_finish(&ctx->arena);
}

/**
 * As cor_problem(), for a detail that is there already: a constant, or text in the memory of ctx. Copies nothing.
 */
int cor_ctx_problem(struct cor_ctx *ctx, int status, int cause, const char *detail) COR_CHECKED;

/**
 * As cor_ctx_problem(), but return `cause`, and let that code stand for the problem, too: for a function that says what
 * happened and has recorded what the answer is, as cor_body_read() does. Until the next problem is recorded.
 */
int cor_ctx_fail(struct cor_ctx *ctx, int status, int cause, const char *detail);

/** Record that there was no memory: 413 or 500 where the request's limit was reached, 503 else. Returns -ENOMEM. */
int cor_ctx_no_memory(struct cor_ctx *ctx, bool has_body);

/** Record the 422 of an input that breaks rules: all of the list, which is the arena's. Returns -COR_EPROBLEM. */
int cor_ctx_refuse(struct cor_ctx *ctx, struct cor_violations *violations) COR_CHECKED;

/**
 * Record the defect of whoever returned a positive number, which is no code: `return ENOMEM;`, or a count. `who` is "", for
 * the one whom the log names anyhow, or "middleware x ". Returns -COR_EPROBLEM.
 */
int cor_ctx_positive(struct cor_ctx *ctx, const char *who, int rc) COR_CHECKED;

/** Nobody is left to be answered: for the log. The number is nginx's; RFC 9110 has none, since it is never sent. */
#define COR_STATUS_CLIENT_GONE 499

/** The status for a cause where nobody chose one: RFC 9110 section 15.6. */
int cor_status_of(int cause);

/** The status of the problem that cor_ctx_settle() would make of a code other than 0. Records nothing. */
int cor_ctx_status(const struct cor_ctx *ctx, int rc);

/**
 * Make a handler's return code into a problem. One that is recorded stays if the code is -COR_EPROBLEM, or that of
 * cor_ctx_fail(); any other code speaks of something else. A positive number is a defect, whatever is recorded.
 */
const struct cor_problem *cor_ctx_settle(struct cor_ctx *ctx, int rc);

#endif
