/* SPDX-License-Identifier: MIT */
#include "master/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/shortage.h"
#include "master/attendant.h"
#include "master/bulletin.h"
#include "master/channel.h"
#include "master/legacy.h"
#include "master/orders.h"
#include "master/reload.h"
#include "master/roster.h"
#include "master/scaling.h"
#include "master/signal_set.h"
#include "master/succession.h"
#include "master/upgrade.h"
#include "observe/logger.h"
#include "runtime/scheduler.h"

#define CRASHES_MAX 5 /* before any worker was ready */

struct master {
	struct cor_crew crew;
	struct cor_reload reload;
	struct cor_scaling scaling;
	struct cor_bulletin bulletin;
	struct cor_attendant attendant;
	struct cor_upgrade upgrade;
	struct cor_legacy heirloom; /* for the next master: what stays as it is */
	struct cor_succession succession;
	struct cor_watch signals;
	const struct cor_master_options *options;
	struct cor_scheduler *scheduler;
	unsigned endings; /* signals that end it, so far */
	unsigned crashes; /* before any worker was ready */
	int status;
	bool is_up;        /* a worker was ready, and it rules */
	bool wants_reload; /* when it rules */
	bool is_closed;    /* the sockets refuse clients */
};

/* --- the end --- */

static void say(const struct master *master, const char *name, const char *what)
{
	cor_logger_log(master->options->logger, COR_LOG_INFO, NULL, "%s: %s", name, what);
}

/* The main process outlasts the old workers: a service manager kills what it leaves behind. */
static bool waits_for_old(const struct master *master)
{
	return master->endings < 2 && cor_succession_is_shared(&master->succession);
}

static bool is_alone(const struct master *master)
{
	return !waits_for_old(master) && master->crew.is_ending && master->crew.alive == 0 &&
	       master->reload.checker == 0 && cor_upgrade_is_over(&master->upgrade);
}

/* In an upgrade the last worker may be the other master's. */
static void publish_end(const struct master *master)
{
	const struct cor_master_options *options = master->options;

	if (master->crew.is_ending)
		cor_roster_publish_end(options->roster, master->status == options->statuses.cut);
}

static void stop_if_alone(struct master *master)
{
	publish_end(master);
	if (is_alone(master) && cor_attendant_end(&master->attendant))
		cor_scheduler_stop(master->scheduler);
}

/* Files go first: as soon as nobody answers there, another server may take the path over. */
static void close_door(struct master *master)
{
	struct cor_listening_set *listening = &master->crew.generation->listening;

	cor_listening_unlink(listening);
	cor_listening_stop_queueing(listening);
}

/* The socket of control is kept: whoever is started next answers for itself there. */
static bool has_successor(const struct master *master)
{
	const struct cor_listening_set *control = master->options->control;

	return control->len != 0 && control->items[0].is_kept;
}

static void begin_end(struct master *master)
{
	if (master->crew.is_ending)
		return;
	cor_bulletin_stopping(&master->bulletin);
	close_door(master);
	if (has_successor(master))
		cor_attendant_leave(&master->attendant);
	cor_reload_cancel(&master->reload);
	cor_scaling_stop(&master->scaling);
	cor_crew_end(&master->crew, master->succession.rules ? COR_WORD_END : COR_WORD_DRAIN);
	cor_roster_publish(master->options->roster, &master->crew);
	stop_if_alone(master);
}

/* Nobody is queued, and nobody accepts: late clients are refused rather than kept waiting. */
static void emptied(struct cor_crew *crew)
{
	struct master *master = cor_container_of(crew, struct master, crew);

	cor_reload_emptied(&master->reload);
	if (!crew->is_ending || master->is_closed || !cor_crew_has_emptied(crew))
		return;
	master->is_closed = true;
	cor_listening_shut_down(&crew->generation->listening);
}

static void end_by(struct master *master, int number, const char *name)
{
	master->endings += number == SIGQUIT && master->endings == 0 ? 2 : 1;
	cor_upgrade_end(&master->upgrade, number);
	if (master->endings == 1) {
		say(master, name, "finishing requests in progress; a second signal cuts them");
	} else if (master->endings == 2) {
		say(master, name, "cutting requests in progress");
	} else {
		say(master, name, "killing the workers");
		master->status = master->options->statuses.cut;
	}
	begin_end(master);
	if (master->endings == 2)
		cor_crew_stop(&master->crew);
	else if (master->endings > 2)
		cor_crew_kill(&master->crew);
	stop_if_alone(master);
}

/* --- workers --- */

static void come_up(struct master *master)
{
	master->is_up = true;
	cor_bulletin_up(&master->bulletin);
	master->options->roster->has_been_up = 1;
	if (master->options->on_up)
		master->options->on_up(master->options->arg);
}

static void ready(struct cor_crew *crew, struct cor_worker *worker)
{
	struct master *master = cor_container_of(crew, struct master, crew);
	bool is_first = !cor_reload_ready(&master->reload, worker) && !master->is_up &&
			!crew->is_ending;

	cor_bulletin_update(&master->bulletin);
	if (is_first && master->succession.rules)
		come_up(master);
	else if (is_first && cor_crew_is_whole(crew))
		cor_succession_ready(&master->succession);
}

static void give_up_start(struct master *master, int code)
{
	cor_logger_log(master->options->logger, COR_LOG_ERROR, NULL,
		"no worker came up: ending with status %d", code);
	master->status = code;
	begin_end(master);
	cor_crew_stop(&master->crew);
}

/* A start that cannot succeed ends, with what the first worker has found out. */
static void judge_start(struct master *master, int status)
{
	int code = 0;

	if (WIFEXITED(status))
		code = WEXITSTATUS(status);
	else if (++master->crashes >= CRASHES_MAX)
		code = master->options->statuses.crashed;
	if (code != 0)
		give_up_start(master, code);
}

/* Who started the service hears of it, rather than waiting for ever. */
static void not_started(struct cor_crew *crew)
{
	struct master *master = cor_container_of(crew, struct master, crew);

	if (!master->is_up && !crew->is_ending)
		give_up_start(master, master->options->statuses.system);
}

/* Of the signal that told it to end a worker dies in its hooks only, where nobody waits for it. */
static bool has_crashed(const struct cor_worker *worker, int status)
{
	return worker->has_served && WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM &&
	       WTERMSIG(status) != SIGQUIT;
}

static bool has_cut(const struct cor_worker *worker, int status, int cut)
{
	return worker->was_killed || has_crashed(worker, status) ||
	       (WIFEXITED(status) && WEXITSTATUS(status) == cut);
}

static void gone(struct cor_crew *crew, struct cor_worker *worker, int status)
{
	struct master *master = cor_container_of(crew, struct master, crew);
	int cut = master->options->statuses.cut;

	if (master->succession.rules) /* else it is not the service's */
		cor_roster_count_death(master->options->roster, worker, status);
	cor_reload_gone(&master->reload, worker);
	if (!master->is_up && !crew->is_ending)
		judge_start(master, status);
	else if (crew->is_ending && master->status == 0 && has_cut(worker, status, cut))
		master->status = cut;
}

static void reloaded(struct cor_reload *reload)
{
	struct master *master = cor_container_of(reload, struct master, reload);
	struct cor_roster *roster = master->options->roster;
	bool has_failed = cor_roster_refusal_of(roster, cor_counter_read(&roster->begun_reloads));

	cor_bulletin_reloaded(&master->bulletin);
	cor_scaling_begin(&master->scaling);
	if (reload->has_taken_over)
		roster->log_level = 0; /* the new configuration says it */
	cor_count(has_failed ? &roster->failed_reloads : &roster->reloads, 1);
	if (!reload->is_wanted_again) /* those who wait for the next one are answered first */
		cor_attendant_renew(&master->attendant);
	if (master->upgrade.is_wanted && !reload->is_wanted_again)
		cor_upgrade_begin(&master->upgrade);
	stop_if_alone(master);
}

static void reload_now(struct master *master)
{
	cor_bulletin_reloading(&master->bulletin);
	cor_reload_begin(&master->reload);
}

static void begin_reload(struct master *master, const char *name)
{
	bool is_upgraded = cor_upgrade_goes_on(&master->upgrade);

	say(master, name,
		is_upgraded || !master->succession.rules ? "reloading after the upgrade"
							 : "reloading");
	if (is_upgraded)
		master->upgrade.wants_reload = true;
	else if (!master->succession.rules)
		master->wants_reload = true;
	else
		reload_now(master);
}

/* What an operator has told the control process, which says other things, too. */
static void obey(struct cor_attendant *attendant, const char *word)
{
	struct master *master = cor_container_of(attendant, struct master, attendant);
	const struct cor_upgrade *upgrade = &master->upgrade;
	bool ends = strcmp(word, COR_WORD_FINISH) == 0;

	if (!ends && strcmp(word, COR_WORD_RELOAD) != 0)
		return;
	if (upgrade->state == COR_UPGRADE_OVER && upgrade->successor != 0)
		kill(upgrade->successor, ends ? SIGTERM : SIGHUP); /* that one rules */
	else if (ends)
		end_by(master, SIGTERM, "control");
	else if (!master->crew.is_ending)
		begin_reload(master, "control");
}

/* Before each wait: whatever has changed, it is over. */
static void publish(void *arg)
{
	const struct master *master = arg;

	cor_roster_publish(master->options->roster, &master->crew);
}

/* --- an upgrade, as the old master --- */

static void give_rule(struct cor_upgrade *upgrade)
{
	struct master *master = cor_container_of(upgrade, struct master, upgrade);

	cor_listening_disown(&master->crew.generation->listening);
	cor_listening_disown(master->options->control);
	master->options->roster->master = upgrade->successor;
	cor_bulletin_hand_over(&master->bulletin, upgrade->successor);
}

static void retire(struct cor_upgrade *upgrade, const char *word)
{
	struct master *master = cor_container_of(upgrade, struct master, upgrade);

	if (upgrade->successor != 0)
		cor_logger_log(master->options->logger, COR_LOG_INFO, NULL,
			"upgraded: process %d is the master from now on; ending when the requests "
			"in progress are finished",
			(int)upgrade->successor);
	if (upgrade->successor != 0 && upgrade->wants_reload)
		kill(upgrade->successor, SIGHUP);
	cor_scaling_stop(&master->scaling);
	if (!master->crew.is_ending) {
		cor_attendant_leave(&master->attendant);
		cor_crew_end(&master->crew, word);
	}
	stop_if_alone(master);
}

static void not_upgraded(struct cor_upgrade *upgrade)
{
	struct master *master = cor_container_of(upgrade, struct master, upgrade);

	if (upgrade->wants_reload)
		reload_now(master);
	upgrade->wants_reload = false;
	stop_if_alone(master);
}

static void begin_upgrade(struct master *master)
{
	if (!master->succession.rules)
		say(master, "SIGUSR2", "an upgrade goes on already");
	else if (!master->is_up)
		say(master, "SIGUSR2", "cannot upgrade before a worker is ready");
	else
		cor_upgrade_ask(&master->upgrade, master->reload.candidate != NULL);
}

/* --- an upgrade, as the new one --- */

/* What is owned by the process that rules. */
static void open_rest(struct master *master)
{
	const struct cor_master_options *options = master->options;
	const struct cor_listening_set *control = options->control;

	cor_bulletin_open(&master->bulletin, &options->notify, &master->crew);
	cor_attendant_begin(
		&master->attendant, &master->crew, control->len ? control->items[0].fd : -1, obey);
	cor_scaling_begin(&master->scaling);
}

static void rule(struct cor_succession *succession)
{
	struct master *master = cor_container_of(succession, struct master, succession);
	const struct cor_master_options *options = master->options;
	bool has_left = cor_listening_take_over(&master->crew.generation->listening,
		&options->legacy->listening, master->crew.generation->activation);

	cor_ignore(cor_listening_take_over(options->control, &options->legacy->control, NULL));
	cor_generation_admit(master->crew.generation, master->crew.logger);
	cor_legacy_close(options->legacy);
	options->roster->master = getpid();
	options->roster->log_level = 0;
	cor_count_shared(&options->roster->upgrades, 1);
	if (master->crew.is_ending) {
		close_door(master); /* a signal was faster */
		cor_succession_done(succession, has_left);
		return;
	}
	open_rest(master);
	come_up(master);
	cor_succession_done(succession, has_left);
	if (master->wants_reload)
		reload_now(master);
}

static void orphaned(struct cor_succession *succession)
{
	struct master *master = cor_container_of(succession, struct master, succession);

	cor_logger_log(master->options->logger, COR_LOG_ERROR, NULL,
		"the old master has died before it handed the service over: ending with it");
	begin_end(master);
}

static void alone(struct cor_succession *succession)
{
	stop_if_alone(cor_container_of(succession, struct master, succession));
}

/* --- signals --- */

static void reap(struct master *master)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!cor_crew_bury(&master->crew, pid, status) &&
			!cor_attendant_bury(&master->attendant, pid, status) &&
			!cor_upgrade_bury(&master->upgrade, pid, status))
			(void)cor_reload_bury(&master->reload, pid, status);
	stop_if_alone(master);
}

static void act_on(struct master *master, int number)
{
	switch (number) {
	case SIGCHLD:
		reap(master);
		break;
	case SIGTERM:
		end_by(master, number, "SIGTERM");
		break;
	case SIGINT:
		end_by(master, number, "SIGINT");
		break;
	case SIGQUIT:
		end_by(master, number, "SIGQUIT");
		break;
	case SIGHUP:
		begin_reload(master, "SIGHUP");
		break;
	case SIGTTIN:
		cor_orders_resize(&master->crew, "SIGTTIN", 1);
		break;
	case SIGTTOU:
		cor_orders_resize(&master->crew, "SIGTTOU", -1);
		break;
	case SIGUSR1:
		cor_orders_reopen_log(&master->crew);
		break;
	default:
		begin_upgrade(master);
		break;
	}
}

static bool is_of_living(int number)
{
	return number == SIGHUP || number == SIGTTIN || number == SIGTTOU || number == SIGUSR2;
}

static void signalled(struct cor_watch *watch, uint32_t events)
{
	struct master *master = cor_container_of(watch, struct master, signals);
	struct signalfd_siginfo info;

	(void)events;
	reap(master); /* who has died before is no victim of a stop that is told at the same time */
	while (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (!master->crew.is_ending || !is_of_living((int)info.ssi_signo))
			act_on(master, (int)info.ssi_signo);
	cor_bulletin_update(&master->bulletin);
}

static int watch_signals(struct master *master)
{
	master->signals = (struct cor_watch){ .fd = cor_signal_set_open(), .ready = signalled };
	if (master->signals.fd < 0)
		return master->signals.fd;
	return cor_reactor_add(master->scheduler, &master->signals, EPOLLIN);
}

/* --- life --- */

static void init(struct master *master)
{
	const struct cor_master_options *options = master->options;

	master->crew = (struct cor_crew){
		.scheduler = master->scheduler,
		.logger = options->logger,
		.argv = options->argv,
		.variables = options->variables,
		.segment = options->segment,
		.roster = options->roster,
		.numbers = options->generation->number,
		.generation = options->generation,
		.on_ready = ready,
		.on_not_started = not_started,
		.on_gone = gone,
		.on_emptied = emptied,
	};
	master->reload = (struct cor_reload){
		.crew = &master->crew,
		.program = options->program,
		.watch.fd = -1,
		.on_done = reloaded,
	};
	master->scaling = (struct cor_scaling){
		.crew = &master->crew,
		.reload = &master->reload,
		.loads = options->loads,
	};
	master->heirloom = (struct cor_legacy){
		.control = *options->control,
		.pid_file = options->pid_file,
		.pid_file_fd = options->pid_file_fd,
	};
	master->upgrade = (struct cor_upgrade){
		.crew = &master->crew,
		.program = options->program,
		.heirloom = &master->heirloom,
		.watch.fd = -1,
		.on_ready = give_rule,
		.on_over = retire,
		.on_failed = not_upgraded,
	};
	master->succession = (struct cor_succession){
		.crew = &master->crew,
		.on_rule = rule,
		.on_orphaned = orphaned,
		.on_alone = alone,
	};
	cor_attendant_begin(&master->attendant, &master->crew, -1, obey);
}

static uint32_t count_posts(const struct cor_master_options *options)
{
	uint32_t before = options->legacy->posts;

	return cor_plan_workers(&options->generation->plan, before);
}

static int live(struct master *master)
{
	init(master);
	int rc = watch_signals(master);
	if (rc < 0)
		return rc;
	rc = cor_succession_begin(&master->succession, master->options->old_master);
	if (rc < 0)
		return rc;
	cor_scheduler_set_idle(master->scheduler, publish, master);
	if (master->succession.rules)
		open_rest(master);
	cor_crew_resize(&master->crew, count_posts(master->options));
	rc = cor_scheduler_run(master->scheduler);
	cor_bulletin_close(&master->bulletin);
	cor_upgrade_close(&master->upgrade);
	cor_succession_close(&master->succession);
	cor_reactor_remove(master->scheduler, &master->signals);
	return rc;
}

static void finish(struct master *master)
{
	if (master->signals.fd >= 0)
		close(master->signals.fd);
	cor_generation_drop(master->crew.generation);
	cor_scheduler_destroy(master->scheduler);
}

int cor_master_run(const struct cor_master_options *options)
{
	struct master *master = calloc(1, sizeof *master);
	const struct cor_scheduler_options of_scheduler = { .max_fibers = 1 };

	if (!master) {
		cor_generation_drop(options->generation);
		return options->statuses.system;
	}
	master->options = options;
	master->signals.fd = -1;
	int rc = cor_scheduler_create(&of_scheduler, &master->scheduler);
	if (rc == 0) {
		rc = live(master);
		finish(master);
	} else {
		cor_generation_drop(options->generation);
	}
	int status = master->status;
	free(master);
	if (rc == 0)
		return status;
	cor_logger_log(options->logger, COR_LOG_ERROR, NULL, "the master cannot go on: %s",
		cor_shortage_text(rc));
	return options->statuses.system;
}
