/* SPDX-License-Identifier: MIT */
#include "http2/session.h"

#include <errno.h>
#include <stdlib.h>

#include "connection/crowd.h"
#include "http2/flood.h"
#include "http2/frames.h"
#include "http2/stream.h"
#include "observe/logger.h"

#define RECEIVES_AT_ONCE 16 /* from one connection, before others have their turn */
/*
 * What a client may have sent of all bodies that no handler has read: its streams together, each of
 * which begins with the 64 KiB of RFC 9113 section 6.9.2.
 */
#define WINDOW_BYTES (1024 * 1024)
#define QUEUE_MAX    1000 /* frames other than DATA that wait to be taken */
#define GRACE_S      10   /* see tail.h: the same for a stream that its client holds back */
#define BYTES_PER_S  500

static int64_t now(const struct cor_http2_session *session)
{
	struct cor_scheduler *scheduler = session->connection->loop->scheduler;

	cor_clock_settle(scheduler);
	return cor_clock_now(scheduler);
}

/* --- its timer --- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void arm(struct cor_http2_session *session)
{
	struct cor_scheduler *scheduler = session->connection->loop->scheduler;
	int64_t due_ns = earlier(session->whole_ns, earlier(session->pace_ns, session->leave_ns));

	if (due_ns == COR_FOREVER)
		cor_timer_disarm(scheduler, &session->timer);
	else if (due_ns != session->timer.due_ns)
		cor_timer_arm(scheduler, &session->timer, due_ns);
}

void cor_http2_session_await(struct cor_http2_session *session, int64_t *due_ns, uint32_t ms)
{
	*due_ns = cor_clock_after(now(session), ms);
	arm(session);
}

static int64_t write_timeout_ns(const struct cor_http2_session *session)
{
	return session->connection->loop->settings->write_timeout_ms * (int64_t)COR_NS_PER_MS;
}

/* Whether its client takes the answer, if slowly. */
static bool keeps_pace(const struct cor_http2_stream *stream, int64_t now_ns)
{
	int64_t slow_s = (now_ns - stream->slow_ns) / COR_NS_PER_S;

	return now_ns - stream->moved_ns < write_timeout_ns(stream->session) &&
	       (slow_s <= GRACE_S || (int64_t)stream->taken / slow_s >= BYTES_PER_S);
}

static void judge_pace(struct cor_http2_session *session, int64_t now_ns)
{
	struct cor_http2_stream *next;
	int64_t due_ns = COR_FOREVER;

	for (struct cor_http2_stream *stream = session->streams; stream; stream = next) {
		next = stream->next;
		if (stream->slow_ns == 0)
			continue;
		if (keeps_pace(stream, now_ns))
			due_ns = earlier(due_ns, stream->moved_ns + write_timeout_ns(session));
		else
			cor_http2_stream_reset(stream, NGHTTP2_CANCEL,
				"cut: the client did not take the answer in time");
	}
	session->pace_ns = due_ns;
}

static void last_goaway(struct cor_http2_session *session)
{
	cor_ignore(nghttp2_submit_goaway(session->frames, NGHTTP2_FLAG_NONE,
		nghttp2_session_get_last_proc_stream_id(session->frames), NGHTTP2_NO_ERROR, NULL,
		0));
}

/* What the client has done is seen first: nobody may have told of it yet. */
static void timed_out(struct cor_timer *timer)
{
	struct cor_http2_session *session = cor_container_of(
		timer, struct cor_http2_session, timer);
	struct cor_connection *c = session->connection;
	int64_t now_ns = now(session);

	cor_connection_set(c, COR_CONNECTION_WORKING);
	cor_connection_set(c, COR_CONNECTION_READABLE);
	cor_http2_session_receive(session);
	if (session->whole_ns <= now_ns) {
		session->whole_ns = COR_FOREVER;
		cor_http2_session_give_up(session, NGHTTP2_NO_ERROR,
			"a head did not arrive in time (--header-timeout-ms)");
	}
	if (session->pace_ns <= now_ns)
		judge_pace(session, now_ns);
	if (session->leave_ns <= now_ns) {
		session->leave_ns = COR_FOREVER;
		last_goaway(session);
	}
	arm(session);
	cor_http2_session_flush(session);
	cor_connection_clear(c, COR_CONNECTION_WORKING);
	cor_http2_session_settle(session);
}

/* --- life --- */

static int submit_settings(struct cor_http2_session *session)
{
	const struct cor_http_settings *settings = session->http2->serving->settings;
	const nghttp2_settings_entry entries[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings->http2_streams },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
			settings->header_block_bytes + settings->request_line_bytes },
		{ NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1 },
		{ NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};
	int rc = nghttp2_submit_settings(
		session->frames, NGHTTP2_FLAG_NONE, entries, sizeof entries / sizeof entries[0]);

	if (rc == 0)
		rc = nghttp2_session_set_local_window_size(
			session->frames, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES);
	return rc;
}

struct cor_http2_session *cor_http2_session_create(
	struct cor_http2 *http2, struct cor_connection *c)
{
	struct cor_http2_session *session = calloc(1, sizeof *session);

	if (!session)
		return NULL;
	session->http2 = http2;
	session->connection = c;
	session->timer.fire = timed_out;
	session->timer.due_ns = COR_FOREVER;
	session->whole_ns = session->pace_ns = session->leave_ns = COR_FOREVER;
	cor_http2_calm_init(session);
	cor_http2_scan_init(&session->scan);
	if (nghttp2_session_server_new3(&session->frames, http2->callbacks, session, http2->options,
		    &http2->memory.functions) != 0) {
		free(session);
		return NULL;
	}
	if (submit_settings(session) != 0) {
		nghttp2_session_del(session->frames);
		free(session);
		return NULL;
	}
	cor_http2_session_await(
		session, &session->whole_ns, http2->serving->settings->header_timeout_ms);
	return session;
}

static void count_unsent(struct cor_http2_session *session, uint64_t unsent)
{
	struct cor_crowd *crowd = &session->connection->loop->group->crowd;

	if (unsent == session->counted)
		return;
	if ((unsent != 0) != (session->counted != 0))
		atomic_fetch_add(&crowd->tails, unsent != 0 ? 1 : UINT32_MAX);
	atomic_fetch_add(&crowd->bytes, unsent - session->counted);
	session->counted = unsent;
}

void cor_http2_session_destroy(struct cor_http2_session *session)
{
	if (!session)
		return;
	while (session->streams)
		cor_http2_stream_destroy(session->streams);
	count_unsent(session, 0);
	cor_http2_drop_head(session);
	cor_timer_disarm(session->connection->loop->scheduler, &session->timer);
	nghttp2_session_del(session->frames);
	free(session);
}

/* --- in --- */

COR_COLD void cor_http2_tell_end(const struct cor_connection *c, struct cor_str why)
{
	const struct cor_loop *loop = c->loop;
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];

	if (!cor_loops_may_tell(loop->group, cor_clock_now(loop->scheduler)))
		return;
	cor_peer_address(&c->peer, &address);
	cor_address_print_host(&address, peer);
	cor_logger_log(loop->logger, COR_LOG_INFO, NULL,
		"HTTP/2 with %s ends: %.*s; others that end within 10 s are only counted", peer,
		(int)why.len, why.data);
}

void cor_http2_session_break(struct cor_http2_session *session, const char *why)
{
	struct cor_http2_stream *next;

	for (struct cor_http2_stream *stream = session->streams; stream; stream = next) {
		next = stream->next;
		cor_http2_stream_break(stream, COR_STATUS_CLIENT_GONE, why);
	}
}

static enum cor_refusal refusal_of(uint32_t error)
{
	switch (error) {
	case NGHTTP2_NO_ERROR:
		return COR_REFUSED_SILENT;
	case NGHTTP2_ENHANCE_YOUR_CALM:
		return COR_REFUSED_FLOOD;
	default:
		return COR_REFUSED_RULES;
	}
}

static COR_COLD void count_end(
	struct cor_http2_session *session, uint32_t error, struct cor_str why)
{
	cor_count(&session->connection->loop->counts->refused[refusal_of(error)], 1);
	cor_http2_tell_end(session->connection, why);
}

/* Nothing of what was in progress can be answered. */
static COR_COLD void end_now(struct cor_http2_session *session)
{
	struct cor_connection *c = session->connection;

	session->is_given_up = true;
	cor_connection_set(c, COR_CONNECTION_CLOSING);
	cor_connection_set(c, COR_CONNECTION_UNREAD);
	cor_http2_session_break(session, "cut: the connection broke the rules of HTTP/2");
}

void cor_http2_session_failed(struct cor_http2_session *session, uint32_t error, struct cor_str why)
{
	if (session->is_given_up || session->has_failed)
		return;
	session->has_failed = true;
	session->error = error;
	if (error != NGHTTP2_INTERNAL_ERROR)
		count_end(session, error, why.len != 0 ? why : COR_STR("it broke the rules"));
}

void cor_http2_session_give_up(struct cor_http2_session *session, uint32_t error, const char *why)
{
	if (session->is_given_up)
		return;
	session->is_given_up = true;
	count_end(session, error, cor_str(why));
	cor_ignore(nghttp2_session_terminate_session(session->frames, error));
	if (!session->receiving)
		cor_ignore(nghttp2_session_send(session->frames));
	end_now(session);
}

void cor_http2_session_take(struct cor_http2_session *session, const char *data, size_t len)
{
	if (session->is_given_up)
		return;
	cor_http2_scan(session, data, len);
	ssize_t rc = 0;
	if (session->error == 0 && session->calm >= 0) {
		session->receiving = true;
		rc = nghttp2_session_mem_recv(session->frames, (const uint8_t *)data, len);
		session->receiving = false;
	}
	if (rc == NGHTTP2_ERR_NOMEM) {
		cor_connection_lose_to(session->connection, COR_LOSS_MEMORY);
	} else if (rc == NGHTTP2_ERR_FLOODED) {
		cor_http2_session_give_up(session, NGHTTP2_ENHANCE_YOUR_CALM,
			"it does not take the answers to its frames");
	} else if (session->error != 0) {
		cor_http2_session_give_up(session, session->error, session->why);
	} else if (rc < 0) {
		cor_http2_session_give_up(
			session, NGHTTP2_PROTOCOL_ERROR, nghttp2_strerror((int)rc));
	} else if (session->calm < 0) {
		cor_http2_session_give_up(session, NGHTTP2_ENHANCE_YOUR_CALM,
			"it sends too many frames that bring nothing");
	}
	if (session->head && session->whole_ns == COR_FOREVER)
		cor_http2_session_await(session, &session->whole_ns,
			session->http2->serving->settings->header_timeout_ms);
	cor_http2_session_send(session);
	if (COR_UNLIKELY(nghttp2_session_get_outbound_queue_size(session->frames) > QUEUE_MAX))
		cor_http2_session_give_up(session, NGHTTP2_ENHANCE_YOUR_CALM,
			"it does not take the answers to its frames");
}

void cor_http2_session_receive(struct cor_http2_session *session)
{
	struct cor_connection *c = session->connection;
	int left = RECEIVES_AT_ONCE;

	while (cor_connection_is(c, COR_CONNECTION_READABLE) && !session->is_given_up &&
		!cor_connection_is(c, COR_CONNECTION_LOST)) {
		ssize_t n = cor_connection_receive(c, c->loop->input, COR_LOOP_INPUT_BYTES);
		if (n == -EAGAIN)
			return;
		if (n > 0)
			cor_http2_session_take(session, c->loop->input, (size_t)n);
		else
			cor_connection_lose(c); /* nobody speaks HTTP/2 in one direction */
		if (n > 0 && --left == 0) {
			cor_connection_look_again(c);
			return;
		}
	}
}

/* --- out --- */

/* Of what its client holds back, too much may be in all: it is the first to go that has grown. */
static void keep_limit(struct cor_http2_session *session)
{
	const struct cor_loop *loop = session->connection->loop;
	struct cor_crowd *crowd = &loop->group->crowd;
	uint64_t limit = loop->group->share->unsent_max_bytes;
	uint32_t tails = atomic_load(&crowd->tails);

	if (atomic_load(&crowd->bytes) > limit && tails > 1 && session->counted > limit / tails)
		cor_connection_lose_to(session->connection, COR_LOSS_CROWD);
}

static void expect_pace(struct cor_http2_session *session)
{
	if (session->pace_ns == COR_FOREVER)
		cor_http2_session_await(session, &session->pace_ns,
			session->connection->loop->settings->write_timeout_ms);
}

void cor_http2_session_watch_end(struct cor_http2_stream *stream)
{
	const uint32_t is_out = COR_STREAM_SENT | COR_STREAM_OUT_TAKEN | COR_STREAM_BROKEN;

	if ((stream->flags & is_out) || cor_http2_stream_unsent(stream) != 0)
		return;
	stream->slow_ns = stream->moved_ns = now(stream->session);
	expect_pace(stream->session);
}

static void watch_unsent(struct cor_http2_session *session)
{
	int64_t now_ns = now(session);
	bool grows = session->unsent > session->counted;

	count_unsent(session, session->unsent);
	if (grows)
		keep_limit(session);
	for (struct cor_http2_stream *stream = session->streams; stream; stream = stream->next)
		if (stream->slow_ns == 0 && cor_http2_stream_unsent(stream) != 0)
			stream->slow_ns = stream->moved_ns = now_ns;
	if (session->unsent != 0 || session->files != 0)
		expect_pace(session);
}

void cor_http2_session_send(struct cor_http2_session *session)
{
	struct cor_connection *c = session->connection;

	if (session->receiving || session->is_given_up || cor_connection_is(c, COR_CONNECTION_LOST))
		return;
	session->receiving = true;
	int rc = nghttp2_session_send(session->frames);
	session->receiving = false;
	if (rc == NGHTTP2_ERR_NOMEM) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return;
	}
	if (COR_UNLIKELY(session->has_failed)) {
		if (session->error == NGHTTP2_INTERNAL_ERROR)
			cor_connection_lose_to(c, COR_LOSS_MEMORY); /* for a head */
		else
			end_now(session);
		return;
	}
	if (session->unsent != 0 || session->counted != 0 || session->files != 0)
		watch_unsent(session);
	if (!nghttp2_session_want_read(session->frames) &&
		!nghttp2_session_want_write(session->frames)) {
		cor_connection_set(c, COR_CONNECTION_CLOSING);
		cor_connection_set(c, COR_CONNECTION_UNREAD);
	}
}

void cor_http2_session_flush(struct cor_http2_session *session)
{
	cor_http2_session_send(session);
	if (!session->receiving)
		cor_connection_flush(session->connection);
}

void cor_http2_session_leave(struct cor_http2_session *session)
{
	if (session->leaves)
		return;
	session->leaves = true;
	cor_ignore(nghttp2_submit_shutdown_notice(session->frames));
	cor_http2_session_await(session, &session->leave_ns, COR_LAST_REQUEST_MS);
}

/* --- what it is to its connection --- */

bool cor_http2_session_settle(struct cor_http2_session *session)
{
	struct cor_connection *c = session->connection;

	if (session->receiving || cor_connection_is(c, COR_CONNECTION_WORKING))
		return true;
	if (cor_connection_is(c, COR_CONNECTION_LOST))
		cor_http2_session_break(session, cor_connection_why_lost(c));
	if (session->streams_len != 0) {
		if (!cor_connection_is(c, COR_CONNECTION_BUSY))
			cor_connection_begin_waiting(c);
		return true;
	}
	if (cor_connection_is(c, COR_CONNECTION_BUSY)) {
		cor_connection_resume(c);
		return false; /* it may be gone, for all we know */
	}
	return !cor_connection_settle(c);
}
