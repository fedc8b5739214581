/* SPDX-License-Identifier: MIT */
#include "memcached_store/entry.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "memcached_store/pieces.h"
#include "memcached_store/realtime.h"
#include "memcached_store/unawaited.h"

/* --- keys --- */

void cor_memcached_whole_make(const struct cor_memcached_state *state, struct cor_str key,
	struct cor_memcached_whole *ret)
{
	size_t prefix = strlen(state->cache->prefix);

	memcpy(ret->text, state->cache->prefix, prefix);
	memcpy(ret->text + prefix, key.data, key.len);
	ret->len = prefix + key.len;
}

void cor_memcached_key_for(
	const struct cor_memcached_link *link, struct cor_str whole, struct cor_memcached_key *ret)
{
	cor_memcached_key_make(whole, link->dialect == COR_MEMCACHED_META, ret);
}

/* Begin the turn of a key, and give the ask the form of it. */
static int begin(struct cor_memcached_state *state, struct cor_str key,
	struct cor_memcached_whole *whole, struct cor_memcached_turn *turn,
	struct cor_memcached_ask *ask)
{
	cor_memcached_whole_make(state, key, whole);
	size_t node = cor_memcached_node_of(state, cor_memcached_whole_str(whole));
	int rc = cor_memcached_turn_begin(state, node, turn);

	if (rc == 0)
		cor_memcached_key_for(
			turn->link, cor_memcached_whole_str(whole), &ask->request.key);
	return rc;
}

/* --- get --- */

static int count_miss(struct cor_memcached_state *state)
{
	cor_memcached_count(&state->counts.misses);
	return -ENOENT;
}

static int count_gone(struct cor_memcached_state *state, enum cor_store_cause cause)
{
	cor_memcached_count_cause(state, cause);
	return count_miss(state);
}

int cor_memcached_take_item(struct cor_memcached_turn *turn, struct cor_str whole,
	struct cor_memcached_ask *ask, struct cor_item *ret)
{
	struct cor_item item = { .version = ask->version };
	struct cor_memcached_incoming in;

	if (ask->code == COR_MEMCACHED_SERVER_ERROR)
		return -EPROTO;
	if (ask->code != COR_MEMCACHED_VALUE)
		return count_miss(turn->state);
	int64_t realtime_ns = ask->flags >> 8 ? cor_memcached_realtime_ns() : 0;
	if (cor_memcached_left(ask, realtime_ns, &item.ttl_ms) < 0)
		return count_gone(turn->state, COR_STORE_EXPIRED);
	int rc = cor_memcached_open(turn->state, whole, ask, &in);
	if (rc == 0 && (ask->flags & COR_MEMCACHED_IS_CUT))
		rc = cor_memcached_load_pieces(turn, ask->arena, in.data, &in.data);
	if (rc == 0)
		rc = cor_memcached_unpack(turn->state, ask->arena, &in, &item.value);
	if (rc == -ENOENT)
		return count_gone(turn->state, COR_STORE_LOST);
	if (rc < 0)
		return rc;
	cor_memcached_count(&turn->state->counts.hits);
	*ret = item;
	return 0;
}

int cor_memcached_get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	struct cor_memcached_ask ask = { .request = { .kind = COR_MEMCACHED_GET }, .arena = arena };
	struct cor_memcached_whole whole;
	struct cor_memcached_turn turn;
	int rc = begin(cor_memcached_state_of(store), key, &whole, &turn, &ask);

	if (rc < 0)
		return rc;
	rc = cor_memcached_turn_ask(&turn, &ask);
	if (rc == 0)
		rc = cor_memcached_take_item(&turn, cor_memcached_whole_str(&whole), &ask, ret);
	/* a miss says that the server is well */
	cor_memcached_turn_end(&turn, rc == -ENOENT ? 0 : rc);
	return rc;
}

/* --- put --- */

int cor_memcached_put_result(const struct cor_memcached_ask *ask)
{
	enum cor_put how = ask->request.how;

	switch (ask->code) {
	case COR_MEMCACHED_DONE:
		return 0;
	case COR_MEMCACHED_NOT_STORED:
		return how == COR_PUT_NEW ? -EEXIST : -ENOENT;
	case COR_MEMCACHED_EXISTS:
		return how == COR_PUT_UNCHANGED ? -ESTALE : -EPROTO;
	case COR_MEMCACHED_ABSENT:
		return -ENOENT;
	case COR_MEMCACHED_SERVER_ERROR: /* the other is "out of memory" */
		return ask->is_too_large ? -COR_ETOOLARGE : -ENOMEM;
	default:
		return -EPROTO;
	}
}

void cor_memcached_fill_put(const struct cor_memcached_link *link,
	const struct cor_memcached_outgoing *out, int64_t ttl_ms, struct cor_memcached_request *ret)
{
	int64_t realtime_ns = cor_memcached_realtime_ns();
	bool tells_end = link->dialect == COR_MEMCACHED_META;

	ret->kind = COR_MEMCACHED_PUT;
	ret->head = out->head;
	ret->body = out->body;
	ret->flags = out->flags | (tells_end ? cor_memcached_end_flags(ttl_ms, realtime_ns) : 0);
	ret->exptime = cor_memcached_exptime(
		ttl_ms, tells_end ? COR_MEMCACHED_ROUND_UP : COR_MEMCACHED_ROUND_DOWN, realtime_ns);
}

/* No old value is taken for the one that has no room. */
static int refuse(struct cor_store *store, struct cor_str key)
{
	struct cor_memcached_state *state = cor_memcached_state_of(store);
	int rc = cor_memcached_remove(store, key);

	cor_memcached_count_cause(state, COR_STORE_TOO_LARGE);
	return rc < 0 && rc != -ENOENT ? rc : -COR_ETOOLARGE;
}

static int send_put(struct cor_memcached_turn *turn, struct cor_memcached_ask *ask)
{
	if (turn->state->options.noreply && ask->request.how == COR_PUT_ALWAYS)
		return cor_memcached_put_unawaited(turn, &ask->request);
	int rc = cor_memcached_turn_ask(turn, ask);
	return rc == 0 ? cor_memcached_put_result(ask) : rc;
}

static int put_packed(struct cor_memcached_turn *turn, struct cor_memcached_ask *ask,
	struct cor_memcached_outgoing *out, int64_t ttl_ms)
{
	const struct cor_memcached *options = &turn->state->options;
	int rc = 0;

	if (options->chunks && cor_memcached_is_to_be_cut(options, out))
		rc = cor_memcached_put_pieces(turn, out, ttl_ms);
	if (rc < 0)
		return rc;
	cor_memcached_fill_put(turn->link, out, ttl_ms, &ask->request);
	return send_put(turn, ask);
}

/* What the server says of an entry is no failure of the server. */
static int outcome(int rc)
{
	return rc == -ENOENT || rc == -EEXIST || rc == -ESTALE || rc == -COR_ETOOLARGE ? 0 : rc;
}

int cor_memcached_put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	struct cor_memcached_state *state = cor_memcached_state_of(store);
	struct cor_memcached_ask ask = { .request = { .how = how, .version = item->version } };
	struct cor_memcached_outgoing out;
	struct cor_memcached_whole whole;
	struct cor_memcached_turn turn;

	if (item->value.len > state->cache->value_bytes)
		return refuse(store, key);
	int rc = begin(state, key, &whole, &turn, &ask);
	if (rc < 0)
		return rc;
	rc = cor_memcached_pack(
		state, cor_memcached_whole_str(&whole), ask.request.key.form, item->value, &out);
	if (rc == 0) {
		rc = put_packed(&turn, &ask, &out, item->ttl_ms);
		cor_memcached_outgoing_finish(&out);
	}
	cor_memcached_turn_end(&turn, outcome(rc));
	if (rc == 0)
		cor_memcached_count(&state->counts.puts);
	return rc == -COR_ETOOLARGE ? refuse(store, key) : rc;
}

/* --- the rest --- */

/* Ask for what is done or not there. */
static int ask_whether(struct cor_memcached_turn *turn, struct cor_memcached_ask *ask)
{
	int rc = cor_memcached_turn_ask(turn, ask);

	if (rc < 0)
		return rc;
	return ask->code >= COR_MEMCACHED_UNKNOWN ? -EPROTO
	       : ask->code == COR_MEMCACHED_DONE  ? 0
						  : -ENOENT;
}

int cor_memcached_remove(struct cor_store *store, struct cor_str key)
{
	struct cor_memcached_state *state = cor_memcached_state_of(store);
	struct cor_memcached_ask ask = { .request = { .kind = COR_MEMCACHED_DELETE } };
	struct cor_memcached_whole whole;
	struct cor_memcached_turn turn;
	int rc = begin(state, key, &whole, &turn, &ask);

	if (rc < 0)
		return rc;
	rc = ask_whether(&turn, &ask);
	cor_memcached_turn_end(&turn, outcome(rc));
	if (rc == 0)
		cor_memcached_count(&state->counts.deletes);
	return rc;
}

/* Of a value that was cut the pieces live as long. */
static int touch_pieces(struct cor_memcached_turn *turn, struct cor_str whole,
	const struct cor_memcached_ask *touched)
{
	struct cor_arena arena = { 0 };
	struct cor_memcached_ask ask = { .request = touched->request, .arena = &arena };
	struct cor_memcached_incoming in;

	ask.request.kind = COR_MEMCACHED_GET;
	int rc = cor_memcached_turn_ask(turn, &ask);
	if (rc == 0 && ask.code != COR_MEMCACHED_VALUE)
		rc = -ENOENT;
	if (rc == 0)
		rc = cor_memcached_open(turn->state, whole, &ask, &in);
	if (rc == 0 && (ask.flags & COR_MEMCACHED_IS_CUT))
		rc = cor_memcached_touch_pieces(turn, in.data, touched->request.exptime);
	cor_arena_finish(&arena);
	return rc;
}

int cor_memcached_touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	struct cor_memcached_state *state = cor_memcached_state_of(store);
	struct cor_memcached_ask ask = { .request = { .kind = COR_MEMCACHED_TOUCH,
						 .exptime = cor_memcached_exptime(ttl_ms,
							 COR_MEMCACHED_ROUND_DOWN,
							 cor_memcached_realtime_ns()) } };
	struct cor_memcached_whole whole;
	struct cor_memcached_turn turn;
	int rc = begin(state, key, &whole, &turn, &ask);

	if (rc < 0)
		return rc;
	rc = ask_whether(&turn, &ask);
	/* the text protocol does not tell the flags */
	bool may_be_cut = turn.link->dialect == COR_MEMCACHED_TEXT ||
			  (ask.flags & COR_MEMCACHED_IS_CUT) != 0;
	if (rc == 0 && state->options.chunks && may_be_cut)
		rc = touch_pieces(&turn, cor_memcached_whole_str(&whole), &ask);
	cor_memcached_turn_end(&turn, outcome(rc));
	return rc;
}
