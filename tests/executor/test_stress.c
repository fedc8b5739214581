/* SPDX-License-Identifier: MIT */
/* Submitting, cancelling, waiting, dropping and shutting down, by several threads, in any order. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>
#include <coracle/fiber.h>

#include "chance.h"

#define USERS  3
#define STEPS  400
#define FEW    8
#define ROUNDS 40

static _Atomic uint64_t begun, called_back;

struct user {
	struct cor_pool *pool;
	struct chance chance;
	uint64_t submitted;
	uint64_t cancelled;
	uint64_t ended;
	struct cor_future *futures[FEW];
	pthread_t thread;
};

static int work(struct cor_ctx *ctx, uint64_t *call)
{
	atomic_fetch_add(&begun, 1);
	if (*call % 7 == 0)
		return cor_alloc(ctx, 100) ? -1 : -2;
	return *call % 5 == 0 ? cor_yield() : 0;
}

static void count_call(struct cor_future *future, void *arg)
{
	(void)future, (void)arg;
	atomic_fetch_add(&called_back, 1);
}

/* What has become of it counts once, when the user lets go. */
static void settle(struct user *user, struct cor_future **future)
{
	if (!*future)
		return;
	if (cor_future_wait(*future) < 0)
		abort();
	if (cor_future_state(*future) == COR_FUTURE_CANCELLED)
		user->cancelled++;
	else
		user->ended++;
	cor_future_drop(*future);
	*future = NULL;
}

static void submit(struct user *user, struct cor_future **future)
{
	uint64_t call = (uint64_t)draw(&user->chance, 1000);

	settle(user, future);
	int rc = cor_pool_submit(user->pool, work, &call, future);
	if (rc == 0) {
		user->submitted++;
		if (cor_future_on_done(*future, count_call, NULL) < 0)
			abort();
	} else if (rc != -COR_ECLOSED) {
		abort();
	}
}

static void wait_for_some(struct user *user)
{
	struct cor_future *some[FEW];
	struct cor_scope scope;
	size_t len = 0;

	for (size_t i = 0; i < FEW; i++)
		if (user->futures[i])
			some[len++] = user->futures[i];
	cor_scope_enter(&scope, draw(&user->chance, 2));
	cor_ignore(cor_futures_wait(some, len, (enum cor_wait_for)draw(&user->chance, 3)));
	cor_scope_leave(&scope);
}

static void step(struct user *user)
{
	struct cor_future **future = &user->futures[draw(&user->chance, FEW)];

	switch (draw(&user->chance, 8)) {
	case 0:
		if (*future)
			(void)cor_future_cancel(*future);
		break;
	case 1:
		settle(user, future);
		break;
	case 2:
		wait_for_some(user);
		break;
	case 3:
		if (draw(&user->chance, 100) == 0)
			cor_pool_shut_down(user->pool, (enum cor_shutdown)draw(&user->chance, 2));
		break;
	default:
		submit(user, future);
		break;
	}
}

static void *live(void *arg)
{
	struct user *user = arg;

	for (int i = 0; i < STEPS; i++)
		step(user);
	for (size_t i = 0; i < FEW; i++)
		settle(user, &user->futures[i]);
	return NULL;
}

static void one_round(uint64_t seed)
{
	const struct cor_executor executor = {
		.name = "stress",
		.size = 1 + (uint32_t)seed % 3,
		.queue = 1 + (uint32_t)seed % 5,
	};
	struct user users[USERS] = { 0 };
	struct cor_pool *pool;
	uint64_t submitted = 0, cancelled = 0, ended = 0;

	begun = called_back = 0;
	assert_int_equal(cor_pool_create(&executor, &pool), 0);
	for (size_t i = 0; i < USERS; i++) {
		users[i].pool = pool;
		users[i].chance.state = seed * USERS + i + 1;
		assert_int_equal(pthread_create(&users[i].thread, NULL, live, &users[i]), 0);
	}
	for (size_t i = 0; i < USERS; i++) {
		assert_int_equal(pthread_join(users[i].thread, NULL), 0);
		submitted += users[i].submitted;
		cancelled += users[i].cancelled;
		ended += users[i].ended;
	}
	struct cor_pool_figures figures = cor_pool_look(pool);
	cor_pool_destroy(pool);
	assert_int_equal(submitted, cancelled + ended);
	assert_int_equal(begun, ended);
	assert_int_equal(called_back, submitted);
	assert_int_equal(figures.submitted, submitted);
	assert_int_equal(figures.cancelled, cancelled);
	assert_int_equal(figures.done + figures.failed, ended);
	assert_int_equal(figures.queued, 0);
}

static void every_job_ends_once(void **state)
{
	const char *rounds = getenv("STRESS_ROUNDS"); /* more of them, by hand */

	(void)state;
	for (int i = 0; i < (rounds ? (int)strtol(rounds, NULL, 10) : ROUNDS); i++)
		one_round((uint64_t)i);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_job_ends_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
