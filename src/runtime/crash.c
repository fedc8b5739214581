/* SPDX-License-Identifier: MIT */
#include "runtime/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/crash_note.h"
#include "runtime/overflow.h"
#include "runtime/scheduler.h"

/*
 * Handled here, and who handled it before: a signal has one handler in the whole process, so this
 * cannot be anybody's own.
 */
static struct {
	const int number;
	const char *const name;
	struct sigaction former;
} signals[] = {
	{ .number = SIGSEGV, .name = "SIGSEGV" },
	{ .number = SIGBUS, .name = "SIGBUS" },
	{ .number = SIGFPE, .name = "SIGFPE" },
	{ .number = SIGILL, .name = "SIGILL" },
	{ .number = SIGABRT, .name = "SIGABRT" },
};

#define COUNT (sizeof signals / sizeof signals[0])

#define PATIENCE_MS 100 /* with the reader of the report */

#define NAME_BYTES 64 /* of a name in a report: three of them fit */

/* Text gathered without any function that a signal handler may not call. */
struct report {
	char text[384];
	size_t len;
};

static void add(struct report *report, const char *text)
{
	size_t room = sizeof report->text - report->len;
	size_t len = strnlen(text, room);

	memcpy(report->text + report->len, text, len);
	report->len += len;
}

/* A name that somebody chose: it must leave room for what follows it. */
static void add_name(struct report *report, const char *name)
{
	char text[NAME_BYTES + 1] = "";
	size_t len = strnlen(name, NAME_BYTES);

	memcpy(text, name, len);
	add(report, text);
	if (name[len] != '\0')
		add(report, "...");
}

static void add_number(struct report *report, uintptr_t number, unsigned base)
{
	char digits[24];
	char *at = digits + sizeof digits - 1;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[number % base];
	while ((number /= base) != 0);
	add(report, at);
}

/*
 * A reader that has stopped must not keep the process from its end: without room there is no
 * report. Other threads may take the room that poll() saw, so the write itself must not wait
 * either; the flag is taken back because other processes may share it.
 */
static void say(const struct report *report)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&room, 1, PATIENCE_MS) <= 0)
		return;
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	if (flags < 0)
		return;
	(void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
	ssize_t written = write(STDERR_FILENO, report->text, report->len);
	(void)written;
	(void)fcntl(STDERR_FILENO, F_SETFL, flags);
}

static void add_quoted(struct report *report, const char *before, const char *name)
{
	add(report, before);
	add(report, " \"");
	add_name(report, name);
	add(report, "\"");
}

/* The running fiber, NULL outside one: what runs, and for whom. */
static void add_culprit(struct report *report, const struct cor_fiber *fiber)
{
	const struct cor_duty *duty = &cor_this_thread.duty;
	const char *request_id = fiber ? fiber->request_id : duty->request_id;

	if (fiber)
		add_quoted(report, " in fiber", fiber->name);
	else if (duty->executor)
		add_quoted(report, " in executor", duty->executor);
	else
		add(report, " outside a fiber");
	if (!fiber && duty->operation)
		add_quoted(report, " for", duty->operation);
	if (!request_id || request_id[0] == '\0')
		return;
	add(report, ", request ");
	add_name(report, request_id);
}

static void report_overflow(const struct cor_fiber *fiber)
{
	struct report report = { .len = 0 };

	add(&report, "coracle: stack overflow");
	add_culprit(&report, fiber);
	if (!fiber) {
		add(&report, " (the stack of a thread): raise it with ulimit -s\n");
	} else {
		add(&report, " (stack_bytes = ");
		add_number(&report, fiber->stack_bytes, 10);
		add(&report, "): raise .stack_bytes\n");
	}
	say(&report);
}

/* x86-64 does not tell an address that cannot be one, such as that of an overwritten pointer. */
static void add_address(struct report *report, const siginfo_t *info)
{
	if (info->si_code <= 0)
		return; /* somebody has sent it */
	if (info->si_code == SI_KERNEL) {
		add(report, " at an address that the system did not give");
		return;
	}
	add(report, " at address 0x");
	add_number(report, (uintptr_t)info->si_addr, 16);
}

static void report_crash(const char *name, const siginfo_t *info, const struct cor_fiber *fiber)
{
	struct report report = { .len = 0 };

	add(&report, "coracle: ");
	add(&report, name);
	add_address(&report, info);
	add_culprit(&report, fiber);
	add(&report, "\n");
	say(&report);
}

static bool has_overflowed(
	const struct cor_fiber *fiber, const siginfo_t *info, const void *context)
{
	const char *at = info->si_addr;

	if (!fiber)
		return cor_is_overflow(info, context);
	return info->si_code > 0 && at < fiber->bottom &&
	       at >= fiber->bottom - COR_STACK_GUARD_BYTES;
}

static bool is_handled(const struct sigaction *former)
{
	return (former->sa_flags & SA_SIGINFO) ||
	       (former->sa_handler != SIG_DFL && former->sa_handler != SIG_IGN);
}

static void call_former(const struct sigaction *former, int number, siginfo_t *info, void *context)
{
	if (former->sa_flags & SA_SIGINFO)
		former->sa_sigaction(number, info, context);
	else
		former->sa_handler(number);
}

static size_t find_signal(int number)
{
	size_t i = 0;

	while (i < COUNT - 1 && signals[i].number != number)
		i++;
	return i;
}

/*
 * The thread's own log: its last lines help to find the fault. Behind the report, which must be out
 * whatever state the log is in.
 */
static void flush(const struct cor_scheduler *scheduler)
{
	if (scheduler && scheduler->before_wait)
		scheduler->before_wait(scheduler->before_wait_arg);
}

/*
 * Without a former handler the default action follows: by the same fault again, or by raising what
 * somebody sent.
 */
static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct cor_scheduler *scheduler = cor_this_thread.scheduler;
	const struct cor_fiber *fiber = scheduler ? scheduler->running : NULL;
	size_t i = find_signal(number);
	bool handled = is_handled(&signals[i].former);
	bool is_fault = info->si_code > 0;

	if (has_overflowed(fiber, info, context))
		report_overflow(fiber);
	else if (!handled && (is_fault || number == SIGABRT))
		report_crash(signals[i].name, info, fiber);
	if (handled) {
		call_former(&signals[i].former, number, info, context);
		return;
	}
	signal(number, SIG_DFL); /* so a second fault in here ends the process */
	cor_crash_note_write(context);
	flush(scheduler);
	if (!is_fault)
		raise(number);
}

int cor_crash_report_install(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct sigaction now;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < COUNT; i++) {
		if (sigaction(signals[i].number, NULL, &now) < 0)
			return -errno;
		if ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_fault)
			continue; /* installed already */
		signals[i].former = now;
		if (sigaction(signals[i].number, &action, NULL) < 0)
			return -errno;
	}
	return 0;
}
