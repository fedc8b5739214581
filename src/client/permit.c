/* SPDX-License-Identifier: MIT */
#include "client/permit.h"

#include <inttypes.h>

#include <coracle/clock.h>
#include <coracle/log.h>

#include "client/attempt.h"
#include "runtime/clock.h"

static int64_t now_ms(void)
{
	return cor_monotonic_ns() / COR_NS_PER_MS;
}

static void tell_opening(const struct cor_answer *answer, const struct cor_breaker_change *change)
{
	const struct cor_upstream_here *here = answer->here;
	const struct cor_breaker *rules = &here->breaker_rules;

	if (change->tries == 0)
		cor_log_warning(answer->ctx,
			"upstream %s: its breaker is open for %" PRIu32
			" ms more: a call to try it has failed",
			here->upstream->name, rules->open_ms);
	else
		cor_log_warning(answer->ctx,
			"upstream %s: its breaker is open for %" PRIu32 " ms: %" PRIu32
			" of %" PRIu32 " tries within %" PRIu32 " ms have failed",
			here->upstream->name, rules->open_ms, change->failed, change->tries,
			rules->window_ms);
}

static void tell(const struct cor_answer *answer, const struct cor_breaker_change *change)
{
	const struct cor_upstream_here *here = answer->here;

	if (change->to == COR_BREAKER_OPENS)
		tell_opening(answer, change);
	else if (change->to == COR_BREAKER_TRIES)
		cor_log_info(answer->ctx,
			"upstream %s: its breaker is half open: it is closed once %" PRIu32
			" calls are answered",
			here->upstream->name, here->breaker_rules.probes);
	else if (change->to == COR_BREAKER_CLOSES)
		cor_log_info(
			answer->ctx, "upstream %s: its breaker is closed", here->upstream->name);
}

/* Where a redirect has led is not this upstream. */
int cor_answer_enter(struct cor_answer *answer)
{
	struct cor_upstream_here *here = answer->here;
	int64_t lease_ms = answer->deadline_ns / COR_NS_PER_MS + 1;
	struct cor_breaker_change change;

	if (!here->breaker || answer->redirects)
		return 0;
	answer->retry_ms = cor_breaker_enter(
		here->breaker, &here->breaker_rules, now_ms(), lease_ms, &answer->permit, &change);
	tell(answer, &change);
	if (answer->permit.is_given)
		return 0;
	return cor_answer_fail(answer, COR_FAILED_OPEN,
		"its breaker is open: it was not asked, and is next in %" PRId64 " ms",
		answer->retry_ms);
}

/* A probe that comes late is judged by what becomes of it; what else is late may become one. */
int cor_answer_enter_again(struct cor_answer *answer)
{
	if (!answer->permit.is_given || answer->permit.is_probe ||
		cor_breaker_phase_at(answer->here->breaker, now_ms()) == COR_BREAKER_CLOSED)
		return 0;
	cor_answer_leave(answer, COR_TARGET_UNJUDGED);
	int rc = cor_answer_enter(answer);
	if (rc < 0)
		answer->attempts--;
	return rc;
}

bool cor_answer_may_enter(const struct cor_answer *answer)
{
	const struct cor_upstream_here *here = answer->here;

	return !here->breaker || cor_breaker_phase_at(here->breaker, now_ms()) != COR_BREAKER_OPEN;
}

void cor_answer_leave(struct cor_answer *answer, enum cor_target_verdict verdict)
{
	struct cor_upstream_here *here = answer->here;

	if (!answer->permit.is_given)
		return;
	answer->permit.is_given = false;
	const struct cor_breaker_change change = cor_breaker_leave(
		here->breaker, &here->breaker_rules, &answer->permit, verdict, now_ms());
	tell(answer, &change);
}

void cor_answer_enter_heard(struct cor_answer *answer)
{
	if (answer->permit.is_probe && answer->head.status / 100 != 5)
		cor_answer_leave(answer, COR_TARGET_GOOD);
}
