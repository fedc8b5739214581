/* SPDX-License-Identifier: MIT */
#include "runtime/stack.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/scheduler.h"

/* Text gathered without any function that a signal handler may not call. */
struct report {
	char text[256];
	size_t len;
};

static void add(struct report *report, const char *text)
{
	size_t room = sizeof report->text - report->len;
	size_t len = strnlen(text, room);

	memcpy(report->text + report->len, text, len);
	report->len += len;
}

static void add_number(struct report *report, uint32_t number)
{
	char digits[11];
	char *at = digits + sizeof digits - 1;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	add(report, at);
}

static void report_overflow(const struct cor_fiber *fiber)
{
	struct report report = { .len = 0 };

	add(&report, "coracle: stack overflow in fiber \"");
	add(&report, fiber->name);
	add(&report, "\" (stack_bytes = ");
	add_number(&report, fiber->stack_bytes);
	add(&report, "): raise .stack_bytes\n");
	ssize_t written = write(STDERR_FILENO, report.text, report.len);
	(void)written;
}

/* The default action follows: at once by the same fault, or by raising what somebody sent. */
static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct cor_scheduler *scheduler = cor_this_thread.scheduler;
	const struct cor_fiber *fiber = scheduler ? scheduler->running : NULL;
	const char *at = info->si_addr;

	(void)context;
	if (fiber && info->si_code > 0 && at < fiber->bottom &&
		at >= fiber->bottom - COR_STACK_GUARD_BYTES)
		report_overflow(fiber);
	signal(number, SIG_DFL);
	if (info->si_code <= 0)
		raise(number);
}

int cor_stack_guard_install(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGSEGV, &action, NULL) < 0 || sigaction(SIGBUS, &action, NULL) < 0)
		return -errno;
	return 0;
}
