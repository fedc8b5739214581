/* SPDX-License-Identifier: MIT */
/**
 * The context of one request: its memory, its deadline, its problem.
 *
 * Everything reachable from a handler's input, its output or a function that takes ctx belongs to ctx and dies after
 * the response is written. To keep anything longer, copy it. A ctx belongs to the fiber it was given to; that of a start
 * hook to the thread of the hooks, though cor_log(), cor_state() and cor_settings() may be called with it from any thread.
 */
#ifndef CORACLE_CONTEXT_H
#define CORACLE_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/error.h>
#include <coracle/violation.h>

COR_BEGIN_DECLS

struct cor_ctx;

/** The arena behind the functions below: for functions that take one. Never yields. */
COR_API struct cor_arena *cor_ctx_arena(struct cor_ctx *ctx);

/** Zeroed memory of ctx; NULL when the limit of the request or of the machine is reached. Never yields. */
COR_API void *cor_alloc(struct cor_ctx *ctx, size_t bytes);

/** A copy in the memory of ctx; NULL as above. Never yields. */
COR_API char *cor_strdup(struct cor_ctx *ctx, const char *text);

/** A formatted string in the memory of ctx; NULL as above. Never yields. */
COR_API char *cor_printf(struct cor_ctx *ctx, const char *format, ...) COR_PRINTF(2, 3);

/** The id of the request, from X-Request-Id where it was sent and is sane, else made here. Never yields. */
COR_API const char *cor_request_id(struct cor_ctx *ctx);

/** Milliseconds left of the request's deadline; COR_FOREVER without one. Never yields. */
COR_API int64_t cor_remaining_ms(struct cor_ctx *ctx);

/** What the service's start hook made: one for all threads of the process. Never yields. */
COR_API void *cor_state(struct cor_ctx *ctx);

/**
 * Record the answer to a request that fails (RFC 9457) and return -COR_EPROBLEM, always:
 *
 *     return cor_problem(ctx, 404, 0, "no book %" PRId64, id);
 *
 * `status` is the HTTP status, 400 to 599; any other is a defect of the service: a 500, and the log says so. 0 takes it
 * from `cause`, a negative code: -ETIMEDOUT gives 504, -ECONNREFUSED and its kin 502, -COR_ENOSTACK and its kin 503, the
 * rest 500 (docs/errors.md has the table).
 *
 * The client gets the text as the problem's detail below 500, and from 500 on if the operation declares the status. The
 * log gets text and cause always. A status below 500 that the operation does not declare is warned of in the log.
 *
 * The last problem recorded counts. Return the code: with any other code, and with success, the problem is dropped.
 * Never yields.
 */
COR_API int cor_problem(struct cor_ctx *ctx, int status, int cause, const char *format, ...)
	COR_PRINTF(4, 5) COR_CHECKED;

/**
 * Refuse the request with a 422 that says where the client went wrong, and return -COR_EPROBLEM, always: for the rules
 * that no table can know.
 *
 *     if (!data_country(data, draft->code))
 *             return cor_invalid(ctx, "body", "/code", "no country has the code %s", draft->code);
 *
 * `in` is a literal: "body", "path", "query", "header" or "form". `where` is a JSON Pointer in a body (RFC 6901; "" is the
 * whole), else the name of the parameter; it is copied. Several calls add up in one problem, as long as no cor_problem()
 * comes between: to tell all that is wrong, go on after the first and return the code at the end. Never yields.
 */
COR_API int cor_invalid(struct cor_ctx *ctx, const char *in, const char *where, const char *format,
	...) COR_PRINTF(4, 5) COR_CHECKED;

/** What cor_problem() or cor_invalid() recorded: the answer, if the handler returns their code. In the memory of ctx. */
struct cor_problem {
	uint16_t status;
	int cause;                         /* 0 or a negative code: for the log */
	const char *detail;                /* "": none */
	struct cor_violations *violations; /* NULL, or what is wrong with the input */
};

/** The problem recorded last, valid until the next one is; NULL if there is none. Never yields. */
COR_API const struct cor_problem *cor_problem_of(const struct cor_ctx *ctx);

COR_END_DECLS
#endif
