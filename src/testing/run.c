/* SPDX-License-Identifier: MIT */
#include "testing/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#define STACK_BYTES ((uintptr_t)64 * 1024 * 1024) /* no test's stack is deeper */

void cor_run_init(struct cor_test_run *run, const struct cor_test *around,
	struct cor_outcome *outcome, int output_fd)
{
	memset(run, 0, sizeof *run);
	if (around)
		run->test = *around;
	run->test.run = run;
	run->row = run->test.row;
	run->outcome = outcome;
	run->output_fd = output_fd;
	pthread_mutex_init(&run->lock, NULL);
}

void cor_run_at(struct cor_test_run *run, const char *file, int line)
{
	run->file = file;
	run->line = line;
}

/* --- parts --- */

__attribute__((noinline)) enum cor_ending cor_run_part(
	struct cor_test_run *run, cor_test_function *part)
{
	jmp_buf end;
	jmp_buf *const outer_end = run->end;
	const char *const outer_stack = run->stack;
	enum cor_ending ending;

	run->thread = pthread_self();
	run->stack = __builtin_frame_address(0);
	run->end = &end; // cppcheck-suppress autoVariables ; it is put back below
	switch (setjmp(end)) {
	case 0:
		part(&run->test);
		ending = COR_ENDED_ITSELF;
		break;
	case COR_ENDED_EARLY:
		ending = COR_ENDED_EARLY;
		break;
	default:
		ending = COR_ENDED_BY_SKIP;
		break;
	}
	run->end = outer_end;
	run->stack = outer_stack;
	return ending;
}

static uint32_t failures_of(const struct cor_outcome *outcome)
{
	return outcome->failures[COR_PHASE_BEFORE] + outcome->failures[COR_PHASE_BODY] +
	       outcome->failures[COR_PHASE_AFTER];
}

/* Whether what is inside of it may run. */
static bool has_passed(struct cor_test_run *run, cor_test_function *before)
{
	uint32_t failures = failures_of(run->outcome);

	return !before || (cor_run_part(run, before) == COR_ENDED_ITSELF &&
				  failures_of(run->outcome) == failures);
}

void cor_run_steps(struct cor_test_run *run, const struct cor_steps *steps)
{
	size_t level = 0;

	run->outcome->phase = COR_PHASE_BEFORE;
	while (level < 2 && has_passed(run, steps->before[level]))
		level++;
	if (level == 2) {
		run->outcome->phase = COR_PHASE_BODY;
		cor_ignore(cor_run_part(run, steps->body));
	}
	run->outcome->phase = COR_PHASE_AFTER;
	while (level-- > 0)
		if (steps->after[level])
			cor_ignore(cor_run_part(run, steps->after[level]));
	cor_run_finish(run);
}

/* --- what is deferred --- */

static void call_deferred(struct cor_test *t)
{
	struct cor_deferred *deferred = t->run->deferred;
	struct cor_deferred copy = *deferred;

	t->run->deferred = deferred->next;
	free(deferred);
	copy.call(copy.arg);
}

void cor_run_finish(struct cor_test_run *run)
{
	while (run->deferred)
		cor_ignore(cor_run_part(run, call_deferred));
	free(run->output);
	run->output = NULL;
	while (run->texts) {
		struct cor_run_text *text = run->texts;
		run->texts = text->next;
		free(text->text);
		free(text);
	}
}

void cor_test_defer(struct cor_test *t, void (*call)(void *arg), void *arg)
{
	struct cor_deferred *deferred = malloc(sizeof *deferred);

	if (!deferred) {
		call(arg);
		cor_run_fail(t, "no memory for cor_test_defer()");
		cor_test_end(t);
	}
	pthread_mutex_lock(&t->run->lock);
	*deferred = (struct cor_deferred){ t->run->deferred, call, arg };
	t->run->deferred = deferred;
	pthread_mutex_unlock(&t->run->lock);
} /* NOLINT(analyzer-malloc-leak): the run has it */

/* --- failures --- */

void cor_run_note(struct cor_test_run *run, const char *file, int line)
{
	struct cor_outcome *outcome = run->outcome;

	pthread_mutex_lock(&run->lock);
	outcome->failures[outcome->phase]++;
	if (!outcome->file) {
		outcome->file = file;
		outcome->line = line;
	}
	if (run->label[0])
		cor_outcome_say(outcome, "(%s) ", run->label);
	else
		outcome->has_own_failure = true;
	if (file)
		cor_outcome_say(outcome, "%s:%d: ", file, line);
}

void cor_run_noted(struct cor_test_run *run)
{
	struct cor_outcome *outcome = run->outcome;

	if (outcome->text_len > 0 && outcome->text[outcome->text_len - 1] != '\n')
		cor_outcome_say(outcome, "\n");
	pthread_mutex_unlock(&run->lock);
}

void cor_test_fail_at(struct cor_test *t, const char *file, int line, const char *format, ...)
{
	va_list args;

	cor_run_note(t->run, file, line);
	va_start(args, format);
	cor_outcome_vsay(t->run->outcome, format, args);
	va_end(args);
	cor_run_noted(t->run);
}

bool cor_test_has_failed(const struct cor_test *t)
{
	return failures_of(t->run->outcome) > 0;
}

/* --- ends --- */

static bool is_on_its_stack(const struct cor_test_run *run)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return run->end && pthread_equal(run->thread, pthread_self()) &&
	       (uintptr_t)run->stack - here < STACK_BYTES;
}

/* No way leads back from another stack: the process has said what it knows. */
static _Noreturn void end_process(struct cor_test_run *run)
{
	run->outcome->is_complete = true;
	fflush(NULL);
	_exit(0);
}

static _Noreturn void leave(struct cor_test_run *run, enum cor_ending ending)
{
	if (!is_on_its_stack(run))
		end_process(run);
	longjmp(*run->end, (int)ending);
}

void cor_test_end(struct cor_test *t)
{
	leave(t->run, COR_ENDED_EARLY);
}

void cor_test_skip(struct cor_test *t, const char *format, ...)
{
	struct cor_outcome *outcome = t->run->outcome;
	va_list args;

	va_start(args, format);
	pthread_mutex_lock(&t->run->lock);
	vsnprintf(outcome->reason, sizeof outcome->reason, format, args);
	if (t->run->label[0])
		outcome->skipped_subtests++;
	else
		outcome->has_skipped = true;
	pthread_mutex_unlock(&t->run->lock);
	va_end(args);
	leave(t->run, COR_ENDED_BY_SKIP);
}
