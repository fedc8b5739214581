/* SPDX-License-Identifier: MIT */
#include "testing/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "testing/one.h"
#include "testing/report.h"
#include "testing/run.h"
#include "testing/task.h"

size_t cor_runner_outcomes(const struct cor_plan *plan)
{
	return plan->len + 1 + plan->suite->groups_len + 1;
}

static size_t suite_index(const struct cor_runner *runner)
{
	return runner->plan.len;
}

static size_t group_index(const struct cor_runner *runner, const struct cor_case_group *group)
{
	return runner->plan.len + 2 + (size_t)(group - runner->suite->groups);
}

void cor_runner_fixture_name(const struct cor_runner *runner, size_t index, char *ret, size_t bytes)
{
	if (index == suite_index(runner))
		snprintf(ret, bytes, "fixtures of the suite");
	else
		snprintf(ret, bytes, "fixtures of group %s",
			runner->suite->groups[index - runner->plan.len - 2].name);
}

/* --- notices --- */

static void tell(const struct cor_runner *runner, size_t index, enum cor_notice_kind kind)
{
	struct cor_notice notice = { (uint32_t)index, kind };

	if (runner->notices[1] < 0)
		cor_report_notice(runner->report, &notice);
	else if (write(runner->notices[1], &notice, sizeof notice) != (ssize_t)sizeof notice)
		_exit(1); /* nobody reads: the first process is gone */
}

static void conclude(const struct cor_runner *runner, size_t index)
{
	struct cor_outcome *outcome = &runner->outcomes[index];

	cor_outcome_conclude(outcome, runner->plan.items[index].test->expected_failure != NULL);
	tell(runner, index, COR_NOTICE_ENDED);
}

/* Of a fixture only what is wrong is told, or that it skips what is inside. */
static void conclude_fixture(const struct cor_runner *runner, size_t index)
{
	struct cor_outcome *outcome = &runner->outcomes[index];

	outcome->failures[COR_PHASE_BEFORE] += outcome->failures[COR_PHASE_AFTER];
	cor_outcome_conclude(outcome, false);
	if (outcome->state != COR_STATE_PASSED)
		tell(runner, index, COR_NOTICE_ENDED);
}

static bool stops(const struct cor_runner *runner, size_t from, size_t end)
{
	for (size_t i = from; runner->options->failfast && i < end; i++)
		if (cor_state_is_bad(runner->outcomes[i].state))
			return true;
	return false;
}

/* --- tests --- */

static bool is_skipped(const struct cor_runner *runner, size_t index)
{
	const char *reason = runner->plan.items[index].test->skip;
	struct cor_outcome *outcome = &runner->outcomes[index];

	if (!reason)
		return false;
	outcome->begun_ns = outcome->ended_ns = cor_monotonic_ns();
	outcome->has_skipped = outcome->is_complete = true;
	snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
	return true;
}

static void run_here(struct cor_one *one)
{
	struct cor_outcome *outcome = &one->runner->outcomes[one->index];

	outcome->begun_ns = cor_monotonic_ns();
	cor_one_run(one, -1);
	outcome->is_complete = true;
	outcome->ended_ns = cor_monotonic_ns();
}

static void start_test(const struct cor_runner *runner, const struct cor_test *around, size_t index,
	struct cor_task *task)
{
	struct cor_outcome *outcome = &runner->outcomes[index];
	struct cor_one one = { runner, around, index };

	tell(runner, index, COR_NOTICE_BEGUN);
	if (is_skipped(runner, index)) {
		conclude(runner, index);
		return;
	}
	if (runner->options->no_fork) {
		run_here(&one);
		conclude(runner, index);
		return;
	}
	task->index = index;
	int rc = cor_task_start(task, &(struct cor_task_options){
					      .body = cor_one_run,
					      .arg = &one,
					      .outcome = outcome,
					      .keeps_output = !runner->options->no_capture,
					      .has_group = true,
					      .timeout_ms = cor_one_timeout_ms(runner, index),
				      });
	if (rc < 0) {
		cor_outcome_say(outcome, "no process for it: %s\n", cor_strerror(rc));
		conclude(runner, index);
	}
}

static struct cor_task *find_free(struct cor_task *tasks, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (tasks[i].pid == 0)
			return &tasks[i];
	return NULL;
}

static bool is_idle(const struct cor_task *tasks, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (tasks[i].pid != 0)
			return false;
	return true;
}

/* Those of one group, up to --jobs at the same time. */
static void run_tests(const struct cor_runner *runner, struct cor_watcher *watcher,
	const struct cor_test *around, size_t from, size_t end)
{
	size_t len = (size_t)runner->options->jobs, next = from;
	struct cor_task *tasks = calloc(len, sizeof *tasks);
	struct cor_task *task;

	if (!tasks)
		return;
	for (;;) {
		while (next < end && !watcher->is_interrupted && !stops(runner, from, next) &&
			(task = find_free(tasks, len)) != NULL)
			start_test(runner, around, next++, task);
		if (is_idle(tasks, len))
			break;
		task = cor_tasks_wait(watcher, tasks, len, -1);
		if (task && !watcher->is_interrupted)
			conclude(runner, task->index);
	}
	free(tasks);
}

/* --- levels --- */

struct level {
	const struct cor_runner *runner;
	const struct cor_test *around; /* NULL: it is the suite's */
	size_t from;                   /* the items that are inside */
	size_t end;
	size_t index; /* of its outcome */
	cor_test_function *before;
	cor_test_function *after;
};

static void run_level(void *arg, int output_fd);

static void run_inside(const struct level *outer, struct cor_watcher *watcher,
	const struct cor_test *around, size_t from, size_t end)
{
	const struct cor_runner *runner = outer->runner;
	const struct cor_case_group *group = runner->plan.items[from].group;
	struct cor_task task = { .output_fd = -1 };

	if (!group->before && !group->after) {
		run_tests(runner, watcher, around, from, end);
		return;
	}
	size_t index = group_index(runner, group);
	struct level level = { runner, around, from, end, index, group->before, group->after };
	if (runner->options->no_fork) {
		run_level(&level, -1);
		runner->outcomes[index].is_complete = true;
	} else {
		int rc = cor_task_start(
			&task, &(struct cor_task_options){
				       .body = run_level,
				       .arg = &level,
				       .outcome = &runner->outcomes[index],
				       .keeps_output = !runner->options->no_capture,
				       .timeout_ms = cor_one_fixture_timeout_ms(runner),
			       });
		if (rc < 0)
			cor_outcome_say(&runner->outcomes[index], "no process for it: %s\n",
				cor_strerror(rc));
		while (task.pid != 0)
			cor_ignore(cor_tasks_wait(watcher, &task, 1, -1) != NULL);
	}
	conclude_fixture(runner, index);
}

/* What is inside of a level: tests for a group, groups for the suite. */
static void run_content(const struct level *level, struct cor_watcher *watcher, struct cor_test *t)
{
	if (level->around) {
		run_tests(level->runner, watcher, t, level->from, level->end);
		return;
	}
	const struct cor_plan *plan = &level->runner->plan;
	size_t end;
	for (size_t at = 0; at < plan->len && !watcher->is_interrupted; at = end) {
		if (stops(level->runner, 0, at))
			break;
		end = cor_test_plan_group_end(plan, at);
		run_inside(level, watcher, t, at, end);
	}
}

static void run_level(void *arg, int output_fd)
{
	const struct level *level = arg;
	struct cor_outcome *outcome = &level->runner->outcomes[level->index];
	int64_t timeout_ms = cor_one_fixture_timeout_ms(level->runner);
	struct cor_test_run run;
	struct cor_watcher watcher = { .signal_fd = -1 };

	cor_run_init(&run, level->around, outcome, output_fd);
	run.test.suite = level->runner->suite;
	run.is_level = true;
	run.test.name = level->around ? level->runner->plan.items[level->from].group->name
				      : "suite";
	bool passed = !level->before || (cor_run_part(&run, level->before) == COR_ENDED_ITSELF &&
						!cor_test_has_failed(&run.test));
	if (passed && level->runner->options->no_fork) {
		run_content(level, &watcher, &run.test);
	} else if (passed && cor_watcher_init(&watcher) == 0) {
		cor_task_extend(outcome, 0);
		run_content(level, &watcher, &run.test);
		cor_task_extend(outcome, timeout_ms);
		cor_watcher_finish(&watcher);
	}
	outcome->phase = COR_PHASE_AFTER;
	if (passed && level->after)
		cor_ignore(cor_run_part(&run, level->after));
	cor_run_finish(&run);
}

/* --- the first process --- */

static void read_notices(struct cor_runner *runner)
{
	struct cor_notice notice;

	while (read(runner->notices[0], &notice, sizeof notice) == (ssize_t)sizeof notice)
		cor_report_notice(runner->report, &notice);
}

/* A second signal ends all at once: the processes inside die with the one that they are of. */
static void wait_for_suite(
	struct cor_runner *runner, struct cor_watcher *watcher, struct cor_task *task)
{
	while (task->pid != 0) {
		bool was_interrupted = watcher->is_interrupted;
		pid_t pid = task->pid;
		watcher->is_interrupted = false;
		cor_ignore(cor_tasks_wait(watcher, task, 1, runner->notices[0]) != NULL);
		if (watcher->is_interrupted && was_interrupted && task->pid != 0)
			kill(pid, SIGKILL);
		watcher->is_interrupted = watcher->is_interrupted || was_interrupted;
		read_notices(runner);
	}
	runner->is_interrupted = watcher->is_interrupted;
}

static int run_in_processes(struct cor_runner *runner, struct level *level)
{
	struct cor_task task = { .output_fd = -1 };
	struct cor_watcher watcher;

	if (pipe2(runner->notices, O_CLOEXEC) < 0)
		return -errno;
	fcntl(runner->notices[0], F_SETFL, O_NONBLOCK);
	int rc = cor_watcher_init(&watcher);
	if (rc == 0)
		rc = cor_task_start(&task, &(struct cor_task_options){
						   .body = run_level,
						   .arg = level,
						   .outcome = &runner->outcomes[level->index],
						   .keeps_output = !runner->options->no_capture,
						   .timeout_ms = cor_one_fixture_timeout_ms(runner),
					   });
	if (rc == 0)
		wait_for_suite(runner, &watcher, &task);
	cor_watcher_finish(&watcher);
	close(runner->notices[0]);
	close(runner->notices[1]);
	runner->notices[0] = runner->notices[1] = -1;
	return rc;
}

void cor_runner_run(struct cor_runner *runner)
{
	struct level level = { .runner = runner,
		.end = runner->plan.len,
		.index = suite_index(runner),
		.before = runner->suite->before,
		.after = runner->suite->after };
	int rc = 0;

	if (runner->options->no_fork) {
		run_level(&level, -1);
		runner->outcomes[level.index].is_complete = true;
	} else {
		rc = run_in_processes(runner, &level);
	}
	if (rc == 0) {
		if (!runner->is_interrupted)
			conclude_fixture(runner, level.index);
		return;
	}
	fprintf(stderr, "tests cannot be run: %s\n", cor_strerror(rc));
	runner->is_broken = true;
}
