/* SPDX-License-Identifier: MIT */
#include "service/timings.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "context/context.h"
#include "observe/logger.h"
#include "runtime/fiber.h"
#include "runtime/fine_clock.h"
#include "service/told_times.h"

#define PLACES 512 /* a power of two: twice as many as there may be addresses of names */

_Static_assert(COR_TIMED_ROWS == COR_TIMED_MAX, "what is said is so");

/* Of a name, by its address: one may have several, which count in the same cells. */
struct place {
	_Atomic(const char *) name;    /* NULL: nobody's; set when the rest is */
	struct cor_timed_cells *cells; /* NULL: there was no room */
};

/* Where processes share nothing. */
struct own_cells {
	char name[COR_LEDGER_NAME_BYTES];
	struct cor_timed_cells cells;
};

struct cor_timings {
	struct cor_timings_options options;
	struct cor_histogram_bounds bounds;
	struct cor_ledger_block *block; /* NULL: cells of its own */
	struct own_cells *own;          /* COR_TIMED_MAX of them; NULL: nothing was timed yet */
	bool is_shared;                 /* several threads are the writer */
	pthread_mutex_t mutex;          /* who adds a place */
	uint32_t len;
	struct place places[PLACES];
};

int cor_timings_create(const struct cor_timings_options *options, struct cor_timings **ret)
{
	*ret = NULL;
	if (options->is_off)
		return 0;
	struct cor_timings *timings = calloc(1, sizeof *timings);
	if (!timings)
		return -ENOMEM;
	timings->options = *options;
	timings->is_shared = options->thread == COR_LEDGER_OTHERS;
	pthread_mutex_init(&timings->mutex, NULL);
	int rc = cor_histogram_bounds_init(&timings->bounds, cor_timed_bounds_ns, COR_TIMED_BOUNDS);
	if (rc == 0 && options->ledger)
		rc = cor_ledger_block(
			options->ledger, options->slot, options->thread, &timings->block);
	if (rc < 0 &&
		rc != -ENOSPC) { /* without room it counts by itself: better than no service */
		cor_timings_destroy(timings);
		return rc;
	}
	*ret = timings;
	return 0;
}

void cor_timings_destroy(struct cor_timings *timings)
{
	if (!timings)
		return;
	free(timings->own);
	pthread_mutex_destroy(&timings->mutex);
	free(timings);
}

/* --- names --- */

static inline uint32_t hash_of(const char *name)
{
	return (uint32_t)((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Its place, or the empty one where it belongs; NULL: there is none. */
static inline struct place *find(struct cor_timings *timings, const char *name)
{
	uint32_t at = hash_of(name);

	for (uint32_t i = 0; i < PLACES; i++) {
		struct place *place = &timings->places[(at + i) % PLACES];
		const char *its = atomic_load_explicit(&place->name, memory_order_acquire);
		if (its == name || !its)
			return place;
	}
	return NULL;
}

/* NULL: there is none of that name. */
static struct cor_timed_cells *cells_known(struct cor_timings *timings, const char *name)
{
	const struct cor_ledger_row wanted = cor_timed_row(name);

	if (timings->block) {
		const struct cor_ledger_row *row = cor_ledger_find(
			timings->options.ledger, &wanted);
		return row ? cor_timed_cells_at(timings->block, row) : NULL;
	}
	for (size_t i = 0; timings->own && i < COR_TIMED_MAX; i++)
		if (strcmp(timings->own[i].name, wanted.name) == 0)
			return &timings->own[i].cells;
	return NULL;
}

/* NULL: there is no room. */
static struct cor_timed_cells *cells_made(struct cor_timings *timings, const char *name)
{
	const struct cor_ledger_row wanted = cor_timed_row(name);
	size_t i = 0;

	if (timings->block) {
		struct cor_ledger *ledger = timings->options.ledger;
		const struct cor_ledger_row *row = cor_ledger_rows_len(ledger) < COR_TIMED_MAX
							   ? cor_ledger_row(ledger, &wanted)
							   : NULL;
		return row ? cor_timed_cells_at(timings->block, row) : NULL;
	}
	if (!timings->own)
		timings->own = calloc(COR_TIMED_MAX, sizeof *timings->own);
	while (timings->own && i < COR_TIMED_MAX && timings->own[i].name[0])
		i++;
	if (!timings->own || i == COR_TIMED_MAX)
		return NULL;
	memcpy(timings->own[i].name, wanted.name, sizeof wanted.name);
	return &timings->own[i].cells;
}

static COR_OUT_OF_LINE void add_place(struct cor_timings *timings, const char *name)
{
	pthread_mutex_lock(&timings->mutex);
	struct place *place = find(timings, name);
	if (place && !place->name && timings->len < PLACES / 2) {
		place->cells = cells_known(timings, name);
		if (!place->cells)
			place->cells = cells_made(timings, name);
		atomic_store_explicit(&place->name, name, memory_order_release);
		timings->len++;
	}
	pthread_mutex_unlock(&timings->mutex);
}

/* NULL: there is no room. */
static inline struct cor_timed_cells *cells_of(struct cor_timings *timings, const char *name)
{
	const struct place *place = find(timings, name);

	if (COR_UNLIKELY(!place || !place->name)) {
		add_place(timings, name);
		place = find(timings, name);
	}
	return place && place->name ? place->cells : NULL;
}

/* --- timers --- */

static size_t violations_of(const struct cor_ctx *ctx)
{
	return ctx->problem.violations ? ctx->problem.violations->count : 0;
}

struct cor_stopwatch cor_stopwatch_start(struct cor_ctx *ctx, const char *name)
{
	struct cor_fiber *fiber;

	if (!ctx->environment || !ctx->environment->timings)
		return (struct cor_stopwatch){ .ctx = NULL };
	fiber = cor_fiber_current();
	if (fiber)
		fiber->timers++;
	return (struct cor_stopwatch){
		.ctx = ctx,
		.name = name,
		.started = cor_fine_mark(),
		.parked_ns = fiber ? fiber->parked_ns : 0,
		.detail = ctx->problem.detail,
		.violations = violations_of(ctx),
	};
}

/* A detail is another text each time, or a constant: then of another kind of problem. */
static bool has_failed(const struct cor_stopwatch *watch)
{
	const struct cor_ctx *ctx = watch->ctx;

	return ctx->problem.status != 0 &&
	       (ctx->problem.detail != watch->detail || violations_of(ctx) != watch->violations);
}

static COR_OUT_OF_LINE void log_it(
	const struct cor_stopwatch *watch, const struct cor_timed_sample *sample)
{
	cor_log(watch->ctx, COR_LOG_DEBUG,
		"timed %s: %" PRIu64 ".%03u us, %" PRIu64 ".%03u us on its thread%s", watch->name,
		sample->wall_ns / 1000, (unsigned)(sample->wall_ns % 1000),
		sample->thread_ns / 1000, (unsigned)(sample->thread_ns % 1000),
		sample->is_error ? ", with a problem" : "");
}

/* The clock may have stepped back by a little. */
static struct cor_timed_sample measure(const struct cor_stopwatch *watch)
{
	int64_t wall_ns = cor_fine_since(watch->started), thread_ns = wall_ns;
	struct cor_fiber *fiber = cor_fiber_current();

	if (fiber) {
		fiber->timers--;
		thread_ns -= fiber->parked_ns - watch->parked_ns;
	}
	return (struct cor_timed_sample){
		.wall_ns = wall_ns < 0 ? 0 : (uint64_t)wall_ns,
		.thread_ns = thread_ns < 0 ? 0 : (uint64_t)thread_ns,
		.is_error = has_failed(watch),
	};
}

void cor_stopwatch_stop(const struct cor_stopwatch *watch)
{
	if (!watch->ctx)
		return;
	const struct cor_timed_sample sample = measure(watch);
	const struct cor_environment *environment = watch->ctx->environment;
	struct cor_timings *timings = environment->timings;
	struct cor_timed_cells *cells = timings ? cells_of(timings, watch->name) : NULL;

	if (COR_LIKELY(cells != NULL))
		cor_timed_count(cells, &timings->bounds, timings->is_shared, sample);
	else if (timings && timings->block)
		cor_count_shared(&timings->block->cells[0], 1);
	if (timings && COR_UNLIKELY(timings->options.tells_clients))
		cor_told_times_note(watch->ctx, watch->name, sample.wall_ns);
	if (COR_UNLIKELY(cor_logger_wants(environment->logger, COR_LOG_DEBUG)))
		log_it(watch, &sample);
}

/* --- reading --- */

/* That share of them took no longer: those of a cell are taken to lie evenly in it. */
static uint64_t quantile(const struct cor_timed_sum *sum, const struct cor_times *times, double of)
{
	double before = 0, rank = of * (double)sum->count;
	uint64_t low, high;
	size_t i = 0;

	while (i < COR_TIMED_BOUNDS && before + (double)sum->cells[i] < rank)
		before += (double)sum->cells[i++];
	low = i == 0 ? 0 : cor_timed_bounds_ns[i - 1];
	high = i == COR_TIMED_BOUNDS ? times->max : cor_timed_bounds_ns[i];
	low = low < times->min ? times->min : low;
	high = high > times->max ? times->max : high;
	if (high <= low || sum->cells[i] == 0)
		return low;
	return low + (uint64_t)((double)(high - low) * (rank - before) / (double)sum->cells[i]);
}

static struct cor_times times_of(const struct cor_timed_sum *sum)
{
	struct cor_times times = { .sum = sum->sum, .max = sum->most };

	if (sum->least != 0)
		times.min = ~sum->least;
	times.p50 = quantile(sum, &times, 0.5);
	times.p95 = quantile(sum, &times, 0.95);
	times.p99 = quantile(sum, &times, 0.99);
	return times;
}

struct cor_timed cor_timed_of(const struct cor_timed_total *total)
{
	return (struct cor_timed){
		.count = total->wall.count,
		.errors = total->errors,
		.wall = times_of(&total->wall),
		.thread = times_of(&total->thread),
	};
}

int cor_timed_read(struct cor_ctx *ctx, const char *name, struct cor_timed *ret)
{
	struct cor_timings *timings = ctx->environment ? ctx->environment->timings : NULL;
	struct cor_timed_total total = { 0 };

	if (!timings)
		return -ENOENT;
	pthread_mutex_lock(&timings->mutex);
	const struct cor_timed_cells *cells = cells_known(timings, name);
	pthread_mutex_unlock(&timings->mutex);
	if (cells)
		cor_timed_total_add(&total, cells);
	if (total.wall.count == 0)
		return -ENOENT;
	*ret = cor_timed_of(&total);
	return 0;
}
