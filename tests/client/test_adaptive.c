/* SPDX-License-Identifier: MIT */
/* Adaptive limits by simulation: a server with a queue, and threads that call it, in thousands of
   seconds of a clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/slots.h"

#define MS          INT64_C(1000000)
#define THREADS_MAX 8
#define REQUESTS    4096
#define SKEW_MS     20    /* of clocks on machines */
#define TOOK_MAX    20000 /* ms */

/* --- a server, and who calls it --- */

struct request {
	int64_t sent_ms, over_ms; /* when it is answered; 0: it waits in the queue */
	struct cor_slot slot;
	uint32_t thread;
	bool is_refused; /* with 503 */
};

struct cor_world {
	struct cor_adaptive_table *table;
	struct cor_adaptive_rules rules;
	struct cor_slots slots[THREADS_MAX];
	uint32_t threads;
	int64_t now_ms;
	uint64_t seed;
	uint64_t due; /* thousandths of a call */
	/* the server */
	uint32_t capacity;  /* requests that it works on at once */
	uint32_t takes_ms;  /* each of them: by half more or less */
	uint32_t slow_each; /* one of so many takes eleven times as long; 0: none */
	uint32_t room;      /* with more than that in it, it says 503 at once; 0: it queues all */
	struct request *requests[REQUESTS]; /* in order of arrival */
	uint32_t len, working;
};

struct course {
	uint32_t answered, refused, overloaded;
	uint32_t took[TOOK_MAX]; /* answers, by ms */
	uint64_t took_ms;        /* all of them */
	uint32_t limit_min, limit_max;
	uint32_t most; /* on their way at once */
};

/* Each thread has a limit of its own: it is what several services are to one server. */
static bool is_apart;

static void open_world(struct cor_world *world, uint32_t threads,
	const struct cor_adaptive_limit *limit, uint32_t in_flight)
{
	*world = (struct cor_world){ .threads = threads, .now_ms = 1000, .seed = 42 };
	world->table = cor_adaptive_table_create();
	assert_non_null(world->table);
	world->rules = cor_adaptive_rules(limit, in_flight);
	for (uint32_t i = 0; i < threads; i++) {
		struct cor_slots *slots = &world->slots[i];
		char name[32];
		slots->rules = world->rules;
		snprintf(name, sizeof name, "prices-%u", is_apart ? i : 0);
		slots->state = cor_adaptive_hold(world->table, name, &world->rules);
		assert_non_null(slots->state);
		cor_slots_share(slots, world->table);
	}
}

static void close_world(struct cor_world *world)
{
	for (uint32_t i = 0; i < world->len; i++)
		free(world->requests[i]);
	free(world->table);
}

static struct cor_adaptive_state *state_of(const struct cor_world *world)
{
	return world->slots[0].state;
}

static uint32_t draw(struct cor_world *world)
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

/* So many calls a second for `ms`, of all threads in turn. */
static void play(struct cor_world *world, int64_t ms, uint32_t per_s, struct course *course)
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

static uint32_t percentile(const struct course *course, uint32_t percent)
{
	uint64_t wanted = (uint64_t)course->answered * percent / 100, seen = 0;

	for (uint32_t ms = 0; ms < TOOK_MAX; ms++) {
		seen += course->took[ms];
		if (seen > wanted)
			return ms;
	}
	return TOOK_MAX;
}

static void print(const char *what, const struct course *course)
{
	print_message("# figure: %s: %u answered (p50 %u ms, p99 %u ms), %u refused, %u times 503, "
		      "limit %u to %u\n",
		what, course->answered, percentile(course, 50), percentile(course, 99),
		course->refused, course->overloaded, course->limit_min, course->limit_max);
}

static const struct cor_adaptive_limit usual = { 0 };
static const struct cor_adaptive_limit fixed = { .min = 100 };
static struct course course;

/* --- courses --- */

/* 20 at once, 5 of them for 1,000 s, 20 again: near what it takes at best, and all that it can. */
static void falls_and_returns(const struct cor_adaptive_limit *limit, uint32_t threads,
	uint32_t slow_each, uint32_t ret_p50[3], uint32_t ret_answered[3])
{
	static const uint32_t capacities[] = { 20, 5, 20 };
	static const char *const names[] = { "of 20", "of 5", "of 20 again" };
	struct cor_world world;

	open_world(&world, threads, limit, 100);
	world.takes_ms = 50;
	world.slow_each = slow_each;
	for (int i = 0; i < 3; i++) {
		world.capacity = capacities[i];
		play(&world, 1000000, i == 1 ? 300 : 380, &course);
		print(names[i], &course);
		ret_p50[i] = percentile(&course, 50);
		ret_answered[i] = course.answered;
	}
	close_world(&world);
}

static void test_capacity_falls_and_returns(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&fixed, 1, 0, p50, answered);
	assert_in_range(p50[1], 900, 1100); /* without: 100 wait for 5 */
	falls_and_returns(&usual, 1, 0, p50, answered);
	assert_in_range(p50[0], 45, 60);
	assert_in_range(p50[1], 50, 100);
	assert_in_range(p50[2], 45, 60);
	assert_in_range(answered[0], 370000, 380000);
	assert_in_range(answered[1], 96000, 100100);
	assert_in_range(answered[2], 370000, 380000);
}

/* One answer of ten takes eleven times as long, by itself: that is no queue. */
static void test_answers_that_differ(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&usual, 1, 10, p50, answered);
	/* it can do half as much: 20 / (0.9 * 50 ms + 0.1 * 550 ms) = 200 a second, and 50 */
	assert_in_range(answered[0], 185000, 202000);
	assert_in_range(answered[1], 46000, 51000);
	assert_in_range(answered[2], 185000, 202000);
	assert_in_range(p50[0], 45, 120);
	assert_in_range(p50[1], 45, 150);
}

/* Eight threads hold what one holds: they measure together. */
static void test_threads_share_it(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&usual, 8, 0, p50, answered);
	assert_in_range(p50[0], 45, 60);
	assert_in_range(p50[1], 50, 120); /* each may have one: 8 in 5 take 80 ms */
	assert_in_range(answered[0], 365000, 381000);
	assert_in_range(answered[1], 97000, 100100);
	assert_in_range(answered[2], 370000, 381000);
}

/* Four services on four machines, whose clocks differ a little: they know nothing of each other,
   but measure at the same time. Else each takes the queue of the others for the server, and grows:
   without that it is 3,700 ms, and all of them at their bounds. */
static void test_services_share_a_server(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	is_apart = true;
	falls_and_returns(&usual, 4, 0, p50, answered);
	is_apart = false;
	assert_in_range(p50[0], 45, 60);
	assert_in_range(p50[1], 50, 150);
	assert_in_range(p50[2], 45, 60);
	assert_in_range(answered[0], 370000, 381000);
	assert_in_range(answered[1], 96000, 100100);
	assert_in_range(answered[2], 370000, 381000);
}

/* Milliseconds until in a whole second so many of a hundred calls are answered. */
static int64_t recovers_in_ms(struct cor_world *world, uint32_t per_s, uint32_t percent)
{
	int64_t began_ms = world->now_ms;

	do {
		play(world, 1000, per_s, &course);
		assert_true(world->now_ms - began_ms < 600000);
	} while (course.answered * 100 < per_s * percent);
	return world->now_ms - began_ms;
}

static void test_it_recovers_soon(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 4, &usual, 100);
	world.takes_ms = 50;
	for (int i = 0; i < 20; i++) {
		world.capacity = 1; /* as good as down: the limit is at its least */
		play(&world, 120000, 380, &course);
		assert_in_range(course.limit_min, 1, 12); /* four may always have one */
		world.capacity = 20;
		int64_t ms = recovers_in_ms(&world, 380, 95);
		print_message(
			"# figure: after two minutes of 1 at once: 95%% again in %d ms\n", (int)ms);
		assert_in_range(ms, 0, 30000);
	}
	close_world(&world);
}

/* It is ten times slower for good, with as much room: that is what it takes at best now. */
static void test_slower_for_good(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 100);
	world.capacity = 20;
	world.takes_ms = 50;
	play(&world, 300000, 300, &course);
	print("50 ms each", &course);
	world.takes_ms = 500;
	play(&world, 60000, 300, &course);
	print("500 ms each, the first minute", &course);
	play(&world, 1000000, 300, &course);
	print("500 ms each", &course);
	assert_in_range(course.answered, 36000, 40100); /* of 40 a second */
	assert_in_range(percentile(&course, 50), 450, 900);
	assert_in_range(state_of(&world)->best_us, 400000, 750000);
	world.takes_ms = 50;
	int64_t ms = recovers_in_ms(&world, 300, 95);
	print_message("# figure: fast again: 95%% in %d ms\n", (int)ms);
	assert_in_range(ms, 0, 5000);
	close_world(&world);
}

/* It queues nothing, but is slower for 3 s of 10: fewer requests would not help it. */
static void test_slow_by_itself(void **state)
{
	uint32_t answered = 0, refused = 0;
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 100);
	world.capacity = 1000;
	for (int i = 0; i < 100; i++) {
		world.takes_ms = 50;
		play(&world, 7000, 300, &course);
		answered += course.answered;
		refused += course.refused;
		world.takes_ms = 200;
		play(&world, 3000, 300, &course);
		answered += course.answered;
		refused += course.refused;
	}
	print_message("# figure: slow for 3 s of 10: %u answered, %u refused\n", answered, refused);
	assert_in_range(refused, 0, 85000);
	close_world(&world);
}

/* What is measured again and again does not creep: an hour of twice as much as it can. */
static void test_it_does_not_creep(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 4, &usual, 1000);
	world.capacity = 20;
	world.takes_ms = 50;
	for (int i = 0; i < 6; i++) {
		play(&world, 600000, 800, &course);
		print("ten minutes of twice as much", &course);
		assert_in_range(percentile(&course, 50), 45, 80);
		assert_in_range(course.answered, 228000, 240500); /* of 400 a second */
		assert_in_range(course.limit_max, 20, 60);
	}
	close_world(&world);
}

/* It queues nothing: what is above 20 is a 503, after 1 ms. */
static void test_a_server_that_says_so(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &fixed, 100);
	world.capacity = world.room = 20;
	world.takes_ms = 50;
	play(&world, 1000000, 800, &course);
	print("503 above 20, without", &course);
	assert_in_range(course.overloaded, 390000, 410000);
	close_world(&world);
	open_world(&world, 2, &usual, 100);
	world.capacity = world.room = 20;
	world.takes_ms = 50;
	play(&world, 1000000, 800, &course);
	print("503 above 20", &course);
	assert_in_range(course.answered, 330000, 400000);
	assert_in_range(course.overloaded, 0, 16000);
	assert_in_range(state_of(&world)->best_us, 40000, 60000); /* 503 is no fast answer */
	close_world(&world);
}

/* An hour of ten calls a second, of which none waits: it does not grow for nobody. */
static void test_unused_it_stays(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 100);
	world.capacity = 100;
	world.takes_ms = 50;
	play(&world, 3600000, 10, &course);
	print("an hour of 10 a second", &course);
	assert_int_equal(course.limit_min, COR_ADAPTIVE_START);
	assert_int_equal(course.limit_max, COR_ADAPTIVE_START);
	assert_int_equal(course.refused, 0);
	close_world(&world);
}

/* A server with room for all: it grows to what is used, and to .in_flight of each thread. */
static void test_it_grows_to_its_bound(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 30);
	world.capacity = 1000;
	world.takes_ms = 50;
	play(&world, 60000, 400, &course);
	print("20 at once, of a server for all", &course);
	assert_in_range(course.limit_max, 20, 60);
	play(&world, 600000, 4000, &course);
	print("200 at once, bound to 60", &course);
	assert_int_equal(course.limit_max, 60);
	assert_in_range(course.most, 58, 62);
	close_world(&world);
}

/* --- what one says --- */

struct judge {
	struct cor_adaptive_state state;
	struct cor_adaptive_rules rules;
	int64_t now_ns;
};

static void open_judge(struct judge *judge, const struct cor_adaptive_limit *limit)
{
	judge->rules = cor_adaptive_rules(limit, 100);
	judge->now_ns = 1000 * MS;
	assert_int_equal(cor_adaptive_init(&judge->state, &judge->rules), 0);
}

/* So many of that kind, 10 ms apart, while as much is on its way as may be. */
static void learn(struct judge *judge, uint32_t count, int kind, int64_t took_ms)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct cor_adaptive_sample sample = { .kind = kind,
			.took_ns = took_ms * MS,
			.most = judge->state.limit,
			.threads = 1,
			.wall_ns = judge->now_ns };
		judge->now_ns += 10 * MS;
		cor_adaptive_learn(&judge->state, &judge->rules, &sample, judge->now_ns);
	}
}

/* A call that is cancelled after a while says nothing, unless it was late by then. */
static void test_cancelled_calls(void **state)
{
	struct judge judge;

	(void)state;
	open_judge(&judge, &usual);
	learn(&judge, 50, COR_ADAPTIVE_ANSWERED, 50);
	assert_int_equal(judge.state.best_us, 50000);
	uint32_t limit = judge.state.limit;
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 1);
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 60);
	assert_int_equal(judge.state.limit, limit);
	assert_int_equal(judge.state.best_us, 50000);
	assert_int_equal(judge.state.window.late, 0);
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 1000);
	assert_int_equal(judge.state.limit, 1);
	assert_int_equal(judge.state.best_us, 50000); /* nothing has come within that */
}

/* Before an answer has come, only those that have waited for long say something. */
static void test_nothing_but_timeouts(void **state)
{
	struct judge judge;

	(void)state;
	open_judge(&judge, &(struct cor_adaptive_limit){ .start = 16, .min = 3 });
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 500);
	assert_int_equal(judge.state.limit, 16);
	learn(&judge, 1000, COR_ADAPTIVE_LATE, 10000);
	assert_int_equal(judge.state.limit, 3);
	learn(&judge, 2000, COR_ADAPTIVE_ANSWERED, 50);
	assert_in_range(judge.state.limit, 16, 100);
}

/* Of one that refuses everything at once each lowers it, to .min and no further. */
static void test_nothing_but_503(void **state)
{
	struct judge judge;

	(void)state;
	open_judge(&judge, &(struct cor_adaptive_limit){ .min = 2, .start = 100 });
	learn(&judge, 50, COR_ADAPTIVE_ANSWERED, 50);
	learn(&judge, 1000, COR_ADAPTIVE_OVERLOADED, 1);
	assert_int_equal(judge.state.limit, 2);
	assert_int_equal(judge.state.best_us, 50000);
	learn(&judge, 10000, COR_ADAPTIVE_ANSWERED, 50);
	assert_int_equal(judge.state.limit, 100);
}

/* One endpoint fails for reasons of its own: one in twenty says 503, or is not answered. */
static void test_some_fail(void **state)
{
	struct judge judge;

	(void)state;
	for (int kind = COR_ADAPTIVE_LATE; kind <= COR_ADAPTIVE_OVERLOADED; kind++) {
		open_judge(&judge, &usual);
		for (int i = 0; i < 2000; i++) {
			learn(&judge, 19, COR_ADAPTIVE_ANSWERED, 50);
			learn(&judge, 1, kind, 5000);
		}
		assert_int_equal(judge.state.limit, 100);
		assert_in_range(judge.state.best_us, 49000, 51000);
	}
}

/* Whatever comes, at whatever times, it stays within its bounds, and a number. */
static void test_chance(void **state)
{
	static const int64_t times[] = { 0, 1, -1, 1000, 50 * MS, 5000 * MS, INT64_MAX, INT64_MIN };
	struct cor_world world = { .seed = 7 };
	struct judge judge;

	(void)state;
	open_judge(&judge, &(struct cor_adaptive_limit){ .min = 2 });
	for (int i = 0; i < 2000000; i++) {
		uint32_t chance = draw(&world), threads = chance >> 3 & 7;
		const struct cor_adaptive_sample sample = { .kind = (int)(chance % 3),
			.took_ns = times[chance >> 8 & 7],
			.most = chance >> 12 & 255,
			.threads = threads,
			.wall_ns = times[chance >> 20 & 7] };
		judge.now_ns += chance % 1000 ? (chance >> 16) % 20 * MS : 100000 * MS;
		cor_adaptive_learn(&judge.state, &judge.rules, &sample, judge.now_ns);
		assert_in_range(judge.state.limit, 2, 700);
		assert_true(judge.state.exact >= 2 && judge.state.exact <= 700);
		assert_true(judge.state.best_ns >= 0 && judge.state.best_ns < 1e19);
	}
}

/* --- shares --- */

static uint32_t take_all(struct cor_slots *slots, struct cor_slot *ret, uint32_t most, int64_t ms)
{
	uint32_t got = 0;

	while (got < most && cor_slots_try(slots, &ret[got], ms * MS))
		got++;
	return got;
}

/* What nobody else wants is anybody's; those who want more than there is have the same part. */
static void test_shares(void **state)
{
	static struct cor_slot taken[THREADS_MAX][64];
	struct cor_world world;
	uint32_t got[THREADS_MAX] = { 0 };

	(void)state;
	open_world(&world, 8, &(struct cor_adaptive_limit){ .start = 20 }, 100);
	got[0] = take_all(&world.slots[0], taken[0], 64, 1000);
	assert_int_equal(got[0], 20);
	for (uint32_t i = 1; i < 8; i++) { /* one at least, whatever the first one has */
		got[i] = take_all(&world.slots[i], taken[i], 64, 1001);
		assert_in_range(got[i], 1, 4);
	}
	/* who gives all back gets no more than a share, if the others have theirs */
	while (got[0])
		cor_slots_give(&world.slots[0], &taken[0][--got[0]], 1002 * MS);
	got[0] = take_all(&world.slots[0], taken[0], 64, 1003);
	assert_in_range(got[0], 2, 4);
	world.slots[0].waiting = 40; /* the more it wants the more it gets */
	got[0] += take_all(&world.slots[0], taken[0] + got[0], 60, 1004);
	assert_in_range(got[0], 12, 15);
	close_world(&world);
}

/* A worker that is killed has no share after a minute, and its row is another's. */
static void test_a_thread_that_is_gone(void **state)
{
	static struct cor_slot lost[64], taken[64];
	struct cor_world world;

	(void)state;
	open_world(&world, 3, &(struct cor_adaptive_limit){ .start = 20 }, 100);
	assert_int_equal(take_all(&world.slots[0], lost, 64, 1000), 20);
	uint32_t got = take_all(&world.slots[1], taken, 64, 1001);
	assert_in_range(got, 1, 4);
	while (got)
		cor_slots_give(&world.slots[1], &taken[--got], 1002 * MS);
	assert_int_equal(take_all(&world.slots[1], taken, 64, 62000), 20);
	got = take_all(&world.slots[2], lost, 64, 62001);
	assert_true(got >= 1);
	assert_ptr_equal(world.slots[2].row, world.slots[0].row);
	assert_int_equal(state_of(&world)->rows_used, 2);
	/* if it was only asleep, it gets another row, and what it had is counted still */
	struct cor_slot one = { .is_taken = true };
	cor_slots_give(&world.slots[0], &one, 62002 * MS);
	assert_ptr_not_equal(world.slots[0].row, world.slots[2].row);
	assert_int_equal(world.slots[0].row->in_flight, 19);
	close_world(&world);
}

/* More threads than rows: each gets something. */
static void test_more_threads_than_rows(void **state)
{
	static struct cor_slots all[COR_ADAPTIVE_ROWS + 10];
	static struct cor_slot taken[COR_ADAPTIVE_ROWS + 10];
	struct cor_world world;

	(void)state;
	open_world(&world, 1, &usual, 100);
	for (size_t i = 0; i < COR_ADAPTIVE_ROWS + 10; i++) {
		all[i] = world.slots[0];
		assert_true(cor_slots_try(&all[i], &taken[i], 1000 * MS));
	}
	assert_null(all[COR_ADAPTIVE_ROWS].row);
	for (size_t i = 0; i < COR_ADAPTIVE_ROWS + 10; i++)
		cor_slots_give(&all[i], &taken[i], 1001 * MS);
	close_world(&world);
}

/* --- between processes --- */

static void test_one_for_all_processes(void **state)
{
	struct cor_adaptive_table *table = mmap(
		NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct cor_adaptive_rules rules = cor_adaptive_rules(&usual, 100), others = rules;
	int status;

	(void)state;
	assert_ptr_not_equal(table, MAP_FAILED);
	assert_int_equal(cor_adaptive_table_init(table, sizeof *table), 0);
	assert_null(cor_adaptive_find(table, "prices", &rules));
	pid_t child = fork();
	if (child == 0) {
		struct cor_adaptive_state *its = cor_adaptive_hold(table, "prices", &rules);
		its->limit = 7;
		its->exact = 7.5;
		_exit(cor_adaptive_lock(its, &rules) == 0 ? 0 : 1); /* it dies with it */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	struct cor_adaptive_state *held = cor_adaptive_hold(table, "prices", &rules);
	assert_ptr_equal(held, cor_adaptive_find(table, "prices", &rules));
	assert_int_equal(held->limit, 7);
	assert_int_equal(cor_adaptive_lock(held, &rules), 0);
	assert_int_equal(held->limit, COR_ADAPTIVE_START); /* nobody knows what was half done */
	cor_adaptive_unlock(held);
	others.max = 99;
	assert_ptr_not_equal(cor_adaptive_hold(table, "prices", &others), held);
	assert_ptr_not_equal(cor_adaptive_hold(table, "ratings", &rules), held);
	munmap(table, sizeof *table);
}

static void test_a_full_table(void **state)
{
	struct cor_adaptive_table *table = cor_adaptive_table_create();
	struct cor_adaptive_rules rules = cor_adaptive_rules(&usual, 100);

	(void)state;
	assert_non_null(table);
	for (uint32_t i = 0; i < COR_ADAPTIVE_STATES_MAX; i++) {
		rules.max = i + 1;
		assert_non_null(cor_adaptive_hold(table, "prices", &rules));
	}
	rules.max = COR_ADAPTIVE_STATES_MAX + 1;
	assert_null(cor_adaptive_hold(table, "prices", &rules));
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capacity_falls_and_returns),
		cmocka_unit_test(test_answers_that_differ),
		cmocka_unit_test(test_threads_share_it),
		cmocka_unit_test(test_services_share_a_server),
		cmocka_unit_test(test_it_recovers_soon),
		cmocka_unit_test(test_slower_for_good),
		cmocka_unit_test(test_slow_by_itself),
		cmocka_unit_test(test_it_does_not_creep),
		cmocka_unit_test(test_a_server_that_says_so),
		cmocka_unit_test(test_unused_it_stays),
		cmocka_unit_test(test_it_grows_to_its_bound),
		cmocka_unit_test(test_cancelled_calls),
		cmocka_unit_test(test_nothing_but_timeouts),
		cmocka_unit_test(test_nothing_but_503),
		cmocka_unit_test(test_some_fail),
		cmocka_unit_test(test_chance),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_a_thread_that_is_gone),
		cmocka_unit_test(test_more_threads_than_rows),
		cmocka_unit_test(test_one_for_all_processes),
		cmocka_unit_test(test_a_full_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
