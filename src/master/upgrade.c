/* SPDX-License-Identifier: MIT */
#include "master/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/shortage.h"
#include "master/channel.h"
#include "runtime/death.h"
#include "master/fault.h"
#include "master/launch.h"
#include "master/roster.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"

#define READ_MS    60000 /* for its configuration and the prepare hook, as in a reload */
#define WORD_BYTES (COR_FAULT_BYTES + 64)
#define WHY_BYTES  512
#define SUCCESSOR  "the new master: "

/* --- the end --- */

void cor_upgrade_close(struct cor_upgrade *upgrade)
{
	if (upgrade->watch.fd < 0)
		return;
	cor_reactor_remove(upgrade->crew->scheduler, &upgrade->watch);
	close(upgrade->watch.fd);
	upgrade->watch.fd = -1;
}

static void give_up(struct cor_upgrade *upgrade, const char *format, ...) COR_PRINTF(2, 3);
static void give_up(struct cor_upgrade *upgrade, const char *format, ...)
{
	char why[WHY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	cor_upgrade_close(upgrade);
	cor_timer_disarm(upgrade->crew->scheduler, &upgrade->timer);
	upgrade->state = COR_UPGRADE_NONE;
	upgrade->successor = 0;
	if (!upgrade->is_cancelled) {
		cor_count_shared(&upgrade->crew->roster->failed_upgrades, 1);
		cor_logger_log(upgrade->crew->logger, COR_LOG_ERROR, NULL,
			"not upgraded, the service goes on as it was: %s", why);
	}
	upgrade->on_failed(upgrade);
}

static void hand_over(struct cor_upgrade *upgrade, const char *word)
{
	if (upgrade->state != COR_UPGRADE_GIVEN)
		return;
	upgrade->state = COR_UPGRADE_OVER;
	upgrade->on_over(upgrade, word);
}

/* Why it has failed; that it was ready does not count any more. */
static void hear_last_words(const struct cor_upgrade *upgrade)
{
	char word[WORD_BYTES];

	while (upgrade->watch.fd >= 0 && cor_channel_hear(upgrade->watch.fd, word, sizeof word) > 0)
		(void)!cor_fault_hear(upgrade->crew->logger, SUCCESSOR, word);
}

bool cor_upgrade_bury(struct cor_upgrade *upgrade, pid_t pid, int status)
{
	char end[COR_DEATH_BYTES];

	if (upgrade->successor == 0 || pid != upgrade->successor)
		return false;
	hear_last_words(upgrade);
	cor_death_print(status, end);
	if (upgrade->state == COR_UPGRADE_STARTING) {
		give_up(upgrade, "the new master %s", end);
		return true;
	}
	cor_logger_log(upgrade->crew->logger, COR_LOG_ERROR, NULL,
		"the new master (pid %d) %s: the service ends with it", (int)pid, end);
	upgrade->successor = 0;
	hand_over(upgrade, COR_WORD_DRAIN);
	return true;
}

void cor_upgrade_end(struct cor_upgrade *upgrade, int number)
{
	upgrade->is_wanted = upgrade->wants_reload = false;
	if (!cor_upgrade_goes_on(upgrade))
		return;
	upgrade->is_cancelled = true;
	kill(upgrade->successor, number);
}

/* --- what it says --- */

static void give_rule(struct cor_upgrade *upgrade)
{
	if (upgrade->state != COR_UPGRADE_STARTING || upgrade->is_cancelled)
		return;
	cor_timer_disarm(upgrade->crew->scheduler, &upgrade->timer);
	upgrade->state = COR_UPGRADE_GIVEN;
	upgrade->on_ready(upgrade);
	cor_ignore(cor_channel_say(upgrade->watch.fd, COR_WORD_RULE));
}

static void obey(struct cor_upgrade *upgrade, const char *word)
{
	if (strcmp(word, COR_WORD_READY) == 0)
		give_rule(upgrade);
	else if (strcmp(word, COR_WORD_RULES) == 0)
		hand_over(upgrade, COR_WORD_DRAIN);
	else if (strcmp(word, COR_WORD_RULES_LESS) == 0)
		hand_over(upgrade, COR_WORD_END);
	else
		(void)!cor_fault_hear(upgrade->crew->logger, SUCCESSOR, word);
}

/* Its death is another's to notice. */
static void heard(struct cor_watch *watch, uint32_t events)
{
	struct cor_upgrade *upgrade = cor_container_of(watch, struct cor_upgrade, watch);
	char word[WORD_BYTES];
	ssize_t n;

	(void)events;
	while (watch->fd >= 0 && (n = cor_channel_hear(watch->fd, word, sizeof word)) != -EAGAIN)
		if (n > 0)
			obey(upgrade, word);
		else
			cor_upgrade_close(upgrade);
}

static void overdue(struct cor_timer *timer)
{
	struct cor_upgrade *upgrade = cor_container_of(timer, struct cor_upgrade, timer);

	cor_logger_log(upgrade->crew->logger, COR_LOG_ERROR, NULL,
		"the new master (pid %d) is not ready in time: killing it",
		(int)upgrade->successor);
	kill(upgrade->successor, SIGKILL);
}

/* --- the beginning --- */

static int give_legacy(const struct cor_upgrade *upgrade, int channel)
{
	const struct cor_generation *generation = upgrade->crew->generation;
	struct cor_legacy legacy = *upgrade->heirloom;

	legacy.listening = generation->listening;
	if (generation->activation)
		legacy.activation = *generation->activation;
	legacy.segment = upgrade->crew->segment;
	legacy.generation = upgrade->crew->numbers;
	legacy.posts = upgrade->crew->posts_len;
	return cor_legacy_give(&legacy, channel);
}

static int launch(struct cor_upgrade *upgrade, int channel)
{
	const struct cor_child child = {
		.role = COR_CHILD_SUCCESSOR, .channel = channel, .config = -1, .segment = -1
	};
	struct cor_launch launch = {
		.program = open(upgrade->program, O_PATH | O_CLOEXEC),
		.argv = upgrade->crew->argv,
		.child = &child,
	};

	if (launch.program < 0)
		return -errno;
	int rc = cor_launch(&launch, &upgrade->successor);
	close(launch.program);
	return rc;
}

static int give_and_launch(struct cor_upgrade *upgrade)
{
	int ends[2];
	int rc = cor_channel_open(ends);

	if (rc < 0)
		return rc;
	upgrade->watch = (struct cor_watch){ .fd = ends[0], .ready = heard };
	rc = cor_reactor_add(upgrade->crew->scheduler, &upgrade->watch, EPOLLIN);
	if (rc < 0) {
		close(ends[0]);
		upgrade->watch.fd = -1;
	} else {
		rc = give_legacy(upgrade, ends[0]);
		if (rc == 0)
			rc = launch(upgrade, ends[1]);
	}
	close(ends[1]);
	return rc;
}

void cor_upgrade_begin(struct cor_upgrade *upgrade)
{
	struct cor_crew *crew = upgrade->crew;

	if (upgrade->state != COR_UPGRADE_NONE)
		return;
	upgrade->is_wanted = false;
	upgrade->timer.fire = overdue;
	upgrade->watch.fd = -1;
	int rc = give_and_launch(upgrade);
	if (rc < 0) {
		give_up(upgrade, "cannot start %s: %s", upgrade->program, cor_shortage_text(rc));
		return;
	}
	crew->numbers++; /* the successor's */
	upgrade->state = COR_UPGRADE_STARTING;
	cor_timer_arm(crew->scheduler, &upgrade->timer,
		cor_clock_after_ms(cor_clock_fresh(crew->scheduler),
			READ_MS + (int64_t)crew->generation->plan.start_timeout_ms));
}

bool cor_upgrade_goes_on(const struct cor_upgrade *upgrade)
{
	return upgrade->state == COR_UPGRADE_STARTING || upgrade->state == COR_UPGRADE_GIVEN;
}

bool cor_upgrade_is_over(const struct cor_upgrade *upgrade)
{
	return upgrade->successor == 0 || upgrade->state == COR_UPGRADE_OVER;
}

static void say(const struct cor_upgrade *upgrade, const char *what)
{
	cor_logger_log(upgrade->crew->logger, COR_LOG_INFO, NULL, "SIGUSR2: %s", what);
}

void cor_upgrade_ask(struct cor_upgrade *upgrade, bool is_reloading)
{
	if (getpid() == 1) {
		say(upgrade,
			"cannot upgrade process 1: the container would end with it; send SIGHUP "
			"for new workers, or start a new container");
	} else if (upgrade->state != COR_UPGRADE_NONE) {
		say(upgrade, "an upgrade goes on already");
	} else if (is_reloading) {
		say(upgrade, "upgrading after the reload");
		upgrade->is_wanted = true;
	} else {
		say(upgrade, "upgrading");
		cor_upgrade_begin(upgrade);
	}
}
