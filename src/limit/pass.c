/* SPDX-License-Identifier: MIT */
#include "limit/pass.h"

#include <errno.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>
#include <coracle/log.h>
#include <coracle/request.h>

#include "cache/fetch.h"
#include "limit/counted.h"
#include "limit/whose.h"
#include "segment/counter.h"

const struct cor_limit cor_unlimited = { .name = "unlimited" };

#define NS_PER_S INT64_C(1000000000)

static struct cor_rate rate_of(const struct cor_limit *limit)
{
	return (struct cor_rate){
		.interval_ns = limit->per_s * NS_PER_S / limit->count,
		.burst = limit->burst ? limit->burst : limit->count,
	};
}

static int64_t seconds(int64_t ns)
{
	return (ns + NS_PER_S - 1) / NS_PER_S;
}

/* --- what the answer says --- */

static int add_number(struct cor_exchange *x, const char *name, int64_t number)
{
	const char *text = cor_printf(&x->ctx, "%lld", (long long)number);

	return text ? cor_exchange_add_field(x, name, cor_str(text)) : -ENOMEM;
}

static const char *policies(struct cor_exchange *x, const struct cor_limit *const *limits)
{
	const char *text = "";

	for (; *limits && text; limits++)
		if ((*limits)->count != 0)
			text = cor_printf(&x->ctx, "%s%s%u;w=%u", text, text[0] ? ", " : "",
				(*limits)->count, (*limits)->per_s);
	return text;
}

int cor_limits_say(struct cor_exchange *x, const struct cor_limit *const *limits,
	const struct cor_limit_stay *stay)
{
	if (!stay->least)
		return 0;
	const char *policy = policies(x, limits);
	int rc = add_number(x, "RateLimit-Limit", rate_of(stay->least).burst);
	if (rc == 0)
		rc = add_number(x, "RateLimit-Remaining", stay->state.remaining);
	if (rc == 0)
		rc = add_number(x, "RateLimit-Reset",
			seconds(stay->state.remaining ? stay->state.reset_ns
						      : stay->state.next_ns));
	if (rc < 0 || !policy)
		return -ENOMEM;
	return cor_exchange_add_field(x, "RateLimit-Policy", cor_str(policy));
}

/* --- passing --- */

void cor_limit_tally_add(const struct cor_limit_tally *tally, const char *name)
{
	for (size_t i = 0; tally->cells && i < tally->len; i++)
		if (strcmp(tally->names[i], name) == 0) {
			cor_count(&tally->cells[i], 1);
			return;
		}
}

/* When one of them ends nobody knows. */
static int refuse_entry(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit)
{
	int rc = add_number(x, "Retry-After", 1);

	cor_limit_tally_add(&counter->refused, limit->name);
	return rc < 0 ? rc
		      : cor_problem(&x->ctx, 429, 0, "%u are in progress, and no more may be",
				limit->in_progress);
}

int cor_limit_refuse(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit, const char *what, int64_t wait_ns)
{
	int64_t wait_s = seconds(wait_ns);
	int rc = add_number(x, "Retry-After", wait_s);

	cor_limit_tally_add(&counter->refused, limit->name);
	if (rc < 0)
		return rc;
	return cor_problem(&x->ctx, 429, 0, "there may be %u %s%s in %u s: try again in %lld s",
		limit->count, what, limit->count == 1 ? "" : "s", limit->per_s, (long long)wait_s);
}

/* --- counted in a cache --- */

/* Of what, by whom: the same on all machines, other than the key in the table. */
struct subject {
	const struct cor_limit *limit;
	struct cor_str whose;
	uint64_t key; /* in the table */
	struct cor_rate rate;
};

static struct cor_str key_in_cache(struct cor_exchange *x, const struct subject *of)
{
	const char *text = cor_printf(&x->ctx, "limit:%s:%u/%u/%u:", of->limit->name,
		of->limit->count, of->limit->per_s, of->rate.burst);
	size_t len = text ? strlen(text) : 0;
	char *key = text ? cor_alloc(&x->ctx, len + of->whose.len) : NULL;

	if (!key)
		return (struct cor_str){ 0 };
	memcpy(key, text, len);
	memcpy(key + len, of->whose.data, of->whose.len);
	return (struct cor_str){ key, len + of->whose.len };
}

/*
 * What is known here is never more than what is used everywhere: who is refused by that is refused,
 * and nobody else is asked.
 */
static bool is_refused_here(const struct cor_limit_counter *counter, const struct subject *of,
	struct cor_rate_state *ret)
{
	*ret = cor_limit_take(counter->table, of->key, &of->rate, 0, cor_monotonic_ns());
	return !ret->is_taken;
}

/* The one before may have heard that there is none left. */
static int count_in_turn(const struct cor_limit_counter *counter, struct cor_store *store,
	struct cor_str key, const struct subject *of, struct cor_rate_state *ret,
	struct cor_limit_asked *ret_asked)
{
	struct cor_mutex *turn = &counter->turns[of->key % COR_LIMIT_TURNS];
	int rc = cor_mutex_lock(turn);

	if (rc < 0)
		return rc;
	if (!is_refused_here(counter, of, ret)) {
		rc = cor_limit_count(store, key, &of->rate, ret, ret_asked);
		int64_t now_ns = cor_monotonic_ns();
		if (rc == 0)
			cor_limit_raise(
				counter->table, of->key, &of->rate, now_ns + ret->reset_ns, now_ns);
	}
	cor_mutex_unlock(turn);
	return rc;
}

static int ask(struct cor_exchange *x, const struct cor_limit_counter *counter,
	struct cor_cache_here *here, const struct subject *of, struct cor_rate_state *ret)
{
	struct cor_str key = key_in_cache(x, of);
	struct cor_limit_asked asked = { 0 };
	struct cor_scope scope;

	if (!key.data)
		return -ENOMEM;
	cor_scope_enter(&scope, COR_LIMIT_CACHE_MS);
	int rc = count_in_turn(counter, cor_store_behind(here->store), key, of, ret, &asked);
	cor_scope_leave(&scope);
	cor_cache_count(&x->ctx, here, COR_CACHE_HITS, asked.hits);
	cor_cache_count(&x->ctx, here, COR_CACHE_MISSES, asked.misses);
	cor_cache_count(&x->ctx, here, COR_CACHE_PUTS, asked.puts);
	return cor_cache_told(&x->ctx, here, rc);
}

static int refuse_uncounted(struct cor_exchange *x, const struct cor_limit *limit)
{
	int rc = add_number(x, "Retry-After", 1);

	return rc < 0 ? rc
		      : cor_problem(&x->ctx, 503, 0,
				"what is used of the limit %s cannot be counted now", limit->name);
}

static int take_counted(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct subject *of, struct cor_rate_state *ret)
{
	struct cor_cache_here *here = cor_cache_of(&x->ctx, of->limit->cache);

	if (!here)
		return -EINVAL;
	if (is_refused_here(counter, of, ret))
		return 0;
	int rc = ask(x, counter, here, of, ret);
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	int error = cor_scope_error();
	if (error < 0)
		return error;
	if (of->limit->fails_closed)
		return refuse_uncounted(x, of->limit);
	*ret = cor_limit_take(counter->table, of->key, &of->rate, 1, cor_monotonic_ns());
	return 0;
}

static int take(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct subject *of, struct cor_rate_state *ret)
{
	if (of->limit->cache && of->whose.len <= COR_LIMIT_TEXT_BYTES)
		return take_counted(x, counter, of, ret);
	*ret = cor_limit_take(counter->table, of->key, &of->rate, 1, cor_monotonic_ns());
	return 0;
}

/* The rate last: who may not enter has used nothing. */
static int pass(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit, struct cor_str whose, struct cor_limit_stay *stay)
{
	uint64_t key = cor_limit_key(counter->table, limit->name, whose);
	const struct cor_limit_visit visit = { key, counter->slot, cor_monotonic_ns() };

	if (limit->in_progress != 0) {
		bool is_kept;
		if (!cor_limit_enter(counter->table, &visit, limit->in_progress, &is_kept))
			return refuse_entry(x, counter, limit);
		if (is_kept)
			stay->keys[stay->len++] = key;
	}
	if (limit->count == 0)
		return 0;
	const struct subject of = { limit, whose, key, rate_of(limit) };
	struct cor_rate_state state;
	int rc = take(x, counter, &of, &state);
	if (rc < 0)
		return rc;
	if (!stay->least || !state.is_taken || state.remaining < stay->state.remaining) {
		stay->least = limit;
		stay->state = state;
	}
	return state.is_taken ? 0 : cor_limit_refuse(x, counter, limit, "request", state.next_ns);
}

static int find_whose(struct cor_exchange *x, const struct cor_limit *limit,
	const struct cor_environment *owner, struct cor_str *ret)
{
	const struct cor_environment *before = x->ctx.environment;

	x->ctx.environment = owner;
	int rc = cor_limit_whose(x, limit, ret);
	x->ctx.environment = before;
	return rc > 0 ? cor_ctx_positive(&x->ctx, "the .key of a limit ", rc) : rc;
}

int cor_limits_pass(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *const *limits, const struct cor_limit_owners *owners, bool early,
	struct cor_limit_stay *stay)
{
	int rc = 0;

	for (size_t i = 0; limits[i] && rc == 0; i++) {
		struct cor_str whose = { 0 };
		if (cor_limit_is_early(limits[i]) != early)
			continue;
		rc = find_whose(x, limits[i],
			i < owners->len ? owners->items[i] : x->ctx.environment, &whose);
		if (rc == 0 && whose.len != 0)
			rc = pass(x, counter, limits[i], whose, stay);
	}
	return rc;
}

void cor_limits_leave(const struct cor_limit_counter *counter, struct cor_limit_stay *stay)
{
	while (stay->len != 0)
		cor_limit_leave(counter->table, stay->keys[--stay->len], counter->slot);
}

/* --- credentials that fail --- */

static uint64_t key_of_client(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit)
{
	struct cor_str whose = { 0 };

	if (limit->count == 0 || cor_limit_whose(x, limit, &whose) != 0)
		return 0;
	return cor_limit_key(counter->table, limit->name, whose);
}

/* Once a minute for each client, whichever worker it is: an operator should know of both causes. */
static void tell(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit)
{
	const struct cor_rate rate = { .interval_ns = 60 * NS_PER_S, .burst = 1 };
	const char *client = cor_request_client(&x->ctx);
	struct cor_str whose = { 0 };

	if (!client || cor_limit_whose(x, limit, &whose) != 0)
		return;
	uint64_t key = cor_limit_key(counter->table, "told of", whose);
	if (cor_limit_take(counter->table, key, &rate, 1, cor_monotonic_ns()).is_taken)
		cor_log_warning(&x->ctx,
			"%s has shown %u wrong credentials in %u s: the next are not looked at; if it "
			"is a proxy, list it in --trusted-proxies",
			client[0] ? client : "a client", rate_of(limit).burst, limit->per_s);
}

int64_t cor_limit_wait_ns(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit)
{
	uint64_t key = key_of_client(x, counter, limit);

	if (key == 0)
		return 0;
	const struct cor_rate rate = rate_of(limit);
	const struct cor_rate_state state = cor_limit_take(
		counter->table, key, &rate, 0, cor_monotonic_ns());
	if (!state.is_taken)
		tell(x, counter, limit);
	return state.next_ns;
}

void cor_limit_fail(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit)
{
	uint64_t key = key_of_client(x, counter, limit);

	if (key == 0)
		return;
	const struct cor_rate rate = rate_of(limit);
	cor_limit_charge(counter->table, key, &rate, cor_monotonic_ns());
}
