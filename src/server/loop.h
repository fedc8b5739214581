/* SPDX-License-Identifier: MIT */
/**
 * What one thread of the server has: its scheduler, its listeners, its connections, and the buffers they share.
 *
 * An idle connection holds no buffer: bytes are received into the loop's one input buffer and answers are gathered in
 * its one output buffer, which is sent once a readable event has been worked off.
 */
#ifndef CORACLE_SERVER_LOOP_H
#define CORACLE_SERVER_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "exchange/exchange.h"
#include "http/date.h"
#include "http/head_parser.h"
#include "runtime/reactor.h"
#include "runtime/scheduler.h"
#include "runtime/timer.h"
#include "server/settings.h"

#define COR_LOOP_INPUT_BYTES (64 * 1024)
#define COR_LOOP_OUTPUT_KEEP (64 * 1024)

struct cor_connection;
struct cor_listener;

/** Counted by the thread that owns them; read by others at their own risk of being a moment late. */
struct cor_server_counts {
	uint64_t connections; /* accepted */
	uint64_t requests;    /* answered */
	uint64_t by_class[6]; /* answers by the first digit of their status */
	uint64_t refused;     /* by the protocol: a malformed head, a limit */
	uint64_t bytes_received;
	uint64_t bytes_sent;
};

#define COR_REPLY_MEMO_BYTES 128

/*
 * The last head of a whole 200, up to the digits of its Content-Length, which come last: nearly all heads of one type in
 * one second differ in those alone.
 */
struct cor_reply_memo {
	int64_t until_ns;    /* monotonic: its Date is right before that; 0: nothing is here */
	struct cor_str type; /* types are constants: the same place is the same type */
	size_t len;
	char head[COR_REPLY_MEMO_BYTES];
};

struct cor_server_loop {
	struct cor_scheduler *scheduler;
	const struct cor_server_settings *settings;
	const struct cor_handler *handler;
	struct cor_listener *listeners;
	size_t listeners_len;

	struct cor_connection *connections; /* all of them */
	uint32_t connections_len;
	uint32_t connections_max;

	char *input; /* COR_LOOP_INPUT_BYTES */
	struct cor_buffer output;
	struct cor_head_parser parser; /* for heads that arrive whole; knows the limits */

	char date[COR_DATE_BYTES]; /* for the Date header */
	int64_t date_until_ns;     /* monotonic */
	struct cor_reply_memo memo;
	void (*on_drained)(struct cor_server_loop *loop);
	struct cor_timer drain_timer;
	struct cor_timer pause_timer;
	bool logs_access;
	bool draining;
	bool cut;     /* what was in progress when the drain was over has been cut */
	bool drained; /* and told so */
	bool paused; /* accepts nothing until a connection goes; in a drain: clients may be queued still */
	struct cor_server_counts counts;
};

/** The Date header's value for now, COR_DATE_BYTES long. */
const char *cor_loop_date(struct cor_server_loop *loop);

/**
 * Make the loop ready: buffers, watches on the listeners (borrowed). on_drained is called once, on the loop's thread, when
 * a drain has ended and no connection is left. Returns 0, -ENOMEM or the errno of epoll.
 * The loop may be run by another thread than the one that made it.
 */
int cor_loop_init(struct cor_server_loop *loop, const struct cor_server_settings *settings,
	const struct cor_handler *handler, const int *fds, size_t fds_len, uint32_t connections_max,
	void (*on_drained)(struct cor_server_loop *loop)) COR_CHECKED;

/** Serve until cor_loop_end(). Returns 0 or the negative errno of the reactor. */
int cor_loop_run(struct cor_server_loop *loop) COR_CHECKED;

/**
 * Accept those who are queued and close the listeners, close what is idle, end the rest with their answers; cut after the
 * drain timeout. On the loop's thread.
 */
void cor_loop_drain(struct cor_server_loop *loop);

/** Cut everything, while it drains. On the loop's thread. */
void cor_loop_cut(struct cor_server_loop *loop);

/** Accept nothing until a connection has gone or a moment has passed; `why` is logged once. */
void cor_loop_pause(struct cor_server_loop *loop, const char *why);

/** Told by a connection that has gone: an accept pause ends, a drain may have ended. */
void cor_loop_connection_gone(struct cor_server_loop *loop);

/** Let cor_loop_run() return: cancel what still runs beside the requests, and wait for its end. On the loop's thread. */
void cor_loop_end(struct cor_server_loop *loop);

void cor_loop_finish(struct cor_server_loop *loop);

#endif
