/* SPDX-License-Identifier: MIT */
/**
 * The context of one request: its memory, its deadline, its problem.
 *
 * Everything reachable from a handler's input, from its output or from a function that takes ctx
 * belongs to ctx and dies once the response is written. To keep anything longer, copy it.
 *
 * A ctx belongs to the fiber that it was given to. The ctx of a start hook belongs to the thread of
 * the hooks, but any thread may call cor_log(), cor_state() and cor_settings() with it.
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

/**
 * Zeroed memory of ctx; NULL when the limit of the request (--request-memory-bytes) or of the
 * machine is reached. Never yields.
 */
COR_API void *cor_alloc(struct cor_ctx *ctx, size_t bytes);

/** A copy in the memory of ctx; NULL as above. Never yields. */
COR_API char *cor_strdup(struct cor_ctx *ctx, const char *text);

/** A formatted string in the memory of ctx; NULL as above. Never yields. */
COR_API char *cor_printf(struct cor_ctx *ctx, const char *format, ...) COR_PRINTF(2, 3);

/**
 * The id of the request: its X-Request-Id if that is 1 to 32 letters, digits, '-', '_' and '.',
 * else one that is made when it is first needed. Never yields.
 */
COR_API const char *cor_request_id(struct cor_ctx *ctx);

/** Milliseconds left of the request's deadline; COR_FOREVER without one. Never yields. */
COR_API int64_t cor_remaining_ms(struct cor_ctx *ctx);

/**
 * What the service's start hook made: one for all threads of the process. Never yields.
 *
 * Each process has its own: the workers of --processes do not see each other's, and a reload begins
 * with what the start hook makes anew. What must be shared or kept belongs in a database.
 *
 * A mounted service (mount.h) without a start hook has the state of the nearest service around it
 * that has one: versions of an API share their data so. It is there when the whole program has
 * started, and no more in the service's own stop.
 */
COR_API void *cor_state(struct cor_ctx *ctx);

/**
 * What the service's start_thread hook made: the calling thread's own. In a job what the executor's
 * start made, for its thread or process (executor.h). A mounted service without a start_thread hook
 * has what that of the nearest service around it made. Never yields.
 */
COR_API void *cor_thread_state(struct cor_ctx *ctx);

/**
 * Record the answer to a request that fails (RFC 9457) and return -COR_EPROBLEM, always:
 *
 *     return cor_problem(ctx, 404, 0, "no book %" PRId64, id);
 *
 * `status` is the HTTP status, 400 to 599; any other is a defect of the service: a 500, and the log
 * says so. 0 takes the status from `cause`, a negative code: -ETIMEDOUT gives 504, -ECONNREFUSED
 * and similar codes 502, -COR_ENOSTACK and similar ones 503, the rest 500 (the table is in
 * docs/errors.md).
 *
 * Below 500 the client gets the text as the problem's detail, from 500 on only if the operation
 * declares the status. The log always gets text and cause, and a warning for a status below 500
 * that the operation does not declare.
 *
 * The last problem recorded counts, unless an earlier one is such a defect, which nothing hides.
 * Return the code: with any other code, and with success, the problem is dropped. Never yields.
 */
COR_API int cor_problem(struct cor_ctx *ctx, int status, int cause, const char *format, ...)
	COR_PRINTF(4, 5) COR_CHECKED;

/**
 * Refuse the request with a 422 that says where the client went wrong, and return -COR_EPROBLEM,
 * always: for the rules that no table can know.
 *
 *     if (!data_country(data, draft->code))
 *             return cor_invalid(ctx, "body", "/code", "no country has the code %s", draft->code);
 *
 * `in` is a literal: "body", "path", "query", "header", "form" or "cookie". `where` is copied; in a
 * body it is a JSON Pointer (RFC 6901; "" is the whole), else the name of the parameter. Anything
 * else is a defect of the service: a 500, and the log says so.
 *
 * Several calls add up in one problem, as long as no cor_problem() comes between them: to report
 * everything that is wrong, go on after the first and return the code at the end. In a test, too,
 * all calls with one ctx add up: make a ctx for each call of a handler. Never yields.
 */
COR_API int cor_invalid(struct cor_ctx *ctx, const char *in, const char *where, const char *format,
	...) COR_PRINTF(4, 5) COR_CHECKED;

/**
 * The problem that cor_problem() or cor_invalid() recorded, in the memory of ctx: the answer, if
 * the handler returns their code.
 */
struct cor_problem {
	uint16_t status;
	int cause;                         /* 0 or a negative code: for the log */
	const char *detail;                /* "": none */
	struct cor_violations *violations; /* NULL, or what is wrong with the input */
	/**
	 * Of a 503: in how many seconds it is worth another try, which the client is told as
	 * Retry-After; 0: nobody knows. Set by calls of an upstream whose breaker is open, and kept
	 * by problems of the same cause: cor_problem(ctx, 0, rc, ...).
	 */
	uint32_t retry_after_s;
};

/** The problem recorded last, valid until the next one is; NULL if there is none. Never yields. */
COR_API const struct cor_problem *cor_problem_of(const struct cor_ctx *ctx);

/* clang-format off */

/**
 * Hand a struct on, from a middleware to the handler, say, which reads it by its schema:
 *
 *     rc = cor_ctx_set(ctx, tenant_schema, &tenant);
 *
 * The struct is copied, and replaces that of the same schema; what it points to must live as long
 * as ctx. A handler in an executor has it, too, and so have the children of a group; what they set
 * stays theirs. A job of cor_offload() gets what it needs by its arguments. Never yields. Returns 0
 * or -ENOMEM.
 */
#define cor_ctx_set(ctx, schema_, ...) \
	cor_ctx_set_value((ctx), &(schema_).schema, sizeof *(schema_).type, \
		COR_TYPED_((__VA_ARGS__), schema_))

/**
 * What was set by that schema, typed; NULL if nothing was. Lives as long as ctx. Never yields.
 *
 *     const struct tenant *tenant = cor_ctx_get(ctx, tenant_schema);
 */
#define cor_ctx_get(ctx, schema_) \
	((const __typeof__(*(schema_).type) *)cor_ctx_value((ctx), &(schema_).schema))

/* clang-format on */

struct cor_schema;

/** The functions behind the macros. */
COR_API int cor_ctx_set_value(struct cor_ctx *ctx, const struct cor_schema *schema, size_t bytes,
	const void *value) COR_CHECKED;
COR_API const void *cor_ctx_value(const struct cor_ctx *ctx, const struct cor_schema *schema);

COR_END_DECLS
#endif
