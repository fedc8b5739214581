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
#include "cache/tags.h"
#include "runtime/clock.h"

/* Look once more: somebody has made it, or gives up. No function returns that. */
#define AGAIN INT_MAX

/* One call. */
struct load {
	struct cor_ctx *ctx;
	struct cor_cache_here *here;
	struct cor_loading *loading;
	struct cor_str key;
	struct cor_tagging tagging;
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
	int64_t ttl = load->loading->rules->ttl_ms;

	return ttl ? ttl : load->here->filled->ttl_ms;
}

/*
 * Whether this one should make a new one before the old one ends: with -ln(u) for an even u of 0 to
 * 1, so that the time before the end is spread as a multiple of what making takes.
 */
static bool is_early(const struct load *load, int64_t fresh_ms)
{
	uint32_t random;

	if (!load->loading->rules->refreshes_early || fresh_ms == COR_FOREVER ||
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

	load->fetched.is_borrowed = false;
	load->has_old = false;
	if (rc < 0)
		return rc;
	int64_t fresh_ms = cor_mark_fresh_ms(&load->fetched.mark, &load->fetched.item);
	if (fresh_ms <= 0 && load->loading->rules->stale_ms == 0)
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
	const struct cor_loading *loading = load->loading;

	return loading->ops->read(load->ctx, load->here, loading->self, &load->fetched, ret_rc);
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
	load->loading->way = COR_LOAD_STALE;
	return true;
}

/* --- making it --- */

static int64_t longer(int64_t ttl_ms, int64_t by_ms)
{
	return ttl_ms > COR_FOREVER - by_ms ? COR_FOREVER : ttl_ms + by_ms;
}

static int64_t stale_ms_of(const struct load *load)
{
	return ttl_of(load) == COR_FOREVER ? 0 : load->loading->rules->stale_ms;
}

static int make_tagged(struct load *load)
{
	struct cor_tagging **collecting = cor_tagging_begin(&load->tagging, load->ctx, load->here);

	load->tagging.lives_ms = longer(ttl_of(load), stale_ms_of(load));
	if (load->tagging.lives_ms < load->loading->rules->missing_ms)
		load->tagging.lives_ms = load->loading->rules->missing_ms;
	int rc = load->loading->ops->make(load->ctx, load->loading->self);
	cor_tagging_end(collecting);
	return rc;
}

static int call(struct load *load, uint32_t *ret_us)
{
	int64_t begin_ns = cor_monotonic_ns();

	load->before = cor_outcome_begin(load->ctx);
	load->loading->way = COR_LOAD_MADE;
	count(load, COR_CACHE_LOADS, 1);
	int rc = make_tagged(load);
	int64_t took_ns = cor_monotonic_ns() - begin_ns;
	count(load, COR_CACHE_LOAD_NS, (uint64_t)took_ns);
	count(load, COR_CACHE_LOADS_FAILED, rc != 0);
	*ret_us = took_ns / 1000 < UINT32_MAX ? (uint32_t)(took_ns / 1000) : UINT32_MAX;
	return rc;
}

/* Mark and tags, which stand in front; the mark is written when all of it is known. */
static void begin(const struct load *load, struct cor_mark *mark, struct cor_buffer *buffer)
{
	cor_buffer_append(buffer, mark, sizeof *mark);
	mark->tags_bytes = cor_tags_write(&load->tagging, buffer);
}

static void end(const struct cor_mark *mark, struct cor_buffer *buffer)
{
	if (cor_buffer_error(buffer) == 0)
		memcpy(buffer->data, mark, sizeof *mark);
}

/* Without all its tags nobody could make it go. */
static void keep(const struct load *load, const struct cor_buffer *buffer, int64_t ttl_ms)
{
	if (load->tagging.is_spoiled)
		return;
	const struct cor_item item = { { buffer->data, buffer->len }, .ttl_ms = ttl_ms };
	int rc = cor_store_put(load->here->store, load->key, &item, COR_PUT_ALWAYS);

	cor_cache_told(load->ctx, load->here, rc);
	count(load, COR_CACHE_PUTS, rc == 0);
	load->loading->was_kept = rc == 0;
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_unkept(load->ctx, load->here, buffer->len);
}

/* Returns 0 if others can have it, too. */
static int keep_result(const struct load *load, uint32_t made_us, struct cor_buffer *buffer)
{
	const struct cor_loading *loading = load->loading;
	struct cor_mark mark = cor_mark(COR_MARK_STRUCT, 0);

	mark.stale_ms = stale_ms_of(load);
	mark.made_us = made_us;
	begin(load, &mark, buffer);
	int rc = loading->ops->write(load->ctx, load->here, loading->self, &mark, buffer);
	end(&mark, buffer);
	if (rc == 0)
		keep(load, buffer, longer(ttl_of(load), mark.stale_ms));
	else if (rc == -COR_EINVALID)
		cor_cache_tell_unkept(load->ctx, load->here, 0);
	return rc;
}

static int keep_failure(const struct load *load, int code, struct cor_buffer *buffer)
{
	int64_t ttl_ms = load->loading->rules->missing_ms;
	struct cor_mark mark = cor_mark(COR_MARK_MISSING, 0);
	const struct cor_loading *loading = load->loading;

	if (loading->ops->is_own && loading->ops->is_own(load->ctx, loading->self))
		return -ENOTSUP;
	begin(load, &mark, buffer);
	int rc = cor_outcome_write_failure(load->ctx, &load->before, code, buffer);
	end(&mark, buffer);
	if (rc == 0 && ttl_ms != 0 && cor_outcome_is_missing(load->ctx, &load->before, code))
		keep(load, buffer, ttl_ms);
	return rc;
}

static bool may_hide(const struct load *load, int rc)
{
	const struct cor_loading *loading = load->loading;

	if (cor_outcome_is_missing(load->ctx, &load->before, rc))
		return false;
	return !loading->ops->may_hide || loading->ops->may_hide(load->ctx, loading->self, rc);
}

/* Whose time is over is answered all the same, by an operation: a 504, or the old one. */
static bool answers_late(const struct load *load, int rc)
{
	return cor_scope_error() == -ETIMEDOUT && load->loading->ops->may_hide &&
	       may_hide(load, rc);
}

/* Make it, and leave what has come of it in the buffer. */
static enum cor_landing make(struct load *load, struct cor_buffer *buffer, int *ret_rc)
{
	uint32_t made_us;
	int rc = *ret_rc = call(load, &made_us);

	if (rc != 0 && cor_scope_error() != 0) {
		if (answers_late(load, rc))
			give_old(load, ret_rc);
		return COR_LANDED_EMPTY;
	}
	bool has_failed = rc != 0;
	rc = rc == 0 ? keep_result(load, made_us, buffer) : keep_failure(load, rc, buffer);
	if (rc == -COR_ETABLE)
		*ret_rc = rc; /* a defect of the service, which nothing should hide */
	else if (*ret_rc != 0 && may_hide(load, *ret_rc))
		give_old(load, ret_rc);
	if (rc == -ENOTSUP && (!has_failed || load->loading->ops->is_own))
		return COR_LANDED_OWN;
	return rc == 0 ? COR_LANDED : COR_LANDED_EMPTY;
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
static int lead_all(struct load *load, struct cor_buffer *buffer, enum cor_landing *ret_how)
{
	int rc = look_again(load);

	if (rc == 0)
		*ret_how = make(load, buffer, &rc);
	return rc;
}

/* Of a cache that other processes use, too, the leader of this one asks for the lease. */
static int lead(struct load *load, struct cor_buffer *buffer, enum cor_landing *ret_how)
{
	struct cor_lease lease;
	int rc = cor_lease_take(&lease, load->ctx, load->here, load->key);

	*ret_how = COR_LANDED_EMPTY;
	if (rc == 0) {
		rc = lead_all(load, buffer, ret_how);
		cor_lease_give(&lease);
		return rc;
	}
	if (give_old(load, &rc))
		return rc;
	rc = cor_lease_await(&lease);
	return rc < 0 ? rc : AGAIN;
}

static void join(struct load *load)
{
	count(load, COR_CACHE_JOINS, 1);
	load->loading->way = COR_LOAD_JOINED;
}

/* Returns AGAIN, or what the leader's function has returned. */
static int take_landed(struct load *load, const struct cor_load_flight *flight)
{
	int result;

	if (flight->how == COR_LANDED_OWN)
		return make_alone(load);
	if (flight->how == COR_LANDED_EMPTY)
		return AGAIN;
	load->fetched.item.value = (struct cor_str){ flight->outcome.data, flight->outcome.len };
	load->fetched.item.ttl_ms = COR_FOREVER;
	load->fetched.is_borrowed = true;
	int rc = cor_fetched_open(load->ctx, load->here, &load->fetched);
	if (rc < 0)
		return rc == -ENOMEM ? rc : AGAIN; /* a tag was forgotten meanwhile, say */
	rc = give(load, &result);
	if (rc == 0)
		join(load);
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
	enum cor_landing how;
	int rc;

	switch (cor_load_board(load->here, load->ctx, load->key, &flight)) {
	case COR_FLIGHT_LEADS:
		rc = lead(load, &outcome, &how);
		cor_load_land(load->here, flight, how, &outcome);
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
		rc = load->loading->rules->is_many_flights ? make_alone(load) : fly(load);
		if (rc != AGAIN)
			break;
		rc = find(load, &result);
		if (rc == 0)
			join(load);
		rc = rc == 0 ? result : rc;
	}
	if (!load->has_given_old)
		count(load, COR_CACHE_MISSES, 1);
	return rc;
}

/* Set by hand: what is collected of tags is large, and set when something is made. */
static void prepare(struct load *load, struct cor_ctx *ctx, struct cor_cache_here *here,
	struct cor_loading *loading)
{
	load->ctx = ctx;
	load->here = here;
	load->loading = loading;
	load->fetched = (struct cor_fetched){ 0 };
	load->has_old = false;
	load->has_given_old = false;
	load->has_unreadable = false;
	loading->way = COR_LOAD_FOUND;
	loading->was_kept = false;
}

int cor_load(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_loading *loading,
	const struct cor_cache_key *key)
{
	struct load load;

	prepare(&load, ctx, here, loading);
	load.key = cor_cache_key_str(key);
	return search(&load);
}

int cor_load_unkept(struct cor_ctx *ctx, struct cor_cache_here *here, struct cor_loading *loading)
{
	struct load load;
	uint32_t made_us;

	prepare(&load, ctx, here, loading);

	count(&load, COR_CACHE_MISSES, 1);
	return call(&load, &made_us);
}
