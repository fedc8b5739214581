/* SPDX-License-Identifier: MIT */
#include "executor/mailbox.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/room.h"
#include "observe/logger.h"
#include "runtime/clock.h"

#define LOOKOUT_NS 15000 /* what a wake-up of another core takes */
#define LOOKS_MAX  200   /* whatever the clock says */
#define MISSES_MAX 6     /* then one wait of 64 looks out */

static void wake(struct cor_mailbox *mailbox)
{
	if (atomic_load(&mailbox->sleepers) != 0)
		syscall(SYS_futex, &mailbox->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool cor_mailbox_move(struct cor_mailbox *mailbox, uint32_t from, uint32_t to)
{
	bool has_moved = atomic_compare_exchange_strong(&mailbox->word, &from, to);

	if (has_moved)
		wake(mailbox);
	return has_moved;
}

void cor_mailbox_follow_log_level(struct cor_mailbox *mailbox)
{
	atomic_store_explicit(&mailbox->log_level, cor_log_level_followed(), memory_order_relaxed);
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
		atomic_fetch_add(&mailbox->sleepers, 1);
		syscall(SYS_futex, &mailbox->word, FUTEX_WAIT, seen,
			until_ns == COR_FOREVER ? NULL : &left, NULL, 0);
		atomic_fetch_sub(&mailbox->sleepers, 1);
	}
	return word;
}

uint32_t cor_mailbox_look_out(
	const struct cor_mailbox *mailbox, uint32_t seen, struct cor_lookout *lookout)
{
	uint32_t word = atomic_load(&mailbox->word);

	if (word != seen)
		return word;
	if (lookout->skips > 0) {
		lookout->skips--;
		return word;
	}
	int64_t now_ns = cor_monotonic_ns(), until_ns = now_ns + LOOKOUT_NS;
	for (int i = 0; word == seen && now_ns < until_ns && i < LOOKS_MAX; i++) {
		sched_yield();
		word = atomic_load(&mailbox->word);
		now_ns = cor_monotonic_ns();
	}
	if (word != seen && now_ns < until_ns)
		lookout->misses = 0;
	else if (lookout->misses < MISSES_MAX)
		lookout->misses++;
	lookout->skips = (1U << lookout->misses) - 1;
	return word;
}

/* --- problems --- */

static bool add_violation(
	struct cor_violations *list, struct cor_arena *arena, const struct cor_violation *violation)
{
	struct cor_violation *copy = cor_arena_alloc(arena, sizeof *copy);

	if (!copy)
		return false;
	copy->in = cor_arena_strdup(arena, violation->in);
	copy->where = cor_arena_strdup(arena, violation->where);
	copy->detail = cor_arena_strdup(arena, violation->detail);
	copy->next = NULL;
	if (!copy->in || !copy->where || !copy->detail)
		return false;
	if (list->last)
		list->last->next = copy;
	else
		list->first = copy;
	list->last = copy;
	return true;
}

/* As many as there is room for: the rest is counted, as in any list. */
static struct cor_violations *leave_violations(
	struct cor_arena *arena, const struct cor_violations *violations)
{
	struct cor_violations *left = violations ? cor_arena_zalloc(arena, sizeof *left) : NULL;

	if (!left)
		return NULL;
	left->count = violations->count;
	for (const struct cor_violation *at = violations->first; at; at = at->next)
		if (!add_violation(left, arena, at))
			break;
	return left;
}

void cor_mailbox_leave_problem(struct cor_mailbox *mailbox, const struct cor_ctx *ctx)
{
	struct cor_ctx_record record = { 0 };
	struct cor_arena arena;

	cor_arena_init_room(&arena, mailbox->problem, sizeof mailbox->problem);
	if (ctx->problem.status != 0) {
		record.problem = ctx->problem;
		record.code = ctx->problem_code;
		record.has_defect = ctx->has_defect;
		record.problem.detail = cor_arena_printf(
			&arena, "%.*s", COR_MAIL_PROBLEM_BYTES / 2, ctx->problem.detail);
		record.problem.violations = leave_violations(&arena, ctx->problem.violations);
	}
	mailbox->record = record;
}

/* NULL: it lies elsewhere, or there is no memory. */
static const char *take_text(
	const struct cor_foreign *foreign, struct cor_arena *arena, const char *text)
{
	size_t len;

	return cor_foreign_text(foreign, text, &len) ? cor_arena_copy(arena, text, len) : NULL;
}

static bool take_violation(const struct cor_foreign *foreign, struct cor_arena *arena,
	const struct cor_violation **at, struct cor_violations *ret)
{
	struct cor_violation violation;

	if (!cor_foreign_has(foreign, *at, sizeof violation))
		return false;
	memcpy(&violation, *at, sizeof violation);
	const char *in = take_text(foreign, arena, violation.in);
	const char *where = take_text(foreign, arena, violation.where);
	const char *detail = take_text(foreign, arena, violation.detail);
	if (!in || !where || !detail)
		return false;
	cor_violate(ret, arena, in, where, "%s", detail);
	*at = violation.next;
	return true;
}

static struct cor_violations *take_violations(const struct cor_foreign *foreign,
	struct cor_arena *arena, const struct cor_violations *violations)
{
	struct cor_violations *taken = cor_arena_zalloc(arena, sizeof *taken);
	struct cor_violations left;

	if (!taken || !cor_foreign_has(foreign, violations, sizeof left))
		return NULL;
	memcpy(&left, violations, sizeof left);
	for (const struct cor_violation *at = left.first; at && taken->count < COR_VIOLATIONS_MAX;)
		if (!take_violation(foreign, arena, &at, taken))
			break;
	if (left.count > taken->count)
		taken->count = left.count;
	return taken->first ? taken : NULL;
}

/* The process may have written anything there, and be writing still: it is read once. */
void cor_mailbox_take_problem(const struct cor_mailbox *mailbox, struct cor_ctx *ctx)
{
	const struct cor_foreign foreign = { mailbox->problem,
		mailbox->problem + sizeof mailbox->problem };
	struct cor_ctx_record record = mailbox->record;
	struct cor_problem *problem = &record.problem;

	if (problem->status < 400 || problem->status > 599)
		return;
	problem->detail = take_text(&foreign, &ctx->arena, problem->detail);
	if (!problem->detail)
		problem->detail = "";
	if (problem->violations)
		problem->violations = take_violations(&foreign, &ctx->arena, problem->violations);
	(void)cor_ctx_take_record(ctx, &record, 0);
}
