/* SPDX-License-Identifier: MIT */
#include "testing/ending.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing/sanitizer.h"
#include "testing/stack_print.h"

/* Of gcc, where coverage is counted. */
void __gcov_dump(void) __attribute__((weak)); // NOLINT(bugprone-reserved-identifier)

/*
 * By exit(), for what counts coverage and data races; AddressSanitizer would look for leaks once
 * more there.
 */
_Noreturn void cor_end_process(void)
{
	if (!cor_has_asan())
		exit(0);
	fflush(NULL);
	if (__gcov_dump)
		__gcov_dump();
	_exit(0);
}

/* --- why it has ended --- */

static void tell_late(struct cor_outcome *outcome)
{
	cor_outcome_say(outcome, "still running after %lld ms%s\n",
		(long long)((outcome->ended_ns - outcome->begun_ns) / 1000000),
		outcome->backtrace.len > 0 ? ", here:" : "");
}

/* Those that end processes by accident; musl has no table with short names. */
static const char *signal_name(int signal)
{
	switch (signal) {
	case SIGABRT:
		return "SIGABRT";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGILL:
		return "SIGILL";
	case SIGKILL:
		return "SIGKILL";
	case SIGPIPE:
		return "SIGPIPE";
	case SIGSEGV:
		return "SIGSEGV";
	case SIGTERM:
		return "SIGTERM";
	default:
		return strsignal(signal);
	}
}

static void tell_signal(struct cor_outcome *outcome, int signal)
{
	cor_outcome_say(outcome, "died of %s", signal_name(signal));
	if (outcome->signal == signal && signal != SIGABRT)
		cor_outcome_say(outcome, " at address 0x%zx", (size_t)outcome->fault);
	cor_outcome_say(outcome, "%s\n", outcome->backtrace.len > 0 ? ", here:" : "");
}

static void tell_exit(struct cor_outcome *outcome, int status)
{
	cor_outcome_say(outcome,
		"its process has ended before the test, with status %d: somebody called exit(), "
		"or a sanitizer found a mistake\n",
		status);
}

/* What is found when the process ends: by ThreadSanitizer, or in an atexit() of the user. */
static void tell_late_exit(struct cor_outcome *outcome, int status)
{
	outcome->failures[COR_PHASE_AFTER]++;
	cor_outcome_say(outcome,
		"the test has ended, but its process with status %d: see its output\n", status);
}

static void tell_ending(struct cor_outcome *outcome, int status)
{
	if (outcome->is_complete && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (outcome->is_complete && WIFEXITED(status)) {
		tell_late_exit(outcome, WEXITSTATUS(status));
		return;
	}
	outcome->is_complete = false;
	if (outcome->is_late)
		tell_late(outcome);
	else if (WIFSIGNALED(status))
		tell_signal(outcome, WTERMSIG(status));
	else
		tell_exit(outcome, WEXITSTATUS(status));
	cor_stack_print(outcome);
	if (outcome->doing[0])
		cor_outcome_say(outcome, "%s\n", outcome->doing);
}

/* --- what it has left --- */

static void read_output(struct cor_task *task)
{
	off_t end = lseek(task->output_fd, 0, SEEK_CUR);
	struct cor_outcome *outcome = task->outcome;
	size_t room = sizeof outcome->output - 1;
	off_t from = end > (off_t)room ? end - (off_t)room : 0;

	ssize_t len = pread(task->output_fd, outcome->output, room, from);
	outcome->output_len = len > 0 && end > 0 ? (size_t)(end - from) : 0;
	if ((ssize_t)outcome->output_len > len)
		outcome->output_len = len > 0 ? (size_t)len : 0;
	outcome->output[outcome->output_len] = '\0';
	close(task->output_fd);
	task->output_fd = -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

void cor_ending_remove_folder(struct cor_outcome *outcome)
{
	if (outcome->folder[0])
		nftw(outcome->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	outcome->folder[0] = '\0';
}

/* A process group is there as long as one process of it is. */
static void end_group(struct cor_task *task)
{
	if (kill(-task->pid, SIGKILL) < 0 || !task->outcome->is_complete)
		return;
	task->outcome->failures[COR_PHASE_AFTER]++;
	cor_outcome_say(task->outcome, "left processes behind, which have been ended now\n");
}

void cor_ending_note(struct cor_task *task, int status)
{
	tell_ending(task->outcome, status);
	if (task->has_group)
		end_group(task);
	if (task->output_fd >= 0)
		read_output(task);
	cor_ending_remove_folder(task->outcome);
}
