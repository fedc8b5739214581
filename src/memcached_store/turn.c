/* SPDX-License-Identifier: MIT */
#include "memcached_store/turn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "memcached_store/tls.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"
#include "runtime/scope.h"

/* A value of the largest size, and what stands before it. */
#define LIMIT_BYTES (COR_CACHE_VALUE_BYTES_MAX + 64 * 1024)

static int64_t now_ns(void)
{
	const struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	return scheduler ? cor_clock_now(scheduler) : cor_monotonic_ns();
}

size_t cor_memcached_node_of(const struct cor_memcached_state *state, struct cor_str key)
{
	bool is_out[COR_MEMCACHED_SERVERS_MAX];
	int64_t at_ns;

	if (!state->options.moves)
		return cor_memcached_find(&state->placement, key, NULL);
	at_ns = now_ns();
	for (size_t i = 0; i < state->servers.len; i++)
		is_out[i] = cor_memcached_node_is_out(&state->nodes[i], at_ns);
	return cor_memcached_find(&state->placement, key, is_out);
}

/* --- what it says of the server --- */

/* That the caller's own time is up says nothing. */
static enum cor_memcached_verdict verdict(int rc)
{
	switch (rc) {
	case 0:
		return COR_MEMCACHED_GOOD;
	case -ETIMEDOUT:
		return cor_scope_error() < 0 ? COR_MEMCACHED_NO_VERDICT : COR_MEMCACHED_BAD;
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EHOSTUNREACH:
	case -EPROTO:
	case -COR_ECERTIFICATE:
		return COR_MEMCACHED_BAD;
	default:
		return COR_MEMCACHED_NO_VERDICT;
	}
}

static void tell(const struct cor_memcached_turn *turn, bool is_bad, const char *text)
{
	const struct cor_store *store = &turn->state->store;

	if (store->news)
		store->news->tell(store->news->arg, store, is_bad, text);
}

static void tell_out(const struct cor_memcached_turn *turn, int rc)
{
	struct cor_memcached_node *node = &turn->state->nodes[turn->node];
	int64_t at_ns = cor_monotonic_ns();
	char text[400];

	if (!cor_memcached_node_says_out(node, at_ns))
		return;
	snprintf(text, sizeof text,
		"the memcached server %s is out: it has failed %" PRIu32
		" times in a row, the last time with \"%s\"; it is tried again in %" PRId64 " ms",
		turn->state->servers.list[turn->node].name, atomic_load(&node->fails),
		turn->link->why[0] ? turn->link->why : cor_strerror(rc),
		(atomic_load(&node->out_until_ns) - at_ns + COR_NS_PER_MS - 1) / COR_NS_PER_MS);
	tell(turn, true, text);
}

static void tell_back(const struct cor_memcached_turn *turn)
{
	struct cor_memcached_node *node = &turn->state->nodes[turn->node];
	int64_t out_ns = cor_memcached_node_says_back(node, cor_monotonic_ns());
	char text[400];

	if (out_ns == 0)
		return;
	snprintf(text, sizeof text,
		"the memcached server %s is back: it was out for %" PRId64 " ms",
		turn->state->servers.list[turn->node].name, out_ns / COR_NS_PER_MS);
	tell(turn, false, text);
}

int cor_memcached_turn_end(struct cor_memcached_turn *turn, int rc)
{
	struct cor_memcached_state *state = turn->state;
	enum cor_memcached_verdict said = verdict(rc);
	bool goes_out = cor_memcached_node_tell(&state->nodes[turn->node], &state->rules, said,
		turn->is_probe, rc < 0 ? cor_monotonic_ns() : 0);

	if (goes_out)
		tell_out(turn, rc);
	else if (turn->is_probe && said == COR_MEMCACHED_GOOD)
		tell_back(turn);
	if (goes_out) /* whatever comes over it would be late */
		cor_memcached_link_fail(turn->link, -ECONNRESET);
	if (rc < 0)
		cor_memcached_count(&state->counts.errors);
	return rc;
}

/* --- connecting --- */

static int open_link(struct cor_memcached_turn *turn)
{
	const struct cor_memcached_state *state = turn->state;
	const struct cor_memcached_server *server = &state->servers.list[turn->node];
	const struct cor_memcached_opening opening = {
		.dialing = { .resolver = state->resolver,
			.server = server,
			.tls = state->tls,
			.peer = state->tls ? cor_memcached_tls_peer(state->options.tls, server)
					   : NULL },
		.login = state->login,
		.limit = LIMIT_BYTES,
	};
	struct cor_scope scope;

	turn->was_ready = turn->link->is_ready;
	if (turn->was_ready)
		return 0;
	cor_scope_enter(&scope, state->options.connect_ms);
	int rc = cor_memcached_link_open(turn->link, &opening);
	cor_scope_leave(&scope);
	return rc;
}

int cor_memcached_turn_begin(
	struct cor_memcached_state *state, size_t node, struct cor_memcached_turn *ret)
{
	struct cor_memcached_links *links;
	int rc = cor_scope_state();

	if (rc == 0)
		rc = cor_memcached_links_here(&state->links, state->servers.len, &links);
	if (rc < 0) {
		cor_memcached_count(&state->counts.errors);
		return rc;
	}
	*ret = (struct cor_memcached_turn){ state, &links->list[node], node, false, false };
	if (!cor_memcached_node_enter(&state->nodes[node], now_ns(), &ret->is_probe)) {
		cor_memcached_count(&state->counts.errors);
		return -COR_EUNTRIED;
	}
	rc = open_link(ret);
	return rc < 0 ? cor_memcached_turn_end(ret, rc) : 0;
}

/* --- asking --- */

static int ask_once(struct cor_memcached_turn *turn, struct cor_memcached_ask *ask)
{
	struct cor_scope scope;

	cor_scope_enter(&scope, turn->state->options.timeout_ms);
	int rc = cor_memcached_link_queue(turn->link, ask);
	if (rc == 0) {
		cor_memcached_link_flush(turn->link);
		rc = cor_memcached_link_wait(turn->link, ask);
	}
	cor_scope_leave(&scope);
	return rc;
}

/* Of a number nobody knows whether it has been added to. */
static bool may_ask_again(
	const struct cor_memcached_turn *turn, const struct cor_memcached_ask *ask)
{
	return turn->was_ready && ask->request.kind != COR_MEMCACHED_ADD && !ask->room &&
	       (ask->request.kind != COR_MEMCACHED_PUT || ask->request.how == COR_PUT_ALWAYS);
}

int cor_memcached_turn_ask(struct cor_memcached_turn *turn, struct cor_memcached_ask *ask)
{
	enum cor_memcached_dialect dialect = turn->link->dialect;
	int rc = ask_once(turn, ask);

	if (rc != -ECONNRESET || !may_ask_again(turn, ask))
		return rc;
	rc = open_link(turn);
	if (rc == 0 && turn->link->dialect != dialect)
		rc = -ECONNRESET;
	return rc == 0 ? ask_once(turn, ask) : rc;
}
