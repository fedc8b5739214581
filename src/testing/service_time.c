/* SPDX-License-Identifier: MIT */
#include "testing/service_time.h"

#include <errno.h>

#include <coracle/fiber.h>

/* --- one turn --- */

static int64_t real_ns(const struct cor_test_service *service)
{
	const struct cor_clock *real = cor_inside_calls.system_clock;

	(void)service;
	return real->monotonic_ns(real);
}

/* What it takes in real time is that of its handlers, but for what the machine gave to others. */
static int turn(struct cor_test_service *service)
{
	int64_t delayed_ns = cor_inside_calls.run_delay_ns(service->inside);
	int64_t began_ns = real_ns(service);
	int64_t waited_ns = cor_world_waited_ns(service->world);
	int rc = cor_inside_calls.turn(service->inside);
	int64_t took_ns = real_ns(service) - began_ns;

	took_ns -= cor_world_waited_ns(service->world) - waited_ns;
	took_ns -= cor_inside_calls.run_delay_ns(service->inside) - delayed_ns;
	if (took_ns > service->held_ns) {
		service->held_ns = took_ns;
		service->held_by = service->flights;
	}
	if (rc == 0)
		service->has_ended = true;
	return rc > 0 ? 0 : rc < 0 ? rc : -ESHUTDOWN;
}

/* --- all that needs no time --- */

static bool is_reached(const struct cor_test_goal *goal)
{
	return goal && goal->is_reached(goal->arg);
}

/* A fiber may see what another did only in its next turn: this takes two quiet ones. */
int cor_test_let_happen(struct cor_test_service *service, const struct cor_test_goal *goal)
{
	int rc = service->has_ended ? -ESHUTDOWN : 0;

	service->goal = goal;
	cor_world_hold(service->world, true);
	for (int quiet = 0; rc == 0 && quiet < 2;) {
		rc = turn(service);
		bool is_idle = rc == 0 && cor_world_is_idle(service->world) &&
			       !cor_inside_calls.has_posts(service->inside);
		quiet = is_idle ? quiet + 1 : 0;
	}
	cor_world_hold(service->world, false);
	service->goal = NULL;
	return rc;
}

/* Nobody waits for jobs when what was waited for is there. */
bool cor_test_works_outside(void *arg)
{
	const struct cor_test_service *service = arg;

	return service->inside && !service->is_passing && !is_reached(service->goal) &&
	       cor_inside_calls.is_busy(service->inside);
}

/* --- time --- */

static void pass_until(struct cor_test_service *service, int64_t at_ns)
{
	int64_t now_ns = cor_world_now_ns(service->world);

	if (at_ns > now_ns)
		cor_world_pass_ns(service->world, at_ns - now_ns);
}

static uint64_t moved_for(const struct cor_test_goal *goal)
{
	return goal->moved ? *goal->moved : 0;
}

int cor_test_await(
	struct cor_test_service *service, const struct cor_test_goal *goal, int64_t patience_ms)
{
	int64_t end_ns = cor_world_now_ns(service->world) + patience_ms * COR_NS_PER_MS;
	uint64_t moved = moved_for(goal);
	int rc = cor_test_let_happen(service, goal);

	while (rc == 0 && !is_reached(goal)) {
		if (moved_for(goal) != moved) { /* the other end goes on at once */
			moved = moved_for(goal);
			rc = cor_test_let_happen(service, goal);
			continue;
		}
		int64_t due_ns = cor_world_due_ns(service->world);
		if (due_ns == COR_FOREVER)
			return -EDEADLK;
		if (due_ns > end_ns)
			return -ETIMEDOUT;
		pass_until(service, due_ns);
		rc = cor_test_let_happen(service, goal);
	}
	return is_reached(goal) ? 0 : rc;
}

int cor_test_let_pass(struct cor_test_service *service, int64_t ms)
{
	int64_t end_ns = cor_world_now_ns(service->world) + ms * COR_NS_PER_MS;

	service->is_passing = true;
	int rc = cor_test_let_happen(service, NULL);
	while (rc == 0 && cor_world_now_ns(service->world) < end_ns) {
		int64_t due_ns = cor_world_due_ns(service->world);
		pass_until(service, due_ns < end_ns ? due_ns : end_ns);
		rc = cor_test_let_happen(service, NULL);
	}
	service->is_passing = false;
	return rc;
}
