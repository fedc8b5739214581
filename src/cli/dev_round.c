/* SPDX-License-Identifier: MIT */
#include "cli/dev_round.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/dev_stand_in.h"
#include "cli/dev_tell.h"
#include "cli/environment_file.h"
#include "cli/files.h"
#include "cli/project_keys.h"

#define QUIET_MS   30    /* after the last change of a burst */
#define BURST_MS   300   /* and at most, after the first one */
#define START_MS   30000 /* NAME_START_TIMEOUT_MS says otherwise */
#define DRAIN_MS   30000 /* NAME_DRAIN_TIMEOUT_MS */
#define LATE_MS    2000  /* until it is told that one has not started yet; for one that ends */
#define GROUP_MS   2000
#define QUICKLY_MS 2000 /* who crashes within that, often, is not started again */
#define QUICK_MAX  3

/* --- children --- */

/* In turn: what has ended is still to be told of. */
static struct cor_dev_child *launch(struct cor_dev *dev, const struct cor_dev_launch *how)
{
	for (size_t i = 0; i < dev->all_len; i++) {
		dev->last = (dev->last + 1) % dev->all_len;
		struct cor_dev_child *child = dev->all[dev->last];
		if (child->pid == 0)
			return cor_dev_child_start(child, dev->cli, how) == COR_CLI_OK ? child
										       : NULL;
	}
	cor_cli_say(dev->cli, "too many processes are ending still");
	return NULL;
}

const char *cor_dev_variable(const struct cor_cli *cli, const char *name, const char *setting)
{
	char *variable = cor_cli_text(cli, "%s_%s", name, setting);

	for (char *at = variable; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return variable;
}

/* SHOP_HTTP. The child that serves reads all of the environment. */
const char *cor_dev_address(const struct cor_dev *dev, const struct cor_cli *cli)
{
	const char *variable = cor_dev_variable(cli, dev->project.name, "HTTP");
	const char *given = cor_cli_value(cli, "--http");
	const char *value = cor_cli_environment_value(cli, variable);

	if (given)
		return given;
	return value && value[0] ? value : "127.0.0.1:8080";
}

/* In the child. What .env says is read each time: a change of it is one of the service. */
static int enter_service(void *arg)
{
	const struct cor_dev *dev = arg;

	setenv("CORACLE_DEV", dev->folder, 1);
	setenv("NOTIFY_SOCKET", cor_cli_text(dev->cli, "%s/ready", dev->folder), 1);
	int rc = cor_cli_read_environment(dev->cli);
	cor_cli_give_cookie_keys(dev->cli);
	if (rc == COR_CLI_OK && dev->is_terminal) /* what it writes to is a pipe */
		setenv(cor_dev_variable(dev->cli, dev->project.name, "LOG_FORMAT"), "text", 0);
	return rc;
}

static void start_service(struct cor_dev *dev)
{
	const struct cor_cli *cli = dev->cli;
	const char **argv = cor_cli_alloc(&dev->round, (cli->rest_len + 4) * sizeof *argv);

	int sockets[COR_DEV_SOCKETS_MAX] = { dev->listening.items[0].fd };

	argv[0] = dev->project.program;
	argv[1] = "--http";
	argv[2] = "systemd:web";
	for (size_t i = 0; i < cli->rest_len; i++)
		argv[i + 3] = cli->rest[i];
	(void)stat(dev->project.program, &dev->program);
	dev->has_other_environment = false;
	dev->next = launch(
		dev, &(struct cor_dev_launch){
			     .argv = argv,
			     .last_signal = SIGKILL,
			     .sockets = sockets,
			     .sockets_len = 1 + cor_dev_kept_list(&dev->kept, sockets + 1),
			     .prepare = enter_service,
			     .arg = dev,
		     });
	if (!dev->is_restart)
		dev->step = dev->next ? COR_DEV_STARTING : COR_DEV_WAITING;
}

void cor_dev_stand_in_for(struct cor_dev *dev)
{
	if (dev->service || dev->next || dev->stand_in || dev->is_over)
		return;
	cor_dev_kept_drop(&dev->kept); /* it serves --http alone */
	dev->stand_in = launch(dev, &(struct cor_dev_launch){
					    .become = cor_dev_stand_in,
					    .last_signal = SIGKILL,
					    .sockets = &dev->listening.items[0].fd,
					    .sockets_len = 1,
					    .is_quiet = true,
					    .prepare = enter_service,
					    .arg = dev,
				    });
}

/* It has its last requests; the oldest has had its time if too many do. */
static void drain(struct cor_dev *dev, struct cor_dev_child *child)
{
	if (!child)
		return;
	cor_dev_child_signal(child, SIGTERM);
	child->asked_ms = cor_dev_now_ms();
	child->is_told = false;
	if (dev->old[COR_DEV_OLD_MAX - 1])
		cor_dev_child_signal(dev->old[COR_DEV_OLD_MAX - 1], SIGKILL);
	memmove(&dev->old[1], &dev->old[0], (COR_DEV_OLD_MAX - 1) * sizeof dev->old[0]);
	dev->old[0] = child;
}

/* --- make --- */

/*
 * In the child, which may wait. The command holds what this locks, and not what make starts: that
 * may be there for days, as the server of a compiler's cache.
 */
static int enter_make(void *arg)
{
	const struct cor_dev *dev = arg;

	/* What compilers say is read: in a user's language it would be no error. */
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("LANGUAGE");
	cor_project_lock(dev->cli, dev->lock);
	return 0;
}

static void unlock(struct cor_dev *dev)
{
	if (dev->lock >= 0)
		close(dev->lock);
	dev->lock = -1;
}

/* All that does not compile is told: the first file may have only what follows from a mistake. */
static void make(struct cor_dev *dev)
{
	const struct cor_cli *round = &dev->round;
	const char **argv = cor_cli_alloc(round, 8 * sizeof *argv);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t len = 0;

	if (dev->lock < 0)
		dev->lock = cor_project_open_lock(dev->cli);
	argv[len++] = "make";
	if (!dev->cli->is_verbose)
		argv[len++] = "-s";
	argv[len++] = "--no-print-directory";
	argv[len++] = "-k";
	argv[len++] = "--output-sync=target"; /* lines of a compiler stay together */
	argv[len++] = cor_cli_text(round, "-j%ld", processors > 0 ? processors : 1);
	argv[len++] = "all";
	dev->worker = launch(dev,
		&(struct cor_dev_launch){
			.argv = argv, .last_signal = SIGTERM, .prepare = enter_make, .arg = dev });
	dev->step = dev->worker ? COR_DEV_BUILDING : COR_DEV_WAITING;
}

static void begin(struct cor_dev *dev)
{
	cor_arena_reset(&dev->of_round);
	dev->is_wanted = false;
	dev->quick = 0;
	if (dev->watch.changed[0])
		cor_cli_say(dev->cli, "%s has changed", dev->watch.changed);
	make(dev);
}

/* --- tests --- */

static void finish(struct cor_dev *dev)
{
	dev->step = COR_DEV_WAITING;
	dev->is_first = false;
}

/* At the start nothing has changed: what has been built is what was there. */
/* In the child: commands of curl that tests show are for the service that runs. */
static int enter_tests(void *arg)
{
	const struct cor_dev *dev = arg;

	return setenv("CORACLE_URL", dev->url, 1) == 0 ? COR_CLI_OK : COR_CLI_TOOL;
}

static void begin_tests(struct cor_dev *dev)
{
	const char *const argv[] = { dev->cli->program, "test", "--touched", NULL };

	if (!dev->runs_tests || dev->is_first || !cor_cli_exists("test")) {
		finish(dev);
		return;
	}
	dev->worker = launch(dev, &(struct cor_dev_launch){
					  .argv = argv,
					  .last_signal = SIGTERM,
					  .prepare = enter_tests,
					  .arg = dev,
				  });
	dev->step = dev->worker ? COR_DEV_TESTING : COR_DEV_WAITING;
}

/* --- what has happened --- */

void cor_dev_change(struct cor_dev *dev, int64_t now_ms)
{
	if (!dev->is_wanted) {
		dev->changed_ms = now_ms;
		dev->latest_ms = now_ms + BURST_MS;
	}
	dev->is_wanted = true;
	dev->has_other_environment |= strcmp(dev->watch.changed, ".env") == 0;
	dev->due_ms = now_ms + QUIET_MS < dev->latest_ms ? now_ms + QUIET_MS : dev->latest_ms;
}

/* What make has started ends after it, and works in the same folder: two of them must not. */
static bool has_ended(struct cor_dev *dev, int64_t now_ms)
{
	if (dev->group == 0 || kill(-dev->group, 0) != 0) {
		dev->group = 0;
		return true;
	}
	if (now_ms - dev->group_ms < GROUP_MS)
		return false;
	kill(-dev->group, SIGKILL);
	dev->group = 0;
	return true;
}

/* A setting of the service, in milliseconds, as the environment and .env have it. */
static int64_t setting_ms(const struct cor_dev *dev, const char *setting, int64_t otherwise)
{
	const char *name = cor_dev_variable(&dev->report, dev->project.name, setting);
	const char *value = cor_cli_environment_value(&dev->report, name);
	char *end = NULL;
	long long ms = value ? strtoll(value, &end, 10) : 0;

	return value && end != value && *end == '\0' && ms > 0 ? ms : otherwise;
}

int64_t cor_dev_start_ms(const struct cor_dev *dev)
{
	return setting_ms(dev, "START_TIMEOUT_MS", START_MS);
}

static void look_at_start(struct cor_dev *dev, int64_t now_ms)
{
	struct cor_dev_child *child = dev->next;

	if (!child || child->is_asked || now_ms - child->began_ms < LATE_MS)
		return;
	int64_t limit_ms = cor_dev_start_ms(dev);
	if (now_ms - child->began_ms >= limit_ms) {
		cor_dev_child_signal(child, SIGKILL);
	} else if (!child->is_told) {
		child->is_told = true;
		cor_cli_say(dev->cli,
			"the service is not ready after %d s: its prepare and start hooks have not "
			"returned; after %lld s it is ended (%s)",
			LATE_MS / 1000, (long long)(limit_ms / 1000),
			cor_dev_variable(&dev->report, dev->project.name, "START_TIMEOUT_MS"));
	}
}

/* The service ends requests itself, by --drain-timeout-ms; one that loops hears nothing. */
static void look_at_old(struct cor_dev *dev, int64_t now_ms)
{
	for (size_t i = 0; i < COR_DEV_OLD_MAX; i++) {
		struct cor_dev_child *child = dev->old[i];
		if (!child || child->is_told || now_ms - child->asked_ms < LATE_MS)
			continue;
		int64_t limit_ms = setting_ms(dev, "DRAIN_TIMEOUT_MS", DRAIN_MS) + LATE_MS;
		if (now_ms - child->asked_ms < limit_ms)
			continue;
		child->is_told = true;
		cor_cli_say(dev->cli,
			"the version before has not ended within %lld ms, and was killed: a handler "
			"of it loops, or blocks its thread",
			(long long)limit_ms);
		cor_dev_child_signal(child, SIGKILL);
	}
}

void cor_dev_proceed(struct cor_dev *dev, int64_t now_ms)
{
	look_at_start(dev, now_ms);
	look_at_old(dev, now_ms);
	if (!dev->is_wanted || now_ms < dev->due_ms || dev->is_over)
		return;
	if (dev->worker && !dev->worker->is_asked) {
		dev->worker->is_quiet = true; /* make would say that it was terminated */
		cor_dev_child_signal(dev->worker, dev->step == COR_DEV_TESTING ? SIGKILL : SIGTERM);
	}
	if (dev->next && !dev->next->is_asked)
		cor_dev_child_signal(dev->next, SIGKILL);
	if (!dev->worker && !dev->next && has_ended(dev, now_ms))
		begin(dev);
}

void cor_dev_is_ready(struct cor_dev *dev, pid_t pid)
{
	if (!dev->next || dev->next->pid != pid)
		return;
	drain(dev, dev->service);
	drain(dev, dev->stand_in);
	dev->stand_in = NULL;
	dev->service = dev->next;
	dev->next = NULL;
	cor_dev_kept_settle(&dev->kept, pid);
	if (dev->is_restart) {
		dev->is_restart = false;
		return;
	}
	const char *address = cor_dev_address(dev, &dev->round);
	if (strcmp(address, dev->address) != 0)
		cor_cli_say(dev->cli,
			"%s says %s now: end coracle dev and start it again to listen there; until then "
			"it is %s",
			cor_dev_variable(&dev->round, dev->project.name, "HTTP"), address,
			dev->url);
	cor_dev_clear(dev); /* who reads that it is served sees no page any more */
	if (dev->is_first)
		cor_cli_say(dev->cli, "serves %s", dev->url);
	else
		cor_cli_say(dev->cli, "the change is served, after %lld ms",
			(long long)(cor_dev_now_ms() - dev->changed_ms));
	begin_tests(dev);
}

/* A test alone may have changed: then the service needs no other. */
static void is_built(struct cor_dev *dev)
{
	struct stat now = { 0 };
	const struct timespec *before = &dev->program.st_mtim;

	(void)stat(dev->project.program, &now);
	bool is_same = now.st_ino == dev->program.st_ino && now.st_mtim.tv_sec == before->tv_sec &&
		       now.st_mtim.tv_nsec == before->tv_nsec;
	if (!is_same || !dev->service || dev->has_other_environment) {
		start_service(dev);
		return;
	}
	cor_dev_clear(dev);
	begin_tests(dev);
}

static void worker_ended(struct cor_dev *dev, struct cor_dev_child *worker, int status)
{
	enum cor_dev_step step = dev->step;

	dev->worker = NULL;
	dev->step = COR_DEV_WAITING;
	dev->group = worker->last_pid;
	dev->group_ms = cor_dev_now_ms();
	if (worker->is_asked)
		return; /* another round begins, with the same lock: compilers may run still */
	unlock(dev);
	bool has_tested = step != COR_DEV_BUILDING;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (!has_tested && code == COR_CLI_OK)
		is_built(dev);
	else if (has_tested && code == COR_CLI_NO)
		cor_dev_tell_tests(dev, worker);
	else if (has_tested && (code == COR_CLI_OK || code == COR_CLI_NOTHING))
		finish(dev);
	else
		cor_dev_tell_build(dev, worker);
	cor_dev_stand_in_for(dev);
	if (!has_tested)
		cor_sources_watch_rules(&dev->watch, &dev->round);
}

static void next_ended(struct cor_dev *dev, struct cor_dev_child *child, int status)
{
	bool was_late = child->is_asked && !dev->is_wanted;

	dev->next = NULL;
	dev->is_restart = false;
	cor_dev_kept_forget(&dev->kept);
	if (dev->step == COR_DEV_STARTING)
		dev->step = COR_DEV_WAITING;
	if (child->is_asked && !was_late)
		return;
	cor_dev_tell_start(dev, child, status, was_late);
	cor_dev_stand_in_for(dev);
}

/*
 * It is started again at once, so that clients wait, but are not refused. While make works on the
 * program they wait for that.
 */
static void service_ended(struct cor_dev *dev, struct cor_dev_child *child, int status)
{
	bool was_quick = cor_dev_now_ms() - child->began_ms < QUICKLY_MS;

	dev->service = NULL;
	dev->quick = was_quick ? dev->quick + 1 : 0;
	bool is_hopeless = dev->quick >= QUICK_MAX;
	bool is_in_the_making = dev->next || dev->step == COR_DEV_BUILDING;
	if (!is_in_the_making && !is_hopeless) {
		dev->is_restart = true;
		start_service(dev);
	}
	cor_dev_tell_crash(dev, child, status);
	if (!is_in_the_making)
		cor_dev_stand_in_for(dev);
}

static void stand_in_ended(struct cor_dev *dev, const struct cor_dev_child *child)
{
	dev->stand_in = NULL;
	cor_cli_fail(dev->cli, COR_CLI_TOOL, "nobody answers now: %s", child->said);
}

void cor_dev_ended(struct cor_dev *dev, struct cor_dev_child *child, int status)
{
	cor_dev_child_forget(child);
	for (size_t i = 0; i < COR_DEV_OLD_MAX; i++) {
		if (dev->old[i] == child)
			dev->old[i] = NULL;
	}
	if (dev->is_over)
		return;
	if (child == dev->worker)
		worker_ended(dev, child, status);
	else if (child == dev->next)
		next_ended(dev, child, status);
	else if (child == dev->service)
		service_ended(dev, child, status);
	else if (child == dev->stand_in)
		stand_in_ended(dev, child);
}
