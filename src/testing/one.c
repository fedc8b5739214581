/* SPDX-License-Identifier: MIT */
#include "testing/one.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing/ending.h"
#include "testing/heap.h"
#include "testing/leak.h"
#include "testing/locks.h"
#include "testing/run.h"

#define TIMEOUT_MS 10000

/* --- how long --- */

int64_t cor_one_fixture_timeout_ms(const struct cor_runner *runner)
{
	if (runner->options->timeout_ms >= 0)
		return runner->options->timeout_ms;
	return runner->suite->timeout_ms > 0 ? runner->suite->timeout_ms : TIMEOUT_MS;
}

int64_t cor_one_timeout_ms(const struct cor_runner *runner, size_t index)
{
	int64_t its_own = runner->plan.items[index].test->timeout_ms;

	return runner->options->timeout_ms < 0 && its_own > 0 ? its_own
							      : cor_one_fixture_timeout_ms(runner);
}

/* --- its parts --- */

static void run_steps(const struct cor_one *one, struct cor_outcome *outcome, int output_fd)
{
	const struct cor_item *item = &one->runner->plan.items[one->index];
	const struct cor_suite *suite = one->runner->suite;
	struct cor_test_run run;
	struct cor_steps steps = {
		.before = { suite->before_each, item->group->before_each },
		.body = item->test->run,
		.after = { suite->after_each, item->group->after_each },
	};

	cor_run_init(&run, one->around, outcome, output_fd);
	run.test.name = item->name;
	run.test.row = run.row = item->row;
	cor_run_at(&run, item->test->file, item->test->line);
	run.updates_snapshots = one->runner->options->update_snapshots;
	cor_run_steps(&run, &steps);
}

static bool has_passed(const struct cor_outcome *outcome)
{
	return outcome->failures[COR_PHASE_BEFORE] == 0 && outcome->failures[COR_PHASE_BODY] == 0 &&
	       outcome->failures[COR_PHASE_AFTER] == 0;
}

/* --- memory --- */

/* The same folder, empty again: who keeps its name keeps no more of it. */
static void empty_folder(const struct cor_outcome *first, struct cor_outcome *again)
{
	memcpy(again->folder, first->folder, sizeof again->folder);
	cor_ending_remove_folder(again);
	if (first->folder[0] && mkdir(first->folder, 0700) == 0)
		memcpy(again->folder, first->folder, sizeof again->folder);
}

/* In a process that is there for this alone. Writes by how much the heap grew once more. */
static _Noreturn void run_again(
	const struct cor_one *one, const struct cor_outcome *first, int growth_fd)
{
	struct cor_outcome *outcome = cor_outcomes_create(1);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!outcome || null < 0)
		_exit(0);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	empty_folder(first, outcome);
	size_t before = cor_heap_bytes();
	run_steps(one, outcome, -1);
	size_t after = cor_heap_bytes();
	size_t growth = after > before && has_passed(outcome) ? after - before : 0;
	cor_ending_remove_folder(outcome);
	_exit(write(growth_fd, &growth, sizeof growth) != (ssize_t)sizeof growth);
}

/*
 * What a library allocates once and keeps is no leak. What grows each time the test is run is one.
 * Returns by how much.
 */
static size_t growth_each_time(const struct cor_one *one, const struct cor_outcome *first)
{
	size_t growth = 0;
	int growth_fds[2];

	if (pipe2(growth_fds, O_CLOEXEC) < 0)
		return 0;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		run_again(one, first, growth_fds[1]);
	close(growth_fds[1]);
	if (pid > 0 && waitpid(pid, NULL, 0) == pid &&
		read(growth_fds[0], &growth, sizeof growth) != (ssize_t)sizeof growth)
		growth = 0;
	close(growth_fds[0]);
	return growth;
}

static void tell_memory(
	const struct cor_one *one, struct cor_outcome *outcome, size_t before, size_t after)
{
	if (after <= before || !has_passed(outcome) || outcome->has_skipped)
		return;
	size_t growth = growth_each_time(one, outcome);
	if (growth == 0)
		return;
	outcome->failures[COR_PHASE_AFTER]++;
	outcome->has_own_failure = true;
	cor_outcome_say(outcome,
		"left behind: %zu byte%s of memory, each time it is run; "
		"AddressSanitizer says where they are from\n",
		growth, growth == 1 ? "" : "s");
}

/* --- all --- */

void cor_one_run(void *arg, int output_fd)
{
	const struct cor_one *one = arg;
	const struct cor_runner *runner = one->runner;
	struct cor_outcome *outcome = &runner->outcomes[one->index];
	unsigned allowed = runner->suite->leaks | runner->plan.items[one->index].test->leaks;
	struct cor_leak_mark mark;

	if (runner->options->no_leaks) {
		run_steps(one, outcome, output_fd);
		return;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	cor_leak_mark(&mark);
	if ((allowed & COR_LEAK_LOCKS) == 0)
		cor_locks_watch();
	run_steps(one, outcome, output_fd);
	size_t after = cor_heap_bytes();
	if ((allowed & COR_LEAK_LOCKS) == 0)
		cor_locks_tell(outcome);
	cor_leak_tell(&mark, outcome, allowed);
	if (runner->counts_memory && (allowed & COR_LEAK_MEMORY) == 0)
		tell_memory(one, outcome, mark.bytes, after);
}
