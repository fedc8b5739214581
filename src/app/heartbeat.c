/* SPDX-License-Identifier: MIT */
#include "app/heartbeat.h"

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "server/server.h"

static int beat(void *arg)
{
	const struct cor_notify *notify = arg;
	int64_t every_ms = cor_notify_heartbeat_ms(notify);
	int rc = 0;

	while (rc == 0) {
		cor_ignore(cor_notify_watchdog(notify));
		rc = cor_sleep_ms(every_ms);
	}
	return rc;
}

int cor_heartbeat_start(struct cor_program *program, struct cor_server *server)
{
	const struct cor_fiber_options options = { .name = "heartbeat" };
	const struct cor_notify *notify = &program->setup->notify;

	if (cor_notify_heartbeat_ms(notify) == 0)
		return 0;
	return cor_fiber_start(cor_server_loop(server, 0)->scheduler, beat,
		(void *)(uintptr_t)notify, &options, NULL);
}
