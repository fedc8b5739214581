/* SPDX-License-Identifier: MIT */
#include "client/hedge.h"

#include <errno.h>

#include <coracle/fiber.h>
#include <coracle/group.h>
#include <coracle/hedge.h>

#include "client/attempt.h"
#include "client/call_figures.h"
#include "client/permit.h"
#include "client/retry.h"
#include "client/shedding.h"
#include "client/upstreams.h"
#include "runtime/clock.h"
#include "runtime/wait.h"

struct race {
	struct cor_answer *first;
	struct cor_answer *second; /* NULL: it has not begun */
	int64_t hedge_ns;          /* when that is due */
	int first_rc, second_rc;
	bool is_first_over;
	struct cor_wait *wait; /* of the second for its time; NULL: it does not wait */
};

/* When a second request is due; COR_FOREVER: never. */
static int64_t due_ns(const struct cor_answer *answer)
{
	const struct cor_hedge *hedge = answer->here->upstream->hedge;
	struct cor_latency *latency = &answer->here->latency;
	const struct cor_message_body *body = &answer->message.body;
	int64_t after_ns = hedge->after_ms * (int64_t)COR_NS_PER_MS;
	uint32_t least_ms = hedge->least_ms ? hedge->least_ms : COR_HEDGE_LEAST_MS;

	if (!answer->message.is_repeatable || body->source || body->relayed || answer->redirects)
		return COR_FOREVER;
	if (after_ns != 0)
		return cor_monotonic_ns() + after_ns;
	if (latency->len < COR_HEDGE_ANSWERS)
		return COR_FOREVER;
	after_ns = 1000 * (int64_t)cor_latency_us(latency,
				  hedge->percentile ? hedge->percentile : COR_HEDGE_PERCENTILE);
	if (after_ns < least_ms * (int64_t)COR_NS_PER_MS)
		after_ns = least_ms * (int64_t)COR_NS_PER_MS;
	return cor_monotonic_ns() + after_ns;
}

/* --- the two --- */

static int try_first(struct cor_ctx *ctx, struct race *race)
{
	(void)ctx;
	race->first_rc = cor_answer_try(race->first);
	race->is_first_over = true;
	if (race->wait)
		cor_wait_signal(race->wait);
	race->wait = NULL;
	return race->first_rc;
}

/* 0: the first is still on its way when its time has come. */
static int await_time(struct race *race)
{
	struct cor_wait wait;

	cor_wait_begin(&wait, "a hedged call");
	race->wait = &wait;
	int rc = cor_wait(&wait, race->hedge_ns);
	race->wait = NULL;
	return rc == -ETIMEDOUT && cor_scope_error() == 0 ? 0 : -ECANCELED;
}

/* It has less time left than the first, which may be sending what it said. */
static bool own_left(struct cor_answer *second)
{
	struct cor_message *message = &second->message;
	const char *of_first = message->left;

	if (!of_first)
		return true;
	message->left = cor_arena_zalloc(&second->ctx->arena, COR_MESSAGE_LEFT_BYTES);
	for (size_t i = 0; i < message->fields_len; i++)
		if (message->fields[i].value == of_first)
			message->fields[i].value = message->left;
	return message->left != NULL;
}

/* With what the first is made of, but for its exchange. */
static struct cor_answer *make_second(const struct cor_answer *first)
{
	struct cor_answer *second = cor_arena_zalloc(&first->ctx->arena, sizeof *second);

	if (!second)
		return NULL;
	*second = *first;
	second->wire = NULL;
	second->has_pick = second->has_place = second->is_held = false;
	second->permit = (struct cor_permit){ 0 };
	second->decoder = NULL;
	second->is_hedge = true;
	second->may_join = false; /* it would follow the first */
	second->flight = NULL;
	second->tried |= first->has_pick ? UINT32_C(1) << first->pick.index : 0;
	return own_left(second) ? second : NULL;
}

static int try_second(struct cor_ctx *ctx, struct race *race)
{
	(void)ctx;
	if (race->is_first_over || await_time(race) < 0)
		return -ECANCELED;
	if (!cor_answer_may_enter(race->first) || !cor_load_has_room(race->first) ||
		!cor_retry_take_spare(&race->first->here->retry_tenths))
		return -ECANCELED;
	race->second = make_second(race->first);
	if (!race->second)
		return -ENOMEM;
	cor_call_hedged(race->second);
	race->second_rc = cor_answer_try(race->second);
	return race->second_rc;
}

/* --- what has come of them --- */

/* It is the call from now on. */
static void become(struct cor_answer *second, struct cor_answer *first)
{
	if (first->is_held)
		cor_ctx_release(first->ctx, &first->hold);
	second->is_held = first->is_held;
	if (second->is_held)
		cor_ctx_hold(second->ctx, &second->hold);
	second->has_place = first->has_place;
	first->is_held = first->has_place = false;
	second->is_hedge = false; /* its next tries are those of a call */
	first->here = NULL;
}

static int settle(struct race *race, struct cor_answer **answer)
{
	struct cor_answer *first = race->first, *second = race->second;

	if (!second)
		return race->first_rc;
	if (race->first_rc < 0 && race->second_rc == 0) {
		cor_answer_end_exchange(first);
		become(second, first);
		*answer = second;
		return 0;
	}
	cor_answer_end_exchange(second);
	first->attempts = second->attempts;
	first->tried |= second->tried;
	return race->first_rc;
}

/* The group that ends them with the deadline of the request looks like one that cancels them. */
static int blame_deadline(struct race *race)
{
	if (race->first->fault.kind == COR_FAILED_CANCELED)
		race->first_rc = cor_answer_fail(race->first, COR_FAILED_TOTAL_TIMEOUT,
			"no answer when the deadline of the request came");
	return race->first_rc;
}

static int run(struct race *race, struct cor_answer **answer)
{
	struct cor_group group;

	cor_group_begin(&group, race->first->ctx, COR_ANY_SUCCESS);
	cor_group_start(&group, try_first, race);
	cor_group_start(&group, try_second, race);
	int rc = cor_group_wait(&group);
	if (race->first_rc == -EINPROGRESS) /* there was no stack for it */
		return cor_answer_fail(
			race->first, COR_FAILED_MEMORY, "no memory for a fiber of the call");
	if (rc == -ETIMEDOUT)
		cor_ignore(blame_deadline(race));
	return settle(race, answer);
}

int cor_answer_try_hedged(struct cor_answer **answer)
{
	struct race race = { .first = *answer, .first_rc = -EINPROGRESS };
	int64_t began_ns = cor_monotonic_ns();
	int rc;

	race.hedge_ns = cor_fiber_current() ? due_ns(*answer) : COR_FOREVER;
	rc = race.hedge_ns == COR_FOREVER ? cor_answer_try(*answer) : run(&race, answer);
	if (rc == 0)
		cor_latency_add(&(*answer)->here->latency, cor_monotonic_ns() - began_ns);
	return rc;
}
