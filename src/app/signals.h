/* SPDX-License-Identifier: MIT */
/**
 * Signals as calls. Private to the app folder.
 *
 * They are blocked in every thread, and one thread of their own waits for them, so nothing runs in
 * a signal handler. TERM, INT and HUP end the service gracefully (there is no master process that
 * could reload), QUIT immediately; USR1 opens the log file again; USR2, and USR1 without such a
 * file, ask for what this program cannot do, and get a line that says so.
 *
 * A worker of a master obeys TERM and QUIT alone, and the master's words, which come the same way.
 * When its master has gone it ends, and leaves the sockets to another master if that one rules:
 * during an upgrade there are two.
 *
 * What ends it depends on where the program is:
 *
 * - in a hook of the service, which nobody can interrupt: the program ends by the signal,
 *   immediately. In the stop hook only if it is not the first signal: the first is what led there.
 * - between the hooks: the first drains the server, the second (or QUIT) stops it. One that comes
 *   before there is a server is kept for it. Work that neither returns nor waits some time after it
 *   was cancelled does not keep the program: it ends by the signal then, or by a third one. Jobs of
 *   executors cannot be cancelled: if they are what is left, the status says that work was cut.
 */
#ifndef CORACLE_APP_SIGNALS_H
#define CORACLE_APP_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

#include "connection/loop.h"

struct cor_executor;
struct cor_listening_set;
struct cor_logger;
struct cor_notify;
struct cor_own_files;
struct cor_roster;
struct cor_server;

enum cor_life {
	COR_LIFE_START_HOOK = 0,
	COR_LIFE_SERVING,
	COR_LIFE_JOBS, /* of executors, that nobody waits for any more, come to their end */
	COR_LIFE_STOP_HOOK,
	COR_LIFE_ENDED,
};

struct cor_signals_options {
	struct cor_logger *logger;
	uint32_t drain_timeout_ms;
	int channel;                     /* to the master; -1: there is none */
	struct cor_roster *roster;       /* where it says who rules; NULL: there is no master */
	const char *log_file;            /* opened again by USR1; NULL: none */
	const struct cor_notify *notify; /* systemd, which is told that the end begins */
	struct cor_own_files *files;     /* closed where the program ends in the middle; or NULL */
	/* The executor of a job that runs; NULL: none does. Asked before the stop hook. Or NULL. */
	const struct cor_executor *(*busy)(void *arg);
	void *arg;
};

struct cor_signals {
	sigset_t set;
	struct cor_signals_options options;
	int channel; /* to the master; -1: there is none, or it has gone */
	bool is_worker;
	pid_t master; /* whose worker it is */
	bool is_heir; /* that one has gone, and ruled: the sockets are for its workers to close */
	int fd;       /* of signalfd() */
	pthread_t thread;
	/* the thread's own */
	int64_t deadline_ns;  /* monotonic: work that ignores its cancellation is overdue then */
	bool is_draining;     /* all threads of the server have begun to */
	bool is_drained;      /* so what is left has been cancelled, and the deadline is near */
	bool is_named;        /* the handler that keeps a thread from it */
	bool is_told;         /* it was the master who said it, and no signal has come since */
	int last;             /* the signal that came last */
	pthread_mutex_t lock; /* guards what follows */
	enum cor_life life;
	unsigned received;
	enum cor_drain_mode mode;            /* of the drain that it has led to */
	struct cor_server *server;           /* NULL: none to drain */
	struct cor_listening_set *listening; /* bound: of the server, if there is one */
};

/**
 * Block these signals in this thread and those it will start, and ignore what would end the program
 * without a word: PIPE and XFSZ (the write fails instead), timers and real-time signals that nobody
 * handles. Call it before any thread is started. HUP that is ignored already, as under nohup(1),
 * stays ignored.
 */
void cor_signals_block(struct cor_signals *signals);

/**
 * Begin to listen, in the start hook; to the master, too, where there is one. Returns 0 or the
 * negative errno of signalfd or pthread_create.
 */
int cor_signals_open(
	struct cor_signals *signals, const struct cor_signals_options *options) COR_CHECKED;

/** The program goes on to a later part of its life. */
void cor_signals_enter(struct cor_signals *signals, enum cor_life life);

/** Drain and stop this running server from now on; NULL: none any more. */
void cor_signals_serve(struct cor_signals *signals, struct cor_server *server,
	struct cor_listening_set *listening);

/** Stop listening; signals that come later stay blocked. */
void cor_signals_close(struct cor_signals *signals);

/**
 * End the program by that signal, as if it had not been blocked: the exit status shows it to the
 * sender. The first process of a container exits with a shell's status for it instead.
 */
_Noreturn void cor_end_by(int number);

#endif
