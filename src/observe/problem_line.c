/* SPDX-License-Identifier: MIT */
#include "observe/problem_line.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/violation.h>

#include "context/context.h"
#include "observe/sink.h"
#include "runtime/wait.h"

/* What a part may become; in sum less than a line, with its beginning and the punctuation. */
#define WHO_MAX    800
#define IN_MAX     16
#define WHERE_MAX  800
#define DETAIL_MAX 2000

_Static_assert(WHO_MAX + IN_MAX + WHERE_MAX + DETAIL_MAX + 400 < COR_LOG_LINE_BYTES,
	"every part fits the line");

struct report {
	const struct cor_problem *problem;
	struct cor_str who;
};

static void put_violation(
	struct cor_line *line, enum cor_escape escape, const struct cor_violation *violation)
{
	cor_line_text(line, escape, cor_str(violation->in), IN_MAX);
	cor_line_literal(line, " ");
	cor_line_text(line, escape, cor_str(violation->where), WHERE_MAX);
	cor_line_literal(line, ": ");
	cor_line_text(line, escape, cor_str(violation->detail), DETAIL_MAX);
}

/*
 * Where a wait ran out of time it says in which call: "Connection timed out" is true of sockets
 * only.
 */
static void put_cause(struct cor_line *line, int cause)
{
	const char *call = cause == -ETIMEDOUT ? cor_wait_failed_in() : NULL;

	if (!call) {
		cor_line_str(line, cor_str(cor_strerror(cause)));
		return;
	}
	cor_line_literal(line, "timed out in ");
	cor_line_str(line, cor_str(call));
	cor_line_literal(line, "()");
}

static void put_detail(
	struct cor_line *line, enum cor_escape escape, const struct cor_problem *problem)
{
	struct cor_str detail = cor_str(problem->detail);

	cor_line_text(line, escape, detail, DETAIL_MAX);
	if (problem->cause == 0)
		return;
	if (detail.len != 0)
		cor_line_literal(line, ": ");
	put_cause(line, problem->cause);
}

static void put_problem(struct cor_line *line, enum cor_log_format format, const void *what)
{
	const struct report *report = what;
	const struct cor_problem *problem = report->problem;
	const struct cor_violations *violations = problem->violations;
	enum cor_escape escape = cor_log_begin_message(line, format);

	cor_line_text(line, escape, report->who, WHO_MAX);
	cor_line_literal(line, ": ");
	cor_line_number(line, problem->status);
	cor_line_literal(line, ": ");
	if (violations && violations->first)
		put_violation(line, escape, violations->first);
	else
		put_detail(line, escape, problem);
	cor_log_end_message(line, format);
}

void cor_problem_log(struct cor_ctx *ctx, enum cor_log_level level, struct cor_str who)
{
	const struct report report = { &ctx->problem, who };

	cor_log_ctx_line(ctx, level, put_problem, &report);
}
