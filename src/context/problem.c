/* SPDX-License-Identifier: MIT */
#include "context/context.h"

#include <errno.h>
#include <stdarg.h>

#include <coracle/error.h>

/* What a cause means to the client: 504 where another was too slow, 502 where it could not be had. */
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
	{ COR_ENOSTACK, 503 },
	{ EMFILE, 503 },
	{ ENFILE, 503 },
};

int cor_status_of(int cause)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].cause == -cause)
			return statuses[i].status;
	return 500;
}

int cor_problem(struct cor_ctx *ctx, int status, int cause, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *detail = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	if (status == 0)
		status = cor_status_of(cause);
	ctx->problem = (struct cor_problem){
		.status = (uint16_t)status,
		.cause = cause,
		.detail = detail ? detail : "",
	};
	return -COR_EPROBLEM;
}

const struct cor_problem *cor_ctx_settle(struct cor_ctx *ctx, int rc)
{
	if (ctx->problem.status != 0 && (rc == -COR_EPROBLEM || rc == ctx->problem.cause))
		return &ctx->problem;
	ctx->problem = (struct cor_problem){
		.status = (uint16_t)cor_status_of(rc),
		.cause = rc,
		.detail = "",
	};
	return &ctx->problem;
}
