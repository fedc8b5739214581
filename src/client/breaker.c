/* SPDX-License-Identifier: MIT */
#include "client/breaker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FULL_WAIT_MS 1000 /* nobody knows how long probes take */

/* --- where they stand --- */

static void begin(struct cor_breaker_state *state, enum cor_breaker_phase phase)
{
	state->answered = 0;
	memset(state->leases_ms, 0, sizeof state->leases_ms);
	memset(state->slices, 0, sizeof state->slices);
	state->epoch++;
	state->phase = phase;
}

/* What an owner that died has left may be half of a change. */
static int repair(void *arg)
{
	begin(arg, COR_BREAKER_CLOSED);
	return 0;
}

/* An entry is whole before it has its shape. */
static int nothing_to_repair(void *arg)
{
	(void)arg;
	return 0;
}

int cor_breaker_init(struct cor_breaker_state *state)
{
	*state = (struct cor_breaker_state){ .shape = 0 };
	return cor_lock_init(&state->lock);
}

int cor_breaker_table_init(void *region, size_t bytes)
{
	struct cor_breaker_table *table = region;
	int rc = cor_lock_init(&table->lock);

	(void)bytes;
	for (size_t i = 0; i < COR_BREAKERS_MAX && rc == 0; i++)
		rc = cor_lock_init(&table->states[i].lock);
	return rc;
}

struct cor_breaker_table *cor_breaker_table_create(void)
{
	struct cor_breaker_table *table = calloc(1, sizeof *table);

	if (table && cor_breaker_table_init(table, sizeof *table) < 0) {
		free(table);
		return NULL;
	}
	return table;
}

static uint32_t or_default(uint32_t value, uint32_t usual)
{
	return value ? value : usual;
}

struct cor_breaker cor_breaker_rules(const struct cor_breaker *breaker)
{
	uint32_t probes = or_default(breaker->probes, COR_BREAKER_PROBES);

	return (struct cor_breaker){
		.window_ms = or_default(breaker->window_ms, COR_BREAKER_WINDOW_MS),
		.calls_min = or_default(breaker->calls_min, COR_BREAKER_CALLS_MIN),
		.failed_percent = or_default(breaker->failed_percent, COR_BREAKER_FAILED_PERCENT),
		.open_ms = or_default(breaker->open_ms, COR_BREAKER_OPEN_MS),
		.probes = probes < COR_BREAKER_PROBES_MAX ? probes : COR_BREAKER_PROBES_MAX,
	};
}

/* FNV-1a, never 0. */
static uint64_t shape_of(const struct cor_breaker *rules)
{
	const unsigned char *at = (const unsigned char *)rules;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof *rules; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash | 1;
}

const struct cor_breaker_state *cor_breaker_find(
	const struct cor_breaker_table *table, const char *name, const struct cor_breaker *rules)
{
	uint64_t shape = shape_of(rules);
	const struct cor_breaker_state *state = table->states;

	for (size_t i = 0; i < COR_BREAKERS_MAX; i++, state++)
		if (__atomic_load_n(&state->shape, __ATOMIC_ACQUIRE) == shape &&
			strcmp(state->name, name) == 0)
			return state;
	return NULL;
}

static struct cor_breaker_state *make(
	struct cor_breaker_table *table, const char *name, const struct cor_breaker *rules)
{
	for (size_t i = 0; i < COR_BREAKERS_MAX; i++) {
		struct cor_breaker_state *state = &table->states[i];
		if (state->shape != 0)
			continue;
		snprintf(state->name, sizeof state->name, "%s", name);
		__atomic_store_n(&state->shape, shape_of(rules), __ATOMIC_RELEASE);
		return state;
	}
	return NULL;
}

struct cor_breaker_state *cor_breaker_hold(
	struct cor_breaker_table *table, const char *name, const struct cor_breaker *rules)
{
	if (cor_lock_take(&table->lock, nothing_to_repair, NULL) < 0)
		return NULL;
	const struct cor_breaker_state *found = cor_breaker_find(table, name, rules);
	struct cor_breaker_state *state = found ? &table->states[found - table->states]
						: make(table, name, rules);
	cor_lock_give(&table->lock);
	return state;
}

/* --- the window --- */

static int64_t slice_at(const struct cor_breaker *rules, int64_t now_ms)
{
	uint32_t slice_ms = rules->window_ms / COR_BREAKER_SLICES;

	return now_ms / (slice_ms ? slice_ms : 1) + 1; /* a zeroed one is nobody's */
}

static void count(struct cor_breaker_state *state, int64_t index, bool is_failure)
{
	struct cor_breaker_slice *slice = &state->slices[index % COR_BREAKER_SLICES];

	if (slice->index != index)
		*slice = (struct cor_breaker_slice){ .index = index };
	slice->tries++;
	slice->failed += is_failure;
}

static struct cor_breaker_change sum_up(const struct cor_breaker_state *state, int64_t index)
{
	struct cor_breaker_change sum = { COR_BREAKER_STAYS, 0, 0 };

	for (size_t i = 0; i < COR_BREAKER_SLICES; i++) {
		const struct cor_breaker_slice *slice = &state->slices[i];
		if (slice->index <= index - COR_BREAKER_SLICES)
			continue;
		sum.tries += slice->tries;
		sum.failed += slice->failed;
	}
	return sum;
}

/* --- changes: the lock is held --- */

static void open_up(
	struct cor_breaker_state *state, const struct cor_breaker *rules, int64_t now_ms)
{
	state->until_ms = now_ms + rules->open_ms;
	state->opened++;
	begin(state, COR_BREAKER_OPEN);
}

static struct cor_breaker_change judge_try(struct cor_breaker_state *state,
	const struct cor_breaker *rules, bool is_failure, int64_t now_ms)
{
	int64_t index = slice_at(rules, now_ms);
	struct cor_breaker_change change = { COR_BREAKER_STAYS, 0, 0 };

	count(state, index, is_failure);
	if (!is_failure)
		return change;
	change = sum_up(state, index);
	if (change.tries < rules->calls_min ||
		change.failed * UINT64_C(100) < change.tries * (uint64_t)rules->failed_percent)
		return change;
	change.to = COR_BREAKER_OPENS;
	open_up(state, rules, now_ms);
	return change;
}

static struct cor_breaker_change judge_probe(struct cor_breaker_state *state,
	const struct cor_breaker *rules, bool is_failure, int64_t now_ms)
{
	struct cor_breaker_change change = { COR_BREAKER_STAYS, 0, 0 };

	if (is_failure) {
		change.to = COR_BREAKER_OPENS;
		open_up(state, rules, now_ms);
	} else if (++state->answered >= rules->probes) {
		change.to = COR_BREAKER_CLOSES;
		begin(state, COR_BREAKER_CLOSED);
	}
	return change;
}

/* Returns whether there was a place: those whose lease is over have left theirs. */
static bool take_place(struct cor_breaker_state *state, const struct cor_breaker *rules,
	int64_t now_ms, struct cor_permit *permit)
{
	uint32_t taken = state->answered, free_place = 0;

	for (uint32_t i = 0; i < rules->probes; i++) {
		if (state->leases_ms[i] > now_ms)
			taken++;
		else
			free_place = i;
	}
	if (taken >= rules->probes)
		return false;
	permit->place = (uint8_t)free_place;
	state->leases_ms[free_place] = permit->lease_ms;
	return true;
}

/* --- what callers see --- */

enum cor_breaker_phase cor_breaker_phase_at(const struct cor_breaker_state *state, int64_t now_ms)
{
	enum cor_breaker_phase phase = (enum cor_breaker_phase)state->phase;

	return phase == COR_BREAKER_OPEN && now_ms >= state->until_ms ? COR_BREAKER_HALF_OPEN
								      : phase;
}

static int64_t enter_locked(struct cor_breaker_state *state, const struct cor_breaker *rules,
	int64_t now_ms, struct cor_permit *permit, struct cor_breaker_change *change)
{
	enum cor_breaker_phase phase = cor_breaker_phase_at(state, now_ms);

	permit->is_given = false;
	if (phase == COR_BREAKER_OPEN)
		return state->until_ms - now_ms;
	if (phase == COR_BREAKER_HALF_OPEN && state->phase == COR_BREAKER_OPEN) {
		begin(state, COR_BREAKER_HALF_OPEN);
		change->to = COR_BREAKER_TRIES;
	}
	permit->is_probe = phase == COR_BREAKER_HALF_OPEN;
	permit->epoch = state->epoch;
	permit->is_given = !permit->is_probe || take_place(state, rules, now_ms, permit);
	return permit->is_given ? 0 : FULL_WAIT_MS;
}

int64_t cor_breaker_enter(struct cor_breaker_state *state, const struct cor_breaker *rules,
	int64_t now_ms, int64_t lease_ms, struct cor_permit *ret, struct cor_breaker_change *change)
{
	*ret = (struct cor_permit){ .is_given = true,
		.lease_ms = lease_ms > now_ms ? lease_ms : now_ms + 1,
		.epoch = state->epoch };
	*change = (struct cor_breaker_change){ COR_BREAKER_STAYS, 0, 0 };
	if (state->phase == COR_BREAKER_CLOSED)
		return 0; /* nearly always: without the lock */
	if (cor_lock_take(&state->lock, repair, state) < 0)
		return 0; /* better than to refuse everybody */
	int64_t wait_ms = enter_locked(state, rules, now_ms, ret, change);
	cor_lock_give(&state->lock);
	return wait_ms;
}

/* A probe that has lost its place to another has no say. */
static bool is_current(const struct cor_breaker_state *state, const struct cor_permit *permit)
{
	return permit->epoch == state->epoch &&
	       (!permit->is_probe || state->leases_ms[permit->place] == permit->lease_ms);
}

struct cor_breaker_change cor_breaker_leave(struct cor_breaker_state *state,
	const struct cor_breaker *rules, const struct cor_permit *permit,
	enum cor_target_verdict verdict, int64_t now_ms)
{
	struct cor_breaker_change change = { COR_BREAKER_STAYS, 0, 0 };
	bool is_failure = verdict == COR_TARGET_BAD;

	if (verdict == COR_TARGET_UNJUDGED && !permit->is_probe)
		return change;
	if (cor_lock_take(&state->lock, repair, state) < 0)
		return change;
	if (is_current(state, permit)) {
		if (permit->is_probe)
			state->leases_ms[permit->place] = 0;
		if (verdict != COR_TARGET_UNJUDGED)
			change = permit->is_probe ? judge_probe(state, rules, is_failure, now_ms)
						  : judge_try(state, rules, is_failure, now_ms);
	}
	cor_lock_give(&state->lock);
	return change;
}
