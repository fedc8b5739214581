/* SPDX-License-Identifier: MIT */
#include "adaptive_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct cor_adaptive_limit usual = { 0 };
const struct cor_adaptive_limit fixed = { .min = 100 };

void open_world_of(struct cor_world *world, uint32_t threads,
	const struct cor_adaptive_limit *limit, uint32_t in_flight, enum sharing sharing)
{
	*world = (struct cor_world){ .threads = threads, .now_ms = 1000, .seed = 42 };
	world->table = cor_adaptive_table_create();
	assert_non_null(world->table);
	world->rules = cor_adaptive_rules(limit, in_flight);
	for (uint32_t i = 0; i < threads; i++) {
		struct cor_slots *slots = &world->slots[i];
		char name[32];
		slots->rules = world->rules;
		snprintf(name, sizeof name, "prices-%u", sharing == APART ? i : 0);
		slots->state = cor_adaptive_hold(world->table, name, &world->rules);
		assert_non_null(slots->state);
		cor_slots_share(slots, world->table);
	}
}

void open_world(struct cor_world *world, uint32_t threads, const struct cor_adaptive_limit *limit,
	uint32_t in_flight)
{
	open_world_of(world, threads, limit, in_flight, TOGETHER);
}

void close_world(struct cor_world *world)
{
	for (uint32_t i = 0; i < world->len; i++)
		free(world->requests[i]);
	free(world->table);
}

struct cor_adaptive_state *state_of(const struct cor_world *world)
{
	return world->slots[0].state;
}

uint32_t draw(struct cor_world *world)
{
	world->seed = world->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(world->seed >> 33);
}

static int64_t service_ms(struct cor_world *world)
{
	uint32_t half = world->takes_ms / 2;
	int64_t ms = world->takes_ms - half + draw(world) % (2 * half + 1);

	if (world->slow_each && draw(world) % world->slow_each == 0)
		ms *= 11;
	return ms ? ms : 1;
}

static void work(struct cor_world *world)
{
	for (uint32_t i = 0; i < world->len && world->working < world->capacity; i++) {
		struct request *request = world->requests[i];
		if (request->over_ms != 0)
			continue;
		request->over_ms = world->now_ms + service_ms(world);
		world->working++;
	}
}

static void call(struct cor_world *world, uint32_t thread, struct course *course)
{
	struct request *request = calloc(1, sizeof *request);

	assert_non_null(request);
	if (!cor_slots_try(&world->slots[thread], &request->slot, world->now_ms * MS)) {
		course->refused++;
		free(request);
		return;
	}
	request->thread = thread;
	request->sent_ms = world->now_ms;
	request->is_refused = world->room && world->len >= world->room;
	if (request->is_refused)
		request->over_ms = world->now_ms + 1;
	assert_true(world->len < REQUESTS);
	world->requests[world->len++] = request;
}

static void end(struct cor_world *world, struct request *request, struct course *course)
{
	struct cor_slots *slots = &world->slots[request->thread];
	uint32_t took_ms = (uint32_t)(world->now_ms - request->sent_ms);
	const struct cor_adaptive_sample sample = {
		.kind = request->is_refused ? COR_ADAPTIVE_OVERLOADED : COR_ADAPTIVE_ANSWERED,
		.took_ns = took_ms * MS,
		.most = request->slot.most,
		.threads = request->slot.threads,
		.wall_ns = (world->now_ms + SKEW_MS * request->thread) * MS,
	};

	cor_adaptive_learn(slots->state, &slots->rules, &sample, world->now_ms * MS);
	cor_slots_give(slots, &request->slot, world->now_ms * MS);
	world->working -= !request->is_refused;
	course->overloaded += request->is_refused;
	if (!request->is_refused) {
		course->answered++;
		course->took_ms += took_ms;
		course->took[took_ms < TOOK_MAX ? took_ms : TOOK_MAX - 1]++;
	}
	free(request);
}

static void answer(struct cor_world *world, struct course *course)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < world->len; i++) {
		struct request *request = world->requests[i];
		if (request->over_ms != 0 && request->over_ms <= world->now_ms)
			end(world, request, course);
		else
			world->requests[left++] = request;
	}
	world->len = left;
}

static void look(const struct cor_world *world, struct course *course)
{
	uint32_t limit = state_of(world)->limit;

	if (course->limit_min > limit)
		course->limit_min = limit;
	if (course->limit_max < limit)
		course->limit_max = limit;
	if (course->most < world->len)
		course->most = world->len;
}

void play(struct cor_world *world, int64_t ms, uint32_t per_s, struct course *course)
{
	memset(course, 0, sizeof *course);
	course->limit_min = UINT32_MAX;
	for (int64_t until = world->now_ms + ms; world->now_ms < until; world->now_ms++) {
		answer(world, course);
		work(world);
		for (world->due += per_s; world->due >= 1000; world->due -= 1000)
			call(world, draw(world) % world->threads, course);
		work(world);
		look(world, course);
	}
}

uint32_t percentile(const struct course *course, uint32_t percent)
{
	uint64_t wanted = (uint64_t)course->answered * percent / 100, seen = 0;

	for (uint32_t ms = 0; ms < TOOK_MAX; ms++) {
		seen += course->took[ms];
		if (seen > wanted)
			return ms;
	}
	return TOOK_MAX;
}

void print(const char *what, const struct course *course)
{
	print_message("# figure: %s: %u answered (p50 %u ms, p99 %u ms), %u refused, %u times 503, "
		      "limit %u to %u\n",
		what, course->answered, percentile(course, 50), percentile(course, 99),
		course->refused, course->overloaded, course->limit_min, course->limit_max);
}
