/* SPDX-License-Identifier: MIT */
#include "app/signals.h"

#include <errno.h>
#include <unistd.h>

#include "observe/logger.h"
#include "server/server.h"

#define GRACE_MS UINT64_C(2000) /* for what is cancelled to end; added to any drain timeout */

void cor_signals_block(struct cor_signals *signals)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&signals->set);
	sigaddset(&signals->set, SIGTERM);
	sigaddset(&signals->set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static const char *name_of(int number)
{
	return number == SIGTERM ? "SIGTERM" : "SIGINT";
}

static void say(const struct cor_signals *signals, int number, const char *what)
{
	cor_logger_log(signals->logger, COR_LOG_INFO, NULL, "%s: %s", name_of(number), what);
}

/*
 * As if it had not been blocked: whoever sent it sees that in the exit status. No signal ends the first process of a
 * container like that (pid_namespaces(7)): its status is what a shell would make of the signal.
 */
static _Noreturn void end_by(int number)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigaction(number, &usual, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}

static void on_serving(struct cor_signals *signals, int number)
{
	if (signals->received > 2) {
		say(signals, number, "ending without what has not ended");
		end_by(number);
	}
	bool first = signals->received == 1;
	say(signals, number,
		first ? "ending what is in progress; once more stops at once" : "stopping at once");
	if (signals->server && first)
		cor_server_drain(signals->server, COR_DRAIN_CLOSE);
	else if (signals->server)
		cor_server_stop(signals->server);
	signals->last = number;
	signals->patience_ms = GRACE_MS + (first ? signals->drain_timeout_ms : 0);
}

/* All was cancelled, but some handler or fiber neither returned nor waited: nobody can make it. */
static void on_overdue(struct cor_signals *signals)
{
	signals->patience_ms = 0;
	if (signals->phase != COR_PHASE_SERVING)
		return;
	cor_logger_log(signals->logger, COR_LOG_ERROR, NULL,
		"a handler or fiber did not end when it was cancelled: ending without it");
	end_by(signals->last);
}

static void on_signal(struct cor_signals *signals, int number)
{
	signals->received++;
	if (signals->phase == COR_PHASE_SERVING) {
		on_serving(signals, number);
	} else if (signals->phase == COR_PHASE_START_HOOK) {
		say(signals, number, "ending in the middle of the start hook");
		end_by(number);
	} else if (signals->received > 1) {
		say(signals, number, "ending in the middle of the stop hook");
		end_by(number);
	}
}

/* The next signal; -1: none came in time. */
static int wait_for_signal(const struct cor_signals *signals)
{
	const struct timespec patience = {
		.tv_sec = (time_t)(signals->patience_ms / 1000),
		.tv_nsec = (long)(signals->patience_ms % 1000) * 1000000,
	};
	int number;

	do
		number = sigtimedwait(
			&signals->set, NULL, signals->patience_ms != 0 ? &patience : NULL);
	while (number < 0 && errno == EINTR);
	return number;
}

static void *run(void *arg)
{
	struct cor_signals *signals = arg;
	bool ended = false;

	while (!ended) {
		int number = wait_for_signal(signals);
		pthread_mutex_lock(&signals->lock);
		ended = signals->phase == COR_PHASE_ENDED;
		if (!ended && number > 0)
			on_signal(signals, number);
		else if (!ended)
			on_overdue(signals);
		pthread_mutex_unlock(&signals->lock);
	}
	return NULL;
}

int cor_signals_open(
	struct cor_signals *signals, struct cor_logger *logger, uint32_t drain_timeout_ms)
{
	signals->logger = logger;
	signals->drain_timeout_ms = drain_timeout_ms;
	signals->patience_ms = 0;
	signals->phase = COR_PHASE_START_HOOK;
	signals->received = 0;
	signals->server = NULL;
	pthread_mutex_init(&signals->lock, NULL);
	return -pthread_create(&signals->thread, NULL, run, signals);
}

void cor_signals_enter(struct cor_signals *signals, enum cor_phase phase)
{
	pthread_mutex_lock(&signals->lock);
	signals->phase = phase;
	pthread_mutex_unlock(&signals->lock);
}

void cor_signals_serve(struct cor_signals *signals, struct cor_server *server)
{
	pthread_mutex_lock(&signals->lock);
	signals->server = server;
	if (server && signals->received > 0)
		cor_server_drain(server, COR_DRAIN_CLOSE);
	if (server && signals->received > 1)
		cor_server_stop(server);
	pthread_mutex_unlock(&signals->lock);
}

void cor_signals_close(struct cor_signals *signals)
{
	cor_signals_enter(signals, COR_PHASE_ENDED);
	pthread_kill(signals->thread, SIGINT);
	pthread_join(signals->thread, NULL);
	pthread_mutex_destroy(&signals->lock);
}
