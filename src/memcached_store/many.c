/* SPDX-License-Identifier: MIT */
#include "memcached_store/many.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "memcached_store/entry.h"
#include "memcached_store/pieces.h"

/* What is asked for at once. */
#define ROUND_KEYS  512
#define ROUND_BYTES (4 * 1024 * 1024)

struct round {
	struct cor_memcached_state *state;
	size_t len;
	struct cor_memcached_ask *asks;
	uint8_t nodes[ROUND_KEYS];
	bool is_used[COR_MEMCACHED_SERVERS_MAX];
	int rcs[COR_MEMCACHED_SERVERS_MAX];
	struct cor_memcached_turn turns[COR_MEMCACHED_SERVERS_MAX];
	/* over all rounds */
	size_t answered; /* turns */
	int failed;      /* a code of one that failed */
};

static struct round *make_round(struct cor_memcached_state *state, size_t len)
{
	struct round *round = calloc(1, sizeof *round);
	size_t most = len < ROUND_KEYS ? len : ROUND_KEYS;

	if (!round)
		return NULL;
	round->state = state;
	round->asks = malloc((most ? most : 1) * sizeof *round->asks);
	if (round->asks)
		return round;
	free(round);
	return NULL;
}

static void free_round(struct round *round)
{
	free(round->asks);
	free(round);
}

/* --- turns: one for each server --- */

struct beginning {
	struct round *round;
	size_t node;
	struct cor_fiber *fiber;
};

static int begin_one(void *arg)
{
	const struct beginning *beginning = arg;
	struct round *round = beginning->round;

	round->rcs[beginning->node] = cor_memcached_turn_begin(
		round->state, beginning->node, &round->turns[beginning->node]);
	if (round->rcs[beginning->node] < 0)
		round->turns[beginning->node].state = NULL; /* it has ended */
	return 0;
}

static bool needs_fiber(const struct round *round, size_t node)
{
	struct cor_memcached_links *links;

	return round->state->servers.len > 1 && cor_fiber_current() &&
	       cor_memcached_links_here(&round->state->links, round->state->servers.len, &links) ==
		       0 &&
	       !links->list[node].is_ready;
}

/* Those that have to connect do so at the same time. */
static void begin_all(struct round *round)
{
	const struct cor_fiber_options options = { .name = "memcached" };
	struct beginning beginnings[COR_MEMCACHED_SERVERS_MAX];

	for (size_t node = 0; node < round->state->servers.len; node++) {
		struct beginning *one = &beginnings[node];
		*one = (struct beginning){ round, node, NULL };
		if (!round->is_used[node])
			continue;
		if (!needs_fiber(round, node) ||
			cor_fiber_start(NULL, begin_one, one, &options, &one->fiber) < 0)
			begin_one(one);
	}
	for (size_t node = 0; node < round->state->servers.len; node++)
		if (beginnings[node].fiber)
			cor_fiber_join(beginnings[node].fiber, NULL);
}

static void begin_round(struct round *round, const struct cor_str *keys, size_t len)
{
	struct cor_memcached_whole whole;

	round->len = len;
	memset(round->is_used, 0, sizeof round->is_used);
	for (size_t i = 0; i < len; i++) {
		cor_memcached_whole_make(round->state, keys[i], &whole);
		round->nodes[i] = (uint8_t)cor_memcached_node_of(
			round->state, cor_memcached_whole_str(&whole));
		round->is_used[round->nodes[i]] = true;
	}
	begin_all(round);
}

static void note(struct round *round, size_t node, int rc)
{
	if (rc < 0 && round->rcs[node] == 0)
		round->rcs[node] = rc;
}

static void queue_one(struct round *round, size_t at)
{
	struct cor_memcached_ask *ask = &round->asks[at];
	size_t node = round->nodes[at];
	int rc = cor_memcached_link_queue(round->turns[node].link, ask);

	if (rc < 0)
		ask->rc = rc;
	note(round, node, rc);
}

/* Send what is queued, and wait for all of it. */
static void run_round(struct round *round)
{
	struct cor_scope scope;

	cor_scope_enter(&scope, round->state->options.timeout_ms);
	for (size_t node = 0; node < round->state->servers.len; node++)
		if (round->is_used[node] && round->rcs[node] == 0)
			cor_memcached_link_flush(round->turns[node].link);
	for (size_t i = 0; i < round->len; i++) {
		struct cor_memcached_ask *ask = &round->asks[i];
		if (ask->rc == COR_MEMCACHED_PENDING)
			ask->rc = cor_memcached_link_wait(round->turns[round->nodes[i]].link, ask);
		if (ask->rc < 0)
			note(round, round->nodes[i], ask->rc);
	}
	cor_scope_leave(&scope);
}

static void end_round(struct round *round)
{
	for (size_t node = 0; node < round->state->servers.len; node++) {
		if (!round->is_used[node])
			continue;
		int rc = round->rcs[node];
		if (round->turns[node].state)
			cor_memcached_turn_end(&round->turns[node], rc);
		memset(&round->turns[node], 0, sizeof round->turns[node]);
		round->rcs[node] = 0;
		round->answered += rc == 0;
		round->failed = rc < 0 ? rc : round->failed;
	}
}

static ssize_t result(const struct round *round, ssize_t count)
{
	return count == 0 && round->answered == 0 && round->failed < 0 ? round->failed : count;
}

/* --- get --- */

static void queue_gets(struct round *round, const struct cor_str *keys, struct cor_arena *arena)
{
	struct cor_memcached_whole whole;

	for (size_t i = 0; i < round->len; i++) {
		struct cor_memcached_ask *ask = &round->asks[i];
		size_t node = round->nodes[i];

		*ask = (struct cor_memcached_ask){ .request = { .kind = COR_MEMCACHED_GET },
			.arena = arena,
			.rc = round->rcs[node] };
		if (ask->rc < 0)
			continue;
		cor_memcached_whole_make(round->state, keys[i], &whole);
		cor_memcached_key_for(round->turns[node].link, cor_memcached_whole_str(&whole),
			&ask->request.key);
		queue_one(round, i);
	}
}

static ssize_t take_gets(struct round *round, const struct cor_str *keys, struct cor_item *items)
{
	struct cor_memcached_whole whole;
	ssize_t found = 0;

	for (size_t i = 0; i < round->len; i++) {
		if (round->asks[i].rc != 0)
			continue;
		cor_memcached_whole_make(round->state, keys[i], &whole);
		int rc = cor_memcached_take_item(&round->turns[round->nodes[i]],
			cor_memcached_whole_str(&whole), &round->asks[i], &items[i]);
		found += rc == 0;
		if (rc != -ENOENT)
			note(round, round->nodes[i], rc);
	}
	return found;
}

ssize_t cor_memcached_get_many(struct cor_store *store, const struct cor_str *keys, size_t len,
	struct cor_arena *arena, struct cor_item *items)
{
	struct round *round = make_round(cor_memcached_state_of(store), len);
	ssize_t found = 0;

	if (!round)
		return -ENOMEM;
	for (size_t at = 0; at < len; at += round->len) {
		begin_round(round, keys + at, len - at < ROUND_KEYS ? len - at : ROUND_KEYS);
		queue_gets(round, keys + at, arena);
		run_round(round);
		found += take_gets(round, keys + at, items + at);
		end_round(round);
	}
	found = result(round, found);
	free_round(round);
	return found;
}

/* --- put --- */

/* Larger ones are put alone. */
static bool is_for_round(const struct round *round, const struct cor_item *item)
{
	const struct cor_memcached_state *state = round->state;

	return item->value.len <= state->cache->value_bytes &&
	       !(state->options.chunks && item->value.len >= state->options.item_bytes / 2);
}

static int64_t ttl_of(const struct round *round, const struct cor_item *item)
{
	return item->ttl_ms ? item->ttl_ms : round->state->cache->ttl_ms;
}

static void queue_put(
	struct round *round, size_t at, struct cor_str key, const struct cor_item *item)
{
	struct cor_memcached_ask *ask = &round->asks[at];
	const struct cor_memcached_link *link = round->turns[round->nodes[at]].link;
	struct cor_memcached_outgoing out;
	struct cor_memcached_whole whole;

	cor_memcached_whole_make(round->state, key, &whole);
	cor_memcached_key_for(link, cor_memcached_whole_str(&whole), &ask->request.key);
	ask->rc = cor_memcached_pack(round->state, cor_memcached_whole_str(&whole),
		ask->request.key.form, item->value, &out);
	if (ask->rc < 0)
		return;
	cor_memcached_fill_put(link, &out, ttl_of(round, item), &ask->request);
	queue_one(round, at);
	cor_memcached_outgoing_finish(&out);
}

static void queue_puts(
	struct round *round, const struct cor_str *keys, const struct cor_item *items)
{
	for (size_t i = 0; i < round->len; i++) {
		struct cor_memcached_ask *ask = &round->asks[i];

		*ask = (struct cor_memcached_ask){ .request = { .kind = COR_MEMCACHED_PUT },
			.rc = round->rcs[round->nodes[i]] };
		if (ask->rc == 0 && is_for_round(round, &items[i]))
			queue_put(round, i, keys[i], &items[i]);
		else if (ask->rc == 0)
			ask->rc = -COR_ETOOLARGE;
		if (round->state->options.noreply && ask->rc == COR_MEMCACHED_PENDING) {
			cor_memcached_link_leave(round->turns[round->nodes[i]].link, ask);
			ask->rc = 0;
			ask->code = COR_MEMCACHED_DONE;
		}
	}
}

/* After the turns have ended: those that are too large for them. */
static ssize_t take_puts(
	struct round *round, const struct cor_str *keys, const struct cor_item *items)
{
	ssize_t kept = 0;

	for (size_t i = 0; i < round->len; i++) {
		const struct cor_memcached_ask *ask = &round->asks[i];
		struct cor_item item = items[i];
		int rc = ask->rc == 0 ? cor_memcached_put_result(ask) : ask->rc;

		if (rc == 0)
			cor_memcached_count(&round->state->counts.puts);
		item.ttl_ms = ttl_of(round, &items[i]);
		if (rc == -COR_ETOOLARGE)
			rc = cor_memcached_put(
				&round->state->store, keys[i], &item, COR_PUT_ALWAYS);
		kept += rc == 0;
		round->failed = rc < 0 ? rc : round->failed;
	}
	return kept;
}

static size_t round_of(const struct cor_item *items, size_t len)
{
	size_t at = 0, bytes = 0;

	while (at < len && at < ROUND_KEYS && (at == 0 || bytes < ROUND_BYTES))
		bytes += items[at++].value.len;
	return at;
}

ssize_t cor_memcached_put_many(struct cor_store *store, const struct cor_str *keys,
	const struct cor_item *items, size_t len)
{
	struct round *round = make_round(cor_memcached_state_of(store), len);
	ssize_t kept = 0;

	if (!round)
		return -ENOMEM;
	for (size_t at = 0; at < len; at += round->len) {
		begin_round(round, keys + at, round_of(items + at, len - at));
		queue_puts(round, keys + at, items + at);
		run_round(round);
		end_round(round);
		kept += take_puts(round, keys + at, items + at);
	}
	ssize_t rc = kept == 0 && round->failed < 0 ? round->failed : kept;
	free_round(round);
	return rc;
}

/* --- clear --- */

static int clear_node(struct cor_memcached_state *state, size_t node)
{
	struct cor_memcached_ask ask = { .request = { .kind = COR_MEMCACHED_FLUSH } };
	struct cor_memcached_turn turn;
	int rc = cor_memcached_turn_begin(state, node, &turn);

	if (rc < 0)
		return rc;
	rc = cor_memcached_turn_ask(&turn, &ask);
	if (rc == 0 && ask.code != COR_MEMCACHED_DONE)
		rc = -EPROTO;
	return cor_memcached_turn_end(&turn, rc);
}

/* All servers, also after one that fails. */
int cor_memcached_clear(struct cor_store *store)
{
	struct cor_memcached_state *state = cor_memcached_state_of(store);
	int failed = state->cache->prefix[0] != '\0' ? -ENOTSUP : 0;

	for (size_t node = 0; node < state->servers.len && failed != -ENOTSUP; node++) {
		int rc = clear_node(state, node);
		failed = rc < 0 ? rc : failed;
	}
	return failed;
}
