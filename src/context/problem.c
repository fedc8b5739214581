/* SPDX-License-Identifier: MIT */
#include "context/context.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/violation.h>

#include "base/compiler.h"
#include "base/violation_texts.h"

/*
 * What a cause means to the client: 504 if an upstream was too slow, 502 if it was out of reach.
 * docs/errors.md has this table, too; a test compares them.
 */
static const struct {
	int cause;
	uint16_t status;
} statuses[] = {
	{ ETIMEDOUT, 504 },
	{ ECONNREFUSED, 502 },
	{ ECONNRESET, 502 },
	{ ECONNABORTED, 502 },
	{ EHOSTUNREACH, 502 },
	{ ENETUNREACH, 502 },
	{ EPIPE, 502 },
	{ EBADMSG, 502 },
	{ EPROTO, 502 },
	{ EMSGSIZE, 502 },
	{ COR_ESTATUS, 502 },
	{ COR_ECERTIFICATE, 502 },
	{ COR_EDIED, 502 },
	{ COR_ENOSTACK, 503 },
	{ COR_EBUSY, 503 },
	{ COR_EUNTRIED, 503 },
	{ COR_EBROKEN, 503 },
	{ ECANCELED, 503 },
	{ EAGAIN, 503 },
	{ EMFILE, 503 },
	{ ENFILE, 503 },
};

int cor_status_of(int cause)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (-statuses[i].cause == cause)
			return statuses[i].status;
	return 500;
}

/* With other words for the same cause it is worth another try as before. */
static void record(struct cor_ctx *ctx, int status, int cause, const char *detail)
{
	bool is_same = ctx->problem.status != 0 && cause != 0 && ctx->problem.cause == cause;
	uint32_t retry_after_s = is_same ? ctx->problem.retry_after_s : 0;

	ctx->problem = (struct cor_problem){
		.status = (uint16_t)status,
		.cause = cause,
		.detail = detail ? detail : "",
		.retry_after_s = retry_after_s,
	};
	ctx->reply = NULL;
	ctx->problem_code = 0;
	ctx->has_defect = false;
}

/* 200 would be sent as a problem, 1000 could not be sent at all: a defect that the log reports. */
static COR_COLD int no_error(
	struct cor_ctx *ctx, int status, int cause, const char *why, const char *detail)
{
	record(ctx, 500, cause,
		cor_arena_printf(&ctx->arena, "cor_problem() was given status %d, which %s: %s",
			status, why, detail ? detail : ""));
	ctx->has_defect = true;
	return -COR_EPROBLEM;
}

int cor_ctx_problem(struct cor_ctx *ctx, int status, int cause, const char *detail)
{
	if (status == 0)
		status = cor_status_of(cause);
	if (status < 400 || status > 599)
		return no_error(ctx, status, cause, "is not between 400 and 599", detail);
	record(ctx, status, cause, detail);
	return -COR_EPROBLEM;
}

static const struct cor_reply_text *make_reply(
	struct cor_ctx *ctx, struct cor_str text, bool is_members)
{
	struct cor_reply_text *reply = cor_arena_alloc(&ctx->arena, sizeof *reply);

	if (reply)
		*reply = (struct cor_reply_text){ .text = text, .is_members = is_members };
	return reply;
}

int cor_ctx_reply(struct cor_ctx *ctx, int status, struct cor_str text)
{
	const struct cor_reply_text *reply = make_reply(ctx, text, false);

	if (!reply)
		return -ENOMEM;
	record(ctx, status, 0, "");
	ctx->reply = reply;
	return -COR_EPROBLEM;
}

int cor_ctx_add_members(struct cor_ctx *ctx, struct cor_str object)
{
	ctx->reply = make_reply(ctx, object, true);
	return ctx->reply ? -COR_EPROBLEM : -ENOMEM;
}

int cor_ctx_fail(struct cor_ctx *ctx, int status, int cause, const char *detail)
{
	cor_ignore(cor_ctx_problem(ctx, status, cause, detail));
	ctx->problem_code = cause;
	return cause;
}

/* A client may have sent too much; a handler that was sent nothing takes too much by itself. */
int cor_ctx_no_memory(struct cor_ctx *ctx, bool has_body)
{
	if (!ctx->arena.is_short)
		return cor_ctx_fail(ctx, 503, -ENOMEM, "");
	int rc = cor_ctx_fail(ctx, has_body ? 413 : 500, -ENOMEM,
		"the request takes more memory than --request-memory-bytes allows");
	ctx->problem.cause = 0; /* the system has memory */
	return rc;
}

int cor_ctx_unlisted(struct cor_ctx *ctx, const char *symbol)
{
	const char *text = cor_printf(ctx,
		"%s is not known to the service: name it where the operation or the topic says "
		"what it sends and receives, or in .schemas",
		symbol);

	return cor_ctx_fail(ctx, 500, -COR_ETABLE, text ? text : "");
}

static bool is_defect(const struct cor_ctx *ctx)
{
	return ctx->problem.status != 0 && ctx->has_defect;
}

int cor_problem(struct cor_ctx *ctx, int status, int cause, const char *format, ...)
{
	va_list args;

	if (is_defect(ctx))
		return -COR_EPROBLEM;
	va_start(args, format);
	const char *detail = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	if (status == COR_STATUS_CLIENT_GONE)
		return no_error(ctx, status, cause,
			"means that the client has gone, and is never sent", detail);
	return cor_ctx_problem(ctx, status, cause, detail);
}

int cor_ctx_refuse(struct cor_ctx *ctx, struct cor_violations *violations)
{
	if (!violations->first) /* there was no memory to keep one */
		return cor_ctx_no_memory(ctx, true);
	char *said = violations->count == 1 ? cor_arena_strdup(&ctx->arena, COR_SAYS_BREAKS_RULE)
					    : cor_arena_printf(&ctx->arena, COR_SAYS_BREAKS_RULES,
						      violations->count);

	if (said)
		cor_said_plainly(said, said);
	int rc = cor_ctx_problem(ctx, 422, -COR_EINVALID, said);
	ctx->problem.violations = violations;
	return rc;
}

/* The list of the recorded 422, or that of a new one. */
static struct cor_violations *violations_of(struct cor_ctx *ctx)
{
	if (ctx->problem.status == 422 && ctx->problem.violations)
		return ctx->problem.violations;
	return cor_arena_zalloc(&ctx->arena, sizeof *ctx->problem.violations);
}

/* The OpenAPI document lists these for "in". */
static bool is_place(const char *in)
{
	static const char *const places[] = { "body", "path", "query", "header", "form", "cookie" };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (strcmp(in, places[i]) == 0)
			return true;
	return false;
}

static COR_COLD int no_place(struct cor_ctx *ctx, const char *in, const char *where)
{
	int rc =
		is_place(in)
			? cor_problem(ctx, 500, 0,
				  "cor_invalid() was given a place in the body, but \"%s\" is not a JSON Pointer: begin it with '/'",
				  where)
			: cor_problem(ctx, 500, 0,
				  "cor_invalid() was given \"%s\", which is not body, path, query, header, form or cookie",
				  in);

	ctx->has_defect = true;
	return rc;
}

/* A check knows the struct that it looks at, not where that is. */
static const char *full_place(struct cor_ctx *ctx, const struct cor_violations *violations,
	const char *in, const char *where)
{
	if (!violations->under || strcmp(in, "body") != 0)
		return where;
	const char *full = cor_printf(ctx, "%s%s", violations->under, where);
	return full ? full : where;
}

int cor_invalid(struct cor_ctx *ctx, const char *in, const char *where, const char *format, ...)
{
	va_list args;

	if (is_defect(ctx))
		return -COR_EPROBLEM;
	if (!is_place(in) || (strcmp(in, "body") == 0 && where[0] != '\0' && where[0] != '/'))
		return no_place(ctx, in, where);
	struct cor_violations *violations = violations_of(ctx);
	if (!violations)
		return cor_ctx_problem(ctx, 422, -ENOMEM, "the request breaks a rule");
	va_start(args, format);
	cor_violate_va(
		violations, &ctx->arena, in, full_place(ctx, violations, in, where), format, args);
	va_end(args);
	return cor_ctx_refuse(ctx, violations);
}

int cor_ctx_positive(struct cor_ctx *ctx, const char *who, int rc)
{
	return cor_problem(ctx, 500, 0, "%sreturned %d, not 0 or a negative code", who, rc);
}

const struct cor_problem *cor_problem_of(const struct cor_ctx *ctx)
{
	return ctx->problem.status != 0 ? &ctx->problem : NULL;
}

/* Whether this code means the recorded problem. A defect is what to report, whatever the code. */
static bool is_recorded(const struct cor_ctx *ctx, int rc)
{
	return ctx->problem.status != 0 &&
	       (rc == -COR_EPROBLEM || rc == ctx->problem_code || ctx->has_defect);
}

int cor_ctx_status(const struct cor_ctx *ctx, int rc)
{
	return rc < 0 && is_recorded(ctx, rc) ? ctx->problem.status : cor_status_of(rc);
}

const struct cor_problem *cor_ctx_settle(struct cor_ctx *ctx, int rc)
{
	if (rc > 0)
		rc = cor_ctx_positive(ctx, "", rc);
	if (is_recorded(ctx, rc))
		return &ctx->problem;
	bool is_false = rc == -COR_EPROBLEM;
	record(ctx, cor_status_of(rc), is_false ? 0 : rc,
		is_false ? "returned -COR_EPROBLEM, but recorded no problem" : "");
	return &ctx->problem;
}
