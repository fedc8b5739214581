/* SPDX-License-Identifier: MIT */
#include "cli/dev_tell.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/dev_failures.h"
#include "cli/dev_round.h"
#include "cli/dev_stack.h"
#include "cli/dev_words.h"
#include "runtime/death.h"

static struct cor_dev_report begin(struct cor_dev *dev, enum cor_dev_kind kind)
{
	cor_arena_reset(&dev->of_report);
	return (struct cor_dev_report){ .kind = kind, .state = ++dev->state };
}

/* What others get: the last version, or the report. */
static void tell(struct cor_dev *dev, struct cor_dev_report *report)
{
	const struct cor_dev_problem *first = report->problems.items;

	dev->kind = report->kind;
	if (!report->todo)
		report->todo =
			report->problems.len
				? cor_dev_advice(&dev->report, first)
				: "The output says why. The change is seen when it is saved.";
	if (!report->serves && (dev->service || dev->next))
		report->serves =
			"Other clients than browsers have answers of the version before, meanwhile.";
	else if (!report->serves)
		report->serves = "Other clients than browsers have the status 503 meanwhile.";
	report->is_served = dev->service || dev->next;
	cor_dev_tell(&dev->report, dev->folder, report);
}

void cor_dev_clear(struct cor_dev *dev)
{
	struct cor_dev_report report;

	if (dev->kind == COR_DEV_NOTHING && dev->state != 0)
		return;
	report = begin(dev, COR_DEV_NOTHING);
	dev->kind = COR_DEV_NOTHING;
	cor_dev_tell(&dev->report, dev->folder, &report);
}

void cor_dev_tell_build(struct cor_dev *dev, const struct cor_dev_child *make)
{
	struct cor_dev_report report = begin(dev, COR_DEV_BUILD);

	report.title = "The build failed";
	report.output = make->said;
	cor_dev_find_errors(&dev->report, make->said, &report.problems);
	tell(dev, &report);
}

/* "died of SIGSEGV", "ended with status 70" */
static const char *ending(struct cor_dev *dev, int status)
{
	char text[COR_DEATH_BYTES];

	cor_death_print(status, text);
	return cor_cli_text(&dev->report, "%s", text);
}

static bool is_note(const char *name, long *ret_pid, long *ret_parent)
{
	int len = 0;

	return sscanf(name, "crash.%ld.%ld%n", ret_pid, ret_parent, &len) == 2 && name[len] == '\0';
}

/* The note of a process, or the last one of those that it has started; "": there is none. */
static const char *find_note(struct cor_dev *dev, long of)
{
	DIR *dir = opendir(dev->folder);
	const struct dirent *entry;
	const char *found = "";
	long pid, parent;

	while (dir && (entry = readdir(dir))) {
		if (!is_note(entry->d_name, &pid, &parent) || (pid != of && parent != of))
			continue;
		if (found[0])
			unlink(found); /* the same again */
		found = cor_cli_text(&dev->report, "%s/%s", dev->folder, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* What it has said, its stack behind it; places are those of the stack, or else of its words. */
static void add_words(struct cor_dev *dev, const struct cor_dev_child *child, long pid,
	struct cor_dev_report *report)
{
	const struct cor_cli *cli = &dev->report;
	const char *stack = "";

	if (!cor_dev_read_stack(
		    cli, find_note(dev, pid), dev->project.program, &stack, &report->problems) ||
		report->problems.len == 0)
		cor_dev_find_places(cli, child->said, &report->problems);
	report->output = cor_cli_text(
		cli, "%s%s%s", child->said, stack[0] ? "\nThe stack:\n" : "", stack);
	report->stack = stack;
}

/* Of one that ended by itself: what it said last is what matters, and how it ended is not. */
static void add_reason(
	struct cor_dev *dev, const struct cor_dev_child *child, struct cor_dev_report *report)
{
	const struct cor_cli *cli = &dev->report;
	const char *reason = cor_dev_last_words(cli, dev->project.name, child->said);
	struct cor_dev_problem place;

	if (!reason)
		return;
	if (report->problems.len == 0 && cor_dev_find_declared(cli, reason, &place))
		cor_dev_add_problem(&report->problems, &place);
	const char *variable = cor_dev_required_variable(cli, reason);
	const char *todo = report->problems.len
				   ? cor_dev_advice(cli, report->problems.items)
				   : "Mend what that says. The change is seen when it is saved.";
	if (variable)
		todo = cor_cli_text(cli,
			"Put a line %s=VALUE into .env. The change is seen when it is saved.",
			variable);
	report->todo = cor_cli_text(cli, "%s. %s", report->title, todo);
	report->title = reason;
}

void cor_dev_tell_start(
	struct cor_dev *dev, const struct cor_dev_child *child, int status, bool was_late)
{
	struct cor_dev_report report = begin(dev, COR_DEV_START);

	if (was_late)
		report.title = cor_cli_text(&dev->report,
			"The service was not ready within %lld ms, and was ended",
			(long long)cor_dev_start_ms(dev));
	else
		report.title = cor_cli_text(
			&dev->report, "The service %s as it started", ending(dev, status));
	add_words(dev, child, child->last_pid, &report);
	if (!was_late && report.stack[0] && !WIFSIGNALED(status))
		report.title = "A worker of the service crashed as it started";
	else if (!was_late && !report.stack[0])
		add_reason(dev, child, &report);
	tell(dev, &report);
}

void cor_dev_tell_crash(struct cor_dev *dev, const struct cor_dev_child *child, int status)
{
	struct cor_dev_report report = begin(dev, COR_DEV_CRASH);

	report.title = cor_cli_text(&dev->report, "The service %s", ending(dev, status));
	if (dev->next)
		report.serves = "It was started again: other clients than browsers have answers.";
	add_words(dev, child, child->last_pid, &report);
	tell(dev, &report);
}

static const struct cor_dev_child *find_child(const struct cor_dev *dev, long pid)
{
	for (size_t i = 0; i < dev->all_len; i++) {
		if (dev->all[i]->pid == pid)
			return dev->all[i];
	}
	return NULL;
}

static void tell_worker(struct cor_dev *dev, const struct cor_dev_child *master, long pid)
{
	struct cor_dev_report report = begin(dev, COR_DEV_CRASH);

	report.title = "A worker of the service crashed";
	report.serves = "Its master has started another: other clients than browsers have answers.";
	add_words(dev, master, pid, &report);
	tell(dev, &report);
}

/* The next one's master may try others still: all of them are told once it ends. */
void cor_dev_look_for_crashes(struct cor_dev *dev)
{
	DIR *dir = opendir(dev->folder);
	const struct dirent *entry;
	long pid, parent;

	while (dir && (entry = readdir(dir))) {
		if (!is_note(entry->d_name, &pid, &parent) || parent == getpid() ||
			(dev->next && dev->next->pid == parent))
			continue;
		const struct cor_dev_child *master = find_child(dev, parent);
		if (master)
			tell_worker(dev, master, pid);
		else /* it has ended, and nobody asks any more */
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

void cor_dev_tell_tests(struct cor_dev *dev, const struct cor_dev_child *tests)
{
	struct cor_dev_report report = begin(dev, COR_DEV_TEST);

	report.title = strstr(tests->said, "still running after ") ? "A test does not end"
								   : "A test failed";
	report.output = tests->said;
	report.serves = "The change is served: other clients than browsers have its answers.";
	cor_dev_find_failures(&dev->report, tests->said, &report.problems);
	if (report.problems.len)
		report.todo = cor_dev_failure_advice(&dev->report, report.problems.items);
	tell(dev, &report);
}
