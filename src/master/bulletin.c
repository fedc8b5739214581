/* SPDX-License-Identifier: MIT */
#include "master/bulletin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "master/crew.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"

/* --- the heartbeat --- */

static void arm(struct cor_bulletin *bulletin)
{
	struct cor_scheduler *scheduler = bulletin->crew->scheduler;

	cor_timer_arm(scheduler, &bulletin->heartbeat,
		cor_clock_after_ms(cor_clock_fresh(scheduler), bulletin->heartbeat_ms));
}

static void beat(struct cor_timer *timer)
{
	struct cor_bulletin *bulletin = cor_container_of(timer, struct cor_bulletin, heartbeat);

	cor_ignore(cor_notify_watchdog(&bulletin->notify));
	arm(bulletin);
}

void cor_bulletin_check(struct cor_logger *logger, const char *what, int rc)
{
	if (rc == -EAGAIN)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"systemd was not told %s: its queue (NOTIFY_SOCKET) stayed full: see "
			"whether it is overloaded",
			what);
	else if (rc < 0)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"systemd was not told %s: %s: see whether it still listens at NOTIFY_SOCKET",
			what, cor_strerror(rc));
}

static void check(const struct cor_bulletin *bulletin, const char *what, int rc)
{
	if (bulletin->crew)
		cor_bulletin_check(bulletin->crew->logger, what, rc);
}

void cor_bulletin_open(
	struct cor_bulletin *bulletin, const struct cor_notify *notify, const struct cor_crew *crew)
{
	*bulletin = (struct cor_bulletin){
		.notify = *notify,
		.crew = crew,
		.heartbeat.fire = beat,
		.heartbeat_ms = cor_notify_heartbeat_ms(notify),
	};
	if (bulletin->heartbeat_ms != 0)
		arm(bulletin);
}

void cor_bulletin_close(struct cor_bulletin *bulletin)
{
	if (bulletin->crew)
		cor_timer_disarm(bulletin->crew->scheduler, &bulletin->heartbeat);
}

/* --- how the workers are --- */

static void append(char *text, uint32_t count, const char *what)
{
	size_t len = strlen(text);

	if (count != 0)
		snprintf(text + len, COR_BULLETIN_BYTES - len, "%s%" PRIu32 " %s",
			len != 0 ? ", " : "", count, what);
}

static void print_status(const struct cor_crew *crew, char ret[COR_BULLETIN_BYTES])
{
	uint32_t counts[] = {
		[COR_WORKER_STARTING] = 0, [COR_WORKER_READY] = 0, [COR_WORKER_LEAVING] = 0
	};

	for (uint32_t i = 0; i < COR_SLOTS_MAX; i++)
		if (crew->slots[i])
			counts[crew->slots[i]->state]++;
	ret[0] = '\0';
	append(ret, counts[COR_WORKER_READY], counts[COR_WORKER_READY] == 1 ? "worker" : "workers");
	append(ret, counts[COR_WORKER_STARTING], "starting");
	append(ret, counts[COR_WORKER_LEAVING], "finishing");
}

void cor_bulletin_update(struct cor_bulletin *bulletin)
{
	char status[COR_BULLETIN_BYTES];

	if (!cor_notify_is_heard(&bulletin->notify))
		return;
	print_status(bulletin->crew, status);
	if (strcmp(status, bulletin->said) == 0)
		return;
	if (cor_notify_status(&bulletin->notify, status) != -EAGAIN) /* else it is told next time */
		memcpy(bulletin->said, status, sizeof status);
}

/* --- its life --- */

void cor_bulletin_up(struct cor_bulletin *bulletin)
{
	bulletin->is_up = true;
	cor_bulletin_update(bulletin);
	int rc = cor_notify_main_pid(&bulletin->notify, getpid());
	if (rc >= 0)
		rc = cor_notify_ready(&bulletin->notify);
	check(bulletin, "that the service is ready", rc);
}

void cor_bulletin_hand_over(struct cor_bulletin *bulletin, pid_t successor)
{
	check(bulletin, "which process is the master now",
		cor_notify_main_pid(&bulletin->notify, successor));
	cor_bulletin_close(bulletin);
	*bulletin = (struct cor_bulletin){ 0 };
}

/* Before it is up, systemd waits for that alone. */
void cor_bulletin_reloading(struct cor_bulletin *bulletin)
{
	if (bulletin->is_up)
		check(bulletin, "that the service reloads",
			cor_notify_reloading(&bulletin->notify));
}

void cor_bulletin_reloaded(struct cor_bulletin *bulletin)
{
	if (bulletin->is_up)
		check(bulletin, "that the reload is over", cor_notify_ready(&bulletin->notify));
}

void cor_bulletin_stopping(struct cor_bulletin *bulletin)
{
	check(bulletin, "that the service stops", cor_notify_stopping(&bulletin->notify));
}
