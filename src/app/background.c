/* SPDX-License-Identifier: MIT */
#include "app/background.h"

#include <errno.h>

#include <coracle/fiber.h>

#include "observe/problem_line.h"
#include "server/server.h"
#include "service/composition.h"
#include "service/dispatcher.h"

/* Its environment says whose work it is. */
static int run(void *arg)
{
	const struct cor_environment *environment = arg;
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, environment, NULL, 0, 0);
	int rc = environment->service->background(&ctx, cor_state(&ctx));
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
	struct cor_dispatcher *dispatcher = program->dispatchers[0];
	const struct cor_composition *composition = cor_dispatcher_composition(dispatcher);
	int rc = 0;

	for (size_t m = 0; m < composition->members_len && rc == 0; m++)
		if (composition->members[m]->background)
			rc = cor_fiber_start(cor_server_loop(server, 0)->scheduler, run,
				cor_dispatcher_member(dispatcher, m), &options, NULL);
	return rc;
}
