/* SPDX-License-Identifier: MIT */
#include "app/signals.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#include "observe/logger.h"
#include "server/server.h"

#define GRACE_MS 2000 /* for what is cancelled to end */
#define LOOK_MS  100  /* in a drain: whether it is over */

enum effect {
	EFFECT_DRAIN,
	EFFECT_STOP,
	EFFECT_NONE,
};

/* What is waited for, and what its line says. */
static const struct signal_row {
	int number;
	enum effect effect;
	const char *name;
	const char *text;
} rows[] = {
	{ SIGTERM, EFFECT_DRAIN, "SIGTERM",
		"finishing requests in progress; a second signal stops at once" },
	{ SIGINT, EFFECT_DRAIN, "SIGINT",
		"finishing requests in progress; a second signal stops at once" },
	{ SIGHUP, EFFECT_DRAIN, "SIGHUP",
		"cannot reload without a master process: stopping after the requests in progress" },
	{ SIGQUIT, EFFECT_STOP, "SIGQUIT", "" },
	{ SIGUSR1, EFFECT_NONE, "SIGUSR1",
		"cannot reopen standard error: rotate the log where it is collected" },
	{ SIGUSR2, EFFECT_NONE, "SIGUSR2",
		"cannot upgrade in place: start the new program, then stop this one with SIGTERM" },
};
#define ROWS (sizeof rows / sizeof rows[0])

static const struct signal_row *row_of(int number)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

static bool is_handled_as(int number, void (*handler)(int))
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == handler;
}

/* Unless the program has a handler of its own: a profiler's, say. */
static void ignore_unhandled(int number)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (is_handled_as(number, SIG_DFL))
		sigaction(number, &ignore, NULL);
}

void cor_signals_block(struct cor_signals *signals)
{
	static const int strays[] = { SIGPIPE, SIGXFSZ, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
		SIGPWR };

	sigemptyset(&signals->set);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].number != SIGHUP || !is_handled_as(SIGHUP, SIG_IGN))
			sigaddset(&signals->set, rows[i].number);
	pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
	for (size_t i = 0; i < sizeof strays / sizeof strays[0]; i++)
		ignore_unhandled(strays[i]);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		ignore_unhandled(number);
}

static void say(const struct cor_signals *signals, const struct signal_row *row, const char *what)
{
	cor_logger_log(signals->logger, COR_LOG_INFO, NULL, "%s: %s", row->name, what);
}

/*
 * As if it had not been blocked: the exit status shows it to the sender. No signal ends the first
 * process of a container like that (pid_namespaces(7)): it exits with a shell's status for it.
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

static void set_deadline(struct cor_signals *signals, int64_t ms)
{
	signals->deadline_ns = cor_monotonic_ns() + ms * 1000000;
}

static void on_serving(struct cor_signals *signals, const struct signal_row *row)
{
	if (signals->received > 2) {
		say(signals, row, "exiting; some work did not stop");
		end_by(row->number);
	}
	bool drains = signals->received == 1;
	say(signals, row, drains ? row->text : "stopping at once");
	if (signals->server && drains)
		cor_server_drain(signals->server, COR_DRAIN_CLOSE);
	else if (signals->server)
		cor_server_stop(signals->server);
	signals->last = row->number;
	signals->is_drained = !drains;
	set_deadline(signals, drains ? GRACE_MS + (int64_t)signals->drain_timeout_ms : GRACE_MS);
}

/* What the drain did not need of its time is not given to what was cancelled at its end. */
static void look_at_drain(struct cor_signals *signals)
{
	if (signals->is_drained || !signals->server || !cor_server_has_drained(signals->server))
		return;
	signals->is_drained = true;
	set_deadline(signals, GRACE_MS);
}

/* Some handler or fiber was cancelled and neither returned nor waited: nobody can make it. */
static void on_time(struct cor_signals *signals)
{
	if (signals->life != COR_LIFE_SERVING)
		signals->deadline_ns = COR_FOREVER; /* a hook takes the time it takes */
	look_at_drain(signals);
	if (cor_monotonic_ns() < signals->deadline_ns)
		return;
	cor_logger_log(signals->logger, COR_LOG_ERROR, NULL,
		"exiting; some work did not stop: a fiber ignored its cancellation");
	end_by(signals->last);
}

static void on_ending(struct cor_signals *signals, const struct signal_row *row)
{
	signals->received++;
	if (row->effect == EFFECT_STOP && signals->received == 1)
		signals->received = 2; /* as if the drain were over */
	if (signals->life == COR_LIFE_SERVING) {
		on_serving(signals, row);
	} else if (signals->life == COR_LIFE_START_HOOK) {
		say(signals, row, "exiting in the middle of the start hook");
		end_by(row->number);
	} else if (signals->received > 1) {
		say(signals, row, "exiting in the middle of the stop hook");
		end_by(row->number);
	}
}

static void on_signal(struct cor_signals *signals, int number)
{
	const struct signal_row *row = row_of(number);

	if (row->effect == EFFECT_NONE)
		say(signals, row, row->text);
	else
		on_ending(signals, row);
}

/* The next signal; -1: none came in time. */
static int wait_for_signal(const struct cor_signals *signals)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1000000 };
	bool waits_for_ever = signals->deadline_ns == COR_FOREVER;
	int number;

	do
		number = sigtimedwait(&signals->set, NULL, waits_for_ever ? NULL : &look);
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
		ended = signals->life == COR_LIFE_ENDED;
		if (!ended && number > 0)
			on_signal(signals, number);
		else if (!ended)
			on_time(signals);
		pthread_mutex_unlock(&signals->lock);
	}
	return NULL;
}

int cor_signals_open(
	struct cor_signals *signals, struct cor_logger *logger, uint32_t drain_timeout_ms)
{
	signals->logger = logger;
	signals->drain_timeout_ms = drain_timeout_ms;
	signals->deadline_ns = COR_FOREVER;
	signals->is_drained = false;
	signals->life = COR_LIFE_START_HOOK;
	signals->received = 0;
	signals->server = NULL;
	pthread_mutex_init(&signals->lock, NULL);
	return -pthread_create(&signals->thread, NULL, run, signals);
}

void cor_signals_enter(struct cor_signals *signals, enum cor_life life)
{
	pthread_mutex_lock(&signals->lock);
	signals->life = life;
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
	cor_signals_enter(signals, COR_LIFE_ENDED);
	pthread_kill(signals->thread, SIGINT);
	pthread_join(signals->thread, NULL);
	pthread_mutex_destroy(&signals->lock);
}
