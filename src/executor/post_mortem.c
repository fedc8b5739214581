/* SPDX-License-Identifier: MIT */
#include "executor/post_mortem.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <coracle/error.h>

#include "runtime/death.h"
#include "sandbox/call_names.h"

/* What is there to be judged. */
struct body {
	const struct cor_executor *executor;
	int status; /* of waitpid() */
	bool has_words;
	struct cor_last_words words;
};

/* One that hung while it wrote them was killed. */
static int signal_of(const struct body *body)
{
	if (!WIFSIGNALED(body->status))
		return 0;
	return WTERMSIG(body->status) == SIGKILL && body->has_words ? body->words.signal
								    : WTERMSIG(body->status);
}

static bool has_fact(const struct body *body, uint32_t fact)
{
	return body->has_words && (body->words.facts & fact) != 0;
}

/* --- why --- */

static enum cor_death cause_of(const struct body *body, enum cor_job_fate fate)
{
	int signal = signal_of(body);

	if (fate == COR_FATE_LATE || fate == COR_FATE_LEFT_WAITING)
		return COR_DEATH_TIMEOUT;
	if (fate == COR_FATE_TOO_MUCH || (body->executor->job_cpu_ms != 0 && signal == SIGXCPU))
		return COR_DEATH_CPU;
	if (fate == COR_FATE_UNREADABLE)
		return COR_DEATH_SIGNAL; /* of the owner */
	if (body->executor->isolation == COR_SANDBOX && signal == SIGSYS)
		return COR_DEATH_SANDBOX;
	if (body->executor->memory_bytes != 0 && signal != 0 && has_fact(body, COR_FACT_SHORT))
		return COR_DEATH_MEMORY;
	return signal != 0 ? COR_DEATH_SIGNAL : COR_DEATH_EXIT;
}

/* --- in words --- */

static const char *describe_sandbox(const struct body *body, struct cor_ctx *ctx)
{
	int call = body->has_words ? body->words.call : -1;
	const char *name = cor_call_name(call);

	if (name)
		return cor_printf(ctx,
			"the job called %s(), which its sandbox forbids: its process was killed",
			name);
	if (call >= 0)
		return cor_printf(ctx,
			"the job made system call %d, which its sandbox forbids: its process was "
			"killed",
			call);
	return "the job made a system call that its sandbox forbids: its process was killed";
}

static const char *describe_death(const struct body *body, struct cor_ctx *ctx, const char *why)
{
	char death[COR_DEATH_BYTES];
	int signal = signal_of(body);

	if (has_fact(body, COR_FACT_OVERFLOW))
		why = ": its stack is used up";
	cor_death_print(
		signal != 0 ? signal : body->status, death); /* a signal is its own status */
	return cor_printf(ctx, "the process %s in a job%s", death, why);
}

/* NULL: no memory. */
static const char *describe_late(
	const struct body *body, struct cor_ctx *ctx, enum cor_job_fate fate)
{
	if (fate == COR_FATE_LATE)
		return cor_printf(ctx,
			"the job took longer than the %u ms of .job_timeout_ms: its process was killed",
			(unsigned)body->executor->job_timeout_ms);
	return cor_printf(ctx,
		"the job went on for %d ms after the deadline of its request: its process was killed",
		COR_GRACE_MS);
}

static const char *describe(
	const struct body *body, struct cor_ctx *ctx, enum cor_job_fate fate, enum cor_death death)
{
	switch (death) {
	case COR_DEATH_TIMEOUT:
		return describe_late(body, ctx, fate);
	case COR_DEATH_CPU:
		return cor_printf(ctx,
			"the job took more CPU time than the %u ms of .job_cpu_ms: its process was "
			"killed",
			(unsigned)body->executor->job_cpu_ms);
	case COR_DEATH_SANDBOX:
		return describe_sandbox(body, ctx);
	case COR_DEATH_MEMORY:
		return describe_death(
			body, ctx, ": it was refused memory beyond .memory_bytes just before");
	default:
		if (fate == COR_FATE_UNREADABLE)
			return "the job has written where it should not: its process was killed";
		return describe_death(body, ctx, "");
	}
}

/* --- where --- */

/* What has called the job is the same for all, up to main(). */
static void leave_out_callers(char *stack)
{
	static const char *const callers[] = { " < cor_job_call ", " < cor_pool_process_run " };

	for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++) {
		char *at = strstr(stack, callers[i]);
		if (at)
			*at = '\0';
	}
}

static void find_where(const struct body *body, char *ret, size_t bytes)
{
	char stack[COR_BACKTRACE_BYTES], address[48] = "";

	ret[0] = '\0';
	if (!body->has_words || body->words.backtrace.len == 0)
		return;
	cor_backtrace_print(&body->words.backtrace, stack);
	leave_out_callers(stack);
	if (has_fact(body, COR_FACT_ADDRESS))
		snprintf(address, sizeof address, ", reaching for address 0x%" PRIx64,
			body->words.address);
	snprintf(ret, bytes, "%s, at %s", address, stack);
}

void cor_post_mortem(const struct cor_executor *executor, const struct cor_mailbox *mailbox,
	enum cor_job_fate fate, struct cor_ctx *ctx, struct cor_post_mortem *ret)
{
	struct body body = { .executor = executor, .status = mailbox->status };

	body.has_words = cor_last_words_read(&mailbox->last_words, &body.words);
	ret->death = cause_of(&body, fate);
	bool is_late = ret->death == COR_DEATH_TIMEOUT || ret->death == COR_DEATH_CPU;
	ret->rc = is_late ? -ETIMEDOUT : -COR_EDIED;
	ret->detail = describe(&body, ctx, fate, ret->death);
	if (!ret->detail)
		ret->detail = "a job has failed, and its process has ended";
	find_where(&body, ret->where, sizeof ret->where);
}
