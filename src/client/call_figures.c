/* SPDX-License-Identifier: MIT */
#include "client/call_figures.h"

#include <inttypes.h>

#include <coracle/clock.h>
#include <coracle/log.h>

#include "client/answer.h"
#include "client/failure.h"
#include "client/recall.h"
#include "client/upstreams.h"
#include "observe/logger.h"

const char *const cor_call_methods[COR_CALL_METHODS] = { "GET", "HEAD", "POST", "PUT", "PATCH",
	"DELETE", "other" };

const char *const cor_call_sources[COR_CALL_SOURCES] = { "miss", "hit", "validated", "stale" };

static const char *const classes[COR_CALL_CLASSES] = { "2xx", "3xx", "4xx", "5xx" };

const char *cor_call_result_name(size_t at)
{
	return at < COR_CALL_CLASSES ? classes[at] : cor_failure_name_at(at - COR_CALL_CLASSES);
}

/* --- where --- */

static const struct cor_calls_figures *figures_of(const struct cor_answer *answer)
{
	return answer->ctx->environment->calls;
}

/* NULL: nobody counts them. */
static const struct cor_upstream_figures *find(const struct cor_answer *answer)
{
	const struct cor_calls_figures *figures = figures_of(answer);
	const struct cor_upstream_here *here = answer->here;
	size_t at = (size_t)(here - here->all->items);

	return figures && at < figures->len && figures->items[at].times[0] ? &figures->items[at]
									   : NULL;
}

static void move(const struct cor_answer *answer, _Atomic uint64_t *cell, int64_t by)
{
	if (figures_of(answer)->is_shared)
		cor_count_shared(cell, (uint64_t)by);
	else
		cor_count(cell, (uint64_t)by);
}

/* --- what --- */

static size_t method_at(struct cor_str method)
{
	size_t i = 0;

	while (i < COR_CALL_METHODS - 1 && !cor_str_equal(method, cor_str(cor_call_methods[i])))
		i++;
	return i;
}

/* A status that is a failure to the caller is still what the server has answered. */
static size_t result_at(const struct cor_answer *answer)
{
	enum cor_failure kind = answer->fault.kind;

	if ((kind == COR_FAILED_NOT || kind == COR_FAILED_STATUS) && answer->head.status >= 200)
		return answer->head.status / 100 - 2;
	return COR_CALL_CLASSES + cor_failure_index(kind);
}

static void count_time(const struct cor_answer *answer, const struct cor_upstream_figures *its)
{
	const struct cor_calls_figures *figures = figures_of(answer);
	struct cor_histogram_cells *times = its->times[method_at(answer->message.method)];
	uint64_t ns = answer->took_ns > 0 ? (uint64_t)answer->took_ns : 0;

	if (figures->is_shared)
		cor_histogram_record_shared(times, figures->bounds, ns);
	else
		cor_histogram_record(times, figures->bounds, ns);
}

/* Of the cache: what went to the server, and by its leave was not new, is a hit. */
static void count_source(const struct cor_answer *answer, const struct cor_upstream_figures *its)
{
	static const enum cor_cache_count counts[COR_CALL_SOURCES] = { COR_CACHE_MISSES,
		COR_CACHE_HITS, COR_CACHE_HITS, COR_CACHE_STALE };
	const struct cor_recall *recall = answer->recall;

	if (!recall || !recall->is_asked ||
		(recall->role != COR_RECALL_GET && recall->role != COR_RECALL_HEAD))
		return;
	cor_cache_count(answer->ctx, recall->cache, counts[recall->source], 1);
	if (its && its->sources)
		move(answer, &its->sources[recall->source], 1);
}

static const char *where_from(const struct cor_answer *answer)
{
	static const char *const texts[COR_CALL_SOURCES] = { "", ", from the cache",
		", from the cache, validated", ", from the cache, stale" };

	return texts[answer->recall ? answer->recall->source : COR_ANSWERED_BY_SERVER];
}

static void tell(const struct cor_answer *answer, size_t result)
{
	int64_t took_us = answer->took_ns / 1000;
	bool has_status = result < COR_CALL_CLASSES;

	if (!cor_logger_wants(answer->ctx->environment->logger, COR_LOG_DEBUG))
		return;
	const char *what = has_status ? cor_printf(answer->ctx, "%d", answer->head.status)
				      : cor_failure_name(answer->fault.kind);
	cor_log_debug(answer->ctx,
		"upstream %s: %.*s %s: %s after %" PRId64 ".%03" PRId64 " ms, tries: %" PRIu32 "%s",
		answer->here->upstream->name, (int)answer->message.method.len,
		answer->message.method.data,
		cor_url_text(&answer->ctx->arena, &answer->message.url), what ? what : "",
		took_us / 1000, took_us % 1000, answer->attempts, where_from(answer));
}

/* --- when --- */

void cor_call_began(struct cor_answer *answer)
{
	const struct cor_upstream_figures *its = find(answer);

	if (its)
		move(answer, its->in_flight, 1);
}

void cor_call_waits(struct cor_answer *answer, bool begins)
{
	const struct cor_upstream_figures *its = find(answer);

	if (its)
		move(answer, its->waiting, begins ? 1 : -1);
}

void cor_call_connected(struct cor_answer *answer)
{
	const struct cor_upstream_figures *its = find(answer);

	if (its)
		move(answer, its->connections, 1);
}

void cor_call_hedged(struct cor_answer *answer)
{
	const struct cor_upstream_figures *its = find(answer);

	if (its)
		move(answer, its->hedges, 1);
}

void cor_call_joined(struct cor_answer *answer)
{
	const struct cor_upstream_figures *its = find(answer);

	if (its)
		move(answer, its->joined, 1);
}

void cor_call_ended(struct cor_answer *answer)
{
	const struct cor_upstream_figures *its = find(answer);
	size_t result = result_at(answer);

	if (answer->took_ns == 0)
		answer->took_ns = cor_monotonic_ns() - answer->began_ns;
	tell(answer, result);
	count_source(answer, its);
	if (!its)
		return;
	move(answer, its->in_flight, -1);
	count_time(answer, its);
	if (result < figures_of(answer)->results_len)
		move(answer, &its->results[result], 1);
	if (answer->retries)
		move(answer, its->retries, answer->retries);
}

void cor_call_target_out(struct cor_answer *answer, bool is_out)
{
	const struct cor_upstream_figures *its = find(answer);

	if (its && its->targets_out)
		move(answer, &its->targets_out[answer->pick.index], is_out ? 1 : -1);
}
