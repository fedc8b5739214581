/* SPDX-License-Identifier: MIT */
#include "client/adaptive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Chosen by simulation: docs/adr/0069. */
#define ENOUGH          20                  /* answers of a window, or the limit if it is less */
#define ENOUGH_MIN      3                   /* but not fewer */
#define ENOUGH_TO_TELL  50                  /* to say what they take at best */
#define SPAN_MIN_NS     INT64_C(100000000)  /* of a window: or as long as answers take */
#define SPAN_MAX_NS     INT64_C(1000000000) /* but no longer, if there is enough */
#define OUTLIER         4                  /* times what they take at best: no answer counts more */
#define MEASURED_MIN_NS INT64_C(300000000) /* both windows of it: not all begin at once */
#define LESS_PART       0.25               /* of how much shorter answers are, counts */
#define UNCHANGED       0.75               /* of what answers took before, and more */
#define UNCHANGED_PART  0.5                /* of that counts */
#define LEAST_PART      0.125              /* the same at the least limit, and longer ones */
#define UNUSED_PART     0.125              /* and where it is not used */
#define MEASURED_AT     0.25               /* of the limit */
#define OVERLOADED      10                 /* one of so many says that it is too much */
#define WARY_NS         INT64_C(30000000000) /* for so long it grows slowly after that */
#define WARY_STEP       0.25

/* --- where they stand --- */

static void begin(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules)
{
	state->phase = COR_ADAPTIVE_FREE;
	state->exact = rules->start;
	state->before = 0;
	state->best_ns = state->took_ns = 0;
	state->high = state->high_ns = 0;
	state->measured_at = state->wary_ns = 0;
	state->window = (struct cor_adaptive_window){ .began_ns = 0 };
	state->took_us = state->best_us = 0;
	state->limit = rules->start;
}

struct repair {
	struct cor_adaptive_state *state;
	const struct cor_adaptive_rules *rules;
};

/* What an owner that died has left may be half of a change. */
static int repair(void *arg)
{
	struct repair *its = arg;

	begin(its->state, its->rules);
	return 0;
}

int cor_adaptive_lock(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules)
{
	return cor_lock_take(&state->lock, repair, &(struct repair){ state, rules });
}

void cor_adaptive_unlock(struct cor_adaptive_state *state)
{
	cor_lock_give(&state->lock);
}

/* An entry is whole before it has its shape. */
static int nothing_to_repair(void *arg)
{
	(void)arg;
	return 0;
}

int cor_adaptive_table_init(void *region, size_t bytes)
{
	struct cor_adaptive_table *table = region;

	(void)bytes;
	return cor_lock_init(&table->lock);
}

struct cor_adaptive_table *cor_adaptive_table_create(void)
{
	struct cor_adaptive_table *table = calloc(1, sizeof *table);

	if (table && cor_adaptive_table_init(table, sizeof *table) < 0) {
		free(table);
		return NULL;
	}
	return table;
}

static uint32_t within(uint32_t value, uint32_t min, uint32_t max)
{
	return value < min ? min : value > max ? max : value;
}

struct cor_adaptive_rules cor_adaptive_rules(
	const struct cor_adaptive_limit *limit, uint32_t in_flight)
{
	uint32_t max = in_flight ? in_flight : COR_IN_FLIGHT;
	uint32_t min = within(limit->min ? limit->min : COR_ADAPTIVE_MIN, 1, max);

	return (struct cor_adaptive_rules){
		.min = min,
		.max = max,
		.start = within(limit->start ? limit->start : COR_ADAPTIVE_START, min, max),
		.tolerance_percent = limit->tolerance_percent ? limit->tolerance_percent
							      : COR_ADAPTIVE_TOLERANCE_PERCENT,
		.measured_ms = limit->measured_ms ? limit->measured_ms : COR_ADAPTIVE_MEASURED_MS,
	};
}

static int prepare(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules)
{
	begin(state, rules);
	return cor_lock_init(&state->lock);
}

int cor_adaptive_init(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules)
{
	memset(state, 0, sizeof *state);
	return prepare(state, rules);
}

/* FNV-1a, never 0. */
static uint64_t shape_of(const struct cor_adaptive_rules *rules)
{
	const unsigned char *at = (const unsigned char *)rules;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof *rules; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash | 1;
}

const struct cor_adaptive_state *cor_adaptive_find(const struct cor_adaptive_table *table,
	const char *name, const struct cor_adaptive_rules *rules)
{
	uint64_t shape = shape_of(rules);
	const struct cor_adaptive_state *state = table->states;

	for (size_t i = 0; i < COR_ADAPTIVE_STATES_MAX; i++, state++)
		if (__atomic_load_n(&state->shape, __ATOMIC_ACQUIRE) == shape &&
			strcmp(state->name, name) == 0)
			return state;
	return NULL;
}

static struct cor_adaptive_state *make(
	struct cor_adaptive_table *table, const char *name, const struct cor_adaptive_rules *rules)
{
	for (size_t i = 0; i < COR_ADAPTIVE_STATES_MAX; i++) {
		struct cor_adaptive_state *state = &table->states[i];
		if (state->shape != 0)
			continue;
		if (prepare(state, rules) < 0) /* others may look for its shape: it is 0 */
			return NULL;
		snprintf(state->name, sizeof state->name, "%s", name);
		__atomic_store_n(&state->shape, shape_of(rules), __ATOMIC_RELEASE);
		return state;
	}
	return NULL;
}

struct cor_adaptive_state *cor_adaptive_hold(
	struct cor_adaptive_table *table, const char *name, const struct cor_adaptive_rules *rules)
{
	if (cor_lock_take(&table->lock, nothing_to_repair, NULL) < 0)
		return NULL;
	const struct cor_adaptive_state *found = cor_adaptive_find(table, name, rules);
	struct cor_adaptive_state *state = found ? &table->states[found - table->states]
						 : make(table, name, rules);
	cor_lock_give(&table->lock);
	return state;
}

/* --- a window: from here on the lock is held --- */

/* How long an answer may take. */
static double allowed(
	const struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules)
{
	return state->best_ns * (1 + rules->tolerance_percent / 100.0);
}

static uint32_t count_of(const struct cor_adaptive_window *window)
{
	return window->answered + window->late + window->overloaded;
}

/* Who has not waited for longer than an answer may take knows nothing of it. */
static bool says_something(const struct cor_adaptive_state *state,
	const struct cor_adaptive_rules *rules, const struct cor_adaptive_sample *sample)
{
	double known_ns = state->best_ns > 0 ? allowed(state, rules) : (double)SPAN_MAX_NS;

	return sample->kind != COR_ADAPTIVE_LATE || (double)sample->took_ns > known_ns;
}

static void add(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules,
	const struct cor_adaptive_sample *sample)
{
	struct cor_adaptive_window *window = &state->window;
	double took_ns = sample->took_ns > 0 ? (double)sample->took_ns : 0;
	double most_ns = OUTLIER * state->best_ns;

	if (window->most < sample->most)
		window->most = sample->most;
	if (!says_something(state, rules, sample))
		return;
	window->answered += sample->kind == COR_ADAPTIVE_ANSWERED;
	window->late += sample->kind == COR_ADAPTIVE_LATE;
	window->overloaded += sample->kind == COR_ADAPTIVE_OVERLOADED;
	if (sample->kind == COR_ADAPTIVE_OVERLOADED)
		return;
	if (sample->kind == COR_ADAPTIVE_ANSWERED)
		window->answered_ns += took_ns;
	window->counted_ns += most_ns > 0 && took_ns > most_ns ? most_ns : took_ns;
}

/* As long as answers take: what a change does is not seen before. */
static bool is_over(const struct cor_adaptive_state *state, int64_t now_ns)
{
	uint32_t count = count_of(&state->window);
	double enough = state->exact < ENOUGH ? state->exact : ENOUGH;
	double span_ns = state->took_ns < (double)SPAN_MAX_NS ? state->took_ns
							      : (double)SPAN_MAX_NS;
	int64_t age_ns = now_ns - state->window.began_ns;

	if (enough < ENOUGH_MIN)
		enough = ENOUGH_MIN;
	if (state->phase != COR_ADAPTIVE_FREE && age_ns < MEASURED_MIN_NS)
		return false;
	if (state->best_ns == 0 || state->phase == COR_ADAPTIVE_MEASURES)
		return count >= ENOUGH_TO_TELL || (count >= enough && age_ns >= SPAN_MAX_NS);
	return count >= enough && age_ns >= SPAN_MIN_NS && (double)age_ns >= span_ns;
}

/* --- the limit --- */

/* A window that is over. */
struct end {
	const struct cor_adaptive_rules *rules;
	const struct cor_adaptive_window *window;
	uint32_t threads;
	int64_t now_ns;
	int64_t at; /* by turns of the time of day, each of which begins with a measurement */
};

static void set(struct cor_adaptive_state *state, const struct end *end, double limit)
{
	double min = end->rules->min, threads = end->threads ? end->threads : 1;
	double max = end->rules->max * threads;

	state->exact = limit < min ? min : limit > max ? max : limit;
	state->limit = (uint32_t)state->exact;
}

static uint32_t us_of(double ns)
{
	return ns < 1e3 * UINT32_MAX ? (uint32_t)(ns / 1e3) : UINT32_MAX;
}

/* By a part of what it is from there. */
static void move_best(struct cor_adaptive_state *state, double ns, double part)
{
	ns = state->best_ns + (ns - state->best_ns) * part;
	state->best_ns = ns < 1 ? 1 : ns; /* a clock may stand still; 0 is unknown */
	state->best_us = us_of(state->best_ns);
}

/* The server itself says so. With time between them the limit is found from below. */
static void fall(struct cor_adaptive_state *state, const struct end *end)
{
	double by = (double)end->window->overloaded / count_of(end->window) / 2;

	state->phase = COR_ADAPTIVE_FREE;
	state->wary_ns = end->now_ns + WARY_NS;
	set(state, end, state->exact * (1 - (by < 0.1 ? 0.1 : by)));
}

/*
 * A queue of the root of the limit keeps the server busy: less of it the longer answers take, until
 * there is none when it falls as fast as it can.
 */
static double follow(const struct cor_adaptive_state *state, const struct end *end, double mean_ns)
{
	double gradient = allowed(state, end->rules) / mean_ns;

	gradient = gradient > 1 ? 1 : gradient < 0.5 ? 0.5 : gradient;
	double next = state->exact * gradient + sqrt(state->exact) * (2 * gradient - 1);
	next = (state->exact + next) / 2;
	double most = end->now_ns < state->wary_ns ? state->exact + WARY_STEP : next;
	return next < most ? next : most;
}

/* All services on all machines do it at once, by the time of day: they share the queue. */
static void measure(struct cor_adaptive_state *state, const struct end *end)
{
	state->phase = COR_ADAPTIVE_DRAINS;
	state->before = state->exact;
	set(state, end, state->exact * MEASURED_AT);
}

/* How long answers take, where at least half have come: else what they take at best is unknown. */
static double answered_in(const struct cor_adaptive_window *window)
{
	return window->answered && window->answered >= window->late
		       ? window->answered_ns / window->answered
		       : 0;
}

/*
 * It has fallen to a quarter. A queue of ours would be shorter now; answers that take as long as
 * before are slow by themselves, and to send still fewer requests makes none of them faster.
 */
static void look_back(struct cor_adaptive_state *state, double answered_ns)
{
	if (state->high_ns > 0 && state->exact < state->high &&
		state->exact > state->high * MEASURED_AT)
		return;
	if (state->high_ns > 0 && state->exact < state->high &&
		answered_ns > state->high_ns * UNCHANGED)
		move_best(state, answered_ns, UNCHANGED_PART);
	state->high = state->exact;
	state->high_ns = answered_ns;
}

/* The limit is used. */
static void adapt(struct cor_adaptive_state *state, const struct end *end)
{
	const struct cor_adaptive_window *window = end->window;
	double mean_ns = window->counted_ns / (window->answered + window->late);
	double answered_ns = answered_in(window);

	if (answered_ns > 0 && state->exact < end->rules->min + 1)
		move_best(state, answered_ns, LEAST_PART); /* hardly a queue of ours is to blame */
	else if (answered_ns > 0 && answered_ns < state->best_ns)
		move_best(state, answered_ns, LESS_PART);
	if (answered_ns > 0)
		look_back(state, answered_ns);
	set(state, end, follow(state, end, mean_ns));
	if (end->at != state->measured_at)
		measure(state, end);
}

/* Less than half of the limit is used: there is no queue of ours, and no reason to grow. */
static void watch(struct cor_adaptive_state *state, const struct end *end)
{
	double answered_ns = answered_in(end->window);

	if (answered_ns <= 0)
		return;
	move_best(state, answered_ns, UNUSED_PART);
	state->measured_at = end->at;
}

/* It was lowered for it. */
static void end_measure(struct cor_adaptive_state *state, const struct end *end)
{
	double answered_ns = answered_in(end->window);

	if (state->phase == COR_ADAPTIVE_DRAINS) {
		state->phase = COR_ADAPTIVE_MEASURES;
		return;
	}
	state->phase = COR_ADAPTIVE_FREE;
	if (answered_ns > 0)
		move_best(state, answered_ns, 1);
	state->measured_at = end->at;
	set(state, end, state->before);
}

static void conclude(struct cor_adaptive_state *state, const struct end *end)
{
	const struct cor_adaptive_window *window = end->window;
	double answered_ns = answered_in(window);

	if (window->answered) {
		state->took_ns = window->answered_ns / window->answered;
		state->took_us = us_of(state->took_ns);
	}
	if (window->overloaded * OVERLOADED > count_of(window)) {
		fall(state, end);
	} else if (state->best_ns == 0 && answered_ns > 0) {
		move_best(state, answered_ns, 1);
		state->measured_at = end->at;
	} else if (state->best_ns == 0) { /* hardly any answer has come yet */
		set(state, end, state->exact / 2);
	} else if (state->phase != COR_ADAPTIVE_FREE) {
		end_measure(state, end);
	} else if (window->most * 2.0 < state->exact) {
		watch(state, end);
	} else {
		adapt(state, end);
	}
}

void cor_adaptive_learn(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules,
	const struct cor_adaptive_sample *sample, int64_t now_ns)
{
	if (cor_adaptive_lock(state, rules) < 0)
		return;
	if (state->window.began_ns == 0)
		state->window.began_ns = now_ns;
	add(state, rules, sample);
	if (is_over(state, now_ns)) {
		struct cor_adaptive_window window = state->window;
		state->window = (struct cor_adaptive_window){ .began_ns = now_ns };
		conclude(state,
			&(struct end){ .rules = rules,
				.window = &window,
				.threads = sample->threads,
				.now_ns = now_ns,
				.at = sample->wall_ns / (rules->measured_ms * INT64_C(1000000)) });
	}
	cor_adaptive_unlock(state);
}
