/* SPDX-License-Identifier: MIT */
#include "client/balance.h"

#include <assert.h>
#include <string.h>

static uint32_t or_default(uint32_t value, uint32_t usual)
{
	return value ? value : usual;
}

void cor_balancer_init(struct cor_balancer *balancer, const struct cor_balance *rules, uint32_t len,
	uint32_t chance)
{
	memset(balancer, 0, sizeof *balancer);
	if (rules)
		balancer->rules = *rules;
	rules = &balancer->rules;
	balancer->rules.eject_after = or_default(rules->eject_after, COR_EJECT_AFTER);
	balancer->rules.ejected_ms = or_default(rules->ejected_ms, COR_EJECTED_MS);
	balancer->rules.ejected_max_ms = or_default(rules->ejected_max_ms, COR_EJECTED_MAX_MS);
	balancer->len = len;
	balancer->next = len ? chance % len : 0;
}

/* --- whose turn it is --- */

/* From the best. A target that is out has failed often, one that was tried perhaps by chance. */
enum standing { DUE, UNTRIED, IN, OUT_UNTRIED, OUT, STANDINGS };

static enum standing standing_of(
	const struct cor_target_state *target, bool is_tried, int64_t now_ms)
{
	if (!target->is_out)
		return is_tried ? IN : UNTRIED;
	if (is_tried)
		return OUT;
	return !target->is_probed && now_ms >= target->due_ms ? DUE : OUT_UNTRIED;
}

static bool is_better(const struct cor_balancer *balancer, enum standing standing, uint32_t i,
	enum standing best_standing, uint32_t best)
{
	if (standing != best_standing)
		return standing < best_standing;
	return balancer->rules.choice == COR_LEAST_IN_FLIGHT &&
	       balancer->targets[i].in_flight < balancer->targets[best].in_flight;
}

struct cor_pick cor_balancer_choose(struct cor_balancer *balancer, uint32_t tried, int64_t now_ms)
{
	enum standing best_standing = STANDINGS;
	uint32_t best = 0;

	for (uint32_t k = 0; k < balancer->len; k++) {
		uint32_t i = (balancer->next + k) % balancer->len;
		enum standing standing = standing_of(
			&balancer->targets[i], tried & UINT32_C(1) << i, now_ms);
		if (is_better(balancer, standing, i, best_standing, best)) {
			best = i;
			best_standing = standing;
		}
	}
	assert(best < balancer->len);
	struct cor_target_state *target = &balancer->targets[best];
	if (tried == 0) /* else each call would begin at the one of two that fails, or is late */
		balancer->next = (best + 1) % balancer->len;
	target->in_flight++;
	if (best_standing == DUE)
		target->is_probed = true;
	return (struct cor_pick){ best, best_standing == DUE, target->is_out };
}

/* --- what becomes of a target --- */

enum cor_target_verdict cor_target_judge(enum cor_failure kind, int status)
{
	switch ((int)kind) {
	case COR_FAILED_NOT:
		return status == 0         ? COR_TARGET_UNJUDGED
		       : status / 100 == 5 ? COR_TARGET_BAD
					   : COR_TARGET_GOOD;
	case COR_FAILED_STATUS: /* the answer is whole */
		return cor_target_judge(COR_FAILED_NOT, status);
	case COR_FAILED_PROTOCOL:
		return COR_TARGET_BAD;
	default:
		break;
	}
	if (cor_failure_is(kind, COR_FAILED_TIMEOUT) || cor_failure_is(kind, COR_FAILED_CONNECTION))
		return COR_TARGET_BAD;
	/* it has answered what does not suit us, or the call is to blame */
	return cor_failure_is(kind, COR_FAILED_ANSWER) ? cor_target_judge(COR_FAILED_NOT, status)
						       : COR_TARGET_UNJUDGED;
}

static enum cor_target_change let_in(struct cor_target_state *target, int64_t now_ms)
{
	target->is_out = false;
	target->failures = 0;
	target->since_ms = now_ms;
	return COR_TARGET_RETURNS;
}

static enum cor_target_change put_out(
	struct cor_target_state *target, const struct cor_balance *rules, int64_t now_ms)
{
	uint64_t ms = rules->ejected_ms;

	if (!target->is_out && now_ms - target->since_ms >= target->last_ms)
		target->ejections = 0;
	for (uint32_t i = 0; i < target->ejections && ms < rules->ejected_max_ms; i++)
		ms *= 2;
	if (ms > rules->ejected_max_ms)
		ms = rules->ejected_max_ms;
	target->ejections++;
	target->is_out = true;
	target->last_ms = (int64_t)ms;
	target->due_ms = now_ms + (int64_t)ms;
	return COR_TARGET_LEAVES;
}

enum cor_target_change cor_balancer_answered(
	struct cor_balancer *balancer, const struct cor_pick *pick, int64_t now_ms)
{
	struct cor_target_state *target = &balancer->targets[pick->index];

	/* calls that were on their way before say nothing of what it is like now */
	return target->is_out && pick->was_out ? let_in(target, now_ms) : COR_TARGET_STAYS;
}

enum cor_target_change cor_balancer_end(struct cor_balancer *balancer, const struct cor_pick *pick,
	enum cor_target_verdict verdict, int64_t now_ms)
{
	struct cor_target_state *target = &balancer->targets[pick->index];
	const struct cor_balance *rules = &balancer->rules;

	target->in_flight--;
	if (pick->is_probe)
		target->is_probed = false;
	if (verdict == COR_TARGET_UNJUDGED || rules->ejection == COR_NOT_EJECTED)
		return COR_TARGET_STAYS;
	if (verdict == COR_TARGET_GOOD) {
		target->failures = 0;
		return cor_balancer_answered(balancer, pick, now_ms);
	}
	target->failures++;
	bool goes = target->is_out ? pick->is_probe : target->failures >= rules->eject_after;
	return goes ? put_out(target, rules, now_ms) : COR_TARGET_STAYS;
}
