/* SPDX-License-Identifier: MIT */
#include "app/lead.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "app/addresses.h"
#include "app/hooks.h"
#include "app/caches.h"
#include "app/limits.h"
#include "app/own_files.h"
#include "app/program.h"
#include "app/role.h"
#include "app/shared.h"
#include "app/signals.h"
#include "master/channel.h"
#include "runtime/death.h"
#include "master/launch.h"
#include "master/load.h"
#include "master/master.h"
#include "master/roster.h"
#include "master/signal_set.h"
#include "observe/logger.h"
#include "runtime/clock.h"

#define CONTROL_BACKLOG 64

/* --- what a generation is made of --- */

static struct cor_plan plan_of(const struct cor_setup *setup)
{
	const struct cor_server_settings *server = &setup->server;
	struct cor_plan plan = {
		.processes = setup->processes,
		.processes_max = cor_composition_is_single(&setup->composition)
					 ? 1
					 : setup->processes_max,
		.surplus_s = setup->master.worker_surplus_s,
		.start_timeout_ms = setup->master.start_timeout_ms,
		.drain_timeout_ms = server->connection.drain_timeout_ms,
		.backlog = server->backlog,
		.unix_mode = (uint32_t)setup->listen.unix_mode,
		.unix_group = setup->listen.unix_group ? (int64_t)setup->unix_group : -1,
		.log_file = setup->app.log_file,
		.pid_file = setup->master.pid_file,
	};

	plan.http.items = setup->addresses.items;
	plan.http.len = setup->addresses.len;
	return plan;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len != 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int save(const struct cor_setup *setup, enum cor_config_save what, int fd)
{
	struct cor_buffer buffer = { 0 };

	cor_config_save(setup->config, what, &buffer);
	int rc = cor_buffer_error(&buffer);
	if (rc == 0)
		rc = write_all(fd, buffer.data, buffer.len);
	cor_buffer_finish(&buffer);
	return rc;
}

/* The whole for workers, and for the control process what is not the service's: no secret. */
static int save_config(const struct cor_setup *setup, int config, int public_config)
{
	int rc = save(setup, COR_SAVE_ALL, config);

	/* a master of before this one's time wants one only: its control process gets it, too */
	return rc < 0 || public_config < 0 ? rc
					   : save(setup, COR_SAVE_WITHOUT_SERVICES, public_config);
}

/* --- the checker --- */

static int say_plan(const struct cor_setup *setup)
{
	const struct cor_plan plan = plan_of(setup);
	struct cor_buffer buffer = { 0 };

	cor_buffer_literal(&buffer, COR_WORD_PLAN);
	cor_plan_print(&plan, &buffer);
	cor_buffer_byte(&buffer, '\0');
	int rc = cor_buffer_error(&buffer);
	if (rc == 0)
		rc = cor_channel_say(setup->child.channel, buffer.data);
	cor_buffer_finish(&buffer);
	return rc;
}

static enum cor_exit prepare_service(const struct cor_setup *setup)
{
	struct cor_program program = { 0 };

	if (!cor_setup_has_prepare(setup))
		return COR_EXIT_OK;
	enum cor_exit status = cor_program_open(&program, setup);
	if (status == COR_EXIT_OK)
		status = cor_program_prepare(&program);
	cor_program_close(&program);
	return status;
}

static enum cor_exit check_under_master(const struct cor_setup *setup)
{
	enum cor_exit status = cor_program_check_tables(setup);

	if (status != COR_EXIT_OK || setup->processes != 0)
		return status;
	cor_setup_say(setup, "processes: none: a master is running: restart the service "
			     "to run without one");
	return COR_EXIT_CONFIG;
}

enum cor_exit cor_check_for_master(const struct cor_setup *setup)
{
	enum cor_exit status = check_under_master(setup);

	if (status != COR_EXIT_OK)
		return status;
	status = prepare_service(setup);
	if (status != COR_EXIT_OK || setup->child.channel < 0)
		return status;
	const struct cor_child *child = &setup->child;
	int rc = save_config(
		setup, child->config, child->listening_len != 0 ? child->listening[0] : -1);
	if (rc == 0)
		rc = say_plan(setup);
	return rc < 0 ? cor_setup_refused(setup, "telling the master", rc) : COR_EXIT_OK;
}

/* --- the path of the program --- */

/* As it was started, even if by a link: where that leads may change before a reload. */
static int absolute(const char *name, char **ret)
{
	char *folder = name[0] == '/' ? NULL : getcwd(NULL, 0);

	if (name[0] != '/' && !folder)
		return -errno;
	int len = asprintf(ret, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
	free(folder);
	return len < 0 ? -ENOMEM : 0;
}

static int find_on_path(const char *name, char **ret)
{
	const char *at = getenv("PATH"); /* NOLINT(concurrency-mt-unsafe) */

	for (at = at ? at : ""; *at; at += *at == ':') {
		size_t len = strcspn(at, ":");
		if (asprintf(ret, "%.*s/%s", (int)len, len ? at : ".", name) < 0)
			return -ENOMEM;
		if (access(*ret, X_OK) == 0)
			return 0;
		free(*ret);
		at += len;
	}
	*ret = NULL;
	return -ENOENT;
}

/* Whatever argv[0] says, it must lead to what runs here. */
static int find_program(const char *name, char **ret)
{
	const char *given = name ? name : "";

	*ret = NULL;
	int rc = strchr(given, '/') ? absolute(given, ret) : find_on_path(given, ret);
	if (rc == 0 && *ret && access(*ret, X_OK) == 0)
		return 0;
	free(*ret);
	*ret = realpath("/proc/self/exe", NULL);
	return *ret ? 0 : -errno;
}

/* --- the master --- */

struct lead {
	struct cor_setup *setup;
	struct cor_logger *logger;
	struct cor_generation *generation;
	struct cor_segment segment;
	struct cor_load *loads;
	struct cor_own_files files;
	struct cor_roster *roster;
	struct cor_listening_set control; /* one, or none */
	char *program;
	bool has_ruled;
};

static bool is_successor(const struct lead *lead)
{
	return lead->setup->child.role == COR_CHILD_SUCCESSOR;
}

/* It names the master that rules. */
static void claim_pid_file(const struct lead *lead)
{
	const struct cor_pid_file *file = &lead->files.pid_file;
	int rc = is_successor(lead) && file->path ? cor_pid_file_claim(file) : 0;

	if (rc < 0)
		cor_logger_log(lead->logger, COR_LOG_ERROR, NULL,
			"pid file %s names the old master still: %s: write %ld there", file->path,
			cor_strerror(rc), (long)getpid());
}

static void announce(void *arg)
{
	struct lead *lead = arg;

	lead->has_ruled = true;
	cor_logger_set_process(lead->logger, COR_ROLE_MASTER);
	cor_role_show(lead->setup, COR_ROLE_MASTER);
	claim_pid_file(lead);
	cor_addresses_announce(lead->setup, lead->logger, &lead->generation->listening);
	cor_addresses_announce_control(lead->logger, &lead->control);
}

/* Figures go on from where they were, if they are laid out as this program wants them. */
static int open_segment(struct lead *lead)
{
	struct cor_legacy *legacy = &lead->setup->legacy;

	if (!is_successor(lead))
		return cor_shared_create(cor_caches_shared_bytes(lead->setup), &lead->segment);
	int rc = cor_shared_adopt(legacy->segment, &lead->segment);
	legacy->segment = -1;
	if (rc == 0)
		return 0;
	cor_logger_log(lead->logger, COR_LOG_WARNING, NULL,
		"figures begin at zero: the old program lays shared memory out differently (%s)",
		cor_strerror(rc));
	return cor_shared_create(cor_caches_shared_bytes(lead->setup), &lead->segment);
}

static int make_ready(struct lead *lead, const char *name)
{
	int rc = find_program(name, &lead->program);

	if (rc == 0)
		rc = cor_generation_create(
			lead->setup->legacy.generation + 1, lead->program, &lead->generation);
	if (rc == 0)
		rc = save_config(
			lead->setup, lead->generation->config, lead->generation->public_config);
	if (rc == 0)
		rc = open_segment(lead);
	if (rc == 0)
		rc = cor_loads_find(&lead->segment, &lead->loads);
	if (rc == 0)
		rc = cor_shared_roster(&lead->segment, &lead->roster);
	if (rc < 0)
		return rc;
	cor_log_level_follow(&lead->roster->log_level);
	if (!is_successor(lead))
		lead->roster->master = getpid();
	if (lead->roster->started_ns == 0)
		lead->roster->started_ns = cor_system_clock.realtime_ns(&cor_system_clock);
	return 0;
}

/* --- the prepare hook, for the first time --- */

/* Wait for the child. Returns what waitpid() says, or ends by a signal that comes meanwhile. */
static int wait_for_checker(struct lead *lead, pid_t pid)
{
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		int number = sigwaitinfo(&set, NULL);
		if (number < 0 || number == SIGCHLD)
			continue;
		cor_logger_log(lead->logger, COR_LOG_INFO, NULL,
			"exiting in the middle of the prepare hook");
		kill(pid, SIGKILL);
		cor_own_files_close(&lead->files);
		cor_end_by(number);
	}
	return status;
}

/* The master runs no code of the service: a child does. */
static enum cor_exit prepare_elsewhere(struct lead *lead, char *const *argv)
{
	const struct cor_child child = {
		.role = COR_CHILD_CHECKER, .channel = -1, .config = -1, .segment = -1
	};
	const struct cor_launch launch = {
		.program = lead->generation->program, .argv = argv, .child = &child
	};
	char end[COR_DEATH_BYTES];
	pid_t pid;

	if (!cor_setup_has_prepare(lead->setup))
		return COR_EXIT_OK;
	int rc = cor_launch(&launch, &pid);
	if (rc < 0)
		return cor_setup_refused(
			lead->setup, "starting a process for the prepare hook", rc);
	int status = wait_for_checker(lead, pid);
	if (WIFEXITED(status))
		return (enum cor_exit)WEXITSTATUS(status);
	cor_death_print(status, end);
	cor_logger_log(
		lead->logger, COR_LOG_ERROR, NULL, "the process of the prepare hook %s", end);
	return COR_EXIT_SOFTWARE;
}

static enum cor_exit rule(struct lead *lead, char *const *argv)
{
	struct cor_setup *setup = lead->setup;
	const struct cor_pid_file *pid_file = &lead->files.pid_file;
	const struct cor_master_options options = {
		.generation = lead->generation,
		.program = lead->program,
		.argv = argv,
		.variables = cor_config_prefix(setup->config),
		.segment = cor_segment_fd(&lead->segment),
		.loads = lead->loads,
		.roster = lead->roster,
		.control = &lead->control,
		.legacy = &setup->legacy,
		.old_master = is_successor(lead) ? setup->child.channel : -1,
		.pid_file = pid_file->path,
		.pid_file_fd = pid_file->fd,
		.logger = lead->logger,
		.notify = setup->notify,
		.statuses = {
			.cut = COR_EXIT_CUT,
			.crashed = COR_EXIT_SOFTWARE,
			.system = COR_EXIT_SYSTEM,
		},
		.on_up = announce,
		.arg = lead,
	};
	int status = cor_master_run(&options);

	bool is_old = lead->has_ruled && lead->roster->master != getpid();
	bool is_failed = is_successor(lead) && !lead->has_ruled;
	cor_logger_log(lead->logger, COR_LOG_INFO, NULL, "%s%s",
		is_failed ? "ended before it took over"
		: is_old  ? "the old master has ended"
			  : "stopped",
		status == COR_EXIT_CUT ? "; requests in progress were cut" : "");
	return (enum cor_exit)status;
}

/* Those who read figures may one day also stop the service: the file is for its owner alone. */
static int listen_for_control(struct lead *lead, const char **ret_failed)
{
	const struct cor_listening_options options = {
		.addresses = &lead->setup->master.control,
		.len = 1,
		.each = { .backlog = CONTROL_BACKLOG, .unix_mode = 0600 },
		.before = &lead->setup->legacy.control,
		.activation = &lead->setup->activation,
	};

	return lead->setup->master.control
		       ? cor_listening_open(&lead->control, &options, ret_failed)
		       : 0;
}

static enum cor_exit listen_and_rule(struct lead *lead, char *const *argv)
{
	const char *failed = NULL;
	int rc = make_ready(lead, argv[0]);

	if (rc < 0) {
		cor_generation_drop(lead->generation);
		return cor_setup_refused(lead->setup, "making the master ready", rc);
	}
	enum cor_exit status = prepare_elsewhere(lead, argv);
	if (status != COR_EXIT_OK) {
		cor_generation_drop(lead->generation);
		return status;
	}
	lead->generation->plan = plan_of(lead->setup);
	lead->generation->activation = &lead->setup->activation;
	rc = cor_generation_listen(lead->generation, &lead->setup->legacy.listening, &failed);
	if (rc == 0)
		rc = listen_for_control(lead, &failed);
	if (rc == 0)
		return rule(lead, argv);
	cor_generation_drop(lead->generation);
	return cor_addresses_explain(lead->logger, failed, rc);
}

enum cor_exit cor_lead(struct cor_setup *setup, char *const *argv)
{
	struct lead lead = { .setup = setup };

	cor_signal_set_block();
	enum cor_exit status = check_under_master(setup);
	if (status != COR_EXIT_OK)
		return status;
	status = cor_own_files_open(setup, &lead.files);
	if (status != COR_EXIT_OK)
		return status;
	int rc = cor_setup_make_logger(setup, true, &lead.logger);
	if (rc < 0) {
		cor_own_files_close(&lead.files);
		return cor_setup_refused(setup, "making the log", rc);
	}
	cor_limits_prepare(setup, lead.logger);
	status = listen_and_rule(&lead, argv);
	cor_listening_close(&lead.control);
	cor_log_level_follow(NULL);
	cor_segment_detach(&lead.segment);
	free(lead.program);
	cor_own_files_close(&lead.files);
	cor_logger_destroy(lead.logger);
	return status;
}
