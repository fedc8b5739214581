/* SPDX-License-Identifier: MIT */
#include "client/slots.h"

#include <errno.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#define FORGOTTEN_NS INT64_C(60000000000) /* a row that nobody has written for so long */
#define LOOK_NS      INT64_C(20000000)

/* --- rows --- */

static bool is_forgotten(const struct cor_adaptive_row *row, int64_t now_ns)
{
	return now_ns - row->seen_ns > FORGOTTEN_NS;
}

void cor_slots_share(struct cor_slots *slots, struct cor_adaptive_table *table)
{
	slots->rows = table->rows[slots->state - table->states];
}

/* One that was never used, else that of a thread which is gone: rows in use stay few. */
static struct cor_adaptive_row *find_row(struct cor_slots *slots, int64_t now_ns)
{
	uint32_t used = slots->state->rows_used;

	for (uint32_t i = 0; i < used; i++)
		if (slots->rows[i].owner == 0 || is_forgotten(&slots->rows[i], now_ns))
			return &slots->rows[i];
	return used < COR_ADAPTIVE_ROWS ? &slots->rows[used] : NULL;
}

/* Without a row it has its share, but the others know nothing of it: better than none. */
static void claim(struct cor_slots *slots, int64_t now_ns)
{
	struct cor_adaptive_state *state = slots->state;

	slots->row = NULL;
	if (cor_adaptive_lock(state, &slots->rules) < 0)
		return;
	struct cor_adaptive_row *row = find_row(slots, now_ns);
	if (row) {
		slots->row = row;
		slots->index = (uint32_t)(row - slots->rows);
		slots->owner = ++state->owners;
		row->in_flight = row->waiting = 0;
		row->seen_ns = now_ns;
		row->owner = slots->owner;
		if (slots->index >= state->rows_used)
			state->rows_used = slots->index + 1;
	}
	cor_adaptive_unlock(state);
}

static void publish(struct cor_slots *slots, int64_t now_ns)
{
	if (!slots->rows)
		return;
	if (!slots->row || slots->row->owner != slots->owner)
		claim(slots, now_ns);
	if (!slots->row)
		return;
	slots->row->seen_ns = now_ns;
	slots->row->in_flight = slots->in_flight;
	slots->row->waiting = slots->waiting;
}

/* --- the share --- */

struct demand {
	uint64_t in_flight, waiting;
	uint32_t threads;
};

static struct demand demand_of_all(const struct cor_slots *slots, int64_t now_ns)
{
	struct demand all = { slots->in_flight, slots->waiting, 1 };
	uint32_t used = slots->rows ? slots->state->rows_used : 0;

	for (uint32_t i = 0; i < used; i++) {
		const struct cor_adaptive_row *row = &slots->rows[i];
		if (row == slots->row || row->owner == 0 || is_forgotten(row, now_ns))
			continue;
		all.in_flight += row->in_flight;
		all.waiting += row->waiting;
		all.threads++;
	}
	return all;
}

/* Half of the threads round up, so that the parts are the limit in all. */
static uint64_t share_of(const struct cor_slots *slots, uint64_t wanted, const struct demand *all)
{
	uint64_t limit = slots->state->limit;
	uint64_t wanted_by_all = all->in_flight + all->waiting;
	uint64_t used = slots->row ? slots->state->rows_used : 1;

	if (wanted_by_all <= limit)
		return wanted;
	uint64_t up = (2 * (uint64_t)slots->index + 1) * wanted_by_all / (2 * used);
	uint64_t share = (limit * wanted + (slots->row ? up : 0)) / wanted_by_all;
	return share ? share : 1;
}

/* --- who is next --- */

static void append(struct cor_slots *slots, struct cor_slot_waiter *waiter)
{
	waiter->next = NULL;
	waiter->is_queued = true;
	if (slots->last)
		slots->last->next = waiter;
	else
		slots->first = waiter;
	slots->last = waiter;
	slots->waiting++;
}

static void take_out(struct cor_slots *slots, struct cor_slot_waiter *waiter)
{
	struct cor_slot_waiter *before = NULL, *at = slots->first;

	while (at != waiter) {
		before = at;
		at = at->next;
	}
	if (before)
		before->next = waiter->next;
	else
		slots->first = waiter->next;
	if (slots->last == waiter)
		slots->last = before;
	waiter->is_queued = false;
	slots->waiting--;
}

/* `self` does not wait yet. */
static void let_in(struct cor_slots *slots, const struct cor_slot_waiter *self, int64_t now_ns)
{
	struct demand all = demand_of_all(slots, now_ns);
	uint64_t share = share_of(slots, slots->in_flight + (uint64_t)slots->waiting, &all);

	while (slots->first && slots->in_flight < share) {
		struct cor_slot_waiter *waiter = slots->first;
		take_out(slots, waiter);
		slots->in_flight++;
		all.in_flight++;
		waiter->slot = (struct cor_slot){ true, (uint32_t)all.in_flight, all.threads };
		if (waiter != self)
			cor_wait_signal(&waiter->wait);
	}
	publish(slots, now_ns);
}

bool cor_slots_have_room(const struct cor_slots *slots, int64_t now_ns)
{
	struct demand all = demand_of_all(slots, now_ns);

	all.waiting++;
	return !slots->first && slots->in_flight < share_of(slots, slots->in_flight + 1, &all);
}

static void leave(struct cor_slots *slots, struct cor_slot_waiter *waiter, int64_t now_ns)
{
	take_out(slots, waiter);
	let_in(slots, NULL, now_ns);
}

/* Whether it got one at once. */
static bool line_up(struct cor_slots *slots, struct cor_slot_waiter *waiter, int64_t now_ns)
{
	cor_wait_begin(&waiter->wait, "a call above the limit");
	append(slots, waiter);
	let_in(slots, waiter, now_ns);
	return !waiter->is_queued;
}

bool cor_slots_try(struct cor_slots *slots, struct cor_slot *ret, int64_t now_ns)
{
	struct cor_slot_waiter waiter;

	if (!line_up(slots, &waiter, now_ns)) {
		leave(slots, &waiter, now_ns);
		return false;
	}
	*ret = waiter.slot;
	return true;
}

/* Other threads wake nobody here: what they have left is looked for now and then. */
static int await(struct cor_slots *slots, struct cor_slot_waiter *waiter)
{
	int rc;

	do {
		int64_t look_ns = slots->rows ? cor_monotonic_ns() + LOOK_NS : COR_FOREVER;
		rc = cor_wait(&waiter->wait, look_ns);
		if (rc != -ETIMEDOUT || cor_scope_error() < 0 || !waiter->is_queued)
			return rc;
		let_in(slots, waiter, cor_monotonic_ns());
	} while (waiter->is_queued);
	return 0;
}

int cor_slots_take(struct cor_slots *slots, struct cor_slot *ret, int64_t now_ns)
{
	struct cor_slot_waiter waiter;

	if (!line_up(slots, &waiter, now_ns)) {
		int rc = await(slots, &waiter);
		if (rc < 0 && waiter.is_queued) {
			leave(slots, &waiter, cor_monotonic_ns());
			return rc;
		}
		if (rc < 0) /* both at the same time: it has one */
			cor_wait_settle(&waiter.wait);
	}
	*ret = waiter.slot;
	return 0;
}

void cor_slots_give(struct cor_slots *slots, struct cor_slot *slot, int64_t now_ns)
{
	if (!slot->is_taken)
		return;
	slot->is_taken = false;
	slots->in_flight--;
	let_in(slots, NULL, now_ns);
}
