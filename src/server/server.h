/* SPDX-License-Identifier: MIT */
/**
 * The HTTP server: listening sockets, and threads that serve them, each with its own scheduler.
 *
 * Life: create -> start (listening, serving) -> drain -> wait -> destroy. stop cuts a drain short.
 */
#ifndef CORACLE_SERVER_SERVER_H
#define CORACLE_SERVER_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>

#include "exchange/exchange.h"
#include "server/loop.h"
#include "server/settings.h"

struct cor_server;

/**
 * Make a server that will serve with `handlers`: one for each of settings->threads. Settings and handlers are borrowed
 * until destroy. Nothing is bound yet. Returns 0 or -ENOMEM.
 */
int cor_server_create(const struct cor_server_settings *settings,
	const struct cor_handler *const *handlers, struct cor_server **ret) COR_CHECKED;

/**
 * Bind every address and start the threads. A stale unix socket is replaced, a live one is -EADDRINUSE.
 * Returns 0, -EINVAL (not an address), -ENOMEM, -EAGAIN (no thread), or the errno of socket, bind, listen or epoll;
 * *ret_address (may be NULL) is then the address that failed, or NULL where it was none.
 */
int cor_server_start(struct cor_server *server, const char **ret_address) COR_CHECKED;

/** The port that listener `index` is bound to; 0 for a unix socket. After start. */
uint16_t cor_server_port(const struct cor_server *server, size_t index);

/** The scheduler of a thread, for fibers beside its requests: they are cancelled when the thread has drained. After start. */
struct cor_scheduler *cor_server_scheduler(const struct cor_server *server, uint32_t thread);

/**
 * Listen no longer: those in the backlog are served, later ones refused, and the files of unix sockets removed. What is in
 * progress may end within the drain timeout. Any thread; not a signal handler.
 */
void cor_server_drain(struct cor_server *server);

/** Cut what is still in progress. Any thread; not a signal handler. */
void cor_server_stop(struct cor_server *server);

/** Wait until all threads have ended (after drain). Blocks. Returns 0 or the first error of a thread. */
int cor_server_wait(struct cor_server *server) COR_CHECKED;

/** All threads' counts together. */
struct cor_server_counts cor_server_counts(const struct cor_server *server);

/** Free it. Not while it runs. NULL is allowed. */
void cor_server_destroy(struct cor_server *server);

#endif
