/* SPDX-License-Identifier: MIT */
/**
 * A client's connection.
 *
 * Phases: IDLE (nothing of a request is here) -> HEAD (part of a head is here, in input) -> BUSY (a request is being
 * served and its fiber waits) -> IDLE ...; LINGER (the last answer is out, what still comes is thrown away) -> closed.
 * A request that is served without waiting goes from IDLE to IDLE within one event. In every phase a tail may be
 * unsent; until it is out no further request is begun.
 *
 * Idle, it is this struct and nothing more.
 */
#ifndef CORACLE_SERVER_CONNECTION_H
#define CORACLE_SERVER_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "http/head_parser.h"
#include "runtime/address.h"
#include "runtime/reactor.h"
#include "runtime/timer.h"
#include "server/loop.h"

struct cor_http1_exchange;

/** Bytes that were received and are not worked off yet. */
struct cor_input {
	size_t at;  /* the first that counts */
	size_t len; /* how many count */
	size_t capacity;
	struct cor_head_parser parser; /* how far the head in here is parsed */
	char bytes[];
};

/** Bytes that the client has not taken yet. */
struct cor_tail {
	size_t at;
	size_t len;
	char bytes[];
};

/** The other end, in less room than a socket address: a unix peer has family 0. */
struct cor_peer {
	uint8_t family; /* AF_INET, AF_INET6 or 0 */
	uint8_t ip[16];
	uint16_t port; /* network order */
};

enum cor_connection_phase {
	COR_PHASE_IDLE,
	COR_PHASE_HEAD,
	COR_PHASE_BUSY,
	COR_PHASE_LINGER,
};

struct cor_connection {
	struct cor_watch watch;
	struct cor_timer timer; /* of the phase, or of the tail */
	struct cor_server_loop *loop;
	struct cor_connection *next;
	struct cor_connection *previous;
	struct cor_http1_exchange *exchange; /* BUSY: the request in progress */
	struct cor_input *input;
	struct cor_tail *tail;
	int64_t retire_ns; /* monotonic: requests from then on are its last */
	struct cor_peer peer;
	uint32_t requests_left;
	uint32_t rest_at; /* so many of them left: then others have their turn */
	uint8_t phase;
	/* While one of these holds no further request is begun: they are tested all at once. */
	union {
		struct {
			bool closing; /* ends when the output is out */
			bool lost;    /* reset, or an error: nothing can be sent or received */
			bool busy;    /* exchange is there */
			bool stalled; /* tail is there */
			bool resting; /* it has had its share: the timer lets it go on in the next turn */
		};
		uint64_t obstacles;
	};
	bool working;      /* an event is being worked off: it must not be freed under its feet */
	bool readable;     /* there is, or may be, more to receive */
	bool half_closed;  /* the client will send no more */
	bool unread;       /* ends with something of the request not received: linger */
	bool watching_out; /* the reactor tells when there is room to send */
	bool open_ended;   /* its last reply ends where it does: cut, it must not look whole */
};

/** Whether a further request may be begun now. */
static inline bool cor_connection_may_begin(const struct cor_connection *c)
{
	return c->obstacles == 0;
}

/** Take over an accepted socket. On failure the socket is closed. Returns 0, -ENOMEM or the errno of epoll. */
int cor_connection_open(
	struct cor_server_loop *loop, int fd, const struct cor_address *peer) COR_CHECKED;

/** The address of the other end. */
void cor_connection_peer(const struct cor_connection *connection, struct cor_address *ret);

/** More requests are here, but it has had its share of this turn: the others have theirs before it goes on. */
void cor_connection_rest(struct cor_connection *connection);

/** Close it now: a request in progress is cancelled, and the connection goes when its fiber has ended. */
void cor_connection_cut(struct cor_connection *connection);

/** The loop drains: end it as soon as it has nothing to do, at once when idle. One that has not asked yet may ask once. */
void cor_connection_retire(struct cor_connection *connection);

/** Work off what is there after the fiber of a request has ended on its own time. */
void cor_connection_resume(struct cor_connection *connection);

/** Receive into `buffer`. Returns the count, 0 at the end of the stream, -EAGAIN, or the negative errno. */
ssize_t cor_connection_receive(struct cor_connection *connection, void *buffer, size_t size);

/** Keep `len` bytes (which may lie in the input itself) for later. Returns 0 or -ENOMEM. */
int cor_connection_keep(struct cor_connection *connection, const char *data, size_t len);

/** Room for `bytes` more behind what the input holds; makes an input where there is none. NULL without memory. */
char *cor_connection_room(struct cor_connection *connection, size_t bytes);

void cor_connection_drop_input(struct cor_connection *connection);

/* output.c */

/** Send the loop's output buffer, which holds answers of this connection; what the client does not take becomes the tail. */
void cor_connection_flush(struct cor_connection *connection);

/** Send more of the tail. */
void cor_connection_send_tail(struct cor_connection *connection);

#endif
