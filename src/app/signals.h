/* SPDX-License-Identifier: MIT */
/**
 * TERM and INT as calls. Private to the app folder.
 *
 * They are blocked in every thread and waited for by one of their own, so that nothing runs in a signal handler. What
 * they do depends on where the program is:
 *
 * - in a hook of the service, which nobody can interrupt: the program ends by the signal, at once. In the stop hook only
 *   one that comes after another does: the first was what led there.
 * - between the hooks: the first drains the server, the second stops it at once. One that comes before there is a server
 *   is kept for it. What has not ended some time after it was cancelled, because it neither returns nor waits, does not
 *   keep the program: it ends by the signal then, or by a third one.
 */
#ifndef CORACLE_APP_SIGNALS_H
#define CORACLE_APP_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include <coracle/api.h>

struct cor_logger;
struct cor_server;

enum cor_phase {
	COR_PHASE_START_HOOK = 0,
	COR_PHASE_SERVING,
	COR_PHASE_STOP_HOOK,
	COR_PHASE_ENDED,
};

struct cor_signals {
	sigset_t set;
	struct cor_logger *logger;
	uint32_t drain_timeout_ms;
	pthread_t thread;
	uint64_t
		patience_ms; /* the thread's own: how long it waits for the next signal; 0: for ever */
	int last;            /* the signal that came last */
	pthread_mutex_t lock; /* of what follows */
	enum cor_phase phase;
	unsigned received;
	struct cor_server *server; /* NULL: none that can be drained */
};

/** Block TERM and INT in this thread and those it will start, and ignore PIPE. Before any thread is started. */
void cor_signals_block(struct cor_signals *signals);

/** Begin to listen, in the phase of the start hook. Returns 0 or the negative errno of pthread_create. */
int cor_signals_open(struct cor_signals *signals, struct cor_logger *logger,
	uint32_t drain_timeout_ms) COR_CHECKED;

/** The program goes on to a later phase. */
void cor_signals_enter(struct cor_signals *signals, enum cor_phase phase);

/** The server that is started, which must outlive its listing here; NULL: it has ended. */
void cor_signals_serve(struct cor_signals *signals, struct cor_server *server);

/** Listen no longer; what comes later stays blocked. */
void cor_signals_close(struct cor_signals *signals);

#endif
