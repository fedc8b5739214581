/* SPDX-License-Identifier: MIT */
#include "memcached_store/answers.h"

#include <errno.h>
#include <string.h>

#include "runtime/wait.h"

#define OF(code) (1u << (code))

/* What may be answered to a request of each kind, besides errors. */
static const uint32_t possible[] = {
	[COR_MEMCACHED_GET] = OF(COR_MEMCACHED_VALUE) | OF(COR_MEMCACHED_MISS) |
			      OF(COR_MEMCACHED_END),
	[COR_MEMCACHED_PUT] = OF(COR_MEMCACHED_DONE) | OF(COR_MEMCACHED_NOT_STORED) |
			      OF(COR_MEMCACHED_EXISTS) | OF(COR_MEMCACHED_ABSENT),
	[COR_MEMCACHED_DELETE] = OF(COR_MEMCACHED_DONE) | OF(COR_MEMCACHED_ABSENT),
	[COR_MEMCACHED_TOUCH] = OF(COR_MEMCACHED_DONE) | OF(COR_MEMCACHED_MISS) |
				OF(COR_MEMCACHED_ABSENT),
	[COR_MEMCACHED_ADD] = OF(COR_MEMCACHED_VALUE) | OF(COR_MEMCACHED_NUMBER) |
			      OF(COR_MEMCACHED_ABSENT) | OF(COR_MEMCACHED_NOT_STORED),
	[COR_MEMCACHED_FLUSH] = OF(COR_MEMCACHED_DONE),
	[COR_MEMCACHED_HELLO] = OF(COR_MEMCACHED_NOOP),
	[COR_MEMCACHED_LOGIN] = OF(COR_MEMCACHED_DONE),
	[COR_MEMCACHED_VERSION] = OF(COR_MEMCACHED_SERVER_VERSION),
	[COR_MEMCACHED_STATS] = OF(COR_MEMCACHED_STAT) | OF(COR_MEMCACHED_END),
};

static bool is_error(enum cor_memcached_code code)
{
	return code >= COR_MEMCACHED_UNKNOWN;
}

static struct cor_memcached_expected *oldest(const struct cor_memcached_link *link)
{
	return &link->queue[link->first % link->size];
}

/* Requests of the meta protocol have numbers. */
static bool is_numbered(const struct cor_memcached_link *link, enum cor_memcached_kind kind)
{
	return link->dialect == COR_MEMCACHED_META && kind < COR_MEMCACHED_FLUSH;
}

static bool has_right_key(
	const struct cor_memcached_ask *ask, const struct cor_memcached_reply *reply)
{
	const struct cor_memcached_key *key = &ask->request.key;

	return ask->request.kind != COR_MEMCACHED_GET ||
	       (cor_str_equal(reply->key, cor_memcached_key_text(key)) &&
		       reply->is_base64 == (key->form == COR_MEMCACHED_BASE64 && reply->is_meta));
}

/*
 * An error has no number. A miss has none from some servers: taken for one that somebody waits for
 * it is a miss, and the answer that it has pushed aside gives it away.
 */
static bool is_of_oldest(
	const struct cor_memcached_link *link, const struct cor_memcached_reply *reply)
{
	const struct cor_memcached_expected *expected = oldest(link);

	if (link->first == link->next)
		return false;
	if (is_error(reply->code))
		return true;
	if (!(possible[expected->kind] & OF(reply->code)))
		return false;
	if (!is_numbered(link, expected->kind))
		return !reply->is_meta;
	if (reply->has_opaque ? reply->opaque != link->first : reply->code != COR_MEMCACHED_MISS)
		return false;
	return reply->is_meta;
}

/* --- what it says --- */

void cor_memcached_answer(struct cor_memcached_ask *ask, int rc)
{
	ask->rc = rc;
	if (ask->wait)
		cor_wait_signal(ask->wait);
}

static bool says_too_large(struct cor_str text)
{
	return text.len >= 9 && (memmem(text.data, text.len, "too large", 9) != NULL);
}

/* "1.6.9" and those before it had another meta protocol under the same name. */
static bool is_early(struct cor_str version)
{
	return version.len == 5 && memcmp(version.data, "1.6.", 4) == 0;
}

static void fill(struct cor_memcached_ask *ask, const struct cor_memcached_reply *reply)
{
	ask->code = reply->code;
	ask->flags = reply->flags;
	ask->version = reply->version;
	ask->has_ttl = reply->has_ttl;
	ask->ttl_s = reply->ttl_s;
	if (reply->code == COR_MEMCACHED_NUMBER)
		ask->number = reply->number;
	if (reply->code == COR_MEMCACHED_SERVER_VERSION)
		ask->is_early = is_early(reply->text);
	if (reply->code == COR_MEMCACHED_SERVER_ERROR)
		ask->is_too_large = says_too_large(reply->text);
}

static void end_oldest(struct cor_memcached_link *link, int rc)
{
	struct cor_memcached_ask *ask = oldest(link)->ask;

	link->first++;
	if (ask)
		cor_memcached_answer(ask, rc);
}

/* After some errors nobody knows what the server takes for the next request. */
static bool ends_connection(
	const struct cor_memcached_link *link, const struct cor_memcached_reply *reply)
{
	enum cor_memcached_kind kind = oldest(link)->kind;

	if (reply->code == COR_MEMCACHED_CLIENT_ERROR)
		return kind != COR_MEMCACHED_ADD;
	return reply->code == COR_MEMCACHED_UNKNOWN && kind != COR_MEMCACHED_HELLO;
}

static int take_line(struct cor_memcached_link *link)
{
	const struct cor_memcached_reply *reply = &link->reader.reply;

	if (!is_of_oldest(link, reply))
		return -EPROTO;
	struct cor_memcached_ask *ask = oldest(link)->ask;
	if (reply->code == COR_MEMCACHED_STAT)
		return 0;
	if (ends_connection(link, reply))
		return -EPROTO;
	/* of the text protocol: behind a value that has come, or none has */
	bool has_value = reply->code == COR_MEMCACHED_END && ask &&
			 ask->code == COR_MEMCACHED_VALUE && ask->room;
	if (ask && !has_value)
		fill(ask, reply);
	if (ask && ask->code == COR_MEMCACHED_END)
		ask->code = COR_MEMCACHED_MISS;
	end_oldest(link, ask && ask->code == COR_MEMCACHED_VALUE && !ask->room ? -ENOMEM : 0);
	return 0;
}

/* --- values --- */

static int begin_value(struct cor_memcached_link *link)
{
	const struct cor_memcached_reply *reply = &link->reader.reply;

	if (!is_of_oldest(link, reply))
		return -EPROTO;
	struct cor_memcached_ask *ask = oldest(link)->ask;
	if (!ask)
		return 0;
	if (!has_right_key(ask, reply) || ask->room)
		return -EPROTO;
	fill(ask, reply);
	ask->room = ask->arena ? cor_arena_alloc(ask->arena, (size_t)reply->bytes + 1) : NULL;
	ask->value = (struct cor_str){ ask->room, 0 };
	return 0;
}

static void add_data(struct cor_memcached_link *link, struct cor_str data)
{
	struct cor_memcached_ask *ask = oldest(link)->ask;

	if (!ask || !ask->room)
		return;
	memcpy(ask->room + ask->value.len, data.data, data.len);
	ask->value.len += data.len;
}

/* The text protocol has a line behind the values. */
static void end_value(struct cor_memcached_link *link)
{
	const struct cor_memcached_ask *ask = oldest(link)->ask;

	if (ask && ask->room)
		ask->room[ask->value.len] = '\0';
	if (link->reader.reply.is_meta)
		end_oldest(link, ask && !ask->room ? -ENOMEM : 0);
}

static int take_event(
	struct cor_memcached_link *link, enum cor_memcached_event event, struct cor_str data)
{
	switch (event) {
	case COR_MEMCACHED_LINE:
		return take_line(link);
	case COR_MEMCACHED_BEGIN:
		return begin_value(link);
	case COR_MEMCACHED_DATA:
		add_data(link, data);
		return 0;
	case COR_MEMCACHED_WHOLE:
		end_value(link);
		return 0;
	default:
		return -EPROTO;
	}
}

int cor_memcached_take_answers(struct cor_memcached_link *link)
{
	size_t at = 0, used = 0;
	struct cor_str data = { NULL, 0 };
	int rc = 0;

	while (rc == 0) {
		enum cor_memcached_event event = cor_memcached_read(
			&link->reader, link->in + at, link->in_len - at, &used, &data);
		if (event == COR_MEMCACHED_MORE)
			break;
		at += used;
		rc = take_event(link, event, data);
	}
	memmove(link->in, link->in + at, link->in_len - at);
	link->in_len -= at;
	return rc;
}
