/* SPDX-License-Identifier: MIT */
#include "cache/load.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "cache/flight.h"
#include "cache/lease.h"
#include "cache/outcome.h"
#include "runtime/clock.h"

/* Look once more: somebody has made it, or gives up. No function returns that. */
#define AGAIN INT_MAX
/* A year: what the longest times of stores have room for, with the time in which it is fresh. */
#define STALE_MS_MAX (INT64_C(1000) * 3600 * 24 * 365)

/* One call. */
struct load {
	struct cor_ctx *ctx;
	struct cor_cache_here *here;
	const struct cor_cached *cached;
	struct cor_str key;
	const void *arg;
	void *ret;
	struct cor_fetched fetched; /* what the cache has */
	struct cor_outcome_before before;
	bool has_old;         /* it is past its time, or close to that, and may be given */
	int64_t old_until_ns; /* so long */
	bool has_given_old;
	bool has_unreadable; /* what is there, of that version, is of no use */
	uint64_t unreadable_version;
};

static void count(const struct load *load, enum cor_cache_count what, uint64_t n)
{
	cor_cache_count(load->ctx, load->here, what, n);
}

/* --- what the cache has --- */

static int64_t ttl_of(const struct load *load)
{
	int64_t ttl = load->cached->rules.ttl_ms;

	return ttl ? ttl : load->here->filled->ttl_ms;
}

/*
 * Whether this one should make a new one before the old one ends: with -ln(u) for an even u of 0 to
 * 1, so that the time before the end is spread as a multiple of what making takes.
 */
static bool is_early(const struct load *load, int64_t fresh_ms)
{
	uint32_t random;

	if (!load->cached->rules.refreshes_early || fresh_ms == COR_FOREVER ||
		load->fetched.mark.made_us == 0)
		return false;
	cor_random_fill(&random, sizeof random);
	double ahead_us = load->fetched.mark.made_us * -log(((double)random + 1) / 4294967296.0);
	return (double)fresh_ms * 1000 <= ahead_us;
}

/* 0: it is there, fresh or old; -ENOENT; or as cor_cache_fetch(). */
static int look(struct load *load)
{
	int failure;
	int rc = cor_cache_fetch(load->ctx, load->here, load->key, &load->fetched, &failure);

	load->has_old = false;
	if (rc < 0)
		return rc;
	int64_t fresh_ms = cor_mark_fresh_ms(&load->fetched.mark, &load->fetched.item);
	if (fresh_ms <= 0 && load->cached->rules.stale_ms == 0)
		return -ENOENT;
	load->has_old = fresh_ms <= 0 || is_early(load, fresh_ms);
	if (load->has_old)
		load->old_until_ns = cor_clock_after_ms(
			cor_monotonic_ns(), load->fetched.item.ttl_ms);
	return 0;
}

/* Return what the cache has: 0 and what the function had returned, or a code. */
static int give(struct load *load, int *ret_rc)
{
	return cor_outcome_read(
		load->ctx, load->here, load->cached, &load->fetched, load->ret, ret_rc);
}

/* A hit, or one of an old one. */
static void count_found(const struct load *load, enum cor_cache_count what)
{
	count(load, what, 1);
	if (load->fetched.item.is_near)
		count(load, COR_CACHE_NEAR, 1);
}

/* The old one, where there is one: true, unless it turns out to be unreadable. */
static bool give_old(struct load *load, int *ret_rc)
{
	if (!load->has_old || cor_monotonic_ns() >= load->old_until_ns || give(load, ret_rc) < 0)
		return false;
	load->has_given_old = true;
	count_found(load, COR_CACHE_STALE);
	return true;
}

/* --- making it --- */

static int call(struct load *load, uint32_t *ret_us)
{
	int64_t begin_ns = cor_monotonic_ns();

	load->before = cor_outcome_begin(load->ctx);
	memset(load->ret, 0, load->cached->out_bytes);
	count(load, COR_CACHE_LOADS, 1);
	int rc = load->cached->load(load->ctx, load->arg, load->ret);
	int64_t took_ns = cor_monotonic_ns() - begin_ns;
	count(load, COR_CACHE_LOAD_NS, (uint64_t)took_ns);
	count(load, COR_CACHE_LOADS_FAILED, rc != 0);
	*ret_us = took_ns / 1000 < UINT32_MAX ? (uint32_t)(took_ns / 1000) : UINT32_MAX;
	return rc;
}

static void keep(const struct load *load, const struct cor_buffer *buffer, int64_t ttl_ms)
{
	const struct cor_item item = { { buffer->data, buffer->len }, .ttl_ms = ttl_ms };
	int rc = cor_store_put(load->here->store, load->key, &item, COR_PUT_ALWAYS);

	cor_cache_told(load->ctx, load->here, rc);
	count(load, COR_CACHE_PUTS, rc == 0);
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_unkept(load->ctx, load->here, buffer->len);
}

static int64_t longer(int64_t ttl_ms, int64_t by_ms)
{
	return ttl_ms > COR_FOREVER - by_ms ? COR_FOREVER : ttl_ms + by_ms;
}

/* Returns 0 if others can have it, too. */
static int keep_result(const struct load *load, uint32_t made_us, struct cor_buffer *buffer)
{
	int64_t stale_ms = ttl_of(load) == COR_FOREVER ? 0 : load->cached->rules.stale_ms;
	struct cor_mark mark = cor_mark(COR_MARK_STRUCT, 0);

	if (stale_ms > STALE_MS_MAX)
		stale_ms = STALE_MS_MAX;
	mark.stale_ms = stale_ms;
	mark.made_us = made_us;
	int rc = cor_cache_encode(
		load->ctx, load->here, load->cached->out, load->ret, &mark, buffer);
	if (rc == 0)
		keep(load, buffer, longer(ttl_of(load), stale_ms));
	else if (rc == -COR_EINVALID)
		cor_cache_tell_unkept(load->ctx, load->here, 0);
	return rc;
}

static int keep_failure(const struct load *load, int code, struct cor_buffer *buffer)
{
	int64_t ttl_ms = load->cached->rules.missing_ms;
	int rc = cor_outcome_write_failure(load->ctx, &load->before, code, buffer);

	if (rc == 0 && ttl_ms != 0 && cor_outcome_is_missing(load->ctx, &load->before, code))
		keep(load, buffer, ttl_ms);
	return rc;
}

/* Make it, and leave what has come of it in the buffer. False: that is of no use to others. */
static bool make(struct load *load, struct cor_buffer *buffer, int *ret_rc)
{
	uint32_t made_us;
	int rc = *ret_rc = call(load, &made_us);
	bool is_own = rc != 0 && cor_scope_error() != 0;

	if (is_own)
		return false;
	rc = rc == 0 ? keep_result(load, made_us, buffer) : keep_failure(load, rc, buffer);
	if (rc == -COR_ETABLE)
		*ret_rc = rc; /* a defect of the service, which nothing should hide */
	else if (*ret_rc != 0 && !cor_outcome_is_missing(load->ctx, &load->before, *ret_rc))
		give_old(load, ret_rc);
	return rc == 0;
}

static int make_alone(struct load *load)
{
	struct cor_buffer buffer = { 0 };
	int rc;

	make(load, &buffer, &rc);
	cor_buffer_finish(&buffer);
	return rc;
}

/* --- who makes it --- */

/*
 * Whether somebody has made a new one since it was looked for, on whichever machine: 0 if not,
 * AGAIN, or a code.
 */
static int look_again(struct load *load)
{
	bool had_old = load->has_old;
	uint64_t version = load->fetched.item.version;

	cor_store_forget_copy(load->here->store, load->key);
	int rc = look(load);

	if (rc == 0 && load->has_unreadable &&
		load->fetched.item.version == load->unreadable_version)
		return 0;
	if (rc == 0 && had_old && load->fetched.item.version == version)
		load->has_old = true;
	if (rc == 0)
		return load->has_old ? 0 : AGAIN;
	return rc == -ENOENT ? 0 : rc;
}

/* The leader of this process, with the lease of all. Returns AGAIN, or what the function has. */
static int lead_all(struct load *load, struct cor_buffer *buffer, bool *ret_is_own)
{
	int rc = look_again(load);

	if (rc == 0)
		*ret_is_own = !make(load, buffer, &rc);
	return rc;
}

/* Of a cache that other processes use, too, the leader of this one asks for the lease. */
static int lead(struct load *load, struct cor_buffer *buffer, bool *ret_is_own)
{
	struct cor_lease lease;
	int rc = cor_lease_take(&lease, load->ctx, load->here, load->key);

	*ret_is_own = true;
	if (rc == 0) {
		rc = lead_all(load, buffer, ret_is_own);
		cor_lease_give(&lease);
		return rc;
	}
	if (give_old(load, &rc))
		return rc;
	rc = cor_lease_await(&lease);
	return rc < 0 ? rc : AGAIN;
}

/* Returns AGAIN, or what the leader's function has returned. */
static int take_landed(struct load *load, const struct cor_load_flight *flight)
{
	int result;

	if (flight->is_own)
		return AGAIN;
	load->fetched.item.value = (struct cor_str){ flight->outcome.data, flight->outcome.len };
	load->fetched.item.ttl_ms = COR_FOREVER;
	if (!cor_mark_take(&load->fetched.item, &load->fetched.mark))
		return AGAIN;
	int rc = give(load, &result);
	if (rc == 0)
		count(load, COR_CACHE_JOINS, 1);
	return rc == -EBADMSG ? AGAIN : rc < 0 ? rc : result;
}

static int follow(struct load *load, struct cor_load_flight *flight)
{
	int rc;

	if (give_old(load, &rc))
		return rc;
	rc = cor_load_await(flight);
	return rc < 0 ? rc : take_landed(load, flight);
}

static int fly(struct load *load)
{
	struct cor_buffer outcome = { 0 };
	struct cor_load_flight *flight;
	bool is_own;
	int rc;

	switch (cor_load_board(load->here, load->ctx, load->key, &flight)) {
	case COR_FLIGHT_LEADS:
		rc = lead(load, &outcome, &is_own);
		cor_load_land(load->here, flight, is_own, &outcome);
		break;
	case COR_FLIGHT_FOLLOWS:
		rc = follow(load, flight);
		break;
	default:
		return make_alone(load);
	}
	cor_load_leave(load->here, flight);
	return rc;
}

/* 0 and what it comes to; AGAIN: there is none; or a code. */
static int find(struct load *load, int *ret_rc)
{
	int rc = look(load);

	if (rc == 0 && !load->has_old)
		rc = give(load, ret_rc);
	else if (rc == 0)
		return AGAIN;
	load->has_unreadable = rc == -EBADMSG;
	load->unreadable_version = load->fetched.item.version;
	return rc == -ENOENT || rc == -EBADMSG ? AGAIN : rc;
}

/* Each call is a hit, one of an old one, or a miss: those that wait are misses that join. */
static int search(struct load *load)
{
	int result = 0;
	int rc = find(load, &result);

	if (rc == 0)
		count_found(load, COR_CACHE_HITS);
	if (rc != AGAIN)
		return rc < 0 ? rc : result;
	while (rc == AGAIN) {
		rc = load->cached->rules.is_many_flights ? make_alone(load) : fly(load);
		if (rc != AGAIN)
			break;
		rc = find(load, &result);
		if (rc == 0)
			count(load, COR_CACHE_JOINS, 1);
		rc = rc == 0 ? result : rc;
	}
	if (!load->has_given_old)
		count(load, COR_CACHE_MISSES, 1);
	return rc;
}

int cor_load(struct cor_ctx *ctx, struct cor_cache_here *here, const struct cor_cached *cached,
	const struct cor_cache_key *key, const void *arg, void *ret)
{
	struct load load = { .ctx = ctx,
		.here = here,
		.cached = cached,
		.key = cor_cache_key_str(key),
		.arg = arg,
		.ret = ret };

	return search(&load);
}

int cor_load_unkept(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_cached *cached, const void *arg, void *ret)
{
	struct load load = { .ctx = ctx, .here = here, .cached = cached, .arg = arg, .ret = ret };
	uint32_t made_us;

	count(&load, COR_CACHE_MISSES, 1);
	return call(&load, &made_us);
}
