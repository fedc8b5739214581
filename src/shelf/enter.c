/* SPDX-License-Identifier: MIT */
#include "shelf/enter.h"

#include <errno.h>

#include "runtime/clock.h"
#include "segment/counter.h"

#define PATIENCE_MS 50
#define WAITS       20  /* while others go on */
#define TRIES       100 /* an owner is done in less, unless it is not running */

/* Its owner died: in the middle of a change nothing is certain; else nothing has happened. */
static int repair(void *arg)
{
	const struct cor_shelf_part *part = arg;
	struct cor_shelf_state *state = part->state;

	if (!atomic_load(&state->is_changing))
		return 0;
	cor_shelf_count(part, &state->lost, COR_STORE_LOST, cor_counter_read(&state->entries_now));
	atomic_store(&state->entries_now, 0); /* lost once, should this one die, too */
	cor_shelf_reset(part, false);
	cor_shelf_changing(part, false);
	return 0;
}

static int take(const struct cor_shelf_part *part, int64_t deadline_ns)
{
	return cor_lock_take_until(
		&part->state->lock, deadline_ns, repair, (struct cor_shelf_part *)(uintptr_t)part);
}

static uint32_t turns_of(const struct cor_shelf_part *part)
{
	return atomic_load_explicit(&part->state->turns, memory_order_relaxed);
}

/* One that many want is waited for; one whose owner does nothing for PATIENCE_MS is held. */
static int wait_for(const struct cor_shelf_part *part)
{
	const struct cor_clock *clock = &cor_system_clock; /* which the kernel waits by */
	uint32_t before = turns_of(part) - 1;
	int rc = -EBUSY;

	for (int i = 0; i < WAITS && rc == -EBUSY && turns_of(part) != before; i++) {
		before = turns_of(part);
		rc = take(part, cor_clock_after(clock->realtime_ns(clock), PATIENCE_MS));
	}
	return rc;
}

static int take_soon(const struct cor_shelf_part *part)
{
	int rc = -EBUSY;

	for (int i = 0; i < TRIES && rc == -EBUSY; i++) {
		cor_latch_turn();
		rc = take(part, 0);
	}
	if (rc == -EBUSY && !atomic_load_explicit(&part->state->is_held, memory_order_relaxed))
		rc = wait_for(part);
	return rc;
}

static int taken(struct cor_shelf_state *state)
{
	uint32_t turns = atomic_load_explicit(&state->turns, memory_order_relaxed);

	atomic_store_explicit(&state->turns, turns + 1, memory_order_relaxed);
	return 0;
}

int cor_shelf_enter_shared(const struct cor_shelf_part *part)
{
	struct cor_shelf_state *state = part->state;
	int rc = take(part, 0);

	if (__builtin_expect(rc == 0, 1))
		return taken(state);
	rc = take_soon(part);
	if (rc < 0)
		cor_count_shared(&state->errors, 1);
	if (atomic_load_explicit(&state->is_held, memory_order_relaxed) != (rc < 0))
		atomic_store(&state->is_held, rc < 0);
	return rc < 0 ? -EBUSY : taken(state);
}
