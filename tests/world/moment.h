/* SPDX-License-Identifier: MIT */
/** A ctx whose clock stands where the test says, and whose randomness can be known. */
#ifndef CORACLE_TESTS_WORLD_MOMENT_H
#define CORACLE_TESTS_WORLD_MOMENT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/random.h>
#include <coracle/service.h>

struct moment {
	struct cor_clock clock;
	struct cor_random random;
	int64_t now_s;
	uint8_t byte; /* what all random bytes are */
	struct cor_ctx *ctx;
};

static inline int64_t moment_monotonic_ns(const struct cor_clock *clock)
{
	(void)clock;
	return 0;
}

static inline int64_t moment_realtime_ns(const struct cor_clock *clock)
{
	const struct moment *moment = (const struct moment *)clock; /* its first member */

	return moment->now_s * 1000000000;
}

static inline void moment_sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	(void)clock, (void)due_ns;
}

static inline void moment_fill(const struct cor_random *random, void *ret, size_t bytes)
{
	const struct moment *moment = (const struct moment *)((const char *)random -
							      offsetof(struct moment, random));

	memset(ret, moment->byte, bytes);
}

/** Of a service, or of none (NULL). The randomness is the system's if `byte` is 0. */
static inline void moment_begin(
	struct moment *moment, const struct cor_service *service, int64_t now_s, uint8_t byte)
{
	*moment = (struct moment){
		.clock = { moment_monotonic_ns, moment_realtime_ns, moment_sleep_until },
		.random = { moment_fill },
		.now_s = now_s,
		.byte = byte,
	};
	const struct cor_ctx_options options = {
		.service = service,
		.clock = &moment->clock,
		.random = byte ? &moment->random : NULL,
	};
	if (cor_ctx_create(&options, &moment->ctx) != 0)
		abort();
}

static inline void moment_end(struct moment *moment)
{
	cor_ctx_destroy(moment->ctx);
}

#endif
