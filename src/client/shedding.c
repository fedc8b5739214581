/* SPDX-License-Identifier: MIT */
#include "client/shedding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <coracle/clock.h>
#include <coracle/log.h>

#include "client/attempt.h"
#include "client/call_figures.h"
#include "client/permit.h"
#include "client/upstreams.h"
#include "runtime/clock.h"

#define TOLD_NS INT64_C(5000000000) /* between lines about what was refused */

/* --- what is refused --- */

/* One line for all workers and threads: there may be thousands of calls. */
static void tell(const struct cor_answer *answer)
{
	struct cor_adaptive_state *state = answer->here->slots.state;
	int64_t now_ns = cor_monotonic_ns(), last_ns = state->told_ns;

	if ((last_ns != 0 && now_ns - last_ns < TOLD_NS) ||
		!atomic_compare_exchange_strong(&state->told_ns, &last_ns, now_ns))
		return;
	uint64_t shed = state->shed;
	uint64_t before = atomic_exchange(&state->told, shed);
	uint32_t limit = state->limit, took_us = state->took_us, best_us = state->best_us;
	char why[80] = "nothing was answered yet";
	if (best_us)
		snprintf(why, sizeof why,
			"answers take %" PRIu32 ".%" PRIu32 " ms, %" PRIu32 ".%" PRIu32
			" ms at best",
			took_us / 1000, took_us % 1000 / 100, best_us / 1000, best_us % 1000 / 100);
	cor_log_warning(answer->ctx,
		"upstream %s: its limit is %" PRIu32 " %s at once: %s; %" PRIu64
		" %s refused since the last such line",
		answer->here->upstream->name, limit, limit == 1 ? "request" : "requests", why,
		shed - before, shed - before == 1 ? "was" : "were");
}

static int refuse(struct cor_answer *answer, uint32_t waited_ms)
{
	struct cor_adaptive_state *state = answer->here->slots.state;

	state->shed++;
	answer->is_shed = true;
	tell(answer);
	uint32_t limit = state->limit;
	return cor_answer_fail(answer, COR_FAILED_FULL,
		"%" PRIu32 " %s at once %s its limit now: this one had no turn within %" PRIu32
		" ms",
		limit, limit == 1 ? "request" : "requests", limit == 1 ? "is" : "are", waited_ms);
}

/* --- waiting --- */

/* Its breaker may have opened in the meantime. */
static int enter_again(struct cor_answer *answer)
{
	cor_answer_leave(answer, COR_TARGET_UNJUDGED);
	return cor_answer_enter(answer);
}

static int wait_for_slot(struct cor_answer *answer, struct cor_slot *slot)
{
	struct cor_upstream_here *here = answer->here;
	struct cor_answer_wait wait;
	uint32_t most_ms = here->slot_wait_ms;

	cor_answer_begin_wait(answer, &wait, most_ms, COR_FAILED_FULL);
	cor_call_waits(answer, true);
	int rc = cor_slots_take(&here->slots, slot, cor_monotonic_ns());
	cor_call_waits(answer, false);
	rc = cor_answer_end_wait(answer, &wait, rc);
	return answer->fault.kind == COR_FAILED_FULL ? refuse(answer, most_ms) : rc;
}

static void give(struct cor_load *load, struct cor_answer *answer)
{
	cor_slots_give(&answer->here->slots, &load->slot, cor_monotonic_ns());
}

/* Where a redirect has led is not this upstream. */
int cor_load_begin(struct cor_load *load, struct cor_answer *answer)
{
	struct cor_slots *slots = &answer->here->slots;
	int rc = 0;

	*load = (struct cor_load){ .began_ns = cor_monotonic_ns() };
	if (!slots->state || answer->redirects || cor_slots_try(slots, &load->slot, load->began_ns))
		return 0;
	if (answer->is_hedge)
		return cor_answer_fail(
			answer, COR_FAILED_FULL, "its limit leaves no room for a second request");
	load->has_waited = true;
	rc = wait_for_slot(answer, &load->slot);
	load->began_ns = cor_monotonic_ns();
	if (rc == 0)
		rc = enter_again(answer);
	if (rc < 0)
		give(load, answer);
	return rc;
}

bool cor_load_has_room(const struct cor_answer *answer)
{
	const struct cor_slots *slots = &answer->here->slots;

	return !slots->state || answer->redirects || cor_slots_have_room(slots, cor_monotonic_ns());
}

/* --- what it says --- */

void cor_load_asked(struct cor_load *load)
{
	load->asked_ns = cor_monotonic_ns();
}

/* -1: nothing of how much the server can do. */
static int kind_of(const struct cor_load *load, const struct cor_answer *answer, int rc)
{
	int status = answer->head.status;

	if (rc == 0)
		return status == 429 || status == 503 || status == 504 ? COR_ADAPTIVE_OVERLOADED
		       : status / 100 == 5                             ? -1
								       : COR_ADAPTIVE_ANSWERED;
	switch ((int)answer->fault.kind) {
	case COR_FAILED_CONNECT_TIMEOUT:
	case COR_FAILED_SEND_TIMEOUT:
	case COR_FAILED_FIRST_BYTE_TIMEOUT:
		return COR_ADAPTIVE_LATE;
	case COR_FAILED_TOTAL_TIMEOUT:
	case COR_FAILED_UNNEEDED:
	case COR_FAILED_CANCELED: /* before that it waited for the caller's body, perhaps */
		return load->asked_ns ? COR_ADAPTIVE_LATE : -1;
	default:
		return -1;
	}
}

static int64_t wall_ns(void)
{
	struct timespec now = cor_now();

	return now.tv_sec * (int64_t)COR_NS_PER_S + now.tv_nsec;
}

void cor_load_end(struct cor_load *load, struct cor_answer *answer, int rc)
{
	const struct cor_slots *slots = &answer->here->slots;
	int64_t now_ns = cor_monotonic_ns();
	int kind = load->slot.is_taken ? kind_of(load, answer, rc) : -1;

	if (kind >= 0) {
		const struct cor_adaptive_sample sample = {
			.kind = kind,
			.took_ns = now_ns - (load->asked_ns ? load->asked_ns : load->began_ns),
			.most = load->slot.most,
			.threads = load->slot.threads,
			.wall_ns = wall_ns(),
		};
		cor_adaptive_learn(slots->state, &slots->rules, &sample, now_ns);
	}
	give(load, answer);
}
