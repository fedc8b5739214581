/* SPDX-License-Identifier: MIT */
#include "client/aim.h"

#include <inttypes.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>
#include <coracle/log.h>

#include "client/call_figures.h"
#include "client/permit.h"
#include "runtime/clock.h"

static int64_t now_ms(void)
{
	return cor_monotonic_ns() / COR_NS_PER_MS;
}

/* Where a redirect has led is nobody's turn. */
void cor_answer_aim(struct cor_answer *answer)
{
	struct cor_upstream_here *here = answer->here;
	struct cor_url *url = &answer->message.url;

	if (here->balancer.len < 2 || answer->redirects)
		return;
	uint32_t avoided = answer->stays ? ~(UINT32_C(1) << answer->pick.index) : answer->tried;
	answer->stays = false;
	answer->pick = cor_balancer_choose(&here->balancer, avoided, now_ms());
	answer->has_pick = true;
	const struct cor_url *target = &here->targets[answer->pick.index];
	url->host = target->host;
	url->port = target->port;
	url->unix_path = target->unix_path;
	url->authority = target->authority;
}

static bool is_out(const struct cor_answer *answer)
{
	return answer->here->balancer.targets[answer->pick.index].is_out;
}

static void tell(struct cor_answer *answer, enum cor_target_change change, bool was_out)
{
	const struct cor_upstream_here *here = answer->here;
	const struct cor_target_state *target = &here->balancer.targets[answer->pick.index];
	const char *url = cor_url_text(&answer->ctx->arena, &here->targets[answer->pick.index]);

	if (change == COR_TARGET_STAYS)
		return;
	if (was_out != is_out(answer)) /* not for one that stays out */
		cor_call_target_out(answer, !was_out);
	if (change == COR_TARGET_RETURNS)
		cor_log_info(answer->ctx, "upstream %s: %s is in again", here->upstream->name, url);
	else if (change == COR_TARGET_LEAVES)
		cor_log_warning(answer->ctx,
			"upstream %s: %s gets no calls for %" PRId64 " ms: it has failed %" PRIu32
			" times in a row",
			here->upstream->name, url, target->last_ms, target->failures);
}

void cor_answer_heard(struct cor_answer *answer)
{
	cor_answer_enter_heard(answer);
	if (!answer->has_pick || answer->head.status / 100 == 5)
		return;
	bool was_out = is_out(answer);
	tell(answer, cor_balancer_answered(&answer->here->balancer, &answer->pick, now_ms()),
		was_out);
}

/*
 * A target is not to blame for the time that our own client gave us, nor for that in which it was
 * not asked yet.
 */
static enum cor_target_verdict judge(const struct cor_answer *answer)
{
	enum cor_failure kind = answer->fault.kind;

	if (cor_failure_is(kind, COR_FAILED_TIMEOUT) && (!answer->wire || cor_scope_error() < 0))
		return COR_TARGET_UNJUDGED;
	return cor_target_judge(kind, answer->head.status);
}

static void settle_target(struct cor_answer *answer, enum cor_target_verdict verdict)
{
	if (!answer->has_pick)
		return;
	answer->has_pick = false;
	if (verdict != COR_TARGET_UNJUDGED)
		answer->tried |= UINT32_C(1) << answer->pick.index;
	bool was_out = is_out(answer);
	tell(answer, cor_balancer_end(&answer->here->balancer, &answer->pick, verdict, now_ms()),
		was_out);
}

void cor_answer_settle(struct cor_answer *answer)
{
	enum cor_target_verdict verdict = judge(answer);

	settle_target(answer, verdict);
	cor_answer_leave(answer, verdict);
}
