/* SPDX-License-Identifier: MIT */
/**
 * A client's connection: it moves bytes and knows how far along it is, but not what the bytes mean.
 *
 * Phases: IDLE (nothing of a message is here) -> PARTIAL (part of one is here, in input) -> BUSY
 * (the protocol works on one, and waits) -> IDLE ...; LINGER (the last answer is out, what still
 * comes is thrown away) -> closed. What is worked off without waiting goes from IDLE to IDLE within
 * one event. In every phase a tail may be unsent; until it is out nothing further is begun.
 *
 * Idle, it is this struct and nothing more.
 */
#ifndef CORACLE_CONNECTION_CONNECTION_H
#define CORACLE_CONNECTION_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "connection/input.h"
#include "connection/loop.h"
#include "connection/output.h"
#include "connection/peer.h"
#include "connection/protocol.h"
#include "runtime/reactor.h"
#include "runtime/timer.h"
#include "runtime/transport.h"

#define COR_INPUT_FIRST_BYTES 2048
#define COR_CONNECTION_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET)

struct cor_filter;
struct cor_filter_source;
struct cor_introduction;

enum cor_connection_phase {
	COR_PHASE_IDLE,
	COR_PHASE_PARTIAL,
	COR_PHASE_BUSY,
	COR_PHASE_LINGER,
};

enum cor_connection_flag {
	/* While one of these is set nothing further is begun. */
	COR_CONNECTION_CLOSING = 1 << 0, /* ends when the output is out */
	COR_CONNECTION_LOST = 1 << 1,    /* reset, or an error: nothing can be sent or received */
	COR_CONNECTION_BUSY = 1 << 2,    /* the protocol works on a message */
	COR_CONNECTION_STALLED = 1 << 3, /* a tail is there */
	COR_CONNECTION_RESTING =
		1 << 4, /* it has had its share: the timer lets it go on in the next turn */
	COR_CONNECTION_SHAKING = 1 << 5, /* hands: the proxy's, the filter's */
	COR_CONNECTION_OBSTACLES = (1 << 6) - 1,

	COR_CONNECTION_WORKING =
		1 << 6, /* an event is worked off: it must not be freed under its feet */
	COR_CONNECTION_READABLE = 1 << 7,      /* there is, or may be, more to receive */
	COR_CONNECTION_HALF_CLOSED = 1 << 8,   /* the client will send no more */
	COR_CONNECTION_UNREAD = 1 << 9,        /* something may come that nobody reads: linger */
	COR_CONNECTION_WATCHING_OUT = 1 << 10, /* the reactor tells when there is room to send */
	COR_CONNECTION_OPEN_ENDED =
		1 << 11, /* its last answer ends where it does: cut, it must not look whole */
	COR_CONNECTION_URGENT = 1 << 12, /* an urgent byte has come: a receive may stop anywhere */
	COR_CONNECTION_SILENT = 1 << 13, /* behind a filter: the first bytes are still to come */
	COR_CONNECTION_ENDING = 1 << 14, /* the filter's orderly end waits for room */
};

/** Why nothing more can be sent. */
enum cor_connection_loss {
	COR_LOSS_CLIENT, /* it has gone, or the drain was over */
	COR_LOSS_PACE,   /* it did not take its answers in time */
	COR_LOSS_CROWD,  /* there were too many answers that nobody took */
	COR_LOSS_MEMORY, /* there was none */
	COR_LOSS_FILE,   /* what it was sent from could not be read, or became shorter */
};

struct cor_connection {
	struct cor_watch watch;
	struct cor_timer timer; /* of the phase, or of the tail */
	struct cor_loop *loop;
	struct cor_protocol *protocol;
	struct cor_filter *filter; /* NULL: bytes go straight through */
	void *session;             /* the protocol's; NULL: nothing is in progress */
	struct cor_connection *next;
	struct cor_connection *previous;
	struct cor_input *input;
	struct cor_tail *tail;
	struct cor_introduction *introduction; /* by a proxy, ahead of all else; NULL: none */
	struct cor_peer peer;                  /* whom that names, else the other end */
	uint32_t requests_left;
	uint32_t retire_s; /* monotonic: what begins from then on is its last */
	uint16_t flags;
	uint8_t phase;
	uint8_t loss;
};

static inline bool cor_connection_is(const struct cor_connection *c, enum cor_connection_flag flag)
{
	return (c->flags & flag) != 0;
}

static inline void cor_connection_set(struct cor_connection *c, enum cor_connection_flag flag)
{
	c->flags |= (uint16_t)flag;
}

static inline void cor_connection_clear(struct cor_connection *c, enum cor_connection_flag flag)
{
	c->flags &= (uint16_t)~flag;
}

/** Whether something further may be begun now. */
static inline bool cor_connection_may_begin(const struct cor_connection *c)
{
	return !(c->flags & COR_CONNECTION_OBSTACLES);
}

/** Nothing can be sent or received any more. */
static inline void cor_connection_lose(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_LOST);
}

/** The same; what has caused it first is what the log says. */
static inline void cor_connection_lose_to(struct cor_connection *c, enum cor_connection_loss loss)
{
	if (!cor_connection_is(c, COR_CONNECTION_LOST))
		c->loss = (uint8_t)loss;
	cor_connection_lose(c);
}

/** Whether what begins now is the connection's last, by its age, its count or a drain. */
static inline bool cor_connection_retires(const struct cor_connection *c, int64_t now_ns)
{
	return c->loop->draining || c->requests_left == 0 ||
	       now_ns >= c->retire_s * (int64_t)COR_NS_PER_S;
}

/**
 * Send the loop's output buffer, which holds answers of this connection; what the client does not
 * take becomes the tail.
 */
static inline void cor_connection_flush(struct cor_connection *c)
{
	struct cor_loop *loop = c->loop;
	struct cor_buffer *output = &loop->output;
	bool usual = output->error == 0 && !loop->deliveries && !c->filter &&
		     !(c->flags & (COR_CONNECTION_LOST | COR_CONNECTION_STALLED));

	if (COR_UNLIKELY(!usual)) {
		cor_connection_flush_rest(c, 0);
		return;
	}
	if (output->len == 0)
		return;
	const struct cor_transport *transport = loop->scheduler->transport;
	ssize_t n = transport->send(transport, c->watch.fd, output->data, output->len);
	if (COR_UNLIKELY(n != (ssize_t)output->len)) {
		cor_connection_flush_rest(c, n);
		return;
	}
	cor_count(&loop->counts->bytes_sent, (uint64_t)n);
	cor_buffer_clear(output, COR_LOOP_OUTPUT_KEEP);
}

struct cor_listener;

/**
 * Take over an accepted socket, which is counted already. Returns 0, -ENOMEM, the errno of epoll,
 * what the filter said, or -ECANCELED (it is not wanted, which has been counted and told); the
 * socket is the caller's then.
 */
int cor_connection_open(
	struct cor_listener *listener, int fd, const struct cor_address *peer) COR_CHECKED;

/**
 * More is here to begin, but it has had its share of this turn: the others have theirs before it
 * goes on.
 */
void cor_connection_rest(struct cor_connection *connection);

/** Close it now: what is in progress is cancelled, and the connection goes when that has ended. */
void cor_connection_cut(struct cor_connection *connection);

/** The loop drains: its next answer is its last, and it ends soon if it asks for none. */
void cor_connection_retire(struct cor_connection *connection);

/** From the protocol: it is BUSY from now on. */
void cor_connection_begin_waiting(struct cor_connection *connection);

/** From the protocol: what kept it BUSY has ended, on its own time. Works off what is there. */
void cor_connection_resume(struct cor_connection *connection);

/**
 * From the protocol: part of a message is here, and in the input. It has begin_timeout_ms from now
 * on to become whole, or from the first call on.
 */
void cor_connection_expect_rest(struct cor_connection *connection);

#define COR_WHY_UNREADABLE "cut: the file became shorter while it was sent, or could not be read"

/** Why it was lost, for a line of the log. */
const char *cor_connection_why_lost(const struct cor_connection *connection);

/**
 * Receive into `buffer`. Returns the count, 0 at the end of the stream, -EAGAIN, or the negative
 * errno.
 */
ssize_t cor_connection_receive(struct cor_connection *connection, void *buffer, size_t size);

/** Be told once more of what is there to receive, when others have had their turn. */
void cor_connection_look_again(struct cor_connection *connection);

/** Time counts from now on, not from the beginning of a turn that others may have made long. */
static inline void cor_connection_arm(struct cor_connection *c, uint32_t ms)
{
	struct cor_scheduler *scheduler = c->loop->scheduler;

	cor_timer_arm(scheduler, &c->timer, cor_clock_after(cor_clock_now(scheduler), ms));
}

/*
 * Its steps, which an event or its timer takes: private to this folder. Those that return bool
 * return false if the connection is gone, unless they say otherwise.
 */

/** Receive what has come, work it off, and send the answers. */
bool cor_connection_work(struct cor_connection *connection);

/** With whatever its phase is about. */
void cor_connection_go_on(struct cor_connection *connection);

/** There may be room to send more. */
bool cor_connection_make_room(struct cor_connection *connection);

void cor_connection_shake_hands(struct cor_connection *connection);

/** Throw away what has come in. */
void cor_connection_discard(struct cor_connection *connection);

/** Close it if it has nothing more to do. Returns whether it is gone. */
bool cor_connection_settle(struct cor_connection *connection);

#endif
