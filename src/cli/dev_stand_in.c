/* SPDX-License-Identifier: MIT */
#include "cli/dev_stand_in.h"

#include <stdlib.h>

#include <coracle/app.h>
#include <coracle/context.h>
#include <coracle/service.h>

#include "service/development.h"

static int answer(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in;
	(void)out;
	return cor_problem(ctx, 503, 0, "nothing is known of the build yet");
}
COR_OPERATION(
	answer_operation, answer, COR_NONE, COR_NONE, .summary = "Nothing", .problems = { 503 });

/* A service has a resource; requests come to it only before there is a report. */
static const struct cor_resource nothing = { .path = "/", .get = &answer_operation };

int cor_dev_stand_in(void *unused)
{
	static const struct cor_resource *const resources[] = { &nothing, NULL };
	static const struct cor_service service = { .name = "stand_in", .resources = resources };
	char *arguments[] = { (char[]){ "stand_in" }, (char[]){ "--http" },
		(char[]){ "systemd:web" }, (char[]){ "--docs" }, (char[]){ "off" },
		(char[]){ "--access-log" }, (char[]){ "off" }, (char[]){ "--drain-timeout-ms" },
		(char[]){ "2000" }, NULL };

	(void)unused;
	setenv(COR_DEVELOPMENT_STAND_IN, "1", 1);
	return cor_main((int)(sizeof arguments / sizeof arguments[0]) - 1, arguments, &service);
}
