/* SPDX-License-Identifier: MIT */
#include "cache/outcome.h"

#include <errno.h>

#include <coracle/cached.h>
#include <coracle/error.h>

#include "context/context.h"

/* Behind the mark; then the detail of the problem. */
struct failure {
	int32_t rc;
	int32_t cause;
	uint32_t status; /* 0: nothing was recorded */
	uint32_t retry_after_s;
};

struct cor_outcome_before cor_outcome_begin(const struct cor_ctx *ctx)
{
	struct cor_outcome_before before = { 0 };

	if (ctx->problem.status == 0)
		return before; /* the rest says nothing, and need not be set */
	before.problem = ctx->problem;
	before.reply = ctx->reply;
	before.code = ctx->problem_code;
	return before;
}

/* Each record has a text of its own. */
static bool is_from_before(const struct cor_ctx *ctx, const struct cor_outcome_before *before)
{
	const struct cor_problem *now = &ctx->problem, *then = &before->problem;

	return then->status == now->status && then->detail == now->detail &&
	       then->cause == now->cause && then->violations == now->violations &&
	       before->reply == ctx->reply && before->code == ctx->problem_code;
}

/* The problem that belongs to the code; NULL: there is none. */
static const struct cor_problem *problem_of(
	const struct cor_ctx *ctx, const struct cor_outcome_before *before, int rc)
{
	if (ctx->problem.status == 0 || is_from_before(ctx, before))
		return NULL;
	return rc == -COR_EPROBLEM || (rc != 0 && rc == ctx->problem_code) ? &ctx->problem : NULL;
}

bool cor_outcome_is_missing(
	const struct cor_ctx *ctx, const struct cor_outcome_before *before, int rc)
{
	const struct cor_problem *problem = problem_of(ctx, before, rc);

	return problem ? problem->status == 404 || problem->status == 410 : rc == -ENOENT;
}

int cor_outcome_write_failure(const struct cor_ctx *ctx, const struct cor_outcome_before *before,
	int rc, struct cor_buffer *buffer)
{
	const struct cor_problem *problem = problem_of(ctx, before, rc);
	struct failure failure = { .rc = rc };

	if (rc > 0 || rc == -ENOMEM || rc == -ECANCELED || (rc == -COR_EPROBLEM && !problem))
		return -ENOTSUP;
	if (problem && (problem->violations || ctx->reply || ctx->has_defect))
		return -ENOTSUP;
	if (problem) {
		failure.status = problem->status;
		failure.cause = problem->cause;
		failure.retry_after_s = problem->retry_after_s;
	}
	cor_buffer_append(buffer, &failure, sizeof failure);
	if (problem)
		cor_buffer_append_str(buffer, cor_str(problem->detail));
	return cor_buffer_error(buffer);
}

static int record(struct cor_ctx *ctx, const struct failure *failure, struct cor_str detail)
{
	const char *copy = cor_arena_copy(&ctx->arena, detail.data, detail.len);

	if (!copy)
		return -ENOMEM;
	if (failure->rc == -COR_EPROBLEM)
		cor_ignore(cor_ctx_problem(ctx, (int)failure->status, failure->cause, copy));
	else
		cor_ignore(cor_ctx_fail(ctx, (int)failure->status, failure->rc, copy));
	ctx->problem.retry_after_s = failure->retry_after_s;
	return 0;
}

int cor_outcome_read_failure(struct cor_ctx *ctx, struct cor_str text, int *ret_rc)
{
	struct failure failure;

	if (text.len < sizeof failure)
		return -EBADMSG;
	memcpy(&failure, text.data, sizeof failure);
	if (failure.rc >= 0 ||
		(failure.status != 0 && (failure.status < 400 || failure.status > 599)))
		return -EBADMSG;
	*ret_rc = failure.rc;
	text.data += sizeof failure;
	text.len -= sizeof failure;
	return failure.status ? record(ctx, &failure, text) : 0;
}

int cor_outcome_read(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_cached *cached, const struct cor_fetched *fetched, void *ret, int *ret_rc)
{
	if (fetched->mark.kind == COR_MARK_MISSING) {
		memset(ret, 0, cached->out_bytes);
		return cor_outcome_read_failure(ctx, fetched->item.value, ret_rc);
	}
	*ret_rc = 0;
	return cor_fetched_decode(ctx, here, cached->out, cached->out_bytes, fetched, ret);
}
