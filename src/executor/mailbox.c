/* SPDX-License-Identifier: MIT */
#include "executor/mailbox.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/clock.h"

static void wake(struct cor_mailbox *mailbox)
{
	syscall(SYS_futex, &mailbox->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool cor_mailbox_move(struct cor_mailbox *mailbox, uint32_t from, uint32_t to)
{
	bool has_moved = atomic_compare_exchange_strong(&mailbox->word, &from, to);

	if (has_moved)
		wake(mailbox);
	return has_moved;
}

void cor_mailbox_bury(struct cor_mailbox *mailbox, int status, int fork_error)
{
	mailbox->status = status;
	mailbox->fork_error = fork_error;
	atomic_store(&mailbox->pid, 0);
	atomic_fetch_or(&mailbox->word, COR_MAIL_DEAD);
	wake(mailbox);
}

uint32_t cor_mailbox_wait(struct cor_mailbox *mailbox, uint32_t seen, int64_t wait_ns)
{
	int64_t until_ns = wait_ns == COR_FOREVER ? COR_FOREVER : cor_monotonic_ns() + wait_ns;
	struct timespec left;
	uint32_t word;

	while ((word = atomic_load(&mailbox->word)) == seen) {
		if (until_ns != COR_FOREVER) {
			int64_t left_ns = until_ns - cor_monotonic_ns();
			if (left_ns <= 0)
				break;
			left.tv_sec = left_ns / COR_NS_PER_S;
			left.tv_nsec = left_ns % COR_NS_PER_S;
		}
		syscall(SYS_futex, &mailbox->word, FUTEX_WAIT, seen,
			until_ns == COR_FOREVER ? NULL : &left, NULL, 0);
	}
	return word;
}

/* Its list of violations, and what its detail has beyond the room for it, stay behind. */
void cor_mailbox_leave_problem(struct cor_mailbox *mailbox, const struct cor_ctx *ctx)
{
	mailbox->record = (struct cor_ctx_record){ 0 };
	if (ctx->problem.status == 0)
		return;
	mailbox->record.problem.status = ctx->problem.status;
	mailbox->record.problem.cause = ctx->problem.cause;
	mailbox->record.code = ctx->problem_code;
	mailbox->record.has_defect = ctx->has_defect;
	snprintf(mailbox->detail, sizeof mailbox->detail, "%s", ctx->problem.detail);
}

/* The process may have written anything there, and be writing still: it is read once. */
void cor_mailbox_take_problem(const struct cor_mailbox *mailbox, struct cor_ctx *ctx)
{
	struct cor_ctx_record record = mailbox->record;

	if (record.problem.status < 400 || record.problem.status > 599)
		return;
	record.problem.violations = NULL;
	record.problem.detail = cor_arena_printf(
		&ctx->arena, "%.*s", (int)sizeof mailbox->detail - 1, mailbox->detail);
	if (!record.problem.detail)
		record.problem.detail = "";
	(void)cor_ctx_take_record(ctx, &record, 0);
}
