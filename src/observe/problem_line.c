/* SPDX-License-Identifier: MIT */
#include "observe/problem_line.h"

#include <errno.h>
#include <string.h>

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
	uint16_t sent;
};

static void put_violation(
	struct cor_line *line, enum cor_escape escape, const struct cor_violation *violation)
{
	cor_line_text(line, escape, cor_str(violation->in), IN_MAX);
	if (violation->where[0] != '\0')
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

/*
 * What the client does is no failure of the system's, and a code of our own says in general what
 * the detail says of the case.
 */
static bool says_nothing_new(const struct cor_problem *problem)
{
	return problem->status == COR_STATUS_CLIENT_GONE ||
	       (problem->status < 500 && problem->cause <= -COR_EPROBLEM);
}

/* `return -404;`, as elsewhere a status is returned. */
static void put_unknown(struct cor_line *line, int cause)
{
	cor_line_literal(line, "returned -");
	cor_line_number(line, (unsigned)-(int64_t)cause);
	cor_line_literal(line,
		", which is neither an errno nor a cor_error: for a status, return cor_problem()");
}

static void put_detail(
	struct cor_line *line, enum cor_escape escape, const struct cor_problem *problem)
{
	struct cor_str detail = cor_str(problem->detail);

	cor_line_text(line, escape, detail, DETAIL_MAX);
	if (problem->cause == 0 || (detail.len != 0 && says_nothing_new(problem)))
		return;
	if (detail.len != 0)
		cor_line_literal(line, ": ");
	else if (strcmp(cor_errname(problem->cause), "unknown") == 0) {
		put_unknown(line, problem->cause);
		return;
	}
	put_cause(line, problem->cause);
}

static void put_violations(
	struct cor_line *line, enum cor_escape escape, const struct cor_violations *violations)
{
	put_violation(line, escape, violations->first);
	if (violations->count < 2)
		return;
	cor_line_literal(line, ", and ");
	cor_line_number(line, violations->count - 1);
	cor_line_literal(line, " more");
}

/* What was sent is what the client saw; 499 is never sent and misleads nobody. */
static void put_status(struct cor_line *line, const struct report *report)
{
	uint16_t status = report->problem->status;
	bool broken_off = report->sent && status != COR_STATUS_CLIENT_GONE;

	cor_line_literal(line, ": ");
	cor_line_number(line, broken_off ? report->sent : status);
	if (broken_off)
		cor_line_literal(line, " broken off");
	cor_line_literal(line, ": ");
}

static void put_problem(struct cor_line *line, enum cor_log_format format, const void *what)
{
	const struct report *report = what;
	const struct cor_problem *problem = report->problem;
	const struct cor_violations *violations = problem->violations;
	enum cor_escape escape = cor_log_begin_message(line, format);

	cor_line_text(line, escape, report->who, WHO_MAX);
	put_status(line, report);
	if (violations && violations->first)
		put_violations(line, escape, violations);
	else
		put_detail(line, escape, problem);
	cor_log_end_message(line, format);
}

void cor_problem_log(
	struct cor_ctx *ctx, enum cor_log_level level, struct cor_str who, uint16_t sent)
{
	const struct report report = { &ctx->problem, who, sent };

	cor_log_ctx_line(ctx, level, put_problem, &report);
}
