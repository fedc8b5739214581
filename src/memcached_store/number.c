/* SPDX-License-Identifier: MIT */
#include "memcached_store/number.h"

#include <errno.h>

#include <coracle/error.h>

#include "base/number.h"
#include "memcached_store/entry.h"

/* Between two tries somebody else was quicker: one of all is in each round. */
#define TRIES 100

/* --- by the server --- */

/* A number that became shorter has blanks behind it. */
static struct cor_str trimmed(struct cor_str text)
{
	while (text.len > 1 && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

static int read_number(struct cor_str text, uint64_t *ret)
{
	return cor_number_parse_uint64(trimmed(text), ret) == 0 ? 0 : -EBADMSG;
}

/* Returns 0, -ENOENT: there is none (of the text protocol), -EBADMSG, or a code. */
static int ask_number(
	struct cor_memcached_turn *turn, struct cor_memcached_request *request, uint64_t *ret)
{
	char room[64];
	struct cor_arena arena;
	struct cor_memcached_ask ask = { .request = *request, .arena = &arena };

	cor_arena_init(&arena, room, sizeof room, 0);
	int rc = cor_memcached_turn_ask(turn, &ask);
	if (rc == 0) {
		switch (ask.code) {
		case COR_MEMCACHED_VALUE:
			rc = read_number(ask.value, ret) < 0 ? -EPROTO : 0;
			break;
		case COR_MEMCACHED_NUMBER:
			*ret = ask.number;
			break;
		case COR_MEMCACHED_ABSENT:
			rc = -ENOENT;
			break;
		case COR_MEMCACHED_CLIENT_ERROR:
			rc = -EBADMSG;
			break;
		default:
			rc = -EPROTO;
			break;
		}
	}
	cor_arena_finish(&arena);
	return rc;
}

/* The server's numbers wrap. Added to once more they are back: sums of 64 bits have no order. */
static int take_back(struct cor_memcached_turn *turn, struct cor_memcached_request *request)
{
	uint64_t number, rest = -(uint64_t)request->by;

	while (rest != 0) {
		request->by = rest > INT64_MAX ? INT64_MAX : (int64_t)rest;
		rest -= (uint64_t)request->by;
		int rc = ask_number(turn, request, &number);
		if (rc < 0 && rc != -ENOENT)
			return rc;
	}
	return -ERANGE;
}

/*
 * Without letting the server make it: of a sum that is the first number nobody could tell whether
 * it was made, or has wrapped.
 */
static int add_by_server(
	struct cor_memcached_turn *turn, struct cor_memcached_request *request, uint64_t *ret)
{
	int64_t by = request->by;
	uint64_t number;
	int rc = ask_number(turn, request, &number);

	if (rc != 0)
		return rc;
	if (by > 0 && number < (uint64_t)by)
		return take_back(turn, request);
	*ret = number;
	return 0;
}

/* --- by looking, and putting what is unchanged --- */

struct attempt {
	int64_t by;
	const struct cor_item *first;
	uint64_t made; /* what that says */
	bool is_text;
};

static int sum(uint64_t number, int64_t by, uint64_t *ret)
{
	uint64_t size = by < 0 ? -(uint64_t)by : (uint64_t)by;

	if (by < 0) {
		*ret = number > size ? number - size : 0;
		return 0;
	}
	return __builtin_add_overflow(number, size, ret) ? -ERANGE : 0;
}

static int put_number(struct cor_store *store, struct cor_str key, const struct cor_item *item,
	uint64_t number, enum cor_put how)
{
	char text[COR_NUMBER_BYTES];
	struct cor_item changed = *item;

	changed.value = (struct cor_str){ text, cor_number_print_uint64(number, text) };
	return cor_memcached_put(store, key, &changed, how);
}

/* What is left is told as a second less, to be sure; and not at all by the text protocol. */
static int64_t kept_ttl_ms(const struct cor_item *item, const struct attempt *attempt)
{
	if (attempt->is_text)
		return attempt->first->ttl_ms;
	if (item->ttl_ms == COR_FOREVER || (item->ttl_ms % 1000 != 0 && item->ttl_ms != 1))
		return item->ttl_ms;
	return (item->ttl_ms / 1000 + 1) * 1000;
}

/* Returns -ENOENT if there is none, -ESTALE if somebody else was quicker. */
static int add_by_hand(
	struct cor_store *store, struct cor_str key, const struct attempt *attempt, uint64_t *ret)
{
	struct cor_arena arena = { 0 };
	struct cor_item item;
	uint64_t number;
	int rc = cor_memcached_get(store, key, &arena, &item);

	if (rc == 0)
		rc = read_number(item.value, &number);
	if (rc == 0)
		rc = sum(number, attempt->by, ret);
	if (rc == 0) {
		item.ttl_ms = kept_ttl_ms(&item, attempt);
		rc = put_number(store, key, &item, *ret, COR_PUT_UNCHANGED);
	}
	cor_arena_finish(&arena);
	return rc;
}

/* --- both --- */

/* Returns -ENOENT if there is none, -ENOTSUP if the server cannot: the value has its key in it. */
static int add_there(struct cor_memcached_state *state, struct cor_str key, struct attempt *attempt,
	uint64_t *ret)
{
	struct cor_memcached_request request = { .kind = COR_MEMCACHED_ADD, .by = attempt->by };
	struct cor_memcached_whole whole;
	struct cor_memcached_turn turn;

	cor_memcached_whole_make(state, key, &whole);
	int rc = cor_memcached_turn_begin(
		state, cor_memcached_node_of(state, cor_memcached_whole_str(&whole)), &turn);
	if (rc < 0)
		return rc;
	attempt->is_text = turn.link->dialect == COR_MEMCACHED_TEXT;
	cor_memcached_key_for(turn.link, cor_memcached_whole_str(&whole), &request.key);
	rc = request.key.form == COR_MEMCACHED_HASHED ? -ENOTSUP
						      : add_by_server(&turn, &request, ret);
	bool is_told = rc == -ENOENT || rc == -EBADMSG || rc == -ERANGE || rc == -ENOTSUP;
	cor_memcached_turn_end(&turn, is_told ? 0 : rc);
	return rc;
}

/* Returns -ESTALE or -EEXIST if somebody else was quicker. */
static int add_once(
	struct cor_store *store, struct cor_str key, struct attempt *attempt, uint64_t *ret)
{
	int rc = add_there(cor_memcached_state_of(store), key, attempt, ret);

	if (rc == -ENOTSUP)
		rc = add_by_hand(store, key, attempt, ret);
	if (rc != -ENOENT)
		return rc;
	*ret = attempt->made;
	return put_number(store, key, attempt->first, attempt->made, COR_PUT_NEW);
}

int cor_memcached_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret)
{
	struct attempt attempt = { .by = by, .first = first };
	uint64_t number = 0;
	int rc = -ESTALE;

	if (cor_number_parse_uint64(first->value, &attempt.made) < 0)
		return -EINVAL;
	for (int i = 0; i < TRIES && (rc == -ESTALE || rc == -EEXIST); i++)
		rc = add_once(store, key, &attempt, &number);
	if (rc == 0)
		*ret = number;
	return rc == -ESTALE || rc == -EEXIST ? -ETIMEDOUT : rc;
}
