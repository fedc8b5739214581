/* SPDX-License-Identifier: MIT */
#include "service/answer.h"

#include <errno.h>
#include <inttypes.h>

#include <coracle/error.h>
#include <coracle/response.h>

#include "base/compiler.h"
#include "exchange/problem_json.h"
#include "observe/problem_line.h"
#include "service/error_shape.h"
#include "service/language.h"

/* A refusal tells the client what to do. A failure concerns the operator, unless it is declared. */
static bool is_shown(const struct cor_action *action, uint16_t status)
{
	return status < 500 || status == action->refusal || cor_action_declares(action, status);
}

/* What was refused before an operation was called concerns the client; the access log suffices. */
static enum cor_log_level level_of(
	const struct cor_action *action, const struct cor_problem *problem)
{
	if (problem->status == action->refusal)
		return COR_LOG_DEBUG;
	/* a handler that was cancelled did nothing wrong */
	if (problem->status < 500 || problem->cause == -ECANCELED)
		return COR_LOG_INFO;
	/* what an operation declares is foreseen */
	return cor_action_declares(action, problem->status) ? COR_LOG_WARNING : COR_LOG_ERROR;
}

/* The log has what the client does not get to see. */
static void log_problem(
	struct cor_exchange *x, const struct cor_action *action, const struct cor_problem *problem)
{
	cor_problem_log(&x->ctx, level_of(action, problem),
		action->operation ? cor_str(action->route.name) : cor_exchange_path(x),
		x->reply_state == COR_REPLY_STARTED ? x->status : 0);
}

/* The client gets an answer even if there is no memory for one. */
static void respond_bare(struct cor_exchange *x)
{
	static const char text[] =
		"{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500}";

	cor_ignore(cor_exchange_respond(
		x, 500, COR_PROBLEM_MEDIA_TYPE, (struct cor_str){ text, sizeof text - 1 }));
}

static void say_when(struct cor_exchange *x, const struct cor_problem *problem)
{
	if (problem->status != 503 || problem->retry_after_s == 0)
		return;
	const char *text = cor_printf(&x->ctx, "%" PRIu32, problem->retry_after_s);
	if (text)
		cor_ignore(cor_exchange_add_field(x, "Retry-After", cor_str(text)));
}

/* If the reply cannot be sent, the server notices and logs that there was none. */
static void respond(struct cor_exchange *x, const struct cor_action *action,
	const struct cor_problem *problem, struct cor_buffer *scratch)
{
	struct cor_problem_text text = {
		.status = problem->status,
		.detail = is_shown(action, problem->status) ? problem->detail : NULL,
		.instance = cor_exchange_path(x),
		.request_id = cor_request_id(&x->ctx),
		.violations = problem->violations,
	};

	bool may_be_said = action->operation || action->inherited[0] || action->inherited[1];
	const struct cor_response *said = NULL;

	if (may_be_said)
		said = cor_action_response(action, problem->status);
	if (said) {
		text.type = said->type;
		text.title = said->title;
	}
	if (x->ctx.reply)
		text.members = x->ctx.reply->text;

	if (text.detail)
		say_when(x, problem);
	cor_language_translate(x, &text);
	cor_answer_take_scratch(scratch);
	struct cor_str type = cor_error_write(x, &text, scratch);
	if (cor_buffer_error(scratch) < 0) {
		respond_bare(x);
		return;
	}
	cor_ignore(cor_exchange_respond(
		x, problem->status, type, (struct cor_str){ scratch->data, scratch->len }));
	cor_answer_leave_scratch(scratch);
}

/* What cor_respond() has written. */
static void respond_otherwise(struct cor_exchange *x, const struct cor_problem *problem)
{
	struct cor_str text = x->ctx.reply->text;
	struct cor_str type = text.len ? COR_STR("application/json") : (struct cor_str){ 0 };

	cor_ignore(cor_exchange_respond(x, problem->status, type, text));
}

COR_COLD int cor_status_answered(struct cor_exchange *x, int rc)
{
	/* the request's limit was reached, not that of the machine */
	if (rc == -ENOMEM && x->ctx.arena.is_short)
		cor_ignore(cor_ctx_no_memory(&x->ctx, cor_exchange_has_body(x)));
	if (x->ctx.problem.status == 422 && x->ctx.problem.violations)
		x->ctx.problem.status = cor_error_invalid_status(cor_ctx_mounted(&x->ctx));
	return cor_ctx_status(&x->ctx, rc);
}

COR_COLD void cor_answer_judge(struct cor_exchange *x, const struct cor_action *action, int rc)
{
	int status = cor_status_answered(x, rc);

	/* one that breaks an answer off is never sent */
	if (status >= 500 || status == COR_STATUS_CLIENT_GONE ||
		x->reply_state == COR_REPLY_STARTED ||
		cor_action_declares(action, (uint16_t)status))
		return;
	if (status < 400) /* which .problems cannot be */
		cor_log_warning(&x->ctx,
			"%s: %d is not among its .responses: list it there, so that the document has it",
			action->route.name, status);
	else
		cor_log_warning(&x->ctx,
			"%s: %d is not among its .problems: declare it, so that the document has it",
			action->route.name, status);
}

COR_COLD void cor_answer_problem(
	struct cor_exchange *x, const struct cor_action *action, int rc, struct cor_buffer *scratch)
{
	if (action->is_plain || action->is_simple)
		cor_answer_judge(x, action, rc);
	cor_ignore(cor_status_answered(x, rc));
	const struct cor_problem *problem = cor_ctx_settle(&x->ctx, rc);

	if (x->reply_state != COR_REPLY_ENDED &&
		!(cor_ctx_chosen(&x->ctx) && problem->status < 500))
		log_problem(x, action, problem);
	if (x->reply_state == COR_REPLY_NONE && cor_ctx_chosen(&x->ctx))
		respond_otherwise(x, problem);
	else if (x->reply_state == COR_REPLY_NONE)
		respond(x, action, problem, scratch);
	else if (x->reply_state == COR_REPLY_STARTED)
		x->broken = true;
}
