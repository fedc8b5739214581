/* SPDX-License-Identifier: MIT */
#include "executor/relay.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "observe/logger.h"
#include "runtime/signal_stack.h"

/* A stream socket: the processes' loggers write to it without waiting, and as whole lines. */
int cor_relay_open(struct cor_relay *relay, struct cor_logger *logger)
{
	*relay = (struct cor_relay){ .ends = { -1, -1 }, .lock = PTHREAD_MUTEX_INITIALIZER };
	if (!logger)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, relay->ends) < 0)
		return -errno;
	relay->logger = logger;
	return 0;
}

void cor_relay_enter(const struct cor_relay *relay)
{
	if (relay->logger)
		(void)dup2(relay->ends[1], STDERR_FILENO);
}

/* --- the thread --- */

static void pass_on(struct cor_relay *relay, size_t len)
{
	cor_logger_pass(relay->logger, relay->room, len);
	relay->len -= len;
	memmove(relay->room, relay->room + len, relay->len);
}

/* What is longer than the room is cut into lines. */
static void pass_lines(struct cor_relay *relay)
{
	const char *last = memrchr(relay->room, '\n', relay->len);

	if (last) {
		pass_on(relay, (size_t)(last + 1 - relay->room));
	} else if (relay->len == sizeof relay->room - 1) {
		relay->room[relay->len++] = '\n';
		pass_on(relay, relay->len);
	}
}

/* Returns whether there was something. One byte stays free, to end a line that has no end. */
static bool read_some(struct cor_relay *relay, int flags)
{
	ssize_t len = recv(relay->ends[0], relay->room + relay->len,
		sizeof relay->room - 1 - relay->len, flags);

	if (len > 0) {
		relay->len += (size_t)len;
		pass_lines(relay);
	}
	return len > 0 || (len < 0 && errno == EINTR);
}

static void *run(void *arg)
{
	struct cor_relay *relay = arg;

	while (read_some(relay, atomic_load(&relay->is_over) ? MSG_DONTWAIT : 0))
		;
	return NULL;
}

/* --- life --- */

/* Signals are for the threads that know what to do with them. */
static int start_thread(struct cor_relay *relay)
{
	sigset_t others, before;

	cor_signals_of_others(&others);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	int rc = -pthread_create(&relay->thread, NULL, run, relay);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	relay->runs = rc == 0;
	return rc;
}

int cor_relay_start(struct cor_relay *relay)
{
	if (!relay->logger)
		return 0;
	pthread_mutex_lock(&relay->lock);
	int rc = relay->runs ? 0 : start_thread(relay);
	pthread_mutex_unlock(&relay->lock);
	return rc;
}

/*
 * The thread may wait for more, and a process that does not die may have the other end: the owner
 * has it, too, and writes the last byte.
 */
void cor_relay_close(struct cor_relay *relay)
{
	if (!relay->logger)
		return;
	if (relay->runs) {
		atomic_store(&relay->is_over, true);
		(void)send(relay->ends[1], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		pthread_join(relay->thread, NULL);
	}
	relay->len -= relay->len != 0 && relay->room[relay->len - 1] == '\0';
	if (relay->len != 0) {
		relay->room[relay->len++] = '\n';
		pass_on(relay, relay->len);
	}
	close(relay->ends[0]);
	close(relay->ends[1]);
}
