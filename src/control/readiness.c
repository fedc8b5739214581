/* SPDX-License-Identifier: MIT */
#include "control/readiness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buffer.h"

#define NS_PER_MS  INT64_C(1000000)
#define TEXT_BYTES (1024 * 1024)
#define GRACE_NS   (200 * NS_PER_MS) /* for a run that its timeout has ended to say so */

enum state {
	PENDING, /* it has not come to an end yet */
	PASSED,
	FAILED,
	HELD, /* it does not come back, whatever its timeout */
};

/* One check of one worker, now. */
struct finding {
	struct cor_verdict verdict;
	enum state state;
	int64_t now_ns;
	uint32_t slot;
};

static enum state state_of(const struct cor_verdict *verdict, int64_t now_ns)
{
	int64_t limit_ns = verdict->timeout_ms * NS_PER_MS + GRACE_NS;

	if (verdict->began_ns != 0 && now_ns - verdict->began_ns > limit_ns)
		return HELD;
	if (verdict->ended_ns == 0)
		return PENDING;
	if (now_ns - verdict->ended_ns > verdict->period_ms * NS_PER_MS + limit_ns)
		return HELD; /* nobody has been there to run it again */
	return verdict->failures == 0 ? PASSED : FAILED;
}

static struct finding find(const struct cor_control *control, uint32_t slot, uint32_t at)
{
	struct finding finding = {
		.verdict = cor_verdict_read(&control->verdicts->rows[slot], at),
		.now_ns = cor_monotonic_ns(),
		.slot = slot,
	};
	struct cor_verdict *verdict = &finding.verdict;

	verdict->name[sizeof verdict->name - 1] = '\0';
	verdict->error[sizeof verdict->error - 1] = '\0';
	finding.state = state_of(verdict, finding.now_ns);
	return finding;
}

static bool fails(const struct finding *finding)
{
	return finding->state == FAILED || finding->state == HELD;
}

/* Returns how many checks the worker in that slot has; -1: no worker, or none that has said so. */
static int32_t count_checks(const struct cor_control *control, uint32_t slot)
{
	const struct cor_roster_row *row = &control->roster->rows[slot];

	if (row->pid == 0 || row->state != COR_WORKER_READY)
		return -1;
	return cor_verdicts_len(&control->verdicts->rows[slot], row->pid);
}

/* --- the judgement --- */

/* Returns the first required one that fails or, if none does, one that is pending. */
static struct finding find_worst(const struct cor_control *control, uint32_t slot, int32_t len)
{
	struct finding worst = { .state = PASSED };

	for (int32_t i = 0; i < len; i++) {
		struct finding finding = find(control, slot, (uint32_t)i);
		if (!finding.verdict.is_required || finding.state == PASSED)
			continue;
		if (fails(&finding))
			return finding;
		worst = finding;
	}
	return worst;
}

int cor_control_judge(struct cor_ctx *ctx, const char **ret_why)
{
	const struct cor_control *control = cor_control_of(ctx);
	bool is_vouched_for = false;

	*ret_why = "the readiness checks have not ended yet";
	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++) {
		int32_t len = count_checks(control, slot);
		struct finding worst = find_worst(control, slot, len);
		if (fails(&worst)) {
			*ret_why = cor_printf(ctx, "check %s fails", worst.verdict.name);
			return *ret_why ? 0 : -ENOMEM;
		}
		if (len >= 0 && worst.state == PASSED)
			is_vouched_for = true;
	}
	if (is_vouched_for)
		*ret_why = NULL;
	return 0;
}

/* --- the lines --- */

static void print_state(struct cor_buffer *buffer, const struct finding *finding)
{
	const struct cor_verdict *verdict = &finding->verdict;
	double took_ms = (double)verdict->took_ns / 1e6;
	int64_t since = verdict->began_ns != 0 ? verdict->began_ns : verdict->ended_ns;
	double age_s = (double)(finding->now_ns - verdict->ended_ns) / 1e9;

	switch (finding->state) {
	case PENDING:
		cor_buffer_printf(buffer, "has not ended yet");
		break;
	case PASSED:
		cor_buffer_printf(buffer, "passed in %.1f ms, %.1f s ago", took_ms, age_s);
		break;
	case FAILED:
		cor_buffer_printf(buffer, "failed in %.1f ms, %.1f s ago, %" PRIu64 " in a row: %s",
			took_ms, age_s, verdict->failures, verdict->error);
		break;
	case HELD:
		cor_buffer_printf(buffer, "has not %s for %" PRId64 " ms: its thread is held",
			verdict->began_ns != 0 ? "come back" : "been run",
			(finding->now_ns - since) / NS_PER_MS);
		break;
	}
}

static void print_line(
	struct cor_buffer *buffer, const char *separator, const struct finding *finding)
{
	cor_buffer_printf(buffer, "%s%s (worker %" PRIu32 "%s): ", separator, finding->verdict.name,
		finding->slot, finding->verdict.is_required ? "" : ", optional");
	print_state(buffer, finding);
}

int cor_control_print_checks(struct cor_ctx *ctx, const char *separator, const char **ret)
{
	const struct cor_control *control = cor_control_of(ctx);
	struct cor_buffer buffer = { .limit = TEXT_BYTES };

	for (uint32_t slot = 0; slot < COR_SLOTS_MAX; slot++) {
		int32_t len = count_checks(control, slot);
		for (int32_t i = 0; i < len; i++) {
			struct finding finding = find(control, slot, (uint32_t)i);
			print_line(&buffer, separator, &finding);
		}
	}
	char *text = cor_printf(ctx, "%.*s", (int)buffer.len, buffer.data ? buffer.data : "");
	int rc = cor_buffer_error(&buffer);
	cor_buffer_finish(&buffer);
	*ret = text;
	return text ? rc : -ENOMEM;
}
