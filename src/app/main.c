/* SPDX-License-Identifier: MIT */
#include <coracle/app.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/addresses.h"
#include "app/attend.h"
#include "app/caches.h"
#include "app/command.h"
#include "app/confinement.h"
#include "app/ctl.h"
#include "app/descriptors.h"
#include "app/hooks.h"
#include "app/lead.h"
#include "app/limits.h"
#include "app/own_files.h"
#include "app/program.h"
#include "app/role.h"
#include "app/serve.h"
#include "app/setup.h"
#include "app/shared.h"
#include "app/signals.h"

/* From the start hook to the stop hook. */
static enum cor_exit live(
	struct cor_program *program, struct cor_signals *signals, struct cor_own_files *files)
{
	const struct cor_setup *setup = program->setup;
	const struct cor_signals_options options = {
		.logger = cor_program_logger(program),
		.drain_timeout_ms = setup->server.connection.drain_timeout_ms,
		.channel = setup->child.channel,
		.roster = program->roster,
		.log_file = setup->app.log_file,
		.notify = &setup->notify,
		.files = files,
		.busy = cor_program_busy,
		.arg = program,
	};
	int rc = cor_signals_open(signals, &options);

	if (rc < 0)
		return cor_setup_refused(setup, "a thread for signals", rc);
	cor_limits_prepare(setup, cor_program_logger(program));
	if (program->listening.items)
		cor_signals_serve(signals, NULL, &program->listening);
	enum cor_exit status = COR_EXIT_OK;
	if (setup->child.role == COR_CHILD_NONE)
		status = cor_program_prepare(program);
	if (status == COR_EXIT_OK)
		status = cor_program_start(program);
	if (status == COR_EXIT_OK) {
		cor_signals_enter(signals, COR_LIFE_SERVING);
		status = cor_program_serve(program, signals);
	}
	cor_signals_enter(signals, COR_LIFE_JOBS);
	cor_program_end_jobs(program);
	cor_signals_enter(signals, COR_LIFE_STOP_HOOK);
	cor_program_stop(program);
	cor_signals_close(signals);
	return status;
}

/* Later it may have no right to the sockets' addresses. */
static enum cor_exit confine(struct cor_program *program)
{
	enum cor_exit status = cor_program_listen(program);

	if (status == COR_EXIT_OK)
		status = cor_confinement_drop(program->setup, cor_program_logger(program));
	return status;
}

/* What makes the processes of pools signals them, and so is outside the sandbox; they are not. */
static enum cor_exit fork_and_enclose(struct cor_program *program)
{
	enum cor_exit status = cor_program_prepare_processes(program);

	if (status == COR_EXIT_OK)
		status = cor_confinement_enter(program->setup, cor_program_logger(program));
	return status;
}

/* Nothing is freed under the feet of a thread that does not come back. */
static COR_COLD _Noreturn void leave_jobs(
	const struct cor_program *program, struct cor_own_files *files, enum cor_exit status)
{
	for (size_t i = 0; i <= program->threads; i++)
		cor_logger_flush(program->loggers[i]);
	cor_own_files_close(files);
	_exit(status == COR_EXIT_OK ? COR_EXIT_CUT : status);
}

/* Tickets of one worker are known to the others. */
static enum cor_exit open_security(struct cor_program *program)
{
	struct cor_ticket_ring *ring = NULL;
	int rc = program->setup->child.role == COR_CHILD_WORKER
			 ? cor_shared_tickets(&program->segment, &ring)
			 : 0;

	return rc < 0 ? cor_setup_refused(program->setup, "finding the keys of tickets", rc)
		      : cor_security_open(&program->security, program->setup, ring);
}

static enum cor_exit run(const struct cor_setup *setup)
{
	struct cor_signals signals;
	struct cor_program program = { 0 };
	struct cor_own_files files = { 0 };

	cor_signals_block(&signals);
	enum cor_exit status = cor_program_check_tables(setup);
	if (status == COR_EXIT_OK && setup->child.role == COR_CHILD_NONE)
		status = cor_own_files_open(setup, &files);
	if (status == COR_EXIT_OK)
		status = cor_program_open(&program, setup);
	if (status == COR_EXIT_OK)
		status = cor_security_read(&program.security, setup);
	if (status == COR_EXIT_OK && cor_confinement_is_wanted(setup))
		status = confine(&program);
	if (status == COR_EXIT_OK)
		status = fork_and_enclose(&program);
	if (status == COR_EXIT_OK)
		status = cor_program_try_uploads(setup);
	if (status == COR_EXIT_OK)
		status = cor_program_try_files(&program);
	if (status == COR_EXIT_OK)
		status = cor_program_try_caches(&program);
	if (status == COR_EXIT_OK)
		status = open_security(&program);
	if (status == COR_EXIT_OK)
		status = live(&program, &signals, &files);
	if (program.has_jobs_left)
		leave_jobs(&program, &files, status);
	cor_program_close(&program);
	cor_own_files_close(&files);
	return status;
}

static int obey(struct cor_setup *setup, char *const *argv)
{
	const struct cor_config_command *command = cor_config_command(setup->config);

	if (command)
		return command->run(setup);
	cor_role_show(setup, cor_role_of(setup));
	if (setup->child.role == COR_CHILD_CHECKER)
		return (int)cor_check_for_master(setup);
	if (setup->child.role == COR_CHILD_CONTROL)
		return (int)cor_attend(setup);
	if (setup->child.role == COR_CHILD_SUCCESSOR ||
		(setup->child.role == COR_CHILD_NONE && setup->processes != 0))
		return (int)cor_lead(setup, argv);
	return (int)run(setup);
}

/* For the first process: a child has its sockets from the master, and tells that how it is. */
static int meet_systemd(struct cor_setup *setup)
{
	int fd;

	if (!cor_setup_is_first(setup))
		return 0;
	if (setup->child.role == COR_CHILD_SUCCESSOR)
		cor_notify_inherit_watchdog();
	if (cor_notify_open(&setup->notify) < 0)
		cor_setup_say(setup, "warning: NOTIFY_SOCKET is not a path or an abstract name: "
				     "systemd is not told how the service is");
	if (setup->child.role == COR_CHILD_SUCCESSOR)
		return 0; /* its sockets come from the old master */
	int rc = cor_activation_take(&setup->activation, &fd);
	/* What it starts itself has its variables, but was passed no socket: nobody keeps those. */
	bool is_of_dev = cor_setup_development().folder && setup->activation.len != 0;
	if (is_of_dev && cor_notify_is_heard(&setup->notify))
		setup->activation.keeper = &setup->notify;
	if (rc < 0 && fd >= 0)
		cor_setup_say(setup, "descriptor %d %s", fd, cor_activation_remedy(rc));
	else if (rc < 0)
		cor_setup_say(setup, "%s", cor_activation_remedy(rc));
	return rc;
}

static int meet_old_master(struct cor_setup *setup)
{
	if (setup->child.role != COR_CHILD_SUCCESSOR)
		return 0;
	int rc = cor_legacy_take(&setup->legacy, setup->child.channel);
	setup->activation = setup->legacy.activation;
	setup->legacy.activation = (struct cor_activation){ 0 };
	return rc;
}

int cor_main(int argc, char **argv, const struct cor_service *service)
{
	struct cor_setup setup = { .service = service };
	int rc = cor_descriptors_secure();

	if (rc < 0)
		return (int)cor_setup_refused(&setup, "cannot open /dev/null", rc);
	if (cor_ctl_is_meant(argc, argv))
		return cor_ctl(argc, argv, service);
	rc = cor_child_read(&setup.child);
	if (rc < 0)
		return (int)cor_setup_refused(&setup, COR_CHILD_VARIABLE, rc);
	if (meet_systemd(&setup) < 0)
		return COR_EXIT_SYSTEM;
	rc = meet_old_master(&setup);
	if (rc < 0)
		return (int)cor_setup_refused(&setup, "taking over from the old master", rc);
	int status = (int)cor_setup_read(&setup, service, argc, argv);
	cor_addresses_release(&setup);
	if (status == COR_EXIT_OK)
		status = obey(&setup, argv);
	else if (!setup.config || cor_command_is_check(&setup))
		cor_ignore(cor_program_check_tables(&setup)); /* the first failure is the status */
	cor_setup_finish(&setup);
	return status;
}
