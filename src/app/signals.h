/* SPDX-License-Identifier: MIT */
/**
 * TERM and INT as calls: the first drains the server, the second stops it at once. Private to the app folder.
 *
 * They are blocked in every thread and waited for by one of their own, so that nothing runs in a signal handler.
 */
#ifndef CORACLE_APP_SIGNALS_H
#define CORACLE_APP_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <coracle/api.h>

struct cor_logger;
struct cor_server;

struct cor_signals {
	sigset_t set;
	struct cor_server *server;
	struct cor_logger *logger;
	pthread_t thread;
	_Atomic bool done;
};

/** Block TERM and INT in this thread and those it will start, and ignore PIPE. Before any thread is started. */
void cor_signals_block(struct cor_signals *signals);

/** Listen for them on behalf of a started server. Returns 0 or the negative errno of pthread_create. */
int cor_signals_listen(struct cor_signals *signals, struct cor_server *server,
	struct cor_logger *logger) COR_CHECKED;

/** Listen no longer; those that come later stay blocked. */
void cor_signals_end(struct cor_signals *signals);

#endif
