/* SPDX-License-Identifier: MIT */
#include "world/turns.h"

#include "world/parts.h"

/* Turn each once. Returns whether one had something to do, or soon will. */
static bool turn_all(struct cor_world *world, struct cor_world_cast *cast, int *ret_rc)
{
	bool busy = false;

	for (size_t i = 0; i < cast->len && *ret_rc >= 0; i++) {
		if (!cast->schedulers[i])
			continue;
		world->idle = false;
		*ret_rc = cor_scheduler_turn(cast->schedulers[i], COR_TURN_WAIT);
		busy = busy || !world->idle;
		if (*ret_rc == 0)
			cast->schedulers[i] = NULL;
	}
	for (size_t i = 0; i < cast->len; i++)
		busy = busy || (cast->schedulers[i] && atomic_load(&cast->schedulers[i]->inbox));
	return busy;
}

static bool all_ended(const struct cor_world_cast *cast)
{
	for (size_t i = 0; i < cast->len; i++)
		if (cast->schedulers[i])
			return false;
	return true;
}

/* A scheduler may see what another did only in its next turn: this takes two quiet rounds. */
int cor_world_settle_all(struct cor_world *world, struct cor_world_cast *cast)
{
	int rc = 1;

	world->holds = true;
	for (int quiet = 0; quiet < 2 && rc >= 0 && !all_ended(cast);)
		quiet = turn_all(world, cast, &rc) ? 0 : quiet + 1;
	world->holds = false;
	return rc < 0 ? rc : !all_ended(cast);
}

int cor_world_settle(struct cor_world *world, struct cor_scheduler *scheduler)
{
	struct cor_world_cast cast = { { scheduler }, 1 };

	return cor_world_settle_all(world, &cast);
}

int cor_world_run(struct cor_world *world, struct cor_scheduler *scheduler)
{
	(void)world;
	return cor_scheduler_run(scheduler);
}

/* The next timer until then. One of a loop that has ended no longer fires, and may be past. */
static int64_t next_due_ns(const struct cor_world *world, int64_t until_ns)
{
	for (int i = 0; i < POLLS; i++)
		if (world->due_ns[i] > world->now_ns && world->due_ns[i] < until_ns)
			until_ns = world->due_ns[i];
	return until_ns;
}

int cor_world_run_until(struct cor_world *world, struct cor_world_cast *cast, int64_t at_ns)
{
	int rc = cor_world_settle_all(world, cast);

	while (rc > 0 && world->now_ns < at_ns) {
		world->clock.sleep_until(&world->clock, next_due_ns(world, at_ns));
		rc = cor_world_settle_all(world, cast);
	}
	return rc;
}

int cor_world_listen(struct cor_world *world, const char *address)
{
	struct cor_address parsed;
	int rc = cor_address_parse(address, &parsed);

	return rc < 0 ? rc
		      : cor_transport_listen(&world->transport, &parsed,
				&(struct cor_listen_options){ .backlog = 8 }, NULL);
}
