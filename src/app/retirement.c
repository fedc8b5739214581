/* SPDX-License-Identifier: MIT */
#include "app/retirement.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "observe/logger.h"

#define NS_PER_S INT64_C(1000000000)

/* --- the limits --- */

/* A tenth of it at most is taken away. */
static uint64_t draw(uint64_t limit)
{
	uint64_t random;

	cor_random_fill(&random, sizeof random);
	return limit - random % (limit / 10 + 1);
}

static int64_t draw_due_ns(uint32_t age_s, int64_t now_ns)
{
	if (age_s == 0)
		return COR_FOREVER;
	return now_ns + (int64_t)draw((uint64_t)(age_s * NS_PER_S));
}

/* The second number of the file: resident pages. 0 where it cannot be read. */
static uint64_t resident_bytes(const struct cor_retirement *retirement)
{
	char text[128];
	char *end;
	ssize_t len = pread(retirement->statm, text, sizeof text - 1, 0);

	if (len <= 0)
		return 0;
	text[len] = '\0';
	(void)strtoull(text, &end, 10);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int limit_memory(struct cor_retirement *retirement, struct cor_logger *logger)
{
	uint64_t limit = retirement->settings->worker_memory_bytes;

	if (limit == 0)
		return 0;
	retirement->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (retirement->statm < 0)
		return -errno;
	uint64_t now = resident_bytes(retirement);
	if (now < limit - limit / 10)
		retirement->memory_bytes = draw(limit);
	else
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"a worker takes %" PRIu64 " bytes before its first request: raise "
			"--worker-memory-bytes above %" PRIu64
			", which is not obeyed: each successor would retire immediately",
			now, limit);
	return 0;
}

int cor_retirement_open(struct cor_retirement *retirement,
	const struct cor_master_settings *settings, uint64_t answered, struct cor_logger *logger)
{
	uint32_t requests = settings->worker_requests;
	int64_t now_ns = cor_monotonic_ns();

	*retirement = (struct cor_retirement){
		.settings = settings,
		.answers = requests ? answered + draw(requests) : UINT64_MAX,
		.memory_bytes = UINT64_MAX,
		.due_ns = draw_due_ns(settings->worker_age_s, now_ns),
		.answered = answered,
		.looked = answered,
		.started_ns = now_ns,
		.statm = -1,
	};
	return limit_memory(retirement, logger);
}

void cor_retirement_close(struct cor_retirement *retirement)
{
	if (retirement->statm >= 0)
		close(retirement->statm);
	retirement->statm = -1;
}

/* --- whether one is reached --- */

static bool has_answered_enough(
	const struct cor_retirement *retirement, uint64_t answered, char *why)
{
	if (answered < retirement->answers)
		return false;
	snprintf(why, COR_RETIREMENT_BYTES,
		"requests %" PRIu64 " answers (--worker-requests %" PRIu32 ")",
		answered - retirement->answered, retirement->settings->worker_requests);
	return true;
}

static bool is_old(const struct cor_retirement *retirement, char *why)
{
	int64_t now_ns = cor_monotonic_ns();

	if (now_ns < retirement->due_ns)
		return false;
	snprintf(why, COR_RETIREMENT_BYTES, "age %.1f s of age (--worker-age-s %" PRIu32 ")",
		(double)(now_ns - retirement->started_ns) / NS_PER_S,
		retirement->settings->worker_age_s);
	return true;
}

static bool is_large(struct cor_retirement *retirement, uint64_t answered, char *why)
{
	if (retirement->memory_bytes == UINT64_MAX || answered == retirement->looked)
		return false;
	retirement->looked = answered;
	uint64_t bytes = resident_bytes(retirement);
	if (bytes < retirement->memory_bytes)
		return false;
	snprintf(why, COR_RETIREMENT_BYTES,
		"memory %" PRIu64 " bytes of memory (--worker-memory-bytes %" PRIu64 ")", bytes,
		retirement->settings->worker_memory_bytes);
	return true;
}

bool cor_retirement_is_due(
	struct cor_retirement *retirement, uint64_t answered, char ret_why[COR_RETIREMENT_BYTES])
{
	return has_answered_enough(retirement, answered, ret_why) || is_old(retirement, ret_why) ||
	       is_large(retirement, answered, ret_why);
}
