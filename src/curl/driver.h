/* SPDX-License-Identifier: MIT */
/**
 * Drives curl's multi handle: by the reactor and a timer while the thread's scheduler runs, else by
 * poll(). One for each thread.
 *
 * curl says which sockets it waits for and until when, and is called when that has come, always on
 * the loop's own stack: what is deep (handshakes) never runs on the stack of a fiber. Its sockets
 * are watched by level, as it expects.
 */
#ifndef CORACLE_CURL_DRIVER_H
#define CORACLE_CURL_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include <coracle/api.h>

#include "runtime/calls.h"

struct cor_curl_watch;
struct pollfd;

/** What the driver tells the owner of a transfer: the pointer of CURLOPT_PRIVATE. */
struct cor_curl_events {
	/** curl has ended it. Called by the driver, outside of curl. */
	void (*ended)(void *transfer, CURLcode result);
	/** Its socket cannot be watched (a negative errno). Called by curl. */
	void (*unwatched)(void *transfer, int rc);
	/** It waits for one of its sockets no more. Called by curl. */
	void (*forgot)(void *transfer);
	/** curl has acted on the event of a socket (else: of time), whosever it was. Outside of
	 * curl. */
	void (*acted)(void *owner, bool on_socket);
};

struct cor_curl_driver {
	CURLM *multi;
	const struct cor_runtime_calls *calls;
	const struct cor_curl_events *events;
	void *owner;
	struct cor_scheduler *scheduler; /* that watches for it; NULL: a plain thread */
	struct cor_timer timer;
	int64_t due_ns; /* when curl wants to be called; COR_FOREVER: at no time */
	struct cor_curl_watch *watches;
	size_t watches_len;
	struct pollfd *polled; /* room for those of a plain thread */
	size_t polled_size;
};

/** Returns 0 or -ENOMEM. Never yields. */
int cor_curl_driver_init(struct cor_curl_driver *driver, const struct cor_runtime_calls *calls,
	const struct cor_curl_events *events, void *owner) COR_CHECKED;

/** Close all connections. No transfer is left. Never yields. */
void cor_curl_driver_finish(struct cor_curl_driver *driver);

/**
 * Before each call of curl for a transfer: from now on it is driven by what runs on the thread.
 * Returns 0, or -ENOMEM or -ENOSPC of the reactor. Never yields.
 */
int cor_curl_driver_attach(struct cor_curl_driver *driver) COR_CHECKED;

/**
 * A transfer has made a socket: in CURLOPT_SOCKOPTFUNCTION. Never yields. Returns 0 or as the
 * reactor.
 */
int cor_curl_driver_opened(struct cor_curl_driver *driver, int fd) COR_CHECKED;

/**
 * On a plain thread: wait for an event as the scope allows, and let curl act on it. Blocks. Returns
 * 0, -ETIMEDOUT, -ECANCELED or -ENOMEM.
 */
int cor_curl_driver_turn(struct cor_curl_driver *driver, const char *call) COR_CHECKED;

#endif
