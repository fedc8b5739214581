/* SPDX-License-Identifier: MIT */
/**
 * What a protocol does with a connection. HTTP/1 is one; a new one is its own folder next to it.
 *
 * A connection has that of its listener, or the one that its client has agreed on with the filter
 * (ALPN): that is settled before the first byte, and may be after a drain has begun.
 *
 * There is one of these for each loop, the first member of whatever the protocol keeps there
 * (parser, settings, handler). All functions are called on the loop's own stack and must not wait.
 */
#ifndef CORACLE_CONNECTION_PROTOCOL_H
#define CORACLE_CONNECTION_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cor_connection;
struct cor_progress;
struct cor_protocol;

struct cor_protocol {
	/**
	 * Work off received bytes while cor_connection_may_begin(), and keep what is left
	 * (cor_connection_keep()). They lie in the loop's input buffer or in the connection's. The
	 * caller flushes the output afterwards.
	 */
	void (*consume)(struct cor_protocol *self, struct cor_connection *connection,
		const char *data, size_t len);
	/**
	 * The connection is BUSY, and its socket can be read or written: whoever waits for that
	 * looks again.
	 */
	void (*wake)(struct cor_protocol *self, struct cor_connection *connection);
	/**
	 * What has begun (COR_PHASE_PARTIAL) did not become whole in time: say so, in output; the
	 * connection ends.
	 */
	void (*timed_out)(struct cor_protocol *self, struct cor_connection *connection);
	/**
	 * The connection is lost while it is BUSY: cancel what is in progress, which then ends it.
	 */
	void (*cut)(struct cor_protocol *self, struct cor_connection *connection);
	/**
	 * A drain has begun: what is in progress, and what still begins, is the connection's last.
	 */
	void (*drain)(struct cor_protocol *self, struct cor_connection *connection);
	/**
	 * The connection was idle for too long, and ends: say so, in output. NULL: there is nothing
	 * to say.
	 */
	void (*end)(struct cor_protocol *self, struct cor_connection *connection);
	/** The connection goes: free what the session holds. */
	void (*close)(struct cor_protocol *self, struct cor_connection *connection);
	/**
	 * Whether something is left to do for a client that has closed a unix socket, which is like
	 * the end of a stream except that nobody waits for an answer.
	 */
	bool (*leaves_work)(
		const struct cor_protocol *self, const struct cor_connection *connection);
	/** What a connection that is BUSY works on: call `each` for each request. */
	void (*describe)(const struct cor_protocol *self, const struct cor_connection *connection,
		void (*each)(void *arg, const struct cor_progress *progress), void *arg);
	/* For what has begun to become whole, and for a client's first bytes. */
	uint32_t begin_timeout_ms;
	/*
	 * The other end is a proxy by its nature, and says whose the connection is: nobody has one
	 * more of --connections-per-peer before that (cor_connection_introduce()).
	 */
	bool is_of_proxies;
};

#endif
