/* SPDX-License-Identifier: MIT */
#include "app/certificates.h"

#include <coracle/fiber.h>

#include "master/roster.h"
#include "runtime/clock.h"
#include "server/server.h"
#include "tls/tls.h"

#define DAY_S        (INT64_C(24) * 3600)
#define WARNING_DAYS 14

static void warn(const struct cor_program *program, const char *path, int64_t left_s)
{
	struct cor_logger *logger = cor_program_logger(program);

	if (left_s <= 0)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"certificate %s has expired: clients refuse it; renew it, and reload",
			path);
	else if (left_s <= WARNING_DAYS * DAY_S)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"certificate %s expires in %d days: renew it, and reload", path,
			(int)(left_s / DAY_S));
}

/* All workers have the same: one tells of them. */
static void look(const struct cor_program *program)
{
	const struct cor_setup *setup = program->setup;
	const struct cor_clock *clock = &cor_system_clock;
	int64_t now_s = clock->realtime_ns(clock) / COR_NS_PER_S;
	int64_t first_s = INT64_MAX;

	for (size_t i = 0; i < setup->server.certificate.len; i++) {
		int64_t expires_s = setup->service->tls->expires_s(program->security.source, i);
		if (setup->child.role != COR_CHILD_WORKER || setup->child.slot == 0)
			warn(program, setup->server.certificate.items[i], expires_s - now_s);
		first_s = expires_s < first_s ? expires_s : first_s;
	}
	if (program->roster)
		atomic_store(&program->roster->certificate_expires_s, first_s);
}

static int look_each_day(void *arg)
{
	int rc = 0;

	while (rc == 0) {
		look(arg);
		rc = cor_sleep_ms(DAY_S * 1000);
	}
	return rc;
}

int cor_certificates_watch(struct cor_program *program, struct cor_server *server)
{
	const struct cor_fiber_options options = { .name = "certificates" };

	if (!program->security.source)
		return 0;
	return cor_fiber_start(
		cor_server_loop(server, 0)->scheduler, look_each_day, program, &options, NULL);
}
