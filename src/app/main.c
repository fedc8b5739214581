/* SPDX-License-Identifier: MIT */
#include <coracle/app.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/descriptors.h"
#include "app/program.h"
#include "app/serve.h"
#include "app/setup.h"
#include "app/signals.h"

static enum cor_exit print_out(const struct cor_setup *setup, struct cor_buffer *buffer)
{
	enum cor_exit status = COR_EXIT_OK;
	size_t wrote = buffer->len ? fwrite(buffer->data, 1, buffer->len, stdout) : 0;

	if (cor_buffer_error(buffer) < 0)
		status = cor_setup_refused(setup, "standard output", cor_buffer_error(buffer));
	else if (wrote != buffer->len || fflush(stdout) != 0)
		status = cor_setup_refused(setup, "standard output", -EIO);
	cor_buffer_finish(buffer);
	return status;
}

static enum cor_exit print_help(const struct cor_setup *setup)
{
	struct cor_buffer buffer = { 0 };

	cor_config_help(setup->config, &buffer);
	return print_out(setup, &buffer);
}

static enum cor_exit print_config(const struct cor_setup *setup)
{
	struct cor_buffer buffer = { 0 };

	cor_config_print(setup->config, &buffer);
	return print_out(setup, &buffer);
}

static enum cor_exit print_version(const struct cor_setup *setup)
{
	const struct cor_service *service = setup->service;
	struct cor_buffer buffer = { 0 };

	cor_buffer_printf(&buffer, "%s %s (coracle %s)\n", service->name,
		service->version ? service->version : "without a version", cor_version());
	return print_out(setup, &buffer);
}

static enum cor_exit check(const struct cor_setup *setup)
{
	struct cor_program program = { 0 };
	enum cor_exit status = cor_program_open(&program, setup);

	cor_program_close(&program);
	if (status == COR_EXIT_OK)
		cor_setup_say(setup, "the configuration and the service's tables are good");
	return status;
}

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

static enum cor_exit obey(const struct cor_setup *setup)
{
	switch (cor_config_command(setup->config)) {
	case COR_COMMAND_HELP:
		return print_help(setup);
	case COR_COMMAND_VERSION:
		return print_version(setup);
	case COR_COMMAND_PRINT:
		return print_config(setup);
	case COR_COMMAND_CHECK:
		return check(setup);
	default:
		return run(setup);
	}
}

/* A check reports everything that is wrong, in the tables too. */
static bool is_to_be_checked(const struct cor_setup *setup)
{
	return setup->config && cor_config_command(setup->config) == COR_COMMAND_CHECK;
}

int cor_main(int argc, char **argv, const struct cor_service *service)
{
	struct cor_setup setup = { .service = service };
	int rc = cor_descriptors_secure();

	if (rc < 0)
		return (int)cor_setup_refused(&setup, "cannot open /dev/null", rc);
	enum cor_exit status = cor_setup_read(&setup, service, argc, argv);
	if (status == COR_EXIT_OK)
		status = obey(&setup);
	else if (is_to_be_checked(&setup))
		cor_ignore(cor_program_check_tables(&setup)); /* the first failure is the status */
	cor_setup_finish(&setup);
	return (int)status;
}
