/* SPDX-License-Identifier: MIT */
#include "testing/outcome.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct cor_outcome *cor_outcomes_create(size_t len)
{
	void *memory = mmap(NULL, len * sizeof(struct cor_outcome), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void cor_outcomes_destroy(struct cor_outcome *outcomes, size_t len)
{
	if (outcomes)
		munmap(outcomes, len * sizeof *outcomes);
}

/* The texts behind it are left alone: most tests never touch their memory. */
void cor_outcome_clear(struct cor_outcome *outcome)
{
	memset(outcome, 0, offsetof(struct cor_outcome, text));
}

#define CUT "... (there was more)\n"

void cor_outcome_vsay(struct cor_outcome *outcome, const char *format, va_list args)
{
	size_t room = sizeof outcome->text - sizeof CUT - outcome->text_len;

	if (outcome->text_len >= sizeof outcome->text - sizeof CUT)
		return;
	int len = vsnprintf(outcome->text + outcome->text_len, room, format, args);
	if (len >= 0 && (size_t)len < room) {
		outcome->text_len += (size_t)len;
		return;
	}
	outcome->text_len = sizeof outcome->text - sizeof CUT;
	memcpy(outcome->text + outcome->text_len - 1, "\n" CUT, sizeof CUT + 1);
}

void cor_outcome_say(struct cor_outcome *outcome, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cor_outcome_vsay(outcome, format, args);
	va_end(args);
}

static enum cor_state judge(const struct cor_outcome *outcome)
{
	if (!outcome->is_complete || outcome->failures[COR_PHASE_BEFORE] > 0)
		return COR_STATE_ERROR;
	if (outcome->failures[COR_PHASE_BODY] > 0 || outcome->failures[COR_PHASE_AFTER] > 0)
		return COR_STATE_FAILED;
	return outcome->has_skipped ? COR_STATE_SKIPPED : COR_STATE_PASSED;
}

/* What is expected is a failure of the test itself, not of what comes before or after it. */
void cor_outcome_conclude(struct cor_outcome *outcome, bool is_expected_to_fail)
{
	bool other = outcome->failures[COR_PHASE_BEFORE] > 0 ||
		     outcome->failures[COR_PHASE_AFTER] > 0 ||
		     (!outcome->is_complete && outcome->phase != COR_PHASE_BODY);

	outcome->state = judge(outcome);
	if (!is_expected_to_fail || other || outcome->state == COR_STATE_SKIPPED)
		return;
	outcome->state = outcome->state == COR_STATE_PASSED ? COR_STATE_PASSED_UNEXPECTEDLY
							    : COR_STATE_FAILED_AS_EXPECTED;
}

bool cor_state_is_bad(enum cor_state state)
{
	return state == COR_STATE_FAILED || state == COR_STATE_ERROR ||
	       state == COR_STATE_PASSED_UNEXPECTEDLY;
}

const char *cor_state_name(enum cor_state state)
{
	static const char *const names[] = {
		[COR_STATE_NONE] = "not run",
		[COR_STATE_PASSED] = "passed",
		[COR_STATE_FAILED] = "failed",
		[COR_STATE_ERROR] = "error",
		[COR_STATE_SKIPPED] = "skipped",
		[COR_STATE_FAILED_AS_EXPECTED] = "expected failure",
		[COR_STATE_PASSED_UNEXPECTEDLY] = "unexpected success",
	};

	return names[state];
}
