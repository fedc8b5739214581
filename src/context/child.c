/* SPDX-License-Identifier: MIT */
#include "context/context.h"

#include <string.h>

#include <coracle/error.h>

void cor_ctx_await_holds(struct cor_ctx *ctx)
{
	while (ctx->holds) {
		struct cor_hold *hold = ctx->holds;
		ctx->holds = hold->next;
		hold->await(hold);
	}
}

void cor_ctx_begin_child(struct cor_ctx *child, struct cor_ctx *parent)
{
	cor_arena_init_part(&child->arena, &parent->arena);
	child->environment = parent->environment;
	child->problem = (struct cor_problem){ 0 };
	child->reply = NULL;
	child->problem_code = 0;
	child->has_defect = false;
	child->is_unneeded = parent->is_unneeded;
	child->request = parent->request;
	child->parent = parent;
	child->holds = NULL;
	child->values = parent->values;
	memcpy(child->request_id, cor_request_id(parent), sizeof child->request_id);
}

void cor_ctx_end_child(struct cor_ctx *child, struct cor_ctx *parent)
{
	cor_arena_adopt(&parent->arena, &child->arena);
	while (child->holds) {
		struct cor_hold *hold = child->holds;
		child->holds = hold->next;
		cor_ctx_hold(parent, hold);
	}
}

void cor_ctx_release(struct cor_ctx *ctx, const struct cor_hold *hold)
{
	struct cor_hold **at = &ctx->holds;

	while (*at && *at != hold)
		at = &(*at)->next;
	if (*at)
		*at = hold->next;
}

/* Its texts are in memory that is, or will be, the parent's. */
static struct cor_ctx_record record_of(const struct cor_ctx *child)
{
	return (struct cor_ctx_record){
		.problem = child->problem,
		.reply = child->reply,
		.code = child->problem_code,
		.has_defect = child->has_defect,
	};
}

struct cor_ctx_record *cor_ctx_keep_problem(struct cor_ctx *ctx, const struct cor_ctx *child)
{
	struct cor_ctx_record *record = NULL;

	if (child->problem.status != 0)
		record = cor_arena_alloc(&ctx->arena, sizeof *record);
	if (record)
		*record = record_of(child);
	return record;
}

int cor_ctx_take_record(struct cor_ctx *ctx, const struct cor_ctx_record *record, int rc)
{
	bool is_kept = ctx->problem.status != 0 && ctx->has_defect;

	if (!record || record->problem.status == 0 || is_kept)
		return rc;
	ctx->problem = record->problem;
	ctx->reply = record->reply;
	ctx->problem_code = record->code;
	ctx->has_defect = record->has_defect;
	return rc;
}

int cor_ctx_take_problem(struct cor_ctx *ctx, const struct cor_ctx *child, int rc)
{
	if (child->problem.status == 0)
		return rc; /* the rest of the record says nothing, and need not be set */
	const struct cor_ctx_record record = record_of(child);
	return cor_ctx_take_record(ctx, &record, rc);
}
