/* SPDX-License-Identifier: MIT */
/**
 * The HTTP server: threads that serve listening sockets, each with its own loop, and the protocol
 * that is spoken there.
 *
 * Life: create -> start (serving) -> drain -> wait -> destroy. stop cuts a drain short. A
 * caller with a thread of its own calls open instead of start, and turns the loops itself.
 */
#ifndef CORACLE_SERVER_SERVER_H
#define CORACLE_SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "connection/counts.h"
#include "connection/group.h"
#include "connection/loop.h"
#include "exchange/exchange.h"
#include "runtime/listening.h"
#include "runtime/memory.h"
#include "server/settings.h"

struct cor_server;

struct cor_server_options {
	const struct cor_server_settings *settings;
	const struct cor_handler *const *handlers; /* one for each of settings->threads */
	struct cor_listening_set
		*listening;            /* its owner closes it, when no server has it any more */
	const struct cor_share *share; /* NULL: all that the process has */
	const struct cor_seams *seams; /* NULL: the system's */
	const enum cor_spoken
		*spoken; /* at each socket; NULL: HTTP, through filters if there are any */
	const struct cor_filter_source *filters; /* of connections; NULL: none */
	const struct cor_memory *memory;         /* NULL: start looks for a limit, open does not */
	/*
	 * In a drain: no more clients are accepted; with COR_DRAIN_CLOSE nobody is queued. On a
	 * thread of the server, once; NULL: nothing to do.
	 */
	void (*on_emptied)(void *arg);
	/*
	 * On each thread before any of them accepts: a negative code ends the start, which returns
	 * it. And behind its last request, if it returned 0. NULL: nothing to do. With
	 * cor_server_open() nobody calls them.
	 */
	int (*on_thread_start)(void *arg, uint32_t thread);
	void (*on_thread_stop)(void *arg, uint32_t thread);
	void *arg; /* of these functions */
};

/**
 * What one process may use: 90% of its open files, so that upstreams and logs have theirs, and all
 * the stacks it can map.
 */
struct cor_share cor_server_whole_share(
	const struct cor_server_settings *settings, struct cor_counts *counts);

/**
 * Make a server. What the options point to is borrowed until destroy. Nothing is accepted yet.
 * Returns 0, -ENOMEM, or -EINVAL (a trusted proxy is no address: see server/trust.h).
 */
int cor_server_create(
	const struct cor_server_options *options, struct cor_server **ret) COR_CHECKED;

/**
 * Make the loops and run nothing. The caller turns each with cor_scheduler_turn() on the scheduler
 * of cor_server_loop(), until that returns 0: the server has drained, and wait returns immediately.
 * Given seams and a share, the server asks the system for nothing but memory. Never yields. Returns
 * 0, -ENOMEM or the errno of epoll.
 */
int cor_server_open(struct cor_server *server) COR_CHECKED;

/**
 * Open it and start the threads. Returns 0, -ENOMEM, -EAGAIN (no thread), the errno of epoll, or
 * what on_thread_start() has returned: nothing runs then.
 */
int cor_server_start(struct cor_server *server) COR_CHECKED;

/**
 * The loop of a thread: its scheduler may run fibers besides the requests, which are cancelled when
 * all have drained. After start or open.
 */
struct cor_loop *cor_server_loop(const struct cor_server *server, uint32_t thread);

/** How many threads it has. After start or open. */
uint32_t cor_server_threads(const struct cor_server *server);

/**
 * Accept no more. With COR_DRAIN_CLOSE the files of unix sockets are removed, those who are queued
 * served, later ones refused: nobody else may have the sockets. What is in progress may end within
 * the drain timeout. Any thread; not a signal handler.
 */
void cor_server_drain(struct cor_server *server, enum cor_drain_mode mode);

/** Whether all loops have begun to drain: one that was busy comes to it late. Any thread. */
bool cor_server_is_draining(const struct cor_server *server);

/**
 * Whether a drain is over: no request is left, and what runs next to them has been cancelled. Any
 * thread.
 */
bool cor_server_has_drained(const struct cor_server *server);

/** Cut what is still in progress. Any thread; not a signal handler. */
void cor_server_stop(struct cor_server *server);

/**
 * Wait until all threads have ended (after drain). Blocks. Returns 0 or the first error of a
 * thread.
 */
int cor_server_wait(struct cor_server *server) COR_CHECKED;

/** Whether something was in progress when the drain was over, and was cut. After wait. */
bool cor_server_was_cut(const struct cor_server *server);

/** Add all threads' counts to *sum. Any thread. */
void cor_server_counts(const struct cor_server *server, struct cor_counts *sum);

/** Add all threads' answers to by_class, by the first digit of their status. Any thread. */
void cor_server_answers(const struct cor_server *server, uint64_t by_class[6]);

/** Free it. Not while it runs. NULL is allowed. */
void cor_server_destroy(struct cor_server *server);

#endif
