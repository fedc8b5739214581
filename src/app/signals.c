/* SPDX-License-Identifier: MIT */
#include "app/signals.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "app/held.h"
#include "app/hooks.h"
#include "app/own_files.h"
#include "master/bulletin.h"
#include "master/channel.h"
#include "master/roster.h"
#include "observe/log_file.h"
#include "observe/logger.h"
#include "runtime/notify.h"
#include "server/server.h"

#define GRACE_MS   2000 /* for what is cancelled to end */
#define LOOK_MS    100  /* in a drain: whether it is over */
#define WORD_BYTES 64
#define HELD_MS    500 /* a thread that is held for so long keeps the end waiting */

enum effect {
	EFFECT_DRAIN,
	EFFECT_STOP,
	EFFECT_REOPEN,
	EFFECT_NONE,
};

/* What asks for something: a signal, or a word of the master. */
struct cause {
	int number; /* of a signal; of a word, that by which a program ends that cannot obey */
	enum effect effect;
	enum cor_drain_mode mode;
	const char *name;
	const char *text; /* of its line; NULL: none */
	bool is_word;
};

/* What is waited for, and what its line says. */
static const struct cause rows[] = {
	{ SIGTERM, EFFECT_DRAIN, COR_DRAIN_CLOSE, "SIGTERM",
		"finishing requests in progress; a second signal stops immediately" },
	{ SIGINT, EFFECT_DRAIN, COR_DRAIN_CLOSE, "SIGINT",
		"finishing requests in progress; a second signal stops immediately" },
	{ SIGHUP, EFFECT_DRAIN, COR_DRAIN_CLOSE, "SIGHUP",
		"cannot reload without a master process: stopping after the requests in progress" },
	{ SIGQUIT, EFFECT_STOP, COR_DRAIN_CLOSE, "SIGQUIT", NULL },
	{ SIGUSR1, EFFECT_REOPEN, COR_DRAIN_CLOSE, "SIGUSR1",
		"cannot reopen standard error: rotate the log where it is collected, or use --log-file" },
	{ SIGUSR2, EFFECT_NONE, COR_DRAIN_CLOSE, "SIGUSR2",
		"cannot upgrade without a master process: start the new program, then stop this one with SIGTERM" },
};
#define ROWS (sizeof rows / sizeof rows[0])

/* The same for a worker. The terminal sends its INT to all, and the master passes it on. */
static const struct cause worker_rows[ROWS] = {
	{ SIGTERM, EFFECT_DRAIN, COR_DRAIN_LEAVE, "SIGTERM", "this worker ends" },
	{ SIGINT, EFFECT_NONE, COR_DRAIN_LEAVE, "SIGINT", NULL },
	{ SIGHUP, EFFECT_NONE, COR_DRAIN_LEAVE, "SIGHUP", "send it to the master, not a worker" },
	{ SIGQUIT, EFFECT_STOP, COR_DRAIN_LEAVE, "SIGQUIT", NULL },
	{ SIGUSR1, EFFECT_NONE, COR_DRAIN_LEAVE, "SIGUSR1", "send it to the master, not a worker" },
	{ SIGUSR2, EFFECT_NONE, COR_DRAIN_LEAVE, "SIGUSR2", "send it to the master, not a worker" },
};

/* The master has its lines. */
static const struct word {
	const char *word;
	struct cause cause;
} words[] = {
	{ COR_WORD_DRAIN, { SIGTERM, EFFECT_DRAIN, COR_DRAIN_LEAVE, "master", NULL, true } },
	{ COR_WORD_END, { SIGTERM, EFFECT_DRAIN, COR_DRAIN_CLOSE, "master", NULL, true } },
	{ COR_WORD_STOP, { SIGTERM, EFFECT_STOP, COR_DRAIN_CLOSE, "master", NULL, true } },
};

static const struct cause master_has_gone = { SIGTERM, EFFECT_DRAIN, COR_DRAIN_CLOSE, "master",
	"has gone: this worker ends", true };

static const struct cause other_has_gone = { SIGTERM, EFFECT_DRAIN, COR_DRAIN_LEAVE, "master",
	"has gone, and another serves: this worker ends", true };

static const struct cause *cause_of(const struct cor_signals *signals, int number)
{
	const struct cause *all = signals->is_worker ? worker_rows : rows;

	for (size_t i = 0; i < ROWS; i++)
		if (all[i].number == number)
			return &all[i];
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

static void say(const struct cor_signals *signals, const struct cause *cause, const char *what)
{
	if (what)
		cor_logger_log(
			signals->options.logger, COR_LOG_INFO, NULL, "%s: %s", cause->name, what);
}

/* No signal ends the first process of a container like that (pid_namespaces(7)). */
_Noreturn void cor_end_by(int number)
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

static void clean_up(struct cor_signals *signals)
{
	if (signals->listening)
		cor_listening_unlink(signals->listening);
	if (signals->options.files)
		cor_own_files_close(signals->options.files);
}

static _Noreturn void end_by(struct cor_signals *signals, int number)
{
	clean_up(signals);
	cor_end_by(number);
}

/* The status says that work was cut. */
static _Noreturn void end_cut(struct cor_signals *signals)
{
	clean_up(signals);
	_exit(COR_EXIT_CUT);
}

/*
 * A handler, perhaps, that does not come back. Its worker's master wants to know what was lost; the
 * control process has none.
 */
static _Noreturn void end_in_the_middle(struct cor_signals *signals, int number)
{
	if (signals->is_worker && signals->options.busy)
		end_cut(signals);
	end_by(signals, number);
}

static const struct cor_executor *busy_executor(const struct cor_signals *signals)
{
	return signals->options.busy ? signals->options.busy(signals->options.arg) : NULL;
}

static void set_deadline(struct cor_signals *signals, int64_t ms)
{
	signals->deadline_ns = cor_monotonic_ns() + ms * 1000000;
}

#define EXITING "exiting; some work did not stop"

/* Whether a handler is known that does not stop. */
static bool name_the_last(const struct cor_signals *signals)
{
	return signals->server && cor_held_tell(signals->server, HELD_MS, signals->options.logger,
					  COR_LOG_ERROR, EXITING ": ");
}

/* Somebody insists. */
static _Noreturn void leave_jobs(struct cor_signals *signals, const struct cause *cause)
{
	const struct cor_executor *busy = busy_executor(signals);

	if (busy)
		cor_logger_log(signals->options.logger, COR_LOG_ERROR, NULL,
			"%s: exiting without the stop hook: jobs of executor %s still run",
			cause->name, busy->name);
	else
		say(signals, cause, "exiting without the stop hook");
	end_cut(signals);
}

static _Noreturn void leave_the_last(struct cor_signals *signals, const struct cause *cause)
{
	say(signals, cause, EXITING);
	if (!name_the_last(signals) && busy_executor(signals))
		leave_jobs(signals, cause);
	end_in_the_middle(signals, cause->number);
}

static void on_serving(struct cor_signals *signals, const struct cause *cause)
{
	if (signals->received > 2) {
		leave_the_last(signals, cause);
	}
	bool drains = signals->received == 1;
	say(signals, cause, drains ? cause->text : "stopping immediately");
	if (drains)
		signals->mode = cause->mode;
	if (signals->server && drains)
		cor_server_drain(signals->server, cause->mode);
	else if (signals->server)
		cor_server_stop(signals->server);
	signals->last = cause->number;
	signals->is_drained = !drains;
	set_deadline(
		signals, drains ? GRACE_MS + (int64_t)signals->options.drain_timeout_ms : GRACE_MS);
}

/*
 * A thread that computes comes to the drain late, and its time counts from then on. Time that the
 * drain did not need is not added for what was cancelled at its end.
 */
static void look_at_drain(struct cor_signals *signals)
{
	if (signals->is_drained || !signals->server)
		return;
	if (!signals->is_draining && cor_server_is_draining(signals->server)) {
		signals->is_draining = true;
		set_deadline(signals, GRACE_MS + (int64_t)signals->options.drain_timeout_ms);
	}
	if (!signals->is_draining && !signals->is_named)
		signals->is_named = cor_held_tell(signals->server, HELD_MS, signals->options.logger,
			COR_LOG_WARNING, "the stop waits: ");
	if (!cor_server_has_drained(signals->server))
		return;
	signals->is_drained = true;
	set_deadline(signals, GRACE_MS);
}

/* Something was cancelled and neither returned nor waited: nobody can make it. */
static _Noreturn void end_overdue(struct cor_signals *signals)
{
	const struct cor_executor *busy = busy_executor(signals);

	if (name_the_last(signals))
		end_in_the_middle(signals, signals->last);
	if (busy) {
		cor_jobs_say_left(signals->options.logger, busy);
		end_cut(signals);
	}
	cor_logger_log(signals->options.logger, COR_LOG_ERROR, NULL,
		EXITING ": a fiber ignored its cancellation");
	end_in_the_middle(signals, signals->last);
}

static void on_time(struct cor_signals *signals)
{
	if (signals->life != COR_LIFE_SERVING)
		signals->deadline_ns = COR_FOREVER; /* a hook takes the time it takes */
	look_at_drain(signals);
	if (cor_monotonic_ns() >= signals->deadline_ns)
		end_overdue(signals);
}

/*
 * A word says how things are; it is not a second wish. Somebody who sends a worker TERM need not
 * know that its master has told it to end.
 */
static bool is_said_already(struct cor_signals *signals, const struct cause *cause)
{
	bool is_first = signals->is_told && !cause->is_word;

	if (cause->effect != EFFECT_DRAIN || signals->received == 0)
		return false;
	if (is_first)
		signals->is_told = false;
	return is_first || cause->is_word;
}

static void on_ending(struct cor_signals *signals, const struct cause *cause)
{
	if (is_said_already(signals, cause))
		return;
	signals->is_told = cause->is_word;
	if (signals->received++ == 0)
		cor_bulletin_check(signals->options.logger, "that the service stops",
			cor_notify_stopping(signals->options.notify));
	if (cause->effect == EFFECT_STOP && signals->received == 1)
		signals->received = 2; /* as if the drain were over */
	if (signals->life == COR_LIFE_SERVING) {
		on_serving(signals, cause);
	} else if (signals->life == COR_LIFE_START_HOOK) {
		say(signals, cause, "exiting in the middle of the start hook");
		end_by(signals, cause->number);
	} else if (signals->received > 1 && signals->life == COR_LIFE_JOBS) {
		leave_jobs(signals, cause);
	} else if (signals->received > 1) {
		say(signals, cause, "exiting in the middle of the stop hook");
		end_by(signals, cause->number);
	}
}

static void reopen_log(const struct cor_signals *signals, const struct cause *cause)
{
	const char *path = signals->options.log_file;
	int rc = path ? cor_log_file_begin(path) : 0;

	if (rc < 0)
		cor_logger_log(signals->options.logger, COR_LOG_ERROR, NULL,
			"%s: cannot open log file %s: %s: going on with the old one", cause->name,
			path, cor_log_file_why(rc));
	else
		say(signals, cause, path ? "opened the log file again" : cause->text);
}

static void on_cause(struct cor_signals *signals, const struct cause *cause)
{
	/* NOLINTNEXTLINE(analyzer-null-dereference): only those that have a cause are read */
	if (cause->effect == EFFECT_NONE)
		say(signals, cause, cause->text);
	else if (cause->effect == EFFECT_REOPEN)
		reopen_log(signals, cause);
	else
		on_ending(signals, cause);
}

/* The master's log file, which this process may not be allowed to open. */
static void use_log(const struct cor_signals *signals, int fd)
{
	int rc = cor_log_file_use(fd);

	if (rc < 0)
		cor_logger_log(signals->options.logger, COR_LOG_ERROR, NULL,
			"cannot use the new log file: %s: going on with the old one",
			cor_strerror(rc));
}

static void on_word(struct cor_signals *signals, const char *word)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i].word) == 0)
			on_cause(signals, &words[i].cause);
}

/* Those who are left see to the sockets. */
static void on_master_gone(struct cor_signals *signals)
{
	signals->channel = -1;
	signals->is_heir = cor_roster_orphan(signals->options.roster, signals->master);
	if (signals->listening && signals->is_heir)
		cor_listening_inherit(signals->listening);
	if (signals->received == 0)
		on_cause(signals, signals->is_heir ? &master_has_gone : &other_has_gone);
}

static void take_signals(struct cor_signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof info) == (ssize_t)sizeof info)
		on_cause(signals, cause_of(signals, (int)info.ssi_signo));
}

static void take_words(struct cor_signals *signals)
{
	char word[WORD_BYTES];
	ssize_t n;
	int given;

	while (signals->channel >= 0 &&
		(n = cor_channel_take(signals->channel, word, sizeof word, &given)) != -EAGAIN) {
		if (given >= 0)
			use_log(signals, given);
		else if (n > 0)
			on_word(signals, word);
		else
			on_master_gone(signals);
	}
}

/* Until there is something to hear, or it is time to look. */
static void await(const struct cor_signals *signals)
{
	struct pollfd fds[] = {
		{ .fd = signals->fd, .events = POLLIN },
		{ .fd = signals->channel, .events = POLLIN },
	};

	(void)poll(fds, 2, signals->deadline_ns == COR_FOREVER ? -1 : LOOK_MS);
}

static void *run(void *arg)
{
	struct cor_signals *signals = arg;
	bool ended = false;

	while (!ended) {
		await(signals);
		pthread_mutex_lock(&signals->lock);
		ended = signals->life == COR_LIFE_ENDED;
		if (!ended) {
			take_signals(signals);
			take_words(signals);
			on_time(signals);
		}
		pthread_mutex_unlock(&signals->lock);
	}
	return NULL;
}

int cor_signals_open(struct cor_signals *signals, const struct cor_signals_options *options)
{
	signals->options = *options;
	signals->deadline_ns = COR_FOREVER;
	signals->is_draining = false;
	signals->is_drained = false;
	signals->is_named = false;
	signals->is_told = false;
	signals->life = COR_LIFE_START_HOOK;
	signals->received = 0;
	signals->mode = COR_DRAIN_CLOSE;
	signals->server = NULL;
	signals->listening = NULL;
	signals->channel = options->channel;
	signals->is_worker = options->channel >= 0;
	signals->master = getppid();
	signals->is_heir = false;
	signals->fd = signalfd(-1, &signals->set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals->fd < 0)
		return -errno;
	pthread_mutex_init(&signals->lock, NULL);
	int rc = -pthread_create(&signals->thread, NULL, run, signals);
	if (rc < 0)
		close(signals->fd);
	return rc;
}

void cor_signals_enter(struct cor_signals *signals, enum cor_life life)
{
	pthread_mutex_lock(&signals->lock);
	signals->life = life;
	pthread_mutex_unlock(&signals->lock);
}

void cor_signals_serve(
	struct cor_signals *signals, struct cor_server *server, struct cor_listening_set *listening)
{
	pthread_mutex_lock(&signals->lock);
	signals->server = server;
	signals->listening = listening;
	if (listening && signals->is_heir)
		cor_listening_inherit(listening);
	if (server && signals->received > 0)
		cor_server_drain(server, signals->mode);
	if (server && signals->received > 1)
		cor_server_stop(server);
	pthread_mutex_unlock(&signals->lock);
}

void cor_signals_close(struct cor_signals *signals)
{
	cor_signals_enter(signals, COR_LIFE_ENDED);
	pthread_kill(signals->thread, SIGINT);
	pthread_join(signals->thread, NULL);
	close(signals->fd);
	pthread_mutex_destroy(&signals->lock);
}
