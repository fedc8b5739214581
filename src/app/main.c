/* SPDX-License-Identifier: MIT */
#include <coracle/app.h>

#include <coracle/error.h>

#include "app/command.h"
#include "app/descriptors.h"
#include "app/program.h"
#include "app/serve.h"
#include "app/setup.h"
#include "app/signals.h"

/* From the start hook to the stop hook. */
static enum cor_exit live(struct cor_program *program, struct cor_signals *signals)
{
	int rc = cor_signals_open(signals, cor_program_logger(program),
		program->setup->server.connection.drain_timeout_ms);

	if (rc < 0)
		return cor_setup_refused(program->setup, "a thread for signals", rc);
	cor_program_prepare(program);
	enum cor_exit status = cor_program_start(program);
	if (status == COR_EXIT_OK) {
		cor_signals_enter(signals, COR_LIFE_SERVING);
		status = cor_program_serve(program, signals);
	}
	cor_signals_enter(signals, COR_LIFE_STOP_HOOK);
	cor_program_stop(program);
	cor_signals_close(signals);
	return status;
}

static enum cor_exit run(const struct cor_setup *setup)
{
	struct cor_signals signals;
	struct cor_program program = { 0 };

	cor_signals_block(&signals);
	enum cor_exit status = cor_program_open(&program, setup);
	if (status == COR_EXIT_OK)
		status = live(&program, &signals);
	cor_program_close(&program);
	return status;
}

static int obey(const struct cor_setup *setup)
{
	const struct cor_config_command *command = cor_config_command(setup->config);

	return command ? command->run(setup) : (int)run(setup);
}

int cor_main(int argc, char **argv, const struct cor_service *service)
{
	struct cor_setup setup = { .service = service };
	int rc = cor_descriptors_secure();

	if (rc < 0)
		return (int)cor_setup_refused(&setup, "cannot open /dev/null", rc);
	int status = (int)cor_setup_read(&setup, service, argc, argv);
	if (status == COR_EXIT_OK)
		status = obey(&setup);
	else if (!setup.config || cor_command_is_check(&setup))
		cor_ignore(cor_program_check_tables(&setup)); /* the first failure is the status */
	cor_setup_finish(&setup);
	return status;
}
