/* SPDX-License-Identifier: MIT */
#include "cache/outcome.h"

#include <errno.h>

#include <coracle/cached.h>
#include <coracle/error.h>

#include "context/context.h"

/*
 * Behind the mark. Then, each behind its length: the detail, the members, and of each violation
 * what violation.h has.
 */
struct failure {
	int32_t rc;
	int32_t cause;
	uint32_t status; /* 0: nothing was recorded */
	uint32_t retry_after_s;
	uint32_t has_members;
	uint32_t violations; /* those that follow */
	uint32_t found;      /* all */
	uint32_t of_answer;
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

/* --- failures as bytes --- */

static void write_text(struct cor_buffer *buffer, struct cor_str text)
{
	uint32_t len = text.data ? (uint32_t)text.len : UINT32_MAX;

	cor_buffer_append(buffer, &len, sizeof len);
	if (text.data)
		cor_buffer_append_str(buffer, text);
}

static void write_violation(struct cor_buffer *buffer, const struct cor_violation *violation)
{
	write_text(buffer, cor_str(violation->in));
	write_text(buffer, cor_str(violation->where));
	write_text(buffer, cor_str(violation->detail));
	write_text(buffer, cor_str(violation->code));
	write_text(buffer, cor_str(violation->said));
}

static void fill(struct failure *failure, const struct cor_ctx *ctx)
{
	const struct cor_problem *problem = &ctx->problem;
	const struct cor_violations *all = problem->violations;

	failure->status = problem->status;
	failure->cause = problem->cause;
	failure->retry_after_s = problem->retry_after_s;
	failure->has_members = ctx->reply != NULL;
	for (const struct cor_violation *each = all ? all->first : NULL; each; each = each->next)
		failure->violations++;
	failure->found = all ? (uint32_t)all->count : 0;
	failure->of_answer = all && all->of_answer;
}

static void write_problem(struct cor_buffer *buffer, const struct cor_ctx *ctx)
{
	const struct cor_violations *all = ctx->problem.violations;

	write_text(buffer, cor_str(ctx->problem.detail));
	if (ctx->reply)
		write_text(buffer, ctx->reply->text);
	for (const struct cor_violation *each = all ? all->first : NULL; each; each = each->next)
		write_violation(buffer, each);
}

int cor_outcome_write_failure(const struct cor_ctx *ctx, const struct cor_outcome_before *before,
	int rc, struct cor_buffer *buffer)
{
	const struct cor_problem *problem = problem_of(ctx, before, rc);
	struct failure failure = { .rc = rc };

	if (rc > 0 || rc == -ENOMEM || rc == -ECANCELED || (rc == -COR_EPROBLEM && !problem))
		return -ENOTSUP;
	/* what else stands in a chosen answer is not known here: its header, say */
	if (problem && (ctx->has_defect || cor_ctx_chosen(ctx)))
		return -ENOTSUP;
	if (problem)
		fill(&failure, ctx);
	cor_buffer_append(buffer, &failure, sizeof failure);
	if (problem)
		write_problem(buffer, ctx);
	return cor_buffer_error(buffer);
}

/* --- and back --- */

/* Copied into the arena. Returns 0, -ENOMEM or -EBADMSG. */
static int read_text(struct cor_arena *arena, struct cor_str *rest, struct cor_str *ret)
{
	uint32_t len;

	*ret = (struct cor_str){ 0 };
	if (rest->len < sizeof len)
		return -EBADMSG;
	memcpy(&len, rest->data, sizeof len);
	rest->data += sizeof len;
	rest->len -= sizeof len;
	if (len == UINT32_MAX)
		return 0;
	if (rest->len < len)
		return -EBADMSG;
	*ret = (struct cor_str){ cor_arena_copy(arena, rest->data, len), len };
	rest->data += len;
	rest->len -= len;
	return ret->data ? 0 : -ENOMEM;
}

static int read_violation(struct cor_arena *arena, struct cor_str *rest, struct cor_violation **ret)
{
	struct cor_violation *violation = cor_arena_zalloc(arena, sizeof *violation);
	struct cor_str texts[5];
	int rc = violation ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < 5; i++)
		rc = read_text(arena, rest, &texts[i]);
	if (rc < 0)
		return rc;
	if (!texts[0].data || !texts[1].data || !texts[2].data)
		return -EBADMSG;
	violation->in = texts[0].data;
	violation->where = texts[1].data;
	violation->detail = texts[2].data;
	violation->code = texts[3].data;
	violation->said = texts[4].data;
	*ret = violation;
	return 0;
}

static int read_violations(struct cor_arena *arena, const struct failure *failure,
	struct cor_str *rest, struct cor_violations **ret)
{
	struct cor_violations *all = cor_arena_zalloc(arena, sizeof *all);
	struct cor_violation *next = NULL;

	if (!all || failure->violations > COR_VIOLATIONS_MAX)
		return all ? -EBADMSG : -ENOMEM;
	for (uint32_t i = 0; i < failure->violations; i++) {
		int rc = read_violation(arena, rest, &next);
		if (rc < 0)
			return rc;
		*(all->last ? &all->last->next : &all->first) = next;
		all->last = next;
	}
	all->count = failure->found;
	all->of_answer = failure->of_answer;
	*ret = all;
	return 0;
}

static int record(struct cor_ctx *ctx, const struct failure *failure, struct cor_str rest)
{
	struct cor_violations *violations = NULL;
	struct cor_str detail, members;
	int rc = read_text(&ctx->arena, &rest, &detail);

	if (rc == 0 && failure->has_members)
		rc = read_text(&ctx->arena, &rest, &members);
	if (rc == 0 && failure->found != 0)
		rc = read_violations(&ctx->arena, failure, &rest, &violations);
	if (rc < 0)
		return rc;
	if (failure->rc == -COR_EPROBLEM)
		rc = cor_ctx_problem(ctx, (int)failure->status, failure->cause, detail.data);
	else
		rc = cor_ctx_fail(ctx, (int)failure->status, failure->rc, detail.data);
	if (failure->has_members)
		rc = cor_ctx_add_members(ctx, members);
	ctx->problem.violations = violations;
	ctx->problem.retry_after_s = failure->retry_after_s;
	return rc == -ENOMEM ? -ENOMEM : 0;
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
	text.data += sizeof failure;
	text.len -= sizeof failure;
	int rc = failure.status ? record(ctx, &failure, text) : 0;
	if (rc == 0)
		*ret_rc = failure.rc;
	return rc;
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
