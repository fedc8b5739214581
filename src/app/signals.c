/* SPDX-License-Identifier: MIT */
#include "app/signals.h"

#include "observe/logger.h"
#include "server/server.h"

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

static void *run(void *arg)
{
	struct cor_signals *signals = arg;
	int number = 0, received = 0;

	while (sigwait(&signals->set, &number) == 0 && !atomic_load(&signals->done)) {
		if (++received == 1) {
			cor_logger_log(signals->logger, COR_LOG_INFO, NULL,
				"%s: ending what is in progress; once more stops at once",
				name_of(number));
			cor_server_drain(signals->server);
		} else if (received == 2) {
			cor_logger_log(signals->logger, COR_LOG_INFO, NULL,
				"%s again: stopping at once", name_of(number));
			cor_server_stop(signals->server);
		}
	}
	return NULL;
}

int cor_signals_listen(
	struct cor_signals *signals, struct cor_server *server, struct cor_logger *logger)
{
	signals->server = server;
	signals->logger = logger;
	atomic_init(&signals->done, false);
	return -pthread_create(&signals->thread, NULL, run, signals);
}

void cor_signals_end(struct cor_signals *signals)
{
	atomic_store(&signals->done, true);
	pthread_kill(signals->thread, SIGTERM);
	pthread_join(signals->thread, NULL);
}
