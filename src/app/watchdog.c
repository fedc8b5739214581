/* SPDX-License-Identifier: MIT */
#include "app/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "master/channel.h"
#include "master/load.h"
#include "observe/logger.h"
#include "server/server.h"

#define LOOK_MS 100

static uint64_t count_answers(const struct cor_server *server)
{
	uint64_t by_class[6] = { 0 }, answers = 0;

	cor_server_answers(server, by_class);
	for (size_t i = 0; i < 6; i++)
		answers += by_class[i];
	return answers;
}

/* One that has no master any more ends anyway. */
static void retire(struct cor_watchdog *watchdog, const char *why)
{
	char word[sizeof COR_WORD_RETIRE + COR_RETIREMENT_BYTES];

	snprintf(word, sizeof word, "%s%s", COR_WORD_RETIRE, why);
	watchdog->has_retired = cor_channel_say(watchdog->options.channel, word) != -EAGAIN;
}

/* Siblings would go on to hand it clients: it has fewer than they have. */
static void look_at_threads(struct cor_watchdog *watchdog)
{
	if (!cor_harakiri_look(&watchdog->harakiri) || watchdog->has_retired)
		return;
	cor_siblings_leave(watchdog->options.siblings);
	retire(watchdog, "harakiri a request holds its thread (--harakiri-ms)");
}

static void sample(const struct cor_watchdog *watchdog)
{
	const struct cor_watchdog_options *options = &watchdog->options;
	uint32_t busy = 0;

	for (uint32_t i = 0; i < options->threads; i++)
		busy += cor_scheduler_back_ns(cor_server_loop(options->server, i)->scheduler) !=
			COR_FOREVER;
	cor_count(&options->load->looks, options->threads);
	cor_count(&options->load->busy, busy);
}

static void look(struct cor_watchdog *watchdog)
{
	char why[COR_RETIREMENT_BYTES];

	if (watchdog->options.load)
		sample(watchdog);
	look_at_threads(watchdog);
	if (!watchdog->has_retired && cor_retirement_is_due(&watchdog->retirement,
					      count_answers(watchdog->options.server), why))
		retire(watchdog, why);
}

/* A short time limit is looked at more often. */
static int period_ms(const struct cor_watchdog_options *options)
{
	uint32_t harakiri_ms = options->settings->harakiri_ms;
	uint32_t ms = options->load ? COR_LOAD_PERIOD_MS : LOOK_MS;

	if (harakiri_ms != 0 && harakiri_ms / 4 < ms)
		ms = harakiri_ms / 4;
	return ms != 0 ? (int)ms : 1;
}

static void *run(void *arg)
{
	struct cor_watchdog *watchdog = arg;
	struct pollfd end = { .fd = watchdog->end[0], .events = POLLIN };

	while (poll(&end, 1, period_ms(&watchdog->options)) <= 0)
		look(watchdog);
	return NULL;
}

static bool is_wanted(const struct cor_watchdog_options *options)
{
	const struct cor_master_settings *settings = options->settings;

	return options->load || settings->worker_requests != 0 || settings->worker_age_s != 0 ||
	       settings->worker_memory_bytes != 0 || settings->harakiri_ms != 0;
}

static int start_thread(struct cor_watchdog *watchdog)
{
	if (pipe2(watchdog->end, O_CLOEXEC) < 0)
		return -errno;
	int rc = -pthread_create(&watchdog->thread, NULL, run, watchdog);
	watchdog->runs = rc == 0;
	if (rc == 0)
		return 0;
	close(watchdog->end[0]);
	close(watchdog->end[1]);
	return rc;
}

static void close_parts(struct cor_watchdog *watchdog)
{
	cor_harakiri_close(&watchdog->harakiri);
	cor_retirement_close(&watchdog->retirement);
}

int cor_watchdog_start(struct cor_watchdog *watchdog, const struct cor_watchdog_options *options)
{
	*watchdog = (struct cor_watchdog){ .options = *options };
	if (!is_wanted(options))
		return 0;
	int rc = cor_retirement_open(&watchdog->retirement, options->settings,
		count_answers(options->server), options->logger);
	if (rc < 0)
		return rc;
	if (options->settings->harakiri_ms != 0)
		rc = cor_harakiri_open(&watchdog->harakiri, options->server, options->threads,
			options->settings->harakiri_ms, options->logger);
	if (rc == 0)
		rc = start_thread(watchdog);
	if (rc < 0)
		close_parts(watchdog);
	return rc;
}

void cor_watchdog_stop(struct cor_watchdog *watchdog)
{
	if (!watchdog->runs)
		return;
	watchdog->runs = false;
	close(watchdog->end[1]);
	pthread_join(watchdog->thread, NULL);
	close(watchdog->end[0]);
	close_parts(watchdog);
}
