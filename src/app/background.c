/* SPDX-License-Identifier: MIT */
#include "app/background.h"

#include <errno.h>

#include <coracle/fiber.h>

#include "observe/problem_line.h"
#include "server/server.h"
#include "service/dispatcher.h"

static int run(void *arg)
{
	struct cor_program *program = arg;
	const struct cor_service *service = program->setup->service;
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, cor_dispatcher_environment(program->dispatchers[0]), NULL, 0, 0);
	int rc = service->background(&ctx, cor_state(&ctx));
	if (rc != 0 && rc != -ECANCELED) {
		(void)cor_ctx_settle(&ctx, rc);
		cor_problem_log(&ctx, COR_LOG_ERROR, COR_STR("background"), 0);
	}
	cor_ctx_await(&ctx);
	cor_ctx_finish(&ctx);
	return rc;
}

int cor_background_start(struct cor_program *program, struct cor_server *server)
{
	const struct cor_fiber_options options = { .name = "background" };

	if (!program->setup->service->background)
		return 0;
	return cor_fiber_start(cor_server_loop(server, 0)->scheduler, run, program, &options, NULL);
}
